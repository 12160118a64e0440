# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may do what: API users, their bearer tokens, and the calls of the authentication service."""

from __future__ import annotations

import random
import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .clock import Clock
from .refusal import Refusal
from .settings import Settings

CLIENT = "flexvm"


@dataclass(frozen=True)
class User:
    """An API user; `accounts` is None where all are in its scope."""

    name: str
    permission: str
    accounts: frozenset[int] | None

    def may_use(self, account: int) -> bool:
        """Whether the account is in the user's scope."""
        return self.accounts is None or account in self.accounts


class LoginRefused(Exception):
    """A refused login: HTTP status, OAuth error word, text."""

    def __init__(self, http: int, word: str, text: str) -> None:
        super().__init__(text)
        self.http = http
        self.word = word
        self.text = text


class Access:
    """Bearer and refresh tokens, on the simulated clock."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        self.reset()

    def reset(self) -> None:
        """Nobody is logged in."""
        self._random = random.Random(f"access {self.settings.seed}")
        self._bearers: dict[str, tuple[str, float]] = {}
        self._refreshes: dict[str, str] = {}

    def login(self, form: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to a password or refresh_token grant; raises LoginRefused."""
        if form.get("client_id") != CLIENT:
            raise LoginRefused(400, "invalid_client", "Invalid client id")
        grant = form.get("grant_type")
        if grant == "password":
            found = [
                item for item in self.settings.users if item["username"] == form.get("username")
            ]
            if not found or found[0]["password"] != form.get("password"):
                raise LoginRefused(400, "invalid_grant", "Invalid username or password")
            name = found[0]["username"]
        elif grant == "refresh_token":
            name = self._refreshes.pop(str(form.get("refresh_token")), "")
            if not name:
                raise LoginRefused(400, "invalid_grant", "Invalid refresh token")
        else:
            raise LoginRefused(400, "unsupported_grant_type", "Invalid grant type")
        if self._user(name).permission == "none" and self.settings.no_permission == "login":
            raise LoginRefused(401, "access_denied", "The user has no permission")
        if self.settings.login_revokes:
            self._bearers = {
                token: holder for token, holder in self._bearers.items() if holder[0] != name
            }
        bearer, refresh = self._text(), self._text()
        self._bearers[bearer] = (name, self.clock.now() + self.settings.token_lifetime)
        self._refreshes[refresh] = name
        return {
            "access_token": bearer,
            "expires_in": self.settings.token_lifetime,
            "message": "successfully authenticated",
            "refresh_token": refresh,
            "scope": "read write",
            "status": "success",
            "token_type": "Bearer",
        }

    def name_of(self, header: str) -> str | None:
        """The name of the user whose token the Authorization header carries, good or expired; None if it is nobody's."""
        holder = self._bearers.get(header.removeprefix("Bearer "))
        return holder[0] if holder else None

    def user_of(self, header: str) -> User:
        """The user that the Authorization header stands for; raises Refusal."""
        if not header:
            raise Refusal("Invalid security token.", http=401)
        seconds = self.seconds_left(header)
        name = self.name_of(header)
        if seconds is None or name is None:
            raise Refusal(
                "Invalid security token.",
                http=401 if self.settings.expired_token == "http_401" else None,
            )
        return self._user(name)

    def seconds_left(self, header: str) -> int | None:
        """How long the token in the header is good for; None if it is not."""
        holder = self._bearers.get(header.removeprefix("Bearer "))
        left = int(holder[1] - self.clock.now()) if holder else 0
        return left if left > 0 else None

    def _user(self, name: str) -> User:
        item = next(
            (item for item in self.settings.users if item["username"] == name),
            {"permission": "none"},
        )
        accounts = item.get("accounts")
        return User(
            name,
            item.get("permission", "write"),
            None if accounts is None else frozenset(map(int, accounts)),
        )

    def _text(self) -> str:
        return "".join(self._random.choices(string.ascii_letters + string.digits, k=30))
