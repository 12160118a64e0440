# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs in which everything happens, killed at random moments and run again: the second run completes what the first one began."""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from simulator.launch import Simulator, start

from .harness import FORK, UNPACED, SimulatorClock, conclude, directories, fleet, options, work
from .scenario import WANTED, differences, is_intent, prepare

WORKERS = 2
RUNS = 200
LATENCY_MS = 3


class Case(NamedTuple):
    """What came of a kill after so many requests; ``killed`` False: the run was over before, and the case does not count."""

    killed: bool
    requests: int
    surplus: int = 0
    dead_intents: int = 0
    wrong: tuple[str, ...] = ()


def main() -> None:
    """As many killed runs as the first argument says."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else RUNS
    cases = [
        case
        for part in work(kill, [(number, runs // WORKERS) for number in range(WORKERS)], WORKERS)
        for case in part
    ]
    killed = [case for case in cases if case.killed]
    requests, surplus, intents = (
        sorted(Counter(numbers).items())
        for numbers in (
            [case.requests // 10 * 10 for case in killed],
            [case.surplus for case in cases],
            [case.dead_intents for case in cases],
        )
    )
    print(
        f"killed {len(killed)} runs, after {requests} (requests, runs); {len(cases) - len(killed)} more were over before"
    )
    print(
        f"more entitlements than needed {surplus}, of these with the intent of a dead run {intents} (number, runs)"
    )
    conclude(
        "kill",
        len(killed),
        [f"killed after {case.requests} requests: {text}" for case in cases for text in case.wrong],
    )


def kill(seed: int, runs: int) -> list[Case]:
    """The runs of one worker, with a FortiFlex of its own, until so many of them were killed."""
    chance = random.Random(seed)
    with directories() as new, start() as flex:
        usual = statistics.median(_run(flex, new(), None)[0] for _run_number in range(5))
        cases: list[Case] = []
        while sum(case.killed for case in cases) < runs:
            cases.append(attempt(flex, new(), chance.uniform(0, usual)))
        return cases


def attempt(flex: Simulator, state_dir: Path, seconds: float) -> Case:
    """One run that is killed after so many seconds, and the runs after it."""
    _seconds, killed, before = _run(flex, state_dir, seconds)
    requests = flex.requests()["total"]
    clock = SimulatorClock(flex)
    given = options(flex, state_dir, WANTED, **UNPACED)
    second = fleet(given, clock)
    wrong = [f"rerun: {second['msg']}"] if second.get("failed") else []
    intents = sum(is_intent(item["description"]) for item in flex.state()["entitlements"])
    found, surplus = differences(flex, before, intents_allowed=True)
    flex.reset_requests()
    third = fleet(given, clock)
    if third.get("failed") or third["changed"] or flex.writes():
        wrong.append(
            f"another rerun: changed={third['changed']}, {flex.writes()} writes, {third.get('msg', 'no error')}"
        )
    return Case(killed, requests, surplus, intents, tuple(wrong + found))


def _run(
    flex: Simulator, state_dir: Path, seconds: float | None
) -> tuple[float, bool, dict[str, dict[str, Any]]]:
    """A run of its own process: how long it took, whether it was killed, what was there before."""
    before = prepare(flex)
    flex.settings(latency_ms=LATENCY_MS)
    given = options(flex, state_dir, WANTED, **UNPACED)
    process = FORK.Process(target=lambda: fleet(given, SimulatorClock(flex)))
    begun = time.monotonic()
    process.start()
    process.join(seconds)
    killed = process.is_alive()
    process.kill()
    process.join()
    return time.monotonic() - begun, killed, before


if __name__ == "__main__":
    main()
