# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One local FortiFlex for all tests of a file, as new for each test."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

import pytest
from moments import end_of_day
from moments.dates import is_about_dates

from simulator.launch import Simulator, start

_LAST_MINUTES = 2 * 60  # seconds, in which nearly every test ends


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--times``: how often what depends on chance is tried; `make faults` tries it 20 times."""
    parser.addoption("--times", type=int, default=2, help="how often to try what depends on chance")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that takes ``chance`` runs ``--times`` times, each time with another seed."""
    if "chance" in metafunc.fixturenames:
        seeds = range(metafunc.config.getoption("times"))
        metafunc.parametrize(
            "chance", [random.Random(seed) for seed in seeds], ids=[f"seed{seed}" for seed in seeds]
        )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """First what takes long: others use the processors while it waits, and nobody waits for it in the end. Mark what is about dates."""
    items.sort(key=lambda item: "long" not in item.keywords)
    for item in items:
        if isinstance(item, pytest.Function) and "integration" in item.path.parts:
            parameters = item.callspec.params if hasattr(item, "callspec") else {}
            if is_about_dates(item.path, item.function.__name__, parameters):
                item.add_marker("dates")


def pytest_runtest_setup() -> None:
    """Begin no test in the last minutes of a Pacific day: the dates that it counts from today would change while it runs."""
    left = end_of_day(time.time()) - time.time()
    if left < _LAST_MINUTES:
        time.sleep(left)


@pytest.fixture(scope="module")
def _server() -> Iterator[Simulator]:
    with start() as flex:
        yield flex


@pytest.fixture
def flex(_server: Simulator) -> Simulator:
    """A FortiFlex as it is after its start."""
    _server.reset()
    _server.faults([])
    _server.reset_requests()
    return _server
