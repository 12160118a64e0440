# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Time as everything else in the collection gets it: handed in, never taken.

Private to the collection: may change at any time.
"""

from __future__ import annotations

import functools
import pathlib
import time
from collections.abc import Callable
from typing import NamedTuple, Protocol

_JUMP = 1.0  # seconds by which two clocks may differ without that one of them was set


class Clock(Protocol):
    """Seconds since 1970 (UTC), and a way to let them pass. Within a process both clocks only go
    forward.
    """

    def now(self) -> float:
        """The time in seconds since 1970, UTC."""
        ...  # pylint: disable=unnecessary-ellipsis

    def up(self) -> float:
        """Seconds since this machine started, which nobody can set."""
        ...  # pylint: disable=unnecessary-ellipsis

    def sleep(self, seconds: float) -> None:
        """Sleep for that many seconds."""
        ...  # pylint: disable=unnecessary-ellipsis


class Stamp(NamedTuple):
    """A moment as other processes of this machine understand it: by the clock, since the machine
    started, and which start that was.
    """

    now: float
    up: float
    boot: str

    @classmethod
    def of(cls, moment: float, clock: Clock) -> Stamp:
        """A moment by a clock of this process, in seconds since 1970."""
        return cls(moment, clock.up() - (clock.now() - moment), _boot())

    def age(self, clock: Clock) -> float | None:
        """How many seconds ago it was; None if nobody knows, since the clock was set or the machine
        started again.
        """
        passed, said = clock.up() - self.up, clock.now() - self.now
        known = self.boot == _boot() and passed >= 0 and abs(said - passed) <= _JUMP
        return passed if known else None


class SystemClock:
    """The clock of this machine as it was when this object was made: if somebody sets it later,
    that changes no time that is measured here.
    """

    def __init__(self) -> None:
        self.read()

    def read(self) -> None:
        """Go by what the machine says now, as a process that runs for days has to between two
        pieces of work.
        """
        # A process that has to wait between the two readings gets a clock that is slow, so the closest of a few pairs counts.
        self._started = max(time.time() - self.up() for _try in range(3))

    def now(self) -> float:
        """The time in seconds since 1970, UTC."""
        return self._started + self.up()

    def up(self) -> float:
        """Seconds since this machine started; on Linux those in which it slept are counted."""
        return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))

    def sleep(self, seconds: float) -> None:
        """Wait in real time."""
        time.sleep(max(0.0, seconds))


class WatchedClock:
    """A clock whose ``watch`` is called after each sleep, and at least every ``every`` seconds of
    one. ``slept``: seconds of all sleeps.
    """

    def __init__(self, clock: Clock, every: float = 1.0) -> None:
        self._clock = clock
        self._every = every
        self.slept = 0.0
        self.watch: Callable[[], None] | None = None

    def now(self) -> float:
        """The time in seconds since 1970, UTC."""
        return self._clock.now()

    def up(self) -> float:
        """Seconds since this machine started."""
        return self._clock.up()

    def sleep(self, seconds: float) -> None:
        """Sleep for that many seconds."""
        until = self._clock.now() + seconds
        if self.watch is None:
            self._sleep(seconds)
            return
        while (left := until - self._clock.now()) > 0:
            self._sleep(min(left, self._every))
            self.watch()

    def _sleep(self, seconds: float) -> None:
        before = self._clock.now()
        self._clock.sleep(seconds)
        self.slept += self._clock.now() - before


class VirtualClock:
    """A clock that only moves when somebody sleeps on it: for forecasts and for tests."""

    def __init__(self, now: float) -> None:
        self._now = now

    def now(self) -> float:
        """The virtual time in seconds since 1970, UTC."""
        return self._now

    def up(self) -> float:
        """The same, since it starts with the virtual time."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Move the clock on."""
        self._now += max(0.0, seconds)


@functools.cache
def _boot() -> str:
    """What names this start of the machine; empty where nothing does.
    https://docs.kernel.org/admin-guide/sysctl/kernel.html#random
    """
    try:
        return pathlib.Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""
