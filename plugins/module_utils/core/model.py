# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What FortiFlex holds, typed: programs, configurations, entitlements, and what a description says
about who holds one.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from decimal import Decimal
from functools import cached_property, partial
from operator import attrgetter, itemgetter
from typing import Any

from ..catalogue.catalogue import Values
from ..grouping import grouped
from ..wording import called, count_of, quoted
from .dates import day_of, parse_moment
from .description import (
    REMOVED,
    SPARE,
    claim_of,
    is_changed_mark,
    is_kept_for,
    is_suspended,
    name_of,
    stored_name,
)
from .spelling import could_be, form_of, is_garbled, likeness, spelled

PENDING, ACTIVE, STOPPED, EXPIRED, GRACE_PERIOD = (
    "PENDING",
    "ACTIVE",
    "STOPPED",
    "EXPIRED",
    "GRACE_PERIOD",
)
STATUSES = frozenset((PENDING, ACTIVE, STOPPED, EXPIRED, GRACE_PERIOD))
CHARGED = frozenset((ACTIVE, GRACE_PERIOD))
DISABLED = "DISABLED"

# A license token that only a run can make; FortiFlex's own are letters and digits.
TOKEN_TO_COME = "(license token, known after the run)"


def spelling_problem(holders: Iterable[Entitlement]) -> str | None:
    """What to say of entitlements of one name whose descriptions spell it in several ways; None if
    they do not.
    """
    texts = {item: stored_name(item.description) for item in holders}
    if len(set(texts.values())) < 2:
        return None
    told = " and ".join(
        f"{item.serial_number} ('{text}', {form_of(text)}, {item.status})"
        for item, text in texts.items()
    )
    return (
        f"the descriptions of {told} differ only in how Unicode spells them; "
        "decide which one is in use and release the other by its serial_number with state=absent"
    )


def in_words(touched: Mapping[str, int]) -> str:
    """How many entitlements a change touches: ``3 entitlements (2 ACTIVE, 1 PENDING)``."""
    total = sum(touched.values())
    if not total:
        return "no entitlement"
    each = ", ".join(f"{number} {status}" for status, number in touched.items())
    return f"{count_of(total, 'entitlement')} ({each})"


@dataclass(frozen=True)
class Program:
    """A FortiFlex program: its serial number, the account that owns it, and the Pacific days on
    which it ends and began.
    """

    serial_number: str
    account_id: int
    end: date | None
    start: date | None = None
    has_support_coverage: bool = False


TOP_FOLDER = "My Assets"  # of what is created without a folder


@dataclass(frozen=True)
class Folder:
    """An asset folder of an account, and how many license tokens of it are free and used."""

    account_id: int
    path: str
    available_tokens: int
    used_tokens: int


@dataclass(frozen=True)
class Price:
    """Points per day of one ACTIVE entitlement; ``latest`` from the Pacific day ``latest_from`` on,
    if another price was announced.
    """

    points: Decimal
    latest: Decimal | None = None
    latest_from: date | None = None


@dataclass(frozen=True)
class Configuration:
    """A template of product and parameters. ``id`` is negative while it is only predicted.

    ``stored_name``: its name as FortiFlex stores it, if that is another spelling than the one that
    is compared.
    """

    id: int
    name: str
    product_id: int
    values: Values
    status: str
    account_id: int | None
    program: str
    stored_name: str | None = None


@dataclass(frozen=True)
class Entitlement:
    """One license by serial number. Texts are as the service wrote them; ``predicted`` ones do not
    exist yet.
    """

    serial_number: str
    description: str
    configuration_id: int
    account_id: int | None
    status: str
    start_date: str | None
    end_date: str | None
    token: str | None = field(repr=False)
    token_status: str | None
    predicted: bool = False
    folder: str | None = None  # of a predicted one; FortiFlex does not say where others are

    @classmethod
    def from_result(cls, result: Mapping[str, Any]) -> Entitlement:
        """An entitlement as modules, lookups and the inventory return it, read back. Of one without
        a serial number, nothing exists yet.
        """
        texts = {
            key: str(result.get(key) or "") for key in ("serial_number", "description", "status")
        }
        return cls(
            **texts,
            configuration_id=result.get("configuration_id") or 0,
            account_id=result.get("account_id"),
            start_date=result.get("start_date"),
            end_date=result.get("end_date"),
            token=result.get("token"),
            token_status=result.get("token_status"),
            predicted=not texts["serial_number"],
        )

    @property
    def name(self) -> str | None:
        """Who holds it, by its description."""
        return name_of(self.description)

    @property
    def number(self) -> str | None:
        """Its serial number; None while it does not exist."""
        return None if self.predicted else self.serial_number

    @property
    def called(self) -> str:
        """Its name and serial number; of what does not exist yet, only its name."""
        return called(self.name, self.number)

    @property
    def quoted(self) -> str:
        """The same in a sentence, with the name in quotes."""
        return quoted(self.name, self.number)

    @property
    def end_day(self) -> date | None:
        """The Pacific day of its end date."""
        return day_of(self.end_date)

    @property
    def is_charged(self) -> bool:
        """Whether it costs points today."""
        return self.status in CHARGED

    @property
    def is_known(self) -> bool:
        """Whether its status is one that this collection knows."""
        return self.status in STATUSES

    @property
    def is_expired(self) -> bool:
        """Whether it has lapsed: it holds nothing, and cannot be changed or started again."""
        return self.status == EXPIRED

    @property
    def is_pending(self) -> bool:
        """Whether it waits for its license token to be used, and costs nothing until then."""
        return self.status == PENDING

    @property
    def is_stopped(self) -> bool:
        """Whether somebody has stopped it."""
        return self.status == STOPPED

    @property
    def is_marked_spare(self) -> bool:
        """Whether its description is the mark of a spare, whatever its status is."""
        return self.description == SPARE

    @property
    def is_spare(self) -> bool:
        """Whether it is marked as ours to take: ``[spare]`` to the letter, and neither charged nor
        expired.
        """
        return self.is_marked_spare and self.is_idle

    @property
    def is_claimed(self) -> bool:
        """Whether a run has reserved it for a name."""
        return claim_of(self.description) is not None

    @property
    def is_idle(self) -> bool:
        """Whether it is PENDING or STOPPED: nobody pays for it, and it can start."""
        return self.status in (PENDING, STOPPED)

    @property
    def is_removed(self) -> bool:
        """Whether it is a device that was taken out of the program, and is listed all the same."""
        return self.description == REMOVED and not self.is_charged

    @property
    def has_used_token(self) -> bool:
        """Whether somebody has its license token and has used it."""
        return self.token_status == "USED"

    @property
    def is_suspended(self) -> bool:
        """Whether it bears the mark of a suspension. EXPIRED ones hold nothing, and their mark
        cannot be taken away.
        """
        return not self.is_expired and is_suspended(self.description)

    @property
    def seniority(self) -> tuple[datetime, str]:
        """Of several holders of a name the one with the smallest seniority stands. That it orders
        by creation is inferred.
        """
        return (
            parse_moment(self.start_date) or datetime.max.replace(tzinfo=timezone.utc),
            self.serial_number,
        )


@dataclass(frozen=True)
class Observation:
    """What the service showed. ``time`` and ``configurations_time`` are when it was *requested*, in
    seconds since 1970 (UTC).
    """

    time: float
    configurations_time: float
    configurations: tuple[Configuration, ...]
    entitlements: tuple[Entitlement, ...]
    program: Program | None = None

    @property
    def latest(self) -> float:
        """When the newer of the two lists was requested."""
        return max(self.time, self.configurations_time)

    @cached_property
    def by_serial(self) -> dict[str, Entitlement]:
        """Entitlements by serial number."""
        return {item.serial_number: item for item in self.entitlements}

    @cached_property
    def by_id(self) -> dict[int, Configuration]:
        """Configurations by id."""
        return {item.id: item for item in self.configurations}

    @cached_property
    def _lasting(self) -> list[Entitlement]:
        """All but the EXPIRED ones, which hold nothing."""
        return [item for item in self.entitlements if not item.is_expired]

    @cached_property
    def _by_name(self) -> dict[str | None, list[Entitlement]]:
        """Entitlements by their names, None among them."""
        return grouped(self.entitlements, attrgetter("name"))

    @cached_property
    def _holders(self) -> dict[str | None, list[Entitlement]]:
        """The same without the EXPIRED ones."""
        return grouped(self._lasting, attrgetter("name"))

    @cached_property
    def _by_likeness(self) -> dict[str, list[str]]:
        return grouped(filter(None, self._by_name), likeness)

    @cached_property
    def _garbled(self) -> list[str]:
        return [*filter(is_garbled, filter(None, self._by_name))]

    @cached_property
    def _claims(self) -> dict[str, list[tuple[str, str, str]]]:
        """Name, serial number and run of each claim, by the name."""
        claims = [
            (claim[0], item.serial_number, claim[1])
            for item in self.entitlements
            if (claim := claim_of(item.description))
        ]
        return grouped(sorted(claims), itemgetter(0))

    @cached_property
    def _configurations_by_name(self) -> dict[str, list[Configuration]]:
        ordered = sorted(self.configurations, key=lambda c: (c.status == DISABLED, c.id))
        return grouped(ordered, attrgetter("name"))

    @cached_property
    def _others(self) -> list[Entitlement]:
        """What has a description that is no name, but could be a mark of ours."""
        nobodys = self._holders.get(None, ())
        return [item for item in nobodys if item.description not in ("", SPARE)]

    @cached_property
    def changed_marks(self) -> list[Entitlement]:
        """What a service that changes descriptions, or a person, has made of marks such as
        ``[spare]``.
        """
        return [item for item in self._others if is_changed_mark(item.description)]

    @cached_property
    def _by_configuration(self) -> dict[int, list[Entitlement]]:
        return grouped(self._lasting, attrgetter("configuration_id"))

    def holders(self, name: str | None) -> list[Entitlement]:
        """The entitlements that hold ``name``, the standing one first. EXPIRED ones hold nothing,
        and nothing holds None.
        """
        return sorted(self._holders.get(spelled(name or ""), ()), key=attrgetter("seniority"))

    def expired(self, name: str) -> list[Entitlement]:
        """The EXPIRED entitlements that still bear ``name``."""
        return [item for item in self._by_name.get(spelled(name), ()) if item.is_expired]

    def alike(self, name: str) -> list[Entitlement]:
        """The entitlements of other names that could be ``name`` in another spelling."""
        garbled = filter(partial(could_be, name), self._garbled)
        close = dict.fromkeys([*self._by_likeness.get(likeness(name), ()), *garbled])
        close.pop(spelled(name), None)
        return [item for other in close for item in self._by_name[other]]

    def kept_for(self, name: str) -> list[Entitlement]:
        """What earlier runs made for ``name`` and could not store under it; its mark can be changed
        or cut, too.
        """
        return [item for item in self._others if is_kept_for(item.description, spelled(name))]

    def claims(self, name: str) -> list[tuple[str, str]]:
        """(serial number, run) of every spare that is on its way to ``name``, the smallest first."""
        found = self._claims.get(spelled(name), ())
        return [(serial_number, run) for _name, serial_number, run in found]

    def entitlements_of(self, configuration_id: int) -> list[Entitlement]:
        """What stands on a configuration, EXPIRED ones left out: what a change of it touches."""
        return [*self._by_configuration.get(configuration_id, ())]

    def touched(self, configuration_id: int) -> dict[str, int]:
        """How many entitlements of each status a change of a configuration touches, by status."""
        statuses = map(attrgetter("status"), self.entitlements_of(configuration_id))
        return dict(sorted(Counter(statuses).items()))

    def spares_of(self, configuration_id: int) -> list[Entitlement]:
        """The spares of a configuration."""
        return [item for item in self.entitlements_of(configuration_id) if item.is_spare]

    def of_product(self, product_id: int) -> list[Entitlement]:
        """The entitlements of a product, EXPIRED ones left out, the oldest first."""
        known = self.by_id
        found = (
            item for item in self._lasting if known[item.configuration_id].product_id == product_id
        )
        return sorted(found, key=attrgetter("seniority"))

    def configuration(self, reference: str) -> Configuration | None:
        """The configuration of that number, else the first one of that name."""
        numbered = [c for c in self.configurations if str(c.id) == reference]
        return next(iter(numbered or self.named(reference)), None)

    def named(self, name: str) -> list[Configuration]:
        """The configurations of that name, ACTIVE ones first, then by id."""
        return [*self._configurations_by_name.get(spelled(name), ())]
