# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What accounts are called, and which of them a task may name to FortiFlex, for a provider that serves many tenants.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from ..errors import AccountNotAllowed
from ..wording import called
from .spelling import spelled

ALL = "all"
_NUMBER = re.compile(r"(?<![\w.'=/-])(?<!id )\d+(?![\w'/-]|\.\d)")  # no part of a name or path


class Accounts:
    """Account numbers by alias, and the accounts that are allowed."""

    def __init__(
        self, aliases: Mapping[str, Any], allowed: Iterable[Any] | None, problems: list[str]
    ) -> None:
        """``aliases`` and ``allowed`` are the options account_aliases and allowed_accounts, None: every account; adds to ``problems``."""
        self.aliases: dict[str, int] = {}
        for alias, number in aliases.items():
            found = _number(number)
            if found is None or _number(alias) is not None or alias in (ALL, ""):
                problems.append(
                    f"account_aliases: {alias}={number} is no alias of an account; write NAME: NUMBER, and let the name be no number and not 'all'"
                )
            else:
                name = spelled(str(alias))
                if self.aliases.setdefault(name, found) != found:
                    problems.append(
                        f"account_aliases: '{name}' is there twice, spelled in two ways, with different numbers; give it once"
                    )
        self.allowed = (
            None
            if allowed is None
            else frozenset(self.listed("allowed_accounts", allowed, problems))
        )

    @classmethod
    def from_options(cls, options: Mapping[str, Any], problems: list[str]) -> Accounts:
        """From the options of a task; adds to ``problems``."""
        return cls(options.get("account_aliases") or {}, options.get("allowed_accounts"), problems)

    def called(self, number: int | str) -> str:
        """What a person calls an account: its alias, if it has one, and its number."""
        return called(self.names.get(str(number)), str(number))

    @cached_property
    def names(self) -> dict[str, str]:
        """The aliases by number."""
        return {str(number): alias for alias, number in reversed(self.aliases.items())}

    def spelled_out(self, text: str) -> str:
        """A text with the alias of each account that has one. Messages come from all floors, and FortiFlex knows numbers only."""

        def name(found: re.Match[str]) -> str:
            alias = self.names.get(found[0])
            is_named = text.endswith(f"{alias} (", 0, found.start())
            return found[0] if alias is None or is_named else self.called(found[0])

        return _NUMBER.sub(name, text) if self.names else text

    def number(self, where: str, account: Any, problems: list[str]) -> int | None:
        """The number of an account that an option names by number or alias; None, and one of ``problems`` more, if it is none."""
        found = self.aliases.get(spelled(str(account)), _number(account))
        if found is None:
            known = (
                f" and no alias ({', '.join(sorted(self.aliases))})"
                if self.aliases
                else "; account_aliases can give names to accounts"
            )
            problems.append(f"{where}: '{account}' is no account number{known}")
        return found

    def listed(self, where: str, accounts: Iterable[Any], problems: list[str]) -> list[int]:
        """The same for a list."""
        return [
            number
            for account in accounts
            if (number := self.number(where, account, problems)) is not None
        ]

    def check(self, account_id: int) -> None:
        """Let an account pass that is allowed.

        :raises AccountNotAllowed: if it is not.
        """
        if not self.permits(account_id):
            inside = ", ".join(map(self.called, sorted(self.allowed or ()))) or "none"
            raise AccountNotAllowed(
                f"Account {self.called(account_id)} is not one of allowed_accounts ({inside}), so nothing about it was sent: "
                "check account_id, or allow the account."
            )

    def permits(self, account_id: int) -> bool:
        """Whether an account is one of the allowed ones."""
        return self.allowed is None or account_id in self.allowed


def _number(account: Any) -> int | None:
    text = "" if isinstance(account, bool) else str(account).strip()
    return (int(text) or None) if text.isascii() and text.isdecimal() else None
