# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of the audit trail. Imports nothing of the collection."""

from __future__ import annotations


class ModuleDocFragment:
    """Where writing requests are recorded, and what is recorded with them. Modules that only read
    take the options, so that a play can set them for all.
    """

    DOCUMENTATION = r"""
options:
  audit_log:
    description:
      - File on the machine that the task runs on, by its absolute path, to which every writing
        request is appended before it is sent, and its outcome
        after it. Without it, nothing is recorded.
      - It has a JSON object per line, with when, who, O(reason), the play, the task and the job of
        AWX that it comes from, the names, and what was there before and after, but no secret. A new
        file is readable by you only.
      - A request that cannot be recorded is not sent.
      - If it is not set, the environment variable E(FORTIFLEX_AUDIT_LOG) is used.
    version_added: 1.0.0
    type: path
  reason:
    description:
      - Why it is done, such as the number of a ticket, for O(audit_log).
      - If it is not set, the environment variable E(FORTIFLEX_REASON) is used.
    version_added: 1.0.0
    type: str
"""
