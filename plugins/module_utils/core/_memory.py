# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run remembers of each name and of each serial number, beyond what an observation shows.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from .goal import WantedEntitlement
from .model import Entitlement


@dataclass(frozen=True)
class Claim:
    """A claim of this run: the spare, its description now and before, and when the claim was sent
    and answered (seconds since 1970).

    ``changed``: where the service stored another text, so that nobody can read whose it is, the
    sentence that says so.
    """

    serial_number: str
    text: str
    text_before: str
    sent: float
    answered: float
    changed: str | None = None


@dataclass
class OfName:
    """What a run remembers of a name. Times are in seconds since 1970."""

    wanted: WantedEntitlement | None = None
    claim: Claim | None = None
    lapsed: Claim | None = None  # the first one that was undone only because its time was up
    # Its spare was lost: it is created from now on, never claimed again, unless nothing may be created.
    has_lost: bool = False
    unclaimable: str | None = None  # why no spare can be claimed for it
    former: Entitlement | None = None  # what this run gives the name, as it was
    is_renewed: bool = False  # this run has made its token new
    taking: float = 0.0  # when the run stopped waiting for a write that turns a claim into it
    made: dict[str, None] = field(default_factory=dict)  # what this run created or took for it
    switched: dict[str, None] = field(default_factory=dict)  # what it released or started for it
    claimed_since: dict[tuple[str, str], float] = field(default_factory=dict)
    doubled_since: dict[tuple[str, str], float] = field(default_factory=dict)


@dataclass
class OfSerialNumber:
    """What a run remembers of an entitlement."""

    made_for: str | None = None  # the name for which this run created or took it
    switched_for: str | None = None  # whose it was when this run gave it up, or started it
    is_released: bool = False  # this run made it a spare: who takes it then keeps it
    is_removed: bool = False  # this run took the device out of the program, listed or not
    is_doubtful: bool = False  # a claim of this run may still come, long after it was sent
    is_assigned: bool = False  # handed out in the present wave, or claimed


class Memory:
    """What a run remembers of all entitlements. Only the rules for entitlements read and write it."""

    def __init__(self) -> None:
        self.names: defaultdict[str, OfName] = defaultdict(OfName)
        self.serials: defaultdict[str, OfSerialNumber] = defaultdict(OfSerialNumber)

    def new_wave(self) -> None:
        """Forget which spares were handed out in the last wave: an observation shows what became of
        them.
        """
        for remembered in self.serials.values():
            remembered.is_assigned = False
        for claim in self.claims.values():
            self.serials[claim.serial_number].is_assigned = True

    @property
    def claims(self) -> dict[str, Claim]:
        """The claims of this run, by name."""
        return {name: of.claim for name, of in self.names.items() if of.claim}

    @property
    def lost(self) -> int:
        """How many names have lost a spare to another run."""
        return sum(of.has_lost for of in self.names.values())

    def make(self, serial_number: str, name: str) -> None:
        """This run has created an entitlement for a name, or has taken it."""
        self.unmake(serial_number)
        self.serials[serial_number].made_for = name
        self.names[name].made[serial_number] = None

    def unmake(self, serial_number: str) -> None:
        """What this run has made is nobody's any more, or somebody else's business."""
        of = self.serials[serial_number]
        if of.made_for is not None:
            self.names[of.made_for].made.pop(serial_number, None)
            of.made_for = None

    def switch(self, serial_number: str, name: str) -> None:
        """This run has given an entitlement up, or has started it: as a spare it must not stay
        charged.
        """
        of = self.serials[serial_number]
        if of.switched_for is not None:
            self.names[of.switched_for].switched.pop(serial_number, None)
        of.switched_for = name
        self.names[name].switched[serial_number] = None

    def renew(self, name: str) -> None:
        """This run has made the token of a name new."""
        self.names[name].is_renewed = True

    def remove(self, serial_number: str) -> None:
        """This run has taken a device out of the program."""
        self.serials[serial_number].is_removed = True

    def of(self, serial_number: str) -> OfSerialNumber:
        """What the run remembers of an entitlement, to be read only."""
        return self.serials.get(serial_number, _NOTHING)

    def is_own(self, serial_number: str) -> bool:
        """Whether this run has created or taken an entitlement, or has released or started it."""
        of = self.of(serial_number)
        return of.made_for is not None or of.switched_for is not None


_NOTHING = OfSerialNumber()
