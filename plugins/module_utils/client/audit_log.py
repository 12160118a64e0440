# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit trail: a line before each writing request, and a line with what became of it. No secret
is in either.

Private to the collection: may change at any time.
"""

from __future__ import annotations

import contextlib
import fcntl
import getpass
import json
import os
import secrets
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime, timezone
from typing import Any

from ..clock import Clock
from ..core.calls import Held
from ..errors import FlexError
from ..optional import if_given
from .connection import trimmed
from .origin import UNKNOWN, Origin
from .state_files import open_regular

After = Callable[[Iterable[Held]], None]


class AuditLog:
    """A file of JSON lines that is only ever appended to; without a path nothing is recorded."""

    def __init__(
        self,
        options: Mapping[str, Any],
        clock: Clock,
        warn: Callable[[str], None],
        origin: Origin = UNKNOWN,
    ) -> None:
        """From the options of a task (``audit_log``, ``reason``, and the connection's).

        ``problem`` is what is wrong with the file, None if nothing is, as far as that is to be seen
        before it is used.
        """
        self._path: str | None = trimmed("audit_log", options.get("audit_log")) or None
        self._clock = clock
        self._warn = warn
        self._run = secrets.token_hex(4)
        self._number = 0
        self._about = {
            "api_user": trimmed("username", options.get("username")),
            "user": _user(),
            "host": socket.gethostname(),
            "reason": options.get("reason") or None,
            "origin": origin.told,
        }
        reason = if_given(self._path, _unusable)
        self.problem = reason and f"audit_log: {self._path} {reason}"

    @contextlib.contextmanager
    def writing(
        self,
        endpoint: str,
        body: Mapping[str, Any],
        names: Iterable[str],
        before: Iterable[Held],
        **where: Any,
    ) -> Iterator[After]:
        """Record a request, and after the block what became of it; the block may say what the
        answer shows.

        ``names`` are those of the items that it is for, ``before`` what they were, ``where`` is
        program, account or device.

        :raises FlexError: if the request cannot be recorded, so that it is not sent.
        """
        if self._path is None:
            yield lambda items: None
            return
        self._number += 1
        number = f"{self._run}-{self._number}"
        try:
            self._append(
                {
                    "event": "request",
                    "id": number,
                    **self._about,
                    **where,
                    "endpoint": endpoint,
                    "names": [*names],
                    "before": [*map(_shape, before)],
                    "request": body,
                }
            )
        except OSError as error:
            raise FlexError(
                f"{endpoint} was not sent since it could not be recorded in {self._path} "
                f"({error.strerror or type(error).__name__}): "
                "make room there or set audit_log to another file, then run again."
            ) from None
        # Whatever else ends the block leaves the request without an answer, which says that its outcome is not known.
        after: list[dict[str, Any]] = []
        try:
            yield lambda items: after.extend(map(_shape, items))
        except FlexError as error:
            self._answered(endpoint, id=number, outcome=error.code, message=str(error))
            raise
        self._answered(endpoint, id=number, outcome="done", after=after)

    def _answered(self, endpoint: str, **record: Any) -> None:
        """Record an answer; where that fails the work is done all the same, so it goes on, and the
        next request is not sent.
        """
        try:
            self._append({"event": "answer", **record})
        except OSError as error:
            self._warn(
                f"The answer to {endpoint} could not be recorded in {self._path} "
                f"({error.strerror or type(error).__name__})."
            )

    def _append(self, record: Mapping[str, Any]) -> None:
        """Add a line that is on the disk when this comes back. Raises OSError."""
        now = datetime.fromtimestamp(self._clock.now(), timezone.utc)
        moment = now.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        text = json.dumps({"time": moment, **record}, ensure_ascii=False, default=str)
        line = "".join(map(_printable, text)).encode() + b"\n"
        descriptor = open_regular(self._path or "", os.O_RDWR | os.O_APPEND | os.O_CREAT)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            size = os.fstat(descriptor).st_size
            if size and os.pread(descriptor, 1, size - 1) != b"\n":
                line = b"\n" + line  # a crash has cut the last one short
            while line:
                line = line[os.write(descriptor, line) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _unusable(path: str) -> str | None:
    """Why nothing can be appended to a file; None if it can, as far as that is to be seen without
    doing it.
    """
    if not os.path.isabs(path):
        return "is no absolute path, so it would depend on where the task runs; write it from / on"
    if os.path.isdir(path):
        return "is a directory; name a file"
    if os.path.islink(path):
        return "is a link, which is not followed; name the file that it leads to"
    if os.path.exists(path) and not os.path.isfile(path):
        return "is no regular file; name one"
    if not os.path.isdir(os.path.dirname(path)):
        return "is in a directory that does not exist; make it first"
    if not os.access(path if os.path.exists(path) else os.path.dirname(path), os.W_OK):
        return "may not be written by this user; choose another file, or allow it"
    return None


def _shape(item: Held) -> dict[str, Any]:
    """What is recorded of an entitlement or a configuration: all but its license token."""
    hidden = ("token", "predicted", "folder")
    return {key: value for key, value in asdict(item).items() if key not in hidden}


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user has no name
        return str(os.getuid())


def _printable(character: str) -> str:
    """A character as a terminal may get it; what moves a cursor or changes the direction of writing
    stands as JSON can write it, too.
    """
    return character if character.isprintable() else json.dumps(character)[1:-1]
