# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tasks of a run in check mode would have changed so far, so that the next one predicts
from there.

Each run has a file of its own in the state directory, with what differs from FortiFlex in each
account. Only check mode reads or writes it. Of a file that cannot be read nothing is known.
Private to the collection: may change at any time.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Generic, TypeAlias, TypeVar

from ..clock import Clock
from ..core.model import Configuration, Entitlement, Observation
from .connection import Connection
from .state_files import StateFile

_OTHER_RUNS_SECONDS = 600.0  # for how long configurations of other runs count as created
_KEPT_SECONDS = 86400.0  # after that, the file of a run that has ended is removed

_Key = TypeVar("_Key", int, str)
_Held = TypeVar("_Held", Configuration, Entitlement)


@dataclass(frozen=True)
class _Change(Generic[_Held]):
    """What FortiFlex has, and what it would have; None where there is nothing."""

    before: _Held | None
    after: _Held | None

    def fits(self, found: _Held | None) -> bool:
        """Whether it can be laid over what FortiFlex has: nobody else has changed that since."""
        return _told(found) in (_told(self.before), _told(self.after))

    def then(self, before: _Held | None, after: _Held | None) -> _Change[_Held]:
        """This change with a later one on top, which counts alone if somebody else changed the same
        in between.
        """
        follows = _told(self.after) == _told(before)
        return _Change(self.before if follows else before, after)


def _told(item: Configuration | Entitlement | None) -> object:
    """What FortiFlex says of an item; how values are read depends on the catalogue."""
    return replace(item, values={}) if isinstance(item, Configuration) else item


class _Layer(dict[_Key, _Change[_Held]]):
    """The changes of one list of an account, by id or serial number."""

    @classmethod
    def from_json(
        cls,
        data: Mapping[str, Any],
        key: Callable[[str], _Key],
        read: Callable[[dict[str, Any]], _Held],
    ) -> _Layer[_Key, _Held]:
        """From its JSON, in which all keys are texts, and both sides of a change are members."""
        return cls(
            {
                key(text): _Change(**{side: row and read(row) for side, row in sides.items()})
                for text, sides in data.items()
            }
        )

    def over(self, items: Mapping[_Key, _Held]) -> list[_Held]:
        """The items with the changes that still fit them, which come last."""
        found: dict[_Key, _Held | None] = dict(items)
        for key, change in self.items():
            if change.fits(found.get(key)):
                found.pop(key, None)
                found[key] = change.after
        return list(filter(None, found.values()))

    def add(self, first: Mapping[_Key, _Held], last: Mapping[_Key, _Held]) -> None:
        """Take over what became of each item."""
        for key in {**first, **last}:
            before, after = first.get(key), last.get(key)
            if before == after:
                continue
            change = self.get(key, _Change(before, before)).then(before, after)
            self[key] = change
            if change.before == change.after:
                del self[key]


@dataclass
class _Changes:
    """What would be different in one account."""

    configurations: _Layer[int, Configuration] = field(default_factory=_Layer)
    entitlements: _Layer[str, Entitlement] = field(default_factory=_Layer)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> _Changes:
        """From its JSON."""
        return cls(
            _Layer.from_json(data["configurations"], int, _configuration),
            _Layer.from_json(data["entitlements"], str, lambda row: Entitlement(**row)),
        )

    def over(self, seen: Observation) -> Observation:
        """An observation with the changes, but for what somebody has changed in FortiFlex since."""
        configurations = self.configurations.over(seen.by_id)
        ids = _present_ids(configurations)
        entitlements = _without_superseded(self.entitlements.over(seen.by_serial))
        return replace(
            seen,
            configurations=tuple(c for c in configurations if ids[c.id] == c.id),
            entitlements=tuple(
                replace(e, configuration_id=ids[e.configuration_id])
                for e in entitlements
                if e.configuration_id in ids
            ),
        )

    def add(self, first: Observation, last: Observation) -> None:
        """Take over what a task would make of ``first``, in which the changes so far are.

        Configurations of other runs, which ``first`` has too, count only if something would stand
        on them.
        """
        foreign = {key for key in first.by_id if key < 0} - self.configurations.keys()
        unused = foreign - {e.configuration_id for e in last.entitlements}
        before = {key: c for key, c in first.by_id.items() if key not in foreign}
        after = {key: c for key, c in last.by_id.items() if key not in unused}
        self.configurations.add(before, after)
        self.entitlements.add(first.by_serial, last.by_serial)


def _present_ids(configurations: list[Configuration]) -> dict[int, int]:
    """The id that each configuration has now, by the one that it is listed with: another one if it
    was predicted, and somebody has made it since.
    """
    there = {c.name: c.id for c in configurations if c.id > 0}
    return {c.id: c.id if c.id > 0 else there.get(c.name, c.id) for c in configurations}


def _without_superseded(entitlements: list[Entitlement]) -> list[Entitlement]:
    """Without those that were predicted for names which FortiFlex has by now."""
    there = {e.name for e in entitlements if not e.predicted and not e.is_expired} - {None}
    return [e for e in entitlements if not (e.predicted and e.name in there)]


class Predictions:
    """What one run in check mode would have changed, for one API user."""

    def __init__(self, connection: Connection, clock: Clock, run: str | None, keep: bool) -> None:
        """``run`` names the run, None if nobody knows it; ``keep``: whether later tasks will
        know.
        """
        name = hashlib.sha256((run or "").encode()).hexdigest()[:32]
        self._file = StateFile(connection.state_file(f"predicted-{name}", of_all=True))
        self.run = run
        self._connection = connection
        self._clock = clock
        self._keep = keep

    def turn(self) -> contextlib.AbstractContextManager[None]:
        """Let no other task of the run predict meanwhile, so that two do not take the same spare."""
        return self._file.locked()

    def over(self, seen: Observation, account_id: int | None) -> Observation:
        """An observation of an account, as the tasks so far would have left it."""
        if self.run is None:
            return seen
        changes = _read(self._file).get(self._place(account_id))
        return changes.over(seen) if changes else seen

    def of_other_runs(self, account_id: int | None) -> list[Configuration]:
        """Configurations of an account that other runs have predicted lately; their ids are
        negative.
        """
        found: list[Configuration] = []
        for file in self._files():
            other = file.path != self._file.path or self.run is None
            if other and self._clock.now() - _written(file) <= _OTHER_RUNS_SECONDS:
                changes = _read(file).get(self._place(account_id), _Changes())
                made = (change.after for key, change in changes.configurations.items() if key < 0)
                found += filter(None, made)
        return [replace(c, id=-1000 - number) for number, c in enumerate(found, 1)]

    def accounts(self) -> set[int]:
        """The accounts in which something would be different."""
        here = (self._connection.api_url, self._connection.program)
        return {
            number
            for url, program, number in _read(self._file)
            if self.run and (url, program) == here and number is not None
        }

    def add(self, account_id: int | None, first: Observation, last: Observation) -> None:
        """Remember what a task would make of ``first``, which comes from ``over``."""
        if not self._keep:
            return
        places = _read(self._file)
        places.setdefault(self._place(account_id), _Changes()).add(first, last)
        rows = [[*place, asdict(changes)] for place, changes in places.items()]
        self._file.replace(json.dumps([self._clock.now(), secrets.token_hex(8), rows]))
        self._clean()

    @property
    def mark(self) -> str:
        """What is another text after each prediction; empty before the first one."""
        return self._file.load(lambda saved: str(saved[1])) or ""

    def _place(self, account_id: int | None) -> _AccountKey:
        """Where a file has the changes of an account."""
        return self._connection.api_url, self._connection.program, account_id

    def _files(self) -> list[StateFile]:
        paths = self._file.path.parent.glob("predicted-*")
        return [StateFile(path) for path in sorted(paths) if not path.suffix]

    def _clean(self) -> None:
        """Remove what runs have left that ended long ago, also locks of those that predicted
        nothing.
        """
        for path in self._file.path.parent.glob("predicted-*"):
            with contextlib.suppress(OSError):
                last = _written(StateFile(path.with_suffix(""))) or path.lstat().st_mtime
                if self._clock.now() - last > _KEPT_SECONDS:
                    path.unlink()


_AccountKey: TypeAlias = "tuple[str, str, int | None]"


def _written(file: StateFile) -> float:
    """When a file was written, in seconds since 1970; 0 if it has no time."""
    return file.load(lambda saved: float(saved[0])) or 0.0


def _read(file: StateFile) -> dict[_AccountKey, _Changes]:
    """The changes that a file has, by place."""
    return file.load(_by_place) or {}


def _by_place(saved: list[Any]) -> dict[_AccountKey, _Changes]:
    """The changes in the JSON of a file: when it was written, a mark, and a row for each account."""
    _time, _mark, rows = saved
    return {
        (url, program, account): _Changes.from_json(data) for url, program, account, data in rows
    }


def _configuration(row: dict[str, Any]) -> Configuration:
    """A configuration as it was before it became JSON, which has no numbers as keys and no tuples."""
    values = {int(key): tuple(value) for key, value in row["values"].items()}
    return Configuration(**{**row, "values": values})
