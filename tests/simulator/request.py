# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a call of the API is made of: who calls, with which body, on which state; and the checks that several calls share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .access import User
from .clock import day_of, parse_moment
from .refusal import Refusal
from .settings import Settings
from .store import Configuration, Entitlement, Program, Store


@dataclass
class Request:
    """One call. Methods raise Refusal when the body does not hold what they are asked for."""

    store: Store
    user: User
    body: Mapping[str, Any]

    @property
    def settings(self) -> Settings:
        """The switches."""
        return self.store.settings

    def has(self, name: str) -> bool:
        """Whether the body has the field, with a value."""
        return self.body.get(name) not in (None, "")

    def text(self, name: str) -> str:
        """A required text."""
        value = self.body.get(name)
        if not isinstance(value, str) or not value:
            raise Refusal(f"{name} is required.")
        return value

    def texts(self, name: str) -> list[str]:
        """A required list of texts, none of them twice."""
        value = self.body.get(name)
        if (
            not isinstance(value, list)
            or not value
            or not all(isinstance(item, str) and item for item in value)
            or len(set(value)) < len(value)
        ):
            raise Refusal(f"{name} must be a list of serial numbers.")
        return value

    def number(self, name: str) -> int:
        """A required whole number; text with digits is one, too."""
        value = self.body.get(name)
        if isinstance(value, bool) or not str(value).isdecimal():
            raise Refusal(f"{name} is required." if value is None else f"Invalid {name}.")
        return int(str(value))

    def program(self) -> Program:
        """The program of `programSerialNumber`, if the user has an account in it."""
        found = self.store.programs.get(self.text("programSerialNumber"))
        if found is None or not any(self.user.may_use(account) for account in found.accounts):
            raise Refusal("Authorization denied.")
        return found

    def account(self, program: Program) -> int:
        """The account of `accountId`, or the program's owner, if it is of the program and in the user's scope."""
        account = self.number("accountId") if self.has("accountId") else program.account
        if account not in program.accounts:
            raise Refusal("Authorization denied.")
        self.check_scope(account)
        return account

    def check_scope(self, account: int) -> None:
        """Refuse an account that is not in the user's scope."""
        if not self.user.may_use(account):
            raise Refusal("Authorization denied.")

    def configuration(self, name: str = "configId") -> Configuration:
        """The configuration with the id in that field, if its account is in the user's scope."""
        found = self.store.configurations.get(self.number(name))
        if found is None:
            raise Refusal("Invalid configuration id.")
        self.check_scope(found.account)
        return found

    def entitlement(self, serial: str | None = None) -> Entitlement:
        """The entitlement with that serial number, or the one in `serialNumber`, if its account is in the user's scope."""
        found = self.store.entitlements.get(serial or self.text("serialNumber"))
        if found is None:
            raise Refusal("Invalid serial number.")
        self.check_scope(found.account)
        return found

    def configuration_for_new(self, kind: str) -> tuple[Configuration, Program]:
        """The configuration to create entitlements of that kind with, and its program, if both are able to."""
        configuration = self.configuration()
        program = self.store.programs[configuration.program]
        if self.store.catalogue.product(configuration.product)["kind"] != kind:
            raise Refusal("The configuration is of another form factor.")
        if configuration.status != "ACTIVE":
            raise Refusal("The configuration is disabled.")
        self.check_program_runs(program)
        if program.prepaid and self.store.balance(program.serial) <= 0:
            raise Refusal("Insufficient points.")
        return configuration, program

    def check_program_runs(self, program: Program) -> None:
        """Refuse once the program has ended."""
        if self.store.clock.now() >= program.end:
            raise Refusal("The program has expired.")

    def end_date(self, program: Program) -> float:
        """The end date in the body, a Pacific day from today to the program's last; without one, the program's end."""
        text = self.body.get("endDate")
        if text is None:
            return program.end
        try:
            end = parse_moment(text)
        except (ValueError, AttributeError):
            raise Refusal("Invalid end date.") from None
        if day_of(end) < day_of(self.store.clock.now()):
            raise Refusal("End date can not be in the past.")
        if day_of(end) > day_of(program.end):
            raise Refusal("End date can not be after the end date of the program.")
        return end

    def description(self) -> str | None:
        """The description in the body, None if there is none."""
        value = self.body.get("description")
        if value is not None and not isinstance(value, str):
            raise Refusal("Invalid description.")
        return value

    def folder(self) -> str:
        """The asset folder in the body, or the topmost one."""
        value = self.body.get("folderPath") or "My Assets"
        if not isinstance(value, str) or value.split("/")[0] != "My Assets":
            raise Refusal("Invalid folder path.")
        if self.settings.unknown_folder == "refused" and value not in self.settings.folders:
            raise Refusal("Invalid folder path.")
        return value
