# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values that may be missing.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

_Given = TypeVar("_Given")
_Read = TypeVar("_Read")
_Key = TypeVar("_Key")


def if_given(value: _Given | None, read: Callable[[_Given], _Read]) -> _Read | None:
    """What ``read`` makes of a value; None if there is none."""
    return None if value is None else read(value)


def without_nulls(values: Mapping[_Key, _Given | None]) -> dict[_Key, _Given]:
    """The values that are given."""
    return {key: value for key, value in values.items() if value is not None}
