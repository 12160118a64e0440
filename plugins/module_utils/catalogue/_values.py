# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The values of parameters: how they are read, shown, sent and compared.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from ._parameter import NONE, Parameter, comparable, number_of, text_of

# Parameter number -> its values as text, as they are on the wire. A list has any number of them, sorted,
# an empty one none. A scalar has one.
Values = dict[int, tuple[str, ...]]


class ParameterSet:
    """The parameters that are given together, in their order, by number and by name."""

    parameters: tuple[Parameter, ...]

    @cached_property
    def _by_id(self) -> dict[int, Parameter]:
        """Its parameters by number, in their order."""
        return {
            parameter.id: parameter for parameter in self.parameters if parameter.id is not None
        }

    @cached_property
    def _by_name(self) -> dict[str, Parameter]:
        """Its parameters by name, alias and label, in folded case.

        Of two with one label the first has it: what is shipped keeps its meaning when FortiFlex
        lists more.
        """
        labels = {parameter.label.casefold(): parameter for parameter in reversed(self.parameters)}
        return labels | {
            name.casefold(): parameter
            for parameter in self.parameters
            for name in (parameter.name, *parameter.aliases)
        }

    @property
    def minimum_parameters(self) -> dict[str, Any]:
        """What a new configuration needs at least, by name.

        Each required parameter has its least value or first code. Those are left out of which no
        source publishes the number: nobody can give them by name.
        """
        return {parameter.name: parameter.least for parameter in self._required()}

    def parameter(self, reference: str | int) -> Parameter | None:
        """The parameter of that name, alias, label or number, if this product is known to have it."""
        number = reference_number(reference)
        if number is None:
            return self._by_name.get(str(reference).strip().casefold())
        return self._by_id.get(number)

    def missing(self, given: Collection[str]) -> list[str]:
        """The required parameters that are not among those that a user gave, by any of their names.

        Of one without a number, which nobody could send, FortiFlex itself may say that it is
        missing.
        """
        named = {parameter.name for reference in given if (parameter := self.parameter(reference))}
        return [parameter.name for parameter in self._required() if parameter.name not in named]

    def has(self, numbers: Iterable[int]) -> bool:
        """Whether all these parameters are known here."""
        return all(number in self._by_id for number in numbers)

    def reread(self, values: Values) -> Values:
        """What another catalogue has read, as this product reads it."""
        return self.read(
            {"id": number, "value": text}
            for number, texts in values.items()
            for text in texts or (NONE,)
        )

    def read(self, pairs: Iterable[Mapping[str, Any]]) -> Values:
        """The values that a configuration in an answer shows as ``{id, value}`` pairs.

        Codes and parameters that are unknown or no longer sold are kept. Live answers hold text,
        numbers included, and one pair ``NONE`` for an empty list. A pair without a usable id or
        value says nothing and is left out.
        """
        texts: dict[int, list[str]] = {}
        for pair in pairs:
            number, value = reference_number(pair.get("id")), pair.get("value")
            if number is not None and value is not None:
                text = self._at(number).canonical(text_of(value))
                texts.setdefault(number, []).append(text)
        return {number: self._at(number).settled(found) for number, found in texts.items()}

    def show(self, values: Values) -> dict[str, Any]:
        """The values for people and playbooks, by name.

        Numbers are ``int``, single codes ``str``, lists a sorted ``list``. Unknown parameters come
        last, under their number as text.
        """
        return {
            self._name(number): self._at(number).shown(values[number])
            for number in self._ordered(values)
        }

    def wire(self, values: Values, priced: bool = False) -> list[dict[str, Any]]:
        """The full set of ``{id, value}`` pairs for a new or changed configuration.

        It is always full, since nothing says what FortiFlex does with parameters that are left out.
        Optional parameters that are not in ``values`` are sent with their default, an empty list as
        one pair ``NONE``. Read-only ones are never sent, unless to the calculator (``priced``),
        deprecated ones only if they are in ``values``.
        """
        filled = self.filled(values)
        return [
            {"id": number, "value": text}
            for number in self._ordered(filled)
            if self._at(number).is_sent(priced)
            for text in sorted(filled[number]) or [NONE]
        ]

    def changes(self, current: Values, wanted: Values) -> dict[str, tuple[Any, Any]]:
        """Which of the wanted values differ from the current ones: name -> (before, after).

        They have the types of ``show``; ``None`` where nothing was set. An optional parameter that
        FortiFlex does not show counts as being at its default. Lists are compared as sets, numbers
        numerically.
        """
        return {
            parameter.name: (before, after)
            for parameter, before, after in self._changes(current, wanted)
        }

    def filled(self, values: Values) -> Values:
        """With the default of every optional parameter that is not among the values."""
        return {
            number: texts
            for number, parameter in self._by_id.items()
            if (texts := parameter.initial) is not None and not parameter.deprecated
        } | values

    def _at(self, number: int) -> Parameter:
        """The parameter of a number, known or not."""
        return self._by_id.get(number) or Parameter.unknown(number)

    def _name(self, number: int) -> str:
        """What the parameter of a number is called."""
        return self._at(number).name

    def _ordered(self, values: Values) -> list[int]:
        """Numbers in the order of the parameters, and then those that are not known."""
        known = [number for number in self._by_id if number in values]
        return known + sorted(values.keys() - self._by_id.keys())

    def _required(self) -> Iterator[Parameter]:
        """What a new configuration needs, as far as it can be sent."""
        return (p for p in self._by_id.values() if p.required)

    def _changes(self, current: Values, wanted: Values) -> Iterator[tuple[Parameter, Any, Any]]:
        """The parameters that differ, each with what is shown before and after."""
        for number in self._ordered(wanted):
            parameter = self._at(number)
            before, after = current.get(number, parameter.initial), wanted[number]
            if before is None:
                yield parameter, None, parameter.shown(after)
            elif comparable(before) != comparable(after):
                yield parameter, parameter.shown(before), parameter.shown(after)


def reference_number(reference: Any) -> int | None:
    """The number of a product or parameter, given as number or digits."""
    text = str(reference).strip()
    return None if text.startswith("-") else number_of(text)
