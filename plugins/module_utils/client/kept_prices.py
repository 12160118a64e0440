# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The prices of today in the state directory, so that plans ask FortiFlex for the price of each
size once a day.

Private to the collection: may change at any time.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ..clock import Clock
from ..core.cost import Size
from ..core.dates import pacific_day
from ._items import points_of
from .connection import Connection
from .state_files import StateFile


class KeptPrices:
    """Points per day of one entitlement of each size. They are forgotten when the Pacific day ends,
    at which FortiFlex may change them.
    """

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._file = StateFile(connection.state_file("prices"))
        self._program = connection.program
        self._clock = clock

    def get(self, size: Size) -> Decimal | None:
        """The price of a size; None if it is not known today."""
        return self._today().get(self._key(size))

    def keep(self, size: Size, points: Decimal) -> None:
        """Keep a price until the day ends. Where that is not possible, the next plan asks again."""
        with self._file.locked():
            kept = {**self._today(), self._key(size): points}
            prices = {key: str(value) for key, value in kept.items()}
            self._file.save(json.dumps({"day": self._day(), "prices": prices}))

    def _today(self) -> Mapping[str, Decimal]:
        return self._file.load(self._read) or {}

    def _read(self, found: Any) -> dict[str, Decimal]:
        if found["day"] != self._day():
            return {}
        return {str(key): points_of(text) for key, text in found["prices"].items()}

    def _day(self) -> str:
        return str(pacific_day(self._clock.now()))

    def _key(self, size: Size) -> str:
        return json.dumps([self._program, *size])
