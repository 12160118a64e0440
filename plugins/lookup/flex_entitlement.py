# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entitlements by name or serial number."""

from __future__ import annotations

DOCUMENTATION = r"""
name: flex_entitlement
short_description: FortiFlex entitlements by name or serial number
version_added: 1.0.0
description:
  - Returns entitlements as M(flexops.fortiflex.flex_entitlement) does, without changing anything.
  - In check mode, entitlements are as the earlier tasks would leave them; a new one has no serial number yet. A name that no earlier task would license
    fails, as it would in a run.
extends_documentation_fragment:
  - flexops.fortiflex.connection.plugins
  - flexops.fortiflex.connection
  - flexops.fortiflex.connection.lookups
options:
  _terms:
    description: Names or serial numbers of entitlements. Without any, all of the account are returned.
    type: list
    elements: str
  return_token:
    description: Return the license tokens, too. Set C(no_log) on tasks that would show them.
    type: bool
    default: false
seealso:
  - plugin: flexops.fortiflex.flex_token
    plugin_type: lookup
  - module: flexops.fortiflex.flex_entitlement_info
author:
  - FlexOps maintainers (@flexops)
"""

EXAMPLES = r"""
- name: See that each site has a license that can be used
  ansible.builtin.assert:
    that: lookup('flexops.fortiflex.flex_entitlement', inventory_hostname).status in ['PENDING', 'ACTIVE']

- name: Show the serial number of every entitlement of an account
  ansible.builtin.debug:
    msg: "{{ query('flexops.fortiflex.flex_entitlement', account_id=2000002) | map(attribute='serial_number') }}"
"""

RETURN = r"""
_list:
  description: The entitlements, in the order of the terms; without any, by name and then by serial number.
  type: list
  elements: dict
  sample: [{serial_number: FGVMMLTM26000001, name: branch-0001, status: PENDING}]
"""

from typing import Any

from ..plugin_utils.lookups import FlexLookup, entitlements


class LookupModule(FlexLookup):
    """The lookup."""

    def run(self, terms: list[Any], variables: Any = None, **kwargs: Any) -> list[dict[str, Any]]:
        """One entitlement for each term, or all of them."""
        task = self.task(terms, variables, kwargs)
        found = self.told(lambda: entitlements(task, terms))
        hidden = () if task.options["return_token"] else ("token",)
        return [{key: value for key, value in item.items() if key not in hidden} for item in found]
