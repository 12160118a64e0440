# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A list that may not be whole prunes nothing: each way to leave a host out, with each way to make a list."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from integration.playbook import LICENSE_FLEET, ROOT, Controller, module, play

from ansible_collections.flexops.fortiflex.plugins.plugin_utils.inventory_names import PREFIXES
from simulator.launch import Simulator

BRANCH = {
    "name": "branch",
    "product": "fortigate_vm_bundle",
    "parameters": {"cpus": 2, "service_package": "UTP"},
}
SCOPE = {"configurations": ["branch"]}
HOSTS = ("oslo", "rome", "fw-7")  # of which the last one has another name in FortiFlex
HELD = ("oslo", "rome", "kiel", "gone")


def inventory(
    controller: Controller,
    prefix: str,
    shared: Mapping[str, Any] | None = None,
    hosts: Mapping[str, Any] | None = None,
) -> tuple[str, ...]:
    """The arguments that name an inventory: the group ``sites``, of it the group ``few``, and variables of such a prefix."""
    path = controller.directory / "hosts.json"
    every: dict[str, Any] = {host: {} for host in HOSTS}
    every["fw-7"] = {f"{prefix}name": "{{ town }}", "town": "kiel"}
    every |= hosts or {}
    variables = {f"{prefix}configuration": "branch", f"{prefix}profile": "only", **(shared or {})}
    groups = {
        "sites": {"hosts": every, "vars": variables},
        "few": {"hosts": {"oslo": {}, "rome": {}}},
    }
    path.write_text(json.dumps({"all": {"children": groups}}))
    return "-i", str(path)


def seed(flex: Simulator, *names: str) -> None:
    """Licenses that are in use."""
    made = flex.seed_configuration("branch")["id"]
    flex.seed(
        [
            {"configId": made, "description": name, "status": "ACTIVE", "tokenStatus": "USED"}
            for name in names
        ]
    )


def account_of(entry: str) -> tuple[str, str, dict[str, Any]]:
    """The playbook of an entry point, its prefix, and what its inventory says of the account as a whole."""
    if entry == "license_fleet":
        prune = {"fortiflex_prune": SCOPE, "fortiflex_max_prune": "100%"}
        return LICENSE_FLEET, "fortiflex_", prune
    role, playbook = entry.split(" by ")
    profiles = {"only": {"fortigate": "branch"}}
    shared = {"extra_profiles": profiles, "prune": SCOPE, "max_prune": "100%"}
    return (
        f"flexops.fortiflex.{playbook}",
        f"{role}_",
        {f"{role}_{key}": shared[key] for key in shared},
    )


ENTRIES = (
    "license_fleet",
    "branch_office by provision_branch_offices",
    "datacenter by provision_datacenter",
)


def by_name(output: str) -> str:
    """What was printed, without the serial numbers beside names."""
    return re.sub(r"(?<=') \(FG\w+\)", "", output)


ROME = "would release 'rome', which belongs to the host 'rome' of the inventory"
KIEL = "would release 'kiel', which belongs to the host 'fw-7' of the inventory"
BOTH = "would release 'kiel', 'rome', which belong to the hosts 'fw-7', 'rome' of the inventory"
LEFT_OUT = {"sites:!rome": ROME, "few:!rome": BOTH, "sites:&few": KIEL, "few": KIEL}


@pytest.mark.parametrize("entry", ENTRIES)
def test_a_target_that_leaves_a_host_out_prunes_nothing(
    controller: Controller, flex: Simulator, entry: str
) -> None:
    seed(flex, *HELD)
    playbook, prefix, shared = account_of(entry)
    arguments = inventory(controller, prefix, shared)
    for target, owner in LEFT_OUT.items():
        run = controller.play(playbook, *arguments, "-e", f"target={target}")
        assert run.rc == 2 and owner in by_name(run.output), run.output
    assert flex.writes() == 0

    assert controller.play(playbook, *arguments, "-e", "target=sites").changed == 1
    assert sorted(controller.licensed()) == ["[spare]", "kiel", "oslo", "rome"]


QUERY = "query('flexops.fortiflex.flex_sites', 'site_', options=['name', 'configuration'])"
ACCOUNTS = "query('flexops.fortiflex.flex_accounts', 'site_', options=['name', 'configuration'])"


def fleet(entitlements: str, **more: Any) -> dict[str, Any]:
    """A task that prunes what is not in a list."""
    task = module("flex_fleet", entitlements=entitlements, prune=SCOPE, max_prune="100%")
    return {**task, "run_once": True, "ignore_errors": True, **more}


def fact(name: str, value: Any, **more: Any) -> dict[str, Any]:
    """A task that keeps a value for those that follow."""
    return {"ansible.builtin.set_fact": {name: value}, "run_once": True, **more}


# The plays, and what they say.
OWN_PLAYS: dict[str, tuple[list[dict[str, Any]], str]] = {
    "without a host": (play(fleet(f"{{{{ {QUERY} }}}}"), hosts="sites:!rome"), ROME),
    "of two groups": (play(fleet(f"{{{{ {QUERY} }}}}"), hosts="sites:&few"), KIEL),
    "of a smaller group": (play(fleet(f"{{{{ {QUERY} }}}}"), hosts="few"), KIEL),
    "by a regular expression": (play(fleet(f"{{{{ {QUERY} }}}}"), hosts="~^[or].*"), KIEL),
    "the first two": (play(fleet(f"{{{{ {QUERY} }}}}"), hosts="sites[0:1]"), KIEL),
    "in batches": (play(fleet(f"{{{{ {QUERY} }}}}"), hosts="few", serial=2), KIEL),
    "by a variable of the play": (
        play(fleet("{{ wanted }}"), hosts="few", vars={"wanted": f"{{{{ {QUERY} }}}}"}),
        KIEL,
    ),
    "by an earlier task": (
        play(fact("wanted", f"{{{{ {QUERY} }}}}"), fleet("{{ wanted }}"), hosts="few"),
        KIEL,
    ),
    "filtered": (
        play(fleet(f"{{{{ {QUERY} | rejectattr('name', 'equalto', 'kiel') }}}}"), hosts="sites"),
        KIEL,
    ),
    "by account": (
        play(fleet("{{ item.entitlements }}", loop=f"{{{{ {ACCOUNTS} }}}}"), hosts="few"),
        KIEL,
    ),
    "by names that are written down": (
        play(fleet("{{ [{'name': 'oslo'}, {'name': 'kiel'}] }}")),
        ROME,
    ),
    "by names of hosts": (
        play(
            fact(
                "others",
                "{{ others | default([]) + [{'name': item}] }}",
                loop="{{ ansible_play_hosts_all }}",
                when="item != 'oslo'",
            ),
            fleet("{{ others }}"),
            hosts="sites",
        ),
        "would release 'kiel', 'oslo', which belong to the hosts 'fw-7', 'oslo' of the inventory",
    ),
    "with hosts that are added": (
        play({"ansible.builtin.add_host": {"name": "oslo", "groups": "added"}})
        + play(fleet(f"{{{{ {QUERY} }}}}"), hosts="added"),
        BOTH,
    ),
    "with hosts that are grouped": (
        play(
            {
                "ansible.builtin.group_by": {
                    "key": "{{ 'picked' if inventory_hostname == 'oslo' else 'rest' }}"
                }
            },
            hosts="sites",
        )
        + play(fleet(f"{{{{ {QUERY} }}}}"), hosts="picked"),
        BOTH,
    ),
    "with hosts that have ended": (
        play(
            {"ansible.builtin.meta": "end_host", "when": "inventory_hostname == 'rome'"},
            fleet("{{ [{'name': 'oslo'}] }}"),
            hosts="sites",
        ),
        "1 host of the play failed",
    ),
}


def test_a_play_of_ones_own_that_leaves_a_host_out_prunes_nothing(
    controller: Controller, flex: Simulator
) -> None:
    seed(flex, *HELD)
    plays = [item for plays, _owner in OWN_PLAYS.values() for item in plays]
    run = controller.play(plays, *inventory(controller, "site_"))
    told = [
        by_name(json.loads(text)["msg"])
        for text in re.findall(r"^(?:fatal|failed): \[.*?\].* => (\{\"[^=]*\})$", run.stdout, re.M)
    ]
    assert run.rc == 0 and len(told) == len(OWN_PLAYS), run.output
    wrong = {
        way: message
        for (way, (_plays, owner)), message in zip(OWN_PLAYS.items(), told, strict=True)
        if owner not in message or "prune" not in message
    }
    assert not wrong and flex.writes() == 0


WHOLE = {
    "with the lookup": play(fleet(f"{{{{ {QUERY} }}}}"), hosts="sites"),
    "in batches": play(fleet(f"{{{{ {QUERY} }}}}"), hosts="sites", serial=1),
    "by account": play(
        fleet("{{ item.entitlements }}", loop=f"{{{{ {ACCOUNTS} }}}}"), hosts="sites"
    ),
    "by an earlier task": play(
        fact("wanted", f"{{{{ {QUERY} }}}}"), fleet("{{ wanted }}"), hosts="sites"
    ),
    "by names that are written down": play(
        fleet("{{ [{'name': 'oslo'}, {'name': 'rome'}, {'name': 'kiel'}] }}")
    ),
}


@pytest.mark.parametrize("way", WHOLE)
def test_a_list_that_is_whole_prunes(controller: Controller, flex: Simulator, way: str) -> None:
    seed(flex, *HELD)
    run = controller.play(WHOLE[way], *inventory(controller, "site_"))
    assert run.changed == (3 if way == "in batches" else 1)  # each batch gets the one result
    assert sorted(controller.licensed()) == ["[spare]", "kiel", "oslo", "rome"]


# What the inventory says of hosts that the play is not for, and whose license is not released then; {number} is its serial number.
IN_USE: dict[str, dict[str, Any]] = {
    "nothing": {},
    "stopped": {"fortiflex_state": "stopped"},
    "this-account": {"fortiflex_account_id": "mine"},
    "an-unknown-account": {"fortiflex_account_id": "nobody"},
    "no-account": {"fortiflex_account_id": ""},
    "an-account-not-filled-in": {"fortiflex_account_id": "{{ nowhere }}"},
    "this-program": {"fortiflex_program": "ELAVMS0000000200"},
    "a-state-not-filled-in": {"fortiflex_state": "{{ nowhere }}"},
    "absent-elsewhere": {"branch_office_state": "absent"},
    "a-name-elsewhere": {"branch_office_name": "elsewhere"},
    "a-serial-number": {"fortiflex_name": "", "fortiflex_serial_number": "{number}"},
    "its-serial-number-only": {
        "fortiflex_name": "else",
        "fortiflex_serial_number": "{{ '{number}' | lower }}",
    },
    "serial-numbers": {
        "fortiflex_name": "",
        "fortiflex_switch_serial_numbers": ["FS108E0000000001", "{number}"],
    },
}
NOT_IN_USE: dict[str, dict[str, Any]] = {
    "absent": {"fortiflex_state": "absent"},
    "absent-by-a-template": {
        "fortiflex_state": "{{ 'absent' }}",
        "fortiflex_serial_number": "{number}",
    },
    "another-account": {"fortiflex_account_id": 2000002},
    "an-alias": {"fortiflex_account_id": "other"},
    "another-program": {"fortiflex_program": "ELAVMR0000000100"},
    "another-name": {"fortiflex_name": "elsewhere"},
    "no-name": {"fortiflex_name": ""},
}


def with_others(
    controller: Controller, flex: Simulator, others: Mapping[str, Mapping[str, Any]]
) -> tuple[str, ...]:
    """The arguments that name an inventory with other hosts, in a group of their own; each has a license."""
    seed(flex, *HELD[:-1], *others)
    numbers = {item["description"]: item["serialNumber"] for item in flex.state()["entitlements"]}
    shared = {
        "fortiflex_prune": SCOPE,
        "fortiflex_max_prune": "100%",
        "fortiflex_account_aliases": {"mine": 2000001, "other": 2000002},
    }
    where = inventory(controller, "fortiflex_", shared)
    groups = json.loads(Path(where[1]).read_text())
    hosts = {
        host: json.loads(json.dumps(variables).replace("{number}", numbers[host]))
        for host, variables in others.items()
    }
    groups["all"]["children"]["others"] = {"hosts": hosts}
    Path(where[1]).write_text(json.dumps(groups))
    return *where, "-e", "target=sites"


def test_what_hosts_use_that_the_play_is_not_for_is_not_released(
    controller: Controller, flex: Simulator
) -> None:
    cases = list(IN_USE.items())
    for some in (cases[:5], cases[5:9], cases[9:]):
        flex.reset()
        run = controller.play(LICENSE_FLEET, *with_others(controller, flex, dict(some)))
        shown = ", ".join(sorted(f"'{host}'" for host, _variables in some))
        message = f"would release {shown}, which belong to the hosts {shown} of the inventory"
        assert run.rc == 2 and message in by_name(run.output) and flex.writes() == 0, run.output


def test_what_such_hosts_do_not_use_is_released(controller: Controller, flex: Simulator) -> None:
    assert controller.play(LICENSE_FLEET, *with_others(controller, flex, NOT_IN_USE)).changed == 1
    held = [item["description"] for item in flex.state()["entitlements"]]
    assert sorted(held) == [*["[spare]"] * len(NOT_IN_USE), "kiel", "oslo", "rome"]


OF_A_HOST = "'gone', which belongs to the host 'gone' of the inventory"
# What the inventory says, what the command line says, and what the run says.
COMMAND_LINES: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "absent": ({}, {"fortiflex_state": "absent"}, OF_A_HOST),
    "another account": (
        {"fortiflex_account_id": 2000002},
        {"fortiflex_account_id": 2000001},
        OF_A_HOST,
    ),
    "another name": (
        {"fortiflex_name": "gone"},
        {"fortiflex_name": "oslo", "target": "oslo"},
        "prune is refused because fortiflex_name is set on the command line",
    ),
    "nothing": (
        {"fortiflex_name": "{{ nowhere }}"},
        {},
        "prune is refused because fortiflex_name of host gone cannot be filled in",
    ),
}


@pytest.mark.parametrize("case", COMMAND_LINES)
def test_the_command_line_hides_what_the_inventory_says(
    controller: Controller, flex: Simulator, case: str
) -> None:
    variables, given, message = COMMAND_LINES[case]
    where = with_others(controller, flex, {"gone": variables})
    run = controller.play(LICENSE_FLEET, *where, "-e", json.dumps(given))
    assert run.rc == 2 and message in by_name(run.output) and flex.writes() == 0, run.output


def test_an_inventory_of_several_sources_must_be_read_whole(
    controller: Controller, flex: Simulator
) -> None:
    """Ansible leaves out what it cannot read, with a warning, unless it is told to fail."""
    seed(flex, *HELD)
    playbook = play(fleet(f"{{{{ {QUERY} }}}}", ignore_errors=False), hosts="sites")
    one, path = inventory(controller, "site_")
    directory = controller.directory / "inventory"
    directory.mkdir()
    (directory / "hosts.json").write_text(Path(path).read_text())
    (controller.directory / "group_vars").mkdir()  # beside one file
    several = [
        (one, path, "-i", "other,"),
        (one, path, "-i", str(directory)),
        (one, str(directory)),
    ]
    for sources in several:
        run = controller.play(playbook, *sources)
        assert "set any_unparsed_is_failed=true in the section" in run.failure["msg"], run.output
    by_file = controller.play(playbook, env={"ANSIBLE_INVENTORY": f"{path},{directory}"})
    assert "set any_unparsed_is_failed=true in the section" in by_file.failure["msg"]
    assert flex.writes() == 0

    assert controller.play(playbook, one, path, "--check").changed == 1
    (controller.directory / "ansible.cfg").write_text(
        "[inventory]\nany_unparsed_is_failed = true\n"
    )
    assert controller.play(playbook, *several[1], "--check").changed == 1
    assert controller.play(playbook, *several[2]).changed == 1
    assert sorted(controller.licensed()) == ["[spare]", "kiel", "oslo", "rome"]


def test_an_inventory_that_cannot_be_read_prunes_nothing(
    controller: Controller, flex: Simulator
) -> None:
    """One that has found some hosts before it failed."""
    seed(flex, *HELD)
    path = controller.directory / "broken.ini"
    path.write_text("[sites]\noslo\n[few:children]\nnowhere\n")
    playbook = play(fleet("{{ [{'name': 'oslo'}] }}", ignore_errors=False))
    run = controller.play(playbook, "-i", str(path))
    assert f"the inventory {path} could not be read" in run.failure["msg"] and flex.writes() == 0

    # Without an inventory, the list is all that there is.
    assert controller.play(playbook).changed == 1
    held = [item["description"] for item in flex.state()["entitlements"]]
    assert sorted(held) == ["[spare]", "[spare]", "[spare]", "oslo"]


def test_what_the_collection_calls_the_variables_of_hosts() -> None:
    """Where a list does not say of which variables it is made, each of these counts."""
    files = [
        path
        for pattern in (
            "playbooks/*.yml",
            "playbooks/tasks/*.yml",
            "roles/*/tasks/*.yml",
            "roles/*/vars/*.yml",
        )
        for path in ROOT.glob(pattern)
    ]
    used = {
        prefix
        for path in files
        for prefix in re.findall(r"flex_(?:sites|accounts)', '(\w+)'", path.read_text())
    }
    assert used - {"audit_"} == set(PREFIXES)  # that is a list of devices to ask
    (fleet,) = yaml.safe_load((ROOT / "playbooks" / "license_fleet.yml").read_text())
    assert fleet["tasks"][0]["vars"]["__flex_prefix"] == "fortiflex_"
