# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every switch that gives answers another shape, in each of its positions."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import Any

import pytest
from unit.simulator.client import OWNER, POSTPAID, Client

from simulator.launch import Simulator
from simulator.settings import Settings
from simulator.texts import WAYS

SMALL = [{"id": 1, "value": 2}, {"id": 2, "value": "ENT"}]


@pytest.mark.parametrize("key", ["entitlements", "vms"])
def test_answer_keys(flex: Simulator, api: Client, key: Any) -> None:
    flex.settings(stop_key=key, token_key=key, next_token_key=key)
    made = api.active(api.configure())
    calls = [
        ("entitlements/vm/token", {"serialNumber": made["serialNumber"]}),
        ("groups/nexttoken", {"accountId": OWNER}),
        ("entitlements/stop", {"serialNumber": made["serialNumber"]}),
        ("entitlements/reactivate", {"serialNumber": made["serialNumber"]}),
    ]
    for path, body in calls:
        assert set(api.call(path, **body)) == {key, "error", "message", "status"}, path


@pytest.mark.parametrize("key", ["groups", "fortiCareAssetGroups"])
def test_groups_key(flex: Simulator, api: Client, key: Any) -> None:
    flex.settings(groups_key=key)
    assert api.call("groups/list", accountId=OWNER)[key][0]["folderPath"] == "My Assets"


@pytest.mark.parametrize(("position", "kind"), [("object", dict), ("list", list)])
def test_one_configuration(flex: Simulator, api: Client, position: Any, kind: Any) -> None:
    flex.settings(configs_shape=position)
    config = flex.seed_configuration("x")["id"]
    create = {"programSerialNumber": POSTPAID, "name": "y", "productTypeId": 1, "parameters": SMALL}
    for path, body in [
        ("create", create),
        ("update", {"id": config, "name": "z"}),
        ("disable", {"id": config}),
        ("enable", {"id": config}),
    ]:
        assert isinstance(api.call(f"configs/{path}", **body)["configs"], kind), path
    assert isinstance(api.call("configs/list", programSerialNumber=POSTPAID)["configs"], list)


@pytest.mark.parametrize(("position", "kind"), [("envelope", dict), ("bare", list)])
def test_list_of_entitlements(flex: Simulator, api: Client, position: Any, kind: Any) -> None:
    flex.settings(list_shape=position)
    made = api.create(api.configure())
    assert isinstance(api.call("entitlements/list", configId=made["configId"]), kind)
    assert api.listed(made["configId"]) == [made]


@pytest.mark.parametrize(
    ("position", "member", "value"),
    [
        ("object", "points", {"current": 6.39, "latest": None, "latestEffectiveDate": None}),
        ("number", "points", 6.39),
        ("configs", "configs", {"current": 6.39, "latest": None, "latestEffectiveDate": None}),
    ],
)
def test_calculator(flex: Simulator, api: Client, position: Any, member: Any, value: Any) -> None:
    flex.settings(calc_shape=position)
    answer = api.call(
        "tools/calc", programSerialNumber=POSTPAID, count=1, productTypeId=1, parameters=SMALL
    )
    assert answer[member] == value


def test_metadata(flex: Simulator, api: Client) -> None:
    products = api.call("tools/metadata")["productTypes"]
    assert {item["formFactor"]["name"] for item in products} == {
        "Virtual Machines",
        "Hardware Appliances",
        "Cloud Services",
    }
    bundle = products[0]
    assert (
        bundle["productTypeId"],
        bundle["parameters"][0]["maxValue"],
        bundle["parameters"][1]["type"],
    ) == (1, 96, "SINGLEVALUE")
    assert "UTM" not in [item["value"] for item in bundle["parameters"][1]["validValues"]]
    flex.settings(metadata_shape="missing")
    assert api.send("tools/metadata").status_code == 404
    flex.settings(metadata_shape="odd")
    odd = api.call("tools/metadata")["productTypes"]
    assert odd[0]["formFactor"] is None
    assert odd[1]["parameters"] is None
    assert isinstance(odd[2]["productTypeId"], str)


@pytest.mark.parametrize(
    ("shape", "error"),
    [
        ("object", {"errorCode": -1, "message": "Invalid serial number."}),
        ("string", "Invalid serial number."),
        ("null", None),
    ],
)
@pytest.mark.parametrize("http", [400, 200])
def test_refusals(flex: Simulator, api: Client, shape: Any, error: Any, http: Any) -> None:
    flex.settings(error_shape=shape, refusal_http=http)
    answer = api.send("entitlements/stop", serialNumber="unknown")
    assert (answer.status_code, answer.json()) == (
        http,
        {"error": error, "message": "Invalid serial number.", "status": -1},
    )


@pytest.mark.parametrize(("position", "status"), [("status", -11), ("error", -1)])
def test_place_of_the_error_code(flex: Simulator, api: Client, position: Any, status: Any) -> None:
    flex.settings(error_code_in=position)
    flex.faults([{"kind": "slow_down", "code": -11}])
    answer = api.send("programs/list").json()
    assert (answer["status"], answer["error"]["errorCode"], answer["message"]) == (
        status,
        -11,
        "Exceed max requests in an hour.",
    )


@pytest.mark.parametrize(("full_stop", "end"), [(True, "."), (False, "y")])
def test_full_stop(flex: Simulator, api: Client, full_stop: Any, end: Any) -> None:
    flex.settings(message_full_stop=full_stop)
    assert api.call("programs/list")["message"].endswith(
        f"successfull{end}" if end == "y" else "successfully."
    )
    assert api.send("configs/list").json()["message"].endswith("." if full_stop else "required")


def test_numbers_as_text(flex: Simulator, api: Client) -> None:
    flex.settings(numbers="text")
    made = api.create(int(flex.seed_configuration("x")["id"]))
    assert (made["accountId"], made["configId"]) == ("2000001", "4001")
    points = api.call(
        "tools/calc", programSerialNumber=POSTPAID, count=1, productTypeId=1, parameters=SMALL
    )
    assert (points["points"]["current"], points["status"]) == ("6.39", 0)


def test_parameter_values_as_numbers(flex: Simulator, api: Client) -> None:
    flex.settings(numbers="number")
    config = api.call(
        "configs/create", programSerialNumber=POSTPAID, name="x", productTypeId=1, parameters=SMALL
    )["configs"]
    assert [item["value"] for item in config["parameters"]][:3] == [2, "ENT", 0]


@pytest.mark.parametrize(
    ("position", "pattern"),
    [
        ("documented", r"[\d-]{10}T[\d:]{8}(\.\d{1,3})?"),
        ("seconds", r"[\d-]{10}T[\d:]{8}"),
        ("milliseconds", r"[\d-]{10}T[\d:]{8}\.\d{3}"),
        ("ticks", r"[\d-]{10}T[\d:]{8}\.\d{7}"),
        ("offset", r"[\d-]{10}T[\d:]{8}\.\d{7}-0[78]:00"),
    ],
)
def test_dates(flex: Simulator, api: Client, position: Any, pattern: Any) -> None:
    flex.settings(date_shape=position)
    made = api.create(api.configure())
    assert re.fullmatch(pattern, made["startDate"])
    assert re.fullmatch(pattern, made["endDate"])


@pytest.mark.parametrize(
    ("position", "pattern"), [("T", r"[\d-]{10}T00:00:00"), ("blank", r"[\d-]{10} 00:00:00")]
)
def test_dates_of_programs(flex: Simulator, api: Client, position: Any, pattern: Any) -> None:
    flex.settings(program_dates=position)
    assert all(
        re.fullmatch(pattern, item["endDate"]) for item in api.call("programs/list")["programs"]
    )


def test_order(flex: Simulator, api: Client) -> None:
    codes = ["FGTAVDB", "FGTFAIS", "FGTISSS", "FGTDLDB", "FGTFGSA"]
    config = api.configure(parameters=[*SMALL, *({"id": 43, "value": code} for code in codes)])
    made = [api.create(config)["serialNumber"] for _number in range(20)]

    def seen() -> tuple[list[str], list[str]]:
        (found,) = api.call("configs/list", programSerialNumber=POSTPAID)["configs"]
        return [item["serialNumber"] for item in api.listed(config)], [
            item["value"] for item in found["parameters"] if item["id"] == 43
        ]

    assert seen() == (made, codes)
    flex.settings(order="shuffled")
    shuffled = seen()
    assert shuffled != (made, codes)
    assert tuple(map(sorted, shuffled)) == (sorted(made), sorted(codes))


def test_descriptions_are_cut(flex: Simulator, api: Client) -> None:
    flex.settings(description_cut=6)
    made = api.create(api.configure(), description="site-0001")
    assert made["description"] == "site-0"
    changed = api.one(
        "entitlements/update",
        serialNumber=made["serialNumber"],
        configId=made["configId"],
        description="other-site",
    )
    assert changed["description"] == "other-"


@pytest.mark.parametrize(
    ("way", "expected"),
    [
        ("as_written", "Zürich  & Söhne "),
        ("escaped", "Zürich  &amp; Söhne "),
        ("escaped_all", "Z&#252;rich  &amp; S&#246;hne "),
        ("ascii", "Z?rich  & S?hne "),
        ("mojibake", "ZÃ¼rich  & SÃ¶hne "),
        ("nfd", "Zu\u0308rich  & So\u0308hne "),
        ("nfc", "Zürich  & Söhne "),
        ("upper", "ZÜRICH  & SÖHNE "),
        ("lower", "zürich  & söhne "),
        ("casefold", "zürich  & söhne "),
        ("trimmed", "Zürich  & Söhne"),
        ("folded_blanks", "Zürich & Söhne"),
        ("quoted", '"Zürich  & Söhne "'),
        ("dropped", ""),
    ],
)
@pytest.mark.parametrize("answer", ["stored", "written"])
def test_descriptions_are_stored_otherwise(
    flex: Simulator, api: Client, way: str, expected: str, answer: str
) -> None:
    written = "Zürich  & Söhne "
    flex.settings(description_stored=way, description_answer=answer)
    made = api.create(api.configure(), description=written)
    assert made["description"] == (written if answer == "written" else expected)
    assert flex.state()["entitlements"][0]["description"] == expected
    changed = api.one(
        "entitlements/update",
        serialNumber=made["serialNumber"],
        configId=made["configId"],
        description="[spare]",
    )
    stored = flex.state()["entitlements"][0]["description"]
    assert stored == {"upper": "[SPARE]", "quoted": '"[spare]"', "dropped": ""}.get(way, "[spare]")
    assert changed["description"] == ("[spare]" if answer == "written" else stored)


def test_each_way_of_storing_a_description_is_a_position() -> None:
    (switch,) = (item for item in fields(Settings) if item.name == "description_stored")
    assert list(switch.metadata["choices"]) == list(WAYS)


def test_filters_combined(flex: Simulator, api: Client) -> None:
    config, other = (flex.seed_configuration(name)["id"] for name in ("x", "y"))
    flex.seed(
        [
            {"configId": config, "status": "ACTIVE", "description": "a", "tokenStatus": "USED"},
            {"configId": config, "status": "STOPPED", "description": "a"},
            {"configId": other, "status": "ACTIVE", "description": "b"},
        ]
    )
    scope = {"accountId": OWNER, "programSerialNumber": POSTPAID}

    def count(**filters: object) -> int:
        return len(api.call("entitlements/list", **filters)["entitlements"])

    assert [
        count(**scope),
        count(**scope, description="a"),
        count(**scope, description="a", status="ACTIVE"),
        count(configId=config),
    ] == [3, 2, 1, 2]
    assert [
        count(**scope, tokenStatus="USED"),
        count(**scope, serialNumber="unknown"),
        count(configId=config, accountId=2000002),
    ] == [1, 0, 0]
    assert [count(**scope, configId=config), count(configId=config, status="ACTIVE")] == [2, 1]
    flex.settings(list_filters="first")
    assert [
        count(**scope, description="a", status="ACTIVE"),
        count(configId=config, status="ACTIVE"),
    ] == [2, 2]
    for body in ({}, {"accountId": OWNER}, {"programSerialNumber": POSTPAID}):
        assert "required" in api.refused("entitlements/list", **body)
