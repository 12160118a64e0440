# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages that are made from the code are as the code says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from documents import blocks, interface
from documents.__main__ import stale

HERE = Path(__file__).parent
OWNERS = ("role", "playbooks", "playbook", "modules", "event")  # beside plugins


def test_nothing_that_is_made_from_the_code_is_stale() -> None:
    assert list(stale(write=False)) == [], "run `make docs`"


def test_each_file_of_the_contract_has_its_place_in_the_order_of_reading() -> None:
    contract = HERE.parent / "contract"
    listed = re.findall(
        r"^- \[(test_\w+\.py)\]", (contract / "README.md").read_text(), re.MULTILINE
    )
    assert sorted(listed) == sorted(path.name for path in contract.glob("test_*.py"))


def test_a_block_is_made_again_where_it_stands() -> None:
    old = "options:\n    # made by make docs: shape token\n    old: 1\n    # end of shape token\nrest\n"
    new = blocks.filled(old)
    assert new.startswith(
        "options:\n    # made by make docs: shape token\n    token:\n      description: "
    )
    assert new.endswith("    # end of shape token\nrest\n") and "old" not in new
    assert blocks.filled(new) == new


@pytest.mark.parametrize(
    "text",
    [
        "# made by make docs: shape token\n",
        "# made by make docs: shape token\n# end of shape total\n",
        "# made by make docs: figure token\n# end of figure token\n",
        "<!-- made by make docs: shape token -->\n# end of shape token\n",
    ],
)
def test_a_block_without_an_end_or_of_an_unknown_kind_is_an_error(text: str) -> None:
    with pytest.raises(blocks.BlockError):
        blocks.filled(text)


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
