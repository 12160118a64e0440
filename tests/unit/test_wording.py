# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts and figures in sentences: nothing says ``1 sites`` or ``-0.00``, wherever it is written."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.flexops.fortiflex.plugins.module_utils.wording import count_of, rounded

ROOT = Path(__file__).parents[2]
THINGS = """
    accounts changes characters configurations creations days devices entitlements entries events findings
    hosts hours items licenses lines minutes names others products programs requests seconds sites spares tokens"""
AFTER = re.compile(rf" ({'|'.join(THINGS.split())})\b")
# Numbers that are never 1.
MANY = {
    "_ERROR_LIMIT",
    "_MOST",
    "len(limits)",  # too many for a comment
    "len(name)",  # empty or over 64
    "length",  # at which FortiFlex cuts a text
    "self._in_a_row",  # several
    "len(names)",  # several
    "given['count']",  # several
    "len(self.hosts)",  # more than a few
    "len(those)",  # several
    "requests",  # a plan takes a query, a write and a query at the least
    "self._made()",  # likewise
    "total",  # several failed
}
# Of a list that the page of a usage report shows only if it is long, and of texts that are names.
LONG = ("report.accounts | length", "report.history | length", "tenant_account")


def of_code(path: Path) -> Iterator[str]:
    """What a file says of a number and a word for several things."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        for value, text in (
            zip(node.values, node.values[1:], strict=False)
            if isinstance(node, ast.JoinedStr)
            else ()
        ):
            if isinstance(value, ast.FormattedValue) and isinstance(text, ast.Constant):
                said, number = AFTER.match(str(text.value)), ast.unparse(value.value)
                if said and number not in MANY:
                    yield f"{path.relative_to(ROOT)}: {{{number}}}{said[0]}"


def of_templates(path: Path) -> Iterator[str]:
    """The same of a template."""
    for found in re.finditer(
        r"\{\{((?:(?!\}\}).)*)\}\}( \w+)", path.read_text(encoding="utf-8"), re.DOTALL
    ):
        if AFTER.match(found[2]) and not any(text in found[1] for text in LONG):
            yield f"{path.relative_to(ROOT)}: {found[0]}"


def files(*patterns: str) -> list[Path]:
    """The files of the collection that can say something."""
    return [path for pattern in patterns for path in sorted(ROOT.glob(pattern))]


def test_nothing_counts_one_as_several() -> None:
    code = files("plugins/**/*.py", "extensions/**/*.py")
    templates = files(
        "playbooks/**/*.yml", "roles/**/*.yml", "roles/**/*.j2", "extensions/eda/**/*.yml"
    )
    found = [text for path in code for text in of_code(path)]
    found += [text for path in templates for text in of_templates(path)]
    assert ROOT / "plugins/module_utils/wording.py" in code
    assert ROOT / "playbooks/license_fleet.yml" in templates
    assert not found, "use count_of or flex_count_of:\n" + "\n".join(found)


def test_no_difference_is_formatted_with_its_sign_alone() -> None:
    shown = re.compile(r":\+[^}]*f\}|\|\s*round(?:\(\d*\))?\s*(?:\}\}(?!\")|if )")
    found = [
        f"{path.relative_to(ROOT)}: {text[0]}"
        for path in files(
            "plugins/**/*.py", "playbooks/**/*.yml", "roles/**/*.yml", "roles/**/*.j2"
        )
        for text in shown.finditer(path.read_text(encoding="utf-8"))
    ]
    assert not [text for text in found if "wording" not in text], "\n".join(found)


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 sites"), (1, "1 site"), (2, "2 sites"), (65, "65 sites")]
)
def test_one_is_one(number: int, text: str) -> None:
    assert count_of(number, "site") == text
    assert count_of(number, "site is", "sites are").startswith(text)


@given(
    st.floats(-1e9, 1e9) | st.decimals("-1e9", "1e9"), st.integers(0, 4), st.sampled_from(["", "+"])
)
def test_what_rounds_to_nothing_has_no_sign(value: float | Decimal, digits: int, sign: str) -> None:
    text = rounded(value, digits, sign)
    nothing = not set(text) & set("123456789")
    assert (text[0] == "-") is (not nothing and value < 0)
    assert (text[0] == "+") is (sign == "+" and (nothing or value > 0))
    assert abs(Decimal(text.replace(",", "")) - Decimal(str(value))) <= Decimal(10) ** -digits


# Words and turns that docs/architecture.md replaces by one of its own. What means something else does not match: names that
# look alike, an option `quota_wait`, a switch `--quota`, what holds for a play.
REPLACED = re.compile(
    r"""\b(
    fence[sd]? | intents? | anew | void(s|ed)? | mend(s|ed|ing)? | shall | (?<!--)quotas?
    | request\ budgets? | (share|shares)\ (a|one|the|its)\ budget
    | (set|sets)\ free | g[ia]ve[sn]?\ (back|up) | giving\ (back|up)
    | (a|one|two|each|every|fresh|next|later|last)\ looks?(?!\ like)
    | FortiFlex\ ((does|may)\ not\ tell | may\ tell | tells | told)
    | (hold|holds)\ the\ fleet | a\ hold | the\ hold
    )\b""",
    re.IGNORECASE | re.VERBOSE,
)
WRITTEN = files(
    "*.md",
    "docs/*.md",
    "roles/**/*.md",
    "roles/**/*.yml",
    "roles/**/*.j2",
    "playbooks/**/*.yml",
    "extensions/**/*.yml",
    "extensions/**/*.py",
    "plugins/**/*.yml",
    "plugins/**/*.py",
    "tests/documents/*.yml",
    "tests/**/README.md",
)
# The glossary lists what it replaces, and the changelog says what was true once.
OTHERWISE = ("docs/architecture.md", "CHANGELOG.md")


@pytest.mark.parametrize(
    "path",
    [path for path in WRITTEN if path.relative_to(ROOT).as_posix() not in OTHERWISE],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_a_thing_has_one_word(path: Path) -> None:
    """Whoever searches for the word of the glossary finds all that is said of the thing."""
    text = re.sub(r"\s+(#:? )?", " ", path.read_text(encoding="utf-8"))
    assert [found[0] for found in REPLACED.finditer(text)] == []


def test_the_glossary_has_each_of_its_words_in_one_row() -> None:
    """And what one row replaces is no word of another."""
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    table = text.partition("## Words")[2].partition("## The flow")[0]
    rows = [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("|")]
    words = [word for row in rows[2:] for word in re.split(", ", row[0])]
    assert len(words) == len(set(words)) > 20
    replaced = {word for row in rows[2:] for word in row[2].split(", ")}
    assert not replaced & set(words)
