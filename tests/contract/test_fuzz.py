# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Odd answers of every endpoint through every module and the lookups: each ends with a result or a sentence, never with a traceback.

What once went wrong stands in odd_answers.json and is tried each time. tests/faults/hostile.py does the same for what flex_fleet writes.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from contract.harness import Controller
from contract.test_documentation import NAMES
from faults.harness import wire
from faults.hostile import mutate
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ansible_collections.flexops.fortiflex.plugins.module_utils.errors import FlexError
from ansible_collections.flexops.fortiflex.plugins.module_utils.task.task import Task
from ansible_collections.flexops.fortiflex.plugins.plugin_utils.lookups import entitlements

KEPT = json.loads((Path(__file__).parent / "odd_answers.json").read_text(encoding="utf-8"))
SHARE = 0.4  # of the answers of a run
LOOKUP = "a lookup"


def options(account: Controller, name: str) -> dict[str, Any]:
    """The least that a module needs so that it asks FortiFlex for all that it can use."""
    given: dict[str, dict[str, Any]] = {
        "flex_configuration": {
            "name": "branch",
            "product": "fortigate_vm_bundle",
            "parameters": {"cpus": 4, "service_package": "UTP"},
        },
        "flex_cost_info": {"configuration": "branch"},
        "flex_device_license": {
            "name": "oslo",
            "device_url": f"{account.flex.url}/device/oslo",
            "device_token": "demo-device-token",
            "reboot_timeout": 1,
            "active_timeout": 1,
        },
        "flex_entitlement": {"name": "new", "configuration": "branch", "fresh_token": "always"},
        "flex_entitlement_transfer": {"names": ["oslo"], "target_account_id": 2000002},
        "flex_fleet": {
            "entitlements": [{"name": "oslo", "configuration": "other"}],
            "spares": {"branch": 1},
            "estimate": True,
        },
        "flex_points_info": {"accounts": ["all"], "budget": 5},
        "flex_product_info": {"catalogue": "live"},
        "flex_usage_ledger": {"ledger": str(account.state_dir / "usage.sqlite3")},
        "flex_usage_report": {
            "ledger": str(account.state_dir / "usage.sqlite3"),
            "directory": str(account.state_dir / "reports"),
            "formats": ["json", "csv", "prometheus"],
        },
    }
    return given.get(name, {})


def begin(account: Controller) -> None:
    """What every run finds."""
    account.flex.reset()
    branch, other = (account.configuration(name) for name in ("branch", "other"))
    account.flex.seed(
        [
            {"configId": branch, "description": "oslo", "status": "ACTIVE"},
            {"configId": other, "description": "lima [region=west]", "status": "STOPPED"},
        ]
    )


def run(account: Controller, name: str) -> str:
    """How a module or a lookup ended; an exception is a defect."""
    if name == LOOKUP:
        task = Task({**account.connection(), "max_age": 0.0}, False, account.clock, print)
        try:
            return json.dumps(entitlements(task, ["oslo"]))
        except FlexError as error:
            return str(error)
    result = account.run(name, **options(account, name))
    return str(result.get("msg", "")) if result.get("failed") else json.dumps(result)


@settings(
    deadline=None,
    derandomize=True,
    max_examples=4,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(seed=st.integers(0, 2**32))
@pytest.mark.parametrize("name", [*NAMES, LOOKUP])
def test_a_few_odd_answers(controller: Controller, name: str, seed: int) -> None:
    attempt(controller, name, seed)


@pytest.mark.thorough
@settings(
    deadline=None,
    max_examples=150,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(seed=st.integers(0, 2**32))
@pytest.mark.parametrize("name", [*NAMES, LOOKUP])
def test_many_odd_answers(controller: Controller, name: str, seed: int) -> None:
    attempt(controller, name, seed)


def attempt(account: Controller, name: str, seed: int) -> None:
    """One run with answers of which some are mutated."""
    chance = random.Random(seed)
    mutated: list[tuple[str, str]] = []

    def send(real: Any, request: requests.PreparedRequest) -> requests.Response:
        response: requests.Response = real(request)
        if chance.random() < SHARE and (changed := mutate(response.content, chance)):
            response._content = changed[0]
            mutated.append((str(request.path_url), changed[1]))
        return response

    begin(account)
    with wire(send):
        said = run(account, name)
    assert "Traceback" not in said, mutated


def kept() -> Iterator[Any]:
    """Each answer that is kept, for each module."""
    for number, (endpoint, answer) in enumerate(KEPT):
        for name in (*NAMES, LOOKUP):
            yield pytest.param(name, endpoint, answer, id=f"{name}-{endpoint}-{number}")


@pytest.mark.parametrize(("name", "endpoint", "answer"), list(kept()))
def test_what_once_went_wrong(
    controller: Controller, name: str, endpoint: str, answer: str
) -> None:
    def send(real: Any, request: requests.PreparedRequest) -> requests.Response:
        response: requests.Response = real(request)
        if str(request.path_url).endswith(endpoint):
            response.content  # noqa: B018  (reads it)
            response._content = answer.encode()
        return response

    begin(controller)
    with wire(send):
        assert "Traceback" not in run(controller, name)
