# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What rules out a license whatever else is observed: each guard passes, or fails with the sentence
that says why.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..catalogue.catalogue import Catalogue
from ..wording import quoted
from ._storing import advice_on
from .description import kept_for
from .goal import WantedEntitlement
from .model import DISABLED, Configuration, Entitlement, Observation, spelling_problem
from .spelling import folded
from .steps import CannotReach


def told(wanted: WantedEntitlement, holder: Entitlement) -> str:
    """An entitlement in a sentence: by the name that is asked for or that it has, and its serial
    number.
    """
    return quoted(wanted.name or holder.name, holder.serial_number)


def usable(
    wanted: WantedEntitlement, target: Configuration | None, catalogue: Catalogue, where: str
) -> Configuration:
    """The configuration on which a virtual machine can be licensed. ``where`` names program and
    account.

    :raises CannotReach: if there is none, or it is none for that.
    """
    if target is None:
        raise CannotReach(
            f"'{wanted.name}' has no entitlement in {where}, and none can be made "
            "without a configuration; set configuration",
            True,
        )
    refuse_disabled(wanted, target)
    if catalogue.product(target.product_id).is_device:
        raise CannotReach(
            f"'{wanted.name}': configuration '{target.name}' is for devices, and devices are "
            "licensed by their own serial number; set serial_number",
            True,
        )
    return target


def refuse_disabled(wanted: WantedEntitlement, target: Configuration) -> None:
    """Nothing new stands on a DISABLED configuration.

    :raises CannotReach: for one.
    """
    if target.status == DISABLED:
        raise CannotReach(
            f"'{wanted.key}': configuration '{target.name}' (id {target.id}) is DISABLED; "
            "enable it first or name another",
            True,
        )


def refuse_creation(wanted: WantedEntitlement) -> None:
    """What may not be created is not.

    :raises CannotReach: for such a license.
    """
    if not wanted.create:
        raise CannotReach(
            f"'{wanted.key}' is not licensed, and create=false lets nothing be created; "
            "let it be created, or leave it out",
            True,
        )


def refuse_unknown_status(wanted: WantedEntitlement, holder: Entitlement) -> None:
    """Nothing is done to what nobody understands.

    :raises CannotReach: for a status that this collection does not know.
    """
    if not holder.is_known:
        raise CannotReach(
            f"{told(wanted, holder)} has the status {holder.status}, which this collection does "
            "not know; look at it in the portal, nothing was done to it"
        )


def refuse_expired(wanted: WantedEntitlement, expired: list[Entitlement]) -> None:
    """A lapsed program must not silently buy new serial numbers.

    :raises CannotReach: if something EXPIRED has the name, and nobody asked to replace it.
    """
    if expired and not wanted.replace_expired:
        raise CannotReach(
            f"the only entitlement of '{wanted.name}', {expired[0].serial_number}, is EXPIRED "
            f"since {expired[0].end_date}; "
            "set replace_expired=true to license it with another serial number"
        )


def refuse_spellings(name: str, holders: list[Entitlement], where: str) -> None:
    """Two texts that people wrote in two ways are not made one: nothing of it is released.

    :raises CannotReach: for such holders.
    """
    problem = spelling_problem(holders)
    if problem:
        raise CannotReach(f"'{name}' is held twice in {where}: {problem}")


def refuse_lookalikes(wanted: WantedEntitlement, seen: Observation) -> None:
    """No new license for what may be another spelling of a name that has one, or for what FortiFlex
    could not store before.

    :raises CannotReach: for such a name.
    """
    for other in seen.alike(wanted.key):
        is_told_apart = other.name in wanted.distinct_from
        if not (is_told_apart or (other.is_expired and wanted.replace_expired)):
            raise _taken_for(wanted.key, other)
    _refuse_rivals(wanted.key, wanted.rivals)
    for kept in seen.kept_for(wanted.key):
        raise CannotReach(
            f"'{wanted.name}' should have got {kept.serial_number}, which reads "
            f"'{kept.description}' since FortiFlex could not store that name: "
            f"{advice_on(kept_for(wanted.name or ''), kept.description)}; "
            "then release that one by its serial_number with state=absent",
            lasting=True,
        )


def _taken_for(name: str, other: Entitlement) -> CannotReach:
    """Why a name is not licensed beside another one that could be the same."""
    bearer = f"'{other.name}', the name of {other.serial_number} ({other.status})"
    if folded(other.name or "") == folded(name):
        return CannotReach(
            f"'{name}' differs only by case from {bearer}; "
            "use that name, or list it in distinct_from of this one if both are wanted",
            foreseen=True,
            lasting=True,
        )
    return CannotReach(
        f"'{name}' has no entitlement, and {bearer}, may be what FortiFlex stored of it: "
        f"{advice_on(name, other.name or '')}; then release that one by its serial_number, "
        "or list its name in distinct_from of this one if both are wanted",
        lasting=True,
    )


def _refuse_rivals(name: str, rivals: Iterable[str]) -> None:
    for rival in rivals:
        raise CannotReach(
            f"'{name}' has no entitlement, and '{rival}' is listed, too, which may be another "
            "spelling of that name; "
            "use one of them, or list the other in distinct_from if both are wanted",
            True,
        )
