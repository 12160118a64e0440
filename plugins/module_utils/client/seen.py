# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an API user sees, for an error about a program or an account: one reading request, which
waits for nothing and is not repeated.

Private to the collection: may change at any time.
"""

from __future__ import annotations

from dataclasses import replace

from ..clock import Clock
from ..errors import FlexError
from ..wording import first_few
from .client import Client
from .connection import Connection

_SECONDS = 10.0  # the longest that such a request may take


class Seen:
    """Asks what an API user sees. If that fails, there is nothing to say."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        """Sends nothing yet."""
        quick = replace(connection, quota_wait=0, timeout=min(connection.timeout, _SECONDS))
        self._connection, self._clock = quick, clock
        self.made = 0

    def programs(self) -> str:
        """The programs, as the end of a sentence."""
        found = self._values("programs/list", {}, "serialNumber")
        return _listed("; this API user sees", "program", found)

    def accounts(self) -> str:
        """The accounts that the task may touch and that have configurations in the program, as the
        end of a sentence.
        """
        program, accounts = self._connection.program, self._connection.accounts
        found = self._values("configs/list", {"programSerialNumber": program}, "accountId")
        told = [
            accounts.called(number)
            for number in found
            if number.isdecimal() and accounts.permits(int(number))
        ]
        return _listed(f"; in {program} this API user sees", "account", told)

    def _values(self, endpoint: str, body: dict[str, str], key: str) -> list[str]:
        """What the items of an answer have for a key, sorted."""
        try:
            client = Client(self._connection, self._clock, repeats=0)
            try:
                items = client.read(endpoint, body).items
            finally:
                self.made += client.made
        except FlexError:
            return []
        return sorted({str(item[key]) for item in items if item.get(key)})


def _listed(start: str, kind: str, items: list[str]) -> str:
    """The end of a sentence with some programs or accounts; nothing if there are none."""
    if not items:
        return ""
    return f"{start} {kind if len(items) == 1 else f'{kind}s'} {first_few(items)}"
