# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a line gets to the terminal."""

from __future__ import annotations

import signal
import threading
from typing import Any

import pytest
from ansible.utils.display import Display

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
