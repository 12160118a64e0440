# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The next free license token."""

from __future__ import annotations

DOCUMENTATION = r"""
name: flex_next_token
short_description: The next free license token of a FortiFlex account
version_added: 1.0.0
description:
  - Returns the license token that FortiFlex would give out next. That reserves nothing, so two who ask get the same one.
  - With O(claim=true) and a O(name), the name gets an entitlement for good, as with M(flexops.fortiflex.flex_entitlement), and however often and from however
    many places it is asked for, it is the same one. It is a spare of the O(configuration), or an entitlement that has no description. Nothing new is created.
extends_documentation_fragment:
  - flexops.fortiflex.connection.plugins
  - flexops.fortiflex.connection
options:
  _terms:
    description: None; what is asked for is said by the options.
    type: list
    elements: str
  configuration:
    description: Configuration that the token shall be of, by name or number. Required with O(claim=true).
    type: str
  folder:
    description: Asset folder that it shall be in, such as C(My Assets/branches). Not with O(claim=true), since FortiFlex does not say what is in which folder.
    type: str
  statuses:
    description: Statuses that it may have, such as V(PENDING). Not with O(claim=true).
    type: list
    elements: str
  claim:
    description: Whether to give the entitlement to O(name). In check mode nothing is given, and a token that only a run can make is the text that
      P(flexops.fortiflex.flex_token#lookup) has in its place.
    type: bool
    default: false
  name:
    description: Name that gets the entitlement.
    type: str
  distinct_from:
    description: Other names that look like O(name) and are wanted, too, as in M(flexops.fortiflex.flex_entitlement).
    version_added: 1.1.0
    type: list
    elements: str
seealso:
  - plugin: flexops.fortiflex.flex_token
    plugin_type: lookup
  - module: flexops.fortiflex.flex_group_info
  - module: flexops.fortiflex.flex_entitlement
author:
  - FlexOps maintainers (@flexops)
"""

EXAMPLES = r"""
- name: Look which token is next
  ansible.builtin.set_fact:
    next_token: "{{ lookup('flexops.fortiflex.flex_next_token', folder='My Assets/branches', statuses=['PENDING']) }}"
  no_log: true

- name: Give each new site a token from the pool
  ansible.builtin.set_fact:
    token: "{{ lookup('flexops.fortiflex.flex_next_token', configuration='branch-small', claim=true, name=inventory_hostname) }}"
  no_log: true
"""

RETURN = r"""
_list:
  description: The token.
  type: list
  elements: str
  sample: [0A1B2C3D4E5F60718293]
"""

from typing import Any

from ..module_utils.core.reporter import Agreed, Reporter
from ..module_utils.core.run_report import RunReport
from ..module_utils.errors import FlexError, InvalidInput
from ..module_utils.task.pool import next_token
from ..module_utils.task.results import failure_of
from ..module_utils.task.task import Task
from ..plugin_utils.lookups import FlexLookup


class LookupModule(FlexLookup):
    """The lookup."""

    selectors = ("configuration", "folder", "statuses")

    def run(self, terms: list[Any], variables: Any = None, **kwargs: Any) -> list[str]:
        """One token."""
        task = self.task(terms, variables, kwargs)
        return [self.told(lambda: claimed(task) if task.options["claim"] else next_of(task))]


def next_of(task: Task) -> str:
    """The token that FortiFlex names next.

    :raises InvalidInput: if it names none.
    """
    options, service = task.options, task.connect()
    if options["name"] is not None:
        raise InvalidInput(
            [
                "flex_next_token: a name is given, and claim is not true; set claim=true, so that the name gets the token"
            ]
        )
    statuses = options["statuses"] and [status.upper() for status in options["statuses"]]
    number = None
    if options["configuration"] is not None:
        number = task.session.configuration(options["configuration"]).id
    found = next_token(task, service, options["folder"], number, statuses)
    if found is not None and found.token:
        return found.token
    raise InvalidInput(
        [
            f"FortiFlex names no free license token in program {service.serial_number}; create entitlements, or ask for others"
        ]
    )


def claimed(task: Task) -> str:
    """The token of the entitlement that the name has, or gets now.

    :raises FlexError: if it gets none.
    """
    options = task.options
    problems = [
        f"flex_next_token: claim=true needs {key}; give it"
        for key in ("name", "configuration")
        if not options[key]
    ]
    problems += [
        f"flex_next_token: claim=true goes without {key}; leave it out"
        for key in ("folder", "statuses")
        if options[key]
    ]
    if problems:
        raise InvalidInput(problems)
    wish = {
        "name": options["name"],
        "configuration": options["configuration"],
        "distinct_from": options["distinct_from"],
        "reuse": "any",
        "create": False,
    }

    report = task.ensure({"entitlements": [wish]}, _Usable(options["name"]))
    failed = failure_of(report)
    if failed:
        raise FlexError(failed["msg"])
    holder = report.entitlement(report.goal.entitlements[0], report.last)
    return (holder.token if holder else None) or ""


class _Usable(Reporter):
    """Refuses a plan whose license has no token to give."""

    def __init__(self, name: str) -> None:
        self._name = name

    def plan(self, predicted: RunReport, agreed: Agreed) -> None:
        """Refuse what is suspended, and what is no virtual machine."""
        if predicted.suspended:
            raise InvalidInput(
                [
                    f"'{self._name}' is suspended; run the playbook resume_tenant for its account first"
                ]
            )
        holder = predicted.entitlement(predicted.goal.entitlements[0], predicted.last)
        if holder is not None and holder.token_status is None:
            raise InvalidInput(
                [
                    f"'{self._name}' ({holder.serial_number}) is no virtual machine and has no license token; name another configuration"
                ]
            )
