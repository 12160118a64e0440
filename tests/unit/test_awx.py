# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The data of awx_setup is what AWX takes, asks for what playbooks use, and agrees with the catalogue; and a broken one would be refused."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from awx import rules
from awx.data import DATA, PLAYBOOKS, ROOT, TEMPLATES, TYPES, survey

from ansible_collections.flexops.fortiflex.plugins.module_utils.catalogue.catalogue import snapshot

QUESTION = {
    "variable": "size",
    "question_name": "Size",
    "type": "integer",
    "required": True,
    "default": 2,
    "min": 1,
    "max": 3,
}
CHOICE = {
    "variable": "size",
    "question_name": "Size",
    "type": "multiplechoice",
    "required": True,
    "choices": ["s", "m"],
    "default": "s",
}
FIELD = {"id": "password", "label": "Password", "type": "string", "secret": True}
# The one that sets AWX up, and those for which AWX has means of its own: notifications, and disabling a job template.
ELSEWHERE = {"awx_setup", "hold_fleet", "tell"}


def test_each_playbook_has_a_job_template() -> None:
    assert {item["playbook"] for item in TEMPLATES.values()} == {
        f"playbooks/{path.name}" for path in PLAYBOOKS.glob("*.yml") if path.stem not in ELSEWHERE
    }
    assert len(TEMPLATES) == len(DATA["awx_job_templates"])


@pytest.mark.parametrize("name", [*TEMPLATES, DATA["awx_workflow"]["name"]])
def test_awx_takes_each_survey(name: str) -> None:
    assert rules.survey(survey(TEMPLATES.get(name, DATA["awx_workflow"]))) == []


@pytest.mark.parametrize("name", TEMPLATES)
def test_each_survey_asks_for_what_its_playbook_uses(name: str) -> None:
    item = TEMPLATES[name]
    text = (ROOT / item["playbook"]).read_text()
    for kind in ("import_playbook", "include_tasks", "include_role"):
        for found in re.findall(rf"{kind}:\s+(?:name: flexops\.fortiflex\.)?(\S+)", text):
            files = (
                (ROOT / "roles" / found).rglob("*.yml")
                if kind == "include_role"
                else [PLAYBOOKS / found]
            )
            text += "".join(path.read_text() for path in files)
    # What the playbooks of roles and license_fleet take by a prefix and a list of options.
    options = {
        f"fortiflex_{option}"
        for option in re.findall(r"\w+", "".join(re.findall(r"account_options: \[(.*)\]", text)))
    }
    mine = json.dumps(item.get("extra_vars", {}))
    for variable in [question["variable"] for question in item["survey"]] + list(
        item.get("extra_vars", {})
    ):
        assert (
            variable in options
            or re.search(rf"\b{variable}\b", text)
            or re.search(rf"{{{{[^}}]*\b{variable}\b", mine)
        ), f"{name}: {variable}"


@pytest.mark.parametrize("name", TYPES)
def test_awx_takes_each_credential_type(name: str) -> None:
    assert rules.credential_type(TYPES[name]["inputs"], TYPES[name]["injectors"]) == []
    assert "extra_vars" not in TYPES[name]["injectors"]
    assert all(
        bool(field.get("secret")) is ("password" in field["id"])
        for field in TYPES[name]["inputs"]["fields"]
    )


def test_the_credential_has_the_inputs_of_its_type() -> None:
    credential = DATA["awx_credential"]
    assert set(credential["inputs"]) == {
        field["id"] for field in TYPES[credential["credential_type"]]["inputs"]["fields"]
    }


def test_choices_and_bounds_are_those_of_the_catalogue() -> None:
    product = snapshot().product("fortigate_vm_bundle")
    asked = {
        question["variable"]: question for item in TEMPLATES.values() for question in item["survey"]
    }
    cpus, package = product.parameter("cpus"), product.parameter("service_package")
    assert cpus and package
    assert (asked["cpus"]["min"], asked["cpus"]["max"]) == (cpus.minimum, cpus.maximum)
    assert asked["service_package"]["choices"] == list(package.choices)
    for name in ("FortiFlex autoscale", "FortiFlex onboard tenant"):
        variables = TEMPLATES[name]["extra_vars"]
        (made,) = variables.get("fortiflex_configurations") or variables["tenant_configurations"]
        assert made["product"] == product.key and set(made["parameters"]) == {
            "cpus",
            "service_package",
        }


def test_awx_takes_notifications_and_schedules() -> None:
    names = {item["name"] for item in DATA["awx_notifications"]}
    for item in DATA["awx_notifications"]:
        assert rules.messages(item["messages"]) == [], item["name"]
    for item in [*TEMPLATES.values(), DATA["awx_workflow"]]:
        assert {
            *item.get("notify_success", []),
            *item.get("notify_error", []),
            *item.get("notify_approvals", []),
        } <= names
    for item in DATA["awx_schedules"]:
        assert rules.rrule(item["rrule"]) == [], item["name"]
        questions = {
            question["variable"]: question for question in TEMPLATES[item["template"]]["survey"]
        }
        assert all("default" in question for question in questions.values()), (
            "a schedule has nobody to ask"
        )
        assert [
            text
            for variable, value in item.get("extra_data", {}).items()
            for text in rules.answer(questions[variable], value)
        ] == []


def test_the_plan_says_what_it_costs_in_its_notification() -> None:
    (priced,) = (
        item["messages"]["success"]
        for item in DATA["awx_notifications"]
        if item["name"] == "FortiFlex plan priced"
    )
    job = {
        "id": 7,
        "artifacts": {
            "fortiflex_points_per_day_before": 10.5,
            "fortiflex_points_per_day_after": 12.0,
            "fortiflex_plan": {
                "2000001": {
                    "points_per_day_before": 10.5,
                    "points_per_day_after": 12.0,
                    "changes": ["a", "b"],
                }
            },
        },
    }
    assert (
        rules.filled(priced["message"], job=job)
        == "FortiFlex: 10.5 points a day now, 12.0 after the plan of job 7"
    )
    body = " ".join(rules.filled(priced["body"], job=job, url="https://awx/7").split())
    assert body == (
        "Account 2000001: 10.5 -> 12.0 points a day, changes: 2 What changes: https://awx/7"
    )


def test_the_workflow_leads_from_the_plan_by_an_approval_to_the_license() -> None:
    nodes = {node["identifier"]: node for node in DATA["awx_workflow"]["nodes"]}
    assert [node.get("success") for node in nodes.values()] == [*list(nodes)[1:], None]
    assert [node.get("job_template", "approval") for node in nodes.values()] == [
        "FortiFlex plan",
        "approval",
        "FortiFlex license fleet",
        "FortiFlex usage report",
    ]
    plan, license_fleet = TEMPLATES["FortiFlex plan"], TEMPLATES["FortiFlex license fleet"]
    assert plan["job_type"] == "check" and "job_type" not in license_fleet
    assert all(
        plan[key] == license_fleet[key]
        for key in ("playbook", "extra_vars", "survey", "ask_limit_on_launch")
    )


def test_nothing_is_pruned_in_slices() -> None:
    assert [text for item in TEMPLATES.values() for text in rules.job_template(item)] == []


def test_the_page_names_every_job_template() -> None:
    page = (ROOT / "docs" / "awx.md").read_text()
    assert [
        name
        for name in [*TEMPLATES, *(item["name"] for item in DATA["awx_schedules"])]
        if name.removeprefix("FortiFlex ") not in page
    ] == []


@pytest.mark.parametrize(
    ("check", "broken"),
    [
        (rules.survey, {"name": "", "description": "", "spec": []}),
        (rules.survey, {"description": "", "spec": [QUESTION]}),
        *(
            (
                lambda question: rules.survey({"name": "", "description": "", "spec": [question]}),
                broken,
            )
            for broken in (
                {**QUESTION, "type": "number"},
                {**QUESTION, "default": "2"},
                {**QUESTION, "default": 4},
                {**QUESTION, "default": True},
                {**QUESTION, "min": 0.5},
                {**QUESTION, "min": 9},
                {**QUESTION, "required": "yes"},
                {**QUESTION, "variable": "a-b"},
                {"variable": "size", "type": "text", "required": True},
                {**QUESTION, "type": "float", "min": 0.5, "default": 1.0},
                {**QUESTION, "type": "text", "default": "long"},
                {**CHOICE, "default": "l"},
                {**CHOICE, "choices": []},
                {**CHOICE, "type": "multiselect"},
                {**CHOICE, "choices": "s\nm", "default": "l"},
                {**QUESTION, "type": "password", "default": "ab"},
            )
        ),
        (
            lambda spec: rules.survey({"name": "", "description": "", "spec": spec}),
            [QUESTION, QUESTION],
        ),
        *(
            (lambda both: rules.credential_type({"fields": both[0]}, both[1]), broken)
            for broken in (
                ([FIELD], {"env": {"PASSWORD": "{{ pasword }}"}}),
                ([FIELD], {"env": {"ANSIBLE_CONFIG": "x"}}),
                ([FIELD], {"env": {"PATH": "x"}}),
                ([FIELD], {"extra_vars": {"password": "{{ password }}"}}),
                ([FIELD], {"env": {"PASSWORD": "{{ password"}}),
                ([FIELD], {"environment": {}}),
                ([{**FIELD, "default": "secret"}], {}),
                ([FIELD, FIELD], {}),
                ([{**FIELD, "id": "tower"}], {}),
                ([{**FIELD, "type": "boolean"}], {}),
                ([{"id": "size", "label": "Size", "type": "integer"}], {}),
                ([{"id": "size"}], {}),
                ([{**FIELD, "min": 1}], {}),
            )
        ),
        (
            lambda inputs: rules.credential_type(inputs, {}),
            {"fields": [FIELD], "required": ["username"]},
        ),
        (rules.messages, {"success": {"message": "{{ job.artifacts.points }}"}}),
        (rules.messages, {"success": {"message": "two\nlines"}}),
        (rules.messages, {"succeeded": {"message": "ok"}}),
        (rules.messages, {"workflow_approval": {"running": {"message": "{{ job.name }}"}}}),
        (rules.messages, {"workflow_approval": {"asked": {"message": "ok"}}}),
        (rules.rrule, "DTSTART:20270101T020000 RRULE:FREQ=DAILY;INTERVAL=1"),
        (rules.rrule, "DTSTART;TZID=America/Los_Angeles:20270101T020000 RRULE:FREQ=DAILY"),
        (
            rules.rrule,
            "DTSTART;TZID=America/Los_Angeles:20271301T020000 RRULE:FREQ=DAILY;INTERVAL=1",
        ),
        (
            rules.rrule,
            "DTSTART;TZID=America/Los_Angeles:20270101T020000 RRULE:FREQ=SECONDLY;INTERVAL=1",
        ),
        (
            rules.rrule,
            "DTSTART;TZID=America/Los_Angeles:20270101T020000 RRULE:FREQ=MONTHLY;INTERVAL=1;BYDAY=1MO",
        ),
        (rules.rrule, "RRULE:FREQ=DAILY;INTERVAL=1"),
        (
            rules.job_template,
            {
                "name": "fleet",
                "job_slice_count": 3,
                "extra_vars": {"fortiflex_prune": {"names": ["*"]}},
            },
        ),
        (
            rules.job_template,
            {"name": "plan", "job_slice_count": 3, "extra_vars": {"fortiflex_estimate": True}},
        ),
    ],
)
def test_what_awx_refuses_is_refused(check: Callable[[Any], list[str]], broken: Any) -> None:
    assert check(broken)
