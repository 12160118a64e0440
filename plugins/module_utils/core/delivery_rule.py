# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what a device and FortiFlex show of one license to the calls that bring it to the device,
and what it has to be waited for.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..errors import InvalidInput, Refused, TooManyErrors, Unavailable
from .calls import DownloadLicense, RenewToken
from .converge import Planning
from .model import Entitlement, Observation
from .steps import ItemKey, Step
from .wave import Decision

RENEW, INJECT = "renew", "inject"  # why a step is taken

_POLL = 5.0  # seconds between two queries of a device
_LIST = 15.0  # seconds between two queries of FortiFlex


class DeviceState(NamedTuple):
    """The serial number that a device runs with, and whether its license is valid."""

    serial_number: str
    licensed: bool


@dataclass(frozen=True)
class Delivery:
    """What there is of one license at one moment (seconds since 1970). ``device`` is None while it
    does not answer, or is not asked.
    """

    time: float
    device: DeviceState | None
    account: Observation
    serial_number: str

    @property
    def holder(self) -> Entitlement:
        """The entitlement that must be on the device."""
        return self.account.by_serial[self.serial_number]

    @property
    def has_arrived(self) -> bool:
        """Whether the device runs with its license."""
        return self.device == (self.serial_number, True)

    @property
    def is_charged(self) -> bool:
        """Whether FortiFlex shows that it is used."""
        held = self.account.by_serial.get(self.serial_number)
        return held is not None and held.is_charged


class Wait(NamedTuple):
    """``what`` is waited for, in words, so many seconds at the most; ``error`` says that it did not
    come.
    """

    what: str
    error: Unavailable
    seconds: float
    every: float
    is_over: Callable[[Delivery], bool]


def check(holder: Entitlement, who: str) -> None:
    """Let an entitlement pass that can be brought to a device. ``who``: what a sentence calls it.

    :raises InvalidInput: if it cannot.
    """
    if holder.is_suspended:
        raise InvalidInput(
            f"{who} is suspended; run the playbook resume_tenant for its account first"
        )
    if not (holder.is_pending or holder.is_charged):
        raise InvalidInput(f"{who} is {holder.status}; start it first, with state=active")
    if not holder.token:
        raise InvalidInput(f"{who} has no license token, so it is no virtual machine")


class DeliveryPlanner(Planning[Delivery]):
    """One delivery: inject the license, renew its token where that is spent, wait for the device,
    then for FortiFlex.
    """

    def __init__(
        self, place: str | None, holder: Entitlement, reboot_timeout: float, active_timeout: float
    ) -> None:
        """``place`` is where the device is, the timeouts are in seconds."""
        self.written: set[ItemKey] = set()  # what was sent, whatever came of it
        self.wait: Wait | None = None  # what is waited for at present
        self._place = place
        self._holder = holder
        self._until = 0.0
        self._renewed = self._refused = False
        self._restart = Wait(
            f"for {place} to restart with the license of {holder.called}",
            Unavailable(
                f"The device at {place} does not run as {holder.called} with a valid license "
                f"after {reboot_timeout:g} s: look at its console."
            ),
            reboot_timeout,
            _POLL,
            lambda seen: seen.has_arrived,
        )
        self._active = Wait(
            f"for FortiFlex to show {holder.called} as ACTIVE",
            Unavailable(
                f"FortiFlex does not show {holder.called} as ACTIVE after {active_timeout:g} s: "
                "look at it in the portal."
            ),
            active_timeout,
            _LIST,
            lambda seen: seen.is_charged,
        )

    def next(self, seen: Delivery, room: Callable[[float], int]) -> Decision:
        """The calls that are missing, or when to observe again.

        :raises Unavailable: if the device cannot use its license, or if what is waited for does not
            come.
        """
        if self.wait is None:
            return Decision([] if seen.has_arrived else self._attempt())
        if not self.wait.is_over(seen):
            if seen.time >= self._until:
                raise self.wait.error
            return Decision(wake=min(seen.time + self.wait.every, self._until))
        if self.wait is self._active:
            return Decision()
        self._await(self._active, seen.time)
        return Decision(wake=seen.time)

    def _attempt(self) -> list[Step]:
        """Renew the token if it is spent, and have the device fetch the license.

        pyfortiflex 0.1.0 reports that an attempt that failed can spend a token, so it is renewed
        once after a refusal.
        """
        held, item = self._holder, ("entitlement", self._holder.serial_number)
        inject = Step(item, INJECT, DownloadLicense(held.serial_number), held)
        if not (held.has_used_token or self._refused):
            return [inject]
        if self._renewed:
            raise Unavailable(
                f"The device at {self._place} could not fetch its license: "
                "see that it reaches FortiCare, through proxy_url if need be."
            )
        return [Step(item, RENEW, RenewToken(held.serial_number), held), inject]

    def _await(self, wait: Wait, since: float) -> None:
        self.wait, self._until = wait, since + wait.seconds

    def did(self, step: Step, answer: dict[str, Any], sent: float, answered: float) -> None:
        """The token is new, or the device restarts."""
        self.written.add(step.item)
        if step.purpose == RENEW:
            self._renewed = True
        else:
            self._await(self._restart, answered)

    def unknown(self, step: Step, sent: float, now: float) -> None:
        """A connection that broke is no answer, since the device may be restarting."""
        self.written.add(step.item)
        self._await(self._restart, now)

    def refused(self, step: Step, error: Refused | TooManyErrors) -> None:
        """The device could not fetch the license; a second attempt follows, with a new token.

        :raises FlexError: if FortiFlex refused what the new token needs.
        """
        if step.purpose == RENEW:
            raise error
        self.written.add(step.item)
        self._refused = True
