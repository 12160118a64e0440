# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Time as everything else in the collection gets it: handed in, never taken.

Private to the collection: may change at any time. Imports nothing of it.
"""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Seconds since 1970 (UTC), and a way to let them pass."""

    def now(self) -> float:
        """The time in seconds since 1970, UTC."""
        ...  # pylint: disable=unnecessary-ellipsis

    def sleep(self, seconds: float) -> None:
        """Come back when that many seconds have passed."""
        ...  # pylint: disable=unnecessary-ellipsis


class SystemClock:
    """The clock of this machine."""

    def now(self) -> float:
        """The time in seconds since 1970, UTC."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Wait in real time."""
        time.sleep(max(0.0, seconds))


class VirtualClock:
    """A clock that only moves when somebody sleeps on it: for forecasts and for tests."""

    def __init__(self, now: float) -> None:
        self._now = now

    def now(self) -> float:
        """The virtual time in seconds since 1970, UTC."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Move the clock on."""
        self._now += max(0.0, seconds)
