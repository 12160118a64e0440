# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file belongs to one name, also where a file system takes capitals for small letters or one form of Unicode for another."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.flexops.fortiflex.plugins.filter.flex_file_name import flex_file_name
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.file_name import file_name
from ansible_collections.flexops.fortiflex.plugins.module_utils.usage.report_files import _stem

ORDINARY = ["fw1", "fw_1", "branch-oslo", "dc1.example.com", "_x", "0", "i-0123456789abcdef0"]
SAME_FOR_SOMEBODY = [
    ("fw 1", "fw_1"),
    ("fw/1", "fw_1"),
    ("FW1", "fw1"),
    ("東京支店第一", "大阪支店第二"),
    ("z\u00fcrich", "zu\u0308rich"),
    ("stra\u00dfe", "strasse"),
    ("\u0131stanbul", "istanbul"),
    ("fw1 ", "fw1"),
    ("fw1.", "fw1"),
    ("\u212aelvin", "kelvin"),
    ("x" * 300, "x" * 301),
    ("", "_"),
]


def on_disk(name: str) -> set[str]:
    """The names that file systems may take this one for."""
    forms = {unicodedata.normalize(form, name) for form in ("NFC", "NFD", "NFKC", "NFKD")}
    return {fold(form) for form in forms for fold in (str.casefold, str.lower, str.upper)}


@pytest.mark.parametrize("name", ORDINARY)
def test_an_ordinary_name_stays_as_it_is(name: str) -> None:
    assert file_name(name) == flex_file_name(name) == name


@pytest.mark.parametrize(
    "name", ["", ".", "..", "con", "nul.x", "com1", ".ssh", "-rf", "a.", "../a", "x" * 181]
)
def test_what_a_file_system_takes_for_something_else_gets_an_ending(name: str) -> None:
    assert re.fullmatch(r"[a-z0-9_][a-z0-9._-]*~[0-9a-f]{20}", file_name(name))


@pytest.mark.parametrize("names", SAME_FOR_SOMEBODY)
def test_two_names_that_look_alike_have_two_files(names: tuple[str, str]) -> None:
    first, second = map(file_name, names)
    assert not on_disk(first) & on_disk(second)


NAMES = st.one_of(
    st.sampled_from([*ORDINARY, *(name for names in SAME_FOR_SOMEBODY for name in names)]),
    st.text(max_size=12),
    st.text("aA1_ .-~/\u00e4\u00c4\u0308", max_size=4),
    st.text("ab", max_size=3).map(file_name),
    st.text(max_size=4).map(file_name),
)


@given(NAMES, NAMES)
@example("fw 1", file_name("fw 1"))
@example("\ud800", "\ud801")
def test_two_names_never_share_a_file(first: str, second: str) -> None:
    names = file_name(first), file_name(second)
    assert first == second or not on_disk(names[0]) & on_disk(names[1])
    for name in names:
        assert re.fullmatch(r"[a-z0-9_][a-z0-9._~-]{0,179}", name) and not name.endswith(".")


PROGRAMS = st.one_of(
    st.sampled_from(["ELAVMS0000000200", "ELAVMS0000000200-2000001", "../X", "A~B", "\u00c9"]),
    st.text(max_size=8),
).map(str.upper)
ACCOUNTS = st.one_of(st.none(), st.integers(0, 30))


@given(PROGRAMS, ACCOUNTS, PROGRAMS, ACCOUNTS)
@example("P", 1, "P-1", None)
def test_two_reports_never_share_a_file(
    program: str, account: int | None, other: str, another: int | None
) -> None:
    stems = _stem(program, account), _stem(other, another)
    assert (program, account) == (other, another) or not on_disk(stems[0]) & on_disk(stems[1])
    assert all("/" not in stem and not stem.startswith(".") for stem in stems)


def test_a_report_of_a_program_is_called_after_it() -> None:
    assert _stem("ELAVMS0000000200", None) == "ELAVMS0000000200"
    assert _stem("ELAVMS0000000200", 2000001) == "ELAVMS0000000200-2000001"


# What in a template is a name that somebody chose, and where it becomes a part of a path.
CHOSEN = re.compile(r"\binventory_hostname\b|\w*_name\b|\.name\b|\btenant_account\b|\.account_id\b")
PATHS = re.compile(r"dest|path|directory|\w+_(?:file|directory|path)")


def paths() -> Iterator[Any]:
    """Each path that a playbook or role makes of something."""

    def walk(value: Any) -> Iterator[tuple[str, str]]:
        for key, item in value.items() if isinstance(value, dict) else ():
            if isinstance(item, str) and PATHS.fullmatch(str(key)):
                yield key, item
            yield from walk(item)
        for item in value if isinstance(value, list) else ():
            yield from walk(item)

    root = Path(__file__).parents[2]
    for folder in ("playbooks", "roles", "extensions/eda/rulebooks"):
        for file in sorted((root / folder).rglob("*.yml")):
            if "meta" not in file.parts:
                for key, text in walk(DataLoader().load_from_file(str(file)) or {}):
                    if "{{" in text:
                        yield pytest.param(str(text), id=f"{file.relative_to(root)}: {key}")


@pytest.mark.parametrize("text", [*paths()])
def test_a_path_that_is_made_of_a_name_has_a_file_of_its_own(text: str) -> None:
    for expression in re.findall(r"\{\{.*?\}\}", text, re.DOTALL):
        assert not CHOSEN.search(expression) or "flex_file_name" in expression, expression
        assert "regex_replace" not in expression, expression
