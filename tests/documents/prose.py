# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prose in Markdown has lines of at most 100 columns, or one sentence a line.

``python -m documents.prose [FILE...]`` names the lines that are longer and fails; ``--wrap`` wraps
paragraphs and items of lists. Without files, all pages of the repository. Code, tables, headings,
HTML, front matter and what `make docs` makes are left as they are.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

WIDTH = 100
_MADE = ("CHANGELOG.md",)  # antsibull-changelog writes it
# What is never broken: code, links, words.
_ATOM = re.compile(r"(?:``(?:(?!``).)+``|`[^`]+`|!?\[[^\]]{0,60}\]\([^()\s]*\)|\S)+")
_SENTENCE = re.compile(r"[.!?][\"')*_`]*\s+[\"'(*_`\[]*[A-Z]")
# A line that begins so would be something else than text.
_BLOCK = re.compile(r"(?:[-+*]|\d+[.)]|#{1,6}|>.*|=+|-+|\|.*|`{3,}.*|~{3,}.*)$")
_ITEM = re.compile(
    r"(?P<indent>[ >]*)(?P<marker>(?:[-*+]|\d+[.)]) +(?:\[[ x]\] +)?)?(?P<text>\S.*)$"
)
_UNTOUCHED = re.compile(
    r" *(?:\||#{1,6} |\[[^\]]+\]: |(?:-{3,}|={3,}|\*{3,}|_{3,})\s*$|!\[[^\]]*\]\([^)]*\)$"
    r"|</?(?:br|center|details|div|h\d|hr|img|p|picture|source|summary|table|tbody|td|th|tr)\b)"
)


class Paragraph(NamedTuple):
    """Lines of prose that belong together: where they begin, what stands before the text, the text."""

    number: int
    lines: list[str]
    first: str  # before the first line: an indent, and the mark of an item
    rest: str  # before the others

    @property
    def wrapped(self) -> list[str]:
        """The lines, filled."""
        text = " ".join(
            line.strip(" >") if self.rest.strip() else line.strip() for line in self.lines
        )
        text = text.removeprefix(self.first.strip()).strip()
        made, line = [], self.first
        for word in _ATOM.findall(text):
            empty = line in (self.first, self.rest)
            if not empty and len(line) + 1 + len(word) > WIDTH and not _BLOCK.match(word):
                made.append(line)
                line, empty = self.rest, True
            line += word if empty else f" {word}"
        return [*made, line]


def pieces(text: str) -> Iterator[str | Paragraph]:
    """The lines of a page as they are, and between them the paragraphs."""
    paragraph: Paragraph | None = None
    until: re.Pattern[str] | None = None  # the end of something that is left as it is
    hang = 0  # where the text of the last item begins
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        if until is None:
            until = _opened(number, line)
            closed = until is not None and _closes(until, line, opening=True)
        else:
            closed = _closes(until, line, opening=False)
        as_it_is = until is not None or not line.strip() or _UNTOUCHED.match(line)
        found = None if as_it_is else _ITEM.match(line)
        indent = len(line) - len(line.lstrip())
        code = paragraph is None and indent >= (hang or 0) + 4
        if found is None or code:
            if paragraph is not None:
                yield paragraph
                paragraph = None
            if line.strip() and indent == 0 and until is None:
                hang = 0
            yield line
        elif paragraph is not None and not found["marker"]:
            paragraph.lines.append(line)
        else:
            if paragraph is not None:
                yield paragraph
            first = found["indent"] + (found["marker"] or "")
            rest = found["indent"] + " " * len(found["marker"] or "")
            hang = len(rest) if found["marker"] else (hang if indent else 0)
            paragraph = Paragraph(number, [line], first, rest)
        if paragraph is not None and (line.endswith(("  ", "\\"))):  # a break that is meant
            yield paragraph
            paragraph = None
        if closed:
            until = None
    if paragraph is not None:
        yield paragraph


def _opened(number: int, line: str) -> re.Pattern[str] | None:
    """What ends the block that a line begins, if it begins one that is left as it is."""
    if number == 1 and line == "---":
        return re.compile(r"---$")
    if fence := re.match(r"[ >]*(?:[-*+] +)?(`{3,}|~{3,})", line):
        return re.compile(rf"[ >]*{fence[1]}\s*$")
    if made := re.match(r" *<!-- made by make docs: (.+) -->", line):
        return re.compile(rf" *<!-- end of {re.escape(made[1])} -->")
    return re.compile(r".*-->") if re.match(r" *<!--", line) else None


def _closes(until: re.Pattern[str], line: str, opening: bool) -> bool:
    """Whether a block ends in this line; only a comment can end in the line in which it begins."""
    return until.match(line) is not None and (not opening or until.pattern == ".*-->")


def wrapped(text: str) -> str:
    """A page with its prose wrapped; the same if it is wrapped already."""
    made: list[str] = []
    for piece in pieces(text):
        made += [piece] if isinstance(piece, str) else _kept(piece)
    return "\n".join(made) + "\n"


def _kept(paragraph: Paragraph) -> list[str]:
    """The lines of a paragraph as they must be: as they are if none is too long."""
    return paragraph.wrapped if any(too_long(paragraph)) else paragraph.lines


def too_long(paragraph: Paragraph) -> Iterator[int]:
    """The numbers of its lines that are too long, could be shorter, and are more than one sentence."""
    for number, line in enumerate(paragraph.lines, paragraph.number):
        alone = Paragraph(number, [line], "", "")
        if len(line) > WIDTH and len(alone.wrapped) > 1 and not _is_sentence(line, paragraph):
            yield number


def _is_sentence(line: str, paragraph: Paragraph) -> bool:
    """Whether a line is one sentence, whole: it ends with it, and so does the line before."""
    place = paragraph.lines.index(line)
    whole = all(
        re.search(r"[.!?:][\"')*_`]*$", other.rstrip()) is not None
        for other in paragraph.lines[max(0, place - 1) : place + 1]
    )
    return whole and _SENTENCE.search(line) is None


def pages() -> list[Path]:
    """The pages of the repository that this runs in, but those that are made as a whole."""
    command = ["git", "ls-files", "-z", "--", "*.md"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    paths = [Path(name) for name in listed.split("\0") if name and name not in _MADE]
    return [path for path in paths if "<!-- Made by `make docs`" not in path.read_text("utf-8")]


def main(arguments: list[str]) -> int:
    """Check or wrap; returns the exit status."""
    paths = [Path(name) for name in arguments if not name.startswith("-")] or pages()
    wrong = 0
    for path in paths:
        text = path.read_text(encoding="utf-8")
        if "--wrap" in arguments:
            path.write_text(wrapped(text), encoding="utf-8")
            continue
        for piece in pieces(text):
            for number in too_long(piece) if isinstance(piece, Paragraph) else ():
                print(f"{path}:{number}: over {WIDTH} columns: python -m documents.prose --wrap")
                wrong += 1
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
