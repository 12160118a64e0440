# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the file of a host is called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..module_utils.core.file_name import file_name


def flex_file_name(name: Any) -> str:
    """A name for a file, which no other name has."""
    return file_name(str(name))


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """By name."""
        return {"flex_file_name": flex_file_name}
