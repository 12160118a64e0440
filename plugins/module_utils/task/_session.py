# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task that is connected: FortiFlex through one API user, with the catalogue, prices and
predictions of the task.

Private to the collection: may change at any time.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from ..catalogue.catalogue import Product, Values
from ..client.audit_log import AuditLog
from ..client.client import Client
from ..client.connection import Connection
from ..client.kept_prices import KeptPrices
from ..client.live_catalogue import LiveCatalogue
from ..client.origin import Origin
from ..client.predictions import Predictions
from ..client.service import FlexService
from ..clock import Clock
from ..core.accounts import ALL
from ..core.catalogues import Catalogues, reread
from ..core.goal import Goal
from ..core.model import Configuration, Observation
from ..core.run import as_predicted
from ..core.shapes import Shapes
from ..errors import AccessDenied, AccountNotAllowed, InvalidInput, Problems
from ._hints import Hints
from ._prices import Prices

Place: TypeAlias = "tuple[FlexService, Observation | None]"
"""An account, and its configurations, if one request brought those of all accounts."""


class Session:
    """FortiFlex through one API user, for one task. Nothing is sent before somebody asks."""

    def __init__(
        self,
        connection: Connection,
        options: Mapping[str, Any],
        clock: Clock,
        warn: Callable[[str], None],
        audit: AuditLog,
        hints: Hints,
        checked: Origin | None,
        heard: Callable[[], None] | None,
    ) -> None:
        """``options`` are those of the task. ``checked``: where it comes from, if it is in check
        mode. ``heard`` is called after each answer.
        """
        self.connection = connection
        self.accounts = connection.accounts
        self.client = Client(connection, clock, warn, heard=heard)
        self.predictions: Predictions | None = None
        if checked is not None:
            run, keep = checked.check_run, checked.is_followed
            self.predictions = Predictions(connection, clock, run, keep)
        self._live = LiveCatalogue(self.client, connection, clock, warn)
        self.catalogues = Catalogues(self._live.newer)
        self.service = FlexService(
            self.client,
            audit,
            self.catalogues,
            connection.program,
            connection.account_id,
            connection.accounts,
        )
        self.prices = Prices(self.service, self.catalogues, KeptPrices(connection, clock))
        self._options, self._hints = options, hints

    def prepare(self) -> None:
        """Ask what FortiFlex sells, if the task wants that always."""
        if self.connection.catalogue == "live":
            self.catalogues.current = self._live.ask() or self.catalogues.current

    @property
    def shapes(self) -> Shapes:
        """The shapes of what FortiFlex shows, by the present catalogue."""
        return Shapes(self.catalogues.current)

    def predicting(self) -> contextlib.AbstractContextManager[None]:
        """Around a prediction: nobody else predicts in the same run, until it is remembered."""
        return self.predictions.turn() if self.predictions else contextlib.nullcontext()

    def observe(
        self,
        entitlements: bool = True,
        service: FlexService | None = None,
        before: Observation | None = None,
        filters: Mapping[str, str] | None = None,
    ) -> Observation:
        """What there is, with a catalogue that has all products and parameters of it, as far as one
        can be had.

        ``service`` is of another account, ``before`` has its configurations, ``filters`` are those
        of ``entitlements/list``.
        """
        account = service or self.service
        if self.predictions:
            filters = None  # FortiFlex would judge by what is there, not by what would be
        if before:  # the accounts before it may have needed a newer catalogue
            before = reread(before, self.catalogues.current)
        try:
            seen = account.observe(
                before, configurations=before is None, entitlements=entitlements, filters=filters
            )
        except AccessDenied as error:
            if account is not self.service:
                raise
            raise self._hints.denied(error, self.connection, self.service) from None
        if self.predictions:
            seen = self.predictions.over(seen, account.account_id)
        return self.catalogues.observed(seen)

    def with_predictions(self, seen: Observation, account_id: int | None) -> Observation:
        """An observation as the earlier tasks of a run in check mode would have left it, and lately
        those of others.
        """
        return as_predicted(self.predictions, seen, account_id, Goal())

    def configuration(self, reference: str, seen: Observation | None = None) -> Configuration:
        """The configuration of that number or name in the account, or in an observation of another
        one.

        :raises InvalidInput: if there is none.
        """
        found = (seen or self.observe(entitlements=False)).configuration(reference)
        if found is None:
            raise InvalidInput(
                f"configuration '{reference}' is not in program {self.connection.program}; "
                "check configuration, program and account_id"
            )
        return found

    def priced(
        self, product: str | None, configuration: str | None, parameters: Mapping[str, Any]
    ) -> tuple[Product, Values]:
        """What must be priced: a product with parameters, or an existing configuration, with other
        values for some of its parameters.

        :raises InvalidInput: with everything that is wrong with it.
        """
        found = None if configuration is None else self.configuration(configuration)
        return self.prices.sized(product, found, parameters)

    def each_account(self, skipped: dict[int | None, str] | None = None) -> list[Place]:
        """The accounts that the option ``accounts`` names.

        Without the option it is the account of ``account_id``, or the one that owns the program.
        ``skipped`` gets those that may not be asked about, each with the reason.

        :raises InvalidInput: if one of them is no account.
        :raises AccountNotAllowed: if one of them is none of the allowed accounts, and there is no
            ``skipped``.
        """
        asked = self._options["accounts"]
        if not asked:
            return [(self.service, None)]
        numbers = self._allowed([each for each in asked if each != ALL], skipped)
        if ALL in asked:
            return self._all_accounts(numbers)
        if len(numbers) > 1:
            return [*self.service.sweep(numbers)]
        return [(self.service.of(number), None) for number in numbers]

    def _allowed(self, named: list[str], skipped: dict[int | None, str] | None) -> list[int]:
        """The numbers of accounts, each once."""
        with Problems() as problems:
            numbers = dict.fromkeys(self.accounts.listed("accounts", named, problems))
        for number in [*numbers]:
            try:
                self.accounts.check(number)
            except AccountNotAllowed as error:
                if skipped is None:
                    raise
                skipped[number] = str(error)
                del numbers[number]
        return [*numbers]

    def _all_accounts(self, also: Iterable[int]) -> list[Place]:
        """All accounts of the program, those that are named ``also``, and those in which check mode
        has predicted something.
        """
        found: list[Place] = [*self.service.sweep(None, also)]
        known = {account.account_id for account, _seen in found}
        predicted = self.predictions.accounts() if self.predictions else set()
        new = filter(self.accounts.permits, sorted(predicted - known))
        return [*found, *((self.service.of(number), None) for number in new)]
