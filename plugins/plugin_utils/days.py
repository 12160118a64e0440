# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Days as filters get them.

Private to the collection: may change at any time.
"""

from __future__ import annotations

import time
from datetime import date
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils.core.dates import day_of, pacific_day
from ..module_utils.core.end_date import end_date_of
from ..module_utils.escapes import visible


def day_or_today(name: str, given: Any) -> date:
    """The Pacific day of what the filter of that name was given, or today if that is nothing.

    :raises AnsibleFilterError: if it is no date.
    """
    day = pacific_day(time.time()) if given is None else day_of(str(given))
    if day is None:
        raise AnsibleFilterError(
            visible(
                f"{name}: '{given}' is no date; write it as YYYY-MM-DD or YYYY-MM-DDThh:mm:ss, "
                "Pacific time if it has no offset"
            )
        )
    return day


def end_date(name: str, given: Any, now: Any) -> str:
    """What the filter of that name was given: days from today, or from ``now``, as a day,
    everything else as it is.

    :raises AnsibleFilterError: if ``now`` is no date.
    """
    found = end_date_of(str(given), day_or_today(name, now))
    return str(given) if found is None or found.day is None else found.sent(found.day)
