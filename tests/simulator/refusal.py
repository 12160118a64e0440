# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one exception of the package: the service says no. Imports nothing of the package."""

from __future__ import annotations


class Refusal(Exception):
    """A refused call: what the answer says, its error code, and its HTTP status where the switches do not decide that."""

    def __init__(self, message: str, code: int = -1, http: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.http = http
