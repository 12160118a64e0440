# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an account holds, looked at once for all the lookups of a play, whichever processes evaluate them.

It is kept for seconds in a file of the state directory, readable by its owner only, since it has the license tokens. Whatever this controller writes
makes it void, and what somebody asks for in vain is looked for anew.
Private to the collection: may change at any time.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from ..clock import Clock
from ..core.selection import Row
from ..files import replace_file
from .connection import Connection, state_dir_error
from .predictions import Predictions

_IN_VAIN_SECONDS = 5.0  # how old a look may be that lacks what is asked for


class Writes:
    """When somebody last wrote something from this machine, whichever API user that was."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._path = connection.state_file("written", of_all=True)
        self._clock = clock

    def happened(self) -> None:
        """A write has ended, with or without an effect."""
        replace_file(self._path, repr(self._clock.now()))

    @property
    def last(self) -> float:
        """When that was, in seconds since 1970; 0 if never."""
        try:
            return float(self._path.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return 0.0


class SharedLook:
    """The last look at an account that some process of this machine has made."""

    def __init__(
        self,
        connection: Connection,
        clock: Clock,
        max_age: float,
        predictions: Predictions | None = None,
    ) -> None:
        """``max_age``: how many seconds old it may be. ``predictions``: of a run in check mode, what it would have changed."""
        fence = sorted(
            connection.accounts.allowed or ()
        )  # the account may be that of the program's owner, whoever that is
        place = f"{connection.api_url}\n{connection.program}\n{connection.account_id}\n{fence}"
        if predictions:
            place += f"\n{predictions.run}"
        self._path = connection.state_file(f"look-{hashlib.sha256(place.encode()).hexdigest()[:8]}")
        self._directory = connection.state_dir
        self._clock = clock
        self._max_age = max_age
        self._writes = Writes(connection, clock)
        self._predictions = predictions

    def rows(
        self, ask: Callable[[], tuple[float, list[Row]]], has: Callable[[list[Row]], bool]
    ) -> list[Row]:
        """What is kept, if it is new enough and ``has`` what is asked for; else what ``ask`` brings: when it was requested (seconds since 1970), and rows."""
        kept = self._load(has)
        if kept is not None:
            return kept
        with self._lock():
            kept = self._load(has)  # somebody else has looked meanwhile
            if kept is not None:
                return kept
            time, rows = ask()
            replace_file(self._path, json.dumps([time, rows]))
            return rows

    def _load(self, has: Callable[[list[Row]], bool]) -> list[Row] | None:
        try:
            time, rows = json.loads(self._path.read_text(encoding="utf-8"))
            age = self._clock.now() - float(time)
            usable = (
                0 <= age <= self._max_age
                and float(time) > self._changed
                and (age <= _IN_VAIN_SECONDS or has(rows))
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None
        return rows if usable else None

    @property
    def _changed(self) -> float:
        """When something was written last, or in check mode would have been."""
        return max(self._writes.last, self._predictions.last if self._predictions else 0.0)

    @contextmanager
    def _lock(self) -> Iterator[None]:
        try:
            descriptor = os.open(
                self._path.with_suffix(".lock"),
                os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW,
                0o600,
            )
        except OSError as error:
            raise state_dir_error(self._directory, error) from None
        try:
            with suppress(OSError):  # without locks, several look
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)
