# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Configurations that check mode would have created, remembered for the tasks that follow in the same play.

Nothing tells a module which play it belongs to, so what was predicted in the last ten minutes by the same API user counts. Only check mode
reads or writes this; a file that cannot be read means that nothing is remembered.
Private to the collection: may change at any time.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict

from ..clock import Clock
from ..core.model import Configuration
from ..files import replace_file
from .connection import Connection

_SECONDS = 600.0


class Predictions:
    """The remembered configurations of one API user, in a file of the state directory."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._path = connection.state_file("predicted")
        self._clock = clock

    def load(self) -> list[Configuration]:
        """What was predicted lately; ids are negative."""
        return [configuration for _time, configuration in self._read()]

    def add(self, configurations: Iterable[Configuration]) -> None:
        """Remember these too; the newest of one name in a program and account counts."""
        new = list(configurations)
        if not new:
            return
        places = {(c.program, c.account_id, c.name) for c in new}
        kept = [
            (time, c) for time, c in self._read() if (c.program, c.account_id, c.name) not in places
        ]
        rows = [[time, asdict(c)] for time, c in [*kept, *((self._clock.now(), c) for c in new)]]
        replace_file(self._path, json.dumps(rows))

    def _read(self) -> list[tuple[float, Configuration]]:
        try:
            rows = json.loads(self._path.read_text(encoding="utf-8"))
            found = []
            for number, (time, row) in enumerate(rows, 1):
                values = {int(key): tuple(value) for key, value in row.pop("values").items()}
                found.append(
                    (float(time), Configuration(**{**row, "id": -1000 - number}, values=values))
                )
            return [(time, c) for time, c in found if 0 <= self._clock.now() - time <= _SECONDS]
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return []
