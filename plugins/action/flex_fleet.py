# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs flex_fleet on the controller itself: only there can it show progress, and a plan of a thousand sites need not be shipped anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..module_utils.client.connection import argument_spec, options_in
from ..module_utils.clock import SystemClock
from ..module_utils.task.fleet import ensure_fleet
from ..module_utils.task.options import FLEET
from ..module_utils.task.task import execute
from ..plugin_utils.misspelled import warn_of_task
from ..plugin_utils.once import once
from ..plugin_utils.origin import with_origin


class ActionModule(ActionBase):
    """The action of flexops.fortiflex.flex_fleet."""

    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_diff = True

    def run(
        self, tmp: str | None = None, task_vars: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Do the work; of a task with run_once, once for all hosts of the play."""
        known = task_vars or {}
        warn_of_task(self._task, known, self._templar)
        return once(self._task, known, partial(self._work, tmp, task_vars))

    def _work(self, tmp: str | None, task_vars: dict[str, Any] | None) -> dict[str, Any]:
        """Check the options, do the work, shape the result."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        environment: dict[str, str] = {}
        if self._task.environment:  # this process does not get it, as the one of a module would
            self._compute_environment_string(environment)
        checked = ArgumentSpecValidator({**argument_spec(), **FLEET}).validate(
            {**options_in(environment), **with_origin(self._task, task_vars or {})}
        )
        if checked.error_messages:
            return result | {
                "failed": True,
                "changed": False,
                "msg": "; ".join(dict.fromkeys(checked.error_messages)),
                "error_code": "invalid_input",
            }
        narrowed = (
            _narrowing(task_vars or {})
            if checked.validated_parameters["prune"] is not None
            else None
        )
        if narrowed:
            sentence = f"prune is refused because {narrowed}, so that the list may not be whole; run the play for all its hosts, or without prune"
            return result | {
                "failed": True,
                "changed": False,
                "msg": sentence,
                "error_code": "invalid_input",
            }
        display = Display()
        result |= execute(
            partial(ensure_fleet, say=display.display),
            checked.validated_parameters,
            self._task.check_mode,
            SystemClock(),
            display.warning,
        )
        if not self._task.diff:
            result.pop("diff", None)
        return result


def _narrowing(task_vars: Mapping[str, Any]) -> str | None:
    """Why the hosts of the play may not be all that there are; None if they are."""
    if task_vars.get("ansible_limit"):
        return f"the play is limited to {task_vars['ansible_limit']}"
    # AWX says nothing else of it: the slices of a job are a workflow job with the name of the job template.
    if "awx_job_template_name" in task_vars and task_vars["awx_job_template_name"] == task_vars.get(
        "awx_workflow_job_name"
    ):
        return "AWX has sliced the inventory for this job"
    lost = sorted(
        set(task_vars.get("ansible_play_hosts_all", ()))
        - set(task_vars.get("ansible_play_hosts", ()))
    )
    return (
        f"{len(lost)} hosts of the play have failed or cannot be reached ({', '.join(lost[:5])})"
        if lost
        else None
    )
