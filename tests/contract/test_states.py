# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of (state asked) x (state found): predicted by check mode, done, and found done by a second run."""

from __future__ import annotations

from typing import Any

import pytest
from contract.harness import Controller

FOUND: dict[str, list[dict[str, Any]]] = {
    "none": [],
    "pending": [{"description": "site", "status": "PENDING", "tokenStatus": "NOTUSED"}],
    "active": [{"description": "site", "status": "ACTIVE", "tokenStatus": "USED"}],
    "stopped": [{"description": "site", "status": "STOPPED", "tokenStatus": "USED"}],
    "expired": [{"description": "site", "status": "EXPIRED", "tokenStatus": "USED"}],
    "grace": [{"description": "site", "status": "GRACE_PERIOD", "tokenStatus": "USED"}],
    "tagged": [{"description": "site [owner=me", "status": "PENDING", "tokenStatus": "NOTUSED"}],
    "pending spare": [{"description": "[spare]", "status": "PENDING", "tokenStatus": "NOTUSED"}],
    "stopped spare": [{"description": "[spare]", "status": "STOPPED", "tokenStatus": "USED"}],
    "both spares": [
        {"description": "[spare]", "status": "STOPPED", "tokenStatus": "NOTUSED"},
        {"description": "[spare]", "status": "PENDING", "tokenStatus": "NOTUSED"},
    ],
    "spare of a like configuration": [
        {
            "description": "[spare]",
            "status": "PENDING",
            "tokenStatus": "NOTUSED",
            "configId": "like",
        }
    ],
    "spare of another product": [
        {
            "description": "[spare]",
            "status": "PENDING",
            "tokenStatus": "NOTUSED",
            "configId": "other",
        }
    ],
    "strangers": [
        {"description": "site2", "status": "STOPPED"},
        {"description": "my site", "status": "STOPPED"},
        {"description": "", "status": "STOPPED"},
        {"description": "site[x]", "status": "ACTIVE"},
    ],
    "two pending": [
        {"description": "site", "status": "PENDING", "tokenStatus": "NOTUSED"},
        {"description": "site", "status": "PENDING", "tokenStatus": "NOTUSED"},
    ],
    "active and stopped": [
        {"description": "site", "status": "ACTIVE", "tokenStatus": "USED"},
        {"description": "site", "status": "STOPPED", "tokenStatus": "USED"},
    ],
    "two active": [
        {"description": "site", "status": "ACTIVE", "tokenStatus": "USED"},
        {"description": "site", "status": "ACTIVE", "tokenStatus": "USED"},
    ],
    "unknown": [{"description": "site", "status": "LAPSED"}],
}
# state found: for present, active, stopped, absent: what is done, then the statuses of the holders of the name; or what the failure says
TABLE: dict[str, tuple[str, str, str, str]] = {
    "none": ("create PENDING", "create PENDING", "unchanged", "unchanged"),
    "pending": ("unchanged PENDING", "unchanged PENDING", "unchanged PENDING", "release"),
    "active": ("unchanged ACTIVE", "unchanged ACTIVE", "stop STOPPED", "release"),
    "stopped": ("unchanged STOPPED", "reactivate ACTIVE", "unchanged STOPPED", "release"),
    "expired": (
        "! is EXPIRED since",
        "! is EXPIRED since",
        "unchanged EXPIRED",
        "unchanged EXPIRED",
    ),
    "grace": ("unchanged GRACE_PERIOD", "unchanged GRACE_PERIOD", "stop STOPPED", "release"),
    "tagged": ("unchanged PENDING", "unchanged PENDING", "unchanged PENDING", "release"),
    "pending spare": ("reuse PENDING", "reuse PENDING", "unchanged", "unchanged"),
    "stopped spare": ("create PENDING", "reuse ACTIVE", "unchanged", "unchanged"),
    "both spares": ("reuse PENDING", "reuse PENDING", "unchanged", "unchanged"),
    "spare of a like configuration": ("reuse PENDING", "reuse PENDING", "unchanged", "unchanged"),
    "spare of another product": ("create PENDING", "create PENDING", "unchanged", "unchanged"),
    "strangers": ("create PENDING", "create PENDING", "unchanged", "unchanged"),
    "two pending": ("change PENDING", "change PENDING", "change PENDING", "release"),
    "active and stopped": ("change ACTIVE", "change ACTIVE", "stop STOPPED", "release"),
    "two active": ("! is held by",) * 4,
    "unknown": ("unchanged LAPSED",) + ("! the status LAPSED",) * 3,
}
STATES = ("present", "active", "stopped", "absent")
ONLY_THE_SERVICE_KNOWS = ("serial_number", "start_date")


def prepare(controller: Controller, found: str) -> int:
    """The configurations small, like (same product) and other (another product), and what the table says is found."""
    small = controller.configuration("small")
    other = [{"id": 30, "value": "1"}, {"id": 9, "value": "0"}]
    ids = {
        "like": controller.configuration("like"),
        "other": controller.configuration("other", productTypeId=2, parameters=other),
    }
    controller.flex.seed(
        [{**item, "configId": ids.get(item.get("configId", ""), small)} for item in FOUND[found]]
    )
    controller.writes()
    return small


def held(controller: Controller) -> list[dict[str, Any]]:
    """The entitlements that bear the name."""
    return [
        e
        for e in controller.entitlements().values()
        if e["description"] == "site" or str(e["description"]).startswith("site [")
    ]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("found", FOUND)
@pytest.mark.parametrize("module", ["flex_entitlement", "flex_fleet"])
def test_state(controller: Controller, module: str, found: str, state: str) -> None:
    small = prepare(controller, found)
    before = controller.entitlements()
    wanted = {"name": "site", "configuration": "small", "state": state}
    options: dict[str, Any] = wanted if module == "flex_entitlement" else {"entitlements": [wanted]}
    expected, _blank, status = TABLE[found][STATES.index(state)].partition(" ")

    predicted = controller.run(module, check=True, **options)
    assert controller.writes() == 0
    assert controller.entitlements() == before
    done = controller.run(module, **options)

    if expected == "!":
        for result in (predicted, done):
            assert result["failed"], result
            assert status in result["msg"]
        assert controller.writes() == 0
        assert controller.entitlements() == before
        return

    entitlement, action = look_at(module, done)
    assert action == expected, done
    assert done["changed"] == (expected != "unchanged")
    assert [item["status"] for item in held(controller)] == status.split()
    foreseen, foreseen_action = look_at(module, predicted)
    assert (foreseen_action, predicted["changed"]) == (action, done["changed"])
    for shape in (entitlement, foreseen):
        for key in ONLY_THE_SERVICE_KNOWS if expected == "create" else ():
            (shape or {}).pop(key)
    assert foreseen == entitlement
    if expected == "create":
        assert entitlement["configuration_id"] == small
    if expected == "release":
        released = [
            item for item in controller.entitlements().values() if item["description"] == "[spare]"
        ]
        assert {item["status"] for item in released} <= {"PENDING", "STOPPED"}
        assert all(item["token"] != before[item["serialNumber"]]["token"] for item in released)
        assert len(released) == len(FOUND[found])
    if expected == "reuse":
        assert len(controller.entitlements()) == len(before)
        assert entitlement["configuration"] == "small"
        assert entitlement["token_status"] == "NOTUSED"
    assert len(controller.entitlements()) == len(before) + (expected == "create")
    controller.writes()

    again = controller.run(module, **options)
    assert not again["changed"], again
    assert controller.writes() == 0


def look_at(module: str, result: dict[str, Any]) -> tuple[Any, str]:
    """The entitlement and what was done with it, from a result of either module."""
    assert not result.get("failed"), result
    if module == "flex_entitlement":
        return result["entitlement"], result["action"]
    assert sum(result["plan"].values()) == 1
    entitlement = result["entitlements"]["site"]
    word = next(word for word, count in result["plan"].items() if count)
    if word in ("unchanged", "without_license"):
        assert (word == "unchanged") == bool(entitlement), result
        word = "unchanged"
    return entitlement, word
