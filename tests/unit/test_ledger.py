# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger: told again it stays the same, told otherwise it keeps both, and a process that is killed leaves whole days."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.flexops.fortiflex.plugins.module_utils.errors import FlexError
from ansible_collections.flexops.fortiflex.plugins.module_utils.usage._ledger import Ledger
from ansible_collections.flexops.fortiflex.plugins.module_utils.usage._periods import end_of
from ansible_collections.flexops.fortiflex.plugins.module_utils.usage._points import GONE, State

PROGRAM, ACCOUNT = "ELAVMS0000000200", 2000001
FIRST = date(2026, 1, 1)
POINTS = st.decimals(0, 10_000, places=2)
DAYS = st.dictionaries(st.sampled_from(["FGVM1", "FGVM2", "FGVM3"]), POINTS)


def state(serial_number: str, **changes: object) -> State:
    """An entitlement on a small configuration."""
    return State(
        serial_number,
        serial_number.lower(),
        {"region": "west"},
        "",
        "small",
        "fortigate_vm_bundle",
        "ACTIVE",
        None,
        None,
    )._replace(**changes)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 20), DAYS), max_size=12))
def test_the_sums_are_what_was_reported_last(
    tmp_path_factory: pytest.TempPathFactory, told: list[tuple[int, dict[str, Decimal]]]
) -> None:
    last: dict[date, dict[str, Decimal]] = {}
    with Ledger(str(tmp_path_factory.mktemp("ledger") / "usage.sqlite3")) as ledger:
        ledger.record_states(
            PROGRAM, ACCOUNT, [state(f"FGVM{number}") for number in (1, 2, 3)], end_of(FIRST)
        )
        for moment, (number, points) in enumerate(told):
            day = FIRST + timedelta(days=number)
            recorded = ledger.record_day(
                PROGRAM, ACCOUNT, day, points, end_of(day) + moment, end_of(day)
            )
            before = {serial: value for serial, value in last.get(day, {}).items() if value}
            now = {serial: value for serial, value in points.items() if value}
            assert recorded.new is (day not in last)
            assert recorded.new or bool(recorded.corrections) is (before != now)
            last[day] = points
        days: dict[str, dict[str, Decimal]] = defaultdict(dict)
        for use in ledger.by_day(PROGRAM, [ACCOUNT], FIRST, FIRST + timedelta(days=30)):
            days[use.time][use.state.serial_number] = use.points
        assert days == {
            day.isoformat(): kept
            for day, points in last.items()
            if (kept := {serial: value for serial, value in points.items() if value})
        }
        months = ledger.by_month(PROGRAM, [ACCOUNT], FIRST, FIRST + timedelta(days=30))
        assert sum((use.points for use in months), Decimal(0)) == sum(
            (sum(points.values(), Decimal(0)) for points in last.values()), Decimal(0)
        )
        assert set(ledger.days(PROGRAM, ACCOUNT)) == set(last)


def test_a_late_correction_is_kept_beside_what_was_reported_before(tmp_path: Path) -> None:
    with Ledger(str(tmp_path / "usage.sqlite3")) as ledger:
        end = end_of(FIRST)
        ledger.record_states(PROGRAM, ACCOUNT, [state("FGVM1")], end)
        ledger.record_day(PROGRAM, ACCOUNT, FIRST, {"FGVM1": Decimal("6.39")}, end + 1, end)
        assert ledger.record_day(
            PROGRAM, ACCOUNT, FIRST, {"FGVM1": Decimal("12.91")}, end + 2, end
        ) == (False, 1)
        assert ledger.record_day(
            PROGRAM, ACCOUNT, FIRST, {"FGVM1": Decimal("12.91")}, end + 3, end
        ) == (False, 0)
        assert ledger.corrections(PROGRAM, [ACCOUNT]) == [
            ("2026-01-01", "FGVM1", end + 2, Decimal("6.52"))
        ]


def test_points_count_for_whoever_held_it_at_the_end_of_the_day(tmp_path: Path) -> None:
    with Ledger(str(tmp_path / "usage.sqlite3")) as ledger:
        noon = [end_of(FIRST + timedelta(days=number)) - 43200 for number in range(4)]
        ledger.record_states(PROGRAM, ACCOUNT, [state("FGVM1")], noon[1])
        ledger.record_states(PROGRAM, ACCOUNT, [state("FGVM1", tags={"region": "east"})], noon[2])
        assert ledger.record_states(PROGRAM, ACCOUNT, [], noon[3]) == 1
        for number in range(4):
            day = FIRST + timedelta(days=number)
            ledger.record_day(
                PROGRAM,
                ACCOUNT,
                day,
                {"FGVM1": Decimal(1), "FGVM9": Decimal(2)},
                noon[3] + 86400,
                end_of(day),
            )
        uses = ledger.by_day(PROGRAM, [ACCOUNT], FIRST, FIRST + timedelta(days=3))
        held = {
            use.time: (use.state.tags["region"], use.state.status)
            for use in uses
            if use.state.serial_number == "FGVM1"
        }
        assert held == {
            "2026-01-01": ("west", "ACTIVE"),
            "2026-01-02": ("west", "ACTIVE"),
            "2026-01-03": ("east", "ACTIVE"),
            "2026-01-04": ("east", GONE),
        }
        assert sum(use.points for use in uses if use.state.serial_number == "FGVM9") == 8
        history = [
            (period.state.tags, period.state.status, period.until)
            for period in ledger.history(PROGRAM, [ACCOUNT])
        ][:3]
        assert history == [
            ({"region": "west"}, "ACTIVE", noon[2]),
            ({"region": "east"}, "ACTIVE", noon[3]),
            ({"region": "east"}, GONE, None),
        ]


WRITER = """
import sys
from datetime import date, timedelta
from decimal import Decimal
from ansible_collections.flexops.fortiflex.plugins.module_utils.usage._ledger import Ledger
from ansible_collections.flexops.fortiflex.plugins.module_utils.usage._periods import end_of
points = {f"FGVM{number}": Decimal(1) for number in range(500)}
with Ledger(sys.argv[1]) as ledger:
    for number in range(int(sys.argv[2])):
        day = date(2026, 1, 1) + timedelta(days=number)
        ledger.record_day("ELAVMS0000000200", 2000001, day, points, end_of(day) + 30000, end_of(day))
"""


def test_a_writer_that_is_killed_leaves_whole_days(tmp_path: Path) -> None:
    path, chance, sizes = tmp_path / "usage.sqlite3", random.Random(1), []
    root = Path(__file__).parents[2]
    for number in range(60):
        if (
            number >= 12 and sizes[-1]
        ):  # a machine with much to do needs more attempts until the first day is there
            break
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), "1000"],
            env={"PYTHONPATH": str(root / ".build")},
        ) as writer:
            while not path.exists() or not path.stat().st_size:
                time.sleep(0.01)
            time.sleep(chance.uniform(0.0, 0.3 + number / 10))
            writer.send_signal(signal.SIGKILL)
        with Ledger(str(path)) as ledger:
            days = ledger.days(PROGRAM, ACCOUNT)
            sums: dict[str, Decimal] = defaultdict(Decimal)
            for use in ledger.by_day(PROGRAM, [ACCOUNT], FIRST, FIRST + timedelta(days=2000)):
                sums[use.time] += use.points
            assert sums == {day.isoformat(): 500 for day in days}
            sizes.append(len(days))
        with sqlite3.connect(path) as base:
            assert base.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert sizes == sorted(sizes) and sizes[-1] > 0


def test_two_writers_at_once_record_each_day_once(tmp_path: Path) -> None:
    path, environment = (
        tmp_path / "usage.sqlite3",
        {"PYTHONPATH": str(Path(__file__).parents[2] / ".build")},
    )
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(path), "60"], env=environment)
        for _writer in range(3)
    ]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    with Ledger(str(path)) as ledger:
        uses = ledger.by_day(PROGRAM, [ACCOUNT], FIRST, FIRST + timedelta(days=100))
        assert (
            sum(use.points for use in uses) == 60 * 500 and len(ledger.days(PROGRAM, ACCOUNT)) == 60
        )
        assert not ledger.corrections(PROGRAM, [ACCOUNT])
        assert (
            sum(
                use.points
                for use in ledger.by_month(PROGRAM, [ACCOUNT], FIRST, FIRST + timedelta(days=100))
            )
            == 60 * 500
        )


def test_a_ledger_that_cannot_be_used_is_reported_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no ledger at all, but long enough to be read as one" * 20)
    (tmp_path / "link").symlink_to("elsewhere")
    os.mkfifo(tmp_path / "fifo")
    for path in (
        tmp_path / "text",
        tmp_path / "text" / "below",
        Path("/proc/nothing"),
        tmp_path,
        tmp_path / "link",
        tmp_path / "fifo",
    ):
        with pytest.raises(FlexError, match="cannot be used"):
            Ledger(str(path))
    newer = tmp_path / "newer"
    with sqlite3.connect(newer) as base:
        base.execute("PRAGMA user_version = 99")
    with pytest.raises(FlexError, match="newer version"):
        Ledger(str(newer))


def test_a_ledger_that_breaks_while_it_is_used_is_reported_in_one_sentence_too(
    tmp_path: Path,
) -> None:
    path = tmp_path / "usage.sqlite3"
    with Ledger(str(path)):
        pass
    with sqlite3.connect(path) as base:
        base.execute("DROP TABLE usage")
    with (
        pytest.raises(FlexError, match=r"cannot be used \(no such table: usage\)"),
        Ledger(str(path)) as ledger,
    ):
        ledger.record_day(
            PROGRAM, ACCOUNT, FIRST, {"FGVM1": Decimal(1)}, end_of(FIRST) + 1, end_of(FIRST)
        )


ODD = [
    None,
    "",
    "x",
    b"\xff",
    1.5,
    -1,
    2**62,
    "9" * 400,
    "[",
    '{"a": 1}',
    '{"a": ["b"]}',
    "[" * 9999,
]
TABLES = ("days", "entitlements", "states", "usage", "month_totals", "balances")


def read_all(path: Path) -> None:
    """Each way in which a ledger is read."""
    with Ledger(str(path)) as ledger:
        last = FIRST + timedelta(days=40)
        accounts = ledger.accounts(PROGRAM)
        ledger.days(PROGRAM, ACCOUNT)
        ledger.newest(PROGRAM)
        ledger.by_day(PROGRAM, accounts, FIRST, last)
        ledger.by_month(PROGRAM, accounts, FIRST, last)
        ledger.history(PROGRAM, accounts)
        ledger.balances(PROGRAM)
        ledger.corrections(PROGRAM, accounts)
        ledger.record_states(PROGRAM, ACCOUNT, [state("FGVM1", status="STOPPED")], end_of(last))
        points = {"FGVM1": Decimal(3), "FGVM9": Decimal(1)}
        ledger.record_day(PROGRAM, ACCOUNT, FIRST, points, end_of(last), end_of(FIRST))


@pytest.mark.parametrize("odd", ["7x", b"\xff", 1.5])
@pytest.mark.parametrize("place", ["entitlements.account_id", "usage.state", "month_totals.state"])
def test_a_damaged_number_is_no_other_number(tmp_path: Path, place: str, odd: object) -> None:
    """What cannot be read is never left out of a result as if it were another account's."""
    path, last = tmp_path / "ledger", FIRST + timedelta(days=40)
    with Ledger(str(path)) as ledger:
        ledger.record_states(PROGRAM, ACCOUNT, [state("FGVM1")], end_of(FIRST) - 9)
        for points in (Decimal(1), Decimal(2)):
            moment = end_of(FIRST) + float(points)
            ledger.record_day(PROGRAM, ACCOUNT, FIRST, {"FGVM1": points}, moment, end_of(FIRST))
    table, column = place.split(".")
    readers: dict[str, Callable[[Ledger], object]] = {
        "usage": lambda ledger: ledger.by_day(PROGRAM, [ACCOUNT], FIRST, last),
        "month_totals": lambda ledger: ledger.by_month(PROGRAM, [ACCOUNT], FIRST, last),
        "history": lambda ledger: ledger.history(PROGRAM, [ACCOUNT]),
        "corrections": lambda ledger: ledger.corrections(PROGRAM, [ACCOUNT]),
    }
    for name, read in readers.items():
        with Ledger(str(path)) as ledger:
            assert read(ledger), name
    with contextlib.closing(sqlite3.connect(path)) as base:
        base.execute(f"UPDATE {table} SET {column} = ?", (odd,))
        if table == "entitlements":
            base.execute("UPDATE days SET account_id = ?", (odd,))
        base.commit()
    for name in readers if table == "entitlements" else [table]:
        with pytest.raises(FlexError, match="a row of it is damaged"), Ledger(str(path)) as ledger:
            readers[name](ledger)


def columns(path: Path, table: str) -> list[str]:
    with sqlite3.connect(path) as base:
        return [row[1] for row in base.execute(f"PRAGMA table_info({table})")]


@pytest.mark.parametrize("table", TABLES)
def test_a_damaged_row_is_reported_in_one_sentence(tmp_path: Path, table: str) -> None:
    """Any value in any column is read as it is, or the ledger cannot be used."""
    whole = tmp_path / "whole"
    with Ledger(str(whole)) as ledger:
        ledger.record_states(PROGRAM, ACCOUNT, [state("FGVM1"), state("FGVM2")], end_of(FIRST) - 9)
        for points in (Decimal(1), Decimal(2)):
            told = {"FGVM1": points}
            moment = end_of(FIRST) + float(points)
            ledger.record_day(PROGRAM, ACCOUNT, FIRST, told, moment, end_of(FIRST))
        ledger.record_balance(PROGRAM, Decimal(5), end_of(FIRST))
    refused = 0
    for column in columns(whole, table):
        for odd in ODD:
            path = tmp_path / "damaged"
            path.write_bytes(whole.read_bytes())
            with contextlib.closing(sqlite3.connect(path)) as base:
                try:
                    base.execute("PRAGMA ignore_check_constraints = ON")
                    base.execute(f"UPDATE {table} SET {column} = ?", (odd,))
                    base.commit()
                except (sqlite3.Error, OverflowError):
                    continue
            try:
                read_all(path)
            except FlexError as error:
                refused += 1
                assert str(error).startswith(f"The ledger {path} cannot be used (")
                assert "restore a copy of it" in str(error)
    assert refused > 0
