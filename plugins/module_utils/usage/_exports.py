# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A usage report for other tools: CSV, and text for Prometheus.

The CSV has the column names of FOCUS, the billing schema of the FinOps Foundation.

Private to the collection: may change at any time.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from ..escapes import cell, label
from ._periods import ONE_DAY, month_of
from ._points import total_of, uses_by
from ._report import UsageReport

_COLUMNS = (
    "BillingAccountId",
    "BillingPeriodStart",
    "BillingPeriodEnd",
    "ChargePeriodStart",
    "ChargePeriodEnd",
    "ChargeCategory",
    "ChargeFrequency",
    "ChargeDescription",
    "ConsumedQuantity",
    "ConsumedUnit",
    "BilledCost",
    "BillingCurrency",
    "ProviderName",
    "PublisherName",
    "ServiceName",
    "ServiceCategory",
    "SkuId",
    "ResourceId",
    "ResourceName",
    "ResourceType",
    "SubAccountId",
    "SubAccountName",
    "Tags",
)


def focus_csv(report: UsageReport) -> str:
    """One row for each entitlement and day.

    Days are Pacific days and written as dates; a period ends with the day before ``...End``.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for row in _rows(report):
        writer.writerow([cell(value) if isinstance(value, str) else value for value in row])
    return text.getvalue()


def _rows(report: UsageReport) -> Iterator[list[Any]]:
    wish = report.wish
    for use in report.uses:
        state = use.state
        month, next_month, next_day = _bounds(use.time)
        cost = wish.cost(use.points, 4)
        yield [
            wish.program,
            month,
            next_month,
            use.time,
            next_day,
            "Usage",
            "Usage-Based",
            f"FortiFlex {state.product or ''}",
            f"{use.points.normalize():f}",
            "Points",
            "" if cost is None else cost,
            wish.currency or "",
            "Fortinet",
            "Fortinet",
            "FortiFlex",
            "Security",
            state.configuration or "",
            state.serial_number,
            state.name or "",
            state.product or "",
            use.account_id,
            wish.customer(use.account_id),
            json.dumps(dict(state.tags), sort_keys=True),
        ]


@lru_cache(maxsize=4096)
def _bounds(day: str) -> tuple[str, str, str]:
    """The first day of the month of a day, that of the next month, and the next day."""
    month = month_of(date.fromisoformat(day))
    return str(month.first), str(month.last + ONE_DAY), str(date.fromisoformat(day) + ONE_DAY)


class _Metric(NamedTuple):
    """A metric of Prometheus: its name, its help text, and its values with the labels of each."""

    name: str
    text: str
    samples: Sequence[tuple[Mapping[str, str], float | None]]

    def lines(self, program: str) -> Iterator[str]:
        """As a text file has it; nothing if it has no value."""
        kept = [(labels, value) for labels, value in self.samples if value is not None]
        if kept:
            yield f"# HELP fortiflex_{self.name} {label(self.text)}"
            yield f"# TYPE fortiflex_{self.name} gauge"
        for labels, value in kept:
            named = {"program": program, **labels}.items()
            told = ",".join(f'{key}="{label(word)}"' for key, word in named)
            yield f"fortiflex_{self.name}{{{told}}} {value!r}"


def prometheus(report: UsageReport) -> str:
    """The present figures, for the text file collector of the node exporter."""
    program = report.wish.program
    lines = [line for metric in _metrics(report) for line in metric.lines(program)]
    return "\n".join(lines) + "\n"


def _metrics(report: UsageReport) -> Iterator[_Metric]:
    wish, data = report.wish, report.data
    orphans, spares = data["orphans"], data["spares"]
    yield _Metric("points_per_day", "Points of the last complete day.", _per_account(report))
    if report.coverage.last_day:
        age = float((wish.today - report.coverage.last_day).days)
        yield _single("last_day_age_days", "How many days ago the last complete day was.", age)
    by_status = [({"status": status}, float(count)) for status, count in data["status"].items()]
    yield _Metric("entitlements", "Entitlements by status.", by_status)
    text = "Entitlements that are charged and that nobody is known to use."
    yield _single("orphans", text, float(len(orphans)))
    cost = round(sum(item["points_per_day"] for item in orphans), 6)
    yield _single("orphans_points_per_day", "What these cost.", cost)
    yield _single("spares", "Marked spares.", float(len(spares)))
    kinds = Counter(alert["kind"] for alert in data["alerts"]) or {"none": 0}
    by_kind = [({"kind": kind}, float(count)) for kind, count in kinds.items()]
    yield _Metric("alerts", "Alerts by kind.", by_kind)
    for way, found in data["projection"].items():
        name = f"projected_points_this_month_{way}"
        yield _single(name, found["method"], found["points_this_month"])
    balance = data["balance"] or {}
    yield _single("balance_points", "Balance of a prepaid program.", balance.get("points"))
    yield _single("days_to_empty", "For how many days it lasts.", balance.get("days_to_empty"))
    yield _single("recorded_timestamp_seconds", "When anything was last recorded.", wish.moment)


def _single(name: str, text: str, value: float | None) -> _Metric:
    return _Metric(name, text, [({}, value)])


def _per_account(report: UsageReport) -> list[tuple[Mapping[str, str], float | None]]:
    """The points of the last recorded day, for each account."""
    used = uses_by(report.latest, lambda use: use.account_id)
    return [
        (
            {"account": str(number), "customer": report.wish.customer(number)},
            round(float(total_of(used.get(number, ()))), 6),
        )
        for number in report.wish.account_ids
    ]
