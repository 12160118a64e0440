# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A change of a configuration touches nothing outside the list of its task: each change, with each thing that can stand on a configuration."""

from __future__ import annotations

import re
from typing import Any

import pytest
from contract.harness import Controller
from contract.test_devices import EMS, HARDWARE, serial

# What stands on the configuration beside the task's own 'site', and how a refusal calls it; "" if it does not count.
BESIDE: dict[str, tuple[dict[str, Any], str]] = {
    "active": ({"description": "kobe", "status": "ACTIVE"}, "'kobe' (FGVM"),
    "pending": ({"description": "kobe", "status": "PENDING"}, "'kobe' (FGVM"),
    "stopped": ({"description": "kobe", "status": "STOPPED"}, "'kobe' (FGVM"),
    "in grace": ({"description": "kobe", "status": "GRACE_PERIOD"}, "'kobe' (FGVM"),
    "tagged": ({"description": "kobe [a=b]", "status": "ACTIVE"}, "'kobe' (FGVM"),
    "of others": ({"description": "[kobe", "status": "PENDING"}, "FGVM"),
    "not described": ({"description": "", "status": "ACTIVE"}, "FGVM"),
    "expired": ({"description": "kobe", "status": "EXPIRED"}, ""),
    "spare": ({"description": "[spare]", "status": "PENDING"}, ""),
    "stopped spare": ({"description": "[spare]", "status": "STOPPED"}, ""),
    "claim": ({"description": "[claim kobe 0a1b2c3d]", "status": "STOPPED"}, ""),
    "free to take": ({"description": "", "status": "PENDING"}, ""),
    "listed": ({"description": "site", "status": "ACTIVE"}, ""),
}
# What is asked of the configuration, its status before, and whether that touches what stands on it.
CHANGES: dict[str, tuple[dict[str, Any], str, bool]] = {
    "parameters": ({"name": "small", "parameters": {"cpus": 4}}, "ACTIVE", True),
    "disable": ({"name": "small", "state": "disabled"}, "ACTIVE", True),
    "enable": ({"name": "small", "state": "active"}, "DISABLED", True),
    "all at once": (
        {"id": 0, "name": "tiny", "state": "active", "parameters": {"cpus": 4}},
        "DISABLED",
        True,
    ),
    "name": ({"id": 0, "name": "tiny"}, "ACTIVE", False),
    "nothing": ({"name": "small", "parameters": {"cpus": 2}}, "ACTIVE", False),
}
LIMITS: dict[str, dict[str, Any]] = {
    "limit": {"ansible_limit": "site"},
    "slice": {"awx_job_template_name": "plan", "awx_workflow_job_name": "plan"},
}
LISTED = [{"name": "site"}]


def prepare(controller: Controller, change: str, *items: dict[str, Any]) -> dict[str, Any]:
    """The configuration with these entitlements on it; the options of the change come back."""
    asked, status, _touches = CHANGES[change]
    number = controller.configuration("small", status=status)
    controller.flex.seed([{"configId": number, **item} for item in items])
    return {**asked, "id": number} if "id" in asked else asked


def refused(result: dict[str, Any], shown: str) -> bool:
    """Whether a change is refused because of one that is shown so."""
    message = "the change would touch 1 entitlement outside the list of this run"
    return bool(result.get("failed")) and f"{message} ({shown}" in result["msg"]


@pytest.mark.parametrize("beside", BESIDE)
@pytest.mark.parametrize("change", CHANGES)
def test_what_is_not_listed_is_not_touched(
    controller: Controller, change: str, beside: str
) -> None:
    item, shown = BESIDE[beside]
    asked = prepare(controller, change, item)
    options = {"configurations": [asked], "entitlements": LISTED[: beside == "listed"]}
    counts = bool(shown) and CHANGES[change][2]
    for check in (True, False):
        result = controller.run("flex_fleet", check=check, **options)
        assert refused(result, shown) if counts else not result.get("failed"), result
        if counts or check:
            assert controller.writes() == 0
    if counts:
        allowed = controller.run("flex_fleet", allow_outside_limit=True, **options)
        assert not allowed.get("failed") and allowed["changed"]


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("change", [change for change, asked in CHANGES.items() if asked[2]])
def test_in_a_limited_play_the_task_itself_cannot_allow_it(
    controller: Controller, change: str, limit: str
) -> None:
    asked = prepare(controller, change, {"description": "kobe", "status": "ACTIVE"})
    task_vars = {**LIMITS[limit], "fortiflex_allow_outside_limit": True}
    options = {"configurations": [asked], "allow_outside_limit": True, "task_vars": task_vars}
    for check in (True, False):
        assert refused(controller.run("flex_fleet", check=check, **options), "'kobe' (FGVM")
    assert controller.writes() == 0


@pytest.mark.parametrize("change", CHANGES)
def test_without_a_list_everything_is_outside(controller: Controller, change: str) -> None:
    item = {"description": "kobe", "status": "ACTIVE"}
    asked, touches = prepare(controller, change, item), CHANGES[change][2]
    for check in (True, False):
        result = controller.run(
            "flex_configuration", check=check, allow_outside_limit=False, **asked
        )
        assert refused(result, "'kobe' (FGVM") if touches else not result.get("failed"), result
        if touches or check:
            assert controller.writes() == 0
    for allowed in (None, True):  # in a play that is not limited, there is no limit
        result = controller.run(
            "flex_configuration", check=True, allow_outside_limit=allowed, **asked
        )
        assert not result.get("failed"), result


@pytest.mark.parametrize("product", [HARDWARE, EMS], ids=lambda product: str(product["name"]))
def test_what_has_no_name_counts_by_its_serial_number(
    controller: Controller, product: dict[str, Any]
) -> None:
    name = product["name"]
    wanted: dict[str, Any] = {"configuration": name}
    wanted |= {"serial_number": serial(1)} if name == "hw" else {"name": "endpoints"}
    controller.run("flex_fleet", configurations=[product], entitlements=[wanted])
    (number,) = controller.entitlements()
    if name != "hw":
        controller.flex.patch(number, description="")
    controller.writes()
    disabled = {"configurations": [{"name": name, "state": "disabled"}]}
    assert refused(controller.run("flex_fleet", **disabled), number)
    assert controller.writes() == 0
    own = {"entitlements": [{"serial_number": number, "state": "stopped"}]}
    done = controller.run("flex_fleet", **disabled, **own)
    assert not done.get("failed") and done["configurations"][0]["status"] == "DISABLED"


def test_what_is_pruned_is_the_runs_own(controller: Controller) -> None:
    names = ("site", "kobe")
    asked = prepare(
        controller, "parameters", *({"description": name, "status": "ACTIVE"} for name in names)
    )
    options = {"configurations": [asked], "entitlements": LISTED}
    assert refused(controller.run("flex_fleet", **options), "'kobe' (FGVM")
    pruned = controller.run("flex_fleet", prune={"names": ["*"]}, max_prune="1", **options)
    assert not pruned.get("failed") and pruned["pruned"] == ["kobe"]
    assert pruned["configurations_plan"] == {"create": 0, "change": 1, "unchanged": 0}


def test_max_affected_lifts_nothing_and_stays_a_brake(controller: Controller) -> None:
    names = [f"site-{number}" for number in range(7)]
    asked = prepare(
        controller, "parameters", *({"description": name, "status": "ACTIVE"} for name in names)
    )
    many = {"configurations": [{**asked, "max_affected": 100}]}
    shown = "'site-0', 'site-1', 'site-2', 'site-3', 'site-4' and 2 more"
    assert (
        f"the change would touch 7 entitlements outside the list of this run ({shown})"
        in re.sub(r" \(FG\w+\)", "", controller.run("flex_fleet", **many)["msg"])
    )
    few = {"configurations": [{**asked, "max_affected": 6}]}
    both = controller.run("flex_fleet", **few)["msg"]
    assert "more than max_affected=6" in both and "outside the list of this run" in both
    braked = controller.run("flex_fleet", allow_outside_limit=True, **few)["msg"]
    assert "more than max_affected=6" in braked and "outside the list" not in braked
    listed = [{"name": name} for name in names]
    braked = controller.run("flex_fleet", entitlements=listed, **few)["msg"]
    assert "more than max_affected=6" in braked and "outside the list" not in braked
    assert controller.writes() == 0
    assert controller.run("flex_fleet", entitlements=listed, **many)["changed"]
