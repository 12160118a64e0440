# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What accounts are called, and which of them a task may touch.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ..errors import AccountNotAllowed, Problems
from ..wording import called
from .spelling import spelled

ALL = "all"
_ABOVE_0 = re.compile(r"0*[1-9][0-9]*")
_NUMBER = re.compile(r"(?<![\w.'=/-])(?<!id )\d+(?![\w'/-]|\.\d)")  # no part of a name or path


@dataclass(frozen=True, eq=False)
class Accounts:
    """Account numbers by alias, and the allowed accounts; None: every account is."""

    aliases: dict[str, int] = field(default_factory=dict)
    allowed: frozenset[int] | None = None

    @classmethod
    def from_options(cls, options: Mapping[str, Any], problems: Problems) -> Accounts:
        """From the options ``account_aliases`` and ``allowed_accounts`` of a task."""
        accounts = cls(_aliases(options.get("account_aliases") or {}, problems))
        allowed = options.get("allowed_accounts")
        if allowed is None:
            return accounts
        numbers = accounts.listed("allowed_accounts", allowed, problems)
        return cls(accounts.aliases, frozenset(numbers))

    def called(self, number: int | str) -> str:
        """What a person calls an account: its alias, if it has one, and its number."""
        return called(self.names.get(str(number)), str(number))

    @cached_property
    def names(self) -> dict[str, str]:
        """The aliases by number."""
        return {str(number): alias for alias, number in reversed(self.aliases.items())}

    def spelled_out(self, text: str) -> str:
        """A text with the alias of each account that has one.

        Messages come from all floors, and FortiFlex knows numbers only.
        """

        def name(found: re.Match[str]) -> str:
            is_named = text.endswith(f"{self.names.get(found[0])} (", 0, found.start())
            return found[0] if is_named else self.called(found[0])

        return _NUMBER.sub(name, text)

    def find(self, account: Any) -> int | None:
        """The number of an account that is given by number or alias; None if it is none."""
        return self.aliases.get(spelled(str(account)), _number(account))

    def number(self, where: str, account: Any, problems: Problems) -> int | None:
        """The number of an account that an option names by number or alias.

        None, and a problem, if it is none.
        """
        found = self.find(account)
        if found is None:
            known = "; account_aliases can give names to accounts"
            if self.aliases:
                known = f" and no alias ({', '.join(sorted(self.aliases))})"
            problems.add(f"{where}: '{account}' is no account number{known}")
        return found

    def listed(self, where: str, accounts: Iterable[Any], problems: Problems) -> list[int]:
        """The same for a list."""
        numbers = (self.number(where, account, problems) for account in accounts)
        return [*filter(None, numbers)]

    def check(self, account_id: int) -> None:
        """Let an account pass that is allowed.

        :raises AccountNotAllowed: if it is not.
        """
        if not self.permits(account_id):
            inside = ", ".join(map(self.called, sorted(self.allowed or ()))) or "none"
            raise AccountNotAllowed(
                f"Account {self.called(account_id)} is not one of allowed_accounts ({inside}), "
                "so nothing about it was sent: check account_id, or allow the account."
            )

    def permits(self, account_id: int) -> bool:
        """Whether an account is allowed."""
        return self.allowed is None or account_id in self.allowed


def _aliases(given: Mapping[Any, Any], problems: Problems) -> dict[str, int]:
    """Account numbers by alias, as the option ``account_aliases`` has them."""
    aliases: dict[str, int] = {}
    about = problems.about("account_aliases")
    for alias, account in given.items():
        number, name = _number(account), spelled(str(alias))
        if number is None or _number(alias) is not None or alias in (ALL, ""):
            about.add(
                f"'{alias}={account}' is invalid; "
                "write NAME=NUMBER, where NAME is not a number and not 'all'"
            )
        elif aliases.setdefault(name, number) != number:
            about.add(
                f"'{name}' is there twice, spelled in two ways, with different numbers; "
                "give it once"
            )
    return aliases


def _number(account: Any) -> int | None:
    """An account number, which is a whole number above 0; None if it is none."""
    text = str(account).strip()
    return int(text) if _ABOVE_0.fullmatch(text) else None
