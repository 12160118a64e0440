# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where an inventory and what FortiFlex holds do not agree."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from ..module_utils.core.dates import day_of
from ..module_utils.core.model import CHARGED, EXPIRED, PENDING, SPARE, STOPPED, intent_of, is_spare
from ..plugin_utils.days import day_or_today
from ..plugin_utils.sites import account_number, accounts_of

Item = Mapping[str, Any]
_ORDER = (
    "unlicensed",
    "expired",
    "stopped",
    "wrong_device",
    "double",
    "orphan",
    "running",
    "unused",
    "intent",
    "spare",
    "ending",
)


def flex_audit(
    entitlements: Iterable[Item],
    sites: Iterable[Item],
    devices: Mapping[str, str] | None = None,
    unused_days: int = 30,
    ending_days: int = 30,
    spares: int | None = None,
    today: Any = None,
    account_aliases: Any = None,
) -> list[dict[str, Any]]:
    """Everything that does not agree, one dictionary each, the most urgent first. ``devices``: serial number by site, of devices that were asked."""
    accounts = accounts_of(account_aliases)
    day = day_or_today("flex_audit", today)
    held = list(entitlements)
    listed: list[Item] = [
        {
            **site,
            "account_id": account_number(
                accounts, site.get("account_id"), f"account_id of {site['name']}"
            ),
        }
        for site in sites
    ]
    found = [
        *_sites_without(listed, held),
        *_other_devices(listed, held, devices or {}),
        *_nobodys(listed, held),
        *_twice(held),
        *(
            finding
            for item in held
            for finding in _by_itself(item, day, int(unused_days), int(ending_days))
        ),
    ]
    ready = [item for item in held if is_spare(item["description"], item["status"])]
    if spares is not None and len(ready) > int(spares):
        found.append(
            _finding(
                "spare",
                None,
                f"there are more spares than {spares}, namely {len(ready)}; new sites take them, and they cost nothing",
            )
        )
    return sorted(
        found,
        key=lambda finding: (
            _ORDER.index(finding["kind"]),
            finding["name"] or "",
            finding["serial_number"] or "",
        ),
    )


def _finding(kind: str, item: Item | None, text: str, name: str | None = None) -> dict[str, Any]:
    return {
        "kind": kind,
        "name": name if name is not None or item is None else item["name"],
        "serial_number": item["serial_number"] if item else None,
        "account_id": item["account_id"] if item else None,
        "configuration_id": item["configuration_id"] if item else None,
        "charged": item is not None and item["status"] in CHARGED,
        "text": text,
    }


def _serial_numbers(site: Item) -> list[str]:
    """All that a site says about its devices: SOMETHING_serial_number and SOMETHING_serial_numbers."""
    ones = [str(value) for key, value in site.items() if key.endswith("serial_number") and value]
    return ones + [
        str(number)
        for key, value in site.items()
        if key.endswith("serial_numbers")
        for number in value or ()
    ]


def _of_site(site: Item, held: list[Item]) -> list[Item]:
    """What a site is licensed with, in its account if it says one."""
    numbers, account_id = _serial_numbers(site), site["account_id"]
    return [
        item
        for item in held
        if (
            item["serial_number"] in numbers
            or (item["name"] == site["name"] and item["description"] != SPARE)
        )
        and account_id in (None, item["account_id"])
    ]


def _sites_without(sites: list[Item], held: list[Item]) -> Iterator[dict[str, Any]]:
    """Sites that shall run and have no license, or none that does; and those that shall not, and are charged."""
    for site in sites:
        mine = _of_site(site, held)
        if site.get("state", "active") == "stopped":
            for item in mine:
                if item["status"] in CHARGED:
                    yield _finding(
                        "running",
                        item,
                        f"its license is {item['status']}, and the inventory wants it stopped",
                        site["name"],
                    )
        if site.get("state", "active") not in ("active", "present"):
            continue
        missing = [
            number
            for number in _serial_numbers(site)
            if number not in {item["serial_number"] for item in mine}
        ]
        if not any(
            key.endswith("serial_number") and value for key, value in site.items()
        ):  # a virtual machine goes by name
            mine = [item for item in mine if item["name"] == site["name"]]
        alive = [item for item in mine if item["status"] != EXPIRED]
        if missing:
            yield _finding(
                "unlicensed", None, f"has no license for {', '.join(missing)}", site["name"]
            )
        elif not mine:
            yield _finding("unlicensed", None, "has no license", site["name"])
        elif not alive:
            yield _finding(
                "expired",
                mine[0],
                f"its license is EXPIRED since {mine[0]['end_date']}",
                site["name"],
            )
        for item in alive:
            if item["status"] == STOPPED and site.get("state", "active") == "active":
                yield _finding(
                    "stopped",
                    item,
                    "its license is STOPPED, and the inventory wants it active",
                    site["name"],
                )


def _other_devices(
    sites: list[Item], held: list[Item], devices: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    """Devices that run with another serial number than the one that their site is licensed with."""
    for site in sites:
        running = devices.get(site["name"])
        mine = [
            item["serial_number"] or "a new one"
            for item in _of_site(site, held)
            if item["status"] != EXPIRED
        ]
        if running and mine and running not in mine:
            yield _finding(
                "wrong_device",
                None,
                f"the device runs as {running}, and FortiFlex has {', '.join(mine)} for it",
                site["name"],
            )


def _nobodys(sites: list[Item], held: list[Item]) -> Iterator[dict[str, Any]]:
    """What is charged for no site of the inventory."""
    known = {  # not by serial number, which what check mode only predicts does not have
        id(item)
        for site in sites
        if site.get("state", "active") != "absent"
        for item in _of_site(site, held)
    }
    for item in held:
        if item["status"] in CHARGED and id(item) not in known:
            yield _finding(
                "orphan",
                item,
                f"is {item['status']} as '{item['description']}', and no site of the inventory uses it",
            )


def _twice(held: list[Item]) -> Iterator[dict[str, Any]]:
    """Names with several licenses."""
    names: dict[tuple[Any, str], list[Item]] = {}
    for item in held:
        if item["name"] and item["status"] != EXPIRED:
            names.setdefault((item["account_id"], item["name"]), []).append(item)
    for items in names.values():
        for item in items[1:]:
            yield _finding(
                "double",
                item,
                f"has {items[0]['serial_number']} ({items[0]['status']}), and this one ({item['status']}) too",
            )


def _by_itself(
    item: Item, today: date, unused_days: int, ending_days: int
) -> Iterator[dict[str, Any]]:
    """What is odd about one entitlement."""
    claim = intent_of(item["description"])
    if claim:
        yield _finding(
            "intent",
            item,
            f"is on its way to '{claim[0]}', by a run that goes on or is dead",
            claim[0],
        )
    started, ends = day_of(item["start_date"]), day_of(item["end_date"])
    age = (today - started).days if started else 0
    alive = item["status"] in CHARGED or item["status"] == PENDING
    if item["name"] and alive and item["token_status"] == "NOTUSED" and age >= unused_days:
        yield _finding(
            "unused",
            item,
            f"its token has not been used for {age} days, and it is {item['status']}",
        )
    if item["name"] and alive and ends and (ends - today).days <= ending_days:
        yield _finding("ending", item, f"ends on {ends}")


def flex_audit_table(
    findings: Iterable[Item], prices: Mapping[Any, float] | None = None
) -> list[str]:
    """The findings as lines for people, and what those that are charged cost. ``prices``: points per day by configuration_id, as text."""
    rows = list(findings)
    if not rows:
        return ["Inventory and FortiFlex agree."]
    width = min(40, max(len(row["name"] or row["serial_number"] or "") for row in rows))
    lines = [
        f"{row['kind']:<12}  {(row['name'] or row['serial_number'] or ''):<{width}}  {row['text']}".rstrip()
        for row in rows
    ]
    costs = {kind: _cost(rows, kind, prices or {}) for kind in ("orphan", "running", "unused")}
    lines += [
        f"{count} {kind}: {points:.2f} points a day"
        for kind, (count, points) in costs.items()
        if count
    ]
    return lines


def _cost(rows: list[Item], kind: str, prices: Mapping[Any, float]) -> tuple[int, float]:
    charged = [row for row in rows if row["kind"] == kind and row["charged"]]
    return len(charged), sum(float(prices.get(str(row["configuration_id"]), 0)) for row in charged)


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """By name."""
        return {"flex_audit": flex_audit, "flex_audit_table": flex_audit_table}
