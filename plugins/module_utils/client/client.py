# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All traffic with FortiFlex: login, pacing, what an answer means, and what is repeated. It decides nothing about licenses.

Private to the collection: may change at any time.
"""

from __future__ import annotations

import contextlib
import json
import random
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from ..clock import Clock
from ..core.steps import W
from ..errors import (
    AccessDenied,
    FlexError,
    LoginRefused,
    NotSent,
    Refused,
    TooManyErrors,
    Unavailable,
    UnknownOutcome,
)
from .answers import ENDPOINTS, LOGIN, Endpoint, Reply, ReplyKind, understand
from .connection import Connection
from .pace import Pace
from .request_limit import RequestLimit, Slot
from .shared_query import Writes
from .tokens import Token, TokenCache
from .transport import REQUESTS_IMPORT_ERROR, HttpAnswer, TooMuch, Transport

with contextlib.suppress(ImportError):  # Client reports that
    import requests

VERSION = "1.0.0"
_REPEATS = 4
_REPEAT_SECONDS = (
    30.0  # how long a failing call is repeated, or a service that cannot be reached is waited for
)


class Answer(NamedTuple):
    """What a call brought: its items (an answer with a single object has one), and when it was sent and answered (seconds since 1970)."""

    items: list[dict[str, Any]]
    sent_at: float
    answered_at: float


class Client:
    """A connection to FortiFlex. ``made`` counts the requests that were sent, logins included."""

    def __init__(
        self,
        connection: Connection,
        clock: Clock,
        warn: Callable[[str], None] = lambda text: None,
        repeats: int = _REPEATS,
        heard: Callable[[], None] | None = None,
    ) -> None:
        """Sends nothing yet. ``warn`` gets sentences for the user, ``repeats`` is how many failures of a reading call it bears.

        ``heard`` is called after each reading call. Who gives it shows what the client waits for, so that this is no warning.

        Raises FlexError without requests, or if the state directory cannot be used."""
        if REQUESTS_IMPORT_ERROR is not None:
            raise FlexError(
                "The Python library requests is missing on this machine: install it for the Python that runs this task."
            )
        self.made = 0
        self._repeats = repeats
        self.repeating = ""  # the call that is about to be repeated, and why
        self._heard = heard or (lambda: None)
        self.limit = RequestLimit(connection, clock, (lambda text: None) if heard else warn)
        self.pace = Pace(self.limit)
        self._connection = connection
        self._clock = clock
        self._cache = TokenCache(connection, clock)
        self._writes = Writes(connection)
        self._verify = (connection.ca_path or True) if connection.validate_certs else False
        self._transports: dict[bool, Transport] = {}
        self._token: Token | None = None
        self._rejected: str | None = None
        self._overlaps = 0
        self._unreachable_since: float | None = None
        if not connection.validate_certs:
            warn(
                "The certificate of FortiFlex is not checked because validate_certs is false: anybody on the way can read the password."
            )

    @property
    def waited_seconds(self) -> float:
        """Seconds waited for the request limit, or because the service said slow down."""
        return self.limit.waited

    def read(self, endpoint: str, body: Mapping[str, Any], repeats: int | None = None) -> Answer:
        """Call a reading endpoint such as ``entitlements/list``, as often as it takes, but after no more than so many failures.

        Raises Unavailable, Refused, AccessDenied, LoginRefused or QuotaExhausted.
        """
        reply = self._repeat(
            endpoint, self._connection.api_url, lambda: self._attempt(endpoint, body, None), repeats
        )
        self._heard()
        if reply.kind is not ReplyKind.DONE:
            raise self._refusal(endpoint, reply)
        return Answer(reply.items, reply.sent_at, reply.answered_at)

    def write(
        self, endpoint: str, body: Mapping[str, Any], not_after: float, harmless: bool = False
    ) -> Answer:
        """Call a writing endpoint once, provided that its body leaves before ``not_after`` (seconds since 1970).

        ``harmless``: it cannot have an effect, so that what was looked at before stays good.
        Raises NotSent (no effect, may be sent again after a new observation; the next call waits by itself for as long as it must),
        UnknownOutcome (may have taken effect), Refused, TooManyErrors, AccessDenied, LoginRefused, QuotaExhausted, or Unavailable when the
        service has not been reachable for half a minute.
        """
        if not harmless:
            self._writes.happened()  # also for a process that dies before the answer
        try:
            reply = self._attempt(endpoint, body, not_after)
        finally:
            if not harmless:
                self._writes.happened()
        details = _details(endpoint, reply)
        if reply.kind is ReplyKind.DONE:
            return Answer(reply.items, reply.sent_at, reply.answered_at)
        if reply.kind is ReplyKind.LATE:
            raise NotSent(
                f"{endpoint} was not sent: what it rests on has grown too old, and is looked at again.",
                **details,
            )
        if reply.kind is ReplyKind.SLOW:
            raise NotSent(
                f"FortiFlex refused {endpoint} for now ({reply.message}): send it again in {reply.pause:.0f} s.",
                **details,
            )
        if reply.kind is ReplyKind.UNREACHABLE:
            if (
                self._clock.now() - (self._unreachable_since or self._clock.now())
                >= _REPEAT_SECONDS
            ):
                raise self._unavailable(endpoint, self._connection.api_url, reply)
            raise NotSent(
                f"{endpoint} was not sent: {_place(self._connection.api_url)} cannot be reached ({reply.message}).",
                **details,
            )
        if reply.kind is ReplyKind.UNUSABLE:
            sentence = f"{endpoint} may or may not have taken effect ({reply.message}): look at the program before sending it again."
            raise UnknownOutcome(sentence, reply.sent_at, **details)
        raise self._refusal(endpoint, reply)

    def _attempt(self, name: str, body: Mapping[str, Any], not_after: float | None) -> Reply:
        """Send a call once; twice if its token was not accepted."""
        endpoint = ENDPOINTS[name]
        if endpoint.writes is (not_after is None):
            raise ValueError(f"{name} is {'a write' if endpoint.writes else 'a read'}")
        for last in (False, True):
            token = self._bearer()
            with self.limit.slot(
                not_after, first=endpoint.ends_charging, creates=endpoint.creates
            ) as slot:
                if not last and not self._usable(token):
                    continue  # it has grown old while this process was waiting
                reply = self._send(
                    slot, f"{self._connection.api_url}/{name}", endpoint, body, token, not_after
                )
                if endpoint.creates and reply.kind in (
                    ReplyKind.REFUSED,
                    ReplyKind.DENIED,
                    ReplyKind.LOCKED,
                    ReplyKind.TOKEN,
                ):
                    slot.creation_refused()
            if last or reply.kind is not ReplyKind.TOKEN:
                break
            self._rejected = token.access
        return reply

    def _repeat(
        self, name: str, url: str, attempt: Callable[[], Reply], repeats: int | None = None
    ) -> Reply:
        """Repeat until there is an answer that means something. Raises Unavailable or QuotaExhausted."""
        since, failures = self._clock.now(), 0
        most = self._repeats if repeats is None else repeats
        while True:
            reply = attempt()
            if reply.kind in (ReplyKind.UNUSABLE, ReplyKind.UNREACHABLE):
                if (
                    reply.final
                    or failures == most
                    or (failures and self._clock.now() - since >= _REPEAT_SECONDS)
                ):
                    raise self._unavailable(name, url, reply)
                self.repeating = f"{name} ({reply.message})"
                self._clock.sleep(2**failures * random.uniform(0.75, 1.25))
                self.repeating = ""
                failures += 1
            elif (
                reply.kind is not ReplyKind.SLOW
            ):  # otherwise the limit makes the next attempt wait
                return reply

    def _usable(self, token: Token | None) -> bool:
        return (
            token is not None and token.access != self._rejected and self._clock.now() < token.renew
        )

    def _bearer(self) -> Token:
        """The present token; logs in if there is none. Raises LoginRefused, Unavailable or QuotaExhausted."""
        if not self._usable(self._token):
            self._token = self._cache.load() or self._token
        if not self._usable(self._token):
            self._log_in("refresh_token")
        if not self._usable(self._token):
            reply = self._repeat(
                "the login", self._connection.auth_url, lambda: self._log_in("password")
            )
            if reply.kind is not ReplyKind.DONE:
                raise LoginRefused(
                    f"FortiCloud refused the login of API user {self._connection.username[:4]}… ({reply.message or 'no reason given'}): check username and "
                    "password (a new download of the credentials resets the password), and that the user may use FortiFlex.",
                    http_status=reply.http_status,
                    api_message=reply.message,
                )
        if self._token is None:
            raise AssertionError("a login without a token counts as refused")
        return self._token

    def _log_in(self, grant: str) -> Reply:
        """Get a token in one request; none is needed if another process has just got one, or if there is nothing to refresh."""
        with self.limit.slot() as slot:
            latest = self._cache.load() or self._token
            if self._usable(latest):
                self._token = latest
                return Reply(ReplyKind.DONE)
            body = {"client_id": "flexvm", "grant_type": grant}
            if grant == "password":
                body.update(username=self._connection.username, password=self._connection.password)
            elif (
                latest is not None
                and latest.refresh
                and latest.access != self._rejected
                and self._clock.now() < latest.expires
            ):
                body.update(refresh_token=latest.refresh)
            else:
                return Reply(ReplyKind.REFUSED)
            reply = self._send(slot, self._connection.auth_url, LOGIN, body, None, None)
            token = (
                Token.from_answer(reply.items[0], reply.sent_at)
                if reply.kind is ReplyKind.DONE
                else None
            )
            if token is not None:
                self._token = token
                self._cache.save(token)
            elif reply.kind is ReplyKind.DONE:
                reply.kind, reply.message = ReplyKind.REFUSED, "the answer has no usable token"
            return reply

    def _send(
        self,
        slot: Slot,
        url: str,
        endpoint: Endpoint,
        body: Mapping[str, Any],
        token: Token | None,
        not_after: float | None,
    ) -> Reply:
        """One request in its slot, and what came of it. Everything that can go wrong on the way is in the reply, nothing is raised."""
        now = self._clock.now()
        if not_after is not None and now > not_after:
            return Reply(ReplyKind.LATE)
        seconds = (
            self._connection.timeout if not_after is None else min(self._connection.timeout, W)
        )
        slot.sending(seconds)
        payload = _Body(
            json.dumps(body).encode(), lambda: not_after is None or self._clock.now() <= not_after
        )
        result = self._post(url, payload, token, seconds, endpoint.most_bytes)
        self.made += payload.sent
        if payload.sent:
            self.pace.took(self._clock.now() - now)
        else:
            slot.unsent()
        if isinstance(result, _TooLate):
            return Reply(ReplyKind.LATE)
        if isinstance(result, BaseException):
            self._unreachable_since = None if payload.sent else self._unreachable_since or now
            kind = ReplyKind.UNUSABLE if payload.sent else ReplyKind.UNREACHABLE
            hopeless = isinstance(result, requests.exceptions.SSLError) and not payload.sent
            final = hopeless or isinstance(result, TooMuch)
            return Reply(kind, _reason(result, seconds), final=final, sent_at=now)
        self._unreachable_since = None
        reply = understand(endpoint, result.status, result.content, self._secrets(token))
        reply.sent_at, reply.answered_at = now, self._clock.now()
        if reply.kind is ReplyKind.SLOW:
            reply.pause = self._pause(reply.api_status)
            slot.slow_down(reply.pause)
        else:
            self._overlaps = 0
        return reply

    def _pause(self, code: int | None) -> float:
        """How many seconds to send nothing after "slow down". How FortiFlex counts its hour is not known: it is tried twelve times in one."""
        if code == -10:
            return self.limit.minute
        if code == -11:
            return self.limit.hour / 12
        self._overlaps = min(self._overlaps + 1, 4)
        return 2.0 ** (self._overlaps - 1) * random.uniform(0.5, 1.5)

    def _post(
        self, url: str, body: _Body, token: Token | None, seconds: float, most: int
    ) -> HttpAnswer | Exception:
        """POST, and what came of it."""
        # Plain HTTP is for this machine only, and must not wander to a proxy.
        secure = url.startswith("https:")
        transport = self._transports.get(secure) or Transport(self._verify, secure)
        self._transports[secure] = transport
        headers = {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "User-Agent": f"flexops.fortiflex/{VERSION}",
        }
        if token is not None:
            headers["Authorization"] = f"Bearer {token.access}"
        try:
            return transport.send("POST", url, headers, seconds, most, body.give_up, data=body)
        except TimeoutError as problem:
            del self._transports[secure]  # its connections have ended
            return problem
        except Exception as problem:  # pylint: disable=broad-except
            return problem

    def _secrets(self, token: Token | None) -> list[str]:
        """What no message may repeat."""
        tokens = [
            known
            for held in (token, self._token)
            if held is not None
            for known in (held.access, held.refresh)
        ]
        return [secret for secret in (self._connection.password, *tokens) if secret]

    def _refusal(self, endpoint: str, reply: Reply) -> FlexError:
        """The error for an answer that says no."""
        details = _details(endpoint, reply)
        user = f"API user {self._connection.username[:4]}…"
        said = reply.message or f"HTTP status {reply.http_status}"
        if reply.kind is ReplyKind.DENIED:
            return AccessDenied(
                f"FortiFlex denied {endpoint} to {user} ({said}): check program and account_id, and the permissions of the user.",
                **details,
            )
        if reply.kind is ReplyKind.LOCKED:
            return TooManyErrors(
                f"FortiFlex refused {endpoint} ({said}): correct what was refused before, and run again in an hour.",
                **details,
            )
        if reply.kind is ReplyKind.TOKEN:
            return LoginRefused(
                f"FortiFlex does not accept the token that {user} has just got ({said}): check that the user may use FortiFlex.",
                **details,
            )
        if "insufficient" in said.lower() and "point" in said.lower():
            return Refused(
                f"FortiFlex refused {endpoint} ({said}): add points to the program, then run again.",
                **details,
            )
        return Refused(
            f"FortiFlex refused {endpoint} ({said}): this call changed nothing; correct the values and run again.",
            **details,
        )

    def _unavailable(self, endpoint: str, url: str, reply: Reply) -> Unavailable:
        if reply.lacks:
            return Unavailable(
                f"FortiFlex at {_place(url)} answered {endpoint} without its data ({reply.lacks}), which does not mean that there is nothing: "
                "run again later, and report it if it stays so.",
                **_details(endpoint, reply),
            )
        return Unavailable(
            f"No usable answer to {endpoint} from {_place(url)} ({reply.message}): check the URL, the network and the proxy, then run again.",
            **_details(endpoint, reply),
        )


def _details(endpoint: str, reply: Reply) -> dict[str, Any]:
    """What errors tell playbooks about an answer."""
    return {
        "endpoint": endpoint,
        "http_status": reply.http_status,
        "api_status": reply.api_status,
        "api_message": reply.message or None,
    }


class _TooLate(Exception):
    """The body must not leave any more."""


class _Body:
    """A body that is handed over only once the connection stands, and only if it may still be sent. As long as ``sent`` is false, it has not left."""

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
        # In this order: whoever gives up sets given_up first and looks at sent then, so that one of the two sees the other.
        self.sent = True
        if self.given_up or not self._may_send():
            self.sent = False
            raise _TooLate
        yield self._data


def _place(url: str) -> str:
    """Host and port of a URL."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"


def _reason(error: BaseException, seconds: float) -> str:
    """Why there was no answer, in words of our own: the text of an exception may hold anything."""
    if isinstance(error, (TimeoutError, requests.exceptions.Timeout)):
        return f"no answer within {seconds:.0f} s"
    if isinstance(error, TooMuch):
        return "its answer is too large, or compressed in an unknown way"
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted: {cause.verify_message}; ca_path names another authority"
        if isinstance(cause, ssl.SSLError):
            return "TLS failed"
        if isinstance(cause, socket.gaierror):
            return "the host name is not known"
        if isinstance(cause, ConnectionRefusedError):
            return "connection refused"
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy failed"
    return (
        "the connection broke"
        if isinstance(error, requests.exceptions.RequestException)
        else type(error).__name__
    )
