# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Points budgets, and what a user is alerted to: these, a balance, a commitment.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from ..core.accounts import Accounts
from ..core.spelling import spelled
from ..errors import InvalidInput, Problems
from ..optional import if_given
from ..wording import count_of, rounded
from ._points import Use, total_of

THRESHOLDS = (80, 100)
_PARTS = {"points", "account_id", "tag"}


class PointsBudget(NamedTuple):
    """Points that a month may cost, of everything, of one account, or of what has a tag."""

    points: Decimal
    account_id: int | None = None
    tag: str | None = None

    @property
    def scope(self) -> str:
        """What it is for, in words."""
        if self.account_id is not None:
            return f"account {self.account_id}"
        return "all" if self.tag is None else f"tag {self.tag}"

    def covers(self, use: Use) -> bool:
        """Whether it is for that use."""
        if self.account_id is not None:
            return use.account_id == self.account_id
        if self.tag is None:
            return True
        key, _equals, value = spelled(self.tag).partition("=")
        return use.state.tags.get(key) == value

    def part_of(self, uses: Sequence[Use]) -> Decimal:
        """The points of the uses that it covers."""
        return total_of(use for use in uses if self.covers(use))


def budgets_of(option: Any, accounts: Accounts) -> list[PointsBudget]:
    """The points budgets of the option ``budget``.

    It is a number of points a month, or a list of these and of dictionaries with ``points`` and
    ``account_id`` or ``tag``.

    :raises InvalidInput: with everything that is wrong with them.
    """
    if option is None:
        return []
    entries = {"budget": {"points": option}}
    if isinstance(option, list):
        entries = {f"budget item {place}": entry for place, entry in enumerate(option, 1)}
    budgets = []
    with Problems() as problems:
        for where, entry in entries.items():
            with problems.catch():
                budgets.append(_budget(where, entry, accounts))
    return budgets


def _budget(where: str, entry: Any, accounts: Accounts) -> PointsBudget:
    """One points budget.

    :raises InvalidInput: with everything that is wrong with it.
    """
    given = entry if _number(entry) is None else {"points": entry}
    if not isinstance(given, Mapping) or not set(given) <= _PARTS:
        must = "must be a number, or a dictionary with points and one of account_id and tag"
        raise InvalidInput(f"{where} {must}")
    account_id, tag = given.get("account_id"), given.get("tag")
    points = _number(given.get("points")) or Decimal(0)
    number = None
    with Problems() as problems:
        if points <= 0:
            problems.add(f"{where}: '{given.get('points')}' is no number of points above 0")
        if account_id is not None and tag is not None:
            problems.add(f"{where} has account_id and tag; give one of them")
        if account_id is not None:
            number = accounts.number(f"{where}: account_id", account_id, problems)
        if tag is not None and "=" not in str(tag):
            problems.add(f"{where}: tag '{tag}' must be KEY=VALUE")
    return PointsBudget(points, number, if_given(tag, str))


def _number(value: Any) -> Decimal | None:
    """A finite number, also as a text; None if it is none."""
    try:
        number = Decimal(str(value))
    except ArithmeticError:
        return None
    return number if number.is_finite() else None


def budget_alert(
    budget: PointsBudget, thresholds: Sequence[float], used: Decimal, projected: Decimal
) -> dict[str, Any] | None:
    """The alert about a points budget that has reached a threshold, or that the month will exceed.

    Of several thresholds the highest counts. ``used`` and ``projected`` are points of this month
    before today, and of all of it. None if there is nothing to report.
    """
    reached = [t for t in thresholds if used * 100 >= budget.points * Decimal(str(t))]
    if reached:
        percent = rounded(used * 100 / budget.points, 0)
        kind, text = (
            "budget_reached",
            f"{budget.scope}: {rounded(used)} points used this month, "
            f"which is {percent} % of the points budget of {budget.points:,}",
        )
    elif projected > budget.points:
        kind, text = (
            "budget_projected",
            f"{budget.scope}: {rounded(projected)} points are expected this month, "
            f"and the points budget is {budget.points:,}",
        )
    else:
        return None
    return {
        **_alert(kind, float(used), text, float(budget.points), float(projected)),
        "threshold": max(reached, default=None),
        "scope": budget.scope,
    }


def balance_alerts(balance: Mapping[str, Any], least_days: int) -> Iterator[dict[str, Any]]:
    """What must be reported about a balance that is negative or lasts for less than so many days."""
    points, days = balance["points"], balance["days_to_empty"]
    if points < 0:
        yield _alert(
            "balance_negative",
            points,
            f"the balance is {rounded(points)} points; "
            f"make it positive until {balance['grace_ends_on']}, or the account may be suspended",
        )
    elif days is not None and days < least_days:
        yield _alert(
            "balance_low",
            points,
            f"the balance of {rounded(points)} points lasts for {count_of(days, 'day')}, "
            f"until {balance['empty_on']}",
        )


def commitment_alerts(commitment: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What must be reported about a commitment that will not be met."""
    if commitment["missing"] > 0:
        yield _alert(
            "commitment_missed",
            commitment["used"],
            f"{rounded(commitment['projected'])} points are expected "
            f"in the year to {commitment['last_day']}, "
            f"{rounded(commitment['missing'])} less than committed",
            commitment["points"],
            commitment["projected"],
        )


def _alert(
    kind: str, points: float, text: str, budget: float | None = None, projected: float | None = None
) -> dict[str, Any]:
    return {
        "kind": kind,
        "threshold": None,
        "scope": "program",
        "budget": budget,
        "points": points,
        "projected": projected,
        "text": text,
    }
