# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Planners that lack one part of the rule each. If histories do not break without it, the part is not needed, or they do not look for it."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from ansible_collections.flexops.fortiflex.plugins.module_utils.core.goal import WantedEntitlement
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.holder_rule import (
    Claim,
    HolderRule,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.model import (
    Configuration,
    Entitlement,
    Observation,
    describe,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.planner import Planner
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.steps import (
    CREATE,
    TAKE,
    Step,
    Verdict,
    W,
)


class _Mutant(Planner):
    """The planner with another holder rule."""

    rule = HolderRule

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        _goal, catalogue, run, program, account_id = arguments
        self._entitlements = self.rule(catalogue, run, program, account_id)


class _NoIntents(HolderRule):
    def _claim(self, name: str, spare: Entitlement) -> Step:
        body = {
            "serialNumber": spare.serial_number,
            "configId": spare.configuration_id,
            "description": describe(name, None),
        }
        return Step(("entitlement", name), TAKE, "entitlements/update", body, spare, acquires=True)


class NoIntents(_Mutant):
    """A spare is taken in one write."""

    rule = _NoIntents


class Stale(Planner):
    """Writes rest on observations of any age."""

    acts_on_old_observations = True


class NoPatience(Planner):
    """An intent becomes a name at the next observation."""

    def did(self, step: Step, answer: dict[str, Any], sent: float, answered: float) -> None:
        """As if the intent had been answered long ago."""
        super().did(step, answer, sent, answered - 2 * W)


class _NoDeadline(HolderRule):
    def _own_claim(self, name: str, seen: Observation) -> Claim | None:
        claim = super()._own_claim(name, seen)
        return replace(claim, sent=seen.time) if claim else None


class NoDeadline(_Mutant):
    """An intent may become a name at any time."""

    rule = _NoDeadline


class _Deaf(Observation):
    run = ""

    def intents(self, name: str) -> list[tuple[str, str]]:
        """Only those of one run."""
        return [wish for wish in super().intents(name) if wish[1].startswith(type(self).run)]


class _IgnoresIntents(HolderRule):
    def _without_holder(
        self,
        wanted: WantedEntitlement,
        seen: Observation,
        target: Configuration | None,
        claim: Claim | None,
    ) -> Verdict:
        _Deaf.run = self._run
        deaf = _Deaf(**{field.name: getattr(seen, field.name) for field in fields(seen)})
        return super()._without_holder(wanted, deaf, target, claim)


class IgnoresIntents(_Mutant):
    """Other runs' intents count for nothing."""

    rule = _IgnoresIntents


class _KeepsItsOwn(HolderRule):
    def verdict(
        self, wanted: WantedEntitlement, seen: Observation, target: Configuration | None
    ) -> Verdict:
        """With its own holders only, if it has any."""
        own = [item for item in seen.holders(wanted.name or "") if item.serial_number in self.made]
        if own:
            seen = replace(
                seen,
                entitlements=tuple(
                    item for item in seen.entitlements if item.name != wanted.name or item in own
                ),
            )
        return super().verdict(wanted, seen, target)


class KeepsItsOwn(_Mutant):
    """What it made stands, whoever was first."""

    rule = _KeepsItsOwn


class _GivesUpNothing(HolderRule):
    def _excess(
        self, name: str, holders: list[Entitlement], seen: Observation
    ) -> tuple[list[Step], float | None]:
        return [], None


class GivesUpNothing(_Mutant):
    """The earliest stands, but what was made in excess keeps the name."""

    rule = _GivesUpNothing


class RepeatsCreations(Planner):
    """A creation without an answer is simply sent again."""

    def unknown(self, step: Step, sent: float, now: float) -> None:
        """Forgets what may still take effect."""
        if step.purpose != CREATE:
            super().unknown(step, sent, now)


MUTANTS: tuple[type[Planner], ...] = (
    NoIntents,
    Stale,
    NoPatience,
    NoDeadline,
    IgnoresIntents,
    KeepsItsOwn,
    GivesUpNothing,
    RepeatsCreations,
)
