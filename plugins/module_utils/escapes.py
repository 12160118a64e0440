# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What others name is text: names, tags, descriptions, reasons and aliases, written so that they
are only read wherever they go.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping

UNSEEN = "\N{REPLACEMENT CHARACTER}"
_APART = "\N{ZERO WIDTH SPACE}"  # chat services take what is on both sides for two things
# What becomes a mention or a link without any markup.
_LIVE = re.compile(r"@(?=\w)|:(?=//)|\bwww(?=\.)|\](?=\()", re.IGNORECASE)
_MARKUP = re.compile(r"[\\`*_{}\[\]<>|~#&]")
_BEGINS = re.compile(r"^( *)(?:(\d{1,9})(?=[.)](?: |$))|(?=[-+=:]))")  # a list, a line or a table
_MINUS = "\N{MINUS SIGN}"
_FORMULA = "=+-@"
# Where a cell begins: also behind what a spreadsheet may take for the end of the cell before.
_CELL = re.compile(r"(^|[;,|]) *(?=(.))")


def visible(text: str) -> str:
    """The text in one line, as terminals, mails and pages take it.

    Each blank, tab or end of a line is one blank. What moves a cursor, changes the direction of
    writing or is not seen at all becomes a mark.
    """
    if text.isprintable() and text.isascii():
        return text
    return "".join(map(_seen, text))


def _seen(character: str) -> str:
    if character.isprintable():
        return character
    return " " if character.isspace() else UNSEEN


def slack(text: str) -> str:
    """For Slack and what understands its messages: no mention, no link, no image."""
    plain = visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _dead(plain)


def markdown(text: str) -> str:
    """For Markdown, as Teams and pull requests have it: all of it is text, also in a table."""
    plain = _MARKUP.sub(r"\\\g<0>", visible(text))
    return _BEGINS.sub(r"\1\2\\", _dead(plain))


def _dead(text: str) -> str:
    return _LIVE.sub(rf"\g<0>{_APART}", text)


def cell(text: str) -> str:
    """For a cell of a spreadsheet: never a formula."""
    return _CELL.sub(_marked, visible(text))


def _marked(found: re.Match[str]) -> str:
    first = unicodedata.normalize("NFKC", found[2])[:1]
    if first not in (*_FORMULA, _MINUS):
        return found[0]
    return f"{found[1]}'{found[0].removeprefix(found[1])}"


def label(text: str) -> str:
    """For the value of a label in a text file of Prometheus, and for its help texts."""
    return visible(text).replace("\\", "\\\\").replace('"', '\\"')


ESCAPES: Mapping[str, Callable[[str], str]] = {
    "terminal": visible,
    "mail": visible,
    "slack": slack,
    "teams": markdown,
    "markdown": markdown,
    "spreadsheet": cell,
}
