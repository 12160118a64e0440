# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The loop of a run: observe, plan, act a wave, observe again, until an observation shows the goal.

Private to the collection: may change at any time. Knows the planner and a service (the real one or a forecast), not Ansible.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple, Protocol

from ..clock import Clock
from ..errors import FlexError, NotSent, Refused, TooManyErrors, UnknownOutcome
from .model import Observation, Program
from .planner import Planner
from .steps import Step, W
from .wave import Decision


class Written(NamedTuple):
    """A carried out write: the item that was answered ({} if none), and when it was sent and answered (seconds since 1970)."""

    item: dict[str, object]
    sent: float
    answered: float


class Service(Protocol):
    """What a run needs of FortiFlex: :class:`.service.FlexService`, or :class:`.forecast.Forecast` in its place."""

    def observe(
        self,
        before: Observation | None = None,
        configurations: bool = True,
        entitlements: bool = True,
        writes: int = 0,
    ) -> Observation:
        """What the service shows now; what is not asked for is taken over from ``before``. ``writes``: how many are likely to follow."""
        ...  # pylint: disable=unnecessary-ellipsis

    def room(self, seconds: float) -> int:
        """How many requests can be sent within so many seconds from now on."""
        ...  # pylint: disable=unnecessary-ellipsis

    def program(self) -> Program:
        """The program, its end date among others."""
        ...  # pylint: disable=unnecessary-ellipsis

    def write(self, step: Step, not_after: float) -> Written:
        """Carry out one step, unless ``not_after`` (seconds since 1970) has passed before it can be sent."""
        ...  # pylint: disable=unnecessary-ellipsis


class Reporter:
    """Hears how far a run has come. This one does nothing."""

    def wrote(self, step: Step) -> None:
        """A step was sent, with or without success."""

    def pauses(self, seconds: float) -> None:
        """Nothing is sent for so many seconds."""


_NOBODY = Reporter()


class Outcome(NamedTuple):
    """The last observation of a run, and the error that ended it early, if one did."""

    seen: Observation
    error: FlexError | None


def converge(
    planner: Planner,
    service: Service,
    clock: Clock,
    first: Observation,
    reporter: Reporter = _NOBODY,
) -> Outcome:
    """Run until ``planner`` is content with what it sees; ``first`` is an observation just made. Never raises a FlexError: see Outcome."""
    seen = first
    try:
        while True:
            decision = planner.next(seen, service.room)
            if decision.needs_program:
                seen = replace(seen, program=service.program())
                continue
            if decision.done:
                return Outcome(seen, None)
            sent = _act(planner, service, clock, decision, seen, reporter)
            pause = planner.pause(sent, decision, clock.now())
            reporter.pauses(pause)
            clock.sleep(pause)
            aged = clock.now() - seen.time > W / 2
            seen = service.observe(
                seen,
                configurations=decision.on_configurations,
                entitlements=not decision.on_configurations or aged,
                writes=len(decision.steps) + decision.held_back - len(sent),
            )
    except FlexError as error:
        return Outcome(seen, error)


def _act(
    planner: Planner,
    service: Service,
    clock: Clock,
    decision: Decision,
    seen: Observation,
    reporter: Reporter,
) -> list[Step]:
    """Send a wave, as far as the observation that it rests on stays fresh; what was sent comes back."""
    sent: list[Step] = []
    blocked: set[tuple[str, str]] = (
        set()
    )  # items whose later steps rest on one that had no clear success
    for step in decision.steps:
        if blocked.intersection(part.item for part in step.each) or planner.forbids(step):
            continue
        not_after = (seen.configurations_time if step.item[0] == "configuration" else seen.time) + W
        try:
            written = service.write(step, not_after)
        except NotSent:
            break
        except UnknownOutcome as error:
            planner.unknown(step, error.sent, clock.now())
            blocked.update(part.item for part in step.each)
        except (Refused, TooManyErrors) as error:
            planner.refused(step, str(error))
            blocked.update(part.item for part in step.each)
            if isinstance(error, TooManyErrors):
                planner.stop_creating(str(error))
        else:
            planner.did(step, written.item, written.sent, written.answered)
        sent.append(step)
        reporter.wrote(step)
    return sent
