# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each module as a task: it creates, a second run changes nothing, check mode only reads, and credentials come from where users keep them."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from integration.playbook import ROOT, Controller, module, play

from simulator.launch import Simulator

BRANCH = {
    "name": "branch",
    "product": "fortigate_vm_bundle",
    "parameters": {"cpus": 2, "service_package": "UTP"},
}
FLEET = {
    "configurations": [BRANCH],
    "entitlements": [
        {"name": "oslo", "configuration": "branch"},
        {"name": "lima", "configuration": "branch"},
    ],
}
WRITING: dict[str, dict[str, Any]] = {
    "flex_configuration": BRANCH,
    "flex_entitlement": {"name": "oslo", "configuration": "branch", "tags": {"region": "north"}},
    "flex_fleet": FLEET,
}
READING = ("flex_configuration_info", "flex_entitlement_info")
PRICED = {"product": BRANCH["product"], "parameters": BRANCH["parameters"]}
ALL: dict[str, dict[str, Any]] = {
    **WRITING,
    **dict.fromkeys(READING, {}),
    "flex_cost_info": PRICED,
    "flex_product_info": {"kind": "vm"},
}
MEMBERS: list[str] = yaml.safe_load((ROOT / "meta/runtime.yml").read_text())["action_groups"][
    "flex"
]
ELSEWHERE = {
    "flex_device_license",
    "flex_usage_report",
}  # what they do is tested with a device, and with a ledger


def test_each_module_creates_once(controller: Controller, flex: Simulator) -> None:
    playbook = play(*(module(name, **options) for name, options in WRITING.items()))

    check = controller.play(playbook, "--check", "--diff")
    assert check.changed == 3
    assert flex.writes() == 0
    # What is new in a fleet has a line in its plan.
    assert check.stdout.count("+++ after") == 2 and "  + create   lima" in check.stdout
    assert not [name for name in ("branch", "oslo") if f'"{name}"' not in check.stdout]

    first = controller.play(playbook, "--diff")
    assert first.changed == 3
    assert flex.writes() == 3
    for entitlement in flex.state()["entitlements"]:
        is_shown = f'"{entitlement["serialNumber"]}"' in first.stdout
        assert is_shown == (entitlement["description"] != "lima")
        assert entitlement["token"] not in first.output

    assert controller.play(playbook, "--diff").changed == 0
    assert flex.writes() == 3


def diff(output: str) -> str:
    """The part of an output that Ansible shows for --diff."""
    return output[output.index("--- before") : output.index("PLAY RECAP")]


def test_the_diff_of_check_mode_is_that_of_the_run(controller: Controller, flex: Simulator) -> None:
    made = flex.seed_configuration("branch")
    flex.seed(
        [
            {"configId": made["id"], "description": "oslo", "status": "ACTIVE"},
            {"configId": made["id"], "description": "lima", "status": "ACTIVE"},
        ]
    )
    wanted = [{"name": "oslo", "state": "stopped"}, {"name": "lima", "tags": {"region": "south"}}]
    playbook = play(module("flex_fleet", entitlements=wanted))

    check, run = (controller.play(playbook, "--diff", *more) for more in (["--check"], []))

    assert check.changed == run.changed == 1
    assert '+            "status": "STOPPED"' in check.stdout
    assert '+            "description": "lima [region=south]"' in check.stdout
    assert diff(check.stdout) == diff(run.stdout)


def test_the_info_modules_list_and_never_change(controller: Controller, flex: Simulator) -> None:
    made = flex.seed_configuration("branch")
    flex.seed(count=2, configId=made["id"], description="site-{n}")
    show = {"ansible.builtin.debug": {"var": "found"}}
    playbook = play(
        *(task for name in READING for task in ({**module(name), "register": "found"}, show))
    )

    run, check = controller.play(playbook), controller.play(playbook, "--check", "--diff")

    assert run.changed == check.changed == flex.writes() == 0
    configurations, entitlements = (
        run.shown[0]["found"]["configurations"],
        run.shown[1]["found"]["entitlements"],
    )
    assert [(item["name"], item["id"]) for item in configurations] == [("branch", made["id"])]
    assert [(item["name"], item["configuration"]) for item in entitlements] == [
        ("site-0001", "branch"),
        ("site-0002", "branch"),
    ]
    assert not [item for item in entitlements if "token" in item]


def test_the_action_group_sets_options_for_all_modules(
    controller: Controller, flex: Simulator
) -> None:
    variables = {
        name.removeprefix("FORTIFLEX_").removeprefix("ACCESS_").lower(): value
        for name, value in flex.environment().items()
    }
    assert set(variables) == {
        "username",
        "password",
        "program",
        "account_id",
        "api_url",
        "auth_url",
    }
    nothing = dict.fromkeys(flex.environment(), "")
    every = [module(name, **options) for name, options in ALL.items()]

    run = controller.play(
        play(*every, module_defaults={"group/flexops.fortiflex.flex": variables}), env=nothing
    )

    assert run.changed == 3
    assert run.recap["localhost"]["ok"] == len(ALL)
    assert controller.licensed() == {
        "oslo [region=north]": ("branch", "PENDING"),
        "lima": ("branch", "PENDING"),
    }


@pytest.mark.thorough
def test_modules_run_for_a_host_of_the_inventory_by_delegation(
    controller: Controller, flex: Simulator
) -> None:
    every: list[dict[str, Any]] = [
        {**module(name, **options), "delegate_to": "localhost"} for name, options in ALL.items()
    ]

    run = controller.play(play(*every, hosts="all"), "-i", "firewall.invalid,")

    assert run.changed == 3
    assert run.recap["firewall.invalid"]["ok"] == len(ALL)
    assert len(flex.state()["entitlements"]) == 2


def test_flex_fleet_needs_no_connection_to_the_host(
    controller: Controller, flex: Simulator
) -> None:
    run = controller.play(
        play(module("flex_fleet", **FLEET), hosts="all"), "-i", "firewall.invalid,", "-c", "ssh"
    )

    assert run.changed == 1
    assert len(flex.state()["entitlements"]) == 2


def test_flex_fleet_takes_templates_and_loops(controller: Controller, flex: Simulator) -> None:
    task = {
        **module("flex_fleet", configurations="{{ configurations }}", entitlements="{{ item }}"),
        "loop": [FLEET["entitlements"], []],
    }

    run = controller.play(play(task, vars={"configurations": [BRANCH]}))

    assert run.changed == 1
    assert flex.writes() == 3


def test_a_result_without_diff_mode_has_no_diff(controller: Controller) -> None:
    run = controller.play(
        play(
            {**module("flex_fleet", **FLEET), "register": "out"},
            {"ansible.builtin.debug": {"var": "out"}},
        ),
        "--check",
    )

    result = run.shown[0]["out"]
    assert "diff" not in result
    assert "token" not in json.dumps(result["entitlements"]).replace("token_status", "")
    assert {word: count for word, count in result["plan"].items() if count} == {"create": 2}


@pytest.mark.thorough
def test_the_defaults_of_the_group_can_live_in_group_vars(
    controller: Controller, flex: Simulator
) -> None:
    """Of every module that the group has, with the names of variables that the playbooks use."""
    flex.seed_configuration("branch", accountId=2000002)
    variables = {
        "username": "demo-api-user",
        "password": "demo-password",
        "program": "ELAVMS0000000200",
        "account_id": "acme",
        "account_aliases": {"acme": 2000001},
        "allowed_accounts": ["acme", 2000002],
        "api_url": flex.api_url,
        "auth_url": flex.auth_url,
        "state_dir": str(controller.directory / "other"),
    }
    (controller.directory / "group_vars").mkdir()
    (controller.directory / "group_vars" / "all.json").write_text(
        json.dumps({f"fortiflex_{name}": value for name, value in variables.items()})
    )
    (controller.directory / "hosts").write_text("localhost ansible_connection=local\n")
    options = {
        **ALL,
        "flex_entitlement_transfer": {"names": ["oslo"], "target_account_id": 2000002},
    }
    every = [
        module(name, **options.get(name, {}))
        for name in (*WRITING, *sorted(set(MEMBERS) - {*WRITING, *ELSEWHERE}))
    ]
    defaults = {
        "group/flexops.fortiflex.flex": {name: f"{{{{ fortiflex_{name} }}}}" for name in variables}
    }
    nothing = dict.fromkeys((*flex.environment(), "FORTIFLEX_STATE_DIR"), "")
    run = controller.play(
        play(*every, module_defaults=defaults),
        "-i",
        str(controller.directory / "hosts"),
        env=nothing,
    )
    assert run.rc == 0 and run.recap["localhost"]["ok"] == len(every) == len(MEMBERS) - len(
        ELSEWHERE
    ), run.output
    assert flex.requests()["logins"] == 1


def test_the_environment_variables_of_the_official_collection(
    controller: Controller, flex: Simulator
) -> None:
    """Their URL of the API ends before fortiflex/v2, and their login names its own path."""
    env = {
        "FORTIFLEX_API_URL": flex.api_url.removesuffix("fortiflex/v2"),
        "FORTIFLEX_ACCOUNT_ID": "",
        "FORTIFLEX_PROGRAM": "",
    }
    task = module("flex_fleet", **FLEET, program="ELAVMS0000000200")
    assert (
        controller.play(play(task), env=env).changed == 1 and len(flex.state()["entitlements"]) == 2
    )
