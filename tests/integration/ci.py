# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-ins for GitHub and GitLab: their comment API on loopback, and runners that carry out the scripts of a pipeline as they stand in its file."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml
from integration.playbook import BIN, ROOT, Controller, Run

REQUEST = 7  # number of the one pull or merge request
TOKEN = "forge-token-0123456789"
PIPELINE, STRANGER = (
    ("github-actions[bot]", 99),
    ("stranger", 5),
)  # who they are on GitHub and on GitLab
PIP = """#!/bin/sh
test "$*" = "install --require-hashes --only-binary :all: -r requirements.lock" && test -s requirements.lock
"""
COMMENTS = re.compile(
    rf"/repos/acme/sites/issues/{REQUEST}/comments|/projects/42/merge_requests/{REQUEST}/notes"
)
COMMENT = re.compile(
    rf"/(?:repos/acme/sites/issues/comments|projects/42/merge_requests/{REQUEST}/notes)/(\d+)"
)
MERGED = re.compile(
    r"/(?:repos/acme/sites/commits/(\w+)/pulls|projects/42/repository/commits/(\w+)/merge_requests)"
)


@dataclass
class Forge:
    """What the API has: comments with their authors, and which commits came from the request."""

    url: str = ""
    comments: list[dict[str, Any]] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)

    def add(self, body: str, author: tuple[str, int]) -> dict[str, Any]:
        """A new comment."""
        self.comments.append(
            {
                "id": 1000 + len(self.comments),
                "body": body,
                "user": {"login": author[0]},
                "author": {"id": author[1]},
            }
        )
        return self.comments[-1]

    def ours(self) -> list[str]:
        """What the pipeline has commented."""
        return [item["body"] for item in self.comments if item["author"]["id"] == PIPELINE[1]]

    def answer(self, method: str, path: str, body: Any) -> Any:
        """What the API answers; None if there is no such thing."""
        path, _mark, query = path.partition("?")
        page = int((re.search(r"\bpage=(\d+)", query) or ["", "1"])[1])
        if COMMENTS.fullmatch(path):
            return (
                self.add(body["body"], PIPELINE)
                if method == "POST"
                else self.comments[(page - 1) * 100 : page * 100]
            )
        if (found := COMMENT.fullmatch(path)) and method == (
            "PATCH" if "/repos/" in path else "PUT"
        ):
            comment = self.comments[int(found[1]) - 1000]
            comment["body"] = body["body"]
            return comment
        if found := MERGED.fullmatch(path):
            commit = found[1] or found[2]
            merged = {
                "number": REQUEST,
                "iid": REQUEST,
                "merged_at": "2020-11-24",
                "merge_commit_sha": commit,
                "squash_commit_sha": None,
                "sha": "0",
            }
            return [
                {**merged, "number": 3, "iid": 3, "merged_at": None},
                *([merged] if commit in self.merged else []),
            ]
        return {"id": PIPELINE[1]} if path == "/user" else None


@contextmanager
def forge() -> Iterator[Forge]:
    """The API, while it is needed."""
    there = Forge()

    class Handler(BaseHTTPRequestHandler):
        def handle_one(self) -> None:
            if TOKEN not in (
                self.headers.get("PRIVATE-TOKEN"),
                self.headers.get("Authorization", "").removeprefix("Bearer "),
            ):
                return self.send_error(401)
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or "null")
            answer = there.answer(self.command, self.path, body)
            if answer is None:
                return self.send_error(404)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())
            return None

        do_GET = do_POST = do_PATCH = do_PUT = handle_one

        def log_message(self, *_arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    there.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield there
    finally:
        server.shutdown()
        server.server_close()


def holds(expression: str, values: Mapping[str, str]) -> bool:
    """Whether a condition of GitHub or GitLab holds; both have && and || and compare texts."""
    python = re.sub(
        r"(?<!['\"/\w])\$?(?:github\.[\w.]+|(?<=\$)\w+)",
        lambda found: repr(values.get(found[0].lstrip("$"), "")),
        expression,
    )
    return bool(eval(python.replace("&&", " and ").replace("||", " or "), {"__builtins__": {}}))


@dataclass
class Runner(ABC):
    """Carries out the jobs of a pipeline for an event, each in a new clone, with the secrets that the forge would give it."""

    controller: Controller
    forge: Forge
    repository: Path
    installed: Path  # what a job has installed, if one has
    runs: list[Run] = field(default_factory=list)
    workspace: Path = Path()  # of the last job

    @abstractmethod
    def jobs(self, event: str) -> list[str]:
        """The jobs that an event starts."""

    def start(self, event: str) -> Run:
        """Run the one job that an event starts; answers its exit status and all its output."""
        (job,) = self.jobs(event)
        self.workspace = workspace = self.controller.directory / f"job-{len(self.runs)}"
        git(self.repository, "clone", "-q", ".", str(workspace))
        if self.installed.exists():
            (workspace / "collections").symlink_to(self.installed)
        done = self.carry_out(job, event, workspace)
        if not self.installed.exists():
            assert (workspace / "collections").exists(), done.output
            shutil.move(workspace / "collections", self.installed)
        self.runs.append(done)
        return done

    @abstractmethod
    def carry_out(self, job: str, event: str, workspace: Path) -> Run:
        """Run the scripts of a job."""

    def secrets(self, environment: str | None) -> dict[str, str]:
        """Everybody's are those of an API user that reads; the environment has those of one that writes."""
        mine = self.controller.flex.environment(
            username="demo-api-user" if environment == "fortiflex" else "read-only"
        )
        return {
            name: mine[name]
            for name in (
                "FORTIFLEX_ACCESS_USERNAME",
                "FORTIFLEX_ACCESS_PASSWORD",
                "FORTIFLEX_PROGRAM",
                "FORTIFLEX_ACCOUNT_ID",
            )
        }

    def bash(self, script: str, workspace: Path, env: Mapping[str, str]) -> Run:
        """A script as the runners run it; of the environment of this process it has what a runner has."""
        bare = dict.fromkeys(self.secrets(None), "") | {
            "ANSIBLE_COLLECTIONS_PATH": "",
            "PATH": f"{self.programs()}{os.pathsep}{BIN}{os.pathsep}{os.environ['PATH']}",
        }
        environment = self.controller.environment({**bare, **env})
        done = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", script],
            cwd=workspace,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return Run(done.returncode, done.stdout, done.stderr)

    def programs(self) -> Path:
        """Where a `pip` is that installs nothing: what a job installs is there already. A test of its own really installs it."""
        pip = self.controller.directory / "programs" / "pip"
        if not pip.exists():
            pip.parent.mkdir()
            pip.write_text(PIP)
            pip.chmod(0o755)
        return pip.parent

    def commit(self) -> str:
        """The commit that is checked out."""
        return git(self.repository, "rev-parse", "HEAD")


class GitHub(Runner):
    """GitHub Actions."""

    workflow: dict[str, Any] = yaml.safe_load(
        (ROOT / "extensions" / "ci" / "github.yml").read_text()
    )

    def jobs(self, event: str) -> list[str]:
        assert event in self.workflow["on"]
        values = {
            "github.event_name": event,
            "github.repository": "acme/sites",
            "github.ref": "refs/heads/main",
            "github.event.pull_request.head.repo.full_name": "acme/sites",
        }
        return [name for name, job in self.workflow["jobs"].items() if holds(job["if"], values)]

    def carry_out(self, job: str, event: str, workspace: Path) -> Run:
        wanted = self.workflow["jobs"][job]
        secrets = self.secrets(wanted.get("environment"))
        values = {
            f"{kind}.{name}": value
            for name, value in secrets.items()
            for kind in ("secrets", "vars")
        } | {"github.token": TOKEN}
        usual = {
            **self.workflow["env"],
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": self.forge.url,
            "GITHUB_REPOSITORY": "acme/sites",
            "GITHUB_RUN_ID": "11",
            "GITHUB_SERVER_URL": "https://github.example",
            "GITHUB_SHA": self.commit(),
            "GITHUB_EVENT_NAME": event,
            "GITHUB_REF": f"refs/pull/{REQUEST}/merge"
            if event == "pull_request"
            else "refs/heads/main",
            "GITHUB_STEP_SUMMARY": str(self.controller.directory / "summary.md"),
        }
        status, output = 0, ""
        for step in wanted["steps"]:
            if "uses" in step:
                # Done: the clone, and the Python of this process. What is uploaded stays where it is.
                known = r"actions/(checkout|setup-python|upload-artifact)@[0-9a-f]{40}"
                assert re.fullmatch(known, step["uses"])
            elif (status == 0 or "!cancelled()" in step.get("if", "")) and not (
                self.installed.exists() and step["name"].startswith("Install")
            ):
                env = {
                    name: values[re.fullmatch(r"\$\{\{ ([\w.]+) \}\}", value)[1]]
                    for name, value in step.get("env", {}).items()
                }  # type: ignore[index]  # a value that does not match ends the test here
                done = self.bash(step["run"], workspace, {**usual, **env})
                status, output = status or done.rc, output + done.output
        return Run(status, output, "")


class GitLab(Runner):
    """GitLab CI."""

    pipeline: dict[str, Any] = yaml.safe_load(
        (ROOT / "extensions" / "ci" / "gitlab.yml").read_text()
    )
    sources = {
        "pull_request": "merge_request_event",
        "push": "push",
        "schedule": "schedule",
        "workflow_dispatch": "web",
    }

    def jobs(self, event: str) -> list[str]:
        values = {
            "CI_PIPELINE_SOURCE": self.sources[event],
            "CI_DEFAULT_BRANCH": "main",
            "CI_COMMIT_BRANCH": "" if event == "pull_request" else "main",
        }
        return [
            name
            for name, job in self.pipeline.items()
            if name[0] != "." and any(holds(rule["if"], values) for rule in job["rules"])
        ]

    def carry_out(self, job: str, event: str, workspace: Path) -> Run:
        usual = self.pipeline[self.pipeline[job]["extends"]]
        env = {
            **usual["variables"],
            **self.secrets(self.pipeline[job].get("environment")),
            "GITLAB_TOKEN": TOKEN,
            "CI_API_V4_URL": self.forge.url,
            "CI_PROJECT_ID": "42",
            "CI_JOB_URL": "https://gitlab.example/acme/sites/-/jobs/11",
            "CI_COMMIT_SHA": self.commit(),
            "CI_PIPELINE_SOURCE": self.sources[event],
            "CI_MERGE_REQUEST_IID": str(REQUEST) if event == "pull_request" else "",
        }
        return self.bash(
            "\n".join(
                [
                    *([] if self.installed.exists() else usual["before_script"]),
                    *self.pipeline[job]["script"],
                ]
            ),
            workspace,
            env,
        )


def git(directory: Path, *arguments: str) -> str:
    """What git prints."""
    person = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
    return subprocess.run(
        ["git", *person, *arguments], cwd=directory, check=True, capture_output=True, text=True
    ).stdout.strip()
