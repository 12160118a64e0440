# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One parameter of a product: what it is called, what it allows, and how its values are written.

Private to the collection: may change at any time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Parameter(NamedTuple):
    """One parameter of a product.

    ``id`` is FortiFlex's number of it, ``None`` where no source publishes it; numbers are unique over all products. ``type`` is ``int``, ``str`` or
    ``list`` (of codes). ``required`` is meant for a new configuration; ``default`` is what FortiFlex is sent when nobody gives a value. ``minimum``
    and ``maximum`` are inclusive; ``zero_allowed`` adds 0 to that range; the value is a multiple of ``multiple_of``. ``choices`` maps the only valid
    codes or numbers to their labels, in FortiFlex's order; ``other_codes``: newer ones are plausible. ``deprecated`` and ``deprecated_choices`` occur
    in old configurations; ``other_labels`` are what FortiFlex calls a code by now. ``read_only`` is reported and never sent. An update cannot lower a
    parameter without ``scale_down_allowed``, nor move it back in the list of choices without ``downgrade_allowed`` (``ranks``, where that is not the
    order of all choices). ``aliases`` are its names in the official collection and Terraform provider.
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
    scale_down_allowed: bool = True
    downgrade_allowed: bool = True
    ranks: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    unit: str | None = None
    note: str | None = None

    @property
    def initial(self) -> tuple[str, ...] | None:
        """The default as it is in ``Values``; ``None`` if there is none."""
        if self.default is None:
            return None
        return tuple(self.default) if isinstance(self.default, list) else (str(self.default),)

    def canonical(self, text: str) -> str:
        """The text as FortiFlex writes it: a number without leading zeros, the code for a label or for other letter case; anything else unchanged."""
        if self.type == "int":
            number = number_of(text)
            named = {label.casefold(): code for code, label in self.deprecated_choices.items()}
            return named.get(text.casefold(), text) if number is None else str(number)
        if text in self.choices:
            return text
        folded, known = text.casefold(), {**self.deprecated_choices, **self.choices}
        labels = [*known.items(), *self.other_labels.items()]
        codes = {code for code in known if code.casefold() == folded} or {
            code for code, label in labels if label.casefold() == folded
        }
        return codes.pop() if len(codes) == 1 else text

    @property
    def is_priced(self) -> bool:
        """Whether the price depends on it. Of what FortiFlex only reports, its calculator takes what has a range (endpoints of FortiEDR)."""
        return not self.read_only or self.maximum is not None

    @property
    def least(self) -> int | str | list[str] | None:
        """The least legal number, the first code, or no codes at all; ``None`` if that is not known."""
        if self.type == "list":
            return []
        if self.choices or self.minimum is None:
            first = next(iter(self.choices), None)
            return int(first) if first is not None and self.type == "int" else first
        step = self.multiple_of
        return 0 if self.zero_allowed else (self.minimum + step - 1) // step * step

    def lacks(self, value: str) -> bool:
        """Whether a canonical value is a code or size that is not on sale here, but could be."""
        return (
            not self.allows(value)
            and (self.type != "int" or number_of(value) is not None)
            and not self.is_old(value)
        )

    def is_old(self, value: str) -> bool:
        """Whether a canonical value is not on sale any more, though configurations may still have it."""
        return self.deprecated or value in self.deprecated_choices

    def allows(self, value: str) -> bool:
        """Whether a canonical value is on sale."""
        if self.is_old(value):
            return False
        if self.type != "int":
            return value in self.choices or (
                self.other_codes
                and value[:1].isalpha()
                and value.isascii()
                and value.isalnum()
                and value == value.upper()
            )
        number = number_of(value)
        if number is None or self.choices:
            return value in self.choices
        least, most = self.minimum, self.maximum
        inside = (
            (least is None or least <= number)
            and (most is None or number <= most)
            and number % self.multiple_of == 0
        )
        return inside or (number == 0 and self.zero_allowed)

    def said(self, code: str) -> str:
        """A code for people: with its label, where that says more."""
        label = self.choices.get(code, code)
        return code if label.casefold() == code.casefold() else f"{code} ({label})"


def number_of(text: str) -> int | None:
    """The whole number that a text is; ``None`` if it is none."""
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) <= 100 else None
