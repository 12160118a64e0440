# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is left out of a fleet and why: a sentence for each thing, and one for each reason.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

from operator import itemgetter

from ..module_utils.escapes import visible
from ..module_utils.grouping import grouped
from ..module_utils.wording import first_few


class LeftOut:
    """Collects things with the reason why each is left out."""

    def __init__(self) -> None:
        self._items: list[tuple[str, str]] = []

    def add(self, what: str, reason: str) -> None:
        """Leave one thing out.

        The ``reason`` is the rest of a sentence, and the same for all that have it.
        """
        self._items.append((visible(what), visible(reason)))

    @property
    def sentences(self) -> list[str]:
        """One for each thing, in order."""
        return [f"{what}: {reason}." for what, reason in self._items]

    @property
    def summary(self) -> list[str]:
        """One for each reason: how many things it is about, and the first few of them."""
        return [
            f"{_counted([what for what, _reason in same])}: {reason}."
            for reason, same in grouped(self._items, itemgetter(1)).items()
        ]


def _counted(things: list[str]) -> str:
    return things[0] if len(things) == 1 else f"Each of {len(things)} ({first_few(things)})"
