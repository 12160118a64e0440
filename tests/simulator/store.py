# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of the service: programs, configurations, entitlements, and what happens to them over their life.

Checks of what a caller may do are in calls.py; here is only what a step does to the state.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from .billing import HISTORY_DAYS, Prices, Span, points_of
from .catalogue import Catalogue, Values
from .clock import Clock, day_of, parse_moment, render_moment, start_of
from .refusal import Refusal
from .settings import Settings
from .texts import stored

CHARGED = ("ACTIVE", "GRACE_PERIOD")
_NEVER = float("inf")


@dataclass
class Program:
    """One program; moments in seconds since 1970."""

    serial: str
    account: int
    accounts: list[int]
    start: float
    end: float
    prepaid: bool
    points: Decimal


@dataclass
class Configuration:
    """One configuration with the history of its price."""

    id: int
    name: str
    program: str
    account: int
    product: int
    values: Values
    prices: Prices
    status: str = "ACTIVE"
    since: dict[str, float] = field(
        default_factory=dict
    )  # codes with a minimum time, and when they were chosen


@dataclass(slots=True)
class Entitlement:
    """One entitlement; the texts of its dates are kept, since lists of thousands show them."""

    serial: str
    program: str
    account: int
    config: int
    kind: str
    status: str
    start: float
    end: float
    token: str | None
    token_status: str | None
    description: str | None = None
    folder: str = "My Assets"
    spans: list[Span] = field(default_factory=list)
    start_text: str = ""
    end_text: str = ""
    stopped_at_end: bool = False


class Store:
    """All state; every change goes through its methods."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        self.reset()

    def reset(self) -> None:
        """Back to programs only."""
        self.catalogue = Catalogue()
        self.configurations: dict[int, Configuration] = {}
        self.entitlements: dict[str, Entitlement] = {}
        self.removed: list[Entitlement] = []
        self._by_token: dict[str, str] = {}
        self._random = random.Random(self.settings.seed)
        self._serial = self.settings.seed - 1
        self._due = _NEVER
        self._balances: dict[str, tuple[int, date, Decimal]] = {}
        self._version = 0
        self.load_programs()

    def load_programs(self) -> None:
        """Take the programs from the settings; dates that they leave out: a year around today."""
        today = day_of(self.clock.now())
        self.programs: dict[str, Program] = {}
        for item in self.settings.programs:
            start, end = item.get("startDate"), item.get("endDate")
            self.programs[item["serialNumber"]] = Program(
                item["serialNumber"],
                int(item["accountId"]),
                [int(account) for account in item.get("accounts", [item["accountId"]])],
                parse_moment(start) if start else start_of(today - timedelta(days=HISTORY_DAYS)),
                parse_moment(end) if end else start_of(today + timedelta(days=365)),
                item.get("type", "postpaid") == "prepaid",
                Decimal(str(item.get("points", 0))),
            )
        self.touch()

    def touch(self) -> None:
        """Something changed: what is remembered about balances and due dates is invalid."""
        self._version += 1
        self._due = 0.0

    def tick(self) -> None:
        """Let happen what the clock brought: end dates that passed, tokens that are redeemed by themselves."""
        now = self.clock.now()
        if now < self._due:
            return
        self._due = _NEVER
        wait = self.settings.redeem_after_minutes * 60
        for entitlement in self.entitlements.values():
            if entitlement.status == "PENDING" and wait and now >= entitlement.start + wait:
                self._activate(entitlement, entitlement.start + wait)
                entitlement.token_status = "USED"
            if entitlement.status == "PENDING" or entitlement.status in CHARGED:
                if now >= entitlement.end:
                    self._close(entitlement, entitlement.end)
                    entitlement.status = "EXPIRED"
                    self._version += 1
                    continue
                self._due = min(self._due, entitlement.end)
                if entitlement.status == "PENDING" and wait:
                    self._due = min(self._due, entitlement.start + wait)

    # configurations

    def add_configuration(
        self, program: str, account: int, name: str, product: int, values: Values
    ) -> Configuration:
        """A new ACTIVE configuration."""
        number = max(self.configurations, default=4000) + 1
        now = self.clock.instant()
        made = Configuration(
            number,
            name,
            program,
            account,
            product,
            values,
            Prices(now, self.catalogue.price(product, values)),
        )
        self._note_codes(made, now)
        self.configurations[number] = made
        self.touch()
        return made

    def change_configuration(
        self, configuration: Configuration, name: str | None, values: Values | None
    ) -> None:
        """New name, new values; the price changes from now on."""
        now = self.clock.instant()
        if values is not None:
            self._check_codes(configuration, values, now)
            configuration.values = values
            self._note_codes(configuration, now)
            if configuration.status == "ACTIVE" or self.settings.disable_effect == "charged":
                configuration.prices.change(
                    now, self.catalogue.price(configuration.product, values)
                )
        if name is not None:
            configuration.name = name
        self.touch()

    def switch_configuration(self, configuration: Configuration, status: str) -> None:
        """ACTIVE or DISABLED, with the effect on its entitlements that the settings say."""
        if configuration.status == status:
            return
        configuration.status = status
        now = self.clock.instant()
        if status == "ACTIVE":
            configuration.prices.change(
                now, self.catalogue.price(configuration.product, configuration.values)
            )
        elif self.settings.disable_effect == "uncharged":
            configuration.prices.change(now, Decimal(0))
        elif self.settings.disable_effect == "stopped":
            for entitlement in list(self.entitlements.values()):
                if entitlement.config == configuration.id and (
                    entitlement.status == "PENDING" or entitlement.status in CHARGED
                ):
                    self.stop(entitlement)
        self.touch()

    def _note_codes(self, configuration: Configuration, now: float) -> None:
        for parameter in self.catalogue.products.get(configuration.product, {"parameters": []})[
            "parameters"
        ]:
            if "keep_days" in parameter:
                chosen = [
                    f"{parameter['id']}:{code}"
                    for code in configuration.values.get(parameter["id"], [])
                    if code != "NONE"
                ]
                configuration.since = {code: configuration.since.get(code, now) for code in chosen}

    def _check_codes(self, configuration: Configuration, values: Values, now: float) -> None:
        for parameter in self.catalogue.products.get(configuration.product, {"parameters": []})[
            "parameters"
        ]:
            for code, since in configuration.since.items():
                number, value = code.split(":", maxsplit=1)
                early = now < since + parameter.get("keep_days", 0) * 86400
                if (
                    early
                    and int(number) == parameter["id"]
                    and value not in values.get(parameter["id"], [])
                ):
                    raise Refusal(
                        f"Parameter id {number} must stay enabled for {parameter['keep_days']} days."
                    )

    # entitlements

    def add_entitlement(
        self,
        configuration: Configuration,
        kind: str,
        end: float,
        serial: str | None = None,
        active: bool = False,
        description: str | None = None,
        folder: str = "My Assets",
    ) -> Entitlement:
        """A new entitlement: a VM has a token and is PENDING unless it must be active; all others are ACTIVE."""
        now = self.clock.instant()
        vm = kind == "vm"
        made = Entitlement(
            serial or self._new_serial(configuration, kind),
            configuration.program,
            configuration.account,
            configuration.id,
            kind,
            "PENDING",
            now,
            end,
            self._new_token() if vm else None,
            "NOTUSED" if vm else None,
            self.stored(description),
            folder,
        )
        if active or not vm:
            self._activate(made, now)
        self._keep(made)
        return made

    def stored(self, description: str | None) -> str | None:
        """A description as it is stored."""
        settings = self.settings
        return (
            None
            if description is None
            else stored(description, settings.description_stored, settings.description_cut)
        )

    def stop(self, entitlement: Entitlement) -> None:
        """STOPPED; its end date is now."""
        now = self.clock.instant()
        self._close(entitlement, now)
        entitlement.status = "STOPPED"
        self.set_end(entitlement, now, stopped=True)

    def reactivate(self, entitlement: Entitlement) -> None:
        """ACTIVE until the end of the program."""
        self._activate(entitlement, self.clock.instant())
        self.set_end(entitlement, self.programs[entitlement.program].end)

    def set_end(self, entitlement: Entitlement, end: float, stopped: bool = False) -> None:
        """A new end date."""
        entitlement.end = end
        entitlement.stopped_at_end = stopped
        entitlement.end_text = ""
        self.touch()

    def move(self, entitlement: Entitlement, configuration: Configuration) -> None:
        """To another configuration, whose price counts from now on."""
        now = self.clock.instant()
        charged = entitlement.status in CHARGED
        if charged:
            self._close(entitlement, now)
        entitlement.config, entitlement.account = configuration.id, configuration.account
        if charged:
            entitlement.spans.append(Span(configuration.id, now))
        self.touch()

    def renew_token(self, entitlement: Entitlement) -> None:
        """A new token, not used; the old one is invalid."""
        self._by_token.pop(entitlement.token or "", None)
        entitlement.token, entitlement.token_status = self._new_token(), "NOTUSED"
        self._by_token[entitlement.token] = entitlement.serial

    def redeem(self, token: str) -> Entitlement:
        """A VM uses a token; raises Refusal if it is unknown, used, or cannot be used now."""
        self.tick()
        entitlement = self.entitlements.get(self._by_token.get(token, ""))
        if entitlement is None:
            raise Refusal("The token is invalid.")
        if entitlement.token_status == "USED":
            raise Refusal("The token is already used.")
        if (
            entitlement.status == "EXPIRED"
            or self.configurations[entitlement.config].status == "DISABLED"
        ):
            raise Refusal("The entitlement is not active.")
        if entitlement.status == "STOPPED" and self.settings.redeem_stopped != "activates":
            if self.settings.redeem_stopped == "spent":
                entitlement.token_status = "USED"
            raise Refusal("The entitlement is not active.")
        if entitlement.status == "STOPPED":
            self.reactivate(entitlement)
        elif entitlement.status == "PENDING":
            self._activate(entitlement, self.clock.instant())
        entitlement.token_status = "USED"
        self.touch()
        return entitlement

    def remove(self, entitlement: Entitlement) -> None:
        """Out of the program; what it cost stays in the balance."""
        if self.settings.removed_hardware == "listed":
            if entitlement.status != "STOPPED":
                self.stop(entitlement)
            return
        self._close(entitlement, self.clock.instant())
        self._by_token.pop(entitlement.token or "", None)
        self.removed.append(self.entitlements.pop(entitlement.serial))
        self.touch()

    def seed_entitlement(self, item: Mapping[str, Any]) -> Entitlement:
        """An entitlement as told, whatever its status; what is left out is invented. Raises KeyError without a good configId."""
        configuration = self.configurations[int(item["configId"])]
        kind = item.get(
            "kind", self.catalogue.products.get(configuration.product, {"kind": "vm"})["kind"]
        )
        made = self.add_entitlement(
            configuration,
            kind,
            self.programs[configuration.program].end,
            serial=item.get("serialNumber"),
        )
        made.spans.clear()
        self.patch_entitlement(made, {"status": made.status, **item})
        if made.status == "STOPPED" and not item.get("endDate"):
            self.set_end(made, self.clock.instant(), stopped=True)
        return made

    def patch_entitlement(self, entitlement: Entitlement, changes: Mapping[str, Any]) -> None:
        """Change anything, without any check; keys as in answers, and folder."""
        if "description" in changes:
            entitlement.description = changes["description"]
        if "folder" in changes:
            entitlement.folder = changes["folder"]
        if "token" in changes:
            self._by_token.pop(entitlement.token or "", None)
            entitlement.token = changes["token"]
            if entitlement.token:
                self._by_token[entitlement.token] = entitlement.serial
        if "tokenStatus" in changes:
            entitlement.token_status = changes["tokenStatus"]
        if "startDate" in changes:
            entitlement.start, entitlement.start_text = parse_moment(changes["startDate"]), ""
        if changes.get("endDate"):
            self.set_end(entitlement, parse_moment(changes["endDate"]))
        if int(changes.get("configId", entitlement.config)) != entitlement.config:
            self.move(entitlement, self.configurations[int(changes["configId"])])
        if "status" in changes:
            status = changes["status"]
            open_span = bool(entitlement.spans) and entitlement.spans[-1].until is None
            if status in CHARGED and not open_span:
                entitlement.spans.append(
                    Span(
                        entitlement.config,
                        entitlement.start if not entitlement.spans else self.clock.instant(),
                    )
                )
            elif status not in CHARGED:
                self._close(entitlement, self.clock.instant())
            entitlement.status = status
        self.touch()

    # answers

    def status_of(self, entitlement: Entitlement) -> str:
        """The status as answers show it: GRACE_PERIOD for an active one of a prepaid program with a negative balance."""
        if (
            entitlement.status == "ACTIVE"
            and self.programs[entitlement.program].prepaid
            and self.balance(entitlement.program) < 0
        ):
            return "GRACE_PERIOD"
        return entitlement.status

    def shown(self, entitlement: Entitlement) -> dict[str, Any]:
        """An entitlement as answers show it."""
        shape = self.settings.date_shape
        if shape == "documented":
            if not entitlement.start_text:
                entitlement.start_text = render_moment(entitlement.start, None)
            if not entitlement.end_text:
                entitlement.end_text = render_moment(
                    entitlement.end,
                    7 if entitlement.stopped_at_end else None,
                    entitlement.stopped_at_end,
                )
            start, end = entitlement.start_text, entitlement.end_text
        else:
            digits = {"seconds": 0, "milliseconds": 3}.get(shape, 7)
            start, end = (
                render_moment(moment, digits, shape == "offset")
                for moment in (entitlement.start, entitlement.end)
            )
        nothing = "" if self.settings.no_token == "empty" else None
        return {
            "accountId": entitlement.account,
            "configId": entitlement.config,
            "description": entitlement.description,
            "endDate": end,
            "serialNumber": entitlement.serial,
            "startDate": start,
            "status": self.status_of(entitlement),
            "token": entitlement.token or nothing,
            "tokenStatus": entitlement.token_status or nothing,
        }

    def shown_configuration(self, configuration: Configuration) -> dict[str, Any]:
        """A configuration as answers show it."""
        product = self.catalogue.products.get(configuration.product, {"short": ""})
        return {
            "accountId": configuration.account,
            "id": configuration.id,
            "name": configuration.name,
            "parameters": self.catalogue.answer(configuration.product, configuration.values),
            "productType": {"id": configuration.product, "name": product["short"]},
            "programSerialNumber": configuration.program,
            "status": configuration.status,
        }

    # points

    def points(self, entitlement: Entitlement, first: date, last: date) -> Decimal:
        """What it cost from the first to the last Pacific day, both included."""
        if not entitlement.spans:
            return Decimal(0)
        prices = {
            span.config: self.configurations[span.config].prices for span in entitlement.spans
        }
        return points_of(entitlement.spans, prices, self.clock.now(), first, last)

    def balance(self, program: str) -> Decimal:
        """Points bought less points used, today's included."""
        today = day_of(self.clock.now())
        known = self._balances.get(program)
        if known is None or known[:2] != (self._version, today):
            spent = sum(
                (self.points(item, date.min, today) for item in self._of_program(program)),
                Decimal(0),
            )
            known = (self._version, today, self.programs[program].points - spent)
            self._balances[program] = known
        return known[2]

    def _of_program(self, program: str) -> Iterator[Entitlement]:
        for several in (self.entitlements.values(), self.removed):
            yield from (item for item in several if item.program == program)

    # parts of the steps

    def _activate(self, entitlement: Entitlement, now: float) -> None:
        entitlement.status = "ACTIVE"
        entitlement.spans.append(Span(entitlement.config, now))

    def _close(self, entitlement: Entitlement, now: float) -> None:
        if entitlement.spans and entitlement.spans[-1].until is None:
            entitlement.spans[-1].until = max(now, entitlement.spans[-1].since)

    def _keep(self, entitlement: Entitlement) -> None:
        self.entitlements[entitlement.serial] = entitlement
        if entitlement.token:
            self._by_token[entitlement.token] = entitlement.serial
        self.touch()

    def _new_token(self) -> str:
        return f"{self._random.getrandbits(80):020X}"

    def _new_serial(self, configuration: Configuration, kind: str) -> str:
        """The next serial number: product letters, MLTM or ELTM for a VM, two digits of the year, a counter."""
        self._serial += 1
        prefix = self.catalogue.products.get(configuration.product, {"prefix": "FXVM"})["prefix"]
        pool = (
            ("ELTM" if self.programs[configuration.program].prepaid else "MLTM")
            if kind == "vm"
            else ""
        )
        return f"{prefix}{pool}{day_of(self.clock.now()).year % 100:02d}{self._serial:06d}"
