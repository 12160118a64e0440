# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a declared scope holds beyond the list of a task: it is released, but never more of it than
was agreed.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from ..catalogue.catalogue import Catalogue
from ..errors import InvalidInput, Problems, shortened
from ..wording import count_of, first_few
from .description import tags_of
from .goal import Goal, WantedEntitlement
from .model import Entitlement, Observation, spelling_problem
from .spelling import spelled, tags_spelled

# The hosts of the inventory, by the names and serial numbers that the list would have for them if it
# were whole.
Hosts = Callable[[], Mapping[str, str]]

_LIMIT = re.compile(r"(?P<share>\d+(?:\.\d+)?) *%|(?P<number>\d+)")


@dataclass(frozen=True)
class Limit:
    """How much of a scope may be released, as ``max_prune`` says it: a number, or a share in per
    cent.
    """

    number: str | None = "0"
    share: str | None = None

    def of(self, held: int) -> int:
        """The number that it allows of what a scope holds. A share is rounded down."""
        return int(held * float(self.share) / 100 + 1e-9) if self.share else int(self.number or 0)

    def told(self, held: int) -> str:
        """How sentences name it."""
        share = f" ({float(self.share):g}% of {held}, rounded down)" if self.share else ""
        return f"{self.of(held)}{share}"


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
    limit = _LIMIT.fullmatch(most.strip())
    scope = Scope(
        tags_spelled(options.get("tags")),
        _spelled(options.get("names")),
        _spelled(options.get("configurations")),
        Limit(**limit.groupdict()) if limit else Limit(),
    )
    with Problems() as problems:
        if not (scope.tags or scope.names or scope.configurations):
            problems.add(
                "prune has no scope; give tags, names or configurations "
                "that say which entitlements are yours to release"
            )
        if limit is None:
            problems.add(
                f"max_prune: {most} is neither a whole number nor a percentage such as 10%"
            )
    return scope


def _spelled(texts: Any) -> tuple[str, ...]:
    """Texts of a user as they are compared."""
    return tuple(spelled(str(text)) for text in texts or ())


def beyond(
    scope: Scope, goal: Goal, seen: Observation, catalogue: Catalogue, hosts: Hosts
) -> list[WantedEntitlement]:
    """What to ask for so that the scope holds nothing beyond ``goal``.

    A virtual machine is released. Devices and cloud services, which cannot become spares, are
    stopped. What is suspended stays, and is only listed. ``hosts`` is asked only if anything must
    go.

    :raises InvalidInput: if that must not be done.
    """
    held = [entitlement for entitlement in seen.entitlements if scope.holds(entitlement, seen)]
    states = {item: _state_without(item, seen, catalogue) for item in held if not goal.lists(item)}
    going = [item for item, state in states.items() if state in ("absent", "stopped")]
    if going:
        _refuse_spelled_otherwise(going, seen)
        _refuse_used(going, hosts())
        _refuse_too_many(going, len(held), scope.most)
    kept = [item for item, state in states.items() if state == "present"]
    return [  # by serial number, since others outside the scope may have the same name
        WantedEntitlement(
            None, serial_number=item.serial_number, state=states[item], held_by=item.name
        )
        for item in (*kept, *going)
    ]


def _state_without(item: Entitlement, seen: Observation, catalogue: Catalogue) -> str:
    """The state for an entitlement that nobody lists; empty where there is nothing to do."""
    if item.is_suspended:
        return "present"
    product = catalogue.product(seen.by_id[item.configuration_id].product_id)
    if product.can_be_spare:
        return "absent"
    return "stopped" if item.is_charged else ""


def _refuse_spelled_otherwise(going: list[Entitlement], seen: Observation) -> None:
    """Refuse if one name is written in several ways: a person has to decide which one is in use."""
    for item in going:
        problem = spelling_problem(seen.holders(item.name))
        if problem:
            raise InvalidInput(
                [f"prune releases none of these, and nothing was written: {problem}"]
            )


def _refuse_used(going: list[Entitlement], hosts: Mapping[str, str]) -> None:
    """Refuse if some of what would go belongs to a host of the inventory: the list is not whole
    then.
    """
    owned = sorted(
        (item.quoted, user)
        for item in going
        if (user := hosts.get(item.name or "") or hosts.get(item.serial_number))
    )
    if owned:
        names, used_by = zip(*owned, strict=True)
        belong = "belongs to the host" if len(owned) == 1 else "belong to the hosts"
        raise InvalidInput(
            [
                f"prune would release {first_few(names)}, which {belong} {shortened(used_by)} "
                "of the inventory; the list is not whole, so nothing was written; "
                "run the play for all hosts, or set the state of those that leave to absent"
            ]
        )


def _refuse_too_many(going: list[Entitlement], held: int, most: Limit) -> None:
    """Refuse if more would go than was agreed."""
    if len(going) > most.of(held):
        shown = first_few(sorted(item.quoted for item in going))
        raise InvalidInput(
            [
                f"prune would release {len(going)} of {count_of(held, 'entitlement')} in its scope "
                f"({shown}), and max_prune allows {most.told(held)}; nothing was written; "
                f"see that the list is whole, then set max_prune to {len(going)}"
            ]
        )
