# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plan costs: points per day of the entitlements that it is about, before and after it, at today's prices.

Counted are the entitlements that the task lists or prunes, and those that stand on a configuration that it lists. A PENDING one is counted as if it was in
use, since that is what it is for, and told apart, since it is not charged before its token is used. Spares are for nobody yet and not counted; STOPPED
and EXPIRED ones, and those on a DISABLED configuration, are not charged.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from ..catalogue.catalogue import Values
from .model import ACTIVE, CHARGED, PENDING, Configuration, Entitlement, Observation

Size = tuple[int, tuple[tuple[int, tuple[str, ...]], ...]]
"""What decides a price: the number of a product, and its values."""


@dataclass(frozen=True)
class Cost:
    """Points per day; ``pending`` is the part of ``after``, and ``pending_before`` of ``before``, that begins only when tokens are used."""

    before: Decimal
    after: Decimal
    pending: Decimal
    pending_before: Decimal = Decimal(0)
    pending_licenses: int = 0  # that are not in use after it


def size_of(configuration: Configuration) -> Size:
    """What decides the price of an entitlement that stands on a configuration."""
    return configuration.product_id, tuple(sorted(configuration.values.items()))


def values_of(size: Size) -> Values:
    """The values of a size."""
    return dict(size[1])


def counted(entitlements: Iterable[Entitlement], seen: Observation) -> Counter[tuple[Size, bool]]:
    """How many of these entitlements there are of each size, those that are charged (True) and those that will be (False)."""
    counts: Counter[tuple[Size, bool]] = Counter()
    for entitlement in {
        entitlement.serial_number: entitlement for entitlement in entitlements
    }.values():
        configuration = seen.by_id[entitlement.configuration_id]
        charged = entitlement.status in CHARGED
        if configuration.status == ACTIVE and (
            charged or (entitlement.status == PENDING and entitlement.name is not None)
        ):
            counts[(size_of(configuration), charged)] += 1
    return counts


def cost_of(
    before: Counter[tuple[Size, bool]],
    after: Counter[tuple[Size, bool]],
    prices: Mapping[Size, Decimal],
) -> Cost:
    """The cost of a plan from what it counts and the price of each size in points per day."""

    def points(counts: Counter[tuple[Size, bool]], pending_only: bool) -> Decimal:
        return sum(
            (
                prices[size] * count
                for (size, charged), count in counts.items()
                if not (pending_only and charged)
            ),
            Decimal(0),
        )

    waiting = sum(count for (_size, charged), count in after.items() if not charged)
    return Cost(
        points(before, False),
        points(after, False),
        points(after, True),
        points(before, True),
        waiting,
    )
