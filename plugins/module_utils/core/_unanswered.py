# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes without an answer: what they did shows at once, after 5 s or after 20 s, or they did
nothing.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, NamedTuple

from ._texts import Texts
from .model import Observation
from .steps import CREATE, ItemKey, Step, W, time_of

SENDINGS = 3  # how often a write without a usable answer is sent


@dataclass(frozen=True)
class _Unanswered:
    """A write that was sent and not waited for any longer at these times (seconds since 1970).
    ``listed``: serial numbers that were there before.
    """

    step: Step
    sent: float
    since: float
    listed: frozenset[str]


class Shown(NamedTuple):
    """What an observation shows of a write without an answer. ``sent`` is in seconds since 1970.

    ``stored_otherwise``: the sentence about another text that it may have made; then nothing else
    is known of it.
    """

    step: Step
    sent: float
    took_effect: bool
    stored_otherwise: str | None = None

    def answer(self, seen: Observation) -> dict[str, Any]:
        """What an answer would have shown of a description that was written."""
        listed = seen.by_serial.get(self.step.target)
        if listed is None or self.step.call.description is None:
            return {}
        return {"description": listed.description}


class Unanswered:
    """The writes of a run that have no answer yet."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self._open: dict[ItemKey, _Unanswered] = {}
        self._sendings: Counter[ItemKey] = Counter()

    def add(self, step: Step, sent: float, now: float, listed: frozenset[str]) -> None:
        """A step was sent at ``sent`` and is not waited for any longer. ``listed``: serial numbers
        that were there before.
        """
        self._open[step.item] = _Unanswered(step, sent, now, listed)

    def wake(self, item: ItemKey, seen: Observation) -> float | None:
        """When to observe again an item for whose sake something was sent; None if nothing is open."""
        if item not in self._open:
            return None
        since, time = self._open[item].since, time_of(item, seen)
        times = (since + W / 2, since + W, since + 2 * W)
        return next((moment for moment in times if moment > time), times[-1])

    def settle(self, seen: Observation) -> list[Shown]:
        """Those of which an observation shows what became of them. They are open no longer."""
        shown = [
            found for unanswered in self._open.values() if (found := self._shown(unanswered, seen))
        ]
        for found in shown:
            del self._open[found.step.item]
        return shown

    def _shown(self, unanswered: _Unanswered, seen: Observation) -> Shown | None:
        step, time = unanswered.step, unanswered.step.time_in(seen)
        took_effect = step.took_effect(seen)
        if took_effect and step.purpose == CREATE and time < unanswered.since + W:
            return None  # what is seen may be somebody else's, and this run's own may still come
        changed = self._created_otherwise(unanswered, seen)
        if changed or took_effect or time >= unanswered.since + 2 * W:
            return Shown(step, unanswered.sent, took_effect, changed)
        return None

    def _created_otherwise(self, unanswered: _Unanswered, seen: Observation) -> str | None:
        """The sentence about what a lost creation may have made under another text than was
        written.

        Whether it did is not known, so nothing is done about it; the next run sees that it looks
        like the name.
        """
        step = unanswered.step
        text = step.call.description
        if step.purpose != CREATE or step.item[0] != "entitlement" or text is None:
            return None
        for made in seen.alike(step.item[1]):
            if made.serial_number not in unanswered.listed:
                return self._texts.notice(made.serial_number, text, made.description)
        return None

    def was_sent_often(self, step: Step) -> bool:
        """Count a sending without effect; whether there were too many by now."""
        self._sendings[step.item] += 1
        return self._sendings[step.item] == SENDINGS
