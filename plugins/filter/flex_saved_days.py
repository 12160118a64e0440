# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many days are not charged if something is stopped now and started again later."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils.core.dates import day_of, pacific_day


def flex_saved_days(until: Any, now: Any = None) -> int:
    """Whole Pacific days between the day of ``now``, which is charged already, and the day of the start, which will be: 0 for a night."""
    start = day_of(str(until))
    stop = pacific_day(time.time()) if now is None else day_of(str(now))
    if start is None or stop is None:
        wrong = until if start is None else now
        raise AnsibleFilterError(f"flex_saved_days: '{wrong}' is no date; write it as YYYY-MM-DD or YYYY-MM-DDThh:mm:ss, Pacific time if it has no offset")
    return max(0, (start - stop).days - 1)


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """By name."""
        return {"flex_saved_days": flex_saved_days}
