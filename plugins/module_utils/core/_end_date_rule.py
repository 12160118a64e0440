# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule for end dates: which one has to be written, and whether an entitlement can end then.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

from datetime import date

from ..optional import if_given
from ._guards import told
from .dates import pacific_day
from .end_date import EndDate
from .goal import WantedEntitlement
from .model import Entitlement, Observation, Program
from .steps import CannotReach, NeedsProgram


def new_end_date(wanted: WantedEntitlement, seen: Observation) -> str | None:
    """The end date with which something is created; None lets FortiFlex set the end of the program.

    :raises CannotReach: if nothing can end then.
    :raises NeedsProgram: if that depends on the program, which was not observed.
    """
    return end_date_to_write(wanted, None, seen) if wanted.end_date is not None else None


def changed_end_date(
    wanted: WantedEntitlement, holder: Entitlement, seen: Observation
) -> str | None:
    """The end date that a holder has to get; None if it has the right one, or none is managed.

    :raises CannotReach: if nothing can end then, or nobody understands when it ends now.
    :raises NeedsProgram: if that depends on the program, which was not observed.
    """
    if wanted.end_date is None:
        return None
    if holder.end_date is not None and holder.end_day is None:
        raise CannotReach(
            f"{told(wanted, holder)} has the end date '{holder.end_date}', which is no date; "
            "look at it in the portal"
        )
    if wanted.end_date.keeps(holder.end_day):
        return None
    return end_date_to_write(wanted, holder.end_day, seen)


def end_date_to_write(
    wanted: WantedEntitlement, current: date | None, seen: Observation
) -> str | None:
    """The Pacific day (ISO) that has to be written where ``current`` is the present one: the asked
    one, else the end of the program.

    :raises CannotReach: if nothing can end then.
    :raises NeedsProgram: if that depends on the program, which was not observed.
    """
    asked = wanted.end_date
    day = asked.day if asked is not None else None
    if day is not None and day == current:
        return None
    if seen.program is None:
        raise NeedsProgram
    day = day or seen.program.end
    if day is not None and day == current:
        return None
    if asked is None:
        return if_given(day, date.isoformat)
    return asked.sent(_possible(day, asked, wanted, seen.program, seen.time))


def _possible(
    day: date | None, asked: EndDate, wanted: WantedEntitlement, program: Program, time: float
) -> date:
    """The day of an end date, if an entitlement of the program can end then."""
    if day is None:
        raise CannotReach(
            f"'{wanted.key}': FortiFlex lists no end of {program.serial_number}, so {asked.text} "
            "is not known; give a day",
            True,
        )
    today = pacific_day(time)
    if day < today:
        raise CannotReach(
            f"'{wanted.key}': the end date {asked.told(day)} is in the past (Pacific time: "
            f"{today}); choose a later day",
            True,
        )
    if program.end is not None and day > program.end:
        raise CannotReach(
            f"'{wanted.key}': the end date {asked.told(day)} is after {program.end}, the end of "
            f"{program.serial_number}; choose an earlier day",
            True,
        )
    return day
