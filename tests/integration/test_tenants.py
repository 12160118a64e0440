# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tenants from onboarding to offboarding: each playbook in check mode, which writes nothing, then twice; other tenants are never touched."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from integration.playbook import Controller, Run, module, play

from simulator.launch import Simulator

BAKERY, OTHER = 2000002, 2000003
ALIASES = {"fortiflex_account_aliases": {"bakery": BAKERY}, "tenant_account": "bakery"}
GATE = [{"id": 1, "value": "2"}, {"id": 2, "value": "ENT"}]
CONFIGURATION = {
    "name": "branch",
    "product": "fortigate_vm_bundle",
    "parameters": {"cpus": 2, "service_package": "ENT"},
}


def run_tenant(controller: Controller, name: str, *arguments: str, **variables: Any) -> Run:
    """Run a playbook for the bakery."""
    return controller.play(
        f"flexops.fortiflex.{name}_tenant",
        "-e",
        json.dumps({**ALIASES, **variables}),
        "--diff",
        *arguments,
    )


def thrice(controller: Controller, name: str, **variables: Any) -> tuple[Run, Run, Run]:
    """In check mode, which writes nothing, then twice, the second time without a change; no output shows a secret."""
    tokens = secrets(controller.flex)
    writes = controller.flex.writes()
    check = run_tenant(controller, name, "--check", "-vvv", **variables)
    assert check.rc == 0, check.output
    assert controller.flex.writes() == writes
    run = run_tenant(controller, name, "-vvv", **variables)
    assert run.rc == 0, run.output
    writes = controller.flex.writes()
    again = run_tenant(controller, name, "-vvv", **variables)
    assert again.changed == 0, again.output
    assert controller.flex.writes() == writes
    for secret in tokens | secrets(controller.flex) | {"demo-password"}:
        assert secret not in check.output + run.output + again.output
    return check, run, again


def secrets(flex: Simulator) -> set[str]:
    """The license tokens of all entitlements."""
    return {item["token"] for item in flex.state()["entitlements"] if item["token"]}


def held(flex: Simulator, account: int = BAKERY) -> dict[str, tuple[str, str]]:
    """Description and status of everything in an account, by serial number."""
    return {
        item["serialNumber"]: (item["description"] or "", item["status"])
        for item in flex.state()["entitlements"]
        if item["accountId"] == account
    }


def lines(run: Run) -> str:
    """What the debug tasks showed."""
    return json.dumps(run.shown)


@pytest.fixture
def bakery(flex: Simulator) -> Iterator[dict[str, str]]:
    """A tenant with something of everything, beside another tenant that must stay as it is; serial numbers by what they are."""
    made = {
        kind: flex.seed_configuration(kind, accountId=BAKERY, **more)["id"]
        for kind, more in {
            "branch": {"parameters": [{"id": 1, "value": "2"}, {"id": 2, "value": "ENT"}]},
            "switch": {
                "productTypeId": 101,
                "parameters": [{"id": 27, "value": "FGT60F"}, {"id": 28, "value": "FGHWUTP"}],
            },
            "sase": {"productTypeId": 203},
        }.items()
    }
    kinds = {
        "oslo": ("branch", "oslo [region=north]", "ACTIVE"),
        "lima": ("branch", "lima", "ACTIVE"),
        "odd": ("branch", "bought [by Jo", "ACTIVE"),
        "cold": ("branch", "cold", "STOPPED"),
        "new": ("branch", "new", "PENDING"),
        "spare": ("branch", "[spare]", "STOPPED"),
        "lapsed": ("branch", "lapsed", "EXPIRED"),
        "device": ("switch", "", "ACTIVE"),
        "cloud": ("sase", "cloud", "ACTIVE"),
    }
    serials = {"device": "FGT60FTK26000001"}
    begun = (datetime.fromisoformat(flex.state()["clock"]["pacific"]) - timedelta(days=9)).strftime(
        "%Y-%m-%dT09:00:00"
    )
    seeded = flex.seed(
        [
            {
                "configId": made[configuration],
                "description": description,
                "status": status,
                "startDate": begun,
                **({"serialNumber": serials[kind]} if kind in serials else {}),
                **(
                    {"tokenStatus": "USED"}
                    if status == "ACTIVE" and configuration == "branch"
                    else {}
                ),
            }
            for kind, (configuration, description, status) in kinds.items()
        ]
    )
    other = flex.seed_configuration("branch", accountId=OTHER)["id"]
    others = [("oslo", "ACTIVE"), ("x [suspended=2020-01-01]", "STOPPED")]
    flex.seed(
        [
            {"configId": other, "description": description, "status": status}
            for description, status in others
        ]
    )
    before = held(flex, OTHER)
    yield {kind: item["serialNumber"] for kind, item in zip(kinds, seeded, strict=True)}
    assert held(flex, OTHER) == before


def test_a_tenant_is_onboarded(controller: Controller, flex: Simulator) -> None:
    wanted = {
        "tenant_configurations": [CONFIGURATION],
        "tenant_entitlements": [{"name": "oslo", "configuration": "branch"}],
        "tenant_spares": {"branch": 2},
    }
    refused = run_tenant(controller, "onboard", **wanted, tenant_max_new=1)
    assert (
        "creates 3 entitlements, more than max_new=1" in refused.failure["msg"]
        and flex.writes() == 0
    )
    dear = run_tenant(controller, "onboard", **wanted, tenant_max_points_per_day=5)
    assert "more than max_points_per_day=5" in dear.failure["msg"] and flex.writes() == 0
    _check, run, _again = thrice(controller, "onboard", **wanted)
    assert (
        "costs 0.00 points a day now, and 6.39 once all PENDING entitlements are in use"
        in lines(run)
    )
    assert sorted(held(flex).values()) == [
        ("[spare]", "PENDING"),
        ("[spare]", "PENDING"),
        ("oslo", "PENDING"),
    ]
    assert {item["accountId"] for item in flex.state()["configurations"]} == {BAKERY}


def test_an_account_that_the_user_does_not_see_is_reported_before_anything_is_made(
    controller: Controller, flex: Simulator
) -> None:
    run = run_tenant(
        controller, "onboard", tenant_account="2000009", tenant_configurations=[CONFIGURATION]
    )
    assert "denied configs/list" in run.failure["msg"] and flex.writes() == 0
    limited = run_tenant(
        controller,
        "onboard",
        tenant_configurations=[CONFIGURATION],
        fortiflex_allowed_accounts=[OTHER],
    )
    assert (
        "Account bakery (2000002) is not one of allowed_accounts (2000003)"
        in limited.failure["msg"]
        and flex.writes() == 0
    )


@pytest.mark.thorough
def test_what_was_suspended_is_resumed_and_nothing_else(
    controller: Controller, flex: Simulator, bakery: dict[str, str], tmp_path: Path
) -> None:
    kept, before = tmp_path / "suspended.yml", held(flex)
    _check, run, _again = thrice(
        controller, "suspend", tenant_suspended_file=str(kept), tenant_until="2999-01-01"
    )
    after = held(flex)
    charged = {kind for kind, serial in bakery.items() if before[serial][1] == "ACTIVE"}
    assert charged == {"oslo", "lima", "odd", "device", "cloud"}
    assert {kind for kind, serial in bakery.items() if after[serial] != before[serial]} == charged
    assert {after[bakery[kind]][1] for kind in charged} == {"STOPPED"}
    assert after[bakery["oslo"]][0].startswith("oslo [region=north; suspended=20") and after[
        bakery["cloud"]
    ][0].startswith("cloud [suspended=20")
    assert after[bakery["odd"]][0] == "bought [by Jo"
    assert sorted(line.removeprefix("- ") for line in kept.read_text().splitlines()) == sorted(
        [bakery["odd"], bakery["device"]]
    )
    assert kept.stat().st_mode & 0o777 == 0o600
    assert "Today is charged already" in lines(run) and "days until 2999-01-01" in lines(run)
    assert "1 entitlement is PENDING" in lines(run) and bakery["device"] in lines(run)
    assert f"2 of what is stopped cannot bear the tag suspended: {bakery['device']}, " in lines(run)
    assert f"resume_tenant finds them in {kept}." in lines(run)

    _check, run, _again = thrice(controller, "resume", tenant_suspended_file=str(kept))
    assert held(flex) == before and not kept.exists()
    assert "5 entitlements are started" in lines(run)


@pytest.mark.thorough
def test_without_a_file_what_bears_no_tag_is_resumed_by_serial_number(
    controller: Controller, flex: Simulator, bakery: dict[str, str]
) -> None:
    before = held(flex)
    run = run_tenant(controller, "suspend")
    assert run.rc == 0 and bakery["odd"] in lines(run)
    flex.patch(bakery["lima"], status="EXPIRED")
    assert run_tenant(controller, "resume").rc == 0
    assert (
        held(flex)[bakery["odd"]] == ("bought [by Jo", "STOPPED")
        and held(flex)[bakery["lima"]][1] == "EXPIRED"
    )
    also = [bakery["odd"], bakery["device"]]
    assert run_tenant(controller, "resume", tenant_resume_also=also).changed > 0
    assert run_tenant(controller, "resume", tenant_resume_also=also).changed == 0
    assert {kind: held(flex)[serial] for kind, serial in bakery.items() if kind != "lima"} == {
        kind: before[serial] for kind, serial in bakery.items() if kind != "lima"
    }


@pytest.mark.thorough
@pytest.mark.parametrize("path", ["entitlements/stop", "entitlements/update"])
def test_an_interrupted_suspension_forgets_nothing(
    controller: Controller, flex: Simulator, bakery: dict[str, str], path: str
) -> None:
    before = held(flex)
    flex.faults([{"path": path, "kind": "refused", "nth": 2, "times": 100}])
    assert run_tenant(controller, "suspend").rc == 2
    for name in ("suspend", "resume"):
        flex.faults([])
        assert (
            run_tenant(controller, name, tenant_resume_also=[bakery["odd"], bakery["device"]]).rc
            == 0
        )
    assert held(flex) == before


@pytest.mark.thorough
def test_an_interrupted_resumption_forgets_nothing(
    controller: Controller, flex: Simulator, bakery: dict[str, str]
) -> None:
    before = held(flex)
    flex.faults([{"path": "entitlements/reactivate", "kind": "refused", "nth": 2, "times": 100}])
    assert run_tenant(controller, "suspend").rc == 0
    assert (
        run_tenant(controller, "resume", tenant_resume_also=[bakery["odd"], bakery["device"]]).rc
        == 2
    )
    flex.faults([])
    assert (
        run_tenant(controller, "resume", tenant_resume_also=[bakery["odd"], bakery["device"]]).rc
        == 0
    )
    assert held(flex) == before


def test_a_description_that_looks_like_a_template_is_none(
    controller: Controller, flex: Simulator
) -> None:
    made, text = flex.seed_configuration("branch", accountId=BAKERY)["id"], "{{ 7 * 7 }}"
    items = {f"{text} [who={text}]": "ACTIVE", f"x {text}": "PENDING"}
    flex.seed(
        [
            {"configId": made, "description": description, "status": status}
            for description, status in items.items()
        ]
    )
    before = held(flex)
    run = run_tenant(controller, "suspend")
    assert run.rc == 0 and f"x {text}" in lines(run) and "49" not in lines(run)
    assert any(
        description.startswith(f"{text} [suspended=20") and description.endswith(f"; who={text}]")
        for description, _status in held(flex).values()
    )
    assert run_tenant(controller, "resume").rc == 0 and held(flex) == before


@pytest.mark.thorough
def test_a_charged_spare_is_reported(
    controller: Controller, flex: Simulator, bakery: dict[str, str]
) -> None:
    flex.patch(bakery["spare"], status="ACTIVE", endDate="2999-01-01T00:00:00")
    for name, more in (("suspend", {}), ("offboard", {"tenant_confirm": "bakery"})):
        run = run_tenant(controller, name, **reports(controller), **more)
        assert (
            f"These spares are still being charged and their owner is unknown: {bakery['spare']}."
            in run.failure["msg"]
        )
    assert {status for _description, status in held(flex).values()} == {
        "ACTIVE",
        "PENDING",
        "STOPPED",
        "EXPIRED",
    }


def reports(controller: Controller) -> dict[str, Any]:
    """Where ledger and statement go."""
    return {
        "usage_report_ledger": str(controller.directory / "usage.sqlite3"),
        "tenant_statement_directory": str(controller.directory / "statement"),
        "usage_report_formats": ["csv", "html", "json"],
    }


def statement(controller: Controller) -> dict[str, float]:
    """The points in the statement of the bakery, by serial number."""
    totals: dict[str, float] = {}
    with (controller.directory / "statement" / f"ELAVMS0000000200-{BAKERY}.csv").open() as file:
        for row in csv.DictReader(file):
            totals[row["ResourceId"]] = totals.get(row["ResourceId"], 0.0) + float(
                row["ConsumedQuantity"]
            )
    return totals


@pytest.mark.thorough
def test_a_tenant_is_offboarded(
    controller: Controller, flex: Simulator, bakery: dict[str, str]
) -> None:
    for confirm in ({}, {"tenant_confirm": "2000003"}):
        refused = run_tenant(controller, "offboard", **reports(controller), **confirm)
        assert "tenant_confirm to the same" in refused.failure["msg"] and flex.writes() == 0
    flex.advance(-2 * 86400)  # so that the day is final on the machine's clock
    today = datetime.fromisoformat(flex.state()["clock"]["pacific"]).date()
    everything = {**reports(controller), "tenant_confirm": "bakery"}

    check, run, _again = thrice(controller, "offboard", **everything)
    assert "run this again on the next day" in lines(run)
    assert "oslo" in check.output and "becomes a spare" in run.output
    after = held(flex)
    vms = {"oslo", "lima", "odd", "cold", "new", "spare"}
    assert {after[bakery[kind]][0] for kind in vms} == {"[spare]"} and not {
        status for _text, status in after.values()
    } & {"ACTIVE", "GRACE_PERIOD"}
    assert (
        after[bakery["device"]] == ("", "STOPPED")
        and after[bakery["cloud"]] == ("cloud", "STOPPED")
        and after[bakery["lapsed"]][1] == "EXPIRED"
    )
    assert {
        item["status"] for item in flex.state()["configurations"] if item["accountId"] == BAKERY
    } == {"DISABLED"}

    writes = flex.writes()
    flex.advance(2 * 86400)
    assert run_tenant(controller, "offboard", **everything).rc == 0
    assert flex.writes() == writes
    mine = set(bakery.values())
    bill = {
        serial: float(points)
        for serial, points in flex.bill(str(today - timedelta(days=20)), str(today)).items()
        if points and serial in mine
    }
    assert statement(controller) == pytest.approx(bill) and len(bill) == 5
    stem = f"ELAVMS0000000200-{BAKERY}"
    files = {path.name: path for path in (controller.directory / "statement").iterdir()}
    assert files.keys() == {f"{stem}.csv", f"{stem}.html", f"{stem}.json"}
    text = files[f"{stem}.html"].read_text()
    assert "<h1>bakery</h1>" in text and "[spare]" not in text and ">Spares<" not in text
    told = json.loads(files[f"{stem}.json"].read_text())
    assert told["accounts"] == [{"account_id": BAKERY, "customer": "bakery"}]
    assert not told["spares"] and "oslo" in {use["name"] for use in told["top"]}


@pytest.mark.thorough
def test_a_suspended_tenant_is_offboarded(
    controller: Controller, flex: Simulator, bakery: dict[str, str]
) -> None:
    assert run_tenant(controller, "suspend").rc == 0
    run = run_tenant(controller, "offboard", **reports(controller), tenant_confirm="bakery")
    assert run.rc == 0, run.output
    vms = {"oslo", "lima", "odd", "cold", "new", "spare"}
    assert {held(flex)[bakery[kind]][0] for kind in vms} == {"[spare]"}
    assert held(flex)[bakery["cloud"]] == ("cloud", "STOPPED")  # without the mark


@pytest.mark.thorough
def test_configurations_stay_if_that_is_wanted(
    controller: Controller, flex: Simulator, bakery: dict[str, str]
) -> None:
    run = run_tenant(
        controller,
        "offboard",
        **reports(controller),
        tenant_confirm="bakery",
        tenant_disable_configurations=False,
    )
    assert run.rc == 0, run.output
    assert {
        item["status"] for item in flex.state()["configurations"] if item["accountId"] == BAKERY
    } == {"ACTIVE"} and bakery


@pytest.mark.parametrize("name", ["onboard", "suspend", "resume", "offboard"])
def test_nobody_acts_on_an_account_that_is_not_named(
    controller: Controller, flex: Simulator, name: str
) -> None:
    for arguments in (
        (),
        ("-e", "tenant_account= tenant_confirm= tenant_configurations=[]"),
        ("-e", '{"tenant_account": null, "tenant_confirm": null}'),
    ):
        run = controller.play(f"flexops.fortiflex.{name}_tenant", *arguments)
        assert "Set tenant_account" in run.failure["msg"] and flex.requests()["total"] == 0


@pytest.mark.thorough
def test_what_cannot_be_started_keeps_nothing_else_stopped(
    controller: Controller, flex: Simulator, tmp_path: Path
) -> None:
    one, two = (flex.seed_configuration(name, accountId=BAKERY)["id"] for name in ("one", "two"))
    items = [(one, "oslo"), (two, "lima"), (one, None), (one, None)]
    numbers = [
        made["serialNumber"]
        for made in flex.seed(
            [
                {"configId": number, "description": text, "status": "ACTIVE"}
                for number, text in items
            ]
        )
    ]
    flex.faults([{"path": "tools/calc", "kind": "refused", "always": True}])  # prices are only told
    kept = tmp_path / "suspended.yml"
    assert run_tenant(controller, "suspend", tenant_suspended_file=str(kept)).changed > 0
    assert {item["status"] for item in flex.state()["entitlements"]} == {"STOPPED"}
    switch = [module("flex_configuration", id=two, account_id=BAKERY, state="{{ state }}")]
    assert controller.play(play(*switch), "-e", "state=disabled").changed == 1
    flex.patch(numbers[3], status="EXPIRED")
    first = run_tenant(
        controller, "resume", tenant_suspended_file=str(kept), tenant_resume_also=["FGVMNONE"]
    )
    told = " ".join(first.output.split())
    assert (
        first.rc == 2
        and "These stand on a DISABLED configuration; enable it and run again: lima" in told
    ), told
    assert (
        "These are no entitlements of this account, or spares by now, so look whether the file is of another one: FGVMNONE"
        in told
    )
    assert [item["status"] for item in flex.state()["entitlements"]] == [
        "ACTIVE",
        "STOPPED",
        "ACTIVE",
        "EXPIRED",
    ] and not kept.exists()
    assert controller.play(play(*switch), "-e", "state=active").changed == 1
    assert run_tenant(controller, "resume").changed > 0 and held(flex)[numbers[1]] == (
        "lima",
        "ACTIVE",
    )


MARKED = "oslo [region=north; suspended=2020-11-01]"
PLAIN = {"plain": {"fortigate": "branch"}}
# Whatever can start, move or describe a license: the playbook, what the host of the license says, and the variables of the run.
ENTRIES: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "license_fleet": (
        "license_fleet",
        {"fortiflex_configuration": "branch", "fortiflex_tags": {"region": "south"}},
        {},
    ),
    "license_fleet by serial number": (
        "license_fleet",
        {"fortiflex_name": "", "fortiflex_serial_number": "SERIAL"},
        {},
    ),
    "provision_branch_offices": (
        "provision_branch_offices",
        {"branch_office_profile": "plain", "branch_office_tags": {}},
        {"branch_office_configurations": [], "branch_office_profiles": PLAIN},
    ),
    "provision_datacenter": (
        "provision_datacenter",
        {"datacenter_profile": "plain", "datacenter_tags": {}},
        {"datacenter_configurations": [], "datacenter_profiles": PLAIN},
    ),
    "start_environment": ("start_environment", {}, {}),
    "onboard_tenant": (
        "onboard_tenant",
        {},
        {
            "tenant_account": BAKERY,
            "tenant_configurations": [],
            "tenant_entitlements": [{"name": "oslo", "configuration": "branch", "tags": {}}],
        },
    ),
    "extend_sites": ("extend_sites", {}, {"extend_names": ["oslo"]}),
    "autoscale": (
        "autoscale",
        {},
        {
            "autoscale_group": "oslo",
            "autoscale_configuration": "branch",
            "autoscale_spares": 0,
            "autoscale_maximum": 1,
            "fortiflex_configurations": [],
        },
    ),
}


@pytest.mark.parametrize("entry", ENTRIES)
def test_no_other_playbook_starts_what_is_suspended(
    controller: Controller, flex: Simulator, tmp_path: Path, entry: str
) -> None:
    playbook, host, variables = ENTRIES[entry]
    made = flex.seed_configuration("branch", accountId=BAKERY, parameters=GATE)["id"]
    marked = MARKED.replace("oslo", "oslo-01") if entry == "autoscale" else MARKED
    seeded = flex.seed([{"configId": made, "description": marked, "status": "STOPPED"}])
    host = {
        key: seeded[0]["serialNumber"] if value == "SERIAL" else value
        for key, value in host.items()
    }
    (tmp_path / "metric").write_text("100")
    hosts = tmp_path / "hosts.json"
    hosts.write_text(json.dumps({"sites": {"hosts": {"oslo": host}}}))
    common = {"target": "sites" if playbook not in ("autoscale", "onboard_tenant") else "localhost"}
    common |= {"fortiflex_account_id": BAKERY, "autoscale_metric_file": str(tmp_path / "metric")}
    before = held(flex)
    for more in (["--check"], [], []):
        run = controller.play(
            f"flexops.fortiflex.{playbook}",
            "-i",
            str(hosts),
            "-e",
            json.dumps({**common, **variables}),
            *more,
        )
        assert run.changed == 0, run.output
        assert "1 license is suspended and left alone: oslo" in " ".join(run.output.split())
    assert held(flex) == before


@pytest.mark.thorough
def test_an_end_that_is_no_date_stops_nothing(
    controller: Controller, flex: Simulator, bakery: dict[str, str]
) -> None:
    assert run_tenant(controller, "suspend", tenant_until="soon").rc == 2 and flex.writes() == 0
