# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What products and parameters there are, whether given parameters are good, and what they cost (a made-up formula).

Product facts are in products.json; imports nothing else of the package but the refusal.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from .refusal import Refusal

Values = dict[int, list[str]]  # parameter id -> its values; "NONE" stands for none
_FORM_FACTORS = {
    "vm": (1, "Virtual Machines"),
    "hardware": (2, "Hardware Appliances"),
    "cloud": (3, "Cloud Services"),
}
_BUILT_IN = json.loads((Path(__file__).parent / "products.json").read_text(encoding="utf-8"))
_CENT = Decimal("0.01")


class Catalogue:
    """The products by id. Each is an item of products.json; more can be added at run time."""

    def __init__(self) -> None:
        self.products: dict[int, dict[str, Any]] = {
            item["id"]: item for item in copy.deepcopy(_BUILT_IN)
        }

    def add(self, product: Mapping[str, Any]) -> None:
        """Add or replace a product; needs id, name and parameters, the rest has defaults."""
        self.products[int(product["id"])] = {
            "kind": "vm",
            "short": product["name"],
            "prefix": "FXVM",
            **product,
        }

    def product(self, product_id: int) -> dict[str, Any]:
        """The product with that id; raises Refusal."""
        if product_id not in self.products:
            raise Refusal("Invalid product type id.")
        return self.products[product_id]

    def check(
        self,
        product_id: int,
        pairs: Any,
        before: Values | None = None,
        missing: str = "default",
        calculator: bool = False,
    ) -> Values:
        """The full set of values that the {id, value} pairs stand for; raises Refusal.

        `before`: the values of the configuration that is updated; `missing`: whether a parameter left out takes its
        `default`, is `kept` as it was, or is `refused`. The calculator also takes what is read only elsewhere.
        """
        parameters = {item["id"]: item for item in self.product(product_id)["parameters"]}
        given = _collect(pairs)
        for number in given:
            if number not in parameters:
                raise Refusal(f"Parameter id {number} is not valid for the product type.")
        values: Values = {}
        for number, parameter in parameters.items():
            old = (before or {}).get(number)
            if number in given:
                if parameter["type"] == "READONLY" and not calculator:
                    raise Refusal(f"Parameter id {number} is read only.")
                values[number] = _checked(parameter, given[number], old)
            elif parameter["type"] == "READONLY":
                values[number] = old or ["0"]
            elif before is not None and missing == "refused":
                raise Refusal(f"Parameter id {number} is missing.")
            elif before is not None and missing == "kept":
                values[number] = old or _default(parameter)
            elif before is None and parameter.get("required"):
                raise Refusal(f"Parameter id {number} is required.")
            else:
                values[number] = _default(parameter)
            if (
                old
                and parameter.get("only_up")
                and _rank(parameter, values[number]) < _rank(parameter, old)
            ):
                raise Refusal(f"Parameter id {number} can not be decreased.")
        _check_together(parameters, values)
        return values

    def defaults(self, product_id: int) -> Values:
        """The default of every parameter of the product; none for a product that is not known."""
        return {
            item["id"]: ["0"] if item["type"] == "READONLY" else _default(item)
            for item in self.products.get(product_id, {"parameters": []})["parameters"]
        }

    def answer(self, product_id: int, values: Values) -> list[dict[str, Any]]:
        """The values as {id, name, value} items: always text, a list as repeated items."""
        names = {
            item["id"]: item["name"]
            for item in self.products.get(product_id, {"parameters": []})["parameters"]
        }
        return [
            {"id": number, "name": names.get(number, ""), "value": value}
            for number, several in values.items()
            for value in several
        ]

    def metadata(self, odd: bool = False) -> list[dict[str, Any]]:
        """The answer of tools/metadata; odd: with members that are new, null or of another type, as another version might have it."""
        items: list[dict[str, Any]] = []
        for product in self.products.values():
            number, factor = _FORM_FACTORS[product["kind"]]
            items.append(
                {
                    "productTypeId": product["id"],
                    "name": product["name"],
                    "formFactor": {"formFactorId": number, "name": factor},
                    "parameters": [_described(parameter) for parameter in product["parameters"]],
                }
            )
        if odd:
            for index, item in enumerate(items):
                item["unknownMember"] = {"nested": [1, None]}
                if index % 3 == 0:
                    item["formFactor"] = None
                if index % 3 == 1:
                    item["parameters"] = None
                if index % 3 == 2:
                    item["productTypeId"] = str(item["productTypeId"])
                    item["parameters"] = [
                        {**parameter, "type": "UNHEARD-OF", "validValues": "none"}
                        for parameter in item["parameters"]
                    ]
        return items

    def price(self, product_id: int, values: Values) -> Decimal:
        """Points per day of one entitlement: invented, but for FortiGate bundles ENT with 2 CPUs (6.39) and 4 CPUs (12.91)."""
        if product_id == 1 and 1 in values:
            factor = {"FC": Decimal("0.25"), "UTP": Decimal("0.8"), "ATP": Decimal("0.65")}.get(
                values.get(2, ["ENT"])[0], Decimal(1)
            )
            total = (
                min(Decimal(values[1][0]), Decimal(96)) * Decimal("3.26") - Decimal("0.13")
            ) * factor
            rest = {number: several for number, several in values.items() if number not in (1, 2)}
        else:
            total, rest = Decimal("1.17"), values
        parameters = {
            item["id"]: item
            for item in self.products.get(product_id, {"parameters": []})["parameters"]
        }
        for number, several in rest.items():
            parameter = parameters.get(number, {"type": "SINGLEVALUE"})
            for value in several:
                if value == "NONE":
                    continue
                if parameter["type"] in ("NUMERIC", "READONLY"):
                    total += Decimal(value) * Decimal(20) / Decimal(parameter.get("max", 1000))
                else:
                    total += Decimal("0.37") * (
                        1 + list(parameter.get("values", {})).index(value)
                        if value in parameter.get("values", {})
                        else 1
                    )
        return total.quantize(_CENT)


def _collect(pairs: Any) -> Values:
    """The {id, value} pairs by id; raises Refusal for what is not such a pair."""
    if not isinstance(pairs, list):
        raise Refusal("Parameters must be a list.")
    given: Values = {}
    for pair in pairs:
        if not isinstance(pair, dict) or not str(pair.get("id", "")).isdecimal():
            raise Refusal("Invalid parameter.")
        value = pair.get("value")
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            raise Refusal(f"Parameter id {pair['id']} has an invalid value.")
        given.setdefault(int(pair["id"]), []).append(str(value))
    return given


def _checked(parameter: Mapping[str, Any], values: list[str], old: list[str] | None) -> list[str]:
    """The values of one parameter as they are stored; raises Refusal. What the configuration has already may stay."""
    number = parameter["id"]
    if len(values) > 1 and (
        parameter["type"] != "MULTIVALUE" or "NONE" in values or len(set(values)) < len(values)
    ):
        raise Refusal(f"Parameter id {number} has too many values.")
    for value in values:
        if value in (old or []) or (value == "NONE" and parameter["type"] == "MULTIVALUE"):
            continue
        if parameter["type"] in ("NUMERIC", "READONLY"):
            if not value.isdecimal() or not _in_range(parameter, int(value)):
                raise Refusal(f"Parameter id {number} has an invalid value.")
        elif value not in parameter["values"] or value in parameter.get("retired", []):
            raise Refusal(f"Parameter id {number} has an invalid value.")
    return [str(int(value)) for value in values] if parameter["type"] == "NUMERIC" else values


def _in_range(parameter: Mapping[str, Any], value: int) -> bool:
    if value == 0 and parameter.get("zero"):
        return True
    return bool(
        parameter.get("min", 0) <= value <= parameter.get("max", 10**9)
        and value % parameter.get("step", 1) == 0
    )


def _default(parameter: Mapping[str, Any]) -> list[str]:
    if "default" in parameter:
        return [parameter["default"]]
    if parameter["type"] == "NUMERIC":
        return ["0" if parameter.get("zero") else str(parameter.get("min", 0))]
    return ["NONE"] if parameter["type"] == "MULTIVALUE" else [next(iter(parameter["values"]))]


def _rank(parameter: Mapping[str, Any], values: list[str]) -> int:
    """What `only_up` compares: the number, or the place in the list of choices."""
    return (
        int(values[0])
        if parameter["type"] == "NUMERIC"
        else list(parameter["values"]).index(values[0])
    )


def _check_together(parameters: Mapping[int, Mapping[str, Any]], values: Values) -> None:
    for number, parameter in parameters.items():
        empty = values[number] in (["0"], ["NONE"])
        for other, codes in parameter.get("only_with", {}).items():
            if not empty and not set(values[int(other)]) & set(codes):
                raise Refusal(
                    f"Parameter id {number} must be 0 with this value of parameter id {other}."
                )
        for other, codes in parameter.get("needed_with", {}).items():
            if empty and set(values[int(other)]) & set(codes):
                raise Refusal(
                    f"Parameter id {number} is required with this value of parameter id {other}."
                )


def _described(parameter: Mapping[str, Any]) -> dict[str, Any]:
    """One parameter as tools/metadata tells it; codes that are no longer sold are not told."""
    codes = {
        value: label
        for value, label in parameter.get("values", {}).items()
        if value not in parameter.get("retired", [])
    }
    numeric = parameter["type"] == "NUMERIC"
    return {
        "parameterId": parameter["id"],
        "name": parameter["label"],
        "type": parameter["type"],
        "minValue": parameter.get("min") if numeric else None,
        "maxValue": parameter.get("max") if numeric else None,
        "step": parameter.get("step", 1) if numeric else None,
        "validValues": [{"value": value, "description": label} for value, label in codes.items()]
        or None,
    }
