# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A few cases of each program of tests/faults, so that no change has to wait for `make faults` to be found wrong."""

from __future__ import annotations

import gc
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from faults import hostile, kill, pacing, races, sweep

from simulator.launch import Simulator, start


@pytest.fixture
def flex() -> Iterator[Simulator]:
    with start() as server:
        yield server


@pytest.mark.parametrize(
    "kind",
    [
        kind if place % 3 == 0 else pytest.param(kind, marks=pytest.mark.thorough)
        for place, kind in enumerate(sweep.KINDS)
    ],
)
def test_after_a_fault_a_rerun_reaches_exactly_what_is_wanted(
    flex: Simulator, tmp_path: Path, kind: str
) -> None:
    first = 1 + 7 * list(sweep.KINDS).index(kind) % 20  # each kind at two other requests
    for position in (first, first + 20):
        case = sweep.attempt(flex, tmp_path / str(position), kind, position)
        assert case.hit
        assert not case.wrong


def test_what_was_killed_is_completed_by_the_next_run() -> None:
    cases = kill.kill(seed=1, runs=8)
    assert any(case.requests for case in cases)
    assert [
        case.wrong for case in cases if case.wrong
    ] == []  # among them those that were over before they could be killed


@pytest.mark.parametrize(("controllers", "sites", "spares"), [(3, 6, 0), (4, 4, 2)])
def test_controllers_that_race_agree_on_one_holder_per_name(
    flex: Simulator, tmp_path: Path, controllers: int, sites: int, spares: int
) -> None:
    places = [tmp_path / str(number) for number in range(controllers)]
    assert not races.race(flex, places, random.Random(1), "race", controllers, sites, spares).wrong


@pytest.fixture
def without_garbage_collection() -> Iterator[None]:
    """Else closed connections may be finalized while an answer is read that is nested to the limit of Python, where nothing more can be called."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("without_garbage_collection")
def test_hostile_answers_lead_to_no_exception_and_no_unplanned_write() -> None:
    runs = hostile.series(seed=1, mutations=100)
    assert [text for run in runs for text in run.wrong] == []
    assert sum(run.end == "done" for run in runs) > 1


@pytest.mark.long
@pytest.mark.parametrize("machines", [1, 2])
def test_processes_stay_within_the_limit_and_get_everything_done(
    flex: Simulator, tmp_path: Path, machines: int
) -> None:
    outcome = pacing.pace(
        flex,
        [tmp_path / str(number) for number in range(machines)],
        processes=8,
        operations=12,
        limit=20,
        minute=1,
    )
    assert not outcome.wrong
