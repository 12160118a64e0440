# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All processes of a test live in the same moment, also when `make moments` shifts it."""

from __future__ import annotations

import time
from datetime import datetime

from integration.playbook import Controller, play

from simulator.launch import Simulator


def test_ansible_its_modules_and_fortiflex_agree_about_the_time(
    controller: Controller, flex: Simulator
) -> None:
    facts = {"ansible.builtin.setup": {"gather_subset": ["!all", "date_time"]}}
    shell = {"ansible.builtin.command": {"argv": ["date", "+%s"]}, "register": "shell"}
    # In UTC, since ansible-core counts the epoch of date_time from the local time, of which one hour comes twice.
    times = "{{ [ansible_facts.date_time.iso8601, shell.stdout, now().timestamp()] }}"
    run = controller.play(play(facts, shell, {"ansible.builtin.debug": {"msg": times}}))
    text, *others = run.shown[-1]["msg"]
    fact = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z").timestamp()
    told = [fact, *map(float, others), flex.state()["clock"]["now"]]
    assert len(told) == 4 and all(abs(moment - time.time()) < 120 for moment in told)
