# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Planners that lack one part of the rule each. If histories do not break without it, the part is not needed, or they do not look for it."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from ansible_collections.flexops.fortiflex.plugins.module_utils.core._claim_rule import ClaimRule
from ansible_collections.flexops.fortiflex.plugins.module_utils.core._memory import Claim
from ansible_collections.flexops.fortiflex.plugins.module_utils.core._name_rule import NameRule
from ansible_collections.flexops.fortiflex.plugins.module_utils.core._planner import Planner
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.calls import UpdateEntitlement
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.description import describe
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.goal import WantedEntitlement
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.model import (
    Configuration,
    Entitlement,
    Observation,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.steps import (
    CREATE,
    TAKE,
    Step,
    Verdict,
    W,
)


class _Mutant(Planner):
    """The planner with another rule for names, or for claims."""

    names = NameRule
    claims = ClaimRule

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        rule = self._entitlements
        rule._names.__class__ = self.names
        rule._claims.__class__ = self.claims


class _NoClaims(ClaimRule):
    def _claim(self, name: str, spare: Entitlement) -> Step:
        call = UpdateEntitlement(spare.serial_number, spare.configuration_id, describe(name, None))
        return Step(("entitlement", name), TAKE, call, spare, acquires=True)


class NoClaims(_Mutant):
    """A spare is taken in one write."""

    claims = _NoClaims


class Stale(Planner):
    """Writes rest on observations of any age."""

    acts_on_old_observations = True


class NoPatience(Planner):
    """A claim becomes a name at the next observation."""

    def did(self, step: Step, answer: dict[str, Any], sent: float, answered: float) -> None:
        """As if the claim had been answered long ago."""
        super().did(step, answer, sent, answered - 2 * W)


class _NoDeadline(ClaimRule):
    def own(self, name: str, seen: Observation) -> Claim | None:
        claim = super().own(name, seen)
        return replace(claim, sent=seen.time) if claim else None


class NoDeadline(_Mutant):
    """A claim may become a name at any time."""

    claims = _NoDeadline


class _Deaf(Observation):
    run = ""

    def claims(self, name: str) -> list[tuple[str, str]]:
        """Only those of one run."""
        return [wish for wish in super().claims(name) if wish[1].startswith(type(self).run)]


class _IgnoresClaims(NameRule):
    def _without_holder(
        self,
        wanted: WantedEntitlement,
        seen: Observation,
        target: Configuration | None,
        claim: Claim | None,
    ) -> Verdict:
        _Deaf.run = self._claims._run
        deaf = _Deaf(**{field.name: getattr(seen, field.name) for field in fields(seen)})
        return super()._without_holder(wanted, deaf, target, claim)


class IgnoresClaims(_Mutant):
    """Other runs' claims count for nothing."""

    names = _IgnoresClaims


class _KeepsItsOwn(NameRule):
    def verdict(
        self, wanted: WantedEntitlement, seen: Observation, target: Configuration | None
    ) -> Verdict:
        """With its own holders only, if it has any."""
        own = [item for item in seen.holders(wanted.name or "") if self._has_made(item)]
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

    names = _KeepsItsOwn


class _GivesUpNothing(NameRule):
    def _excess(self, name: str, holders: list[Entitlement], seen: Observation) -> Verdict:
        return Verdict()


class GivesUpNothing(_Mutant):
    """The earliest stands, but what was made in excess keeps the name."""

    names = _GivesUpNothing


class RepeatsCreations(Planner):
    """A creation without an answer is simply sent again."""

    def unknown(self, step: Step, sent: float, now: float) -> None:
        """Forgets what may still take effect."""
        if step.purpose != CREATE:
            super().unknown(step, sent, now)


MUTANTS: tuple[type[Planner], ...] = (
    NoClaims,
    Stale,
    NoPatience,
    NoDeadline,
    IgnoresClaims,
    KeepsItsOwn,
    GivesUpNothing,
    RepeatsCreations,
)
