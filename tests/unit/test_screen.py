# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a line gets to the terminal."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from typing import Any

import pytest
from ansible import constants as C
from ansible.utils.display import Display

from ansible_collections.flexops.fortiflex.plugins.module_utils.client.request_limit import TURN
from ansible_collections.flexops.fortiflex.plugins.plugin_utils.screen import screen


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_waits_until_a_line_is_handed_over(
    monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """A worker of Ansible's that ends with the lock of the queue would leave ansible-playbook waiting for ever."""
    seen: list[str] = []
    before = signal.signal(number, lambda *_signal: seen.append("signal"))

    def display(self: Display, line: str, **_others: Any) -> None:
        signal.pthread_kill(threading.get_ident(), number)  # a worker has one thread, this has more
        seen.append(line)

    monkeypatch.setattr(Display, "display", display)
    try:
        screen().say("+ one")
    finally:
        signal.signal(number, before)
    assert seen == ["+ one", "signal"]


def test_the_processes_of_a_run_take_turns(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(C, "DEFAULT_LOCAL_TMP", str(tmp_path))
    limit = "for the request limit (100 a minute)"
    asked = [
        (0, "", True), (5, "", False), (5, limit, False), (9, limit, True), (18, "", True),
        (60, limit, False), (68, limit, False), (69, limit, True), (100, TURN, False), (140, TURN, True), (-500, "", True),
    ]  # fmt: skip
    assert [screen().turn(1000.0 + now, topic) for now, topic, _may in asked] == [
        may for _now, _topic, may in asked
    ]


def test_without_a_temporary_directory_a_line_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(C, "DEFAULT_LOCAL_TMP", "/proc/none")
    assert screen().turn(0.0, "") and screen().turn(0.0, "")
