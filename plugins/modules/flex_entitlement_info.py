#!/usr/bin/python
# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""List FortiFlex entitlements."""

from __future__ import annotations

DOCUMENTATION = r"""
module: flex_entitlement_info
short_description: List FortiFlex entitlements
version_added: 0.1.0
description:
  - Lists the entitlements of a program, stopped and expired ones included. One account takes two requests whatever the number of its entitlements,
    several take one for each and one for all together.
  - All given filters must match.
extends_documentation_fragment:
  - flexops.fortiflex.connection
  - flexops.fortiflex.audit
  - flexops.fortiflex.attributes
  - flexops.fortiflex.attributes.reading
  - flexops.fortiflex.accounts
  - flexops.fortiflex.accounts.limit
options:
  name:
    description: Only those that this name holds.
    type: str
  serial_number:
    description: Only the one of this serial number.
    type: str
  configuration:
    description: Only those of this configuration, by name or number.
    type: str
  product:
    description: Only those of this product, by any of its names or by FortiFlex's number of it.
    type: str
  status:
    description: Only those of this status, such as V(ACTIVE), in any case.
    type: str
  token_status:
    description: Only those of this token status, V(NOTUSED) or V(USED), in any case.
    type: str
  tags:
    description: Only those that have all of these tags with these values.
    type: dict
  spare:
    description: Only marked spares if V(true), none of them if V(false).
    type: bool
  holders:
    description: Only those that a name stands on, one for each name. EXPIRED ones hold nothing, and of several of one name the earliest stands.
    type: bool
    default: false
  partial:
    description: Read the other accounts where one cannot be read, and list it in RV(unread). Without it, the task fails.
    version_added: 1.0.0
    type: bool
    default: false
  return_token:
    description: Return the license tokens. Register the result with C(no_log) then.
    type: bool
    default: false
seealso:
  - module: flexops.fortiflex.flex_entitlement
  - module: flexops.fortiflex.flex_configuration_info
author:
  - FlexOps maintainers (@flexops)
"""

EXAMPLES = r"""
- name: List what is charged in the west
  flexops.fortiflex.flex_entitlement_info:
    status: ACTIVE
    tags:
      region: west
  register: result

- name: Show names and serial numbers
  ansible.builtin.debug:
    msg: "{{ dict(result.entitlements | map(attribute='name') | zip(result.entitlements | map(attribute='serial_number'))) }}"

- name: List what is charged for any tenant
  flexops.fortiflex.flex_entitlement_info:
    accounts: [all]
    status: ACTIVE

- name: Fetch one license token
  flexops.fortiflex.flex_entitlement_info:
    name: branch-0001
    return_token: true
  register: license
  no_log: true
"""

RETURN = r"""
entitlements:
  description: The entitlements, by account, name (those without one last) and serial number; an empty list if there is none.
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
    # made by make docs: shape token
    token:
      description: The license token. There only when it is asked for.
      type: str
      sample: 0A1B2C3D4E5F60718293
    # end of shape token
# made by make docs: shape total
total:
  description: How many there are, whatever O(limit) is.
  returned: success
  type: int
  sample: 1
# end of shape total
program:
  description: Serial number of the program that was asked about.
  returned: success
  type: str
  sample: ELAVMS0000000900
accounts:
  description: Numbers of the accounts that were read, those that hold nothing among them.
  returned: success
  type: list
  elements: int
  sample: [1200001]
unread:
  description: With O(partial=true), the accounts that could not be read; otherwise an empty list.
  returned: success
  type: list
  elements: dict
  contains:
    account_id:
      description: Number of the account; null where it was not given and could not be found out.
      type: int
      sample: 1200002
    message:
      description: Why it could not be read.
      type: str
      sample: Account 1200002 is not one of allowed_accounts (1200001), so nothing about it was sent
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

from functools import partial

from ..module_utils.core.selection import filters_of, limited, passes, rows_of
from ..module_utils.optional import if_given
from ..module_utils.task.module import Work, run_module
from ..module_utils.task.options import ENTITLEMENT_FILTERS, LIMIT, RETURN_TOKEN
from ..module_utils.task.results import Result
from ..module_utils.task.survey import survey
from ..module_utils.task.task import Task


def list_entitlements(task: Task) -> Result:
    """The entitlements that pass the filters."""
    options = task.options
    asked = survey(task, filters_of(options))
    product = if_given(options["product"], task.catalogues.product)
    shape = partial(task.shapes.entitlement, token=options["return_token"])
    found = (
        row["entitlement"]
        for seen in asked.read.values()
        for row in rows_of(seen, shape)
        if passes(options, product, row)
    )
    return {
        "changed": False,
        **limited("entitlements", found, options["limit"]),
        **asked.as_data(task.session.connection.program),
    }


WORK = Work(
    list_entitlements,
    {**ENTITLEMENT_FILTERS, **RETURN_TOKEN},
    selectors=ENTITLEMENT_FILTERS.keys() - {*LIMIT, "partial"},
)


def main() -> None:
    """Entry point of the module."""
    run_module(WORK)


if __name__ == "__main__":
    main()
