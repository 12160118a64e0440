# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Points that were used, and what follows from them: periods of Pacific days, groups, projections, balances, commitments, budgets and their alerts.

Measured figures come from FortiFlex and say which days they cover; what is projected says from what. A day is complete some hours after it has ended,
since a change takes up to three hours to arrive (vendor's administration guide, "Points"). FortiFlex remembers 90 days.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_FLOOR, Decimal
from typing import Any, NamedTuple

from ..core.accounts import Accounts
from ..core.dates import PACIFIC, day_of, pacific_day
from ..core.spelling import spelled
from ..errors import InvalidInput
from ..wording import count_of, rounded

HISTORY_DAYS = 90
GRACE_DAYS = 90  # how long a prepaid balance may be negative
RECENT_DAYS = 7
THRESHOLDS = (80, 100)
# Points a year, the minimum of a postpaid program. Only the MSSP toolkit, a third-party client of 2025,
# says so; Fortinet's pages do not.
COMMITMENT = 50_000
PERIODS = ("this_month", "previous_month")
GROUPS = ("entitlement", "configuration", "product", "account", "day")
_SETTLED = timedelta(hours=6)
_TAG = "tag:"
_MOST_DAYS = 36500


class Period(NamedTuple):
    """Days from the first to the last one, both included."""

    first: date
    last: date

    @property
    def days(self) -> list[date]:
        """Each day."""
        return [
            self.first + timedelta(days=number)
            for number in range((self.last - self.first).days + 1)
        ]

    def until(self, last: date) -> Period | None:
        """The part of it that ends on ``last`` at the latest; None if there is none."""
        return Period(self.first, min(self.last, last)) if self.first <= last else None


def end_of(day: date) -> float:
    """The moment at which a Pacific day ends, in seconds since 1970."""
    following = day + timedelta(days=1)
    return datetime(following.year, following.month, following.day, tzinfo=PACIFIC).timestamp()


def is_complete(day: date, moment: float) -> bool:
    """Whether what FortiFlex says at ``moment`` about a day is its last word."""
    return moment >= end_of(day) + _SETTLED.total_seconds()


def last_complete(moment: float) -> date:
    """The last Pacific day of which FortiFlex has said its last word at ``moment`` (seconds since 1970, UTC)."""
    day = pacific_day(moment)
    while not is_complete(day, moment):
        day -= timedelta(days=1)
    return day


def month_of(day: date) -> Period:
    """The calendar month of a day."""
    return Period(day.replace(day=1), day.replace(day=calendar.monthrange(day.year, day.month)[1]))


def period_of(options: Mapping[str, Any], today: date) -> Period:
    """The period that ``start_date`` and ``end_date``, ``last_days`` or ``period`` ask for; this month up to today if none does.

    :raises InvalidInput: with everything that is wrong with them.
    """
    problems = []
    dates = {}
    for name in ("start_date", "end_date"):
        dates[name] = day_of(options[name]) if options.get(name) is not None else None
        if options.get(name) is not None and dates[name] is None:
            problems.append(f"{name}: '{options[name]}' is no date; write it as YYYY-MM-DD")
    last_days, named = options.get("last_days"), options.get("period")
    ways = [name for name in ("start_date", "last_days", "period") if options.get(name) is not None]
    if len(ways) > 1:
        problems.append(f"give one of {' and '.join(ways)}")
    if options.get("end_date") is not None and options.get("start_date") is None:
        problems.append("end_date needs start_date")
    if last_days is not None and last_days < 1:
        problems.append(f"last_days: {last_days} is under the minimum 1")
    elif last_days is not None and last_days > _MOST_DAYS:
        problems.append(f"last_days: {last_days} is over the maximum {_MOST_DAYS}")
    first, last = dates["start_date"], dates["end_date"] or today
    if first and dates["end_date"] and today < first <= last:
        problems.append(f"start_date {first} is after today, which is {today}")
    if first and first > last:
        problems.append(
            f"start_date {first} is after {'end_date ' + str(last) if dates['end_date'] else 'today, which is ' + str(today)}"
        )
    if problems:
        raise InvalidInput(problems)
    if first:
        return Period(first, min(last, today))
    if last_days is not None:
        return Period(today - timedelta(days=last_days - 1), today)
    if named == "previous_month":
        return month_of(month_of(today).first - timedelta(days=1))
    return Period(month_of(today).first, today)


def group_problems(group_by: Sequence[str]) -> list[str]:
    """What is wrong with a list of groups."""
    return [
        f"group_by: '{word}' is none of {', '.join(GROUPS)}, {_TAG}KEY; choose from these"
        for word in group_by
        if word not in GROUPS and not (word.startswith(_TAG) and word[len(_TAG) :])
    ]


@dataclass(frozen=True)
class Use:
    """Points that an entitlement used on a day, or over a whole period (``day`` None), and whose they are."""

    points: Decimal
    serial_number: str
    account_id: int
    name: str | None = None
    tags: Mapping[str, str] | None = None
    configuration: str | None = None
    product: str | None = None
    day: date | None = None


_KEYS: dict[str, Callable[[Use], dict[str, Any]]] = {
    "entitlement": lambda use: {"serial_number": use.serial_number, "name": use.name},
    "configuration": lambda use: {"configuration": use.configuration, "account_id": use.account_id},
    "product": lambda use: {"product": use.product},
    "account": lambda use: {"account_id": use.account_id},
    "day": lambda use: {"day": use.day.isoformat() if use.day else None},
}


def keys_of(use: Use, group_by: Sequence[str]) -> dict[str, Any]:
    """What a group of these words is called to which ``use`` belongs."""
    keys: dict[str, Any] = {}
    for word in group_by:
        keys |= (
            {word: (use.tags or {}).get(spelled(word[len(_TAG) :]))}
            if word.startswith(_TAG)
            else _KEYS[word](use)
        )
    return keys


def grouped(uses: Iterable[Use], group_by: Sequence[str]) -> list[dict[str, Any]]:
    """The points of each group and how many entitlements used them; by day first if days are asked for, then the largest first."""
    sums: dict[tuple[tuple[str, Any], ...], Decimal] = defaultdict(Decimal)
    members: dict[tuple[tuple[str, Any], ...], set[str]] = defaultdict(set)
    for use in uses:
        key = tuple(keys_of(use, group_by).items())
        sums[key] += use.points
        members[key].add(use.serial_number)
    groups = [
        {**dict(key), "points": float(points), "entitlements": len(members[key])}
        for key, points in sums.items()
    ]
    return sorted(
        groups,
        key=lambda group: (
            group.get("day") or "",
            -group["points"],
            [str(value) for value in group.values()],
        ),
    )


def total_of(uses: Iterable[Use]) -> Decimal:
    """All of it."""
    return sum((use.points for use in uses), Decimal(0))


@dataclass(frozen=True)
class Rate:
    """Points per day, and how that was found."""

    points_per_day: Decimal
    method: str


def recent_period(moment: float) -> Period:
    """The last seven complete days."""
    last = last_complete(moment)
    return Period(last - timedelta(days=RECENT_DAYS - 1), last)


def recent_rate(used: Decimal, period: Period) -> Rate:
    """The mean of some complete days."""
    days = len(period.days)
    return Rate(
        used / days, f"mean of {count_of(days, 'complete day')}, {period.first} to {period.last}"
    )


def projection_shape(rate: Rate, today: date, complete: Decimal) -> dict[str, Any]:
    """What this month and longer times come to if every day from today on is like ``rate``. ``complete``: this month before today, measured."""
    left = (month_of(today).last - today).days + 1
    return {
        "method": rate.method,
        "points_per_day": float(rate.points_per_day),
        "points_per_30_days": float(rate.points_per_day * 30),
        "points_per_year": float(rate.points_per_day * 365),
        "points_this_month": float(complete + rate.points_per_day * left),
    }


def balance_shape(
    points: Decimal, rate: Rate, today: date, after: date | None = None, before: date | None = None
) -> dict[str, Any]:
    """A prepaid balance: for how many days it lasts, or until when a negative one must be made good.

    Since when it is negative is reckoned back with the rate, but not before the day ``after`` on which a ledger last saw it above 0, nor later than the day
    ``before`` on which it then saw it below.
    """
    shape: dict[str, Any] = {
        "points": float(points),
        "method": rate.method,
        "days_to_empty": None,
        "empty_on": None,
        "negative_since": None,
        "grace_ends_on": None,
        "grace_days_left": None,
    }
    if points < 0:
        since = (
            today
            - timedelta(
                days=min(3650, int((-points / rate.points_per_day).to_integral_value(ROUND_FLOOR)))
            )
            if rate.points_per_day
            else today
        )
        since = min(max(since, after or since), before or today)
        ends = since + timedelta(days=GRACE_DAYS)
        return shape | {
            "days_to_empty": 0,
            "negative_since": since.isoformat(),
            "grace_ends_on": ends.isoformat(),
            "grace_days_left": max(0, (ends - today).days),
        }
    if rate.points_per_day:
        days = int((points / rate.points_per_day).to_integral_value(ROUND_FLOOR))
        shape["days_to_empty"] = days
        if days < 36500:
            shape["empty_on"] = (today + timedelta(days=days)).isoformat()
    return shape


def year_of_program(start: date | None, today: date) -> Period:
    """The year of a program that today is in, from one anniversary of its start to the day before the next; the calendar year if its start is not known."""

    def anniversary(year: int) -> date:
        first = start or date(year, 1, 1)
        return first.replace(
            year=year, day=min(first.day, calendar.monthrange(year, first.month)[1])
        )

    first = anniversary(today.year)
    first = first if first <= today else anniversary(today.year - 1)
    return Period(first, anniversary(first.year + 1) - timedelta(days=1))


def commitment_shape(
    commitment: Decimal, year: Period, used: Decimal, known: Period | None, rate: Rate
) -> dict[str, Any]:
    """How a postpaid program stands against what it has to use a year.

    ``used`` is measured on the days ``known``; the days of the year before them count as if they had been like ``rate``, and so do those to come.
    """
    unknown = len(year.days) if known is None else len(year.days) - len(known.days)
    projected = used + rate.points_per_day * unknown
    return {
        "points": float(commitment),
        "first_day": year.first.isoformat(),
        "last_day": year.last.isoformat(),
        "used": float(used),
        "measured_from": known.first.isoformat() if known else None,
        "projected": float(projected),
        "missing": float(max(Decimal(0), commitment - projected)),
        "method": f"{count_of(len(known.days), 'day') if known else 'nothing'} measured, {count_of(unknown, 'day')} as the {rate.method}",
    }


class Budget(NamedTuple):
    """Points that a month may cost, of everything, of one account, or of what has a tag."""

    points: Decimal
    account_id: int | None = None
    tag: str | None = None

    @property
    def scope(self) -> str:
        """What it is for, in words."""
        return (
            f"account {self.account_id}"
            if self.account_id is not None
            else f"tag {self.tag}"
            if self.tag is not None
            else "all"
        )

    def covers(self, use: Use) -> bool:
        """Whether it is for that use."""
        if self.account_id is not None:
            return use.account_id == self.account_id
        if self.tag is not None:
            key, _equals, value = spelled(self.tag).partition("=")
            return (use.tags or {}).get(key) == value
        return True


def budgets_of(option: Any, accounts: Accounts) -> list[Budget]:
    """The budgets of the option ``budget``: a number of points a month, or a list of dictionaries with ``points`` and ``account_id`` or ``tag``.

    :raises InvalidInput: with everything that is wrong with them.
    """
    problems, budgets = [], []
    for place, entry in enumerate(
        option if isinstance(option, list) else [] if option is None else [{"points": option}]
    ):
        where = f"budget item {place + 1}" if isinstance(option, list) else "budget"
        entry = {"points": entry} if _number(entry) is not None else entry
        if not isinstance(entry, Mapping) or not set(entry) <= {"points", "account_id", "tag"}:
            problems.append(
                f"{where} must be a number, or a dictionary with points and one of account_id and tag"
            )
            continue
        points, account_id, tag = (
            _number(entry.get("points")),
            entry.get("account_id"),
            entry.get("tag"),
        )
        if points is None or points <= 0:
            problems.append(f"{where}: '{entry.get('points')}' is no number of points above 0")
        if account_id is not None and tag is not None:
            problems.append(f"{where} has account_id and tag; give one of them")
        number = (
            None
            if account_id is None
            else accounts.number(f"{where}: account_id", account_id, problems)
        )
        if tag is not None and "=" not in str(tag):
            problems.append(f"{where}: tag '{tag}' must be KEY=VALUE")
        if not problems and points is not None:
            budgets.append(Budget(points, number, None if tag is None else str(tag)))
    if problems:
        raise InvalidInput(problems)
    return budgets


def _number(value: Any) -> Decimal | None:
    try:
        number = None if value is None or isinstance(value, bool) else Decimal(str(value))
    except ArithmeticError:
        return None
    return number if number is not None and number.is_finite() else None


def budget_alerts(
    budgets: Iterable[Budget],
    thresholds: Sequence[float],
    month: Sequence[Use],
    recent: Sequence[Use],
    recent_days: int,
    today: date,
) -> list[dict[str, Any]]:
    """One alert for each budget that has reached a threshold (the highest counts), or that the rest of the month will exceed.

    ``month`` is what was used in this month before today, ``recent`` what was used on so many complete days.
    """
    alerts = []
    left = (month_of(today).last - today).days + 1
    for budget in budgets:
        used = total_of(use for use in month if budget.covers(use))
        projected = (
            used + total_of(use for use in recent if budget.covers(use)) / recent_days * left
        )
        reached = [
            threshold
            for threshold in thresholds
            if used * 100 >= budget.points * Decimal(str(threshold))
        ]
        facts = {
            "scope": budget.scope,
            "budget": float(budget.points),
            "points": float(used),
            "projected": float(projected),
        }
        if reached:
            percent = max(reached)
            text = f"{budget.scope}: {used:,.2f} points used this month, which is {rounded(used * 100 / budget.points, 0)} % of the budget of {budget.points:,}"
            alerts.append({"kind": "budget_reached", "threshold": percent, **facts, "text": text})
        elif projected > budget.points:
            text = f"{budget.scope}: {projected:,.2f} points are to be expected this month, and the budget is {budget.points:,}"
            alerts.append({"kind": "budget_projected", "threshold": None, **facts, "text": text})
    return alerts


def program_alerts(
    balance: Mapping[str, Any] | None, commitment: Mapping[str, Any] | None, least_days: int
) -> list[dict[str, Any]]:
    """What is to be told about a balance that is negative or lasts for less than so many days, and about a commitment that will not be met."""
    alerts = []
    if balance is not None and balance["points"] < 0:
        text = f"the balance is {rounded(balance['points'])} points; make it positive until {balance['grace_ends_on']}, or the account may be suspended"
        alerts.append(_alert("balance_negative", balance["points"], text))
    elif (
        balance is not None
        and balance["days_to_empty"] is not None
        and balance["days_to_empty"] < least_days
    ):
        text = f"the balance of {balance['points']:,.2f} points lasts for {count_of(balance['days_to_empty'], 'day')}, until {balance['empty_on']}"
        alerts.append(_alert("balance_low", balance["points"], text))
    if commitment is not None and commitment["missing"] > 0:
        year = f"the year to {commitment['last_day']}"
        text = f"{commitment['projected']:,.2f} points are to be expected in {year}, {commitment['missing']:,.2f} less than committed"
        alerts.append(
            _alert(
                "commitment_missed",
                commitment["used"],
                text,
                budget=commitment["points"],
                projected=commitment["projected"],
            )
        )
    return alerts


def _alert(
    kind: str, points: float, text: str, budget: float | None = None, projected: float | None = None
) -> dict[str, Any]:
    return {
        "kind": kind,
        "threshold": None,
        "scope": "program",
        "budget": budget,
        "points": points,
        "projected": projected,
        "text": text,
    }
