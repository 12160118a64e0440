# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sample of tests/interleavings: the real planner holds, and a planner without a part of the rule does not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from interleavings import explore, orders
from interleavings.account import CATALOGUE, PROGRAM, START, Account
from interleavings.mutations import MUTANTS
from interleavings.scenarios import FAMILIES

from ansible_collections.flexops.fortiflex.plugins.module_utils.core._planner import Planner
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.description import SPARE
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.goal import (
    Goal,
    WantedEntitlement,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.model import Observation
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.wave import Decision

# Only in `make faults`.
LONG = (
    "both create two names",
    "three create one name",
    "both claim two spares for two names",
    "both find two holders",
    "both make one configuration and a name in it",
)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_history_ends_with_one_holder_for_each_name(family: str) -> None:
    assert explore.play(family, range(400))[0] == {}


@pytest.mark.parametrize("case", [name for name in orders.CASES if name not in LONG])
def test_every_order_of_a_small_case_ends_with_one_holder_for_each_name(case: str) -> None:
    assert orders.explore(orders.CASES[case]._replace(wrong=1))[1] == {}


@pytest.mark.parametrize("planner", MUTANTS)
def test_without_a_part_of_the_rule_some_order_breaks(planner: type[Planner]) -> None:
    assert any(
        played.errors
        for case in orders.TELLING
        for _taken, played in orders.play(orders.CASES[case]._replace(wrong=1), planner)
    )


def test_the_first_wave_is_one_creation_and_who_sees_others_at_work_waits() -> None:
    account = Account()
    account.add_configuration("small")
    goal = Goal(
        (),
        tuple(WantedEntitlement(f"site-{number}", configuration="small") for number in range(20)),
    )
    planner = Planner(goal, CATALOGUE, "run", PROGRAM.serial_number, PROGRAM.account_id)

    def observe(now: float) -> Decision:
        return planner.next(
            Observation(
                now,
                now,
                tuple(account.configurations.values()),
                tuple(account.entitlements.values()),
                PROGRAM,
            )
        )

    first = observe(START)
    assert len(first.steps) == 1 and first.steps[0].acquires
    account.add_entitlement("site-1" if first.steps[0].item[1] == "site-0" else "site-0", 1, START)
    second = observe(START + 1)
    assert second.steps == [] and second.wake is not None and second.wake > START + 1
    third = observe(second.wake)
    assert len(third.steps) == 1


def test_another_spare_is_claimed_rather_than_one_whose_claim_may_still_come() -> None:
    account = Account()
    account.add_configuration("small")
    spares = [
        account.add_entitlement(SPARE, 1, START - 500 + number).serial_number for number in range(2)
    ]
    planner = Planner(
        Goal((), (WantedEntitlement("site", configuration="small"),)),
        CATALOGUE,
        "run",
        PROGRAM.serial_number,
        PROGRAM.account_id,
    )
    now, claimed = START, []

    while len(claimed) < 2:
        decision = planner.next(
            Observation(
                now,
                now,
                tuple(account.configurations.values()),
                tuple(account.entitlements.values()),
                PROGRAM,
            )
        )
        for step in decision.steps:
            claimed.append(step.body["serialNumber"])
            planner.unknown(step, now, now)  # no answer, and no effect either
        now = max(now + 1, decision.wake or now)

    assert sorted(claimed) == spares


@pytest.mark.parametrize("held_by", ["old", None], ids=["pruned", "by serial number"])
@pytest.mark.parametrize("released_here", [True, False])
def test_what_somebody_has_taken_is_not_released_by_its_serial_number(
    held_by: str | None, released_here: bool
) -> None:
    """Another controller, or another name of the same run, takes what has just become a spare: it keeps it."""
    account = Account()
    account.add_configuration("small")
    number = account.add_entitlement("old", 1, START - 500).serial_number
    gone = WantedEntitlement(None, serial_number=number, state="absent", held_by=held_by)
    planner = Planner(
        Goal((), (gone,)), CATALOGUE, "run", PROGRAM.serial_number, PROGRAM.account_id
    )

    def observe(now: float) -> Decision:
        return planner.next(
            Observation(
                now,
                now,
                tuple(account.configurations.values()),
                tuple(account.entitlements.values()),
                PROGRAM,
            )
        )

    first = observe(START)
    assert first.steps
    for step in first.steps if released_here else ():
        planner.did(step, account.carry_out(step, START), START, START)
    account.entitlements[number] = replace(account.entitlements[number], description="new")
    if released_here or held_by:
        assert observe(START + 1).done and planner.failures == {}
    else:
        assert observe(START + 1).steps, (
            "who names a serial number and no name means it whoever holds it"
        )
