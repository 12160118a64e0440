# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What only a fleet has: spares that are kept ready, what is pruned, and what a plan costs."""

from __future__ import annotations

from typing import Any

import pytest
from unit.ensure.harness import CONFIGURATION, Controller
from unit.ensure.test_devices import HARDWARE, calls


def sites(*names: str, **more: Any) -> list[dict[str, Any]]:
    return [{"name": name, "configuration": "small", **more} for name in names]


def ready(controller: Controller) -> int:
    """How many spares FortiFlex has."""
    return sum(item["description"] == "[spare]" for item in controller.entitlements().values())


# spares


def test_spares_are_made_ten_at_a_time_and_kept(controller: Controller) -> None:
    options = {"configurations": [CONFIGURATION], "spares": {"small": 25}}
    predicted = controller.run("flex_fleet", check=True, **options)
    made = controller.run("flex_fleet", **options)
    assert predicted["spares"] == made["spares"] == {"small": 25} and predicted["changes"] == made["changes"]
    assert made["changes"][1] == {"kind": "spare", "name": "small", "action": "create", "text": "ready 0 -> 25"}
    assert calls(controller) == {"configs/create": 1, "entitlements/vm/create": 3}
    assert {item["status"] for item in controller.entitlements().values()} == {"PENDING"}
    again = controller.run("flex_fleet", **options)
    assert not again["changed"] and again["requests"]["made"] == 2


def test_new_sites_take_spares_and_the_pool_is_filled_up_again(controller: Controller) -> None:
    controller.run("flex_fleet", configurations=[CONFIGURATION], spares={"small": 3})
    done = controller.run("flex_fleet", entitlements=sites("a", "b"), spares={"small": "3"})
    assert done["plan"]["reuse"] == 2 and done["spares"] == {"small": 3}
    assert len(controller.entitlements()) == 5 and ready(controller) == 3
    assert not controller.run("flex_fleet", entitlements=sites("a", "b"), spares={"small": 1})["changed"]
    assert controller.run("flex_fleet", entitlements=sites("c"), spares={"small": 3}, max_new=0)["msg"].startswith("the plan creates 1 entitlements")


def test_a_lost_answer_makes_no_more_spares_than_were_asked_for(controller: Controller) -> None:
    controller.configuration("small")
    controller.flex.faults([{"path": "entitlements/vm/create", "kind": "reset_after", "nth": 2}])
    done = controller.run("flex_fleet", spares={"small": 25})
    assert not done.get("failed") and ready(controller) == 25


@pytest.mark.parametrize(
    ("spares", "sentence"),
    [
        ({"small": -1}, "spares of configuration 'small': -1 is not a whole number"),
        ({"small": "many"}, "many is not a whole number"),
        ({"nope": 1}, "configuration 'nope' is not in program"),
        ({"off": 1}, "the configuration is DISABLED"),
        ({"hw": 1}, "only virtual machines can be kept as spares"),
    ],
)
def test_spares_that_cannot_be_are_refused_before_any_write(controller: Controller, spares: dict[str, Any], sentence: str) -> None:
    controller.run("flex_configuration", **HARDWARE)
    controller.configuration("small")
    controller.configuration("off", status="DISABLED")
    controller.writes()
    for check in (True, False):
        assert sentence in controller.run("flex_fleet", check=check, spares=spares, entitlements=sites("a"))["msg"]
    assert controller.writes() == 0
