# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run did, or in check mode would do: the goal between its first and its last observation.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter

from ..errors import FlexError, InvalidInput, Problem
from .changes import ACTIONS, Change, word_for
from .description import REMOVED
from .goal import Goal, WantedConfiguration, WantedEntitlement, WantedSpares
from .model import ACTIVE, Configuration, Entitlement, Observation
from .shapes import Shapes
from .steps import Failure

WITHOUT_LICENSE = "without_license"  # of a plan only: there was nothing, and there must be nothing


@dataclass(frozen=True)
class RunReport:
    """What a run did, or what it would do: the goal between its first and its last observation.

    Of a prediction, ``writes`` is how many writing calls it takes, and ``waits`` for how many
    seconds it waits for something else than requests. ``real``: it was done.
    """

    goal: Goal
    shapes: Shapes
    first: Observation
    last: Observation
    written: frozenset[tuple[str, str]]
    failures: Mapping[tuple[str, str], Failure]
    error: FlexError | None = None
    writes: int = 0
    waits: float = 0.0
    real: bool = False

    @property
    def changed(self) -> bool:
        """Whether anything was written."""
        return bool(self.written)

    @property
    def foreseen(self) -> InvalidInput | None:
        """What is known to be impossible from what was asked, so that nothing at all is to be
        written.
        """
        problems = [
            Problem(failure.sentence, key)
            for (_kind, key), failure in self.failures.items()
            if failure.foreseen
        ]
        return InvalidInput(problems) if problems else None

    # -- what stands for a wish

    def configuration(self, wanted: WantedConfiguration, seen: Observation) -> Configuration | None:
        """The configuration that stands for ``wanted`` in an observation."""
        if wanted.id is not None:
            return seen.by_id.get(wanted.id)
        return next(iter(seen.named(wanted.key)), None)

    def entitlement(self, wanted: WantedEntitlement, seen: Observation) -> Entitlement | None:
        """The entitlement that stands for ``wanted`` in an observation."""
        if wanted.serial_number is not None:
            return seen.by_serial.get(wanted.serial_number)
        holders = seen.holders(wanted.name) + seen.holders(wanted.was)
        return next(iter(holders), None)

    def spares(self, wanted: WantedSpares, seen: Observation) -> int | None:
        """How many spares are ready of the configuration that ``wanted`` names; None if there is no
        such configuration.
        """
        found = _base(wanted, seen)
        return None if found is None else len(seen.spares_of(found.id))

    def entitlements(self, seen: Observation) -> list[Entitlement]:
        """What stands in an observation for the entitlements that the task lists or prunes."""
        return [*filter(None, (self.entitlement(each, seen) for each in self.goal.entitlements))]

    def configurations(self, seen: Observation) -> list[Configuration]:
        """What stands in an observation for the configurations that the task lists."""
        found = (self.configuration(each, seen) for each in self.goal.configurations)
        return [*filter(None, found)]

    def concerned(self, seen: Observation) -> list[Entitlement]:
        """The entitlements of an observation that the task lists or prunes, and those that stand on
        a configuration that it lists.
        """
        found = self.entitlements(seen)
        for configuration in self.configurations(seen):
            found += seen.entitlements_of(configuration.id)
        return found

    @property
    def beside(self) -> list[Entitlement]:
        """What is charged at the end and is nothing that the task lists."""
        listed = {entitlement.serial_number for entitlement in self.entitlements(self.last)}
        return [
            held
            for number, held in self.last.by_serial.items()
            if number not in listed
            and held.is_charged
            and self.last.by_id[held.configuration_id].status == ACTIVE
        ]

    # -- what became of it

    @property
    def created(self) -> int:
        """How many entitlements there are that were not there before, spares among them."""
        return len(self.last.by_serial.keys() - self.first.by_serial.keys())

    @property
    def leaving(self) -> list[str]:
        """What is taken out of the program, as a person calls it."""
        numbers = sorted(self.first.by_serial.keys() - self.last.by_serial.keys())
        return [self.first.by_serial[number].called for number in numbers]

    @property
    def new_names(self) -> dict[str, str]:
        """The names that get an entitlement, each with its configuration."""
        names = {}
        for wanted in self.goal.entitlements:
            held = self.entitlement(wanted, self.last)
            if wanted.name and held and self.action(wanted) in ("create", "reuse"):
                names[wanted.name] = self.last.by_id[held.configuration_id].name
        return names

    def action(self, wanted: WantedEntitlement) -> str:
        """What became of an entitlement, in one word of :data:`.changes.ACTIONS`."""
        if ("entitlement", wanted.key) not in self.written:
            return "suspended" if self._left_alone(wanted) else "unchanged"
        before = self.entitlement(wanted, self.first)
        after = self.entitlement(wanted, self.last)
        if after and wanted.state == "absent" and _is_gone(before, after):
            after = None
        word = word_for(before, after, self.first)
        # Else a surplus holder of the name was released.
        return "change" if word == "unchanged" else word

    @property
    def suspended(self) -> list[Entitlement]:
        """What was left alone since it bears the mark of a suspension."""
        return [*filter(None, map(self._left_alone, self.goal.entitlements))]

    def _left_alone(self, wanted: WantedEntitlement) -> Entitlement | None:
        if not wanted.minds_suspension:
            return None
        by_number = self.last.by_serial.get(wanted.serial_number or "")
        held = [by_number] if by_number else self.last.holders(wanted.name)
        return next(filter(attrgetter("is_suspended"), held), None)

    @property
    def left_undone(self) -> int:
        """How many entitlements are not as they should be since something failed."""
        failed = (
            each for each in self.goal.entitlements if ("entitlement", each.key) in self.failures
        )
        return [*map(self.action, failed)].count("unchanged")

    def plans(self) -> dict[str, dict[str, int]]:
        """How many entitlements, configurations and spares were treated in which way, by the names
        of these plans in results.
        """
        plan = dict.fromkeys((*ACTIONS, WITHOUT_LICENSE), 0)
        for wanted in self.goal.entitlements:
            word = self.action(wanted)
            idle = word == "unchanged" and wanted.state in ("stopped", "absent")
            plan[WITHOUT_LICENSE if idle and not self.entitlement(wanted, self.last) else word] += 1
        made = {each.name: each.action for each in self.changes if each.kind == "configuration"}
        counts = Counter(made.values())
        spares = (each.after["new"] for each in self.changes if each.kind == "spare")
        return {
            "plan": plan,
            "configurations_plan": {
                "create": counts["create"],
                "change": counts["change"],
                "unchanged": len(self.goal.configurations) - len(made),
            },
            "spares_plan": {"create": sum(spares)},
        }

    # -- what changed

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
            source = self.configuration(wanted, self.first)
            yield from self._changed(wanted.key, source, self.configuration(wanted, self.last))
            for second in self.first.named(wanted.name or ""):
                if second != source:
                    now = self.last.by_id.get(second.id)
                    yield from self._changed(wanted.key, second, now, is_second=True)

    def _changed(
        self,
        key: str,
        source: Configuration | None,
        target: Configuration | None,
        is_second: bool = False,
    ) -> Iterator[Change]:
        """The change of one configuration, if it is not as it was."""
        before, after = self.shapes.held(source, self.first), self.shapes.held(target, self.last)
        if before != after:
            word = "change" if before else "create"
            touched = self.first.touched(source.id) if source else None
            yield Change(
                "configuration", key, word, before, after, is_second=is_second, touched=touched
            )

    def _changed_entitlements(self) -> Iterator[Change]:
        for wanted in self.goal.entitlements:
            word = self.action(wanted)
            if word in ("unchanged", "suspended"):
                continue
            source, target = (self.entitlement(wanted, seen) for seen in (self.first, self.last))
            if word == "reuse" and target:
                source = self.first.by_serial[target.serial_number]
            elif word == "release" and source:
                target = self.last.by_serial.get(source.serial_number)
            surplus = [*self._surplus(wanted, source, target)]
            if source != target or not surplus:
                yield self._change(wanted, word, source, target)
            for other, now in surplus:
                yield self._change(wanted, "release", other, now)

    def _surplus(
        self, wanted: WantedEntitlement, *standing: Entitlement | None
    ) -> Iterator[tuple[Entitlement, Entitlement]]:
        """What bore a name beside the one that stands, and was made a spare: as it was, and as it
        is.
        """
        numbers = {entitlement.serial_number for entitlement in filter(None, standing)}
        for other in self.first.holders(wanted.name):
            now = self.last.by_serial.get(other.serial_number)
            if other.serial_number not in numbers and now and now.name != other.name:
                yield other, now

    def _change(
        self,
        wanted: WantedEntitlement,
        word: str,
        source: Entitlement | None,
        target: Entitlement | None,
    ) -> Change:
        return Change(
            "entitlement",
            wanted.key,
            word,
            self.shapes.held(source, self.first),
            self.shapes.held(target, self.last),
            renews_token=bool(source and target and source.token != target.token),
            is_dated=wanted.end_date is not None,
        )

    def _changed_spares(self) -> Iterator[Change]:
        for wanted in self.goal.spares:
            base = _base(wanted, self.last)
            if ("spare", wanted.key) not in self.written or base is None:
                continue
            made = [
                each
                for each in self.last.entitlements_of(base.id)
                if each.is_marked_spare and each.serial_number not in self.first.by_serial
            ]
            before = {"ready": self.spares(wanted, self.first) or 0, "new": 0}
            after = {"ready": self.spares(wanted, self.last), "new": len(made)}
            yield Change("spare", wanted.key, "create", before, after)


def _base(wanted: WantedSpares, seen: Observation) -> Configuration | None:
    """The configuration that spares are wanted of, by its id or name."""
    key = wanted.configuration
    found = seen.by_id.get(key) if isinstance(key, int) else None
    return found or next(iter(seen.named(wanted.key)), None)


def _is_gone(before: Entitlement | None, after: Entitlement) -> bool:
    """Whether what stands for a name that must have nothing does not hold it any more."""
    is_renamed = before is not None and after.name != before.name
    return after.is_spare or after.description == REMOVED or is_renamed
