#!/usr/bin/python
# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Say what FortiFlex charges for a configuration."""

from __future__ import annotations

DOCUMENTATION = r"""
module: flex_cost_info
short_description: Get the price of a FortiFlex configuration
version_added: 1.0.0
description:
  - Asks FortiFlex's calculator what entitlements of a product and its parameters, of an existing configuration, or of a whole fleet cost, and what the
    difference to something else is. One request for each size, and one for existing configurations. Nothing is created.
  - The program decides the price list.
  - A day is charged for each entitlement that is ACTIVE at any moment of it (Pacific time), at the largest size that it had.
extends_documentation_fragment:
  - flexops.fortiflex.connection
  - flexops.fortiflex.audit
  - flexops.fortiflex.attributes
  - flexops.fortiflex.attributes.reading
options:
  product:
    description:
      - Price of this product. Any of its names, or FortiFlex's number of it. One of O(product), O(configuration) and O(fleet) is required.
    type: str
  parameters:
    description:
      - Its parameters, as O(flexops.fortiflex.flex_configuration#module:parameters) takes them. What is left out counts with its default.
      - FortiEDR is charged by endpoints, which FortiFlex counts by itself; here C(endpoints) says how many to expect.
      - With O(configuration), the price if these of its parameters had these values.
    type: dict
  configuration:
    description: Price of an existing configuration, by its name or number.
    type: str
  fleet:
    description:
      - Price of everything that will run by this file, in YAML or JSON, with C(configurations), C(entitlements) and, if need be, C(profiles) as
        M(flexops.fortiflex.flex_fleet) takes them. It may name existing configurations, too.
      - Spares, and entitlements that will be stopped or absent, cost nothing.
    type: path
  count:
    description: How many entitlements of it. Ignored with O(fleet).
    type: int
    default: 1
  compare_to:
    description: What to compare with; has the same options. RV(difference) says how much more O(product), O(configuration) or O(fleet) costs than this.
    type: dict
    suboptions:
      product:
        description: As O(product).
        type: str
      parameters:
        description: As O(parameters).
        type: dict
      configuration:
        description: As O(configuration).
        type: str
      fleet:
        description: As O(fleet).
        type: path
      count:
        description: As O(count).
        type: int
        default: 1
seealso:
  - module: flexops.fortiflex.flex_configuration
  - module: flexops.fortiflex.flex_product_info
author:
  - FlexOps maintainers (@flexops)
"""

EXAMPLES = r"""
- name: What do 200 small branch offices cost?
  flexops.fortiflex.flex_cost_info:
    product: fortigate_vm_bundle
    parameters:
      cpus: 2
      service_package: UTP
    count: 200
  register: result

- name: Show it
  ansible.builtin.debug:
    msg: "{{ result.cost.points_per_day }} points a day, {{ result.cost.points_per_year }} a year"

- name: How much more is Enterprise with 4 CPUs?
  flexops.fortiflex.flex_cost_info:
    product: fortigate_vm_bundle
    parameters: {cpus: 4, service_package: ENT}
    compare_to:
      product: fortigate_vm_bundle
      parameters: {cpus: 2, service_package: UTP}

- name: What would the fleet of that file cost?
  flexops.fortiflex.flex_cost_info:
    fleet: fleet.yml

- name: What would one of them cost with 4 CPUs?
  flexops.fortiflex.flex_cost_info:
    configuration: branch-small
    parameters:
      cpus: 4
"""

RETURN = r"""
cost:
  description: What all of them cost together while they are ACTIVE, at today's prices. PENDING and STOPPED ones cost nothing.
  returned: success
  type: dict
  contains:
    points_per_day:
      description: Points for one day.
      type: float
      sample: 6.39
    points_per_30_days:
      description: Points for 30 days.
      type: float
      sample: 191.7
    points_per_year:
      description: Points for 365 days.
      type: float
      sample: 2332.35
    latest:
      description: Points for one day from RV(cost.latest_effective_date) on; null if FortiFlex has announced no other price.
      type: float
      sample: null
    latest_effective_date:
      description: Day (Pacific time) on which the announced price begins; null if there is none.
      type: str
      sample: null
parts:
  description: What was priced, each size by itself.
  returned: success
  type: list
  elements: dict
  contains:
    configuration:
      description: The configuration; null for a product with parameters.
      type: str
      sample: branch-small
    product:
      description: Name of the product.
      type: str
      sample: fortigate_vm_bundle
    parameters:
      description: All parameters that were priced, by name.
      type: dict
      sample: {cpus: 2, service_package: UTP, vdoms: 0, fortiguard_services: [], cloud_services: [], support_service: NONE}
    count:
      description: How many entitlements.
      type: int
      sample: 76
    points_per_day:
      description: What they cost together.
      type: float
      sample: 198.36
difference:
  description: How much more that is than O(compare_to); less than 0 if it is less. Null without.
  returned: success
  type: dict
  contains:
    points_per_day:
      description: Points for one day.
      type: float
      sample: 6.52
    points_per_30_days:
      description: Points for 30 days.
      type: float
      sample: 195.6
    points_per_year:
      description: Points for 365 days.
      type: float
      sample: 2379.8
    text:
      description: The same in words.
      type: str
      sample: 6.39 -> 12.91 points a day (+6.52)
product:
  description: Name of the product; null for a fleet.
  returned: success
  type: str
  sample: fortigate_vm_bundle
parameters:
  description: All parameters that were priced, by name; null for a fleet.
  returned: success
  type: dict
  sample: {cpus: 2, service_package: ENT, vdoms: 0, fortiguard_services: [], cloud_services: [], support_service: NONE}
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
from ..module_utils.task.options import COST, ONE_PRICED
from ..module_utils.task.pricing import cost

WORK = Work(cost, COST, **ONE_PRICED)


def main() -> None:
    """Entry point of the module."""
    run_module(WORK)


if __name__ == "__main__":
    main()
