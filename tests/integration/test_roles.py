# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks of the roles: check mode, one call for all hosts, and everything that is wrong with an inventory said by name at once."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from integration.playbook import ROOT, Controller
from moments import day

from ansible_collections.flexops.fortiflex.plugins.module_utils.core.file_name import file_name
from simulator.launch import Simulator, start

ROLES = {
    "branch_office": ("branch_offices", "provision_branch_offices"),
    "datacenter": ("datacenters", "provision_datacenter"),
}


@pytest.fixture
def inventory(tmp_path: Path) -> Any:
    """Writes an inventory of one group; answers the arguments that name it."""

    def write(group: str, hosts: dict[str, dict[str, Any]], **variables: Any) -> tuple[str, str]:
        path = tmp_path / "hosts.json"
        path.write_text(json.dumps({group: {"hosts": hosts, "vars": variables}}))
        return "-i", str(path)

    return write


@pytest.mark.parametrize("role", ROLES)
def test_a_playbook_predicts_does_it_once_and_then_nothing(
    controller: Controller, flex: Simulator, inventory: Any, role: str
) -> None:
    group, playbook = ROLES[role]
    hosts: dict[str, dict[str, Any]] = {
        "a": {f"{role}_tags": {"region": "west"}},
        "b": {},
        "c": {f"{role}_state": "absent"},
    }
    where = inventory(group, hosts)
    name = f"flexops.fortiflex.{playbook}"

    check = controller.play(name, *where, "--check", "--diff")
    assert check.changed == 1 and flex.writes() == 0
    assert "Plan: 2 to create, 1 without a license; configurations: 1" in check.answers[0]
    assert controller.play(name, *where, "-f", "1").changed == 1
    assert flex.writes() == 3 and sorted(controller.licensed()) == ["a [region=west]", "b"]
    flex.reset_requests()
    assert controller.play(name, *where).changed == 0
    assert flex.requests()["total"] == 2


@pytest.mark.parametrize("role", ROLES)
def test_a_playbook_carries_out_an_approved_plan(
    controller: Controller, flex: Simulator, inventory: Any, role: str
) -> None:
    group, playbook = ROLES[role]
    name = f"flexops.fortiflex.{playbook}"
    file = ("-e", "fortiflex_plan_file=plan.json")
    assert controller.play(name, *inventory(group, {"a": {}}), "--check", *file).rc == 0
    refused = controller.play(name, *inventory(group, {"a": {}, "b": {}}), "-e", "@plan.json")
    assert refused.rc == 2 and flex.writes() == 0
    assert "not in the plan: create entitlement 'b'" in " ".join(refused.output.split())
    assert controller.play(name, *inventory(group, {"a": {}}), "-e", "@plan.json").changed == 1
    assert controller.licensed().keys() == {"a"}


@pytest.mark.parametrize("role", ["development", "retire"])
def test_prices_that_are_not_reported_stop_nothing(
    controller: Controller, flex: Simulator, inventory: Any, role: str
) -> None:
    flex.faults([{"path": "tools/calc", "kind": "refused", "always": True}])
    flex.seed(
        [{"configId": flex.seed_configuration("lab")["id"], "description": "a", "status": "ACTIVE"}]
    )
    playbook = {"development": "stop_environment", "retire": "retire_sites"}[role]
    run = controller.play(
        f"flexops.fortiflex.{playbook}", *inventory(role, {"a": {}}), "-e", f"target={role}"
    )
    assert run.changed == 1 and {
        "development": "is not known",
        "retire": "What that saves is not known",
    }[role] in " ".join(run.stdout.split())


def test_an_environment_is_stopped_only_if_that_saves_something(
    controller: Controller, flex: Simulator, inventory: Any
) -> None:
    made = flex.seed_configuration("lab")["id"]
    flex.seed([{"configId": made, "description": name, "status": "ACTIVE"} for name in ("a", "b")])
    where = inventory("development", {"a": {}, "b": {}})
    stop, start = "flexops.fortiflex.stop_environment", "flexops.fortiflex.start_environment"

    night = controller.play(stop, *where, "-e", "development_until=2020-01-01")
    assert night.changed == 0 and flex.writes() == 0 and "Nothing is stopped" in night.stdout
    assert controller.play(start, *where).changed == 0
    mine = [
        {"hosts": "development", "gather_facts": False, "roles": ["flexops.fortiflex.development"]}
    ]
    check = controller.play(
        mine,
        *where,
        "--check",
        "-e",
        "development_running=false",
        "-e",
        "development_until=2020-01-01",
        "-e",
        "development_only_if_it_saves=false",
    )
    assert check.changed == 1 and "Stopped: " in check.stdout
    check = controller.play(stop, *where, "--check")
    assert (
        check.changed == 1
        and flex.writes() == 0
        and "points are saved on each whole day" in check.stdout
    )
    assert controller.play(stop, *where).changed == 1
    assert {status for _configuration, status in controller.licensed().values()} == {"STOPPED"}
    assert controller.play(stop, *where).changed == 0
    assert "Started: " in controller.play(start, *where).stdout
    assert {status for _configuration, status in controller.licensed().values()} == {"ACTIVE"}


def test_a_site_that_still_answers_stops_the_run_before_anything_is_stopped(
    controller: Controller, flex: Simulator, inventory: Any
) -> None:
    made = flex.seed_configuration("branch")["id"]
    flex.seed(
        [
            {"configId": made, "description": name, "status": "ACTIVE"}
            for name in ("oslo", "cork", "lima")
        ]
    )
    port = flex.url.rsplit(":", 1)[1]
    hosts = {
        "oslo": {"retire_address": "127.0.0.1", "retire_port": port},
        "cork": {"retire_address": "127.0.0.1", "retire_port": 9},
    }
    where = (
        *inventory("sites", {**hosts, "lima": {}}),
        "-e",
        "target=sites",
        "-e",
        "retire_timeout=1",
    )
    retire = "flexops.fortiflex.retire_sites"

    for arguments in (["--check"], []):
        assert (
            "These sites still answer: oslo. Nothing was stopped."
            in controller.play(retire, *where, *arguments).failure["msg"]
        )
    assert flex.writes() == 0 and "target" in controller.play(retire, *where[:2]).output

    mine = [
        {
            "hosts": "sites",
            "gather_facts": False,
            "roles": [{"role": "flexops.fortiflex.retire", "vars": {"retire_keep_running": True}}],
        }
    ]
    assert "kept: oslo, cork, lima" in controller.play(mine, *where).stdout and flex.writes() == 0

    kept = controller.play(retire, *where, "-e", "retire_skip_running=true")
    assert kept.changed == 1 and "2 sites are retired, kept: oslo." in kept.stdout
    held = sorted((item["description"], item["status"]) for item in flex.state()["entitlements"])
    assert held == [("[spare]", "STOPPED"), ("[spare]", "STOPPED"), ("oslo", "ACTIVE")]


def test_everything_that_is_wrong_with_branch_offices_is_said_at_once(
    controller: Controller, flex: Simulator, inventory: Any
) -> None:
    hosts = {
        "oslo": {"branch_office_profile": "huge"},
        "bonn": {"branch_office_switch_serial_numbers": ["S108EN0000000001"]},
        "rome": {
            "branch_office_profile": "both",
            "branch_office_switch_serial_numbers": ["S1", "S2"],
        },
        "cork": {"branch_office_profile": "both", "branch_office_switch_serial_numbers": ["S2"]},
    }
    more = {
        "branch_office_extra_profiles": {
            "both": {"fortigate": "branch-small", "switch": "branch-switch"}
        },
        "branch_office_prune": {},
    }
    run = controller.play(
        "flexops.fortiflex.provision_branch_offices", *inventory("branch_offices", hosts, **more)
    )
    for sentence in (
        "entitlement 'oslo': profile 'huge' is not one of small, medium, large, both",
        "entitlement 'S108EN0000000001': profile 'small' has no device 'switch'; it has fortigate",
        "entitlement 'S2' is listed 2 times",
        "prune is empty; give it a value or leave it out",
    ):
        assert sentence in run.failure["msg"]
    assert flex.requests()["total"] == 0


def test_an_unlike_pair_is_refused_before_anything_is_sent(
    controller: Controller, flex: Simulator, inventory: Any
) -> None:
    hosts = {
        "fra-a": {"datacenter_pair": "fra"},
        "fra-b": {"datacenter_pair": "fra", "datacenter_profile": "large"},
    }
    more = {"datacenter_extra_profiles": {"large": {"fortigate": "datacenter-large"}}}
    run = controller.play(
        "flexops.fortiflex.provision_datacenter", *inventory("datacenters", hosts, **more)
    )
    sentence = "pair 'fra': 'fra-a' (datacenter-fortigate) and 'fra-b' (datacenter-large) have different configurations; give them the same one"
    assert sentence in run.failure["msg"] and flex.requests()["total"] == 0


@pytest.mark.parametrize("role", sorted(path.name for path in (ROOT / "roles").iterdir()))
def test_defaults_specification_and_readme_say_the_same(role: str) -> None:
    home = ROOT / "roles" / role
    options = yaml.safe_load((home / "meta/argument_specs.yml").read_text())["argument_specs"][
        "main"
    ]["options"]
    text = (home / "defaults/main.yml").read_text()
    inside = home / "vars/main.yml"
    defaults, inner = (
        yaml.safe_load(text),
        yaml.safe_load(inside.read_text()) if inside.exists() else {},
    )
    readme = (home / "README.md").read_text()
    sites = {
        f"{role}_{option}"
        for key, value in inner.items()
        if key.endswith("_options")
        for option in value
    }
    every = (
        sites
        | set(defaults)
        | {line.strip("# :") for line in text.splitlines() if line.startswith(f"# {role}_")}
    )
    assert set(options) == every
    assert [name for name in options if f"`{name}`" not in readme] == []
    own = {
        f"{role}_{key}": value
        for entry in inner.values()
        if isinstance(entry, dict)
        for key, value in entry.items()
    }
    told = {name: spec["default"] for name, spec in options.items() if "default" in spec}
    assert {name: value for name, value in told.items() if name in {**defaults, **own}} == {
        name: value for name, value in {**defaults, **own}.items() if name in told
    }


def test_a_license_is_delivered_and_no_output_shows_a_token(
    controller: Controller, flex: Simulator, inventory: Any
) -> None:
    made = flex.seed_configuration("branch")["id"]
    flex.seed(
        [
            {"configId": made, "description": name, "status": "PENDING"}
            for name in ("oslo", "lima", "bonn")
        ]
    )
    flex.settings(device_answer="aborted")
    tokens = [item["token"] for item in flex.state()["entitlements"]]
    hosts = {
        "oslo": {
            "license_delivery_url": f"{flex.url}/device/oslo",
            "license_delivery_api_token": "demo-device-token",
        },
        "lima": {"license_delivery_method": "bootstrap"},
        "bonn": {"license_delivery_method": "cli"},
        "rome": {"license_delivery_method": "cli"},
    }
    playbook = [
        {"hosts": "all", "gather_facts": False, "roles": ["flexops.fortiflex.license_delivery"]}
    ]
    where = inventory("sites", hosts)

    check = controller.play(playbook, *where, "--check", "--diff", "-vvv")
    run = controller.play(playbook, *where, "--diff", "-vvv")
    again = controller.play(playbook, *where, "--diff")

    assert (
        "'rome' has no entitlement" in run.output
        and run.recap["oslo"]["changed"] == 1
        and run.recap["oslo"]["failed"] == 0
    )
    assert (
        again.recap["oslo"]["changed"]
        == again.recap["lima"]["changed"]
        == again.recap["bonn"]["changed"]
        == 0
    )
    for secret in (*tokens, "demo-device-token"):
        assert secret not in check.output + run.output + again.output
    files = {path.name: path for path in (controller.directory / "license_delivery").iterdir()}
    assert set(files) == {"lima.userdata", "bonn.cli"} and all(
        path.stat().st_mode & 0o077 == 0 for path in files.values()
    )
    assert {device["name"]: device["license"] for device in flex.state()["devices"]} == {
        "oslo": "Valid"
    }


@pytest.mark.thorough
@pytest.mark.long
def test_a_license_is_delivered_by_ssh_with_a_new_token_and_no_output_shows_it(
    tmp_path: Path, inventory: Any
) -> None:
    with start(console=True, settings={"device_reboot_seconds": 8}) as flex:
        controller = Controller(tmp_path, flex, settings={"ANSIBLE_HOST_KEY_CHECKING": "false"})
        made = flex.seed_configuration("manager")["id"]
        seeded = flex.seed(
            [
                {"configId": made, "description": name, "status": "ACTIVE", "tokenStatus": "USED"}
                for name in ("fmg", "faz")
            ]
        )
        console = {
            "license_delivery_method": "cli",
            "ansible_host": "127.0.0.1",
            "ansible_port": flex.console_port,
        }
        hosts = {
            "fmg": {**console, "ansible_user": "fmg", "ansible_password": "demo-device-token"},
            "faz": {**console, "ansible_user": "faz"},
        }
        playbook = [
            {"hosts": "all", "gather_facts": False, "roles": ["flexops.fortiflex.license_delivery"]}
        ]
        where = inventory("sites", hosts)

        check = controller.play(playbook, *where, "--check", "-vvvv")
        assert check.recap["fmg"]["changed"] == 1 and flex.writes() == 0
        run = controller.play(playbook, *where, "-vvvv")
        again = controller.play(playbook, *where)

        assert (
            run.recap["fmg"]["failed"] == 0
            and run.recap["faz"]["unreachable"] + run.recap["faz"]["failed"] == 1
        ), run.output
        assert again.recap["fmg"]["changed"] == 0
        tokens = {item["token"] for item in flex.state()["entitlements"]} | {
            item["token"] for item in seeded
        }
        assert len(tokens) == 3, "the one of fmg was used, so it got another"
        for secret in (*tokens, "demo-device-token"):
            assert secret not in check.output + run.output + again.output
        devices = {
            device["name"]: (device["serial"], device["license"])
            for device in flex.state()["devices"]
        }
        assert (
            devices["fmg"] == (seeded[0]["serialNumber"], "Valid")
            and devices["faz"][1] == "Invalid"
        )


@pytest.mark.thorough
@pytest.mark.long
def test_a_device_that_cannot_fetch_its_license_is_told_so_after_two_attempts(
    tmp_path: Path, inventory: Any
) -> None:
    with start(console=True, settings={"device_refuses": True}) as flex:
        controller = Controller(tmp_path, flex, settings={"ANSIBLE_HOST_KEY_CHECKING": "false"})
        flex.seed(
            [
                {
                    "configId": flex.seed_configuration("manager")["id"],
                    "description": "fmg",
                    "status": "PENDING",
                }
            ]
        )
        fmg = {
            "license_delivery_method": "cli",
            "ansible_host": "127.0.0.1",
            "ansible_port": flex.console_port,
            "ansible_user": "fmg",
            "ansible_password": "demo-device-token",
        }
        playbook = [
            {"hosts": "all", "gather_facts": False, "roles": ["flexops.fortiflex.license_delivery"]}
        ]
        run = controller.play(playbook, *inventory("sites", {"fmg": fmg}))
        assert (
            "fmg does not run as" in run.failure["msg"]
            and "reaches FortiCare" in run.failure["msg"]
        )
        assert flex.requests()["by_path"]["entitlements/vm/token"] == 1


def test_a_variable_of_a_role_is_filled_in_for_each_host(
    controller: Controller, flex: Simulator, inventory: Any
) -> None:
    of_role = [{"id": 1, "value": "1"}, {"id": 2, "value": "UTP"}]  # what the role has by default
    made = flex.seed_configuration("branch-small", parameters=of_role)["id"]
    names = ("a", "b", "x-a", "x-b")
    flex.seed([{"configId": made, "description": name, "status": "ACTIVE"} for name in names])
    where = inventory("labs", {"a": {"site": "west"}, "b": {"site": "east"}})

    def run(role: str, **variables: Any) -> None:
        called = {
            "role": f"flexops.fortiflex.{role}",
            "vars": {f"{role}_{name}": value for name, value in variables.items()},
        }
        assert (
            controller.play(
                [{"hosts": "labs", "gather_facts": False, "serial": 1, "roles": [called]}], *where
            ).rc
            == 0
        )

    run("development", running=False, name="{{ 'x-' ~ inventory_hostname }}")
    assert {name: held[1] for name, held in controller.licensed().items()} == {
        "a": "ACTIVE",
        "b": "ACTIVE",
        "x-a": "STOPPED",
        "x-b": "STOPPED",
    }
    run("branch_office", tags={"site": "{{ site }}"})
    assert {"a [site=west]", "b [site=east]"} <= set(controller.licensed())
    run("retire", keep_running="{{ inventory_hostname == 'b' }}")
    assert {"[spare]", "b [site=east]", "x-a", "x-b"} == set(controller.licensed())


# Whatever acts once for all hosts of a play in one account: its hosts, and variables that it needs.
IN_ONE_ACCOUNT: dict[str, dict[str, Any]] = {
    "branch_office": {},
    "datacenter": {},
    "development": {"development_running": True},
    "license_delivery": {},
    "retire": {},
}


def test_each_role_is_known_to_act_in_one_account_or_not() -> None:
    roles = {path.name for path in (ROOT / "roles").iterdir()}
    assert roles == {*IN_ONE_ACCOUNT, "usage_report"}  # which asks about usage_report_accounts


@pytest.mark.parametrize("variable", ["fortiflex_account_id", "fortiflex_program"])
@pytest.mark.parametrize("role", IN_ONE_ACCOUNT)
def test_hosts_of_several_accounts_are_refused_before_anything_is_sent(
    controller: Controller, flex: Simulator, inventory: Any, role: str, variable: str
) -> None:
    where = inventory("labs", {"a": {variable: "2000001"}, "b": {variable: "2000002"}, "c": {}})
    called = {"role": f"flexops.fortiflex.{role}", "vars": IN_ONE_ACCOUNT[role]}
    run = controller.play([{"hosts": "labs", "gather_facts": False, "roles": [called]}], *where)
    told = f"flex_sites: a (2000001) and b (2000002) have different {variable}; run the play for"
    assert run.rc == 2 and told in " ".join(run.output.split())
    assert flex.requests()["total"] == 0


@pytest.mark.parametrize("key", ["group/flexops.fortiflex.flex", "flexops.fortiflex.flex_fleet"])
def test_a_role_takes_the_program_of_module_defaults(
    controller: Controller, flex: Simulator, inventory: Any, key: str
) -> None:
    """It passes ``fortiflex_program``, which is not set here, and Ansible drops a default for what is omitted."""
    where = inventory("labs", {"a": {}})
    playbook = {
        "hosts": "labs",
        "gather_facts": False,
        "module_defaults": {key: {"program": flex.environment()["FORTIFLEX_PROGRAM"]}},
        "roles": ["flexops.fortiflex.branch_office"],
    }
    assert controller.play([playbook], *where, env={"FORTIFLEX_PROGRAM": ""}).changed == 1
    assert len(flex.state()["entitlements"]) == 1


def test_a_variable_of_a_role_and_of_some_hosts_is_refused(
    controller: Controller, flex: Simulator, inventory: Any
) -> None:
    where = inventory("labs", {"a": {}, "b": {"branch_office_profile": "large"}})
    playbook = [
        {
            "hosts": "labs",
            "gather_facts": False,
            "roles": [
                {
                    "role": "flexops.fortiflex.branch_office",
                    "vars": {"branch_office_profile": "medium"},
                }
            ],
        }
    ]
    run = controller.play(playbook, *where)
    assert (
        run.rc == 2
        and "branch_office_profile is set by the play or role, and by the inventory for b; set it in one place"
        in run.output
    )
    assert flex.requests()["total"] == 0


def test_a_site_that_was_never_charged_saves_nothing(
    controller: Controller, flex: Simulator, inventory: Any
) -> None:
    flex.seed(
        [
            {
                "configId": flex.seed_configuration("branch-small")["id"],
                "description": "a",
                "status": "PENDING",
            }
        ]
    )
    command = ["flexops.fortiflex.retire_sites", *inventory("labs", {"a": {}}), "-e", "target=labs"]
    for more, verb in (["--check"], "would be"), ([], "is"):
        said = " ".join(controller.play(*command, *more).output.split())
        assert f"1 site {verb} retired. What is charged does not change. In use, PENDING" in said
        price = re.search(r"would have cost (\d+\.\d\d) points a day\.", said)
        assert price and float(price[1]) > 0
    said = " ".join(controller.play(*command).output.split())
    assert "1 site is retired. What is charged does not change." in said and "-0" not in said


@pytest.mark.thorough
def test_a_license_is_delivered_only_to_whom_it_helps(
    controller: Controller, flex: Simulator, inventory: Any
) -> None:
    made = flex.seed_configuration("branch")["id"]
    seeded = flex.seed(
        [
            {
                "configId": made,
                "description": "twice",
                "status": "PENDING",
                "startDate": f"{day(-10)}T00:00:00",
            },
            {
                "configId": made,
                "description": "twice",
                "status": "PENDING",
                "startDate": f"{day(-20)}T00:00:00",
            },
            {"configId": made, "description": "used", "status": "ACTIVE", "tokenStatus": "USED"},
            {"configId": made, "description": "stopped", "status": "STOPPED"},
            {"configId": made, "description": "dc/new", "status": "PENDING"},
        ]
    )
    hosts: dict[str, dict[str, Any]] = {
        name: {"license_delivery_method": "bootstrap"} for name in ("used", "stopped", "dc/new")
    }
    hosts["twice"] = {"license_delivery_method": "cli", "ansible_user": "admin"}
    hosts["running"] = {"license_delivery_method": "fortios", "license_delivery_name": "used"}
    playbook = [
        {"hosts": "all", "gather_facts": False, "roles": ["flexops.fortiflex.license_delivery"]}
    ]
    where = (*inventory("sites", hosts), "-e", "license_delivery_enter=false")

    run = controller.play(playbook, *where)
    written = {
        path.name: path.read_text()
        for path in (controller.directory / "license_delivery").iterdir()
    }
    assert (
        set(written) == {"twice.cli", f"{file_name('dc/new')}.userdata"}
        and written["twice.cli"] == f"execute vm-license {seeded[1]['token']}\n"
    )
    assert re.search(r"The license token of 'used' \(FG\w+\) is used", run.output) and re.search(
        r"'stopped' \(FG\w+\) is STOPPED; start it first", run.output
    )
    assert "running: set license_delivery_url and license_delivery_api_token" in run.output

    renewed = controller.play(
        playbook, *where, "-e", "license_delivery_renew=true", "--limit", "used"
    )
    assert (
        renewed.changed == 2
        and (controller.directory / "license_delivery" / "used.userdata").exists()
    )
    assert seeded[2]["token"] not in {item["token"] for item in flex.state()["entitlements"]}


@pytest.mark.parametrize(
    "token", ["0A1B2C3D\nexecute factoryreset", "0A1B2C3D\n", "a b; reboot", "$(id)"]
)
@pytest.mark.parametrize("method", ["bootstrap", "cli"])
def test_a_token_that_is_more_than_a_word_goes_to_no_device(
    controller: Controller, flex: Simulator, inventory: Any, method: str, token: str
) -> None:
    made = flex.seed_configuration("branch")["id"]
    flex.seed([{"configId": made, "description": "oslo", "status": "PENDING", "token": token}])
    where = inventory(
        "sites", {"oslo": {}}, license_delivery_method=method, license_delivery_enter=False
    )
    run = controller.play(
        [{"hosts": "all", "gather_facts": False, "roles": ["flexops.fortiflex.license_delivery"]}],
        *where,
    )
    assert run.rc == 2 and "has other characters than letters and digits" in run.output
    assert token.strip() not in run.output
    assert not (controller.directory / "license_delivery").exists()


@pytest.mark.parametrize(("method", "ending"), [("bootstrap", "userdata"), ("cli", "cli")])
def test_each_host_has_a_file_of_its_own(
    controller: Controller, flex: Simulator, inventory: Any, method: str, ending: str
) -> None:
    names = ["fw 1", "fw_1", "FW_1", "東京支店第一", "大阪支店第二", "z\u00fcrich"]
    made = flex.seed_configuration("branch")["id"]
    seeded = flex.seed(
        [{"configId": made, "description": name, "status": "PENDING"} for name in names]
    )
    hosts: dict[str, dict[str, Any]] = {name: {} for name in names}
    where = inventory("sites", hosts, license_delivery_method=method, license_delivery_enter=False)
    run = controller.play(
        [{"hosts": "all", "gather_facts": False, "roles": ["flexops.fortiflex.license_delivery"]}],
        *where,
    )
    assert run.changed, run.output
    directory = controller.directory / "license_delivery"
    assert len({path.name.casefold() for path in directory.iterdir()}) == len(names)
    for name, item in zip(names, seeded, strict=True):
        text = (directory / f"{file_name(name)}.{ending}").read_text()
        assert item["token"] in text
    assert (directory / f"fw_1.{ending}").exists()
