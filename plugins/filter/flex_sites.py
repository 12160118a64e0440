# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts of a play as the sites that one call of flex_fleet licenses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible.module_utils.parsing.convert_bool import boolean


def flex_sites(
    hosts: Any,
    hostvars: Any,
    prefix: str,
    options: Iterable[str],
    defaults: Mapping[str, Any] | None = None,
) -> list[dict[str, Any]]:
    """One dictionary for each host: its ``name``, the defaults, and what its variables PREFIX + OPTION say. A variable that is null counts as not set.

    Where a default is true or false, so are the values. Only a name may be empty, that of what goes by its serial number alone. Variables of a play or
    role are not seen; the lookup of the same name sees them.
    """
    if isinstance(hosts, str) or not isinstance(hosts, Iterable):
        raise AnsibleFilterError(
            "flex_sites: the hosts are no list; use it as `ansible_play_hosts_all | flexops.fortiflex.flex_sites(hostvars, ...)`"
        )
    wanted = [(option, f"{prefix}{option}") for option in options]
    sites = []
    for name in hosts:
        variables = hostvars[name]
        site = {"name": str(name), **(defaults or {})}
        for option, variable in wanted:
            value = variables.get(
                variable
            )  # looked at once, because each look fills its template in anew
            if option == "name" and value == "":
                site[option] = value
            elif value is not None:
                site[option] = _plain(value, (defaults or {}).get(option), f"{variable} of {name}")
        sites.append(site)
    return sites


def _plain(value: Any, default: Any, where: str) -> Any:
    """A value of an inventory, in which true and false may be text."""
    if isinstance(value, str) and not value.strip():
        raise AnsibleFilterError(f"flex_sites: {where} is empty; give it a value, or leave it out")
    if isinstance(default, bool):
        try:
            return boolean(value)
        except TypeError:
            raise AnsibleFilterError(f"flex_sites: {where} is neither true nor false") from None
    return value


_SHARED = ("profile", "end_date")
_OWN = ("name", "state", "tags", "distinct_from", "describe")


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
