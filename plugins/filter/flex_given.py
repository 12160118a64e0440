# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What counts where a variable is there, but says nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils.escapes import visible
from ..module_utils.given import CHECKS, KINDS, is_blank


def flex_given(value: Any, instead: Any) -> Any:
    """The value, or ``instead`` where it is null or a text without a visible character.

    Unlike for Jinja's ``default``, false and 0 are values.

    Where ``instead`` is a boolean or a number, so is the answer. Ansible's own filters ``bool`` and
    ``int`` return false and 0 for any other text.

    :raises AnsibleFilterError: if the value is invalid there
    """
    if is_blank(value):
        return instead
    for kind, which in (("bool", bool), ("int", int), ("float", float)):
        if isinstance(instead, which):
            try:
                return CHECKS[kind](value)
            except (TypeError, ValueError):
                raise AnsibleFilterError(
                    visible(f"flex_given: '{value}' is not {KINDS[kind]}")
                ) from None
    return value


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """By name."""
        return {"flex_given": flex_given}
