# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an API user may do: what came of each endpoint, what of that is required, and all of it in
sentences.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..core.accounts import Accounts
from ..wording import first_few

READ, DENIED, REFUSED, UNAVAILABLE, UNKNOWN = "read", "denied", "refused", "unavailable", "unknown"
GRANTED, MISSING = "granted", "missing"

# A refusal of a write for any other reason than permission says that the permission is there.
_WRITE = {DENIED: "no", REFUSED: "yes", READ: "yes"}
_GRANTED = {"yes": GRANTED, "no": MISSING, UNKNOWN: UNKNOWN}
_MAY = {
    "yes": ("may read and write", ""),
    "no": ("may read", ", and may not write"),
    UNKNOWN: ("may read", "; whether it may write is not known"),
}
_NOT_WRITING = {
    MISSING: "This API user may not write",
    UNKNOWN: "Whether this API user may write is not known",
}
_TRIED = "the stop of an entitlement that does not exist"


class Permission(NamedTuple):
    """What came of one endpoint; ``message`` is what FortiFlex said where it said no."""

    endpoint: str
    access: str
    message: str = ""

    @property
    def write(self) -> str:
        """Whether the user may write, if this came of a write: yes, no, or unknown."""
        return _WRITE.get(self.access, UNKNOWN)

    @property
    def in_brackets(self) -> str:
        """The reason, for the end of a sentence."""
        return f"({self.endpoint}: {self.message})"


class Requirement(NamedTuple):
    """What is required, and whether it is granted; ``sentence`` says what is missing."""

    name: str
    access: str
    sentence: str = ""


@dataclass(frozen=True)
class Permissions:
    """What was found out about one API user.

    ``home``: the program that it is about, "": any. ``listing`` is what came of the list of
    programs, ``writing`` of a write without an effect. ``programs`` and their accounts have the
    shape that playbooks get.
    """

    user: str
    home: str
    listing: Permission
    writing: Permission
    programs: Sequence[Mapping[str, Any]]
    accounts: Accounts

    @property
    def at_home(self) -> list[Mapping[str, Any]]:
        """The programs that it is about."""
        return [found for found in self.programs if self.home in ("", found["serial_number"])]

    def verdict(self) -> list[str]:
        """A sentence for each program that it is about."""
        if self.at_home:
            return [self._of(program) for program in self.at_home]
        if self.listing.access != READ:
            return [f"Which programs {self.user} sees is not known, because FortiFlex lists none."]
        others = first_few(self._serial_numbers)
        not_home = (
            f"does not see program {self.home}, but {others}" if others else "sees no program"
        )
        return [f"{self.user} {not_home}."]

    @property
    def _serial_numbers(self) -> list[str]:
        return [program["serial_number"] for program in self.programs]

    def _of(self, program: Mapping[str, Any]) -> str:
        numbers: dict[bool, list[int]] = {True: [], False: []}
        for account in program["accounts"]:
            numbers[account["read"]].append(account["account_id"])
        who, number = self.user, program["serial_number"]
        if not numbers[True]:
            return f"{who} sees program {number}, and can read none of its accounts."
        may, end = _MAY[program["write"]]
        beside = f", but not {self._called(numbers[False])}" if numbers[False] else ""
        return f"{who} {may} program {number}, {self._called(numbers[True])}{beside}{end}."

    def left_out(self) -> str:
        """What allowed_accounts leaves out, on one line; nothing if it leaves nothing out."""
        outside = sorted({number for program in self.programs for number in program["left_out"]})
        if not outside:
            return ""
        called = self._called(outside)
        return f"Not checked, because allowed_accounts leaves them out: {called}."

    def _called(self, numbers: Sequence[int]) -> str:
        told = first_few(map(self.accounts.called, numbers))
        return f"{'account' if len(numbers) == 1 else 'accounts'} {told}"

    def probe(self) -> str:
        """How it was found out whether the user may write."""
        message = self.writing.message
        return {
            "no": f"FortiFlex denied {_TRIED} ({message}), so the user may not write.",
            "yes": f"Writing was checked with {_TRIED}: "
            "FortiFlex found none and did not deny the call.",
            UNKNOWN: f"Whether the user may write is not known ({message}).",
        }[self.writing.write]

    def program_required(self) -> Requirement:
        """The program itself. Without it, nothing else can be granted."""
        name = f"program {self.home}"
        if self.at_home:
            return Requirement(name, GRANTED)
        seen = ", ".join(self._serial_numbers) or "none"
        which = self.home or "of any serial number"
        sentence = f"Program {which} is not among those that this API user sees ({seen})."
        if self.listing.access != READ:
            reason = self.listing.in_brackets
            sentence = f"Which programs this API user sees is not known {reason}."
        return Requirement(name, MISSING, sentence)

    def account_required(self, number: int) -> Requirement:
        """An account that the user has to read, in any of the programs."""
        answers = [
            account
            for program in self.at_home
            for account in program["accounts"]
            if account["account_id"] == number
        ]
        name = f"account {self.accounts.called(number)}"
        if any(account["read"] for account in answers):
            return Requirement(name, GRANTED)
        message = answers[0]["message"] if answers else ""
        return Requirement(name, MISSING, f"Account {number} cannot be read ({message}).")

    def writing_required(self, check_mode: bool) -> Requirement:
        """That the user may write, which check mode does not find out."""
        access = _GRANTED[self.writing.write]
        if access == GRANTED or check_mode:
            return Requirement("writing", access)
        sentence = f"{_NOT_WRITING[access]} {self.writing.in_brackets}."
        return Requirement("writing", access, sentence)
