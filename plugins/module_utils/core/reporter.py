# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""To whom a run reports what it plans, what it has written, and what it waits for.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

from decimal import Decimal

from .run_report import RunReport
from .steps import Step

Agreed = tuple[Decimal, Decimal]
"""Points a day before and after the approved plan."""


class Reporter:
    """Hears what a run plans and how far it has come. This one does nothing."""

    def plan(self, predicted: RunReport, agreed: Agreed | None) -> None:
        """What the run would do, before anything is written.

        :raises FlexError: if it must not be done.
        """

    def wrote(self, step: Step) -> None:
        """A step was sent, with or without success."""

    def waiting(self, seconds: float) -> None:
        """Nothing is sent for so many seconds."""


class Reporters(Reporter):
    """Several reporters, each of which hears all, one after the other."""

    def __init__(self, *each: Reporter) -> None:
        self._each = each

    def plan(self, predicted: RunReport, agreed: Agreed | None) -> None:
        """The first one that refuses it is the last one that hears of it."""
        for reporter in self._each:
            reporter.plan(predicted, agreed)

    def wrote(self, step: Step) -> None:
        """A step was sent."""
        for reporter in self._each:
            reporter.wrote(step)

    def waiting(self, seconds: float) -> None:
        """Nothing is sent for so many seconds."""
        for reporter in self._each:
            reporter.waiting(seconds)
