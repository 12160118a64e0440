# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plan costs: points per day of the entitlements that it is about, before and after it.

Prices are today's. Counted are the entitlements that the task lists or prunes, and those that have
a configuration that it lists. A PENDING one is counted as if it was in use, since that is what it
is for, and counted apart, since it is not charged before its token is used. Spares are for nobody
yet and not counted; STOPPED and EXPIRED ones, and those on a DISABLED configuration, are not
charged.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from ..catalogue.catalogue import Values
from .model import ACTIVE, Configuration, Entitlement, Observation

# What decides a price: the number of a product, and its values.
Size = tuple[int, tuple[tuple[int, tuple[str, ...]], ...]]


@dataclass(frozen=True)
class Cost:
    """Points per day.

    ``pending`` is the part of ``after``, and ``pending_before`` of ``before``, that begins only
    when tokens are used.
    """

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
    """How many of these entitlements there are of each size; one that is there twice counts once.

    Those that are charged count as True, and those that will be as False.
    """
    counts: Counter[tuple[Size, bool]] = Counter()
    for entitlement in dict.fromkeys(entitlements):
        configuration = seen.by_id[entitlement.configuration_id]
        will_be = entitlement.is_pending and entitlement.name is not None
        if configuration.status == ACTIVE and (entitlement.is_charged or will_be):
            counts[(size_of(configuration), entitlement.is_charged)] += 1
    return counts


def cost_of(
    before: Counter[tuple[Size, bool]],
    after: Counter[tuple[Size, bool]],
    prices: Mapping[Size, Decimal],
) -> Cost:
    """The cost of a plan from what it counts and the price of each size in points per day."""
    return Cost(
        _points(before, prices),
        _points(after, prices),
        _points(_waiting(after), prices),
        _points(_waiting(before), prices),
        sum(_waiting(after).values()),
    )


def _waiting(counts: Counter[tuple[Size, bool]]) -> Counter[tuple[Size, bool]]:
    """Of what is counted, the part that is not charged before tokens are used."""
    return Counter({key: count for key, count in counts.items() if not key[1]})


def _points(counts: Counter[tuple[Size, bool]], prices: Mapping[Size, Decimal]) -> Decimal:
    """The points per day of what is counted."""
    return sum((prices[size] * count for (size, _charged), count in counts.items()), Decimal(0))
