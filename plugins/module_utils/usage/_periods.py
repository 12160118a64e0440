# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Periods of Pacific days: those that a task asks for, and which days FortiFlex will not correct
any more.

A day is complete some hours after it has ended, since a change takes up to three hours to arrive
(vendor's administration guide, "Points").

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from ..core.dates import PACIFIC, day_of, pacific_day
from ..errors import Problems

HISTORY_DAYS = 90
"""So many days FortiFlex remembers, today among them."""
RECENT_DAYS = 7
PERIODS = ("this_month", "previous_month")
ONE_DAY = timedelta(days=1)
_SETTLED = timedelta(hours=6)
_MOST_DAYS = 36500


class Period(NamedTuple):
    """Days from the first to the last one, both included; none if the last is before the first."""

    first: date
    last: date

    @classmethod
    def of_days(cls, number: int, last: date) -> Period:
        """So many days, of which ``last`` is the last one."""
        return cls(last - timedelta(days=number - 1), last)

    @property
    def days(self) -> list[date]:
        """Each day."""
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    def until(self, last: date) -> Period:
        """The part of it that ends on ``last`` at the latest."""
        return self._replace(last=min(self.last, last))

    def as_data(self) -> dict[str, str]:
        """Its first and its last day, for playbooks."""
        return {"first_day": str(self.first), "last_day": str(self.last)}


NO_DAYS = Period(date.max, date.min)


def end_of(day: date) -> float:
    """The moment at which a Pacific day ends, in seconds since 1970."""
    following = day + ONE_DAY
    return datetime(following.year, following.month, following.day, tzinfo=PACIFIC).timestamp()


def is_complete(day: date, moment: float) -> bool:
    """Whether what FortiFlex says at ``moment`` about a day is its last word."""
    return moment >= end_of(day) + _SETTLED.total_seconds()


def last_complete(moment: float) -> date:
    """The last day of which FortiFlex has said its last word at ``moment`` (since 1970, UTC)."""
    day = pacific_day(moment)
    while not is_complete(day, moment):
        day -= ONE_DAY
    return day


def recent_period(moment: float) -> Period:
    """The last seven complete days."""
    return Period.of_days(RECENT_DAYS, last_complete(moment))


def month_of(day: date) -> Period:
    """The calendar month of a day."""
    return Period(day.replace(day=1), day.replace(day=calendar.monthrange(day.year, day.month)[1]))


def year_of_program(start: date | None, today: date) -> Period:
    """The year of a program that today is in, from one anniversary of its start to the next.

    The calendar year if its start is not known.
    """

    def anniversary(year: int) -> date:
        first = start or date(year, 1, 1)
        last_day = calendar.monthrange(year, first.month)[1]
        return first.replace(year=year, day=min(first.day, last_day))

    year = today.year if anniversary(today.year) <= today else today.year - 1
    return Period(anniversary(year), anniversary(year + 1) - ONE_DAY)


def period_of(options: Mapping[str, Any], today: date) -> Period:
    """The period that a task asks for; this month up to today if it does not ask.

    It asks with ``start_date`` and ``end_date``, with ``last_days`` or with ``period``.

    :raises InvalidInput: with everything that is wrong with them.
    """
    with Problems() as problems:
        first = _day("start_date", options, problems)
        last = _day("end_date", options, problems)
        _check_ways(options, problems)
        if first and last and first > last:
            problems.add(f"start_date {first} is after end_date {last}")
        elif first and first > today:
            problems.add(f"start_date {first} is after today, which is {today}")
    if first:
        return Period(first, last or today).until(today)
    if options["last_days"] is not None:
        return Period.of_days(options["last_days"], today)
    month = month_of(today)
    if options["period"] == "previous_month":
        return month_of(month.first - ONE_DAY)
    return month.until(today)


def _day(name: str, options: Mapping[str, Any], problems: Problems) -> date | None:
    """The day of an option; None if it is not given, or is no date."""
    text = options[name]
    day = day_of(text)
    if text is not None and day is None:
        problems.add(f"{name}: '{text}' is no date; write it as YYYY-MM-DD")
    return day


def _check_ways(options: Mapping[str, Any], problems: Problems) -> None:
    """Whether the period is given in one way, and in one that can be."""
    ways = [name for name in ("start_date", "last_days", "period") if options[name] is not None]
    if len(ways) > 1:
        problems.add(f"give one of {' and '.join(ways)}")
    if options["end_date"] is not None and options["start_date"] is None:
        problems.add("end_date needs start_date")
    last_days = 1 if options["last_days"] is None else options["last_days"]
    if last_days < 1:
        problems.add(f"last_days: {last_days} is under the minimum 1")
    if last_days > _MOST_DAYS:
        problems.add(f"last_days: {last_days} is over the maximum {_MOST_DAYS}")
