# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task asks of reports: its options, checked all together.

Private to the collection: may change at any time.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from ..core.accounts import ALL, Accounts
from ..core.spelling import serial_number_spelled, spelled
from ..errors import FlexError, InvalidInput, Problems
from ..task.task import Task
from ..wording import first_few
from ._coverage import Wish
from ._ledger import LedgerReader
from ._periods import ONE_DAY, Period, last_complete, period_of

WAYS = {
    "recent_days": "if all days are like the last seven",
    "active_now": "if what is active now stays",
}
"""The ways of projecting, and how a report calls each."""
_NUMBER = (int, float)
_PROJECTION = {
    "method": str,
    "points_per_day": _NUMBER,
    "points_per_30_days": _NUMBER,
    "points_per_year": _NUMBER,
    "points_this_month": _NUMBER,
}
_ALERT = {"text": str, "kind": str}
_BALANCE = {"points": _NUMBER, "empty_on": object, "days_to_empty": object, "grace_ends_on": object}
_COMMITMENT = {"projected": _NUMBER, "points": _NUMBER}


@dataclass(frozen=True)
class ReportRequest:
    """What a task asks of reports.

    ``wish`` is what all of them share, so it has no accounts and no title. ``mode`` is that of
    their files, ``listed`` the accounts that are named, apart from ``all``. ``outlook`` is what
    flex_points_info returned, for the report of all accounts together.
    """

    wish: Wish
    outlook: Mapping[str, Any]
    mode: int
    accounts: Accounts
    listed: Sequence[int]

    @classmethod
    def of(cls, task: Task) -> ReportRequest:
        """From the options of a task.

        :raises InvalidInput: with everything that is wrong with them.
        :raises AccountNotAllowed: if a listed account is not allowed.
        """
        options, today, outlook = task.options, task.today, task.options["outlook"] or {}
        period, names = Period.of_days(365, today - ONE_DAY), options["sites"]
        with Problems() as problems:
            _check_program(options, problems)
            with problems.catch():
                period = _period(options, today) or period
            accounts = Accounts.from_options(options, problems)
            named = [account for account in options["accounts"] if account != ALL]
            listed = accounts.listed("accounts", named, problems)
            price = _price(options["point_price"], problems)
            if not _is_outlook(outlook):
                problems.add(
                    "outlook is not what flex_points_info returned; "
                    "register its result, and give that"
                )
            mode = _mode(options["mode"], problems)
            _check_files(options, problems)
        for number in listed:
            accounts.check(number)
        wish = Wish(
            program=serial_number_spelled(options["program"]),
            account_ids=(),
            period=period,
            settled=last_complete(task.clock.now()),
            today=today,
            moment=0.0,
            title="",
            customers=_customers(accounts, options["customers"]),
            sites=None if names is None else frozenset(map(spelled, names)),
            nameless=frozenset(
                product.key for product in task.catalogue.products() if not product.can_be_spare
            ),
            point_price=price,
            currency=options["currency"],
        )
        return cls(wish, outlook, mode, accounts, listed)


def _check_program(options: Mapping[str, Any], problems: Problems) -> None:
    """Whether the program is given; if not, the ledger may say what could be meant."""
    if options["program"]:
        return
    found: list[str] = []
    with contextlib.suppress(FlexError), LedgerReader(options["ledger"], create=False) as ledger:
        found = ledger.programs()
    known = f"; the ledger has {first_few(found)}" if found else ""
    problems.add(
        f"program is missing: set it, or the environment variable FORTIFLEX_PROGRAM{known}"
    )


def _period(options: Mapping[str, Any], today: date) -> Period | None:
    """The days that are asked for and are over; None if none are asked for.

    :raises InvalidInput: if there are none. This month has one tomorrow, so it can be asked for.
    """
    ways = ("start_date", "end_date", "last_days", "period")
    if all(options[name] is None for name in ways):
        return None
    period = period_of(options, today).until(today - ONE_DAY)
    if not period.days and options["period"] is None:
        raise InvalidInput(
            f"the period begins on {period.first}, and no day of it is over yet; "
            "begin with an earlier one"
        )
    return period


def _price(value: float | None, problems: Problems) -> Decimal | None:
    """The price of a point."""
    if value is None:
        return None
    price = Decimal(str(value))
    if not (price.is_finite() and price > 0):
        problems.add(f"point_price: {price} is no number above 0")
    return price


def _mode(text: str, problems: Problems) -> int:
    """The mode of a file, as chmod takes it."""
    try:
        mode = int(text, 8)
    except ValueError:
        mode = -1
    if not 0 <= mode <= 0o777:
        problems.add(f"mode: '{text}' is no mode such as 0640")
    return mode


def _check_files(options: Mapping[str, Any], problems: Problems) -> None:
    """Whether any report is asked for, and each can be made."""
    if not (options["whole"] or options["statements"]):
        problems.add("whole and statements are both false, which leaves no report; set one of them")
    if "html" in options["formats"] and not options["template"]:
        problems.add("template is needed for html; the role usage_report has one")


def _customers(accounts: Accounts, given: Mapping[Any, Any]) -> dict[str, str]:
    """The names of accounts by number: those of the option ``customers`` before aliases."""
    aliases = {str(number): alias for alias, number in accounts.aliases.items()}
    return aliases | {str(number): str(name) for number, name in given.items()}


def _is_outlook(outlook: Mapping[str, Any]) -> bool:
    """Whether what a report takes of a result of flex_points_info is as that returns it.

    What is missing or empty is left out of a report.
    """
    ways = outlook.get("projection") or {}
    if not isinstance(ways, Mapping) or not ways.keys() <= WAYS.keys():
        return False
    parts = {
        "projection": dict.fromkeys(ways, _PROJECTION),
        "alerts": [_ALERT],
        "balance": _BALANCE,
        "commitment": _COMMITMENT,
    }
    given = {name: shape for name, shape in parts.items() if outlook.get(name)}
    return _fits(outlook, given)


def _fits(value: Any, shape: Any) -> bool:
    """Whether a value has the members and items of a shape, each of its type."""
    if isinstance(shape, dict):
        return isinstance(value, Mapping) and all(
            key in value and _fits(value[key], inner) for key, inner in shape.items()
        )
    if isinstance(shape, list):
        return isinstance(value, list) and all(_fits(item, shape[0]) for item in value)
    return isinstance(value, shape)
