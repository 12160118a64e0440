# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a task comes from, for the audit trail: what a module cannot know, since only its action plugin sees the play."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# What AWX and AAP tell a job of itself, as extra variables.
_JOB = (
    "awx_job_id",
    "awx_job_template_name",
    "awx_workflow_job_id",
    "awx_schedule_name",
    "awx_user_name",
)


def with_origin(task: Any, task_vars: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a task with the option ``origin``: play, task, and the job of AWX. What the task itself says of it has the last word."""
    texts = {"play": str(task_vars.get("ansible_play_name") or ""), "task": str(task.name or "")}
    told: dict[str, Any] = {
        key: text for key, text in texts.items() if "<< error" not in text
    }  # which Ansible writes where it cannot fill in a name
    told |= {name: task_vars.get(name) for name in _JOB}
    own = task.args.get("origin")
    if own is not None and not isinstance(own, Mapping):
        return dict(task.args)  # a text, that the argument spec reads, or refuses
    return {
        **task.args,
        "origin": {key: str(value) for key, value in told.items() if value} | dict(own or {}),
    }
