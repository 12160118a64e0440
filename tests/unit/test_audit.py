# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an audit finds, kind by kind, and that it finds nothing where all is well."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleError, AnsibleFilterError

from ansible_collections.flexops.fortiflex.plugins.filter.flex_audit import (
    flex_audit,
    flex_audit_table,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.model import name_of

TODAY = "2026-11-24"


def held(
    serial_number: str, description: str, status: str = "ACTIVE", **more: Any
) -> dict[str, Any]:
    return {
        "serial_number": serial_number,
        "description": description,
        "name": name_of(description),
        "status": status,
        "account_id": 2000001,
        "configuration_id": 4711,
        "start_date": "2026-11-01",
        "end_date": "2027-11-01",
        "token_status": "USED",
        **more,
    }


def kinds(
    entitlements: list[dict[str, Any]], sites: list[dict[str, Any]], **more: Any
) -> list[tuple[str, str | None]]:
    return [
        (finding["kind"], finding["name"] or finding["serial_number"])
        for finding in flex_audit(entitlements, sites, today=TODAY, **more)
    ]


def test_where_all_is_well_nothing_is_found() -> None:
    sites = [
        {"name": "oslo"},
        {"name": "lima", "state": "stopped"},
        {"name": "cork", "state": "absent"},
        {"name": "bonn", "fortigate_serial_number": "FGT1", "switch_serial_numbers": ["S1"]},
    ]
    entitlements = [
        held("A", "oslo [region=north]"),
        held("B", "lima", "STOPPED", end_date="2026-11-20"),
        held("FGT1", "", token_status=None),
        held("S1", "", token_status=None),
        held("E", "rome", "EXPIRED", end_date="2020-01-01"),
        held("C", "[spare]", "STOPPED", token_status="NOTUSED"),
    ]
    assert kinds(entitlements, sites, spares=1, devices={"oslo": "A", "bonn": "FGT1"}) == []
    assert flex_audit_table([]) == ["Inventory and FortiFlex agree."]


@pytest.mark.parametrize(
    ("entitlements", "sites", "found"),
    [
        ([], [{"name": "oslo"}], [("unlicensed", "oslo")]),
        (
            [held("FGT1", "")],
            [{"name": "bonn", "serial_number": "FGT1", "switch_serial_numbers": ["S9"]}],
            [("unlicensed", "bonn")],
        ),
        (
            [held("A", "oslo", "EXPIRED", end_date="2026-01-01")],
            [{"name": "oslo"}],
            [("expired", "oslo")],
        ),
        (
            [held("A", "oslo", "STOPPED", end_date="2026-11-20")],
            [{"name": "oslo"}],
            [("stopped", "oslo")],
        ),
        (
            [held("A", "oslo", "STOPPED", end_date="2026-11-20")],
            [{"name": "oslo", "state": "present"}],
            [],
        ),
        (
            [held("S1", "")],
            [{"name": "oslo", "switch_serial_numbers": ["S1"]}],
            [("unlicensed", "oslo")],
        ),
        ([held("A", "oslo")], [{"name": "oslo", "state": "stopped"}], [("running", "oslo")]),
        ([held("A", "gone")], [], [("orphan", "gone")]),
        (
            [held("A", "cork", "GRACE_PERIOD")],
            [{"name": "cork", "state": "absent"}],
            [("orphan", "cork")],
        ),
        ([held("A", "a text [of somebody]")], [], [("orphan", "a text")]),
        ([held("A", ""), held("B", "gone", "PENDING")], [], [("orphan", "A")]),
        (
            [held("A", "oslo"), held("B", "oslo", "STOPPED", end_date="2026-11-20")],
            [{"name": "oslo", "state": "present"}],
            [("double", "oslo")],
        ),
        (
            [held("A", "[claim oslo 0a1b]", "STOPPED", end_date="2026-11-20")],
            [],
            [("intent", "oslo")],
        ),
        (
            [held("A", "oslo", token_status="NOTUSED", start_date="2026-10-25")],
            [{"name": "oslo"}],
            [("unused", "oslo")],
        ),
        (
            [held("A", "oslo", token_status="NOTUSED", start_date="2026-10-26")],
            [{"name": "oslo"}],
            [],
        ),
        ([held("A", "oslo", end_date="2026-12-24")], [{"name": "oslo"}], [("ending", "oslo")]),
        ([held("A", "oslo", end_date="2026-12-25")], [{"name": "oslo"}], []),
        ([held("A", "[spare]", "PENDING"), held("B", "[spare]", "STOPPED")], [], [("spare", None)]),
    ],
)
def test_what_does_not_agree_is_found(
    entitlements: list[dict[str, Any]],
    sites: list[dict[str, Any]],
    found: list[tuple[str, str | None]],
) -> None:
    assert kinds(entitlements, sites, spares=1) == found


def test_a_device_that_runs_with_another_serial_number_is_found() -> None:
    assert kinds([held("A", "oslo")], [{"name": "oslo"}], devices={"oslo": "FGVMEV0000000000"}) == [
        ("wrong_device", "oslo")
    ]


def test_the_table_says_what_orphans_cost() -> None:
    findings = flex_audit(
        [held("A", "gone"), held("B", "lost", configuration_id=4712), held("C", "", "ACTIVE")],
        [],
        today=TODAY,
    )
    lines = flex_audit_table(findings, {"4711": 6.39, "4712": 12.91})
    assert (
        lines[0].startswith("orphan        C     is ACTIVE as ''")
        and lines[-1] == "3 orphan: 25.69 points a day"
    )


def test_a_day_that_is_none_is_refused() -> None:
    with pytest.raises(AnsibleFilterError, match="'soon' is no date"):
        flex_audit([], [], today="soon")


def test_accounts_are_told_apart() -> None:
    entitlements = [
        held("A", "oslo"),
        held("B", "oslo", account_id=2000002),
        held("C", "lima", account_id=2000002),
    ]
    sites = [{"name": "oslo", "account_id": "2000001"}, {"name": "lima", "account_id": 2000001}]
    assert kinds(entitlements, sites) == [
        ("unlicensed", "lima"),
        ("orphan", "lima"),
        ("orphan", "oslo"),
    ]
    assert (
        kinds(
            entitlements,
            [
                *sites[:1],
                {"name": "oslo", "account_id": 2000002},
                {"name": "lima", "account_id": 2000002},
            ],
        )
        == []
    )


def test_an_account_may_have_an_alias() -> None:
    for aliases in ({"acme": 2000002}, "acme=2000002", '{"acme": 2000002}'):
        assert (
            kinds(
                [held("A", "oslo", account_id=2000002)],
                [{"name": "oslo", "account_id": "acme"}],
                account_aliases=aliases,
            )
            == []
        )
    for wrong in ("acme", {"acme": "x"}):
        with pytest.raises(AnsibleError, match="account_aliases"):
            flex_audit([], [], today=TODAY, account_aliases=wrong)
    with pytest.raises(AnsibleError, match="account_id of oslo: 'acne' is no account number"):
        flex_audit([], [{"name": "oslo", "account_id": "acne"}], today=TODAY)
