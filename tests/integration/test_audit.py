# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""audit_fleet: a table, a file, an exit status; devices are asked where they can be; what is safe is mended."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from integration.playbook import Controller

from simulator.launch import Simulator

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
    assert flex.writes() == 0 and found.stat().st_mode & 0o077 == 0

    quiet = controller.play(AUDIT, *where, "-e", "audit_fail=false")
    assert quiet.rc == 0


def test_a_fleet_that_agrees(controller: Controller, flex: Simulator, tmp_path: Path) -> None:
    made = flex.seed_configuration("branch")["id"]
    flex.seed(
        [{"configId": made, "description": "oslo", "status": "ACTIVE", "tokenStatus": "USED"}]
    )
    run = controller.play(AUDIT, *inventory(tmp_path / "hosts.json", {"oslo": {}}))
    assert run.rc == 0 and run.shown[0]["msg"] == ["Inventory and FortiFlex agree."]
    assert flex.requests()["total"] == 2


def test_intents_of_dead_runs_are_cleared_when_that_is_asked_for(
    controller: Controller, flex: Simulator, tmp_path: Path
) -> None:
    made = flex.seed_configuration("branch")["id"]
    flex.seed([{"configId": made, "description": "[claim oslo 0a1b2c3d]", "status": "STOPPED"}])
    where = inventory(tmp_path / "hosts.json", {"oslo": {"fortiflex_state": "absent"}})
    assert "findings: 1;" in controller.play(AUDIT, *where).failure["msg"]
    mended = controller.play(
        AUDIT, *where, "-e", "audit_fix=true", "-e", "audit_patience=1", "-e", "audit_spares=1"
    )
    assert mended.changed == 1 and [
        item["description"] for item in flex.state()["entitlements"]
    ] == ["[spare]"]


def test_all_accounts_at_once(controller: Controller, flex: Simulator, tmp_path: Path) -> None:
    first, second = (
        flex.seed_configuration("branch")["id"],
        flex.seed_configuration("branch", accountId=2000002)["id"],
    )
    flex.seed(
        [
            {"configId": number, "description": "oslo", "status": "ACTIVE", "tokenStatus": "USED"}
            for number in (first, second)
        ]
    )
    hosts = {"oslo": {"fortiflex_account_id": 2000001}, "lima": {"fortiflex_account_id": 2000002}}
    run = controller.play(
        AUDIT, *inventory(tmp_path / "hosts.json", hosts), "-e", '{"audit_accounts": ["all"]}'
    )
    assert run.rc == 2 and [line.split()[:2] for line in run.shown[0]["msg"][:2]] == [
        ["unlicensed", "lima"],
        ["orphan", "oslo"],
    ]
    assert flex.requests()["by_path"] == {
        "login": 1,
        "configs/list": 2,
        "entitlements/list": 2,
        "tools/calc": 1,
    }
