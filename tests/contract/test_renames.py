# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A site that is renamed keeps its license, and a plan that would make a second one for it says so."""

from __future__ import annotations

from typing import Any

import pytest
from contract.harness import Controller

SITE = {"name": "oslo-2", "configuration": "small"}


@pytest.fixture
def account(controller: Controller) -> Controller:
    """An account in which oslo has an ACTIVE license."""
    small = controller.configuration()
    controller.flex.seed(
        [{"configId": small, "description": "oslo [region=north]", "status": "ACTIVE"}]
    )
    return controller


def held(controller: Controller) -> dict[str, str]:
    """The status of each description."""
    return {item["description"]: item["status"] for item in controller.entitlements().values()}


@pytest.mark.parametrize("module", ["flex_entitlement", "flex_fleet"])
def test_a_renamed_site_keeps_its_license_by_one_write(account: Controller, module: str) -> None:
    wanted = {**SITE, "was": "oslo"}
    options: dict[str, Any] = wanted if module == "flex_entitlement" else {"entitlements": [wanted]}
    for check in (True, False):
        result = account.run(module, check=check, **options)
        assert result["changed"]
        if module == "flex_fleet":
            (change,) = result["changes"]
            assert (change["action"], change["text"]) == ("change", "name oslo -> oslo-2")
        else:
            assert result["action"] == "change"
        assert account.writes() == (0 if check else 1)
    assert held(account) == {"oslo-2 [region=north]": "ACTIVE"}
    assert not account.run(module, **options)["changed"] and account.writes() == 0


@pytest.mark.parametrize(
    ("state", "after"),
    [("stopped", {"oslo-2 [region=north]": "STOPPED"}), ("absent", {"[spare]": "STOPPED"})],
)
def test_the_state_counts_for_what_has_the_former_name(
    account: Controller, state: str, after: dict[str, str]
) -> None:
    wanted = {**SITE, "was": "oslo", "state": state}
    assert account.run("flex_entitlement", **wanted)["changed"] and held(account) == after
    assert not account.run("flex_entitlement", **wanted)["changed"]


def test_without_a_license_of_the_former_name_it_is_a_new_site(account: Controller) -> None:
    assert account.run("flex_entitlement", **SITE, was="rome")["action"] == "create"
    assert account.run("flex_entitlement", **SITE, was="oslo")["action"] == "unchanged"
    assert held(account) == {"oslo [region=north]": "ACTIVE", "oslo-2": "PENDING"}


@pytest.mark.parametrize("kind", ["reset_after", "reset_before", "truncated_json"])
def test_a_rename_whose_answer_is_lost_makes_nothing_twice(account: Controller, kind: str) -> None:
    account.flex.faults([{"path": "entitlements/update", "kind": kind}])
    assert account.run("flex_entitlement", **SITE, was="oslo")["changed"]
    assert held(account) == {"oslo-2 [region=north]": "ACTIVE"}


def test_a_service_that_stores_another_text_makes_no_second_license(account: Controller) -> None:
    (oslo,) = account.entitlements()
    account.flex.patch(oslo, description="oslo")
    account.flex.settings(description_cut=10)
    wanted = {"name": "a-longer-name", "configuration": "small", "was": "oslo"}
    for _time in range(2):
        assert account.run("flex_entitlement", **wanted)["failed"]
        assert held(account) == {"oslo": "ACTIVE"}


@pytest.mark.parametrize(
    ("items", "told"),
    [
        ([{**SITE, "was": "oslo"}, {"name": "oslo", "configuration": "small"}], "is listed, too"),
        ([{**SITE, "was": "oslo"}, {"name": "b", "was": "oslo"}], "of another one, too"),
        ([{**SITE, "was": "oslo-2"}], "was is the name itself"),
        ([{**SITE, "was": "a [b]"}], "was: the name"),
        ([{**SITE, "was": 34}], "arrived as the number 34"),
        ([{"serial_number": "FGVMMLTM26000001", "was": "oslo"}], "was needs a name"),
    ],
)
def test_what_is_wrong_with_a_former_name(
    account: Controller, items: list[dict[str, Any]], told: str
) -> None:
    result = account.run_raw("flex_fleet", {"entitlements": items})
    assert result["failed"] and told in result["msg"], result["msg"]
    assert account.writes() == 0


def test_two_of_the_former_name(account: Controller) -> None:
    (oslo,) = account.entitlements().values()
    account.flex.seed([{"configId": oslo["configId"], "description": "oslo", "status": "ACTIVE"}])
    result = account.run("flex_entitlement", **SITE, was="oslo")
    assert "its former name 'oslo' is held by" in result["msg"] and account.writes() == 0


def test_prune_leaves_the_former_name_to_its_site(account: Controller) -> None:
    result = account.run(
        "flex_fleet",
        entitlements=[{**SITE, "was": "oslo"}],
        prune={"names": ["*"]},
        max_prune="100%",
    )
    assert result["pruned"] == [] and held(account) == {"oslo-2 [region=north]": "ACTIVE"}


def test_a_plan_that_may_forget_a_rename_says_so(
    account: Controller, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = {"entitlements": [SITE]}
    refused = account.run("flex_fleet", **wanted, refuse_renames=True)
    told = "'oslo-2' is new, and 'oslo' (FGVMMLTM"  # and the year
    assert refused["failed"] and told in refused["msg"] and "set was: oslo" in refused["msg"]
    assert account.writes() == 0
    capsys.readouterr()
    assert account.run("flex_fleet", check=True, **wanted)["changed"]
    shown = " ".join(capsys.readouterr().out.split())
    assert f"! Perhaps renamed: {told}" in shown and "Also in this account: 1 license" in shown
    (unlisted,) = account.run("flex_fleet", **wanted)["unlisted"]
    assert (unlisted["name"], unlisted["configuration"]) == ("oslo", "small")
    assert account.run("flex_fleet", **wanted, report_unlisted=False)["unlisted"] == []


def test_many_licenses_of_nobody_are_a_few_lines(
    account: Controller, capsys: pytest.CaptureFixture[str]
) -> None:
    (oslo,) = account.entitlements().values()
    account.flex.seed(
        [
            {"configId": oslo["configId"], "description": f"depot-{number}", "status": "ACTIVE"}
            for number in range(300)
        ]
    )
    new = [{"name": f"site-{number}", "configuration": "small"} for number in range(20)]
    account.run("flex_fleet", check=True, entitlements=[SITE, *new])
    shown = capsys.readouterr().out
    lines = [line for line in shown.splitlines() if line.startswith("! Perhaps renamed")]
    assert "'oslo-2' is new, and 'oslo'" in " ".join(shown.split())
    assert len(lines) == 4 and lines[-1] == "! Perhaps renamed: 18 more."
    assert "301 licenses are charged and belong to no site of this run" in " ".join(shown.split())
