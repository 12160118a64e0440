# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One local FortiFlex for all tests of a file, as new for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from simulator.launch import Simulator, start


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
