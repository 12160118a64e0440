# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The loop, of which a planner and a world can be anything: here numbers that must become high enough, and a delivery."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from interleavings.account import START

from ansible_collections.flexops.fortiflex.plugins.module_utils.clock import VirtualClock
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.calls import Stop
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.converge import (
    Outcome,
    Planning,
    Written,
    pursue,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.delivery_rule import (
    INJECT,
    Delivery,
    DeliveryPlanner,
    DeviceState,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.model import (
    ACTIVE,
    PENDING,
    Entitlement,
    Observation,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.steps import SET, Step
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.wave import Decision
from ansible_collections.flexops.fortiflex.plugins.module_utils.errors import (
    FlexError,
    NotSent,
    Refused,
    TooManyErrors,
    Unavailable,
    UnknownOutcome,
)

Fault = FlexError | None


class Rise(Planning[int]):
    """Wants a number to be 3, by a step for each that is missing."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def next(self, seen: int, room: Callable[[float], int]) -> Decision:
        """One step for each that is missing."""
        return Decision([Step(("number", str(n)), SET, Stop(str(n))) for n in range(seen, 3)])

    def did(self, step: Step, answer: dict[str, Any], sent: float, answered: float) -> None:
        """Noted."""
        self.heard.append(f"did {step.target}")

    def unknown(self, step: Step, sent: float, now: float) -> None:
        """Noted."""
        self.heard.append(f"unknown {step.target}")

    def refused(self, step: Step, error: Refused | TooManyErrors) -> None:
        """Noted."""
        self.heard.append(f"refused {step.target}")


class Number:
    """A number that each step makes higher, unless a fault comes first."""

    def __init__(self, *faults: Fault) -> None:
        self.number = 0
        self._faults = [*faults]

    def room(self, seconds: float) -> int:
        """There is room."""
        return 1

    def write(self, step: Step, seen: int) -> Written:
        """One more."""
        fault = self._faults.pop(0) if self._faults else None
        if fault is not None:
            raise fault
        self.number += 1
        return Written({}, START, START)

    def observe(self, seen: int, decision: Decision, sent: int) -> int:
        """The number."""
        return self.number


def rise(*faults: Fault) -> tuple[Outcome[int], list[str]]:
    planner = Rise()
    return pursue(planner, Number(*faults), VirtualClock(START), 0), planner.heard


@pytest.mark.parametrize(
    ("faults", "heard"),
    [
        ((), ["did 0", "did 1", "did 2"]),
        ((None, NotSent("late")), ["did 0", "did 1", "did 2"]),
        ((Refused("no"),), ["refused 0", "did 1", "did 2", "did 2"]),
        ((UnknownOutcome("?", START),), ["unknown 0", "did 1", "did 2", "did 2"]),
    ],
)
def test_the_loop_goes_on_until_the_planner_is_content(
    faults: tuple[Fault, ...], heard: list[str]
) -> None:
    outcome, told = rise(*faults)
    assert (outcome, told) == (Outcome(3), heard)


@pytest.mark.parametrize("error", [Unavailable("away"), TooManyErrors("locked")])
def test_an_error_ends_the_loop_with_what_was_seen_last(error: FlexError) -> None:
    outcome, _heard = rise(None, NotSent("late"), error)
    assert outcome.seen == 1 and str(outcome.error) == str(error)


HOLDER = Entitlement("FGVM1", "oslo", 1, 2, PENDING, None, None, "TOKEN", "NOTUSED")
FIRST = Delivery(
    START, DeviceState("", False), Observation(START, START, (), (HOLDER,), None), "FGVM1"
)


class Place:
    """A device and its account. What a call comes to, and when the device and FortiFlex show the license (seconds since START)."""

    def __init__(self, clock: VirtualClock, arrives: float, active: float, *faults: Fault) -> None:
        self.sent: list[str] = []
        self._injected = False
        self._clock, self._arrives, self._active, self._faults = clock, arrives, active, [*faults]

    def room(self, seconds: float) -> int:
        """There is room."""
        return 1

    def write(self, step: Step, seen: Delivery) -> Written:
        """Sent, whatever comes of it."""
        self.sent.append(step.purpose)
        fault = self._faults.pop(0) if self._faults else None
        if fault is not None:
            raise fault
        self._injected = step.purpose == INJECT
        return Written({}, self._clock.now(), self._clock.now())

    def observe(self, seen: Delivery, decision: Decision, sent: int) -> Delivery:
        """What is shown now."""
        now = self._clock.now()
        if self._injected and now >= START + self._arrives:
            seen = replace(seen, device=DeviceState("FGVM1", True))
        if now >= START + self._active:
            held = replace(HOLDER, status=ACTIVE)
            seen = replace(seen, account=replace(seen.account, entitlements=(held,)))
        return replace(seen, time=now)


def deliver(
    holder: Entitlement, arrives: float, active: float, *faults: Fault
) -> tuple[Outcome[Delivery], list[str], float]:
    """What a delivery came to, its calls, and how many seconds it took."""
    clock = VirtualClock(START)
    place = Place(clock, arrives, active, *faults)
    planner = DeliveryPlanner("192.0.2.1", holder, 60, 90)
    return pursue(planner, place, clock, FIRST), place.sent, clock.now() - START


def test_a_delivery_waits_for_the_device_and_then_for_fortiflex() -> None:
    outcome, sent, seconds = deliver(HOLDER, 12, 40)
    assert outcome.error is None and outcome.seen.is_charged and sent == [INJECT]
    assert seconds == 15 + 2 * 15  # the device is asked every 5 s, FortiFlex every 15 s


@pytest.mark.parametrize(
    ("arrives", "active", "sentence", "seconds"),
    [(61, 61, "does not run as", 60), (10, 101, "does not show", 100)],
)
def test_a_delivery_does_not_wait_for_longer_than_was_said(
    arrives: float, active: float, sentence: str, seconds: float
) -> None:
    outcome, _sent, took = deliver(HOLDER, arrives, active)
    assert sentence in str(outcome.error) and took == seconds


def test_a_token_is_renewed_if_it_is_used_and_once_after_a_refusal() -> None:
    used = replace(HOLDER, token_status="USED")
    assert deliver(used, 0, 0)[1] == ["renew", INJECT]
    assert deliver(HOLDER, 0, 0, Refused("no"), None)[1] == [INJECT, "renew", INJECT]
    outcome, sent, _seconds = deliver(HOLDER, 99, 99, Refused("no"), None, Refused("no"))
    assert sent == [INJECT, "renew", INJECT] and "could not fetch" in str(outcome.error)


def test_what_forbids_a_new_token_ends_a_delivery() -> None:
    used = replace(HOLDER, token_status="USED")
    details = {"endpoint": "entitlements/vm/token", "http_status": 400}
    for error in (Refused("no such account", **details), TooManyErrors("locked", **details)):
        outcome, sent, _seconds = deliver(used, 0, 0, error)
        assert outcome.error is error and sent == ["renew"]


def test_a_planner_that_only_creates_ends_with_the_error_that_locked_it() -> None:
    error = TooManyErrors("locked", endpoint="entitlements/transfer", http_status=400)
    outcome, told = rise(error)
    assert outcome.error is error and told == ["refused 0"]
