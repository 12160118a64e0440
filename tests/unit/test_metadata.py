# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What FortiFlex says it sells, merged over the shipped catalogue: names, what is added, what has the last word, and what odd answers do."""

from __future__ import annotations

import copy
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.legal import checked, refused

from ansible_collections.flexops.fortiflex.plugins.module_utils.catalogue.catalogue import (
    Product,
    snapshot,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.catalogue.metadata import (
    merge,
    named,
)
from simulator.catalogue import Catalogue as Service

TOLD = Service().metadata()
HYDRA: dict[str, Any] = {
    "productTypeId": 999,
    "name": "FortiHydra Virtual Machine",
    "formFactor": {"formFactorId": 1, "name": "Virtual Machines"},
    "parameters": [
        {
            "parameterId": 900,
            "name": "Number of heads (total)",
            "type": "NUMERIC",
            "minValue": 2,
            "maxValue": 64,
            "step": 2,
            "validValues": None,
        },
        {
            "parameterId": 901,
            "name": "Service package",
            "type": "SINGLEVALUE",
            "validValues": [{"value": "HYSTD", "description": "Standard"}],
        },
        {
            "parameterId": 902,
            "name": "Add-ons & extras",
            "type": "MULTIVALUE",
            "validValues": [{"value": "HYA", "description": "Alpha"}],
        },
        {
            "parameterId": 903,
            "name": "Heads in use",
            "type": "READONLY",
            "minValue": None,
            "maxValue": None,
            "step": None,
            "validValues": None,
        },
    ],
}


def numeric(number: int, name: str, least: Any, most: Any, step: Any = 1) -> dict[str, Any]:
    return {
        "parameterId": number,
        "name": name,
        "type": "NUMERIC",
        "minValue": least,
        "maxValue": most,
        "step": step,
        "validValues": None,
    }


def codes(
    number: int, name: str, values: dict[str, str], kind: str = "SINGLEVALUE"
) -> dict[str, Any]:
    offered = [{"value": code, "description": label} for code, label in values.items()]
    return {
        "parameterId": number,
        "name": name,
        "type": kind,
        "minValue": None,
        "maxValue": None,
        "step": None,
        "validValues": offered,
    }


def product(number: int, name: str, *parameters: dict[str, Any]) -> dict[str, Any]:
    return {
        "productTypeId": number,
        "name": name,
        "formFactor": None,
        "parameters": list(parameters),
    }


def described(thing: Product) -> tuple[Any, ...]:
    return (thing.id, thing.key, thing.name, thing.kind, thing.aliases, thing.parameters)


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("Number of CPUs", "cpus"),
        ("number of  managed devices", "managed_devices"),
        ("ZTNA/VPN (number of endpoints)", "ztna_vpn"),
        ("FortiHydra Virtual Machine - Service Bundle", "fortihydra_vm_service_bundle"),
        (
            "External Attack Surface Monitoring & Brand Protect",
            "external_attack_surface_monitoring_and_brand_protect",
        ),
        ("Sécurité", "securite"),
        ("Numbering", "numbering"),
        ("***", ""),
    ],
)
def test_a_label_becomes_a_name_by_one_rule(label: str, name: str) -> None:
    assert named(label) == name


def test_what_is_shipped_stays_as_it_is_where_the_answer_agrees() -> None:
    catalogue, odd = merge(TOLD)
    assert odd == 0
    assert [(p.id, p.key) for p in catalogue.products()] == [
        (p.id, p.key) for p in snapshot().products()
    ]
    for shipped in snapshot().products():
        merged = catalogue.product(shipped.key)
        assert [p.name for p in merged.parameters] == [p.name for p in shipped.parameters]
        for parameter, after in zip(shipped.parameters, merged.parameters, strict=True):
            same = {
                "minimum",
                "maximum",
                "multiple_of",
                "zero_allowed",
                "required",
                "default",
                "type",
                "read_only",
            }
            assert {key: getattr(after, key) for key in same} == {
                key: getattr(parameter, key) for key in same
            }, (shipped.key, parameter.name)
            assert set(after.choices) == set(parameter.choices), (shipped.key, parameter.name)


def test_a_new_product_gets_names_that_do_not_depend_on_the_order_of_the_answer() -> None:
    answer = [
        *copy.deepcopy(TOLD),
        HYDRA,
        product(
            1001,
            "FortiHydra Virtual Machine",
            numeric(905, "CPUs", 1, 2),
            numeric(904, "Number of CPUs", 1, 2),
        ),
    ]
    shuffled = copy.deepcopy(answer)
    random.Random(3).shuffle(shuffled)
    for item in shuffled:
        random.Random(4).shuffle(item["parameters"])
    catalogue, odd = merge(shuffled)
    assert odd == 0
    hydra = catalogue.product("fortihydra_vm")
    assert (hydra.id, hydra.kind) == (999, "vm")
    types = {
        "heads": "int",
        "service_package": "str",
        "add_ons_and_extras": "list",
        "heads_in_use": "int",
    }
    assert {p.name: p.type for p in hydra.parameters} == types
    assert (
        catalogue.product("FORTIHYDRA VIRTUAL MACHINE").id
        == catalogue.product("fortihydra_virtual_machine").id
        == 999
    )
    twin = catalogue.product(1001)
    assert twin.key == "fortihydra_vm_1001"
    assert [(p.id, p.name) for p in twin.parameters] == [(904, "cpus"), (905, "cpus_905")]
    again = merge(answer)[0]
    assert [described(p) for p in again.products()] == [described(p) for p in catalogue.products()]


def test_a_new_product_is_checked_like_a_shipped_one() -> None:
    hydra = merge([HYDRA])[0].product(999)
    assert checked(
        hydra,
        {"heads": 4, "Service Package": "standard", "number_of_heads_total": 6},
        complete=True,
    )[1] == ["fortihydra_vm.heads: given twice, as heads and as number_of_heads_total; keep one"]
    assert checked(
        hydra, {"heads": 65, "service_package": "GOLD", "heads_in_use": 1}, complete=True
    )[1] == [
        "fortihydra_vm.heads: 65 is over the maximum 64",
        "fortihydra_vm.service_package: GOLD is not one of HYSTD (Standard)",
        "fortihydra_vm.heads_in_use: FortiFlex reports this and does not let anyone set it; leave it out",
    ]
    values, problems = checked(
        hydra, {"Number of heads (total)": 4, "service_package": "Standard"}, complete=True
    )
    assert not problems
    assert hydra.wire(values) == [
        {"id": 900, "value": "4"},
        {"id": 901, "value": "HYSTD"},
        {"id": 902, "value": "NONE"},
    ]
    assert hydra.show(hydra.read(hydra.wire(values))) == {
        "heads": 4,
        "service_package": "HYSTD",
        "add_ons_and_extras": [],
    }


def test_known_products_learn_parameters_codes_and_ranges() -> None:
    told = product(
        1,
        "whatever",
        numeric(1, "CPUs", 1, 128),
        codes(2, "Pack", {"UTP": "UTP", "ULT": "Ultimate", "UTM": "UTM"}),
        numeric(95, "Number of threads", 0, 8),
    )
    bundle = merge([told])[0].product("fortigate_vm_bundle")
    values, problems = checked(
        bundle, {"cpus": 128, "service_package": "ultimate", "threads": 4}, complete=True
    )
    assert (problems, values) == ([], {1: ("128",), 2: ("ULT",), 95: ("4",)})
    assert (
        checked(bundle, {"service_package": "UTM"}, complete=False)[1] == []
    )  # sold again, so FortiFlex says
    assert (
        checked(bundle, {"service_package": "ATP"}, complete=False)[1] == []
    )  # not named, and yet not taken away
    assert {pair["id"] for pair in bundle.wire(values)} == {1, 2, 10, 43, 44, 45, 95}


def test_zero_or_at_least_stays_a_gap_and_steps_stay() -> None:
    catalogue = merge(
        [
            product(5, "EMS", numeric(13, "ZTNA", 0, 30000)),
            product(206, "EDR", numeric(76, "Storage", 0, 40960, None)),
            product(203, "Cloud WAF", codes(34, "Throughput", {"25": "25", "15000": "15000"})),
        ]
    )[0]
    ems, edr, waf = catalogue.product(5), catalogue.product(206), catalogue.product(203)
    assert checked(ems, {"ztna_endpoints": 7}, complete=False)[1] == [
        "forticlient_ems.ztna_endpoints: 7 is not 0 or 25 to 30000; the nearest are 0 and 25"
    ]
    assert (
        checked(edr, {"repository_storage": 513}, complete=False)[1]
        and not checked(edr, {"repository_storage": 40960}, complete=False)[1]
    )
    assert not checked(waf, {"average_throughput": 15000}, complete=False)[1]
    assert checked(waf, {"average_throughput": 14999}, complete=False)[1] == [
        "fortiweb_cloud_public.average_throughput: 14999 is not one of the 36 sizes on sale; the nearest are 10000 and 15000"
    ]


def test_what_is_shipped_keeps_its_meaning() -> None:
    """A new parameter or product with the label of a shipped one does not take its name; new codes have no rank, and fit wherever FortiFlex says."""
    pack = codes(2, "Bundle tier", {"UTP": "Unified Threat Protection"})
    told = product(
        1, "FortiGate VM Bundled", codes(950, "Service Package", {"UTP": "X", "ZZZ": "Zed"}), pack
    )
    waf = product(
        211,
        "FortiAppSec",
        codes(
            83,
            "Pack",
            {
                "UCWAFADV": "Advanced",
                "UCWAFENT": "Enterprise",
                "UCWAFSTD": "Standard",
                "UCWAFULT": "Ultimate",
            },
        ),
    )
    catalogue, odd = merge([told, waf])
    bundle, appsec = catalogue.product("fortigate vm bundled"), catalogue.product(211)
    assert odd == 0 and bundle.key == "fortigate_vm_bundle"
    assert checked(bundle, {"Service package": "ENT", "cpus": 1}, complete=True) == (
        {2: ("ENT",), 1: ("1",)},
        [],
    )
    assert checked(bundle, {"service_package": "unified threat protection"}, complete=False) == (
        {2: ("UTP",)},
        [],
    )
    assert checked(
        bundle, {"bundle tier": "ENT", "service_package_950": "Zed"}, complete=False
    ) == ({2: ("ENT",), 950: ("ZZZ",)}, [])
    assert (
        checked(appsec, {"services": ["UCWAF"], "waf_service_package": "ultimate"}, complete=True)[
            1
        ]
        == []
    )
    assert (
        refused(appsec, {83: ("UCWAFSTD",)}, {83: ("UCWAFADV",)})
        == refused(appsec, {83: ("UCWAFULT",)}, {83: ("UCWAFSTD",)})
        == []
    )
    assert refused(appsec, {83: ("UCWAFENT",)}, {83: ("UCWAFSTD",)})


def test_finer_steps_and_ranges_that_leave_a_default_behind_are_taken_over() -> None:
    catalogue = merge(
        [
            product(209, "SIEM", numeric(66, "Units", 1, 600, 1)),
            product(1, "Bundle", numeric(10, "VDOMs", 1, 500)),
        ]
    )[0]
    siem, bundle = catalogue.product(209), catalogue.product(1)
    assert checked(siem, {"compute_units": 15}, complete=True)[1] == []
    assert (
        "required and not given: vdoms"
        in checked(bundle, {"cpus": 1, "service_package": "UTP"}, complete=True)[1][0]
    )


def test_a_code_that_several_things_are_called_is_not_guessed() -> None:
    told = product(
        999,
        "X",
        codes(900, "Size", {"B1": "Standard", "B2": "Standard", "PRO": "STD", "STD": "Basic"}),
    )
    hydra = merge([told])[0].product(999)
    assert "is not one of" in checked(hydra, {"size": "standard"}, complete=True)[1][0]
    assert checked(hydra, {"size": "std"}, complete=True) == ({900: ("STD",)}, [])


def test_one_value_may_become_several() -> None:
    told = product(
        1, "Bundle", codes(45, "Support", {"FGTFCELU": "Elite", "FGTX": "X"}, "MULTIVALUE")
    )
    for bundle in (merge([told])[0].product(1), snapshot().product(1)):
        values = bundle.read([{"id": 45, "value": "FGTX"}, {"id": 45, "value": "FGTFCELU"}])
        assert [pair["value"] for pair in bundle.wire(values) if pair["id"] == 45] == [
            "FGTFCELU",
            "FGTX",
        ]
    assert checked(
        merge([told])[0].product(1), {"support_service": ["X", "fgtfcelu"]}, complete=False
    ) == ({45: ("FGTFCELU", "FGTX")}, [])


def test_numbers_that_nobody_has_published_are_learnt() -> None:
    told = [
        product(
            210,
            "FortiManager Cloud",
            numeric(96, "Number of devices", 3, 100000),
            numeric(97, "Managed devices", 3, 100000),
        ),
        product(
            209,
            "FortiSIEM Cloud",
            codes(98, "Region", {"RegionA": "Region A", "RegionC": "Region C"}),
        ),
    ]
    catalogue, odd = merge(told)
    manager, siem = catalogue.product("fortimanager_cloud"), catalogue.product("fortisiem_cloud")
    assert (odd, manager.id) == (0, 210)
    assert [(p.id, p.name) for p in manager.parameters][:2] == [
        (96, "managed_devices"),
        (None, "addons"),
    ]
    assert checked(siem, {"compute_units": 10, "region": "regionc"}, complete=True) == (
        {66: ("10",), 98: ("RegionC",)},
        [],
    )


def test_the_answer_of_tomorrow_keeps_what_is_known() -> None:
    """Parts that are null, of another type, or new, as the simulator's odd answer has them."""
    catalogue, odd = merge(Service().metadata(odd=True))
    assert odd > 0
    for shipped in snapshot().products():
        after = catalogue.product(shipped.key)
        assert described(after) == described(shipped) or [p.name for p in after.parameters] == [
            p.name for p in shipped.parameters
        ]


JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-5, 2000),
        st.floats(allow_nan=True),
        st.text(max_size=6),
        st.sampled_from(["NUMERIC", "MULTIVALUE"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from([*HYDRA, *HYDRA["parameters"][0], "value"]), inner, max_size=4
        ),
    ),
    max_leaves=6,
)


@settings(deadline=None, max_examples=80)
@given(data=st.data())
def test_no_answer_breaks_it(data: st.DataObject) -> None:
    """One member of a valid answer, anywhere, becomes anything: the rest still counts, and every legal configuration of the shipped catalogue stays so."""
    answer = copy.deepcopy([*TOLD[:3], HYDRA])
    places: list[tuple[Any, Any]] = []
    nodes: list[Any] = list(answer)
    while nodes:
        node = nodes.pop()
        for key in node if isinstance(node, dict) else range(len(node)):
            places.append((node, key))
            if isinstance(node[key], (dict, list)):
                nodes.append(node[key])
    node, key = data.draw(st.sampled_from(range(len(places))).map(places.__getitem__))
    node[key] = data.draw(JSON)
    catalogue, _odd = merge(item for item in answer if isinstance(item, dict))
    assert {p.key for p in snapshot().products()} <= {p.key for p in catalogue.products()}
    for known in catalogue.products():
        names = [
            name for parameter in known.parameters for name in {parameter.name, *parameter.aliases}
        ]
        assert len(names) == len(set(names)) and not any(name.isdigit() for name in names)
