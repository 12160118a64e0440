# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The work of flex_fleet: many configurations and entitlements from one plan.

Private to the collection: may change at any time. Here rather than in the module, because its action plugin runs it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal

from ..core.cost import Cost
from ..core.steps import Step
from ..errors import AccessDenied, InvalidInput, Refused, Unavailable
from ..wording import count_of
from .plan_text import plan_text
from .results import Result, plan_cost_shape
from .run_report import Report, failure_of
from .task import Inventory, Task

_LOOKS = 4  # requests of a run beside its writes, about: a look before, after the first write, and at the end


def ensure_fleet(
    task: Task,
    say: Callable[[str], None] = lambda line: None,
    inventory: Inventory = lambda program, account_id, accounts: {},
) -> Result:
    """Bring everything that is listed to what is asked of it. ``say`` shows people a line: of the plan before it begins, then how far it has come.

    ``inventory`` as in :meth:`.task.Task.ensure`.
    """
    budget = task.options["max_points_per_day"]
    if budget is not None and not 0 <= budget < math.inf:
        raise InvalidInput([f"max_points_per_day: {budget} is no number of points; give 0 or more"])
    costs: list[Cost] = []

    def approve(predicted: Report) -> Callable[[Step], None]:
        limit, new = task.options["max_new"], predicted.created
        if limit is not None and new > limit:
            raise InvalidInput(
                [
                    f"the plan creates {count_of(new, 'entitlement')}, more than max_new={limit}; nothing was written; raise max_new or shorten the list"
                ]
            )
        if task.options["estimate"] or budget is not None:
            try:
                costs.append(task.estimate(predicted))
            except (AccessDenied, Refused, Unavailable) as error:
                if budget is not None:
                    raise
                task.warn(f"What the plan costs cannot be said, and it goes on: {error}")
        if costs and budget is not None and costs[0].after > Decimal(str(budget)):
            raise InvalidInput(
                [
                    f"the plan costs {costs[0].after} points a day (before it {costs[0].before}), more than max_points_per_day={budget}; "
                    "nothing was written; raise it, or make the plan smaller"
                ]
            )
        if predicted.changed or costs:
            limits = task.options["requests_per_minute"], task.options["requests_per_hour"]
            requests = predicted.writes + _LOOKS if predicted.changed else 0
            for line in plan_text(
                predicted.changes_as_data(),
                predicted.plans(),
                costs[0] if costs else None,
                requests,
                *limits,
            ):
                say(line)
        return task.watch(say, predicted.writes)

    report = task.ensure(task.options, approve, inventory)
    tokens = task.options["return_tokens"]
    shapes = task.shapes
    return {
        "changed": report.changed,
        **report.plans(),
        "changes": report.changes_as_data(),
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
        **({"cost": plan_cost_shape(costs[0])} if costs else {}),
        **failure_of(report),
    }
