# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast requests go: what each takes, and when the request limit allows the next ones.

Private to the collection: may change at any time.
"""

from __future__ import annotations

import math
from collections import deque

from ..core.steps import W
from .request_limit import RequestLimit

_LATEST = 20  # requests that the latency is the mean of
_LEAST = 0.001  # seconds that a request takes, for a clock that stands still meanwhile


class Pace:
    """The pace of one client, on the request limit that it shares with others."""

    def __init__(self, limit: RequestLimit) -> None:
        self._limit = limit
        self._took: deque[float] = deque(maxlen=_LATEST)

    def took(self, seconds: float) -> None:
        """Record how long a request took from its sending to its answer."""
        self._took.append(seconds)

    @property
    def latency(self) -> float:
        """Seconds that a request takes, by the latest ones."""
        return sum(self._took) / max(1, len(self._took))

    def wave(self, each: float) -> int:
        """How many requests of so many seconds can be sent within W, from the query on that they
        rest on; that query is one of them.
        """
        return max(2, min(int(W / max(each, _LEAST)) + 1, self._limit.most))

    def ready(self, reads: int, writes: int) -> None:
        """Wait until these can be sent one after the other. Raises QuotaExhausted.

        Of more than W allows for, the first ones go as soon as they can be sent as fast as the
        limit allows in the long run; the rest follows on later queries.
        """
        each, requests = self.latency, reads + writes
        if requests > self.wave(each):
            each = max(each, self._limit.minute / self._limit.most)
            requests = self.wave(each)
        self._limit.ready(requests, each)

    def room(self, seconds: float) -> int:
        """How many requests can be sent within so many seconds from now on."""
        return self._limit.room(seconds, max(self.latency, _LEAST))

    def requests(self, writes: int, each: float) -> int:
        """How many requests so many writes are, with the queries that show what became of them."""
        return writes + math.ceil(writes / (self.wave(each) - 1))

    def seconds(self, writes: int, each: float) -> float:
        """How long so many writes take from now on, if each request takes so many seconds and
        nobody else sends any.
        """
        return self._limit.seconds(self.requests(writes, each), each)
