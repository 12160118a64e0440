# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""python -m moments NAME: by how many seconds a moment is ahead, for FLEXOPS_SHIFT."""

import sys
import time

from moments import moments

print(moments(time.time())[sys.argv[1]].at.timestamp() - time.time())
