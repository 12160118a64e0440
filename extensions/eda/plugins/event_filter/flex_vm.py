# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Event filter: what an event of a cloud or of vCenter says about a virtual machine, in the same words for all of them."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

DOCUMENTATION = r"""
short_description: What an event of a cloud or of vCenter says about a virtual machine
version_added: 1.0.0
description:
  - Adds C(vm) to events that say that a virtual machine was deleted or is there, with C(name), C(state) (V(deleted) or V(present)), C(time) and C(cloud).
  - Knows instance state changes of AWS EventBridge, resource events of Azure Event Grid, audit log entries of Google Cloud, and events of vCenter as
    CloudEvents. Any other event stays as it is, and so do events that have C(vm) already.
  - The event is looked for in C(payload), where webhooks put it, else at the top. Of a list of events, as Azure Event Grid posts it, each becomes one.
  - A name in which Ansible would fill something in gets no C(vm), since whoever may name a machine must not run anything here. C(time) is empty if it is none.
    Neither does a name with more than 255 characters, or with one that cannot be printed.
  - Of an event with more than 2,000,000 characters, or a list of more than 5,000, only C(too_large) is passed on, and the log says so. No cloud sends any.
options: {}
"""

EXAMPLES = r"""
- eda.builtin.webhook:
    host: 0.0.0.0
    port: 5000
    token: "{{ webhook_token }}"
  filters:
    - flexops.fortiflex.flex_vm:
"""


_LARGEST = 2_000_000  # characters; Azure sends batches of at most 1 MB, AWS and Google less
_MOST = 5_000  # events of a batch, as Azure has it
_EACH = 8  # what a value takes besides its characters
_LONGEST = 255  # characters of a name; those of vCenter have at most 80


class _Vm(NamedTuple):
    """A virtual machine by its own name or id, its state, and when, as the event says it."""

    name: str
    state: str
    time: Any


def main(event: dict[str, Any]) -> dict[str, Any] | list[dict[str, Any]]:
    """The event, with what it says about a virtual machine; of a list of events, each of them."""
    payload = event.get("payload")
    if not _is_bounded(event) or (isinstance(payload, list) and len(payload) > _MOST):
        logging.getLogger(__name__).warning(
            "An event has more than %d characters or %d parts; it is not passed on.",
            _LARGEST,
            _MOST,
        )
        return {"too_large": True}
    if isinstance(payload, list) and payload and all(isinstance(item, Mapping) for item in payload):
        return [_with_vm({**event, "payload": item}) for item in payload]
    return _with_vm(event)


def _is_bounded(event: Any) -> bool:
    """Whether an event is no larger than a cloud sends it. No more is read of it than that."""
    room, left = _LARGEST, [event]
    while left and room >= 0:
        value = left.pop()
        room -= _EACH + (len(value) if isinstance(value, (str, bytes, Mapping, list)) else 0)
        if room >= 0 and isinstance(value, Mapping):
            left += [*value.keys(), *value.values()]
        elif room >= 0 and isinstance(value, list):
            left += value
    return room >= 0


def _is_name(name: Any) -> bool:
    """Whether it can be the name of a machine, in which Ansible fills nothing in."""
    return (
        isinstance(name, str)
        and len(name) <= _LONGEST
        and name.isprintable()
        and not re.search(r"\{[{%#]", name)
    )


def _with_vm(event: dict[str, Any]) -> dict[str, Any]:
    payload = event.get("payload", event)
    if "vm" in event or not isinstance(payload, Mapping):
        return event
    for cloud, read in _CLOUDS.items():
        try:
            vm = read(payload)
        except (AttributeError, IndexError, KeyError, TypeError):
            continue
        if vm is not None and _is_name(vm.name):
            moment = (
                vm.time
                if isinstance(vm.time, str) and re.fullmatch(r"[-+:.0-9TZ]{16,40}", vm.time)
                else ""
            )
            return {
                **event,
                "vm": {"name": vm.name, "state": vm.state, "time": moment, "cloud": cloud},
            }
    return event


def _aws(event: Mapping[str, Any]) -> _Vm | None:
    state = {"terminated": "deleted", "running": "present"}.get(event["detail"]["state"])
    return (
        _Vm(event["detail"]["instance-id"], state, event["time"])
        if event["source"] == "aws.ec2" and state
        else None
    )


def _azure(event: Mapping[str, Any]) -> _Vm | None:
    kind = {
        "Microsoft.Resources.ResourceDeleteSuccess": "deleted",
        "Microsoft.Resources.ResourceWriteSuccess": "present",
    }
    state = kind.get(event.get("eventType") or event["type"])
    found = re.search(
        r"/providers/Microsoft\.Compute/virtualMachines/([^/]+)$", event["subject"], re.IGNORECASE
    )
    return (
        _Vm(found[1], state, event.get("eventTime") or event["time"]) if state and found else None
    )


def _google(event: Mapping[str, Any]) -> _Vm | None:
    entry = (
        event if "protoPayload" in event else event["data"]
    )  # as Pub/Sub or as Eventarc hands it on
    call = entry["protoPayload"]
    state = {"delete": "deleted", "insert": "present", "start": "present"}.get(
        call["methodName"].rpartition("compute.instances.")[2]
    )
    found = re.search(r"/instances/([^/]+)$", call["resourceName"])
    over = entry.get("operation", {}).get("last", "operation" not in entry) and not call.get(
        "status", {}
    ).get("code")
    return _Vm(found[1], state, entry["timestamp"]) if state and found and over else None


def _vcenter(event: Mapping[str, Any]) -> _Vm | None:
    kind = event.get("subject") or event["type"].split(".")[-2]
    present = ("VmPoweredOnEvent", "DrsVmPoweredOnEvent", "VmRegisteredEvent")
    state = "deleted" if kind == "VmRemovedEvent" else "present" if kind in present else None
    vm = event["data"].get("Vm") or event["data"]["vm"]
    return _Vm(vm.get("Name") or vm["name"], state, event["time"]) if state else None


_CLOUDS: dict[str, Callable[[Mapping[str, Any]], _Vm | None]] = {
    "aws": _aws,
    "azure": _azure,
    "google": _google,
    "vcenter": _vcenter,
}
