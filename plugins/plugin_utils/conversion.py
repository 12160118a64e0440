# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What playbooks with modules of fortinet.fortiflexvm create and change, as a fleet. They are read,
never run, so templates stay as they are.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..module_utils.catalogue.catalogue import Catalogue, Product
from ..module_utils.core.dates import day_of
from ..module_utils.core.description import is_template, name_problem
from ..module_utils.errors import InvalidInput, Problems
from ..module_utils.optional import without_nulls
from ._left_out import LeftOut

Options = dict[str, Any]
"""A configuration or an entitlement as flex_fleet takes it."""

PlaybookTask = Mapping[str, Any]
"""A task as its playbook has it."""

Given = Mapping[str, Any]
"""The options of the module of a task, by the names of the official collection."""


_COLLECTION = "fortinet.fortiflexvm."
_LISTS = ("tasks", "pre_tasks", "post_tasks", "handlers", "block", "rescue", "always")
_ELSEWHERE = re.compile(
    r"roles|(?:ansible\.builtin\.)?(?:import|include)_(?:playbook|role|tasks)|include"
)
_LOOP = re.compile(r"loop|with_\w+")
# What is no product among the options of a configuration.
_SETTINGS = frozenset(
    (
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
)


class CannotConvert(Exception):
    """Why a task has no counterpart, as the rest of a sentence."""


class Conversion:
    """Collects configurations and entitlements, and what could not be converted."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._configurations: dict[str, Options] = {}
        self._entitlements: dict[str, Options] = {}
        # The names of configurations by the template of their id, without blanks.
        self._made: dict[str, str] = {}
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
        tasks = list(map(_plain, _tasks(content)))
        if not tasks:
            self.left_out.add(path, "there is no play and no task in it")
        for what in _elsewhere(content):
            self.left_out.add(f"{path}: {what}", "it is not read; give its files, too")
        works = self._works()
        for task in tasks:
            for key in task:
                work = works.get(str(key).removeprefix(_COLLECTION))
                if work:
                    self._where = f"{path}: task '{task.get('name') or key}'"
                    try:
                        work(_options(task, task[key]), task)
                    except CannotConvert as reason:
                        self._leave_out(str(reason))

    def _works(self) -> Mapping[str, Callable[[Given, PlaybookTask], None]]:
        """What to do with a module, by its name, today's and that of version 1.

        Those that only read have no counterpart in a fleet.
        """
        return {
            "fortiflexvm_configs_create": self._created_configuration,
            "fortiflexvm_configs_update": self._changed_configuration,
            "fortiflexvm_entitlements_vm_create": self._machines,
            "fortiflexvm_vms_create": self._machines,
            "fortiflexvm_entitlements_hardware_create": self._devices,
            "fortiflexvm_entitlements_cloud_create": self._cloud_service,
            "fortiflexvm_entitlements_update": self._changed_entitlement,
            "fortiflexvm_vms_update": self._changed_entitlement,
            "fortiflexvm_entitlements_vm_regenerate_token": self._new_token,
            "fortiflexvm_vms_token": self._new_token,
        }

    def _leave_out(self, reason: str) -> None:
        self.left_out.add(self._where, reason)

    # -- configurations

    def _created_configuration(self, given: Given, task: PlaybookTask) -> None:
        name = _text(given, "name")
        if not name:
            raise CannotConvert("its configuration has no name")
        self._add(self._configurations, name, {"name": name, **self._product(given)})
        if task.get("register"):
            self._made[f"{{{{{task['register']}.configs.id}}}}"] = name

    def _changed_configuration(self, given: Given, _task: PlaybookTask) -> None:
        item = {"id": given.get("id"), **_said(given, {"name": "name"})}
        if given.keys() - _SETTINGS:
            item |= self._product(given)
        if _text(given, "status").lower() == "disabled":
            item["state"] = "disabled"
        self._add(self._configurations, f"id {item['id']}", item)

    def _product(self, given: Given) -> Options:
        products = without_nulls(given)
        names = products.keys() - _SETTINGS
        if len(names) != 1:
            raise CannotConvert(f"it names {len(names)} products; name one")
        (name,) = names
        try:
            product = self._catalogue.product(name)
        except InvalidInput as error:
            raise CannotConvert(str(error).rstrip(".")) from None
        if not isinstance(products[name], Mapping):
            raise CannotConvert(
                f"the parameters of {name} are no dictionary, "
                "such as a template that only a run fills in"
            )
        parameters = self._parameters(product, without_nulls(products[name]))
        return {"product": product.key, "parameters": dict(parameters)}

    def _parameters(self, product: Product, given: Mapping[Any, Any]) -> Iterator[tuple[str, Any]]:
        for key, value in given.items():
            parameter = product.parameter(key)
            name = parameter.name if parameter else str(key)
            if isinstance(value, str) and is_template(value):
                yield name, value
                continue
            problems = Problems()
            values = product.check({name: value}, problems, complete=False)
            if problems:
                self._leave_out(f"parameter {key}: {problems.found[0]}")
            else:
                yield from product.show(values).items()

    # -- entitlements

    def _machines(self, given: Given, _task: PlaybookTask) -> None:
        if given.get("count") == 0:
            return
        if given.get("count") not in (None, 1, "1"):
            raise CannotConvert(
                f"it creates {given['count']} entitlements with one description at once; "
                "list each under a name of its own"
            )
        name = self._name(given)
        item = {"name": name, "configuration": self._configuration(given)} | _end(given)
        item |= _said(given, {"folderPath": "folder", "skipPending": "skip_pending"})
        self._add(self._entitlements, name, item)

    def _devices(self, given: Given, _task: PlaybookTask) -> None:
        serial_numbers = given.get("serialNumbers")
        if not isinstance(serial_numbers, list):
            raise CannotConvert(
                "its serialNumbers are no list, such as a template that only a run fills in"
            )
        shared = {"configuration": self._configuration(given)} | _end(given)
        for number in map(str, serial_numbers):
            self._add(self._entitlements, number, {"serial_number": number, **shared})

    def _cloud_service(self, given: Given, _task: PlaybookTask) -> None:
        configuration = self._configuration(given)
        if configuration not in self._configurations:
            raise CannotConvert("its entitlement has no description, so choose a name for it")
        item = {"name": configuration, "configuration": configuration} | _end(given)
        self._add(self._entitlements, configuration, item)

    def _changed_entitlement(self, given: Given, _task: PlaybookTask) -> None:
        number = _text(given, "serialNumber")
        item: Options = {"serial_number": number}
        if given.get("description"):
            item["name"] = self._name(given)
        if given.get("configId"):
            item["configuration"] = self._configuration(given)
        if _text(given, "status").lower() == "stopped":
            item["state"] = "stopped"
        self._add(self._entitlements, number, item | _end(given))

    def _new_token(self, given: Given, _task: PlaybookTask) -> None:
        raise CannotConvert(
            f"it makes a new license token of {given.get('serialNumber')} at every run; "
            "see the option fresh_token"
        )

    def _name(self, given: Given) -> str:
        name = _text(given, "description")
        problem = name_problem(name)
        if problem and not is_template(name):
            raise CannotConvert(f"its description '{name}' cannot be a name: it {problem}")
        return name

    def _configuration(self, given: Given) -> str:
        reference = _text(given, "configId")
        if not reference:
            raise CannotConvert("it has no configId")
        return self._made.get("".join(reference.split()), reference)

    def _add(self, items: dict[str, Options], key: str, item: Options) -> None:
        if items.setdefault(key, item) != item:
            raise CannotConvert(
                f"'{key}' is there already, from another task that says something else"
            )


def _text(given: Given, name: str) -> str:
    """An option as text; empty if it says nothing."""
    return str(given.get(name) or "")


def _said(given: Given, names: Mapping[str, str]) -> Options:
    """The options that say something, by our ``names`` for theirs."""
    return {ours: given[theirs] for theirs, ours in names.items() if given.get(theirs)}


def _end(given: Given) -> Options:
    """The end date, as a day where it is one."""
    text = _text(given, "endDate")
    return {"end_date": str(day_of(text) or text)} if text else {}


def _items(content: Any) -> list[Mapping[Any, Any]]:
    """The plays, blocks and tasks of a list of these; none of anything else."""
    items = content if isinstance(content, list) else []
    return [item for item in items if isinstance(item, Mapping)]


def _tasks(content: Any) -> Iterator[PlaybookTask]:
    """All tasks of a play, a block or a list of any of these, in order."""
    for item in _items(content):
        if item.keys().isdisjoint(_LISTS):
            yield item
        for key in _LISTS:
            yield from _tasks(item.get(key))


def _plain(task: PlaybookTask) -> PlaybookTask:
    """A task with its module as a key, as it mostly is."""
    given = task.get("action") or task.get("local_action")
    if isinstance(given, str):
        module, _blank, text = given.partition(" ")
        return {**task, module: text}
    if isinstance(given, Mapping) and "module" in given:
        options = dict(given)
        return {**task, str(options.pop("module")): options}
    return task


def _elsewhere(content: Any) -> Iterator[str]:
    """What a play, a block or a list of any of these takes from other files."""
    for item in _items(content):
        for key, value in item.items():
            if key in _LISTS:
                yield from _elsewhere(value)
            elif _ELSEWHERE.fullmatch(str(key)) and value:
                files = value if isinstance(value, list) else [value]
                yield f"{key} {', '.join(map(_named, files))}"


def _named(item: Any) -> str:
    """What an import calls a file or role."""
    if isinstance(item, Mapping):
        return str(item.get("role") or item.get("name") or item.get("file"))
    return str(item)


def _options(task: PlaybookTask, given: Any) -> Given:
    """The options of a task's module."""
    if any(_LOOP.fullmatch(str(key)) for key in task):
        raise CannotConvert("it is a loop, and only a run knows its items")
    options = task.get("args") or {} if given is None else given
    if not isinstance(options, Mapping):
        raise CannotConvert("its options are one text; write them as a dictionary")
    return options
