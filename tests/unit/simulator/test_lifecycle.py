# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens to entitlements over their life, and what is refused when."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from moments import day
from unit.simulator.client import OWNER, POSTPAID, PREPAID, Client

from simulator.launch import Simulator

HARDWARE: dict[str, Any] = {
    "productTypeId": 101,
    "parameters": [{"id": 27, "value": "FGT60F"}, {"id": 28, "value": "FGHWUTP"}],
}
CLOUD: dict[str, Any] = {"productTypeId": 206, "parameters": [{"id": 46, "value": "FEDRPDR"}]}


def program_end(flex: Simulator, serial: str = POSTPAID) -> str:
    return next(
        str(item["endDate"]) for item in flex.state()["programs"] if item["serialNumber"] == serial
    )


def seed(flex: Simulator, status: str, **more: Any) -> dict[str, Any]:
    config = flex.seed_configuration("seeded")["id"]
    return flex.seed([{"configId": config, "status": status, **more}])[0]


def test_created_pending_with_a_token_until_the_end_of_the_program(
    flex: Simulator, api: Client
) -> None:
    made = api.create(api.configure(), description="site-1")
    assert re.fullmatch(r"FGVMMLTM\d{8}", made["serialNumber"])
    assert re.fullmatch(r"[0-9A-F]{20}", made["token"])
    assert made == {
        **made,
        "accountId": OWNER,
        "description": "site-1",
        "status": "PENDING",
        "tokenStatus": "NOTUSED",
        "endDate": program_end(flex),
    }


def test_count_makes_that_many_and_the_description_is_null_if_never_set(api: Client) -> None:
    made = api.call("entitlements/vm/create", configId=api.configure(), count="3")["entitlements"]
    assert (
        len({item["serialNumber"] for item in made}) == len({item["token"] for item in made}) == 3
    )
    assert [item["description"] for item in made] == [None] * 3


def test_skip_pending_starts_active(api: Client) -> None:
    made = api.active(api.configure())
    assert (made["status"], made["tokenStatus"]) == ("ACTIVE", "NOTUSED")


def test_redeemed_token_activates_once(flex: Simulator, api: Client) -> None:
    made = api.create(api.configure())
    assert flex.redeem(made["token"])["status"] == "ACTIVE"
    with pytest.raises(Exception, match="already used"):
        flex.redeem(made["token"])
    assert api.listed(made["configId"])[0]["tokenStatus"] == "USED"


def test_stop_sets_the_end_date_to_now_and_keeps_the_token(flex: Simulator, api: Client) -> None:
    made = api.active(api.configure())
    flex.redeem(made["token"])
    stopped = api.one("entitlements/stop", serialNumber=made["serialNumber"])
    assert (stopped["status"], stopped["token"], stopped["tokenStatus"]) == (
        "STOPPED",
        made["token"],
        "USED",
    )
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}-0[78]:00", stopped["endDate"])
    assert stopped["endDate"].startswith(day())


def test_reactivate_moves_the_end_date_to_the_end_of_the_program(
    flex: Simulator, api: Client
) -> None:
    made = api.active(api.configure(), endDate=day(30))
    assert made["endDate"] == f"{day(30)}T00:00:00"
    api.one("entitlements/stop", serialNumber=made["serialNumber"])
    again = api.one("entitlements/reactivate", serialNumber=made["serialNumber"])
    assert (again["status"], again["endDate"], again["token"]) == (
        "ACTIVE",
        program_end(flex),
        made["token"],
    )


def test_stopped_while_pending_becomes_active_when_reactivated(api: Client) -> None:
    made = api.create(api.configure())
    assert (
        api.one("entitlements/stop", serialNumber=made["serialNumber"])["tokenStatus"] == "NOTUSED"
    )
    assert (
        api.one("entitlements/reactivate", serialNumber=made["serialNumber"])["status"] == "ACTIVE"
    )


@pytest.mark.parametrize("status", ["PENDING", "ACTIVE", "STOPPED"])
def test_new_token_revokes_the_old_one_and_leaves_the_status(
    flex: Simulator, api: Client, status: Any
) -> None:
    item = seed(flex, status, tokenStatus="USED")
    renewed = api.one("entitlements/vm/token", serialNumber=item["serialNumber"])
    assert renewed["token"] != item["token"]
    assert (renewed["status"], renewed["tokenStatus"]) == (status, "NOTUSED")
    with pytest.raises(Exception, match="invalid"):
        flex.redeem(item["token"])


@pytest.mark.parametrize(
    ("status", "call"),
    [
        ("PENDING", "reactivate"),
        ("ACTIVE", "reactivate"),
        ("EXPIRED", "reactivate"),
        ("STOPPED", "stop"),
        ("EXPIRED", "stop"),
        ("EXPIRED", "vm/token"),
    ],
)
def test_refused_transitions(flex: Simulator, api: Client, status: Any, call: Any) -> None:
    item = seed(flex, status)
    api.refused(f"entitlements/{call}", serialNumber=item["serialNumber"])
    assert flex.state()["entitlements"][0]["status"] == status


@pytest.mark.parametrize("status", ["PENDING", "ACTIVE"])
def test_what_runs_can_be_described_dated_and_moved(
    flex: Simulator, api: Client, status: Any
) -> None:
    item, other = seed(flex, status), api.configure("other")
    changed = api.one(
        "entitlements/update",
        serialNumber=item["serialNumber"],
        configId=other,
        description="site-2",
        endDate=day(10),
    )
    assert (changed["configId"], changed["description"], changed["endDate"], changed["status"]) == (
        other,
        "site-2",
        f"{day(10)}T00:00:00",
        status,
    )
    cleared = api.one(
        "entitlements/update",
        serialNumber=item["serialNumber"],
        configId=str(other),
        description="",
    )
    assert (cleared["description"], cleared["endDate"]) == ("", changed["endDate"])


def test_stopped_can_be_described_and_moved(flex: Simulator, api: Client) -> None:
    item, other = seed(flex, "STOPPED"), api.configure("other")
    changed = api.one(
        "entitlements/update",
        serialNumber=item["serialNumber"],
        configId=other,
        description="[spare]",
    )
    assert (changed["configId"], changed["description"], changed["status"], changed["endDate"]) == (
        other,
        "[spare]",
        "STOPPED",
        item["endDate"],
    )


@pytest.mark.parametrize(
    ("position", "outcome"), [("refused", None), ("ignored", False), ("accepted", True)]
)
def test_end_date_of_a_stopped_one(
    flex: Simulator, api: Client, position: Any, outcome: Any
) -> None:
    flex.settings(stopped_end_date=position)
    item = seed(flex, "STOPPED")
    body = {"serialNumber": item["serialNumber"], "configId": item["configId"], "endDate": day(9)}
    if outcome is None:
        assert "stopped" in api.refused("entitlements/update", **body)
    else:
        assert api.one("entitlements/update", **body)["endDate"] == (
            f"{day(9)}T00:00:00" if outcome else item["endDate"]
        )


@pytest.mark.parametrize("position", ["refused", "accepted"])
def test_expired_ones(flex: Simulator, api: Client, position: Any) -> None:
    flex.settings(expired_changes=position)
    item = seed(flex, "EXPIRED", endDate="2026-01-01")
    update = {"serialNumber": item["serialNumber"], "configId": item["configId"], "endDate": day(5)}
    if position == "refused":
        assert "expired" in api.refused("entitlements/update", **update)
        assert "expired" in api.refused(
            "entitlements/reactivate", serialNumber=item["serialNumber"]
        )
    else:
        assert api.one("entitlements/update", **update)["status"] == "ACTIVE"


@pytest.mark.parametrize("position", ["refused", "accepted"])
def test_stopping_twice(flex: Simulator, api: Client, position: Any) -> None:
    flex.settings(stop_stopped=position)
    item = seed(flex, "STOPPED")
    if position == "refused":
        assert "already stopped" in api.refused(
            "entitlements/stop", serialNumber=item["serialNumber"]
        )
    else:
        assert (
            api.one("entitlements/stop", serialNumber=item["serialNumber"])["endDate"]
            == item["endDate"]
        )


def test_token_of_a_pending_one_can_be_refused(flex: Simulator, api: Client) -> None:
    item = seed(flex, "PENDING")
    flex.settings(token_pending="refused")
    assert "pending" in api.refused("entitlements/vm/token", serialNumber=item["serialNumber"])


@pytest.mark.parametrize(
    ("position", "status", "token_status"),
    [
        ("refused", "STOPPED", "NOTUSED"),
        ("spent", "STOPPED", "USED"),
        ("activates", "ACTIVE", "USED"),
    ],
)
def test_token_of_a_stopped_one_is_used(
    flex: Simulator, api: Client, position: Any, status: Any, token_status: Any
) -> None:
    flex.settings(redeem_stopped=position)
    item = seed(flex, "STOPPED")
    if status == "STOPPED":
        with pytest.raises(Exception, match="not active"):
            flex.redeem(item["token"])
    else:
        flex.redeem(item["token"])
    found = flex.state()["entitlements"][0]
    assert (found["status"], found["tokenStatus"]) == (status, token_status)


@pytest.mark.parametrize(
    "end",
    [
        "2026-12-31",
        "2026-12-31T00:00:00",
        "2026-12-31 00:00:00",
        "2026-12-31T00:00:00.0000000-08:00",
        "2026-12-31T08:00:00Z",
    ],
)
def test_shapes_of_end_dates_that_are_understood(frozen: Simulator, api: Client, end: Any) -> None:
    assert api.create(api.configure(), endDate=end)["endDate"] == "2026-12-31T00:00:00"


@pytest.mark.parametrize(
    "end", ["2026-06-09", "2031-01-01", "31.12.2026", "2026-02-30", "", 20261231]
)
def test_refused_end_dates(frozen: Simulator, api: Client, end: Any) -> None:
    config = api.configure()
    assert "date" in api.refused("entitlements/vm/create", configId=config, count=1, endDate=end)
    assert api.listed(config) == []


def test_today_counts_in_pacific_time(frozen: Simulator, api: Client) -> None:
    config = api.configure()
    frozen.set_clock("2026-06-10T23:30:00")
    api.login()
    assert api.create(config, endDate="2026-06-10T23:59:00")["status"] == "PENDING"
    frozen.set_clock("2026-06-11T00:30:00")
    api.login()
    assert "past" in api.refused(
        "entitlements/vm/create", configId=config, count=1, endDate="2026-06-10T23:59:00"
    )


@pytest.mark.parametrize(
    ("status", "later"), [("PENDING", "EXPIRED"), ("ACTIVE", "EXPIRED"), ("STOPPED", "STOPPED")]
)
def test_end_date_passes(frozen: Simulator, api: Client, status: Any, later: Any) -> None:
    item = seed(frozen, status, endDate="2026-06-20T12:00:00")
    frozen.set_clock("2026-06-20T11:59:59")
    api.login()
    assert api.listed(item["configId"])[0]["status"] == status
    frozen.set_clock("2026-06-20T12:00:00")
    assert api.listed(item["configId"])[0]["status"] == later


def test_a_date_alone_is_its_first_second_so_today_is_accepted_and_over(
    frozen: Simulator, api: Client
) -> None:
    made = api.create(api.configure(), endDate="2026-06-10")
    assert api.listed(made["configId"])[0]["status"] == "EXPIRED"


def test_nothing_is_made_or_reactivated_after_the_end_of_the_program(
    flex: Simulator, api: Client
) -> None:
    config, item = api.configure(), seed(flex, "STOPPED")
    flex.advance(366 * 86400)
    api.login()
    assert "program" in api.refused("entitlements/vm/create", configId=config, count=1)
    assert "program" in api.refused("entitlements/reactivate", serialNumber=item["serialNumber"])


def test_pending_becomes_active_by_itself_if_switched_on(frozen: Simulator, api: Client) -> None:
    frozen.settings(redeem_after_minutes=30)
    made = api.create(api.configure())
    frozen.advance(29 * 60)
    assert api.listed(made["configId"])[0]["status"] == "PENDING"
    frozen.advance(61)
    assert api.listed(made["configId"])[0]["status"] == "ACTIVE"


def test_prepaid_program_needs_a_positive_balance_and_shows_grace(
    frozen: Simulator, api: Client
) -> None:
    frozen.settings(
        programs=[
            {
                "serialNumber": PREPAID,
                "accountId": 1000001,
                "type": "prepaid",
                "points": 10,
                "endDate": "2027-01-01",
            }
        ]
    )
    config = api.configure(programSerialNumber=PREPAID)
    made = api.active(config)
    assert made["serialNumber"].startswith("FGVMELTM")
    assert api.call("programs/points", programSerialNumber=PREPAID)["programs"] == [
        {"accountId": 1000001, "pointBalance": 3.61, "serialNumber": PREPAID}
    ]
    frozen.advance(86400)
    api.login()
    assert "Insufficient points" in api.refused("entitlements/vm/create", configId=config, count=1)
    assert [item["status"] for item in api.listed(config, status="GRACE_PERIOD")] == [
        "GRACE_PERIOD"
    ]
    frozen.settings(
        programs=[
            {
                "serialNumber": PREPAID,
                "accountId": 1000001,
                "type": "prepaid",
                "points": 100,
                "endDate": "2027-01-01",
            }
        ]
    )
    assert [item["status"] for item in api.listed(config)] == ["ACTIVE"]


@pytest.mark.parametrize(("position", "outcome"), [("refused", None), ("empty", [])])
def test_postpaid_program_has_no_balance(
    flex: Simulator, api: Client, position: Any, outcome: Any
) -> None:
    flex.settings(postpaid_points=position)
    if outcome is None:
        api.refused("programs/points", programSerialNumber=POSTPAID)
    else:
        assert api.call("programs/points", programSerialNumber=POSTPAID)["programs"] == outcome


@pytest.mark.parametrize(("position", "nothing"), [("null", None), ("empty", "")])
def test_hardware_is_active_at_once_without_a_token(
    flex: Simulator, api: Client, position: Any, nothing: Any
) -> None:
    flex.settings(no_token=position)
    config = api.configure(**HARDWARE)
    serials = ["FGT60FTK26000001", "FGT60FTK26000002"]
    made = api.call(
        "entitlements/hardware/create", configId=config, serialNumbers=serials, endDate=None
    )["entitlements"]
    assert [item["serialNumber"] for item in made] == serials
    assert all(
        (item["status"], item["token"], item["tokenStatus"]) == ("ACTIVE", nothing, nothing)
        for item in made
    )
    assert "no token" in api.refused("entitlements/vm/token", serialNumber=serials[0])


@pytest.mark.parametrize(
    "serials",
    [
        [],
        None,
        ["FGT60F"],
        ["FGT61FTK26000001"],
        ["FGT60FTK1", "FGT60FTK1"],
        ["FGT60FTKNEW", "FGT60FTKOLD"],
        [f"FGT60FTK{n:03d}" for n in range(101)],
    ],
)
def test_refused_hardware_changes_nothing(api: Client, serials: Any) -> None:
    config = api.configure(**HARDWARE)
    api.one("entitlements/hardware/create", configId=config, serialNumbers=["FGT60FTKOLD"])
    api.refused("entitlements/hardware/create", configId=config, serialNumbers=serials)
    assert len(api.listed(config)) == 1


def test_hardware_can_be_removed(api: Client) -> None:
    config = api.configure(**HARDWARE)
    api.one("entitlements/hardware/create", configId=config, serialNumbers=["FGT60FTK1"])
    assert set(api.call("entitlements/hardware/remove", serialNumbers=["FGT60FTK1"])) == {
        "error",
        "message",
        "status",
    }
    assert api.listed(config) == []


def test_one_cloud_entitlement_per_product_and_account(api: Client) -> None:
    config, other, tenant = (
        api.configure(**CLOUD),
        api.configure("other", **CLOUD),
        api.configure(accountId=2000002, **CLOUD),
    )
    made = api.one(
        "entitlements/cloud/create", configId=config, endDate=None, description="edr", count=1
    )
    assert (made["status"], made["token"], made["description"]) == ("ACTIVE", None, "edr")
    assert "already exists" in api.refused("entitlements/cloud/create", configId=other)
    assert api.one("entitlements/cloud/create", configId=tenant)["accountId"] == 2000002


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("vm/create", {"count": 1}),
        ("hardware/create", {"serialNumbers": ["FGT60FTK1"]}),
        ("cloud/create", {}),
    ],
)
def test_form_factor_must_fit(api: Client, path: Any, more: Any) -> None:
    configs = {
        "vm": api.configure(),
        "hardware": api.configure(**HARDWARE),
        "cloud": api.configure(**CLOUD),
    }
    for kind, config in configs.items():
        if not path.startswith(kind):
            assert "form factor" in api.refused(f"entitlements/{path}", configId=config, **more)


@pytest.mark.parametrize(
    "change",
    [
        {"count": 0},
        {"count": None},
        {"count": "many"},
        {"description": 5},
        {"skipPending": "yes"},
        {"folderPath": "Elsewhere"},
    ],
)
def test_refused_creations(api: Client, change: Any) -> None:
    config = api.configure()
    api.refused("entitlements/vm/create", **{"configId": config, "count": 1, **change})
    assert api.listed(config) == []


def test_limits_of_creations(flex: Simulator, api: Client) -> None:
    config = api.configure()
    flex.settings(count_limit=10, unknown_folder="refused")
    assert "count" in api.refused("entitlements/vm/create", configId=config, count=11)
    assert "folder" in api.refused(
        "entitlements/vm/create", configId=config, count=1, folderPath="My Assets/new"
    )
    assert (
        len(
            api.call(
                "entitlements/vm/create", configId=config, count=10, folderPath="My Assets/branches"
            )["entitlements"]
        )
        == 10
    )


def test_update_needs_the_configuration_and_stays_in_account_and_product(
    flex: Simulator, api: Client
) -> None:
    item, other = (
        seed(flex, "ACTIVE"),
        api.configure(
            "fortimanager",
            productTypeId=2,
            parameters=[{"id": 30, "value": 5}, {"id": 9, "value": 1}],
        ),
    )
    tenant, disabled = api.configure("tenant", accountId=2000002), api.configure("disabled")
    api.call("configs/disable", id=disabled)
    for body, reason in [
        ({}, "required"),
        ({"configId": other}, "product"),
        ({"configId": tenant}, "account"),
        ({"configId": disabled}, "disabled"),
    ]:
        assert reason in api.refused(
            "entitlements/update", serialNumber=item["serialNumber"], description="x", **body
        )
    assert flex.state()["entitlements"][0]["description"] is None


def test_transfer_to_another_account(flex: Simulator, api: Client) -> None:
    source, target = api.configure(), api.configure("tenant", accountId=2000002)
    made = api.active(source)
    body = {
        "sourceAccountId": OWNER,
        "sourceConfigId": source,
        "targetAccountId": 2000002,
        "serialNumbers": [made["serialNumber"]],
    }
    moved = api.one("entitlements/transfer", targetConfigId=target, **body)
    assert (moved["accountId"], moved["configId"], moved["status"], moved["token"]) == (
        2000002,
        target,
        "ACTIVE",
        made["token"],
    )
    api.refused("entitlements/transfer", targetConfigId=target, **body)  # it is not there any more


def test_transfer_finds_a_configuration_if_none_is_given(api: Client) -> None:
    source = api.configure()
    made = api.create(source)
    body = {
        "sourceAccountId": OWNER,
        "sourceConfigId": source,
        "targetAccountId": 2000003,
        "targetConfigId": None,
        "serialNumbers": [made["serialNumber"]],
    }
    api.refused("entitlements/transfer", **body)
    target = api.configure("tenant", accountId=2000003)
    assert api.one("entitlements/transfer", **body)["configId"] == target


def test_groups_count_tokens_and_next_token_does_not_reserve(flex: Simulator, api: Client) -> None:
    config = api.configure()
    first, second = api.create(config, folderPath="My Assets/branches"), api.create(config)
    flex.redeem(second["token"])
    groups = {
        item["folderPath"]: (item["availableTokens"], item["usedTokens"])
        for item in api.call("groups/list", accountId=OWNER)["groups"]
    }
    assert groups == {"My Assets": (0, 1), "My Assets/branches": (1, 0)}
    for _number in range(2):
        found = api.one(
            "groups/nexttoken",
            accountId=str(OWNER),
            configId=config,
            folderPath="My Assets/branches",
            status=["PENDING"],
        )
        assert found["serialNumber"] == first["serialNumber"]
    api.refused("groups/nexttoken", accountId=OWNER, status=["ACTIVE"])
    api.refused("groups/nexttoken")
    api.refused("groups/list")


def test_older_groups_path_needs_no_account(flex: Simulator, api: Client) -> None:
    api.create(api.configure())
    answer = api.session.post(
        f"{flex.url}/ES/api/flexvm/v1/groups/list",
        json={},
        headers={"Authorization": f"Bearer {api.bearer}"},
        timeout=60,
    )
    assert answer.json()["groups"][0] == {
        "folderPath": "My Assets",
        "availableTokens": 1,
        "usedTokens": 0,
    }


def test_programs_last_about_a_year(api: Client) -> None:
    programs = api.call("programs/list")["programs"]
    assert [item["serialNumber"] for item in programs] == [PREPAID, POSTPAID]
    left = date.fromisoformat(programs[0]["endDate"][:10]) - date.fromisoformat(day())
    assert left == timedelta(days=365)
