# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state directory and its files, which belong to one user: how each is opened, read, written,
locked and removed.

Anyone who can write there decides what a run believes. So the directory must be one that only this
user can change, and a file that is not the user's own, no regular file, too large or damaged counts
as if it were not there.

Private to the collection: may change at any time.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import pathlib
import stat
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from ..errors import FlexError
from ..files import write_file
from ..strict_json import loads

MOST_BYTES = 64_000_000  # of a file; that of 100,000 entitlements has 40 million

_NO_FILES = {
    errno.ELOOP: "is a link, which is not followed",
    errno.EISDIR: "is a directory",
    errno.ENXIO: "is no regular file",
}
_Shape = TypeVar("_Shape")


def state_dir_error(path: str | pathlib.Path, error: OSError) -> FlexError:
    """What to say when files cannot be written or locked there."""
    reason = error.strerror or type(error).__name__
    return FlexError(
        f"The state directory {path} cannot be used ({reason}): "
        "set state_dir to a directory on a local disk that you may write to."
    )


def own_directory(path: pathlib.Path) -> None:
    """Make a directory that only this user can change, or see that it is one.

    :raises OSError: if it is not
    """
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = path.stat()
    if found.st_uid != os.geteuid():
        raise PermissionError(errno.EPERM, "it belongs to another user")
    if found.st_mode & 0o022:
        raise PermissionError(errno.EPERM, "others may write to it; chmod go-w keeps them out")


def open_regular(path: str | pathlib.Path, flags: int) -> int:
    """A descriptor of a regular file, made (0600) if ``flags`` say so. Follows no link, waits for
    no other end of a FIFO.

    :raises OSError: if it cannot be opened, or is something else
    """
    try:
        descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
    except OSError as error:
        if error.errno not in _NO_FILES:
            raise
        name = pathlib.Path(path).name
        raise OSError(error.errno, f"{name} {_NO_FILES[error.errno]}") from None
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise OSError(errno.EINVAL, f"{pathlib.Path(path).name} is no regular file")


def open_own(path: pathlib.Path, flags: int, forbidden: int = 0o022) -> int:
    """The same for a file of this user. ``forbidden``: bits of its mode with which others could
    change it, or read it.

    :raises OSError: if it cannot be opened, or is something else
    """
    descriptor = open_regular(path, flags)
    found = os.fstat(descriptor)
    if found.st_uid == os.geteuid() and not found.st_mode & forbidden:
        return descriptor
    os.close(descriptor)
    raise OSError(errno.EPERM, f"others can change {path.name} in it; remove that file")


@contextlib.contextmanager
def opened_own(path: pathlib.Path, flags: int = os.O_RDWR | os.O_CREAT) -> Iterator[int]:
    """The same, open until the end of the block."""
    descriptor = open_own(path, flags)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


class StateFile:
    """A file of the state directory."""

    def __init__(self, path: pathlib.Path) -> None:
        self.path = path

    def read(self) -> str | None:
        """Its text; None if there is none that can be trusted."""
        try:
            with os.fdopen(open_own(self.path, os.O_RDONLY, 0o077), "rb") as file:
                data = file.read(MOST_BYTES + 1)
            return data.decode() if len(data) <= MOST_BYTES else None
        except (OSError, ValueError):
            return None

    def load(self, shape: Callable[[Any], _Shape]) -> _Shape | None:
        """What ``shape`` makes of its JSON; None if there is none, or none that ``shape`` can read."""
        text = self.read()
        if text is None:
            return None
        try:
            return shape(loads(text))
        except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError):
            return None

    def save(self, text: str) -> bool:
        """Replace it as a whole; False where that is not possible, as on a full disk. For what can
        be found out again.
        """
        try:
            write_file(self.path, text)
        except OSError:
            return False
        return True

    def replace(self, text: str) -> None:
        """Replace it as a whole. For what must not be lost.

        :raises FlexError: where that is not possible
        """
        try:
            write_file(self.path, text)
        except OSError as error:
            raise self._unusable(error) from None

    def remove(self) -> None:
        """Remove it, which is possible on a full disk, too.

        :raises FlexError: where it is not
        """
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            raise self._unusable(error) from None

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """As the only process that is in such a block. Where the disk has no locks, all go on.

        :raises FlexError: if there can be no lock file
        """
        descriptor = self._lock()
        try:
            with contextlib.suppress(OSError):
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def held(self) -> int | None:
        """A descriptor that keeps other processes out until it is closed, as by the end of this
        one; None if another has one.

        :raises FlexError: if there can be no lock
        """
        descriptor = self._lock()
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        except OSError as error:
            os.close(descriptor)
            raise state_dir_error(self.path.parent, error) from None
        return descriptor

    def _lock(self) -> int:
        try:
            return open_own(self.path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT)
        except OSError as error:
            raise state_dir_error(self.path.parent, error) from None

    def _unusable(self, error: OSError) -> FlexError:
        reason = OSError(error.errno, f"{self.path.name}: {error.strerror}")
        return state_dir_error(self.path.parent, reason)
