# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bearer token of one API user: taken from the cache, refreshed, or got with the password.

Private to the collection: may change at any time.
"""

from __future__ import annotations

from ..clock import Clock
from ._repeats import Repeats
from ._reply_errors import login_refused
from ._tokens import Token, TokenCache
from ._wire import Request, Wire
from .answers import LOGIN, Reply, ReplyKind
from .connection import Connection
from .request_limit import RequestLimit

_NO_TOKEN = Token("", None, expires=0.0, renew=0.0)


class Login:
    """Logs in when there is no token that can be used."""

    def __init__(
        self,
        connection: Connection,
        clock: Clock,
        limit: RequestLimit,
        wire: Wire,
        repeats: Repeats,
    ) -> None:
        """Sends nothing yet. Raises FlexError where the state directory cannot be used."""
        self._connection = connection
        self._clock = clock
        self._limit = limit
        self._wire = wire
        self._repeats = repeats
        self._cache = TokenCache(connection, clock)
        self._token = _NO_TOKEN
        self._rejected: str | None = None

    def is_usable(self, token: Token) -> bool:
        """Whether a token is neither due to be renewed nor known to be refused."""
        return token.access != self._rejected and self._clock.now() < token.renew

    def reject(self, token: Token) -> None:
        """FortiFlex did not accept a token: it is not used again."""
        self._rejected = token.access

    def token(self) -> Token:
        """The present token; logs in if there is none. Raises LoginRefused, Unavailable or
        QuotaExhausted.
        """
        if not self.is_usable(self._token):
            self._hold(self._cache.load() or self._token)
        if not self.is_usable(self._token):
            self._ask("refresh_token")
        if not self.is_usable(self._token):
            reply = self._repeats.until_answered(
                "the login", self._connection.auth_url, lambda: self._ask("password")
            )
            if not reply.is_done:
                raise login_refused(reply, self._connection.user)
        return self._token

    def _hold(self, token: Token) -> None:
        """Go over to a token."""
        self._token = token
        self._wire.hide(token)

    def _ask(self, grant: str) -> Reply:
        """Get a token in one request; none is needed if another process has just got one, or if
        there is nothing to refresh.
        """
        with self._limit.slot() as slot:
            latest = self._cache.load() or self._token
            if self.is_usable(latest):
                self._hold(latest)
                return Reply(ReplyKind.DONE)
            body = self._body(grant, latest)
            if body is None:
                return Reply(ReplyKind.REFUSED)
            reply = self._wire.send(slot, Request(self._connection.auth_url, LOGIN, body))
            if reply.is_done:
                self._take(reply)
            return reply

    def _body(self, grant: str, latest: Token) -> dict[str, str] | None:
        """What a login sends; None if there is nothing to refresh."""
        body = {"client_id": "flexvm", "grant_type": grant}
        if grant == "password":
            given = self._connection
            return body | {"username": given.username, "password": given.password}
        unusable = latest.access == self._rejected or self._clock.now() >= latest.expires
        if unusable or not latest.refresh:
            return None
        return body | {"refresh_token": latest.refresh}

    def _take(self, reply: Reply) -> None:
        """Hold the token of a login's answer and cache it; without a usable one, the login counts
        as refused.
        """
        token = Token.from_answer(reply.items[0], reply.sent_at)
        if token is None:
            reply.kind, reply.message = ReplyKind.REFUSED, "the answer has no usable token"
            return
        self._hold(token)
        self._cache.save(token)
