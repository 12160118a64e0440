# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A controller that talks to the local FortiFlex, on its clock, at each moment of tests/moments where a test asks for that."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from contract.harness import Controller, SimulatorClock
from moments import Moment, moments

from ansible_collections.flexops.fortiflex.plugins.action import flex_entitlement
from ansible_collections.flexops.fortiflex.plugins.module_utils.task import module
from simulator.launch import Simulator


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that has the mark ``every_moment`` runs once for each of the moments."""
    if metafunc.definition.get_closest_marker("every_moment"):
        found = moments(time.time())
        metafunc.parametrize("moment", list(found.values()), ids=list(found))


@pytest.fixture
def moment() -> Moment | None:
    """When a test begins, if not now."""
    return None


@pytest.fixture
def controller(
    flex: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: Moment | None
) -> Controller:
    """A controller on the simulator's clock, with an empty state directory."""
    clock = SimulatorClock(flex)
    monkeypatch.setattr(module, "SystemClock", lambda: clock)
    monkeypatch.setattr(flex_entitlement, "SystemClock", lambda: clock)
    made = Controller(flex, tmp_path / "state", clock)
    if moment:
        made.wait_for(moment.at.timestamp())
    return made
