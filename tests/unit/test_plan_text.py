# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan reads like a plan, and a long run says how far it is."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    seconds_for,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.task.progress import Progress
from ansible_collections.flexops.fortiflex.plugins.module_utils.task.results import ACTIONS

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
    lines = plan_text(rows(ROWS), plans, cost, 250, 100, 1000)
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
        100,
        1000,
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
    assert plan_text([], plans, None, 0, 100, 1000) == [f"Plan: {line}"]


@pytest.mark.parametrize(
    ("requests", "seconds"),
    [
        (0, 0),
        (1, 0),
        (100, 0),
        (101, 60),
        (300, 120),
        (1000, 540),
        (1001, 3600),
        (1100, 3600),
        (1101, 3660),
        (2500, 7200 + 240),
    ],
)
def test_how_long_the_quota_makes_it(requests: int, seconds: float) -> None:
    assert seconds_for(requests, 100, 1000) == seconds


def test_lengths_of_time() -> None:
    assert [in_time(seconds) for seconds in (0, 59, 60, 3000, 3600, 5400)] == [
        "less than a minute",
        "less than a minute",
        "about 1 min",
        "about 50 min",
        "about 1 h 0 min",
        "about 1 h 30 min",
    ]


def test_a_long_run_says_at_least_every_ten_seconds_how_far_it_is() -> None:
    clock = WatchedClock(VirtualClock(0.0))
    said: list[tuple[float, str]] = []
    until = [0.0]
    progress = Progress(
        clock, lambda line: said.append((clock.now(), line)), 50, lambda: 60, lambda: until[0]
    )
    clock.watch = progress.tick
    for number in range(50):
        if number == 25:
            until[0] = clock.now() + 120
            clock.sleep(120)
        clock.sleep(0.7)
        progress.wrote()
    times = [0.0, *(time for time, _line in said), clock.now()]
    assert max(later - earlier for earlier, later in zip(times, times[1:], strict=False)) <= 10.0
    assert said[0][1].startswith("12 of 50 changes sent, 60 requests used, ") and said[0][
        1
    ].endswith(" left")
    assert "waiting for the quota until" in said[3][1] and "about 2 min left" in said[3][1]


def test_a_short_run_says_nothing() -> None:
    clock = WatchedClock(VirtualClock(0.0))
    progress = Progress(clock, pytest.fail, 3, lambda: 5, lambda: 0.0)
    clock.watch = progress.tick
    for _number in range(3):
        clock.sleep(2.0)
        progress.wrote()


def test_a_text_of_any_length_is_cut_before_it_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    measured: list[int] = []

    def columns(text: str) -> int:
        measured.append(len(text))
        return _columns(text)

    monkeypatch.setattr(plan_text_module, "_columns", columns)
    entries = [("entitlement", "名" * 1_000_000, "create", "x\n" * 1_000_000)]
    plan = {f"{kind}plan": {"unchanged": 0} for kind in ("", "configurations_", "spares_")}
    lines = plan_text(rows(entries), plan, None, 0, 100, 1000)
    assert len(lines[0]) <= 101 and max(measured) <= 101 and len(measured) < 200
