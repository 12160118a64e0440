# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts and points as a sentence has them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils.escapes import visible
from ..module_utils.wording import count_of, rounded


def flex_count_of(number: Any, one: str, many: str | None = None) -> str:
    """How many of something there are: ``1 site``, ``2 sites``."""
    return count_of(int(_number("flex_count_of", number)), one, many)


def flex_points(number: Any, digits: int = 2) -> str:
    """Points with two decimals, never ``-0.00``."""
    return rounded(_number("flex_points", number), int(digits))


def _number(name: str, given: Any) -> float:
    """A number, or a text that is one."""
    try:
        return float(given)
    except (TypeError, ValueError):
        raise AnsibleFilterError(visible(f"{name}: '{given}' is not a number; give one")) from None


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """By name."""
        return {"flex_count_of": flex_count_of, "flex_points": flex_points}
