# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Devices, which are their serial numbers, and cloud services, of which an account has one each."""

from __future__ import annotations

from typing import Any

import pytest
from contract.harness import CONFIGURATION, Controller

HARDWARE = {
    "name": "hw",
    "product": "fortigate_hardware",
    "parameters": {"model": "FortiGate 60F", "service_package": "UTP"},
}
EMS = {
    "name": "ems",
    "product": "forticlient_ems_cloud",
    "parameters": dict.fromkeys(("ztna_endpoints", "chromebooks"), 25),
}
EMS["parameters"] |= dict.fromkeys(
    ("ztna_forensics_endpoints", "epp_ztna_endpoints", "epp_ztna_forensics_endpoints"), 0
)


def serial(number: int) -> str:
    return f"FGT60FTK26{number:06}"


def devices(count: int, **more: Any) -> list[dict[str, Any]]:
    return [
        {"serial_number": serial(number), "configuration": "hw", **more} for number in range(count)
    ]


def calls(controller: Controller) -> dict[str, int]:
    """Calls by path since the last time that somebody asked."""
    made = controller.flex.requests()["by_path"]
    controller.flex.reset_requests()
    return {
        path: count
        for path, count in made.items()
        if path not in ("login", "tools/calc") and not path.endswith("/list")
    }


def test_devices_go_100_at_a_time(controller: Controller) -> None:
    options = {"configurations": [HARDWARE], "entitlements": devices(250)}
    predicted = controller.run("flex_fleet", check=True, **options)
    done = controller.run("flex_fleet", **options)
    assert done["plan"] == predicted["plan"] and done["plan"]["create"] == 250
    assert calls(controller) == {"configs/create": 1, "entitlements/hardware/create": 3}
    assert done["requests"]["made"] <= 3 + 1 + 6
    assert {item["status"] for item in controller.entitlements().values()} == {"ACTIVE"}
    again = controller.run("flex_fleet", **options)
    assert again["plan"]["unchanged"] == 250 and again["requests"]["made"] == 2


def test_virtual_machines_devices_and_cloud_services_in_one_task(controller: Controller) -> None:
    options = {
        "configurations": [CONFIGURATION, HARDWARE, EMS],
        "entitlements": [
            {"name": "site", "configuration": "small"},
            *devices(2),
            {"name": "endpoints", "configuration": "ems", "tags": {"team": "it"}},
        ],
    }
    predicted = controller.run("flex_fleet", check=True, **options)
    done = controller.run("flex_fleet", **options)
    assert not done.get("failed"), done["msg"]
    assert predicted["plan"] == done["plan"] and done["plan"]["create"] == 4
    held = {item["description"]: item["status"] for item in controller.entitlements().values()}
    assert held == {
        "site": "PENDING",
        "": "ACTIVE",
        None: "ACTIVE",
        "endpoints [team=it]": "ACTIVE",
    } or held == {"site": "PENDING", None: "ACTIVE", "endpoints [team=it]": "ACTIVE"}
    assert (
        done["entitlements"][serial(0)]["product"] == "fortigate_hardware"
        and done["entitlements"]["endpoints"]["token_status"] is None
    )
    assert not controller.run("flex_fleet", **options)["changed"]


@pytest.mark.every_moment
def test_a_device_through_its_states(controller: Controller) -> None:
    controller.run("flex_configuration", **HARDWARE)
    device = {"serial_number": serial(1), "configuration": "hw"}
    for state, action, status in (
        ("stopped", "unchanged", None),
        ("active", "create", "ACTIVE"),
        ("present", "unchanged", "ACTIVE"),
        ("stopped", "stop", "STOPPED"),
        ("active", "reactivate", "ACTIVE"),
    ):
        for check in (True, False):
            result = controller.run("flex_entitlement", check=check, state=state, **device)
            assert result.get("action") == action, result
        assert (result["entitlement"] or {}).get("status") == status
    refused = controller.run("flex_entitlement", state="absent", **device)
    assert "is no virtual machine and cannot become a spare; use state=stopped" in refused["msg"]
    controller.run(
        "flex_configuration",
        **{
            **HARDWARE,
            "name": "better",
            "parameters": {**HARDWARE["parameters"], "service_package": "Enterprise"},
        },
    )
    moved = controller.run(
        "flex_entitlement",
        serial_number=serial(1),
        configuration="better",
        end_date=controller.day(30),
    )
    assert moved.get("action") == "move", moved["msg"]


def test_a_device_is_described_only_when_that_is_asked_for(controller: Controller) -> None:
    controller.run("flex_configuration", **HARDWARE)
    device = {
        "name": "oslo",
        "serial_number": serial(1),
        "configuration": "hw",
        "tags": {"region": "north"},
    }
    result = controller.run("flex_entitlement", **device)
    assert (
        result["entitlement"]["name"] is None
        and not controller.run("flex_entitlement", **device)["changed"]
    )
    described = controller.run("flex_entitlement", describe=True, **device)
    assert described["entitlement"]["description"] == "oslo [region=north]"
    assert not controller.run("flex_entitlement", describe=True, **device)["changed"]


def test_a_refusal_that_names_devices_fails_those_and_the_others_go_on(
    controller: Controller,
) -> None:
    wrong = "FGT80FTK26000001"
    options = {
        "configurations": [HARDWARE],
        "entitlements": [*devices(5), {"serial_number": wrong, "configuration": "hw"}],
    }
    done = controller.run("flex_fleet", **options)
    assert done["failed"] and [item["name"] for item in done["failures"]] == [wrong]
    assert wrong in done["failures"][0]["message"] and done["plan"]["create"] == 5
    assert calls(controller)["entitlements/hardware/create"] == 3


def test_a_device_that_somebody_else_licenses_at_the_same_time_is_no_failure(
    controller: Controller,
) -> None:
    controller.run("flex_configuration", **HARDWARE)
    controller.flex.faults([{"path": "entitlements/hardware/create", "kind": "reset_after"}])
    result = controller.run("flex_entitlement", serial_number=serial(1), configuration="hw")
    assert not result.get("failed") and result["entitlement"]["status"] == "ACTIVE", result


def test_a_refused_device_is_not_sent_again(controller: Controller) -> None:
    controller.run("flex_configuration", **HARDWARE)
    calls(controller)
    controller.flex.faults(
        [{"path": "entitlements/hardware/create", "kind": "refused", "always": True}]
    )
    result = controller.run("flex_fleet", entitlements=devices(3))
    assert result["failed"] and len(result["failures"]) == 3
    assert calls(controller) == {"entitlements/hardware/create": 1}


def test_a_cloud_service_is_made_once_found_and_adopted(controller: Controller) -> None:
    service = {"name": "endpoints", "configuration": "ems"}
    controller.run("flex_configuration", **EMS)
    made = controller.run("flex_entitlement", **service)
    assert made["action"] == "create" and made["entitlement"]["name"] == "endpoints"
    number = made["entitlement"]["serial_number"]
    controller.flex.patch(number, description="")
    adopted = controller.run("flex_entitlement", **service)
    assert adopted["action"] == "reuse" and adopted["entitlement"]["serial_number"] == number
    foreign = controller.run("flex_entitlement", name="other", configuration="ems")
    assert (
        f"has its one entitlement of forticlient_ems_cloud already, {number} with the description 'endpoints'"
        in foreign["msg"]
    )
    for state in ("stopped", "absent"):
        assert not controller.run(
            "flex_entitlement", name="other", configuration="ems", state=state
        )["changed"]
    assert controller.run("flex_entitlement", **service, state="stopped")["action"] == "stop"
    assert controller.run("flex_entitlement", **service)["action"] == "reactivate"
    assert len(controller.entitlements()) == 1


def test_a_cloud_service_takes_no_name_that_something_else_holds(controller: Controller) -> None:
    controller.run(
        "flex_fleet",
        configurations=[CONFIGURATION, EMS],
        entitlements=[{"name": "x", "configuration": "small"}],
    )
    refused = controller.run("flex_entitlement", name="x", configuration="ems")
    assert (
        "'x' is held by" in refused["msg"] and "which is no forticlient_ems_cloud" in refused["msg"]
    )
    assert len(controller.entitlements()) == 1


def test_many_wrong_devices_do_not_keep_the_good_ones_from_their_licenses(
    controller: Controller,
) -> None:
    wrong = [
        {"serial_number": f"FGT80FTK2600000{number}", "configuration": "hw"} for number in range(4)
    ]
    options = {"configurations": [HARDWARE], "entitlements": [*devices(50), *wrong]}
    for _run in range(4):
        controller.run("flex_fleet", **options)
        controller.clock.sleep(3700)  # FortiFlex counts refused creations for an hour
    assert len(controller.entitlements()) == 50


@pytest.mark.parametrize("kind", ["reset_before", "reset_after", "html_502", "late"])
@pytest.mark.parametrize("path", ["entitlements/hardware/create", "entitlements/cloud/create"])
def test_faults_at_the_creation_leave_one_of_each(
    controller: Controller, path: str, kind: str
) -> None:
    options = {
        "configurations": [HARDWARE, EMS],
        "entitlements": [*devices(3), {"name": "endpoints", "configuration": "ems"}],
    }
    controller.flex.faults([{"path": path, "kind": kind}])
    controller.run("flex_fleet", **options)
    controller.flex.faults([])
    done = controller.run("flex_fleet", **options)
    assert not done.get("failed"), done["msg"]
    assert (
        len(controller.entitlements()) == 4
        and not controller.run("flex_fleet", **options)["changed"]
    )


def test_what_cannot_be_is_refused_before_any_write(controller: Controller) -> None:
    controller.run("flex_configuration", **HARDWARE)
    controller.run("flex_configuration", **CONFIGURATION)
    controller.writes()
    for options, sentence in (
        (
            {"name": "oslo", "configuration": "hw"},
            "devices are licensed by their own serial number; set serial_number",
        ),
        ({"serial_number": serial(1)}, f"{serial(1)} is not among the entitlements"),
        (
            {"serial_number": serial(1), "configuration": "small"},
            f"{serial(1)} is not among the entitlements",
        ),
        (
            {"serial_number": serial(1), "configuration": "hw", "end_date": "2020-01-01"},
            "is in the past",
        ),
    ):
        assert sentence in controller.run("flex_entitlement", **options)["msg"]
    twice = controller.run("flex_fleet", entitlements=[*devices(1), {"name": "x", **devices(1)[0]}])
    assert f"'{serial(1 - 1)}' is listed 2 times" in twice["msg"]
    assert controller.writes() == 0


@pytest.mark.parametrize("removed", ["gone", "listed"])
@pytest.mark.parametrize("active", ["accepted", "refused"])
def test_devices_leave_the_program_only_if_that_is_asked_for(
    controller: Controller, removed: str, active: str
) -> None:
    controller.flex.settings(removed_hardware=removed, remove_active=active)
    numbers = [serial(number) for number in range(3)]
    made = controller.run(
        "flex_entitlement",
        serial_numbers=numbers,
        configuration=controller.run("flex_configuration", **HARDWARE)["configuration"]["name"],
    )
    assert set(made["actions"].values()) == {"create"} and {
        item["status"] for item in made["entitlements"].values()
    } == {"ACTIVE"}
    assert calls(controller) == {"configs/create": 1, "entitlements/hardware/create": 1}
    leaving = {"serial_numbers": numbers[:2], "state": "absent", "remove_hardware": True}
    predicted = controller.run("flex_entitlement", check=True, **leaving)
    assert predicted["actions"] == dict.fromkeys(numbers[:2], "release") and not calls(controller)
    done = controller.run("flex_entitlement", **leaving)
    assert not done.get("failed") and done["actions"] == predicted["actions"], done
    assert [
        "takes FGT60FTK26000000, FGT60FTK26000001 out of the program" in text
        for text in controller.warnings
    ] == [True, True]
    made = {"entitlements/stop": 2, "entitlements/hardware/remove": 1}
    assert calls(controller) == made | ({"entitlements/update": 2} if removed == "listed" else {})
    charged = [
        number for number, item in controller.entitlements().items() if item["status"] == "ACTIVE"
    ]
    assert charged == numbers[2:]
    again = controller.run("flex_entitlement", **leaving)
    assert not again["changed"] and not calls(controller) and len(controller.warnings) == 2
    back = controller.run("flex_entitlement", serial_numbers=numbers, configuration="hw")
    assert back["changed"] and {item["status"] for item in controller.entitlements().values()} == {
        "ACTIVE"
    }, back


@pytest.mark.parametrize("kind", ["reset_before", "reset_after", "html_502", "late"])
def test_a_removal_without_an_answer(controller: Controller, kind: str) -> None:
    controller.run("flex_fleet", configurations=[HARDWARE], entitlements=devices(3))
    controller.flex.faults([{"path": "entitlements/hardware/remove", "kind": kind}])
    done = controller.run(
        "flex_fleet", entitlements=devices(3, state="absent", remove_hardware=True)
    )
    assert not done.get("failed") and done["plan"]["release"] == 3, done
    assert not controller.entitlements()


def test_a_removal_is_not_said_to_have_worked_if_it_did_not(controller: Controller) -> None:
    controller.run("flex_fleet", configurations=[HARDWARE], entitlements=devices(2))
    controller.flex.faults(
        [{"path": "entitlements/hardware/remove", "kind": "refused", "always": True}]
    )
    done = controller.run(
        "flex_fleet", entitlements=devices(2, state="absent", remove_hardware=True)
    )
    assert (
        done["failed"]
        and len(done["failures"]) == 2
        and "entitlements/hardware/remove" in done["failures"][0]["message"]
    )
    assert {item["status"] for item in controller.entitlements().values()} == {"STOPPED"}


def test_a_list_without_devices_is_refused(controller: Controller) -> None:
    refused = controller.run("flex_entitlement", serial_numbers=[])
    assert "serial_numbers is empty" in refused["msg"]


@pytest.mark.parametrize("check", [True, False])
def test_nothing_is_created_where_nothing_may_be(controller: Controller, check: bool) -> None:
    controller.run("flex_fleet", configurations=[HARDWARE, EMS, CONFIGURATION])
    calls(controller)
    for wish in (
        {"serial_number": serial(1), "configuration": "hw"},
        {"name": "x", "configuration": "ems"},
        {"name": "x", "configuration": "small"},
    ):
        refused = controller.run("flex_entitlement", check=check, create=False, **wish)
        assert refused["failed"] and not calls(controller), refused


def test_devices_that_leave_and_machines_that_come_in_one_task(controller: Controller) -> None:
    controller.run("flex_fleet", configurations=[HARDWARE], entitlements=devices(3))
    comes = [{"name": f"s{number}", "configuration": "small"} for number in range(6)]
    options = {
        "configurations": [CONFIGURATION],
        "entitlements": [*devices(3, state="absent", remove_hardware=True), *comes],
    }
    predicted = controller.run("flex_fleet", check=True, **options)
    done = controller.run("flex_fleet", **options)
    assert not done.get("failed"), done["msg"]
    assert predicted["plan"] == done["plan"] and (
        done["plan"]["create"],
        done["plan"]["release"],
    ) == (6, 3)
