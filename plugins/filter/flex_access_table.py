# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an API user may do, as lines for people."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from textwrap import wrap
from typing import Any

from ..module_utils.escapes import visible
from ..module_utils.wording import called

_COLUMNS = 68  # what a terminal of 80 columns has beside what Ansible prints around a line
_WORDS = {"read": "granted"}
_PROBE = "entitlements/stop"


def flex_access_table(found: Mapping[str, Any]) -> list[str]:
    """A result of flex_access_info: what the user may do, what of it is required, and a line for
    each account and endpoint.
    """
    lines = [*found.get("verdict", ())]  # each on one line, so that it can be searched for
    required = found.get("required") or ()
    lines += ["Required:"] if required else []
    lines += [f"  {_row(row['name'], row['access'])}" for row in required]
    lines += [found["left_out"]] if found.get("left_out") else []
    lines += _wrapped(found.get("writing", ""))
    lines += [_line(endpoint) for endpoint in found["endpoints"] if endpoint["endpoint"] != _PROBE]
    lines += chain.from_iterable(map(_of_program, found["access"]))
    return list(map(visible, lines))


def _of_program(program: Mapping[str, Any]) -> Iterator[str]:
    """A program, its accounts, and what came of the endpoints that are about it; nothing of one
    without an account that may be named.
    """
    if program.get("left_out") and not program["accounts"]:
        return
    yield f"{program['serial_number']}, which {_account(program)} owns"
    for account in program["accounts"]:
        word = "granted" if account["read"] else "not read"
        yield f"  {_row(_account(account), word, account['message'])}"
    for endpoint in program["endpoints"]:
        yield f"  {_line(endpoint)}"


def _account(found: Mapping[str, Any]) -> str:
    return f"account {called(found.get('alias'), str(found['account_id']))}"


def _line(endpoint: Mapping[str, str]) -> str:
    """One endpoint. That a program has no balance is no want of permission."""
    word = _WORDS.get(endpoint["access"], endpoint["access"])
    if (endpoint["endpoint"], word) == ("programs/points", "refused"):
        word = "no balance"
    return _row(endpoint["endpoint"], word, endpoint["message"])


def _row(name: str, word: str, message: str = "") -> str:
    return f"{name:<24}  {word:<10}  {message}".rstrip()


def _wrapped(sentence: str) -> list[str]:
    """A sentence on as many lines as it takes."""
    return wrap(visible(sentence), _COLUMNS, subsequent_indent="  ", break_long_words=False)


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """By name."""
        return {"flex_access_table": flex_access_table}
