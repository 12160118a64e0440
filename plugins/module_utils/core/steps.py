# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps a plan is made of, and what a rule says about one item of a goal at one observation.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from .calls import Call, Held, JointCall
from .model import Observation

DEVICES = 100  # how many FortiFlex's portal takes together
# Seconds: the longest that a write may be under way, and the longest that an observation may be acted upon.
W = 10.0

ItemKey = tuple[str, str]  # ("configuration", "entitlement" or "spare", key in the goal)

# Why a step is taken; what the run remembers of it depends on this.
CREATE, CLAIM, TAKE, UNCLAIM, RELEASE, SET = (
    "create",
    "claim",
    "take",
    "unclaim",
    "release",
    "set",
)
# In a wave: what has a deadline, then what ends charging, then the rest; what can cost most comes last.
_URGENCY = {TAKE: 0, RELEASE: 2, UNCLAIM: 2, SET: 3, CLAIM: 4, CREATE: 5}
_ENDS_CHARGING = 1


@dataclass(frozen=True)
class Step:
    """One writing call for the sake of ``item``; ``before`` is what it changes, as it was when the
    step was planned.

    ``acquires``: it gives a name a holder that it lacks, or starts to. ``parts``: of one call for
    several items, what it is for each of them.
    """

    item: ItemKey
    purpose: str
    call: Call = field(hash=False)
    before: Held | None = field(default=None, hash=False)
    acquires: bool = False
    parts: tuple[Step, ...] = field(default=(), hash=False)

    @property
    def endpoint(self) -> str:
        """Where its call is sent."""
        return self.call.endpoint

    @property
    def body(self) -> dict[str, Any]:
        """What is sent."""
        return self.call.body

    @property
    def target(self) -> str:
        """The serial number or id of what it changes; of a call for several, that of the first.
        Empty where something is created by its name.
        """
        return self.call.target

    @property
    def each(self) -> tuple[Step, ...]:
        """What it is for each item that it is sent for."""
        return self.parts or (self,)

    @property
    def urgency(self) -> int:
        """Its place in a wave: the smallest first."""
        return _ENDS_CHARGING if self.call.ends_charging else _URGENCY[self.purpose]

    def time_in(self, seen: Observation) -> float:
        """When the list that it rests on was requested (seconds since 1970)."""
        return time_of(self.item, seen)

    def took_effect(self, seen: Observation) -> bool:
        """Whether an observation shows what it should have brought about: how a write without an
        answer is judged.

        Nothing distinguishes the spares of one call from others: what is missing then is counted
        again.
        """
        kind, name = self.item
        return kind != "spare" and self.call.shows(seen, name, self.before)


def time_of(item: ItemKey, seen: Observation) -> float:
    """When the list in which an item is was requested (seconds since 1970)."""
    return seen.configurations_time if item[0] == "configuration" else seen.time


@dataclass(frozen=True)
class Failure:
    """Why an item cannot be reached, as one sentence. ``foreseen``: known from what was asked, so
    nothing at all is written.

    ``lasting``: another run would come to the same end.
    """

    sentence: str
    foreseen: bool = False
    lasting: bool = False


@dataclass
class Verdict:
    """What one observation means for one item: steps to take now, or a time to observe again, or
    neither (it is as it should be).
    """

    steps: list[Step] = field(default_factory=list)
    wake: float | None = None

    def add(self, other: Verdict) -> None:
        """Take the steps of another one, too, and the earlier time."""
        self.steps += other.steps
        wakes = [wake for wake in (self.wake, other.wake) if wake is not None]
        self.wake = min(wakes, default=None)


class NeedsProgram(Exception):
    """Raised inside the rules where a verdict depends on the program, which the observation lacks."""


class CannotReach(Exception):
    """Raised inside the rules to say that an item has failed; the planner keeps the ``failure``."""

    def __init__(self, sentence: str, foreseen: bool = False, lasting: bool = False) -> None:
        super().__init__(sentence)
        self.failure = Failure(sentence, foreseen, lasting)


def batched(steps: list[Step], most: int) -> list[Step]:
    """The same steps with those together that can be one call, up to so many in each; the order of
    the others is kept.
    """
    alike: dict[JointCall, list[Step]] = {}
    rest: list[Step] = []
    for step in steps:
        group = step.call.group
        (rest if group is None else alike.setdefault(group, [])).append(step)
    return rest + [
        _together(call, parts[first : first + most])
        for call, parts in alike.items()
        for first in range(0, len(parts), most)
    ]


def _together(call: JointCall, parts: list[Step]) -> Step:
    """One call for several that differ in their serial numbers only."""
    return replace(parts[0], call=call.of(part.target for part in parts), parts=tuple(parts))


def observe_again(since: float, now: float) -> float:
    """When to observe again what is there twice: soon, since its maker releases it at its next
    query, then until 2 W after ``since``.
    """
    return now + 2.0 if now == since else min(since + 2 * W, now + W)
