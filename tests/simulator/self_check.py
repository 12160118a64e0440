# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure a simulator: seconds to start, seconds to list 5,000 entitlements, memory with 10,000 of them."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .launch import Simulator, start

LIMITS = {"start_seconds": 2.0, "list_5000_seconds": 0.3, "memory_10000_mb": 200.0}


def measure() -> int:
    """Print the three numbers with their limits; returns 1 if a limit is passed."""
    begin = time.monotonic()
    with start():
        found = {"start_seconds": time.monotonic() - begin}
    with start(seed_entitlements=5000) as flex:
        found["list_5000_seconds"] = _seconds_to_list(flex, 5000)
    with start(seed_entitlements=10000) as flex:
        _seconds_to_list(flex, 10000)
        found["memory_10000_mb"] = _memory_mb(flex.pid)
    for name, value in found.items():
        print(f"{name}: {value:.3f} (limit {LIMITS[name]})")
    return int(any(value > LIMITS[name] for name, value in found.items()))


def _seconds_to_list(flex: Simulator, count: int) -> float:
    """How long entitlements/list takes, connection and parsing included: the worst of 3."""
    login = {
        "username": "demo-api-user",
        "password": "demo-password",
        "client_id": "flexvm",
        "grant_type": "password",
    }
    token = _post(flex.auth_url, login, "")["access_token"]
    times = []
    for _number in range(3):
        begin = time.monotonic()
        answer = _post(
            f"{flex.api_url}/entitlements/list",
            {"accountId": 2000001, "programSerialNumber": "ELAVMS0000000200"},
            token,
        )
        times.append(time.monotonic() - begin)
        if len(answer["entitlements"]) != count:
            raise SystemExit("entitlements/list did not answer all entitlements")
    return max(times)


def _post(url: str, body: Mapping[str, object], token: str) -> Any:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
        request, timeout=60
    ) as answer:
        return json.load(answer)


def _memory_mb(pid: int) -> float:
    """Resident memory of a process."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise SystemExit("the memory of a process can be measured on Linux only")
