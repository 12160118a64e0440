# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pipeline program among odd files and hostile servers: one sentence, within little time and memory, and the token goes nowhere else."""

from __future__ import annotations

import base64
import copy
import gzip
import json
import os
import socket
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from unit.forge import (
    APPROVED,
    MARKDOWN,
    MERGED,
    OURS,
    PLAN,
    TOKEN,
    Answer,
    Ended,
    Forge,
    endless,
    failed,
    github,
    gitlab,
    http,
    packed,
    program,
    unpacked,
)

FORGES = (github, gitlab)
QUICK = {"CALL": 1.0, "CALLS": 2.0}  # seconds, instead of 30 and 120
LARGEST = 8_000_000
DEEP = b'[{"a":' * 50_000
EMPTY = "<!-- flexops.fortiflex plan  -->\n"  # a comment that carries nothing


def plan(**accounts: Any) -> bytes:
    """A file of a plan."""
    return json.dumps({"fortiflex_plan": accounts}).encode()


def account(**changed: Any) -> bytes:
    """A file of a plan of one account, which is as usual but for this."""
    return plan(a={**PLAN, **changed})


def without(key: str, thing: dict[str, Any]) -> dict[str, Any]:
    """The same without one of its keys."""
    return {name: value for name, value in thing.items() if name != key}


def row(**changed: Any) -> bytes:
    """A file of a plan of one change, which is as usual but for this."""
    return account(changes=[{**CHANGE, **changed}])


def files(tmp_path: Path, plan: bytes, markdown: bytes = MARKDOWN.encode()) -> list[Path]:
    """The two files of a plan that becomes a comment."""
    for name, text in (("plan.json", plan), ("plan.md", markdown)):
        (tmp_path / name).write_bytes(text)
    return [tmp_path / "plan.json", tmp_path / "plan.md"]


def sparse(path: Path) -> None:
    """A file of 1 GB, which takes no room on the disk."""
    with path.open("wb") as file:
        file.truncate(1_000_000_000)


def listening(path: Path) -> None:
    """A socket."""
    socket.socket(socket.AF_UNIX).bind(os.path.relpath(path))


CHANGE: dict[str, Any] = APPROVED["changes"][0]
NOTHING: list[Any] = []
for _level in range(9):
    NESTED: dict[str, Any] = {"a": NOTHING}
    NOTHING = [NESTED]
# What has to be of one shape, each with values of others.
CHANGE_KEYS: dict[str, tuple[Any, ...]] = {
    **dict.fromkeys(("action", "kind", "name"), (None, 1, [], "{{ 6*7 }}", "#jinja2:x", "{#")),
    "serial_number": (1, [], {}, "{%"),
    **dict.fromkeys(("before", "after"), (None, 1, "", [], [{}], {"a": "{{ b }}"}, {"{% a": 1})),
}
ACCOUNT_KEYS: dict[str, tuple[Any, ...]] = {
    "program": (None, 1, [], "{{ 6*7 }}"),
    "account_id": ("2000001", 1.5, -1, True, 10**40),
    "digest": (
        None,
        1,
        "",
        "0" * 63,
        "0" * 65,
        "g" * 64,
        "F" * 64,
        "0" * 63 + "\n",
        "0" * 64 + "\n",
    ),
    "points_per_day_before": (None, "1", -1),
}

# What is no plan: bytes of a file, or what makes another thing at its path.
ODD_FILES: dict[str, bytes | Callable[[Path], object]] = {
    "no JSON": b"PLAY [License the fleet] ****",
    "cut off": account()[:-20],
    "empty": b"",
    "blank": b" \n",
    "a list": b"[]",
    "null": b"null",
    "a text": b'"fortiflex_plan"',
    "a number": b"1",
    "an object of nothing": b"{}",
    "a plan of nothing": plan(),
    **{
        f"a plan that is {odd!r}": plan()[:-3] + odd + b"}" for odd in (b"null", b"[]", b'""', b"1")
    },
    **{f"an account that is {odd!r}": plan(a=odd) for odd in (None, [], {}, "", 1, True)},
    **{
        f"{key} that is {odd!r}": account(**{key: odd})
        for key in ("changed", "changes", "configurations", "error", "points_per_day_after")
        for odd in (None, "", 1.5, [1], {"create": None})
        if (key, odd) != ("points_per_day_after", 1.5) and (key, odd) != ("error", "")
    },
    **{f"a change that is {odd!r}": account(changes=[odd]) for odd in (None, [], {}, "", 1)},
    **{
        f"{key} of a change that is {odd!r}": row(**{key: odd})
        for key, others in CHANGE_KEYS.items()
        for odd in others
    },
    "an unknown action": row(action="delete"),
    **{
        f"{key} of an account that is {odd!r}": account(**{key: odd})
        for key, others in ACCOUNT_KEYS.items()
        for odd in others
    },
    **{f"a change without {key}": account(changes=[without(key, CHANGE)]) for key in CHANGE_KEYS},
    **{
        f"an account without {key}": plan(a=without(key, PLAN))
        for key in ("program", "account_id", "digest", "changes", "changed")
    },
    "an account that is a template": plan(**{"{{ 6*7 }}": PLAN}),
    "a change that is deep": row(before=NESTED),
    "a change of infinity": row(before={"points": 77}).replace(b"77", b"1e999"),
    **{
        f"{odd!r} created": account(create=odd)
        for odd in (-1, 1.5, True, None, "1", 10**4000, float("nan"))
    },
    **{
        f"{odd} points": account(points_per_day_after=odd)
        for odd in (float("nan"), float("inf"), -1, True, 10**400)
    },
    "1e999 points": account(points_per_day_after=77).replace(b"77", b"1e999"),
    "a number of 100,000 digits": account(create=77).replace(b"77", b"7" * 100_000),
    "deep": DEEP,
    "deep in an account": plan(a=77).replace(b"77", DEEP),
    "UTF-16": account().decode().encode("utf-16"),
    "no UTF-8": row(name="oslo").replace(b"oslo", b"osl\xf8"),
    "zeros": bytes(1000),
    "of 8 MB in tiny pieces": b'{"fortiflex_plan": [' + b"{}," * 2_600_000 + b"{}]}",
    "one byte too large": account() + b" " * LARGEST,
    "1 GB": sparse,
    "missing": lambda path: None,
    "a directory": Path.mkdir,
    "a FIFO": os.mkfifo,
    "a socket": listening,
    "a device": lambda path: path.symlink_to("/dev/zero"),
    "a terminal": lambda path: path.symlink_to("/dev/tty"),
    "a link to itself": lambda path: path.symlink_to(path),
    "below a file": lambda path: (path.parent.rmdir(), path.parent.write_bytes(b"")),
}


def put(path: Path, what: bytes | Callable[[Path], object]) -> Path:
    """Have a file, or another thing, at a path."""
    path.parent.mkdir()
    if callable(what):
        what(path)
    else:
        path.write_bytes(what)
    return path


@pytest.mark.parametrize("odd", ODD_FILES)
def test_an_odd_file_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, odd: str
) -> None:
    monkeypatch.chdir(tmp_path)
    path = put(tmp_path / "job" / "plan.json", ODD_FILES[odd])
    ended = program("drift", path)
    assert str(path) in failed(ended) and not ended.output and ended.busy < 5


# What is no Markdown of a plan.
ODD_MARKDOWN: dict[str, bytes | Callable[[Path], object]] = {
    "empty": b"",
    "other Markdown": b"# Approved\n",
    "after something else": b"\n" + MARKDOWN.encode(),
    "no UTF-8": MARKDOWN.encode() + b"\xf8",
    "UTF-16": MARKDOWN.encode("utf-16"),
    "with a carriage return": MARKDOWN.encode() + b"a\rb",
    "with an escape": MARKDOWN.encode() + b"\x1b[2J",
    "with another direction": MARKDOWN.encode() + "\u202e".encode(),
    "9 MB": MARKDOWN.encode() + b"a" * 9_000_000,
    **{name: ODD_FILES[name] for name in ("missing", "a directory", "a FIFO", "a device", "1 GB")},
}
WRONG = [("plan.json", odd) for odd in ("empty", "a plan of nothing", "a FIFO", "missing", "deep")]
WRONG += [("plan.md", odd) for odd in ODD_MARKDOWN]


def commented(forge: Forge) -> str:
    """The comment that was written last."""
    return str(json.loads(forge.seen[-1].partition("\r\n\r\n")[2])["body"])


@pytest.mark.parametrize(("name", "odd"), WRONG)
def test_an_odd_file_is_commented_as_a_plan_that_failed(
    tmp_path: Path, name: str, odd: str
) -> None:
    files = {"plan.json": account(), "plan.md": MARKDOWN.encode()}
    files[name] = (ODD_FILES if name == "plan.json" else ODD_MARKDOWN)[odd]  # type: ignore[assignment]
    paths = [put(tmp_path / each / each, files[each]) for each in files]
    for environment in FORGES:
        with Forge().listening() as forge:
            sentence = failed(program("comment", *paths, **environment(forge.url)))
        assert str(tmp_path / name / name) in sentence and sentence in commented(forge)
        assert commented(forge).startswith(f"{EMPTY}### FortiFlex: the plan failed")


def test_a_plan_that_failed_carries_nothing(tmp_path: Path) -> None:
    for file in (account(error="no login"), plan(a=PLAN, b={"changed": False, "changes": []})):
        with Forge().listening() as forge:
            ended = program("comment", *files(tmp_path, file), **github(forge.url))
        assert sane(ended) and commented(forge).startswith(EMPTY + MARKDOWN)


def test_a_comment_carries_what_is_needed_to_carry_out_the_plan(tmp_path: Path) -> None:
    texts = {"name": "x --> { a }", "before": {"a": ["b", None, 1.5]}}
    change = {**CHANGE, **texts, "text": "no", "more": "{{ 6*7 }}"}
    given = plan(**{"x -->": {**PLAN, "changes": [change]}, "2000002": {**PLAN, "changes": []}})
    for environment in FORGES:
        with Forge().listening() as forge:
            assert sane(program("comment", *files(tmp_path, given), **environment(forge.url)))
        body = commented(forge)
        assert body.partition(" -->\n")[2].startswith(MARKDOWN) and body.count("-->") == 1
        with Forge(comments=[{**OURS, "body": body}]).listening() as forge:
            ended = program("reviewed", **environment(forge.url))
        assert sane(ended)
        wanted = {**APPROVED, "changes": [{**CHANGE, **texts}]}
        assert json.loads(ended.output) == {
            "fortiflex_plan": {"x -->": wanted, "2000002": {**APPROVED, "changes": []}}
        }


@pytest.mark.parametrize(("kind", "number"), [("create", 3000), ("move", 1500)])
def test_some_thousand_changes_fit_into_a_comment(tmp_path: Path, kind: str, number: int) -> None:
    changes = [
        {
            **CHANGE,
            "action": kind,
            "name": f"site-{n:04d}",
            "serial_number": None if kind == "create" else f"FGVMMLTM{n * 7919 % 10**8:08d}",
            "after": {"configuration": "branch", "description": f"site-{n:04d} [region=west]"},
        }
        for n in range(number)
    ]
    markdown = MARKDOWN.encode() + b"```diff\n" + b"+ create  entitlement  a\n" * 3000
    given = files(tmp_path, account(changes=changes), markdown)
    with Forge().listening() as forge:
        assert sane(program("comment", *given, **github(forge.url)))
    body = commented(forge)
    assert 20_000 < len(body) < 65_536 and len(unpacked(body)["a"]["changes"]) == number
    assert body.count("```") == 4 and body.count("+ create") > 300
    assert body.endswith(
        "\n```\n\nThe log has the rest.\n\n[Log](https://github.example/acme/sites/actions/runs/11)\n"
    )


def test_a_plan_that_does_not_fit_takes_the_place_of_an_older_one(tmp_path: Path) -> None:
    changes = [{**CHANGE, "name": os.urandom(99).hex()} for _number in range(500)]
    for environment in FORGES:
        with Forge().listening() as forge:
            given = files(tmp_path, account(changes=changes))
            sentence = failed(program("comment", *given, **environment(forge.url)))
        assert sentence.startswith("The plan does not fit into one comment: split")
        assert commented(forge).startswith(f"{EMPTY}### FortiFlex: the plan failed")
        with Forge(comments=[{**OURS, "body": commented(forge)}]).listening() as forge:
            assert "Nobody has seen a plan" in failed(program("reviewed", **environment(forge.url)))


@pytest.mark.parametrize(
    ("file", "status"),
    [
        (account(), 2),
        (account(changed=False, move=0, changes=[], configurations={}), 0),
        (account(changed=False, move=0, changes=[], configurations={}, suspended=3), 0),
        (account(changed=False), 2),  # though it counts changes
        (account(changed=False, move=0), 2),  # of configurations
        (account(error="no login"), 1),
        (plan(a={"changed": False, "changes": []}), 1),  # it says nothing
        (plan(a=PLAN, b={"changed": False, "changes": []}), 1),
    ],
)
def test_nothing_changes_only_where_a_plan_says_so(
    tmp_path: Path, file: bytes, status: int
) -> None:
    drift = program("drift", put(tmp_path / "job" / "plan.json", file))
    assert drift.status == status and (status != 1 or failed(drift))


def mutated(thing: Any) -> st.SearchStrategy[Any]:
    """The same with something else at one place of it."""
    places = list(_places(thing))
    odd = st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=5,
    )

    def put_at(place: tuple[Any, ...], value: Any) -> Any:
        if not place:
            return value
        changed = copy.deepcopy(thing)
        inner = changed
        for key in place[:-1]:
            inner = inner[key]
        inner[place[-1]] = value
        return changed

    return st.builds(put_at, st.sampled_from(places), odd)


def _places(thing: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield at
    if isinstance(thing, (dict, list)):
        for key, value in thing.items() if isinstance(thing, dict) else enumerate(thing):
            yield from _places(value, (*at, key))


def sane(ended: Ended) -> bool:
    """Whether it succeeded; it complains if it did neither that nor fail as it should."""
    if ended.status == 1:
        return not failed(ended)
    assert ended.status in (0, 2) and not ended.error, ended
    return True


def sampled(examples: int) -> Callable[..., Any]:
    """So many examples, none of which is too slow."""
    unchecked = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
    return settings(max_examples=examples, deadline=None, suppress_health_check=unchecked)


def check_plan(path: Path, data: Any) -> None:
    path.write_text(json.dumps(data))
    if not sane(program("drift", path)):
        return
    with Forge().listening() as forge:
        assert sane(program("comment", *files(path.parent, path.read_bytes()), **github(forge.url)))
    with Forge(comments=[{**OURS, "body": commented(forge)}]).listening() as forge:
        ended = program("reviewed", **github(forge.url))
    assert sane(ended) and set(json.loads(ended.output)["fortiflex_plan"]) == set(
        data["fortiflex_plan"]
    )


PLANS = mutated({"fortiflex_plan": {"2000001": PLAN, "2000002": {**PLAN, "error": "no login"}}})


@sampled(15)
@given(data=PLANS)
def test_any_plan_file(tmp_path: Path, data: Any) -> None:
    check_plan(tmp_path / "plan.json", data)


@pytest.mark.thorough
@sampled(400)
@given(data=PLANS)
def test_any_plan_file_thoroughly(tmp_path: Path, data: Any) -> None:
    check_plan(tmp_path / "plan.json", data)


def test_one_huge_name_costs_little(tmp_path: Path) -> None:
    change = CHANGE
    rows = [{**change, "name": "x" * 1_000_000}, *[change] * 10_000]
    with Forge().listening() as forge:
        ended = program("comment", *files(tmp_path, account(changes=rows)), **github(forge.url))
    assert sane(ended) and ended.busy < 5
    with Forge(comments=[{**OURS, "body": commented(forge)}]).listening() as forge:
        assert sane(program("reviewed", **github(forge.url)))


def test_an_output_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    def told(stdout: Any) -> str:
        with Forge().listening() as forge:
            return failed(program("reviewed", stdout=stdout, **github(forge.url)))

    with open("/dev/full", "wb") as full:
        assert "The output cannot be written" in told(full)
    read, write = os.pipe()
    os.close(read)
    assert "The output cannot be written" in told(write)
    os.close(write)
    path = put(tmp_path / "ø" / "plan.json", row(name="ø"))
    assert program("drift", path, LC_ALL="C").status == 2
    assert str(path) not in failed(program("drift", tmp_path / "ø", LC_ALL="C"))


# Each way that the program asks a forge: its arguments, what comments there are, and what it asks for, in order.
CONVERSATIONS = {
    "first comment": ("comment", (), ("list", "POST")),
    "comment again": ("comment", (OURS,), ("list", "PATCH")),
    "read it": ("reviewed", (OURS,), ("list", "list")),
}
POSITIONS = [
    (environment, conversation, number, kind)
    for environment in FORGES
    for conversation, (_verb, _comments, kinds) in CONVERSATIONS.items()
    for number, kind in enumerate((("GET",) if environment is gitlab else ()) + kinds)
]
HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
ECHO = f"HTTP/1.1 200 {TOKEN}\r\nServer: {TOKEN}\r\n\r\n{TOKEN}".encode()

# What no API answers, wherever it is asked.
ODD_ANSWERS: dict[str, Answer] = {
    "HTML": http(b"<html>Please log in</html>"),
    "empty": http(b""),
    "no content": b"HTTP/1.1 204 No Content\r\n\r\n",
    "nothing": b"",
    "no HTTP": b"220 mail.example ESMTP " + TOKEN.encode() + b"\r\n",
    "its token": ECHO,
    "truncated": http([OURS])[:-9],
    "shorter than it says": HEAD + b"Content-Length: 99\r\n\r\n[]",
    "longer than it says": HEAD + b"Content-Length: 1\r\n\r\n[{}]",
    "a length of nonsense": HEAD + b"Content-Length: -1\r\n\r\n{",
    "chunks of nonsense": CHUNKED + TOKEN.encode() + b"\r\n[]\r\n",
    "chunks without an end": CHUNKED + b"2\r\n[]\r\n",
    "gzip": http(gzip.compress(b"[]"), "200 OK", "Content-Encoding: gzip"),
    "no UTF-8": http(b'["\xff"]'),
    "deep": http(DEEP),
    "a number of 100,000 digits": http(b"7" * 100_000),
    "NaN": http(b"NaN"),
    "null": http(None),
    "a text": http("ok"),
    "a list of texts": http(["a"]),
    "a list of lists": http([[]]),
    "8 MB in tiny pieces": http(b"[" + b"{}," * 2_600_000 + b"0]"),
    "9 MB": http(b"[" + b" " * 9_000_000 + b"]"),
    **{
        status: http({"message": f"{TOKEN}\n::error::odd"}, status)
        for status in ("401 No", "403 No", "404 No", "422 No", "429 No", "500 No", "503 No")
    },
    "a thousand headers": HEAD + b"A: b\r\n" * 1000 + b"\r\n[]",
    "an endless header": endless(HEAD + b"A: ", b"a" * 65536),
    "endless chunks": endless(CHUNKED, b"10000\r\n" + b" " * 65536 + b"\r\n"),
    "a chunk of all that comes": endless(CHUNKED + b"-1\r\n", b" " * 65536),
    "endless trailers": endless(CHUNKED + b"2\r\n[]\r\n0\r\n", b"A: b\r\n" * 10_000),
    "endless bytes": endless(HEAD + b"\r\n[", b" " * 65536),
    "a petabyte": endless(HEAD + b"Content-Length: 1000000000000000\r\n\r\n", b" " * 65536),
}
SLOW_ANSWERS: dict[str, Answer] = {
    "a byte at a time": endless(HEAD + b"Content-Length: 9999\r\n\r\n", b" ", 0.2),
    "a byte of a header at a time": endless(HEAD + b"A: ", b"a", 0.2),
    "a chunk at a time": endless(CHUNKED, b"1\r\n \r\n", 0.2),
    "silence": endless(b"", b"", 0.2),
    "to be continued": endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.2),
}
# What is wrong only where an object is asked for, and only where a list of objects is.
ODD_OBJECTS = {
    f"an id that is {odd!r}": http({**OURS, "id": odd}) for odd in (None, "1", "../2", 1.5, True)
} | {"a list": http([OURS])}
ODD_LISTS = {"an object": http(OURS), "an object of lists": http({"items": [OURS]})}


def converse(
    tmp_path: Path, conversation: str, environment: Any, odd: dict[int, Answer], **others: Any
) -> tuple[Ended, Forge]:
    """Have the program talk to a forge that gives odd answers."""
    verb, comments, _kinds = CONVERSATIONS[conversation]
    arguments = [verb]
    if verb == "comment":
        arguments += map(str, files(tmp_path, account()))
    with Forge(comments=comments, odd=odd).listening() as forge:
        ended = program(*arguments, **others, **environment(forge.url))
    return ended, forge


def of_kind(kind: str) -> dict[str, Answer]:
    """All that is odd as an answer to such a question."""
    return {**ODD_ANSWERS, **(ODD_LISTS if kind == "list" else ODD_OBJECTS)}


ALL = [
    (environment, conversation, number, name)
    for environment, conversation, number, kind in POSITIONS
    for name in of_kind(kind)
]
# Each odd answer at one place, and something odd at each place.
BY_NAME = {name: [case for case in ALL if case[3] == name] for name in sorted({c[3] for c in ALL})}
SAMPLE = BY_NAME.pop("HTML") + [
    cases[number % len(cases)] for number, cases in enumerate(BY_NAME.values())
]


def check_answer(
    tmp_path: Path, environment: Any, conversation: str, number: int, name: str
) -> None:
    kinds = (("GET",) if environment is gitlab else ()) + CONVERSATIONS[conversation][2]
    odd = of_kind(kinds[number])[name]
    ended, forge = converse(tmp_path, conversation, environment, {number: odd})
    sentence = failed(ended)
    assert forge.url in sentence or "The " in sentence
    assert not ended.output and ended.busy < 5 and len(forge.seen) == number + 1


@pytest.mark.parametrize(("environment", "conversation", "number", "name"), SAMPLE)
def test_an_odd_answer_is_one_sentence(
    tmp_path: Path, environment: Any, conversation: str, number: int, name: str
) -> None:
    check_answer(tmp_path, environment, conversation, number, name)


@pytest.mark.thorough
@pytest.mark.parametrize(("environment", "conversation", "number", "name"), ALL)
def test_any_odd_answer_anywhere_is_one_sentence(
    tmp_path: Path, environment: Any, conversation: str, number: int, name: str
) -> None:
    check_answer(tmp_path, environment, conversation, number, name)


@pytest.mark.parametrize("slow", SLOW_ANSWERS)
def test_a_slow_answer_is_given_up(tmp_path: Path, slow: str) -> None:
    odd = {1: SLOW_ANSWERS[slow]}
    ended, _forge = converse(tmp_path, "read it", github, odd, limits=QUICK)
    assert "has not been answered in time" in failed(ended) and 1 <= ended.seconds < 20


@pytest.mark.thorough
def test_a_slow_answer_is_given_up_after_half_a_minute(tmp_path: Path) -> None:
    ended, _forge = converse(tmp_path, "read it", gitlab, {0: SLOW_ANSWERS["a byte at a time"]})
    assert "has not been answered in time" in failed(ended) and 29 < ended.seconds < 50


def test_many_answers_that_are_slow_are_given_up(tmp_path: Path) -> None:
    page = http([{"id": 1, "body": "no"}] * 50)

    def slowly(connection: socket.socket) -> None:
        time.sleep(0.3)
        connection.sendall(page)

    ended, forge = converse(tmp_path, "first comment", github, {-1: slowly}, limits=QUICK)
    assert "has not been answered in time" in failed(ended)
    assert 2 <= ended.seconds < 20 and 1 < len(forge.seen) < 9


def test_comments_without_an_end_are_one_sentence(tmp_path: Path) -> None:
    page = http([{"id": 1, "body": "no"}] * 50)
    ended, forge = converse(tmp_path, "first comment", github, {-1: page})
    assert "has more than 10000 comments" in failed(ended) and len(forge.seen) == 200


@pytest.mark.parametrize("environment", FORGES)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("location", ["{other}/user", "{own}/user", "https://{host}/", "file:/x"])
def test_no_redirection_is_followed(
    tmp_path: Path, environment: Any, status: int, location: str
) -> None:
    with Forge().listening() as other:

        def away(connection: socket.socket) -> None:
            own = f"http://127.0.0.1:{connection.getsockname()[1]}"
            where = location.format(other=other.url, own=own, host=other.url[7:])
            connection.sendall(http({}, f"{status} Moved", f"Location: {where}"))

        ended, forge = converse(tmp_path, "comment again", environment, {-1: away})
    assert f"HTTP {status}: redirections are not followed" in failed(ended)
    assert len(forge.seen) == 1 and other.seen == []


def test_a_token_goes_to_no_proxy(tmp_path: Path) -> None:
    with Forge(odd={-1: http({}, "407 No")}).listening() as proxy:
        through = {"http_proxy": proxy.url, "HTTP_PROXY": proxy.url, "https_proxy": proxy.url}
        ended, forge = converse(tmp_path, "read it", gitlab, {}, **through)
        assert sane(ended) and TOKEN in forge.seen[0] and proxy.seen == []
        failed(program("reviewed", **{**gitlab("https://gitlab.invalid/api/v4"), **through}))
    (request,) = proxy.seen
    assert request.startswith("CONNECT gitlab.invalid:443") and TOKEN not in request


@pytest.mark.parametrize(
    "url",
    [
        "",
        "gitlab.example",
        "http://gitlab.example/api/v4",
        "http://127.0.0.1.gitlab.example/",
        "http://localhost@gitlab.example/",
        "https://user:word@gitlab.example",
        "https://gitlab.example?x=",
        "https://gitlab.example/#",
        "https://gitlab.example/\nX: y",
        "https://gitlab.example/{0}",
        "file:///etc/passwd",
        "ftp://gitlab.example",
    ],
)
def test_an_odd_address_gets_no_token(url: str) -> None:
    for environment, name in ((gitlab, "CI_API_V4_URL"), (github, "GITHUB_API_URL")):
        assert failed(program("reviewed", **environment(url))).startswith(f"{name} is no address")


@pytest.mark.parametrize("token", ["", " ", "a\nb", "a b", "ø", f"x{TOKEN}\r\nX: y"])
def test_an_odd_token_is_refused_and_not_shown(token: str) -> None:
    for environment, name in ((gitlab, "GITLAB_TOKEN"), (github, "GITHUB_TOKEN")):
        told = failed(program("reviewed", **{**environment("https://forge.invalid"), name: token}))
        assert told.startswith(f"{name} is n")


def test_a_line_break_after_the_token_does_no_harm(tmp_path: Path) -> None:
    ended, _forge = converse(
        tmp_path, "read it", lambda url: github(url) | {"GITHUB_TOKEN": TOKEN + "\n"}, {}
    )
    assert sane(ended) and json.loads(ended.output)["fortiflex_plan"]["2000001"]


@pytest.mark.parametrize("name", sorted({*github("https://a"), *gitlab("https://a")}))
@pytest.mark.parametrize("value", ["", "{", "refs/pull/" + "7" * 9999 + "/merge", "%0a\u202e"])
def test_odd_variables_of_a_job_are_no_traceback(tmp_path: Path, name: str, value: str) -> None:
    def environment(url: str) -> dict[str, str]:
        usual = github(url) if name in github(url) else gitlab(url)
        return {**usual, name: value}

    conversation = "read it" if "SHA" in name else "first comment"
    ended, _forge = converse(tmp_path, conversation, environment, {})
    sane(ended)


def check_edited(told: str) -> None:
    edited = {**OURS, "body": f"<!-- flexops.fortiflex plan {told} -->"}
    for environment in FORGES:
        with Forge(comments=[edited]).listening() as forge:
            ended = program("reviewed", **environment(forge.url))
        assert "does not have its plan any more" in failed(ended) and not ended.output
        assert ended.busy < 5


@pytest.mark.parametrize(
    "told",
    ["{", "eJw=", "eJw", "ø", '{"2000001":5.11}', packed([]), packed(None), packed([5])]
    + [packed({"a": odd}) for odd in (None, 5.11, {}, [], {"changes": None}, {"changes": [{}]})]
    + [
        packed({"a": {**APPROVED, key: odd}})
        for key, others in ACCOUNT_KEYS.items()
        for odd in others
    ]
    + [
        packed({"a": {**APPROVED, "changes": [{**CHANGE, key: odd}]}})
        for key, others in CHANGE_KEYS.items()
        for odd in others
    ]
    + [
        base64.b64encode(odd).decode()
        for odd in (
            b"{}",
            zlib.compress(b"{}")[:-1],
            zlib.compress(b"{}") + b"x",
            zlib.compress(DEEP),
            zlib.compress(b'{"a":NaN}'),
            zlib.compress(b'"\xff"'),
            gzip.compress(b"{}", mtime=0),
        )
    ],
)
def test_our_comment_that_somebody_has_edited_allows_nothing(told: str) -> None:
    check_edited(told)


@pytest.mark.parametrize("pieces", [8, 500])
def test_a_comment_that_unpacks_to_much_allows_nothing(pieces: int) -> None:
    packer = zlib.compressobj()
    packed = [packer.compress(b" " * 1_000_000) for _piece in range(pieces)]
    packed += [packer.compress(b"{}"), packer.flush()]
    check_edited(base64.b64encode(b"".join(packed)).decode())


@pytest.mark.parametrize("told", ["", packed({})])
def test_a_comment_without_a_plan_allows_nothing(told: str) -> None:
    ours = {**OURS, "body": f"<!-- flexops.fortiflex plan {told} -->"}
    with Forge(comments=[ours]).listening() as forge:
        ended = program("reviewed", **github(forge.url))
    assert "Nobody has seen a plan" in failed(ended) and not ended.output


@pytest.mark.parametrize("environment", FORGES)
@pytest.mark.parametrize(
    "author", [None, {}, [], "github-actions[bot]", {"login": None, "id": None}, {"id": "99"}]
)
def test_what_others_write_is_not_ours(tmp_path: Path, environment: Any, author: Any) -> None:
    comments = [
        {**OURS, "user": author, "author": author},
        {"id": 5, "body": None},
        {"id": 6, "body": 7},
        {},
    ]
    with Forge(comments=comments).listening() as forge:
        assert "Nobody has seen a plan" in failed(program("reviewed", **environment(forge.url)))


def check_answers(tmp_path: Path, environment: Any, conversation: str, data: Any) -> None:
    merged, comments, written = map(http, data)
    answers = [merged, comments] if conversation == "read it" else [comments, written]
    odd: dict[int, Answer] = dict(enumerate(answers, start=environment is gitlab))
    ended, _forge = converse(tmp_path, conversation, environment, odd)
    if sane(ended) and ended.output:
        for plan in json.loads(ended.output, parse_constant=pytest.fail).values():
            assert all(set(found) <= set(APPROVED) for found in plan.values())


ANSWERS = (
    st.sampled_from(FORGES),
    st.sampled_from(sorted(CONVERSATIONS)),
    st.tuples(mutated([MERGED]), mutated([OURS]), mutated(OURS)),
)


@sampled(15)
@given(*ANSWERS)
def test_any_answers(
    tmp_path_factory: pytest.TempPathFactory, environment: Any, conversation: str, data: Any
) -> None:
    check_answers(tmp_path_factory.mktemp("job"), environment, conversation, data)


@pytest.mark.thorough
@sampled(400)
@given(*ANSWERS)
def test_any_answers_thoroughly(
    tmp_path_factory: pytest.TempPathFactory, environment: Any, conversation: str, data: Any
) -> None:
    check_answers(tmp_path_factory.mktemp("job"), environment, conversation, data)
