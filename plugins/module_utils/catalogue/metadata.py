# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What FortiFlex's ``tools/metadata`` says it sells, merged over the shipped catalogue, so that a new product works on the day it is sold.

The answer adds: products, parameters, codes, the numbers that no source publishes; and it has the
last word on ranges. It takes nothing away, since FortiFlex itself refuses what it does not sell any
more. What the answer does not say (whether a parameter is required, its default, whether it can go
down) stays as shipped, and is taken as the most permissive for what is new. Its shape is that of the
published API document (OpenAPI, "tools").

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple, TypeVar

from .catalogue import Catalogue, Product, snapshot
from .parameter import Parameter

_KINDS = (
    ("virtual", "vm"),
    ("hardware", "hardware"),
    ("cloud", "cloud"),
)  # only the name of form factor 1 is published

_Read = TypeVar("_Read")


class _Told(NamedTuple):
    """A parameter as the answer has it. Whole numbers are None where it says none."""

    id: int
    label: str
    type: str  # as in Parameter
    least: int | None = None
    most: int | None = None
    step: int | None = None
    codes: Mapping[str, str] = {}  # with their labels; only where nothing else is valid
    read_only: bool = False

    @property
    def multiple_of(self) -> int:
        """The step of its range, as far as it is clear.

        Whether steps are counted from 0 or from the least value is not documented. Where that
        matters, FortiFlex checks them.
        """
        return self.step if self.step and (self.least or 0) % self.step == 0 else 1


class _ToldProduct(NamedTuple):
    """A product as the answer has it, and how many of its parameters are odd."""

    id: int
    name: str
    kind: str | None
    parameters: list[_Told]
    odd: int


def merge(product_types: Iterable[Mapping[str, Any]]) -> tuple[Catalogue, int]:
    """The shipped catalogue with what the items of an answer add, and how many products and parameters were left out because they are odd."""
    told, odd = _readable(product_types, _told_product)
    merged = _Merged(snapshot().products())
    for product in sorted(told, key=lambda product: product.id):
        merged.add(product)  # in this order, since names must not depend on that of the answer
    return Catalogue(merged.products), odd + merged.odd


class _Merged:
    """The shipped products with what an answer adds to them, product by product."""

    def __init__(self, products: Iterable[Product]) -> None:
        self.products = list(products)
        self.odd = 0  # parameters that were left out
        self._taken = {name for product in self.products for name in _spellings(product)}

    def add(self, told: _ToldProduct) -> None:
        """Take over a product."""
        place = self._place(told)
        known = self._new(told) if place is None else self._called(self.products[place], told)
        merged = self._with_parameters(replace(known, id=told.id), told)
        if place is None:
            self.products.append(merged)
        else:
            self.products[place] = merged
        self._taken |= _spellings(merged)

    def _place(self, told: _ToldProduct) -> int | None:
        """Where a product is: the one of that number, or of that name without a published number."""
        unpublished = None
        for place, product in enumerate(self.products):
            if product.id == told.id:
                return place
            is_alike = product.id is None and named(product.name) == named(told.name)
            if is_alike and unpublished is None:
                unpublished = place
        return unpublished

    def _called(self, known: Product, told: _ToldProduct) -> Product:
        """A known product, which FortiFlex may call otherwise by now."""
        if told.name.casefold() in self._taken:
            return known
        return replace(known, aliases=(*known.aliases, told.name))

    def _new(self, told: _ToldProduct) -> Product:
        """A product that is not shipped."""
        key = _free(named(told.name), "product", told.id, self._taken)
        aliases = _more_names(key, told.name, told.id, self._taken)
        return Product(told.id, key, told.name, told.kind, aliases=aliases)

    def _with_parameters(self, product: Product, told: _ToldProduct) -> Product:
        """A product with the parameters of the answer."""
        self.odd += told.odd
        parameters = list(product.parameters)
        for live in sorted(told.parameters, key=lambda parameter: parameter.id):
            place = _place_of(live, parameters)
            if place is None:
                parameters.append(_new_parameter(live, parameters))
                continue
            shipped = parameters[place]._replace(id=live.id)
            merged = _merged(shipped, live)
            self.odd += merged is None
            parameters[place] = merged or shipped
            parameters[place] = _labeled(parameters[place], live.label, parameters)
        return replace(product, parameters=tuple(parameters))


def named(label: str) -> str:
    """A label of FortiFlex as a name: ``Number of CPUs (total)`` becomes ``cpus``. The rule is documented in docs/products.md.

    What is in parentheses and ``Number of`` at the beginning are left out, ``Virtual Machine`` is ``vm``, ``&`` is ``and``, accents are dropped;
    lower case, and one ``_`` for every run of other characters than letters and digits.
    """
    text = re.sub(r"\([^()]*\)", " ", label)
    text = re.sub(r"^\s*number of\b", "", text, flags=re.IGNORECASE)
    return _snake(re.sub(r"\bvirtual machines?\b", "vm", text, flags=re.IGNORECASE))


def _snake(text: str) -> str:
    plain = (
        unicodedata.normalize("NFKD", text.replace("&", " and "))
        .encode("ascii", "ignore")
        .decode()
        .lower()
    )
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")


def _free(name: str, kind: str, number: int, taken: Collection[str]) -> str:
    """A name that nothing else has and that cannot be taken for a number: with the number at its end, if need be."""
    if not name or name.isdigit() or re.fullmatch(r"product_\d+", name):
        return f"{kind}_{number}"
    return f"{name}_{number}" if name in taken else name


def _more_names(name: str, label: str, number: int, taken: Collection[str]) -> tuple[str, ...]:
    """What else a new product or parameter goes by: its whole label, and its name with its number, which nothing that is added later changes."""
    others = (_snake(label), f"{name}_{number}")
    return tuple(
        other
        for other in others
        if other not in (name, "") and other not in taken and not other.isdigit()
    )


def _spellings(thing: Product | Parameter) -> set[str]:
    """All that a product or parameter is called, in folded case; but a parameter by its label."""
    names = (thing.key, thing.name) if isinstance(thing, Product) else (thing.name,)
    return {name.casefold() for name in (*names, *thing.aliases)}


def _place_of(told: _Told, parameters: list[Parameter]) -> int | None:
    """Where a parameter is: the one of that number, or of that name without a published number."""
    ids = [parameter.id for parameter in parameters]
    if told.id in ids:
        return ids.index(told.id)
    name = named(told.label)
    for place, parameter in enumerate(parameters):
        if parameter.id is None and name in (parameter.name, named(parameter.label)):
            return place
    return None


def _new_parameter(told: _Told, others: Iterable[Parameter]) -> Parameter:
    """A parameter that is not shipped, called as no other one of its product is."""
    taken = {name for parameter in others for name in _spellings(parameter)}
    name = _free(named(told.label), "parameter", told.id, taken)
    return Parameter(
        told.id,
        name,
        told.label,
        told.type,
        default=[] if told.type == "list" else None,
        minimum=told.least,
        maximum=told.most,
        multiple_of=told.multiple_of,
        choices=told.codes,
        read_only=told.read_only,
        aliases=_more_names(name, told.label, told.id, taken),
    )


def _labeled(parameter: Parameter, label: str, others: Iterable[Parameter]) -> Parameter:
    """A parameter that goes by another label, too, where no other one of its product does.

    Digits are the number of a parameter, so they are no name of one.
    """
    taken = {name for other in others for name in (*_spellings(other), other.label.casefold())}
    if label.casefold() in taken or label.isdigit():
        return parameter
    return parameter._replace(aliases=(*parameter.aliases, label))


def _merged(shipped: Parameter, told: _Told) -> Parameter | None:
    """A shipped parameter with what the answer says of it; None if the two do not go together."""
    if told.read_only or shipped.read_only:
        return shipped if told.read_only and shipped.read_only else None
    if not told.codes:
        is_range = shipped.is_number and not shipped.choices
        return _with_range(shipped, told) if is_range else None
    if not shipped.is_number:
        return _with_codes(_with_type(shipped, told.type), told.codes)
    if all(code.isdecimal() for code in told.codes):
        return _with_sizes(_with_codes(shipped, told.codes))
    return None


def _with_range(shipped: Parameter, told: _Told) -> Parameter:
    """A number with the range of the answer.

    A default that the range has left behind is none any more: it has to be given then.
    """
    # FortiFlex may tell the least of "0, or 25 and more" as 0.
    keeps = told.least is None or (told.least == 0 and shipped.zero_allowed)
    ranged = shipped._replace(
        minimum=shipped.minimum if keeps else told.least,
        maximum=shipped.maximum if told.most is None else told.most,
        multiple_of=told.multiple_of if told.step else shipped.multiple_of,
    )
    least, most = ranged.bounds
    default = ranged.default
    if not isinstance(default, int) or least <= default <= most:
        return ranged
    if default == 0 and ranged.zero_allowed:
        return ranged
    return ranged._replace(default=None, required=True)


def _with_type(shipped: Parameter, kind: str) -> Parameter:
    """A parameter with codes, of which several may be given at once by now."""
    if (shipped.type, kind) != ("str", "list"):
        return shipped
    return shipped._replace(
        type="list",
        default=None if shipped.default is None else [],
        choices={code: label for code, label in shipped.choices.items() if code != "NONE"},
    )


def _with_codes(shipped: Parameter, codes: Mapping[str, str]) -> Parameter:
    """A parameter with further codes. The order of the answer does not say which of them is higher."""
    choices = {**shipped.choices, **codes, **shipped.choices}
    old = shipped.deprecated_choices.items()
    return shipped._replace(
        choices=choices,
        ranks=tuple(shipped.choices) if shipped.only_up else shipped.ranks,
        other_labels={code: label for code, label in codes.items() if label != choices[code]},
        deprecated_choices={code: label for code, label in old if code not in choices},
    )


def _with_sizes(parameter: Parameter) -> Parameter:
    """A number with codes, which are the only sizes on sale."""
    sizes = sorted(parameter.choices, key=int)
    return parameter._replace(
        choices={size: parameter.choices[size] for size in sizes},
        minimum=int(sizes[0]),
        maximum=int(sizes[-1]),
    )


def _readable(
    items: Iterable[Any], read: Callable[[Mapping[str, Any]], _Read]
) -> tuple[list[_Read], int]:
    """What can be read of some items, and how many of them are odd."""
    found: list[_Read] = []
    odd = 0
    for item in items:
        try:
            found.append(read(item))
        except (AttributeError, KeyError, TypeError, ValueError):
            odd += 1
    return found, odd


def _told_product(item: Mapping[str, Any]) -> _ToldProduct:
    """One item of the answer. An odd one raises whatever comes of it."""
    form_factor, parameters = item.get("formFactor"), item.get("parameters")
    label = str(form_factor.get("name")).lower() if isinstance(form_factor, Mapping) else ""
    kind = next((kind for word, kind in _KINDS if word in label), None)
    told, odd = _readable(parameters, _told) if isinstance(parameters, list) else ([], 1)
    return _ToldProduct(_whole(item["productTypeId"]), _label(item["name"]), kind, told, odd)


def _told(item: Mapping[str, Any]) -> _Told:
    """One parameter of the answer. An odd one raises whatever comes of it."""
    return _READERS[item["type"]](_whole(item["parameterId"]), _label(item["name"]), item)


def _numeric(number: int, label: str, item: Mapping[str, Any]) -> _Told:
    """A whole number in a range."""
    least, most, step = (
        None if item.get(key) is None else _whole(item[key])
        for key in ("minValue", "maxValue", "step")
    )
    if least is not None and most is not None and least > most:
        raise ValueError
    return _Told(number, label, "int", least, most, step)


def _coded(number: int, label: str, item: Mapping[str, Any]) -> _Told:
    """One code of several, or any number of them."""
    codes = {
        _label(choice["value"]): _label(choice.get("description") or choice["value"])
        for choice in item["validValues"]
    }
    if not codes:
        raise ValueError
    kind = "str" if item["type"] == "SINGLEVALUE" else "list"
    return _Told(number, label, kind, codes=codes)


def _reported(number: int, label: str, _item: Mapping[str, Any]) -> _Told:
    """What FortiFlex only reports."""
    return _Told(number, label, "int", read_only=True)


_READERS = {"NUMERIC": _numeric, "SINGLEVALUE": _coded, "MULTIVALUE": _coded, "READONLY": _reported}


def _whole(value: Any) -> int:
    """A whole number that is not negative, which may come as text or with a fraction of 0."""
    if isinstance(value, bool) or not re.fullmatch(r"[0-9]{1,12}(\.0+)?", str(value)):
        raise ValueError
    return int(float(value))


def _label(value: Any) -> str:
    if not isinstance(value, (str, int)) or isinstance(value, bool) or not str(value).strip():
        raise ValueError
    return " ".join(str(value).split())
