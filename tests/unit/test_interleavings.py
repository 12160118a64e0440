# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sample of tests/interleavings: the real planner holds, and a planner without a part of the rule does not."""

from __future__ import annotations

import pytest
from interleavings.account import CATALOGUE, PROGRAM, START, Account
from interleavings.mutations import GivesUpNothing, NoIntents
from interleavings.scenarios import FAMILIES, history

from ansible_collections.flexops.fortiflex.plugins.module_utils.goal import Goal, WantedEntitlement
from ansible_collections.flexops.fortiflex.plugins.module_utils.model import Observation
from ansible_collections.flexops.fortiflex.plugins.module_utils.planner import Decision, Planner


def broken(family: str, count: int, planner: type[Planner] = Planner) -> list[tuple[int, str]]:
    """The seeds of the histories that break, each with its first error."""
    found = []
    for seed in range(count):
        played = history(family, seed, planner)
        played.play()
        if played.errors:
            found.append((seed, str(played.errors[0])))
    return found


@pytest.mark.parametrize("family", FAMILIES)
def test_every_history_ends_with_one_holder_for_each_name(family: str) -> None:
    assert broken(family, 400) == []


@pytest.mark.parametrize("planner", [NoIntents, GivesUpNothing])
def test_without_a_part_of_the_rule_some_history_breaks(planner: type[Planner]) -> None:
    assert broken("acquire", 200, planner)


def test_the_first_wave_is_one_creation_and_who_sees_others_at_work_waits() -> None:
    account = Account()
    account.add_configuration("small")
    goal = Goal((), tuple(WantedEntitlement(f"site-{number}", configuration="small") for number in range(20)))
    planner = Planner(goal, CATALOGUE, "run", PROGRAM.serial_number, PROGRAM.account_id)

    def look(now: float) -> Decision:
        return planner.next(Observation(now, now, tuple(account.configurations.values()), tuple(account.entitlements.values()), PROGRAM))

    first = look(START)
    assert len(first.steps) == 1 and first.steps[0].acquires
    account.add_entitlement("site-1" if first.steps[0].item[1] == "site-0" else "site-0", 1, START)
    second = look(START + 1)
    assert second.steps == [] and second.wake is not None and second.wake > START + 1
    third = look(second.wake)
    assert len(third.steps) == 1
