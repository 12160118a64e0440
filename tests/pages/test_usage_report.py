# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of a usage report in a real browser: it is drawn, sorts, reads well at every width, is accessible, and loads nothing. Run by `make pages`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_core_python.selenium import Axe
from selenium import webdriver
from selenium.webdriver.common.by import By

ROOT = Path(__file__).parents[2]
WIDTHS = (1440, 768, 360)


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
    options = webdriver.ChromeOptions()
    for argument in (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        f"--user-data-dir={tmp_path / 'profile'}",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(
        options=options, service=webdriver.ChromeService("/usr/bin/chromedriver")
    )
    try:
        driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": request.param, "height": 900, "deviceScaleFactor": 1, "mobile": False},
        )
        driver.get(page)
        yield driver
    finally:
        driver.quit()


def test_the_page(browser: Any, page: str) -> None:
    charts = browser.find_elements(By.CSS_SELECTOR, "figure svg")
    assert len(charts) >= 6
    for chart in charts:
        assert (
            chart.find_elements(By.CSS_SELECTOR, ".rect, path.line")
            and chart.size["width"] > 200
            and chart.size["height"] > 40
        )
    for table in browser.find_elements(By.TAG_NAME, "table"):
        assert table.find_elements(By.CSS_SELECTOR, "tbody tr")
    width = browser.execute_script(
        "return [document.documentElement.scrollWidth, window.innerWidth]"
    )
    assert width[0] <= width[1], "only charts and tables scroll sideways, not the page"

    assert [
        entry for entry in browser.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")
    ] == []
    sent = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    urls = {
        event["params"]["request"]["url"]
        for event in sent
        if event["method"] == "Network.requestWillBeSent"
    }
    assert {url for url in urls if not url.startswith(("data:", "chrome:"))} == {page}

    found = Axe().run(browser, options={"runOnly": ["wcag2a", "wcag2aa", "best-practice"]})
    assert [
        (item["id"], item["nodes"][0]["html"][:200])
        for item in found["violations"]
        if item["impact"] in ("serious", "critical")
    ] == []


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
