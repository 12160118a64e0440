# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs flex_entitlement, and by meta/runtime.yml nearly every other module: what only the controller knows of a task."""

from __future__ import annotations

from functools import partial
from typing import Any

from ansible.plugins.action.normal import ActionModule as NormalAction

from ..module_utils.errors import InvalidInput
from ..module_utils.given import Given
from ..module_utils.task.run_report import failure
from ..plugin_utils.misspelled import warn_of_task
from ..plugin_utils.once import once
from ..plugin_utils.origin import with_origin


class ActionModule(NormalAction):
    """The action that Ansible has for every module, with the origin of the task among the arguments."""

    def run(
        self, tmp: str | None = None, task_vars: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Run the module. A task with run_once that may change something runs once for all hosts of the play."""
        known = task_vars or {}
        warn_of_task(self._task, known, self._templar)
        work = partial(self._work, tmp, task_vars)
        return work() if self._task.action.endswith("_info") else once(self._task, known, work)

    def _work(self, tmp: str | None, task_vars: dict[str, Any] | None) -> dict[str, Any]:
        """Run the module, unless a name arrived as something else than a text."""
        given = Given()
        given.texts(self._task.args)
        if given.problems:
            return {"changed": False, **failure(InvalidInput(given.problems))}
        self._task.args = with_origin(self._task, task_vars or {})
        result: dict[str, Any] = super().run(tmp, task_vars)
        return result
