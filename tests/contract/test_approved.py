# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan that somebody approved: a run does its changes, or less if some are done already, or refuses before its first write."""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from contract.harness import CONFIGURATION, Controller
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.flexops.fortiflex.plugins.module_utils.client.service import FlexService
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.description import is_template
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.steps import CLAIM, Step

LARGE = {**CONFIGURATION, "name": "large", "parameters": {"cpus": 4, "service_package": "UTP"}}
Options = dict[str, Any]


def site(name: str, **more: Any) -> Options:
    """An entitlement of a list."""
    return {"name": name, "configuration": "small", **more}


def fleet(*sites: Options, **more: Any) -> Options:
    """The options of a task about these sites."""
    return {"configurations": [CONFIGURATION, LARGE], "entitlements": list(sites), **more}


def planned(controller: Controller, path: Path, options: Options) -> Options:
    """What the plan file of a run in check mode has, as a later run would read it."""
    file = path / "plan.json"
    result = controller.run("flex_fleet", check=True, plan_file=str(file), **options)
    assert not result.get("failed"), result["msg"]
    controller.writes()
    plan: Options = json.loads(file.read_text())["fortiflex_plan"]
    return plan


def account_of(plan: Options) -> Options:
    """The part of a plan that is about its one account."""
    (account,) = plan.values()
    assert isinstance(account, dict)
    return account


def apply(controller: Controller, plan: Options, options: Options, **more: Any) -> Options:
    """The result of a run that was given a plan."""
    return controller.run("flex_fleet", plan=plan, **options, **more)


def refused(controller: Controller, plan: Options, options: Options, *told: str) -> None:
    """A run that was given a plan writes nothing and says why."""
    for more in ({}, {"check": True}):
        result = apply(controller, plan, options, **more)
        assert result["failed"] and not result["changed"] and controller.writes() == 0, result
        assert [text for text in told if text not in result["msg"]] == [], result["msg"]


def texts(controller: Controller) -> dict[str, str]:
    """The status of each entitlement by its description."""
    return {item["description"]: item["status"] for item in controller.entitlements().values()}


@pytest.fixture
def two(controller: Controller) -> Options:
    """Two sites that are licensed, and in use."""
    options = fleet(site("oslo"), site("rome"))
    controller.run("flex_fleet", **options)
    for item in controller.entitlements().values():
        controller.flex.redeem(item["token"])
    controller.writes()
    return options


def number(controller: Controller, description: str) -> str:
    """The serial number of an entitlement."""
    found = [
        serial
        for serial, item in controller.entitlements().items()
        if item["description"] == description
    ]
    return found[0]


# -- done as planned


def test_a_plan_is_carried_out_and_a_second_time_finds_it_done(
    controller: Controller, tmp_path: Path
) -> None:
    options = fleet(site("oslo"), site("rome", tags={"region": "south"}), spares={"small": 2})
    plan = planned(controller, tmp_path, options)
    account = account_of(plan)
    assert (account["program"], account["account_id"]) == (controller.program, 2000001)
    done = apply(controller, plan, options)
    said = [
        [(row["kind"], row["name"], row["after"]) for row in each["changes"]]
        for each in (account, done)
    ]
    assert done["changed"] and said[0] == said[1]
    assert sorted(texts(controller)) == ["[spare]", "oslo", "rome [region=south]"]
    again = apply(controller, plan, options)
    assert not again["changed"] and not again.get("failed")


def test_what_somebody_did_already_is_left_out(controller: Controller, tmp_path: Path) -> None:
    options = fleet(site("oslo"), site("rome"), site("lima"), spares={"small": 3})
    plan = planned(controller, tmp_path, options)
    controller.run("flex_fleet", **fleet(site("rome"), spares={"small": 1}))
    done = apply(controller, plan, options)
    assert not done.get("failed") and done["plan"]["create"] == 2, done
    assert done["spares_plan"] == {"create": 2}


def test_half_of_a_change_that_is_done_already_is_left_out(
    controller: Controller, two: Options, tmp_path: Path
) -> None:
    both = fleet(site("oslo", configuration="large", tags={"size": "L"}), site("rome"))
    plan = planned(controller, tmp_path, both)
    controller.run("flex_fleet", **fleet(site("oslo", configuration="large")))
    done = apply(controller, plan, both)
    assert not done.get("failed") and done["plan"]["change"] == 1
    assert "oslo [size=L]" in texts(controller)


def test_the_day_that_was_approved_is_the_day(controller: Controller, tmp_path: Path) -> None:
    options = fleet(site("oslo", end_date="+90d"))
    plan = planned(controller, tmp_path, options)
    approved = controller.day(90)
    controller.clock.sleep(3 * 86_400)
    done = apply(controller, plan, options)
    assert done["entitlements"]["oslo"]["end_date"] == approved != controller.day(90)
    assert not apply(controller, plan, options)["changed"]


def test_the_spare_that_was_approved_is_the_spare(controller: Controller, tmp_path: Path) -> None:
    controller.run("flex_fleet", **fleet(spares={"small": 5}))
    options = fleet(site("oslo"), site("rome"))
    plan = planned(controller, tmp_path, options)
    chosen = {row["name"]: row["serial_number"] for row in account_of(plan)["changes"]}
    for serial in controller.entitlements().keys() - set(chosen.values()):
        controller.flex.patch(serial, description="of somebody else")
    done = apply(controller, plan, options)
    assert {name: item["serial_number"] for name, item in done["entitlements"].items()} == chosen


def test_a_new_license_is_new_although_a_spare_has_come(
    controller: Controller, tmp_path: Path
) -> None:
    options = fleet(site("oslo"))
    plan = planned(controller, tmp_path, options)
    controller.run("flex_fleet", **fleet(spares={"small": 1}))
    assert apply(controller, plan, options)["plan"]["create"] == 1


# -- what a change rests on, and what it does not


def test_a_license_that_is_in_use_meanwhile_still_moves(
    controller: Controller, tmp_path: Path
) -> None:
    controller.run("flex_fleet", **fleet(site("oslo")))
    options = fleet(site("oslo", configuration="large"))
    plan = planned(controller, tmp_path, options)
    (item,) = controller.entitlements().values()
    controller.flex.redeem(item["token"])
    assert apply(controller, plan, options)["plan"]["move"] == 1


@pytest.mark.parametrize("state", ["stopped", "absent"])
def test_a_license_that_is_in_use_meanwhile_is_not_stopped(
    controller: Controller, tmp_path: Path, state: str
) -> None:
    controller.run("flex_fleet", **fleet(site("oslo")))
    options = fleet(site("oslo", state=state))
    plan = planned(controller, tmp_path, options)
    (item,) = controller.entitlements().values()
    controller.flex.redeem(item["token"])
    refused(controller, plan, options, "oslo", item["serialNumber"], "not in the plan")


def test_what_others_do_beside_the_plan_does_not_count(
    controller: Controller, two: Options, tmp_path: Path
) -> None:
    options = fleet(site("oslo", tags={"a": "b"}), site("rome"), site("lima"))
    plan = planned(controller, tmp_path, options)
    controller.run("flex_fleet", **fleet(site("kyiv", skip_pending=True), spares={"large": 1}))
    done = apply(controller, plan, options)
    assert not done.get("failed") and (done["plan"]["create"], done["plan"]["change"]) == (1, 1)


# -- refused before the first write

OTHERS: dict[str, tuple[Options, str]] = {
    "one more site": (fleet(site("oslo"), site("rome"), site("lima"), site("kyiv")), "'kyiv'"),
    "another site": (fleet(site("oslo"), site("rome"), site("kyiv")), "'kyiv'"),
    "other tags": (fleet(site("oslo"), site("rome"), site("lima", tags={"a": "b"})), "'lima'"),
    "another size": (
        fleet(site("oslo"), site("rome"), site("lima", configuration="large")),
        "'lima'",
    ),
    "a spare": (fleet(site("oslo"), site("rome"), site("lima"), spares={"small": 1}), "small"),
    "a site that stops": (
        fleet(site("oslo"), site("rome", state="stopped"), site("lima")),
        "'rome'",
    ),
    "a site that goes": (fleet(site("oslo", state="absent"), site("rome"), site("lima")), "'oslo'"),
    "a token": (fleet(site("oslo", fresh_token="always"), site("rome"), site("lima")), "'oslo'"),
    "an end": (fleet(site("oslo", end_date="+90d"), site("rome"), site("lima")), "'oslo'"),
    "a name": (fleet(site("oslo-2", was="oslo"), site("rome"), site("lima")), "'oslo-2'"),
    "a configuration": (
        {
            **fleet(site("oslo"), site("rome"), site("lima")),
            "configurations": [
                CONFIGURATION,
                {**LARGE, "parameters": {**LARGE["parameters"], "cpus": 8}},
            ],
        },
        "'large'",
    ),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_nothing_else_is_done(
    controller: Controller, two: Options, tmp_path: Path, kind: str
) -> None:
    plan = planned(controller, tmp_path, fleet(site("oslo"), site("rome"), site("lima")))
    options, told = OTHERS[kind]
    refused(controller, plan, options, told, "make the plan again")
    assert apply(controller, plan, {})["changed"] is False


def test_what_has_become_other_meanwhile_is_not_changed(
    controller: Controller, two: Options, tmp_path: Path
) -> None:
    options = fleet(site("oslo", tags={"a": "b"}), site("rome"))
    plan = planned(controller, tmp_path, options)
    rome, oslo = number(controller, "rome"), number(controller, "oslo")
    controller.flex.patch(rome, status="STOPPED")
    refused(controller, plan, options, "'rome'", rome, "STOPPED -> ACTIVE")
    controller.flex.patch(rome, status="ACTIVE")
    controller.flex.patch(oslo, description="oslo [c=d]")
    refused(controller, plan, options, "'oslo'", oslo)


def test_another_serial_number_of_the_same_name_is_another_change(
    controller: Controller, two: Options, tmp_path: Path
) -> None:
    options = fleet(site("oslo", tags={"a": "b"}), site("rome"))
    plan = planned(controller, tmp_path, options)
    old = number(controller, "oslo")
    controller.flex.patch(old, description="[spare]", status="STOPPED")
    controller.run("flex_fleet", **fleet(site("oslo", reuse="never")))
    controller.writes()
    refused(controller, plan, options, number(controller, "oslo"), f"planned: change ({old})")


def test_a_spare_that_is_gone_is_not_replaced(controller: Controller, tmp_path: Path) -> None:
    controller.run("flex_fleet", **fleet(spares={"small": 3}))
    options = fleet(site("oslo"), site("rome"))
    plan = planned(controller, tmp_path, options)
    gone = account_of(plan)["changes"][0]["serial_number"]
    controller.flex.patch(gone, description="of somebody else")
    controller.writes()
    refused(controller, plan, options, gone, "not free any more")


def test_a_plan_of_another_account_or_program_is_not_carried_out(
    controller: Controller, tmp_path: Path
) -> None:
    options = fleet(site("oslo"))
    plan = planned(controller, tmp_path, options)
    refused(controller, plan, {**options, "account_id": 2000002}, "account 2000002", "'oslo'")
    forged = {"x": {**account_of(plan), "account_id": 2000002}}
    refused(controller, forged, {**options, "account_id": 2000002}, "was changed")


@pytest.mark.parametrize(
    "change",
    [
        lambda account: account["changes"].pop(),
        lambda account: account["changes"][-1].update(name="kyiv"),
        lambda account: account["changes"][-1]["after"].update(configuration="large"),
        lambda account: account["changes"][-1].pop("serial_number"),
        lambda account: account["changes"].append("x"),
        lambda account: account.update(changes=None),
        lambda account: account.pop("digest"),
        lambda account: account.update(digest="0" * 64),
    ],
)
def test_a_plan_that_somebody_has_edited_is_refused(
    controller: Controller, tmp_path: Path, change: Callable[[Options], Any]
) -> None:
    options = fleet(site("oslo"), site("rome"))
    plan = copy.deepcopy(planned(controller, tmp_path, options))
    change(account_of(plan))
    refused(controller, plan, options, "was changed after it was made", "make the plan again")


def test_the_text_of_a_change_is_for_people_and_may_be_anything(
    controller: Controller, tmp_path: Path
) -> None:
    options = fleet(site("oslo"))
    plan = planned(controller, tmp_path, options)
    for row in account_of(plan)["changes"]:
        row["text"] = None
    assert apply(controller, plan, options)["changed"]


def test_another_configuration_of_the_same_name_is_not_changed(
    controller: Controller, two: Options, tmp_path: Path
) -> None:
    larger = {**LARGE, "parameters": {**LARGE["parameters"], "cpus": 8}}
    options = {**fleet(site("oslo"), site("rome")), "configurations": [CONFIGURATION, larger]}
    plan = planned(controller, tmp_path, options)
    (old,) = (c["id"] for c in controller.flex.state()["configurations"] if c["name"] == "large")
    controller.run("flex_configuration", id=old, name="large-of-before")
    controller.run("flex_configuration", **LARGE)
    controller.writes()
    refused(controller, plan, options, "change configuration 'large'", "make the plan again")


@pytest.mark.parametrize("price", ["12", True, float("nan"), float("inf"), []])
def test_a_price_that_is_no_number_is_refused(
    controller: Controller, tmp_path: Path, price: Any
) -> None:
    options = fleet(site("oslo"))
    plan = copy.deepcopy(planned(controller, tmp_path, options))
    account_of(plan)["points_per_day_after"] = price
    refused(controller, plan, options, "make the plan again")


def test_a_planned_price_that_cannot_be_checked_refuses_the_run(
    controller: Controller, tmp_path: Path
) -> None:
    options = fleet(site("oslo"))
    plan = planned(controller, tmp_path, options)
    for kept in controller.state_dir.glob("*price*"):
        kept.unlink()
    controller.flex.faults([{"path": "tools/calc", "kind": "refused", "always": True}])
    refused(controller, plan, options, "tools/calc")
    without = {place: {**each, "points_per_day_after": None} for place, each in plan.items()}
    assert apply(controller, without, options)["changed"], "a plan without a price has no limit"


def test_a_higher_price_is_refused_and_what_others_add_is_not(
    controller: Controller, two: Options, tmp_path: Path
) -> None:
    options = fleet(site("oslo"), site("rome"), site("lima"))
    plan = planned(controller, tmp_path, options)
    controller.run("flex_fleet", **fleet(site("kyiv", skip_pending=True)))
    controller.writes()
    cheaper = copy.deepcopy(plan)
    account_of(cheaper)["points_per_day_after"] -= 1
    refused(controller, cheaper, options, "points a day", "the plan said")
    assert not apply(controller, plan, options).get("failed")


# -- after the first write


def meanwhile(monkeypatch: pytest.MonkeyPatch, do: Callable[[Step], None], after: str = "") -> None:
    """Have somebody do something, once: after the first write of such a purpose, or after the first at all."""
    write, waits = FlexService.write, [True]

    def written(self: FlexService, step: Step, not_after: float) -> Any:
        found = write(self, step, not_after)
        if waits and after in ("", step.purpose):
            waits.pop()
            do(step)
        return found

    monkeypatch.setattr(FlexService, "write", written)


def test_a_spare_that_is_lost_fails_its_name_and_makes_no_serial_number(
    controller: Controller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    controller.run("flex_fleet", **fleet(spares={"small": 3}))
    options = fleet(site("oslo"), site("rome"))
    plan = planned(controller, tmp_path, options)
    before = controller.entitlements().keys()
    lost = []

    def take(step: Step) -> None:
        lost.append((step.item[1], step.body["serialNumber"]))
        controller.flex.patch(lost[0][1], description="of somebody else")

    meanwhile(monkeypatch, take, CLAIM)
    done = apply(controller, plan, options)
    ((name, serial),) = lost
    assert done["failed"] and f"'{name}': the plan gives it the spare {serial}" in done["msg"]
    (other,) = {"oslo", "rome"} - {name}
    assert other in texts(controller) and name not in texts(controller)
    assert controller.entitlements().keys() == before


@pytest.mark.parametrize(
    ("change", "left"),
    [({"status": "STOPPED"}, "STOPPED"), ({"description": "rome [x=y]"}, "ACTIVE")],
)
def test_what_changes_during_the_run_is_left_alone(
    controller: Controller,
    two: Options,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: Options,
    left: str,
) -> None:
    options = fleet(site("oslo", tags={"a": "b"}), site("rome", tags={}), site("lima"))
    plan = planned(controller, tmp_path, options)
    rome = number(controller, "rome")
    meanwhile(monkeypatch, lambda step: controller.flex.patch(rome, **change) and None)
    done = apply(controller, plan, options)
    assert done["failed"] and "'rome': " in done["msg"] and "is not in the plan" in done["msg"]
    assert controller.entitlements()[rome]["status"] == left
    assert {"lima", "oslo [a=b]"} <= texts(controller).keys(), "the rest is done"


def test_a_name_that_loses_its_license_during_the_run_gets_no_new_one(
    controller: Controller, two: Options, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = fleet(site("oslo"), site("rome"), site("lima"), site("kyiv"))
    plan = planned(controller, tmp_path, options)
    rome = number(controller, "rome")
    meanwhile(monkeypatch, lambda step: controller.flex.patch(rome, description="x") and None)
    done = apply(controller, plan, options)
    assert done["failed"] and "'rome': a new license is not in the plan" in done["msg"]
    assert {"lima", "kyiv"} <= texts(controller).keys() and "rome" not in texts(controller)


# -- any fleet, and anything that others do in between

WANTED = st.fixed_dictionaries(
    {"configuration": st.sampled_from(["small", "large"])},
    optional={
        "state": st.sampled_from(["active", "present", "stopped", "absent"]),
        "tags": st.sampled_from([{}, {"a": "b"}]),
        "end_date": st.sampled_from(["+30d", "+60d"]),
        "fresh_token": st.sampled_from(["used", "always"]),
        "reuse": st.sampled_from(["marked", "any", "never"]),
    },
)
FLEETS = st.fixed_dictionaries(
    {"sites": st.dictionaries(st.sampled_from(["a", "b", "c", "d"]), WANTED)},
    optional={"spares": st.fixed_dictionaries({"small": st.integers(0, 3)})},
)
PATCHES = st.fixed_dictionaries(
    {},
    optional={
        "status": st.sampled_from(["PENDING", "ACTIVE", "STOPPED"]),
        "description": st.sampled_from(["a", "b [a=b]", "[spare]", "", "x"]),
        "tokenStatus": st.sampled_from(["USED", "NOTUSED"]),
    },
)
HANDS = st.lists(st.tuples(st.integers(0, 20), PATCHES), max_size=3)


def as_options(drawn: Options) -> Options:
    """The options of a fleet."""
    sites = [{"name": name, **wanted} for name, wanted in drawn["sites"].items()]
    return fleet(*sites, spares=drawn.get("spares", {}), replace_expired=None)


def by_hand(controller: Controller, hands: list[tuple[int, Options]]) -> None:
    """Others change something in the portal."""
    for at, changes in hands:
        numbers = sorted(controller.entitlements())
        if numbers:
            controller.flex.patch(numbers[at % len(numbers)], **changes)


def done_in(before: Options, after: Options, names: dict[int, str]) -> Iterator[tuple[Any, ...]]:
    """Serial number ("new" of what was made) and what it became, of each entitlement that a run has changed."""
    for serial, item in after.items():
        old = before.get(serial)
        shown = (item["description"], names[item["configId"]])
        if old is None:
            yield ("new", *shown)
        elif (old["description"], names[old["configId"]], old["status"]) != (
            *shown,
            item["status"],
        ):
            yield (serial, *shown)


def allowed(plan: Options, before: Options, names: dict[int, str]) -> Counter[tuple[Any, ...]]:
    """The same of what a plan holds."""
    found: Counter[tuple[Any, ...]] = Counter()
    for row in account_of(plan)["changes"]:
        after, old = row["after"], before.get(row["serial_number"])
        if row["kind"] == "spare":
            found["new", "[spare]", row["name"]] += after["new"]
        elif row["kind"] == "entitlement":
            text = after.get("description", old and old["description"])
            found[
                row["serial_number"] or "new",
                text,
                after.get("configuration", old and names[old["configId"]]),
            ] += 1
    return found


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(first=FLEETS, wanted=FLEETS, other=FLEETS, between=HANDS, during=HANDS)
def test_what_a_run_does_is_in_the_plan(
    controller: Controller,
    tmp_path: Path,
    first: Options,
    wanted: Options,
    other: Options,
    between: list[tuple[int, Options]],
    during: list[tuple[int, Options]],
) -> None:
    controller.flex.reset()
    controller.run("flex_fleet", **as_options(first))
    for option in (wanted, other):
        controller.clock.sleep(60)
        file = tmp_path / "plan.json"
        check = controller.run("flex_fleet", check=True, plan_file=str(file), **as_options(wanted))
        if check.get("failed"):
            return
        plan = json.loads(file.read_text())["fortiflex_plan"]
        by_hand(controller, between)
        state = controller.flex.state()
        names = {item["id"]: item["name"] for item in state["configurations"]}
        before = controller.entitlements()
        with pytest.MonkeyPatch.context() as patched:
            if during:
                meanwhile(patched, lambda step: by_hand(controller, during))
            result = apply(controller, plan, as_options(option))
        names |= {item["id"]: item["name"] for item in controller.flex.state()["configurations"]}
        after, planned_now = controller.entitlements(), allowed(plan, before, names)
        most = sum(count for (serial, *_rest), count in planned_now.items() if serial == "new")
        assert len(after) - len(before) <= most, result
        if not during:  # else what was done by hand cannot be told from what the run did
            assert Counter(done_in(before, after, names)) <= planned_now, result


# -- the file


def test_no_text_of_a_plan_is_a_template(controller: Controller, tmp_path: Path) -> None:
    harm = "{{ lookup('pipe', 'touch harm') }}"
    options = fleet(site(f"a{harm}", tags={"b": harm}), site("{% c %}"))
    plan = planned(controller, tmp_path, options)

    def every(value: Any) -> list[str]:
        if isinstance(value, dict):
            return [text for pair in value.items() for part in pair for text in every(part)]
        if isinstance(value, list):
            return [text for part in value for text in every(part)]
        return [value] if isinstance(value, str) else []

    texts = every(plan)
    assert any("touch harm" in text for text in texts)
    assert [text for text in texts if is_template(text)] == []
    assert apply(controller, plan, options)["plan"]["create"] == 2
    assert not apply(controller, plan, options)["changed"]
