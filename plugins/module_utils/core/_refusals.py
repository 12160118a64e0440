# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What FortiFlex refused in a run, and what is not tried any more because of it.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

from .steps import CREATE, DEVICES, ItemKey, Step

# After so many refused creations in a row no more are tried: ten in an hour lock the API user out.
_REFUSED_CREATIONS = 3


class Refusals:
    """Remembers refusals, so that the same thing is not asked for again."""

    def __init__(self) -> None:
        # Of what can be together in one call: fewer after a refusal, so that some of those that are good get through.
        self.most_together = DEVICES
        self._in_a_row = 0
        self._no_creation: str | None = None
        self._configurations: dict[int, str] = {}
        self._not_created: dict[ItemKey, str] = {}
        self._once: set[tuple[ItemKey, str]] = set()

    def stop_creating(self, sentence: str) -> None:
        """Create nothing more in this run; what would have to be created fails with ``sentence``."""
        self._no_creation = sentence

    def created(self) -> None:
        """FortiFlex has created an entitlement."""
        self._in_a_row = 0

    def is_first(self, step: Step) -> bool:
        """Whether a refusal may mean that another run was faster, which the next observation shows.
        The second one does not.
        """
        call = (step.item, step.endpoint)
        is_first = step.call.refused_if_done and call not in self._once
        self._once.add(call)
        return is_first

    def not_unique(self, step: Step, sentence: str) -> None:
        """The creation of what can be there only once was refused: it is there already, or it is
        not created in this run.

        Of a batch, those that the refusal names are to blame; all of them, if it names none.
        """
        named = [part for part in step.parts if part.target in sentence]
        self._not_created.update((part.item, sentence) for part in named or step.each)
        self.most_together = max(1, len(step.each) // 2)
        self._count(sentence)

    def creation(self, step: Step, sentence: str) -> None:
        """A creation was refused: no other one on its configuration is tried."""
        if "configId" in step.body:
            self._configurations[step.body["configId"]] = sentence
        self._count(sentence)

    def _count(self, sentence: str) -> None:
        self._in_a_row += 1
        if self._in_a_row >= _REFUSED_CREATIONS:
            self.stop_creating(
                f"FortiFlex refused {self._in_a_row} creations in a row, the last one: {sentence}"
            )

    def reason(self, step: Step) -> str | None:
        """Why a step is not taken any more; None if it may be."""
        if step.purpose != CREATE:
            return None
        return (
            self._not_created.get(step.item)
            or self._no_creation
            or self._configurations.get(step.body.get("configId", 0))
        )
