# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line, the control API, and the pretended FortiGates."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import requests
from unit.simulator.client import Client

from simulator import settings as settings_of
from simulator.launch import Simulator, start

TESTS = Path(__file__).resolve().parents[2]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "simulator", *arguments]
    return subprocess.run(
        command,
        env={**os.environ, "PYTHONPATH": str(TESTS)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rsplit(")", maxsplit=1)[1].split()[0] != "Z"


@pytest.mark.parametrize(
    "arguments",
    [
        ["--host", "0.0.0.0"],
        ["--host", "example.org"],
        ["--settings", '{"unheard": 1}'],
        ["--settings", '{"stop_key": "x"}'],
        ["--settings", "{"],
        ["--settings", '{"seed": true}'],
        ["--settings", '{"programs": [{}]}'],
        ["--settings", "@/does/not/exist"],
    ],
)
def test_command_line_refuses(arguments: Any) -> None:
    ended = run("--port", "0", *arguments)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "Traceback" not in ended.stderr


def test_self_check_measures() -> None:
    ended = run("--self-check")
    assert ended.returncode in (0, 1), ended.stderr  # a busy machine may miss the limits
    assert [line.split(":")[0] for line in ended.stdout.splitlines()] == [
        "start_seconds",
        "list_5000_seconds",
        "memory_10000_mb",
    ]


def test_readme_has_the_table_of_settings(readme: str) -> None:
    assert settings_of.table() in readme


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_ends_cleanly(number: Any) -> None:
    command = [sys.executable, "-m", "simulator", "--port", "0"]
    with subprocess.Popen(
        command,
        env={**os.environ, "PYTHONPATH": str(TESTS)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        about = json.loads(process.stdout.readline())
        assert set(about) == {"url", "api_url", "auth_url", "devices_url", "pid"}
        process.send_signal(number)
        _output, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")


def test_ends_with_its_parent() -> None:
    code = "from simulator.launch import Simulator, start; import os; print(start().pid, flush=True); os._exit(0)"
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(TESTS)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    pid = int(ended.stdout)
    for _number in range(100):
        if not alive(pid):
            break
        time.sleep(0.05)
    assert not alive(pid)


def test_the_same_seed_gives_the_same_numbers() -> None:
    def numbers(seed: int) -> list[tuple[str, str]]:
        with start(settings={"seed": seed}) as flex:
            made = flex.seed(configId=flex.seed_configuration("x")["id"], count=2)
            return [(item["serialNumber"], item["token"]) for item in made]

    first = numbers(7)
    assert first == numbers(7)
    assert first != numbers(8)


def test_seeded_entitlements() -> None:
    with start(seed_entitlements=12) as flex:
        found = flex.state()["entitlements"]
        assert [item["description"] for item in found][:2] == ["site-00001", "site-00002"]
        assert {(item["status"], item["tokenStatus"]) for item in found} == {("ACTIVE", "USED")}
        flex.reset()
        assert len(flex.state()["entitlements"]) == 12


def test_environment_is_what_a_user_sets(flex: Simulator) -> None:
    environment = flex.environment()
    assert environment["FORTIFLEX_API_URL"] == f"{flex.url}/ES/api/fortiflex/v2"
    form = {
        "username": environment["FORTIFLEX_ACCESS_USERNAME"],
        "password": environment["FORTIFLEX_ACCESS_PASSWORD"],
    }
    answer = requests.post(
        environment["FORTIFLEX_AUTH_URL"],
        json={**form, "client_id": "flexvm", "grant_type": "password"},
        timeout=60,
    )
    body = {
        "programSerialNumber": environment["FORTIFLEX_PROGRAM"],
        "accountId": environment["FORTIFLEX_ACCOUNT_ID"],
    }
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    assert (
        requests.post(
            f"{environment['FORTIFLEX_API_URL']}/configs/list",
            json=body,
            headers=headers,
            timeout=60,
        ).json()["configs"]
        == []
    )


def test_lower_case_path_and_unknown_call(flex: Simulator, api: Client) -> None:
    api.login()
    headers = {"Authorization": f"Bearer {api.bearer}"}
    assert (
        requests.post(
            f"{flex.url}/es/api/fortiflex/v2/programs/list", headers=headers, timeout=60
        ).json()["status"]
        == 0
    )
    assert api.send("entitlements/delete").status_code == 404
    assert (
        requests.post(
            f"{flex.api_url}/programs/list", data="not json", headers=headers, timeout=60
        ).status_code
        == 400
    )


def test_requests_are_counted_and_logged_without_passwords(flex: Simulator, api: Client) -> None:
    config = api.configure("x")
    api.refused("entitlements/vm/create", configId=config, count=0)
    found = flex.requests()
    assert (found["total"], found["writes"], found["logins"]) == (2, 2, 1)
    assert found["by_path"] == {"login": 1, "configs/create": 1, "entitlements/vm/create": 1}
    assert [
        (item["n"], item["user"], item["path"], item["http_status"], item["status"])
        for item in found["log"]
    ] == [
        (1, "demo-api-user", "login", 200, "success"),
        (2, "demo-api-user", "configs/create", 200, 0),
        (3, "demo-api-user", "entitlements/vm/create", 400, -1),
    ]
    assert found["log"][2]["body"] == {"configId": config, "count": 0}
    assert "demo-password" not in json.dumps(found)
    flex.reset_requests()
    assert (flex.requests()["total"], flex.writes()) == (0, 0)


def test_reset_brings_everything_back(flex: Simulator, api: Client) -> None:
    api.configure()
    flex.settings(stop_key="vms", frozen=True)
    flex.faults([{"kind": "html_500", "always": True}])
    flex.advance(999999)
    flex.reset()
    state = flex.state()
    assert (
        state["configurations"],
        state["faults"],
        state["settings"]["stop_key"],
        state["clock"]["frozen"],
    ) == ([], [], "entitlements", False)
    assert abs(state["clock"]["now"] - time.time()) < 60
    assert "token" in api.refused("programs/list")


def test_frozen_clock_moves_only_when_told(frozen: Simulator) -> None:
    before = frozen.state()["clock"]
    assert before["pacific"] == "2026-06-10T10:00:00.000-07:00"
    time.sleep(0.01)
    assert frozen.state()["clock"] == before
    frozen.advance(1.5)
    assert frozen.state()["clock"]["now"] == before["now"] + 1.5
    frozen.settings(frozen=False)
    assert frozen.state()["clock"]["now"] != frozen.state()["clock"]["now"]


def test_anything_can_be_seeded_and_patched(flex: Simulator) -> None:
    config = flex.seed_configuration("twice")["id"]
    assert (
        flex.seed_configuration(
            "twice", status="DISABLED", accountId=2000003, parameters=[{"id": 1, "value": "8"}]
        )["status"]
        == "DISABLED"
    )
    made = flex.seed(configId=config, count=2, description="site-{n}", status="SUSPENDED")
    assert [(item["description"], item["status"]) for item in made] == [
        ("site-0001", "SUSPENDED"),
        ("site-0002", "SUSPENDED"),
    ]
    (one,) = flex.seed(
        [
            {
                "configId": config,
                "serialNumber": "FGVM1",
                "token": "0" * 20,
                "tokenStatus": "USED",
                "startDate": "2026-01-02T03:04:05.5",
            }
        ]
    )
    assert (one["serialNumber"], one["token"], one["tokenStatus"], one["startDate"]) == (
        "FGVM1",
        "0" * 20,
        "USED",
        "2026-01-02T03:04:05.5",
    )
    changed = flex.patch(
        "FGVM1",
        status="STOPPED",
        endDate="2026-02-01",
        description="[spare]",
        tokenStatus="NOTUSED",
    )
    assert (
        changed["status"],
        changed["endDate"],
        changed["description"],
        changed["tokenStatus"],
    ) == ("STOPPED", "2026-02-01T00:00:00", "[spare]", "NOTUSED")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("settings", {"unheard": 1}),
        ("settings", {"order": "up"}),
        ("settings", {"frozen": 1}),
        ("clock", {}),
        ("clock", {"set": "noon"}),
        ("entitlements", [{"configId": 1}]),
        ("entitlements/unknown", {}),
        ("redeem", {"token": "unknown"}),
        ("redeem", {}),
        ("configurations", {}),
        ("products", {"name": "x"}),
    ],
)
def test_control_says_what_it_cannot_do(flex: Simulator, path: Any, body: Any) -> None:
    answer = requests.post(f"{flex.url}/simulator/{path}", json=body, timeout=60)
    assert answer.status_code == 400
    assert answer.json()["error"]


class Gate:
    """The REST API of one pretended FortiGate."""

    def __init__(self, flex: Simulator, name: str = "fgt-1") -> None:
        self.base = f"{flex.devices_url}/{name}/api/v2/monitor"
        self.headers = {"Authorization": "Bearer demo-device-token"}

    def get(self, path: str) -> requests.Response:
        return requests.get(f"{self.base}/{path}", headers=self.headers, timeout=60)

    def download(self, token: str) -> requests.Response:
        return requests.post(
            f"{self.base}/system/vmlicense/download",
            params={"token": token},
            headers=self.headers,
            timeout=60,
        )


def test_device_uses_its_token(flex: Simulator, api: Client) -> None:
    made, gate = api.create(api.configure()), Gate(flex)
    assert gate.get("license/status").json()["results"]["vm"] == {
        "status": "vm_invalid",
        "valid": False,
    }
    answer = gate.download(made["token"]).json()
    assert (answer["status"], answer["path"], answer["name"], answer["action"]) == (
        "success",
        "system",
        "vmlicense",
        "download",
    )
    assert answer["serial"].startswith("FGVMEV")
    assert gate.get("license/status").json()["results"]["vm"] == {
        "status": "vm_valid",
        "valid": True,
    }
    assert gate.get("system/status").json()["serial"] == made["serialNumber"]
    assert api.listed(made["configId"])[0]["status"] == "ACTIVE"
    assert flex.state()["devices"][0]["license"] == "Valid"
    for token in (made["token"], "unknown"):
        refused = Gate(flex, "fgt-2").download(token)
        assert (refused.status_code, refused.json()["status"]) == (500, "error")
    assert flex.requests()["total"] == 3


def test_device_checks_its_api_token(flex: Simulator, api: Client) -> None:
    made, gate = api.create(api.configure()), Gate(flex)
    gate.headers = {"Authorization": "Bearer wrong"}
    assert gate.download(made["token"]).status_code == 401
    body = {"token": made["token"]}
    answer = requests.post(
        f"{gate.base}/system/vmlicense/download?access_token=demo-device-token",
        json=body,
        timeout=60,
    )
    assert answer.json()["status"] == "success"


@pytest.mark.parametrize("reboot", ["http_503", "reset"])
@pytest.mark.parametrize("answer", ["answered", "aborted"])
def test_device_reboots(flex: Simulator, api: Client, answer: Any, reboot: Any) -> None:
    flex.settings(frozen=True, device_answer=answer, device_reboot=reboot, device_reboot_seconds=90)
    made, gate = api.create(api.configure()), Gate(flex)
    if answer == "aborted":
        with pytest.raises(requests.ConnectionError):
            gate.download(made["token"])
    else:
        assert gate.download(made["token"]).status_code == 200
    flex.advance(89)
    if reboot == "reset":
        with pytest.raises(requests.ConnectionError):
            gate.get("system/status")
    else:
        assert gate.get("system/status").status_code == 503
    flex.advance(1)
    assert gate.get("system/status").json()["serial"] == made["serialNumber"]
