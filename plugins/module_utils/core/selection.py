# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of the things that FortiFlex holds somebody asks for, and in which order they are listed.

FortiFlex has few filters, and whether it heeds several at once is not known. So it gets those that
it has, and all of them are applied here.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..catalogue.catalogue import Product
from ..optional import if_given
from .model import ACTIVE, EXPIRED, PENDING, STOPPED, Configuration, Entitlement, Observation
from .spelling import serial_number_spelled, spelled, tags_spelled

Listed = dict[str, Any]  # an entitlement, and whether a name stands on it

# How each filter is spelled as FortiFlex writes what it filters.
_SPELLED: dict[str, Callable[[str], str]] = {
    "name": spelled,
    "configuration": spelled,
    "serial_number": serial_number_spelled,
    "status": str.upper,
    "token_status": str.upper,
}
# The filters of entitlements/list, and the values that the published API document lets them have.
_SENT = {"serial_number": "serialNumber", "status": "status", "token_status": "tokenStatus"}
_SENT_VALUES = {"status": (ACTIVE, STOPPED, PENDING, EXPIRED), "token_status": ("NOTUSED", "USED")}


def filters_of(options: Mapping[str, Any]) -> dict[str, str]:
    """What of the filters ``entitlements/list`` takes.

    Who stands for a name shows only if all that bear it are listed.
    """
    if options["holders"]:
        return {}
    asked = {option: _given(options, option) for option in _SENT}
    return {
        _SENT[option]: value
        for option, value in asked.items()
        if value is not None and value in _SENT_VALUES.get(option, (value,))
    }


def rows_of(
    seen: Observation, shape: Callable[[Entitlement, Observation], dict[str, Any] | None]
) -> list[Listed]:
    """The entitlements of an account, in the ``shape`` that playbooks get.

    By name, those without one last, and then by serial number.
    """
    ordered = sorted(
        seen.entitlements, key=lambda e: (e.name is None, e.name or "", e.serial_number)
    )
    return [
        {
            "stands": entitlement in seen.holders(entitlement.name)[:1],
            "entitlement": shape(entitlement, seen),
        }
        for entitlement in ordered
    ]


def passes(options: Mapping[str, Any], product: Product | None, row: Listed) -> bool:
    """Whether an entitlement passes the filters.

    These are those of flex_entitlement_info that are among ``options``; ``product`` is theirs.
    """
    shape = row["entitlement"]
    reference = _given(options, "configuration")
    asked = {key: _given(options, key) for key in _SPELLED if key != "configuration"}
    asked |= {"product": product and product.key, "spare": options.get("spare")}
    return (
        _fits(asked, shape | {"spare": Entitlement.from_result(shape).is_spare})
        and reference in (None, shape["configuration"], str(shape["configuration_id"]))
        and tags_spelled(options.get("tags")).items() <= shape["tags"].items()
        and (row["stands"] or not options.get("holders"))
    )


def configurations(
    options: Mapping[str, Any], product: Product | None, seen: Observation
) -> list[Configuration]:
    """The configurations that pass all filters of flex_configuration_info.

    By name, and then by id.
    """
    asked = {key: _given(options, key) for key in ("name", "status")}
    asked |= {"id": options["id"], "product_id": product and product.id}
    found = (item for item in seen.configurations if _fits(asked, vars(item)))
    return sorted(found, key=lambda c: (c.name, c.id))


def _given(options: Mapping[str, Any], key: str) -> Any:
    """A filter, as what it filters is compared; None if it is not given."""
    value = options.get(key)
    return if_given(value, lambda given: _SPELLED[key](str(given)))


def _fits(asked: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    """Whether a thing has all that is asked for; None asks for nothing."""
    return all(value in (None, found[key]) for key, value in asked.items())


def limited(key: str, shapes: Iterable[Any], limit: int | None) -> dict[str, Any]:
    """The first of what was found, as a result, and how many there are in all."""
    found = list(shapes)
    return {key: found if limit is None else found[: max(limit, 0)], "total": len(found)}
