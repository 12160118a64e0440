# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run in check mode: each task begins where the earlier ones would have ended, and nothing of it outlives the run."""

from __future__ import annotations

import json
import stat
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest
from contract.harness import CONFIGURATION, Controller

from ansible_collections.flexops.fortiflex.plugins.module_utils.client.origin import Origin
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.model import TOKEN_TO_COME
from ansible_collections.flexops.fortiflex.plugins.plugin_utils import origin

RUN = "one run"
DEVICE = {"device_url": "http://127.0.0.1:9", "device_token": "none"}  # nobody listens there


def fleet(controller: Controller, check: Any = RUN, **options: Any) -> dict[str, Any]:
    result = controller.run("flex_fleet", check, **options)
    assert not result.get("failed"), result
    return result


def site(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "configuration": "small", **more}


def chain(controller: Controller, check: Any) -> list[Any]:
    """What a chain of tasks comes to, each after all before it."""
    pool = fleet(controller, check, configurations=[CONFIGURATION], spares={"small": 2})
    two = fleet(controller, check, entitlements=[site("a"), site("b")])
    again = fleet(controller, check, entitlements=[site("a"), site("b")])
    tagged = controller.run("flex_entitlement", check, **site("a", tags={"region": "west"}))
    running = controller.run("flex_entitlement", check, **site("c", skip_pending=True))
    stopped = controller.run("flex_entitlement", check, name="c", state="stopped")
    gone = controller.run("flex_entitlement", check, name="a", state="absent")
    taken = controller.run("flex_entitlement", check, **site("d"))
    resized = controller.run("flex_configuration", check, name="small", parameters={"cpus": 4})
    held = controller.run("flex_entitlement_info", check, holders=True)["entitlements"]
    return [
        pool["spares"],
        two["plan"],
        again["changed"],
        *(done["action"] for done in (tagged, running, stopped, gone, taken)),
        resized["affected"],
        sorted((item["name"], item["status"], item["tags"].get("region")) for item in held),
    ]


def test_a_chain_comes_to_what_it_comes_to_in_a_run(controller: Controller) -> None:
    predicted = chain(controller, RUN)
    assert controller.writes() == 0
    assert predicted == chain(controller, False)
    assert predicted[3:8] == ["change", "create", "stop", "release", "reuse"]


def test_real_entitlements_that_would_have_changed(controller: Controller) -> None:
    small = controller.configuration()
    spare, one = controller.flex.seed(
        [
            {"configId": small, "description": "[spare]", "status": "PENDING"},
            {"configId": small, "description": "one", "status": "ACTIVE"},
        ]
    )
    taken = controller.run("flex_entitlement", RUN, **site("two"), return_token=True)
    assert taken["action"] == "reuse" and taken["entitlement"]["token"] == spare["token"]
    assert controller.run("flex_entitlement", RUN, **site("three"))["action"] == "create"
    assert controller.run("flex_entitlement", RUN, name="one", state="absent")["changed"]
    renewed = controller.run("flex_entitlement", RUN, **site("four"), return_token=True)
    shown = renewed["entitlement"]
    assert (shown["serial_number"], shown["token"]) == (one["serialNumber"], TOKEN_TO_COME)
    controller.flex.patch(spare["serialNumber"], description="by somebody else")
    listed = controller.run("flex_entitlement_info", RUN)["entitlements"]
    assert sorted(item["name"] or "" for item in listed) == ["by somebody else", "four", "three"]


def test_another_run_begins_with_what_there_is(controller: Controller) -> None:
    first = fleet(controller, configurations=[CONFIGURATION], entitlements=[site("a")])
    other = fleet(controller, "another", configurations=[CONFIGURATION], entitlements=[site("a")])
    assert first["plan"] == other["plan"] and other["plan"]["create"] == 1
    assert controller.run("flex_entitlement_info", "a third")["entitlements"] == []
    assert not controller.run("flex_configuration_info", "a third")["configurations"]


def test_a_task_that_sets_check_mode_itself_predicts_and_is_not_remembered(
    controller: Controller, monkeypatch: pytest.MonkeyPatch
) -> None:
    controller.configuration()
    for _again in range(2):
        with mock.patch.object(origin, "_follows", lambda _task: False):
            alone = controller.run("flex_entitlement", RUN, **site("a"))
        assert alone["action"] == "create"
    controller.run("flex_entitlement", RUN, **site("a"))
    with mock.patch.object(origin, "_follows", lambda _task: False):
        alone = controller.run("flex_entitlement", RUN, **site("a"))
    assert alone["action"] == "unchanged"
    monkeypatch.setattr(origin, "run_name", lambda: "this")
    play, task = SimpleNamespace(check_mode=True), {"name": "", "args": {}, "check_mode": True}
    for known, is_followed in (
        ({"_parent": play, "_ds": {}}, True),
        ({"_parent": play, "_ds": {"check_mode": True}}, False),
        ({"_parent": SimpleNamespace(check_mode=False)}, False),
    ):
        told = origin.origin_of(SimpleNamespace(**task, **known), {})
        assert (told.check_run, told.is_followed) == ("this", is_followed)
    task["check_mode"] = False
    assert origin.origin_of(SimpleNamespace(**task, _parent=play), {}) == Origin()


def test_what_is_created_in_the_meantime_counts(controller: Controller) -> None:
    fleet(controller, configurations=[CONFIGURATION], entitlements=[site("a"), site("b")])
    fleet(controller, False, configurations=[CONFIGURATION], entitlements=[site("a")])
    listed = controller.run("flex_entitlement_info", RUN)["entitlements"]
    assert [(item["name"], item["serial_number"] is None) for item in listed] == [
        ("a", False),
        ("b", True),
    ]
    assert {item["configuration_id"] for item in listed} == {listed[0]["configuration_id"]}
    assert controller.run("flex_entitlement", RUN, **site("b"))["action"] == "unchanged"


def test_a_transfer(controller: Controller) -> None:
    there = {"account_id": 2000002}
    fleet(controller, configurations=[CONFIGURATION], entitlements=[site("a"), site("b")])
    fleet(controller, configurations=[CONFIGURATION], entitlements=[site("c")], **there)
    move = {"names": ["a"], "target_account_id": 2000002}
    moved = controller.run("flex_entitlement_transfer", RUN, **move)
    assert moved["changed"] and moved["transferred"] == [None]
    assert not controller.run("flex_entitlement_transfer", RUN, **move)["changed"]
    held = controller.run("flex_entitlement_info", RUN, accounts=["all"])["entitlements"]
    assert sorted((item["name"], item["account_id"]) for item in held) == [
        ("a", 2000002),
        ("b", 2000001),
        ("c", 2000002),
    ]
    back = {"names": ["a"], "target_account_id": 2000001, **there}
    assert controller.run("flex_entitlement_transfer", RUN, **back)["changed"]
    assert controller.writes() == 0


def test_a_license_that_does_not_exist_yet_is_delivered_to_nobody(controller: Controller) -> None:
    fleet(controller, configurations=[CONFIGURATION], entitlements=[site("a")])
    result = controller.run("flex_device_license", RUN, name="a", **DEVICE)
    assert result["changed"] and result["device"] is None
    assert result["msg"] == "The device at 127.0.0.1 would fetch the license of 'a' and reboot."
    assert controller.run("flex_entitlement", RUN, name="a", state="stopped")["action"] == "stop"
    nobody = controller.run("flex_device_license", RUN, name="b", **DEVICE)
    assert "'b' has no entitlement" in nobody["msg"] and controller.writes() == 0


def test_folders_and_their_tokens(controller: Controller) -> None:
    branches = "My Assets/branches"
    wanted = [site("a", folder=branches), site("b"), site("c", skip_pending=True)]
    ask = {"next_token": True, "configuration": "small", "return_token": True}
    seen = []
    for check in (RUN, False):
        fleet(controller, check, configurations=[CONFIGURATION], entitlements=wanted)
        groups = controller.run("flex_group_info", check, **ask)["groups"]
        found = {group["folder"]: group for group in groups}
        seen.append({path: group["available_tokens"] for path, group in found.items()})
        assert found[branches]["next_entitlement"]["name"] == "a"
        is_known = check is False
        assert (found[branches]["next_entitlement"]["token"] == TOKEN_TO_COME) is not is_known
    assert seen[0] == seen[1] and seen[0][branches] == 1


def test_the_file_is_for_its_owner_and_is_removed_after_a_day(controller: Controller) -> None:
    def files() -> list[str]:
        found = controller.state_dir.glob("predicted-*")
        return sorted(path.name for path in found if not path.suffix)

    controller.run("flex_configuration", RUN, **CONFIGURATION)
    (first,) = files()
    assert stat.S_IMODE((controller.state_dir / first).stat().st_mode) == 0o600
    controller.clock.offset += 86_000
    controller.run("flex_configuration", "another", **CONFIGURATION)
    assert len(files()) == 2
    controller.clock.offset += 1_000
    controller.run("flex_configuration", "a third", **CONFIGURATION)
    assert len(files()) == 2 and first not in files()


@pytest.mark.parametrize("text", ["", "nothing", "1.0", "1.0\n{}", '1.0\n[["a", "b", 1, {}]]'])
def test_a_file_that_cannot_be_read_remembers_nothing(controller: Controller, text: str) -> None:
    controller.run("flex_configuration", RUN, **CONFIGURATION)
    for path in controller.state_dir.glob("predicted-*"):
        path.write_text(text)
    assert controller.run("flex_configuration", RUN, **CONFIGURATION)["changed"]
    json.dumps(controller.run("flex_configuration_info", RUN))
