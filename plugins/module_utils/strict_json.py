# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON of strangers, such as a service, a device or a damaged file: read, or refused with one kind
of error.

Private to the collection: may change at any time.
"""

from __future__ import annotations

import json
import math
from typing import Any

_DIGITS = 40  # of a number; Python needs hours for one of some millions


def loads(text: str | bytes) -> Any:
    """What a text says.

    :raises ValueError: if it is no JSON, nested too deeply to be read, or has a number that is not
        finite or has too many digits
    """
    try:
        return json.loads(text, parse_int=_integer, parse_float=_fraction, parse_constant=_none)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _integer(digits: str) -> int:
    if len(digits) > _DIGITS:
        raise ValueError("a number with too many digits")
    return int(digits)


def _fraction(digits: str) -> float:
    number = float(digits) if len(digits) <= _DIGITS else math.inf
    if not math.isfinite(number):
        raise ValueError("a number that is too large, or has too many digits")
    return number


def _none(name: str) -> Any:
    raise ValueError(f"{name} is no number")
