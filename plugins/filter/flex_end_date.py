# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The day on which something ends that is given in days from today."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..plugin_utils.days import end_date


def flex_end_date(given: Any, now: Any = None) -> str:
    """A day, for ``+90d`` that many Pacific days after ``now`` or today.

    Everything else comes back as it is.
    """
    return end_date("flex_end_date", given, now)


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """By name."""
        return {"flex_end_date": flex_end_date}
