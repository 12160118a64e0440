# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a call that has no effect is repeated.

Private to the collection: may change at any time.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from ..clock import Clock
from ._reply_errors import detailed, unavailable
from .answers import Reply, ReplyKind

# How long a failing call is repeated, or a service that cannot be reached is waited for.
REPEAT_SECONDS = 30.0


class Repeats:
    """Repeats a call until its answer means something, half a minute or so many failures long."""

    def __init__(self, clock: Clock, most: int) -> None:
        """``most`` is how many failures a call bears."""
        self.pending = ""  # the call that is about to be repeated, and why
        self._clock = clock
        self._most = most

    def until_answered(
        self, name: str, url: str, attempt: Callable[[], Reply], most: int | None = None
    ) -> Reply:
        """What a call came to in the end. ``most`` takes the place of the usual number of failures.

        :raises Unavailable: if no answer means something.
        :raises QuotaExhausted: what an attempt can raise.
        """
        since, failures = self._clock.now(), 0
        most = self._most if most is None else most
        while True:
            reply = attempt()
            if reply.kind is ReplyKind.SLOW:
                continue  # the request limit makes the next attempt wait
            if reply.kind not in (ReplyKind.UNUSABLE, ReplyKind.UNREACHABLE):
                return reply
            too_long = failures and self._clock.now() - since >= REPEAT_SECONDS
            if reply.final or failures == most or too_long:
                raise detailed(unavailable(name, url, reply), name, reply)
            self.pending = f"{name} ({reply.message})"
            self._clock.sleep(2**failures * random.uniform(0.75, 1.25))
            self.pending = ""
            failures += 1
