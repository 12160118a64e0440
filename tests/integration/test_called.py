# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each line that a playbook prints about a license has its name and serial number, and about an account its alias."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from integration.playbook import Controller, module, play
from integration.test_tenants import bakery

from simulator.launch import Simulator

__all__ = ["bakery"]  # the fixture
BAKERY, ALIAS = 2000002, "bakery"
ROW = re.compile(r"^  [~-] (?:change|move|start|stop|release) +(?!configuration |spares of )\S")
SERIAL = re.compile(r"\bF[CG][A-Z0-9]{12,14}\b")
REPORTS = {
    "usage_report_ledger": "usage.sqlite3",
    "usage_report_formats": ["csv"],
    "tenant_statement_directory": "statement",
}
SITES = {
    "oslo": {"fortiflex_configuration": "wide"},
    "lima": {"fortiflex_state": "absent"},
    "cold": {"fortiflex_state": "active"},
    "new": {"fortiflex_tags": {"region": "west"}},
    "turku": {},
    "lapsed": {},
}
RUNS: list[tuple[str, dict[str, Any]]] = [
    ("check_access", {"access_required": {"accounts": [ALIAS, 2000003], "write": True}}),
    ("adopt_fleet", {"adopt_accounts": [ALIAS]}),
    ("audit_fleet", {"audit_accounts": ["all"], "audit_spares": 0, "audit_unused_days": 0}),
    ("extend_sites", {"extend_names": ["oslo", "new"], "extend_to": "+90d"}),
    ("license_fleet", {"fortiflex_max_new": 0}),
    ("license_fleet", {"fortiflex_replace_expired": True}),
    ("usage_report", {"usage_report_accounts": [ALIAS], "usage_report_directory": "reports"}),
    ("suspend_tenant", {}),
    ("license_fleet", {}),
    ("resume_tenant", {"tenant_resume_also": ["FGT60FTK26000001", "FGVMMLTM29999999"]}),
    ("onboard_tenant", {"tenant_configurations": [], "tenant_entitlements": [{"name": "cold"}]}),
    ("retire_sites", {"target": "oslo", "retire_prefix": "fortiflex_", "retire_ping": False}),
    ("offboard_tenant", {"tenant_confirm": ALIAS}),
]


def named(flex: Simulator, names: dict[str, set[str]]) -> None:
    """Add the names that licenses have now, by serial number."""
    for item in flex.state()["entitlements"]:
        name = (item["description"] or "").partition(" [")[0]
        if name and "[" not in name:
            names.setdefault(item["serialNumber"], set()).add(name)


def sentences(output: str) -> list[str]:
    """The lines that were printed, those together that were wrapped, and the texts of a JSON document one by one."""
    joined = re.sub(r"\n {2,6}(?![ +~=!-])(?=[^\s{}\"\[\]])", " ", output)
    found = []
    for line in joined.splitlines():
        document = re.match(r"^fatal: .*? => (\{.*\})$", line)
        found += texts(json.loads(document[1])) if document else [line]
    return found


def texts(value: Any) -> list[str]:
    """The texts that are meant for people in a document."""
    if isinstance(value, dict):
        return [text for key, part in value.items() if key != "results" for text in texts(part)]
    if isinstance(value, list):
        return [text for part in value for text in texts(part)]
    return [value] if isinstance(value, str) and " " in value else []


def without_name(output: str, names: dict[str, set[str]]) -> list[str]:
    """The lines that call something by its number alone, or a license by its name alone."""
    found = []
    for line in sentences(output):
        unnamed = [
            number
            for number in SERIAL.findall(line)
            if number in names
            and not line.startswith("  ~ reuse ")  # which is about the name that it gets
            and not any(name in line for name in names[number])
        ]
        is_number_only = re.search(rf"(?<![\w/-]){BAKERY}(?![\w.-])", line) and ALIAS not in line
        if unnamed or is_number_only or (ROW.match(line) and not SERIAL.search(line)):
            found.append(line)
    return found


@pytest.mark.thorough
def test_every_line_names_what_it_is_about(
    controller: Controller, flex: Simulator, bakery: dict[str, str]
) -> None:
    wide = [{"id": 1, "value": "8"}, {"id": 2, "value": "ENT"}]
    flex.seed_configuration("wide", accountId=BAKERY, parameters=wide)
    hosts = controller.directory / "hosts.json"
    common = {"fortiflex_configuration": "branch", "fortiflex_account_id": ALIAS}
    group = {"hosts": SITES, "vars": common}
    hosts.write_text(json.dumps({"fortiflex_sites": group}))
    variables = {"fortiflex_account_aliases": {ALIAS: BAKERY}, "tenant_account": ALIAS, **REPORTS}
    names: dict[str, set[str]] = {}
    wrong: list[str] = []
    for playbook, more in RUNS:
        for mode in (["--check"], []):
            named(flex, names)
            given = json.dumps({**variables, **more})
            run = controller.play(
                f"flexops.fortiflex.{playbook}", "-i", str(hosts), "-e", given, *mode
            )
            named(flex, names)
            wrong += [f"{playbook}: {line}" for line in without_name(run.output, names)]
            print(f"--- {playbook} {mode} {run.rc}\n{run.output}")
    assert not wrong, "\n".join(wrong)


def test_a_surplus_license_of_a_name_is_named(controller: Controller, flex: Simulator) -> None:
    made = flex.seed_configuration("branch")["id"]
    first, second = (
        item["serialNumber"]
        for item in flex.seed(
            [
                {"configId": made, "description": "oslo", "status": "ACTIVE"},
                {"configId": made, "description": "oslo", "status": "PENDING"},
            ]
        )
    )
    run = controller.play(play(module("flex_fleet", entitlements=[{"name": "oslo"}])), "--check")
    (row,) = [line for line in run.stdout.splitlines() if ROW.match(line)]
    kept, given_up = sorted((first, second))
    assert row.startswith(f"  - release  oslo ({given_up})  becomes a spare"), row
    assert kept not in row
