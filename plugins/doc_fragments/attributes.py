# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules of the collection promise: a fragment for all, and one for each kind of module."""

from __future__ import annotations


class ModuleDocFragment:
    """Each module takes the first fragment, and the one that says whether it changes, records or
    reads.
    """

    DOCUMENTATION = r"""
options: {}
attributes:
  action_group:
    description: Takes the defaults that a play sets for the action group.
    support: full
    membership:
      - flexops.fortiflex.flex
  connection:
    description: Runs in Ansible's own process on the controller. No host is connected to, so its
      address, connection, become and interpreter do not matter.
    details:
      - C(environment) holds for the task, but for C(HOME) and C(XDG_CACHE_HOME), so that all tasks
        share one state directory.
      - Set C(gather_facts) to false in plays for hosts that Ansible cannot reach.
    support: none
  delegation:
    description: C(delegate_to) is not needed. A machine that it names runs the module there, unless
      that is a network device or the controller itself.
    support: full
  async:
    description: Needs a process of its own, so it is refused unless the connection is C(local) or
      C(delegate_to) names another machine.
    support: partial
"""

    CHANGING = r"""
options: {}
attributes:
  check_mode:
    description: Predicts what a run would do, and sends nothing but reading calls.
    details:
      - A task of a run in check mode predicts from what the earlier tasks of the run would have
        left, so a whole play shows what it would do.
      - A license token that only a run can make is the text V((license token, known after the
        run\)).
      - A task that sets C(check_mode) itself is not remembered. A configuration that another run
        would have created counts as existing for ten minutes.
    support: full
  diff_mode:
    description: Shows each field before and after, by the names that this collection gives them,
      without license tokens.
    support: full
  idempotent:
    description: A second run finds everything as it should be and reports no change.
    support: full
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
"""

    READING = r"""
options: {}
attributes:
  check_mode:
    description: Reads only, so it does the same in check mode, where it shows what the earlier
      tasks of the run would have left.
    support: full
  diff_mode:
    description: Changes nothing, so there is nothing to show.
    support: N/A
  idempotent:
    description: Reads only.
    support: full
"""
