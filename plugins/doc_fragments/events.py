# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that the event sources share. Imports nothing of the collection."""

from __future__ import annotations


class ModuleDocFragment:
    """What is reported again, and to whom."""

    DOCUMENTATION = r"""
options:
  remind:
    description: Seconds after which what still needs action is reported again; V(0), never. What is
      over and comes back is reported at once.
    type: float
    default: 86400.0
  consumer:
    description:
      - A name for who takes the events. What was reported to each consumer is kept in O(state_dir),
        so that a restart goes on where it was.
      - Two rulebooks that watch the same at the same time need two names.
    type: str
    default: default
  quota_wait:
    description: The most seconds that a query may wait for the request limit; what it cannot do is
      done at the next.
    type: float
    default: 60.0
"""
