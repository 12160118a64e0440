# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters, without Ansible around them."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.flexops.fortiflex.plugins.filter.flex_sites import flex_sites


def test_sites_are_what_their_variables_say() -> None:
    hostvars = {"oslo": {"site_state": "stopped", "site_tags": None, "site_other": 1, "state": "absent"}, "lima": {"site_name": "lima-1"}}
    assert flex_sites(["oslo", "lima"], hostvars, "site_", ["name", "state", "tags"], {"state": "active"}) == [
        {"name": "oslo", "state": "stopped"},
        {"name": "lima-1", "state": "active"},
    ]


def test_one_host_is_no_list_of_hosts() -> None:
    with pytest.raises(AnsibleFilterError, match="are no list"):
        flex_sites("oslo", {}, "site_", [])
