# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an API user may do, as lines for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..module_utils.escapes import visible


def flex_access_table(found: Mapping[str, Any]) -> list[str]:
    """A result of flex_access_info: one line for each program, account and endpoint."""
    lines = [_line(endpoint) for endpoint in found["endpoints"]]
    for program in found["access"]:
        lines.append(
            f"{program['serial_number']}  of account {program['account_id']}, writing: {program['write']}"
        )
        for account in program["accounts"]:
            lines.append(
                f"  account {account['account_id']:<16}  {'read' if account['read'] else 'not read':<11}  {account['message']}".rstrip()
            )
        lines += [f"  {_line(endpoint)}" for endpoint in program["endpoints"]]
    lines += [] if found["access"] else ["This API user sees no program."]
    return [visible(line) for line in lines]


def _line(endpoint: Mapping[str, str]) -> str:
    return f"{endpoint['endpoint']:<24}  {endpoint['access']:<11}  {endpoint['message']}".rstrip()


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """By name."""
        return {"flex_access_table": flex_access_table}
