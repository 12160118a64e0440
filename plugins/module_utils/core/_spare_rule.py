# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule for spares: so many of a configuration are kept ready. They cost nothing while they are
PENDING, and a new name takes one at once.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from ..catalogue.catalogue import Catalogue
from ..wording import count_of
from ._texts import Texts
from .calls import CreateVm
from .description import SPARE
from .goal import WantedSpares
from .model import DISABLED, Configuration, Observation
from .steps import CREATE, CannotReach, Step, Verdict

# How many FortiFlex surely makes in one call. No limit is published; mssp-tools, a third-party client of
# 2026, keeps to ten.
_TOGETHER = 10


class SpareRule:
    """Says for one configuration at a time what an observation asks for; remembers how many this
    run made.
    """

    def __init__(self, catalogue: Catalogue, texts: Texts) -> None:
        self._catalogue = catalogue
        self._texts = texts
        self._made: Counter[str] = Counter()  # by the key of what was wanted

    def did(
        self, step: Step, answer: Mapping[str, Any], sent: float, answered: float
    ) -> str | None:
        """FortiFlex carried out a step; gives the sentence that says so if it stored another
        description.

        ``answer`` is the first item that it answered. Times are in seconds since 1970.
        """
        self._made[step.item[1]] += int(step.body["count"])
        return self._texts.wrote(step, answer, sent)

    def verdict(self, wanted: WantedSpares, seen: Observation, target: Configuration) -> Verdict:
        """Steps towards ``wanted``. Two runs at the same time may keep more than either wants, and
        never fewer.

        :raises CannotReach: if it cannot be reached.
        """
        missing = wanted.count - len(seen.spares_of(target.id))
        if missing <= 0:
            return Verdict()
        where = f"spares of configuration '{target.name}' (id {target.id})"
        product = self._catalogue.product(target.product_id)
        if not product.can_be_spare:
            raise CannotReach(
                f"{where}: it is of {product.key}, and only virtual machines can be kept as "
                "spares; leave it out of spares",
                True,
            )
        if target.status == DISABLED:
            raise CannotReach(
                f"{where}: the configuration is DISABLED; enable it first, or leave it out of "
                "spares",
                True,
            )
        made = self._made[wanted.key]
        if wanted.most_new is not None and made + missing > wanted.most_new:
            raise CannotReach(
                f"{where}: {count_of(made + missing, 'is', 'are')} missing, and the plan creates "
                f"{wanted.most_new}; make the plan again",
                True,
                lasting=True,
            )
        if made + missing > wanted.count:  # they are taken as fast, or not listed as what they are
            raise CannotReach(
                f"{where}: {count_of(made, 'was', 'were')} created in this run, and "
                f"{count_of(missing, 'is', 'are')} still missing; "
                f"look in the portal what became of them before another run"
            )
        sizes = (min(_TOGETHER, missing - first) for first in range(0, missing, _TOGETHER))
        calls = (CreateVm(target.id, text=SPARE, count=size) for size in sizes)
        return Verdict([Step(("spare", wanted.key), CREATE, call) for call in calls])
