# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dates as FortiFlex means them: a day is a Pacific day, a date-time without an offset is Pacific time.

Private to the collection: may change at any time.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache

_MOMENT = re.compile(
    r"(?P<day>\d{4}-\d{2}-\d{2})(?:[T ](?P<clock>\d{2}:\d{2}(?::\d{2})?)(?:\.(?P<fraction>\d{1,9}))?)?\s*(?P<offset>Z|[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)


class _PacificTime(tzinfo):
    """Pacific time by the rule in force since 2007: UTC-8, and UTC-7 from the second Sunday of March to the first of November.

    Written out because a controller's Python may come without a time zone database, and licenses must not depend on that.
    """

    _STANDARD = timedelta(hours=-8)

    @staticmethod
    def _sunday(year: int, month: int, number: int) -> datetime:
        first = date(year, month, 1)
        return datetime(year, month, 1 + (6 - first.weekday()) % 7 + 7 * (number - 1), 2)  # noqa: DTZ001  (local, in this zone)

    def dst(self, dt: datetime | None) -> timedelta:
        if dt is None:
            return timedelta(0)
        local = dt.replace(tzinfo=None, fold=0)
        starts, ends = self._sunday(dt.year, 3, 2), self._sunday(dt.year, 11, 1)
        summer = starts <= local < ends
        if (
            ends - timedelta(hours=1) <= local < ends and dt.fold
        ):  # the hour that happens twice, its second time
            summer = False
        return timedelta(hours=1) if summer else timedelta(0)

    def utcoffset(self, dt: datetime | None) -> timedelta:
        return self._STANDARD + self.dst(dt)

    def tzname(self, dt: datetime | None) -> str:
        return "PDT" if self.dst(dt) else "PST"

    def fromutc(self, dt: datetime) -> datetime:
        standard = dt + self._STANDARD
        starts, ends = self._sunday(standard.year, 3, 2), self._sunday(standard.year, 11, 1)
        bare = standard.replace(tzinfo=None)
        if starts <= bare < ends - timedelta(hours=1):
            return standard + timedelta(hours=1)
        if ends - timedelta(hours=1) <= bare < ends:
            return standard.replace(fold=1)
        return standard


PACIFIC = _PacificTime()


def pacific_day(moment: float) -> date:
    """The day on which FortiFlex charges what happens at ``moment`` (seconds since 1970, UTC)."""
    return datetime.fromtimestamp(moment, tz=timezone.utc).astimezone(PACIFIC).date()


@lru_cache(maxsize=4096)
def parse_moment(text: str | None) -> datetime | None:
    """A date-time of the service, with 0 to 9 decimals and with or without an offset (then Pacific); None if it is none.

    Every one of these shapes was seen in the live answers of Fortinet's workshop of 2025; nothing documents them.
    """
    match = _MOMENT.fullmatch((text or "").strip())
    if not match:
        return None
    try:
        moment = datetime.fromisoformat(match["day"] + "T" + (match["clock"] or "00:00:00"))
        moment = moment.replace(microsecond=int((match["fraction"] or "0")[:6].ljust(6, "0")))
        offset = match["offset"]
        if offset is None:
            return moment.replace(tzinfo=PACIFIC)
        if offset.upper() == "Z":
            return moment.replace(tzinfo=timezone.utc)
        shift = timedelta(hours=int(offset[1:3]), minutes=int(offset[-2:]))
        return moment.replace(tzinfo=timezone(-shift if offset[0] == "-" else shift))
    except ValueError:
        return None


def day_of(text: str | None) -> date | None:
    """The Pacific day of a date or date-time as the service or a user writes it; None if it is no date."""
    moment = parse_moment(text)
    return moment.astimezone(PACIFIC).date() if moment else None
