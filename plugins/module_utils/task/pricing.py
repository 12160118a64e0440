# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The work of flex_cost_info: what a product, an existing configuration or a whole fleet costs, and
the difference between two of these.

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
from ..errors import InvalidInput, Problems
from ..given import Given
from ..wording import count_of, rounded
from .options import FLEET
from .results import Result, cost_shape
from .task import Task

with contextlib.suppress(ImportError):  # whoever reads a fleet file reports it
    import yaml

Described = Mapping[str, Any]
"""What must be priced, by options: a product with parameters, a configuration, or a fleet file."""

_LISTS = ("configurations", "entitlements")
_MAPPINGS = ("profiles", "spares")


class Part(NamedTuple):
    """So many entitlements of one size. ``configuration`` is None for a product with parameters."""

    configuration: str | None
    product: Product
    values: Values
    number: int


class Priced(NamedTuple):
    """A part, and the price of one of its entitlements."""

    part: Part
    each: Price

    @property
    def points(self) -> Decimal:
        """Points a day of all of them."""
        return self.each.points * self.part.number

    @property
    def latest(self) -> Decimal:
        """The same once the latest price holds that was announced."""
        latest = self.each.points if self.each.latest is None else self.each.latest
        return latest * self.part.number


def cost(task: Task) -> Result:
    """What flex_cost_info returns."""
    parts, *others = _asked(task)
    priced = [_priced(task, part) for part in task.progress.over(parts, "prices read")]
    price = _sum(priced)
    difference = None
    for other in others:
        compared = _sum([_priced(task, part) for part in other])
        difference = _difference(price.points, compared.points)
    shapes = [
        {
            "configuration": one.part.configuration,
            "product": one.part.product.key,
            "parameters": one.part.product.show(one.part.values),
            "count": one.part.number,
            "points_per_day": float(one.points),
        }
        for one in priced
    ]
    single = shapes[0] if task.options["fleet"] is None else {}
    return {
        "changed": False,
        "cost": cost_shape(price, 1),
        "parts": shapes,
        "product": single.get("product"),
        "parameters": single.get("parameters"),
        "difference": difference,
    }


def _asked(task: Task) -> list[list[Part]]:
    """The parts of what must be priced, then those of what it is compared to, if it is.

    :raises InvalidInput: with everything that is wrong with the options.
    """
    options, other = task.options, task.options["compare_to"]
    sides = {"": options, "compare_to": other} if other else {"": options}
    with Problems() as problems:
        for where, described in sides.items():
            if described.get("count", 1) < 1:
                number = described["count"]
                problems.about(where).add(f"count: {number} is under the minimum 1")
        task.connect()
        fleets = [_fleet_of(described) for described in sides.values()]
        return [
            _parts(task, described, fleet, problems)
            for described, fleet in zip(sides.values(), fleets, strict=True)
        ]


def _fleet_of(described: Described) -> Mapping[str, Any] | None:
    """What a fleet file says; None without one.

    :raises InvalidInput: if it cannot be read, or is no fleet.
    """
    path = described.get("fleet")
    if path is None:
        return None
    fleet = _read(path)
    if not isinstance(fleet, Mapping) or fleet.keys().isdisjoint((*_LISTS, "profiles")):
        raise InvalidInput(
            f"fleet: {path} has no configurations and entitlements, as flex_fleet takes them"
        )
    lists = {key: fleet.get(key) or [] for key in _LISTS}
    wrong = [key for key, items in lists.items() if not _is_list_of_mappings(items)]
    wrong += [key for key in _MAPPINGS if not isinstance(fleet.get(key) or {}, Mapping)]
    with Problems() as problems:
        for key in wrong:
            problems.add(f"fleet: in {path} the {key} are not as flex_fleet takes them")
    return {**fleet, **_read_as_options(lists)}


def _read_as_options(lists: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
    """The items of a fleet, read as flex_fleet reads its options.

    :raises InvalidInput: with everything that is wrong with them.
    """
    given = Given()
    read = {
        key: given.items(key.removesuffix("s"), items, FLEET[key]["options"])
        for key, items in lists.items()
    }
    given.check()
    return read


def _is_list_of_mappings(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, Mapping) for item in value)


def _read(path: str) -> object:
    """A file of YAML or JSON.

    :raises InvalidInput: if it is none.
    """
    try:
        return yaml.safe_load(pathlib.Path(path).read_text(encoding="utf-8"))
    except NameError:
        raise InvalidInput(
            "the Python library PyYAML is missing on this machine; "
            "install it, or run the task on the controller"
        ) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise InvalidInput(f"fleet: {path} cannot be read ({reason})") from None
    except yaml.YAMLError:
        raise InvalidInput(f"fleet: {path} is neither YAML nor JSON") from None


def _parts(
    task: Task, described: Described, fleet: Mapping[str, Any] | None, problems: Problems
) -> list[Part]:
    """The parts of what is described: one, or those of a fleet."""
    parts: list[Part] = []
    with problems.catch():
        if fleet is not None:
            return _parts_of_fleet(task, fleet, problems)
        configuration = described.get("configuration")
        size = task.session.priced(
            described.get("product"), configuration, described.get("parameters") or {}
        )
        parts.append(Part(configuration, *size, described.get("count", 1)))
    return parts


def _parts_of_fleet(task: Task, fleet: Mapping[str, Any], problems: Problems) -> list[Part]:
    """A part for each configuration that entitlements of a fleet will run on.

    :raises InvalidInput: with what is wrong with the fleet.
    """
    goal = task.goal(fleet)
    listed = {wanted.key: wanted for wanted in goal.configurations}
    running = (wanted for wanted in goal.entitlements if wanted.state in ("active", "present"))
    parts = []
    for reference, count in Counter(wanted.configuration for wanted in running).items():
        if reference is None:
            has = count_of(count, "of its entitlements has", "of its entitlements have")
            problems.add(f"fleet: {has} no configuration; give one to each that will run")
            continue
        key = str(reference)
        with problems.about(f"fleet: configuration '{key}'").catch():
            parts.append(Part(key, *_size(task, listed.get(key), key), count))
    return parts


def _size(task: Task, listed: WantedConfiguration | None, reference: str) -> tuple[Product, Values]:
    """Product and values of a configuration that the fleet lists, or of an existing one."""
    if listed is None or listed.product is None:
        return task.session.priced(None, reference, listed.parameters if listed else {})
    return task.session.priced(listed.product.key, None, listed.parameters)


def _priced(task: Task, part: Part) -> Priced:
    return Priced(part, task.session.prices.price(part.product, part.values))


def _sum(parts: list[Priced]) -> Price:
    """What all parts cost together; an announced price of one of them counts from the earliest day
    on which any begins.
    """
    points = sum((one.points for one in parts), Decimal(0))
    if all(one.each.latest is None for one in parts):
        return Price(points)
    latest = sum((one.latest for one in parts), Decimal(0))
    days = [one.each.latest_from for one in parts if one.each.latest_from is not None]
    return Price(points, latest, min(days, default=None))


def _difference(points: Decimal, other: Decimal) -> dict[str, Any]:
    day = points - other
    return {
        "points_per_day": float(day),
        "points_per_30_days": float(day * 30),
        "points_per_year": float(day * 365),
        "text": f"{other:,.2f} -> {points:,.2f} points a day ({rounded(day, sign='+')})",
    }
