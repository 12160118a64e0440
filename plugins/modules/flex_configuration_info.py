#!/usr/bin/python
# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""List FortiFlex configurations."""

from __future__ import annotations

DOCUMENTATION = r"""
module: flex_configuration_info
short_description: List FortiFlex configurations
version_added: 0.1.0
description:
  - Lists the configurations of a program, DISABLED ones included, with one request for one account as for all of them.
extends_documentation_fragment:
  - flexops.fortiflex.connection
  - flexops.fortiflex.audit
  - flexops.fortiflex.attributes
  - flexops.fortiflex.attributes.reading
  - flexops.fortiflex.accounts
  - flexops.fortiflex.accounts.limit
options:
  name:
    description: Only the ones of this name.
    type: str
  id:
    description: Only the one of this number.
    type: int
  product:
    description: Only those of this product, by any of its names or by FortiFlex's number of it.
    type: str
  status:
    description: Only those of this status, V(ACTIVE) or V(DISABLED), in any case.
    type: str
seealso:
  - module: flexops.fortiflex.flex_configuration
  - module: flexops.fortiflex.flex_entitlement_info
author:
  - FlexOps maintainers (@flexops)
"""

EXAMPLES = r"""
- name: List all configurations for FortiGate virtual machines that can be used
  flexops.fortiflex.flex_configuration_info:
    product: fortigate_vm_bundle
    status: ACTIVE
  register: result

- name: List the configurations of all tenants
  flexops.fortiflex.flex_configuration_info:
    accounts: [all]

- name: Show their names
  ansible.builtin.debug:
    msg: "{{ result.configurations | map(attribute='name') }}"
"""

RETURN = r"""
configurations:
  description: The configurations, by account, name and id; an empty list if there is none.
  returned: success
  type: list
  elements: dict
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
# made by make docs: shape total
total:
  description: How many there are, whatever O(limit) is.
  returned: success
  type: int
  sample: 1
# end of shape total
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

from ..module_utils.core.selection import configurations, limited
from ..module_utils.optional import if_given
from ..module_utils.task.module import Work, run_module
from ..module_utils.task.options import CONFIGURATION_FILTERS, LIMIT
from ..module_utils.task.progress import ACCOUNTS_READ
from ..module_utils.task.results import Result
from ..module_utils.task.task import Task


def list_configurations(task: Task) -> Result:
    """The configurations that pass the filters."""
    task.connect()
    product = if_given(task.options["product"], task.catalogues.product)
    observed = [
        task.session.observe(False, *each)
        for each in task.progress.over(task.session.each_account(), ACCOUNTS_READ)
    ]
    found = [
        configuration
        for seen in observed
        for configuration in configurations(task.options, product, seen)
    ]
    return {
        "changed": False,
        **limited("configurations", map(task.shapes.configuration, found), task.options["limit"]),
    }


WORK = Work(
    list_configurations,
    CONFIGURATION_FILTERS,
    selectors=CONFIGURATION_FILTERS.keys() - LIMIT.keys(),
)


def main() -> None:
    """Entry point of the module."""
    run_module(WORK)


if __name__ == "__main__":
    main()
