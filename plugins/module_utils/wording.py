# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How lists, counts and figures stand in a sentence.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

FEW = 5


def first_few(items: Iterable[object], most: int = FEW) -> str:
    """The first few of a list, and how many more there are: ``a, b, c, d, e and 65 more``."""
    texts = [str(item) for item in items]
    shown = ", ".join(texts[:most])
    return f"{shown} and {len(texts) - most} more" if len(texts) > most else shown


def count_of(number: int, one: str, many: str | None = None) -> str:
    """How many of something there are: ``1 site``, ``2 sites``; what is said of one and of several
    can also be given.
    """
    return f"{number} {one if number == 1 else many or f'{one}s'}"


def called(name: str | None, serial_number: str | None) -> str:
    """A license by its name and its serial number, whichever it has."""
    first, *number = dict.fromkeys(filter(None, (name, serial_number))) or [""]
    return f"{first} ({number[0]})" if number else first


def quoted(name: str | None, serial_number: str | None) -> str:
    """The same in a sentence: ``'oslo' (SERIAL)``."""
    return called(f"'{name}'" if name and name != serial_number else None, serial_number)


def rounded(value: float | Decimal, digits: int = 2, sign: str = "") -> str:
    """A number with so many decimals, and never less than nothing by rounding, as ``-0.00``.
    ``sign``: ``+`` shows that of others, too.
    """
    even = round(Decimal(str(value)), digits)
    return f"{even or abs(even):{sign},.{digits}f}"
