# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""FortiFlex as a run would change it: takes the service's place in check mode and before every real
run.

The same planner and the same loop run against it, so that a prediction cannot differ from what a
run would do; nothing is sent. Private to the collection: may change at any time. Pure, but for the
program, which it asks its owner for.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from ..catalogue.catalogue import Catalogue
from ..clock import Clock
from ..errors import InvalidInput
from .converge import Written
from .dates import pacific_day
from .model import Observation, Program
from .steps import ItemKey, Step

# A run never needs the same call for the same thing so often, unless its goal contradicts itself.
_AGAIN = 4


class Forecast:
    """An observation that writes act upon. Predicted configurations have negative ids, predicted
    entitlements ``predicted`` set.

    ``exact``: predict the end dates that the service gives by itself too, at the price of asking
    for the program.
    """

    def __init__(
        self,
        seen: Observation,
        clock: Clock,
        catalogue: Catalogue,
        program: Callable[[], Program],
        exact: bool,
    ) -> None:
        self.catalogue = catalogue
        self.configurations = dict(seen.by_id)
        self.entitlements = dict(seen.by_serial)
        self._exact = exact
        self._writes: Counter[tuple[str, ItemKey, str]] = Counter()
        self._seen = seen
        self._clock = clock
        self._program = program
        self._made = 0

    @property
    def writes(self) -> int:
        """How many writes there were."""
        return sum(self._writes.values())

    def observe(
        self,
        before: Observation | None = None,
        configurations: bool = True,
        entitlements: bool = True,
        writes: int = 0,
    ) -> Observation:
        """The predicted state, as new as can be."""
        now = self._clock.now()
        return Observation(
            time=now,
            configurations_time=now,
            configurations=tuple(self.configurations.values()),
            entitlements=tuple(self.entitlements.values()),
            program=before.program if before else self._seen.program,
        )

    def room(self, seconds: float) -> int:
        """A forecast knows no limit."""
        return sys.maxsize

    def program(self) -> Program:
        """The real program."""
        program = self._seen.program or self._program()
        self._seen = replace(self._seen, program=program)
        return program

    def write(self, step: Step, not_after: float) -> Written:
        """What the documented service would make of a step. The planner never asks for what it
        would refuse.
        """
        call = (step.endpoint, step.item, step.target)
        self._writes[call] += 1
        if self._writes[call] > _AGAIN:
            kind, key = step.item
            raise InvalidInput(
                [
                    f"{kind} '{key}' is listed twice, by name and by serial number, "
                    "with conflicting settings; list it once"
                ]
            )
        return Written(step.call.act(self), self._clock.now(), self._clock.now())

    def new_serial_number(self, configuration_id: int) -> str:
        """What stands for the serial number of something new, unlike those of earlier tasks and of
        other accounts.
        """
        account_id = self.configurations[configuration_id].account_id
        while True:
            self._made += 1
            name = f"new {self._made} of {account_id}"
            if name not in self.entitlements:
                return name

    def end_of_program(self) -> str | None:
        """The Pacific day (ISO) on which the program ends; None if nobody needs to know."""
        end = self.program().end if self._exact else None
        return end.isoformat() if end else None

    def today(self) -> str:
        """The present Pacific day (ISO)."""
        return pacific_day(self._clock.now()).isoformat()
