# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs modules as Ansible does, in this process and on the simulator's clock, against a local FortiFlex over a real socket."""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import secrets
import time
import unittest.mock
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ansible_collections.flexops.fortiflex.plugins.action import flex_entitlement
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.dates import (
    PACIFIC,
    pacific_day,
)
from ansible_collections.flexops.fortiflex.plugins.plugin_utils import origin
from simulator.launch import Simulator

try:
    from ansible.module_utils.testing import patch_module_args
except ImportError:  # ansible-core 2.16

    def patch_module_args(
        args: dict[str, Any] | None = None,
    ) -> contextlib.AbstractContextManager[None]:
        """Give a module its arguments."""
        return unittest.mock.patch(
            "ansible.module_utils.basic._ANSIBLE_ARGS",
            json.dumps({"ANSIBLE_MODULE_ARGS": args}).encode(),
        )


MODULES = "ansible_collections.flexops.fortiflex.plugins.modules"
CONFIGURATION = {
    "name": "small",
    "product": "fortigate_vm_bundle",
    "parameters": {"cpus": 1, "service_package": "UTP"},
}


@dataclass
class SimulatorClock:
    """The clock of the simulator: who sleeps on it makes it move, so that waits cost no real time."""

    flex: Simulator
    offset: float = 0.0
    slept: float = 0.0

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time() + self.offset

    def up(self) -> float:
        """The same: nobody sets this clock."""
        return self.now()

    def sleep(self, seconds: float) -> None:
        """Let the simulated time pass."""
        if seconds > 0:
            self.flex.advance(seconds)
            self.offset += seconds
            self.slept += seconds


@dataclass
class Controller:
    """A machine with the collection, its own state directory, and a FortiFlex that it talks to."""

    flex: Simulator
    state_dir: Path
    clock: SimulatorClock
    program: str = "ELAVMS0000000200"
    account_id: int | None = 2000001
    warnings: list[str] = field(default_factory=list)

    def connection(self) -> dict[str, Any]:
        """The connection options."""
        return {
            "username": "demo-api-user",
            "password": "demo-password",
            "program": self.program,
            "account_id": self.account_id,
            "api_url": self.flex.api_url,
            "auth_url": self.flex.auth_url,
            "state_dir": str(self.state_dir),
            "requests_per_minute": 100_000,
            "requests_per_hour": 100_000,
        }

    def run(
        self,
        module: str,
        check: bool | str = False,
        diff: bool = True,
        task_vars: dict[str, Any] | None = None,
        **options: Any,
    ) -> dict[str, Any]:
        """The result of a module; what is None in ``options`` is left out. ``task_vars`` are those of the task.

        A text for ``check`` names a run of which all tasks are in check mode; True is another run each time.
        """
        given = {**self.connection(), **options}
        left = {key: value for key, value in given.items() if value is not None}
        return self._run(module, left, check, diff, task_vars or {})

    def run_raw(
        self, module: str, options: dict[str, Any], check: bool = False, diff: bool = True
    ) -> dict[str, Any]:
        """The result of a module with just these options, None among them, over the connection options."""
        connected = {key: value for key, value in self.connection().items() if value is not None}
        return self._run(module, {**connected, **options}, check, diff, {})

    def _run(
        self,
        module: str,
        arguments: dict[str, Any],
        check: bool | str,
        diff: bool,
        task_vars: dict[str, Any],
    ) -> dict[str, Any]:
        name = check if isinstance(check, str) else secrets.token_hex(4)
        task = SimpleNamespace(
            action=f"flexops.fortiflex.{module}",
            name="License the fleet",
            args=dict(arguments),
            check_mode=bool(check),
            diff=diff,
            async_val=0,
            delegate_to=None,
            environment=None,
            module_defaults=[],
            _parent=SimpleNamespace(check_mode=bool(check)),
        )
        connection = SimpleNamespace(transport="ssh")
        action = flex_entitlement.ActionModule(task, connection, None, None, None, None)
        with unittest.mock.patch.object(origin, "run_name", lambda: name):
            result: dict[str, Any] = action.run(task_vars=task_vars)
        self.warnings += result.get("warnings", [])
        return result

    def run_module(
        self, module: str, check: bool = False, diff: bool = True, **options: Any
    ) -> dict[str, Any]:
        """The result of a module in the process of a module, such as one that is delegated to another machine."""
        given = {
            **self.connection(),
            **options,
            "_ansible_check_mode": check,
            "_ansible_diff": diff,
        }
        output = io.StringIO()
        patched = patch_module_args(given)
        with patched, contextlib.redirect_stdout(output), contextlib.suppress(SystemExit):
            importlib.import_module(f"{MODULES}.{module}").main()
        answer: dict[str, Any] = json.loads(output.getvalue())
        return answer

    def configuration(self, name: str = "small", **options: Any) -> int:
        """Make a configuration; its id comes back."""
        made = self.flex.seed_configuration(name, **options)
        return int(made["id"])

    @property
    def today(self) -> date:
        """The Pacific day on the simulator's clock."""
        return pacific_day(self.clock.now())

    def day(self, number: int) -> str:
        """The Pacific day so many days after today, before it if the number is negative, as YYYY-MM-DD."""
        return str(self.today + timedelta(days=number))

    def wait_until(self, hour: float, day_of_month: int | None = None) -> None:
        """Move the simulator's clock on to so many hours after the next Pacific midnight that allows it, or after that of this day of a month."""
        local = datetime.fromtimestamp(self.clock.now(), PACIFIC)
        wanted = datetime(local.year, local.month, local.day, tzinfo=PACIFIC)
        while True:
            moment = wanted.timestamp() + hour * 3600
            if moment > self.clock.now() and day_of_month in (None, wanted.day):
                break
            following = wanted.date() + timedelta(days=1)
            wanted = datetime(following.year, following.month, following.day, tzinfo=PACIFIC)
        self.clock.sleep(moment - self.clock.now())

    def wait_for(self, moment: float) -> None:
        """Move the simulator's clock on to a moment, at which its programs have a year to go."""
        self.clock.sleep(moment - self.clock.now())
        self.flex.settings(programs=self.flex.state()["settings"]["programs"])

    def entitlements(self) -> dict[str, dict[str, Any]]:
        """What FortiFlex holds, by serial number."""
        return {item["serialNumber"]: item for item in self.flex.state()["entitlements"]}

    def writes(self) -> int:
        """Writing calls since the last time that somebody asked."""
        count = self.flex.writes()
        self.flex.reset_requests()
        return count
