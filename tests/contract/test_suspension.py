# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What bears the mark of a suspension is left alone by every wish that does not say otherwise, and that is said."""

from __future__ import annotations

from typing import Any

import pytest
from contract.harness import Controller

from ansible_collections.flexops.fortiflex.plugins.module_utils.task.options import ENTITLEMENT

MARK = "suspended=2020-11-01"
SITE = f"site [region=north; {MARK}]"
WARNING = "1 license is suspended and left alone: site ({}). The playbook resume_tenant starts what is suspended."
DEVICE = {
    "productTypeId": 101,
    "parameters": [{"id": 27, "value": "FGT60F"}, {"id": 28, "value": "FGHWUTP"}],
}
# Each option of an entitlement: a value of it that changes something of one that stands, or why there is none.
WISHES: dict[str, dict[str, Any]] = {
    "name": {"serial_number": "SERIAL", "name": "renamed"},
    "serial_number": {"name": None, "serial_number": "SERIAL"},
    "configuration": {"configuration": "large"},
    "state": {},
    "end_date": {"end_date": "DAY"},
    "tags": {"tags": {"region": "south"}},
    "folder": {"folder": "My Assets"},
    "skip_pending": {"skip_pending": True},
    "reuse": {"reuse": "any"},
    "fresh_token": {"fresh_token": "always"},
    "replace_expired": {"replace_expired": True},
    "create": {"create": False},
    "describe": {"describe": True, "tags": {}},
    "remove_hardware": {"remove_hardware": True},
    "ignore_suspension": {"ignore_suspension": False},
    "distinct_from": {"distinct_from": ["SITE"]},
    "was": {"was": "site-before"},
}


def prepare(controller: Controller, status: str = "STOPPED", description: str = SITE) -> str:
    """One marked entitlement, whose serial number comes back, and a spare that could be taken for it."""
    small = controller.configuration("small")
    controller.configuration("large", parameters=[{"id": 1, "value": "4"}])
    made = controller.flex.seed(
        [
            {"configId": small, "description": description, "status": status},
            {"configId": small, "description": "[spare]", "status": "PENDING"},
        ]
    )
    controller.writes()
    return str(made[0]["serialNumber"])


def wish(controller: Controller, number: str, option: str) -> dict[str, Any]:
    """What a task asks for about one option."""
    values = {"SERIAL": number, "DAY": controller.day(40)}
    asked = {"name": "site", "configuration": "small", **WISHES[option]}
    return {
        key: values.get(value, value) if isinstance(value, str) else value
        for key, value in asked.items()
        if value is not None
    }


def test_each_option_is_tried() -> None:
    assert WISHES.keys() == ENTITLEMENT.keys()


@pytest.mark.parametrize("status", ["STOPPED", "ACTIVE"])
@pytest.mark.parametrize("option", ENTITLEMENT)
def test_a_marked_one_is_left_alone(controller: Controller, option: str, status: str) -> None:
    number = prepare(controller, status)
    before = controller.entitlements()
    for state, check in (
        ("present", True),
        ("present", False),
        ("active", True),
        ("active", False),
    ):
        asked = {**wish(controller, number, option), "state": state}
        fleet = controller.run("flex_fleet", check=check, entitlements=[asked])
        assert not fleet.get("failed"), fleet
        assert fleet["changed"] is False and fleet["suspended"] == ["site"]
        assert {word: count for word, count in fleet["plan"].items() if count} == {"suspended": 1}
        one = controller.run("flex_entitlement", check=check, **asked)
        assert (one["changed"], one["action"]) == (False, "suspended")
    assert controller.warnings == [WARNING.format(number)] * 8
    assert controller.writes() == 0 and controller.entitlements() == before


@pytest.mark.parametrize("status", ["STOPPED", "ACTIVE"])
def test_a_stop_counts_and_leaves_the_mark(controller: Controller, status: str) -> None:
    number = prepare(controller, status)
    asked = {"name": "site", "state": "stopped"}
    managed = {**asked, "configuration": "large", "tags": {}}
    run = controller.run("flex_fleet", entitlements=[asked])
    assert run["suspended"] == [] and run["changed"] is (status == "ACTIVE")
    more = controller.run("flex_fleet", entitlements=[managed])
    assert more["suspended"] == ["site"] and more["changed"] is False
    held = controller.entitlements()[number]
    assert (held["description"], held["status"]) == (SITE, "STOPPED")


@pytest.mark.parametrize("status", ["STOPPED", "ACTIVE"])
@pytest.mark.parametrize("by", ["name", "serial_number"])
def test_who_releases_it_means_it(controller: Controller, status: str, by: str) -> None:
    number = prepare(controller, status)
    asked = {"name": {"name": "site"}, "serial_number": {"serial_number": number}}[by]
    run = controller.run("flex_fleet", entitlements=[{**asked, "state": "absent"}])
    assert run["suspended"] == [] and run["plan"]["release"] == 1
    held = controller.entitlements()[number]
    assert (held["description"], held["status"]) == ("[spare]", "STOPPED")


def test_who_says_so_changes_it(controller: Controller) -> None:
    number = prepare(controller)
    start = {"serial_number": number, "state": "active", "ignore_suspension": True}
    assert controller.run("flex_fleet", entitlements=[start])["plan"]["reactivate"] == 1
    assert controller.entitlements()[number]["description"] == SITE
    untag = {**start, "tags": {"region": "north"}}
    run = controller.run("flex_fleet", entitlements=[untag])
    assert run["plan"]["change"] == 1 and run["suspended"] == []
    assert controller.entitlements()[number]["description"] == "site [region=north]"


def test_others_of_the_list_are_licensed(controller: Controller) -> None:
    number = prepare(controller)
    run = controller.run(
        "flex_fleet",
        entitlements=[{"name": name, "configuration": "small"} for name in ("site", "new")],
    )
    assert not run.get("failed") and run["suspended"] == ["site"]
    assert {word: count for word, count in run["plan"].items() if count} == {
        "reuse": 1,
        "suspended": 1,
    }
    assert controller.entitlements()[number]["status"] == "STOPPED"


def test_a_second_holder_with_the_mark_is_not_released(controller: Controller) -> None:
    small = controller.configuration("small")
    numbers = [
        item["serialNumber"]
        for item in controller.flex.seed(
            [
                {"configId": small, "description": f"site [{MARK}]", "status": "STOPPED"},
                {"configId": small, "description": f"site [{MARK}]", "status": "STOPPED"},
            ]
        )
    ]
    run = controller.run("flex_fleet", entitlements=[{"name": "site", "configuration": "small"}])
    assert run["suspended"] == ["site"] and controller.writes() == 0
    gone = controller.run("flex_fleet", entitlements=[{"name": "site", "state": "absent"}])
    assert gone["changed"] and {
        controller.entitlements()[number]["description"] for number in numbers
    } == {"[spare]"}


def test_prune_leaves_it_and_says_so(controller: Controller) -> None:
    number = prepare(controller)
    small = controller.entitlements()[number]["configId"]
    controller.flex.seed([{"configId": small, "description": "left", "status": "ACTIVE"}])
    run = controller.run(
        "flex_fleet",
        entitlements=[{"name": "other", "configuration": "small"}],
        prune={"configurations": ["small"]},
        max_prune="1",
    )
    assert not run.get("failed"), run
    assert run["suspended"] == ["site"] and sorted(run["pruned"]) == ["left", "site"]
    assert run["plan"]["release"] == 1 and run["plan"]["suspended"] == 1
    assert controller.entitlements()[number]["description"] == SITE


def test_devices_and_cloud_services_bear_it_too(controller: Controller) -> None:
    device = controller.configuration("device", **DEVICE)
    cloud = controller.configuration("sase", productTypeId=203)
    serial = "FGT60FTK26000001"
    controller.flex.seed(
        [
            {
                "configId": device,
                "description": f"rack [{MARK}]",
                "status": "STOPPED",
                "serialNumber": serial,
            },
            {"configId": cloud, "description": f"cloud [{MARK}]", "status": "STOPPED"},
        ]
    )
    controller.writes()
    listed = [
        {"name": "rack", "serial_number": serial, "configuration": "device", "describe": True},
        {"name": "cloud", "configuration": "sase"},
    ]
    run = controller.run("flex_fleet", entitlements=listed)
    assert not run.get("failed") and run["suspended"] == ["rack", "cloud"]
    several = controller.run("flex_entitlement", serial_numbers=[serial], configuration="device")
    assert several["actions"] == {serial: "suspended"} and controller.writes() == 0


def test_the_mark_of_an_expired_one_counts_for_nothing(controller: Controller) -> None:
    prepare(controller, "EXPIRED")
    asked = {"name": "site", "configuration": "small", "reuse": "never"}
    assert "is EXPIRED since" in controller.run("flex_fleet", entitlements=[asked])["msg"]
    run = controller.run("flex_fleet", entitlements=[{**asked, "replace_expired": True}])
    assert run["plan"]["create"] == 1 and run["suspended"] == []


def test_seventy_are_one_sentence(controller: Controller) -> None:
    small = controller.configuration("small")
    names = [f"site-{number:02}" for number in range(70)]
    controller.flex.seed(
        [
            {"configId": small, "description": f"{name} [{MARK}]", "status": "STOPPED"}
            for name in names
        ]
    )
    listed = [{"name": name, "configuration": "small"} for name in names]
    run = controller.run("flex_fleet", entitlements=listed)
    assert run["suspended"] == names and run["plan"]["suspended"] == 70
