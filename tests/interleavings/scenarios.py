# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where random histories start: what the account holds, and what two to four runs want of it. The same seed gives the same history."""

from __future__ import annotations

import random
from collections.abc import Callable

from ansible_collections.flexops.fortiflex.plugins.module_utils.core._planner import Planner
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.description import SPARE
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.goal import (
    Goal,
    WantedConfiguration,
    WantedEntitlement,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.model import (
    ACTIVE,
    PENDING,
    STOPPED,
)

from .account import CATALOGUE, PARAMETERS, PRODUCT, PROGRAM, START, Account
from .history import RandomHistory, Run, Weather

NAMES = ("A", "B", "C")
Setup = Callable[[random.Random, Account], list[Goal]]


def acquire(chance: random.Random, account: Account) -> list[Goal]:
    """Everybody wants names active or present; spares of every kind, stopped holders, two holders left over by somebody long dead."""
    _configurations_and_spares(chance, account)
    names = NAMES[: chance.randint(1, 3)]
    for name in names:
        if chance.random() < 0.1:
            for _number in range(chance.randint(1, 2)):
                account.add_entitlement(
                    name,
                    1,
                    START - 500 + len(account.entitlements),
                    chance.choice((PENDING, STOPPED)),
                )
    return [
        Goal((), _wanted(chance, names, dict.fromkeys(names, "active" if usual else "present")))
        for usual in _each_run(chance)
    ]


def mixed(chance: random.Random, account: Account) -> list[Goal]:
    """Names of every state, taken from every state; all runs want the same of a name, since nothing can hold what contradicts itself."""
    _configurations_and_spares(chance, account)
    names = NAMES[: chance.randint(1, 3)]
    for name in names:
        if chance.random() < 0.7:
            account.add_entitlement(
                name,
                1,
                START - 500 + len(account.entitlements),
                chance.choice((PENDING, STOPPED, ACTIVE)),
            )
    states = {
        name: chance.choice(("present", "active", "active", "stopped", "absent", "absent"))
        for name in names
    }
    return [Goal((), _wanted(chance, names, states)) for _run in _each_run(chance)]


def configure(chance: random.Random, account: Account) -> list[Goal]:
    """Everybody wants the same new configurations, and names in them."""
    wanted = tuple(
        WantedConfiguration(f"size-{number}", product=PRODUCT, parameters=PARAMETERS)
        for number in range(chance.randint(1, 2))
    )
    if chance.random() < 0.2:
        account.add_configuration("size-0")
    names = NAMES[: chance.randint(0, 2)]
    return [
        Goal(
            wanted,
            tuple(
                WantedEntitlement(name, configuration=wanted[0].name, state="active")
                for name in _some(chance, names)
            ),
        )
        for _run in _each_run(chance)
    ]


def take(chance: random.Random, account: Account) -> list[Goal]:
    """Everybody wants names active, and nothing may be created for them; there are as many spares as names, or more."""
    _configurations_and_spares(chance, account)
    names = NAMES[: chance.randint(1, 3)]
    for number in range(len(names)):
        account.add_entitlement(
            SPARE, chance.choice((1, 2)), START - 500 + number, chance.choice((PENDING, STOPPED))
        )
    wanted = {
        name: WantedEntitlement(name, configuration="small", state="active", create=False)
        for name in names
    }
    return [
        Goal((), tuple(wanted[name] for name in _some(chance, names))) for _run in _each_run(chance)
    ]


FAMILIES: dict[str, Setup] = {
    "acquire": acquire,
    "mixed": mixed,
    "configure": configure,
    "take": take,
}


def history(
    family: str,
    seed: int,
    planner: type[Planner] = Planner,
    write_down: Callable[[str], None] | None = None,
    kills: bool = True,
) -> RandomHistory:
    """The history of a family and a seed, not yet played."""
    chance = random.Random(f"{family} {seed}")
    account = Account()
    runs = []
    for number, goal in enumerate(FAMILIES[family](chance, account)):
        ident = f"r{number}s{seed}"
        begins = START + chance.choice((0.0, chance.uniform(0, 3), chance.uniform(0, 60)))
        run = Run(
            ident,
            goal,
            planner(goal, CATALOGUE, ident, PROGRAM.serial_number, PROGRAM.account_id),
            begins,
        )
        if kills and chance.random() < 0.2:
            run.dies_at = chance.randint(2, 12)
        runs.append(run)
    return RandomHistory(account, runs, Weather(chance), write_down)


def _each_run(chance: random.Random) -> list[bool]:
    return [chance.random() < 0.7 for _number in range(chance.choice((2, 2, 3, 4)))]


def _some(chance: random.Random, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(chance.sample(names, chance.randint(1, len(names)))) if names else ()


def _wanted(
    chance: random.Random, names: tuple[str, ...], states: dict[str, str]
) -> tuple[WantedEntitlement, ...]:
    return tuple(
        WantedEntitlement(name, configuration="small", state=states[name])
        for name in _some(chance, names)
    )


def _configurations_and_spares(chance: random.Random, account: Account) -> None:
    for name in ("small", "large"):
        account.add_configuration(name)
    for number in range(chance.choice((0, 1, 2, 3))):
        end = chance.choice((None, "2027-01-01T00:00:00"))
        account.add_entitlement(
            SPARE,
            chance.choice((1, 1, 2)),
            START - 1000 + number,
            chance.choice((PENDING, STOPPED)),
            end,
        )
