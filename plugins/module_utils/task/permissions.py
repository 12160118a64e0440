# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an API user may do, in sentences.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..wording import called, first_few

Shape = Mapping[str, Any]
Names = Mapping[str, str]
"""The aliases of accounts, by number."""
_WRITES = {
    "yes": ("may read and write", ""),
    "no": ("may read", ", and may not write"),
    "unknown": ("may read", "; whether it may write is not known"),
}


def verdict(user: str, access: Sequence[Shape], home: str, listed: bool, names: Names) -> list[str]:
    """A sentence for each program of ``access``. ``home`` is the program that it is about, "": all; ``listed``: whether FortiFlex listed programs."""
    found = [program for program in access if home in ("", program["serial_number"])]
    if found:
        return [_of_program(user, program, names) for program in found]
    if not listed:
        return [f"Which programs {user} sees is not known, because FortiFlex lists none."]
    others = [program["serial_number"] for program in access]
    if not others:
        return [f"{user} sees no program."]
    return [f"{user} does not see program {home}, but {first_few(others)}."]


def _of_program(user: str, program: Shape, names: Names) -> str:
    serial_number, accounts = program["serial_number"], program["accounts"]
    readable = [account["account_id"] for account in accounts if account["read"]]
    others = [account["account_id"] for account in accounts if not account["read"]]
    if not readable:
        return f"{user} sees program {serial_number}, and can read none of its accounts."
    may, end = _WRITES[program["write"]]
    beside = f", but not {_accounts(others, names)}" if others else ""
    return f"{user} {may} program {serial_number}, {_accounts(readable, names)}{beside}{end}."


def left_out(access: Iterable[Shape], names: Names) -> str:
    """What allowed_accounts leaves out, on one line; nothing if it leaves nothing out."""
    outside = sorted({number for program in access for number in program["left_out"]})
    if not outside:
        return ""
    return f"Not checked, because allowed_accounts leaves them out: {_accounts(outside, names)}."


def _accounts(numbers: Sequence[int], names: Names) -> str:
    told = [called(names.get(str(number)), str(number)) for number in numbers]
    return f"{'account' if len(numbers) == 1 else 'accounts'} {first_few(told)}"


def of_probe(access: str, message: str) -> str:
    """How it was found out whether the user may write."""
    tried = "the stop of an entitlement that does not exist"
    if access == "denied":
        return f"FortiFlex denied {tried} ({message}), so the user may not write."
    if access in ("refused", "read"):
        return f"Writing was checked with {tried}: FortiFlex found none and did not deny the call."
    return f"Whether the user may write is not known ({message})."
