# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Event source: what happens to FortiFlex entitlements."""

from __future__ import annotations

import asyncio
import importlib
import sys
from pathlib import Path
from typing import Any

DOCUMENTATION = r"""
short_description: Events of what happens to FortiFlex entitlements
version_added: 1.0.0
description:
  - Queries the entitlements of an account now and then, by two requests, and makes events of what is new. All queries share the request limit of the machine.
  - Every event has C(flex.type), C(flex.id), C(flex.time), C(flex.program) and, if it is about one, C(flex.entitlement) as
    M(flexops.fortiflex.flex_entitlement_info) returns it, without its token.
  - What happens is reported once. V(token_used), V(appeared), V(vanished), and V(active), V(pending), V(stopped), V(expired), V(grace_period), each with
    C(previous_status).
  - What needs action is reported once and again after O(remind). V(spares_low) (with C(configuration), C(ready), C(wanted)), V(vm_gone) (with
    C(deleted_since)), V(poll_failed) (with C(error_code), C(message)).
  - V(expiring) (with C(days_left), C(within_days)) is reported once for each of O(expiring_days).
  - It ends with an error where the next query could not go better either, such as a wrong password, since FortiFlex locks users out after ten errors.
extends_documentation_fragment:
  - flexops.fortiflex.connection
  - flexops.fortiflex.accounts
  - flexops.fortiflex.events
options:
  interval:
    description: Seconds between two queries. A query takes two requests for an account.
    type: float
    default: 300.0
  expiring_days:
    description: How many Pacific days before its end date an entitlement that a name stands on is reported as V(expiring).
    type: list
    elements: int
    default: [30, 7, 1]
  spares:
    description: The fewest spares that there should be, by name of the configuration.
    type: dict
    default: {}
  deleted_tag:
    description: Tag in which the time is kept at which the virtual machine of a name was deleted. The playbook C(flexops.fortiflex.follow_vm) sets it.
    type: str
    default: vm_deleted
  grace:
    description: How many seconds after that time V(vm_gone) is reported.
    type: float
    default: 1800.0
"""

EXAMPLES = r"""
- name: Fill up the pool of spares
  hosts: localhost
  sources:
    - flexops.fortiflex.flex_lifecycle:
        interval: 300
        spares:
          branch-small: 3
  rules:
    - name: Few spares are left
      condition: event.flex.type == "spares_low"
      action:
        run_playbook:
          name: flexops.fortiflex.refill_spares
          extra_vars:
            spares_configuration: "{{ event.flex.configuration }}"
            spares_ready: "{{ event.flex.wanted }}"
"""


async def main(queue: asyncio.Queue[dict[str, Any]], args: dict[str, Any]) -> None:
    """Entry point for ansible-rulebook, which runs this file by its path and knows nothing of
    collections.
    """
    sys.path.insert(0, str(Path(__file__).absolute().parents[7]))
    watch = importlib.import_module(
        "ansible_collections.flexops.fortiflex.plugins.plugin_utils.watch"
    )
    await watch.watch(queue, watch.LifecycleWatch, args)
