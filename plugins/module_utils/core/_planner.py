# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a goal, one observation after another, and what this run did: the next wave of writes, or
when to observe again.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible; chance
comes from the run's own seed.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, TypeAlias

from ..catalogue.catalogue import Catalogue
from ..errors import Refused, TooManyErrors
from ..wording import quoted
from ._configuration_rule import ConfigurationRule
from ._entitlement_rule import EntitlementRule
from ._refusals import Refusals
from ._spare_rule import SpareRule
from ._target import Targets
from ._texts import Texts
from ._unanswered import SENDINGS, Shown, Unanswered
from .goal import Goal, WantedEntitlement, WantedSpares
from .model import Entitlement, Observation
from .steps import (
    CLAIM,
    CREATE,
    CannotReach,
    Failure,
    ItemKey,
    NeedsProgram,
    Step,
    Verdict,
    W,
    batched,
)
from .wave import Decision, Room, Turn, by_urgency

Unplanned: TypeAlias = "Callable[[Step, Observation, bool], str | None]"
"""What of a step is not part of an approved plan; None if all of it is. Given whether the run
itself has made, taken or switched what the step changes.
"""

Judged = tuple[str, Callable[[], Verdict]]
"""The key of an item, and the question to its rule."""


class Planner:
    """One run towards one goal. Hand it the result of every step; ask it what follows from every
    observation.
    """

    def __init__(
        self,
        goal: Goal,
        catalogue: Catalogue,
        run: str,
        program: str,
        account_id: int | None,
        unplanned: Unplanned = lambda step, seen, is_own: None,
    ) -> None:
        """``run`` identifies this run in claims: random, without blanks or brackets. ``unplanned``
        knows the plan that was approved, if one was.
        """
        account = f", account {account_id}" if account_id is not None else ""
        where = f"program {program}{account}"
        self._goal = goal
        self._unplanned = unplanned
        self._texts = Texts(where)
        self._configurations = ConfigurationRule(catalogue, program, account_id, goal)
        self._entitlements = EntitlementRule(catalogue, run, where, self._texts)
        self._spares = SpareRule(catalogue, self._texts)
        self._turn = Turn(random.Random(run))
        self._room = Room(self._entitlements)
        self._refusals = Refusals()
        self._unanswered = Unanswered(self._texts)
        self._listed: frozenset[str] = frozenset()
        self.failures: dict[ItemKey, Failure] = {}
        self._targets = Targets(goal, program, self.failures)
        # Items for whose sake something was or may have been written.
        self.written: set[ItemKey] = set()

    # -- what follows from an observation

    def next(
        self, seen: Observation, room: Callable[[float], int] = lambda seconds: sys.maxsize
    ) -> Decision:
        """The next wave, from an observation that is at most W seconds old when the wave is sent.
        ``room``: requests for which that many seconds have room.
        """
        self._settle(seen)
        try:
            decision = self._judge_all(seen)
        except NeedsProgram:
            return Decision(needs_program=True)
        lost = self._entitlements.lost
        self._turn.wait_for(seen, decision, lost, partial(self._is_foreign, seen))
        decision.steps = by_urgency(decision.steps)
        self._room.leave(seen, decision, room)
        decision.steps = batched(decision.steps, self._refusals.most_together)
        return decision

    def _settle(self, seen: Observation) -> None:
        """What an observation shows of what this run has written."""
        for shown in self._unanswered.settle(seen):
            self._learn(shown, seen)
        for name in self._entitlements.new_wave(seen):
            self._stored_otherwise(("entitlement", name), self._texts.spoiled or "")
        self._listed = frozenset(seen.by_serial)

    def _judge_all(self, seen: Observation) -> Decision:
        """What all rules ask for: first what the rest stands on, and nothing further while
        something of it is missing.
        """
        decision = Decision()
        for kind, stage in self._stages(seen):
            for key, rule in stage:
                decision.add(self._judge((kind, key), rule, seen))
            if not decision.done:
                decision.on_configurations = kind == "configuration"
                break
        return decision

    def _stages(self, seen: Observation) -> Iterator[tuple[str, list[Judged]]]:
        """The items of the goal, each with the question to its rule.

        Spares come after the entitlements, which take what spares they need, and configurations
        that are to be disabled after their entitlements were stopped.
        """
        goal = self._goal
        configurations: dict[bool, list[Judged]] = {
            disabling: [
                (wanted.key, partial(self._configurations.verdict, wanted, seen))
                for wanted in goal.configurations
                if (wanted.state == "disabled") == disabling
            ]
            for disabling in (False, True)
        }
        entitlements: list[Judged] = [
            (item.key, partial(self._entitlement, item, seen)) for item in goal.entitlements
        ]
        yield "configuration", configurations[False]
        yield "entitlement", entitlements
        spares: list[Judged] = [
            (item.key, partial(self._spare, item, seen)) for item in goal.spares
        ]
        yield "spare", spares
        yield "configuration", configurations[True]

    def _entitlement(self, wanted: WantedEntitlement, seen: Observation) -> Verdict:
        return self._entitlements.verdict(wanted, seen, self._targets.of(wanted, seen))

    def _spare(self, wanted: WantedSpares, seen: Observation) -> Verdict:
        target = self._targets.of(wanted, seen)
        return self._spares.verdict(wanted, seen, target) if target else Verdict()

    def _judge(self, item: ItemKey, rule: Callable[[], Verdict], seen: Observation) -> Verdict:
        wake = self._unanswered.wake(item, seen)
        if wake is not None:
            return Verdict(wake=wake)
        if item not in self.failures:
            try:
                verdict = rule()
                for step in verdict.steps:
                    self._refuse(step)
                    self._refuse_unplanned(step, seen)
            except CannotReach as error:
                self.failures[item] = error.failure
            else:
                return verdict
        kind, name = item
        return self._entitlements.abandon(name, seen) if kind == "entitlement" else Verdict()

    def _is_foreign(self, seen: Observation, item: ItemKey) -> bool:
        return self._rule(item).is_foreign(item[1], seen)

    def _rule(self, item: ItemKey) -> ConfigurationRule | EntitlementRule:
        return self._configurations if item[0] == "configuration" else self._entitlements

    def _refuse_unplanned(self, step: Step, seen: Observation) -> None:
        rule = self._rule(step.item)
        what = self._unplanned(step, seen, rule.is_own(step.target))
        if what:
            raise CannotReach(
                f"'{step.item[1]}': {what} is not in the plan; make the plan again", lasting=True
            )

    def pause(self, sent: list[Step], decision: Decision, now: float) -> float:
        """Seconds to wait, after ``sent`` of a decision's steps were sent, before the next
        observation is worth its request.
        """
        is_whole = len(sent) == len(decision.steps) and not decision.held_back
        if not is_whole or any(step.purpose != CLAIM for step in sent):
            return 0.0
        wakes = self._entitlements.wakes(now)
        if decision.wake is not None:
            wakes.append(decision.wake)
        return max(0.0, min((wake for wake in wakes if wake > now), default=now) - now)

    # -- what became of a step

    def did(self, step: Step, answer: dict[str, Any], sent: float, answered: float) -> None:
        """The service carried out ``step``; ``answer`` is the (first) item that it returned, {} if
        it returned none.
        """
        for part in step.parts:
            self.did(part, {}, sent, answered)
        self._note(step)
        if step.item[0] == "configuration":
            self._configurations.did(step, answer)
            return
        if step.purpose == CREATE:
            self._refusals.created()
        rule = self._spares if step.item[0] == "spare" else self._entitlements
        changed = rule.did(step, answer, sent, answered)
        if changed:
            self._stored_otherwise(step.item, changed)

    def _note(self, step: Step) -> None:
        self.written.add(step.item)
        self._turn.has_acquired |= step.acquires and step.item[0] == "entitlement"

    def _stored_otherwise(self, item: ItemKey, sentence: str) -> None:
        """What is stored must be what was written, else names would be lost and every run would
        create again.
        """
        if item not in self.failures or self._texts.spoiled:
            self.failures[item] = Failure(sentence, lasting=True)

    def unknown(self, step: Step, sent: float, now: float) -> None:
        """``step`` was sent at ``sent`` and has no usable answer up to now: what it did must
        be seen in an observation.
        """
        for part in step.each:
            self._note(part)
            if not self._entitlements.may_repeat_at_once(part, now):
                self._unanswered.add(part, sent, now, self._listed)

    def _learn(self, shown: Shown, seen: Observation) -> None:
        """What became of a write without an answer. One that took effect was answered at the latest
        W after it was sent.
        """
        step = shown.step
        if shown.stored_otherwise:
            self._stored_otherwise(step.item, shown.stored_otherwise)
        elif not shown.took_effect:
            self._entitlements.had_no_effect(step)
            if self._unanswered.was_sent_often(step):
                self._fail(
                    step,
                    f"{step.endpoint} was sent {SENDINGS} times without a usable answer and "
                    "without effect; run again later",
                )
        elif step.purpose != CREATE:
            self.did(step, shown.answer(seen), shown.sent, shown.sent + W)

    def refused(self, step: Step, error: Refused | TooManyErrors) -> None:
        """The service refused ``step``: it had no effect, and the item has failed, unless somebody
        else may have done the same a moment before.
        """
        sentence = str(error)
        if step.call.is_unique:
            self._refusals.not_unique(step, sentence)
            return
        for part in step.each:
            if self._refusals.is_first(part):
                continue
            self._fail(part, sentence)
            if part.purpose == CREATE:
                self._refusals.creation(part, sentence)

    def _fail(self, step: Step, sentence: str) -> None:
        self.failures.setdefault(step.item, Failure(f"{_told(step)}: {sentence}"))
        if step.item[0] == "entitlement":
            self._entitlements.refused(step)

    def stop_creating(self, error: TooManyErrors) -> None:
        """Create nothing more in this run; what would have to be created fails with the error."""
        self._refusals.stop_creating(str(error))

    def forbids(self, step: Step) -> bool:
        """Whether what became of earlier steps of its wave forbids one."""
        return any(map(self._reason_against, step.each))

    def _refuse(self, step: Step) -> None:
        reason = self._reason_against(step)
        if reason:
            lasting = self._storing_refusal(step) is not None
            raise CannotReach(f"'{step.item[1]}' was not created: {reason}", lasting=lasting)

    def _reason_against(self, step: Step) -> str | None:
        """Why a step is not taken, by what FortiFlex stored or refused before."""
        return self._storing_refusal(step) or self._refusals.reason(step)

    def _storing_refusal(self, step: Step) -> str | None:
        """Why nothing may be made or taken, since FortiFlex would store its description otherwise.
        Devices, which have serial numbers before, need none.
        """
        kind, name = step.item
        if step.purpose == CLAIM:
            return self._texts.refusal(name)
        if step.purpose != CREATE or kind == "configuration" or step.target:
            return None
        return self._texts.refusal(step.call.description or name)


def _told(step: Step) -> str:
    """What a step is about, in a sentence: by name, and by serial number if it has one."""
    held, (kind, name) = step.before, step.item
    if not isinstance(held, Entitlement) or kind != "entitlement":
        return f"'{name}'"
    return quoted(held.name if name == held.serial_number else name, held.serial_number)
