# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists: over all accounts by the fewest requests, filtered by FortiFlex where it can, in a stable order, cut where that is asked for."""

from __future__ import annotations

from typing import Any

import pytest
from contract.harness import Controller

ACCOUNTS = (2000003, 2000001, 2000002)


@pytest.fixture(autouse=True)
def tenants(controller: Controller) -> None:
    """The same three entitlements in each account, and a shuffled order of answers."""
    controller.flex.settings(order="shuffled")
    for account in ACCOUNTS:
        small = controller.configuration("small", accountId=account)
        items: list[dict[str, Any]] = [
            {"description": "b", "status": "ACTIVE"},
            {"description": None},
            {"description": "a", "tokenStatus": "USED"},
        ]
        controller.flex.seed([{"configId": small, **item} for item in items])


def calls(controller: Controller) -> dict[str, int]:
    """Calls by path since the last time that somebody asked."""
    made: dict[str, int] = controller.flex.requests()["by_path"]
    controller.flex.reset_requests()
    return made


def test_all_accounts_take_one_request_each_and_one_for_all(controller: Controller) -> None:
    found = controller.run("flex_entitlement_info", accounts=["all"])["entitlements"]
    assert [(item["account_id"], item["name"]) for item in found] == [
        (account, name) for account in sorted(ACCOUNTS) for name in ("a", "b", None)
    ]
    assert calls(controller) == {"login": 1, "configs/list": 1, "entitlements/list": 3}
    some = controller.run(
        "flex_entitlement_info",
        accounts=["2000003", "acme", "2000003"],
        account_aliases={"acme": 2000001},
        name="a",
    )["entitlements"]
    assert [item["account_id"] for item in some] == [2000003, 2000001] and calls(controller) == {
        "configs/list": 1,
        "entitlements/list": 2,
    }
    assert controller.run("flex_configuration_info", accounts=["all"])["total"] == 3 and calls(
        controller
    ) == {"configs/list": 1}
    assert controller.run("flex_points_info", accounts=["all"], last_days=1)["total"] > 0
    assert calls(controller)["configs/list"] == 1
    limited = controller.run(
        "flex_entitlement_info", accounts=["all"], allowed_accounts=["2000001"]
    )["entitlements"]
    assert {item["account_id"] for item in limited} == {2000001}


@pytest.mark.parametrize(
    "module",
    [
        "flex_configuration_info",
        "flex_entitlement_info",
        "flex_group_info",
        "flex_points_info",
        "flex_usage_ledger",
    ],
)
def test_an_account_that_is_none_is_refused_before_anything_is_sent(
    controller: Controller, module: str
) -> None:
    refused = controller.run(
        module, accounts=["2000001", "acne"], account_aliases={"acme": 2000001}
    )
    assert refused[
        "msg"
    ] == "accounts: 'acne' is no account number and no alias (acme)." and not calls(controller)


def test_a_limit(controller: Controller) -> None:
    for limit, names in ((1, ["a"]), (2, ["a", "b"]), (9, ["a", "b", None]), (0, [])):
        result = controller.run("flex_entitlement_info", limit=limit)
        assert [item["name"] for item in result["entitlements"]] == names and result["total"] == 3
    assert (
        len(controller.run("flex_configuration_info", limit=1, accounts=["all"])["configurations"])
        == 1
    )
    calls(controller)
    assert [
        item["serial_number"] for item in controller.run("flex_program_info", limit=1)["programs"]
    ] == ["ELAVMR0000000100"]
    assert calls(controller) == {
        "programs/list": 1,
        "programs/points": 1,
    }  # nothing is asked about what is cut


@pytest.mark.parametrize("filters", ["combined", "first"])
def test_filters_go_to_fortiflex_where_it_has_them(controller: Controller, filters: str) -> None:
    controller.flex.settings(list_filters=filters)
    found = controller.run(
        "flex_entitlement_info", status="active", token_status="notused", name="b"
    )["entitlements"]
    assert [item["name"] for item in found] == ["b"]
    (sent,) = (
        item["body"]
        for item in controller.flex.requests()["log"]
        if item["path"] == "entitlements/list"
    )
    assert sent == {
        "programSerialNumber": controller.program,
        "accountId": 2000001,
        "status": "ACTIVE",
        "tokenStatus": "NOTUSED",
    }
    calls(controller)
    assert not controller.run("flex_entitlement_info", status="grace_period")[
        "entitlements"
    ]  # no filter that is documented
    assert (
        controller.run("flex_entitlement_info", status="active", holders=True)["total"] == 1
    )  # who stands for a name shows only among all
    bodies = [
        item["body"]
        for item in controller.flex.requests()["log"]
        if item["path"] == "entitlements/list"
    ]
    assert [set(body) for body in bodies] == [{"programSerialNumber", "accountId"}] * 2


def test_programs_and_their_accounts(controller: Controller) -> None:
    programs = controller.run("flex_program_info", accounts=True, program=None, account_id=None)[
        "programs"
    ]
    assert [item["accounts"] for item in programs] == [[], sorted(ACCOUNTS)]
    narrow = controller.run(
        "flex_program_info", accounts=True, balance=False, username="tenant-2-only"
    )["programs"]
    assert [item["accounts"] for item in narrow] == [[2000002]]


def test_all_accounts_and_one_that_has_nothing_yet(controller: Controller) -> None:
    controller.flex.settings(
        programs=[
            {
                "serialNumber": controller.program,
                "accountId": 2000001,
                "accounts": [*ACCOUNTS, 2000004],
            }
        ]
    )
    found = controller.run("flex_entitlement_info", accounts=["all", "2000004"])
    assert found["accounts"] == [2000001, 2000002, 2000003, 2000004] and found["total"] == 9
    assert calls(controller) == {"login": 1, "configs/list": 1, "entitlements/list": 4}


@pytest.mark.parametrize("account_id", [2000002, None])
def test_which_account_was_read_is_said(controller: Controller, account_id: int | None) -> None:
    controller.account_id = account_id
    found = controller.run("flex_entitlement_info")
    assert (found["program"], found["unread"]) == (controller.program, [])
    assert found["accounts"] == [account_id or 2000001]


@pytest.mark.parametrize(
    ("kind", "times"), [("refused", 1), ("denied", 1), ("html_502", 5), ("unknown_shape", 5)]
)
def test_one_account_that_cannot_be_read_leaves_the_others(
    controller: Controller, kind: str, times: int
) -> None:
    fault = {"path": "entitlements/list", "kind": kind, "nth": 2, "times": times}
    asked: dict[str, Any] = {"accounts": [str(account) for account in ACCOUNTS]}
    controller.flex.faults([fault])
    assert controller.run("flex_entitlement_info", **asked)["failed"]
    controller.flex.faults([fault])
    found = controller.run("flex_entitlement_info", partial=True, **asked)
    assert not found.get("failed") and found["accounts"] == [2000003, 2000002]
    assert [item["account_id"] for item in found["unread"]] == [2000001]
    assert "entitlements/list" in found["unread"][0]["message"] and found["total"] == 6


def test_an_account_outside_the_allowed_ones_is_not_asked_about(controller: Controller) -> None:
    found = controller.run(
        "flex_entitlement_info",
        partial=True,
        accounts=["2000001", "2000002"],
        allowed_accounts=["2000001"],
    )
    assert found["accounts"] == [2000001] and found["total"] == 3
    assert "2000002 is not one of allowed_accounts" in found["unread"][0]["message"]
    assert calls(controller) == {"login": 1, "configs/list": 1, "entitlements/list": 1}


def test_accounts_are_read_one_by_one_where_no_request_brings_them_together(
    controller: Controller,
) -> None:
    controller.flex.faults([{"path": "configs/list", "kind": "denied"}])
    asked = ["2000001", "2000002"]
    found = controller.run("flex_entitlement_info", partial=True, accounts=asked)
    assert found["accounts"] == [2000001, 2000002] and found["unread"] == []


@pytest.mark.parametrize(("kind", "lists"), [("html_502", 10), ("slow_down", 1)])
def test_where_fortiflex_is_away_it_is_not_asked_about_every_account(
    controller: Controller, kind: str, lists: int
) -> None:
    controller.flex.faults(
        [{"path": "entitlements/list", "kind": kind, "code": -30, "nth": 1, "always": True}]
    )
    asked = [*map(str, ACCOUNTS), "all"]
    found = controller.run("flex_entitlement_info", partial=True, accounts=asked)
    assert [item["account_id"] for item in found["unread"]] == sorted(ACCOUNTS)
    assert found["accounts"] == [] and calls(controller)["entitlements/list"] == lists
