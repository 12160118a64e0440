# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The devices of sites as the entitlements that one call of flex_fleet licenses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..module_utils.grouping import part_of

_SHARED = ("profile", "end_date")
_OWN = ("name", "state", "tags", "distinct_from", "was", "describe")


def flex_devices(
    sites: Iterable[Mapping[str, Any]], main: str, others: Iterable[str] = ()
) -> list[dict[str, Any]]:
    """The entitlements of sites: each has one device of the kind ``main``, by name, and any number
    of the kinds ``others``, by serial number.

    A site says DEVICE_serial_number if its main device is no virtual machine, and
    DEVICE_serial_numbers of the others. What FortiFlex cannot release is stopped where the site
    must be absent.
    """
    entitlements = []
    for site in sites:
        shared = part_of(site, _SHARED)
        state = site.get("state", "active")
        hardware = {**shared, "state": "stopped" if state == "absent" else state}
        first = {**shared, **part_of(site, _OWN), "device": main}
        serial_number = site.get(f"{main}_serial_number")
        entitlements.append(
            {**first, "state": hardware["state"], "serial_number": serial_number}
            if serial_number
            else first
        )
        for device in others:
            entitlements += [
                {**hardware, "device": device, "serial_number": number}
                for number in site.get(f"{device}_serial_numbers") or ()
            ]
    return entitlements


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """By name."""
        return {"flex_devices": flex_devices}
