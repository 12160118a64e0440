# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which devices answer: all are tried at once, and what would make a device look as if it were off is refused."""

from __future__ import annotations

import socket
import threading
import time
from typing import Any

import pytest
from unit.ensure.harness import Controller


def device(name: str, port: Any, address: str = "127.0.0.1") -> dict[str, Any]:
    """A device to try."""
    return {"name": name, "address": address, "port": port}


def free_port() -> int:
    """A port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_those_that_answer_in_the_order_of_the_list(controller: Controller) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        devices = [device("rome", port), device("lima", free_port()), device("oslo", port)]
        devices.append(device("bonn", port, "no-such-host.invalid"))
        for check in (True, False):
            result = controller.run("flex_reachable", check, devices=devices, connect_timeout=0.2)
            assert (result["reachable"], result["changed"]) == (["rome", "oslo"], False)
    assert controller.flex.requests()["total"] == 0


def test_many_that_do_not_answer_take_no_longer_than_one(controller: Controller) -> None:
    devices = [device(str(number), free_port()) for number in range(60)]
    begun = time.monotonic()
    assert controller.run("flex_reachable", devices=devices, connect_timeout=1)["reachable"] == []
    assert time.monotonic() - begun < 20


def test_one_that_is_starting_is_tried_again(controller: Controller) -> None:
    port = free_port()
    servers: list[socket.socket] = []
    start = threading.Timer(0.7, lambda: servers.append(socket.create_server(("127.0.0.1", port))))
    start.start()
    result = controller.run("flex_reachable", devices=[device("oslo", port)], connect_timeout=10)
    assert result["reachable"] == ["oslo"]
    servers[0].close()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"connect_timeout": 0}, "connect_timeout: 0.0 is no number of seconds above 0"),
        ({"connect_timeout": "nan"}, "connect_timeout: nan is no number"),
        ({"devices": [device("oslo", 443, " ")]}, "device 'oslo': its address is empty"),
        ({"devices": [device("oslo", 70000)]}, "port 70000 is not between 1 and 65535"),
    ],
)
def test_what_would_make_it_look_off_is_refused(
    controller: Controller, options: dict[str, Any], sentence: str
) -> None:
    result = controller.run("flex_reachable", **{"devices": [], **options})
    assert result["failed"] and sentence in result["msg"]
