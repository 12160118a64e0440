# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of a plan in a real browser, in light and dark and on paper, with texts that are as long as texts can be. Run by `make pages`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pages.chromium import WIDTHS, check, check_width, chromium
from selenium.webdriver.common.by import By

from ansible_collections.flexops.fortiflex.plugins.module_utils.task.plan_report import (
    Plan,
    as_page,
)

ACTIONS = ("create", "reuse", "change", "move", "reactivate", "stop", "release")
COST = {
    "points_per_day_before": 123456.78,
    "points_per_day_after": 1234567.89,
    "points_per_day_pending": 5.11,
}
PAPER = 794  # pixels of A4


def account(**more: Any) -> dict[str, Any]:
    """An account with a change of each kind, some of whose texts have no place to break."""
    changes = [
        {
            "kind": kind,
            "action": action,
            "name": f"branch-{action}" if number % 2 else "x" * 64,
            "serial_number": None if action == "create" else f"FGVMMLTM26{number:06d}",
            "text": "configuration branch-small -> branch-large" if number % 3 else "y" * 300,
        }
        for number, action in enumerate(ACTIONS * 4)
        for kind in ("entitlement", "configuration", "spare")
    ]
    counts = {**dict.fromkeys(ACTIONS, 12), "unchanged": 7, "configurations": {"create": 28}}
    return {"changed": True, "changes": changes, **counts, **COST, **more}


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of the page."""
    error = {"error": f"configuration '{'z' * 200}' does not exist"}
    accounts = {"ELAVMS0000000200/2000001": account(), "2000002": account(**error)}
    path = tmp_path_factory.mktemp("plan") / "plan.html"
    path.write_text(as_page(Plan(accounts, {"2000001": "a" * 60})), encoding="utf-8")
    return path.as_uri()


@pytest.fixture(params=[(width, scheme) for width in WIDTHS for scheme in ("light", "dark")])
def browser(request: pytest.FixtureRequest, page: str, tmp_path: Path) -> Iterator[Any]:
    """Chromium at a width, for people who like it light or dark."""
    width, scheme = request.param
    with chromium(page, width, tmp_path / "profile", prefers_color_scheme=scheme) as driver:
        yield driver


def test_the_page(browser: Any, page: str) -> None:
    check(browser, page)
    cards = browser.find_elements(By.CSS_SELECTOR, ".cards li")
    assert cards and all(card.size["width"] > 150 for card in cards)
    for row in browser.find_elements(By.CSS_SELECTOR, "tbody tr")[:6]:
        assert row.size["height"] < 400, "no column is so narrow that its texts become towers"


def test_it_fits_on_paper(page: str, tmp_path: Path) -> None:
    with chromium(page, PAPER, tmp_path / "profile", prefers_color_scheme="dark") as driver:
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
        check_width(driver)
        colors = driver.execute_script(
            "const style = getComputedStyle(document.body); return [style.color, style.backgroundColor]"
        )
        assert colors == ["rgb(31, 35, 40)", "rgb(255, 255, 255)"]
