# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs flex_configuration, and tells it whether it may touch entitlements: a module does not know whether its play is limited."""

from __future__ import annotations

from typing import Any

from ..plugin_utils.narrowing import with_outside_limit
from .flex_entitlement import ActionModule as WritingAction


class ActionModule(WritingAction):
    """The action of flexops.fortiflex.flex_configuration."""

    def run(
        self, tmp: str | None = None, task_vars: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Run the module."""
        self._task.args = with_outside_limit(
            self._task.args, task_vars or {}, self._templar, self._loader
        )
        return super().run(tmp, task_vars)
