# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task asks for, typed and checked as far as that goes without asking FortiFlex.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property, partial
from typing import Any, TypeVar

from ..catalogue.catalogue import Catalogue, Product
from ..errors import FlexError, InvalidInput, Problem
from .end_date import FORMS, EndDate, end_date_of
from .model import Entitlement, name_problem, tags_problem
from .spelling import all_spelled, could_be, likeness, serial_number_spelled

CONFIGURATION_STATES = ("present", "active", "disabled")
ENTITLEMENT_STATES = ("present", "active", "stopped", "absent")
REUSE = ("marked", "any", "never")
FRESH_TOKEN = ("never", "used", "always")


@dataclass(frozen=True)
class WantedConfiguration:
    """One configuration as a task asks for it. ``parameters`` are the ones that were given, as the user wrote them."""

    name: str | None
    id: int | None = None
    product: Product | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    state: str = "active"
    max_affected: int | None = None

    @property
    def key(self) -> str:
        """How problems and results name it."""
        return self.name if self.name is not None else f"id {self.id}"


@dataclass(frozen=True)
class WantedEntitlement:
    """One entitlement as a task asks for it. What is None is not managed."""

    name: str | None
    serial_number: str | None = None
    configuration: str | int | None = None
    state: str = "active"
    end_date: EndDate | None = None
    tags: Mapping[str, str] | None = None
    folder: str | None = None
    skip_pending: bool = False
    reuse: str = "marked"
    fresh_token: str = "never"
    replace_expired: bool = False
    create: bool = True
    describe: bool = False
    remove_hardware: bool = False
    ignore_suspension: bool = False
    held_by: str | None = (
        None  # of what is pruned by its serial number: it is left alone once it has another name
    )
    distinct_from: frozenset[str] = frozenset()  # names that look like this one and are others
    was: str | None = None  # its name before: what still has that one gets the new one
    rivals: tuple[str, ...] = ()  # names of the list that look like this one, and may be it
    given: str = ""  # its name, or serial number, as the task writes it
    spare: str | None = None  # of an approved plan: the one that it takes, and no other

    @property
    def key(self) -> str:
        """How problems name it."""
        return self.name or self.serial_number or ""

    @property
    def needs_holder(self) -> bool:
        """Whether something has to be licensed for it."""
        return self.state in ("present", "active")

    @property
    def needs_target(self) -> bool:
        """Whether its configuration has to exist."""
        return self.needs_holder

    @property
    def reuses(self) -> bool:
        """Whether a spare may be taken for it. In which folder one is cannot be read."""
        return self.reuse != "never" and self.folder is None

    def can_take(self, spare: Entitlement) -> bool:
        """Whether a spare of this status serves it: a STOPPED one is charged from today."""
        return spare.is_pending or (self.state == "active" and spare.is_stopped)

    @property
    def minds_suspension(self) -> bool:
        """Whether it leaves alone what bears the mark of a suspension.

        A release does not, since somebody named what is to go. A stop alone need not: it leaves the mark as it is.
        """
        managed = (self.configuration, self.end_date, self.tags)
        renamed = self.name is not None and self.serial_number is not None
        stop_alone = self.state == "stopped" and managed == (None, None, None) and not renamed
        return not (self.ignore_suspension or self.state == "absent" or stop_alone)

    @property
    def result_key(self) -> str:
        """How results name it: as the task does."""
        return self.given or self.key


@dataclass(frozen=True)
class WantedSpares:
    """How many spares of a configuration, given by name or id, shall be ready."""

    configuration: str | int
    count: int
    most_new: int | None = None  # of an approved plan

    @property
    def key(self) -> str:
        """How problems and results name it."""
        return str(self.configuration)

    @property
    def needs_target(self) -> bool:
        """Whether the configuration has to exist."""
        return self.count > 0


@dataclass(frozen=True)
class Goal:
    """Everything one task asks for in one program and account."""

    configurations: tuple[WantedConfiguration, ...] = ()
    entitlements: tuple[WantedEntitlement, ...] = ()
    spares: tuple[WantedSpares, ...] = ()
    left_out: frozenset[str] = frozenset()  # names of configurations that need not exist
    pruned: tuple[str, ...] = ()  # serial numbers of the entitlements that nobody listed
    allows_outside: bool = True  # a configuration may change under entitlements of others

    @cached_property
    def _listed(self) -> tuple[set[str | None], set[str | None]]:
        """Names and serial numbers of the entitlements, the pruned ones among them."""
        return (
            {name for wanted in self.entitlements for name in (wanted.name, wanted.was)} - {None},
            {wanted.serial_number for wanted in self.entitlements} - {None},
        )

    def lists(self, entitlement: Entitlement) -> bool:
        """Whether an entitlement is the task's own, by its name or its serial number."""
        names, serial_numbers = self._listed
        return entitlement.name in names or entitlement.serial_number in serial_numbers

    def __len__(self) -> int:
        return len(self.configurations) + len(self.entitlements) + len(self.spares)


_Wanted = TypeVar("_Wanted", WantedConfiguration, WantedEntitlement)


def build_goal(catalogue: Catalogue, asked: Mapping[str, Any], today: date) -> Goal:
    """The goal of a task from what it asks for: the options of flex_fleet, of which any may be missing; None means not given.

    ``today`` is the Pacific day from which end dates are counted.

    :raises InvalidInput: with every problem of every item.
    """
    problems: list[str] = []
    as_written, asked = asked, _in_one_spelling(asked, problems)
    read = partial(_entitlement, asked.get("profiles") or {}, today)
    entitlements = _each(read, asked.get("entitlements") or (), problems)
    goal = Goal(
        _each(partial(_configuration, catalogue), asked.get("configurations") or (), problems),
        _told_apart(_as_given(entitlements, as_written.get("entitlements") or ())),
        tuple(
            _spares(configuration, count, problems)
            for configuration, count in (asked.get("spares") or {}).items()
        ),
        allows_outside=asked.get("allow_outside_limit") is not False,
    )
    _refuse_twice("configuration", [item.key for item in goal.configurations], problems)
    _refuse_twice("entitlement", [item.name for item in goal.entitlements if item.name], problems)
    _refuse_twice(
        "entitlement",
        [item.serial_number for item in goal.entitlements if item.serial_number],
        problems,
    )
    _refuse_unlike_pairs(goal, asked, problems)
    _refuse_renamed_twice(goal, problems)
    if problems:  # what is wrong only with a new configuration is told beside, so that it is not found out one run later
        for wanted in goal.configurations:
            missing = (
                wanted.product.missing(wanted.parameters)
                if wanted.product and wanted.id is None and wanted.state != "disabled"
                else ()
            )
            if missing:
                problems.append(
                    f"configuration '{wanted.key}': if it is new, it needs {', '.join(missing)} too"
                )
    if asked.get("only_used_configurations"):
        used = {
            str(wanted.configuration)
            for wanted in goal.entitlements
            if wanted.state in ("active", "present")
        }
        used |= {spares.key for spares in goal.spares if spares.count}
        needed = tuple(
            wanted
            for wanted in goal.configurations
            if wanted.name in used or wanted.id is not None or wanted.state == "disabled"
        )
        left_out = frozenset(wanted.key for wanted in goal.configurations if wanted not in needed)
        goal = replace(goal, configurations=needed, left_out=left_out)
    if problems:
        raise InvalidInput(problems)
    return goal


def _each(
    read: Callable[[Mapping[str, Any], list[str]], _Wanted],
    items: Iterable[Mapping[str, Any]],
    problems: list[str],
) -> tuple[_Wanted, ...]:
    """What each item asks for; adds to ``problems``, each of them with the item that it is about."""
    found = []
    for item in items:
        own: list[str] = []
        found.append(read(item, own))
        problems += [Problem(problem, found[-1].key) for problem in own]
    return tuple(found)


def _as_given(
    entitlements: Iterable[WantedEntitlement], items: Iterable[Mapping[str, Any]]
) -> tuple[WantedEntitlement, ...]:
    """Each of them with the name or serial number that the task has for it, for results."""
    return tuple(
        replace(wanted, given=str(item.get("name") or item.get("serial_number") or ""))
        for wanted, item in zip(entitlements, items, strict=True)
    )


def _in_one_spelling(asked: Mapping[str, Any], problems: list[str]) -> dict[str, Any]:
    """What a task asks for, as names are compared and written."""
    found: dict[str, Any] = {}
    for option in ("configurations", "entitlements", "profiles", "spares"):
        twice: list[str] = []
        found[option] = all_spelled(asked.get(option), twice)
        problems += [
            f"{option}: '{key}' is a key twice, spelled in two ways; give it once" for key in twice
        ]
    return {**asked, **found}


def _told_apart(entitlements: tuple[WantedEntitlement, ...]) -> tuple[WantedEntitlement, ...]:
    """Each knows which names of the list look like its own: those that are others, as it or they say, and those that may be it."""
    alike: dict[str, list[WantedEntitlement]] = {}
    for wanted in entitlements:
        if wanted.name is not None:
            alike.setdefault(likeness(wanted.name), []).append(wanted)
    return tuple(
        _told_from(wanted, alike.get(likeness(wanted.name or ""), ())) for wanted in entitlements
    )


def _told_from(wanted: WantedEntitlement, others: Iterable[WantedEntitlement]) -> WantedEntitlement:
    """One entitlement, told from those whose names look like its own, itself among them."""
    distinct = wanted.distinct_from.union(
        other.name or "" for other in others if wanted.name in other.distinct_from
    )
    rivals = {other.name or "" for other in others if other.state in ("present", "active")}
    return replace(
        wanted,
        distinct_from=distinct,
        rivals=tuple(sorted(rivals - distinct - {wanted.name or ""})),
    )


def _distinct_from(
    options: Mapping[str, Any], name: str | None, where: str, problems: list[str]
) -> frozenset[str]:
    """The names that an entitlement is told from; adds to ``problems`` those that nobody would take for its name."""
    others = frozenset(map(str, options.get("distinct_from") or ()))
    problems.extend(
        f"{where}: distinct_from: '{other}' could not be taken for this name; list names that differ from it only by case or the like"
        for other in sorted(others)
        if name in (None, other) or not (could_be(name, other) or could_be(other, name))
    )
    return others


def _refuse_unlike_pairs(goal: Goal, asked: Mapping[str, Any], problems: list[str]) -> None:
    """The members of a high availability pair must be licensed alike."""
    pairs: dict[str, list[WantedEntitlement]] = {}
    for wanted, options in zip(goal.entitlements, asked.get("entitlements") or (), strict=True):
        if options.get("pair") is not None:
            pairs.setdefault(str(options["pair"]), []).append(wanted)
    for pair, members in sorted(pairs.items()):
        if len(members) == 1:
            problems.append(
                f"pair '{pair}': '{members[0].key}' is its only member here; list both, so that they stay alike"
            )
        if len({wanted.configuration for wanted in members}) > 1:
            told = " and ".join(
                f"'{wanted.key}' ({wanted.configuration or 'no configuration'})"
                for wanted in members
            )
            problems.append(
                f"pair '{pair}': {told} have different configurations; give them the same one"
            )


def _refuse_renamed_twice(goal: Goal, problems: list[str]) -> None:
    """A license has one new name, and no other item may want it by its old one."""
    names = Counter(wanted.name for wanted in goal.entitlements)
    former = Counter(wanted.was for wanted in goal.entitlements)
    problems.extend(
        Problem(
            f"entitlement '{wanted.key}': was: '{wanted.was}' is {'listed, too' if names[wanted.was] else 'the former name of another one, too'}; "
            "a license has one name, so take it out of one of them",
            wanted.key,
        )
        for wanted in goal.entitlements
        if wanted.was is not None and (names[wanted.was] or former[wanted.was] > 1)
    )


def _refuse_twice(kind: str, keys: list[str], problems: list[str]) -> None:
    for key, times in sorted(Counter(keys).items()):
        if times > 1:
            problems.append(f"{kind} '{key}' is listed {times} times; list it once")


def _configuration(
    catalogue: Catalogue, options: Mapping[str, Any], problems: list[str]
) -> WantedConfiguration:
    name, given = options.get("name"), options.get("parameters") or {}
    where = f"configuration '{name if name is not None else options.get('id')}'"
    if name is not None and (
        not name or name != name.strip() or not name.isprintable() or len(name) > 64
    ):
        problems.append(
            f"{where}: a name has 1 to 64 printable characters and no blank at either end"
        )
    product = None
    if options.get("product") is not None:
        try:
            product = catalogue.product(options["product"])
        except FlexError as error:
            problems.append(f"{where}: {error}")
        else:
            problems.extend(
                f"{where}: {problem}" for problem in product.check(given, complete=False)[1]
            )
    return WantedConfiguration(
        name=name,
        id=options.get("id"),
        product=product,
        parameters=given,
        state=options.get("state") or "active",
        max_affected=options.get("max_affected"),
    )


def _configuration_of(
    options: Mapping[str, Any], profiles: Mapping[str, Any], where: str, problems: list[str]
) -> str | int | None:
    """The configuration that an entitlement names, or its profile has for its device; adds to ``problems``."""
    profile, device = options.get("profile"), options.get("device")
    if profile is None:
        return _reference(options.get("configuration"))
    devices = profiles.get(profile)
    if options.get("configuration") is not None:
        problems.append(f"{where}: both configuration and profile are given; give one")
    elif devices is None:
        problems.append(
            f"{where}: profile '{profile}' is not one of {', '.join(map(str, profiles)) or 'those in profiles, which is empty'}"
        )
    elif not isinstance(devices, Mapping) or not devices:
        problems.append(f"profile '{profile}': it is no dictionary of configurations by device")
    elif device is None and len(devices) == 1:
        return _reference(str(next(iter(devices.values()))))
    elif device in devices and devices[device] is None:
        problems.append(f"profile '{profile}': its device '{device}' has no configuration")
    elif device not in devices:
        problems.append(
            f"{where}: profile '{profile}' has no device '{device}'; it has {', '.join(map(str, devices))}"
        )
    else:
        return _reference(str(devices[device]))
    return None


def _end_date(
    options: Mapping[str, Any], today: date, where: str, problems: list[str]
) -> EndDate | None:
    """The day on which an entitlement ends; adds to ``problems`` what is no such day."""
    text = options.get("end_date")
    found = None if text is None else end_date_of(str(text), today)
    if text is not None and found is None:
        problems.append(f"{where}: end_date '{text}' is invalid; write it as {FORMS}")
    return found


def _entitlement(
    profiles: Mapping[str, Any], today: date, options: Mapping[str, Any], problems: list[str]
) -> WantedEntitlement:
    name, serial_number = options.get("name") or None, options.get("serial_number")
    serial_number = None if serial_number is None else serial_number_spelled(str(serial_number))
    where = f"entitlement '{name or serial_number}'"
    if not name and not serial_number:
        problems.append("an entitlement has neither name nor serial_number; give one")
    if name is not None and name_problem(name):
        problems.append(f"{where}: the name {name_problem(name)}")
    if serial_number is not None and not (serial_number.isascii() and serial_number.isalnum()):
        problems.append(
            f"{where}: serial number '{serial_number}' is none; it has letters and digits only"
        )
    tags = options.get("tags")
    if tags is not None:
        problems.extend(
            f"{where}: the tag {key} has no value; leave it out or give one"
            for key, value in tags.items()
            if value is None
        )
        tags = {str(key): str(value) for key, value in tags.items()}
        if tags_problem(tags):
            problems.append(f"{where}: {tags_problem(tags)}")
    return WantedEntitlement(
        name=name,
        serial_number=serial_number,
        configuration=_configuration_of(options, profiles, where, problems),
        state=options.get("state") or "active",
        end_date=_end_date(options, today, where, problems),
        tags=tags,
        folder=options.get("folder"),
        skip_pending=bool(options.get("skip_pending")),
        reuse=options.get("reuse") or "marked",
        fresh_token=options.get("fresh_token") or "never",
        replace_expired=bool(options.get("replace_expired")),
        create=options.get("create") is not False,
        remove_hardware=bool(options.get("remove_hardware")),
        ignore_suspension=bool(options.get("ignore_suspension")),
        describe=bool(options.get("describe")),
        distinct_from=_distinct_from(options, name, where, problems),
        was=_was(options, name, serial_number, where, problems),
    )


def _was(
    options: Mapping[str, Any],
    name: str | None,
    serial_number: str | None,
    where: str,
    problems: list[str],
) -> str | None:
    """The former name of an entitlement; adds to ``problems`` what is wrong with it."""
    was: str | None = options.get("was")
    if was is None:
        return None
    if name_problem(was):
        problems.append(f"{where}: was: the name {name_problem(was)}")
    if name is None or serial_number is not None:
        problems.append(
            f"{where}: was needs a name and no serial_number; with a serial_number, the name that you give is the new one"
        )
    if was == name:
        problems.append(f"{where}: was is the name itself; give the one before, or leave it out")
    return was


def _spares(configuration: Any, count: Any, problems: list[str]) -> WantedSpares:
    number = int(count) if str(count).isdecimal() and not isinstance(count, bool) else None
    if number is None:
        problems.append(
            f"spares of configuration '{configuration}': {count} is not a whole number of at least 0"
        )
    return WantedSpares(_reference(str(configuration)) or "", number or 0)


def _reference(configuration: str | None) -> str | int | None:
    """A configuration by name, or by id where it is a number."""
    if (
        configuration is None
        or not configuration.isascii()
        or not configuration.isdecimal()
        or str(int(configuration)) != configuration
    ):
        return configuration  # also a name such as 007
    return int(configuration)
