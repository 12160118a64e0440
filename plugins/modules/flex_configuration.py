#!/usr/bin/python
# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ensure one FortiFlex configuration."""

from __future__ import annotations

DOCUMENTATION = r"""
module: flex_configuration
short_description: Ensure a FortiFlex configuration
version_added: 0.1.0
description:
  - Makes sure that one configuration, the template of product and parameters that entitlements stand on, is as described.
  - A configuration costs nothing by itself. A change of it takes effect on, and changes the price of, every entitlement that stands on it.
  - Nothing in FortiFlex can be deleted. A configuration that is not wanted any more is disabled with O(state=disabled).
extends_documentation_fragment:
  - flexops.fortiflex.connection
  - flexops.fortiflex.audit
  - flexops.fortiflex.attributes
  - flexops.fortiflex.attributes.changing
options:
  # made by make docs: shape configuration_options
  name:
    description:
      - Name of the configuration, by which it is found in the program and account. One of O(name)
        and O(id) is required.
      - Together with O(id), the name that the configuration must have.
      - If several ACTIVE configurations have this name, the one with the lowest id stands. The
        others are disabled if no entitlement stands on them; if entitlements stand on several, the
        task fails and names their ids.
    type: str
  id:
    description: Number that FortiFlex gave to the configuration. It must exist.
    type: int
  product:
    description:
      - What is licensed, such as V(fortigate_vm_bundle). The official label, the names that the
        official Ansible collection and the Terraform provider use, and FortiFlex's number of the
        product are accepted too.
      - Required for a configuration that does not exist yet. The product of a configuration can
        never change.
    type: str
  parameters:
    description:
      - The parameters of the product by name, such as C(cpus) or C(service_package), or by
        FortiFlex's number. Codes and labels are accepted in any case.
      - Only what is given here is managed; every other parameter keeps its value, or gets its
        default in a new configuration.
      - A parameter that the vendor allows to grow only cannot be lowered; the task fails with both
        values before anything is sent.
    type: dict
  state:
    description:
      - What the configuration must be.
      - V(active), the configuration exists and can be used.
      - V(present), it exists; whether it is disabled does not matter.
      - V(disabled), it cannot be used. FortiFlex says that this affects all entitlements of it, so
        stop or move them first. Nothing is created for this state.
    type: str
    choices: [present, active, disabled]
    default: active
  max_affected:
    description: Refuse a change that would touch more entitlements than this. EXPIRED ones do not
      count. Without it, there is no limit.
    type: int
  # end of shape configuration_options
  allow_outside_limit:
    description:
      - Whether a change of the parameters or of the state may touch entitlements. A new name touches none. Spares, claims and EXPIRED entitlements do not
        count.
      - Without it, it may, but not in a play that is limited (C(--limit), or a slice of AWX), because this task has no list that says which entitlements
        are meant. The task then fails and names those that the change would touch.
      - In a limited play only the extra variable C(fortiflex_allow_outside_limit=true) on the command line allows it, whatever this option says.
    version_added: 1.0.0
    type: bool
seealso:
  - module: flexops.fortiflex.flex_configuration_info
  - module: flexops.fortiflex.flex_entitlement
  - module: flexops.fortiflex.flex_fleet
author:
  - FlexOps maintainers (@flexops)
"""

EXAMPLES = r"""
- name: Have a configuration for small branch offices
  flexops.fortiflex.flex_configuration:
    name: branch-small
    product: fortigate_vm_bundle
    parameters:
      cpus: 2
      service_package: UTP

- name: Give it more CPUs, unless that would touch more than 50 entitlements
  flexops.fortiflex.flex_configuration:
    name: branch-small
    parameters:
      cpus: 4
    max_affected: 50

- name: Rename a configuration by its id
  flexops.fortiflex.flex_configuration:
    id: 4711
    name: branch-standard

- name: Make sure that an old configuration cannot be used any more
  flexops.fortiflex.flex_configuration:
    name: branch-old
    state: disabled
"""

RETURN = r"""
configuration:
  description: The configuration as it is now, or as it would be in check mode; null if there is none.
  returned: success
  type: dict
  contains:
    # made by make docs: shape configuration
    id:
      description: Number that FortiFlex gave to it; null while it is only predicted by check mode.
      type: int
      sample: 4711
    name:
      description: Its name.
      type: str
      sample: branch-small
    product:
      description: Name of its product.
      type: str
      sample: fortigate_vm_bundle
    product_id:
      description: FortiFlex's number of the product.
      type: int
      sample: 1
    parameters:
      description: All parameters by name, with whole numbers as numbers, codes as text and several
        codes as list.
      type: dict
      sample: {cpus: 2, service_package: UTP, vdoms: 0, fortiguard_services: [], cloud_services: [], support_service: NONE}
    status:
      description: V(ACTIVE) or V(DISABLED).
      type: str
      sample: ACTIVE
    account_id:
      description: FortiCloud account that it belongs to.
      type: int
      sample: 1200001
    program:
      description: Serial number of the program.
      type: str
      sample: ELAVMS0000000900
    # end of shape configuration
changes:
  description: What is, or in check mode would be, changed, and what that touches, as one line; an empty list if nothing is.
  returned: success
  type: list
  elements: str
  sample: ["cpus 2 -> 4, which touches 44 entitlements (41 ACTIVE, 3 PENDING)"]
affected:
  description: How many entitlements stood on the configuration when the task began, by status; a change touches all of them. EXPIRED ones are left out.
  returned: success
  type: dict
  sample: {ACTIVE: 41, PENDING: 3}
# made by make docs: shape task
requests:
  description: What the task cost.
  returned: always
  type: dict
  contains:
    made:
      description: Requests sent to FortiFlex, the login among them.
      type: int
      sample: 3
    waited_seconds:
      description: Seconds spent waiting for the request limit.
      type: float
      sample: 0.0
error_code:
  description: Stable name of what went wrong, for playbooks.
  returned: failure
  type: str
  sample: invalid_input
details:
  description: Where known, the C(endpoint), C(http_status), C(api_status) and C(api_message) of
    what went wrong.
  returned: failure
  type: dict
  sample: {http_status: 401, api_message: The user has no permission}
# end of shape task
"""

from ..module_utils.task.module import Work, run_module
from ..module_utils.task.options import CONFIGURATION, OUTSIDE
from ..module_utils.task.results import Result, failure_of, single_diff_of
from ..module_utils.task.task import Task


def ensure_configuration(task: Task) -> Result:
    """One configuration, as the options say."""
    outside = task.options["allow_outside_limit"]
    report = task.ensure({"configurations": [task.options], "allow_outside_limit": outside})
    configuration = report.configuration(report.goal.configurations[0], report.last)
    return {
        "changed": report.changed,
        "configuration": task.shapes.configuration(configuration),
        "affected": report.first.touched(configuration.id) if configuration else {},
        "changes": [change.text for change in report.changes],
        "diff": single_diff_of(report),
        **failure_of(report),
    }


WORK = Work(ensure_configuration, {**CONFIGURATION, **OUTSIDE}, required_one_of=[["name", "id"]])


def main() -> None:
    """Entry point of the module."""
    run_module(WORK)


if __name__ == "__main__":
    main()
