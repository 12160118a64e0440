# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Start a simulator from Python: `with start() as flex: ...`. Uses the standard library only.

with start(settings={"quota_minute": True}) as flex:
    subprocess.run(["ansible-playbook", "site.yml"], env={**os.environ, **flex.environment()})
    assert flex.requests()["total"] == 2
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any

_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class SimulatorError(Exception):
    """The simulator did not start, or its control API refused something."""


class Simulator:
    """A running simulator. Ends with `close()`, with the `with` block, or with this process."""

    def __init__(self, process: subprocess.Popen[str], about: Mapping[str, Any]) -> None:
        self._process = process
        self.url: str = about["url"]
        self.api_url: str = about["api_url"]
        self.auth_url: str = about["auth_url"]
        self.devices_url: str = about["devices_url"]
        self.pid: int = about["pid"]
        self.console_port: int | None = about.get("console_port")

    def __enter__(self) -> Simulator:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End it."""
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()

    def get(self, path: str) -> Any:
        """GET of the control API: `get("state")`."""
        return self._call(path, None)

    def post(self, path: str, data: Any = None) -> Any:
        """POST to the control API: `post("redeem", {"token": ...})`."""
        return self._call(path, {} if data is None else data)

    def state(self) -> dict[str, Any]:
        """Programs, configurations, entitlements, devices, clock, settings."""
        found: dict[str, Any] = self.get("state")
        return found

    def requests(self) -> dict[str, Any]:
        """Counters `total`, `writes`, `logins`, `overlaps`, `by_path`, and the ordered `log`."""
        found: dict[str, Any] = self.get("requests")
        return found

    def writes(self) -> int:
        """How many writing calls came in."""
        return int(self.requests()["writes"])

    def reset(self) -> None:
        """Everything as it was at the start."""
        self.post("reset")

    def reset_requests(self) -> None:
        """Counters and log from zero."""
        self.post("requests/reset")

    def settings(self, **changes: Any) -> dict[str, Any]:
        """Change switches; answers them all."""
        found: dict[str, Any] = self.post("settings", changes)
        return found

    def faults(self, rules: Sequence[Mapping[str, Any]]) -> None:
        """These faults instead of all there were."""
        self.post("faults", list(rules))

    def advance(self, seconds: float) -> None:
        """Let time pass on the simulated clock."""
        self.post("clock", {"advance": seconds})

    def set_clock(self, moment: float | str) -> None:
        """Put the simulated clock to seconds since 1970, or to a Pacific date-time."""
        self.post("clock", {"set": moment})

    def seed_configuration(self, name: str, **more: Any) -> dict[str, Any]:
        """A configuration without any check; a FortiGate bundle of 2 CPUs in the postpaid program unless told otherwise."""
        found: dict[str, Any] = self.post("configurations", {"name": name, **more})[0]
        return found

    def seed(
        self, items: Sequence[Mapping[str, Any]] | None = None, **template: Any
    ) -> list[dict[str, Any]]:
        """Entitlements without any check: a list of them, or `count=` alike of the other arguments (`configId=` at least)."""
        found: list[dict[str, Any]] = self.post(
            "entitlements", template if items is None else list(items)
        )
        return found

    def patch(self, serial: str, **changes: Any) -> dict[str, Any]:
        """Change anything of one entitlement."""
        found: dict[str, Any] = self.post(f"entitlements/{serial}", changes)
        return found

    def redeem(self, token: str) -> dict[str, Any]:
        """A VM uses the token."""
        found: dict[str, Any] = self.post("redeem", {"token": token})
        return found

    def bill(self, first: str, last: str) -> dict[str, Decimal]:
        """What each entitlement really used from the first to the last Pacific day, by serial number, however long ago."""
        return {
            item["serialNumber"]: Decimal(item["points"])
            for item in self.get(f"bill?first={first}&last={last}")
        }

    def environment(
        self,
        program: str = "ELAVMS0000000200",
        account: int | str = 2000001,
        username: str = "demo-api-user",
        password: str = "demo-password",
    ) -> dict[str, str]:
        """The environment variables with which the collection uses this simulator."""
        return {
            "FORTIFLEX_ACCESS_USERNAME": username,
            "FORTIFLEX_ACCESS_PASSWORD": password,
            "FORTIFLEX_PROGRAM": program,
            "FORTIFLEX_ACCOUNT_ID": str(account),
            "FORTIFLEX_API_URL": self.api_url,
            "FORTIFLEX_AUTH_URL": self.auth_url,
        }

    def _call(self, path: str, data: Any) -> Any:
        body = None if data is None else json.dumps(data).encode()
        request = urllib.request.Request(
            f"{self.url}/simulator/{path}", data=body, headers={"Content-Type": "application/json"}
        )
        try:
            with _OPENER.open(request, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise SimulatorError(f"/simulator/{path}: {error.read().decode()}") from None


def start(
    port: int = 0,
    settings: Mapping[str, Any] | None = None,
    seed_entitlements: int = 0,
    console: bool = False,
) -> Simulator:
    """Start a simulator, with command lines by SSH if asked for, and wait until it listens; raises SimulatorError if it does not."""
    command = [
        sys.executable,
        "-m",
        "simulator",
        "--port",
        str(port),
        "--exit-with-parent",
        "--settings",
        json.dumps(settings or {}),
        "--seed-entitlements",
        str(seed_entitlements),
        *(("--console-port", "0") if console else ()),
    ]
    here = str(Path(__file__).resolve().parents[1])
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, [here, os.environ.get("PYTHONPATH")])),
    }
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, env=environment
    )
    line = process.stdout.readline() if process.stdout else ""
    if not line:
        process.kill()
        process.wait()
        raise SimulatorError(
            "The simulator did not start; the reason is on the standard error output."
        )
    return Simulator(process, json.loads(line))
