# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A text that others have chosen, for where it goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils.escapes import ESCAPES, visible


def flex_escape(text: Any, to: str = "terminal") -> str:
    """The text, written so that nothing of it is a mention, a link, a formula or a command.

    :raises AnsibleFilterError: if there is no such place
    """
    if to not in ESCAPES:
        raise AnsibleFilterError(
            visible(
                f"flex_escape: '{to}' is not one of {', '.join(ESCAPES)}; name where the text goes"
            )
        )
    return ESCAPES[to](str(text))


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """By name."""
        return {"flex_escape": flex_escape}
