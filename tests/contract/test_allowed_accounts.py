# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option allowed_accounts: whatever a task asks for, FortiFlex never hears of an account outside it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from contract.harness import CONFIGURATION, Controller

ACCOUNTS = (2000001, 2000002, 2000003)
ALIASES = {"acme": 2000001, "umbrella": 2000002, "initech": 2000003}


class Tasks:
    """Random tasks of all modules that talk to FortiFlex, about accounts, configurations and entitlements that may belong to anybody."""

    def __init__(self, seed: int, state: dict[str, Any]) -> None:
        self._random = random.Random(seed)
        self._ids = [item["id"] for item in state["configurations"]]
        self._serial_numbers = [item["serialNumber"] for item in state["entitlements"]]

    def account(self) -> int | str | None:
        """An account by number or alias, or none, which is the one that owns the program."""
        return self._random.choice([*ACCOUNTS, *ALIASES, None])

    def next(self) -> tuple[str, dict[str, Any]]:
        """A module, and what it is asked for."""
        one = self._random.choice
        entitlement = {
            **one(
                [
                    {"name": f"site-{self._random.randrange(6)}"},
                    {"serial_number": one(self._serial_numbers)},
                ]
            ),
            "configuration": one(["small", str(one(self._ids)), None]),
            "state": one(["active", "present", "stopped", "absent"]),
            "tags": one([None, {"region": one("ab")}]),
        }
        accounts = one(
            [
                None,
                ["all"],
                [
                    str(account)
                    for account in self._random.sample(
                        [*ACCOUNTS, *ALIASES], self._random.randint(1, 3)
                    )
                ],
            ]
        )
        options: dict[str, dict[str, Any]] = {
            "flex_configuration": one(
                [
                    CONFIGURATION,
                    {"id": one(self._ids), "parameters": {"cpus": one([1, 2])}},
                    {"name": "large", "state": "disabled"},
                ]
            ),
            "flex_entitlement": entitlement,
            "flex_fleet": {
                "configurations": [CONFIGURATION],
                "entitlements": [entitlement],
                "prune": one([None, {"names": ["site-*"]}]),
                "max_prune": "100%",
                "spares": {"small": self._random.randrange(2)},
                "estimate": one([True, False]),
            },
            "flex_entitlement_transfer": {
                **one(
                    [
                        {"names": [f"site-{self._random.randrange(6)}"]},
                        {"serial_numbers": self._random.sample(self._serial_numbers, 2)},
                    ]
                ),
                "target_account_id": str(one([*ACCOUNTS, *ALIASES])),
                "target_configuration": one([None, "small", str(one(self._ids))]),
            },
            "flex_configuration_info": {"accounts": accounts},
            "flex_entitlement_info": {"accounts": accounts},
            "flex_group_info": {"accounts": accounts},
            "flex_points_info": {"accounts": accounts, "last_days": 2},
            "flex_usage_ledger": {"accounts": accounts, "max_days": 3},
            "flex_program_info": {"accounts": True},
            "flex_access_info": {"accounts": None if accounts == ["all"] else accounts},
            "flex_cost_info": {"configuration": str(one(self._ids))},
        }
        module = one(sorted(options))
        return module, {key: value for key, value in options[module].items() if value is not None}


def accounts_of(state: dict[str, Any]) -> dict[Any, int]:
    """The account of each configuration, by its number, and of each entitlement, by its serial number."""
    configurations = {item["id"]: item["accountId"] for item in state["configurations"]}
    return configurations | {
        item["serialNumber"]: item["accountId"] for item in state["entitlements"]
    }


def named(body: dict[str, Any], before: dict[Any, int], after: dict[Any, int]) -> Iterator[int]:
    """Every account that a request is about, by its number or by what belongs to it."""
    yield from (
        body[key] for key in ("accountId", "sourceAccountId", "targetAccountId") if key in body
    )
    things = [
        body[key]
        for key in ("id", "configId", "sourceConfigId", "targetConfigId", "serialNumber")
        if key in body
    ]
    for thing in (*things, *body.get("serialNumbers", ())):
        yield from {where[thing] for where in (before, after) if thing in where}


@pytest.mark.parametrize("number", [300, pytest.param(1000, marks=pytest.mark.thorough)])
def test_no_task_gets_beyond_the_allowed_accounts(controller: Controller, number: int) -> None:
    flex, chance = controller.flex, random.Random(1)
    for account in ACCOUNTS:
        small = controller.configuration("small", accountId=account)
        controller.configuration("large", accountId=account)
        texts = [*(f"site-{number}" for number in range(4)), "[spare]", "odd ["]
        flex.seed(
            [
                {
                    "configId": small,
                    "description": text,
                    "status": chance.choice(["ACTIVE", "PENDING", "STOPPED"]),
                }
                for text in texts
            ]
        )
    tasks, outcomes, after = Tasks(2, flex.state()), Counter[str](), accounts_of(flex.state())
    for _task in range(number):
        allowed = set(chance.sample(ACCOUNTS, chance.randint(1, 2)))
        names = [
            chance.choice(
                [
                    str(account),
                    next(alias for alias, number in ALIASES.items() if number == account),
                ]
            )
            for account in allowed
        ]
        account, (module, options) = tasks.account(), tasks.next()
        flex.reset_requests()
        before = after
        result = controller.run(
            module,
            check=chance.random() < 0.3,
            **{
                **options,
                "account_id": account,
                "account_aliases": ALIASES,
                "allowed_accounts": names,
            },
        )
        requests, after = flex.requests()["log"], accounts_of(flex.state())
        heard = {
            found for request in requests for found in named(request["body"] or {}, before, after)
        }
        assert heard <= allowed, (module, options, account, allowed, requests)
        changed = {
            thing for thing in before.keys() | after.keys() if before.get(thing) != after.get(thing)
        }
        assert {
            where[thing] for thing in changed for where in (before, after) if thing in where
        } <= allowed
        outcomes[result.get("error_code", "changed" if result["changed"] else "fine")] += 1
        if (
            result.get("error_code") == "account_not_allowed"
            and account is not None
            and ALIASES.get(str(account), account) not in allowed
        ):
            assert not requests
    assert (
        outcomes["account_not_allowed"] > number / 5
        and outcomes["changed"] > number / 20
        and outcomes["fine"] > number / 10
    ), outcomes
