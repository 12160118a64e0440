#!/usr/bin/python
# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""List asset folders with FortiFlex license tokens."""

from __future__ import annotations

DOCUMENTATION = r"""
module: flex_group_info
short_description: List asset folders with FortiFlex license tokens
version_added: 1.0.0
description:
  - Lists the asset folders of an account that hold FortiFlex entitlements, with one request, and how many license tokens of each are free and used.
  - On request says which entitlement with a free token FortiFlex would name next in each folder. That reserves nothing, so two who ask get the same one;
    M(flexops.fortiflex.flex_entitlement) gives a name exactly one.
extends_documentation_fragment:
  - flexops.fortiflex.connection
  - flexops.fortiflex.audit
  - flexops.fortiflex.attributes
  - flexops.fortiflex.attributes.reading
  - flexops.fortiflex.accounts
  - flexops.fortiflex.accounts.limit
options:
  folder:
    description: Only this folder, such as C(My Assets/branches).
    type: str
  next_token:
    description: Whether to ask for the next entitlement with a free token, which takes one request for each folder that has some, and one for the
      configurations of each account.
    type: bool
    default: false
  configuration:
    description: Ask only for one of this configuration, by name or number. Counts with O(next_token=true).
    type: str
  statuses:
    description: Ask only for one of these statuses, such as V(PENDING). Counts with O(next_token=true).
    type: list
    elements: str
  return_token:
    description: Return the license token of the next entitlement. Register the result with C(no_log) then.
    type: bool
    default: false
seealso:
  - module: flexops.fortiflex.flex_entitlement_info
  - module: flexops.fortiflex.flex_program_info
author:
  - FlexOps maintainers (@flexops)
"""

EXAMPLES = r"""
- name: How many free tokens has each folder?
  flexops.fortiflex.flex_group_info:
  register: result

- name: Which PENDING entitlement is next in the folder of the branches?
  flexops.fortiflex.flex_group_info:
    folder: My Assets/branches
    next_token: true
    statuses: [PENDING]
  register: next
"""

RETURN = r"""
groups:
  description: The folders, by account and then by path; an empty list if there is none.
  returned: success
  type: list
  elements: dict
  contains:
    account_id:
      description: FortiCloud account that it belongs to.
      type: int
      sample: 1200001
    folder:
      description: Its path.
      type: str
      sample: My Assets/branches
    available_tokens:
      description: License tokens that nobody has used.
      type: int
      sample: 3
    used_tokens:
      description: License tokens that are used.
      type: int
      sample: 17
    next_entitlement:
      description: The entitlement that FortiFlex names next, as M(flexops.fortiflex.flex_entitlement) returns it; null if it names none, or is not asked.
      type: dict
      sample: {serial_number: FGVMMLTM26000001, status: PENDING}
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
from ..module_utils.core.model import Folder, Observation
from ..module_utils.core.selection import limited
from ..module_utils.core.spelling import spelled
from ..module_utils.task.module import Work, run_module
from ..module_utils.task.options import GROUP_FILTERS, LIMIT, RETURN_TOKEN
from ..module_utils.task.pool import folders, next_token
from ..module_utils.task.progress import ACCOUNTS_READ
from ..module_utils.task.results import Result, folder_shape
from ..module_utils.task.task import Task


def list_groups(task: Task) -> Result:
    """The asset folders of the accounts."""
    options = task.options
    found = [
        (service, before, folder)
        for service, before in task.progress.over(task.session.each_account(), ACCOUNTS_READ)
        for folder in sorted(
            folders(task, service), key=lambda folder: (folder.account_id, folder.path)
        )
        if options["folder"] is None or spelled(options["folder"]) == spelled(folder.path)
    ]
    result = limited("groups", found, options["limit"])
    seen: dict[int, Observation] = {}
    groups = [
        folder_shape(folder, _next(task, seen, service, before, folder))
        for service, before, folder in task.progress.over(result["groups"], "folders read")
    ]
    return {"changed": False, **result, "groups": groups}


def _next(
    task: Task,
    known: dict[int, Observation],
    service: FlexService,
    before: Observation | None,
    folder: Folder,
) -> dict[str, Any] | None:
    """The next entitlement of a folder; ``known`` keeps the configurations of each account."""
    options = task.options
    if not options["next_token"] or not folder.available_tokens:
        return None
    seen = known.setdefault(
        folder.account_id,
        known.get(folder.account_id) or task.session.observe(False, service, before),
    )
    configuration_id = (
        None
        if options["configuration"] is None
        else task.session.configuration(options["configuration"], seen).id
    )
    statuses = options["statuses"] and [status.upper() for status in options["statuses"]]
    return task.shapes.entitlement(
        next_token(task, service, folder.path, configuration_id, statuses),
        seen,
        options["return_token"],
    )


WORK = Work(
    list_groups,
    {**GROUP_FILTERS, **RETURN_TOKEN},
    selectors=GROUP_FILTERS.keys() - {*LIMIT, "next_token"},
)


def main() -> None:
    """Entry point of the module."""
    run_module(WORK)


if __name__ == "__main__":
    main()
