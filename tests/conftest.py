# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One local FortiFlex for all tests of a file, as new for each test."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from simulator.launch import Simulator, start


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
    """First what takes long: others use the processors while it waits, and nobody waits for it in the end."""
    items.sort(key=lambda item: "long" not in item.keywords)


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
