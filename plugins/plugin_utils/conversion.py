# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What playbooks with modules of fortinet.fortiflexvm create and change, as a fleet. They are read, never run, so templates stay as they are.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..module_utils.catalogue.catalogue import Catalogue, Product
from ..module_utils.core.dates import day_of
from ..module_utils.core.model import is_template, name_problem
from ..module_utils.errors import InvalidInput, Problems
from .left_out import LeftOut

Options = dict[str, Any]
Task = Mapping[str, Any]

_MODULE = re.compile(r"(?:fortinet\.fortiflexvm\.)?fortiflexvm_(?P<module>\w+)")
_LISTS = ("tasks", "pre_tasks", "post_tasks", "handlers", "block", "rescue", "always")
_ELSEWHERE = re.compile(
    r"roles|(?:ansible\.builtin\.)?(?:import|include)_(?:playbook|role|tasks)|include"
)
_LOOP = re.compile(r"loop|with_\w+")
_MADE = re.compile(r"\{\{\s*(?P<result>\w+)\.configs\.id\s*\}\}")
_SETTINGS = (
    "username",
    "password",
    "programSerialNumber",
    "accountId",
    "id",
    "name",
    "status",
    "check_parameters",
    "bypass_validation",
)


class CannotConvert(Exception):
    """Why a task has no counterpart, as the rest of a sentence."""


class Conversion:
    """Collects configurations and entitlements, and what could not be converted."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._configurations: dict[str, Options] = {}
        self._entitlements: dict[str, Options] = {}
        self._made: dict[
            str, str
        ] = {}  # variable that a task registers its configuration as -> name of that
        self._where = ""
        self.left_out = LeftOut()

    @property
    def fleet(self) -> dict[str, list[Options]]:
        """As flex_fleet takes it."""
        return {
            "configurations": list(self._configurations.values()),
            "entitlements": list(self._entitlements.values()),
        }

    def read(self, path: str, content: Any) -> None:
        """Convert a file of plays or tasks."""
        self._made = {}
        tasks = [_plain(task) for task in _tasks(content)]
        if not tasks:
            self.left_out.add(path, "there is no play and no task in it")
        for what in _elsewhere(content):
            self.left_out.add(f"{path}: {what}", "it is not read; give its files, too")
        for task in tasks:
            for key, given in task.items():
                module = _MODULE.fullmatch(str(key))
                work = self._works().get(module["module"]) if module else None
                if work is None:
                    continue
                self._where = f"{path}: task '{task.get('name') or key}'"
                try:
                    work(_options(task, given), task)
                except CannotConvert as reason:
                    self._leave_out(str(reason))

    def _works(self) -> Mapping[str, Callable[[Task, Task], None]]:
        """What to do with a module, by the end of its name, today's and that of version 1. Those that only read have no counterpart in a fleet."""
        return {
            "configs_create": self._created_configuration,
            "configs_update": self._changed_configuration,
            "entitlements_vm_create": self._machines,
            "vms_create": self._machines,
            "entitlements_hardware_create": self._devices,
            "entitlements_cloud_create": self._cloud_service,
            "entitlements_update": self._changed_entitlement,
            "vms_update": self._changed_entitlement,
            "entitlements_vm_regenerate_token": self._new_token,
            "vms_token": self._new_token,
        }

    def _leave_out(self, reason: str) -> None:
        self.left_out.add(self._where, reason)

    # -- configurations

    def _created_configuration(self, given: Task, task: Task) -> None:
        name = str(given.get("name") or "")
        if not name:
            raise CannotConvert("its configuration has no name")
        self._add(self._configurations, name, {"name": name, **self._product(given)})
        if task.get("register"):
            self._made[str(task["register"])] = name

    def _changed_configuration(self, given: Task, _task: Task) -> None:
        item = {"id": given.get("id"), **({"name": given["name"]} if given.get("name") else {})}
        if any(key not in _SETTINGS for key in given):
            item |= self._product(given)
        if given.get("status") == "DISABLED":
            item["state"] = "disabled"
        self._add(self._configurations, f"id {item['id']}", item)

    def _product(self, given: Task) -> Options:
        names = [key for key, value in given.items() if key not in _SETTINGS and value is not None]
        if len(names) != 1:
            raise CannotConvert(f"it names {len(names)} products; name one")
        try:
            product = self._catalogue.product(names[0])
        except InvalidInput as error:
            raise CannotConvert(str(error).rstrip(".")) from None
        parameters = given[names[0]]
        if not isinstance(parameters, Mapping):
            raise CannotConvert(
                f"the parameters of {names[0]} are no dictionary, such as a template that only a run fills in"
            )
        return {"product": product.key, "parameters": dict(self._parameters(product, parameters))}

    def _parameters(self, product: Product, given: Mapping[Any, Any]) -> Iterator[tuple[str, Any]]:
        for key, value in given.items():
            parameter = product.parameter(key)
            name = parameter.name if parameter else str(key)
            if isinstance(value, str) and is_template(value):
                yield name, value
            elif value is not None:
                problems = Problems()
                values = product.check({name: value}, problems, complete=False)
                if problems:
                    self._leave_out(f"parameter {key}: {problems.found[0]}")
                else:
                    yield from product.show(values).items()

    # -- entitlements

    def _machines(self, given: Task, _task: Task) -> None:
        if given.get("count") == 0:
            return
        if given.get("count") not in (None, 1, "1"):
            raise CannotConvert(
                f"it creates {given['count']} entitlements with one description at once; list each under a name of its own"
            )
        name = self._name(given)
        item = {"name": name, "configuration": self._configuration(given)} | self._end(given)
        if given.get("folderPath"):
            item["folder"] = given["folderPath"]
        if given.get("skipPending"):
            item["skip_pending"] = given["skipPending"]
        self._add(self._entitlements, name, item)

    def _devices(self, given: Task, _task: Task) -> None:
        serial_numbers = given.get("serialNumbers")
        if not isinstance(serial_numbers, list):
            raise CannotConvert(
                "its serialNumbers are no list, such as a template that only a run fills in"
            )
        configuration = self._configuration(given)
        for number in map(str, serial_numbers):
            self._add(
                self._entitlements,
                number,
                {"serial_number": number, "configuration": configuration} | self._end(given),
            )

    def _cloud_service(self, given: Task, _task: Task) -> None:
        configuration = self._configuration(given)
        if configuration not in self._configurations:
            raise CannotConvert("its entitlement has no description, so choose a name for it")
        self._add(
            self._entitlements,
            configuration,
            {"name": configuration, "configuration": configuration} | self._end(given),
        )

    def _changed_entitlement(self, given: Task, _task: Task) -> None:
        number = str(given.get("serialNumber") or "")
        item: Options = {"serial_number": number}
        if given.get("description"):
            item["name"] = self._name(given)
        if given.get("configId"):
            item["configuration"] = self._configuration(given)
        if given.get("status") == "STOPPED":
            item["state"] = "stopped"
        self._add(self._entitlements, number, item | self._end(given))

    def _new_token(self, given: Task, _task: Task) -> None:
        raise CannotConvert(
            f"it makes a new license token of {given.get('serialNumber')} at every run; see the option fresh_token"
        )

    def _name(self, given: Task) -> str:
        name = str(given.get("description") or "")
        problem = None if is_template(name) else name_problem(name)
        if problem:
            raise CannotConvert(f"its description '{name}' cannot be a name: it {problem}")
        return name

    def _configuration(self, given: Task) -> str:
        reference = str(given.get("configId") or "")
        made = _MADE.fullmatch(reference)
        if not reference:
            raise CannotConvert("it has no configId")
        return self._made.get(made["result"], reference) if made else reference

    @staticmethod
    def _end(given: Task) -> Options:
        text = given.get("endDate")
        day = day_of(str(text))
        return {"end_date": day.isoformat() if day else str(text)} if text else {}

    def _add(self, items: dict[str, Options], key: str, item: Options) -> None:
        if items.setdefault(key, item) != item:
            raise CannotConvert(
                f"'{key}' is there already, from another task that says something else"
            )


def _tasks(content: Any) -> Iterator[Task]:
    """All tasks of a play, a block or a list of any of these, in order."""
    for item in content if isinstance(content, list) else ():
        if isinstance(item, Mapping):
            inner = [item[key] for key in _LISTS if key in item]
            for several in inner:
                yield from _tasks(several)
            if not inner:
                yield item


def _plain(task: Task) -> Task:
    """A task with its module as a key, as it mostly is."""
    for way in ("action", "local_action"):
        given = task.get(way)
        if isinstance(given, Mapping) and "module" in given:
            return {
                **task,
                str(given["module"]): {
                    key: value for key, value in given.items() if key != "module"
                },
            }
        if isinstance(given, str):
            module, _blank, options = given.partition(" ")
            return {**task, module: options}
    return task


def _elsewhere(content: Any) -> Iterator[str]:
    """What a play, a block or a list of any of these takes from other files."""
    for item in content if isinstance(content, list) else ():
        for key, value in item.items() if isinstance(item, Mapping) else ():
            if key in _LISTS:
                yield from _elsewhere(value)
            elif _ELSEWHERE.fullmatch(str(key)) and value:
                yield f"{key} {value if isinstance(value, str) else ', '.join(map(_named, value if isinstance(value, list) else [value]))}"


def _named(item: Any) -> str:
    return str(
        (item.get("role") or item.get("name") or item.get("file"))
        if isinstance(item, Mapping)
        else item
    )


def _options(task: Task, given: Any) -> Task:
    """The options of a task's module."""
    if any(_LOOP.fullmatch(str(key)) for key in task):
        raise CannotConvert("it is a loop, and only a run knows its items")
    options = given if given is not None else task.get("args") or {}
    if not isinstance(options, Mapping):
        raise CannotConvert("its options are one text; write them as a dictionary")
    return options
