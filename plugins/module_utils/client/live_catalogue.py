# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Newer catalogues than the shipped one: what ``tools/metadata`` said within a day, from a file of
the state directory, and what it says now.

Private to the collection: may change at any time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from ..catalogue.catalogue import Catalogue
from ..clock import Clock
from ..errors import FlexError, LoginRefused
from ..wording import count_of
from .client import Client
from .connection import Connection
from .state_files import StateFile

_SECONDS = 86400.0
_FAILED_SECONDS = 3600.0


class LiveCatalogue:
    """The catalogues that one task can turn to, one after the other, when the one it has lacks
    something.
    """

    def __init__(
        self, client: Client, connection: Connection, clock: Clock, warn: Callable[[str], None]
    ) -> None:
        self._client = client
        self._url = connection.api_url
        self._file = StateFile(connection.state_file("catalogue"))
        self._clock = clock
        self._warn = warn
        self._tried_cache = False
        self._asked = connection.catalogue == "snapshot"

    def newer(self, again: bool) -> Catalogue | None:
        """The next catalogue to try: the one of the cache, then FortiFlex's answer of now; None if
        there is no other.

        ``again``: ask although the cache is less than a day old, because the task would fail for
        what it lacks.
        """
        # After an answer that was not usable, an hour passes until it is worth a request of every task again.
        if self._asked or (not again and self._saved("failed", _FAILED_SECONDS)):
            return None
        cached = self._load()
        if cached is not None and not self._tried_cache:
            self._tried_cache = True
            return self._merged(cached)
        return self.ask() if again or cached is None else None

    def ask(self) -> Catalogue | None:
        """What FortiFlex says now, by one request; None, after a warning, if it gives no usable
        answer.

        :raises LoginRefused: if the login itself was refused, since every other call would fail in
            the same way.
        """
        self._asked = True
        try:
            product_types = self._client.read("tools/metadata", {}, repeats=0).items
        except FlexError as error:
            if isinstance(error, LoginRefused) and "endpoint" not in error.details:
                raise
            self._save("failed", True)
            ended = str(error).rstrip(".")
            self._warn(f"FortiFlex did not return its catalogue ({ended}); using the bundled one.")
            return None
        self._save("productTypes", product_types)
        return self._merged(product_types)

    def _merged(self, product_types: list[dict[str, Any]]) -> Catalogue:
        # Every start of a module would pay for this, and few tasks need it.
        from ..catalogue.metadata import merge

        catalogue, odd = merge(product_types)
        if odd or not product_types:
            one = "product or parameter of it is not as documented"
            several = "products or parameters of it are not as documented"
            what = count_of(odd, one, several) if odd else "it is empty"
            self._warn(
                f"FortiFlex returned unexpected catalogue entries ({what}); "
                "using the bundled catalogue for them."
            )
        return catalogue

    def _load(self) -> list[dict[str, Any]] | None:
        found = self._saved("productTypes", _SECONDS)
        sound = isinstance(found, list) and all(isinstance(item, dict) for item in found)
        return found if sound else None

    def _saved(self, key: str, seconds: float) -> Any:
        """What the cache has under a key, if it is of this FortiFlex and no older than that."""
        now = self._clock.now()

        def fresh(saved: Mapping[str, Any]) -> Any:
            is_fresh = 0 <= now - float(saved["time"]) < seconds
            return saved[key] if is_fresh and saved["api_url"] == self._url else None

        return self._file.load(fresh)

    def _save(self, key: str, value: Any) -> None:
        """Keep it; where that is not possible, the next task asks again."""
        self._file.save(json.dumps({"api_url": self._url, "time": self._clock.now(), key: value}))
