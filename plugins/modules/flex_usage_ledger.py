#!/usr/bin/python
# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keep a ledger of what was used, for longer than FortiFlex remembers."""

from __future__ import annotations

DOCUMENTATION = r"""
module: flex_usage_ledger
short_description: Keep a ledger of the points that FortiFlex charged
version_added: 1.0.0
description:
  - Records in a file how many points each entitlement used on each day, and what each entitlement is by now, who holds it, its configuration and its status.
    FortiFlex remembers 90 days, the ledger all that it has recorded.
  - Run it once a day, at least once in 80 days. Days that are missing are asked for as long as FortiFlex remembers them, the latest one first and then
    those that it forgets next. Only days that are complete are recorded.
  - Nothing in the ledger is ever changed. A figure that FortiFlex reports differently later is recorded as a correction. A run that is interrupted leaves
    each day recorded as a whole or not at all.
  - The file is an SQLite database, described in C(docs/ledger.md) of the collection. Nothing is changed in FortiFlex.
extends_documentation_fragment:
  - flexops.fortiflex.connection
  - flexops.fortiflex.audit
  - flexops.fortiflex.accounts
  - flexops.fortiflex.attributes
  - flexops.fortiflex.attributes.recording
options:
  ledger:
    description:
      - The file. It is made (mode 0600) if there is none. Keep it in a place that is backed up. Without it, it is in O(state_dir), another one for each API
        user, so that another user begins with an empty ledger.
    type: path
  recheck_days:
    description: Ask again for so many of the last complete days, to find late corrections. One request for each day and account.
    type: int
    default: 2
  max_days:
    description: The most days of accounts that one run asks for, at one request each, so that the first run leaves requests of the hour to others. 100 is
      50 days of two accounts. Days that are left are in RV(missing_days), and the next run goes on.
    type: int
    default: 100
  balance:
    description: Also record the balance, which only a prepaid program has.
    type: bool
    default: true
seealso:
  - module: flexops.fortiflex.flex_points_info
author:
  - FlexOps maintainers (@flexops)
"""

EXAMPLES = r"""
- name: Record what all customers used since the last run
  flexops.fortiflex.flex_usage_ledger:
    accounts: [all]
    ledger: /var/lib/fortiflex/usage.sqlite3
"""

RETURN = r"""
# made by make docs: shape run_by
run_by:
  description:
    - Host of the play for which this was done. With C(run_once) all hosts of a play share one
      result, whatever C(strategy) and C(serial) are, unless the task is run for a host again, or
      something else in the play has changed FortiFlex since.
  returned: when the task has C(run_once)
  type: str
  sample: branch-0001
# end of shape run_by
recorded:
  description: What is new in the ledger. In check mode only the days are predicted.
  returned: success
  type: dict
  contains:
    days:
      description: Days of accounts.
      type: int
      sample: 3
    corrections:
      description: Figures that are others than FortiFlex had said.
      type: int
      sample: 0
    states:
      description: Entitlements that are new or not as they were.
      type: int
      sample: 12
missing_days:
  description: Days that FortiFlex still remembers and that are not recorded yet, since O(max_days) was reached. Run it again.
  returned: success
  type: list
  elements: dict
  sample: [{account_id: 2000001, day: "2026-09-02"}]
accounts:
  description: The accounts that were asked about.
  returned: success
  type: list
  elements: int
  sample: [2000001, 2000002]
ledger:
  description: The file.
  returned: success
  type: str
  sample: /var/lib/fortiflex/usage.sqlite3
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
from ..module_utils.usage.keep import keep_ledger
from ..module_utils.usage.options import LEDGER

WORK = Work(keep_ledger, LEDGER)


def main() -> None:
    """Entry point of the module."""
    run_module(WORK)


if __name__ == "__main__":
    main()
