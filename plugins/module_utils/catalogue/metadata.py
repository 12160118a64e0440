# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What FortiFlex's ``tools/metadata`` says it sells, merged over the shipped catalogue.

So a new product works on the day it is sold.

The answer adds: products, parameters, codes, the numbers that no source publishes; and it has the
last word on ranges. It takes nothing away, since FortiFlex itself refuses what it does not sell any
more. What the answer does not say (whether a parameter is required, its default, whether it can go
down) stays as shipped, and is taken as the most permissive for what is new. Its shape is that of
the published API document (OpenAPI, "tools").

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Any, TypeVar

from ..optional import if_given
from ._parameter import Parameter
from .catalogue import Catalogue, Product, snapshot

# Words in the names of form factors, of which only that of number 1 is published.
_KINDS = {"virtual": "vm", "hardware": "hardware", "cloud": "cloud"}

_Read = TypeVar("_Read")


def merge(product_types: Iterable[Mapping[str, Any]]) -> tuple[Catalogue, int]:
    """The shipped catalogue with what the items of an answer add.

    And how many products and parameters were left out because they are odd.
    """
    merged = _Merged()
    told, merged.odd = _readable(product_types, _product)
    for product, odd in sorted(told, key=lambda item: item[0].id or 0):
        merged.add(product)  # in this order, since names must not depend on that of the answer
        merged.odd += odd
    return Catalogue(merged.products), merged.odd


class _Merged:
    """The shipped products with what an answer adds to them, product by product."""

    def __init__(self) -> None:
        """The shipped products, to which nothing is added yet."""
        self.products = snapshot().products()
        self.odd = 0  # products and parameters that were left out
        self._taken = {name for product in self.products for name in _spellings(product)}

    def add(self, told: Product) -> None:
        """Take over a product of the answer."""
        place = _place_of(told.id, told.name, self.products)
        if place is None:
            place = len(self.products)
            self.products.append(self._new(told))
        known = self.products[place]
        if told.name.casefold() not in self._taken and told.name != known.name:
            known = replace(known, aliases=(*known.aliases, told.name))
        parameters = list(known.parameters)
        for live in sorted(told.parameters, key=attrgetter("id")):
            self._add_parameter(live, parameters)
        self.products[place] = replace(known, id=told.id, parameters=tuple(parameters))
        self._taken |= _spellings(self.products[place])

    def _new(self, told: Product) -> Product:
        """A product that is not shipped, called as no other one is."""
        key = _free(named(told.name), "product", told.id, self._taken)
        aliases = _more_names(key, told.name, told.id, self._taken)
        return Product(told.id, key, told.name, told.kind, aliases)

    def _add_parameter(self, live: Parameter, parameters: list[Parameter]) -> None:
        """Take over a parameter of the answer."""
        place = _place_of(live.id, live.label, parameters)
        if place is None:
            parameters.append(_new_parameter(live, parameters))
            return
        shipped = parameters[place]._replace(id=live.id)
        merged = _merged(shipped, live)
        self.odd += merged is None
        parameters[place] = merged or shipped
        parameters[place] = _labeled(parameters[place], live.label, parameters)


def named(label: str) -> str:
    """A label of FortiFlex as a name: ``Number of CPUs (total)`` becomes ``cpus``.

    The rule is documented in docs/products.md. What is in parentheses and ``Number of`` at the
    beginning are left out, ``Virtual Machine`` is ``vm``, ``&`` is ``and``, accents are dropped;
    lower case, and one ``_`` for every run of other characters than letters and digits.
    """
    text = re.sub(r"\([^()]*\)", " ", label)
    text = re.sub(r"^\s*number of\b", "", text, flags=re.IGNORECASE)
    return _snake(re.sub(r"\bvirtual machines?\b", "vm", text, flags=re.IGNORECASE))


def _snake(text: str) -> str:
    """A text in lower case, with one ``_`` for every run of other characters than letters and
    digits.
    """
    plain = (
        unicodedata.normalize("NFKD", text.replace("&", " and "))
        .encode("ascii", "ignore")
        .decode()
        .lower()
    )
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")


def _free(name: str, kind: str, number: int | None, taken: Collection[str]) -> str:
    """A name that nothing else has and that cannot be taken for a number.

    It has the number at its end, if need be.
    """
    if re.fullmatch(r"\d*|product_\d+", name):
        return f"{kind}_{number}"
    return f"{name}_{number}" if name in taken else name


def _more_names(
    name: str, label: str, number: int | None, taken: Collection[str]
) -> tuple[str, ...]:
    """What else a new product or parameter goes by.

    That is its whole label, and its name with its number, which nothing that is added later
    changes.
    """
    others = (_snake(label), f"{name}_{number}")
    known = {name, "", *taken}
    return tuple(other for other in others if other not in known and not other.isdigit())


def _spellings(thing: Product | Parameter) -> set[str]:
    """All that a product or parameter is called, in folded case; but a parameter by its label."""
    names = (thing.key, thing.name) if isinstance(thing, Product) else (thing.name,)
    return {name.casefold() for name in (*names, *thing.aliases)}


def _place_of(number: int | None, label: str, known: Sequence[Product | Parameter]) -> int | None:
    """Where a product or parameter is: the one of that number, or of that name without a number."""
    ids = [thing.id for thing in known]
    if number in ids:
        return ids.index(number)
    for place, thing in enumerate(known):
        if thing.id is None and named(label) in _names(thing):
            return place
    return None


def _names(thing: Product | Parameter) -> set[str]:
    """What a product or parameter without a published number may be called in an answer."""
    if isinstance(thing, Product):
        return {named(thing.name)}
    return {thing.name, named(thing.label)}


def _new_parameter(live: Parameter, others: Iterable[Parameter]) -> Parameter:
    """A parameter that is not shipped, called as no other one of its product is."""
    taken = {name for other in others for name in _spellings(other)}
    name = _free(live.name, "parameter", live.id, taken)
    aliases = _more_names(name, live.label, live.id, taken)
    return live._replace(name=name, aliases=aliases, multiple_of=live.multiple_of or 1)


def _labeled(parameter: Parameter, label: str, others: Iterable[Parameter]) -> Parameter:
    """A parameter that goes by another label, too, where no other one of its product does.

    Digits are the number of a parameter, so they are no name of one.
    """
    taken = {name for other in others for name in (*_spellings(other), other.label.casefold())}
    if label.casefold() in taken or label.isdigit():
        return parameter
    return parameter._replace(aliases=(*parameter.aliases, label))


def _merged(shipped: Parameter, live: Parameter) -> Parameter | None:
    """A shipped parameter with what the answer says of it; None if the two do not go together."""
    if live.read_only != shipped.read_only:
        return None
    if shipped.read_only:
        return shipped
    if not live.choices:
        is_range = shipped.is_number and not shipped.choices
        return _with_range(shipped, live) if is_range else None
    if not shipped.is_number:
        return _with_codes(_with_type(shipped, live.type), live.choices)
    if all(code.isdecimal() for code in live.choices):
        return _with_sizes(_with_codes(shipped, live.choices))
    return None


def _with_range(shipped: Parameter, live: Parameter) -> Parameter:
    """A number with the range of the answer.

    A default that the range has left behind is none any more: it has to be given then.
    """
    # FortiFlex may report the least of "0, or 25 and more" as 0.
    keeps = live.minimum is None or (live.minimum == 0 and shipped.zero_allowed)
    ranged = shipped._replace(
        minimum=shipped.minimum if keeps else live.minimum,
        maximum=shipped.maximum if live.maximum is None else live.maximum,
        multiple_of=live.multiple_of or shipped.multiple_of,
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
    """A parameter with further codes.

    The order of the answer does not say which of them is higher.
    """
    choices = {**shipped.choices, **codes, **shipped.choices}
    old = shipped.deprecated_choices.items()
    return shipped._replace(
        choices=choices,
        ranks=tuple(shipped.choices),
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


def _product(item: Mapping[str, Any]) -> tuple[Product, int]:
    """One item of the answer, and how many of its parameters are odd.

    An odd one raises whatever comes of it.
    """
    form_factor, parameters = item.get("formFactor"), item.get("parameters")
    label = str(form_factor.get("name")).lower() if isinstance(form_factor, Mapping) else ""
    kind = next((kind for word, kind in _KINDS.items() if word in label), None)
    found, odd = _readable(parameters, _parameter) if isinstance(parameters, list) else ([], 1)
    number, name = _whole(item["productTypeId"]), _label(item["name"])
    return Product(number, named(name), name, kind, parameters=tuple(found)), odd


def _parameter(item: Mapping[str, Any]) -> Parameter:
    """One parameter of the answer, ``multiple_of`` 0 if it says no step.

    An odd one raises whatever comes of it.
    """
    label = _label(item["name"])
    bare = Parameter(_whole(item["parameterId"]), named(label), label, "int")
    return _READERS[item["type"]](bare, item)


def _ranged(bare: Parameter, item: Mapping[str, Any]) -> Parameter:
    """A whole number in a range.

    Whether steps are counted from 0 or from the least value is not documented. Where that matters,
    FortiFlex checks them.
    """
    least, most, step = (
        if_given(item.get(key), _whole) for key in ("minValue", "maxValue", "step")
    )
    ranged = bare._replace(minimum=least, maximum=most, multiple_of=step or 0)
    low, high = ranged.bounds
    if low > high:
        raise ValueError
    is_clear = not step or (least or 0) % step == 0
    return ranged if is_clear else ranged._replace(multiple_of=1)


def _coded(bare: Parameter, item: Mapping[str, Any]) -> Parameter:
    """One code of several."""
    choices = {
        _label(choice["value"]): _label(choice.get("description") or choice["value"])
        for choice in item["validValues"]
    }
    if not choices:
        raise ValueError
    return bare._replace(type="str", choices=choices)


_READERS: dict[str, Callable[[Parameter, Mapping[str, Any]], Parameter]] = {
    "NUMERIC": _ranged,
    "SINGLEVALUE": _coded,
    "MULTIVALUE": lambda bare, item: _coded(bare, item)._replace(type="list", default=[]),
    "READONLY": lambda bare, _item: bare._replace(read_only=True),
}


def _whole(value: Any) -> int:
    """A whole number that is not negative, which may come as text or with a fraction of 0."""
    if not re.fullmatch(r"[0-9]{1,12}(\.0+)?", str(value)):
        raise ValueError
    return int(float(value))


def _label(value: Any) -> str:
    """A text that is not blank, with single blanks."""
    if type(value) not in (str, int) or not str(value).strip():
        raise ValueError
    return " ".join(str(value).split())
