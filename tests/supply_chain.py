# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What this repository runs of others, and what it advises users to run: all of it by digest, with few permissions, and with no secret on a command line.

It reads every file that git knows: YAML, JSON, the examples in Markdown, Containerfiles, scripts and the Makefile. Prints what is wrong, one line each.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
COMMIT = re.compile(r"@[0-9a-f]{40}$")
DIGEST = re.compile(r"@sha256:[0-9a-f]{64}$")
VERSION = re.compile(r"@[0-9a-f]{40}['\"]? +# v\d+(\.\d+)+$")
FENCE = re.compile(r"^( *)(```+)(\w+)\n(.*?)^\1\2 *$", re.MULTILINE | re.DOTALL)
SHELL = {"console", "bash", "sh", "shell"}
SECRET = re.compile(r"TOKEN|PASSWORD|PASSWD|PASSPHRASE|SECRET|API_?KEY|CREDENTIAL", re.IGNORECASE)
EXPANDED = re.compile(r"\$\$?\{?(\w+)")
# Bash itself carries these out, or keeps the value to itself, so that no process has it among its arguments.
OWN = re.compile(
    r"""(^|[\s;&|(])(\w+=("[^"]*"|'[^']*'|[^\s;&|]*)|\[\[? [^\]]*\]|(echo|printf|test) [^;&|]*)"""
)
GIVEN = re.compile(
    r"(Authorization|PRIVATE-TOKEN|JOB-TOKEN): *\S|--(token|password|api-key)[ =](?!-)\S|://[^/\s:@]+:[^/\s@]+@",
    re.IGNORECASE,
)
PIPED = re.compile(r"\b(curl|wget)\b[^|;&\n]*\|\s*(sudo\s+)?(\w*sh|python[\d.]*)\b")
INSTALLED = re.compile(r"(\bpip3?|\$\(PIP\)) [^|;&\n]*\b(install|download)\b[^|;&\n]*")


Loader: Any = type("Loader", (yaml.SafeLoader,), {"__doc__": "Takes what has a tag as it is."})


def _plain(loader: Any, _tag: str, node: Any) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return node.value


Loader.add_multi_constructor("!", _plain)


@dataclass(frozen=True)
class Part:
    """A file, or an example in one: its text, and the language of that."""

    file: str
    language: str
    text: str

    def data(self) -> list[Any]:
        """The documents in it.

        :raises ValueError: it has none that can be read
        """
        try:
            if self.language == "json":
                return [json.loads(self.text)]
            return list(yaml.load_all(self.text, Loader))
        except (ValueError, yaml.YAMLError):
            if self.file.endswith(".md"):  # examples may be pieces, or templates
                return []
            raise ValueError(
                f"no {self.language.upper()}, so that nobody knows what it runs"
            ) from None


def parts(root: Path) -> Iterator[Part]:
    """Everything that is checked."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in sorted(filter(None, listed.stdout.split("\0"))):
        path = root / name
        if path.is_file() and not path.is_symlink() and (language := _language(path)):
            text = path.read_text(encoding="utf-8")
            if language != "markdown":
                yield Part(name, language, text)
            for _indent, _fence, kind, example in FENCE.findall(text):
                if language == "markdown" and kind in {*SHELL, "yaml", "json", "dockerfile"}:
                    yield Part(name, "shell" if kind in SHELL else kind, example)


def _language(path: Path) -> str:
    """What a file is written in, as far as it matters here."""
    if path.name in ("Dockerfile", "Containerfile"):
        return "dockerfile"
    if path.name == "Makefile":
        return "make"
    suffixes = {".yml": "yaml", ".yaml": "yaml", ".json": "json", ".md": "markdown", ".sh": "shell"}
    if not path.suffix and path.parent.name == ".ci" and "bash" in path.read_text()[:40]:
        return "shell"
    return suffixes.get(path.suffix, "")


def problems(part: Part) -> Iterator[str]:
    """What is wrong with a file or example."""
    if part.language in ("shell", "make"):
        yield from _commands(part.text, pages=part.file.endswith(".md"))
    elif part.language == "dockerfile":
        for image in re.findall(r"^FROM +(?:--\S+ +)*(\S+)", part.text, re.MULTILINE):
            yield from _image(image)
    elif part.language in ("yaml", "json"):
        try:
            for document in part.data():
                yield from _things(document)
                yield from _pipeline(document) if isinstance(document, dict) else ()
        except ValueError as error:
            yield str(error)
        yield from _comments(part.text)


def _comments(text: str) -> Iterator[str]:
    """Each commit of an action has its version beside it, for people and for what updates it."""
    for line in text.splitlines():
        if re.match(r"[\s-]*uses: ", line) and "@" in line and not VERSION.search(line.rstrip()):
            yield f"{line.strip()}: write @, the 40 digits of the commit, and # vX.Y.Z"


def _things(thing: Any) -> Iterator[str]:
    """Actions and images, wherever they are named."""
    if isinstance(thing, dict):
        for key, value in thing.items():
            yield from _named(key, value)
            yield from _things(value)
    elif isinstance(thing, list):
        for item in thing:
            yield from _things(item)


def _named(key: Any, value: Any) -> Iterator[str]:
    if key == "uses" and isinstance(value, str) and not value.startswith("./"):
        if not (DIGEST if value.startswith("docker://") else COMMIT).search(value):
            yield f"action {value} is not pinned by its commit"
    elif key in ("image", "base_image", "container"):
        yield from _image(
            value.get("name", value.get("image")) if isinstance(value, dict) else value
        )
    elif key == "services" and isinstance(value, list):
        for service in value:
            yield from _image(service.get("name") if isinstance(service, dict) else service)
    elif key == "features" and isinstance(value, dict):
        for feature in value:
            yield from _image(feature)
    elif key == "include":
        yield from _included(value)
    elif key == "runs-on" and "-latest" in str(value):
        yield f"runs-on: {value} is another image every year"


def _included(value: Any) -> Iterator[str]:
    """Pipelines of other projects of GitLab."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            of_project = COMMIT.search(f"@{item.get('ref')}") if "project" in item else True
            of_component = COMMIT.search(str(item.get("component", f"@{'0' * 40}")))
            if not of_project or not of_component or ("remote" in item and "integrity" not in item):
                yield f"include {item} is not pinned by its commit, or by its integrity"


def _image(name: Any) -> Iterator[str]:
    """An image, unless it is a template, which the user fills in, or a stage of the same file."""
    if isinstance(name, str) and not re.search(r"\{\{|\$", name) and not DIGEST.search(name):
        yield f"image {name} is not pinned by its digest"


def _pipeline(document: Mapping[Any, Any]) -> Iterator[str]:
    """A workflow of GitHub, or a pipeline of GitLab."""
    jobs = document.get("jobs")
    if isinstance(jobs, dict) and ("on" in document or True in document):
        if document.get("permissions") != {}:
            yield "permissions of the workflow: write {}, and give each job its own"
        for name, job in jobs.items():
            for problem in _job(job, _mapping(document, "env")):
                yield f"job {name}: {problem}"
    yield from _steps(_mapping(document, "runs"), {})
    default = _mapping(document, "default")
    for name, job in document.items():
        if isinstance(job, dict) and {"script", "before_script", "after_script"} & job.keys():
            if not {"image", "extends"} & {*job, *document, *default}:
                yield f"job {name}: no image, so that the runner chooses one"
            for problem in _commands("\n".join(_lines(job))):
                yield f"job {name}: {problem}"


def _lines(job: Mapping[str, Any]) -> Iterator[str]:
    """The scripts of a job of GitLab."""
    for key in ("before_script", "script", "after_script"):
        script = job.get(key)
        yield from (line for line in (script if isinstance(script, list) else [script]) if line)


def _job(job: Mapping[str, Any], env: Mapping[str, Any]) -> Iterator[str]:
    if not isinstance(job.get("permissions"), dict):
        yield "no permissions of its own"
    if job.get("secrets") == "inherit":
        yield "secrets: inherit hands on all of them"
    yield from _steps(job, {**env, **_mapping(job, "env")})


def _steps(job: Mapping[str, Any], env: Mapping[str, Any]) -> Iterator[str]:
    """The steps of a job, or of an action."""
    for step in job.get("steps") or ():
        checks_out = "actions/checkout@" in step.get("uses", "")
        if checks_out and _mapping(step, "with").get("persist-credentials") is not False:
            yield "checkout leaves its token on the disk: persist-credentials: false"
        run = step.get("run", "")
        if "${{" in run:
            yield f"an expression in a script: {run.strip()}: give it as env"
        yield from _commands(run, secrets=_secrets({**env, **_mapping(step, "env")}))


def _mapping(thing: Mapping[Any, Any], key: str) -> dict[str, Any]:
    """What it has there, if that is a mapping."""
    found = thing.get(key)
    return found if isinstance(found, dict) else {}


def _secrets(env: Mapping[str, Any]) -> set[str]:
    """The variables that a secret is put into, whatever they are called."""
    return {
        name for name, value in env.items() if re.search(r"secrets\.|github\.token", str(value))
    }


def _commands(text: str, secrets: Iterable[str] = (), pages: bool = False) -> Iterator[str]:
    """What is wrong with commands: each user of a machine can read the arguments of its processes. Where a reader installs something is the reader's matter."""
    for line in re.sub(r"\\\n\s*", " ", text).splitlines():
        seen = re.sub(r"(^|\s)#.*", "", OWN.sub(" ", line))
        for name in EXPANDED.findall(seen):
            if SECRET.search(name) or name in secrets:
                yield f"the secret {name} is on a command line: {line.strip()}"
        if PIPED.search(seen):
            yield f"runs what it downloads: {line.strip()}"
        if GIVEN.search(seen):
            yield f"a secret is on a command line: {line.strip()}"
        for installed in INSTALLED.finditer("" if pages else seen):
            if not re.search(r"--require-hashes|\$\(BY_HASH\)", installed[0]):
                yield f"not installed by hash: {line.strip()}"


def pins(found: Iterable[Part]) -> Iterator[str]:
    """What is pinned in two ways."""
    seen: dict[str, set[str]] = {}
    for part in found:
        if part.language == "yaml":
            for action, commit in re.findall(r"uses: ([\w./-]+)@([0-9a-f]{40}.*)", part.text):
                seen.setdefault(action, set()).add(commit.strip())
    for action, commits in sorted(seen.items()):
        if len(commits) > 1:
            yield f"action {action} is pinned in {len(commits)} ways: {', '.join(sorted(commits))}"


def locks(root: Path) -> Iterator[str]:
    """What is wrong with the *.lock files, each of which comes from the list beside it."""
    for lock in sorted((*root.glob("**/*.lock"), *root.glob(".ci/*.lock"))):
        listed = lock.with_suffix(".txt")
        if not listed.exists() or any(part in (".build", ".venv") for part in lock.parts):
            continue
        name = lock.relative_to(root)
        yield from (f"{name}{problem}" for problem in _lock(lock.read_text("utf-8"), listed))


def _lock(text: str, listed: Path) -> Iterator[str]:
    versions: dict[str, list[str]] = {}
    for line in text.replace("\\\n", " ").splitlines():
        if line and not line.startswith("#"):
            locked = Requirement(line.partition("--hash")[0].strip())
            version = str(locked.specifier).removeprefix("==")
            versions.setdefault(canonicalize_name(locked.name), []).append(version)
            if not re.search(r"--hash=sha256:[0-9a-f]{64}", line):
                yield f": {locked.name} has no hash"
    for wanted in _listed(listed):
        there = versions.get(canonicalize_name(wanted.name), ())
        if not any(map(wanted.specifier.contains, there)):
            yield f" lacks {wanted}: make lock"


def _listed(path: Path) -> Iterator[Requirement]:
    """The requirements of a list, and of those that it names."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("-r "):
            yield from _listed(path.parent / line.removeprefix("-r ").strip())
        elif line and not line.startswith("#"):
            yield Requirement(line)


def check(root: Path) -> list[str]:
    """Everything that is wrong."""
    found = list(parts(root))
    told = [f"{part.file}: {problem}" for part in found for problem in problems(part)]
    return [*told, *pins(found), *locks(root)]


if __name__ == "__main__":
    sys.exit("\n".join(check(ROOT)) or 0)
