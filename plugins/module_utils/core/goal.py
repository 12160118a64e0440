# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task asks for, typed and checked as far as that goes without asking FortiFlex.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from operator import attrgetter
from typing import Any

from ..catalogue.catalogue import Catalogue, Product
from ..errors import Problems
from ..optional import if_given
from .description import name_problem, tags_problem
from .end_date import FORMS, EndDate, end_date_of
from .model import Entitlement
from .spelling import all_spelled, could_be, likeness, serial_number_spelled

CONFIGURATION_STATES = ("present", "active", "disabled")
ENTITLEMENT_STATES = ("present", "active", "stopped", "absent")
REUSE = ("marked", "any", "never")
FRESH_TOKEN = ("never", "used", "always")


@dataclass(frozen=True)
class WantedConfiguration:
    """One configuration as a task asks for it.

    ``parameters`` are the ones that were given, as the user wrote them.
    """

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
    # Of what is pruned by its serial number: it is left alone once it has another name.
    held_by: str | None = None
    distinct_from: frozenset[str] = frozenset()  # names that look like this one and are others
    was: str | None = None  # its name before: what still has that one gets the new one
    rivals: tuple[str, ...] = ()  # names of the list that look like this one, and may be it
    given: str = ""  # its name, or serial number, as the task writes it
    spare: str | None = None  # of an approved plan: the one that it takes, and no other

    @property
    def key(self) -> str:
        """How problems and steps name it: by its name, else by its serial number."""
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

        A release does not, since somebody named what must go. A stop alone need not: it leaves the
        mark as it is.
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
    """How many spares of a configuration, given by name or id, must be ready."""

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
        """How many items there are."""
        return len(self.configurations) + len(self.entitlements) + len(self.spares)


_ID = re.compile(r"0|[1-9][0-9]*")
# What an entitlement has as the task writes it, if it is neither empty nor false.
_AS_GIVEN = (
    "state",
    "skip_pending",
    "reuse",
    "fresh_token",
    "replace_expired",
    "remove_hardware",
    "ignore_suspension",
    "describe",
)


def build_goal(catalogue: Catalogue, asked: Mapping[str, Any], today: date) -> Goal:
    """The goal of a task from what it asks for.

    :param asked: the options of flex_fleet, of which any may be missing; None means not given.
    :param today: the Pacific day from which end dates are counted.
    :raises InvalidInput: with every problem of every item.
    """
    with Problems() as problems:
        reader = _Reader(catalogue, asked, today, problems)
        entitlements = reader.entitlements()
        goal = Goal(
            reader.configurations(),
            _told_apart(entitlements),
            reader.spares(),
            allows_outside=asked.get("allow_outside_limit") is not False,
        )
        _refuse_twice("configuration", [item.key for item in goal.configurations], problems)
        for key in ("name", "serial_number"):
            given = map(attrgetter(key), goal.entitlements)
            _refuse_twice("entitlement", filter(None, given), problems)
        _refuse_unlike_pairs(reader.pairs(goal.entitlements), problems)
        _refuse_renamed_twice(goal.entitlements, problems)
        if problems:
            _name_what_new_ones_need(goal.configurations, problems)
    return _as_profiles_choose(goal) if asked.get("profiles") else goal


class _Reader:
    """Reads the items of a task.

    Names and other texts of users are spelled as they are compared and written.
    """

    def __init__(
        self, catalogue: Catalogue, asked: Mapping[str, Any], today: date, problems: Problems
    ) -> None:
        """Nothing is read yet.

        :param asked: the options of flex_fleet.
        :param today: the Pacific day from which end dates are counted.
        :param problems: gets what is wrong with an item, and the name of that.
        """

        def spelled(option: str, empty: Any) -> Any:
            return all_spelled(asked.get(option) or empty, problems.about(option))

        self._catalogue = catalogue
        self._today = today
        self._problems = problems
        self._written = asked.get("entitlements") or []
        self._configurations = spelled("configurations", [])
        self._entitlements = spelled("entitlements", [])
        self._profiles = spelled("profiles", {})
        self._spares = spelled("spares", {})

    def configurations(self) -> tuple[WantedConfiguration, ...]:
        """The items of ``configurations``."""
        return tuple(map(self._configuration, self._configurations))

    def entitlements(self) -> tuple[WantedEntitlement, ...]:
        """The items of ``entitlements``.

        Each has the name or serial number that the task writes, for results.
        """
        found = []
        for options, item in zip(self._entitlements, self._written, strict=True):
            reader = _EntitlementReader(options, self._problems)
            given = str(item.get("name") or item.get("serial_number") or "")
            found.append(reader.read(self._profiles, self._today, given))
        return tuple(found)

    def spares(self) -> tuple[WantedSpares, ...]:
        """The option ``spares``."""
        return tuple(self._wanted_spares(*item) for item in self._spares.items())

    def pairs(
        self, entitlements: Iterable[WantedEntitlement]
    ) -> dict[str, list[WantedEntitlement]]:
        """The members of each high availability pair."""
        pairs: dict[str, list[WantedEntitlement]] = {}
        for wanted, options in zip(entitlements, self._entitlements, strict=True):
            if options.get("pair") is not None:
                pairs.setdefault(str(options["pair"]), []).append(wanted)
        return pairs

    def _configuration(self, options: Mapping[str, Any]) -> WantedConfiguration:
        """One item of ``configurations``."""
        wanted = WantedConfiguration(
            name=options.get("name"),
            id=options.get("id"),
            parameters=options.get("parameters") or {},
            state=options.get("state") or "active",
            max_affected=options.get("max_affected"),
        )
        if wanted.name is None and wanted.id is None:
            self._problems.add("a configuration has neither name nor id; give one")
        name = wanted.name if wanted.name is not None else wanted.id
        problems = self._problems.about(f"configuration '{name}'", wanted.key)
        if wanted.name is not None and not _can_be_of_a_configuration(wanted.name):
            problems.add("a name has 1 to 64 printable characters and no blank at either end")
        if options.get("product") is None:
            return wanted
        with problems.catch():
            product = self._catalogue.product(options["product"])
            product.check(wanted.parameters, problems, complete=False)
            return replace(wanted, product=product)
        return wanted

    def _wanted_spares(self, configuration: Any, count: Any) -> WantedSpares:
        """How many spares a configuration must have."""
        if not str(count).isdecimal():
            self._problems.add(
                f"spares of configuration '{configuration}': "
                f"{count} is not a whole number of at least 0"
            )
            count = 0
        return WantedSpares(_reference(str(configuration)), int(count))


class _EntitlementReader:
    """Reads one item of ``entitlements``."""

    def __init__(self, options: Mapping[str, Any], problems: Problems) -> None:
        """Nothing is read yet but what the item is called.

        :param options: the item, spelled as names are compared.
        :param problems: gets what is wrong with it, and its name.
        """
        self._options = options
        self._name: str | None = options.get("name") or None
        number = options.get("serial_number")
        self._serial_number = None if number is None else serial_number_spelled(str(number))
        who = self._name or self._serial_number
        self._unnamed = problems.about("", who or "")
        self._problems = self._unnamed.about(f"entitlement '{who}'")

    def read(self, profiles: Mapping[str, Any], today: date, given: str) -> WantedEntitlement:
        """What the item asks for. ``given``: what the task calls it."""
        self._check_names()
        options = self._options
        return WantedEntitlement(
            name=self._name,
            serial_number=self._serial_number,
            tags=self._tags(),
            configuration=self._configuration(profiles),
            end_date=self._end_date(today),
            folder=options.get("folder"),
            create=options.get("create") is not False,
            distinct_from=self._distinct_from(),
            was=self._was(),
            given=given,
            **{option: options[option] for option in _AS_GIVEN if options.get(option)},
        )

    def _check_names(self) -> None:
        """Collect what is wrong with its name and serial number."""
        name, number = self._name, self._serial_number
        if name:
            self._check_name(name, "the name")
        elif not number:
            self._unnamed.add("an entitlement has neither name nor serial_number; give one")
        if number is not None and not (number.isascii() and number.isalnum()):
            self._problems.add(
                f"'{number}' is not a valid serial number; use letters and digits only"
            )

    def _check_name(self, name: str, what: str) -> None:
        """Collect why a name cannot be the name of an entitlement."""
        problem = name_problem(name)
        if problem:
            self._problems.add(f"{what} {problem}")

    def _tags(self) -> dict[str, str] | None:
        """Its tags as text; None if they are not managed."""
        given = self._options.get("tags")
        if given is None:
            return None
        tags = {str(key): str(value) for key, value in given.items()}
        self._problems.add(
            *(
                f"the tag {key} has no value; leave it out or give one"
                for key, value in given.items()
                if value is None
            )
        )
        self._problems.add(tags_problem(tags))
        return tags

    def _configuration(self, profiles: Mapping[str, Any]) -> str | int | None:
        """The configuration that it names, or that its profile has for its device."""
        profile, named = self._options.get("profile"), self._options.get("configuration")
        if profile is None:
            return if_given(named, _reference)
        if named is not None:
            self._problems.add("both configuration and profile are given; give one")
        elif profiles.get(profile) is None:
            known = ", ".join(map(str, profiles)) or "those in profiles, which is empty"
            self._problems.add(f"profile '{profile}' is not one of {known}")
        elif not isinstance(profiles[profile], Mapping) or not profiles[profile]:
            self._unnamed.add(
                f"profile '{profile}': it is no dictionary of configurations by device"
            )
        else:
            return self._configuration_by_device(profile, profiles[profile])
        return None

    def _configuration_by_device(
        self, profile: Any, devices: Mapping[Any, Any]
    ) -> str | int | None:
        """The configuration of its device, which goes without saying if the profile has only one."""
        device = self._options.get("device")
        if device is None and len(devices) == 1:
            (device,) = devices
        if device not in devices:
            self._problems.add(
                f"profile '{profile}' has no device '{device}'; "
                f"it has {', '.join(map(str, devices))}"
            )
            return None
        if devices[device] is None:
            self._unnamed.add(f"profile '{profile}': its device '{device}' has no configuration")
            return None
        return _reference(str(devices[device]))

    def _end_date(self, today: date) -> EndDate | None:
        """The day on which it ends."""
        text = self._options.get("end_date")
        if text is None:
            return None
        found = end_date_of(str(text), today)
        if found is None:
            self._problems.add(f"end_date '{text}' is invalid; write it as {FORMS}")
        return found

    def _distinct_from(self) -> frozenset[str]:
        """The names that it is distinguished from, which somebody could take for its own."""
        name = self._name
        others = frozenset(map(str, self._options.get("distinct_from") or ()))
        for other in sorted(others):
            if name in (None, other) or not (could_be(name, other) or could_be(other, name)):
                self._problems.add(
                    f"distinct_from: '{other}' could not be taken for this name; "
                    "list names that differ from it only by case or the like"
                )
        return others

    def _was(self) -> str | None:
        """Its former name."""
        was: str | None = self._options.get("was")
        if was is None:
            return None
        self._check_name(was, "was: the name")
        if self._name is None or self._serial_number is not None:
            self._problems.add(
                "was needs a name and no serial_number; "
                "with a serial_number, the name that you give is the new one"
            )
        if was == self._name:
            self._problems.add("was is the name itself; give the one before, or leave it out")
        return was


def _reference(configuration: str) -> str | int:
    """A configuration by name, such as 007, or by id where it is a number."""
    return int(configuration) if _ID.fullmatch(configuration) else configuration


def _can_be_of_a_configuration(name: str) -> bool:
    """Whether a configuration can have this name."""
    return name.isprintable() and 0 < len(name.strip()) == len(name) <= 64


def _told_apart(entitlements: tuple[WantedEntitlement, ...]) -> tuple[WantedEntitlement, ...]:
    """Each knows which names of the list look like its own.

    Some are others, as it or they say. The rest may be it.
    """
    alike: dict[str, list[WantedEntitlement]] = {}
    for wanted in entitlements:
        if wanted.name is not None:
            alike.setdefault(likeness(wanted.name), []).append(wanted)
    return tuple(
        _told_from(wanted, alike.get(likeness(wanted.name or ""), ())) for wanted in entitlements
    )


def _told_from(wanted: WantedEntitlement, others: Iterable[WantedEntitlement]) -> WantedEntitlement:
    """One entitlement, distinguished from those whose names look like its own, itself among them."""
    distinct = wanted.distinct_from.union(
        other.key for other in others if wanted.name in other.distinct_from
    )
    rivals = {other.key for other in others if other.needs_holder}
    return replace(
        wanted, distinct_from=distinct, rivals=tuple(sorted(rivals - distinct - {wanted.key}))
    )


def _refuse_twice(kind: str, keys: Iterable[str], problems: Problems) -> None:
    """Collect what is listed several times."""
    for key, times in sorted(Counter(keys).items()):
        if times > 1:
            problems.add(f"{kind} '{key}' is listed {times} times; list it once")


def _refuse_unlike_pairs(pairs: Mapping[str, list[WantedEntitlement]], problems: Problems) -> None:
    """Collect the high availability pairs whose members are not licensed alike."""
    for pair, members in sorted(pairs.items()):
        about = problems.about(f"pair '{pair}'")
        if len(members) == 1:
            about.add(
                f"'{members[0].key}' is its only member here; list both, so that they stay alike"
            )
        if len({wanted.configuration for wanted in members}) > 1:
            told = " and ".join(
                f"'{wanted.key}' ({wanted.configuration or 'no configuration'})"
                for wanted in members
            )
            about.add(f"{told} have different configurations; give them the same one")


def _refuse_renamed_twice(entitlements: Sequence[WantedEntitlement], problems: Problems) -> None:
    """Collect former names that another item has, too. A license has one new name."""
    names = Counter(wanted.name for wanted in entitlements)
    former = Counter(wanted.was for wanted in entitlements)
    for wanted in entitlements:
        if wanted.was is None or names[wanted.was] + former[wanted.was] == 1:
            continue
        also = "listed, too" if names[wanted.was] else "the former name of another one, too"
        problems.about(f"entitlement '{wanted.key}'", wanted.key).add(
            f"was: '{wanted.was}' is {also}; a license has one name, so take it out of one of them"
        )


def _name_what_new_ones_need(
    configurations: Iterable[WantedConfiguration], problems: Problems
) -> None:
    """Collect, beside other problems, what is wrong only with a new configuration.

    Else it would be found out one run later.
    """
    for wanted in configurations:
        if wanted.product is None or wanted.id is not None or wanted.state == "disabled":
            continue
        missing = wanted.product.missing(wanted.parameters)
        if missing:
            problems.add(
                f"configuration '{wanted.key}': if it is new, it needs {', '.join(missing)} too"
            )


def _as_profiles_choose(goal: Goal) -> Goal:
    """Without the configurations that no profile has chosen: what is created can never be deleted.

    Those given by id, and those that must be disabled, stay.
    """
    used = {str(item.configuration) for item in goal.entitlements if item.needs_holder}
    used |= {spares.key for spares in goal.spares if spares.needs_target}
    left_out = frozenset(
        item.key
        for item in goal.configurations
        if item.name not in used and item.id is None and item.state != "disabled"
    )
    needed = tuple(item for item in goal.configurations if item.key not in left_out)
    return replace(goal, configurations=needed, left_out=left_out)
