# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long ansible-inventory takes for entitlements of two accounts on a local FortiFlex, beside an inventory of nothing.

Run it as ``PYTHONPATH=tests python tests/benchmarks/inventory.py [NUMBER]``, from a checkout in which `make setup` has run.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from simulator.launch import start

ROOT = Path(__file__).parents[2]
RUNS = 5
PLAIN = "plugin: flexops.fortiflex.flex\naccounts: [all]\n"
CASES = {
    "nothing.yml": "all: {hosts: {localhost: }}\n",
    "plain.flex.yml": PLAIN,
    "constructed.flex.yml": f"{PLAIN}keyed_groups: [{{prefix: in, key: flex_tags.region}}]\ncompose: {{ansible_host: flex_name}}\n",
}


def main() -> None:
    """Print the median of each case in seconds."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    with start() as flex, tempfile.TemporaryDirectory() as place:
        numbers = [
            flex.seed_configuration("small", accountId=account)["id"]
            for account in (2000001, 2000002)
        ]
        flex.seed(
            [
                {
                    "configId": numbers[item % 2],
                    "description": f"site-{item:05} [cost_center={item % 50}; region=r{item % 7}]",
                    "status": "ACTIVE",
                }
                for item in range(number)
            ]
        )
        own = {
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".build"),
            "FORTIFLEX_STATE_DIR": f"{place}/state",
        }
        for name, text in CASES.items():
            path = Path(place) / name
            path.write_text(text)
            times = []
            for _run in range(RUNS):
                begun = time.monotonic()
                command = [
                    str(Path(sys.executable).parent / "ansible-inventory"),
                    "-i",
                    str(path),
                    "--graph",
                ]
                subprocess.run(
                    command,
                    env={**os.environ, **flex.environment(), **own},
                    stdout=subprocess.DEVNULL,
                    check=True,
                )
                times.append(time.monotonic() - begun)
            print(f"{name}: {statistics.median(times):.2f} s for {number} entitlements")


if __name__ == "__main__":
    main()
