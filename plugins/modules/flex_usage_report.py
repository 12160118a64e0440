#!/usr/bin/python
# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write reports of what was used, from the ledger."""

from __future__ import annotations

DOCUMENTATION = r"""
module: flex_usage_report
short_description: Write reports of FortiFlex usage
version_added: 1.0.0
description:
  - Writes what a ledger of M(flexops.fortiflex.flex_usage_ledger) has of a program as a page, and for other tools, for all accounts together and, if asked for,
    for each by itself. FortiFlex is not asked.
  - The page is one file that loads nothing and needs no JavaScript but for sorting its tables. Its charts are drawn by the Python library C(pygal) (LGPL 3 or
    later), which only this module needs.
  - The role C(flexops.fortiflex.usage_report) keeps the ledger, asks what you can expect, and runs this module with its template.
extends_documentation_fragment:
  - flexops.fortiflex.connection
  - flexops.fortiflex.audit
  - flexops.fortiflex.attributes
  - flexops.fortiflex.attributes.recording
options:
  ledger:
    description: The ledger file.
    type: path
    required: true
  accounts:
    description: Accounts by number, or V(all) for all of which the ledger has anything.
    type: list
    elements: str
    default: [all]
  start_date:
    description: First day, C(YYYY-MM-DD). Give one of O(start_date), O(last_days) and O(period); without any, the last 365 days before today.
    type: str
  end_date:
    description: Last day, which is included; only with O(start_date). Without it, yesterday; today is not over.
    type: str
  last_days:
    description: The number of days up to today. Today is not over and is left out, so 31 gives 30 days.
    type: int
  period:
    description: The present month up to yesterday, or the whole month before. On the first day of a month the report of the present one is empty.
    type: str
    choices: [this_month, previous_month]
  directory:
    description: Where the files go. They are called after the program, those for one account also after that.
    type: path
    required: true
  formats:
    description:
      - V(html), the page. V(json), all figures of it. V(prometheus), the present ones as the text file collector of the node exporter reads them.
      - V(csv), each day of each entitlement, with the column names of FOCUS, the billing schema of the FinOps Foundation.
    type: list
    elements: str
    choices: [html, json, csv, prometheus]
    default: [html, json, csv, prometheus]
  statements:
    description:
      - Whether to write files for each account, too, such as statements for customers.
      - A statement lists no spares, which belong to the provider. All points of the account count.
    type: bool
    default: false
  whole:
    description: Whether to write the report of all accounts together. If V(false), there are only the O(statements).
    version_added: 1.1.0
    type: bool
    default: true
  title:
    description: Title of the page.
    type: str
    default: FortiFlex usage
  customers:
    description: Names of accounts, by their numbers. An account that is not there is called by its alias of O(account_aliases), else by its number.
    type: dict
    default: {}
  sites:
    description: Names, or serial numbers, of entitlements that are in use. Of what is charged, all others are orphans; without O(sites), virtual machines
      that nobody holds.
    type: list
    elements: str
  outlook:
    description: What M(flexops.fortiflex.flex_points_info) returned, for projections, balance, commitment and alerts. Not used for single accounts.
    type: dict
  point_price:
    description: Price of a point, to show costs, too.
    type: float
  currency:
    description: Its currency, such as V(EUR).
    type: str
  template:
    description: Template of the page in the language of Jinja. Required for V(html); the role has one.
    type: path
  charts:
    description: Whether the page has charts.
    type: bool
    default: true
  mode:
    description: Mode of the files. They have no secrets.
    type: str
    default: "0640"
seealso:
  - module: flexops.fortiflex.flex_usage_ledger
  - module: flexops.fortiflex.flex_points_info
author:
  - FlexOps maintainers (@flexops)
"""

EXAMPLES = r"""
- name: Write what the billing system takes
  flexops.fortiflex.flex_usage_report:
    ledger: /var/lib/fortiflex/usage.sqlite3
    period: previous_month
    formats: [csv]
    statements: true
    directory: /srv/billing
    point_price: 1.08
    currency: EUR
"""

RETURN = r"""
files:
  description: The files, whether or not they were so already.
  returned: success
  type: list
  elements: dict
  contains:
    account_id:
      description: The account; null for all together.
      type: int
      sample: 2000001
    format:
      description: What it is.
      type: str
      sample: html
    path:
      description: Where it is.
      type: str
      sample: /srv/billing/ELAVMS0000000200-2000001.csv
alerts:
  description: How many alerts O(outlook) has.
  returned: success
  type: int
  sample: 0
period:
  description: The days that the files cover. They end with the last day that is settled and recorded for all accounts.
  returned: success
  type: dict
  contains:
    first_day:
      description: The first day. Null if no day is recorded.
      type: str
      sample: "2026-10-01"
    last_day:
      description: The last day. Null if no day is recorded.
      type: str
      sample: "2026-10-31"
unsettled_days:
  description: Days that were asked for and are over, but that FortiFlex may still correct. A day is settled six hours after midnight Pacific time.
  returned: success
  type: list
  elements: str
  sample: ["2026-11-01"]
missing_days:
  description: Settled days that were asked for and that the ledger lacks, from its first day on.
  returned: success
  type: list
  elements: str
  sample: []
# made by make docs: shape task_offline
requests:
  description: What the task cost; nothing, since it sends no request.
  returned: always
  type: dict
  contains:
    made:
      description: Requests sent to FortiFlex; none.
      type: int
      sample: 0
    waited_seconds:
      description: Seconds spent waiting for the request limit; none.
      type: float
      sample: 0.0
error_code:
  description: Stable name of what went wrong, for playbooks.
  returned: failure
  type: str
  sample: invalid_input
details:
  description: Empty, since no endpoint is called.
  returned: failure
  type: dict
  sample: {}
# end of shape task_offline
"""

from ..module_utils.task.module import Work, run_module
from ..module_utils.usage.options import REPORT
from ..module_utils.usage.report_files import make_report

WORK = Work(make_report, REPORT)


def main() -> None:
    """Entry point of the module."""
    run_module(WORK)


if __name__ == "__main__":
    main()
