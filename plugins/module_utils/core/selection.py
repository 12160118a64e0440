# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of the things that FortiFlex holds somebody asks for, and in which order they are listed.

FortiFlex has few filters, and whether it heeds several at once is not known: it gets those that it has, and all of them are applied here.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .model import (
    ACTIVE,
    EXPIRED,
    PENDING,
    STOPPED,
    Configuration,
    Entitlement,
    Observation,
    is_spare,
)
from .spelling import serial_number_spelled, spelled, tags_spelled

Row = dict[str, Any]  # an entitlement, and whether a name stands on it

_LISTED_STATUSES = (
    ACTIVE,
    STOPPED,
    PENDING,
    EXPIRED,
)  # those that the published API document lets a filter have
_TOKEN_STATUSES = ("NOTUSED", "USED")


def filters_of(options: Mapping[str, Any]) -> dict[str, str]:
    """What of the filters ``entitlements/list`` takes. Who stands for a name shows only if all that bear it are listed."""
    if options["holders"]:
        return {}
    asked = {
        "serialNumber": options["serial_number"],
        "status": options["status"],
        "tokenStatus": options["token_status"],
    }
    known = {"status": _LISTED_STATUSES, "tokenStatus": _TOKEN_STATUSES}
    given = {
        key: serial_number_spelled(str(value)) if key == "serialNumber" else str(value).upper()
        for key, value in asked.items()
        if value is not None
    }
    return {key: value for key, value in given.items() if value in known.get(key, (value,))}


def rows_of(
    seen: Observation, shape: Callable[[Entitlement, Observation], dict[str, Any] | None]
) -> list[Row]:
    """The entitlements of an account by name, those without one last, and then by serial number, in the ``shape`` that playbooks get."""
    names = {entitlement.name for entitlement in seen.entitlements if entitlement.name is not None}
    standing = {holders[0].serial_number for name in names if (holders := seen.holders(name))}
    ordered = sorted(
        seen.entitlements, key=lambda e: (e.name is None, e.name or "", e.serial_number)
    )
    return [
        {"stands": entitlement.serial_number in standing, "entitlement": shape(entitlement, seen)}
        for entitlement in ordered
    ]


def passes(options: Mapping[str, Any], product: str | None, row: Row) -> bool:
    """Whether an entitlement passes those filters of flex_entitlement_info that are among ``options``; ``product`` is the key of theirs."""
    shape = row["entitlement"]
    tags = tags_spelled(options.get("tags"))
    return (
        _given(options, "name") in (None, shape["name"])
        and _given(options, "serial_number", serial_number_spelled)
        in (None, shape["serial_number"])
        and _given(options, "configuration")
        in (None, shape["configuration"], str(shape["configuration_id"]))
        and product in (None, shape["product"])
        and (options.get("status") or shape["status"]).upper() == shape["status"]
        and (options.get("token_status") or shape["token_status"] or "").upper()
        == (shape["token_status"] or "")
        and tags.items() <= shape["tags"].items()
        and options.get("spare") in (None, is_spare(shape["description"], shape["status"]))
        and (not options.get("holders") or row["stands"])
    )


def _given(
    options: Mapping[str, Any], key: str, spell: Callable[[str], str] = spelled
) -> str | None:
    """A filter, as what it filters is compared; None if it is not given."""
    return None if options.get(key) is None else spell(str(options[key]))


def configurations(
    options: Mapping[str, Any], product_id: int | None, seen: Observation
) -> list[Configuration]:
    """The configurations of an account that pass all filters of flex_configuration_info, by name and then by id."""
    found = (
        configuration
        for configuration in seen.configurations
        if _given(options, "name") in (None, configuration.name)
        and options["id"] in (None, configuration.id)
        and product_id in (None, configuration.product_id)
        and (options["status"] or configuration.status).upper() == configuration.status
    )
    return sorted(found, key=lambda c: (c.name, c.id))


def limited(key: str, shapes: Iterable[Any], limit: int | None) -> dict[str, Any]:
    """The first of what was found, as a result, and how many there are in all."""
    found = list(shapes)
    return {key: found if limit is None else found[: max(limit, 0)], "total": len(found)}
