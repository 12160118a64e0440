# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What modules return: the shapes of products, programs, folders and costs, the diff, and why a
task failed.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from ..catalogue.catalogue import Product
from ..core.cost import Cost
from ..core.model import Folder, Price, Program
from ..core.run_report import RunReport
from ..errors import FlexError
from ..escapes import visible
from ..optional import if_given

Result = dict[str, Any]
RERUN = " What was done before is reported; run the task again to complete it."


def product_shape(product: Product) -> Result:
    """A product and its parameters, in plain words and types."""
    return {
        "product": product.key,
        "product_id": product.id,
        "label": product.name,
        "kind": product.kind,
        "aliases": list(product.aliases),
        "minimum_parameters": product.minimum_parameters,
        "constraints": product.constraints,
        "parameters": [
            {
                "name": parameter.name,
                "id": parameter.id,
                "label": parameter.label,
                "type": parameter.type,
                "required": parameter.required,
                "default": parameter.default,
                "minimum": parameter.minimum,
                "maximum": parameter.maximum,
                "zero_allowed": parameter.zero_allowed,
                "multiple_of": parameter.multiple_of,
                "choices": dict(parameter.choices),
                "other_codes": parameter.other_codes,
                "old_choices": dict(parameter.deprecated_choices),
                "read_only": parameter.read_only,
                "deprecated": parameter.deprecated,
                "can_go_down": not parameter.only_up,
                "unit": parameter.unit,
                "aliases": list(parameter.aliases),
                "note": parameter.note,
            }
            for parameter in product.parameters
        ],
    }


def program_shape(program: Program, balance: Decimal | None, accounts: list[int] | None) -> Result:
    """A program; its balance is in points."""
    return {
        "serial_number": program.serial_number,
        "account_id": program.account_id,
        "start_date": if_given(program.start, date.isoformat),
        "end_date": if_given(program.end, date.isoformat),
        "has_support_coverage": program.has_support_coverage,
        "point_balance": if_given(balance, float),
        "accounts": accounts,
    }


def folder_shape(folder: Folder, next_entitlement: Result | None) -> Result:
    """An asset folder."""
    return {
        "account_id": folder.account_id,
        "folder": folder.path,
        "available_tokens": folder.available_tokens,
        "used_tokens": folder.used_tokens,
        "next_entitlement": next_entitlement,
    }


def cost_shape(price: Price, count: int) -> Result:
    """What so many entitlements cost together, in points."""
    day = price.points * count
    return {
        "points_per_day": float(day),
        "points_per_30_days": float(day * 30),
        "points_per_year": float(day * 365),
        "latest": if_given(price.latest, lambda points: float(points * count)),
        "latest_effective_date": if_given(price.latest_from, date.isoformat),
    }


def plan_cost_shape(cost: Cost) -> dict[str, float]:
    """What a plan costs, in points per day."""
    return {
        "points_per_day_before": float(cost.before),
        "points_per_day_after": float(cost.after),
        "points_per_day_pending": float(cost.pending),
        "points_per_day_pending_before": float(cost.pending_before),
        "points_per_day_charged_before": float(cost.before - cost.pending_before),
        "points_per_day_charged_after": float(cost.after - cost.pending),
    }


def failures_shape(report: RunReport) -> list[dict[str, str]]:
    """What could not be reached, item by item."""
    return [
        {"kind": kind, "name": name, "message": visible(failed.sentence)}
        for (kind, name), failed in report.failures.items()
    ]


def diff_of(report: RunReport) -> dict[str, Result]:
    """Before and after of everything that changes, for diff mode. What is new has no before, and
    stands in the plan.
    """
    diff: dict[str, Result] = {"before": {}, "after": {}}
    for change in report.changes:
        if change.action == "create":
            continue
        for side, shape in (("before", change.before), ("after", change.after)):
            if shape:
                shapes = diff[side].setdefault(f"{change.kind}s", {})
                twin = f"{change.name} ({change.serial_number or shape.get('id')})"
                shapes[twin if change.name in shapes else change.name] = shape
    return diff


def single_diff_of(report: RunReport) -> Result:
    """Before and after of the one item of the goal. For a configuration the header says what a
    change of it touches.
    """
    if not report.changes:
        return {"before": {}, "after": {}}
    change = report.changes[0]
    diff: Result = {"before": change.before, "after": change.after}
    if change.reach:
        diff["before_header"] = visible(change.name)
        diff["after_header"] = visible(change.name + change.reach)
    return diff


def failure(error: FlexError, changed: bool = False) -> Result:
    """The part of a result that says that a task failed, and why. ``changed``: not before it had
    changed something.
    """
    message = f"{str(error).rstrip('.')}.{RERUN}" if changed else str(error)
    return {"failed": True, "msg": message, "error_code": error.code, "details": error.details}


def failure_of(report: RunReport) -> Result:
    """The same for a run that ended with errors of its items or was cut short; {} if it reached all
    of its goal.
    """
    helps = report.error or not all(item.lasting for item in report.failures.values())
    rerun = bool(report.changed and report.real and helps)
    if report.error:
        return failure(report.error, rerun)
    sentences = [item.sentence.rstrip(".") for item in report.failures.values()]
    if not sentences:
        return {}
    total, message = len(report.goal), sentences[0]
    if len(sentences) > 1:
        message = (
            f"{len(sentences)} of {total} items failed, the first: {message}; "
            "see failures for the rest"
        )
    return {
        "failed": True,
        "msg": message + "." + (RERUN if rerun and total > 1 else ""),
        "error_code": "items_failed",
        "details": {},
    }
