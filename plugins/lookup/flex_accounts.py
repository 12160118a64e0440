# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts of a play by account, for one call of flex_fleet for each."""

from __future__ import annotations

DOCUMENTATION = r"""
name: flex_accounts
short_description: Gather the hosts of a play by account for calls of flex_fleet
version_added: 1.0.0
description:
  - Makes one dictionary for each account that the hosts of the play name by their variables C(fortiflex_account_id) and C(fortiflex_program), with the
    entitlements of its hosts, for the option O(flexops.fortiflex.flex_fleet#module:fleets).
  - Variables of hosts are seen as by P(flexops.fortiflex.flex_sites#lookup).
options:
  _terms:
    description: Prefix of the variables, such as V(site_).
    type: list
    elements: str
    required: true
  options:
    description: Options of an entitlement to read from each host. V(tags) is the variable PREFIX + C(tags).
    type: list
    elements: str
    required: true
  shared:
    description: Options of an account as a whole, such as V(configurations), which must be the same for all its hosts.
    type: list
    elements: str
    default: []
  account_aliases:
    description: Names of accounts and their numbers, so that hosts that name one account in several ways come together.
    type: raw
    env:
      - name: FORTIFLEX_ACCOUNT_ALIASES
    vars:
      - name: fortiflex_account_aliases
  account_id:
    description: Account of the hosts that name none.
    type: str
    env:
      - name: FORTIFLEX_ACCOUNT_ID
seealso:
  - module: flexops.fortiflex.flex_fleet
  - plugin: flexops.fortiflex.flex_sites
    plugin_type: lookup
author:
  - FlexOps maintainers (@flexops)
"""

EXAMPLES = r"""
- name: License every host of the play in its account
  flexops.fortiflex.flex_fleet:
    fleets: "{{ query('flexops.fortiflex.flex_accounts', 'site_', options=['configuration', 'tags'], shared=['configurations']) }}"
  run_once: true
"""

RETURN = r"""
_list:
  description: For each account its C(program) and its number in C(account_id), null where nothing names one; what is set of O(shared); C(hosts), the
    names of its hosts; and C(entitlements), one dictionary for each of these. In the order of the hosts.
  type: list
  elements: dict
  sample: [{program: null, account_id: 2000001, hosts: [oslo], entitlements: [{name: oslo, configuration: branch-small}]}]
"""

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from ..module_utils.core.accounts import Accounts
from ..module_utils.core.spelling import serial_number_spelled
from ..module_utils.escapes import visible
from ..module_utils.given import Given, is_blank
from ..module_utils.task.options import FLEET
from ..plugin_utils.sites import (
    ACCOUNT,
    PROGRAM,
    WHOLE,
    Hosts,
    account_number,
    accounts_of,
    filled_in,
    read_sites,
    refuse_twice,
    refusing_as,
)

_ALIASES = "fortiflex_account_aliases"

_Place = tuple[str | None, int | None]
"""A program and an account; None where nothing names one."""


class LookupModule(LookupBase):
    """The lookup."""

    def run(self, terms: list[str], variables: Any = None, **kwargs: Any) -> list[dict[str, Any]]:
        """One dictionary for each account."""
        known = filled_in(self._templar, variables, [_ALIASES])
        self.set_options(var_options=known, direct=kwargs)
        if len(terms) != 1:
            raise AnsibleLookupError(
                "flex_accounts: give one prefix of variables, as in "
                "query('flexops.fortiflex.flex_accounts', 'site_', options=['tags'])"
            )
        with refusing_as(AnsibleLookupError, "flex_accounts: "):
            return self._accounts(Hosts(self._templar, variables), terms[0])

    def _accounts(self, hosts: Hosts, prefix: str) -> list[dict[str, Any]]:
        """One dictionary for each account.

        :raises InvalidInput: with everything that is wrong with the variables.
        """
        options, shared = self.get_option("options"), self.get_option("shared")
        accounts = accounts_of(self.get_option("account_aliases"))
        usual = account_number(accounts, self.get_option("account_id"), "account_id")
        whole = {f"{prefix}{option}": option for option in shared}
        wanted = [f"{prefix}{option}" for option in options] + [ACCOUNT, PROGRAM]
        values = hosts.seen(hosts.names, wanted, [*WHOLE, *whole])
        hosts.warn(prefix, options + shared)
        hosts.check_alike(hosts.names, WHOLE)
        places = _places(values, accounts, usual)
        found = []
        for (program, account_id), members in places.items():
            sites = read_sites(members, values, prefix, options)
            refuse_twice(sites, members, prefix)
            place = {"program": program, "account_id": account_id}
            account = self._shared(hosts.shared(members, whole), whole, prefix)
            found.append({**place, **account, "hosts": members, "entitlements": sites})
        if any("prune" in account for account in found):
            _check_whole(places)
        return found

    @staticmethod
    def _shared(values: Mapping[str, Any], whole: Mapping[str, str], prefix: str) -> dict[str, Any]:
        """What is set for an account as a whole, by option of flex_fleet."""
        given = Given()
        said = {whole[variable]: value for variable, value in values.items()}
        read = given.options(said, FLEET, lambda option: f"{prefix}{option}")
        given.check()
        return {option: value for option, value in read.items() if not is_blank(value)}


def _places(
    values: Mapping[str, dict[str, Any]], accounts: Accounts, usual: int | None
) -> dict[_Place, list[str]]:
    """The hosts by program and account, which are taken out of ``values``: no entitlement has them.

    ``usual``: the account of the hosts that name none.
    """
    places: dict[_Place, list[str]] = {}
    for host, seen in values.items():
        program, account = seen.pop(PROGRAM, None), seen.pop(ACCOUNT, None)
        home = None if is_blank(program) else serial_number_spelled(str(program))
        number = account_number(accounts, account, f"{ACCOUNT} of {host}")
        places.setdefault((home, usual if number is None else number), []).append(host)
    return places


def _check_whole(places: Mapping[_Place, list[str]]) -> None:
    """Refuse hosts that name no program or account, where others do.

    :raises AnsibleLookupError: if there are any.
    """
    for part, word in enumerate((PROGRAM, ACCOUNT)):
        bare = [members[0] for place, members in places.items() if place[part] is None]
        if 0 < len(bare) < len(places):
            raise AnsibleLookupError(
                visible(
                    f"flex_accounts: {bare[0]} has no {word}, and others have; "
                    "set it for all, so that prune knows what is whose"
                )
            )
