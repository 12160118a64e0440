# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts of a play as sites, each as it would see the variables itself."""

from __future__ import annotations

DOCUMENTATION = r"""
name: flex_sites
short_description: Gather the hosts of a play for one call of flex_fleet
version_added: 1.0.0
description:
  - Makes one dictionary of each host of the play from its variables, so that one task with C(run_once) licenses all of them, whatever C(forks)
    and C(serial) are.
  - Variables of a play or role count, too, and go before those of an inventory, as always. A template in them, such as C({{ inventory_hostname }}), is
    filled in for each host by itself.
  - One that is set by a play or role, and for some hosts by the inventory, is refused where it cannot be known which of them counts, as with the defaults of a
    role. Set it in one place, or give the default as O(defaults).
  - Hosts with different C(fortiflex_account_id) or C(fortiflex_program) are refused, since one task licenses in one account;
    P(flexops.fortiflex.flex_accounts#lookup) sorts them.
options:
  _terms:
    description: Prefix of the variables, such as V(site_).
    type: list
    elements: str
    required: true
  options:
    description: Options to read from each host, which are the keys of the result, too. V(tags) is the variable PREFIX + C(tags).
    type: list
    elements: str
    required: true
  shared:
    description: Options that hold for all hosts, and so must be the same for each of them. They are not part of the result.
    type: list
    elements: str
    default: []
  defaults:
    description: Values of a site whose variable is not set, or is empty. Where a default is true or false, the variable can also be text, such as C(no).
    type: dict
    default: {}
seealso:
  - module: flexops.fortiflex.flex_fleet
author:
  - FlexOps maintainers (@flexops)
"""

EXAMPLES = r"""
- name: License every host of the play with the configuration that its variable site_configuration names
  flexops.fortiflex.flex_fleet:
    entitlements: "{{ query('flexops.fortiflex.flex_sites', 'site_', options=['configuration', 'tags']) }}"
  run_once: true
"""

RETURN = r"""
_list:
  description: One dictionary for each host, with its C(name), which the variable PREFIX + C(name) changes, and the options that are set.
  type: list
  elements: dict
  sample: [{name: oslo, configuration: branch-small}]
"""

from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from ..module_utils.escapes import visible
from ..module_utils.given import is_blank
from ..plugin_utils.sites import (
    ACCOUNT,
    PROGRAM,
    WHOLE,
    Hosts,
    read_sites,
    refuse_twice,
    refusing_as,
)


class LookupModule(LookupBase):
    """The lookup."""

    def run(self, terms: list[str], variables: Any = None, **kwargs: Any) -> list[dict[str, Any]]:
        """One dictionary for each host of the play."""
        self.set_options(var_options=variables, direct=kwargs)
        if len(terms) != 1:
            raise AnsibleLookupError(
                "flex_sites: give one prefix of variables, as in "
                "query('flexops.fortiflex.flex_sites', 'site_', options=['tags'])"
            )
        options, hosts = self.get_option("options"), Hosts(self._templar, variables)
        shared = [*WHOLE, *(f"{terms[0]}{option}" for option in self.get_option("shared"))]
        wanted = [f"{terms[0]}{option}" for option in options] + [ACCOUNT, PROGRAM]
        values = hosts.seen(hosts.names, wanted, shared)
        hosts.warn(terms[0], options)
        hosts.check_alike(hosts.names, shared)
        for variable in (ACCOUNT, PROGRAM):
            said = {_plain(seen.pop(variable, None)): host for host, seen in values.items()}
            if len(said) > 1:  # also where they only are written differently
                shown = " and ".join(f"{host} ({value})" for value, host in list(said.items())[:2])
                raise AnsibleLookupError(
                    visible(
                        f"flex_sites: {shown} have different {variable}; run the play for the "
                        "hosts of one account at a time"
                    )
                )
        with refusing_as(AnsibleLookupError, "flex_sites: "):
            sites = read_sites(hosts.names, values, terms[0], options, self.get_option("defaults"))
            refuse_twice(sites, hosts.names, terms[0])
        return sites


def _plain(value: Any) -> str:
    return "none" if is_blank(value) else str(value)
