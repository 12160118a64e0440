# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables of the hosts of a play, as each host sees them itself, for one task that is about all
of them.

Private to the collection: may change at any time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from operator import itemgetter
from typing import Any

from ansible.errors import AnsibleError, AnsibleLookupError
from ansible.module_utils.common.validation import check_type_dict
from ansible.utils.display import Display

from ..module_utils.core.accounts import Accounts
from ..module_utils.core.spelling import serial_number_spelled, spelled
from ..module_utils.errors import InvalidInput, Problems, shortened
from ..module_utils.escapes import visible
from ..module_utils.given import Given, is_blank
from ..module_utils.grouping import grouped, part_of
from ..module_utils.task.options import SITE
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
_SERIAL_NUMBERS = {"serial_number": {"type": "str"}, "serial_numbers": {"type": "list"}}

# The prefixes of variables with which this process has made lists of sites, and whether these say the names. A process is one task, and fills in
# its arguments itself.
read_prefixes: dict[str, bool] = {}


@contextmanager
def refusing_as(error: type[AnsibleError], where: str = "") -> Iterator[None]:
    """Raise what is wrong within a block as this error of Ansible, with the name of the plugin
    before it.
    """
    try:
        yield
    except InvalidInput as problem:
        raise error(f"{where}{problem}") from None


def filled_in(templar: Any, variables: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """The values of variables that are set, templates filled in."""
    said = part_of(variables, names)
    return {name: templar.template(value) for name, value in said.items()}


def accounts_of(aliases: Any) -> Accounts:
    """What accounts are called, from a dictionary or from text as it is in an environment variable.

    :raises AnsibleError: if that cannot be understood.
    """
    try:
        options = {"account_aliases": check_type_dict(aliases or {})}
        with refusing_as(AnsibleError), Problems() as problems:
            return Accounts.from_options(options, problems)
    except TypeError:
        raise AnsibleError(
            "account_aliases must be a dictionary; write NAME=NUMBER,NAME=NUMBER, or JSON."
        ) from None


def account_number(accounts: Accounts, account: Any, where: str) -> int | None:
    """The number of an account that a variable names by number or alias; None if it names none.

    :raises AnsibleError: if it is no account.
    """
    if is_blank(account):
        return None
    with refusing_as(AnsibleError), Problems() as problems:
        return accounts.number(where, str(account).strip(), problems)


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
        """What the inventory says, and what the play says for this host, since it is not always
        known which of them counts.
        """
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
        self._of_play = {
            name: value for name, value in variables.items() if self._is_of_play(name, value)
        }
        self.names: list[str] = templar.template(variables["ansible_play_hosts_all"])
        self._raw: dict[str, Mapping[str, Any]] = {}
        self._set: list[HostNames] = []

    def seen(
        self, hosts: Iterable[str], names: Collection[str], shared: Collection[str] = ()
    ) -> dict[str, dict[str, Any]]:
        """The values of variables by host; one that is not set is left out.

        What the play or a role sets goes before what the inventory says.

        ``shared``: variables that :meth:`check_alike` and :meth:`shared` will be asked for.

        :raises AnsibleLookupError: where it cannot be known which of the two counts.
        """
        values = {}
        for host in hosts:
            raw = self._hostvars.raw_get(host)  # once, since Ansible puts together all variables
            self._raw[host] = part_of(raw, shared)
            self._set.append((host, list(raw), raw.get(OWN)))
            values[host] = self._filled_in(host, raw, names)
        return values

    def inventory(self) -> Iterator[HostVariables]:
        """All hosts of the inventory, whatever the play is for."""
        for host in self._hostvars:
            raw = self._hostvars.raw_get(host)
            yield HostVariables(str(host), raw, self._of_play, self._templar)

    def shared(self, hosts: Sequence[str], names: Collection[str]) -> dict[str, Any]:
        """The values of variables that are about all of these hosts together.

        :raises AnsibleLookupError: where the hosts do not agree.
        """
        self.check_alike(hosts, names)
        return self._filled_in(hosts[0], self._hostvars.raw_get(hosts[0]), names)

    def check_alike(self, hosts: Sequence[str], names: Iterable[str]) -> None:
        """Refuse variables that are about all of these hosts together and differ, so that the order
        of the hosts would decide.

        :raises AnsibleLookupError: if there are any.
        """
        for name in names:
            if name not in self._of_play:
                self._refuse_different(name, hosts)
            elif name not in WHOLE:
                self._refuse_twice(name, (host for host in hosts if name in self._raw[host]))

    def _refuse_different(self, name: str, hosts: Sequence[str]) -> None:
        """Refuse a variable of which one of the hosts has another value than the first one."""
        other = next((host for host in hosts if self._differs(name, hosts[0], host)), None)
        if other is not None:
            raise AnsibleLookupError(
                visible(
                    f"{name} differs between '{hosts[0]}' and '{other}', but it is about all hosts "
                    "of the account or play; set it once, in the variables of a group"
                )
            )

    def _differs(self, name: str, host: str, other: str) -> bool:
        """Whether two hosts have different values.

        Templates are filled in only if they are written differently.
        """
        first, second = self._raw[host].get(name), self._raw[other].get(name)
        if first is second or first == second:
            return False
        return bool(self._value(host, name) != self._value(other, name))

    def _value(self, host: str, name: str) -> Any:
        """The value of one variable; None if it is not set."""
        return self._filled_in(host, self._hostvars.raw_get(host), [name]).get(name)

    def _refuse_twice(self, name: str, hosts: Iterable[str]) -> None:
        """Refuse a variable of the play that the inventory sets for one of these hosts, too."""
        host = None if name in self._inventory else next(iter(hosts), None)
        if host is not None:
            raise AnsibleLookupError(
                visible(
                    f"{name} is set by the play or role, and by the inventory for {host}; "
                    "set it in one place"
                )
            )

    def _filled_in(
        self, host: str, raw: Mapping[str, Any], names: Collection[str]
    ) -> dict[str, Any]:
        """The values of variables, templates filled in for the host."""
        of_play = [name for name in names if name in self._of_play]
        for name in of_play:
            self._refuse_twice(name, [host] if name in raw else [])
        known = {**raw, **self._of_play} if of_play else raw
        templar = self._templar.copy_with_new_env(available_variables=known)
        return filled_in(templar, known, names)

    def warn(self, prefix: str, options: Iterable[str]) -> None:
        """Warn of variables that the hosts set, and that are close to one that was read."""
        read = [f"{prefix}{option}" for option in options]
        warn_of_misspelled(self._variables, self._templar, {prefix, EVERYWHERE}, self._set, read)

    def _is_of_play(self, name: str, value: Any) -> bool:
        """What the host of the lookup sees, and its inventory does not say, is of the play."""
        said = self._inventory.get(name, _MISSING)
        return value is not said and bool(value != said)


def read_sites(
    hosts: Iterable[str],
    values: Mapping[str, Mapping[str, Any]],
    prefix: str,
    options: Collection[str],
    defaults: Mapping[str, Any] | None = None,
) -> list[dict[str, Any]]:
    """One dictionary for each host: its ``name``, the defaults, and what its variables PREFIX +
    OPTION say.

    Of an empty variable the default counts. Only a name may be empty, beside a serial number: that
    entitlement goes by its serial number alone.

    :raises InvalidInput: with everything that is wrong, by host and variable.
    """
    read_prefixes[prefix] = read_prefixes.get(prefix, True) and "name" in options
    given = Given()
    sites = [_site(given, host, values[host], prefix, options, defaults or {}) for host in hosts]
    given.check()
    for warning in given.warnings():
        Display().warning(visible(warning))
    return sites


def _site(
    given: Given,
    host: str,
    values: Mapping[str, Any],
    prefix: str,
    options: Iterable[str],
    defaults: Mapping[str, Any],
) -> dict[str, Any]:
    """What the variables of one host say; ``given`` gets what is wrong with them."""
    variables = {option: f"{prefix}{option}" for option in options}
    said = {option: values[name] for option, name in variables.items() if name in values}
    site = {"name": str(host), **defaults}
    for option, value in said.items():
        entry, label = _entry(option, defaults.get(option)), _label(prefix, option, host)
        if not is_blank(value):
            site[option] = given.value(_base(option), value, entry, label, host)
        elif option == "name" and value is not None and _has_serial_number(said):
            site[option] = ""
        else:
            given.blank(option, entry, label, host)
    return site


def refuse_twice(sites: Iterable[Mapping[str, Any]], hosts: Iterable[str], prefix: str) -> None:
    """Refuse a name or serial number that several hosts of an account have.

    :raises InvalidInput: with the hosts.
    """
    with Problems() as problems:
        for option, written in (("name", spelled), ("serial_number", serial_number_spelled)):
            pairs = [
                (written(site[option]), host)
                for site, host in zip(sites, hosts, strict=True)
                if site.get(option)
            ]
            for text, same in grouped(pairs, itemgetter(0)).items():
                if len(same) > 1:
                    those = [host for _text, host in same]
                    problems.add(
                        f"{prefix}{option}: {len(those)} hosts have '{text}' "
                        f"({shortened(those)}); give each one of its own"
                    )


def _label(prefix: str, option: str, host: str) -> Callable[[str], str]:
    return lambda _option: f"{prefix}{option} of '{host}'"


def _base(option: str) -> str:
    """The option of an entitlement that an option of a site is like, such as
    ``switch_serial_numbers``.
    """
    return next((base for base in _SERIAL_NUMBERS if option.endswith(base)), option)


def _entry(option: str, default: Any) -> Mapping[str, Any]:
    """What values an option of a site can have."""
    if _base(option) in _SERIAL_NUMBERS:
        return _SERIAL_NUMBERS[_base(option)]
    return SITE.get(option) or {"type": "bool" if isinstance(default, bool) else "raw"}


def _has_serial_number(said: Mapping[str, Any]) -> bool:
    return any(
        not is_blank(value) for option, value in said.items() if _base(option) == "serial_number"
    )
