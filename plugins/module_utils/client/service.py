# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One program and account of FortiFlex, typed: answers become configurations and entitlements, steps become calls.

Private to the collection: may change at any time. Knows the client and the model; decides nothing.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from ..catalogue.catalogue import Catalogue, Product, Values
from ..core.accounts import Accounts
from ..core.calls import Stop
from ..core.converge import Written
from ..core.dates import day_of
from ..core.model import Configuration, Entitlement, Folder, Observation, Price, Program
from ..core.spelling import spelled
from ..core.steps import Step
from ..errors import InvalidInput, Refused, Unavailable, UnknownOutcome
from .audit_log import AuditLog
from .client import Client

_Item = TypeVar("_Item")

_NO_SERIAL_NUMBER = "NOSUCHSERIALNUMBER"  # those of FortiFlex end with digits


class FlexService:
    """FortiFlex through the eyes of one API user, narrowed to one program and one account."""

    def __init__(
        self,
        client: Client,
        audit: AuditLog,
        catalogue: Catalogue,
        program: str,
        account_id: int | None,
        accounts: Accounts,
    ) -> None:
        """``account_id`` None: the account that owns the program, asked for at the first observation. ``accounts``: those that may be named."""
        self._client = client
        self._audit = audit
        self._accounts = accounts
        self.catalogue = catalogue  # a task may replace it by a newer one
        self.serial_number = program
        self._program: Program | None = None
        self.account_id = account_id
        self.left_out: frozenset[int] = frozenset()  # by the fence, of the last sweep over all

    def of(self, account_id: int) -> FlexService:
        """The same program, narrowed to another account."""
        other = FlexService(
            self._client,
            self._audit,
            self.catalogue,
            self.serial_number,
            account_id,
            self._accounts,
        )
        other._program = self._program
        return other

    def of_program(self, program: Program) -> FlexService:
        """Another program, and the account that owns it."""
        other = FlexService(
            self._client,
            self._audit,
            self.catalogue,
            program.serial_number,
            program.account_id,
            self._accounts,
        )
        other._program = program
        return other

    def scope(self) -> dict[str, Any]:
        """Program and account, as calls name them.

        :raises AccountNotAllowed: if the account is outside the fence.
        """
        if self.account_id is None:
            self.account_id = self.program().account_id
        self._accounts.check(self.account_id)
        return {"programSerialNumber": self.serial_number, "accountId": self.account_id}

    def sweep(
        self, asked: Iterable[int] | None, also: Iterable[int] = ()
    ) -> list[tuple[FlexService, Observation]]:
        """Each of these accounts, and its configurations, by one request for all of them together.

        None: all accounts inside the fence that have configurations in the program, as far as the API user sees them; if none has, the one that owns it;
        and those that are named ``also``.
        """
        answer = self._client.read("configs/list", {"programSerialNumber": self.serial_number})
        mine = [
            c
            for c in self._typed(self._configuration, answer.items, "configs/list")
            if c.program == self.serial_number
        ]
        if asked is None:
            found = {
                c.account_id if c.account_id is not None else self.program().account_id
                for c in mine
            } or {self.program().account_id}
            asked = sorted(filter(self._accounts.permits, found.union(also)))
            self.left_out = frozenset(found.union(also).difference(asked))
        services = [self.of(account_id) for account_id in asked]
        return [
            (
                service,
                Observation(
                    0.0,
                    answer.sent_at,
                    tuple(c for c in mine if c.account_id in (None, service.account_id)),
                    (),
                    self._program,
                ),
            )
            for service in services
        ]

    def points(self, first: date, last: date) -> dict[str, Decimal]:
        """Points that entitlements of the account used from the first to the last Pacific day, both included, by serial number."""
        items = self._client.read(
            "entitlements/points",
            {**self.scope(), "startDate": first.isoformat(), "endDate": last.isoformat()},
        ).items
        return dict(
            self._typed(
                lambda item: (_required(item["serialNumber"]), _points(item["points"])),
                items,
                "entitlements/points",
            )
        )

    def balance(self) -> Decimal | None:
        """Points that a prepaid program has left, less than 0 if it used more; None if FortiFlex tells no balance, as of a postpaid one.

        :raises Refused: what FortiFlex can also say of a postpaid one.
        """
        items = self._client.read(
            "programs/points", {"programSerialNumber": self.serial_number}
        ).items
        mine = [item for item in items if item.get("serialNumber") in (None, self.serial_number)]
        return next(
            iter(
                self._typed(
                    lambda item: _points(item["pointBalance"], negative=True),
                    mine,
                    "programs/points",
                )
            ),
            None,
        )

    def programs(self) -> list[Program]:
        """The programs that the API user sees."""
        return self._typed(_program, self._client.read("programs/list", {}).items, "programs/list")

    def program(self) -> Program:
        """The program, asked for once.

        :raises InvalidInput: if the API user does not see it.
        """
        if self._program is None:
            items = self._client.read("programs/list", {}).items
            for program in self._typed(
                _program,
                [item for item in items if item.get("serialNumber") == self.serial_number],
                "programs/list",
            ):
                self._program = program
                return program
            seen = ", ".join(sorted(str(item.get("serialNumber")) for item in items)) or "none"
            raise InvalidInput(
                [
                    f"program {self.serial_number} is not among those that this API user sees ({seen}); check program and the user's permissions"
                ]
            )
        return self._program

    def folders(self) -> list[Folder]:
        """The asset folders of the account, and how many license tokens each has."""
        account_id = self.scope()["accountId"]
        items = self._client.read("groups/list", {"accountId": account_id}).items
        return self._typed(
            lambda item: Folder(
                _account(item) or account_id,
                _required(item["folderPath"]),
                _count(item["availableTokens"]),
                _count(item["usedTokens"]),
            ),
            items,
            "groups/list",
        )

    def next_token(
        self, folder: str | None, configuration_id: int | None, statuses: Iterable[str] | None
    ) -> Entitlement | None:
        """The entitlement with an unused license token that FortiFlex names next, which reserves nothing; None if it names none."""
        body = {
            "accountId": self.scope()["accountId"],
            "folderPath": folder,
            "configId": configuration_id,
            "status": statuses and list(statuses),
        }
        try:
            items = self._client.read(
                "groups/nexttoken", {key: value for key, value in body.items() if value is not None}
            ).items
        except Refused:
            return None
        return next(iter(self._typed(self._entitlement, items, "groups/nexttoken")), None)

    def observe(
        self,
        before: Observation | None = None,
        configurations: bool = True,
        entitlements: bool = True,
        writes: int = 0,
        filters: Mapping[str, str] | None = None,
    ) -> Observation:
        """One look at the account: ``configs/list`` and ``entitlements/list``, or what is asked for of them.

        ``filters`` are those of ``entitlements/list``. Whether FortiFlex heeds several at once is not known, so what comes back may be more.
        """
        scope = self.scope()
        self._client.pace.ready(configurations + entitlements, writes)
        seen = before or Observation(0.0, 0.0, (), (), self._program)
        listed: list[Entitlement] | None = None
        if entitlements:  # before the configurations, so that every configuration that an entitlement stands on is known
            answer = self._client.read("entitlements/list", {**scope, **(filters or {})})
            listed = self._typed(self._entitlement, answer.items, "entitlements/list")
            configurations = configurations or any(
                e.configuration_id not in seen.by_id for e in listed
            )
            seen = replace(seen, time=answer.sent_at)
        if configurations:
            answer = self._client.read("configs/list", scope)
            mine = self._typed(self._configuration, answer.items, "configs/list")
            seen = replace(
                seen,
                configurations_time=answer.sent_at,
                configurations=tuple(
                    c
                    for c in mine
                    if c.program == self.serial_number and c.account_id in (None, self.account_id)
                ),
            )
        known = {c.id for c in seen.configurations}
        standing = seen.entitlements if listed is None else listed
        return replace(
            seen,
            entitlements=tuple(
                e
                for e in standing
                if e.configuration_id in known and e.account_id in (None, self.account_id)
            ),
        )

    def room(self, seconds: float) -> int:
        """How many requests can be sent within so many seconds from now on, by the latency and the request limits."""
        return self._client.pace.room(seconds)

    def price(self, product: Product, values: Values) -> Price:
        """What one entitlement costs. Asked for one, since it is in doubt whether FortiFlex tells the price of all or of each."""
        body = {
            "programSerialNumber": self.serial_number,
            "count": 1,
            "productTypeId": product.id,
            "parameters": product.wire(values, priced=True),
        }
        items = self._client.read("tools/calc", body).items
        for price in self._typed(_price, items, "tools/calc"):
            return price
        raise Unavailable(
            "FortiFlex answered tools/calc without a price; run again later", endpoint="tools/calc"
        )

    def metadata(self) -> None:
        """See whether FortiFlex tells what it sells. What it tells is read elsewhere, and only where somebody needs it."""
        self._client.read("tools/metadata", {}, repeats=0)

    def try_to_write(self, not_after: float) -> None:
        """See whether the API user may write, by a write that cannot have an effect: the stop of an entitlement that does not exist.

        :raises AccessDenied: if the user may not.
        :raises Refused: if the user may; that there is nothing to stop is what FortiFlex is expected to say.
        """
        call = Stop(_NO_SERIAL_NUMBER)
        with self._audit.writing(
            call.endpoint,
            call.body,
            [],
            [],
            program=self.serial_number or None,
            account_id=self.account_id,
        ):
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
            answer = self._client.write(step.endpoint, step.body, not_after)
            item: Mapping[str, Any] = answer.items[0] if answer.items else {}
            identity = step.call.created_as
            if identity and not str(item.get(identity) or "").isalnum():
                raise UnknownOutcome(
                    f"FortiFlex answered {step.endpoint} without saying what it created",
                    answer.sent_at,
                    endpoint=step.endpoint,
                )
            with contextlib.suppress(
                Unavailable
            ):  # the next observation says what there is; this is for the record
                shows(
                    self._typed(
                        self._configuration
                        if step.call.is_about_configurations
                        else self._entitlement,
                        answer.items,
                        step.endpoint,
                    )
                )
        return Written(dict(item), answer.sent_at, answer.answered_at)

    @staticmethod
    def _typed(
        parse: Callable[[Mapping[str, Any]], _Item],
        items: Iterable[Mapping[str, Any]],
        endpoint: str,
    ) -> list[_Item]:
        try:
            return [parse(item) for item in items]
        except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError):
            raise Unavailable(
                f"FortiFlex answered {endpoint} with an item of an unknown shape; run again later",
                endpoint=endpoint,
            ) from None

    def _configuration(self, item: Mapping[str, Any]) -> Configuration:
        product_id = _number(item["productType"]["id"])
        stored = _required(item["name"] if "name" in item else item["configName"])
        name = spelled(stored)
        return Configuration(
            id=_number(
                item["id"] if item.get("id") is not None else item["configId"]
            ),  # an old client reads configId and configName
            name=name,
            product_id=product_id,
            values=self.catalogue.product(product_id).read(
                [_pair(pair) for pair in _list(item["parameters"])]
            ),
            status=_required(item["status"]),
            account_id=_account(item),
            program=_text(item.get("programSerialNumber")) or self.serial_number,
            stored_name=None if stored == name else stored,
        )

    def _entitlement(self, item: Mapping[str, Any]) -> Entitlement:
        return Entitlement(
            serial_number=_required(item["serialNumber"]),
            description=_text(item["description"])
            or "",  # null if there never was one; left out, nobody could tell who holds it
            configuration_id=_number(item["configId"]),
            account_id=_account(item),
            status=_required(item["status"]),
            start_date=_text(item.get("startDate")),
            end_date=_text(item.get("endDate")),
            token=_text(item.get("token")) or None,
            token_status=_text(item.get("tokenStatus")) or None,
        )


def _program(item: Mapping[str, Any]) -> Program:
    end, start = (day_of(_text(item.get(key))) for key in ("endDate", "startDate"))
    return Program(
        _required(item["serialNumber"]),
        _number(item["accountId"]),
        end,
        start,
        bool(item.get("hasSupportCoverage")),
    )


def _price(item: Mapping[str, Any]) -> Price:
    latest = None if item.get("latest") is None else _points(item["latest"])
    return Price(
        _points(item["current"]),
        latest,
        day_of(_text(item.get("latestEffectiveDate"))) if latest is not None else None,
    )


def _points(value: Any, negative: bool = False) -> Decimal:
    """Points, which are a number with a fraction, or such a text; a balance can be below 0."""
    points = (
        Decimal(str(value))
        if isinstance(value, (int, float, str)) and not isinstance(value, bool)
        else Decimal("NaN")
    )
    if not points.is_finite() or (points < 0 and not negative):
        raise ValueError
    return points


def _account(item: Mapping[str, Any]) -> int | None:
    return None if item.get("accountId") is None else _number(item["accountId"])


def _number(value: Any) -> int:
    """A number of FortiFlex, which some clients have met as text."""
    if isinstance(value, bool) or not str(value).isdecimal() or int(value) == 0:
        raise ValueError
    return int(value)


def _count(value: Any) -> int:
    return 0 if str(value) == "0" else _number(value)


def _text(value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise TypeError
    return value


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError
    return value


def _pair(pair: Mapping[str, Any]) -> Mapping[str, Any]:
    """A parameter as it may be sent back: what cannot be read must not become a default at the next update."""
    _number(pair["id"])
    value = pair["value"]
    if not (
        isinstance(value, str)
        or (isinstance(value, int) and not isinstance(value, bool))
        or (isinstance(value, float) and value.is_integer())
    ):
        raise TypeError
    return pair


def _required(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError
    return value
