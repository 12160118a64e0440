# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a goal, one observation after another, and what this run did: the next wave of writes, or when to look again.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible; chance comes from the run's own seed.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import partial
from typing import Any, TypeAlias

from ..catalogue.catalogue import Catalogue
from ..wording import quoted
from .configuration_rule import ConfigurationRule
from .goal import Goal, WantedEntitlement, WantedSpares
from .holder_rule import Claim, HolderRule
from .model import ACTIVE, Configuration, Entitlement, Observation
from .spare_rule import SpareRule
from .steps import (
    CLAIM,
    CREATE,
    DEVICES,
    GIVE_BACK,
    RELEASE,
    TAKE,
    CannotReach,
    Failure,
    Step,
    Verdict,
    W,
    batched,
    took_effect,
)

Item = tuple[str, str]  # ("configuration" or "entitlement", key in the goal)
Unplanned: TypeAlias = "Callable[[Step, Observation, bool], str | None]"
"""What of a step is not part of an approved plan; None if all of it is. Told whether the run itself has made, taken or switched what the step changes."""

# In a wave: what has a deadline, then what ends charging, then the rest; what can cost most comes last.
_ORDER = {TAKE: 0, RELEASE: 2, GIVE_BACK: 2, CLAIM: 4, CREATE: 5}
_LOOKS = 3  # requests for the observations that a claim needs until it is a name
_CRAMPED = 7  # how often a wave is empty because there is room for no claim, before one is tried all the same
_SENDINGS = 3  # how often a write without a usable answer is sent
_REFUSED_CREATIONS = (
    3  # after so many in one run no more are tried: ten in an hour lock the API user out
)

# FortiFlex refuses these where they have nothing to do: one refusal may mean that another run was faster, so it is looked at again.
_ONCE = frozenset(
    (
        "entitlements/stop",
        "entitlements/reactivate",
        "entitlements/hardware/remove",
        "configs/enable",
        "configs/disable",
    )
)

# So is a refused creation of what can be there only once; but it is not sent again, since FortiFlex counts refused creations.
_THERE_ALREADY = frozenset(("entitlements/hardware/create", "entitlements/cloud/create"))


@dataclass
class Decision:
    """What to do at one observation. No steps and no ``wake``: done. ``wake`` is a time in seconds since 1970 (UTC)."""

    steps: list[Step] = field(default_factory=list)
    wake: float | None = None
    needs_program: bool = False
    on_configurations: bool = (
        False  # it is about configurations, so that these have to be observed again
    )
    held_back: int = (
        0  # writes that follow if the next observation shows nobody else at the same work
    )

    @property
    def done(self) -> bool:
        """Whether the observation shows the goal, as far as it can be reached."""
        return not self.steps and self.wake is None and not self.needs_program


@dataclass(frozen=True)
class _Unknown:
    """A write without an answer: sent and given up at these times (seconds since 1970)."""

    step: Step
    sent: float
    since: float
    listed: frozenset[str]  # serial numbers that were there before


class Planner:
    """One run towards one goal. Tell it what every step came to; ask it what follows from every observation."""

    def __init__(
        self,
        goal: Goal,
        catalogue: Catalogue,
        run: str,
        program: str,
        account_id: int | None,
        unplanned: Unplanned = lambda step, seen, is_own: None,
    ) -> None:
        """``run`` identifies this run in intents: random, without blanks or brackets. ``unplanned`` knows the plan that was approved, if one was."""
        self._goal = goal
        self._unplanned = unplanned
        self._catalogue = catalogue
        self._random = random.Random(run)
        self._configurations = ConfigurationRule(catalogue, program, account_id, goal)
        self._entitlements = HolderRule(catalogue, run, program, account_id)
        self._spares = SpareRule(catalogue)
        self._program = program
        self._wanted_by_name = {
            wanted.name: wanted for wanted in goal.configurations if wanted.name is not None
        }
        self.failures: dict[Item, Failure] = {}
        self.written: set[Item] = (
            set()
        )  # items for whose sake something was or may have been written
        self._unknown: dict[Item, _Unknown] = {}
        self._unanswered: Counter[Item] = Counter()
        self._missing: set[Item] = set()
        self._acquired = False
        self._lost = 0
        self._rounds = 0
        self._no_creation: str | None = None
        self._listed: frozenset[str] = frozenset()
        self._refused_creations = 0
        self._cramped = 0
        self._refused_once: set[tuple[Item, str]] = set()
        self._refused_configurations: dict[int, str] = {}
        self._together = DEVICES
        self._not_created: dict[
            Item, str
        ] = {}  # what FortiFlex refused to create, unless the next look shows that it is there

    # -- what follows from an observation

    def next(
        self, seen: Observation, room: Callable[[float], int] = lambda seconds: sys.maxsize
    ) -> Decision:
        """The next wave, from an observation that is at most W seconds old when the wave is sent. ``room``: requests for which that many seconds have room."""
        self._resolve_unknown(seen)
        self._notice_marks(seen)
        self._listed = frozenset(seen.by_serial)
        self._entitlements.new_wave()
        decision = Decision()
        for disabling in (
            False,
            True,
        ):  # configurations that are to be disabled come after their entitlements were stopped
            for wanted in self._goal.configurations:
                if (wanted.state == "disabled") == disabling:
                    self._judge(
                        ("configuration", wanted.key),
                        partial(self._configurations.verdict, wanted, seen),
                        seen,
                        decision,
                    )
            decision.on_configurations = not decision.done
            if decision.done and not disabling:
                for entitlement in self._goal.entitlements:
                    self._judge(
                        ("entitlement", entitlement.key),
                        partial(self._entitlement, entitlement, seen),
                        seen,
                        decision,
                    )
                if self._entitlements.needs_program:
                    return Decision(needs_program=True)
                if decision.done:  # the entitlements have taken what spares they need
                    for spares in self._goal.spares:
                        self._judge(
                            ("spare", spares.key),
                            partial(self._spares_of, spares, seen),
                            seen,
                            decision,
                        )
            if not decision.done:
                break
        self._give_way(seen, decision)
        self._leave_room(seen, decision, room)
        decision.steps = batched(decision.steps, self._together)
        return decision

    def _judge(
        self, item: Item, rule: Callable[[], Verdict], seen: Observation, decision: Decision
    ) -> None:
        unknown = self._unknown.get(item)
        if unknown:
            looks = (unknown.since + W / 2, unknown.since + W, unknown.since + 2 * W)
            verdict = Verdict(
                wake=next((look for look in looks if look > self._time(item, seen)), looks[-1])
            )
        elif item in self.failures:
            verdict = self._abandon(item, seen)
        else:
            try:
                verdict = rule()
                for step in verdict.steps:
                    self._refuse_creation(step)
                    self._refuse_unplanned(step, seen)
            except CannotReach as error:
                self.failures[item] = error.failure
                verdict = self._abandon(item, seen)
        decision.steps += verdict.steps
        if verdict.wake is not None:
            decision.wake = min(verdict.wake, decision.wake or verdict.wake)

    def _abandon(self, item: Item, seen: Observation) -> Verdict:
        """What a failed item leaves is cleared."""
        return self._entitlements.abandon(item[1], seen) if item[0] == "entitlement" else Verdict()

    def _entitlement(self, wanted: WantedEntitlement, seen: Observation) -> Verdict:
        return self._entitlements.verdict(wanted, seen, self._target(wanted, seen))

    def _spares_of(self, wanted: WantedSpares, seen: Observation) -> Verdict:
        target = self._target(wanted, seen)
        return self._spares.verdict(wanted, seen, target) if target else Verdict()

    def _target(
        self, wanted: WantedEntitlement | WantedSpares, seen: Observation
    ) -> Configuration | None:
        """The configuration that an entitlement or spares name, by name or id."""
        reference = wanted.configuration
        if reference is None:
            return None
        if isinstance(reference, int) and reference in seen.by_id:
            return seen.by_id[reference]
        name = str(reference)
        if ("configuration", name) in self.failures:
            raise CannotReach(
                f"'{wanted.key}': its configuration '{name}' could not be reached; mend that first"
            )
        named = seen.named(name)
        active = [c for c in named if c.status == ACTIVE]
        if len(active) > 1 and name not in self._wanted_by_name:
            ids = " and ".join(str(c.id) for c in active)
            raise CannotReach(
                f"'{wanted.key}': configurations {ids} are both ACTIVE and named '{name}'; give the id of the one that is meant",
                True,
            )
        if named:
            return named[0]
        idle = (
            wanted.count == 0
            if isinstance(wanted, WantedSpares)
            else wanted.state in ("stopped", "absent")
        )
        if idle and (name in self._wanted_by_name or name in self._goal.left_out):
            return None  # nothing needs it, and it does not even exist
        close = get_close_matches(name, [c.name for c in seen.configurations], n=3)
        hint = f"; the closest are {', '.join(repr(c) for c in close)}" if close else ""
        raise CannotReach(
            f"'{wanted.key}': configuration '{name}' is not in program {self._program}{hint}; check the name, or create it first",
            True,
        )

    def _give_way(self, seen: Observation, decision: Decision) -> None:
        """Let somebody else who is at the same work go first, and keep the first wave that gives names holders to one write."""
        acquiring = [step for step in decision.steps if step.acquires]
        missing = {step.item for step in acquiring}
        lost = len(self._entitlements.lost) > self._lost
        appeared = lost or any(self._is_foreign(item, seen) for item in self._missing - missing)
        self._missing, self._lost = missing, len(self._entitlements.lost)
        if appeared and acquiring:
            self._rounds += 1
            self._acquired = False
            # Those who lose a spare lose it at the same moment: they are spread wider.
            decision.wake = seen.latest + (
                W * self._random.random()
                if lost
                else min(W, 2.0**self._rounds) * self._random.uniform(0.5, 1.0)
            )
            acquiring = []
        elif acquiring:
            self._rounds = 0
            self._random.shuffle(acquiring)
            acquiring.sort(key=lambda step: step.purpose == CREATE)  # a spare before a creation
            if not self._acquired and not decision.on_configurations:
                decision.held_back = len(acquiring[1:])
                acquiring = acquiring[:1]
        decision.steps = [step for step in decision.steps if not step.acquires] + acquiring
        urgency: dict[Item, int] = {}  # an item's steps stay together and in order
        for step in decision.steps:
            urgency[step.item] = min(self._urgency(step), urgency.get(step.item, 9))
        decision.steps.sort(key=lambda step: urgency[step.item])

    def _leave_room(
        self, seen: Observation, decision: Decision, room: Callable[[float], int]
    ) -> None:
        """Claim no more spares than can be named in time, and send nothing that would take the room for that, which lasts 4 W."""
        rule = self._entitlements
        if not rule.claims and all(step.purpose != CLAIM for step in decision.steps):
            return
        taken = {step.item[1] for step in decision.steps if step.purpose == TAKE}
        later = (writes for name, writes in rule.writes_left(seen).items() if name not in taken)
        left = room(3 * W) - sum(later) - _LOOKS
        kept: list[Step] = []
        for step in decision.steps:
            left -= 1
            if step.purpose == CLAIM and isinstance(step.before, Entitlement):
                left -= rule.writes_to_take(step.before)
            if left >= 0 or step.purpose == TAKE:
                kept.append(step)
        self._cramped = 0 if kept or not decision.steps else self._cramped + 1
        if self._cramped > _CRAMPED:
            kept = decision.steps[:1]
        elif self._cramped and decision.wake is None:
            decision.wake = seen.latest + W
        decision.steps = kept

    def _is_foreign(self, item: Item, seen: Observation) -> bool:
        kind, name = item
        if kind == "configuration":
            return any(c.id not in self._configurations.made for c in seen.named(name))
        return any(
            holder.serial_number not in self._entitlements.made for holder in seen.holders(name)[:1]
        )

    @staticmethod
    def _urgency(step: Step) -> int:
        return 1 if step.endpoint == "entitlements/stop" else _ORDER.get(step.purpose, 3)

    def pause(self, sent: list[Step], decision: Decision, now: float) -> float:
        """Seconds to wait, after ``sent`` of a decision's steps were sent, before the next observation is worth its request."""
        if (
            decision.held_back
            or len(sent) < len(decision.steps)
            or any(step.purpose != CLAIM for step in sent)
        ):
            return 0.0
        wakes = [decision.wake] if decision.wake is not None else []
        if self._entitlements.claims:
            wakes.append(self._entitlements.claims_due(now))
        return max(0.0, min((wake for wake in wakes if wake > now), default=now) - now)

    # -- what became of a step

    def did(self, step: Step, answer: dict[str, Any], sent: float, answered: float) -> None:
        """The service carried out ``step``; ``answer`` is the (first) item that it returned, {} if it returned none."""
        for part in step.parts:
            self.did(part, {}, sent, answered)
        self.written.add(step.item)
        self._acquired = self._acquired or (step.acquires and step.item[0] == "entitlement")
        name, rule = step.item[1], self._entitlements
        changed = rule.wrote(step, answer, sent)
        if changed and step.purpose != CLAIM:
            self._stored_otherwise(step.item, changed)
        if step.endpoint == "configs/create":
            self._configurations.made[int(answer["id"])] = name
        elif step.item[0] == "spare":
            self._refused_creations = 0
            self._spares.did(step)
        elif step.endpoint in ("entitlements/vm/create", "entitlements/cloud/create"):
            self._refused_creations = 0
            rule.made[str(answer["serialNumber"])] = name
        elif step.endpoint == "entitlements/hardware/create" and not step.parts:
            self._refused_creations = 0
            rule.made[step.body["serialNumbers"][0]] = name
        elif step.endpoint == "entitlements/hardware/remove" and not step.parts:
            rule.removed.update(step.body["serialNumbers"])
        elif step.endpoint == "entitlements/vm/token":
            rule.renewed.add(name)
        elif step.purpose == CLAIM:
            rule.claims[name] = Claim(
                step.body["serialNumber"],
                answer["description"] if changed else step.body["description"],
                getattr(step.before, "description", ""),
                sent,
                answered,
                changed,
            )
        elif step.purpose == TAKE:
            rule.claims.pop(name, None)
            rule.made[step.body["serialNumber"]] = name
        elif step.purpose == GIVE_BACK:
            rule.claims.pop(name, None)
        elif step.purpose == RELEASE and "description" in step.body:
            rule.made.pop(step.body["serialNumber"], None)
            rule.switched[step.body["serialNumber"]] = name
            rule.released.add(step.body["serialNumber"])
        elif step.endpoint == "entitlements/reactivate":
            rule.switched[step.body["serialNumber"]] = name

    def _stored_otherwise(self, item: Item, sentence: str) -> None:
        """What is stored must be what was written, else names would be lost and every run would create anew."""
        if item not in self.failures or self._entitlements.storing.spoiled:
            self.failures[item] = Failure(sentence, lasting=True)

    def _notice_marks(self, seen: Observation) -> None:
        """Marks that are listed otherwise than this collection writes them, those of this run among them."""
        rule = self._entitlements
        for item in seen.changed_marks:
            rule.storing.mark_found(item.serial_number, item.description)
            owner = rule.switched.get(item.serial_number)
            if owner is not None:
                self._stored_otherwise(("entitlement", owner), rule.storing.spoiled or "")

    def unknown(self, step: Step, sent: float, now: float) -> None:
        """``step`` was sent at ``sent``, and no usable answer came: what it did shows at once, after 5 s or after 20 s, or it did nothing."""
        if step.parts:
            for part in step.parts:
                self.unknown(part, sent, now)
            return
        self.written.add(step.item)
        self._acquired = self._acquired or (step.acquires and step.item[0] == "entitlement")
        if (
            step.purpose == TAKE
        ):  # may be sent again at once, since only this run turns its intent into a name, and the time for it is short
            self._entitlements.taking[step.item[1]] = now
        else:
            self._unknown[step.item] = _Unknown(step, sent, now, self._listed)

    def _resolve_unknown(self, seen: Observation) -> None:
        for item, unknown in list(self._unknown.items()):
            under_way = (
                unknown.step.purpose == CREATE and self._time(item, seen) < unknown.since + W
            )
            if under_way and took_effect(unknown.step, seen):
                continue  # what is seen may be somebody else's, and this run's own may still come
            changed = self._created_otherwise(unknown, seen)
            if changed:
                del self._unknown[item]
                self._stored_otherwise(item, changed)
            elif took_effect(unknown.step, seen):
                del self._unknown[item]
                if unknown.step.purpose != CREATE:  # answered at the latest W after it was sent
                    answer = self._shown(unknown.step, seen)
                    self.did(unknown.step, answer, unknown.sent, unknown.sent + W)
            elif self._time(item, seen) >= unknown.since + 2 * W:
                del self._unknown[item]
                self._unanswered[item] += 1
                if (
                    unknown.step.purpose == CLAIM
                ):  # the intent may still come, and would cover a name that the spare has by then
                    self._entitlements.doubtful.add(unknown.step.body["serialNumber"])
                if self._unanswered[item] == _SENDINGS:
                    self._fail(
                        unknown.step,
                        f"{_told(unknown.step)}: {unknown.step.endpoint} was sent {_SENDINGS} times without a usable answer and without effect; "
                        "run again later",
                    )

    @staticmethod
    def _shown(step: Step, seen: Observation) -> dict[str, Any]:
        """What an answer would have shown of a description that was written."""
        shown = seen.by_serial.get(str(step.body.get("serialNumber")))
        return {"description": shown.description} if shown and "description" in step.body else {}

    def _created_otherwise(self, unknown: _Unknown, seen: Observation) -> str | None:
        """The sentence about what a lost creation may have made under another text than was written.

        Whether it did is not known, so nothing is done about it; the next run sees that it looks like the name.
        """
        step = unknown.step
        if step.endpoint != "entitlements/vm/create" or step.item[0] != "entitlement":
            return None
        for made in seen.alike(step.item[1]):
            if made.serial_number not in unknown.listed:
                return self._entitlements.storing.notice(
                    made.serial_number, step.body["description"], made.description
                )
        return None

    @staticmethod
    def _time(item: Item, seen: Observation) -> float:
        return seen.configurations_time if item[0] == "configuration" else seen.time

    def refused(self, step: Step, sentence: str) -> None:
        """The service refused ``step``: it had no effect, and the item has failed, unless somebody else may have done the same a moment before."""
        if step.parts and step.endpoint not in _THERE_ALREADY:
            for part in step.parts:
                self.refused(part, sentence)
            return
        if step.endpoint in _ONCE and (step.item, step.endpoint) not in self._refused_once:
            self._refused_once.add((step.item, step.endpoint))
            return
        if step.endpoint in _THERE_ALREADY:
            # Of a batch, those that the refusal names are to blame; all of them, if it names none.
            blamed = [
                part for part in step.parts if part.body["serialNumbers"][0] in sentence
            ] or step.each
            self._not_created.update((part.item, sentence) for part in blamed)
            self._together = max(
                1, len(step.each) // 2
            )  # so that some of those that are good get through, however many are not
            self._count_refused_creation(sentence)
            return
        self._fail(step, f"{_told(step)}: {sentence}")
        if step.purpose == CREATE:
            if "configId" in step.body:
                self._refused_configurations[step.body["configId"]] = sentence
            self._count_refused_creation(sentence)

    def _fail(self, step: Step, sentence: str) -> None:
        """An item has failed by a step. What that was to clear is not tried again."""
        self.failures.setdefault(step.item, Failure(sentence))
        if step.purpose in (GIVE_BACK, RELEASE):
            self._entitlements.give_up(step)

    def _count_refused_creation(self, sentence: str) -> None:
        self._refused_creations += 1
        if self._refused_creations >= _REFUSED_CREATIONS:
            self.stop_creating(
                f"FortiFlex refused {self._refused_creations} creations in this run, the last one so: {sentence}"
            )

    def stop_creating(self, sentence: str) -> None:
        """Create nothing more in this run; what would have to be created fails with ``sentence``."""
        self._no_creation = sentence

    def forbids(self, step: Step) -> bool:
        """Whether what became of earlier steps of its wave forbids one."""
        try:
            for part in step.each:
                self._refuse_creation(part)
        except CannotReach:
            return True
        return False

    def _refuse_creation(self, step: Step) -> None:
        changed = self._storing_refusal(step)
        reason = changed or (self._creation_refusal(step) if step.purpose == CREATE else None)
        if reason:
            raise CannotReach(
                f"'{step.item[1]}' was not created: {reason}", lasting=changed is not None
            )

    def _refuse_unplanned(self, step: Step, seen: Observation) -> None:
        rule, target = self._entitlements, step.target
        own = target in rule.made or target in rule.switched
        if step.item[0] == "configuration":
            own = target in map(str, self._configurations.made)
        what = self._unplanned(step, seen, own)
        if what:
            raise CannotReach(
                f"'{step.item[1]}': {what} is not in the plan; make the plan again", lasting=True
            )

    def _creation_refusal(self, step: Step) -> str | None:
        """Why nothing is created, by what FortiFlex refused before."""
        return (
            self._not_created.get(step.item)
            or self._no_creation
            or self._refused_configurations.get(step.body.get("configId", 0))
        )

    def _storing_refusal(self, step: Step) -> str | None:
        """Why nothing may be made or taken, since FortiFlex would store its description otherwise. Devices need none."""
        if (
            step.purpose not in (CREATE, CLAIM)
            or step.item[0] == "configuration"
            or step.endpoint == "entitlements/hardware/create"
        ):
            return None
        name = step.item[1]
        text = step.body.get("description", name) if step.purpose == CREATE else name
        return self._entitlements.storing.refusal(text)


def _told(step: Step) -> str:
    """What a step is about, in a sentence: by name, and by serial number if it has one."""
    held = step.before if isinstance(step.before, Entitlement) else None
    name = step.item[1]
    if held is None or step.item[0] != "entitlement":
        return f"'{name}'"
    return quoted(held.name if name == held.serial_number else name, held.serial_number)
