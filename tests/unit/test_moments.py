# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No test depends on the day: which moments there are, which tests run at all of them, and where no date may be written out."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from integration.reader import RUN, examples
from moments import PACIFIC, day, end_of_day, moments
from moments.dates import ROOT, dated_scenarios, is_about_dates

from simulator.launch import Simulator

PASSING = re.compile(r"\b20(?:2[6-9]|[3-9]\d)-\d\d-\d\d")
EXAMPLES = re.compile(r"^EXAMPLES.*?(?=^[\"A-Z])", re.MULTILINE | re.DOTALL)
TIMES = st.datetimes(
    datetime(2026, 1, 1),  # noqa: DTZ001
    datetime(2095, 1, 1),  # noqa: DTZ001
    timezones=st.just(timezone.utc),
)


@given(TIMES)
def test_the_moments_are_those_that_come_next(now: datetime) -> None:
    found = moments(now.timestamp())
    today = now.astimezone(PACIFIC).date()
    local = {name: moment.at.astimezone(PACIFIC) for name, moment in found.items()}
    assert all(when.date() > today for when in local.values())
    assert all(
        timedelta(0) < moment.at - now < timedelta(days=8 * 366) for moment in found.values()
    )
    assert f"{local['half-past-midnight']:%H:%M}" == "00:30"
    assert f"{local['leap-day']:%m-%d}" == "02-29"
    assert (local["in-two-years"].date() - today).days == 730
    assert f"{local['new-year']:%m-%d %H:%M}" == "01-01 00:00"
    assert f"{found['utc-new-year'].at:%m-%d %H:%M}" == "01-01 00:00"
    for name, hours in (("summer-time", 1), ("winter-time", -1)):
        before, after = local[f"before-{name}"].utcoffset(), local[name].utcoffset()
        assert before and after and after - before == timedelta(hours=hours)
    for name in ("summer-time", "winter-time", "new-year", "utc-new-year"):
        assert found[name].at - found[f"before-{name}"].at == timedelta(minutes=5)
    assert timedelta(0) < timedelta(seconds=end_of_day(now.timestamp()) - now.timestamp())
    assert end_of_day(local["before-new-year"].timestamp()) == local["new-year"].timestamp()


def test_all_processes_agree_about_the_time(flex: Simulator) -> None:
    code = "import time; print(time.time())"
    other = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert abs(float(other.stdout) - time.time()) < 60
    assert abs(flex.state()["clock"]["now"] - time.time()) < 60
    assert flex.state()["clock"]["pacific"][:10] in (day(), day(-1))


@pytest.mark.parametrize(
    ("text", "dated"),
    [
        ("def test_it(): assert run('endDate')", True),
        ("def test_it(): assert run('branch')", False),
        ("def test_it(): helper()\ndef helper(): return day(1)\ndef day(number): ...", True),
        ("def test_it(): helper()\ndef other(): return '2026-11-24'\ndef helper(): ...", False),
        ("def test_it(ready): ...\ndef ready(): return timedelta(days=1)", True),
        ("SITES = {'until': 'tomorrow'}\ndef test_it(): assert SITES", True),
        ("def test_it(): assert update and '6.39 points a day'", False),
    ],
)
def test_a_test_of_dates_is_known_by_its_words(tmp_path: Path, text: str, dated: bool) -> None:
    file = tmp_path / "test_file.py"
    file.write_text(text)
    assert is_about_dates(file, "test_it", {}) == dated


def test_a_test_of_a_page_is_about_dates_if_its_examples_are() -> None:
    for page, dated in (("roles/development/README.md", True), ("docs/audit.md", False)):
        assert is_about_dates(Path(__file__), "-", {"page": page}) == dated


def test_the_scenarios_of_dates_are_known() -> None:
    assert {"development", "usage_report"} <= set(dated_scenarios())


def files(*patterns: str) -> Iterator[tuple[str, str]]:
    """The name and the text of each file."""
    for pattern in patterns:
        for path in sorted(ROOT.glob(pattern)):
            if path.suffix in (".py", ".yml", ".j2", ".md"):
                yield path.relative_to(ROOT).as_posix(), path.read_text("utf-8")


def shown() -> Iterator[tuple[str, str]]:
    """The examples that pages, modules and plugins show and that a test runs."""
    for name, _text in files("*.md", "docs/*.md", "roles/*/README.md", "tests/simulator/README.md"):
        for example in examples(ROOT / name):
            if example.language in RUN and not example.not_run:
                yield f"{name}:{example.line}", example.text
    for name, text in files("plugins/*/*", "extensions/eda/plugins/*/*"):
        yield from ((name, found) for found in EXAMPLES.findall(text))


def test_no_test_or_example_has_a_day_that_will_pass() -> None:
    """Write ``day(30)``, in an example a variable, or a day that is long past (2020-01-01) or far off (2999-01-01)."""
    tests = files("tests/integration/*", "tests/contract/*", "extensions/molecule/*/*")
    assert not [
        f"{name}: {day}" for name, text in (*tests, *shown()) for day in PASSING.findall(text)
    ]
    places = {name.partition(":")[0] for name, _text in shown()}
    assert {"README.md", "docs/fleets.md", "plugins/modules/flex_fleet.py"} <= places


def test_no_yaml_takes_the_day_of_the_machine() -> None:
    """A day of FortiFlex is a Pacific day; the filters know it, the machine's own zone is any."""
    written = files("playbooks/**/*", "roles/**/*", "extensions/**/*", "docs/*", "*.md")
    local = re.compile(
        r"\bdate_time|ansible_date_time|\bnow\(\)(?!\.timestamp\(\))|\| *strftime\((?!.*utc=true)"
    )
    assert not [f"{name}: {line}" for name, text in written for line in local.findall(text)]


def test_no_day_is_reckoned_when_a_file_is_read() -> None:
    """Another day may have begun before the test runs."""
    found = [
        f"{name}:{node.lineno}"
        for name, text in files("tests/contract/*", "tests/unit/**/*", "tests/integration/*")
        if name.endswith(".py")
        for statement in ast.parse(text).body
        for node in _now(statement)
    ]
    assert not found


def _now(statement: ast.AST) -> Iterator[ast.Call]:
    """Calls that ask for the time, but those in the bodies of functions, which run later."""
    later = statement.body if isinstance(statement, (ast.FunctionDef, ast.Lambda)) else []
    for child in ast.iter_child_nodes(statement):
        if child not in (later if isinstance(later, list) else [later]):
            yield from _now(child)
    if isinstance(statement, ast.Call):
        name = ast.unparse(statement.func).rsplit(".", maxsplit=1)[-1]
        if name in ("day", "now", "today", "time"):
            yield statement
