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
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.changes import ACTIONS
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.cost import Cost
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.steps import (
    CREATE,
    SET,
    TAKE,
    Step,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.task import (
    plan_text as plan_text_module,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.task.plan_text import (
    _TOGETHER,
    Charged,
    Screen,
    _columns,
    also_charged,
    cost_line,
    for_good,
    how_long,
    in_time,
    plan_lines,
    summary,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.task.progress import Progress

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
    assert lines[1] == f"  + create   {'oslo':<60}  branch-small, PENDING"
    assert lines[0].startswith("  ~ change   configuration branch-small ")
    assert lines[3].startswith("  ~ start    lima ")
    assert lines[7].startswith("  + create   spares of branch-small ")


@pytest.mark.parametrize("columns", [80, 160])
def test_a_line_has_name_and_serial_number(columns: int) -> None:
    text = "end_date 2027-01-01 -> 2027-06-30"
    changed = {"kind": "entitlement", "name": "branch-oslo", "action": "change", "text": text}
    new = {"kind": "entitlement", "name": "lima", "action": "create", "text": "small, PENDING"}
    numbered = {**changed, "serial_number": "FGVMMLTM26000012"}
    assert shown(
        columns, plan_lines([numbered, {**new, "serial_number": None}], False, columns)
    ) == [
        f"  ~ change   branch-oslo (FGVMMLTM26000012)  {text}",
        "  + create   lima                            small, PENDING",
    ]


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
        *(f"  - stop     lab-{number}     ACTIVE -> STOPPED" for number in range(4)),
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
    assert also_charged(found).replace(_TOGETHER, " ") == (
        "Also in this account: 5 licenses are charged and belong to no site of this run: "
        "hamburg-depot (FG0, 12.91 points/day), FG1, c (FG2) and 2 more."
    )
    assert also_charged(found[2:3]).replace(_TOGETHER, " ") == (
        "Also in this account: 1 license is charged and belongs to no site of this run: c (FG2)."
    )


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
    assert how_long(9, seconds) == f"About 9 API requests, {words} at the request limit."


class Watched:
    """A client that sends nothing, on a virtual clock; its request limit is its own."""

    def __init__(self, directory: Path, total: int, licenses: int = 0) -> None:
        self.inner = VirtualClock(NOW)
        self.clock = WatchedClock(self.inner)
        self.said: list[tuple[float, str]] = []
        given = {"username": "u", "password": "p", "program": "P", "state_dir": str(directory)}
        self.progress = Progress(self.clock, Screen(self.say))
        self.clock.watch = self.progress.tick
        self.client = Client(Connection.from_options(given), self.clock, heard=self.progress.tick)
        self.client.pace.took(0.5)
        self.progress.client = self.client
        self.progress.expect(total, licenses)

    def say(self, line: str) -> None:
        self.said.append((self.clock.now() - NOW, line))

    def write(self, seconds: float, name: str = "site", purpose: str = SET) -> None:
        with self.client.limit.slot() as slot:
            slot.sending(seconds)
            self.inner.sleep(seconds)
        self.client._wire.made += 1
        self.progress.wrote(Step(("entitlement", name), purpose, "entitlements/update", {}))


def test_a_long_run_says_at_least_every_ten_seconds_how_far_it_is(tmp_path: Path) -> None:
    run = Watched(tmp_path, 150)
    for _number in range(150):
        run.write(0.5)
    times = [0.0, *(time for time, _line in run.said), run.clock.now() - NOW]
    assert max(later - earlier for earlier, later in zip(times, times[1:], strict=False)) <= 10.0
    waiting = [line for _time, line in run.said if ", waiting until " in line]
    assert len(waiting) == 1 and waiting[0].endswith(" s left")
    assert " for the request limit (100 a minute), " in waiting[0]
    assert run.said[0][1] == "18 of 150 changes sent, 18 requests used, about 1 min 20 s left"


def test_a_run_that_makes_licenses_says_how_many_there_are(tmp_path: Path) -> None:
    run = Watched(tmp_path, 70, 60)
    for _number in range(10):
        run.write(0.5, "branch", SET)
    for number in range(60):
        run.write(0.5, f"site-{number}", TAKE if number % 2 else CREATE)
    assert [line.split(",")[0] for _time, line in run.said] == [
        "8 of 60 licensed", "26 of 60 licensed", "44 of 60 licensed",
    ]  # fmt: skip


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
    (line,) = shown(100, plan_lines(rows(entries), False))
    assert len(line) <= 101 and max(measured) <= 101 and len(measured) < 200
