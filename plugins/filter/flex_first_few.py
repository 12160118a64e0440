# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A list that can be as long as a fleet, short enough for one sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ..module_utils.escapes import visible
from ..module_utils.wording import FEW, first_few


def flex_first_few(items: Iterable[object], most: int = FEW) -> str:
    """The first few items, and how many more there are."""
    return visible(first_few(items, int(most)))


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """By name."""
        return {"flex_first_few": flex_first_few}
