# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Says how far a task is and what it waits for, once it takes more than ten seconds: at the request limit, a thousand new sites take more than an hour.

Every task has one. The clock of the task calls it during each wait, and the client after each query, so that no module has to.
Private to the collection: may change at any time.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple, TypeVar

from ..client.client import Client
from ..clock import WatchedClock
from ..core.converge import Reporter
from ..core.steps import CLAIM, CREATE, TAKE, UNCLAIM, Step
from ..wording import count_of, first_few
from .plan_text import Screen, in_time

EVERY = 9.0  # seconds: with the second that a clock may sleep on, ten
_KNOWN = 20  # requests of the run that count as much as the latency seen before it
READ = "accounts read"  # what most tasks do that are about several
_NAMED = 3  # names of a wait that are shown
_T = TypeVar("_T")


class _Wait(NamedTuple):
    """What a task waits for: in words, which of them make a line a new one, when it ends, and what it is if all tasks of the run wait for it."""

    text: str
    reason: str
    until: float
    shared: str = ""


_NONE = _Wait("", "", math.inf)
_PAST = _NONE._replace(until=0.0)


class _Count:
    """How many of something are done."""

    def __init__(self, total: int, what: str) -> None:
        self.total, self.what, self.done = total, what, 0

    @property
    def counts(self) -> bool:
        """Whether there are several."""
        return self.total > 1

    def so_far(self) -> str:
        """That in words."""
        return f"{self.done} of {self.total} {self.what}" if self.counts else ""

    def left(self, _now: float) -> str:
        """How much longer it takes: nobody knows."""
        return ""


class _Plan:
    """How much of a plan is carried out."""

    def __init__(
        self, clock: WatchedClock, client: Client, total: int, licenses: int, idle: float, name: str
    ) -> None:
        self._clock, self._client = clock, client
        self._total, self._licenses, self._idle, self._name = total, licenses, idle, name
        self._latency = client.pace.latency
        self._begun = clock.now()
        self._slept, self._waited, self._made = clock.slept, client.waited_seconds, client.made
        self._done = 0
        self._licensed: set[str] = set()

    @property
    def counts(self) -> bool:
        """Whether it is about several things."""
        return not self._name

    def wrote(self, step: Step) -> None:
        """One planned write was sent."""
        self._done += 1
        kind, name = step.item
        if kind == "entitlement" and step.purpose in (CREATE, TAKE):
            self._licensed.add(name)

    def so_far(self) -> str:
        """What is done, in words; of a task that is about one thing, what that is."""
        if self._name:
            return self._name
        if self._licenses and len(self._licensed) < self._licenses:
            return f"{len(self._licensed)} of {self._licenses} licensed"
        return f"{min(self._done, self._total)} of {count_of(self._total, 'change')} sent"

    def left(self, now: float) -> str:
        """How much longer it takes, by what a request of this run has taken so far and by what the request budget allows."""
        if self._name or self._done >= self._total:
            return ""
        slept = self._clock.slept - self._slept
        made = self._client.made - self._made
        each = (_KNOWN * self._latency + now - self._begun - slept) / (_KNOWN + made)
        idled = slept - (self._client.waited_seconds - self._waited)
        seconds = self._client.pace.seconds(self._total - self._done, each)
        return f"{in_time(seconds + max(0.0, self._idle - idled))} left"


class Progress(Reporter):
    """How far one task is. A line is shown only if it says something new."""

    def __init__(self, clock: WatchedClock, screen: Screen) -> None:
        self.client: Client | None = None
        self._clock, self._screen = clock, screen
        self._begun = self._told = clock.now()
        self._said: tuple[object, ...] | None = None
        self._until = 0.0  # the end of the wait that was shown last
        self._waits = _NONE
        self._parts: list[_Count | _Plan] = []
        self._claimed: dict[str, None] = {}  # names whose spare is about to be taken, in order
        self._pause = _PAST  # what the work of the task waits for

    def plan(self, total: int, licenses: int = 0, idle: float = 0.0, name: str = "") -> None:
        """So many writes follow. ``licenses``: names among them that get one. ``name``: of the one thing that the task is about, if it is one.

        ``idle``: seconds that the run has nothing to send, apart from what the request budget makes it wait.
        """
        if self.client and total:
            self._parts = [_Plan(self._clock, self.client, total, licenses, idle, name)]

    def over(self, items: Sequence[_T], what: str) -> Iterator[_T]:
        """The same items, of which those that are done are counted. ``what``: what is done, such as ``accounts read``."""
        with self.counting(len(items), what) as done:
            for place, item in enumerate(items, 1):
                yield item
                done(place)

    @contextmanager
    def counting(self, total: int, what: str) -> Iterator[Callable[[int], None]]:
        """Around work on so many things: call what comes back with how many are done."""
        part = _Count(total, what)

        def done(number: int) -> None:
            part.done = number
            self.tick()

        self._parts.append(part)
        try:
            yield done
        finally:
            self._parts.remove(part)

    def wrote(self, step: Step) -> None:
        """One planned write was sent."""
        name = step.item[1]
        if step.purpose == CLAIM:
            self._claimed[name] = None
        elif step.purpose in (TAKE, UNCLAIM):
            self._claimed.pop(name, None)
        for part in self._parts:
            if isinstance(part, _Plan):
                part.wrote(step)
        self.tick()

    def pauses(self, seconds: float) -> None:
        """The run waits until it queries FortiFlex again."""
        why = "to see what became of a change or what another run does"
        if self._claimed:
            spare = "spare" if len(self._claimed) == 1 else "spares"
            why = f"to be sure of the {spare} for {first_few(self._claimed, _NAMED)}"
        text = f"waiting {math.ceil(round(seconds, 1))} s {why}"
        self._pause = _Wait(text, why, self._clock.now() + seconds)
        self.tick()

    @contextmanager
    def waiting(self, what: str, seconds: float) -> Iterator[None]:
        """Around a wait for something else than requests, for so long at the most."""
        text = f"waiting up to {seconds:g} s {what}"
        self._pause = _Wait(text, what, self._clock.now() + seconds)
        try:
            yield
        finally:
            self._pause = _PAST

    def tick(self) -> None:
        """Show how far the task is, if that was not shown lately and has changed."""
        now, part = self._clock.now(), self._parts[-1] if self._parts else None
        wait, counts = self._wait(now), part is not None and part.counts
        if self._waits.reason and not wait.reason and not (self._waits.shared and counts):
            self._told = now  # its end is no news
        self._waits = wait
        is_long = self._said is None and wait.until < math.inf and wait.until - now >= EVERY
        if now - self._told < EVERY and not is_long:
            return
        made = self.client.made if self.client else 0
        said = (part.so_far() if part else "", made, wait.reason)
        is_new = said != self._said or now > self._until + EVERY
        if not (is_new and (wait.reason or made or counts)):
            return
        topic = "" if counts else wait.shared
        if self._screen.turn(now, topic):
            self._told, self._said, self._until = now, said, wait.until
            self._screen.say(self._line(part, made, wait, now, bool(topic)))

    @staticmethod
    def _line(part: _Count | _Plan | None, made: int, wait: _Wait, now: float, alone: bool) -> str:
        """``alone``: only what the task waits for, which is the same for all tasks of the run."""
        used = f"{count_of(made, 'request')} used" if made and not alone else ""
        about = part.so_far() if part else ""
        if alone or about in wait.text:
            text = ", ".join(filter(None, (wait.text, used)))
            return text[:1].upper() + text[1:]
        left = part.left(now) if part else ""
        if part and not part.counts:
            return f"{about}: {', '.join(filter(None, (wait.text, used)))}"
        return ", ".join(filter(None, (about, used, wait.text, left)))

    def _wait(self, now: float) -> _Wait:
        """What the task waits for at the moment."""
        waiting = self.client.budget.waiting if self.client else None
        if waiting and waiting.until is None:
            return _Wait(f"waiting {waiting.reason}", waiting.reason, math.inf, waiting.reason)
        if waiting and waiting.until is not None:
            moment = time.strftime("%H:%M:%S", time.localtime(waiting.until))
            text = f"waiting until {moment} {waiting.reason}"
            return _Wait(text, waiting.reason, waiting.until, waiting.reason)
        if self.client and self.client.repeating:
            text = f"repeating {self.client.repeating}"
            return _Wait(text, text, math.inf, text)
        return self._pause if self._pause.until > now else _NONE
