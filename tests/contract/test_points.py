# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was used, and the ledger of it, against what the local FortiFlex really charges."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from contract.harness import Controller

from ansible_collections.flexops.fortiflex.plugins.module_utils.core.dates import pacific_day
from ansible_collections.flexops.fortiflex.plugins.module_utils.usage._ledger import Ledger

DAY = 86400.0
ACCOUNTS = (2000001, 2000002, 2000003)
REGIONS = ("north", "south", "east", "west", "center")


@pytest.fixture
def company(controller: Controller) -> Controller:
    """Three accounts with 24 entitlements and five tags, in the middle of a Pacific day."""
    controller.flex.settings(login_revokes=False)
    advance(controller, DAY - (controller.clock.now() - 19 * 3600) % DAY)
    chance = random.Random(6)
    for account in ACCOUNTS:
        ids = [
            controller.configuration(
                f"{size}-{account}",
                accountId=account,
                parameters=[{"id": 1, "value": str(size)}, {"id": 2, "value": "UTP"}],
            )
            for size in (1, 2, 4)
        ]
        controller.flex.seed(
            [
                {
                    "configId": chance.choice(ids),
                    "status": "ACTIVE",
                    "tokenStatus": "USED",
                    "description": f"site-{account}-{number} [region={REGIONS[number % 5]}]",
                }
                for number in range(8)
            ]
        )
    return controller


def advance(controller: Controller, seconds: float) -> None:
    """Let time pass for both sides."""
    controller.clock.sleep(seconds)


def today(controller: Controller) -> date:
    """The Pacific day."""
    return pacific_day(controller.clock.now())


def live(controller: Controller, days: int, chance: random.Random) -> None:
    """Days on which sizes change and licenses stop and start."""
    for _day in range(days):
        state = controller.flex.state()
        by_account = defaultdict(list)
        for item in state["configurations"]:
            by_account[item["accountId"]].append(item["id"])
        for item in chance.sample(
            [item for item in state["entitlements"] if item["description"] != "[spare]"], 2
        ):
            changes: dict[str, Any] = {"configId": chance.choice(by_account[item["accountId"]])}
            if chance.random() < 0.5:
                changes = {"status": "STOPPED" if item["status"] == "ACTIVE" else "ACTIVE"}
            controller.flex.patch(item["serialNumber"], **changes)
        advance(controller, DAY)


def billed(controller: Controller, first: date, last: date) -> Decimal:
    """What the local FortiFlex really charged."""
    return sum(controller.flex.bill(first.isoformat(), last.isoformat()).values(), Decimal(0))


def test_every_total_is_what_was_charged(company: Controller) -> None:
    live(company, 40, random.Random(1))
    last = today(company)
    for options in (
        {"last_days": 1},
        {"last_days": 30},
        {"start_date": str(last - timedelta(days=39))},
        {"period": "previous_month"},
        {},
    ):
        result = company.run("flex_points_info", accounts=["all"], projection=False, **options)
        first_day, last_day = (
            date.fromisoformat(result["period"][key]) for key in ("first_day", "last_day")
        )
        assert result["total"] == pytest.approx(
            float(billed(company, first_day, last_day)), abs=0.001
        )
        assert sum(group["points"] for group in result["points"]) == pytest.approx(result["total"])
        assert result["period"]["complete"] is (last_day < last)
    for group_by in (
        ["entitlement"],
        ["configuration"],
        ["product"],
        ["account"],
        ["tag:region"],
        ["account", "tag:region"],
        ["day"],
        ["day", "account"],
    ):
        grouped = company.run(
            "flex_points_info", accounts=["all"], projection=False, last_days=10, group_by=group_by
        )
        assert grouped["total"] == pytest.approx(
            float(billed(company, last - timedelta(days=9), last)), abs=0.001
        )
        assert sum(group["points"] for group in grouped["points"]) == pytest.approx(
            grouped["total"]
        )
    assert {
        group["tag:region"]
        for group in company.run("flex_points_info", last_days=2, group_by=["tag:region"])["points"]
    } <= set(REGIONS)


def test_a_complete_day_is_asked_for_once(company: Controller) -> None:
    live(company, 12, random.Random(2))
    options = {"last_days": 10, "group_by": ["day"], "projection": False}
    first = company.run("flex_points_info", **options)
    again = company.run("flex_points_info", **options)
    assert first["requests"]["made"] == 2 + 10 + 1 and again["requests"]["made"] == 2 + 1
    assert first["points"] == again["points"]
    assert [group["complete"] for group in again["points"]] == [True] * 9 + [False]
    (ledger,) = company.state_dir.glob("usage-*.sqlite3")
    assert ledger.stat().st_mode & 0o077 == 0


def test_the_ledger_has_what_fortiflex_has_forgotten(company: Controller, tmp_path: Path) -> None:
    path = str(tmp_path / "usage.sqlite3")
    begun, chance = today(company), random.Random(3)
    for _week in range(17):
        live(company, 7, chance)
        assert not company.run("flex_usage_ledger", accounts=["all"], ledger=path, max_days=300)[
            "missing_days"
        ]
    last = today(company) - timedelta(days=1)
    assert not company.run("flex_usage_ledger", accounts=["all"], ledger=path)["changed"]
    result = company.run(
        "flex_points_info",
        accounts=["all"],
        ledger=path,
        start_date=str(begun),
        end_date=str(last),
        projection=False,
    )
    assert (last - begun).days > 100 and result["total"] == pytest.approx(
        float(billed(company, begun, last)), abs=0.01
    )
    with Ledger(path) as ledger:
        months = ledger.by_month("ELAVMS0000000200", ACCOUNTS, begun, last)
        days = ledger.by_day("ELAVMS0000000200", ACCOUNTS, begun, last)
        assert sum(use.points for use in months) == sum(use.points for use in days)
        assert len({use.state.tags["region"] for use in months}) == 5
        assert not ledger.corrections("ELAVMS0000000200", ACCOUNTS)
    lost = company.run("flex_points_info", start_date=str(begun), projection=False)
    assert (
        "over 90 days back and not in the ledger" in lost["msg"] and lost["requests"]["made"] == 1
    ), "since when the program exists"


def test_the_first_run_fills_the_ledger_bit_by_bit(company: Controller, tmp_path: Path) -> None:
    live(company, 20, random.Random(4))
    options = {"ledger": str(tmp_path / "usage.sqlite3"), "max_days": 15, "balance": False}
    company.flex.settings(
        programs=[
            {**item, "startDate": str(today(company) - timedelta(days=25))} for item in programs()
        ]
    )
    predicted = company.run("flex_usage_ledger", check=True, **options)
    assert predicted["recorded"]["days"] == 15 and predicted["changed"]
    first = company.run("flex_usage_ledger", **options)
    assert (
        first["recorded"] == {"days": 15, "states": 8, "corrections": 0}
        and len(first["missing_days"]) == 10
    )
    second = company.run("flex_usage_ledger", **options)
    assert (
        second["recorded"] == {"days": 10, "states": 0, "corrections": 0}
        and second["missing_days"] == []
    )
    third = company.run("flex_usage_ledger", **options)
    assert not third["changed"] and third["requests"]["made"] == 2 + 1 + 2, (
        "two lists, the program, two days asked again"
    )


def programs() -> list[dict[str, Any]]:
    """The programs of the local FortiFlex."""
    return [
        {
            "serialNumber": "ELAVMR0000000100",
            "accountId": 1000001,
            "accounts": [1000001],
            "type": "prepaid",
            "points": 1000,
        },
        {
            "serialNumber": "ELAVMS0000000200",
            "accountId": 2000001,
            "accounts": list(ACCOUNTS),
            "type": "postpaid",
        },
    ]


def test_what_is_to_be_expected_says_how_it_was_found(company: Controller) -> None:
    advance(company, 40 * DAY)
    result = company.run("flex_points_info", accounts=["all"])
    a_day = float(billed(company, today(company), today(company)))
    for found in result["projection"].values():
        assert found["points_per_day"] == pytest.approx(a_day) and found[
            "points_per_30_days"
        ] == pytest.approx(30 * a_day)
    assert "mean of 7 complete days" in result["projection"]["recent_days"]["method"]
    assert "at today's prices" in result["projection"]["active_now"]["method"]
    assert (
        result["balance"] is None
        and result["commitment"]["points"] == 50_000
        and result["alerts"] == []
    )
    assert result["commitment"]["measured_from"] and result["commitment"]["used"] > 0
    missed = company.run(
        "flex_points_info", accounts=["all"], commitment=10_000_000, fail_on_alert=True
    )
    assert (
        missed["failed"]
        and missed["alerts"][0]["kind"] == "commitment_missed"
        and missed["error_code"] == "alert"
    )


def test_a_prepaid_balance_says_for_how_long_it_lasts(controller: Controller) -> None:
    controller.program, controller.account_id = "ELAVMR0000000100", 1000001
    controller.flex.settings(programs=programs())
    controller.flex.faults([{"kind": "refused", "path": "programs/points", "times": 1}])
    assert controller.run("flex_points_info")["balance"] is None
    advance(controller, 2 * DAY)
    assert controller.run("flex_points_info")["balance"]["points"] == 1000
    made = controller.configuration(
        "small", programSerialNumber=controller.program, accountId=1000001
    )
    controller.flex.seed([{"configId": made, "description": "site", "status": "ACTIVE"}])
    advance(controller, 20 * DAY)
    balance = controller.run("flex_points_info")["balance"]
    left = controller.flex.state()["programs"][0]["pointBalance"]
    a_day = float(controller.run("flex_cost_info", configuration="small")["cost"]["points_per_day"])
    assert balance["points"] == pytest.approx(left) and balance["days_to_empty"] == int(
        left / a_day
    )
    assert balance["empty_on"] == str(today(controller) + timedelta(days=balance["days_to_empty"]))
    advance(controller, (balance["days_to_empty"] + 10) * DAY)
    result = controller.run("flex_points_info", fail_on_alert=True)
    assert (
        result["balance"]["points"] < 0
        and result["alerts"][0]["kind"] == "balance_negative"
        and "may be suspended" in result["msg"]
    )
    assert abs(result["balance"]["grace_days_left"] - 80) <= 2
    again = controller.run("flex_points_info")["balance"]
    assert again == result["balance"]
    controller.flex.faults([{"kind": "refused", "path": "programs/points", "always": True}])
    assert "refused programs/points" in controller.run("flex_points_info")["msg"], (
        "it has a balance, and does not tell it"
    )


def test_the_grace_clock_of_a_balance_that_was_never_seen_above_zero_stays(
    controller: Controller,
) -> None:
    controller.program, controller.account_id = "ELAVMR0000000100", 1000001
    controller.flex.settings(programs=[{**programs()[0], "points": 10}])
    made = controller.configuration(
        "small", programSerialNumber=controller.program, accountId=1000001
    )
    controller.flex.seed([{"configId": made, "description": "site", "status": "ACTIVE"}])
    advance(controller, 60 * DAY)
    first, second = (controller.run("flex_points_info")["balance"] for _time in range(2))
    assert first == second and first["points"] < 0 and first["grace_days_left"] < 50


def test_a_transferred_entitlement_counts_once(company: Controller, tmp_path: Path) -> None:
    path = str(tmp_path / "usage.sqlite3")
    begun = today(company)
    advance(company, 20 * DAY)
    assert "msg" not in company.run("flex_usage_ledger", accounts=["2000001"], ledger=path)
    state = company.flex.state()
    moved = next(item for item in state["entitlements"] if item["accountId"] == 2000001)
    target = next(item["id"] for item in state["configurations"] if item["accountId"] == 2000002)
    company.flex.patch(moved["serialNumber"], configId=target, accountId=2000002)
    advance(company, 2 * DAY)
    for _time in range(2):
        assert "msg" not in company.run(
            "flex_usage_ledger", accounts=["all"], ledger=path, max_days=400
        )
    last = today(company) - timedelta(days=1)
    options = {
        "accounts": ["all"],
        "ledger": path,
        "start_date": str(begun),
        "end_date": str(last),
        "projection": False,
    }
    by_day = company.run("flex_points_info", group_by=["day", "account"], **options)
    assert by_day["total"] == pytest.approx(float(billed(company, begun, last)), abs=0.01)
    assert by_day["total"] == pytest.approx(
        company.run("flex_points_info", group_by=["account"], **options)["total"], abs=0.01
    )


def test_an_account_that_comes_later_takes_nothing_from_the_history(
    controller: Controller, tmp_path: Path
) -> None:
    path = str(tmp_path / "usage.sqlite3")
    advance(controller, DAY - (controller.clock.now() - 19 * 3600) % DAY)
    controller.flex.seed(
        [{"configId": controller.configuration("small"), "description": "site", "status": "ACTIVE"}]
    )
    begun = today(controller)
    for _part in range(4):
        advance(controller, 30 * DAY)
        controller.run("flex_usage_ledger", accounts=["all"], ledger=path, max_days=400)
    controller.configuration("other", accountId=2000002)
    advance(controller, DAY)
    controller.run("flex_usage_ledger", accounts=["all"], ledger=path, max_days=400)
    last = today(controller) - timedelta(days=1)
    result = controller.run(
        "flex_points_info",
        accounts=["all"],
        ledger=path,
        start_date=str(begun),
        end_date=str(last),
        projection=False,
    )
    assert result["total"] == pytest.approx(float(billed(controller, begun, last)), abs=0.01)
    controller.run(
        "flex_usage_report",
        ledger=path,
        directory=str(tmp_path),
        formats=["json"],
        start_date=str(begun),
    )
    report = json.loads((tmp_path / "ELAVMS0000000200.json").read_text())
    assert None not in [day["points"] for day in report["days"]]
    assert all(month["complete"] for month in report["months"][1:-1]) and len(report["months"]) >= 4


def test_what_is_forgotten_next_goes_before_what_is_reported_again(
    company: Controller, tmp_path: Path
) -> None:
    options = {"accounts": ["all"], "ledger": str(tmp_path / "usage.sqlite3"), "max_days": 6}
    missing = [
        len(company.run("flex_usage_ledger", **options)["missing_days"]) for _time in range(3)
    ]
    assert missing[0] - missing[1] == missing[1] - missing[2] == 6


def test_a_check_and_a_typo_make_no_files(controller: Controller, tmp_path: Path) -> None:
    controller.run("flex_usage_ledger", check=True, ledger=str(tmp_path / "a" / "usage.sqlite3"))
    report = {
        "ledger": str(tmp_path / "b" / "usage.sqlite3"),
        "directory": str(tmp_path / "c"),
        "formats": ["json"],
    }
    assert "There is no ledger" in controller.run("flex_usage_report", **report)["msg"]
    controller.run("flex_usage_report", check=True, **report)
    assert list(tmp_path.iterdir()) == [controller.state_dir]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"last_days": 10**7}, "last_days: 10000000 is over the maximum 36500"),
        ({"thresholds": [float("nan")], "budget": 1}, "thresholds: nan is no number above 0"),
        ({"commitment": float("nan")}, "commitment: nan is no number above 0"),
        (
            {"start_date": "2999-01-01", "end_date": "2999-02-01"},
            "start_date 2999-01-01 is after today",
        ),
        ({"accounts": ["0"]}, "accounts: '0' is no account number"),
        (
            {"budget": [{"points": 1, "account_id": 7}]},
            "budget: account 7 is not asked about; add it to accounts",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(
    controller: Controller, options: dict[str, Any], sentence: str
) -> None:
    assert sentence in controller.run("flex_points_info", **options)["msg"]
    assert "entitlements/points" not in controller.flex.requests()["by_path"]


def test_budgets_make_alerts(company: Controller) -> None:
    live(company, 40, random.Random(5))
    used = company.run("flex_points_info", accounts=["all"], group_by=["account"], projection=False)
    of = {group["account_id"]: group["points"] for group in used["points"]}
    result = company.run(
        "flex_points_info",
        accounts=["all"],
        budget=[
            {"points": 1},
            {"points": 10**9},
            {"points": 2, "account_id": 2000002},
            {"points": 3, "tag": "region=west"},
        ],
    )
    asked = {
        "start_date": str(today(company).replace(day=1)),
        "end_date": str(max(today(company).replace(day=1), today(company) - timedelta(days=1))),
    }
    west = company.run(
        "flex_points_info",
        group_by=["account"],
        accounts=["all"],
        budget=[{"points": 3, "tag": "region=west"}, 10**9],
        **asked,
    )
    if today(company).day > 1:
        assert [alert["kind"] for alert in west["alerts"]] == ["budget_reached"], (
            "also where the period was asked for without names"
        )
        assert [alert["scope"] for alert in result["alerts"]] == [
            "all",
            "account 2000002",
            "tag region=west",
        ] and len(of) == 3
        assert {alert["threshold"] for alert in result["alerts"]} == {100}
    wrong = company.run(
        "flex_points_info",
        budget=[{"points": 0}, {"points": 1, "tag": "west"}],
        thresholds=[-1],
        group_by=["colour"],
        last_days=0,
    )
    for part in (
        "is no number of points",
        "must be KEY=VALUE",
        "is no number above 0",
        "'colour' is none of",
        "under the minimum 1",
    ):
        assert part in wrong["msg"]
    assert wrong["requests"]["made"] == 0
