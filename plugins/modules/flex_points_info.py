#!/usr/bin/python
# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Say how many points were used, by what, and what will be used."""

from __future__ import annotations

DOCUMENTATION = r"""
module: flex_points_info
short_description: Retrieve FortiFlex point usage
version_added: 1.0.0
description:
  - Returns the points that a period of days has cost, by entitlement, configuration, product, account, tag or day, what you can expect, how long a prepaid
    balance lasts, and which points budgets are in danger. Nothing is changed in FortiFlex.
  - A day is a Pacific day and ends at midnight there. Today is not over, and what happened may take hours to arrive, so C(complete) says for each day whether
    it is FortiFlex's last word. FortiFlex remembers 90 days, today among them.
  - For each account one request returns a period, and two lists whose it is. With C(day) among the groups there is one request for each day, once; complete
    days are kept in a ledger, from which older days are returned, too.
  - What an entitlement used in a period counts for whoever holds it now, and with C(day) for whoever held it on that day, as far as the ledger knows.
extends_documentation_fragment:
  - flexops.fortiflex.connection
  - flexops.fortiflex.audit
  - flexops.fortiflex.accounts
  - flexops.fortiflex.attributes
  - flexops.fortiflex.attributes.reading
options:
  start_date:
    description: First day, C(YYYY-MM-DD). Give one of O(start_date), O(last_days) and O(period); without any, the present month up to today.
    type: str
  end_date:
    description: Last day, which is included; only with O(start_date). Without it, today.
    type: str
  last_days:
    description: The number of days up to today, today included; at least 1.
    type: int
  period:
    description: The present month up to today, or the whole month before.
    type: str
    choices: [this_month, previous_month]
  group_by:
    description:
      - What to sum by. Several words make a group of each combination.
      - V(entitlement), V(configuration), V(product), V(account), V(day), or V(tag:KEY) for the values of the tag KEY.
    type: list
    elements: str
    default: [entitlement]
  ledger:
    description:
      - File that keeps complete days, as M(flexops.fortiflex.flex_usage_ledger) does. Without it, one in O(state_dir), another one for
        each API user. The role P(flexops.fortiflex.usage_report#role) keeps its own, C(~/.local/share/fortiflex/usage.sqlite3); give that path to see the
        same days.
    type: path
  projection:
    description:
      - Whether to say what you can expect, which also returns the balance of a prepaid program or how a postpaid one stands against its commitment. Costs
        three requests and the two lists for each account, one for each size that is in use, one for the balance, and one for the program.
      - Done in any case for O(budget) and O(commitment).
    type: bool
    default: true
  commitment:
    description:
      - Points a year that a postpaid program has agreed to use. Without it, RV(commitment) is reckoned with 50,000 points, and there is no alert about it.
      - It is about the accounts that are asked, so ask V(all) of them.
    type: float
  budget:
    description:
      - Points that a calendar month may cost. A number is for all that is asked about.
      - Or a list of dictionaries, each with C(points) and, if it is for a part, C(account_id) or C(tag) as C(KEY=VALUE).
    type: raw
  thresholds:
    description: At which parts of a points budget to make an alert, in per cent. There is one, too, if the rest of the month will exceed the points budget.
    type: list
    elements: float
    default: [80, 100]
  least_days:
    description: Make an alert when a prepaid balance lasts for less than so many days.
    type: int
    default: 30
  fail_on_alert:
    description: Fail if there are alerts, with RV(error_code=alert). Everything is returned all the same.
    type: bool
    default: false
seealso:
  - module: flexops.fortiflex.flex_cost_info
  - module: flexops.fortiflex.flex_usage_ledger
author:
  - FlexOps maintainers (@flexops)
"""

EXAMPLES = r"""
- name: What has each cost center used last month?
  flexops.fortiflex.flex_points_info:
    period: previous_month
    group_by: ["tag:cost_center"]
    projection: false
  register: result

- name: Show it
  ansible.builtin.debug:
    msg: "{{ result.points }}, {{ result.total }} in all"

- name: How did the last week go, day by day?
  flexops.fortiflex.flex_points_info:
    last_days: 8
    group_by: [day]

- name: Stop the pipeline if the month gets too expensive
  flexops.fortiflex.flex_points_info:
    budget:
      - points: 20000
      - points: 5000
        tag: cost_center=1300
    thresholds: [90, 100]
    fail_on_alert: true
"""

RETURN = r"""
points:
  description:
    - The groups, by day first if days are asked for, then those that used most. What used nothing is left out.
    - For each V(tag:KEY) of O(group_by), a group has a member of just that name, such as V(tag:region), with the value of the tag; null for what has none.
  returned: success
  type: list
  elements: dict
  contains:
    serial_number:
      description: Of an entitlement.
      returned: with V(entitlement)
      type: str
      sample: FGVMMLTM26000001
    name:
      description: Who holds it; null if its description is no name.
      returned: with V(entitlement)
      type: str
      sample: branch-0001
    configuration:
      description: Name of the configuration.
      returned: with V(configuration)
      type: str
      sample: branch-small
    product:
      description: Name of the product.
      returned: with V(product)
      type: str
      sample: fortigate_vm_bundle
    account_id:
      description: The account.
      returned: with V(account) or V(configuration)
      type: int
      sample: 2000001
    day:
      description: The day.
      returned: with V(day)
      type: str
      sample: "2026-11-23"
    complete:
      description: Whether that is the last word about the day.
      returned: with V(day)
      type: bool
      sample: true
    points:
      description: What the group used.
      type: float
      sample: 191.7
    entitlements:
      description: How many entitlements used it.
      type: int
      sample: 30
total:
  description: What all groups used together.
  returned: success
  type: float
  sample: 635.38
period:
  description: The days that were asked about.
  returned: success
  type: dict
  contains:
    first_day:
      description: The first one.
      type: str
      sample: "2026-11-01"
    last_day:
      description: The last one, at most today.
      type: str
      sample: "2026-11-24"
    complete:
      description: Whether what is said about them is the last word.
      type: bool
      sample: false
projection:
  description: What you can expect, found in two ways. Nothing of it is measured but the days of the month before today. Null if not asked for.
  returned: success
  type: dict
  contains:
    recent_days:
      description: If every day is like the mean of the last seven complete days.
      type: dict
      contains: &projection
        method:
          description: From what it was found.
          type: str
          sample: mean of 7 complete days, 2026-11-17 to 2026-11-23
        points_per_day:
          description: Points for one day.
          type: float
          sample: 635.38
        points_per_30_days:
          description: Points for 30 days.
          type: float
          sample: 19061.4
        points_per_year:
          description: Points for 365 days.
          type: float
          sample: 231913.7
        points_this_month:
          description: The days of this month before today as measured, and the others at that rate.
          type: float
          sample: 18990.1
    active_now:
      description: If what is charged now stays as it is, at the prices of today.
      type: dict
      contains: *projection
balance:
  description: Of a prepaid program, what it has left. Null for a postpaid one, with O(commitment), and if not asked for.
  returned: success
  type: dict
  contains:
    points:
      description: Points left; less than 0 if more were used.
      type: float
      sample: 48210.0
    days_to_empty:
      description: For how many days they last; null if nothing is used.
      type: int
      sample: 75
    empty_on:
      description: Day on which nothing is left.
      type: str
      sample: "2027-02-07"
    negative_since:
      description: Day since which the balance is below 0, reckoned back, within what the ledger saw of it.
      type: str
      sample: null
    grace_ends_on:
      description: Last day on which a negative balance can be made good; FortiFlex gives 90 days.
      type: str
      sample: null
    grace_days_left:
      description: Days until then.
      type: int
      sample: null
    method:
      description: From what the days were found.
      type: str
      sample: mean of 7 complete days, 2026-11-17 to 2026-11-23
commitment:
  description: Of a postpaid program, how it stands in its present year. Null for a prepaid one, and if not asked for.
  returned: success
  type: dict
  contains:
    points:
      description: Points that you can expect to be used in the year.
      type: float
      sample: 50000.0
    first_day:
      description: First day of the year of the program, by the day on which the program began.
      type: str
      sample: "2026-05-10"
    last_day:
      description: Its last day.
      type: str
      sample: "2027-05-09"
    used:
      description: Points measured so far.
      type: float
      sample: 41230.5
    measured_from:
      description: First day that is measured; null if none is. FortiFlex remembers 90 days, a ledger more.
      type: str
      sample: "2026-08-27"
    projected:
      description: Points of the whole year; days that are not measured count as the last seven complete ones.
      type: float
      sample: 221810.9
    missing:
      description: How many the year is going to lack.
      type: float
      sample: 0.0
    method:
      description: What is measured of the year, and what is not.
      type: str
      sample: 89 days measured, 276 days as the mean of 7 complete days, 2026-11-17 to 2026-11-23
alerts:
  description: What needs attention; empty if nothing does.
  returned: success
  type: list
  elements: dict
  contains:
    kind:
      description: V(budget_reached), V(budget_projected), V(balance_low), V(balance_negative), V(commitment_missed).
      type: str
      sample: budget_reached
    threshold:
      description: The highest threshold that is reached, in per cent.
      type: float
      sample: 80.0
    scope:
      description: What it is about, V(all), V(program), an account or a tag.
      type: str
      sample: tag cost_center=1300
    budget:
      description: The points budget, or the commitment.
      type: float
      sample: 5000.0
    points:
      description: What was used of it, or the balance.
      type: float
      sample: 4211.7
    projected:
      description: What you can expect.
      type: float
      sample: 5490.0
    text:
      description: All of it in one sentence.
      type: str
      sample: "tag cost_center=1300: 4,211.70 points used this month, which is 84 % of the points budget of 5,000"
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
from ..module_utils.usage.options import POINTS
from ..module_utils.usage.usage import used_points

WORK = Work(used_points, POINTS)


def main() -> None:
    """Entry point of the module."""
    run_module(WORK)


if __name__ == "__main__":
    main()
