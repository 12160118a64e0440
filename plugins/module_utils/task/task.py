# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One Ansible task from its options to its result. Every entry point goes through here.

Private to the collection: may change at any time. Joins the other files; knows of Ansible only that
results are dictionaries.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cache, cached_property
from typing import Any, TypeAlias

from ..catalogue.catalogue import Catalogue
from ..client.audit_log import AuditLog
from ..client.connection import Connection
from ..client.origin import UNKNOWN, Origin
from ..client.service import FlexService
from ..clock import Clock, WatchedClock
from ..core.accounts import Accounts
from ..core.catalogues import Catalogues
from ..core.dates import pacific_day
from ..core.goal import Goal
from ..core.reporter import Reporter, Reporters
from ..core.run import Run, goal_by, read_wish
from ..core.run_report import RunReport
from ..core.selection import Listed, rows_of
from ..core.shapes import Shapes
from ..errors import FlexError, InvalidInput, Problems
from ..escapes import visible
from ._hints import Hints
from ._session import Session
from .plan_text import SILENT, Screen
from .progress import ACCOUNTS_READ, Progress
from .results import Result, failure

Inventory: TypeAlias = "Callable[[str, int | None, Accounts], Mapping[str, str]]"
"""The hosts that use entitlements of a program and account, by their names and serial numbers."""

_NOBODY = Reporter()


class Task:
    """One Ansible task: its options, what it shows a person, and the session that it opens when it
    needs one.
    """

    def __init__(
        self,
        options: Mapping[str, Any],
        check_mode: bool,
        clock: Clock,
        warn: Callable[[str], None],
        problems: Sequence[str] = (),
        screen: Screen = SILENT,
        inventory: Inventory | None = None,
        origin: Origin = UNKNOWN,
    ) -> None:
        """``problems``: what is known to be wrong with the options. :meth:`ensure` adds what it
        finds, so that a person reads all of it at once.

        ``screen`` is where a person reads. ``inventory`` is asked only if something would be
        pruned; without it nothing is.
        ``origin`` is where it comes from.
        """
        self.options = options
        self.check_mode = check_mode
        self.screen = screen
        self.clock = WatchedClock(clock)
        self.progress = Progress(self.clock, screen)
        if screen is not SILENT:
            self.clock.watch = self.progress.tick
        self.warn: Callable[[str], None] = lambda text: warn(visible(self.in_words(text)))
        self.audit = AuditLog(options, self.clock, self.warn, origin)
        self._problems = problems
        self._inventory = inventory
        self._origin = origin
        self._hints = Hints(options, self.clock)
        self._session: Session | None = None

    def in_words(self, text: str) -> str:
        """A text with the aliases of accounts."""
        return Accounts.from_options(self.options, Problems()).spelled_out(text)

    @cached_property
    def today(self) -> date:
        """The Pacific day on which the task began. All that it counts from today is counted from
        there.
        """
        return pacific_day(self.clock.now())

    # -- the session

    @property
    def session(self) -> Session:
        """The task as it is connected.

        :raises InvalidInput: if the connection options are wrong.
        :raises AccountNotAllowed: if its account is none of the allowed ones.
        """
        return self._session or self._opened()

    def connect(self, needs_program: bool = True) -> FlexService:
        """The service, of which nothing is asked yet but its catalogue, if the task wants that
        always.
        """
        return (self._session or self._opened(needs_program)).service

    def _opened(self, needs_program: bool = True, hints: bool = True) -> Session:
        """``hints``: whether an error about program or account may ask for those that the user
        sees.
        """
        connection = self.connection_of(needs_program, hints)
        if self.audit.problem:
            raise InvalidInput([self.audit.problem])
        if connection.account_id is not None:
            connection.accounts.check(connection.account_id)
        self._session = Session(
            connection,
            self.options,
            self.clock,
            self.warn,
            self.audit,
            self._hints,
            self._origin if self.check_mode else None,
            heard=None if self.screen is SILENT else self.progress.tick,
        )
        self.progress.client = self._session.client
        self._session.prepare()
        return self._session

    def connection_of(self, needs_program: bool, hints: bool) -> Connection:
        """The connection options, complete and checked.

        :raises InvalidInput: with what is wrong; if that is the program or the account alone, with
            those that the user sees.
        """
        try:
            return Connection.from_options(self.options, needs_program)
        except InvalidInput as error:
            raise (self._hinted(error) if hints else error) from None

    def _hinted(self, error: InvalidInput) -> InvalidInput:
        return error if self.audit.problem else self._hints.missing(error)

    def explained(self, error: FlexError) -> FlexError:
        """The same error, with the accounts that the user sees if it is denied the one that the
        task reads.
        """
        if self._session is None:
            return error
        return self._hints.denied(error, self._session.connection, self._session.service)

    @property
    def requests(self) -> dict[str, float]:
        """Requests made so far, and seconds waited for the request limit."""
        made, waited = self._hints.made, 0.0
        if self._session is not None:
            made += self._session.client.made
            waited = round(self._session.client.waited_seconds, 1)
        return {"made": made, "waited_seconds": waited}

    # -- what it is about

    @property
    def catalogues(self) -> Catalogues:
        """The catalogue that the task goes by, and if it is connected, the newer ones."""
        return self._session.catalogues if self._session else Catalogues()

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue that the task goes by at present."""
        return self.catalogues.current

    @property
    def shapes(self) -> Shapes:
        """The shapes that playbooks get, by the present catalogue."""
        return Shapes(self.catalogue)

    def goal(self, asked: Mapping[str, Any]) -> Goal:
        """What is asked for, with a catalogue that has it, as far as one can be had.

        :raises InvalidInput: with every problem of every item.
        """
        return self.catalogues.settle(lambda by: goal_by(by, asked, self.today))

    def rows(self) -> list[Listed]:
        """All entitlements of the accounts that the option ``accounts`` names, in the shape that
        playbooks get, without tokens.
        """
        session = self.session
        rows: list[Listed] = []
        for place in self.progress.over(session.each_account(), ACCOUNTS_READ):
            rows += rows_of(session.observe(True, *place), session.shapes.entitlement)
        return rows

    def hosts(self) -> Mapping[str, str]:
        """The hosts of the inventory by what they use of the account; none for a task without an
        inventory.
        """
        if self._inventory is None:
            return {}
        service = self.session.service
        return self._inventory(service.serial_number, service.account_id, self.session.accounts)

    def ensure(self, asked: Mapping[str, Any], reporter: Reporter = _NOBODY) -> RunReport:
        """Bring the account to what is asked for, or in check mode say what that would do.

        ``asked`` has the options of flex_fleet, of which any may be missing. ``reporter`` hears of
        the plan before anything is written, and may refuse it.

        :raises InvalidInput: with everything that is known to be wrong, before anything is written.
        """
        problems = Problems(self._problems)
        hosts = None if self._inventory is None else cache(self.hosts)
        try:
            session = self._session or self._opened(hints=False)
        except InvalidInput as error:
            problems.add(*error.problems)
            read_wish(asked, self.today, self.catalogues, hosts is not None, problems)
            raise self._hinted(InvalidInput(problems.found)) from None
        run = Run(
            session.service,
            session.catalogues,
            self.clock,
            Reporters(reporter, self.progress),
            self.warn,
            secrets.token_hex(4),
            self.today,
            hosts,
            session.predictions,
            self.check_mode,
        )
        with session.predicting():
            return run.ensure(asked, problems)


def execute(
    work: Callable[[Task], Result],
    options: Mapping[str, Any],
    check_mode: bool,
    clock: Clock,
    warn: Callable[[str], None],
    problems: Sequence[str] = (),
    **more: Any,
) -> Result:
    """Run ``work`` for a task and return its result; ``failed`` and ``msg`` are in it if it failed,
    in one sentence.

    ``problems`` and ``more`` are those of :class:`Task`.
    """
    task = Task(options, check_mode, clock, warn, problems, **more)
    try:
        result = work(task)
    except FlexError as error:
        result = {"changed": False, **failure(task.explained(error))}
    if "msg" in result:
        result["msg"] = visible(task.in_words(result["msg"]))
    for failed in result.get("failures", ()):
        failed["message"] = task.in_words(failed["message"])
    return {**result, "requests": task.requests}
