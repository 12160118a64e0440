# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all modules of the collection promise."""

from __future__ import annotations


class ModuleDocFragment:
    """Attributes of modules that change something, and of those that only read."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Predicts what a run would do, and sends nothing but reading calls.
    details: A configuration that a task in check mode would create counts as existing for the tasks that follow within ten minutes.
    support: full
  diff_mode:
    description: Shows each field before and after, by the names that this collection gives them, without license tokens.
    support: full
  idempotent:
    description: A second run finds everything as it should be and reports no change.
    support: full
  action_group:
    description: Takes the defaults that a play sets for the action group.
    support: full
    membership:
      - flexops.fortiflex.flex
"""

    RECORDING = r"""
options: {}
attributes:
  check_mode:
    description: Predicts what would be recorded, and writes nothing.
    support: full
  diff_mode:
    description: Shows nothing; what is recorded is data for reports.
    support: none
  idempotent:
    description: A second run finds everything recorded and reports no change.
    support: full
  action_group:
    description: Takes the defaults that a play sets for the action group.
    support: full
    membership:
      - flexops.fortiflex.flex
"""

    READING = r"""
options: {}
attributes:
  check_mode:
    description: Reads only, so it does the same in check mode.
    support: full
  diff_mode:
    description: Changes nothing, so there is nothing to show.
    support: N/A
  idempotent:
    description: Reads only.
    support: full
  action_group:
    description: Takes the defaults that a play sets for the action group.
    support: full
    membership:
      - flexops.fortiflex.flex
"""
