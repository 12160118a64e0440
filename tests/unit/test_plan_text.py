# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan reads like a plan, and a long run says how far it is."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.flexops.fortiflex.plugins.module_utils.client.client import Client
from ansible_collections.flexops.fortiflex.plugins.module_utils.client.connection import Connection
from ansible_collections.flexops.fortiflex.plugins.module_utils.clock import (
    VirtualClock,
    WatchedClock,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.cost import Cost
from ansible_collections.flexops.fortiflex.plugins.module_utils.task import (
    plan_text as plan_text_module,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.task.plan_text import (
    _columns,
    in_time,
    plan_text,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.task.progress import Progress
from ansible_collections.flexops.fortiflex.plugins.module_utils.task.results import ACTIONS

NOW = 1_790_000_000.0
ROWS = [
    (
        "configuration",
        "branch-small",
        "change",
        "cpus 2 -> 4, which touches 2 entitlements (2 ACTIVE)",
    ),
    ("entitlement", "oslo", "create", "branch-small, PENDING"),
    (
        "entitlement",
        "a-name-that-is-as-long-as-a-name-can-be-which-is-64-characters-yes",
        "reuse",
        "name none -> " + "x" * 60,
    ),
    ("entitlement", "lima", "reactivate", "status STOPPED -> ACTIVE"),
    ("entitlement", "bonn", "stop", "status ACTIVE -> STOPPED"),
    ("entitlement", "rome", "release", ""),
    ("entitlement", "kyiv", "move", "configuration a -> b"),
    ("spare", "branch-small", "create", "ready 0 -> 5"),
]


def rows(entries: list[tuple[str, str, str, str]]) -> list[dict[str, str]]:
    return [dict(zip(("kind", "name", "action", "text"), entry, strict=True)) for entry in entries]


def test_a_plan_reads_like_a_plan() -> None:
    plans = {
        "plan": dict.fromkeys(ACTIONS, 1) | {"unchanged": 183, "change": 0, "without_license": 0},
        "configurations_plan": {"create": 0, "change": 0, "unchanged": 3},
        "spares_plan": {"create": 0},
    }
    cost = Cost(Decimal("1278"), Decimal("1341.9"), Decimal("63.9"))
    lines = plan_text(rows(ROWS), plans, cost, 250, 125.0)
    assert [line[2] for line in lines[: len(ROWS)]] == list("~+⇄▶■−~+")
    assert (
        lines[1]
        == "  + create      oslo                                      branch-small, PENDING"
    )
    assert lines[0].startswith("  ~ change      configuration branch-small") and lines[
        7
    ].startswith("  + create      spares of branch-small")
    assert lines[-4:] == [
        "Plan: 1 create, 1 reuse, 1 move, 1 reactivate, 1 stop, 1 release, 1 suspended, 183 unchanged",
        "It takes about 250 requests, about 2 min at the quota",
        "Points a day: 1,278.00 before, 1,341.90 after",
        "Of this, once PENDING ones are in use: 0.00 before, 63.90 after",
    ]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["configuration", "entitlement", "spare"]),
            st.text(max_size=64),
            st.sampled_from(ACTIONS),
            st.text(max_size=200),
        )
    )
)
def test_no_line_has_more_than_100_columns(entries: list[tuple[str, str, str, str]]) -> None:
    lines = plan_text(
        rows(entries),
        {
            "plan": dict.fromkeys((*ACTIONS, "without_license"), 100_000),
            "configurations_plan": dict.fromkeys(("create", "change", "unchanged"), 100_000),
            "spares_plan": {"create": 100_000},
        },
        Cost(Decimal(10**9), Decimal(10**9), Decimal(10**9)),
        10**6,
        10.0**9,
    )
    assert len(lines) == len(entries) + 6 and max(map(_columns, lines)) <= 100
    assert all(line.isprintable() for line in lines)
    assert lines[-6:-3] == [
        "Plan: 100000 create, 100000 reuse, 100000 change, 100000 move, 100000 reactivate, 100000 stop,",
        "      100000 release, 100000 suspended, 100000 unchanged, 100000 without a license;",
        "      configurations: 100000 create, 100000 change, 100000 unchanged; spares: 100000 create",
    ]


@pytest.mark.parametrize(
    ("plan", "configurations", "spares", "line"),
    [
        (
            {"unchanged": 1},
            {"change": 1, "unchanged": 2},
            0,
            "1 unchanged; configurations: 1 change, 2 unchanged",
        ),
        (
            {"create": 2, "unchanged": 0},
            {"create": 1},
            3,
            "2 create, 0 unchanged; configurations: 1 create; spares: 3 create",
        ),
        (
            {"unchanged": 0, "without_license": 4},
            {"unchanged": 2},
            0,
            "0 unchanged, 4 without a license",
        ),
    ],
)
def test_a_plan_counts_all_that_it_is_about(
    plan: dict[str, int], configurations: dict[str, int], spares: int, line: str
) -> None:
    plans = {"plan": plan, "configurations_plan": configurations, "spares_plan": {"create": spares}}
    assert plan_text([], plans, None, 0, 0.0) == [f"Plan: {line}"]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "5 s"),
        (37, "35 s"),
        (59, "1 min"),
        (60, "1 min"),
        (76, "1 min 20 s"),
        (596, "10 min"),
        (3000, "50 min"),
        (3600, "1 h 0 min"),
        (5400, "1 h 30 min"),
    ],
)
def test_lengths_of_time(seconds: float, words: str) -> None:
    assert in_time(seconds) == f"about {words}"


@pytest.mark.parametrize(
    ("seconds", "words"), [(59, "less than a minute"), (76, "about 1 min 20 s")]
)
def test_how_long_a_plan_takes(seconds: float, words: str) -> None:
    plans = {"plan": {}, "configurations_plan": {}, "spares_plan": {}}
    lines = plan_text([], plans, None, 9, seconds)
    assert lines[-1] == f"It takes about 9 requests, {words} at the quota"


class Watched:
    """A client that sends nothing, on a virtual clock; its request budget is its own."""

    def __init__(self, directory: Path, total: int) -> None:
        self.inner = VirtualClock(NOW)
        self.clock = WatchedClock(self.inner)
        self.said: list[tuple[float, str]] = []
        given = {"username": "u", "password": "p", "program": "P", "state_dir": str(directory)}
        self.client = Client(Connection.from_options(given), self.clock)
        self.client.pace.took(0.5)
        self.progress = Progress(self.clock, self.say, total, self.client)
        self.clock.watch = self.progress.tick

    def say(self, line: str) -> None:
        self.said.append((self.clock.now() - NOW, line))

    def write(self, seconds: float) -> None:
        with self.client.budget.slot() as slot:
            slot.sending(seconds)
            self.inner.sleep(seconds)
        self.client.made += 1
        self.progress.wrote()


def test_a_long_run_says_at_least_every_ten_seconds_how_far_it_is(tmp_path: Path) -> None:
    run = Watched(tmp_path, 150)
    for _number in range(150):
        run.write(0.5)
    times = [0.0, *(time for time, _line in run.said), run.clock.now() - NOW]
    assert max(later - earlier for earlier, later in zip(times, times[1:], strict=False)) <= 10.0
    assert run.said[0][1] == "18 of 150 changes sent, 18 requests used, about 1 min 20 s left"
    waiting = [line for _time, line in run.said if ", waiting for the quota until " in line]
    assert len(waiting) == 1 and waiting[0].endswith(" s left")


def test_a_short_run_says_nothing(tmp_path: Path) -> None:
    run = Watched(tmp_path, 3)
    for _number in range(3):
        run.write(2.0)
    assert not run.said


def test_a_text_of_any_length_is_cut_before_it_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    measured: list[int] = []

    def columns(text: str) -> int:
        measured.append(len(text))
        return _columns(text)

    monkeypatch.setattr(plan_text_module, "_columns", columns)
    entries = [("entitlement", "名" * 1_000_000, "create", "x\n" * 1_000_000)]
    plan = {f"{kind}plan": {"unchanged": 0} for kind in ("", "configurations_", "spares_")}
    lines = plan_text(rows(entries), plan, None, 0, 0.0)
    assert len(lines[0]) <= 101 and max(measured) <= 101 and len(measured) < 200
