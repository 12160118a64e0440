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
    flex_audit_report,
    flex_audit_scope,
    flex_audit_table,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.description import name_of

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
        "configuration": "branch",
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
            [held("A", "oslo [suspended=2026-11-20]", "STOPPED")],
            [{"name": "oslo"}],
            [("suspended", "oslo")],
        ),
        ([held("A", "oslo [suspended=2026-11-20]")], [{"name": "oslo"}], []),
        ([held("A", "fu\u0308r")], [{"name": "f\u00fcr"}], []),
        ([held("a1", "")], [{"name": "", "host": "x", "serial_number": "A1"}], []),
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
            [("claim", "oslo")],
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


def test_a_name_in_another_case_is_pointed_out() -> None:
    found = flex_audit([held("A", "Oslo")], [{"name": "oslo"}], today=TODAY)
    assert [item["kind"] for item in found] == ["unlicensed", "orphan"]
    assert "A has the name 'Oslo', which differs only in upper and lower case" in found[0]["text"]


def query(number: int, entitlements: list[dict[str, Any]], *names: str) -> dict[str, Any]:
    """What was read of an account, and its sites, as the loop of the playbook has it."""
    sites = [{"name": name, "host": f"{name}-{number}", "account_id": number} for name in names]
    return {
        "item": {"program": None, "accounts": [number], "sites": sites},
        "program": "P",
        "accounts": [number],
        "entitlements": [{**item, "account_id": number} for item in entitlements],
        "unread": [],
    }


def found_in(report: dict[str, Any]) -> list[tuple[str, int, str | None]]:
    return [(item["kind"], item["account_id"], item["name"]) for item in report["findings"]]


def test_each_site_is_compared_in_its_account() -> None:
    queries = [
        query(1, [held("A", "hq"), held("B", "gone")], "hq"),
        query(2, [held("C", "hq")], "hq"),
    ]
    report = flex_audit_report(queries, today=TODAY)
    assert found_in(report) == [("orphan", 1, "gone")]
    assert [
        (item["account_id"], item["sites"], item["licenses"]) for item in report["accounts"]
    ] == [(1, 1, 2), (2, 1, 1)]
    assert report["to_price"] == [{"program": "P", "account_id": 1, "configuration_id": 4711}]


def test_one_name_twice_is_a_double_in_one_account_only() -> None:
    queries = [
        query(1, [held("A", "hq")], "hq"),
        query(2, [held("C", "hq"), held("D", "hq")], "hq"),
    ]
    assert found_in(flex_audit_report(queries, today=TODAY)) == [("double", 2, "hq")]


UNREAD: dict[str, dict[str, Any]] = {
    "one account": {
        **query(1, [held("A", "hq")], "hq"),
        "unread": [{"account_id": 2, "message": "FortiFlex denied it."}],
    },
    "all of a program": {"item": query(2, [], "hq")["item"], "msg": "FortiFlex denied it."},
    "the account of the connection": {
        "item": {"program": None, "accounts": [], "sites": [{"name": "hq", "account_id": None}]},
        "msg": "FortiFlex denied it.",
    },
    "accounts beside the failure": {
        "item": query(2, [], "hq")["item"],
        "accounts": [2],
        "failed": True,
        "msg": "FortiFlex denied it.",
    },
    "accounts without an item": {**query(2, [], "hq")["item"], "msg": "FortiFlex denied it."},
}


@pytest.mark.parametrize("how", UNREAD)
def test_what_was_not_read_agrees_with_nothing(how: str) -> None:
    unread = {**UNREAD[how]}
    if how == "one account":
        sites = [{"name": name, "host": name, "account_id": 2} for name in "abcdefg"]
        unread["item"] = {**unread["item"], "sites": [*unread["item"]["sites"], *sites]}
    report = flex_audit_report([query(3, [held("X", "x")], "x"), unread], today=TODAY)
    assert [item["kind"] for item in report["findings"]] == ["unread"]
    lines = flex_audit_table(report)
    assert "could not be read: FortiFlex denied it; " in lines[-1] and "was not read." in str(lines)
    assert not any("agree" in line for line in lines)
    if how == "one account":
        assert lines[-1].endswith("7 sites are not compared: a, b, c, d, e and 2 more")


def test_a_finding_of_one_of_several_accounts_names_the_account() -> None:
    queries = [query(1, [held("A", "oslo")]), query(2, [held("B", "rome")])]
    for number, told in ((1, "account acme (1)"), (2, "account 2")):
        report = flex_audit_report(queries, account_aliases={"acme": 1}, today=TODAY)
        serial = "AB"[number - 1]
        (line,) = [text for text in flex_audit_table(report) if f"  {serial}  " in text]
        assert f"  {told}  " in line
    alone = flex_audit_report(queries[:1], today=TODAY)
    assert not [
        text for text in flex_audit_table(alone) if text.startswith("orphan") and "account" in text
    ]


OUTSIDE: dict[str, dict[str, Any]] = {
    "oslo": {},
    "lima": {"fortiflex_account_id": "acme"},
    "other": {"fortiflex_name": "rome", "fortiflex_account_id": 2},
    "rack": {"fortiflex_serial_number": "fgt1"},
    "gone": {"fortiflex_state": "absent"},
    "typo": {"fortiflex_account_id": "acne"},
}


@pytest.mark.parametrize(
    ("held_by", "is_orphan"),
    [
        ("oslo", False),
        ("lima", False),
        ("typo", False),
        ("rome", True),
        ("gone", True),
        ("nobody", True),
    ],
)
def test_the_license_of_a_host_outside_the_play_is_no_orphan(held_by: str, is_orphan: bool) -> None:
    queries = [query(1, [held("A", "hq"), held("B", held_by)], "hq")]
    hosts = {**OUTSIDE, "hq-1": {}}
    more: dict[str, Any] = {"hostvars": hosts, "account_aliases": {"acme": 1}, "today": TODAY}
    for limit in (None, "hq-1"):
        report = flex_audit_report(queries, limit=limit, **more)
        assert found_in(report) == ([("orphan", 1, held_by)] if is_orphan else [])
        assert report["not_compared"] == ([] if is_orphan else [held_by])
        text = " ".join(flex_audit_table(report))
        assert (f"were not compared: {held_by} (B)." in text) is not is_orphan
        assert ("limited to hq-1: 6 other hosts were not compared" in text) is (limit is not None)
        assert ("agree about sites 1 and licenses 1 in account acme (1)." in text) is not is_orphan


def test_what_is_odd_about_a_license_of_another_host_is_not_its_business() -> None:
    ending = held("B", "oslo", end_date="2026-11-25", token_status="NOTUSED")
    queries = [query(1, [held("A", "hq"), ending, held("FGT1", "")], "hq")]
    report = flex_audit_report(queries, hostvars={**OUTSIDE, "hq-1": {}}, today=TODAY)
    assert report["findings"] == [] and report["not_compared"] == ["FGT1", "oslo"]


def test_the_variables_of_other_hosts_are_read_only_where_it_matters() -> None:
    class Broken(dict[str, Any]):
        def __getitem__(self, key: str) -> Any:
            raise AnsibleError(f"{key} is undefined")

    hosts = {"hq-1": {}, "odd": Broken(fortiflex_name="{{ nowhere }}")}
    assert flex_audit_report([query(1, [held("A", "hq")], "hq")], hostvars=hosts)["accounts"]
    with pytest.raises(AnsibleFilterError, match="the variables of odd, which is not in the play"):
        flex_audit_report([query(1, [held("A", "x")], "hq")], hostvars=hosts)


def test_in_a_slice_nothing_is_an_orphan() -> None:
    queries = [query(1, [held("A", "hq"), held("B", "oslo")], "hq")]
    report = flex_audit_report(queries, sliced=True, today=TODAY)
    assert report["findings"] == [] and report["not_compared"] == ["oslo"]
    assert "AWX has sliced the inventory" in " ".join(flex_audit_table(report))


def test_devices_are_distinguished_by_host() -> None:
    queries = [query(1, [held("A", "hq")], "hq"), query(2, [held("C", "hq")], "hq")]
    answers = [
        {"item": {"name": "hq-1"}, "json": {"serial": "A"}},
        {"item": {"name": "hq-2"}, "json": {"serial": "Z"}},
        {"item": {"name": "none"}, "status": -1},
    ]
    report = flex_audit_report(queries, answers, today=TODAY)
    assert found_in(report) == [("wrong_device", 2, "hq")]


def test_prices_are_of_the_findings_that_cost() -> None:
    queries = [
        query(1, [held("A", "gone"), held("B", "", "STOPPED"), held("C", "x", "STOPPED")], "x")
    ]
    prices = [{"item": {"configuration_id": 4711}, "cost": {"points_per_day": 6.39}}]
    for known, points in ((prices, 6.39), ([{"item": prices[0]["item"], "msg": "no"}], None)):
        rows = flex_audit_report(queries, prices=known, today=TODAY)["findings"]
        assert [(row["kind"], row["points_per_day"]) for row in rows] == [
            ("stopped", 0.0),
            ("orphan", points),
        ]


def test_a_long_kind_is_shortened_where_a_file_has_the_rest() -> None:
    queries = [query(1, [held(f"A{number:02}", f"gone-{number:02}") for number in range(70)])]
    report = flex_audit_report(queries, today=TODAY)
    assert sum(line.startswith("orphan ") for line in flex_audit_table(report)) == 70
    lines = flex_audit_table(report, most=20, file="found.json")
    assert sum(line.startswith("orphan ") for line in lines) == 21
    assert "orphan        and 50 more, which are in found.json" in lines


PLACES = [
    {"program": None, "account_id": 2, "hosts": ["a"], "entitlements": [{"name": "A"}]},
    {"program": None, "account_id": None, "hosts": ["b"], "entitlements": [{"name": "b"}]},
    {"program": None, "account_id": 3, "hosts": ["c"], "entitlements": [{"name": "c"}]},
    {"program": "P", "account_id": 2, "hosts": ["d"], "entitlements": [{"name": "d"}]},
]


def test_what_an_audit_reads() -> None:
    scope = flex_audit_scope(PLACES)
    assert [(item["program"], item["accounts"], len(item["sites"])) for item in scope] == [
        (None, [2, 3], 2),
        (None, [], 1),
        ("P", [2], 1),
    ]
    assert scope[0]["sites"][0] == {"name": "A", "host": "a", "account_id": 2}
    for further in (["all", "acme"], "all,acme"):
        found = flex_audit_scope(PLACES[:2], further, {"acme": 7})
        assert [item["accounts"] for item in found] == [[2, "all", 7], []]
    with pytest.raises(AnsibleError, match="audit_accounts: 'acne' is no account number"):
        flex_audit_scope(PLACES, ["acne"])


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
    assert lines == [
        "orphan        -     C  branch  6.39 points a day  is ACTIVE as '', and no site of the inventory uses it",
        "orphan        gone  A  branch  6.39 points a day  is ACTIVE as 'gone', and no site of the inventory uses it",
        "orphan        lost  B  branch  12.91 points a day  is ACTIVE as 'lost', and no site of the inventory uses it",
        "3 orphan: 25.69 points a day",
    ]
    unpriced = flex_audit_table(findings, {"4711": 6.39})
    assert "  no price  is ACTIVE as 'lost'" in unpriced[2]
    assert (
        unpriced[-1] == "3 orphan: 12.78 points a day, without 1 that FortiFlex gave no price for"
    )


def test_a_day_that_is_none_is_refused() -> None:
    with pytest.raises(AnsibleFilterError, match="'soon' is no date"):
        flex_audit([], [], today="soon")


def test_accounts_are_kept_apart() -> None:
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
