# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All traffic with FortiFlex: reads that are repeated, and writes that never are. It decides
nothing about licenses.

Private to the collection: may change at any time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..clock import Clock
from ..errors import FlexError
from ._login import Login
from ._repeats import REPEAT_SECONDS, Repeats
from ._reply_errors import detailed, refusal, unavailable, unwritten
from ._wire import Request, Wire
from .answers import ENDPOINTS, Reply, ReplyKind
from .connection import Connection
from .request_limit import RequestLimit
from .shared_query import Writes
from .transport import REQUESTS_IMPORT_ERROR

_REPEATS = 4
_COUNTED = (ReplyKind.REFUSED, ReplyKind.DENIED, ReplyKind.LOCKED, ReplyKind.TOKEN)


class Client:
    """A connection to FortiFlex: each call logged in, paced by the request limit, and read or
    written.
    """

    def __init__(
        self,
        connection: Connection,
        clock: Clock,
        warn: Callable[[str], None] = lambda text: None,
        repeats: int = _REPEATS,
        heard: Callable[[], None] | None = None,
    ) -> None:
        """Sends nothing yet. ``warn`` gets sentences for the user, ``repeats`` is how many failures
        of a reading call it bears.

        ``heard`` is called after each reading call. Who gives it shows what the client waits for,
        so that this is no warning.

        Raises FlexError without requests, or if the state directory cannot be used.
        """
        if REQUESTS_IMPORT_ERROR is not None:
            raise FlexError(
                "The Python library requests is missing on this machine: "
                "install it for the Python that runs this task."
            )
        self._heard = heard or (lambda: None)
        self._connection = connection
        self.limit = RequestLimit(connection, clock, (lambda text: None) if heard else warn)
        self._wire = Wire(connection, clock, self.limit)
        self.pace = self._wire.pace
        self._repeats = Repeats(clock, repeats)
        self._login = Login(connection, clock, self.limit, self._wire, self._repeats)
        self._writes = Writes(connection)
        if not connection.validate_certs:
            warn(
                "The certificate of FortiFlex is not checked because validate_certs is false: "
                "anybody on the way can read the password."
            )

    @property
    def made(self) -> int:
        """How many requests were sent, logins included."""
        return self._wire.made

    @property
    def waited_seconds(self) -> float:
        """Seconds waited for the request limit, or because the service said slow down."""
        return self.limit.waited

    @property
    def repeating(self) -> str:
        """The call that is about to be repeated, and why; empty if there is none."""
        return self._repeats.pending

    def read(self, endpoint: str, body: Mapping[str, Any], repeats: int | None = None) -> Reply:
        """Call a reading endpoint such as ``entitlements/list``, as often as it takes, but after no
        more than so many failures.

        Raises Unavailable, Refused, AccessDenied, LoginRefused or QuotaExhausted.
        """
        reply = self._repeats.until_answered(
            endpoint, self._connection.api_url, lambda: self._attempt(endpoint, body, None), repeats
        )
        self._heard()
        if not reply.is_done:
            raise detailed(refusal(endpoint, reply, self._connection.user), endpoint, reply)
        return reply

    def write(
        self, endpoint: str, body: Mapping[str, Any], not_after: float, harmless: bool = False
    ) -> Reply:
        """Call a writing endpoint once, provided that its body leaves before ``not_after`` (seconds
        since 1970).

        ``harmless``: it cannot have an effect, so that what was queried before stays valid. Raises
        NotSent (no effect, may be sent again after a new observation; the next call waits by itself
        for as long as it must), UnknownOutcome (may have taken effect), Refused, TooManyErrors,
        AccessDenied, LoginRefused, QuotaExhausted, or Unavailable when the service has not been
        reachable for half a minute.
        """
        if not harmless:
            self._writes.happened()  # also for a process that dies before the answer
        try:
            reply = self._attempt(endpoint, body, not_after)
        finally:
            if not harmless:
                self._writes.happened()
        if reply.is_done:
            return reply
        raise detailed(self._failure(endpoint, reply), endpoint, reply)

    def _failure(self, endpoint: str, reply: Reply) -> FlexError:
        """What to say of a write that has no clear success."""
        url, user = self._connection.api_url, self._connection.user
        unreachable = reply.kind is ReplyKind.UNREACHABLE
        if unreachable and self._wire.unreachable_seconds >= REPEAT_SECONDS:
            return unavailable(endpoint, url, reply)
        return unwritten(endpoint, url, reply) or refusal(endpoint, reply, user)

    def _attempt(self, name: str, body: Mapping[str, Any], not_after: float | None) -> Reply:
        """Send a call once; twice if its token was not accepted."""
        endpoint = ENDPOINTS[name]
        if endpoint.writes is (not_after is None):
            raise ValueError(f"{name} is {'a write' if endpoint.writes else 'a read'}")
        url = f"{self._connection.api_url}/{name}"
        for last in (False, True):
            token = self._login.token()
            with self.limit.slot(
                not_after, first=endpoint.ends_charging, creates=endpoint.creates
            ) as slot:
                if not last and not self._login.is_usable(token):
                    continue  # it has grown old while this process was waiting
                reply = self._wire.send(slot, Request(url, endpoint, body, token, not_after))
                if endpoint.creates and reply.kind in _COUNTED:
                    slot.creation_refused()
            if last or reply.kind is not ReplyKind.TOKEN:
                break
            self._login.reject(token)
        return reply
