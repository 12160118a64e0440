# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Controllers that know nothing of each other at the same work: each name gets one holder, and no run returns what another one holds.

Time runs ten times as fast as it is, for all controllers alike: ten seconds of the rule pass in one, and the network seems ten times as slow.
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from simulator.launch import Simulator, start

from .harness import (
    BUNDLE,
    UNPACED,
    FastClock,
    Result,
    at_once,
    conclude,
    directories,
    fleet,
    options,
    work,
)
from .scenario import SPARE, is_claim

SPEED = 10.0
WORKERS = 2
SITES = 30
CONTROLLERS = (2, 4, 8)
RACES = 100  # for each number of controllers
CLAIMERS, SPARES, CLAIM_ROUNDS = 8, 4, 100
BRANCH = {"name": "branch", "product": BUNDLE, "parameters": {"cpus": 2, "service_package": "UTP"}}


class Race(NamedTuple):
    """What came of one race: ``surplus`` entitlements ended as spares, ``claims`` as claims."""

    what: str
    starts: int
    surplus: int
    claims: int
    seconds: float
    wrong: tuple[str, ...]


def main() -> None:
    """All races; the first argument is the share of them to run."""
    share = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    rounds = max(1, round(RACES * share))
    jobs = [
        (f"{count} controllers, {SITES} new sites", count, SITES, 0)
        for count in CONTROLLERS
        for _round in range(rounds)
    ]
    jobs += [(f"{CLAIMERS} claimers, {SPARES} stopped spares", CLAIMERS, CLAIMERS, SPARES)] * max(
        1, round(CLAIM_ROUNDS * share)
    )
    random.Random(1).shuffle(jobs)
    races = [
        race
        for part in work(
            series, [(number, jobs[number::WORKERS]) for number in range(WORKERS)], WORKERS
        )
        for race in part
    ]
    for what in sorted({race.what for race in races}):
        mine = [race for race in races if race.what == what]
        surplus, longest = (
            sorted(Counter(race.surplus for race in mine).items()),
            max(race.seconds for race in mine),
        )
        print(
            f"{what}: {len(mine)} races, {sum(race.starts for race in mine)} starts, surplus spares (number, races) {surplus}, "
            f"dead claims {sum(race.claims for race in mine)}, at most {longest * SPEED:.0f} s"
        )
    conclude(
        "races",
        sum(race.starts for race in races),
        [f"{race.what}: {text}" for race in races for text in race.wrong],
    )


def series(seed: int, jobs: Sequence[tuple[str, int, int, int]]) -> list[Race]:
    """The races of one worker, with a FortiFlex of its own."""
    chance = random.Random(seed)
    with directories() as new, start() as flex:
        return [race(flex, [new() for _controller in range(job[1])], chance, *job) for job in jobs]


def race(
    flex: Simulator,
    state_dirs: Sequence[Path],
    chance: random.Random,
    what: str,
    controllers: int,
    sites: int,
    spares: int,
) -> Race:
    """So many controllers license so many sites; claimers race for spares on a configuration that is there."""
    flex.reset()
    if spares:
        configuration = flex.seed_configuration("branch")["id"]
        flex.seed(
            count=spares,
            configId=configuration,
            description=SPARE,
            status="STOPPED",
            tokenStatus="USED",
        )
    flex.settings(latency_ms=chance.choice((1, 3, 10)))
    wanted = {
        "configurations": [BRANCH],
        "entitlements": [
            {"name": f"site-{number:02}", "configuration": "branch"} for number in range(sites)
        ],
    }
    delays = [
        chance.choice((0.0, chance.uniform(0, 0.1), chance.uniform(0, 1.0)))
        for _controller in range(controllers)
    ]
    clock = FastClock(time.time(), SPEED)
    begun = time.monotonic()

    def control(state_dir: Path, delay: float) -> Result:
        time.sleep(delay)
        return fleet(options(flex, state_dir, wanted, timeout=10 / SPEED, **UNPACED), clock)

    results = at_once(
        [partial(control, place, delay) for place, delay in zip(state_dirs, delays, strict=True)]
    )
    seconds = time.monotonic() - begun
    surplus, claims, wrong = _judge(flex.state(), results, sites)
    return Race(what, controllers, surplus, claims, seconds, wrong)


def _judge(
    state: dict[str, Any], results: Sequence[Result], sites: int
) -> tuple[int, int, tuple[str, ...]]:
    """Surplus spares, claims left, and what is wrong."""
    wrong = [f"a run failed: {result['msg']}" for result in results if result.get("failed")]
    found = Counter(item["description"] for item in state["entitlements"])
    surplus, claims = (
        found.pop(SPARE, 0),
        sum(found.pop(text) for text in list(found) if is_claim(text)),
    )
    names = [f"site-{number:02}" for number in range(sites)]
    wrong += [
        f"'{name}' has {found[name]} holders"
        for name in sorted({*found, *names})
        if found[name] != (name in names)
    ]
    wrong += [
        f"a spare is {item['status']}"
        for item in state["entitlements"]
        if item["description"] == SPARE and item["status"] not in ("PENDING", "STOPPED")
    ]
    active = [item["name"] for item in state["configurations"] if item["status"] == "ACTIVE"]
    if active != ["branch"]:
        wrong.append(f"ACTIVE configurations are {active}")
    holders = {item["description"]: item["serialNumber"] for item in state["entitlements"]}
    for result in results:
        for name, shown in result.get("entitlements", {}).items():
            if shown is None or shown["serial_number"] != holders.get(name):
                wrong.append(
                    f"a run returned {shown and shown['serial_number']} for '{name}', which {holders.get(name)} holds"
                )
    return surplus, claims, tuple(wrong)


if __name__ == "__main__":
    main()
