# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The work of flex_fleet: many configurations and entitlements from one plan, which a person reads before and after it.

Private to the collection: may change at any time.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ..core.cost import Cost
from ..errors import AccessDenied, InvalidInput, Refused, Unavailable
from ..wording import count_of
from . import plan_text as text
from .approved import Approved
from .plan_text import Charged
from .results import Result, plan_cost_shape
from .run_report import Report, failure_of
from .task import Task

_LOOKS = 3  # requests of a run, about, beside its writes and the looks that these rest on: a look before, and one after the first write
_ON_THE_CONTROLLER = ("fleets", "plan_file")


def ensure_fleet(task: Task) -> Result:
    """Bring everything that is listed to what is asked of it."""
    options = task.options
    _check(options)
    predictions: list[tuple[Report, Cost | None, list[Charged]]] = []

    def approve(predicted: Report) -> None:
        _check_new(predicted, options["max_new"])
        cost = _cost(task, predicted)
        _check_cost(cost, options["max_points_per_day"])
        _check_planned_cost(cost, task.approved)
        looks = options["report_unlisted"] or predicted.created
        unlisted = task.unlisted(predicted) if looks else []
        renames = text.renames(predicted.new_names, unlisted)
        if renames and options["refuse_renames"]:
            raise InvalidInput([text.renamed(*renames[0])])
        unlisted = unlisted if options["report_unlisted"] else []
        predictions.append((predicted, cost, unlisted))
        if predicted.changed:
            _show_plan(task, predicted)
            task.screen.tell(*text.perhaps_renamed(renames))
            if task.check_mode:
                _show_unlisted(task, unlisted)
            _show_answer(task, predicted, cost, False)

    report = task.ensure(options, approve)
    ((predicted, cost, unlisted),) = predictions
    if not predicted.changed:
        _show_unlisted(task, unlisted)
        task.screen.tell(text.nothing_to_do(report.plans()["plan"]))
        _show_cost(task, cost)
    elif report.real:
        _show_unlisted(task, unlisted)
        _show_end(task, predicted, report, cost)
    return {
        "changed": report.changed,
        **report.plans(),
        **task.plan_of(report),
        **_items(task, report),
        "unlisted": [each.as_data() for each in unlisted],
        **({"cost": plan_cost_shape(cost)} if cost else {}),
        **failure_of(report),
    }


def _items(task: Task, report: Report) -> Result:
    """What became of each item."""
    tokens, shapes = task.options["return_tokens"], task.shapes
    return {
        "configurations": [
            shape
            for wanted in report.goal.configurations
            if (shape := shapes.configuration(report.configuration(wanted, report.last)))
        ],
        "entitlements": {
            wanted.result_key: shapes.entitlement(
                report.entitlement(wanted, report.last), report.last, token=tokens
            )
            for wanted in report.goal.entitlements
        },
        "spares": {
            str(key): report.spares(wanted, report.last)
            for key, wanted in zip(task.options["spares"], report.goal.spares, strict=True)
        },
        "pruned": [report.first.by_serial[number].name or number for number in report.goal.pruned],
        "suspended": report.suspended,
        "failures": report.failures_as_data(),
        "diff": report.diff(),
    }


def _check(options: Mapping[str, Any]) -> None:
    """Refuse what cannot be meant, before anything is sent."""
    budget = options["max_points_per_day"]
    if budget is not None and not 0 <= budget < math.inf:
        raise InvalidInput([f"max_points_per_day: {budget} is no number of points; give 0 or more"])
    for option in _ON_THE_CONTROLLER:
        if options.get(option) is not None:
            raise InvalidInput(
                [
                    f"{option} works only on the controller; leave out async, and delegate_to to another machine"
                ]
            )


def _check_new(predicted: Report, limit: int | None) -> None:
    if limit is not None and predicted.created > limit:
        new = count_of(predicted.created, "entitlement")
        raise InvalidInput(
            [
                f"the plan creates {new}, more than max_new={limit}; nothing was written; raise max_new or shorten the list"
            ]
        )


def _cost(task: Task, predicted: Report) -> Cost | None:
    """What the plan costs, unless nobody wants to know or FortiFlex does not say."""
    estimate = predicted.changed if task.options["estimate"] is None else task.options["estimate"]
    limited = task.options["max_points_per_day"] is not None
    if predicted.changed and task.approved and task.approved.points:
        limited = True
    if not (limited or estimate):
        return None
    try:
        return task.estimate(predicted)
    except (AccessDenied, Refused, Unavailable) as error:
        if limited:
            raise
        task.warn(f"FortiFlex gives no price for this plan, so it goes on without a cost: {error}")
        return None


def _check_cost(cost: Cost | None, budget: float | None) -> None:
    if cost and budget is not None and cost.after > Decimal(str(budget)):
        raise InvalidInput(
            [
                f"the plan costs {cost.after} points a day (before it {cost.before}), more than max_points_per_day={budget}; "
                "nothing was written; raise it, or make the plan smaller"
            ]
        )


def _check_planned_cost(cost: Cost | None, approved: Approved | None) -> None:
    """Refuse what has become dearer since it was planned. What others have changed beside the plan does not count."""
    if cost is None or approved is None or not approved.points:
        return
    before, after = approved.points
    if cost.after > after and cost.after - cost.before > after - before:
        raise InvalidInput(
            [
                f"the run would cost {cost.after} points a day (before it {cost.before}), and the plan said {after} (before it {before}); "
                "nothing was written; make the plan again, and have it approved"
            ]
        )


def _show_plan(task: Task, predicted: Report) -> None:
    """Show each change, what can never be undone, and how long it takes."""
    screen = task.screen
    screen.show(text.plan_lines(predicted.plan_rows(), screen.whole, screen.width))
    configurations = predicted.plans()["configurations_plan"]["create"]
    if predicted.created or configurations:
        screen.tell(text.for_good(predicted.created, configurations))
    requests, seconds = task.length(predicted)
    screen.tell(text.how_long(requests + _LOOKS, seconds))
    if not task.check_mode:
        screen.tell(text.RESUME)


def _show_unlisted(task: Task, unlisted: list[Charged]) -> None:
    if unlisted:
        task.screen.tell(text.also_charged(unlisted))


def _show_answer(task: Task, report: Report, cost: Cost | None, done: bool) -> None:
    task.screen.tell(*text.summary(report.plans(), report.left_undone, done), indent="      ")
    _show_cost(task, cost)


def _show_cost(task: Task, cost: Cost | None) -> None:
    if cost is not None:
        task.screen.tell(text.cost_line(cost), indent="      ")


def _show_end(task: Task, predicted: Report, report: Report, cost: Cost | None) -> None:
    """Show what was done, and what that costs."""
    if report.error:
        done, planned = len(report.changes), len(predicted.changes)
        task.screen.tell(
            f"! Stopped: {done} of {count_of(planned, 'change')} done; run the same command again to complete it."
        )
        return
    _show_answer(task, report, cost and task.estimate(report), True)
