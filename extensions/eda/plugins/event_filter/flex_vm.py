# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Event filter: what an event of a cloud or of vCenter says about a virtual machine, in the same
words for all of them.
"""

from __future__ import annotations

import contextlib
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
  - The event is read from C(payload), where webhooks put it, else at the top. Of a list of events, as Azure Event Grid posts it, each becomes one.
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

    name: Any
    state: str
    time: Any

    @property
    def is_named(self) -> bool:
        """Whether it has a name that a machine can have, and in which Ansible fills nothing in.

        :raises AttributeError: or a TypeError, if that is no text.
        """
        is_short = self.name.isprintable() and len(self.name) <= _LONGEST
        return is_short and not re.search(r"\{[{%#]", self.name)

    @property
    def moment(self) -> str:
        """The time; empty if it is none."""
        is_time = isinstance(self.time, str) and re.fullmatch(r"[-+:.0-9TZ]{16,40}", self.time)
        return str(self.time) if is_time else ""


def main(event: dict[str, Any]) -> dict[str, Any] | list[dict[str, Any]]:
    """The event, with what it says about a virtual machine; of a list of events, each of them."""
    payload = event.get("payload")
    several = payload if isinstance(payload, list) else []
    if not _is_bounded(event) or len(several) > _MOST:
        logging.getLogger(__name__).warning(
            "An event has more than %d characters or %d parts; it is not passed on.",
            _LARGEST,
            _MOST,
        )
        return {"too_large": True}
    if several and all(isinstance(item, Mapping) for item in several):
        return [_with_vm({**event, "payload": item}) for item in several]
    return _with_vm(event)


def _is_bounded(event: Any) -> bool:
    """Whether an event is no larger than a cloud sends it. No more is read of it than that."""
    room, left = _LARGEST, [event]
    while left and room >= 0:
        value = left.pop()
        room -= _EACH
        if isinstance(value, (str, bytes, Mapping, list)):
            room -= len(value)
        if room >= 0:
            left += _inner(value)
    return room >= 0


def _inner(value: Any) -> list[Any]:
    """The parts of a mapping or a list; none of anything else."""
    if isinstance(value, Mapping):
        return [*value.keys(), *value.values()]
    return value if isinstance(value, list) else []


def _with_vm(event: dict[str, Any]) -> dict[str, Any]:
    """An event with what the first cloud that knows it says about a virtual machine."""
    payload = event.get("payload", event)
    if "vm" in event:
        return event
    for cloud, read in _CLOUDS.items():
        # What is no event of this cloud and kind has other parts, or none.
        with contextlib.suppress(AttributeError, LookupError, TypeError):
            vm = read(payload)
            if vm.is_named:
                told = {"name": vm.name, "state": vm.state, "time": vm.moment, "cloud": cloud}
                return {**event, "vm": told}
    return event


_AWS = {("aws.ec2", "terminated"): "deleted", ("aws.ec2", "running"): "present"}
_AZURE = {
    "Microsoft.Resources.ResourceDeleteSuccess": "deleted",
    "Microsoft.Resources.ResourceWriteSuccess": "present",
}
_AZURE_SUBJECT = re.compile(
    r"/providers/Microsoft\.Compute/virtualMachines/([^/]+)$", re.IGNORECASE
)
_GOOGLE = {"delete": "deleted", "insert": "present", "start": "present"}
_GOOGLE_RESOURCE = re.compile(r"/instances/([^/]+)$")
_VCENTER = {
    "VmRemovedEvent": "deleted",
    "VmPoweredOnEvent": "present",
    "DrsVmPoweredOnEvent": "present",
    "VmRegisteredEvent": "present",
}


def _aws(event: Mapping[str, Any]) -> _Vm:
    """An instance state change of EventBridge."""
    detail = event["detail"]
    return _Vm(detail["instance-id"], _AWS[event["source"], detail["state"]], event["time"])


def _azure(event: Mapping[str, Any]) -> _Vm:
    """A resource event of Event Grid, in its own schema or as a CloudEvent."""
    state = _AZURE[event.get("eventType") or event["type"]]
    return _Vm(
        _last_part(_AZURE_SUBJECT, event["subject"]), state, event.get("eventTime") or event["time"]
    )


def _google(event: Mapping[str, Any]) -> _Vm:
    """An audit log entry about a call that has ended well, as Pub/Sub or as Eventarc hands it on."""
    entry = event if "protoPayload" in event else event["data"]
    call = entry["protoPayload"]
    state = _GOOGLE[call["methodName"].rpartition("compute.instances.")[2]]
    is_over = entry.get("operation", {"last": True}).get("last")
    if not is_over or call.get("status", {}).get("code"):
        raise LookupError(state)
    return _Vm(_last_part(_GOOGLE_RESOURCE, call["resourceName"]), state, entry["timestamp"])


def _vcenter(event: Mapping[str, Any]) -> _Vm:
    """An event of vCenter as a CloudEvent."""
    state = _VCENTER[event.get("subject") or event["type"].split(".")[-2]]
    vm = event["data"].get("Vm") or event["data"]["vm"]
    return _Vm(vm.get("Name") or vm["name"], state, event["time"])


def _last_part(pattern: re.Pattern[str], text: str) -> str:
    """The name at the end of the path of a resource.

    :raises LookupError: if it is the path of something else.
    """
    found = pattern.search(text)
    if found is None:
        raise LookupError(text)
    return found[1]


_CLOUDS: dict[str, Callable[[Mapping[str, Any]], _Vm]] = {
    "aws": _aws,
    "azure": _azure,
    "google": _google,
    "vcenter": _vcenter,
}
