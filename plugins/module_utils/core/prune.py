# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a declared scope holds beyond the list of a task: it is released, but never more of it than was agreed.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from ..catalogue.catalogue import Catalogue
from ..errors import shortened
from ..wording import count_of, first_few
from .goal import Goal, WantedEntitlement
from .model import CHARGED, EXPIRED, Entitlement, Observation, spelling_problem, tags_of
from .spelling import spelled, tags_spelled

Hosts = Callable[[], Mapping[str, str]]
"""The hosts of the inventory, by the names and serial numbers that the list would have for them if it were whole."""


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
    scope: Scope, goal: Goal, seen: Observation, catalogue: Catalogue, hosts: Hosts
) -> tuple[list[WantedEntitlement], str | None]:
    """What to ask for so that the scope holds nothing beyond ``goal``, and a sentence if that is not to be done.

    A virtual machine is released. Devices and cloud services, which cannot become spares, are stopped. What is suspended stays, and is only listed.
    ``hosts`` is asked only if anything is to go.
    """
    held = [entitlement for entitlement in seen.entitlements if scope.holds(entitlement, seen)]
    extra: list[WantedEntitlement] = []
    kept: list[WantedEntitlement] = []
    going: list[Entitlement] = []
    for entitlement in held:
        if goal.lists(entitlement):
            continue
        if entitlement.is_suspended:
            kept.append(_unlisted(entitlement, "present"))
            continue
        stays = catalogue.product(seen.by_id[entitlement.configuration_id].product_id).kind in (
            "hardware",
            "cloud",
        )
        if (
            not stays or entitlement.status in CHARGED
        ):  # by serial number, since others outside the scope may have the same name
            extra.append(_unlisted(entitlement, "stopped" if stays else "absent"))
            going.append(entitlement)
    problem = (
        _spelled_otherwise(going, seen)
        or _left_out(going, hosts() if going else {})
        or _too_many(going, len(held), scope.most)
    )
    return ([], problem) if problem else ([*kept, *extra], None)


def _spelled_otherwise(going: list[Entitlement], seen: Observation) -> str | None:
    """What to say if one name is written in several ways, so that a person has to decide which entitlement is in use."""
    problems = (spelling_problem(seen.holders(item.name)) for item in going if item.name)
    problem = next(filter(None, problems), None)
    return problem and f"prune releases none of these, and nothing was written: {problem}"


def _left_out(going: list[Entitlement], hosts: Mapping[str, str]) -> str | None:
    """What to say if some of what would go belongs to a host of the inventory, since the list is not whole then."""
    owned = sorted(
        (item.quoted, host)
        for item in going
        if (host := hosts.get(item.name or "") or hosts.get(item.serial_number))
    )
    if not owned:
        return None
    names, users = zip(*owned, strict=True)
    belong = "belongs to the host" if len(owned) == 1 else "belong to the hosts"
    return (
        f"prune would release {first_few(names)}, which {belong} {shortened(users)} of the inventory; the list is not whole, "
        "so nothing was written; run the play for all hosts, or set the state of those that leave to absent"
    )


def _too_many(going: list[Entitlement], held: int, most: int | float) -> str | None:
    """What to say if more would go than was agreed. A share is rounded down."""
    agreed = most if isinstance(most, int) else int(held * most + 1e-9)
    if len(going) <= agreed:
        return None
    shown = first_few(sorted(item.quoted for item in going))
    share = "" if isinstance(most, int) else f" ({most * 100:g}% of {held}, rounded down)"
    return (
        f"prune would release {len(going)} of {count_of(held, 'entitlement')} in its scope ({shown}), and max_prune allows {agreed}{share}; "
        f"nothing was written; see that the list is whole, then set max_prune to {len(going)}"
    )


def _unlisted(entitlement: Entitlement, state: str) -> WantedEntitlement:
    return WantedEntitlement(
        None, serial_number=entitlement.serial_number, state=state, held_by=entitlement.name
    )
