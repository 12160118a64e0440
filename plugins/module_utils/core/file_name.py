# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the file of a host, or of anything else that has a name, is called: two names never share a
file.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

_LONGEST = 180  # most file systems allow 255 bytes, and endings and marks of copies follow
_READABLE = 60
_MARK = "~"  # in no ordinary name, so that no ordinary name can look like one with an ending
_ORDINARY = re.compile(r"[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_-])?")
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?")  # of Windows, with any ending


def file_name(name: str) -> str:
    """The name itself if it is ordinary, else a readable form of it and a hash of the exact name.

    Ordinary names have small letters of ASCII, digits, ``.``, ``_`` and ``-``. So two names have
    two files also where a file system takes capitals for small letters, or one form of Unicode for
    another.
    """
    if _is_ordinary(name):
        return name
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    readable = re.sub(r"[^a-z0-9._-]+", "_", plain)[:_READABLE].strip(".-")
    exact = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{readable or '_'}{_MARK}{exact[:20]}"


def _is_ordinary(name: str) -> bool:
    return (
        len(name) <= _LONGEST
        and _ORDINARY.fullmatch(name) is not None
        and _DEVICES.fullmatch(name) is None
    )
