# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP requests with a limit of time and of memory. Nothing of a request goes on after its end.

The time-outs of requests are per read, and it reads an answer whole. A server that sends one byte a
second, or a few bytes that unpack to gigabytes, would hold the run. So each request has a thread,
which can be waited for, and answers are read in pieces.

Private to the collection: may change at any time.
"""

from __future__ import annotations

import contextlib
import functools
import socket
import threading
import warnings
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

try:
    import requests
    import urllib3
except ImportError as error:
    REQUESTS_IMPORT_ERROR: ImportError | None = error
else:
    REQUESTS_IMPORT_ERROR = None

_CONNECT_SECONDS = 10.0
# Bytes; deflate unpacks them to 8 million at the most, at 1032 to 1 (https://zlib.net/zlib_tech.html).
_PIECE = 8192
_UNPACKED = ("", "identity", "gzip", "x-gzip", "deflate")


class HttpAnswer(NamedTuple):
    """The status of an answer, and its bytes, unpacked."""

    status: int
    content: bytes


class TooMuch(Exception):
    """An answer that is larger than any that is meant well, or packed in a way that does not show
    how large it is.
    """


class Transport:
    """Connections to one server, kept open between requests. Redirections are not followed, and no
    password file of the user is read.
    """

    def __init__(self, verify: bool | str, trust_environment: bool) -> None:
        """``verify``: as requests takes it; ``trust_environment``: whether proxies and certificates
        of the environment count.
        """
        self._verify = verify
        self._session = requests.Session()
        self._session.trust_env = trust_environment
        self._opened: list[socket.socket] = []
        adapters: list[Any] = list(self._session.adapters.values())
        for adapter in adapters:
            _watch(adapter.poolmanager, self._opened)
            adapter.proxy_manager_for = functools.partial(
                _watched, adapter.proxy_manager_for, self._opened
            )

    def __enter__(self) -> Transport:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """End all connections, also one that is in use by a request."""
        self._session.close()
        while self._opened:
            with contextlib.suppress(OSError), self._opened.pop() as opened:
                opened.shutdown(socket.SHUT_RDWR)

    def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        seconds: float,
        most: int,
        give_up: Callable[[], None] = lambda: None,
        **request: Any,
    ) -> HttpAnswer:
        """Send a request. ``request``: its ``data`` or ``params``, as requests takes them.

        ``seconds`` are for all of it, name resolution included. ``most`` bytes may come.
        ``give_up`` is called when time is up, before connections end.

        :raises TimeoutError: if it has not ended in time
        :raises TooMuch: if more than that comes
        :raises requests.exceptions.RequestException: if anything else is wrong
        """
        ended: list[HttpAnswer | Exception] = []
        call = functools.partial(
            self._session.request,
            method,
            url,
            headers={"Accept-Encoding": "gzip", **headers},
            timeout=(min(_CONNECT_SECONDS, seconds), seconds),
            verify=self._verify,
            allow_redirects=False,
            # With an auth of its own, requests does not look into netrc.
            auth=lambda prepared: prepared,
            stream=True,
            **request,
        )

        def run() -> None:
            try:
                ended.append(_reply(call, most))
            except Exception as problem:  # pylint: disable=broad-except  # send raises it
                ended.append(problem)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        thread.join(seconds)
        if not ended:
            give_up()
            self.close()
            raise TimeoutError
        if isinstance(ended[0], Exception):
            raise ended[0]
        return ended[0]


def _reply(call: Callable[[], requests.Response], most: int) -> HttpAnswer:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", urllib3.exceptions.InsecureRequestWarning)
        with call() as response:
            return HttpAnswer(response.status_code, _content(response, most))


def _content(response: requests.Response, most: int) -> bytes:
    if response.headers.get("Content-Encoding", "").strip().lower() not in _UNPACKED:
        raise TooMuch
    pieces, size = [], 0
    for piece in response.iter_content(_PIECE):
        size += len(piece)
        if size > most:
            raise TooMuch
        pieces.append(piece)
    return b"".join(pieces)


def _watched(
    make: Callable[..., Any], opened: list[socket.socket], *args: Any, **kwargs: Any
) -> Any:
    manager = make(*args, **kwargs)
    if isinstance(manager, urllib3.ProxyManager):  # one for SOCKS has connections of its own
        _watch(manager, opened)
    return manager


def _watch(manager: Any, opened: list[socket.socket]) -> None:
    """Have a pool manager report each socket that it opens: a second descriptor of it, since TLS
    takes the first one over.
    """
    manager.pool_classes_by_scheme = {
        scheme: type(
            pool.__name__, (pool,), {"ConnectionCls": _telling(pool.ConnectionCls, opened)}
        )
        for scheme, pool in manager.pool_classes_by_scheme.items()
    }


def _telling(kind: Any, opened: list[socket.socket]) -> type:
    def _new_conn(self: Any) -> socket.socket:
        made: socket.socket = kind._new_conn(self)
        opened.append(made.dup())
        return made

    return type(kind.__name__, (kind,), {"_new_conn": _new_conn})
