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
from ..errors import Problems, shortened
from ..wording import count_of, first_few
from .goal import Goal, WantedEntitlement
from .model import Entitlement, Observation, spelling_problem, tags_of
from .spelling import spelled, tags_spelled

Hosts = Callable[[], Mapping[str, str]]
"""The hosts of the inventory, by the names and serial numbers that the list would have for them if it were whole."""

_LIMIT = re.compile(r"(?P<share>\d+(?:\.\d+)?) *%|(?P<number>\d+)")


@dataclass(frozen=True)
class Limit:
    """How much of a scope may be released: a number, or a share of 1, of which the result is rounded down."""

    number: int = 0
    share: float | None = None

    def of(self, held: int) -> int:
        """The number that it allows of what a scope holds."""
        return self.number if self.share is None else int(held * self.share + 1e-9)

    def told(self, held: int) -> str:
        """How sentences name it."""
        allowed = self.of(held)
        if self.share is None:
            return str(allowed)
        return f"{allowed} ({self.share * 100:g}% of {held}, rounded down)"


@dataclass(frozen=True)
class Scope:
    """Which entitlements are the task's to release: all that is given must fit."""

    tags: Mapping[str, str]
    names: tuple[str, ...]
    configurations: tuple[str, ...]
    most: Limit

    def holds(self, entitlement: Entitlement, seen: Observation) -> bool:
        """Whether an entitlement is in the scope. EXPIRED ones, spares and claims are in none."""
        if entitlement.is_expired or entitlement.name is None:
            return False
        name, configuration = entitlement.name, seen.by_id[entitlement.configuration_id]
        has_tags = self.tags.items() <= (tags_of(entitlement.description) or {}).items()
        patterns = self.names or ("*",)
        references = {configuration.name, str(configuration.id)}
        return (
            has_tags
            and any(fnmatchcase(name, pattern) for pattern in patterns)
            and not references.isdisjoint(self.configurations or references)
        )


def scope_of(options: Mapping[str, Any], most: str) -> Scope:
    """The scope from the options ``prune`` and ``max_prune``.

    :raises InvalidInput: if it has no bounds, or the limit is none.
    """
    scope = Scope(
        tags_spelled(options.get("tags")),
        _spelled(options.get("names")),
        _spelled(options.get("configurations")),
        _limit_of(most) or Limit(),
    )
    with Problems() as problems:
        if not (scope.tags or scope.names or scope.configurations):
            problems.add(
                "prune has no scope; give tags, names or configurations "
                "that say which entitlements are yours to release"
            )
        if _limit_of(most) is None:
            problems.add(
                f"max_prune: {most} is neither a whole number nor a percentage such as 10%"
            )
    return scope


def _spelled(texts: Any) -> tuple[str, ...]:
    """Texts of a user as they are compared."""
    return tuple(spelled(str(text)) for text in texts or ())


def _limit_of(text: str) -> Limit | None:
    """What ``max_prune`` says; None if it says nothing."""
    limit = _LIMIT.fullmatch(text.strip())
    if limit is None:
        return None
    if limit["share"]:
        return Limit(share=float(limit["share"]) / 100)
    return Limit(int(limit["number"]))


def beyond(
    scope: Scope, goal: Goal, seen: Observation, catalogue: Catalogue, hosts: Hosts
) -> list[WantedEntitlement]:
    """What to ask for so that the scope holds nothing beyond ``goal``.

    A virtual machine is released. Devices and cloud services, which cannot become spares, are
    stopped. What is suspended stays, and is only listed. ``hosts`` is asked only if anything is to go.

    :raises InvalidInput: if that is not to be done.
    """
    held = [entitlement for entitlement in seen.entitlements if scope.holds(entitlement, seen)]
    unlisted = [entitlement for entitlement in held if not goal.lists(entitlement)]
    kept = [_unlisted(item, "present") for item in unlisted if item.is_suspended]
    states = {
        item: _state_without(item, seen, catalogue) for item in unlisted if not item.is_suspended
    }
    going = [item for item, state in states.items() if state != "present"]
    with Problems() as problems:
        problem = (
            _spelled_otherwise(going, seen)
            or _left_out(going, hosts() if going else {})
            or _too_many(going, len(held), scope.most)
        )
        problems.add(*filter(None, [problem]))
    return [*kept, *(_unlisted(item, states[item]) for item in going)]


def _state_without(item: Entitlement, seen: Observation, catalogue: Catalogue) -> str:
    """The state that an entitlement gets which nobody lists. What costs nothing by itself stays."""
    product = catalogue.product(seen.by_id[item.configuration_id].product_id)
    if product.can_be_spare:
        return "absent"
    return "stopped" if item.is_charged else "present"


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
        f"prune would release {first_few(names)}, which {belong} {shortened(users)} "
        "of the inventory; the list is not whole, so nothing was written; "
        "run the play for all hosts, or set the state of those that leave to absent"
    )


def _too_many(going: list[Entitlement], held: int, most: Limit) -> str | None:
    """What to say if more would go than was agreed."""
    if len(going) <= most.of(held):
        return None
    shown = first_few(sorted(item.quoted for item in going))
    return (
        f"prune would release {len(going)} of {count_of(held, 'entitlement')} in its scope "
        f"({shown}), and max_prune allows {most.told(held)}; nothing was written; "
        f"see that the list is whole, then set max_prune to {len(going)}"
    )


def _unlisted(entitlement: Entitlement, state: str) -> WantedEntitlement:
    """What to ask for of an entitlement that nobody lists.

    By its serial number, since others outside the scope may have the same name.
    """
    return WantedEntitlement(
        None, serial_number=entitlement.serial_number, state=state, held_by=entitlement.name
    )
