# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of FortiFlex a Terraform state file manages, with the provider fortinetdev/fortiflexvm. Its license tokens are not looked at.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ..module_utils.core.spelling import serial_number_spelled
from ..module_utils.errors import InvalidInput

_VERSION = 4
_CONFIGURATION = "fortiflexvm_config"
_GROUP = "fortiflexvm_retrieve_vm_group"
# Of two that manage one entitlement the first says what it is called.
_ENTITLEMENTS = (
    "fortiflexvm_entitlements_vm",
    "fortiflexvm_entitlements_hardware",
    "fortiflexvm_entitlements_cloud",
    _GROUP,
    "fortiflexvm_entitlements_vm_token",
)


class Managed(NamedTuple):
    """Addresses of resources, by number of the configuration and by serial number of the entitlement."""

    configurations: dict[int, str]
    entitlements: dict[str, str]


def managed_by(state: Any) -> Managed:
    """What a state, as it is in its JSON file, manages.

    :raises InvalidInput: if it is no state, or of a format that is not known.
    """
    if (
        not isinstance(state, Mapping)
        or state.get("version") != _VERSION
        or not isinstance(state.get("resources"), list)
    ):
        raise InvalidInput(
            [
                f"the Terraform state is none of version {_VERSION}; give the JSON file that `terraform state pull` writes"
            ]
        )
    try:
        found = [
            (str(resource.get("type")), address, dict(values))
            for resource in state["resources"]
            for address, values in _instances(resource)
        ]
        return _managed(found)
    except (AttributeError, KeyError, TypeError, ValueError):
        raise InvalidInput(
            [
                "the Terraform state has a resource of an unknown shape; give the JSON file that `terraform state pull` writes"
            ]
        ) from None


def _managed(found: list[tuple[str, str, dict[str, Any]]]) -> Managed:
    """From (type, address, attributes) of resources."""
    configurations = {
        int(values["id"]): address
        for kind, address, values in found
        if kind == _CONFIGURATION and str(values.get("id")).isdecimal()
    }
    entitlements: dict[str, str] = {}
    for wanted in _ENTITLEMENTS:
        for address, values in (
            (address, values) for kind, address, values in found if kind == wanted
        ):
            for number, serial_number in enumerate(_serial_numbers(values)):
                entitlements.setdefault(
                    serial_number, f"{address}-{number}" if wanted == _GROUP else address
                )
    return Managed(configurations, entitlements)


def _instances(resource: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(address, attributes) of each instance of a resource."""
    module = "".join(
        f"{step}-"
        for step in str(resource.get("module") or "").split(".")
        if step != "module" and step
    )
    for instance in resource.get("instances") or ():
        key = instance.get("index_key")
        index = "" if key is None else f"[{key}]" if isinstance(key, int) else f'["{key}"]'
        yield f"{module}{resource.get('name')}{index}", instance.get("attributes") or {}


def _serial_numbers(values: Mapping[str, Any]) -> list[str]:
    """Those of a resource: its own, or those of a group that it has retrieved."""
    several = values.get("entitlements") or [values]
    return [
        serial_number_spelled(str(item["serial_number"]))
        for item in several
        if isinstance(item, Mapping) and item.get("serial_number")
    ]
