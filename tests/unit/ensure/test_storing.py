# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""However FortiFlex stores descriptions: no name costs a second serial number, nothing is charged in excess, and each run says what to do."""

from __future__ import annotations

import shutil
from collections import Counter
from typing import Any

import pytest
from unit.ensure.harness import CONFIGURATION, Controller

from simulator.texts import WAYS

NAMES = ["München & Söhne", "東京", "oslo", "a  b", "HQ", "x" * 30]
HARMLESS = {"as_written", "nfc", "nfd", "trimmed"}
CUTS = [None, 5, 10, 20, 34]


@pytest.fixture
def account(controller: Controller) -> Controller:
    """An account with a configuration and nothing else."""
    controller.run("flex_configuration", **CONFIGURATION)
    controller.writes()
    return controller


def license_all(account: Controller, names: list[str], **options: Any) -> dict[str, Any]:
    """A run on a machine of its own, as in a container that keeps nothing."""
    shutil.rmtree(account.state_dir, ignore_errors=True)
    sites = [{"name": name, "configuration": "small", **options} for name in names]
    return account.run("flex_fleet", entitlements=sites)


def held(account: Controller) -> dict[str, tuple[str, str]]:
    """Description and status by serial number."""
    return {
        number: (item["description"] or "", item["status"])
        for number, item in account.entitlements().items()
    }


def is_affected(name: str, way: str, cut: int | None) -> bool:
    """Whether a name is not stored as written."""
    stored = WAYS[way](name)[:cut]
    return way not in HARMLESS and stored != name or (cut is not None and len(name) > cut)


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("way", [way for way in WAYS if way != "dropped"])
@pytest.mark.parametrize("answer", ["stored", "written"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"reuse": "never"},
        {"folder": "My Assets"},
        {"state": "present", "skip_pending": True},
        {"skip_pending": True},
    ],
    ids=lambda options: "-".join(options) or "plain",
)
def test_three_runs(
    account: Controller, way: str, cut: int | None, answer: str, options: dict[str, Any]
) -> None:
    account.flex.settings(description_stored=way, description_cut=cut, description_answer=answer)
    wrong = [name for name in NAMES if is_affected(name, way, cut)]
    for number in range(3):
        result = license_all(account, NAMES, **options)
        after = held(account)
        assert len(after) <= len(NAMES), (number, after)
        named = Counter(text for text, _status in after.values())
        for name in wrong:
            assert named[name] == 0
        if wrong:
            assert result["failed"], result
            assert "FortiFlex" in result["msg"] or "differs only by case" in result["msg"]
            assert "run the task again" not in result["msg"]
        else:
            assert not result.get("failed"), result["msg"]
    charged = [text for text, status in after.values() if status == "ACTIVE"]
    assert set(charged) <= {WAYS[way](name) for name in NAMES}, after
    assert not set(charged) & set(wrong)
