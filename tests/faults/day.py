# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A day of the rulebooks spares and deleted_vms: machines come and die, FortiFlex is away for an hour, somebody takes the whole pool.

The event sources, the rule engine of ansible-rulebook and the playbooks are the real ones; time is the simulator's. What it prints is how long machines were
without a license, and what was charged for none, beside what the rulebooks allow.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from ansible_rulebook.rule_generator import generate_rulesets
from ansible_rulebook.rule_types import RuleSetQueue
from ansible_rulebook.rules_parser import parse_rule_sets
from ansible_rulebook.util import get_java_home, substitute_variables
from drools.ruleset import post

from ansible_collections.flexops.fortiflex.plugins.plugin_utils.watch import LifecycleWatch
from simulator.launch import Simulator, start

from .harness import UNPACED, SimulatorClock, conclude

ROOT = Path(__file__).parents[2]
RULEBOOKS = [
    ROOT / "extensions" / "eda" / "rulebooks" / f"{name}.yml" for name in ("spares", "deleted_vms")
]
INTERVAL = 300  # seconds between two queries, as the rulebooks have it
GRACE = 1800
OUTAGE = (5 * 3600, 6 * 3600)  # seconds from the beginning
POOL_TAKEN = 8 * 3600
# A machine comes and one dies when it is worst: as FortiFlex goes away, before the pool is taken, and so late that its grace period ends on another day.
WORST = (OUTAGE[0] + INTERVAL, POOL_TAKEN, 14 * 3600 - 900)
HOURS = 24
RETRIES = 60  # as follow_vm has it, as well as the wait of 300 seconds between
SPARES = 3
VARIABLES = {
    "flex_spares": {"branch": SPARES},
    "flex_vm_only": "vm-.*",
    "flex_vm_configuration": "branch",
    "webhook_token": "",
    "flex_grace": GRACE,
}


@dataclass
class Machine:
    """A virtual machine: since when it runs, and until when, in seconds from the beginning."""

    name: str
    born: float
    died: float | None = None
    unlicensed: float = 0.0
    allowed: float = 0.0  # for how long it may be without a license


@dataclass
class Rules:
    """One ruleset: its engine, and the actions that wait, of which one runs at a time."""

    name: str
    actions: Any
    waiting: deque[dict[str, Any]] = field(default_factory=deque)


class Day:
    """A day under way."""

    def __init__(self, flex: Simulator, directory: Path, seed: int) -> None:
        self.flex = flex
        self.chance = random.Random(seed)
        self.clock = SimulatorClock(flex)
        self.begun = self.clock.now()
        self.directory = directory
        self.machines: list[Machine] = []
        self.returning: list[tuple[float, Machine]] = []
        self.alive_on: dict[str, set[str]] = defaultdict(
            set
        )  # serial number: Pacific days on which a machine had it
        self.ran = 0
        self.failed = 0
        self.rules = list(self._engines())
        connection = {
            "username": "demo-api-user",
            "password": "demo-password",
            "program": "ELAVMS0000000200",
            "account_id": 2000001,
            "api_url": flex.api_url,
        }
        common = {
            **connection,
            "auth_url": flex.auth_url,
            "state_dir": str(directory / "watch"),
            **UNPACED,
            "interval": INTERVAL,
            "remind": 3600,
        }
        self.watches = [
            LifecycleWatch(
                {**common, "consumer": "spares", "spares": VARIABLES["flex_spares"]}, self.clock
            ),
            LifecycleWatch({**common, "consumer": "deleted_vms", "grace": GRACE}, self.clock),
        ]

    @property
    def now(self) -> float:
        """Seconds since the beginning."""
        return self.clock.now() - self.begun

    def run(self) -> None:
        """All of it."""
        for number in range(12):
            self._comes(f"vm-{number:02}")
        while self.now < HOURS * 3600:
            self._happens()
            away = OUTAGE[0] <= self.now < OUTAGE[1]
            self.flex.faults([{"kind": "html_502", "always": True}] if away else [])
            for rules, watch in zip(self.rules, self.watches, strict=True):
                for event in watch.poll():
                    self._told(rules, event)
                watch.keep()
                self._acts(rules)
            self._measures()
            self.clock.sleep(INTERVAL)

    def _happens(self) -> None:
        """What the world does in five minutes."""
        for due, machine in [item for item in self.returning if item[0] <= self.now]:
            self.returning.remove((due, machine))
            machine.died = None
            machine.allowed += self._slack()
            self._cloud(machine, "present")
        alive = [machine for machine in self.machines if machine.died is None]
        if len(alive) > 3 and (self._is(WORST) or self.chance.random() < 0.08):
            machine = self.chance.choice(alive)
            machine.died = self.now
            self._cloud(machine, "deleted")
            if not self._is(WORST) and self.chance.random() < 0.3:  # it was only moved
                self.returning.append(
                    (self.now + self.chance.uniform(300, GRACE - 2 * INTERVAL), machine)
                )
        if self._is(WORST) or self.chance.random() < 0.06:
            self._comes(f"vm-{len(self.machines):02}")
        if self._is((POOL_TAKEN,)):
            for item in self.flex.state()["entitlements"]:
                if item["description"] == "[spare]":
                    self.flex.patch(item["serialNumber"], description="somebody else's")

    def _is(self, moments: Sequence[float]) -> bool:
        """Whether one of these moments, in seconds from the beginning, has come since the last time."""
        return any(moment <= self.now < moment + INTERVAL for moment in moments)

    def _slack(self) -> float:
        """How long the rulebooks may take for something that happens now: until FortiFlex is there again, then the wait of a retry and one of their own."""
        return (
            max(0.0, OUTAGE[1] - self.now) if OUTAGE[0] - INTERVAL <= self.now < OUTAGE[1] else 0.0
        ) + 2 * INTERVAL

    def _comes(self, name: str) -> None:
        machine = Machine(name, self.now, allowed=self._slack())
        self.machines.append(machine)
        self._cloud(machine, "present")

    def _cloud(self, machine: Machine, state: str) -> None:
        """The cloud tells the webhook, whose filter has done its work."""
        moment = f"{datetime.fromtimestamp(self.clock.now(), timezone.utc):%Y-%m-%dT%H:%M:%SZ}"
        self._told(
            self.rules[1],
            {"vm": {"name": machine.name, "state": state, "time": moment, "cloud": "vcenter"}},
        )

    def _engines(self) -> Iterator[Rules]:
        for path in RULEBOOKS:
            sets = parse_rule_sets(yaml.safe_load(path.read_text()), variables=dict(VARIABLES))
            for made in generate_rulesets(
                [RuleSetQueue(ruleset, asyncio.Queue(), {}) for ruleset in sets], VARIABLES, ""
            ):
                made.ruleset.define()
                made.ruleset.start_session()
                yield Rules(made.ruleset.name, made.plan.queue)

    def _told(self, rules: Rules, event: Mapping[str, Any]) -> None:
        """What the engine makes of an event."""
        post(rules.name, json.dumps({**event, "meta": {"uuid": str(random.random())}}))
        while not rules.actions.empty():
            context = rules.actions.get_nowait()
            for action in context.actions:
                arguments = substitute_variables(action.action_args, {**VARIABLES, "event": event})
                rules.waiting.append(
                    {
                        "due": 0.0,
                        "left": RETRIES if arguments["name"].endswith("follow_vm") else 0,
                        **arguments,
                    }
                )

    def _acts(self, rules: Rules) -> None:
        """Carry out the actions that are due, one after another, as ansible-rulebook does; the waits of follow_vm pass on the simulator's clock."""
        while rules.waiting and rules.waiting[0]["due"] <= self.now:
            action = rules.waiting[0]
            if self._plays(action["name"], action["extra_vars"]):
                rules.waiting.popleft()
            elif action["left"]:
                action["left"] -= 1
                action["due"] = self.now + INTERVAL
            else:
                rules.waiting.popleft()

    def _plays(self, playbook: str, variables: Mapping[str, Any]) -> bool:
        environment = {
            **{
                name: value
                for name, value in os.environ.items()
                if not name.startswith(("ANSIBLE_", "FORTIFLEX_"))
            },
            **self.flex.environment(),
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".build"),
            "FORTIFLEX_STATE_DIR": str(self.directory / "state"),
            "FORTIFLEX_QUOTA_WAIT": "1",
            **{f"FORTIFLEX_{name.upper()}": str(value) for name, value in UNPACED.items()},
        }
        command = [
            str(Path(sys.executable).parent / "ansible-playbook"),
            playbook,
            "-e",
            json.dumps({**variables, "vm_retries": 0}),
        ]
        done = subprocess.run(
            command,
            env=environment,
            cwd=self.directory,
            capture_output=True,
            text=True,
            check=False,
        )
        self.ran += 1
        self.failed += done.returncode != 0
        if done.returncode and not OUTAGE[0] <= self.now < OUTAGE[1]:
            print(f"{playbook} failed: {done.stdout[-1500:]}{done.stderr[-500:]}")
        return done.returncode == 0

    def _measures(self) -> None:
        """Which machines have a license now, and which licenses a machine."""
        held = {
            item["description"].split(" [")[0]: item for item in self.flex.state()["entitlements"]
        }
        day = pacific(self.clock.now())
        for machine in self.machines:
            if machine.died is None:
                item = held.get(machine.name)
                if item is None or item["status"] not in ("PENDING", "ACTIVE"):
                    machine.unlicensed += INTERVAL
                else:
                    if item["status"] == "PENDING":
                        self.flex.redeem(item["token"])  # the machine boots with it
                    self.alive_on[item["serialNumber"]].add(day)

    def wasted(self) -> tuple[Decimal, Decimal]:
        """Points charged on days on which no machine had the license, and how many the rulebooks allow: a day for each that dies too late in it."""
        days = sorted({pacific(self.begun), pacific(self.clock.now())})
        used = {day: self.flex.bill(day, day) for day in days}
        waste = sum(
            (
                points
                for day in days
                for serial, points in used[day].items()
                if day not in self.alive_on[serial]
            ),
            Decimal(0),
        )
        dearest = max(points for bill in used.values() for points in bill.values())
        late = [
            machine
            for machine in self.machines
            if machine.died is not None
            and self._day(machine.died) != self._day(self._retired_by(machine.died))
        ]
        return waste, dearest * len(late)

    def _day(self, moment: float) -> str:
        return pacific(self.begun + moment)

    @staticmethod
    def _retired_by(died: float) -> float:
        """When the license of a machine is retired at the latest; where FortiFlex was away, after the hour in which the event comes again."""
        over = died + GRACE + 2 * INTERVAL
        return over if over < OUTAGE[0] or died >= OUTAGE[1] else max(over, OUTAGE[1]) + 3600


def pacific(moment: float) -> str:
    """The day on which FortiFlex charges it."""
    return datetime.fromtimestamp(moment, ZoneInfo("America/Los_Angeles")).date().isoformat()


def main() -> None:
    """One day for each seed; without one, seed 1."""
    os.environ.setdefault("JAVA_HOME", get_java_home() or "")
    for seed in map(int, sys.argv[1:] or ["1"]):
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as directory, start() as flex:
            now = datetime.now(timezone.utc)
            flex.set_clock(
                (
                    now.replace(hour=18, minute=0, second=0, microsecond=0) - timedelta(days=1)
                ).timestamp()
            )
            flex.seed_configuration("branch")
            day = Day(flex, Path(directory), seed)
            day.run()
            unlicensed = sum(machine.unlicensed for machine in day.machines)
            wrong = [
                f"seed {seed}: {machine.name} was without a license for {machine.unlicensed / 60:.0f} minutes, more than {machine.allowed / 60:.0f}"
                for machine in day.machines
                if machine.unlicensed > machine.allowed
            ]
            waste, bound = day.wasted()
            if waste > bound:
                wrong.append(
                    f"seed {seed}: {waste} points were charged for no machine, more than {bound}"
                )
            dead = {
                machine.name
                for machine in day.machines
                if machine.died is not None and day.now - machine.died > GRACE + 2 * INTERVAL
            }
            left = [
                item["description"]
                for item in flex.state()["entitlements"]
                if item["description"].split(" [")[0] in dead
            ]
            wrong += [f"seed {seed}: {text} is still there" for text in left]
            may = sum(machine.allowed for machine in day.machines)
            died = sum(machine.died is not None for machine in day.machines)
            print(
                f"seed {seed}: {len(day.machines)} machines, {died} died, {day.ran} playbooks ran, {day.failed} of them in vain; unlicensed "
                f"{unlicensed / 60:.0f} of at most {may / 60:.0f} minutes; wasted {waste} of at most {bound} points; {time.monotonic() - began:.0f} s"
            )
            conclude("day", day.ran, wrong)


if __name__ == "__main__":
    main()
