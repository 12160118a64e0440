# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a task comes from, as the controller hands it to the work: for the audit trail, and for
predictions.

Private to the collection: may change at any time. Imports nothing of the collection.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

# Only the action plugin sets it. Its value is base64, so that Ansible finds no template in it.
_VARIABLE = "_FORTIFLEX_ORIGIN"


@dataclass(frozen=True)
class Origin:
    """What only the controller knows of a task.

    ``told`` is for the audit trail: the names of play and task, and the job of AWX.
    ``check_run`` names the run of Ansible that is in check mode.
    ``is_followed``: whether the tasks after it are in check mode, too, and go on from what it
    predicts.
    """

    told: Mapping[str, str] = field(default_factory=dict)
    check_run: str | None = None
    is_followed: bool = True

    def as_environment(self) -> dict[str, str]:
        """The environment variable that brings it to the process of a module."""
        return {_VARIABLE: base64.b64encode(json.dumps(asdict(self)).encode()).decode()}

    @classmethod
    def from_environment(cls) -> Origin:
        """What the action plugin has handed to this process; nothing if it has not."""
        with contextlib.suppress(KeyError, TypeError, ValueError):
            return cls(**json.loads(base64.b64decode(os.environ[_VARIABLE])))
        return cls()


UNKNOWN = Origin()
