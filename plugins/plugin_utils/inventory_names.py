# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which hosts of an inventory use which licenses: what a list that is whole would say, whatever
hosts the play is for.

Private to the collection: may change at any time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from ansible.errors import AnsibleError

from ..module_utils.core.accounts import Accounts
from ..module_utils.core.spelling import serial_number_spelled, spelled
from ..module_utils.errors import InvalidInput
from .sites import ACCOUNT, PROGRAM, Hosts, HostVariables, read_prefixes

# Of the playbooks and roles; a test compares.
PREFIXES = (
    "fortiflex_",
    "branch_office_",
    "datacenter_",
    "development_",
    "license_delivery_",
    "retire_",
)
HANDED_ON = (
    "__flex_prefix"  # the variable that names the prefix where an earlier task made the list
)
_SERIAL_NUMBERS = ("serial_number", "serial_numbers")


@dataclass(frozen=True)
class Prefix:
    """How the variables begin that a list is made of.

    ``says_names``: its names are made of them. ``known`` False: it may be another one.
    """

    text: str
    says_names: bool = True
    known: bool = True


def hosts_by_license(
    templar: Any,
    task_vars: Mapping[str, Any],
    extra_vars: Collection[str],
    program: str,
    account_id: int | None,
    accounts: Accounts,
) -> dict[str, str]:
    """The hosts of the inventory by the names and serial numbers of their licenses, without hosts
    that are known to be of another account.

    :raises InvalidInput: if that cannot be known.
    """
    found: dict[str, str] = {}
    if "hostvars" not in task_vars:
        return found
    for variables in Hosts(templar, task_vars).inventory():
        host = _Host(variables, extra_vars)
        at = serial_number_spelled(host.said(PROGRAM))
        number = accounts.find(host.said(ACCOUNT))
        if at in ("", program) and number in (None, account_id):
            for text in host.licenses(_prefixes(variables, task_vars)):
                found.setdefault(spelled(text), variables.host)
    return found


def _prefixes(variables: HostVariables, task_vars: Mapping[str, Any]) -> list[Prefix]:
    """Those that the list is made with, or all that it can be made with."""
    if HANDED_ON in task_vars:
        return [Prefix(str(task_vars[HANDED_ON]))]
    if read_prefixes:
        return [Prefix(text, says_names) for text, says_names in read_prefixes.items()]
    others = {
        name.removesuffix("name")
        for name in variables.names
        if name.endswith("_name") and not name.startswith(("ansible_", *PREFIXES))
    }
    return [*map(Prefix, PREFIXES), *(Prefix(text, known=False) for text in sorted(others))]


@dataclass(frozen=True)
class _Host:
    """What the inventory says of a host.

    What is set on the command line, ``extra_vars``, hides it of hosts that the run is not for.
    """

    variables: HostVariables
    extra_vars: Collection[str]

    def said(self, name: str) -> str:
        """The value of a variable; an empty text if that is not known."""
        try:
            value = None if name in self.extra_vars else self.variables.of_inventory(name)
        except AnsibleError:
            return ""
        return "" if value is None else str(value).strip()

    def licenses(self, prefixes: Iterable[Prefix]) -> Iterator[str]:
        """The names and serial numbers of its licenses.

        A host that the inventory sets absent has none.

        :raises InvalidInput: if they cannot be known.
        """
        has_own_name = is_absent = False
        for prefix in prefixes:
            if self.said(f"{prefix.text}state") == "absent":
                is_absent |= prefix.known
                continue
            names = self._open_texts(prefix, "name")
            texts = [*names, *self._open_texts(prefix, "was"), *self._serial_numbers(prefix)]
            yield from filter(None, texts)
            has_own_name |= not (names and prefix.says_names)
        if has_own_name and not is_absent:
            yield self.variables.host

    def _serial_numbers(self, prefix: Prefix) -> Iterator[str]:
        for name in self.variables.names:
            if name.startswith(prefix.text) and name.endswith(_SERIAL_NUMBERS):
                yield from map(str.upper, self._texts(prefix, name))

    def _open_texts(self, prefix: Prefix, ending: str) -> list[str]:
        """The values of a variable that must not be hidden."""
        name = f"{prefix.text}{ending}"
        if name in self.extra_vars:
            raise InvalidInput(
                [
                    f"prune is refused because {name} is set on the command line, which hides "
                    "the names of all other hosts; set it in the inventory, or leave prune out"
                ]
            )
        return self._texts(prefix, name)

    def _texts(self, prefix: Prefix, name: str) -> list[str]:
        """The values of a variable, and the items of one that is a list."""
        try:
            values = self.variables.each(name)
        except AnsibleError as error:
            if not prefix.known:
                return []
            reason = " ".join(str(error).split())
            raise InvalidInput(
                [
                    f"prune is refused because {name} of host {self.variables.host} cannot be "
                    f"filled in ({reason}), so that its license is not known; "
                    "correct it, or leave prune out"
                ]
            ) from None
        lists = [value if isinstance(value, list) else [value] for value in values]
        return [str(item).strip() for item in chain.from_iterable(lists)]
