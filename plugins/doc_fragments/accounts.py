# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of modules that ask about several accounts. Imports nothing of the collection."""

from __future__ import annotations


class ModuleDocFragment:
    """Which accounts are asked about, and how much of what is found comes back."""

    DOCUMENTATION = r"""
options:
  accounts:
    description:
      - Accounts of the program, by number or by one of O(account_aliases), or V(all) for all that
        have configurations in it, and
        those that are listed beside it. Without it, the one of O(account_id).
      - The configurations of several accounts take one request together; what else is asked takes
        one for each account.
    type: list
    elements: str
"""

    LIMIT = r"""
options:
  limit:
    description: The most items to return; without it, all. C(total) says how many there are.
    version_added: 1.0.0
    type: int
"""
