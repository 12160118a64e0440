# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a usage report is about, and which days of that the ledger has.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from decimal import Decimal
from functools import cached_property
from typing import Any

from ..optional import if_given
from ._periods import NO_DAYS, Period


@dataclass(frozen=True)
class Wish:
    """What a report is about.

    - ``period`` has only days that are over.
    - ``settled`` is the last day of which FortiFlex has said its last word.
    - ``moment`` is when anything was last recorded, in seconds since 1970.
    - ``outlook`` is what flex_points_info returned.
    - ``sites`` are the names, or serial numbers, that are in use, if that is known.
    - ``nameless`` are the products whose entitlements go by their serial numbers.
    - A ``statement`` is for a customer, who has no spares.
    """

    program: str
    account_ids: Sequence[int]
    period: Period
    settled: date
    today: date
    moment: float
    title: str
    customers: Mapping[str, str] = field(default_factory=dict)
    outlook: Mapping[str, Any] = field(default_factory=dict)
    sites: frozenset[str] | None = None
    nameless: frozenset[str] = frozenset()
    point_price: Decimal | None = None
    currency: str | None = None
    statement: bool = False

    def customer(self, account_id: int) -> str:
        """The name of an account, or its number."""
        return self.customers.get(str(account_id), str(account_id))

    def cost(self, points: Decimal, digits: int) -> Decimal | None:
        """What points cost, with so many decimals; None if there is no price."""
        return if_given(self.point_price, lambda price: round(points * price, digits))

    def amount(self, points: Decimal) -> dict[str, float | None]:
        """Points and what they cost, as plain numbers."""
        return {"points": float(points), "cost": if_given(self.cost(points, 2), float)}


class Coverage:
    """Which of the days that a report is asked for are recorded.

    ``recorded``: the days of each account, with the moment at which each was reported.
    """

    def __init__(self, wish: Wish, recorded: Mapping[int, Mapping[date, float]]) -> None:
        self._wish = wish
        self._recorded = recorded
        self._first = {account_id: min(days) for account_id, days in recorded.items() if days}

    def has(self, day: date) -> bool:
        """Whether a day is recorded of every account that the ledger had by then.

        One that came later does not count before its first day.
        """
        here = [account_id for account_id, first in self._first.items() if day >= first]
        return bool(here) and all(day in self._recorded[account_id] for account_id in here)

    @cached_property
    def period(self) -> Period:
        """From the first to the last day that is recorded of all accounts."""
        recorded = [day for day in self._wish.period.days if self.has(day)]
        return Period(min(recorded, default=NO_DAYS.first), max(recorded, default=NO_DAYS.last))

    @property
    def days(self) -> list[date]:
        """The days that the report covers."""
        return self.period.days

    @property
    def last_day(self) -> date | None:
        """The last day that is recorded of all accounts."""
        return max(self.days, default=None)

    @property
    def unsettled_days(self) -> list[date]:
        """Days that are over, but not in the report, since FortiFlex may still correct them."""
        return [day for day in self._wish.period.days if day > self._wish.settled]

    @cached_property
    def missing_days(self) -> list[date]:
        """Settled days that the ledger lacks, from the first recorded day on."""
        begun = min(self._first.values(), default=date.max)
        settled = self._wish.period.until(self._wish.settled)
        return [day for day in settled.days if begun <= day and not self.has(day)]

    @property
    def told_at(self) -> float | None:
        """From when the oldest of the newest figures of the accounts is; None without accounts."""
        newest = [max(days.values(), default=0.0) for days in self._recorded.values()]
        return min(newest, default=None)

    def as_data(self) -> dict[str, Any]:
        """Which days the report covers, and which of those that were asked for it does not."""
        nothing = {"first_day": None, "last_day": None}
        return {
            "period": self.period.as_data() if self.days else nothing,
            "unsettled_days": [str(day) for day in self.unsettled_days],
            "missing_days": [str(day) for day in self.missing_days],
        }


def moment_shown(moment: float | None) -> str | None:
    """A moment (seconds since 1970) as a report shows it."""
    if moment is None:
        return None
    return datetime.fromtimestamp(moment, tz=timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
