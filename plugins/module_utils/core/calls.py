# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The writing calls of FortiFlex, each with all that is known of it: body, effect, how the effect
shows, and what a refusal means.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from typing import Annotated, Any, ClassVar, Protocol, TypeAlias, get_type_hints

from ..catalogue.catalogue import Catalogue
from ..optional import without_nulls
from ._storing import could_come_of, stored_as
from .dates import day_of
from .description import REMOVED
from .model import (
    ACTIVE,
    DISABLED,
    PENDING,
    STOPPED,
    TOKEN_TO_COME,
    TOP_FOLDER,
    Configuration,
    Entitlement,
    Observation,
)

Held: TypeAlias = "Configuration | Entitlement"
"""What FortiFlex holds and a call can change."""


class Predicted(Protocol):
    """What a call changes when nothing is sent: an account as a run would leave it."""

    configurations: dict[int, Configuration]
    entitlements: dict[str, Entitlement]
    catalogue: Catalogue

    def new_serial_number(self, configuration_id: int) -> str:
        """What stands for the serial number of something new."""
        ...  # pylint: disable=unnecessary-ellipsis

    def end_of_program(self) -> str | None:
        """The Pacific day (ISO) on which the program ends, which is the end date that FortiFlex
        sets by itself.
        """
        ...  # pylint: disable=unnecessary-ellipsis

    def today(self) -> str:
        """The present Pacific day (ISO)."""
        ...  # pylint: disable=unnecessary-ellipsis


class Remembered(Protocol):
    """What a run remembers of the calls that were carried out."""

    def make(self, serial_number: str, name: str) -> None:
        """An entitlement was created for a name."""

    def switch(self, serial_number: str, name: str) -> None:
        """An entitlement was started, or released, for a name."""

    def renew(self, name: str) -> None:
        """A name has a new license token."""

    def remove(self, serial_number: str) -> None:
        """A device has left the program."""


@cache
def _members(call: type[Call]) -> dict[str, str]:
    """The members of a body, by the names of what they are made of."""
    hints = get_type_hints(call, include_extras=True)
    return {
        name: hint.__metadata__[0] for name, hint in hints.items() if hasattr(hint, "__metadata__")
    }


@dataclass(frozen=True)
class Call(ABC):
    """One writing call. The class says what is true of each call to its endpoint, an instance is
    one request.

    What an instance has is annotated with the member of the body that it is sent as.
    ``created_as``: the member of an answer that names what was created; empty if nothing is.
    FortiFlex counts refused creations.
    ``ends_charging``: what it is sent for costs nothing from the next Pacific day on.
    ``refused_if_done``: FortiFlex refuses it where it has nothing to do, so one refusal may mean
    that another run was faster.
    ``is_unique``: what it creates can be there only once; a refusal may mean the same, but it is
    not sent again.
    """

    endpoint: ClassVar[str]
    created_as: ClassVar[str] = ""
    answers_items: ClassVar[bool] = True
    ends_charging: ClassVar[bool] = False
    refused_if_done: ClassVar[bool] = False
    is_unique: ClassVar[bool] = False
    is_about_configurations: ClassVar[bool] = False
    renews_token: ClassVar[bool] = False

    @property
    def body(self) -> dict[str, Any]:
        """What is sent: the members that are given."""
        members = _members(type(self)).items()
        given = without_nulls({member: getattr(self, name) for name, member in members})
        return {
            member: [*value] if isinstance(value, tuple) else value
            for member, value in given.items()
        }

    @property
    def target(self) -> str:
        """The serial number or id of what it changes; of several, the first. Empty where something
        is created by its name.
        """
        return ""

    @property
    def description(self) -> str | None:
        """The description that it writes; None if it writes none."""
        return None

    @property
    def group(self) -> JointCall | None:
        """What it has in common with calls that can be one with it: they differ in their serial
        numbers only. None: it stands alone.
        """
        return None

    @abstractmethod
    def act(self, account: Predicted) -> dict[str, Any]:
        """Do to a prediction what FortiFlex would do; gives the item that it would answer."""

    @abstractmethod
    def shows(self, seen: Observation, name: str, before: Held | None) -> bool:
        """Whether an observation shows its effect: how a call without an answer is judged. ``name``
        is what it was sent for.
        """

    def after(self, before: Held | None, catalogue: Catalogue) -> Held | None:
        """What it makes of what it changes, but for an end date that FortiFlex sets by itself; None
        where it changes nothing that stays.
        """
        return None

    def remember(self, run: Remembered, serial_number: str, name: str) -> None:
        """What a run has to remember once it was carried out for a name: most calls leave nothing."""
        del run, serial_number, name


@dataclass(frozen=True)
class JointCall(Call):
    """A call that can be for several at once."""

    serial_numbers: Annotated[tuple[str, ...], "serialNumbers"]

    @property
    def target(self) -> str:
        """The first one."""
        return self.serial_numbers[0]

    @property
    def group(self) -> JointCall | None:
        """The same call for none."""
        return replace(self, serial_numbers=())

    def of(self, serial_numbers: Iterable[str]) -> JointCall:
        """The same call for these."""
        return replace(self, serial_numbers=tuple(serial_numbers))


# -- configurations


@dataclass(frozen=True)
class CreateConfiguration(Call):
    """A new configuration. ``parameters`` are pairs of id and value as they are sent."""

    endpoint = "configs/create"
    created_as = "id"
    is_about_configurations = True

    program: Annotated[str, "programSerialNumber"]
    account_id: Annotated[int | None, "accountId"]
    name: Annotated[str, "name"]
    product_id: Annotated[int, "productTypeId"]
    parameters: Annotated[list[dict[str, Any]], "parameters"]

    def act(self, account: Predicted) -> dict[str, Any]:
        """An ACTIVE configuration with a negative id."""
        made = Configuration(
            id=min([0, *account.configurations]) - 1,
            name=self.name,
            product_id=self.product_id,
            values=account.catalogue.product(self.product_id).read(self.parameters),
            status=ACTIVE,
            account_id=self.account_id,
            program=self.program,
        )
        account.configurations[made.id] = made
        return {"id": made.id}

    def shows(self, seen: Observation, name: str, before: Held | None) -> bool:
        """Somebody has made one of that name."""
        return any(c.status == ACTIVE for c in seen.named(self.name))


@dataclass(frozen=True)
class _ConfigurationCall(Call):
    """A call that changes a configuration."""

    is_about_configurations = True

    id: Annotated[int, "id"]

    @property
    def target(self) -> str:
        """Its id."""
        return str(self.id)

    @abstractmethod
    def changed(self, found: Configuration, catalogue: Catalogue) -> Configuration:
        """A configuration after the call."""

    def after(self, before: Held | None, catalogue: Catalogue) -> Held | None:
        """The configuration after the call."""
        return self.changed(before, catalogue) if isinstance(before, Configuration) else None

    def act(self, account: Predicted) -> dict[str, Any]:
        """The configuration is changed."""
        made = self.changed(account.configurations[self.id], account.catalogue)
        account.configurations[self.id] = made
        return {"id": made.id}


@dataclass(frozen=True)
class UpdateConfiguration(_ConfigurationCall):
    """Another name, or other values. ``parameters`` are those that it will have, all of them, as
    they are sent.
    """

    endpoint = "configs/update"

    name: Annotated[str, "name"]
    parameters: Annotated[list[dict[str, Any]], "parameters"]

    def changed(self, found: Configuration, catalogue: Catalogue) -> Configuration:
        """With the name and the values that are sent."""
        values = catalogue.product(found.product_id).read(self.parameters)
        return replace(found, name=self.name, values=found.values | values)

    def shows(self, seen: Observation, name: str, before: Held | None) -> bool:
        """It is otherwise than before."""
        return seen.by_id.get(self.id) not in (None, before)


@dataclass(frozen=True)
class _SetStatus(_ConfigurationCall):
    """A call that changes nothing but the status of a configuration."""

    refused_if_done = True
    status: ClassVar[str]

    def changed(self, found: Configuration, catalogue: Catalogue) -> Configuration:
        """With the other status."""
        return replace(found, status=self.status)

    def shows(self, seen: Observation, name: str, before: Held | None) -> bool:
        """It has the status."""
        found = seen.by_id.get(self.id)
        return found is not None and (found.status == ACTIVE) == (self.status == ACTIVE)


@dataclass(frozen=True)
class EnableConfiguration(_SetStatus):
    """A DISABLED configuration can be used again."""

    endpoint = "configs/enable"
    status: ClassVar[str] = ACTIVE


@dataclass(frozen=True)
class DisableConfiguration(_SetStatus):
    """A configuration can no longer be used for something new."""

    endpoint = "configs/disable"
    status: ClassVar[str] = DISABLED


# -- creations of entitlements


@dataclass(frozen=True)
class _Creation(Call):
    """A call that licenses something new on a configuration. ``end_date`` is a Pacific day (ISO);
    None: the end of the program.
    """

    created_as = "serialNumber"

    configuration_id: Annotated[int, "configId"]
    end_date: Annotated[str | None, "endDate"] = None

    def _new(self, account: Predicted, serial_number: str) -> Entitlement:
        """What it makes: ACTIVE, without a token."""
        return Entitlement(
            serial_number=serial_number,
            description=self.description or "",
            configuration_id=self.configuration_id,
            account_id=account.configurations[self.configuration_id].account_id,
            status=ACTIVE,
            start_date=None,
            end_date=self.end_date or account.end_of_program(),
            token=None,
            token_status=None,
        )

    def _numbered(self, account: Predicted, folder: str | None) -> Entitlement:
        """The same with a serial number that FortiFlex will give it, in a folder."""
        made = self._new(account, account.new_serial_number(self.configuration_id))
        return replace(made, predicted=True, folder=folder or TOP_FOLDER)

    def remember(self, run: Remembered, serial_number: str, name: str) -> None:
        """It is the run's own."""
        run.make(serial_number, name)

    @staticmethod
    def _put(account: Predicted, made: Entitlement) -> dict[str, Any]:
        account.entitlements[made.serial_number] = made
        return {"serialNumber": made.serial_number, "description": made.description}


@dataclass(frozen=True)
class CreateVm(_Creation):
    """``count`` new virtual machines of one description. ``skip_pending``: they are ACTIVE, and
    charged, at once.
    """

    endpoint = "entitlements/vm/create"

    text: Annotated[str, "description"] = ""
    count: Annotated[int, "count"] = 1
    folder: Annotated[str | None, "folderPath"] = None
    skip_pending: Annotated[bool, "skipPending"] = False

    @property
    def description(self) -> str | None:
        """The same for all of them."""
        return self.text

    def act(self, account: Predicted) -> dict[str, Any]:
        """PENDING ones with tokens that are not known yet."""
        answer: dict[str, Any] = {}
        for _number in range(self.count):
            made = replace(
                self._numbered(account, self.folder),
                status=ACTIVE if self.skip_pending else PENDING,
                token=TOKEN_TO_COME,
                token_status="NOTUSED",
            )
            answer = self._put(account, made)
        return answer

    def shows(self, seen: Observation, name: str, before: Held | None) -> bool:
        """The name has a holder."""
        return bool(seen.holders(name))


@dataclass(frozen=True)
class LicenseDevices(_Creation, JointCall):
    """Devices that exist, licensed by their own serial numbers."""

    endpoint = "entitlements/hardware/create"
    is_unique = True

    def act(self, account: Predicted) -> dict[str, Any]:
        """ACTIVE ones, from today on."""
        answer: dict[str, Any] = {}
        for serial_number in self.serial_numbers:
            answer = self._put(account, self._new(account, serial_number))
        return answer

    def shows(self, seen: Observation, name: str, before: Held | None) -> bool:
        """All of them are listed."""
        return set(self.serial_numbers) <= seen.by_serial.keys()


@dataclass(frozen=True)
class CreateCloud(_Creation):
    """The one entitlement that an account can have of a cloud service."""

    endpoint = "entitlements/cloud/create"
    is_unique = True

    folder: Annotated[str | None, "folderPath"] = None

    def act(self, account: Predicted) -> dict[str, Any]:
        """An ACTIVE one."""
        return self._put(account, self._numbered(account, self.folder))

    def shows(self, seen: Observation, name: str, before: Held | None) -> bool:
        """There is one, whoever made it."""
        return bool(seen.of_product(seen.by_id[self.configuration_id].product_id))


# -- changes of entitlements


@dataclass(frozen=True)
class _EntitlementCall(Call):
    """A call that changes one entitlement."""

    serial_number: Annotated[str, "serialNumber"]

    @property
    def target(self) -> str:
        """Its serial number."""
        return self.serial_number

    @abstractmethod
    def changed(self, found: Entitlement) -> Entitlement:
        """An entitlement after the call, but for an end date that FortiFlex sets by itself."""

    def after(self, before: Held | None, catalogue: Catalogue) -> Held | None:
        """The entitlement after the call."""
        return self.changed(before) if isinstance(before, Entitlement) else None

    def dated(self, made: Entitlement, account: Predicted) -> Entitlement:
        """With the end date that FortiFlex sets by itself, if it sets one."""
        return made

    def act(self, account: Predicted) -> dict[str, Any]:
        """The entitlement is changed."""
        made = self.changed(account.entitlements[self.serial_number])
        made = self.dated(made, account)
        account.entitlements[made.serial_number] = made
        return {"serialNumber": made.serial_number, "description": made.description}

    def shows(self, seen: Observation, name: str, before: Held | None) -> bool:
        """It is as the call should have made it."""
        found = seen.by_serial.get(self.serial_number)
        return found is not None and self.is_done(found, before)

    @abstractmethod
    def is_done(self, found: Entitlement, before: Held | None) -> bool:
        """Whether an entitlement is as the call should have made it."""


@dataclass(frozen=True)
class UpdateEntitlement(_EntitlementCall):
    """Another configuration of its product, description, or end date (a Pacific day, ISO). What is
    None stays.
    """

    endpoint = "entitlements/update"

    configuration_id: Annotated[int, "configId"]
    text: Annotated[str | None, "description"] = None
    end_date: Annotated[str | None, "endDate"] = None

    @property
    def description(self) -> str | None:
        """What it writes."""
        return self.text

    def changed(self, found: Entitlement) -> Entitlement:
        """With what is sent."""
        return replace(
            found,
            configuration_id=self.configuration_id,
            description=found.description if self.text is None else self.text,
            end_date=found.end_date if self.end_date is None else self.end_date,
        )

    def is_done(self, found: Entitlement, before: Held | None) -> bool:
        """It has all of it."""
        return (
            found.configuration_id == self.configuration_id
            and self._is_described(found, before)
            and (self.end_date is None or found.end_day == day_of(self.end_date))
        )

    def _is_described(self, found: Entitlement, before: Held | None) -> bool:
        """Whether it has the text, or what a service that changes descriptions may have made of it."""
        if self.text is None or stored_as(self.text, found.description):
            return True
        is_new = isinstance(before, Entitlement) and found.description != before.description
        return is_new and could_come_of(self.text, found.description)


@dataclass(frozen=True)
class Stop(_EntitlementCall):
    """The end of its charging. FortiFlex sets its end date to the present day."""

    endpoint = "entitlements/stop"
    ends_charging = True
    refused_if_done = True

    def changed(self, found: Entitlement) -> Entitlement:
        """STOPPED."""
        return replace(found, status=STOPPED)

    def dated(self, made: Entitlement, account: Predicted) -> Entitlement:
        """It ends on the present day."""
        return replace(made, end_date=account.today())

    def is_done(self, found: Entitlement, before: Held | None) -> bool:
        """It costs nothing."""
        return not found.is_charged


@dataclass(frozen=True)
class Reactivate(_EntitlementCall):
    """A STOPPED one is charged again. FortiFlex sets its end date to that of the program."""

    endpoint = "entitlements/reactivate"
    refused_if_done = True

    def changed(self, found: Entitlement) -> Entitlement:
        """ACTIVE."""
        return replace(found, status=ACTIVE)

    def dated(self, made: Entitlement, account: Predicted) -> Entitlement:
        """It ends with the program."""
        return replace(made, end_date=account.end_of_program())

    def is_done(self, found: Entitlement, before: Held | None) -> bool:
        """It is charged."""
        return found.is_charged

    def remember(self, run: Remembered, serial_number: str, name: str) -> None:
        """If it is a spare by then, the run stops it again."""
        run.switch(serial_number, name)


@dataclass(frozen=True)
class RenewToken(_EntitlementCall):
    """A new license token; the one before becomes invalid."""

    endpoint = "entitlements/vm/token"
    renews_token = True

    def changed(self, found: Entitlement) -> Entitlement:
        """With a token that nobody has used."""
        return replace(found, token=TOKEN_TO_COME, token_status="NOTUSED")

    def is_done(self, found: Entitlement, before: Held | None) -> bool:
        """The token is another one."""
        return isinstance(before, Entitlement) and found.token != before.token

    def remember(self, run: Remembered, serial_number: str, name: str) -> None:
        """One is enough."""
        run.renew(name)


@dataclass(frozen=True)
class RemoveDevices(JointCall):
    """Devices leave the program."""

    endpoint = "entitlements/hardware/remove"
    answers_items = False
    refused_if_done = True

    def act(self, account: Predicted) -> dict[str, Any]:
        """They are not listed any more."""
        for serial_number in self.serial_numbers:
            del account.entitlements[serial_number]
        return {}

    def shows(self, seen: Observation, name: str, before: Held | None) -> bool:
        """None of them is listed, unless with the mark of one that was removed before."""
        listed = (seen.by_serial.get(number) for number in self.serial_numbers)
        return all(item is None or item.description == REMOVED for item in listed)

    def remember(self, run: Remembered, serial_number: str, name: str) -> None:
        """One that is still listed is marked."""
        run.remove(serial_number)


@dataclass(frozen=True)
class Transfer(JointCall):
    """Entitlements move from a configuration of one account to one of another account."""

    endpoint = "entitlements/transfer"

    source_account_id: Annotated[int, "sourceAccountId"]
    source_configuration_id: Annotated[int, "sourceConfigId"]
    account_id: Annotated[int, "targetAccountId"]
    configuration_id: Annotated[int, "targetConfigId"]

    def act(self, account: Predicted) -> dict[str, Any]:
        """They are in the other account."""
        for serial_number in self.serial_numbers:
            found = account.entitlements[serial_number]
            account.entitlements[serial_number] = replace(
                found, account_id=self.account_id, configuration_id=self.configuration_id
            )
        return {}

    def shows(self, seen: Observation, name: str, before: Held | None) -> bool:
        """They are listed in the account that is observed, which is the other one."""
        return set(self.serial_numbers) <= seen.by_serial.keys()


@dataclass(frozen=True)
class DownloadLicense(_EntitlementCall):
    """A FortiGate VM fetches its license by a call of its own REST API, not of FortiFlex, and
    restarts.
    """

    endpoint = "vmlicense/download"

    def changed(self, found: Entitlement) -> Entitlement:
        """ACTIVE, once the device has used the token."""
        return replace(found, status=ACTIVE, token_status="USED")

    def is_done(self, found: Entitlement, before: Held | None) -> bool:
        """It is charged."""
        return found.is_charged


CALLS: dict[str, type[Call]] = {
    call.endpoint: call
    for call in (
        CreateConfiguration,
        UpdateConfiguration,
        EnableConfiguration,
        DisableConfiguration,
        CreateVm,
        LicenseDevices,
        CreateCloud,
        UpdateEntitlement,
        Stop,
        Reactivate,
        RenewToken,
        RemoveDevices,
        Transfer,
    )
}
"""Each writing call of FortiFlex by its endpoint."""
