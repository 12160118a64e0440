# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What several accounts hold, where one that cannot be read must not keep the others from being read.

Private to the collection: may change at any time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ..client.service import FlexService
from ..core.accounts import ALL
from ..core.model import Observation
from ..errors import AccessDenied, AccountNotAllowed, FlexError, Refused, Unavailable
from .progress import READ
from .results import Result
from .task import Task

_AWAY = (
    2  # accounts in a row without a usable answer, after which FortiFlex is asked about no other
)


@dataclass
class Survey:
    """What was read, by account, and why the others were not."""

    read: dict[int | None, Observation] = field(default_factory=dict)
    unread: dict[int | None, str] = field(default_factory=dict)

    def as_data(self, program: str) -> Result:
        """Which accounts these are, for playbooks."""
        return {
            "program": program,
            "accounts": [*self.read],
            "unread": [
                {"account_id": number, "message": message}
                for number, message in self.unread.items()
            ],
        }


def survey(task: Task, filters: Mapping[str, str]) -> Survey:
    """Read the accounts that the task names, all or nothing unless its option ``partial`` is true."""
    found = Survey()
    if not task.options["partial"]:
        for service, before in task.progress.over(task.each_account(), READ):
            found.read[service.account_id] = task.observe(True, service, before, filters)
        return found
    away = 0
    places = [*_places(task, found.unread)]
    for place, (service, before) in enumerate(task.progress.over(places, READ)):
        try:
            seen = task.observe(True, service, before, filters)
        except FlexError as error:
            found.unread[service.account_id] = str(error)
            away = away + 1 if isinstance(error, Unavailable) else 0
            if _ends_all(error) or away == _AWAY:
                left = [other.account_id for other, _seen in places[place + 1 :]]
                found.unread |= dict.fromkeys(left, str(error))
                break
        else:
            found.read[service.account_id], away = seen, 0
    return found


def _places(
    task: Task, skipped: dict[int | None, str]
) -> Iterator[tuple[FlexService, Observation | None]]:
    """The accounts, one by one where their configurations cannot be had together."""
    try:
        yield from task.each_account(skipped)
    except (AccessDenied, Refused):
        named = task.options["accounts"]
        if ALL in named:
            raise
        service = task.connect()
        for number in dict.fromkeys(map(task.accounts.find, named)):
            if number is not None and number not in skipped:
                yield service.of(number), None


def _ends_all(error: FlexError) -> bool:
    """Whether any other account would fare the same."""
    return not isinstance(error, (AccessDenied, AccountNotAllowed, Refused, Unavailable))
