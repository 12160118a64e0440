# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the programs of this directory share: clocks, a run of flex_fleet without Ansible, hooks on the wire, workers, the last line of output."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import requests
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.flexops.fortiflex.plugins.module_utils.client.connection import (
    argument_spec,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.clock import Clock
from ansible_collections.flexops.fortiflex.plugins.module_utils.task.fleet import ensure_fleet
from ansible_collections.flexops.fortiflex.plugins.module_utils.task.options import FLEET
from ansible_collections.flexops.fortiflex.plugins.module_utils.task.task import execute
from simulator.launch import Simulator

Result = dict[str, Any]
FORK = multiprocessing.get_context("fork")
BUNDLE = "fortigate_vm_bundle"
UNPACED = {"requests_per_minute": 100_000, "requests_per_hour": 100_000}


class SimulatorClock:
    """The simulator's clock: to sleep moves it on, and costs ``real`` seconds of real time for each second slept."""

    def __init__(self, flex: Simulator, real: float = 0.0) -> None:
        self._flex = flex
        self._real = real
        self._offset: float = flex.post("clock", {"advance": 0})["now"] - time.time()

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time() + self._offset

    def up(self) -> float:
        """The same: nobody sets this clock."""
        return self.now()

    def sleep(self, seconds: float) -> None:
        """Let time pass, also for the simulator."""
        seconds = max(0.0, seconds)
        if self._real:
            time.sleep(seconds * self._real)
        self._flex.advance(seconds)
        self._offset += seconds


class FastClock:
    """Real time that runs ``speed`` times as fast. All processes that have one agree on the time, however they wait."""

    def __init__(self, epoch: float, speed: float) -> None:
        self._epoch = epoch
        self._speed = speed

    def now(self) -> float:
        """Seconds since 1970."""
        return self._epoch + (time.time() - self._epoch) * self._speed

    def up(self) -> float:
        """The same: nobody sets this clock."""
        return self.now()

    def sleep(self, seconds: float) -> None:
        """Wait for a part of it."""
        time.sleep(max(0.0, seconds) / self._speed)


@cache
def _validator() -> ArgumentSpecValidator:
    return ArgumentSpecValidator({**argument_spec(), **FLEET})


def options(
    flex: Simulator, state_dir: Path, wanted: Mapping[str, Any], **more: Any
) -> dict[str, Any]:
    """The options of a task as flex_fleet's action plugin hands them to the core."""
    names = {
        "FORTIFLEX_ACCESS_USERNAME": "username",
        "FORTIFLEX_ACCESS_PASSWORD": "password",
        "FORTIFLEX_PROGRAM": "program",
        "FORTIFLEX_ACCOUNT_ID": "account_id",
        "FORTIFLEX_API_URL": "api_url",
        "FORTIFLEX_AUTH_URL": "auth_url",
    }
    given = {names[variable]: value for variable, value in flex.environment().items()}
    checked = _validator().validate({**given, "state_dir": str(state_dir), **wanted, **more})
    if checked.error_messages:
        raise ValueError("; ".join(checked.error_messages))
    validated: dict[str, Any] = checked.validated_parameters
    return validated


def fleet(given: Mapping[str, Any], clock: Clock) -> Result:
    """One run of flex_fleet. An exception is a defect."""
    return execute(ensure_fleet, given, False, clock, lambda text: None)


@contextmanager
def wire(
    send: Callable[
        [Callable[[requests.PreparedRequest], requests.Response], requests.PreparedRequest],
        requests.Response,
    ],
) -> Iterator[None]:
    """Let every request of this process go through ``send``, which gets the real way to send and the request."""
    real = requests.adapters.HTTPAdapter.send

    def patched(
        adapter: requests.adapters.HTTPAdapter,
        request: requests.PreparedRequest,
        *args: Any,
        **more: Any,
    ) -> requests.Response:
        return send(lambda changed: real(adapter, changed, *args, **more), request)

    requests.adapters.HTTPAdapter.send = patched  # type: ignore[assignment, method-assign]  # replaced on purpose
    try:
        yield
    finally:
        requests.adapters.HTTPAdapter.send = real  # type: ignore[method-assign]  # put back


@contextmanager
def directories() -> Iterator[Callable[[], Path]]:
    """Makes state directories, one after the other; in memory where the machine has such a place."""
    root = tempfile.mkdtemp(
        prefix="faults-", dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    )
    try:
        yield lambda: Path(tempfile.mkdtemp(dir=root))
    finally:
        shutil.rmtree(root)


def work(
    function: Callable[..., Any], jobs: Sequence[tuple[Any, ...]], workers: int
) -> Iterator[Any]:
    """Answers of ``function`` for all jobs, from that many processes, in the order of completion."""
    # Not a Pool: its workers are daemons, which may have no children.
    queue: Any = FORK.SimpleQueue()

    def take(mine: Iterable[tuple[Any, ...]]) -> None:
        for job in mine:
            try:
                queue.put(function(*job))
            except BaseException as error:
                queue.put(error)
                raise

    processes = [
        FORK.Process(target=take, args=(jobs[number::workers],)) for number in range(workers)
    ]
    for process in processes:
        process.start()
    try:
        for _job in jobs:
            answer = queue.get()
            if isinstance(answer, BaseException):
                raise answer
            yield answer
    finally:
        for process in processes:
            process.kill()
            process.join()


def at_once(functions: Sequence[Callable[[], Any]]) -> list[Any]:
    """Answers of all functions, each in a process of its own, all at the same time."""
    return list(
        work(
            lambda number: functions[number](),
            [(number,) for number in range(len(functions))],
            len(functions),
        )
    )


def conclude(what: str, cases: int, failures: Sequence[str]) -> None:
    """Say how it went, and end this program with 1 if anything failed."""
    for failure in failures[:40]:
        print(f"  FAILED  {failure}")
    print(f"{what}: {cases} cases, {len(failures)} failures")
    sys.exit(1 if failures else 0)
