# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logins, tokens, permissions, request limits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
import requests
from unit.simulator.client import OWNER, POSTPAID, PREPAID, Client

from simulator.launch import Simulator


def verify(flex: Simulator, bearer: str) -> requests.Response:
    url = f"{flex.url}/api/v1/oauth/verify_token/?client_id=flexvm"
    return requests.get(url, headers={"Authorization": f"Bearer {bearer}"}, timeout=60)


def test_login_as_json_and_as_form(flex: Simulator, api: Client) -> None:
    answer = api.login().json()
    assert (answer["status"], answer["expires_in"], answer["token_type"]) == (
        "success",
        3660,
        "Bearer",
    )
    assert answer["message"] == "successfully authenticated"
    assert len(answer["access_token"]) == len(answer["refresh_token"]) == 30
    form = {
        "username": "demo-api-user",
        "password": "demo-password",
        "client_id": "flexvm",
        "grant_type": "password",
    }
    assert requests.post(flex.auth_url, data=form, timeout=60).json()["status"] == "success"


@pytest.mark.parametrize(
    "wrong",
    [{"password": "no"}, {"username": "nobody"}, {"client_id": "iam"}, {"grant_type": "code"}],
)
@pytest.mark.parametrize(
    ("shape", "members"),
    [("status", {"status", "message"}), ("oauth", {"error", "error_description"})],
)
def test_refused_logins(flex: Simulator, api: Client, wrong: Any, shape: Any, members: Any) -> None:
    flex.settings(login_error=shape)
    answer = api.login(**wrong)
    assert (answer.status_code, set(answer.json())) == (400, members)


def test_refresh_gives_both_tokens_again_and_works_once(flex: Simulator, api: Client) -> None:
    flex.settings(frozen=True)
    old = api.login().json()
    body = {
        "client_id": "flexvm",
        "grant_type": "refresh_token",
        "refresh_token": old["refresh_token"],
    }
    new = requests.post(flex.auth_url, json=body, timeout=60).json()
    assert {new["access_token"], new["refresh_token"]}.isdisjoint(
        {old["access_token"], old["refresh_token"]}
    )
    assert verify(flex, new["access_token"]).json()["expires_in"] == 3660
    again = requests.post(flex.auth_url, json=body, timeout=60)
    assert (again.status_code, "access_token" in again.json()) == (400, False)


@pytest.mark.parametrize(("position", "status"), [("message", 400), ("http_401", 401)])
def test_tokens_expire_on_the_simulated_clock(
    flex: Simulator, api: Client, position: Any, status: Any
) -> None:
    flex.settings(expired_token=position, frozen=True)
    api.call("programs/list")
    flex.advance(3659)
    api.call("programs/list")
    flex.advance(1)
    answer = api.send("programs/list")
    assert (answer.status_code, answer.json()["status"], answer.json()["message"]) == (
        status,
        -1,
        "Invalid security token.",
    )
    assert verify(flex, api.bearer).status_code == 401


def test_no_token_is_http_401(flex: Simulator) -> None:
    assert requests.post(f"{flex.api_url}/programs/list", json={}, timeout=60).status_code == 401


def test_a_login_can_revoke_earlier_tokens(flex: Simulator, user: Callable[[str], Client]) -> None:
    first, second, other = user("demo-api-user"), user("demo-api-user"), user("read-only")
    for client in (first, other, second):
        client.call("programs/list")
    first.call("programs/list")
    flex.settings(login_revokes=True)
    second.login()
    assert "token" in first.refused("programs/list")
    other.call("programs/list")
    second.call("programs/list")


def test_read_only_user(api: Client, user: Callable[[str], Client]) -> None:
    config, reader = api.configure(), user("read-only")
    reader.call("configs/list", programSerialNumber=POSTPAID)
    assert reader.refused("configs/update", id=config, name="x") == "Authorization denied."
    assert (
        reader.refused("entitlements/vm/create", configId=config, count=1)
        == "Authorization denied."
    )


def test_user_without_permission(flex: Simulator, user: Callable[[str], Client]) -> None:
    nobody = user("no-permission")
    assert nobody.login().status_code == 401
    flex.settings(no_permission="calls")
    assert nobody.login().status_code == 200
    assert nobody.refused("programs/list") == "Authorization denied."


def test_user_limited_to_accounts(api: Client, user: Callable[[str], Client]) -> None:
    mine, theirs = api.configure("owner"), api.configure("tenant", accountId=2000002)
    made, limited = api.active(mine), user("tenant-2-only")
    assert [item["serialNumber"] for item in limited.call("programs/list")["programs"]] == [
        POSTPAID
    ]
    assert [
        item["name"]
        for item in limited.call("configs/list", programSerialNumber=POSTPAID)["configs"]
    ] == ["tenant"]
    limited.create(theirs)
    denied: list[tuple[str, dict[str, Any]]] = [
        ("configs/list", {"programSerialNumber": PREPAID}),
        ("configs/list", {"programSerialNumber": POSTPAID, "accountId": OWNER}),
        ("configs/disable", {"id": mine}),
        ("entitlements/list", {"configId": mine}),
        ("entitlements/stop", {"serialNumber": made["serialNumber"]}),
        ("entitlements/vm/create", {"configId": mine, "count": 1}),
        ("groups/list", {"accountId": OWNER}),
        (
            "entitlements/transfer",
            {
                "sourceAccountId": 2000002,
                "sourceConfigId": theirs,
                "targetAccountId": OWNER,
                "serialNumbers": ["X"],
            },
        ),
    ]
    for path, body in denied:
        assert limited.refused(path, **body) == "Authorization denied.", path


@pytest.mark.parametrize(
    "body",
    [{"programSerialNumber": "ELAVMS9"}, {"programSerialNumber": POSTPAID, "accountId": 1000001}],
)
def test_foreign_programs_and_accounts_are_denied(api: Client, body: Any) -> None:
    assert api.refused("configs/list", **body) == "Authorization denied."


@pytest.mark.parametrize(("name", "code", "window"), [("minute", -10, 60), ("hour", -11, 3600)])
def test_limit_of_requests_slides(
    flex: Simulator, api: Client, user: Callable[[str], Client], name: str, code: int, window: int
) -> None:
    flex.settings(
        **{"frozen": True, f"quota_{name}": True, f"quota_{name}_limit": 3, "token_lifetime": 9999}
    )
    for _number in range(3):
        api.call("programs/list")
    answer = api.send("programs/list")
    assert (answer.status_code, answer.json()["status"], answer.json()["error"]["errorCode"]) == (
        400,
        code,
        code,
    )
    user("read-only").call("programs/list")
    flex.advance(window - 1)
    assert api.send("programs/list").json()["status"] == code
    flex.advance(1)
    for _number in range(2):
        api.call("programs/list")
    assert (
        api.send("programs/list").json()["status"] == code
    )  # the refused one of a second ago counts, too


def test_limit_of_creation_errors(flex: Simulator, api: Client) -> None:
    flex.settings(frozen=True, quota_errors=True, quota_errors_limit=2)
    config = api.configure()
    api.refused("entitlements/stop", serialNumber="unknown")
    for _number in range(2):
        api.refused("entitlements/vm/create", configId=config, count=0)
    answer = api.send("programs/list")
    assert (answer.status_code, answer.json()["status"], answer.json()["message"]) == (
        400,
        -30,
        "Exceed max errors.",
    )
    flex.advance(3600)
    api.call("programs/list")


def test_overlapping_calls_of_one_user(flex: Simulator, user: Callable[[str], Client]) -> None:
    clients = [user("demo-api-user"), user("demo-api-user"), user("read-only")]
    for client in clients:
        client.login()
    flex.settings(quota_overlap=True, latency_ms=500)
    answers: list[int] = []
    threads = [
        threading.Thread(
            target=lambda c=client: answers.append(c.send("programs/list").json()["status"])
        )
        for client in clients
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [-12, 0, 0]
    assert flex.requests()["overlaps"] == 1


def test_limits_are_off_and_overlaps_only_counted(flex: Simulator, api: Client) -> None:
    for _number in range(120):
        api.call("programs/list")
    assert flex.requests()["overlaps"] == 0


def test_logins_can_count(flex: Simulator, api: Client) -> None:
    flex.settings(quota_minute=True, quota_minute_limit=2, quota_login=True)
    api.login()
    api.call("programs/list")
    assert api.send("programs/list").json()["status"] == -10
    assert api.login().status_code == 400
