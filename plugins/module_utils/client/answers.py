# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The endpoints of FortiFlex, and what an answer of one means, in every shape that answers come in.

Private to the collection: may change at any time.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..core.calls import CALLS, Call
from ..strict_json import loads

# Bytes of an answer: 50,000 entitlements have 20 million, and nothing else is a list that long.
_MOST_OF_A_LIST, _MOST_ELSE = 32_000_000, 1_000_000


class Endpoint(NamedTuple):
    """What a call does, and under which keys its answer may come; without any, it is answered by
    the envelope alone.

    Creations are those whose refusals FortiFlex counts.
    """

    keys: tuple[str, ...]
    writes: bool = False
    creates: bool = False
    ends_charging: bool = False

    @property
    def answers_items(self) -> bool:
        """Whether its answer must hold what it has made or changed."""
        return self.writes and bool(self.keys)

    @property
    def most_bytes(self) -> int:
        """How long an answer can be that is meant well."""
        return _MOST_OF_A_LIST if self.keys and not self.writes else _MOST_ELSE


# Fortinet's Ansible collection 2.3.0 and Terraform provider 2.4.3 both work around "vms", where the API
# document of its developer network says "entitlements".
# The client pyfortiflex 0.1.0 met "fortiCareAssetGroups" live, where that document says "groups".
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


class ReplyKind(enum.Enum):
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
class Reply:
    """What came of a request. ``message`` can be shown; ``api_status`` is the error code, wherever
    it stood.

    ``pause`` is in seconds, ``sent_at`` and ``answered_at`` are seconds since 1970. ``items``: an
    answer with a single object has one.
    """

    kind: ReplyKind
    message: str = ""
    http_status: int | None = None
    api_status: int | None = None
    items: list[dict[str, Any]] = field(default_factory=list)
    final: bool = False  # the same request would fail in the same way
    lacks: str = ""  # of a success without its data: what is in their place
    pause: float = 0.0
    sent_at: float = 0.0
    answered_at: float = 0.0

    @property
    def is_done(self) -> bool:
        """Whether the request had the effect, or brought the data, that it was sent for."""
        return self.kind is ReplyKind.DONE


_NO_JSON = object()
_SUCCESS = ("none", "0", "success")  # of the member "status", which an answer may leave out


@dataclass(frozen=True)
class Envelope:
    """An answer taken apart: the JSON that it consists of, and the members that say how the request
    went.
    """

    http_status: int
    data: Any

    @classmethod
    def of(cls, http_status: int, body: bytes) -> Envelope:
        """The answer with this body; one that is no JSON has no members."""
        try:
            return cls(http_status, loads(body))
        except ValueError:
            return cls(http_status, _NO_JSON)

    @property
    def members(self) -> dict[str, Any]:
        """Its members; none of a bare list or another JSON value."""
        return self.data if isinstance(self.data, dict) else {}

    @property
    def error(self) -> dict[str, Any]:
        """Its member "error" as an object, whichever of its three documented types that has."""
        error = self.members.get("error")
        return error if isinstance(error, dict) else {"message": error}

    @property
    def codes(self) -> list[int]:
        """The codes that it has, which may come as text."""
        found = (self.members.get("status"), self.error.get("errorCode"))
        return [int(str(code)) for code in found if re.fullmatch(r"-?[0-9]{1,9}", str(code))]

    @property
    def code(self) -> int | None:
        """The code of its error; None if it has none."""
        by_status = -10 if self.http_status == 429 else None
        return next(filter(None, self.codes), by_status)

    @property
    def text(self) -> str:
        """The reason that it gives; FortiFlex and OAuth use different members."""
        members, error = self.members, self.error
        said = (members.get("message"), members.get("error_description"), error.get("message"))
        texts = (text for text in said if isinstance(text, str))
        return next(filter(str.strip, texts), "")

    @property
    def says_success(self) -> bool:
        """Whether neither its HTTP status nor a member says that the request failed."""
        status = str(self.members.get("status")).strip().lower()
        return self.http_status < 400 and status in _SUCCESS and not any(self.codes)

    @property
    def has_error(self) -> bool:
        """Whether something in it says that the request failed."""
        return self.http_status >= 400 or any(self.codes) or any(self.error.values())


def understand(
    endpoint: Endpoint, http_status: int, body: bytes, secrets: Iterable[str] = ()
) -> Reply:
    """What an answer means, by the first rule that knows.

    Its message is cut to one line of at most 200 characters without ``secrets``.
    """
    envelope = Envelope.of(http_status, body)
    reply = next(filter(None, (rule(endpoint, envelope) for rule in _RULES)))
    reply.http_status = http_status
    reply.message = reply.message or clean(envelope.text, secrets) or _named(http_status)
    reply.api_status = reply.api_status or envelope.code
    return reply


def _named(http_status: int) -> str:
    """What is said of an answer that gives no reason."""
    if 300 <= http_status < 400:
        return f"a redirection, HTTP status {http_status}, that is not followed"
    return f"HTTP status {http_status}"


# Only the MSSP toolkit, a third-party client of 2025, lists codes and texts. Which member carries the code
# is documented nowhere, so the texts count too.
_KNOWN = (
    (-10, "max requests in a minute", ReplyKind.SLOW),
    (-11, "max requests in an hour", ReplyKind.SLOW),
    (-12, "failed token process", ReplyKind.SLOW),
    (-30, "max errors", ReplyKind.LOCKED),
    (None, "authorization denied", ReplyKind.DENIED),
    (None, "invalid security token", ReplyKind.TOKEN),
)


def _by_code_or_text(endpoint: Endpoint, envelope: Envelope) -> Reply | None:
    """What FortiFlex says in words, or codes, that are known. A login has no token that could be
    wrong.
    """
    text, codes = envelope.text.lower(), envelope.codes
    for code, words, kind in _KNOWN:
        if kind is ReplyKind.TOKEN and endpoint is LOGIN:
            continue
        if code in codes or words in text:
            return Reply(kind, api_status=code)
    return None


def _by_http_status(endpoint: Endpoint, envelope: Envelope) -> Reply | None:
    """What the HTTP status alone says, whatever the body is."""
    if envelope.http_status == 429:
        return Reply(ReplyKind.SLOW)
    if envelope.http_status == 401 and endpoint is not LOGIN:
        return Reply(ReplyKind.TOKEN)
    if 300 <= envelope.http_status < 400:
        return Reply(ReplyKind.UNUSABLE, final=True)
    return None


def _broken(_endpoint: Endpoint, envelope: Envelope) -> Reply | None:
    """An answer that is no JSON, as of a gateway, or that says that the service itself has failed."""
    if envelope.data is _NO_JSON:
        sentence = f"HTTP status {envelope.http_status} without JSON"
        return Reply(ReplyKind.UNUSABLE, sentence, final=envelope.http_status == 404)
    return Reply(ReplyKind.UNUSABLE) if envelope.http_status >= 500 else None


def _of_login(endpoint: Endpoint, envelope: Envelope) -> Reply | None:
    """Whether a login brought a token.

    Fortinet's Ansible collection 2.3.0 (connection.py) and Terraform provider 2.4.3 (auth.go)
    decide by this member, too; "status" is a text here.
    """
    if endpoint is not LOGIN:
        return None
    if envelope.http_status == 200 and "access_token" in envelope.members:
        return Reply(ReplyKind.DONE, items=[envelope.members])
    return Reply(ReplyKind.REFUSED)


def _by_data(endpoint: Endpoint, envelope: Envelope) -> Reply:
    """Distinguish a refusal, a success and an answer of the wrong shape.

    Only what says so is a refusal: it promises that nothing was changed.
    """
    items = _items(endpoint, envelope)
    is_object = isinstance(envelope.data, dict)
    if is_object and envelope.has_error and not (envelope.says_success and items):
        return Reply(ReplyKind.REFUSED)
    if envelope.says_success and items is None:
        lacks = _in_its_place(endpoint, envelope)
        return Reply(ReplyKind.UNUSABLE, f"success without its data, {lacks}", lacks=lacks)
    if not envelope.says_success or items is None or (endpoint.answers_items and not items):
        sentence = f"HTTP status {envelope.http_status} with an answer of an unknown shape"
        return Reply(ReplyKind.UNUSABLE, sentence)
    return Reply(ReplyKind.DONE, items=items)


_RULES = (_by_code_or_text, _by_http_status, _broken, _of_login, _by_data)


def _items(endpoint: Endpoint, envelope: Envelope) -> list[dict[str, Any]] | None:
    """The data of an answer as a list of objects; None if there is none."""
    if not endpoint.keys:
        return None if envelope.members.get("status") is None else []
    data = _data(endpoint, envelope)
    listed = data if isinstance(data, list) else [data]
    return listed if all(isinstance(item, dict) for item in listed) else None


def _data(endpoint: Endpoint, envelope: Envelope) -> Any:
    """What an answer has under one of the endpoint's keys.

    Some programs answer lists with a bare list, reports the client pyfortiflex 0.1.0. The
    calculator has answered with a bare number; the documentation of Fortinet's Ansible collection
    2.3.0 has its object under "configs".
    """
    data = envelope.data
    if isinstance(data, dict):
        data = next((data[key] for key in endpoint.keys if data.get(key) is not None), None)
    is_price = "points" in endpoint.keys and type(data) in (int, float, str)
    return {"current": data} if is_price else data


def _in_its_place(endpoint: Endpoint, envelope: Envelope) -> str:
    """What an answer has where its data belong. No value of it is shown, since that may be a
    secret.
    """
    place, data = "it", envelope.data
    if isinstance(data, dict):
        keys = [key for key in endpoint.keys if key in data]
        if not keys:
            return f"it has no {(*endpoint.keys, 'status')[0]}"
        place, data = keys[0], data[keys[0]]
    return f"{place} is null" if data is None else f"{place} has something else than objects"


def clean(text: str, secrets: Iterable[str] = ()) -> str:
    """A text of the service as one line of at most 200 printable characters, without HTML and
    secrets.
    """
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "********")
    text = re.sub(r"\b[0-9A-F]{20}\b", "********", re.sub(r"<[^>]*>", " ", text[:5000]))
    text = " ".join(
        "".join(character if character.isprintable() else " " for character in text).split()
    )
    return text if len(text) <= 200 else text[:199] + "…"
