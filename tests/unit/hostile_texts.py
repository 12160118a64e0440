# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that mean something else where they go, and how to see that they do not."""

from __future__ import annotations

MENTIONS = ["<!channel> now", "@here now", "@channel", "<@U123>", "<!subteam^S1|x>", "a@all"]
LINKS = [
    "<http://evil.example|oslo>",
    "[oslo](http://evil.example)",
    "![oslo](http://evil.example/x.png)",
    "https://evil.example",
    "www.evil.example",
    "[oslo][1]",
    "<https://evil.example>",
]
MARKUP = [
    "*oslo* _lima_ ~rome~",
    "`oslo` ``` x",
    "a | b | c",
    "# oslo",
    "> oslo",
    "- oslo",
    "+ oslo",
    "1. oslo",
    "---",
    "===",
    "&lt;!channel&gt;",
    "&#42;oslo&#42;",
    "<b>oslo</b><img src=x onerror=alert(1)>",
    "--> <!-- <script>alert(1)</script>",
    "x\\",
    "\\[oslo](http://evil.example)",
    "|x| <details>",
]
SIGNS = ["=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\u2212", "\ufe62", "\ufe63"]
BEFORE = ["", " ", "\t", "\r", "\n", "\u00a0", "\u3000", "  ", "a;", "a; ", "a,", "a|", "a\t"]
FORMULAS = [f"{before}{sign}cmd|' /C calc'!A0" for before in BEFORE for sign in SIGNS]
CONTROLS = [
    "\x1b[2J\x1b[31mred",
    "\x1b]8;;http://evil.example\x07oslo\x1b]8;;\x07",
    "\x9b31mred",
    "\x9d0;title\x9c",
    "oslo\x08\x08\x08\x08lima",
    "oslo\rlima",
    "oslo\nBcc: everybody@example.com",
    "oslo\r\n\r\n<html>",
    "oslo\x00",
    "a\u202eolso\u202c",
    "a\u2066b\u2069",
    "os\u200blo",
    "os\u00adlo",
    "\ufefflima",
    "a\u2028b\u2029c\x85d\x0be\x0cf",
    "tag\U000e0041\U000e0042",
]
SHELL = ["$(id)", "`id`", "'; id; '", '"; id; "', "a b --limit x", "!!", "~root", "\\'; id"]
HOSTILE = [*MENTIONS, *LINKS, *MARKUP, *FORMULAS, *CONTROLS, *SHELL]


def can_be_seen(text: str) -> bool:
    """Whether a terminal shows every character of a text in one line, as the text has it."""
    return text.isprintable()
