# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A usage report of a made-up company: ``python -m documents.usage_report DIRECTORY``, from the tests' directory.

Its figures come from a ledger that is filled here, without a FortiFlex: as many entitlements and days as are asked for, in three accounts.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import resource
import time
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from ansible_collections.flexops.fortiflex.plugins.module_utils.usage import _points as points
from ansible_collections.flexops.fortiflex.plugins.module_utils.usage._coverage import Wish
from ansible_collections.flexops.fortiflex.plugins.module_utils.usage._exports import (
    focus_csv,
    prometheus,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.usage._ledger import Ledger
from ansible_collections.flexops.fortiflex.plugins.module_utils.usage._periods import Period, end_of
from ansible_collections.flexops.fortiflex.plugins.module_utils.usage._points import Rate, State
from ansible_collections.flexops.fortiflex.plugins.module_utils.usage._report import UsageReport
from ansible_collections.flexops.fortiflex.plugins.module_utils.usage.report_files import page

PROGRAM = "ELAVMS0000000200"
CUSTOMERS = {"2000001": "Own network", "2000002": "Example Bakery", "2000003": "Northwind Traders"}
SIZES = {
    "branch-small": Decimal("2.61"),
    "branch-medium": Decimal("5.11"),
    "branch-large": Decimal("10.33"),
}
TEMPLATE = str(Path(__file__).parents[2] / "roles/usage_report/templates/page.html.j2")
LAST = date(2026, 11, 23)


def fill(ledger: Ledger, entitlements: int, days: int) -> None:
    """Entitlements that come bit by bit, some of which stop, change or lose their holders."""
    chance, first = random.Random(1), LAST - timedelta(days=days - 1)
    accounts = [int(number) for number in CUSTOMERS]
    fleet = []
    for number in range(entitlements):
        size = chance.choice(list(SIZES))
        name = f"{chance.choice(['branch', 'shop', 'lab'])}-{number:04d}"
        tags = {
            "cost_center": str(1100 + 100 * (number % 6)),
            "region": ["north", "south", "east", "west", "center"][number % 5],
        }
        state = State(
            f"FGVMMLTM26{number:06d}",
            name,
            tags,
            f"{name} [...]",
            size,
            "fortigate_vm_bundle",
            "ACTIVE",
            str(first),
            "2027-05-10",
        )
        fleet.append(
            (
                accounts[min(2, number * 5 // entitlements // 2)],
                state,
                first + timedelta(days=int(days * chance.random() ** 3)),
            )
        )
    for number in range(days):
        day = first + timedelta(days=number)
        for place, (account, state, begun) in enumerate(fleet):
            if chance.random() < 0.0005:
                fleet[place] = (
                    account,
                    state._replace(status="STOPPED", name=None, description="[spare]"),
                    begun,
                )
            elif chance.random() < 0.0005:
                fleet[place] = (
                    account,
                    state._replace(configuration=chance.choice(list(SIZES))),
                    begun,
                )
            elif chance.random() < 0.00005:
                fleet[place] = (
                    account,
                    state._replace(name=None, description="<old firewall, ask Kim>"),
                    begun,
                )
        for account in accounts:
            here = [state for number, state, begun in fleet if number == account and begun <= day]
            ledger.record_states(PROGRAM, account, here, end_of(day) - 3600)
            told = {
                state.serial_number: SIZES[str(state.configuration)]
                for state in here
                if state.status == "ACTIVE"
            }
            ledger.record_day(PROGRAM, account, day, told, end_of(day) + 30000, end_of(day))


def main() -> None:
    """Write the report, and print how long it took without filling the ledger, and with how much memory."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split(":", 1)[0])
    parser.add_argument("directory", type=Path)
    parser.add_argument("--entitlements", type=int, default=800)
    parser.add_argument("--days", type=int, default=365)
    options = parser.parse_args()
    options.directory.mkdir(parents=True, exist_ok=True)
    path = options.directory / "usage.sqlite3"
    path.unlink(missing_ok=True)
    with Ledger(str(path)) as ledger:
        fill(ledger, options.entitlements, options.days)
        begun, today = time.perf_counter(), LAST + timedelta(days=1)
        accounts = ledger.accounts(PROGRAM)
        period = Period(LAST - timedelta(days=options.days - 1), LAST)
        recent = Period(LAST - timedelta(days=6), LAST)
        used = sum((use.points for use in ledger.by_day(PROGRAM, accounts, *recent)), Decimal(0))
        month = sum(
            (use.points for use in ledger.by_day(PROGRAM, accounts, LAST.replace(day=1), LAST)),
            Decimal(0),
        )
        now = Rate(Decimal(math.ceil(used / 7)), "what is charged now, at today's prices")
        projection = {
            "recent_days": points.projection_shape(points.recent_rate(used, recent), today, month),
            "active_now": points.projection_shape(now, today, month),
        }
        alert = {
            "text": f"all: {month:,.2f} points used this month, which is 84 % of the points budget of {math.ceil(month / 84 * 100):,}",
            "kind": "budget_reached",
        }
        outlook = {"projection": projection, "alerts": [alert]}
        wish = Wish(
            PROGRAM,
            accounts,
            period,
            LAST,
            today,
            ledger.newest(PROGRAM),
            "FortiFlex usage",
            CUSTOMERS,
            outlook,
            point_price=Decimal("1.08"),
            currency="EUR",
        )
        report = UsageReport(wish, ledger)
        texts = {
            "html": page(report.data, TEMPLATE, True),
            "json": json.dumps(report.data),
            "csv": focus_csv(report),
            "prom": prometheus(report),
        }
        for ending, text in texts.items():
            (options.directory / f"usage_report.{ending}").write_text(text, encoding="utf-8")
        seconds = time.perf_counter() - begun
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{options.entitlements} entitlements, {options.days} days: {seconds:.1f} s, {memory:.0f} MiB, page {len(texts['html']) / 2**20:.2f} MiB"
    )


if __name__ == "__main__":
    main()
