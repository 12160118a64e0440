# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What depends on the day is right at each moment of tests/moments, on the simulator's clock. `make moments` runs all tests at these moments."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from contract.harness import Controller

from ansible_collections.flexops.fortiflex.plugins.filter.flex_audit import flex_audit
from ansible_collections.flexops.fortiflex.plugins.filter.flex_saved_days import flex_saved_days
from ansible_collections.flexops.fortiflex.plugins.module_utils.usage._periods import (
    is_complete,
    last_complete,
)
from ansible_collections.flexops.fortiflex.plugins.plugin_utils import days

pytestmark = pytest.mark.every_moment
PROGRAM = "ELAVMS0000000200"
TEMPLATE = Path(__file__).parents[2] / "roles/usage_report/templates/page.html.j2"


def charged(controller: Controller, **more: Any) -> None:
    """Have one license that has been charged for 60 days."""
    item = {"configId": controller.configuration(), "description": "oslo", "status": "ACTIVE"}
    controller.flex.seed([{**item, "startDate": controller.day(-60), **more}])


def test_end_dates_are_pacific_days(controller: Controller) -> None:
    controller.configuration()
    site = {"name": "oslo", "configuration": "small"}
    refused = controller.run("flex_entitlement", **site, end_date=controller.day(-1))
    assert refused["failed"] and "is in the past" in refused["msg"] and controller.writes() == 0
    wanted = {**site, "skip_pending": True, "end_date": controller.day(90)}
    assert controller.run("flex_entitlement", **wanted)["changed"]
    assert not controller.run("flex_entitlement", **wanted)["changed"]
    stopped = controller.run("flex_entitlement", name="oslo", state="stopped")
    assert stopped["entitlement"]["end_date"] == controller.day(0)
    started = controller.run("flex_entitlement", **wanted)
    assert started["entitlement"]["status"] == "ACTIVE"
    assert started["entitlement"]["end_date"] == controller.day(90)
    assert not controller.run("flex_entitlement", **wanted)["changed"]


@pytest.mark.parametrize(
    "options", [{"last_days": 1}, {"last_days": 31}, {"period": "previous_month"}, {}]
)
def test_points_are_those_of_the_period(controller: Controller, options: dict[str, Any]) -> None:
    charged(controller)
    result = controller.run("flex_points_info", projection=False, **options)
    first, last = (date.fromisoformat(result["period"][name]) for name in ("first_day", "last_day"))
    assert result["total"] == float(sum(controller.flex.bill(str(first), str(last)).values()))
    assert result["period"]["complete"] == is_complete(last, controller.clock.now())
    if options == {"period": "previous_month"}:
        assert (first.day, last + timedelta(days=1)) == (1, controller.today.replace(day=1))
    elif options:
        assert (str(last), (last - first).days + 1) == (controller.day(0), options["last_days"])
    else:
        assert (first, str(last)) == (controller.today.replace(day=1), controller.day(0))


def test_a_report_has_what_is_settled(controller: Controller, tmp_path: Path) -> None:
    charged(controller)
    ledger = str(tmp_path / "usage.sqlite3")
    controller.run("flex_usage_ledger", ledger=ledger)
    result = controller.run(
        "flex_usage_report", ledger=ledger, directory=str(tmp_path), formats=["json"]
    )
    data = json.loads((tmp_path / f"{PROGRAM}.json").read_text())
    first, last = (result["period"][name] for name in ("first_day", "last_day"))
    after = date.fromisoformat(last) + timedelta(days=1)
    now = controller.clock.now()
    assert is_complete(date.fromisoformat(last), now) and not is_complete(after, now)
    assert (
        result["missing_days"]
        == []
        == [day for day in result["unsettled_days"] if date.fromisoformat(day) < after]
    )
    assert data["total"]["points"] == float(sum(controller.flex.bill(first, last).values()))


def test_this_month_can_be_reported_on_its_first_day(
    controller: Controller, tmp_path: Path
) -> None:
    charged(controller)
    ledger = str(tmp_path / "usage.sqlite3")
    controller.run("flex_usage_ledger", ledger=ledger)
    result = controller.run(
        "flex_usage_report",
        ledger=ledger,
        directory=str(tmp_path),
        template=str(TEMPLATE),
        charts=False,
        period="this_month",
    )
    assert not result.get("failed"), result["msg"]
    first, last = (result["period"][name] for name in ("first_day", "last_day"))
    settled = str(last_complete(controller.clock.now()))
    month = str(controller.today.replace(day=1))
    assert (first, last) == ((month, settled) if month <= settled else (None, None))


def test_filters_count_from_the_pacific_day(
    controller: Controller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(days, "time", SimpleNamespace(time=controller.clock.now))
    assert [flex_saved_days(controller.day(number)) for number in (-1, 0, 1, 2, 30)] == [
        0,
        0,
        0,
        1,
        29,
    ]
    for number, kinds in ((30, ["ending"]), (31, [])):
        item = {"end_date": controller.day(number), "start_date": controller.day(0)}
        held = {
            **item,
            **dict.fromkeys(("account_id", "configuration_id", "token_status")),
            "serial_number": "FGVMMLTM26000001",
            "name": "oslo",
            "description": "oslo",
            "status": "ACTIVE",
        }
        found = flex_audit([held], [{"name": "oslo"}], ending_days=30)
        assert [finding["kind"] for finding in found] == kinds
