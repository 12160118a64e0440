# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A usage report as data: what the ledger has of a program, summed in every way that a page or an
export shows. Every figure says which days it is from.

Private to the collection: may change at any time. Reads nothing but the ledger.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from . import _points as points
from ._coverage import Coverage, Wish, moment_shown
from ._holdings import Holdings, state_shape
from ._ledger import LedgerReader
from ._periods import RECENT_DAYS, Period, month_of
from ._points import Use, entitlements_of, total_of, uses_by

_TOP = 20
_FORECAST_DAYS = 30
_TREND_DAYS = timedelta(days=30)


class UsageReport:
    """What the ledger has, read once, and every table of it.

    Points are Decimals; the shapes at the end have plain numbers.
    """

    def __init__(self, wish: Wish, ledger: LedgerReader) -> None:
        asked = wish.program, wish.account_ids
        self.wish = wish
        self.coverage = Coverage(
            wish, {number: ledger.days(wish.program, number) for number in wish.account_ids}
        )
        self._period = self.coverage.period
        self.uses = ledger.by_day(*asked, *self._period)
        self._months_used = ledger.by_month(*asked, *self._period)
        self._holdings = Holdings(wish, ledger.history(*asked))
        self._corrections = len(ledger.corrections(*asked))
        self._total = total_of(self.uses)

    @cached_property
    def latest(self) -> list[Use]:
        """What was used on the last recorded day."""
        return self._since(self._period.last)

    @cached_property
    def data(self) -> dict[str, Any]:
        """Everything, as the JSON export and the page take it."""
        wish, outlook = self.wish, self.wish.outlook
        last_day = self.coverage.last_day
        charged = {use.state.serial_number: use.points for use in self.latest}
        return {
            "title": wish.title,
            "statement": wish.statement,
            "program": wish.program,
            "accounts": [
                {"account_id": number, "customer": wish.customer(number)}
                for number in wish.account_ids
            ],
            "as_of": moment_shown(wish.moment),
            **self.coverage.as_data(),
            "currency": wish.currency,
            "total": wish.amount(self._total),
            "latest": {
                "day": str(last_day) if last_day else None,
                **wish.amount(total_of(self.latest)),
                "entitlements": entitlements_of(self.latest),
            },
            "status": self._holdings.by_status(),
            "days": self._days(),
            "forecast": self._forecast(),
            "months": self._months(),
            "by_account": self._by("account", lambda use: wish.customer(use.account_id)),
            "by_product": self._by("product", lambda use: use.state.product),
            "by_configuration": self._by("configuration", lambda use: use.state.configuration),
            "by_tag": self._by_tag(),
            "top": self._top(),
            "orphans": self._holdings.orphans(charged),
            "spares": self._holdings.spares(charged),
            "history": self._holdings.history(),
            "projection": self._projection,
            "balance": outlook.get("balance"),
            "commitment": outlook.get("commitment"),
            "alerts": list(outlook.get("alerts") or ()),
            "freshness": self._freshness(),
        }

    def _since(self, day: date) -> list[Use]:
        return [use for use in self.uses if use.time >= day.isoformat()]

    def _by(self, kind: str, name_of: Callable[[Use], str | None]) -> list[dict[str, Any]]:
        """The points of each group with its share, the largest first.

        The trend is how the last 30 days are against the 30 before, if all of these are covered.
        """
        last = self.coverage.last_day or self.wish.settled
        recent = last + timedelta(days=1) - _TREND_DAYS
        before = recent - _TREND_DAYS
        is_covered = self._period.first <= before
        in_recent = uses_by(self._since(recent), name_of)
        in_both = uses_by(self._since(before), name_of)
        groups = []
        for name, uses in uses_by(self.uses, name_of).items():
            whole, latest = total_of(uses), total_of(in_recent.get(name, ()))
            earlier = total_of(in_both.get(name, ())) - latest
            has_trend = is_covered and earlier
            groups.append(
                {
                    kind: name,
                    "name": name or f"no {kind}",
                    **self.wish.amount(whole),
                    "share": float(whole / self._total),
                    "entitlements": entitlements_of(uses),
                    "last_30_days": float(latest),
                    "trend": float((latest - earlier) / earlier) if has_trend else None,
                }
            )
        return sorted(groups, key=lambda group: (-group["points"], str(group["name"])))

    def _by_tag(self) -> dict[str, Any]:
        """The same by the values of each tag."""

        def value_of(key: str) -> Callable[[Use], str | None]:
            return lambda use: use.state.tags.get(key)

        keys = sorted({key for use in self.uses for key in use.state.tags})
        return {key: self._by(key, value_of(key)) for key in keys}

    def _days(self) -> list[dict[str, Any]]:
        """The points of each day; None where the ledger lacks the day of an account."""
        by_day = uses_by(self.uses, lambda use: use.time)
        return [
            {
                "day": str(day),
                "points": float(total_of(by_day.get(str(day), ())))
                if self.coverage.has(day)
                else None,
            }
            for day in self.coverage.days
        ]

    def _forecast(self) -> list[dict[str, Any]]:
        """The coming days by each way of projecting."""
        a_day = {way: found["points_per_day"] for way, found in self._projection.items()}
        days = _FORECAST_DAYS if a_day else 0
        return [{"day": str(self.wish.today + timedelta(days=n)), **a_day} for n in range(days)]

    @cached_property
    def _projection(self) -> dict[str, Any]:
        """As flex_points_info returned it; else from the last seven days, if the ledger has these."""
        told = self.wish.outlook.get("projection")
        if told or not self.coverage.days:
            return dict(told or {})
        recent = Period.of_days(RECENT_DAYS, self._period.last)
        if recent.first < self._period.first or not all(map(self.coverage.has, recent.days)):
            return {}
        rate = points.recent_rate(total_of(self._since(recent.first)), recent)
        month = total_of(self._since(month_of(self.wish.today).first))
        return {"recent_days": points.projection_shape(rate, self.wish.today, month)}

    def _months(self) -> list[dict[str, Any]]:
        """The points of each month of the period, and how many of its days are recorded."""
        by_month = uses_by(self._months_used, lambda use: use.time)
        shapes = []
        for month in dict.fromkeys(map(month_of, self.coverage.days)):
            known = sum(map(self.coverage.has, month.days))
            name = f"{month.first:%Y-%m}"
            shapes.append(
                {
                    "month": name,
                    **self.wish.amount(total_of(by_month.get(name, ()))),
                    "days": known,
                    "complete": known == len(month.days),
                }
            )
        return shapes

    def _top(self) -> list[dict[str, Any]]:
        """The entitlements that used most, each as it was when it last used something."""
        groups = uses_by(self.uses, lambda use: use.state.serial_number)
        sums = {number: total_of(uses) for number, uses in groups.items()}
        ordered = sorted(sums, key=lambda number: (-sums[number], number))
        shapes = []
        for number in ordered[:_TOP]:
            last = self._last_shown(groups[number])
            shapes.append(
                {
                    **state_shape(last.state),
                    "account_id": last.account_id,
                    "customer": self.wish.customer(last.account_id),
                    **self.wish.amount(sums[number]),
                    "share": float(sums[number] / self._total),
                }
            )
        return shapes

    def _last_shown(self, uses: list[Use]) -> Use:
        """The last of these uses that a customer may see, or the first if there is none."""
        hidden = self.wish.statement
        shown = [use for use in uses if not (hidden and use.state.is_nobodys)]
        return max(reversed(shown or uses[:1]), key=lambda use: use.time)

    def _freshness(self) -> list[dict[str, str]]:
        """From when each kind of figure is."""
        coverage, seen = self.coverage, moment_shown(self._holdings.last_change)
        told = f"last day {coverage.last_day}, reported {moment_shown(coverage.told_at)}"
        lines = [
            (
                "points by day, month, product, configuration, tag, account and entitlement",
                "measured by FortiFlex, complete Pacific days",
                told if coverage.last_day else "nothing is recorded yet",
            ),
            (
                "days without a figure",
                "not recorded, or recorded too late",
                f"{len(coverage.missing_days)} of the period",
            ),
            (
                "days that are not settled yet",
                "over, but FortiFlex may still correct them for six hours",
                ", ".join(map(str, coverage.unsettled_days)) or "none",
            ),
            (
                "late corrections",
                "reported by FortiFlex after the day was complete, and counted",
                str(self._corrections),
            ),
            (
                "status and history of entitlements",
                "as listed by FortiFlex, when the ledger was kept",
                f"last change seen {seen}" if seen else "none",
            ),
        ]
        lines += [
            (f"projection, {way.replace('_', ' ')}", found["method"], f"from {self.wish.today} on")
            for way, found in self._projection.items()
        ]
        return [dict(zip(("figure", "method", "as_of"), line, strict=True)) for line in lines]
