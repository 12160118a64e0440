# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What to ask of flex_fleet to suspend, resume or offboard everything that an account holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..module_utils.core.model import (
    CHARGED,
    EXPIRED,
    PENDING,
    SPARE,
    STOPPED,
    SUSPENDED,
    claim_of,
    describe,
    tags_of,
)
from ..module_utils.core.spelling import serial_number_spelled, spelled
from ..module_utils.escapes import visible
from ..module_utils.wording import called, first_few
from ..plugin_utils.days import day_or_today

Item = Mapping[str, Any]


def flex_suspend(
    entitlements: Iterable[Item], today: Any = None, kept: Iterable[str] = (), file: str = ""
) -> dict[str, Any]:
    """What is charged, as what to tag and what to stop then, and what people have to know. ``kept``: what is in the ``file`` already."""
    day = day_or_today("flex_suspend", today)
    held = list(entitlements)
    charged = [item for item in held if item["status"] in CHARGED and item["description"] != SPARE]
    named = [item for item in charged if _bears_tags(item)]
    untagged = [
        item["serial_number"]
        for item in charged
        if item not in named and not claim_of(item["description"])
    ]
    unmarked = sorted({*map(str, kept), *untagged})
    cut = [item for item in charged if _is_cut(item["description"])]
    pending = [item for item in held if item["status"] == PENDING and item["description"] != SPARE]
    return {
        "tag": [_tagged(item, {**item["tags"], SUSPENDED: day.isoformat()}) for item in named],
        # What a run wanted to take is a spare again, since it is nobody's yet.
        "stop": [
            _item(item, "absent" if claim_of(item["description"]) else "stopped")
            for item in charged
        ],
        "untagged": untagged,
        "unmarked": unmarked,
        "marks": visible(_about_marks(_all_told(held, unmarked), file))
        if charged or unmarked
        else "",
        "cut": [item["serial_number"] for item in cut],
        "pending": [item["name"] or item["serial_number"] for item in pending],
        "left": _charged_spares(held),
        "told": {"cut": [*map(_told, cut)], "pending": [*map(_told, pending)]},
    }


def flex_resume(
    entitlements: Iterable[Item], also: Iterable[str] = (), disabled: Iterable[Item] = ()
) -> dict[str, Any]:
    """What bears the tag, as what to start and where to remove the tag then. ``also``: serial numbers to start beside; ``disabled``: configurations."""
    held = {item["serial_number"] or item["name"]: item for item in entitlements}
    listed, closed = (
        dict.fromkeys(serial_number_spelled(str(number)) for number in also),
        {configuration["id"] for configuration in disabled} - {None},
    )
    wanted = [
        item for number, item in held.items() if SUSPENDED in item["tags"] or number in listed
    ]
    strange = [
        number
        for number in listed
        if number not in held
        or held[number]["description"] == SPARE
        or claim_of(held[number]["description"])
    ]
    alive = [
        item
        for item in wanted
        if item["status"] != EXPIRED and item["serial_number"] not in strange
    ]
    blocked = [
        item for item in alive if item["status"] == STOPPED and item["configuration_id"] in closed
    ]
    ready = [item for item in alive if item not in blocked]
    expired = [item for item in wanted if item["status"] == EXPIRED]
    return {
        "start": [
            {**_item(item, "active"), "ignore_suspension": True}
            for item in ready
            if item["status"] == STOPPED
        ],
        "untag": [_untagged(item) for item in ready if SUSPENDED in item["tags"]],
        "expired": [item["name"] or item["serial_number"] for item in expired],
        "blocked": [item["name"] or item["serial_number"] for item in blocked],
        "strange": strange,
        "open": [*(item["serial_number"] for item in blocked), *strange],
        "told": {
            "expired": [*map(_told, expired)],
            "blocked": [*map(_told, blocked)],
            "strange": _all_told(held.values(), strange),
        },
    }


def flex_offboard(entitlements: Iterable[Item]) -> dict[str, list[Any]]:
    """Everything as what to release. What has no license token is a device or a cloud service, which can only be stopped."""
    held = list(entitlements)
    alive = [item for item in held if item["status"] != EXPIRED and item["description"] != SPARE]
    return {
        "release": [_item(item, "absent") for item in alive if item["token_status"]]
        + [
            {**(_untagged(item) if SUSPENDED in item["tags"] else {}), **_item(item, "stopped")}
            for item in alive
            if not item["token_status"]
        ],
        "left": _charged_spares(held),
    }


def _told(item: Item) -> str:
    """What people read of an entitlement: its name and its serial number."""
    return called(item["name"], item["serial_number"])


def _all_told(held: Iterable[Item], numbers: Iterable[str]) -> list[str]:
    """The same of those that have these serial numbers, where they are there."""
    known = {item["serial_number"]: item for item in held}
    return [_told(known[number]) if number in known else number for number in numbers]


def _about_marks(unmarked: list[str], file: str) -> str:
    """Which of what is stopped could be started again by anybody, and where it is kept for the resumption."""
    if not unmarked:
        return (
            "Everything that is stopped bears the tag suspended, which license_fleet, onboard_tenant and the roles leave alone; "
            f"no file is needed{f', so {file} is not written' if file else ''}."
        )
    # Where no file keeps them, this sentence is all that does.
    shown = first_few(unmarked) if file else ", ".join(unmarked)
    return (
        f"{len(unmarked)} of what is stopped cannot bear the tag suspended: {shown}. Where an inventory lists these, "
        "license_fleet, onboard_tenant and the roles start them again. "
        + (
            f"resume_tenant finds them in {file}."
            if file
            else "Nothing keeps their serial numbers: give them to resume_tenant as tenant_resume_also, or set tenant_suspended_file."
        )
    )


def _bears_tags(item: Item) -> bool:
    """Whether its description is a name and tags to the letter, so that nothing of it is lost when tags are written."""
    return item["name"] is not None and describe(item["name"], item["tags"]) == spelled(
        item["description"]
    )


def _is_cut(description: str) -> bool:
    """Whether it ends within our tag, as where FortiFlex cuts descriptions."""
    last = re.split(r"; ?| \[", description)[-1]
    return (
        tags_of(description) is None
        and " [" in description
        and (f"{SUSPENDED}=".startswith(last) or last.startswith(f"{SUSPENDED}="))
    )


def _untagged(item: Item) -> dict[str, Any]:
    return _tagged(item, {key: value for key, value in item["tags"].items() if key != SUSPENDED})


def _tagged(item: Item, tags: Mapping[str, str]) -> dict[str, Any]:
    known = {"describe": True, "ignore_suspension": True}
    return {**_item(item, "present"), "tags": dict(tags), **known}


def _item(item: Item, state: str) -> dict[str, Any]:
    """By its serial number; what check mode only predicts has none, and goes by its name."""
    key = "serial_number" if item["serial_number"] else "name"
    return {key: item[key], "state": state}


def _charged_spares(held: Iterable[Item]) -> list[str]:
    """Spares that somebody has started: whose they are cannot be known, so nothing here stops them."""
    return [
        item["serial_number"]
        for item in held
        if item["description"] == SPARE and item["status"] in CHARGED
    ]


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """By name."""
        return {
            "flex_suspend": flex_suspend,
            "flex_resume": flex_resume,
            "flex_offboard": flex_offboard,
        }
