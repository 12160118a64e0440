# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An audit as data, and as lines for people.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from ..module_utils.escapes import visible
from ..module_utils.wording import called, first_few
from .audit import Audit

Row = Mapping[str, Any]
_WASTE = ("orphan", "running", "unused")
_WIDEST = 40


def as_data(audit: Audit, prices: Mapping[int, float], narrowed: Iterable[str]) -> dict[str, Any]:
    """For playbooks, and for :func:`table`. ``narrowed``: why the play does not have all hosts of the inventory."""
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
                "licenses": account.licenses,
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
    """What was read, the findings by kind, and what waste costs. ``most`` findings of a kind, where a ``file`` has the rest; None: all."""
    rows = report["findings"]
    columns = [(row["name"] or "-", row["serial_number"] or "-") for row in rows]
    widths = [min(_WIDEST, max(map(len, column))) for column in zip(*columns, strict=True)]
    accounts = report.get("accounts", ())
    lines = [_account(account) for account in accounts]
    names = {account["account_id"]: _called(account) for account in accounts}
    for kind, group in groupby(rows, key=lambda row: row["kind"]):
        found = list(group)
        shown = found if most is None else found[:most]
        lines += [_line(row, widths, names) for row in shown]
        if len(found) > len(shown):
            lines.append(f"{kind:<12}  and {len(found) - len(shown)} more, which are in {file}")
    lines += [_waste(kind, rows) for kind in _WASTE if any(_is_waste(kind, row) for row in rows)]
    lines += _not_compared(report)
    return [visible(line) for line in (lines if rows else [*lines, _agreement(report)])]


def _called(account: Row) -> str:
    return called(account.get("alias"), str(account["account_id"]))


def _account(account: Row) -> str:
    number, program = account["account_id"], account["program"]
    where = "The account of the connection" if number is None else f"Account {_called(account)}"
    where += f" of program {program}" if program else ""
    if not account["is_read"]:
        return f"{where} was not read."
    counts = f"sites {account['sites']}, licenses {account['licenses']}"
    return f"{where} was read: {counts}, charged {account['charged']}."


def _line(row: Row, widths: list[int], accounts: Mapping[int | None, str]) -> str:
    """A finding; with its account, of which ``accounts`` has the names, if several were read."""
    number = row.get("account_id")
    where = [f"account {accounts.get(number, number)}"] if len(accounts) > 1 else []
    cells = [
        f"{row['kind']:<12}",
        f"{row['name'] or '-':<{widths[0]}}",
        f"{row['serial_number'] or '-':<{widths[1]}}",
        *where,
        row["configuration"] or "-",
        _points(row),
        row["text"],
    ]
    return "  ".join(cells)


def _points(row: Row) -> str:
    if row["serial_number"] is None:
        return "-"
    points = row["points_per_day"]
    return "no price" if points is None else f"{points:.2f} points a day"


def _is_waste(kind: str, row: Row) -> bool:
    return bool(row["kind"] == kind and row["charged"])


def _waste(kind: str, rows: list[Row]) -> str:
    points = [row["points_per_day"] for row in rows if _is_waste(kind, row)]
    known = [float(value) for value in points if value is not None]
    text = f"{len(points)} {kind}: {sum(known):.2f} points a day"
    missing = len(points) - len(known)
    return f"{text}, without {missing} that FortiFlex gave no price for" if missing else text


def _not_compared(report: Mapping[str, Any]) -> list[str]:
    names = report.get("not_compared_licenses") or report.get("not_compared") or ()
    told = f"Licenses of hosts that are not in this play were not compared: {first_few(names)}."
    return [*report.get("narrowed", ()), *([told] if names else ())]


def _agreement(report: Mapping[str, Any]) -> str:
    """About nothing that was not read or not compared."""
    accounts = report.get("accounts") or ()
    if not accounts:
        return "Inventory and FortiFlex agree."
    sites, licenses = (sum(account[key] for account in accounts) for key in ("sites", "licenses"))
    licenses -= len(report["not_compared"])
    about = first_few(map(_called, accounts))
    return f"Inventory and FortiFlex agree about sites {sites} and licenses {licenses} in account {about}."
