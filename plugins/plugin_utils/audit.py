# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the sites of an inventory and what FortiFlex holds do not agree, account by account. What was not read agrees with nothing.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from ..module_utils.core.dates import day_of
from ..module_utils.core.model import (
    CHARGED,
    EXPIRED,
    PENDING,
    REMOVED,
    STOPPED,
    SUSPENDED,
    Entitlement,
    claim_of,
    tags_of,
)
from ..module_utils.core.spelling import spelled
from ..module_utils.wording import called, count_of, first_few

Shape = Mapping[str, Any]
"""An entitlement as the info module returns it, or a site as the filter flex_sites makes it."""

# The most urgent first.
KINDS = (
    "unread",
    "unlicensed",
    "expired",
    "stopped",
    "wrong_device",
    "double",
    "orphan",
    "running",
    "suspended",
    "unused",
    "intent",
    "spare",
    "ending",
)


@dataclass(frozen=True)
class Site:
    """A host of the inventory as a site: its name, and the serial numbers of its devices. ``by_name``: its main device is a virtual machine."""

    host: str
    name: str
    state: str
    serial_numbers: tuple[str, ...]
    by_name: bool

    @classmethod
    def of(cls, shape: Shape) -> Site:
        """From a dictionary in which SOMETHING_serial_number and SOMETHING_serial_numbers are devices."""
        one = [shape[key] for key in shape if key.endswith("serial_number") and shape[key]]
        several = [shape[key] or () for key in shape if key.endswith("serial_numbers")]
        numbers = [*one, *(number for listed in several for number in listed)]
        name = str(shape["name"])
        return cls(
            str(shape.get("host") or name),
            name,
            str(shape.get("state") or "active"),
            tuple(str(number).upper() for number in numbers),
            not one,
        )

    @property
    def label(self) -> str:
        """What people call it."""
        return self.name or self.host

    @property
    def runs(self) -> bool:
        """Whether it is to have a license that can run."""
        return self.state in ("active", "present")


@dataclass(frozen=True)
class OtherHost:
    """A host of the inventory that is not in the play, and the program and account that it names; None: any."""

    site: Site
    program: str | None
    account_id: int | None


@dataclass(frozen=True)
class Finding:
    """Something that does not agree, and the entitlement that it is about, if there is one."""

    kind: str
    name: str | None
    text: str
    program: str | None
    account_id: int | None
    entitlement: Entitlement | None = None
    configuration: str | None = None

    @property
    def is_charged(self) -> bool:
        """Whether it costs points now."""
        return self.entitlement is not None and self.entitlement.status in CHARGED

    @property
    def order(self) -> tuple[int, str, str]:
        """The most urgent kind first, then by name and serial number."""
        return KINDS.index(self.kind), self.name or "", self.serial_number or ""

    @property
    def serial_number(self) -> str | None:
        """The serial number of the entitlement; None of one that is only predicted."""
        known = self.entitlement is not None and not self.entitlement.predicted
        return self.entitlement.serial_number if self.entitlement and known else None

    def as_data(self, prices: Mapping[int, float]) -> dict[str, Any]:
        """For files and playbooks. Points a day are null where FortiFlex gave no price."""
        number = self.entitlement.configuration_id if self.entitlement else None
        points = prices.get(number or 0) if self.is_charged else 0.0
        return {
            "kind": self.kind,
            "name": self.name,
            "serial_number": self.serial_number,
            "program": self.program,
            "account_id": self.account_id,
            "configuration": self.configuration,
            "configuration_id": number,
            "charged": self.is_charged,
            "points_per_day": points if self.entitlement else None,
            "text": self.text,
        }


@dataclass
class AuditedAccount:
    """An account of a program: its sites, and what it holds, or why that could not be read."""

    program: str | None
    number: int | None
    sites: list[Site] = field(default_factory=list)
    held: dict[str, Entitlement] = field(default_factory=dict)
    configurations: dict[int, str] = field(default_factory=dict)
    problem: str | None = None
    alias: str | None = None

    @property
    def called(self) -> str:
        """What people call it."""
        return called(self.alias, str(self.number))

    def read(self, shapes: Iterable[Shape]) -> None:
        """It was read, and holds this."""
        self.problem = None
        for shape in shapes:
            entitlement = _entitlement(shape)
            self.held[entitlement.serial_number.upper()] = entitlement
            self.configurations[entitlement.configuration_id] = shape.get("configuration") or ""

    @property
    def licenses(self) -> int:
        """How many licenses it holds: spares and what has ended are none."""
        return sum(_is_license(entitlement) for entitlement in self.held.values())

    @property
    def charged(self) -> int:
        """How many of them cost points now."""
        return sum(entitlement.status in CHARGED for entitlement in self.held.values())

    @cached_property
    def _by_name(self) -> dict[str, list[Entitlement]]:
        names: dict[str, list[Entitlement]] = {}
        for entitlement in self.held.values():
            if entitlement.name is not None:
                names.setdefault(spelled(entitlement.name), []).append(entitlement)
        return names

    def named(self, site: Site) -> list[Entitlement]:
        """What has the name of a site."""
        return self._by_name.get(spelled(site.name), []) if site.name else []

    def of(self, site: Site) -> list[Entitlement]:
        """What a site is licensed with, by its name and by the serial numbers of its devices."""
        numbered = [self.held[number] for number in site.serial_numbers if number in self.held]
        return list({item.serial_number: item for item in [*self.named(site), *numbered]}.values())

    def doubles(self) -> Iterator[tuple[Entitlement, Entitlement]]:
        """Of each name that holds several: the first, and another."""
        for holders in self._by_name.values():
            alive = [holder for holder in holders if holder.status != EXPIRED]
            yield from ((alive[0], other) for other in alive[1:])

    def alike(self, site: Site) -> Entitlement | None:
        """What has a name that differs from that of a site only in upper and lower case."""
        wanted = spelled(site.name).casefold()
        names = (key for key in self._by_name if key.casefold() == wanted)
        return next((self._by_name[key][0] for key in names), None)

    def finding(
        self, kind: str, text: str, entitlement: Entitlement | None = None, name: str | None = None
    ) -> Finding:
        """Something that does not agree in this account."""
        return Finding(
            kind,
            name if name is not None or entitlement is None else entitlement.name,
            text,
            self.program,
            self.number,
            entitlement,
            self.configurations[entitlement.configuration_id] if entitlement else None,
        )


@dataclass(frozen=True)
class Limits:
    """From when on something is worth a line: days without use, days before the end, and how many spares are fine (None: any number)."""

    unused_days: int
    ending_days: int
    spares: int | None


@dataclass(frozen=True)
class Audit:
    """What an audit has found, what it has read, and what it has not compared."""

    accounts: list[AuditedAccount]
    findings: list[Finding]
    not_compared: list[Entitlement]

    @property
    def to_price(self) -> list[dict[str, Any]]:
        """The configurations whose price is needed, each once."""
        charged = [finding for finding in self.findings if finding.is_charged]
        numbers = {
            finding.entitlement.configuration_id: finding
            for finding in charged
            if finding.entitlement
        }
        return [
            {
                "program": finding.program,
                "account_id": finding.account_id,
                "configuration_id": number,
            }
            for number, finding in numbers.items()
        ]


class _Elsewhere:
    """The hosts of the inventory that are not in the play, by what they are licensed with. One that is to be absent uses nothing."""

    def __init__(self, hosts: Iterable[OtherHost]) -> None:
        self._hosts: dict[str, list[OtherHost]] = {}
        for host in hosts:
            if host.site.state != "absent":
                for key in (spelled(host.site.name), *host.site.serial_numbers):
                    self._hosts.setdefault(key, []).append(host)

    def has(self, account: AuditedAccount, entitlement: Entitlement) -> bool:
        """Whether one of them may use an entitlement of an account."""
        keys = (spelled(entitlement.name or ""), entitlement.serial_number.upper())
        return any(
            host.account_id in (None, account.number) and host.program in (None, account.program)
            for key in keys
            if key
            for host in self._hosts.get(key, ())
        )


def compare(
    accounts: list[AuditedAccount],
    devices: Mapping[str, str],
    limits: Limits,
    today: date,
    others: Callable[[], Iterable[OtherHost]],
    is_sliced: bool = False,
) -> Audit:
    """Everything that does not agree. ``devices``: the serial numbers with which devices run, by host.

    ``others`` are the hosts of the inventory that are not in the play, asked for only if something may be theirs. ``is_sliced``: there can be more of them.
    """
    read = [account for account in accounts if account.problem is None]
    strange = [_unlisted(account) for account in read]
    elsewhere = _Elsewhere(others() if any(strange) else ())
    found = [_unread(account) for account in accounts if account.problem is not None]
    not_compared: list[Entitlement] = []
    for account, unlisted in zip(read, strange, strict=True):
        skipped = [
            entitlement
            for entitlement in unlisted
            if is_sliced or elsewhere.has(account, entitlement)
        ]
        not_compared += skipped
        left = {entitlement.serial_number for entitlement in skipped}
        found += _findings(account, devices, limits, today, left)
    found += _spares(read, limits)
    return Audit(accounts, sorted(found, key=lambda finding: finding.order), not_compared)


def _findings(
    account: AuditedAccount, devices: Mapping[str, str], limits: Limits, today: date, left: set[str]
) -> Iterator[Finding]:
    """What does not agree in an account; ``left`` are the serial numbers of what is not compared."""
    for site in account.sites:
        yield from _of_site(account, site)
        yield from _other_device(account, site, devices)
    used = _serial_numbers(account, (site for site in account.sites if site.state != "absent"))
    for entitlement in account.held.values():
        if entitlement.status in CHARGED and entitlement.serial_number not in used | left:
            text = f"is {entitlement.status} as '{entitlement.description}', and no site of the inventory uses it"
            yield account.finding("orphan", text, entitlement)
    for first, other in account.doubles():
        if other.serial_number not in left:
            text = f"has {first.serial_number} ({first.status}), and this one ({other.status}) too"
            yield account.finding("double", text, other)
    for entitlement in account.held.values():
        if entitlement.serial_number not in left:
            yield from _by_itself(account, entitlement, limits, today)


def _unread(account: AuditedAccount) -> Finding:
    where = "the account" if account.number is None else f"account {account.called}"
    count = len(account.sites)
    text = f"{where} could not be read: {(account.problem or '').rstrip('.')}"
    if count:
        names = first_few(site.label for site in account.sites)
        text += f"; {count} {'site is' if count == 1 else 'sites are'} not compared: {names}"
    return account.finding("unread", text)


def _serial_numbers(account: AuditedAccount, sites: Iterable[Site]) -> set[str]:
    """What these sites are licensed with."""
    return {entitlement.serial_number for site in sites for entitlement in account.of(site)}


def _unlisted(account: AuditedAccount) -> list[Entitlement]:
    """The licenses of no site of the play."""
    listed = _serial_numbers(account, account.sites)
    return [
        entitlement
        for entitlement in account.held.values()
        if entitlement.serial_number not in listed and _is_license(entitlement)
    ]


def _is_license(entitlement: Entitlement) -> bool:
    """Whether it is a license of somebody, which spares and what has ended are not."""
    return not (
        entitlement.status == EXPIRED
        or entitlement.is_spare
        or claim_of(entitlement.description)
        or (entitlement.description == REMOVED and entitlement.status not in CHARGED)
    )


def _of_site(account: AuditedAccount, site: Site) -> Iterator[Finding]:
    """Of a site that is to run: that it has no license, or none that does. Of one that is not: that it is charged."""
    mine = account.of(site)
    if site.state == "stopped":
        for item in mine:
            if item.status in CHARGED:
                text = f"its license is {item.status}, and the inventory wants it stopped"
                yield account.finding("running", text, item, site.label)
    if not site.runs:
        return
    missing = [number for number in site.serial_numbers if number not in account.held]
    if site.by_name:
        mine = account.named(site)
    alive = [item for item in mine if item.status != EXPIRED]
    if missing:
        yield account.finding(
            "unlicensed", f"has no license for {first_few(missing)}", name=site.label
        )
    elif not mine:
        yield account.finding("unlicensed", _no_license(account, site), name=site.label)
    elif not alive:
        text = f"its license is EXPIRED since {mine[0].end_day or mine[0].end_date}"
        yield account.finding("expired", text, mine[0], site.label)
    if site.state == "active":
        for item in alive:
            yield from _at_rest(account, site, item)


def _no_license(account: AuditedAccount, site: Site) -> str:
    like = account.alike(site)
    if like is None:
        return "has no license"
    return f"has no license; {like.serial_number} has the name '{like.name}', which differs only in upper and lower case"


def _at_rest(account: AuditedAccount, site: Site, item: Entitlement) -> Iterator[Finding]:
    """What is STOPPED although it is to run."""
    if item.status != STOPPED:
        return
    if item.is_suspended:
        since = (tags_of(item.description) or {})[SUSPENDED]
        text = f"is suspended since {since}, and the inventory wants it active; resume_tenant starts it"
        yield account.finding("suspended", text, item, site.label)
    else:
        text = "its license is STOPPED, and the inventory wants it active"
        yield account.finding("stopped", text, item, site.label)


def _other_device(
    account: AuditedAccount, site: Site, devices: Mapping[str, str]
) -> Iterator[Finding]:
    """A device that runs with another serial number than the one that its site is licensed with."""
    running = devices.get(site.host)
    mine = [item.serial_number for item in account.of(site) if item.status != EXPIRED]
    if running and mine and running.upper() not in (number.upper() for number in mine):
        text = f"the device runs as {running}, and FortiFlex has {first_few(mine)} for it"
        yield account.finding("wrong_device", text, name=site.label)


def _by_itself(
    account: AuditedAccount, item: Entitlement, limits: Limits, today: date
) -> Iterator[Finding]:
    """What is odd about one entitlement."""
    claim = claim_of(item.description)
    if claim:
        text = f"is on its way to '{claim[0]}', by a run that goes on or is dead"
        yield account.finding("intent", text, item, claim[0])
    if item.name is None or not (item.status in CHARGED or item.status == PENDING):
        return
    started, ends = day_of(item.start_date), item.end_day
    age = (today - started).days if started else 0
    if item.token_status == "NOTUSED" and age >= limits.unused_days:
        text = f"its token has not been used for {count_of(age, 'day')}, and it is {item.status}"
        yield account.finding("unused", text, item)
    if ends and (ends - today).days <= limits.ending_days:
        yield account.finding("ending", f"ends on {ends}", item)


def _spares(accounts: Iterable[AuditedAccount], limits: Limits) -> Iterator[Finding]:
    """More spares than there are to be, in all that was read."""
    ready = [item for account in accounts for item in account.held.values() if item.is_spare]
    if limits.spares is not None and len(ready) > limits.spares:
        text = (
            f"there are more spares than {limits.spares}, namely {len(ready)}; "
            "new sites take them, and they cost nothing"
        )
        yield Finding("spare", None, text, None, None)


def _entitlement(shape: Shape) -> Entitlement:
    """One as it was listed. What check mode only predicts has no serial number yet."""
    return Entitlement(
        serial_number=shape["serial_number"] or f"new {shape['name']}",
        predicted=shape["serial_number"] is None,
        description=shape["description"],
        configuration_id=shape["configuration_id"],
        account_id=shape["account_id"],
        status=shape["status"],
        start_date=shape["start_date"],
        end_date=shape["end_date"],
        token=None,
        token_status=shape["token_status"],
    )
