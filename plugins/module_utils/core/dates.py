# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dates as FortiFlex means them.

A day is a Pacific day, and a date-time without an offset is Pacific time.

Private to the collection: may change at any time.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache

_MOMENT = re.compile(
    r"(?P<day>\d{4}-\d{2}-\d{2})"
    r"(?:[T ](?P<clock>\d{2}:\d{2}(?::\d{2})?)(?:\.(?P<fraction>\d{1,9}))?)?"
    r"\s*(?P<offset>Z|[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)
_HOUR = timedelta(hours=1)


class _PacificTime(tzinfo):
    """Pacific time by the rule in force since 2007.

    That is UTC-8, and UTC-7 from the second Sunday of March to the first of November.

    Written out because a controller's Python may come without a time zone database, and licenses
    must not depend on that.
    """

    _STANDARD = timedelta(hours=-8)

    def _summer(self, year: int) -> tuple[datetime, datetime]:
        """When summer time begins and ends, as clocks show it just before."""
        return self._sunday(year, 3, 2), self._sunday(year, 11, 1)

    @staticmethod
    def _sunday(year: int, month: int, number: int) -> datetime:
        """Two o'clock of a Sunday of a month."""
        first = date(year, month, 1)
        day = 1 + (6 - first.weekday()) % 7 + 7 * (number - 1)
        return datetime(year, month, day, 2)  # noqa: DTZ001  (local, in this zone)

    def dst(self, dt: datetime | None) -> timedelta:
        """How far clocks are ahead.

        Of the hour that happens twice, the second time (``fold``) is not summer.
        """
        if dt is None:
            return timedelta(0)
        starts, ends = self._summer(dt.year)
        local = dt.replace(tzinfo=None, fold=0)
        is_summer = starts <= local and local + dt.fold * _HOUR < ends
        return _HOUR if is_summer else timedelta(0)

    def utcoffset(self, dt: datetime | None) -> timedelta:
        """How far local time is ahead of UTC."""
        return self._STANDARD + self.dst(dt)

    def tzname(self, dt: datetime | None) -> str:
        """The name of the zone at that time."""
        return "PDT" if self.dst(dt) else "PST"

    def fromutc(self, dt: datetime) -> datetime:
        """The local time of a UTC time."""
        standard = dt + self._STANDARD
        starts, ends = self._summer(standard.year)
        bare = standard.replace(tzinfo=None)
        if starts <= bare < ends - _HOUR:
            return standard + _HOUR
        return standard.replace(fold=int(ends - _HOUR <= bare < ends))


PACIFIC = _PacificTime()


def pacific_day(moment: float) -> date:
    """The day on which FortiFlex charges what happens at ``moment`` (seconds since 1970, UTC)."""
    return datetime.fromtimestamp(moment, tz=timezone.utc).astimezone(PACIFIC).date()


@lru_cache(maxsize=4096)
def parse_moment(text: str | None) -> datetime | None:
    """A date-time of the service; None if it is none.

    It has 0 to 9 decimals, and an offset, or none (then it is Pacific time).

    Nothing documents these shapes. Each of them is in the recorded answers of Fortinet's workshop
    of August 2025. That Pacific time is meant where there is no offset is inferred from a stop in
    them, which has one.
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
    """The Pacific day of a date or date-time as the service or a user writes it; None if it is no
    date.
    """
    moment = parse_moment(text)
    return moment.astimezone(PACIFIC).date() if moment else None
