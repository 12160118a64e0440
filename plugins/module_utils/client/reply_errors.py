# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a reply that is not a success means to a caller, as an error of one sentence.

Private to the collection: may change at any time.
"""

from __future__ import annotations

from typing import Any
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
from .answers import Reply, ReplyKind


def refusal(endpoint: str, reply: Reply, user: str) -> FlexError:
    """The error for an answer that says no. ``user``: what the API user is called."""
    details = _details(endpoint, reply)
    said = reply.message or f"HTTP status {reply.http_status}"
    if reply.kind is ReplyKind.DENIED:
        return AccessDenied(
            f"FortiFlex denied {endpoint} to {user} ({said}): "
            "check program and account_id, and the permissions of the user.",
            **details,
        )
    if reply.kind is ReplyKind.LOCKED:
        return TooManyErrors(
            f"FortiFlex refused {endpoint} ({said}): "
            "correct what was refused before, and run again in an hour.",
            **details,
        )
    if reply.kind is ReplyKind.TOKEN:
        return LoginRefused(
            f"FortiFlex does not accept the token that {user} has just got ({said}): "
            "check that the user may use FortiFlex.",
            **details,
        )
    if "insufficient" in said.lower() and "point" in said.lower():
        return Refused(
            f"FortiFlex refused {endpoint} ({said}): add points to the program, then run again.",
            **details,
        )
    return Refused(
        f"FortiFlex refused {endpoint} ({said}): "
        "this call changed nothing; correct the values and run again.",
        **details,
    )


def unwritten(endpoint: str, url: str, reply: Reply) -> FlexError | None:
    """The error for a write that was not sent, or has no answer that says what it did; None if it was refused."""
    details = _details(endpoint, reply)
    if reply.kind is ReplyKind.LATE:
        return NotSent(
            f"{endpoint} was not sent: what it rests on has grown too old, and is looked at again.",
            **details,
        )
    if reply.kind is ReplyKind.SLOW:
        return NotSent(
            f"FortiFlex refused {endpoint} for now ({reply.message}): "
            f"send it again in {reply.pause:.0f} s.",
            **details,
        )
    if reply.kind is ReplyKind.UNREACHABLE:
        return NotSent(
            f"{endpoint} was not sent: {_place(url)} cannot be reached ({reply.message}).",
            **details,
        )
    if reply.kind is ReplyKind.UNUSABLE:
        return UnknownOutcome(
            f"{endpoint} may or may not have taken effect ({reply.message}): "
            "look at the program before sending it again.",
            reply.sent_at,
            **details,
        )
    return None


def unavailable(endpoint: str, url: str, reply: Reply) -> Unavailable:
    """The error for a call without an answer that means something, although it was repeated."""
    details = _details(endpoint, reply)
    if reply.lacks:
        return Unavailable(
            f"FortiFlex at {_place(url)} answered {endpoint} without its data ({reply.lacks}), "
            "which does not mean that there is nothing: "
            "run again later, and report it if it stays so.",
            **details,
        )
    return Unavailable(
        f"No usable answer to {endpoint} from {_place(url)} ({reply.message}): "
        "check the URL, the network and the proxy, then run again.",
        **details,
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


def _details(endpoint: str, reply: Reply) -> dict[str, Any]:
    """What errors tell playbooks about an answer."""
    return {
        "endpoint": endpoint,
        "http_status": reply.http_status,
        "api_status": reply.api_status,
        "api_message": reply.message or None,
    }


def _place(url: str) -> str:
    """Host and port of a URL."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"
