#!/usr/bin/python
# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""List FortiFlex programs."""

from __future__ import annotations

DOCUMENTATION = r"""
module: flex_program_info
short_description: List FortiFlex programs
version_added: 1.0.0
description:
  - Lists the programs that the API user sees, with one request, and one more for the balance of each. The option O(program) of the connection need not
    be set, and does not narrow the list.
extends_documentation_fragment:
  - flexops.fortiflex.connection
  - flexops.fortiflex.audit
  - flexops.fortiflex.attributes
  - flexops.fortiflex.attributes.reading
  - flexops.fortiflex.accounts.limit
options:
  serial_number:
    description: Only the program of this serial number.
    type: str
  balance:
    description: Whether to ask for the points that each program has left. Only prepaid programs have some.
    type: bool
    default: true
  accounts:
    description: Whether to name the accounts that have configurations in each program, which takes one request for each of them.
    type: bool
    default: false
seealso:
  - module: flexops.fortiflex.flex_points_info
  - module: flexops.fortiflex.flex_group_info
author:
  - FlexOps maintainers (@flexops)
"""

EXAMPLES = r"""
- name: Which programs are there, and whose accounts do they serve?
  flexops.fortiflex.flex_program_info:
    accounts: true
  register: result

- name: Fail if a program has few points left
  ansible.builtin.assert:
    that: result.programs | selectattr('point_balance', 'number') | selectattr('point_balance', 'lt', 1000) | length == 0
"""

RETURN = r"""
programs:
  description: The programs, by serial number; an empty list if there is none.
  returned: success
  type: list
  elements: dict
  contains:
    serial_number:
      description: Serial number of the program.
      type: str
      sample: ELAVMS0000000900
    account_id:
      description: FortiCloud account that owns it.
      type: int
      sample: 1200001
    start_date:
      description: Pacific day on which it began, YYYY-MM-DD.
      type: str
      sample: "2026-05-10"
    end_date:
      description: Pacific day on which it ends, YYYY-MM-DD. It moves when the program is extended.
      type: str
      sample: "2027-05-10"
    has_support_coverage:
      description: Whether FortiFlex says that it has support.
      type: bool
      sample: true
    point_balance:
      description: Points that a prepaid program has left, less than 0 if it used more; null if FortiFlex reports none, or is not asked.
      type: float
      sample: 48210.0
    accounts:
      description: Accounts that have configurations in it, as far as the API user sees them and O(allowed_accounts) allows; null if that is not asked.
      type: list
      elements: int
      sample: [1200001, 1200002]
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

from typing import Any

from ..module_utils.client.service import FlexService
from ..module_utils.core.model import Program
from ..module_utils.core.selection import limited
from ..module_utils.core.spelling import serial_number_spelled
from ..module_utils.errors import Refused
from ..module_utils.task.module import Work, run_module
from ..module_utils.task.options import PROGRAM_FILTERS
from ..module_utils.task.results import Result, program_shape
from ..module_utils.task.task import Task


def list_programs(task: Task) -> Result:
    """The programs that the API user sees."""
    options, user = task.options, task.connect(needs_program=False)
    programs = sorted(user.programs(), key=lambda program: program.serial_number)
    asked = options["serial_number"]
    found = [
        program
        for program in programs
        if asked is None or serial_number_spelled(asked) == program.serial_number
    ]
    result = limited("programs", found, options["limit"])
    return {
        "changed": False,
        **result,
        "programs": [
            _shape(program, user.of_program(program), options)
            for program in task.progress.over(result["programs"], "programs read")
        ],
    }


def _shape(program: Program, service: FlexService, options: Any) -> dict[str, Any]:
    balance = accounts = None
    if options["balance"]:
        try:
            balance = service.balance()
        except Refused:  # as of a postpaid program
            balance = None
    if options["accounts"]:
        accounts = [
            account.account_id
            for account, seen in service.sweep(None)
            if account.account_id is not None and seen.configurations
        ]
    return program_shape(program, balance, accounts)


WORK = Work(list_programs, PROGRAM_FILTERS, selectors=["serial_number"])


def main() -> None:
    """Entry point of the module."""
    run_module(WORK)


if __name__ == "__main__":
    main()
