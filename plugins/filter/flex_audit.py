# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where an inventory and what FortiFlex holds do not agree."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils.core.accounts import ALL, Accounts
from ..module_utils.core.spelling import spelled
from ..module_utils.escapes import visible
from ..module_utils.given import is_blank
from ..plugin_utils.audit import AuditedAccount, Limits, OtherHost, Site, compare
from ..plugin_utils.audit_text import as_data, table
from ..plugin_utils.days import day_or_today
from ..plugin_utils.sites import account_number, accounts_of
from .flex_sites import flex_sites

Item = Mapping[str, Any]
_DAYS = 30  # after which an unused token, and before which the end of a license, is worth a finding


def flex_audit(
    entitlements: Iterable[Item],
    sites: Iterable[Item],
    devices: Mapping[str, str] | None = None,
    unused_days: int | None = None,
    ending_days: int | None = None,
    spares: int | None = None,
    today: Any = None,
    account_aliases: Any = None,
) -> list[dict[str, Any]]:
    """Everything that does not agree, one dictionary each, the most urgent first. ``devices``: serial number by site, of devices that were asked."""
    accounts = accounts_of(account_aliases)
    held = list(entitlements)
    listed = [
        {
            **site,
            "name": spelled(str(site["name"])),
            "account_id": account_number(
                accounts, site.get("account_id"), f"account_id of {site['name']}"
            ),
        }
        for site in sites
    ]
    known = [*dict.fromkeys(item["account_id"] for item in held)] or [None]
    for site in listed:
        if site["account_id"] is None:  # where it is licensed is not said
            mine = (item["account_id"] for item in held if item["name"] == site["name"])
            site["account_id"] = next(mine, known[0])
    look = {"sites": listed, "entitlements": held, "accounts": known}
    limits = _limits(unused_days, ending_days, spares)
    day = day_or_today("flex_audit", today)
    found = compare(_accounts([look], accounts), devices or {}, limits, day, tuple)
    return [finding.as_data({}) for finding in found.findings]


def flex_audit_scope(
    places: Iterable[Item], accounts: Any = (), account_aliases: Any = None
) -> list[dict[str, Any]]:
    """What to read for the hosts of a play: one item for each program, and one for hosts that name no account. ``accounts``: further ones."""
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
    for program in dict.fromkeys(program for program, _has in [*scopes]) if further else ():
        found = scope(program, True)
        found["accounts"] = [*dict.fromkeys([*found["accounts"], *further])]
    return [*scopes.values()]


def flex_audit_report(
    looks: Iterable[Item],
    devices: Iterable[Item] = (),
    prices: Iterable[Item] = (),
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
    """What does not agree, with prices, which accounts were read, and what was not compared. ``looks``, ``devices``, ``prices``: results of loops."""
    accounts = _accounts(looks, accounts_of(account_aliases))
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
    """The findings as lines for people, what was read, and what waste costs. ``most`` findings of a kind, where a ``file`` has the rest."""
    whole = report if isinstance(report, Mapping) else {"findings": list(report)}
    if prices is not None:
        points = {int(number): float(value) for number, value in prices.items()}
        whole = {**whole, "findings": [_priced(row, points) for row in whole["findings"]]}
    return table(whole, None if most is None else int(most), file)


# -- what was read


def _accounts(looks: Iterable[Item], known: Accounts) -> list[AuditedAccount]:
    """The accounts of all looks, each once, with the sites that are licensed in them; ``known``: what they are called."""
    found: dict[tuple[str | None, int | None], AuditedAccount] = {}

    def account(program: str | None, number: int | None) -> AuditedAccount:
        alias = known.names.get(str(number))
        unread = AuditedAccount(program, number, problem="nobody asked about it", alias=alias)
        return found.setdefault((program, number), unread)

    for look in looks:
        scope = look.get("item") or look
        program = look.get("program") or scope.get("program")
        read = list(look.get("accounts") or ()) if "entitlements" in look else []
        problems = {item["account_id"]: item["message"] for item in look.get("unread") or ()}
        if "entitlements" not in look:
            asked = scope.get("accounts") or [None]
            problems = dict.fromkeys(asked, look.get("msg") or "FortiFlex gave no answer")
        for number, message in problems.items():
            account(program, number).problem = str(message)
        for number in read:
            shapes = look["entitlements"]
            account(program, number).read(
                shape for shape in shapes if shape["account_id"] in (None, number)
            )
        for shape in scope["sites"]:
            number = shape.get("account_id")
            place = (read or [*problems] or [None])[0] if number is None else number
            account(program, place).sites.append(Site.of(shape))
    return [*found.values()]


def _inventory(hostvars: Any) -> list[Any]:
    """The hosts of the inventory. Before ansible-core 2.19 its variables also have a localhost that a task was delegated to."""
    names = list(hostvars or ())
    groups = (hostvars[names[0]].get("groups") if names else None) or {"all": names}
    return [name for name in names if name in groups["all"]]


def _others(
    outside: list[str], hostvars: Any, prefix: str, options: Collection[str], accounts: Accounts
) -> Iterator[OtherHost]:
    """The hosts of the inventory that are not in the play, as sites."""
    for host in outside:
        try:
            (shape,) = flex_sites([host], hostvars, prefix, options)
            (place,) = flex_sites([host], hostvars, "fortiflex_", ["account_id", "program"])
        except Exception as error:  # whatever a template of that host makes of it
            raise AnsibleFilterError(
                visible(
                    f"flex_audit_report: the variables of {host}, which is not in the play, cannot be read ({error}); correct them"
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
            "AWX has sliced the inventory for this job: licenses that none of its hosts uses were not compared."
        )
    return texts


def _priced(row: Item, points: Mapping[int, float]) -> dict[str, Any]:
    """A finding with what it costs, where prices come beside it."""
    return (
        {**row, "points_per_day": points.get(row["configuration_id"])}
        if row["charged"]
        else dict(row)
    )


def _limits(unused_days: Any, ending_days: Any, spares: Any) -> Limits:
    return Limits(_days(unused_days), _days(ending_days), None if is_blank(spares) else int(spares))


def _days(number: Any) -> int:
    return _DAYS if is_blank(number) else int(number)


def _listed(accounts: Any) -> list[str]:
    texts = accounts.split(",") if isinstance(accounts, str) else accounts or ()
    return [str(text).strip() for text in texts]


def _further(known: Accounts, account: str) -> int | str | None:
    return ALL if account == ALL else account_number(known, account, "audit_accounts")


def _prices(results: Iterable[Item]) -> dict[int, float]:
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
