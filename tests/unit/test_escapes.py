# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What others name is text, by each way on which it leaves."""

from __future__ import annotations

import ast
import csv
import html
import html.parser
import io
import json
import re
import runpy
import shlex
import unicodedata
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_rulebook.util import substitute_variables
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from unit.hostile_texts import FORMULAS, HOSTILE, can_be_seen

from ansible_collections.flexops.fortiflex.plugins.filter.flex_access_table import flex_access_table
from ansible_collections.flexops.fortiflex.plugins.filter.flex_audit import (
    flex_audit,
    flex_audit_table,
)
from ansible_collections.flexops.fortiflex.plugins.filter.flex_escape import flex_escape
from ansible_collections.flexops.fortiflex.plugins.filter.flex_first_few import flex_first_few
from ansible_collections.flexops.fortiflex.plugins.module_utils.clock import VirtualClock
from ansible_collections.flexops.fortiflex.plugins.module_utils.errors import (
    FlexError,
    InvalidInput,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.escapes import ESCAPES
from ansible_collections.flexops.fortiflex.plugins.module_utils.task.plan_report import (
    Plan,
    as_markdown,
    as_page,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.task.plan_text import (
    Charged,
    Screen,
    also_charged,
    perhaps_renamed,
    plan_lines,
    renames,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.task.task import Task, execute
from ansible_collections.flexops.fortiflex.plugins.module_utils.usage import _charts as charts
from ansible_collections.flexops.fortiflex.plugins.module_utils.usage._coverage import Wish
from ansible_collections.flexops.fortiflex.plugins.module_utils.usage._exports import (
    focus_csv,
    prometheus,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.usage._ledger import Ledger
from ansible_collections.flexops.fortiflex.plugins.module_utils.usage._periods import Period, end_of
from ansible_collections.flexops.fortiflex.plugins.module_utils.usage._points import State
from ansible_collections.flexops.fortiflex.plugins.module_utils.usage._report import UsageReport
from ansible_collections.flexops.fortiflex.plugins.module_utils.usage.report_files import page
from ansible_collections.flexops.fortiflex.plugins.plugin_utils._left_out import LeftOut

ROOT = Path(__file__).parents[2]
PROGRAM = runpy.run_path(str(ROOT / "extensions" / "ci" / "fortiflex_plan.py"))
ANY = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(max_size=20),
    st.text("<>@*_`[]()|#-+=:/;!& \n\x1bx1.", max_size=12),
)
APART = "\u200b"


# -- each place


@given(ANY)
def test_a_line_shows_all_its_characters(text: str) -> None:
    for place in ("terminal", "mail"):
        assert can_be_seen(flex_escape(text, place)) and len(flex_escape(text, place)) == len(text)
    assert flex_escape(text) == text or not can_be_seen(text)


@given(ANY)
def test_slack_finds_nothing_to_mention_or_to_link_to(text: str) -> None:
    sent = flex_escape(text, "slack")
    assert not re.search(r"[<>\n]|@\w|://|\]\(|www\.|&(?!(amp|lt|gt);)", sent, re.IGNORECASE)
    assert html.unescape(sent.replace(APART, "")) == flex_escape(text)


class _Texts(html.parser.HTMLParser):
    """Tags and texts of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


@given(ANY)
def test_markdown_is_text_in_a_paragraph_a_list_and_a_table(text: str) -> None:
    sent, read = flex_escape(text, "markdown"), MarkdownIt("commonmark").enable("table")
    assert sent == flex_escape(text, "teams") and not re.search(r"@\w|://|www\.", sent, re.I)
    plain = flex_escape(text).strip(" ")
    for around, tags in (
        ("{}", ["p"]),
        ("- {}", ["ul", "li"]),
        ("| a |\n| --- |\n| {} |", ["table", "thead", "tr", "th", "tbody", "tr", "td"]),
    ):
        found = _Texts(read.render(around.format(sent)))
        assert found.tags == tags or not plain
        cells = found.text.replace(APART, "").split("\n")
        assert plain in [cell.strip(" ") for cell in cells]


@given(st.one_of(st.sampled_from(FORMULAS), ANY))
def test_a_spreadsheet_calculates_nothing(text: str) -> None:
    sent = flex_escape(text, "spreadsheet")
    assert can_be_seen(sent) and sent.replace("'", "") == flex_escape(text).replace("'", "")
    for part in re.split("[;,|]", sent):
        first = unicodedata.normalize("NFKC", part.lstrip()[:1])[:1]
        assert first not in ("=", "+", "-", "@", "\u2212")


@pytest.mark.parametrize("place", ESCAPES)
def test_an_ordinary_name_is_the_same_everywhere(place: str) -> None:
    for name in ("branch-oslo", "Zürich 2", "dc.example.com", "東京", "50 % of 1,200.50 points"):
        assert flex_escape(name, place) == name


def test_a_place_that_there_is_not_is_refused() -> None:
    with pytest.raises(AnsibleFilterError, match="'sms' is not one of terminal, mail, slack"):
        flex_escape("x", "sms")


# -- what the collection prints


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_printed_has_one_line_for_each_thing(text: str) -> None:
    row = {
        "kind": "entitlement",
        "name": text,
        "action": "change",
        "text": f"name {text} -> {text}",
    }
    left_out = LeftOut()
    left_out.add(f"{text} of account 1", text)
    held = {
        "serial_number": "FGVM1",
        "description": text,
        "name": text,
        "status": "ACTIVE",
        "account_id": 1,
        "configuration_id": 1,
        "configuration": text,
        "start_date": "2026-01-01",
        "end_date": "2099-01-01",
        "token_status": "USED",
    }
    access = {
        "verdict": [text],
        "required": [{"name": text, "access": text}],
        "left_out": text,
        "writing": text,
        "endpoints": [{"endpoint": text, "access": text, "message": text}],
        "access": [
            {
                "serial_number": text,
                "account_id": text,
                "write": text,
                "accounts": [{"account_id": text, "read": True, "message": text}],
                "endpoints": [],
            }
        ],
    }
    shown: list[str] = []
    screen = Screen(shown.append)
    found = [Charged(text, text, text, None)]
    screen.show(plan_lines([row], False))
    screen.tell(also_charged(found), *perhaps_renamed(renames({text: text}, found)))
    lines = [
        *shown,
        *flex_audit_table(flex_audit([held], [{"name": text}, {"name": "x"}])),
        *flex_audit_table({"findings": [], "not_compared": [text], "accounts": []}),
        *flex_access_table(access),
        *left_out.sentences,
        *left_out.summary,
        flex_first_few([text, text]),
        str(FlexError(f"'{text}' is wrong")),
        str(InvalidInput([f"'{text}' is wrong", text])),
    ]
    assert shown and [line for line in lines if not can_be_seen(line)] == []


@pytest.mark.parametrize("text", HOSTILE)
def test_a_task_fails_and_warns_in_one_line(text: str) -> None:
    warned: list[str] = []

    def fail(task: Task) -> dict[str, Any]:
        task.warn(text)
        raise FlexError(text)

    failed = execute(fail, {}, False, VirtualClock(0.0), warned.append)
    told = execute(lambda _task: {"failed": True, "msg": text}, {}, False, VirtualClock(0.0), print)
    assert all(map(can_be_seen, [failed["msg"], told["msg"], *warned])) and len(warned) == 1


def told_by_plugins() -> Iterator[Any]:
    """Each sentence that a plugin raises or warns with past the sentences of FlexError, as the code has it."""
    for path in sorted((ROOT / "plugins").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args:
                name = ast.unparse(node.func)
                if re.fullmatch(
                    r"Ansible\w*(Error|Fail)|(Display\(\)|display)\.(warning|error|display|v+)|module\.(warn|fail_json)",
                    name,
                ):
                    place = f"{path.relative_to(ROOT)}:{node.lineno}"
                    yield pytest.param(node.args[0], id=place)


@pytest.mark.parametrize("sentence", [*told_by_plugins()])
def test_a_sentence_of_a_plugin_is_constant_escaped_or_one_of_ours(sentence: ast.expr) -> None:
    if isinstance(sentence, ast.Call):
        assert ast.unparse(sentence.func) == "visible" or ast.unparse(sentence) in (
            "str(error)",
            "str(InvalidInput(given.problems))",
            "self._in_words(error)",  # of one of ours
        )
    else:
        names = {node.id for node in ast.walk(sentence) if isinstance(node, ast.Name)}
        assert all(name == "error" or name.isupper() for name in names), ast.unparse(sentence)


# What in a template is a text of others, unless one of the filters behind it makes it one line.
OTHERS = re.compile(
    r"\binventory_hostname\b|\w*_name\b|\.name\b|attribute='(?:text|name)'|\btell_text\b|\bmetric\b"
)
MADE = re.compile(r"flex_(?:escape|first_few|audit_table|access_table)|\blength\b|in \[")


SHOWN = {"msg", "fail_msg", "success_msg", "label", "prompt"}


def members(value: Any) -> list[tuple[str, Any]]:
    """What a list or dictionary holds, by key; a list has no keys."""
    if isinstance(value, dict):
        return list(value.items())
    return [("", item) for item in value] if isinstance(value, list) else []


def texts_of(value: Any) -> Iterator[str]:
    """Each text in a value."""
    if isinstance(value, str):
        yield value
    for _key, item in members(value):
        yield from texts_of(item)


def shown_in(tasks: Any) -> Iterator[str]:
    """Each message and label in the YAML of plays or tasks; what variables are set to shows nothing."""
    for key, item in members(tasks):
        if key in SHOWN:
            yield from texts_of(item)
        elif key != "vars":
            yield from shown_in(item)


def shown_by_tasks() -> Iterator[Any]:
    """Each message and label of a task of a playbook or role."""
    for folder in ("playbooks", "roles/*/tasks"):
        for path in sorted(ROOT.glob(f"{folder}/**/*.yml")):
            if "vars" not in path.parts and "inventory" not in path.parent.name:
                for text in shown_in(yaml.safe_load(path.read_text(encoding="utf-8"))):
                    yield pytest.param(text, id=f"{path.relative_to(ROOT)}: {text[:40]}")


@pytest.mark.parametrize("text", [*shown_by_tasks()])
def test_a_task_shows_names_as_one_line(text: str) -> None:
    for expression in re.findall(r"\{\{.*?\}\}", text, re.DOTALL):
        assert not OTHERS.search(expression) or MADE.search(expression), expression


# -- reports


def hostile_report(text: str, directory: Path) -> UsageReport:
    """A report of one entitlement in which everything that others choose is this text."""
    day = date(2026, 3, 2)
    with Ledger(str(directory / "usage.sqlite3")) as ledger:
        state = State("FGVM1", text, {text: text}, text, text, text, "ACTIVE", None, None)
        ledger.record_states("P", 1, [state], end_of(day))
        ledger.record_day("P", 1, day, {"FGVM1": Decimal("1.5")}, end_of(day), end_of(day))
        outlook = {"alerts": [{"kind": text, "text": text}]}
        wish = Wish(
            program="P",
            account_ids=[1],
            period=Period(day, day),
            settled=day,
            today=day + timedelta(days=1),
            moment=end_of(day),
            title=text,
            customers={"1": text},
            outlook={"projection": {}, "balance": None, "commitment": None, **outlook},
            point_price=Decimal(1),
            currency=text,
            sites=frozenset(),
        )
        report = UsageReport(wish, ledger)
        assert report.data
    return report


@pytest.mark.parametrize("text", HOSTILE)
def test_reports_hold_texts(text: str, tmp_path: Path) -> None:
    report = hostile_report(text, tmp_path)

    rows = list(csv.DictReader(io.StringIO(focus_csv(report))))
    assert len(rows) == 1 and rows[0]["ResourceName"] == flex_escape(text, "spreadsheet")
    for value in rows[0].values():
        assert can_be_seen(value) and value == flex_escape(value, "spreadsheet").replace("''", "'")

    lines = prometheus(report).splitlines()
    sample = re.compile(r'fortiflex_\w+\{(?:\w+="(?:[^"\\]|\\["\\n])*",?)+\} [-0-9.e]+')
    for line in lines:
        assert can_be_seen(line)
        assert sample.fullmatch(line) or re.fullmatch(r"# (HELP|TYPE) fortiflex_\w+ .*", line)

    shown = page(report.data, str(ROOT / "roles/usage_report/templates/page.html.j2"), True)
    assert all(can_be_seen(line) for line in shown.splitlines())
    found = _Texts(shown)
    assert found.tags.count("script") == 1 and not {"img", "details"} & set(found.tags)
    ids = re.findall(r'\bid="([^"]+)"', shown)
    assert len(ids) == len(set(ids)) and flex_escape(text).strip() in found.text


@pytest.mark.parametrize("text", HOSTILE)
def test_a_chart_can_be_read(text: str) -> None:
    drawn = charts.groups(f"tag {text}", [{"name": text, "points": 1.0}])
    assert ElementTree.fromstring(drawn) is not None


# -- what people copy, and what pipelines show


@pytest.mark.parametrize("text", HOSTILE)
def test_a_command_line_has_the_name_in_one_word(text: str) -> None:
    book = yaml.safe_load((ROOT / "extensions/eda/rulebooks/expiring.yml").read_text())
    variables = book[0]["rules"][1]["action"]["run_playbook"]["extra_vars"]
    entitlement = {"name": text, "serial_number": "FGVM1", "end_date": "2026-12-01"}
    event = {"flex": {"entitlement": entitlement, "days_left": 3}}
    sent = substitute_variables(variables["tell_text"], {"event": event})
    command = re.search(r"ansible-playbook (.*), or let it end", flex_escape(sent))
    assert command is not None
    words = shlex.split(command[1])
    assert words[:2] == ["flexops.fortiflex.extend_sites", "-e"] and len(words) == 3
    assert json.loads(words[2]) == {"extend_names": [text]}


@pytest.mark.parametrize("text", HOSTILE)
def test_a_plan_in_a_pull_request_is_text(text: str) -> None:
    change = {"action": "change", "kind": "entitlement", "name": text, "text": text}
    account = {"changed": True, "changes": [{**change, "serial_number": text}], "create": 1}
    for accounts in ({text: account}, {text: {**account, "error": text}, "1": account}):
        shown = as_markdown(Plan(accounts, {"1": text}))
        assert all(can_be_seen(line) for line in shown.split("\n"))
        found = _Texts(MarkdownIt("commonmark").enable("table").render(shown))
        assert set(found.tags) == {"h3", "p", "strong", "pre", "code"}
        outside = re.sub(r"^```diff$.*?^```$", "", shown, flags=re.DOTALL | re.MULTILINE)
        outside = re.sub(r"`[^`\n]+`", "", outside)  # an account that has markup is code
        assert not re.search(r"[<>@\[\]`|]|://|www\.", outside)
        shown = as_page(Plan(accounts, {"1": text}))
        assert all(can_be_seen(line) for line in shown.split("\n"))
        assert not {"a", "img", "script", "details"} & set(_Texts(shown).tags)
    row = {**change, "serial_number": None, "before": {}, "after": {"status": text}}
    carried = {"program": text, "account_id": 1, "digest": "0" * 64, "changes": [row]}
    mark = PROGRAM["_body"]({text: carried}, "", "log").split("\n")[0]
    assert re.fullmatch("<!-- flexops.fortiflex plan [A-Za-z0-9+/=]+ -->", mark)
    words = shlex.split(f"-e {PROGRAM['_as_option'](text)}")
    assert words[1] == f"fortiflex_plan_file={text}" or json.loads(words[1]) == {
        "fortiflex_plan_file": text
    }
