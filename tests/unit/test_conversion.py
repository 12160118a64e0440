# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Playbooks of the official collection as a fleet. The playbooks are our own; only names of modules and options are the official ones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.flexops.fortiflex.plugins.filter.flex_adopted import flex_converted
from ansible_collections.flexops.fortiflex.plugins.module_utils.catalogue.catalogue import snapshot
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.goal import build_goal

PLAYBOOK = """
- name: Two offices and a device
  hosts: localhost
  vars:
    secret: !vault |
      $ANSIBLE_VAULT;1.1;AES256
  pre_tasks:
    - name: Look
      fortinet.fortiflexvm.fortiflexvm_programs_list_info:
        username: "{{ username }}"
  tasks:
    - name: Make the template
      fortinet.fortiflexvm.fortiflexvm_configs_create:
        username: "{{ username }}"
        password: !vault x
        programSerialNumber: ELAVMS0000000200
        accountId: 2000001
        name: branch
        fortiGateBundle:
          cpu: 2
          service: utp
          vdom: "{{ vdoms }}"
          fortiGuardServices: [FGTAVDB]
          supportService: NONE
      register: made
    - block:
        - name: Oslo
          fortiflexvm_entitlements_vm_create:
            configId: "{{ made.configs.id }}"
            description: branch-oslo
            endDate: "2027-01-31T00:00:00"
            folderPath: My Assets/branches
            skipPending: true
      rescue:
        - name: Lima
          fortinet.fortiflexvm.fortiflexvm_entitlements_vm_create:
          args: {configId: 4711, count: 1, description: "{{ site }}"}
    - name: Bonn
      fortinet.fortiflexvm.fortiflexvm_entitlements_hardware_create:
        configId: 4712
        serialNumbers: [FGT60FTK26000001, FGT60FTK26000002]
    - name: Rome is closed
      fortinet.fortiflexvm.fortiflexvm_entitlements_update:
        serialNumber: FGVMMLTM26000009
        status: STOPPED
    - name: Rename
      fortinet.fortiflexvm.fortiflexvm_configs_update: {id: 4713, name: old, status: DISABLED}
    - name: The cloud
      fortinet.fortiflexvm.fortiflexvm_configs_create: {programSerialNumber: ELAVMS0000000200, name: sase, fortiNDRCloud: {}}
      register: cloud
    - name: Its entitlement
      fortinet.fortiflexvm.fortiflexvm_entitlements_cloud_create: {configId: "{{ cloud.configs.id }}"}
"""


def converted(text: str) -> dict[str, Any]:
    """What becomes of one file."""
    return flex_converted({"site.yml": text})


def test_what_a_playbook_creates_is_a_fleet() -> None:
    result = converted(PLAYBOOK)
    assert result["fleet"] == {
        "configurations": [
            {
                "name": "branch",
                "product": "fortigate_vm_bundle",
                "parameters": {
                    "cpus": 2,
                    "service_package": "UTP",
                    "vdoms": "{{ vdoms }}",
                    "fortiguard_services": ["FGTAVDB"],
                    "support_service": "NONE",
                },
            },
            {"id": 4713, "name": "old", "state": "disabled"},
            {"name": "sase", "product": "fortindr_cloud", "parameters": {}},
        ],
        "entitlements": [
            {
                "name": "branch-oslo",
                "configuration": "branch",
                "end_date": "2027-01-31",
                "folder": "My Assets/branches",
                "skip_pending": True,
            },
            {"name": "{{ site }}", "configuration": "4711"},
            {"serial_number": "FGT60FTK26000001", "configuration": "4712"},
            {"serial_number": "FGT60FTK26000002", "configuration": "4712"},
            {"serial_number": "FGVMMLTM26000009", "state": "stopped"},
            {"name": "sase", "configuration": "sase"},
        ],
    }
    assert result["left_out"] == []
    assert (
        len(build_goal(snapshot(), {**result["fleet"], "configurations": []}, date(2000, 1, 1)))
        == 6
    )


CASES = {
    "it is a loop": "{NAME: T, loop: [a], fortiflexvm_entitlements_vm_create: {configId: 1, description: a}}",
    "its options are one text": "{NAME: T, fortiflexvm_entitlements_vm_create: 'configId=1 description=a'}",
    "it creates 3 entitlements with one description": "{NAME: T, fortiflexvm_entitlements_vm_create: {configId: 1, count: 3, description: a}}",
    "its description '' cannot be a name: it has 0 characters": "{NAME: T, fortiflexvm_entitlements_vm_create: {configId: 1}}",
    "it has no configId": "{NAME: T, fortiflexvm_entitlements_vm_create: {description: a}}",
    "its serialNumbers are no list": "{NAME: T, fortiflexvm_entitlements_hardware_create: {configId: 1, serialNumbers: '{{ x }}'}}",
    "its entitlement has no description": "{NAME: T, fortiflexvm_entitlements_cloud_create: {configId: 1}}",
    "it makes a new license token of FGVM1": "{NAME: T, fortiflexvm_entitlements_vm_regenerate_token: {serialNumber: FGVM1, regenerate: true}}",
    "its configuration has no name": "{NAME: T, fortiflexvm_configs_create: {fortiGateBundle: {cpu: 2}}}",
    "it names 2 products": "{NAME: T, fortiflexvm_configs_create: {name: a, fortiGateBundle: {}, fortiManager: {}}}",
    "the parameters of fortiGateBundle are no dictionary": "{NAME: T, fortiflexvm_configs_create: {name: a, fortiGateBundle: '{{ x }}'}}",
    "sauerkraut": "{NAME: T, fortiflexvm_configs_create: {name: a, sauerkraut: {}}}",
    "parameter wheels: ": "{NAME: T, fortiflexvm_configs_create: {name: a, fortiGateBundle: {cpu: 2, wheels: 4}}}",
}


@pytest.mark.parametrize("reason", CASES)
def test_what_cannot_be_converted_is_listed_with_file_and_task(reason: str) -> None:
    left_out = converted(f"- {CASES[reason]}".replace("NAME", "name"))["left_out"]
    assert (
        len(left_out) == 1
        and left_out[0].startswith("site.yml: task 'T': ")
        and reason in left_out[0]
    )


def test_many_tasks_of_one_kind_are_one_sentence() -> None:
    case = CASES["it is a loop"].replace("NAME: T", "name: T{0}")
    text = "\n".join(f"- {case}".replace("{0}", str(number)) for number in range(70))
    found = converted(text)
    assert len(found["left_out"]) == 70
    first = ", ".join(f"site.yml: task 'T{number}'" for number in range(5))
    assert found["left_out_summary"] == [
        f"Each of 70 ({first} and 65 more): it is a loop, and only a run knows its items."
    ]


def test_one_name_stands_for_one_thing() -> None:
    task = (
        "- {{name: {0}, fortiflexvm_entitlements_vm_create: {{configId: {1}, description: a}}}}\n"
    )
    assert converted(task.format("T", 1) * 2) == {
        "fleet": {"configurations": [], "entitlements": [{"name": "a", "configuration": "1"}]},
        "left_out": [],
        "left_out_summary": [],
    }
    assert converted(task.format("T", 1) + task.format("U", 2))["left_out"] == [
        "site.yml: task 'U': 'a' is there already, from another task that says something else."
    ]


def test_what_is_not_asked_for_is_no_mistake() -> None:
    none = (
        "- {name: T, fortiflexvm_entitlements_vm_create: {configId: 1, count: 0, description: a}}"
    )
    empty = {"configurations": [], "entitlements": []}
    assert converted(none) == {"fleet": empty, "left_out": [], "left_out_summary": []}
    null = "- {name: T, fortiflexvm_configs_create: {name: a, fortiManager: , fortiGateBundle: {cpu: 2, service: }}}"
    assert converted(null) == {
        "fleet": {
            "configurations": [
                {"name": "a", "product": "fortigate_vm_bundle", "parameters": {"cpus": 2}}
            ],
            "entitlements": [],
        },
        "left_out": [],
        "left_out_summary": [],
    }


@pytest.mark.parametrize("spelled", [str.upper, str.lower, str.title])
def test_a_status_counts_in_any_case(spelled: Callable[[str], str]) -> None:
    fleet = converted(
        f"""
- {{name: T, fortiflexvm_configs_update: {{id: 1, status: {spelled("disabled")}}}}}
- {{name: U, fortiflexvm_entitlements_update: {{serialNumber: A, status: {spelled("stopped")}}}}}
"""
    )["fleet"]
    assert [item["state"] for items in fleet.values() for item in items] == ["disabled", "stopped"]


def test_a_result_is_known_in_its_own_file_alone() -> None:
    made = "- {name: T, register: made, fortiflexvm_configs_create: {name: a, fortiManager: {}}}"
    used = "- {name: U, fortiflexvm_entitlements_vm_create: {configId: '{{ made.configs.id }}', description: b}}"
    assert flex_converted({"1.yml": made, "2.yml": used})["fleet"]["entitlements"] == [
        {"name": "b", "configuration": "{{ made.configs.id }}"}
    ]


def test_a_file_without_such_tasks_is_no_error_and_one_that_is_no_yaml_is() -> None:
    assert (
        converted("a: 1")["fleet"]
        == converted("")["fleet"]
        == {"configurations": [], "entitlements": []}
    )
    with pytest.raises(AnsibleFilterError, match="site.yml is no YAML"):
        converted("a: [")


def test_modules_are_found_however_they_are_called_and_what_lies_elsewhere_is_listed() -> None:
    create = "fortinet.fortiflexvm.fortiflexvm_entitlements_vm_create"
    converted = flex_converted(
        {
            "site.yml": f"""
- import_playbook: other.yml
- hosts: localhost
  roles: [licenses, {{role: more}}]
  tasks:
    - local_action: {{module: {create}, configId: 4711, description: oslo}}
    - action: {{module: {create}, configId: 4711, description: lima}}
    - action:
      local_action: {{module: {create}, configId: 4711, description: cork}}
    - name: In one line
      action: {create} configId=4711 description=rome
    - block:
        - ansible.builtin.include_tasks: branches.yml
""",
            "text.yml": "just a text",
        }
    )
    assert [item["name"] for item in converted["fleet"]["entitlements"]] == ["oslo", "lima", "cork"]
    assert converted["left_out"] == [
        "site.yml: import_playbook other.yml: it is not read; give its files, too.",
        "site.yml: roles licenses, more: it is not read; give its files, too.",
        "site.yml: ansible.builtin.include_tasks branches.yml: it is not read; give its files, too.",
        "site.yml: task 'In one line': its options are one text; write them as a dictionary.",
        "text.yml: there is no play and no task in it.",
    ]
    with pytest.raises(AnsibleFilterError, match="odd.yml is no YAML"):
        flex_converted({"odd.yml": "- when: 2026-99-99"})
