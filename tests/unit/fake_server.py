# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server on loopback that gives the answers it is told to, right or wrong, and remembers what it was asked. Standard library only."""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Reply:
    """What to answer: a body (bytes as they are, anything else as JSON) after ``delay`` seconds; ``fault`` is reset, cut or drip."""

    body: Any = field(default_factory=dict)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    fault: str = ""


@dataclass
class Seen:
    """A request that arrived."""

    path: str
    body: dict[str, Any]
    headers: dict[str, str]


LOGIN = Reply(
    {
        "access_token": "canary-access-1",
        "refresh_token": "canary-refresh-1",
        "expires_in": 3660,
        "status": "success",
    }
)


class FakeServer:
    """Answers every path with what ``answer`` and ``always`` say, the login (path ``login``) and everything else with a success."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.seen: list[Seen] = []
        self.most_at_once = 0
        self.connections = 0
        self._at_once = 0
        self._lock = threading.Lock()
        self._script: dict[str, list[Reply]] = defaultdict(list)
        self._always: dict[str, Reply] = {"login": LOGIN}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        if context:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        scheme = "https" if context else "http"
        self.url = f"{scheme}://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def answer(self, path: str, *replies: Reply) -> None:
        """The next answers of a path."""
        self._script[path].extend(replies)

    def always(self, path: str, reply: Reply) -> None:
        """The answer of a path when no other is left."""
        self._always[path] = reply

    def paths(self) -> list[str]:
        """The paths that were asked, in order."""
        return [seen.path for seen in self.seen]

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()

    def _reply(self, path: str) -> Reply:
        with self._lock:
            if self._script[path]:
                return self._script[path].pop(0)
        key = path.split("/")[0]
        key = {"tools": "points", "groups": "groups"}.get(key, key)
        return self._always.get(
            path,
            Reply(
                {
                    key: [{"serialNumber": "A"}],
                    "error": None,
                    "message": "Request processed successfully.",
                    "status": 0,
                }
            ),
        )

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def setup(self) -> None:
                super().setup()
                with server._lock:
                    server.connections += 1

            def do_POST(self) -> None:
                with server._lock:
                    server._at_once += 1
                    server.most_at_once = max(server.most_at_once, server._at_once)
                self._under_way = True
                try:
                    self._answer()
                finally:
                    self._leave()

            def _leave(self) -> None:
                """It is over: told before the last byte of an answer goes, since whoever has that may send the next request at once."""
                with server._lock:
                    server._at_once -= self._under_way
                    self._under_way = False

            def _answer(self) -> None:
                data = self.rfile.read(int(self.headers["Content-Length"]))
                if len(data) < int(self.headers["Content-Length"]):
                    self.close_connection = True
                    return
                path = self.path.strip("/").removeprefix("fortiflex/v2/")
                with server._lock:
                    server.seen.append(Seen(path, json.loads(data), dict(self.headers)))
                reply = server._reply(path)
                time.sleep(reply.delay)
                if reply.fault == "reset":
                    self.connection.setsockopt(
                        socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
                    )
                    self.close_connection = True
                    self.connection.close()
                    return
                body = (
                    reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
                )
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if reply.fault == "drip":
                    for byte in body:
                        self.wfile.write(bytes([byte]))
                        time.sleep(0.3)
                elif reply.fault == "cut":
                    self.wfile.write(body[: len(body) // 2])
                    self.close_connection = True
                else:
                    self._leave()
                    self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                pass

        return Handler
