# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a person reads a plan: on which stream, how wide the terminal is, and which color a line
has.

Private to the collection: may change at any time.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from ansible import constants as C
from ansible.utils.display import Display

from ..module_utils.escapes import visible
from ..module_utils.task.plan_text import WIDTH, Screen
from .once import in_turn

# Ansible leaves colors out where there is no terminal, and with ANSIBLE_NOCOLOR or NO_COLOR.
_COLORS = {
    "+": C.COLOR_DIFF_ADD,
    "~": C.COLOR_CHANGED,
    "-": C.COLOR_DIFF_REMOVE,
    "=": C.COLOR_OK,
    "!": C.COLOR_WARN,
}


# Those that write lines of text for people. Any other one may write a document, such as JSON, which nothing may stand in between.
_TEXTS = ("default", "minimal", "oneline", "awx_display")


def screen() -> Screen:
    """The terminal of this run of Ansible; one of 80 columns if there is none and COLUMNS does not
    say otherwise.
    """
    display = Display()
    is_text = C.DEFAULT_STDOUT_CALLBACK.removeprefix("ansible.builtin.") in _TEXTS

    def say(line: str) -> None:
        with _to_its_end():
            display.display(visible(line), color=_COLORS.get(line.lstrip()[:1]), stderr=not is_text)

    def turn(now: float, topic: str) -> bool:
        with _to_its_end():
            return in_turn(now, topic)

    return Screen(say, _width(display.columns), display.verbosity > 0, turn)


@contextmanager
def _to_its_end() -> Iterator[None]:
    """Without signals: a process that ends while it hands a line over to Ansible keeps the lock of
    that, so that Ctrl-C would wait for it for ever.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _width(known: int) -> int:
    """``known``: one column less than the terminal has, at least 79."""
    said = os.environ.get("COLUMNS", "")
    return max(40, int(said)) if said.isdecimal() and int(said) else max(WIDTH, known + 1)
