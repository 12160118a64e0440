# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All rules for entitlements behind one door, and what a run remembers of its calls for them.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from ..catalogue.catalogue import Catalogue
from ._claim_rule import ClaimRule, writes_to_take
from ._holder_rule import HolderRule
from ._memory import Claim, Memory
from ._name_rule import NameRule
from ._texts import Texts
from ._unique_rule import CloudRule, SerialNumberRule
from .goal import WantedEntitlement
from .model import Configuration, Entitlement, Observation
from .steps import CLAIM, RELEASE, TAKE, UNCLAIM, Step, Verdict


class EntitlementRule:
    """Says for one wanted entitlement at a time what an observation asks for; remembers what this
    run did.
    """

    def __init__(self, catalogue: Catalogue, run: str, where: str, texts: Texts) -> None:
        """``run`` marks the claims of this run; ``where`` names program and account."""
        self._catalogue = catalogue
        self._texts = texts
        self._memory = Memory()
        holders = HolderRule(self._memory, texts, catalogue)
        self._claims = ClaimRule(self._memory, texts, catalogue, run, where)
        self._names = NameRule(self._memory, texts, catalogue, self._claims, holders, where)
        self._serial_numbers = SerialNumberRule(self._memory, catalogue, holders, where)
        self._clouds = CloudRule(catalogue, holders, self._names)

    # -- what an observation means

    def new_wave(self, seen: Observation) -> list[str]:
        """A new observation. Gives the names for which this run has written marks that are listed
        otherwise.
        """
        self._memory.new_wave()
        owners = []
        for item in seen.changed_marks:
            self._texts.mark_found(item.serial_number, item.description)
            owners.append(self._memory.of(item.serial_number).switched_for)
        return [owner for owner in owners if owner is not None]

    def verdict(
        self, wanted: WantedEntitlement, seen: Observation, target: Configuration | None
    ) -> Verdict:
        """Steps towards ``wanted``; ``target`` is the configuration that it names, if it names one.

        :raises CannotReach: if it cannot be reached.
        :raises NeedsProgram: if that depends on the program, which was not observed.
        """
        if wanted.serial_number is not None:
            return self._serial_numbers.verdict(wanted, seen, target)
        if target is not None and self._catalogue.product(target.product_id).is_cloud:
            return self._clouds.verdict(wanted, seen, target)
        return self._names.verdict(wanted, seen, target)

    def abandon(self, name: str, seen: Observation) -> Verdict:
        """What a failed item leaves is cleared."""
        return self._names.abandon(name, seen)

    def is_own(self, serial_number: str) -> bool:
        """Whether this run has created, taken, released or started an entitlement."""
        return self._memory.is_own(serial_number)

    def is_foreign(self, name: str, seen: Observation) -> bool:
        """Whether a name stands on what another run has made."""
        standing = seen.holders(name)[:1]
        return any(self._memory.of(holder.serial_number).made_for is None for holder in standing)

    @property
    def lost(self) -> int:
        """How many names have lost a spare to another run."""
        return self._memory.lost

    # -- what became of a step

    def did(
        self, step: Step, answer: Mapping[str, Any], sent: float, answered: float
    ) -> str | None:
        """FortiFlex carried out a step; gives the sentence that says so if it stored another
        description.

        ``answer`` is the item that it answered, {} if it answered none. Times are in seconds since
        1970.
        """
        changed = self._texts.wrote(step, answer, sent)
        name = step.item[1]
        number = step.target or str(answer.get("serialNumber"))
        if not step.parts:
            step.call.remember(self._memory, number, name)
        if step.call.description is None:
            return changed
        if step.purpose == CLAIM:
            before = cast(Entitlement, step.before)
            text = str(answer["description"]) if changed else step.call.description
            claim = Claim(number, text, before.description, sent, answered, changed)
            self._memory.names[name].claim = claim
            return None
        if step.purpose in (TAKE, UNCLAIM):
            self._memory.names[name].claim = None
        if step.purpose == TAKE:
            self._memory.make(number, name)
        if step.purpose == RELEASE:
            self._memory.unmake(number)
            self._memory.switch(number, name)
            self._memory.serials[number].is_released = True
        return changed

    def may_repeat_at_once(self, step: Step, now: float) -> bool:
        """The run stopped waiting for the answer to a step. Gives whether it may be sent again at
        once.

        So it is where a claim becomes a name: only this run does that, and the time for it is
        short.
        """
        if step.purpose != TAKE:
            return False
        self._memory.names[step.item[1]].taking = now
        return True

    def had_no_effect(self, step: Step) -> None:
        """A step without an answer shows no effect. A claim may still come, and would cover a name
        that the spare has by then.
        """
        if step.purpose == CLAIM:
            self._memory.serials[step.target].is_doubtful = True

    def refused(self, step: Step) -> None:
        """What a step would have cleared stays as it is."""
        if step.purpose in (UNCLAIM, RELEASE):
            self._memory.names[step.item[1]].claim = None
            self._memory.unmake(step.target)

    # -- what claims need

    def wakes(self, now: float) -> list[float]:
        """When to observe the claims of this run again; empty if it has none."""
        return [self._claims.due(now)] if self._memory.claims else []

    def writes_left(self, seen: Observation) -> dict[str, int]:
        """How many writes make the claims of this run names, by name."""
        return self._claims.writes_left(seen)

    @staticmethod
    def writes_for(step: Step) -> int:
        """How many writes a step costs: itself, and for a claim those that make it a name."""
        if step.purpose == CLAIM:
            return 1 + writes_to_take(cast(Entitlement, step.before))
        return 1
