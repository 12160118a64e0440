# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with a product, parameter or value that somebody asks for, in words.

Each sentence has the value, the rule, and what would be right. ``_product.py`` says what is right.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from ._parameter import Parameter, number_of, rounded_up

_OFFERED = 8  # more codes than this are not listed all


def no_such_product(reference: str, names: Mapping[str, str], known: int) -> str:
    """About a product that is none. ``names``: folded spelling -> name."""
    close = _closest(reference, names, 3, 0.5)
    hint = f"flex_product_info lists the {known} known ones"
    return (
        f"product: {_said(reference)} is not a product that this release knows; "
        f"{f'the closest {_are(close)}' if close else hint}; newer ones can be given by number"
    )


def no_such_parameter(name: str, names: Mapping[str, str], settable: Iterable[str]) -> str:
    """About a parameter that a product does not have. ``names``: folded spelling -> name."""
    close = _closest(name, names, 3, 0.5)
    if not names:
        hint = "none is known of this product, so give parameters by number"
    elif close:
        hint = f"the closest {_are(close)}"
    else:
        hint = f"there are {', '.join(settable)}"
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
    if not parameter.is_number:
        count = len(parameter.choices)
        known = f"the {count} known codes; the closest are " if count > _OFFERED else ""
        return f"{_said(value)} is not one of {known}{_offer(parameter, value)}"
    number = number_of(value)
    if number is None:
        return f"{_said(value)} is not a whole number"
    return f"{number} {_out_of_bounds(parameter, number) or _between(parameter, number)}"


def _out_of_bounds(parameter: Parameter, number: int) -> str | None:
    """About a number beyond a range that has nothing but itself."""
    least, most = parameter.bounds
    if parameter.choices or parameter.zero_allowed or least <= number <= most:
        return None
    return f"is over the maximum {most}" if number > most else f"is under the minimum {least}"


def _between(parameter: Parameter, number: int) -> str:
    """About a number that has legal ones next to it."""
    step = parameter.multiple_of
    if parameter.choices:
        wrong = f"is not one of the {len(parameter.choices)} sizes on sale"
    elif parameter.zero_allowed:
        steps = f" in steps of {step}" if step > 1 else ""
        wrong = f"is not 0 or {parameter.minimum} to {parameter.maximum}{steps}"
    else:
        wrong = f"is not a multiple of {step}"
    legal = _legal(parameter, number)
    below = [near for near in legal if near <= number]
    above = [near for near in legal if near >= number]
    return f"{wrong}; the nearest {_are(sorted({*below[-1:], *above[:1]}), ' and ')}"


def _legal(parameter: Parameter, number: int) -> list[int]:
    """Legal numbers in their order, those next to an illegal one among them."""
    if parameter.choices:
        return [int(choice) for choice in parameter.choices]
    step = parameter.multiple_of
    inside = max(number, rounded_up(parameter.minimum or 0, step))
    if parameter.maximum is not None:
        inside = min(inside, parameter.maximum // step * step)
    near = [inside // step * step, rounded_up(inside, step)]
    return [0, *near] if parameter.zero_allowed else near


def _offer(parameter: Parameter, text: str) -> str:
    """What there is to choose from: all of it, if that is not too much, or what is most like a
    text.
    """
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
    """A text of a user, in quotes and cut where it is long or cannot be shown."""
    return text if text and len(text) <= 60 and text.isprintable() else json.dumps(text[:60])


def _are(found: Collection[Any], joint: str = ", ") -> str:
    """Things as the rest of a sentence."""
    return ("is " if len(found) == 1 else "are ") + joint.join(str(one) for one in found)


def _closest(word: str, spellings: Mapping[str, str], count: int, cutoff: float) -> list[str]:
    """The names behind the spellings (in folded case) that are most like a word, the best first."""
    from difflib import get_close_matches  # only where something is wrong, since it takes long

    near = get_close_matches(word.casefold(), spellings, len(spellings) or 1, cutoff)
    return list(dict.fromkeys(spellings[spelling] for spelling in near))[:count]
