# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan that somebody approved: a run carries out its changes, or less if some are done already,
and nothing else.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from operator import attrgetter
from typing import Any

from ..errors import InvalidInput
from ..grouping import grouped
from ..wording import count_of
from .changes import Change
from .dates import day_of
from .description import is_template
from .end_date import EndDate
from .goal import Goal, WantedEntitlement, WantedSpares
from .model import STOPPED, Observation
from .reporter import Agreed
from .run_report import RunReport
from .shapes import Shape, Shapes
from .steps import CLAIM, CREATE, RELEASE, TAKE, UNCLAIM, Step

Fields = dict[str, Any]

_COMPARED = {
    "configuration": ("name", "product", "status", "parameters"),
    "entitlement": ("description", "configuration", "status", "end_date"),
    "spare": ("ready", "new"),
}
# What the digest of a plan has of each change, in this order.
_DIGESTED = {
    "kind": str,
    "name": str,
    "action": str,
    "serial_number": (str, type(None)),
    "before": Mapping,
    "after": Mapping,
}
_TYPES_AFTER = {"new": int, "end_date": (str, type(None))}
_RENEWED = {"token": "renewed"}
_NEW = {
    "configuration": "a new configuration",
    "entitlement": "a new license",
    "spare": "a new spare",
}
_POINTS = ("points_per_day_before", "points_per_day_after")
_SHOWN = 3  # differences that a sentence names


# -- the changes of a plan, and how they stand in its file


@dataclass(frozen=True)
class PlannedChange:
    """One change of a plan: which thing it is about, and which of its fields become which."""

    kind: str
    name: str
    serial_number: str | None
    action: str
    text: str
    before: Fields
    after: Fields

    @classmethod
    def of(cls, change: Change) -> PlannedChange:
        """What a change is beyond its name: of what it is made, and which fields become which."""
        before, after = (_fields(change.kind, shape) for shape in (change.before, change.after))
        if not change.is_dated or after.get("status") == STOPPED:
            before.pop("end_date", None)  # the end that FortiFlex sets by itself
            after.pop("end_date", None)
        if before and after:
            before, after = _differing(before, after), _differing(after, before)
        if "id" in change.before:
            before["id"] = change.before["id"]  # another one may have its name by then
        if change.renews_token:
            after |= _RENEWED
        return cls(**change.as_data(), before=before, after=after)

    @classmethod
    def from_data(cls, data: Any) -> PlannedChange:
        """Read a change of a plan.

        :raises ValueError: if it has another shape.
        """
        _check(data, _DIGESTED)
        _check({"new": 0, "end_date": None, **data["after"]}, _TYPES_AFTER)
        known = {key: _plain(data[key]) for key in _DIGESTED}
        return cls(**known, text=str(data.get("text")))

    def as_data(self) -> Fields:
        """As its file has it."""
        return asdict(self)

    @property
    def plain(self) -> PlannedChange:
        """The same as it is read back."""
        return self.from_data(self.as_data())

    @property
    def new(self) -> int:
        """How many spares it makes."""
        return int(self.after.get("new", 0))

    def covers(self, other: PlannedChange) -> bool:
        """Whether another change of the same thing is this one, or what is left of it."""
        if self.kind == "spare":
            return other.new <= self.new
        if self.serial_number != other.serial_number:
            return False
        if other.action == "create":
            return (self.action, self.after) == ("create", other.after)
        return self._contains(other)

    def includes(self, effect: PlannedChange) -> bool:
        """Whether what a call does is part of it. Each of the two may leave open which entitlement
        it is about.
        """
        if len({self.serial_number, effect.serial_number} - {None}) > 1:
            return False
        if not self.after:
            return True  # on its way out of the program
        return bool(effect.after) and self._contains(effect)

    def _contains(self, other: PlannedChange) -> bool:
        """Whether all fields of another change are among its own."""
        fields = {"before": other.before, "after": other.after}
        return _is_part(fields, {"before": self.before, "after": self.after})

    @property
    def did(self) -> str:
        """The word for it, and the entitlement that it is about, if there is one."""
        return f"{self.action}{self.which}"

    @property
    def which(self) -> str:
        """The entitlement that it is about, as the end of a phrase; empty if there is none."""
        return f" ({self.serial_number})" if self.serial_number else ""


def plan_of(report: RunReport, program: str, account_id: int | None) -> Fields:
    """What a plan has of an account so that another run can carry it out: each change, and a digest
    of all.
    """
    rows = [PlannedChange.of(change).as_data() for change in report.changes]
    return {
        "program": program,
        "account_id": account_id,
        "changes": rows,
        "digest": _digest(program, account_id, rows),
    }


def as_variables(rows: Iterable[Mapping[str, Any]]) -> list[Fields]:
    """Changes as a file of variables can have them: Ansible would fill something in where a text is
    a template.
    """
    return [{**_plain(row), "text": unbraced(row["text"])} for row in rows]


def unbraced(text: str) -> str:
    """A text for people that is no template."""
    return text.replace("{", "{ ").replace("#jinja2", "# jinja2") if is_template(text) else text


def _plain(value: Any) -> Any:
    """A value in which no text is a template: there its digest is as good, since it is only
    compared.
    """
    if isinstance(value, Mapping):
        return {_plain(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, str) and is_template(value):
        return f"sha256:{hashlib.sha256(value.encode()).hexdigest()}"
    return value


def _digest(program: str, account_id: int | None, rows: Iterable[Mapping[str, Any]]) -> str:
    """The SHA-256 of what a plan changes in an account."""
    exact = [[_plain(row.get(key)) for key in _DIGESTED] for row in rows]
    told = json.dumps([program, account_id, exact], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


# -- the fields that are compared


def _check(data: Any, types: Mapping[str, Any]) -> None:
    """Check that each of these members is there and of its type.

    :raises ValueError: if one is not.
    """
    if not (isinstance(data, Mapping) and data.keys() >= types.keys()):
        raise ValueError
    if not all(isinstance(data[key], kind) for key, kind in types.items()):
        raise ValueError


def _fields(kind: str, shape: Shape) -> Fields:
    """What a plan is about, of a shape, which may be empty."""
    return {key: shape[key] for key in _COMPARED[kind] if shape.get(key) is not None}


def _differing(these: Fields, others: Fields) -> Fields:
    """The fields of one side that are other ones on the other side; None where one is not there."""
    found: Fields = {}
    for key in {**these, **others}:
        this, other = these.get(key), others.get(key)
        if isinstance(this, dict) and isinstance(other, dict):
            if inner := _differing(this, other):
                found[key] = inner
        elif this != other:
            found[key] = this
    return found


def _is_part(fields: Any, others: Any) -> bool:
    """Whether all fields are among others, with the same values."""
    if not (isinstance(fields, Mapping) and isinstance(others, Mapping)):
        return bool(fields == others)
    return all(key in others and _is_part(value, others[key]) for key, value in fields.items())


def _effect(step: Step, seen: Observation, shapes: Shapes) -> PlannedChange:
    """What a call does to what it changes; of what leaves the program, nothing is left."""
    made = step.call.after(step.before, shapes.catalogue)
    before, after = (shapes.held(each, seen) for each in (step.before, made))
    kind = step.item[0]
    renews = step.call.renews_token
    change = Change(kind, step.target, "change", before, after, renews_token=renews, is_dated=True)
    return PlannedChange.of(change)


# -- what a run may do


class AnyPlan:
    """Where nobody has approved a plan: a run may do whatever its goal takes."""

    points: Agreed | None = None

    def narrowed(self, goal: Goal) -> Goal:
        """The goal, as far as the plan has it."""
        return goal

    def check(self, predicted: RunReport) -> None:
        """Refuse a run that would do anything else.

        :raises InvalidInput: with what differs.
        """

    def unplanned(self, shapes: Shapes, step: Step, seen: Observation, is_own: bool) -> str | None:
        """What of a writing call is not part of the plan; None if all of it is.

        ``is_own``: the run itself has made, taken or switched what the call changes.
        """
        return None


def approved_plan(plans: Mapping[str, Any] | None, program: str, account_id: int | None) -> AnyPlan:
    """What a run in an account may do. ``plans``: what :func:`plan_of` gave of each account, by any
    name.

    :raises InvalidInput: if the plan of the account has another shape, or somebody has changed it.
    """
    if plans is None:
        return AnyPlan()
    where = f"account {account_id} of program {program}"
    for plan in plans.values():
        if isinstance(plan, Mapping) and (program, account_id) == (
            plan.get("program"),
            plan.get("account_id"),
        ):
            try:
                return _read(plan, program, account_id)
            except ValueError:
                raise InvalidInput(
                    f"plan: what it says of {where} was changed after it was made; "
                    "make the plan again"
                ) from None
    return Approved([], lacking=f", which has nothing of {where}")


def _read(plan: Mapping[str, Any], program: str, account_id: int | None) -> Approved:
    """The part of a plan that is about one account.

    :raises ValueError: if it has another shape, or somebody has changed it.
    """
    _check(plan, {"changes": list})
    changes = [*map(PlannedChange.from_data, plan["changes"])]
    points = [_amount(plan.get(key)) for key in _POINTS]
    if plan.get("digest") != _digest(program, account_id, plan["changes"]):
        raise ValueError
    if None in points:
        return Approved(changes)
    before, after = (Decimal(str(amount)) for amount in points)
    return Approved(changes, (before, after))


class Approved(AnyPlan):
    """The part of an approved plan that is about one account."""

    def __init__(
        self, changes: Iterable[PlannedChange], points: Agreed | None = None, lacking: str = ""
    ) -> None:
        """``lacking``: what the plan lacks, as the end of a sentence."""
        self.points = points
        self._lacking = lacking
        self._changes = grouped(changes, attrgetter("kind", "name"))

    def narrowed(self, goal: Goal) -> Goal:
        """The same goal, in which each name may have the one spare that the plan gives it, and no
        pool gets more spares than planned.
        """
        return replace(
            goal,
            entitlements=tuple(map(self._entitlement, goal.entitlements)),
            spares=tuple(map(self._spares, goal.spares)),
        )

    def _spares(self, wanted: WantedSpares) -> WantedSpares:
        return replace(wanted, most_new=sum(row.new for row in self._of("spare", wanted.key)))

    def _entitlement(self, wanted: WantedEntitlement) -> WantedEntitlement:
        changes = self._of("entitlement", wanted.key)
        day = next(filter(None, (day_of(each.after.get("end_date")) for each in changes)), None)
        if day and wanted.end_date and wanted.end_date.counted_from:
            # The day that was approved, from whichever day it would be counted now.
            wanted = replace(wanted, end_date=EndDate(day.isoformat(), day))
        for change in changes:
            if change.action == "reuse":
                return replace(wanted, create=False, spare=change.serial_number)
        return replace(wanted, reuse="never")

    def _of(self, kind: str, name: str) -> list[PlannedChange]:
        return self._changes.get((kind, str(_plain(name))), [])

    def check(self, predicted: RunReport) -> None:
        """Refuse a run that would do anything else.

        :raises InvalidInput: with what differs.
        """
        planned = map(PlannedChange.of, predicted.changes)
        other = [change for change in planned if not self._has(change.plain)]
        if not other:
            return
        told = "; ".join(map(self._told, other[:_SHOWN]))
        more = f"; and {len(other) - _SHOWN} more" if len(other) > _SHOWN else ""
        made = count_of(
            len(other),
            "change would be made that is not in the plan",
            "changes would be made that are not in the plan",
        )
        raise InvalidInput(
            f"{made}{self._lacking}: {told}{more}; "
            "nothing was written; make the plan again, and have it approved"
        )

    def _has(self, change: PlannedChange) -> bool:
        return any(planned.covers(change) for planned in self._of(change.kind, change.name))

    def _told(self, change: PlannedChange) -> str:
        """A change that is not planned, and what is planned in its place."""
        line = f"{change.action} {change.kind} '{change.name}'{change.which}: {change.text}"
        instead = " and ".join(other.did for other in self._of(change.kind, change.name))
        return f"{line} (planned: {instead})" if instead else line

    def unplanned(self, shapes: Shapes, step: Step, seen: Observation, is_own: bool) -> str | None:
        """What of a writing call is not part of the plan; None if all of it is."""
        changes = self._of(*step.item)
        if step.purpose in (UNCLAIM, TAKE) or (step.purpose == RELEASE and is_own):
            # Of a spare that this run has claimed; of what a lost race made in excess.
            return None
        if step.purpose == CREATE:
            is_planned = "create" in map(attrgetter("action"), changes)
            return None if is_planned else _NEW[step.item[0]]
        if step.purpose == CLAIM:
            taken = map(attrgetter("action", "serial_number"), changes)
            return None if ("reuse", step.target) in taken else f"the spare {step.target}"
        return _beyond(changes, step, _effect(step, seen, shapes), is_own)


def _beyond(
    changes: Sequence[PlannedChange], step: Step, effect: PlannedChange, is_own: bool
) -> str | None:
    """What of the effect of a call is in none of the changes; None if one of them includes it."""
    # Of what this run has made itself, it does not matter what it was before.
    counts = replace(effect, serial_number=None, before={}) if is_own else effect
    if any(change.includes(counts) for change in changes):
        return None
    before, after = effect.before, effect.after
    told = ", ".join(f"{key} {before.get(key)} -> {new}" for key, new in after.items())
    return f"{told or step.endpoint} of {step.target}"


def _amount(value: Any) -> float | None:
    """A number of points, or None. True and False are none.

    :raises ValueError: if it is anything else.
    """
    if value is not None and (type(value) not in (int, float) or not math.isfinite(value)):
        raise ValueError
    amount: float | None = value
    return amount
