# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values that are there but empty, and texts of which YAML or INI made something else: every option of every entry point.

The options are drawn from the argument specs, so that an option that is added tomorrow is in these tests.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pytest
import yaml
from contract.harness import CONFIGURATION, MODULES, Controller
from contract.test_documentation import NAMES, SPECS, module

from ansible_collections.flexops.fortiflex.plugins.module_utils.client.connection import (
    Connection,
    argument_spec,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.errors import InvalidInput
from ansible_collections.flexops.fortiflex.plugins.module_utils.given import (
    GUARDS,
    SELECTORS,
    TEXTS,
    Given,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.task.options import (
    CONFIGURATION as CONFIGURATION_SPEC,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.task.options import SCOPE, SITE
from ansible_collections.flexops.fortiflex.plugins.plugin_utils.sites import read_sites
from ansible_collections.flexops.fortiflex.plugins.plugin_utils.watch import LIFECYCLE, USAGE

BLANK = ("", "  ", "\n", None)
NO_TEXT = (34, 1350, 1.1, 1000.0, True, False, date(2020, 1, 1), ["x"], {"x": "y"})


def taken(name: str) -> Given:
    """What reads the options of a module."""
    given: Given = module(name).WORK.given()
    return given


def options() -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Every option of every module."""
    for name in NAMES:
        for option, entry in {**argument_spec(), **SPECS[name]}.items():
            yield name, option, entry


def refused(option: str, entry: Mapping[str, Any], given: Given) -> bool:
    """Whether an empty value of an option has to be refused."""
    everywhere = option in SELECTORS and entry["type"] in ("list", "dict")
    return option in GUARDS or everywhere or option in given._selectors


@pytest.mark.parametrize(
    ("name", "option", "entry"),
    list(options()),
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_empty_scalar_was_not_given_and_an_empty_guard_or_selector_is_refused(
    name: str, option: str, entry: Mapping[str, Any]
) -> None:
    spec = {**argument_spec(), **SPECS[name]}
    for value in BLANK:
        given = taken(name)
        assert given.options({option: value}, spec) == {}
        if refused(option, entry, given):
            assert [problem.split(";")[0] for problem in given.problems] == [f"{option} is empty"]
        else:
            assert given.problems == []


FILTERS = {
    "flex_configuration_info": {"accounts", "name", "id", "product", "status"},
    "flex_entitlement_info": {
        "accounts", "name", "serial_number", "configuration", "product", "status", "token_status",
        "tags", "spare", "holders",
    },
    "flex_group_info": {"accounts", "folder", "configuration", "statuses"},
    "flex_product_info": {"name", "kind"},
    "flex_program_info": {"serial_number"},
    "flex_points_info": {"accounts"},
    "flex_access_info": {"accounts", "serial_number"},
    "flex_entitlement_transfer": {"names", "serial_numbers"},
    "flex_entitlement": {"serial_numbers"},
    "flex_usage_ledger": {"accounts"},
    "flex_usage_report": {"accounts"},
    "flex_fleet": {"prune"},
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_what_chooses_is_known(name: str) -> None:
    given = taken(name)
    spec = SPECS[name]
    chooses = {option for option, entry in spec.items() if refused(option, entry, given)} - GUARDS
    assert chooses == FILTERS.get(name, set())


@pytest.mark.parametrize("option", SCOPE)
def test_no_part_of_a_scope_is_empty(option: str) -> None:
    for value in (*BLANK, [], {}, ["", "a"]):
        given = Given()
        given.options({"prune": {option: value}}, SPECS["flex_fleet"])
        assert given.problems and given.problems[0].startswith(f"prune.{option} is empty"), value


@pytest.mark.parametrize(
    ("kind", "spec"), [("entitlement", SITE), ("configuration", CONFIGURATION_SPEC)]
)
def test_the_same_holds_inside_an_item(kind: str, spec: Mapping[str, Any]) -> None:
    for option in spec.keys() - {"name"}:
        for value in BLANK:
            given = Given()
            read = given.items(kind, [{"name": "oslo", option: value}], spec)
            if option in GUARDS:
                assert given.problems[0].startswith(f"{kind} 'oslo': {option} is empty")
            else:
                assert (read, given.problems) == ([{"name": "oslo"}], [])


@pytest.mark.parametrize("spec", [LIFECYCLE, USAGE], ids=["lifecycle", "usage"])
def test_the_same_holds_for_event_sources(spec: Mapping[str, Any]) -> None:
    for option, entry in {**argument_spec(), **spec}.items():
        given = Given()
        assert given.options({option: " "}, {**argument_spec(), **spec}) == {}
        assert bool(given.problems) == refused(option, entry, given)


def test_an_empty_list_or_dictionary_that_is_a_whole_set_is_a_value() -> None:
    given = Given()
    item = {"name": "oslo", "tags": {}}
    options = {"spares": {}, "entitlements": [item], "configurations": [], "profiles": {}}
    assert given.options(options, SPECS["flex_fleet"]) == options and not given.problems
    allowed = given.options({"allowed_accounts": []}, argument_spec())
    assert allowed == {"allowed_accounts": []} and not given.problems


# -- the account


@pytest.mark.parametrize("blank", BLANK)
@pytest.mark.parametrize("name", ["flex_fleet", "flex_entitlement", "flex_entitlement_info"])
def test_an_empty_account_is_that_of_the_environment(
    controller: Controller, monkeypatch: pytest.MonkeyPatch, name: str, blank: Any
) -> None:
    controller.account_id = None
    made = controller.configuration(accountId=2000002)
    controller.flex.seed([{"configId": made, "description": "oslo"}])
    monkeypatch.setenv("FORTIFLEX_ACCOUNT_ID", "2000002")
    wanted: dict[str, Any] = {
        "flex_fleet": {"entitlements": [{"name": "oslo", "configuration": "small"}]},
        "flex_entitlement": {"name": "oslo", "configuration": "small"},
    }.get(name, {})
    result = controller.run_raw(name, {**wanted, "account_id": blank})
    assert not result["changed"] and "msg" not in result, result
    assert len(controller.entitlements()) == 1
    assert "2000002" in json.dumps(result)


@pytest.mark.parametrize("blank", BLANK)
def test_empty_connection_options_count_as_missing_ones(
    controller: Controller, monkeypatch: pytest.MonkeyPatch, blank: Any
) -> None:
    names = argument_spec().keys() - controller.connection().keys() - {"allowed_accounts"}
    read = [
        vars(Connection.from_options({**controller.connection(), **dict.fromkeys(names, value)}))
        for value in (None, blank)
    ]
    assert {**read[0], "accounts": None} == {**read[1], "accounts": None}
    for name, variable in (("program", "FORTIFLEX_PROGRAM"), ("api_url", "FORTIFLEX_API_URL")):
        monkeypatch.setenv(variable, controller.connection()[name])
        result = controller.run_raw("flex_program_info", {name: blank})
        assert "msg" not in result, result


# -- what keeps a run from doing something


@pytest.mark.parametrize("blank", BLANK)
@pytest.mark.parametrize(
    "guard", ["max_new", "max_points_per_day", "max_prune", "allowed_accounts", "prune"]
)
def test_an_empty_guard_is_refused_by_name(controller: Controller, guard: str, blank: Any) -> None:
    item = {"name": "oslo", "configuration": "small"}
    options = {"configurations": [CONFIGURATION], "entitlements": [item], guard: blank}
    result = controller.run_raw("flex_fleet", options)
    assert result["error_code"] == "invalid_input" and f"{guard} is empty; " in result["msg"]
    assert controller.flex.requests()["total"] == 0


@pytest.mark.parametrize("allowed", [[""], ["2000001", " "]])
def test_an_empty_account_in_a_list_is_refused(controller: Controller, allowed: list[str]) -> None:
    for name, option in (
        ("flex_entitlement_info", "allowed_accounts"),
        ("flex_entitlement_info", "accounts"),
    ):
        assert f"{option} is empty; " in controller.run_raw(name, {option: allowed})["msg"]


def test_an_empty_parameter_is_not_managed(controller: Controller) -> None:
    controller.run("flex_configuration", **CONFIGURATION)
    same = {**CONFIGURATION, "parameters": {"cpus": "", "service_package": None}}
    assert not controller.run_raw("flex_configuration", same)["changed"]


def test_an_empty_folder_takes_a_spare(controller: Controller) -> None:
    controller.run("flex_fleet", configurations=[CONFIGURATION], spares={"small": 1})
    item = {"name": "oslo", "configuration": "small", "folder": "", "serial_number": None}
    result = controller.run_raw("flex_fleet", {"entitlements": [item]})
    assert result["plan"]["reuse"] == 1 and len(controller.entitlements()) == 1


# -- what YAML or INI made of a name


def texts() -> Iterator[tuple[str, str]]:
    """Every option that must arrive as text."""
    for name, option, _entry in options():
        if option in TEXTS and (name, option) != ("flex_product_info", "name"):
            yield name, option


@pytest.mark.parametrize(("name", "option"), list(texts()))
@pytest.mark.parametrize("value", [34, 1.1, True])
def test_a_name_must_arrive_as_text(
    controller: Controller, name: str, option: str, value: Any
) -> None:
    wanted = [value] if SPECS[name][option]["type"] == "list" else value
    message = controller.run_raw(name, {option: wanted})["msg"]
    assert f"{option} arrived as " in message and "put it in quotes" in message
    assert controller.flex.requests()["total"] == 0


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (34, "arrived as the number 34, which may have been written 0042"),
        (1350, "arrived as the number 1350, which may have been written 22:30"),
        (1.1, "arrived as the number 1.1, which may have been written 1.10"),
        (1000.0, "arrived as the number 1000.0, which may have been written 1e3"),
        (True, "arrived as true, which may have been written yes"),
        (date(2020, 1, 1), "arrived as the date 2020-01-01"),
        (["a"], "is a list; give one text"),
    ],
)
def test_what_a_name_may_have_been(controller: Controller, value: Any, told: str) -> None:
    item = {"name": value, "configuration": "small"}
    message = controller.run_raw("flex_fleet", {"entitlements": [item]})["msg"]
    assert told in message and controller.flex.requests()["total"] == 0
    with pytest.raises(InvalidInput, match="x_name of 'a3' "):
        read_sites(["a3"], {"a3": {"x_name": value}}, "x_", ["name"])


def test_a_tag_takes_the_digits_of_a_number_with_one_warning(controller: Controller) -> None:
    items = [
        {"name": name, "configuration": "small", "tags": {"cost_center": 34}} for name in "abcdefg"
    ]
    options = {"configurations": [CONFIGURATION], "entitlements": items}
    result = controller.run_raw("flex_fleet", options)
    assert result["entitlements"]["a"]["tags"] == {"cost_center": "34"}
    (warning,) = result["warnings"]
    assert "The tag cost_center=34 arrived as a number" in warning and "and 2 more" in warning


@pytest.mark.parametrize("value", [{"a": 1}, ["x"], True, 1.1])
def test_a_tag_that_is_no_text_is_refused(controller: Controller, value: Any) -> None:
    item = {"name": "oslo", "configuration": "small", "tags": {"owner": value}}
    for name, options in (("flex_entitlement", item), ("flex_fleet", {"entitlements": [item]})):
        message = controller.run_raw(name, options)["msg"]
        assert "the tag owner " in message and controller.flex.requests()["total"] == 0


# -- errors of many


def test_an_error_that_many_share_is_one_sentence(controller: Controller) -> None:
    items = [{"name": f"site-{number:03}", "configuration": "nowhere"} for number in range(120)]
    message = controller.run_raw("flex_fleet", {"entitlements": items})["msg"]
    assert message.count("configuration 'nowhere' is not in program") == 1
    assert "'site-000'" in message and "(the same for 119 more: 'site-001', " in message
    assert "and 114 more)" in message and len(message) < 500


def test_an_error_names_the_item_the_option_and_the_value(controller: Controller) -> None:
    items = [
        {"name": "a", "configuration": "small"},
        {"name": "b", "configuration": "small", "end_dat": "2020-01-01"},
        {"name": "c", "configuration": "small", "state": "activ"},
        {"name": "d", "configuration": "small", "skip_pending": "maybe"},
        {"name": "e", "configuration": "small", "tags": "region"},
        {"name": "f", "configuration": "small", "end_date": "soon"},
    ]
    message = controller.run_raw("flex_fleet", {"entitlements": items})["msg"]
    for sentence in (
        "entitlement 'b': end_dat is unknown; did you mean end_date?",
        "entitlement 'c': state is 'activ', which is not one of present, active, stopped, absent.",
        "entitlement 'd': skip_pending is 'maybe', which is not true or false.",
        "entitlement 'e': tags is 'region', which is not a dictionary; write {\"key\": \"value\"}.",
        "entitlement 'f': end_date 'soon' is invalid",
    ):
        assert sentence in message
    assert "'a'" not in message and controller.flex.requests()["total"] == 0


def test_what_is_unknown_is_named_in_order(controller: Controller) -> None:
    unknown = [f"odd_{letter}" for letter in "abcdefgh"]
    item = {"name": "b", "configuration": "small", **dict.fromkeys(reversed(unknown), 1)}
    message = controller.run_raw("flex_fleet", {"entitlements": [item]})["msg"]
    assert re.findall(r"odd_[a-h]", message) == unknown


def test_many_problems_differ_only_in_what_differs() -> None:
    given = Given()
    hostvars = {f"h{number}": {"x_state": "on" if number % 2 else "off"} for number in range(6)}
    with pytest.raises(InvalidInput) as raised:
        read_sites(hostvars, hostvars, "x_", ["state"])
    text = str(raised.value)
    assert "x_state of 'h0' is 'off'" in text and "(the same for 2 more: 'h2', 'h4')" in text
    assert "x_state of 'h1' is 'on'" in text and not given.problems
    with pytest.raises(InvalidInput):
        raise InvalidInput(["a"])


def test_many_names_that_are_numbers_are_one_sentence() -> None:
    for count, sentences in ((6, 6), (7, 1)):
        hostvars = {f"h{number}": {"x_name": number} for number in range(count)}
        with pytest.raises(InvalidInput) as raised:
            read_sites(hostvars, hostvars, "x_", ["name"])
        assert str(raised.value).count("arrived as the number") == sentences
        assert ("(the same for 6 more: 'h1', " in str(raised.value)) == (sentences == 1)


def test_every_module_is_in_these_tests() -> None:
    assert set(NAMES) == {
        yaml.safe_load(module(name).DOCUMENTATION)["module"] for name in NAMES
    } and MODULES.endswith("modules")
