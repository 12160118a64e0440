# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pacific days and the date shapes of the service, against the time zone database."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.flexops.fortiflex.plugins.module_utils.core.dates import (
    PACIFIC,
    day_of,
    pacific_day,
    parse_moment,
)

LOS_ANGELES = ZoneInfo("America/Los_Angeles")
MOMENTS = st.datetimes(datetime(2007, 4, 1), datetime(2060, 1, 1), timezones=st.just(timezone.utc))  # noqa: DTZ001


@given(MOMENTS)
def test_pacific_time_is_that_of_los_angeles(moment: datetime) -> None:
    ours, theirs = moment.astimezone(PACIFIC), moment.astimezone(LOS_ANGELES)
    assert (ours.replace(tzinfo=None), ours.utcoffset(), ours.tzname()) == (
        theirs.replace(tzinfo=None),
        theirs.utcoffset(),
        theirs.tzname(),
    )
    assert ours.astimezone(timezone.utc) == moment
    assert pacific_day(moment.timestamp()) == theirs.date()


@pytest.mark.parametrize("year", range(2024, 2030))
def test_the_hours_around_both_changes(year: int) -> None:
    for month, days in ((3, range(8, 15)), (11, range(1, 8))):
        for day in days:
            for half_hours in range(48):
                moment = datetime(year, month, day, tzinfo=timezone.utc) + timedelta(
                    minutes=30 * half_hours
                )
                assert (
                    moment.astimezone(PACIFIC).utcoffset()
                    == moment.astimezone(LOS_ANGELES).utcoffset()
                )


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2027-05-10", date(2027, 5, 10)),
        ("2027-05-10T00:00:00", date(2027, 5, 10)),
        ("2027-05-10 23:59:59", date(2027, 5, 10)),
        ("2026-06-02T09:14:28.03", date(2026, 6, 2)),
        ("2026-04-07T15:04:32.6531463-07:00", date(2026, 4, 7)),
        ("2026-04-08T05:00:00Z", date(2026, 4, 7)),
        ("2026-04-07T23:00:00-0500", date(2026, 4, 7)),
        ("2026-13-01", None),
        ("tomorrow", None),
        ("", None),
        (None, None),
    ],
)
def test_every_shape_of_a_date_has_its_pacific_day(text: str | None, day: date | None) -> None:
    assert day_of(text) == day
    assert (parse_moment(text) is None) == (day is None)
