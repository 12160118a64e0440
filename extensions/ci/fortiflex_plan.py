# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a pipeline does with the plan that license_fleet writes to the files of
``fortiflex_plan_file``. Uses the standard library only.

    fortiflex_plan.py drift PLAN.json             exit status 0 if nothing would change, 2 if something would
    fortiflex_plan.py comment PLAN.json PLAN.md   have it as the one comment in this pull request or merge request: the Markdown for people,
                                                  and hidden in it the plan that can be carried out
    fortiflex_plan.py reviewed                    print the plan that this comment had before this commit was merged, as a fortiflex_plan for
                                                  license_fleet

Whatever fails is exit status 1, with one sentence. The last two take the address of GitHub or
GitLab from the variables that the CI sets, and need GITHUB_TOKEN, or GITLAB_TOKEN with the scope
api. Neither files nor answers are trusted: their size, their shape and the time they take are
bounded, and the token goes to that one address only.
"""

from __future__ import annotations

import base64
import io
import json
import math
import os
import re
import shlex
import signal
import stat
import sys
import time
import urllib.error
import urllib.request
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any
from urllib.parse import quote

CHANGING = {"create", "reuse", "change", "move", "reactivate", "stop", "release"}
ACTIONS = CHANGING | {"suspended", "unchanged"}
COUNTED = ACTIONS | {"without_license"}
PRICES = ("points_per_day_before", "points_per_day_after")  # that hold when a plan is carried out
COSTS = (*PRICES, "points_per_day_pending")
# Begins our comment; then comes what has been packed of the plan, and " -->".
MARK = "<!-- flexops.fortiflex plan "
TITLE = "### FortiFlex: "
LONGEST = 64_000  # GitHub takes comments of at most 65,536 characters
ROOM = 8_000  # characters of a comment that are for people at least
LINE = 1_000  # characters of one text of others
PAGE, PAGES = 50, 200  # comments that are read at once, and how often
LARGEST = 8_000_000  # bytes of a plan or of an answer
DEEPEST = 6  # levels of lists and objects in what a change is about
# What Ansible would evaluate; license_fleet writes none.
TEMPLATE = re.compile("^#jinja2:|[{][{%#]")
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


@dataclass(frozen=True)
class Api:
    """The API of GitHub or GitLab, with the headers that carry the token, and when all requests
    have to be over.
    """

    headers: dict[str, str]
    ends: float = field(default_factory=lambda: time.monotonic() + CALLS)

    def call(self, method: str, url: str, kind: type, data: Any = None) -> Any:
        """What it answers: an object (``dict``), or a ``list`` of objects.

        :raises Failure: if it answers something else, or not in time.
        """
        body = None if data is None else json.dumps(data).encode()
        headers = {**self.headers, "Content-Type": "application/json"}
        request = urllib.request.Request(url, body, headers, method=method)
        what = f"{method} {url}"
        with _in_words(what), _at_most(min(CALL, self.ends - time.monotonic()), what):
            answer = _parse(_exchange(request))
        items = answer if isinstance(answer, list) else [answer]
        if not isinstance(answer, kind) or not all(isinstance(item, dict) for item in items):
            raise Failure(_strange(what))
        return answer


@contextmanager
def _in_words(what: str) -> Iterator[None]:
    """What goes wrong with a request, in words that have nothing of the answer."""
    try:
        yield
    except urllib.error.HTTPError as error:
        raise Failure(
            f"{what} was answered with HTTP {error.code}: {_advice(error.code)}."
        ) from None
    except urllib.error.URLError as error:
        raise Failure(f"{what} failed: {error.reason}.") from None
    except OSError as error:
        raise Failure(f"{what} failed: {error}.") from None
    except (ValueError, HTTPException):
        raise Failure(
            f"{what} was answered with something that is no JSON, or not all of it: "
            "check the address of the API, and try again."
        ) from None


@dataclass(frozen=True)
class Forge:
    """Where pull requests or merge requests are: what differs between GitHub and GitLab, and what
    is done with it.
    """

    api: Api
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
    me: Any

    def requests_of_commit(self) -> Iterator[int]:
        """The numbers of the requests that were merged as this commit."""
        for request in self.api.call("GET", self.merged.format(commit=self.commit), list):
            if request.get("merged_at") and self.commit in map(request.get, self.merged_as):
                yield _number(request, self.number)

    def our_comment(self, request: int) -> dict[str, Any] | None:
        """What was written there earlier.

        What others write counts for nothing, even if it looks the same.
        """
        for page in range(1, PAGES + 1):
            url = f"{self.thread.format(request=request)}?per_page={PAGE}&page={page}"
            comments = self.api.call("GET", url, list)
            ours: dict[str, Any] | None = next(filter(self._is_ours, comments), None)
            if ours or len(comments) < PAGE:
                return ours
        raise Failure(
            f"Request {request} has more than {PAGE * PAGES} comments, so that ours was not "
            "found: close it, and open another."
        )

    def _is_ours(self, comment: Mapping[str, Any]) -> bool:
        body, author = comment.get("body"), comment.get(self.author[0])
        is_marked = isinstance(body, str) and body.startswith(MARK)
        return is_marked and isinstance(author, dict) and author.get(self.author[1]) == self.me

    def write(self, body: str) -> None:
        """Update our comment, or make it."""
        old, data = self.our_comment(self.request), {"body": body}
        if old:
            url = self.comment.format(request=self.request, comment=_number(old, "id"))
            written = self.api.call(self.update, url, dict, data)
        else:
            url = self.thread.format(request=self.request)
            written = self.api.call("POST", url, dict, data)
        _number(written, "id")


def _strange(what: str) -> str:
    return (
        f"{what} was answered with JSON of another shape than that of GitHub or GitLab: "
        "check the address of the API."
    )


def _advice(status: int) -> str:
    if 300 <= status < 400:
        return (
            "redirections are not followed, since they could lead the token elsewhere; "
            "check the address of the API"
        )
    return ADVICE.get(status, "try again" if status >= 500 else "check the address of the API")


def _number(thing: Mapping[str, Any], key: str) -> int:
    """A number that the API has given to a request, a comment or a user.

    It becomes part of addresses, so nothing else will do.
    """
    found: Any = thing.get(key)
    if not _is_number(found):
        raise Failure(_strange(f"The question for {key}"))
    return int(found)


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
    """The bytes of an answer as they arrive.

    More than ``LARGEST`` of them are an error, also if the headers promise less.
    """

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
                f"The API has answered with more than {LARGEST} bytes: check its address, or "
                "delete huge comments."
            )
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def _exchange(request: urllib.request.Request) -> bytes:
    """Send it, and read what is answered.

    Nothing here follows a redirection, and only HTTPS goes through a proxy.
    """
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


def _json(thing: Any) -> str:
    return json.dumps(thing, separators=(",", ":"), sort_keys=True, allow_nan=False)


def github(env: Mapping[str, str]) -> Forge:
    """GitHub Actions, with the token that each job gets."""
    repository = f"{_address(env, 'GITHUB_API_URL')}/repos/{quote(env['GITHUB_REPOSITORY'])}"
    request = re.fullmatch(r"refs/pull/([0-9]{1,15})/merge", env["GITHUB_REF"])
    return Forge(
        api=Api(
            {
                "Authorization": f"Bearer {_token(env, 'GITHUB_TOKEN')}",
                "Accept": "application/vnd.github+json",
            }
        ),
        log="{GITHUB_SERVER_URL}/{GITHUB_REPOSITORY}/actions/runs/{GITHUB_RUN_ID}".format(**env),
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
    root = _address(env, "CI_API_V4_URL")
    api = Api({"PRIVATE-TOKEN": _token(env, "GITLAB_TOKEN")})
    project = f"{root}/projects/{quote(env['CI_PROJECT_ID'])}"
    request = re.fullmatch("[0-9]{1,15}", env.get("CI_MERGE_REQUEST_IID", ""))
    return Forge(
        api=api,
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
        me=_number(api.call("GET", f"{root}/user", dict), "id"),
    )


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
            f"{name} is no address to send a token to: it has to begin with https://, and to have "
            "no user, query or fragment."
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
    plan: Plan = _read(path, lambda data: _plan(_parse(data)))
    if not plan:
        raise Failure(
            f"{path} is a plan for no account, so that nobody knows what would change: see the "
            "log of license_fleet."
        )
    return plan


def read_markdown(path: str) -> str:
    """The plan for people."""
    return str(_read(path, _markdown))


def _read(path: str, understood: Callable[[bytes], Any]) -> Any:
    """What is in a file of a plan."""
    try:
        return understood(_bytes(path))
    except FileNotFoundError:
        raise Failure(
            f"There is no plan in {path}: license_fleet has failed before it had one, or there "
            "are no hosts to license."
        ) from None
    except OSError as error:
        raise Failure(f"{path} cannot be read: {error.strerror}.") from None
    except ValueError:
        raise Failure(
            f"{path} is no plan that license_fleet has written: run it again with -e "
            f"{_as_option(path)}."
        ) from None


def _markdown(data: bytes) -> str:
    text = data.decode()
    if not text.startswith(TITLE) or not all(map(str.isprintable, text.split("\n"))):
        raise ValueError("other Markdown")
    return text


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
            f"{path} has more than {LARGEST} bytes, which no plan has: split the inventory, and "
            "give each part a pipeline of its own."
        )
    return data


def _plan(data: Any) -> Plan:
    """The plan in it, of which everything has the shape that license_fleet gives it."""
    if not FILE.fits(data):
        raise ValueError("another shape")
    plan: Plan = data["fortiflex_plan"]
    return plan


def _are(plan: Any, is_right: Callable[[Any], bool]) -> bool:
    """Whether it is a plan, and each of its accounts has a name and the right shape."""
    is_plan = isinstance(plan, dict) and all(map(_is_text, plan))
    return is_plan and all(map(is_right, plan.values()))


def _is_account(account: Any) -> bool:
    """Whether it has the shape that license_fleet gives to an account, in which nothing changes if
    it cannot be approved.
    """
    if not ACCOUNT.fits(account):
        return False
    return APPROVED.fits(account) if "digest" in account else account.get("changes") == []


@dataclass(frozen=True)
class Shape:
    """What an object has, and what it may have, each with the check of its value.

    What else it has is not read.
    """

    has: Mapping[str, Callable[[Any], bool]]
    may_have: Mapping[str, Callable[[Any], bool]] = field(default_factory=dict)

    def fits(self, thing: Any) -> bool:
        """Whether something is such an object."""
        if not isinstance(thing, dict) or not self.has.keys() <= thing.keys():
            return False
        checks = {**self.may_have, **self.has}
        return all(checks[key](thing[key]) for key in checks.keys() & thing.keys())

    def part(self, thing: Mapping[str, Any]) -> dict[str, Any]:
        """What of an object has this shape."""
        return {key: thing[key] for key in (*self.has, *self.may_have) if key in thing}


def _is_text(value: Any) -> bool:
    """Whether it is a text that only is one, also where Ansible reads it."""
    return isinstance(value, str) and not TEMPLATE.search(value)


def _is_text_or_null(value: Any) -> bool:
    return value is None or _is_text(value)


def _is_number(value: Any) -> bool:
    """Whether it is a whole number: Python takes true for one, JSON does not."""
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number_or_null(value: Any) -> bool:
    """Whether it is the number of an account, or says that nobody named one."""
    return value is None or (_is_number(value) and 0 <= value < 10**15)


def _is_digest(value: Any) -> bool:
    return isinstance(value, str) and bool(re.fullmatch("[0-9a-f]{64}", value))


def _is_object(value: Any) -> bool:
    return isinstance(value, dict) and _is_plain(value, DEEPEST)


def _is_plain(value: Any, levels: int) -> bool:
    """Whether JSON can have it, Ansible would evaluate nothing in it, and it is not too deep."""
    if isinstance(value, dict):
        return _is_plain([*value, *value.values()], levels)
    if isinstance(value, list):
        return levels > 0 and all(_is_plain(each, levels - 1) for each in value)
    if isinstance(value, str):
        return _is_text(value)
    return not isinstance(value, float) or math.isfinite(value)


def _is_amount(value: Any) -> bool:
    """Whether it is a number of things or points, which is neither NaN nor infinite."""
    return type(value) in (int, float) and 0 <= value < 1_000_000_000


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and _is_amount(value)


def _is_action(value: Any) -> bool:
    return isinstance(value, str) and value in ACTIONS


def _are_changes(changes: Any) -> bool:
    return isinstance(changes, list) and all(map(CHANGE.fits, changes))


CHANGE = Shape(
    {
        "kind": _is_text,
        "name": _is_text,
        "action": _is_action,
        "serial_number": _is_text_or_null,
        "before": _is_object,
        "after": _is_object,
    }
)
# What a plan has to be carried out by. The rest of a plan is for people.
APPROVED = Shape(
    {
        "program": _is_text,
        "account_id": _is_number_or_null,
        "digest": _is_digest,
        "changes": _are_changes,
    },
    dict.fromkeys(PRICES, _is_amount),
)
COUNTS = Shape({}, dict.fromkeys(COUNTED, _is_count))
ACCOUNT = Shape(
    {"changed": lambda value: isinstance(value, bool)},
    {
        **COUNTS.may_have,
        **dict.fromkeys(COSTS, _is_amount),
        "configurations": COUNTS.fits,
        "spares": COUNTS.fits,
        "error": lambda value: isinstance(value, str),
    },
)
FILE = Shape({"fortiflex_plan": lambda plan: _are(plan, _is_account)})


def _as_option(path: str) -> str:
    """What to write behind ``-e`` on a command line."""
    plain = f"fortiflex_plan_file={path}"
    is_plain = shlex.quote(plain) == plain
    return plain if is_plain else shlex.quote(json.dumps({"fortiflex_plan_file": path}))


def is_whole(plan: Plan) -> bool:
    """Whether each account has a plan, and none has failed."""
    return all("error" not in account and "digest" in account for account in plan.values())


def drift(plan: Plan) -> int:
    """The exit status: 2 if something would change."""
    if not is_whole(plan):
        raise Failure("The plan failed, so that nobody knows what would change.")
    return 2 if any(map(_changes, plan.values())) else 0


def _changes(account: Mapping[str, Any]) -> bool:
    """Whether an entitlement, a configuration or a spare of an account would change."""
    counts = (account, account.get("configurations", {}), account.get("spares", {}))
    return account["changed"] or any(count.get(word) for count in counts for word in CHANGING)


def _line(text: str) -> str:
    """A text in one line of bounded length, so that it can neither end the code block that it is in
    nor control a terminal.
    """
    seen = "".join(letter if letter.isprintable() else " " for letter in text[: LINE + 1])
    return " ".join(seen[:LINE].split()) + ("..." if len(text) > LINE else "")


def comment(path: str, markdown: str) -> None:
    """Have the plan as the one comment.

    If there is none the comment says so, lest an older one stands for it.
    """
    here = forge()
    if not here.request:
        raise Failure("This job does not run for a pull request or merge request.")
    try:
        plan, text = read(path), read_markdown(markdown)
        body = _body(plan if is_whole(plan) else {}, text, here.log)
    except Failure as failure:
        text = f"{TITLE}the plan failed\n\n```text\n{_line(str(failure))}\n```\n"
        here.write(_body({}, text, here.log))
        raise
    here.write(body)


def _body(plan: Plan, text: str, log: str) -> str:
    """What a comment has: the plan where only we read it, as much of the text as fits, and where to
    find the rest.
    """
    mark, foot = f"{MARK}{_packed(plan)} -->\n", f"\n[Log]({log})\n"
    room = LONGEST - len(mark) - len(foot)
    if room < ROOM:
        raise Failure(
            "The plan does not fit into one comment: split the inventory, and give each part a "
            "pipeline of its own."
        )
    if len(text) > room:
        text = text[: room - 100].rpartition("\n")[0]
        blocks = sum(line.startswith("```") for line in text.splitlines())
        text += ("\n```" if blocks % 2 else "") + "\n\nThe log has the rest.\n"
    return mark + text + foot


def _packed(plan: Plan) -> str:
    """What can be carried out of a plan, in few letters; none of a plan of nothing."""
    approved = {name: _approved(account) for name, account in plan.items()}
    return base64.b64encode(zlib.compress(_json(approved).encode(), 9)).decode() if plan else ""


def _approved(account: Mapping[str, Any]) -> dict[str, Any]:
    """What an account needs so that its plan can be carried out, and nothing else."""
    changes = [CHANGE.part(change) for change in account["changes"]]
    return {**APPROVED.part(account), "changes": changes}


def _unpacked(told: str) -> bytes:
    """The bytes that were packed; a ValueError if these are none, or too many."""
    packed = zlib.decompressobj()
    data = packed.decompress(base64.b64decode(told, validate=True), LARGEST + 1)
    if len(data) > LARGEST or not packed.eof or packed.unused_data:
        raise ValueError("not all of it, or more")
    return data


def reviewed() -> str:
    """The plan that people saw before they merged."""
    here = forge()
    for request in here.requests_of_commit():
        found = here.our_comment(request)
        plan = _commented(found["body"], request) if found else {}
        if plan:
            return _json({"fortiflex_plan": plan})
    raise Failure(
        f"Nobody has seen a plan of commit {here.commit[:8]} in a pull request or merge request: "
        "start the pipeline by hand to apply without one."
    )


def _commented(body: str, request: int) -> Plan:
    """The plan in our comment; {} if that said that there is none."""
    told = body[len(MARK) :].partition(" -->")[0]
    plan: Any = None
    with suppress(ValueError, zlib.error):
        plan = _parse(_unpacked(told)) if told else {}
    if not _are(plan, APPROVED.fits):
        raise Failure(
            f"The comment of request {request} does not have its plan any more: start the "
            "pipeline by hand to apply without one."
        )
    return {name: _approved(account) for name, account in plan.items()}


def run(arguments: list[str]) -> int:
    """Do what is asked for; answers the exit status."""
    match arguments:
        case ["drift", path]:
            return drift(read(path))
        case ["comment", path, markdown]:
            comment(path, markdown)
        case ["reviewed"]:
            print(reviewed())
        case ["--help" | "-h"]:
            print(__doc__)
        case _:
            raise Failure(
                "Give drift PLAN.json, comment PLAN.json PLAN.md or reviewed; --help says more."
            )
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
