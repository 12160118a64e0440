# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A usage report as data: what the ledger has of a program, summed in every way that a page or an export shows. Every figure says which days it is from.

Private to the collection: may change at any time. Reads nothing but the ledger.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from functools import cached_property
from typing import Any

from ..core.model import CHARGED, SPARE, claim_of
from ..core.spelling import serial_number_spelled
from . import points
from .ledger import GONE, Entry, Held, Ledger, State
from .points import Period

_TOP = 20
_FORECAST_DAYS = 30


@dataclass(frozen=True)
class Wish:
    """What a report is about.

    ``period`` has only days that are over. ``settled`` is the last day of which FortiFlex has said its last word. ``outlook`` is what flex_points_info
    returned. ``sites`` are the names, or serial numbers, that are in use, if that is known. A ``statement`` is for a customer, who has no spares.
    """

    program: str
    account_ids: Sequence[int]
    period: Period
    settled: date
    today: date
    moment: float  # when anything was last recorded
    title: str
    customers: Mapping[str, str] = field(default_factory=dict)
    outlook: Mapping[str, Any] = field(default_factory=dict)
    sites: frozenset[str] | None = None
    nameless: frozenset[str] = frozenset()  # products whose entitlements go by their serial numbers
    point_price: Decimal | None = None
    currency: str | None = None
    statement: bool = False

    def customer(self, account_id: int) -> str:
        """The name of an account, or its number."""
        return self.customers.get(str(account_id), str(account_id))


class Report:
    """What the ledger has, read once, and every table of it. Points are Decimals; the shapes at the end have plain numbers."""

    def __init__(self, wish: Wish, ledger: Ledger) -> None:
        self.wish = wish
        self._numbers = frozenset(map(serial_number_spelled, wish.sites or ()))
        self.recorded = {
            account_id: ledger.days(wish.program, account_id) for account_id in wish.account_ids
        }
        self._first = {account_id: min(days) for account_id, days in self.recorded.items() if days}
        self.period = self._covered()
        self.uses = (
            ledger.by_day(wish.program, wish.account_ids, *self.period) if self.period else []
        )
        self.months = (
            ledger.by_month(wish.program, wish.account_ids, *self.period) if self.period else []
        )
        self.history = [
            held
            for held in ledger.history(wish.program, wish.account_ids)
            if not (wish.statement and _is_spare(held.state))
        ]
        self.corrections = ledger.corrections(wish.program, wish.account_ids)
        self._now = {
            held.state.serial_number: held
            for held in self.history
            if held.until is None and held.state.status != GONE
        }

    def _covered(self) -> Period | None:
        """The part of the asked period that has figures: from the first to the last day that is recorded of all accounts; None if no day is."""
        recorded = [day for day in self.wish.period.days if self._has(day)]
        return Period(recorded[0], recorded[-1]) if recorded else None

    @property
    def days(self) -> list[date]:
        """The days that the report covers."""
        return self.period.days if self.period else []

    @property
    def last_day(self) -> date | None:
        """The last day that is recorded of all accounts."""
        return self.period.last if self.period else None

    @property
    def unsettled_days(self) -> list[date]:
        """Days of the asked period that are over, and that FortiFlex may still correct, so that they are not in the report."""
        return [day for day in self.wish.period.days if day > self.wish.settled]

    @cached_property
    def missing_days(self) -> list[date]:
        """Days of the asked period that the ledger lacks although FortiFlex has settled them, from the first recorded day on."""
        begun = min(self._first.values(), default=date.max)
        return [
            day
            for day in self.wish.period.days
            if begun <= day <= self.wish.settled and not self._has(day)
        ]

    def _has(self, day: date) -> bool:
        """Whether a day is recorded of every account that the ledger had by then; one that came later does not count before its first day."""
        here = [
            day in self.recorded[account_id]
            for account_id, first in self._first.items()
            if day >= first
        ]
        return bool(here) and all(here)

    @cached_property
    def data(self) -> dict[str, Any]:
        """Everything, as the JSON export and the page take it."""
        wish, total = self.wish, self._total(self.uses)
        latest = self._on(self.last_day)
        return {
            "title": wish.title,
            "statement": wish.statement,
            "program": wish.program,
            "accounts": [
                {"account_id": number, "customer": wish.customer(number)}
                for number in wish.account_ids
            ],
            "as_of": _moment(wish.moment),
            **self.coverage,
            "currency": wish.currency,
            "total": self._amount(total),
            "latest": {
                "day": str(self.last_day) if self.last_day else None,
                **self._amount(self._total(latest)),
                "entitlements": len({use.state.serial_number for use in latest}),
            },
            "status": self._status(),
            "days": self._days(),
            "forecast": self._forecast(),
            "months": self._months(),
            "by_account": self._by(lambda use: wish.customer(use.account_id), "account"),
            "by_product": self._by(lambda use: use.state.product, "product"),
            "by_configuration": self._by(lambda use: use.state.configuration, "configuration"),
            "by_tag": {
                key: self._by(self._value_of(key), key)
                for key in sorted({key for use in self.uses for key in use.state.tags})
            },
            "top": self._top(),
            "orphans": self._unheld(self._is_orphan),
            "spares": self._unheld(lambda state: state.description == SPARE),
            "history": [self._held(held) for held in self.history],
            "projection": self._projection(),
            "balance": wish.outlook.get("balance"),
            "commitment": wish.outlook.get("commitment"),
            "alerts": list(wish.outlook.get("alerts") or ()),
            "freshness": self._freshness(),
        }

    @property
    def coverage(self) -> dict[str, Any]:
        """Which days the report covers, and which of those that were asked for it does not."""
        return {
            "period": {
                "first_day": str(self.period.first) if self.period else None,
                "last_day": str(self.last_day) if self.last_day else None,
            },
            "unsettled_days": [str(day) for day in self.unsettled_days],
            "missing_days": [str(day) for day in self.missing_days],
        }

    def _amount(self, value: Decimal) -> dict[str, float | None]:
        price = self.wish.point_price
        return {
            "points": float(value),
            "cost": None if price is None else float(round(value * price, 2)),
        }

    @staticmethod
    def _total(uses: Iterable[Entry]) -> Decimal:
        return sum((use.points for use in uses), Decimal(0))

    def _on(self, day: date | None) -> list[Entry]:
        return [use for use in self.uses if day is not None and use.time == day.isoformat()]

    @staticmethod
    def _value_of(key: str) -> Callable[[Entry], str | None]:
        return lambda use: use.state.tags.get(key)

    def _by(self, name_of: Callable[[Entry], str | None], kind: str) -> list[dict[str, Any]]:
        """The points of each group with its share, the largest first, and how the last 30 days are against the 30 before."""
        sums: dict[str | None, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 3)
        members: dict[str | None, set[str]] = defaultdict(set)
        recent = (self.last_day or self.wish.settled) - timedelta(days=29)
        before = recent - timedelta(days=30)
        for use in self.uses:
            mine = sums[name_of(use)]
            mine[0] += use.points
            members[name_of(use)].add(use.state.serial_number)
            if use.time >= recent.isoformat():
                mine[1] += use.points
            elif use.time >= before.isoformat():
                mine[2] += use.points
        total = self._total(self.uses)
        enough = self.period is not None and self.period.first <= before
        groups = [
            {
                kind: name,
                "name": name or f"no {kind}",
                **self._amount(whole),
                "share": float(whole / total),
                "entitlements": len(members[name]),
                "last_30_days": float(latest),
                "trend": float((latest - earlier) / earlier) if enough and earlier else None,
            }
            for name, (whole, latest, earlier) in sums.items()
        ]
        return sorted(groups, key=lambda group: (-group["points"], str(group["name"])))

    def _status(self) -> dict[str, int]:
        """How many entitlements there are of each status."""
        counts: dict[str, int] = defaultdict(int)
        for held in self._now.values():
            counts[held.state.status or "unknown"] += 1
        return dict(sorted(counts.items()))

    def _days(self) -> list[dict[str, Any]]:
        """The points of each day; None where the ledger lacks the day of an account."""
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for use in self.uses:
            sums[use.time] += use.points
        return [
            {"day": str(day), "points": float(sums[str(day)]) if self._has(day) else None}
            for day in self.days
        ]

    def _forecast(self) -> list[dict[str, Any]]:
        """The coming days by each way of projecting."""
        projection = self._projection()
        if not projection:
            return []
        return [
            {
                "day": str(self.wish.today + timedelta(days=number)),
                **{way: found["points_per_day"] for way, found in projection.items()},
            }
            for number in range(_FORECAST_DAYS)
        ]

    def _projection(self) -> dict[str, Any]:
        """As flex_points_info told it; else from the last seven days of the ledger, if it has these."""
        if self.wish.outlook.get("projection") or self.period is None:
            return dict(self.wish.outlook.get("projection") or {})
        period = Period(self.period.last - timedelta(days=points.RECENT_DAYS - 1), self.period.last)
        if period.first < self.period.first or not all(self._has(day) for day in period.days):
            return {}
        rate = points.recent_rate(
            self._total(use for use in self.uses if use.time >= str(period.first)), period
        )
        month = str(points.month_of(self.wish.today).first)
        return {
            "recent_days": points.projection_shape(
                rate, self.wish.today, self._total(use for use in self.uses if use.time >= month)
            )
        }

    def _months(self) -> list[dict[str, Any]]:
        """The points of each month that the period touches; ``days`` says how many days of it are recorded."""
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for use in self.months:
            sums[use.time] += use.points
        shapes = []
        for month in dict.fromkeys(points.month_of(day) for day in self.days):
            known = sum(self._has(one) for one in month.days)
            name = f"{month.first:%Y-%m}"
            shapes.append(
                {
                    "month": name,
                    **self._amount(sums[name]),
                    "days": known,
                    "complete": known == len(month.days),
                }
            )
        return shapes

    def _top(self) -> list[dict[str, Any]]:
        """The entitlements that used most."""
        sums: dict[str, Decimal] = defaultdict(Decimal)
        last: dict[str, Entry] = {}
        for use in self.uses:
            sums[use.state.serial_number] += use.points
            before = last.get(use.state.serial_number)
            hidden = self.wish.statement and _is_spare(use.state)
            if before is None or (use.time >= before.time and not hidden):
                last[use.state.serial_number] = use
        total = self._total(self.uses)
        ordered = sorted(sums, key=lambda serial_number: (-sums[serial_number], serial_number))[
            :_TOP
        ]
        return [
            {
                **self._shape(last[number].state),
                "account_id": last[number].account_id,
                "customer": self.wish.customer(last[number].account_id),
                **self._amount(sums[number]),
                "share": float(sums[number] / total),
            }
            for number in ordered
        ]

    def _is_orphan(self, state: State) -> bool:
        """Whether an entitlement is charged and nobody is known to use it."""
        if self.wish.sites is not None:
            known = state.name in self.wish.sites or state.serial_number in self._numbers
        else:
            known = state.name is not None or state.product in self.wish.nameless
        return state.status in CHARGED and not known

    def _unheld(self, wanted: Callable[[State], bool]) -> list[dict[str, Any]]:
        """Entitlements of a kind with what they cost on the last recorded day, the dearest first."""
        used = {use.state.serial_number: use.points for use in self._on(self.last_day)}
        found = [held for held in self._now.values() if wanted(held.state)]
        shapes = [
            {
                **self._held(held),
                "points_per_day": float(used.get(held.state.serial_number, Decimal(0))),
            }
            for held in found
        ]
        return sorted(shapes, key=lambda shape: (-shape["points_per_day"], shape["serial_number"]))

    def _held(self, held: Held) -> dict[str, Any]:
        return {
            **self._shape(held.state),
            "account_id": held.account_id,
            "customer": self.wish.customer(held.account_id),
            "since": _moment(held.since),
            "until": _moment(held.until),
        }

    @staticmethod
    def _shape(state: State) -> dict[str, Any]:
        return {
            "serial_number": state.serial_number,
            "name": state.name,
            "description": state.description,
            "tags": dict(state.tags),
            "configuration": state.configuration,
            "product": state.product,
            "status": state.status,
        }

    def _freshness(self) -> list[dict[str, str]]:
        """From when each kind of figure is."""
        told = [max(days.values(), default=0.0) for days in self.recorded.values()]
        seen = max((held.since for held in self.history), default=None)
        lines = [
            (
                "points by day, month, product, configuration, tag, account and entitlement",
                "measured by FortiFlex, complete Pacific days",
                f"last day {self.last_day}, told {_moment(min(told, default=None))}"
                if self.last_day
                else "nothing is recorded yet",
            ),
            (
                "days without a figure",
                "not recorded, or recorded too late",
                f"{len(self.missing_days)} of the period",
            ),
            (
                "days that are not settled yet",
                "over, but FortiFlex may still correct them for six hours",
                _listed(self.unsettled_days),
            ),
            (
                "late corrections",
                "told by FortiFlex after the day was complete, and counted",
                f"{len(self.corrections)}",
            ),
            (
                "status and history of entitlements",
                "as listed by FortiFlex, when the ledger was kept",
                f"last change seen {_moment(seen)}" if seen else "none",
            ),
        ]
        for way, found in self._projection().items():
            lines.append(
                (
                    f"projection, {way.replace('_', ' ')}",
                    found["method"],
                    f"from {self.wish.today} on",
                )
            )
        return [
            {"figure": figure, "method": method, "as_of": when} for figure, method, when in lines
        ]


def _is_spare(state: State) -> bool:
    """Whether an entitlement is nobody's, or on its way from there to a name."""
    return state.description == SPARE or claim_of(state.description) is not None


def _listed(days: Sequence[date]) -> str:
    return ", ".join(map(str, days)) or "none"


def _moment(moment: float | None) -> str | None:
    return (
        None
        if moment is None
        else datetime.fromtimestamp(moment, tz=timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    )
