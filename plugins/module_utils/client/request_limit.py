# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The request limit that all processes of one machine share per API user: one request at a time, so
many a minute, so many an hour.

Private to the collection: may change at any time.
"""

from __future__ import annotations

import fcntl
import math
import os
import pathlib
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice, takewhile
from typing import NamedTuple

from ..clock import Clock
from ..errors import NotSent, QuotaExhausted, TooManyErrors
from ..wording import count_of
from .connection import Connection
from .state_files import MOST_BYTES, open_own, opened_own, state_dir_error

# The state file is a row of doubles, times in seconds since 1970: until when nothing may be sent, the latest refused creations,
# then one time per request, in the order of sending: when it was answered or, while it is under way, when it ends at the latest.
# FortiFlex locks creations for up to an hour after ten errors, according to the MSSP toolkit, a third-party
# client of 2025, the only source of all its limits.
_ERROR_LIMIT = 9
_BLOCKED = 0
_FIRST_ERROR = 1
_FIRST_REQUEST = _FIRST_ERROR + _ERROR_LIMIT
_SIZE = 8
_COMPACT_FROM = 2048  # requests in the file before old ones are dropped
# Seconds that are no wait: times since 1970 are not exact enough to tell them apart.
_INSTANT = 1e-6
_STEP = 0.2  # seconds between two checks at the most, except while a window is full for long
_POLL = 0.01  # seconds between two checks while others are sending, for each process ahead


class Slot:
    """The right to send one request now. It is counted from ``sending()`` on, unless ``unsent()``
    takes that back.
    """

    def __init__(self, descriptor: int, times: array[float], clock: Clock, minute: float) -> None:
        self._descriptor = descriptor
        self._times = times
        self._clock = clock
        self._minute = minute
        self._under_way = False

    def sending(self, seconds: float) -> None:
        """The request is about to be sent and takes so many seconds at the most: it is counted even
        if this process dies meanwhile.
        """
        self._under_way = True
        self._write(len(self._times), self._clock.now() + min(seconds, self._minute))

    def unsent(self) -> None:
        """The request certainly never left this machine."""
        self._under_way = False
        os.ftruncate(self._descriptor, len(self._times) * _SIZE)

    def slow_down(self, seconds: float) -> None:
        """FortiFlex wants no request for so many seconds: no process of this machine sends one
        before.
        """
        self._write(_BLOCKED, self._clock.now() + seconds)

    def creation_refused(self) -> None:
        """A creation was refused, which FortiFlex counts."""
        self._write(
            _FIRST_ERROR, *self._times[_FIRST_ERROR + 1 : _FIRST_REQUEST], self._clock.now()
        )

    def close(self) -> None:
        """A counted request ends now."""
        if self._under_way:
            self._write(len(self._times), self._clock.now())

    def _write(self, position: int, *values: float) -> None:
        os.pwrite(self._descriptor, array("d", values).tobytes(), position * _SIZE)


class Waiting(NamedTuple):
    """What is waited for, as the rest of a sentence, and until when (seconds since 1970), if that
    is known.
    """

    reason: str
    until: float | None


class _Cause(NamedTuple):
    """Why a request has to wait, as a clause, and as the rest of a sentence that says until when."""

    clause: str
    rest: str


TURN = "for other processes that use the same API user"
_OTHERS = _Cause("other processes use the same API user", TURN)
_SLOWED = _Cause("FortiFlex asked for fewer requests", "because FortiFlex asked for fewer requests")


class _Window(NamedTuple):
    """So many requests in so many seconds."""

    seconds: float
    limit: int
    word: str

    @property
    def cause(self) -> _Cause:
        """Why a request has to wait for it."""
        requests, article = count_of(self.limit, "request"), "an" if self.word == "hour" else "a"
        return _Cause(
            f"this API user has used its {requests} per {self.word}",
            f"for the request limit ({self.limit} {article} {self.word})",
        )


class RequestLimit:
    """The request limit of one API user. ``waited`` is how many seconds this process has waited for
    it.
    """

    def __init__(
        self,
        connection: Connection,
        clock: Clock,
        warn: Callable[[str], None],
        minute: float = 60.0,
        hour: float = 3600.0,
    ) -> None:
        """``minute`` and ``hour`` are the lengths of the two windows in seconds. Raises FlexError
        where the state directory cannot be used. The attribute ``waiting`` is what holds the next
        request; None if nothing does.
        """
        self.waited = 0.0
        self.waiting: Waiting | None = None
        self.minute = minute
        self.hour = hour
        self._clock = clock
        self._warn = warn
        self._warned: set[str] = set()
        self._quota_wait = connection.quota_wait
        self._directory = connection.state_dir
        self._path = connection.state_file("requests")
        self._queue = connection.state_file("queue")
        per_minute, per_hour = connection.requests_per_minute, connection.requests_per_hour
        self.most = min(per_minute, per_hour)  # requests that unused limits allow at once
        self._windows = (_Window(minute, per_minute, "minute"), _Window(hour, per_hour, "hour"))

    @contextmanager
    def slot(
        self, not_after: float | None = None, first: bool = False, creates: bool = False
    ) -> Iterator[Slot]:
        """Wait until a request may be sent, and keep every other request of this API user away
        until the end of the block.

        ``first`` goes before all that wait without it. Raises NotSent if there is no slot until
        ``not_after`` (seconds since 1970), QuotaExhausted if the wait is longer than ``quota_wait``
        allows, TooManyErrors if the next refused creation (``creates``) could lock the user.
        """
        with self._entered(1, not_after, first) as (descriptor, times):
            free = times[_FIRST_ERROR] + self.hour - self._clock.now()
            if creates and free > 0:
                raise TooManyErrors(
                    f"Nothing more is created now: {_ERROR_LIMIT} creations of this API user "
                    "were refused within the last hour, and FortiFlex locks creations after ten; "
                    f"correct what was refused and run again in {math.ceil(free)} s."
                )
            slot = Slot(descriptor, times, self._clock, self.minute)
            try:
                yield slot
            finally:
                slot.close()

    def ready(self, requests: int, each: float = 0.0) -> None:
        """Wait until so many requests (at most what the limits allow) could be sent one after the
        other, if each takes so many seconds.

        The last ones may need room that is not there yet when the first one is sent. Raises
        QuotaExhausted.
        """
        with self._entered(max(1, min(requests, self.most)), each=each):
            pass

    def seconds(self, requests: int, each: float) -> float:
        """How long so many requests take from now on, one after the other, if each takes so many
        seconds and nobody else sends any.
        """
        now = self._clock.now()
        return next(islice(self._ends(now, each), requests, None)) - now

    def room(self, seconds: float, each: float) -> int:
        """How many such requests can be sent and answered within so many seconds from now."""
        now = self._clock.now()
        ends = islice(self._ends(now, each), 1, None)
        return sum(1 for _end in takewhile(lambda end: end <= now + seconds, ends))

    def _ends(self, now: float, each: float) -> Iterator[float]:
        """When the next request can be sent, then when it would be answered, and all that could
        follow it at once.
        """
        with self._on_disk(), opened_own(self._path) as descriptor:
            times = self._read(descriptor, False)
        ends, end = times[_FIRST_REQUEST:], max(now, times[_BLOCKED])
        yield now
        while True:
            for seconds, limit, _word in self._windows:
                if len(ends) >= limit:
                    end = max(end, ends[-limit] + seconds)
            end += each
            ends.append(end)
            yield end

    @contextmanager
    def _on_disk(self) -> Iterator[None]:
        """Where the state directory cannot be used, say so."""
        try:
            yield
        except OSError as error:
            raise state_dir_error(self._directory, error) from None

    @contextmanager
    def _entered(
        self, requests: int, not_after: float | None = None, first: bool = False, each: float = 0.0
    ) -> Iterator[tuple[int, array[float]]]:
        """Wait for the lock with room for so many requests of so many seconds; gives the locked
        state file, and what is in it.
        """
        begun = self.waited
        with self._on_disk(), _QueuePlace(self._queue, first, self._clock.now()) as place:
            try:
                while True:
                    with opened_own(self._path) as descriptor:
                        ahead = place.ahead()
                        mine = not ahead and _locked(descriptor)
                        times = self._read(descriptor, mine)
                        wait, cause = self._due(times, requests, each)
                        if mine and wait < _INSTANT:
                            self.waiting = None
                            place.leave()
                            yield descriptor, times
                            return
                    place.keep()
                    if wait > 0:
                        step = min(wait, max(_STEP, wait / 10))
                        self._wait(wait, step, cause, not_after, wait >= 1)
                    else:
                        step = min(_STEP, _POLL * (ahead + 1))
                        self._wait(step, step, _OTHERS, not_after, self.waited - begun >= 5)
            finally:
                self.waiting = None

    def _due(self, times: array[float], requests: int, each: float) -> tuple[float, _Cause]:
        """How many seconds until so many requests may be sent, each when the one before has taken
        its time, and why.
        """
        now = self._clock.now()
        wait, cause = times[_BLOCKED] - now, _SLOWED
        for window in self._windows:
            seconds, limit, _word = window
            oldest = len(times) - limit  # of those that leave no room for one more
            for position in range(max(oldest, _FIRST_REQUEST), oldest + min(requests, limit)):
                due = times[position] + seconds - now - (position - oldest) * each
                if due > wait:
                    wait, cause = due, window.cause
        return wait, cause

    def _wait(
        self, wait: float, step: float, cause: _Cause, not_after: float | None, announce: bool
    ) -> None:
        """Let a step of a wait pass. Raises NotSent or QuotaExhausted where the whole of it would
        be too long.
        """
        before, reason = self._clock.now(), cause.clause
        self.waiting = Waiting(cause.rest, None if cause is _OTHERS else before + wait)
        left = self._quota_wait - self.waited
        if self.waited + wait > self._quota_wait:
            raise QuotaExhausted(
                f"The next request can be sent in {math.ceil(wait)} s at the earliest ({reason}), "
                f"and quota_wait allows this task {max(0, math.floor(left))} s more: "
                "run it again later, or raise quota_wait."
            )
        if not_after is not None and before + wait > not_after:
            raise NotSent(
                f"A change was not sent because {reason}: "
                "it is planned again from a new query of the program."
            )
        if announce and reason not in self._warned:
            self._warned.add(reason)
            length = f"about {math.ceil(wait)} s" if wait >= 1 else "as long as they do"
            self._warn(f"Waiting because {reason}; this takes {length}.")
        self._clock.sleep(step)
        self.waited += max(0.0, self._clock.now() - before)

    def _read(self, descriptor: int, mine: bool) -> array[float]:
        """The times in the state file; none if it is damaged or the clock was set back. Whoever has
        the lock repairs and shortens it.
        """
        size = os.fstat(descriptor).st_size
        data = os.pread(descriptor, min(size, MOST_BYTES), 0)
        times = array("d", data[: len(data) // _SIZE * _SIZE])
        now = self._clock.now()
        sound = (
            size == len(data)
            and len(times) >= _FIRST_REQUEST
            and times[_BLOCKED] <= now + self.hour
            and all(time <= now + self.minute for time in times[_FIRST_ERROR:])
        )
        kept = times if sound else array("d", [-math.inf] * _FIRST_REQUEST)
        if len(kept) > _COMPACT_FROM and kept[len(kept) // 2] <= now - self.hour:
            kept = kept[:_FIRST_REQUEST] + kept[len(kept) // 2 :]
        if mine and (not sound or len(kept) * _SIZE != size):
            os.pwrite(descriptor, kept.tobytes(), 0)
            os.ftruncate(descriptor, len(kept) * _SIZE)
        return kept


class _QueuePlace:
    """A place in the queue: a file that its process keeps locked, so that a dead process holds
    none. It makes the order fair, not the sending safe.
    """

    def __init__(self, queue: pathlib.Path, first: bool, now: float) -> None:
        self._path = queue / f"{0 if first else 1}-{now:018.6f}-{os.urandom(4).hex()}"
        self._descriptor = -1

    def __enter__(self) -> _QueuePlace:
        return self

    def __exit__(self, *_error: object) -> None:
        self.leave()

    def ahead(self) -> int:
        """How many are before this one."""
        try:
            before = sorted(
                path for path in self._path.parent.iterdir() if path.name < self._path.name
            )
        except FileNotFoundError:
            return 0
        return next(
            (len(before) - passed for passed, path in enumerate(before) if not _is_dead(path)), 0
        )

    def keep(self) -> None:
        """Be seen by the others from now on."""
        if self._descriptor < 0:
            self._path.parent.mkdir(mode=0o700, exist_ok=True)
            # Until it is locked, it would pass for a dead one.
            new = self._path.with_name(f"new-{self._path.name}")
            self._descriptor = open_own(new, os.O_RDWR | os.O_CREAT | os.O_EXCL)
            _locked(self._descriptor)
            new.rename(self._path)

    def leave(self) -> None:
        """Let the next one pass."""
        if self._descriptor >= 0:
            self._path.unlink(missing_ok=True)
            os.close(self._descriptor)
            self._descriptor = -1


def _is_dead(path: pathlib.Path) -> bool:
    """Whether a place belongs to no process any more; if so, it is removed."""
    try:
        with opened_own(path, os.O_RDWR) as descriptor:
            dead = _locked(descriptor)
            if dead:
                path.unlink(missing_ok=True)
            return dead
    except FileNotFoundError:
        return True


def _locked(descriptor: int) -> bool:
    """Whether the lock could be had at once."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
