# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts of a play, of which there must be at least one."""

from __future__ import annotations

DOCUMENTATION = r"""
name: flex_hosts
short_description: Name the hosts of a play, and fail if there are none
version_added: 1.0.0
description:
  - Returns the pattern that it is given, for the keyword C(hosts) of a play, and fails if that pattern and C(--limit) leave no host.
  - Ansible itself skips such a play and ends with status 0, so that nothing is done and nobody notices. Each playbook of this collection uses this lookup.
  - C(--syntax-check) and the listings of C(ansible-playbook), such as C(--list-hosts), do not fail.
options:
  _terms:
    description: Pattern of the hosts, as C(hosts) takes it.
    type: list
    elements: str
    required: true
  variable:
    description: Name of a variable that names other hosts, such as by C(-e target=PATTERN). A variable that is close to it is warned of.
    type: str
  allow_empty:
    description:
      - Whether there may be no host.
      - The variable must be one of the command line, or one of the play itself. Variables of hosts and groups are not known yet.
    type: raw
    default: false
    vars:
      - name: fortiflex_allow_empty
seealso:
  - plugin: ansible.builtin.inventory_hostnames
    plugin_type: lookup
author:
  - FlexOps maintainers (@flexops)
"""

EXAMPLES = r"""
- name: License the branch offices, and fail if there are none
  hosts: "{{ lookup('flexops.fortiflex.flex_hosts', 'branch_offices') }}"
  gather_facts: false
  roles:
    - flexops.fortiflex.branch_office
"""

RETURN = r"""
_raw:
  description: The pattern as it was given.
  type: list
  elements: str
  sample: [branch_offices]
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ansible import context
from ansible.errors import AnsibleLookupError
from ansible.inventory.manager import InventoryManager
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.lookup import LookupBase

from ..module_utils.escapes import visible
from ..plugin_utils.misspelled import OWN, Misspelled, own_names, warn_of_misspelled
from ..plugin_utils.sites import filled_in
from ..plugin_utils.variables import ALL_PREFIXES, is_close

_ALLOW = "fortiflex_allow_empty"
_LISTINGS = ("syntax", "listhosts", "listtasks", "listtags")


class LookupModule(LookupBase):
    """The lookup."""

    def run(self, terms: list[Any], variables: Any = None, **kwargs: Any) -> list[str]:
        """The pattern."""
        known = filled_in(self._templar, variables, [_ALLOW])
        self.set_options(var_options=known, direct=kwargs)
        warn_of_misspelled(variables, self._templar, ALL_PREFIXES, ())
        variable = self.get_option("variable")
        if variable in variables:
            terms = [self._templar.template(variables[variable])]
        elif variable:
            _warn_of_misspelled(variable, variables, self._templar)
        pattern = ",".join(_texts(terms))
        if not pattern:
            raise AnsibleLookupError(
                visible(
                    f"{variable or 'the pattern of the hosts'} is empty; name a group or a host"
                )
            )
        if not _is_true(self.get_option("allow_empty")) and not any(
            map(context.CLIARGS.get, _LISTINGS)
        ):
            self._check(pattern, variables)
        return [pattern]

    def _check(self, pattern: str, variables: Mapping[str, Any]) -> None:
        """Fail if there is no host.

        The inventory of the run itself is not at hand where Ansible asks for the hosts of its first
        play.
        """
        inventory = InventoryManager(self._loader, parse=False)
        for group, hosts in variables["groups"].items():
            inventory.add_group(group)
            for host in hosts:
                inventory.add_host(host, group=group)
        matching = inventory.get_hosts(pattern)
        limit = variables.get("ansible_limit")
        inventory.subset(limit)
        if inventory.get_hosts(pattern):
            return
        if matching:
            why = f"--limit '{limit}' leaves none of those that match"
        elif variables["groups"]["all"]:
            why = "the inventory has none that matches"
        else:
            why = "the inventory has no hosts"
        raise AnsibleLookupError(
            visible(
                f"there is no host for '{pattern}', since {why}; check -i, -e target and --limit, "
                f"or set {_ALLOW}=true if there is nothing to do then"
            )
        )


def _warn_of_misspelled(variable: str, variables: Mapping[str, Any], templar: Any) -> None:
    """Warn of a variable that somebody meant to name hosts with, since without it the run is about
    all of them.
    """
    own = own_names(templar.template(variables.get(OWN)))
    for name in variables:
        if is_close(name, variable) and name not in own:
            Misspelled(name, [variable], []).warn()


def _texts(terms: Iterable[Any]) -> list[str]:
    """The patterns, also of a list, without what is empty."""
    found = []
    for term in terms:
        if isinstance(term, (list, tuple)):
            found += _texts(term)
        elif term is not None and str(term).strip():
            found.append(str(term).strip())
    return found


def _is_true(value: Any) -> bool:
    """Whether a value says so; what is empty says nothing."""
    if value is None or not str(value).strip():
        return False
    try:
        return bool(boolean(value))
    except TypeError:
        raise AnsibleLookupError(
            visible(f"{_ALLOW}: '{value}' is neither true nor false; write one of them")
        ) from None
