# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a task comes from, for the audit trail and for check mode: only action plugins and lookups can know it.

Private to the collection: may change at any time.
"""

from __future__ import annotations

import pathlib
from collections.abc import Mapping
from typing import Any

from ansible import constants
from ansible.module_utils.common.validation import check_type_dict

# What AWX and AAP tell a job of itself, as extra variables.
_JOB = (
    "awx_job_id",
    "awx_job_template_name",
    "awx_workflow_job_id",
    "awx_schedule_name",
    "awx_user_name",
)


def with_origin(task: Any, task_vars: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a task with the option ``origin``, which may have set some of it.

    It has play, task, the job of AWX and, in check mode, the run.
    """
    texts = {"play": str(task_vars.get("ansible_play_name") or ""), "task": str(task.name or "")}
    told: dict[str, Any] = {
        key: text for key, text in texts.items() if "<< error" not in text
    }  # which Ansible writes where it cannot fill in a name
    told |= {name: task_vars.get(name) for name in _JOB}
    if task.check_mode:
        told |= {"check_run": run_name(), "check_only": None if _follows(task) else "yes"}
    own = task.args.get("origin")
    try:
        own = check_type_dict(own or {})
    except (TypeError, ValueError):
        return dict(task.args)  # a text that the argument spec refuses
    return {**task.args, "origin": {key: str(value) for key, value in told.items() if value} | own}


def run_name() -> str:
    """A name that all processes of this run of Ansible know and no other run has: that of its temporary directory."""
    return pathlib.PurePath(constants.DEFAULT_LOCAL_TMP).name


def _follows(task: Any) -> bool:
    """Whether the tasks that follow a task are in check mode, too: it does not set check mode itself."""
    parent = getattr(task, "_parent", None)
    return bool(getattr(parent, "check_mode", False)) and "check_mode" not in (
        getattr(task, "_ds", None) or {}
    )
