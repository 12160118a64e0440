# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWX's job slicing does to license_fleet: one job for all sites, or several at once, each with a part of them on a node of its own.

Each slice has a state directory of its own, since nodes share nothing, and its share of what FortiFlex allows. Needs the simulator, and nothing of the
collection's code. ``--quota`` makes FortiFlex refuse more than 100 requests a minute, and requests of one user at the same time.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
import time
from collections import Counter
from pathlib import Path

from benchmarks.license_fleet import FLEET, ROOT, configurations, show

from simulator.launch import Simulator, start

HEAD = (
    "jobs",
    "sites",
    "run",
    "requests",
    "writes",
    "logins",
    "refused",
    "wall s",
    "licenses",
    "duplicates",
)


def main() -> None:
    """Print a table as Markdown: each number of slices, a first run and one with nothing to do."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    arguments.add_argument("--sites", type=int, default=300)
    arguments.add_argument("--slices", type=int, nargs="+", default=[1, 3])
    arguments.add_argument(
        "--quota", action="store_true", help="at most 100 requests a minute, and one at a time"
    )
    asked = arguments.parse_args()
    show(HEAD)
    show(["---"] * len(HEAD))
    for slices in asked.slices:
        with tempfile.TemporaryDirectory() as directory, start() as flex:
            flex.settings(quota_minute=asked.quota, quota_overlap=asked.quota)
            for run in ("first", "nothing"):
                flex.reset_requests()
                wall = license_in_slices(flex, Path(directory), asked.sites, slices, asked.quota)
                seen, names = (
                    flex.requests(),
                    Counter(item["description"] for item in flex.state()["entitlements"]),
                )
                refused = sum(
                    1
                    for entry in seen["log"]
                    if entry["path"] != "login" and entry["status"] not in (None, 0)
                )
                show(
                    [
                        slices,
                        asked.sites,
                        run,
                        seen["total"],
                        seen["writes"],
                        seen["logins"],
                        refused,
                        wall,
                        names.total(),
                        names.total() - len(names),
                    ]
                )


def license_in_slices(
    flex: Simulator, directory: Path, sites: int, slices: int, quota: bool
) -> float:
    """Run all slices at once; answers the seconds until the last has ended."""
    share = {
        "FORTIFLEX_REQUESTS_PER_MINUTE": str(100 // slices),
        "FORTIFLEX_REQUESTS_PER_HOUR": str(1000 // slices),
    }
    unpaced = {"FORTIFLEX_REQUESTS_PER_MINUTE": "100000", "FORTIFLEX_REQUESTS_PER_HOUR": "100000"}
    begun = time.monotonic()
    running = []
    for number in range(slices):
        inventory = directory / f"slice_{number}.json"
        # As AWX slices: every n-th host of all in order of their names.
        hosts: dict[str, dict[str, str]] = {
            f"site-{site:04}": {} for site in range(number, sites, slices)
        }
        variables = {
            "ansible_connection": "local",
            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
            "fortiflex_configuration": "branch-small",
            "fortiflex_configurations": configurations()[:1],
        }
        inventory.write_text(json.dumps({"fortiflex_sites": {"hosts": hosts, "vars": variables}}))
        environment = {
            **os.environ,
            **flex.environment(),
            **(share if quota else unpaced),
            "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
            "FORTIFLEX_STATE_DIR": str(directory / f"state_{number}"),
        }
        running.append(
            subprocess.Popen(
                ["ansible-playbook", "-i", str(inventory), FLEET],
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
        )
    for process in running:
        output, _none = process.communicate()
        if process.returncode:
            raise SystemExit(output[-5000:])
    return time.monotonic() - begun


if __name__ == "__main__":
    main()
