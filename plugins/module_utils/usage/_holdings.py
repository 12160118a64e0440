# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who held which entitlement, for a usage report: its history, and what there is now.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from ..core.spelling import serial_number_spelled
from ._coverage import Wish, moment_shown
from ._points import Holding, State


class Holdings:
    """The history of entitlements, and those that there are now."""

    def __init__(self, wish: Wish, history: Iterable[Holding]) -> None:
        self._wish = wish
        self._site_numbers = frozenset(map(serial_number_spelled, wish.sites or ()))
        self._history = [held for held in history if not (wish.statement and held.state.is_nobodys)]
        now = {held.state.serial_number: held for held in self._history if held.is_held_now}
        self._now = list(now.values())

    @property
    def last_change(self) -> float | None:
        """When the last change was seen; None if there was nothing to see."""
        return max((held.since for held in self._history), default=None)

    def by_status(self) -> dict[str, int]:
        """How many entitlements there are of each status."""
        counts = Counter(held.state.status or "unknown" for held in self._now)
        return dict(sorted(counts.items()))

    def history(self) -> list[dict[str, Any]]:
        """From when until when each entitlement was in which state."""
        return [self._shape(held) for held in self._history]

    def orphans(self, used: Mapping[str, Decimal]) -> list[dict[str, Any]]:
        """Entitlements that are charged and that nobody is known to use, the dearest first.

        ``used``: points of the last recorded day by serial number.
        """
        return self._priced((held for held in self._now if self._is_orphan(held.state)), used)

    def spares(self, used: Mapping[str, Decimal]) -> list[dict[str, Any]]:
        """Marked spares, in the same way."""
        marked = (held for held in self._now if held.state.entitlement.is_marked_spare)
        return self._priced(marked, used)

    def _is_orphan(self, state: State) -> bool:
        if not state.entitlement.is_charged:
            return False
        if self._wish.sites is None:
            return state.name is None and state.product not in self._wish.nameless
        is_site = state.name in self._wish.sites or state.serial_number in self._site_numbers
        return not is_site

    def _priced(
        self, holdings: Iterable[Holding], used: Mapping[str, Decimal]
    ) -> list[dict[str, Any]]:
        shapes = [
            {
                **self._shape(held),
                "points_per_day": float(used.get(held.state.serial_number, Decimal(0))),
            }
            for held in holdings
        ]
        return sorted(shapes, key=lambda shape: (-shape["points_per_day"], shape["serial_number"]))

    def _shape(self, held: Holding) -> dict[str, Any]:
        return {
            **state_shape(held.state),
            "account_id": held.account_id,
            "customer": self._wish.customer(held.account_id),
            "since": moment_shown(held.since),
            "until": moment_shown(held.until),
        }


def state_shape(state: State) -> dict[str, Any]:
    """A state as reports show it: all but its dates."""
    return {key: value for key, value in state._asdict().items() if not key.endswith("_date")}
