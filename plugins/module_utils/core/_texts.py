# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The descriptions that a run has written, and what it does once FortiFlex has stored another one.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ._storing import Way, advice_on, could_come_of, spoils_marks, stored_as, ways_of
from .description import SPARE
from .model import Entitlement, Observation
from .steps import CREATE, CannotReach, Step, W


@dataclass(frozen=True)
class _Text:
    """A description that this run has written: when it was last sent, how often it was answered,
    and what is stored if that is another text.
    """

    written: str
    sent: float
    stored: str | None
    times: int
    created: bool


class Texts:
    """The descriptions that a run has written, and what it has seen of how FortiFlex stores them."""

    def __init__(self, where: str) -> None:
        """``where`` names program and account."""
        self._where = where
        self._ways: list[tuple[Way, str]] = []
        self._texts: dict[str, _Text] = {}  # by serial number
        self.spoiled: str | None = None  # why even what this run makes in excess cannot be marked

    # -- what was written

    def wrote(self, step: Step, answer: Mapping[str, Any], sent: float) -> str | None:
        """Remember the description of a step that was carried out; gives the sentence that says so
        if another one was stored.

        ``answer`` is the item that FortiFlex answered, ``sent`` is in seconds since 1970.
        """
        written, stored = step.call.description, answer.get("description")
        if written is None:
            return None
        serial_number = str(answer.get("serialNumber") or step.target)
        before = self._texts.get(serial_number)
        differs = isinstance(stored, str) and not stored_as(written, stored)
        self._texts[serial_number] = _Text(
            written,
            sent,
            str(stored) if differs else None,
            before.times + 1 if before and before.written == written else 1,
            step.purpose == CREATE,
        )
        return self.notice(serial_number, written, str(stored)) if differs else None

    def is_changed(self, made: Entitlement) -> bool:
        """Whether it has the text that FortiFlex stored where this run wrote another one."""
        text = self._texts.get(made.serial_number)
        return bool(text and text.stored is not None and stored_as(text.stored, made.description))

    def listed_otherwise(self, made: Entitlement, seen: Observation) -> str | None:
        """The sentence about what was made and is listed under another text although it was
        answered as written; None if nobody knows why.

        Within 2 W nobody else can have seen it, waited and written another text.
        """
        mine = self._texts.get(made.serial_number)
        if mine is None or stored_as(mine.written, made.description):
            return None
        is_fresh = seen.time < mine.sent + 2 * W
        if not is_fresh or not (mine.created or could_come_of(mine.written, made.description)):
            return None
        self._texts[made.serial_number] = replace(mine, stored=made.description)
        return self.notice(made.serial_number, mine.written, made.description)

    def refuse_rewriting(self, holder: Entitlement, text: str | None) -> None:
        """What was written twice in this run and is still listed otherwise is not written again.

        :raises CannotReach: for such a text.
        """
        mine = self._texts.get(holder.serial_number)
        if text is not None and mine and mine.written == text and mine.times > 1:
            raise CannotReach(
                self.notice(holder.serial_number, text, holder.description), lasting=True
            )

    # -- what was seen

    def notice(self, serial_number: str, written: str, text: str) -> str:
        """Note that another text was stored; gives the sentence that says so, and what to do about
        it.
        """
        ways = ways_of(written, text)
        sentence = (
            f"FortiFlex stored the description '{text}' of {serial_number} "
            f"where '{written}' was written: {advice_on(written, text)}"
        )
        if written == SPARE or spoils_marks(ways):
            sentence += f"; it changes '{SPARE}', too, so nothing more is created in {self._where}"
            self.spoiled = sentence
        self._ways += [(way, sentence) for way in ways]
        return sentence

    def mark_found(self, serial_number: str, text: str) -> None:
        """Note that an entitlement is listed whose mark was changed, by FortiFlex or by a person."""
        self.spoiled = self.spoiled or (
            f"{serial_number} reads '{text}', which FortiFlex may have made of a mark such as "
            f"'{SPARE}', so nothing more is created in {self._where}; "
            "give it a name by its serial_number, or correct its description in the portal"
        )

    def refusal(self, text: str) -> str | None:
        """Why an entitlement with this description must not be made now; None if it may."""
        return self.spoiled or self.change_of(text)

    def change_of(self, text: str) -> str | None:
        """The sentence about what was seen, if it would happen to this text, too; None if that is
        not known.
        """
        return next((sentence for way, sentence in self._ways if way.changes(text)), None)
