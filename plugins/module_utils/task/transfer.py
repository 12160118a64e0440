# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The work of flex_entitlement_transfer: both accounts as the loop needs them, and what became of
the entitlements.

Private to the collection: may change at any time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable

from ..client.service import FlexService
from ..core.converge import Written, pursue
from ..core.reporter import Reporter
from ..core.spelling import serial_number_spelled, spelled
from ..core.steps import Step
from ..core.transfer_rule import Both, Missing, TransferPlanner, WantedTransfer, missing_of
from ..core.wave import Decision
from ..errors import FlexError, InvalidInput, Problems, Refused
from ..optional import if_given
from ..wording import count_of, quoted
from .results import Result, failure
from .task import Task


class _Accounts:
    """Both accounts, whose configurations are read once, by one request."""

    def __init__(self, task: Task, wanted: WantedTransfer, source: FlexService) -> None:
        self._session, self._target_id = task.session, wanted.target_account_id
        self._source, self._target = source.sweep([wanted.source_account_id, self._target_id])
        self.room = source.room

    def query(self) -> Both:
        """What both hold; in check mode as earlier tasks would have left it."""
        source = self._session.observe(True, *self._source)
        target = self._session.observe(True, *self._target)
        return Both(source, self._session.with_predictions(target, self._target_id))

    def observe(self, seen: Both, decision: Decision, sent: int) -> Both:
        """The same, whatever was sent."""
        return self.query()

    def write(self, step: Step, seen: Both) -> Written:
        """A call goes to the account that has the entitlement."""
        has_arrived = seen.account_of(step.item[1]) is seen.target
        service, _configurations = self._target if has_arrived else self._source
        return service.write(step, seen.not_after)


class _Sent(Reporter):
    """Counts the entitlements that were sent."""

    def __init__(self, planner: TransferPlanner, done: Callable[[int], None]) -> None:
        self._planner = planner
        self._done = done

    def wrote(self, step: Step) -> None:
        """A call was sent, with or without success."""
        self._done(len(self._planner.written))


def transfer_entitlements(task: Task) -> Result:
    """What flex_entitlement_transfer returns."""
    wanted, source = _wanted(task)
    accounts = _Accounts(task, wanted, source)
    with task.session.predicting():
        first = accounts.query()
        missing = missing_of(wanted, first, task.catalogue)
        if task.check_mode:
            return _predicted(task, missing, first)
    planner = TransferPlanner(wanted, task.catalogue)
    with task.progress.counting(len(missing.moves), "entitlements sent") as done:
        outcome = pursue(planner, accounts, task.clock, first, _Sent(planner, done))
    sent = {number for _kind, number in planner.written}
    result = _result(task, missing, first, outcome.seen, sent)
    result["changed"] = result["changed"] or planner.unseen
    error = outcome.error or _refusal(missing, planner)
    return result | failure(error, result["changed"]) if error else result


def _predicted(task: Task, missing: Missing, first: Both) -> Result:
    """What a run would do; the next task in check mode knows of it."""
    last = missing.carried_out(first)
    if task.session.predictions:
        task.session.predictions.add(missing.wanted.source_account_id, first.source, last.source)
        task.session.predictions.add(missing.wanted.target_account_id, first.target, last.target)
    numbers = {move.entitlement.serial_number for move in missing.moves}
    return _result(task, missing, first, last, numbers)


def _result(task: Task, missing: Missing, first: Both, last: Both, sent: Collection[str]) -> Result:
    """What is asked for, and what of ``sent`` is otherwise than at the beginning."""
    before = _shapes(task, missing, first)
    after = before | _shapes(task, missing, last)
    different = [number for number in before if number in sent and before[number] != after[number]]
    return {
        "changed": bool(different),
        "entitlements": list(after.values()),
        "transferred": [
            before[number]["serial_number"]
            for number in different
            if before[number]["account_id"] != after[number]["account_id"]
        ],
        "diff": {
            "before": {number: before[number] for number in different},
            "after": {number: after[number] for number in different},
        },
    }


def _shapes(task: Task, missing: Missing, seen: Both) -> dict[str, Result]:
    """What is asked for of what both accounts hold, by serial number."""
    accounts = {held.serial_number: seen.account_of(held.serial_number) for held in missing.found}
    shapes = {
        number: task.shapes.entitlement(account.by_serial.get(number), account)
        for number, account in accounts.items()
    }
    return {number: shape for number, shape in shapes.items() if shape is not None}


def _refusal(missing: Missing, planner: TransferPlanner) -> FlexError | None:
    """The error of a run that reached its end but for what FortiFlex refused; None if it refused
    nothing.
    """
    names = {held.serial_number: held.name for held in missing.found}
    for (_kind, number), failed in planner.failures.items():
        return Refused(
            f"{len(planner.failures)} of {count_of(len(names), 'entitlement')} could not be "
            f"transferred, the first: {quoted(names[number], number)}: {failed.sentence}"
        )
    return None


def _wanted(task: Task) -> tuple[WantedTransfer, FlexService]:
    """What is asked for, and the source, of which nothing is asked yet but who owns the program,
    where no account is given.

    :raises InvalidInput: with everything that is wrong with the options.
    """
    options, source = task.options, task.connect()
    with Problems() as problems:
        targets = task.session.accounts.listed(
            "target_account_id", [options["target_account_id"]], problems
        )
        names = _once("names", map(spelled, options["names"] or ()), problems)
        numbers = _once(
            "serial_numbers", map(serial_number_spelled, options["serial_numbers"] or ()), problems
        )
    (target_id,) = targets
    task.session.accounts.check(target_id)
    source_id = source.scope()["accountId"]
    if source_id == target_id:
        raise InvalidInput(
            f"target_account_id: {target_id} is the account that the entitlements will "
            "leave; set account_id to that one"
        )
    wanted = WantedTransfer(
        names, numbers, source_id, target_id, if_given(options["target_configuration"], spelled)
    )
    return wanted, source


def _once(where: str, texts: Iterable[str], problems: Problems) -> tuple[str, ...]:
    """What an option lists, each once."""
    counted = Counter(texts)
    for text, times in counted.items():
        if times > 1:
            problems.about(where).add(f"'{text}' is listed {times} times; list it once")
    return tuple(counted)
