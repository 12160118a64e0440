# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person reads of a plan before it begins, and of what was done at its end. Each line begins
with a sign that can be typed and searched for:

``+`` something new, ``~`` a change, ``-`` something that ends, ``=`` what is as it should be, ``!``
what can never be undone.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher
from itertools import islice
from textwrap import wrap
from typing import Any, NamedTuple

from ..core.cost import Cost
from ..escapes import visible
from ..optional import if_given
from ..wording import called, count_of, first_few

WIDTH = 80  # columns of a terminal that nobody has widened
_FEW = 3  # lines of a group that are shown
_LONG = 24  # lines of a plan up to which all are shown
_SIGNS = {"create": "+", "stop": "-", "release": "-"}
_NAMES = {"reactivate": "start"}
_SAID = {"move": "configuration ", "reactivate": "status ", "stop": "status "}  # by the word
_WORDS = {
    # what became of an entitlement: what will be done, and what was done
    "create": ("to create", "created"),
    "reuse": ("to reuse", "reused"),
    "change": ("to change", "changed"),
    "move": ("to move", "moved"),
    "reactivate": ("to start", "started"),
    "stop": ("to stop", "stopped"),
    "release": ("to release", "released"),
    "failed": ("that would fail", "failed"),
    "suspended": ("suspended", "suspended"),
    "unchanged": ("as they should be", "as they should be"),
    "without_license": ("without a license", "without a license"),
}
_TOGETHER = "\N{NO-BREAK SPACE}"  # no line ends there
_KINDS = {"configuration": "configuration ", "spare": "spares of "}
RESUME = "If it is interrupted, run the same command again: it completes what is missing."
_COMPARED = 40_000  # pairs of names: more would take longer than a person waits
_NAMED = 3  # of what is charged beside a run, as many are named


@dataclass(frozen=True)
class Screen:
    """Where a person reads: ``say`` shows a line at once, in so many columns; ``whole`` shows each
    item of a plan.

    ``turn``, given a moment, says whether a line of progress may be shown: many tasks of a run may
    have some. Its text is what all of them would say, if it is that.
    """

    say: Callable[[str], None] = lambda line: None
    width: int = WIDTH
    whole: bool = False
    turn: Callable[[float, str], bool] = lambda now, topic: True

    def show(self, lines: Iterable[str]) -> None:
        """Show lines, each cut to the width."""
        for line in lines:
            self.say(_cut(line, self.width))

    def tell(self, *sentences: str, indent: str = "  ") -> None:
        """Show sentences, each on as many lines as it needs."""
        for sentence in sentences:
            for line in wrap(sentence, self.width, subsequent_indent=indent):
                self.say(visible(line.replace(_TOGETHER, " ")))


SILENT = Screen()


@dataclass(frozen=True)
class Charged:
    """A license that costs points and belongs to no site of a run; ``points`` a day, if the price
    is known.
    """

    name: str
    serial_number: str
    configuration: str | None
    points: Decimal | None

    @property
    def told(self) -> str:
        """As a person reads it; no line ends within."""
        points = None if self.points is None else f"{self.points:,.2f} points/day"
        first, *known = filter(None, (self.name, self.serial_number, points))
        told = f"{first} ({', '.join(known)})" if known else first
        return told.replace(" ", _TOGETHER)

    def as_data(self) -> dict[str, object]:
        """As a playbook gets it."""
        points = if_given(self.points, float)
        return {
            "name": self.name or None,
            "serial_number": self.serial_number,
            "configuration": self.configuration,
            "points_per_day": points,
        }


def plan_lines(
    changes: Sequence[Mapping[str, Any]], whole: bool, columns: int = WIDTH
) -> list[str]:
    """A line for each thing that changes. ``changes`` have kind, name, action and text, and a
    serial number if there is one.

    Of a long plan only the first lines of what is alike are there, unless ``whole``. Names of a
    kind are aligned in at most half of the ``columns``.
    """
    rows = [*map(_Line.of, changes)]
    widths: dict[str, int] = {}
    for row in rows:
        widths[row.kind] = min(columns // 2, max(widths.get(row.kind, 0), len(row.name)))
    lines = []
    for group in [[row] for row in rows] if whole or len(rows) <= _LONG else _groups(rows):
        shown = group if len(group) <= _FEW + 1 else group[:_FEW]
        begin = f"  {group[0].sign} {group[0].word:<7}  "
        for row in shown:
            lines.append(f"{begin}{row.name:<{widths[row.kind]}}  {row.text}".rstrip())
        if len(group) > len(shown):
            lines.append(f"{begin}{len(group) - len(shown)} more like this (-v lists all)")
    return lines


def sign_and_verb(action: str) -> tuple[str, str]:
    """How a plan shows what becomes of something."""
    return _SIGNS.get(action, "~"), _NAMES.get(action, action)


class _Line(NamedTuple):
    """What a line of a plan says."""

    sign: str
    word: str
    kind: str
    name: str
    text: str

    @classmethod
    def of(cls, change: Mapping[str, Any]) -> _Line:
        """The line of a change."""
        sign, word = sign_and_verb(change["action"])
        name = called(change["name"], change.get("serial_number"))
        text = change["text"].removeprefix(_SAID.get(change["action"], ""))
        return cls(sign, word, change["kind"], _KINDS.get(change["kind"], "") + name, text)


def _groups(rows: Sequence[_Line]) -> Iterable[Sequence[_Line]]:
    """Lines that are alike, in the order in which the first of each comes: the same is done, to the
    same configuration.
    """
    groups: dict[tuple[str, ...], list[_Line]] = {}
    for row in rows:
        alike = row.text.partition(",")[0] if row.word == "create" else row.text
        groups.setdefault((row.word, row.kind, alike), []).append(row)
    return groups.values()


def summary(plans: Mapping[str, Mapping[str, int]], failed: int, done: bool) -> list[str]:
    """What a plan comes to, or came to: entitlements, then configurations and spares if some
    change. ``failed``: of the entitlements.
    """
    return [f"{'Done' if done else 'Plan'}: {tally(plans, failed, done)}"]


def tally(plans: Mapping[str, Mapping[str, int]], failed: int, done: bool) -> str:
    """The same without the word before it."""
    plan = dict(plans["plan"])
    plan["unchanged"] = max(0, plan.get("unchanged", 0) - failed)
    parts = [_counts({**plan, "failed": failed}, done)]
    for kind in ("configurations", "spares"):
        counts = _counts({**plans[f"{kind}_plan"], "unchanged": 0}, done)
        parts.append(counts and f"{kind}:{_TOGETHER}{counts}")
    return "; ".join(filter(None, parts))


def nothing_to_do(plan: Mapping[str, int]) -> str:
    """The answer of a run that finds everything as it should be."""
    counts = _counts(plan, True)
    return f"= Nothing to change: {counts}" if counts else "= Nothing to change"


def _counts(plan: Mapping[str, int], done: bool) -> str:
    return ", ".join(
        f"{plan[word]} {outcome(word, done)}".replace(" ", _TOGETHER)
        for word in _WORDS
        if plan.get(word)
    )


def outcome(word: str, done: bool) -> str:
    """What will become of an entitlement, or has become of it, as its count says it."""
    return _WORDS[word][done]


def cost_line(cost: Cost) -> str:
    """What the plan costs a day, before and after it."""
    line = f"Cost: {cost.before:,.2f} -> {cost.after:,.2f} points/day"
    if not cost.pending_licenses:
        return line
    number = cost.pending_licenses
    who = f"all {number} pending licenses are" if number > 1 else "the pending license is"
    when = f"({cost.after - cost.pending:,.2f} now, {cost.after:,.2f} when {who} in use)"
    return f"{line} {when.replace(' ', _TOGETHER)}"


def for_good(created: int, configurations: int, done: bool = False) -> str:
    """What the plan makes, or has made, that stays for ever."""
    made = {"license": created, "configuration": configurations}
    words = [count_of(number, word) for word, number in made.items() if number]
    verb = "Created" if done else "Creates"
    return f"! {verb} {' and '.join(words)}, which can never be deleted."


def also_charged(found: Sequence[Charged]) -> str:
    """The licenses that are charged and that the run does not know."""
    licenses = count_of(
        len(found), "license is charged and belongs", "licenses are charged and belong"
    )
    listed = first_few((each.told for each in found), _NAMED)
    return f"Also in this account: {licenses} to no site of this run: {listed}."


def renames(new: Mapping[str, str], found: Iterable[Charged]) -> list[tuple[str, Charged]]:
    """New names, each with what may be its license under a former name: charged, of the same
    configuration, and of no site. The closest names come first.

    ``new``: the configuration by name.
    """
    pairs = []
    for each in islice(found, max(_FEW, _COMPARED // max(1, len(new)))):
        for name, configuration in new.items():
            if each.name and each.configuration == configuration:
                likeness = SequenceMatcher(None, name, each.name).ratio()
                pairs.append((-likeness, name, each))
    chosen: dict[str, Charged] = {}
    taken: set[str] = set()
    for _distance, name, each in sorted(pairs, key=lambda pair: pair[:2]):
        if name not in chosen and each.serial_number not in taken:
            chosen[name] = each
            taken.add(each.serial_number)
    return [*chosen.items()]


def renamed(name: str, former: Charged) -> str:
    """That a new name may be another one of a license that is there."""
    return (
        f"'{name}' is new, and '{former.name}' ({former.serial_number}, {former.configuration}) "
        "is charged and belongs to no site; "
        f"if it is the same site, set was: {former.name} (of a host, fortiflex_was)"
    )


def perhaps_renamed(found: Sequence[tuple[str, Charged]]) -> list[str]:
    """The same for a plan that goes on, of a few names."""
    lines = [f"! Perhaps renamed: {renamed(*pair)}." for pair in found[:_NAMED]]
    more = len(found) - len(lines)
    return [*lines, f"! Perhaps renamed: {more} more."] if more else lines


def how_long(requests: int, seconds: float) -> str:
    """What a plan takes."""
    length = "less than a minute" if seconds < 60 else in_time(seconds)
    return f"About {requests} API requests, {length} at the request limit."


def in_time(seconds: float) -> str:
    """A length of time in words that are as exact as one needs: the longer it is, the less so."""
    step = 5 if seconds < 60 else 10 if seconds < 600 else 60
    hours, rest = divmod(max(1, round(seconds / step)) * step, 3600)
    minutes, left = divmod(rest, 60)
    parts = [(hours, "h"), (minutes, "min"), (left, "s")]
    shown = parts[:2] if hours else [(count, unit) for count, unit in parts[1:] if count]
    return f"about {' '.join(f'{count} {unit}' for count, unit in shown)}"


def _cut(line: str, width: int) -> str:
    """What can be printed of a line, in so many columns of a terminal at the most, on which some
    characters are two wide.
    """
    few = visible(line[: width + 1])  # first, since a description can have any length
    if _columns(few) <= width:
        return few
    while _columns(few) >= width:
        few = few[:-1]
    return few + "…"


def _columns(text: str) -> int:
    return len(text) + sum(unicodedata.east_asian_width(character) in "WF" for character in text)
