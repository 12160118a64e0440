# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gives a task what ``module_defaults`` have for an argument that the task leaves out by ``omit``.

Ansible itself drops such an argument together with its default. A role that passes
``fortiflex_program | default(omit)`` would lose the user's program.

Private to the collection: may change at any time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def with_module_defaults(
    task: Any, task_vars: Mapping[str, Any], templar: Any, module: str
) -> dict[str, Any]:
    """The arguments of the task, and those of the ``module_defaults`` of this module or of the
    group that it does not have.
    """
    by_key: dict[str, Any] = {}
    for part in task.module_defaults or ():
        by_key.update(part)
    defaults: dict[str, Any] = {}
    for key in ("group/flexops.fortiflex.flex", f"flexops.fortiflex.{module}"):
        if by_key.get(key):
            defaults.update(templar.template(by_key[key]))
    omitted = task_vars.get("omit")
    return {**{name: value for name, value in defaults.items() if value != omitted}, **task.args}
