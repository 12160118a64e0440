# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bearer tokens, and their cache on disk, so that many short runs need one login an hour.

Private to the collection: may change at any time.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..clock import Clock
from .connection import Connection
from .state_files import StateFile

# Seconds before its end that a token is renewed. Fortinet's Terraform module for AWS (1.1.5) does the same.
_EARLY = 120.0


@dataclass(frozen=True)
class Token:
    """A bearer token. ``expires`` and ``renew`` (when a new one is due) are seconds since 1970."""

    access: str = field(repr=False)
    refresh: str | None = field(repr=False)
    expires: float
    renew: float

    @classmethod
    def from_answer(cls, answer: Mapping[str, Any], asked_at: float) -> Token | None:
        """The token of a login's answer, or None if it has none.

        It lasts as long as ``expires_in`` says: 3660 seconds in the live answers of Fortinet's
        workshop of 2025.
        """
        access, refresh = answer.get("access_token"), answer.get("refresh_token")
        if not isinstance(access, str) or not re.fullmatch("[ -~]+", access):
            return None
        lifetime = min(max(_seconds(answer.get("expires_in")), 2.0), 86400.0)
        renew = asked_at + lifetime - min(_EARLY, lifetime / 2)
        return cls(
            access, refresh if isinstance(refresh, str) else None, asked_at + lifetime, renew
        )


class TokenCache:
    """One file per API user, 0600, replaced as a whole. Whatever is wrong with it means that
    somebody logs in, never a failure.
    """

    def __init__(self, connection: Connection, clock: Clock) -> None:
        """Nothing is read or written when the connection says ``token_cache: false``. Raises
        FlexError where the state directory cannot be used.
        """
        self._clock = clock
        self._password = connection.password.encode()
        kept = connection.token_cache
        self._file = StateFile(connection.state_file("token")) if kept else None
        self._checks: dict[str, str] = {}

    def load(self) -> Token | None:
        """The token that some process saved with this very password, unless it has expired."""
        if self._file is None:
            return None
        token = self._file.load(self._saved)
        return token if token and self._clock.now() < token.expires else None

    def _saved(self, saved: Mapping[str, Any]) -> Token | None:
        """The token that a cache has, if it was saved with this password."""
        if not hmac.compare_digest(saved["check"], self._check(saved["salt"])):
            return None
        access, refresh = str(saved["access"]), saved["refresh"]
        return Token(access, refresh, float(saved["expires"]), float(saved["renew"]))

    def save(self, token: Token) -> None:
        """Replace the cached token. The caller holds the slot of this API user, so that no two
        processes do this at once.
        """
        if self._file is None:
            return
        salt = os.urandom(16).hex()
        text = json.dumps({**vars(token), "salt": salt, "check": self._check(salt)})
        self._file.save(text)

    def _check(self, salt: str) -> str:
        """A slow hash of the password. PBKDF2 rather than scrypt, which Python lacks in FIPS mode."""
        if salt not in self._checks:
            self._checks = {
                salt: hashlib.pbkdf2_hmac("sha256", self._password, salt.encode(), 20_000).hex()
            }
        return self._checks[salt]


def _seconds(told: Any) -> float:
    """How long a token lasts, as FortiCloud says; ten minutes if it says nothing that makes sense."""
    try:
        seconds = float(told)
    except (TypeError, ValueError, OverflowError):
        return 600.0
    return seconds if math.isfinite(seconds) else 600.0
