# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The argument specs of what a task can ask for. flex_configuration and flex_entitlement take one
such item, flex_fleet lists of them.

Private to the collection: may change at any time. A test holds them against the modules'
documentation.
"""

from __future__ import annotations

from typing import Any

from ..catalogue.catalogue import KINDS
from ..core.goal import CONFIGURATION_STATES, ENTITLEMENT_STATES, FRESH_TOKEN, REUSE

Spec = dict[str, dict[str, Any]]

CONFIGURATION: Spec = {
    "name": {"type": "str"},
    "id": {"type": "int"},
    "product": {"type": "str"},
    "parameters": {"type": "dict"},
    "state": {"type": "str", "choices": list(CONFIGURATION_STATES), "default": "active"},
    "max_affected": {"type": "int"},
}
OUTSIDE: Spec = {"allow_outside_limit": {"type": "bool"}}
ENTITLEMENT: Spec = {
    "name": {"type": "str"},
    "serial_number": {"type": "str"},
    "configuration": {"type": "str"},
    "state": {"type": "str", "choices": list(ENTITLEMENT_STATES), "default": "active"},
    "end_date": {"type": "str"},
    "tags": {"type": "dict"},
    "folder": {"type": "str"},
    "skip_pending": {"type": "bool", "default": False},
    "reuse": {"type": "str", "choices": list(REUSE), "default": "marked"},
    "fresh_token": {
        "type": "str",
        "choices": list(FRESH_TOKEN),
        "default": "never",
        "no_log": False,
    },
    "replace_expired": {"type": "bool", "default": False},
    "create": {"type": "bool", "default": True},
    "distinct_from": {"type": "list", "elements": "str"},
    "was": {"type": "str"},
    "describe": {"type": "bool", "default": False},
    "remove_hardware": {"type": "bool", "default": False},
    "ignore_suspension": {"type": "bool", "default": False},
}
SERIAL_NUMBERS: Spec = {"serial_numbers": {"type": "list", "elements": "str"}}
TRANSFER: Spec = {
    "names": {"type": "list", "elements": "str"},
    **SERIAL_NUMBERS,
    "target_account_id": {"type": "str", "required": True},
    "target_configuration": {"type": "str"},
}
RETURN_TOKEN: Spec = {"return_token": {"type": "bool", "default": False, "no_log": False}}
SCOPE: Spec = {
    "tags": {"type": "dict"},
    "names": {"type": "list", "elements": "str"},
    "configurations": {"type": "list", "elements": "str"},
}
SITE: Spec = {
    **ENTITLEMENT,
    "profile": {"type": "str"},
    "device": {"type": "str"},
    "pair": {"type": "str"},
}
FLEET: Spec = {
    "configurations": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": CONFIGURATION,
        "required_one_of": [["name", "id"]],
    },
    "entitlements": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": SITE,
        "required_one_of": [["name", "serial_number"]],
    },
    "profiles": {"type": "dict", "default": {}},
    "spares": {"type": "dict", "default": {}},
    "prune": {"type": "dict", "options": SCOPE},
    "max_prune": {"type": "str", "default": "10%"},
    "allow_outside_limit": {"type": "bool", "default": False},
    "max_new": {"type": "int"},
    "estimate": {"type": "bool"},
    "max_points_per_day": {"type": "float"},
    "return_tokens": {"type": "bool", "default": False, "no_log": False},
    "fleets": {"type": "list", "elements": "dict"},
    "plan": {"type": "dict"},
    "plan_file": {"type": "list", "elements": "path"},
    "refuse_renames": {"type": "bool", "default": False},
    "report_unlisted": {"type": "bool", "default": True},
    "publish_plan": {"type": "bool", "default": False},
}
LIMIT: Spec = {"limit": {"type": "int"}}
PRODUCT_FILTERS: Spec = {
    **LIMIT,
    "name": {"type": "str"},
    "kind": {"type": "str", "choices": list(KINDS)},
}
DELIVERY: Spec = {
    "name": {"type": "str"},
    "serial_number": {"type": "str"},
    "device_url": {"type": "str", "required": True},
    "device_token": {"type": "str", "required": True, "no_log": True},
    "device_validate_certs": {"type": "bool", "default": True},
    "device_ca_path": {"type": "path"},
    "proxy_url": {"type": "str", "no_log": True},
    "reboot_timeout": {"type": "float", "default": 600.0},
    "active_timeout": {"type": "float", "default": 300.0},
}
PRICED: Spec = {
    "product": {"type": "str"},
    "parameters": {"type": "dict"},
    "configuration": {"type": "str"},
    "fleet": {"type": "path"},
    "count": {"type": "int", "default": 1},
}
ONE_PRICED: dict[str, Any] = {
    "required_one_of": [["product", "configuration", "fleet"]],
    "mutually_exclusive": [["product", "configuration", "fleet"]],
}
COST: Spec = {**PRICED, "compare_to": {"type": "dict", "options": PRICED, **ONE_PRICED}}
ACCOUNTS: Spec = {"accounts": {"type": "list", "elements": "str"}}
LISTED: Spec = {**ACCOUNTS, **LIMIT}
CONFIGURATION_FILTERS: Spec = {
    **LISTED,
    "name": {"type": "str"},
    "id": {"type": "int"},
    "product": {"type": "str"},
    "status": {"type": "str"},
}
ENTITLEMENT_FILTERS: Spec = {
    **LISTED,
    "name": {"type": "str"},
    "serial_number": {"type": "str"},
    "configuration": {"type": "str"},
    "product": {"type": "str"},
    "status": {"type": "str"},
    "token_status": {"type": "str", "no_log": False},
    "tags": {"type": "dict"},
    "spare": {"type": "bool"},
    "holders": {"type": "bool", "default": False},
    "partial": {"type": "bool", "default": False},
}
PROGRAM_FILTERS: Spec = {
    "serial_number": {"type": "str"},
    "balance": {"type": "bool", "default": True},
    "accounts": {"type": "bool", "default": False},
    **LIMIT,
}
ACCESS: Spec = {
    "serial_number": {"type": "str"},
    **ACCOUNTS,
    "probe_writing": {"type": "bool", "default": True},
    "required": {
        "type": "dict",
        "options": {
            "program": {"type": "str"},
            **ACCOUNTS,
            "write": {"type": "bool", "default": False},
        },
    },
}
GROUP_FILTERS: Spec = {
    **LISTED,
    "folder": {"type": "str"},
    "next_token": {"type": "bool", "default": False, "no_log": False},
    "configuration": {"type": "str"},
    "statuses": {"type": "list", "elements": "str"},
}
