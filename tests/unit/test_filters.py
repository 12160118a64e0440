# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters, without Ansible around them."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.flexops.fortiflex.plugins.filter.flex_sites import flex_devices, flex_sites


def test_sites_are_what_their_variables_say() -> None:
    hostvars = {"oslo": {"site_state": "stopped", "site_tags": None, "site_other": 1, "state": "absent"}, "lima": {"site_name": "lima-1"}}
    assert flex_sites(["oslo", "lima"], hostvars, "site_", ["name", "state", "tags"], {"state": "active"}) == [
        {"name": "oslo", "state": "stopped"},
        {"name": "lima-1", "state": "active"},
    ]


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
