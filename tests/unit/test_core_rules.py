# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a planner remembers, what a query keeps, and what a plan says, each in the smallest case that shows it."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest
from interleavings.account import START

from ansible_collections.flexops.fortiflex.plugins.module_utils.catalogue.catalogue import snapshot
from ansible_collections.flexops.fortiflex.plugins.module_utils.client.audit_log import AuditLog
from ansible_collections.flexops.fortiflex.plugins.module_utils.client.client import Client
from ansible_collections.flexops.fortiflex.plugins.module_utils.client.service import FlexService
from ansible_collections.flexops.fortiflex.plugins.module_utils.core._planner import Planner
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.accounts import Accounts
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.calls import (
    DisableConfiguration,
    UpdateEntitlement,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.catalogues import Catalogues
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.changes import Change
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.goal import (
    Goal,
    WantedEntitlement,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.model import (
    ACTIVE,
    PENDING,
    Configuration,
    Entitlement,
    Observation,
    Program,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.steps import RELEASE, Step, W
from ansible_collections.flexops.fortiflex.plugins.module_utils.errors import Refused

BASE = Configuration(1, "base", 1, {}, ACTIVE, 2, "P")
SPARE = Entitlement("FGVM1", "[spare]", 1, 2, PENDING, None, None, "TOKEN", "NOTUSED")


def test_what_is_refused_of_a_configuration_leaves_the_claim_of_its_namesake() -> None:
    goal = Goal(entitlements=(WantedEntitlement("a", configuration="base"),))
    planner = Planner(goal, snapshot(), "run", "P", 2)
    seen = Observation(START, START, (BASE,), (SPARE,), Program("P", 2, None))
    (claim,) = planner.next(seen).steps
    planner.did(claim, {}, START, START)
    disable = Step(("configuration", "a"), RELEASE, DisableConfiguration(2), replace(BASE, id=2))
    for _time in range(3):
        planner.refused(disable, Refused("no"))
    claimed = replace(SPARE, description=claim.call.description or "")
    later = START + 2 * W + 1
    (take,) = planner.next(replace(seen, time=later, entitlements=(claimed,))).steps
    assert take.call == UpdateEntitlement("FGVM1", 1, "a")


@pytest.mark.parametrize("twice", ["configs", "entitlements"])
def test_what_a_list_has_twice_is_there_once(twice: str) -> None:
    listed: dict[str, list[dict[str, Any]]] = {
        "configs/list": [
            {
                "id": 1,
                "name": "base",
                "programSerialNumber": "P",
                "accountId": 2,
                "status": ACTIVE,
                "productType": {"id": 1, "name": "FortiGate Virtual Machine - Service Bundle"},
                "parameters": [],
            }
        ],
        "entitlements/list": [
            {
                "serialNumber": "FGVM1",
                "description": "oslo",
                "configId": 1,
                "accountId": 2,
                "status": ACTIVE,
                "startDate": "2026-11-01T00:00:00",
                "endDate": "2027-11-01T00:00:00",
                "token": "TOKEN",
                "tokenStatus": "USED",
            }
        ],
    }
    listed[f"{twice}/list"] *= 2
    client = SimpleNamespace(
        pace=SimpleNamespace(ready=lambda queries, writes: None),
        read=lambda path, body, **more: SimpleNamespace(items=listed[path], sent_at=START),
    )
    audit = SimpleNamespace(writing=nullcontext)
    service = FlexService(
        cast(Client, client), cast(AuditLog, audit), Catalogues(), "P", 2, Accounts()
    )
    seen = service.observe()
    assert len(seen.configurations) == len(seen.entitlements) == len(seen.holders("oslo")) == 1
    for _service, swept in service.sweep([2]):
        assert len(swept.configurations) == 1


@pytest.mark.parametrize(
    ("description", "name", "tags", "text"),
    [
        ("", None, {}, "becomes a spare"),
        ("[odd", None, {}, "becomes a spare, loses '[odd'"),
        ("oslo", "oslo", {}, "becomes a spare"),
        ("oslo [a=b]", "oslo", {"a": "b"}, "becomes a spare, loses {a=b}"),
    ],
)
def test_a_plan_says_what_a_spare_loses(
    description: str, name: str | None, tags: dict[str, str], text: str
) -> None:
    before = {"status": PENDING, "description": description, "name": name, "tags": tags}
    after = {**before, "description": "[spare]", "name": None, "tags": {}}
    assert Change("entitlement", "x", "release", before, after).text == text
