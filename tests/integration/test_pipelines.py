# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pipelines for GitHub Actions and GitLab CI: their scripts really run, for a repository with an inventory, against the local FortiFlex."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from integration.ci import PIPELINE, STRANGER, TOKEN, Forge, GitHub, GitLab, Runner, forge, git
from integration.playbook import BIN, ROOT, Controller
from unit.forge import APPROVED, MARKDOWN, PLAN, packed, unpacked

from simulator.launch import Simulator

LOCK = ROOT / "extensions" / "ci" / "requirements.lock"
PRICE = 5.11  # points a day of one site, in the local FortiFlex
CONFIGURATIONS = [
    {
        "name": "branch",
        "product": "fortigate_vm_bundle",
        "parameters": {"cpus": 2, "service_package": "UTP"},
    }
]


@pytest.fixture(scope="module")
def tarball(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The collection as it is published."""
    directory = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [BIN / "ansible-galaxy", "collection", "build", "--output-path", directory, ROOT],
        check=True,
        capture_output=True,
    )
    return next(directory.glob("*.tar.gz"))


EARLIER = f"<!-- flexops.fortiflex plan {packed({'2000001': APPROVED})} -->"  # a comment


@pytest.fixture
def api() -> Iterator[Forge]:
    """GitHub's and GitLab's API, with more comments than one page of it has. One pretends to be the pipeline's, and has another plan."""
    with forge() as there:
        for number in range(120):
            there.add(f"comment {number}", STRANGER)
        there.add(EARLIER, STRANGER)
        yield there


@pytest.fixture(params=[GitHub, GitLab])
def runner(
    request: pytest.FixtureRequest, controller: Controller, api: Forge, tarball: Path
) -> Runner:
    """A repository with an inventory, and what runs its pipeline. What its first job installs serves all others."""
    repository = controller.directory / "repository"
    (repository / "inventory").mkdir(parents=True)
    (repository / "requirements.yml").write_text(
        json.dumps({"collections": [{"name": str(tarball), "type": "file"}]})
    )
    shutil.copy(LOCK, repository / "requirements.lock")
    git(repository, "init", "-q", "-b", "main")
    found: Runner = request.param(
        controller, api, repository, installed=tarball.parent / "collections"
    )
    return found


def have(runner: Runner, **inventory: Any) -> str:
    """Commit an inventory; answers the commit."""
    (runner.repository / "inventory" / "hosts.json").write_text(json.dumps(inventory))
    git(runner.repository, "add", ".")
    git(runner.repository, "commit", "-q", "-m", "Change the inventory")
    return runner.commit()


def sites(*names: str, **variables: Any) -> dict[str, Any]:
    """An inventory of sites."""
    return {
        "hosts": {name: {} for name in names},
        "vars": {
            "fortiflex_configurations": CONFIGURATIONS,
            "fortiflex_configuration": "branch",
            **variables,
        },
    }


def told(kind: str, start: str) -> str:
    """The block of docs/ci.md that begins like this."""
    blocks = re.findall(
        rf"^(```+){kind}\n(.*?)^\1$",
        (ROOT / "docs" / "ci.md").read_text(),
        re.MULTILINE | re.DOTALL,
    )
    return next(text for _fence, text in blocks if text.startswith(start))


def test_a_change_is_planned_commented_applied_and_watched(
    runner: Runner, api: Forge, flex: Simulator
) -> None:
    have(runner, **yaml.safe_load(told("yaml", "# inventory/hosts.yml")))
    plan = runner.start("pull_request")
    assert plan.rc == 0 and flex.writes() == 0, plan.output
    (comment,) = api.ours()
    assert (
        told("markdown", "###").strip()
        == comment.partition("\n")[2].partition("\n[Log]")[0].strip()
    )

    found = unpacked(comment)["2000001"]
    names = [(change["name"], change["action"]) for change in found["changes"]]
    assert found["points_per_day_after"] == 2 * PRICE and names == [
        ("branch", "create"),
        ("branch-oslo", "create"),
        ("branch-lima", "create"),
    ]
    assert "text" not in json.dumps(found)
    page = (runner.workspace / "plan.html").read_text()
    assert page.startswith("<!DOCTYPE html>") and "Creates 2 licenses" in page

    api.merged.append(runner.commit())
    apply = runner.start("push")
    assert "FortiFlex: what was done" in (runner.workspace / "plan.html").read_text()
    assert apply.rc == 0 and sorted(runner.controller.licensed()) == [
        "branch-lima",
        "branch-oslo",
    ], apply.output

    for machine in flex.state()["entitlements"]:
        flex.redeem(machine["token"])
    assert runner.start("schedule").rc == 0
    oslo = next(
        machine
        for machine in flex.state()["entitlements"]
        if machine["description"] == "branch-oslo"
    )
    flex.patch(oslo["serialNumber"], status="STOPPED")
    drift = runner.start("schedule")
    assert drift.rc == 2, drift.output
    block = told("text", "  ~ start").replace("FGVMMLTM26000001", oslo["serialNumber"])
    shown = block.splitlines()
    assert [line for line in shown if line not in drift.output] == []

    secrets = [
        TOKEN,
        "demo-password",
        *(machine["token"] for machine in flex.state()["entitlements"]),
    ]
    seen = "".join(run.output for run in runner.runs) + "".join(api.ours())
    assert not [secret for secret in secrets if secret in seen]


def test_what_nobody_has_seen_is_not_applied(runner: Runner, api: Forge, flex: Simulator) -> None:
    unseen = have(runner, fortiflex_sites=sites("oslo", "lima"))
    refused = runner.start("push")
    assert refused.rc == 1 and f"Nobody has seen a plan of commit {unseen[:8]}" in refused.output, (
        refused.output
    )

    have(runner, fortiflex_sites=sites("branch-oslo"))
    assert runner.start("pull_request").rc == 0
    api.merged.append(have(runner, fortiflex_sites=sites("branch-oslo", "branch-rome")))
    refused = runner.start("push")
    assert refused.rc == 2 and told("text", "1 change would").strip() in refused.output, (
        refused.output
    )
    assert flex.writes() == 0

    by_hand = runner.start("workflow_dispatch")
    assert by_hand.rc == 0, by_hand.output
    assert sorted(runner.controller.licensed()) == ["branch-oslo", "branch-rome"]


def test_a_plan_is_not_swapped_for_another_that_costs_the_same(
    runner: Runner, api: Forge, flex: Simulator
) -> None:
    tagged = sites("oslo", fortiflex_tags={"region": "west"})
    api.merged.append(have(runner, fortiflex_sites=sites("oslo")))
    assert runner.start("pull_request").rc == 0 and runner.start("push").rc == 0
    have(runner, fortiflex_sites=tagged)
    assert runner.start("pull_request").rc == 0
    tagged["vars"]["fortiflex_tags"]["region"] = "east"
    api.merged.append(have(runner, fortiflex_sites=tagged))
    refused = runner.start("push")
    assert refused.rc == 2 and "is not in the plan: change entitlement 'oslo'" in refused.output
    assert list(runner.controller.licensed()) == ["oslo"]


def test_the_one_comment_is_updated_also_by_a_plan_that_fails(
    runner: Runner, api: Forge, flex: Simulator
) -> None:
    api.add(EARLIER, PIPELINE)
    api.merged.append(have(runner, fortiflex_sites=sites("oslo", fortiflex_configuration="branhc")))
    assert runner.start("pull_request").rc == 1
    assert (
        isinstance(runner, GitHub) or runner.start("schedule").rc == 1
    )  # which is the same step there
    (comment,) = api.ours()
    assert comment.startswith("<!-- flexops.fortiflex plan  -->\n")
    assert "the plan failed" in comment and "! 'oslo': configuration 'branhc'" in comment
    assert runner.start("push").rc == 1 and flex.writes() == 0


def test_a_plan_in_the_repository_is_not_that_of_the_job(runner: Runner, api: Forge) -> None:
    (runner.repository / "plan.json").write_text(json.dumps({"fortiflex_plan": {"2000001": PLAN}}))
    (runner.repository / "plan.md").write_text(MARKDOWN)
    differing = sites("oslo", "lima")
    differing["hosts"]["lima"] = {"fortiflex_max_new": 1}  # which ends the run before it has a plan
    have(runner, fortiflex_sites=differing)
    assert runner.start("pull_request").rc == 1
    (comment,) = api.ours()
    assert comment.startswith("<!-- flexops.fortiflex plan  -->\n### FortiFlex: the plan failed")
    assert "There is no plan in plan.json" in comment


def test_the_pipelines_fit_their_schemas_and_install_the_same() -> None:
    for file, schema in (
        ("github.yml", "vendor.github-workflows"),
        ("gitlab.yml", "vendor.gitlab-ci"),
    ):
        subprocess.run(
            [
                BIN / "check-jsonschema",
                "--builtin-schema",
                schema,
                ROOT / "extensions" / "ci" / file,
            ],
            check=True,
        )
    github = next(
        step["run"]
        for step in GitHub.workflow["jobs"]["plan"]["steps"]
        if step.get("name", "").startswith("Install")
    )
    assert github.splitlines() == GitLab.pipeline[".fortiflex"]["before_script"]


@pytest.mark.thorough  # fetches packages
def test_what_a_job_installs_by_hash_carries_out_the_collection(
    tarball: Path, tmp_path: Path
) -> None:
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "job"], check=True)
    (install, collect) = GitLab.pipeline[".fortiflex"]["before_script"]
    shutil.copy(LOCK, tmp_path)
    (tmp_path / "requirements.yml").write_text(
        json.dumps({"collections": [{"name": str(tarball), "type": "file"}]})
    )
    listing = "ansible-doc -t module flexops.fortiflex.flex_fleet"
    outside = {"PATH": f"{tmp_path / 'job' / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ANSIBLE_", "PYTHON"))
    }
    done = subprocess.run(
        ["bash", "-e", "-c", f"{install}\n{collect}\n{listing}; python -c 'import requests'"],
        cwd=tmp_path,
        env={**inherited, **outside, "ANSIBLE_COLLECTIONS_PATH": "collections"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0 and "max_points_per_day" in done.stdout, done.stdout + done.stderr
