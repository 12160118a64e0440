# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What several accounts hold, where one that cannot be read must not keep the others from being
read.

Private to the collection: may change at any time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ..client.service import FlexService
from ..core.accounts import ALL
from ..core.model import Observation
from ..errors import AccessDenied, AccountNotAllowed, FlexError, Refused, Unavailable
from .progress import ACCOUNTS_READ
from .results import Result
from .task import Task

# Accounts in a row without a usable answer, after which FortiFlex is asked about no other.
_AWAY = 2
# Any other error would be the same for every other account.
_OF_ONE = (AccessDenied, AccountNotAllowed, Refused, Unavailable)


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
    found, away, partial = Survey(), 0, task.options["partial"]
    places = [*_places(task, found.unread)] if partial else task.session.each_account()
    for place, (service, before) in enumerate(task.progress.over(places, ACCOUNTS_READ), 1):
        try:
            found.read[service.account_id] = task.session.observe(True, service, before, filters)
            away = 0
        except FlexError as error:
            if not partial:
                raise
            found.unread[service.account_id] = str(error)
            away = away + 1 if isinstance(error, Unavailable) else 0
            if away == _AWAY or not isinstance(error, _OF_ONE):
                left = [other.account_id for other, _seen in places[place:]]
                found.unread |= dict.fromkeys(left, str(error))
                break
    return found


def _places(
    task: Task, skipped: dict[int | None, str]
) -> Iterator[tuple[FlexService, Observation | None]]:
    """The accounts, one by one where their configurations cannot be had together."""
    try:
        yield from task.session.each_account(skipped)
    except (AccessDenied, Refused):
        named = task.options["accounts"]
        if ALL in named:
            raise
        service = task.connect()
        for number in dict.fromkeys(map(task.session.accounts.find, named)):
            if number is not None and number not in skipped:
                yield service.of(number), None
