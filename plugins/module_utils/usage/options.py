# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The argument specs of what is about use: points, ledger and reports.

Private to the collection: may change at any time. A test holds them against the modules'
documentation.
"""

from __future__ import annotations

from ..task.options import ACCOUNTS, Spec
from ._budgets import THRESHOLDS
from ._periods import PERIODS

ENDINGS = {"html": "html", "json": "json", "csv": "csv", "prometheus": "prom"}
"""The formats of a report, and how the names of their files end."""

LEDGER_FILE: Spec = {**ACCOUNTS, "ledger": {"type": "path"}}
PERIOD: Spec = {
    "start_date": {"type": "str"},
    "end_date": {"type": "str"},
    "last_days": {"type": "int"},
    "period": {"type": "str", "choices": list(PERIODS)},
}
POINTS: Spec = {
    **LEDGER_FILE,
    **PERIOD,
    "group_by": {"type": "list", "elements": "str", "default": ["entitlement"]},
    "projection": {"type": "bool", "default": True},
    "commitment": {"type": "float"},
    "budget": {"type": "raw"},
    "thresholds": {"type": "list", "elements": "float", "default": list(THRESHOLDS)},
    "least_days": {"type": "int", "default": 30},
    "fail_on_alert": {"type": "bool", "default": False},
}
LEDGER: Spec = {
    **LEDGER_FILE,
    "recheck_days": {"type": "int", "default": 2},
    "max_days": {"type": "int", "default": 100},
    "balance": {"type": "bool", "default": True},
}
REPORT: Spec = {
    "ledger": {"type": "path", "required": True},
    "accounts": {"type": "list", "elements": "str", "default": ["all"]},
    **PERIOD,
    "directory": {"type": "path", "required": True},
    "formats": {
        "type": "list",
        "elements": "str",
        "choices": list(ENDINGS),
        "default": list(ENDINGS),
    },
    "statements": {"type": "bool", "default": False},
    "whole": {"type": "bool", "default": True},
    "title": {"type": "str", "default": "FortiFlex usage"},
    "customers": {"type": "dict", "default": {}},
    "sites": {"type": "list", "elements": "str"},
    "outlook": {"type": "dict"},
    "point_price": {"type": "float"},
    "currency": {"type": "str"},
    "template": {"type": "path"},
    "charts": {"type": "bool", "default": True},
    "mode": {"type": "str", "default": "0640"},
}
