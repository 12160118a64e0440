# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests to a server that means harm: they end in time and in memory, and nothing of them goes on."""

from __future__ import annotations

import contextlib
import gzip
import itertools
import socket
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from ansible_collections.flexops.fortiflex.plugins.module_utils.client.transport import (
    HttpAnswer,
    TooMuch,
    Transport,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.errors import UnknownOutcome
from ansible_collections.flexops.fortiflex.plugins.module_utils.task import _device as device

MOST = 2_000_000
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
Answer = Callable[[socket.socket], None]


def send(parts: Iterator[bytes], pause: float = 0.0) -> Answer:
    """An answer of these parts, until the other side has had enough."""

    def answer(connection: socket.socket) -> None:
        for part in parts:
            connection.sendall(part)
            time.sleep(pause)

    return answer


def chunks(part: bytes) -> Iterator[bytes]:
    """An answer that never ends, in chunks."""
    head = OK + b"Transfer-Encoding: chunked\r\n\r\n"
    chunk = b"%x\r\n%s\r\n" % (len(part), part)
    return itertools.chain([head], itertools.repeat(chunk))


def packed(size: int, times: int = 1) -> bytes:
    """So many zeros, packed."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    data = b"".join(packer.compress(bytes(1_000_000)) for _number in range(size // 1_000_000))
    data += packer.flush()
    return data if times == 1 else gzip.compress(data, 9)


def whole(data: bytes, encoding: str) -> Iterator[bytes]:
    """An answer with its length."""
    head = OK + f"Content-Length: {len(data)}\r\nContent-Encoding: {encoding}\r\n\r\n".encode()
    return iter((head, data))


def drip(*parts: bytes) -> Iterator[bytes]:
    """The same, byte by byte."""
    return (bytes([byte]) for part in parts for byte in part)


@contextlib.contextmanager
def server(answer: Answer) -> Iterator[str]:
    """A URL at which every request gets this answer."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection = listening.accept()[0]
                    with connection, contextlib.suppress(OSError):
                        connection.recv(65536)
                        answer(connection)

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        listening.shutdown(socket.SHUT_RDWR)


def get(url: str, seconds: float = 1.0) -> HttpAnswer:
    with Transport(True, False) as transport:
        return transport.send("GET", url, {}, seconds, MOST)


def test_an_answer_and_one_that_is_packed() -> None:
    for answer in (whole(b"[1]", "identity"), whole(gzip.compress(b"[1]"), "gzip")):
        with server(send(answer)) as url:
            assert get(url) == (200, b"[1]")


FLOODS: dict[str, Callable[[], Answer]] = {
    "endless chunks": lambda: send(chunks(bytes(65536))),
    "packed zeros": lambda: send(whole(packed(500_000_000), "gzip")),
    "packed twice": lambda: send(whole(packed(100_000_000, times=2), "gzip, gzip")),
    "an unknown packing": lambda: send(whole(bytes(100), "zstd")),
    "endless packed chunks": lambda: send(chunks(packed(50_000_000))),
    "endless head": lambda: send(
        itertools.chain([OK], (b"X-%d: %s\r\n" % (n, b"x" * 9000) for n in itertools.count()))
    ),
}
DRIPS: dict[str, Callable[[], Answer]] = {
    "body": lambda: send(itertools.chain([OK, b"\r\n"], drip(bytes(1000))), 0.2),
    "chunks": lambda: send(
        drip(OK, b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n0\r\n" * 999), 0.05
    ),
    "head": lambda: send(drip(OK, b"X-Long: " + bytes(60_000)), 0.05),
    "nothing": lambda: send(iter([b""]), 30.0),
}


@pytest.mark.parametrize("name", FLOODS)
def test_an_answer_that_is_too_large_is_refused(name: str) -> None:
    answer = FLOODS[name]()
    with server(answer) as url:
        begun = time.monotonic()
        with pytest.raises((TooMuch, requests.exceptions.RequestException)):
            get(url, 10.0)
        assert time.monotonic() - begun < 5.0


@pytest.mark.parametrize("name", DRIPS)
def test_a_server_that_takes_its_time_holds_nobody(name: str) -> None:
    with server(DRIPS[name]()) as url:
        before, begun = threading.active_count(), time.monotonic()
        with pytest.raises((TimeoutError, requests.exceptions.Timeout)):
            get(url, 0.5)
        assert time.monotonic() - begun < 1.5
        until = time.monotonic() + 5.0
        while threading.active_count() > before and time.monotonic() < until:
            time.sleep(0.02)
        assert threading.active_count() <= before, "nothing goes on"


def test_who_gives_up_says_so_before_the_connection_ends() -> None:
    said: list[float] = []
    with (
        server(DRIPS["body"]()) as url,
        Transport(True, False) as transport,
        pytest.raises(TimeoutError),
    ):
        transport.send("GET", url, {}, 0.5, MOST, lambda: said.append(time.monotonic()))
    assert len(said) == 1


_CHILD = """
import resource, sys
from unit.test_transport import FLOODS, get, server
answer = FLOODS[sys.argv[1]]()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with server(answer) as url:
    try:
        get(url, 10.0)
    except Exception as error:
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_takes_little_memory(name: str) -> None:
    """Peak memory of a process of its own, of which the server is a part."""
    done: Any = subprocess.run(
        [sys.executable, "-c", _CHILD, name],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    assert int(done.stdout) < 40_000, "kilobytes"


@pytest.mark.parametrize("name", ["body", "head", "nothing"])
def test_a_device_that_takes_its_time_counts_as_one_that_does_not_answer(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device, "_SECONDS", 0.5)
    with server(DRIPS[name]()) as url:
        begun = time.monotonic()
        assert device.Device(url, "a token", True, None).state() is None
        with pytest.raises(UnknownOutcome):
            device.Device(url, "a token", True, None).inject("a license", None, 0.0)
        assert time.monotonic() - begun < 4.0


@pytest.mark.parametrize("name", FLOODS)
def test_a_device_that_says_too_much_counts_as_one_that_does_not_answer(name: str) -> None:
    with server(FLOODS[name]()) as url:
        assert device.Device(url, "a token", True, None).state() is None
