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
    Charged,
    Screen,
    _columns,
    also_charged,
    cost_line,
    for_good,
    in_time,
    plan_lines,
    seconds_for,
    summary,
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


def plans(
    plan: dict[str, int], configurations: dict[str, int] | None = None, spares: int = 0
) -> dict[str, dict[str, int]]:
    """The plans of a report."""
    return {
        "plan": {"unchanged": 0, **plan},
        "configurations_plan": configurations or {"create": 0, "change": 0, "unchanged": 3},
        "spares_plan": {"create": spares},
    }


def shown(width: int, lines: list[str], *sentences: str) -> list[str]:
    """What a person sees of lines and sentences."""
    said: list[str] = []
    screen = Screen(said.append, width)
    screen.show(lines)
    screen.tell(*sentences, indent="      ")
    return said


def test_a_plan_reads_like_a_plan() -> None:
    lines = plan_lines(rows(ROWS), False, 120)
    assert [line[2] for line in lines] == list("~+~~--~+")
    assert lines[1] == f"  + create   {'oslo':<40}  branch-small, PENDING"
    assert lines[0].startswith("  ~ change   configuration branch-small ")
    assert lines[3].startswith("  ~ start    lima ")
    assert lines[7].startswith("  + create   spares of branch-small ")


SITES = [("entitlement", f"site-{number:03}", "create", "small, PENDING") for number in range(120)]


def test_of_a_long_plan_what_is_alike_is_counted() -> None:
    large = [("entitlement", "hub", "create", "large, PENDING")]
    tagged = [("entitlement", "tagged", "create", "small, PENDING, {region=andes}")]
    stopped = [
        ("entitlement", f"lab-{number}", "stop", "status ACTIVE -> STOPPED") for number in range(4)
    ]
    entries = [*SITES, *large, *tagged, *stopped]
    assert plan_lines(rows(entries), False) == [
        *(f"  + create   site-00{number}  small, PENDING" for number in range(3)),
        "  + create   118 more like this (-v lists all)",
        "  + create   hub       large, PENDING",
        *(f"  - stop     lab-{number}     status ACTIVE -> STOPPED" for number in range(4)),
    ]
    assert len(plan_lines(rows(entries), True)) == len(entries)
    assert len(plan_lines(rows(SITES[:24]), False)) == 24


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["configuration", "entitlement", "spare"]),
            st.text(max_size=64),
            st.sampled_from(ACTIONS),
            st.text(max_size=200),
        )
    ),
    st.integers(40, 200),
)
def test_no_line_is_wider_than_the_terminal(
    entries: list[tuple[str, str, str, str]], width: int
) -> None:
    every = dict.fromkeys((*ACTIONS, "without_license"), 100_000)
    parts = plans(every, dict.fromkeys(("create", "change", "unchanged"), 100_000), 100_000)
    cost = Cost(Decimal(10**9), Decimal(10**9), Decimal(10**9), Decimal(0), 10**6)
    lines = plan_lines(rows(entries), True, width)
    said = shown(width, lines, *summary(parts, 5, False), cost_line(cost), for_good(10**6, 10**6))
    assert len(said) >= len(entries) + 3 and max(map(_columns, said)) <= max(width, 86)
    assert max(map(_columns, said[: len(entries)]), default=0) <= width
    assert all(line.isprintable() for line in said)


@pytest.mark.parametrize(
    ("parts", "failed", "planned", "done"),
    [
        (
            plans(
                {"create": 120, "unchanged": 5, "without_license": 2}, {"create": 6, "unchanged": 1}
            ),
            0,
            "Plan: 120 to create, 5 as they should be, 2 without a license; configurations: 6 to create",
            "Done: 120 created, 5 as they should be, 2 without a license; configurations: 6 created",
        ),
        (
            plans({"move": 1, "reactivate": 2, "suspended": 1}, {"change": 1}, 3),
            0,
            "Plan: 1 to move, 2 to start, 1 suspended; configurations: 1 to change; spares: 3 to create",
            "Done: 1 moved, 2 started, 1 suspended; configurations: 1 changed; spares: 3 created",
        ),
        (
            plans({"create": 27, "unchanged": 93}),
            93,
            "Plan: 27 to create, 93 that would fail",
            "Done: 27 created, 93 failed",
        ),
    ],
)
def test_a_plan_counts_all_that_it_is_about(
    parts: dict[str, dict[str, int]], failed: int, planned: str, done: str
) -> None:
    assert shown(200, [], *summary(parts, failed, False)) == [planned]
    assert shown(200, [], *summary(parts, failed, True)) == [done]


def test_what_it_costs() -> None:
    def line(before: str, after: str, pending: str, licenses: int) -> list[str]:
        cost = Cost(Decimal(before), Decimal(after), Decimal(pending), Decimal(0), licenses)
        return shown(80, [], cost_line(cost))

    assert line("0", "424.92", "424.92", 120) == [
        "Cost: 0.00 -> 424.92 points/day",
        "      (0.00 now, 424.92 when all 120 pending licenses are in use)",
    ]
    assert line("1278", "1341.9", "2.5", 1)[1] == (
        "      (1,339.40 now, 1,341.90 when the pending license is in use)"
    )
    assert line("5", "2.5", "0", 0) == ["Cost: 5.00 -> 2.50 points/day"]


def test_what_can_never_be_undone() -> None:
    assert (
        for_good(120, 1)
        == "! Creates 120 licenses and 1 configuration, which can never be deleted."
    )
    assert for_good(0, 2) == "! Creates 2 configurations, which can never be deleted."


def test_what_else_is_charged() -> None:
    found = [
        Charged(name, f"FG{number}", "small", points)
        for number, (name, points) in enumerate(
            [("hamburg-depot", Decimal("12.91")), ("", None), ("c", None), ("d", None), ("e", None)]
        )
    ]
    assert also_charged(found) == (
        "Also in this account: 5 licenses are charged and belong to no site of this run: "
        "hamburg-depot (12.91 points/day), FG1, c and 2 more."
    )
    assert also_charged(found[2:3]) == (
        "Also in this account: 1 license is charged and belongs to no site of this run: c."
    )


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
    (line,) = shown(100, plan_lines(rows(entries), False))
    assert len(line) <= 101 and max(measured) <= 101 and len(measured) < 200
