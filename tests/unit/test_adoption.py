# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Adoption: whatever an account holds, the planner finds nothing to do for what is adopted of it, by fleet file and by inventory."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible.parsing.utils.addresses import parse_address
from hypothesis import example, given, settings
from hypothesis import strategies as st
from unit.legal import answers, checked, configurations

from ansible_collections.flexops.fortiflex.plugins.filter.flex_adopted import flex_adopted
from ansible_collections.flexops.fortiflex.plugins.module_utils.catalogue.catalogue import snapshot
from ansible_collections.flexops.fortiflex.plugins.module_utils.core._planner import Planner
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.goal import build_goal
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.model import (
    Configuration,
    Entitlement,
    Observation,
    Program,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.shapes import Shapes
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.spelling import spelled
from ansible_collections.flexops.fortiflex.plugins.plugin_utils.adoption import GROUP
from ansible_collections.flexops.fortiflex.plugins.plugin_utils.sites import read_sites
from ansible_collections.flexops.fortiflex.plugins.plugin_utils.terraform_state import managed_by

CATALOGUE = snapshot()
PROGRAM, ACCOUNT, NOW, END = "ELAVMS0000000200", 2000001, 1_790_000_000.0, "2027-05-10"
STARTED = "2026-06-02T09:14:27"
OPTIONS = ["name", "serial_number", "configuration", "state", "end_date", "tags", "describe"]
PRODUCTS = [product for product in CATALOGUE.products() if product.id is not None]

NAMES = st.sampled_from(
    [
        "oslo",
        "Oslo",
        "lima 1",
        "a:22",
        "~x",
        "zürich",
        "東京",
        "all",
        "localhost",
        "account_1",
        "4711",
        "{{ x }}",
        "FGVM26000002",
    ]
)
TAGS = st.sampled_from(
    [
        "",
        "",
        " [region=north]",
        " [b=2; a=1]",
        " [a =1]",
        " [a=1; b",
        " [a={# x #}]",
        "  [a=]",
        " [a=\t]",
    ]
)
ODD = st.sampled_from(
    ["", "[spare]", "[removed]", "[claim oslo 0a1b2c3d]", " ", "[x", "a\tb", "x" * 65]
)
DESCRIPTIONS = st.one_of(st.builds(str.__add__, NAMES, TAGS), ODD, st.text(max_size=12))
STATUSES = st.sampled_from(["PENDING", "ACTIVE", "STOPPED", "EXPIRED", "GRACE_PERIOD", "FROZEN"])
ENDS = st.sampled_from(
    [f"{END}T00:00:00", "2026-12-24T00:00:00", "2026-04-07T15:04:32.6531463-07:00", None, "someday"]
)
CALLED = st.one_of(
    st.sampled_from(["branch", "branch", "007", "4711", "{{ x }}", "b [1]", " b", "", "yes"]),
    st.text(max_size=8),
)


@st.composite
def templates(draw: st.DrawFn, number: int) -> Configuration:
    """A configuration of any product, with what FortiFlex only reports and with what is not known of it."""
    product = draw(st.sampled_from(PRODUCTS))
    asked = draw(configurations(product))
    values = checked(product, asked, complete=True)[0]
    shown = product.read(draw(answers(product.wire(values))))
    shown |= {
        parameter.id: ("7",)
        for parameter in product.parameters
        if parameter.read_only and parameter.id is not None
    }
    for key in draw(st.lists(st.sampled_from(sorted(shown)), max_size=1)) if shown else ():
        shown[key] = draw(st.sampled_from([("NEWCODE",), ("100001",), ("A", "B"), ("{{ x }}",)]))
    if draw(st.booleans()):
        shown |= {999: draw(st.sampled_from([("5",), ("A", "B"), ()]))}
    product_id = draw(st.sampled_from([product.id, product.id, 998])) or 0
    status = draw(st.sampled_from(["ACTIVE", "ACTIVE", "DISABLED"]))
    return Configuration(
        number,
        spelled(draw(CALLED)),  # as a name is read from FortiFlex
        product_id,
        CATALOGUE.product(product_id).reread(shown),
        status,
        ACCOUNT,
        PROGRAM,
    )


@st.composite
def observations(draw: st.DrawFn) -> Observation:
    """What an account holds."""
    made = tuple(draw(templates(4711 + number)) for number in range(draw(st.integers(1, 4))))
    held = tuple(
        Entitlement(
            f"FGVM2600000{number}",
            draw(DESCRIPTIONS),
            draw(st.sampled_from(made)).id,
            ACCOUNT,
            draw(STATUSES),
            STARTED,
            draw(ENDS),
            None,
            None,
        )
        for number in range(draw(st.integers(0, 7)))
    )
    return Observation(NOW, NOW, made, held, Program(PROGRAM, ACCOUNT, date.fromisoformat(END)))


def adopt(seen: Observation, **more: Any) -> dict[str, Any]:
    """What the filter makes of it, written to files and read again: contents by path."""
    shapes = Shapes(CATALOGUE)
    listed = [shapes.configuration(configuration) for configuration in seen.configurations]
    result = flex_adopted(
        [shapes.entitlement(entitlement, seen) for entitlement in seen.entitlements],
        [item for item in listed if item],
        [{"serial_number": PROGRAM, "end_date": END}],
        **more,
    )
    files = {
        file["path"]: yaml.safe_load(yaml.safe_dump(file["content"], allow_unicode=True))
        for file in result["files"]
    }
    return {**files, **{key: result[key] for key in ("left_out", "left_out_summary", "summary")}}


def by_inventory(adopted: Mapping[str, Any]) -> dict[str, Any]:
    """What license_fleet hands over to flex_fleet."""
    hosts = adopted["hosts.yml"][GROUP]["children"][f"account_{ACCOUNT}"]["hosts"]
    variables = adopted[f"group_vars/account_{ACCOUNT}.yml"]
    assert (variables["fortiflex_account_id"], variables["fortiflex_program"]) == (ACCOUNT, PROGRAM)
    return {
        "configurations": variables["fortiflex_configurations"],
        "entitlements": read_sites(hosts, hosts, "fortiflex_", OPTIONS),
    }


def is_reached(asked: Mapping[str, Any], seen: Observation) -> bool:
    """Whether a run would do nothing, and find nothing wrong; a problem is an exception."""
    planner = Planner(
        build_goal(CATALOGUE, asked, date(2000, 1, 1)), CATALOGUE, "run", PROGRAM, ACCOUNT
    )
    decision = planner.next(seen)
    assert planner.failures == {}
    return decision.done


@settings(max_examples=60, deadline=None)
@given(observations())
def test_what_is_adopted_is_there_already(seen: Observation) -> None:
    adopted = adopt(seen)
    fleet = adopted[f"fleet_{ACCOUNT}.yml"]
    assert is_reached(fleet, seen)
    assert is_reached(by_inventory(adopted), seen)
    assert len(fleet["entitlements"]) + sum(
        line.startswith("FGVM2600000") for line in adopted["left_out"]
    ) == len(seen.entitlements)
    assert "{{" not in str(fleet) and "{%" not in str(fleet) and "{#" not in str(fleet)


@settings(max_examples=40, deadline=None)
@given(observations())
@example(Observation(NOW, NOW, (), ()))
def test_hosts_have_names_that_mean_nothing_else(seen: Observation) -> None:
    groups = adopt(seen)["hosts.yml"][GROUP]["children"]
    hosts = [host for group in groups.values() for host in group["hosts"]]
    for host in hosts:
        assert re.fullmatch(r"[A-Za-z0-9._-]+", host) and host not in {
            "all",
            "ungrouped",
            "localhost",
            GROUP,
            *groups,
        }
        assert parse_address(host, allow_ranges=True) in [(host, None), (None, None)]
    assert len(set(hosts)) == len(hosts)


def observed(*descriptions: str, **more: Any) -> Observation:
    """FortiGate virtual machines with these descriptions, all on one configuration."""
    product = CATALOGUE.product("fortigate_vm_bundle")
    values = product.filled(
        checked(product, {"cpus": 2, "service_package": "UTP"}, complete=True)[0]
    )
    configuration = Configuration(4711, "branch", 1, values, "ACTIVE", ACCOUNT, PROGRAM)
    held = {
        "status": "ACTIVE",
        "start_date": STARTED,
        "end_date": f"{END}T00:00:00",
        "token": None,
        "token_status": "USED",
        **more,
    }
    machines = (
        Entitlement(f"FGVM{number}", text, 4711, ACCOUNT, **held)
        for number, text in enumerate(descriptions)
    )
    return Observation(NOW, NOW, (configuration,), tuple(machines))


def entitlements(adopted: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Those of the fleet file."""
    found: list[dict[str, Any]] = adopted[f"fleet_{ACCOUNT}.yml"]["entitlements"]
    return found


def test_a_name_goes_with_its_tags_and_what_cannot_be_read_of_them_stays_out() -> None:
    assert entitlements(adopt(observed("oslo [region=north; area=2]", "lima [region=so"))) == [
        {"name": "lima", "configuration": "branch"},
        {"name": "oslo", "configuration": "branch", "tags": {"region": "north", "area": "2"}},
    ]


def test_what_is_no_name_goes_by_serial_number() -> None:
    found = entitlements(adopt(observed("", "rome", "rome", "{{ x }}", "a [b={% c %}]", "FGVM5")))
    assert sorted(item["serial_number"] for item in found) == [
        f"FGVM{number}" for number in range(6)
    ]
    assert all(item.keys() == {"serial_number", "configuration"} for item in found)


def test_what_check_mode_predicts_is_adopted_by_its_name() -> None:
    """It has no id and no serial number yet."""
    seen = observed("oslo")
    predicted = replace(
        seen,
        configurations=tuple(replace(item, id=-1) for item in seen.configurations[:1]),
        entitlements=tuple(
            replace(item, configuration_id=-1, predicted=True) for item in seen.entitlements
        ),
    )
    assert entitlements(adopt(predicted)) == [{"name": "oslo", "configuration": "branch"}]


def test_what_is_left_out_is_listed_with_the_reason() -> None:
    adopted = adopt(observed("[spare]", "[claim oslo 0a1b2c3d]"))
    assert entitlements(adopted) == []
    assert adopted["left_out"] == [
        "FGVM0 ('[spare]') of account 2000001: it is a spare, which the next new name takes.",
        "FGVM1 ('[claim oslo 0a1b2c3d]') of account 2000001: it is a spare on its way to a name; audit_fleet finds out whether the run is dead that wanted it.",
    ]
    assert adopt(observed("[removed]", status="STOPPED"))["left_out"] == [
        "FGVM0 ('[removed]') of account 2000001: it is a device that was taken out of the program."
    ]
    for status in ("EXPIRED", "FROZEN"):
        assert status in adopt(observed("oslo", status=status))["left_out"][0]


def test_the_mark_of_a_suspension_is_not_adopted() -> None:
    texts = ("oslo [region=north; suspended=2026-11-01]", "lima [suspended=2026-11-01]")
    seen = observed(*texts, status="STOPPED")
    adopted = adopt(seen)
    assert entitlements(adopted) == [
        {"name": "lima", "configuration": "branch"},
        {"name": "oslo", "configuration": "branch", "tags": {"region": "north"}},
    ]
    assert is_reached(adopted[f"fleet_{ACCOUNT}.yml"], seen)


LEFT_OUT: dict[str, dict[str, Any]] = {
    "it is EXPIRED, and can neither be changed nor started again; replace_expired licenses its name with another one": {
        "status": "EXPIRED"
    },
    "it has the status FROZEN, which this collection does not know; look at it in the portal": {
        "status": "FROZEN"
    },
    "it is a spare, which the next new name takes": {"texts": ["[spare]"] * 70},
    "it is a spare on its way to a name; audit_fleet finds out whether the run is dead that wanted it": {
        "texts": [f"[claim site-{number} 0a1b2c3d]" for number in range(70)]
    },
    "it is a device that was taken out of the program": {
        "texts": ["[removed]"] * 70,
        "status": "STOPPED",
    },
}


@pytest.mark.parametrize("reason", LEFT_OUT)
def test_a_reason_is_one_sentence_however_many_it_is_about(reason: str) -> None:
    more = dict(LEFT_OUT[reason])
    texts = more.pop("texts", [f"site-{number}" for number in range(70)])
    adopted = adopt(observed(*texts, **more))
    (sentence,) = adopted["left_out_summary"]
    assert sentence.startswith(f"Each of 70 (FGVM0 ('{texts[0]}') of account 2000001, FGVM1 (")
    assert sentence.endswith(f"') of account 2000001 and 65 more): {reason}.")
    assert len(adopted["left_out"]) == 70


def test_end_dates_only_where_they_are_not_the_programs_and_can_be_set() -> None:
    assert "end_date" not in entitlements(adopt(observed("oslo")))[0]
    assert (
        entitlements(adopt(observed("oslo", end_date="2026-12-24T00:00:00")))[0]["end_date"]
        == "2026-12-24"
    )
    assert entitlements(
        adopt(observed("oslo", status="STOPPED", end_date="2026-09-01T00:00:00"))
    ) == [{"name": "oslo", "configuration": "branch", "state": "stopped"}]


def test_an_inventory_names_entitlements_by_their_hosts_where_it_can() -> None:
    hosts = adopt(observed("oslo", "Lima 1", "", "all"))["hosts.yml"][GROUP]["children"][
        "account_2000001"
    ]["hosts"]
    assert hosts == {
        "Lima-1-FGVM1": {"fortiflex_name": "Lima 1", "fortiflex_configuration": "branch"},
        "all-FGVM3": {"fortiflex_name": "all", "fortiflex_configuration": "branch"},
        "oslo": {"fortiflex_configuration": "branch"},
        "FGVM2": {
            "fortiflex_name": "",
            "fortiflex_serial_number": "FGVM2",
            "fortiflex_configuration": "branch",
        },
    }


@pytest.mark.parametrize("names", [["oslo 1", "oslo:1", "oslo-1"], ["oslo-1", "oslo:1", "oslo 1"]])
def test_a_name_that_can_be_a_hosts_stays_one_whatever_else_there_is(names: list[str]) -> None:
    hosts = adopt(observed(*names))["hosts.yml"][GROUP]["children"]["account_2000001"]["hosts"]
    assert "fortiflex_name" not in hosts["oslo-1"] and len(hosts) == 3


@pytest.mark.parametrize("added", ["oslo-1", "oslo:1", "oslo 2"])
def test_a_new_entitlement_gets_no_host_that_another_one_had(added: str) -> None:
    def hosts(*names: str) -> dict[str, str]:
        found = adopt(observed(*names))["hosts.yml"][GROUP]["children"]["account_2000001"]["hosts"]
        return {host: given.get("fortiflex_name", host) for host, given in found.items()}

    before, after = hosts("oslo 1"), hosts("oslo 1", added)
    assert before.items() <= after.items() and len(after) == 2


def of_product(
    product_id: int, values: dict[int, tuple[str, ...]], *descriptions: str, **more: Any
) -> Observation:
    """The same for one configuration of any product."""
    seen = observed(*descriptions, **more)
    return replace(
        seen,
        configurations=(replace(seen.configurations[0], product_id=product_id, values=values),),
    )


def configuration(seen: Observation) -> dict[str, Any]:
    """What becomes of its first configuration."""
    found: dict[str, Any] = adopt(seen)[f"fleet_{ACCOUNT}.yml"]["configurations"][0]
    return found


def test_what_nobody_can_set_is_no_parameter() -> None:
    edr = of_product(206, {46: ("FEDRPDR",), 47: ("100",), 52: (), 76: ("512",)})
    assert configuration(edr)["parameters"].keys() == {
        "service_package",
        "addons",
        "repository_storage",
    }
    assert adopt(edr)["left_out"] == []
    assert (
        "managed_devices_legacy"
        not in configuration(of_product(2, {30: ("10",), 9: ("1",), 3: ("7",)}))["parameters"]
    )


def test_a_code_that_the_catalogue_lacks_goes_by_the_number_of_its_parameter() -> None:
    found = configuration(
        of_product(1, {1: ("2",), 2: ("NEW",), 10: ("0",), 43: (), 44: (), 45: ("NONE",)})
    )
    assert found["parameters"]["2"] == "NEW" and "service_package" not in found["parameters"]


def test_a_configuration_that_could_not_be_made_again_goes_by_its_id() -> None:
    sold = observed("oslo")
    old = of_product(1, {**sold.configurations[0].values, 2: ("ATP",), 1: ("2147483647",)}, "oslo")
    assert (
        configuration(sold)["name"] == "branch"
        and entitlements(adopt(sold))[0]["configuration"] == "branch"
    )
    assert (
        configuration(old)["id"] == 4711 and entitlements(adopt(old))[0]["configuration"] == "4711"
    )


def test_a_device_goes_by_its_serial_number_and_keeps_its_name() -> None:
    hardware = {27: ("FGT60F",), 28: ("FGHWUTP",), 29: ()}
    assert entitlements(adopt(of_product(101, hardware, "bonn [rack=2]", ""))) == [
        {
            "name": "bonn",
            "serial_number": "FGVM0",
            "configuration": "branch",
            "tags": {"rack": "2"},
            "describe": True,
        },
        {"serial_number": "FGVM1", "configuration": "branch"},
    ]


# what Terraform manages


def instance(key: str | int | None = None, **attributes: Any) -> dict[str, Any]:
    """An instance of a resource in a state."""
    return {
        "schema_version": 0,
        "attributes": attributes,
        **({} if key is None else {"index_key": key}),
    }


def resource(kind: str, name: str, *instances: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A resource in a state."""
    provider = 'provider["registry.terraform.io/fortinetdev/fortiflexvm"]'
    return {
        "mode": "managed",
        "type": f"fortiflexvm_{kind}",
        "name": name,
        "provider": provider,
        "instances": list(instances),
        **more,
    }


def state(*resources: dict[str, Any]) -> str:
    """A state file."""
    return json.dumps(
        {
            "version": 4,
            "terraform_version": "1.9.8",
            "serial": 7,
            "lineage": "3f1c",
            "outputs": {},
            "resources": list(resources),
        }
    )


def test_a_terraform_state_narrows_the_adoption_and_names_hosts() -> None:
    seen = observed("", "Branch", "Branch", "lima", "", "rome")
    seen = replace(
        seen,
        configurations=(
            *seen.configurations,
            replace(seen.configurations[0], id=4712, name="other"),
        ),
    )
    terraform = state(
        resource("config", "branch", instance(id="4711", config_id=4711, name="branch")),
        resource("entitlements_vm_token", "first", instance(serial_number="FGVM2")),
        resource(
            "entitlements_vm",
            "hub",
            instance(serial_number="FGVM0", config_id=4711, token="SECRET"),
        ),
        resource(
            "entitlements_vm",
            "branch",
            instance("oslo", serial_number="FGVM1"),
            instance(0, serial_number="FGVM2"),
        ),
        resource(
            "entitlements_vm", "named", instance(serial_number="FGVM3"), module='module.site["x"]'
        ),
        resource("config", "failed", instance(id="Config")),
        resource(
            "entitlements_vm_token",
            "token",
            instance(serial_number="FGVM1"),
            instance(serial_number="FGVM77"),
        ),
        resource(
            "retrieve_vm_group",
            "pool",
            instance(id="task", entitlements=[{"serial_number": "FGVM4"}]),
        ),
        resource(
            "entitlements_list",
            "all",
            instance(entitlements=[{"serial_number": "FGVM5"}]),
            mode="data",
        ),
        {"mode": "managed", "type": "null_resource", "name": "x", "instances": [instance(id="1")]},
    )
    adopted = adopt(seen, terraform=terraform)
    fleet = adopted[f"fleet_{ACCOUNT}.yml"]
    assert [item["name"] for item in fleet["configurations"]] == ["branch"]
    assert sorted(adopted["hosts.yml"][GROUP]["children"]["account_2000001"]["hosts"]) == [
        "branch-0",
        "branch-oslo",
        "hub",
        "lima",
        "pool-0",
    ]
    assert is_reached(fleet, seen) and is_reached(by_inventory(adopted), seen)
    assert adopted["left_out"] == [
        "FGVM77 (token): the Terraform state has it, and the program does not show it; check the program and the accounts.",
        "What the Terraform state does not manage: entitlements 1, configurations 1.",
    ]
    assert "SECRET" not in str(adopted)


def test_a_module_is_part_of_a_name() -> None:
    terraform = state(
        resource(
            "entitlements_vm",
            "fw",
            instance(serial_number="FGVM0"),
            module='module.site["x"].module.hub',
        )
    )
    assert list(
        adopt(observed(""), terraform=terraform)["hosts.yml"][GROUP]["children"]["account_2000001"][
            "hosts"
        ]
    ) == ["site-x-hub-fw"]


def test_what_has_no_module_may_say_null() -> None:
    terraform = state(resource("entitlements_vm", "fw", instance(serial_number="A"), module=None))
    assert managed_by(json.loads(terraform)).entitlements == {"A": "fw"}


def test_an_account_in_which_a_state_manages_nothing_gets_no_files() -> None:
    assert list(adopt(observed("oslo"), terraform=state())) == [
        "hosts.yml",
        "left_out",
        "left_out_summary",
        "summary",
    ]


@pytest.mark.parametrize(
    "text", ["no state", "[]", '{"version": 3, "modules": []}', '{"version": 4}']
)
def test_what_is_no_state_is_refused_without_its_content(text: str) -> None:
    with pytest.raises(AnsibleFilterError, match="terraform state pull") as raised:
        adopt(observed(""), terraform=text)
    assert text not in str(raised.value)


@pytest.mark.parametrize(
    "resource",
    [
        None,
        5,
        {"instances": 5},
        {"instances": [5]},
        {"type": "fortiflexvm_config", "instances": [{"attributes": "x"}]},
        {
            "type": "fortiflexvm_retrieve_vm_group",
            "instances": [{"attributes": {"entitlements": 5}}],
        },
    ],
)
def test_a_terraform_state_of_an_odd_shape_is_refused_in_a_sentence(resource: Any) -> None:
    with pytest.raises(
        AnsibleFilterError, match="the Terraform state has a resource of an unknown shape"
    ):
        flex_adopted([], [], [], json.dumps({"version": 4, "resources": [resource]}))
