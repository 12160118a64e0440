# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A GitHub and a GitLab on loopback that answer byte by byte what they are told to, right or wrong, and the pipeline program as the process that asks them."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import resource
import socket
import socketserver
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PROGRAM = Path(__file__).parents[2] / "extensions" / "ci" / "fortiflex_plan.py"
TOKEN = "forge-token-0123456789"
MEMORY = 400_000_000  # bytes of address space, of which Python itself takes a tenth
MERGED = {
    "number": 7,
    "iid": 7,
    "merged_at": "2020-11-24",
    "merge_commit_sha": "c0ffee",
    "squash_commit_sha": None,
    "sha": "0",
}
APPROVED: dict[str, Any] = {
    "program": "ELAVMS0000000200",
    "account_id": 2000001,
    "digest": "0123456789abcdef" * 4,
    "points_per_day_before": 0.0,
    "points_per_day_after": 5.11,
    "changes": [
        {
            "action": "move",
            "kind": "entitlement",
            "name": "oslo",
            "serial_number": "FGVMMLTM26000001",
            "before": {"configuration": "small", "tags": {}},
            "after": {"configuration": "branch", "tags": {"region": "west"}},
        }
    ],
}
PLAN = {
    **APPROVED,
    "changed": True,
    "changes": [{**APPROVED["changes"][0], "text": "configuration small -> branch"}],
    "move": 1,
    "unchanged": 0,
    "configurations": {"create": 1},
    "points_per_day_pending": 5.11,
}
MARKDOWN = "### FortiFlex: the plan\n\n```diff\n~ move\n```\n"


def packed(plan: Any) -> str:
    """A plan as our comment has it."""
    return base64.b64encode(zlib.compress(json.dumps(plan).encode())).decode()


def unpacked(body: str) -> Any:
    """The plan in a comment."""
    told = body.removeprefix("<!-- flexops.fortiflex plan ").partition(" -->")[0]
    return json.loads(zlib.decompress(base64.b64decode(told)))


OURS = {
    "id": 1001,
    "body": f"<!-- flexops.fortiflex plan {packed({'2000001': APPROVED})} -->\n{MARKDOWN}",
    "user": {"login": "github-actions[bot]"},
    "author": {"id": 99},
}
Answer = bytes | Callable[[socket.socket], None]


def http(body: Any, status: str = "200 OK", *headers: str) -> bytes:
    """An answer with a body (bytes as they are, anything else as JSON)."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(data)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + data


def usual(method: str, path: str, comments: Sequence[Any] = (OURS,)) -> Any:
    """What a forge answers that has one request, which was merged, and our comment on it."""
    if path == "/user":
        return {"id": 99}
    if method != "GET":
        return OURS
    return [MERGED] if re.search("pulls$|merge_requests$", path) else list(comments)


@dataclass
class Forge:
    """Answers usually, but for the request whose number ``odd`` has."""

    comments: Sequence[Any] = (OURS,)
    odd: dict[int, Answer] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)  # what has arrived, as text
    url: str = ""

    def answer(self, connection: socket.socket) -> None:
        """Answer one request."""
        text = _receive(connection)
        self.seen.append(text)
        method, path = (text.split(" ") + [""])[:2]
        told = self.odd.get(len(self.seen) - 1, self.odd.get(-1))
        if told is None:
            told = http(usual(method, path.partition("?")[0], self.comments))
        with contextlib.suppress(OSError):  # nobody listens any more
            if callable(told):
                told(connection)
            else:
                connection.sendall(told)

    @contextlib.contextmanager
    def listening(self) -> Iterator[Forge]:
        """Have it on loopback."""
        forge = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                forge.answer(self.request)

        with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
            server.daemon_threads, server.block_on_close = True, False
            self.url = f"http://127.0.0.1:{server.server_address[1]}"
            threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
            yield self
            server.shutdown()


def _receive(connection: socket.socket) -> str:
    data = b""
    while b"\r\n\r\n" not in data and (piece := connection.recv(65536)):
        data += piece
    head, _end, body = data.partition(b"\r\n\r\n")
    length = int((re.search(rb"(?i)content-length: (\d+)", head) or [b"", b"0"])[1])
    while len(body) < length and (piece := connection.recv(65536)):
        body += piece
    return (head + b"\r\n\r\n" + body).decode(errors="replace")


def endless(head: bytes, piece: bytes, pause: float = 0.0) -> Callable[[socket.socket], None]:
    """An answer that goes on until nobody listens."""

    def send(connection: socket.socket) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(piece)
            time.sleep(pause)

    return send


def github(url: str) -> dict[str, str]:
    """The variables of a job of GitHub Actions."""
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_API_URL": url,
        "GITHUB_REPOSITORY": "acme/sites",
        "GITHUB_RUN_ID": "11",
        "GITHUB_SERVER_URL": "https://github.example",
        "GITHUB_SHA": "c0ffee",
        "GITHUB_REF": "refs/pull/7/merge",
        "GITHUB_TOKEN": TOKEN,
    }


def gitlab(url: str) -> dict[str, str]:
    """The variables of a job of GitLab CI."""
    return {
        "CI_API_V4_URL": url,
        "CI_PROJECT_ID": "42",
        "CI_JOB_URL": "https://gitlab.example/jobs/11",
        "CI_COMMIT_SHA": "c0ffee",
        "CI_MERGE_REQUEST_IID": "7",
        "GITLAB_TOKEN": TOKEN,
    }


@dataclass
class Ended:
    """How the program ended."""

    status: int
    output: str
    error: str
    seconds: float  # by the clock
    busy: float  # seconds of a processor, whatever else the machine does


def program(
    *arguments: str | Path, limits: dict[str, float] | None = None, stdout: Any = None, **env: str
) -> Ended:
    """Run the program with little memory. ``limits`` are constants of it that would take too long as they are."""
    command = [sys.executable, str(PROGRAM)]
    if limits:
        setting = f"sys.path.insert(0, {str(PROGRAM.parent)!r}); import fortiflex_plan as plan"
        command[1:] = [
            "-c",
            f"import sys; {setting}; vars(plan).update({limits}); sys.exit(plan.main(sys.argv[1:]))",
        ]
    begun, busy = time.monotonic(), _busy()
    done = subprocess.run(
        [*command, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=stdout or subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={"PATH": os.environ["PATH"], **env},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
        timeout=150,
        check=False,
    )
    texts = ((text or b"").decode() for text in (done.stdout, done.stderr))
    ended = Ended(done.returncode, *texts, time.monotonic() - begun, _busy() - busy)
    assert TOKEN not in ended.output + ended.error, "the token is shown"
    return ended


def _busy() -> float:
    """Seconds of a processor that processes of this one have taken."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def failed(ended: Ended) -> str:
    """The one sentence with which it failed; complains if it was not that."""
    assert ended.status == 1, ended
    (sentence,) = ended.error.splitlines()
    assert sentence.endswith(".") and not re.search(r"[.;!?] [A-Z]|Traceback", sentence), sentence
    assert sentence.isprintable() and len(sentence) < 1100
    return sentence
