# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where figures come from: FortiFlex is asked, or the ledger has them.

Private to the collection: may change at any time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property

from ..client.service import FlexService
from ..core.cost import counted
from ..core.model import Observation
from ..errors import InvalidInput, Refused
from ..task.progress import ACCOUNTS_READ
from ..task.task import Task
from ..wording import count_of
from ._ledger import Ledger, Recorded
from ._periods import HISTORY_DAYS, ONE_DAY, Period, end_of, is_complete
from ._points import State, Use

DAYS_READ = "days of usage read"
# How long a program that has reported no balance is not asked for one.
_NO_BALANCE_SECONDS = 86400.0


class AccountUsage:
    """One account of the program: what it has, and what that used."""

    def __init__(self, task: Task, service: FlexService, before: Observation | None) -> None:
        """``before``: its configurations, where they are known."""
        self.service = service
        self.id = service.account_id or service.program().account_id
        service.account_id = self.id
        self._task = task
        self._before = before
        self._sums: dict[Period, Mapping[str, Decimal]] = {}

    @cached_property
    def seen(self) -> Observation:
        """What it has; asked for once."""
        return self._task.session.observe(service=self.service, before=self._before)

    @cached_property
    def states(self) -> dict[str, State]:
        """What it has, by serial number, as the ledger keeps it."""
        shapes = self._task.shapes
        shown = [shapes.entitlement(held, self.seen) or {} for held in self.seen.entitlements]
        return {
            held.serial_number: State(
                held.serial_number, *(shape[name] for name in State._fields[1:])
            )
            for held, shape in zip(self.seen.entitlements, shown, strict=True)
        }

    def used(self, period: Period, named: bool) -> list[Use]:
        """What each used in a period of the last 90 days; ``named``: and whose it is."""
        if period not in self._sums:
            self._sums[period] = self.service.points(*period)
        return self.uses(self._sums[period], named)

    def uses(self, used: Mapping[str, Decimal], named: bool, time: str = "") -> list[Use]:
        """Points by serial number as uses."""
        states = self.states if named and any(used.values()) else {}
        return [
            Use(time, self.id, states.get(serial_number, State(serial_number)), points)
            for serial_number, points in used.items()
            if points
        ]

    def rate_now(self) -> Decimal:
        """What everything that is charged now costs a day, at today's prices."""
        sizes = counted(self.seen.entitlements, self.seen)
        prices = (
            self._task.session.prices.points_per_day(size) * count
            for (size, charged), count in sizes.items()
            if charged
        )
        return sum(prices, Decimal(0))


def accounts_of(task: Task) -> list[AccountUsage]:
    """The accounts that the task is about."""
    return [AccountUsage(task, *each) for each in task.session.each_account()]


def used_by(task: Task, accounts: Sequence[AccountUsage], period: Period, named: bool) -> list[Use]:
    """What several accounts used in a period of the last 90 days; ``named``: and whose it is."""
    each = task.progress.over(
        accounts, f"{ACCOUNTS_READ}, usage of {period.first} to {period.last}"
    )
    return [use for account in each for use in account.used(period, named)]


class DailyUse:
    """What was used day by day.

    From the ledger where it has a complete day, else asked of FortiFlex and recorded once the day
    is complete.
    """

    def __init__(self, task: Task, ledger: Ledger, accounts: Sequence[AccountUsage]) -> None:
        self._task = task
        self._ledger = ledger
        self._accounts = accounts
        self._program = task.session.connection.program
        self._today = task.today

    @property
    def remembered(self) -> Period:
        """The days that FortiFlex still remembers, today among them."""
        return Period.of_days(HISTORY_DAYS, self._today)

    def missing(self, account: AccountUsage, period: Period) -> list[date]:
        """The days of a period that the ledger does not have for good."""
        known = self._ledger.days(self._program, account.id)
        return [day for day in period.days if day not in known or not is_complete(day, known[day])]

    def of(self, period: Period) -> list[Use]:
        """What each entitlement used on each day of a period.

        :raises InvalidInput: if the ledger lacks days of it that FortiFlex does not remember.
        """
        earliest = self.remembered.first
        asked = {account.id: self.missing(account, period) for account in self._accounts}
        lost = self._lost(period, asked)
        if lost:
            days = count_of(len(lost), "day is", "days are")
            raise InvalidInput(
                f"{days} over 90 days back and not in the ledger; begin with {earliest} or later"
            )
        self.record_states()
        todo = [
            (account, day)
            for account in self._accounts
            for day in asked[account.id]
            if day >= earliest
        ]
        uses = []
        for account, day in self._task.progress.over(todo, DAYS_READ):
            told, recorded = self.ask(account, day)
            if not recorded:
                uses += account.uses(told, True, day.isoformat())
        numbers = [account.id for account in self._accounts]
        return uses + self._ledger.by_day(self._program, numbers, *period)

    def _lost(self, period: Period, asked: Mapping[int, Sequence[date]]) -> list[date]:
        """The days that nobody can report any more.

        Before the program began, and of an account before the ledger first had it, there is
        nothing to report.
        """
        old = period.until(self.remembered.first - ONE_DAY).days
        begun = {
            number: min(self._ledger.days(self._program, number), default=date.max)
            for number in asked
        }
        first = min(begun.values())
        lost = [
            day
            for day in old
            if any(
                day in days and not first <= day < begun[number] for number, days in asked.items()
            )
        ]
        start = self._accounts[0].service.program().start if lost else None
        return [day for day in lost if start is None or day >= start]

    def record_states(self) -> int:
        """Record what the accounts have now. Gives how many entitlements are not as before."""
        return sum(
            self._ledger.record_states(
                self._program, account.id, account.states.values(), account.seen.time
            )
            for account in self._task.progress.over(self._accounts, ACCOUNTS_READ)
        )

    def ask(
        self, account: AccountUsage, day: date
    ) -> tuple[Mapping[str, Decimal], Recorded | None]:
        """What FortiFlex says about a day, in points by serial number, and what is new about it.

        None of a day that is not complete, which is not recorded.
        """
        told = account.service.points(day, day)
        moment = self._task.clock.now()
        if not is_complete(day, moment):
            return told, None
        recorded = self._ledger.record_day(
            self._program, account.id, day, told, moment, end_of(day)
        )
        return told, recorded


def ledger_of(task: Task) -> Ledger:
    """The ledger of the option ``ledger``; without it, one in the state directory."""
    state_file = task.session.connection.state_file
    path = task.options["ledger"] or str(state_file("usage").with_suffix(".sqlite3"))
    return Ledger(path, forget=task.check_mode)


def balance_of(task: Task, ledger: Ledger, service: FlexService) -> Decimal | None:
    """The balance of the program, which is recorded.

    None of a program that has none, which is not asked again for a day.

    :raises Refused: if one that has had a balance reports none.
    """
    program, moment = service.serial_number, task.clock.now()
    recorded = ledger.balances(program)
    asked_lately = bool(recorded) and moment - recorded[-1][0] < _NO_BALANCE_SECONDS
    if asked_lately and recorded[-1][1] is None:
        return None
    try:
        left = service.balance()
    except Refused:
        if any(value is not None for _moment, value in recorded):
            raise
        left = None
    ledger.record_balance(program, left, moment)
    return left
