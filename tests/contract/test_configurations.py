# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Configurations: what is managed, what keeps its value, and what becomes of two with one name."""

from __future__ import annotations

from typing import Any

import pytest
from contract.harness import CONFIGURATION, Controller

from ansible_collections.flexops.fortiflex.plugins.module_utils.catalogue._parameter import (
    Parameter,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.catalogue.catalogue import snapshot

VIRTUAL = [
    product.key
    for product in snapshot().products()
    if product.kind == "vm" and product.id is not None
]


def least(parameter: Parameter) -> Any:
    """The first legal value of a parameter."""
    if parameter.choices:
        return next(iter(parameter.choices))
    return parameter.minimum


@pytest.mark.parametrize("key", VIRTUAL)
def test_each_virtual_product_is_created_once_and_licenses_a_site(
    controller: Controller, key: str
) -> None:
    product = snapshot().product(key)
    parameters = {
        parameter.name: least(parameter) for parameter in product.parameters if parameter.required
    }
    options = {
        "configurations": [{"name": key, "product": key, "parameters": parameters}],
        "entitlements": [{"name": "site", "configuration": key}],
    }
    made = controller.run("flex_fleet", **options)
    assert not made.get("failed"), made
    assert (
        made["configurations"][0]["product"] == key
        and made["entitlements"]["site"]["status"] == "PENDING"
    )
    controller.writes()
    again = controller.run("flex_fleet", **options)
    assert not again["changed"] and controller.writes() == 0


def test_only_the_given_parameters_are_managed(controller: Controller) -> None:
    rest = {
        "service_package": "ENT",
        "vdoms": 5,
        "fortiguard_services": ["FGTAVDB", "FGTDLDB"],
        "support_service": "FGTFCELU",
    }
    first = controller.run(
        "flex_configuration", **{**CONFIGURATION, "parameters": {"cpus": 1, **rest}}
    )
    predicted = controller.run(
        "flex_configuration", check=True, name="small", parameters={"cpus": "4"}
    )
    second = controller.run("flex_configuration", name="small", parameters={"cpus": "4"})
    assert second["changed"] and predicted["configuration"] == second["configuration"]
    assert second["configuration"]["parameters"] == {
        **first["configuration"]["parameters"],
        "cpus": 4,
    }
    assert predicted["diff"] == second["diff"]
    assert not controller.run(
        "flex_configuration",
        name="small",
        parameters={"cpus": 4, "fortiguard_services": ["fgtdldb", "FGTAVDB"]},
    )["changed"]


def test_a_change_says_how_many_entitlements_of_which_status_it_touches(
    controller: Controller,
) -> None:
    number = controller.run("flex_configuration", **CONFIGURATION)["configuration"]["id"]
    statuses = ("ACTIVE", "ACTIVE", "PENDING", "EXPIRED")
    controller.flex.seed(
        [
            {"configId": number, "description": f"site-{place}", "status": status}
            for place, status in enumerate(statuses)
        ]
    )
    touched = "which touches 3 entitlements (2 ACTIVE, 1 PENDING)"
    for check in (True, False):
        result = controller.run(
            "flex_configuration", check=check, name="small", parameters={"cpus": 2}
        )
        assert result["diff"]["after_header"] == f"small, {touched}" and result["affected"] == {
            "ACTIVE": 2,
            "PENDING": 1,
        }
    planned = controller.run(
        "flex_fleet",
        check=True,
        configurations=[{"name": "small", "parameters": {"cpus": 4, "vdoms": 1}}],
        allow_outside_limit=True,
    )
    assert planned["changes"][0]["text"] == f"cpus 2 -> 4, vdoms 0 -> 1, {touched}"
    assert "touches" not in str(
        controller.run("flex_configuration", id=number, name="tiny")["diff"]
    )
    refused = controller.run(
        "flex_configuration", name="tiny", parameters={"cpus": 8}, max_affected=2
    )
    assert (
        "would touch 3 entitlements (2 ACTIVE, 1 PENDING), more than max_affected=2"
        in refused["msg"]
    )


def test_states_and_rename(controller: Controller) -> None:
    number = controller.run("flex_configuration", **CONFIGURATION)["configuration"]["id"]
    for state, status, changed in [
        ("disabled", "DISABLED", True),
        ("present", "DISABLED", False),
        ("active", "ACTIVE", True),
    ]:
        result = controller.run("flex_configuration", name="small", state=state)
        assert (result["configuration"]["status"], result["changed"]) == (status, changed)
    assert (
        controller.run("flex_configuration", id=number, name="tiny")["configuration"]["name"]
        == "tiny"
    )
    missing = controller.run("flex_configuration", name="small", state="disabled")
    assert missing["configuration"] is None and not missing["changed"]


def test_two_of_one_name(controller: Controller) -> None:
    parameters = [{"id": 1, "value": "1"}, {"id": 2, "value": "UTP"}]
    low, high = (controller.configuration("small", parameters=parameters) for _number in range(2))
    result = controller.run("flex_configuration", name="small")
    assert result["configuration"]["id"] == low and result["changed"]
    assert {c["id"]: c["status"] for c in controller.flex.state()["configurations"]}[
        high
    ] == "DISABLED"
    third = controller.configuration("small", parameters=parameters)
    controller.flex.seed(
        [
            {"configId": number, "description": str(number), "status": "ACTIVE"}
            for number in (low, third)
        ]
    )
    result = controller.run("flex_configuration", name="small")
    assert (
        result["failed"]
        and str(low) in result["msg"]
        and str(third) in result["msg"]
        and not result["changed"]
    )


def test_what_is_to_be_disabled_comes_after_its_entitlements_and_max_affected_counts_them(
    controller: Controller,
) -> None:
    site = {"name": "site", "configuration": "small", "skip_pending": True}
    controller.run("flex_fleet", configurations=[CONFIGURATION], entitlements=[site])
    refused = controller.run("flex_configuration", name="small", state="disabled", max_affected=0)
    assert refused["failed"] and "1 ACTIVE" in refused["msg"]
    controller.writes()
    options = {
        "configurations": [{"name": "small", "state": "disabled"}],
        "entitlements": [{"name": "site", "state": "absent"}],
    }
    done = controller.run("flex_fleet", **options)
    assert not done.get("failed"), done
    calls = [call["path"] for call in controller.flex.requests()["log"]]
    assert calls.index("entitlements/stop") < calls.index("configs/disable")
    assert not controller.run("flex_fleet", **options)["changed"]


def test_info_modules_filter_sort_and_show_tokens_only_when_asked(controller: Controller) -> None:
    sites = [
        {"name": name, "configuration": "small", "tags": {"region": region}}
        for name, region in (("b", "west"), ("a", "west"), ("c", "east"))
    ]
    controller.run("flex_fleet", configurations=[CONFIGURATION], entitlements=sites)
    west = controller.run("flex_entitlement_info", tags={"region": "west"})["entitlements"]
    assert [item["name"] for item in west] == ["a", "b"] and "token" not in west[0]
    assert controller.run("flex_entitlement_info", name="c", return_token=True)["entitlements"][0][
        "token"
    ]
    assert controller.run("flex_entitlement_info", status="expired")["entitlements"] == []
    assert [
        c["name"] for c in controller.run("flex_configuration_info", product="1")["configurations"]
    ] == ["small"]
    assert controller.run("flex_configuration_info", status="DISABLED")["configurations"] == []


def test_a_fleet_of_200_takes_the_requests_it_may_and_none_to_write_again(
    controller: Controller,
) -> None:
    sites = [{"name": f"site-{number}", "configuration": "small"} for number in range(200)]
    options = {"configurations": [CONFIGURATION], "entitlements": sites}
    done = controller.run("flex_fleet", **options)
    assert done["plan"]["create"] == 200 and done["requests"]["made"] <= 200 + 1 + 7
    controller.writes()
    again = controller.run("flex_fleet", **options)
    assert (
        again["plan"]["unchanged"] == 200
        and again["requests"]["made"] == 2
        and controller.writes() == 0
    )


def test_check_mode_of_two_tasks_knows_what_the_first_would_create(controller: Controller) -> None:
    site = {"name": "site", "configuration": "small"}
    assert controller.run("flex_entitlement", check=True, **site)["failed"]
    for _time in range(2):
        assert controller.run("flex_configuration", check=True, **CONFIGURATION)["changed"]
    predicted = controller.run("flex_entitlement", check=True, **site)
    assert predicted["action"] == "create" and predicted["entitlement"]["configuration"] == "small"
    assert predicted["entitlement"]["configuration_id"] is None and controller.writes() == 0
    assert "is not in program" in controller.run("flex_entitlement", **site)["msg"]
    controller.flex.advance(601)
    controller.clock.offset += 601
    assert controller.run("flex_entitlement", check=True, **site)["failed"]


def test_a_configuration_that_cannot_be_reached_does_not_disturb_an_entitlement_of_its_name(
    controller: Controller,
) -> None:
    for status in ("ACTIVE", "STOPPED"):
        controller.flex.seed(
            [
                {
                    "configId": controller.configuration("hub"),
                    "description": f"on {status}",
                    "status": status,
                }
            ]
        )
    small = controller.configuration("small")
    controller.flex.seed([{"configId": small, "description": "[spare]", "status": "PENDING"}])
    wanted = {
        "configurations": [{"name": "hub"}],
        "entitlements": [{"name": "hub", "configuration": "small"}],
    }
    done = controller.run("flex_fleet", **wanted)
    assert [failure["kind"] for failure in done["failures"]] == ["configuration"], done["msg"]
    assert done["entitlements"]["hub"]["configuration_id"] == small and done["plan"]["reuse"] == 1
