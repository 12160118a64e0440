# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a file of the state directory is written: for its owner only, and as a whole, so that no reader ever sees a part of it.

Private to the collection: may change at any time. Imports nothing of it.
"""

from __future__ import annotations

import contextlib
import os
import pathlib


def replace_file(path: pathlib.Path, text: str) -> None:
    """Put a file of this text (0600) in the place of ``path``. A file that cannot be written is not: all that is kept there can be found out again."""
    draft = path.with_suffix(f".{os.getpid()}")
    with contextlib.suppress(OSError):
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        draft.replace(path)
