# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of others, with anything in them: a Terraform state and playbooks to convert. They are read, or refused in one sentence."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from faults.hostile import JUNK, mutate
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.flexops.fortiflex.plugins.filter.flex_adopted import (
    flex_adopted,
    flex_converted,
)

STATE: dict[str, Any] = {
    "version": 4,
    "resources": [
        {
            "mode": "managed",
            "type": kind,
            "name": "site",
            "module": "module.fleet",
            "instances": [
                {
                    "index_key": "oslo",
                    "attributes": {
                        "id": "4711",
                        "config_id": 4711,
                        "serial_number": "FGVMMLTM26000001",
                        "task_list": [{"serial_number": "FGVMMLTM26000002", "config_id": 1}],
                    },
                }
            ],
        }
        for kind in (
            "fortiflexvm_config",
            "fortiflexvm_entitlements_vm",
            "fortiflexvm_retrieve_vm_group",
        )
    ],
}
PLAYBOOK: list[dict[str, Any]] = [
    {
        "hosts": "localhost",
        "roles": ["other"],
        "tasks": [
            {
                "name": "Create a configuration",
                "fortinet.fortiflexvm.fortiflexvm_configs_create": {
                    "programSerialNumber": "ELAVMS0000000200",
                    "name": "branch",
                    "fortigateBundle": {"cpu": 2, "service": "UTP"},
                },
                "register": "made",
            },
            {
                "block": [
                    {
                        "fortinet.fortiflexvm.fortiflexvm_entitlements_vm_create": {
                            "configId": "{{ made.configs.id }}",
                            "count": 1,
                            "description": "oslo",
                            "endDate": "2027-01-01T00:00:00",
                        }
                    }
                ]
            },
        ],
    }
]
SEEDS = st.integers(0, 2**32)


def one_sentence(error: AnsibleFilterError, start: str) -> None:
    assert str(error).startswith(start) and "\n" not in str(error)


def mutated(content: Any, seed: int) -> str:
    """A file with one to three things in it exchanged."""
    chance = random.Random(seed)
    text = json.dumps(content).encode()
    for _number in range(chance.randint(1, 3)):
        changed = mutate(text, chance)
        text = changed[0] if changed else text
    return text.decode("utf-8", "replace")


@settings(max_examples=100, deadline=None)
@given(SEEDS)
def test_an_odd_terraform_state(seed: int) -> None:
    try:
        flex_adopted([], [], [], mutated(STATE, seed))
    except AnsibleFilterError as error:
        one_sentence(error, "flex_adopted: ")


@settings(max_examples=100, deadline=None)
@given(SEEDS)
def test_an_odd_playbook(seed: int) -> None:
    try:
        flex_converted({"site.yml": mutated(PLAYBOOK, seed)})
    except AnsibleFilterError as error:
        one_sentence(error, "flex_converted: ")


@settings(max_examples=100, deadline=None)
@given(st.text() | st.sampled_from(JUNK).map(yaml.safe_dump))
def test_a_text_that_is_anything(text: str) -> None:
    for read, start in (
        (lambda: flex_adopted([], [], [], text), "flex_adopted: "),
        (lambda: flex_converted({"site.yml": text}), "flex_converted: "),
    ):
        try:
            read()
        except AnsibleFilterError as error:
            one_sentence(error, start)


LAUGHS = "a0: &a0 [x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12)
)


@pytest.mark.parametrize(
    "text",
    [
        "- &a {block: [*a]}",
        "- &a [*a]",
        f"- hosts: all\n  vars: {{}}\n  tasks:\n    - {'{block: [' * 5000}",
        LAUGHS,
        "[" * 100_000,
        "- block: &b\n" + "".join("    - block: *b\n" for _number in range(5)),
    ],
    ids=["itself", "a list of itself", "deep blocks", "laughs", "deep", "five times itself"],
)
def test_a_playbook_without_an_end_is_refused(text: str) -> None:
    with pytest.raises(AnsibleFilterError, match=r"^flex_converted: site\.yml "):
        flex_converted({"site.yml": text})


def test_a_terraform_state_without_an_end_is_refused() -> None:
    with pytest.raises(AnsibleFilterError, match="is no JSON"):
        flex_adopted([], [], [], '{"version": 4, "resources": ' + "[" * 1_000_000)
