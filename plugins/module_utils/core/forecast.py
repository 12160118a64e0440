# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""FortiFlex as a run would change it: takes the service's place in check mode and before every real run.

The same planner and the same loop run against it, so that a prediction cannot differ from what a run would do; nothing is sent.
Private to the collection: may change at any time. Pure, but for the program, which it asks its owner for.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ..catalogue.catalogue import Catalogue
from ..clock import Clock
from ..errors import InvalidInput
from .converge import Written
from .dates import pacific_day
from .model import (
    ACTIVE,
    DISABLED,
    PENDING,
    STOPPED,
    TOKEN_TO_COME,
    TOP_FOLDER,
    Configuration,
    Entitlement,
    Observation,
    Program,
)
from .steps import Step

_AGAIN = 4  # a run never needs the same call for the same thing so often, unless its goal contradicts itself


class Forecast:
    """An observation that writes act upon. Predicted configurations have negative ids, predicted entitlements ``predicted`` set.

    ``exact``: predict the end dates that the service gives by itself too, at the price of asking for the program.
    """

    def __init__(
        self,
        seen: Observation,
        clock: Clock,
        catalogue: Catalogue,
        program: Callable[[], Program],
        exact: bool,
    ) -> None:
        self._exact = exact
        self._writes: Counter[tuple[str, tuple[str, str], str]] = Counter()
        self._seen = seen
        self._clock = clock
        self._catalogue = catalogue
        self._program = program
        self._configurations = dict(seen.by_id)
        self._entitlements = dict(seen.by_serial)
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
            configurations=tuple(self._configurations.values()),
            entitlements=tuple(self._entitlements.values()),
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
        """What the documented service would make of a step. The planner never asks for what it would refuse."""
        target = (
            step.endpoint,
            step.item,
            str(step.body.get("serialNumber") or step.body.get("id")),
        )
        self._writes[target] += 1
        if self._writes[target] > _AGAIN:
            kind, key = step.item
            raise InvalidInput(
                [
                    f"{kind} '{key}' is listed twice, by name and by number, with wishes that exclude each other; list it once"
                ]
            )
        kind, call = step.endpoint.split("/", 1)
        item = (
            self._write_configuration(call, step.body)
            if kind == "configs"
            else self._write_entitlement(call, step.body)
        )
        return Written(item, self._clock.now(), self._clock.now())

    def _write_configuration(self, call: str, body: dict[str, Any]) -> dict[str, object]:
        if call == "create":
            made = Configuration(
                id=min([0, *self._configurations]) - 1,
                name=body["name"],
                product_id=body["productTypeId"],
                values=self._catalogue.product(body["productTypeId"]).read(body["parameters"]),
                status=ACTIVE,
                account_id=body.get("accountId"),
                program=body["programSerialNumber"],
            )
        else:
            made = self._configurations[body["id"]]
            if call == "update":
                values = self._catalogue.product(made.product_id).read(body["parameters"])
                made = replace(made, name=body["name"], values=made.values | values)
            else:
                made = replace(made, status=ACTIVE if call == "enable" else DISABLED)
        self._configurations[made.id] = made
        return {"id": made.id}

    def _write_entitlement(self, call: str, body: dict[str, Any]) -> dict[str, object]:
        if call.endswith("/create"):
            for serial_number in body.get("serialNumbers") or [None] * body.get("count", 1):
                made = Entitlement(
                    serial_number=serial_number or self._new(body["configId"]),
                    description=body.get("description", ""),
                    configuration_id=body["configId"],
                    account_id=self._configurations[body["configId"]].account_id,
                    status=PENDING if call == "vm/create" and not body["skipPending"] else ACTIVE,
                    start_date=None,
                    end_date=body.get("endDate") or self._end_of_program(),
                    token=TOKEN_TO_COME if call == "vm/create" else None,
                    token_status="NOTUSED" if call == "vm/create" else None,
                    predicted=serial_number is None,
                    folder=body.get("folderPath", TOP_FOLDER) if serial_number is None else None,
                )
                self._entitlements[made.serial_number] = made
        elif call == "hardware/remove":
            for serial_number in body["serialNumbers"]:
                del self._entitlements[serial_number]
            return {}
        else:
            made = self._entitlements[body["serialNumber"]]
            if call == "update":
                made = replace(
                    made,
                    configuration_id=body["configId"],
                    description=body.get("description", made.description),
                    end_date=body.get("endDate", made.end_date),
                )
            elif call == "stop":
                made = replace(
                    made, status=STOPPED, end_date=pacific_day(self._clock.now()).isoformat()
                )
            elif call == "reactivate":
                made = replace(made, status=ACTIVE, end_date=self._end_of_program())
            else:
                made = replace(made, token=TOKEN_TO_COME, token_status="NOTUSED")
        self._entitlements[made.serial_number] = made
        return {"serialNumber": made.serial_number, "description": made.description}

    def _new(self, configuration_id: int) -> str:
        """What stands for the serial number of something new, unlike those of earlier tasks and of other accounts."""
        account_id = self._configurations[configuration_id].account_id
        while True:
            self._made += 1
            name = f"new {self._made} of {account_id}"
            if name not in self._entitlements:
                return name

    def _end_of_program(self) -> str | None:
        end = self.program().end if self._exact else None
        return end.isoformat() if end else None
