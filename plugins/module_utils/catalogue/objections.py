# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with a product, parameter or value that somebody asks for, in words: the value, the rule, and what would be right.

``catalogue.py`` says what is right, and imports this only when something is not, since every start of a module would pay for it.
Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from .parameter import Parameter, number_of

_OFFERED = 8  # more codes than this are not listed all


def no_such_product(reference: str, names: Mapping[str, str], known: int) -> str:
    """About a product that is none. ``names``: folded spelling -> name."""
    close = _closest(reference, names, 3, 0.5)
    hint = (
        f"the closest {_are(close)}" if close else f"flex_product_info lists the {known} known ones"
    )
    return f"product: {_said(reference)} is not a product that this release knows; {hint}; newer ones can be given by number"


def no_such_parameter(name: str, names: Mapping[str, str], settable: Iterable[str]) -> str:
    """About a parameter that a product does not have. ``names``: folded spelling -> name."""
    if not names:
        return "there is no such parameter; none is known of this product, so give parameters by number"
    close = _closest(name, names, 3, 0.5)
    hint = f"the closest {_are(close)}" if close else f"there are {', '.join(settable)}"
    return f"there is no such parameter; {hint}"


def wrong_type(value: Any) -> str:
    """About a value that is neither a number nor a text."""
    return f"{_said(json.dumps(value, default=str))} is neither a number nor text"


def objection(parameter: Parameter, value: str) -> str:
    """About a canonical value that is not on sale."""
    if parameter.deprecated:
        return "it is no longer offered; leave it out"
    if value in parameter.deprecated_choices:
        return f"{value} is no longer offered; choose from {_offer(parameter, value)}"
    if parameter.type == "int":
        number = number_of(value)
        return (
            f"{_said(value)} is not a whole number"
            if number is None
            else _about_number(parameter, number)
        )
    if len(parameter.choices) > _OFFERED:
        return f"{_said(value)} is not one of the {len(parameter.choices)} known codes; the closest are {_offer(parameter, value)}"
    return f"{_said(value)} is not one of {_offer(parameter, value)}"


def _about_number(parameter: Parameter, number: int) -> str:
    least, most, step = parameter.minimum, parameter.maximum, parameter.multiple_of
    if parameter.choices:
        wrong = f"is not one of the {len(parameter.choices)} sizes on sale"
    elif parameter.zero_allowed:
        wrong = f"is not 0 or {least} to {most}" + (f" in steps of {step}" if step > 1 else "")
    elif most is not None and number > most:
        return f"{number} is over the maximum {most}"
    elif least is not None and number < least:
        return f"{number} is under the minimum {least}"
    else:
        wrong = f"is not a multiple of {step}"
    return f"{number} {wrong}; the nearest {_are(_nearest(parameter, number), ' and ')}"


def _nearest(parameter: Parameter, number: int) -> list[int]:
    """The legal numbers next to an illegal one, from below and from above."""
    if parameter.choices:
        legal = [int(choice) for choice in parameter.choices]
    else:
        step = parameter.multiple_of
        lowest = 0 if parameter.minimum is None else (parameter.minimum + step - 1) // step * step
        inside = (
            max(number, lowest)
            if parameter.maximum is None
            else min(max(number, lowest), parameter.maximum // step * step)
        )
        legal = [
            *([0] if parameter.zero_allowed else []),
            inside // step * step,
            (inside + step - 1) // step * step,
        ]
    below, above = (
        [near for near in legal if near <= number],
        [near for near in legal if near >= number],
    )
    return sorted({*below[-1:], *above[:1]})


def _offer(parameter: Parameter, text: str) -> str:
    codes = list(parameter.choices)
    if not codes:
        return f"{parameter.minimum} to {parameter.maximum}"
    if len(codes) > _OFFERED:
        spellings = {
            spelling.casefold(): code
            for code, label in parameter.choices.items()
            for spelling in (label, code)
        }
        codes = _closest(text, spellings, _OFFERED, 0.0)
    return ", ".join(parameter.said(code) for code in codes)


def _said(text: str) -> str:
    return text if text and len(text) <= 60 and text.isprintable() else json.dumps(text[:60])


def _are(found: Collection[Any], joint: str = ", ") -> str:
    return ("is " if len(found) == 1 else "are ") + joint.join(str(one) for one in found)


def _closest(word: str, spellings: Mapping[str, str], count: int, cutoff: float) -> list[str]:
    """The names behind the spellings (which are in folded case) that are most like a word, the best first."""
    return list(
        dict.fromkeys(
            spellings[near]
            for near in get_close_matches(word.casefold(), spellings, len(spellings), cutoff)
        )
    )[:count]
