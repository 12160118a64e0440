# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of FortiFlex a Terraform state file manages, with the provider fortinetdev/fortiflexvm. Its
license tokens are not read.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from operator import attrgetter
from typing import Any, NamedTuple

from ..module_utils.core.spelling import serial_number_spelled
from ..module_utils.errors import InvalidInput
from ..module_utils.grouping import grouped

_VERSION = 4
_ADVICE = "give the JSON file that `terraform state pull` writes"
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
    """Addresses of resources, by number of the configuration and by serial number of the
    entitlement.
    """

    configurations: dict[int, str]
    entitlements: dict[str, str]


def managed_by(state: Any) -> Managed:
    """What a state, as it is in its JSON file, manages.

    :raises InvalidInput: if it is no state, or of a format that is not known.
    """
    known = state if isinstance(state, Mapping) else {}
    if known.get("version") != _VERSION or not isinstance(known.get("resources"), list):
        raise InvalidInput([f"the Terraform state is none of version {_VERSION}; {_ADVICE}"])
    try:
        return _managed(chain.from_iterable(map(_instances, known["resources"])))
    except (AttributeError, KeyError, TypeError, ValueError):
        raise InvalidInput(
            [f"the Terraform state has a resource of an unknown shape; {_ADVICE}"]
        ) from None


class _Instance(NamedTuple):
    """An instance of a resource: its type, its address, and its attributes."""

    kind: str
    address: str
    values: dict[str, Any]

    @property
    def serial_numbers(self) -> list[str]:
        """Its own, or those of a group that it has retrieved."""
        several = self.values.get("entitlements") or [self.values]
        numbers = [item.get("serial_number") for item in several]
        return [serial_number_spelled(str(number)) for number in numbers if number]

    def addresses(self) -> Iterator[tuple[str, str]]:
        """Each of its serial numbers, and an address for it."""
        for place, number in enumerate(self.serial_numbers):
            yield number, f"{self.address}-{place}" if self.kind == _GROUP else self.address


def _managed(found: Iterable[_Instance]) -> Managed:
    """What these instances manage."""
    by_kind = grouped(found, attrgetter("kind"))
    configurations = {
        int(instance.values["id"]): instance.address
        for instance in by_kind.get(_CONFIGURATION, ())
        if str(instance.values.get("id")).isdecimal()
    }
    entitlements: dict[str, str] = {}
    for instance in chain.from_iterable(by_kind.get(kind, ()) for kind in _ENTITLEMENTS):
        for number, address in instance.addresses():
            entitlements.setdefault(number, address)
    return Managed(configurations, entitlements)


def _instances(resource: Mapping[str, Any]) -> Iterator[_Instance]:
    """Each instance of a resource, which has an index in its address where there are several."""
    steps = str(resource.get("module") or "").split(".")
    inner = [step for step in steps if step not in ("", "module")]
    address = "-".join([*inner, str(resource.get("name"))])
    for instance in resource.get("instances") or ():
        key = instance.get("index_key")
        index = "" if key is None else f"[{json.dumps(key, ensure_ascii=False)}]"
        attributes = dict(instance.get("attributes") or {})
        yield _Instance(str(resource.get("type")), f"{address}{index}", attributes)
