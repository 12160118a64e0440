# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Items of FortiFlex's answers as typed things. What cannot be read as one is refused, never
guessed.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
Each function takes one item, and raises one of the errors of odd data that ``typed`` knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, TypeVar

from ..catalogue.catalogue import Catalogue
from ..core.dates import day_of
from ..core.model import Configuration, Entitlement, Folder, Price, Program
from ..core.spelling import spelled
from ..errors import Unavailable
from ..optional import if_given

Item = Mapping[str, Any]
_Thing = TypeVar("_Thing")


def typed(
    endpoint: str, parse: Callable[[Item], _Thing], items: Iterable[Mapping[str, Any]]
) -> list[_Thing]:
    """All items of an answer of an endpoint.

    :raises Unavailable: if one of them cannot be read.
    """
    try:
        return [parse(item) for item in items]
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError):
        raise Unavailable(
            f"FortiFlex answered {endpoint} with an item of an unknown shape; "
            "run again later, and report it if it stays so.",
            endpoint=endpoint,
        ) from None


def configuration_of(item: Item, catalogue: Catalogue, program: str) -> Configuration:
    """A configuration, by this catalogue; of this program, if it names none."""
    product_id = _number(item["productType"]["id"])
    stored = _required(item["name"] if "name" in item else item["configName"])
    name = spelled(stored)
    pairs = [_pair(pair) for pair in _list(item["parameters"])]
    return Configuration(
        # The client pyfortiflex 0.1.0 reads configId and configName, too, in older answers.
        id=_number(item["id"] if item.get("id") is not None else item["configId"]),
        name=name,
        product_id=product_id,
        values=catalogue.product(product_id).read(pairs),
        status=_required(item["status"]),
        account_id=_account(item),
        program=_text(item.get("programSerialNumber")) or program,
        stored_name=None if stored == name else stored,
    )


def entitlement_of(item: Item) -> Entitlement:
    """An entitlement. Its description is null if there never was one; without any, nobody could
    know who holds it.
    """
    return Entitlement(
        serial_number=_required(item["serialNumber"]),
        description=_text(item["description"]) or "",
        configuration_id=_number(item["configId"]),
        account_id=_account(item),
        status=_required(item["status"]),
        start_date=_text(item.get("startDate")),
        end_date=_text(item.get("endDate")),
        token=_text(item.get("token")) or None,
        token_status=_text(item.get("tokenStatus")) or None,
    )


def program_of(item: Item) -> Program:
    """A program."""
    end, start = (day_of(_text(item.get(key))) for key in ("endDate", "startDate"))
    serial_number, account_id = _required(item["serialNumber"]), _number(item["accountId"])
    return Program(serial_number, account_id, end, start, bool(item.get("hasSupportCoverage")))


def balance_of(item: Item) -> Decimal:
    """The points that a prepaid program has left, less than 0 if it used more."""
    return _decimal(item["pointBalance"])


def usage_of(item: Item) -> tuple[str, Decimal]:
    """The points that an entitlement used, after its serial number."""
    return _required(item["serialNumber"]), points_of(item["points"])


def folder_of(item: Item, account_id: int) -> Folder:
    """An asset folder; of this account, if it names none."""
    available, used = _count(item["availableTokens"]), _count(item["usedTokens"])
    return Folder(_account(item) or account_id, _required(item["folderPath"]), available, used)


def price_of(item: Item) -> Price:
    """A price, and the next one with its day, if FortiFlex has announced one."""
    current = points_of(item["current"])
    if item.get("latest") is None:
        return Price(current, None, None)
    return Price(current, points_of(item["latest"]), day_of(_text(item.get("latestEffectiveDate"))))


def _decimal(value: Any) -> Decimal:
    """A number with a fraction, or a text of one."""
    number = Decimal(str(value))
    if not number.is_finite():
        raise ValueError
    return number


def points_of(value: Any) -> Decimal:
    """Points that somebody used or pays, which are never less than 0."""
    points = _decimal(value)
    if points < 0:
        raise ValueError
    return points


def _account(item: Item) -> int | None:
    """The account that an item names, if it names one."""
    return if_given(item.get("accountId"), _number)


def _number(value: Any) -> int:
    """A number of FortiFlex, also as text: Fortinet's Terraform provider 2.4.3 and its Postman
    collection write some so.
    """
    if not str(value).isdecimal() or int(value) == 0:
        raise ValueError
    return int(value)


def _count(value: Any) -> int:
    """How many of something there are, also none."""
    return 0 if str(value) == "0" else _number(value)


def _text(value: Any) -> str | None:
    """A text, or null in its place."""
    if not isinstance(value, (str, type(None))):
        raise TypeError
    return value


def _required(value: Any) -> str:
    """A text without which the item says nothing."""
    if not isinstance(value, str) or not value:
        raise ValueError
    return value


def _list(value: Any) -> list[Any]:
    """A list, which may be empty; left out, nobody could tell whether it is."""
    if not isinstance(value, list):
        raise TypeError
    return value


def _pair(pair: Item) -> Item:
    """A parameter as it may be sent back: what cannot be read must not become a default at the next
    update.
    """
    _number(pair["id"])
    value = pair["value"]
    is_whole = isinstance(value, float) and value.is_integer()
    if type(value) not in (str, int) and not is_whole:  # true is an int, too
        raise TypeError
    return pair
