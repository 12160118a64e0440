# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lookups share: their options, one look at FortiFlex for all of them, and errors of one sentence.

Private to the collection: may change at any time.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase
from ansible.utils.display import Display

from ..module_utils.client.connection import option_names
from ..module_utils.client.shared_look import SharedLook
from ..module_utils.clock import SystemClock
from ..module_utils.core.model import PENDING, Entitlement, Observation
from ..module_utils.core.selection import Row, rows_of
from ..module_utils.errors import FlexError, InvalidInput
from ..module_utils.task.task import Task
from .misspelled import of_all_hosts, warn_of_misspelled
from .variables import EVERYWHERE

_Found = TypeVar("_Found")


def in_effect(options: dict[str, Any], said: Collection[str]) -> dict[str, Any]:
    """The options of a plugin; ``said`` are those that file or task give. An empty environment variable says nothing, as for modules.

    Ansible makes a list of one empty text of it, and AWX sets all variables of a credential, also those that nobody has filled in.
    """
    empty = (
        options["allowed_accounts"] == [""]
        and "allowed_accounts" not in said
        and os.environ.get("FORTIFLEX_ALLOWED_ACCOUNTS") == ""
    )
    return {**options, "allowed_accounts": None} if empty else options


class FlexLookup(LookupBase):
    """A lookup that asks FortiFlex."""

    def task(self, variables: Any, options: Mapping[str, Any]) -> Task:
        """The task of this lookup, with its options: given here, or set by variables of the play, the environment or ansible.cfg."""
        known = variables or {}
        if "hostvars" in known:
            warn_of_misspelled(known, self._templar, {EVERYWHERE}, of_all_hosts(known))
        asked = [f"{EVERYWHERE}{name}" for name in (*option_names(), "max_age")]
        by_variables = {
            name: self._templar.template(known[name]) for name in asked if name in known
        }
        self.set_options(var_options=by_variables, direct=options)
        said = {*options, *(name.removeprefix(EVERYWHERE) for name in by_variables)}
        return Task(
            in_effect(self.get_options(), said),
            bool(known.get("ansible_check_mode")),
            SystemClock(),
            Display().warning,
        )

    def told(self, work: Callable[[], _Found]) -> _Found:
        """What ``work`` finds out.

        :raises AnsibleLookupError: with its sentence, if it fails.
        """
        try:
            return work()
        except FlexError as error:
            raise AnsibleLookupError(str(error)) from None


def entitlements(task: Task, terms: Sequence[Any]) -> list[dict[str, Any]]:
    """The entitlements that names stand on, or that have serial numbers, with their tokens, in the order of the terms; all of them without any.

    In check mode, what is not there counts as a name that an earlier task would have licensed, without serial number and token.

    :raises InvalidInput: if there is none for some of them.
    """
    task.connect()
    wanted = [str(term) for term in terms]

    def ask() -> tuple[float, list[Row]]:
        seen = task.observe()
        return seen.time, rows_of(seen, partial(task.shapes.entitlement, token=True))

    look = SharedLook(task.connection, task.clock, task.options["max_age"])
    rows = look.rows(ask, lambda rows: _by_term(rows).keys() >= set(wanted))
    if not wanted:
        return [row["entitlement"] for row in rows]
    found = _by_term(rows)
    if task.check_mode:  # a task before may have been to license it
        found = {term: _predicted(task, term) for term in wanted} | found
    account = (
        f", account {task.connection.account_id}" if task.connection.account_id is not None else ""
    )
    problems = [
        f"'{term}' is neither a name that holds an entitlement nor the serial number of one in program {task.connection.program}{account}; "
        "check it, and that it is licensed"
        for term in wanted
        if term not in found
    ]
    if problems:
        raise InvalidInput(problems)
    return [found[term] for term in wanted]


def _predicted(task: Task, name: str) -> dict[str, Any]:
    """An entitlement of which only the name is known."""
    made = Entitlement(
        f"new {name}",
        name,
        0,
        task.connection.account_id,
        PENDING,
        None,
        None,
        None,
        "NOTUSED",
        predicted=True,
    )
    return task.shapes.entitlement(made, Observation(0.0, 0.0, (), ()), token=True) or {}


def _by_term(rows: list[Row]) -> dict[str, dict[str, Any]]:
    """Entitlements by what they can be asked for; a name goes before a serial number."""
    shapes = [row["entitlement"] for row in rows]
    return {shape["serial_number"]: shape for shape in shapes} | {
        row["entitlement"]["name"]: row["entitlement"] for row in rows if row["stands"]
    }
