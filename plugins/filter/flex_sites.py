# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts of a play as the sites that one call of flex_fleet licenses."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils.errors import InvalidInput
from ..plugin_utils.sites import read_sites


def flex_sites(
    hosts: Any,
    hostvars: Any,
    prefix: str,
    options: Collection[str],
    defaults: Mapping[str, Any] | None = None,
) -> list[dict[str, Any]]:
    """The sites as :func:`read_sites` reads them. Variables of a play or role are not seen; the lookup of the same name sees them."""
    if isinstance(hosts, str) or not isinstance(hosts, Iterable):
        raise AnsibleFilterError(
            "flex_sites: the hosts are no list; use it as `ansible_play_hosts_all | flexops.fortiflex.flex_sites(hostvars, ...)`"
        )
    named = [*hosts]
    try:
        return read_sites(
            named, {host: hostvars[host] for host in named}, prefix, options, defaults
        )
    except InvalidInput as error:
        raise AnsibleFilterError(f"flex_sites: {error}") from None


_SHARED = ("profile", "end_date")
_OWN = ("name", "state", "tags", "distinct_from", "was", "describe")


def flex_devices(
    sites: Iterable[Mapping[str, Any]], main: str, others: Iterable[str] = ()
) -> list[dict[str, Any]]:
    """The entitlements of sites: each has one device of the kind ``main``, by name, and any number of the kinds ``others``, by serial number.

    A site says DEVICE_serial_number if its main device is no virtual machine, and DEVICE_serial_numbers of the others. What FortiFlex cannot release is
    stopped where the site shall be absent.
    """
    entitlements = []
    for site in sites:
        shared = {key: site[key] for key in _SHARED if key in site}
        hardware = {
            **shared,
            "state": "stopped" if site.get("state") == "absent" else site.get("state", "active"),
        }
        first = {**shared, **{key: site[key] for key in _OWN if key in site}, "device": main}
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
        return {"flex_sites": flex_sites, "flex_devices": flex_devices}
