# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small cases in every order in which the requests of two or three runs can take effect, with up to two things gone wrong anywhere.

Only the order of effects on the account counts, and when they happen. So a request that goes well is one event: sent as soon as
its run could send it, it takes effect and is answered at any moment less than W later. Then the same without a part of the rule
each, to see it break.

PYTHONPATH=.build:tests python tests/interleavings/orders.py [--jobs J] [--case CASE] [--replay CASE:CHOICES]
"""

from __future__ import annotations

import argparse
import multiprocessing
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ansible_collections.flexops.fortiflex.plugins.module_utils.core._planner import Planner
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.converge import Written
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.description import SPARE
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.goal import (
    Goal,
    WantedConfiguration,
    WantedEntitlement,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.model import (
    ACTIVE,
    PENDING,
    STOPPED,
    Entitlement,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.steps import Step, W
from ansible_collections.flexops.fortiflex.plugins.module_utils.errors import (
    NotSent,
    Refused,
    UnknownOutcome,
)
from interleavings.account import CATALOGUE, PARAMETERS, PRODUCT, PROGRAM, START, Account
from interleavings.history import History, Pause, Read, Request, Run, Write
from interleavings.mutations import MUTANTS

# What can go wrong with a request. Without an answer means: cut at once.
GOES_WELL, KILLED, ANSWERED_LATE = "goes well", "is killed", "is answered late"
WAITS = {
    "waits a little for the request limit": 1.5 * W,
    "waits long for the request limit": 5 * W,
}  # seconds
NO_ANSWER, NO_EFFECT, EFFECT_LATE = (
    "has no answer",
    "has neither answer nor effect",
    "has no answer, and its effect late",
)
KILLED_EFFECT_LATE = "is killed, and its effect late"
UNDER_WAY = W - 1e-4  # seconds: the longest that a request is, strictly less than W
WRONG_READS = (KILLED, *WAITS, ANSWERED_LATE)
WRONG_WRITES = (*WRONG_READS, NO_ANSWER, NO_EFFECT, EFFECT_LATE, KILLED_EFFECT_LATE)


class Case(NamedTuple):
    """Where runs begin: what the account holds (description, status), and what each run wants (name to state), all in one configuration."""

    held: tuple[tuple[str, str], ...]
    runs: tuple[dict[str, str], ...]
    wrong: int  # how many things go wrong in one history at most
    configurations: tuple[str, ...] = ()


A, B, BOTH = {"A": "present"}, {"B": "present"}, {"A": "present", "B": "present"}
CASES: dict[str, Case] = {
    "both create one name": Case((), (A, A), 2),
    "both create two names": Case((), (BOTH, BOTH), 1),
    "three create one name": Case((), (A, A, A), 1),
    "both claim a spare for one name": Case(((SPARE, PENDING),), (A, A), 2),
    "both claim one spare for different names": Case(((SPARE, PENDING),), (A, B), 2),
    "both claim two spares for two names": Case(
        ((SPARE, PENDING), (SPARE, STOPPED)), ({"A": "active", "B": "active"},) * 2, 1
    ),
    "one claims what the other releases": Case(
        (("A", ACTIVE),), ({"A": "absent"}, {"B": "active"}), 2
    ),
    "both release": Case((("A", ACTIVE),), ({"A": "absent"}, {"A": "absent"}), 1),
    "both stop": Case((("A", ACTIVE),), ({"A": "stopped"}, {"A": "stopped"}), 2),
    "both start": Case((("A", STOPPED),), ({"A": "active"}, {"A": "active"}), 2),
    "both find two holders": Case(
        (("A", PENDING), ("A", STOPPED)), ({"A": "active"}, {"A": "active"}), 1
    ),
    "both make one configuration and a name in it": Case((), (A, A), 1, ("small",)),
}
TELLING = (
    "both create one name",
    "both claim a spare for one name",
    "both claim one spare for different names",
)  # each part of the rule is needed in one


class Choices:
    """Every sequence of choices, the first alternative of each first, depth first; what is chosen may decide what comes next."""

    def __init__(self, prefix: Sequence[int] = ()) -> None:
        self.taken = list(prefix)
        self._fixed = len(prefix)
        self._widths: list[int] = []

    def pick(self, alternatives: int) -> int:
        """The number of the alternative to take here."""
        place = len(self._widths)
        self._widths.append(alternatives)
        if place == len(self.taken):
            self.taken.append(0)
        return self.taken[place]

    def advance(self, length: int | None = None) -> bool:
        """Go to the next sequence, or to the next one that differs in so many first choices; False after the last one. The prefix stays."""
        del self.taken[len(self._widths) if length is None else length :]
        while (
            len(self.taken) > self._fixed
            and self.taken[-1] + 1 == self._widths[len(self.taken) - 1]
        ):
            self.taken.pop()
        self._widths = []
        if len(self.taken) <= self._fixed:
            return False
        self.taken[-1] += 1
        return True


@dataclass
class _Next:
    """What a run does next, at the earliest at ``ready``: a request, or going on with the answer to its last one."""

    ready: float
    request: Read | Write | None = None
    answer: Any = None


class _Late(NamedTuple):
    """A write that nobody waits for any more, and the latest time at which it takes effect."""

    until: float
    run: Run
    step: Step


class Ordered(History):
    """A history in which choices decide what happens next and what goes wrong."""

    def __init__(
        self,
        account: Account,
        runs: list[Run],
        choices: Choices,
        wrong: int,
        write_down: Callable[[str], None] | None = None,
    ) -> None:
        super().__init__(account, runs, write_down)
        self._choices = choices
        self._wrong = wrong
        self._next: dict[str, _Next] = {}
        self._late: list[_Late] = []
        self._looks: str | None = None  # the run whose pause is over, so that it goes on at once
        self._reads_configurations = any(run.goal.configurations for run in runs)

    def _start(self, run: Run) -> None:
        self._next[run.ident] = _Next(run.begins)

    def _dispatch(self, run: Run, request: Request) -> None:
        if isinstance(request, Pause):
            self._next[run.ident] = _Next(self.now + request.seconds)
            if request.seconds == 0.0:
                self._looks = run.ident
        elif (
            request == Read("configurations") and not self._reads_configurations
        ):  # nobody writes any
            self._resume(run, (self.now, tuple(self.account.configurations.values())))
        else:
            self._next[run.ident] = _Next(self.now, request)

    def _tell(self, holder: Entitlement) -> None:
        self.account.redeem(holder.serial_number, holder.token)

    def _drain(self) -> None:
        while (self._next or self._late) and not self._is_endless():
            events = list(self._events())
            event, what = events[self._choices.pick(len(events)) if len(events) > 1 else 0]
            if isinstance(event, _Late):
                self._late.remove(event)
                self._carry_out(event.run, event.step)
            else:
                self._happen(event, what)

    def _events(self) -> Iterator[tuple[Run | _Late, str]]:
        """What can happen next: the event, and how it goes."""
        latest = min(
            [late.until for late in self._late]
            + [following.ready + UNDER_WAY for following in self._next.values()]
        )
        for run in self.runs:
            following = self._next.get(run.ident)
            if (
                following is None
                or following.ready > latest
                or self._looks not in (None, run.ident)
            ):
                continue
            yield run, GOES_WELL
            if self._wrong and following.request is not None:
                yield from (
                    (run, what)
                    for what in (
                        WRONG_WRITES if isinstance(following.request, Write) else WRONG_READS
                    )
                )
        if self._looks is None:
            for late in self._late:
                yield late, GOES_WELL

    def _happen(self, run: Run, what: str) -> None:
        following = self._next.pop(run.ident)
        self.now = max(self.now, following.ready)
        request, sent = following.request, following.ready
        self._wrong -= what != GOES_WELL
        self._looks = None
        if what != GOES_WELL:
            self.note(run, what)
        if what in WAITS:
            self._next[run.ident] = _Next(self.now + WAITS[what], request)
        elif what == KILLED:
            run.killed = True
        elif request is None:
            if following.answer is None:
                self._looks = run.ident
            self._resume(run, following.answer)
        elif isinstance(request, Read):
            self._answer(
                run, (sent, tuple(getattr(self.account, request.what).values())), sent, what
            )
        elif self._is_sent(run, request, sent):
            self._write(run, request.step, sent, what)
        else:
            self._resume(run, NotSent("too late"))

    def _write(self, run: Run, step: Step, sent: float, what: str) -> None:
        if what in (EFFECT_LATE, KILLED_EFFECT_LATE):
            self._late.append(_Late(sent + UNDER_WAY, run, step))
        if what == KILLED_EFFECT_LATE:
            run.killed = True
        elif what in (EFFECT_LATE, NO_EFFECT):
            self._resume(run, UnknownOutcome("no answer", sent))
        else:
            item = self._carry_out(run, step)
            answer = (
                UnknownOutcome("no answer", sent)
                if what == NO_ANSWER
                else item
                if isinstance(item, Refused)
                else Written(item, sent, self.now)
            )
            self._answer(run, answer, sent, what)

    def _answer(self, run: Run, answer: Any, sent: float, what: str) -> None:
        if what != ANSWERED_LATE:
            self._resume(run, answer)
            return
        late = max(self.now, sent + UNDER_WAY)
        self._next[run.ident] = _Next(
            late, answer=answer._replace(answered=late) if isinstance(answer, Written) else answer
        )


def history(
    case: Case,
    choices: Choices,
    planner: type[Planner] = Planner,
    write_down: Callable[[str], None] | None = None,
) -> Ordered:
    """The history of a case and of choices, not yet played."""
    account = Account()
    if not case.configurations:
        account.add_configuration("small")
    for number, (description, status) in enumerate(case.held):
        account.add_entitlement(description, 1, START - 1000 + number, status)
    wanted = tuple(
        WantedConfiguration(name, product=PRODUCT, parameters=PARAMETERS)
        for name in case.configurations
    )
    runs = []
    for number, states in enumerate(case.runs):
        goal, ident = (
            Goal(
                wanted,
                tuple(
                    WantedEntitlement(name, configuration="small", state=state)
                    for name, state in states.items()
                ),
            ),
            f"run{number}",
        )
        runs.append(
            Run(
                ident,
                goal,
                planner(goal, CATALOGUE, ident, PROGRAM.serial_number, PROGRAM.account_id),
                START,
            )
        )
    return Ordered(account, runs, choices, case.wrong, write_down)


def play(
    case: Case, planner: type[Planner] = Planner, prefix: Sequence[int] = ()
) -> Iterator[tuple[list[int], Ordered]]:
    """Every history of a case that begins with these choices, played, each with its choices."""
    choices = Choices(prefix)
    while True:
        played = history(case, choices, planner)
        played.play()
        yield list(choices.taken), played
        if not choices.advance():
            return


def prefixes(case: Case, planner: type[Planner] = Planner, length: int = 4) -> Iterator[list[int]]:
    """The beginnings of all histories of a case."""
    choices = Choices()
    while True:
        history(case, choices, planner).play()
        yield choices.taken[:length]
        if not choices.advance(length):
            return


def explore(
    case: Case, planner: type[Planner] = Planner, prefix: Sequence[int] = ()
) -> tuple[Counter[int], dict[str, str]]:
    """(histories by surplus, what is wrong by choices) of all histories of a case with that beginning."""
    surplus, broken = Counter[int](), {}
    for taken, played in play(case, planner, prefix):
        surplus[played.surplus] += 1
        if played.errors:
            broken["-".join(map(str, taken))] = played.errors[0]
    return surplus, broken


def main() -> int:
    """Play all, print, and return 1 if anything broke."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--case", choices=CASES, action="append")
    parser.add_argument(
        "--replay", metavar="CASE:CHOICES", help="play this history only, and tell it"
    )
    options = parser.parse_args()
    if options.replay:
        name, taken = options.replay.split(":")
        told = history(
            CASES[name], Choices([int(choice) for choice in taken.split("-")]), write_down=print
        )
        told.play()
        print(*told.errors or ["nothing is wrong"], sep="\n")
        return int(bool(told.errors))
    wrong, total = False, 0
    with multiprocessing.Pool(options.jobs) as pool:

        def spread(
            name: str, case: Case, planner: type[Planner]
        ) -> tuple[Counter[int], dict[str, str]]:
            parts = pool.starmap(
                explore,
                [(case, planner, prefix) for prefix in prefixes(case, planner)],
                chunksize=1,
            )
            return sum((part[0] for part in parts), Counter()), {
                f"{name}:{taken}": error for part in parts for taken, error in part[1].items()
            }

        for name in options.case or CASES:
            surplus, broken = spread(name, CASES[name], Planner)
            wrong, total = wrong or bool(broken), total + surplus.total()
            print(
                f"{name}, up to {CASES[name].wrong} things wrong: {surplus.total()} histories, {len(broken)} broken; "
                f"spares in excess: {dict(sorted(surplus.items()))}",
                flush=True,
            )
            for taken, error in list(broken.items())[:5]:
                print(f"  --replay '{taken}'  {error}")
        print(f"every order of small cases: {total} histories")
        for mutant in () if options.case else MUTANTS:
            parts = [spread(name, CASES[name]._replace(wrong=1), mutant) for name in TELLING]
            broken = {taken: error for part in parts for taken, error in part[1].items()}
            wrong = wrong or not broken
            example = next((f", such as {taken}: {error}" for taken, error in broken.items()), "")
            print(
                f"{mutant.__name__}: {sum(part[0].total() for part in parts)} histories, {len(broken)} broken{example}",
                flush=True,
            )
    return int(wrong)


if __name__ == "__main__":
    raise SystemExit(main())
