# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What clouds and vCenter say about a virtual machine, in one word; and that nothing else is touched."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

flex_vm = runpy.run_path(
    str(Path(__file__).parents[2] / "extensions/eda/plugins/event_filter/flex_vm.py")
)["main"]
TIME = "2026-11-24T10:00:00Z"
MACHINE = "/subscriptions/1/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/oslo"


def aws(state: str) -> dict[str, Any]:
    return {
        "source": "aws.ec2",
        "detail-type": "EC2 Instance State-change Notification",
        "time": TIME,
        "detail": {"instance-id": "oslo", "state": state},
    }


def azure(kind: str, subject: str = MACHINE) -> dict[str, Any]:
    return {"eventType": f"Microsoft.Resources.{kind}", "subject": subject, "eventTime": TIME}


def google(method: str, **more: Any) -> dict[str, Any]:
    return {
        "timestamp": TIME,
        "protoPayload": {
            "methodName": method,
            "resourceName": "projects/p/zones/z/instances/oslo",
            **more.pop("payload", {}),
        },
        **more,
    }


def vcenter(subject: str) -> dict[str, Any]:
    return {
        "subject": subject,
        "type": f"com.vmware.vsphere.{subject}.v0",
        "time": TIME,
        "data": {"Vm": {"Name": "oslo"}},
    }


KNOWN = [
    ("aws", aws("terminated"), "deleted"),
    ("aws", aws("running"), "present"),
    ("azure", azure("ResourceDeleteSuccess"), "deleted"),
    ("azure", azure("ResourceWriteSuccess"), "present"),
    ("google", google("v1.compute.instances.delete"), "deleted"),
    ("google", google("beta.compute.instances.insert"), "present"),
    (
        "google",
        {"data": google("v1.compute.instances.delete", operation={"last": True})},
        "deleted",
    ),
    ("vcenter", vcenter("VmRemovedEvent"), "deleted"),
    ("vcenter", vcenter("VmPoweredOnEvent"), "present"),
    (
        "vcenter",
        {
            "type": "com.vmware.vsphere.VmRemovedEvent.v0",
            "time": TIME,
            "data": {"vm": {"name": "oslo"}},
        },
        "deleted",
    ),
]
OTHERS = [
    aws("stopping"),
    azure("ResourceActionSuccess"),
    azure("ResourceDeleteSuccess", f"{MACHINE}/extensions/e"),
    vcenter("VmMigratedEvent"),
    google("v1.compute.instances.delete", operation={"first": True}),
    google("v1.compute.instances.delete", payload={"status": {"code": 7}}),
    google("v1.compute.disks.delete"),
    {"source": "aws.s3"},
    {},
    {"flex": {"type": "spares_low"}},
]


@pytest.mark.parametrize(
    "wrap", [lambda event: event, lambda event: {"payload": event, "meta": {}}]
)
@pytest.mark.parametrize(("cloud", "event", "state"), KNOWN)
def test_what_is_known(cloud: str, event: dict[str, Any], state: str, wrap: Any) -> None:
    assert flex_vm(wrap(event)) == {
        **wrap(event),
        "vm": {"name": "oslo", "state": state, "time": TIME, "cloud": cloud},
    }


def test_a_list_of_events_is_each_of_them() -> None:
    found = flex_vm({"payload": [azure("ResourceDeleteSuccess"), {"other": 1}], "meta": 1})
    assert [event.get("vm", {}).get("state") for event in found] == ["deleted", None] and found[
        1
    ] == {"payload": {"other": 1}, "meta": 1}


@pytest.mark.parametrize("text", ["{{ lookup('pipe', 'id') }}", "{% if x %}", "{# x #}"])
def test_nothing_is_filled_in(text: str) -> None:
    event = {**vcenter("VmRemovedEvent"), "data": {"Vm": {"Name": f"oslo{text}"}}}
    assert flex_vm(event) == event
    assert flex_vm({**vcenter("VmRemovedEvent"), "time": text})["vm"]["time"] == ""


@pytest.mark.parametrize(
    "event", [*OTHERS, {**aws("terminated"), "vm": {"name": "mine"}}, {"payload": ["x"]}]
)
def test_anything_else_stays_as_it_is(event: dict[str, Any]) -> None:
    assert flex_vm(event) == event


WORDS = st.sampled_from(
    [
        "source",
        "detail",
        "state",
        "subject",
        "type",
        "eventType",
        "data",
        "Vm",
        "payload",
        "protoPayload",
        "methodName",
        "operation",
    ]
)
VALUES = WORDS | st.sampled_from(
    [
        None,
        True,
        0,
        "aws.ec2",
        "VmRemovedEvent",
        "v1.compute.instances.delete",
        "Microsoft.Resources.ResourceDeleteSuccess",
    ]
)


@given(
    st.dictionaries(
        WORDS,
        VALUES
        | st.lists(VALUES, max_size=2)
        | st.dictionaries(WORDS, VALUES | st.dictionaries(WORDS, VALUES, max_size=3), max_size=4),
    )
)
def test_nothing_makes_it_fail(event: dict[str, Any]) -> None:
    assert flex_vm(event) == event


def test_the_largest_event_of_a_cloud_passes() -> None:
    batch = [azure("ResourceDeleteSuccess", MACHINE) for _number in range(5000)]
    assert len(flex_vm({"payload": batch})) == 5000
    event = {"payload": {**aws("terminated"), "more": "x" * 1_000_000}}
    assert flex_vm(event)["vm"]["state"] == "deleted"


def nested(depth: int) -> Any:
    value: Any = "x"
    for _level in range(depth):
        value = {"payload": [value]}
    return value


@pytest.mark.parametrize(
    "event",
    [
        {"payload": {**aws("terminated"), "more": "x" * 3_000_000}},
        {"payload": {**aws("terminated"), "more": [0] * 1_000_000}},
        {"payload": {**aws("terminated"), "more": {str(number): 0 for number in range(300_000)}}},
        {"payload": {**aws("terminated"), "x" * 3_000_000: 1}},
        {"payload": [{}] * 5001},
        {"payload": [aws("terminated")] * 30_000},
        {**aws("terminated"), "more": [["x" * 1000] * 1000] * 1000},
        nested(300_000),
    ],
)
def test_what_no_cloud_sends_is_not_passed_on(
    event: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    assert flex_vm(event) == {"too_large": True}
    assert "it is not passed on" in caplog.text


@pytest.mark.parametrize("name", ["x" * 256, "a\nb", "\x1b[31m", "a\u202eb", "\x00"])
def test_what_can_be_no_name_of_a_machine_is_none(name: str) -> None:
    event = {**vcenter("VmRemovedEvent"), "data": {"Vm": {"Name": name}}}
    assert flex_vm(event) == event
