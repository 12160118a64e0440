# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A FortiFlex account as a model: what each writing call does to it, at the moment when it takes effect.

Far smaller than the simulator, so that a history costs about a millisecond; strict wherever nobody knows what FortiFlex does.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from ansible_collections.flexops.fortiflex.plugins.module_utils.catalogue.catalogue import snapshot
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.model import (
    ACTIVE,
    CHARGED,
    DISABLED,
    PENDING,
    STOPPED,
    Configuration,
    Entitlement,
    Program,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.steps import Step
from ansible_collections.flexops.fortiflex.plugins.module_utils.errors import Problems, Refused

START = 1_790_000_000.0  # 2026-09-21 06:33:20 Pacific time, in seconds since 1970
MIDNIGHT = START - 23_600  # of that Pacific day
CATALOGUE = snapshot()
PRODUCT = CATALOGUE.product("fortigate_vm_bundle")
PARAMETERS = {"cpu": 2, "service": "UTP"}
VALUES = PRODUCT.check(PARAMETERS, Problems(), complete=True)
PROGRAM = Program("ELAVMS0000000001", 1, date(2027, 5, 10))
PROGRAM_END = "2027-05-10T00:00:00"


class Account:
    """Configurations and entitlements of one program; nothing in it can be deleted."""

    refuses_repeats = True  # a stop of what is STOPPED, a reactivation of what is ACTIVE

    def __init__(self) -> None:
        self.configurations: dict[int, Configuration] = {}
        self.entitlements: dict[str, Entitlement] = {}
        self.tokens = 0

    def add_configuration(self, name: str) -> Configuration:
        """A new ACTIVE one."""
        made = Configuration(
            len(self.configurations) + 1,
            name,
            1,
            VALUES,
            ACTIVE,
            PROGRAM.account_id,
            PROGRAM.serial_number,
        )
        self.configurations[made.id] = made
        return made

    def add_entitlement(
        self,
        description: str,
        configuration_id: int,
        now: float,
        status: str = PENDING,
        end_date: str | None = None,
    ) -> Entitlement:
        """A new one, its serial number the next one, that starts now."""
        minutes, seconds = divmod(now - MIDNIGHT, 60)
        made = Entitlement(
            serial_number=f"FGVMELTM26{len(self.entitlements) + 1:06}",
            description=description,
            configuration_id=configuration_id,
            account_id=PROGRAM.account_id,
            status=status,
            start_date=f"2026-09-21T{int(minutes) // 60:02}:{int(minutes) % 60:02}:{seconds:06.3f}",
            end_date=end_date or PROGRAM_END,
            token=self._new_token(),
            token_status="NOTUSED" if status == PENDING else "USED",
        )
        self.entitlements[made.serial_number] = made
        return made

    def redeem(self, serial_number: str, token: str | None) -> None:
        """A virtual machine starts with a token that somebody was told."""
        found = self.entitlements[serial_number]
        if found.status == PENDING and found.token == token:
            self.entitlements[serial_number] = replace(found, status=ACTIVE, token_status="USED")

    def carry_out(self, step: Step, now: float) -> dict[str, Any]:
        """The effect of a call, and the item that it answers.

        :raises Refused: without any effect.
        """
        kind, call = step.endpoint.split("/", 1)
        if kind == "configs":
            return {"id": self._write_configuration(call, step.body).id}
        made = (
            self._create(step.body, now)
            if call == "vm/create"
            else self._write_entitlement(call, step.body)
        )
        return {"serialNumber": made.serial_number, "description": made.description}

    def _write_configuration(self, call: str, body: dict[str, Any]) -> Configuration:
        if call == "create":
            return self.add_configuration(body["name"])
        found = self.configurations[body["id"]]
        self.configurations[found.id] = replace(
            found, status={"enable": ACTIVE, "disable": DISABLED}[call]
        )
        return found

    def _create(self, body: dict[str, Any], now: float) -> Entitlement:
        self._refuse_disabled(body["configId"])
        return self.add_entitlement(
            body["description"],
            body["configId"],
            now,
            ACTIVE if body["skipPending"] else PENDING,
            body.get("endDate"),
        )

    def _write_entitlement(self, call: str, body: dict[str, Any]) -> Entitlement:
        found = self.entitlements[body["serialNumber"]]
        if call == "update":
            if body["configId"] != found.configuration_id:
                self._refuse_disabled(body["configId"])
            if "endDate" in body and found.status == STOPPED:
                raise Refused("The end date of a stopped entitlement can not be changed.")
            made = replace(
                found,
                configuration_id=body["configId"],
                description=body.get("description", found.description),
                end_date=body.get("endDate", found.end_date),
            )
        elif call == "stop":
            if found.status == STOPPED and self.refuses_repeats:
                raise Refused("The entitlement is already stopped.")
            made = replace(found, status=STOPPED, end_date="2026-09-21T07:00:00.0000000-07:00")
        elif call == "reactivate":
            if found.status == PENDING or (found.status in CHARGED and self.refuses_repeats):
                raise Refused(f"The entitlement is {found.status}.")
            self._refuse_disabled(found.configuration_id)
            made = replace(found, status=ACTIVE, end_date=PROGRAM_END)
        else:
            made = replace(found, token=self._new_token(), token_status="NOTUSED")
        self.entitlements[made.serial_number] = made
        return made

    def _refuse_disabled(self, configuration_id: int) -> None:
        if self.configurations[configuration_id].status == DISABLED:
            raise Refused("The configuration is disabled.")

    def _new_token(self) -> str:
        self.tokens += 1
        return f"{self.tokens:020X}"
