# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports against what the local FortiFlex really charges: 400 entitlements in three accounts, 120 days of changes."""

from __future__ import annotations

import csv
import html.parser
import json
import random
import re
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from contract.harness import Controller
from contract.test_points import ACCOUNTS, DAY, REGIONS, advance, billed, live, today

from ansible_collections.flexops.fortiflex.plugins.module_utils.usage import _charts as charts
from ansible_collections.flexops.fortiflex.plugins.module_utils.usage import report_files
from simulator.launch import start

ROOT = Path(__file__).parents[2]
TEMPLATE = str(ROOT / "roles/usage_report/templates/page.html.j2")
PROGRAM = "ELAVMS0000000200"
EVIL = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A company of which 120 days are in a ledger, the controller, and the directory of its reports."""
    from contract.harness import SimulatorClock

    from ansible_collections.flexops.fortiflex.plugins.action import flex_entitlement

    home = tmp_path_factory.mktemp("report")
    with start() as flex, pytest.MonkeyPatch.context() as patch:
        clock = SimulatorClock(flex)
        patch.setattr(flex_entitlement, "SystemClock", lambda: clock)
        controller = Controller(flex, home / "state", clock)
        advance(controller, DAY - (clock.now() - 19 * 3600) % DAY)
        chance = random.Random(7)
        for account, count in zip(ACCOUNTS, (200, 120, 80), strict=True):
            ids = [
                controller.configuration(
                    f"{size}-{account}",
                    accountId=account,
                    parameters=[{"id": 1, "value": str(size)}, {"id": 2, "value": "UTP"}],
                )
                for size in (1, 2, 4)
            ]
            flex.seed(
                [
                    {
                        "configId": chance.choice(ids),
                        "status": "ACTIVE",
                        "tokenStatus": "USED",
                        "description": f"s{account}-{n} [region={REGIONS[n % 5]}]",
                    }
                    for n in range(count - 2)
                ]
            )
            flex.seed(
                [
                    {"configId": ids[0], "status": "ACTIVE", "description": EVIL},
                    {"configId": ids[0], "status": "STOPPED", "description": "[spare]"},
                ]
            )
        begun = today(controller)
        for _part in range(8):
            live(controller, 15, chance)
            recorded = controller.run(
                "flex_usage_ledger",
                accounts=["all"],
                ledger=str(home / "usage.sqlite3"),
                max_days=400,
            )
            assert "msg" not in recorded, recorded
        yield controller, home, begun


def write(reported: Any, **options: Any) -> dict[str, Any]:
    """Write reports."""
    controller, home, _begun = reported
    common = {
        "ledger": str(home / "usage.sqlite3"),
        "directory": str(home / "reports"),
        "template": TEMPLATE,
    }
    result: dict[str, Any] = controller.run("flex_usage_report", **{**common, **options})
    return result


class _Page(html.parser.HTMLParser):
    """Tags, links and texts of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: dict[str, int] = defaultdict(int)
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.links += [
            str(value)
            for key, value in attrs
            if key in ("href", "src", "xlink:href", "srcset", "action")
        ]


def test_every_total_is_what_was_charged(reported: Any) -> None:
    controller, home, begun = reported
    last = today(controller) - timedelta(days=1)
    assert "msg" not in write(
        reported, start_date=str(begun), statements=True, customers={"2000002": EVIL}
    )
    data = json.loads((home / "reports" / f"{PROGRAM}.json").read_text())
    bill = controller.flex.bill(str(begun), str(last))
    accounts = {
        item["serialNumber"]: item["accountId"] for item in controller.flex.state()["entitlements"]
    }
    assert data["total"]["points"] == pytest.approx(float(sum(bill.values())), abs=0.01)
    for kind in ("by_account", "by_product", "by_configuration", "months"):
        assert sum(group["points"] for group in data[kind]) == pytest.approx(
            data["total"]["points"], abs=0.01
        )
    assert sum(group["points"] for group in data["by_tag"]["region"]) == pytest.approx(
        data["total"]["points"], abs=0.01
    )
    for day in data["days"][::17]:
        assert day["points"] == pytest.approx(
            float(
                billed(controller, date.fromisoformat(day["day"]), date.fromisoformat(day["day"]))
            ),
            abs=0.01,
        )
    for account in ACCOUNTS:
        own = json.loads((home / "reports" / f"{PROGRAM}-{account}.json").read_text())
        charged = sum(points for serial, points in bill.items() if accounts[serial] == account)
        assert own["total"]["points"] == pytest.approx(float(charged), abs=0.01)
    with (home / "reports" / f"{PROGRAM}.csv").open() as file:
        rows = list(csv.DictReader(file))
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        sums[row["ResourceId"]] += Decimal(row["ConsumedQuantity"])
    assert sums == {serial: points for serial, points in bill.items() if points}
    assert len(data["days"]) == 120 and data["top"][0]["points"] == pytest.approx(
        float(max(bill.values()))
    )


def test_only_statements_that_go_by_alias_and_list_no_spares(reported: Any) -> None:
    controller, home, _begun = reported
    aliases = {"bakery": ACCOUNTS[0]}
    made = write(reported, statements=True, whole=False, account_aliases=aliases, formats=["json"])
    assert {Path(file["path"]).name for file in made["files"]} == {
        f"{PROGRAM}-{account}.json" for account in ACCOUNTS
    }
    for account in ACCOUNTS:
        own = json.loads((home / "reports" / f"{PROGRAM}-{account}.json").read_text())
        assert own["title"] == ("bakery" if account == ACCOUNTS[0] else f"account {account}")
        marks = {shape["description"] for shape in own["history"] if shape["name"] is None}
        assert not own["spares"] and not any("[spare]" in mark for mark in marks)
    nothing = write(reported, whole=False)["msg"]
    assert (
        nothing == "whole and statements are both false, which leaves no report; set one of them."
    )


def test_what_rounds_to_nothing_has_no_sign(reported: Any) -> None:
    controller, home, _begun = reported
    write(reported)
    data = json.loads((home / "reports" / f"{PROGRAM}.json").read_text())
    data["by_product"][0] |= {"trend": -0.0004, "share": 0.0004, "points": -0.0004}
    assert not re.search(r">-0(\.0+)?( %)?<", report_files.page(data, TEMPLATE, with_charts=False))


def test_the_page_is_one_file_in_which_every_value_is_escaped(reported: Any) -> None:
    controller, home, _begun = reported
    write(reported, customers={"2000002": EVIL}, title=EVIL, sites=[], statements=True)
    text = (home / "reports" / f"{PROGRAM}.html").read_text()
    page = _Page(text)
    assert (
        page.links == [] and "url(" not in text and "@import" not in text and len(text) < 3_000_000
    )
    assert page.tags["script"] == 1 and EVIL not in text and "&lt;script&gt;alert(1)" in text
    assert (
        page.tags["svg"] >= 6
        and page.tags["rect"] > 20
        and page.tags["table"] >= 7
        and page.tags["tr"] > 400
    )
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(set(ids)) == len(ids)
    assert "Spares" in text and "[spare]" in text and "Where the figures are from" in text


def test_a_second_run_on_the_same_day_changes_nothing(reported: Any) -> None:
    _controller, home, _begun = reported
    assert (
        write(reported, check=True, directory=str(home / "none"))["changed"]
        and not (home / "none").exists()
    )
    own = {"directory": str(home / "own")}
    write(reported, **own)
    assert (
        write(reported, mode="0604", **own)["changed"]
        and not write(reported, mode="0604", **own)["changed"]
    )
    assert {path.stat().st_mode & 0o777 for path in (home / "own").iterdir()} == {0o604}


def test_orphans_are_what_no_site_uses(reported: Any) -> None:
    controller, home, _begun = reported
    held = [
        item["description"].split(" [")[0]
        for item in controller.flex.state()["entitlements"]
        if item["status"] == "ACTIVE"
    ]
    write(reported, formats=["json"], sites=[name for name in held if name != EVIL])
    data = json.loads((home / "reports" / f"{PROGRAM}.json").read_text())
    evil = [
        item
        for item in controller.flex.state()["entitlements"]
        if item["description"] == EVIL and item["status"] == "ACTIVE"
    ]
    assert {item["serial_number"] for item in data["orphans"]} == {
        item["serialNumber"] for item in evil
    }
    assert len(data["spares"]) == sum(
        item["description"] == "[spare]" for item in controller.flex.state()["entitlements"]
    )


def test_prometheus_can_read_it(reported: Any) -> None:
    _controller, home, _begun = reported
    write(reported, formats=["prometheus"], customers={"2000001": 'a "quoted" \\ name'})
    lines = (home / "reports" / f"{PROGRAM}.prom").read_text().splitlines()
    sample = re.compile(r'fortiflex_[a-z_]+\{([a-z_]+="(?:[^"\\]|\\["\\n])*",?)+\} -?[0-9.e+-]+')
    samples = [line for line in lines if not line.startswith(("# HELP ", "# TYPE "))]
    assert [line for line in samples if not sample.fullmatch(line)] == []
    assert any('customer="a \\"quoted\\" \\\\ name"' in line for line in samples)


def test_without_its_library_the_page_says_so_and_can_do_without(
    reported: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    _controller, home, _begun = reported
    monkeypatch.setattr(charts, "PYGAL_IMPORT_ERROR", ImportError("pygal"))
    assert "pygal draws the charts and is missing: install it" in write(reported)["msg"]
    write(reported, charts=False)
    assert "<svg" not in (home / "reports" / f"{PROGRAM}.html").read_text()


def test_an_error_names_what_is_wrong(
    reported: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A template that cannot be read is one; a chart that cannot be drawn is no fault of it."""
    for path, text in ((tmp_path, ""), (tmp_path / "none", ""), (tmp_path / "odd", "\udcff")):
        if text:
            path.write_text(text, encoding="utf-8", errors="surrogateescape")
        assert f"The template {path} cannot be read (" in write(reported, template=str(path))["msg"]

    def broken(*_args: object) -> str:
        raise ValueError("no such chart")

    _controller, home, _begun = reported
    write(reported, formats=["json"])
    data = json.loads((home / "reports" / f"{PROGRAM}.json").read_text())
    monkeypatch.setattr(charts, "trend", broken)
    with pytest.raises(ValueError, match="no such chart"):
        report_files.page(data, TEMPLATE, True)


@pytest.mark.parametrize(
    "text",
    [
        "{{ nothing_of_the_kind.more }}",
        "{% if %}",
        "{{ 1 / 0 }}",
        "{{ report + 1 }}",
        "{{ 'x' | round }}",
        "{{ [].pop() }}",
        "{{ 'x'.encode('none') }}",
        "{{ report.none.of_it }}",
    ],
)
def test_what_fails_in_a_template_is_one_sentence(reported: Any, tmp_path: Path, text: str) -> None:
    template = tmp_path / "own.j2"
    template.write_text(text)
    message = write(reported, template=str(template))["msg"]
    assert message.startswith(f"The template {template} is wrong (")
    assert "correct it, or use that of the role usage_report" in message


def test_what_cannot_be_reported_is_refused(reported: Any) -> None:
    controller, _home, _begun = reported
    wrong = write(reported, accounts=["x"], point_price=0, mode="rw", start_date="soon")["msg"]
    for part in (
        "accounts: 'x' is no account number",
        "point_price: 0.0 is no number above 0",
        "'rw' is no mode",
        "start_date: 'soon' is no date",
    ):
        assert part in wrong
    assert "has nothing of 7 in program" in write(reported, accounts=["7"])["msg"]
    assert "and no day of it is over yet" in write(reported, last_days=1)["msg"]
    for name in ("projection", "alerts", "balance", "commitment"):
        for odd in (5, True, "x", [{}], [5], {"x": {}}, {"points": "1"}):
            refused = write(reported, outlook={name: odd})["msg"]
            assert "outlook is not what flex_points_info returned" in refused, (name, odd)
    assert (
        "template is needed for html"
        in controller.run(
            "flex_usage_report",
            ledger=str(_home / "usage.sqlite3"),
            directory=str(_home / "reports"),
        )["msg"]
    )


def test_nobody_reports_of_an_account_that_is_not_allowed(reported: Any) -> None:
    inside, outside = map(str, ACCOUNTS[:2])
    made = write(reported, allowed_accounts=[inside], statements=True, formats=["json"])
    assert [file["account_id"] for file in made["files"]] == [None, ACCOUNTS[0]], made
    assert (
        write(reported, allowed_accounts=[inside], accounts=[outside])["error_code"]
        == "account_not_allowed"
    )


def test_a_price_needs_no_currency_and_a_currency_no_price(reported: Any) -> None:
    page = Path(write(reported, formats=["html"], charts=False, point_price=2)["files"][0]["path"])
    assert ">Cost</th>" in page.read_text(encoding="utf-8")
    write(reported, formats=["html"], charts=False, currency="EUR")
    assert "EUR" not in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(("hour", "behind"), [(0.5, 2), (5.9, 2), (6.1, 1), (22.9, 1)])
def test_the_period_is_what_is_covered_at_any_hour(
    controller: Controller, tmp_path: Path, hour: float, behind: int
) -> None:
    made = controller.configuration()
    controller.flex.seed(
        [
            {
                "configId": made,
                "description": "oslo",
                "status": "ACTIVE",
                "startDate": controller.day(-10),
            }
        ]
    )
    controller.wait_until(hour)
    ledger, directory = str(tmp_path / "usage.sqlite3"), str(tmp_path)
    controller.run("flex_usage_ledger", ledger=ledger)
    result = controller.run(
        "flex_usage_report", ledger=ledger, directory=directory, template=TEMPLATE, charts=False
    )
    data = json.loads((tmp_path / f"{PROGRAM}.json").read_text())
    last = controller.day(-behind)
    assert (
        result["period"]["last_day"]
        == data["period"]["last_day"]
        == data["latest"]["day"]
        == data["days"][-1]["day"]
        == last
    )
    assert result["unsettled_days"] == data["unsettled_days"] == [controller.day(-1)] * (behind - 1)
    assert result["missing_days"] == []
    assert data["total"]["points"] == pytest.approx(
        float(
            billed(
                controller,
                date.fromisoformat(data["period"]["first_day"]),
                date.fromisoformat(last),
            )
        )
    )
    page = (tmp_path / f"{PROGRAM}.html").read_text()
    assert f"{data['period']['first_day']} to {last}, both included" in " ".join(page.split())
    assert ("Not included, because FortiFlex may still correct it" in page) == (behind == 2)


def test_settled_days_that_the_ledger_lacks_are_named(
    controller: Controller, tmp_path: Path
) -> None:
    controller.wait_until(12)
    controller.flex.seed(
        [
            {
                "configId": controller.configuration(),
                "description": "oslo",
                "status": "ACTIVE",
                "startDate": controller.day(-10),
            }
        ]
    )
    ledger, options = (
        str(tmp_path / "usage.sqlite3"),
        {"directory": str(tmp_path), "formats": ["json"]},
    )
    controller.run("flex_usage_ledger", ledger=ledger)
    controller.clock.sleep(3 * DAY)
    late = controller.run("flex_usage_report", ledger=ledger, **options)
    assert late["period"]["last_day"] == controller.day(-4)
    assert (
        late["missing_days"] == [controller.day(-3), controller.day(-2), controller.day(-1)]
        and late["unsettled_days"] == []
    )


def test_an_account_without_anything_has_an_empty_page(
    controller: Controller, tmp_path: Path
) -> None:
    ledger = str(tmp_path / "usage.sqlite3")
    controller.run("flex_usage_ledger", ledger=ledger)
    outlook = controller.run("flex_points_info", ledger=ledger)
    result = controller.run(
        "flex_usage_report",
        ledger=ledger,
        directory=str(tmp_path),
        template=TEMPLATE,
        outlook=outlook,
    )
    assert len(result["files"]) == 4
    text = (tmp_path / f"{PROGRAM}.html").read_text()
    assert "None: everything that is charged has a holder." in text and "<svg" not in text


def test_a_device_goes_by_its_serial_number(controller: Controller, tmp_path: Path) -> None:
    made = controller.configuration("fw", productTypeId=101, parameters=[])
    controller.flex.seed(
        [
            {
                "configId": made,
                "serialNumber": "FGT60FTK20000001",
                "status": "ACTIVE",
                "description": "",
            }
        ]
    )
    advance(controller, 2 * DAY)
    ledger = str(tmp_path / "usage.sqlite3")
    controller.run("flex_usage_ledger", ledger=ledger)
    for sites, orphans in ((None, 0), (["oslo"], 1), (["FGT60FTK20000001"], 0)):
        controller.run(
            "flex_usage_report",
            ledger=ledger,
            directory=str(tmp_path),
            formats=["json"],
            sites=sites,
        )
        assert len(json.loads((tmp_path / f"{PROGRAM}.json").read_text())["orphans"]) == orphans
