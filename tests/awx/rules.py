# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWX 24.6 refuses, and what would go wrong later: each function answers sentences, none if all is well."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, TypeGuard

from jinja2 import StrictUndefined, TemplateError, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

TYPES: dict[str, type | tuple[type, ...]] = {
    "text": str,
    "textarea": str,
    "password": str,
    "multiplechoice": str,
    "multiselect": str,
    "integer": int,
    "float": (float, int),
}
VARIABLE = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
TAKEN = {
    "PATH",
    "PYTHONPATH",
    "VIRTUAL_ENV",
    "JOB_ID",
    "INVENTORY_ID",
    "AWX_HOST",
    "PROJECT_REVISION",
    "MAX_EVENT_RES",
    "CACHE",
}


def survey(spec: Any) -> list[str]:
    """Of a whole survey."""
    if (
        not isinstance(spec, dict)
        or not all(isinstance(spec.get(field), str) for field in ("name", "description"))
        or not spec.get("spec")
    ):
        return ["a survey needs the texts name and description, and a list of questions"]
    variables = [item.get("variable") for item in spec["spec"]]
    twice = [
        f"{name} is asked for twice"
        for name in sorted({str(name) for name in variables if variables.count(name) > 1})
    ]
    return twice + [
        f"{item.get('variable')}: {text}" for item in spec["spec"] for text in _question(item)
    ]


def _question(item: Mapping[str, Any]) -> Iterator[str]:
    for field, kind in (
        ("type", str),
        ("question_name", str),
        ("variable", str),
        ("required", bool),
    ):
        if not isinstance(item.get(field), kind):
            yield f"{field} is missing, or no {kind.__name__}"
            return
    if not VARIABLE.fullmatch(item["variable"]):
        yield "is no name of a variable"
    kind = item["type"]
    if kind not in TYPES:
        yield f"there is no type {kind}"
        return
    limits = [item[word] for word in ("min", "max") if item.get(word) is not None]
    if not all(_is_whole(limit) for limit in limits):
        yield "min and max must be whole numbers, also of a float"
    elif limits != sorted(limits):
        yield "min is greater than max"
    if kind in ("multiplechoice", "multiselect") and not choices(item):
        yield "has no choices"
    if "default" in item:
        yield from answer(item, item["default"])
        if kind == "password":
            yield "a password with a default would be in the files of this repository"


def choices(item: Mapping[str, Any]) -> list[str]:
    """The choices of a question, which are a list or lines."""
    found = item.get("choices", [])
    return (
        [line for line in found.splitlines() if line.strip()]
        if isinstance(found, str)
        else list(found)
    )


def answer(item: Mapping[str, Any], value: Any) -> Iterator[str]:
    """Of one answer, or default: AWX drops a default that breaks these rules without a word."""
    kind, least, most = item["type"], item.get("min"), item.get("max")
    fits = isinstance(value, list if kind == "multiselect" else TYPES[kind]) and not isinstance(
        value, bool
    )
    if not fits:
        yield f"{value!r} is no {kind}"
        return
    if kind in ("multiplechoice", "multiselect"):
        yield from (
            f"{chosen!r} is none of the choices"
            for chosen in (value if isinstance(value, list) else [value])
            if chosen not in choices(item)
        )
        return
    size = len(value) if isinstance(value, str) else value
    if (_is_whole(least) and size < least) or (_is_whole(most) and size > most):
        yield f"{value!r} is out of bounds"


def credential_type(inputs: Mapping[str, Any], injectors: Mapping[str, Any]) -> list[str]:
    """Of a custom credential type."""
    problems = []
    fields = inputs.get("fields", [])
    ids = [field.get("id") for field in fields]
    allowed = {
        "id",
        "label",
        "type",
        "secret",
        "help_text",
        "default",
        "multiline",
        "choices",
        "format",
        "ask_at_runtime",
    }
    for field in fields:
        name = field.get("id", "")
        if not VARIABLE.fullmatch(name) or name == "tower" or ids.count(name) > 1:
            problems.append(f"{name}: a name of a variable, only once, and not tower")
        if (
            "label" not in field
            or not field.keys() <= allowed
            or field.get("type", "string") not in ("string", "boolean")
        ):
            problems.append(
                f"{name}: needs a label and the type string or boolean, and may only have {', '.join(sorted(allowed))}"
            )
        if field.get("type") == "boolean" and field.keys() & {
            "secret",
            "choices",
            "multiline",
            "format",
        }:
            problems.append(f"{name}: a boolean cannot be secret, and has no choices")
        if "default" in field and (
            field.get("secret")
            or not isinstance(field["default"], bool if field.get("type") == "boolean" else str)
        ):
            problems.append(f"{name}: a default is of the type of the field, and a secret has none")
    problems += [
        f"{name}: required, but no field" for name in inputs.get("required", []) if name not in ids
    ]
    secret = {field["id"] for field in fields if field.get("secret")}
    for kind, found in injectors.items():
        if kind not in ("env", "file", "extra_vars"):
            problems.append(f"there are no injectors {kind}")
            continue
        for key, template in found.items():
            if kind == "env" and (
                key.startswith("ANSIBLE_") or key in TAKEN or not VARIABLE.fullmatch(key)
            ):
                problems.append(f"{key}: AWX does not let a credential set it")
            if kind == "env" and not template.isascii():
                problems.append(f"{key}: not only ASCII")
            if kind == "extra_vars" and any(name in template for name in secret):
                problems.append(
                    f"{key}: a secret in an extra variable is shown at higher verbosity"
                )
            problems += [
                f"{key}: {text}"
                for text in _template(template, dict.fromkeys(ids, "example"), StrictUndefined)
            ]
    return problems


def environment(injectors: Mapping[str, Any], inputs: Mapping[str, str]) -> dict[str, str]:
    """The environment that a job gets from a credential; what is not set is empty."""
    sandbox = ImmutableSandboxedEnvironment()
    return {
        key: sandbox.from_string(template).render(**inputs)
        for key, template in injectors["env"].items()
    }


class _Told(StrictUndefined):
    """Also an attribute of something undefined is an error, as where AWX checks messages."""


def messages(found: Mapping[str, Any]) -> list[str]:
    """Of the messages of a notification template, which AWX fills in with an example job that has no artifacts."""
    stub = {
        "job": {
            "id": 42,
            "name": "Stub",
            "status": "running",
            "artifacts": {},
            "failed": False,
            "playbook": "ping.yml",
            "job_explanation": "",
        },
        "url": "https://platformhost/",
        "job_friendly_name": "Job",
        "job_metadata": "{}",
        "approval_status": "approved",
        "approval_node_name": "Approve Me",
        "workflow_url": "https://platformhost/",
    }
    problems: list[str] = []
    for event, said in found.items():
        if event not in ("started", "success", "error", "workflow_approval"):
            problems.append(f"there is no event {event}")
            continue
        parts = said.items() if event == "workflow_approval" else [(event, said)]
        for name, texts in parts:
            if event == "workflow_approval" and name not in (
                "running",
                "approved",
                "timed_out",
                "denied",
            ):
                problems.append(f"there is no approval event {name}")
            for kind, text in texts.items():
                if kind not in ("message", "body") or (kind == "message" and "\n" in text):
                    problems.append(f"{name}: only message, of one line, and body")
                # An approval is told with another set of values than a job.
                known = {
                    key: value
                    for key, value in stub.items()
                    if event != "workflow_approval" or key != "job"
                }
                problems += [f"{name}: {problem}" for problem in _template(text, known, _Told)]
    return problems


def filled(text: str, **values: Any) -> str:
    """A message as it is sent."""
    return ImmutableSandboxedEnvironment().from_string(text).render(**values)


def rrule(text: str) -> list[str]:
    """Of the rule of a schedule."""
    start = re.fullmatch(r"DTSTART(;TZID=[A-Za-z_/]+)?:(\d{8}T\d{6})(Z?) RRULE:(\S+)", text)
    if start is None:
        return ["one DTSTART and one RRULE, with a blank between them"]
    problems = [] if bool(start[1]) != bool(start[3]) else ["DTSTART needs either a TZID or a Z"]
    try:
        datetime.strptime(f"{start[2]}Z", "%Y%m%dT%H%M%S%z")
    except ValueError:
        problems.append(f"{start[2]} is no time")
    parts = dict(part.split("=", 1) for part in start[4].split(";"))
    if "INTERVAL" not in parts or parts.get("FREQ") not in (
        "MINUTELY",
        "HOURLY",
        "DAILY",
        "WEEKLY",
        "MONTHLY",
        "YEARLY",
    ):
        problems.append("needs INTERVAL and a FREQ that AWX knows")
    if (
        re.match(r"[+-]?\d", parts.get("BYDAY", ""))
        or {"COUNT", "UNTIL"} <= parts.keys()
        or parts.keys() & {"BYYEARDAY", "BYWEEKNO", "BYEASTER"}
    ):
        problems.append("AWX refuses numbers in BYDAY, and COUNT with UNTIL")
    return problems


def job_template(item: Mapping[str, Any]) -> list[str]:
    """What AWX allows and what would not work: a slice does not know the sites of the others, so it must not prune, nor publish a plan for an approval."""
    if item.get("job_slice_count", 1) == 1:
        return []
    text = str(item.get("extra_vars", {}))
    return [f"{item['name']}: {word} in slices" for word in ("prune", "estimate") if word in text]


def _template(text: str, values: Mapping[str, Any], undefined: type[Undefined]) -> list[str]:
    try:
        ImmutableSandboxedEnvironment(undefined=undefined).from_string(text).render(**values)
    except TemplateError as error:
        return [str(error)]
    return []


def _is_whole(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)
