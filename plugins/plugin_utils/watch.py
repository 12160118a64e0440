# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the event sources do: query FortiFlex now and then, report what is new, and remember in a
file what was reported.

Private to the collection: may change at any time.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import os
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ..module_utils.client.connection import argument_spec, option_names
from ..module_utils.client.state_files import StateFile
from ..module_utils.clock import Clock, SystemClock
from ..module_utils.core.dates import pacific_day
from ..module_utils.core.spelling import spelled
from ..module_utils.errors import FlexError, Problems
from ..module_utils.given import Given
from ..module_utils.grouping import part_of
from ..module_utils.task.options import ACCOUNTS, Spec
from ..module_utils.task.results import Result
from ..module_utils.task.task import Task, execute
from ..module_utils.usage.options import POINTS
from ..module_utils.usage.usage import used_points
from . import _events as events
from ._events import Event

_FATAL = (
    "invalid_input",
    "account_not_allowed",
    "login_refused",
    "access_denied",
)  # what no later query would correct, and what locks an API user out
_REFUSED, _REFUSED_SECONDS = (
    ("refused", "too_many_errors"),
    3600.0,
)  # FortiFlex counts what it refuses, by the hour
_LONGEST = 1000  # characters of a text of an event
_WATCH: Spec = {
    **ACCOUNTS,
    "remind": {"type": "float", "default": 86400.0},
    "consumer": {"type": "str", "default": "default"},
    "quota_wait": {
        "type": "float",
        "default": 60.0,
    },  # not the hour of a task: the next query comes anyway
}
LIFECYCLE: Spec = {
    **_WATCH,
    "interval": {"type": "float", "default": 300.0},
    "expiring_days": {"type": "list", "elements": "int", "default": [30, 7, 1]},
    "spares": {"type": "dict", "default": {}},
    "deleted_tag": {"type": "str", "default": "vm_deleted"},
    "grace": {"type": "float", "default": 1800.0},
}
USAGE: Spec = {
    **_WATCH,
    **{
        name: POINTS[name]
        for name in ("ledger", "budget", "thresholds", "least_days", "commitment")
    },
    "interval": {"type": "float", "default": 3600.0},
    "trend_days": {"type": "int", "default": 14},
    "spike": {"type": "float", "default": 1.5},
}


_warning = logging.getLogger(__name__).warning
_NOTHING: dict[str, Any] = {"told": {}, "query": None, "not_before": 0.0}  # was remembered yet


class Watch(ABC):
    """One event source.

    ``poll`` gives the events of now, and ``keep`` says that they have been handed on.
    """

    kind: str
    spec: Spec

    def __init__(self, args: Mapping[str, Any], clock: Clock) -> None:
        """From the arguments of a rulebook.

        :raises InvalidInput: with everything that is wrong with them.
        :raises FlexError: if another process watches the same as the same consumer.
        """
        said = {key: value for key, value in args.items() if key != "eda_feedback_queue"}
        # Without the options of the audit trail, since nothing is written.
        given, spec = Given(), {**part_of(argument_spec(), option_names()), **self.spec}
        checked = ArgumentSpecValidator(spec).validate(given.options(said, spec))
        Problems([*given.problems, *checked.error_messages]).refuse()
        self.options: dict[str, Any] = checked.validated_parameters
        low = [
            f"{name}: {self.options[name]:g} is under the minimum {least}"
            for name, least in self._least().items()
            if self.options[name] < least
        ]
        Problems([*low, *self._problems()]).refuse()
        self.interval: float = self.options["interval"]
        self._clock = clock
        connection = Task(self.options, False, clock, _warning).connection_of(True, True)
        self._program = connection.program
        whose = json.dumps(
            [
                connection.program,
                connection.account_id,
                self.options["accounts"],
                self.options["consumer"],
            ]
        )
        digest = hashlib.sha256(whose.encode()).hexdigest()[:16]
        self._file = StateFile(connection.state_file(f"events-{self.kind}-{digest}"))
        lock = self._file.held()
        if lock is None:
            consumer = self.options["consumer"]
            raise FlexError(
                f"Another process on this machine watches this as consumer '{consumer}': "
                "give this one another name with consumer."
            )
        self._lock = lock
        self._known: dict[str, Any] = self._file.load(_remembered) or dict(_NOTHING)
        self._next = self._known

    def poll(self) -> list[dict[str, Any]]:
        """Query FortiFlex, and give the events of what is new.

        Until ``keep`` is called, the next query finds the same again.

        :raises FlexError: for what no later query would correct.
        """
        if self._clock.now() < self._known["not_before"]:
            return []
        result = execute(self.query, self.options, False, self._clock, _warning)
        moment = self._clock.now()
        if result.get("failed"):
            if result["error_code"] in _FATAL:
                raise FlexError(str(result["msg"]))
            failed = Event(
                "poll_failed",
                result["error_code"],
                {"error_code": result["error_code"], "message": result["msg"]},
            )
            fresh, told = events.news([failed], self._known["told"], moment, self.options["remind"])
            pause = _REFUSED_SECONDS if result["error_code"] in _REFUSED else 0.0
            self._next = {
                **self._known,
                "told": self._known["told"] | told,
                "not_before": moment + pause,
            }
        else:
            fresh, told = events.news(
                self.find(result, self._known["query"], moment),
                self._known["told"],
                moment,
                self.options["remind"],
            )
            self._next = {"told": told, "query": self.remember(result, moment), "not_before": 0.0}
        where = {"program": self._program, "time": _iso(moment)}
        return [
            _tame({"flex": {"type": event.type, "id": event.id, **where, **event.data}})
            for event in fresh
        ]

    def keep(self) -> None:
        """Remember what was reported; after a crash before that it is reported again, with the same
        ids.

        :raises FlexError: if it cannot be kept, so that every query would report it again
        """
        if self._next != self._known:
            self._file.replace(json.dumps(self._next))
            self._known = self._next

    def close(self) -> None:
        """Let another process watch the same, as the end of this one does."""
        os.close(self._lock)

    @abstractmethod
    def query(self, task: Task) -> Result:
        """Ask FortiFlex."""

    @abstractmethod
    def find(self, result: Result, before: Any, moment: float) -> Iterable[Event]:
        """What is worth an event, given what was remembered of the query before."""

    def remember(self, result: Result, moment: float) -> Any:
        """What the next query needs of this one."""
        return None

    def _least(self) -> dict[str, float]:
        return {"interval": 1, "remind": 0}

    def _problems(self) -> Sequence[str]:
        return ()


class LifecycleWatch(Watch):
    """The event source flex_lifecycle."""

    kind, spec = "lifecycle", LIFECYCLE

    def query(self, task: Task) -> Result:
        """All entitlements, by two requests for an account."""
        return {"rows": task.rows()}

    def find(self, result: Result, before: Any, moment: float) -> Iterable[Event]:
        """What has changed and what is the case."""
        rows, since = (before["rows"], before["time"]) if before else (None, "")
        return events.lifecycle(rows, result["rows"], self.options, since, moment)

    def remember(self, result: Result, moment: float) -> Any:
        """The entitlements by serial number, and when they were queried."""
        return {
            "time": _iso(moment),
            "rows": {row["entitlement"]["serial_number"]: row for row in result["rows"]},
        }

    def _least(self) -> dict[str, float]:
        return super()._least() | {"grace": 0}

    def _problems(self) -> Sequence[str]:
        texts = {str(key): str(number) for key, number in self.options["spares"].items()}
        good = {key: int(text) for key, text in texts.items() if text.isdecimal()}
        self.options["spares"] = {spelled(key): number for key, number in good.items()}
        return [
            f"spares: {key}={text} is no number of spares; write a whole number"
            for key, text in texts.items()
            if key not in good
        ]


class UsageWatch(Watch):
    """The event source flex_usage."""

    kind, spec = "usage", USAGE

    def __init__(self, args: Mapping[str, Any], clock: Clock) -> None:
        """See Watch."""
        super().__init__(args, clock)
        days = self.options["trend_days"] + 1  # today is not complete
        self.options |= {"last_days": days, "start_date": None, "end_date": None, "period": None}
        self.options |= {"group_by": ["day"], "projection": True, "fail_on_alert": False}

    def query(self, task: Task) -> Result:
        """What the last days used, and what is expected, as flex_points_info returns it."""
        return used_points(task)

    def find(self, result: Result, before: Any, moment: float) -> Iterable[Event]:
        """Alerts, and a day that used much more than those before."""
        return [
            *events.alerts(result, pacific_day(moment)),
            *events.spike(result, self.options["spike"]),
        ]

    def _least(self) -> dict[str, float]:
        return super()._least() | {"trend_days": 4, "spike": 1}


async def watch(queue: Any, source: type[Watch], args: Mapping[str, Any]) -> None:
    """Put the events of a source into the queue of ansible-rulebook, until that ends.

    :raises FlexError: for what no later query would correct.
    """
    clock = SystemClock()
    watched = source(args, clock)
    try:
        while True:
            clock.read()
            for event in await asyncio.to_thread(watched.poll):
                await queue.put(event)
            watched.keep()
            await asyncio.sleep(watched.interval)
    finally:
        watched.close()


def _remembered(known: Mapping[str, Any]) -> dict[str, Any]:
    """What was remembered of the query before."""
    return {
        "told": dict(known["told"]),
        "query": known["query"],
        "not_before": float(known["not_before"]),
    }


def _tame(value: Any) -> Any:
    """The same data without what Ansible would fill in: playbooks get it as variables, and anybody
    may have written a description.

    Long texts are cut.
    """
    if isinstance(value, str):
        short = value if len(value) <= _LONGEST else f"{value[:_LONGEST]}…"
        return re.sub(r"\{(?=[{%#])", "{ ", short)
    if isinstance(value, dict):
        return {_tame(key): _tame(item) for key, item in value.items()}
    return [_tame(item) for item in value] if isinstance(value, (list, tuple)) else value


def _iso(moment: float) -> str:
    return (
        datetime.fromtimestamp(moment, timezone.utc)
        .isoformat(timespec="seconds")
        .replace("+00:00", "Z")
    )
