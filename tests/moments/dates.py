# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which integration tests and molecule scenarios are about dates: those whose own text mentions them. `make moments` runs these at every moment."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SCENARIOS = ROOT / "extensions" / "molecule"
_WORDS = re.compile(
    r"\d{4}-\d\d-\d\d|(?<!up)dates?\b|(?<!points a )\bdays?\b|_days|month|\byears?\b|timedelta|strftime"
    r"|\bnow\(|today|tomorrow|\.advance\(|set_clock|_until|\bperiod|ledger|usage_report|audit_fleet|follow_vm",
    re.IGNORECASE,
)
_EXAMPLE = re.compile(r"^ *```(?:console|yaml|python|sql)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)


def mentions_dates(text: str) -> bool:
    """Whether a text has a date, or a word that goes with dates."""
    return _WORDS.search(text) is not None


def is_about_dates(file: Path, function: str, parameters: Mapping[str, Any]) -> bool:
    """Whether a test is: by the examples of the page that is its parameter, else by its code and the code of its file that it uses."""
    pages = [ROOT / value for value in parameters.values() if str(value).endswith(".md")]
    examples = [text for page in pages for text in _EXAMPLE.findall(page.read_text("utf-8"))]
    return any(map(mentions_dates, examples if pages else _used(file, function)))


def dated_scenarios() -> list[str]:
    """The names of the molecule scenarios that are."""
    return sorted(
        {
            path.parent.name
            for path in SCENARIOS.glob("*/*.yml")
            if path.parent.name != "default" and mentions_dates(path.read_text("utf-8"))
        }
    )


def _used(file: Path, name: str) -> Iterator[str]:
    """The code that has a name in a file, and in turn all code of the file that it names."""
    definitions = _definitions(file)
    wanted, seen = [name], set()
    while wanted:
        if (name := wanted.pop()) in definitions and name not in seen:
            seen.add(name)
            text, names = definitions[name]
            wanted += names
            yield text


@lru_cache(maxsize=64)
def _definitions(file: Path) -> dict[str, tuple[str, frozenset[str]]]:
    """The functions, classes and constants of a file by name: their code, and the names in it."""
    source = file.read_text("utf-8")
    found = {}
    for node in ast.parse(source).body:
        names = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
        names |= {part.arg for part in ast.walk(node) if isinstance(part, ast.arg)}  # fixtures
        code = (ast.get_source_segment(source, node) or "", frozenset(names))
        found.update(dict.fromkeys(_defined(node), code))
    return found


def _defined(node: ast.stmt) -> list[str]:
    """The names that a statement gives to something."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return [target.id for target in targets if isinstance(target, ast.Name)]
