# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The event sources on the simulator's clock: what is told, that it is told once, that a restart goes on, and what ends them."""

from __future__ import annotations

import importlib
import runpy
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_rulebook.validators import Validate
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.flexops.fortiflex.plugins.module_utils.client.connection import (
    argument_spec,
    option_names,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.errors import (
    FlexError,
    InvalidInput,
)
from ansible_collections.flexops.fortiflex.plugins.plugin_utils._events import Event, news
from ansible_collections.flexops.fortiflex.plugins.plugin_utils.watch import (
    LIFECYCLE,
    USAGE,
    LifecycleWatch,
    UsageWatch,
    Watch,
)

from .harness import Controller
from .test_documentation import differences

SOURCES = Path(__file__).parents[2] / "extensions" / "eda" / "plugins" / "event_source"
PLAYBOOKS = Path(__file__).parents[2] / "playbooks"
Query = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def query(controller: Controller) -> Iterator[Query]:
    """Has a source send one query, and gives its events; as a new process each time, which knows only what the one before has kept."""

    def once(
        kind: type[Watch] = LifecycleWatch, kept: bool = True, **options: Any
    ) -> list[dict[str, Any]]:
        source = kind({**controller.connection(), **options}, controller.clock)
        try:
            events = [event["flex"] for event in source.poll()]
            if kept:
                source.keep()
            return events
        finally:
            source.close()

    yield once


def types(events: list[dict[str, Any]]) -> list[str]:
    return [event["type"] for event in events]


def test_what_happens_is_reported_once(controller: Controller, query: Query) -> None:
    made = controller.configuration()
    first, second, third = controller.flex.seed(
        [{"configId": made, "description": name} for name in ("oslo", "lima", "rome")]
    )
    assert query() == [] == query()
    controller.flex.redeem(first["token"])
    controller.flex.patch(second["serialNumber"], status="STOPPED")
    controller.flex.seed([{"configId": made, "description": "cork"}])
    assert (
        types(query(kept=False))
        == types(query(kept=False))
        == ["token_used", "active", "stopped", "appeared"]
    )
    events = query()
    assert (
        events[1]["previous_status"] == "PENDING"
        and events[1]["entitlement"]["name"] == "oslo"
        and "token" not in events[1]["entitlement"]
    )
    assert len({event["id"] for event in events}) == 4
    assert query() == []
    assert controller.flex.requests()["total"] <= 2 * 6 + 1
    controller.flex.patch(third["serialNumber"], description="paris")
    assert query() == []


def test_one_that_is_not_listed_any_more(controller: Controller, query: Query) -> None:
    controller.flex.seed([{"configId": controller.configuration(), "description": "oslo"}])
    query()
    controller.flex.reset()
    (event,) = query()
    assert (event["type"], event["entitlement"]["name"]) == ("vanished", "oslo")


def test_what_is_the_case_is_reported_again_after_a_while(
    controller: Controller, query: Query
) -> None:
    made = controller.configuration("small")
    wanted = {"spares": {"small": "2"}, "remind": 3600}
    controller.flex.seed([{"configId": made, "description": "[spare]"}])
    (event,) = query(**wanted)
    assert (event["type"], event["ready"], event["wanted"]) == ("spares_low", 1, 2)
    assert query(**wanted) == []
    controller.clock.sleep(3601)
    assert types(query(**wanted)) == ["spares_low"]
    controller.flex.seed([{"configId": made, "description": "[spare]"}])
    assert types(query(**wanted)) == ["appeared"]
    controller.flex.patch(next(iter(controller.entitlements())), description="oslo")
    assert types(query(**wanted)) == ["spares_low"]
    assert query(**{**wanted, "spares": {}}) == []


@pytest.mark.every_moment
def test_licenses_that_end(controller: Controller, query: Query) -> None:
    made = controller.configuration()
    day = controller.day
    controller.flex.seed(
        [
            {"configId": made, "description": name, "endDate": day(number)}
            for name, number in (("oslo", 5), ("lima", 40), ("[spare]", 3))
        ]
    )
    (event,) = query()
    assert (event["type"], event["entitlement"]["name"], event["within_days"]) == (
        "expiring",
        "oslo",
        7,
    )
    controller.clock.sleep(2)
    assert query(remind=1) == [] == query(expiring_days=[3])
    controller.clock.sleep(11 * 86400)
    assert [
        (event["entitlement"]["name"], event["within_days"])
        for event in query(remind=0)
        if event["type"] == "expiring"
    ] in ([("lima", 30)], [("lima", 30), ("oslo", 1)])


@pytest.mark.every_moment
def test_a_deleted_machine_after_its_grace_period(controller: Controller, query: Query) -> None:
    made = controller.configuration()
    mark = f"{datetime.fromtimestamp(controller.clock.now(), timezone.utc):%Y-%m-%dT%H:%MZ}"
    controller.flex.seed(
        [
            {"configId": made, "description": f"oslo [vm_deleted={mark}]"},
            {"configId": made, "description": "lima [vm_deleted=soon]"},
        ]
    )
    assert query(grace=1800) == []
    controller.clock.sleep(1800)
    (event,) = query(grace=1800)
    assert (event["type"], event["entitlement"]["name"], event["deleted_since"]) == (
        "vm_gone",
        "oslo",
        mark,
    )


@pytest.mark.parametrize(
    ("hour", "most"), [(0.5, 9), (12, 8)]
)  # half past midnight yesterday is not settled, so that it is queried again
def test_a_budget_and_a_day_that_costs_too_much(
    controller: Controller, query: Query, hour: float, most: int
) -> None:
    controller.wait_until(hour, day_of_month=15)
    made = controller.configuration()
    controller.flex.seed(
        [
            {
                "configId": made,
                "description": "oslo",
                "status": "ACTIVE",
                "startDate": controller.day(-20),
            }
        ]
    )
    new = [
        {
            "configId": made,
            "description": f"new-{number}",
            "status": "ACTIVE",
            "startDate": controller.day(-2),
        }
        for number in range(9)
    ]
    controller.flex.seed(new)
    events = query(UsageWatch, budget=1)
    assert {"budget_reached", "usage_spike"} <= set(types(events))
    spike = next(event for event in events if event["type"] == "usage_spike")
    assert spike["points"] > 5 * spike["usual_points"]
    controller.clock.sleep(2)
    assert query(UsageWatch, budget=1, remind=1) == []
    before = controller.flex.requests()["total"]
    query(UsageWatch, budget=1)
    assert controller.flex.requests()["total"] - before <= most


def test_while_fortiflex_is_away(controller: Controller, query: Query) -> None:
    made = controller.configuration()
    assert query() == []
    controller.flex.faults([{"kind": "html_502", "always": True}])
    (event,) = query()
    assert (event["type"], event["error_code"]) == ("poll_failed", "unavailable")
    assert query() == []
    controller.flex.faults([])
    controller.flex.seed([{"configId": made, "description": "oslo"}])
    assert types(query()) == ["appeared"]
    controller.flex.faults([{"kind": "html_502", "always": True}])
    assert types(query()) == ["poll_failed"]


def test_after_a_refusal_it_sends_no_query_for_an_hour(
    controller: Controller, query: Query
) -> None:
    controller.flex.faults([{"kind": "refused", "path": "entitlements/list", "always": True}])
    assert types(query()) == ["poll_failed"]
    before = controller.flex.requests()["total"]
    for _quarter in range(3):
        controller.clock.sleep(900)
        assert query() == []
    assert controller.flex.requests()["total"] == before
    controller.flex.faults([])
    controller.clock.sleep(901)
    assert query() == [] and controller.flex.requests()["total"] > before


def test_nothing_in_a_description_is_filled_in(controller: Controller, query: Query) -> None:
    query()
    controller.flex.seed(
        [
            {
                "configId": controller.configuration(),
                "description": "x{{ lookup('pipe', 'id') }} [a={% b %}]",
            }
        ]
    )
    (event,) = query()
    assert event["entitlement"]["description"] == "x{ { lookup('pipe', 'id') }} [a={ % b %}]"


def test_a_text_of_an_event_has_an_end(controller: Controller, query: Query) -> None:
    query()
    controller.flex.seed([{"configId": controller.configuration(), "description": "x" * 100_000}])
    (event,) = query()
    assert event["entitlement"]["description"] == "x" * 1000 + "…"
    assert query() == []


def test_a_wrong_password_ends_it_after_one_request(controller: Controller, query: Query) -> None:
    with pytest.raises(FlexError, match="refused the login"):
        query(password="wrong")
    assert controller.flex.requests()["logins"] == 1


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"interval": 0}, "interval: 0 is under the minimum 1"),
        ({"spares": {"small": "many"}}, "is no number of spares"),
        ({"password": ""}, "password"),
        ({"unknown": 1}, "unknown"),
        ({"grace": -1}, "grace"),
    ],
)
def test_arguments_that_cannot_be(
    controller: Controller, query: Query, options: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        query(**options)
    assert controller.flex.requests()["total"] == 0


def test_two_processes_need_two_consumers(controller: Controller, query: Query) -> None:
    other = LifecycleWatch(controller.connection(), controller.clock)
    with pytest.raises(FlexError, match="another name with consumer"):
        query()
    assert query(consumer="audit") == []
    other.close()


def test_a_position_that_cannot_be_read_is_none(controller: Controller, query: Query) -> None:
    controller.flex.seed([{"configId": controller.configuration(), "description": "oslo"}])
    query()
    (path,) = (path for path in controller.state_dir.glob("events-*") if path.suffix != ".lock")
    path.write_text("{")
    assert query() == []


@given(
    st.lists(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()))),
    st.sampled_from([0, 10]),
    st.booleans(),
)
def test_what_lasts_is_never_reported_twice_in_time(
    queries: list[list[tuple[str, bool]]], remind: int, again: bool
) -> None:
    told: dict[str, float] = {}
    last: dict[str, float] = {}
    before: set[str] = set()
    for moment, found in enumerate(queries):
        events = [Event("x", key, {}, lasts, again) for key, lasts in dict(found).items()]
        fresh, told = news(events, told, moment, remind)
        lasting = {event.id for event in events if event.lasts}
        for event in fresh:
            if event.lasts and event.id in before:
                assert again and remind and moment - last[event.id] >= remind
            last[event.id] = moment
        assert {event.id for event in events} - {event.id for event in fresh} <= before
        assert told.keys() == lasting
        before = lasting


@pytest.mark.parametrize(("name", "spec"), [("flex_lifecycle", LIFECYCLE), ("flex_usage", USAGE)])
def test_documentation(name: str, spec: dict[str, Any]) -> None:
    text = runpy.run_path(str(SOURCES / f"{name}.py"))
    own = yaml.safe_load(text["DOCUMENTATION"])
    documented: dict[str, Any] = {}
    for fragment in own["extends_documentation_fragment"]:
        fragments = importlib.import_module(
            f"ansible_collections.flexops.fortiflex.plugins.doc_fragments.{fragment.rpartition('.')[2]}"
        )
        documented |= yaml.safe_load(fragments.ModuleDocFragment.DOCUMENTATION)["options"]
    connection = {name: argument_spec()[name] for name in option_names()}
    assert list(differences({**connection, **spec}, {**documented, **own["options"]})) == []
    example = yaml.safe_load(text["EXAMPLES"])
    Validate.rulebook(example)
    (source,) = example[0]["sources"]
    assert (
        source.keys() == {f"flexops.fortiflex.{name}"}
        and source[f"flexops.fortiflex.{name}"].keys() <= spec.keys()
    )
    assert (
        PLAYBOOKS
        / f"{example[0]['rules'][0]['action']['run_playbook']['name'].rpartition('.')[2]}.yml"
    ).exists()
