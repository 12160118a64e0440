# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How configurations and entitlements appear from outside: by our names, in plain types, as
playbooks get them and as plans compare them.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

from typing import Any

from ..catalogue.catalogue import Catalogue
from .dates import day_of
from .description import tags_of
from .model import Configuration, Entitlement, Observation

Shape = dict[str, Any]


class Shapes:
    """Turns what FortiFlex showed into shapes, by one catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    def configuration(self, configuration: Configuration | None) -> Shape | None:
        """A configuration by our names. ``id`` is None while it is only predicted."""
        if configuration is None:
            return None
        product = self.catalogue.product(configuration.product_id)
        return {
            "id": _number(configuration.id),
            "name": configuration.name,
            "product": product.key,
            "product_id": product.id,
            "parameters": product.show(configuration.values),
            "status": configuration.status,
            "account_id": configuration.account_id,
            "program": configuration.program,
        }

    def entitlement(
        self, entitlement: Entitlement | None, seen: Observation, token: bool = False
    ) -> Shape | None:
        """An entitlement by our names; dates are Pacific days (YYYY-MM-DD).

        What only the service can know is None while it is predicted.
        """
        if entitlement is None:
            return None
        found = seen.by_id.get(entitlement.configuration_id)
        shown = {
            "serial_number": entitlement.number,
            "name": entitlement.name,
            "tags": tags_of(entitlement.description) or {},
            "description": entitlement.description,
            "configuration": found and found.name,
            "configuration_id": _number(entitlement.configuration_id),
            "product": found and self.catalogue.product(found.product_id).key,
            "account_id": entitlement.account_id,
            "status": entitlement.status,
            "start_date": _day(entitlement.start_date),
            "end_date": _day(entitlement.end_date),
            "token_status": entitlement.token_status,
        }
        return {**shown, "token": entitlement.token} if token else shown

    def held(self, held: Configuration | Entitlement | None, seen: Observation) -> Shape:
        """Either of them; empty where there is nothing."""
        if isinstance(held, Configuration):
            return self.configuration(held) or {}
        return self.entitlement(held, seen) or {}


def _number(number: int) -> int | None:
    """The number of a configuration; those that are only predicted are negative."""
    return number if number > 0 else None


def _day(text: str | None) -> str | None:
    day = day_of(text)
    return day.isoformat() if day else text
