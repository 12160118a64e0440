# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which configuration an entitlement or spares name, by name or id.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

from collections.abc import Container
from difflib import get_close_matches

from .goal import Goal, WantedEntitlement, WantedSpares
from .model import ACTIVE, Configuration, Observation
from .steps import CannotReach, ItemKey


class Targets:
    """Finds the configurations that the items of a goal name."""

    def __init__(self, goal: Goal, program: str, failures: Container[ItemKey]) -> None:
        """``failures``: the items that cannot be reached, as far as that is known."""
        self._program = program
        self._failures = failures
        self._listed = {wanted.name for wanted in goal.configurations if wanted.name is not None}
        self._left_out = goal.left_out

    def of(
        self, wanted: WantedEntitlement | WantedSpares, seen: Observation
    ) -> Configuration | None:
        """The configuration; None if none is named, or nothing needs the one that is.

        :raises CannotReach: if it does not exist, or several could be meant.
        """
        reference = wanted.configuration
        if reference is None:
            return None
        if isinstance(reference, int) and reference in seen.by_id:
            return seen.by_id[reference]
        name = str(reference)
        self._refuse_unclear(wanted, name, seen)
        named = seen.named(name)
        if named:
            return named[0]
        if not wanted.needs_target and (name in self._listed or name in self._left_out):
            return None  # it does not even exist
        close = get_close_matches(name, [c.name for c in seen.configurations], n=3)
        hint = f"; the closest are {', '.join(repr(c) for c in close)}" if close else ""
        raise CannotReach(
            f"'{wanted.key}': configuration '{name}' is not in program {self._program}{hint}; "
            "check the name, or create it first",
            True,
        )

    def _refuse_unclear(
        self, wanted: WantedEntitlement | WantedSpares, name: str, seen: Observation
    ) -> None:
        """Nothing stands on a configuration that could not be reached, or on one of two of the same
        name.
        """
        if ("configuration", name) in self._failures:
            raise CannotReach(
                f"'{wanted.key}': its configuration '{name}' could not be reached; fix that first"
            )
        active = [c for c in seen.named(name) if c.status == ACTIVE]
        if len(active) > 1 and name not in self._listed:
            ids = " and ".join(str(c.id) for c in active)
            raise CannotReach(
                f"'{wanted.key}': configurations {ids} are both ACTIVE and named '{name}'; "
                "give the id of the one that is meant",
                True,
            )
