# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No password, bearer token or license token where anybody but the user can read it: output, logs, caches, files, process list."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from integration.playbook import Controller, module, play

from simulator.launch import Simulator

PASSWORD = "c4nary-p4ssw0rd"
WANTED = [
    {"name": "oslo", "configuration": "branch", "fresh_token": "used"},
    {"name": "lima", "configuration": "branch", "tags": {"region": "south"}},
    {"name": "rome", "state": "absent"},
]
EVERY = [
    module(
        "flex_configuration",
        name="branch",
        product="fortigate_vm_bundle",
        parameters={"cpus": 2, "service_package": "UTP"},
    ),
    module("flex_entitlement", name="oslo", configuration="branch", fresh_token="used"),
    {**module("flex_fleet", entitlements=WANTED), "register": "fleet"},
    module("flex_configuration_info"),
    {**module("flex_entitlement_info"), "register": "licensed"},
    {
        "ansible.builtin.set_fact": {
            "fleet": "{{ fleet }}",
            "licensed": "{{ licensed }}",
            "cacheable": True,
        }
    },
    {
        **module("flex_fleet", entitlements=WANTED, return_tokens=True),
        "no_log": True,
        "register": "tokens",
    },
    {
        **module("flex_entitlement", name="oslo", return_token=True),
        "no_log": True,
        "register": "token",
    },
]


@pytest.fixture
def flex(flex: Simulator) -> Simulator:
    """A FortiFlex whose API user has the canary as its password."""
    flex.settings(
        users=[{"username": "demo-api-user", "password": PASSWORD, "permission": "write"}]
    )
    made = flex.seed_configuration("branch")
    flex.seed(
        [
            {"configId": made["id"], "description": name, "status": "ACTIVE", "tokenStatus": "USED"}
            for name in ("oslo", "rome")
        ]
    )
    return flex


@pytest.fixture
def controller(controller: Controller) -> Controller:
    """A machine that logs and caches everything, and keeps the files that Ansible would remove."""
    controller.settings = {
        "FORTIFLEX_ACCESS_PASSWORD": PASSWORD,
        "ANSIBLE_LOG_PATH": str(controller.directory / "ansible.log"),
        "ANSIBLE_CACHE_PLUGIN": "jsonfile",
        "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(controller.directory / "facts"),
        "ANSIBLE_KEEP_REMOTE_FILES": "true",
        "FORTIFLEX_AUDIT_LOG": str(controller.directory / "audit.jsonl"),
    }
    return controller


def license_tokens(flex: Simulator) -> set[str]:
    """The license tokens of all entitlements."""
    return {item["token"] for item in flex.state()["entitlements"]}


def bearer_tokens(controller: Controller) -> set[str]:
    """The tokens that the cache holds."""
    saved = [
        json.loads(path.read_text()) for path in (controller.directory / "state").glob("token-*")
    ]
    return {item[kind] for item in saved for kind in ("access", "refresh")}


def files(directory: Path) -> Iterator[Path]:
    """Every file below a directory."""
    return (path for path in directory.rglob("*") if path.is_file() and not path.is_symlink())


def test_no_secret_where_others_can_read(controller: Controller, flex: Simulator) -> None:
    before = license_tokens(flex)
    licenses, bearers = set(before), set[str]()
    output = ""
    for arguments in (["-vvvv", "--diff"], ["-vvvv", "--diff", "--check"]):
        run = controller.play(play(*EVERY), *arguments)
        assert run.rc == 0, run.output
        output += run.output
        licenses |= license_tokens(flex)
        bearers |= bearer_tokens(controller)
    assert licenses > before and bearers, "tokens of before, those that are new, the API user's"
    secrets = {PASSWORD} | licenses | bearers

    leaks = [secret for secret in secrets if secret in output]
    for path in files(controller.directory):
        text = path.read_bytes().decode(errors="replace")
        open_to_others = (
            path.stat().st_mode & 0o077
            or path.name == "ansible.log"
            or path.is_relative_to(controller.directory / "facts")
        )
        leaks += [f"{secret} in {path}" for secret in secrets if open_to_others and secret in text]
    assert not leaks
    facts = "".join(path.read_text() for path in files(controller.directory / "facts"))
    assert "FGVMMLTM" in facts
    trail = [
        json.loads(line) for line in (controller.directory / "audit.jsonl").read_text().splitlines()
    ]
    assert {record["origin"]["play"] for record in trail if record["event"] == "request"} == {
        "localhost"
    }
    assert not [
        secret for secret in secrets if any(secret in json.dumps(record) for record in trail)
    ]


def test_state_files_are_for_the_user_alone(controller: Controller) -> None:
    old = os.umask(0)
    try:
        controller.play(play(module("flex_entitlement_info"), *EVERY[2:3]))
    finally:
        os.umask(old)

    state = controller.directory / "state"
    assert state.stat().st_mode & 0o777 == 0o700
    assert {path.name.split("-")[0]: path.stat().st_mode & 0o777 for path in files(state)} == {
        "salt": 0o600,
        "requests": 0o600,
        "prices": 0o600,
        "token": 0o600,
        "written": 0o600,
    }


def test_a_password_in_a_variable_stays_secret(controller: Controller) -> None:
    secret = controller.directory / "secret.yml"
    secret.write_text(json.dumps({"api_password": PASSWORD}))
    secret.chmod(0o600)
    every = [
        {
            **task,
            "module_defaults": {"group/flexops.fortiflex.flex": {"password": "{{ api_password }}"}},
        }
        for task in EVERY[:5]
    ]

    run = controller.play(
        play(*every, vars_files=[str(secret)]),
        "-vvvv",
        "--diff",
        env={"FORTIFLEX_ACCESS_PASSWORD": ""},
    )

    assert run.rc == 0, run.output
    assert PASSWORD not in run.output
    assert PASSWORD not in (controller.directory / "ansible.log").read_text()


@pytest.mark.parametrize("path", ["login", "writes"])
def test_an_error_of_the_service_that_repeats_the_password(
    controller: Controller, flex: Simulator, path: str
) -> None:
    flex.faults(
        [
            {
                "kind": "refused",
                "path": path,
                "always": True,
                "message": f"User demo-api-user with {PASSWORD} is not welcome.",
            }
        ]
    )

    run = controller.play(play({**EVERY[1], "ignore_errors": True}, EVERY[2]), "-vvvv", "--diff")

    assert run.rc == 2
    assert run.output.count("is not welcome") >= 2 and "...ignoring" in run.output
    assert PASSWORD not in run.output
    assert PASSWORD not in (controller.directory / "ansible.log").read_text()


def test_no_process_has_the_password_in_its_arguments(
    controller: Controller, flex: Simulator
) -> None:
    flex.settings(latency_ms=100)
    processes = [{**task, "async": 60, "poll": 1} for task in EVERY[1:3]]
    command = controller.command(play(*processes), "-vvvv")
    seen = set()
    with subprocess.Popen(
        command,
        env=controller.environment({"ANSIBLE_ASYNC_DIR": str(controller.directory / "async")}),
        cwd=controller.directory,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        while process.poll() is None:
            listed = subprocess.run(
                ["ps", "-ww", "-eo", "pid,args"], capture_output=True, text=True, check=True
            )
            seen |= set(listed.stdout.splitlines())

    assert process.returncode == 0
    assert [line for line in seen if "AnsiballZ_flex_entitlement" in line]
    assert not [line for line in seen if PASSWORD in line]
