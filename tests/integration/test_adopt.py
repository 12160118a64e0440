# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""adopt_fleet: what it writes of three accounts with all that can be odd about them changes nothing when it is applied, by no way."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from integration.playbook import LICENSE_FLEET, ROOT, Controller, module, play
from moments import day
from unit.hostile_texts import CONTROLS, HOSTILE, can_be_seen

from simulator.launch import Simulator

ADOPT = "flexops.fortiflex.adopt_fleet"
ACCOUNTS = (2000001, 2000002, 2000003)
SIZE = 500

GATE = [{"id": 1, "value": "2"}, {"id": 2, "value": "ENT"}]
OLD = [{"id": 1, "value": "2147483647"}, {"id": 2, "value": "UTM"}]
DEVICE = [{"id": 27, "value": "FGT60F"}, {"id": 28, "value": "FGHWUTP"}]
ODD: list[dict[str, Any]] = [
    {"description": None},
    {"description": ""},
    {"description": "[test]"},
    {"description": "{{ lookup('env', 'HOME') }}"},
    {"description": "a [b={% x %}]"},
    {"description": "münchen ☂ [stadt=münchen]"},
    {"description": "東京"},
    {"description": "twice"},
    {"description": "twice [a=1]"},
    {"description": "[spare]"},
    {"description": "[spare]", "status": "STOPPED"},
    {"description": "[claim oslo 0a1b2c3d]", "status": "STOPPED"},
    {"description": "expired", "status": "EXPIRED"},
    {"description": "stopped", "status": "STOPPED", "tokenStatus": "USED"},
    {"description": "", "status": "STOPPED"},
    {"description": "cut [region=sou"},
    {"description": "a:22"},
    {"description": "x,y&!z*"},
    {"description": "~all"},
    {"description": "all"},
    {"description": "on"},
    {"description": "1.50"},
]


def configurations(flex: Simulator, account: int) -> dict[str, int]:
    """Those of an account, by what they are for."""
    made = {
        "plain": ("gate", {"parameters": GATE}),
        "shared": ("shared", {"parameters": GATE}),
        "shared too": ("shared", {}),
        "digits": ("007", {}),
        "template": ("{{ x }}", {}),
        "off": ("off", {"status": "DISABLED"}),
        "old": ("old", {"parameters": OLD}),
        "device": ("device", {"productTypeId": 101, "parameters": DEVICE}),
        "cloud": (
            "edr",
            {
                "productTypeId": 206,
                "parameters": [{"id": 46, "value": "FEDRPDR"}, {"id": 47, "value": "100"}],
            },
        ),
    }
    return {
        key: int(flex.seed_configuration(name, accountId=account, **more)["id"])
        for key, (name, more) in made.items()
    }


def holdings(ids: dict[str, int], account: int, count: int) -> Iterator[dict[str, Any]]:
    """So many entitlements of an account."""
    machines = [key for key in ids if key not in ("old", "device", "cloud")]
    for number, odd in enumerate(ODD):
        yield {"configId": ids[machines[number % len(machines)]], "status": "ACTIVE", **odd}
    yield {
        "configId": ids["plain"],
        "status": "ACTIVE",
        "description": "ends [a=1; b=2]",
        "endDate": f"{day(45)}T00:00:00",
    }
    yield {
        "configId": ids["old"],
        "status": "STOPPED",
        "description": "not sold any more, so without a price",
    }
    yield {
        "configId": ids["cloud"],
        "status": "ACTIVE",
        "description": "endpoints" if account == ACCOUNTS[0] else "",
    }
    for number, text in enumerate(("rack 1", "", "oslo [", "twice")):
        yield {
            "configId": ids["device"],
            "status": "ACTIVE",
            "description": text,
            "serialNumber": f"FGT60FTK{account % 10}000000{number}",
        }
    for number in range(count - len(ODD) - 7):
        tags = " [region=north; cost_center=1100]" if number % 3 else ""
        status = ("ACTIVE", "PENDING", "STOPPED")[number % 3]
        yield {
            "configId": ids[machines[number % len(machines)]],
            "status": status,
            "description": f"site-{number:03d}{tags}",
        }


@pytest.fixture
def fleet(flex: Simulator) -> list[dict[str, Any]]:
    """Three accounts with 500 entitlements together."""
    held = []
    for account in ACCOUNTS:
        ids = configurations(flex, account)
        held += flex.seed(
            list(holdings(ids, account, SIZE // 3 + (account == ACCOUNTS[0]) * (SIZE % 3)))
        )
    assert len(held) == SIZE
    flex.reset_requests()
    return held


@pytest.mark.thorough
def test_applied_what_is_adopted_changes_nothing(
    controller: Controller, flex: Simulator, fleet: list[dict[str, Any]]
) -> None:
    directory = controller.directory / "adopted"
    check = controller.play(ADOPT, "--check", "--diff")
    assert check.changed == 2 and "fortiflex_sites:" in check.stdout and not directory.exists()
    first = controller.play(ADOPT)
    assert first.changed == 2 and controller.play(ADOPT).changed == 0
    told = first.shown[-1]["msg"]
    assert told[3] == f"{4 * len(ACCOUNTS)} left out:" and len(told) - 4 == 3
    assert sum(line.startswith(("Each of 6 (", "Each of 3 (")) for line in told[4:]) == 3
    sizes = {
        account: yaml.safe_load((directory / f"fleet_{account}.yml").read_text())
        for account in ACCOUNTS
    }
    assert sum(len(size["entitlements"]) for size in sizes.values()) == SIZE - 4 * len(ACCOUNTS)
    run = controller.play(LICENSE_FLEET, "-i", str(directory / "hosts.yml"))
    assert run.changed == 0 and run.answers == [
        f"= Nothing to change: {len(size['entitlements'])} as they should be"
        for size in sizes.values()
    ]
    for account, size in sizes.items():
        count = len(size["entitlements"])
        path = str(directory / f"fleet_{account}.yml")
        read = {"fleet": f"{{{{ lookup('ansible.builtin.file', '{path}') | from_yaml }}}}"}
        applied = module(
            "flex_fleet",
            account_id=account,
            configurations="{{ fleet.configurations }}",
            entitlements="{{ fleet.entitlements }}",
        )
        priced = module("flex_cost_info", account_id=account, fleet=path)
        shown = {"ansible.builtin.debug": {"msg": "{{ [result.plan.unchanged, result.changes] }}"}}
        run = controller.play(play({**applied, "register": "result"}, priced, shown, vars=read))
        assert run.changed == 0 and run.shown[-1]["msg"] == [count, []]
    assert flex.writes() == 0


@pytest.mark.thorough
def test_the_commands_of_the_migration_guide(
    controller: Controller, flex: Simulator, fleet: list[dict[str, Any]]
) -> None:
    guide = (ROOT / "docs" / "migration.md").read_text()
    reader = {"FORTIFLEX_ACCESS_USERNAME": "read-only", "FORTIFLEX_ACCOUNT_ID": ""}
    state = {"version": 4, "resources": []}
    for name, text in {
        "site.yml": "[]",
        "tasks/branches.yml": "[]",
        "state.json": json.dumps(state),
    }.items():
        (controller.directory / name).parent.mkdir(exist_ok=True)
        (controller.directory / name).write_text(text)
    commands = re.findall(r"^ansible-playbook (.*)$", guide, re.MULTILINE)
    adoptions = [shlex.split(command) for command in commands if "adopt_fleet" in command]
    everything = shlex.split("flexops.fortiflex.adopt_fleet -e adopt_directory=adopted")
    for command in sorted(adoptions, key=lambda words: words == everything):  # that one last
        assert controller.play(*command, env=reader).rc == 0
    checks = [
        shlex.split(command)
        for command in commands
        if "--check" in command and "license_fleet" in command
    ]
    assert everything in adoptions
    inventory, where, playbook, *flags = checks[0]
    assert controller.play(playbook, inventory, where, *flags, env=reader).changed == 0
    (guide_playbook,) = re.findall(r"^```yaml\n(.*?)^```", guide, re.MULTILINE | re.DOTALL)
    (controller.directory / "guide.yml").write_text(guide_playbook)
    assert controller.play(controller.directory / "guide.yml", env=reader).changed == 0
    assert flex.writes() == 0


def test_one_account_alone(controller: Controller, fleet: list[dict[str, Any]]) -> None:
    where = controller.directory / "elsewhere"
    assert (
        controller.play(
            ADOPT,
            "-e",
            json.dumps({"adopt_accounts": [ACCOUNTS[1]], "adopt_directory": str(where)}),
        ).changed
        == 2
    )
    assert sorted(path.name for path in where.rglob("*.yml")) == [
        "account_2000002.yml",
        "fleet_2000002.yml",
        "hosts.yml",
    ]


@pytest.mark.thorough
def test_files_that_somebody_changed_are_kept_beside_the_new_ones(
    controller: Controller, fleet: list[dict[str, Any]]
) -> None:
    hosts = controller.directory / "adopted" / "hosts.yml"
    controller.play(ADOPT)
    written = hosts.read_text()
    hosts.write_text("mine: {}\n")
    assert controller.play(ADOPT).changed == 1
    assert hosts.read_text() == written and [
        path.read_text() for path in hosts.parent.glob("hosts.yml.*")
    ] == ["mine: {}\n"]


@pytest.mark.thorough
def test_terraform_and_playbooks(controller: Controller, flex: Simulator, tmp_path: Path) -> None:
    made = flex.seed_configuration("branch", parameters=GATE)["id"]
    held = flex.seed(
        [
            {"configId": made, "description": "", "status": "ACTIVE"},
            {"configId": made, "description": "other", "status": "ACTIVE"},
        ]
    )
    attributes = {
        "serial_number": held[0]["serialNumber"],
        "config_id": made,
        "token": held[0]["token"],
    }
    (tmp_path / "terraform.tfstate").write_text(
        json.dumps(
            {
                "version": 4,
                "resources": [
                    {
                        "mode": "managed",
                        "type": "fortiflexvm_config",
                        "name": "branch",
                        "instances": [{"attributes": {"id": str(made), "config_id": made}}],
                    },
                    {
                        "mode": "managed",
                        "type": "fortiflexvm_entitlements_vm",
                        "name": "branch",
                        "instances": [{"index_key": "oslo", "attributes": attributes}],
                    },
                ],
            }
        )
    )
    for name in ("one", "two"):
        (tmp_path / f"{name}.yml").write_text(
            json.dumps(
                [
                    {
                        "name": name,
                        "fortinet.fortiflexvm.fortiflexvm_entitlements_vm_create": {
                            "configId": made,
                            "description": f"{name}-{{{{ site }}}}",
                            "count": 1 if name == "one" else 2,
                        },
                    }
                ]
            )
        )
    variables = {
        "adopt_terraform": "terraform.tfstate",
        "adopt_playbooks": ["one.yml", "two.yml"],
        "site": "filled in too early",
    }

    run = controller.play(ADOPT, "-e", json.dumps(variables))

    assert (
        run.changed == 3
        and controller.play(ADOPT, "-e", json.dumps(variables)).changed == 0
        and flex.writes() == 0
    )
    assert held[0]["token"] not in run.output
    inventory = yaml.safe_load((tmp_path / "adopted" / "hosts.yml").read_text())
    assert list(inventory["fortiflex_sites"]["children"]["account_2000001"]["hosts"]) == [
        "branch-oslo"
    ]
    assert yaml.safe_load((tmp_path / "adopted" / "fleet_from_playbooks.yml").read_text()) == {
        "configurations": [],
        "entitlements": [{"name": "one-{{ site }}", "configuration": str(made)}],
    }
    assert run.shown[-1]["msg"][1:] == [
        "2 left out:",
        "What the Terraform state does not manage: entitlements 1, configurations 0.",
        f"{tmp_path / 'two.yml'}: task 'two': it creates 2 entitlements with one description at once; list each under a name of its own.",
    ]


def test_hostile_descriptions_are_texts_in_the_files_and_lines_in_the_output(
    controller: Controller, flex: Simulator
) -> None:
    made = flex.seed_configuration("branch")["id"]
    seeded = {"configId": made, "status": "ACTIVE", "tokenStatus": "USED"}
    flex.seed([{**seeded, "description": text} for text in HOSTILE])
    flex.seed([{**seeded, "description": text, "status": "EXPIRED"} for text in CONTROLS])
    left_out = controller.directory / "left_out.txt"
    run = controller.play(ADOPT, "-e", f"adopt_left_out={left_out}")
    assert run.rc == 0, run.output
    lines = left_out.read_text().splitlines()
    assert len(lines) == len(CONTROLS) and all(map(can_be_seen, lines))
    assert all(map(can_be_seen, run.output.splitlines()))

    adopted = controller.directory / "adopted"
    inventory = yaml.safe_load((adopted / "hosts.yml").read_text())
    hosts = inventory["fortiflex_sites"]["children"]["account_2000001"]["hosts"]
    assert len(hosts) == len(HOSTILE)
    names = {host: given.get("fortiflex_name", host) for host, given in hosts.items()}
    assert {name for name in names.values() if name} <= set(HOSTILE)
    assert "<!channel> now" in names.values() and "＝cmd|' /C calc'!A0" in names.values()
    check = controller.play(LICENSE_FLEET, "-i", str(adopted / "hosts.yml"), "--check")
    assert check.rc == 0 and check.changed == 0, check.output
    (adopted / "hosts.yml").write_text("fortiflex_sites: {hosts: {other: {fortiflex_name: x}}}")
    audit = controller.play("flexops.fortiflex.audit_fleet", "-i", str(adopted / "hosts.yml"))
    assert audit.rc == 2 and "orphan" in audit.output
    assert all(map(can_be_seen, audit.output.splitlines()))
