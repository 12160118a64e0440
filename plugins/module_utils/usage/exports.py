# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A usage report for other tools: CSV with the column names of FOCUS, the billing schema of the FinOps Foundation, and text for Prometheus.

Private to the collection: may change at any time.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from ..escapes import cell, label
from .report import UsageReport

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
    """One row for each entitlement and day. Days are Pacific days and written as dates; a period ends with the day before ``...End``."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for row in _rows(report):
        writer.writerow([cell(value) if isinstance(value, str) else value for value in row])
    return text.getvalue()


def _rows(report: UsageReport) -> Iterator[list[Any]]:
    wish = report.wish
    ends: dict[str, tuple[str, str, str]] = {}
    for use in report.uses:
        if use.time not in ends:
            day = date.fromisoformat(use.time)
            following = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
            ends[use.time] = (str(day.replace(day=1)), str(following), str(day + timedelta(days=1)))
        month, next_month, next_day = ends[use.time]
        state = use.state
        cost = "" if wish.point_price is None else round(use.points * wish.point_price, 4)
        yield [
            wish.program,
            month,
            next_month,
            use.time,
            next_day,
            "Usage",
            "Usage-Based",
            f"FortiFlex {state.product or ''}",
            _plain(use.points),
            "Points",
            cost,
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


def _plain(points: Any) -> str:
    return f"{points.normalize():f}"


def prometheus(report: UsageReport) -> str:
    """The present figures, for the text file collector of the node exporter."""
    data, program = report.data, report.wish.program
    lines: list[str] = []

    def metric(name: str, text: str, samples: list[tuple[dict[str, str], float | None]]) -> None:
        kept = [(labels, value) for labels, value in samples if value is not None]
        if kept:
            lines.extend(
                (f"# HELP fortiflex_{name} {label(text)}", f"# TYPE fortiflex_{name} gauge")
            )
        for labels, value in kept:
            told = ",".join(
                f'{key}="{label(word)}"' for key, word in {"program": program, **labels}.items()
            )
            lines.append(f"fortiflex_{name}{{{told}}} {value!r}")

    per_account: dict[int, float] = dict.fromkeys(report.wish.account_ids, 0.0)
    for use in report.uses:
        if use.time == data["latest"]["day"]:
            per_account[use.account_id] += float(use.points)
    metric(
        "points_per_day",
        "Points of the last complete day.",
        [
            ({"account": str(number), "customer": report.wish.customer(number)}, round(value, 6))
            for number, value in per_account.items()
        ],
    )
    if data["latest"]["day"]:
        age = (report.wish.today - date.fromisoformat(data["latest"]["day"])).days
        metric(
            "last_day_age_days", "How many days ago the last complete day was.", [({}, float(age))]
        )
    metric(
        "entitlements",
        "Entitlements by status.",
        [({"status": status}, float(count)) for status, count in data["status"].items()],
    )
    metric(
        "orphans",
        "Entitlements that are charged and that nobody is known to use.",
        [({}, float(len(data["orphans"])))],
    )
    metric(
        "orphans_points_per_day",
        "What these cost.",
        [({}, round(sum(item["points_per_day"] for item in data["orphans"]), 6))],
    )
    metric("spares", "Marked spares.", [({}, float(len(data["spares"])))])
    metric(
        "alerts",
        "Alerts by kind.",
        [({"kind": kind}, float(count)) for kind, count in _counts(data["alerts"]).items()]
        or [({"kind": "none"}, 0.0)],
    )
    for way, found in data["projection"].items():
        metric(
            f"projected_points_this_month_{way}",
            found["method"],
            [({}, found["points_this_month"])],
        )
    balance = data["balance"] or {}
    metric("balance_points", "Balance of a prepaid program.", [({}, balance.get("points"))])
    metric("days_to_empty", "For how many days it lasts.", [({}, balance.get("days_to_empty"))])
    metric(
        "recorded_timestamp_seconds", "When anything was last recorded.", [({}, report.wish.moment)]
    )
    return "\n".join(lines) + "\n"


def _counts(alerts: list[dict[str, Any]]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for alert in alerts:
        counts[alert["kind"]] = counts.get(alert["kind"], 0) + 1
    return counts
