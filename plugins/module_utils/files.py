# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a file is written: as a whole, so that no reader ever sees a part of it.

Private to the collection: may change at any time.
"""

from __future__ import annotations

import os
import pathlib
import secrets


def write_file(path: pathlib.Path, text: str, mode: int = 0o600) -> None:
    """Put a file of this text and mode in the place of ``path``. Raises OSError."""
    draft = path.with_name(
        f"{path.name}.{secrets.token_hex(4)}"
    )  # containers that share a directory can have the same process number
    try:
        with os.fdopen(
            os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600),
            "w",
            encoding="utf-8",
        ) as file:
            file.write(text)
            os.fchmod(file.fileno(), mode)
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
