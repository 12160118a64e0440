# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of a usage report in a real browser: it is drawn, sorts, reads well at every width, is accessible, and loads nothing. Run by `make pages`."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pages.chromium import WIDTHS, check, chromium
from selenium.webdriver.common.by import By

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of the sample report."""
    directory = tmp_path_factory.mktemp("sample")
    command = [
        sys.executable,
        "-m",
        "documents.usage_report",
        str(directory),
        "--entitlements",
        "120",
        "--days",
        "200",
    ]
    subprocess.run(
        command,
        check=True,
        env={**os.environ, "PYTHONPATH": f"{ROOT / '.build'}{os.pathsep}{ROOT / 'tests'}"},
    )
    return (directory / "usage_report.html").as_uri()


@pytest.fixture(params=WIDTHS)
def browser(request: pytest.FixtureRequest, page: str, tmp_path: Path) -> Iterator[Any]:
    """Chromium at a width, with the page in it."""
    with chromium(page, request.param, tmp_path / "profile") as driver:
        yield driver


def test_the_page(browser: Any, page: str) -> None:
    charts = browser.find_elements(By.CSS_SELECTOR, "figure svg")
    assert charts
    for chart in charts:
        assert (
            chart.find_elements(By.CSS_SELECTOR, ".rect, path.line")
            and chart.size["width"] > 200
            and chart.size["height"] > 40
        )
    for table in browser.find_elements(By.TAG_NAME, "table"):
        assert table.find_elements(By.CSS_SELECTOR, "tbody tr")
    check(browser, page)


def test_tables_sort(browser: Any) -> None:
    table = browser.find_element(By.CSS_SELECTOR, "section[aria-labelledby=top] table")

    def column(number: int) -> list[str]:
        return [
            row.find_elements(By.CSS_SELECTOR, "th, td")[number].get_attribute("textContent")
            for row in table.find_elements(By.CSS_SELECTOR, "tbody tr")
        ]

    names, points = column(0), column(4)
    browser.execute_script(
        "arguments[0].click()", table.find_elements(By.CSS_SELECTOR, "thead button")[0]
    )
    assert column(0) == sorted(names, key=str.lower)
    for _click in range(2):
        browser.execute_script(
            "arguments[0].click()", table.find_elements(By.CSS_SELECTOR, "thead button")[4]
        )
    assert [float(text.replace(",", "")) for text in column(4)] == sorted(
        float(text.replace(",", "")) for text in points
    )
