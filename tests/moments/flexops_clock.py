# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shifts the clock of each Python process of an environment by FLEXOPS_SHIFT seconds. Time goes on, and all processes agree about it.

.ci/gates puts this file into the environment, with a .pth file that imports it at the start of Python. That does what a sitecustomize does, of which Debian's
Python has one already.
"""

import os
import sys

if "FLEXOPS_SHIFT" in os.environ:
    import time

    sys.modules["pytest"] = None  # type: ignore[assignment]  # time_machine would import it, in every process
    import time_machine

    del sys.modules["pytest"]
    shift = float(os.environ["FLEXOPS_SHIFT"])
    while True:
        clock = time_machine.travel(time.time() + shift)
        clock.start()
        # A process that had to wait for its turn just now would be late for as long as it lives.
        if abs(time.time() - time_machine.escape_hatch.time.time() - shift) < 0.0001:
            break
        clock.stop()
