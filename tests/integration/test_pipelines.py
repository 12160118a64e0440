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


@pytest.fixture
def api() -> Iterator[Forge]:
    """GitHub's and GitLab's API, with more comments than one page of it has. One pretends to be the pipeline's, and would allow any cost."""
    with forge() as there:
        for number in range(120):
            there.add(f"comment {number}", STRANGER)
        there.add('<!-- flexops.fortiflex plan {"2000001":9999} -->', STRANGER)
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

    api.merged.append(runner.commit())
    apply = runner.start("push")
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

    api.add(f'<!-- flexops.fortiflex plan {{"2000001":{PRICE}}} -->', PIPELINE)
    api.merged.append(unseen)  # dearer than the plan that was commented
    refused = runner.start("push")
    assert refused.rc == 2 and told("text", "the plan costs").strip() in refused.output, (
        refused.output
    )
    assert flex.writes() == 0

    by_hand = runner.start("workflow_dispatch")
    assert by_hand.rc == 0 and sorted(runner.controller.licensed()) == ["lima", "oslo"], (
        by_hand.output
    )


def test_the_one_comment_is_updated_also_by_a_plan_that_fails(
    runner: Runner, api: Forge, flex: Simulator
) -> None:
    api.add(f'<!-- flexops.fortiflex plan {{"2000001":{PRICE}}} -->', PIPELINE)
    api.merged.append(have(runner, fortiflex_sites=sites("oslo", fortiflex_configuration="branhc")))
    assert runner.start("pull_request").rc == 1
    assert (
        isinstance(runner, GitHub) or runner.start("schedule").rc == 1
    )  # which is the same step there
    (comment,) = api.ours()
    assert "the plan failed" in comment and "! 'oslo': configuration 'branhc'" in comment
    assert runner.start("push").rc == 1 and flex.writes() == 0


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


def test_a_text_cannot_leave_its_code_block_and_what_is_no_plan_is_one_sentence(
    tmp_path: Path,
) -> None:
    file = tmp_path / "plan.json"
    script = [sys.executable, str(ROOT / "extensions" / "ci" / "fortiflex_plan.py")]

    def tell(verb: str, plan: str) -> subprocess.CompletedProcess[str]:
        file.write_text(plan)
        return subprocess.run(
            [*script, verb, str(file)],
            check=False,
            capture_output=True,
            text=True,
            env={"PATH": str(BIN)},
        )

    change = {
        "action": "create",
        "kind": "entitlement",
        "name": "oslo",
        "text": "tag\n```\n# Approved",
    }
    shown = tell(
        "show",
        json.dumps(
            {"fortiflex_plan": {"2000001": {"changed": True, "create": 1, "changes": [change]}}}
        ),
    )
    assert shown.stdout.count("\n```") == 2 and "\n# Approved" not in shown.stdout
    for verb, plan, told in (
        ("show", '{"fortiflex', "is no plan"),
        ("drift", "[]", "is no plan"),
        ("comment", "{}", "is not set: this runs in jobs of"),
    ):
        refused = tell(verb, plan)
        assert (refused.returncode, len(refused.stderr.splitlines())) == (
            1,
            1,
        ) and told in refused.stderr


def test_one_comment_for_any_number_of_changes(api: Forge, tmp_path: Path) -> None:
    changes = [
        {
            "action": "create",
            "kind": "entitlement",
            "name": f"site-{number}",
            "text": "branch, PENDING",
        }
        for number in range(3000)
    ]
    cost = dict.fromkeys(
        ("points_per_day_before", "points_per_day_after", "points_per_day_pending"), 1.0
    )
    account = {"changed": True, "create": 3000, "changes": changes, **cost}
    file = tmp_path / "plan.json"
    file.write_text(
        json.dumps(
            {
                "fortiflex_plan": {
                    "2000001": account,
                    "2000002": {**account, "changes": [], "changed": False},
                }
            }
        )
    )
    env = {
        "GITLAB_TOKEN": TOKEN,
        "CI_API_V4_URL": api.url,
        "CI_PROJECT_ID": "42",
        "CI_MERGE_REQUEST_IID": "7",
        "CI_JOB_URL": "-",
        "CI_COMMIT_SHA": "0",
    }
    script = ["python", str(ROOT / "extensions" / "ci" / "fortiflex_plan.py"), "comment", str(file)]
    subprocess.run(script, check=True, env={"PATH": str(BIN), **env})
    (comment,) = api.ours()
    assert (
        len(comment) < 65_536
        and comment.count("```") == 2
        and comment.rstrip().endswith("[Log](-)")
        and "The log has the rest." in comment
    )
    assert comment.startswith('<!-- flexops.fortiflex plan {"2000001":1.0,"2000002":1.0} -->\n')
