# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A FortiGate through the few calls of its REST API that licensing needs. No text of it is ever repeated, since it may hold the license token.

The calls are those of the vendor's guide to injecting a license with the FortiOS API.
Private to the collection: may change at any time.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from ..client.connection import authorities_problem, is_loopback, url_problem
from ..client.transport import Reply, TooMuch, Transport
from ..core.delivery_rule import DeviceState
from ..errors import InvalidInput, Refused, Unavailable, UnknownOutcome
from ..strict_json import loads

with contextlib.suppress(ImportError):  # whoever connects to FortiFlex has told that already
    import requests

_SECONDS = 30.0  # for one call, however the device answers
_MOST_BYTES = 1_000_000  # of an answer


class Device:
    """One FortiGate."""

    def __init__(self, url: str, token: str, validate_certs: bool, ca_path: str | None) -> None:
        """``url`` is scheme, host and port.

        :raises InvalidInput: if it is none, if the token would go over the network unencrypted, or if ``ca_path`` has no authorities.
        """
        problems = [url_problem("device_url", url, "https://192.0.2.10", "token")]
        if validate_certs:
            secure = url.strip().startswith("https:") and problems == [None]
            secure = secure and not is_loopback(urlsplit(url.strip()).hostname or "")
            problems.append(authorities_problem("device_ca_path", ca_path, secure))
        if any(problems):
            raise InvalidInput([problem for problem in problems if problem])
        self.place = urlsplit(url.strip()).hostname
        self._url = f"{url.strip().rstrip('/')}/api/v2/monitor"
        self._headers = {"Authorization": f"Bearer {token.strip()}"}
        self._verify: bool | str = (ca_path or True) if validate_certs else False

    def state(self) -> DeviceState | None:
        """What it runs with; None while it does not answer, as when it reboots.

        :raises Refused: if it does not accept the token.
        """
        status, license_status = (
            self._call("GET", "system/status"),
            self._call("GET", "license/status"),
        )
        if status is None or license_status is None:
            return None
        results = license_status.get("results")
        machine = results.get("vm") if isinstance(results, Mapping) else None
        valid = isinstance(machine, Mapping) and (
            machine.get("valid") is True
            or str(machine.get("status", "")).lower() in ("vm_valid", "valid")
        )
        return DeviceState(str(status.get("serial") or ""), valid)

    def inject(self, license_token: str, proxy_url: str | None, now: float) -> None:
        """Have it fetch its license and reboot; ``now`` is in seconds since 1970.

        :raises Refused: if it said that it could not.
        :raises UnknownOutcome: if the connection broke, which is no answer, since it may be rebooting.
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

    def _call(self, method: str, path: str) -> Mapping[str, Any] | None:
        try:
            reply = self._send(method, path, {})
            if reply.status in (401, 403):
                raise Refused(
                    f"The device at {self.place} does not accept device_token: give an API token that may read and write its system settings."
                )
            answer = loads(reply.content) if reply.status == 200 else None
        except requests.exceptions.SSLError:
            raise Unavailable(
                f"The certificate of the device at {self.place} is not trusted: set device_ca_path, or device_validate_certs=false."
            ) from None
        except (requests.exceptions.RequestException, TimeoutError, TooMuch, ValueError):
            return None
        return answer if isinstance(answer, Mapping) else None

    def _send(self, method: str, path: str, query: Mapping[str, str]) -> Reply:
        url = f"{self._url}/{path}"
        with Transport(self._verify, not is_loopback(self.place or "")) as transport:
            return transport.send(method, url, self._headers, _SECONDS, _MOST_BYTES, params=query)
