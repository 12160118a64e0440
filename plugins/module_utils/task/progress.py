# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Says how far a task is and what it waits for, once it takes more than ten seconds: at the request
limit, a thousand new sites take more than an hour.

Every task has one. The clock of the task calls it during each wait, and the client after each
query, so that no module has to. Private to the collection: may change at any time.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple, TypeVar

from ..client.client import Client
from ..client.pace import Pace
from ..client.request_limit import Waiting
from ..clock import WatchedClock
from ..core.reporter import Agreed, Reporter
from ..core.run_report import RunReport
from ..core.steps import CLAIM, CREATE, TAKE, UNCLAIM, Step
from ..wording import count_of, first_few
from .plan_text import Screen, in_time

EVERY = 9.0  # seconds: with the second that a clock may sleep on, ten
_KNOWN = 20  # requests of the run that count as much as the latency seen before it
ACCOUNTS_READ = "accounts read"  # what most tasks do that are about several
_NAMED = 3  # names of a wait that are shown
_T = TypeVar("_T")


class _Wait(NamedTuple):
    """What a task waits for: in words, which of them make a line a new one, when it ends, and what
    it is if all tasks of the run wait for it.
    """

    text: str
    reason: str
    until: float
    shared: str = ""

    def is_long(self, now: float) -> bool:
        """Whether it is known to last longer than the next line would have to wait."""
        return EVERY <= self.until - now < math.inf


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

    def wrote(self, step: Step) -> None:
        """What a run sends is none of it."""

    def left(self, _now: float) -> str:
        """How much longer it takes: nobody knows."""
        return ""


class _PlanProgress:
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
        if len(self._licensed) < self._licenses:
            return f"{len(self._licensed)} of {self._licenses} licensed"
        return f"{min(self._done, self._total)} of {count_of(self._total, 'change')} sent"

    def left(self, now: float) -> str:
        """How much longer it takes, by what a request of this run has taken so far and by what the
        request limit allows.
        """
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
        self._told = clock.now()  # when a line was shown last, or a wait ended
        self._said: tuple[object, ...] | None = None
        self._until = 0.0  # the end of the wait that was shown last
        self._waits = _NONE
        self._parts: list[_Count | _PlanProgress] = [_Count(0, "")]
        self._claimed: dict[str, None] = {}  # names whose spare is about to be taken, in order
        self._pause = _PAST  # what the work of the task waits for

    def plan(self, predicted: RunReport, agreed: Agreed | None) -> None:
        """Say from now on how far the run has come on its way to a prediction."""
        goal = predicted.goal
        keys = [item.key for kind in (goal.configurations, goal.entitlements) for item in kind]
        name = keys[0] if len(goal) == len(keys) == 1 else ""
        idle = _idle(predicted, self.client.pace.latency) if self.client else 0.0
        self.expect(predicted.writes, len(predicted.new_names), idle, name)

    def expect(self, total: int, licenses: int = 0, idle: float = 0.0, name: str = "") -> None:
        """So many writes follow. ``licenses``: names among them that get one. ``name``: of the one
        thing that the task is about, if it is one.

        ``idle``: seconds that the run has nothing to send, apart from what the request limit makes
        it wait.
        """
        if self.client and total:
            self._parts = [_PlanProgress(self._clock, self.client, total, licenses, idle, name)]

    def over(self, items: Sequence[_T], what: str) -> Iterator[_T]:
        """The same items, of which those that are done are counted. ``what``: what is done, such as
        ``accounts read``.
        """
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
            part.wrote(step)
        self.tick()

    def waiting(self, seconds: float) -> None:
        """The run waits until it queries FortiFlex again."""
        why = "to see what became of a change or what another run does"
        if self._claimed:
            spare = "spare" if len(self._claimed) == 1 else "spares"
            why = f"to be sure of the {spare} for {first_few(self._claimed, _NAMED)}"
        text = f"waiting {math.ceil(round(seconds, 1))} s {why}"
        self._pause = _Wait(text, why, self._clock.now() + seconds)
        self.tick()

    def waiting_for(self, what: str, seconds: float) -> None:
        """The task waits for something else than requests, for so long at the most."""
        text = f"waiting up to {seconds:g} s {what}"
        self._pause = _Wait(text, what, self._clock.now() + seconds)

    def tick(self) -> None:
        """Show how far the task is, if that was not shown lately and has changed."""
        now, part = self._clock.now(), self._parts[-1]
        wait = self._wait(now)
        self._hear(wait, part, now)
        if not self._is_due(wait, now):
            return
        said = (part.so_far(), self._made, wait.reason)
        is_new = said != self._said or now > self._until + EVERY
        if is_new and (wait.reason or self._made or part.counts):
            topic = "" if part.counts else wait.shared
            if self._screen.turn(now, topic):
                self._told, self._said, self._until = now, said, wait.until
                self._screen.say(self._line(part, wait, now, bool(topic)))

    def _hear(self, wait: _Wait, part: _Count | _PlanProgress, now: float) -> None:
        """What the task waits for has become another wait. That one ended is no news."""
        is_over = self._waits.reason and not wait.reason
        if is_over and not (self._waits.shared and part.counts):
            self._told = now
        self._waits = wait

    def _is_due(self, wait: _Wait, now: float) -> bool:
        """Whether it is time for a line: the first one comes at once where the task is about to
        wait for long.
        """
        return now - self._told >= EVERY or (self._said is None and wait.is_long(now))

    @property
    def _made(self) -> int:
        """Requests made so far."""
        return self.client.made if self.client else 0

    def _line(self, part: _Count | _PlanProgress, wait: _Wait, now: float, alone: bool) -> str:
        """``alone``: only what the task waits for, which is the same for all tasks of the run."""
        used = f"{count_of(self._made, 'request')} used" if self._made and not alone else ""
        about = part.so_far()
        if alone or about in wait.text:
            text = _listed(wait.text, used)
            return text[:1].upper() + text[1:]
        if not part.counts:
            return f"{about}: {_listed(wait.text, used)}"
        return _listed(about, used, wait.text, part.left(now))

    def _wait(self, now: float) -> _Wait:
        """What the task waits for at the moment."""
        if self.client and self.client.limit.waiting:
            return _for_the_limit(self.client.limit.waiting)
        if self.client and self.client.repeating:
            text = f"repeating {self.client.repeating}"
            return _Wait(text, text, math.inf, text)
        return self._pause if self._pause.until > now else _NONE


def _for_the_limit(waiting: Waiting) -> _Wait:
    """A wait for the request limit, or for another process, until nobody knows when."""
    reason = waiting.reason
    if waiting.until is None:
        return _Wait(f"waiting {reason}", reason, math.inf, reason)
    moment = time.strftime("%H:%M:%S", time.localtime(waiting.until))
    return _Wait(f"waiting until {moment} {reason}", reason, waiting.until, reason)


def _listed(*texts: str) -> str:
    return ", ".join(filter(None, texts))


def length(predicted: RunReport, pace: Pace) -> tuple[int, float]:
    """About how many requests a prediction takes from now on, and how many seconds."""
    seconds = pace.seconds(predicted.writes, pace.latency) + _idle(predicted, pace.latency)
    return pace.requests(predicted.writes, pace.latency), seconds


def _idle(predicted: RunReport, each: float) -> float:
    """Seconds of a prediction's waits in which there is nothing else to send.

    A claim and what it becomes are two writes, and a request takes ``each`` seconds.
    """
    claims = predicted.plans()["plan"]["reuse"]
    meanwhile = predicted.writes * each - min(2 * claims * each, 2 * predicted.waits)
    return max(0.0, predicted.waits - meanwhile)
