# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line: `python -m simulator`."""

from __future__ import annotations

import argparse
import asyncio
import ipaddress
import json
import os
import signal
import sys
from pathlib import Path

from aiohttp import web

from .app import Service
from .control import Control, explain
from .self_check import measure
from .settings import Settings, SettingsError, table


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m simulator",
        description="A local FortiFlex on loopback: nothing of it costs anything. Prints its addresses as one line of JSON.",
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help="loopback address to listen on (default: %(default)s)"
    )
    parser.add_argument(
        "--port",
        type=int,
        default=8085,
        help="port to listen on; 0: any free one (default: %(default)s)",
    )
    parser.add_argument(
        "--console-port",
        type=int,
        metavar="PORT",
        help="also serve the command lines of devices by SSH on this port; 0: any free one",
    )
    parser.add_argument(
        "--settings",
        default="{}",
        metavar="JSON",
        help="switches as a JSON object, or @FILE; --show-settings lists them",
    )
    parser.add_argument(
        "--latency-ms", type=int, help="every answer takes this many milliseconds longer"
    )
    parser.add_argument(
        "--seed-entitlements",
        type=int,
        default=0,
        metavar="N",
        help="begin with N active entitlements",
    )
    parser.add_argument(
        "--exit-with-parent",
        action="store_true",
        help="end when the process that started this one has ended",
    )
    parser.add_argument(
        "--show-settings", action="store_true", help="print all switches as a table, and end"
    )
    parser.add_argument(
        "--self-check",
        action="store_true",
        help="measure start, listing and memory of a simulator, and end",
    )
    return parser


def _settings(text: str, latency_ms: int | None) -> Settings:
    settings = Settings()
    if text.startswith("@"):
        text = Path(text[1:]).read_text(encoding="utf-8")
    settings.merge(json.loads(text))
    if latency_ms is not None:
        settings.merge({"latency_ms": latency_ms})
    return settings


async def _serve(
    service: Service, host: str, port: int, console_port: int | None, exit_with_parent: bool
) -> None:
    """Serve until a signal comes, or the parent is gone."""
    parent = os.getppid()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    about: dict[str, object] = {}
    app = web.Application(middlewares=[explain], client_max_size=64 * 2**20)
    app.add_routes(service.routes())
    app.add_routes(Control(service, about).routes())
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, host, port, backlog=256).start()
    url = f"http://{f'[{host}]' if ':' in host else host}:{runner.addresses[0][1]}"
    about.update(
        url=url,
        api_url=f"{url}/ES/api/fortiflex/v2",
        auth_url=f"{url}/api/v1/oauth/token/",
        devices_url=f"{url}/device",
        pid=os.getpid(),
    )
    if console_port is not None:
        from .console import listen  # only who asks for it needs the library that it takes

        about["console_port"] = await listen(service.devices, host, console_port)
    print(json.dumps(about), flush=True)
    while not stop.is_set() and not (exit_with_parent and os.getppid() != parent):
        try:
            await asyncio.wait_for(stop.wait(), 0.25 if exit_with_parent else None)
        except asyncio.TimeoutError:
            continue
    await runner.cleanup()


def main() -> int:
    """Run the simulator; returns the exit status."""
    parser = _parser()
    options = parser.parse_args()
    if options.show_settings:
        print(table())
        return 0
    if options.self_check:
        return measure()
    try:
        loopback = options.host == "localhost" or ipaddress.ip_address(options.host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        parser.error(
            f"--host {options.host} is no loopback address: this server knows well-known passwords, it is for this machine only"
        )
    try:
        settings = _settings(options.settings, options.latency_ms)
    except (SettingsError, ValueError, OSError) as error:
        parser.error(f"--settings cannot be used: {error}")
    asyncio.run(
        _serve(
            Service(settings, options.seed_entitlements),
            options.host,
            options.port,
            options.console_port,
            options.exit_with_parent,
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
