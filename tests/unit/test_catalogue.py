# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogue: what is accepted, what is sent, what is read back, and what is said about mistakes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from unit.legal import answers, checked, configurations, illegal_values, refused, settable, sold

from ansible_collections.flexops.fortiflex.plugins.module_utils.catalogue._parameter import (
    Parameter,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.catalogue._table import products_of
from ansible_collections.flexops.fortiflex.plugins.module_utils.catalogue.catalogue import (
    Catalogue,
    Product,
    Values,
    snapshot,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.errors import InvalidInput

ON_SALE = [product for product in snapshot().products() if product.id is not None]
BUNDLE = {"cpus": 4, "service_package": "UTP"}
SHOWN_BUNDLE = {1: "4", 2: "UTP", 10: "0", 43: "FGTAVDB", 44: "NONE", 45: "NONE"}


@pytest.mark.parametrize("product", ON_SALE, ids=lambda product: product.key)
@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_what_is_sent_and_read_back_is_what_was_asked_for(
    product: Product, data: st.DataObject
) -> None:
    asked = data.draw(configurations(product))
    values, problems = checked(product, asked, complete=True)
    assume(sold(product, values))
    assert problems == []
    sent = product.wire(values)
    current = product.read(data.draw(answers(sent)))
    assert product.changes(current, values) == {}
    assert refused(product, current, values) == []
    again = product.wire(current)
    assert again == sent
    shown = product.show(current)
    assert (
        checked(
            product,
            {
                key: value
                for key, value in shown.items()
                if key in {p.name for p in settable(product)}
            },
            complete=False,
        )[1]
        == []
    )


@pytest.mark.parametrize(
    "product",
    [product for product in ON_SALE if settable(product)],
    ids=lambda product: product.key,
)
@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_one_wrong_value_gives_one_problem_that_names_it(
    product: Product, data: st.DataObject
) -> None:
    asked = data.draw(configurations(product))
    assume(sold(product, checked(product, asked, complete=True)[0]))
    parameter = data.draw(st.sampled_from(settable(product)))
    for name in list(asked):
        if product.parameter(name) == parameter:
            del asked[name]
    asked[data.draw(st.sampled_from([parameter.name, *parameter.aliases]))] = data.draw(
        illegal_values(parameter)
    )
    values, problems = checked(product, asked, complete=True)
    assert [problem.split(":")[0] for problem in problems] == [f"{product.key}.{parameter.name}"]
    assert parameter.id not in values


@pytest.mark.parametrize("product", snapshot().products(), ids=lambda product: product.key)
def test_every_product_is_found_by_all_it_is_called(product: Product) -> None:
    for name in (product.key, product.name, *product.aliases):
        assert snapshot().product(name).key == snapshot().product(name.upper()).key == product.key
    if product.id is not None:
        assert (
            snapshot().product(product.id)
            is snapshot().product(f" {product.id} ")
            is snapshot().product(product.key)
        )


def test_numbers_and_names_are_unique() -> None:
    products = snapshot().products()
    numbers = [
        parameter.id
        for product in products
        for parameter in product.parameters
        if parameter.id is not None
    ]
    keys = [product.key for product in products]
    assert len(numbers) == len(set(numbers)) and len(keys) == len(set(keys))
    for product in products:
        names = [
            name.casefold()
            for parameter in product.parameters
            for name in {parameter.name, *parameter.aliases}
        ]
        assert len(names) == len(set(names)), product.key
        for parameter in product.parameters:
            spellings = {code.casefold(): code for code in parameter.choices}
            assert all(
                spellings.get(label.casefold(), code) == code
                for code, label in parameter.choices.items()
            ), (product.key, parameter.name)
            assert len(set(parameter.choices.values())) == len(parameter.choices), (
                product.key,
                parameter.name,
            )


@pytest.mark.parametrize(
    ("product", "names"),
    [
        # In the words of the official collection, then of the Terraform provider.
        (
            "fortiGateBundle",
            {
                "cpu": 2,
                "service": "UTP",
                "vdom": 3,
                "fortiGuardServices": [],
                "cloudServices": ["FGTSOCA"],
                "supportService": "NONE",
            },
        ),
        (
            "FGT_VM_Bundle",
            {
                "cpu_size": "2",
                "service_pkg": "UTP",
                "vdom_num": 3,
                "fortiguard_services": [],
                "cloud_services": "FGTSOCA",
                "support_service": "none",
            },
        ),
    ],
)
def test_users_can_come_over_from_both_official_clients(
    product: str, names: dict[str, Any]
) -> None:
    values, problems = checked(snapshot().product(product), names, complete=True)
    assert problems == []
    assert values == {1: ("2",), 2: ("UTP",), 10: ("3",), 43: (), 44: ("FGTSOCA",), 45: ("NONE",)}


@pytest.mark.parametrize("product", ON_SALE, ids=lambda product: product.key)
def test_the_least_configuration_is_one(product: Product) -> None:
    least = product.minimum_parameters
    assert checked(product, least, complete=True)[1] == []
    for name in least:
        rest = {key: value for key, value in least.items() if key != name}
        assert (
            f"{product.key}: required and not given: {name}"
            in checked(product, rest, complete=True)[1]
        )


def test_codes_labels_and_digits_mean_the_same() -> None:
    web = snapshot().product("fortiweb_vm")
    for cpus, package in ((4, "FWBADV"), ("4", "fwbadv"), (" 4", "Advanced"), (4.0, " ADVANCED ")):
        assert checked(web, {"cpus": cpus, "service_package": package}, complete=True) == (
            {4: ("4",), 5: ("FWBADV",)},
            [],
        )
    assert web.show({4: ("4",), 5: ("FWBADV",)}) == {"cpus": "4", "service_package": "FWBADV"}


def test_a_new_configuration_is_sent_whole_with_its_defaults() -> None:
    bundle = snapshot().product("fortigate_vm_bundle")
    values, problems = checked(
        bundle,
        {**BUNDLE, "fortiguard_services": ["fortiguard dlp", "FGTAVDB", "FGTDLDB"]},
        complete=True,
    )
    assert problems == []
    assert [(pair["id"], pair["value"]) for pair in bundle.wire(values)] == [
        (1, "4"),
        (2, "UTP"),
        (10, "0"),
        (43, "FGTAVDB"),
        (43, "FGTDLDB"),
        (44, "NONE"),
        (45, "NONE"),
    ]


def test_what_is_old_or_unknown_survives_reading_and_sending() -> None:
    bundle = snapshot().product("fortigate_vm_bundle")
    shown = [
        {"id": 1, "value": "2147483647"},
        {"id": 2, "value": "UTM"},
        {"id": 44, "value": "FUTURE"},
        {"id": 301, "value": "B"},
        {"id": 301, "value": "A"},
    ]
    values = bundle.read(
        [
            *shown,
            {"id": 302, "value": "NONE"},
            {"id": None, "value": "x"},
            {"id": 303, "value": None},
        ]
    )
    assert values == {1: ("2147483647",), 2: ("UTM",), 44: ("FUTURE",), 301: ("A", "B"), 302: ()}
    assert bundle.show(values) == {
        "cpus": 2147483647,
        "service_package": "UTM",
        "cloud_services": ["FUTURE"],
        "301": ["A", "B"],
        "302": "NONE",
    }
    sent = [(pair["id"], pair["value"]) for pair in bundle.wire(values)]
    assert sent == [
        (1, "2147483647"),
        (2, "UTM"),
        (10, "0"),
        (43, "NONE"),
        (44, "FUTURE"),
        (45, "NONE"),
        (301, "A"),
        (301, "B"),
        (302, "NONE"),
    ]


def test_what_is_not_sold_any_more_may_stay_where_it_is() -> None:
    bundle, alacarte = (
        snapshot().product("fortigate_vm_bundle"),
        snapshot().product("fortigate_vm_alacarte"),
    )
    old = {"cpus": 2147483647, "service_package": "utm"}
    assert checked(bundle, old, complete=False)[1] == [], (
        "what the configuration has is not known yet"
    )
    assert checked(bundle, old, complete=False, kept={1: ("2147483647",), 2: ("UTM",)})[1] == []
    assert checked(bundle, {"cpus": "Unlimited"}, complete=False, kept={1: ("2147483647",)}) == (
        {1: ("2147483647",)},
        [],
    )
    assert (
        len(checked(bundle, old, complete=False, kept={1: ("4",), 2: ("ENT",)})[1])
        == len(checked(bundle, old, complete=True)[1])
        == 2
    )
    assert (
        checked(
            alacarte, {"cloud_services": ["FMGC", "FAMS"]}, complete=False, kept={12: ("FMGC",)}
        )[1]
        == []
    )
    assert checked(bundle, {"cpus": 128}, complete=False, kept={1: ("128",)})[1] == []


def test_a_change_of_one_parameter_keeps_the_others() -> None:
    bundle = snapshot().product("fortigate_vm_bundle")
    current = bundle.read(
        [{"id": number, "value": value} for number, value in {**SHOWN_BUNDLE, 301: "X"}.items()]
    )
    wanted, problems = checked(bundle, {"cpus": "8"}, complete=False)
    assert problems == []
    assert bundle.changes(current, wanted) == {"cpus": (4, 8)}
    sent = {pair["id"]: pair["value"] for pair in bundle.wire({**current, **wanted})}
    assert sent == {**SHOWN_BUNDLE, 1: "8", 301: "X"}


def test_changes_are_reported_in_real_types() -> None:
    bundle = snapshot().product("fortigate_vm_bundle")
    current: Values = {1: ("4",), 43: ("FGTDLDB", "FGTAVDB")}
    wanted: Values = {
        2: ("UTP",),
        10: ("0",),
        43: ("FGTAVDB", "FGTDLDB"),
        44: ("FGTSOCA",),
        45: ("FGTFCELU",),
        301: ("7",),
    }
    assert bundle.changes(current, wanted) == {
        "service_package": (None, "UTP"),
        "cloud_services": ([], ["FGTSOCA"]),
        "support_service": ("NONE", "FGTFCELU"),
        "301": ("NONE", "7"),
    }
    assert bundle.changes({1: ("04",)}, {1: ("4",)}) == {}


def test_what_the_service_reports_is_shown_and_never_sent() -> None:
    appsec = snapshot().product("fortiappsec")
    values = appsec.read([{"id": 82, "value": "UCGSLB"}, {"id": 87, "value": "120"}])
    assert appsec.show(values) == {"services": ["UCGSLB"], "gslb_queries_per_second": 120}
    assert [(pair["id"], pair["value"]) for pair in appsec.wire(values)] == [
        (82, "UCGSLB"),
        (83, "NONE"),
        (84, "NONE"),
    ]


def test_deprecated_parameters_are_sent_only_where_they_are_in_use() -> None:
    sase = snapshot().product("fortisase")
    values, problems = checked(sase, {"users": 50, "service": "Standard"}, complete=True)
    assert problems == []
    assert [pair["id"] for pair in sase.wire(values)] == [48, 49, 51]
    assert [pair["id"] for pair in sase.wire({**values, 50: ("25",)})] == [48, 49, 51, 50]


def test_a_product_that_is_not_known_yet_works_by_number() -> None:
    product = snapshot().product("999")
    assert (product.id, product.key, product.name, product.kind, product.parameters) == (
        999,
        "product_999",
        "product 999",
        None,
        (),
    )
    assert snapshot().product("product_999").id == 999
    given_by_number: dict[Any, Any] = {400: 7, "401": ["B", "A", "B"], "402": [], "403": "none"}
    values, problems = checked(product, given_by_number, complete=True)
    assert (values, problems) == ({400: ("7",), 401: ("A", "B"), 402: (), 403: ()}, [])
    sent = product.wire(values)
    assert sent == [
        {"id": 400, "value": "7"},
        {"id": 401, "value": "A"},
        {"id": 401, "value": "B"},
        {"id": 402, "value": "NONE"},
        {"id": 403, "value": "NONE"},
    ]
    assert product.changes(product.read(sent), values) == {}


def test_a_model_may_be_newer_than_the_catalogue() -> None:
    machine = snapshot().product("fortigate_hardware")
    assert checked(machine, {"model": "FGT99Z"}, complete=False) == ({27: ("FGT99Z",)}, [])
    for model in ("fgt99z", "FGT-99Z", "9"):
        assert [
            problem.split(" is not one of the 150")[0]
            for problem in checked(machine, {"model": model}, complete=False)[1]
        ] == [f"fortigate_hardware.model: {model}"]


def test_values_given_by_number_are_taken_as_they_are() -> None:
    bundle = snapshot().product("fortigate_vm_bundle")
    values, problems = checked(
        bundle, {"1": 128, "2": "NEWPACK", "43": "FUTURE", "44": ["SOCaaS"]}, complete=True
    )
    assert (values, problems) == (
        {1: ("128",), 2: ("NEWPACK",), 43: ("FUTURE",), 44: ("FGTSOCA",)},
        [],
    )
    assert checked(bundle, {"2": True, "43": [{}], "1": [1, 2]}, complete=False)[1] == [
        "fortigate_vm_bundle.service_package: true is neither a number nor text",
        "fortigate_vm_bundle.fortiguard_services: {} is neither a number nor text",
        "fortigate_vm_bundle.cpus: it takes one value, not a list of 2",
    ]


@pytest.mark.parametrize(
    ("product", "parameters", "sentence"),
    [
        (
            "fortigate_vm_bundle",
            {"cpus": 128},
            "fortigate_vm_bundle.cpus: 128 is over the maximum 96",
        ),
        ("fortigate_vm_bundle", {"cpu": "0"}, "fortigate_vm_bundle.cpus: 0 is under the minimum 1"),
        (
            "fortigate_vm_bundle",
            {"cpus": "two"},
            "fortigate_vm_bundle.cpus: two is not a whole number",
        ),
        ("fortigate_vm_bundle", {"cpus": ""}, 'fortigate_vm_bundle.cpus: "" is not a whole number'),
        (
            "fortigate_vm_bundle",
            {"cpus": True},
            "fortigate_vm_bundle.cpus: true is neither a number nor text",
        ),
        (
            "fortigate_vm_bundle",
            {"cpus": None},
            "fortigate_vm_bundle.cpus: null is neither a number nor text",
        ),
        (
            "fortigate_vm_bundle",
            {"cpus": [4]},
            "fortigate_vm_bundle.cpus: it takes one value, not a list of 1",
        ),
        (
            "fortigate_vm_bundle",
            {"cpus": 4, "CPU": 4},
            "fortigate_vm_bundle.cpus: given twice, as cpus and as CPU; keep one",
        ),
        (
            "fortigate_vm_bundle",
            {"cpus": 4, "1": 4},
            "fortigate_vm_bundle.cpus: given twice, as cpus and as 1; keep one",
        ),
        (
            "fortigate_vm_bundle",
            {"cpuz": 4},
            "fortigate_vm_bundle.cpuz: there is no such parameter; the closest is cpus",
        ),
        (
            "fortigate_vm_bundle",
            {"servce": 4},
            "fortigate_vm_bundle.servce: there is no such parameter; the closest are service_package, cloud_services, support_service",
        ),
        (
            "fortirecon",
            {"x": 1},
            "fortirecon.x: there is no such parameter; there are service_package, monitored_assets, networks, executives, vendors",
        ),
        (
            "999",
            {"cpus": 4},
            "product_999.cpus: there is no such parameter; none is known of this product, so give parameters by number",
        ),
        (
            "fortigate_vm_bundle",
            {"service_package": "ULTIMATE"},
            "fortigate_vm_bundle.service_package: ULTIMATE is not one of FC (FortiCare Premium), UTP, ENT (Enterprise), ATP",
        ),
        (
            "fortigate_vm_bundle",
            {"service": "utm"},
            "fortigate_vm_bundle.service_package: UTM is no longer offered; choose from FC (FortiCare Premium), UTP, ENT (Enterprise), ATP",
        ),
        (
            "fortigate_vm_bundle",
            {"cpus": 2147483647},
            "fortigate_vm_bundle.cpus: 2147483647 is no longer offered; choose from 1 to 96",
        ),
        (
            "fortimanager_vm",
            {"managed_devices_legacy": 5},
            "fortimanager_vm.managed_devices_legacy: it is no longer offered; leave it out",
        ),
        (
            "fortidlp",
            {"addons": ["BPS", "NONE"]},
            "fortidlp.addons: NONE is not one of BPS (Best Practice Service)",
        ),
        (
            "fortigate_hardware",
            {"model": "FortiGate 1000X"},
            "fortigate_hardware.model: FortiGate 1000X is not one of the 150 known codes; the closest are FG1K0F (FortiGate 1000F), "
            "FG100F (FortiGate 100F), FG100E (FortiGate 100E), FG3K0F (FortiGate 3000F), FGT2KE (FortiGate 2000E), FG180F (FortiGate 1800F), "
            "FG10E0 (FortiGate 1100E), FG1HEF (FortiGate 100EF)",
        ),
        (
            "forticlient_ems",
            {"ztna_endpoints": 10},
            "forticlient_ems.ztna_endpoints: 10 is not 0 or 25 to 25000; the nearest are 0 and 25",
        ),
        (
            "forticlient_ems",
            {"ZTNA": 25001},
            "forticlient_ems.ztna_endpoints: 25001 is not 0 or 25 to 25000; the nearest is 25000",
        ),
        (
            "fortisase",
            {"dedicated_ips": 6},
            "fortisase.dedicated_ips: 6 is not 0 or 4 to 65534 in steps of 4; the nearest are 4 and 8",
        ),
        (
            "fortisase",
            {"dedicated_ips": 65534},
            "fortisase.dedicated_ips: 65534 is not 0 or 4 to 65534 in steps of 4; the nearest is 65532",
        ),
        (
            "fortisase",
            {"users": 60},
            "fortisase.users: 60 is not a multiple of 25; the nearest are 50 and 75",
        ),
        (
            "fortiweb_cloud_private",
            {"throughput": 120},
            "fortiweb_cloud_private.average_throughput: 120 is not one of the 36 sizes on sale; the nearest are 100 and 150",
        ),
        (
            "fortiweb_cloud_public",
            {"throughput": 10},
            "fortiweb_cloud_public.average_throughput: 10 is not one of the 35 sizes on sale; the nearest is 25",
        ),
        (
            "fortiedr",
            {"endpoints": 10},
            "fortiedr.endpoints: FortiFlex reports this and does not let anyone set it; leave it out",
        ),
        (
            "fortisase",
            {"dataTransfer": 250},
            "fortisase.data_transfer: FortiFlex's number of this parameter is not published; "
            "give the parameter by number (a configuration made in the portal shows it)",
        ),
        (
            "fortimanager_cloud",
            {"managed_devices": 3},
            "fortimanager_cloud: FortiFlex's number of this product is not published; give the product by number (a configuration made in the portal shows it)",
        ),
        (
            "fortirecon",
            {"executives": 5, "service_package": "FRNEASM"},
            "fortirecon.executives: 5 needs service_package FRNEASMBPACI, not FRNEASM",
        ),
    ],
)
def test_a_mistake_is_reported_in_one_sentence(
    product: str, parameters: dict[str, Any], sentence: str
) -> None:
    assert checked(snapshot().product(product), parameters, complete=False, kept={})[1] == [
        sentence
    ]


def test_all_problems_are_reported_at_once() -> None:
    assert checked(
        snapshot().product("fortigate_vm_bundle"),
        {"vdoms": 501, "cloud_services": ["X"]},
        complete=True,
    )[1] == [
        "fortigate_vm_bundle.vdoms: 501 is over the maximum 500",
        "fortigate_vm_bundle.cloud_services: X is not one of FGTFAMS (FortiGate Cloud Management), FGTSWNM (SD-WAN Underlay), FGTSOCA (SOCaaS), "
        "FGTFAZC (FortiAnalyzer Cloud), FGTSWOS (Cloud-based Overlay-as-a-Service), FGTFSPA (SD-WAN Connector for FortiSASE)",
        "fortigate_vm_bundle: required and not given: cpus, service_package",
    ]


def test_a_required_parameter_without_a_number_is_left_to_fortiflex() -> None:
    siem = snapshot().product("fortisiem_cloud")
    assert checked(siem, {"compute_units": 10}, complete=True) == ({66: ("10",)}, [])
    assert checked(siem, {"compute_units": 10, "93": "RegionA"}, complete=True) == (
        {66: ("10",), 93: ("RegionA",)},
        [],
    )
    assert checked(siem, {"compute_units": 10, "region": "RegionA"}, complete=True)[1] == [
        "fortisiem_cloud.region: FortiFlex's number of this parameter is not published; "
        "give the parameter by number (a configuration made in the portal shows it)"
    ]
    assert siem.lacks({"compute_units": 10})


def test_combinations_that_are_not_sold_are_refused_for_new_configurations() -> None:
    assert checked(snapshot().product("fortiappsec"), {"services": ["Cloud WAF"]}, complete=True)[
        1
    ] == [
        "fortiappsec.services: UCWAF needs waf_service_package UCWAFSTD or UCWAFADV or UCWAFENT, not NONE"
    ]
    assert checked(
        snapshot().product("fortiappsec"),
        {"services": ["Cloud WAF"], "waf_service_package": "X"},
        complete=True,
    )[1] == [
        "fortiappsec.waf_service_package: X is not one of NONE, UCWAFSTD (Standard), UCWAFADV (Advanced), UCWAFENT (Enterprise)"
    ]
    recon = snapshot().product("fortirecon")
    base = {"service_package": "FRNEASMBPACI", "monitored_assets": 200, "vendors": 3}
    assert checked(recon, base, complete=True)[1] == []
    assert checked(recon, {"vendors": 3}, complete=False)[1] == []
    assert (
        checked(recon, {**base, "service_package": "FRNEASM", "vendors": 0}, complete=True)[1] == []
    )
    assert (
        checked(recon, {"61": "NEWPACK", "monitored_assets": 200, "vendors": 3}, complete=True)[1]
        == []
    )


def test_one_way_parameters_do_not_go_back() -> None:
    edr, appsec = snapshot().product("fortiedr"), snapshot().product("fortiappsec")
    assert refused(edr, {76: ("1024",)}, {76: ("512",)}) == [
        "fortiedr.repository_storage: FortiFlex does not lower it, and 512 is below the present 1024"
    ]
    assert refused(edr, {76: ("1024",)}, {76: ("1536",)}) == refused(edr, {}, {76: ("512",)}) == []
    assert refused(appsec, {83: ("UCWAFENT",)}, {83: ("UCWAFSTD",)}) == [
        "fortiappsec.waf_service_package: FortiFlex does not lower it, and UCWAFSTD (Standard) is below the present UCWAFENT (Enterprise)"
    ]
    assert refused(appsec, {83: ("UCWAFSTD",)}, {83: ("UCWAFENT",)}) == []
    assert (
        refused(
            snapshot().product("fortigate_vm_bundle"),
            {1: ("8",), 2: ("ENT",)},
            {1: ("2",), 2: ("FC",)},
        )
        == []
    )


def test_a_change_into_a_combination_that_is_not_sold_is_refused() -> None:
    recon = snapshot().product("fortirecon")
    current: Values = {61: ("FRNEASM",), 62: ("200",), 64: ("0",)}
    assert refused(recon, current, {64: ("5",)}) == [
        "fortirecon.executives: 5 needs service_package FRNEASMBPACI, not FRNEASM"
    ]
    assert refused(recon, {**current, 64: ("5",)}, {62: ("250",)}) == []
    assert refused(snapshot().product("fortiappsec"), {}, {82: ("UCWAF",)}) == [
        "fortiappsec.services: UCWAF needs waf_service_package UCWAFSTD or UCWAFADV or UCWAFENT, not NONE"
    ]


@pytest.mark.parametrize(
    ("reference", "sentence"),
    [
        (
            "fortigate_bundle",
            "product: fortigate_bundle is not a product that this release knows; the closest are fortigate_vm_bundle, fortigate_vm_alacarte, "
            "fortigate_hardware; newer ones can be given by number",
        ),
        (
            "xyzzy",
            "product: xyzzy is not a product that this release knows; flex_product_info lists the 27 known ones; newer ones can be given by number",
        ),
    ],
)
def test_an_unknown_product_name_is_refused_with_the_closest(reference: str, sentence: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        snapshot().product(reference)
    assert caught.value.problems == [sentence]


def test_a_catalogue_can_be_made_of_other_products() -> None:
    size = Parameter(500, "size", "Size", "str", choices={"S": "S", "M": "M"})
    catalogue = Catalogue([Product(300, "new", "New", "vm", parameters=(size,))])
    new = catalogue.product("NEW")
    assert checked(new, {"size": "m"}, complete=True) == ({500: ("M",)}, [])


@pytest.mark.parametrize(
    "line",
    [
        "size (int) Size",
        "1 size Size",
        "1 size (number) Size",
        "1 size (int, sometimes) Size",
        "1 size (int, about 5) Size",
        "1 size (int) Size\n    colour red",
        "never size with other S",
    ],
)
def test_an_odd_line_of_the_table_is_refused(line: str) -> None:
    assert products_of("1 new (vm) New\n  1 size (int, 1..5) Size")[0].parameters[0].maximum == 5
    with pytest.raises((ValueError, KeyError)):
        products_of(f"1 new (vm) New\n  {line}")
