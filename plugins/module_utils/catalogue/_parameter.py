# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One parameter of a product: what it is called, what it allows, and how its values are written.

Private to the collection: may change at any time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from math import inf, nan
from typing import Any, NamedTuple

_WHOLE = re.compile(r"-?[0-9]{1,100}")
_CODE = re.compile(r"[A-Z][A-Z0-9]*")  # what codes of FortiFlex look like
NONE = "NONE"  # how FortiFlex writes a list without a code


class Parameter(NamedTuple):
    """One parameter of a product.

    - ``id`` is FortiFlex's number of it, ``None`` where no source publishes it; numbers are unique
      over all products. ``aliases`` are its names in the official collection and Terraform provider.
    - ``type`` is ``int``, ``str`` or ``list`` (of codes), and ``unknown`` for one that FortiFlex has
      added since.
    - ``required`` is meant for a new configuration; ``default`` is what FortiFlex is sent when
      nobody gives a value.
    - ``minimum`` and ``maximum`` are inclusive; ``zero_allowed`` adds 0 to that range; the value is
      a multiple of ``multiple_of``.
    - ``choices`` maps the only valid codes or numbers to their labels, in FortiFlex's order;
      ``other_codes``: newer ones are plausible. ``deprecated`` and ``deprecated_choices`` occur in
      old configurations; ``other_labels`` are what FortiFlex calls a code by now.
    - ``read_only`` is reported and never sent.
    - ``only_up``: an update cannot lower its number, nor move its code back in the list of choices
      (``ranks``, where that is not the order of all choices).
    """

    id: int | None
    name: str
    label: str
    type: str
    required: bool = False
    default: int | str | list[str] | None = None
    minimum: int | None = None
    maximum: int | None = None
    zero_allowed: bool = False
    multiple_of: int = 1
    choices: Mapping[str, str] = {}
    deprecated_choices: Mapping[str, str] = {}
    other_labels: Mapping[str, str] = {}
    other_codes: bool = False
    read_only: bool = False
    deprecated: bool = False
    only_up: bool = False
    ranks: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    unit: str | None = None
    note: str | None = None

    @classmethod
    def unknown(cls, number: int) -> Parameter:
        """One of which only the number is known, so that any number or text may be right for it.

        It may be a list, so it counts as an empty one where FortiFlex does not show it.
        """
        return cls(number, str(number), str(number), "unknown", default=[])

    @property
    def is_number(self) -> bool:
        """Whether its values are whole numbers."""
        return self.type == "int"

    @property
    def is_single(self) -> bool:
        """Whether it has one value. What is unknown may be a list."""
        return self.type in ("int", "str")

    def is_sent(self, priced: bool) -> bool:
        """Whether FortiFlex takes a value of it.

        Of what FortiFlex only reports, its calculator (``priced``) takes what has a range
        (endpoints of FortiEDR).
        """
        return not self.read_only or (priced and self.maximum is not None)

    @property
    def is_settable(self) -> bool:
        """Whether a new configuration may be given it."""
        return not (self.read_only or self.deprecated)

    @property
    def initial(self) -> tuple[str, ...] | None:
        """The default as it is in ``Values``; ``None`` if there is none."""
        if self.default is None:
            return None
        return tuple(self.default) if isinstance(self.default, list) else (str(self.default),)

    @property
    def least(self) -> int | str | list[str] | None:
        """The least legal number, the first code, or no codes; ``None`` if that is not known."""
        if self.type == "list":
            return []
        if self.choices:
            first = next(iter(self.choices))
            return int(first) if self.is_number else first
        if self.minimum is None:
            return None
        return 0 if self.zero_allowed else rounded_up(self.minimum, self.multiple_of)

    @property
    def bounds(self) -> tuple[float, float]:
        """The least and the greatest number of its range, which may have no end."""
        least = -inf if self.minimum is None else self.minimum
        return least, inf if self.maximum is None else self.maximum

    def canonical(self, text: str) -> str:
        """The text as FortiFlex writes it.

        That is a number without leading zeros, and the code for a label or for other letter case.
        Anything else stays as it is.
        """
        if not self.is_number:
            return text if text in self.choices else self._code_of(text)
        number = number_of(text)
        old = {label.casefold(): code for code, label in self.deprecated_choices.items()}
        return old.get(text.casefold(), text) if number is None else str(number)

    def _code_of(self, text: str) -> str:
        """The one code that a text is in another letter case, or whose label it is; or else the
        text.
        """
        folded, known = text.casefold(), {**self.deprecated_choices, **self.choices}
        labels = [*known.items(), *self.other_labels.items()]
        codes = {code for code in known if code.casefold() == folded}
        codes = codes or {code for code, label in labels if label.casefold() == folded}
        return codes.pop() if len(codes) == 1 else text

    def settled(self, texts: list[str]) -> tuple[str, ...]:
        """Canonical texts as they are in ``Values``.

        If FortiFlex shows several texts of a single value all the same, none of them gets lost.
        """
        if not self.is_single and len(texts) == 1 and texts[0].upper() in ("", NONE):
            return ()
        return tuple(sorted(set(texts)))

    def shown(self, texts: tuple[str, ...]) -> Any:
        """Values for people and playbooks: an ``int``, a code, or a sorted list of codes."""
        if self.type == "list":
            return sorted(texts)
        if len(texts) != 1:
            return sorted(texts) or NONE
        number = number_of(texts[0]) if self.is_number else None
        return texts[0] if number is None else number

    def lacks(self, value: str) -> bool:
        """Whether a canonical value is a code or size that is not on sale here, but could be."""
        could_be = not self.is_number or number_of(value) is not None
        return could_be and not (self.allows(value) or self.is_old(value))

    def is_old(self, value: str) -> bool:
        """Whether a canonical value is not on sale any more. Configurations may still have it."""
        return self.deprecated or value in self.deprecated_choices

    def allows(self, value: str) -> bool:
        """Whether a canonical value is on sale."""
        if self.is_old(value):
            return False
        if value in self.choices:
            return True
        if not self.is_number:
            return self.other_codes and _CODE.fullmatch(value) is not None
        number = number_of(value)
        return number is not None and not self.choices and self._has_in_range(number)

    def _has_in_range(self, number: int) -> bool:
        """Whether a number is in the range of a parameter without choices."""
        least, most = self.bounds
        inside = least <= number <= most and number % self.multiple_of == 0
        return inside or (number == 0 and self.zero_allowed)

    def goes_back(self, before: Any, after: Any) -> bool:
        """Whether FortiFlex refuses a change from a shown value to another, since it is lower."""
        return self.only_up and self._height(after) < self._height(before)

    def _height(self, value: Any) -> float:
        """How high a shown value is, compared with others of this parameter.

        Where nobody knows, it is no number (NaN), which is neither lower nor higher than others.
        """
        if isinstance(value, int):
            return value
        order = self.ranks or tuple(self.choices)
        return order.index(value) if value in order else nan

    def said(self, code: str) -> str:
        """A code for people: with its label, where that says more."""
        label = self.choices.get(code, code)
        return code if label.casefold() == code.casefold() else f"{code} ({label})"


def number_of(text: str) -> int | None:
    """The whole number that a text is; ``None`` if it is none."""
    return int(text) if _WHOLE.fullmatch(text) else None


def text_of(value: Any) -> str:
    """A number or text as it is on the wire."""
    is_whole = isinstance(value, float) and value.is_integer()
    return str(int(value)) if is_whole else str(value).strip()


def comparable(texts: Iterable[str]) -> set[int | str]:
    """Values as they are compared: as a set, numbers as numbers."""
    return {text if (number := number_of(text)) is None else number for text in texts}


def rounded_up(number: int, step: int) -> int:
    """The least multiple of a step that is not less than a number."""
    return -(-number // step) * step
