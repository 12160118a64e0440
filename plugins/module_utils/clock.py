# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Time as everything else in the collection gets it: handed in, never taken.

Private to the collection: may change at any time.
"""

from __future__ import annotations

import time
from collections.abc import Callable
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


class WatchedClock:
    """A clock whose ``watch`` is called after each sleep, and at least every ``every`` seconds of one."""

    def __init__(self, clock: Clock, every: float = 1.0) -> None:
        self._clock = clock
        self._every = every
        self.watch: Callable[[], None] | None = None

    def now(self) -> float:
        """The time in seconds since 1970, UTC."""
        return self._clock.now()

    def sleep(self, seconds: float) -> None:
        """Come back when that many seconds have passed."""
        until = self._clock.now() + seconds
        if self.watch is None:
            self._clock.sleep(seconds)
            return
        while (left := until - self._clock.now()) > 0:
            self._clock.sleep(min(left, self._every))
            self.watch()


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
