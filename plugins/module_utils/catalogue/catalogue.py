# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What FortiFlex sells: products, their parameters, and how values of these are checked, sent, read and compared.

Private to the collection: may change at any time.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from typing import Any

from ..errors import InvalidInput
from .parameter import Parameter, number_of
from .products import PRODUCTS

Values = dict[int, tuple[str, ...]]
"""Parameter number -> its values as text, as they are on the wire. A list has any number of them, sorted, an empty one none; a scalar has one."""

KINDS = ("vm", "hardware", "cloud")
_NONE = "NONE"
_UNPUBLISHED = "FortiFlex's number of this {0} is not published; give the {0} by number (a configuration made in the portal shows it)"


class Product:
    """One product, with all that can be said about its parameters and their values.

    ``id`` is FortiFlex's number of it, ``None`` where no source publishes it; ``key`` our name, ``name`` the official one. ``kind`` is ``vm``,
    ``hardware`` or ``cloud``, which says how entitlements of it are created, and ``None`` if that is unknown. ``aliases`` are its names in the
    official collection and Terraform provider.
    """

    def __init__(self, row: Mapping[str, Any]) -> None:
        self.id: int | None = row["id"]
        self.key: str = row["key"]
        self.name: str = row["name"]
        self.kind: str | None = row["kind"]
        self.aliases: tuple[str, ...] = tuple(row.get("aliases", ()))
        self.parameters: tuple[Parameter, ...] = tuple(
            _parameter(entry) for entry in row["parameters"]
        )
        self._rules: list[dict[str, Any]] = row.get("rules", [])
        self._by_id = {
            parameter.id: parameter for parameter in self.parameters if parameter.id is not None
        }
        self._ids = {parameter.name: number for number, parameter in self._by_id.items()}
        # Of two with one label the first has it: what is shipped keeps its meaning when FortiFlex tells more.
        labels = {parameter.label.casefold(): parameter for parameter in reversed(self.parameters)}
        self._by_name = labels | {
            name.casefold(): parameter
            for parameter in self.parameters
            for name in (parameter.name, *parameter.aliases)
        }

    @property
    def is_vm(self) -> bool:
        """Whether its entitlements are virtual machines, of which FortiFlex makes the serial numbers."""
        return self.kind == "vm"

    @property
    def is_device(self) -> bool:
        """Whether its entitlements are devices, which exist before their license and have serial numbers of their own."""
        return self.kind == "hardware"

    @property
    def is_cloud(self) -> bool:
        """Whether it is a cloud service, of which an account has at most one entitlement."""
        return self.kind == "cloud"

    @property
    def can_be_spare(self) -> bool:
        """Whether an entitlement of it can serve under another name. Of an unknown kind this is taken for granted."""
        return not (self.is_device or self.is_cloud)

    @property
    def constraints(self) -> list[str]:
        """Which combinations of parameters are sold only together, one sentence each."""
        return [
            f"{rule['parameter']} {rule.get('value', 'above 0')} needs {rule['needs']} {' or '.join(rule['codes'])}"
            for rule in self._rules
        ]

    @property
    def minimum_parameters(self) -> dict[str, Any]:
        """What a new configuration needs at least, by name: each required parameter with its least value or first code.

        Those are left out of which no source publishes the number: nobody can give them by name.
        """
        return {
            parameter.name: parameter.least
            for parameter in self.parameters
            if parameter.required and parameter.id is not None
        }

    def parameter(self, reference: str | int) -> Parameter | None:
        """The parameter of that name, alias, label or number, if this product is known to have it."""
        number = _reference_number(reference)
        return (
            self._by_name.get(str(reference).strip().casefold())
            if number is None
            else self._by_id.get(number)
        )

    def check(
        self,
        given: Mapping[str, Any],
        *,
        complete: bool,
        kept: Values | None = None,
        priced: bool = False,
    ) -> tuple[Values, list[str]]:
        """Turn what a user wrote into values, and say everything that is wrong with it, one sentence each.

        A parameter goes by name, alias, label or number. Under its name, values are numbers, codes or labels in any letter case, checked against all
        that is known. Under its number, any number or text is accepted, so that what FortiFlex adds tomorrow can be used. ``complete``: the values
        are for a new configuration, so the required parameters must be there. ``kept``: what the configuration has already, which may stay, even if
        it is not sold any more; while that is not known, nothing is said of what is not sold any more. ``priced``: for the
        calculator, which takes what FortiFlex only reports.
        """
        if self.id is None:
            return {}, [f"{self.key}: {_UNPUBLISHED.format('product')}"]
        values: Values = {}
        problems: list[str] = []
        spelled: dict[str, Any] = {}
        for reference, value in given.items():
            number = _reference_number(reference)
            parameter = self.parameter(reference)
            name = parameter.name if parameter else str(reference if number is None else number)
            where = f"{self.key}.{name}"
            if name in spelled:
                problems.append(
                    f"{where}: given twice, as {spelled[name]} and as {reference}; keep one"
                )
                continue
            spelled[name] = reference
            if parameter is None and number is None:
                problems.append(f"{where}: {self._no_such_parameter(name)}")
                continue
            identity = parameter.id if parameter else number
            if identity is None:
                problems.append(f"{where}: {_UNPUBLISHED.format('parameter')}")
            elif parameter and parameter.read_only and not (priced and parameter.is_priced):
                problems.append(
                    f"{where}: FortiFlex reports this and does not let anyone set it; leave it out"
                )
            else:
                texts, wrong = _canonical(parameter, value)
                if parameter and number is None and not wrong:
                    wrong = _objections(parameter, texts, {} if complete else kept)
                problems.extend(f"{where}: {sentence}" for sentence in wrong)
                if not wrong:
                    values[identity] = texts
        if complete:
            problems.extend(self._missing(spelled))
        together = self.filled(values) if complete else values
        together = {
            number: texts
            for number, texts in together.items()
            if number in values or self._name(number) not in spelled
        }
        return values, problems + self._broken_rules(together, values)

    def lacks(self, given: Mapping[str, Any]) -> bool:
        """Whether what a user wrote is about a parameter, code or size that this product does not have here, so that FortiFlex may have it by now.

        So may a required parameter be of which no source publishes the number, even if it is not given.
        """
        if any(parameter.required and parameter.id is None for parameter in self.parameters):
            return True
        for reference, value in given.items():
            parameter, by_number = (
                self.parameter(reference),
                _reference_number(reference) is not None,
            )
            if parameter is None or parameter.id is None:
                return True
            texts, wrong = _canonical(parameter, value)
            if not (by_number or wrong) and any(parameter.lacks(text) for text in texts):
                return True
        return False

    def has(self, numbers: Iterable[int]) -> bool:
        """Whether all these parameters are known here."""
        return all(number in self._by_id for number in numbers)

    def reread(self, values: Values) -> Values:
        """What another catalogue has read, as this product reads it."""
        return self.read(
            {"id": number, "value": text}
            for number, texts in values.items()
            for text in texts or (_NONE,)
        )

    def read(self, pairs: Iterable[Mapping[str, Any]]) -> Values:
        """The values that a configuration in an answer shows as ``{id, value}`` pairs. Codes and parameters that are unknown or no longer sold are kept.

        Live answers (a public capture of 2025) hold text, numbers included, and one pair ``NONE`` for an empty list.
        A pair without a usable id or value says nothing and is left out.
        """
        texts: dict[int, list[str]] = {}
        for pair in pairs:
            number, value = _reference_number(pair.get("id")), pair.get("value")
            if number is not None and value is not None:
                parameter = self._by_id.get(number)
                texts.setdefault(number, []).append(
                    parameter.canonical(_text(value)) if parameter else _text(value)
                )
        return {number: _settled(self._by_id.get(number), found) for number, found in texts.items()}

    def show(self, values: Values) -> dict[str, Any]:
        """The values for people and playbooks, by name: numbers as ``int``, single codes as ``str``, lists as sorted ``list``.

        Unknown parameters come last, under their number as text.
        """
        return {
            self._name(number): _shown(self._by_id.get(number), values[number])
            for number in self._ordered(values)
        }

    def wire(self, values: Values, priced: bool = False) -> list[dict[str, Any]]:
        """The full set of ``{id, value}`` pairs for a new or changed configuration, since nothing says what FortiFlex does with parameters left out.

        Optional parameters that are not in ``values`` are sent with their default, an empty list as one pair ``NONE``. Read-only ones are never sent,
        unless to the calculator (``priced``), deprecated ones only if they are in ``values``.
        """
        filled = self.filled(values)
        return [
            {"id": number, "value": text}
            for number in self._ordered(filled)
            if number not in self._by_id
            or not self._by_id[number].read_only
            or (priced and self._by_id[number].is_priced)
            for text in sorted(filled[number]) or [_NONE]
        ]

    def changes(self, current: Values, wanted: Values) -> dict[str, tuple[Any, Any]]:
        """Which of the wanted values differ from the current ones: name -> (before, after), in the types of ``show``; ``None`` where nothing was set.

        An optional parameter that FortiFlex does not show counts as being at its default. Lists are compared as sets, numbers numerically.
        """
        differing: dict[str, tuple[Any, Any]] = {}
        for number in self._ordered(wanted):
            parameter = self._by_id.get(number)
            before = current.get(number, parameter.initial if parameter else ())
            if before is None or {_comparable(text) for text in before} != {
                _comparable(text) for text in wanted[number]
            }:
                differing[self._name(number)] = (
                    None if before is None else _shown(parameter, before),
                    _shown(parameter, wanted[number]),
                )
        return differing

    def refusals(self, current: Values, wanted: Values) -> list[str]:
        """Why FortiFlex would not accept the change from the current to the wanted values, one sentence each.

        These are parameters that can only go up, and combinations that are not sold.
        """
        problems: list[str] = []
        changes = self.changes(current, wanted)
        for name, (before, after) in changes.items():
            if name not in self._ids:
                continue
            parameter = self._by_name[name]
            order = list(parameter.ranks or parameter.choices)
            shrinks = (
                not parameter.scale_down_allowed
                and isinstance(before, int)
                and isinstance(after, int)
                and after < before
            )
            falls = (
                not parameter.downgrade_allowed
                and before in order
                and after in order
                and order.index(after) < order.index(before)
            )
            if shrinks or falls:
                was, asked = parameter.said(str(before)), parameter.said(str(after))
                problems.append(
                    f"{self.key}.{name}: FortiFlex does not lower it, and {asked} is below the present {was}"
                )
        changed = [self._ids[name] for name in changes if name in self._ids]
        return problems + self._broken_rules(self.filled({**current, **wanted}), changed)

    def _name(self, number: int) -> str:
        return self._by_id[number].name if number in self._by_id else str(number)

    def _ordered(self, values: Values) -> list[int]:
        return [number for number in self._by_id if number in values] + sorted(
            values.keys() - self._by_id.keys()
        )

    def filled(self, values: Values) -> Values:
        """With the default of every optional parameter that is not among the values."""
        defaults = {
            number: parameter.initial
            for number, parameter in self._by_id.items()
            if not parameter.deprecated
        }
        return {
            **{number: initial for number, initial in defaults.items() if initial is not None},
            **values,
        }

    def missing(self, given: Collection[str]) -> list[str]:
        """The required parameters that are not among those that a user gave, by any of their names."""
        named = {parameter.name for reference in given if (parameter := self.parameter(reference))}
        return [
            parameter.name
            for parameter in self.parameters
            if parameter.required and parameter.id is not None and parameter.name not in named
        ]

    def _missing(self, names: Collection[str]) -> Iterable[str]:
        """Which required parameters were not given. Of one without a number, which nobody could send, FortiFlex itself may say that it is missing."""
        absent = self.missing(names)
        if absent:
            yield f"{self.key}: required and not given: {', '.join(absent)}"

    def _broken_rules(self, values: Values, touched: Collection[int]) -> list[str]:
        """Combinations that are not sold, among those that involve a touched parameter."""
        problems = []
        for rule in self._rules:
            number, other = self._ids[rule["parameter"]], self._ids[rule["needs"]]
            used = [
                text
                for text in values.get(number, ())
                if (text == rule["value"] if "value" in rule else text != "0")
            ]
            broken = [
                code
                for code in values.get(other, ())
                if code in self._by_id[other].choices and code not in rule["codes"]
            ]
            if used and broken and not {number, other}.isdisjoint(touched):
                problems.append(
                    f"{self.key}.{rule['parameter']}: {used[0]} needs {rule['needs']} {' or '.join(rule['codes'])}, not {broken[0]}"
                )
        return problems

    def _no_such_parameter(self, name: str) -> str:
        from .objections import no_such_parameter

        names = {spelling: parameter.name for spelling, parameter in self._by_name.items()}
        return no_such_parameter(
            name,
            names,
            [
                parameter.name
                for parameter in self.parameters
                if not (parameter.read_only or parameter.deprecated)
            ],
        )


class Catalogue:
    """Products by everything they are called. ``rows`` are as in ``products.py``; products are built when first used."""

    def __init__(self, rows: Iterable[Mapping[str, Any]]) -> None:
        self._rows = {row["key"]: row for row in rows}
        self._keys: dict[str, str] = {key: key for key in self._rows}
        for key, row in self._rows.items():
            for name in (row["name"], *row.get("aliases", ())):
                self._keys.setdefault(name.casefold(), key)
            if row["id"] is not None:
                self._keys[str(row["id"])] = key
        self._built: dict[str, Product] = {}

    def products(self) -> list[Product]:
        """All of them, including those whose number no source publishes and that can therefore only be looked at."""
        return [self._build(key) for key in self._rows]

    def product(self, reference: str | int) -> Product:
        """The product of that key, official name, alias or number, in any letter case.

        An unknown number stands for a product that FortiFlex has added since: its ``kind`` is ``None`` and it has no known parameters.
        Raises ``InvalidInput`` for an unknown name.
        """
        name = str(reference).strip().casefold()
        number = _reference_number(name.removeprefix("product_")) or None  # there is no product 0
        key = self._keys.get(name if number is None else str(number))
        if key is not None:
            return self._build(key)
        if number is not None:
            return Product(
                {
                    "id": number,
                    "key": f"product_{number}",
                    "name": f"product {number}",
                    "kind": None,
                    "parameters": [],
                }
            )
        from .objections import no_such_product

        raise InvalidInput([no_such_product(str(reference), self._keys, len(self._rows))])

    def lacks(self, product: str | int, parameters: Mapping[str, Any] | None = None) -> bool:
        """Whether a product, or what is asked of it, is not all here, so that FortiFlex may have it by now."""
        try:
            found = self.product(product)
        except InvalidInput:
            return True
        return found.id is None or found.kind is None or found.lacks(parameters or {})

    def _build(self, key: str) -> Product:
        if key not in self._built:
            self._built[key] = Product(self._rows[key])
        return self._built[key]


@cache
def snapshot() -> Catalogue:
    """The catalogue that is shipped with the collection."""
    return Catalogue(json.loads(PRODUCTS))


def _parameter(row: Mapping[str, Any]) -> Parameter:
    choices = row.get("choices", {})
    if isinstance(choices, list):
        choices = {str(choice): str(choice) for choice in choices}
    return Parameter(
        **{
            **row,
            "choices": choices,
            "ranks": tuple(row.get("ranks", ())),
            "aliases": tuple(row.get("aliases", ())),
        }
    )


def _canonical(parameter: Parameter | None, given: Any) -> tuple[tuple[str, ...], list[str]]:
    """What a user wrote for one parameter as it is in ``Values``, and what is wrong with its type."""
    many = isinstance(given, (list, tuple))
    if many and parameter and parameter.type != "list":
        return (), [f"it takes one value, not a list of {len(given)}"]
    items = list(given) if many else [given]
    strange = [
        item for item in items if isinstance(item, bool) or not isinstance(item, (int, float, str))
    ]
    if strange:
        from .objections import wrong_type

        return (), [wrong_type(item) for item in strange]
    texts = [parameter.canonical(_text(item)) if parameter else _text(item) for item in items]
    return _settled(parameter, texts), []


def _objections(parameter: Parameter, texts: tuple[str, ...], kept: Values | None) -> list[str]:
    """What is wrong with canonical values, those left out that are there already, or may be."""
    present = (
        kept.get(parameter.id or 0, ())
        if kept is not None
        else tuple(text for text in texts if parameter.is_old(text))
    )
    wrong = [text for text in texts if text not in present and not parameter.allows(text)]
    if not wrong:
        return []
    from .objections import objection

    return [objection(parameter, text) for text in wrong]


def _settled(parameter: Parameter | None, texts: list[str]) -> tuple[str, ...]:
    """Canonical texts as they are in ``Values``. A parameter that is not known may be a list, so its ``NONE`` is taken for an empty one."""
    if parameter and parameter.type != "list":
        return tuple(
            sorted(set(texts))
        )  # one; if FortiFlex shows several all the same, none of them gets lost
    return () if len(texts) == 1 and texts[0].upper() in ("", _NONE) else tuple(sorted(set(texts)))


def _shown(parameter: Parameter | None, texts: tuple[str, ...]) -> Any:
    if parameter and parameter.type == "list":
        return sorted(texts)
    if len(texts) != 1:
        return sorted(texts) or _NONE
    number = number_of(texts[0]) if parameter and parameter.type == "int" else None
    return texts[0] if number is None else number


def _text(value: Any) -> str:
    return (
        str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()
    )


def _comparable(text: str) -> int | str:
    number = number_of(text)
    return text if number is None else number


def _reference_number(reference: Any) -> int | None:
    """The number of a product or parameter, given as number or digits."""
    text = "" if isinstance(reference, bool) else str(reference).strip()
    return number_of(text) if text.isdigit() else None
