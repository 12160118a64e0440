# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring the license of an entitlement to the device that it is for, and see that it has arrived.

Private to the collection: may change at any time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ..client.service import FlexService
from ..core.model import ACTIVE, CHARGED, PENDING, Entitlement, Observation
from ..core.spelling import serial_number_spelled
from ..errors import FlexError, InvalidInput, Refused, Unavailable, UnknownOutcome
from ..wording import quoted
from .device import Device, DeviceState
from .results import RERUN, Result, failure
from .task import Task

_POLL = 5.0  # seconds between two looks at a device
_LIST = 15.0  # seconds between two looks at FortiFlex


def deliver(task: Task) -> Result:
    """Have the device fetch its license, unless it runs with it already."""
    options = task.options
    device = Device(
        options["device_url"],
        options["device_token"],
        options["device_validate_certs"],
        options["device_ca_path"],
    )
    service = task.connect()
    if task.check_mode:
        with task.session.predicting():
            return _predicted(task, service, device)
    return _delivered(task, device)


def _predicted(task: Task, service: FlexService, device: Device) -> Result:
    """What a run would do; a license that does not exist yet is asked of no device."""
    seen = task.session.observe()
    holder = _holder(task.options, seen)
    found = None if holder.predicted else _found(device)
    result = _result(task, found, holder, seen)
    if found == (holder.serial_number, True):
        return result
    if task.session.predictions:
        used = replace(holder, status=ACTIVE, token_status="USED")
        others = (e for e in seen.entitlements if e is not holder)
        task.session.predictions.add(
            service.account_id, seen, replace(seen, entitlements=(*others, used))
        )
    what = f"The device at {device.place} would fetch the license of {holder.quoted} and reboot."
    return result | {"changed": True, "msg": what}


def _found(device: Device) -> DeviceState:
    """What a device runs with.

    :raises Unavailable: if it does not answer.
    """
    state = device.state()
    if state is None:
        raise Unavailable(
            f"The device at {device.place} does not answer: start it, and check device_url and the way to it."
        )
    return state


def _result(
    task: Task, state: DeviceState | None, holder: Entitlement, seen: Observation
) -> Result:
    return {
        "changed": False,
        "device": state and _shape(state),
        "entitlement": task.shapes.entitlement(holder, seen),
    }


def _delivered(task: Task, device: Device) -> Result:
    state = _found(device)
    seen = task.session.observe()
    holder = _holder(task.options, seen)
    if state == (holder.serial_number, True):
        return _result(task, state, holder, seen)
    done: list[str] = []
    try:
        arrived, charged = _bring(task, device, holder, done)
    except FlexError as error:
        return {"changed": bool(done), **failure(error)} | (
            {"msg": f"{str(error).rstrip('.')}.{RERUN}"} if done else {}
        )
    return {
        "changed": True,
        "device": _shape(arrived),
        "entitlement": task.shapes.entitlement(charged.by_serial[holder.serial_number], charged),
    }


def _bring(
    task: Task, device: Device, holder: Entitlement, done: list[str]
) -> tuple[DeviceState, Observation]:
    """Inject the license and wait for it: what the device runs with then, and what FortiFlex shows. ``done`` gets what has been sent, whatever came of it.

    :raises FlexError: if it does not arrive.
    """
    options = task.options
    for renewed in (
        (True,) if holder.token_status == "USED" else (False, True)
    ):  # an attempt that failed can have spent a token, says one client
        if renewed:
            holder = _with_new_token(task, holder)
            done.append("entitlements/vm/token")
        body = {"serialNumber": holder.serial_number}
        try:
            with task.audit.writing(
                "vmlicense/download",
                body,
                [holder.name or holder.serial_number],
                [holder],
                device=device.place,
            ):
                done.append("vmlicense/download")
                device.inject(holder.token or "", options["proxy_url"], task.clock.now())
        except UnknownOutcome:
            break
        except Refused:
            continue
        break
    else:
        raise Unavailable(
            f"The device at {device.place} could not fetch its license: see that it reaches FortiCare, through proxy_url if need be."
        )
    name = holder.called
    seconds = options["reboot_timeout"]
    with task.progress.during(f"for {device.place} to restart with the license of {name}", seconds):
        arrived = _await(task, seconds, _POLL, lambda: _licensed(device, holder))
    if arrived is None:
        wanted, seconds = (
            f"{holder.called} with a valid license",
            f"{options['reboot_timeout']:g} s",
        )
        raise Unavailable(
            f"The device at {device.place} does not run as {wanted} after {seconds}: look at its console."
        )
    seconds = options["active_timeout"]
    with task.progress.during(f"for FortiFlex to show {name} as ACTIVE", seconds):
        charged = _await(task, seconds, _LIST, lambda: _active(task, holder))
    if charged is None:
        raise Unavailable(
            f"FortiFlex does not show {holder.called} as ACTIVE after {options['active_timeout']:g} s: look at it in the portal."
        )
    return arrived, charged


def _holder(options: Any, seen: Observation) -> Entitlement:
    name, serial_number = options["name"], options["serial_number"]
    found = (
        seen.by_serial.get(serial_number_spelled(serial_number))
        if serial_number is not None
        else next(iter(seen.holders(name)), None)
    )
    if found is None:
        raise InvalidInput(
            [
                f"'{name or serial_number}' has no entitlement; license it first, with flex_entitlement or flex_fleet"
            ]
        )
    if found.is_suspended:
        raise InvalidInput(
            [
                f"{quoted(name or found.name, found.serial_number)} is suspended; run the playbook resume_tenant for its account first"
            ]
        )
    if found.status != PENDING and found.status not in CHARGED:
        raise InvalidInput(
            [
                f"{quoted(name or found.name, found.serial_number)} is {found.status}; start it first, with state=active"
            ]
        )
    if not found.token:
        raise InvalidInput(
            [
                f"{quoted(name or found.name, found.serial_number)} has no license token, so it is no virtual machine"
            ]
        )
    return found


def _with_new_token(task: Task, holder: Entitlement) -> Entitlement:
    """The same entitlement with a token that nobody has used; by the same rule as everything else that is written."""
    report = task.ensure(
        {
            "entitlements": [
                {"serial_number": holder.serial_number, "state": "present", "fresh_token": "always"}
            ]
        }
    )
    if report.error:
        raise report.error
    for missed in report.failures.values():
        raise Unavailable(missed.sentence)
    return report.last.by_serial[holder.serial_number]


def _await(task: Task, timeout: float, pause: float, look: Callable[[], Any]) -> Any:
    """What ``look`` sees, as soon as it is something; None if that is not within so many seconds."""
    until = task.clock.now() + timeout
    while (found := look()) is None and task.clock.now() < until:
        task.clock.sleep(min(pause, max(0.0, until - task.clock.now())))
    return found


def _licensed(device: Device, holder: Entitlement) -> DeviceState | None:
    state = device.state()
    return state if state == (holder.serial_number, True) else None


def _active(task: Task, holder: Entitlement) -> Observation | None:
    seen = task.session.observe()
    found = seen.by_serial.get(holder.serial_number)
    return seen if found is not None and found.status in CHARGED else None


def _shape(state: DeviceState) -> dict[str, Any]:
    return {"serial_number": state.serial_number, "licensed": state.licensed}
