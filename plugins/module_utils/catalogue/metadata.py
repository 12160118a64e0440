# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What FortiFlex's ``tools/metadata`` says it sells, merged over the shipped catalogue, so that a new product works on the day it is sold.

The answer adds: products, parameters, codes, the numbers that no source publishes; and it has the last word on ranges. It takes nothing away, since
FortiFlex itself refuses what it does not sell any more. What the answer does not say (whether a parameter is required, its default, whether it can
go down) stays as shipped, and is taken as the most permissive for what is new. Its shape is that of the published API document (OpenAPI, "tools").

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from .catalogue import Catalogue
from .products import PRODUCTS

Row = dict[str, Any]
_KINDS = (
    ("virtual", "vm"),
    ("hardware", "hardware"),
    ("cloud", "cloud"),
)  # only the name of form factor 1 is published


def merge(product_types: Iterable[Mapping[str, Any]]) -> tuple[Catalogue, int]:
    """The shipped catalogue with what the items of an answer add, and how many products and parameters were left out because they are odd."""
    rows: list[Row] = json.loads(PRODUCTS)
    taken = {spelling for row in rows for spelling in _spellings(row)}
    odd = 0
    items = []
    for item in product_types:
        try:
            items.append((_whole(item["productTypeId"]), _label(item["name"]), item))
        except (KeyError, ValueError):
            odd += 1
    for number, name, item in sorted(
        items, key=lambda entry: entry[0]
    ):  # names must not depend on the order of the answer
        row = _known(rows, number, name)
        if row is None:
            row = _new_product(taken, number, name, item.get("formFactor"))
            rows.append(row)
        elif name.casefold() not in taken:
            row["aliases"] = [*row.get("aliases", ()), name]
        taken |= _spellings(row)
        row["id"] = number
        odd += _merge_parameters(row, item.get("parameters"))
    return Catalogue(rows), odd


def named(label: str) -> str:
    """A label of FortiFlex as a name: ``Number of CPUs (total)`` becomes ``cpus``. The rule is documented in docs/products.md.

    What is in parentheses and ``Number of`` at the beginning are left out, ``Virtual Machine`` is ``vm``, ``&`` is ``and``, accents are dropped;
    lower case, and one ``_`` for every run of other characters than letters and digits.
    """
    text = re.sub(r"\([^()]*\)", " ", label)
    text = re.sub(r"^\s*number of\b", "", text, flags=re.IGNORECASE)
    return _snake(re.sub(r"\bvirtual machines?\b", "vm", text, flags=re.IGNORECASE))


def _snake(text: str) -> str:
    plain = (
        unicodedata.normalize("NFKD", text.replace("&", " and "))
        .encode("ascii", "ignore")
        .decode()
        .lower()
    )
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")


def _free(name: str, kind: str, number: int, taken: Collection[str]) -> str:
    """A name that nothing else has and that cannot be taken for a number: with the number at its end, if need be."""
    if not name or name.isdigit() or re.fullmatch(r"product_\d+", name):
        return f"{kind}_{number}"
    return f"{name}_{number}" if name in taken else name


def _more_names(name: str, label: str, number: int, taken: Collection[str]) -> list[str]:
    """What else a new product or parameter goes by: its whole label, and its name with its number, which nothing that is added later changes."""
    return [
        other
        for other in (_snake(label), f"{name}_{number}")
        if other not in (name, "") and other not in taken and not other.isdigit()
    ]


def _spellings(row: Row) -> set[str]:
    names = (row["key"], row["name"]) if "key" in row else (row["name"],)
    return {str(name).casefold() for name in (*names, *row.get("aliases", ()))}


def _known(rows: list[Row], number: int, name: str) -> Row | None:
    """The shipped product of that number, or the one of that name whose number was not published."""
    for row in rows:
        if row["id"] == number:
            return row
    return next(
        (row for row in rows if row["id"] is None and named(row["name"]) == named(name)), None
    )


def _new_product(taken: Collection[str], number: int, name: str, form_factor: Any) -> Row:
    label = str(form_factor.get("name")).lower() if isinstance(form_factor, Mapping) else ""
    kind = next((kind for word, kind in _KINDS if word in label), None)
    key = _free(named(name), "product", number, taken)
    aliases = _more_names(key, name, number, taken)
    return {
        "id": number,
        "key": key,
        "name": name,
        "kind": kind,
        "aliases": aliases,
        "parameters": [],
    }


def _merge_parameters(product: Row, items: Any) -> int:
    """Merge the parameters of one product in place; how many were odd comes back, 1 if they are no list at all."""
    if not isinstance(items, list):
        return 1
    odd = 0
    found = []
    for item in items:
        try:
            found.append(_parameter(item))
        except (AttributeError, KeyError, TypeError, ValueError):
            odd += 1
    rows = product["parameters"]
    for live in sorted(found, key=lambda row: int(row["id"])):
        shipped = next((row for row in rows if row["id"] == live["id"]), None)
        shipped = shipped or next(
            (
                row
                for row in rows
                if row["id"] is None and live["name"] in (row["name"], named(row["label"]))
            ),
            None,
        )
        step = live.pop("told_step", None)
        if shipped is None:
            taken = {spelling for row in rows for spelling in _spellings(row)}
            live["name"] = _free(live["name"], "parameter", live["id"], taken)
            live["aliases"] = _more_names(live["name"], live["label"], live["id"], taken)
            rows.append(live)
        else:
            known = shipped.get("choices", {})
            odd += not _update(shipped, live | {"told_step": step})
            for rule in product.get("rules", ()):
                if rule["needs"] == shipped["name"]:  # whether a new code fits is not for us to say
                    rule["codes"] += [code for code in live.get("choices", ()) if code not in known]
            taken = {
                spelling for row in rows for spelling in (*_spellings(row), row["label"].casefold())
            }
            if (
                live["label"].casefold() not in taken and not live["label"].isdigit()
            ):  # digits are the number of a parameter
                shipped["aliases"] = [*shipped.get("aliases", ()), live["label"]]
    return odd


def _parameter(item: Mapping[str, Any]) -> Row:
    """One item as a row of the catalogue. Raises ValueError, or what else comes of an odd one."""
    label = _label(item["name"])
    row: Row = {"id": _whole(item["parameterId"]), "name": named(label), "label": label}
    if item["type"] == "NUMERIC":
        least, most, step = (
            None if item.get(key) is None else _whole(item[key])
            for key in ("minValue", "maxValue", "step")
        )
        if least is not None and most is not None and least > most:
            raise ValueError
        # Whether steps are counted from 0 or from the least value is not documented: where that matters, FortiFlex checks them.
        return row | {
            "type": "int",
            "minimum": least,
            "maximum": most,
            "multiple_of": step if step and (least or 0) % step == 0 else 1,
            "told_step": step,
        }
    if item["type"] in ("SINGLEVALUE", "MULTIVALUE"):
        choices = {
            _label(choice["value"]): _label(choice.get("description") or choice["value"])
            for choice in item["validValues"]
        }
        if not choices:
            raise ValueError
        return (
            row
            | (
                {"type": "str"}
                if item["type"] == "SINGLEVALUE"
                else {"type": "list", "default": []}
            )
            | {"choices": choices}
        )
    if item["type"] == "READONLY":
        return row | {"type": "int", "read_only": True}
    raise ValueError


def _update(shipped: Row, live: Row) -> bool:
    """Take over in place what a parameter of the answer adds to the shipped one; False if the two do not go together."""
    shipped["id"] = live["id"]
    numbers = shipped["type"] == "int"
    if live.get("read_only") or shipped.get("read_only"):
        return bool(live.get("read_only")) == bool(shipped.get("read_only"))
    if "choices" not in live:
        if not numbers or "choices" in shipped:
            return False
        # FortiFlex may tell the least of "0, or 25 and more" as 0.
        if live["minimum"] is not None and not (
            shipped.get("zero_allowed") and live["minimum"] == 0
        ):
            shipped["minimum"] = live["minimum"]
        shipped["maximum"] = shipped.get("maximum") if live["maximum"] is None else live["maximum"]
        if live["told_step"]:
            shipped["multiple_of"] = live["multiple_of"]
        _keep_default_legal(shipped)
        return True
    if numbers and not all(code.isdecimal() for code in live["choices"]):
        return False
    choices = shipped.get("choices", {})
    choices = choices if isinstance(choices, dict) else {str(code): str(code) for code in choices}
    if live["type"] == "list" and shipped["type"] == "str":  # several at once, by now
        shipped |= {"type": "list", "default": [] if "default" in shipped else None}
        choices = {code: label for code, label in choices.items() if code != "NONE"}
    merged = choices | {
        code: label for code, label in live["choices"].items() if code not in choices
    }
    if not shipped.get("downgrade_allowed", True):
        shipped["ranks"] = list(choices)  # the order of the answer says nothing of what is higher
    if numbers:
        merged = {code: merged[code] for code in sorted(merged, key=int)}
        shipped |= {"minimum": int(next(iter(merged))), "maximum": int(list(merged)[-1])}
    shipped["choices"] = merged
    shipped["other_labels"] = {
        code: label for code, label in live["choices"].items() if label != merged.get(code, label)
    }
    shipped["deprecated_choices"] = {
        code: label
        for code, label in shipped.get("deprecated_choices", {}).items()
        if code not in merged
    }
    return True


def _keep_default_legal(row: Row) -> None:
    """A default that the range has left behind is none any more: the parameter has to be given then."""
    default, least, most = row.get("default"), row.get("minimum"), row.get("maximum")
    if not isinstance(default, int) or (default == 0 and row.get("zero_allowed")):
        return
    if (least is not None and default < least) or (most is not None and default > most):
        row |= {"default": None, "required": True}


def _whole(value: Any) -> int:
    """A whole number that is not negative, which may come as text or with a fraction of 0."""
    if isinstance(value, bool) or not re.fullmatch(r"[0-9]{1,12}(\.0+)?", str(value)):
        raise ValueError
    return int(float(value))


def _label(value: Any) -> str:
    if not isinstance(value, (str, int)) or isinstance(value, bool) or not str(value).strip():
        raise ValueError
    return " ".join(str(value).split())
