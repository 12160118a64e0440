# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/pictures: what a terminal shows, of real runs for the sample company against the local FortiFlex. Run it with the directory to write to."""

from __future__ import annotations

import io
import json
import os
import shlex
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.text import Text

from simulator.launch import Simulator, start

ROOT = Path(__file__).parents[2]
COMPANY = "playbooks/sample_inventory"
CHANGE = "tests/demo/change.yml"
LICENSE = "ansible-playbook -i company flexops.fortiflex.license_fleet"
HOME = "/home/user/.ansible/collections"  # in pictures, where collections are
WIDTH = 110


@dataclass(frozen=True)
class Terminal:
    """A terminal of so many columns, with the collection and a FortiFlex that has nothing yet."""

    flex: Simulator
    directory: Path
    width: int

    def run(
        self, command: str, *inventory: str | Path, until: str | None = None, **environment: str
    ) -> str:
        """What a command prints, with its colors. ``until``: somebody presses Ctrl-C where a line has this."""
        shown = {
            "ANSIBLE_FORCE_COLOR": "1",
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "COLUMNS": str(self.width),
            "FORTIFLEX_REQUESTS_PER_MINUTE": "1000",
            "FORTIFLEX_STATE_DIR": str(self.directory / "state"),
            "ANSIBLE_INVENTORY": ",".join(map(str, inventory or (COMPANY,))),
        }
        known = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("ANSIBLE_", "FORTIFLEX_"))
        }
        paths = {"ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".build")}
        with subprocess.Popen(
            shlex.split(command.replace(" -i company", "")),
            env={**known, **paths, **self.flex.environment(), **shown, **environment},
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as process:
            return "".join(_lines(process, until))


def _lines(process: subprocess.Popen[str], until: str | None) -> Iterator[str]:
    for line in process.stdout or ():
        yield line
        if until and until in line:
            os.killpg(process.pid, signal.SIGINT)
            until = None


@contextmanager
def terminal(width: int) -> Iterator[Terminal]:
    """A terminal with a new FortiFlex."""
    with tempfile.TemporaryDirectory() as directory, start() as flex:
        yield Terminal(flex, Path(directory), width)


def first_plan(screen: Terminal) -> tuple[str, str]:
    """120 branch offices and two data centers get their first licenses."""
    command = f"{LICENSE} --check"
    return command, screen.run(command)


def change(screen: Terminal) -> tuple[str, str]:
    """One office opens, one grows, one closes."""
    screen.run(LICENSE)
    command = f"{LICENSE} --limit northern_europe --check"
    return command, screen.run(command, COMPANY, CHANGE)


def interrupted(screen: Terminal) -> tuple[str, str]:
    """A run that waits for the request limit, and is stopped by Ctrl-C."""
    output = screen.run(LICENSE, until="licensed, ", FORTIFLEX_REQUESTS_PER_MINUTE="60")
    return LICENSE, output


def size(screen: Terminal) -> tuple[str, str]:
    """All small offices get another size, which is one change of their configuration."""
    screen.run(LICENSE)
    sizes = screen.directory / "sizes.json"
    bigger = {"cpus": 2, "service_package": "UTP"}
    small = {"name": "branch-small", "product": "fortigate_vm_bundle", "parameters": bigger}
    sizes.write_text(json.dumps({"fortiflex_configurations": [small]}), encoding="utf-8")
    command = f"{LICENSE} --check --diff -e @{sizes}"
    return command.replace(f"{sizes.parent}/", ""), screen.run(command)


def refused(screen: Terminal) -> tuple[str, str]:
    """More than somebody has allowed."""
    command = f"{LICENSE} -e fortiflex_max_new=20"
    return command, screen.run(command)


def audit(screen: Terminal) -> tuple[str, str]:
    """What the company and FortiFlex do not agree about."""
    screen.run(LICENSE)
    machines = screen.flex.state()["entitlements"]
    by_name = {item["description"].split(" [")[0]: item for item in machines}
    for item in machines:
        screen.flex.redeem(item["token"])
    screen.flex.patch(by_name["branch-oslo"]["serialNumber"], status="STOPPED")
    screen.flex.patch(by_name["branch-cork"]["serialNumber"], description="hamburg-depot")
    command = "ansible-playbook -i company flexops.fortiflex.audit_fleet"
    return command, screen.run(command)


def access(screen: Terminal) -> tuple[str, str]:
    """What an API user may do."""
    command = "ansible-playbook flexops.fortiflex.check_access"
    return command, screen.run(command)


PICTURES: dict[str, tuple[Callable[[Terminal], tuple[str, str]], int]] = {
    "change": (change, WIDTH),
    "first-plan-80": (first_plan, 80),
    "first-plan-160": (first_plan, 160),
    "interrupted": (interrupted, WIDTH),
    "size": (size, WIDTH),
    "refused": (refused, WIDTH),
    "audit": (audit, WIDTH),
    "access": (access, 80),
}


def picture(command: str, output: str, width: int) -> str:
    """The picture of what a command printed, from its first task to the recap."""
    begin = output.index("TASK [")
    shown = output[begin:].partition("PLAY RECAP")[0].rstrip().replace(str(ROOT / ".build"), HOME)
    console = Console(record=True, width=width, file=io.StringIO(), force_terminal=True)
    console.print(Text.from_ansi(shown))
    header = "<!-- Copyright (c) 2026, the FlexOps maintainers; SPDX-License-Identifier: GPL-3.0-or-later -->\n"
    return header + console.export_svg(title=command)


def main(directory: Path, *names: str) -> None:
    """Write the pictures of these names, or all."""
    directory.mkdir(exist_ok=True)
    for name in names or PICTURES:
        make, width = PICTURES[name]
        with terminal(width) as screen:
            text = picture(*make(screen), width)
        (directory / f"{name}.svg").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
