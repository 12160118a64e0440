#!/usr/bin/python
# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Transfer FortiFlex entitlements to another account."""

from __future__ import annotations

DOCUMENTATION = r"""
module: flex_entitlement_transfer
short_description: Transfer FortiFlex entitlements to another account
version_added: 1.0.0
description:
  - Makes sure that entitlements of the account O(account_id) are in another account of the same program. Those that have arrived already are left alone,
    so run it again if it was interrupted.
  - Entitlements that go from one configuration to another are sent over together, up to 100 in a request. Names and tags go with them.
  - The API user needs both accounts in its scope, and O(allowed_accounts) must allow both.
  - Whether a transfer changes tokens or what is charged on that day is documented nowhere.
extends_documentation_fragment:
  - flexops.fortiflex.connection
  - flexops.fortiflex.audit
  - flexops.fortiflex.attributes
  - flexops.fortiflex.attributes.changing
options:
  names:
    description: Names that hold the entitlements. At least one of O(names) and O(serial_numbers) is required.
    type: list
    elements: str
  serial_numbers:
    description: Serial numbers of entitlements.
    type: list
    elements: str
  target_account_id:
    description: The account that they must be in, by number or by one of O(account_aliases).
    type: str
    required: true
  target_configuration:
    description:
      - Configuration of the target account that they must stand on, by name or number. It must be ACTIVE and of the same product.
      - Without it, the one that is named like their present configuration, and what has arrived stays where it is.
    type: str
seealso:
  - module: flexops.fortiflex.flex_entitlement
  - module: flexops.fortiflex.flex_configuration
author:
  - FlexOps maintainers (@flexops)
"""

EXAMPLES = r"""
- name: Give two sites to another tenant
  flexops.fortiflex.flex_entitlement_transfer:
    account_id: 2000001
    names: [branch-oslo, branch-lima]
    target_account_id: 2000002

- name: Bring an entitlement to a certain configuration of the account that is called acme
  flexops.fortiflex.flex_entitlement_transfer:
    account_aliases: {acme: 2000002, pool: 2000001}
    account_id: pool
    serial_numbers: [FGVMMLTM26000003]
    target_account_id: acme
    target_configuration: branch-small
"""

RETURN = r"""
entitlements:
  description: All entitlements that were asked for, as they are now, or would be in check mode.
  returned: success
  type: list
  elements: dict
  contains:
    # made by make docs: shape entitlement
    serial_number:
      description: Serial number; null while it is only predicted by check mode.
      type: str
      sample: FGVMMLTM26000001
    name:
      description: The name that holds it, read from its description; null if the description is no
        name.
      type: str
      sample: branch-0001
    tags:
      description: The tags in its description.
      type: dict
      sample: {region: west}
    description:
      description: The description as FortiFlex stores it.
      type: str
      sample: branch-0001 [region=west]
    configuration:
      description: Name of its configuration.
      type: str
      sample: branch-small
    configuration_id:
      description: Number of its configuration; null while that is only predicted by check mode.
      type: int
      sample: 4711
    product:
      description: Name of the product.
      type: str
      sample: fortigate_vm_bundle
    account_id:
      description: FortiCloud account that it belongs to.
      type: int
      sample: 1200001
    status:
      description: V(PENDING), V(ACTIVE), V(STOPPED), V(EXPIRED) or V(GRACE_PERIOD). ACTIVE and
        GRACE_PERIOD are charged.
      type: str
      sample: PENDING
    start_date:
      description: Pacific day on which it was created or started, YYYY-MM-DD; null while it is only
        predicted by check mode.
      type: str
      sample: "2026-06-02"
    end_date:
      description: Pacific day on which it ends, YYYY-MM-DD; of a stopped one the day of the stop.
      type: str
      sample: "2027-05-10"
    token_status:
      description: V(NOTUSED) or V(USED); null for hardware and cloud services.
      type: str
      sample: NOTUSED
    # end of shape entitlement
transferred:
  description: Serial numbers of those that this run sent over, or would in check mode; null for one that check mode only predicts.
  returned: success
  type: list
  elements: str
  sample: [FGVMMLTM26000003]
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
from ..module_utils.task.options import TRANSFER
from ..module_utils.task.transfer import transfer_entitlements

WORK = Work(transfer_entitlements, TRANSFER, required_one_of=[["names", "serial_numbers"]])


def main() -> None:
    """Entry point of the module."""
    run_module(WORK)


if __name__ == "__main__":
    main()
