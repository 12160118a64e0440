# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clients of the simulator."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from unit.simulator.client import Client

from simulator.launch import Simulator

os.environ["NO_PROXY"] = "127.0.0.1"


@pytest.fixture
def api(flex: Simulator) -> Client:
    """A client with all permissions."""
    return Client(flex)


@pytest.fixture
def user(flex: Simulator) -> Callable[[str], Client]:
    """A client for the user of a name."""
    return lambda name: Client(flex, name)


@pytest.fixture
def frozen(flex: Simulator) -> Simulator:
    """A simulator whose clock stands still at 10 in the morning of a Pacific June day."""
    flex.settings(frozen=True)
    flex.set_clock("2026-06-10T10:00:00")
    return flex


@pytest.fixture(scope="session")
def readme() -> str:
    """The README of the simulator."""
    return (Path(__file__).resolve().parents[2] / "simulator" / "README.md").read_text(
        encoding="utf-8"
    )
