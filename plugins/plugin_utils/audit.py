# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the sites of an inventory and what FortiFlex holds do not agree, account by account. What
was not read agrees with nothing.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from functools import cached_property
from itertools import chain
from operator import attrgetter
from typing import Any

from ..module_utils.core.dates import day_of
from ..module_utils.core.description import SUSPENDED, claim_of, tags_of
from ..module_utils.core.model import Entitlement
from ..module_utils.core.spelling import spelled
from ..module_utils.grouping import grouped, part_of
from ..module_utils.wording import called, count_of, first_few

Shape = Mapping[str, Any]
"""An entitlement as the info module returns it, or a site as the lookup flex_sites makes it."""

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
    "claim",
    "spare",
    "ending",
)


@dataclass(frozen=True)
class Site:
    """A host of the inventory as a site: its name, and the serial numbers of its devices.

    ``by_name``: its main device is a virtual machine.
    """

    host: str
    name: str
    state: str
    serial_numbers: tuple[str, ...]
    by_name: bool

    @classmethod
    def of(cls, shape: Shape) -> Site:
        """From a dictionary in which SOMETHING_serial_number and SOMETHING_serial_numbers are
        devices.
        """
        one = _ending_in("serial_number", shape)
        several = chain.from_iterable(_ending_in("serial_numbers", shape))
        name = str(shape["name"])
        return cls(
            str(shape.get("host") or name),
            name,
            str(shape.get("state") or "active"),
            tuple(str(number).upper() for number in (*one, *several)),
            not one,
        )

    @property
    def label(self) -> str:
        """What people call it."""
        return self.name or self.host

    @property
    def keys(self) -> list[str]:
        """The name and the serial numbers by which something is its license."""
        return [spelled(self.name), *self.serial_numbers]


def _ending_in(ending: str, shape: Shape) -> list[Any]:
    """The values of keys with that ending which say something."""
    return [value for key, value in shape.items() if value and key.endswith(ending)]


@dataclass(frozen=True)
class OtherHost:
    """A host of the inventory that is not in the play, and the program and account that it names;
    None: any.
    """

    site: Site
    program: str | None
    account_id: int | None

    def may_be_of(self, account: AuditedAccount) -> bool:
        """Whether it may be licensed in an account."""
        return self.account_id in (None, account.number) and self.program in (None, account.program)


@dataclass(frozen=True)
class Finding:
    """Something that does not agree, with the fields of the entitlement that it is about, if there
    is one.

    ``serial_number``: None of one that is only predicted. ``points_per_day``: None of no
    entitlement, 0 of one that is not charged or not priced yet.
    """

    kind: str
    name: str | None = None
    serial_number: str | None = None
    program: str | None = None
    account_id: int | None = None
    configuration: str | None = None
    configuration_id: int | None = None
    charged: bool = False
    points_per_day: float | None = None
    text: str = field(kw_only=True)

    @property
    def order(self) -> tuple[int, str, str]:
        """The most urgent kind first, then by name and serial number."""
        return KINDS.index(self.kind), self.name or "", self.serial_number or ""

    def as_data(self, prices: Mapping[int, float]) -> dict[str, Any]:
        """For files and playbooks. Points a day are null where FortiFlex gave no price."""
        data = asdict(self)
        if self.charged:
            data["points_per_day"] = prices.get(self.configuration_id or 0)
        return data


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
            item = Entitlement.from_result(shape)
            if item.predicted:  # without a serial number yet, and distinguished from others by this
                item = replace(item, serial_number=f"new {item.name}")
            self.held[item.serial_number.upper()] = item
            self.configurations[item.configuration_id] = shape.get("configuration") or ""

    @cached_property
    def licenses(self) -> set[Entitlement]:
        """What is the license of somebody, which spares and what has ended are not."""
        return set(filter(_is_license, self.held.values()))

    @property
    def charged(self) -> int:
        """How many of them cost points now."""
        return sum(item.is_charged for item in self.held.values())

    @property
    def spares(self) -> int:
        """How many spares it holds."""
        return sum(item.is_spare for item in self.held.values())

    @cached_property
    def _by_name(self) -> dict[str, list[Entitlement]]:
        named = filter(attrgetter("name"), self.held.values())
        return grouped(named, lambda item: str(item.name))

    @cached_property
    def _by_folded_name(self) -> dict[str, Entitlement]:
        """The first of each name, whatever its case is."""
        names = reversed(self._by_name.items())
        return {name.casefold(): holders[0] for name, holders in names}

    def named(self, site: Site) -> list[Entitlement]:
        """What has the name of a site."""
        return self._by_name.get(spelled(site.name), [])

    def of(self, site: Site) -> list[Entitlement]:
        """What a site is licensed with, by its name and by the serial numbers of its devices."""
        numbered = part_of(self.held, site.serial_numbers).values()
        return list(dict.fromkeys([*self.named(site), *numbered]))

    def used_by(self, sites: Iterable[Site]) -> set[Entitlement]:
        """What these sites are licensed with."""
        return set(chain.from_iterable(map(self.of, sites)))

    def unlisted(self) -> set[Entitlement]:
        """The licenses of none of its sites."""
        return self.licenses - self.used_by(self.sites)

    def doubles(self) -> Iterator[tuple[Entitlement, Entitlement]]:
        """Of each name that holds several: the first, and another."""
        for holders in self._by_name.values():
            alive = _alive(holders)
            yield from ((alive[0], other) for other in alive[1:])

    def alike(self, site: Site) -> Entitlement | None:
        """What has a name that differs from that of a site only in upper and lower case."""
        return self._by_folded_name.get(spelled(site.name).casefold())

    def finding(self, kind: str, text: str, name: str | None = None) -> Finding:
        """Something that does not agree in this account, and is about no entitlement."""
        return Finding(kind, name, None, self.program, self.number, text=text)

    def about(self, item: Entitlement, kind: str, text: str, name: str | None = None) -> Finding:
        """Something that does not agree about an entitlement. ``name``: another one than its own."""
        return Finding(
            kind,
            item.name if name is None else name,
            item.number,
            self.program,
            self.number,
            self.configurations[item.configuration_id],
            item.configuration_id or None,
            item.is_charged,
            0.0,
            text=text,
        )


@dataclass(frozen=True)
class Limits:
    """From when on something is worth a line: days without use, days before the end, and how many
    spares are fine.
    """

    unused_days: float
    ending_days: float
    spares: float


@dataclass(frozen=True)
class Audit:
    """What an audit has found, what it has read, and what it has not compared."""

    accounts: list[AuditedAccount]
    findings: list[Finding]
    not_compared: list[Entitlement]

    @property
    def to_price(self) -> list[dict[str, Any]]:
        """The configurations whose price is needed, each once."""
        charged = {
            item.configuration_id: {
                "program": item.program,
                "account_id": item.account_id,
                "configuration_id": item.configuration_id,
            }
            for item in self.findings
            if item.charged
        }
        return list(charged.values())


class _Elsewhere:
    """The hosts of the inventory that are not in the play, by what they are licensed with. They are
    read when something may be theirs.

    One that must be absent uses nothing. ``is_sliced``: there can be more of them.
    """

    def __init__(self, hosts: Callable[[], Iterable[OtherHost]], is_sliced: bool) -> None:
        self._read = hosts
        self._is_sliced = is_sliced

    @cached_property
    def _hosts(self) -> Mapping[str | None, list[OtherHost]]:
        hosts: defaultdict[str | None, list[OtherHost]] = defaultdict(list)
        for host in self._read():
            if host.site.state != "absent":
                for key in host.site.keys:
                    hosts[key].append(host)
        return hosts

    def has(self, account: AuditedAccount, item: Entitlement) -> bool:
        """Whether one of them may use an entitlement of an account. In a slice nobody knows."""
        known = self._hosts[item.name] + self._hosts[item.serial_number.upper()]
        return self._is_sliced or any(host.may_be_of(account) for host in known)


def compare(
    accounts: list[AuditedAccount],
    devices: Mapping[str, str],
    limits: Limits,
    today: date,
    others: Callable[[], Iterable[OtherHost]],
    is_sliced: bool = False,
) -> Audit:
    """Everything that does not agree.

    ``devices``: the serial numbers with which devices run, by host.

    ``others`` are the hosts of the inventory that are not in the play, asked for only if something
    may be theirs. ``is_sliced``: there can be more of them.
    """
    elsewhere = _Elsewhere(others, is_sliced)
    found: list[Finding] = []
    not_compared: list[Entitlement] = []
    spares = 0
    for account in accounts:
        if account.problem is not None:
            found.append(_unread(account))
            continue
        left = frozenset(item for item in account.unlisted() if elsewhere.has(account, item))
        found += _Comparison(account, devices, limits, today, left).findings()
        not_compared += left
        spares += account.spares
    if spares > limits.spares:
        found.append(_too_many(spares, limits))
    return Audit(accounts, sorted(found, key=attrgetter("order")), not_compared)


@dataclass(frozen=True)
class _Comparison:
    """What does not agree in one account; ``left`` is what is not compared."""

    account: AuditedAccount
    devices: Mapping[str, str]
    limits: Limits
    today: date
    left: frozenset[Entitlement]

    def findings(self) -> Iterator[Finding]:
        """All of it, in any order."""
        for site in self.account.sites:
            for check in _CHECKS.get(site.state, ()):
                yield from check(self, site)
            yield from self._other_device(site)
        for first, other in self.account.doubles():
            if other not in self.left:
                text = (
                    f"has {first.serial_number} ({first.status}), and this one ({other.status}) too"
                )
                yield self.account.about(other, "double", text)
        used = self.account.used_by(site for site in self.account.sites if site.state != "absent")
        for item in self.account.held.values():
            if item in self.left:
                continue
            yield from self._orphan(item, used)
            yield from self._claimed(item)
            yield from self._aging(item)

    def idle_that_runs(self, site: Site) -> Iterator[Finding]:
        """What is charged of a site that must be stopped."""
        for item in self.account.of(site):
            if item.is_charged:
                text = f"its license is {item.status}, and the inventory wants it stopped"
                yield self.account.about(item, "running", text, site.label)

    def _main(self, site: Site) -> list[Entitlement]:
        """What the main device of a site is licensed with."""
        return self.account.named(site) if site.by_name else self.account.of(site)

    def without_license(self, site: Site) -> Iterator[Finding]:
        """That a site which must run has no license, or only one that has ended."""
        missing = [number for number in site.serial_numbers if number not in self.account.held]
        mine = self._main(site)
        if missing:
            text = f"has no license for {first_few(missing)}"
            yield self.account.finding("unlicensed", text, site.label)
        elif not mine:
            yield self.account.finding("unlicensed", self._no_license(site), site.label)
        elif not _alive(mine):
            text = f"its license is EXPIRED since {mine[0].end_day or mine[0].end_date}"
            yield self.account.about(mine[0], "expired", text, site.label)

    def _no_license(self, site: Site) -> str:
        like = self.account.alike(site)
        if like is None:
            return "has no license"
        return (
            f"has no license; {like.serial_number} has the name '{like.name}', "
            "which differs only in upper and lower case"
        )

    def at_rest(self, site: Site) -> Iterator[Finding]:
        """What is STOPPED although it must run."""
        for item in self._main(site):
            if item.is_stopped:
                yield self.account.about(item, *_why_at_rest(item), site.label)

    def _other_device(self, site: Site) -> Iterator[Finding]:
        """A device that runs with another serial number than the one that its site is licensed
        with.
        """
        running = self.devices.get(site.host)
        mine = [item.serial_number for item in _alive(self.account.of(site))]
        if running and mine and running.upper() not in map(str.upper, mine):
            text = f"the device runs as {running}, and FortiFlex has {first_few(mine)} for it"
            yield self.account.finding("wrong_device", text, site.label)

    def _orphan(self, item: Entitlement, used: set[Entitlement]) -> Iterator[Finding]:
        """That an entitlement is charged, and none of the sites uses it."""
        if item.is_charged and item not in used:
            text = f"is {item.status} as '{item.description}', and no site of the inventory uses it"
            yield self.account.about(item, "orphan", text)

    def _claimed(self, item: Entitlement) -> Iterator[Finding]:
        """That a run has reserved an entitlement."""
        claim = claim_of(item.description)
        if claim:
            text = f"is on its way to '{claim[0]}', by a run that goes on or is dead"
            yield self.account.about(item, "claim", text, claim[0])

    def _aging(self, item: Entitlement) -> Iterator[Finding]:
        """That a named entitlement has not been used for long, or ends soon."""
        if item.name is None or not (item.is_charged or item.is_pending):
            return
        started, ends = day_of(item.start_date), item.end_day
        age = (self.today - (started or self.today)).days
        if item.token_status == "NOTUSED" and age >= self.limits.unused_days:
            text = (
                f"its token has not been used for {count_of(age, 'day')}, and it is {item.status}"
            )
            yield self.account.about(item, "unused", text)
        if ends and (ends - self.today).days <= self.limits.ending_days:
            yield self.account.about(item, "ending", f"ends on {ends}")


# What to look for in a site by what the inventory wants of it. An absent one needs nothing.
_CHECKS: Mapping[str, tuple[Callable[[_Comparison, Site], Iterator[Finding]], ...]] = {
    "active": (_Comparison.without_license, _Comparison.at_rest),
    "present": (_Comparison.without_license,),
    "stopped": (_Comparison.idle_that_runs,),
}


def _unread(account: AuditedAccount) -> Finding:
    """That an account could not be read, and which sites were not compared for that."""
    where = "the account" if account.number is None else f"account {account.called}"
    text = f"{where} could not be read: {str(account.problem).rstrip('.')}"
    if account.sites:
        names = first_few(site.label for site in account.sites)
        sites = count_of(len(account.sites), "site is", "sites are")
        text += f"; {sites} not compared: {names}"
    return account.finding("unread", text)


def _is_license(item: Entitlement) -> bool:
    """Whether it is a license of somebody, which spares and what has ended are not."""
    return not (item.is_expired or item.is_spare or item.is_claimed or item.is_removed)


def _alive(items: Iterable[Entitlement]) -> list[Entitlement]:
    """Those that have not ended."""
    return [item for item in items if not item.is_expired]


def _why_at_rest(item: Entitlement) -> tuple[str, str]:
    """The kind and the text of a finding about a license that is STOPPED."""
    if not item.is_suspended:
        return "stopped", "its license is STOPPED, and the inventory wants it active"
    since = (tags_of(item.description) or {})[SUSPENDED]
    return "suspended", (
        f"is suspended since {since}, and the inventory wants it active; resume_tenant starts it"
    )


def _too_many(spares: int, limits: Limits) -> Finding:
    """More spares than there may be, in all that was read."""
    text = (
        f"there are more spares than {limits.spares}, namely {spares}; "
        "new sites take them, and they cost nothing"
    )
    return Finding("spare", text=text)
