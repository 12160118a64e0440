# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The moments at which every test has to pass: where days, hours and time zones are easily confused.

`make moments` runs the tests with the clock of the machine shifted to each of them, tests/contract runs a sample of them on the simulator's clock.
"""

from __future__ import annotations

import time
from datetime import date, datetime, timedelta, timezone
from typing import NamedTuple
from zoneinfo import ZoneInfo

PACIFIC = ZoneInfo("America/Los_Angeles")
SHIFT = "FLEXOPS_SHIFT"  # environment variable: by how many seconds the clocks are ahead
_MINUTES = timedelta(minutes=5)  # how long before a change the tests begin
_DAY = timedelta(days=1)


class Moment(NamedTuple):
    """When the tests begin, on a machine in which time zone, and whether all of them run."""

    at: datetime
    zone: str
    all_tests: bool = False


def moments(now: float) -> dict[str, Moment]:
    """By name, the next of each kind from the day after ``now`` (seconds since 1970) on."""
    today = datetime.fromtimestamp(now, PACIFIC).date()
    tomorrow = today + _DAY
    new_year = date(tomorrow.year + 1, 1, 1)
    pacific, utc = _midnight(new_year, PACIFIC), _midnight(new_year, timezone.utc)
    summer, winter = _change(tomorrow, 1), _change(tomorrow, -1)
    return {
        "half-past-midnight": Moment(
            _midnight(tomorrow, PACIFIC) + timedelta(minutes=30), "UTC", True
        ),
        "before-summer-time": Moment(summer - _MINUTES, str(PACIFIC)),
        "summer-time": Moment(summer, str(PACIFIC)),
        "before-winter-time": Moment(winter - _MINUTES, str(PACIFIC)),
        "winter-time": Moment(winter, str(PACIFIC)),
        "before-new-year": Moment(pacific - _MINUTES, "UTC"),
        "new-year": Moment(pacific, "UTC"),
        "before-utc-new-year": Moment(utc - _MINUTES, "Asia/Tokyo"),
        "utc-new-year": Moment(utc, "Asia/Tokyo"),
        "leap-day": Moment(_noon(_leap_day(tomorrow)), "Europe/Oslo"),
        "in-two-years": Moment(_noon(today + timedelta(days=730)), "UTC", True),
    }


def day(number: int = 0) -> str:
    """The Pacific day so many days after today, before it if the number is negative, as YYYY-MM-DD."""
    return str(datetime.fromtimestamp(time.time(), PACIFIC).date() + number * _DAY)


def end_of_day(now: float) -> float:
    """When the Pacific day of a moment ends."""
    today = datetime.fromtimestamp(now, PACIFIC).date()
    return _midnight(today + _DAY, PACIFIC).timestamp()


def _midnight(day: date, zone: ZoneInfo | timezone) -> datetime:
    """When a day begins, in UTC, so that hours can be added."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(timezone.utc)


def _noon(day: date) -> datetime:
    return _midnight(day, PACIFIC) + timedelta(hours=12)


def _change(day: date, step: int) -> datetime:
    """When Pacific time next goes forward (1) or back (-1) by an hour, which it does two hours after midnight."""
    hours = timedelta(hours=24 - step)
    while (begun := _midnight(day, PACIFIC)) + hours != _midnight(day + _DAY, PACIFIC):
        day += _DAY
    return begun + timedelta(hours=2)


def _leap_day(day: date) -> date:
    while (day.month, day.day) != (2, 29):
        day += _DAY
    return day
