# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Single requests on their way to FortiFlex and back: what is sent, when it must not leave any
more, and what came of it.

Private to the collection: may change at any time.
"""

from __future__ import annotations

import contextlib
import json
import random
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..clock import Clock
from ..core.steps import W
from ._tokens import Token
from .answers import Endpoint, Reply, ReplyKind, understand
from .connection import Connection
from .pace import Pace
from .request_limit import RequestLimit, Slot
from .transport import HttpAnswer, TooMuch, Transport

with contextlib.suppress(ImportError):  # Client reports that
    import requests

VERSION = "1.0.0"


@dataclass(frozen=True)
class Request:
    """A call as it is sent. Its body must not leave after ``not_after`` (seconds since 1970), if
    that is given.
    """

    url: str
    endpoint: Endpoint
    body: Mapping[str, Any] = field(repr=False)
    token: Token | None = None
    not_after: float | None = None

    def is_late(self, now: float) -> bool:
        """Whether its body must not leave any more."""
        return self.not_after is not None and now > self.not_after

    @property
    def headers(self) -> dict[str, str]:
        """Its HTTP headers."""
        headers = {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "User-Agent": f"flexops.fortiflex/{VERSION}",
        }
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token.access}"
        return headers


class Wire:
    """Sends single requests. ``made`` counts those that have left, logins included."""

    def __init__(self, connection: Connection, clock: Clock, limit: RequestLimit) -> None:
        """Sends nothing yet."""
        self.made = 0
        self.pace = Pace(limit)
        self._connection = connection
        self._clock = clock
        self._limit = limit
        self._verify = (connection.ca_path or True) if connection.validate_certs else False
        self._transports: dict[bool, Transport] = {}
        self._hidden = {connection.password}
        self._overlaps = 0
        self._unreachable_since: float | None = None

    @property
    def unreachable_seconds(self) -> float:
        """For how long the service could not be reached; 0 if the latest request left."""
        now = self._clock.now()
        return now - (self._unreachable_since or now)

    def hide(self, token: Token) -> None:
        """Let no message repeat a token."""
        self._hidden.update(filter(None, (token.access, token.refresh)))

    def send(self, slot: Slot, request: Request) -> Reply:
        """One request in its slot. Everything that can go wrong on the way is in the reply, nothing
        is raised.
        """
        sent_at = self._clock.now()
        if request.is_late(sent_at):
            return Reply(ReplyKind.LATE)
        timeout = self._connection.timeout
        seconds = timeout if request.not_after is None else min(timeout, W)
        slot.sending(seconds)
        payload = json.dumps(request.body).encode()
        body = _Body(payload, lambda: not request.is_late(self._clock.now()))
        result = self._post(request, body, seconds)
        self.made += body.sent
        if body.sent:
            self.pace.took(self._clock.now() - sent_at)
        else:
            slot.unsent()
        if isinstance(result, Exception):
            return self._without_answer(result, body.sent, sent_at, seconds)
        reply = understand(request.endpoint, result.status, result.content, self._hidden)
        reply.sent_at, reply.answered_at = sent_at, self._clock.now()
        self._heed(slot, reply)
        return reply

    def _heed(self, slot: Slot, reply: Reply) -> None:
        """If an answer asks for fewer requests, let no process of this machine send one meanwhile."""
        self._unreachable_since = None
        if reply.kind is ReplyKind.SLOW:
            reply.pause = self._pause(reply.api_status)
            slot.slow_down(reply.pause)
        else:
            self._overlaps = 0

    def _without_answer(
        self, problem: Exception, sent: bool, sent_at: float, seconds: float
    ) -> Reply:
        """What it means that there was no answer: only what certainly never left had certainly no
        effect.
        """
        if isinstance(problem, _TooLate):
            return Reply(ReplyKind.LATE)
        self._unreachable_since = None if sent else self._unreachable_since or sent_at
        kind = ReplyKind.UNUSABLE if sent else ReplyKind.UNREACHABLE
        hopeless = isinstance(problem, requests.exceptions.SSLError) and not sent
        final = hopeless or isinstance(problem, TooMuch)
        return Reply(kind, _reason(problem, seconds), final=final, sent_at=sent_at)

    def _pause(self, code: int | None) -> float:
        """How many seconds to send nothing after "slow down". How FortiFlex counts its hour is not
        known: it is tried twelve times in one.
        """
        if code == -10:
            return self._limit.minute
        if code == -11:
            return self._limit.hour / 12
        self._overlaps = min(self._overlaps + 1, 4)
        return 2.0 ** (self._overlaps - 1) * random.uniform(0.5, 1.5)

    def _post(self, request: Request, body: _Body, seconds: float) -> HttpAnswer | Exception:
        """POST, and what came of it."""
        # Plain HTTP is for this machine only, and must not wander to a proxy.
        secure = request.url.startswith("https:")
        transport = self._transports.get(secure) or Transport(self._verify, secure)
        self._transports[secure] = transport
        most = request.endpoint.most_bytes
        try:
            return transport.send(
                "POST", request.url, request.headers, seconds, most, body.give_up, data=body
            )
        except TimeoutError as problem:
            del self._transports[secure]  # its connections have ended
            return problem
        except Exception as problem:  # pylint: disable=broad-except
            return problem


class _TooLate(Exception):
    """The body must not leave any more."""


class _Body:
    """A body that is handed over only once the connection stands, and only if it may still be sent.
    As long as ``sent`` is false, it has not left.
    """

    def __init__(self, data: bytes, may_send: Callable[[], bool]) -> None:
        self.sent = False
        self.given_up = False
        self._data = data
        self._may_send = may_send

    def give_up(self) -> None:
        """It must not leave any more."""
        self.given_up = True

    def __len__(self) -> int:
        return len(self._data)

    def __iter__(self) -> Iterator[bytes]:
        # In this order: whoever stops waiting sets given_up first and reads sent then, so that one of the two sees the other.
        self.sent = True
        if self.given_up or not self._may_send():
            self.sent = False
            raise _TooLate
        yield self._data


_CAUSES: tuple[tuple[type[Exception], str], ...] = (
    (ssl.SSLError, "TLS failed"),
    (socket.gaierror, "the host name is not known"),
    (ConnectionRefusedError, "connection refused"),
)


def _reason(error: Exception, seconds: float) -> str:
    """Why there was no answer, in words of our own: the text of an exception may hold anything."""
    if isinstance(error, (TimeoutError, requests.exceptions.Timeout)):
        return f"no answer within {seconds:.0f} s"
    if isinstance(error, TooMuch):
        return "its answer is too large, or compressed in an unknown way"
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return (
                f"its certificate is not trusted: {cause.verify_message}; "
                "ca_path names another authority"
            )
        for kind, reason in _CAUSES:
            if isinstance(cause, kind):
                return reason
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy failed"
    broke = isinstance(error, requests.exceptions.RequestException)
    return "the connection broke" if broke else type(error).__name__


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error, what caused it, what caused that, and so on."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
