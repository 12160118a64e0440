# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables of the hosts of a play, as each host sees them itself, for one task that is about all of them.

Private to the collection: may change at any time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from ansible.errors import AnsibleError, AnsibleLookupError
from ansible.module_utils.common.validation import check_type_dict

from ..module_utils.core.accounts import Accounts

ACCOUNT, PROGRAM = "fortiflex_account_id", "fortiflex_program"
_MISSING = object()

# The prefixes of variables with which this process has made lists of sites, and whether these say the names. A process is one task, and fills in
# its arguments itself.
read_prefixes: dict[str, bool] = {}


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


class HostVariables:
    """The variables of one host, each filled in when it is asked for."""

    def __init__(
        self, host: str, raw: Mapping[str, Any], of_play: Mapping[str, Any], templar: Any
    ) -> None:
        self.host = host
        self._raw = raw
        self._of_play = of_play
        self._templar = templar

    @property
    def names(self) -> set[str]:
        """Which there are, those of the play among them."""
        return self._raw.keys() | self._of_play.keys()

    def of_inventory(self, name: str) -> Any:
        """What the inventory says; None if it says nothing."""
        return self._filled_in(self._raw[name], self._raw) if name in self._raw else None

    def each(self, name: str) -> list[Any]:
        """What the inventory says, and what the play says for this host, since it is not always known which of them counts."""
        values = [self.of_inventory(name)]
        if name in self._of_play:
            values.append(self._filled_in(self._of_play[name], {**self._raw, **self._of_play}))
        return [value for value in values if value is not None]

    def _filled_in(self, value: Any, variables: Mapping[str, Any]) -> Any:
        return self._templar.copy_with_new_env(available_variables=variables).template(value)


class Hosts:
    """The hosts of the play of a lookup."""

    def __init__(self, templar: Any, variables: Mapping[str, Any]) -> None:
        """``variables`` are those that the lookup got: what its host sees, not filled in."""
        self._templar = templar
        self._hostvars = variables["hostvars"]
        self._inventory = self._hostvars.raw_get(variables["inventory_hostname"])
        self._variables = variables
        self.names: list[str] = templar.template(variables["ansible_play_hosts_all"])

    def seen(self, hosts: Iterable[str], names: Iterable[str]) -> dict[str, dict[str, Any]]:
        """The values of variables, None where one is not set, by host. What the play or a role sets goes before what the inventory says.

        :raises AnsibleLookupError: where it cannot be known which of the two counts.
        """
        wanted, of_play = list(names), self.of_play
        asked = [name for name in wanted if name in of_play]
        values = {}
        for host in hosts:
            own = self._hostvars[
                host
            ]  # once for each host, since Ansible puts all its variables together for it
            values[host] = {name: own.get(name) for name in wanted if name not in asked}
        for host in values if asked else ():
            raw = self._hostvars.raw_get(host)
            twice = [name for name in asked if name not in self._inventory and name in raw]
            if twice:
                raise AnsibleLookupError(
                    f"{twice[0]} is set by the play or role, and by the inventory for {host}; set it in one place"
                )
            templar = self._templar.copy_with_new_env(available_variables={**raw, **of_play})
            values[host] |= {name: templar.template(of_play[name]) for name in asked}
        return values

    @cached_property
    def of_play(self) -> dict[str, Any]:
        """What the play or a role sets, not filled in."""
        return {
            name: value for name, value in self._variables.items() if self._is_of_play(name, value)
        }

    def inventory(self) -> Iterator[HostVariables]:
        """All hosts of the inventory, whatever the play is for."""
        for host in self._hostvars:
            yield HostVariables(
                str(host), self._hostvars.raw_get(host), self.of_play, self._templar
            )

    def _is_of_play(self, name: str, value: Any) -> bool:
        """What the host of the lookup sees, and its inventory does not say, is of the play."""
        said = self._inventory.get(name, _MISSING)
        return value is not said and bool(value != said)
