# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plain client of the API, for tests of the simulator. Shares no code with the collection."""

from __future__ import annotations

from typing import Any

import requests

from simulator.launch import Simulator

PREPAID, POSTPAID, OWNER = "ELAVMR0000000100", "ELAVMS0000000200", 2000001


class Client:
    """Calls the API as one user. Logs in at the first call."""

    def __init__(self, flex: Simulator, username: str = "demo-api-user") -> None:
        self.flex = flex
        self.username = username
        self.bearer = ""
        self.session = requests.Session()
        self.session.trust_env = False

    def login(self, **more: Any) -> requests.Response:
        """A password login; the bearer token is kept."""
        form = {
            "username": self.username,
            "password": "demo-password",
            "client_id": "flexvm",
            "grant_type": "password",
            **more,
        }
        answer = self.session.post(self.flex.auth_url, json=form, timeout=60)
        self.bearer = answer.json().get("access_token", "") if answer.ok else ""
        return answer

    def send(self, path: str, timeout: float = 10, **body: Any) -> requests.Response:
        """One call, as it is answered."""
        if not self.bearer:
            self.login()
        return self.session.post(
            f"{self.flex.api_url}/{path}",
            json=body,
            headers={"Authorization": f"Bearer {self.bearer}"},
            timeout=timeout,
        )

    def call(self, path: str, **body: Any) -> Any:
        """The answer to a call that must succeed."""
        answer = self.send(path, **body)
        assert answer.status_code == 200, answer.text
        data = answer.json()
        assert isinstance(data, list) or data["status"] == 0, answer.text
        return data

    def refused(self, path: str, **body: Any) -> str:
        """The message of a call that must be refused in the documented way."""
        answer = self.send(path, **body)
        data = answer.json()
        assert (answer.status_code, data["status"]) == (400, -1), answer.text
        assert data["error"] == {"errorCode": -1, "message": data["message"]}
        return str(data["message"])

    def one(self, path: str, **body: Any) -> dict[str, Any]:
        """The one entitlement that a call answers."""
        data = self.call(path, **body)
        (found,) = data["vms"] if "vms" in data else data["entitlements"]
        assert isinstance(found, dict)
        return found

    def configure(self, name: str = "branch", **more: Any) -> int:
        """The id of a new configuration: a FortiGate bundle of 2 CPUs unless told otherwise."""
        body = {
            "programSerialNumber": POSTPAID,
            "name": name,
            "productTypeId": 1,
            "parameters": [{"id": 1, "value": 2}, {"id": 2, "value": "ENT"}],
        }
        made = self.call("configs/create", **{**body, **more})["configs"]
        return int(made["id"])

    def create(self, config: int, **more: Any) -> dict[str, Any]:
        """A new VM entitlement."""
        return self.one("entitlements/vm/create", configId=config, count=1, **more)

    def active(self, config: int, **more: Any) -> dict[str, Any]:
        """A new VM entitlement that is ACTIVE from the start."""
        return self.create(config, skipPending=True, **more)

    def listed(self, config: int, **more: Any) -> list[dict[str, Any]]:
        """The entitlements of a configuration."""
        data = self.call("entitlements/list", configId=config, **more)
        found = data if isinstance(data, list) else data["entitlements"]
        assert isinstance(found, list)
        return found
