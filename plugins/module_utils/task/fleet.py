# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The work of flex_fleet: many configurations and entitlements from one plan, which a person reads
before and after it.

Private to the collection: may change at any time.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ..core.approved import plan_of
from ..core.cost import Cost, size_of
from ..core.reporter import Agreed, Reporter
from ..core.run_report import RunReport
from ..core.spelling import spelled
from ..errors import AccessDenied, InvalidInput, Refused, Unavailable
from ..wording import count_of
from . import plan_text as text
from .plan_text import Charged
from .progress import length
from .results import Result, diff_of, failure_of, failures_shape, plan_cost_shape
from .task import Task

# Requests of a run, about, beside its writes and the queries that these rest on: one query before, and one after the first write.
_QUERIES = 3
_ON_THE_CONTROLLER = ("fleets", "plan_file")


def ensure_fleet(task: Task) -> Result:
    """Bring everything that is listed to what is asked of it."""
    _check(task.options)
    plan = _FleetPlan(task)
    report = task.ensure(task.options, plan)
    plan.show_end(report)
    service = task.session.service
    return {
        "changed": report.changed,
        **report.plans(),
        **plan_of(report, service.serial_number, service.account_id),
        **_items(task, report),
        "unlisted": [each.as_data() for each in plan.unlisted],
        **({"cost": plan_cost_shape(plan.cost)} if plan.cost else {}),
        **failure_of(report),
    }


class _FleetPlan(Reporter):
    """The plan of a fleet: held against the limits of the task, priced, and shown before the run
    and after it.
    """

    def __init__(self, task: Task) -> None:
        self._task, self._options = task, task.options
        self._is_change, self._planned = False, 0  # whether the plan changes anything, and how much
        self.cost: Cost | None = None
        self.unlisted: list[Charged] = []

    def plan(self, predicted: RunReport, agreed: Agreed | None) -> None:
        """Refuse a plan that is beyond a limit; show the others."""
        options = self._options
        self._is_change, self._planned = predicted.changed, len(predicted.changes)
        _check_new(predicted, options["max_new"])
        self.cost = self._priced(predicted, agreed)
        asks = options["report_unlisted"] or predicted.created
        found = _unlisted(self._task, predicted) if asks else []
        renames = text.renames(predicted.new_names, found)
        if renames and options["refuse_renames"]:
            raise InvalidInput(text.renamed(*renames[0]))
        self.unlisted = found if options["report_unlisted"] else []
        if predicted.changed:
            self._show(predicted, renames)

    def _priced(self, predicted: RunReport, agreed: Agreed | None) -> Cost | None:
        """What the plan costs, unless nobody wants to know or FortiFlex does not say.

        :raises InvalidInput: if it costs more than was agreed.
        """
        task, options = self._task, self._options
        estimate = predicted.changed if options["estimate"] is None else options["estimate"]
        is_agreed = predicted.changed and agreed is not None
        limited = is_agreed or options["max_points_per_day"] is not None
        if not (limited or estimate):
            return None
        try:
            cost = task.session.prices.estimate(predicted)
        except (AccessDenied, Refused, Unavailable) as error:
            if limited:
                raise
            reason = str(error).rstrip(".")
            task.warn(f"Could not price the plan ({reason}); continuing without an estimate.")
            return None
        _check_cost(cost, options["max_points_per_day"])
        _check_planned_cost(cost, agreed)
        return cost

    def _show(self, predicted: RunReport, renames: list[tuple[str, Charged]]) -> None:
        """Show each change, what can never be undone, how long it takes, and the answer."""
        task, screen = self._task, self._task.screen
        screen.show(text.plan_lines(_rows(predicted), screen.whole, screen.width))
        configurations = predicted.plans()["configurations_plan"]["create"]
        if predicted.created or configurations:
            screen.tell(text.for_good(predicted.created, configurations))
        requests, seconds = length(predicted, task.session.client.pace)
        screen.tell(text.how_long(requests + _QUERIES, seconds))
        if not task.check_mode:
            screen.tell(text.RESUME)
        screen.tell(*text.perhaps_renamed(renames))
        if task.check_mode:
            self._show_unlisted()
        self._show_answer(predicted, self.cost, done=False)

    def show_end(self, report: RunReport) -> None:
        """Show what was done, and what that costs; or that there was nothing to do."""
        screen = self._task.screen
        if self._is_change and not report.real:
            return
        self._show_unlisted()
        if not self._is_change:
            screen.tell(text.nothing_to_do(report.plans()["plan"]))
            self._show_cost(self.cost)
        elif report.error:
            done, planned = len(report.changes), count_of(self._planned, "change")
            screen.tell(
                f"! Stopped: {done} of {planned} done; run the same command again to complete it."
            )
        else:
            cost = self.cost and self._task.session.prices.estimate(report)
            self._show_answer(report, cost, done=True)

    def _show_unlisted(self) -> None:
        if self.unlisted:
            self._task.screen.tell(text.also_charged(self.unlisted))

    def _show_answer(self, report: RunReport, cost: Cost | None, done: bool) -> None:
        lines = text.summary(report.plans(), report.left_undone, done)
        self._task.screen.tell(*lines, indent="      ")
        self._show_cost(cost)

    def _show_cost(self, cost: Cost | None) -> None:
        if cost is not None:
            self._task.screen.tell(text.cost_line(cost), indent="      ")


def _rows(report: RunReport) -> list[dict[str, Any]]:
    """What changes, for a person: with names also of what a task lists by its number."""
    names = {number: held.name for number, held in report.first.by_serial.items()}
    for number, made in report.first.by_id.items():
        names[f"id {number}"] = f"{made.name} (id {number})"
    return [
        {**change.as_data(), "name": names.get(change.name) or change.name}
        for change in report.changes
    ]


def _unlisted(task: Task, report: RunReport) -> list[Charged]:
    """What is charged in the account and belongs to nothing that the task lists and to no host of
    the inventory, the dearest first.

    Prices are those that are known already. The list is empty if it cannot be known which licenses
    the hosts use.
    """
    found, charged = report.beside, []
    try:
        hosts = task.hosts() if found else {}
    except InvalidInput:
        return []
    for held in found:
        name = held.name or ""
        if hosts.keys().isdisjoint((spelled(name), held.serial_number)):
            configuration = report.last.by_id[held.configuration_id]
            points = task.session.prices.known(size_of(configuration))
            charged.append(Charged(name, held.serial_number, configuration.name, points))
    return sorted(charged, key=lambda each: (-(each.points or 0), each.name))


def _items(task: Task, report: RunReport) -> Result:
    """What became of each item."""
    tokens, shapes, last = task.options["return_tokens"], task.shapes, report.last
    return {
        "configurations": [*map(shapes.configuration, report.configurations(last))],
        "entitlements": {
            wanted.result_key: shapes.entitlement(
                report.entitlement(wanted, last), last, token=tokens
            )
            for wanted in report.goal.entitlements
        },
        "spares": {
            str(key): report.spares(wanted, last)
            for key, wanted in zip(task.options["spares"], report.goal.spares, strict=True)
        },
        "pruned": [report.first.by_serial[number].name or number for number in report.goal.pruned],
        "suspended": [held.name or held.serial_number for held in report.suspended],
        "failures": failures_shape(report),
        "diff": diff_of(report),
    }


def _check(options: Mapping[str, Any]) -> None:
    """Refuse what cannot be meant, before anything is sent."""
    budget = options["max_points_per_day"]
    if budget is not None and not 0 <= budget < math.inf:
        raise InvalidInput(f"max_points_per_day: {budget} is no number of points; give 0 or more")
    for option in _ON_THE_CONTROLLER:
        if options.get(option) is not None:
            raise InvalidInput(
                f"{option} works only on the controller; "
                "leave out async, and delegate_to to another machine"
            )


def _check_new(predicted: RunReport, limit: int | None) -> None:
    """Refuse more new entitlements than were agreed."""
    if limit is not None and predicted.created > limit:
        new = count_of(predicted.created, "entitlement")
        raise InvalidInput(
            f"the plan creates {new}, more than max_new={limit}; nothing was written; "
            "raise max_new or shorten the list"
        )


def _check_cost(cost: Cost, budget: float | None) -> None:
    """Refuse what costs more than the points budget."""
    if budget is not None and cost.after > Decimal(str(budget)):
        raise InvalidInput(
            f"the plan costs {cost.after} points a day (before it {cost.before}), "
            f"more than max_points_per_day={budget}; "
            "nothing was written; raise it, or make the plan smaller"
        )


def _check_planned_cost(cost: Cost, agreed: Agreed | None) -> None:
    """Refuse what has become dearer since it was planned. What others have changed beside the plan
    does not count.
    """
    if agreed is None:
        return
    before, after = agreed
    if cost.after > after and cost.after - cost.before > after - before:
        raise InvalidInput(
            f"the run would cost {cost.after} points a day (before it {cost.before}), "
            f"and the plan said {after} (before it {before}); "
            "nothing was written; make the plan again, and have it approved"
        )
