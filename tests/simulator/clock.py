# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated clock, and dates as FortiFlex reads and writes them. Imports nothing of the package."""

from __future__ import annotations

import re
import time
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

PACIFIC = ZoneInfo("America/Los_Angeles")
_MOMENT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?\s*(Z|[+-]\d\d:?\d\d)?"
)


class Clock:
    """Real time plus an offset, or a time that stands still."""

    def __init__(self) -> None:
        self._offset = 0.0
        self._frozen: float | None = None
        self._last = 0.0

    def now(self) -> float:
        """Seconds since 1970 (UTC) on the simulated clock."""
        return time.time() + self._offset if self._frozen is None else self._frozen

    def instant(self) -> float:
        """The time now, but later than any instant before: what happened later is dated later, even on a frozen clock."""
        now = self.now()
        self._last = now if now > self._last or self._last - now > 1 else self._last + 1e-6
        return self._last

    def freeze(self, frozen: bool) -> None:
        """Let the clock stand still at its present time, or go on from there."""
        now = self.now()
        self._frozen = now if frozen else None
        self._offset = now - time.time()

    def set(self, now: float) -> None:
        """Put the clock to a time, seconds since 1970 (UTC)."""
        self._offset = now - time.time()
        if self._frozen is not None:
            self._frozen = now


def day_of(moment: float) -> date:
    """The Pacific day of a moment."""
    return datetime.fromtimestamp(moment, PACIFIC).date()


def start_of(day: date) -> float:
    """The moment at which a Pacific day begins."""
    return datetime(day.year, day.month, day.day, tzinfo=PACIFIC).timestamp()


def parse_moment(text: str) -> float:
    """Seconds since 1970 of a date or date-time; Pacific time if it has no offset. Raises ValueError."""
    match = _MOMENT.fullmatch(text.strip())
    if not match:
        raise ValueError(text)
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    zone: timezone | ZoneInfo = PACIFIC
    if offset == "Z":
        zone = timezone.utc
    elif offset:
        sign = -1 if offset[0] == "-" else 1
        zone = timezone(sign * timedelta(hours=int(offset[1:3]), minutes=int(offset[-2:])))
    value = datetime(
        int(year),
        int(month),
        int(day),
        int(hour or 0),
        int(minute or 0),
        int(second or 0),
        tzinfo=zone,
    )
    return value.timestamp() + float(f"0.{fraction or 0}")


def render_moment(moment: float, digits: int | None, offset: bool = False) -> str:
    """A moment in Pacific time with that many digits of a second; None: up to 3, without the zeros at their end."""
    micros = round(moment * 1_000_000)
    local = datetime.fromtimestamp(micros // 1_000_000, PACIFIC)
    fraction = f"{micros % 1_000_000:06d}0"
    fraction = fraction[:3].rstrip("0") if digits is None else fraction[:digits]
    text = local.strftime("%Y-%m-%dT%H:%M:%S") + (f".{fraction}" if fraction else "")
    if offset:
        shift = local.strftime("%z")
        text += f"{shift[:3]}:{shift[3:]}"
    return text
