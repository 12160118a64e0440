# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What FortiFlex sells: products by everything they are called.

Private to the collection: may change at any time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from ..errors import InvalidInput
from ._objections import no_such_product
from ._product import KINDS, Product
from ._products import PRODUCTS
from ._table import products_of
from ._values import Values, reference_number

__all__ = ["KINDS", "Catalogue", "Product", "Values", "snapshot"]


class Catalogue:
    """Products by number, key, official name and alias."""

    def __init__(self, products: Iterable[Product]) -> None:
        """A catalogue of these products.

        A key is always that product's. Of two with one other name the first has it.
        """
        self._products = list(products)
        self._found = {product.key: product for product in self._products}
        for product in self._products:
            for name in (product.name, *product.aliases):
                self._found.setdefault(name.casefold(), product)
        self._found |= {str(item.id): item for item in self._products if item.id is not None}

    def products(self) -> list[Product]:
        """All of them, also those that can only be read, since no source publishes their
        number.
        """
        return list(self._products)

    def product(self, reference: str | int) -> Product:
        """The product of that key, official name, alias or number, in any letter case.

        An unknown number stands for a product that FortiFlex has added since: its ``kind`` is
        ``None`` and it has no known parameters.

        :raises InvalidInput: for an unknown name.
        """
        name = str(reference).strip().casefold()
        number = reference_number(name.removeprefix("product_")) or None  # there is no product 0
        found = self._found.get(name if number is None else str(number))
        if found is not None:
            return found
        if number is not None:
            return Product(number, f"product_{number}", f"product {number}", None)
        names = {spelling: product.key for spelling, product in self._found.items()}
        raise InvalidInput([no_such_product(str(reference), names, len(self._products))])

    def lacks(self, product: str | int, parameters: Mapping[str, Any] | None = None) -> bool:
        """Whether FortiFlex may have by now a product, or what is asked of it, that is not here."""
        try:
            found = self.product(product)
        except InvalidInput:
            return True
        return found.id is None or found.kind is None or found.lacks(parameters or {})


@cache
def snapshot() -> Catalogue:
    """The catalogue that is shipped with the collection."""
    return Catalogue(products_of(PRODUCTS))
