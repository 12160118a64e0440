# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the command line of a FortiManager, FortiAnalyzer or FortiGate looks like: for
``ansible_network_os: flexops.fortiflex.fortinet``.

The prompt is the host name and ``#`` (``$`` for read-only users), with the place in brackets, as in
``FMG-VM64 (global) #``.
"""

from __future__ import annotations

import re

from ansible.plugins.terminal import TerminalBase


class TerminalModule(TerminalBase):
    """Of a device that needs nothing set before its first command."""

    terminal_stdout_re = [re.compile(rb"(?:^|[\r\n])[\w.-]+ (?:\([\w. -]+\) )?[#$] $")]
