# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Legal and illegal parameters of any product, drawn from the catalogue, in all the ways that users may write them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from ansible_collections.flexops.fortiflex.plugins.module_utils.catalogue._parameter import (
    Parameter,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.catalogue.catalogue import (
    Product,
    Values,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.errors import Problems


def checked(product: Product, asked: Mapping[str, Any], **how: Any) -> tuple[Values, list[str]]:
    """The values of what a user wrote, and what is wrong with it."""
    problems = Problems()
    return product.check(asked, problems, **how), problems.found


def refused(product: Product, current: Values, wanted: Values) -> list[str]:
    """Why FortiFlex would not accept a change of values."""
    problems = Problems()
    product.check_change(current, wanted, problems)
    return problems.found


def settable(product: Product) -> list[Parameter]:
    """What a user can give by name."""
    return [
        parameter
        for parameter in product.parameters
        if parameter.id is not None and not (parameter.read_only or parameter.deprecated)
    ]


def any_case(text: str) -> st.SearchStrategy[str]:
    return st.sampled_from([text, text.lower(), text.upper(), f" {text} "])


def legal_numbers(parameter: Parameter) -> st.SearchStrategy[int]:
    if parameter.choices:
        return st.sampled_from([int(choice) for choice in parameter.choices])
    if parameter.minimum is None or parameter.maximum is None:
        return st.integers(1, 1000)
    step = parameter.multiple_of
    numbers = st.integers(-(-parameter.minimum // step), parameter.maximum // step).map(
        lambda count: count * step
    )
    return st.one_of(st.just(0), numbers) if parameter.zero_allowed else numbers


def legal_codes(parameter: Parameter) -> st.SearchStrategy[str]:
    """A code or label in any letter case."""
    spellings = [spelling for choice in parameter.choices.items() for spelling in choice]
    return st.sampled_from(spellings).flatmap(any_case)


def legal_values(parameter: Parameter) -> st.SearchStrategy[Any]:
    if parameter.type == "int":
        return legal_numbers(parameter).flatmap(
            lambda number: st.sampled_from([number, str(number), f"0{number}"])
        )
    if parameter.type == "str":
        return legal_codes(parameter)
    return st.one_of(
        st.lists(legal_codes(parameter), max_size=4), legal_codes(parameter), st.just("none")
    )


@st.composite
def configurations(draw: st.DrawFn, product: Product) -> dict[str, Any]:
    """A legal new configuration, each parameter under one of the names it goes by."""
    parameters: dict[str, Any] = {}
    for parameter in settable(product):
        if parameter.required or draw(st.booleans()):
            name = draw(st.sampled_from([parameter.name, *parameter.aliases]).flatmap(any_case))
            parameters[name] = draw(legal_values(parameter))
    return parameters


def sold(product: Product, values: Values) -> bool:
    """Whether the combination is one that FortiFlex sells."""
    if product.key == "fortirecon":
        return values[61] == ("FRNEASMBPACI",) or all(
            values.get(number, ("0",)) == ("0",) for number in (64, 65)
        )
    if product.key == "fortiappsec":
        return "UCWAF" not in values.get(82, ()) or values.get(83, ("NONE",)) != ("NONE",)
    return True


@st.composite
def answers(draw: st.DrawFn, sent: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a service shows of what it was sent: any order, ids and values as number or text."""
    shown = []
    for pair in draw(st.permutations(sent)):
        value = (
            int(pair["value"]) if pair["value"].isdigit() and draw(st.booleans()) else pair["value"]
        )
        shown.append(
            {
                "id": draw(st.sampled_from([pair["id"], str(pair["id"])])),
                "name": "SERVICEPACK",
                "value": value,
            }
        )
    return shown


def illegal_values(parameter: Parameter) -> st.SearchStrategy[Any]:
    wrong: list[Any] = [True, {"value": 1}, "no such value"]
    if parameter.type != "list":
        wrong += [[], ["a", "b"]]
    else:
        wrong += [["no such value"], [None], [["x"]]]
    if parameter.type == "int" and parameter.minimum is not None and parameter.maximum is not None:
        wrong += [parameter.maximum + 1, str(parameter.maximum + 1), -1, 1.5]
        if parameter.multiple_of > 1 or parameter.choices:
            wrong.append(parameter.maximum - 1)
        if parameter.minimum > 1:
            wrong.append(parameter.minimum - 1)
    return st.sampled_from(wrong)
