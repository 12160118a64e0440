# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule for holders: what the entitlement on which a name stands, or which a serial number
names, has to become.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

from ..catalogue.catalogue import Catalogue
from ._end_date_rule import changed_end_date
from ._guards import refuse_disabled, refuse_unknown_status, told
from ._memory import Memory
from ._texts import Texts
from .calls import Reactivate, RemoveDevices, RenewToken, Stop, UpdateEntitlement
from .description import REMOVED, SPARE, describe, tags_of
from .goal import WantedEntitlement
from .model import Configuration, Entitlement, Observation
from .steps import RELEASE, SET, CannotReach, ItemKey, Step


class HolderRule:
    """Says what is missing until a holder is as it is wanted."""

    def __init__(self, memory: Memory, texts: Texts, catalogue: Catalogue) -> None:
        self._memory = memory
        self._texts = texts
        self._catalogue = catalogue

    def steps(
        self,
        wanted: WantedEntitlement,
        holder: Entitlement,
        seen: Observation,
        target: Configuration | None,
    ) -> list[Step]:
        """The calls that are missing; ``target`` is the configuration that is named, if one is.

        :raises CannotReach: if it cannot become so.
        """
        item = ("entitlement", wanted.key)
        stops = stop(item, holder) if wanted.state == "stopped" else []
        if holder.is_suspended and wanted.minds_suspension:
            return stops
        if not holder.is_known and wanted.state == "present":
            return []
        refuse_unknown_status(wanted, holder)
        if wanted.state == "absent":
            return self._absent(wanted, holder, seen)
        end_date_editable = not (holder.is_stopped or stops)
        updates = self.updates(wanted, holder, seen, target, end_date_editable)
        if wanted.state == "active" and holder.is_stopped:
            refuse_disabled(wanted, target or seen.by_id[holder.configuration_id])
            return [*updates, Step(item, SET, Reactivate(holder.serial_number), holder)]
        return [*stops, *updates, *[renewal(item, holder)] * self._token_is_due(wanted, holder)]

    def _absent(
        self, wanted: WantedEntitlement, holder: Entitlement, seen: Observation
    ) -> list[Step]:
        product = self._catalogue.product(seen.by_id[holder.configuration_id].product_id)
        if product.is_device and wanted.remove_hardware:
            return self._remove(("entitlement", wanted.key), holder)
        if not product.can_be_spare:
            raise CannotReach(
                f"{told(wanted, holder)} is no virtual machine and cannot become a spare; "
                "use state=stopped",
                True,
            )
        return release(wanted.key, holder)

    def _remove(self, item: ItemKey, holder: Entitlement) -> list[Step]:
        """Out of the program, stopped before so that it costs nothing whatever comes of it. One
        that stays in the list all the same is marked.
        """
        if not self._memory.of(holder.serial_number).is_removed:
            stops = [Step(item, RELEASE, Stop(holder.serial_number), holder)] * holder.is_charged
            return [*stops, Step(item, RELEASE, RemoveDevices((holder.serial_number,)), holder)]
        if holder.description == REMOVED:
            raise CannotReach(
                f"{holder.quoted} was taken out of the program and is {holder.status} all the "
                "same; look at it in the portal"
            )
        call = UpdateEntitlement(holder.serial_number, holder.configuration_id, REMOVED)
        return [Step(item, SET, call, holder)]

    def updates(
        self,
        wanted: WantedEntitlement,
        holder: Entitlement,
        seen: Observation,
        target: Configuration | None,
        end_date_editable: bool,
    ) -> list[Step]:
        """The call that brings a holder to what is managed of it, if anything differs.

        :raises CannotReach: if it cannot become so.
        """
        configuration_id = self._configuration_id(wanted, holder, seen, target)
        text = self._text(wanted, holder, seen)
        self._texts.refuse_rewriting(holder, text)
        end_date = changed_end_date(wanted, holder, seen) if end_date_editable else None
        call = UpdateEntitlement(holder.serial_number, configuration_id, text, end_date)
        differs = call != UpdateEntitlement(holder.serial_number, holder.configuration_id)
        return [Step(("entitlement", wanted.key), SET, call, holder)] * differs

    def _configuration_id(
        self,
        wanted: WantedEntitlement,
        holder: Entitlement,
        seen: Observation,
        target: Configuration | None,
    ) -> int:
        """The configuration that it must have."""
        if target is None or target.id == holder.configuration_id:
            return holder.configuration_id
        current = seen.by_id[holder.configuration_id]
        if target.product_id != current.product_id:
            names = [self._catalogue.product(c.product_id).key for c in (current, target)]
            raise CannotReach(
                f"{told(wanted, holder)} is of product {names[0]} and cannot move to "
                f"configuration '{target.name}' of {names[1]}; "
                "release it with state=absent first, or use another name",
                True,
            )
        refuse_disabled(wanted, target)
        return target.id

    def _text(
        self, wanted: WantedEntitlement, holder: Entitlement, seen: Observation
    ) -> str | None:
        """The description that it must get; None if it has the right one, or none is managed."""
        if not self.is_described(wanted, holder, seen):
            return None
        if wanted.name is not None and holder.name != wanted.name:
            tags = wanted.tags if wanted.tags is not None else tags_of(holder.description)
            return describe(wanted.name, tags)
        if wanted.tags is None or tags_of(holder.description) == dict(wanted.tags):
            return None
        if holder.name is None:
            raise CannotReach(
                f"{holder.quoted} has the description '{holder.description}', which is no name; "
                "give name too, so that it can bear tags",
                True,
            )
        return describe(holder.name, wanted.tags)

    def is_described(
        self, wanted: WantedEntitlement, holder: Entitlement, seen: Observation
    ) -> bool:
        """Whether name and tags are kept in the description: of a device only if that is asked for,
        since it costs a request for each.
        """
        product_id = seen.by_id[holder.configuration_id].product_id
        return wanted.describe or not self._catalogue.product(product_id).is_device

    def _token_is_due(self, wanted: WantedEntitlement, holder: Entitlement) -> bool:
        """Whether a token has to be made new. Devices and cloud services have none."""
        is_renewed = self._memory.names[wanted.key].is_renewed
        is_settled = is_renewed or self._memory.of(holder.serial_number).made_for is not None
        if not wanted.needs_holder or is_settled or holder.token_status is None:
            return False
        return wanted.fresh_token == "always" or (
            wanted.fresh_token == "used" and holder.has_used_token
        )


def release(
    key: str, holder: Entitlement, text: str = SPARE, keep_token: bool = False
) -> list[Step]:
    """Stop what is charged, make the token invalid, and write ``text`` last, so that an
    interrupted release is taken up again.
    """
    item = ("entitlement", key)
    steps = [Step(item, RELEASE, Stop(holder.serial_number), holder)] * holder.is_charged
    if not keep_token:
        steps.append(renewal(item, holder))
    call = UpdateEntitlement(holder.serial_number, holder.configuration_id, text)
    return [*steps, Step(item, RELEASE, call, holder)]


def stop(item: ItemKey, holder: Entitlement) -> list[Step]:
    """The end of its charging; nothing if it is not charged."""
    return [Step(item, SET, Stop(holder.serial_number), holder)] * holder.is_charged


def renewal(item: ItemKey, holder: Entitlement, purpose: str = SET) -> Step:
    """A new license token; the one before becomes invalid."""
    return Step(item, purpose, RenewToken(holder.serial_number), holder)
