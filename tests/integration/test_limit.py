# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A limited run changes nothing outside its limit: each playbook that changes configurations, limited, sliced, and allowed to."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml
from integration.playbook import LICENSE_FLEET, ROOT, Controller, Run, module, play

from simulator.launch import Simulator

LARGER = {
    "name": "branch",
    "product": "fortigate_vm_bundle",
    "parameters": {"cpus": 4, "service_package": "UTP"},
}
ALLOWED = "fortiflex_allow_outside_limit"
OUTSIDE = "outside the list of this run ('kobe'"
SLICE = {"awx_job_template_name": "license", "awx_workflow_job_name": "license"}
FLEET = module("flex_fleet", configurations=[LARGER], entitlements=[{"name": "oslo"}])
# The playbook, and what its inventory says beside the sites.
ENTRIES: dict[str, tuple[Any, dict[str, Any]]] = {
    "license_fleet": (LICENSE_FLEET, {"fortiflex_configurations": [LARGER]}),
    "branch_office": (
        "flexops.fortiflex.provision_branch_offices",
        {
            "branch_office_extra_configurations": [LARGER],
            "branch_office_extra_profiles": {"small": {"fortigate": "branch"}},
        },
    ),
    "datacenter": (
        "flexops.fortiflex.provision_datacenter",
        {
            "datacenter_extra_configurations": [LARGER],
            "datacenter_extra_profiles": {"standard": {"fortigate": "branch"}},
        },
    ),
    "onboard_tenant": (
        "flexops.fortiflex.onboard_tenant",
        {
            "tenant_account": 2000001,
            "tenant_configurations": [LARGER],
            "tenant_entitlements": [{"name": "oslo"}],
        },
    ),
    "autoscale": (
        "flexops.fortiflex.autoscale",
        {
            "autoscale_configuration": "branch",
            "autoscale_metric_file": "metric",
            "fortiflex_configurations": [LARGER],
        },
    ),
    "a fleet in a play": (play({**FLEET, "run_once": True}, hosts="sites"), {}),
    "a configuration in a play": (
        play({**module("flex_configuration", **LARGER), "delegate_to": "localhost"}, hosts="sites"),
        {},
    ),
}


def arguments(controller: Controller, variables: Mapping[str, Any], *hosts: str) -> tuple[str, ...]:
    """The arguments that name an inventory of such hosts, and the target; beside, a metric for autoscale."""
    (controller.directory / "metric").write_text("100")
    path = controller.directory / "hosts.json"
    every = {"fortiflex_configuration": "branch", **variables}
    groups = {"sites": {"hosts": dict.fromkeys(hosts, {}), "vars": every}}
    path.write_text(json.dumps({"all": {"children": groups}}))
    return "-i", str(path), "-e", "target=sites"


def seed(flex: Simulator, *names: str) -> None:
    """Licenses of a configuration with two CPUs."""
    made = flex.seed_configuration("branch")["id"]
    flex.seed([{"configId": made, "description": name, "status": "ACTIVE"} for name in names])


@pytest.mark.parametrize("entry", ENTRIES)
def test_a_limited_run_is_refused_unless_the_command_line_allows_it(
    controller: Controller, flex: Simulator, entry: str
) -> None:
    seed(flex, "oslo", "kobe")
    playbook, variables = ENTRIES[entry]
    sites = arguments(controller, {**variables, ALLOWED: True}, "oslo", "kobe")

    def run(*more: str) -> Run:
        return controller.play(playbook, *sites, *more)

    for limit in (("--limit", "oslo"), ("-e", json.dumps(SLICE))):
        if "--limit" not in limit and entry not in ("onboard_tenant", "autoscale"):
            sites = arguments(controller, {**variables, ALLOWED: True}, "oslo")  # as AWX gives it
        for check in ((), ("--check",)):
            refused = run(*limit, *check)
            assert refused.rc == 2 and OUTSIDE in refused.output, refused.output
    assert flex.writes() == 0

    path = controller.directory / "allowed.yml"
    path.write_text(f"{ALLOWED}: 'yes'\n")
    assert run("--limit", "oslo", "-e", f"{ALLOWED}=true", "--check").changed == 1
    assert run("--limit", "oslo", "-e", f"{ALLOWED}=false", "--check").rc == 2
    allowed = run("--limit", "oslo", "-e", f"@{path}", "--check", "--diff")
    assert allowed.changed == 1 and flex.writes() == 0
    if "flex_configuration" not in json.dumps(playbook):
        assert "; configurations: 1 to change" in allowed.stdout


@pytest.mark.parametrize("entry", ENTRIES)
def test_a_run_that_is_not_limited(controller: Controller, flex: Simulator, entry: str) -> None:
    seed(flex, "oslo", "kobe")
    playbook, variables = ENTRIES[entry]
    sites = arguments(controller, variables, "oslo")
    alone = controller.play(playbook, *sites, "--check")
    if entry == "a configuration in a play":  # which has no list
        assert alone.changed == 1
    else:
        assert alone.rc == 2 and OUTSIDE in alone.output, alone.output
    assert flex.writes() == 0

    said = {} if entry == "a fleet in a play" else {ALLOWED: True}
    sites = arguments(controller, {**variables, **said}, "oslo")
    if entry == "a fleet in a play":
        playbook = json.loads(json.dumps(playbook))
        playbook[0]["tasks"][0]["flexops.fortiflex.flex_fleet"]["allow_outside_limit"] = True
    assert controller.play(playbook, *sites, "--check").changed == 1


def test_a_list_that_holds_all_of_it_is_limited_to_nothing(
    controller: Controller, flex: Simulator
) -> None:
    seed(flex, "oslo", "kobe")
    sites = arguments(controller, {"fortiflex_configurations": [LARGER]}, "oslo", "kobe", "lima")
    assert controller.play(LICENSE_FLEET, *sites, "--limit", "oslo,kobe", "--check").changed == 1

    # Where everything is released, nothing is outside.
    tenant = {"tenant_account": 2000001, "tenant_confirm": 2000001}
    offboard = "flexops.fortiflex.offboard_tenant"
    run = controller.play(offboard, "-e", json.dumps(tenant), "--limit", "localhost", "--check")
    assert run.rc == 0 and "configurations: 1 to change" in run.output, run.output
    assert flex.writes() == 0


def _fleets(tasks: Any) -> Iterator[dict[str, Any]]:
    """The options of each flex_fleet task."""
    for item in tasks if isinstance(tasks, list) else ():
        yield from [item[key] for key in ("flexops.fortiflex.flex_fleet",) if key in item]
        for part in ("tasks", "block", "rescue", "always"):
            yield from _fleets(item.get(part))


def test_whoever_changes_configurations_can_be_allowed_to() -> None:
    paths = [
        path
        for pattern in ("playbooks/*.yml", "playbooks/tasks/*.yml", "roles/*/tasks/*.yml")
        for path in ROOT.glob(pattern)
    ]
    found = [(path, fleet) for path in paths for fleet in _fleets(yaml.safe_load(path.read_text()))]
    changing = [(path, fleet) for path, fleet in found if "configurations" in fleet]
    assert changing and all("allow_outside_limit" in fleet for _path, fleet in changing), changing
    (fleets,) = _fleets(yaml.safe_load((ROOT / "playbooks/license_fleet.yml").read_text()))
    assert "shared=account_options" in fleets["fleets"]
    assert "allow_outside_limit" in (ROOT / "playbooks/license_fleet.yml").read_text()
