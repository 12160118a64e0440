# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""End dates as people say them, wherever a playbook or role takes one. The roles are those whose specifications have one."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from integration.playbook import ROOT, Controller
from moments import day

from simulator.launch import Simulator

PROFILES = {
    "branch_office_profile": "plain",
    "branch_office_extra_profiles": {"plain": {"fortigate": "branch"}},
    "datacenter_device": "fortigate",
    "datacenter_profile": "plain",
    "datacenter_extra_profiles": {"plain": {"fortigate": "branch"}},
}


def with_end_date() -> list[str]:
    """The roles that take an end date."""
    return [
        path.parents[1].name
        for path in sorted(ROOT.glob("roles/*/meta/argument_specs.yml"))
        if f"{path.parents[1].name}_end_date"
        in yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"]["main"]["options"]
    ]


def ends(flex: Simulator) -> dict[str, str]:
    """The day on which each license ends, by its description."""
    return {item["description"]: item["endDate"][:10] for item in flex.state()["entitlements"]}


def program_end(flex: Simulator) -> str:
    """The day on which the program ends."""
    found = {item["serialNumber"]: item["endDate"] for item in flex.state()["programs"]}
    return str(found["ELAVMS0000000200"])[:10]


@pytest.fixture(params=["license_fleet", "onboard_tenant", *with_end_date()])
def licensed(request: pytest.FixtureRequest, controller: Controller, flex: Simulator) -> Any:
    """Licenses the host oslo until a day by a playbook or role; returns the run."""
    entry = str(request.param)
    flex.seed_configuration("branch", accountId=2000001)

    def run(end: str, *more: str) -> Any:
        fleet, tenant = entry == "license_fleet", entry == "onboard_tenant"
        variables: dict[str, Any] = {"fortiflex_account_id": 2000001, "target": "oslo"}
        if fleet:
            variables |= {"fortiflex_configuration": "branch", "fortiflex_end_date": end}
        elif tenant:
            site = {"name": "oslo", "configuration": "branch", "end_date": end}
            variables |= {"tenant_account": 2000001, "tenant_entitlements": [site]}
            variables |= {"tenant_configurations": [], "target": "localhost"}
        else:
            variables |= {**PROFILES, f"{entry}_end_date": end}
        hosts = controller.directory / "hosts.json"
        hosts.write_text(json.dumps({"fortiflex_sites": {"hosts": {"oslo": {}}}}))
        playbook: Any = f"flexops.fortiflex.{entry}"
        if not (fleet or tenant):
            role = f"flexops.fortiflex.{entry}"
            playbook = [{"hosts": "oslo", "gather_facts": False, "roles": [role]}]
        return controller.play(
            playbook, "-i", str(hosts), "-e", json.dumps(variables), "--diff", *more
        )

    return run


def test_each_entry_point_takes_them(licensed: Any, flex: Simulator) -> None:
    planned = licensed("+90d", "--check")
    assert planned.changed and "+90d" not in planned.output, planned.output
    assert licensed("+90d").changed == 1 and set(ends(flex).values()) == {day(90)}
    assert licensed("+91d").changed == 0
    moved = licensed("program_end")
    assert moved.changed == 1 and f"{day(90)} -> {program_end(flex)}" in moved.output
    assert licensed("program_end").changed == 0
    refused = licensed("soon")
    assert "write it as YYYY-MM-DD, +90d (days from today) or program_end" in refused.output


@pytest.mark.parametrize("to", ["+90d", "", None, "program_end"])
def test_extend_sites(controller: Controller, flex: Simulator, to: str | None) -> None:
    made = flex.seed_configuration("branch", accountId=2000001)["id"]
    flex.seed([{"configId": made, "description": "oslo", "endDate": f"{day(9)}T00:00:00"}])
    given = {"extend_names": ["oslo"], "fortiflex_account_id": 2000001}
    given |= {} if to is None else {"extend_to": to}
    extend = ("flexops.fortiflex.extend_sites", "-e", json.dumps(given))
    assert controller.play(*extend).changed == 1
    assert ends(flex) == {"oslo": day(90) if to == "+90d" else program_end(flex)}
    assert controller.play(*extend).changed == 0
    wrong = controller.play(*extend, "-e", "extend_to=soon").failure["msg"]
    assert "'soon' is invalid" in wrong and "Traceback" not in wrong
