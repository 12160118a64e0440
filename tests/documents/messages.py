# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/messages.md: every sentence with which the code, a playbook or a role fails or warns. What differs each time is "…" there."""

from __future__ import annotations

import ast
import itertools
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.flexops.fortiflex.plugins.module_utils import errors

ROOT = Path(__file__).parents[2]
VALUE = "…"
FEW = 12  # letters: what has fewer says nothing by itself
# What a sentence is given to when it is told: an error, a warning, or what collects problems.
_TELLERS = {name for name in vars(errors) if isinstance(getattr(errors, name), type)} | {
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
    "add",
}
_COLLECTED = ("problems.append", "problems.extend")
# Files whose functions return sentences for others to tell.
_RETURNED = ("objections.py",)
_PLACES = {
    "Products and parameters": "plugins/module_utils/catalogue/",
    "Wishes and the plan": "plugins/module_utils/core/",
    "FortiFlex and the network": "plugins/module_utils/client/",
    "Tasks": "plugins/module_utils/task/",
    "Usage, cost and reports": "plugins/module_utils/usage/",
    "Filters, lookups, inventory and action": "plugins/",
    "Playbooks": "playbooks/",
    "Roles": "roles/",
    "Events": "extensions/eda/",
    "Pipelines": "extensions/",
}
_FILES = (
    "plugins/**/*.py",
    "extensions/**/*.py",
    "playbooks/*.yml",
    "playbooks/tasks/*.yml",
    "roles/*/tasks/*.yml",
)
_HEAD = """<!--
Copyright (c) 2026, the FlexOps maintainers
GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
-->
<!-- Made by `make docs` from the code. Change that, not this. -->
# Messages

The sentences with which this collection fails or warns, as they stand in its code. `…` stands for what is different each time. A sentence says itself what is
wrong and what to do; where more helps, [troubleshooting](troubleshooting.md) has it.
"""


def rendered(node: ast.AST | None) -> list[str]:
    """The texts that an expression can have, with VALUE for each part that is not fixed."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.JoinedStr):
        return _joined([rendered(part) for part in node.values])
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _joined([rendered(node.left), rendered(node.right)])
    several = _alternatives(node)
    return [text for part in several for text in rendered(part)] if several else [VALUE]


def _joined(parts: list[list[str]]) -> list[str]:
    return ["".join(choice) for choice in itertools.product(*parts)]


def _alternatives(node: ast.AST | None) -> list[ast.expr]:
    """The expressions of which one, or each, is told."""
    if isinstance(node, ast.IfExp):
        return [node.body, node.orelse]
    if isinstance(node, (ast.List, ast.Tuple)):
        return node.elts
    if isinstance(node, (ast.ListComp, ast.GeneratorExp)):
        return [node.elt]
    return node.values if isinstance(node, ast.BoolOp) else []


def _told(node: ast.AST, returned: bool) -> ast.expr | None:
    """What a piece of code tells, if it is one that does."""
    if isinstance(node, ast.Call) and node.args:
        called = ast.unparse(node.func)
        if called.rsplit(".", maxsplit=1)[-1] in _TELLERS or called in _COLLECTED:
            return node.args[0]
    if isinstance(node, ast.AugAssign) and ast.unparse(node.target) == "problems":
        return node.value
    return node.value if returned and isinstance(node, ast.Return) else None


def _of_code(text: str, returned: bool) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        told = _told(node, returned)
        if told is not None:
            yield from rendered(told)


def _of_tasks(data: Any) -> Iterator[str]:
    for item in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from _of_tasks(item)
    for action, key in (("ansible.builtin.fail", "msg"), ("ansible.builtin.assert", "fail_msg")):
        if isinstance(data, dict) and key in (data.get(action) or {}):
            yield re.sub(r"\{\{.*?\}\}|\{%.*?%\}", VALUE, data[action][key], flags=re.DOTALL)


def _of_file(path: Path) -> Iterator[str]:
    """The messages of a file, on one line each."""
    text = path.read_text(encoding="utf-8")
    returned = path.name.lstrip("_") in _RETURNED
    told = _of_code(text, returned) if path.suffix == ".py" else _of_tasks(yaml.safe_load(text))
    for sentence in told:
        message = re.sub(f"{VALUE}(?:[ ,;]*{VALUE})+", VALUE, " ".join(sentence.split()))
        if sum(map(str.isalpha, message)) >= FEW and " " in message:
            yield message


def messages() -> dict[str, set[str]]:
    """All messages, by where they come from."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in sorted(path for pattern in _FILES for path in ROOT.glob(pattern)):
        name = path.relative_to(ROOT).as_posix()
        place = next(title for title, folder in _PLACES.items() if name.startswith(folder))
        found[place].update(_of_file(path))
    return {place: found[place] for place in _PLACES if found[place]}


def page() -> str:
    """The page."""
    text = _HEAD
    for place, told in messages().items():
        lines = (f"- ``{message}``\n" if "`" in message else f"- `{message}`\n" for message in told)
        text += f"\n## {place}\n\n" + "".join(sorted(lines, key=str.casefold))
    return text
