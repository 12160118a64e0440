# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults while flex_fleet writes, and runs that are killed: whatever happens, a rerun reaches the goal, with one holder for each name."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from faults import harness, hostile
from integration.playbook import Controller, Playbook, Run, module, play

from ansible_collections.flexops.fortiflex.plugins.module_utils.clock import SystemClock
from simulator.launch import Simulator

WANTED: dict[str, Any] = {
    "configurations": [
        {
            "name": "large",
            "product": "fortigate_vm_bundle",
            "parameters": {"cpus": 4, "service_package": "UTP"},
        }
    ],
    "entitlements": [
        {"name": "oslo", "configuration": "large"},
        {"name": "lima", "configuration": "branch", "tags": {"region": "south"}},
        {"name": "rome", "state": "stopped"},
        {"name": "cork", "configuration": "branch"},
    ],
}
GOAL = play(module("flex_fleet", **WANTED))
REACHED = {
    "oslo": ("large", "PENDING"),
    "lima [region=south]": ("branch", "PENDING"),
    "rome": ("branch", "STOPPED"),
    "cork": ("branch", "ACTIVE"),
    "somebody else's": ("branch", "ACTIVE"),
}
CREATE, UPDATE, STOP, CONFIGURATION = (
    "entitlements/vm/create",
    "entitlements/update",
    "entitlements/stop",
    "configs/create",
)
RESOLVED = [  # the run itself finds out what happened, and goes on
    {"kind": "reset_after", "path": CREATE},
    *[
        pytest.param({"kind": kind, "path": CREATE}, marks=pytest.mark.thorough)
        for kind in ("truncated_json", "empty", "unknown_shape")
    ],
    {"kind": "null", "path": CREATE},
    {"kind": "html_502", "path": CREATE, "effect": True},
    {"kind": "truncated_json", "path": CREATE, "always": True},
    {"kind": "reset_after", "path": CONFIGURATION},
    pytest.param({"kind": "empty", "path": CONFIGURATION}, marks=pytest.mark.thorough),
    {"kind": "html_500", "path": STOP, "effect": True},
    {"kind": "reset_after", "path": UPDATE},
    pytest.param({"kind": "unknown_shape", "path": UPDATE}, marks=pytest.mark.thorough),
    {"kind": "invalid_token", "path": "writes"},
    {"kind": "http_401", "path": CREATE},
    {"kind": "slow_down", "code": -12, "path": "writes"},
    {"kind": "late", "seconds": 2, "path": CREATE},
    pytest.param(
        {"kind": "reset_before", "path": CREATE}, marks=pytest.mark.long
    ),  # half a minute: only then it is certain that it had no effect
]
REFUSED = [  # the run fails, and says what it has done
    {"kind": "refused", "path": CREATE},
    {"kind": "refused", "path": CONFIGURATION},
    {"kind": "denied", "path": STOP},
    {"kind": "slow_down", "code": -30, "path": CREATE, "times": 2},
]


def described(fault: dict[str, Any]) -> str:
    """A name for a test."""
    return " ".join(str(value) for value in fault.values())


@pytest.fixture
def flex(flex: Simulator) -> Simulator:
    """A FortiFlex with something to create, something to change and something to stop."""
    made = flex.seed_configuration("branch")
    held = ("lima", "PENDING"), ("rome", "ACTIVE"), ("somebody else's", "ACTIVE")
    flex.seed(
        [{"configId": made["id"], "description": name, "status": status} for name, status in held]
    )
    flex.seed([{"configId": made["id"], "description": "cork", "status": "ACTIVE"}])
    return flex


def assert_reached(controller: Controller) -> None:
    """Exactly the goal, with nothing in excess, and a run more, in this process, writes nothing."""
    assert controller.licensed() == REACHED
    assert sorted(item["name"] for item in controller.flex.state()["configurations"]) == [
        "branch",
        "large",
    ]
    controller.flex.reset_requests()
    again = harness.fleet(
        harness.options(controller.flex, controller.directory / "state", WANTED, **harness.UNPACED),
        SystemClock(),
    )
    assert not again["changed"] and not again.get("failed"), again
    assert controller.flex.writes() == 0
    assert controller.licensed() == REACHED


@pytest.mark.parametrize("fault", RESOLVED, ids=described)
def test_a_run_gets_over_a_fault(
    controller: Controller, flex: Simulator, fault: dict[str, Any]
) -> None:
    flex.faults([fault])

    assert controller.play(GOAL).changed == 1

    assert [entry for entry in flex.requests()["log"] if entry["fault"] == fault["kind"]]
    flex.faults([])
    assert_reached(controller)


@pytest.mark.parametrize("fault", REFUSED, ids=described)
def test_a_rerun_completes_what_was_refused(
    controller: Controller, flex: Simulator, fault: dict[str, Any]
) -> None:
    flex.faults([fault])

    result = controller.play(GOAL).failure

    assert result["changed"] is True
    assert "run the task again" in result["msg"]
    assert "Traceback" not in str(result)
    flex.faults([])
    assert controller.play(GOAL).changed == 1
    assert_reached(controller)


def test_a_rerun_completes_what_was_killed(
    controller: Controller, flex: Simulator, chance: random.Random
) -> None:
    flex.settings(latency_ms=60)
    command, environment, silent = (
        controller.command(GOAL),
        controller.environment(),
        subprocess.DEVNULL,
    )
    with subprocess.Popen(
        command,
        env=environment,
        cwd=controller.directory,
        stdout=silent,
        stderr=silent,
        start_new_session=True,
    ) as run:
        writes = chance.randint(1, 4)
        while flex.writes() < writes:
            assert run.poll() is None
            time.sleep(0.005)
        time.sleep(chance.uniform(0, 0.07))
        os.killpg(run.pid, signal.SIGKILL)
    flex.settings(latency_ms=0)
    while (
        flex.requests()["log"][-1]["http_status"] is None
    ):  # what was under way is carried out all the same
        time.sleep(0.01)

    assert controller.play(GOAL).rc == 0
    assert_reached(controller)


def test_what_was_not_reached_is_listed(controller: Controller, flex: Simulator) -> None:
    flex.faults([{"kind": "refused", "path": CREATE, "message": "No such luck."}])

    result = controller.play(GOAL).failure

    assert [(item["kind"], item["name"]) for item in result["failures"]] == [
        ("entitlement", "oslo")
    ]
    assert "No such luck" in result["failures"][0]["message"]
    assert {item["name"] for item in result["changes"]} == {"large", "lima", "rome"}
    assert result["entitlements"]["oslo"] is None
    assert result["entitlements"]["rome"]["status"] == "STOPPED"


def test_controllers_at_once(flex: Simulator, tmp_path: Path, chance: random.Random) -> None:
    flex.settings(latency_ms=chance.choice((1, 20, 60)))
    controllers = machines(tmp_path, flex, chance.choice((2, 2, 3)))
    runs = at_once(controllers, GOAL, chance)
    flex.settings(latency_ms=0)

    assert {run.rc for run in runs} == {0}, "".join(run.output for run in runs)
    descriptions = Counter(item["description"] for item in flex.state()["entitlements"])
    charged = [
        item
        for item in flex.state()["entitlements"]
        if item["description"] == "[spare]" and item["status"] not in ("PENDING", "STOPPED")
    ]
    del descriptions["[spare]"]
    assert descriptions == dict.fromkeys(REACHED, 1)
    assert not charged
    flex.reset_requests()
    assert controllers[0].play(GOAL).changed == flex.writes() == 0


def test_a_hostile_answer(controller: Controller, flex: Simulator, chance: random.Random) -> None:
    plan = hostile.planned(flex, controller.directory / "plan")
    hostile.prepare(flex)
    flex.reset_requests()

    with changing(flex, chance) as (url, changed):
        run = controller.play(
            play(module("flex_fleet", **hostile.WANTED)), env={"FORTIFLEX_API_URL": url}
        )

    assert changed, run.output
    assert run.rc in (0, 2)
    assert "Traceback" not in run.output and "MODULE FAILURE" not in run.output, (
        changed,
        run.output,
    )
    assert hostile.judge(flex, plan) == [], changed


def test_playbooks_share_a_login_and_a_limit(
    flex: Simulator, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    count, limit = 2 + request.config.getoption("times"), 40
    flex.settings(
        quota_minute=True,
        quota_minute_limit=limit,
        quota_overlap=True,
        quota_login=True,
        latency_ms=20,
    )
    one_machine = {
        "FORTIFLEX_STATE_DIR": str(tmp_path / "state"),
        "FORTIFLEX_REQUESTS_PER_MINUTE": str(limit),
    }

    def license_site(controller: Controller) -> Run:
        return controller.play(
            play(
                module("flex_entitlement", name=controller.directory.name, configuration="branch")
            ),
            env=one_machine,
        )

    with ThreadPoolExecutor(count) as all_of_them:
        runs = list(all_of_them.map(license_site, machines(tmp_path, flex, count)))

    assert [run.changed for run in runs] == [1] * count
    seen = flex.requests()
    assert seen["overlaps"] == 0
    assert [entry for entry in seen["log"] if entry["status"] in (-10, -11, -12)] == []
    assert sum(entry["path"] == "login" for entry in seen["log"]) == 1


def machines(directory: Path, flex: Simulator, count: int) -> list[Controller]:
    """Controllers that know nothing of each other."""
    places = [directory / f"machine-{number}" for number in range(count)]
    for place in places:
        place.mkdir()
    return [Controller(place, flex) for place in places]


def at_once(controllers: list[Controller], playbook: Playbook, chance: random.Random) -> list[Run]:
    """The runs of a playbook on all controllers, started within half a second."""
    delays = [chance.choice((0.0, chance.uniform(0, 0.5))) for _controller in controllers]

    def start(number: int) -> Run:
        time.sleep(delays[number])
        return controllers[number].play(playbook)

    with ThreadPoolExecutor(len(controllers)) as all_of_them:
        return list(all_of_them.map(start, range(len(controllers))))


@contextmanager
def changing(flex: Simulator, chance: random.Random) -> Iterator[tuple[str, list[str]]]:
    """A server between a controller and FortiFlex that changes one answer; gives its address, and what it has changed."""
    real, changed = urlsplit(flex.environment()["FORTIFLEX_API_URL"]), []
    place = chance.randrange(hostile.ANSWERS - 5)

    class Between(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Pass a call on, and its answer back."""
            nonlocal place
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {
                "Authorization": self.headers["Authorization"],
                "Content-Type": "application/json",
            }
            answer = requests.post(
                f"http://{real.netloc}{self.path}", data=body, headers=headers, timeout=30
            )
            place -= 1
            mutated = hostile.mutate(answer.content, chance) if place < 0 and not changed else None
            if mutated:
                changed.append(f"{self.path}: {mutated[1]}")
            content = mutated[0] if mutated else answer.content
            self.send_response(answer.status_code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Between) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}{real.path}", changed
        server.shutdown()
