#!/usr/bin/python
# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check API user permissions in FortiFlex."""

from __future__ import annotations

DOCUMENTATION = r"""
module: flex_access_info
short_description: Check API user permissions in FortiFlex
version_added: 1.0.0
description:
  - Says which programs, accounts and endpoints the API user can read, and whether it may write. Nothing is changed.
  - Each reading endpoint is called once. That takes three requests, and for each program five and one more for each of its accounts.
  - What is denied, refused or unavailable is a result, not a failure. The task fails only where nothing can be said, such as after a refused login.
extends_documentation_fragment:
  - flexops.fortiflex.connection
  - flexops.fortiflex.audit
  - flexops.fortiflex.attributes
  - flexops.fortiflex.attributes.reading
attributes:
  check_mode:
    description: Reads only, and does not check whether the user may write.
    support: full
options:
  serial_number:
    description: Only the program of this serial number. Without it, all that the user sees.
    type: str
  accounts:
    description:
      - Accounts to query beside those that show by themselves, by number or by one of O(account_aliases). FortiFlex lists no accounts, so one without
        a configuration shows only if it is named.
      - By themselves show the account that owns the program, those that have configurations in it, the one of O(account_id), and all of
        O(allowed_accounts). If O(allowed_accounts) is given, no other one is queried.
      - They are looked for in the program of O(required.program) or O(program), or in every program if none is given.
    type: list
    elements: str
  probe_writing:
    description:
      - Whether to find out if the user may write, by one request that cannot have an effect, the stop of an entitlement that does not exist.
      - FortiFlex refuses it in any case, so it is one refused request. Ten refusals in an hour lock an API user out, but only those of creations count,
        according to the MSSP toolkit of 2025, a third-party client.
      - That FortiFlex looks at the permission before it looks for the entitlement is inferred. The request names no program, so the answer is the same
        for all.
    type: bool
    default: true
  required:
    description: What the user has to be able to do. What of it is not there is said at RV(missing); the task does not fail for it.
    type: dict
    suboptions:
      program:
        description: Program that it has to see. Without it, the one of O(program), or any if that is not given either.
        type: str
      accounts:
        description: Accounts that it has to be able to read, by number or by one of O(account_aliases).
        type: list
        elements: str
      write:
        description: Whether it has to be able to write.
        type: bool
        default: false
seealso:
  - module: flexops.fortiflex.flex_program_info
author:
  - FlexOps maintainers (@flexops)
"""

EXAMPLES = r"""
- name: What may this API user do?
  flexops.fortiflex.flex_access_info:
  register: result

- name: Look at new credentials before anything uses them
  flexops.fortiflex.flex_access_info:
    username: "{{ new_username }}"
    password: "{{ new_password }}"
    token_cache: false
    required:
      program: ELAVMS0000000200
      accounts: [2000001, 2000002]
      write: true
  register: new

- name: Fail if they are not good enough
  ansible.builtin.assert:
    that: new.missing | length == 0
    fail_msg: "{{ new.missing | join(' ') }}"
"""

RETURN = r"""
verdict:
  description: What the user may do, one sentence for the program of O(required.program) or O(program), or for each program if none is given.
  returned: success
  type: list
  elements: str
  sample: ["demo-api-user may read and write program ELAVMS0000000900, account 1200001."]
writing:
  description: How it was found out whether the user may write, in one sentence.
  returned: success
  type: str
  sample: Whether the user may write is not known (not asked in check mode).
left_out:
  description: The accounts that O(allowed_accounts) leaves out, in one sentence; empty if it leaves out none.
  returned: success
  type: str
  sample: "Not checked, because allowed_accounts leaves them out: account 1200002."
required:
  description: Each thing that is required, and whether it is V(granted), V(missing) or V(unknown).
  returned: success
  type: list
  elements: dict
  sample: [{name: program ELAVMS0000000900, access: granted}, {name: account 1200001, access: granted}, {name: writing, access: granted}]
access:
  description: The programs that the user sees, by serial number; an empty list if there is none. If FortiFlex lists no programs at all, the one of
    O(program) with the account of O(account_id).
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
    alias:
      description: Name of that account in O(account_aliases); null if it has none.
      type: str
      sample: acme
    accounts:
      description: Its accounts, by number, as far as they are known and O(allowed_accounts) allows.
      type: list
      elements: dict
      contains:
        account_id:
          description: FortiCloud account.
          type: int
          sample: 1200002
        alias:
          description: Its name in O(account_aliases); null if it has none.
          type: str
          sample: acme
        read:
          description: Whether its entitlements can be read.
          type: bool
          sample: true
        message:
          description: Why not, in FortiFlex's words; empty if they can.
          type: str
          sample: ""
      sample: [{account_id: 1200001, alias: acme, read: true, message: ""}, {account_id: 1200002, alias: null, read: false, message: Authorization denied.}]
    left_out:
      description: Its accounts that O(allowed_accounts) leaves out.
      type: list
      elements: int
      sample: [1200003]
    endpoints:
      description: What came of each reading endpoint that is about a program. Those that want an account were asked about one that can be read.
      type: list
      elements: dict
      contains:
        endpoint:
          description: Its path.
          type: str
          sample: programs/points
        access:
          description: V(read), V(denied) (no permission), V(refused) (for another reason), V(unavailable) (no usable answer), or V(unknown) (not asked).
          type: str
          sample: refused
        message:
          description: What FortiFlex said; empty if it answered.
          type: str
          sample: The program is not prepaid.
      sample: [{endpoint: programs/points, access: refused, message: The program is not prepaid.}, {endpoint: configs/list, access: read, message: ""}]
    write:
      description: Whether the user may write, V(yes), V(no) or V(unknown).
      type: str
      sample: "yes"
endpoints:
  description: The same of those endpoints that belong to no program, C(programs/list) and C(tools/metadata), and of the write that O(probe_writing)
    sends, which says that the user may write if it is V(refused).
  returned: success
  type: list
  elements: dict
  sample: [{endpoint: entitlements/stop, access: refused, message: Invalid serial number.}]
missing:
  description: What of O(required) is not there, one sentence each; an empty list if all is.
  returned: success
  type: list
  elements: str
  sample: ["Account 1200002 cannot be read (Authorization denied.)."]
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

from ..module_utils.task.access import look_around
from ..module_utils.task.module import Work, run_module
from ..module_utils.task.options import ACCESS

WORK = Work(look_around, ACCESS, selectors=["serial_number"])


def main() -> None:
    """Entry point of the module."""
    run_module(WORK)


if __name__ == "__main__":
    main()
