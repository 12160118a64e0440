# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people leave empty or write carelessly, through playbooks and roles: it is not given, or refused by its own name."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from integration.playbook import LICENSE_FLEET, ROOT, Controller, module

from ansible_collections.flexops.fortiflex.plugins.plugin_utils.variables import ALL_PREFIXES, read
from simulator.launch import Simulator

BRANCH = {
    "name": "branch",
    "product": "fortigate_vm_bundle",
    "parameters": {"cpus": 2, "service_package": "UTP"},
}


def inventory(path: Path, group: str, hosts: dict[str, Any], **variables: Any) -> str:
    """Writes an inventory of one group; answers its path."""
    path.write_text(json.dumps({group: {"hosts": hosts, "vars": variables}}))
    return str(path)


@pytest.mark.parametrize("blank", ["", "  ", None])
def test_an_empty_account_licenses_nothing_twice(
    controller: Controller, flex: Simulator, tmp_path: Path, blank: str | None
) -> None:
    controller.settings = {"FORTIFLEX_ACCOUNT_ID": "2000002"}
    hosts = inventory(tmp_path / "hosts.json", "branch_offices", {"oslo": {}, "lima": {}})
    playbook = "flexops.fortiflex.provision_branch_offices"
    assert controller.play(playbook, "-i", hosts).changed == 1
    extra = json.dumps({"fortiflex_account_id": blank, "fortiflex_program": blank})
    assert controller.play(playbook, "-i", hosts, "-e", extra).changed == 0
    assert {item["accountId"] for item in flex.state()["entitlements"]} == {2000002}


@pytest.mark.parametrize("name", ["max_new", "max_points_per_day", "max_prune", "allowed_accounts"])
@pytest.mark.parametrize("blank", ["", None])
def test_an_empty_answer_lifts_no_limit_of_the_inventory(
    controller: Controller, flex: Simulator, tmp_path: Path, name: str, blank: str | None
) -> None:
    limits = {"max_new": 0, "max_points_per_day": 0, "max_prune": 0, "allowed_accounts": [1]}
    hosts = inventory(
        tmp_path / "hosts.json",
        "fortiflex_sites",
        {"oslo": {}},
        fortiflex_configuration="branch",
        fortiflex_configurations=[BRANCH],
        **{f"fortiflex_{name}": limits[name]},
    )
    extra = json.dumps({f"fortiflex_{name}": blank})
    run = controller.play(LICENSE_FLEET, "-i", hosts, "-e", extra)
    assert run.rc == 2 and re.search(
        rf"{name} is empty; give it a value or leave it out", run.output
    )
    assert flex.writes() == 0


def test_a_name_that_arrives_as_a_date_is_refused_by_modules_too(
    controller: Controller, flex: Simulator, tmp_path: Path
) -> None:
    (tmp_path / "play.yml").write_text(
        "- hosts: localhost\n  gather_facts: false\n  tasks:\n"
        "    - flexops.fortiflex.flex_entitlement: {name: 2020-01-01, configuration: branch}\n"
    )
    run = controller.play(tmp_path / "play.yml")
    assert "name arrived as the date 2020-01-01; put it in quotes" in run.failure["msg"]
    assert flex.requests()["total"] == 0


def test_an_error_that_many_sites_share_is_one_sentence_printed_by_one_task(
    controller: Controller, tmp_path: Path
) -> None:
    names = {f"site-{number:03}": {} for number in range(120)}
    path = tmp_path / "hosts.json"
    hosts = inventory(path, "fortiflex_sites", names, fortiflex_configuration="nowhere")
    run = controller.play(LICENSE_FLEET, "-i", hosts)
    assert len(run.failures) == 1 and len(run.output) < 4000
    assert "(the same for 119 more: 'site-001', " in run.failure["msg"]


def test_a_site_of_an_ini_inventory_is_named_with_its_variable_and_value(
    controller: Controller, flex: Simulator, tmp_path: Path
) -> None:
    (tmp_path / "hosts.ini").write_text(
        "[fortiflex_sites]\noslo\n"
        'lima fortiflex_tags={"region":"nordics"}\n'
        "rome fortiflex_state=of\n"
        "kiel fortiflex_name=1e3\n"
        "bonn fortiflex_name=twin\n"
        "graz fortiflex_name=twin\n"
    )
    run = controller.play(LICENSE_FLEET, "-i", str(tmp_path / "hosts.ini"))
    message = run.failure["msg"]
    for sentence in (
        "fortiflex_tags of 'lima' is '{region:nordics}', which is not a dictionary",
        "fortiflex_state of 'rome' is 'of', which is not one of present, active, stopped, absent",
        "fortiflex_name of 'kiel' arrived as the number 1000.0, which may have been written 1e3",
    ):
        assert sentence in message, message
    assert "oslo" not in message and flex.requests()["total"] == 0
    (tmp_path / "hosts.ini").write_text(
        "[fortiflex_sites]\nbonn fortiflex_name=twin\ngraz fortiflex_name=twin\n"
    )
    run = controller.play(LICENSE_FLEET, "-i", str(tmp_path / "hosts.ini"))
    assert "fortiflex_name: 2 hosts have 'twin' ('bonn', 'graz')" in run.failure["msg"]


def test_empty_items_count_as_not_given(controller: Controller, flex: Simulator) -> None:
    item = {"name": "oslo", "configuration": "branch", "folder": "", "end_date": None, "tags": ""}
    tasks = [
        module("flex_fleet", configurations=[BRANCH], spares={"branch": 1}),
        module("flex_fleet", entitlements=[item], account_id="", api_url=" ", timeout=None),
    ]
    play = [{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]
    assert controller.play(play).changed == 2 and set(controller.licensed()) == {"oslo"}


# Of these, a playbook asks whether they are set, since what is empty is refused or said by another task.
_ASKED = {
    "fortiflex_plan",
    "fortiflex_configurations",
    "extend_names",
    "tenant_configurations",
    "usage_report_period",
}
_REFUSED = {"adopt_accounts", "spares_max_new"}  # by the module that gets it
_FILLED_IN = re.compile(
    r"\b(\w+) \| default\(((?:[^()]|\([^()]*(?:\([^()]*\))*[^()]*\))*)\)( \| bool)?"
)


def test_no_playbook_takes_an_empty_variable_for_a_value() -> None:
    """``default(X)`` keeps what is empty. Write ``default(X, true)``, or for a number or a truth value ``default(none) | flex_given(X)``."""
    known = {name for prefix in ALL_PREFIXES for name in read(prefix)}
    files = [
        *ROOT.glob("playbooks/*.yml"),
        *ROOT.glob("playbooks/shared/*.yml"),
        *ROOT.glob("playbooks/tasks/*.yml"),
        *ROOT.glob("roles/*/tasks/*.yml"),
        *ROOT.glob("roles/*/vars/*.yml"),
    ]
    found = []
    for path in files:
        text = path.read_text(encoding="utf-8")
        for name, instead, truth in _FILLED_IN.findall(text):
            is_safe = instead.endswith(", true") or instead in ("omit", "none", "''", "[]")
            is_false = instead == "false" and truth
            if name in known - _REFUSED and not is_safe and not is_false:
                found.append(f"{path.relative_to(ROOT)}: {name} | default({instead})")
        for name in re.findall(r"\b(\w+) is (?:not )?defined", text):
            if name in known - _ASKED:
                found.append(f"{path.relative_to(ROOT)}: {name} is defined")
    assert found == []
