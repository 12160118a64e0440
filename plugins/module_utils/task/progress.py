# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Says how far a long run has come, at least every ten seconds: at the quota, a thousand new sites take more than an hour.

Private to the collection: may change at any time.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from ..clock import Clock
from ..wording import count_of
from .plan_text import in_time

EVERY = 9.0  # seconds: with the second that a clock may sleep on, ten


class Progress:
    """How far one run has come."""

    def __init__(
        self,
        clock: Clock,
        say: Callable[[str], None],
        total: int,
        made: Callable[[], int],
        waiting_until: Callable[[], float],
    ) -> None:
        """``total``: writes that are planned. ``made``: requests so far. ``waiting_until``: when the request budget allows the next one."""
        self._clock = clock
        self._say = say
        self._total = total
        self._made = made
        self._waiting_until = waiting_until
        self._begun = self._told = clock.now()
        self._done = 0

    def wrote(self) -> None:
        """One planned write was sent."""
        self._done += 1
        self.tick()

    def tick(self) -> None:
        """Say how far it is, if that was not said lately."""
        now = self._clock.now()
        if now - self._told < EVERY or not self._total:
            return
        self._told = now
        until = self._waiting_until()
        waits = (
            f", waiting for the quota until {time.strftime('%H:%M:%S', time.localtime(until))}"
            if until > now
            else ""
        )
        left = max(
            (now - self._begun) / self._done * (self._total - self._done) if self._done else 0.0,
            until - now,
        )
        rest = f", {in_time(left)} left" if self._done < self._total else ""
        self._say(
            f"{min(self._done, self._total)} of {count_of(self._total, 'change')} sent, {self._made()} requests used{waits}{rest}"
        )
