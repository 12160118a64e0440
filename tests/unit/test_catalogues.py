# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a task goes over to a newer catalogue, and who hears of a run."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.flexops.fortiflex.plugins.module_utils.catalogue.catalogue import (
    Catalogue,
    snapshot,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.catalogue.metadata import merge
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.catalogues import (
    Attempt,
    Catalogues,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.reporter import (
    Reporter,
    Reporters,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.steps import Step
from ansible_collections.flexops.fortiflex.plugins.module_utils.errors import InvalidInput

CACHED, NOW = merge([])[0], merge([])[0]
WRONG = InvalidInput("wrong")


class Newer:
    """A cached catalogue, and the one of now, which is given only to a task that would fail without."""

    def __init__(self) -> None:
        self.asked: list[bool] = []

    def __call__(self, again: bool) -> Catalogue | None:
        self.asked.append(again)
        if len(self.asked) == 1:
            return CACHED
        return NOW if again and len(self.asked) == 2 else None


@pytest.mark.parametrize(
    ("lacking", "failing", "by", "asked"),
    [
        ((), (), snapshot(), []),
        ((snapshot(),), (), CACHED, [False]),
        ((snapshot(), CACHED), (), CACHED, [False, False]),
        ((snapshot(), CACHED), (snapshot(), CACHED), NOW, [True, True]),
        ((snapshot(), CACHED, NOW), (CACHED,), NOW, [False, True, False]),
    ],
)
def test_the_first_catalogue_that_has_it_serves(
    lacking: tuple[Catalogue, ...], failing: tuple[Catalogue, ...], by: Catalogue, asked: list[bool]
) -> None:
    newer = Newer()
    catalogues = Catalogues(newer)

    def work(catalogue: Catalogue) -> Attempt[Catalogue]:
        lacks = any(catalogue is each for each in lacking)
        fails = any(catalogue is each for each in failing)
        return Attempt(lacks, error=WRONG) if fails else Attempt(lacks, catalogue)

    assert catalogues.settle(work) is by is catalogues.current
    assert newer.asked == asked


def test_what_is_wrong_with_a_known_product_asks_nobody() -> None:
    newer = Newer()
    with pytest.raises(InvalidInput, match="wrong"):
        Catalogues(newer).settle(lambda by: Attempt(False, error=WRONG))
    assert not newer.asked


def test_what_nobody_sells_is_refused_by_the_newest() -> None:
    newer = Newer()
    with pytest.raises(InvalidInput, match="fortihydra"):
        Catalogues(newer).product("fortihydra")
    assert newer.asked == [True, True, True]


class Hearing(Reporter):
    """Keeps what it hears, and refuses plans if it is told to."""

    def __init__(self, heard: list[Any], refuses: bool = False) -> None:
        self.heard, self.refuses = heard, refuses

    def plan(self, predicted: Any, agreed: Any) -> None:
        self.heard.append("plan")
        if self.refuses:
            raise WRONG

    def wrote(self, step: Step) -> None:
        self.heard.append(step)


def test_nobody_hears_of_a_plan_that_another_one_refused() -> None:
    first: list[Any] = []
    second: list[Any] = []
    reporters: Any = Reporters(Hearing(first, refuses=True), Hearing(second))
    with pytest.raises(InvalidInput):
        reporters.plan(None, None)
    reporters.wrote("step")
    reporters.waiting(1.0)
    assert (first, second) == (["plan", "step"], ["step"])
