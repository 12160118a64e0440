# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs in which everything happens, ended at random moments by each signal that ends one, and run again.

The second run completes what the first one began, and the audit trail says of each request that FortiFlex got what became of it, or that nobody knows.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import signal
import statistics
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from ansible_collections.flexops.fortiflex.plugins.module_utils.client.answers import ENDPOINTS
from simulator.launch import Simulator, start

from .harness import FORK, UNPACED, SimulatorClock, conclude, directories, fleet, options, work
from .scenario import WANTED, differences, is_claim, prepare

WORKERS = 2
RUNS = 400
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
LATENCY_MS = 3


class Case(NamedTuple):
    """What came of a kill after so many requests; ``killed`` False: the run was over before, and the case does not count."""

    killed: bool
    requests: int
    signal: str = ""
    unanswered: int = 0
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
    signals = sorted(Counter(case.signal for case in killed).items())
    requests, surplus, claims, unanswered = (
        sorted(Counter(numbers).items())
        for numbers in (
            [case.requests // 10 * 10 for case in killed],
            [case.surplus for case in cases],
            [case.dead_intents for case in cases],
            [case.unanswered for case in killed],
        )
    )
    print(
        f"ended {len(killed)} runs, by {signals}, after {requests} (requests, runs); {len(cases) - len(killed)} more were over before"
    )
    print(
        f"more entitlements than needed {surplus}, of these with the claim of a dead run {claims} (number, runs)"
    )
    print(
        f"requests without an answer in the audit trail of such a run {unanswered} (number, runs)"
    )
    conclude(
        "kill",
        len(killed),
        [
            f"{case.signal} after {case.requests} requests: {text}"
            for case in cases
            for text in case.wrong
        ],
    )


def kill(seed: int, runs: int) -> list[Case]:
    """The runs of one worker, with a FortiFlex of its own, until so many of them were killed."""
    chance = random.Random(seed)
    with directories() as new, start() as flex:
        usual = statistics.median(_run(flex, new(), None)[0] for _run_number in range(5))
        cases: list[Case] = []
        while (count := sum(case.killed for case in cases)) < runs:
            by = SIGNALS[count % len(SIGNALS)]
            cases.append(attempt(flex, new(), chance.uniform(0, usual), by))
        return cases


def attempt(flex: Simulator, state_dir: Path, seconds: float, by: signal.Signals) -> Case:
    """One run that is ended after so many seconds, and the runs after it."""
    _seconds, killed, before = _run(flex, state_dir, seconds, by)
    requests = flex.requests()["total"]
    unanswered, trail = _trail(flex, state_dir)
    clock = SimulatorClock(flex)
    given = options(flex, state_dir, WANTED, **UNPACED)
    second = fleet(given, clock)
    wrong = trail + ([f"rerun: {second['msg']}"] if second.get("failed") else [])
    claims = sum(is_claim(item["description"]) for item in flex.state()["entitlements"])
    found, surplus = differences(flex, before, claims_allowed=True)
    flex.reset_requests()
    third = fleet(given, clock)
    if third.get("failed") or third["changed"] or flex.writes():
        wrong.append(
            f"another rerun: changed={third['changed']}, {flex.writes()} writes, {third.get('msg', 'no error')}"
        )
    return Case(killed, requests, by.name, unanswered, surplus, claims, tuple(wrong + found))


def is_write(path: str) -> bool:
    """Whether a call of FortiFlex writes."""
    return path in ENDPOINTS and ENDPOINTS[path].writes


def _trail(flex: Simulator, state_dir: Path) -> tuple[int, list[str]]:
    """How many requests have no answer in the audit trail, and what is wrong with it."""
    path = state_dir / "audit.jsonl"
    records = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    sent = [record["endpoint"] for record in records if record["event"] == "request"]
    answers = [record for record in records if record["event"] == "answer"]
    wrong = []
    log = flex.requests()["log"]
    got = Counter(entry["path"] for entry in log if is_write(entry["path"]))
    if got - Counter(sent):
        wrong.append(f"FortiFlex got {got - Counter(sent)}, of which the audit trail says nothing")
    if len(sent) - len(answers) > 1:
        wrong.append(f"{len(sent) - len(answers)} requests have no answer in the audit trail")
    return len(sent) - len(answers), wrong


def _run(
    flex: Simulator, state_dir: Path, seconds: float | None, by: signal.Signals = signal.SIGKILL
) -> tuple[float, bool, dict[str, dict[str, Any]]]:
    """A run of its own process: how long it took, whether it was killed, what was there before."""
    before = prepare(flex)
    flex.settings(latency_ms=LATENCY_MS)
    given = {
        **options(flex, state_dir, WANTED, **UNPACED),
        "audit_log": str(state_dir / "audit.jsonl"),
    }
    process = FORK.Process(target=lambda: _fleet(given, flex))
    begun = time.monotonic()
    process.start()
    process.join(seconds)
    killed = process.is_alive()
    with contextlib.suppress(ProcessLookupError):
        os.kill(process.pid or 0, by)
    process.join(10)
    if process.is_alive():
        raise AssertionError(f"{by.name} did not end the run")
    return time.monotonic() - begun, killed, before


def _fleet(given: dict[str, Any], flex: Simulator) -> None:
    sys.stderr = io.StringIO()  # for the traceback of an interrupt
    fleet(given, SimulatorClock(flex))


if __name__ == "__main__":
    main()
