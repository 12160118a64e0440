# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Points that were used, and what follows from them: groups, projections, balances, commitments.

Measured figures come from FortiFlex and say which days they cover; what is projected says from
what.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_FLOOR, Decimal
from typing import Any, NamedTuple, TypeVar

from ..core.model import Entitlement
from ..core.spelling import spelled
from ..errors import Problems
from ..wording import count_of
from ._periods import Period, month_of

GONE = "GONE"  # the status of an entitlement that the account does not have any more
GRACE_DAYS = 90  # how long a prepaid balance may be negative
# Points a year, the minimum of a postpaid program. Only the MSSP toolkit, a third-party client of
# 2025, says so; Fortinet's pages do not.
COMMITMENT = 50_000
GROUPS = ("entitlement", "configuration", "product", "account", "day")
_TAG = "tag:"
_GROUP = re.compile("|".join([*GROUPS, f"{_TAG}.+"]), re.DOTALL)
_LONGEST_DEBT = 3650  # days: what is older cannot be reckoned back
_LAST_YEARS = 36500  # days after which no date is reported
_Key = TypeVar("_Key", bound=Hashable)


class State(NamedTuple):
    """What an entitlement is from a moment on: who holds it, its configuration, and its status.

    Dates are Pacific days.
    """

    serial_number: str
    name: str | None = None
    tags: Mapping[str, str] = {}
    description: str = ""
    configuration: str | None = None
    product: str | None = None
    status: str | None = None
    start_date: str | None = None
    end_date: str | None = None

    @property
    def entitlement(self) -> Entitlement:
        """The same as what FortiFlex holds, with all that can be asked of that."""
        return Entitlement.from_result(self._asdict())

    @property
    def is_nobodys(self) -> bool:
        """Whether it is a spare, or on its way from there to a name."""
        return self.entitlement.is_marked_spare or self.entitlement.is_claimed


class Holding(NamedTuple):
    """A state, and from when until when it was seen; ``until`` is None while it goes on."""

    state: State
    account_id: int
    since: float
    until: float | None

    @property
    def is_held_now(self) -> bool:
        """Whether it goes on, in an account that has the entitlement."""
        return self.until is None and self.state.status != GONE


class Use(NamedTuple):
    """Points that an entitlement used in a time, in a state.

    ``time`` is a day, YYYY-MM-DD, or a month, YYYY-MM; empty for the whole period that was asked.
    """

    time: str
    account_id: int
    state: State
    points: Decimal


def total_of(uses: Iterable[Use]) -> Decimal:
    """All points of them."""
    return sum((use.points for use in uses), Decimal(0))


def entitlements_of(uses: Iterable[Use]) -> int:
    """How many entitlements used them."""
    return len({use.state.serial_number for use in uses})


def uses_by(uses: Iterable[Use], key: Callable[[Use], _Key]) -> dict[_Key, list[Use]]:
    """The uses by what ``key`` says of each."""
    groups: dict[_Key, list[Use]] = defaultdict(list)
    for use in uses:
        groups[key(use)].append(use)
    return groups


def check_groups(group_by: Sequence[str], problems: Problems) -> None:
    """Whether each word can be grouped by."""
    for word in group_by:
        if not _GROUP.fullmatch(word):
            problems.add(
                f"group_by: '{word}' is none of {', '.join(GROUPS)}, {_TAG}KEY; choose from these"
            )


_KEYS: dict[str, Callable[[Use], dict[str, Any]]] = {
    "entitlement": lambda use: {"serial_number": use.state.serial_number, "name": use.state.name},
    "configuration": lambda use: {
        "configuration": use.state.configuration,
        "account_id": use.account_id,
    },
    "product": lambda use: {"product": use.state.product},
    "account": lambda use: {"account_id": use.account_id},
    "day": lambda use: {"day": use.time},
}


def _keys_of(use: Use, word: str) -> dict[str, Any]:
    """What a group by this word is called to which a use belongs."""
    if word in _KEYS:
        return _KEYS[word](use)
    return {word: use.state.tags.get(spelled(word.removeprefix(_TAG)))}


def grouped(uses: Iterable[Use], group_by: Sequence[str]) -> list[dict[str, Any]]:
    """The points of each group and how many entitlements used them.

    By day first if days are asked for, then the largest first.
    """

    def key(use: Use) -> tuple[tuple[str, Any], ...]:
        return tuple(pair for word in group_by for pair in _keys_of(use, word).items())

    groups = [
        {
            **dict(names),
            "points": float(total_of(members)),
            "entitlements": entitlements_of(members),
        }
        for names, members in uses_by(uses, key).items()
    ]
    return sorted(groups, key=_place)


def _place(group: Mapping[str, Any]) -> tuple[str, float, list[str]]:
    return group.get("day", ""), -group["points"], [str(value) for value in group.values()]


@dataclass(frozen=True)
class Rate:
    """Points per day, and how that was found."""

    points_per_day: Decimal
    method: str

    def days_of(self, points: Decimal) -> int:
        """For how many whole days so many points last; 0 if nothing is used."""
        if not self.points_per_day:
            return 0
        return int((points / self.points_per_day).to_integral_value(ROUND_FLOOR))


def recent_rate(used: Decimal, period: Period) -> Rate:
    """The mean of some complete days."""
    days = count_of(len(period.days), "complete day")
    return Rate(used / len(period.days), f"mean of {days}, {period.first} to {period.last}")


def days_left_in_month(today: date) -> int:
    """How many days this month has from today on, today included."""
    return (month_of(today).last - today).days + 1


def projection_shape(rate: Rate, today: date, complete: Decimal) -> dict[str, Any]:
    """What this month and longer times come to if every day from today on is like ``rate``.

    ``complete``: this month before today, measured.
    """
    left = days_left_in_month(today)
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
    """A prepaid balance: how long it lasts, or until when a negative one must be made good.

    Since when it is negative is reckoned back with the rate, but not before the day ``after`` on
    which a ledger last saw it above 0, nor later than the day ``before`` on which it then saw it
    below.
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
    days = rate.days_of(abs(points))
    if points < 0:
        since = today - timedelta(days=min(_LONGEST_DEBT, days))
        since = min(max(since, after or since), before or today)
        ends = since + timedelta(days=GRACE_DAYS)
        shape["days_to_empty"] = 0
        shape["negative_since"] = since.isoformat()
        shape["grace_ends_on"] = ends.isoformat()
        shape["grace_days_left"] = max(0, (ends - today).days)
    elif rate.points_per_day:
        shape["days_to_empty"] = days
        if days < _LAST_YEARS:
            shape["empty_on"] = (today + timedelta(days=days)).isoformat()
    return shape


def commitment_shape(
    commitment: Decimal, year: Period, used: Decimal, known: Period, rate: Rate
) -> dict[str, Any]:
    """How a postpaid program stands against what it has to use a year.

    ``used`` is measured on the days ``known``; the days of the year before them count as if they
    had been like ``rate``, and so do those to come.
    """
    measured = len(known.days)
    unknown = len(year.days) - measured
    projected = used + rate.points_per_day * unknown
    what = count_of(measured, "day") if measured else "nothing"
    return {
        "points": float(commitment),
        **year.as_data(),
        "used": float(used),
        "measured_from": known.first.isoformat() if measured else None,
        "projected": float(projected),
        "missing": float(max(Decimal(0), commitment - projected)),
        "method": f"{what} measured, {count_of(unknown, 'day')} as the {rate.method}",
    }
