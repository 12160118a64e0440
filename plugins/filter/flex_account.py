# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person calls an account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..module_utils.escapes import visible
from ..plugin_utils.sites import accounts_of


def flex_account(account: Any, account_aliases: Any = None) -> str:
    """An account, given by its number or its alias, as ``ALIAS (NUMBER)``; one without an alias as
    it is given.
    """
    accounts = accounts_of(account_aliases)
    number = accounts.find(account)
    return visible(str(account) if number is None else accounts.called(number))


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """By name."""
        return {"flex_account": flex_account}
