# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every product through the modules: made once in each shape of answer, changed only where asked, refused by name; and flex_product_info."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from contract.harness import Controller
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from unit.legal import checked, configurations, illegal_values, settable, sold

from ansible_collections.flexops.fortiflex.plugins.module_utils.catalogue.catalogue import (
    Product,
    snapshot,
)

ON_SALE = [product for product in snapshot().products() if product.id is not None]
SHAPES = [
    {"configs_shape": configs, "numbers": numbers, "order": order}
    for configs, numbers, order in itertools.product(
        ("object", "list"), ("documented", "text", "number"), ("stable", "shuffled")
    )
]
PAGE = Path(__file__).parents[2] / "docs/products.md"
OFTEN = settings(
    deadline=None, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
# The simulator is no service of which anybody knows everything: it is not asked here what it sells.
OFFLINE = {"catalogue": "snapshot"}


@pytest.mark.parametrize("product", ON_SALE, ids=lambda product: product.key)
def test_a_second_apply_changes_nothing_in_any_shape_of_answer(
    controller: Controller, product: Product
) -> None:
    @OFTEN
    @given(asked=configurations(product), shape=st.sampled_from(SHAPES))
    def twice(asked: dict[str, Any], shape: dict[str, Any]) -> None:
        assume(sold(product, checked(product, asked, complete=True)[0]))
        controller.flex.reset()
        controller.flex.settings(**shape)
        options = {"name": "it", "product": product.key, "parameters": asked, **OFFLINE}
        predicted = controller.run("flex_configuration", check=True, **options)
        made = controller.run("flex_configuration", **options)
        assert made["changed"], made["msg"]
        assert (
            made["configuration"]["parameters"] | predicted["configuration"]["parameters"]
            == made["configuration"]["parameters"]
        )
        again = controller.run("flex_configuration", **options)
        assert not again["changed"] and again["configuration"] == made["configuration"]
        shown = {
            key: value
            for key, value in made["configuration"]["parameters"].items()
            if key in {p.name for p in settable(product)}
        }
        assert not controller.run("flex_configuration", **{**options, "parameters": shown})[
            "changed"
        ]

    twice()


@pytest.mark.parametrize(
    "product",
    [product for product in ON_SALE if settable(product)],
    ids=lambda product: product.key,
)
def test_one_illegal_value_is_refused_by_name_before_any_write(
    controller: Controller, product: Product
) -> None:
    @OFTEN
    @given(data=st.data())
    def refused(data: st.DataObject) -> None:
        asked = data.draw(configurations(product))
        assume(sold(product, checked(product, asked, complete=True)[0]))
        parameter = data.draw(st.sampled_from(settable(product)))
        legal = {
            name: value for name, value in asked.items() if product.parameter(name) != parameter
        }
        controller.flex.reset()
        options = {"name": "it", "product": product.key, **OFFLINE}
        made = controller.run("flex_configuration", **{**options, "parameters": asked})
        assert made["changed"], made["msg"]
        controller.flex.reset_requests()
        result = controller.run(
            "flex_configuration",
            **{
                **options,
                "parameters": {**legal, parameter.name: data.draw(illegal_values(parameter))},
            },
        )
        assert result["failed"] and f"{product.key}.{parameter.name}: " in result["msg"]
        assert controller.flex.requests()["total"] == 0

    refused()


def dump(controller: Controller) -> dict[int, list[str]]:
    """What FortiFlex has of the only configuration: parameter number -> values."""
    pairs: dict[int, list[str]] = {}
    for pair in controller.flex.state()["configurations"][0]["parameters"]:
        pairs.setdefault(int(pair["id"]), []).append(pair["value"])
    return pairs


@pytest.mark.parametrize("left_out", ["reset", "kept", "refused"])
def test_a_change_of_cpus_leaves_everything_else_as_it_was(
    controller: Controller, left_out: str
) -> None:
    """The official collection sends its defaults for what is not given, and so resets it."""
    parameters = {
        "cpus": 2,
        "service_package": "ENT",
        "vdoms": 7,
        "fortiguard_services": ["FGTDLDB", "FGTAVDB"],
        "cloud_services": ["FGTSOCA", "FGTFAMS"],
        "support_service": "FGTFCELU",
    }
    controller.flex.settings(left_out_parameters=left_out)
    controller.run(
        "flex_configuration", name="it", product="fortigate_vm_bundle", parameters=parameters
    )
    before = dump(controller)
    assert controller.run("flex_configuration", name="it", parameters={"cpus": 4})["changed"]
    assert dump(controller) == {**before, 1: ["4"]}


@pytest.mark.parametrize(("cpus", "package"), [("2147483647", "ENT"), ("4", "UTM")])
def test_what_is_not_sold_any_more_survives_a_change_of_something_else(
    controller: Controller, cpus: str, package: str
) -> None:
    pairs = [{"id": 1, "value": cpus}, {"id": 2, "value": package}, {"id": 10, "value": "0"}]
    pairs += [{"id": number, "value": "NONE"} for number in (43, 44, 45)]
    controller.configuration("it", productTypeId=1, parameters=pairs)
    before = dump(controller)
    seen = controller.run(
        "flex_configuration", name="it", product="fortigate_vm_bundle", parameters={"vdoms": 0}
    )
    assert not seen["changed"] and seen["configuration"]["parameters"]["cpus"] == int(cpus)
    assert not controller.run(
        "flex_configuration", name="it", product="1", parameters=seen["configuration"]["parameters"]
    )["changed"]
    assert controller.run("flex_configuration", name="it", parameters={"vdoms": 3})["changed"]
    assert dump(controller) == {**before, 10: ["3"]}


def test_one_way_parameters_are_refused_with_both_values(controller: Controller) -> None:
    edr = {
        "name": "edr",
        "product": "fortiedr",
        "parameters": {"service_package": "FEDRPDR", "repository_storage": 1024},
    }
    controller.run("flex_configuration", **edr)
    controller.writes()
    refused = controller.run(
        "flex_configuration", name="edr", parameters={"repository_storage": "512"}
    )
    assert (
        "fortiedr.repository_storage: FortiFlex does not lower it, and 512 is below the present 1024"
        in refused["msg"]
    )
    assert controller.writes() == 0
    assert controller.run(
        "flex_configuration", name="edr", parameters={"repository_storage": 1536}
    )["changed"]


def test_product_info_needs_no_account_and_sends_nothing(controller: Controller) -> None:
    nobody = {"username": None, "password": None, "program": None, "account_id": None}
    everything = controller.run("flex_product_info", **nobody)["products"]
    assert [product["product"] for product in everything] == [
        product.key for product in snapshot().products()
    ]
    hardware = controller.run("flex_product_info", kind="hardware", **nobody)["products"]
    assert [product["product"] for product in hardware] == [
        product.key for product in snapshot().products() if product.is_device
    ]
    one = controller.run("flex_product_info", name="FORTIGATEBUNDLE", **nobody)["products"]
    assert [product["product"] for product in one] == ["fortigate_vm_bundle"]
    assert one[0]["minimum_parameters"] == {"cpus": 1, "service_package": "FC"}
    assert controller.run("flex_product_info", name="1", kind="cloud", **nobody)["products"] == []
    assert controller.run("flex_product_info", name="999", **nobody)["products"] == []
    refused = controller.run("flex_product_info", name="fortigate_vm_bundel", **nobody)
    assert "the closest are fortigate_vm_bundle" in refused["msg"]
    assert controller.flex.requests()["total"] == controller.flex.requests()["logins"] == 0


def test_what_product_info_says_is_enough_to_make_a_configuration(controller: Controller) -> None:
    for product in controller.run("flex_product_info")["products"]:
        if product["product_id"] is not None:
            made = controller.run(
                "flex_configuration",
                name=product["product"],
                product=product["product"],
                parameters=product["minimum_parameters"],
            )
            assert made.get("changed"), made


def test_what_the_page_of_products_shows_can_be_used(controller: Controller) -> None:
    shown = [
        yaml.safe_load(text)
        for text in re.findall(
            r"^```yaml\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
        )
    ]
    known = [
        options for options in shown if options["product"] != 999
    ]  # which stands for a product that the collection does not know
    assert len(known) >= len(ON_SALE) - 3
    for options in known:
        made = controller.run("flex_configuration", name=options["product"], **options, **OFFLINE)
        assert made["changed"], made["msg"]
