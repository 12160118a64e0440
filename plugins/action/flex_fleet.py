# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs flex_fleet on the controller itself: only there can it show progress, and a plan of a thousand sites need not be shipped anywhere."""

from __future__ import annotations

from functools import partial
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible.utils.vars import load_extra_vars

from ..module_utils.client.connection import argument_spec, options_in
from ..module_utils.clock import SystemClock
from ..module_utils.errors import InvalidInput
from ..module_utils.escapes import visible
from ..module_utils.given import Given
from ..module_utils.task.fleet import ensure_fleet
from ..module_utils.task.options import FLEET
from ..module_utils.task.run_report import failure
from ..module_utils.task.task import execute
from ..plugin_utils.inventory_names import hosts_by_license
from ..plugin_utils.misspelled import warn_of_task
from ..plugin_utils.module_defaults import with_module_defaults
from ..plugin_utils.narrowing import against_prune, with_outside_limit
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
        self._task.args = with_module_defaults(self._task, known, self._templar, "flex_fleet")
        warn_of_task(self._task, known, self._templar)
        return once(self._task, known, partial(self._work, tmp, task_vars))

    def _work(self, tmp: str | None, task_vars: dict[str, Any] | None) -> dict[str, Any]:
        """Check the options, do the work, shape the result."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        known = task_vars or {}
        environment: dict[str, str] = {}
        if self._task.environment:  # this process does not get it, as the one of a module would
            self._compute_environment_string(environment)
        given, spec = Given(), {**argument_spec(), **FLEET}
        asked = with_outside_limit(
            with_origin(self._task, known), known, self._templar, self._loader
        )
        options = given.options(asked, spec)
        checked = ArgumentSpecValidator(spec).validate({**options_in(environment), **options})
        problems = [*given.problems, *dict.fromkeys(checked.error_messages)]
        if checked.error_messages:
            return result | {"changed": False, **failure(InvalidInput(problems))}
        if checked.validated_parameters["prune"] is not None:
            problems += against_prune(known)
        display = Display()
        for warning in given.warnings():
            display.warning(visible(warning))
        result |= execute(
            partial(
                ensure_fleet,
                say=display.display,
                inventory=partial(
                    hosts_by_license, self._templar, known, load_extra_vars(self._loader)
                ),
            ),
            checked.validated_parameters,
            self._task.check_mode,
            SystemClock(),
            display.warning,
            problems,
        )
        if not self._task.diff:
            result.pop("diff", None)
        return result
