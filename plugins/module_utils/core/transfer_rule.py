# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what two accounts hold to the calls that bring entitlements from one to the other.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from ..catalogue.catalogue import Catalogue
from ..errors import InvalidInput
from . import calls
from .model import ACTIVE, EXPIRED, Configuration, Entitlement, Observation, claim_of
from .steps import SET, Step, together


@dataclass(frozen=True)
class WantedTransfer:
    """Which entitlements shall be in the target account, and on which of its configurations, by name or id; None: the one that is named as in the source."""

    names: tuple[str, ...]
    serial_numbers: tuple[str, ...]
    source_account_id: int
    target_account_id: int
    configuration: str | None


@dataclass(frozen=True)
class Transfer:
    """What is where: entitlements to be sent over and those to be moved after they have arrived, each with its configuration to be."""

    serial_numbers: tuple[str, ...]  # of all that is asked for
    leaving: tuple[tuple[Entitlement, Configuration], ...]
    moving: tuple[tuple[Entitlement, Configuration], ...]

    def steps(self, wanted: WantedTransfer, most: int, left_out: Collection[str]) -> list[Step]:
        """The calls that are missing: entitlements that go from one configuration to another together, up to so many in a call."""
        groups: dict[tuple[int, int], list[Step]] = {}
        for entitlement, target in self.leaving:
            if entitlement.serial_number not in left_out:
                call = calls.Transfer(
                    (entitlement.serial_number,),
                    wanted.source_account_id,
                    entitlement.configuration_id,
                    wanted.target_account_id,
                    target.id,
                )
                step = Step(("entitlement", entitlement.serial_number), SET, call, entitlement)
                groups.setdefault((entitlement.configuration_id, target.id), []).append(step)
        moves = [
            Step(
                ("entitlement", entitlement.serial_number),
                SET,
                calls.UpdateEntitlement(entitlement.serial_number, target.id),
                entitlement,
            )
            for entitlement, target in self.moving
            if entitlement.serial_number not in left_out
        ]
        return [
            together(group[first : first + most])
            for group in groups.values()
            for first in range(0, len(group), most)
        ] + moves

    @property
    def number(self) -> int:
        """How many entitlements are not where they should be."""
        return len(self.leaving) + len(self.moving)

    def carried_out(
        self, wanted: WantedTransfer, source: Observation, target: Observation
    ) -> tuple[Observation, Observation]:
        """Both accounts as they will be when nothing is missing."""
        arrived = {
            entitlement.serial_number: replace(
                entitlement, account_id=wanted.target_account_id, configuration_id=configuration.id
            )
            for entitlement, configuration in (*self.leaving, *self.moving)
        }
        gone = {entitlement.serial_number for entitlement, _configuration in self.leaving}
        left = (e for e in source.entitlements if e.serial_number not in gone)
        there = (e for e in target.entitlements if e.serial_number not in arrived)
        return (
            replace(source, entitlements=tuple(left)),
            replace(target, entitlements=(*there, *arrived.values())),
        )


def transfer_of(
    wanted: WantedTransfer, source: Observation, target: Observation, catalogue: Catalogue
) -> Transfer:
    """What is to be sent over. ``source`` was looked at before ``target``, so that what is seen in both has arrived meanwhile.

    :raises InvalidInput: with everything that cannot be sent over.
    """
    problems: list[str] = []
    found: list[Entitlement] = []
    leaving: list[tuple[Entitlement, Configuration]] = []
    moving: list[tuple[Entitlement, Configuration]] = []
    for entitlement, there in _found(wanted, source, target, problems):
        found.append(entitlement)
        configuration = _configuration(
            wanted, entitlement, target if there else source, target, catalogue, problems
        )
        if configuration is None or (there and configuration.id == entitlement.configuration_id):
            continue
        reason = _unfit(entitlement)
        if reason:
            problems.append(f"{entitlement.quoted} {reason}")
        (moving if there else leaving).append((entitlement, configuration))
    held = Counter(
        entitlement.name for entitlement, _configuration in leaving if entitlement.name is not None
    )
    problems += [
        f"'{name}' is the name of {times} of these entitlements; give them names of their own first"
        for name, times in held.items()
        if times > 1
    ]
    problems += [
        f"{entitlement.quoted} is listed by its name and by its serial number; list it once"
        for entitlement, times in Counter(found).items()
        if times > 1
    ]
    if problems:
        raise InvalidInput(problems)
    numbers = tuple(entitlement.serial_number for entitlement in found)
    return Transfer(numbers, tuple(leaving), tuple(moving))


def _unfit(entitlement: Entitlement) -> str | None:
    """Why nothing can be done with an entitlement, as the rest of a sentence."""
    if entitlement.status == EXPIRED:
        return "is EXPIRED and can neither be transferred nor moved; leave it out"
    if claim_of(entitlement.description) is not None:
        return f"is on its way to a name ('{entitlement.description}'); run again when that is done"
    return None


def _found(
    wanted: WantedTransfer, source: Observation, target: Observation, problems: list[str]
) -> Iterable[tuple[Entitlement, bool]]:
    """Each entitlement that is asked for, and whether it has arrived."""
    where = f"account {wanted.source_account_id} or {wanted.target_account_id}"
    for name in wanted.names:
        here, there = source.holders(name), target.holders(name)
        both = [holder for holder in here if holder.serial_number not in target.by_serial]
        if there and both:
            problems.append(
                f"'{name}' is held by {both[0].serial_number} in account {wanted.source_account_id} and by {there[0].serial_number} in account "
                f"{wanted.target_account_id}; give one of them another name"
            )
        elif there:
            yield there[0], True
        elif len(here) > 1:
            told = " and ".join(f"{holder.serial_number} ({holder.status})" for holder in here)
            problems.append(
                f"'{name}' is held by {told} in account {wanted.source_account_id}; give the serial number of the one that is meant"
            )
        elif here:
            yield here[0], False
        else:
            expired = [*source.expired(name), *target.expired(name)]
            told = (
                f"only {expired[0].serial_number} bears it, which is EXPIRED"
                if expired
                else "check the name and the accounts"
            )
            problems.append(f"'{name}' holds no entitlement in {where}; {told}")
    for number in wanted.serial_numbers:
        if number in target.by_serial:
            yield target.by_serial[number], True
            continue
        held = source.by_serial.get(number)
        others = target.holders(held.name) if held is not None and held.name is not None else []
        if held is None:
            problems.append(
                f"{number} is not among the entitlements of {where}; check the serial number and the accounts"
            )
        elif others:
            problems.append(
                f"{held.quoted} has the name that {others[0].serial_number} holds in account {wanted.target_account_id}; "
                "give one of them another name"
            )
        else:
            yield held, False


def _configuration(
    wanted: WantedTransfer,
    entitlement: Entitlement,
    where: Observation,
    target: Observation,
    catalogue: Catalogue,
    problems: list[str],
) -> Configuration | None:
    """The configuration that an entitlement shall have in the target account; None where it stays, or cannot be found."""
    present = where.by_id[entitlement.configuration_id]
    if wanted.configuration is None and where is target:
        return None
    reference = wanted.configuration if wanted.configuration is not None else present.name
    fitting = [
        c
        for c in target.configurations
        if reference in (c.name, str(c.id) if wanted.configuration is not None else c.name)
        and c.status == ACTIVE
    ]
    key = entitlement.quoted
    if len(fitting) != 1:
        how = (
            f"{len(fitting)} ACTIVE configurations named '{reference}'"
            if fitting
            else f"no ACTIVE configuration '{reference}'"
        )
        problems.append(
            f"{key}: account {wanted.target_account_id} has {how}; create it there, or give target_configuration by name or id"
        )
        return None
    if fitting[0].product_id != present.product_id:
        products = [catalogue.product(c.product_id).key for c in (present, fitting[0])]
        problems.append(
            f"{key} is of product {products[0]}, and configuration '{reference}' of account {wanted.target_account_id} is of {products[1]}; "
            "give one of the same product"
        )
        return None
    return fitting[0]
