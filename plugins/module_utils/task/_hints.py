# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an error about a program or an account says beyond itself: which of them the API user sees.

Private to the collection: may change at any time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..client.answers import ENDPOINTS
from ..client.connection import Connection
from ..client.seen import Seen
from ..client.service import FlexService
from ..clock import Clock
from ..errors import AccessDenied, FlexError, InvalidInput


class Hints:
    """Adds to an error what could be given instead. FortiFlex is asked once in a task, and only for
    an error.
    """

    def __init__(self, options: Mapping[str, Any], clock: Clock) -> None:
        self._options, self._clock = options, clock
        self._seen: Seen | None = None

    @property
    def made(self) -> int:
        """Requests made for hints so far."""
        return self._seen.made if self._seen else 0

    def missing(self, error: InvalidInput) -> InvalidInput:
        """What is wrong with the options, with what could be given if that is the program or the
        account alone.
        """
        hint = self._instead() if len(error.problems) == 1 else ""
        return InvalidInput(f"{error.problems[0].rstrip('.')}{hint}") if hint else error

    def _instead(self) -> str:
        """The programs, or the accounts of the one that is given, as the end of a sentence."""
        try:
            known = Connection.from_options({**self._options, "account_id": None}, False)
        except FlexError:
            return ""
        self._seen = Seen(known, self._clock)
        return self._seen.accounts() if known.program else self._seen.programs()

    def denied(self, error: FlexError, connection: Connection, service: FlexService) -> FlexError:
        """The same error, with the accounts that the user sees if it is denied the one that the
        task reads.
        """
        endpoint = ENDPOINTS.get(str(error.details.get("endpoint")))
        is_read = isinstance(error, AccessDenied) and endpoint is not None and not endpoint.writes
        is_one_account = connection.program and not self._options.get("accounts")
        if self._seen is not None or not (is_read and is_one_account):
            return error
        self._seen = Seen(connection, self._clock)
        hint = self._seen.accounts()
        if hint and connection.account_id is None:
            owner = f"; account_id is missing, so it was the owner's, {service.account_id}"
            hint = owner + hint
        return AccessDenied(f"{str(error).rstrip('.')}{hint}.", **error.details) if hint else error
