# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/plan.svg: a plan as a terminal shows it, of a real run against the local FortiFlex. Run it with the path of the picture to write."""

from __future__ import annotations

import io
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

from simulator.launch import start

ROOT = Path(__file__).parents[2]
WIDTH = 110
COMMAND = "ansible-playbook flexops.fortiflex.license_fleet --limit northern_europe --check"
BEFORE = "playbooks/sample_inventory"
CHANGE = "tests/demo/change.yml"


def planned(directory: str) -> str:
    """What a run in check mode prints for a part of the sample company that has grown, with its colors."""
    with start() as flex:
        paced = {"FORTIFLEX_REQUESTS_PER_MINUTE": "1000", "FORTIFLEX_STATE_DIR": directory}
        shown = {
            "ANSIBLE_FORCE_COLOR": "1",
            "COLUMNS": str(WIDTH),
            "ANSIBLE_LOCALHOST_WARNING": "false",
        }
        environment = {**os.environ, **flex.environment(), **paced, **shown}

        def run(command: str, *inventory: str) -> str:
            return subprocess.run(
                shlex.split(command),
                env={**environment, "ANSIBLE_INVENTORY": ",".join(inventory)},
                cwd=ROOT,
                check=True,
                capture_output=True,
                text=True,
            ).stdout

        run(COMMAND.removesuffix(" --check"), BEFORE)
        return run(COMMAND, BEFORE, CHANGE)


def main(path: Path) -> None:
    """Write the picture."""
    with tempfile.TemporaryDirectory() as directory:
        output = planned(directory)
    begin = output.index("TASK [License the sites of each account]")
    text = Text.from_ansi(output[begin : output.index("PLAY RECAP")].rstrip())
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    console.print(text)
    picture = console.export_svg(title=COMMAND)
    header = "<!-- Copyright (c) 2026, the FlexOps maintainers; SPDX-License-Identifier: GPL-3.0-or-later -->\n"
    path.write_text(header + picture, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
