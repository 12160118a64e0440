# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An audit as data, and as lines for people.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from ..module_utils.escapes import visible
from ..module_utils.grouping import grouped, part_of
from ..module_utils.wording import called, first_few
from .audit import Audit

FindingData = Mapping[str, Any]
"""A finding as :func:`as_data` makes it."""

AccountData = Mapping[str, Any]
"""An account that was read, or could not be, as :func:`as_data` makes it."""

_WASTE = ("orphan", "running", "unused")
_WIDEST = 40


def as_data(audit: Audit, prices: Mapping[int, float], narrowed: Iterable[str]) -> dict[str, Any]:
    """For playbooks, and for :func:`table`.

    ``narrowed``: why the play does not have all hosts of the inventory.
    """
    names = sorted(item.name or item.serial_number for item in audit.not_compared)
    licenses = sorted(item.called for item in audit.not_compared)
    return {
        "findings": [finding.as_data(prices) for finding in audit.findings],
        "accounts": [
            {
                "program": account.program,
                "account_id": account.number,
                "alias": account.alias,
                "sites": len(account.sites),
                "licenses": len(account.licenses),
                "charged": account.charged,
                "is_read": account.problem is None,
            }
            for account in audit.accounts
        ],
        "not_compared": names,
        "not_compared_licenses": licenses,
        "narrowed": list(narrowed),
        "to_price": audit.to_price,
    }


def table(report: Mapping[str, Any], most: int | None, file: str) -> list[str]:
    """What was read, the findings by kind, and what waste costs.

    ``most`` findings of a kind, where a ``file`` has the rest; None: all.
    """
    rows, accounts = report["findings"], report.get("accounts", ())
    sheet = _Sheet.of(rows, accounts)
    lines = [_account(account) for account in accounts]
    for kind, group in groupby(rows, key=itemgetter("kind")):
        found = [sheet.line(row) for row in group]
        lines += found[:most]
        if len(found) > len(found[:most]):
            lines.append(
                f"{kind:<12}  and {len(found) - len(found[:most])} more, which are in {file}"
            )
    lines += [*_waste(rows), *_not_compared(report)]
    lines += [] if rows else [_agreement(report)]
    return list(map(visible, lines))


@dataclass(frozen=True)
class _Sheet:
    """How findings stand in columns: how wide those of names and of serial numbers are, and what
    accounts are called.
    """

    widths: tuple[int, ...]
    accounts: Mapping[int | None, str]

    @classmethod
    def of(cls, rows: Iterable[FindingData], accounts: Iterable[AccountData]) -> _Sheet:
        """For these findings and the accounts that were read."""
        columns = zip(
            *((_cell(row, "name"), _cell(row, "serial_number")) for row in rows), strict=True
        )
        widths = tuple(min(_WIDEST, max(map(len, column))) for column in columns)
        return cls(widths, {account["account_id"]: _called(account) for account in accounts})

    def line(self, row: FindingData) -> str:
        """A finding, with its account if several were read."""
        number = row.get("account_id")
        where = f"account {self.accounts.get(number, number)}"
        cells = [
            f"{row['kind']:<12}",
            f"{_cell(row, 'name'):<{self.widths[0]}}",
            f"{_cell(row, 'serial_number'):<{self.widths[1]}}",
            *([where] if len(self.accounts) > 1 else []),
            _cell(row, "configuration"),
            _points(row),
            row["text"],
        ]
        return "  ".join(cells)


def _cell(row: FindingData, key: str) -> str:
    return str(row[key] or "-")


def _called(account: AccountData) -> str:
    return called(account.get("alias"), str(account["account_id"]))


def _account(account: AccountData) -> str:
    number, program = account["account_id"], account["program"]
    where = "The account of the connection" if number is None else f"Account {_called(account)}"
    where += f" of program {program}" if program else ""
    if not account["is_read"]:
        return f"{where} was not read."
    counts = f"sites {account['sites']}, licenses {account['licenses']}"
    return f"{where} was read: {counts}, charged {account['charged']}."


def _points(row: FindingData) -> str:
    if row["serial_number"] is None:
        return "-"
    points = row["points_per_day"]
    return "no price" if points is None else f"{points:.2f} points a day"


def _waste(rows: Iterable[FindingData]) -> Iterator[str]:
    """What each kind of waste costs."""
    charged = grouped((row for row in rows if row["charged"]), itemgetter("kind"))
    for kind, wasted in part_of(charged, _WASTE).items():
        yield f"{len(wasted)} {kind}: {_sum([row['points_per_day'] for row in wasted])}"


def _sum(points: list[float | None]) -> str:
    """What several things cost together, and of how many that is not known."""
    known = [float(value) for value in points if value is not None]
    missing = len(points) - len(known)
    without = f", without {missing} that FortiFlex gave no price for" if missing else ""
    return f"{sum(known):.2f} points a day{without}"


def _not_compared(report: Mapping[str, Any]) -> list[str]:
    """Why not all hosts of the inventory were compared, and which licenses were not for that."""
    told = [*report.get("narrowed", ())]
    names = report.get("not_compared_licenses") or report.get("not_compared")
    if names:
        few = first_few(names)
        told.append(f"Licenses of hosts that are not in this play were not compared: {few}.")
    return told


def _agreement(report: Mapping[str, Any]) -> str:
    """About nothing that was not read or not compared."""
    accounts = report.get("accounts", ())
    if not accounts:
        return "Inventory and FortiFlex agree."
    sites, licenses = (sum(account[key] for account in accounts) for key in ("sites", "licenses"))
    licenses -= len(report["not_compared"])
    about = first_few(map(_called, accounts))
    return (
        f"Inventory and FortiFlex agree about sites {sites} and licenses {licenses} "
        f"in account {about}."
    )
