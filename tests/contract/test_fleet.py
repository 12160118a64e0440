# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What only a fleet has: spares that are kept ready, what is pruned, and what a plan costs."""

from __future__ import annotations

import re
from typing import Any

import pytest
from contract.harness import CONFIGURATION, Controller
from contract.test_devices import HARDWARE, calls


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
    assert (
        predicted["spares"] == made["spares"] == {"small": 25}
        and predicted["changes"] == made["changes"]
    )
    assert made["changes"][1] == {
        "kind": "spare",
        "name": "small",
        "serial_number": None,
        "action": "create",
        "text": "ready 0 -> 25, new 0 -> 25",
        "before": {"ready": 0, "new": 0},
        "after": {"ready": 25, "new": 25},
    }
    assert calls(controller) == {"configs/create": 1, "entitlements/vm/create": 3}
    assert {item["status"] for item in controller.entitlements().values()} == {"PENDING"}
    again = controller.run("flex_fleet", **options)
    assert not again["changed"] and again["requests"]["made"] == 2


def test_new_sites_take_spares_and_the_pool_is_filled_up_again(controller: Controller) -> None:
    controller.run("flex_fleet", configurations=[CONFIGURATION], spares={"small": 3})
    done = controller.run("flex_fleet", entitlements=sites("a", "b"), spares={"small": "3"})
    assert done["plan"]["reuse"] == 2 and done["spares"] == {"small": 3}
    assert len(controller.entitlements()) == 5 and ready(controller) == 3
    assert not controller.run("flex_fleet", entitlements=sites("a", "b"), spares={"small": 1})[
        "changed"
    ]
    assert controller.run("flex_fleet", entitlements=sites("c"), spares={"small": 3}, max_new=0)[
        "msg"
    ].startswith("the plan creates 1 entitlement")


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
def test_spares_that_cannot_be_are_refused_before_any_write(
    controller: Controller, spares: dict[str, Any], sentence: str
) -> None:
    controller.run("flex_configuration", **HARDWARE)
    controller.configuration("small")
    controller.configuration("off", status="DISABLED")
    controller.writes()
    for check in (True, False):
        assert (
            sentence
            in controller.run("flex_fleet", check=check, spares=spares, entitlements=sites("a"))[
                "msg"
            ]
        )
    assert controller.writes() == 0


# prune


def test_what_the_scope_holds_beyond_the_list_is_released(controller: Controller) -> None:
    controller.run("flex_fleet", configurations=[CONFIGURATION, {**CONFIGURATION, "name": "other"}])
    west, east = {"tags": {"region": "west"}}, {"tags": {"region": "east"}}
    controller.run(
        "flex_fleet",
        entitlements=[
            *sites(*"abc", **west),
            *sites("d", **east),
            {"name": "e", "configuration": "other", **west},
        ],
    )
    controller.flex.seed(
        [
            {
                "configId": next(iter(controller.entitlements().values()))["configId"],
                "description": "Somebody's; text=1",
                "status": "ACTIVE",
            }
        ]
    )
    options = {
        "entitlements": sites("a", **west),
        "prune": {"tags": {"region": "west"}, "configurations": ["small"]},
        "max_prune": 2,
    }
    predicted = controller.run("flex_fleet", check=True, **options)
    done = controller.run("flex_fleet", **options)
    assert sorted(done["pruned"]) == sorted(predicted["pruned"]) == ["b", "c"]
    assert (
        done["plan"]["release"] == predicted["plan"]["release"] == 2
        and done["plan"]["unchanged"] == 1
    )
    held = sorted(item["description"] for item in controller.entitlements().values())
    assert held == [
        "Somebody's; text=1",
        "[spare]",
        "[spare]",
        "a [region=west]",
        "d [region=east]",
        "e [region=west]",
    ]
    again = controller.run("flex_fleet", **options)
    assert not again["changed"] and again["pruned"] == []


def test_no_more_is_pruned_than_was_agreed(controller: Controller) -> None:
    names = [f"site-{number:02}" for number in range(20)]
    controller.run("flex_fleet", configurations=[CONFIGURATION], entitlements=sites(*names))
    controller.writes()
    scope = {"prune": {"names": ["site-*"]}}
    refused = controller.run("flex_fleet", entitlements=sites(*names[3:]), **scope)
    assert (
        "prune would release 3 of 20 entitlements in its scope ('site-00', 'site-01', 'site-02'), and max_prune allows 2"
        in re.sub(r" \(FG\w+\)", "", refused["msg"])
    )
    assert (
        "max_prune allows 0"
        in controller.run("flex_fleet", entitlements=sites(*names[1:]), max_prune="0", **scope)[
            "msg"
        ]
    )
    assert controller.writes() == 0
    assert (
        controller.run("flex_fleet", entitlements=sites(*names[2:]), **scope)["plan"]["release"]
        == 2
    )
    assert (
        controller.run("flex_fleet", entitlements=[], max_prune="100%", **scope)["plan"]["release"]
        == 18
    )
    assert ready(controller) == 20


@pytest.mark.parametrize(
    ("held", "share", "allowed"),
    [
        (5, "10%", 0),
        (9, "10%", 0),
        (10, "10%", 1),
        (19, "10%", 1),
        (3, "33%", 0),
        (3, "34%", 1),
        (3, "100%", 3),
        (4, "0%", 0),
        (40, "2.5%", 1),
        (39, "2.5%", 0),
    ],
)
def test_a_share_is_rounded_down(
    controller: Controller, held: int, share: str, allowed: int
) -> None:
    small = controller.configuration("small")
    names = [f"site-{number:02}" for number in range(held)]
    controller.flex.seed([{"configId": small, "description": name} for name in names])
    options = {"prune": {"names": ["site-*"]}, "max_prune": share, "check": True}
    fine = controller.run("flex_fleet", entitlements=sites(*names[allowed:]), **options)
    assert not fine.get("failed") and fine["plan"]["release"] == allowed
    if allowed < held:
        more = controller.run("flex_fleet", entitlements=sites(*names[allowed + 1 :]), **options)
        sentence = (
            f"max_prune allows {allowed} ({share} of {held}, rounded down); nothing was written; "
            f"see that the list is whole, then set max_prune to {allowed + 1}."
        )
        assert sentence in more["msg"]
        options["max_prune"] = str(allowed + 1)
        more = controller.run("flex_fleet", entitlements=sites(*names[allowed + 1 :]), **options)
        assert not more.get("failed")


def test_what_is_outside_the_scope_is_never_pruned_whatever_its_name(
    controller: Controller,
) -> None:
    small, big = controller.configuration("small"), controller.configuration("big")
    controller.flex.seed(
        [{"configId": big, "description": "x", "status": "ACTIVE", "tokenStatus": "USED"}]
    )
    controller.flex.advance(5)
    controller.flex.seed([{"configId": small, "description": "x", "status": "PENDING"}])
    done = controller.run("flex_fleet", prune={"configurations": ["small"]}, max_prune="100%")
    assert done["pruned"] == ["x"] and done["plan"]["release"] == 1
    assert sorted(
        (item["description"], item["status"]) for item in controller.entitlements().values()
    ) == [("[spare]", "PENDING"), ("x", "ACTIVE")]
    controller.flex.seed(count=3, configId=small, description="y", status="STOPPED")
    refused = controller.run("flex_fleet", prune={"names": ["y"]}, max_prune="1")
    assert (
        "would release 3 of 3 entitlements in its scope ('y', 'y', 'y'), and max_prune allows 1"
        in re.sub(r" \(FG\w+\)", "", refused["msg"])
    )


@pytest.mark.parametrize("how", ["pruned", "by serial number"])
def test_what_is_released_and_taken_in_one_run_stays_with_who_took_it(
    controller: Controller, how: str
) -> None:
    controller.run(
        "flex_fleet", configurations=[CONFIGURATION], entitlements=sites("old-1", "old-2")
    )
    new = sites("a", "b", "c", "d")
    gone = [{"serial_number": number, "state": "absent"} for number in controller.entitlements()]
    more = {"prune": {"names": ["old-*"]}, "max_prune": "100%"} if how == "pruned" else {}
    options = {"entitlements": new if how == "pruned" else [*new, *gone], **more}
    predicted = controller.run("flex_fleet", check=True, **options)
    done = controller.run("flex_fleet", **options)
    assert not done.get("failed") and not predicted.get("failed"), done
    assert done["plan"]["release"] == predicted["plan"]["release"] == 2
    held = sorted(
        item["description"]
        for item in controller.entitlements().values()
        if item["description"] != "[spare]"
    )
    assert held == ["a", "b", "c", "d"]


def test_devices_in_the_scope_are_stopped(controller: Controller) -> None:
    device = {
        "name": "branch-1",
        "serial_number": "FGT60FTK26000001",
        "configuration": "hw",
        "describe": True,
    }
    controller.run("flex_fleet", configurations=[HARDWARE], entitlements=[device])
    done = controller.run("flex_fleet", prune={"names": ["branch-*"]}, max_prune="1")
    assert done["pruned"] == ["branch-1"] and done["plan"]["stop"] == 1
    assert not controller.run("flex_fleet", prune={"names": ["branch-*"]})["changed"]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"prune": {}}, "prune is empty"),
        ({"prune": {"names": []}}, "prune.names is empty"),
        (
            {"prune": {"names": ["*"]}, "max_prune": "some"},
            "max_prune: some is neither a whole number nor a percentage",
        ),
        ({"prune": {"names": ["*"]}, "max_prune": "-1"}, "max_prune: -1 is neither"),
    ],
)
def test_a_scope_that_says_nothing_is_refused(
    controller: Controller, options: dict[str, Any], sentence: str
) -> None:
    assert sentence in controller.run("flex_fleet", **options)["msg"]
    assert controller.flex.requests()["total"] == 0


# what a plan costs

TWO = {
    "name": "two",
    "product": "fortigate_vm_bundle",
    "parameters": {"cpus": 2, "service_package": "ENT"},
}
FOUR = {
    "name": "four",
    "product": "fortigate_vm_bundle",
    "parameters": {"cpus": 4, "service_package": "ENT"},
}


def points(
    before: float, after: float, pending: float = 0.0, pending_before: float = 0.0
) -> dict[str, float]:
    """The cost of a plan."""
    charged = {
        "charged_before": round(before - pending_before, 2),
        "charged_after": round(after - pending, 2),
    }
    parts = {
        "before": before,
        "after": after,
        "pending": pending,
        "pending_before": pending_before,
        **charged,
    }
    return {f"points_per_day_{part}": value for part, value in parts.items()}


def asked_prices(controller: Controller) -> int:
    """How many prices were asked for since the last time that somebody asked."""
    asked: int = controller.flex.requests()["by_path"].get("tools/calc", 0)
    controller.flex.reset_requests()
    return asked


def test_a_plan_says_what_it_costs_by_one_request_for_each_size(controller: Controller) -> None:
    wanted = [
        {"name": f"a{number}", "configuration": "two", "skip_pending": True} for number in range(3)
    ] + [{"name": "b", "configuration": "four"}]
    options = {"configurations": [TWO, FOUR], "entitlements": wanted, "estimate": True}
    predicted = controller.run("flex_fleet", check=True, **options)
    done = controller.run("flex_fleet", **options)
    assert predicted["cost"] == done["cost"] == points(0.0, 32.08, pending=12.91)
    assert asked_prices(controller) == 2  # of the plan; the run knows them already
    billed = controller.run("flex_fleet", **options)["cost"]
    assert billed == points(32.08, 32.08, pending=12.91, pending_before=12.91)
    assert asked_prices(controller) == 0  # since those of today are kept
    controller.clock.sleep(24 * 3600)
    assert controller.run("flex_fleet", **options)["cost"] == billed
    assert asked_prices(controller) == 2  # a day later
    stopped = controller.run(
        "flex_fleet",
        entitlements=[{"name": "a0", "state": "stopped"}, {"name": "a1", "state": "absent"}],
        estimate=True,
    )
    assert stopped["cost"] == points(12.78, 0.0)


def test_a_change_of_a_configuration_counts_everything_that_stands_on_it(
    controller: Controller,
) -> None:
    controller.run(
        "flex_fleet",
        configurations=[TWO],
        entitlements=[
            {"name": name, "configuration": "two", "skip_pending": True} for name in "ab"
        ],
    )
    larger = controller.run(
        "flex_fleet",
        check=True,
        configurations=[{**TWO, "parameters": {"cpus": 4}}],
        allow_outside_limit=True,
        estimate=True,
    )
    assert larger["cost"] == points(12.78, 25.82)


def test_a_budget_refuses_a_plan_before_its_first_write(controller: Controller) -> None:
    wanted = [{"name": f"a{number}", "configuration": "two"} for number in range(10)]
    options = {"configurations": [TWO], "entitlements": wanted}
    refused = controller.run("flex_fleet", max_points_per_day=50, **options)
    assert (
        "the plan costs 63.90 points a day (before it 0), more than max_points_per_day=50.0; nothing was written"
        in refused["msg"]
    )
    assert (
        controller.run("flex_fleet", max_points_per_day=-1, **options)["msg"]
        == "max_points_per_day: -1.0 is no number of points; give 0 or more."
    )
    for number in ("lots", "nan", "inf"):
        assert (
            "max_points_per_day"
            in controller.run("flex_fleet", max_points_per_day=number, **options)["msg"]
        )
    assert controller.writes() == 0
    assert controller.run("flex_fleet", max_points_per_day=63.9, **options)["plan"]["create"] == 10


# profiles and pairs

PROFILES = {"small": {"fortigate": "two"}, "office": {"fortigate": "two", "switch": "four"}}


def test_a_profile_stands_for_a_configuration(controller: Controller) -> None:
    wanted = [
        {"name": "a", "profile": "small"},
        {"name": "b", "profile": "office", "device": "switch", "pair": "p"},
        {"name": "c", "configuration": "four", "pair": "p"},
    ]
    done = controller.run(
        "flex_fleet", configurations=[TWO, FOUR], profiles=PROFILES, entitlements=wanted
    )
    assert {name: shape["configuration"] for name, shape in done["entitlements"].items()} == {
        "a": "two",
        "b": "four",
        "c": "four",
    }


def test_profiles_leave_out_configurations_that_nobody_needs(controller: Controller) -> None:
    listed = [TWO, FOUR, {**FOUR, "name": "old", "state": "disabled"}]
    done = controller.run(
        "flex_fleet",
        configurations=listed,
        profiles=PROFILES,
        entitlements=[{"name": "a", "configuration": "two"}],
    )
    assert [shape["name"] for shape in done["configurations"]] == ["two"]
    done = controller.run(
        "flex_fleet", configurations=listed, profiles=PROFILES, spares={"four": 1}
    )
    assert [shape["name"] for shape in done["configurations"]] == ["four"]
    new = {"configurations": [{**TWO, "name": "new"}], "profiles": PROFILES}
    for idle in (
        {"entitlements": [{"name": "b", "configuration": "new", "state": "absent"}]},
        {"spares": {"new": 0}},
    ):
        assert not controller.run("flex_fleet", **new, **idle)["changed"]


def test_everything_that_is_wrong_with_the_sites_is_said_at_once_before_anything_is_sent(
    controller: Controller,
) -> None:
    wanted = [
        {"name": "a", "profile": "huge"},
        {"name": "b", "profile": "office"},
        {"name": "c", "profile": "small", "configuration": "two"},
        {"name": "d", "configuration": "two", "pair": "dc"},
        {"name": "e", "configuration": "four", "pair": "dc"},
        {"name": "j", "configuration": "four", "pair": "alone"},
        {"name": "d", "configuration": "two"},
        {"name": "f", "profile": "none", "end_date": "soon"},
        {"name": "g", "profile": "gap", "tags": {"owner": None}},
        {"name": "h", "serial_number": "FGVM-1"},
        {"name": "i", "configuration": "²"},
    ]
    profiles = {**PROFILES, "none": {}, "gap": {"fortigate": None}}
    message = controller.run(
        "flex_fleet", profiles=profiles, entitlements=wanted, prune={}, spares={"two": -1}
    )["msg"]
    for sentence in (
        "entitlement 'a': profile 'huge' is not one of small, office, none, gap.",
        "entitlement 'b': profile 'office' has no device 'None'; it has fortigate, switch.",
        "pair 'alone': 'j' is its only member here; list both, so that they stay alike.",
        "entitlement 'c': both configuration and profile are given; give one.",
        "pair 'dc': 'd' (two) and 'e' (four) have different configurations; give them the same one.",
        "entitlement 'd' is listed 2 times; list it once.",
        "profile 'none': it is no dictionary of configurations by device.",
        "entitlement 'f': end_date 'soon' is invalid",
        "entitlement 'g': the tag owner has no value; leave it out or give one.",
        "entitlement 'h': 'FGVM-1' is not a valid serial number; use letters and digits only.",
        "prune is empty",
        "spares of configuration 'two': -1 is not a whole number",
    ):
        assert sentence in message, message
    assert controller.flex.requests()["total"] == 0
