# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run did, or in check mode would do: the goal between its first and its last observation, and what is told of it.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..core.goal import Goal, WantedConfiguration, WantedEntitlement, WantedSpares
from ..core.model import (
    ACTIVE,
    CHARGED,
    REMOVED,
    SPARE,
    Configuration,
    Entitlement,
    Observation,
    in_words,
)
from ..core.steps import Failure
from ..errors import FlexError
from ..escapes import visible
from .results import ACTIONS, WITHOUT_LICENSE, Result, Shapes, action, differences

RERUN = " What was done before is reported; run the task again to complete it."


@dataclass(frozen=True)
class Change:
    """What becomes of one thing: its shapes before and after, and whether it gets another license token."""

    kind: str
    name: str
    action: str
    before: Result | None
    after: Result | None
    renews_token: bool = False
    is_second: bool = False  # it had the same name as what stands

    @property
    def serial_number(self) -> str | None:
        """Of an entitlement that there is; None of a new one, and of anything else."""
        found: str | None = (self.before or self.after or {}).get("serial_number")
        return found


@dataclass(frozen=True)
class Report:
    """What a run did, or what it would do: the goal between its first and its last observation."""

    goal: Goal
    shapes: Shapes
    first: Observation
    last: Observation
    written: frozenset[tuple[str, str]]
    failures: Mapping[tuple[str, str], Failure]
    error: FlexError | None = None
    writes: int = 0  # of a prediction: how many it would take
    waits: float = 0.0  # of a prediction: seconds it would wait for something else than requests
    real: bool = False  # whether it was done

    @property
    def changed(self) -> bool:
        """Whether anything was written."""
        return bool(self.written)

    def configuration(self, wanted: WantedConfiguration, seen: Observation) -> Configuration | None:
        """The configuration that stands for ``wanted`` in an observation."""
        if wanted.id is not None:
            return seen.by_id.get(wanted.id)
        return next(iter(seen.named(wanted.name or "")), None)

    def entitlement(self, wanted: WantedEntitlement, seen: Observation) -> Entitlement | None:
        """The entitlement that stands for ``wanted`` in an observation."""
        if wanted.serial_number is not None:
            return seen.by_serial.get(wanted.serial_number)
        holders = seen.holders(wanted.name or "") or seen.holders(wanted.was or "")
        return next(iter(holders), None)

    def spares(self, wanted: WantedSpares, seen: Observation) -> int | None:
        """How many spares are ready of the configuration that ``wanted`` names; None if there is no such configuration."""
        found = self._standing(wanted, seen)
        return None if found is None else sum(item.is_spare for item in found)

    @staticmethod
    def _standing(wanted: WantedSpares, seen: Observation) -> list[Entitlement] | None:
        key = wanted.configuration
        found = seen.by_id.get(key) if isinstance(key, int) else None
        found = found or next(iter(seen.named(wanted.key)), None)
        return seen.entitlements_of(found.id) if found else None

    @property
    def created(self) -> int:
        """How many entitlements there are that were not there before, spares among them."""
        return len(self.last.by_serial.keys() - self.first.by_serial.keys())

    @property
    def new_names(self) -> dict[str, str]:
        """The names that get an entitlement, each with its configuration."""
        return {
            wanted.name: self.last.by_id[held.configuration_id].name or ""
            for wanted in self.goal.entitlements
            if wanted.name is not None
            and self.action(wanted) in ("create", "reuse")
            and (held := self.entitlement(wanted, self.last))
        }

    def concerned(self, seen: Observation) -> list[Entitlement]:
        """The entitlements of an observation that the task lists or prunes, and those that stand on a configuration that it lists."""
        held = [
            entitlement
            for wanted in self.goal.entitlements
            if (entitlement := self.entitlement(wanted, seen))
        ]
        listed = [
            configuration
            for wanted in self.goal.configurations
            if (configuration := self.configuration(wanted, seen))
        ]
        return held + [
            entitlement
            for configuration in listed
            for entitlement in seen.entitlements_of(configuration.id)
        ]

    @property
    def beside(self) -> list[Entitlement]:
        """What is charged at the end and is nothing that the task lists."""
        listed = {
            entitlement.serial_number
            for wanted in self.goal.entitlements
            if (entitlement := self.entitlement(wanted, self.last))
        }
        return [
            held
            for held in self.last.by_serial.values()
            if held.status in CHARGED
            and held.serial_number not in listed
            and self.last.by_id[held.configuration_id].status == ACTIVE
        ]

    def action(self, wanted: WantedEntitlement) -> str:
        """What became of an entitlement, in one word of :data:`.results.ACTIONS`."""
        if ("entitlement", wanted.key) not in self.written:
            return "suspended" if self._left_alone(wanted) else "unchanged"
        after = self.entitlement(wanted, self.last)
        before = self.entitlement(wanted, self.first)
        if (
            wanted.state == "absent"
            and after is not None
            and (
                after.is_spare
                or after.description == REMOVED
                or (before and after.name != before.name)
            )
        ):
            after = None
        word = action(before, after, self.first)
        return (
            "change" if word == "unchanged" else word
        )  # a surplus holder of the name was given up

    @property
    def suspended_ones(self) -> list[str]:
        """The same with their serial numbers, for a person."""
        found = map(self._left_alone, self.goal.entitlements)
        return [entitlement.called for entitlement in found if entitlement]

    @property
    def suspended(self) -> list[str]:
        """Names of what was left alone since it bears the mark of a suspension; serial numbers of what has none."""
        found = [self._left_alone(wanted) for wanted in self.goal.entitlements]
        return [
            entitlement.name or entitlement.serial_number for entitlement in found if entitlement
        ]

    def _left_alone(self, wanted: WantedEntitlement) -> Entitlement | None:
        if not wanted.minds_suspension:
            return None
        by_number = self.last.by_serial.get(wanted.serial_number or "")
        held = [by_number] if by_number else self.last.holders(wanted.name or "")
        return next((entitlement for entitlement in held if entitlement.is_suspended), None)

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """Every thing that is not as it was."""
        return (
            *self._changed_configurations(),
            *self._changed_entitlements(),
            *self._changed_spares(),
        )

    def _changed_configurations(self) -> Iterator[Change]:
        for wanted in self.goal.configurations:
            if ("configuration", wanted.key) not in self.written:
                continue
            source, target = (self.configuration(wanted, seen) for seen in (self.first, self.last))
            seconds = [
                (c, self.last.by_id.get(c.id))
                for c in self.first.named(wanted.name or "")
                if c != source
            ]
            for number, each in enumerate([(source, target), *seconds]):
                before, after = map(self.shapes.configuration, each)
                if before != after:
                    word = "change" if before else "create"
                    yield Change(
                        "configuration", wanted.key, word, before, after, is_second=number > 0
                    )

    def _changed_entitlements(self) -> Iterator[Change]:
        for wanted in self.goal.entitlements:
            word = self.action(wanted)
            if word in ("unchanged", "suspended"):
                continue
            source, target = (self.entitlement(wanted, seen) for seen in (self.first, self.last))
            if word == "reuse" and target is not None:
                source = self.first.by_serial[target.serial_number]
            elif word == "release" and source is not None:
                target = self.last.by_serial.get(source.serial_number)
            surplus = [*self._surplus(wanted, source, target)]
            if source != target or not surplus:
                yield self._change(wanted.key, word, source, target)
            for other in surplus:
                now = self.last.by_serial[other.serial_number]
                yield self._change(wanted.key, "release", other, now)

    def _surplus(
        self, wanted: WantedEntitlement, *standing: Entitlement | None
    ) -> Iterator[Entitlement]:
        """What bore a name beside the one that stands, and was made a spare."""
        numbers = {entitlement.serial_number for entitlement in standing if entitlement}
        for other in self.first.holders(wanted.name or ""):
            now = self.last.by_serial.get(other.serial_number)
            if other.serial_number not in numbers and now and now.name != other.name:
                yield other

    def _change(
        self, key: str, word: str, source: Entitlement | None, target: Entitlement | None
    ) -> Change:
        before = self.shapes.entitlement(source, self.first)
        after = self.shapes.entitlement(target, self.last)
        renews = bool(source and target and source.token != target.token)
        return Change("entitlement", key, word, before, after, renews)

    def _changed_spares(self) -> Iterator[Change]:
        for spares in self.goal.spares:
            if ("spare", spares.key) in self.written:
                ready = [self.spares(spares, seen) or 0 for seen in (self.first, self.last)]
                new = sum(
                    e.description == SPARE and e.serial_number not in self.first.by_serial
                    for e in self._standing(spares, self.last) or ()
                )
                before, after = {"ready": ready[0], "new": 0}, {"ready": ready[1], "new": new}
                yield Change("spare", spares.key, "create", before, after)

    def plans(self) -> dict[str, dict[str, int]]:
        """How many entitlements, configurations and spares were treated in which way, by the names of these plans in results."""
        plan = dict.fromkeys((*ACTIONS, WITHOUT_LICENSE), 0)
        for wanted in self.goal.entitlements:
            word = self.action(wanted)
            idle = word == "unchanged" and wanted.state in ("stopped", "absent")
            plan[WITHOUT_LICENSE if idle and not self.entitlement(wanted, self.last) else word] += 1
        words = {
            change.name: change.action for change in self.changes if change.kind == "configuration"
        }
        changed = Counter(words.values())
        left = len(self.goal.configurations) - len(words)
        new = sum((change.after or {})["new"] for change in self.changes if change.kind == "spare")
        return {
            "plan": plan,
            "configurations_plan": {
                "create": changed["create"],
                "change": changed["change"],
                "unchanged": left,
            },
            "spares_plan": {"create": new},
        }

    @property
    def left_undone(self) -> int:
        """How many entitlements are not as they should be since something failed."""
        return sum(
            ("entitlement", wanted.key) in self.failures and self.action(wanted) == "unchanged"
            for wanted in self.goal.entitlements
        )

    def touched(self, configuration_id: int) -> dict[str, int]:
        """How many entitlements stood on a configuration at the beginning, by status; EXPIRED ones are left out."""
        return self.first.touched(configuration_id)

    def changes_as_data(self) -> list[dict[str, Any]]:
        """The same as lines for people and playbooks: kind, name, serial_number (null of what is new), action, text."""
        dated = {wanted.key for wanted in self.goal.entitlements if wanted.end_date}
        return [
            {
                "kind": change.kind,
                "name": change.name,
                "serial_number": change.serial_number,
                "action": change.action,
                "text": self._which(change)
                + differences(change.before, change.after, change.name in dated)
                + self._reach(change),
            }
            for change in self.changes
        ]

    def plan_rows(self) -> list[dict[str, Any]]:
        """The same for a person, with names also of what a task lists by its number."""
        names = {number: held.name for number, held in self.first.by_serial.items()}
        names |= {
            f"id {number}": f"{made.name} (id {number})"
            for number, made in self.first.by_id.items()
        }
        return [
            {**row, "name": names.get(row["name"]) or row["name"]} for row in self.changes_as_data()
        ]

    @staticmethod
    def _which(change: Change) -> str:
        """Of several configurations of one name, the one that is given up."""
        return f"id {(change.before or {})['id']}, a second one: " if change.is_second else ""

    def _reach(self, change: Change) -> str:
        """What a change of a configuration touches, in words. A new name touches nothing."""
        before, after = change.before, change.after
        if (
            change.kind != "configuration"
            or not before
            or not after
            or all(before[key] == after[key] for key in ("parameters", "status"))
        ):
            return ""
        return f", which touches {in_words(self.touched(before['id'] or 0))}"

    def failures_as_data(self) -> list[dict[str, str]]:
        """What could not be reached, item by item."""
        return [
            {"kind": kind, "name": name, "message": visible(failure.sentence)}
            for (kind, name), failure in self.failures.items()
        ]

    def diff(self) -> dict[str, Result]:
        """Before and after of everything that changes, for diff mode. What is new has no before, and stands in the plan."""
        diff: dict[str, Result] = {"before": {}, "after": {}}
        for change in self.changes:
            if change.action == "create":
                continue
            for side, shape in (("before", change.before), ("after", change.after)):
                if shape is not None:
                    shapes = diff[side].setdefault(f"{change.kind}s", {})
                    twin = f"{change.name} ({change.serial_number or shape.get('id')})"
                    shapes[twin if change.name in shapes else change.name] = shape
        return diff

    def single_diff(self) -> Result:
        """Before and after of the one item of the goal. For a configuration the header says what a change of it touches."""
        for change in self.changes:
            reach, key = self._reach(change), change.name
            return {"before": change.before or {}, "after": change.after or {}} | (
                {"before_header": visible(key), "after_header": visible(key + reach)}
                if reach
                else {}
            )
        return {"before": {}, "after": {}}


def failure(error: FlexError, changed: bool = False) -> Result:
    """The part of a result that says that a task failed, and why. ``changed``: not before it had changed something."""
    message = f"{str(error).rstrip('.')}.{RERUN}" if changed else str(error)
    return {"failed": True, "msg": message, "error_code": error.code, "details": error.details}


def failure_of(report: Report) -> Result:
    """The same for a run that ended with errors of its items or was cut short; {} if it reached all of its goal."""
    helps = report.error or not all(item.lasting for item in report.failures.values())
    rerun = RERUN if report.changed and report.real and helps else ""
    if report.error:
        return failure(report.error) | {"msg": f"{report.error}{rerun}"}
    sentences = [item.sentence.rstrip(".") for item in report.failures.values()]
    if not sentences:
        return {}
    total = len(report.goal)
    message = (
        sentences[0]
        if len(sentences) == 1
        else f"{len(sentences)} of {total} items failed, the first: {sentences[0]}; see failures for the rest"
    )
    return {
        "failed": True,
        "msg": message + "." + (rerun if total > 1 else ""),
        "error_code": "items_failed",
        "details": {},
    }
