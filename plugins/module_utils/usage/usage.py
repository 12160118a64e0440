# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The work of flex_points_info and flex_usage_ledger: what was used is asked of FortiFlex, or taken from the ledger where that has it.

Private to the collection: may change at any time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from math import inf
from typing import Any

from ..client.service import FlexService
from ..core.accounts import Accounts
from ..core.cost import counted
from ..core.dates import pacific_day
from ..core.model import Observation, tags_of
from ..errors import InvalidInput, Refused
from ..task.progress import READ
from ..task.results import Result
from ..task.task import Task
from ..wording import count_of
from . import points
from .ledger import Ledger, Recorded, State
from .points import Period, Rate, Use

DAYS_READ = "days of usage read"
_NO_BALANCE_SECONDS = 86400.0  # how long a program that has told no balance is not asked for one


class Account:
    """One account of the program: what it has, and what that used."""

    def __init__(self, task: Task, service: FlexService, before: Observation | None) -> None:
        """``before``: its configurations, where they are known."""
        self.service = service
        self.id = service.account_id or service.program().account_id
        service.account_id = self.id
        self._task = task
        self._before = before
        self._seen: Observation | None = None
        self._sums: dict[Period, Mapping[str, Decimal]] = {}

    @property
    def seen(self) -> Observation:
        """What it has; asked for once."""
        if self._seen is None:
            self._seen = self._task.session.observe(service=self.service, before=self._before)
        return self._seen

    def used(self, period: Period, named: bool) -> list[Use]:
        """What each entitlement used in a period of the last 90 days; ``named``: and whose it is."""
        if period not in self._sums:
            self._sums[period] = self.service.points(*period)
        return self.uses(self._sums[period], None, named)

    def uses(self, used: Mapping[str, Decimal], day: date | None, named: bool) -> list[Use]:
        """Points by serial number as uses."""
        return [
            self._use(serial_number, value, day, named)
            for serial_number, value in used.items()
            if value
        ]

    def _use(self, serial_number: str, value: Decimal, day: date | None, named: bool) -> Use:
        held = self.seen.by_serial.get(serial_number) if named else None
        if held is None:
            return Use(value, serial_number, self.id, day=day)
        shape = self._task.shapes.entitlement(held, self.seen) or {}
        return Use(
            value,
            serial_number,
            self.id,
            shape["name"],
            shape["tags"],
            shape["configuration"],
            shape["product"],
            day,
        )

    def states(self) -> list[State]:
        """What it has, for the ledger."""
        shown = (
            (held, self._task.shapes.entitlement(held, self.seen) or {})
            for held in self.seen.entitlements
        )
        return [
            State(
                held.serial_number,
                shape["name"],
                tags_of(held.description) or {},
                held.description,
                shape["configuration"],
                shape["product"],
                held.status,
                shape["start_date"],
                shape["end_date"],
            )
            for held, shape in shown
        ]

    def rate_now(self) -> Decimal:
        """What everything that is charged now costs a day, at today's prices."""
        sizes = counted(self.seen.entitlements, self.seen)
        return sum(
            (
                self._task.session.prices.points_per_day(size) * count
                for (size, charged), count in sizes.items()
                if charged
            ),
            Decimal(0),
        )


def used_by(task: Task, accounts: Sequence[Account], period: Period, named: bool) -> list[Use]:
    """What the entitlements of several accounts used in a period of the last 90 days; ``named``: and whose they are."""
    each = task.progress.over(accounts, f"{READ}, usage of {period.first} to {period.last}")
    return [use for account in each for use in account.used(period, named)]


class DailyUse:
    """What was used day by day: from the ledger where it has a complete day, else asked of FortiFlex and recorded once the day is complete."""

    def __init__(self, task: Task, ledger: Ledger, accounts: Sequence[Account]) -> None:
        self._task = task
        self._ledger = ledger
        self._accounts = accounts
        self._program = task.session.connection.program
        self._today = pacific_day(task.clock.now())

    @property
    def earliest(self) -> date:
        """The first day that FortiFlex still remembers."""
        return self._today - timedelta(days=points.HISTORY_DAYS - 1)

    def missing(self, account: Account, period: Period) -> list[date]:
        """The days of a period that the ledger does not have for good."""
        known = self._ledger.days(self._program, account.id)
        return [
            day
            for day in period.days
            if day not in known or not points.is_complete(day, known[day])
        ]

    def of(self, period: Period) -> list[Use]:
        """What each entitlement used on each day of a period.

        :raises InvalidInput: if the ledger lacks days of it that FortiFlex does not remember any more.
        """
        asked = {account.id: self.missing(account, period) for account in self._accounts}
        lost = self._lost(period, asked)
        if lost:
            raise InvalidInput(
                [
                    f"{count_of(len(lost), 'day is', 'days are')} over 90 days back and not in the ledger; "
                    f"begin with {self.earliest} or later"
                ]
            )
        uses = []
        for account in self._task.progress.over(self._accounts, READ):
            self._ledger.record_states(
                self._program, account.id, account.states(), account.seen.time
            )
        todo = [
            (account, day)
            for account in self._accounts
            for day in asked[account.id]
            if day >= self.earliest
        ]
        for account, day in self._task.progress.over(todo, DAYS_READ):
            told, _recorded = self.ask(account, day)
            if not points.is_complete(day, self._task.clock.now()):
                uses += account.uses(told, day, named=True)
        for entry in self._ledger.by_day(
            self._program, [account.id for account in self._accounts], *period
        ):
            held = entry.state
            owner = (entry.account_id, held.name, held.tags, held.configuration, held.product)
            uses.append(
                Use(entry.points, held.serial_number, *owner, date.fromisoformat(entry.time))
            )
        return uses

    def _lost(self, period: Period, asked: Mapping[int, Sequence[date]]) -> list[date]:
        """The days that nobody can tell any more. Before the program began, and of an account before the ledger first had it, there is nothing to tell."""
        first = {
            number: min(self._ledger.days(self._program, number), default=date.max)
            for number in asked
        }
        old = {
            day
            for number, days in asked.items()
            for day in days
            if first[number] <= day < self.earliest
        }
        known = min(first.values())
        old |= {day for day in period.days if day < min(known, self.earliest)}
        begun = self._accounts[0].service.program().start if old else None
        return sorted(day for day in old if begun is None or day >= begun)

    def ask(self, account: Account, day: date) -> tuple[Mapping[str, Decimal], Recorded]:
        """What FortiFlex says about a day, and what became of it in the ledger, where it is recorded if it is complete."""
        told = account.service.points(day, day)
        moment = self._task.clock.now()
        if not points.is_complete(day, moment):
            return told, Recorded(False, 0)
        return told, self._ledger.record_day(
            self._program, account.id, day, told, moment, points.end_of(day)
        )


def ledger_of(task: Task) -> Ledger:
    """The ledger of the option ``ledger``; without it, one in the state directory."""
    return Ledger(
        task.options["ledger"]
        or str(task.session.connection.state_file("usage").with_suffix(".sqlite3")),
        forget=task.check_mode,
    )


def balance_of(task: Task, ledger: Ledger, service: FlexService) -> Decimal | None:
    """The balance of the program, which is recorded; None of one that has none, which is not asked again for a day.

    :raises Refused: if one that has had a balance tells none.
    """
    program, moment = service.serial_number, task.clock.now()
    recorded = ledger.balances(program)
    if recorded and recorded[-1][1] is None and moment - recorded[-1][0] < _NO_BALANCE_SECONDS:
        return None
    try:
        left = service.balance()
    except Refused:
        if any(value is not None for _moment, value in recorded):
            raise
        left = None
    ledger.record_balance(program, left, moment)
    return left


def used_points(task: Task) -> Result:
    """What flex_points_info returns."""
    options, today = task.options, pacific_day(task.clock.now())
    period, budgets = _asked(task, today)
    accounts = [Account(task, *each) for each in task.session.each_account()]
    strangers = {budget.account_id for budget in budgets} - {
        None,
        *(account.id for account in accounts),
    }
    if strangers:
        raise InvalidInput(
            [
                f"budget: account {number} is not asked about; add it to accounts"
                for number in sorted(map(str, strangers))
            ]
        )
    group_by = options["group_by"]
    with ledger_of(task) as ledger:
        daily = DailyUse(task, ledger, accounts)
        named = bool({"entitlement", "configuration", "product"} & set(group_by)) or any(
            word.startswith("tag:") for word in group_by
        )
        by_day = "day" in group_by or period.first < daily.earliest
        uses = daily.of(period) if by_day else used_by(task, accounts, period, named)
        groups = points.grouped(uses, group_by)
        for group in groups:
            if "day" in group:
                group["complete"] = points.is_complete(
                    date.fromisoformat(group["day"]), task.clock.now()
                )
        result: Result = {
            "changed": False,
            "period": {
                "first_day": period.first.isoformat(),
                "last_day": period.last.isoformat(),
                "complete": points.is_complete(period.last, task.clock.now()),
            },
            "points": groups,
            "total": float(points.total_of(uses)),
            "projection": None,
            "balance": None,
            "commitment": None,
            "alerts": [],
        }
        if not (options["projection"] or budgets or options["commitment"] is not None):
            return result
        outlook = Outlook(
            task,
            ledger,
            accounts,
            today,
            named or any(budget.tag is not None for budget in budgets),
        )
        return _alarmed(
            result
            | outlook.shapes(options["commitment"])
            | {"alerts": outlook.alerts(budgets, options)},
            options["fail_on_alert"],
        )


def _asked(task: Task, today: date) -> tuple[Period, list[points.Budget]]:
    """Period and budgets.

    :raises InvalidInput: with everything that is wrong with the options.
    """
    options, problems = task.options, points.group_problems(task.options["group_by"])
    period, budgets = Period(today, today), []
    try:
        period = points.period_of(options, today)
    except InvalidInput as error:
        problems += error.problems
    try:
        budgets = points.budgets_of(options["budget"], Accounts.from_options(options, problems))
    except InvalidInput as error:
        problems += error.problems
    problems += [
        f"thresholds: {value:g} is no number above 0; they are per cent of a budget"
        for value in options["thresholds"]
        if not 0 < value < inf
    ]
    if options["commitment"] is not None and not 0 < options["commitment"] < inf:
        problems.append(
            f"commitment: {options['commitment']:g} is no number above 0; it is in points a year"
        )
    if problems:
        raise InvalidInput(problems)
    return period, budgets


def _alarmed(result: Result, fail: bool) -> Result:
    alerts = result["alerts"]
    if not (fail and alerts):
        return result
    more = f", and {len(alerts) - 1} more in alerts" if len(alerts) > 1 else ""
    return result | {
        "failed": True,
        "msg": f"{alerts[0]['text']}{more}.",
        "error_code": "alert",
        "details": {},
    }


class Outlook:
    """What a program and its accounts will use: from the last complete days, and from what is active now."""

    def __init__(
        self, task: Task, ledger: Ledger, accounts: Sequence[Account], today: date, named: bool
    ) -> None:
        self._task = task
        self._ledger = ledger
        self._accounts = accounts
        self._today = today
        self._recent_period = points.recent_period(task.clock.now())
        self._recent = used_by(task, accounts, self._recent_period, named)
        before_today = points.month_of(today).until(today - timedelta(days=1))
        self._month = used_by(task, accounts, before_today, named) if before_today else []
        self._shapes: dict[str, Any] = {}

    @property
    def rate(self) -> Rate:
        """What the last complete days used."""
        return points.recent_rate(points.total_of(self._recent), self._recent_period)

    def shapes(self, commitment: float | None) -> dict[str, Any]:
        """Projection, balance and commitment, each with its method."""
        each = self._task.progress.over(self._accounts, "accounts priced")
        now = Rate(
            sum((account.rate_now() for account in each), Decimal(0)),
            "what is charged now, at today's prices",
        )
        complete = points.total_of(self._month)
        balance = None if commitment is not None else self._balance()
        self._shapes = {
            "projection": {
                "recent_days": points.projection_shape(self.rate, self._today, complete),
                "active_now": points.projection_shape(now, self._today, complete),
            },
            "balance": balance,
            "commitment": None
            if balance is not None
            else self._commitment(Decimal(str(commitment or points.COMMITMENT))),
        }
        return self._shapes

    def alerts(
        self, budgets: Sequence[points.Budget], options: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        """What the user is to be told; a commitment only if it is the user's own figure."""
        days = len(self._recent_period.days)
        commitment = self._shapes["commitment"] if options["commitment"] is not None else None
        found = [
            *points.program_alerts(self._shapes["balance"], commitment, options["least_days"]),
            *points.budget_alerts(
                budgets, options["thresholds"], self._month, self._recent, days, self._today
            ),
        ]
        return [{**alert, "text": self._task.in_words(alert["text"])} for alert in found]

    def _balance(self) -> dict[str, Any] | None:
        recorded = self._ledger.balances(self._task.session.connection.program)
        left = balance_of(self._task, self._ledger, self._accounts[0].service)
        if left is None:
            return None
        after = before = None
        for when, value in recorded:
            if value is not None and value >= 0:
                after, before = pacific_day(when), None
            elif value is not None:
                before = before or pacific_day(when)
        return points.balance_shape(left, self.rate, self._today, after, before)

    def _commitment(self, commitment: Decimal) -> dict[str, Any]:
        program = self._accounts[0].service.program()
        year = points.year_of_program(program.start, self._today)
        daily = DailyUse(self._task, self._ledger, self._accounts)
        yesterday = self._today - timedelta(days=1)
        asked = Period(max(year.first, daily.earliest), yesterday)
        if asked.first > yesterday:
            return points.commitment_shape(commitment, year, Decimal(0), None, self.rate)
        used = points.total_of(used_by(self._task, self._accounts, asked, named=False))
        numbers = [account.id for account in self._accounts]
        recorded = set.intersection(
            *(set(self._ledger.days(program.serial_number, number)) for number in numbers)
        )
        first = asked.first
        while first > year.first and first - timedelta(days=1) in recorded:
            first -= timedelta(days=1)
        older = self._ledger.by_day(
            program.serial_number, numbers, first, asked.first - timedelta(days=1)
        )
        used += sum((entry.points for entry in older), Decimal(0))
        return points.commitment_shape(commitment, year, used, Period(first, yesterday), self.rate)


def keep_ledger(task: Task) -> Result:
    """What flex_usage_ledger returns: records what accounts have now, and days that the ledger lacks."""
    options = task.options
    problems = [
        f"{name}: {options[name]} is under the minimum 0"
        for name in ("recheck_days", "max_days")
        if options[name] < 0
    ]
    if problems:
        raise InvalidInput(problems)
    service = task.connect()
    accounts = [Account(task, *each) for each in task.session.each_account()]
    program = service.program()
    with ledger_of(task) as ledger:
        daily = DailyUse(task, ledger, accounts)
        last = points.last_complete(task.clock.now())
        first = max(filter(None, (daily.earliest, program.start)))
        gaps = sorted(
            (
                (day, place)
                for place, account in enumerate(accounts)
                for day in daily.missing(account, Period(first, last))
            )
        )
        recent = Period(max(first, last - timedelta(days=options["recheck_days"] - 1)), last).days
        new = [gap for gap in gaps if gap[0] == last]
        again = [
            (day, place)
            for day in recent
            for place in range(len(accounts))
            if (day, place) not in gaps
        ]
        todo = [*new, *(gap for gap in gaps if gap not in new), *again][
            : options["max_days"]
        ]  # what FortiFlex forgets next goes before what it tells again
        counts = {"states": 0, "days": 0, "corrections": 0}
        if task.check_mode:
            counts["days"] = sum(gap in gaps for gap in todo)
        else:
            for account in task.progress.over(accounts, READ):
                counts["states"] += ledger.record_states(
                    program.serial_number, account.id, account.states(), account.seen.time
                )
            for day, place in task.progress.over(todo, DAYS_READ):
                _told, recorded = daily.ask(accounts[place], day)
                counts["days"] += recorded.new
                counts["corrections"] += recorded.corrections
            if options["balance"]:
                balance_of(task, ledger, service)
        left = [gap for gap in gaps if gap not in todo]
        return {
            "changed": any(counts.values()),
            "ledger": str(ledger.path),
            "recorded": counts,
            "missing_days": [
                {"account_id": accounts[place].id, "day": day.isoformat()} for day, place in left
            ],
            "accounts": [account.id for account in accounts],
        }
