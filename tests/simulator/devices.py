# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pretended devices and the few FortiOS calls that license delivery needs. A device exists as soon as it is called by its name."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from .refusal import Refusal
from .reply import Broken, Reply
from .store import Store


@dataclass
class Device:
    """One FortiGate VM; of its REST API, or of its command line (``console``), with which it can as well be a FortiManager."""

    name: str
    serial: str
    license: str = "Invalid"
    rebooting_until: float = 0.0


class Devices:
    """All devices, by name."""

    PATHS = {
        ("POST", "monitor/system/vmlicense/download"): "download",
        ("GET", "monitor/license/status"): "license",
        ("GET", "monitor/system/status"): "status",
    }

    def __init__(self, store: Store) -> None:
        self.store = store
        self.devices: dict[str, Device] = {}

    def reset(self) -> None:
        """No device was ever called."""
        self.devices.clear()

    def shown(self) -> list[dict[str, Any]]:
        """As the control API tells them."""
        return [asdict(device) for device in self.devices.values()]

    def called(self, name: str) -> Device:
        """The device of this name, which runs without a license at first."""
        return self.devices.setdefault(
            name, Device(name, f"FGVMEV{zlib.crc32(name.encode()):010d}")
        )

    def reboots(self, device: Device) -> bool:
        """Whether it can't be reached now."""
        return self.store.clock.now() < device.rebooting_until

    def fetch(self, device: Device, license_token: str) -> None:
        """It uses the license token in FortiFlex and reboots; raises Refusal if FortiFlex does not take the token."""
        if self.store.settings.device_refuses:
            raise Refusal("curl forticare failed, 6")
        entitlement = self.store.redeem(license_token)
        device.serial, device.license = entitlement.serial, "Valid"
        device.rebooting_until = self.store.clock.now() + self.store.settings.device_reboot_seconds

    def answer(
        self, name: str, method: str, path: str, api_token: str, license_token: str
    ) -> Reply | Broken:
        """What the device says to a call of its REST API."""
        settings, device = self.store.settings, self.called(name)
        if self.reboots(device):
            return (
                Broken()
                if settings.device_reboot == "reset"
                else Reply(503, text="<html><body>Service Unavailable</body></html>")
            )
        if api_token != settings.device_api_token:
            return Reply(401, text="<html><body>Unauthorized</body></html>")
        call = self.PATHS.get((method, path))
        if call is None:
            return self._reply(device, method, path, 404)
        if call == "status":
            return self._reply(
                device,
                method,
                path,
                200,
                {"model_name": "FortiGate", "model_number": "VM64", "hostname": name},
            )
        if call == "license":
            valid = device.license == "Valid"
            return self._reply(
                device,
                method,
                path,
                200,
                {"vm": {"status": f"vm_{device.license.lower()}", "valid": valid}},
            )
        return self._download(device, method, path, license_token)

    def _download(
        self, device: Device, method: str, path: str, license_token: str
    ) -> Reply | Broken:
        reply = self._reply(
            device, method, path, 200
        )  # from before the reboot, with the old serial number
        try:
            self.fetch(device, license_token)
        except Refusal as reason:
            return self._reply(device, method, path, 500, error=-1, message=reason.message)
        return Broken() if self.store.settings.device_answer == "aborted" else reply

    def _reply(
        self,
        device: Device,
        method: str,
        path: str,
        http: int,
        results: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> Reply:
        parts = [*path.split("/"), "", ""]
        data: dict[str, Any] = {
            "http_method": method,
            "status": "success" if http == 200 else "error",
            "http_status": http,
            "vdom": "root",
            "path": parts[1],
            "name": parts[2],
            "action": parts[3],
            "serial": device.serial,
            "version": "v7.4.4",
            "build": 2662,
            **more,
        }
        if results is not None:
            data["results"] = results
        return Reply(http, data)
