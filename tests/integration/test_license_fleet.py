# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``license_fleet``, the main job, with the sample company and with small inventories that say something wrong or odd."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from integration.playbook import LICENSE_FLEET, ROOT, SAMPLE, Controller, play
from moments import day

from simulator.launch import Simulator

CONFIGURATIONS = [
    {
        "name": "branch",
        "product": "fortigate_vm_bundle",
        "parameters": {"cpus": 2, "service_package": "UTP"},
    }
]


@pytest.fixture
def sites(tmp_path: Path) -> Any:
    """Writes an inventory of sites from their host variables; answers the arguments that name it."""

    def write(hosts: dict[str, dict[str, Any]], **variables: Any) -> tuple[str, str]:
        path = tmp_path / "hosts.json"
        every = {"fortiflex_configurations": CONFIGURATIONS, **variables}
        path.write_text(json.dumps({"fortiflex_sites": {"hosts": hosts, "vars": every}}))
        return "-i", str(path)

    return write


def observations(flex: Simulator) -> int:
    """How often somebody queried the whole account."""
    return int(flex.requests()["by_path"].get("entitlements/list", 0))


def test_the_sample_company_is_licensed_once_and_follows_its_inventory(
    controller: Controller, flex: Simulator
) -> None:
    controller.settings = {"ANSIBLE_FORKS": "1"}
    check = controller.play(LICENSE_FLEET, "-i", SAMPLE, "--check", "--diff")
    assert (check.changed, flex.writes()) == (1, 0)
    assert "  + create   branch-boston " in check.stdout and '"branch-oslo": {' not in check.stdout
    plan = "Plan: 128 to create; configurations: 6 to create"
    assert check.answers == [plan]

    first = controller.play(LICENSE_FLEET, "-i", SAMPLE, "-f", "50")
    assert (first.changed, flex.writes()) == (1, 128 + 6)
    assert first.answers == [plan, "Done: 128 created; configurations: 6 created"]
    licensed = controller.licensed()
    assert len(licensed) == 128
    assert Counter(name for name, _status in licensed.values()) == {
        "branch-small": 76,
        "branch-medium": 30,
        "branch-large": 14,
        "datacenter-fortigate": 4,
        "datacenter-fortimanager": 2,
        "datacenter-fortianalyzer": 2,
    }
    assert licensed["branch-oslo [cost_center=1300; region=northern_europe]"] == (
        "branch-medium",
        "PENDING",
    )

    flex.reset_requests()
    second = controller.play(LICENSE_FLEET, "-i", SAMPLE)
    assert (second.changed, flex.writes()) == (0, 0)
    assert flex.requests()["by_path"] == {"configs/list": 1, "entitlements/list": 1}
    assert controller.licensed() == licensed

    for machine in flex.state()["entitlements"]:
        flex.redeem(machine["token"])
    change = ["-i", SAMPLE, "-i", str(ROOT / "tests" / "demo" / "change.yml")]
    assert controller.play(LICENSE_FLEET, *change, "--check").answers == [
        "Plan: 1 to create, 1 to move, 1 to release, 126 as they should be"
    ]
    assert flex.writes() == 0
    third = controller.play(LICENSE_FLEET, *change)
    assert third.changed == 1
    changed = controller.licensed()
    assert changed.pop("[spare]") == ("branch-small", "STOPPED")
    assert changed.pop("branch-reykjavik [cost_center=1300; region=northern_europe]") == (
        "branch-small",
        "PENDING",
    )
    del licensed["branch-cork [cost_center=1300; region=northern_europe]"]
    licensed["branch-oslo [cost_center=1300; region=northern_europe]"] = ("branch-large", "")
    assert {name: held[0] for name, held in changed.items()} == {
        name: held[0] for name, held in licensed.items()
    }

    flex.reset_requests()
    assert controller.play(LICENSE_FLEET, *change).changed == 0
    assert flex.writes() == 0


def test_limit_leaves_the_other_sites_alone(controller: Controller) -> None:
    limited = controller.play(LICENSE_FLEET, "-i", SAMPLE, "--limit", "branch-oslo,branch-lima")
    assert limited.changed == 1
    assert {text.split(" [")[0] for text in controller.licensed()} == {"branch-oslo", "branch-lima"}

    assert (
        controller.play(LICENSE_FLEET, "-i", SAMPLE, "-e", "target=tallinn:branch-riga").changed
        == 1
    )
    assert {text.split(" [")[0] for text in controller.licensed()} == {
        "branch-oslo",
        "branch-lima",
        "branch-riga",
    }


def test_one_module_call_whatever_serial_is(
    controller: Controller, flex: Simulator, sites: Any, tmp_path: Path
) -> None:
    text = (
        (ROOT / "playbooks" / "license_fleet.yml")
        .read_text()
        .replace("  gather_facts: false\n", "  gather_facts: false\n  serial: 3\n")
    )
    assert "serial: 3\n" in text
    playbook = tmp_path / "in_batches.yml"
    playbook.write_text(text)
    inventory = sites(
        {f"site-{number}": {} for number in range(7)}, fortiflex_configuration="branch"
    )
    controller.play(LICENSE_FLEET, *inventory)
    for forks in ("1", "50"):
        flex.reset_requests()
        run = controller.play(playbook, *inventory, "-f", forks)
        assert run.changed == 0
        assert run.answers == ["= Nothing to change: 7 as they should be"]
        assert observations(flex) == 1


def test_sites_are_not_connected_to(controller: Controller, sites: Any) -> None:
    inventory = sites(
        {"firewall.invalid": {}},
        fortiflex_configuration="branch",
        ansible_connection="ansible.netcommon.httpapi",
        ansible_network_os="fortios",
    )

    assert controller.play(LICENSE_FLEET, *inventory).changed == 1
    assert controller.licensed() == {"firewall.invalid": ("branch", "PENDING")}


def test_host_variables_are_options(controller: Controller, flex: Simulator, sites: Any) -> None:
    inventory = sites(
        {
            "host-1": {
                "fortiflex_name": "oslo",
                "fortiflex_configuration": "branch",
                "fortiflex_tags": {"region": "north"},
                "fortiflex_end_date": day(30),
            },
            "host-2": {
                "fortiflex_configuration": "branch",
                "fortiflex_skip_pending": "{{ 'yes' }}",
            },
            "host-3": {"fortiflex_configuration": "branch", "fortiflex_state": "absent"},
            "host-4": {
                "fortiflex_configuration": "branch",
                "fortiflex_state": "stopped",
                "fortiflex_tags": None,
            },
        }
    )

    assert controller.play(LICENSE_FLEET, *inventory).changed == 1

    assert controller.licensed() == {
        "oslo [region=north]": ("branch", "PENDING"),
        "host-2": ("branch", "ACTIVE"),
    }
    ends = {item["description"]: item["endDate"][:10] for item in flex.state()["entitlements"]}
    assert ends["oslo [region=north]"] == day(30)
    assert controller.play(LICENSE_FLEET, *inventory).changed == 0


def test_max_new_refuses_before_anything_is_written(
    controller: Controller, flex: Simulator, sites: Any
) -> None:
    inventory = sites({"oslo": {}, "lima": {}}, fortiflex_configuration="branch")

    message = controller.play(LICENSE_FLEET, *inventory, "-e", "fortiflex_max_new=1").failure["msg"]

    assert "2 entitlements" in message and "max_new=1" in message
    assert flex.writes() == 0


WRONG: dict[str, tuple[dict[str, dict[str, Any]], list[str]]] = {
    "no configuration": (
        {"oslo": {}, "lima": {"fortiflex_configuration": "branch"}},
        ["'oslo'", "configuration"],
    ),
    "unknown configuration": (
        {"oslo": {"fortiflex_configuration": "branhc"}},
        ["'oslo'", "'branhc'", "'branch'"],
    ),
    "one name twice": (
        {
            "oslo": {"fortiflex_configuration": "branch"},
            "lima": {"fortiflex_configuration": "branch", "fortiflex_name": "oslo"},
        },
        ["2 hosts have 'oslo' ('oslo', 'lima')"],
    ),
    "an unknown state": (
        {"oslo": {"fortiflex_configuration": "branch", "fortiflex_state": "running"}},
        ["running", "absent"],
    ),
    "a date in the past": (
        {"oslo": {"fortiflex_configuration": "branch", "fortiflex_end_date": "2020-02-29"}},
        ["'oslo'", "2020-02-29"],
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said_before_anything_is_written(
    controller: Controller, flex: Simulator, sites: Any, case: str
) -> None:
    hosts, words = WRONG[case]

    result = controller.play(LICENSE_FLEET, *sites(hosts)).failure

    assert not [word for word in words if word not in result["msg"]], result["msg"]
    assert flex.writes() == 0


def test_all_of_an_inventorys_mistakes_at_once(
    controller: Controller, flex: Simulator, sites: Any
) -> None:
    hosts = {
        "oslo": {"fortiflex_name": "a ["},
        "lima": {"fortiflex_end_date": "soon"},
        "rome": {"fortiflex_configuration": "branch"},
    }

    message = controller.play(LICENSE_FLEET, *sites(hosts), env={"FORTIFLEX_PROGRAM": ""}).failure[
        "msg"
    ]

    assert (
        "'a ['" in message
        and "bracket" in message
        and "soon" in message
        and "FORTIFLEX_PROGRAM" in message
    )
    assert flex.requests()["total"] == 0


def test_devices_spares_prices_and_pruning_of_an_inventory(
    controller: Controller, flex: Simulator, sites: Any
) -> None:
    hardware = {
        "name": "hw",
        "product": "fortigate_hardware",
        "parameters": {"model": "FGT60F", "service_package": "UTP"},
    }
    everywhere = {
        "fortiflex_configurations": [*CONFIGURATIONS, hardware],
        "fortiflex_spares": {"branch": 1},
        "fortiflex_estimate": True,
    }
    device = {
        "fortiflex_serial_number": "FGT60FTK26000001",
        "fortiflex_configuration": "hw",
        "fortiflex_name": "bonn-1",
        "fortiflex_describe": True,
    }
    hosts: dict[str, dict[str, Any]] = {
        name: {"fortiflex_configuration": "branch"} for name in ("oslo", "lima")
    }

    first = controller.play(LICENSE_FLEET, *sites({**hosts, "bonn": device}, **everywhere))
    assert first.changed == 1 and "Cost: 0.00 -> " in first.stdout
    assert sorted(controller.licensed()) == ["[spare]", "bonn-1", "lima", "oslo"]

    del hosts["lima"]
    smaller = sites(hosts, **everywhere, fortiflex_prune={"names": ["*"]}, fortiflex_max_prune=2)
    assert (
        "limited to" in controller.play(LICENSE_FLEET, *smaller, "--limit", "oslo").failure["msg"]
    )
    assert controller.play(LICENSE_FLEET, *smaller).answers[-1] == (
        "Done: 1 stopped, 1 released, 1 as they should be"
    )
    held = sorted((item["description"], item["status"]) for item in flex.state()["entitlements"])
    assert [(name, status) for name, status in held if status != "PENDING"] == [
        ("bonn-1", "STOPPED")
    ]
    assert [name for name, _status in held] == ["[spare]", "[spare]", "bonn-1", "oslo"]


def tenants(controller: Controller) -> dict[str, set[str]]:
    """What each account holds, by account: names."""
    held: dict[str, set[str]] = {}
    for item in controller.flex.state()["entitlements"]:
        held.setdefault(str(item["accountId"]), set()).add(item["description"])
    return held


def test_each_account_gets_its_sites_and_one_call(
    controller: Controller, flex: Simulator, sites: Any
) -> None:
    hosts: dict[str, dict[str, Any]] = {
        "oslo": {"fortiflex_account_id": "acme"},
        "lima": {"fortiflex_account_id": 2000001},
        "rome": {"fortiflex_account_id": 2000002},
        "bonn": {"fortiflex_account_id": 2000001},
        "kiel": {"fortiflex_account_id": "2000003"},
    }
    for name in ("lima", "bonn"):
        hosts[name]["fortiflex_spares"] = {"branch": 2}  # of an account as a whole
    inventory = sites(
        hosts, fortiflex_configuration="branch", fortiflex_account_aliases={"acme": 2000002}
    )
    check = controller.play(LICENSE_FLEET, *inventory, "--check")
    assert check.changed == 1 and flex.writes() == 0
    assert [line for line in check.stdout.splitlines() if line.startswith("Account ")] == [
        "Account acme (2000002):", "Account 2000001:", "Account 2000003:",
    ]  # fmt: skip
    run = controller.play(LICENSE_FLEET, *inventory)
    assert [text.partition(";")[0] for text in run.answers[1::2]] == [
        "Done: 2 created",
        "Done: 2 created",
        "Done: 1 created",
    ] and run.changed == 1
    assert tenants(controller) == {
        "2000001": {"lima", "bonn", "[spare]"},
        "2000002": {"oslo", "rome"},
        "2000003": {"kiel"},
    }
    flex.reset_requests()
    assert controller.play(LICENSE_FLEET, *inventory).changed == 0
    assert flex.requests()["by_path"] == {"configs/list": 3, "entitlements/list": 3}


def test_one_account_that_fails_keeps_no_other_back(
    controller: Controller, flex: Simulator, sites: Any
) -> None:
    hosts = {
        "oslo": {"fortiflex_account_id": 2000001},
        "rome": {"fortiflex_account_id": 2000002},
        "kiel": {"fortiflex_account_id": 2000003},
    }
    hosts["oslo"] |= {"fortiflex_max_new": 0}
    inventory = sites(
        hosts, fortiflex_configuration="branch", fortiflex_allowed_accounts=[2000001, 2000003]
    )
    run = controller.play(LICENSE_FLEET, *inventory)
    assert run.rc == 2 and tenants(controller) == {"2000003": {"kiel"}}
    assert "Account 2000001: the plan creates 1 entitlement, more than max_new=0" in run.output
    assert (
        "Account 2000002: Account 2000002 is not one of allowed_accounts (2000001, 2000003)"
        in run.output
    )


def test_what_prune_may_release_is_known_of_each_account(
    controller: Controller, flex: Simulator, sites: Any
) -> None:
    hosts: dict[str, dict[str, Any]] = {"oslo": {"fortiflex_account_id": 2000001}, "rome": {}}
    inventory = sites(hosts, fortiflex_configuration="branch", fortiflex_prune={"names": ["*"]})
    run = controller.play(LICENSE_FLEET, *inventory, env={"FORTIFLEX_ACCOUNT_ID": ""})
    assert (
        run.rc == 2
        and "rome has no fortiflex_account_id, and others have; set it for all, so that prune knows what is whose"
        in run.output
    )
    assert flex.requests()["total"] == 0


def test_an_account_is_one_however_it_is_written(
    controller: Controller, flex: Simulator, sites: Any
) -> None:
    written = {"oslo": "acme", "rome": "", "bonn": " 2000001 ", "kiel": 2000001, "lima": None}
    hosts: dict[str, dict[str, Any]] = {
        name: {"fortiflex_account_id": account} for name, account in written.items()
    }
    prune = {"fortiflex_prune": {"names": ["*"]}, "fortiflex_max_prune": "100%"}
    run = controller.play(
        LICENSE_FLEET,
        *sites(hosts, fortiflex_configuration="branch", **prune),
        env={"FORTIFLEX_ACCOUNT_ALIASES": "acme=2000001"},
    )
    assert run.changed == 1 and tenants(controller) == {"2000001": set(hosts)}
    as_text = ("-e", "fortiflex_account_aliases=acme=2000001,other=2000002")
    assert (
        controller.play(
            LICENSE_FLEET, *sites(hosts, fortiflex_configuration="branch", **prune), *as_text
        ).changed
        == 0
    )


def test_an_account_that_is_none_is_refused(
    controller: Controller, flex: Simulator, sites: Any
) -> None:
    run = controller.play(
        LICENSE_FLEET,
        *sites(
            {"oslo": {"fortiflex_account_id": "acne"}}, fortiflex_account_aliases={"acme": 2000001}
        ),
    )
    assert (
        run.rc == 2
        and "fortiflex_account_id of oslo: 'acne' is no account number and no alias (acme)"
        in run.output
    )
    assert flex.requests()["total"] == 0


def test_each_site_may_be_in_a_program_of_its_own(
    controller: Controller, flex: Simulator, sites: Any
) -> None:
    hosts: dict[str, dict[str, Any]] = {
        "oslo": {"fortiflex_program": "ELAVMR0000000100", "fortiflex_account_id": 1000001},
        "rome": {"fortiflex_account_id": 2000001},
    }
    inventory = sites(hosts, fortiflex_configuration="branch")
    assert controller.play(LICENSE_FLEET, *inventory).changed == 1 and tenants(controller) == {
        "1000001": {"oslo"},
        "2000001": {"rome"},
    }
    assert controller.play(LICENSE_FLEET, *inventory).changed == 0


def test_a_price_that_cannot_be_had_keeps_nothing_from_being_done(
    controller: Controller, flex: Simulator, sites: Any
) -> None:
    flex.faults([{"path": "tools/calc", "kind": "refused", "always": True}])
    inventory = sites({"oslo": {}}, fortiflex_configuration="branch", fortiflex_estimate=True)
    run = controller.play(LICENSE_FLEET, *inventory)
    assert run.changed == 1 and "Could not price the plan (" in " ".join(run.output.split())
    limited = controller.play(
        LICENSE_FLEET,
        *sites({"lima": {}}, fortiflex_configuration="branch", fortiflex_max_points_per_day=100),
    )
    assert limited.rc == 2 and tenants(controller) == {
        "2000001": {"oslo"}
    }  # a budget that cannot be checked is not kept to


def test_an_account_that_fails_is_not_said_to_be_like_the_one_before(
    controller: Controller, flex: Simulator, sites: Any
) -> None:
    inventory = sites(
        {"oslo": {"fortiflex_account_id": 2000001}, "rome": {"fortiflex_account_id": 2000002}},
        fortiflex_configuration="branch",
    )
    file = {"fortiflex_plan_file": "plan.json"}
    assert controller.play(LICENSE_FLEET, *inventory, "-e", json.dumps(file), "--check").rc == 0
    path = controller.directory / "plan.json"
    plan = json.loads(path.read_text())
    del plan["fortiflex_plan"]["2000002"]["changes"][1]
    run = controller.play(LICENSE_FLEET, *inventory, "-e", json.dumps(plan | file), "--check")
    told = json.loads(path.read_text())["fortiflex_plan"]
    assert run.rc == 2 and told["2000001"]["create"] == 1 and "error" not in told["2000001"]
    assert told["2000002"].pop("error").startswith("plan: what it says of account 2000002")
    assert told["2000002"] == {"changed": False, "changes": []}


def test_an_approved_plan_and_nothing_else(
    controller: Controller, flex: Simulator, sites: Any
) -> None:
    accounts = {
        "oslo": {"fortiflex_account_id": 2000001},
        "rome": {"fortiflex_account_id": 2000002},
    }
    inventory = sites(accounts, fortiflex_configuration="branch")
    plan = ("-e", "fortiflex_plan_file=plan.json")
    assert controller.play(LICENSE_FLEET, *inventory, "--check", *plan).rc == 0
    accounts["lima"] = {"fortiflex_account_id": 2000002}
    dearer = sites(accounts, fortiflex_configuration="branch")
    refused = controller.play(LICENSE_FLEET, *dearer, "-e", "@plan.json")
    assert refused.rc == 2 and tenants(controller) == {"2000001": {"oslo"}}
    told = " ".join(refused.output.split())
    assert "Account 2000002: 1 change would be made that is not in the plan: create" in told
    assert "entitlement 'lima': branch, PENDING" in told
    del accounts["lima"]
    again = sites(accounts, fortiflex_configuration="branch")
    assert controller.play(LICENSE_FLEET, *again, "-e", "@plan.json").changed == 1
    assert tenants(controller) == {"2000001": {"oslo"}, "2000002": {"rome"}}


def test_a_plan_is_written_in_each_format_and_nothing_in_it_is_evaluated(
    controller: Controller, flex: Simulator, sites: Any
) -> None:
    template = "{{ 'evalu' ~ 'ated' }}"
    tags = {"site": {"__ansible_unsafe": template}}
    inventory = sites({"oslo": {"fortiflex_tags": tags}}, fortiflex_configuration="branch")
    files = ("plan.json", "plan.md", "plan.html")
    option = f"fortiflex_plan_file={','.join(files)}"
    assert controller.play(LICENSE_FLEET, *inventory, "--check", "-e", option).rc == 0
    texts = [(controller.directory / name).read_text() for name in files]
    assert flex.writes() == 0 and all("Creates 1 license" in text for text in texts[1:])
    assert template in texts[1]
    shown = {"ansible.builtin.debug": {"msg": "{{ fortiflex_plan }}"}}
    read = controller.play(play(shown), "-e", "@plan.json")
    assert "'evalu' ~" in read.stdout and "evaluated" not in read.stdout, read.output

    odd = controller.play(LICENSE_FLEET, *inventory, "-e", "fortiflex_plan_file=plan.json,plan.pdf")
    assert odd.rc == 2 and "'plan.pdf' has none of the endings .json, .md, .html" in odd.output
    assert flex.writes() == 0
