# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Valid answers with something in them that does not belong there: no run ends with an exception, or writes what the plan did not hold.

What nobody could tell from the truth is left out: another valid value, a list without its items, no description, no end date.
"""

from __future__ import annotations

import copy
import json
import random
import sys
import traceback
from collections import Counter
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import requests

from simulator.launch import Simulator, start

from .harness import (
    BUNDLE,
    UNPACED,
    SimulatorClock,
    conclude,
    directories,
    fleet,
    options,
    wire,
    work,
)
from .scenario import LATER

WORKERS = 2
MUTATIONS = 10_000
SHARE = 0.3  # of the answers of every second run; of the others, one answer alone is mutated
ANSWERS = 20  # of a run, about
JUNK: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    3.7,
    10**30,
    float("nan"),
    "",
    " ",
    "x",
    "\x00\u202e<b>",
    "A" * 5_000,
    [],
    [None],
    [[]],
    {},
    {"": {}},
    [1, "a"],
    {"id": {"a": 1}},
)
WANTED: dict[str, Any] = {
    "configurations": [
        {"name": "branch", "product": BUNDLE, "parameters": {"cpus": 4, "service_package": "UTP"}},
        {"name": "large", "product": BUNDLE, "parameters": {"cpus": 8, "service_package": "ENT"}},
    ],
    "entitlements": [
        {"name": "new", "configuration": "large", "end_date": LATER},
        {"name": "same", "configuration": "branch"},
        {"name": "move", "configuration": "branch", "tags": {"region": "north"}},
        {"name": "stop", "state": "stopped"},
        {"name": "start", "configuration": "branch"},
        {"name": "gone", "state": "absent"},
    ],
    "allow_outside_limit": True,  # there is somebody else's entitlement, too
}


class Run(NamedTuple):
    """What came of one run: how it ended, and how many answers of it were mutated."""

    end: str
    mutations: int
    wrong: tuple[str, ...]


def main() -> None:
    """As many mutations as the first argument says."""
    mutations = int(sys.argv[1]) if len(sys.argv) > 1 else MUTATIONS
    runs = [
        run
        for part in work(series, [(seed, mutations / WORKERS) for seed in range(WORKERS)], WORKERS)
        for run in part
    ]
    print(f"{len(runs)} runs ended so: {dict(Counter(run.end for run in runs))}")
    conclude(
        "hostile answers",
        sum(run.mutations for run in runs),
        [text for run in runs for text in run.wrong],
    )


def series(seed: int, mutations: float) -> list[Run]:
    """The runs of one worker, with a FortiFlex of its own."""
    chance = random.Random(seed)
    runs: list[Run] = []
    with directories() as new, start() as flex:
        plan = planned(flex, new())
        while sum(run.mutations for run in runs) < mutations:
            runs.append(attempt(flex, new, chance, plan))
    return runs


def prepare(flex: Simulator) -> None:
    """What every run finds."""
    flex.reset()
    branch, old, other = (
        flex.seed_configuration(name, productTypeId=product)["id"]
        for name, product in (("branch", 1), ("old", 1), ("other", 3))
    )
    flex.seed(
        [
            {"configId": branch, "description": "same", "status": "ACTIVE"},
            {"configId": old, "description": "move", "status": "PENDING"},
            {"configId": branch, "description": "stop", "status": "ACTIVE"},
            {"configId": branch, "description": "start", "status": "STOPPED"},
            {"configId": other, "description": "gone", "status": "ACTIVE"},
            {"configId": branch, "description": None, "status": "ACTIVE"},
        ]
    )


def attempt(flex: Simulator, new: Any, chance: random.Random, plan: frozenset[str]) -> Run:
    """One run with answers of which some are mutated."""
    prepare(flex)
    given = options(flex, new(), WANTED, **UNPACED)
    mutated: list[str] = []
    alone = chance.choice((None, chance.randrange(ANSWERS)))
    numbers = count()

    def send(real: Any, request: requests.PreparedRequest) -> requests.Response:
        response: requests.Response = real(request)
        number = next(numbers)
        if number == alone or (alone is None and chance.random() < SHARE):
            changed = mutate(response.content, chance)
            if changed is not None:
                response._content = changed[0]
                mutated.append(f"{request.path_url.rsplit('v2/')[-1]}: {changed[1]}")
        return response

    wrong = []
    try:
        with wire(send):
            result = fleet(given, SimulatorClock(flex))
        end = str(result["error_code"]) if result.get("failed") else "done"
        json.dumps(result)
    except Exception:
        end = "exception"
        wrong.append(traceback.format_exc(limit=-3).replace("\n", " | "))
    wrong += judge(flex, plan)
    return Run(end, len(mutated), tuple(f"{'; '.join(mutated)[:600]} => {text}" for text in wrong))


def mutate(content: bytes, chance: random.Random) -> tuple[bytes, str] | None:
    """An answer with one thing in it exchanged, and what that was; None if nothing could be."""
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        return None
    if not isinstance(answer, (dict, list)) or not answer:
        return None
    if chance.random() < 0.15:
        cut = chance.randrange(len(content))
        junk = chance.choice([junk for junk in JUNK if junk != []])
        whole = chance.choice(
            (
                content[:cut],
                content[cut:],
                content[:cut] + b"\xff" + content[cut:],
                b"[" * 5000,
                json.dumps(junk).encode(),
            )
        )
        return whole, "the whole"
    changed = copy.deepcopy(answer)
    path, container, key = chance.choice(list(_places(changed)))
    before = container[key]
    if isinstance(container, dict) and key != "endDate" and chance.random() < 0.25:
        del container[key]
        return json.dumps(changed).encode(), f"no {path}"
    junk = chance.choice(JUNK)
    if _may_be_true(path, before, junk):
        return None
    container[key] = junk
    return json.dumps(changed).encode(), f"{path} = {str(junk)[:40]!r}"


def _places(value: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Every member and item of an answer."""
    members = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, inner in members:
        place = f"{path}.{key}" if isinstance(value, dict) else f"{path}[]"
        yield place, value, key
        yield from _places(inner, place)


def _may_be_true(path: str, before: Any, junk: Any) -> bool:
    """Whether nobody could tell the mutated answer from a true one."""
    last = path.rsplit(".", 1)[-1]
    return (
        (isinstance(before, list) and junk == [])
        or (last in ("description", "name") and isinstance(junk, str))
        or (last in ("description", "endDate") and junk is None)
        or (
            last
            in (
                "id",
                "configId",
                "accountId",
                "value",
                "token",
                "serialNumber",
                "programSerialNumber",
            )
            and type(junk) in (str, int)
        )
    )


def planned(flex: Simulator, state_dir: Path) -> frozenset[str]:
    """What a run without mutations writes."""
    prepare(flex)
    result = fleet(options(flex, state_dir, WANTED, **UNPACED), SimulatorClock(flex))
    if result.get("failed"):
        raise RuntimeError(result["msg"])
    return _sent(flex)


def judge(flex: Simulator, plan: frozenset[str]) -> list[str]:
    """What was written beyond the plan, and what is there twice."""
    twice = [
        f"'{name}' is there {times} times" for name, times in _names(flex).items() if times > 1
    ]
    return [f"unplanned {text}" for text in sorted(_sent(flex) - plan)] + twice


def _sent(flex: Simulator) -> frozenset[str]:
    """Every writing call in the log, with its body."""
    reading = ("login", "configs/list", "entitlements/list", "programs/list")
    return frozenset(
        f"{entry['path']} {json.dumps(entry['body'], sort_keys=True)}"
        for entry in flex.requests()["log"]
        if entry["path"] not in reading
    )


def _names(flex: Simulator) -> Counter[str]:
    """How often each name is there, of entitlements and configurations."""
    state = flex.state()
    return Counter(
        [item["description"] for item in state["entitlements"]]
        + [f"configuration {item['name']}" for item in state["configurations"]]
    )


if __name__ == "__main__":
    main()
