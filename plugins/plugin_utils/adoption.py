# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What FortiFlex holds, as the fleets and the inventory that ask for exactly that, so that applying
them changes nothing.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple

from ..module_utils.catalogue.catalogue import Catalogue, Product
from ..module_utils.core.description import (
    SUSPENDED,
    is_template,
    name_problem,
    tags_of,
    tags_problem,
)
from ..module_utils.core.model import Entitlement
from ..module_utils.errors import Problems
from ..module_utils.grouping import grouped
from ._left_out import LeftOut
from .terraform_state import Managed

Shape = Mapping[str, Any]
"""A configuration or an entitlement as the info modules return it."""

Options = dict[str, Any]
"""A configuration or an entitlement as flex_fleet takes it."""

GROUP = "fortiflex_sites"
_RESERVED = re.compile(rf"all|ungrouped|localhost|{GROUP}|account_\d+", re.IGNORECASE)
_INDEX = re.compile(r'\["?([^]"]*)"?\]')  # of a Terraform resource: ["oslo"] or [0]


# The state that keeps a configuration as it is, where that is not the default of flex_fleet.
_STATES: dict[str, Options] = {"active": {}, "disabled": {"state": "disabled"}}


class CannotAdopt(Exception):
    """Why something is left out, as the rest of a sentence."""


class Adopted(NamedTuple):
    """An entitlement: its serial number, what its host is called as far as that goes, and its
    options.
    """

    serial_number: str
    called: str
    options: Options


class AdoptedAccount(NamedTuple):
    """What is adopted of an account of a program."""

    number: int
    program: str
    configurations: list[Options]
    entitlements: list[Adopted]

    @property
    def by_name(self) -> int:
        """How many of its entitlements go by their names."""
        return sum("name" in adopted.options for adopted in self.entitlements)

    @property
    def fleet(self) -> dict[str, list[Options]]:
        """As flex_fleet takes it."""
        return {
            "configurations": self.configurations,
            "entitlements": [adopted.options for adopted in self.entitlements],
        }


class Adoption:
    """Turns what the info modules return into accounts; collects what is left out."""

    def __init__(
        self, catalogue: Catalogue, ends: Mapping[str, Any], managed: Managed | None = None
    ) -> None:
        """``ends``: the last days of programs, by serial number.

        ``managed``: adopt only what a Terraform state manages.
        """
        self._catalogue = catalogue
        self._ends = ends
        self._managed = managed
        self.left_out = LeftOut()
        self.unmanaged: list[str] = []  # how much a Terraform state does not manage

    def accounts(
        self, configurations: Iterable[Shape], entitlements: Iterable[Shape]
    ) -> list[AdoptedAccount]:
        """The accounts that have configurations, by number; of those in which the Terraform state
        manages nothing, none.
        """
        templates = list(configurations)
        held = list(map(Entitlement.from_result, entitlements))
        held_by = grouped(held, attrgetter("account_id"))
        accounts = [
            self._account(number, shapes, held_by.get(number, []))
            for number, shapes in sorted(grouped(templates, itemgetter("account_id")).items())
        ]
        if self._managed is not None:
            ids = {shape["id"] for shape in templates}
            self._compare(self._managed, ids, {item.serial_number for item in held})
            accounts = [account for account in accounts if any(account.fleet.values())]
        return accounts

    def _account(
        self, number: int, templates: list[Shape], held: list[Entitlement]
    ) -> AdoptedAccount:
        """What is adopted of an account that has these configurations and entitlements."""
        program = templates[-1]["program"]
        times = Counter(shape["name"] for shape in templates)
        listed = {
            _id(shape): self._configuration(shape, times[shape["name"]] > 1) for shape in templates
        }
        product = self._catalogue.product
        products = {_id(shape): product(shape["product_id"]) for shape in templates}
        names = _Names(held, products)
        ordered = sorted(held, key=lambda e: (e.name is None, e.name or "", e.serial_number))
        return AdoptedAccount(
            number,
            program,
            [item for key, item in listed.items() if self._manages("configurations", key)],
            [
                Adopted(
                    item.serial_number,
                    self._called(item, names),
                    self._entitlement(
                        item,
                        names,
                        listed[item.configuration_id],
                        products[item.configuration_id].is_device,
                        self._ends.get(program),
                    ),
                )
                for item in ordered
                if self._manages("entitlements", item.serial_number) and self._stays(item)
            ],
        )

    def _manages(self, kind: str, key: Any) -> bool:
        """Whether the Terraform state has it, if there is one."""
        return self._managed is None or key in getattr(self._managed, kind)

    # -- configurations

    def _configuration(self, shape: Shape, shared: bool) -> Options:
        """By its name, unless that is shared, could mean something else, or is of something that
        could not be made again.
        """
        name = shape["name"]
        parameters, is_sold = self._parameters(shape)
        is_clear = not (shared or name_problem(name) or name.isdecimal() or is_template(name))
        item = {"name": name} if is_clear and is_sold else {"id": shape["id"]}
        item |= {"product": shape["product"], "parameters": parameters}
        return item | _STATES.get(shape["status"].lower(), {"state": "present"})

    def _parameters(self, shape: Shape) -> tuple[Options, bool]:
        """The parameters that can be set, and whether a new configuration could have them."""
        product = self._catalogue.product(shape["product_id"])
        known: Options = {}
        # flex_fleet asks FortiFlex about the others, as the module did that shows them.
        others: Options = {}
        for name, value in shape["parameters"].items():
            parameter = product.parameter(name)
            try:
                if is_template(str(value)):
                    raise CannotAdopt("its value has marks of a template; set it in the file")
                if parameter is None:
                    others[name] = value
                elif not (parameter.read_only or parameter.deprecated):
                    # By its number it may have values that the shipped catalogue lacks.
                    known |= _fitting(product, (name, str(parameter.id)), value, known)
            except CannotAdopt as reason:
                where = f"parameter {name} of configuration '{shape['name']}' (id {shape['id']})"
                self.left_out.add(where, str(reason))
        return {**known, **others}, not _problems(product, known, complete=True)

    # -- entitlements

    def _stays(self, item: Entitlement) -> bool:
        """Whether it can be adopted; if not, the reason is kept."""
        reason = _obstacle(item)
        if reason is not None:
            what = f"{item.serial_number} ('{item.description}') of account {item.account_id}"
            self.left_out.add(what, reason)
        return reason is None

    def _entitlement(
        self,
        item: Entitlement,
        names: _Names,
        configuration: Options,
        is_device: bool,
        end_of_program: str | None,
    ) -> Options:
        """As flex_fleet takes it: by its name where that says which one it is; a device by its
        serial number, too.
        """
        by_name = names.identify(item)
        options: Options = {"name": item.name} if by_name else {}
        if is_device or not by_name:
            options["serial_number"] = item.serial_number
        options["configuration"] = configuration.get("name") or str(configuration["id"])
        options |= _running(item, end_of_program)
        tags = _tags(item)
        if by_name and tags and not tags_problem(tags):
            options["tags"] = tags
        if by_name and is_device:
            options["describe"] = True
        return options

    def _called(self, item: Entitlement, names: _Names) -> str:
        """What its host is called: by its name, else by the address of its Terraform
        resource.
        """
        if names.identify(item):
            return str(item.name)
        managed = self._managed.entitlements if self._managed else {}
        address = _INDEX.sub(r"-\1", managed.get(item.serial_number, ""))
        return str(address or item.name or item.serial_number)

    # -- what Terraform manages

    def _compare(self, managed: Managed, ids: set[int], serial_numbers: set[str]) -> None:
        """Say what the state has and FortiFlex does not show, and how much it is the other way
        round.
        """
        configurations, entitlements = managed.configurations, managed.entitlements
        missing = {
            f"configuration {key}": address
            for key, address in configurations.items()
            if key not in ids
        }
        missing |= {key: name for key, name in entitlements.items() if key not in serial_numbers}
        reason = (
            "the Terraform state has it, and the program does not show it; "
            "check the program and the accounts"
        )
        for key, address in missing.items():
            self.left_out.add(f"{key} ({address})", reason)
        others = len(serial_numbers - entitlements.keys()), len(ids - configurations.keys())
        if any(others):
            self.unmanaged.append(
                "What the Terraform state does not manage: "
                f"entitlements {others[0]}, configurations {others[1]}."
            )


def _fitting(product: Product, keys: Iterable[str], value: Any, known: Options) -> Options:
    """A parameter by the first of its ``keys`` by which it can have a value, beside those that are
    ``known``.

    :raises CannotAdopt: with what is wrong with the first of them, if there is none.
    """
    wrong: list[str] = []
    for key in keys:
        problems = _problems(product, {**known, key: value}, complete=False)
        if not problems:
            return {key: value}
        wrong += problems
    raise CannotAdopt(wrong[0])


def _obstacle(item: Entitlement) -> str | None:
    """Why an entitlement cannot be adopted; None if it can."""
    reasons = {
        "it is a spare, which the next new name takes": item.is_marked_spare,
        "it is a spare on its way to a name; "
        "audit_fleet finds out whether the run is dead that wanted it": item.is_claimed,
        "it is a device that was taken out of the program": item.is_removed,
        "it is EXPIRED, and can neither be changed nor started again; "
        "replace_expired licenses its name with another one": item.is_expired,
        f"it has the status {item.status}, which this collection does not know; "
        "look at it in the portal": not item.is_known,
    }
    return next((reason for reason, is_so in reasons.items() if is_so), None)


def _running(item: Entitlement, end_of_program: str | None) -> Options:
    """Until when an entitlement runs, unless its program ends then; or that it is stopped.

    One that is suspended is active again when it is resumed. The end date of a stopped one cannot
    be edited.
    """
    if item.is_stopped and not item.is_suspended:
        return {"state": "stopped"}
    has_own_end = item.end_day and item.end_date != end_of_program
    return {"end_date": item.end_date} if has_own_end else {}


def _tags(item: Entitlement) -> dict[str, str]:
    """Those that are the user's."""
    tags = tags_of(item.description) or {}
    tags.pop(SUSPENDED, None)
    return tags


class _Names:
    """Which names of an account stand for one entitlement."""

    def __init__(self, held: Iterable[Entitlement], products: Mapping[int, Product]) -> None:
        living = [item for item in held if not item.is_expired]
        self._products = products
        self._named = Counter(item.name for item in living)
        self._sold = Counter(products[item.configuration_id].id for item in living)
        self._serial_numbers = {item.serial_number for item in living}

    def identify(self, item: Entitlement) -> bool:
        """Whether this entitlement goes by its name.

        A cloud service does if it is the only one, since by name an account has only one.
        """
        if item.name is None or is_template(item.description) or item.name in self._serial_numbers:
            return False
        product = self._products[item.configuration_id]
        is_only_one = not product.is_cloud or self._sold[product.id] == 1
        return self._named[item.name] == 1 and is_only_one


def inventory(accounts: Iterable[AdoptedAccount]) -> dict[str, Any]:
    """An inventory for license_fleet: in one group, a group of hosts for each account."""
    found = list(accounts)
    hosts = _host_names([adopted for account in found for adopted in account.entitlements])
    groups = {
        f"account_{account.number}": {
            "hosts": {
                hosts[adopted.serial_number]: _variables(
                    adopted.options, hosts[adopted.serial_number]
                )
                for adopted in account.entitlements
            }
        }
        for account in found
    }
    return {GROUP: {"children": groups}}


def _id(configuration: Shape) -> int:
    """Its id; of a predicted one 0, as entitlements that are read back have it."""
    return int(configuration["id"] or 0)


def _problems(product: Product, parameters: Options, complete: bool) -> list[str]:
    """What is wrong with parameters."""
    problems = Problems()
    product.check(parameters, problems, complete=complete)
    return problems.found


def group_variables(account: AdoptedAccount) -> dict[str, Any]:
    """What license_fleet needs to know of an account."""
    return {
        "fortiflex_account_id": account.number,
        "fortiflex_program": account.program,
        "fortiflex_configurations": account.configurations,
    }


def _variables(options: Options, host: str) -> dict[str, Any]:
    """The options of an entitlement as host variables.

    Without a name it must not get that of its host.
    """
    named = {"name": "", **options}
    return {
        f"fortiflex_{key}": value for key, value in named.items() if (key, value) != ("name", host)
    }


def _host_names(entitlements: list[Adopted]) -> dict[str, str]:
    """A name for each host, by serial number, that no pattern, port or range can be mistaken for.

    What can be a host's name as it is comes first. Any other has the serial number at its end, so
    that a new entitlement neither renames the host of another one nor gets its name.
    """
    hosts: dict[str, str] = {}
    taken: set[str] = set()
    for adopted in sorted(entitlements, key=lambda adopted: not _can_be_a_host(adopted.called)):
        host = next(name for name in _candidates(adopted) if name not in taken)
        taken.add(host)
        hosts[adopted.serial_number] = host
    return hosts


def _candidates(adopted: Adopted) -> Iterator[str]:
    if _can_be_a_host(adopted.called):
        yield adopted.called
    longer = f"{_slug(adopted.called)}-{adopted.serial_number}".lstrip("-")
    yield longer
    yield from (f"{longer}-{number}" for number in count(2))


def _can_be_a_host(text: str) -> bool:
    return bool(text) and _slug(text) == text and not _RESERVED.fullmatch(text)


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    safe = re.sub(r"[^A-Za-z0-9._]*[^A-Za-z0-9._-][^A-Za-z0-9._]*", "-", plain)
    # A part between dots begins and ends with something else.
    return re.sub(r"[.-]*(?:\.-|-\.|\.\.)[.-]*", "-", safe).strip("-._")
