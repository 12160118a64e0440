# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SQLite file of the ledger: its tables, how it is opened, written as a whole, and read.

docs/ledger.md describes the tables. Days are Pacific days, moments are seconds since 1970 (UTC),
points are whole millionths of a point.

Private to the collection: may change at any time.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import sqlite3
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, TypeVar

from ..client.connection import homeless
from ..client.state_files import open_regular
from ..errors import FlexError, InvalidInput

_VERSION = 1
_BUSY_SECONDS = 60.0
_TABLES = """
CREATE TABLE days (
    program TEXT NOT NULL, account_id INTEGER NOT NULL, day TEXT NOT NULL,
    recorded_at REAL NOT NULL, PRIMARY KEY (program, account_id, day, recorded_at)
) WITHOUT ROWID;
CREATE TABLE entitlements (
    id INTEGER PRIMARY KEY, program TEXT NOT NULL, account_id INTEGER NOT NULL,
    serial_number TEXT NOT NULL, UNIQUE (program, account_id, serial_number)
);
CREATE TABLE states (
    id INTEGER PRIMARY KEY, entitlement INTEGER NOT NULL REFERENCES entitlements,
    since REAL NOT NULL, name TEXT, tags TEXT NOT NULL, description TEXT NOT NULL,
    configuration TEXT, product TEXT, status TEXT, start_date TEXT, end_date TEXT
);
CREATE INDEX states_of ON states (entitlement, since);
CREATE TABLE usage (
    day TEXT NOT NULL, entitlement INTEGER NOT NULL REFERENCES entitlements,
    recorded_at REAL NOT NULL, state INTEGER NOT NULL REFERENCES states, points INTEGER NOT NULL,
    PRIMARY KEY (day, entitlement, recorded_at)
) WITHOUT ROWID;
CREATE TABLE month_totals (
    month TEXT NOT NULL, state INTEGER NOT NULL REFERENCES states, points INTEGER NOT NULL,
    PRIMARY KEY (month, state)
) WITHOUT ROWID;
CREATE TABLE balances (
    program TEXT NOT NULL, recorded_at REAL NOT NULL, points INTEGER,
    PRIMARY KEY (program, recorded_at)
) WITHOUT ROWID;
"""
_File = TypeVar("_File", bound="LedgerFile")
_Row = TypeVar("_Row")


class LedgerFile:
    """One ledger file. Several processes may use it at once."""

    def __init__(self, path: str, create: bool = True, forget: bool = False) -> None:
        """Open it. If there is none, make it (0600) if ``create`` is set.

        With ``forget`` one that is not there is made in memory, and is gone at the end.

        :raises FlexError: if that is not possible, or if it was written by a newer version.
        """
        if path.startswith("~"):
            raise InvalidInput(homeless("ledger", path))
        self.path = pathlib.Path(path)
        there = os.path.lexists(self.path)
        if not (there or create or forget):
            raise FlexError(
                f"There is no ledger {path}: check its path, or run flex_usage_ledger first."
            )
        try:
            self._base = self._connected(in_memory=forget and not there)
            version = self._with_tables()
        except (OSError, sqlite3.Error) as error:
            why = getattr(error, "strerror", None) or error
            raise FlexError(
                f"The ledger {path} cannot be used ({why}): "
                "set ledger to a file on a local disk that you may write to."
            ) from None
        if version > _VERSION:
            raise FlexError(
                f"The ledger {path} was written by a newer version of this collection: "
                "install that, or set ledger to another file."
            )

    def _connected(self, in_memory: bool) -> sqlite3.Connection:
        place: pathlib.Path | str = ":memory:"
        if not in_memory:
            place = self.path
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(open_regular(place, os.O_RDWR | os.O_CREAT))
        return sqlite3.connect(place, timeout=_BUSY_SECONDS, isolation_level=None)

    def _with_tables(self) -> int:
        """The version of its tables, which are made if there are none (0)."""
        with self._transaction():
            (version,) = self._base.execute("PRAGMA user_version").fetchone()
            if version == 0:
                for statement in _TABLES.split(";"):
                    self._base.execute(statement)
                self._base.execute(f"PRAGMA user_version = {_VERSION}")
        return int(version)

    def __enter__(self: _File) -> _File:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._base.close()
        if isinstance(error, sqlite3.Error):
            raise FlexError(
                f"The ledger {self.path} cannot be used ({error}): "
                "see that its disk has space and that nobody else holds it, and run again; "
                "if it is damaged, restore a copy of it, or set ledger to another file."
            )

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        """All of what is inside, or nothing of it. Others that write wait meanwhile."""
        self._base.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                self._base.execute("ROLLBACK")
            raise
        self._base.execute("COMMIT")

    def _read(self, row: Callable[..., _Row], statement: str, *values: object) -> list[_Row]:
        """The rows of a statement, each as ``row`` makes it of its columns.

        :raises sqlite3.DatabaseError: also if a row has something else than was written.
        """
        try:
            return [row(*columns) for columns in self._base.execute(statement, values)]
        except (ValueError, TypeError, ArithmeticError, AttributeError):
            raise sqlite3.DatabaseError("a row of it is damaged") from None


def text(value: Any) -> str:
    """A text of a row.

    :raises TypeError: if it is none.
    """
    if not isinstance(value, str):
        raise TypeError
    return value


def whole(value: Any) -> int:
    """A whole number of a row.

    :raises TypeError: if it is none.
    """
    if not isinstance(value, int):
        raise TypeError
    return value
