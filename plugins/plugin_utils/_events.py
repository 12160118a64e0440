# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is worth an event: what has changed between two queries of FortiFlex, and what is the case
and should be known.

Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from statistics import median
from typing import Any

from ..module_utils.core.dates import day_of, pacific_day, parse_moment
from ..module_utils.core.model import Entitlement
from ..module_utils.core.selection import Listed
from ..module_utils.core.spelling import spelled

_LEAST_DAYS = 3  # before which there is no trend


@dataclass(frozen=True)
class Event:
    """Something worth an event of this ``type``. ``key`` distinguishes it from others of the type.

    ``lasts``: it is the case until it no longer is found. ``again``: it is reported again after a
    while, since somebody must act.
    """

    type: str
    key: str
    data: Mapping[str, Any] = field(hash=False)
    lasts: bool = True
    again: bool = True

    @property
    def id(self) -> str:
        """The same for the same thing, however often it is found."""
        return f"{self.type}:{self.key}"


def changed(before: Mapping[str, Listed], now: Mapping[str, Listed], since: str) -> Iterator[Event]:
    """What has happened to entitlements between two queries, both by serial number; ``since`` says
    when the first one was.
    """

    def event(kind: str, row: Listed, **more: Any) -> Event:
        return Event(
            kind,
            f"{row['entitlement']['serial_number']}:{since}",
            {"entitlement": row["entitlement"], **more},
            lasts=False,
        )

    for serial_number in sorted(before.keys() | now.keys()):
        if serial_number not in now:
            yield event("vanished", before[serial_number])
            continue
        row = now[serial_number]
        if serial_number not in before:
            yield event("appeared", row)
            continue
        old, new = before[serial_number]["entitlement"], row["entitlement"]
        if (old["token_status"], new["token_status"]) == ("NOTUSED", "USED"):
            yield event("token_used", row)
        if old["status"] != new["status"]:
            yield event(new["status"].lower(), row, previous_status=old["status"])


def expiring(rows: Iterable[Listed], days: Sequence[int], today: date) -> Iterator[Event]:
    """Holders that end within one of so many days from a Pacific day on: once for each of ``days``,
    and again for another end date.
    """
    for row in rows:
        entitlement = row["entitlement"]
        end = day_of(entitlement["end_date"])
        if not row["stands"] or end is None:
            continue
        left = (end - today).days
        reached = min((number for number in days if left <= number), default=None)
        if reached is not None:
            key = f"{entitlement['serial_number']}:{entitlement['end_date']}:{reached}"
            yield Event(
                "expiring",
                key,
                {"entitlement": entitlement, "days_left": left, "within_days": reached},
                again=False,
            )


def low_spares(rows: Iterable[Listed], least: Mapping[str, int]) -> Iterator[Event]:
    """Configurations that have fewer spares than they should."""
    shapes = [row["entitlement"] for row in rows]
    spares = [shape["configuration"] for shape in shapes if Entitlement.from_result(shape).is_spare]
    for configuration, number in least.items():
        ready = spares.count(configuration)
        if ready < number:
            yield Event(
                "spares_low",
                configuration,
                {"configuration": configuration, "ready": ready, "wanted": number},
            )


def gone(rows: Iterable[Listed], tag: str, grace: float, moment: float) -> Iterator[Event]:
    """Names whose virtual machine was marked as deleted, in a tag with the time of it, more than so
    many seconds ago.
    """
    for row in rows:
        entitlement = row["entitlement"]
        since = parse_moment(entitlement["tags"].get(spelled(tag)))
        if row["stands"] and since is not None and moment - since.timestamp() >= grace:
            yield Event(
                "vm_gone",
                entitlement["serial_number"],
                {"entitlement": entitlement, "deleted_since": entitlement["tags"][spelled(tag)]},
            )


def alerts(result: Mapping[str, Any], today: date) -> Iterator[Event]:
    """The alerts of flex_points_info, once a month for each points budget and threshold, with what
    is expected.
    """
    outlook = {key: result[key] for key in ("projection", "balance", "commitment")}
    for alert in result["alerts"]:
        key = f"{alert['scope']}:{alert['threshold']}:{today:%Y-%m}"
        yield Event(alert["kind"], key, {**alert, **outlook}, again=False)


def spike(result: Mapping[str, Any], factor: float) -> Iterator[Event]:
    """The last complete day, if it cost more than ``factor`` times the median of those before."""
    complete = [
        (group["day"], group["points"])
        for group in sorted(result["points"], key=lambda group: group["day"])
        if group["complete"]
    ]
    if len(complete) <= _LEAST_DAYS:
        return
    day, points = complete[-1]
    usual = median(value for _day, value in complete[:-1])
    if points > factor * usual:
        yield Event(
            "usage_spike",
            day,
            {"day": day, "points": points, "usual_points": usual, "days": len(complete) - 1},
            again=False,
        )


def news(
    found: Iterable[Event], told: Mapping[str, float], moment: float, remind: float
) -> tuple[list[Event], dict[str, float]]:
    """Of what was found, what must be reported now, and what was reported when, in seconds since
    1970.

    What lasts is reported once, and what needs action again after ``remind`` seconds (never, if
    that is 0). What is no longer found is forgotten, so that its return is news.
    """
    fresh, known = [], {}
    for event in found:
        before = told.get(event.id)
        if before is None or not event.lasts or (event.again and 0 < remind <= moment - before):
            fresh.append(event)
            before = moment
        if event.lasts:
            known[event.id] = before
    return fresh, known


def lifecycle(
    before: Mapping[str, Listed] | None,
    rows: Sequence[Listed],
    options: Mapping[str, Any],
    since: str,
    moment: float,
) -> list[Event]:
    """All that the event source flex_lifecycle finds. Without a query before, only what is the
    case.
    """
    now = {row["entitlement"]["serial_number"]: row for row in rows}
    return [
        *(changed(before, now, since) if before is not None else ()),
        *low_spares(rows, options["spares"]),
        *gone(rows, options["deleted_tag"], options["grace"], moment),
        *expiring(rows, options["expiring_days"], pacific_day(moment)),
    ]
