# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each call of FortiFlex through a module, twice, in each position of the switches that concern it: docs/api-coverage.md is the table of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import date, timedelta
from typing import Any

import pytest
from contract.harness import CONFIGURATION, Controller
from contract.test_devices import EMS, HARDWARE, serial
from contract.test_documentation import NAMES
from documents.api_coverage import ALL, ROWS

from ansible_collections.flexops.fortiflex.plugins.module_utils.client.answers import ENDPOINTS
from simulator.calls import CALLS
from simulator.settings import Settings

THERE = 2000002
Scenario = Callable[[Controller], None]
SCENARIOS: dict[str, Scenario] = {}


def scenario(endpoint: str) -> Callable[[Scenario], Scenario]:
    """How a call comes to be made, and what must have come of it."""

    def register(run: Scenario) -> Scenario:
        SCENARIOS[endpoint] = run
        return run

    return register


def once(controller: Controller, module: str, **options: Any) -> dict[str, Any]:
    """The result of a task that changes something, and nothing more when it is run again."""
    done = controller.run(module, **options)
    assert done.get("changed") and not done.get("failed"), done
    again = controller.run(module, **options)
    assert not again["changed"] and not again.get("failed"), again
    return done


def held(controller: Controller, **item: Any) -> str:
    """The serial number of an entitlement that was there before."""
    made = controller.flex.seed(
        [
            {
                "configId": controller.configuration("small"),
                "description": "site",
                "status": "ACTIVE",
                **item,
            }
        ]
    )
    return str(made[0]["serialNumber"])


@scenario("login")
def login(controller: Controller) -> None:
    assert controller.run("flex_entitlement_info")["total"] == 0
    controller.clock.sleep(3600)  # the token is about to end, and is refreshed
    assert (
        controller.run("flex_entitlement_info")["total"] == 0
        and controller.flex.requests()["logins"] == 2
    )
    controller.flex.settings(token_lifetime=1)
    controller.clock.sleep(3600)
    controller.flex.settings(token_lifetime=3660)
    assert controller.run("flex_entitlement_info", username="read-only")["total"] == 0
    for who in ({"username": "no-permission"}, {"password": "wrong"}):
        assert controller.run("flex_entitlement_info", **who)["error_code"] in (
            "login_refused",
            "access_denied",
        )


@scenario("programs/list")
def programs_list(controller: Controller) -> None:
    programs = controller.run("flex_program_info", balance=False)["programs"]
    assert [(item["serial_number"], item["account_id"]) for item in programs] == [
        ("ELAVMR0000000100", 1000001),
        ("ELAVMS0000000200", 2000001),
    ]
    assert all(
        item["has_support_coverage"] and len(item["start_date"]) == len(item["end_date"]) == 10
        for item in programs
    )


@scenario("programs/points")
def programs_points(controller: Controller) -> None:
    balances = {
        item["serial_number"]: item["point_balance"]
        for item in controller.run("flex_program_info")["programs"]
    }
    assert balances == {"ELAVMR0000000100": 100_000.0, "ELAVMS0000000200": None}


@scenario("configs/list")
def configs_list(controller: Controller) -> None:
    number = controller.configuration("small")
    controller.configuration("other", accountId=THERE)
    assert [item["id"] for item in controller.run("flex_configuration_info")["configurations"]] == [
        number
    ]
    both = controller.run("flex_configuration_info", accounts=["all"])
    assert [item["name"] for item in both["configurations"]] == ["small", "other"] and both[
        "configurations"
    ][0]["parameters"]["cpus"] == 2


@scenario("configs/create")
def configs_create(controller: Controller) -> None:
    assert (
        once(controller, "flex_configuration", **CONFIGURATION)["configuration"]["status"]
        == "ACTIVE"
    )


@scenario("configs/update")
def configs_update(controller: Controller) -> None:
    controller.run("flex_configuration", **CONFIGURATION)
    more = {**CONFIGURATION, "parameters": {"cpus": 4}}
    assert (
        once(controller, "flex_configuration", **more)["configuration"]["parameters"]["cpus"] == 4
    )


@scenario("configs/disable")
def configs_disable(controller: Controller) -> None:
    controller.configuration("small")
    assert (
        once(controller, "flex_configuration", name="small", state="disabled")["configuration"][
            "status"
        ]
        == "DISABLED"
    )


@scenario("configs/enable")
def configs_enable(controller: Controller) -> None:
    controller.configuration("small")
    controller.run("flex_configuration", name="small", state="disabled")
    assert (
        once(controller, "flex_configuration", name="small")["configuration"]["status"] == "ACTIVE"
    )


@scenario("entitlements/list")
def entitlements_list(controller: Controller) -> None:
    number = held(controller)
    device = controller.run("flex_configuration", **HARDWARE)["configuration"]["id"]
    controller.flex.seed([{"configId": device, "serialNumber": serial(1), "status": "STOPPED"}])
    found = controller.run("flex_entitlement_info")["entitlements"]
    assert [(item["serial_number"], item["token_status"]) for item in found] == [
        (number, "NOTUSED"),
        (serial(1), None),
    ]
    for filters in (
        {"status": "active"},
        {"token_status": "notused"},
        {"serial_number": number},
        {"status": "active", "serial_number": number},
    ):
        assert [
            item["serial_number"]
            for item in controller.run("flex_entitlement_info", **filters)["entitlements"]
        ] == [number], filters
    nothing = controller.run("flex_entitlement_info", status="expired")
    assert not nothing.get("failed") and (nothing["entitlements"], nothing["total"]) == ([], 0)


@scenario("entitlements/vm/create")
def entitlements_vm_create(controller: Controller) -> None:
    controller.configuration("small")
    made = once(
        controller,
        "flex_entitlement",
        name="site",
        configuration="small",
        folder="My Assets/branches",
        tags={"a": "b"},
    )
    assert (
        made["action"] == "create"
        and made["entitlement"]["description"] == "site [a=b]"
        and len(controller.entitlements()) == 1
    )


@scenario("entitlements/hardware/create")
def entitlements_hardware_create(controller: Controller) -> None:
    controller.run("flex_configuration", **HARDWARE)
    made = once(
        controller, "flex_entitlement", serial_numbers=[serial(1), serial(2)], configuration="hw"
    )
    assert {item["status"] for item in made["entitlements"].values()} == {"ACTIVE"}


@scenario("entitlements/hardware/remove")
def entitlements_hardware_remove(controller: Controller) -> None:
    controller.run("flex_configuration", **HARDWARE)
    controller.run("flex_entitlement", serial_number=serial(1), configuration="hw")
    assert (
        once(
            controller,
            "flex_entitlement",
            serial_number=serial(1),
            state="absent",
            remove_hardware=True,
        )["action"]
        == "release"
    )
    assert not any(item["status"] == "ACTIVE" for item in controller.entitlements().values())


@scenario("entitlements/cloud/create")
def entitlements_cloud_create(controller: Controller) -> None:
    controller.run("flex_configuration", **EMS)
    assert (
        once(controller, "flex_entitlement", name="endpoints", configuration="ems")["entitlement"][
            "status"
        ]
        == "ACTIVE"
    )


@scenario("entitlements/update")
def entitlements_update(controller: Controller) -> None:
    number = held(controller)
    controller.configuration("large")
    controller.flex.seed(
        [{"configId": controller.configuration("old"), "description": "gone", "status": "EXPIRED"}]
    )
    last = controller.run("flex_program_info", serial_number=controller.program)["programs"][0][
        "end_date"
    ]
    day = (date.fromisoformat(last) - timedelta(days=30)).isoformat()
    moved = once(
        controller,
        "flex_entitlement",
        name="site",
        configuration="large",
        tags={"a": "b"},
        end_date=day,
    )["entitlement"]
    assert [
        moved[key] for key in ("serial_number", "configuration", "description", "end_date")
    ] == [number, "large", "site [a=b]", day]
    assert controller.run("flex_entitlement", name="gone", configuration="large")[
        "failed"
    ]  # the same whatever FortiFlex would allow
    stopped = controller.run("flex_entitlement", name="site", state="stopped", end_date=last)
    assert (
        stopped["action"] == "stop"
        and not controller.run("flex_entitlement", name="site", state="stopped", end_date=last)[
            "changed"
        ]
    )


@scenario("entitlements/stop")
def entitlements_stop(controller: Controller) -> None:
    held(controller)
    assert (
        once(controller, "flex_entitlement", name="site", state="stopped")["entitlement"]["status"]
        == "STOPPED"
    )


@scenario("entitlements/reactivate")
def entitlements_reactivate(controller: Controller) -> None:
    held(controller, status="STOPPED")
    assert once(controller, "flex_entitlement", name="site")["entitlement"]["status"] == "ACTIVE"


@scenario("entitlements/vm/token")
def entitlements_vm_token(controller: Controller) -> None:
    number = held(controller, tokenStatus="USED")
    before = controller.entitlements()[number]["token"]
    renewed = once(
        controller, "flex_entitlement", name="site", fresh_token="used", return_token=True
    )["entitlement"]
    assert renewed["token"] not in (None, before) and renewed["token_status"] == "NOTUSED"


@scenario("entitlements/points")
def entitlements_points(controller: Controller) -> None:
    held(controller)
    controller.clock.sleep(2 * 86400)
    total = controller.run("flex_points_info", last_days=3)["total"]
    assert total > 0 and float(
        sum(controller.flex.bill("2000-01-01", "2100-01-01").values())
    ) == pytest.approx(total)


@scenario("entitlements/transfer")
def entitlements_transfer(controller: Controller) -> None:
    number = held(controller)
    controller.configuration("small", accountId=THERE)
    assert once(
        controller, "flex_entitlement_transfer", names=["site"], target_account_id=str(THERE)
    )["transferred"] == [number]
    assert controller.entitlements()[number]["accountId"] == THERE


@scenario("groups/list")
def groups_list(controller: Controller) -> None:
    held(controller, folder="My Assets/branches", tokenStatus="USED")
    groups = controller.run("flex_group_info")["groups"]
    assert [(item["folder"], item["available_tokens"], item["used_tokens"]) for item in groups] == [
        ("My Assets", 0, 0),
        ("My Assets/branches", 0, 1),
    ]
    assert [
        item["account_id"]
        for item in controller.run("flex_group_info", accounts=[str(THERE)], limit=1)["groups"]
    ] == [THERE]


@scenario("groups/nexttoken")
def groups_nexttoken(controller: Controller) -> None:
    number = held(controller, folder="My Assets/branches", status="PENDING")
    wish = {
        "folder": "My Assets/branches",
        "next_token": True,
        "configuration": "small",
        "statuses": ["pending"],
    }
    (group,) = controller.run("flex_group_info", return_token=True, **wish)["groups"]
    assert (
        group["next_entitlement"]["serial_number"] == number
        and group["next_entitlement"]["token"] == controller.entitlements()[number]["token"]
    )
    assert (
        controller.run("flex_group_info", **{**wish, "statuses": ["ACTIVE"]})["groups"][0][
            "next_entitlement"
        ]
        is None
    )


@scenario("tools/calc")
def tools_calc(controller: Controller) -> None:
    controller.configuration(
        "small", parameters=[{"id": 1, "value": "2"}, {"id": 2, "value": "ENT"}]
    )
    assert (
        controller.run("flex_cost_info", configuration="small", count=2)["cost"]["points_per_day"]
        == 12.78
    )


@scenario("tools/metadata")
def tools_metadata(controller: Controller) -> None:
    found = controller.run("flex_product_info", name="fortigate_vm_bundle", catalogue="live")
    assert found["products"][0]["product_id"] == 1


def positions() -> Iterator[Any]:
    """Every call with every position of each of its switches, one off its default at a time, and once as it is."""
    choices = {
        item.name: item.metadata["choices"]
        or ((1,) if "int" in str(item.type) else (not item.default,))
        for item in fields(Settings)
    }
    for row in ROWS:
        yield pytest.param(row.endpoint, {}, id=row.endpoint)
        for switch in row.switches:
            for choice in choices[switch]:
                if choice != getattr(Settings(), switch):
                    yield pytest.param(
                        row.endpoint, {switch: choice}, id=f"{row.endpoint} {switch}={choice}"
                    )


@pytest.mark.parametrize(("endpoint", "switches"), [*positions()])
def test_call(controller: Controller, endpoint: str, switches: dict[str, Any]) -> None:
    controller.flex.settings(**switches)
    SCENARIOS[endpoint](controller)
    assert controller.flex.requests()["by_path"].get(endpoint), endpoint


def test_no_call_is_left_out() -> None:
    endpoints = [row.endpoint for row in ROWS]
    assert (
        sorted(endpoints)
        == sorted({*ENDPOINTS, "login"})
        == sorted({*CALLS, "login"} - {"flexvm/v1/groups/list"})
        == sorted(SCENARIOS)
    )
    plugins = {name for row in ROWS for name in row.reached_by} - {ALL}
    assert plugins <= set(NAMES)
