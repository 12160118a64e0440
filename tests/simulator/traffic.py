# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes over the wire, apart from its meaning: the log of requests, request limits, and faults on demand."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .clock import Clock
from .refusal import Refusal
from .settings import Settings

FAULTS = {  # kind: does the call take effect, unless the rule says otherwise
    "refuse": False,
    "reset_before": False,
    "reset_after": True,
    "timeout_before": False,
    "timeout_after": True,
    "late": True,
    "html_500": False,
    "html_502": False,
    "truncated_json": True,
    "empty": True,
    "unknown_shape": True,
    "null": True,
    "flood": True,
    "invalid_token": False,
    "http_401": False,
    "slow_down": False,
    "refused": False,
    "denied": False,
}
SLOW_DOWN = {
    -10: "Exceed max requests in a minute.",
    -11: "Exceed max requests in an hour.",
    -12: "Failed token process.",
    -30: "Exceed max errors.",
}


class FaultError(ValueError):
    """A rule that cannot be understood."""


@dataclass
class Rule:
    """One fault: for which requests, from which matching request on, how many times."""

    kind: str
    path: str = "*"
    user: str | None = None
    nth: int = 1
    times: int = 1
    always: bool = False
    seconds: float = 30.0
    hold: float = 0.0
    code: int = -10
    effect: bool | None = None
    message: str = "Invalid parameter value."
    seen: int = field(default=0, init=False)

    @classmethod
    def read(cls, item: Mapping[str, Any]) -> Rule:
        """A rule from the control API; raises FaultError."""
        try:
            rule = cls(**item)
        except TypeError as error:
            raise FaultError(f"Fault {dict(item)} cannot be understood: {error}.") from None
        if rule.kind not in FAULTS:
            raise FaultError(f"There is no fault '{rule.kind}'; there are {', '.join(FAULTS)}.")
        if rule.code not in SLOW_DOWN:
            raise FaultError(
                f"Fault 'slow_down' knows no code {rule.code}; it knows {', '.join(map(str, SLOW_DOWN))}."
            )
        if rule.effect is None:
            rule.effect = FAULTS[rule.kind]
        return rule

    def hits(self, path: str, user: str | None, writes: bool) -> bool:
        """Whether this request, which is counted now, is one of those that fail."""
        call = path != "login" and not path.startswith("device/")
        wanted = {"*": call, "writes": call and writes, "reads": call and not writes}.get(
            self.path, path == self.path
        )
        if not wanted or (self.user and self.user != user):
            return False
        self.seen += 1
        return self.seen >= self.nth and (self.always or self.seen < self.nth + self.times)


@dataclass
class Entry:
    """One request of the log."""

    n: int
    time: float
    path: str
    writes: bool
    user: str | None = None
    body: Any = None
    http_status: int | None = None
    status: Any = None
    fault: str | None = None

    def shown(self) -> dict[str, Any]:
        """As the control API tells it."""
        return {
            name: getattr(self, name)
            for name in ("n", "time", "user", "path", "body", "http_status", "status", "fault")
        }


class Log:
    """Counters and the last requests, in order."""

    def __init__(self) -> None:
        self.overlaps = 0
        self._under_way: Counter[str] = Counter()
        self.reset()

    def reset(self) -> None:
        """Count from zero."""
        self._number = 0
        self._counts: Counter[str] = Counter()
        self._writes = 0
        self.overlaps = 0
        self._entries: deque[Entry] = deque(maxlen=50_000)

    def begin(self, time: float, path: str, writes: bool) -> Entry:
        """A request came in."""
        self._number += 1
        entry = Entry(self._number, time, path, writes)
        self._entries.append(entry)
        self._counts[path] += 1
        self._writes += writes
        return entry

    def enter(self, user: str) -> bool:
        """A call of the user begins; whether another one is under way."""
        self._under_way[user] += 1
        overlaps = self._under_way[user] > 1
        self.overlaps += overlaps
        return overlaps

    def leave(self, user: str) -> None:
        """A call of the user is over."""
        self._under_way[user] -= 1

    def shown(self) -> dict[str, Any]:
        """As the control API tells it; total and writes count calls of the API, neither logins nor devices."""
        calls = {
            path: count
            for path, count in self._counts.items()
            if path not in ("login", "verify_token") and not path.startswith("device/")
        }
        return {
            "total": sum(calls.values()),
            "writes": self._writes,
            "logins": self._counts["login"],
            "overlaps": self.overlaps,
            "by_path": dict(self._counts),
            "log": [entry.shown() for entry in self._entries],
        }


class RequestLimits:
    """The limits of the service, per user, in sliding windows on the simulated clock. A refused call counts like any other."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        self.reset()

    def reset(self) -> None:
        """Nobody did anything yet."""
        self._calls: dict[str, deque[float]] = {}
        self._errors: dict[str, deque[float]] = {}

    def check(self, user: str, overlaps: bool) -> None:
        """Count a call of the user; raises Refusal beyond a limit."""
        settings, now = self.settings, self.clock.now()
        calls = self._calls.setdefault(user, deque())
        while calls and calls[0] <= now - max(
            settings.quota_minute_seconds, settings.quota_hour_seconds
        ):
            calls.popleft()
        calls.append(now)
        if settings.quota_overlap and overlaps:
            raise Refusal(SLOW_DOWN[-12], -12)
        if (
            settings.quota_minute
            and sum(moment > now - settings.quota_minute_seconds for moment in calls)
            > settings.quota_minute_limit
        ):
            raise Refusal(SLOW_DOWN[-10], -10)
        if (
            settings.quota_hour
            and sum(moment > now - settings.quota_hour_seconds for moment in calls)
            > settings.quota_hour_limit
        ):
            raise Refusal(SLOW_DOWN[-11], -11)
        errors = self._errors.setdefault(user, deque())
        while errors and errors[0] <= now - settings.quota_errors_seconds:
            errors.popleft()
        if settings.quota_errors and len(errors) >= settings.quota_errors_limit:
            raise Refusal(SLOW_DOWN[-30], -30)

    def error(self, user: str) -> None:
        """Count a refused creation of the user."""
        self._errors.setdefault(user, deque()).append(self.clock.now())
