# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages that are made from the code are as the code says."""

from __future__ import annotations

from pathlib import Path

import pytest
from documents import api_coverage, interface, products

HERE = Path(__file__).parent
OWNERS = ("role", "playbooks", "playbook", "modules", "event")  # beside plugins
DOCS = HERE.parents[1] / "docs"


def test_the_page_of_products_is_not_stale() -> None:
    assert (DOCS / "products.md").read_text(encoding="utf-8") == products.page(), (
        "docs/products.md is stale: run `make docs`"
    )


def test_the_page_of_calls_is_not_stale() -> None:
    assert (DOCS / "api-coverage.md").read_text(encoding="utf-8") == api_coverage.page(), (
        "docs/api-coverage.md is stale: run `make docs`"
    )


def test_the_public_interface_is_as_it_was_and_all_of_it_is_described(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By tests/unit/interface.txt: what is taken away or changed there breaks its users, and what is added is promised to them."""
    monkeypatch.setenv("ANSIBLE_COLLECTIONS_PATH", str(HERE.parents[1] / ".build"))
    found = list(interface.names())
    before, now = (
        set((HERE / "interface.txt").read_text(encoding="utf-8").splitlines()),
        set(map(str, found)),
    )
    assert not before - now, "this breaks users, so it needs a new major version (docs/releases.md)"
    assert not now - before, "tests/unit/interface.txt lacks what is new: run `make docs`"
    assert {name.owner.split()[0] for name in found} == {*interface.KINDS, *OWNERS}
    assert interface.undescribed(found) == []
