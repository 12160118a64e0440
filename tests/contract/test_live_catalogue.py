# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Day zero: a product that FortiFlex has added since the release works by name; and how often FortiFlex is asked what it sells."""

from __future__ import annotations

from typing import Any

import pytest
from contract.harness import CONFIGURATION, Controller

from simulator.catalogue import Catalogue as Service

HYDRA = {
    "id": 999,
    "name": "FortiHydra Virtual Machine",
    "short": "FortiHydra-VM",
    "parameters": [
        {
            "id": 900,
            "name": "HEADS",
            "label": "Number of heads",
            "type": "NUMERIC",
            "required": True,
            "min": 2,
            "max": 64,
            "step": 2,
        },
        {
            "id": 901,
            "name": "SERVICEPACK",
            "label": "Service package",
            "type": "SINGLEVALUE",
            "values": {"HYSTD": "Standard", "HYPRO": "Pro"},
        },
        {
            "id": 902,
            "name": "SERVICEPACK",
            "label": "Add-ons",
            "type": "MULTIVALUE",
            "values": {"HYA": "Alpha", "HYB": "Beta"},
        },
    ],
}
DEN = {
    "name": "den",
    "product": "fortihydra_vm",
    "parameters": {"heads": 4, "service_package": "pro"},
}
SHOWN = {"heads": 4, "service_package": "HYPRO", "add_ons": []}


@pytest.fixture
def tomorrow(controller: Controller) -> Controller:
    """A controller whose FortiFlex sells a product that no code knows."""
    controller.flex.post("products", [HYDRA])
    return controller


def asked(controller: Controller) -> int:
    """How often FortiFlex was asked what it sells, since the last time that somebody wanted to know this."""
    calls = controller.flex.requests()["by_path"]
    controller.flex.reset_requests()
    return int(calls.get("tools/metadata", 0))


def test_a_product_of_tomorrow_is_created_changed_listed_and_licensed_by_name(
    tomorrow: Controller,
) -> None:
    predicted = tomorrow.run("flex_configuration", check=True, **DEN)
    made = tomorrow.run("flex_configuration", **DEN)
    assert made["configuration"]["parameters"] == predicted["configuration"]["parameters"] == SHOWN
    assert (made["configuration"]["product"], made["configuration"]["product_id"]) == (
        "fortihydra_vm",
        999,
    )
    assert not tomorrow.run("flex_configuration", **DEN)["changed"]
    changed = tomorrow.run(
        "flex_configuration", name="den", parameters={"Number of heads": "8", "add_ons": ["beta"]}
    )
    assert changed["changed"] and changed["configuration"]["parameters"] == {
        **SHOWN,
        "heads": 8,
        "add_ons": ["HYB"],
    }
    assert changed["diff"]["before"]["parameters"]["heads"] == 4
    listed = tomorrow.run("flex_configuration_info", product="FortiHydra Virtual Machine")[
        "configurations"
    ]
    assert listed == [changed["configuration"]]
    site = tomorrow.run("flex_fleet", entitlements=[{"name": "cave", "configuration": "den"}])[
        "entitlements"
    ]["cave"]
    assert (site["product"], site["status"]) == ("fortihydra_vm", "PENDING")
    four, eight = (
        tomorrow.run(
            "flex_cost_info",
            product="fortihydra_vm",
            parameters={"heads": n, "service_package": "Pro"},
        )
        for n in (4, 8)
    )
    assert (
        four["cost"]["points_per_day"] < eight["cost"]["points_per_day"]
        and four["parameters"] == SHOWN
    )
    assert (
        tomorrow.run("flex_product_info", name="fortihydra_vm")["products"][0]["parameters"][0][
            "name"
        ]
        == "heads"
    )
    assert [
        e["product"]
        for e in tomorrow.run("flex_entitlement_info", product="fortihydra_vm")["entitlements"]
    ] == ["fortihydra_vm"]
    assert asked(tomorrow) == 1, "a day's tasks share one answer"


def test_what_it_does_not_sell_is_refused_by_name(tomorrow: Controller) -> None:
    result = tomorrow.run(
        "flex_configuration",
        **{**DEN, "parameters": {"heads": 65, "service_package": "GOLD", "tails": 1}},
    )
    for sentence in (
        "fortihydra_vm.heads: 65 is over the maximum 64",
        "fortihydra_vm.service_package: GOLD is not one of HYSTD (Standard), HYPRO (Pro)",
        "fortihydra_vm.tails: there is no such parameter",
    ):
        assert sentence in result["msg"]
    assert tomorrow.writes() == 0


def test_a_task_about_what_is_shipped_never_asks(controller: Controller) -> None:
    controller.run("flex_configuration", **CONFIGURATION)
    controller.run(
        "flex_fleet",
        configurations=[CONFIGURATION],
        entitlements=[{"name": "site", "configuration": "small"}],
    )
    controller.run("flex_configuration_info")
    assert controller.run("flex_configuration", name="small", parameters={"cpus": "many"})["failed"]
    assert controller.run("flex_configuration", **{**CONFIGURATION, "name": "x" * 65})["failed"]
    assert asked(controller) == 0


def test_a_strange_product_in_the_account_costs_no_converge_a_request(tomorrow: Controller) -> None:
    tomorrow.flex.seed_configuration(
        "den",
        productTypeId=999,
        parameters=[{"id": 900, "value": "4"}, {"id": 901, "value": "HYPRO"}],
    )
    site = {
        "configurations": [CONFIGURATION],
        "entitlements": [{"name": "site", "configuration": "small"}],
    }
    tomorrow.run("flex_fleet", **site)
    tomorrow.flex.reset_requests()
    again = tomorrow.run("flex_fleet", **site)
    assert not again["changed"] and again["requests"]["made"] == 2 and asked(tomorrow) == 0
    shown = tomorrow.run("flex_configuration_info", name="den")["configurations"][0]
    assert (shown["product"], shown["parameters"]["heads"]) == ("fortihydra_vm", 4)
    assert asked(tomorrow) == 1


def test_every_account_is_read_by_the_same_catalogue(tomorrow: Controller) -> None:
    """Also those whose configurations came before the one that needs a newer catalogue."""
    values = [{"id": 900, "value": "4"}, {"id": 901, "value": "Pro"}]
    accounts = (2000001, 2000002, 2000003)
    for account in accounts:
        tomorrow.flex.seed_configuration(
            "den", productTypeId=999, parameters=values, accountId=account
        )
    for named in (["all"], [*map(str, accounts)]):
        listed = tomorrow.run("flex_configuration_info", accounts=named)["configurations"]
        shown = {each["account_id"]: each["parameters"] for each in listed}
        assert shown == dict.fromkeys(accounts, SHOWN), named
    assert asked(tomorrow) == 1


def test_a_code_or_size_that_is_not_shipped_is_asked_for_before_it_is_refused(
    controller: Controller,
) -> None:
    bundle: dict[str, Any] = Service().product(1)
    bundle["parameters"][0]["max"] = 128
    bundle["parameters"][1]["values"]["ULT"] = "Ultimate"
    wanted = {**CONFIGURATION, "parameters": {"cpus": 128, "service_package": "ultimate"}}
    refused = controller.run("flex_configuration", **wanted)
    assert (
        "128 is over the maximum 96" in refused["msg"]
        and "ultimate is not one of FC (FortiCare Premium), UTP" in refused["msg"]
    )
    assert asked(controller) == 1 and controller.writes() == 0
    controller.flex.post("products", [bundle])
    made = controller.run("flex_configuration", **wanted)
    assert made["configuration"]["parameters"]["service_package"] == "ULT", (
        "a cached answer does not have the last word on a refusal"
    )
    assert (
        controller.run("flex_configuration", name="small", parameters={"cpus": 129})["msg"].count(
            "over the maximum 128"
        )
        == 1
    )
    assert asked(controller) == 2


def test_live_asks_at_every_task_and_snapshot_never(tomorrow: Controller) -> None:
    for _time in range(2):
        assert not tomorrow.run("flex_configuration", **CONFIGURATION, catalogue="live").get(
            "failed"
        )
    assert asked(tomorrow) == 2
    refused = tomorrow.run("flex_configuration", **DEN, catalogue="snapshot")
    assert "fortihydra_vm is not a product that this release knows" in refused["msg"]
    assert asked(tomorrow) == 0
    numbers = {
        "name": "den",
        "product": 999,
        "parameters": {"900": 4, "901": "HYPRO"},
        "catalogue": "snapshot",
    }
    made = tomorrow.run("flex_configuration", **numbers)
    assert made["configuration"]["product"] == "product_999" and made["configuration"][
        "parameters"
    ] == {"900": "4", "901": "HYPRO", "902": "NONE"}
    assert not tomorrow.run("flex_configuration", **numbers)["changed"]
    assert (
        tomorrow.run("flex_configuration", name="den", parameters={"heads": 4})["configuration"][
            "parameters"
        ]
        == SHOWN
    )


def test_the_answer_is_kept_for_a_day(tomorrow: Controller) -> None:
    tomorrow.run("flex_configuration", **DEN)
    for seconds, times in ((86000, 0), (500, 1), (10, 0)):
        tomorrow.clock.sleep(seconds)
        asked(tomorrow)
        assert not tomorrow.run("flex_configuration", **DEN).get("failed")
        assert asked(tomorrow) == times
    kept = [path for path in tomorrow.state_dir.iterdir() if path.name.startswith("catalogue-")]
    assert len(kept) == 1 and kept[0].stat().st_mode & 0o077 == 0
    kept[0].write_text('{"productTypes": [', encoding="utf-8")
    assert not tomorrow.run("flex_configuration", **DEN).get("failed") and asked(tomorrow) == 1


@pytest.mark.parametrize("shape", ["missing", "odd"])
def test_without_a_usable_answer_the_shipped_catalogue_serves_and_a_warning_says_so(
    tomorrow: Controller, shape: str
) -> None:
    warnings = tomorrow.warnings
    tomorrow.flex.settings(metadata_shape=shape)
    made = tomorrow.run("flex_configuration", **CONFIGURATION, catalogue="live")
    assert made["changed"] and made["configuration"]["parameters"]["cpus"] == 1
    assert len(warnings) == 1 and "using the bundled" in warnings[0]
    refused = tomorrow.run("flex_configuration", **{**CONFIGURATION, "parameters": {"cpus": 128}})
    assert "128 is over the maximum 96" in refused["msg"] and len(warnings) >= 2


@pytest.mark.parametrize("kind", ["html_502", "reset_before", "http_401"])
def test_a_failure_to_report_it_is_asked_for_once_an_hour(tomorrow: Controller, kind: str) -> None:
    numbers = {"name": "den", "product": 999, "parameters": {"900": 4, "901": "HYPRO"}}
    tomorrow.flex.faults([{"path": "tools/metadata", "kind": kind, "always": True}])
    assert tomorrow.run("flex_configuration", **numbers)["changed"]
    slept = tomorrow.clock.slept
    tomorrow.flex.reset_requests()
    again = tomorrow.run("flex_configuration", **numbers)
    assert not again["changed"] and again["requests"]["made"] == 2 and tomorrow.clock.slept == slept
    assert not tomorrow.run("flex_configuration_info").get("failed")
    assert (
        "there is no such parameter"
        in tomorrow.run("flex_configuration", **CONFIGURATION | {"parameters": {"cpuz": 1}})["msg"]
    )


def test_everything_that_is_wrong_with_configurations_is_said_at_once(
    controller: Controller,
) -> None:
    items = [
        CONFIGURATION | {"name": "a", "parameters": {"cpus": 1}},
        CONFIGURATION | {"name": "b", "parameters": {"cpus": 128}},
    ]
    message = controller.run("flex_fleet", configurations=items)["msg"]
    assert (
        "128 is over the maximum 96" in message
        and "configuration 'a': if it is new, it needs service_package too" in message
    )
    waf = {
        "name": "w",
        "product": "fortiappsec",
        "parameters": {"services": ["UCWAF"], "waf_service_package": "Enterprise"},
    }
    controller.run("flex_configuration", **waf)
    message = controller.run(
        "flex_configuration",
        name="w",
        parameters={"waf_service_package": "Standard", "waf_addons": ["XXX"]},
    )["msg"]
    assert "FortiFlex does not lower it" in message and "XXX is not one of" in message
    message = controller.run(
        "flex_cost_info", product="fortigate_vm_bundle", parameters={"cpus": 128}, count=0
    )["msg"]
    assert "count: 0" in message and "128 is over" in message and "service_package" in message


def test_a_check_without_diff_names_what_changes(controller: Controller) -> None:
    controller.run("flex_configuration", **CONFIGURATION)
    planned = controller.run(
        "flex_configuration", check=True, diff=False, name="small", parameters={"cpus": 8}
    )
    assert (
        planned["changes"] == ["cpus 1 -> 8, which touches no entitlement"]
        and "diff" not in planned
    )
    assert controller.run("flex_configuration", name="small")["changes"] == []


def test_an_empty_environment_variable_says_nothing(
    controller: Controller, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("FORTIFLEX_CATALOGUE", "FORTIFLEX_TIMEOUT", "FORTIFLEX_TOKEN_CACHE"):
        monkeypatch.setenv(name, "")
    assert controller.run("flex_configuration", **CONFIGURATION)["changed"]
    assert (
        "0 is not a product"
        in controller.run("flex_configuration", **CONFIGURATION | {"name": "x", "product": 0})[
            "msg"
        ]
    )
