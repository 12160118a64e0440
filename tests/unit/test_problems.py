# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How problems are collected: all of them reach the person, once, with the item that they are about."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.flexops.fortiflex.plugins.module_utils.errors import (
    InvalidInput,
    Problems,
    Unavailable,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.task.results import (
    RERUN,
    failure_of,
)


def test_all_that_is_wrong_is_raised_at_the_end() -> None:
    """Also what a check raises within the block."""
    with pytest.raises(InvalidInput) as raised, Problems(["a is wrong"]) as problems:
        problems.add("b is wrong", "c is wrong")
        raise InvalidInput(["d is wrong"])
    assert raised.value.problems == ["a is wrong", "b is wrong", "c is wrong", "d is wrong"]


@pytest.mark.parametrize("sentence", ["No answer; run again later", "No answer: run again."])
def test_what_was_done_before_is_a_sentence_of_its_own(sentence: str) -> None:
    """Whether or not the error ends with a period."""
    report: Any = SimpleNamespace(
        error=Unavailable(sentence), changed=True, real=True, goal=[1, 2], failures={}
    )
    failed = failure_of(report)
    assert failed["msg"] == f"{sentence.rstrip('.')}.{RERUN}"
    assert (failed["failed"], failed["error_code"]) == (True, "unavailable")
    report.changed = False
    assert failure_of(report)["msg"] == sentence


def test_nothing_is_raised_where_nothing_is_wrong() -> None:
    """The block just ends."""
    with Problems() as problems:
        assert not problems


def test_another_error_goes_its_own_way() -> None:
    """It is no problem of what was given."""
    with pytest.raises(KeyError), Problems(["a is wrong"]):
        raise KeyError


def test_what_follows_a_caught_problem_is_still_checked() -> None:
    """A block that fails costs only what rests on it."""
    problems = Problems()
    with problems.catch():
        raise InvalidInput(["a is wrong"])
    problems.add("b is wrong")
    assert problems.found == ["a is wrong", "b is wrong"]


def test_the_same_problem_of_several_items_is_said_once() -> None:
    """With the names of the others."""
    with pytest.raises(InvalidInput) as raised, Problems() as problems:
        for name in ("x", "y"):
            problems.about(f"entitlement '{name}'", name).add("the tag site has no value")
    assert str(raised.value) == (
        "entitlement 'x': the tag site has no value (the same for 1 more: 'y')."
    )


def test_a_part_of_an_item_names_the_item() -> None:
    """Where it is, from the outside to the inside."""
    problems = Problems()
    problems.about("entitlement 'x'", "x").about("tags").add("one has no value")
    assert problems.found == ["entitlement 'x': tags: one has no value"]
    assert [getattr(problem, "who", None) for problem in problems.found] == ["x"]
