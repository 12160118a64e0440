# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables of the hosts of a play, as each host sees them itself, for one task that is about all of them.

Private to the collection: may change at any time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleError, AnsibleLookupError
from ansible.module_utils.common.validation import check_type_dict

from ..module_utils.core.accounts import Accounts
from .misspelled import OWN, HostNames, warn_of_misspelled
from .variables import EVERYWHERE

ACCOUNT, PROGRAM = "fortiflex_account_id", "fortiflex_program"
# What holds for all hosts of a play: playbooks read it as one of them sees it.
WHOLE = [
    f"{EVERYWHERE}{name}"
    for name in (
        "username",
        "password",
        "account_aliases",
        "allowed_accounts",
        "audit_log",
        "reason",
    )
]
_MISSING = object()


def accounts_of(aliases: Any) -> Accounts:
    """What accounts are called, from a dictionary or from text as it is in an environment variable.

    :raises AnsibleError: if that cannot be understood.
    """
    problems: list[str] = []
    try:
        accounts = Accounts(check_type_dict(aliases or {}), None, problems)
    except TypeError:
        problems.append(
            "account_aliases must be a dictionary; write NAME=NUMBER,NAME=NUMBER, or JSON"
        )
    if problems:
        raise AnsibleError(" ".join(f"{problem}." for problem in problems))
    return accounts


def account_number(accounts: Accounts, account: Any, where: str) -> int | None:
    """The number of an account that a variable names by number or alias; None if it names none.

    :raises AnsibleError: if it is no account.
    """
    if account is None or not str(account).strip():
        return None
    problems: list[str] = []
    number = accounts.number(where, str(account).strip(), problems)
    if problems:
        raise AnsibleError(f"{problems[0]}.")
    return number


class Hosts:
    """The hosts of the play of a lookup."""

    def __init__(self, templar: Any, variables: Mapping[str, Any]) -> None:
        """``variables`` are those that the lookup got: what its host sees, not filled in."""
        self._templar = templar
        self._hostvars = variables["hostvars"]
        self._inventory = self._hostvars.raw_get(variables["inventory_hostname"])
        self._variables = variables
        self.names: list[str] = templar.template(variables["ansible_play_hosts_all"])
        self._set: list[HostNames] = []
        self._ways: dict[str, dict[str, Any]] = {}

    def seen(
        self, hosts: Iterable[str], names: Iterable[str], whole: Iterable[str] = ()
    ) -> dict[str, dict[str, Any]]:
        """The values of variables, None where one is not set, by host. What the play or a role sets goes before what the inventory says.

        ``whole`` are others, that hold for all, for ``check_alike``.

        :raises AnsibleLookupError: where it cannot be known which of the two counts.
        """
        wanted, whole = list(names), list(whole)
        of_play = {
            name: value for name, value in self._variables.items() if self._is_of_play(name, value)
        }
        asked = [name for name in wanted if name in of_play]
        only_here = {name for name in (*asked, *whole) if name in of_play} - {
            *self._inventory,
            *WHOLE,
        }
        values = {}
        for host in hosts:
            own = self._hostvars[
                host
            ]  # once for each host, since Ansible puts all its variables together for it
            twice = [name for name in only_here if name in own]
            if twice:
                raise AnsibleLookupError(
                    f"{min(twice)} is set by the play or role, and by the inventory for {host}; set it in one place"
                )
            values[host] = {name: own.get(name) for name in wanted if name not in asked}
            self._set.append((host, list(own), own.get(OWN)))
            for name in whole:
                if name in own and name not in of_play:
                    self._ways.setdefault(name, {})[host] = self._way(own, name)
        for host in values if asked else ():
            raw = self._hostvars.raw_get(host)
            templar = self._templar.copy_with_new_env(available_variables={**raw, **of_play})
            values[host] |= {name: templar.template(of_play[name]) for name in asked}
        return values

    def _way(self, own: Any, name: str) -> Any:
        """What a variable of a host is compared by. What asks a vault, or reads a file, is compared as it is written, and not filled in for each host."""
        raw = own._vars[name]  # pylint: disable=protected-access  # nothing public has it
        reads = name in WHOLE or "lookup(" in str(raw) or "query(" in str(raw)
        return raw if reads else own[name]

    def check_alike(self, hosts: Sequence[str], names: Iterable[str]) -> None:
        """Refuse what is not the same for all of these hosts, although it holds for all: none of them is the first.

        :raises AnsibleLookupError: if there is any.
        """
        for name in names:
            ways = self._ways.get(name, {})
            for host in hosts if ways else ():
                if ways.get(host) != ways.get(hosts[0]):
                    raise AnsibleLookupError(
                        f"{name} is not the same for {hosts[0]} and {host}, and holds for all; set it for all hosts of the account or play alike"
                    )

    def warn(self, prefix: str, options: Iterable[str]) -> None:
        """Warn of variables that the hosts set, and that are close to one that was read."""
        read = [f"{prefix}{option}" for option in options]
        warn_of_misspelled(self._variables, self._templar, {prefix, EVERYWHERE}, self._set, read)

    def _is_of_play(self, name: str, value: Any) -> bool:
        """What the host of the lookup sees, and its inventory does not say, is of the play."""
        said = self._inventory.get(name, _MISSING)
        return value is not said and bool(value != said)
