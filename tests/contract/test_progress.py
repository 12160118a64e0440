# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every task that takes more than ten seconds says how far it is, and a short one says nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible import constants as C
from ansible.utils.display import Display
from contract.harness import CONFIGURATION, Controller
from contract.test_documentation import NAMES

HERE, THERE = 2000001, 2000002
SITES = [{"name": f"site-{number}", "configuration": "small"} for number in range(9)]
TASKS: dict[str, dict[str, Any]] = {
    "flex_access_info": {},
    "flex_configuration": {**CONFIGURATION, "name": "large"},
    "flex_configuration_info": {"accounts": ["all"]},
    "flex_cost_info": {key: CONFIGURATION[key] for key in ("product", "parameters")},
    "flex_entitlement": {"name": "oslo", "configuration": "small"},
    "flex_entitlement_info": {"accounts": ["all"], "partial": True},
    "flex_entitlement_transfer": {"names": ["lima"], "target_account_id": str(THERE)},
    "flex_fleet": {"entitlements": SITES},
    "flex_group_info": {"accounts": ["all"]},
    "flex_points_info": {"accounts": ["all"], "last_days": 5},
    "flex_program_info": {},
    "flex_usage_ledger": {"accounts": ["all"], "max_days": 20},
}
LIMITS = {  # what rests on a query is sent soon after it
    "flex_configuration": 3,
    "flex_entitlement": 3,
    "flex_entitlement_transfer": 4,
    "flex_fleet": 5,
}
OFFLINE = {"flex_product_info", "flex_usage_report"}
OF_DEVICES = {"flex_device_license"}


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[list[str]]:
    """What a terminal shows, of a run of its own."""
    shown: list[str] = []
    monkeypatch.setattr(C, "DEFAULT_LOCAL_TMP", str(tmp_path / "run"))
    monkeypatch.setattr(
        Display, "display", lambda _self, line, *_args, **_others: shown.append(str(line))
    )
    yield shown


@pytest.fixture
def company(controller: Controller) -> Controller:
    """Two accounts with a configuration each, and one license."""
    controller.configuration("small", accountId=THERE)
    small = controller.configuration("small", accountId=HERE)
    controller.flex.seed([{"configId": small, "description": "lima", "status": "ACTIVE"}])
    return controller


def test_all_modules_are_here() -> None:
    assert {*TASKS} | OFFLINE | OF_DEVICES == {*NAMES}


def progress(lines: list[str]) -> list[str]:
    """The lines of progress among others."""
    return [
        line
        for line in lines
        if re.search(r"waiting|repeating|requests? used", line, re.IGNORECASE)
    ]


@pytest.mark.parametrize("module", TASKS)
def test_a_task_that_waits_for_the_request_limit_says_so(
    company: Controller, module: str, lines: list[str]
) -> None:
    result = company.run(module, **TASKS[module], requests_per_minute=LIMITS.get(module, 1))
    shown = progress(lines)
    assert not result.get("failed") and result["requests"]["waited_seconds"] > 20, result
    assert re.search(
        r"aiting until \d\d:\d\d:\d\d for the request limit \(\d a minute\)", shown[0]
    ), shown
    assert len({*shown}) == len(shown), shown
    assert len(shown) <= result["requests"]["made"] + result["requests"]["waited_seconds"] / 60
    assert not [text for text in result.get("warnings", []) if text.startswith("Waiting")]


@pytest.mark.parametrize("module", TASKS)
def test_a_short_task_says_nothing_of_its_progress(
    company: Controller, module: str, lines: list[str]
) -> None:
    assert not company.run(module, **TASKS[module]).get("failed")
    assert not progress(lines)


def test_a_wait_for_a_spare_is_said_at_once_with_its_name_and_once(
    company: Controller, lines: list[str]
) -> None:
    """A claim becomes the name 20 s later, if nobody else takes the spare."""
    small = company.flex.seed_configuration("other", accountId=HERE)["id"]
    spare = {"configId": small, "description": "[spare]", "status": "PENDING"}
    company.flex.seed([spare, spare])
    company.run("flex_entitlement", name="bakery-lima", configuration="other")
    assert progress(lines) == [
        "Waiting 20 s to be sure of the spare for bakery-lima, 5 requests used"
    ]
    lines.clear()
    fleet = [{"name": name, "configuration": "other"} for name in ("oslo", "bakery-bonn")]
    company.run("flex_fleet", entitlements=fleet)
    assert len([line for line in progress(lines) if "to be sure of the spare" in line]) == 1


def test_a_call_that_is_repeated_is_named(company: Controller, lines: list[str]) -> None:
    company.flex.faults([{"path": "entitlements/list", "kind": "html_502", "times": 4}])
    result = company.run("flex_entitlement_info")
    (line,) = progress(lines)
    assert len(result["entitlements"]) == 1
    assert line.startswith("Repeating entitlements/list (HTTP status 502")


def test_a_device_that_restarts_is_waited_for_by_name(
    company: Controller, lines: list[str]
) -> None:
    company.run("flex_entitlement", name="bonn", configuration="small")
    company.flex.settings(device_reboot_seconds=120)
    device = {"device_url": f"{company.flex.url}/device/fw1", "device_token": "demo-device-token"}
    result = company.run("flex_device_license", name="bonn", **device)
    number = result["entitlement"]["serial_number"]
    restart, active = progress(lines)
    assert restart.startswith("Waiting up to ") and f" license of bonn ({number}), " in restart
    assert f"FortiFlex to show bonn ({number}) as ACTIVE" in active


def test_no_line_of_progress_where_nobody_reads(company: Controller, lines: list[str]) -> None:
    """In the process of a module, the warning stays."""
    answer = company.run_module("flex_entitlement_info", requests_per_minute=1, quota_wait=200)
    # Newer versions of ansible-core show the warning at once, too.
    assert "Waiting because" in str([answer.get("warnings"), *lines])
    assert all(line.startswith("[WARNING]: Waiting because") for line in lines)


@pytest.mark.parametrize("module", ["flex_entitlement", "flex_entitlement_info"])
def test_many_tasks_that_wait_for_the_same_limit_say_so_once(
    company: Controller, lines: list[str], module: str
) -> None:
    """As the tasks of a play for 200 hosts, ten at a time: here one after another, which is the same to the file that they share."""
    for number in range(30):
        extra = {"accounts": None} if module == "flex_entitlement_info" else {}
        company.run(
            module, **{**TASKS[module], **extra, "name": f"site-{number}"}, requests_per_minute=4
        )
    shown = progress(lines)
    assert len(shown) <= company.clock.slept / 60 + 1
