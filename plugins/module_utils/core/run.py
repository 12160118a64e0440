# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run, from what a task asks for to the report of what was done.

Read the wish, query, predict, refuse what is foreseen, inform the reporter, converge. Everything
else that a run needs is handed to it, so that a wish goes down to here once. Private to the
collection: may change at any time. Pure, but for what it is handed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any, Protocol

from ..catalogue.catalogue import Catalogue
from ..clock import Clock, VirtualClock
from ..errors import Problems
from ..wording import count_of, first_few
from ._forecast import Forecast
from ._planner import Planner
from ._prune import Hosts, Scope, beyond, scope_of
from .approved import AnyPlan, approved_plan
from .catalogues import Attempt, Catalogues, is_strange, reread
from .converge import Outcome, Service, converge
from .goal import Goal, build_goal
from .model import Configuration, Observation
from .reporter import Reporter
from .run_report import RunReport
from .shapes import Shapes


class AccountService(Service, Protocol):
    """FortiFlex, narrowed to one program and one account."""

    serial_number: str  # of the program
    account_id: int | None  # None before the first query, if it is the one that owns the program


class Predictions(Protocol):
    """What earlier tasks in check mode would have changed: :class:`.predictions.Predictions`."""

    def over(self, seen: Observation, account_id: int | None) -> Observation:
        """An observation of an account, as those of the same run would have left it."""
        ...  # pylint: disable=unnecessary-ellipsis

    def of_other_runs(self, account_id: int | None) -> list[Configuration]:
        """Configurations that other runs have predicted lately."""
        ...  # pylint: disable=unnecessary-ellipsis

    def add(self, account_id: int | None, first: Observation, last: Observation) -> None:
        """Remember what a task would make of ``first``."""
        ...  # pylint: disable=unnecessary-ellipsis


def as_predicted(
    predictions: Predictions | None, seen: Observation, account_id: int | None, goal: Goal
) -> Observation:
    """An observation as the earlier tasks of a run in check mode would have left it.

    A configuration that another run would have created lately is there too, unless the task is
    about it.
    """
    if predictions is None:
        return seen
    seen = predictions.over(seen, account_id)
    known: set[str | None] = {each.name for each in seen.configurations}
    known |= {wanted.name for wanted in goal.configurations}
    added = {each.name: each for each in predictions.of_other_runs(account_id)}
    new = (each for name, each in added.items() if name not in known)
    return replace(seen, configurations=(*seen.configurations, *new))


def goal_by(catalogue: Catalogue, asked: Mapping[str, Any], today: date) -> Attempt[Goal]:
    """The goal by a catalogue. ``asked`` has the options of flex_fleet, of which any may be
    missing.

    ``today`` is the Pacific day from which it counts.
    """
    named = [each for each in asked.get("configurations") or () if each.get("product") is not None]
    lacks = any(catalogue.lacks(each["product"], each.get("parameters")) for each in named)
    return Attempt.of(lambda: build_goal(catalogue, asked, today), lacks)


def read_wish(
    asked: Mapping[str, Any],
    today: date,
    catalogues: Catalogues,
    has_inventory: bool,
    problems: Problems,
) -> tuple[Goal, Scope | None]:
    """The goal, and the scope to prune, None if nothing must be pruned. What is wrong is among
    ``problems`` then.
    """
    goal, scope = Goal(), None
    with problems.catch():
        goal = catalogues.settle(lambda by: goal_by(by, asked, today))
    if asked.get("prune") is not None:
        with problems.catch():
            scope = scope_of(asked["prune"], asked["max_prune"])
        if not has_inventory:
            problems.add(
                "prune compares with the inventory, which only the controller knows; "
                "leave out async, and delegate_to to another machine"
            )
    return goal, scope


@dataclass(frozen=True)
class _Reading:
    """A goal and an observation, both read by one catalogue."""

    catalogue: Catalogue
    goal: Goal
    seen: Observation


@dataclass(frozen=True)
class Run:
    """One run in one account, and all that it is handed.

    ``name`` identifies it: random, without blanks or brackets. ``today`` is the Pacific day from
    which it counts. ``hosts``: the inventory, None if nobody knows it.
    """

    service: AccountService
    catalogues: Catalogues
    clock: Clock
    reporter: Reporter
    warn: Callable[[str], None]
    name: str
    today: date
    hosts: Hosts | None
    predictions: Predictions | None
    check_mode: bool

    def ensure(self, asked: Mapping[str, Any], problems: Problems) -> RunReport:
        """Bring the account to what is asked for, or in check mode say what that would do.

        ``problems`` are those that are known already.

        :raises InvalidInput: with everything that is known to be wrong, before anything is written.
        """
        has_inventory = self.hosts is not None
        with problems:
            goal, scope = read_wish(asked, self.today, self.catalogues, has_inventory, problems)
        seen = self.service.observe(writes=1)
        program, account_id = self.service.serial_number, self.service.account_id
        seen = as_predicted(self.predictions, seen, account_id, goal)
        approved = approved_plan(asked.get("plan"), program, account_id)
        start = _Reading(self.catalogues.current, goal, seen)
        predicted = self.catalogues.settle(
            lambda by: self._foresee(asked, scope, approved, start, by)
        )
        self._tell(predicted, approved)
        if self.predictions:
            self.predictions.add(account_id, predicted.first, predicted.last)
        if self.check_mode or not (predicted.written or predicted.failures):
            return predicted
        return self._converge(predicted, approved)

    def _foresee(
        self,
        asked: Mapping[str, Any],
        scope: Scope | None,
        approved: AnyPlan,
        start: _Reading,
        catalogue: Catalogue,
    ) -> Attempt[RunReport]:
        """What the run would do, all of it read by one catalogue."""
        goal, seen = start.goal, start.seen
        if catalogue is not start.catalogue:
            wanted = goal_by(catalogue, asked, self.today)
            if wanted.error is not None:
                return Attempt(wanted.lacks, error=wanted.error)
            goal, seen = wanted.outcome(), reread(seen, catalogue)
        goal = self._pruning(scope, approved.narrowed(goal), seen, catalogue)
        predicted = self._predict(goal, seen, catalogue)
        return Attempt(_lacks(catalogue, predicted), predicted, predicted.foreseen)

    def _pruning(
        self, scope: Scope | None, goal: Goal, seen: Observation, catalogue: Catalogue
    ) -> Goal:
        """With what a scope holds beyond the goal.

        :raises InvalidInput: if that is more than was agreed, or a host of the inventory uses some
            of it.
        """
        if scope is None or self.hosts is None:
            return goal
        extra = beyond(scope, goal, seen, catalogue, self.hosts)
        entitlements = (*goal.entitlements, *extra)
        return replace(goal, entitlements=entitlements, pruned=tuple(each.key for each in extra))

    def _predict(self, goal: Goal, first: Observation, catalogue: Catalogue) -> RunReport:
        """The same planner and loop, against a forecast."""
        clock = VirtualClock(first.latest)
        program, account_id = self.service.serial_number, self.service.account_id
        planner = Planner(goal, catalogue, "forecast", program, account_id)
        forecast = Forecast(first, clock, catalogue, self.service.program, exact=self.check_mode)
        outcome = converge(planner, forecast, clock, first)
        predicted = _report(goal, Shapes(catalogue), first, planner, outcome)
        return replace(predicted, writes=forecast.writes, waits=clock.now() - first.latest)

    def _tell(self, predicted: RunReport, approved: AnyPlan) -> None:
        """Compare what would be done with the plan that was approved, and inform the reporter.

        :raises FlexError: if it must not be done.
        """
        if predicted.error:
            raise predicted.error
        approved.check(predicted)
        leaving = predicted.leaving
        if leaving:
            self.warn(
                f"remove_hardware takes {first_few(leaving)} out of the program: what that does "
                "beyond is documented nowhere, and whether it can be undone is not known."
            )
        self.reporter.plan(predicted, approved.points)
        alone = [entitlement.called for entitlement in predicted.suspended]
        if alone:
            number = count_of(len(alone), "license is", "licenses are")
            self.warn(
                f"{number} suspended and left alone: {first_few(alone)}. "
                "The playbook resume_tenant starts what is suspended."
            )

    def _converge(self, predicted: RunReport, approved: AnyPlan) -> RunReport:
        """Carry out what was predicted."""
        goal, shapes, first = predicted.goal, predicted.shapes, predicted.first
        planner = Planner(
            goal,
            shapes.catalogue,
            self.name,
            self.service.serial_number,
            self.service.account_id,
            unplanned=partial(approved.unplanned, shapes),
        )
        outcome = converge(planner, self.service, self.clock, first, self.reporter)
        return replace(_report(goal, shapes, first, planner, outcome), real=True)


def _report(
    goal: Goal, shapes: Shapes, first: Observation, planner: Planner, outcome: Outcome[Observation]
) -> RunReport:
    """What became of a goal."""
    written = frozenset(planner.written)
    return RunReport(goal, shapes, first, outcome.seen, written, planner.failures, outcome.error)


def _lacks(catalogue: Catalogue, predicted: RunReport) -> bool:
    """Whether anything that the task is about is not in a catalogue; what else there is in the
    account does not count.
    """
    seen = predicted.last
    for wanted in predicted.goal.configurations:
        found = predicted.configuration(wanted, seen)
        if found is not None and catalogue.lacks(found.product_id, wanted.parameters):
            return True
    used = {held.configuration_id for held in predicted.entitlements(seen)}
    used |= {found.id for found in predicted.configurations(seen)}
    return any(is_strange(seen.by_id[number], catalogue) for number in used & seen.by_id.keys())
