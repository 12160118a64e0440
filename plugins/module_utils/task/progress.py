# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Says how far a long run has come, at least every ten seconds: at the quota, a thousand new sites take more than an hour.

Private to the collection: may change at any time.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from ..client.client import Client
from ..clock import WatchedClock
from ..core.steps import CREATE, TAKE, Step
from ..wording import count_of
from .plan_text import in_time

EVERY = 9.0  # seconds: with the second that a clock may sleep on, ten
_KNOWN = 20  # requests of the run that count as much as the latency seen before it


class Progress:
    """How far one run has come."""

    def __init__(
        self,
        clock: WatchedClock,
        say: Callable[[str], None],
        total: int,
        client: Client,
        idle: float = 0.0,
        licenses: int = 0,
    ) -> None:
        """``total``: writes that are planned. ``licenses``: names among them that get one.

        ``idle``: seconds that the run has nothing to send, apart from what the request budget makes it wait.
        """
        self._clock = clock
        self._say = say
        self._total = total
        self._client = client
        self._idle = idle
        self._latency = client.pace.latency
        self._begun = self._told = clock.now()
        self._slept, self._waited, self._made = clock.slept, client.waited_seconds, client.made
        self._done = 0
        self._licenses = licenses
        self._licensed: set[str] = set()

    def wrote(self, step: Step) -> None:
        """One planned write was sent."""
        self._done += 1
        kind, name = step.item
        if kind == "entitlement" and step.purpose in (CREATE, TAKE):
            self._licensed.add(name)
        self.tick()

    def tick(self) -> None:
        """Say how far it is, if that was not said lately."""
        now = self._clock.now()
        if now - self._told < EVERY or not self._total:
            return
        self._told = now
        until = self._client.budget.waiting_until
        waits = (
            f", waiting for the quota until {time.strftime('%H:%M:%S', time.localtime(until))}"
            if until > now
            else ""
        )
        rest = f", {in_time(self._left(now))} left" if self._done < self._total else ""
        self._say(f"{self._so_far()}, {count_of(self._client.made, 'request')} used{waits}{rest}")

    def _so_far(self) -> str:
        if self._licenses and len(self._licensed) < self._licenses:
            return f"{len(self._licensed)} of {self._licenses} licensed"
        return f"{min(self._done, self._total)} of {count_of(self._total, 'change')} sent"

    def _left(self, now: float) -> float:
        """Seconds until the end, by what a request of this run has taken so far and by what the request budget allows."""
        slept = self._clock.slept - self._slept
        made = self._client.made - self._made
        each = (_KNOWN * self._latency + now - self._begun - slept) / (_KNOWN + made)
        idled = slept - (self._client.waited_seconds - self._waited)
        return self._client.pace.seconds(self._total - self._done, each) + max(
            0.0, self._idle - idled
        )
