# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The work of flex_reachable: which devices answer on a TCP port.

Private to the collection: may change at any time.
"""

from __future__ import annotations

import math
import socket
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from ..errors import InvalidInput
from .results import Result
from .task import Task

_AT_ONCE = 100  # connections
_PAUSE = 0.5  # seconds between two attempts
_HIGHEST = 65535  # TCP port


def find_reachable(task: Task) -> Result:
    """The names of the devices that take a connection within the time, in their order."""
    devices, seconds = task.options["devices"], task.options["connect_timeout"]
    if problems := [*_problems(devices, seconds)]:
        raise InvalidInput(problems)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        answers = list(pool.map(partial(_answers, task, seconds), devices))
    reachable = [device["name"] for device, answer in zip(devices, answers, strict=True) if answer]
    return {"changed": False, "reachable": reachable}


def _problems(devices: Iterable[Mapping[str, Any]], seconds: float) -> Iterator[str]:
    """What would make a device look as if it did not answer."""
    if not 0 < seconds < math.inf:
        yield f"connect_timeout: {seconds} is no number of seconds above 0; give one"
    for device in devices:
        if not device["address"].strip():
            yield f"device '{device['name']}': its address is empty; give one, or leave it out"
        if not 1 <= device["port"] <= _HIGHEST:
            yield f"device '{device['name']}': port {device['port']} is not between 1 and {_HIGHEST}; check it"


def _answers(task: Task, seconds: float, device: Mapping[str, Any]) -> bool:
    """Whether a device takes a connection. One that refuses it is tried again, since it may be starting."""
    end = task.clock.now() + seconds
    while (left := end - task.clock.now()) > 0:
        try:
            with socket.create_connection((device["address"], device["port"]), timeout=left):
                return True
        except OSError:
            task.clock.sleep(min(_PAUSE, max(end - task.clock.now(), 0)))
    return False
