# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that a plan is written to: what is wrong with their names, which is found before
anything is sent, and what is in them.

Private to the collection: may change at any time.
"""

from __future__ import annotations

import errno
import os
import pathlib
from collections.abc import Iterator, Sequence

from ..module_utils.errors import Problems
from ..module_utils.files import write_file
from ..module_utils.task.plan_report import REPORTS, Plan


def check_files(paths: Sequence[str]) -> None:
    """Refuse files that a plan cannot be written to.

    :raises InvalidInput: with everything that is wrong with them.
    """
    seen: set[str] = set()
    with Problems() as problems:
        for path in paths:
            if _ending(path) not in REPORTS:
                endings = ", ".join(REPORTS)
                problems.add(f"plan_file: '{path}' has none of the endings {endings}; give it one")
            elif (full := os.path.abspath(path)) in seen:
                problems.add(f"plan_file: '{path}' is listed twice; give each file once")
            else:
                seen.add(full)
                problems.add(*(_unwritable(path, code) for code in _obstacles(full)))


def write_files(paths: Sequence[str], plan: Plan) -> None:
    """Write the plan to each file, in its format, readable by its owner only.

    :raises InvalidInput: if that is not possible; the other files are written all the same.
    """
    with Problems() as problems:
        for path in paths:
            try:
                write_file(pathlib.Path(path).absolute(), REPORTS[_ending(path)](plan))
            except OSError as error:
                problems.add(_unwritable(path, error.errno))


def _ending(path: str) -> str:
    return os.path.splitext(path)[1].lower()


def _obstacles(path: str) -> Iterator[int]:
    """Why a file cannot be written, as far as that can be seen without writing it."""
    parent = os.path.dirname(path)
    if not os.path.exists(parent):
        yield errno.ENOENT
    elif not os.path.isdir(parent):
        yield errno.ENOTDIR
    elif os.path.isdir(path):
        yield errno.EISDIR
    elif not os.access(parent, os.W_OK | os.X_OK):
        yield errno.EACCES


def _unwritable(path: str, code: int | None) -> str:
    return f"plan_file: {path} cannot be written ({os.strerror(code or 0)}); name another file"
