# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The work of flex_points_info: what was used, and what will be.

Private to the collection: may change at any time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from math import inf
from typing import Any, NamedTuple

from ..core.accounts import Accounts
from ..core.dates import pacific_day
from ..errors import Problems
from ..task.results import Result
from ..task.task import Task
from . import _budgets as budgets
from . import _periods as periods
from . import _points as points
from ._budgets import PointsBudget
from ._ledger import Ledger
from ._periods import NO_DAYS, ONE_DAY, Period, is_complete, month_of
from ._points import Rate, Use, total_of
from ._sources import AccountUsage, DailyUse, accounts_of, balance_of, ledger_of, used_by

_UNNAMED = {"account", "day"}  # groups for which nobody has to know whose an entitlement is


class _Question(NamedTuple):
    """What a task asks, checked."""

    period: Period
    budgets: Sequence[PointsBudget]
    group_by: Sequence[str]
    commitment: float | None
    projection: bool

    @classmethod
    def of(cls, options: Mapping[str, Any], today: date) -> _Question:
        """What the options ask.

        :raises InvalidInput: with everything that is wrong with them.
        """
        commitment = options["commitment"]
        period, limits = Period(today, today), []
        with Problems() as problems:
            points.check_groups(options["group_by"], problems)
            with problems.catch():
                period = periods.period_of(options, today)
            with problems.catch():
                accounts = Accounts.from_options(options, problems)
                limits = budgets.budgets_of(options["budget"], accounts)
            for value in options["thresholds"]:
                if not 0 < value < inf:
                    problems.add(
                        f"thresholds: {value:g} is no number above 0; "
                        "they are per cent of a points budget"
                    )
            if commitment is not None and not 0 < commitment < inf:
                problems.add(
                    f"commitment: {commitment:g} is no number above 0; it is in points a year"
                )
        projection = options["projection"] or bool(limits) or commitment is not None
        return cls(period, limits, options["group_by"], commitment, projection)

    def check_accounts(self, accounts: Sequence[AccountUsage]) -> None:
        """Whether each points budget is for an account that is asked about.

        :raises InvalidInput: if one is not.
        """
        asked = {None, *(account.id for account in accounts)}
        strangers = {budget.account_id for budget in self.budgets} - asked
        with Problems() as problems:
            for number in sorted(map(str, strangers)):
                problems.add(f"budget: account {number} is not asked about; add it to accounts")

    @property
    def named(self) -> bool:
        """Whether the groups need to know whose an entitlement is."""
        return not set(self.group_by) <= _UNNAMED


def used_points(task: Task) -> Result:
    """What flex_points_info returns."""
    options, today = task.options, task.today
    asked = _Question.of(options, today)
    accounts = accounts_of(task)
    asked.check_accounts(accounts)
    with ledger_of(task) as ledger:
        daily = DailyUse(task, ledger, accounts)
        if "day" in asked.group_by or asked.period.first < daily.remembered.first:
            uses = daily.of(asked.period)
        else:
            uses = used_by(task, accounts, asked.period, asked.named)
        result = _measured(asked, uses, task.clock.now())
        if not asked.projection:
            return result
        named = asked.named or any(budget.tag is not None for budget in asked.budgets)
        outlook = Outlook(task, ledger, accounts, today, named)
        result |= outlook.shapes(asked.commitment)
        result["alerts"] = outlook.alerts(asked.budgets, options)
    return _alarmed(result) if options["fail_on_alert"] and result["alerts"] else result


def _measured(asked: _Question, uses: Sequence[Use], moment: float) -> Result:
    """The result without anything that is projected."""
    groups = points.grouped(uses, asked.group_by)
    for group in groups:
        if "day" in group:
            group["complete"] = is_complete(date.fromisoformat(group["day"]), moment)
    complete = is_complete(asked.period.last, moment)
    return {
        "changed": False,
        "period": {**asked.period.as_data(), "complete": complete},
        "points": groups,
        "total": float(total_of(uses)),
        "projection": None,
        "balance": None,
        "commitment": None,
        "alerts": [],
    }


def _alarmed(result: Result) -> Result:
    """The same as a failure, with its first alert as the message."""
    first, *others = result["alerts"]
    more = f", and {len(others)} more in alerts" if others else ""
    return result | {
        "failed": True,
        "msg": f"{first['text']}{more}.",
        "error_code": "alert",
        "details": {},
    }


class Outlook:
    """What will be used: from the last complete days, and from what is active now."""

    def __init__(
        self, task: Task, ledger: Ledger, accounts: Sequence[AccountUsage], today: date, named: bool
    ) -> None:
        self._task = task
        self._ledger = ledger
        self._accounts = accounts
        self._today = today
        self._recent_period = periods.recent_period(task.clock.now())
        self._recent = used_by(task, accounts, self._recent_period, named)
        before_today = month_of(today).until(today - ONE_DAY)
        self._month = used_by(task, accounts, before_today, named) if before_today.days else []
        self._shapes: dict[str, Any] = {}

    @property
    def rate(self) -> Rate:
        """What the last complete days used."""
        return points.recent_rate(total_of(self._recent), self._recent_period)

    def shapes(self, commitment: float | None) -> dict[str, Any]:
        """Projection, balance and commitment, each with its method."""
        each = self._task.progress.over(self._accounts, "accounts priced")
        charged = sum((account.rate_now() for account in each), Decimal(0))
        now = Rate(charged, "what is charged now, at today's prices")
        complete = total_of(self._month)
        balance = committed = None
        if commitment is None:
            balance = self._balance()
        if balance is None:
            committed = self._commitment(Decimal(str(commitment or points.COMMITMENT)))
        self._shapes = {
            "projection": {
                "recent_days": points.projection_shape(self.rate, self._today, complete),
                "active_now": points.projection_shape(now, self._today, complete),
            },
            "balance": balance,
            "commitment": committed,
        }
        return self._shapes

    def alerts(
        self, limits: Sequence[PointsBudget], options: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        """What must be reported to the user; a commitment only if it is the user's own figure."""
        found: list[dict[str, Any]] = []
        if self._shapes["balance"] is not None:
            found += budgets.balance_alerts(self._shapes["balance"], options["least_days"])
        if options["commitment"] is not None:
            found += budgets.commitment_alerts(self._shapes["commitment"])
        left = points.days_left_in_month(self._today)
        for budget in limits:
            used = budget.part_of(self._month)
            a_day = budget.part_of(self._recent) / len(self._recent_period.days)
            alert = budgets.budget_alert(budget, options["thresholds"], used, used + a_day * left)
            found += [alert] if alert else []
        return [{**alert, "text": self._task.in_words(alert["text"])} for alert in found]

    def _balance(self) -> dict[str, Any] | None:
        """The balance of a prepaid program, and what the ledger saw of it before; None without."""
        recorded = self._ledger.balances(self._task.session.connection.program)
        left = balance_of(self._task, self._ledger, self._accounts[0].service)
        if left is None:
            return None
        after = before = None
        for moment, value in recorded:
            if value is None:
                continue
            if value >= 0:
                after, before = pacific_day(moment), None
            else:
                before = before or pacific_day(moment)
        return points.balance_shape(left, self.rate, self._today, after, before)

    def _commitment(self, commitment: Decimal) -> dict[str, Any]:
        """The year of a postpaid program, measured as far back as FortiFlex or the ledger knows."""
        program = self._accounts[0].service.program()
        year = periods.year_of_program(program.start, self._today)
        daily = DailyUse(self._task, self._ledger, self._accounts)
        asked = Period(max(year.first, daily.remembered.first), self._today - ONE_DAY)
        if not asked.days:
            return points.commitment_shape(commitment, year, Decimal(0), NO_DAYS, self.rate)
        numbers = [account.id for account in self._accounts]
        days = [set(self._ledger.days(program.serial_number, number)) for number in numbers]
        recorded = set.intersection(*days)
        first = asked.first
        while first > year.first and first - ONE_DAY in recorded:
            first -= ONE_DAY
        used = [
            *used_by(self._task, self._accounts, asked, named=False),
            *self._ledger.by_day(program.serial_number, numbers, first, asked.first - ONE_DAY),
        ]
        known = Period(first, asked.last)
        return points.commitment_shape(commitment, year, total_of(used), known, self.rate)
