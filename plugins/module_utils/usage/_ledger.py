# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger: who used how many points on which day, kept in one SQLite file for longer than the
90 days that FortiFlex remembers.

Nothing in it is ever changed or deleted. A figure that turns out different later is followed by a
row with the difference, so that the sum of the rows of a day is what is known now, and each row
says since when. What belongs together is written in one transaction: a process that dies leaves
all of it or nothing.

Private to the collection: may change at any time.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Set
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from ..core.spelling import spelled, tags_spelled
from ..optional import if_given
from ..strict_json import loads
from ._ledger_file import LedgerFile, text, whole
from ._points import GONE, Holding, State, Use

_MILLION = Decimal(1_000_000)
_STATE = ", ".join(State._fields)
_STATES = "states JOIN entitlements ON entitlements.id = entitlement"
_USAGE = "usage JOIN entitlements ON entitlements.id = entitlement"
_OF_ACCOUNT = "WHERE program = ? AND account_id = ?"


class Correction(NamedTuple):
    """By how many points FortiFlex reported a day of an entitlement differently, and when."""

    day: str
    serial_number: str
    moment: float
    points: Decimal


class Recorded(NamedTuple):
    """What became of a day: whether it was new, and how many figures were others than before."""

    new: bool
    corrections: int


class LedgerReader(LedgerFile):
    """What is known: days, states, uses, balances and corrections of programs."""

    def programs(self) -> list[str]:
        """The programs of which anything is recorded."""
        known = "SELECT program FROM entitlements UNION SELECT program FROM days ORDER BY 1"
        return self._read(str, known)

    def accounts(self, program: str) -> list[int]:
        """The accounts of which anything is recorded."""
        known = (
            "SELECT account_id FROM entitlements WHERE program = ?"
            " UNION SELECT account_id FROM days WHERE program = ? ORDER BY 1"
        )
        return self._read(whole, known, program, program)

    def days(self, program: str, account_id: int) -> dict[date, float]:
        """The recorded days of an account, with the moment at which each was last reported again."""
        known = f"SELECT day, MAX(recorded_at) FROM days {_OF_ACCOUNT} GROUP BY day"
        return dict(self._read(_told_day, known, program, account_id))

    def newest(self, program: str) -> float:
        """When anything was last recorded of a program; 0 if nothing was."""
        latest = (
            "SELECT MAX(recorded_at) FROM days WHERE program = ?",
            f"SELECT MAX(since) FROM {_STATES} WHERE program = ?",
        )
        return max(
            moment
            for statement in latest
            for moment in self._read(lambda found: float(found or 0.0), statement, program)
        )

    def by_day(
        self, program: str, account_ids: Iterable[int], first: date, last: date
    ) -> list[Use]:
        """What each entitlement used on each day from the first to the last one, both included."""
        return self._used("usage", "day", program, account_ids, str(first), str(last))

    def by_month(
        self, program: str, account_ids: Iterable[int], first: date, last: date
    ) -> list[Use]:
        """The same by month, from that of the first to that of the last day."""
        months = f"{first:%Y-%m}", f"{last:%Y-%m}"
        return self._used("month_totals", "month", program, account_ids, *months)

    def _used(
        self, table: str, time: str, program: str, account_ids: Iterable[int], *span: str
    ) -> list[Use]:
        """Sums of a table, by the column ``time`` and the state."""
        wanted = frozenset(account_ids)
        known = f"SELECT states.id, account_id, {_STATE} FROM {_STATES} WHERE program = ?"
        states = self._read(_numbered_state, known, program)
        mine = {number: (held_by, state) for number, held_by, state in states if held_by in wanted}

        def use(when: Any, number: Any, millionths: Any) -> Use | None:
            if whole(number) not in mine or not millionths:
                return None
            account_id, state = mine[number]
            return Use(_day(when), account_id, state, _points(millionths))

        sums = (
            f"SELECT {time}, state, SUM(points) FROM {table} WHERE {time} BETWEEN ? AND ?"
            f" GROUP BY {time}, state"
        )
        return list(filter(None, self._read(use, sums, *span)))

    def history(self, program: str, account_ids: Iterable[int]) -> list[Holding]:
        """From when until when each entitlement was in which state, by serial number and time."""
        wanted = frozenset(account_ids)
        known = (
            "SELECT account_id, since,"
            " LEAD(since) OVER (PARTITION BY entitlement ORDER BY since, states.id),"
            f" {_STATE} FROM {_STATES} WHERE program = ? ORDER BY serial_number, since, states.id"
        )
        every = self._read(_held, known, program)
        return [held for held in every if held.account_id in wanted]

    def balances(self, program: str) -> list[tuple[float, Decimal | None]]:
        """The balances of a program that were recorded, with their moments, oldest first.

        None where FortiFlex reported none.
        """
        known = "SELECT recorded_at, points FROM balances WHERE program = ? ORDER BY recorded_at"
        return self._read(_balance, known, program)

    def corrections(self, program: str, account_ids: Iterable[int]) -> list[Correction]:
        """Every late correction, by day, serial number and moment."""
        wanted = frozenset(account_ids)
        known = (
            f"SELECT account_id, day, serial_number, recorded_at, points FROM {_USAGE}"
            " WHERE program = ? AND recorded_at > (SELECT MIN(recorded_at) FROM days"
            " WHERE days.program = entitlements.program"
            " AND days.account_id = entitlements.account_id AND days.day = usage.day)"
            " ORDER BY day, serial_number, recorded_at"
        )
        every = self._read(_correction, known, program)
        return [correction for account_id, correction in every if account_id in wanted]


class Ledger(LedgerReader):
    """What is known, and records what FortiFlex says."""

    def record_states(
        self, program: str, account_id: int, states: Iterable[State], moment: float
    ) -> int:
        """What an account has at a moment.

        Gives how many entitlements are not as they were before, those that are gone among them.
        """
        with self._transaction():
            before = self._latest(program, account_id)
            now = {state.serial_number: state for state in states}
            gone = [
                state._replace(status=GONE) for number, state in before.items() if number not in now
            ]
            told = [*now.values(), *gone]
            changed = [state for state in told if before.get(state.serial_number) != state]
            for state in changed:
                self._add_state(program, account_id, state, moment)
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
        """What the entitlements of an account used on a day, as FortiFlex said at ``moment``.

        The day ended at ``end``; those left out used nothing. Reported again, it changes nothing.
        What is reported differently is recorded as a correction. FortiFlex reports all days of an
        entitlement that was transferred for the account that has it now; here each day stays with
        the account for which it was recorded.
        """
        with self._transaction():
            known = self._known(program, account_id, day)
            kept = self._kept_elsewhere(program, account_id, day)
            told = {key: _millionths(value) for key, value in points.items() if key not in kept}
            latest = self._latest(program, account_id)
            gone = {key for key, state in latest.items() if state.status == GONE}
            changes = _changes(known, told, gone)
            there = f"SELECT 1 FROM days {_OF_ACCOUNT} AND day = ? LIMIT 1"
            new = not self._read(whole, there, program, account_id, str(day))
            if new or changes:
                row = (program, account_id, day.isoformat(), moment)
                self._base.execute("INSERT OR REPLACE INTO days VALUES (?, ?, ?, ?)", row)
            self._add_usage(program, account_id, day, changes, moment, end)
        return Recorded(new, 0 if new else len(changes))

    def record_balance(self, program: str, points: Decimal | None, moment: float) -> None:
        """The balance of a program; None if FortiFlex reports none, as of a postpaid one."""
        with self._transaction():
            row = (program, moment, if_given(points, _millionths))
            self._base.execute("INSERT OR REPLACE INTO balances VALUES (?, ?, ?)", row)

    def _add_state(
        self, program: str, account_id: int, state: State, moment: float
    ) -> tuple[int, int]:
        """Record a state. Gives the numbers of the entitlement and of the state."""
        key = (program, account_id, state.serial_number)
        self._base.execute(
            "INSERT INTO entitlements (program, account_id, serial_number) VALUES (?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            key,
        )
        (entitlement,) = self._read(
            whole, f"SELECT id FROM entitlements {_OF_ACCOUNT} AND serial_number = ?", *key
        )
        _serial_number, name, tags, *rest = state
        added = self._base.execute(
            "INSERT INTO states (entitlement, since, name, tags, description, configuration,"
            " product, status, start_date, end_date) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (entitlement, moment, name, json.dumps(dict(tags), sort_keys=True), *rest),
        )
        return entitlement, int(added.lastrowid or 0)

    def _add_usage(
        self,
        program: str,
        account_id: int,
        day: date,
        changes: Mapping[str, int],
        moment: float,
        end: float,
    ) -> None:
        """Record changes, in millionths by serial number, with the states at the end of the day."""
        standing = self._standing(program, account_id, end)
        for serial_number in [key for key in changes if key not in standing]:
            # It used points and was never listed: it is in another account by now.
            standing[serial_number] = self._add_state(
                program, account_id, State(serial_number, status=GONE), moment
            )
        again = "ON CONFLICT DO UPDATE SET points = points + excluded.points"
        self._base.executemany(
            f"INSERT INTO usage VALUES (?, ?, ?, ?, ?) {again}",
            [(str(day), standing[k][0], moment, standing[k][1], n) for k, n in changes.items()],
        )
        self._base.executemany(
            f"INSERT INTO month_totals VALUES (?, ?, ?) {again}",
            [(f"{day:%Y-%m}", standing[key][1], points) for key, points in changes.items()],
        )

    def _latest(self, program: str, account_id: int) -> dict[str, State]:
        """The last state of each entitlement of an account, by serial number."""
        newest = (
            f"SELECT MAX(states.id), {_STATE} FROM {_STATES} {_OF_ACCOUNT} GROUP BY entitlement"
        )
        states = self._read(lambda _newest, *state: _state(*state), newest, program, account_id)
        return {state.serial_number: state for state in states}

    def _known(self, program: str, account_id: int, day: date) -> dict[str, int]:
        """What is recorded of a day, in millionths by serial number."""
        sums = (
            f"SELECT serial_number, SUM(points) FROM {_USAGE} {_OF_ACCOUNT} AND day = ?"
            " GROUP BY entitlement"
        )
        return dict(self._read(_known_sum, sums, program, account_id, str(day)))

    def _kept_elsewhere(self, program: str, account_id: int, day: date) -> set[str]:
        """What is recorded of a day for another account of the program."""
        known = (
            f"SELECT serial_number FROM {_USAGE} WHERE program = ? AND account_id != ? AND day = ?"
            " GROUP BY serial_number HAVING SUM(points) > 0"
        )
        return set(self._read(str, known, program, account_id, str(day)))

    def _standing(self, program: str, account_id: int, end: float) -> dict[str, tuple[int, int]]:
        """The entitlement and state with which each serial number ended a day.

        Of one that was not yet known then, the first state that was seen.
        """
        known = (
            f"SELECT serial_number, entitlement, states.id, since < ? FROM {_STATES} {_OF_ACCOUNT}"
            " ORDER BY entitlement, since, states.id"
        )
        found: dict[str, tuple[int, int]] = {}
        states = self._read(_standing_state, known, end, program, account_id)
        for serial_number, entitlement, state, is_in_time in states:
            if serial_number not in found or is_in_time:
                found[serial_number] = (entitlement, state)
        return found


# Rows: what is read of them is what was written, or raises one of the errors of LedgerFile._read.


def _told_day(day: Any, moment: Any) -> tuple[date, float]:
    return date.fromisoformat(day), float(moment)


def _balance(moment: Any, millionths: Any) -> tuple[float, Decimal | None]:
    return float(moment), if_given(millionths, _points)


def _known_sum(serial_number: Any, millionths: Any) -> tuple[str, int]:
    return text(serial_number), whole(millionths)


def _standing_state(
    serial_number: Any, entitlement: Any, state: Any, is_in_time: Any
) -> tuple[str, int, int, bool]:
    return text(serial_number), whole(entitlement), whole(state), bool(is_in_time)


def _correction(account_id: Any, day: Any, *columns: Any) -> tuple[int, Correction]:
    serial_number, moment, points = columns
    found = Correction(_day(day), text(serial_number), float(moment), _points(points))
    return whole(account_id), found


def _numbered_state(number: Any, account_id: Any, *state: Any) -> tuple[int, int, State]:
    return whole(number), whole(account_id), _state(*state)


def _held(account_id: Any, since: Any, until: Any, *state: Any) -> Holding:
    return Holding(_state(*state), whole(account_id), float(since), if_given(until, float))


def _state(serial_number: Any, name: Any, tags: Any, description: Any, *rest: Any) -> State:
    """A state of the columns of its row."""
    return State(
        text(serial_number),
        if_given(if_given(name, text), spelled),
        tags_spelled({key: text(value) for key, value in loads(text(tags)).items()}),
        text(description),
        *(if_given(value, text) for value in rest),
    )


def _changes(known: Mapping[str, int], told: Mapping[str, int], gone: Set[str]) -> dict[str, int]:
    """By how much each figure is another than before, by serial number.

    What is not reported is 0 now, but of what is gone: its account reports nothing of it any more.
    """
    keys = [key for key in {**told, **known} if key in told or key not in gone]
    changes = {key: told.get(key, 0) - known.get(key, 0) for key in keys}
    return {key: change for key, change in changes.items() if change}


def _millionths(points: Decimal) -> int:
    return int((points * _MILLION).to_integral_value())


def _points(millionths: Any) -> Decimal:
    return whole(millionths) / _MILLION


def _day(value: Any) -> str:
    """A day or a month of a row."""
    when = text(value)
    date.fromisoformat(when if len(when) > len("YYYY-MM") else f"{when}-01")
    return when
