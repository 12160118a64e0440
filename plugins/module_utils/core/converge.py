# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The loop of a run: observe, plan, act a wave, observe again, until an observation shows the goal.

It knows nothing of what is observed: a planner says what follows from it, and a world observes it
and carries out steps. For a fleet these are :class:`._planner.Planner` and :class:`Account`, for a
transfer two accounts, for a delivery a device and its license. Private to the collection: may
change at any time. No network and no Ansible; time is handed in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from ..clock import Clock
from ..errors import FlexError, NotSent, Refused, TooManyErrors, UnknownOutcome
from .model import Observation, Program
from .reporter import Reporter
from .steps import ItemKey, Step, W
from .wave import Decision

Seen = TypeVar("Seen")
_Shown_contra = TypeVar("_Shown_contra", contravariant=True)


class Written(NamedTuple):
    """A carried out write: the item that was answered ({} if none), and when it was sent and
    answered (seconds since 1970).
    """

    item: dict[str, object]
    sent: float
    answered: float


class Planning(Protocol[_Shown_contra]):
    """One run towards one goal: what follows from what is observed, and what the run remembers. A
    FlexError that it raises ends the run.
    """

    def next(self, seen: _Shown_contra, room: Callable[[float], int]) -> Decision:
        """The next wave, or when to observe again. ``room``: how many requests can be sent within
        so many seconds.
        """

    def did(self, step: Step, answer: dict[str, Any], sent: float, answered: float) -> None:
        """``step`` was carried out, with this item in its answer ({} if there was none); times in
        seconds since 1970.
        """

    def unknown(self, step: Step, sent: float, now: float) -> None:
        """``step`` was sent, and no usable answer came."""

    def refused(self, step: Step, error: Refused | TooManyErrors) -> None:
        """``step`` was refused and had no effect."""

    def forbids(self, step: Step) -> bool:
        """Whether what became of earlier steps of its wave forbids one."""
        return False

    def stop_creating(self, error: TooManyErrors) -> None:
        """FortiFlex has locked the API user for creations, which ends a run that has nothing else
        to do.
        """
        raise error

    def pause(self, sent: list[Step], decision: Decision, now: float) -> float:
        """Seconds to wait, after ``sent`` of a decision's steps were sent, before the next
        observation is worth its request.
        """
        return 0.0 if decision.wake is None else max(0.0, decision.wake - now)


class World(Protocol[Seen]):
    """What a run observes and changes."""

    def room(self, seconds: float) -> int:
        """How many requests can be sent within so many seconds from now on."""

    def write(self, step: Step, seen: Seen) -> Written:
        """Carry out a step, unless what was ``seen`` when it was planned is too old before it can
        be sent.

        :raises NotSent: if it was not sent.
        :raises Refused: if it had no effect.
        :raises UnknownOutcome: if nobody knows.
        """

    def observe(self, seen: Seen, decision: Decision, sent: int) -> Seen:
        """What there is now, as far as it can have changed since ``seen``, of whose decision so
        many steps were sent.
        """


_NOBODY = Reporter()


@dataclass(frozen=True)
class Outcome(Generic[Seen]):
    """The last observation of a run, and the error that ended it early, if one did."""

    seen: Seen
    error: FlexError | None = None


def pursue(
    planner: Planning[Seen],
    world: World[Seen],
    clock: Clock,
    first: Seen,
    reporter: Reporter = _NOBODY,
) -> Outcome[Seen]:
    """Run until ``planner`` is content with what it sees; ``first`` is an observation just made.
    Never raises a FlexError: see Outcome.
    """
    seen = first
    try:
        while not (decision := planner.next(seen, world.room)).done:
            sent: list[Step] = []
            if not decision.needs_program:
                sent = _act(planner, world, clock, decision.steps, seen, reporter)
                pause = planner.pause(sent, decision, clock.now())
                reporter.waiting(pause)
                clock.sleep(pause)
            seen = world.observe(seen, decision, len(sent))
    except FlexError as error:
        return Outcome(seen, error)
    return Outcome(seen)


def _act(
    planner: Planning[Seen],
    world: World[Seen],
    clock: Clock,
    steps: list[Step],
    seen: Seen,
    reporter: Reporter,
) -> list[Step]:
    """Send a wave, as far as the observation that it rests on stays fresh; what was sent comes
    back.
    """
    sent: list[Step] = []
    # Items whose later steps rest on one that had no clear success.
    blocked: set[ItemKey] = set()
    for step in steps:
        items = {part.item for part in step.each}
        if blocked & items or planner.forbids(step):
            continue
        try:
            written = world.write(step, seen)
        except NotSent:
            break
        except UnknownOutcome as error:
            planner.unknown(step, error.sent, clock.now())
            blocked |= items
        except (Refused, TooManyErrors) as error:
            planner.refused(step, error)
            if isinstance(error, TooManyErrors):
                planner.stop_creating(error)
            blocked |= items
        else:
            planner.did(step, written.item, written.sent, written.answered)
        sent.append(step)
        reporter.wrote(step)
    return sent


class Service(Protocol):
    """The calls of one account: :class:`.service.FlexService`, or :class:`._forecast.Forecast` in
    its place.
    """

    def observe(
        self,
        before: Observation | None = None,
        configurations: bool = True,
        entitlements: bool = True,
        writes: int = 0,
    ) -> Observation:
        """What the service shows now; what is not asked for is taken over from ``before``.
        ``writes``: how many are likely to follow.
        """

    def room(self, seconds: float) -> int:
        """How many requests can be sent within so many seconds from now on."""

    def program(self) -> Program:
        """The program, its end date among others."""

    def write(self, step: Step, not_after: float) -> Written:
        """Carry out one step, unless ``not_after`` (seconds since 1970) has passed before it can be
        sent.
        """


class Account:
    """One account as a world: only the lists that can have changed are read again."""

    def __init__(self, service: Service, clock: Clock) -> None:
        self._service = service
        self._clock = clock
        self.room = service.room

    def write(self, step: Step, seen: Observation) -> Written:
        """Carry out a step, at most W after the list was requested in which its item is."""
        return self._service.write(step, step.time_in(seen) + W)

    def observe(self, seen: Observation, decision: Decision, sent: int) -> Observation:
        """The program, if that is what was missing; else the configurations or the entitlements, or
        both where these have become old.
        """
        if decision.needs_program:
            return replace(seen, program=self._service.program())
        aged = self._clock.now() - seen.time > W / 2
        return self._service.observe(
            seen,
            configurations=decision.on_configurations,
            entitlements=not decision.on_configurations or aged,
            writes=len(decision.steps) + decision.held_back - sent,
        )


def converge(
    planner: Planning[Observation],
    service: Service,
    clock: Clock,
    first: Observation,
    reporter: Reporter = _NOBODY,
) -> Outcome[Observation]:
    """Bring one account to the goal of ``planner``, or a forecast of it."""
    return pursue(planner, Account(service, clock), clock, first, reporter)
