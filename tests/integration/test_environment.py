# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a process finds around it: no home, authorities that are none, line breaks in variables, and odd answers. Every entry point says it in one sentence."""

from __future__ import annotations

import json
import os
import stat
from typing import Any

import pytest
import yaml
from integration.playbook import ROOT, Controller, Run, module, play

from simulator.launch import Simulator

# The least that a module needs before it asks FortiFlex.
NEEDED: dict[str, dict[str, Any]] = {
    "flex_configuration": {"name": "branch"},
    "flex_cost_info": {"configuration": "branch"},
    "flex_device_license": {
        "name": "oslo",
        "device_url": "https://192.0.2.1",
        "device_token": "none",
    },
    "flex_entitlement": {"name": "oslo"},
    "flex_entitlement_transfer": {"names": ["oslo"], "target_account_id": 2000002},
    "flex_fleet": {"entitlements": [{"name": "oslo", "state": "present"}]},
    "flex_product_info": {"catalogue": "live"},
    "flex_usage_report": {"ledger": "/nowhere/usage.sqlite3", "directory": "/nowhere"},
}
GROUP = yaml.safe_load((ROOT / "meta/runtime.yml").read_text())["action_groups"]["flex"]
LOOKUPS = ("flex_token", "flex_entitlement")
CREDENTIALS = {
    "username": "FORTIFLEX_ACCESS_USERNAME",
    "password": "FORTIFLEX_ACCESS_PASSWORD",
    "program": "FORTIFLEX_PROGRAM",
}
# It reads a file of this machine only.
ASKING = [name for name in GROUP if name != "flex_usage_report"]


def everything(names: list[str]) -> list[dict[str, Any]]:
    """A play of modules and all lookups, each of which may fail."""
    tasks = [module(name, **NEEDED.get(name, {})) for name in names]
    for name in LOOKUPS:
        text = f"{{{{ lookup('flexops.fortiflex.{name}', 'oslo') }}}}"
        tasks.append({"ansible.builtin.debug": {"msg": text}})
    return play(*tasks, ignore_errors=True)


def is_said(sentence: str, run: Run) -> bool:
    """Whether a run says something, on however many lines: before ansible-core 2.19 Ansible wraps warnings anywhere."""
    return "".join(sentence.split()) in "".join(run.output.split())


def inventory(controller: Controller, **env: str) -> Run:
    """What ansible-inventory says of the inventory plugin."""
    path = controller.directory / "licensed.flex.yml"
    path.write_text(json.dumps({"plugin": "flexops.fortiflex.flex"}))
    command = [controller.command([])[0].replace("-playbook", "-inventory"), "-i", str(path)]
    return controller.run([*command, "--list"], env)


@pytest.fixture
def nobody(controller: Controller) -> dict[str, str]:
    """The environment of a user id without a name and a home, as a container may have it."""
    code = "import pwd\ndef getpwuid(uid):\n    raise KeyError(uid)\npwd.getpwuid = getpwuid\n"
    path = controller.directory / "python"
    path.mkdir()
    (path / "sitecustomize.py").write_text(code)
    empty = dict.fromkeys(("HOME", "USER", "LOGNAME", "FORTIFLEX_STATE_DIR"), "")
    # Without a home Ansible itself would make a directory ~ beside the playbook.
    ansible = {
        "ANSIBLE_HOME": str(controller.directory / "ansible"),
        "ANSIBLE_REMOTE_TMP": str(controller.directory / "ansible/tmp"),
    }
    return {**empty, "PYTHONPATH": str(path), **ansible}


def test_a_user_without_a_home(
    controller: Controller, flex: Simulator, nobody: dict[str, str]
) -> None:
    flex.seed_configuration("branch")
    site = module("flex_fleet", entitlements=[{"name": "oslo", "configuration": "branch"}])
    token = {
        "ansible.builtin.debug": {"msg": "{{ lookup('flexops.fortiflex.flex_token', 'oslo') }}"}
    }
    shared = play(site, module("flex_entitlement_info"), token)
    run = controller.play(shared, env=nobody)
    assert run.changed == 1 and run.shown[0]["msg"] == flex.state()["entitlements"][0]["token"]
    assert flex.requests()["logins"] == 1, "all of them share what is kept"
    state = controller.directory / "tmp" / f"fortiflex-{os.getuid()}"
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    report = controller.play("flexops.fortiflex.usage_report", env=nobody)
    assert "ledger: ~/.local/share/fortiflex/usage.sqlite3 begins with" in report.failure["msg"]
    state.chmod(0o755)
    flex.reset_requests()
    for result in controller.play(everything(ASKING), env=nobody).failures:
        assert "is not a directory that only this user can use: set state_dir" in result["msg"]
    assert flex.requests()["total"] == 0


def test_authorities_that_are_none(controller: Controller, flex: Simulator) -> None:
    missing = str(controller.directory / "none.pem")
    secure = "https://127.0.0.1:9/fortiflex/v2"
    for env, said in (
        ({"FORTIFLEX_CA_PATH": missing}, "ca_path: "),
        (
            {"REQUESTS_CA_BUNDLE": missing, "FORTIFLEX_API_URL": secure},
            "REQUESTS_CA_BUNDLE is set to ",
        ),
    ):
        run = controller.play(everything(ASKING), env=env)
        messages = [result["msg"] for result in run.failures]
        assert len(messages) == len(ASKING) + len(LOOKUPS), run.output
        for message in messages:
            assert said in message and "cannot be read (No such file or directory)" in message
        assert is_said(said, inventory(controller, **env)) and "Traceback" not in run.output
    device = module("flex_device_license", **NEEDED["flex_device_license"], device_ca_path=missing)
    assert "device_ca_path: " in controller.play(play(device)).failure["msg"]
    assert flex.requests()["total"] == 0


def test_line_breaks_at_the_end_of_variables(controller: Controller, flex: Simulator) -> None:
    env = {name: f"{value}\n" for name, value in flex.environment().items()}
    made = flex.seed_configuration("branch")["id"]
    flex.seed([{"configId": made, "description": "oslo", "status": "PENDING"}])
    run = controller.play(everything(["flex_entitlement_info", "flex_fleet"]), env=env)
    assert run.rc == 0 and not run.failures, run.output
    assert "oslo" in json.loads(inventory(controller, **env).stdout)["_meta"]["hostvars"]
    given = {key: env[name] for key, name in CREDENTIALS.items()}
    clean = dict.fromkeys(CREDENTIALS.values(), "")
    run = controller.play(play(module("flex_entitlement_info", **given)), env=clean)
    assert run.rc == 0 and flex.requests()["logins"] == 1, run.output


@pytest.mark.long
def test_null_in_place_of_a_list(controller: Controller, flex: Simulator) -> None:
    """It is never taken for an account that has nothing."""
    flex.faults([{"path": "entitlements/list", "kind": "null", "always": True}])
    tasks = ["flex_entitlement_info", "flex_fleet"]
    wanted = "answered entitlements/list without its data (entitlements is null)"
    run = controller.play(everything(tasks))
    found = [result["msg"] for result in run.failures]
    assert len([message for message in found if wanted in message]) == 4, run.output
    assert is_said(wanted, inventory(controller)) and flex.writes() == 0
