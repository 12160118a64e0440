# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan that somebody approved: a run carries out its changes, or less if some are done already, and nothing else.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any

from ..catalogue.catalogue import Catalogue
from ..core.dates import day_of
from ..core.end_date import EndDate
from ..core.goal import Goal, WantedEntitlement
from ..core.model import STOPPED, Configuration, Entitlement, Observation, is_template
from ..core.planner import Unplanned
from ..core.steps import CLAIM, CREATE, RELEASE, TAKE, UNCLAIM, Step
from ..errors import InvalidInput
from ..wording import count_of
from .results import Result, Shapes
from .run_report import Change, Report

Row = dict[str, Any]
_ROW = ("kind", "name", "action", "serial_number", "before", "after")
_FIELDS = {
    "configuration": ("name", "product", "status", "parameters"),
    "entitlement": ("description", "configuration", "status", "end_date"),
    "spare": ("ready", "new"),
}
_RENEWED = {"token": "renewed"}
_NEW = {
    "configuration": "a new configuration",
    "entitlement": "a new license",
    "spare": "a new spare",
}
_POINTS = ("points_per_day_before", "points_per_day_after")
_SHOWN = 3  # differences that a sentence names


def plan_of(report: Report, program: str, account_id: int | None) -> Result:
    """What a plan has of an account so that another run can carry it out: each change, and a digest of all."""
    rows = _rows_of(report)
    return {
        "program": program,
        "account_id": account_id,
        "changes": rows,
        "digest": _digest(program, account_id, rows),
    }


def _rows_of(report: Report) -> list[Row]:
    dated = {wanted.key for wanted in report.goal.entitlements if wanted.end_date}
    return [
        line | _exact(change, change.name in dated)
        for change, line in zip(report.changes, report.changes_as_data(), strict=True)
    ]


def as_variables(rows: Iterable[Mapping[str, Any]]) -> list[Row]:
    """Changes as a file of variables can have them: Ansible would fill something in where a text is a template."""
    return [
        {key: unbraced(value) if key == "text" else _plain(value) for key, value in row.items()}
        for row in rows
    ]


def _exact(change: Change, dated: bool) -> Row:
    """What a change is beyond its name: of what it is made, and which fields become which."""
    before, after = (_fields(change.kind, shape) for shape in (change.before, change.after))
    if not dated or after.get("status") == STOPPED:
        for fields in (before, after):  # the end that FortiFlex sets by itself
            fields.pop("end_date", None)
    if before and after:
        before, after = _differing(before, after), _differing(after, before)
    if change.kind == "configuration" and change.before:
        before["id"] = change.before["id"]  # another one may have its name by then
    if change.renews_token:
        after |= _RENEWED
    return {"serial_number": change.serial_number, "before": before, "after": after}


def _fields(kind: str, shape: Result | None) -> Row:
    """What a plan is about, of a shape."""
    return {key: shape[key] for key in _FIELDS[kind] if shape[key] is not None} if shape else {}


def _differing(these: Row, others: Row) -> Row:
    """The fields of one side that are other ones on the other side; None where one is not there."""
    found: Row = {}
    for key in {**these, **others}:
        this, other = these.get(key), others.get(key)
        if isinstance(this, dict) and isinstance(other, dict):
            if inner := _differing(this, other):
                found[key] = inner
        elif this != other:
            found[key] = this
    return found


def _plain(value: Any) -> Any:
    """A value in which no text is a template: there its digest is as good, since it is only compared."""
    if isinstance(value, Mapping):
        return {_plain(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, str) and is_template(value):
        return f"sha256:{hashlib.sha256(value.encode()).hexdigest()}"
    return value


def unbraced(text: str) -> str:
    """A text for people that is no template."""
    return text.replace("{", "{ ").replace("#jinja2", "# jinja2") if is_template(text) else text


def _digest(program: str, account_id: int | None, rows: Iterable[Mapping[str, Any]]) -> str:
    """The SHA-256 of what a plan changes in an account."""
    exact = [[row.get(key) for key in _ROW] for row in as_variables(rows)]
    told = json.dumps([program, account_id, exact], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


class Approved:
    """The part of a plan that is about one account."""

    def __init__(self, plan: Mapping[str, Any], program: str, account_id: int | None) -> None:
        """``plan``: what :func:`plan_of` gave of each account, by any name.

        :raises InvalidInput: if the plan has another shape, or somebody has changed it.
        """
        self._whose = (program, account_id)
        own = [
            each
            for each in plan.values()
            if isinstance(each, Mapping)
            and (each.get("program"), each.get("account_id")) == self._whose
        ]
        self._rows: dict[tuple[str, str], list[Row]] = {}
        self._is_planned = bool(own)
        plan = own[0] if own else {"changes": [], "digest": _digest(program, account_id, [])}
        rows: Any = plan.get("changes")
        if (
            not _are_rows(rows)
            or plan.get("digest") != _digest(program, account_id, rows)
            or not all(_is_amount(plan.get(key)) for key in _POINTS)
        ):
            raise InvalidInput(
                [
                    f"plan: what it says of {self._where} was changed after it was made; make the plan again"
                ]
            )
        self._points = [plan.get(key) for key in _POINTS]
        for row in as_variables(rows):
            self._rows.setdefault((row["kind"], row["name"]), []).append(row)

    @property
    def points(self) -> tuple[Decimal, Decimal] | None:
        """Points a day before and after the plan; None if it has no price."""
        before, after = self._points
        if before is None or after is None:
            return None
        return Decimal(str(before)), Decimal(str(after))

    @property
    def _where(self) -> str:
        program, account_id = self._whose
        return f"account {account_id} of program {program}"

    def narrowed(self, goal: Goal) -> Goal:
        """The same goal, in which each name may have the one spare that the plan gives it, and no pool gets more spares than planned."""
        return replace(
            goal,
            entitlements=tuple(map(self._narrowed, goal.entitlements)),
            spares=tuple(
                replace(
                    wanted,
                    most_new=sum(
                        row["after"].get("new", 0) for row in self._of("spare", wanted.key)
                    ),
                )
                for wanted in goal.spares
            ),
        )

    def _narrowed(self, wanted: WantedEntitlement) -> WantedEntitlement:
        rows = self._of("entitlement", wanted.key)
        spare = next((row["serial_number"] for row in rows if row["action"] == "reuse"), None)
        day = next(filter(None, (day_of(row["after"].get("end_date")) for row in rows)), None)
        if day and wanted.end_date and wanted.end_date.counted_from:
            # The day that was approved, from whichever day it would be counted now.
            wanted = replace(wanted, end_date=EndDate(day.isoformat(), day))
        if spare is None:
            return replace(wanted, reuse="never")
        return replace(wanted, create=False, spare=spare)

    def _of(self, kind: str, name: str) -> list[Row]:
        return self._rows.get((kind, str(_plain(name))), [])

    def check(self, predicted: Report) -> None:
        """Refuse a run that would do anything else.

        :raises InvalidInput: with what differs.
        """
        other = [row for row in _rows_of(predicted) if not self._has(*as_variables([row]))]
        if not other:
            return
        told = "; ".join(_told(row, self._of(row["kind"], row["name"])) for row in other[:_SHOWN])
        more = f"; and {len(other) - _SHOWN} more" if len(other) > _SHOWN else ""
        held = "" if self._is_planned else f", which has nothing of {self._where}"
        raise InvalidInput(
            [
                f"{count_of(len(other), 'change')} would be made that {'is' if len(other) == 1 else 'are'} not in the plan{held}: {told}{more}; "
                "nothing was written; make the plan again, and have it approved"
            ]
        )

    def _has(self, row: Row) -> bool:
        return any(_is_within(row, planned) for planned in self._of(row["kind"], row["name"]))

    def unplanned(self, shapes: Shapes, catalogue: Catalogue) -> Unplanned:
        """What finds out which writing calls of a run are not part of the plan."""
        return partial(self._unplanned, shapes, catalogue)

    def _unplanned(
        self, shapes: Shapes, catalogue: Catalogue, step: Step, seen: Observation, is_own: bool
    ) -> str | None:
        rows = self._of(*step.item)
        if step.purpose in (UNCLAIM, TAKE) or (step.purpose == RELEASE and is_own):
            # Of a spare that this run has claimed; of what a lost race made in excess.
            return None
        if step.purpose == CREATE:
            planned = any(row["action"] == "create" for row in rows)
            return None if planned else _NEW[step.item[0]]
        if step.purpose == CLAIM:
            reuse = ("reuse", step.target)
            planned = any((row["action"], row["serial_number"]) == reuse for row in rows)
            return None if planned else f"the spare {step.target}"
        before, after = _effect(step, seen, shapes, catalogue)
        if any(
            (is_own or row["serial_number"] in (None, step.target))
            and _does(row, before, after, is_own)
            for row in rows
        ):
            return None
        told = ", ".join(f"{key} {before.get(key)} -> {after[key]}" for key in after)
        return f"{told or step.endpoint} of {step.target}"


def _is_amount(value: Any) -> bool:
    """Whether it is a number of points, or there is none."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return value is None or (is_number and math.isfinite(value))


def _are_rows(rows: Any) -> bool:
    return isinstance(rows, list) and all(
        isinstance(row, Mapping)
        and all(key in row for key in _ROW)
        and all(isinstance(row[key], str) for key in ("kind", "name", "action"))
        and all(isinstance(row[key], Mapping) for key in ("before", "after"))
        and isinstance(row["after"].get("new", 0), int)
        and isinstance(row["after"].get("end_date"), (str, type(None)))
        for row in rows
    )


def _is_within(row: Row, planned: Row) -> bool:
    """Whether a change is one that is planned, or what is left of it."""
    if row["kind"] == "spare":
        return bool(row["after"]["new"] <= planned["after"].get("new", 0))
    if row["serial_number"] != planned["serial_number"]:
        return False
    if row["action"] == "create":
        return (planned["action"], planned["after"]) == ("create", row["after"])
    return _is_part(row["before"], planned["before"]) and _is_part(row["after"], planned["after"])


def _is_part(fields: Mapping[str, Any], others: Mapping[str, Any]) -> bool:
    """Whether all fields are among others, with the same values."""
    return all(
        key in others
        and (
            _is_part(value, others[key])
            if isinstance(value, Mapping) and isinstance(others[key], Mapping)
            else value == others[key]
        )
        for key, value in fields.items()
    )


def _does(row: Row, before: Row, after: Row, own: bool) -> bool:
    """Whether a call is part of a change. Of what this run has made itself, what it was before does not matter."""
    if not row["after"]:
        return True  # on its way out of the program
    return (
        bool(after) and _is_part(after, row["after"]) and (own or _is_part(before, row["before"]))
    )


def _effect(step: Step, seen: Observation, shapes: Shapes, catalogue: Catalogue) -> tuple[Row, Row]:
    """Which fields a call changes: what they are before and after it; nothing of what leaves the program."""
    found = step.before
    made = step.call.after(found, catalogue)
    if isinstance(found, Configuration) and isinstance(made, Configuration):
        before, after = (
            _fields("configuration", shapes.configuration(each)) for each in (found, made)
        )
        return {"id": found.id} | _differing(before, after), _differing(after, before)
    if not isinstance(found, Entitlement) or not isinstance(made, Entitlement):
        return {}, {}
    before, after = (
        _fields("entitlement", shapes.entitlement(each, seen)) for each in (found, made)
    )
    renewed = {} if made.token == found.token else _RENEWED
    return _differing(before, after), _differing(after, before) | renewed


def _told(row: Row, planned: Sequence[Row]) -> str:
    """A change that is not planned, and what is planned in its place."""
    line = f"{row['action']} {row['kind']} '{row['name']}'{_number_of(row)}: {row['text']}"
    instead = " and ".join(f"{other['action']}{_number_of(other)}" for other in planned)
    return f"{line} (planned: {instead})" if instead else line


def _number_of(row: Row) -> str:
    return f" ({row['serial_number']})" if row["serial_number"] else ""
