# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rulebooks, run by ansible-rulebook as users run them: what happens in FortiFlex, or to a virtual machine, has the consequences that they say."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from integration.playbook import BIN, ROOT, Controller, play
from moments import day
from unit.hostile_texts import CONTROLS, SHELL

from simulator.launch import Simulator

RULEBOOKS = ROOT / "extensions" / "eda" / "rulebooks"
SECONDS = 55.0  # in which everything has to have happened
TOKEN = "w3bh00k-t0ken"


def deleted(name: str) -> dict[str, Any]:
    """What vCenter's event broker posts about a machine."""
    return {
        "specversion": "1.0",
        "subject": "VmRemovedEvent",
        "type": "com.vmware.vsphere.VmRemovedEvent.v0",
        "time": f"{day(0)}T00:00:00Z",
        "data": {"Vm": {"Name": name}},
    }


def present(name: str) -> dict[str, Any]:
    """The same about one that was started."""
    return {**deleted(name), "subject": "VmPoweredOnEvent"}


@contextlib.contextmanager
def rulebooks(controller: Controller, variables: dict[str, Any], inventory: Path) -> Iterator[Path]:
    """One ansible-rulebook with all rulebooks of the collection; what it says is in the file that comes back."""
    rulebook, values, log = (
        controller.directory / name for name in ("rulebook.yml", "variables.yml", "rulebook.log")
    )
    rulebook.write_text(
        yaml.safe_dump(
            [
                ruleset
                for path in sorted(RULEBOOKS.glob("*.yml"))
                for ruleset in yaml.safe_load(path.read_text())
            ]
        )
    )
    values.write_text(json.dumps(variables))
    command = [
        str(BIN / "ansible-rulebook"),
        "--rulebook",
        str(rulebook),
        "--vars",
        str(values),
        "-i",
        str(inventory),
        "--print-events",
    ]
    with log.open("w") as output:
        process = subprocess.Popen(
            command,
            env=controller.environment(),
            cwd=controller.directory,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            yield log
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def awaited(condition: Callable[[], bool], log: Path) -> None:
    """Come back as soon as it is so."""
    until = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < until, log.read_text()[-6000:]
        time.sleep(0.3)


def test_what_becomes_of_a_machine_that_is_there(controller: Controller, flex: Simulator) -> None:
    branch = flex.seed_configuration("branch-small")["id"]
    marked = "vm_deleted=2020-11-24T10:00Z"
    flex.seed(
        [
            {"configId": branch, "description": text, "status": "STOPPED", "tokenStatus": "USED"}
            for text in (
                "oslo [region=north]",
                f"lima [suspended=2020-11-01; {marked}]",
                f"cork [region=west; {marked}]",
            )
        ]
    )
    machines = [{"vm_name": name} for name in ("oslo", "lima", "cork", "unknown")]
    machines += [
        {"vm_name": "rome", "vm_configuration": branch},
        {"vm_name": "bern", "vm_configuration": branch, "fortiflex_max_new": 0},
    ]
    run = controller.play(
        [
            {
                "ansible.builtin.import_playbook": "flexops.fortiflex.follow_vm",
                "vars": {"vm_state": "present", **machine},
            }
            for machine in machines
        ]
    )
    assert "max_new=0" in run.failure["msg"]  # a fleet on hold gets no new license
    assert {item["description"]: item["status"] for item in flex.state()["entitlements"]} == {
        "oslo [region=north]": "STOPPED",
        "lima [suspended=2020-11-01]": "STOPPED",
        "cork [region=west]": "ACTIVE",
        "rome": "PENDING",
    }


@pytest.mark.long
def test_rulebooks(
    controller: Controller, flex: Simulator, webhook: tuple[str, list[dict[str, Any]]]
) -> None:
    if shutil.which("java") is None:
        assert "CI" not in os.environ, "ansible-rulebook needs Java 17"
        pytest.skip(
            "ansible-rulebook needs Java 17, such as Debian's package openjdk-17-jre-headless"
        )
    url, told = webhook
    first_of_month = day().endswith("-01")  # no day of it is over, so no budget is used up
    branch = flex.seed_configuration("branch-small")["id"]
    flex.seed(
        [
            {
                "configId": branch,
                "description": "oslo [region=north]",
                "status": "ACTIVE",
                "tokenStatus": "USED",
                "startDate": day(-5),
            },
            {
                "configId": branch,
                "description": f"lima [vm_deleted={day(-1)}T00:00Z]",
                "status": "ACTIVE",
                "tokenStatus": "USED",
                "startDate": day(-5),
            },
            {
                "configId": branch,
                "description": f"turku [vm_deleted={day(-1)}T00:00Z]",
                "status": "ACTIVE",
                "tokenStatus": "USED",
                "startDate": day(-5),
            },
            {
                "configId": branch,
                "description": "cork [renew=auto]",
                "status": "ACTIVE",
                "tokenStatus": "USED",
                "endDate": day(5),
            },
            {
                "configId": branch,
                "description": "bern",
                "status": "ACTIVE",
                "tokenStatus": "USED",
                "endDate": day(6),
            },
        ]
    )
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    inventory, hold = (
        controller.directory / "hosts.yml",
        controller.directory / "hold.yml",
    )  # where it does not keep the other rulebooks from their work
    turku = {
        "retire_address": "127.0.0.1",
        "retire_port": port,
    }  # its firewall answers, so it is no deleted machine, whatever vCenter says
    inventory.write_text(
        json.dumps(
            {"all": {"hosts": {"localhost": {"ansible_connection": "local"}, "turku": turku}}}
        )
    )
    variables = {
        "flex_spares": {"branch-small": 2},
        "flex_interval": 2,
        "flex_grace": 1800,
        "flex_budget": 10,  # less than three sites cost a day
        "flex_hold_file": str(hold),
        "webhook_token": TOKEN,
        "webhook_port": port,
        "webhook_host": "127.0.0.1",
        "flex_vm_configuration": "branch-small",
        "flex_vm_only": "(oslo|rome)",
        "usage_report_notify": [{"kind": "json", "url": f"{url}/json-secret"}],
    }

    def post(event: dict[str, Any]) -> bool:
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/vm",
            json.dumps(event).encode(),
            {"Content-Type": "application/json", "Authorization": f"Bearer {TOKEN}"},
        )
        try:
            with urllib.request.urlopen(request, timeout=5):
                return True
        except (urllib.error.URLError, OSError):
            return False

    def descriptions() -> list[str]:
        return [item["description"] for item in flex.state()["entitlements"]]

    def ends(name: str) -> str:
        return next(
            item["endDate"]
            for item in flex.state()["entitlements"]
            if item["description"].startswith(name)
        )[:10]

    with rulebooks(controller, variables, inventory) as log:
        awaited(lambda: post(deleted("oslo")), log)
        assert post(present("rome")) and post(deleted("other")) and post({"anything": ["else"]})
        assert post(deleted("oslo{{ lookup('ansible.builtin.pipe', 'touch pwned') }}"))
        awaited(
            lambda: any(
                text.startswith("oslo [region=north; vm_deleted=") for text in descriptions()
            ),
            log,
        )
        awaited(lambda: "rome" in descriptions(), log)
        awaited(lambda: not any(text.startswith("lima") for text in descriptions()), log)
        awaited(lambda: "still answer: turku" in log.read_text(), log)
        awaited(lambda: descriptions().count("[spare]") >= 2, log)
        awaited(lambda: ends("cork") > day(300), log)
        awaited(lambda: hold.exists() or first_of_month, log)
        awaited(
            lambda: (
                any("bern" in json.dumps(body) for body in told)
                and any("budget" in json.dumps(body) for body in told)
            ),
            log,
        )
        said = log.read_text()
    assert not list(controller.directory.rglob("pwned"))
    assert ends("bern") == day(6)
    assert first_of_month or yaml.safe_load(hold.read_text())["fortiflex_max_new"] == 0
    assert not any(text.startswith("other") for text in descriptions())
    secrets = {
        "demo-password",
        "json-secret",
        *(item["token"] for item in flex.state()["entitlements"] if item["token"]),
    }
    assert not [secret for secret in secrets if secret in said]


@pytest.mark.parametrize("text", ["{{ 6 * 7 }}", "{% if x %}", "a: b # c", *CONTROLS[:3], *SHELL])
def test_the_reason_of_a_hold_is_text(controller: Controller, text: str) -> None:
    variables = controller.directory / "group_vars" / "all"
    variables.mkdir(parents=True)
    hosts, hold, reason = (
        controller.directory / name for name in ("hosts.yml", "group_vars/all/hold.yml", "reason")
    )
    hosts.write_text("all: {hosts: {localhost: {ansible_connection: local}}}")
    reason.write_text(text)
    given = {
        "hold_file": str(hold),
        "hold_reason": f"{{{{ lookup('ansible.builtin.file', '{reason}', rstrip=false) }}}}",
    }
    held = controller.play("flexops.fortiflex.hold_fleet", "-e", json.dumps(given))
    assert held.rc == 0, held.output
    show = {"ansible.builtin.copy": {"content": "{{ fortiflex_hold_reason }}", "dest": str(reason)}}
    run = controller.play(play(show), "-i", str(hosts))
    assert run.rc == 0 and reason.read_text() == re.sub(r"\{(?=[{%#])", "{ ", text), run.output
