# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A FortiGate through the few calls of its REST API that licensing needs. No text of it is ever
repeated, since it may hold the license token.

The calls are those of the vendor's guide to injecting a license with the FortiOS API.
Private to the collection: may change at any time.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from ..client.connection import authorities_problem, is_loopback, url_problem
from ..client.transport import HttpAnswer, TooMuch, Transport
from ..core.delivery_rule import DeviceState
from ..errors import Problems, Refused, Unavailable, UnknownOutcome
from ..strict_json import loads

with contextlib.suppress(ImportError):  # whoever connects to FortiFlex has reported that already
    import requests

_SECONDS = 30.0  # for one call, however the device answers
_MOST_BYTES = 1_000_000  # of an answer


class Device:
    """One FortiGate."""

    def __init__(self, url: str, token: str, validate_certs: bool, ca_path: str | None) -> None:
        """``url`` is scheme, host and port.

        :raises InvalidInput: if it is none, if the token would go over the network unencrypted, or
            if ``ca_path`` has no authorities.
        """
        url = url.strip()
        with Problems() as problems:
            wrong = url_problem("device_url", url, "https://192.0.2.10", "token")
            self.place = None if wrong else urlsplit(url).hostname
            self._is_here = is_loopback(self.place or "")
            secure = not wrong and url.startswith("https:") and not self._is_here
            problems.add(wrong)
            if validate_certs:
                problems.add(authorities_problem("device_ca_path", ca_path, secure))
        self._url = f"{url.rstrip('/')}/api/v2/monitor"
        self._headers = {"Authorization": f"Bearer {token.strip()}"}
        self._verify: bool | str = (ca_path or True) if validate_certs else False

    def state(self) -> DeviceState | None:
        """What it runs with; None while it does not answer, as when it reboots.

        :raises Refused: if it does not accept the token.
        """
        status, license_status = self._read("system/status"), self._read("license/status")
        if status is None or license_status is None:
            return None
        machine = _member(license_status.get("results"), "vm")
        is_valid = _member(machine, "valid") is True
        named = str(_member(machine, "status")).lower()
        return DeviceState(
            str(status.get("serial") or ""), is_valid or named in ("vm_valid", "valid")
        )

    def inject(self, license_token: str, proxy_url: str | None, now: float) -> None:
        """Have it fetch its license and reboot; ``now`` is in seconds since 1970.

        :raises Refused: if it said that it could not.
        :raises UnknownOutcome: if the connection broke, which is no answer, since it may be
            rebooting.
        """
        query = {"token": license_token} | ({"proxy_url": proxy_url} if proxy_url else {})
        try:
            status = self._send("POST", "system/vmlicense/download", query).status
        except (requests.exceptions.RequestException, TimeoutError, TooMuch):
            raise UnknownOutcome(
                f"The device at {self.place} did not answer: it may be rebooting.", now
            ) from None
        if status >= 400:
            raise Refused(
                f"The device at {self.place} could not fetch its license (HTTP status {status})."
            )

    def _read(self, path: str) -> Mapping[str, Any] | None:
        try:
            reply = self._send("GET", path, {})
            answer = loads(reply.content) if reply.status == 200 else None
        except requests.exceptions.SSLError:
            raise Unavailable(
                f"The certificate of the device at {self.place} is not trusted: "
                "set device_ca_path, or device_validate_certs=false."
            ) from None
        except (requests.exceptions.RequestException, TimeoutError, TooMuch, ValueError):
            return None
        if reply.status in (401, 403):
            raise Refused(
                f"The device at {self.place} does not accept device_token: "
                "give an API token that may read and write its system settings."
            )
        return answer if isinstance(answer, Mapping) else None

    def _send(self, method: str, path: str, query: Mapping[str, str]) -> HttpAnswer:
        url = f"{self._url}/{path}"
        with Transport(self._verify, not self._is_here) as transport:
            return transport.send(method, url, self._headers, _SECONDS, _MOST_BYTES, params=query)


def _member(answer: object, key: str) -> Any:
    return answer.get(key) if isinstance(answer, Mapping) else None
