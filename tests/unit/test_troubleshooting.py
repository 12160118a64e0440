# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every sentence with which the code, a playbook or a role can fail or warn is on the page of messages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.flexops.fortiflex.plugins.module_utils import errors

ROOT = Path(__file__).parents[2]
PAGE = " ".join(
    (ROOT / "docs" / "troubleshooting.md")
    .read_text(encoding="utf-8")
    .replace("`", "")
    .replace("\\|", "|")
    .split()
)
CLASSES = {name for name in vars(errors) if isinstance(getattr(errors, name), type)}
TOLD = CLASSES | {
    "CannotReach",
    "Failure",
    "AnsibleError",
    "AnsibleFilterError",
    "AnsibleLookupError",
    "AnsibleParserError",
    "warn",
    "_warn",
    "_failed",
    "_wrong",
}
FEW = 12  # letters: what is shorter between two values says nothing by itself


def _texts(node: ast.AST) -> Iterator[str]:
    """What is fixed in the texts that an expression can have, without what is only part of a value."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif not isinstance(node, (ast.FormattedValue, ast.Call, ast.Subscript, ast.Compare)):
        for child in ast.iter_child_nodes(node):
            yield from _texts(child)


def _of_code(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and node.args:
            called = ast.unparse(node.func)
            collected = ("problems.add", "problems.append", "problems.extend")
            if called.rsplit(".", maxsplit=1)[-1] in TOLD or called in collected:
                yield from _texts(node.args[0])
        added = isinstance(node, ast.AugAssign) and ast.unparse(node.target) == "problems"
        if added or (path.name == "objections.py" and isinstance(node, ast.Return) and node.value):
            yield from _texts(node.value)


def _of_tasks(data: Any) -> Iterator[str]:
    for item in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from _of_tasks(item)
    for action, key in (("ansible.builtin.fail", "msg"), ("ansible.builtin.assert", "fail_msg")):
        if isinstance(data, dict) and key in (data.get(action) or {}):
            yield from re.split(r"\{\{.*?\}\}|\{%.*?%\}", data[action][key])


def test_every_message_is_on_the_page() -> None:
    code = [path for folder in ("plugins", "extensions") for path in ROOT.glob(f"{folder}/**/*.py")]
    told = [(path, text) for path in code for text in _of_code(path)]
    for path in (
        *ROOT.glob("playbooks/*.yml"),
        *ROOT.glob("playbooks/shared/*.yml"),
        *ROOT.glob("playbooks/tasks/*.yml"),
        *ROOT.glob("roles/*/tasks/*.yml"),
    ):
        told += [
            (path, text) for text in _of_tasks(yaml.safe_load(path.read_text(encoding="utf-8")))
        ]
    pieces = {
        " ".join(text.replace("`", "").split()).strip(" .;:,'()"): path.relative_to(ROOT)
        for path, text in told
    }
    missing = [
        f"{path}: {piece}"
        for piece, path in pieces.items()
        if sum(map(str.isalpha, piece)) >= FEW and piece not in PAGE
    ]
    assert len(pieces) > 300 and not missing, "not in docs/troubleshooting.md:\n" + "\n".join(
        missing
    )
