# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One product, and how what a user asks of it is checked.

Private to the collection: may change at any time.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..errors import Problems
from ._objections import no_such_parameter, objection, wrong_type
from ._parameter import Parameter, text_of
from ._values import ParameterSet, Values, reference_number

KINDS = ("vm", "hardware", "cloud")
_UNPUBLISHED = (
    "FortiFlex's number of this {0} is not published; "
    "give the {0} by number (a configuration made in the portal shows it)"
)


class Combination(NamedTuple):
    """What is not sold together: a parameter that has a value, and another one with such a code.

    ``value`` None stands for any number above 0.
    """

    parameter: str
    value: str | None
    other: str
    codes: tuple[str, ...]

    def concerns(self, text: str) -> bool:
        """Whether the parameter must not have this value together with one of the codes."""
        return text == self.value if self.value else text != "0"


@dataclass(frozen=True, eq=False)
class Product(ParameterSet):
    """One product, with all that can be said about its parameters and their values.

    - ``id`` is FortiFlex's number of it, ``None`` where no source publishes it.
    - ``key`` is our name of it, ``name`` the official one. ``aliases`` are its names in the official
      collection and Terraform provider.
    - ``kind`` is ``vm``, ``hardware`` or ``cloud``, which says how entitlements of it are created,
      and ``None`` if that is unknown.
    - ``never`` are the combinations of values that are not sold.
    """

    id: int | None
    key: str
    name: str
    kind: str | None
    aliases: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    never: tuple[Combination, ...] = ()

    @property
    def is_vm(self) -> bool:
        """Whether its entitlements are virtual machines.

        FortiFlex makes the serial numbers of these.
        """
        return self.kind == "vm"

    @property
    def is_device(self) -> bool:
        """Whether its entitlements are devices.

        These exist before their license and have serial numbers of their own.
        """
        return self.kind == "hardware"

    @property
    def is_cloud(self) -> bool:
        """Whether it is a cloud service, of which an account has at most one entitlement."""
        return self.kind == "cloud"

    @property
    def can_be_spare(self) -> bool:
        """Whether an entitlement of it can serve under another name.

        Of an unknown kind this is taken for granted.
        """
        return not (self.is_device or self.is_cloud)

    @property
    def constraints(self) -> list[str]:
        """Which combinations of parameters are sold only together, one sentence each."""
        return [
            f"{rule.parameter} {rule.value or 'above 0'} needs {self._needed(rule)}"
            for rule in self.never
        ]

    def check(
        self,
        given: Mapping[str, Any],
        problems: Problems,
        *,
        complete: bool,
        kept: Values | None = None,
        priced: bool = False,
    ) -> Values:
        """Turn what a user wrote into values, and collect everything that is wrong with it.

        A parameter goes by name, alias, label or number. Under its name, values are numbers, codes
        or labels in any letter case, checked against all that is known. Under its number, any
        number or text is accepted, so that what FortiFlex adds tomorrow can be used.

        :param complete: the values are for a new configuration, so the required ones must be there.
        :param kept: what the configuration has already, which may stay, even if it is not sold any
            more; while that is not known, nothing is said of what is not sold any more.
        :param priced: for the calculator, which takes what FortiFlex only reports.
        """
        if self.id is None:
            problems.add(f"{self.key}: {_UNPUBLISHED.format('product')}")
            return {}
        reading = _Reading(self, problems, {} if complete else kept, priced)
        for reference, value in given.items():
            reading.read(reference, value)
        together = reading.values
        if complete:
            absent = self.missing(reading.names)
            if absent:
                problems.add(f"{self.key}: required and not given: {', '.join(absent)}")
            defaults = self.filled({})
            sound = {
                n: texts for n, texts in defaults.items() if self._name(n) not in reading.names
            }
            together = {**sound, **reading.values}
        self._check_combinations(together, reading.values, problems)
        return reading.values

    def check_change(self, current: Values, wanted: Values, problems: Problems) -> None:
        """Collect why FortiFlex would not accept the change from the current to the wanted values.

        These are parameters that can only go up, and combinations that are not sold.
        """
        changes = [*self._changes(current, wanted)]
        for parameter, before, after in changes:
            if parameter.goes_back(before, after):
                was, asked = parameter.said(str(before)), parameter.said(str(after))
                problems.add(
                    f"{self.key}.{parameter.name}: FortiFlex does not lower it, "
                    f"and {asked} is below the present {was}"
                )
        touched = [parameter.id for parameter, _before, _after in changes]
        self._check_combinations(self.filled({**current, **wanted}), touched, problems)

    def lacks(self, given: Mapping[str, Any]) -> bool:
        """Whether FortiFlex may have by now what a user wrote, and this product does not have here.

        That can be a parameter, code or size. It can also be a required parameter of which no
        source publishes the number, even if it is not given.
        """
        unpublished = any(
            parameter.required and parameter.id is None for parameter in self.parameters
        )
        return unpublished or any(self._lacks(*item) for item in given.items())

    def _lacks(self, reference: str, value: Any) -> bool:
        """The same for one parameter. Under its number, any value is accepted."""
        parameter = self.parameter(reference)
        if parameter is None or parameter.id is None:
            return True
        if reference_number(reference) is not None:
            return False
        return any(parameter.lacks(text) for text in _texts(parameter, value, Problems()) or ())

    def _needed(self, rule: Combination) -> str:
        """What a combination asks for instead.

        Codes that FortiFlex has added since may do, too.
        """
        others = self._by_name[rule.other].choices
        return f"{rule.other} {' or '.join(code for code in others if code not in rule.codes)}"

    def _check_combinations(
        self, values: Values, touched: Collection[int | None], problems: Problems
    ) -> None:
        """Collect combinations that are not sold, among those that involve a touched parameter."""
        for rule in self.never:
            ids = [self._by_name[name].id or 0 for name in (rule.parameter, rule.other)]
            texts, others = (values.get(number, ()) for number in ids)
            used = [*filter(rule.concerns, texts)]
            wrong = [code for code in others if code in rule.codes]
            if used and wrong and not set(ids).isdisjoint(touched):
                problems.add(
                    f"{self.key}.{rule.parameter}: {used[0]} needs {self._needed(rule)}, "
                    f"not {wrong[0]}"
                )

    def no_parameter(self, name: str) -> str:
        """What to say of a name that none of its parameters has."""
        names = {spelling: parameter.name for spelling, parameter in self._by_name.items()}
        return no_such_parameter(name, names, [p.name for p in self.parameters if p.is_settable])


class _Reading:
    """What a user wrote for a product: its values, read one after another, and what is wrong."""

    def __init__(
        self, product: Product, problems: Problems, kept: Values | None, priced: bool
    ) -> None:
        """Nothing is read yet.

        :param kept: what may stay although it is not on sale any more; None while that is not
            known.
        :param priced: for the calculator, which takes what FortiFlex only reports.
        """
        self.values: Values = {}
        self.names: dict[str, Any] = {}  # of the parameters that were given -> as the user wrote it
        self._product = product
        self._problems = problems
        self._kept = kept
        self._priced = priced

    def read(self, reference: str, value: Any) -> None:
        """Take one parameter."""
        number = reference_number(reference)
        parameter = self._product.parameter(reference)
        if parameter is None and number is not None:
            parameter = Parameter.unknown(number)
        name = parameter.name if parameter else str(reference)
        problems = self._problems.about(f"{self._product.key}.{name}")
        if name in self.names:
            before = self.names[name]
            problems.add(f"given twice, as {before} and as {reference}; keep one")
            return
        self.names[name] = reference
        if parameter is None:
            problems.add(self._product.no_parameter(name))
        elif parameter.id is None:
            problems.add(_UNPUBLISHED.format("parameter"))
        elif not parameter.is_sent(self._priced):
            problems.add("FortiFlex reports this and does not let anyone set it; leave it out")
        else:
            self._take(parameter, parameter.id, value, problems, checked=number is None)

    def _take(
        self, parameter: Parameter, number: int, value: Any, problems: Problems, checked: bool
    ) -> None:
        """Take the value of a parameter that can be set; ``checked``: only one that is on sale."""
        texts = _texts(parameter, value, problems)
        if texts is None:
            return
        wrong = [text for text in texts if not self._is_fine(parameter, number, text)]
        if checked and wrong:
            problems.add(*(objection(parameter, text) for text in wrong))
        else:
            self.values[number] = texts

    def _is_fine(self, parameter: Parameter, number: int, text: str) -> bool:
        """Whether a value is on sale, or there already, or may be."""
        if parameter.allows(text):
            return True
        return parameter.is_old(text) if self._kept is None else text in self._kept.get(number, ())


def _texts(parameter: Parameter, given: Any, problems: Problems) -> tuple[str, ...] | None:
    """What a user wrote for one parameter as it is in ``Values``; None if its type is wrong."""
    items = given if isinstance(given, (list, tuple)) else [given]
    if items is given and parameter.is_single:
        problems.add(f"it takes one value, not a list of {len(given)}")
        return None
    strange = [
        item for item in items if isinstance(item, bool) or not isinstance(item, (int, float, str))
    ]
    if strange:
        problems.add(*map(wrong_type, strange))
        return None
    return parameter.settled([parameter.canonical(text_of(item)) for item in items])
