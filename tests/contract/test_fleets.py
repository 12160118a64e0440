# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fleets of several accounts in one task: each is what a task of its own would be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from contract.harness import CONFIGURATION, Controller

from ansible_collections.flexops.fortiflex.plugins.module_utils.files import write_file
from ansible_collections.flexops.fortiflex.plugins.module_utils.given import GUARDS
from ansible_collections.flexops.fortiflex.plugins.module_utils.task.options import FLEET
from ansible_collections.flexops.fortiflex.plugins.plugin_utils import _plan_files as plan_files

ACCOUNTS = (2000001, 2000002)


def fleet(account: int, **more: Any) -> dict[str, Any]:
    """A site of an account."""
    site = {"name": f"site-{account}", "configuration": "small"}
    common = {"account_id": account, "hosts": ["a"], "configurations": [CONFIGURATION]}
    return {**common, "entitlements": [site], **more}


def run(controller: Controller, *fleets: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The result of a task of these fleets."""
    return controller.run_raw("flex_fleet", {"fleets": list(fleets), **more})


def test_each_account_has_its_own_result_and_the_task_their_sums(controller: Controller) -> None:
    done = run(controller, *map(fleet, ACCOUNTS))
    assert done["changed"] and done["plan"]["create"] == 2
    assert list(done["accounts"]) == [str(account) for account in ACCOUNTS]
    for account in ACCOUNTS:
        assert list(done["accounts"][str(account)]["entitlements"]) == [f"site-{account}"]
    assert not run(controller, *map(fleet, ACCOUNTS))["changed"]


def test_one_that_fails_keeps_no_other_back(controller: Controller) -> None:
    done = run(controller, fleet(2000001, max_new=0), fleet(2000002))
    assert done["failed"] and done["msg"].startswith("Account 2000001: the plan creates")
    assert [item["accountId"] for item in controller.entitlements().values()] == [2000002]
    assert "entitlements" not in done["accounts"]["2000002"], "which would drown the message"


@pytest.mark.parametrize("guard", sorted(GUARDS & FLEET.keys()))
@pytest.mark.parametrize("blank", ["", "  ", None])
def test_an_empty_guard_of_one_fleet_lifts_nothing(
    controller: Controller, guard: str, blank: Any
) -> None:
    result = run(controller, fleet(2000001, **{guard: blank}))
    assert result["failed"] and f"{guard} is empty" in result["msg"] and controller.writes() == 0


def test_what_a_fleet_leaves_open_is_that_of_the_task(controller: Controller) -> None:
    refused = run(controller, fleet(2000001, program=None, max_points_per_day=1000), max_new=0)
    assert "more than max_new=0" in refused["msg"] and controller.writes() == 0
    odd = run(controller, fleet(2000001, entitlments=[]))
    assert "entitlments is unknown; did you mean entitlements?" in odd["msg"]


@pytest.mark.parametrize("fleets", [["x"], "x", [1]])
def test_what_is_no_fleet(controller: Controller, fleets: Any) -> None:
    result = controller.run_raw("flex_fleet", {"fleets": fleets})
    assert result["failed"] and "fleets" in result["msg"]
    assert controller.flex.requests()["total"] == 0


def test_the_plan_as_a_file_and_for_a_later_run(controller: Controller, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    fleets = [*map(fleet, ACCOUNTS)]
    options = {"fleets": fleets, "plan_file": str(path), "publish_plan": True}
    planned = controller.run_raw("flex_fleet", options, check=True)
    assert path.stat().st_mode & 0o777 == 0o600
    kept = json.loads(path.read_text())["fortiflex_plan"]
    assert [kept[str(account)]["create"] for account in ACCOUNTS] == [1, 1]
    published = planned["ansible_stats"]["data"]["fortiflex_plan"]
    for key in ("points_per_day_after", "digest", "changes"):
        assert published["2000001"][key] == kept["2000001"][key]

    other = run(controller, *fleets, fleet(2000003), plan=kept)
    assert "in the plan, which has nothing of account 2000003" in other["msg"], other["msg"]
    accounts = {item["accountId"] for item in controller.entitlements().values()}
    assert accounts == set(ACCOUNTS)
    for empty in ("", None):
        assert "plan is empty" in run(controller, *fleets, plan=empty)["msg"]


@pytest.mark.parametrize("check", [True, False])
def test_a_plan_is_written_in_each_format(
    controller: Controller, tmp_path: Path, check: bool
) -> None:
    paths = [tmp_path / f"plan.{ending}" for ending in ("json", "md", "html", "HTML")]
    files = ",".join(map(str, paths))  # as -e fortiflex_plan_file=plan.json,plan.md
    options = {
        "fleets": [fleet(2000001), fleet(2000002, max_new=0)],
        "plan_file": files,
        "account_aliases": {"bakery": 2000001},
    }
    controller.run_raw("flex_fleet", options, check=check)
    data, markdown, page, other = (path.read_text() for path in paths)
    assert [path.stat().st_mode & 0o777 for path in paths] == [0o600] * 4 and page == other
    kept = json.loads(data)["fortiflex_plan"]
    assert kept["2000001"]["create"] == 1 and "max_new=0" in kept["2000002"]["error"]
    title, made = ("the plan failed", "Creates") if check else ("the run failed", "Created")
    assert markdown.startswith(f"### FortiFlex: {title}\n")
    assert f"**{made} 1 license and 1 configuration, which can never be deleted.**" in markdown
    for shown in (markdown, page):
        assert "bakery (2000001)" in shown and "site-2000001" in shown and "max_new=0" in shown
    assert page.startswith("<!DOCTYPE html>") and made in page


def test_a_plan_of_one_account_without_fleets_is_written(
    controller: Controller, tmp_path: Path
) -> None:
    options = {key: fleet(2000001)[key] for key in ("configurations", "entitlements")}
    path = tmp_path / "plan.md"
    controller.run_raw("flex_fleet", {**options, "plan_file": [str(path)]}, check=True)
    assert "+ create   entitlement    site-2000001" in path.read_text()

    controller.run_raw("flex_fleet", options)
    (number,) = controller.entitlements()
    options["entitlements"][0]["tags"] = {"region": "west"}
    files = [str(path), str(tmp_path / "plan.html")]
    controller.run_raw("flex_fleet", {**options, "plan_file": files}, check=True)
    line = f"~ change   entitlement    site-2000001  {number}  tags {{}} -> {{region=west}}"
    assert line in path.read_text()
    assert f'<td class="serial">{number}</td>' in (tmp_path / "plan.html").read_text()


ODD_FILES = {
    "another ending": (["plan.json", "plan.txt"], "'{}/plan.txt' has none of the endings"),
    "no ending": (["plan"], "'{}/plan' has none of the endings .json, .md, .html; give it one"),
    "only an ending": ([".json"], "'{}/.json' has none of the endings"),
    "none": ([""], "has none of the endings"),
    "twice": (["plan.md", "plan.json", "plan.md"], "'{}/plan.md' is listed twice"),
    "twice by another way": (["plan.md", "x/../plan.md"], "'{}/x/../plan.md' is listed twice"),
    "no directory": (["no/plan.json"], "{}/no/plan.json cannot be written (No such file"),
    "below a file": (["file/plan.json"], "{}/file/plan.json cannot be written (Not a dir"),
    "a directory": (["x.html"], "{}/x.html cannot be written (Is a directory); name another file"),
}


@pytest.mark.parametrize("odd", ODD_FILES)
def test_an_odd_file_for_a_plan_is_refused_before_anything_is_sent(
    controller: Controller, tmp_path: Path, odd: str
) -> None:
    (tmp_path / "x.html").mkdir()
    (tmp_path / "file").touch()
    names, message = ODD_FILES[odd]
    files = [f"{tmp_path}/{name}" if name else "" for name in names]
    refused = run(controller, fleet(2000001), plan_file=files)
    assert refused["failed"] and message.format(tmp_path) in refused["msg"], refused["msg"]
    assert controller.flex.requests()["total"] == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "x.html"]


def test_a_file_that_cannot_be_written_keeps_no_other_back(
    controller: Controller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, text: str) -> None:
        if path.suffix == ".json":
            raise OSError(28, "No space left on device")
        write_file(path, text)

    monkeypatch.setattr(plan_files, "write_file", full)
    files = [str(tmp_path / name) for name in ("plan.json", "plan.md")]
    failed = run(controller, fleet(2000001), plan_file=files)
    assert f"{files[0]} cannot be written (No space left on device)" in failed["msg"]
    assert (tmp_path / "plan.md").exists() and not (tmp_path / "plan.json").exists()
