# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom a run tells what it plans, what it has written, and what it waits for.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TypeAlias

from .run_report import RunReport
from .steps import Step

Agreed: TypeAlias = "tuple[Decimal, Decimal] | None"
"""Points a day before and after the plan that somebody approved; None if nobody did, or if it has no price."""


class Reporter:
    """Hears what a run plans and how far it has come. This one does nothing."""

    def plan(self, predicted: RunReport, agreed: Agreed) -> None:
        """What the run would do, before anything is written.

        :raises FlexError: if it must not be done.
        """

    def wrote(self, step: Step) -> None:
        """A step was sent, with or without success."""

    def waiting(self, seconds: float) -> None:
        """Nothing is sent for so many seconds."""

    def warn(self, text: str) -> None:
        """Something that a person has to know, whether the run goes on or not."""
