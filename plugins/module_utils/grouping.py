# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Things in groups, and parts of mappings.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

_Thing = TypeVar("_Thing")
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


def grouped(items: Iterable[_Thing], key: Callable[[_Thing], _Key]) -> dict[_Key, list[_Thing]]:
    """Things by what the key says of them, in order."""
    groups: dict[_Key, list[_Thing]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups


def part_of(values: Mapping[_Key, _Value], keys: Iterable[_Key]) -> dict[_Key, _Value]:
    """The values of these keys, in their order, as far as there are any."""
    return {key: values[key] for key in keys if key in values}
