# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of roles, drawn from their specifications: what is empty was not given, and what is wrong with many hosts is said once."""

from __future__ import annotations

import json
import re
import shutil
from typing import Any

import pytest
import yaml
from integration.playbook import ROOT, Controller, play

from ansible_collections.flexops.fortiflex.plugins.module_utils.given import GUARDS, SELECTORS
from simulator.launch import Simulator

ROLES = sorted(path.name for path in (ROOT / "roles").iterdir())
# What a role needs to be given so that it has something to do.
NEEDED: dict[str, dict[str, Any]] = {
    "development": {"development_running": True},
    "license_delivery": {"license_delivery_api_token": "demo-device-token"},
}


def specification(role: str) -> dict[str, Any]:
    """The options of a role."""
    text = (ROOT / "roles" / role / "meta/argument_specs.yml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text)["argument_specs"]["main"]["options"])


def is_refused(role: str, name: str) -> bool:
    """Whether an option is one that must not be empty."""
    return name.removeprefix(f"{role}_") in GUARDS | SELECTORS


def run(controller: Controller, flex: Simulator, role: str, **given: Any) -> Any:
    """The role for one licensed and one new host; answers how it ended, how often it changed something, and what FortiFlex has then."""
    variables = {**NEEDED.get(role, {}), **given}
    if role == "license_delivery":
        variables["license_delivery_url"] = f"{flex.url}/device/oslo"
    hosts = ["oslo"] if role == "license_delivery" else ["oslo", "lima"]
    path = controller.directory / "hosts.json"
    path.write_text(json.dumps({"all": {"hosts": dict.fromkeys(hosts)}}))
    plays = play(hosts="all")
    plays[0]["roles"] = [f"flexops.fortiflex.{role}"]
    done = controller.play(plays, "-i", str(path), "-e", json.dumps(variables))
    held = {item["description"]: item["status"] for item in flex.state()["entitlements"]}
    return done, done.changed if done.rc == 0 else None, held


@pytest.mark.parametrize(
    "blank",
    ["", pytest.param(" ", marks=pytest.mark.thorough), None],
    ids=["empty", "space", "null"],
)
@pytest.mark.parametrize("role", ROLES)
def test_an_empty_option_of_a_role_was_not_given(
    controller: Controller, flex: Simulator, role: str, blank: str | None
) -> None:
    def begin() -> None:
        flex.reset()
        for directory in ("home", "usage_report"):
            shutil.rmtree(controller.directory / directory, ignore_errors=True)
        made = flex.seed_configuration("branch")["id"]
        flex.seed([{"configId": made, "description": "oslo", "status": "PENDING"}])

    begin()
    _run, changed, held = run(controller, flex, role)
    begin()
    options = specification(role)
    empty = {
        name: blank
        for name, spec in options.items()
        if not is_refused(role, name)
        and name not in NEEDED.get(role, {})
        and spec["type"] not in ("list", "dict")
    }
    played, *after = run(controller, flex, role, **empty)
    if "<class 'NoneType'> and we were unable to convert" in played.output:
        # Ansible itself refuses null for an option of a role, as ansible-core 2.16 does.
        assert flex.writes() == 0
    else:
        assert tuple(after) == (changed, held), played.output


@pytest.mark.parametrize("role", ["branch_office", "datacenter", "retire"])
def test_what_is_wrong_with_many_hosts_is_one_sentence(
    controller: Controller, flex: Simulator, role: str
) -> None:
    wrong = {"retire_keep_running": "maybe"} if role == "retire" else {f"{role}_state": "of"}
    hosts = {f"site-{number:02}": wrong for number in range(30)}
    (controller.directory / "hosts.json").write_text(json.dumps({"all": {"hosts": hosts}}))
    plays = play(hosts="all")
    plays[0]["roles"] = [f"flexops.fortiflex.{role}"]
    done = controller.play(plays, "-i", str(controller.directory / "hosts.json"))
    ((name, value),) = wrong.items()
    assert f"{name} of 'site-00' is '{value}', which is not " in done.failure["msg"]
    assert "(the same for 29 more: 'site-01', " in done.failure["msg"]
    assert len(done.failures) == 1 and flex.requests()["total"] == 0


@pytest.mark.parametrize(
    ("role", "option"),
    [
        (role, option)
        for role in ROLES
        for option, spec in specification(role).items()
        if spec.get("required") or is_refused(role, option)
    ],
)
def test_what_must_not_be_empty_is_refused_by_name(
    controller: Controller, flex: Simulator, role: str, option: str
) -> None:
    for blank in ("", " ", None):
        done = run(controller, flex, role, **{option: blank})[0]
        assert re.search(rf"\b({option}|{option.removeprefix(f'{role}_')})\b", done.failure["msg"])
        assert flex.requests()["total"] == 0
