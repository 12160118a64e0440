# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What modules return: the shapes of products, configurations and entitlements, what changed, and the diff. Never a token, unless asked for.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ..catalogue.catalogue import Catalogue, Product
from ..core.cost import Cost
from ..core.dates import day_of
from ..core.model import (
    CHARGED,
    SPARE,
    STOPPED,
    Configuration,
    Entitlement,
    Folder,
    Observation,
    Price,
    Program,
    tags_of,
)

Result = dict[str, Any]

# What can become of an entitlement, and how a plan counts it.
ACTIONS = (
    "create",
    "reuse",
    "change",
    "move",
    "reactivate",
    "stop",
    "release",
    "suspended",
    "unchanged",
)
WITHOUT_LICENSE = "without_license"  # of a plan only: there was nothing, and there shall be nothing


class Shapes:
    """Turns what the service showed into what a playbook gets."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def configuration(self, configuration: Configuration | None) -> Result | None:
        """A configuration by our names. ``id`` is None while it is only predicted."""
        if configuration is None:
            return None
        product = self._catalogue.product(configuration.product_id)
        return {
            "id": configuration.id if configuration.id > 0 else None,
            "name": configuration.name,
            "product": product.key,
            "product_id": product.id,
            "parameters": product.show(configuration.values),
            "status": configuration.status,
            "account_id": configuration.account_id,
            "program": configuration.program,
        }

    def entitlement(
        self, entitlement: Entitlement | None, seen: Observation, token: bool = False
    ) -> Result | None:
        """An entitlement by our names; dates are Pacific days (YYYY-MM-DD). What only the service can know is None while predicted."""
        if entitlement is None:
            return None
        configuration = seen.by_id.get(entitlement.configuration_id)
        shown = {
            "serial_number": None if entitlement.predicted else entitlement.serial_number,
            "name": entitlement.name,
            "tags": tags_of(entitlement.description) or {},
            "description": entitlement.description,
            "configuration": configuration.name if configuration else None,
            "configuration_id": entitlement.configuration_id
            if entitlement.configuration_id > 0
            else None,
            "product": self._catalogue.product(configuration.product_id).key
            if configuration
            else None,
            "account_id": entitlement.account_id,
            "status": entitlement.status,
            "start_date": _day(entitlement.start_date),
            "end_date": _day(entitlement.end_date),
            "token_status": entitlement.token_status,
        }
        return {**shown, "token": entitlement.token} if token else shown


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
        "start_date": program.start.isoformat() if program.start else None,
        "end_date": program.end.isoformat() if program.end else None,
        "has_support_coverage": program.has_support_coverage,
        "point_balance": None if balance is None else float(balance),
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
        "latest": None if price.latest is None else float(price.latest * count),
        "latest_effective_date": price.latest_from.isoformat() if price.latest_from else None,
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


def action(before: Entitlement | None, after: Entitlement | None, first: Observation) -> str:
    """What became of a name: the one word of :data:`ACTIONS` that says most."""
    if before is None or after is None or before.serial_number != after.serial_number:
        if after is None:
            return "unchanged" if before is None else "release"
        return "reuse" if after.serial_number in first.by_serial else "create"
    if before.status == STOPPED and after.status in CHARGED:
        return "reactivate"
    if before.status in CHARGED and after.status == STOPPED:
        return "stop"
    if before.configuration_id != after.configuration_id:
        return "move"
    same = (before.description, before.end_day, before.token) == (
        after.description,
        after.end_day,
        after.token,
    )
    return "unchanged" if same else "change"


def differences(before: Result | None, after: Result | None, dated: bool = False) -> str:
    """What differs between two shapes, on one line; of something new, what it is, and when it ends if it is ``dated``."""
    if not before or not after:
        return _described(after, dated) if after else "is taken out of the program"
    if after.get("description") == SPARE != before["description"]:
        same = before["status"] == after["status"]
        status = "" if same else f"was {before['status']}"
        lost = _plain(before["tags"]) if before["tags"] else ""
        lost = lost if before["name"] else f"'{before['description']}'"
        return ", ".join(filter(None, ("becomes a spare", status, lost and f"loses {lost}")))
    is_taken = before.get("description") == SPARE
    texts = ["was a spare"] if is_taken else []
    for key in after:
        if key == "parameters":
            old, new = before[key], after[key]
            texts += [
                f"{name} {_plain(old.get(name))} -> {_plain(new[name])}"
                for name in new
                if old.get(name) != new[name]
            ]
        elif key == "end_date" and after[key] is None:
            continue  # the program's end, which is not asked for before a run
        elif is_taken and key == "name":
            continue
        elif before[key] != after[key] and key not in (
            "configuration_id",
            "description",
            "start_date",
        ):
            texts.append(f"{key} {_plain(before[key])} -> {_plain(after[key])}")
    return ", ".join(texts)


def _described(shape: Result, dated: bool) -> str:
    if "parameters" in shape:
        return ", ".join(
            [
                shape["product"],
                *(
                    f"{name} {_plain(value)}"
                    for name, value in shape["parameters"].items()
                    if value != []
                ),
            ]
        )
    ends = f"ends {shape['end_date']}" if dated else None
    told = [shape["configuration"], shape["status"], ends, shape["tags"] and _plain(shape["tags"])]
    return ", ".join(str(text) for text in told if text)


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={text}" for key, text in sorted(value.items())) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(str(text) for text in value) + "]"
    return "none" if value is None else str(value)


def _day(text: str | None) -> str | None:
    day = day_of(text)
    return day.isoformat() if day else text
