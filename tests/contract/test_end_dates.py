# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""End dates as people say them: a day, days from today, the end of the program. Each is a day in the plan, and later runs change nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from contract.harness import CONFIGURATION, Controller

from ansible_collections.flexops.fortiflex.plugins.module_utils.client.service import FlexService
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.model import Program

SITE = {"name": "oslo", "configuration": "small"}
DAY = 86_400


def ensured(controller: Controller, module: str, check: bool = False, **site: Any) -> Any:
    """What a module makes of one site: whether it changed something, the day on which its license ends, and all that it says."""
    site = {**SITE, **site}
    if module == "flex_entitlement":
        result = controller.run(module, check=check, **site)
        license_ = result.get("entitlement")
    else:
        result = controller.run(module, check=check, entitlements=[site])
        license_ = result.get("entitlements", {}).get("oslo")
    assert not result.get("failed"), result["msg"]
    result.pop("invocation", None)
    return result["changed"], license_["end_date"], json.dumps(result)


@pytest.mark.parametrize("module", ["flex_entitlement", "flex_fleet"])
@pytest.mark.parametrize(("given", "days"), [("+90d", 90), (" +7D ", 7), ("+1d", 1)])
@pytest.mark.every_moment
def test_days_from_today_are_a_day_in_the_plan(
    controller: Controller, module: str, given: str, days: int
) -> None:
    controller.configuration()
    planned = ensured(controller, module, check=True, end_date=given)
    assert planned[:2] == (True, controller.day(days)) and given.strip() not in planned[2]
    made = ensured(controller, module, end_date=given)
    assert made[:2] == (True, controller.day(days)) and given.strip() not in made[2]
    assert not ensured(controller, module, end_date=given)[0]


def test_a_later_run_does_not_move_the_end(controller: Controller) -> None:
    controller.configuration()
    ensured(controller, "flex_entitlement", end_date="+90d")
    end = controller.day(90)
    for _later in range(3):
        controller.clock.sleep(20 * DAY)
        controller.writes()
        assert ensured(controller, "flex_entitlement", end_date="+90d")[:2] == (False, end)
        assert controller.writes() == 0


@pytest.mark.parametrize(("before", "changes"), [(30, False), (90, False), (91, True)])
def test_days_from_today_are_a_limit_for_what_has_an_end(
    controller: Controller, before: int, changes: bool
) -> None:
    controller.configuration()
    ensured(controller, "flex_entitlement", end_date=controller.day(before))
    result = controller.run("flex_entitlement", **SITE, end_date="+90d")
    assert result["changed"] is changes
    assert result["entitlement"]["end_date"] == controller.day(min(before, 90))


@pytest.mark.parametrize("state", ["PENDING", "STOPPED"])
def test_a_spare_that_is_taken_and_what_is_started_count_from_that_day(
    controller: Controller, state: str
) -> None:
    controller.configuration()
    ensured(controller, "flex_entitlement", end_date="+20d", skip_pending=state == "STOPPED")
    controller.run("flex_entitlement", name="oslo", state="absent")
    controller.clock.sleep(5 * DAY)
    taken = ensured(controller, "flex_entitlement", end_date="+90d")
    assert taken[:2] == (True, controller.day(90)) and len(controller.entitlements()) == 1
    assert not ensured(controller, "flex_entitlement", end_date="+90d")[0]
    controller.run("flex_entitlement", name="oslo", state="stopped")
    if state == "STOPPED":
        controller.clock.sleep(5 * DAY)
        assert ensured(controller, "flex_entitlement", end_date="+90d")[1] == controller.day(90)


def test_the_plan_shows_the_day_of_what_is_new(controller: Controller) -> None:
    controller.configuration()
    sites = [{**SITE, "end_date": "+90d"}, {**SITE, "name": "lima"}]
    for check in (True, False):
        plan = controller.run("flex_fleet", check=check, entitlements=sites)["changes"]
        texts = {change["name"]: change["text"] for change in plan}
        assert texts == {
            "oslo": f"small, PENDING, ends {controller.day(90)}",
            "lima": "small, PENDING",
        }


@pytest.mark.parametrize("module", ["flex_entitlement", "flex_fleet"])
@pytest.mark.parametrize("given", ["program_end", " Program_End"])
def test_the_end_of_the_program(controller: Controller, module: str, given: str) -> None:
    controller.configuration()
    program = next(
        item
        for item in controller.flex.state()["programs"]
        if item["serialNumber"] == controller.program
    )
    end = str(program["endDate"])[:10]
    ensured(controller, module, end_date="+90d")
    planned = ensured(controller, module, check=True, end_date=given)
    assert planned[:2] == (True, end) and "program_end" not in planned[2].lower()
    assert ensured(controller, module, end_date=given)[:2] == (True, end)
    controller.flex.reset_requests()
    assert ensured(controller, module, end_date=given)[:2] == (False, end)
    called = controller.flex.requests()["by_path"]
    assert sorted(path.split("v2/")[-1] for path in called) == [
        "configs/list",
        "entitlements/list",
        "programs/list",
    ]
    assert controller.flex.requests()["total"] == 3


def test_it_follows_a_program_that_is_extended(controller: Controller) -> None:
    controller.configuration()
    made = ensured(controller, "flex_entitlement", end_date="program_end")
    settings = controller.flex.state()["settings"]["programs"]
    later = controller.day(500)
    controller.flex.settings(programs=[{**item, "endDate": later} for item in settings])
    assert made[1] < later
    assert ensured(controller, "flex_entitlement", end_date="program_end")[:2] == (True, later)
    assert not ensured(controller, "flex_entitlement", end_date="program_end")[0]


@pytest.mark.parametrize("module", ["flex_entitlement", "flex_fleet"])
@pytest.mark.parametrize(
    "given",
    ["90d", "+0d", "+90", "90", "+d", "+90w", "-90d", "+9999999999d", "+٩d", "program end", "soon"],
)
def test_what_is_no_end_date_is_one_sentence(
    controller: Controller, module: str, given: str
) -> None:
    controller.configuration()
    controller.flex.reset_requests()
    site = {**SITE, "end_date": given}
    options = site if module == "flex_entitlement" else {"entitlements": [site]}
    assert controller.run(module, **options)["msg"] == (
        f"entitlement 'oslo': end_date '{given}' is invalid; "
        "write it as YYYY-MM-DD, +90d (days from today) or program_end."
    )
    assert controller.flex.requests()["total"] == 0


def test_what_ends_after_the_program_is_refused_with_its_day(controller: Controller) -> None:
    controller.configuration()
    message = controller.run("flex_entitlement", **SITE, end_date="+3000d")["msg"]
    assert message.startswith(f"'oslo': the end date {controller.day(3000)} (+3000d) is after ")
    assert controller.writes() == 0


def test_a_program_without_an_end(controller: Controller, monkeypatch: pytest.MonkeyPatch) -> None:
    controller.configuration()
    endless = Program(controller.program, 2000001, None)
    monkeypatch.setattr(FlexService, "program", lambda service: endless)
    message = controller.run("flex_entitlement", **SITE, end_date="program_end")["msg"]
    assert "FortiFlex lists no end of ELAVMS0000000200" in message and controller.writes() == 0


def test_a_fleet_file_with_such_end_dates_has_a_price(
    controller: Controller, tmp_path: Any
) -> None:
    file = tmp_path / "fleet.json"
    sites = [{**SITE, "end_date": "+90d"}, {**SITE, "name": "lima", "end_date": "program_end"}]
    file.write_text(json.dumps({"configurations": [CONFIGURATION], "entitlements": sites}))
    assert controller.run("flex_cost_info", fleet=str(file))["cost"]["points_per_day"] > 0
