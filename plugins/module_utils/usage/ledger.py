# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger: who used how many points on which day, kept in one SQLite file for longer than the 90 days that FortiFlex remembers.

Nothing in it is ever changed or deleted. A figure that turns out different later is followed by a row with the difference, so that the sum of the rows of a
day is what is known now, and each row says since when. What belongs together is written in one transaction: a process that dies leaves all of it or nothing.
docs/ledger.md describes the tables. Days are Pacific days, moments are seconds since 1970 (UTC), points are whole millionths of a point.

Private to the collection: may change at any time.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import pathlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from types import TracebackType
from typing import Any, NamedTuple, TypeVar

from ..client.connection import homeless
from ..client.state_files import open_regular
from ..core.spelling import spelled, tags_spelled
from ..errors import FlexError, InvalidInput
from ..strict_json import loads

_Read = TypeVar("_Read")
MILLION = Decimal(1_000_000)
GONE = "GONE"  # the status of an entitlement that the account does not have any more
_VERSION = 1
_BUSY_SECONDS = 60.0
_TABLES = """
CREATE TABLE days (
    program TEXT NOT NULL, account_id INTEGER NOT NULL, day TEXT NOT NULL, recorded_at REAL NOT NULL,
    PRIMARY KEY (program, account_id, day, recorded_at)
) WITHOUT ROWID;
CREATE TABLE entitlements (
    id INTEGER PRIMARY KEY, program TEXT NOT NULL, account_id INTEGER NOT NULL, serial_number TEXT NOT NULL, UNIQUE (program, account_id, serial_number)
);
CREATE TABLE states (
    id INTEGER PRIMARY KEY, entitlement INTEGER NOT NULL REFERENCES entitlements, since REAL NOT NULL, name TEXT, tags TEXT NOT NULL,
    description TEXT NOT NULL, configuration TEXT, product TEXT, status TEXT, start_date TEXT, end_date TEXT
);
CREATE INDEX states_of ON states (entitlement, since);
CREATE TABLE usage (
    day TEXT NOT NULL, entitlement INTEGER NOT NULL REFERENCES entitlements, recorded_at REAL NOT NULL, state INTEGER NOT NULL REFERENCES states,
    points INTEGER NOT NULL, PRIMARY KEY (day, entitlement, recorded_at)
) WITHOUT ROWID;
CREATE TABLE month_totals (
    month TEXT NOT NULL, state INTEGER NOT NULL REFERENCES states, points INTEGER NOT NULL, PRIMARY KEY (month, state)
) WITHOUT ROWID;
CREATE TABLE balances (program TEXT NOT NULL, recorded_at REAL NOT NULL, points INTEGER, PRIMARY KEY (program, recorded_at)) WITHOUT ROWID;
"""


class State(NamedTuple):
    """What an entitlement is from a moment on: who holds it, which configuration it stands on, and its status. Dates are Pacific days."""

    serial_number: str
    name: str | None
    tags: Mapping[str, str]
    description: str
    configuration: str | None
    product: str | None
    status: str | None
    start_date: str | None
    end_date: str | None


class Held(NamedTuple):
    """A state, and from when until when it was seen; ``until`` is None while it goes on."""

    state: State
    account_id: int
    since: float
    until: float | None


class Entry(NamedTuple):
    """Points that an entitlement used in a time, in a state."""

    time: str  # a day, YYYY-MM-DD, or a month, YYYY-MM
    account_id: int
    state: State
    points: Decimal


class Recorded(NamedTuple):
    """What became of a day that was recorded: whether it was new, and how many figures were others than before."""

    new: bool
    corrections: int


def _typed(read: Callable[..., _Read]) -> Callable[..., _Read]:
    """For what reads rows: one that has something else than was written counts as a damaged file."""

    @functools.wraps(read)
    def checked(*args: Any) -> _Read:
        try:
            return read(*args)
        except (ValueError, TypeError, ArithmeticError, AttributeError):
            raise sqlite3.DatabaseError("a row of it is damaged") from None

    return checked


class Ledger:
    """One ledger file. Several processes may use it at once."""

    def __init__(self, path: str, create: bool = True, forget: bool = False) -> None:
        """Open it. If there is none, make it (0600) if ``create`` is set, or with ``forget`` one in memory, which is gone at the end.

        :raises FlexError: if that is not possible, or if it was written by a newer version.
        """
        if path.startswith("~"):
            raise InvalidInput([homeless("ledger", path)])
        self.path = pathlib.Path(path)
        there = os.path.lexists(self.path)
        if not (there or create or forget):
            raise FlexError(
                f"There is no ledger {path}: check its path, or run flex_usage_ledger first."
            )
        try:
            if there or not forget:
                self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                os.close(open_regular(self.path, os.O_RDWR | os.O_CREAT))
            self._base = sqlite3.connect(
                self.path if there or not forget else ":memory:",
                timeout=_BUSY_SECONDS,
                isolation_level=None,
            )
            with self._transaction():
                (version,) = self._base.execute("PRAGMA user_version").fetchone()
                if version == 0:
                    for statement in _TABLES.split(";"):
                        self._base.execute(statement)
                    self._base.execute(f"PRAGMA user_version = {_VERSION}")
        except (OSError, sqlite3.Error) as error:
            why = (isinstance(error, OSError) and error.strerror) or error
            raise FlexError(
                f"The ledger {path} cannot be used ({why}): set ledger to a file on a local disk that you may write to."
            ) from None
        if version > _VERSION:
            raise FlexError(
                f"The ledger {path} was written by a newer version of this collection: install that, or set ledger to another file."
            )

    def __enter__(self) -> Ledger:
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
                f"The ledger {self.path} cannot be used ({error}): see that its disk has space and that nobody else holds it, and run again; "
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

    # what is recorded

    def record_states(
        self, program: str, account_id: int, states: Iterable[State], moment: float
    ) -> int:
        """What an account has at a moment. Gives how many entitlements are not as they were before, those that are gone among them."""
        with self._transaction():
            before = self._latest(program, account_id)
            now = {state.serial_number: state for state in states}
            gone = {
                serial_number: state._replace(status=GONE)
                for serial_number, state in before.items()
                if serial_number not in now
            }
            changed = [
                state
                for serial_number, state in (now | gone).items()
                if before.get(serial_number) != state
            ]
            for state in changed:
                self._add_state(
                    self._entitlement(program, account_id, state.serial_number), state, moment
                )
        return len(changed)

    def record_day(
        self,
        program: str,
        account_id: int,
        day: date,
        points: Mapping[str, Decimal],
        moment: float,
        end: float,
    ) -> Recorded:
        """What the entitlements of an account used on a day that ended at ``end``, as FortiFlex said at ``moment``; those left out used nothing.

        Told again, it changes nothing. What is told differently is recorded as a correction. FortiFlex tells all days of an entitlement that was
        transferred for the account that has it now; here each day stays with the account for which it was recorded.
        """
        with self._transaction():
            elsewhere = self._known_elsewhere(program, account_id, day)
            told = {
                key: int((value * MILLION).to_integral_value())
                for key, value in points.items()
                if key not in elsewhere
            }
            new = not self._base.execute(
                "SELECT 1 FROM days WHERE program = ? AND account_id = ? AND day = ?",
                (program, account_id, day.isoformat()),
            ).fetchone()
            known = {} if new else self._known(program, account_id, day)
            told |= {
                key: known[key]
                for key in self._gone(program, account_id)
                if key in known and key not in told
            }
            differences = {
                serial_number: told.get(serial_number, 0) - known.get(serial_number, 0)
                for serial_number in {**told, **known}
            }
            differences = {
                serial_number: points for serial_number, points in differences.items() if points
            }
            if new or differences:
                self._base.execute(
                    "INSERT OR REPLACE INTO days VALUES (?, ?, ?, ?)",
                    (program, account_id, day.isoformat(), moment),
                )
            standing = self._standing(program, account_id, end)
            rows = []
            for serial_number, millionths in differences.items():
                entitlement, state = standing.get(serial_number) or self._unknown(
                    program, account_id, serial_number, moment
                )
                rows.append((day.isoformat(), entitlement, moment, state, millionths))
            again = "ON CONFLICT DO UPDATE SET points = points + excluded.points"
            self._base.executemany(f"INSERT INTO usage VALUES (?, ?, ?, ?, ?) {again}", rows)
            self._base.executemany(
                f"INSERT INTO month_totals VALUES (?, ?, ?) {again}",
                [(row[0][:7], row[3], row[4]) for row in rows],
            )
        return Recorded(new, 0 if new else len(differences))

    def record_balance(self, program: str, points: Decimal | None, moment: float) -> None:
        """The balance of a program; None if FortiFlex tells none, as of a postpaid one."""
        with self._transaction():
            millionths = None if points is None else int((points * MILLION).to_integral_value())
            self._base.execute(
                "INSERT OR REPLACE INTO balances VALUES (?, ?, ?)", (program, moment, millionths)
            )

    def _entitlement(self, program: str, account_id: int, serial_number: str) -> int:
        key = (program, account_id, serial_number)
        self._base.execute(
            "INSERT INTO entitlements (program, account_id, serial_number) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            key,
        )
        (number,) = self._base.execute(
            "SELECT id FROM entitlements WHERE program = ? AND account_id = ? AND serial_number = ?",
            key,
        ).fetchone()
        return int(number)

    def _add_state(self, entitlement: int, state: State, moment: float) -> int:
        row = (
            entitlement,
            moment,
            state.name,
            json.dumps(dict(state.tags), sort_keys=True),
            *state[3:],
        )
        added = self._base.execute(
            "INSERT INTO states (entitlement, since, name, tags, description, configuration, product, status, start_date, end_date)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            row,
        )
        return int(added.lastrowid or 0)

    def _unknown(
        self, program: str, account_id: int, serial_number: str, moment: float
    ) -> tuple[int, int]:
        """An entitlement that used points and was never listed: it is in another account by now."""
        entitlement = self._entitlement(program, account_id, serial_number)
        return entitlement, self._add_state(
            entitlement, State(serial_number, None, {}, "", None, None, GONE, None, None), moment
        )

    @_typed
    def _latest(self, program: str, account_id: int) -> dict[str, State]:
        rows = self._base.execute(
            "SELECT MAX(states.id), serial_number, name, tags, description, configuration, product, status, start_date, end_date"
            " FROM states JOIN entitlements ON entitlements.id = entitlement WHERE program = ? AND account_id = ? GROUP BY entitlement",
            (program, account_id),
        )
        return {_text(row[1]): _state(row[1:]) for row in rows}

    @_typed
    def _known(self, program: str, account_id: int, day: date) -> dict[str, int]:
        rows = self._base.execute(
            "SELECT serial_number, SUM(points) FROM usage JOIN entitlements ON id = entitlement WHERE program = ? AND account_id = ? AND day = ?"
            " GROUP BY entitlement",
            (program, account_id, day.isoformat()),
        )
        return {_text(serial_number): _whole(points) for serial_number, points in rows}

    @_typed
    def _known_elsewhere(self, program: str, account_id: int, day: date) -> set[str]:
        """What is recorded of that day for another account of the program."""
        rows = self._base.execute(
            "SELECT serial_number FROM usage JOIN entitlements ON id = entitlement WHERE program = ? AND account_id != ? AND day = ?"
            " GROUP BY serial_number HAVING SUM(points) > 0",
            (program, account_id, day.isoformat()),
        )
        return {row[0] for row in rows}

    def _gone(self, program: str, account_id: int) -> set[str]:
        """What the account does not have any more."""
        return {
            serial_number
            for serial_number, state in self._latest(program, account_id).items()
            if state.status == GONE
        }

    @_typed
    def _standing(self, program: str, account_id: int, end: float) -> dict[str, tuple[int, int]]:
        """The state in which each entitlement ended a day, by serial number; of one that was not yet known then, the first that was seen."""
        rows = self._base.execute(
            "SELECT serial_number, entitlement, states.id, since FROM states JOIN entitlements ON entitlements.id = entitlement"
            " WHERE program = ? AND account_id = ? ORDER BY entitlement, since, states.id",
            (program, account_id),
        )
        found: dict[str, tuple[int, int]] = {}
        for serial_number, entitlement, state, since in rows:
            if serial_number not in found or since < end:
                found[_text(serial_number)] = (_whole(entitlement), _whole(state))
        return found

    # what is known

    @_typed
    def days(self, program: str, account_id: int) -> dict[date, float]:
        """The days that are recorded of an account, each with the moment at which it was last told differently."""
        rows = self._base.execute(
            "SELECT day, MAX(recorded_at) FROM days WHERE program = ? AND account_id = ? GROUP BY day",
            (program, account_id),
        )
        return {date.fromisoformat(day): float(moment) for day, moment in rows}

    @_typed
    def newest(self, program: str) -> float:
        """When anything was last recorded of a program; 0 if nothing was."""
        latest = (
            "SELECT MAX(recorded_at) FROM days WHERE program = ?",
            "SELECT MAX(since) FROM states JOIN entitlements ON entitlements.id = entitlement WHERE program = ?",
        )
        return max(
            float(self._base.execute(statement, (program,)).fetchone()[0] or 0.0)
            for statement in latest
        )

    @_typed
    def programs(self) -> list[str]:
        """The programs of which anything is recorded."""
        known = "SELECT program FROM entitlements UNION SELECT program FROM days ORDER BY 1"
        return [str(row[0]) for row in self._base.execute(known)]

    @_typed
    def accounts(self, program: str) -> list[int]:
        """The accounts of which anything is recorded."""
        known = "SELECT account_id FROM entitlements WHERE program = ? UNION SELECT account_id FROM days WHERE program = ? ORDER BY 1"
        return [_whole(row[0]) for row in self._base.execute(known, (program, program))]

    def by_day(
        self, program: str, account_ids: Iterable[int], first: date, last: date
    ) -> list[Entry]:
        """What each entitlement used on each day from the first to the last one, both included."""
        return self._used(
            "day", "usage", "usage.state", program, account_ids, first.isoformat(), last.isoformat()
        )

    def by_month(
        self, program: str, account_ids: Iterable[int], first: date, last: date
    ) -> list[Entry]:
        """What each entitlement used in each month from that of the first to that of the last day."""
        return self._used(
            "month",
            "month_totals",
            "month_totals.state",
            program,
            account_ids,
            first.isoformat()[:7],
            last.isoformat()[:7],
        )

    @_typed
    def _used(
        self,
        time: str,
        table: str,
        state: str,
        program: str,
        account_ids: Iterable[int],
        first: str,
        last: str,
    ) -> list[Entry]:
        states = self._states(program)
        rows = self._base.execute(
            f"SELECT {time}, {state}, SUM({table}.points) FROM {table} WHERE {time} BETWEEN ? AND ? GROUP BY {time}, {state}",
            (first, last),
        )
        wanted = frozenset(account_ids)
        found = (
            (when, states[number], points) for when, number, points in rows if number in states
        )
        return [
            Entry(_day(when), account_id, held, _whole(points) / MILLION)
            for when, (account_id, held), points in found
            if account_id in wanted and points
        ]

    @_typed
    def _states(self, program: str) -> dict[int, tuple[int, State]]:
        rows = self._base.execute(
            "SELECT states.id, account_id, serial_number, name, tags, description, configuration, product, status, start_date, end_date"
            " FROM states JOIN entitlements ON entitlements.id = entitlement WHERE program = ?",
            (program,),
        )
        return {_whole(row[0]): (_whole(row[1]), _state(row[2:])) for row in rows}

    @_typed
    def history(self, program: str, account_ids: Iterable[int]) -> list[Held]:
        """From when until when each entitlement was held by whom, in which configuration and status, by serial number and time."""
        rows = self._base.execute(
            "SELECT account_id, since, LEAD(since) OVER (PARTITION BY entitlement ORDER BY since, states.id),"
            " serial_number, name, tags, description, configuration, product, status, start_date, end_date"
            " FROM states JOIN entitlements ON entitlements.id = entitlement WHERE program = ? ORDER BY serial_number, since, states.id",
            (program,),
        )
        wanted = frozenset(account_ids)
        return [
            Held(_state(row[3:]), row[0], float(row[1]), None if row[2] is None else float(row[2]))
            for row in rows
            if row[0] in wanted
        ]

    @_typed
    def balances(self, program: str) -> list[tuple[float, Decimal | None]]:
        """The balances of a program that were recorded, with their moments, oldest first."""
        rows = self._base.execute(
            "SELECT recorded_at, points FROM balances WHERE program = ? ORDER BY recorded_at",
            (program,),
        )
        return [
            (float(moment), None if points is None else _whole(points) / MILLION)
            for moment, points in rows
        ]

    @_typed
    def corrections(
        self, program: str, account_ids: Iterable[int]
    ) -> list[tuple[str, str, float, Decimal]]:
        """Every late correction: day, serial number, moment, and by how many points."""
        wanted = frozenset(account_ids)
        rows = self._base.execute(
            "SELECT account_id, day, serial_number, recorded_at, points FROM usage JOIN entitlements ON id = entitlement WHERE program = ?"
            " AND recorded_at > (SELECT MIN(recorded_at) FROM days WHERE days.program = entitlements.program"
            " AND days.account_id = entitlements.account_id AND days.day = usage.day) ORDER BY day, serial_number, recorded_at",
            (program,),
        )
        return [
            (_day(day), _text(serial_number), float(moment), _whole(points) / MILLION)
            for account_id, day, serial_number, moment, points in rows
            if account_id in wanted
        ]


def _state(row: tuple[Any, ...]) -> State:
    serial_number, name, tags, description, *rest = row
    return State(
        _text(serial_number),
        None if name is None else spelled(_text(name)),
        tags_spelled({key: _text(value) for key, value in loads(tags or "{}").items()}),
        _text(description or ""),
        *(None if value is None else _text(value) for value in rest),
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _whole(value: Any) -> int:
    if not isinstance(value, int):
        raise TypeError
    return value


def _day(text: Any) -> str:
    """A day or a month."""
    date.fromisoformat(text if len(text) > len("YYYY-MM") else f"{text}-01")
    return _text(text)
