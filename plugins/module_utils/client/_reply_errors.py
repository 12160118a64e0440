# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a reply that is not a success means to a caller, as an error of one sentence.

Private to the collection: may change at any time.
"""

from __future__ import annotations

from urllib.parse import urlsplit

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
from ..optional import without_nulls
from .answers import Reply, ReplyKind


def detailed(error: FlexError, endpoint: str, reply: Reply) -> FlexError:
    """The same error with what playbooks get of an answer."""
    details = {
        "endpoint": endpoint,
        "http_status": reply.http_status,
        "api_status": reply.api_status,
        "api_message": reply.message or None,
    }
    error.details |= without_nulls(details)
    return error


def refusal(endpoint: str, reply: Reply, user: str) -> FlexError:
    """The error for an answer that says no. ``user``: what the API user is called."""
    said = reply.message or f"HTTP status {reply.http_status}"
    refused = f"FortiFlex refused {endpoint} ({said})"
    if reply.kind is ReplyKind.DENIED:
        return AccessDenied(
            f"FortiFlex denied {endpoint} to {user} ({said}): "
            "check program and account_id, and the permissions of the user."
        )
    if reply.kind is ReplyKind.LOCKED:
        return TooManyErrors(
            f"{refused}: correct what was refused before, and run again in an hour."
        )
    if reply.kind is ReplyKind.TOKEN:
        return LoginRefused(
            f"FortiFlex does not accept the token that {user} has just got ({said}): "
            "check that the user may use FortiFlex."
        )
    if "insufficient" in said.lower() and "point" in said.lower():
        return Refused(f"{refused}: add points to the program, then run again.")
    return Refused(f"{refused}: this call changed nothing; correct the values and run again.")


def unwritten(endpoint: str, url: str, reply: Reply) -> FlexError | None:
    """The error for a write that was not sent, or has no answer that says what it did; None if it
    was refused.
    """
    if reply.kind is ReplyKind.LATE:
        return NotSent(
            f"{endpoint} was not sent: what it rests on has grown too old, and is queried again."
        )
    if reply.kind is ReplyKind.SLOW:
        return NotSent(
            f"FortiFlex refused {endpoint} for now ({reply.message}): "
            f"send it again in {reply.pause:.0f} s."
        )
    if reply.kind is ReplyKind.UNREACHABLE:
        return NotSent(
            f"{endpoint} was not sent: {_place(url)} cannot be reached ({reply.message})."
        )
    if reply.kind is ReplyKind.UNUSABLE:
        return UnknownOutcome(
            f"{endpoint} may or may not have taken effect ({reply.message}): "
            "query the program before sending it again.",
            reply.sent_at,
        )
    return None


def unavailable(endpoint: str, url: str, reply: Reply) -> FlexError:
    """The error for a call without an answer that means something, although it was repeated."""
    if reply.lacks:
        return Unavailable(
            f"FortiFlex at {_place(url)} answered {endpoint} without its data ({reply.lacks}), "
            "which does not mean that there is nothing: "
            "run again later, and report it if it stays so."
        )
    return Unavailable(
        f"No usable answer to {endpoint} from {_place(url)} ({reply.message}): "
        "check the URL, the network and the proxy, then run again."
    )


def login_refused(reply: Reply, user: str) -> LoginRefused:
    """The error for a login that brought no token."""
    return LoginRefused(
        f"FortiCloud refused the login of {user} ({reply.message or 'no reason given'}): "
        "check username and password (a new download of the credentials resets the password), "
        "and that the user may use FortiFlex.",
        http_status=reply.http_status,
        api_message=reply.message,
    )


def _place(url: str) -> str:
    """Host and port of a URL."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"
