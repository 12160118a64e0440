# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a page as its user does: does what each of its examples says, in their order, in one directory, and compares what comes out with what is shown.

- ``console``: a script, or commands after ``$`` and what they print. What it exports holds for the rest of the page; ``NAME=...`` is left as it is.
- ``yaml``: a file, if its first line is a comment with nothing but a file name; else tasks or plays, which are run at once.
- ``python``: a program. ``sql``: a question to the ledger of the run before.
- ``text``, ``json``, ``diff``: lines of what the example before them printed, ``...`` for some that are left out.

A comment of HTML before an example says what is otherwise: ``not run: REASON``, or ``fails`` for one that is to end with an error.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from integration.playbook import ROOT, Controller
from markdown_it import MarkdownIt

SHOWN = ("text", "json", "diff", "markdown")
RUN = ("console", "yaml", "python", "sql")
_COMMENT = re.compile(r"<!-- (not run: .+|fails) -->")
_FILE_NAME = re.compile(r"# ([\w.][\w./-]*\.\w+)")
# What differs from run to run: serial numbers, moments, days, how long it took, identifiers, and the stars that fill a line.
_VARYING = (
    (r"\b[A-Z][A-Z0-9]{5,7}\d{8}\b|\bF[A-Z0-9]{3,}…", "SERIAL"),
    (r"\d{4}-\d\d-\d\dT[\d:.]+Z?", "TIME"),
    (r"\b20\d\d-\d\d-\d\d\b|\b20\d\d[-\d]*…", "DAY"),
    (r"\*{2,}", "***"),
    (r"\d+\.\d+ s\b", "SECONDS"),
)


@dataclass(frozen=True)
class Example:
    """A block of code on a page, and what the comment before it says."""

    line: int
    language: str
    text: str
    remark: str = ""

    @property
    def not_run(self) -> bool:
        """Whether the page says that it cannot be run here."""
        return self.remark.startswith("not run")

    @property
    def file_name(self) -> str | None:
        """Of a file that a reader makes: its name."""
        found = (
            _FILE_NAME.fullmatch(self.text.split("\n", 1)[0]) if self.language == "yaml" else None
        )
        return found[1] if found else None


def examples(page: Path) -> list[Example]:
    """The blocks of code of a page, in their order, those in lists too."""
    found, remark = [], ""
    for token in MarkdownIt().parse(page.read_text(encoding="utf-8")):
        if token.type == "html_block" and (said := _COMMENT.search(token.content)):
            remark = said[1]
        elif token.type == "fence":
            assert token.map
            found.append(Example(token.map[0] + 1, token.info.strip(), token.content, remark))
            remark = ""
    return found


def comparable(text: str) -> list[str]:
    """The lines of an output without what differs from run to run."""
    for pattern, word in _VARYING:
        text = re.sub(pattern, word, text)
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def missing(shown: str, output: str) -> list[str]:
    """Lines that a page shows and that did not come in this order."""
    lines: Iterator[str] = iter(comparable(output))
    return [line for line in comparable(shown) if line != "..." and line not in lines]


@dataclass
class Reader:
    """Somebody with the collection, credentials for the local FortiFlex, and an empty directory."""

    controller: Controller
    typed: str = ""  # what he answers when a command asks
    output: str = ""
    exported: dict[str, str] = field(default_factory=dict)

    def read(self, page: Path) -> int:
        """Do what a page says; how many examples were run.

        :raises AssertionError: one does not work, or prints something else than the page shows
        """
        count, ran = 0, True
        for example in examples(page):
            where = f"{os.path.relpath(page, ROOT)}:{example.line}"
            assert example.language in (*RUN, *SHOWN), (
                f"{where}: nobody knows what to do with {example.language or 'a block without a language'}"
            )
            if example.language in RUN:
                ran = not example.not_run
            if not ran or example.not_run:
                continue
            if example.language in SHOWN:
                lost = missing(example.text, self.output)
                assert not lost, f"{where}: not printed: {lost}\n{self.output}"
            else:
                failed = self.do(example)
                assert failed == (example.remark == "fails"), f"{where}:\n{self.output}"
                count += 1
        return count

    def do(self, example: Example) -> bool:
        """Do what one example says; whether it failed."""
        if example.file_name:
            path = self.controller.directory / example.file_name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(example.text, encoding="utf-8")
            return bool(yaml.safe_load(example.text) is None)
        if example.language == "console":
            return self._console(example.text)
        if example.language == "python":
            return self._shell(
                f"{shlex.quote(sys.executable)} - <<'END_OF_EXAMPLE'\n{example.text}END_OF_EXAMPLE\n"
            )
        if example.language == "sql":
            with sqlite3.connect(next(self.controller.directory.rglob("*.sqlite3"))) as ledger:
                self.output = "\n".join(map(str, ledger.execute(example.text)))
            return not self.output
        return self._play(yaml.safe_load(example.text))

    def _play(self, items: Any) -> bool:
        assert isinstance(items, list) and all(isinstance(item, dict) for item in items), (
            f"neither a file nor tasks nor plays: {items}"
        )
        plays = (
            items
            if "hosts" in items[0]
            else [{"hosts": "localhost", "gather_facts": False, "tasks": items}]
        )
        path = self.controller.directory / "example.yml"
        path.write_text(json.dumps(plays), encoding="utf-8")
        return self._shell("ansible-playbook example.yml")

    def _console(self, text: str) -> bool:
        if not re.search(r"^\$ ", text, re.MULTILINE):
            return self._shell(text)
        commands, shown = [], []
        for line in text.splitlines():
            if line.startswith("$ ") or (commands and commands[-1].endswith("\\") and not shown):
                if shown and (failed := self._command(commands, shown)):
                    return failed
                commands, shown = ([], []) if shown else (commands, shown)
                commands.append(line.removeprefix("$ "))
            else:
                shown.append(line)
        return self._command(commands, shown)

    def _command(self, commands: list[str], shown: list[str]) -> bool:
        failed = self._shell("\n".join(commands))
        lost = missing("\n".join(shown), self.output)
        assert not lost, f"not printed: {lost}\n{self.output}"
        return failed

    def _shell(self, script: str) -> bool:
        """Run a script as a shell does in which all scripts of the page have run."""
        script = re.sub(r"\b[A-Z_]+=\.\.\.(\s|$)", r"\1", script)
        ending = f'\n{shlex.quote(sys.executable)} -c \'import json, os; print(json.dumps(dict(os.environ)), file=open("exported", "w"))\'\n'
        fresh = {**self.controller.environment(), "PYTHONPATH": str(ROOT / "tests")}
        done = subprocess.run(
            ["bash", "-e", "-c", script + ending],
            cwd=self.controller.directory,
            env={**fresh, **self.exported},
            input=self.typed,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        self.output = done.stdout
        exported = self.controller.directory / "exported"
        if exported.exists():
            after = json.loads(exported.read_text(encoding="utf-8"))
            exported.unlink()
            self.exported = {
                name: value
                for name, value in after.items()
                if fresh.get(name) != value and name not in ("_", "SHLVL", "PWD", "OLDPWD")
            }
        return done.returncode != 0
