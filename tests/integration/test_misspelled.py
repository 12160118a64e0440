# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A variable that is close to one of the collection is warned of once, with its hosts, by whatever would have read it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml
from documents import reference
from integration.playbook import LICENSE_FLEET, ROOT, Controller, module, play

from simulator.launch import Simulator

ROLES = sorted(path.name for path in (ROOT / "roles").iterdir())
# What a playbook has to be given so that it gets to its work.
NEEDED: dict[str, dict[str, Any]] = {
    "autoscale": {
        "autoscale_metric_file": "metric",
        "autoscale_configuration": "branch",
        "fortiflex_configurations": [],
    },
    "extend_sites": {"extend_names": ["oslo"]},
    "follow_vm": {"vm_name": "oslo", "vm_state": "deleted"},
    "hold_fleet": {"hold_file": "hold.yml", "hold_reason": "a test"},
    "offboard_tenant": {"tenant_account": 2000001, "tenant_confirm": 2000001},
    "onboard_tenant": {"tenant_account": 2000001, "tenant_configurations": []},
    "refill_spares": {"spares_configuration": "branch", "spares_ready": 1},
    "resume_tenant": {"tenant_account": 2000001},
    "retire_vm": {"vm_name": "oslo"},
    "rotate_credentials": {
        "rotate_file": "new.yml",
        "rotate_username": "demo-api-user",
        "rotate_password": "demo-password",
    },
    "suspend_tenant": {"tenant_account": 2000001},
    "tell": {"tell_text": "hello"},
    "usage_report": {"usage_report_charts": False},
}
ROLE_NEEDS: dict[str, dict[str, Any]] = {
    "development": {"development_running": True},
    "usage_report": {"usage_report_charts": False},
}
# They ask FortiFlex nothing, so that only their line "hosts" looks at variables: at those of the command line.
WITHOUT_FORTIFLEX = ("awx_setup", "hold_fleet", "tell")
# Of the playbooks of roles, whose heads name no variable.
OF_ROLE = {
    "provision_branch_offices": "branch_office_state",
    "provision_datacenter": "datacenter_state",
    "retire_sites": "retire_keep_running",
    "start_environment": "development_until",
    "stop_environment": "development_until",
    "usage_report": "usage_report_title",
}


def warnings(output: str) -> list[tuple[str, str, str]]:
    """The warnings: variable, who sets it, and what it is close to."""
    text = re.sub(r"\s+", " ", output)
    found = re.findall(
        r"does not read the variable (\w+) \(([^)]*)\), which is close to (\w+(?: or \w+)*);", text
    )
    return [(str(name), str(hosts), str(close)) for name, hosts, close in found]


def misspelled(name: str) -> str:
    """A variable with two letters in each other's place, not the first ones of a word."""
    return f"{name[:-2]}{name[-1]}{name[-2]}"


def variable_of(playbook: str) -> str:
    """One that a playbook reads, which can be misspelled."""
    heads = reference.header(ROOT / "playbooks" / f"{playbook}.yml")[1]
    every = [name for names in heads for name in names.split(", ") if name.islower()]
    own = [name for name in every if name not in NEEDED.get(playbook, {}) and len(name) > 8]
    return OF_ROLE.get(playbook) or (own or every)[-1]


@pytest.fixture
def sites(controller: Controller) -> Any:
    """Writes an inventory of hosts in the groups of all playbooks; answers the arguments that name it."""

    def write(hosts: dict[str, Any], **variables: Any) -> tuple[str, str]:
        path = controller.directory / "hosts.json"
        groups = ("fortiflex_sites", "branch_offices", "datacenters", "development")
        inventory: dict[str, Any] = {group: {"hosts": dict.fromkeys(hosts)} for group in groups}
        path.write_text(json.dumps({**inventory, "all": {"hosts": hosts, "vars": variables}}))
        return "-i", str(path)

    return write


@pytest.mark.parametrize("path", reference.PLAYBOOKS, ids=lambda path: path.stem)
def test_each_playbook_warns_of_its_own_variables(
    controller: Controller, flex: Simulator, sites: Any, path: Any
) -> None:
    variable = variable_of(path.stem)
    (controller.directory / "metric").write_text("1")
    wrong = {misspelled(variable): "x", "fortiflex_sate": "absent"}
    given = {**NEEDED.get(path.stem, {}), "branch_office_city": "Oslo"}
    if path.stem in WITHOUT_FORTIFLEX:
        given |= wrong
        wrong = {}
    where = sites({"oslo": {}}, **wrong, ansible_connection="local")
    if "set_target" in path.read_text(encoding="utf-8"):
        given["target"] = "fortiflex_sites"
    run = controller.play(
        f"flexops.fortiflex.{path.stem}", *where, "--check", "-e", json.dumps(given)
    )
    found = {name: close for name, _hosts, close in warnings(run.stderr)}
    assert found.get(misspelled(variable), "").split(" or ")[0] == variable, run.output
    assert found.get("fortiflex_sate") == "fortiflex_state"
    assert len(found) == len(warnings(run.stderr)) == 2


@pytest.mark.parametrize("form", ["inventory", "play", "command line"])
@pytest.mark.parametrize("role", ROLES)
def test_each_role_warns_of_its_own_variables(
    controller: Controller, flex: Simulator, sites: Any, role: str, form: str
) -> None:
    specs = ROOT / "roles" / role / "meta/argument_specs.yml"
    spec = yaml.safe_load(specs.read_text(encoding="utf-8"))["argument_specs"]["main"]["options"]
    variable = next(name for name in sorted(spec, reverse=True) if len(name) > len(role) + 5)
    wrong = {misspelled(variable): "x"}
    hosts = {
        name: wrong if form == "inventory" else {} for name in ("oslo", "lima", "rome", "bonn")
    }
    plays = play(hosts="all", vars=wrong if form == "play" else {})
    plays[0]["roles"] = [{"role": f"flexops.fortiflex.{role}", "vars": ROLE_NEEDS.get(role, {})}]
    extra = ("-e", json.dumps(wrong)) if form == "command line" else ()
    run = controller.play(plays, *sites(hosts), "--check", *extra)
    ((name, told, close),) = warnings(run.stderr)
    assert (name, close.split(" or ")[0]) == (misspelled(variable), variable)
    assert told == {"play": "set by the play, a role or the command line"}.get(
        form, "of 4 hosts: oslo, lima, rome, …"
    )


def test_a_site_keeps_its_license_and_the_run_says_why(
    controller: Controller, flex: Simulator, sites: Any
) -> None:
    made = flex.seed_configuration("branch")["id"]
    flex.seed([{"configId": made, "description": "oslo", "status": "ACTIVE"}])
    hosts = {"oslo": {"fortiflex_sate": "absent"}, "lima": {"fortiflex_state": "absent"}}
    run = controller.play(LICENSE_FLEET, *sites(hosts))
    assert run.rc == 0 and warnings(run.stderr) == [
        ("fortiflex_sate", "of oslo", "fortiflex_state")
    ]


@pytest.mark.parametrize(
    "own", [["fortiflex_stage", "fortiflex_tag"], "fortiflex_stage, fortiflex_tag"]
)
def test_a_name_of_ones_own_is_never_warned_of(
    controller: Controller, sites: Any, own: Any
) -> None:
    hosts: dict[str, Any] = {
        "oslo": {"fortiflex_stage": "a"},
        "lima": {"fortiflex_tag": "b", "fortiflex_sate": "x"},
    }
    listed = controller.play(LICENSE_FLEET, *sites(hosts, fortiflex_own_variables=own))
    assert [name for name, *_rest in warnings(listed.stderr)] == ["fortiflex_sate"]
    given = json.dumps({"fortiflex_own_variables": own})
    listed = controller.play(LICENSE_FLEET, *sites(hosts), "-e", given)
    assert [name for name, *_rest in warnings(listed.stderr)] == ["fortiflex_sate"]
    hosts["lima"]["fortiflex_own_variables"] = own
    listed = controller.play(LICENSE_FLEET, *sites(hosts))
    assert [name for name, *_rest in warnings(listed.stderr)] == ["fortiflex_sate"]
    unlisted = controller.play(LICENSE_FLEET, *sites({"oslo": {"fortiflex_stage": "a"}}))
    assert len(warnings(unlisted.stderr)) == 1


def test_other_plays_and_lookups_warn_as_well(controller: Controller, sites: Any) -> None:
    where = sites({"oslo": {}, "lima": {}}, fortiflex_acount_id=1, site_tgas={}, site_city="Oslo")
    token = {
        "ansible.builtin.debug": {"msg": "{{ lookup('flexops.fortiflex.flex_token', 'none') }}"},
        "ignore_errors": True,
    }
    run = controller.play(play(token, hosts="all"), *where)
    assert warnings(run.stderr) == [
        ("fortiflex_acount_id", "of oslo, lima", "fortiflex_account_id")
    ]
    query = "query('flexops.fortiflex.flex_sites', 'site_', options=['configuration', 'tags'])"
    fleet = {**module("flex_fleet", entitlements=f"{{{{ {query} }}}}"), "run_once": True}
    run = controller.play(play(fleet, hosts="all"), *where, "--check")
    assert [name for name, *_rest in warnings(run.stderr)] == ["fortiflex_acount_id", "site_tgas"]
    info = {**module("flex_configuration_info"), "delegate_to": "localhost"}
    for strategy in ("linear", "free"):
        run = controller.play(play(info, info, hosts="all", strategy=strategy), *where)
        assert [hosts for _name, hosts, _close in warnings(run.stderr)] == ["of oslo, lima"]


def test_what_the_collection_registers_is_known_to_it(
    controller: Controller, flex: Simulator, sites: Any
) -> None:
    """In the tasks after those that register it."""
    where = sites({"oslo": {}}, fortiflex_state="present", ansible_connection="local")
    tasks = [
        {"ansible.builtin.include_role": {"name": f"flexops.fortiflex.{role}"}}
        for role in ("branch_office", "datacenter", "retire", "license_delivery", "usage_report")
    ]
    run = controller.play(play(*tasks, *tasks, hosts="all"), *where)
    assert warnings(run.output) == []
    held = controller.play(
        "flexops.fortiflex.follow_vm", "-e", "vm_name=oslo", "-e", "vm_state=present"
    )
    assert held.rc == 0 and warnings(held.output) == []
