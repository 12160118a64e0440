# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end date of an entitlement as a task gives it.

It is a day, a number of days from today, or the end of the program.

Private to the collection: may change at any time. Pure: who reads one says which day today is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from .dates import day_of

FORMS = "YYYY-MM-DD, +90d (days from today) or program_end"
PROGRAM_END = "program_end"
_COUNTED = re.compile(r"\+([1-9][0-9]{0,3})d", re.IGNORECASE)


@dataclass(frozen=True)
class EndDate:
    """The day on which an entitlement ends, a Pacific day, and the ``text`` that a task has for it."""

    text: str
    day: date | None  # None: the end of the program, whichever day that is
    counted_from: date | None = None

    def keeps(self, current: date | None) -> bool:
        """Whether an entitlement that ends on a day is left so.

        Days are counted once: an earlier day that has not passed was counted in an earlier run, or
        chosen by somebody. Else each run would move the end further, and it would never come.
        """
        if current is None or self.day is None:
            return False
        return (self.counted_from or self.day) <= current <= self.day

    def sent(self, day: date) -> str:
        """How it is written to FortiFlex, where it is that day."""
        return day.isoformat() if self._is_counted else self.text

    def told(self, day: date) -> str:
        """How sentences name it, where it is that day."""
        return f"{day} ({self.text})" if self._is_counted else self.text

    @property
    def _is_counted(self) -> bool:
        """Whether the text needs today, or the program, to say a day."""
        return self.day is None or self.counted_from is not None


def end_date_of(text: str, today: date) -> EndDate | None:
    """What a text says, on the Pacific day ``today``; None if it is no end date."""
    written = text.strip()
    if written.lower() == PROGRAM_END:
        return EndDate(PROGRAM_END, None)
    counted = _COUNTED.fullmatch(written)
    if counted:
        return EndDate(written, today + timedelta(days=int(counted[1])), today)
    day = day_of(text)
    return EndDate(text, day) if day else None
