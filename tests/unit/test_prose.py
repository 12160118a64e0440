# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What wraps the pages changes where lines break, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from documents import prose
from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("roles/*/README.md")]
WORDS = "Some words that fill a line, and go on until there is no place left in it for more. "
LEFT_ALONE = (
    f"---\ntitle: {WORDS * 2}\n---\n",
    f"```text\n{WORDS * 2}\n```\n",
    f"- an item\n\n  ```yaml\n  {WORDS * 2}\n  ```\n",
    f"| {WORDS} | {WORDS} |\n| --- | --- |\n",
    f"## {WORDS * 2}\n",
    f"<!-- {WORDS}\n{WORDS * 2}\n-->\n",
    f"<!-- made by make docs: x -->\n{WORDS * 2}\n<!-- end of x -->\n",
    f"<details>{WORDS * 2}\n",
    f"text\n\n    indented code {WORDS * 2}\n",
    "One sentence that is so long that it would not fit into one line of a page, which is what people may do, too.\n",
    f'[label]: https://example.com/{"x" * 100} "title of it"\n',
)


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_what_is_no_prose_and_single_sentences_are_left_alone(text: str) -> None:
    assert prose.wrapped(text) == text


@pytest.mark.parametrize("before", ["", "- ", "12. ", "> ", "- [ ] ", "  - "])
def test_a_paragraph_is_filled_and_goes_on_below_its_text(before: str) -> None:
    lines = prose.wrapped(before + WORDS * 3).splitlines()
    assert len(lines) > 2 and max(map(len, lines)) <= prose.WIDTH
    rest = before if before.strip() == ">" else " " * len(before)
    assert [line for line in lines[1:] if not line.startswith(rest)] == []
    assert " ".join(line.strip(" >") for line in lines).removeprefix(
        before.strip(" >")
    ).split() == ((WORDS * 3).split())


@pytest.mark.parametrize("word", ["-", "+", "*", "1.", "#", ">=2.19", "---", "|", "```"])
def test_no_line_begins_with_what_would_make_it_something_else(word: str) -> None:
    text = f"{'Words of eight. ' * 6}aaa {word} and {WORDS}"
    assert not [line for line in prose.wrapped(text).splitlines() if line.startswith(word)]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_wrapped_page_says_the_same_and_stays_as_it_is(path: Path) -> None:
    before = path.read_text(encoding="utf-8")
    after = prose.wrapped(before)
    read = MarkdownIt("commonmark").enable("table").render
    assert read(after).split() == read(before).split()
    assert prose.wrapped(after) == after
