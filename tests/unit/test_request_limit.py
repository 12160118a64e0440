# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The request limit: windows, order, crashes, limits; over several processes where that matters."""

from __future__ import annotations

import errno
import fcntl
import multiprocessing
import os
import random
import signal
import threading
import time
from array import array
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.flexops.fortiflex.plugins.module_utils.client.connection import Connection
from ansible_collections.flexops.fortiflex.plugins.module_utils.client.request_limit import (
    RequestLimit,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.clock import (
    Clock,
    SystemClock,
    VirtualClock,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.errors import (
    FlexError,
    NotSent,
    QuotaExhausted,
    TooManyErrors,
)

NOW = 1_790_000_000.0
FORK = multiprocessing.get_context("fork")


def make(
    directory: Path,
    clock: Clock,
    warnings: list[str] | None = None,
    minute: float = 60.0,
    hour: float = 3600.0,
    **options: Any,
) -> RequestLimit:
    given = {
        "username": "canary-user",
        "password": "canary-password",
        "program": "P",
        "state_dir": str(directory),
        **options,
    }
    return RequestLimit(
        Connection.from_options(given),
        clock,
        (warnings if warnings is not None else []).append,
        minute,
        hour,
    )


def spend(
    limit: RequestLimit, clock: Clock, requests: int = 1, seconds: float = 0.0, **how: Any
) -> None:
    for _request in range(requests):
        with limit.slot(**how) as slot:
            slot.sending(10)
            clock.sleep(seconds)


def state_file(directory: Path) -> Path:
    (path,) = (path for path in directory.iterdir() if path.name.startswith("requests"))
    return path


@pytest.fixture
def run() -> Iterator[Callable[..., Any]]:
    """Start a function in a process of its own; those still alive at the end are killed."""
    started = []

    def start(function: Callable[..., None], *args: Any) -> Any:
        process = FORK.Process(target=function, args=args)
        process.start()
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.join()


def test_a_slot_is_free_again_a_minute_after_the_answer(tmp_path: Path) -> None:
    clock = VirtualClock(NOW)
    limit = make(tmp_path, clock, requests_per_minute=3)
    spend(limit, clock, requests=3, seconds=5)
    assert clock.now() == NOW + 15
    spend(limit, clock)
    assert clock.now() == pytest.approx(NOW + 65, abs=0.01)
    assert limit.waited == pytest.approx(50, abs=0.01)


def test_hour(tmp_path: Path) -> None:
    clock = VirtualClock(NOW)
    limit = make(tmp_path, clock, requests_per_hour=5)
    spend(limit, clock, requests=6)
    assert clock.now() == pytest.approx(NOW + 3600, abs=0.01)


def test_one_budget_for_all_processes_of_a_user(tmp_path: Path) -> None:
    clock = VirtualClock(NOW)
    spend(make(tmp_path, clock, requests_per_minute=1), clock)
    spend(make(tmp_path, clock, requests_per_minute=1, username="else"), clock)
    assert clock.now() == NOW
    spend(make(tmp_path, clock, requests_per_minute=1), clock)
    assert clock.now() > NOW + 59


def test_what_was_not_sent_does_not_count(tmp_path: Path) -> None:
    clock = VirtualClock(NOW)
    limit = make(tmp_path, clock, requests_per_minute=1)
    with limit.slot() as slot:
        slot.sending(10)
        slot.unsent()
    with limit.slot():
        pass
    spend(limit, clock)
    assert clock.now() == NOW


def test_one_warning_says_how_long_and_why(tmp_path: Path) -> None:
    clock = VirtualClock(NOW)
    warnings: list[str] = []
    spend(make(tmp_path, clock, warnings, requests_per_minute=2), clock, requests=9)
    assert warnings == [
        "Waiting because this API user has used its 2 requests per minute; this takes about 60 s."
    ]


def test_too_long_a_wait_fails_at_once(tmp_path: Path) -> None:
    clock = VirtualClock(NOW)
    spend(make(tmp_path, clock, requests_per_minute=1), clock)
    limit = make(tmp_path, clock, requests_per_minute=1, quota_wait=20)
    with pytest.raises(QuotaExhausted, match=r"in 60 s .*1 request per minute.* 20 s more"):
        spend(limit, clock)
    assert clock.now() == NOW


def test_quota_wait_is_for_the_whole_task(tmp_path: Path) -> None:
    clock = VirtualClock(NOW)
    limit = make(tmp_path, clock, requests_per_minute=1, quota_wait=100)
    spend(limit, clock, requests=2)
    with pytest.raises(QuotaExhausted):
        spend(limit, clock)


def test_a_write_does_not_wait_longer_than_it_may(tmp_path: Path) -> None:
    clock = VirtualClock(NOW)
    limit = make(tmp_path, clock, requests_per_minute=1)
    spend(limit, clock)
    with pytest.raises(NotSent):
        spend(limit, clock, not_after=NOW + 59)
    assert clock.now() == NOW
    spend(limit, clock, not_after=NOW + 61)


def test_slow_down_holds_for_everybody(tmp_path: Path) -> None:
    clock = VirtualClock(NOW)
    warnings: list[str] = []
    with make(tmp_path, clock).slot() as slot:
        slot.slow_down(45)
    spend(make(tmp_path, clock, warnings), clock)
    assert clock.now() == pytest.approx(NOW + 45, abs=0.01)
    assert warnings == [
        "Waiting because FortiFlex asked for fewer requests; this takes about 45 s."
    ]


def test_ready_waits_for_as_many_as_are_asked(tmp_path: Path) -> None:
    clock = VirtualClock(NOW)
    limit = make(tmp_path, clock, requests_per_minute=10)
    spend(limit, clock, requests=4)
    limit.ready(6)
    assert clock.now() == NOW
    clock.sleep(10)
    spend(limit, clock, requests=4)
    limit.ready(6)
    assert clock.now() == pytest.approx(NOW + 60, abs=0.01)
    limit.ready(1000)
    assert clock.now() == pytest.approx(NOW + 70, abs=0.01)
    spend(limit, clock, requests=10)
    assert clock.now() == pytest.approx(NOW + 70, abs=0.01)


def test_ready_lets_the_first_ones_go_while_the_last_ones_become_free(tmp_path: Path) -> None:
    clock = VirtualClock(NOW)
    limit = make(tmp_path, clock, requests_per_minute=10)
    for _request in range(10):
        spend(limit, clock)
        clock.sleep(1.0)
    limit.ready(10, 2.0)
    assert clock.now() == pytest.approx(NOW + 60, abs=0.01)
    limit.ready(10, 0.5)
    assert clock.now() == pytest.approx(NOW + 60 + 9 * 0.5, abs=0.01)
    limit.ready(10)
    assert clock.now() == pytest.approx(NOW + 69, abs=0.01)


@pytest.mark.parametrize(
    ("requests", "each", "seconds"),
    [
        (0, 1.0, 0.0),
        (1, 1.0, 1.0),
        (100, 0.0, 0.0),
        (101, 0.0, 60.0),
        (300, 0.0, 120.0),
        (1000, 0.0, 540.0),
        (1001, 0.0, 3600.0),
        (1101, 0.0, 3660.0),
        (300, 0.5, 121.0 + 50.0),
        (300, 1.0, 300.0),
    ],
)
def test_how_long_requests_take(tmp_path: Path, requests: int, each: float, seconds: float) -> None:
    limit = make(tmp_path, VirtualClock(NOW))
    assert limit.seconds(requests, each) == pytest.approx(seconds)
    assert limit.waited == 0.0


def test_how_long_requests_take_after_others(tmp_path: Path) -> None:
    clock = VirtualClock(NOW)
    limit = make(tmp_path, clock, requests_per_minute=10)
    spend(limit, clock, requests=8)
    clock.sleep(20.0)
    assert limit.seconds(2, 1.0) == pytest.approx(2.0)
    assert limit.seconds(3, 1.0) == pytest.approx(41.0)
    with limit.slot() as slot:
        slot.slow_down(50.0)
    assert limit.seconds(1, 1.0) == pytest.approx(51.0)


def test_no_creation_after_nine_refused_ones_within_an_hour(tmp_path: Path) -> None:
    clock = VirtualClock(NOW)
    for _error in range(9):
        with make(tmp_path, clock).slot(creates=True) as slot:
            slot.creation_refused()
        clock.sleep(60)
    limit = make(tmp_path, clock)
    with pytest.raises(TooManyErrors, match="run again in 3060 s"):
        spend(limit, clock, creates=True)
    spend(limit, clock)
    clock.sleep(3061)
    spend(limit, clock, creates=True)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"x",
        b"x" * 4000,
        os.urandom(800),
        array("d", [float("nan")] * 50).tobytes(),
        array("d", [1e300] * 50).tobytes(),
    ],
)
def test_damaged_file_starts_afresh(tmp_path: Path, content: bytes) -> None:
    clock = VirtualClock(NOW)
    limit = make(tmp_path, clock, requests_per_minute=2)
    spend(limit, clock)
    state_file(tmp_path).write_bytes(content)
    spend(limit, clock, requests=2)
    assert clock.now() == NOW
    spend(limit, clock)
    assert clock.now() > NOW + 59


def test_clock_set_back_starts_afresh(tmp_path: Path) -> None:
    clock = VirtualClock(NOW)
    spend(make(tmp_path, clock, requests_per_minute=2), clock, requests=2)
    earlier = VirtualClock(NOW - 86400)
    spend(make(tmp_path, earlier, requests_per_minute=2), earlier)
    assert earlier.now() == NOW - 86400


def test_state_file_stays_small(tmp_path: Path) -> None:
    clock = VirtualClock(NOW)
    limit = make(tmp_path, clock, requests_per_minute=2000, requests_per_hour=2000, quota_wait=1e9)
    spend(limit, clock, requests=6001)
    assert state_file(tmp_path).stat().st_size < 40_000
    assert clock.now() == pytest.approx(NOW + 3 * 3600, abs=1)


def test_no_flock_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limit = make(tmp_path, VirtualClock(NOW))

    def refuse(*args: Any) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(FlexError, match="set state_dir to a directory on a local disk"):
        spend(limit, VirtualClock(NOW))


def test_file_names_and_contents_reveal_nothing(tmp_path: Path) -> None:
    clock = VirtualClock(NOW)
    spend(make(tmp_path, clock), clock)
    for path in tmp_path.iterdir():
        assert "canary" not in path.name
        assert b"canary" not in path.read_bytes()


def _die_while_sending(directory: Path) -> None:
    with make(directory, VirtualClock(NOW), requests_per_minute=1).slot() as slot:
        slot.sending(5)
        os.kill(os.getpid(), signal.SIGKILL)


def test_a_killed_process_leaves_no_lock_but_its_request_counts(
    tmp_path: Path, run: Callable[..., Any]
) -> None:
    run(_die_while_sending, tmp_path).join()
    clock = VirtualClock(NOW)
    spend(make(tmp_path, clock, requests_per_minute=1), clock)
    assert clock.now() == pytest.approx(NOW + 65, abs=0.01)


def _spend_and_log(directory: Path, log: Path, requests: int, options: dict[str, Any]) -> None:
    clock = SystemClock()
    limit = make(directory, clock, minute=1.0, hour=100.0, **options)
    for _request in range(requests):
        with limit.slot() as slot:
            slot.sending(1)
            began = clock.now()
            clock.sleep(random.uniform(0, 0.01))
            with log.open("a") as file:
                file.write(f"{began} {clock.now()} {os.getpid()}\n")


def read_log(log: Path) -> list[tuple[float, float, int]]:
    return sorted(
        (float(began), float(ended), int(process))
        for began, ended, process in (line.split() for line in log.read_text().splitlines())
    )


def test_twenty_processes_never_overlap_and_keep_to_the_window(
    tmp_path: Path, run: Callable[..., Any]
) -> None:
    log = tmp_path / "log"
    processes = [
        run(_spend_and_log, tmp_path / "state", log, 3, {"requests_per_minute": 15})
        for _process in range(20)
    ]
    for process in processes:
        process.join(20)
        assert process.exitcode == 0
    sent = read_log(log)
    assert len(sent) == 60
    for (_began, ended, _process), (began, _ended, _other) in zip(sent, sent[1:], strict=False):
        assert began >= ended
    for (_began, ended, _process), (began, _ended, _other) in zip(sent, sent[15:], strict=False):
        assert began >= ended + 1.0
    assert not list((tmp_path / "state").glob("queue-*/*"))


def test_nobody_starves_beside_a_busy_process(tmp_path: Path, run: Callable[..., Any]) -> None:
    log = tmp_path / "log"
    busy = run(
        _spend_and_log,
        tmp_path / "state",
        log,
        100_000,
        {"requests_per_minute": 100_000, "requests_per_hour": 100_000},
    )
    for _look in range(1000):
        if log.exists():
            break
        time.sleep(0.01)
    others = [
        run(
            _spend_and_log,
            tmp_path / "state",
            log,
            3,
            {"requests_per_minute": 100_000, "requests_per_hour": 100_000},
        )
        for _process in range(3)
    ]
    for process in others:
        process.join(10)
        assert process.exitcode == 0
    assert busy.is_alive()


def queue_up(directory: Path, join: Callable[[], Any]) -> Any:
    """Let somebody join the queue, and come back when his place in it shows."""
    before = set(directory.glob("queue-*/[01]-*"))
    joined = join()
    for _look in range(2000):
        if set(directory.glob("queue-*/[01]-*")) - before:
            return joined
        time.sleep(0.005)
    raise AssertionError("nobody joined the queue")


def test_stops_go_first_then_who_came_first_and_the_dead_are_passed_over(
    tmp_path: Path, run: Callable[..., Any]
) -> None:
    clock = SystemClock()
    order: list[str] = []

    def start(name: str, first: bool) -> threading.Thread:
        def take() -> None:
            with make(tmp_path, clock).slot(first=first):
                order.append(name)

        thread = threading.Thread(target=take, daemon=True)
        thread.start()
        return thread

    with make(tmp_path, clock).slot():
        dead = queue_up(tmp_path, lambda: run(_spend_and_log, tmp_path, tmp_path / "log", 1, {}))
        dead.kill()
        dead.join()
        threads = [
            queue_up(tmp_path, partial(start, *who))
            for who in (("first", False), ("second", False), ("stop", True))
        ]
    for thread in threads:
        thread.join(10)
    assert order == ["stop", "first", "second"]
    assert not list(tmp_path.glob("queue-*/*"))


def test_a_virtual_clock_does_not_hang_on_a_lock(tmp_path: Path) -> None:
    clock = VirtualClock(NOW)
    with make(tmp_path, clock).slot(), pytest.raises(QuotaExhausted, match="other processes"):
        spend(make(tmp_path, clock, quota_wait=30), clock)
