# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of one thing: the word for it, the fields that change, and all of that on one line.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from .description import SPARE
from .model import Entitlement, Observation, in_words
from .shapes import Shape

# What can become of an entitlement, and how a plan counts it.
ACTIONS = (
    "create",
    "reuse",
    "change",
    "move",
    "reactivate",
    "stop",
    "release",
    "suspended",
    "unchanged",
)
# Fields that only change together with one that is said.
_UNSAID = ("configuration_id", "description", "start_date")
# What of a configuration its entitlements have.
_licensed = itemgetter("parameters", "status")


@dataclass(frozen=True)
class Change:
    """What becomes of one thing: its shapes before and after, empty where there is nothing.

    ``renews_token``: it gets another license token. ``is_second``: it had the same name as what
    stands.
    ``is_dated``: the task sets its end date. ``touched``: the entitlements on a configuration, by
    status; None of anything else, and of a new one.
    """

    kind: str
    name: str
    action: str
    before: Shape
    after: Shape
    renews_token: bool = False
    is_second: bool = False
    is_dated: bool = False
    touched: Mapping[str, int] | None = None

    @property
    def serial_number(self) -> str | None:
        """Of an entitlement that there is; None of a new one, and of anything else."""
        found: str | None = (self.before or self.after).get("serial_number")
        return found

    @property
    def text(self) -> str:
        """What changes, on one line."""
        which = f"id {self.before['id']}, a second one: " if self.is_second else ""
        return which + self._differences() + self.reach

    @property
    def reach(self) -> str:
        """What a change of a configuration touches, as the end of a sentence. A new name touches
        nothing.
        """
        before, after = self.before, self.after
        if self.touched is None or not after:
            return ""
        same = _licensed(before) == _licensed(after)
        return "" if same else f", which touches {in_words(self.touched)}"

    def as_data(self) -> dict[str, Any]:
        """For people and playbooks. ``serial_number`` is None of what is new."""
        return {
            "kind": self.kind,
            "name": self.name,
            "serial_number": self.serial_number,
            "action": self.action,
            "text": self.text,
        }

    def _differences(self) -> str:
        """What differs between before and after; of something new, what it is."""
        before, after = self.before, self.after
        if not after:
            return "is taken out of the program"
        if not before:
            return self._described(after)
        if after.get("description") == SPARE != before.get("description"):
            return _released(before, after)
        if before.get("description") == SPARE:
            return ", ".join(["was a spare", *_differing(before, after, (*_UNSAID, "name"))])
        return ", ".join(_differing(before, after, _UNSAID))

    def _described(self, shape: Shape) -> str:
        """What something new is."""
        if "parameters" in shape:
            values = shape["parameters"].items()
            told = [f"{name} {_plain(value)}" for name, value in values if value != []]
            return ", ".join([shape["product"], *told])
        ends = f"ends {shape['end_date']}" if self.is_dated else None
        tags = shape["tags"] and _plain(shape["tags"])
        return ", ".join(filter(None, (shape["configuration"], shape["status"], ends, tags)))


def _differing(before: Shape, after: Shape, unsaid: Sequence[str]) -> Iterator[str]:
    """Each field that is another one now, but for those that are not said."""
    for key, old, new in _fields(before, after):
        if old != new and key not in unsaid:
            yield f"{key} {_plain(old)} -> {_plain(new)}"


def _fields(before: Shape, after: Shape) -> Iterator[tuple[str, Any, Any]]:
    """Each field and parameter, before and after."""
    for key, new in after.items():
        if key == "parameters":
            yield from ((name, before[key].get(name), value) for name, value in new.items())
        elif key != "end_date" or new is not None:
            # The end of the program, which is not asked for before a run, is None.
            yield key, before[key], new


def _released(before: Shape, after: Shape) -> str:
    """What becoming a spare changes and loses."""
    texts = ["becomes a spare"]
    if before["status"] != after["status"]:
        texts.append(f"was {before['status']}")
    lost = before["description"] and f"'{before['description']}'"
    if before["name"]:
        lost = before["tags"] and _plain(before["tags"])
    if lost:
        texts.append(f"loses {lost}")
    return ", ".join(texts)


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={text}" for key, text in sorted(value.items())) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(str, value)) + "]"
    return "none" if value is None else str(value)


def word_for(before: Entitlement | None, after: Entitlement | None, first: Observation) -> str:
    """What became of a name: the one word of :data:`ACTIONS` that says most."""
    if after is None:
        return "unchanged" if before is None else "release"
    if before is not None and before.serial_number == after.serial_number:
        return _word_for_one(before, after)
    return "reuse" if after.serial_number in first.by_serial else "create"


def _word_for_one(before: Entitlement, after: Entitlement) -> str:
    """What became of one entitlement."""
    if before.is_stopped and after.is_charged:
        return "reactivate"
    if before.is_charged and after.is_stopped:
        return "stop"
    if before.configuration_id != after.configuration_id:
        return "move"
    same = (before.description, before.end_day, before.token) == (
        after.description,
        after.end_day,
        after.token,
    )
    return "unchanged" if same else "change"
