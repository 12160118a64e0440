# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Does the work of every module on the controller, by meta/runtime.yml: no host is connected to,
and a person sees how far a task has come.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from ansible import constants as C
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.parameters import remove_values
from ansible.plugins.action.normal import ActionModule as NormalAction
from ansible.utils.display import Display
from ansible.utils.vars import load_extra_vars

from ..module_utils.clock import SystemClock
from ..module_utils.errors import InvalidInput, Problems
from ..module_utils.escapes import visible
from ..module_utils.given import Given
from ..module_utils.task.module import Work
from ..module_utils.task.results import failure
from ..module_utils.task.task import execute
from ..plugin_utils.environment import environment
from ..plugin_utils.fleets import OPTIONS, run_fleets
from ..plugin_utils.inventory_names import hosts_by_license
from ..plugin_utils.misspelled import warn_of_task
from ..plugin_utils.module_defaults import with_module_defaults
from ..plugin_utils.narrowing import against_prune, limitation, with_outside_limit
from ..plugin_utils.once import once
from ..plugin_utils.origin import origin_of
from ..plugin_utils.screen import screen

_Result = dict[str, Any]
_MODULES = "ansible_collections.flexops.fortiflex.plugins.modules"


class ActionModule(NormalAction):
    """The action of all modules of the collection."""

    _requires_connection = False  # so that Ansible starts none for network devices

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> _Result:
        """Do the work.

        A task with run_once that may change something does it once for all hosts of the play.
        """
        known = task_vars or {}
        # Not resolved_action, which before ansible-core 2.17 is the name of this plugin.
        module = self._task.action.rpartition(".")[2]
        self._task.args = with_module_defaults(self._task, known, self._templar, module)
        warn_of_task(self._task, known, self._templar)
        work = partial(self._work, module, known)
        return work() if module.endswith("_info") else once(self._task, known, work)

    def _work(self, module: str, known: dict[str, Any]) -> _Result:
        """Do the work here, or have the module do it in a process of its own."""
        work: Work = importlib.import_module(f"{_MODULES}.{module}").WORK
        if self._is_elsewhere(known) or (self._task.async_val and self._is_local()):
            self._task.args = self._in_limits(work, known, self._task.args)
            return self._in_process(known)
        if self._task.async_val:
            return _failed(
                "async is not possible, since the task runs in Ansible's own process; "
                "leave out async, or add delegate_to: localhost"
            )
        with environment(self):
            if "fleets" in work.options:
                return self._fleets(work, known)
            return self._here(work, known, self._task.args)

    def _is_local(self) -> bool:
        """Whether a module process of the task would run on the controller."""
        return bool(self._connection.transport == "local")

    def _is_elsewhere(self, known: Mapping[str, Any]) -> bool:
        """Whether the task is delegated to a machine that can run modules."""
        host = self._task.delegate_to
        if not host or host in (*C.LOCALHOST, known.get("inventory_hostname")):
            return False
        # By _remote_is_local the connections of network devices say that modules for them run on the controller.
        return not (self._is_local() or getattr(self._connection, "_remote_is_local", False))

    def _in_process(self, known: dict[str, Any]) -> _Result:
        """Run the module as Ansible does, unless a name arrived as something else than a text."""
        given = Given()
        given.texts(self._task.args)
        if given.problems:
            return _failed(*given.problems)
        # What a person sets in environment comes before, so that nobody sets this by mistake.
        said = self._task.environment or []
        said = said if isinstance(said, list) else [said]
        self._task.environment = [*said, origin_of(self._task, known).as_environment()]
        result: _Result = super().run(None, known)
        return result

    def _in_limits(
        self, work: Work, known: dict[str, Any], arguments: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """The arguments, of which only a command line may let a limited play change what is
        outside.
        """
        if "allow_outside_limit" not in work.options:
            return arguments
        return with_outside_limit(arguments, known, self._templar, self._loader)

    def _fleets(self, work: Work, known: dict[str, Any]) -> _Result:
        """Do the work of all fleets of a task."""
        common = {name: value for name, value in self._task.args.items() if name not in OPTIONS}
        asked = {name: value for name, value in self._task.args.items() if name in OPTIONS}
        given, spec = Given(()), {name: work.options[name] for name in OPTIONS}
        taken = ArgumentSpecValidator(spec).validate(_plain(given.options(asked, spec)))
        try:
            Problems([*given.problems, *taken.error_messages]).refuse()
            run = partial(self._here, work, known)
            done = not self._task.check_mode
            return run_fleets(taken.validated_parameters, common, run, screen(), done)
        except InvalidInput as error:
            return _failed(*error.problems)

    def _here(self, work: Work, known: dict[str, Any], arguments: Mapping[str, Any]) -> _Result:
        """Check the options, do the work, shape the result."""
        given = work.given()
        try:
            taken = _taken(work, given, self._in_limits(work, known, arguments))
        except InvalidInput as error:
            return _failed(*error.problems)
        problems = [*given.problems]
        if taken.get("prune") is not None:
            problems += against_prune(known)
        if limitation(known):
            taken["report_unlisted"] = False
        warnings = [visible(warning) for warning in given.warnings()]
        result = execute(
            work.do,
            taken,
            self._task.check_mode,
            SystemClock(),
            warnings.append,
            problems,
            screen=screen(),
            origin=origin_of(self._task, known),
            inventory=partial(
                hosts_by_license, self._templar, known, load_extra_vars(self._loader)
            ),
        )
        return self._shown(work, taken, {**result, **({"warnings": warnings} if warnings else {})})

    def _shown(self, work: Work, taken: Mapping[str, Any], result: _Result) -> _Result:
        """A result as the task has it: with what Ansible shows beside it, and without secrets."""
        if not self._task.diff:
            result.pop("diff", None)
        if Display().verbosity > 2:  # as Ansible shows what a module was given
            result["invocation"] = {"module_args": taken}
        hidden = {name for name, option in work.spec.items() if option.get("no_log")}
        secrets = {str(taken[name]) for name in hidden if taken[name]}
        masked: _Result = remove_values(_plain(result), secrets)
        return masked


def _taken(work: Work, given: Given, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a task, converted and checked.

    What is wrong with them and can be reported later stays in ``given``.

    :raises InvalidInput: with what is wrong, if the work cannot begin with it.
    """
    options = given.options(arguments, work.spec)
    given.unknown(options, work.spec)
    asked = {name: value for name, value in options.items() if name in work.spec}
    checked = ArgumentSpecValidator(work.spec, **work.constraints).validate(_plain(asked))
    if checked.error_messages or (given.problems and not work.reports_problems):
        raise InvalidInput([*given.problems, *dict.fromkeys(checked.error_messages)])
    taken: dict[str, Any] = checked.validated_parameters
    return taken


def _failed(*problems: str) -> _Result:
    return {"changed": False, **failure(InvalidInput(problems))}


def _plain(value: Any) -> Any:
    """As a process of a module would get it or hand it back: without tags of trust, sources of
    variables and other types of Ansible's.
    """
    return json.loads(json.dumps(value, default=str))
