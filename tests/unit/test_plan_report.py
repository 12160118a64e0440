# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan as Markdown and as a page: the answer first, then every change of every account, and no text of others is more than text."""

from __future__ import annotations

import html.parser
import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from unit.hostile_texts import HOSTILE

from ansible_collections.flexops.fortiflex.plugins.module_utils.core.changes import ACTIONS
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.run_report import (
    WITHOUT_LICENSE,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.task.plan_report import (
    LONGEST,
    REPORTS,
    Plan,
    as_json,
    as_markdown,
    as_page,
)

CHANGES = [
    ("create", "configuration", "branch", None, "fortigate_vm_bundle, cpus 2"),
    ("create", "entitlement", "oslo", None, "branch, PENDING"),
    ("reuse", "entitlement", "bonn", "FGVMMLTM26000001", "name none -> bonn"),
    ("reactivate", "entitlement", "lima", "FGVMMLTM26000002", "status STOPPED -> ACTIVE"),
    ("stop", "entitlement", "a-long-name", "FGVMMLTM26000003", "status ACTIVE -> STOPPED"),
    ("create", "spare", "branch", None, "ready 0 -> 5"),
]
COST = {
    "points_per_day_before": 5.0,
    "points_per_day_after": 1010.22,
    "points_per_day_pending": 5.11,
}


def change(*values: Any) -> dict[str, Any]:
    """A change as a plan has it."""
    keys = ("action", "kind", "name", "serial_number", "text")
    return dict(zip(keys, values, strict=True))


ACCOUNT: dict[str, Any] = {
    "changed": True,
    "changes": [change(*values) for values in CHANGES],
    **{"create": 1, "reuse": 1, "reactivate": 1, "stop": 1, "unchanged": 7, "without_license": 2},
    "configurations": {"create": 1},
    "spares": {"create": 5},
    **COST,
}
ZERO = (
    "**Cost: 0.00 -> 0.00 points/day (+0.00), 0.00 now, 0.00 when all pending licenses are in use**"
)
IDLE = {"changed": False, "changes": [], "unchanged": 3, **dict.fromkeys(COST, 0.0)}
FAILED = {"changed": False, "changes": [], "error": "'oslo': configuration 'x' does not exist"}


class Page(html.parser.HTMLParser):
    """Tags, attributes and texts of a page; those of each row of its tables."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[str] = []
        self.rows: list[list[str]] = []
        self._in_cell = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
            self._in_cell = True

    def handle_endtag(self, tag: str) -> None:
        self._in_cell = self._in_cell and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if self._in_cell:
            self.rows[-1][-1] += data


def test_markdown_has_the_answer_then_each_account() -> None:
    plan = Plan({"ELAVMS01/2000001": ACCOUNT, "2000002": IDLE}, {"2000001": "bakery-1"})
    assert as_markdown(plan) == (
        """\
### FortiFlex: the plan

**Cost: 5.00 -> 1,010.22 points/day (+1,005.22), 1,005.11 now, 1,010.22 when all pending licenses are in use**

**Creates 6 licenses and 1 configuration, which can never be deleted.**

Account `bakery-1` (ELAVMS01/2000001): 1 to create, 1 to reuse, 1 to start, 1 to stop, 7 as they should be, \
2 without a license; configurations: 1 to create; spares: 5 to create. \
Cost: 5.00 -> 1,010.22 points/day (+1,005.22), 1,005.11 now, 1,010.22 when all pending licenses are in use

```diff
+ create   configuration  branch                         fortigate_vm_bundle, cpus 2
+ create   entitlement    oslo                           branch, PENDING
~ reuse    entitlement    bonn         FGVMMLTM26000001  name none -> bonn
~ start    entitlement    lima         FGVMMLTM26000002  status STOPPED -> ACTIVE
- stop     entitlement    a-long-name  FGVMMLTM26000003  status ACTIVE -> STOPPED
+ create   spare          branch                         ready 0 -> 5
```

Account 2000002: 3 as they should be. Cost: 0.00 -> 0.00 points/day (+0.00)
"""
    )


@pytest.mark.parametrize(
    ("accounts", "done", "title", "lines"),
    [
        ({"1": IDLE}, False, "nothing changes", ["Account 1: 3 as they should be"]),
        ({"1": IDLE}, True, "nothing changes", []),
        ({"1": ACCOUNT}, True, "what was done", ["**Created 6 licenses and 1 configuration, which can never be deleted.**"]),
        ({"1": FAILED}, False, "the plan failed", ["! 'oslo': configuration 'x' does not exist", "**What it costs is not known**", "Account 1: no plan"]),
        ({"1": {**ACCOUNT, "error": "boom"}, "2": IDLE}, True, "the run failed", ["! boom"]),
        ({}, False, "there is no site to license", []),
        ({"1": {**ACCOUNT, **dict.fromkeys(COST, 0.001)}}, False, "the plan", [ZERO]),
        ({"1": {key: value for key, value in ACCOUNT.items() if key not in COST}}, False, "the plan", ["**What it costs is not known**"]),
    ],
)  # fmt: skip
def test_what_is_said_first(
    accounts: dict[str, Any], done: bool, title: str, lines: list[str]
) -> None:
    plan = Plan(accounts, done=done)
    shown = as_markdown(plan).splitlines()
    assert shown[0] == f"### FortiFlex: {title}" and [x for x in lines if x not in shown] == []
    page = Page(as_page(plan))
    assert f"FortiFlex: {title}" in page.texts


def test_the_page_has_the_same() -> None:
    text = as_page(Plan({"2000001": ACCOUNT, "2": FAILED}, {"2000001": "bakery"}))
    page = Page(text)
    assert page.rows[0] == ["Action", "Kind", "Name", "Serial number", "What changes"]
    assert [row[1:] for row in page.rows[1:]] == [
        [kind, name, serial or "", what] for _action, kind, name, serial, what in CHANGES
    ]
    assert [row[0] for row in page.rows[1:5]] == ["+ create", "+ create", "~ reuse", "~ start"]
    assert "Account bakery (2000001)" in page.texts
    answer, rest = text[: text.index("<section")], text[text.index("<section") :]
    for first in ("which can never be deleted", "not known", "'x' does not exist"):
        assert first in html.parser.unescape(answer)
    assert "<table>" in rest and "<table>" not in answer


def test_a_page_loads_nothing_and_runs_nothing() -> None:
    page = Page(as_page(Plan({"1": ACCOUNT})))
    assert not {"script", "link", "img", "iframe", "object", "a", "form"} & set(page.tags)
    assert not [name for name, _value in page.attributes if name.startswith("on") or name == "src"]
    style = "".join(page.texts)
    assert "url(" not in style and "@import" not in style
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    assert ("content", policy) in page.attributes


def test_every_action_is_shown() -> None:
    words = (*ACTIONS, WITHOUT_LICENSE)
    changes = [change(action, "entitlement", "oslo", None, "") for action in ACTIONS]
    account = {"changed": True, "changes": changes, **dict.fromkeys(words, 7), **COST}
    for done in (False, True):
        plan = Plan({"1": account}, done=done)
        assert as_markdown(plan).count(" 7 ") == len(words) + 1  # what can never be deleted
        assert as_page(plan).count("<b>7</b>") == len(words)
        assert len(Page(as_page(plan)).rows) == 1 + len(ACTIONS)


TEXTS = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(max_size=30),
    st.text("<>@*_`[]()|#-+=:/;!& \n\r\x1b\u202ex1.{}%~", max_size=20),
    st.sampled_from(["a" * 3_000, "`" * 3_000, "\n```\n" * 900, "```\n# x", "<script>x</script>"]),
)
CHANGE = st.builds(
    change,
    st.sampled_from(ACTIONS),
    st.sampled_from(["entitlement", "configuration", "spare"]),
    TEXTS,
    st.none() | TEXTS,
    TEXTS,
)
ACCOUNTS = st.dictionaries(
    TEXTS,
    st.fixed_dictionaries(
        {"changed": st.booleans(), "changes": st.lists(CHANGE, max_size=4)},
        optional={"error": TEXTS, "create": st.integers(0, 9)},
    ),
    max_size=3,
)
USUAL = Page(as_page(Plan({"1": {**ACCOUNT, "error": "x"}})))


@settings(max_examples=150, deadline=None)
@given(accounts=ACCOUNTS, alias=TEXTS)
def test_texts_of_others_are_text(accounts: dict[str, Any], alias: str) -> None:
    plan = Plan(accounts, {place.rpartition("/")[2]: alias for place in accounts})
    shown = as_markdown(plan)
    lines = shown.split("\n")
    assert all(map(str.isprintable, lines)) and max(map(len, lines)) < 5 * LONGEST
    fences = [line for line in lines if line.lstrip().startswith("```")]
    assert fences == ["```diff", "```"] * (len(fences) // 2)
    tokens = MarkdownIt("commonmark").parse(shown)
    assert {token.type for token in tokens} <= {
        *(f"{kind}_{end}" for kind in ("heading", "paragraph") for end in ("open", "close")),
        "inline",
        "fence",
    }
    inside = {child.type for token in tokens for child in token.children or ()}
    assert inside <= {"text", "strong_open", "strong_close", "code_inline"}

    page = Page(as_page(plan))
    assert set(page.tags) <= set(USUAL.tags)
    assert {name for name, _value in page.attributes} <= {name for name, _v in USUAL.attributes}
    assert max(map(len, page.texts)) < 5 * LONGEST
    assert len(page.rows) == sum(
        len(account["changes"]) + bool(account["changes"]) for account in accounts.values()
    )


def test_a_huge_name_makes_no_line_long() -> None:
    rows = [change("create", "entitlement", "x" * 10**6, None, "")] + [ACCOUNT["changes"][1]] * 9000
    shown = as_markdown(Plan({"1": {**ACCOUNT, "changes": rows}}))
    assert len(shown) < 9000 * 120 + 2 * LONGEST


@given(text=TEXTS)
def test_json_is_what_was_given_and_nothing_in_it_is_a_template(text: str) -> None:
    changes = [{**ACCOUNT["changes"][0], "text": text, "after": {"tags": {"a": text}}}]
    account = {**ACCOUNT, "changes": changes, "error": text}
    written = as_json(Plan({"1": account}))
    read = json.loads(written)["fortiflex_plan"]["1"]
    if not re.search(r"^#jinja2:|[{][{%#]", text):
        assert read == account
    assert not re.search(r'"#jinja2:|[{][{%#]', written)


def test_the_formats_by_their_endings() -> None:
    assert {".json": as_json, ".md": as_markdown, ".html": as_page} == REPORTS
