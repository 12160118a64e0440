# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a service may make of a description that it stores. Which of it FortiFlex does, if any, is published nowhere."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Callable

WAYS: dict[str, Callable[[str], str]] = {
    "as_written": lambda text: text,
    "escaped": html.escape,
    "escaped_all": lambda text: html.escape(text).encode("ascii", "xmlcharrefreplace").decode(),
    "ascii": lambda text: text.encode("ascii", "replace").decode(),
    "mojibake": lambda text: text.encode().decode("latin-1"),
    "nfd": lambda text: unicodedata.normalize("NFD", text),
    "nfc": lambda text: unicodedata.normalize("NFC", text),
    "upper": str.upper,
    "lower": str.lower,
    "casefold": str.casefold,
    "trimmed": str.strip,
    "folded_blanks": lambda text: " ".join(text.split()),
    "quoted": lambda text: f'"{text}"',
    "dropped": lambda text: "",
}


def stored(text: str, way: str, cut: int | None) -> str:
    """A description as it is stored."""
    return WAYS[way](text)[:cut]
