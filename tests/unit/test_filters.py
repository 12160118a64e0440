# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters, without Ansible around them."""

from __future__ import annotations

from email import message_from_string

import pytest
from ansible.errors import AnsibleFilterError
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.flexops.fortiflex.plugins.filter.flex_bootstrap import flex_bootstrap
from ansible_collections.flexops.fortiflex.plugins.filter.flex_saved_days import flex_saved_days
from ansible_collections.flexops.fortiflex.plugins.filter.flex_sites import flex_devices, flex_sites


def test_sites_are_what_their_variables_say() -> None:
    hostvars = {"oslo": {"site_state": "stopped", "site_tags": None, "site_other": 1, "state": "absent"}, "lima": {"site_name": "lima-1"}}
    assert flex_sites(["oslo", "lima"], hostvars, "site_", ["name", "state", "tags"], {"state": "active"}) == [
        {"name": "oslo", "state": "stopped"},
        {"name": "lima-1", "state": "active"},
    ]


def test_true_and_false_may_be_text_and_nothing_may_be_empty() -> None:
    assert flex_sites(["a"], {"a": {"x_keep": "no"}}, "x_", ["keep"], {"keep": True}) == [{"name": "a", "keep": False}]
    for value, sentence in (("maybe", "x_keep of a is neither true nor false"), (" ", "x_keep of a is empty")):
        with pytest.raises(AnsibleFilterError, match=sentence):
            flex_sites(["a"], {"a": {"x_keep": value}}, "x_", ["keep"], {"keep": True})


def test_one_host_is_no_list_of_hosts() -> None:
    with pytest.raises(AnsibleFilterError, match="are no list"):
        flex_sites("oslo", {}, "site_", [])


def test_devices_of_a_site_share_its_profile() -> None:
    site = {"name": "oslo", "profile": "small", "state": "active", "tags": {"a": "b"}, "end_date": "2030-01-01", "switch_serial_numbers": ["S1", "S2"]}
    shared = {"profile": "small", "end_date": "2030-01-01", "state": "active"}
    assert flex_devices([site], "fortigate", ["switch", "access_point"]) == [
        {**shared, "name": "oslo", "tags": {"a": "b"}, "device": "fortigate"},
        {**shared, "device": "switch", "serial_number": "S1"},
        {**shared, "device": "switch", "serial_number": "S2"},
    ]


def test_what_cannot_be_released_is_stopped_where_the_site_shall_be_absent() -> None:
    site = {"name": "oslo", "state": "absent", "fortigate_serial_number": "FGT1", "switch_serial_numbers": ["S1"]}
    assert [(e.get("serial_number"), e["state"]) for e in flex_devices([site], "fortigate", ["switch"])] == [("FGT1", "stopped"), ("S1", "stopped")]
    assert flex_devices([{"name": "lima", "state": "absent"}], "fortigate") == [{"name": "lima", "state": "absent", "device": "fortigate"}]


LINES = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60)
SCRIPT = st.none() | st.lists(LINES, max_size=6).map("\n".join)


@given(st.from_regex(r"[0-9A-F]{20}", fullmatch=True), SCRIPT, SCRIPT)
def test_a_bootstrap_document_reads_back_in_the_order_of_its_parts(token: str, before: str | None, after: str | None) -> None:
    document = flex_bootstrap(token, before, after)
    assert document == flex_bootstrap(token, before, after)
    parsed = message_from_string(document)
    assert parsed.get_content_type() == "multipart/mixed" and parsed["MIME-Version"] == "1.0"
    found = [(part.get_filename(), str(part.get_payload()).strip("\n")) for part in parsed.walk() if not part.is_multipart()]
    wanted = [("config", before), ("license", f"LICENSE-TOKEN:{token}"), ("config-after", after)]
    assert found == [(name, text.strip("\n")) for name, text in wanted if text is not None and text.strip()]


@pytest.mark.parametrize("token", ["", None, 17, "0A1B 2C3D", "0A1B2C3D\nset admin", "../../secret-0A1B2C3D"])
def test_what_is_no_token_is_refused_without_showing_it(token: object) -> None:
    with pytest.raises(AnsibleFilterError, match="is no license token") as refused:
        flex_bootstrap(token)
    assert "0A1B" not in str(refused.value)


def test_what_a_fortigate_may_not_read_is_refused() -> None:
    with pytest.raises(AnsibleFilterError, match="the config has characters"):
        flex_bootstrap("0A1B2C3D4E5F60718293", "set alias Ålesund")


@pytest.mark.parametrize(
    ("stop", "start", "days"),
    [
        ("2026-11-24T20:00:00", "2026-11-25T08:00:00", 0),  # a night
        ("2026-11-27T18:00:00", "2026-11-30T07:00:00", 2),  # a weekend
        ("2026-11-27", "2026-11-27", 0),
        ("2026-11-27", "2026-11-20", 0),
        ("2026-11-28T01:00:00+00:00", "2026-11-30T07:00:00+00:00", 1),  # Friday evening until Sunday night, on the Pacific coast
        ("2026-12-31T23:30:00", "2027-01-04", 3),
    ],
)
def test_only_whole_pacific_days_are_saved(stop: str, start: str, days: int) -> None:
    assert flex_saved_days(start, stop) == days


def test_a_start_that_is_no_date_is_refused() -> None:
    with pytest.raises(AnsibleFilterError, match="'tomorrow' is no date"):
        flex_saved_days("tomorrow")
    assert flex_saved_days("2020-01-01") == 0
