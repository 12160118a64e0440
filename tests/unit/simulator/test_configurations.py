# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Configurations: what parameters are accepted, what an update does to those left out, what disabling does."""

from __future__ import annotations

from typing import Any

import pytest
from unit.simulator.client import OWNER, POSTPAID, PREPAID, Client

from simulator.launch import Simulator

BUNDLE = [{"id": 1, "value": 2}, {"id": 2, "value": "UTP"}]


def pairs(configuration: dict[str, Any]) -> list[tuple[int, str]]:
    return [(item["id"], item["value"]) for item in configuration["parameters"]]


def create(api: Client, product: int, parameters: Any) -> dict[str, Any]:
    made = api.call(
        "configs/create",
        programSerialNumber=POSTPAID,
        accountId=OWNER,
        name="x",
        productTypeId=product,
        parameters=parameters,
    )
    assert isinstance(made["configs"], dict)
    return made["configs"]


def test_answers_text_with_names_lists_as_pairs_and_none_for_empty_ones(api: Client) -> None:
    made = create(
        api,
        1,
        [
            *BUNDLE,
            {"id": 43, "value": "FGTAVDB"},
            {"id": 43, "value": "FGTDLDB"},
            {"id": 44, "value": "NONE"},
        ],
    )
    assert made == {
        **made,
        "accountId": OWNER,
        "name": "x",
        "status": "ACTIVE",
        "programSerialNumber": POSTPAID,
    }
    assert made["productType"] == {"id": 1, "name": "FortiGate-VM"}
    assert made["parameters"][0] == {"id": 1, "name": "CPU", "value": "2"}
    assert pairs(made) == [
        (1, "2"),
        (2, "UTP"),
        (10, "0"),
        (43, "FGTAVDB"),
        (43, "FGTDLDB"),
        (44, "NONE"),
        (45, "NONE"),
    ]


def test_nothing_is_idempotent(api: Client) -> None:
    assert create(api, 1, BUNDLE)["id"] != create(api, 1, BUNDLE)["id"]
    assert [
        item["name"] for item in api.call("configs/list", programSerialNumber=POSTPAID)["configs"]
    ] == ["x", "x"]


def test_names_can_be_made_unique(flex: Simulator, api: Client) -> None:
    flex.settings(unique_names=True)
    create(api, 1, BUNDLE)
    assert "already exists" in api.refused(
        "configs/create", programSerialNumber=POSTPAID, name="x", productTypeId=1, parameters=BUNDLE
    )
    api.configure("x", accountId=2000002)


@pytest.mark.parametrize(
    ("product", "parameters"),
    [
        (1, None),
        (1, {}),
        (1, []),
        (1, [5]),
        (1, [{"id": 1, "value": 2}]),
        (1, [{"id": "cpu", "value": 2}]),
        (1, [{"id": 1, "value": 0}, BUNDLE[1]]),
        (1, [{"id": 1, "value": 97}, BUNDLE[1]]),
        (1, [{"id": 1, "value": "two"}, BUNDLE[1]]),
        (1, [{"id": 1, "value": True}, BUNDLE[1]]),
        (1, [{"id": 1, "value": 1.5}, BUNDLE[1]]),
        (1, [BUNDLE[0], {"id": 2, "value": "utp"}]),
        (1, [BUNDLE[0], {"id": 2, "value": "UTM"}]),
        (1, [*BUNDLE, {"id": 2, "value": "ENT"}]),
        (1, [*BUNDLE, {"id": 43, "value": ["FGTAVDB"]}]),
        (1, [*BUNDLE, {"id": 43, "value": "FGTAVDB,FGTDLDB"}]),
        (1, [*BUNDLE, {"id": 43, "value": "FGTAVDB"}, {"id": 43, "value": "NONE"}]),
        (1, [*BUNDLE, {"id": 43, "value": "FGTAVDB"}, {"id": 43, "value": "FGTAVDB"}]),
        (1, [*BUNDLE, {"id": 9, "value": 1}]),
        (6, []),
        (999, []),
        (
            5,
            [
                {"id": 13, "value": 24},
                {"id": 14, "value": 0},
                {"id": 15, "value": 0},
                {"id": 16, "value": "FCTFC247"},
            ],
        ),
        (205, [{"id": 48, "value": 60}, {"id": 49, "value": "FSASESTD"}]),
        (206, [{"id": 46, "value": "FEDRPDR"}, {"id": 47, "value": 5}]),
        (208, [{"id": 61, "value": "FRNEASM"}, {"id": 62, "value": 200}, {"id": 64, "value": 1}]),
        (211, [{"id": 82, "value": "UCWAF"}]),
    ],
)
def test_refused_products_and_parameters(
    flex: Simulator, api: Client, product: Any, parameters: Any
) -> None:
    api.refused(
        "configs/create",
        programSerialNumber=POSTPAID,
        name="x",
        productTypeId=product,
        parameters=parameters,
    )
    assert flex.state()["configurations"] == []


@pytest.mark.parametrize(
    ("product", "parameters"),
    [
        (
            5,
            [
                {"id": 13, "value": 25},
                {"id": 14, "value": 0},
                {"id": 15, "value": "0"},
                {"id": 16, "value": "FCTFC247"},
            ],
        ),
        (205, [{"id": 48, "value": 75}, {"id": 49, "value": "FSASESTD"}, {"id": 51, "value": 0}]),
        (207, []),
        (
            208,
            [{"id": 61, "value": "FRNEASMBPACI"}, {"id": 62, "value": 250}, {"id": 64, "value": 1}],
        ),
        (
            211,
            [
                {"id": 82, "value": "UCWAF"},
                {"id": 82, "value": "UCGSLB"},
                {"id": 83, "value": "UCWAFSTD"},
            ],
        ),
    ],
)
def test_good_products_and_parameters(api: Client, product: Any, parameters: Any) -> None:
    sent = {(item["id"], str(item["value"])) for item in parameters}
    assert sent <= set(pairs(create(api, product, parameters)))


@pytest.mark.parametrize("missing", ["programSerialNumber", "name", "productTypeId"])
def test_required_fields(api: Client, missing: Any) -> None:
    body = {"programSerialNumber": POSTPAID, "name": "x", "productTypeId": 1, "parameters": BUNDLE}
    del body[missing]
    assert missing in api.refused("configs/create", **body)


def test_list_needs_the_program_and_can_be_narrowed_to_an_account(api: Client) -> None:
    api.configure("mine")
    api.configure("tenant", accountId=2000002)
    assert "programSerialNumber" in api.refused("configs/list")
    assert [
        item["name"] for item in api.call("configs/list", programSerialNumber=POSTPAID)["configs"]
    ] == ["mine", "tenant"]
    assert [
        item["name"]
        for item in api.call("configs/list", programSerialNumber=POSTPAID, accountId="2000002")[
            "configs"
        ]
    ] == ["tenant"]
    assert api.call("configs/list", programSerialNumber=PREPAID)["configs"] == []


@pytest.mark.parametrize("position", ["reset", "kept", "refused"])
def test_parameters_left_out_of_an_update(flex: Simulator, api: Client, position: Any) -> None:
    flex.settings(left_out_parameters=position)
    config = create(api, 1, [*BUNDLE, {"id": 10, "value": 7}, {"id": 43, "value": "FGTAVDB"}])["id"]
    body = {"id": str(config), "parameters": [{"id": 1, "value": "4"}, {"id": 2, "value": "UTP"}]}
    if position == "refused":
        assert "missing" in api.refused("configs/update", **body)
    else:
        kept = position == "kept"
        expected = [
            (1, "4"),
            (2, "UTP"),
            (10, "7" if kept else "0"),
            (43, "FGTAVDB" if kept else "NONE"),
            (44, "NONE"),
            (45, "NONE"),
        ]
        assert pairs(api.call("configs/update", **body)["configs"]) == expected


def test_a_name_alone_leaves_the_parameters(api: Client) -> None:
    config = create(api, 1, [*BUNDLE, {"id": 10, "value": 7}])
    renamed = api.call("configs/update", id=config["id"], name="y")["configs"]
    assert (renamed["name"], renamed["parameters"]) == ("y", config["parameters"])


def test_some_parameters_never_go_down(api: Client) -> None:
    storage = create(api, 206, [{"id": 46, "value": "FEDRPDR"}, {"id": 76, "value": 1024}])["id"]
    assert "decreased" in api.refused(
        "configs/update",
        id=storage,
        parameters=[{"id": 46, "value": "FEDRPDR"}, {"id": 76, "value": 512}],
    )
    waf = create(api, 211, [{"id": 82, "value": "UCWAF"}, {"id": 83, "value": "UCWAFADV"}])["id"]
    assert "decreased" in api.refused(
        "configs/update",
        id=waf,
        parameters=[{"id": 82, "value": "UCWAF"}, {"id": 83, "value": "UCWAFSTD"}],
    )
    api.call(
        "configs/update",
        id=waf,
        parameters=[{"id": 82, "value": "UCWAF"}, {"id": 83, "value": "UCWAFENT"}],
    )


def test_best_practice_of_fortidlp_stays_for_90_days(flex: Simulator, api: Client) -> None:
    config = create(
        api,
        212,
        [{"id": 90, "value": "DLPSTD"}, {"id": 91, "value": 25}, {"id": 92, "value": "BPS"}],
    )["id"]
    without = [{"id": 90, "value": "DLPSTD"}, {"id": 91, "value": 25}, {"id": 92, "value": "NONE"}]
    flex.advance(89 * 86400)
    api.login()
    assert "90 days" in api.refused("configs/update", id=config, parameters=without)
    flex.advance(86400 + 60)
    api.login()
    assert (92, "NONE") in pairs(
        api.call("configs/update", id=config, parameters=without)["configs"]
    )


def test_codes_that_are_not_sold_any_more_may_stay(flex: Simulator, api: Client) -> None:
    old = flex.seed_configuration(
        "old", parameters=[{"id": 1, "value": "2147483647"}, {"id": 2, "value": "UTM"}]
    )
    kept = api.call(
        "configs/update",
        id=old["id"],
        parameters=[{"id": 1, "value": "2147483647"}, {"id": 2, "value": "UTM"}],
    )["configs"]
    assert pairs(kept)[:2] == [(1, "2147483647"), (2, "UTM")]


def test_disabled_configurations_take_no_new_entitlements(api: Client) -> None:
    config = api.configure()
    assert api.call("configs/disable", id=config)["configs"]["status"] == "DISABLED"
    assert "disabled" in api.refused("entitlements/vm/create", configId=config, count=1)
    assert (
        api.call("configs/list", programSerialNumber=POSTPAID)["configs"][0]["status"] == "DISABLED"
    )
    assert api.call("configs/enable", id=str(config))["configs"]["status"] == "ACTIVE"
    api.create(config)


@pytest.mark.parametrize(
    ("position", "status", "points"),
    [("uncharged", "ACTIVE", 6.39), ("charged", "ACTIVE", 19.17), ("stopped", "STOPPED", 6.39)],
)
def test_what_disabling_does_to_entitlements(
    frozen: Simulator, api: Client, position: Any, status: Any, points: Any
) -> None:
    frozen.settings(disable_effect=position)
    config = api.configure()
    api.active(config)
    api.call("configs/disable", id=config)
    frozen.advance(2 * 86400)
    api.login()
    assert api.listed(config)[0]["status"] == status
    used = api.call(
        "entitlements/points", configId=config, startDate="2026-06-10", endDate="2026-06-12"
    )["entitlements"]
    assert [item["points"] for item in used] == [points]


def test_products_can_be_added(flex: Simulator, api: Client) -> None:
    flex.post(
        "products",
        {
            "id": 999,
            "name": "FortiTomorrow",
            "parameters": [
                {
                    "id": 990,
                    "name": "SIZE",
                    "label": "Size",
                    "type": "NUMERIC",
                    "min": 10,
                    "max": 20,
                    "required": True,
                }
            ],
        },
    )
    assert api.call("tools/metadata")["productTypes"][-1] == {
        "productTypeId": 999,
        "name": "FortiTomorrow",
        "formFactor": {"formFactorId": 1, "name": "Virtual Machines"},
        "parameters": [
            {
                "parameterId": 990,
                "name": "Size",
                "type": "NUMERIC",
                "minValue": 10,
                "maxValue": 20,
                "step": 1,
                "validValues": None,
            }
        ],
    }
    assert pairs(create(api, 999, [{"id": 990, "value": 15}])) == [(990, "15")]
    api.refused(
        "configs/create",
        programSerialNumber=POSTPAID,
        name="x",
        productTypeId=999,
        parameters=[{"id": 990, "value": 9}],
    )
