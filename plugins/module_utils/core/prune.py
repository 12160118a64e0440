# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a declared scope holds beyond the list of a task: it is released, but never more of it than was agreed.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from ..catalogue.catalogue import Catalogue
from .goal import Goal, WantedEntitlement
from .model import CHARGED, EXPIRED, Entitlement, Observation, spelling_problem, tags_of
from .spelling import spelled, tags_spelled


@dataclass(frozen=True)
class Scope:
    """Which entitlements are the task's to release: all that is given must fit. ``most``: a number, or a share of 1 of what the scope holds."""

    tags: Mapping[str, str]
    names: tuple[str, ...]
    configurations: tuple[str, ...]
    most: int | float

    def holds(self, entitlement: Entitlement, seen: Observation) -> bool:
        """Whether an entitlement is in the scope. EXPIRED ones, spares and intents are in none."""
        configuration = seen.by_id[entitlement.configuration_id]
        return (
            entitlement.status != EXPIRED
            and entitlement.name is not None
            and self.tags.items() <= (tags_of(entitlement.description) or {}).items()
            and (
                not self.names
                or any(fnmatchcase(entitlement.name, pattern) for pattern in self.names)
            )
            and (
                not self.configurations
                or not {configuration.name, str(configuration.id)}.isdisjoint(self.configurations)
            )
        )


def scope_of(options: Mapping[str, Any], most: str, problems: list[str]) -> Scope:
    """The scope from the options ``prune`` and ``max_prune``; adds to ``problems``."""
    tags = tags_spelled(options.get("tags"))
    names, configurations = (
        tuple(spelled(str(text)) for text in options.get(key) or ())
        for key in ("names", "configurations")
    )
    if not (tags or names or configurations):
        problems.append(
            "prune has no scope; give tags, names or configurations that say which entitlements are yours to release"
        )
    limit = re.fullmatch(r"(\d+(?:\.\d+)?) *%|(\d+)", most.strip())
    if limit is None:
        problems.append(f"max_prune: {most} is neither a whole number nor a percentage such as 10%")
        return Scope(tags, names, configurations, 0)
    return Scope(tags, names, configurations, float(limit[1]) / 100 if limit[1] else int(limit[2]))


def beyond(
    scope: Scope, goal: Goal, seen: Observation, catalogue: Catalogue
) -> tuple[list[WantedEntitlement], str | None]:
    """What to ask for so that the scope holds nothing beyond ``goal``, and a sentence if that is more than was agreed.

    A virtual machine is released. Devices and cloud services, which cannot become spares, are stopped.
    """
    names = {wanted.name for wanted in goal.entitlements} - {None}
    serial_numbers = {wanted.serial_number for wanted in goal.entitlements}
    held = [entitlement for entitlement in seen.entitlements if scope.holds(entitlement, seen)]
    extra: list[WantedEntitlement] = []
    told: list[str] = []
    for entitlement in held:
        if entitlement.name in names or entitlement.serial_number in serial_numbers:
            continue
        stays = catalogue.product(seen.by_id[entitlement.configuration_id].product_id).kind in (
            "hardware",
            "cloud",
        )
        if (
            not stays or entitlement.status in CHARGED
        ):  # by serial number, since others outside the scope may have the same name
            extra.append(_unlisted(entitlement, "stopped" if stays else "absent"))
            told.append(entitlement.name or entitlement.serial_number)
    problem = next(filter(None, (spelling_problem(seen.holders(name)) for name in told)), None)
    if problem:
        return [], f"prune releases none of these, and nothing was written: {problem}"
    agreed = (
        scope.most if isinstance(scope.most, int) else max(1, int(len(held) * scope.most + 1e-9))
    )
    if len(extra) <= agreed:
        return extra, None
    shown = ", ".join(f"'{name}'" for name in sorted(told)[:5]) + (", …" if len(extra) > 5 else "")
    return [], (
        f"prune would release {len(extra)} of the {len(held)} entitlements in its scope ({shown}), and max_prune allows {agreed}; "
        "nothing was written; see that the list is whole, or raise max_prune"
    )


def _unlisted(entitlement: Entitlement, state: str) -> WantedEntitlement:
    return WantedEntitlement(
        None, serial_number=entitlement.serial_number, state=state, held_by=entitlement.name
    )
