# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""audit_fleet: a table, a file, an exit status; devices are asked where they can be; what is safe is corrected."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from integration.playbook import Controller, Run

from simulator.launch import Simulator

GATE = [{"id": 1, "value": "2"}, {"id": 2, "value": "ENT"}]
FIRST = "ELAVMR0000000100"
AUDIT = "flexops.fortiflex.audit_fleet"


def inventory(path: Path, hosts: dict[str, dict[str, Any]]) -> tuple[str, str]:
    path.write_text(json.dumps({"fortiflex_sites": {"hosts": hosts}}))
    return "-i", str(path)


def test_a_fleet_that_does_not_agree(
    controller: Controller, flex: Simulator, tmp_path: Path
) -> None:
    made = flex.seed_configuration(
        "branch", parameters=[{"id": 1, "value": "2"}, {"id": 2, "value": "ENT"}]
    )["id"]
    flex.seed(
        [
            {"configId": made, "description": name, "status": "ACTIVE", "tokenStatus": "USED"}
            for name in ("oslo", "gone", "lost")
        ]
    )
    device = {
        "audit_device_url": f"{flex.url}/device/fw1",
        "audit_device_token": "demo-device-token",
    }
    where = inventory(tmp_path / "hosts.json", {"oslo": device, "lima": {}})
    found = controller.directory / "found.json"

    run = controller.play(AUDIT, *where, "-e", "audit_json=found.json", "--check")
    assert run.rc == 2 and "do not agree, findings: 4;" in run.failure["msg"]
    kinds = [(item["kind"], item["name"]) for item in json.loads(found.read_text())]
    assert kinds == [
        ("unlicensed", "lima"),
        ("wrong_device", "oslo"),
        ("orphan", "gone"),
        ("orphan", "lost"),
    ]
    table = run.shown[0]["msg"]
    assert table[-1] == "2 orphan: 12.78 points a day" and "demo-device-token" not in run.output
    gone = next(item for item in flex.state()["entitlements"] if item["description"] == "gone")
    assert (
        f"orphan        gone  {gone['serialNumber']}  branch  6.39 points a day  is ACTIVE"
        in str(table)
    )
    assert flex.writes() == 0 and found.stat().st_mode & 0o077 == 0

    quiet = controller.play(AUDIT, *where, "-e", "audit_fail=false")
    assert quiet.rc == 0


def test_a_fleet_that_agrees(controller: Controller, flex: Simulator, tmp_path: Path) -> None:
    made = flex.seed_configuration("branch")["id"]
    flex.seed(
        [{"configId": made, "description": "oslo", "status": "ACTIVE", "tokenStatus": "USED"}]
    )
    run = controller.play(AUDIT, *inventory(tmp_path / "hosts.json", {"oslo": {}}))
    assert run.rc == 0 and run.shown[0]["msg"] == [
        "Account 2000001 of program ELAVMS0000000200 was read: sites 1, licenses 1, charged 1.",
        "Inventory and FortiFlex agree about sites 1 and licenses 1 in account 2000001.",
    ]
    assert flex.requests()["total"] == 2


def test_claims_of_dead_runs_are_cleared_when_that_is_asked_for(
    controller: Controller, flex: Simulator, tmp_path: Path
) -> None:
    made = flex.seed_configuration("branch")["id"]
    flex.seed([{"configId": made, "description": "[claim oslo 0a1b2c3d]", "status": "STOPPED"}])
    where = inventory(tmp_path / "hosts.json", {"oslo": {"fortiflex_state": "absent"}})
    assert "findings: 1;" in controller.play(AUDIT, *where).failure["msg"]
    corrected = controller.play(
        AUDIT, *where, "-e", "audit_fix=true", "-e", "audit_patience=1", "-e", "audit_spares=1"
    )
    assert corrected.changed == 1 and [
        item["description"] for item in flex.state()["entitlements"]
    ] == ["[spare]"]


def tenants(flex: Simulator, **held: dict[int, list[str]]) -> None:
    """What accounts hold: names by status."""
    accounts = {account for names in held.values() for account in names}
    made = {
        account: flex.seed_configuration("branch", accountId=account, parameters=GATE)["id"]
        for account in sorted(accounts)
    }
    flex.seed(
        [
            {
                "configId": made[account],
                "description": name,
                "status": status,
                "tokenStatus": "USED",
            }
            for status, names in held.items()
            for account, listed in names.items()
            for name in listed
        ]
    )


def lines(run: Run) -> list[str]:
    """The table."""
    shown: list[str] = run.shown[0]["msg"]
    return shown


HOSTS = {
    "oslo": {"fortiflex_account_id": 2000001},
    "lima": {"fortiflex_account_id": "acme"},
    "hq": {"fortiflex_account_id": 2000002},
    "rome": {},
}
ALIAS = ("-e", '{"fortiflex_account_aliases": {"acme": 2000002}}')


def test_the_accounts_of_all_hosts_are_read(
    controller: Controller, flex: Simulator, tmp_path: Path
) -> None:
    tenants(flex, ACTIVE={2000001: ["oslo", "rome"], 2000002: ["lima", "hq", "gone"]})
    where = inventory(tmp_path / "hosts.json", HOSTS)
    run = controller.play(AUDIT, *where, *ALIAS)
    assert "findings: 1;" in run.failure["msg"]
    assert lines(run)[:2] == [
        f"Account {account} of program ELAVMS0000000200 was read: sites 2, licenses {count}, charged {count}."
        for account, count in (("2000001", 2), ("acme (2000002)", 3))
    ]
    assert (
        "orphan        gone  " in lines(run)[2] and "  branch  6.39 points a day  " in lines(run)[2]
    )
    flex.patch(flex.state()["entitlements"][-1]["serialNumber"], status="STOPPED")
    flex.reset_requests()
    agreed = controller.play(AUDIT, *where, *ALIAS)
    assert agreed.rc == 0 and lines(agreed)[-1] == (
        "Inventory and FortiFlex agree about sites 4 and licenses 5 in account 2000001, acme (2000002)."
    )
    assert flex.requests()["by_path"] == {"configs/list": 1, "entitlements/list": 2}


@pytest.mark.parametrize("why", ["denied", "refused", "outside the allowed accounts"])
def test_an_account_that_cannot_be_read_fails_and_leaves_the_others(
    controller: Controller, flex: Simulator, tmp_path: Path, why: str
) -> None:
    tenants(flex, ACTIVE={2000001: ["oslo", "rome", "lost"], 2000002: ["lima", "hq"]})
    more = []
    if why.startswith("outside"):
        more = ["-e", '{"fortiflex_allowed_accounts": [2000001]}']
    else:
        flex.faults([{"path": "entitlements/list", "kind": why, "nth": 2}])
    found = controller.directory / "found.json"
    where = inventory(tmp_path / "hosts.json", HOSTS)
    run = controller.play(AUDIT, *where, *ALIAS, *more, "-e", "audit_json=found.json")
    assert "findings: 2;" in run.failure["msg"] and "agree about" not in run.output
    assert "; 2 sites are not compared: lima, hq" in lines(run)[2]
    rows = [
        (item["kind"], item["account_id"], item["name"]) for item in json.loads(found.read_text())
    ]
    assert rows == [("unread", 2000002, None), ("orphan", 2000001, "lost")]


def test_an_account_that_nobody_sees_is_not_compared(
    controller: Controller, flex: Simulator, tmp_path: Path
) -> None:
    hosts = {"oslo": {"fortiflex_account_id": 2000009}}
    run = controller.play(AUDIT, *inventory(tmp_path / "hosts.json", hosts))
    assert "findings: 1;" in run.failure["msg"]
    assert "unread " in lines(run)[1] and "unlicensed" not in run.output


def test_a_limited_audit_is_about_its_hosts(
    controller: Controller, flex: Simulator, tmp_path: Path
) -> None:
    tenants(flex, ACTIVE={2000001: ["oslo", "rome"], 2000002: ["lima", "hq"]})
    where = inventory(tmp_path / "hosts.json", {**HOSTS, "cork": {}})
    for narrowing, limit in (
        (("--limit", "oslo"), True),
        (("-e", "target=fortiflex_sites:!rome:!lima:!hq:!cork"), False),
    ):
        run = controller.play(AUDIT, *where, *ALIAS, *narrowing)
        assert run.rc == 0, run.output
        left_out = "Licenses of hosts that are not in this play were not compared: rome (FG"
        assert any(line.startswith(left_out) for line in lines(run))
        assert lines(run)[-1].endswith("agree about sites 1 and licenses 1 in account 2000001.")
        told = "The play is limited to oslo: 4 other hosts were not compared."
        assert (told in lines(run)) is limit, "\n".join(lines(run))
    missed = controller.play(AUDIT, *where, *ALIAS, "--limit", "cork")
    assert "findings: 1;" in missed.failure["msg"] and "unlicensed    cork" in missed.output


def test_further_accounts_are_read_and_kept_apart(
    controller: Controller, flex: Simulator, tmp_path: Path
) -> None:
    tenants(flex, ACTIVE={2000001: ["oslo"], 2000002: ["oslo"]})
    hosts = {"oslo": {"fortiflex_account_id": 2000001}, "lima": {"fortiflex_account_id": 2000002}}
    run = controller.play(
        AUDIT, *inventory(tmp_path / "hosts.json", hosts), "-e", '{"audit_accounts": ["all"]}'
    )
    assert run.rc == 2 and [line.split()[:2] for line in lines(run)[2:4]] == [
        ["unlicensed", "lima"],
        ["orphan", "oslo"],
    ]
    assert flex.requests()["by_path"] == {
        "login": 1,
        "configs/list": 2,
        "entitlements/list": 2,
        "tools/calc": 1,
    }


def test_each_host_is_compared_in_its_program(
    controller: Controller, flex: Simulator, tmp_path: Path
) -> None:
    tenants(flex, ACTIVE={2000001: ["oslo"]})
    place = {"programSerialNumber": FIRST, "accountId": 1000001}
    made = flex.seed_configuration("branch", **place)["id"]
    flex.seed([{"configId": made, "description": text, "status": "ACTIVE"} for text in ("hq", "x")])
    hosts = {
        "oslo": {"fortiflex_account_id": 2000001},
        "hq": {"fortiflex_program": FIRST, "fortiflex_account_id": 1000001},
    }
    run = controller.play(AUDIT, *inventory(tmp_path / "hosts.json", hosts))
    assert "findings: 1;" in run.failure["msg"]
    assert f"Account 1000001 of program {FIRST} was read: sites 1, licenses 2" in str(lines(run))
    assert [line.split()[:2] for line in lines(run)[2:3]] == [["orphan", "x"]]


def test_where_there_is_no_price_that_is_said(
    controller: Controller, flex: Simulator, tmp_path: Path
) -> None:
    tenants(flex, ACTIVE={2000001: ["gone", "lost"]})
    flex.faults([{"path": "tools/calc", "kind": "refused", "always": True}])
    hosts = {"oslo": {"fortiflex_state": "absent"}}
    run = controller.play(AUDIT, *inventory(tmp_path / "hosts.json", hosts))
    assert "findings: 2;" in run.failure["msg"] and flex.requests()["by_path"]["tools/calc"] == 1
    assert "  no price  is ACTIVE as 'gone'" in lines(run)[1]
    assert (
        lines(run)[-1] == "2 orphan: 0.00 points a day, without 2 that FortiFlex gave no price for"
    )


def test_claims_are_cleared_in_every_account(
    controller: Controller, flex: Simulator, tmp_path: Path
) -> None:
    tenants(
        flex,
        STOPPED={2000001: ["[claim a 0a1b2c3d]"], 2000002: ["[claim b 0a1b2c3d]"]},
        ACTIVE={2000002: ["[claim c 0a1b2c3d]"]},
    )
    hosts = {name: {**HOSTS[name], "fortiflex_state": "absent"} for name in ("oslo", "hq")}
    where = inventory(tmp_path / "hosts.json", hosts)
    fix = ("-e", "audit_fix=true", "-e", "audit_patience=1", "-e", "audit_fail=false")
    assert controller.play(AUDIT, *where, *fix, "--check").rc == 0 and flex.writes() == 0
    controller.play(AUDIT, *where, *fix)
    assert sorted(item["description"] for item in flex.state()["entitlements"]) == [
        "[claim c 0a1b2c3d]",
        "[spare]",
        "[spare]",
    ]
