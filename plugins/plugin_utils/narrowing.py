# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a play may leave out of its inventory: whether it is limited, whether its list may not be
whole, and what only a command line allows then.

Private to the collection: may change at any time.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ansible import constants, context
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.utils.vars import load_extra_vars

from ..module_utils.wording import count_of

ALLOWED = "fortiflex_allow_outside_limit"
_OPTION = "allow_outside_limit"
_USUAL_SOURCE = "/etc/ansible/hosts"  # which need not be there


def limitation(task_vars: Mapping[str, Any]) -> str | None:
    """What limits the hosts of the play from outside; None if nothing does."""
    if task_vars.get("ansible_limit"):
        return f"the play is limited to {task_vars['ansible_limit']}"
    # AWX says nothing else of it: the slices of a job are a workflow job with the name of the job template.
    template = task_vars.get("awx_job_template_name", object())
    if template == task_vars.get("awx_workflow_job_name"):
        return "AWX has sliced the inventory for this job"
    return None


def with_outside_limit(
    arguments: Mapping[str, Any], task_vars: Mapping[str, Any], templar: Any, loader: Any
) -> dict[str, Any]:
    """The arguments of a task with ``allow_outside_limit`` as it is in effect: in a limited play
    only the command line has a say.
    """
    allows = ALLOWED in load_extra_vars(loader) and boolean(
        templar.template(task_vars[ALLOWED]), strict=False
    )
    if allows or limitation(task_vars):
        return {**arguments, _OPTION: allows}
    return dict(arguments)


def against_prune(task_vars: Mapping[str, Any]) -> list[str]:
    """Why the list of a task may not be whole, whatever is in it, so that it must not prune; an
    empty list if nothing is known against it.
    """
    narrowed = limitation(task_vars) or _lost(task_vars)
    if narrowed:
        return [
            f"prune is refused because {narrowed}, so that the list may not be whole; "
            "run the play for all its hosts, or without prune"
        ]
    return _unread(task_vars)


def _lost(task_vars: Mapping[str, Any]) -> str | None:
    """Which hosts of the play are lost; None if all go on."""
    alive = set(task_vars.get("ansible_play_hosts", ()))
    lost = sorted(set(task_vars.get("ansible_play_hosts_all", ())) - alive)
    if not lost:
        return None
    few = ", ".join(lost[:5])
    return f"{count_of(len(lost), 'host')} of the play failed or cannot be reached ({few})"


def _unread(task_vars: Mapping[str, Any]) -> list[str]:
    """Ansible goes on without a source of the inventory that it cannot read, unless it is told not
    to.
    """
    if constants.config.get_config_value("INVENTORY_ANY_UNPARSED_IS_FAILED"):
        return []
    given = context.CLIARGS.get("inventory") or constants.DEFAULT_HOST_LIST
    sources = [str(source) for source in given]
    if len(sources) > 1 or any(map(os.path.isdir, sources)):
        return [
            "prune is refused because Ansible goes on without a source of the inventory that it "
            f"cannot read, and this one has several ({', '.join(sources)}); "
            "set any_unparsed_is_failed=true in the section [inventory] of ansible.cfg"
        ]
    return [
        f"prune is refused because the inventory {source} could not be read; "
        "correct it, or run without prune"
        for source in sources
        if _is_there(source) and _processed(task_vars) == []
    ]


def _is_there(source: str) -> bool:
    return source != _USUAL_SOURCE or os.path.exists(source)


def _processed(task_vars: Mapping[str, Any]) -> list[str] | None:
    """The sources of the inventory that Ansible has read; None if that is not known."""
    manager = getattr(task_vars.get("hostvars"), "_inventory", None)
    read: list[str] | None = getattr(
        getattr(manager, "_inventory", None), "processed_sources", None
    )
    return read
