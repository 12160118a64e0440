# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The work of flex_cost_info: what a product, an existing configuration or a whole fleet costs, and the difference between two of these.

Private to the collection: may change at any time.
"""

from __future__ import annotations

import contextlib
import pathlib
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from ..catalogue.catalogue import Product, Values
from ..core.goal import WantedConfiguration
from ..core.model import Price
from ..errors import InvalidInput
from ..wording import count_of, rounded
from .results import Result, cost_shape
from .task import Task

with contextlib.suppress(ImportError):  # whoever reads a fleet file tells
    import yaml


class Part(NamedTuple):
    """So many entitlements of one size, and the price of one of them. ``configuration`` is None for a product with parameters."""

    configuration: str | None
    product: Product
    values: Values
    number: int
    price: Price


def cost(task: Task) -> Result:
    """What flex_cost_info returns."""
    options = task.options
    problems = _count_problems(options, "") + _count_problems(
        options["compare_to"] or {}, "compare_to: "
    )
    try:
        task.connect()
        fleets = [_fleet_of(described) for described in (options, options["compare_to"] or {})]
    except InvalidInput as error:
        raise InvalidInput([*problems, *error.problems]) from None
    parts = _parts(task, options, fleets[0], problems)
    others = (
        _parts(task, options["compare_to"], fleets[1], problems) if options["compare_to"] else None
    )
    if problems:
        raise InvalidInput(problems)
    priced = [_priced(task, part) for part in task.progress.over(parts, "prices read")]
    compared = None if others is None else [_priced(task, part) for part in others]
    single = parts[0] if options["fleet"] is None else None
    return {
        "changed": False,
        "cost": cost_shape(_sum(priced), 1),
        "parts": [
            {
                "configuration": part.configuration,
                "product": part.product.key,
                "parameters": part.product.show(part.values),
                "count": part.number,
                "points_per_day": float(part.price.points * part.number),
            }
            for part in priced
        ],
        "product": single and single.product.key,
        "parameters": single and single.product.show(single.values),
        "difference": None
        if compared is None
        else _difference(_sum(priced).points, _sum(compared).points),
    }


def _count_problems(described: Mapping[str, Any], where: str) -> list[str]:
    return (
        [f"{where}count: {described['count']} is under the minimum 1"]
        if described.get("count", 1) < 1
        else []
    )


def _fleet_of(described: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What a fleet file says.

    :raises InvalidInput: if it cannot be read, or is no fleet.
    """
    path = described.get("fleet")
    if path is None:
        return None
    try:
        fleet = yaml.safe_load(pathlib.Path(path).read_text(encoding="utf-8"))
    except NameError:
        raise InvalidInput(
            [
                "the Python library PyYAML is missing on this machine; install it, or run the task on the controller"
            ]
        ) from None
    except (OSError, ValueError) as error:
        raise InvalidInput(
            [
                f"fleet: {path} cannot be read ({getattr(error, 'strerror', None) or 'it is no text'})"
            ]
        ) from None
    except yaml.YAMLError:
        raise InvalidInput([f"fleet: {path} is neither YAML nor JSON"]) from None
    known = {"configurations": list, "entitlements": list, "profiles": dict}
    if not isinstance(fleet, Mapping) or not any(key in fleet for key in known):
        raise InvalidInput(
            [f"fleet: {path} has no configurations and entitlements, as flex_fleet takes them"]
        )
    wrong = [key for key, kind in known.items() if not isinstance(fleet.get(key) or kind(), kind)]
    wrong += [
        key
        for key in ("configurations", "entitlements")
        if key not in wrong and any(not isinstance(item, Mapping) for item in fleet.get(key) or ())
    ]
    if wrong:
        raise InvalidInput(
            [f"fleet: in {path} the {key} are not as flex_fleet takes them" for key in wrong]
        )
    return fleet


def _parts(
    task: Task, described: Mapping[str, Any], fleet: Mapping[str, Any] | None, problems: list[str]
) -> list[Part]:
    """The parts of what is described, not yet priced; adds to ``problems``."""
    unknown = Price(Decimal(0))
    try:
        if fleet is None:
            product, values = task.session.priced(
                described.get("product"),
                described.get("configuration"),
                described.get("parameters") or {},
            )
            return [
                Part(
                    described.get("configuration"),
                    product,
                    values,
                    described.get("count", 1),
                    unknown,
                )
            ]
        goal = task.goal(fleet)
    except InvalidInput as error:
        problems += error.problems
        return []
    listed = {wanted.key: wanted for wanted in goal.configurations}
    counts = Counter(
        wanted.configuration
        for wanted in goal.entitlements
        if wanted.state in ("active", "present")
    )
    parts = []
    for reference, count in counts.items():
        if reference is None:
            problems.append(
                f"fleet: {count_of(count, 'of its entitlements has', 'of its entitlements have')} no configuration; give one to each that is to run"
            )
            continue
        try:
            product, values = _size(task, listed.get(str(reference)), str(reference))
        except InvalidInput as error:
            problems += [
                f"fleet: configuration '{reference}': {problem}" for problem in error.problems
            ]
            continue
        parts.append(Part(str(reference), product, values, count, unknown))
    return parts


def _size(task: Task, listed: WantedConfiguration | None, reference: str) -> tuple[Product, Values]:
    """Product and values of a configuration that the fleet lists, or of an existing one."""
    if listed is None or listed.product is None:
        return task.session.priced(None, reference, listed.parameters if listed else {})
    return task.session.priced(listed.product.key, None, listed.parameters)


def _priced(task: Task, part: Part) -> Part:
    return part._replace(price=task.session.prices.price(part.product, part.values))


def _sum(parts: list[Part]) -> Price:
    """What all parts cost together; an announced price of one of them counts from the earliest day on which any begins."""
    points = sum((part.price.points * part.number for part in parts), Decimal(0))
    days = [part.price.latest_from for part in parts if part.price.latest_from is not None]
    if all(part.price.latest is None for part in parts):
        return Price(points)
    latest = sum(
        (
            (part.price.points if part.price.latest is None else part.price.latest) * part.number
            for part in parts
        ),
        Decimal(0),
    )
    return Price(points, latest, min(days) if days else None)


def _difference(points: Decimal, other: Decimal) -> dict[str, Any]:
    day = points - other
    return {
        "points_per_day": float(day),
        "points_per_30_days": float(day * 30),
        "points_per_year": float(day * 365),
        "text": f"{other:,.2f} -> {points:,.2f} points a day ({rounded(day, sign='+')})",
    }
