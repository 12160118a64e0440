# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A controller that talks to the local FortiFlex, on its clock."""

from __future__ import annotations

from pathlib import Path

import pytest
from unit.ensure.harness import Controller, SimulatorClock

from ansible_collections.flexops.fortiflex.plugins.action import flex_fleet
from ansible_collections.flexops.fortiflex.plugins.module_utils.task import module
from simulator.launch import Simulator


@pytest.fixture
def controller(flex: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Controller:
    """A controller on the simulator's clock, with an empty state directory."""
    clock = SimulatorClock(flex)
    monkeypatch.setattr(module, "SystemClock", lambda: clock)
    monkeypatch.setattr(flex_fleet, "SystemClock", lambda: clock)
    return Controller(flex, tmp_path / "state", clock)
