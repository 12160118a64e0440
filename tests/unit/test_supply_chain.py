# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""That make lint finds what is not pinned, may too much, or shows a secret: in each file that it looks at, and in each way to write it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from supply_chain import ROOT, Part, check, locks, parts, pins, problems

PARTS = list(parts(ROOT))
HASH = "0123456789abcdef" * 4
ACTION = f"actions/checkout@{HASH[:40]}  # v6.1.0"


def test_this_repository_is_pinned() -> None:
    assert check(ROOT) == []
    languages = {part.language for part in PARTS}
    assert languages == {"yaml", "json", "shell", "make"}


def spoiled() -> Iterator[tuple[str, Part]]:
    """Each part of this repository that has something pinned, without that."""
    ways: dict[str, Callable[[str], str]] = {
        "a tag": lambda text: re.sub(r"@[0-9a-f]{40}  # (v\d+)[.\d]*", r"@\1", text),
        "no version": lambda text: re.sub(r"(@[0-9a-f]{40})  # v[.\d]+", r"\1", text),
        "a short commit": lambda text: re.sub(r"(@[0-9a-f]{12})[0-9a-f]{28}\b", r"\1", text),
        "no digest": lambda text: re.sub(r"@sha256:[0-9a-f]{64}", "", text),
        "a short digest": lambda text: re.sub(r"(@sha256:[0-9a-f]{12})[0-9a-f]+", r"\1", text),
        "no permissions": lambda text: re.sub(r"    permissions:\n(      .*\n)+", "", text),
        "all permissions": lambda text: re.sub(
            r"permissions:\n(      .*\n)+", "permissions: write-all\n", text
        ),
        "general permissions": lambda text: text.replace(
            "\npermissions: {}", "\npermissions:\n  contents: write"
        ),
        "a token left": lambda text: text.replace("persist-credentials: false", ""),
        "no hashes": lambda text: re.sub(r"--require-hashes|\$\(BY_HASH\)", "-r", text),
    }
    for part in PARTS:
        for way, spoil in ways.items():
            if (text := spoil(part.text)) != part.text:
                yield way, Part(part.file, part.language, text)


@pytest.mark.parametrize(
    ("way", "part"), [pytest.param(*c, id=f"{c[1].file}-{c[0]}") for c in spoiled()]
)
def test_each_pin_of_this_repository_is_checked(way: str, part: Part) -> None:
    assert list(problems(part)), f"{part.file} may have {way}"


def test_the_files_with_pins_are_those_that_are_checked() -> None:
    files = {part.file for _way, part in spoiled()}
    assert files >= {
        ".devcontainer/devcontainer.json",
        ".github/workflows/check.yml",
        ".github/workflows/release.yml",
        "Makefile",
        "execution-environment.yml",
        "extensions/ci/github.yml",
        "extensions/ci/gitlab.yml",
    }


def workflow(**job: object) -> str:
    """A workflow of one job."""
    usual = {"runs-on": "ubuntu-24.04", "permissions": {}, "steps": []}
    return yaml.safe_dump({"on": "push", "permissions": {}, "jobs": {"a": {**usual, **job}}})


def step(run: str, **env: str) -> str:
    """A workflow of one command."""
    return workflow(steps=[{"run": run, "env": env}])


def gitlab(*lines: str, **others: object) -> str:
    """A pipeline of one job."""
    job = {"image": f"python@sha256:{HASH}", "script": list(lines), **others}
    return yaml.safe_dump({"a": {key: value for key, value in job.items() if value}})


BAD = {
    "an action at a branch": "steps:\n  - uses: acme/x@main",
    "an action at a tag": "- uses: acme/x@v1.2.3  # v1.2.3",
    "a reusable workflow": "jobs: {a: {uses: acme/x/.github/workflows/y.yml@v1}}",
    "an action without a version": f"- uses: acme/x@{HASH[:40]}",
    "an action of a branch": f"- uses: acme/x@{HASH[:40]}  # main",
    "an action as an image": "- {uses: 'docker://alpine:3.20'}",
    "an image of GitLab": "image: python:3.13",
    "an image with options": "a: {image: {name: 'python:3.13', entrypoint: ['']}}",
    "an image without a tag": "a: {image: python}",
    "a default image": "default: {image: python:3.13}",
    "a service": "a: {services: ['postgres:17']}",
    "a service with a name": "a: {services: [{name: 'postgres:17', alias: db}]}",
    "services of GitHub": "services: {db: {image: 'postgres:17'}}",
    "a container": "container: python:3.13",
    "a container with options": "container: {image: 'python:3.13'}",
    "a base image": "images: {base_image: {name: 'redhat/ubi9:latest'}}",
    "a digest of nonsense": "image: python@sha256:latest",
    "a job without an image": gitlab("true", image=None),
    "a moving runner": workflow(**{"runs-on": "ubuntu-latest"}),
    "a job without permissions": workflow(permissions=None),
    "a job that may do all": workflow(permissions="write-all"),
    "a job that may read all": workflow(permissions="read-all"),
    "a checkout that leaves its token": workflow(steps=[{"uses": ACTION.partition(" ")[0]}]),
    "a secret in a script": step("deploy ${{ secrets.KEY }}"),
    "a title in a script": step('echo "${{ github.event.pull_request.title }}"'),
    "a token as an argument": step('deploy --key "$GALAXY_TOKEN"'),
    "a token in an option": step("deploy --key=${GALAXY_TOKEN}"),
    "a secret by another name": step("deploy $X", X="${{ secrets.KEY }}"),
    "the token of the job": step("deploy $X", X="${{ github.token }}"),
    "a secret of the job": workflow(env={"X": "${{ secrets.K }}"}, steps=[{"run": "deploy $X"}]),
    "a secret of all jobs": "env: {X: '${{ secrets.K }}'}\n" + step("deploy $X"),
    "a header": step("curl -H 'Authorization: Bearer abc' https://a.example"),
    "a token in an address": step("git clone https://ada:abc@a.example/x"),
    "over two lines": step("deploy \\\n  --key \\\n  $GALAXY_TOKEN"),
    "after another command": step('X=1; cd x && deploy "$GALAXY_TOKEN"'),
    "in a pipe": step('echo a | deploy "$GALAXY_TOKEN"'),
    "a token of GitLab": gitlab('curl -H "PRIVATE-TOKEN: $X" a.example'),
    "a password of GitLab": gitlab("deploy -p $FORTIFLEX_ACCESS_PASSWORD"),
    "before a script": gitlab("true", before_script=["deploy $GITLAB_TOKEN"]),
    "after a script": gitlab("true", after_script="deploy $GITLAB_TOKEN"),
    "installed without hashes": step("pip install ansible-core==2.19.0"),
    "installed by Python": step("python3 -m pip install -q ansible-core"),
    "installed by uv": gitlab("uv pip install -r requirements.txt"),
    "downloaded and run": step("curl -fsSL https://a.example/install.sh | sudo bash -s -- -y"),
    "an expression in an action": "runs: {using: composite, steps: [{run: 'x ${{ inputs.a }}'}]}",
    "all secrets handed on": workflow(secrets="inherit"),
    "a pipeline of a branch": "include: [{project: acme/x, ref: main, file: a.yml}]",
    "a pipeline of no branch": "include: {project: acme/x, file: a.yml}",
    "a component of a version": "include: [{component: gitlab.example/acme/x/y@1.0}]",
    "a remote pipeline": "include: [{remote: 'https://a.example/x.yml'}]",
    "no YAML": "a: b: c",
}


@pytest.mark.parametrize("bad", BAD)
def test_what_is_bad_is_found(bad: str) -> None:
    assert list(problems(Part("a.yml", "yaml", BAD[bad])))


@pytest.mark.parametrize(
    "good",
    [
        f"steps:\n  - uses: {ACTION}",
        f"steps:\n  - name: a\n    uses: {ACTION}",
        "- uses: ./.github/actions/own",
        f"- {{uses: 'docker://alpine@sha256:{HASH}'}}",
        'image: "{{ fortiflex_ee_image }}"',
        "image: $IMAGE",
        workflow(),
        workflow(permissions={"contents": "read"}),
        step('test -n "$GALAXY_TOKEN" && deploy', GALAXY_TOKEN="${{ secrets.KEY }}"),
        step('if [ "$GALAXY_TOKEN" = "" ]; then exit 1; fi'),
        step('KEY="$GALAXY_TOKEN" deploy  # never $GALAXY_TOKEN as an argument'),
        step('printf %s "$GALAXY_TOKEN" | deploy --key -'),
        step("pip install --require-hashes -r requirements.lock"),
        gitlab("git clone https://a.example/x", "deploy $CI_COMMIT_SHA"),
        "a: !vault |\n  secret",
        f"include: [{{local: a.yml}}, {{project: acme/x, ref: {HASH[:40]}, file: a.yml}}]",
        f"include: {{component: gitlab.example/acme/x/y@{HASH[:40]}}}",
        "include: {remote: 'https://a.example/x.yml', integrity: sha256-x}",
        step("curl -fsSL https://a.example/x | jq ."),
    ],
)
def test_what_is_good_is_not(good: str) -> None:
    assert list(problems(Part("a.yml", "yaml", good))) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("docs/a.md", "```yaml\nimage: python:3.13\n```\n"),
        ("docs/a.md", "1. So:\n\n   ```yaml\n   image: python:3.13\n   ```\n"),
        ("docs/a.md", '```console\n$ deploy "$GALAXY_TOKEN"\n```\n'),
        ("docs/a.md", '````json\n{"image": "python:3.13"}\n````\n'),
        ("docs/a.md", "```dockerfile\nFROM python:3.13 AS x\n```\n"),
        ("a/Containerfile", "FROM --platform=linux/amd64 python:3.13\n"),
        ("a/Dockerfile", "FROM python:3.13\n"),
        (".github/workflows/new.yaml", step("true").replace("permissions: {}\n", "")),
        (".gitlab-ci.yml", gitlab("true", image="python")),
        (".devcontainer/devcontainer.json", '{"features": {"ghcr.io/x/java:1": {}}}'),
        ("Makefile", "a:\n\tpip install x\n"),
        (".ci/new", '#!/usr/bin/env bash\npip install "$X"\n'),
        ("new.sh", "deploy --token abc\n"),
        ("new.lock", "a==1\n"),
        ("new.lock", f"b==1 --hash=sha256:{HASH}\n"),
        ("new.lock", f"a==2 --hash=sha256:{HASH}\n"),
    ],
)
def test_it_is_found_wherever_it_is(tmp_path: Path, name: str, text: str) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / "new.txt").write_text("a<2\n")
    (tmp_path / "new.lock").write_text(f"a==1 \\\n    --hash=sha256:{HASH}\n")
    assert check(tmp_path) == []
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    (problem, *_others) = check(tmp_path)
    assert problem.startswith(name)


def test_one_action_has_one_pin() -> None:
    other = Part("b.yml", "yaml", f"- uses: {ACTION.replace('012', '112')}")
    assert "pinned in 2 ways" in next(pins([Part("a.yml", "yaml", f"- uses: {ACTION}"), other]))


def test_each_list_has_its_lock() -> None:
    assert list(locks(ROOT)) == []
    made = re.findall(r"^LOCKS\w* := (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert {f"{name}.lock" for line in made for name in line.split()} == {
        path.relative_to(ROOT).as_posix()
        for path in ROOT.glob("**/*.lock")
        if not {".build", ".venv"} & set(path.parts)
    }
