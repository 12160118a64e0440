# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a task comes from, for the audit trail and for check mode: what only plugins of the
controller see.

Private to the collection: may change at any time.
"""

from __future__ import annotations

import pathlib
from collections.abc import Mapping
from typing import Any

from ansible import constants

from ..module_utils.client.origin import Origin

# What AWX and AAP say to a job of itself, as extra variables.
_JOB = (
    "awx_job_id",
    "awx_job_template_name",
    "awx_workflow_job_id",
    "awx_schedule_name",
    "awx_user_name",
)
_FAILED = "<< error"  # which Ansible writes where it cannot fill in a name


def origin_of(task: Any, task_vars: Mapping[str, Any]) -> Origin:
    """Play, task and job of AWX; in check mode the run, too."""
    names = {"play": task_vars.get("ansible_play_name"), "task": task.name}
    told = {key: name for key, name in names.items() if _FAILED not in str(name)}
    told |= {name: task_vars.get(name) for name in _JOB}
    known = {key: str(value) for key, value in told.items() if value}
    return Origin(known, run_name(), _follows(task)) if task.check_mode else Origin(known)


def run_name() -> str:
    """A name that all processes of this run of Ansible know and no other run has: that of its
    temporary directory.
    """
    return pathlib.PurePath(constants.DEFAULT_LOCAL_TMP).name


def _follows(task: Any) -> bool:
    """Whether the tasks that follow a task are in check mode, too: it does not set check mode
    itself.
    """
    parent = getattr(task, "_parent", None)
    return bool(getattr(parent, "check_mode", False)) and "check_mode" not in (
        getattr(task, "_ds", None) or {}
    )
