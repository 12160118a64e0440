# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""flex_access_info: every kind of API user, and what FortiFlex can answer to each endpoint. Nothing is ever changed."""

from __future__ import annotations

from typing import Any

import pytest
from contract.harness import Controller

PREPAID, POSTPAID = "ELAVMR0000000100", "ELAVMS0000000200"
OF_A_PROGRAM = (
    "programs/points",
    "configs/list",
    "entitlements/list",
    "entitlements/points",
    "groups/list",
    "tools/calc",
)
OF_NONE = ("programs/list", "tools/metadata", "entitlements/stop")


def endpoints(result: dict[str, Any], program: str = POSTPAID) -> dict[str, str]:
    """How far each endpoint can be used, those of one program and those of none."""
    (found,) = (item for item in result["access"] if item["serial_number"] == program)
    return {
        item["endpoint"]: item["access"] for item in (*found["endpoints"], *result["endpoints"])
    }


def accounts(result: dict[str, Any], program: str = POSTPAID) -> dict[int, bool]:
    """Which accounts can be read."""
    (found,) = (item for item in result["access"] if item["serial_number"] == program)
    return {item["account_id"]: item["read"] for item in found["accounts"]}


def test_who_may_do_everything(controller: Controller) -> None:
    controller.configuration("small", accountId=2000002)
    result = controller.run("flex_access_info")

    assert [item["serial_number"] for item in result["access"]] == [PREPAID, POSTPAID]
    assert all(item["write"] == "yes" for item in result["access"])
    assert accounts(result) == {2000001: True, 2000002: True}
    assert endpoints(result, PREPAID) == {
        **dict.fromkeys((*OF_A_PROGRAM, *OF_NONE), "read"),
        "entitlements/stop": "refused",
    }
    assert endpoints(result) == {**endpoints(result, PREPAID), "programs/points": "refused"}
    assert not result["changed"] and result["missing"] == []
    assert controller.flex.requests()["by_path"] == {
        "login": 1,
        "programs/list": 1,
        "tools/metadata": 1,
        "entitlements/stop": 1,
        "programs/points": 2,
        "configs/list": 2,
        "entitlements/list": 3,
        "entitlements/points": 2,
        "groups/list": 2,
        "tools/calc": 2,
    }
    assert result["requests"]["made"] == 1 + 3 + 5 + 1 + 5 + 2


def test_who_may_only_read(controller: Controller) -> None:
    result = controller.run(
        "flex_access_info", username="read-only", required={"write": True, "accounts": ["2000003"]}
    )
    assert {item["write"] for item in result["access"]} == {"no"} and accounts(result) == {
        2000001: True,
        2000003: True,
    }
    assert (
        endpoints(result)["entitlements/stop"] == "denied"
        and endpoints(result)["configs/list"] == "read"
    )
    assert result["missing"] == [
        "This API user may not write (entitlements/stop: Authorization denied.)."
    ]


def test_who_has_one_account_only(controller: Controller) -> None:
    result = controller.run(
        "flex_access_info",
        username="tenant-2-only",
        account_id=None,
        accounts=["2000002"],
        required={"accounts": ["2000001"]},
    )
    assert [item["serial_number"] for item in result["access"]] == [POSTPAID] and result["access"][
        0
    ]["write"] == "yes"
    assert accounts(result) == {2000001: False, 2000002: True}
    assert endpoints(result) == {
        **dict.fromkeys((*OF_A_PROGRAM, *OF_NONE), "read"),
        "programs/points": "refused",
        "entitlements/stop": "refused",
    }
    assert result["missing"] == ["Account 2000001 cannot be read (Authorization denied.)."]


def test_who_may_do_nothing_is_refused_at_the_login(controller: Controller) -> None:
    result = controller.run("flex_access_info", username="no-permission")
    assert (
        result["failed"]
        and result["error_code"] == "login_refused"
        and "The user has no permission" in result["msg"]
    )
    wrong = controller.run("flex_access_info", password="wrong")
    assert wrong["error_code"] == "login_refused" and "check username and password" in wrong["msg"]


def test_who_may_do_nothing_is_denied_everything(controller: Controller) -> None:
    controller.flex.settings(no_permission="calls")
    result = controller.run("flex_access_info", username="no-permission", required={"write": True})
    assert endpoints(result) == dict.fromkeys((*OF_A_PROGRAM, *OF_NONE), "denied")
    assert result["access"][0]["write"] == "no" and accounts(result) == {2000001: False}
    lost = controller.run(
        "flex_access_info", username="no-permission", account_id=None, required={"write": True}
    )
    assert lost["access"] == [] and lost["missing"] == [
        "Which programs this API user sees is not known (programs/list: Authorization denied.)."
    ]


@pytest.mark.parametrize("kind", ["denied", "http_401", "html_502", "unknown_shape", "refused"])
@pytest.mark.parametrize("path", [*OF_A_PROGRAM, "tools/metadata", "entitlements/stop"])
def test_one_endpoint_that_fails_is_a_result(controller: Controller, path: str, kind: str) -> None:
    controller.flex.faults([{"path": path, "kind": kind, "always": True}])
    result = controller.run("flex_access_info", serial_number=POSTPAID)
    assert not result.get("failed"), result
    expected = {"denied": "denied", "http_401": "denied", "refused": "refused"}.get(
        kind, "unknown" if path == "entitlements/stop" else "unavailable"
    )
    healthy = {
        **dict.fromkeys((*OF_A_PROGRAM, *OF_NONE), "read"),
        "programs/points": "refused",
        "entitlements/stop": "refused",
    }
    assert endpoints(result) == {**healthy, path: expected}
    assert result["access"][0]["write"] == (
        {"denied": "no", "refused": "yes"}.get(expected, "unknown")
        if path == "entitlements/stop"
        else "yes"
    )


def test_a_catalogue_that_is_missing_and_a_balance_that_is_empty(controller: Controller) -> None:
    controller.flex.settings(metadata_shape="missing", postpaid_points="empty")
    result = controller.run("flex_access_info")
    assert (
        endpoints(result)["tools/metadata"] == "refused"
        and endpoints(result)["programs/points"] == "read"
    )


def test_a_locked_user_is_an_error(controller: Controller) -> None:
    controller.flex.faults(
        [{"path": "configs/list", "kind": "slow_down", "code": -30, "always": True}]
    )
    assert controller.run("flex_access_info")["error_code"] == "too_many_errors"


def test_writing_is_not_tried_where_that_is_not_wanted(controller: Controller) -> None:
    for options, reason in (
        ({"probe_writing": False}, "because probe_writing is false"),
        ({"check": True}, "in check mode"),
    ):
        result = controller.run("flex_access_info", **options, required={"write": True})
        assert {item["write"] for item in result["access"]} == {"unknown"} and reason in result[
            "endpoints"
        ][2]["message"]
        assert bool(result["missing"]) == ("probe_writing" in options)
    assert controller.writes() == 0


def test_allowed_accounts_hold(controller: Controller) -> None:
    controller.configuration("small", accountId=2000002)
    result = controller.run("flex_access_info", account_id=None, allowed_accounts=["2000003"])
    assert accounts(result) == {2000003: True} and accounts(result, PREPAID) == {}
    assert (
        endpoints(result, PREPAID)["groups/list"] == "unknown"
        and endpoints(result, PREPAID)["tools/calc"] == "read"
    )
    assert {
        path: controller.flex.requests()["by_path"][path]
        for path in ("entitlements/list", "groups/list")
    } == {"entitlements/list": 1, "groups/list": 1}
    outside = controller.run(
        "flex_access_info", account_id=None, allowed_accounts=["2000003"], accounts=["2000001"]
    )
    assert outside["error_code"] == "account_not_allowed"


def test_what_is_required_can_be_named_by_alias(controller: Controller) -> None:
    aliases = {"bakery": 2000003}
    result = controller.run(
        "flex_access_info",
        account_id=None,
        account_aliases=aliases,
        required={"program": PREPAID, "accounts": ["bakery"]},
    )
    assert accounts(result, PREPAID) == {1000001: True, 2000003: False} and accounts(result) == {
        2000001: True
    }
    assert result["missing"] == ["Account bakery (2000003) cannot be read (Authorization denied.)."]
    anywhere = controller.run(
        "flex_access_info",
        program=None,
        account_id=None,
        account_aliases=aliases,
        required={"accounts": ["bakery"]},
    )
    assert (
        accounts(anywhere, PREPAID)[2000003] is False
        and accounts(anywhere)[2000003] is True
        and anywhere["missing"] == []
    )
    unknown = controller.run("flex_access_info", account_aliases=aliases, accounts=["butcher"])
    assert "'butcher' is no account number and no alias (bakery)" in unknown["msg"]


def test_the_write_that_has_no_effect_leaves_what_lookups_share_alone(
    controller: Controller,
) -> None:
    controller.run("flex_access_info")
    assert not [path for path in controller.state_dir.iterdir() if path.name.startswith("written-")]
