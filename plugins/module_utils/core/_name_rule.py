# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule that gives each name exactly one entitlement, from one observation at a time.

FortiFlex has no compare-and-set and deletes nothing, so every step rests on an observation at most
W seconds old, and what a lost race made in excess ends as a marked spare. docs/consistency.md
explains why each part of the rule is there.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

from dataclasses import replace

from ..catalogue.catalogue import Catalogue
from ._claim_rule import ClaimRule
from ._end_date_rule import new_end_date
from ._guards import refuse_expired, refuse_lookalikes, refuse_spellings, usable
from ._holder_rule import HolderRule, release
from ._memory import Claim, Memory
from ._storing import stored_as
from ._texts import Texts
from .calls import CreateVm, Stop, UpdateEntitlement
from .description import SPARE, describe, kept_for
from .goal import WantedEntitlement
from .model import STOPPED, Configuration, Entitlement, Observation
from .spelling import could_be
from .steps import CREATE, RELEASE, SET, CannotReach, Step, Verdict, W, observe_again


class NameRule:
    """Says what a name needs so that it stands on one entitlement, and that one is as it is wanted."""

    def __init__(
        self,
        memory: Memory,
        texts: Texts,
        catalogue: Catalogue,
        claims: ClaimRule,
        holders: HolderRule,
        where: str,
    ) -> None:
        """``where`` names program and account."""
        self._memory = memory
        self._texts = texts
        self._catalogue = catalogue
        self._claims = claims
        self._holders = holders
        self._where = where

    def verdict(
        self, wanted: WantedEntitlement, seen: Observation, target: Configuration | None
    ) -> Verdict:
        """Steps towards ``wanted``; ``target`` is the configuration that it names, if it names one.

        :raises CannotReach: if it cannot be reached.
        """
        name = wanted.key
        self._memory.names[name].wanted = wanted
        charged = self._charged_spares(name, seen)
        if charged:
            return Verdict(charged)
        holders, claim = seen.holders(name), self._claims.own(name, seen)
        if not holders:
            return self._without_holder(wanted, seen, target, claim)
        verdict = self._excess(name, self._minded(wanted, holders), seen)
        if claim:
            self._memory.names[name].has_lost = True
            verdict.add(self._claims.give_back(name, claim, seen))
        if verdict.steps or verdict.wake is not None:
            return verdict
        return Verdict(self._holders.steps(wanted, holders[0], seen, target))

    # -- several holders

    def _minded(self, wanted: WantedEntitlement, holders: list[Entitlement]) -> list[Entitlement]:
        """The standing holder, and those beyond it that no suspension protects."""
        return holders[:1] + [
            other
            for other in holders[1:]
            if self._has_made(other) or not (other.is_suspended and wanted.minds_suspension)
        ]

    def _has_made(self, item: Entitlement) -> bool:
        return self._memory.of(item.serial_number).made_for is not None

    def _excess(self, name: str, holders: list[Entitlement], seen: Observation) -> Verdict:
        """What to do about holders beyond the standing one: steps to take, or when to observe
        again.
        """
        verdict = Verdict()
        for other in holders[1:]:
            if self._has_made(other):
                verdict.add(Verdict(release(name, other, keep_token=True)))
            else:
                verdict.add(self._left_over(name, holders[0], other, seen))
        return verdict

    def _left_over(
        self, name: str, standing: Entitlement, other: Entitlement, seen: Observation
    ) -> Verdict:
        """A second holder that this run has not made: its maker gives it up, or is dead."""
        refuse_spellings(name, [standing, other], self._where)
        both = (standing.serial_number, other.serial_number)
        since = self._memory.names[name].doubled_since.setdefault(both, seen.time)
        if seen.time - since < 2 * W:
            return Verdict(wake=observe_again(since, seen.time))
        if other.is_stopped or (other.is_pending and not other.has_used_token):
            return Verdict(release(name, other))
        raise CannotReach(
            f"'{name}' is held by {standing.serial_number} ({standing.status}) and by "
            f"{other.serial_number} ({other.status}) in {self._where}; decide which one is in use "
            "and release the other by its serial_number with state=absent"
        )

    # -- no holder

    def _without_holder(
        self,
        wanted: WantedEntitlement,
        seen: Observation,
        target: Configuration | None,
        claim: Claim | None,
    ) -> Verdict:
        """How a name gets a holder: by its former name, a claim, or a creation."""
        former = None if claim else self._former(wanted, seen)
        if former:
            self._memory.names[wanted.key].former = former
            return Verdict(self._holders.steps(wanted, former, seen, target))
        if not wanted.needs_holder:
            return Verdict()
        self._refuse(wanted, seen)
        if claim:
            return self._claims.go_on(wanted, seen, target, claim)
        return self._claims.begin(wanted, seen, target) or self._without_spare(
            wanted, seen, usable(wanted, target, self._catalogue, self._where)
        )

    def _former(self, wanted: WantedEntitlement, seen: Observation) -> Entitlement | None:
        """What still has the name that a wanted one had before."""
        holders = seen.holders(wanted.was)
        if len(holders) > 1:
            raise CannotReach(
                f"'{wanted.name}': its former name '{wanted.was}' is held by "
                f"{holders[0].serial_number} and {holders[1].serial_number} in {self._where}; "
                "release one of them by its serial_number with state=absent",
                True,
            )
        return holders[0] if holders else None

    def _refuse(self, wanted: WantedEntitlement, seen: Observation) -> None:
        """No new license for a name that could have one, or that lost one in this run."""
        name = wanted.key
        refuse_expired(wanted, seen.expired(name) or seen.expired(wanted.was or name))
        self.refuse_vanished(name, seen)
        refuse_lookalikes(wanted, seen)
        of = self._memory.names[name]
        if of.unclaimable and not of.claim and not wanted.create:
            raise CannotReach(of.unclaimable, lasting=True)

    def refuse_vanished(self, name: str, seen: Observation) -> None:
        """Never make a second one for a name in one run: what became of the first is for a person
        to see.

        :raises CannotReach: if this run has made one.
        """
        of = self._memory.names[name]
        for serial_number in (*of.made, *([of.former.serial_number] if of.former else ())):
            made = seen.by_serial.get(serial_number)
            changed = made and self._texts.listed_otherwise(made, seen)
            if changed:
                raise CannotReach(changed, lasting=True)
            what = f"now reads '{made.description}'" if made else "is not listed by FortiFlex"
            raise CannotReach(
                f"'{name}' got {serial_number} in this run, which {what}; "
                "look at it in the portal before another run"
            )

    def _without_spare(
        self, wanted: WantedEntitlement, seen: Observation, target: Configuration
    ) -> Verdict:
        if not wanted.create:
            return self._claims.refuse_without_spare(wanted, seen, target)
        name = wanted.key
        call = CreateVm(
            target.id,
            new_end_date(wanted, seen),
            describe(name, wanted.tags),
            folder=wanted.folder,
            skip_pending=wanted.skip_pending,
        )
        return Verdict([Step(("entitlement", name), CREATE, call, acquires=True)])

    # -- what a run leaves behind

    def _charged_spares(self, name: str, seen: Observation) -> list[Step]:
        """Stop what one run released while another run, which still saw it held, started it: both
        see to it.
        """
        switched = (seen.by_serial.get(number) for number in self._memory.names[name].switched)
        return [
            Step(("entitlement", name), RELEASE, Stop(spare.serial_number), spare)
            for spare in switched
            if spare is not None and spare.is_marked_spare and spare.is_charged
        ]

    def abandon(self, name: str, seen: Observation) -> Verdict:
        """A name that has failed keeps no spare, and nothing that FortiFlex stored under another
        text.
        """
        of = self._memory.names[name]
        if of.claim:
            claimed = seen.by_serial.get(of.claim.serial_number)
            if claimed and stored_as(of.claim.text, claimed.description):
                return self._claims.give_back(name, of.claim, seen)
        of.claim = None
        steps = self._former_again(name, of.former, seen) if of.former else []
        if of.wanted is None:
            return Verdict(steps)
        for serial_number in of.made:
            made = seen.by_serial.get(serial_number)
            if made and made.name != name and self._texts.is_changed(made):
                steps += self._clear(of.wanted, made, seen)
        return Verdict(steps)

    def _former_again(self, name: str, former: Entitlement, seen: Observation) -> list[Step]:
        """What should have got a new name that FortiFlex stored as another text gets its former
        one, by which the next run finds it.
        """
        now = seen.by_serial.get(former.serial_number)
        if now is None or not self._texts.is_changed(now):
            return []
        call = UpdateEntitlement(now.serial_number, now.configuration_id, former.description)
        return [Step(("entitlement", name), SET, call, now)]

    def _clear(self, wanted: WantedEntitlement, made: Entitlement, seen: Observation) -> list[Step]:
        """What was made for a name and is stored under another text becomes a spare that the next
        run takes for it, or is left where that knows it.
        """
        name, spoiled = wanted.key, self._texts.spoiled is not None
        other = made.name
        if (
            spoiled
            and other is not None
            and len(seen.holders(other)) == 1
            and could_be(name, other)
        ):
            return release(name, made, keep_token=True)[:-1]
        idle = replace(made, status=STOPPED) if made.is_charged else made
        is_taken = wanted.reuses and wanted.can_take(idle)
        text = SPARE if is_taken or spoiled else kept_for(name)
        return release(name, made, text, keep_token=True)
