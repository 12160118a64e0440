# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules for what is there once, whoever makes it: devices, which have serial numbers of their
own, and cloud services.

So is what a task names by its serial number. None of it needs a claim.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

from ..catalogue.catalogue import Catalogue, Product
from ..wording import quoted
from ._end_date_rule import new_end_date
from ._guards import refuse_creation, refuse_disabled, refuse_expired, refuse_lookalikes, told
from ._holder_rule import HolderRule
from ._memory import Memory
from ._name_rule import NameRule
from .calls import CreateCloud, LicenseDevices
from .goal import WantedEntitlement
from .model import Configuration, Entitlement, Observation
from .steps import CREATE, CannotReach, Step, Verdict


class SerialNumberRule:
    """Says what an entitlement that is named by its serial number needs; a device may be licensed
    by it.
    """

    def __init__(
        self, memory: Memory, catalogue: Catalogue, holders: HolderRule, where: str
    ) -> None:
        """``where`` names program and account."""
        self._memory = memory
        self._catalogue = catalogue
        self._holders = holders
        self._where = where

    def verdict(
        self, wanted: WantedEntitlement, seen: Observation, target: Configuration | None
    ) -> Verdict:
        """Steps towards ``wanted``; ``target`` is the configuration that it names, if it names one.

        :raises CannotReach: if it cannot be reached.
        """
        holder = seen.by_serial.get(wanted.serial_number or "")
        if holder is None:
            return self._unlisted(wanted, seen, target)
        if self._is_gone(wanted, holder):
            return Verdict()
        self._refuse_others(wanted, holder, seen)
        if wanted.state == "absent":
            if holder.is_marked_spare or holder.is_expired or holder.is_removed:
                return Verdict()
        elif holder.is_marked_spare or holder.is_claimed:
            raise CannotReach(
                f"{holder.serial_number} is a spare ('{holder.description}'); leave serial_number "
                "out, and a name that needs an entitlement takes a spare safely",
                True,
            )
        if holder.is_expired:
            self._refuse_lapsed(wanted, holder, seen, target)
            return Verdict()
        return Verdict(self._holders.steps(wanted, holder, seen, target))

    def _is_gone(self, wanted: WantedEntitlement, holder: Entitlement) -> bool:
        """Whether it is a spare by now, or already somebody's who took it."""
        is_released = self._memory.of(holder.serial_number).is_released
        return wanted.held_by not in (None, holder.name) or (
            wanted.state == "absent" and is_released
        )

    def _refuse_others(
        self, wanted: WantedEntitlement, holder: Entitlement, seen: Observation
    ) -> None:
        """A name and a serial number that do not belong together are two wishes."""
        if wanted.name is None or not self._holders.is_described(wanted, holder, seen):
            return
        for other in seen.holders(wanted.name):
            if other.serial_number != holder.serial_number:
                raise CannotReach(
                    f"'{wanted.name}' is held by {other.serial_number}, not by {holder.called}; "
                    "give one of name and serial_number, or two that belong together",
                    True,
                )

    def _refuse_lapsed(
        self,
        wanted: WantedEntitlement,
        holder: Entitlement,
        seen: Observation,
        target: Configuration | None,
    ) -> None:
        """What is EXPIRED stays as it is."""
        if wanted.state == "active" or self._holders.updates(wanted, holder, seen, target, False):
            raise CannotReach(
                f"{told(wanted, holder)} is EXPIRED since {holder.end_date} and cannot be changed "
                "or started again; license another one by name"
            )

    def _unlisted(
        self, wanted: WantedEntitlement, seen: Observation, target: Configuration | None
    ) -> Verdict:
        """A serial number that FortiFlex does not list: a device that can be licensed, or one that
        has left.
        """
        if target is not None and self._catalogue.product(target.product_id).is_device:
            return self._license(wanted, seen, target)
        if wanted.state == "absent" and wanted.remove_hardware:
            return Verdict()
        raise CannotReach(
            f"{quoted(wanted.name, wanted.serial_number)} is not among the entitlements of "
            f"{self._where}; check serial_number, program and account_id",
            True,
        )

    def _license(
        self, wanted: WantedEntitlement, seen: Observation, target: Configuration
    ) -> Verdict:
        """A device that is not licensed: FortiFlex knows it by its own serial number, so nobody can
        license it twice.
        """
        if not wanted.needs_holder:
            return Verdict()
        refuse_disabled(wanted, target)
        refuse_creation(wanted)
        number = wanted.serial_number or ""
        if self._memory.of(number).made_for is not None:
            raise CannotReach(
                f"{quoted(wanted.name, number)} was licensed in this run, but FortiFlex does not "
                "list it; look at it in the portal before another run"
            )
        call = LicenseDevices((number,), target.id, new_end_date(wanted, seen))
        return Verdict([Step(("entitlement", wanted.key), CREATE, call)])


class CloudRule:
    """Says what the one entitlement that an account can have of a cloud service needs, whoever made
    it; its description says whose it is.
    """

    def __init__(self, catalogue: Catalogue, holders: HolderRule, names: NameRule) -> None:
        self._catalogue = catalogue
        self._holders = holders
        self._names = names

    def verdict(
        self, wanted: WantedEntitlement, seen: Observation, target: Configuration
    ) -> Verdict:
        """Steps towards ``wanted``; ``target`` is the configuration that it names.

        :raises CannotReach: if it cannot be reached.
        """
        name, product = wanted.key, self._catalogue.product(target.product_id)
        standing = next(iter(seen.of_product(target.product_id)), None)
        if not wanted.needs_holder:
            if standing is None or standing.name != name:
                return Verdict()
        else:
            self._refuse_others(name, product, seen)
            if standing is None:
                return self._create(wanted, seen, target)
            if standing.description and standing.name != name:
                raise CannotReach(
                    f"'{name}': the account has its one entitlement of {product.key} already, "
                    f"{standing.serial_number} with the description '{standing.description}'; "
                    f"use that name, or give serial_number={standing.serial_number} to rename it",
                    True,
                )
        return Verdict(self._holders.steps(wanted, standing, seen, target))

    @staticmethod
    def _refuse_others(name: str, product: Product, seen: Observation) -> None:
        """A name stands on one thing."""
        for other in seen.holders(name):
            if seen.by_id[other.configuration_id].product_id != product.id:
                raise CannotReach(
                    f"'{name}' is held by {other.serial_number}, which is no {product.key}; "
                    "use another name for the cloud service",
                    True,
                )

    def _create(
        self, wanted: WantedEntitlement, seen: Observation, target: Configuration
    ) -> Verdict:
        name = wanted.key
        expired = [
            item
            for item in seen.expired(name)
            if seen.by_id[item.configuration_id].product_id == target.product_id
        ]
        refuse_expired(wanted, expired)
        refuse_disabled(wanted, target)
        refuse_creation(wanted)
        self._names.refuse_vanished(name, seen)
        refuse_lookalikes(wanted, seen)
        call = CreateCloud(target.id, new_end_date(wanted, seen), wanted.folder)
        return Verdict([Step(("entitlement", name), CREATE, call)])
