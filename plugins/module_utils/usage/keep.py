# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The work of flex_usage_ledger: records what accounts have now, and days that the ledger lacks.

Private to the collection: may change at any time.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from ..errors import Problems
from ..task.results import Result
from ..task.task import Task
from ._periods import Period, last_complete
from ._sources import DAYS_READ, AccountUsage, DailyUse, accounts_of, balance_of, ledger_of


class _Due(NamedTuple):
    """Days of accounts: those that the ledger lacks, and those to ask for in this run."""

    gaps: list[tuple[AccountUsage, date]]
    now: list[tuple[AccountUsage, date]]

    @classmethod
    def of(
        cls,
        daily: DailyUse,
        accounts: Sequence[AccountUsage],
        period: Period,
        again: int,
        most: int,
    ) -> _Due:
        """The last day first, then what FortiFlex forgets next, then ``again`` days once more."""
        gaps = {account.id: daily.missing(account, period) for account in accounts}
        every = [(account, day) for day in period.days for account in accounts]
        lacking = [(account, day) for account, day in every if day in gaps[account.id]]
        recent = period.last - timedelta(days=again)
        known = [
            (account, day) for account, day in every if day > recent and day not in gaps[account.id]
        ]
        ordered = sorted(lacking, key=lambda gap: gap[1] != period.last)
        return cls(lacking, [*ordered, *known][:most])


def keep_ledger(task: Task) -> Result:
    """What flex_usage_ledger returns."""
    options = task.options
    with Problems() as problems:
        for name in ("recheck_days", "max_days"):
            if options[name] < 0:
                problems.add(f"{name}: {options[name]} is under the minimum 0")
    service = task.connect()
    accounts = accounts_of(task)
    started = service.program().start
    with ledger_of(task) as ledger:
        daily = DailyUse(task, ledger, accounts)
        first = max(filter(None, (daily.remembered.first, started)))
        period = Period(first, last_complete(task.clock.now()))
        due = _Due.of(daily, accounts, period, options["recheck_days"], options["max_days"])
        counts = {"states": 0, "days": 0, "corrections": 0}
        if task.check_mode:
            counts["days"] = sum(gap in due.gaps for gap in due.now)
        else:
            counts["states"] = daily.record_states()
            for account, day in task.progress.over(due.now, DAYS_READ):
                _told, recorded = daily.ask(account, day)
                if recorded:
                    counts["days"] += recorded.new
                    counts["corrections"] += recorded.corrections
            if options["balance"]:
                balance_of(task, ledger, service)
        return {
            "changed": any(counts.values()),
            "ledger": str(ledger.path),
            "recorded": counts,
            "missing_days": [
                {"account_id": account.id, "day": day.isoformat()}
                for account, day in due.gaps
                if (account, day) not in due.now
            ],
            "accounts": [account.id for account in accounts],
        }
