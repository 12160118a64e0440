# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One history: several runs of the planner, the requests they have under way, and what must never be seen in it.

A request takes effect at some moment between its sending and W seconds later, whether or when it is answered.
"""

from __future__ import annotations

import heapq
import random
import sys
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from ansible_collections.flexops.fortiflex.plugins.module_utils.core._planner import Planner
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.converge import Written
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.description import (
    SPARE,
    claim_of,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.goal import Goal
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.model import (
    ACTIVE,
    CHARGED,
    Entitlement,
    Observation,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.steps import RELEASE, Step, W
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.wave import Decision
from ansible_collections.flexops.fortiflex.plugins.module_utils.errors import (
    FlexError,
    NotSent,
    Refused,
    UnknownOutcome,
)

from .account import CATALOGUE, PROGRAM, START, Account

LONGEST = 20_000.0  # seconds: a history that takes longer hangs
# Words of the failures that a run may have when others are killed, or when there is nothing that it may take.
_EXCUSED = ("without a usable answer", "none that is free", "another run claimed")


class Pause(NamedTuple):
    """Let that many seconds pass."""

    seconds: float


class Read(NamedTuple):
    """List ``what``; answered by (when it was sent, what was there)."""

    what: str


class Write(NamedTuple):
    """Carry out a step unless it would be sent later than ``not_after``; answered as converge.Service.write is."""

    step: Step
    not_after: float


Request = Pause | Read | Write


@dataclass
class Run:
    """One controller. ``dies_at``: the number of requests after which it is killed."""

    ident: str
    goal: Goal
    planner: Planner
    begins: float
    dies_at: int | None = None
    requests: int = 0
    ended: Observation | None = None
    killed: bool = False
    going: Generator[Request, Any, None] | None = None

    @property
    def complete(self) -> bool:
        """Whether it came to an end and reached all of its goal."""
        return self.ended is not None and not self.planner.failures


class Use(NamedTuple):
    """A run relied on an entitlement: it was told so, or it started it. ``observed``: the time of the observation that showed the name on it."""

    run: str
    name: str
    serial_number: str
    observed: float


class Weather:
    """How requests fare: times, losses and pauses, by chance."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance

    def before_write(self) -> float:
        """Seconds that a write waits for the request limit."""
        return self.chance.uniform(0, 8 * W) if self.chance.random() < 0.08 else 0.0

    def before_read(self) -> float:
        """Seconds that an observation waits for the request limit."""
        return self.chance.uniform(0, 8 * W) if self.chance.random() < 0.03 else 0.0

    def times(self) -> tuple[float, float]:
        """Seconds from the sending of a request to its effect and to its answer."""
        longest = self.chance.choice((0.2, 0.2, 2.0, W - 0.1))
        effect = self.chance.uniform(0, longest)
        return effect, self.chance.uniform(effect, longest)

    def loss(self) -> tuple[float, float | None] | None:
        """None for a write that is answered; else the seconds after which nobody waits for it any longer, and after which it takes effect (None: never)."""
        if self.chance.random() >= 0.06:
            return None
        given_up = self.chance.choice((0.0, self.chance.uniform(0, W), W))
        return given_up, self.chance.choice(
            (None, self.chance.uniform(0, given_up), self.chance.uniform(0, W))
        )


class History(ABC):
    """The runs of one history on one account, from the first request to the last, and what was wrong with it."""

    def __init__(
        self, account: Account, runs: list[Run], write_down: Callable[[str], None] | None = None
    ) -> None:
        self.account, self.runs = account, runs
        self.now = START
        self.errors: list[str] = []
        self.uses: list[Use] = []
        self.released: dict[
            tuple[str, str], float
        ] = {}  # (name, serial number) -> when a run that wants the name absent released it
        self.initial = frozenset(account.entitlements)
        self._write_down = write_down

    def play(self) -> None:
        """Carry it through, then let reruns complete what killed or failed runs left, then judge."""
        for run in self.runs:
            self._start(run)
        self._drain()
        incomplete = deque(run for run in self.runs if not run.complete)
        while incomplete:
            run, ident = incomplete.popleft(), f"run{len(self.runs)}"
            again = Run(
                ident,
                run.goal,
                type(run.planner)(
                    run.goal, CATALOGUE, ident, PROGRAM.serial_number, PROGRAM.account_id
                ),
                self.now + W,
            )
            self.runs.append(again)
            self._start(again)
            self._drain()
            if again.killed:
                incomplete.append(again)
        self._judge()

    # -- what a kind of history decides

    @abstractmethod
    def _start(self, run: Run) -> None:
        """Let a run begin, at the earliest when it says."""

    @abstractmethod
    def _dispatch(self, run: Run, request: Request) -> None:
        """Take what a run asks for; it goes on when it is resumed with the answer."""

    @abstractmethod
    def _drain(self) -> None:
        """Let everything happen that is under way, until nothing is."""

    def room(self, _seconds: float) -> int:
        """For how many requests of a run there is room in so many seconds."""
        return sys.maxsize

    @abstractmethod
    def _tell(self, holder: Entitlement) -> None:
        """Somebody gets the token of a holder, and may start a virtual machine with it."""

    # -- what happens

    def _resume(self, run: Run, answer: Any) -> None:
        """Let a run go on with an answer, up to its next request."""
        if run.going is None:
            run.going = converge(run, self)
        try:
            request = (
                run.going.throw(answer) if isinstance(answer, FlexError) else run.going.send(answer)
            )
        except StopIteration:
            return
        self._dispatch(run, request)

    def _is_sent(self, run: Run, request: Write, sent: float) -> bool:
        """Whether a write is sent at that time: not if what it rests on is too old by then."""
        step = request.step
        if sent > request.not_after and not getattr(run.planner, "acts_on_old_observations", False):
            self.note(run, f"is too late for {said(step)}")
            return False
        self.note(run, f"sends {said(step)}")
        if step.endpoint == "entitlements/reactivate":
            self._use(run, step.item[1], step.body["serialNumber"], request.not_after - W)
        return True

    def _carry_out(self, run: Run, step: Step) -> dict[str, Any] | Refused:
        """A write takes effect now; gives the answer to it, whether it arrives or not."""
        try:
            item = self.account.carry_out(step, self.now)
        except Refused as error:
            self.note(run, f"is refused {said(step)}: {error}")
            return error
        self.note(run, f"has done {said(step)} {item.get('serialNumber', item.get('id'))}")
        if (
            step.purpose == RELEASE
            and step.body.get("description") == SPARE
            and not self._keeps(run, step.item[1])
        ):
            self.released[step.item[1], step.body["serialNumber"]] = self.now
        return item

    def _is_endless(self) -> bool:
        """Whether it takes too long; that is an error."""
        if self.now <= START + LONGEST:
            return False
        self.errors.append(
            f"never came to an end: {[run.ident for run in self.runs if run.ended is None and not run.killed]}"
        )
        return True

    # -- what is written down

    def note(self, run: Run, text: str) -> None:
        """One line of the history, for people."""
        if self._write_down:
            self._write_down(f"{self.now - START:9.2f} {run.ident:7} {text}")

    def observed(self, run: Run, seen: Observation) -> None:
        """A run has made an observation."""
        if self._write_down:
            shown = [
                f"{e.serial_number[-3:]} {e.status} '{e.description}'" for e in seen.entitlements
            ]
            self.note(
                run, f"sees, asked at {seen.time - START:.2f}: {', '.join(shown) or 'nothing'}"
            )

    # -- what must never be seen

    @staticmethod
    def _keeps(run: Run, name: str) -> bool:
        return any(
            wanted.key == name and wanted.state in ("present", "active")
            for wanted in run.goal.entitlements
        )

    def ended(self, run: Run, seen: Observation) -> None:
        """A run has come to its end with this observation: it tells what holds its names, and virtual machines start."""
        run.ended = seen
        self.note(
            run,
            f"ends, failures: {[failure.sentence for failure in run.planner.failures.values()]}",
        )
        for wanted in run.goal.entitlements:
            if (
                wanted.state in ("present", "active")
                and ("entitlement", wanted.key) not in run.planner.failures
            ):
                holder = seen.holders(wanted.key)[0]
                self._use(run, wanted.key, holder.serial_number, seen.time)
                self._tell(holder)

    def _use(self, run: Run, name: str, serial_number: str, observed: float) -> None:
        use = Use(run.ident, name, serial_number, observed)
        self.note(run, f"uses {serial_number[-3:]} as {name}")
        if not self._void(use):
            for other in self.uses:
                if (other.name == name) != (
                    other.serial_number == serial_number
                ) and not self._void(other):
                    self.errors.append(
                        f"{use.run} uses {serial_number} as {name}, {other.run} uses {other.serial_number} as {other.name}"
                    )
        self.uses.append(use)

    def _void(self, use: Use) -> bool:
        """Whether somebody released it on purpose after it was observed."""
        return self.released.get((use.name, use.serial_number), 0.0) >= use.observed

    def _judge(self) -> None:
        end = Observation(
            self.now,
            self.now,
            tuple(self.account.configurations.values()),
            tuple(self.account.entitlements.values()),
        )
        quiet = not any(run.killed for run in self.runs)
        self._judge_failures()
        for name in {wanted.key for run in self.runs for wanted in run.goal.entitlements}:
            holders = [holder.serial_number for holder in end.holders(name)]
            if len(holders) > 1:
                self.errors.append(f"{name} has {len(holders)} holders at the end: {holders}")
            for use in self.uses:
                if use.name == name and not self._void(use) and holders[:1] != [use.serial_number]:
                    self.errors.append(
                        f"{use.run} uses {use.serial_number} as {name}, which {holders or 'nobody'} holds at the end"
                    )
        for entitlement in end.entitlements:
            if entitlement.description == SPARE and entitlement.status in CHARGED:
                self.errors.append(f"{entitlement.serial_number} is a spare and charged")
            if quiet and claim_of(entitlement.description):
                self.errors.append(
                    f"{entitlement.serial_number} is left with the claim {entitlement.description}"
                )
        for name in {c.name for c in end.configurations}:
            active = [c.id for c in end.configurations if c.name == name and c.status == ACTIVE]
            if len(active) > 1:
                self.errors.append(f"configurations {active} are both ACTIVE and named {name}")

    def _judge_failures(self) -> None:
        """No run may release a name; but one that is dead, or stands still for longer than 7 W, keeps what could be taken."""
        for run in self.runs:
            for item, failure in run.planner.failures.items():
                if not any(words in failure.sentence for words in _EXCUSED):
                    self.errors.append(f"{run.ident} failed at {item[1]}: {failure.sentence}")

    @property
    def surplus(self) -> int:
        """How many spares there are that nobody had asked for."""
        return sum(
            e.description == SPARE
            for key, e in self.account.entitlements.items()
            if key not in self.initial
        )


class RandomHistory(History):
    """A history in which chance decides when things happen, and what is lost."""

    def __init__(
        self,
        account: Account,
        runs: list[Run],
        weather: Weather,
        write_down: Callable[[str], None] | None = None,
    ) -> None:
        super().__init__(account, runs, write_down)
        self._weather = weather
        self._queue: list[tuple[float, int, Callable[..., object], tuple[Any, ...]]] = []
        self._order = 0

    def room(self, _seconds: float) -> int:
        """Sometimes there is little; by the time alone, so that all else is as it would be."""
        chance = random.Random(self.now)
        return chance.randrange(12) if chance.random() < 0.2 else sys.maxsize

    def _at(self, time: float, call: Callable[..., object], *arguments: Any) -> None:
        self._order += 1
        heapq.heappush(self._queue, (time, self._order, call, arguments))

    def _drain(self) -> None:
        while self._queue and not self._is_endless():
            self.now, _order, call, arguments = heapq.heappop(self._queue)
            call(*arguments)

    def _start(self, run: Run) -> None:
        self._at(run.begins, self._resume, run, None)

    def _resume(self, run: Run, answer: Any) -> None:
        run.requests += 1
        if run.dies_at is not None and run.requests >= run.dies_at:
            run.killed = True
            self.note(run, "is killed")
            return
        super()._resume(run, answer)

    def _dispatch(self, run: Run, request: Request) -> None:
        if isinstance(request, Pause):
            self._at(self.now + request.seconds, self._resume, run, None)
        elif isinstance(request, Read):
            self._at(self.now + self._weather.before_read(), self._read, run, request.what)
        else:
            self._at(self.now + self._weather.before_write(), self._write, run, request)

    def _read(self, run: Run, what: str) -> None:
        effect, answer = self._weather.times()
        sent = self.now

        def look() -> None:
            self._at(
                sent + answer,
                self._resume,
                run,
                (sent, tuple(getattr(self.account, what).values())),
            )

        self._at(self.now + effect, look)

    def _write(self, run: Run, request: Write) -> None:
        sent = self.now
        if not self._is_sent(run, request, sent):
            self._resume(run, NotSent("too late"))
            return
        loss = self._weather.loss()
        if loss:
            given_up, effect = loss
            if effect is not None:
                self._at(sent + effect, self._carry_out, run, request.step)
            self._at(sent + given_up, self._lose, run, request.step, sent)
        else:
            effect, answered = self._weather.times()
            self._at(sent + effect, self._answer, run, request.step, sent, sent + answered)

    def _lose(self, run: Run, step: Step, sent: float) -> None:
        self.note(run, f"gets no answer to {said(step)}")
        self._resume(run, UnknownOutcome("no answer", sent))

    def _answer(self, run: Run, step: Step, sent: float, answered: float) -> None:
        item = self._carry_out(run, step)
        self._at(
            answered,
            self._resume,
            run,
            item if isinstance(item, Refused) else Written(item, sent, answered),
        )

    def _tell(self, holder: Entitlement) -> None:
        if self._weather.chance.random() < 0.3:
            self._at(
                self.now + self._weather.chance.uniform(0, 3 * W),
                self.account.redeem,
                holder.serial_number,
                holder.token,
            )


def said(step: Step) -> str:
    """A step, for people."""
    target = step.body.get("serialNumber", step.body.get("id", "a new one"))
    return f"{step.purpose} {step.item[1]}: {step.endpoint} of {str(target)[-3:] if target != 'a new one' else target} '{step.body.get('description', '')}'"


def converge(run: Run, history: History) -> Generator[Request, Any, None]:
    """The loop of module_utils/core/converge.py, the same calls in the same order, with every wait handed out instead of taken."""
    planner = run.planner
    seen = yield from _observe(run, history, None, True, True)
    while True:
        decision = planner.next(seen, history.room)
        if decision.needs_program:
            seen = replace(seen, program=PROGRAM)
            continue
        if decision.done:
            history.ended(run, seen)
            return
        sent = yield from _act(planner, history, decision, seen)
        yield Pause(planner.pause(sent, decision, history.now))
        aged = history.now - seen.time > W / 2
        seen = yield from _observe(
            run, history, seen, decision.on_configurations, not decision.on_configurations or aged
        )


def _observe(
    run: Run, history: History, before: Observation | None, configurations: bool, entitlements: bool
) -> Generator[Request, Any, Observation]:
    seen = before or Observation(0.0, 0.0, (), ())
    if entitlements:
        time, listed = yield Read("entitlements")
        configurations = configurations or any(e.configuration_id not in seen.by_id for e in listed)
        seen = replace(seen, time=time, entitlements=listed)
    if configurations:
        time, listed = yield Read("configurations")
        known = {c.id for c in listed}
        seen = replace(
            seen,
            configurations_time=time,
            configurations=listed,
            entitlements=tuple(e for e in seen.entitlements if e.configuration_id in known),
        )
    history.observed(run, seen)
    return seen


def _act(
    planner: Planner, history: History, decision: Decision, seen: Observation
) -> Generator[Request, Any, list[Step]]:
    sent, blocked = [], set()
    for step in decision.steps:
        if step.item in blocked:
            continue
        not_after = (seen.configurations_time if step.item[0] == "configuration" else seen.time) + W
        try:
            written = yield Write(step, not_after)
        except NotSent:
            break
        except UnknownOutcome as error:
            planner.unknown(step, error.sent, history.now)
            blocked.add(step.item)
        except Refused as error:
            planner.refused(step, error)
            blocked.add(step.item)
        else:
            planner.did(step, written.item, written.sent, written.answered)
        sent.append(step)
    return sent
