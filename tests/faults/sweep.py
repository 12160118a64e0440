# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fault of every kind at every request of a run in which everything happens; then runs without a fault, after which all must be as wanted."""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import requests

from simulator.launch import Simulator, start

from .harness import UNPACED, SimulatorClock, conclude, directories, fleet, options, wire, work
from .scenario import WANTED, differences, prepare

WORKERS = 2
REAL = 0.005  # of a second of real time for each second that a run sleeps, where a write takes effect late
KINDS: dict[str, dict[str, Any]] = {
    "refused connection": {},  # the kernel's refusal, so no fault of the simulator
    "connection broken before the request was read": {"kind": "refuse"},
    "reset before": {"kind": "reset_before"},
    "reset after": {"kind": "reset_after"},
    "timeout after": {"kind": "timeout_after", "seconds": 1.2},
    "effect 8 s late": {"kind": "late", "seconds": 8 * REAL},
    "500 HTML before": {"kind": "html_500"},
    "500 HTML after": {"kind": "html_500", "effect": True},
    "502 HTML before": {"kind": "html_502"},
    "502 HTML after": {"kind": "html_502", "effect": True},
    "truncated JSON": {"kind": "truncated_json"},
    "invalid security token": {"kind": "invalid_token"},
    "-10": {"kind": "slow_down", "code": -10},
    "-12": {"kind": "slow_down", "code": -12},
    "unknown shape": {"kind": "unknown_shape"},
    "null": {"kind": "null"},
}
LATE = "effect 8 s late"


class Case(NamedTuple):
    """What came of a fault: ``hit`` is false if the run was over before; ``surplus`` entitlements ended as spares."""

    kind: str
    position: int
    hit: bool = False
    failed: bool = False
    surplus: int = 0
    wrong: tuple[str, ...] = ()


def main() -> None:
    """All positions of all kinds."""
    with directories() as new, start() as flex:
        prepare(flex)
        fleet(options(flex, new(), WANTED, timeout=1, **UNPACED), SimulatorClock(flex))
        positions = flex.requests()["total"]
    print(f"a run without a fault sends {positions} requests and a login")
    jobs = [(kind, position) for position in range(positions + 3) for kind in KINDS]
    cases = [
        case
        for part in work(sweep, [(jobs[number::WORKERS],) for number in range(WORKERS)], WORKERS)
        for case in part
    ]
    conclude("fault sweep", sum(case.hit for case in cases), report(cases))


def sweep(jobs: Sequence[tuple[str, int]]) -> list[Case]:
    """The cases of one worker, with a FortiFlex of its own."""
    with directories() as new, start() as flex:
        return [attempt(flex, new(), kind, position) for kind, position in jobs]


def report(cases: Sequence[Case]) -> list[str]:
    """Print a line for each kind; gives what failed."""
    print(f"{'kind':48}{'cases':>6}{'runs that failed':>18}{'surplus spares':>16}")
    for kind in KINDS:
        mine = [case for case in cases if case.kind == kind and case.hit]
        print(
            f"{kind:48}{len(mine):>6}{sum(case.failed for case in mine):>18}   {dict(sorted(Counter(case.surplus for case in mine).items()))}"
        )
    return [
        f"{case.kind} at request {case.position}: {text}" for case in cases for text in case.wrong
    ]


def attempt(flex: Simulator, state_dir: Path, kind: str, position: int) -> Case:
    """One fault at one request (0: the login), and what follows."""
    before = prepare(flex)
    clock = SimulatorClock(flex, REAL if kind == LATE else 0.0)
    given = options(flex, state_dir, WANTED, timeout=1, **UNPACED)
    wrong: list[str] = []
    with fault(flex, kind, position) as hits:
        result = fleet(given, clock)
    if not hits:
        return Case(kind, position)
    if not result.get("failed"):
        wrong += [f"said to be done: {text}" for text in differences(flex, before)[0]]
    flex.faults([])
    second = fleet(given, clock)
    if kind == LATE:
        clock.sleep(30)
        second = fleet(given, clock)
    if second.get("failed"):
        wrong.append(f"rerun: {second['msg']}")
    found, surplus = differences(flex, before)
    wrong += found
    if surplus and kind != LATE:
        wrong.append(f"{surplus} entitlements more than needed")
    flex.reset_requests()
    third = fleet(given, clock)
    if third.get("failed") or third["changed"] or flex.writes():
        wrong.append(
            f"another rerun: changed={third['changed']}, {flex.writes()} writes, {third.get('msg', 'no error')}"
        )
    return Case(kind, position, True, bool(result.get("failed")), surplus, tuple(wrong))


@contextmanager
def fault(flex: Simulator, kind: str, position: int) -> Iterator[list[int]]:
    """Break one request; in the end the list that this gives has an entry if it was sent."""
    hits: list[int] = []
    if kind == "refused connection":
        with closed_port(position, hits):
            yield hits
        return
    rule = {
        **KINDS[kind],
        **({"path": "login"} if position == 0 else {"path": "*", "nth": position}),
    }
    flex.faults([rule])
    yield hits
    hits += [entry["n"] for entry in flex.requests()["log"] if entry["fault"]]


@contextmanager
def closed_port(position: int, hits: list[int]) -> Iterator[None]:
    """Send one request to a port on which nobody listens."""
    calls = 0

    def send(
        real: Callable[[requests.PreparedRequest], requests.Response],
        request: requests.PreparedRequest,
    ) -> requests.Response:
        nonlocal calls
        login = "/oauth/" in str(request.url)
        calls += not login
        if not hits and login is (position == 0) and (login or calls == position):
            hits.append(calls)
            request.url = f"http://127.0.0.1:{port}/"
        return real(request)

    with (
        socket.socket() as closed,
        wire(send),
    ):  # bound, so that nobody else gets the port, but not listening
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        yield


if __name__ == "__main__":
    main()
