# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a goal, one observation after another, and what this run did: the next wave of writes, or when to look again.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible; chance comes from the run's own seed.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import partial
from typing import Any

from ..catalogue.catalogue import Catalogue
from .configuration_rule import ConfigurationRule
from .goal import Goal, WantedEntitlement, WantedSpares
from .holder_rule import Claim, HolderRule
from .model import ACTIVE, Configuration, Observation
from .spare_rule import SpareRule
from .spelling import spelled
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

# In a wave: what has a deadline, then what ends charging, then the rest; what can cost most comes last.
_ORDER = {TAKE: 0, RELEASE: 2, GIVE_BACK: 2, CLAIM: 4, CREATE: 5}
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
    look_at_once: bool = (
        False  # more could be sent now, if the next observation shows nobody else at the same work
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


class Planner:
    """One run towards one goal. Tell it what every step came to; ask it what follows from every observation."""

    def __init__(
        self, goal: Goal, catalogue: Catalogue, run: str, program: str, account_id: int | None
    ) -> None:
        """``run`` identifies this run in intents: random, without blanks or brackets."""
        self._goal = goal
        self._catalogue = catalogue
        self._random = random.Random(run)
        self._configurations = ConfigurationRule(catalogue, program, account_id)
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
        self._refused_creations = 0
        self._refused_once: set[tuple[Item, str]] = set()
        self._refused_configurations: dict[int, str] = {}
        self._together = DEVICES
        self._not_created: dict[
            Item, str
        ] = {}  # what FortiFlex refused to create, unless the next look shows that it is there

    # -- what follows from an observation

    def next(self, seen: Observation) -> Decision:
        """The next wave, from an observation that is at most W seconds old when the wave is sent."""
        self._resolve_unknown(seen)
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
            verdict = (
                self._entitlements.abandon(item[1], seen) if item[0] == "entitlement" else Verdict()
            )
        else:
            try:
                verdict = rule()
                for step in verdict.steps:
                    self._refuse_creation(step)
            except CannotReach as error:
                self.failures[item] = error.failure
                return
        decision.steps += verdict.steps
        if verdict.wake is not None:
            decision.wake = min(verdict.wake, decision.wake or verdict.wake)

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
            if not self._acquired and not decision.on_configurations:
                decision.look_at_once = len(acquiring) > 1
                acquiring = acquiring[:1]
        decision.steps = [step for step in decision.steps if not step.acquires] + acquiring
        urgency: dict[Item, int] = {}  # an item's steps stay together and in order
        for step in decision.steps:
            urgency[step.item] = min(self._urgency(step), urgency.get(step.item, 9))
        decision.steps.sort(key=lambda step: urgency[step.item])

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
            decision.look_at_once
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
        if step.endpoint == "configs/create":
            self._configurations.made[int(answer["id"])] = name
        elif step.item[0] == "spare":
            self._refused_creations = 0
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
            cut = self._cut_intent(step, answer)
            text = answer["description"] if cut else step.body["description"]
            rule.claims[name] = Claim(
                step.body["serialNumber"],
                text,
                getattr(step.before, "description", ""),
                sent,
                answered,
                cut,
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
        self._compare_description(step, answer)

    def _compare_description(self, step: Step, answer: dict[str, Any]) -> None:
        """What is stored must be what was written, else names would be lost and every run would create anew."""
        sentence = self._difference(step, answer)
        if sentence and not (step.purpose == CLAIM and self._cut_intent(step, answer)):
            self.failures[step.item] = Failure(sentence)
            self._no_creation = sentence

    def _cut_intent(self, step: Step, answer: dict[str, Any]) -> str | None:
        """Of an intent that was cut although the name itself would not be: what to say if the name cannot be created either."""
        sentence, stored = self._difference(step, answer), answer.get("description") or ""
        return (
            sentence
            if str(step.body["description"]).startswith(stored) and len(stored) >= len(step.item[1])
            else None
        )

    @staticmethod
    def _difference(step: Step, answer: dict[str, Any]) -> str | None:
        asked, stored = step.body.get("description"), answer.get("description")
        if asked is None or not isinstance(stored, str) or spelled(stored) == spelled(asked):
            return None
        return (
            f"FortiFlex stored the description '{stored}' of {answer.get('serialNumber')} where '{asked}' was written; "
            "shorten the name or the tags; nothing more is created"
        )

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
            self._unknown[step.item] = _Unknown(step, sent, now)

    def _resolve_unknown(self, seen: Observation) -> None:
        for item, unknown in list(self._unknown.items()):
            under_way = (
                unknown.step.purpose == CREATE and self._time(item, seen) < unknown.since + W
            )
            if under_way and took_effect(unknown.step, seen):
                continue  # what is seen may be somebody else's, and this run's own may still come
            if took_effect(unknown.step, seen):
                del self._unknown[item]
                if unknown.step.purpose != CREATE:  # answered at the latest W after it was sent
                    self.did(unknown.step, {}, unknown.sent, unknown.sent + W)
            elif self._time(item, seen) >= unknown.since + 2 * W:
                del self._unknown[item]
                self._unanswered[item] += 1
                if (
                    unknown.step.purpose == CLAIM
                ):  # the intent may still come, and would cover a name that the spare has by then
                    self._entitlements.doubtful.add(unknown.step.body["serialNumber"])
                if self._unanswered[item] == _SENDINGS:
                    self.failures[item] = Failure(
                        f"'{item[1]}': {unknown.step.endpoint} was sent {_SENDINGS} times without a usable answer and without effect; run again later"
                    )

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
        self.failures[step.item] = Failure(f"'{step.item[1]}': {sentence}")
        if step.purpose == GIVE_BACK:
            self._entitlements.claims.pop(step.item[1], None)
        if step.purpose == CREATE:
            if "configId" in step.body:
                self._refused_configurations[step.body["configId"]] = sentence
            self._count_refused_creation(sentence)

    def _count_refused_creation(self, sentence: str) -> None:
        self._refused_creations += 1
        if self._refused_creations >= _REFUSED_CREATIONS:
            self.stop_creating(
                f"FortiFlex refused {self._refused_creations} creations in this run, the last one so: {sentence}"
            )

    def stop_creating(self, sentence: str) -> None:
        """Create nothing more in this run; what would have to be created fails with ``sentence``."""
        self._no_creation = sentence

    def _refuse_creation(self, step: Step) -> None:
        if step.purpose == CREATE:
            reason = (
                self._not_created.get(step.item)
                or self._no_creation
                or self._refused_configurations.get(step.body.get("configId", 0))
            )
            if reason:
                raise CannotReach(f"'{step.item[1]}' was not created: {reason}")
