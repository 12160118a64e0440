# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A wave of writes: what of the steps that rules ask for is sent now, beside other runs and within
the request limits.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible; chance
comes from the run's own seed.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ._entitlement_rule import EntitlementRule
from .model import Observation
from .steps import CLAIM, CREATE, TAKE, ItemKey, Step, Verdict, W

_QUERIES = 3  # requests for the observations that a claim needs until it is a name
# How often a wave is empty because there is room for no claim, before one is tried all the same.
_CRAMPED = 7


@dataclass
class Decision(Verdict):
    """What to do at one observation. No steps and no ``wake``: done. ``wake`` is a time in seconds
    since 1970 (UTC).

    ``on_configurations``: it is about configurations, so that these have to be observed again.
    ``held_back``: so many writes follow if the next observation shows nobody else at the same work.
    """

    needs_program: bool = False
    on_configurations: bool = False
    held_back: int = 0

    @property
    def done(self) -> bool:
        """Whether the observation shows the goal, as far as it can be reached."""
        return not self.steps and self.wake is None and not self.needs_program

    def keep(self, acquiring: Iterable[Step]) -> None:
        """Of the steps that give names holders, send only these."""
        self.steps = [step for step in self.steps if not step.acquires] + [*acquiring]


class Turn:
    """Lets somebody else who is at the same work go first, and keeps the first wave that gives
    names holders to one write.
    """

    def __init__(self, chance: random.Random) -> None:
        self._random = chance
        self._missing: set[ItemKey] = set()
        self._rounds = 0
        self._lost = 0
        self.has_acquired = False

    def wait_for(
        self,
        seen: Observation,
        decision: Decision,
        lost: int,
        is_foreign: Callable[[ItemKey], bool],
    ) -> None:
        """Delay what gives names holders if others have begun to. ``lost``: how many spares
        this run has lost to others.
        """
        acquiring = [step for step in decision.steps if step.acquires]
        missing = {step.item for step in acquiring}
        has_lost = lost > self._lost
        appeared = has_lost or any(map(is_foreign, self._missing - missing))
        self._missing, self._lost = missing, lost
        if not acquiring:
            return
        if appeared:
            self._rounds += 1
            self.has_acquired = False
            decision.wake = seen.latest + self._pause(has_lost)
            decision.keep(())
            return
        self._rounds = 0
        self._random.shuffle(acquiring)
        acquiring.sort(key=lambda step: step.purpose == CREATE)  # a spare before a creation
        if not self.has_acquired and not decision.on_configurations:
            decision.held_back = len(acquiring[1:])
            acquiring = acquiring[:1]
        decision.keep(acquiring)

    def _pause(self, has_lost: bool) -> float:
        """Seconds. Those who lose a spare lose it at the same moment: they are spread wider."""
        if has_lost:
            return W * self._random.random()
        return min(W, 2.0**self._rounds) * self._random.uniform(0.5, 1.0)


def by_urgency(steps: list[Step]) -> list[Step]:
    """The most urgent first; an item's steps stay together and in order."""
    urgency: dict[ItemKey, int] = {}
    for step in steps:
        urgency[step.item] = min(step.urgency, urgency.get(step.item, step.urgency))
    return sorted(steps, key=lambda step: urgency[step.item])


class Room:
    """Claims no more spares than can be named in time, and sends nothing that would take the room
    for that, which lasts 4 W.
    """

    def __init__(self, rule: EntitlementRule) -> None:
        self._rule = rule
        self._cramped = 0

    def leave(self, seen: Observation, decision: Decision, room: Callable[[float], int]) -> None:
        """Keep of a wave what there is room for. ``room``: requests for which so many seconds have
        room.
        """
        writes = self._rule.writes_left(seen)
        if not writes and all(step.purpose != CLAIM for step in decision.steps):
            return
        kept = self._kept(decision.steps, writes, room(3 * W) - _QUERIES)
        self._cramped = 0 if kept or not decision.steps else self._cramped + 1
        if self._cramped > _CRAMPED:
            kept = decision.steps[:1]
        elif self._cramped and decision.wake is None:
            decision.wake = seen.latest + W
        decision.steps = kept

    def _kept(self, steps: list[Step], writes: dict[str, int], left: int) -> list[Step]:
        taken = {step.item[1] for step in steps if step.purpose == TAKE}
        left -= sum(number for name, number in writes.items() if name not in taken)
        kept: list[Step] = []
        for step in steps:
            left -= self._rule.writes_for(step)
            if left >= 0 or step.purpose == TAKE:
                kept.append(step)
        return kept
