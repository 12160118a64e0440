# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""In which order a play has its hosts, in which batches, and which of them failed before, decides nothing."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from documents import reference
from integration.playbook import ROOT, Controller, module, play

from simulator.launch import Simulator

HOSTS = ("oslo", "lima", "bonn", "rome")
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir())
PLAYBOOKS = sorted((ROOT / "playbooks").glob("*.yml"))
PLAYS: dict[str, dict[str, Any]] = {
    "sorted": {"order": "sorted"},
    "reverse": {"order": "reverse_inventory"},
    "shuffle": {"order": "shuffle", "serial": 3},
    "serial": {"serial": 1, "order": "reverse_sorted"},
    "free": {"strategy": "free"},
    "host_pinned": {"strategy": "host_pinned", "serial": 2},
}
FORMS: dict[str, Callable[[str, dict[str, Any]], dict[str, Any]]] = {
    "roles": lambda role, given: {"roles": [{"role": role, "vars": given}]},
    "include": lambda role, given: {
        "tasks": [{"ansible.builtin.include_role": {"name": role}, "vars": given}]
    },
    "import": lambda role, given: {
        "tasks": [{"ansible.builtin.import_role": {"name": role}, "vars": given}]
    },
}
SLOW = ("license_delivery", "usage_report")
# Each role, play and form, though not all three with each other.
CASES = [
    pytest.param(
        role,
        way,
        list(FORMS)[(number + other) % len(FORMS)],
        marks=[pytest.mark.thorough] if role in SLOW and other % 2 else [],
    )
    for number, role in enumerate(ROLES)
    for other, way in enumerate(PLAYS)
]
VARIABLES: dict[str, dict[str, Any]] = {
    "development": {"development_running": False},
    "license_delivery": {"license_delivery_method": "bootstrap"},
    "usage_report": {
        "usage_report_charts": False,
        "usage_report_budget": 1,
        "usage_report_accounts": ["2000001"],
    },
}


@pytest.fixture
def where(controller: Controller) -> tuple[str, str]:
    """The arguments that name an inventory of these hosts, all of them in the groups of all playbooks."""
    path = controller.directory / "hosts.json"
    groups = ("fortiflex_sites", "branch_offices", "datacenters", "development", "all_sites")
    path.write_text(json.dumps(dict.fromkeys(groups, {"hosts": dict.fromkeys(HOSTS)})))
    return "-i", str(path)


def seed(flex: Simulator, **more: Any) -> None:
    """A license for each host."""
    made = flex.seed_configuration("branch")["id"]
    flex.seed(
        [{"configId": made, "description": name, "status": "ACTIVE", **more} for name in HOSTS]
    )
    flex.reset_requests()


def before(role: str, flex: Simulator) -> None:
    """What FortiFlex has before a role runs."""
    if role in ("development", "retire"):
        seed(flex)
    elif role == "usage_report":
        seed(flex, startDate="2020-01-01")
    elif role == "license_delivery":
        seed(flex, status="PENDING")


def after(role: str, flex: Simulator, controller: Controller, told: list[Any]) -> None:
    """What has become of it, at as many requests as one run for all takes."""
    held = sorted((item["description"], item["status"]) for item in flex.state()["entitlements"])
    requests = flex.requests()["by_path"]
    if role in ("branch_office", "datacenter"):
        assert held == [(name, "PENDING") for name in sorted(HOSTS)]
        assert requests["entitlements/vm/create"] == 4 and requests["entitlements/list"] <= 3
    elif role == "development":
        assert held == [(name, "STOPPED") for name in sorted(HOSTS)]
        assert requests["entitlements/stop"] == 4 and requests["entitlements/list"] == 2
    elif role == "retire":
        assert held == [("[spare]", "STOPPED")] * 4
        assert requests["entitlements/stop"] == 4 and requests["entitlements/list"] == 2
    elif role == "usage_report":
        assert len(told) == 1, "people are told once"
    else:
        tokens = {item["description"]: item["token"] for item in flex.state()["entitlements"]}
        files = (controller.directory / "license_delivery").iterdir()
        written = {path.stem: path.read_text() for path in files}
        assert written.keys() == tokens.keys()
        assert all(tokens[name] in text for name, text in written.items())


@pytest.mark.parametrize(("role", "way", "form"), CASES)
def test_a_role_does_it_once_in_every_play(
    controller: Controller,
    flex: Simulator,
    where: tuple[str, str],
    webhook: tuple[str, list[Any]],
    role: str,
    way: str,
    form: str,
) -> None:
    before(role, flex)
    given = dict(VARIABLES.get(role, {}))
    if role == "usage_report":
        given["usage_report_notify"] = [{"kind": "json", "url": webhook[0]}]
    plays = [
        {
            "hosts": "all",
            "gather_facts": False,
            **PLAYS[way],
            **FORMS[form](f"flexops.fortiflex.{role}", given),
        }
    ]
    run = controller.play(plays, *where, "-f", "3")
    assert run.rc == 0 and not run.failures, run.output
    after(role, flex, controller, webhook[1])


@pytest.mark.parametrize("role", [role for role in ROLES if role not in ("license_delivery",)])
def test_a_first_host_that_has_failed_decides_nothing(
    controller: Controller,
    flex: Simulator,
    where: tuple[str, str],
    webhook: tuple[str, list[Any]],
    role: str,
) -> None:
    before(role, flex)
    given = dict(VARIABLES.get(role, {}))
    if role == "usage_report":
        given["usage_report_notify"] = [{"kind": "json", "url": webhook[0]}]
    fails = {
        "ansible.builtin.fail": {"msg": "This host is away."},
        "when": "inventory_hostname in ['oslo', 'rome']",
    }
    plays = play(fails, hosts="all", order="reverse_inventory")
    plays[0]["tasks"] += FORMS["include"](f"flexops.fortiflex.{role}", given)["tasks"]
    run = controller.play(plays, *where)
    assert run.rc == 2 and [item["msg"] for item in run.failures] == ["This host is away."] * 2
    after(role, flex, controller, webhook[1])


@pytest.mark.parametrize("strategy", ["free", "linear"])
def test_a_site_that_answers_stops_all_and_nothing_is_done(
    controller: Controller, flex: Simulator, strategy: str
) -> None:
    seed(flex)
    hosts: dict[str, Any] = {name: {} for name in HOSTS}
    hosts["bonn"] = {"retire_address": "127.0.0.1", "retire_port": flex.url.rsplit(":", 1)[1]}
    path = controller.directory / "hosts.json"
    path.write_text(json.dumps({"closing": {"hosts": hosts}}))
    plays = play(hosts="closing", strategy=strategy, serial=2)
    plays[0]["roles"] = ["flexops.fortiflex.retire"]
    run = controller.play(plays, "-i", str(path))
    assert run.rc == 2 and flex.writes() == 0
    assert {item["msg"].split(". ")[0] for item in run.failures} == {
        "These sites still answer: bonn"
    }
    plays[0]["vars"] = {"retire_skip_running": True}
    run = controller.play(plays, "-i", str(path))
    assert run.rc == 0 and run.stdout.count("3 sites are retired, kept: bonn.") == 1
    assert sorted(controller.flex.state()["entitlements"], key=str) and flex.writes() == 9


def test_a_task_of_ones_own_is_run_once_as_well(
    controller: Controller, flex: Simulator, where: tuple[str, str]
) -> None:
    """Each item of a loop once, the result for all hosts, and nothing joined that differs."""
    fleet = module(
        "flex_fleet",
        configurations=[
            {
                "name": "{{ item }}",
                "product": "fortigate_vm_bundle",
                "parameters": {"cpus": 1, "service_package": "UTP"},
            }
        ],
        entitlements=[{"name": "site-{{ item }}", "configuration": "{{ item }}"}],
        return_tokens=True,
    )
    show = {"ansible.builtin.debug": {"msg": "{{ made.results | map(attribute='plan.create') }}"}}
    own = module("flex_entitlement", name="{{ inventory_hostname }}", configuration="a")
    own["delegate_to"] = "localhost"
    tasks = [{**fleet, "run_once": True, "loop": ["a", "b"], "register": "made"}, show, own]
    run = controller.play(play(*tasks, hosts="all", strategy="free"), *where, "-f", "4")
    assert run.rc == 0, run.output
    assert [item["msg"] for item in run.shown] == [[1, 1]] * 4
    assert set(controller.licensed()) == {"site-a", "site-b", *HOSTS}
    assert flex.requests()["by_path"]["entitlements/vm/create"] == 6
    tokens = {item["token"] for item in flex.state()["entitlements"]}
    left = [path for path in controller.directory.rglob("once-*") if path.is_file()]
    assert tokens and left == [], "the files of a run go with it"


def test_batches_that_stop_and_start_again_do_both_each_time(
    controller: Controller, flex: Simulator, where: tuple[str, str]
) -> None:
    """The second batch may not get the result of the first one, since the machines run again by then."""
    seed(flex)
    role = {"ansible.builtin.include_role": {"name": "flexops.fortiflex.development"}}
    query = {**module("flex_entitlement_info"), "register": "held", "delegate_to": "localhost"}
    show = {
        "ansible.builtin.debug": {
            "msg": "{{ held.entitlements | map(attribute='status') | unique }}"
        }
    }
    tasks = [
        {**role, "vars": {"development_running": False}},
        query,
        show,
        {**role, "vars": {"development_running": True}},
    ]
    run = controller.play(play(*tasks, hosts="all", serial=2), *where)
    assert run.rc == 0, run.output
    statuses = [item["msg"] for item in run.shown if isinstance(item["msg"], list)]
    assert statuses == [["STOPPED"]] * 4
    assert {item["status"] for item in flex.state()["entitlements"]} == {"ACTIVE"}


# What holds for all hosts, and is set for one of them only.
DIFFERENT = {
    "branch_office": {"branch_office_max_new": 1},
    "datacenter": {"datacenter_spares": {"datacenter-fortigate": 5}},
    "development": {"development_until": "2999-01-01"},
    "retire": {"retire_timeout": 1},
}


@pytest.mark.parametrize("order", ["inventory", "reverse_inventory"])
@pytest.mark.parametrize("role", DIFFERENT)
def test_what_holds_for_all_is_not_that_of_the_first_host(
    controller: Controller, flex: Simulator, role: str, order: str
) -> None:
    path = controller.directory / "hosts.json"
    path.write_text(json.dumps({"sites": {"hosts": {"oslo": DIFFERENT[role], "lima": {}}}}))
    plays = play(hosts="sites", order=order)
    called = {"role": f"flexops.fortiflex.{role}", "vars": VARIABLES.get(role, {})}
    plays[0]["roles"] = [called]
    run = controller.play(plays, "-i", str(path))
    (variable,) = DIFFERENT[role]
    assert run.rc == 2 and re.search(
        f"{variable} (differs between 'oslo' and 'lima'|is set by the play or role, and by the inventory for oslo)",
        run.output,
    )
    assert flex.requests()["total"] == 0


@pytest.mark.parametrize(
    "variable", ["fortiflex_max_new", "fortiflex_spares", "fortiflex_allowed_accounts"]
)
def test_what_holds_for_an_account_is_not_that_of_its_first_site(
    controller: Controller, flex: Simulator, variable: str
) -> None:
    path = controller.directory / "hosts.json"
    values: dict[str, Any] = {
        "fortiflex_max_new": 5,
        "fortiflex_spares": {"branch": 1},
        "fortiflex_allowed_accounts": [2000001],
    }
    hosts = {"oslo": {}, "lima": {variable: values[variable]}}
    path.write_text(json.dumps({"fortiflex_sites": {"hosts": hosts}}))
    run = controller.play("flexops.fortiflex.license_fleet", "-i", str(path))
    assert run.rc == 2 and f"{variable} differs between 'oslo' and 'lima'" in run.output
    assert flex.requests()["total"] == 0


def test_a_password_is_not_looked_up_for_each_host(controller: Controller, flex: Simulator) -> None:
    asked = controller.directory / "asked"
    path = controller.directory / "hosts.json"
    command = f"'echo x >> {asked}; echo demo-password'"
    password = f"{{{{ lookup('ansible.builtin.pipe', {command}) }}}}"
    groups = {"hosts": dict.fromkeys(HOSTS), "vars": {"fortiflex_password": password}}
    path.write_text(json.dumps({"branch_offices": groups}))
    run = controller.play("flexops.fortiflex.provision_branch_offices", "-i", str(path), "--check")
    assert run.rc == 0 and len(asked.read_text().split()) < len(HOSTS)


@pytest.mark.parametrize("path", PLAYBOOKS, ids=lambda path: path.stem)
def test_playbooks_keep_the_strategy_with_which_run_once_holds(path: Path) -> None:
    for each in reference.plays(path):
        for_one = "'localhost')" in each["hosts"]
        assert for_one or each["strategy"] == "ansible.builtin.linear"


@pytest.mark.parametrize(
    "path",
    [*PLAYBOOKS, *(ROOT / "playbooks/tasks").glob("*.yml"), *ROOT.glob("roles/*/tasks/*.yml")],
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_nothing_asks_which_host_is_the_first(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"(play_hosts(_all)?|play_batch|groups\S*)(\[\d|\W*\|\s*first)", text)


def registered_for_one(tasks: list[dict[str, Any]], conditions: str = "") -> list[str]:
    """The names of tasks that register something and that are skipped for some hosts."""
    found = []
    for task in tasks:
        asked = f"{conditions} {task.get('when', '')}"
        inner = [*task.get("block", []), *task.get("rescue", []), *task.get("always", [])]
        found += registered_for_one(inner, asked)
        if "register" in task and "inventory_hostname" in asked:
            found.append(task["name"])
    return found


@pytest.mark.parametrize(
    "path",
    [path for path in ROOT.glob("roles/*/tasks/*.yml") if "run_once: true" in path.read_text()],
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_no_host_that_skips_a_task_takes_its_result_from_another(path: Path) -> None:
    """With run_once Ansible registers a result for all hosts, also that a task was skipped. An include registers nothing."""
    assert registered_for_one(yaml.safe_load(path.read_text(encoding="utf-8"))) == []


SITES = {
    "license_fleet": "branch_office",  # licenses them all, too
    "provision_branch_offices": "branch_office",
    "provision_datacenter": "datacenter",
    "retire_sites": "retire",
    "stop_environment": "development",
}


@pytest.mark.parametrize("way", ["serial", "free"])
@pytest.mark.parametrize("name", SITES)
def test_a_copy_of_a_playbook_in_batches_does_it_once(
    controller: Controller, flex: Simulator, where: tuple[str, str], name: str, way: str
) -> None:
    for folder in ("tasks", "vars"):
        shutil.copytree(ROOT / "playbooks" / folder, controller.directory / folder)
    plays = reference.plays(ROOT / "playbooks" / f"{name}.yml")
    plays[0] |= PLAYS[way]
    copy = controller.directory / f"{name}.yml"
    copy.write_text(yaml.safe_dump(plays, sort_keys=False).replace("../vars/", "vars/"))
    before(SITES[name], flex)
    configuration = {
        "name": "branch",
        "product": "fortigate_vm_bundle",
        "parameters": {"cpus": 1, "service_package": "UTP"},
    }
    given = {
        "target": "all_sites",
        "fortiflex_configurations": [configuration],
        "fortiflex_configuration": "branch",
        "fortiflex_estimate": True,
    }
    env = {"ANSIBLE_SHOW_CUSTOM_STATS": "true"}
    run = controller.play(copy, *where, "-e", json.dumps(given), env=env)
    assert run.rc == 0 and not run.failures, run.output
    after(SITES[name], flex, controller, [])
    if name == "license_fleet":
        total = re.search(r'"fortiflex_points_per_day_after": ([\d.]+)', run.stdout)
        of_account = re.search(r'"points_per_day_after": ([\d.]+)', run.stdout)
        assert [text.partition(" Cost: ")[0] for text in run.answers] == [
            "Plan: 4 to create; configurations: 1 to create",
            "Done: 4 created; configurations: 1 created",
        ]
        assert total and of_account and total[1] == of_account[1], "added up once"
