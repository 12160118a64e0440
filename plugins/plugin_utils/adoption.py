# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What FortiFlex holds, as the fleets and the inventory that ask for exactly that, so that applying them changes nothing.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from typing import Any, NamedTuple

from ..module_utils.catalogue.catalogue import Catalogue, Product
from ..module_utils.core.dates import day_of
from ..module_utils.core.model import (
    ACTIVE,
    CHARGED,
    DISABLED,
    EXPIRED,
    REMOVED,
    SPARE,
    STATUSES,
    STOPPED,
    SUSPENDED,
    claim_of,
    is_suspended,
    is_template,
    name_problem,
    tags_of,
    tags_problem,
)
from .left_out import LeftOut
from .terraform_state import Managed

Shape = Mapping[str, Any]
"""A configuration or an entitlement as the info modules return it."""

Options = dict[str, Any]
"""A configuration or an entitlement as flex_fleet takes it."""

GROUP = "fortiflex_sites"
_RESERVED = re.compile(rf"all|ungrouped|localhost|{GROUP}|account_\d+", re.IGNORECASE)
_INDEX = re.compile(r'\["?([^]"]*)"?\]')  # of a Terraform resource: ["oslo"] or [0]


class Adopted(NamedTuple):
    """An entitlement: its serial number, what its host shall be called as far as that goes, and its options."""

    serial_number: str
    called: str
    options: Options


class Account(NamedTuple):
    """What is adopted of an account of a program."""

    number: int
    program: str
    configurations: list[Options]
    entitlements: list[Adopted]

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
        """``ends``: the last days of programs, by serial number. ``managed``: adopt only what a Terraform state manages."""
        self._catalogue = catalogue
        self._ends = ends
        self._managed = managed
        self.left_out = LeftOut()
        self.unmanaged: list[str] = []  # how much a Terraform state does not manage

    def accounts(
        self, configurations: Iterable[Shape], entitlements: Iterable[Shape]
    ) -> list[Account]:
        """The accounts that have configurations, by number; of those in which the Terraform state manages nothing, none."""
        templates, held = list(configurations), list(entitlements)
        programs = {shape["account_id"]: shape["program"] for shape in templates}
        accounts = [
            self._account(
                number,
                program,
                [c for c in templates if c["account_id"] == number],
                [e for e in held if e["account_id"] == number],
            )
            for number, program in sorted(programs.items())
        ]
        if self._managed is None:
            return accounts
        self._compare(
            self._managed,
            {shape["id"] for shape in templates},
            {shape["serial_number"] for shape in held},
        )
        return [account for account in accounts if account.configurations or account.entitlements]

    def _account(
        self, number: int, program: str, configurations: list[Shape], held: list[Shape]
    ) -> Account:
        times = Counter(shape["name"] for shape in configurations)
        listed = {
            shape["id"]: self._configuration(shape, times[shape["name"]] > 1)
            for shape in configurations
        }
        products = {
            shape["id"]: self._catalogue.product(shape["product_id"]) for shape in configurations
        }
        names = _Names(held, products)
        managed = self._managed
        adopted = [
            Adopted(
                shape["serial_number"],
                self._called(shape, names),
                self._entitlement(shape, names, listed, products, program),
            )
            for shape in sorted(
                held,
                key=lambda shape: (
                    shape["name"] is None,
                    shape["name"] or "",
                    shape["serial_number"],
                ),
            )
            if (managed is None or shape["serial_number"] in managed.entitlements)
            and self._stays(shape)
        ]
        return Account(
            number,
            program,
            [
                item
                for key, item in listed.items()
                if managed is None or key in managed.configurations
            ],
            adopted,
        )

    # -- configurations

    def _configuration(self, shape: Shape, shared: bool) -> Options:
        """By its name, unless that is shared, could mean something else, or is of something that could not be made anew."""
        name = shape["name"]
        parameters, is_sold = self._parameters(shape)
        is_clear = not (shared or name_problem(name) or name.isdecimal() or is_template(name))
        item = {"name": name} if is_clear and is_sold else {"id": shape["id"]}
        item |= {"product": shape["product"], "parameters": parameters}
        if shape["status"] != ACTIVE:
            item["state"] = "disabled" if shape["status"] == DISABLED else "present"
        return item

    def _parameters(self, shape: Shape) -> tuple[Options, bool]:
        """The parameters that can be set, and whether a new configuration could have them."""
        product = self._catalogue.product(shape["product_id"])
        known: Options = {}
        others: Options = {}
        for name, value in shape["parameters"].items():
            parameter, where = (
                product.parameter(name),
                f"parameter {name} of configuration '{shape['name']}' (id {shape['id']})",
            )
            if is_template(str(value)):
                self.left_out.add(where, "its value has marks of a template; set it in the file")
            elif (
                parameter is None
            ):  # flex_fleet asks FortiFlex what it is, as the module did that has shown it
                others[name] = value
            elif not (parameter.read_only or parameter.deprecated):
                # By its number it may have values that the shipped catalogue lacks.
                problems = {
                    key: product.check({**known, key: value}, complete=False)[1]
                    for key in (name, str(parameter.id))
                }
                fitting = next((key for key, found in problems.items() if not found), None)
                if fitting is None:
                    self.left_out.add(where, problems[name][0])
                else:
                    known[fitting] = value
        return {**known, **others}, not product.check(known, complete=True)[1]

    # -- entitlements

    def _stays(self, shape: Shape) -> bool:
        """Whether it can be adopted; if not, the reason is kept."""
        if shape["description"] == SPARE:
            reason = "it is a spare, which the next new name takes"
        elif claim_of(shape["description"]):
            reason = "it is a spare on its way to a name; audit_fleet finds out whether the run is dead that wanted it"
        elif shape["description"] == REMOVED and shape["status"] not in CHARGED:
            reason = "it is a device that was taken out of the program"
        elif shape["status"] == EXPIRED:
            reason = (
                "it is EXPIRED, and can neither be changed nor started again; "
                "replace_expired licenses its name with another one"
            )
        elif shape["status"] not in STATUSES:
            reason = f"it has the status {shape['status']}, which this collection does not know; look at it in the portal"
        else:
            return True
        where = f"account {shape['account_id']}"
        self.left_out.add(f"{shape['serial_number']} ('{shape['description']}') of {where}", reason)
        return False

    def _entitlement(
        self,
        shape: Shape,
        names: _Names,
        listed: Mapping[int, Options],
        products: Mapping[int, Product],
        program: str,
    ) -> Options:
        by_name, item = names.identify(shape), Options()
        is_device = products[shape["configuration_id"]].kind == "hardware"
        if by_name:
            item["name"] = shape["name"]
        if is_device or not by_name:
            item["serial_number"] = shape["serial_number"]
        configuration = listed[shape["configuration_id"]]
        item["configuration"] = configuration.get("name") or str(configuration["id"])
        suspended = is_suspended(shape["description"])
        if shape["status"] == STOPPED and not suspended:  # which is active again when it is resumed
            item["state"] = (
                "stopped"  # and no end date, since that of a stopped one cannot be edited
            )
        elif day_of(shape["end_date"]) and shape["end_date"] != self._ends.get(program):
            item["end_date"] = shape["end_date"]
        tags = {**(tags_of(shape["description"]) or {})}
        tags.pop(SUSPENDED, None)
        if by_name and tags and not tags_problem(tags):
            item["tags"] = tags
        if by_name and is_device:
            item["describe"] = True
        return item

    def _called(self, shape: Shape, names: _Names) -> str:
        if names.identify(shape):
            return str(shape["name"])
        managed = self._managed.entitlements if self._managed else {}
        address = _INDEX.sub(r"-\1", managed.get(shape["serial_number"], ""))
        return str(address or shape["name"] or shape["serial_number"])

    # -- what Terraform manages

    def _compare(self, managed: Managed, ids: set[int], serial_numbers: set[str]) -> None:
        """Say what the state has and FortiFlex does not show, and how much it is the other way round."""
        missing = {
            f"configuration {key}": address
            for key, address in managed.configurations.items()
            if key not in ids
        }
        missing |= {
            key: address
            for key, address in managed.entitlements.items()
            if key not in serial_numbers
        }
        reason = "the Terraform state has it, and the program does not show it; check the program and the accounts"
        for key, address in missing.items():
            self.left_out.add(f"{key} ({address})", reason)
        others = (
            len(serial_numbers - managed.entitlements.keys()),
            len(ids - managed.configurations.keys()),
        )
        if any(others):
            self.unmanaged.append(
                f"What the Terraform state does not manage: entitlements {others[0]}, configurations {others[1]}."
            )


class _Names:
    """Which names of an account stand for one entitlement."""

    def __init__(self, held: Iterable[Shape], products: Mapping[int, Product]) -> None:
        living = [shape for shape in held if shape["status"] != EXPIRED]
        self._products = products
        self._named = Counter(shape["name"] for shape in living)
        self._sold = Counter(products[shape["configuration_id"]].id for shape in living)
        self._serial_numbers = {shape["serial_number"] for shape in living}

    def identify(self, shape: Shape) -> bool:
        """Whether this entitlement goes by its name. A cloud service does if it is the only one, since by name an account has only one."""
        product = self._products[shape["configuration_id"]]
        is_clear = (
            self._named[shape["name"]] == 1
            and shape["name"] not in self._serial_numbers
            and not is_template(shape["description"])
        )
        return (
            shape["name"] is not None
            and is_clear
            and (product.kind != "cloud" or self._sold[product.id] == 1)
        )


def inventory(accounts: Iterable[Account]) -> dict[str, Any]:
    """An inventory for license_fleet: in one group, a group of hosts for each account."""
    found = list(accounts)
    hosts = _host_names([adopted for account in found for adopted in account.entitlements])
    groups = {
        f"account_{account.number}": {
            "hosts": {
                host: _variables(adopted.options, host)
                for adopted in account.entitlements
                for host in [hosts[adopted.serial_number]]
            }
        }
        for account in found
    }
    return {GROUP: {"children": groups}}


def group_variables(account: Account) -> dict[str, Any]:
    """What license_fleet needs to know of an account."""
    return {
        "fortiflex_account_id": account.number,
        "fortiflex_program": account.program,
        "fortiflex_configurations": account.configurations,
    }


def _variables(options: Options, host: str) -> dict[str, Any]:
    """The options of an entitlement as host variables. Without a name it must not get that of its host."""
    named = {"name": "", **options}
    return {
        f"fortiflex_{key}": value for key, value in named.items() if (key, value) != ("name", host)
    }


def _host_names(entitlements: list[Adopted]) -> dict[str, str]:
    """A name for each host, by serial number, that no pattern, port or range can be mistaken for.

    What can be a host's name as it is comes first. Any other has the serial number at its end, so that a new entitlement neither renames the host of
    another one nor gets its name.
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
    return re.sub(r"[.-]*(?:\.-|-\.|\.\.)[.-]*", "-", safe).strip(
        "-._"
    )  # a part between dots begins and ends with something else
