# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An error about a program or an account that is missing says which ones the API user sees, for one reading request at most."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from contract.harness import CONFIGURATION, Controller

from ansible_collections.flexops.fortiflex.plugins.module_utils.errors import InvalidInput
from ansible_collections.flexops.fortiflex.plugins.plugin_utils.watch import (
    LifecycleWatch,
    UsageWatch,
    Watch,
)

ROOT = Path(__file__).parents[2]
PROGRAMS = "programs ELAVMR0000000100, ELAVMS0000000200"
MISSING = "program is missing: set it, or the environment variable FORTIFLEX_PROGRAM"
# What a task needs so that nothing else is wrong with it.
NEEDED: dict[str, dict[str, Any]] = {
    "flex_configuration": CONFIGURATION,
    "flex_cost_info": {"configuration": "small"},
    "flex_device_license": {"name": "oslo", "device_url": "https://192.0.2.1", "device_token": "x"},
    "flex_entitlement": {"name": "oslo"},
    "flex_entitlement_transfer": {"names": ["oslo"], "target_account_id": "2000002"},
    "flex_usage_ledger": {"ledger": "ledger.sqlite3"},
}
# They name no program, read none of FortiFlex, or show all that the user sees.
WITHOUT = {"flex_access_info", "flex_product_info", "flex_program_info", "flex_usage_report"}
MODULES = sorted(path.stem for path in ROOT.glob("plugins/modules/*.py"))


def options_of(module: str, tmp_path: Path) -> dict[str, Any]:
    """The options of a module with which nothing is wrong."""
    found = dict(NEEDED.get(module, {}))
    return found | ({"ledger": str(tmp_path / "ledger.sqlite3")} if "ledger" in found else {})


def calls(controller: Controller) -> dict[str, int]:
    """What was sent."""
    return dict(controller.flex.requests()["by_path"])


@pytest.mark.parametrize("module", [name for name in MODULES if name not in WITHOUT])
def test_a_missing_program(controller: Controller, tmp_path: Path, module: str) -> None:
    result = controller.run_raw(module, {**options_of(module, tmp_path), "program": None})
    assert result["msg"] == f"{MISSING}; this API user sees {PROGRAMS}."
    assert result["error_code"] == "invalid_input" and result["requests"]["made"] == 2
    assert calls(controller) == {"login": 1, "programs/list": 1}


@pytest.mark.parametrize("source", [LifecycleWatch, UsageWatch])
def test_a_missing_program_of_an_event_source(controller: Controller, source: type[Watch]) -> None:
    options = {key: value for key, value in controller.connection().items() if key != "program"}
    with pytest.raises(InvalidInput) as refused:
        source(options, controller.clock)
    assert str(refused.value) == f"{MISSING}; this API user sees {PROGRAMS}."


@pytest.mark.parametrize("module", [name for name in MODULES if name not in WITHOUT])
def test_an_account_that_is_none(controller: Controller, tmp_path: Path, module: str) -> None:
    controller.configuration("small")
    controller.configuration("small", accountId=2000002)
    result = controller.run(
        module,
        **options_of(module, tmp_path),
        account_aliases={"bakery": 2000002},
        account_id="acme",
    )
    assert result["msg"] == (
        "account_id: 'acme' is no account number and no alias (bakery); "
        "in ELAVMS0000000200 this API user sees accounts 2000001, bakery (2000002)."
    )
    assert calls(controller) == {"login": 1, "configs/list": 1}


@pytest.mark.parametrize("module", ["flex_entitlement_info", "flex_fleet", "flex_points_info"])
def test_an_account_that_is_denied(controller: Controller, module: str) -> None:
    controller.configuration("small", accountId=2000002)
    for account, reason in (
        (None, "; account_id is missing, so it was the owner's, 2000001"),
        (2000001, ""),
    ):
        message = controller.run(module, username="tenant-2-only", account_id=account)["msg"]
        assert message.endswith(
            f"permissions of the user{reason}; in ELAVMS0000000200 this API user sees account 2000002."
        )


def test_only_accounts_that_are_allowed(controller: Controller) -> None:
    controller.configuration("small")
    controller.configuration("small", accountId=2000002)
    message = controller.run(
        "flex_entitlement_info", account_id="acme", allowed_accounts=["2000002"]
    )["msg"]
    assert "sees account 2000002." in message


FAULTS = ["denied", "http_401", "html_502", "unknown_shape", "refused", "reset_before", "null"]


@pytest.mark.parametrize("kind", FAULTS)
@pytest.mark.parametrize("path", ["login", "programs/list"])
def test_if_that_fails_the_sentence_is_as_it_was(
    controller: Controller, path: str, kind: str
) -> None:
    if (path, kind) == ("login", "null"):
        kind = "empty"  # there is no list in the answer of a login
    controller.flex.faults([{"path": path, "kind": kind, "always": True}])
    before = controller.clock.slept
    result = controller.run_raw("flex_entitlement_info", {"program": None})
    assert result["msg"] == f"{MISSING}."
    assert controller.clock.slept == before and calls(controller).get("programs/list", 0) <= 2


@pytest.mark.parametrize(
    "options",
    [
        {"password": "wrong"},
        {"username": None},
        {"requests_per_minute": 0},
        {"account_id": "acme"},
        {"api_url": "http://192.0.2.1"},
    ],
)
def test_nothing_is_asked_in_vain(controller: Controller, options: dict[str, Any]) -> None:
    result = controller.run_raw("flex_entitlement_info", {"program": None, **options})
    assert MISSING in result["msg"] and "this API user sees" not in result["msg"]
    assert not calls(controller).keys() - {"login"}
    assert calls(controller).get("login", 0) == (1 if "password" in options else 0)


def test_a_spent_budget_is_not_waited_for(controller: Controller) -> None:
    one = {"requests_per_minute": 2}
    assert controller.run("flex_program_info", balance=False, **one)["programs"]
    result = controller.run_raw("flex_entitlement_info", {"program": None, **one})
    assert result["msg"] == f"{MISSING}." and controller.clock.slept == 0
