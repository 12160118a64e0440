# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables of a play that are close to one that a playbook or role of the collection reads."""

from __future__ import annotations

DOCUMENTATION = r"""
name: flex_misspelled
short_description: List variables that are probably misspelled
version_added: 1.0.0
description:
  - Lists variables of the play and of its hosts that this collection does not read, and that are close to one that it does. Ansible ignores such a variable.
  - Modules, lookups, roles and playbooks of the collection warn of them by themselves, once in a run. Use this lookup to fail instead.
  - A name is close if each of its words is one of a known name with a slip of the keyboard (a letter that is missing, added, wrong, or in the place of its
    neighbor; two slips in a word of eight letters or more), or cut short. Case and underscores do not count, nor does a last word such as C(id) or C(number)
    that is missing.
options:
  _terms:
    description: Names of the roles and playbooks of this collection whose variables to look at. Those that begin with C(fortiflex_) always count.
    type: list
    elements: str
    default: []
notes:
  - The variable C(fortiflex_own_variables) is a list of names that are yours. They are never listed, and nothing warns of them.
seealso:
  - plugin: flexops.fortiflex.flex_hosts
    plugin_type: lookup
author:
  - FlexOps maintainers (@flexops)
"""

EXAMPLES = r"""
- name: Stop if a variable is misspelled
  ansible.builtin.assert:
    that: query('flexops.fortiflex.flex_misspelled', 'branch_office') | length == 0
  run_once: true
"""

RETURN = r"""
_list:
  description: One dictionary for each variable, with its C(name), the known ones that are C(closest) to it, and the C(hosts) that set it in the inventory;
    no hosts where a play, a role or the command line sets it.
  type: list
  elements: dict
  sample: [{name: fortiflex_sate, closest: [fortiflex_state], hosts: [branch-oslo]}]
"""

from dataclasses import asdict
from typing import Any

from ansible.plugins.lookup import LookupBase

from ..plugin_utils.misspelled import misspelled, of_all_hosts
from ..plugin_utils.variables import Speller, prefixes_of


class LookupModule(LookupBase):
    """The lookup."""

    def run(self, terms: list[str], variables: Any = None, **kwargs: Any) -> list[dict[str, Any]]:
        """One dictionary for each variable."""
        self.set_options(var_options=variables, direct=kwargs)
        prefixes = sorted(frozenset().union(*map(prefixes_of, [*terms, ""])))
        hosts = of_all_hosts(variables)
        found = misspelled(variables, self._templar, Speller(prefixes), hosts)
        for item in found:
            item.warn()
        return [asdict(item) for item in found]
