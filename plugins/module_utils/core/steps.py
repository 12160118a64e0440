# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The writing calls a plan is made of, and what the planner says about one item of a goal at one observation.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from .dates import day_of
from .model import ACTIVE, CHARGED, REMOVED, Configuration, Entitlement, Observation
from .storing import could_come_of, stored_as

DEVICES = 100  # how many FortiFlex's portal takes together
W = 10.0  # seconds: the longest that a write may be under way, and the longest that an observation may be acted upon

# Why a step is taken; what the run remembers of it depends on this.
CREATE, CLAIM, TAKE, GIVE_BACK, RELEASE, SET = (
    "create",
    "claim",
    "take",
    "give back",
    "release",
    "set",
)


@dataclass(frozen=True)
class Step:
    """One writing call: ``endpoint`` and ``body`` as they are sent, for the sake of ``item`` (its key in the goal)."""

    item: tuple[str, str]
    purpose: str
    endpoint: str
    body: dict[str, Any] = field(hash=False)
    before: Entitlement | Configuration | None = field(default=None, hash=False)
    acquires: bool = False  # gives a name a holder that it lacks, or starts to
    parts: tuple[Step, ...] = field(
        default=(), hash=False
    )  # of one call for several items: what it is for each of them

    @property
    def target(self) -> str:
        """The serial number or id of what it changes; of a call for several, that of the first. Empty where something is created by its name."""
        numbers = self.body.get("serialNumbers") or [
            self.body.get("serialNumber", self.body.get("id", ""))
        ]
        return str(numbers[0])

    @property
    def each(self) -> tuple[Step, ...]:
        """What it is for each item that it is sent for."""
        return self.parts or (self,)


@dataclass(frozen=True)
class Failure:
    """Why an item cannot be reached, as one sentence. ``foreseen``: known from what was asked, so nothing at all is written.

    ``lasting``: another run would come to the same end.
    """

    sentence: str
    foreseen: bool = False
    lasting: bool = False


@dataclass
class Verdict:
    """What one observation means for one item: steps to take now, or a time to look again, or neither (it is as it should be)."""

    steps: list[Step] = field(default_factory=list)
    wake: float | None = None


class CannotReach(Exception):
    """Raised inside the rules to say that an item has failed; the planner keeps the ``failure``."""

    def __init__(self, sentence: str, foreseen: bool = False, lasting: bool = False) -> None:
        super().__init__(sentence)
        self.failure = Failure(sentence, foreseen, lasting)


def batched(steps: list[Step], most: int) -> list[Step]:
    """The same steps with devices licensed and removed together, up to so many in a call; the order of the others is kept."""
    batches: dict[tuple[str, int | None, str | None], list[list[Step]]] = {}
    rest: list[Step] = []
    for step in steps:
        if not step.endpoint.startswith("entitlements/hardware/"):
            rest.append(step)
            continue
        alike = batches.setdefault(
            (step.endpoint, step.body.get("configId"), step.body.get("endDate")), [[]]
        )
        if len(alike[-1]) == most:
            alike.append([])
        alike[-1].append(step)
    return rest + [together(parts) for alike in batches.values() for parts in alike]


def together(parts: list[Step]) -> Step:
    """One call for several that differ in their serial numbers only."""
    serial_numbers = [
        serial_number for part in parts for serial_number in part.body["serialNumbers"]
    ]
    return replace(
        parts[0], body={**parts[0].body, "serialNumbers": serial_numbers}, parts=tuple(parts)
    )


def look_again(since: float, now: float) -> float:
    """When to look again at what is there twice: soon, since its maker gives it up at his next look, then until 2 W after ``since``."""
    return now + 2.0 if now == since else min(since + 2 * W, now + W)


def took_effect(step: Step, seen: Observation) -> bool:
    """Whether an observation shows what a step was to bring about: how a write without an answer is judged."""
    body = step.body
    if step.item[0] == "spare":
        return False  # nothing tells those of this call from others: what is missing then is counted anew
    if step.endpoint == "entitlements/vm/create":
        return bool(seen.holders(step.item[1]))
    if step.endpoint == "entitlements/hardware/create":
        return set(body["serialNumbers"]) <= seen.by_serial.keys()
    if step.endpoint == "entitlements/hardware/remove":
        return not any(
            number in seen.by_serial and seen.by_serial[number].description != REMOVED
            for number in body["serialNumbers"]
        )
    if step.endpoint == "entitlements/cloud/create":
        return bool(seen.of_product(seen.by_id[body["configId"]].product_id))
    if step.endpoint == "configs/create":
        return any(c.status == ACTIVE for c in seen.named(body["name"]))
    if step.endpoint.startswith("configs/"):
        configuration = seen.by_id.get(body["id"])
        if configuration is None:
            return False
        if step.endpoint == "configs/update":
            return isinstance(step.before, Configuration) and configuration != step.before
        return (configuration.status == ACTIVE) == (step.endpoint == "configs/enable")
    entitlement = seen.by_serial.get(body["serialNumber"])
    if entitlement is None:
        return False
    if step.endpoint == "entitlements/stop":
        return entitlement.status not in CHARGED
    if step.endpoint == "entitlements/reactivate":
        return entitlement.status in CHARGED
    if step.endpoint == "entitlements/vm/token":
        return isinstance(step.before, Entitlement) and entitlement.token != step.before.token
    return (
        entitlement.configuration_id == body["configId"]
        and _is_described(step, entitlement)
        and ("endDate" not in body or entitlement.end_day == day_of(body["endDate"]))
    )


def _is_described(step: Step, entitlement: Entitlement) -> bool:
    """Whether an entitlement has the description that a step was to write, or what a service that changes descriptions may have made of it."""
    written, text = step.body.get("description"), entitlement.description
    before = step.before.description if isinstance(step.before, Entitlement) else text
    return (
        written is None
        or stored_as(written, text)
        or (text != before and could_come_of(written, text))
    )
