# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The endpoints of FortiFlex, and what an answer of one means, in every shape that answers come in.

Private to the collection: may change at any time.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..core.calls import CALLS, Call
from ..strict_json import loads

# Bytes of an answer: 50,000 entitlements have 20 million, and nothing else is a list that long.
_MOST_OF_A_LIST, _MOST_ELSE = 32_000_000, 1_000_000


class Endpoint(NamedTuple):
    """What a call does, and under which keys its answer may come; without any, it is answered by the envelope alone.

    Creations are those whose refusals FortiFlex counts.
    """

    keys: tuple[str, ...]
    writes: bool = False
    creates: bool = False
    ends_charging: bool = False

    @property
    def most_bytes(self) -> int:
        """How long an answer can be that is meant well."""
        return _MOST_OF_A_LIST if self.keys and not self.writes else _MOST_ELSE


# The official clients meet "vms" where the published API document says "entitlements".
_CONFIGS, _ENTITLEMENTS = ("configs",), ("entitlements", "vms")
LOGIN = Endpoint(())


def _of(call: type[Call]) -> Endpoint:
    """What a writing call does."""
    items = _CONFIGS if call.is_about_configurations else _ENTITLEMENTS
    return Endpoint(
        items if call.answers_items else (),
        writes=True,
        creates=bool(call.created_as),
        ends_charging=call.ends_charging,
    )


ENDPOINTS = {
    "programs/list": Endpoint(("programs",)),
    "programs/points": Endpoint(("programs",)),
    "configs/list": Endpoint(_CONFIGS),
    "entitlements/list": Endpoint(_ENTITLEMENTS),
    "entitlements/points": Endpoint(("entitlements",)),
    "groups/list": Endpoint(("groups", "fortiCareAssetGroups")),
    "groups/nexttoken": Endpoint(_ENTITLEMENTS),
    "tools/calc": Endpoint(("points", "configs")),
    "tools/metadata": Endpoint(("productTypes",)),
    **{endpoint: _of(call) for endpoint, call in CALLS.items()},
}


class Verdict(enum.Enum):
    """What came of a request."""

    DONE = "done"
    SLOW = "refused for now: too many requests, or two at the same time"
    TOKEN = "the bearer token was not accepted"
    DENIED = "the user may not do this"
    LOCKED = "too many errors"
    REFUSED = "refused for another reason"
    UNUSABLE = "sent, but no answer that means something"
    UNREACHABLE = "certainly not sent: no connection"
    LATE = "certainly not sent: too late"


@dataclass
class Outcome:
    """A request that has ended. ``message`` can be shown; ``api_status`` is the error code, wherever it stood; ``pause`` is in seconds."""

    verdict: Verdict
    message: str = ""
    http_status: int | None = None
    api_status: int | None = None
    items: list[dict[str, Any]] = field(default_factory=list)
    final: bool = False  # the same request would fail in the same way
    lacks: str = ""  # of a success without its data: what is in their place
    pause: float = 0.0
    sent_at: float = 0.0
    answered_at: float = 0.0


# Which member carries the code is not documented, so the texts (as third parties report them) count too.
_CODES = (
    (-10, "max requests in a minute", Verdict.SLOW),
    (-11, "max requests in an hour", Verdict.SLOW),
    (-12, "failed token process", Verdict.SLOW),
    (-30, "max errors", Verdict.LOCKED),
)


def understand(
    endpoint: Endpoint, http_status: int, body: bytes, secrets: Sequence[str] = ()
) -> Outcome:
    """What an answer means. Its message is cut to one line of at most 200 characters without ``secrets``."""
    outcome = Outcome(Verdict.UNUSABLE, f"HTTP status {http_status}", http_status)
    if http_status == 429:
        outcome.verdict, outcome.api_status = Verdict.SLOW, -10
    elif http_status == 401 and endpoint is not LOGIN:
        outcome.verdict = Verdict.TOKEN
    elif 300 <= http_status < 400:
        outcome.message, outcome.final = (
            f"a redirection, HTTP status {http_status}, that is not followed",
            True,
        )
    try:
        answer = loads(body)
    except ValueError:
        if outcome.verdict is Verdict.UNUSABLE and not outcome.final:
            outcome.message, outcome.final = (
                f"HTTP status {http_status} without JSON",
                http_status == 404,
            )
        return outcome
    envelope = answer if isinstance(answer, dict) else {}
    status, error = envelope.get("status"), envelope.get("error")
    found = _number(status), _number(error.get("errorCode") if isinstance(error, dict) else None)
    text = _text(envelope)
    outcome.message = clean(text, secrets) or outcome.message
    outcome.api_status = next((code for code in found if code), outcome.api_status)
    for code, words, verdict in _CODES:
        if code in found or words in text.lower():
            outcome.verdict, outcome.api_status = verdict, code
            return outcome
    if "authorization denied" in text.lower():
        outcome.verdict = Verdict.DENIED
    elif "invalid security token" in text.lower() and endpoint is not LOGIN:
        outcome.verdict = Verdict.TOKEN
    elif outcome.verdict is Verdict.UNUSABLE and not outcome.final and http_status < 500:
        succeeded = isinstance(answer, list) or str(status).strip().lower() in (
            "none",
            "0",
            "success",
        )
        _judge(
            outcome,
            endpoint,
            answer,
            succeeded and not any(found),
            any(found) or any(error.values() if isinstance(error, dict) else [error]),
        )
    return outcome


def _judge(
    outcome: Outcome, endpoint: Endpoint, answer: Any, succeeded: bool, has_error: bool
) -> None:
    """Tell a refusal, a success and an answer of the wrong shape apart. Only what says so is a refusal: it promises that nothing was changed."""
    client_error = outcome.http_status is not None and outcome.http_status >= 400
    if endpoint is LOGIN:
        # The official clients, too, decide by this member; "status" is a text here.
        done = isinstance(answer, dict) and "access_token" in answer and outcome.http_status == 200
        outcome.verdict = Verdict.DONE if done else Verdict.REFUSED
        outcome.items = [answer] if done else []
        return
    items = _items(endpoint, answer)
    if isinstance(answer, dict) and (client_error or (has_error and not (succeeded and items))):
        outcome.verdict = Verdict.REFUSED
    elif (
        not succeeded
        or client_error
        or items is None
        or (endpoint.writes and endpoint.keys and not items)
    ):
        outcome.message = f"HTTP status {outcome.http_status} with an answer of an unknown shape"
        if succeeded and not client_error and items is None:
            outcome.lacks = _in_its_place(endpoint, answer)
            outcome.message = f"success without its data, {outcome.lacks}"
    else:
        outcome.verdict, outcome.items = Verdict.DONE, items


def _items(endpoint: Endpoint, answer: Any) -> list[dict[str, Any]] | None:
    """The data of an answer as a list of objects; None if there is none. Some programs answer lists with a bare list, says one client."""
    data = answer
    if not endpoint.keys:
        return [] if isinstance(answer, dict) and answer.get("status") is not None else None
    if isinstance(answer, dict):
        data = next((answer[key] for key in endpoint.keys if answer.get(key) is not None), None)
    if (
        isinstance(data, (int, float, str))
        and not isinstance(data, bool)
        and "points" in endpoint.keys
    ):
        data = {"current": data}  # the calculator's older answer
    if isinstance(data, dict):
        data = [data]
    return data if isinstance(data, list) and all(isinstance(item, dict) for item in data) else None


def _in_its_place(endpoint: Endpoint, answer: Any) -> str:
    """What an answer has where its data belong. No value of it is shown, since that may be a secret."""
    if not isinstance(answer, dict):
        return "it is null" if answer is None else "it has something else than objects"
    key = next((key for key in endpoint.keys if key in answer), None)
    if key is None:
        return f"it has no {endpoint.keys[0] if endpoint.keys else 'status'}"
    return f"{key} is null" if answer[key] is None else f"{key} has something else than objects"


def _number(value: Any) -> int | None:
    """A code, which may come as a text."""
    return int(str(value)) if re.fullmatch(r"-?[0-9]{1,9}", str(value)) else None


def _text(envelope: dict[str, Any]) -> str:
    """The reason that an answer gives; FortiFlex and OAuth use different members."""
    error = envelope.get("error")
    inner = error.get("message") if isinstance(error, dict) else error
    for text in (envelope.get("message"), envelope.get("error_description"), inner):
        if isinstance(text, str) and text.strip():
            return text
    return ""


def clean(text: str, secrets: Sequence[str] = ()) -> str:
    """A text of the service as one line of at most 200 printable characters, without HTML, secrets and licence tokens."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "********")
    text = re.sub(r"\b[0-9A-F]{20}\b", "********", re.sub(r"<[^>]*>", " ", text[:5000]))
    text = " ".join(
        "".join(character if character.isprintable() else " " for character in text).split()
    )
    return text if len(text) <= 200 else text[:199] + "…"
