# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Play random histories of every family, or play one again and tell it.

PYTHONPATH=.build:tests python tests/interleavings/explore.py [--runs N] [--seed S] [--jobs J] [--family F] [--replay FAMILY:SEED]
"""

from __future__ import annotations

import argparse
import multiprocessing
from collections import Counter
from collections.abc import Iterable

from interleavings.scenarios import FAMILIES, history

BATCH = 250
Played = tuple[dict[int, list[str]], Counter[int]]


def play(family: str, seeds: Iterable[int]) -> Played:
    """(what is wrong, by seed; histories by surplus)."""
    broken, surplus = {}, Counter[int]()
    for seed in seeds:
        played = history(family, seed)
        played.play()
        if played.errors:
            broken[seed] = played.errors
        surplus[played.surplus] += 1
    return broken, surplus


def main() -> int:
    """Play, print, and return 1 if the planner broke."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=70_000, help="histories per family")
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--family", choices=FAMILIES, action="append")
    parser.add_argument(
        "--replay", metavar="FAMILY:SEED", help="play this history only, and tell it"
    )
    options = parser.parse_args()
    if options.replay:
        family, seed = options.replay.split(":")
        told = history(family, int(seed), write_down=print)
        told.play()
        print(*told.errors or ["nothing is wrong"], sep="\n")
        return int(bool(told.errors))
    wrong = False
    ends = range(options.seed, options.seed + options.runs, BATCH)
    with multiprocessing.Pool(options.jobs) as pool:
        for family in options.family or FAMILIES:
            parts = pool.starmap(
                play,
                [(family, range(first, min(first + BATCH, ends.stop))) for first in ends],
                chunksize=1,
            )
            broken = {seed: errors for part, _surplus in parts for seed, errors in part.items()}
            surplus = sum((surplus for _broken, surplus in parts), Counter[int]())
            wrong = wrong or bool(broken)
            print(
                f"{family}: {options.runs} histories, {len(broken)} broken; spares in excess: {dict(sorted(surplus.items()))}",
                flush=True,
            )
            for seed, errors in list(broken.items())[:5]:
                print(f"  --replay {family}:{seed}  {errors[0]}")
    return int(wrong)


if __name__ == "__main__":
    raise SystemExit(main())
