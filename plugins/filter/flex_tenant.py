# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What to ask of flex_fleet to suspend, resume or offboard everything that an account holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..module_utils.core.description import SUSPENDED, describe, is_suspended, tags_of
from ..module_utils.core.model import Entitlement
from ..module_utils.core.spelling import serial_number_spelled, spelled
from ..module_utils.escapes import visible
from ..module_utils.grouping import grouped
from ..module_utils.wording import first_few
from ..plugin_utils.days import day_or_today

Result = Mapping[str, Any]
"""An entitlement or a configuration as the info modules return it."""

Options = dict[str, Any]
"""An entitlement as flex_fleet takes it."""


def flex_suspend(
    entitlements: Iterable[Result], today: Any = None, kept: Iterable[str] = (), file: str = ""
) -> dict[str, Any]:
    """What is charged, as what to tag and what to stop then, and what people have to know.

    ``kept``: the serial numbers that are in the ``file`` already.

    :raises AnsibleFilterError: if ``today`` is no date.
    """
    day = day_or_today("flex_suspend", today).isoformat()
    held = _read(entitlements)
    charged = [item for item in held.taken if item.is_charged]
    pending = [item for item in held.taken if item.is_pending]
    cut, taggable = list(filter(_is_cut, charged)), list(filter(_bears_tags, charged))
    untagged = _numbers(item for item in charged if not (_bears_tags(item) or item.is_claimed))
    unmarked = sorted({*map(str, kept), *untagged})
    return {
        "tag": [_suspended(item, day) for item in taggable],
        "stop": [_stopped(item) for item in charged],
        "untagged": untagged,
        "unmarked": unmarked,
        "marks": visible(_about_marks(bool(charged), held.told(unmarked), file)),
        "cut": _numbers(cut),
        "pending": _labels(pending),
        "left": held.charged_spares,
        "told": {"cut": _called(cut), "pending": _called(pending)},
    }


def flex_resume(
    entitlements: Iterable[Result], also: Iterable[str] = (), disabled: Iterable[Result] = ()
) -> dict[str, Any]:
    """What bears the tag, as what to start and where to remove the tag then.

    ``also``: serial numbers to start beside; ``disabled``: configurations on which nothing can
    start.
    """
    held = _read(entitlements)
    listed = dict.fromkeys(map(serial_number_spelled, map(str, also)))
    # Of one that is only predicted there is no number, and nothing can be on it yet.
    closed = {configuration["id"] for configuration in disabled if configuration["id"]}
    wanted = [item for key, item in held.by_key.items() if _is_marked(item) or key in listed]
    strange = held.strange(listed)
    nobodys = frozenset(strange)
    fates = grouped(wanted, lambda item: _fate(item, closed, nobodys))
    expired, blocked, ready = (fates.get(fate, []) for fate in ("expired", "blocked", "ready"))
    return {
        "start": [_started(item) for item in ready if item.is_stopped],
        "untag": [_untagged(item) for item in ready if _is_marked(item)],
        "expired": _labels(expired),
        "blocked": _labels(blocked),
        "strange": strange,
        "open": [*_numbers(blocked), *strange],
        "told": {
            "expired": _called(expired),
            "blocked": _called(blocked),
            "strange": held.told(strange),
        },
    }


def _fate(item: Entitlement, closed: Collection[int], strange: Collection[str]) -> str:
    """What becomes of what must start again, given the DISABLED configurations and the serial
    numbers that nobody holds.
    """
    if item.is_expired:
        return "expired"
    if item.serial_number in strange:
        return "strange"
    if item.is_stopped and item.configuration_id in closed:
        return "blocked"
    return "ready"


def flex_offboard(entitlements: Iterable[Result]) -> dict[str, list[Any]]:
    """Everything as what to release.

    What has no license token is a device or a cloud service, which can only be stopped.
    """
    held = _read(entitlements)
    alive = [item for item in held.taken if not item.is_expired]
    machines_first = sorted(alive, key=lambda item: not item.token_status)
    return {"release": [*map(_released, machines_first)], "left": held.charged_spares}


@dataclass(frozen=True)
class _Held:
    """What an account holds, by serial number; what check mode only predicts, by name."""

    by_key: Mapping[str, Entitlement]

    @property
    def taken(self) -> list[Entitlement]:
        """All but spares."""
        return [item for item in self.by_key.values() if not item.is_marked_spare]

    @property
    def charged_spares(self) -> list[str]:
        """Spares that somebody has started: whose they are cannot be known, so nothing here stops
        them.
        """
        items = self.by_key.values()
        return [item.serial_number for item in items if item.is_marked_spare and item.is_charged]

    def strange(self, numbers: Iterable[str]) -> list[str]:
        """Those of serial numbers that are not there, or are spares by now, or on their way to a
        name.
        """
        mine = {item.serial_number for item in self.taken if not item.is_claimed}
        return [number for number in numbers if number not in mine]

    def told(self, numbers: Iterable[str]) -> list[str]:
        """What people read of those that have these serial numbers, where they are there."""
        known = self.by_key
        return [known[number].called if number in known else number for number in numbers]


def _read(entitlements: Iterable[Result]) -> _Held:
    items = map(Entitlement.from_result, entitlements)
    return _Held({item.serial_number or str(item.name): item for item in items})


def _numbers(items: Iterable[Entitlement]) -> list[str]:
    return [item.serial_number for item in items]


def _labels(items: Iterable[Entitlement]) -> list[str]:
    return [item.name or item.serial_number for item in items]


def _called(items: Iterable[Entitlement]) -> list[str]:
    return [item.called for item in items]


def _about_marks(is_stopped: bool, unmarked: list[str], file: str) -> str:
    """Which of what is stopped could be started again by anybody, and where it is kept for the
    resumption.

    Nothing where nothing is stopped, now or earlier.
    """
    if not (is_stopped or unmarked):
        return ""
    if not unmarked:
        unwritten = f", so {file} is not written" if file else ""
        return (
            "Everything that is stopped bears the tag suspended, which license_fleet, "
            f"onboard_tenant and the roles leave alone; no file is needed{unwritten}."
        )
    if file:
        shown, where = first_few(unmarked), f"resume_tenant finds them in {file}."
    else:  # this sentence is all that keeps them
        shown = ", ".join(unmarked)
        where = (
            "Nothing keeps their serial numbers: give them to resume_tenant as "
            "tenant_resume_also, or set tenant_suspended_file."
        )
    return (
        f"{len(unmarked)} of what is stopped cannot bear the tag suspended: {shown}. "
        "Where an inventory lists these, license_fleet, onboard_tenant and the roles "
        f"start them again. {where}"
    )


def _tags(item: Entitlement) -> dict[str, str]:
    return tags_of(item.description) or {}


def _is_marked(item: Entitlement) -> bool:
    """Whether it bears the tag of a suspension, also where it has ended since."""
    return is_suspended(item.description)


def _bears_tags(item: Entitlement) -> bool:
    """Whether its description is a name and tags to the letter, so that nothing of it is lost when
    tags are written.
    """
    name = item.name
    return name is not None and describe(name, _tags(item)) == spelled(item.description)


def _is_cut(item: Entitlement) -> bool:
    """Whether its description ends within our tag, as where FortiFlex cuts descriptions."""
    description = item.description
    last = re.split(r"; ?| \[", description)[-1]
    ours = f"{SUSPENDED}="
    is_broken = tags_of(description) is None and " [" in description
    return is_broken and (ours.startswith(last) or last.startswith(ours))


def _options(item: Entitlement, state: str, **more: Any) -> Options:
    """By its serial number; what check mode only predicts has none, and goes by its name."""
    key = {"name": item.name} if item.predicted else {"serial_number": item.serial_number}
    return {**key, "state": state, **more}


def _started(item: Entitlement) -> Options:
    return _options(item, "active", ignore_suspension=True)


def _stopped(item: Entitlement) -> Options:
    """What a run wanted to take is a spare again, since it is nobody's yet."""
    return _options(item, "absent" if item.is_claimed else "stopped")


def _released(item: Entitlement) -> Options:
    """A machine as absent; what can only be stopped without the mark of a suspension, so that
    nothing starts it again.
    """
    if item.token_status:
        return _options(item, "absent")
    return {**(_untagged(item) if _is_marked(item) else {}), **_options(item, "stopped")}


def _suspended(item: Entitlement, day: str) -> Options:
    return _tagged(item, {**_tags(item), SUSPENDED: day})


def _untagged(item: Entitlement) -> Options:
    tags = _tags(item)
    del tags[SUSPENDED]
    return _tagged(item, tags)


def _tagged(item: Entitlement, tags: Mapping[str, str]) -> Options:
    return _options(item, "present", tags=dict(tags), describe=True, ignore_suspension=True)


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """By name."""
        return {
            "flex_suspend": flex_suspend,
            "flex_resume": flex_resume,
            "flex_offboard": flex_offboard,
        }
