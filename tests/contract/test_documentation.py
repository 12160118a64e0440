# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation of the modules against what they take and return."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from contract.harness import CONFIGURATION, MODULES, Controller

from ansible_collections.flexops.fortiflex.plugins.module_utils.client import _wire as wire
from ansible_collections.flexops.fortiflex.plugins.module_utils.client import connection
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.changes import ACTIONS
from ansible_collections.flexops.fortiflex.plugins.module_utils.task import options
from ansible_collections.flexops.fortiflex.plugins.module_utils.usage import options as use

ROOT = Path(str(options.__file__)).parents[3]
NAMES = sorted(path.stem for path in (ROOT / "plugins/modules").glob("*.py"))
SPECS: dict[str, options.Spec] = {
    "flex_access_info": options.ACCESS,
    "flex_configuration": {**options.CONFIGURATION, **options.OUTSIDE},
    "flex_configuration_info": options.CONFIGURATION_FILTERS,
    "flex_cost_info": options.COST,
    "flex_device_license": options.DELIVERY,
    "flex_entitlement": {**options.ENTITLEMENT, **options.SERIAL_NUMBERS, **options.RETURN_TOKEN},
    "flex_entitlement_info": {**options.ENTITLEMENT_FILTERS, **options.RETURN_TOKEN},
    "flex_entitlement_transfer": options.TRANSFER,
    "flex_fleet": options.FLEET,
    "flex_group_info": {**options.GROUP_FILTERS, **options.RETURN_TOKEN},
    "flex_points_info": use.POINTS,
    "flex_product_info": options.PRODUCT_FILTERS,
    "flex_program_info": options.PROGRAM_FILTERS,
    "flex_usage_ledger": use.LEDGER,
    "flex_usage_report": use.REPORT,
}
NEEDED = {
    "flex_configuration": [["name", "id"]],
    "flex_cost_info": [["product", "configuration", "fleet"]],
    "flex_device_license": [["name", "serial_number"]],
    "flex_entitlement": [["name", "serial_number", "serial_numbers"]],
    "flex_entitlement_transfer": [["names", "serial_numbers"]],
}
ANSIBLES_OWN = {"changed", "diff", "failed", "msg", "invocation", "warnings", "exception"}


def module(name: str) -> Any:
    """A module as Python sees it."""
    return importlib.import_module(f"{MODULES}.{name}")


def documented(name: str) -> dict[str, Any]:
    """The options in a module's documentation, those of its fragments included."""
    own = yaml.safe_load(module(name).DOCUMENTATION)
    assert "flexops.fortiflex.connection" in own["extends_documentation_fragment"]
    found: dict[str, Any] = {}
    for fragment in own["extends_documentation_fragment"]:
        file, _dot, part = fragment.removeprefix("flexops.fortiflex.").partition(".")
        fragments = importlib.import_module(
            f"ansible_collections.flexops.fortiflex.plugins.doc_fragments.{file}"
        ).ModuleDocFragment
        found |= yaml.safe_load(getattr(fragments, part.upper() or "DOCUMENTATION"))["options"]
    return {**found, **own["options"]}


def differences(spec: options.Spec, docs: dict[str, Any], where: str = "") -> Iterator[str]:
    """What the argument spec and the documentation say differently."""
    for name in sorted(spec.keys() ^ docs.keys()):
        yield f"{where}{name}: {'not documented' if name in spec else 'documented only'}"
    for name in sorted(spec.keys() & docs.keys()):
        for key, nothing in {
            "type": "str",
            "elements": None,
            "required": False,
            "default": None,
            "choices": None,
            "aliases": None,
        }.items():
            told, taken = docs[name].get(key, nothing), spec[name].get(key, nothing)
            if told != taken:
                yield f"{where}{name}: {key} is {taken!r}, and {told!r} in the documentation"
        if "options" in spec[name] or "suboptions" in docs[name]:
            yield from differences(
                spec[name]["options"], docs[name]["suboptions"], f"{where}{name}."
            )


def test_where_plugins_find_the_connection_options() -> None:
    fragments = importlib.import_module(
        "ansible_collections.flexops.fortiflex.plugins.doc_fragments.connection"
    ).ModuleDocFragment
    found = yaml.safe_load(fragments.PLUGINS)["options"]
    assert list(found) == connection.option_names()
    for name, places in found.items():
        assert places["env"] == [{"name": connection.argument_spec()[name]["fallback"][1][0]}]
        assert places.get("type") == (
            "raw" if name == "account_aliases" else None
        )  # Ansible makes no dictionary of a text there
        assert (places["vars"], places["ini"]) == (
            [{"name": f"fortiflex_{name}"}],
            [{"section": "fortiflex", "key": name}],
        )


@pytest.mark.parametrize("name", NAMES)
def test_options(name: str) -> None:
    assert list(differences({**connection.argument_spec(), **SPECS[name]}, documented(name))) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_module_takes_its_spec(name: str) -> None:
    work = module(name).WORK
    assert (work.options, work.required_one_of) == (SPECS[name], NEEDED.get(name, ()))


def _examples(name: str) -> list[dict[str, Any]]:
    tasks: list[dict[str, Any]] = yaml.safe_load(module(name).EXAMPLES)
    return [
        task[f"flexops.fortiflex.{name}"] or {}
        for task in tasks
        if f"flexops.fortiflex.{name}" in task
    ]


@pytest.mark.parametrize("name", NAMES)
def test_examples(name: str) -> None:
    examples = _examples(name)
    assert examples
    for example in examples:
        arguments = {
            key: value if "{{" not in str(value) else "text"
            for key, value in example.items()
            if "{{" not in str(value) or SPECS[name].get(key, {}).get("type") == "str"
        }
        needed = None if len(arguments) < len(example) else NEEDED.get(name)
        checked = ArgumentSpecValidator(
            {**connection.argument_spec(), **SPECS[name]}, required_one_of=needed
        ).validate(arguments)
        assert checked.error_messages == []


def keys(name: str, *path: str) -> set[str]:
    """The documented members of a result, or of a member of it."""
    docs = yaml.safe_load(module(name).RETURN)
    for step in path:
        docs = docs[step]["contains"]
    return set(docs)


def told(name: str, *when: str) -> set[str]:
    """The documented members of a result that are there in such a case."""
    given = [
        "when the plan was priced, see O(estimate)",
        "when O(serial_numbers) is not given",
    ]  # as in RUNS
    given.append("success, and failure with RV(error_code=items_failed)")
    cases = {*when, "always", *(given if "success" in when else [])}
    return {
        key
        for key, value in yaml.safe_load(module(name).RETURN).items()
        if value["returned"] in cases
    }


SITE = {"name": "site", "configuration": "small"}
RUNS: dict[str, dict[str, Any]] = {
    "flex_access_info": {},
    "flex_configuration": CONFIGURATION,
    "flex_configuration_info": {},
    "flex_cost_info": {"configuration": "small", "parameters": {"cpus": 4}},
    "flex_device_license": {
        "name": "held",
        "device_url": "http://127.0.0.1:9/device/fw",
        "device_token": "demo-device-token",
    },
    "flex_entitlement": {**SITE, "return_token": True},
    "flex_entitlement_info": {"return_token": True},
    "flex_entitlement_transfer": {"names": ["held"], "target_account_id": "2000002"},
    "flex_fleet": {
        "configurations": [CONFIGURATION],
        "entitlements": [SITE],
        "allow_outside_limit": True,
        "return_tokens": True,
        "estimate": True,
    },
    "flex_group_info": {"next_token": True, "return_token": True},
    "flex_points_info": {},
    "flex_product_info": {},
    "flex_program_info": {"accounts": True},
    "flex_usage_ledger": {},
    "flex_usage_report": {"template": str(ROOT / "roles/usage_report/templates/page.html.j2")},
}


def report_options(controller: Controller) -> dict[str, str]:
    """Where a report comes from and goes to."""
    return {
        "ledger": str(controller.state_dir / "usage.sqlite3"),
        "directory": str(controller.state_dir / "reports"),
    }


@pytest.mark.parametrize("name", NAMES)
def test_results(controller: Controller, name: str) -> None:
    small = controller.configuration("small")
    controller.configuration("small", accountId=2000002)
    controller.flex.seed([{"configId": small, "description": "held", "status": "ACTIVE"}])
    if name == "flex_usage_report":
        controller.run("flex_usage_ledger", ledger=report_options(controller)["ledger"])
    special = {
        "flex_device_license": {"device_url": f"{controller.flex.url}/device/fw"},
        "flex_usage_report": report_options(controller),
    }
    result = controller.run(name, **{**RUNS[name], **special.get(name, {})})
    assert set(result) - ANSIBLES_OWN == told(name, "success")
    for member in ("configuration", "entitlement", "group", "product", "program"):
        if (
            isinstance(result.get(member), dict) and name != "flex_device_license"
        ):  # it refers to flex_entitlement
            assert set(result[member]) == keys(name, member)
        for shape in result.get(f"{member}s") or []:
            assert set(result[f"{member}s"][shape] if isinstance(shape, str) else shape) == keys(
                name, f"{member}s"
            )
    assert set(result["requests"]) == keys(name, "requests")
    if "cost" in result:
        assert set(result["cost"]) == keys(name, "cost")
    if "plan" in result:
        for member in ("plan", "configurations_plan", "spares_plan"):
            assert set(result[member]) == keys(name, member)
        assert list(result["plan"]) == [*ACTIONS, "without_license"]
        assert [set(item) for item in result["changes"]] == [keys(name, "changes")] * 2


@pytest.mark.parametrize("name", NAMES)
def test_results_of_a_failure(controller: Controller, name: str) -> None:
    wrong = {
        "flex_product_info": {"name": "sauerkraut"},
        "flex_usage_report": {**report_options(controller), "program": ""},
    }
    result = controller.run(name, **{**RUNS[name], "username": "", **wrong.get(name, {})})
    assert set(result) - ANSIBLES_OWN == told(name, "failure")


def test_results_of_a_failed_item(controller: Controller) -> None:
    controller.flex.faults([{"path": "entitlements/vm/create", "kind": "refused", "always": True}])
    result = controller.run("flex_fleet", **RUNS["flex_fleet"])
    assert result["failed"] and [set(item) for item in result["failures"]] == [
        keys("flex_fleet", "failures")
    ]
    assert set(result) - ANSIBLES_OWN == told("flex_fleet", "success", "failure")


def alike(told: Any) -> str:
    """Documentation without what differs with the place where it stands: names of other options, and what only check mode predicts."""
    text = re.sub(r"O\(\w+\[\]\.", "O(", json.dumps(told, sort_keys=True, default=str))
    return re.sub(
        r"One of O\([^.]*is required\.|; null while (?:that|it) is only predicted by check mode",
        "",
        text,
    )


def test_what_stands_in_several_modules_reads_alike() -> None:
    """Ansible has fragments of documentation for options, but for no suboptions and return values."""
    fleet = yaml.safe_load(module("flex_fleet").DOCUMENTATION)["options"]
    for kind in ("configuration", "entitlement"):
        single = yaml.safe_load(module(f"flex_{kind}").DOCUMENTATION)["options"]
        several = fleet[f"{kind}s"]["suboptions"]
        assert {name: alike(single[name]) for name in single.keys() & several.keys()} == {
            name: alike(several[name]) for name in single.keys() & several.keys()
        }
        returned = [yaml.safe_load(module(name).RETURN) for name in NAMES]
        shapes = [
            told[key]["contains"]
            for told in returned
            for key in (kind, f"{kind}s")
            if "contains" in told.get(key, {})
        ]
        members = {
            name: {alike(shape[name]) for shape in shapes if name in shape} for name in shapes[0]
        }
        assert {name: texts for name, texts in members.items() if len(texts) > 1} == {}


def test_the_action_group_is_all_modules() -> None:
    runtime = yaml.safe_load((ROOT / "meta/runtime.yml").read_text())
    assert sorted(runtime["action_groups"]["flex"]) == NAMES


def test_the_version_is_written_once() -> None:
    assert yaml.safe_load((ROOT / "galaxy.yml").read_text())["version"] == wire.VERSION
