# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calculator, in each shape of its answer. The prices of the simulator are made up, but for the two that are public."""

from __future__ import annotations

from pathlib import Path

import pytest
from contract.harness import CONFIGURATION, Controller

ENTERPRISE = {
    "product": "fortigate_vm_bundle",
    "parameters": {"cpus": 2, "service_package": "Enterprise"},
}


@pytest.mark.parametrize("shape", ["object", "number", "configs"])
@pytest.mark.parametrize("numbers", ["documented", "text"])
def test_the_published_prices(controller: Controller, shape: str, numbers: str) -> None:
    controller.flex.settings(calc_shape=shape, numbers=numbers)
    result = controller.run("flex_cost_info", **ENTERPRISE)
    assert result["cost"] == {
        "points_per_day": 6.39,
        "points_per_30_days": 191.7,
        "points_per_year": 2332.35,
        "latest": None,
        "latest_effective_date": None,
    }
    assert result["parameters"]["service_package"] == "ENT"
    assert (
        controller.run("flex_cost_info", count=200, **ENTERPRISE)["cost"]["points_per_day"]
        == 1278.0
    )
    assert controller.writes() == 0


def test_an_announced_price(controller: Controller) -> None:
    controller.flex.settings(price_change_percent=10, price_change_date=controller.day(90))
    cost = controller.run("flex_cost_info", count=2, **ENTERPRISE)["cost"]
    assert (cost["points_per_day"], cost["latest"], cost["latest_effective_date"]) == (
        12.78,
        14.06,
        controller.day(90),
    )


def test_an_existing_configuration_and_what_it_would_cost_otherwise(controller: Controller) -> None:
    made = controller.run(
        "flex_configuration",
        **{**CONFIGURATION, "parameters": {"cpus": 2, "service_package": "ENT"}},
    )["configuration"]
    for configuration in ("small", str(made["id"])):
        assert (
            controller.run("flex_cost_info", configuration=configuration)["cost"]["points_per_day"]
            == 6.39
        )
    larger = controller.run("flex_cost_info", configuration="small", parameters={"cpus": 4})
    assert larger["cost"]["points_per_day"] == 12.91 and larger["parameters"]["cpus"] == 4


def test_endpoints_of_fortiedr_are_an_input_of_the_calculator_only(controller: Controller) -> None:
    parameters = {"service_package": "FEDRPDR", "endpoints": 500}
    few = controller.run(
        "flex_cost_info", product="fortiedr", parameters={**parameters, "endpoints": 0}
    )
    many = controller.run("flex_cost_info", product="fortiedr", parameters=parameters)
    assert (
        many["cost"]["points_per_day"] > few["cost"]["points_per_day"]
        and many["parameters"]["endpoints"] == 500
    )
    assert (
        "FortiFlex reports this"
        in controller.run(
            "flex_configuration", name="edr", product="fortiedr", parameters=parameters
        )["msg"]
    )
    assert (
        "50001 is over the maximum"
        in controller.run(
            "flex_cost_info", product="fortiedr", parameters={**parameters, "endpoints": 50001}
        )["msg"]
    )


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({**ENTERPRISE, "count": 0}, "count: 0 is under the minimum 1"),
        ({"configuration": "nope"}, "configuration 'nope' is not in program"),
        ({"product": "fortigate_vm_bundle"}, "required and not given: cpus, service_package"),
        (
            {"product": "fortigate_vm_bundle", "parameters": {"cpus": 0, "service_package": "X"}},
            "0 is under the minimum 1",
        ),
        ({"product": "nothing like it"}, "is not a product"),
        ({**ENTERPRISE, "configuration": "small"}, "mutually exclusive"),
        ({}, "one of the following is required: product, configuration, fleet"),
        (
            {**ENTERPRISE, "compare_to": {}},
            "one of the following is required: product, configuration, fleet",
        ),
        (
            {**ENTERPRISE, "compare_to": {**ENTERPRISE, "count": 0}},
            "compare_to: count: 0 is under the minimum 1",
        ),
        (
            {"fleet": "/nowhere/fleet.yml"},
            "fleet: /nowhere/fleet.yml cannot be read (No such file or directory)",
        ),
    ],
)
def test_what_cannot_be_priced_is_refused(
    controller: Controller, options: dict[str, object], sentence: str
) -> None:
    result = controller.run("flex_cost_info", **options)
    assert result["failed"] and sentence in result["msg"]
    assert "tools/calc" not in controller.flex.requests()["by_path"]


def test_an_answer_without_a_price_is_an_error(controller: Controller) -> None:
    controller.flex.faults([{"path": "tools/calc", "kind": "unknown_shape", "always": True}])
    result = controller.run("flex_cost_info", **ENTERPRISE)
    assert result["error_code"] == "unavailable" and "tools/calc" in result["msg"]


def test_the_difference_between_two_sizes(controller: Controller) -> None:
    two, four = (
        {**ENTERPRISE, "parameters": {"cpus": cpus, "service_package": "ENT"}} for cpus in (2, 4)
    )
    result = controller.run("flex_cost_info", **four, compare_to=two)
    assert result["difference"] == {
        "points_per_day": 6.52,
        "points_per_30_days": 195.6,
        "points_per_year": 2379.8,
        "text": "6.39 -> 12.91 points a day (+6.52)",
    }
    assert (
        controller.run("flex_cost_info", **two, count=3, compare_to={**two, "count": 3})[
            "difference"
        ]["text"]
        == "19.17 -> 19.17 points a day (+0.00)"
    )


FLEET = """
configurations:
  - {name: two, product: fortigate_vm_bundle, parameters: {cpus: 2, service_package: ENT}}
  - {name: four, product: fortigate_vm_bundle, parameters: {cpus: 4, service_package: ENT}}
entitlements:
  - {name: a, configuration: two}
  - {name: b, configuration: two, state: present}
  - {name: c, configuration: four}
  - {name: d, profile: office}
  - {name: e, configuration: four, state: stopped}
  - {name: f, configuration: there}
profiles:
  office: {fortigate: four}
"""


def test_a_whole_fleet(controller: Controller, tmp_path: Path) -> None:
    path = tmp_path / "fleet.yml"
    path.write_text(FLEET)
    controller.run("flex_configuration", name="there", **ENTERPRISE)
    controller.flex.reset_requests()
    result = controller.run(
        "flex_cost_info", fleet=str(path), compare_to={**ENTERPRISE, "count": 5}
    )
    assert result["cost"]["points_per_day"] == pytest.approx(3 * 6.39 + 2 * 12.91)
    assert {part["configuration"]: part["count"] for part in result["parts"]} == {
        "two": 2,
        "four": 2,
        "there": 1,
    }
    assert result["difference"]["points_per_day"] == pytest.approx(2 * 6.52)
    assert (
        controller.flex.requests()["by_path"]["tools/calc"] == 2 and controller.flex.writes() == 0
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[", "is neither YAML nor JSON"),
        ("- 1", "has no configurations and entitlements"),
        ("entitlements: {a: 1}", "the entitlements are not as flex_fleet takes them"),
        ("entitlements: [{name: a}]", "has no configuration"),
        (
            "entitlements: [{name: a, configuration: nope}]",
            "configuration 'nope' is not in program",
        ),
        (
            "entitlements: [{name: a, configuration: x}, {name: a, configuration: x}]",
            "entitlement 'a' is listed 2 times",
        ),
        (
            "{configurations: [{name: x, product: fortigate_vm_bundle, parameters: {cpus: 0}}], entitlements: [{name: a, configuration: x}]}",
            "0 is under the minimum 1",
        ),
        (
            "{configurations: [{name: x, product: fortigate_vm_bundle}], entitlements: [{name: a, configuration: x}]}",
            "required and not given",
        ),
        ("{entitlements: [], spares: [x]}", "the spares are not as flex_fleet takes them"),
        (
            "{entitlements: [], configurations: [{product: fortigate_vm_bundle}]}",
            "neither name nor id",
        ),
        ("entitlements: [{name: 7, configuration: x}]", "name arrived as the number 7"),
        (
            "entitlements: [{name: a, configuration: 1.5}]",
            "configuration arrived as the number 1.5",
        ),
        ("entitlements: [{name: a, configuration: x, tags: [b]}]", "tags is "),
        ("entitlements: [{name: a, configuration: x, distinct_from: {b: c}}]", "not a list"),
        ("configurations: [{name: x, parameters: [1]}]", "not a dictionary"),
        ("configurations: [{name: x, id: y}]", "not a whole number"),
        (
            "{profiles: {p: {fgt: null}}, entitlements: [{name: a, profile: p}]}",
            "its device 'fgt' has no configuration",
        ),
    ],
)
def test_a_fleet_that_is_none_is_refused(
    controller: Controller, tmp_path: Path, text: str, sentence: str
) -> None:
    path = tmp_path / "fleet.yml"
    path.write_text(text)
    result = controller.run("flex_cost_info", fleet=str(path))
    assert result["failed"] and sentence in result["msg"], result["msg"]
    assert "tools/calc" not in controller.flex.requests()["by_path"]
