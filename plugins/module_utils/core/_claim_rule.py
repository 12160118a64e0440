# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a spare becomes a name's: a run claims it, waits to be sure that nobody else does, and takes
it or gives it back.

FortiFlex has no compare-and-set, so a claim is a text that other runs read. docs/consistency.md
explains each part of it.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

import random
from dataclasses import replace

from ..catalogue.catalogue import Catalogue
from ._end_date_rule import end_date_to_write
from ._guards import usable
from ._holder_rule import renewal
from ._memory import Claim, Memory
from ._storing import is_left_of, stored_as
from ._texts import Texts
from .calls import UpdateEntitlement
from .description import SPARE, claim_of, claim_text, describe
from .goal import WantedEntitlement
from .model import Configuration, Entitlement, Observation
from .steps import CLAIM, TAKE, UNCLAIM, CannotReach, Step, Verdict, W

_DEADLINE = 4 * W  # after a claim was sent it may not become a name any more
_PATIENCE = 7 * W  # a claim that is seen for longer is one of a dead run
_SLIGHTLY = 0.001  # seconds, so that a time has passed when somebody observes


class ClaimRule:
    """The claims of this run: which spare to claim, when to take it, and when to give it back."""

    def __init__(
        self, memory: Memory, texts: Texts, catalogue: Catalogue, run: str, where: str
    ) -> None:
        """``run`` marks the claims of this run; ``where`` names program and account."""
        self._memory = memory
        self._texts = texts
        self._catalogue = catalogue
        self._run = run
        self._where = where
        self._random = random.Random(run)

    # -- a claim of this run

    def own(self, name: str, seen: Observation) -> Claim | None:
        """The claim of this run for a name, if it still stands."""
        of = self._memory.names[name]
        if of.claim is None:
            return None
        entitlement = seen.by_serial.get(of.claim.serial_number)
        if entitlement is not None:
            if stored_as(of.claim.text, entitlement.description):
                return of.claim
            if is_left_of(of.claim.text, entitlement.description):
                of.claim = self._as_stored(of.claim, entitlement.description)
                return of.claim
        of.claim = None  # overwritten: not ours any more, nothing to release
        if entitlement is not None and entitlement.name == name:
            # The run's own write, of which the answer was lost.
            self._memory.make(entitlement.serial_number, name)
        else:
            of.has_lost = True
        return None

    def _as_stored(self, claim: Claim, text: str) -> Claim:
        changed = self._texts.notice(claim.serial_number, claim.text, text)
        return replace(claim, text=text, changed=changed)

    def go_on(
        self,
        wanted: WantedEntitlement,
        seen: Observation,
        target: Configuration | None,
        claim: Claim,
    ) -> Verdict:
        """What becomes of a claim: the name, if nobody else claims for it, and if there is time
        left.

        :raises CannotReach: if FortiFlex would store the name as another text.
        """
        name = wanted.key
        of = self._memory.names[name]
        if claim.changed:
            changed = self._texts.change_of(describe(name, wanted.tags))
            if changed:
                raise CannotReach(changed, lasting=True)
            of.has_lost, of.unclaimable = True, claim.changed
            return self.give_back(name, claim, seen)
        is_first = seen.claims(name)[0][0] == claim.serial_number
        if not is_first or seen.time - claim.sent > _DEADLINE:
            # A wait for the request limit alone is no reason to create: once, a spare is claimed again.
            of.lapsed = of.lapsed or (claim if is_first else None)
            of.has_lost |= not is_first or of.lapsed != claim
            return self.give_back(name, claim, seen)
        if seen.time - claim.answered >= 2 * W:
            usable_target = usable(wanted, target, self._catalogue, self._where)
            return Verdict(self._take(wanted, seen, claim, usable_target))
        return Verdict(wake=self.due(seen.time))

    def give_back(self, name: str, claim: Claim, seen: Observation) -> Verdict:
        """The spare is a spare again, but not while a write of this run may still turn it into the
        name.
        """
        settled = self._memory.names[name].taking + W
        if seen.time < settled:
            return Verdict(wake=settled)
        spare = seen.by_serial[claim.serial_number]
        call = UpdateEntitlement(spare.serial_number, spare.configuration_id, claim.text_before)
        return Verdict([Step(("entitlement", name), UNCLAIM, call, spare)])

    def _take(
        self, wanted: WantedEntitlement, seen: Observation, claim: Claim, target: Configuration
    ) -> list[Step]:
        """The claim becomes the name; a token that somebody may have is made invalid before."""
        name, spare = wanted.key, seen.by_serial[claim.serial_number]
        item = ("entitlement", name)
        # Of a STOPPED one the end date cannot be edited, and a reactivation resets it.
        end_date = end_date_to_write(wanted, spare.end_day, seen) if spare.is_pending else None
        call = UpdateEntitlement(
            spare.serial_number, target.id, describe(name, wanted.tags), end_date
        )
        renewals = [renewal(item, spare, TAKE)] * _needs_token(spare, claim.text_before)
        return [*renewals, Step(item, TAKE, call, spare)]

    # -- a new claim

    def begin(
        self, wanted: WantedEntitlement, seen: Observation, target: Configuration | None
    ) -> Verdict | None:
        """A claim of a spare, or when to observe again a claim of another run; None if neither can
        give the name a holder.
        """
        name = wanted.key
        of, claims = self._memory.names[name], seen.claims(name)
        if claims:
            since = of.claimed_since.setdefault(claims[0], seen.time)
            if seen.time - since > _PATIENCE:
                return None
            return Verdict(wake=min(since + _PATIENCE, seen.time + W) + _SLIGHTLY)
        if of.has_lost and wanted.create:
            return None
        spare = self._spare(wanted, seen, usable(wanted, target, self._catalogue, self._where))
        return Verdict([self._claim(name, spare)]) if spare else None

    def _claim(self, name: str, spare: Entitlement) -> Step:
        # A second claim has another text, so that others wait for it again.
        run = self._run + ("-again" if self._memory.names[name].lapsed else "")
        text = claim_text(name, run)
        call = UpdateEntitlement(spare.serial_number, spare.configuration_id, text)
        return Step(("entitlement", name), CLAIM, call, spare, acquires=True)

    def _spare(
        self, wanted: WantedEntitlement, seen: Observation, target: Configuration
    ) -> Entitlement | None:
        """The best fitting spare: PENDING before STOPPED (which is charged from today), of the
        configuration before of the product.
        """
        if not wanted.reuses:
            return None
        fitting = [
            (self._rank(wanted, spare, target), spare)
            for spare in seen.entitlements
            if _is_free(wanted, spare) and self._fits(wanted, spare, seen, target)
        ]
        if not fitting:
            return None
        spare = min(fitting, key=lambda entry: entry[0])[1]
        self._memory.serials[spare.serial_number].is_assigned = True
        return spare

    def _fits(
        self,
        wanted: WantedEntitlement,
        spare: Entitlement,
        seen: Observation,
        target: Configuration,
    ) -> bool:
        """Whether a name can have a spare: of its product, and neither handed out in this wave nor
        made by this run.
        """
        of = self._memory.of(spare.serial_number)
        return (
            seen.by_id[spare.configuration_id].product_id == target.product_id
            and wanted.spare in (None, spare.serial_number)
            and not of.is_assigned
            and of.made_for is None
        )

    def _rank(
        self, wanted: WantedEntitlement, spare: Entitlement, target: Configuration
    ) -> tuple[bool, bool, bool, bool, float]:
        """How well a spare fits, the smallest best. The random part keeps controllers out of each
        other's way.
        """
        return (
            self._memory.of(spare.serial_number).is_doubtful,
            not spare.is_spare,
            not spare.is_pending,
            spare.configuration_id != target.id,
            self._random.random(),
        )

    # -- no spare

    def refuse_without_spare(
        self, wanted: WantedEntitlement, seen: Observation, target: Configuration
    ) -> Verdict:
        """Nothing is free, and nothing may be created: a claim of a living run may be released.

        :raises CannotReach: if there is nothing to wait for.
        """
        name = wanted.key
        since = [
            self._memory.names[claim[0]].claimed_since.setdefault(
                (entitlement.serial_number, claim[1]), seen.time
            )
            for entitlement in seen.of_product(target.product_id)
            if (claim := claim_of(entitlement.description))
        ]
        waits = [first + _PATIENCE for first in since if seen.time - first <= _PATIENCE]
        if waits:
            return Verdict(wake=min(*waits, seen.time + W) + _SLIGHTLY)
        if seen.claims(name):
            raise CannotReach(
                f"'{name}': another run claimed {seen.claims(name)[0][0]} {_PATIENCE:.0f} s ago "
                "and did not finish; "
                "run again, or have audit_fleet clear what dead runs have left (audit_fix=true)"
            )
        if wanted.spare is not None:
            raise CannotReach(
                f"'{name}': the plan gives it the spare {wanted.spare}, which is not free any "
                "more; make the plan again",
                not since,
                lasting=True,
            )
        raise CannotReach(
            f"'{name}' has no entitlement in {self._where}, and none that is free can be taken "
            "for it; "
            f"let it be created, or make a spare of configuration '{target.name}' ready",
            not since,
        )

    # -- what all claims together need

    def due(self, now: float) -> float:
        """When to observe the claims of this run: once for all, unless the first one has to be
        confirmed before the last one may be.
        """
        claims = self._memory.claims.values()
        together = min(
            max(claim.answered for claim in claims) + 2 * W,
            min(claim.sent for claim in claims) + 3 * W,
        )
        if together > now:
            return together
        alone = (claim.answered + 2 * W for claim in claims)
        return min((due for due in alone if due > now), default=now + W)

    def writes_left(self, seen: Observation) -> dict[str, int]:
        """How many writes make the claims of this run names, by name."""
        spares = {
            name: (seen.by_serial.get(claim.serial_number), claim.text_before)
            for name, claim in self._memory.claims.items()
        }
        return {
            name: 1 + bool(spare and _needs_token(spare, text_before))
            for name, (spare, text_before) in spares.items()
        }


def writes_to_take(spare: Entitlement) -> int:
    """How many writes make a spare that is about to be claimed the holder of a name, after the
    claim.
    """
    return 1 + _needs_token(spare, spare.description)


def _needs_token(spare: Entitlement, text_before: str) -> bool:
    return spare.has_used_token or text_before != SPARE


def _is_free(wanted: WantedEntitlement, spare: Entitlement) -> bool:
    """Whether it is a spare, or counts as one for a name that takes whatever has no description."""
    unmarked = wanted.reuse == "any" and spare.description == "" and spare.is_idle
    return (spare.is_spare or unmarked) and wanted.can_take(spare)
