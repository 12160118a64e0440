# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""flex_fleet as a user meets it: the plan on the terminal, progress while it waits, and no pruning in a narrowed play."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from typing import Any

import pytest
from integration.playbook import Controller, module, play

from simulator.launch import Simulator

BRANCH = {
    "name": "branch",
    "product": "fortigate_vm_bundle",
    "parameters": {"cpus": 2, "service_package": "ENT"},
}
INVENTORY = "oslo,lima,bonn,"


def sites(*names: str) -> list[dict[str, Any]]:
    return [{"name": name, "configuration": "branch"} for name in names]


def test_check_mode_and_run_show_the_same_plan(controller: Controller, flex: Simulator) -> None:
    playbook = play(
        module(
            "flex_fleet",
            configurations=[BRANCH],
            entitlements=sites("oslo", "lima"),
            spares={"branch": 1},
            estimate=True,
        )
    )
    shown = []
    for arguments in (["--check"], []):
        lines = controller.play(playbook, *arguments).stdout.splitlines()
        first = next(number for number, line in enumerate(lines) if "+ create" in line)
        shown.append([line for line in lines[first:] if not line.startswith("If it is")])
    planned, done = shown
    assert planned[1] == "  + create   oslo  branch, PENDING"
    assert max(map(len, planned[:10])) <= 80
    plan = [
        "! Creates 3 licenses and 1 configuration, which can never be deleted.",
        "About 8 API requests, less than a minute at the request limit.",
        "Plan: 2 to create; configurations: 1 to create; spares: 1 to create",
    ]
    cost = [
        "Cost: 0.00 -> 12.78 points/day",
        "      (0.00 now, 12.78 when all 2 pending licenses are in use)",
    ]
    assert planned[4:10] == [*plan, *cost, "changed: [localhost]"]
    counts = "Done: 2 created; configurations: 1 created; spares: 1 created"
    assert done[4:12] == [*plan, *cost, counts, *cost]
    again = controller.play(play(module("flex_fleet", entitlements=sites("oslo")))).stdout
    assert again.split("PLAY RECAP", maxsplit=1)[0].split("\n")[-4:-2] == [
        "= Nothing to change: 1 as they should be",
        "ok: [localhost]",
    ]


@pytest.mark.long
def test_a_run_that_waits_for_the_request_limit_says_how_far_it_is(controller: Controller) -> None:
    limits = {"FORTIFLEX_REQUESTS_PER_MINUTE": "10"}
    run = controller.play(
        play(module("flex_fleet", configurations=[BRANCH], entitlements=sites(*"abcdefgh"))),
        env=limits,
    )
    assert run.changed == 1
    told = [line for line in run.stdout.splitlines() if "of 8 licensed" in line]
    assert told[0].startswith("1 of 8 licensed, 7 requests used, waiting until ")
    assert " for the request limit (10 a minute), about " in told[0]
    assert len({*told}) == len(told) <= 3 and "[WARNING]: Waiting" not in run.stderr


def test_nothing_is_pruned_in_a_narrowed_play(controller: Controller, flex: Simulator) -> None:
    made = flex.seed_configuration("branch")["id"]
    flex.seed(
        [
            {"configId": made, "description": name, "status": "ACTIVE"}
            for name in ("oslo", "lima", "bonn", "gone")
        ]
    )
    every = "{%- set sites = [] -%}{%- for host in ansible_play_hosts_all -%}{%- set _ = sites.append({'name': host}) -%}{%- endfor -%}{{ sites }}"
    fleet = module(
        "flex_fleet", entitlements=every, prune={"configurations": ["branch"]}, max_prune="50%"
    )
    playbook = play({**fleet, "run_once": True}, hosts="all")

    limited = controller.play(playbook, "-i", INVENTORY, "--limit", "oslo,lima")
    assert "prune is refused because the play is limited to oslo,lima" in limited.failure["msg"]

    failing = {"ansible.builtin.fail": {"msg": "down"}, "when": "inventory_hostname == 'bonn'"}
    broken = controller.play(
        play(failing, {**fleet, "run_once": True}, hosts="all"), "-i", INVENTORY
    )
    assert (
        broken.rc == 2 and "1 host of the play failed or cannot be reached (bonn)" in broken.stdout
    )
    assert flex.writes() == 0

    whole = controller.play(playbook, "-i", INVENTORY)
    assert whole.changed == 1
    assert sorted(controller.licensed()) == ["[spare]", "bonn", "lima", "oslo"]


def test_the_environment_of_a_play_counts(controller: Controller, flex: Simulator) -> None:
    flex.seed_configuration("branch")
    playbook = play(
        module("flex_fleet", entitlements=sites("oslo")),
        environment={"FORTIFLEX_ACCESS_USERNAME": "{{ who }}"},
        vars={"who": "demo-api-user"},
    )
    assert controller.play(playbook, env={"FORTIFLEX_ACCESS_USERNAME": ""}).changed == 1


@pytest.mark.long
def test_many_hosts_that_wait_for_the_same_limit_say_so_once(
    controller: Controller, flex: Simulator
) -> None:
    flex.seed_configuration("branch")
    hosts = ",".join(f"fw{number}" for number in range(9)) + ","
    run = controller.play(
        play(module("flex_entitlement_info"), hosts="all"),
        *("-i", hosts, "--forks", "9"),
        env={"FORTIFLEX_REQUESTS_PER_MINUTE": "15"},
    )
    assert run.rc == 0 and len(run.recap) == 9, run.output
    told = [line for line in run.output.splitlines() if "aiting" in line]
    assert len(told) == 1 and re.fullmatch(
        r"Waiting until \d\d:\d\d:\d\d for the request limit \(15 a minute\)", told[0]
    ), told


def test_a_run_that_says_what_it_waits_for_can_be_interrupted(
    controller: Controller, flex: Simulator
) -> None:
    flex.seed_configuration("branch")
    command = controller.command(play(module("flex_entitlement_info"), module("flex_program_info")))
    with subprocess.Popen(
        command,
        env=controller.environment({"FORTIFLEX_REQUESTS_PER_MINUTE": "1", "PYTHONUNBUFFERED": "1"}),
        cwd=controller.directory,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout and any("Waiting until" in line for line in process.stdout)
        begun = time.monotonic()
        os.killpg(process.pid, signal.SIGINT)
        rest = process.stdout.read()
        assert process.wait() == 99 and "RECAP" not in rest and time.monotonic() - begun < 20, rest
