# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the table of ``_products.py``, which says there what it looks like.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ._parameter import Parameter
from ._product import Combination, Product

Fields = dict[str, Any]  # of a Parameter, by name

_HEAD = re.compile(r"(-|\d+) ([^\s/]+)(?:/(\S+))? \(([^()]+)\) (.+)")
_NEVER = re.compile(r"never (\w+) (?:above 0|(\w+)) with (\w+) (.+)")
_WORDS: dict[str, Fields] = {
    "int": {"type": "int"},
    "str": {"type": "str"},
    "list": {"type": "list", "default": []},
    "required": {"required": True},
    "or 0": {"zero_allowed": True},
    "only up": {"only_up": True},
    "other codes": {"other_codes": True},
    "read only": {"read_only": True},
    "deprecated": {"deprecated": True},
}
_VALUED: dict[str, Callable[[str], Fields]] = {
    "default": lambda text: {"default": int(text) if text.isdigit() else text},
    "step": lambda text: {"multiple_of": int(text)},
    "unit": lambda text: {"unit": text},
    "codes": lambda text: {"choices": _codes(text)},
    "old": lambda text: {"deprecated_choices": _codes(text)},
    "note": lambda text: {"note": text},
}


def products_of(table: str) -> list[Product]:
    """The products of a table.

    :raises ValueError: or KeyError, if a line is not as the format says.
    """
    whole = re.sub(r"\n {6,}", " ", table.strip())
    return [_product(*_parts(block, 1)) for block in _parts(whole, 0)]


def _parts(text: str, level: int) -> list[str]:
    """The first line of a text, and each of the entries below it, which are indented once a level."""
    return re.split(rf"\n{'  ' * level}(?! )", text)


def _matched(pattern: re.Pattern[str], line: str) -> list[str]:
    """The groups of a line, empty where they are missing."""
    match = pattern.fullmatch(line)
    if match is None:
        raise ValueError(line)
    return [group or "" for group in match.groups()]


def _product(head: str, *entries: str) -> Product:
    """A product, and the entries below it: parameters, and combinations that are not sold."""
    number, key, aliases, kind, name = _matched(_HEAD, head)
    never = [entry for entry in entries if entry.startswith("never ")]
    return Product(
        id=_number(number),
        key=key,
        name=name,
        kind=kind,
        aliases=_aliases(aliases),
        parameters=tuple(_parameter(*_parts(e, 2)) for e in entries if e not in never),
        never=tuple(map(_combination, never)),
    )


def _combination(line: str) -> Combination:
    """A combination that is not sold."""
    parameter, value, other, codes = _matched(_NEVER, line)
    return Combination(parameter, value or None, other, tuple(codes.split()))


def _parameter(head: str, *entries: str) -> Parameter:
    """A parameter, and the entries below it: its codes and a note."""
    number, name, aliases, words, label = _matched(_HEAD, head)
    fields: Fields = {}
    for word in (*words.split(", "), *entries):
        fields |= _fields(word)
    return Parameter(_number(number), name, label, aliases=_aliases(aliases), **fields)


def _fields(word: str) -> Fields:
    """What a word or an entry says of a parameter."""
    if word in _WORDS:
        return _WORDS[word]
    kind, _blank, text = word.partition(" ")
    if not text:
        least, most = kind.split("..")
        return {"minimum": int(least), "maximum": int(most)}
    return _VALUED[kind](text)


def _number(text: str) -> int | None:
    """A number of FortiFlex, where a source publishes it."""
    return None if text == "-" else int(text)


def _aliases(text: str) -> tuple[str, ...]:
    """Further names, which stand behind the first one."""
    return tuple(text.split("/")) if text else ()


def _codes(text: str) -> dict[str, str]:
    """Codes and their labels, in the order of the table."""
    pairs = (item.partition("=") for item in text.split("; "))
    return {code: label or code for code, _sign, label in pairs}
