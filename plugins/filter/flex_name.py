# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A name in the spelling in which modules return it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..module_utils.core.spelling import spelled


def flex_name(text: Any) -> str:
    """The same text, composed as Unicode's form NFC has it."""
    return spelled(str(text))


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """By name."""
        return {"flex_name": flex_name}
