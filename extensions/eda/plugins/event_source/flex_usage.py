# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Event source: what FortiFlex costs, and what is going to happen."""

from __future__ import annotations

import asyncio
import importlib
import sys
from pathlib import Path
from typing import Any

DOCUMENTATION = r"""
short_description: Events of what FortiFlex costs
version_added: 1.0.0
description:
  - Asks now and then what was used, and makes events of what needs attention. Complete days are kept in the ledger, so a query takes about five requests.
    All queries share the request limit of the machine.
  - Every event has C(flex.type), C(flex.id), C(flex.time) and C(flex.program).
  - Alerts as M(flexops.fortiflex.flex_points_info) returns them, each with C(scope), C(threshold), C(budget), C(points), C(projected), C(text), C(projection),
    C(balance), C(commitment). V(budget_reached), once for each threshold and month; V(budget_projected), V(balance_low), V(balance_negative),
    V(commitment_missed), once a month.
  - V(usage_spike) (with C(day), C(points), C(usual_points), C(days)), if the last complete Pacific day cost more than O(spike) times the median of the
    days before, once for each day.
  - V(poll_failed) (with C(error_code), C(message)), once and again after O(remind).
  - It ends with an error where the next query could not go better either, such as a wrong password, since FortiFlex locks users out after ten errors.
extends_documentation_fragment:
  - flexops.fortiflex.connection
  - flexops.fortiflex.accounts
  - flexops.fortiflex.events
options:
  interval:
    description: Seconds between two queries. FortiFlex reckons by days, so more often than every hour shows little more.
    type: float
    default: 3600.0
  ledger:
    description: File that keeps complete days, as M(flexops.fortiflex.flex_usage_ledger) does. Without it, one in O(state_dir).
    type: path
  budget:
    description:
      - Points that a calendar month may cost. A number is for all that is watched.
      - Or a list of dictionaries, each with C(points) and, if it is for a part, C(account_id) or C(tag) as C(KEY=VALUE).
    type: raw
  thresholds:
    description: At which parts of a points budget to report, in per cent.
    type: list
    elements: float
    default: [80, 100]
  least_days:
    description: Report when a prepaid balance lasts for less than so many days.
    type: int
    default: 30
  commitment:
    description: Points a year that a postpaid program has agreed to use.
    type: float
  trend_days:
    description: How many complete days make the trend.
    type: int
    default: 14
  spike:
    description: How many times as much as usual a day must cost to be reported.
    type: float
    default: 1.5
"""

EXAMPLES = r"""
- name: Mind the points budget
  hosts: localhost
  sources:
    - flexops.fortiflex.flex_usage:
        budget: 20000
        thresholds: [80, 100]
  rules:
    - name: The points budget is used up
      condition: event.flex.type == "budget_reached" and event.flex.threshold == 100
      action:
        run_playbook:
          name: flexops.fortiflex.hold_fleet
          extra_vars:
            hold_file: /etc/fortiflex/inventory/group_vars/all/zz_hold.yml
            hold_reason: "{{ event.flex.text }}"
"""


async def main(queue: asyncio.Queue[dict[str, Any]], args: dict[str, Any]) -> None:
    """Entry point for ansible-rulebook, which runs this file by its path and knows nothing of
    collections.
    """
    sys.path.insert(0, str(Path(__file__).absolute().parents[7]))
    watch = importlib.import_module(
        "ansible_collections.flexops.fortiflex.plugins.plugin_utils.watch"
    )
    await watch.watch(queue, watch.UsageWatch, args)
