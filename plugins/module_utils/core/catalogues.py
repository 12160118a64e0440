# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which catalogue a task goes by: the shipped one, until the task is about something that it lacks.

The shipped catalogue is a snapshot, and a newer one costs a request. So a piece of work is tried by
the present catalogue first, and by the next newer one only if what the work is about is not in it.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar, cast

from ..catalogue.catalogue import Catalogue, Product, snapshot
from ..errors import InvalidInput
from .model import Configuration, Observation

_Found = TypeVar("_Found")


@dataclass(frozen=True)
class Attempt(Generic[_Found]):
    """What a piece of work came to by one catalogue.

    ``lacks``: it is about something that this catalogue lacks. ``error``: the task would fail for
    it.
    """

    lacks: bool
    result: _Found | None = None
    error: InvalidInput | None = None

    @classmethod
    def of(cls, work: Callable[[], _Found], lacks: bool) -> Attempt[_Found]:
        """Try some work that raises what is wrong."""
        try:
            return Attempt(lacks, work())
        except InvalidInput as error:
            return Attempt(lacks, error=error)

    def outcome(self) -> _Found:
        """The result.

        :raises InvalidInput: if the work failed.
        """
        if self.error is not None:
            raise self.error
        return cast(_Found, self.result)


class Catalogues:
    """The catalogue that a task goes by at present, and the newer ones that it can go over to."""

    def __init__(
        self,
        newer: Callable[[bool], Catalogue | None] = lambda again: None,
        current: Catalogue | None = None,
    ) -> None:
        """``newer`` gives the next newer catalogue, None if there is no other.

        It is called with whether the task would otherwise fail. FortiFlex is then queried even if
        the cache is fresh.
        """
        self._newer = newer
        self.current = current or snapshot()

    def settle(self, work: Callable[[Catalogue], Attempt[_Found]]) -> _Found:
        """The outcome of work by the first catalogue that has all that the work is about.

        If none has, it is the outcome by the newest.

        :raises InvalidInput: if the work fails by that catalogue.
        """
        attempt = work(self.current)
        while attempt.lacks and self._go_over(attempt.error is not None):
            attempt = work(self.current)
        return attempt.outcome()

    def _go_over(self, again: bool) -> bool:
        found = self._newer(again)
        self.current = found or self.current
        return found is not None

    def product(self, reference: str | int) -> Product:
        """The product of that name or number, wherever it is known.

        :raises InvalidInput: if it is a name that is known nowhere.
        """
        return self.settle(
            lambda by: Attempt.of(lambda: by.product(reference), by.lacks(reference))
        )

    def observed(self, seen: Observation) -> Observation:
        """An observation that was read by the present catalogue, by one that has all of it."""
        first = self.current

        def read(by: Catalogue) -> Attempt[Observation]:
            found = seen if by is first else reread(seen, by)
            return Attempt(any(is_strange(each, by) for each in found.configurations), found)

        return self.settle(read)


def is_strange(configuration: Configuration, catalogue: Catalogue) -> bool:
    """Whether a catalogue lacks the product of a configuration, or any of its values."""
    number = configuration.product_id
    return catalogue.lacks(number) or not catalogue.product(number).has(configuration.values)


def reread(seen: Observation, catalogue: Catalogue) -> Observation:
    """The same observation by another catalogue."""
    read = (
        replace(each, values=catalogue.product(each.product_id).reread(each.values))
        for each in seen.configurations
    )
    return replace(seen, configurations=tuple(read))
