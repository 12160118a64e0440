# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults while flex_fleet writes, and runs that are killed: whatever happens, a rerun reaches the goal, with one holder for each name."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from integration.playbook import Controller, module, play

from simulator.launch import Simulator

GOAL = play(
    module(
        "flex_fleet",
        configurations=[{"name": "large", "product": "fortigate_vm_bundle", "parameters": {"cpus": 4, "service_package": "UTP"}}],
        entitlements=[
            {"name": "oslo", "configuration": "large"},
            {"name": "lima", "configuration": "branch", "tags": {"region": "south"}},
            {"name": "rome", "state": "stopped"},
            {"name": "cork", "configuration": "branch"},
        ],
    )
)
REACHED = {
    "oslo": ("large", "PENDING"), "lima [region=south]": ("branch", "PENDING"), "rome": ("branch", "STOPPED"), "cork": ("branch", "ACTIVE"),
    "somebody else's": ("branch", "ACTIVE"),
}
CREATE, UPDATE, STOP, CONFIGURATION = "entitlements/vm/create", "entitlements/update", "entitlements/stop", "configs/create"
RESOLVED = [  # the run itself finds out what happened, and goes on
    *[{"kind": kind, "path": CREATE} for kind in ("reset_after", "truncated_json", "empty", "unknown_shape")],
    {"kind": "html_502", "path": CREATE, "effect": True},
    {"kind": "truncated_json", "path": CREATE, "always": True},
    {"kind": "reset_after", "path": CONFIGURATION},
    {"kind": "empty", "path": CONFIGURATION},
    {"kind": "html_500", "path": STOP, "effect": True},
    {"kind": "reset_after", "path": UPDATE},
    {"kind": "unknown_shape", "path": UPDATE},
    {"kind": "invalid_token", "path": "writes"},
    {"kind": "http_401", "path": CREATE},
    {"kind": "slow_down", "code": -12, "path": "writes"},
    {"kind": "late", "seconds": 2, "path": CREATE},
    {"kind": "reset_before", "path": CREATE},  # takes half a minute: only then it is certain that it had no effect
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
    flex.seed([{"configId": made["id"], "description": name, "status": status} for name, status in held])
    flex.seed([{"configId": made["id"], "description": "cork", "status": "ACTIVE"}])
    return flex


def assert_reached(controller: Controller) -> None:
    """Exactly the goal, with nothing in excess, and a run more writes nothing."""
    assert controller.licensed() == REACHED
    assert sorted(item["name"] for item in controller.flex.state()["configurations"]) == ["branch", "large"]
    controller.flex.reset_requests()
    assert controller.play(GOAL).changed == 0
    assert controller.flex.writes() == 0
    assert controller.licensed() == REACHED


@pytest.mark.parametrize("fault", RESOLVED, ids=described)
def test_a_run_gets_over_a_fault(controller: Controller, flex: Simulator, fault: dict[str, Any]) -> None:
    flex.faults([fault])

    assert controller.play(GOAL).changed == 1

    assert [entry for entry in flex.requests()["log"] if entry["fault"] == fault["kind"]]
    flex.faults([])
    assert_reached(controller)


@pytest.mark.parametrize("fault", REFUSED, ids=described)
def test_a_rerun_completes_what_was_refused(controller: Controller, flex: Simulator, fault: dict[str, Any]) -> None:
    flex.faults([fault])

    result = controller.play(GOAL).failure

    assert result["changed"] is True
    assert "run the task again" in result["msg"]
    assert "Traceback" not in str(result)
    flex.faults([])
    assert controller.play(GOAL).changed == 1
    assert_reached(controller)


@pytest.mark.parametrize("writes", [1, 3])
def test_a_rerun_completes_what_was_killed(controller: Controller, flex: Simulator, writes: int) -> None:
    flex.settings(latency_ms=60)
    command, environment, silent = controller.command(GOAL), controller.environment(), subprocess.DEVNULL
    with subprocess.Popen(command, env=environment, cwd=controller.directory, stdout=silent, stderr=silent, start_new_session=True) as run:
        while flex.writes() < writes:
            assert run.poll() is None
            time.sleep(0.005)
        os.killpg(run.pid, signal.SIGKILL)
    flex.settings(latency_ms=0)
    while flex.requests()["log"][-1]["http_status"] is None:  # what was under way is carried out all the same
        time.sleep(0.01)

    assert controller.play(GOAL).rc == 0
    assert_reached(controller)


def test_what_was_not_reached_is_listed(controller: Controller, flex: Simulator) -> None:
    flex.faults([{"kind": "refused", "path": CREATE, "message": "No such luck."}])

    result = controller.play(GOAL).failure

    assert [(item["kind"], item["name"]) for item in result["failures"]] == [("entitlement", "oslo")]
    assert "No such luck" in result["failures"][0]["message"]
    assert {item["name"] for item in result["changes"]} == {"large", "lima", "rome"}
    assert result["entitlements"]["oslo"] is None
    assert result["entitlements"]["rome"]["status"] == "STOPPED"


def test_two_controllers_at_once(controller: Controller, flex: Simulator, tmp_path: Path) -> None:
    flex.settings(latency_ms=20)
    (tmp_path / "other").mkdir()
    with ThreadPoolExecutor() as both:
        runs = list(both.map(lambda machine: machine.play(GOAL), (controller, Controller(tmp_path / "other", flex))))
    flex.settings(latency_ms=0)

    assert [run.rc for run in runs] == [0, 0], "".join(run.output for run in runs)
    descriptions = Counter(item["description"] for item in flex.state()["entitlements"])
    charged = [item for item in flex.state()["entitlements"] if item["description"] == "[spare]" and item["status"] not in ("PENDING", "STOPPED")]
    del descriptions["[spare]"]
    assert descriptions == dict.fromkeys(REACHED, 1)
    assert not charged
    flex.reset_requests()
    assert controller.play(GOAL).changed == flex.writes() == 0
