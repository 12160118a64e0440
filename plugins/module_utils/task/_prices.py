# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What things cost today: asked once in a task, and where a day's price is enough, once a day.

Private to the collection: may change at any time.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ..catalogue.catalogue import Catalogue, Product, Values
from ..client.kept_prices import KeptPrices
from ..client.service import FlexService
from ..core.catalogues import Attempt, Catalogues
from ..core.cost import Cost, Size, cost_of, counted, values_of
from ..core.model import Configuration, Price
from ..core.run_report import RunReport
from ..errors import InvalidInput, Problems


class Prices:
    """The prices of one program."""

    def __init__(self, service: FlexService, catalogues: Catalogues, kept: KeptPrices) -> None:
        self._service, self._catalogues, self._kept = service, catalogues, kept
        self._asked: dict[tuple[str, tuple[tuple[int, tuple[str, ...]], ...]], Price] = {}

    def price(self, product: Product, values: Values) -> Price:
        """The price of a product with these values."""
        size = (product.key, tuple(sorted(values.items())))
        if size not in self._asked:
            self._asked[size] = self._service.price(product, values)
        return self._asked[size]

    def known(self, size: Size) -> Decimal | None:
        """What one entitlement of a size costs a day, if somebody has asked today."""
        return self._kept.get(size)

    def points_per_day(self, size: Size) -> Decimal:
        """What one entitlement of a size costs a day."""
        points = self.known(size)
        if points is None:
            product = self._catalogues.current.product(size[0])
            points = self.price(product, values_of(size)).points
            self._kept.keep(size, points)
        return points

    def estimate(self, report: RunReport) -> Cost:
        """What a plan costs, by one request for each size that it is about."""
        first, last = report.first, report.last
        before = counted(report.concerned(first), first)
        after = counted(report.concerned(last), last)
        sizes = [size for size, _charged in (*before, *after)]
        return cost_of(before, after, {size: self.points_per_day(size) for size in sizes})

    def sized(
        self,
        product: str | None,
        configuration: Configuration | None,
        parameters: Mapping[str, Any],
    ) -> tuple[Product, Values]:
        """What must be priced: a product with parameters, or a configuration with other values for
        some of its parameters.

        :raises InvalidInput: with everything that is wrong with it.
        """
        present = configuration.values if configuration else None
        reference = str(configuration.product_id) if configuration else product or ""
        self._catalogues.product(reference)

        def read(by: Catalogue) -> Attempt[tuple[Product, Values]]:
            found = by.product(reference)
            problems = Problems()
            values = found.check(
                parameters, problems, complete=present is None, kept=present, priced=True
            )
            lacks = by.lacks(found.key, parameters)
            if problems:
                return Attempt(lacks, error=InvalidInput(problems.found))
            return Attempt(lacks, (found, found.filled({**(present or {}), **values})))

        return self._catalogues.settle(read)
