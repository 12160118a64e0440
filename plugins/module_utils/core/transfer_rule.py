# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what two accounts hold to the calls that bring entitlements from one to the other, and what
a run remembers of these.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, TypeVar, cast

from ..catalogue.catalogue import Catalogue
from ..errors import InvalidInput, Problems, Refused, TooManyErrors, Unavailable
from .calls import Call, Transfer, UpdateEntitlement
from .converge import Planning
from .model import ACTIVE, Configuration, Entitlement, Observation
from .steps import DEVICES, SET, Failure, ItemKey, Step, W, batched
from .wave import Decision

_Thing = TypeVar("_Thing")

_SENDINGS = 3  # how often a call is sent whose effect does not show
_REFUSALS = 2  # of one entitlement alone, until it fails: somebody else may have been faster


@dataclass(frozen=True)
class WantedTransfer:
    """Which entitlements are wanted in the target account, by name or serial number.

    ``configuration``: which of its configurations they will have, by name or id; None: the one that
    is named as in the source.
    """

    names: tuple[str, ...]
    serial_numbers: tuple[str, ...]
    source_account_id: int
    target_account_id: int
    configuration: str | None


class Both(NamedTuple):
    """What both accounts hold. ``source`` was observed first, so that what is in both has arrived
    meanwhile.
    """

    source: Observation
    target: Observation

    @property
    def not_after(self) -> float:
        """Until when a call may be sent that rests on it, in seconds since 1970."""
        return min(self.source.time, self.target.time) + W

    def account_of(self, serial_number: str) -> Observation:
        """The account that has an entitlement: the target once it has arrived, the source before."""
        return self.target if serial_number in self.target.by_serial else self.source


class Move(NamedTuple):
    """An entitlement, and the configuration of the target account that it will have. ``leaves``: it
    is still in the source.
    """

    entitlement: Entitlement
    configuration: Configuration
    leaves: bool

    def check(self, problems: Problems) -> None:
        """Whether something can be done with the entitlement."""
        held = self.entitlement
        if held.is_expired:
            problems.add(
                f"{held.quoted} is EXPIRED and can neither be transferred nor moved; leave it out"
            )
        elif held.is_claimed:
            problems.add(
                f"{held.quoted} is on its way to a name ('{held.description}'); "
                "run again when that is done"
            )

    def step(self, wanted: WantedTransfer) -> Step:
        """The call for it alone."""
        held, target = self.entitlement, self.configuration
        number = held.serial_number
        call: Call = UpdateEntitlement(number, target.id)
        if self.leaves:
            source, there = wanted.source_account_id, wanted.target_account_id
            call = Transfer((number,), source, held.configuration_id, there, target.id)
        return Step(("entitlement", number), SET, call, held)


@dataclass(frozen=True)
class Missing:
    """What is missing: ``found`` is all that is asked for, ``moves`` what is not yet where it is
    wanted.
    """

    wanted: WantedTransfer
    found: tuple[Entitlement, ...]
    moves: tuple[Move, ...]

    def steps(self, most: int, left_out: Collection[ItemKey]) -> list[Step]:
        """The calls for it: entitlements that go from one configuration to another together, up to
        so many in a call.
        """
        steps = (move.step(self.wanted) for move in self.moves)
        return batched([step for step in steps if step.item not in left_out], most)

    def carried_out(self, seen: Both) -> Both:
        """Both accounts as they will be when nothing is missing."""
        arrived = {
            move.entitlement.serial_number: replace(
                move.entitlement,
                account_id=self.wanted.target_account_id,
                configuration_id=move.configuration.id,
            )
            for move in self.moves
        }
        left, there = (
            tuple(e for e in account.entitlements if e.serial_number not in arrived)
            for account in seen
        )
        return Both(
            replace(seen.source, entitlements=left),
            replace(seen.target, entitlements=(*there, *arrived.values())),
        )


def missing_of(wanted: WantedTransfer, seen: Both, catalogue: Catalogue) -> Missing:
    """What must be sent over.

    :raises InvalidInput: with everything that cannot be sent over.
    """
    search = _Search(wanted, seen, catalogue)
    asked: list[tuple[Callable[[str], str], str]] = [
        *((search.by_name, name) for name in wanted.names),
        *((search.by_number, number) for number in wanted.serial_numbers),
    ]
    found: list[Entitlement] = []
    moves: list[Move] = []
    with Problems() as problems:
        for find, key in asked:
            with problems.catch():
                number = find(key)
                held = seen.account_of(number).by_serial[number]
                found.append(held)
                move = search.move(held)
                if move is not None:
                    move.check(problems)
                    moves.append(move)
        for name, times in _several(move.entitlement.name for move in moves if move.leaves):
            problems.add(
                f"'{name}' is the name of {times} of these entitlements; "
                "give them names of their own first"
            )
        for held, _times in _several(found):
            problems.add(
                f"{held.quoted} is listed by its name and by its serial number; list it once"
            )
    return Missing(wanted, tuple(found), tuple(moves))


def _several(things: Iterable[_Thing | None]) -> list[tuple[_Thing, int]]:
    """What is there more than once, and how often; None does not count."""
    counted = Counter(thing for thing in things if thing is not None)
    return [(thing, times) for thing, times in counted.items() if times > 1]


class _Search:
    """Finds in both accounts what is asked for, and where it has to go."""

    def __init__(self, wanted: WantedTransfer, seen: Both, catalogue: Catalogue) -> None:
        self._wanted = wanted
        self._seen = seen
        self._catalogue = catalogue
        self._source = f"account {wanted.source_account_id}"
        self._target = f"account {wanted.target_account_id}"
        self._where = f"{self._source} or {wanted.target_account_id}"

    def by_name(self, name: str) -> str:
        """The serial number of the entitlement that a name holds.

        :raises InvalidInput: if there is none, or more than one.
        """
        source, target = self._seen
        here, there = source.holders(name), target.holders(name)
        left = [holder for holder in here if holder.serial_number not in target.by_serial]
        if there and left:
            raise InvalidInput(
                f"'{name}' is held by {left[0].serial_number} in {self._source} and by "
                f"{there[0].serial_number} in {self._target}; give one of them another name"
            )
        if len(here) > 1 and not there:
            told = " and ".join(f"{holder.serial_number} ({holder.status})" for holder in here)
            raise InvalidInput(
                f"'{name}' is held by {told} in {self._source}; "
                "give the serial number of the one that is meant"
            )
        for holder in (*there, *here):
            return holder.serial_number
        expired = [*source.expired(name), *target.expired(name)]
        told = "check the name and the accounts"
        if expired:
            told = f"only {expired[0].serial_number} bears it, which is EXPIRED"
        raise InvalidInput(f"'{name}' holds no entitlement in {self._where}; {told}")

    def by_number(self, number: str) -> str:
        """The serial number itself.

        :raises InvalidInput: if it is in neither account, or if its name holds another entitlement
            in the target.
        """
        source, target = self._seen
        if number in target.by_serial:
            return number
        held = source.by_serial.get(number)
        if held is None:
            raise InvalidInput(
                f"{number} is not among the entitlements of {self._where}; "
                "check the serial number and the accounts"
            )
        for other in target.holders(held.name):
            raise InvalidInput(
                f"{held.quoted} has the name that {other.serial_number} holds in "
                f"{self._target}; give one of them another name"
            )
        return number

    def move(self, held: Entitlement) -> Move | None:
        """Where an entitlement has to go; None if it is there.

        :raises InvalidInput: if the target account has no configuration for it.
        """
        account = self._seen.account_of(held.serial_number)
        leaves = account is self._seen.source
        if self._wanted.configuration is None and not leaves:
            return None
        configuration = self._configuration(held, account.by_id[held.configuration_id])
        if not leaves and configuration.id == held.configuration_id:
            return None
        return Move(held, configuration, leaves)

    def _configuration(self, held: Entitlement, present: Configuration) -> Configuration:
        """The one that an entitlement, which is on the ``present`` one, will have in the target
        account.

        :raises InvalidInput: if there is none, or more than one, or it is of another product.
        """
        asked = self._wanted.configuration
        reference = present.name if asked is None else asked
        fitting = [
            c
            for c in self._seen.target.configurations
            if c.status == ACTIVE and (c.name == reference or str(c.id) == asked)
        ]
        if len(fitting) != 1:
            how = f"no ACTIVE configuration '{reference}'"
            if fitting:
                how = f"{len(fitting)} ACTIVE configurations named '{reference}'"
            raise InvalidInput(
                f"{held.quoted}: {self._target} has {how}; "
                "create it there, or give target_configuration by name or id"
            )
        if fitting[0].product_id != present.product_id:
            old, new = (self._catalogue.product(c.product_id).key for c in (present, fitting[0]))
            raise InvalidInput(
                f"{held.quoted} is of product {old}, and configuration '{reference}' of "
                f"{self._target} is of {new}; give one of the same product"
            )
        return fitting[0]


class TransferPlanner(Planning[Both]):
    """One transfer: what follows from both accounts, by what became of the calls so far."""

    def __init__(self, wanted: WantedTransfer, catalogue: Catalogue) -> None:
        self._wanted = wanted
        self._catalogue = catalogue
        self.failures: dict[ItemKey, Failure] = {}
        self.written: set[ItemKey] = set()  # what was or may have been changed
        self.unseen = False  # whether something was or may have been changed since the observation
        # In one call; fewer after a refusal, so that some get over, however many cannot.
        self._most = DEVICES
        self._sendings: Counter[ItemKey] = Counter()
        self._refusals: Counter[ItemKey] = Counter()
        self._pause = 0.0
        self._ends_wave = False

    def next(self, seen: Both, room: Callable[[float], int]) -> Decision:
        """The calls that are missing.

        :raises InvalidInput: if something can no longer be sent over.
        """
        self._pause, self._ends_wave, self.unseen = 0.0, False, False
        missing = missing_of(self._wanted, seen, self._catalogue)
        return Decision(missing.steps(self._most, self.failures))

    def forbids(self, step: Step) -> bool:
        """A wave ends with the first call that had no clear success, since what is missing may be
        otherwise then.

        :raises Unavailable: if the effect of the call never shows.
        """
        stuck = [part for part in step.each if self._sendings[part.item] == _SENDINGS]
        if stuck and not self._ends_wave:
            held = cast(Entitlement, stuck[0].before)
            raise Unavailable(
                f"{held.quoted}: {step.endpoint} was sent {_SENDINGS} times, and FortiFlex does "
                "not show its effect; run again later"
            )
        return self._ends_wave

    def did(self, step: Step, answer: dict[str, Any], sent: float, answered: float) -> None:
        """If it was answered before, the list does not show its effect yet."""
        again = not self.written.isdisjoint(part.item for part in step.each)
        self._note(step)
        if again:
            self._pause = W / 2

    def unknown(self, step: Step, sent: float, now: float) -> None:
        """It may still take effect."""
        self._note(step)
        self._pause, self._ends_wave = W / 2, True

    def _note(self, step: Step) -> None:
        items = [part.item for part in step.each]
        self.written.update(items)
        self._sendings.update(items)
        self.unseen = True

    def refused(self, step: Step, error: Refused | TooManyErrors) -> None:
        """Of several, one may be to blame, so fewer are tried together; one alone is tried twice."""
        self._ends_wave = True
        self._most = max(1, len(step.each) // 2)
        if len(step.each) == 1:
            self._refusals[step.item] += 1
            if self._refusals[step.item] == _REFUSALS:
                self.failures[step.item] = Failure(str(error))

    def pause(self, sent: list[Step], decision: Decision, now: float) -> float:
        """Seconds until an effect may show that did not show at once."""
        return self._pause
