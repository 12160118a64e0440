# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long the ledger takes to record, and to sum by month and tag: ``PYTHONPATH=.build:tests python tests/benchmarks/ledger.py``.

Each entitlement uses another number of points on each day, which is worse than any fleet does.
"""

from __future__ import annotations

import argparse
import random
import resource
import tempfile
import time
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from ansible_collections.flexops.fortiflex.plugins.module_utils.usage._ledger import Ledger
from ansible_collections.flexops.fortiflex.plugins.module_utils.usage._periods import end_of
from ansible_collections.flexops.fortiflex.plugins.module_utils.usage._points import State

PROGRAM, ACCOUNT = "ELAVMS0000000200", 2000001


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split(":", 1)[0])
    parser.add_argument("--days", type=int, default=3 * 365)
    parser.add_argument("--entitlements", type=int, default=5000)
    options = parser.parse_args()
    chance, first = random.Random(1), date(2024, 1, 1)
    serials = [f"FGVMMLTM{number:08d}" for number in range(options.entitlements)]
    last = first + timedelta(days=options.days - 1)
    with tempfile.TemporaryDirectory() as directory, Ledger(f"{directory}/usage.sqlite3") as ledger:
        regions = [{"region": f"region-{number % 40}"} for number in range(options.entitlements)]
        states = [
            State(s, s, tags, "", "small", "fortigate_vm_bundle", "ACTIVE", None, None)
            for s, tags in zip(serials, regions, strict=True)
        ]
        ledger.record_states(PROGRAM, ACCOUNT, states, end_of(first))
        begun = time.perf_counter()
        for number in range(options.days):
            day = first + timedelta(days=number)
            told = {serial: Decimal(chance.randrange(1, 5000)) / 100 for serial in serials}
            ledger.record_day(PROGRAM, ACCOUNT, day, told, end_of(day) + 30000, end_of(day))
        recorded = time.perf_counter() - begun
        sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        begun = time.perf_counter()
        for use in ledger.by_month(PROGRAM, [ACCOUNT], first, last):
            sums[use.time, use.state.tags["region"]] += use.points
        summed = time.perf_counter() - begun
        size = Path(ledger.path).stat().st_size
    print(
        f"{options.days} days of {options.entitlements} entitlements, {len(sums)} sums by month and tag"
    )
    print(f"record a day   {1000 * recorded / options.days:8.1f} ms")
    print(f"sum all        {1000 * summed:8.1f} ms")
    print(f"file           {size / 2**20:8.1f} MiB")
    print(f"memory         {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:8.1f} MiB")


if __name__ == "__main__":
    main()
