# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A controller that talks to the local FortiFlex."""

from __future__ import annotations

from pathlib import Path

import pytest
from integration.playbook import Controller

from simulator.launch import Simulator


@pytest.fixture
def controller(flex: Simulator, tmp_path: Path) -> Controller:
    """A machine with Ansible on which nothing has run yet."""
    return Controller(tmp_path, flex)
