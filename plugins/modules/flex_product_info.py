#!/usr/bin/python
# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""List the products of FortiFlex and their parameters."""

from __future__ import annotations

DOCUMENTATION = r"""
module: flex_product_info
short_description: List FortiFlex products and their parameters
version_added: 1.0.0
description:
  - Lists what O(flexops.fortiflex.flex_configuration#module:product) and O(flexops.fortiflex.flex_configuration#module:parameters) take, from the
    catalogue that is shipped with the collection. No account is needed, and nothing is sent.
  - With O(catalogue=live), FortiFlex is asked what it sells at present. With O(catalogue=auto), it is asked only for a product that the shipped
    catalogue lacks, if user name and password are set. O(program) is never needed.
extends_documentation_fragment:
  - flexops.fortiflex.connection
  - flexops.fortiflex.audit
  - flexops.fortiflex.attributes
  - flexops.fortiflex.attributes.reading
  - flexops.fortiflex.accounts.limit
options:
  name:
    description:
      - Only the product of this name. The official label, the names that the official Ansible collection and the Terraform provider use, and
        FortiFlex's number are accepted too, in any case.
    type: str
  kind:
    description: Only products of this kind, which says how entitlements of them are created.
    type: str
    choices: [vm, hardware, cloud]
seealso:
  - module: flexops.fortiflex.flex_configuration
author:
  - FlexOps maintainers (@flexops)
"""

EXAMPLES = r"""
- name: What can be set for a FortiGate virtual machine?
  flexops.fortiflex.flex_product_info:
    name: fortigate_vm_bundle
  register: result

- name: Show the smallest one
  ansible.builtin.debug:
    var: result.products[0].minimum_parameters

- name: List the cloud services that FortiFlex sells today
  flexops.fortiflex.flex_product_info:
    kind: cloud
    catalogue: live
  register: clouds

- name: Show their names
  ansible.builtin.debug:
    msg: "{{ clouds.products | map(attribute='product') }}"
"""

RETURN = r"""
products:
  description: The products, in the order of the catalogue; an empty list if there is none.
  returned: success
  type: list
  elements: dict
  contains:
    product:
      description: Name of the product, as O(flexops.fortiflex.flex_configuration#module:product) takes it.
      type: str
      sample: fortigate_vm_bundle
    product_id:
      description: FortiFlex's number of the product; null where it is not published, so that nothing can be created of it by name.
      type: int
      sample: 1
    label:
      description: Its official name.
      type: str
      sample: FortiGate Virtual Machine - Service Bundle
    kind:
      description: V(vm), V(hardware) or V(cloud); null if FortiFlex did not say.
      type: str
      sample: vm
    aliases:
      description: What else it is called, as in the official collection and the Terraform provider.
      type: list
      elements: str
      sample: [fortiGateBundle, FGT_VM_Bundle]
    minimum_parameters:
      description:
        - What a configuration of it needs at least, each with its least value or its first code.
        - Parameters whose number nobody publishes are not among them, since they cannot be given by name.
      type: dict
      sample: {cpus: 1, service_package: FC}
    constraints:
      description: Which combinations of parameters are sold only together, one sentence each.
      type: list
      elements: str
      sample: []
    parameters:
      description: All parameters.
      type: list
      elements: dict
      contains:
        name:
          description: Name of the parameter.
          type: str
          sample: cpus
        id:
          description: FortiFlex's number of it; null where it is not published, so that it can be given by number only.
          type: int
          sample: 1
        label:
          description: Its official name.
          type: str
          sample: Number of CPUs
        type:
          description: V(int), a whole number; V(str), one code; V(list), any number of codes.
          type: str
          sample: int
        required:
          description: Whether a new configuration needs it. FortiFlex does not report this of products that the shipped catalogue lacks; then it is false.
          type: bool
          sample: true
        default:
          description: What a new configuration gets if it is not given; null if there is none.
          type: raw
          sample: null
        minimum:
          description: The least number; null if there is no limit.
          type: int
          sample: 1
        maximum:
          description: The greatest number; null if there is no limit.
          type: int
          sample: 96
        zero_allowed:
          description: Whether 0 is allowed too, although it is less than RV(products[].parameters[].minimum).
          type: bool
          sample: false
        multiple_of:
          description: The number must be a multiple of this.
          type: int
          sample: 1
        choices:
          description: The codes or numbers on sale, with their labels; empty if any number of the range is.
          type: dict
          sample: {}
        other_codes:
          description: Whether codes that are not listed are accepted too, since new ones appear several times a year.
          type: bool
          sample: false
        old_choices:
          description: Codes that configurations may still have, and that are not on sale any more.
          type: dict
          sample: {'2147483647': unlimited}
        read_only:
          description: Whether FortiFlex reports it and does not let anyone set it.
          type: bool
          sample: false
        deprecated:
          description: Whether only old configurations have it.
          type: bool
          sample: false
        can_go_down:
          description: Whether it can be lowered, or moved back in the list of choices, once it is set.
          type: bool
          sample: true
        unit:
          description: Unit of the number; null if it is a count.
          type: str
          sample: null
        aliases:
          description: What else it is called, as in the official collection and the Terraform provider.
          type: list
          elements: str
          sample: [cpu, cpu_size]
        note:
          description: What else you should know; null if there is nothing.
          type: str
          sample: null
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

from ..module_utils.core.selection import limited
from ..module_utils.task.module import Work, run_module
from ..module_utils.task.options import LIMIT, PRODUCT_FILTERS
from ..module_utils.task.results import Result, product_shape
from ..module_utils.task.task import Task


def list_products(task: Task) -> Result:
    """The products that pass the filters."""
    name, kind = task.options["name"], task.options["kind"]
    can_ask = task.options["username"] and task.options["password"]
    if task.options["catalogue"] == "live" or (
        can_ask and name is not None and task.catalogue.lacks(name)
    ):
        task.connect(needs_program=False)
    found = task.catalogue.products() if name is None else [task.catalogues.product(name)]
    shapes = (
        product_shape(product)
        for product in found
        if kind in (None, product.kind)
        and (product.kind or product.parameters)  # a number alone says nothing
    )
    return {"changed": False, **limited("products", shapes, task.options["limit"])}


WORK = Work(
    list_products, PRODUCT_FILTERS, selectors=PRODUCT_FILTERS.keys() - LIMIT.keys(), texts=()
)


def main() -> None:
    """Entry point of the module."""
    run_module(WORK)


if __name__ == "__main__":
    main()
