# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command lines of pretended devices, by SSH: who logs in as NAME is on the console of the device NAME. Needs asyncssh."""

from __future__ import annotations

import asyncssh

from .devices import Device, Devices
from .refusal import Refusal

_STATUS = """\
Platform Type                   : FMG-VM64
Platform Full Name              : FortiManager-VM64
Version                         : v7.4.4-build2550 240604 (GA)
Serial Number                   : {0.serial}
Hostname                        : {0.name}
License Status                  : {0.license}
"""


class _Server(asyncssh.SSHServer):
    def __init__(self, devices: Devices) -> None:
        self.devices = devices

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn

    def begin_auth(self, username: str) -> bool:
        if self.devices.reboots(self.devices.called(username)):
            self._connection.abort()
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return password == self.devices.store.settings.device_api_token


async def listen(devices: Devices, host: str, port: int) -> int:
    """Serve until the process ends; gives the port."""

    async def session(process: asyncssh.SSHServerProcess[str]) -> None:
        await _session(devices, process)

    server = await asyncssh.create_server(
        lambda: _Server(devices),
        host,
        port,
        server_host_keys=[asyncssh.generate_private_key("ssh-ed25519")],
        process_factory=session,
    )
    return server.get_port()


async def _session(devices: Devices, process: asyncssh.SSHServerProcess[str]) -> None:
    """One login until it leaves, or the device reboots."""
    device = devices.called(process.get_extra_info("username"))
    while True:
        process.stdout.write(f"{device.name} # ")
        line = await process.stdin.readline()
        words = line.split()
        if not line or words == ["exit"]:
            process.exit(0)
            return
        if words == ["get", "system", "status"]:
            process.stdout.write(_STATUS.format(device))
        elif words[:2] == ["execute", "vm-license"] and len(words) == 3:
            process.stdout.write(
                "This operation will reboot the system !\nDo you want to continue? (y/n)"
            )
            if (await process.stdin.readline()).strip() == "y" and _fetched(
                devices, device, words[2], process
            ):
                process.get_extra_info("connection").abort()
                return
        elif words:
            process.stdout.write("Unknown action 0\n\nCommand fail. Return code -1\n")


def _fetched(
    devices: Devices, device: Device, license_token: str, process: asyncssh.SSHServerProcess[str]
) -> bool:
    try:
        devices.fetch(device, license_token)
    except Refusal:
        process.stdout.write(
            "\nRequesting FortiCare license token\nFailed to download the license.\n"
        )
        return False
    process.stdout.write("\nRequesting FortiCare license token\nThe system is rebooting...\n")
    return True
