# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The work of flex_device_license: a device and its license as the loop needs them, and what became
of them.

Private to the collection: may change at any time.
"""

from __future__ import annotations

from dataclasses import replace

from ..client.service import FlexService
from ..core.calls import DownloadLicense
from ..core.converge import Written, pursue
from ..core.delivery_rule import RENEW, Delivery, DeliveryPlanner, DeviceState, Wait, check
from ..core.model import Entitlement, Observation
from ..core.reporter import Reporter
from ..core.spelling import serial_number_spelled
from ..core.steps import Step
from ..core.wave import Decision
from ..errors import InvalidInput, Unavailable
from ..wording import quoted
from ._device import Device
from .progress import Progress
from .results import Result, failure
from .task import Task


class _DeviceAndAccount:
    """A device, and the account that has its license."""

    def __init__(
        self,
        task: Task,
        service: FlexService,
        device: Device,
        holder: Entitlement,
        planner: DeliveryPlanner,
    ) -> None:
        self._task = task
        self._device = device
        self._holder = holder
        self._planner = planner
        self.room = service.room

    def observe(self, seen: Delivery, decision: Decision, sent: int) -> Delivery:
        """What the device runs with until that is the license, then what FortiFlex shows. After a
        refusal there is nothing to wait for, so nothing new to see.
        """
        if self._planner.wait is None:
            return seen
        if seen.has_arrived:
            account = self._task.session.observe()
            return replace(seen, time=self._task.clock.now(), account=account)
        state = self._device.state()
        return replace(seen, time=self._task.clock.now(), device=state)

    def write(self, step: Step, seen: Delivery) -> Written:
        """Renew the token, or have the device fetch the license by the token that is the present
        one.
        """
        begun = self._task.clock.now()
        if step.purpose == RENEW:
            self._holder = _with_new_token(self._task, self._holder)
        else:
            self._inject(step)
        return Written({}, begun, self._task.clock.now())

    def _inject(self, step: Step) -> None:
        held, task = self._holder, self._task
        names = [held.name or held.serial_number]
        place = {"device": self._device.place}
        with task.audit.writing(step.endpoint, step.body, names, [held], **place):
            self._device.inject(held.token or "", task.options["proxy_url"], task.clock.now())


def _with_new_token(task: Task, holder: Entitlement) -> Entitlement:
    """The same entitlement with a token that nobody has used; by the same rule as everything else
    that is written.
    """
    wanted = {"serial_number": holder.serial_number, "state": "present", "fresh_token": "always"}
    report = task.ensure({"entitlements": [wanted]})
    if report.error:
        raise report.error
    for missed in report.failures.values():
        raise Unavailable(missed.sentence)
    return report.last.by_serial[holder.serial_number]


class _Waiting(Reporter):
    """Shows what a delivery waits for."""

    def __init__(self, planner: DeliveryPlanner, progress: Progress) -> None:
        self._planner = planner
        self._progress = progress
        self._shown: Wait | None = None

    def waiting(self, seconds: float) -> None:
        """Nothing is sent for so many seconds, which are a part of the wait that is shown."""
        wait = self._planner.wait
        if wait is not None and wait is not self._shown:
            self._progress.waiting_for(wait.what, wait.seconds)
        self._shown = wait


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
    with task.session.predicting():
        first = _query(task, device)
        if task.check_mode:
            return _predicted(task, service, device, first)
    planner = DeliveryPlanner(
        device.place, first.holder, options["reboot_timeout"], options["active_timeout"]
    )
    world = _DeviceAndAccount(task, service, device, first.holder, planner)
    outcome = pursue(planner, world, task.clock, first, _Waiting(planner, task.progress))
    changed = bool(planner.written)
    if outcome.error:
        return {"changed": changed, **failure(outcome.error, changed)}
    return _result(task, outcome.seen, changed)


def _query(task: Task, device: Device) -> Delivery:
    """What there is at first. A device is not asked about a license that only a run will create."""
    account = task.session.observe()
    holder = _holder(task, account)
    state = None if holder.predicted else _state(device)
    return Delivery(task.clock.now(), state, account, holder.serial_number)


def _state(device: Device) -> DeviceState:
    """What a device runs with.

    :raises Unavailable: if it does not answer.
    """
    state = device.state()
    if state is None:
        raise Unavailable(
            f"The device at {device.place} does not answer: start it, "
            "and check device_url and the way to it."
        )
    return state


def _holder(task: Task, seen: Observation) -> Entitlement:
    """The entitlement that is asked for.

    :raises InvalidInput: if there is none, or if it cannot be brought to a device.
    """
    name, serial_number = task.options["name"], task.options["serial_number"]
    found = (
        next(iter(seen.holders(name)), None)
        if serial_number is None
        else seen.by_serial.get(serial_number_spelled(serial_number))
    )
    if found is None:
        raise InvalidInput(
            f"'{name or serial_number}' has no entitlement; "
            "license it first, with flex_entitlement or flex_fleet"
        )
    check(found, quoted(name or found.name, found.serial_number))
    return found


def _predicted(task: Task, service: FlexService, device: Device, seen: Delivery) -> Result:
    """What a run would do; the next task in check mode knows of it."""
    if seen.has_arrived:
        return _result(task, seen, changed=False)
    holder = seen.holder
    if task.session.predictions:
        used = DownloadLicense(holder.serial_number).changed(holder)
        others = (held for held in seen.account.entitlements if held is not holder)
        last = replace(seen.account, entitlements=(*others, used))
        task.session.predictions.add(service.account_id, seen.account, last)
    what = f"The device at {device.place} would fetch the license of {holder.quoted} and reboot."
    return _result(task, seen, changed=True) | {"msg": what}


def _result(task: Task, seen: Delivery, changed: bool) -> Result:
    return {
        "changed": changed,
        "device": seen.device and seen.device._asdict(),
        "entitlement": task.shapes.entitlement(seen.holder, seen.account),
    }
