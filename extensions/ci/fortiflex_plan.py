# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a pipeline does with the plan that license_fleet writes to ``fortiflex_plan_file``. Uses the standard library only.

    fortiflex_plan.py show FILE      print it as Markdown
    fortiflex_plan.py drift FILE     exit status 0 if nothing is to change, 2 if something is
    fortiflex_plan.py comment FILE   have it as the one comment in this pull request or merge request
    fortiflex_plan.py reviewed       print what that comment said before this commit was merged, as a fortiflex_plan for license_fleet

Whatever fails is exit status 1, with one sentence. The last two take the address of GitHub or GitLab from the variables that the CI sets, and need
GITHUB_TOKEN, or GITLAB_TOKEN with the scope api. Neither files nor answers are trusted: their size, their shape and the time they take are bounded, and the
token goes to that one address only.
"""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import signal
import stat
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any
from urllib.parse import quote

ACTIONS = {
    "create": "+",
    "reuse": "~",
    "change": "~",
    "move": "~",
    "reactivate": "~",
    "stop": "-",
    "release": "-",
    "suspended": " ",
    "unchanged": " ",
}
IDLE = {"suspended", "unchanged"}
NAMES = {"reactivate": "start"}  # as the plan on a terminal has it
WORDS = {word: f"to {NAMES.get(word, word)}" for word in ACTIONS} | {
    "suspended": "suspended",
    "unchanged": "as they should be",
    "without_license": "without a license",
}
COSTS = tuple(f"points_per_day_{part}" for part in ("before", "after", "pending"))
MARK = "<!-- flexops.fortiflex plan "  # begins our comment; then comes what each account may cost, as JSON, and " -->"
LONGEST = 60_000  # GitHub takes comments of at most 65,536 characters
LINE = 1_000  # characters of one text of others
PAGE, PAGES = 50, 200  # comments that are read at once, and how often
LARGEST = 8_000_000  # bytes of a plan or of an answer
CALL, CALLS = 30.0, 120.0  # seconds that one request may take, and all of them
# Where a token may go: plain HTTP stays on this machine.
ADDRESS = re.compile(
    r"(https://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])|http://(127\.[0-9.]+|localhost|\[::1\]))"
    r"(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?"
)
ADVICE = {
    401: "check that the token is the right one and has not expired",
    403: "check what the token may do, or wait if it has made too many requests",
    404: "check that the token may see it",
    429: "wait, since the token has made too many requests",
}

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
    ends: float = field(default_factory=lambda: time.monotonic() + CALLS)

    def requests_of_commit(self) -> Iterator[int]:
        """The numbers of the requests that were merged as this commit."""
        for request in self.call("GET", self.merged.format(commit=self.commit), list):
            if request.get("merged_at") and self.commit in map(request.get, self.merged_as):
                yield _number(request, self.number)

    def our_comment(self, request: int) -> dict[str, Any] | None:
        """What was written there earlier. What others write counts for nothing, even if it looks the same."""
        for page in range(1, PAGES + 1):
            comments = self.call(
                "GET", f"{self.thread.format(request=request)}?per_page={PAGE}&page={page}", list
            )
            for comment in filter(self._is_ours, comments):
                return dict(comment)
            if len(comments) < PAGE:
                return None
        raise Failure(
            f"Request {request} has more than {PAGE * PAGES} comments, so that ours was not found: close it, and open another."
        )

    def _is_ours(self, comment: Mapping[str, Any]) -> bool:
        body, author = comment.get("body"), comment.get(self.author[0])
        return (
            isinstance(body, str)
            and body.startswith(MARK)
            and isinstance(author, dict)
            and author.get(self.author[1]) == self.me
        )

    def write(self, body: str) -> None:
        """Update our comment, or make it."""
        old, data = self.our_comment(self.request), {"body": body}
        if old:
            url = self.comment.format(request=self.request, comment=_number(old, "id"))
            written = self.call(self.update, url, dict, data)
        else:
            url = self.thread.format(request=self.request)
            written = self.call("POST", url, dict, data)
        _number(written, "id")

    def call(self, method: str, url: str, kind: type, data: Any = None) -> Any:
        """What the API answers: an object (``dict``), or a ``list`` of objects."""
        body = None if data is None else json.dumps(data).encode()
        headers = {**self.headers, "Content-Type": "application/json"}
        request = urllib.request.Request(url, body, headers, method=method)
        what = f"{method} {url}"
        try:
            with _at_most(min(CALL, self.ends - time.monotonic()), what):
                answer = _parse(_exchange(request))
        except urllib.error.HTTPError as error:
            raise Failure(
                f"{what} was answered with HTTP {error.code}: {_advice(error.code)}."
            ) from None
        except urllib.error.URLError as error:
            raise Failure(f"{what} failed: {error.reason}.") from None
        except OSError as error:
            raise Failure(f"{what} failed: {error}.") from None
        except (ValueError, HTTPException):  # whose texts are those of the answer
            raise Failure(
                f"{what} was answered with something that is no JSON, or not all of it: check the address of the API, and try again."
            ) from None
        items = answer if isinstance(answer, list) else [answer]
        if not isinstance(answer, kind) or not all(isinstance(item, dict) for item in items):
            raise Failure(_strange(what))
        return answer


def _strange(what: str) -> str:
    return f"{what} was answered with JSON of another shape than that of GitHub or GitLab: check the address of the API."


def _advice(status: int) -> str:
    if 300 <= status < 400:
        return "redirections are not followed, since they could lead the token elsewhere; check the address of the API"
    return ADVICE.get(status, "try again" if status >= 500 else "check the address of the API")


def _number(thing: Mapping[str, Any], key: str) -> int:
    """A number that the API has given to a request, a comment or a user. It becomes part of addresses, so nothing else will do."""
    found = thing.get(key)
    if not isinstance(found, int) or isinstance(found, bool):
        raise Failure(_strange(f"The question for {key}"))
    return found


@contextmanager
def _at_most(seconds: float, what: str) -> Iterator[None]:
    """End what takes longer, wherever it is: a limit of the socket would be one for each byte."""

    def end(*_signal: Any) -> None:
        raise Failure(f"{what} has not been answered in time: try again.")

    signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001))  # 0 would be no limit
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


class Bounded:
    """The bytes of an answer as they arrive. More than ``LARGEST`` of them are an error, also if the headers promise less."""

    def __init__(self, file: io.BufferedIOBase) -> None:
        self._file, self._left = file, LARGEST

    def read(self, size: int | None = None) -> bytes:
        return self._counted(self._file.read(self._fitting(size)))

    def readline(self, size: int | None = None) -> bytes:
        return self._counted(self._file.readline(self._fitting(size)))

    def readinto(self, buffer: memoryview) -> int:
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def _fitting(self, size: int | None) -> int:
        most = self._left + 1
        return most if size is None or size < 0 else min(size, most)

    def _counted(self, data: bytes) -> bytes:
        self._left -= len(data)
        if self._left < 0:
            raise Failure(
                f"The API has answered with more than {LARGEST} bytes: check its address, or delete huge comments."
            )
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def _exchange(request: urllib.request.Request) -> bytes:
    """Send it, and read what is answered. Nothing here follows a redirection, and only HTTPS goes through a proxy."""
    opener = urllib.request.OpenerDirector()
    proxies = {
        kind: proxy for kind, proxy in urllib.request.getproxies().items() if kind == "https"
    }
    for handler in (
        urllib.request.ProxyHandler(proxies),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    with opener.open(request, timeout=CALL) as answer:
        answer.fp = Bounded(answer.fp)
        return bytes(answer.read())


def _parse(data: bytes) -> Any:
    """What JSON says; a ValueError if it is none, which NaN is not either."""
    try:
        return json.loads(data.decode(), parse_constant=_refuse)
    except RecursionError:
        raise ValueError("too deep") from None


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def github(env: Mapping[str, str]) -> Forge:
    """GitHub Actions, with the token that each job gets."""
    repository = f"{_address(env, 'GITHUB_API_URL')}/repos/{quote(env['GITHUB_REPOSITORY'])}"
    request = re.fullmatch(r"refs/pull/([0-9]{1,15})/merge", env["GITHUB_REF"])
    return Forge(
        headers={
            "Authorization": f"Bearer {_token(env, 'GITHUB_TOKEN')}",
            "Accept": "application/vnd.github+json",
        },
        log=f"{env['GITHUB_SERVER_URL']}/{env['GITHUB_REPOSITORY']}/actions/runs/{env['GITHUB_RUN_ID']}",
        commit=quote(env["GITHUB_SHA"]),
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
    api = _address(env, "CI_API_V4_URL")
    project = f"{api}/projects/{quote(env['CI_PROJECT_ID'])}"
    request = re.fullmatch("[0-9]{1,15}", env.get("CI_MERGE_REQUEST_IID", ""))
    here = Forge(
        headers={"PRIVATE-TOKEN": _token(env, "GITLAB_TOKEN")},
        log=env["CI_JOB_URL"],
        commit=quote(env["CI_COMMIT_SHA"]),
        request=int(request[0]) if request else 0,
        merged=f"{project}/repository/commits/{{commit}}/merge_requests",
        number="iid",
        merged_as=("merge_commit_sha", "squash_commit_sha", "sha"),  # sha if it was a fast-forward
        thread=f"{project}/merge_requests/{{request}}/notes",
        comment=f"{project}/merge_requests/{{request}}/notes/{{comment}}",
        update="PUT",
        author=("author", "id"),
    )
    here.me = _number(here.call("GET", f"{api}/user", dict), "id")
    return here


def _token(env: Mapping[str, str], name: str) -> str:
    token = env.get(name, "").strip()
    if not token:
        raise Failure(f"{name} is not set, so that comments can be neither read nor written.")
    if not re.fullmatch("[!-~]+", token):
        raise Failure(f"{name} is no token: it has blanks, or letters that no token has.")
    return token


def _address(env: Mapping[str, str], name: str) -> str:
    if not ADDRESS.fullmatch(env[name]):
        raise Failure(
            f"{name} is no address to send a token to: it has to begin with https://, and to have no user, query or fragment."
        )
    return env[name].rstrip("/")


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
        plan = _plan(_parse(_bytes(path)))
    except FileNotFoundError:
        raise Failure(
            f"There is no plan in {path}: license_fleet has failed before it had one, or there are no hosts to license."
        ) from None
    except OSError as error:
        raise Failure(f"{path} cannot be read: {error.strerror}.") from None
    except ValueError:
        raise Failure(
            f"{path} is no plan that license_fleet has written: run it again with -e {_as_option(path)}."
        ) from None
    if not plan:
        raise Failure(
            f"{path} is a plan for no account, so that nobody knows what is to change: see the log of license_fleet."
        )
    return plan


def _bytes(path: str) -> bytes:
    """What is in a file, if it is one: reading a pipe or a device may never end."""
    with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise Failure(
                f"{path} is no regular file: give the one that license_fleet has written."
            )
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise Failure(
            f"{path} has more than {LARGEST} bytes, which no plan has: split the inventory, and give each part a pipeline of its own."
        )
    return data


def _plan(data: Any) -> Plan:
    """The plan in it, of which everything has the shape that license_fleet gives it."""
    plan = data.get("fortiflex_plan") if isinstance(data, dict) else None
    if not isinstance(plan, dict) or not all(map(_is_account, plan.values())):
        raise ValueError("another shape")
    return plan


def _is_account(account: Any) -> bool:
    return (
        isinstance(account, dict)
        and isinstance(account.get("changed"), bool)
        and isinstance(account.get("changes"), list)
        and all(map(_is_change, account["changes"]))
        and all(map(_is_counted, _counted(account).values()))
        and all(_is_amount(account[key]) for key in COSTS if key in account)
        and isinstance(account.get("error", ""), str)
    )


def _is_change(row: Any) -> bool:
    return (
        isinstance(row, dict)
        and all(isinstance(row.get(key), str) for key in ("action", "kind", "name", "text"))
        and row["action"] in ACTIONS
    )


def _is_counted(counted: Any) -> bool:
    return isinstance(counted, dict) and all(
        isinstance(counted[word], int) and _is_amount(counted[word])
        for word in WORDS
        if word in counted
    )


def _is_amount(value: Any) -> bool:
    """Whether it is a number of things or points, which is neither NaN nor infinite."""
    return (
        isinstance(value, (int, float))
        and not isinstance(value, bool)
        and 0 <= value < 1_000_000_000
    )


def _as_option(path: str) -> str:
    """What to write behind ``-e`` on a command line."""
    plain = f"fortiflex_plan_file={path}"
    is_plain = shlex.quote(plain) == plain
    return plain if is_plain else shlex.quote(json.dumps({"fortiflex_plan_file": path}))


def is_whole(plan: Plan) -> bool:
    """Whether each account has a plan, and none has failed."""
    return all(
        "error" not in account and any(word in account for word in WORDS)
        for account in plan.values()
    )


def drift(plan: Plan) -> int:
    """The exit status: 2 if something is to change."""
    if not is_whole(plan):
        raise Failure("The plan failed, so that nobody knows what is to change.")
    return 2 if any(map(_changes, plan.values())) else 0


def _changes(account: Mapping[str, Any]) -> bool:
    return account["changed"] or any(
        counted.get(word) for counted in _counted(account).values() for word in set(ACTIONS) - IDLE
    )


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
            f"Account {_code(name)}: {_counts(account) or 'no plan'}"
            + (f". {_cost([account])}" if len(plan) > 1 else ""),
            "",
        ]
        names = [_line(row["name"]) for row in account["changes"]]
        width = min(max(map(len, names), default=0), 64)
        rows = [
            f"{ACTIONS[row['action']]} {NAMES.get(row['action'], row['action']):<7}  {_line(row['kind']):<13}  {name:<{width}}  {_line(row['text'])}"
            for name, row in zip(names, account["changes"], strict=True)
        ]
        if "error" in account:
            rows.insert(0, f"! {_line(account['error'])}")
        if rows:
            lines += ["```diff", *rows, "```", ""]
    return "\n".join(lines)


def _counted(account: Mapping[str, Any]) -> dict[str, Any]:
    """Entitlements, configurations and spares, each by what becomes of how many."""
    return {"": account} | {
        f"{kind}: ": account.get(kind, {}) for kind in ("configurations", "spares")
    }


def _counts(account: Mapping[str, Any]) -> str:
    """How many entitlements, configurations and spares are treated in which way."""
    return "; ".join(
        kind
        + ", ".join(
            f"{counted[word]} {words}" for word, words in WORDS.items() if counted.get(word)
        )
        for kind, counted in _counted(account).items()
        if any(counted.get(word) for word in WORDS)
    )


def _line(text: str) -> str:
    """A text in one line of bounded length, so that it can neither end the code block that it is in nor control a terminal."""
    seen = "".join(letter if letter.isprintable() else " " for letter in text[: LINE + 1])
    return " ".join(seen[:LINE].split()) + ("..." if len(text) > LINE else "")


def _code(text: str) -> str:
    """A text between other words of Markdown, as code if anything in it could be markup."""
    if re.fullmatch("[A-Za-z0-9/]+", text):
        return text
    return f"`{_line(text.replace('`', ' ')) or ' '}`"


def _cost(accounts: list[dict[str, Any]]) -> str:
    if not all(key in account for account in accounts for key in COSTS):
        return "What it costs is not known"
    before, after, pending = (sum(account[key] for account in accounts) for key in COSTS)
    text = f"Cost: {before:,.2f} -> {after:,.2f} points/day ({round(after - before, 2) + 0:+,.2f})"
    now = f"{after - pending:,.2f} now, {after:,.2f} when all pending licenses are in use"
    return f"{text}, {now}" if pending else text


def comment(path: str) -> None:
    """Have the plan as the one comment. If there is none the comment says so, lest an older one stands for it."""
    here = forge()
    if not here.request:
        raise Failure("This job does not run for a pull request or merge request.")
    try:
        plan = read(path)
    except Failure as failure:
        text = f"### FortiFlex: the plan failed\n\n```text\n{_line(str(failure))}\n```\n"
        here.write(_body({}, text, here.log))
        raise
    limits = {name: account.get("points_per_day_after") for name, account in plan.items()}
    here.write(_body(limits if is_whole(plan) else {}, show(plan), here.log))


def _body(limits: Mapping[str, float | None], text: str, log: str) -> str:
    """What a comment has: the limits where only we read them, as much of the text as fits, and where to find the rest."""
    told = json.dumps(limits, separators=(",", ":")).replace(">", "\\u003e")  # it ends comments
    mark, foot = f"{MARK}{told} -->\n", f"\n[Log]({log})\n"
    room = LONGEST - len(mark) - len(foot)
    if room < 0:
        raise Failure(
            f"{len(limits)} accounts are too many for one comment: split the inventory, and give each part a pipeline of its own."
        )
    if len(text) > room:
        text = text[:room].rpartition("\n")[0]
        blocks = sum(line.startswith("```") for line in text.splitlines())
        text += ("\n```" if blocks % 2 else "") + "\n\nThe log has the rest.\n"
    return mark + text + foot


def reviewed() -> str:
    """What the plan that people saw before they merged lets each account cost. One without a price is left out, so that it may cost nothing."""
    here = forge()
    for request in here.requests_of_commit():
        found = here.our_comment(request)
        limits = _limits(found["body"], request) if found else {}
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
        f"Nobody has seen a plan of commit {here.commit[:8]} in a pull request or merge request: start the pipeline by hand to apply without one."
    )


def _limits(body: str, request: int) -> dict[str, float | None]:
    """What our comment lets each account cost."""
    try:
        limits = _parse(body[len(MARK) :].partition(" -->")[0].encode())
    except ValueError:
        limits = None
    if not isinstance(limits, dict) or not all(
        limit is None or _is_amount(limit) for limit in limits.values()
    ):
        raise Failure(
            f"The comment of request {request} does not say any more what its plan may cost: start the pipeline by hand to apply without one."
        )
    return limits


def run(arguments: list[str]) -> int:
    """Do what is asked for; answers the exit status."""
    match arguments:
        case ["show", path]:
            print(show(read(path)))
        case ["drift", path]:
            return drift(read(path))
        case ["comment", path]:
            comment(path)
        case ["reviewed"]:
            print(reviewed())
        case ["--help" | "-h"]:
            print(__doc__)
        case _:
            raise Failure("Give show FILE, drift FILE, comment FILE or reviewed; --help says more.")
    return 0


def main(arguments: list[str]) -> int:
    """As :func:`run`. Every failure is one sentence."""
    try:
        status = run(arguments)
        sys.stdout.flush()
        return status
    except Failure as failure:
        text = str(failure)
    except MemoryError:
        text = "There is not enough memory for this plan or answer."
    except KeyboardInterrupt:
        text = "This was interrupted."
    except (OSError, UnicodeError) as error:
        text = f"The output cannot be written: {error}."
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left of it
    print(_line(text), file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
