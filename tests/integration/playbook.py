# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real ``ansible-playbook`` processes: where they run, with which environment, and what came out. Uses nothing of the collection's code."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simulator.launch import Simulator

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
SAMPLE = str(ROOT / "playbooks" / "sample_inventory")
LICENSE_FLEET = "flexops.fortiflex.license_fleet"

# The path of a socket, of which ansible-core makes one in TMPDIR, has room for 107 letters, and directories of tests have long names.
_LINKS = tempfile.TemporaryDirectory(prefix="flex-")
Playbook = str | Path | list[dict[str, Any]]


@dataclass(frozen=True)
class Run:
    """What a finished process left: its exit code and its output."""

    rc: int
    stdout: str
    stderr: str

    @property
    def output(self) -> str:
        """Everything that a terminal would have shown."""
        return self.stdout + self.stderr

    @property
    def recap(self) -> dict[str, dict[str, int]]:
        """The counts of the recap, by host: ok, changed, unreachable, failed, skipped, rescued, ignored."""
        lines = re.findall(r"^(\S+) +: (ok=\d+ .*)$", self.stdout, re.MULTILINE)
        return {
            host: {word: int(count) for word, count in re.findall(r"(\w+)=(\d+)", counts)}
            for host, counts in lines
        }

    @property
    def changed(self) -> int:
        """The changed tasks of all hosts; fails if the playbook did."""
        assert self.rc == 0, self.output
        return sum(counts["changed"] for counts in self.recap.values())

    @property
    def failure(self) -> dict[str, Any]:
        """The result of the task that failed; fails if none did."""
        assert self.rc == 2 and self.failures, self.output
        return self.failures[0]

    @property
    def failures(self) -> list[dict[str, Any]]:
        """The results of the tasks that failed, in order, also of those whose errors were ignored."""
        return [
            json.loads(text)
            for text in re.findall(
                r"^fatal: \[.*?\]: FAILED! => (\{.*\})$", self.stdout, re.MULTILINE
            )
        ]

    @property
    def answers(self) -> list[str]:
        """What plans came to, in order: of what will be done, of what was done, of nothing to do."""
        found = re.findall(
            r"^(?:Plan: |Done: |= Nothing to change).*(?:\n {2,6}\S.*)*", self.stdout, re.MULTILINE
        )
        return [" ".join(text.split()) for text in found]

    @property
    def shown(self) -> list[Any]:
        """What the debug tasks showed, in order."""
        return [
            json.loads(text)
            for text in re.findall(
                r"^ok: \[[^\]]*\] => (\{\}|\{$.*?^\})$", self.stdout, re.MULTILINE | re.DOTALL
            )
        ]


@dataclass
class Controller:
    """A user's machine: a home, a temporary and a state directory of its own below ``directory``, and a FortiFlex that it talks to."""

    directory: Path
    flex: Simulator
    collections: str = str(ROOT / ".build")
    settings: dict[str, str] = field(default_factory=dict)

    def environment(self, env: Mapping[str, str] | None = None) -> dict[str, str]:
        """The environment of its processes; what is empty in ``env`` is taken away."""
        for name in ("home", "tmp"):
            (self.directory / name).mkdir(exist_ok=True)
        link = Path(_LINKS.name, f"{zlib.crc32(str(self.directory).encode()):08x}")
        if not link.is_symlink():
            link.symlink_to(self.directory / "tmp")
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("ANSIBLE_", "FORTIFLEX_", "PYTHON", "XDG_"))
        }
        own = {
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.directory / "home"),
            "TMPDIR": str(link),
            "NO_PROXY": "127.0.0.1",
            "ANSIBLE_COLLECTIONS_PATH": self.collections,
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            "FORTIFLEX_STATE_DIR": str(self.directory / "state"),
            "FORTIFLEX_REQUESTS_PER_MINUTE": "100000",
            "FORTIFLEX_REQUESTS_PER_HOUR": "100000",
        }
        return {
            name: value
            for name, value in {
                **inherited,
                **own,
                **self.flex.environment(),
                **self.settings,
                **(env or {}),
            }.items()
            if value
        }

    def command(self, playbook: Playbook, *arguments: str) -> list[str]:
        """The command line for a playbook: its FQCN, its path, or its plays, which are written to a file."""
        if isinstance(playbook, list):
            path = self.directory / "playbook.yml"
            path.write_text(json.dumps(playbook))
            playbook = path
        return [str(BIN / "ansible-playbook"), str(playbook), *arguments]

    def play(
        self, playbook: Playbook, *arguments: str, env: Mapping[str, str] | None = None
    ) -> Run:
        """Run a playbook to its end."""
        return self.run(self.command(playbook, *arguments), env)

    def run(self, command: Sequence[str], env: Mapping[str, str] | None = None) -> Run:
        """Run any command to its end."""
        done = subprocess.run(
            command,
            env=self.environment(env),
            cwd=self.directory,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        return Run(done.returncode, done.stdout, done.stderr)

    def licensed(self) -> dict[str, tuple[str, str]]:
        """What FortiFlex holds: (configuration, status) by description; fails if two entitlements have the same one."""
        state = self.flex.state()
        names = {item["id"]: item["name"] for item in state["configurations"]}
        held = {
            item["description"]: (names[item["configId"]], item["status"])
            for item in state["entitlements"]
        }
        assert len(held) == len(state["entitlements"]), state["entitlements"]
        return held


def module(task: str, /, **options: Any) -> dict[str, Any]:
    """A task that runs a module of the collection."""
    return {f"flexops.fortiflex.{task}": options}


def play(
    *tasks: Mapping[str, Any], hosts: str = "localhost", **keywords: Any
) -> list[dict[str, Any]]:
    """A playbook of one play with these tasks."""
    return [{"hosts": hosts, "gather_facts": False, **keywords, "tasks": list(tasks)}]
