# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lookups share: their options, one query of FortiFlex for all of them, and errors of one
sentence.

Private to the collection: may change at any time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase
from ansible.utils.display import Display

from ..module_utils.client.connection import argument_spec, option_names, without_empty_variables
from ..module_utils.client.origin import Origin
from ..module_utils.client.shared_query import SharedQuery
from ..module_utils.clock import SystemClock
from ..module_utils.core.selection import Listed, rows_of
from ..module_utils.core.spelling import serial_number_spelled, spelled
from ..module_utils.errors import FlexError, InvalidInput, Problems
from ..module_utils.given import Given, Spec
from ..module_utils.task.task import Task
from .misspelled import of_all_hosts, warn_of_misspelled
from .origin import run_name
from .sites import filled_in
from .variables import EVERYWHERE

_Found = TypeVar("_Found")
_TERMS: Spec = {"names": {"type": "list"}}
_OWN: Spec = {"max_age": {"type": "float"}}


def read_options(
    given: Given, direct: Mapping[str, Any], variables: Mapping[str, Any], own: Spec
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a plugin was given by its task or file (``direct``) and by variables, without what is
    empty, so that the next source counts.

    ``own``: the options of the plugin beside the connection options. ``given`` gets what is wrong.
    """
    spec = {**argument_spec(), **own}
    by_option = {variable.removeprefix(EVERYWHERE): value for variable, value in variables.items()}
    read = given.options(by_option, spec, lambda name: f"{EVERYWHERE}{name}")
    kept = {
        variable: read[variable.removeprefix(EVERYWHERE)]
        for variable in variables
        if variable.removeprefix(EVERYWHERE) in read
    }
    return given.options(direct, spec), kept


class FlexLookup(LookupBase):
    """A lookup that asks FortiFlex."""

    _task: Task | None = None

    def task(self, terms: Sequence[Any], variables: Any, options: Mapping[str, Any]) -> Task:
        """The task of this lookup, with its options: given here, or set by variables of the play,
        the environment or ansible.cfg.

        :raises AnsibleLookupError: if a term is empty or no text.
        """
        known = variables or {}
        if "hostvars" in known:
            warn_of_misspelled(known, self._templar, {EVERYWHERE}, of_all_hosts(known))
        names = (*option_names(), "max_age")
        by_variables = filled_in(self._templar, known, [f"{EVERYWHERE}{name}" for name in names])
        given = Given(())
        given.options({"names": list(terms)} if terms else {}, _TERMS, lambda _name: "a term")
        direct, var_options = read_options(given, options, by_variables, _OWN)
        if given.problems:
            raise AnsibleLookupError(str(InvalidInput(given.problems)))
        with without_empty_variables():
            self.set_options(direct=direct, var_options=var_options)
            taken = self.get_options()
        check_mode = bool(known.get("ansible_check_mode"))
        origin = Origin(check_run=run_name())
        self._task = Task(taken, check_mode, SystemClock(), Display().warning, origin=origin)
        return self._task

    def told(self, work: Callable[[], _Found]) -> _Found:
        """What ``work`` finds out.

        :raises AnsibleLookupError: with its sentence, if it fails.
        """
        try:
            return work()
        except FlexError as error:
            raise AnsibleLookupError(self._in_words(error)) from None

    def _in_words(self, error: FlexError) -> str:
        return self._task.in_words(str(error)) if self._task else str(error)


def entitlements(task: Task, terms: Sequence[Any]) -> list[dict[str, Any]]:
    """The entitlements that names stand on, or that have serial numbers, with their tokens, in the
    order of the terms; all of them without any.

    In check mode these are as the tasks before would leave them.

    :raises InvalidInput: if there is none for some of them.
    """
    task.connect()
    wanted = [str(term) for term in terms]

    def ask() -> tuple[float, list[Listed]]:
        seen = task.session.observe()
        return seen.time, rows_of(seen, partial(task.shapes.entitlement, token=True))

    connection = task.session.connection
    query = SharedQuery(connection, task.clock, task.options["max_age"], task.session.predictions)
    rows = query.rows(ask, lambda rows: len(_found(rows, wanted)) == len(set(wanted)))
    if not wanted:
        return [row["entitlement"] for row in rows]
    found = _found(rows, wanted)
    number = connection.account_id
    account = "" if number is None else f", account {number}"
    Problems(
        f"'{term}' is neither a name that holds an entitlement nor the serial number of one in "
        f"program {connection.program}{account}; check it, and that it is licensed"
        for term in wanted
        if term not in found
    ).refuse()
    return [found[term] for term in wanted]


def _found(rows: list[Listed], terms: Sequence[str]) -> dict[str, dict[str, Any]]:
    """What each term asks for, where there is such a thing. A name goes before a serial number."""
    numbers = {row["entitlement"]["serial_number"]: row["entitlement"] for row in rows}
    names = {row["entitlement"]["name"]: row["entitlement"] for row in rows if row["stands"]}
    found = {
        term: names.get(spelled(term)) or numbers.get(serial_number_spelled(term)) for term in terms
    }
    return {term: shape for term, shape in found.items() if shape}
