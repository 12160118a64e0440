# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every kind of fault: what the client sees, and whether the call took effect."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests
from unit.simulator.client import Client

from simulator.launch import Simulator
from simulator.traffic import FAULTS


@pytest.mark.parametrize(
    ("kind", "effect"),
    [("refuse", False), ("reset_before", False), ("reset_after", True), ("late", False)],
)
def test_broken_connections(flex: Simulator, api: Client, kind: Any, effect: Any) -> None:
    config = api.configure()
    flex.faults([{"kind": kind, "path": "entitlements/vm/create", "seconds": 60}])
    with pytest.raises(requests.ConnectionError):
        api.send("entitlements/vm/create", configId=config, count=1)
    assert len(api.listed(config)) == effect


@pytest.mark.parametrize(("kind", "effect"), [("timeout_before", False), ("timeout_after", True)])
def test_no_answer(flex: Simulator, api: Client, kind: Any, effect: Any) -> None:
    config = api.configure()
    flex.faults([{"kind": kind, "path": "entitlements/vm/create", "seconds": 30}])
    with pytest.raises(requests.ReadTimeout):
        api.send("entitlements/vm/create", timeout=0.1, configId=config, count=1)
    assert len(api.listed(config)) == effect
    assert flex.requests()["overlaps"] == 0


def test_timeouts_end_with_a_broken_connection(flex: Simulator, api: Client) -> None:
    flex.faults([{"kind": "timeout_before", "seconds": 0.1}])
    with pytest.raises(requests.ConnectionError):
        api.send("programs/list")


def test_late_effect(flex: Simulator, api: Client) -> None:
    config = api.configure()
    flex.faults([{"kind": "late", "path": "writes", "seconds": 0.6}])
    with pytest.raises(requests.ConnectionError):
        api.send("entitlements/vm/create", configId=config, count=1)
    seen = []
    for _number in range(100):
        seen.append(len(api.listed(config)))
        if seen[-1]:
            break
        time.sleep(0.02)
    assert (seen[0], seen[-1]) == (0, 1)


@pytest.mark.parametrize(
    ("rule", "http", "start", "effect"),
    [
        ({"kind": "html_500"}, 500, "<html>", False),
        ({"kind": "html_502"}, 502, "<html>", False),
        ({"kind": "html_502", "effect": True}, 502, "<html>", True),
        ({"kind": "truncated_json"}, 200, '{"entitlements": [', True),
        ({"kind": "truncated_json", "effect": False}, 200, '{"error"', False),
        ({"kind": "empty"}, 200, "", True),
        ({"kind": "flood"}, 200, "    ", True),
        ({"kind": "unknown_shape"}, 200, '{"result"', True),
        ({"kind": "null"}, 200, '{"entitlements": null', True),
    ],
)
def test_answers_that_are_none(
    flex: Simulator, api: Client, rule: Any, http: Any, start: Any, effect: Any
) -> None:
    config = api.configure()
    flex.faults([{"path": "entitlements/vm/create", **rule}])
    answer = api.send("entitlements/vm/create", configId=config, count=1)
    assert answer.status_code == http
    assert answer.text.startswith(start)
    if rule["kind"] not in ("unknown_shape", "null"):
        with pytest.raises(requests.JSONDecodeError):
            answer.json()
    assert len(api.listed(config)) == effect


@pytest.mark.parametrize(
    ("rule", "http", "status", "message"),
    [
        ({"kind": "invalid_token"}, 200, -1, "Invalid security token."),
        ({"kind": "http_401"}, 401, -1, "Invalid security token."),
        ({"kind": "slow_down"}, 400, -10, "Exceed max requests in a minute."),
        ({"kind": "slow_down", "code": -11}, 400, -11, "Exceed max requests in an hour."),
        ({"kind": "slow_down", "code": -12}, 400, -12, "Failed token process."),
        ({"kind": "slow_down", "code": -30}, 400, -30, "Exceed max errors."),
        ({"kind": "refused"}, 400, -1, "Invalid parameter value."),
        ({"kind": "refused", "message": "No."}, 400, -1, "No."),
        ({"kind": "denied"}, 400, -1, "Authorization denied."),
    ],
)
def test_refusals_without_reason(
    flex: Simulator, api: Client, rule: Any, http: Any, status: Any, message: Any
) -> None:
    config = api.configure()
    flex.faults([{"path": "writes", **rule}])
    answer = api.send("entitlements/vm/create", configId=config, count=1)
    assert (answer.status_code, answer.json()["status"], answer.json()["message"]) == (
        http,
        status,
        message,
    )
    assert api.listed(config) == []


def test_which_requests_are_hit(
    flex: Simulator, api: Client, user: Callable[[str], Client]
) -> None:
    config = api.configure()
    flex.faults(
        [{"kind": "html_500", "path": "reads", "nth": 2, "times": 2, "user": "demo-api-user"}]
    )
    user("read-only").call("programs/list")
    api.call("configs/disable", id=config)
    assert [api.send("programs/list").status_code for _number in range(4)] == [200, 500, 500, 200]
    flex.faults([{"kind": "html_500", "always": True}])
    assert [api.send(path).status_code for path in ("programs/list", "configs/enable")] == [
        500,
        500,
    ]
    flex.faults([])
    api.call("programs/list")


def test_faults_of_the_login(flex: Simulator, api: Client) -> None:
    flex.faults(
        [
            {"kind": "html_502"},
            {"kind": "reset_before", "path": "login"},
            {"kind": "html_500", "path": "login", "nth": 2},
        ]
    )
    with pytest.raises(requests.ConnectionError):
        api.login()
    assert api.login().status_code == 500
    assert api.login().status_code == 200
    assert api.send("programs/list").status_code == 502


@pytest.mark.parametrize(
    "rule",
    [
        {"kind": "unheard-of"},
        {"path": "*"},
        {"kind": "empty", "when": 1},
        {"kind": "slow_down", "code": -13},
    ],
)
def test_rules_that_make_no_sense(flex: Simulator, rule: Any) -> None:
    with pytest.raises(Exception, match="Fault|fault"):
        flex.faults([rule])


def test_each_kind_is_explained_in_the_readme(readme: str) -> None:
    for kind in FAULTS:
        assert f"`{kind}`" in readme


def test_a_client_that_dies_does_not_stop_its_write(flex: Simulator, api: Client) -> None:
    config = api.configure()
    flex.settings(latency_ms=500)
    with pytest.raises(requests.ReadTimeout):
        api.send("entitlements/vm/create", timeout=0.2, configId=config, count=1)
    done = threading.Event()
    for _number in range(100):
        if flex.state()["entitlements"]:
            break
        done.wait(0.02)
    assert len(flex.state()["entitlements"]) == 1
