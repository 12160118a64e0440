# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clocks that somebody sets: within a process that changes nothing, and between processes it is noticed."""

from __future__ import annotations

import time

import pytest

from ansible_collections.flexops.fortiflex.plugins.module_utils import clock as clock_module
from ansible_collections.flexops.fortiflex.plugins.module_utils.clock import (
    Stamp,
    SystemClock,
    VirtualClock,
    WatchedClock,
)

HOUR = 3600.0


class Machine:
    """A clock that can be set, as another process sees it."""

    def __init__(self) -> None:
        self.wall, self.since_boot = 1_790_000_000.0, 5000.0

    def now(self) -> float:
        return self.wall

    def up(self) -> float:
        return self.since_boot

    def sleep(self, seconds: float) -> None:
        self.wall += seconds
        self.since_boot += seconds


@pytest.mark.parametrize("seconds", [-HOUR, HOUR])
def test_nothing_that_is_measured_changes_when_the_clock_is_set(
    monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    clock, wall = SystemClock(), time.time
    before = clock.now()
    assert abs(before - wall()) < 1.0
    monkeypatch.setattr(time, "time", lambda: wall() + seconds)
    assert 0.0 <= clock.now() - before < 1.0
    assert abs(SystemClock().now() - before - seconds) < 1.0, "the next process goes by it"
    clock.read()
    assert abs(clock.now() - before - seconds) < 1.0


@pytest.mark.parametrize("seconds", [-HOUR, HOUR])
def test_a_sleep_takes_as_long_as_it_should(
    monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    wall, slept = time.time, []
    watched = WatchedClock(SystemClock(), every=0.02)

    def watch() -> None:
        slept.append(1)
        monkeypatch.setattr(time, "time", lambda: wall() + seconds)

    watched.watch = watch
    begun = time.monotonic()
    watched.sleep(0.1)
    assert 0.09 < time.monotonic() - begun < 1.0 and len(slept) >= 2


def test_a_moment_has_an_age() -> None:
    machine = Machine()
    stamp = Stamp.of(machine.now(), machine)
    machine.sleep(50.0)
    assert stamp.age(machine) == 50.0
    assert Stamp.of(machine.now() - 20.0, machine).age(machine) == 20.0
    assert Stamp(*stamp).age(machine) == 50.0


@pytest.mark.parametrize("jump", [-HOUR, -60.0, 60.0, HOUR])
def test_a_clock_that_was_set_is_noticed_by_other_processes(jump: float) -> None:
    machine = Machine()
    stamp = Stamp.of(machine.now(), machine)
    machine.sleep(HOUR)
    machine.wall += jump
    assert stamp.age(machine) is None


def test_so_is_a_machine_that_was_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine()
    stamp = Stamp.of(machine.now(), machine)
    assert stamp._replace(up=machine.up() + 1.0).age(machine) is None
    monkeypatch.setattr(clock_module, "_boot", lambda: "another start")
    assert stamp.age(machine) is None


def test_a_virtual_clock_has_been_up_since_1970() -> None:
    clock = VirtualClock(100.0)
    stamp = Stamp.of(clock.now(), clock)
    clock.sleep(5.0)
    assert stamp.age(clock) == 5.0
