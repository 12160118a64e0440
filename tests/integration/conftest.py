# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One local FortiFlex per test module, as it was at its start for every test, and a controller that talks to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from integration.playbook import Controller

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


@pytest.fixture
def controller(flex: Simulator, tmp_path: Path) -> Controller:
    """A machine with Ansible on which nothing has run yet."""
    return Controller(tmp_path, flex)
