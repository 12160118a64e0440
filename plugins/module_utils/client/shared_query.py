# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an account holds, queried once for all the lookups of a play, whichever processes evaluate
them.

It is kept for seconds in a file of the state directory, readable by its owner only, since it has
the license tokens. Anything that this controller writes invalidates it, and a query that lacks what
is asked for is repeated. Private to the collection: may change at any time.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable
from typing import Any

from ..clock import Clock, Stamp
from ..core.selection import Listed
from .connection import Connection
from .predictions import Predictions
from .state_files import StateFile

_IN_VAIN_SECONDS = 5.0  # how old a query may be that lacks what is asked for


class Writes:
    """A mark that is another one after each write of this machine, whichever API user wrote. A
    query made under another mark is invalid.
    """

    def __init__(self, connection: Connection) -> None:
        self._file = StateFile(connection.state_file("written", of_all=True))

    def happened(self) -> None:
        """Something is about to be written, or was, with or without an effect.

        Where the new mark cannot be kept, the old one is removed, which a full disk allows.

        :raises FlexError: if that is not possible either
        """
        if not self._file.save(secrets.token_hex(16)):
            self._file.remove()

    @property
    def mark(self) -> str:
        """The present mark; empty if there is none, so that nothing can rest on it."""
        return self._file.read() or ""

    def begin(self) -> None:
        """Make the first mark, if there is none."""
        if not self.mark:
            self._file.save(secrets.token_hex(16))


class SharedQuery:
    """The last query of an account that some process of this machine has made."""

    def __init__(
        self,
        connection: Connection,
        clock: Clock,
        max_age: float,
        predictions: Predictions | None = None,
    ) -> None:
        """``max_age``: how many seconds old it may be. ``predictions``: of a run in check mode,
        what it would have changed.
        """
        # The account may be that of the program's owner, whoever that is.
        allowed = sorted(connection.accounts.allowed or ())
        place = f"{connection.api_url}\n{connection.program}\n{connection.account_id}\n{allowed}"
        if predictions:
            place += f"\n{predictions.run}"
        name = f"query-{hashlib.sha256(place.encode()).hexdigest()[:32]}"
        self._file = StateFile(connection.state_file(name))
        self._clock = clock
        self._max_age = max_age
        self._writes = Writes(connection)
        self._predictions = predictions

    def rows(
        self, ask: Callable[[], tuple[float, list[Listed]]], has: Callable[[list[Listed]], bool]
    ) -> list[Listed]:
        """What is kept, if it is new enough and ``has`` what is asked for; else what ``ask``
        brings: when it was requested (seconds since 1970), and rows.
        """
        kept = self._load(has)
        if kept is not None:
            return kept
        with self._file.locked():
            kept = self._load(has)  # somebody else has asked meanwhile
            if kept is not None:
                return kept
            self._writes.begin()
            mark = self._mark()
            moment, rows = ask()
            self._file.save(json.dumps([Stamp.of(moment, self._clock), mark, rows]))
            return rows

    def _load(self, has: Callable[[list[Listed]], bool]) -> list[Listed] | None:
        mark = self._mark()

        def usable(kept: list[Any]) -> list[Listed] | None:
            stamp, made_under, rows = kept
            age = Stamp(*stamp).age(self._clock)
            if age is None or age > self._max_age or not mark[0] or made_under != mark:
                return None
            return rows if age <= _IN_VAIN_SECONDS or has(rows) else None

        return self._file.load(usable)

    def _mark(self) -> list[str]:
        """What is another list after each write, and in check mode after each prediction."""
        return [self._writes.mark, self._predictions.mark if self._predictions else ""]
