# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One program and account of FortiFlex, typed: what they hold, and how a step changes that.

Private to the collection: may change at any time. Knows the client and the model; decides nothing.
"""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any, TypeVar

from ..catalogue.catalogue import Product, Values
from ..core.accounts import Accounts
from ..core.calls import Held, Stop
from ..core.catalogues import Catalogues
from ..core.converge import Written
from ..core.model import Configuration, Entitlement, Folder, Observation, Price, Program
from ..core.steps import Step
from ..errors import InvalidInput, Refused, Unavailable, UnknownOutcome
from ..optional import without_nulls
from ._items import (
    balance_of,
    configuration_of,
    entitlement_of,
    folder_of,
    price_of,
    program_of,
    typed,
    usage_of,
)
from .answers import Reply
from .audit_log import AuditLog
from .client import Client

_Self = TypeVar("_Self", bound="FlexService")
_Held = TypeVar("_Held", Configuration, Entitlement)

_NO_SERIAL_NUMBER = "NOSUCHSERIALNUMBER"  # those of FortiFlex end with digits


class FlexService:
    """FortiFlex through the eyes of one API user, narrowed to one program and one account."""

    def __init__(
        self,
        client: Client,
        audit: AuditLog,
        catalogues: Catalogues,
        program: str,
        account_id: int | None,
        accounts: Accounts,
    ) -> None:
        """``account_id`` None: the account that owns the program, asked for at the first
        observation. ``accounts``: those that may be named. ``catalogues``: what FortiFlex shows is
        read by the present one, which services of other accounts share.
        """
        self._client = client
        self._audit = audit
        self._accounts = accounts
        self._catalogues = catalogues
        self.serial_number = program
        self.account_id = account_id
        self._program: Program | None = None
        # By allowed_accounts, of the last sweep over all.
        self.left_out: frozenset[int] = frozenset()

    def of(self: _Self, account_id: int) -> _Self:
        """The same program, narrowed to another account."""
        other = copy.copy(self)
        other.account_id, other.left_out = account_id, frozenset()
        return other

    def of_program(self: _Self, program: Program) -> _Self:
        """Another program, and the account that owns it."""
        other = self.of(program.account_id)
        other.serial_number, other._program = program.serial_number, program
        return other

    def scope(self) -> dict[str, Any]:
        """Program and account, as calls name them.

        :raises AccountNotAllowed: if the account is none of the allowed ones.
        """
        if self.account_id is None:
            self.account_id = self.program().account_id
        self._accounts.check(self.account_id)
        return {"programSerialNumber": self.serial_number, "accountId": self.account_id}

    def programs(self) -> list[Program]:
        """The programs that the API user sees."""
        return typed("programs/list", program_of, self._client.read("programs/list", {}).items)

    def program(self) -> Program:
        """The program, asked for once.

        :raises InvalidInput: if the API user does not see it.
        """
        if self._program is None:
            self._program = self._found(self._client.read("programs/list", {}).items)
        return self._program

    def _found(self, items: list[dict[str, Any]]) -> Program:
        """The program among all that the API user sees."""
        mine = [item for item in items if item.get("serialNumber") == self.serial_number]
        for program in typed("programs/list", program_of, mine):
            return program
        seen = ", ".join(sorted(str(item.get("serialNumber")) for item in items)) or "none"
        raise InvalidInput(
            [
                f"program {self.serial_number} is not among those that this API user sees "
                f"({seen}); check program and the user's permissions"
            ]
        )

    def balance(self) -> Decimal | None:
        """Points that a prepaid program has left, less than 0 if it used more; None if FortiFlex
        reports no balance, as of a postpaid one.

        :raises Refused: what FortiFlex can also say of a postpaid one.
        """
        body = {"programSerialNumber": self.serial_number}
        items = self._client.read("programs/points", body).items
        mine = [item for item in items if item.get("serialNumber") in (None, self.serial_number)]
        return next(iter(typed("programs/points", balance_of, mine)), None)

    def points(self, first: date, last: date) -> dict[str, Decimal]:
        """Points that entitlements of the account used from the first to the last Pacific day, both
        included, by serial number.
        """
        body = {**self.scope(), "startDate": first.isoformat(), "endDate": last.isoformat()}
        items = self._client.read("entitlements/points", body).items
        return dict(typed("entitlements/points", usage_of, items))

    def folders(self) -> list[Folder]:
        """The asset folders of the account, and how many license tokens each has."""
        account_id = self.scope()["accountId"]
        items = self._client.read("groups/list", {"accountId": account_id}).items
        return typed("groups/list", partial(folder_of, account_id=account_id), items)

    def next_token(
        self, folder: str | None, configuration_id: int | None, statuses: Iterable[str] | None
    ) -> Entitlement | None:
        """The entitlement with an unused license token that FortiFlex names next, which reserves
        nothing; None if it names none.
        """
        asked = {
            "accountId": self.scope()["accountId"],
            "folderPath": folder,
            "configId": configuration_id,
            "status": statuses and list(statuses),
        }
        body = without_nulls(asked)
        try:
            items = self._client.read("groups/nexttoken", body).items
        except Refused:
            return None
        return next(iter(typed("groups/nexttoken", entitlement_of, items)), None)

    def price(self, product: Product, values: Values) -> Price:
        """What one entitlement costs. Asked for one: the API document does not say if the price is
        of all.

        A public points calculator (2026, live) divides it by the count, so it seems to be.
        """
        body = {
            "programSerialNumber": self.serial_number,
            "count": 1,
            "productTypeId": product.id,
            "parameters": product.wire(values, priced=True),
        }
        for price in typed("tools/calc", price_of, self._client.read("tools/calc", body).items):
            return price
        raise Unavailable(
            "FortiFlex answered tools/calc without a price; "
            "run again later, and report it if it stays so.",
            endpoint="tools/calc",
        )

    def metadata(self) -> None:
        """See whether FortiFlex reports what it sells. What it reports is read elsewhere, and only
        where somebody needs it.
        """
        self._client.read("tools/metadata", {}, repeats=0)

    def room(self, seconds: float) -> int:
        """How many requests can be sent within so many seconds from now on, by the latency and the
        request limits.
        """
        return self._client.pace.room(seconds)

    def sweep(
        self: _Self, asked: Iterable[int] | None, also: Iterable[int] = ()
    ) -> list[tuple[_Self, Observation]]:
        """Each of these accounts, and its configurations, by one request for all of them together.

        None: all allowed accounts that have configurations in the program, as far as the API user
        sees them; if none has, the one that owns it; and those that are named ``also``.
        """
        mine, sent_at = self._configurations({"programSerialNumber": self.serial_number})
        if asked is None:
            owner = [c.account_id or self.program().account_id for c in mine]
            found = {*(owner or [self.program().account_id]), *also}
            asked = sorted(filter(self._accounts.permits, found))
            self.left_out = frozenset(found.difference(asked))
        services = [self.of(account_id) for account_id in asked]
        return [
            (service, Observation(0.0, sent_at, service._covered(mine), (), self._program))
            for service in services
        ]

    def observe(
        self,
        before: Observation | None = None,
        configurations: bool = True,
        entitlements: bool = True,
        writes: int = 0,
        filters: Mapping[str, str] | None = None,
    ) -> Observation:
        """One query of the account: ``configs/list`` and ``entitlements/list``, or what is asked
        for of them.

        ``filters`` are those of ``entitlements/list``. Whether FortiFlex heeds several at once is
        not known, so what comes back may be more.
        """
        scope = self.scope()
        self._client.pace.ready(configurations + entitlements, writes)
        seen = before or Observation(0.0, 0.0, (), (), self._program)
        if entitlements:
            # Before the configurations, so that every configuration that an entitlement stands on is known.
            reply = self._client.read("entitlements/list", {**scope, **(filters or {})})
            shown = typed("entitlements/list", entitlement_of, reply.items)
            listed = [*{each.serial_number: each for each in shown}.values()]
            configurations = configurations or any(
                e.configuration_id not in seen.by_id for e in listed
            )
            seen = replace(seen, time=reply.sent_at, entitlements=tuple(listed))
        if configurations:
            found, sent_at = self._configurations(scope)
            seen = replace(seen, configurations_time=sent_at, configurations=self._covered(found))
        known = [e for e in seen.entitlements if e.configuration_id in seen.by_id]
        return replace(seen, entitlements=self._covered(known))

    def _configurations(self, scope: Mapping[str, Any]) -> tuple[list[Configuration], float]:
        """The configurations of the program that a scope has, and when they were requested."""
        reply = self._client.read("configs/list", scope)
        found = typed("configs/list", self._configuration, reply.items)
        mine = {each.id: each for each in found if each.program == self.serial_number}
        return [*mine.values()], reply.sent_at

    def _configuration(self, item: Mapping[str, Any]) -> Configuration:
        return configuration_of(item, self._catalogues.current, self.serial_number)

    def _covered(self, items: Iterable[_Held]) -> tuple[_Held, ...]:
        """Those that are of the account, or do not say of which."""
        return tuple(item for item in items if item.account_id in (None, self.account_id))

    def try_to_write(self, not_after: float) -> None:
        """See whether the API user may write, by a write that cannot have an effect: the stop of an
        entitlement that does not exist.

        :raises AccessDenied: if the user may not.
        :raises Refused: if the user may; that there is nothing to stop is what FortiFlex is
            expected to say.
        """
        call = Stop(_NO_SERIAL_NUMBER)
        where = {"program": self.serial_number or None, "account_id": self.account_id}
        with self._audit.writing(call.endpoint, call.body, [], [], **where):
            self._client.write(call.endpoint, call.body, not_after, harmless=True)

    def write(self, step: Step, not_after: float) -> Written:
        """Carry out one step.

        :raises UnknownOutcome: also when a creation was answered without what it created.
        """
        self.scope()
        names = [part.item[1] for part in step.each]
        before = [part.before for part in step.each if part.before is not None]
        where = {"program": self.serial_number, "account_id": self.account_id}
        with self._audit.writing(step.endpoint, step.body, names, before, **where) as shows:
            reply = self._client.write(step.endpoint, step.body, not_after)
            item: Mapping[str, Any] = next(iter(reply.items), {})
            created_as = step.call.created_as
            if created_as and not str(item.get(created_as) or "").isalnum():
                raise UnknownOutcome(
                    f"FortiFlex answered {step.endpoint} without saying what it created: "
                    "query the program before sending it again, and report it if it stays so.",
                    reply.sent_at,
                    endpoint=step.endpoint,
                )
            # The next observation says what there is; this is for the record.
            with contextlib.suppress(Unavailable):
                shows(self._shown(step, reply))
        return Written(dict(item), reply.sent_at, reply.answered_at)

    def _shown(self, step: Step, reply: Reply) -> list[Held]:
        """What the answer to a step shows of what it changed."""
        if step.call.is_about_configurations:
            return [*typed(step.endpoint, self._configuration, reply.items)]
        return [*typed(step.endpoint, entitlement_of, reply.items)]
