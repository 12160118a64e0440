# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each row of advice on the page of troubleshooting is about a message that the code, a playbook or a role still has."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from documents.messages import VALUE, rendered

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
PLACES = ("plugins/**/*.py", "extensions/**/*.py", "playbooks/**/*.yml", "roles/**/*.yml")
# Messages of Ansible itself, of which the page has advice, too.
OF_ANSIBLE = {"Module result deserialization failed", "Local RPC server did not start."}
# What stands for a value: on the page a word in capitals, in a template what is filled in.
FILLED = re.compile(rf"\b[A-Z]{{2,}}\b|{VALUE}|\{{\{{.*?\}}\}}|\{{%.*?%\}}")
RUN = 3  # words in a row that are no chance
# Of the words of a message; the code puts some together from parts, and the page shows them whole.
ENOUGH = 0.5


def words_of(text: str) -> list[str]:
    """The words of a text, with an empty one for each value."""
    return re.findall(r"[a-z_]+|(?=\0)", FILLED.sub("\0", text).lower())


def runs(words: list[str]) -> Iterator[tuple[str, ...]]:
    """The words from each on, as many as are compared."""
    return zip(*(words[start:] for start in range(RUN)), strict=False)


def texts_of(path: Path) -> Iterator[str]:
    """Each text of a file in which a message could stand."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        yield text
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.JoinedStr, ast.Constant)):
            yield from rendered(node)


def advice() -> Iterator[str]:
    """The messages in the first cells of the tables of messages."""
    tables = re.findall(
        r"^\| (?:message|reason|advice) \|.*\n\|[- |]+\n((?:\|.*\n)+)", PAGE, re.MULTILINE
    )
    for cell in re.findall(r"^\| (.*?) \| ", "".join(tables), re.MULTILINE):
        yield from re.findall(r"`([^`]+)`", cell)


KNOWN = {
    run
    for pattern in PLACES
    for path in ROOT.glob(pattern)
    for text in texts_of(path)
    for run in runs(words_of(text))
}


def share(message: str) -> float:
    """Which part of the words of a message stands in runs that the code has."""
    words = words_of(message)
    known = {
        place + offset
        for place, run in enumerate(runs(words))
        if run in KNOWN
        for offset in range(RUN)
    }
    fixed = [place for place, word in enumerate(words) if word]
    return len(known.intersection(fixed)) / max(1, len(fixed))


MESSAGES = [text for text in advice() if len([*filter(None, words_of(text))]) > RUN]


@pytest.mark.parametrize("message", MESSAGES)
def test_a_row_of_advice_is_about_a_message_of_the_code(message: str) -> None:
    assert message in OF_ANSIBLE or share(message) >= ENOUGH


def test_a_message_that_is_gone_is_noticed() -> None:
    gone = "'NAME' (SERIAL) was painted green before this run had begun; wash it and start over"
    assert share(gone) < ENOUGH / 2
    assert MESSAGES
