# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many days are not charged if something is stopped now and started again later."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..plugin_utils.days import day_or_today


def flex_saved_days(until: Any, now: Any = None) -> int:
    """Whole Pacific days between the day of ``now``, which is charged already, and the day of the
    start, which will be: 0 for a night.
    """
    return max(
        0,
        (day_or_today("flex_saved_days", str(until)) - day_or_today("flex_saved_days", now)).days
        - 1,
    )


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """By name."""
        return {"flex_saved_days": flex_saved_days}
