# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where an inventory and what FortiFlex holds do not agree."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils.core.accounts import ALL, Accounts
from ..module_utils.core.spelling import spelled
from ..module_utils.escapes import visible
from ..module_utils.given import is_blank
from ..module_utils.optional import if_given
from ..plugin_utils.audit import AuditedAccount, Limits, OtherHost, Site, compare
from ..plugin_utils.audit_text import as_data, table
from ..plugin_utils.days import day_or_today
from ..plugin_utils.sites import account_number, accounts_of, read_sites

Result = Mapping[str, Any]
"""What a module or filter returns, or a loop of a playbook keeps of one."""

_DAYS = 30  # after which an unused token, and before which the end of a license, is worth a finding


def flex_audit(
    entitlements: Iterable[Result],
    sites: Iterable[Result],
    devices: Mapping[str, str] | None = None,
    unused_days: int | None = None,
    ending_days: int | None = None,
    spares: int | None = None,
    today: Any = None,
    account_aliases: Any = None,
) -> list[dict[str, Any]]:
    """Everything that does not agree, one dictionary each, the most urgent first.

    ``devices``: serial number by site, of devices that were asked.
    """
    accounts, held = accounts_of(account_aliases), list(entitlements)
    known = [*dict.fromkeys(item["account_id"] for item in held)] or [None]
    # Where a site does not say where it is licensed, its name does.
    homes = {item["name"]: item["account_id"] for item in reversed(held)}
    listed = []
    for site in sites:
        name = spelled(str(site["name"]))
        number = account_number(accounts, site.get("account_id"), f"account_id of {site['name']}")
        home = homes.get(name, known[0]) if number is None else number
        listed.append({**site, "name": name, "account_id": home})
    query = {"sites": listed, "entitlements": held, "accounts": known}
    limits = _limits(unused_days, ending_days, spares)
    day = day_or_today("flex_audit", today)
    found = compare(_accounts([query], accounts), devices or {}, limits, day, tuple)
    return [finding.as_data({}) for finding in found.findings]


def flex_audit_scope(
    places: Iterable[Result], accounts: Any = (), account_aliases: Any = None
) -> list[dict[str, Any]]:
    """What to read for the hosts of a play: one item for each program, and one for hosts that name
    no account.

    ``accounts``: further ones.
    """
    known = accounts_of(account_aliases)
    further = [_further(known, account) for account in _listed(accounts)]
    scopes: dict[tuple[Any, bool], dict[str, Any]] = {}

    def scope(program: Any, has_account: bool) -> dict[str, Any]:
        empty = {"program": program, "accounts": [], "sites": []}
        return scopes.setdefault((program, has_account), empty)

    for place in places:
        program, number = place["program"], place["account_id"]
        found = scope(program, number is not None)
        found["accounts"] += [] if number is None else [number]
        for host, site in zip(place["hosts"], place["entitlements"], strict=True):
            found["sites"].append({**site, "host": host, "account_id": number})
    if further:
        for program in [program for program, _has in scopes]:
            found = scope(program, True)
            found["accounts"] = [*dict.fromkeys([*found["accounts"], *further])]
    return [*scopes.values()]


def flex_audit_report(
    queries: Iterable[Result],
    devices: Iterable[Result] = (),
    prices: Iterable[Result] = (),
    hostvars: Any = None,
    prefix: str = "fortiflex_",
    options: Collection[str] = ("name", "state", "serial_number"),
    unused_days: int | None = None,
    ending_days: int | None = None,
    spares: int | None = None,
    today: Any = None,
    account_aliases: Any = None,
    limit: str | None = None,
    sliced: bool = False,
) -> dict[str, Any]:
    """What does not agree, with prices, which accounts were read, and what was not compared.

    ``queries``, ``devices``, ``prices``: results of loops.
    """
    accounts = _accounts(queries, accounts_of(account_aliases))
    running = {
        item["item"]["name"]: str(item["json"]["serial"])
        for item in devices
        if (item.get("json") or {}).get("serial")
    }
    hosts = {site.host for account in accounts for site in account.sites}
    outside = [str(host) for host in _inventory(hostvars) if str(host) not in hosts]
    audit = compare(
        accounts,
        running,
        _limits(unused_days, ending_days, spares),
        day_or_today("flex_audit_report", today),
        lambda: _others(outside, hostvars, prefix, options, accounts_of(account_aliases)),
        bool(sliced),
    )
    return as_data(audit, _prices(prices), _narrowed(limit, len(outside), sliced))


def flex_audit_table(
    report: Any, prices: Mapping[Any, float] | None = None, most: int | None = None, file: str = ""
) -> list[str]:
    """The findings as lines for people, what was read, and what waste costs.

    ``most`` findings of a kind, where a ``file`` has the rest.
    """
    whole = report if isinstance(report, Mapping) else {"findings": list(report)}
    if prices is not None:
        points = {int(number): float(value) for number, value in prices.items()}
        whole = {**whole, "findings": [_priced(row, points) for row in whole["findings"]]}
    return table(whole, if_given(most, int), file)


# -- what was read


class _Query:
    """What came of reading the accounts of one program, and the sites that are licensed there."""

    def __init__(self, query: Result) -> None:
        """``query``: the result of a loop over what :func:`flex_audit_scope` makes, or the same in
        one.
        """
        self._query = query
        self._scope = query.get("item") or query
        self.program: str | None = query.get("program") or self._scope.get("program")
        self._is_answered = "entitlements" in query

    @property
    def read(self) -> list[int | None]:
        """The accounts that could be read."""
        return list(self._query.get("accounts") or ()) if self._is_answered else []

    @property
    def problems(self) -> dict[int | None, str]:
        """Why others could not be read, by account."""
        if self._is_answered:
            unread = self._query.get("unread") or ()
            return {item["account_id"]: str(item["message"]) for item in unread}
        asked = self._scope.get("accounts") or [None]
        return dict.fromkeys(asked, str(self._query.get("msg") or "FortiFlex gave no answer"))

    def held(self, number: int | None) -> list[Result]:
        """The entitlements of an account."""
        shapes = self._query["entitlements"]
        return [shape for shape in shapes if shape["account_id"] in (None, number)]

    def sites(self) -> Iterator[tuple[int | None, Site]]:
        """The sites with their accounts; of one that names none, the first account."""
        first = next(iter([*self.read, *self.problems]), None)
        for shape in self._scope["sites"]:
            number = shape.get("account_id")
            yield first if number is None else number, Site.of(shape)


def _accounts(queries: Iterable[Result], known: Accounts) -> list[AuditedAccount]:
    """The accounts of all queries, each once, with the sites that are licensed in them; ``known``:
    what they are called.
    """
    found: dict[tuple[str | None, int | None], AuditedAccount] = {}

    def account(number: int | None) -> AuditedAccount:
        alias = known.names.get(str(number))
        unread = AuditedAccount(query.program, number, problem="nobody asked about it", alias=alias)
        return found.setdefault((query.program, number), unread)

    for query in map(_Query, queries):
        for number, message in query.problems.items():
            account(number).problem = message
        for number in query.read:
            account(number).read(query.held(number))
        for number, site in query.sites():
            account(number).sites.append(site)
    return [*found.values()]


def _inventory(hostvars: Any) -> list[Any]:
    """The hosts of the inventory.

    Before ansible-core 2.19 its variables also have a localhost that a task was delegated to.
    """
    names = list(hostvars or ())
    if not names:
        return []
    groups = hostvars[names[0]].get("groups") or {"all": names}
    return [name for name in names if name in groups["all"]]


def _others(
    outside: list[str], hostvars: Any, prefix: str, options: Collection[str], accounts: Accounts
) -> Iterator[OtherHost]:
    """The hosts of the inventory that are not in the play, as sites."""
    for host in outside:
        try:
            values = {host: hostvars[host]}
            (shape,) = read_sites([host], values, prefix, options)
            (place,) = read_sites([host], values, "fortiflex_", ["account_id", "program"])
        except Exception as error:  # whatever a template of that host makes of it
            raise AnsibleFilterError(
                visible(
                    f"flex_audit_report: the variables of {host}, which is not in the play, "
                    f"cannot be read ({error}); correct them"
                )
            ) from None
        # An account that nobody knows may be any: that is for an audit of that host.
        number = accounts.find(str(place.get("account_id") or "").strip())
        program = place.get("program")
        yield OtherHost(Site.of({**shape, "host": host}), program and str(program), number)


def _narrowed(limit: Any, outside: int, sliced: bool) -> list[str]:
    """Why the play does not have all hosts of the inventory, as far as Ansible and AWX say it."""
    texts = []
    if limit:
        texts.append(f"The play is limited to {limit}: {outside} other hosts were not compared.")
    if sliced:
        texts.append(
            "AWX has sliced the inventory for this job: "
            "licenses that none of its hosts uses were not compared."
        )
    return texts


def _priced(row: Result, points: Mapping[int, float]) -> dict[str, Any]:
    """A finding with what it costs, where prices come beside it."""
    return (
        {**row, "points_per_day": points.get(row["configuration_id"])}
        if row["charged"]
        else dict(row)
    )


def _limits(unused_days: Any, ending_days: Any, spares: Any) -> Limits:
    """From numbers and texts of variables, of which an empty one says nothing."""
    return Limits(
        _number(unused_days, _DAYS), _number(ending_days, _DAYS), _number(spares, math.inf)
    )


def _number(given: Any, usual: float) -> float:
    """A whole number; the usual one where nothing is given."""
    return usual if is_blank(given) else int(given)


def _listed(accounts: Any) -> list[str]:
    texts = accounts.split(",") if isinstance(accounts, str) else accounts or ()
    return [str(text).strip() for text in texts]


def _further(known: Accounts, account: str) -> int | str | None:
    return ALL if account == ALL else account_number(known, account, "audit_accounts")


def _prices(results: Iterable[Result]) -> dict[int, float]:
    """Points a day by number of the configuration, where FortiFlex gave a price."""
    return {
        int(result["item"]["configuration_id"]): float(result["cost"]["points_per_day"])
        for result in results
        if "cost" in result
    }


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """By name."""
        return {
            "flex_audit": flex_audit,
            "flex_audit_scope": flex_audit_scope,
            "flex_audit_report": flex_audit_report,
            "flex_audit_table": flex_audit_table,
        }
