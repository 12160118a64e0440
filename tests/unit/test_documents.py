# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages that are made from the code are as the code says."""

from __future__ import annotations

from pathlib import Path

from documents import api_coverage, products

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_of_products_is_not_stale() -> None:
    assert (DOCS / "products.md").read_text(encoding="utf-8") == products.page(), "docs/products.md is stale: run `make docs`"


def test_the_page_of_calls_is_not_stale() -> None:
    assert (DOCS / "api-coverage.md").read_text(encoding="utf-8") == api_coverage.page(), "docs/api-coverage.md is stale: run `make docs`"
