# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""In which ways FortiFlex could store another description than was written.

Whether it does any of it is published nowhere. A description is all that says whose an entitlement
is, so a name that is not stored as written is licensed by nobody, and without this each run would
license it once more.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator
from typing import NamedTuple

from .description import CLAIM_MARK, SPARE, claim_of
from .spelling import could_be, folded, is_garbled, likeness, spelled

_ESCAPED = frozenset("&<>\"'")


class Way(NamedTuple):
    """One way of storing something else: what people do about it, and which other texts it changes,
    too.
    """

    advice: str
    changes: Callable[[str], bool]


def stored_as(written: str, text: str) -> bool:
    """Whether ``text`` is ``written`` as it is stored; how Unicode spells it does not matter."""
    return spelled(written) == spelled(text)


def could_come_of(written: str, text: str) -> bool:
    """Whether ``text`` could be what is stored of ``written``, whatever of it is lost at its end."""
    return could_be(written, text) or spelled(written).startswith(spelled(text))


def is_left_of(claim: str, text: str) -> bool:
    """Whether ``text`` is what is stored of a claim of this run, or of another one that nobody can
    read either: both are undone.
    """
    return could_come_of(claim, text) or (text.startswith(CLAIM_MARK) and claim_of(text) is None)


def ways_of(written: str, text: str) -> list[Way]:
    """What could have happened to ``written``, of which ``text`` is stored."""
    whole, kept = spelled(written), spelled(text)
    ways = []
    if not could_be(whole, kept):
        if not likeness(whole).startswith(likeness(kept)) or not kept:
            return [_UNKNOWN]
        ways.append(_cut(len(kept)))
        whole = whole[: len(kept)]
    return [*ways, *_changes(whole, kept)] or [_UNKNOWN]


def advice_on(written: str, text: str) -> str:
    """What to do about what could have happened to ``written``, as the rest of a sentence."""
    return "; ".join(way.advice for way in ways_of(written, text))


def _changes(written: str, text: str) -> Iterator[Way]:
    """What could have happened to characters."""
    if html.unescape(text) != text and text not in written:
        yield _ESCAPING
    if is_garbled(text) and not is_garbled(written):
        yield _ASCII
    if "  " in written and "  " not in text:
        yield _BLANKS
    if text == written or folded(written) != folded(text):
        return
    if text == text.upper():
        yield _CAPITALS
    elif text in (text.lower(), text.casefold()):
        yield _SMALL
    else:
        yield _UNKNOWN


def _cut(length: int) -> Way:
    return Way(
        f"it keeps {length} characters; shorten the name or the tags",
        lambda text: len(text) > length,
    )


_ESCAPING = Way(
    "it escapes characters as in HTML; "
    "write the name and the tags in ASCII, without & < > and quotes",
    lambda text: not text.isascii() or not _ESCAPED.isdisjoint(text),
)
_ASCII = Way(
    "it keeps ASCII only; write the name and the tags in ASCII", lambda text: not text.isascii()
)
_BLANKS = Way(
    "it keeps single blanks only; write the name and the tags so",
    lambda text: text != " ".join(text.split()),
)
_CAPITALS = Way(
    "it keeps capitals only; write the name and the tags in capitals",
    lambda text: text != text.upper(),
)
_SMALL = Way(
    "it keeps small letters only; write the name and the tags in small letters",
    lambda text: text != text.lower() or text != text.casefold(),
)
_UNKNOWN = Way(
    "why is not known; try a short name and tags of small ASCII letters, digits and dashes",
    lambda text: True,
)


def spoils_marks(ways: list[Way]) -> bool:
    """Whether what was seen is known to change the mark of a spare, too."""
    return any(way.changes(SPARE) for way in ways if way is not _UNKNOWN)
