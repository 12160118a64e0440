# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule that gives each name exactly one entitlement, from one observation at a time.

FortiFlex has no compare-and-set and deletes nothing, so every step rests on an observation at most W seconds old, and what a
lost race made in excess ends as a marked spare. docs/consistency.md explains why each part of the rule is there.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from ..catalogue.catalogue import Catalogue
from ..wording import quoted
from .dates import pacific_day
from .end_date import EndDate
from .goal import WantedEntitlement
from .model import (
    CHARGED,
    DISABLED,
    EXPIRED,
    PENDING,
    REMOVED,
    SPARE,
    STATUSES,
    STOPPED,
    Configuration,
    Entitlement,
    Observation,
    Program,
    describe,
    intent,
    intent_of,
    kept_for,
    spelling_problem,
    tags_of,
)
from .spelling import could_be, folded
from .steps import (
    CLAIM,
    CREATE,
    GIVE_BACK,
    RELEASE,
    SET,
    TAKE,
    CannotReach,
    Step,
    Verdict,
    W,
    look_again,
)
from .storing import Storing, advice_on, could_come_of, is_left_of, stored_as


@dataclass(frozen=True)
class Claim:
    """An intent of this run: the spare, its description now and before, and when the intent was sent and answered (seconds since 1970)."""

    serial_number: str
    text: str
    text_before: str
    sent: float
    answered: float
    changed: str | None = (
        None  # where the service stored another text, so that nobody can read whose it is: the sentence that says so
    )


@dataclass(frozen=True)
class Text:
    """A description that this run has written: when it was last sent, how often it was answered, and what is stored if that is another text."""

    written: str
    sent: float
    stored: str | None
    times: int
    created: bool


class HolderRule:
    """Says for one wanted entitlement at a time what an observation asks for; remembers what this run did."""

    def __init__(
        self, catalogue: Catalogue, run: str, program: str, account_id: int | None
    ) -> None:
        self._catalogue = catalogue
        self._run = run
        self._where = f"program {program}" + (
            f", account {account_id}" if account_id is not None else ""
        )
        self._random = random.Random(run)
        self.made: dict[
            str, str
        ] = {}  # serial number -> name, of holders that this run created or took
        self.claims: dict[str, Claim] = {}  # by name
        self.lost: set[str] = (
            set()
        )  # names whose spare was lost: created from now on, never claimed again, unless nothing may be created
        self._unclaimable: dict[str, str] = {}  # by name: why no spare can be claimed for it
        self._renamed: dict[str, Entitlement] = {}  # name -> what this run gives it, as it was
        self.storing = Storing(self._where)
        self._texts: dict[str, Text] = {}  # by serial number
        self._asked: dict[str, WantedEntitlement] = {}  # by name
        self._lapsed: dict[
            str, Claim
        ] = {}  # by name, the first claim that was given back only because its time was up
        self.renewed: set[str] = set()  # names whose token this run made new
        self.switched: dict[
            str, str
        ] = {}  # serial number -> name, of what this run gave up or started: as a spare it must not stay charged
        self.taking: dict[
            str, float
        ] = {}  # name -> when a write that was to turn an intent into it was given up without an answer
        self.released: set[str] = set()  # what this run made a spare: who takes it then keeps it
        self.removed: set[str] = (
            set()
        )  # devices that this run took out of the program, listed or not
        self.doubtful: set[str] = (
            set()
        )  # spares for which an intent of this run may still come, long after it was sent
        self.needs_program = (
            False  # set when a verdict depends on the program's end, which the observation lacks
        )
        self._intent_since: dict[tuple[str, str, str], float] = {}
        self._doubled_since: dict[tuple[str, ...], float] = {}
        self._assigned: set[str] = set()

    def new_wave(self) -> None:
        """Forget which spares were handed out in the last wave: an observation shows what became of them."""
        self.needs_program = False
        self._assigned = {claim.serial_number for claim in self.claims.values()}

    def verdict(
        self, wanted: WantedEntitlement, seen: Observation, target: Configuration | None
    ) -> Verdict:
        """Steps towards ``wanted``; ``target`` is the configuration that it names, if it names one.

        :raises CannotReach: if it cannot be reached.
        """
        if wanted.serial_number is not None:
            return self._by_serial_number(wanted, seen, target)
        if target is not None and self._kind(target) == "cloud":
            return self._cloud(wanted, seen, target)
        name = wanted.name or ""
        self._asked[name] = wanted
        charged = self._charged_spares(name, seen)
        if charged:
            return Verdict(charged)
        holders, claim = seen.holders(name), self._own_claim(name, seen)
        if not holders:
            former = None if claim else self._former(wanted, seen)
            if former:
                self._renamed[name] = former
                return Verdict(self._settle(wanted, former, seen, target))
            return self._without_holder(wanted, seen, target, claim)
        steps, wake = self._excess(name, self._minded(wanted, holders), seen)
        if claim:
            self.lost.add(name)
            returned = self._give_back(name, claim, seen)
            steps += returned.steps
            wake = min(wake or returned.wake, returned.wake) if returned.wake else wake
        if steps or wake is not None:
            return Verdict(steps, wake)
        return Verdict(self._settle(wanted, holders[0], seen, target))

    def abandon(self, name: str, seen: Observation) -> Verdict:
        """A name that has failed keeps no spare, and nothing that FortiFlex stored under another text."""
        claim = self.claims.get(name)
        claimed = seen.by_serial.get(claim.serial_number) if claim else None
        if claim and claimed and stored_as(claim.text, claimed.description):
            return self._give_back(name, claim, seen)
        self.claims.pop(name, None)
        steps = self._former_again(name, seen)
        for serial_number, owner in self.made.items():
            made, wanted = seen.by_serial.get(serial_number), self._asked.get(owner)
            if owner == name and made and wanted and made.name != name and self._is_changed(made):
                steps += self._clear(wanted, made, seen)
        return Verdict(steps)

    def _former_again(self, name: str, seen: Observation) -> list[Step]:
        """What was to get a new name that FortiFlex stored as another text gets its former one, by which the next run finds it."""
        former = self._renamed.get(name)
        now = former and seen.by_serial.get(former.serial_number)
        if not former or not now or not self._is_changed(now):
            return []
        body = {
            "serialNumber": now.serial_number,
            "configId": now.configuration_id,
            "description": former.description,
        }
        return [Step(("entitlement", name), SET, "entitlements/update", body, now)]

    def give_up(self, step: Step) -> None:
        """What a step was to clear stays as it is."""
        self.claims.pop(step.item[1], None)
        self.made.pop(str(step.body.get("serialNumber")), None)

    # -- what is stored

    def wrote(self, step: Step, answer: dict[str, Any], sent: float) -> str | None:
        """Remember a description that was written; gives the sentence that says so if another one was stored."""
        written, text = step.body.get("description"), answer.get("description")
        if written is None:
            return None
        serial_number = str(answer.get("serialNumber") or step.body.get("serialNumber"))
        differs = isinstance(text, str) and not stored_as(written, text)
        before = self._texts.get(serial_number)
        self._texts[serial_number] = Text(
            written,
            sent,
            text if differs else None,
            before.times + 1 if before and before.written == written else 1,
            step.purpose == CREATE,
        )
        return self.storing.notice(serial_number, written, str(text)) if differs else None

    def _is_changed(self, made: Entitlement) -> bool:
        """Whether it has the text that FortiFlex stored where this run wrote another one."""
        text = self._texts.get(made.serial_number)
        return bool(text and text.stored is not None and stored_as(text.stored, made.description))

    def _listed_otherwise(self, made: Entitlement, seen: Observation) -> str | None:
        """The sentence about what was made and is listed under another text although it was answered as written; None if nobody knows why.

        Within 2 W nobody else can have seen it, waited and written another text.
        """
        mine = self._texts.get(made.serial_number)
        if (
            mine is None
            or stored_as(mine.written, made.description)
            or seen.time >= mine.sent + 2 * W
            or not (mine.created or could_come_of(mine.written, made.description))
        ):
            return None
        self._texts[made.serial_number] = replace(mine, stored=made.description)
        return self.storing.notice(made.serial_number, mine.written, made.description)

    def _clear(self, wanted: WantedEntitlement, made: Entitlement, seen: Observation) -> list[Step]:
        """What was made for a name and is stored under another text becomes a spare that the next run takes for it, or is left where that knows it."""
        name, spoiled = wanted.name or "", self.storing.spoiled is not None
        alone = made.name is not None and len(seen.holders(made.name)) == 1
        if spoiled and alone and could_be(name, made.name or ""):
            return self._release(name, made, void_token=False)[:-1]
        status = STOPPED if made.status in CHARGED else made.status
        taken = self._reuses(wanted) and status in self._usable_statuses(wanted)
        return self._release(
            name, made, void_token=False, text=SPARE if taken or spoiled else kept_for(name)
        )

    # -- who holds the name

    def _own_claim(self, name: str, seen: Observation) -> Claim | None:
        claim = self.claims.get(name)
        if claim is not None:
            entitlement = seen.by_serial.get(claim.serial_number)
            if entitlement is None or not stored_as(claim.text, entitlement.description):
                if entitlement is not None and is_left_of(claim.text, entitlement.description):
                    text = entitlement.description
                    changed = self.storing.notice(claim.serial_number, claim.text, text)
                    self.claims[name] = replace(claim, text=text, changed=changed)
                    return self.claims[name]
                del self.claims[name]  # overwritten: not ours any more, nothing to give back
                if (
                    entitlement is not None and entitlement.name == name
                ):  # our own write, whose answer was lost, did it
                    self.made[entitlement.serial_number] = name
                else:
                    self.lost.add(name)
                return None
        return claim

    def _minded(self, wanted: WantedEntitlement, holders: list[Entitlement]) -> list[Entitlement]:
        """The standing holder, and those beyond it that no suspension protects."""
        return holders[:1] + [
            other
            for other in holders[1:]
            if other.serial_number in self.made
            or not (other.is_suspended and wanted.minds_suspension)
        ]

    def _excess(
        self, name: str, holders: list[Entitlement], seen: Observation
    ) -> tuple[list[Step], float | None]:
        """What to do about holders beyond the standing one: steps to take, or when to look again."""
        steps: list[Step] = []
        wakes = []
        for other in holders[1:]:
            if other.serial_number in self.made:
                steps += self._release(name, other, void_token=False)
                continue
            self._refuse_spellings(name, [holders[0], other])
            since = self._doubled_since.setdefault(
                (name, holders[0].serial_number, other.serial_number), seen.time
            )
            if seen.time - since < 2 * W:  # its maker gives it up, or is dead
                wakes.append(look_again(since, seen.time))
            elif other.status == STOPPED or (
                other.status == PENDING and other.token_status != "USED"
            ):
                steps += self._release(name, other)
            else:
                raise CannotReach(
                    f"'{name}' is held by {holders[0].serial_number} ({holders[0].status}) and by {other.serial_number} ({other.status}) in {self._where}; "
                    "decide which one is in use and release the other by its serial_number with state=absent"
                )
        return steps, min(wakes, default=None)

    def _refuse_spellings(self, name: str, holders: list[Entitlement]) -> None:
        """Two texts that people wrote in two ways are not made one: nothing of it is released."""
        problem = spelling_problem(holders)
        if problem:
            raise CannotReach(f"'{name}' is held twice in {self._where}: {problem}")

    def _without_holder(
        self,
        wanted: WantedEntitlement,
        seen: Observation,
        target: Configuration | None,
        claim: Claim | None,
    ) -> Verdict:
        name, time = wanted.name or "", seen.time
        if wanted.state in ("stopped", "absent"):
            return Verdict()
        self._refuse_expired(wanted, seen.expired(name) or seen.expired(wanted.was or name))
        self._refuse_vanished(name, seen)
        self._refuse_lookalikes(wanted, seen)
        if claim and claim.changed:
            changed = self.storing.change_of(describe(name, wanted.tags))
            if changed:
                raise CannotReach(changed, lasting=True)
            self.lost.add(name)
            self._unclaimable[name] = claim.changed
            return self._give_back(name, claim, seen)
        if name in self._unclaimable and not wanted.create:
            raise CannotReach(self._unclaimable[name], lasting=True)
        if claim:
            first, late = seen.intents(name)[0][0] == claim.serial_number, time - claim.sent > 4 * W
            if late or not first:
                # A wait for the quota alone is no reason to create: once, a spare is claimed again.
                if not first or self._lapsed.setdefault(name, claim) != claim:
                    self.lost.add(name)
                return self._give_back(name, claim, seen)
            if time - claim.answered >= 2 * W:
                return Verdict(self._take(wanted, seen, claim, self._usable(wanted, target)))
            return Verdict(wake=self.claims_due(time))
        intents = seen.intents(name)
        if intents:
            since = self._intent_since.setdefault((name, *intents[0]), time)
            if time - since <= 7 * W:
                return Verdict(wake=min(since + 7 * W, time + W) + 0.001)
        elif name not in self.lost or not wanted.create:
            spare = self._spare(wanted, seen, self._usable(wanted, target))
            if spare:
                return Verdict([self._claim(name, spare)])
        target = self._usable(wanted, target)
        if not wanted.create:
            return self._without_spare(wanted, seen, target)
        return Verdict([self._create(wanted, target, seen)])

    def _without_spare(
        self, wanted: WantedEntitlement, seen: Observation, target: Configuration
    ) -> Verdict:
        """Nothing is free, and nothing may be created: what a living run has claimed may be given back."""
        since = [
            self._intent_since.setdefault(
                (claim[0], entitlement.serial_number, claim[1]), seen.time
            )
            for entitlement in seen.of_product(target.product_id)
            if (claim := intent_of(entitlement.description))
        ]
        waits = [first + 7 * W for first in since if seen.time - first <= 7 * W]
        if waits:
            return Verdict(wake=min(*waits, seen.time + W) + 0.001)
        if wanted.spare is not None and not seen.intents(wanted.name or ""):
            raise CannotReach(
                f"'{wanted.name}': the plan gives it the spare {wanted.spare}, which is not free any more; make the plan again",
                not since,
                lasting=True,
            )
        for serial_number, _run in seen.intents(wanted.name or ""):
            raise CannotReach(
                f"'{wanted.name}': a run has claimed {serial_number} for it and has not gone on for {7 * W:.0f} s; "
                "run again, or have audit_fleet clear what dead runs have left (audit_fix=true)"
            )
        raise CannotReach(
            f"'{wanted.name}' has no entitlement in {self._where}, and none that is free can be taken for it; "
            f"let it be created, or make a spare of configuration '{target.name}' ready",
            not since,
        )

    def _former(self, wanted: WantedEntitlement, seen: Observation) -> Entitlement | None:
        """What still has the name that a wanted one had before."""
        holders = seen.holders(wanted.was) if wanted.was is not None else []
        if len(holders) > 1:
            raise CannotReach(
                f"'{wanted.name}': its former name '{wanted.was}' is held by {holders[0].serial_number} and {holders[1].serial_number} in {self._where}; "
                "release one of them by its serial_number with state=absent",
                True,
            )
        return holders[0] if holders else None

    @staticmethod
    def _refuse_expired(wanted: WantedEntitlement, expired: list[Entitlement]) -> None:
        if expired and not wanted.replace_expired:
            raise CannotReach(
                f"the only entitlement of '{wanted.name}', {expired[0].serial_number}, is EXPIRED since {expired[0].end_date}; "
                "set replace_expired=true to license it with another serial number"
            )

    def _refuse_vanished(self, name: str, seen: Observation) -> None:
        """Never make a second one for a name in one run: what became of the first is for a person to see."""
        renamed = ((former.serial_number, owner) for owner, former in self._renamed.items())
        for serial_number, owner in (*self.made.items(), *renamed):
            if owner == name:
                made = seen.by_serial.get(serial_number)
                changed = made and self._listed_otherwise(made, seen)
                if changed:
                    raise CannotReach(changed, lasting=True)
                what = f"now reads '{made.description}'" if made else "is not listed by FortiFlex"
                raise CannotReach(
                    f"'{name}' got {serial_number} in this run, which {what}; look at it in the portal before another run"
                )

    @staticmethod
    def _refuse_lookalikes(wanted: WantedEntitlement, seen: Observation) -> None:
        """No new license for what may be another spelling of a name that has one, or for what FortiFlex could not store before."""
        name = wanted.name or ""
        for other in seen.alike(name):
            if other.name in wanted.distinct_from or (
                other.status == EXPIRED and wanted.replace_expired
            ):
                continue
            is_case = folded(other.name or "") == folded(name)
            bearer = f"'{other.name}', the name of {other.serial_number} ({other.status})"
            raise CannotReach(
                f"'{name}' differs only by case from {bearer}; "
                "use that name, or list it in distinct_from of this one if both are wanted"
                if is_case
                else f"'{name}' has no entitlement, and {bearer}, may be what FortiFlex stored of it: {advice_on(name, other.name or '')}; "
                "then release that one by its serial_number, or list its name in distinct_from of this one if both are wanted",
                foreseen=is_case,
                lasting=True,
            )
        for rival in wanted.rivals:
            raise CannotReach(
                f"'{name}' has no entitlement, and '{rival}' is listed, too, which may be another spelling of that name; "
                "use one of them, or list the other in distinct_from if both are wanted",
                True,
            )
        for kept in seen.kept_for(name):
            raise CannotReach(
                f"'{name}' was to have {kept.serial_number}, which reads '{kept.description}' since FortiFlex could not store that name: "
                f"{advice_on(kept_for(name), kept.description)}; then release that one by its serial_number with state=absent",
                lasting=True,
            )

    # -- getting a holder

    def _usable(self, wanted: WantedEntitlement, target: Configuration | None) -> Configuration:
        if target is None:
            raise CannotReach(
                f"'{wanted.name}' has no entitlement in {self._where}, and none can be made without a configuration; set configuration",
                True,
            )
        self._refuse_disabled(wanted, target)
        if self._kind(target) == "hardware":
            raise CannotReach(
                f"'{wanted.name}': configuration '{target.name}' is for devices, and devices are licensed by their own serial number; set serial_number",
                True,
            )
        return target

    def _kind(self, configuration: Configuration) -> str | None:
        return self._catalogue.product(configuration.product_id).kind

    def _refuse_disabled(self, wanted: WantedEntitlement, target: Configuration) -> None:
        if target.status == DISABLED:
            raise CannotReach(
                f"'{wanted.key}': configuration '{target.name}' (id {target.id}) is DISABLED; enable it first or name another",
                True,
            )

    def _spare(
        self, wanted: WantedEntitlement, seen: Observation, target: Configuration
    ) -> Entitlement | None:
        """The best fitting spare: PENDING before STOPPED (which is charged from today), of the configuration before of the product."""
        if not self._reuses(wanted):
            return None
        usable = self._usable_statuses(wanted)
        fitting = []
        for entitlement in seen.entitlements:
            unmarked = (
                wanted.reuse == "any"
                and entitlement.description == ""
                and entitlement.status in (PENDING, STOPPED)
            )
            if (
                (entitlement.is_spare or unmarked)
                and entitlement.status in usable
                and entitlement.serial_number not in self._assigned
                and wanted.spare in (None, entitlement.serial_number)
            ):
                configuration = seen.by_id.get(entitlement.configuration_id)
                if (
                    configuration
                    and configuration.product_id == target.product_id
                    and entitlement.serial_number not in self.made
                ):
                    doubtful = entitlement.serial_number in self.doubtful
                    fitting.append(
                        (
                            doubtful,
                            unmarked,
                            usable.index(entitlement.status),
                            configuration.id != target.id,
                            self._random.random(),
                            entitlement,
                        )
                    )
        if not fitting:
            return None
        spare = min(fitting, key=lambda entry: entry[:5])[
            5
        ]  # the random part keeps controllers out of each other's way
        self._assigned.add(spare.serial_number)
        return spare

    @staticmethod
    def _reuses(wanted: WantedEntitlement) -> bool:
        return wanted.reuse != "never" and wanted.folder is None

    @staticmethod
    def _usable_statuses(wanted: WantedEntitlement) -> tuple[str, ...]:
        return (PENDING, STOPPED) if wanted.state == "active" else (PENDING,)

    def _claim(self, name: str, spare: Entitlement) -> Step:
        run = self._run + (
            "-again" if name in self._lapsed else ""
        )  # another intent, which others wait for anew
        body = {
            "serialNumber": spare.serial_number,
            "configId": spare.configuration_id,
            "description": intent(name, run),
        }
        return Step(("entitlement", name), CLAIM, "entitlements/update", body, spare, acquires=True)

    def _give_back(self, name: str, claim: Claim, seen: Observation) -> Verdict:
        """The spare is a spare again, but not while a write of this run may still turn it into the name."""
        settled = self.taking.get(name, 0.0) + W
        if seen.time < settled:
            return Verdict(wake=settled)
        spare = seen.by_serial[claim.serial_number]
        body = {
            "serialNumber": spare.serial_number,
            "configId": spare.configuration_id,
            "description": claim.text_before,
        }
        return Verdict([Step(("entitlement", name), GIVE_BACK, "entitlements/update", body, spare)])

    def claims_due(self, now: float) -> float:
        """When to look at the claims of this run: once for all, unless the first one has to be confirmed before the last one may be."""
        together = min(
            max(claim.answered for claim in self.claims.values()) + 2 * W,
            min(claim.sent for claim in self.claims.values()) + 3 * W,
        )
        alone = (claim.answered + 2 * W for claim in self.claims.values())
        return (
            together
            if together > now
            else min((due for due in alone if due > now), default=now + W)
        )

    def _charged_spares(self, name: str, seen: Observation) -> list[Step]:
        """Stop what one run released while another run, which still saw it held, started it: both see to it."""
        charged = [
            seen.by_serial[number]
            for number, owner in self.switched.items()
            if owner == name and number in seen.by_serial
        ]
        return [
            Step(
                ("entitlement", name),
                RELEASE,
                "entitlements/stop",
                {"serialNumber": spare.serial_number},
                spare,
            )
            for spare in charged
            if spare.description == SPARE and spare.status in CHARGED
        ]

    def _take(
        self, wanted: WantedEntitlement, seen: Observation, claim: Claim, target: Configuration
    ) -> list[Step]:
        """The intent becomes the name; a token that somebody may have is made void before."""
        name, spare = wanted.name or "", seen.by_serial[claim.serial_number]
        item, steps = ("entitlement", name), []
        if self._needs_token(spare, claim.text_before):
            steps.append(self._new_token(item, spare, TAKE))
        body = {
            "serialNumber": spare.serial_number,
            "configId": target.id,
            "description": describe(name, wanted.tags),
        }
        if (
            spare.status == PENDING
        ):  # of a STOPPED one the end date cannot be edited, and a reactivation resets it
            body |= self._end_date(wanted, spare.end_day, seen)
        steps.append(Step(item, TAKE, "entitlements/update", body, spare))
        return steps

    @staticmethod
    def _needs_token(spare: Entitlement, text_before: str) -> bool:
        return spare.token_status == "USED" or text_before != SPARE

    def writes_to_take(self, spare: Entitlement) -> int:
        """How many writes make a spare that is about to be claimed the holder of a name, after the claim."""
        return 1 + self._needs_token(spare, spare.description)

    def writes_left(self, seen: Observation) -> dict[str, int]:
        """How many writes make the claims of this run names, by name."""
        spares = {
            name: seen.by_serial.get(claim.serial_number) for name, claim in self.claims.items()
        }
        return {
            name: 1 + bool(spare and self._needs_token(spare, self.claims[name].text_before))
            for name, spare in spares.items()
        }

    def _create(self, wanted: WantedEntitlement, target: Configuration, seen: Observation) -> Step:
        body: dict[str, Any] = {
            "configId": target.id,
            "count": 1,
            "description": describe(wanted.name or "", wanted.tags),
        }
        body |= self._asked_end_date(wanted, seen)
        if wanted.folder is not None:
            body["folderPath"] = wanted.folder
        body["skipPending"] = wanted.skip_pending
        return Step(
            ("entitlement", wanted.name or ""),
            CREATE,
            "entitlements/vm/create",
            body,
            acquires=True,
        )

    # -- what a holder shall be

    def _settle(
        self,
        wanted: WantedEntitlement,
        holder: Entitlement,
        seen: Observation,
        target: Configuration | None,
    ) -> list[Step]:
        item = ("entitlement", wanted.key)
        if holder.is_suspended and wanted.minds_suspension:
            return self._stop(item, holder) if wanted.state == "stopped" else []
        if wanted.state == "absent":
            self._refuse_unknown_status(wanted, holder)
            kind = self._kind(self._configuration(holder, seen))
            if kind == "hardware" and wanted.remove_hardware:
                return self._remove(item, holder)
            if kind in ("hardware", "cloud"):
                raise CannotReach(
                    f"{_told(wanted, holder)} is no virtual machine and cannot become a spare; use state=stopped",
                    True,
                )
            return self._release(wanted.key, holder)
        if holder.status not in STATUSES and wanted.state == "present":
            return []
        self._refuse_unknown_status(wanted, holder)
        steps = self._stop(item, holder) if wanted.state == "stopped" else []
        stops = bool(steps)
        starts = wanted.state == "active" and holder.status == STOPPED
        update = self._update(
            wanted, holder, seen, target, end_date_editable=holder.status != STOPPED and not stops
        )
        if update:
            steps.append(Step(item, SET, "entitlements/update", update, holder))
        if starts:
            self._refuse_disabled(wanted, target or self._configuration(holder, seen))
            steps.append(
                Step(
                    item,
                    SET,
                    "entitlements/reactivate",
                    {"serialNumber": holder.serial_number},
                    holder,
                )
            )
        if self._token_is_due(wanted, holder) and not starts:
            steps.append(self._new_token(item, holder))
        return steps

    def _update(
        self,
        wanted: WantedEntitlement,
        holder: Entitlement,
        seen: Observation,
        target: Configuration | None,
        end_date_editable: bool,
    ) -> dict[str, Any]:
        """The body of entitlements/update that brings a holder to what is managed of it; empty if nothing differs."""
        current = self._configuration(holder, seen)
        body: dict[str, Any] = {}
        if target is not None and target.id != holder.configuration_id:
            if target.product_id != current.product_id:
                names = [self._catalogue.product(c.product_id).key for c in (current, target)]
                raise CannotReach(
                    f"{_told(wanted, holder)} is of product {names[0]} and cannot move to configuration '{target.name}' of {names[1]}; "
                    "release it with state=absent first, or use another name",
                    True,
                )
            self._refuse_disabled(wanted, target)
            body["configId"] = target.id
        described = self._is_described(wanted, holder, seen)
        if described and wanted.name is not None and holder.name != wanted.name:
            body["description"] = describe(
                wanted.name, wanted.tags if wanted.tags is not None else tags_of(holder.description)
            )
        elif (
            described
            and wanted.tags is not None
            and tags_of(holder.description) != dict(wanted.tags)
        ):
            if holder.name is None:
                raise CannotReach(
                    f"{holder.quoted} has the description '{holder.description}', which is no name; give name too, so that it can bear tags",
                    True,
                )
            body["description"] = describe(holder.name, wanted.tags)
        self._refuse_rewriting(holder, body.get("description"))
        if end_date_editable and wanted.end_date is not None:
            if holder.end_date is not None and holder.end_day is None:
                raise CannotReach(
                    f"{_told(wanted, holder)} has the end date '{holder.end_date}', which is no date; look at it in the portal"
                )
            if not wanted.end_date.keeps(holder.end_day):
                body |= self._end_date(wanted, holder.end_day, seen)
        return (
            {"serialNumber": holder.serial_number, "configId": holder.configuration_id} | body
            if body
            else {}
        )

    def _refuse_rewriting(self, holder: Entitlement, text: str | None) -> None:
        """What was written twice in this run and is still listed otherwise is not written again."""
        mine = self._texts.get(holder.serial_number)
        if text is not None and mine and mine.written == text and mine.times > 1:
            raise CannotReach(
                self.storing.notice(holder.serial_number, text, holder.description), lasting=True
            )

    def _end_date(
        self, wanted: WantedEntitlement, current: date | None, seen: Observation
    ) -> dict[str, str]:
        """``{"endDate": ...}`` where an end date must be written: the asked one, else the program's end."""
        asked = wanted.end_date
        if asked is not None and asked.day is not None and asked.day == current:
            return {}
        if seen.program is None:
            self.needs_program = True
            return {}
        day = seen.program.end if asked is None or asked.day is None else asked.day
        if day is not None and day == current:
            return {}
        if asked is None:
            return {"endDate": day.isoformat()} if day is not None else {}
        return {"endDate": asked.sent(self._possible(day, asked, wanted, seen.program, seen.time))}

    @staticmethod
    def _possible(
        day: date | None, asked: EndDate, wanted: WantedEntitlement, program: Program, time: float
    ) -> date:
        """The day of an end date, if an entitlement of the program can end then."""
        if day is None:
            raise CannotReach(
                f"'{wanted.key}': FortiFlex lists no end of {program.serial_number}, so {asked.text} is not known; give a day",
                True,
            )
        today = pacific_day(time)
        if day < today:
            raise CannotReach(
                f"'{wanted.key}': the end date {asked.told(day)} is in the past (Pacific time: {today}); choose a later day",
                True,
            )
        if program.end is not None and day > program.end:
            raise CannotReach(
                f"'{wanted.key}': the end date {asked.told(day)} is after {program.end}, the end of {program.serial_number}; choose an earlier day",
                True,
            )
        return day

    def _token_is_due(self, wanted: WantedEntitlement, holder: Entitlement) -> bool:
        settled = wanted.key in self.renewed or holder.serial_number in self.made
        if (
            wanted.state not in ("present", "active") or settled or holder.token_status is None
        ):  # hardware and cloud have no token
            return False
        return wanted.fresh_token == "always" or (
            wanted.fresh_token == "used" and holder.token_status == "USED"
        )

    def _release(
        self, key: str, holder: Entitlement, void_token: bool = True, text: str = SPARE
    ) -> list[Step]:
        """Stop what is charged, make the token void, and write ``[spare]`` last, so that an interrupted release is taken up again."""
        item, body = ("entitlement", key), {"serialNumber": holder.serial_number}
        steps = []
        if holder.status in CHARGED:
            steps.append(Step(item, RELEASE, "entitlements/stop", dict(body), holder))
        if void_token:
            steps.append(self._new_token(item, holder))
        steps.append(
            Step(
                item,
                RELEASE,
                "entitlements/update",
                body | {"configId": holder.configuration_id, "description": text},
                holder,
            )
        )
        return steps

    def _remove(self, item: tuple[str, str], holder: Entitlement) -> list[Step]:
        """Out of the program, stopped before so that it costs nothing whatever comes of it. One that stays in the list all the same is marked."""
        body = {"serialNumber": holder.serial_number}
        if holder.serial_number not in self.removed:
            remove = Step(
                item,
                RELEASE,
                "entitlements/hardware/remove",
                {"serialNumbers": [holder.serial_number]},
                holder,
            )
            return (
                [Step(item, RELEASE, "entitlements/stop", body, holder), remove]
                if holder.status in CHARGED
                else [remove]
            )
        if holder.description == REMOVED:
            raise CannotReach(
                f"{holder.quoted} was taken out of the program and is {holder.status} all the same; look at it in the portal"
            )
        return [
            Step(
                item,
                SET,
                "entitlements/update",
                body | {"configId": holder.configuration_id, "description": REMOVED},
                holder,
            )
        ]

    @staticmethod
    def _stop(item: tuple[str, str], holder: Entitlement) -> list[Step]:
        """The end of its charging; nothing if it is not charged."""
        body = {"serialNumber": holder.serial_number}
        return (
            [Step(item, SET, "entitlements/stop", body, holder)] if holder.status in CHARGED else []
        )

    @staticmethod
    def _new_token(item: tuple[str, str], holder: Entitlement, purpose: str = SET) -> Step:
        return Step(
            item, purpose, "entitlements/vm/token", {"serialNumber": holder.serial_number}, holder
        )

    @staticmethod
    def _configuration(holder: Entitlement, seen: Observation) -> Configuration:
        return seen.by_id[holder.configuration_id]

    @staticmethod
    def _refuse_unknown_status(wanted: WantedEntitlement, holder: Entitlement) -> None:
        if holder.status not in STATUSES:
            raise CannotReach(
                f"{_told(wanted, holder)} has the status {holder.status}, which this collection does not know; "
                "look at it in the portal, nothing was done to it"
            )

    # -- devices and cloud services

    def _device(
        self, wanted: WantedEntitlement, seen: Observation, target: Configuration
    ) -> Verdict:
        """A device that is not licensed: FortiFlex knows it by its own serial number, so nobody can license it twice."""
        if wanted.state in ("stopped", "absent"):
            return Verdict()
        self._refuse_disabled(wanted, target)
        self._refuse_creation(wanted)
        if wanted.serial_number in self.made:
            raise CannotReach(
                f"{quoted(wanted.name, wanted.serial_number)} was licensed in this run, but FortiFlex does not list it; "
                "look at it in the portal before another run"
            )
        body = {"configId": target.id, "serialNumbers": [wanted.serial_number]}
        return Verdict(
            [
                Step(
                    ("entitlement", wanted.key),
                    CREATE,
                    "entitlements/hardware/create",
                    body | self._asked_end_date(wanted, seen),
                )
            ]
        )

    @staticmethod
    def _refuse_creation(wanted: WantedEntitlement) -> None:
        if not wanted.create:
            raise CannotReach(
                f"'{wanted.key}' is not licensed, and create=false lets nothing be created; let it be created, or leave it out",
                True,
            )

    def _cloud(
        self, wanted: WantedEntitlement, seen: Observation, target: Configuration
    ) -> Verdict:
        """The one entitlement that an account can have of a cloud service, whoever made it; its description says whose it is."""
        name, product = wanted.name or "", self._catalogue.product(target.product_id)
        others = [
            other
            for other in seen.holders(name)
            if seen.by_id[other.configuration_id].product_id != product.id
        ]
        if others and wanted.state not in ("stopped", "absent"):
            raise CannotReach(
                f"'{name}' is held by {others[0].serial_number}, which is no {product.key}; use another name for the cloud service",
                True,
            )
        for standing in seen.of_product(target.product_id)[:1]:
            if standing.name == name or (
                not standing.description and wanted.state not in ("stopped", "absent")
            ):
                return Verdict(self._settle(wanted, standing, seen, target))
            if wanted.state in ("stopped", "absent"):
                return Verdict()
            raise CannotReach(
                f"'{name}': the account has its one entitlement of {product.key} already, {standing.serial_number} with the description "
                f"'{standing.description}'; use that name, or give serial_number={standing.serial_number} to rename it",
                True,
            )
        if wanted.state in ("stopped", "absent"):
            return Verdict()
        self._refuse_expired(
            wanted,
            [
                e
                for e in seen.expired(name)
                if seen.by_id[e.configuration_id].product_id == product.id
            ],
        )
        self._refuse_disabled(wanted, target)
        self._refuse_creation(wanted)
        self._refuse_vanished(name, seen)
        self._refuse_lookalikes(wanted, seen)
        body = (
            {"configId": target.id}
            | self._asked_end_date(wanted, seen)
            | ({"folderPath": wanted.folder} if wanted.folder is not None else {})
        )
        return Verdict([Step(("entitlement", name), CREATE, "entitlements/cloud/create", body)])

    def _asked_end_date(self, wanted: WantedEntitlement, seen: Observation) -> dict[str, str]:
        return self._end_date(wanted, None, seen) if wanted.end_date is not None else {}

    def _is_described(
        self, wanted: WantedEntitlement, holder: Entitlement, seen: Observation
    ) -> bool:
        """Whether name and tags are kept in the description: of a device only if that is asked for, since it costs a request for each."""
        return wanted.describe or self._kind(self._configuration(holder, seen)) != "hardware"

    # -- by serial number

    def _by_serial_number(
        self, wanted: WantedEntitlement, seen: Observation, target: Configuration | None
    ) -> Verdict:
        serial_number, name = wanted.serial_number or "", wanted.name
        holder = seen.by_serial.get(serial_number)
        if holder is None:
            if target is not None and self._kind(target) == "hardware":
                return self._device(wanted, seen, target)
            if wanted.state == "absent" and wanted.remove_hardware:
                return Verdict()  # it has left the program
            raise CannotReach(
                f"{quoted(name, serial_number)} is not among the entitlements of {self._where}; check serial_number, program and account_id",
                True,
            )
        if wanted.held_by not in (None, holder.name) or (
            wanted.state == "absent" and serial_number in self.released
        ):
            return Verdict()  # a spare by now, or already somebody's who took it
        others = (
            [other for other in seen.holders(name) if other.serial_number != serial_number]
            if name is not None
            else []
        )
        if others and self._is_described(wanted, holder, seen):
            raise CannotReach(
                f"'{name}' is held by {others[0].serial_number}, not by {holder.called}; give one of name and serial_number, or two that belong together",
                True,
            )
        ours = holder.description == SPARE or intent_of(holder.description) is not None
        if wanted.state == "absent":
            if (
                holder.description == SPARE
                or holder.status == EXPIRED
                or (holder.description == REMOVED and holder.status not in CHARGED)
            ):
                return Verdict()
        elif ours:
            raise CannotReach(
                f"{serial_number} is a spare ('{holder.description}'); leave serial_number out, and a name that needs an entitlement takes a spare safely",
                True,
            )
        if holder.status == EXPIRED:
            if wanted.state == "active" or self._update(
                wanted, holder, seen, target, end_date_editable=False
            ):
                raise CannotReach(
                    f"{_told(wanted, holder)} is EXPIRED since {holder.end_date} and cannot be changed or started again; license another one by name"
                )
            return Verdict()
        return Verdict(self._settle(wanted, holder, seen, target))


def _told(wanted: WantedEntitlement, holder: Entitlement) -> str:
    """An entitlement in a sentence: by the name that is asked for or that it has, and its serial number."""
    return quoted(wanted.name or holder.name, holder.serial_number)
