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
        call = (step.endpoint, step.item, step.target)
        self._writes[call] += 1
        if self._writes[call] > _AGAIN:
            kind, key = step.item
            raise InvalidInput(
                [
                    f"{kind} '{key}' is listed twice, by name and by number, with wishes that exclude each other; list it once"
                ]
            )
        is_configuration = step.endpoint.startswith("configs/")
        item = (self._write_configuration if is_configuration else self._write_entitlement)(step)
        return Written(item, self._clock.now(), self._clock.now())

    def _write_configuration(self, step: Step) -> dict[str, object]:
        body = step.body
        if step.endpoint == "configs/create":
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
            made = altered_configuration(self._configurations[body["id"]], step, self._catalogue)
        self._configurations[made.id] = made
        return {"id": made.id}

    def _write_entitlement(self, step: Step) -> dict[str, object]:
        call, body = step.endpoint.removeprefix("entitlements/"), step.body
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
            made = altered_entitlement(self._entitlements[body["serialNumber"]], step)
            if call == "stop":
                made = replace(made, end_date=pacific_day(self._clock.now()).isoformat())
            elif call == "reactivate":
                made = replace(made, end_date=self._end_of_program())
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


def altered_configuration(found: Configuration, step: Step, catalogue: Catalogue) -> Configuration:
    """A configuration after a call that changes it."""
    call, body = step.endpoint.removeprefix("configs/"), step.body
    if call != "update":
        return replace(found, status=ACTIVE if call == "enable" else DISABLED)
    values = catalogue.product(found.product_id).read(body["parameters"])
    return replace(found, name=body["name"], values=found.values | values)


def altered_entitlement(found: Entitlement, step: Step) -> Entitlement:
    """An entitlement after a call that changes it, but for the end dates that FortiFlex sets by itself."""
    call, body = step.endpoint.removeprefix("entitlements/"), step.body
    if call == "update":
        return replace(
            found,
            configuration_id=body["configId"],
            description=body.get("description", found.description),
            end_date=body.get("endDate", found.end_date),
        )
    if call in ("stop", "reactivate"):
        return replace(found, status=STOPPED if call == "stop" else ACTIVE)
    return replace(found, token=TOKEN_TO_COME, token_status="NOTUSED")
