# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Points by Pacific days, and the calculator."""

from __future__ import annotations

from typing import Any

import pytest
from unit.simulator.client import OWNER, POSTPAID, Client

from simulator.launch import Simulator

SMALL, LARGE = (
    [{"id": 1, "value": 2}, {"id": 2, "value": "ENT"}],
    [{"id": 1, "value": 4}, {"id": 2, "value": "ENT"}],
)


def used(api: Client, first: str, last: str, **more: Any) -> float:
    """Points of all entitlements of the account, day by day as `2026-06-10`."""
    body = {"accountId": OWNER, "programSerialNumber": POSTPAID, **more}
    api.login()
    return float(
        round(
            sum(
                item["points"]
                for item in api.call("entitlements/points", startDate=first, endDate=last, **body)[
                    "entitlements"
                ]
            ),
            2,
        )
    )


def test_pending_costs_nothing_and_is_not_listed(frozen: Simulator, api: Client) -> None:
    api.create(api.configure())
    frozen.advance(86400)
    api.login()
    assert (
        api.call(
            "entitlements/points",
            accountId=OWNER,
            programSerialNumber=POSTPAID,
            startDate="2026-06-01",
            endDate="2026-06-30",
        )["entitlements"]
        == []
    )


def test_each_day_that_saw_it_active_is_charged_both_ends_included(
    frozen: Simulator, api: Client
) -> None:
    made = api.active(api.configure())
    frozen.set_clock("2026-06-12T00:00:01")
    api.login()
    api.call("entitlements/stop", serialNumber=made["serialNumber"])
    frozen.set_clock("2026-06-20T12:00:00")
    assert [
        used(api, day, day)
        for day in ("2026-06-09", "2026-06-10", "2026-06-11", "2026-06-12", "2026-06-13")
    ] == [0, 6.39, 6.39, 6.39, 0]
    assert used(api, "2026-06-01", "2026-06-30") == 19.17


def test_stopping_for_a_night_saves_nothing(frozen: Simulator, api: Client) -> None:
    made = api.active(api.configure())
    for moment, call in [
        ("2026-06-10T20:00:00", "stop"),
        ("2026-06-11T08:00:00", "reactivate"),
        ("2026-06-11T20:00:00", "stop"),
    ]:
        frozen.set_clock(moment)
        api.login()
        api.call(f"entitlements/{call}", serialNumber=made["serialNumber"])
    assert used(api, "2026-06-10", "2026-06-11") == 12.78


def test_the_day_ends_at_midnight_pacific(frozen: Simulator, api: Client) -> None:
    frozen.set_clock("2026-06-11T06:30:00Z")  # 23:30 of June 10
    made = api.active(api.configure())
    frozen.set_clock("2026-06-11T06:59:00Z")
    api.call("entitlements/stop", serialNumber=made["serialNumber"])
    assert (used(api, "2026-06-10", "2026-06-10"), used(api, "2026-06-11", "2026-06-11")) == (
        6.39,
        0,
    )


def test_the_largest_price_of_the_day_counts(frozen: Simulator, api: Client) -> None:
    config = api.configure(parameters=SMALL)
    api.active(config)
    for moment, parameters in [("2026-06-11T09:00:00", LARGE), ("2026-06-11T10:00:00", SMALL)]:
        frozen.set_clock(moment)
        api.login()
        api.call("configs/update", id=config, parameters=parameters)
    frozen.set_clock("2026-06-12T12:00:00")
    assert [used(api, day, day) for day in ("2026-06-10", "2026-06-11", "2026-06-12")] == [
        6.39,
        12.91,
        6.39,
    ]


def test_moving_to_another_configuration_charges_the_larger_one_that_day(
    frozen: Simulator, api: Client
) -> None:
    small, large = (
        api.configure("small", parameters=SMALL),
        api.configure("large", parameters=LARGE),
    )
    made = api.active(large)
    api.call("entitlements/update", serialNumber=made["serialNumber"], configId=small)
    frozen.advance(86400)
    assert [used(api, day, day) for day in ("2026-06-10", "2026-06-11")] == [12.91, 6.39]


def test_an_end_date_at_midnight_ends_the_charge_with_the_day_before(
    frozen: Simulator, api: Client
) -> None:
    api.active(api.configure(), endDate="2026-06-12")
    frozen.set_clock("2026-06-15T12:00:00")
    assert used(api, "2026-06-01", "2026-06-30") == 12.78


def test_history_is_cut_at_90_days(frozen: Simulator, api: Client) -> None:
    frozen.settings(
        programs=[{"serialNumber": POSTPAID, "accountId": OWNER, "endDate": "2027-06-01"}]
    )
    api.active(api.configure())
    frozen.set_clock("2026-12-10T12:00:00")
    assert used(api, "1900-01-01", "2026-12-09") == round(90 * 6.39, 2)
    assert used(api, "2026-06-10", "2026-09-10") == 0


def test_scopes_of_the_question(frozen: Simulator, api: Client) -> None:
    config, other = api.configure(), api.configure("other")
    one, _other = api.active(config), api.active(other)
    assert used(api, "2026-06-10", "2026-06-10") == 12.78
    assert used(api, "2026-06-10", "2026-06-10", serialNumber=one["serialNumber"]) == 6.39
    assert (
        api.call(
            "entitlements/points", configId=other, startDate="2026-06-10", endDate="2026-06-10"
        )["entitlements"][0]["points"]
        == 6.39
    )
    alone = api.call(
        "entitlements/points",
        accountId=OWNER,
        serialNumber=one["serialNumber"],
        startDate="2026-06-10",
        endDate="2026-06-10",
    )
    assert [item["serialNumber"] for item in alone["entitlements"]] == [one["serialNumber"]]


@pytest.mark.parametrize(
    "body",
    [
        {"accountId": OWNER},
        {"programSerialNumber": POSTPAID},
        {"configId": 4001, "startDate": "2026-06-11"},
        {"configId": 4001, "endDate": "June"},
        {"configId": 1},
        {"configId": 4001, "startDate": None},
    ],
)
def test_refused_questions(frozen: Simulator, api: Client, body: Any) -> None:
    api.configure()
    api.refused(
        "entitlements/points", **{"startDate": "2026-06-10", "endDate": "2026-06-10", **body}
    )


def test_published_prices_and_count(api: Client) -> None:
    def calc(parameters: Any, count: int = 1) -> Any:
        return api.call(
            "tools/calc",
            programSerialNumber=POSTPAID,
            count=count,
            productTypeId=1,
            parameters=parameters,
        )["points"]

    assert calc(SMALL) == {"current": 6.39, "latest": None, "latestEffectiveDate": None}
    assert calc(LARGE)["current"] == 12.91
    assert calc(SMALL, 10)["current"] == 63.9


def test_the_calculator_takes_the_endpoints_that_are_read_only_elsewhere(api: Client) -> None:
    body = {"programSerialNumber": POSTPAID, "count": 1, "productTypeId": 206}
    few, many = (
        api.call(
            "tools/calc",
            parameters=[{"id": 46, "value": "FEDRPDR"}, {"id": 47, "value": n}],
            **body,
        )["points"]["current"]
        for n in (100, 5000)
    )
    assert few < many
    assert "count" in api.refused(
        "tools/calc", **{**body, "count": 2}, parameters=[{"id": 46, "value": "FEDRPDR"}]
    )


def test_price_changes_can_be_announced(flex: Simulator, api: Client) -> None:
    flex.settings(price_change_percent=10, price_change_date="2027-01-01")
    answer = api.call(
        "tools/calc", programSerialNumber=POSTPAID, count=1, productTypeId=1, parameters=SMALL
    )
    assert answer["points"] == {
        "current": 6.39,
        "latest": 7.03,
        "latestEffectiveDate": "2027-01-01T00:00:00",
    }


def test_every_product_has_a_price_with_its_least_configuration(flex: Simulator) -> None:
    for product in (
        1,
        2,
        3,
        4,
        5,
        7,
        8,
        9,
        10,
        11,
        12,
        101,
        102,
        103,
        202,
        203,
        204,
        205,
        206,
        207,
        208,
        209,
        211,
        212,
    ):
        config = flex.seed_configuration(f"product {product}", productTypeId=product)
        assert flex.seed(configId=config["id"], status="ACTIVE")[0]["status"] == "ACTIVE"
