# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a pipeline does with the plan that license_fleet writes to ``fortiflex_plan_file``. Uses the standard library only.

    fortiflex_plan.py show FILE      print it as Markdown
    fortiflex_plan.py drift FILE     exit status 0 if nothing is to change, 2 if something is
    fortiflex_plan.py comment FILE   have it as the one comment in this pull request or merge request
    fortiflex_plan.py reviewed       print what that comment said before this commit was merged, as a fortiflex_plan for license_fleet

Whatever fails is exit status 1, with one sentence. The last two take the address of GitHub or GitLab from the variables that the CI sets, and need
GITHUB_TOKEN, or GITLAB_TOKEN with the scope api.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

ACTIONS = {
    "create": "+",
    "reuse": "+",
    "change": "~",
    "move": "~",
    "reactivate": "+",
    "stop": "-",
    "release": "-",
    "suspended": " ",
    "unchanged": " ",
}
WORDS = {word: word for word in ACTIONS} | {"without_license": "without a license"}
MARK = "<!-- flexops.fortiflex plan "  # begins our comment; then comes what each account may cost, as JSON, and " -->"
LONGEST = 60_000  # GitHub takes comments of at most 65,536 characters
PAGE = 100

Plan = dict[str, dict[str, Any]]


class Failure(Exception):
    """Ends the program with this sentence."""


@dataclass
class Forge:
    """Where pull requests or merge requests are: what differs between GitHub and GitLab, and what is done with it."""

    headers: dict[str, str]
    log: str  # where people find the output of this job
    commit: str
    request: int  # that this job runs for; 0 if for none
    merged: str  # address of the requests that a commit belongs to
    number: str  # how their number is called
    merged_as: tuple[str, ...]  # what tells the commits that one became on the target branch
    thread: str  # address of the comments of a request
    comment: str  # address of one of them
    update: str  # method that changes it
    author: tuple[str, str]  # what tells who wrote it
    me: Any = None

    def requests_of_commit(self) -> Iterator[int]:
        """The numbers of the requests that were merged as this commit."""
        for request in self.call("GET", self.merged.format(commit=self.commit)):
            if request["merged_at"] and self.commit in [request[key] for key in self.merged_as]:
                yield request[self.number]

    def our_comment(self, request: int) -> dict[str, Any] | None:
        """What was written there earlier. What others write counts for nothing, even if it looks the same."""
        page, full = 1, True
        while full:
            comments = self.call(
                "GET", f"{self.thread.format(request=request)}?per_page={PAGE}&page={page}"
            )
            for comment in comments:
                if (
                    comment["body"].startswith(MARK)
                    and comment[self.author[0]][self.author[1]] == self.me
                ):
                    return dict(comment)
            page, full = page + 1, len(comments) == PAGE
        return None

    def write(self, body: str) -> None:
        """Update our comment, or make it."""
        old = self.our_comment(self.request)
        if old:
            self.call(
                self.update,
                self.comment.format(request=self.request, comment=old["id"]),
                {"body": body},
            )
        else:
            self.call("POST", self.thread.format(request=self.request), {"body": body})

    def call(self, method: str, url: str, data: Any = None) -> Any:
        """What the API answers."""
        body = None if data is None else json.dumps(data).encode()
        request = urllib.request.Request(
            url, body, {**self.headers, "Content-Type": "application/json"}, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise Failure(
                f"{method} {url} was answered with HTTP {error.code}: {error.read().decode(errors='replace')[:200]}"
            ) from None
        except (OSError, ValueError) as error:
            raise Failure(f"{method} {url} failed: {error}") from None


def github(env: Mapping[str, str]) -> Forge:
    """GitHub Actions, with the token that each job gets."""
    repository = f"{env['GITHUB_API_URL']}/repos/{env['GITHUB_REPOSITORY']}"
    request = re.fullmatch(r"refs/pull/(\d+)/merge", env["GITHUB_REF"])
    return Forge(
        headers={
            "Authorization": f"Bearer {_token(env, 'GITHUB_TOKEN')}",
            "Accept": "application/vnd.github+json",
        },
        log=f"{env['GITHUB_SERVER_URL']}/{env['GITHUB_REPOSITORY']}/actions/runs/{env['GITHUB_RUN_ID']}",
        commit=env["GITHUB_SHA"],
        request=int(request[1]) if request else 0,
        merged=f"{repository}/commits/{{commit}}/pulls",
        number="number",
        merged_as=("merge_commit_sha",),
        thread=f"{repository}/issues/{{request}}/comments",
        comment=f"{repository}/issues/comments/{{comment}}",
        update="PATCH",
        author=("user", "login"),
        me="github-actions[bot]",  # that token may not ask whose it is
    )


def gitlab(env: Mapping[str, str]) -> Forge:
    """GitLab CI, with a token of the project, since that of a job may not comment."""
    project = f"{env['CI_API_V4_URL']}/projects/{env['CI_PROJECT_ID']}"
    here = Forge(
        headers={"PRIVATE-TOKEN": _token(env, "GITLAB_TOKEN")},
        log=env["CI_JOB_URL"],
        commit=env["CI_COMMIT_SHA"],
        request=int(env.get("CI_MERGE_REQUEST_IID") or 0),
        merged=f"{project}/repository/commits/{{commit}}/merge_requests",
        number="iid",
        merged_as=("merge_commit_sha", "squash_commit_sha", "sha"),  # sha if it was a fast-forward
        thread=f"{project}/merge_requests/{{request}}/notes",
        comment=f"{project}/merge_requests/{{request}}/notes/{{comment}}",
        update="PUT",
        author=("author", "id"),
    )
    here.me = here.call("GET", f"{env['CI_API_V4_URL']}/user")["id"]
    return here


def _token(env: Mapping[str, str], name: str) -> str:
    if not env.get(name):
        raise Failure(f"{name} is not set, so that comments can be neither read nor written.")
    return env[name]


def forge() -> Forge:
    """The one that this job runs on."""
    try:
        return github(os.environ) if "GITHUB_ACTIONS" in os.environ else gitlab(os.environ)
    except KeyError as error:
        raise Failure(
            f"{error.args[0]} is not set: this runs in jobs of GitHub Actions and GitLab CI only."
        ) from None


def read(path: str) -> Plan:
    """The plan by account."""
    try:
        with open(path, encoding="utf-8") as file:
            return dict(json.load(file)["fortiflex_plan"])
    except FileNotFoundError:
        raise Failure(
            f"There is no plan in {path}: license_fleet has failed before it had one, or there are no hosts to license."
        ) from None
    except (OSError, ValueError, KeyError, TypeError):
        raise Failure(
            f"{path} is no plan that license_fleet has written: run it again with -e {_as_option(path)}."
        ) from None


def _as_option(path: str) -> str:
    """What to write behind ``-e`` on a command line."""
    plain = f"fortiflex_plan_file={path}"
    is_plain = shlex.quote(plain) == plain
    return plain if is_plain else shlex.quote(json.dumps({"fortiflex_plan_file": path}))


def is_whole(plan: Plan) -> bool:
    """Whether no account has failed."""
    return not any("error" in account for account in plan.values())


def drift(plan: Plan) -> int:
    """The exit status: 2 if something is to change."""
    if not is_whole(plan):
        raise Failure("The plan failed, so that nobody knows what is to change.")
    return 2 if any(account["changed"] for account in plan.values()) else 0


def show(plan: Plan) -> str:
    """The plan as Markdown. Texts from the inventory and from FortiFlex are in code blocks only, where nothing in them is markup."""
    title = (
        "the plan failed"
        if not is_whole(plan)
        else "the plan"
        if drift(plan)
        else "nothing changes"
    )
    lines = [f"### FortiFlex: {title}", "", f"**{_cost(list(plan.values()))}**", ""]
    for name, account in plan.items():
        lines += [
            f"Account {_place(name)}: {_counts(account) or 'no plan'}"
            + (f". {_cost([account])}" if len(plan) > 1 else ""),
            "",
        ]
        changes = [{key: _line(text) for key, text in row.items()} for row in account["changes"]]
        width = max((len(row["name"]) for row in changes), default=0)
        rows = [
            f"{ACTIONS[row['action']]} {row['action']:<10} {row['kind']:<13} {row['name']:<{width}}  {row['text']}"
            for row in changes
        ]
        if "error" in account:
            rows.insert(0, f"! {_line(account['error'])}")
        if rows:
            lines += ["```diff", *rows, "```", ""]
    return "\n".join(lines)


def _counts(account: Mapping[str, Any]) -> str:
    """How many entitlements, configurations and spares are treated in which way."""
    kinds = {"": account} | {
        f"{kind}: ": account.get(kind, {}) for kind in ("configurations", "spares")
    }
    return "; ".join(
        kind
        + ", ".join(
            f"{counted[word]} {words}" for word, words in WORDS.items() if counted.get(word)
        )
        for kind, counted in kinds.items()
        if any(counted.get(word) for word in WORDS)
    )


def _line(text: str) -> str:
    """A text in one line, so that it cannot end the code block that it is in, and in which every character can be seen."""
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}"
        for character in " ".join(text.split())
    )


def _place(name: str) -> str:
    """A program and account outside of a code block, where anything but letters, digits and ``/`` could be markup."""
    return re.sub(r"[^A-Za-z0-9/-]", "\N{REPLACEMENT CHARACTER}", name)


def _cost(accounts: list[dict[str, Any]]) -> str:
    if not all("points_per_day_after" in account for account in accounts):
        return "What it costs is not known"
    before, after, pending = (
        sum(account[f"points_per_day_{part}"] for account in accounts)
        for part in ("before", "after", "pending")
    )
    text = f"{before:,.2f} points a day before, {after:,.2f} after ({after - before:+,.2f})"
    return f"{text}, {pending:,.2f} of it once PENDING ones are in use" if pending else text


def _in_comment(limits: Mapping[str, Any]) -> str:
    """JSON that cannot end the comment of HTML that it is in."""
    return json.dumps(limits, separators=(",", ":")).replace(">", "\\u003e")


def comment(path: str) -> None:
    """Have the plan as the one comment. If there is none the comment says so, lest an older one stands for it."""
    here = forge()
    if not here.request:
        raise Failure("This job does not run for a pull request or merge request.")
    try:
        plan = read(path)
        text = show(plan)
    except Failure:
        plan, text = {}, "### FortiFlex: the plan failed\n"
    limits = (
        {name: account.get("points_per_day_after") for name, account in plan.items()}
        if is_whole(plan)
        else {}
    )
    mark, foot = (f"{MARK}{_in_comment(limits)} -->\n", f"\n[Log]({here.log})\n")
    room = LONGEST - len(mark) - len(foot)
    if room < 0:
        raise Failure(
            f"{len(plan)} accounts are too many for one comment. Split the inventory, and give each part a pipeline of its own."
        )
    if len(text) > room:
        text = text[:room].rpartition("\n")[0] + "\n```\n\nThe log has the rest.\n"
    here.write(mark + text + foot)


def reviewed() -> str:
    """What the plan that people saw before they merged lets each account cost. One without a price is left out, so that it may cost nothing."""
    here = forge()
    for request in here.requests_of_commit():
        found = here.our_comment(request)
        limits = json.loads(found["body"][len(MARK) :].partition(" -->")[0]) if found else {}
        if limits:
            return json.dumps(
                {
                    "fortiflex_plan": {
                        name: {"points_per_day_after": limit}
                        for name, limit in limits.items()
                        if limit is not None
                    }
                }
            )
    raise Failure(
        f"Nobody has seen a plan of commit {here.commit[:8]} in a pull request or merge request. Start the pipeline by hand to apply without one."
    )


def main(arguments: list[str]) -> int:
    """Do what is asked for; answers the exit status."""
    try:
        match arguments:
            case ["show", path]:
                print(show(read(path)))
            case ["drift", path]:
                return drift(read(path))
            case ["comment", path]:
                comment(path)
            case ["reviewed"]:
                print(reviewed())
            case _:
                raise Failure(__doc__ or "")
    except Failure as failure:
        print(failure, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
