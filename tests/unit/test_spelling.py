# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Properties of names: one name in any normalization, and which names could be taken for each other."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ansible_collections.flexops.fortiflex.plugins.module_utils.catalogue.catalogue import snapshot
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.accounts import Accounts
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.goal import build_goal
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.model import (
    Entitlement,
    Observation,
    claim_of,
    claim_text,
    describe,
    name_of,
    name_problem,
    tags_of,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.spelling import (
    could_be,
    folded,
    likeness,
    serial_number_spelled,
    spelled,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.errors import InvalidInput, Problems

LETTERS = st.characters(exclude_categories=("C", "Z")) | st.sampled_from(
    [*"aAbB &;<'\"#?", "ü", "u\u0308", "Å", "\u212b", "ß", "ı", "İ", "ſ", "東", "각", "한", "🔥"]
)


def texts(longest: int) -> st.SearchStrategy[str]:
    """Texts of letters that several forms of Unicode and several cases spell differently."""
    return st.lists(LETTERS, min_size=1, max_size=longest).map("".join).map(str.strip)


NAMES = texts(12).filter(lambda text: not name_problem(spelled(text)))
WORDS = texts(8).filter(
    lambda text: bool(text) and spelled(text).isprintable() and not set("[];=") & set(spelled(text))
)
FORMS: dict[str, Callable[[str], str]] = {
    form: lambda text, form=form: unicodedata.normalize(form, text)  # type: ignore[misc]
    for form in ("NFC", "NFD")
}
CASES: dict[str, Callable[[str], str]] = {
    "upper": str.upper,
    "lower": str.lower,
    "casefold": str.casefold,
    "title": str.title,
}
SERVICES: dict[str, Callable[[str], str]] = {
    **FORMS,
    **CASES,
    "escaped": html.escape,
    "all escaped": lambda text: html.escape(text).encode("ascii", "xmlcharrefreplace").decode(),
    "escaped twice": lambda text: html.escape(html.escape(text)),
    "ascii": lambda text: text.encode("ascii", "replace").decode(),
    "decomposed ascii": lambda text: (
        unicodedata.normalize("NFD", text).encode("ascii", "replace").decode()
    ),
    "utf-8 as ascii": lambda text: text.encode().decode("ascii", "replace"),
    "utf-8 as latin-1": lambda text: text.encode().decode("latin-1"),
    "trimmed": str.strip,
    "single blanks": lambda text: " ".join(text.split()),
    "capitals without accents of their own": lambda text: unicodedata.normalize(
        "NFD", text.upper()
    ),
}


def entitlement(number: int, description: str, status: str = "PENDING") -> Entitlement:
    return Entitlement(f"SERIAL{number}", description, 1, 1, status, None, None, None, None)


def goal(**asked: Any) -> Any:
    return build_goal(snapshot(), asked, date(2000, 1, 1))


@given(NAMES)
def test_a_name_is_one_in_every_form(name: str) -> None:
    forms = {spelled(form(name)) for form in FORMS.values()}
    assert forms == {spelled(name)} == {spelled(spelled(name))}
    for form in FORMS.values():
        seen = Observation(0, 0, (), (entitlement(1, form(name)),))
        assert [item.name for item in seen.holders(name)] == [spelled(name)] and not seen.alike(
            name
        )


@given(NAMES, st.dictionaries(WORDS, WORDS, max_size=3))
def test_what_a_description_says_is_the_same_in_every_form(name: str, tags: dict[str, str]) -> None:
    assume(len({spelled(key) for key in tags}) == len(tags))
    said = {spelled(key): spelled(value) for key, value in tags.items()}
    for form in FORMS.values():
        stored = form(describe(spelled(name), said))
        assert name_of(stored) == spelled(name) and tags_of(stored) == said
        assert claim_of(form(claim_text(spelled(name), "run"))) == (spelled(name), "run")


@given(NAMES, st.dictionaries(WORDS, WORDS, max_size=3))
def test_a_goal_is_the_same_in_every_form(name: str, tags: dict[str, str]) -> None:
    assume(len({spelled(key) for key in tags}) == len(tags))

    def asked(form: Callable[[str], str]) -> Any:
        called = form(name)
        found = goal(
            configurations=[{"name": called, "state": "present"}],
            entitlements=[
                {
                    "name": called,
                    "profile": called,
                    "device": called,
                    "pair": called,
                    "tags": {form(key): form(value) for key, value in tags.items()},
                },
                {
                    "serial_number": "SERIAL1",
                    "profile": called,
                    "device": called,
                    "pair": form(called),
                },
            ],
            profiles={called: {called: called}},
            spares={called: 1},
        )
        assert found.entitlements[0].result_key == called
        return [
            found.configurations,
            found.spares,
            *(vars(item) | {"given": ""} for item in found.entitlements),
        ]

    assert asked(FORMS["NFC"]) == asked(FORMS["NFD"])


@given(NAMES)
def test_a_name_twice_in_two_forms_is_listed_twice(name: str) -> None:
    other = next((form(name) for form in FORMS.values() if form(name) != name), None)
    assume(other is not None)
    for key in ("configurations", "entitlements"):
        with pytest.raises(InvalidInput, match="listed 2 times"):
            goal(**{key: [{"name": name}, {"name": other}]})
    for asked in ({"spares": {name: 1, other: 1}}, {"profiles": {name: {}, other: {}}}):
        with pytest.raises(InvalidInput, match="spelled in two ways"):
            goal(**asked)
    problems = Problems()
    Accounts.from_options({"account_aliases": {name: 1, other: 2}}, problems)
    assert len(problems.found) == 1 or name.isdecimal()


@given(NAMES)
def test_an_alias_is_one_in_every_form(alias: str) -> None:
    assume(not alias.isdecimal() and alias != "all")
    for form in FORMS.values():
        problems = Problems()
        options = {"account_aliases": {form(alias): 7}, "allowed_accounts": [spelled(alias)]}
        accounts = Accounts.from_options(options, problems)
        assert [accounts.number("x", other(alias), problems) for other in FORMS.values()] == [7, 7]
        assert accounts.permits(7) and not problems


@given(NAMES, st.sampled_from(sorted(CASES)))
def test_case_is_folded_in_every_script(name: str, case: str) -> None:
    assert folded(CASES[case](spelled(name))) == folded(name) == folded(folded(name))


@given(NAMES, st.sampled_from(sorted(SERVICES)))
def test_what_a_service_stores_of_a_name_could_be_that_name(name: str, service: str) -> None:
    stored = SERVICES[service](spelled(name))
    assert could_be(name, stored), (spelled(name), stored)


@given(NAMES, st.lists(NAMES, max_size=4), st.sampled_from(sorted(SERVICES)))
def test_an_account_shows_which_entitlements_look_like_a_name(
    name: str, others: list[str], service: str
) -> None:
    stored = SERVICES[service](spelled(name))
    held = [entitlement(number, text) for number, text in enumerate([stored, *others])]
    seen = Observation(0, 0, (), tuple(held))
    expected = {
        item.serial_number
        for item in held
        if item.name is not None and item.name != spelled(name) and could_be(name, item.name)
    }
    assert {item.serial_number for item in seen.alike(name)} == expected
    if name_of(stored) not in (None, spelled(name)):
        assert "SERIAL0" in expected


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("branch-1", "branch-10"),
        ("branch-10", "branch-1"),
        ("site-a", "site-b"),
        ("zürich", "zurich"),
        ("köln", "kölln"),
        ("東京", "大阪"),
        ("a?c", "abc"),
        ("what?", "what"),
        ("a b", "ab"),
        ("R&D", "RnD"),
    ],
)
def test_other_names_are_not_taken_for_each_other(name: str, other: str) -> None:
    assert not could_be(name, other) and not could_be(other, name)


@given(st.from_regex(r"[A-Za-z]{4,10}[0-9]{8}", fullmatch=True))
def test_serial_numbers_have_no_case(number: str) -> None:
    assert serial_number_spelled(number.lower()) == serial_number_spelled(number.upper())
    (wanted,) = goal(entitlements=[{"serial_number": number.lower()}]).entitlements
    assert wanted.serial_number == number.upper() and wanted.result_key == number.lower()
    with pytest.raises(InvalidInput, match="listed 2 times"):
        goal(entitlements=[{"serial_number": number.lower()}, {"serial_number": number.upper()}])


@given(NAMES)
def test_likeness_is_stable(name: str) -> None:
    assert likeness(likeness(name)) == likeness(name)
