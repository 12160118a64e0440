# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""License tokens by name or serial number."""

from __future__ import annotations

DOCUMENTATION = r"""
name: flex_token
short_description: License tokens of FortiFlex entitlements
version_added: 1.0.0
description:
  - Returns the license tokens of virtual machines, whether they are used or not, so that a template that holds one stays as it is. The lookup
    P(flexops.fortiflex.flex_entitlement#lookup) says whether a token is used; M(flexops.fortiflex.flex_entitlement) makes a new one.
  - In check mode, a token that only a run can make is the text V((license token, known after the run\)), for the name that an earlier task would license,
    for example. The filter P(flexops.fortiflex.flex_bootstrap#filter) takes it in check mode, and only there. A name that no earlier task would
    license fails, as it would in a run.
  - Anyone who has a token can use it. Set C(no_log) on tasks that would show it.
extends_documentation_fragment:
  - flexops.fortiflex.connection.plugins
  - flexops.fortiflex.connection
  - flexops.fortiflex.connection.lookups
options:
  _terms:
    description: Names or serial numbers of entitlements.
    type: list
    elements: str
    required: true
seealso:
  - plugin: flexops.fortiflex.flex_entitlement
    plugin_type: lookup
  - module: flexops.fortiflex.flex_entitlement
author:
  - FlexOps maintainers (@flexops)
"""

EXAMPLES = r"""
- name: Write the user data with which each site licenses itself at its first boot
  ansible.builtin.copy:
    content: "{{ lookup('flexops.fortiflex.flex_token', inventory_hostname) | flexops.fortiflex.flex_bootstrap }}"
    dest: "/var/lib/images/{{ inventory_hostname }}.txt"
    mode: "0600"
  no_log: true
  delegate_to: localhost
"""

RETURN = r"""
_list:
  description: The tokens, in the order of the terms.
  type: list
  elements: str
  sample: [0A1B2C3D4E5F60718293]
"""

from typing import Any

from ..module_utils.errors import InvalidInput, Problems
from ..module_utils.task.task import Task
from ..plugin_utils.lookups import FlexLookup, entitlements


class LookupModule(FlexLookup):
    """The lookup."""

    def run(self, terms: list[Any], variables: Any = None, **kwargs: Any) -> list[str]:
        """One token for each term."""
        task = self.task(terms, variables, kwargs)
        return self.told(lambda: tokens(task, terms))


def tokens(task: Task, terms: list[Any]) -> list[str]:
    """One token for each term.

    :raises InvalidInput: if there is none for some of them.
    """
    if not terms:
        raise InvalidInput(["flex_token: no name and no serial number is given; give one"])
    found = entitlements(task, terms)
    Problems(
        f"'{term}' ({item['serial_number'] or 'predicted'}) is no virtual machine "
        "and has no license token; leave it out"
        for term, item in zip(terms, found, strict=True)
        if not item["token"]
    ).refuse()
    return [item["token"] for item in found]
