# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The work of flex_entitlement_transfer: look at both accounts, send over what is missing, look again, until all has arrived.

Private to the collection: may change at any time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from ..client.service import FlexService
from ..core.model import Entitlement, Observation
from ..core.spelling import serial_number_spelled, spelled
from ..core.steps import DEVICES, Step, W
from ..core.transfer_rule import Transfer, WantedTransfer, transfer_of
from ..errors import (
    FlexError,
    InvalidInput,
    NotSent,
    Problems,
    Refused,
    Unavailable,
    UnknownOutcome,
)
from ..wording import count_of, quoted
from .results import Result
from .run_report import RERUN, failure
from .task import Task

_SENDINGS = 3  # how often a call is sent whose effect does not show


class _Look:
    """What both accounts held at one moment, and what is missing."""

    def __init__(
        self, task: Task, wanted: WantedTransfer, source: Observation, target: Observation
    ) -> None:
        self.source, self.target = source, target
        self.missing: Transfer = transfer_of(wanted, source, target, task.catalogue)

    @property
    def not_after(self) -> float:
        """Until when a call may be sent that rests on it, in seconds since 1970."""
        return min(self.source.time, self.target.time) + W

    def shapes(self, task: Task) -> dict[str, Result]:
        """The entitlements that are asked for, by serial number."""
        found = {}
        for number in self.missing.serial_numbers:
            seen = self.target if number in self.target.by_serial else self.source
            found[number] = task.shapes.entitlement(seen.by_serial[number], seen) or {}
        return found


def _look(
    task: Task, wanted: WantedTransfer, accounts: Iterable[tuple[FlexService, Observation | None]]
) -> _Look:
    source, target = (task.observe(True, *account) for account in accounts)
    return _Look(task, wanted, source, task.with_predictions(target, wanted.target_account_id))


def _look_ahead(task: Task, wanted: WantedTransfer, first: _Look) -> _Look:
    """What a run would leave of a look; the next task in check mode knows."""
    source, target = first.missing.carried_out(wanted, first.source, first.target)
    if task.predictions:
        task.predictions.add(wanted.source_account_id, first.source, source)
        task.predictions.add(wanted.target_account_id, first.target, target)
    return _Look(task, wanted, source, target)


class _Calls:
    """The calls of one run, and what became of them."""

    def __init__(self, task: Task, source: FlexService, target: FlexService) -> None:
        self._task = task
        self._source = source
        self._target = target
        self.most = (
            DEVICES  # in one call; less after a refusal, so that some get over, however many cannot
        )
        self._sendings: Counter[str] = Counter()
        self._refusals: Counter[str] = Counter()
        self.written: set[str] = set()  # serial numbers of what was or may have been changed
        self.refused: dict[str, str] = {}  # why, by serial number

    def send(self, steps: Iterable[Step], not_after: float) -> bool:
        """Send calls, until one of them makes it necessary to look again; gives whether any may have had an effect.

        :raises Unavailable: if the effect of one never shows.
        """
        sent = False
        for step in steps:
            lost = [part for part in step.each if self._sendings[part.item[1]] == _SENDINGS]
            if lost:
                held = lost[0].before
                told = held.quoted if isinstance(held, Entitlement) else lost[0].item[1]
                raise Unavailable(
                    f"{told}: {step.endpoint} was sent {_SENDINGS} times, and FortiFlex does not show its effect; run again later"
                )
            try:
                (self._source if step.endpoint == "entitlements/transfer" else self._target).write(
                    step, not_after
                )
            except NotSent:
                return sent
            except Refused as error:
                self._was_refused(step, str(error))
                return sent
            except UnknownOutcome:
                self._was_sent(step)
                self._task.clock.sleep(W / 2)  # it may still come
                return True
            sent = True
            if self._was_sent(step):
                self._task.clock.sleep(
                    W / 2
                )  # it was answered before, and the list does not show it yet
        return sent

    def _was_sent(self, step: Step) -> bool:
        """Note it; gives whether that was not the first time."""
        numbers = [part.item[1] for part in step.each]
        again = not self.written.isdisjoint(numbers)
        self.written.update(numbers)
        self._sendings.update(numbers)
        return again

    def _was_refused(self, step: Step, sentence: str) -> None:
        """Somebody else may have been faster, so one is tried twice; of several, one may be to blame, so fewer are tried."""
        self.most = max(1, len(step.each) // 2)
        if len(step.each) == 1:
            number = step.item[1]
            self._refusals[number] += 1
            if self._refusals[number] == 2:
                self.refused[number] = sentence


def transfer_entitlements(task: Task) -> Result:
    """What flex_entitlement_transfer returns."""
    wanted, source = _wanted(task)
    accounts = source.sweep([wanted.source_account_id, wanted.target_account_id])
    calls = _Calls(task, *(service for service, _before in accounts))
    with task.predicting():
        first = last = _look(task, wanted, accounts)
        if task.check_mode:
            last = _look_ahead(task, wanted, first)
    error: FlexError | None = None
    unseen = False  # whether something may have arrived that was not looked at
    try:
        with task.progress.counting(first.missing.number, "entitlements sent") as done:
            while not task.check_mode and (
                steps := last.missing.steps(wanted, calls.most, calls.refused)
            ):
                unseen = calls.send(steps, last.not_after)
                last = _look(task, wanted, accounts)
                unseen = False
                done(first.missing.number - last.missing.number)
    except FlexError as problem:
        error = problem
    before = first.shapes(task)
    after = before | last.shapes(task)
    if calls.refused and error is None:
        number, sentence = next(iter(calls.refused.items()))
        error = Refused(
            f"{len(calls.refused)} of {count_of(len(before), 'entitlement')} could not be transferred, "
            f"the first: {quoted(before[number]['name'], number)}: {sentence}"
        )
    different = [
        number
        for number in before
        if before[number] != after[number] and (task.check_mode or number in calls.written)
    ]
    changed = bool(different) or unseen
    return {
        "changed": changed,
        "entitlements": list(after.values()),
        "transferred": [
            before[number]["serial_number"]
            for number in different
            if before[number]["account_id"] != after[number]["account_id"]
        ],
        "diff": {
            side: {number: shapes[number] for number in different}
            for side, shapes in (("before", before), ("after", after))
        },
        **(failure(error) if error else {}),
        **({"msg": f"{str(error).rstrip('.')}.{RERUN}"} if error and changed else {}),
    }


def _wanted(task: Task) -> tuple[WantedTransfer, FlexService]:
    """What is asked for, and the source, of which nothing is asked yet but who owns the program, where no account is given.

    :raises InvalidInput: with everything that is wrong with the options.
    """
    problems = Problems()
    options, source = task.options, task.connect()
    target_id = task.accounts.number("target_account_id", options["target_account_id"], problems)
    names = tuple(map(spelled, options["names"] or ()))
    numbers = tuple(map(serial_number_spelled, options["serial_numbers"] or ()))
    for key, listed in (("names", names), ("serial_numbers", numbers)):
        problems.add(
            *[
                f"{key}: '{text}' is listed {times} times; list it once"
                for text, times in Counter(listed).items()
                if times > 1
            ]
        )
    if problems or target_id is None:
        raise InvalidInput(problems.found)
    task.accounts.check(target_id)
    source_id = source.scope()["accountId"]
    if source_id == target_id:
        raise InvalidInput(
            [
                f"target_account_id: {target_id} is the account that the entitlements are to leave; set account_id to that one"
            ]
        )
    configuration = options["target_configuration"]
    return WantedTransfer(
        names,
        numbers,
        source_id,
        target_id,
        None if configuration is None else spelled(configuration),
    ), source
