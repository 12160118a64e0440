# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Points: what a period costs, by Pacific days. A day costs the largest price in effect at any moment that the entitlement was active.

Imports the clock's calendar functions only.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from .clock import day_of, start_of

HISTORY_DAYS = 90


@dataclass
class Span:
    """A time during which an entitlement was active on one configuration; `until` is None while it goes on."""

    config: int
    since: float
    until: float | None = None


class Prices:
    """The prices of one configuration over time, in points per day."""

    def __init__(self, since: float, price: Decimal) -> None:
        self._since = [since]
        self._prices = [price]

    def change(self, since: float, price: Decimal) -> None:
        """From then on that price is in effect."""
        self._since.append(since)
        self._prices.append(price)

    @property
    def constant(self) -> Decimal | None:
        """The price, if there was never another."""
        return self._prices[0] if len(self._prices) == 1 else None

    def highest(self, since: float, until: float) -> Decimal:
        """The largest price in effect at any moment of that time."""
        first = max(0, bisect_right(self._since, since) - 1)
        last = max(first + 1, bisect_left(self._since, until))
        return max(self._prices[first:last])


def points_of(
    spans: Sequence[Span], prices: Mapping[int, Prices], now: float, first: date, last: date
) -> Decimal:
    """Points of one entitlement from the first to the last day, both included; what goes on is counted up to now."""
    by_day: dict[date, Decimal] = {}
    for span in spans:
        until = now if span.until is None else span.until
        begin = max(first, day_of(span.since))
        end = min(last, max(day_of(span.since), day_of(until - 1e-6)))
        constant = prices[span.config].constant
        if constant is not None and len(spans) == 1:
            return constant * max(0, (end - begin).days + 1)
        day = begin
        while day <= end:
            price = constant
            if price is None:
                price = prices[span.config].highest(
                    max(span.since, start_of(day)), min(until, start_of(day + timedelta(days=1)))
                )
            by_day[day] = max(price, by_day.get(day, Decimal(0)))
            day += timedelta(days=1)
    return sum(by_day.values(), Decimal(0))
