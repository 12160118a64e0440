# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One Ansible task from its options to its result: connect, predict, refuse or write, report. Every entry point goes through here.

Private to the collection: may change at any time. Joins the other files; knows of Ansible only that results are dictionaries.
"""

from __future__ import annotations

import contextlib
import pathlib
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache, cached_property, partial
from typing import Any, TypeAlias

from ..catalogue.catalogue import Catalogue, Product, Values, snapshot
from ..client.answers import ENDPOINTS
from ..client.audit_log import AuditLog
from ..client.client import Client
from ..client.connection import Connection
from ..client.kept_prices import KeptPrices
from ..client.live_catalogue import LiveCatalogue
from ..client.predictions import Predictions
from ..client.seen import Seen
from ..client.service import FlexService
from ..clock import Clock, VirtualClock, WatchedClock
from ..core.accounts import ALL, Accounts
from ..core.converge import converge
from ..core.cost import Cost, Size, cost_of, counted, size_of, values_of
from ..core.dates import pacific_day
from ..core.forecast import Forecast
from ..core.goal import Goal, build_goal
from ..core.model import Configuration, Observation, Price
from ..core.planner import Planner
from ..core.prune import Hosts, Scope, beyond, scope_of
from ..core.selection import Row, rows_of
from ..core.spelling import spelled
from ..errors import AccessDenied, AccountNotAllowed, FlexError, InvalidInput, Problem, Problems
from ..escapes import visible
from ..wording import count_of, first_few
from .approved import Approved, plan_of
from .plan_text import SILENT, Charged, Screen
from .progress import READ, Progress
from .results import Result, Shapes
from .run_report import Report, failure

Inventory: TypeAlias = "Callable[[str, int | None, Accounts], Mapping[str, str]]"
"""The hosts that use entitlements of a program and account, by the names and serial numbers of these."""


class Task:
    """One task under way: its options, its connection, and what it may do."""

    def __init__(
        self,
        options: Mapping[str, Any],
        check_mode: bool,
        clock: Clock,
        warn: Callable[[str], None],
        problems: Sequence[str] = (),
        screen: Screen = SILENT,
        inventory: Inventory | None = None,
    ) -> None:
        """``problems``: what is known to be wrong with the options. :meth:`ensure` adds what it finds, so that a person reads all of it at once.

        ``screen`` is where a person reads. ``inventory`` is asked only if something would be pruned; without it nothing is.
        """
        self.options = options
        self.screen = screen
        self._inventory = inventory
        self._problems = problems
        self.check_mode = check_mode
        self.catalogue: Catalogue = snapshot()
        self.shapes = Shapes(self.catalogue)
        self.clock = WatchedClock(clock)
        self.progress = Progress(self.clock, screen)
        if screen is not SILENT:
            self.clock.watch = self.progress.tick
        self.accounts = Accounts()
        self._connection: Connection | None = None
        self._unusable: InvalidInput | None = None
        self._seen: Seen | None = None
        self.warn: Callable[[str], None] = lambda text: warn(visible(self.in_words(text)))
        self._audit_problems: list[str] = []
        self.audit = AuditLog(options, self.clock, self.warn, self._audit_problems)
        self._client: Client | None = None
        self.predictions: Predictions | None = None
        self._live: LiveCatalogue | None = None
        self._service: FlexService | None = None
        self._kept_prices: KeptPrices | None = None
        self.approved: Approved | None = None  # the plan that it carries out, if there is one
        self._prices: dict[tuple[str, tuple[tuple[int, tuple[str, ...]], ...]], Price] = {}

    def in_words(self, text: str) -> str:
        """A text with the aliases of accounts."""
        return Accounts.from_options(self.options, Problems()).spelled_out(text)

    def connect(self, needs_program: bool = True, hints: bool = True) -> FlexService:
        """The service, of which nothing is asked yet but its catalogue, if the task wants that always.

        ``hints``: whether an error about program or account may ask for those that the user sees.

        :raises InvalidInput: if the connection options are wrong.
        :raises AccountNotAllowed: if its account is outside the fence.
        """
        connection = self.connection_of(needs_program, hints)
        if self._audit_problems:
            raise InvalidInput(self._audit_problems)
        if connection.account_id is not None:
            connection.accounts.check(connection.account_id)
        self._connection = connection
        heard = None if self.screen is SILENT else self.progress.tick
        self._client = Client(connection, self.clock, self.warn, heard=heard)
        self.progress.client = self._client
        self.predictions = self._remembered(connection) if self.check_mode else None
        self._kept_prices = KeptPrices(connection, self.clock)
        self._live = LiveCatalogue(self._client, connection, self.clock, self.warn)
        self.accounts = connection.accounts
        self._service = FlexService(
            self._client,
            self.audit,
            self.catalogue,
            connection.program,
            connection.account_id,
            connection.accounts,
        )
        if connection.catalogue == "live":
            self._adopt(self._live.ask())
        return self._service

    def connection_of(self, needs_program: bool, hints: bool) -> Connection:
        """The connection options, complete and checked.

        :raises InvalidInput: with what is wrong; if that is the program or the account alone, with those that the user sees.
        """
        if self._unusable is not None:
            raise self._unusable
        try:
            return Connection.from_options(self.options, needs_program)
        except InvalidInput as error:
            if not hints:
                raise
            self._unusable = self._with_what_is_seen(error)
            raise self._unusable from None

    def _with_what_is_seen(self, error: InvalidInput) -> InvalidInput:
        """The same error, with what could be given instead, if everything else is right."""
        known: Connection | None = None
        hint = ""
        if len(error.problems) == 1 and not self._audit_problems:
            with contextlib.suppress(FlexError):
                known = Connection.from_options({**self.options, "account_id": None}, False)
        if known is not None:
            self._seen = Seen(known, self.clock)
            hint = self._seen.accounts() if known.program else self._seen.programs()
        return (
            InvalidInput([f"{problem.rstrip('.')}{hint}" for problem in error.problems])
            if hint
            else error
        )

    def explained(self, error: FlexError) -> FlexError:
        """The same error, with the accounts that the user sees if it is denied the one that the task reads."""
        endpoint = ENDPOINTS.get(str(error.details.get("endpoint")))
        if (
            not isinstance(error, AccessDenied)
            or self._seen is not None  # explained already
            or self._connection is None
            or self.options.get("accounts")
            or endpoint is None
            or endpoint.writes
            or not self.connection.program
        ):
            return error
        self._seen = Seen(self.connection, self.clock)
        hint = self._seen.accounts()
        if hint and self.connection.account_id is None and self._service is not None:
            hint = (
                f"; account_id is missing, so it was the owner's, {self._service.account_id}{hint}"
            )
        return AccessDenied(f"{str(error).rstrip('.')}{hint}.", **error.details) if hint else error

    def _remembered(self, connection: Connection) -> Predictions:
        """What earlier tasks of the same run in check mode would have changed."""
        origin = self.options.get("origin") or {}
        return Predictions(
            connection, self.clock, origin.get("check_run"), "check_only" not in origin
        )

    def predicting(self) -> contextlib.AbstractContextManager[None]:
        """Around a prediction: nobody else predicts in the same run, until it is remembered."""
        return self.predictions.turn() if self.predictions else contextlib.nullcontext()

    @property
    def connection(self) -> Connection:
        """The connection options, complete and checked, of a task that is connected."""
        if self._connection is None:
            raise AssertionError("a task without a connection")
        return self._connection

    @cached_property
    def today(self) -> date:
        """The Pacific day on which the task began. All that it counts from today is counted from there."""
        return pacific_day(self.clock.now())

    def state_file(self, kind: str) -> pathlib.Path:
        """Path of the file that this API user has for a purpose."""
        return self.connection.state_file(kind)

    def learn(self, anew: bool = False) -> bool:
        """Go over to the next newer catalogue, since the present one lacks something that the task is about; False if there is none.

        ``anew``: because the task would fail for it, so that a cached one does not have the last word.
        """
        return self._adopt(self._live.newer(anew)) if self._live else False

    def _adopt(self, catalogue: Catalogue | None) -> bool:
        if catalogue is None or self._service is None:
            return False
        self.catalogue = self._service.catalogue = catalogue
        self.shapes = Shapes(catalogue)
        return True

    def product(self, reference: str | int) -> Product:
        """The product of that name or number, wherever it is known.

        :raises InvalidInput: if it is a name that is known nowhere.
        """
        while self.catalogue.lacks(reference):
            try:
                found = self.catalogue.product(reference)
            except InvalidInput:
                if not self.learn(anew=True):
                    raise
            else:
                if not self.learn():
                    return found
        return self.catalogue.product(reference)

    def priced(
        self, product: str | None, configuration: str | None, parameters: Mapping[str, Any]
    ) -> tuple[Product, Values]:
        """What is to be priced: a product with parameters, or an existing configuration, with other values for some of its parameters.

        :raises InvalidInput: with everything that is wrong with it.
        """
        present: Values | None = None
        if configuration is not None:
            found = self.configuration(configuration)
            product, present = str(found.product_id), found.values
        while True:
            asked = self.product(product or "")
            problems = Problems()
            values = asked.check(
                parameters, problems, complete=present is None, kept=present, priced=True
            )
            if not (
                self.catalogue.lacks(asked.key, parameters) and self.learn(anew=bool(problems))
            ):
                break
        problems.refuse()
        return asked, asked.filled({**(present or {}), **values})

    def configuration(self, reference: str, seen: Observation | None = None) -> Configuration:
        """The configuration of that number or name in the account, or in an observation of another one.

        :raises InvalidInput: if there is none.
        """
        found = (seen or self.observe(entitlements=False)).configuration(reference)
        if found is None:
            where = f"program {self.connection.program}"
            raise InvalidInput(
                [
                    f"configuration '{reference}' is not in {where}; check configuration, program and account_id"
                ]
            )
        return found

    def estimate(self, report: Report) -> Cost:
        """What a plan costs, by one request for each size that it is about."""
        before, after = (
            counted(report.concerned(seen), seen) for seen in (report.first, report.last)
        )
        return cost_of(
            before, after, {size: self.points_per_day(size) for size, _charged in (*before, *after)}
        )

    def points_per_day(self, size: Size) -> Decimal:
        """What one entitlement of a size costs today."""
        points = self._kept_price(size)
        if points is None:
            points = self.price(self.catalogue.product(size[0]), values_of(size)).points
            if self._kept_prices:
                self._kept_prices.keep(size, points)
        return points

    def _kept_price(self, size: Size) -> Decimal | None:
        """The same, if somebody has asked today."""
        return self._kept_prices.get(size) if self._kept_prices else None

    def unlisted(self, report: Report) -> list[Charged]:
        """What is charged in the account and belongs to nothing that the task lists and to no host of the inventory, the dearest first.

        Prices are those that are known already. The list is empty if it cannot be known which licenses the hosts use.
        """
        if self._service is None:
            return []
        found = report.beside
        try:
            hosts = self._hosts(self._service) if found else {}
        except InvalidInput:
            return []
        charged = [
            Charged(
                held.name or "",
                held.serial_number,
                report.last.by_id[held.configuration_id].name,
                self._kept_price(size_of(report.last.by_id[held.configuration_id])),
            )
            for held in found
            if spelled(held.name or "") not in hosts and held.serial_number not in hosts
        ]
        return sorted(charged, key=lambda each: (-(each.points or 0), each.name))

    def price(self, product: Product, values: Values) -> Price:
        """The price of a product with these values, asked for once."""
        if self._service is None:
            raise AssertionError("a price without a connection")
        asked = (product.key, tuple(sorted(values.items())))
        if asked not in self._prices:
            self._prices[asked] = self._service.price(product, values)
        return self._prices[asked]

    def each_account(
        self, skipped: dict[int | None, str] | None = None
    ) -> list[tuple[FlexService, Observation | None]]:
        """The accounts that the option ``accounts`` names, each with its configurations where one request brought those of all.

        Without the option it is the account of ``account_id``, or the one that owns the program. ``skipped`` gets those that may not be asked about, each
        with the reason.

        :raises InvalidInput: if one of them is no account.
        :raises AccountNotAllowed: if one of them is outside the fence, and there is no ``skipped``.
        """
        service, asked = self._service or self.connect(), self.options["accounts"]
        if not asked:
            return [(service, None)]
        with Problems() as problems:
            named = [account for account in asked if account != ALL]
            numbers = dict.fromkeys(self.accounts.listed("accounts", named, problems))
        for number in [*numbers]:
            try:
                self.accounts.check(number)
            except AccountNotAllowed as error:
                if skipped is None:
                    raise
                skipped[number] = str(error)
                del numbers[number]
        if ALL in asked:
            return self._all_accounts(service, numbers)
        return (
            [*service.sweep(numbers)]
            if len(numbers) > 1
            else [(service.of(number), None) for number in numbers]
        )

    def _all_accounts(
        self, service: FlexService, also: Iterable[int]
    ) -> list[tuple[FlexService, Observation | None]]:
        """All accounts of the program, those that are named ``also``, and those in which check mode has predicted something."""
        found: list[tuple[FlexService, Observation | None]] = [*service.sweep(None, also)]
        known = {account.account_id for account, _seen in found}
        predicted = self.predictions.accounts() if self.predictions else set()
        new = filter(self.accounts.permits, sorted(predicted - known))
        return [*found, *((service.of(number), None) for number in new)]

    def observe(
        self,
        entitlements: bool = True,
        service: FlexService | None = None,
        before: Observation | None = None,
        filters: Mapping[str, str] | None = None,
    ) -> Observation:
        """What there is, with a catalogue that has all products and parameters of it, as far as one can be had.

        ``service`` is of another account, ``before`` has its configurations, ``filters`` are those of ``entitlements/list``.
        """
        service = service or self._service or self.connect()
        if self.predictions:  # FortiFlex would judge by what is there, not by what would be
            filters = None
        try:
            seen = service.observe(
                before, configurations=before is None, entitlements=entitlements, filters=filters
            )
        except AccessDenied as error:
            raise (self.explained(error) if service is self._service else error) from None
        if self.predictions:
            seen = self.predictions.over(seen, service.account_id)
        while (
            any(self._is_strange(configuration) for configuration in seen.configurations)
            and self.learn()
        ):
            seen = self._reread(seen)
        return seen

    def rows(self) -> list[Row]:
        """All entitlements of the accounts that the option ``accounts`` names, in the shape that playbooks get, without tokens."""
        return [
            row
            for account in self.progress.over(self.each_account(), READ)
            for row in rows_of(self.observe(True, *account), self.shapes.entitlement)
        ]

    def _is_strange(self, configuration: Configuration) -> bool:
        return self.catalogue.lacks(configuration.product_id) or not self.catalogue.product(
            configuration.product_id
        ).has(configuration.values)

    def _reread(self, seen: Observation) -> Observation:
        """The same observation by the present catalogue."""
        read = (
            replace(c, values=self.catalogue.product(c.product_id).reread(c.values))
            for c in seen.configurations
        )
        return replace(seen, configurations=tuple(read))

    @property
    def client(self) -> Client:
        """The connection that this task has made."""
        if self._client is None:
            raise AssertionError("a run without a connection")
        return self._client

    def plan_of(self, report: Report) -> Result:
        """What a plan file has of the account."""
        service = self._service or self.connect()
        return plan_of(report, service.serial_number, service.account_id)

    @property
    def requests(self) -> dict[str, float]:
        """Requests made so far, and seconds waited for the request budget."""
        more = self._seen.made if self._seen else 0
        if self._client is None:
            return {"made": more, "waited_seconds": 0.0}
        return {
            "made": self._client.made + more,
            "waited_seconds": round(self._client.waited_seconds, 1),
        }

    def length(self, predicted: Report) -> tuple[int, float]:
        """About how many requests a prediction takes from now on, and how many seconds."""
        pace, writes = self.client.pace, predicted.writes
        seconds = pace.seconds(writes, pace.latency) + self._idle(predicted)
        return pace.requests(writes, pace.latency), seconds

    def _plan(self, predicted: Report) -> Progress:
        """Say from now on how far the run has come on its way to a prediction; what comes back hears of it."""
        goal = predicted.goal
        keys = [item.key for each in (goal.configurations, goal.entitlements) for item in each]
        name = keys[0] if len(goal) == len(keys) == 1 else ""
        licenses = len(predicted.new_names)
        self.progress.plan(predicted.writes, licenses, self._idle(predicted), name)
        return self.progress

    def _idle(self, predicted: Report) -> float:
        """Seconds of a prediction's waits in which there is nothing else to send; a claim and what it becomes are two writes."""
        if not predicted.waits:
            return 0.0
        each, claims = self.client.pace.latency, predicted.plans()["plan"]["reuse"]
        meanwhile = predicted.writes * each - min(2 * claims * each, 2 * predicted.waits)
        return max(0.0, predicted.waits - meanwhile)

    def ensure(
        self, asked: Mapping[str, Any], approve: Callable[[Report], None] = lambda report: None
    ) -> Report:
        """Bring the account to what is asked for, or in check mode say what that would do.

        ``asked`` has the options of flex_fleet, of which any may be missing. ``approve`` sees what a run would do before anything is written,
        and may raise.

        :raises InvalidInput: with everything that is known to be wrong, before anything is written.
        """
        with contextlib.suppress(InvalidInput):  # told below, with all other problems
            self._service = self._service or self.connect(hints=False)
        with self.predicting():
            return self._ensure(asked, approve)

    def _ensure(self, asked: Mapping[str, Any], approve: Callable[[Report], None]) -> Report:
        problems: list[str] = [*self._problems]
        goal, service = Goal(), None
        try:
            service = self._service or self.connect(hints=False)
        except InvalidInput as error:
            problems += error.problems
        try:
            goal = self.goal(asked)
        except InvalidInput as error:
            problems += error.problems
        scope = None
        if asked.get("prune") is not None:
            try:
                scope = scope_of(asked["prune"], asked["max_prune"])
            except InvalidInput as error:
                problems += error.problems
        if asked.get("prune") is not None and self._inventory is None:
            problems.append(
                "prune compares with the inventory, which only the controller knows; leave out async, and delegate_to to another machine"
            )
        if service is None:
            raise self._with_what_is_seen(InvalidInput(problems))
        if problems:
            raise InvalidInput(problems)
        first = self.with_predictions(service.observe(writes=1), service.account_id, goal)
        hosts = cache(partial(self._hosts, service))
        if asked.get("plan") is not None:
            self.approved = Approved(asked["plan"], service.serial_number, service.account_id)
        goal = self._pruning(scope, goal, first, hosts)
        while True:
            predicted = self._predict(goal, service, first)
            problems = [
                Problem(failure.sentence, key)
                for (_kind, key), failure in predicted.failures.items()
                if failure.foreseen
            ]
            if not (self._lacks(predicted) and self.learn(anew=bool(problems))):
                break
            first = self._reread(first)
            goal = self._pruning(scope, self.goal(asked), first, hosts)
        if problems:
            raise InvalidInput(problems)
        if predicted.error:
            raise predicted.error
        if self.approved:
            self.approved.check(predicted)
        leaving = sorted(predicted.first.by_serial.keys() - predicted.last.by_serial.keys())
        if leaving:
            named = [predicted.first.by_serial[number].called for number in leaving]
            self.warn(
                f"remove_hardware takes {first_few(named)} out of the program: what that does beyond is documented "
                "nowhere, and whether it can be undone is not known."
            )
        approve(predicted)
        alone = predicted.suspended_ones
        if alone:
            self.warn(
                f"{count_of(len(alone), 'license is', 'licenses are')} suspended and left alone: {first_few(alone)}. "
                "The playbook resume_tenant starts what is suspended."
            )
        if self.predictions:
            self.predictions.add(service.account_id, first, predicted.last)
        if self.check_mode or not (predicted.written or predicted.failures):
            return predicted
        run = secrets.token_hex(4)
        planner = self._planner(goal, service, run, self.approved)
        outcome = converge(planner, service, self.clock, first, self._plan(predicted))
        return Report(
            goal,
            self.shapes,
            first,
            outcome.seen,
            frozenset(planner.written),
            planner.failures,
            outcome.error,
            real=True,
        )

    def _planner(
        self, goal: Goal, service: FlexService, run: str, approved: Approved | None
    ) -> Planner:
        unplanned = (
            {"unplanned": approved.unplanned(self.shapes, self.catalogue)} if approved else {}
        )
        return Planner(
            goal, self.catalogue, run, service.serial_number, service.account_id, **unplanned
        )

    def _hosts(self, service: FlexService) -> Mapping[str, str]:
        """The hosts of the inventory by what they use of the account; none for a task without an inventory."""
        if self._inventory is None:
            return {}
        return self._inventory(service.serial_number, service.account_id, self.accounts)

    def _pruning(self, scope: Scope | None, goal: Goal, first: Observation, hosts: Hosts) -> Goal:
        """With what a scope holds beyond the goal, and nothing that an approved plan does not have.

        :raises InvalidInput: if that is more than was agreed, or a host of the inventory uses some of it.
        """
        if self.approved:
            goal = self.approved.narrowed(goal)
        if scope is None:
            return goal
        extra = beyond(scope, goal, first, self.catalogue, hosts)
        return replace(
            goal,
            entitlements=(*goal.entitlements, *extra),
            pruned=tuple(wanted.key for wanted in extra),
        )

    def goal(self, asked: Mapping[str, Any]) -> Goal:
        """The goal, with a catalogue that has what it is about, as far as one can be had.

        :raises InvalidInput: with every problem of every item.
        """
        named = [
            (item["product"], item.get("parameters"))
            for item in asked.get("configurations") or ()
            if item.get("product") is not None
        ]
        while True:
            lacks = any(self.catalogue.lacks(product, parameters) for product, parameters in named)
            try:
                goal = build_goal(self.catalogue, asked, self.today)
            except InvalidInput:
                if not (lacks and self.learn(anew=True)):
                    raise
            else:
                if not (lacks and self.learn()):
                    return goal

    def _lacks(self, predicted: Report) -> bool:
        """Whether anything that the task is about is not in the catalogue; what else there is in the account does not count."""
        seen = predicted.last
        numbers = {
            held.configuration_id
            for wanted in predicted.goal.entitlements
            if (held := predicted.entitlement(wanted, seen))
        }
        for wanted in predicted.goal.configurations:
            found = predicted.configuration(wanted, seen)
            if found is not None:
                numbers.add(found.id)
                if self.catalogue.lacks(found.product_id, wanted.parameters):
                    return True
        return any(
            self._is_strange(seen.by_id[number]) for number in numbers if number in seen.by_id
        )

    def with_predictions(
        self, seen: Observation, account_id: int | None, goal: Goal | None = None
    ) -> Observation:
        """As the earlier tasks of a run in check mode would have left it.

        A configuration that another run would have created lately is there too, unless this
        task is about it.
        """
        if self.predictions is None:
            return seen
        seen = self.predictions.over(seen, account_id)
        known = {c.name for c in seen.configurations} | {
            wanted.name for wanted in (goal.configurations if goal else ())
        }
        others = self.predictions.of_other_runs(account_id)
        added = {c.name: c for c in others if c.name not in known}
        return replace(seen, configurations=(*seen.configurations, *added.values()))

    def _predict(self, goal: Goal, service: FlexService, first: Observation) -> Report:
        clock = VirtualClock(first.latest)
        planner = self._planner(goal, service, "forecast", None)
        forecast = Forecast(first, clock, self.catalogue, service.program, exact=self.check_mode)
        outcome = converge(planner, forecast, clock, first)
        return Report(
            goal,
            self.shapes,
            first,
            outcome.seen,
            frozenset(planner.written),
            planner.failures,
            outcome.error,
            forecast.writes,
            clock.now() - first.latest,
        )


def execute(
    work: Callable[[Task], Result],
    options: Mapping[str, Any],
    check_mode: bool,
    clock: Clock,
    warn: Callable[[str], None],
    problems: Sequence[str] = (),
    **more: Any,
) -> Result:
    """Run ``work`` for a task and return its result; ``failed`` and ``msg`` are in it if it failed, in one sentence.

    ``problems`` and ``more`` are those of :class:`Task`.
    """
    task = Task(options, check_mode, clock, warn, problems, **more)
    try:
        result = work(task)
    except FlexError as error:
        result = {"changed": False, **failure(task.explained(error))}
    if "msg" in result:
        result["msg"] = visible(task.in_words(result["msg"]))
    for failed in result.get("failures", ()):
        failed["message"] = task.in_words(failed["message"])
    return {**result, "requests": task.requests}
