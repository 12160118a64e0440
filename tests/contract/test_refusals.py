# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is refused, and how: one sentence, before any write, all of a task's problems at once."""

from __future__ import annotations

from typing import Any

import pytest
from contract.harness import CONFIGURATION, Controller

SITE = {"name": "site", "configuration": "small"}
REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("flex_entitlement", {**SITE, "username": ""}, "username is missing"),
    ("flex_entitlement", {**SITE, "password": ""}, "password is missing"),
    ("flex_entitlement", {**SITE, "program": ""}, "program is missing"),
    ("flex_entitlement", {**SITE, "api_url": "http://flex.example.com/"}, "https://"),
    ("flex_entitlement", {**SITE, "program": "ELAVMS0000000999"}, "check program and account_id"),
    (
        "flex_entitlement",
        {**SITE, "configuration": "smal"},
        "'smal' is not in program ELAVMS0000000200; the closest are 'small'",
    ),
    ("flex_entitlement", {**SITE, "configuration": "4711999"}, "'4711999' is not in program"),
    ("flex_entitlement", {**SITE, "configuration": "twin"}, "are both ACTIVE and named 'twin'"),
    ("flex_entitlement", {**SITE, "configuration": "off"}, "is DISABLED"),
    (
        "flex_entitlement",
        {**SITE, "configuration": "device"},
        "devices are licensed by their own serial number",
    ),
    ("flex_entitlement", {"name": "site"}, "none can be made without a configuration"),
    ("flex_entitlement", {**SITE, "end_date": "2020-01-01"}, "is in the past"),
    ("flex_entitlement", {**SITE, "end_date": "2999-01-01"}, "the end of ELAVMS0000000200"),
    ("flex_entitlement", {**SITE, "end_date": "soon"}, "'soon' is invalid"),
    ("flex_entitlement", {**SITE, "name": "site [x]"}, "has a bracket"),
    ("flex_entitlement", {**SITE, "name": " site"}, "has a blank at one end"),
    ("flex_entitlement", {**SITE, "name": "s" * 65}, "has 65 characters"),
    ("flex_entitlement", {**SITE, "tags": {"a": "b;c"}}, "has one of"),
    ("flex_entitlement", {**SITE, "state": "gone"}, "value of state must be one of"),
    (
        "flex_entitlement",
        {"configuration": "small"},
        "one of the following is required: name, serial_number",
    ),
    (
        "flex_entitlement",
        {"name": "held", "serial_number": "FGVMMLTM00000002"},
        "'held' is held by FGVMMLTM00000001, not by FGVMMLTM00000002",
    ),
    (
        "flex_entitlement",
        {"serial_number": "FGVMMLTM00000009"},
        "is not among the entitlements of program ELAVMS0000000200, account 2000001",
    ),
    ("flex_entitlement", {"serial_number": "FGVMMLTM00000003"}, "is a spare"),
    (
        "flex_entitlement",
        {"name": "held", "configuration": "manager"},
        "cannot move to configuration 'manager'",
    ),
    (
        "flex_configuration",
        {**CONFIGURATION, "parameters": {"cpus": 128}},
        "fortigate_vm_bundle.cpus: 128 is over the maximum 96",
    ),
    (
        "flex_configuration",
        {**CONFIGURATION, "name": "new", "product": "fortigate_vm_bundel"},
        "fortigate_vm_bundle",
    ),
    ("flex_configuration", {"name": "new"}, "cannot be created without a product"),
    (
        "flex_configuration",
        {**CONFIGURATION, "name": "new", "parameters": {"cpus": 2}},
        "service_package",
    ),
    ("flex_configuration", {"id": 999999}, "configuration id 999999 is not in program"),
    (
        "flex_configuration",
        {"name": "small", "product": "fortimanager_vm"},
        "cannot become fortimanager_vm",
    ),
    (
        "flex_configuration",
        {**CONFIGURATION, "parameters": {"cpus": 8}, "max_affected": 1},
        "more than max_affected=1",
    ),
    ("flex_fleet", {"entitlements": [SITE, SITE]}, "'site' is listed 2 times"),
    (
        "flex_fleet",
        {"entitlements": [{**SITE, "name": f"s{number}"} for number in range(4)], "max_new": 2},
        "creates 3 entitlements, more than max_new=2",
    ),
    (
        "flex_fleet",
        {"entitlements": [{"name": "x", "state": "gone"}]},
        "entitlement 'x': state is 'gone', which is not one of present, active, stopped, absent.",
    ),
]


@pytest.fixture
def account(controller: Controller) -> Controller:
    """An account with something of everything in it."""
    small = controller.configuration("small")
    controller.configuration("twin")
    controller.configuration("twin")
    controller.configuration("off", status="DISABLED")
    controller.configuration(
        "device",
        productTypeId=101,
        parameters=[{"id": 27, "value": "FGT60F"}, {"id": 28, "value": "FGHWUTP"}],
    )
    controller.configuration(
        "manager", productTypeId=2, parameters=[{"id": 30, "value": "1"}, {"id": 9, "value": "0"}]
    )
    for number, description in enumerate(["held", "", "[spare]"], 1):
        status = "STOPPED" if description == "[spare]" else "ACTIVE"
        controller.flex.seed(
            [
                {
                    "serialNumber": f"FGVMMLTM0000000{number}",
                    "configId": small,
                    "description": description,
                    "status": status,
                }
            ]
        )
    controller.writes()
    return controller


@pytest.mark.parametrize("check", [True, False], ids=["check", "run"])
@pytest.mark.parametrize(
    ("module", "options", "sentence"), REFUSED, ids=[f"{row[0]}-{row[2][:30]}" for row in REFUSED]
)
def test_refused_before_any_write(
    account: Controller, module: str, options: dict[str, Any], sentence: str, check: bool
) -> None:
    result = account.run(module, check=check, **options)
    assert result["failed"], result
    assert sentence in result["msg"]
    assert not result.get("changed")
    assert "Traceback" not in str(result)
    assert "demo-password" not in result["msg"]
    assert account.writes() == 0


def test_all_problems_of_a_task_are_reported_at_once(account: Controller) -> None:
    wrong = [
        {**SITE, "name": "a", "configuration": "nope"},
        {**SITE, "name": "b", "end_date": "2020-01-01"},
        {**SITE, "name": "c"},
    ]
    message = account.run("flex_fleet", entitlements=wrong)["msg"]
    assert "'a'" in message and "'b'" in message and "'c'" not in message
    message = account.run(
        "flex_fleet", entitlements=[{"name": "[x]"}, {"name": "y", "end_date": "?"}], password=""
    )["msg"]
    assert "bracket" in message and "is invalid" in message and "password" in message
    assert account.writes() == 0


def test_a_past_end_date_that_need_not_be_written_is_no_error(account: Controller) -> None:
    account.flex.patch("FGVMMLTM00000001", endDate="2020-01-01T00:00:00", status="STOPPED")
    result = account.run("flex_entitlement", name="held", state="stopped", end_date="2020-05-05")
    assert not result.get("failed"), result
    assert not result["changed"]


FAULTS = [
    ({"path": "entitlements/list", "kind": "html_502", "always": True}, "entitlements/list"),
    ({"path": "entitlements/list", "kind": "truncated_json", "always": True}, "entitlements/list"),
    (
        {"path": "entitlements/list", "kind": "flood", "always": True},
        "(its answer is too large, or compressed in an unknown way)",
    ),
    ({"path": "configs/list", "kind": "unknown_shape", "always": True}, "configs/list"),
    (
        {"path": "entitlements/list", "kind": "null", "always": True},
        "answered entitlements/list without its data (entitlements is null)",
    ),
    ({"path": "configs/list", "kind": "denied", "always": True}, "denied configs/list"),
    (
        {"path": "entitlements/vm/create", "kind": "refused", "always": True},
        "refused entitlements/vm/create",
    ),
]


@pytest.mark.parametrize(("fault", "sentence"), FAULTS, ids=[fault[0]["kind"] for fault in FAULTS])
def test_what_the_service_answers_becomes_one_sentence(
    account: Controller, fault: dict[str, Any], sentence: str
) -> None:
    account.flex.faults([fault])
    before = account.entitlements()
    result = account.run("flex_entitlement", **SITE, reuse="never")
    assert result["failed"], result
    assert sentence in result["msg"]
    assert not result["changed"]
    assert "<html" not in result["msg"] and "Traceback" not in str(result)
    assert account.entitlements() == before


def test_a_wrong_password_and_a_closed_port(account: Controller) -> None:
    result = account.run("flex_entitlement", **SITE, password="other-password")
    assert result["error_code"] == "login_refused" and "other-password" not in str(result["msg"])
    result = account.run(
        "flex_entitlement", **SITE, api_url="http://127.0.0.1:9/ES/api/fortiflex/v2"
    )
    assert result["error_code"] == "unavailable" and "127.0.0.1:9" in result["msg"]


def test_a_fleet_goes_on_after_one_failed_item_and_a_rerun_completes_it(
    account: Controller,
) -> None:
    account.flex.faults([{"path": "entitlements/update", "kind": "refused", "nth": 1}])
    sites = [
        {"name": "held", "configuration": "small", "tags": {"a": "b"}},
        {**SITE, "reuse": "never"},
    ]
    result = account.run("flex_fleet", entitlements=sites)
    assert result["failed"] and result["changed"]
    assert [item["name"] for item in result["failures"]] == ["held"]
    assert result["entitlements"]["site"]["status"] == "PENDING"
    assert account.entitlements()["FGVMMLTM00000001"]["description"] == "held"
    again = account.run("flex_fleet", entitlements=sites)
    assert (
        not again.get("failed") and again["plan"]["change"] == 1 and again["plan"]["unchanged"] == 1
    )


def test_a_description_that_the_service_cuts_makes_no_run_create_more(account: Controller) -> None:
    account.flex.settings(description_cut=10)
    before = account.entitlements()
    for new in (0, 1, 1):
        result = account.run(
            "flex_entitlement",
            name="a-name-that-is-cut",
            configuration="small",
            state="present" if new else "active",
        )
        assert result["failed"] and "FortiFlex stored the description" in result["msg"]
        after = account.entitlements()
        assert len(after) == len(before) + new
        assert [item["description"] for item in after.values()].count("[spare]") == 1 + new


@pytest.mark.parametrize("create", [True, False])
def test_a_name_that_fits_is_created_where_the_claim_of_a_spare_is_cut(
    account: Controller, create: bool
) -> None:
    account.flex.settings(description_cut=30)
    spares, before = (
        {
            number
            for number, item in account.entitlements().items()
            if item["description"] == "[spare]"
        },
        len(account.entitlements()),
    )
    wish = {"name": "a-name-that-fits-by-itself", "configuration": "small", "create": create}
    done = account.run("flex_entitlement", **wish)
    assert bool(done.get("failed")) != create and (
        create or "FortiFlex stored the description" in done["msg"]
    ), done
    after = account.entitlements()
    assert len(after) == before + create and spares == {
        number for number, item in after.items() if item["description"] == "[spare]"
    }
    if create:
        assert not account.run("flex_entitlement", **wish)["changed"]


def test_cut_tags_are_reported_and_the_name_still_holds(account: Controller) -> None:
    account.flex.settings(description_cut=10)
    before = len(account.entitlements())
    for _run in range(2):
        result = account.run(
            "flex_entitlement",
            name="site",
            configuration="small",
            tags={"owner": "somebody"},
            reuse="never",
        )
        assert result["failed"] and "stored the description 'site [owne'" in result["msg"]
        assert len(account.entitlements()) == before + 1


@pytest.mark.parametrize("times", [1, 2])
def test_a_stop_that_is_refused_once_is_observed_again(account: Controller, times: int) -> None:
    account.flex.faults(
        [{"path": "entitlements/stop", "kind": "refused", "nth": 1, "times": times}]
    )
    result = account.run("flex_entitlement", name="held", state="stopped")
    assert bool(result.get("failed")) == (times == 2), result
    assert account.entitlements()["FGVMMLTM00000001"]["status"] == (
        "ACTIVE" if times == 2 else "STOPPED"
    )


def test_one_entitlement_by_name_and_by_number_with_two_wishes_is_refused(
    account: Controller,
) -> None:
    result = account.run(
        "flex_fleet",
        entitlements=[{"name": "held"}, {"serial_number": "FGVMMLTM00000001", "state": "stopped"}],
    )
    assert result["failed"] and "with conflicting settings" in result["msg"]
    assert account.writes() == 0
