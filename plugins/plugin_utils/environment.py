# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keyword ``environment`` of a play or task, for a task that runs in Ansible's own process.

Private to the collection: may change at any time.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

# They would lead to another state directory, whose processes know nothing of the requests of the others.
_OF_THE_CONTROLLER = ("HOME", "XDG_CACHE_HOME")


@contextmanager
def environment(action: Any) -> Iterator[None]:
    """Set what the play and the task say, as a process of a module would have it, and restore
    everything afterwards.

    A null sets nothing.
    """
    said: dict[str, Any] = {}
    if action._task.environment:
        action._compute_environment_string(said)
    before = dict(os.environ)
    try:
        os.environ.update(
            (name, str(value))
            for name, value in said.items()
            if value is not None and name not in _OF_THE_CONTROLLER
        )
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
