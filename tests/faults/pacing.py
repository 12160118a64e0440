# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many processes, one API user: on one machine the service never has to say slow down, on two it must, and all work is done all the same.

The minute of the limit is six seconds long here, for the simulator and for the client.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from ansible_collections.flexops.fortiflex.plugins.module_utils.client import client
from ansible_collections.flexops.fortiflex.plugins.module_utils.client.request_limit import (
    RequestLimit,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.clock import SystemClock
from simulator.launch import Simulator, start

from .harness import at_once, conclude, directories, fleet, options

PROCESSES = 40
OPERATIONS = 200
LIMIT, MINUTE = (
    100,
    6,
)  # requests in so many seconds; ten times as many in an hour of sixty such minutes
LEAST_RATE = 0.95  # of what the limit allows


class Outcome(NamedTuple):
    """What came of all operations: requests that the service got, how often it said slow down, and the rate as a share of the limit."""

    requests: int
    slowed: Counter[int]
    rate: float
    wrong: list[str]


def main() -> None:
    """One machine, then two; the first argument is the number of operations."""
    operations = int(sys.argv[1]) if len(sys.argv) > 1 else OPERATIONS
    failures = []
    for machines in (1, 2):
        with directories() as new, start() as flex:
            outcome = pace(
                flex, [new() for _machine in range(machines)], PROCESSES, operations, LIMIT, MINUTE
            )
        print(
            f"{machines} machine(s), {PROCESSES} processes, {operations} operations: {outcome.requests} requests at {outcome.rate:.1%} of the rate that is "
            f"allowed, slow down said {dict(outcome.slowed)} (code, times)"
        )
        failures += outcome.wrong
        if machines == 1 and outcome.rate < LEAST_RATE:
            failures.append(f"{outcome.rate:.1%} of the rate that is allowed")
    conclude("pacing", 2 * operations, failures)


def pace(
    flex: Simulator,
    state_dirs: Sequence[Path],
    processes: int,
    operations: int,
    limit: int,
    minute: int,
) -> Outcome:
    """Let so many processes share the operations, each a task that gives a site of its own another tag."""
    configuration = flex.seed_configuration("branch")["id"]
    flex.seed(count=operations, configId=configuration, description="site-{n}")
    flex.settings(
        quota_minute=True,
        quota_minute_limit=limit,
        quota_minute_seconds=minute,
        quota_hour=True,
        quota_hour_limit=10 * limit,
        quota_hour_seconds=60 * minute,
        quota_overlap=True,
        quota_login=True,
        latency_ms=5,
    )

    def operate(number: int) -> list[str]:
        # In a process of its own; for users the lengths of the windows are no option.
        client.RequestLimit = partial(RequestLimit, minute=float(minute), hour=60.0 * minute)  # type: ignore[assignment, attr-defined]  # replaced on purpose
        wrong = []
        for site in range(number + 1, operations + 1, processes):
            wanted = {"entitlements": [{"name": f"site-{site:04}", "tags": {"n": str(site)}}]}
            given = options(
                flex,
                state_dirs[number % len(state_dirs)],
                wanted,
                requests_per_minute=limit,
                requests_per_hour=10 * limit,
            )
            result = fleet(given, SystemClock())
            if result.get("failed") or not result["changed"]:
                wrong.append(f"site {site}: {result.get('msg', 'nothing was changed')}")
        return wrong

    wrong = [
        text
        for texts in at_once([partial(operate, number) for number in range(processes)])
        for text in texts
    ]
    seen = flex.requests()
    times = [entry["time"] for entry in seen["log"]]
    # The fastest that the limit allows: all requests of a window at its beginning.
    rate = (len(times) - 1) // limit * minute / (times[-1] - times[0])
    slowed = Counter(entry["status"] for entry in seen["log"] if entry["status"] in (-10, -11, -12))
    missing = operations - sum(
        item["description"].endswith("]") for item in flex.state()["entitlements"]
    )
    wrong += [f"{missing} sites have no tag"] * bool(missing)
    if len(state_dirs) == 1:
        wrong += [f"the service said {code} {count} times" for code, count in slowed.items()]
        wrong += [f"{seen['overlaps']} requests overlapped"] * bool(seen["overlaps"])
    elif not slowed:
        wrong.append("the service never said slow down, so that nothing was shown")
    return Outcome(len(times), slowed, rate, wrong)


if __name__ == "__main__":
    main()
