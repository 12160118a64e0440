# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which texts are one name.

How names are compared and written, and which other texts a person could take for the same name.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from ..errors import Problems

_LOST = "?\ufffd"  # what services put in the place of a character that they cannot store


def spelled(text: str) -> str:
    """A name, a tag or another text of a user as it is compared and written.

    It is composed, which Unicode calls NFC.
    """
    return _composed(text)


def all_spelled(value: Any, problems: Problems) -> Any:
    """The same for all texts in a value. Collects keys of a dictionary that become one."""
    if isinstance(value, str):
        return spelled(value)
    if isinstance(value, list):
        return [all_spelled(item, problems) for item in value]
    if not isinstance(value, Mapping):
        return value
    found: dict[Any, Any] = {}
    for key, item in value.items():
        name = all_spelled(key, problems)
        if name in found:
            problems.add(f"'{name}' is a key twice, spelled in two ways; give it once")
        found[name] = all_spelled(item, problems)
    return found


def tags_spelled(tags: Mapping[Any, Any] | None) -> dict[str, str]:
    """Tags as they are compared and written; what is no text becomes one."""
    return {spelled(str(key)): spelled(str(value)) for key, value in (tags or {}).items()}


def serial_number_spelled(number: str) -> str:
    """A serial number as FortiFlex writes it, which has no small letters."""
    return number.upper()


def form_of(text: str) -> str:
    """Which of Unicode's forms a text has, for people who see no difference."""
    forms = [form for form in ("NFC", "NFD") if unicodedata.is_normalized(form, text)]
    return " and ".join(forms) or "neither NFC nor NFD"


def folded(text: str) -> str:
    """The same for texts that differ only by case, in any script."""
    if text.isascii():
        return text.lower()
    # To upper case first, since what is only there in small letters, such as a dotless i, has no other
    # way to meet its capital.
    return _composed(_decomposed(_decomposed(text).upper()).casefold())


@lru_cache(maxsize=65536)
def likeness(text: str) -> str:
    """The same for texts that a person reads as one.

    They differ only by case, by blanks, or by characters that are escaped as in HTML.
    """
    return folded(_plain(text))


def is_garbled(text: str) -> bool:
    """Whether something was lost of a text.

    It has a mark of a character that could not be stored, or is UTF-8 that was read as Latin-1.
    """
    return any(mark in text for mark in _LOST) or _reread(text) != text


def could_be(name: str, text: str) -> bool:
    """Whether ``text`` could be ``name`` in another spelling.

    So a person would write it, or a service that changes what it stores.
    """
    if likeness(name) == likeness(text):
        return True
    return is_garbled(text) and (
        likeness(name) == likeness(_reread(text))
        or _with_losses(_plain(name)).fullmatch(likeness(text)) is not None
    )


def _plain(text: str) -> str:
    """A text with single blanks, and with nothing escaped as in HTML, however often it was."""
    while "&" in text and (read := html.unescape(text)) != text:
        text = read
    return " ".join(spelled(text).split())


def _reread(text: str) -> str:
    """What was meant by a text whose UTF-8 somebody has read as Latin-1 or as its Windows relative.

    Other texts stay as they are.
    """
    for encoding in () if text.isascii() else ("latin-1", "cp1252"):
        try:
            return text.encode(encoding).decode("utf-8")
        except UnicodeError:
            pass
    return text


@lru_cache(maxsize=65536)
def _with_losses(text: str) -> re.Pattern[str]:
    """What can be stored of a text by a service that keeps ASCII only, as likeness.

    Any other character is there, or it is 1 to 4 marks, behind its letter if it was decomposed
    before.
    """
    parts = []
    for character in text:
        same, letter = re.escape(folded(character)), folded(_decomposed(character)[0])
        kept = f"(?:{re.escape(letter)})?" if letter.isascii() else ""
        parts.append(
            same if character.isascii() else f"(?:{same}|{kept}[{re.escape(_LOST)}]{{1,4}})"
        )
    return re.compile("".join(parts))


def _composed(text: str) -> str:
    """Letters and their accents as one character, which Unicode calls NFC."""
    return unicodedata.normalize("NFC", text)


def _decomposed(text: str) -> str:
    """Letters and their accents as characters of their own, which Unicode calls NFD."""
    return unicodedata.normalize("NFD", text)
