# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Transfers between accounts: once, resumed, and refused before anything is sent where they cannot be right."""

from __future__ import annotations

from typing import Any

import pytest
from contract.harness import CONFIGURATION, Controller

HERE, THERE = 2000001, 2000002


def prepare(controller: Controller, count: int = 3) -> list[str]:
    """``small`` in both accounts, and so many entitlements of it in the first one; their serial numbers."""
    small = controller.configuration("small", accountId=HERE)
    controller.configuration("small", accountId=THERE)
    seeded = controller.flex.seed(
        [
            {"configId": small, "description": f"site-{number} [region=west]", "status": "ACTIVE"}
            for number in range(count)
        ]
    )
    controller.flex.reset_requests()
    return [item["serialNumber"] for item in seeded]


def transfer(controller: Controller, check: bool = False, **options: Any) -> dict[str, Any]:
    return controller.run(
        "flex_entitlement_transfer", check=check, **{"target_account_id": str(THERE), **options}
    )


def where(controller: Controller) -> dict[str, int]:
    """The account of each entitlement."""
    return {number: item["accountId"] for number, item in controller.entitlements().items()}


def test_once(controller: Controller) -> None:
    numbers = prepare(controller)
    wish = {"names": ["site-0", "site-1"], "serial_numbers": numbers[2:]}
    predicted = transfer(controller, check=True, **wish)
    assert predicted["changed"] and predicted["transferred"] == numbers and not controller.writes()
    done = transfer(controller, **wish)
    assert {key: done[key] for key in ("changed", "entitlements", "transferred", "diff")} == {
        key: predicted[key] for key in ("changed", "entitlements", "transferred", "diff")
    }
    assert [
        (item["name"], item["tags"], item["account_id"], item["configuration"])
        for item in done["entitlements"]
    ] == [(f"site-{number}", {"region": "west"}, THERE, "small") for number in range(3)]
    assert set(where(controller).values()) == {THERE} and controller.writes() == 1
    again = transfer(controller, **wish)
    assert (
        not again["changed"]
        and not again["transferred"]
        and again["requests"]["made"] == 3
        and not controller.writes()
    )


def test_many_at_once(controller: Controller) -> None:
    numbers = prepare(controller, 250)
    assert (
        len(transfer(controller, serial_numbers=numbers)["transferred"]) == 250
        and controller.writes() == 3
    )


def test_the_rest_of_an_interrupted_one(controller: Controller) -> None:
    numbers = prepare(controller)
    transfer(controller, serial_numbers=numbers[:1])
    done = transfer(controller, names=["site-0", "site-1", "site-2"])
    assert done["transferred"] == numbers[1:] and set(where(controller).values()) == {THERE}


@pytest.mark.parametrize("kind", ["reset_before", "reset_after", "html_502", "late", "slow_down"])
@pytest.mark.parametrize("times", [1, 2])
def test_without_an_answer(controller: Controller, kind: str, times: int) -> None:
    numbers = prepare(controller)
    controller.flex.faults([{"path": "entitlements/transfer", "kind": kind, "times": times}])
    done = transfer(controller, serial_numbers=numbers)
    assert (
        not done.get("failed")
        and done["transferred"] == numbers
        and set(where(controller).values()) == {THERE}
    ), done


def test_never_an_answer(controller: Controller) -> None:
    numbers = prepare(controller)
    controller.flex.faults(
        [{"path": "entitlements/transfer", "kind": "reset_before", "always": True}]
    )
    done = transfer(controller, serial_numbers=numbers)
    assert (
        done["failed"]
        and "was sent 3 times" in done["msg"]
        and not done["changed"]
        and controller.writes() == 3
    )


def test_somebody_else_was_faster(controller: Controller) -> None:
    numbers = prepare(controller, 1)
    controller.flex.faults([{"path": "entitlements/transfer", "kind": "refused"}])
    assert transfer(controller, serial_numbers=numbers)["transferred"] == numbers


def test_one_that_is_refused_keeps_no_other_back(controller: Controller) -> None:
    numbers = prepare(controller, 8)
    # Of all eight, of the second half, of its first half, and of the sixth one itself, twice.
    controller.flex.faults(
        [
            {"path": "entitlements/transfer", "kind": "refused", "nth": nth}
            for nth in (1, 3, 4, 6, 7)
        ]
    )
    done = transfer(controller, serial_numbers=numbers)
    assert (
        done["failed"]
        and f"1 of 8 entitlements could not be transferred, the first: 'site-5' ({numbers[5]})"
        in done["msg"]
    ), done["msg"]
    assert done["transferred"] == numbers[:5] + numbers[6:]
    assert transfer(controller, serial_numbers=numbers)["transferred"] == [numbers[5]]


def test_to_another_configuration_and_on_from_there(controller: Controller) -> None:
    numbers = prepare(controller, 1)
    large = controller.configuration("large", accountId=THERE)
    assert (
        transfer(controller, names=["site-0"], target_configuration="large")["entitlements"][0][
            "configuration"
        ]
        == "large"
    )
    moved = transfer(controller, names=["site-0"], target_configuration="small")
    assert (
        moved["changed"]
        and not moved["transferred"]
        and moved["entitlements"][0]["configuration"] == "small"
    )
    back = transfer(controller, names=["site-0"], target_configuration=str(large))
    assert back["entitlements"][0]["configuration_id"] == large
    assert not transfer(controller, serial_numbers=numbers, target_configuration="large")["changed"]


def test_a_spare_is_transferred_by_its_serial_number(controller: Controller) -> None:
    numbers = prepare(controller, 1)
    controller.flex.patch(numbers[0], description="[spare]", status="STOPPED")
    done = transfer(controller, serial_numbers=numbers)
    assert done["transferred"] == numbers and done["entitlements"][0]["description"] == "[spare]"


@pytest.mark.parametrize("check", [True, False])
def test_what_cannot_be_right_is_refused_as_a_whole(controller: Controller, check: bool) -> None:
    numbers = prepare(controller, 5)
    patches = [
        {"description": "[claim x 1]"},
        {"status": "EXPIRED"},
        {"description": "double"},
        {},
        {},
    ]
    for number, patch in zip(numbers, patches, strict=True):
        controller.flex.patch(number, **patch)
    there = controller.configuration("there", accountId=THERE)
    held = controller.flex.seed([{"configId": there, "description": "double"}])[0]["serialNumber"]
    manager = controller.configuration(
        "other",
        productTypeId=7,
        accountId=THERE,
        parameters=[{"id": 30, "value": "1"}, {"id": 57, "value": "NONE"}],
    )
    result = transfer(
        controller,
        check=check,
        names=["nobody", "double", "site-3"],
        serial_numbers=[*numbers, "FGVMNONE"],
    )
    for sentence in (
        f"{numbers[0]} is on its way to a name",
        f"'site-1' ({numbers[1]}) is EXPIRED and can neither be transferred nor moved",
        f"'double' is held by {numbers[2]} in account {HERE} and by {held} in account {THERE}",
        f"'double' ({numbers[2]}) has the name that {held} holds in account {THERE}",
        "'nobody' holds no entitlement in account 2000001 or 2000002",
        "FGVMNONE is not among the entitlements of account 2000001 or 2000002",
        f"'site-3' ({numbers[3]}) is listed by its name and by its serial number",
    ):
        assert sentence in result["msg"]
    foreign = transfer(controller, check=check, names=["site-4"], target_configuration="other")
    assert (
        f"'site-4' ({numbers[4]}) is of product fortigate_vm_bundle, and configuration 'other' of account 2000002 is of"
        in foreign["msg"]
    ), (foreign, manager)
    missing = transfer(controller, check=check, names=["site-4"], target_configuration="none")
    assert "account 2000002 has no ACTIVE configuration 'none'" in missing["msg"]
    same = transfer(controller, check=check, names=["site-4"], target_account_id=str(HERE))
    assert "2000001 is the account that the entitlements will leave" in same["msg"]
    assert not controller.writes()


def test_a_target_outside_the_scope_of_the_user(controller: Controller) -> None:
    prepare(controller, 1)
    result = transfer(controller, names=["site-0"], username="tenant-2-only")
    assert result["failed"] and result["error_code"] == "access_denied" and not controller.writes()


def test_what_was_sent_is_reported_even_if_it_cannot_be_queried(controller: Controller) -> None:
    prepare(controller, 1)
    controller.flex.faults(
        [{"path": "entitlements/list", "kind": "denied", "nth": 3, "always": True}]
    )
    done = transfer(controller, names=["site-0"])
    assert done["failed"] and done["changed"] and done["error_code"] == "access_denied"
    assert done["msg"].endswith(
        "What was done before is reported; run the task again to complete it."
    )


def test_what_was_sent_before_an_error_is_reported(controller: Controller) -> None:
    numbers = prepare(controller, 150)
    controller.flex.faults([{"path": "entitlements/transfer", "kind": "denied", "nth": 2}])
    done = transfer(controller, serial_numbers=numbers)
    assert done["failed"] and done["changed"] and done["error_code"] == "access_denied"


@pytest.mark.parametrize("check", [True, False])
def test_two_of_one_name_are_never_sent_over(controller: Controller, check: bool) -> None:
    first, second, _other = prepare(controller)
    controller.flex.patch(second, description="site-0", status="STOPPED")
    by_name = transfer(controller, check=check, names=["site-0"])
    assert (
        f"'site-0' is held by {first} (ACTIVE) and {second} (STOPPED) in account {HERE}; give the serial number"
        in by_name["msg"]
    )
    both = transfer(controller, check=check, serial_numbers=[first, second])
    assert (
        "'site-0' is the name of 2 of these entitlements" in both["msg"] and not controller.writes()
    )
    assert transfer(controller, check=check, serial_numbers=[second])["transferred"] == [second]


@pytest.mark.parametrize("check", [True, False])
def test_what_has_arrived_and_is_expired_is_left_alone(controller: Controller, check: bool) -> None:
    (number,) = prepare(controller, 1)
    transfer(controller, names=["site-0"])
    controller.configuration("large", accountId=THERE)
    controller.flex.patch(number, status="EXPIRED")
    controller.flex.reset_requests()
    assert not transfer(controller, check=check, serial_numbers=[number])["changed"]
    refused = transfer(
        controller, check=check, serial_numbers=[number], target_configuration="large"
    )
    assert (
        f"'site-0' ({number}) is EXPIRED and can neither be transferred nor moved" in refused["msg"]
        and not controller.writes()
    )


def test_check_mode_knows_configurations_that_a_task_before_would_have_made(
    controller: Controller,
) -> None:
    controller.flex.seed(
        [
            {
                "configId": controller.configuration("small", accountId=HERE),
                "description": "x",
                "status": "ACTIVE",
            }
        ]
    )
    controller.run("flex_configuration", check=True, account_id=THERE, **CONFIGURATION)
    predicted = transfer(controller, check=True, names=["x"])
    assert predicted["changed"] and predicted["entitlements"][0]["configuration_id"] is None, (
        predicted
    )


def test_a_locked_user_ends_a_transfer_with_all_that_fortiflex_said(controller: Controller) -> None:
    prepare(controller)
    rule = {"path": "entitlements/transfer", "kind": "slow_down", "code": -30, "always": True}
    controller.flex.faults([rule])
    result = transfer(controller, names=["site-0"])
    assert result["error_code"] == "too_many_errors"
    assert result["details"]["endpoint"] == "entitlements/transfer"
    assert result["details"]["api_status"] == -30
