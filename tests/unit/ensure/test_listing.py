# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists: over all accounts by the fewest requests, filtered by FortiFlex where it can, in a stable order, cut where that is asked for."""

from __future__ import annotations

from typing import Any

import pytest
from unit.ensure.harness import Controller

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
    fenced = controller.run(
        "flex_entitlement_info", accounts=["all"], allowed_accounts=["2000001"]
    )["entitlements"]
    assert {item["account_id"] for item in fenced} == {2000001}


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
