# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan for people: one line for each thing that changes, then what it comes to. At most 100 columns, readable without colour.
A description may hold anything, also what would make a terminal do something, so only what can be printed is.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Mapping
from textwrap import wrap

from ..core.cost import Cost
from ..escapes import visible

_COLUMNS = 100
_SIGNS = {
    "create": "+",
    "reuse": "⇄",
    "change": "~",
    "move": "~",
    "reactivate": "▶",
    "stop": "■",
    "release": "−",
}
_TOGETHER = "\N{NO-BREAK SPACE}"  # no line ends there
_WORDS = {"without_license": "without a license"}
_KINDS = {"configuration": "configuration ", "spare": "spares of "}


def plan_text(
    changes: Iterable[Mapping[str, str]],
    plans: Mapping[str, Mapping[str, int]],
    cost: Cost | None,
    requests: int,
    seconds: float,
) -> list[str]:
    """The lines of a plan. ``changes`` have kind, name, action and text; ``plans`` count them; it takes about so many ``requests`` and ``seconds``."""
    rows = [
        (
            _SIGNS.get(row["action"], "~"),
            row["action"],
            _KINDS.get(row["kind"], "") + row["name"],
            row["text"],
        )
        for row in changes
    ]
    width = min(40, max((len(name) for _sign, _word, name, _text in rows), default=0))
    lines = [
        f"  {sign} {word:<10}  {name:<{width}}  {text}".rstrip() for sign, word, name, text in rows
    ]
    lines += _counted(plans)
    if requests:
        length = "less than a minute" if seconds < 60 else in_time(seconds)
        lines.append(f"It takes about {requests} requests, {length} at the quota")
    if cost is not None:
        lines.append(f"Points a day: {cost.before:,.2f} before, {cost.after:,.2f} after")
        if cost.pending_before or cost.pending:
            lines.append(
                f"Of this, once PENDING ones are in use: {cost.pending_before:,.2f} before, {cost.pending:,.2f} after"
            )
    return [_cut(line) for line in lines]


def _counted(plans: Mapping[str, Mapping[str, int]]) -> list[str]:
    """What a plan comes to: all entitlements, and configurations and spares if some are not as they were."""
    parts = [_counts(plans["plan"], ("unchanged",))]
    for kind in ("configurations", "spares"):
        plan = plans[f"{kind}_plan"]
        if any(count for word, count in plan.items() if word != "unchanged"):
            parts.append(f"{kind}:{_TOGETHER}{_counts(plan)}")
    lines = wrap(f"Plan: {'; '.join(parts)}", _COLUMNS, subsequent_indent="      ")
    return [line.replace(_TOGETHER, " ") for line in lines]


def _counts(plan: Mapping[str, int], always: Collection[str] = ()) -> str:
    return ", ".join(
        f"{count} {_WORDS.get(word, word)}".replace(" ", _TOGETHER)
        for word, count in plan.items()
        if count or word in always
    )


def in_time(seconds: float) -> str:
    """A length of time in words that are as exact as one needs: the longer it is, the less so."""
    step = 5 if seconds < 60 else 10 if seconds < 600 else 60
    hours, rest = divmod(max(1, round(seconds / step)) * step, 3600)
    minutes, left = divmod(rest, 60)
    parts = [(hours, "h"), (minutes, "min"), (left, "s")]
    shown = parts[:2] if hours else [(count, unit) for count, unit in parts[1:] if count]
    return f"about {' '.join(f'{count} {unit}' for count, unit in shown)}"


def _cut(line: str) -> str:
    """What can be printed of a line, in so many columns of a terminal at the most, on which some characters are two wide."""
    few = visible(line[: _COLUMNS + 1])  # first, since a description can have any length
    if _columns(few) <= _COLUMNS:
        return few
    while _columns(few) >= _COLUMNS:
        few = few[:-1]
    return few + "…"


def _columns(text: str) -> int:
    return len(text) + sum(unicodedata.east_asian_width(character) in "WF" for character in text)
