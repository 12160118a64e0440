# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters, without Ansible around them."""

from __future__ import annotations

import re
from email import message_from_string
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.flexops.fortiflex.plugins.filter.flex_access_table import flex_access_table
from ansible_collections.flexops.fortiflex.plugins.filter.flex_bootstrap import flex_bootstrap
from ansible_collections.flexops.fortiflex.plugins.filter.flex_devices import flex_devices
from ansible_collections.flexops.fortiflex.plugins.filter.flex_end_date import flex_end_date
from ansible_collections.flexops.fortiflex.plugins.filter.flex_given import flex_given
from ansible_collections.flexops.fortiflex.plugins.filter.flex_saved_days import flex_saved_days
from ansible_collections.flexops.fortiflex.plugins.filter.flex_tenant import (
    flex_offboard,
    flex_resume,
    flex_suspend,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.core.model import Entitlement
from ansible_collections.flexops.fortiflex.plugins.module_utils.errors import InvalidInput
from ansible_collections.flexops.fortiflex.plugins.plugin_utils.sites import read_sites


@pytest.mark.parametrize("blank", ["", "  ", "\n", None])
@pytest.mark.parametrize("instead", ["small", True, 5, 2.5])
def test_what_is_empty_was_not_given(blank: Any, instead: Any) -> None:
    assert flex_given(blank, instead) is instead


@pytest.mark.parametrize(
    ("value", "instead", "found"),
    [
        (False, True, False),
        ("no", True, False),
        ("Yes", False, True),
        (0, 5, 0),
        ("0", 5, 0),
        ("1.5", 2.0, 1.5),
        (3, "a", 3),
        ([], [1], []),
        ("x", "a", "x"),
    ],
)
def test_what_was_given_has_the_kind_of_what_would_count_instead(
    value: Any, instead: Any, found: Any
) -> None:
    given = flex_given(value, instead)
    assert (given, type(given)) == (found, type(found))


@pytest.mark.parametrize(("value", "instead"), [("maybe", False), ("many", 5), ("1.5", 5), ([], 1)])
def test_what_is_of_another_kind_is_refused(value: Any, instead: Any) -> None:
    with pytest.raises(
        AnsibleFilterError, match=f"'{re.escape(str(value))}' is not (true|a whole)"
    ):
        flex_given(value, instead)


def test_sites_are_what_their_variables_say() -> None:
    hostvars = {
        "oslo": {"site_state": "stopped", "site_tags": None, "site_other": 1, "state": "absent"},
        "lima": {"site_name": "lima-1"},
    }
    assert read_sites(
        ["oslo", "lima"], hostvars, "site_", ["name", "state", "tags"], {"state": "active"}
    ) == [{"name": "oslo", "state": "stopped"}, {"name": "lima-1", "state": "active"}]


def test_true_and_false_may_be_text_and_what_is_empty_was_not_given() -> None:
    assert read_sites(["a"], {"a": {"x_keep": "no"}}, "x_", ["keep"], {"keep": True}) == [
        {"name": "a", "keep": False}
    ]
    assert read_sites(["a"], {"a": {"x_keep": " "}}, "x_", ["keep"], {"keep": True}) == [
        {"name": "a", "keep": True}
    ]
    with pytest.raises(InvalidInput, match="x_keep of 'a' is 'maybe', which is not true or"):
        read_sites(["a"], {"a": {"x_keep": "maybe"}}, "x_", ["keep"], {"keep": True})


@pytest.mark.parametrize("blank", ["", " ", None])
def test_an_empty_name_counts_only_beside_a_serial_number(blank: str | None) -> None:
    own = {"x_name": blank, "x_serial_number": "FGT1"}
    read = [{"name": "a" if blank is None else "", "serial_number": "FGT1"}]
    assert read_sites(["a"], {"a": own}, "x_", ["name", "serial_number"]) == read
    assert read_sites(["a"], {"a": {"x_name": blank}}, "x_", ["name"]) == [{"name": "a"}]


@pytest.mark.parametrize("guard", ["create", "keep_running"])
def test_an_empty_guard_of_a_host_is_refused(guard: str) -> None:
    with pytest.raises(InvalidInput, match=f"x_{guard} of 'a' is empty"):
        read_sites(["a"], {"a": {f"x_{guard}": ""}}, "x_", [guard], {guard: False})


def test_serial_numbers_of_an_ini_inventory_are_a_list() -> None:
    hostvars = {"a": {"x_switch_serial_numbers": "S1,S2"}}
    assert read_sites(["a"], hostvars, "x_", ["switch_serial_numbers"]) == [
        {"name": "a", "switch_serial_numbers": ["S1", "S2"]}
    ]


def test_devices_of_a_site_share_its_profile() -> None:
    site = {
        "name": "oslo",
        "profile": "small",
        "state": "active",
        "tags": {"a": "b"},
        "end_date": "2030-01-01",
        "switch_serial_numbers": ["S1", "S2"],
    }
    shared = {"profile": "small", "end_date": "2030-01-01", "state": "active"}
    assert flex_devices([site], "fortigate", ["switch", "access_point"]) == [
        {**shared, "name": "oslo", "tags": {"a": "b"}, "device": "fortigate"},
        {**shared, "device": "switch", "serial_number": "S1"},
        {**shared, "device": "switch", "serial_number": "S2"},
    ]


def test_what_cannot_be_released_is_stopped_where_the_site_must_be_absent() -> None:
    site = {
        "name": "oslo",
        "state": "absent",
        "fortigate_serial_number": "FGT1",
        "switch_serial_numbers": ["S1"],
    }
    assert [
        (e.get("serial_number"), e["state"]) for e in flex_devices([site], "fortigate", ["switch"])
    ] == [("FGT1", "stopped"), ("S1", "stopped")]
    assert flex_devices([{"name": "lima", "state": "absent"}], "fortigate") == [
        {"name": "lima", "state": "absent", "device": "fortigate"}
    ]


LINES = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60)
SCRIPT = st.none() | st.lists(LINES, max_size=6).map("\n".join)


@given(st.from_regex(r"[0-9A-F]{20}", fullmatch=True), SCRIPT, SCRIPT)
def test_a_bootstrap_document_reads_back_in_the_order_of_its_parts(
    token: str, before: str | None, after: str | None
) -> None:
    document = flex_bootstrap(token, before, after)
    assert document == flex_bootstrap(token, before, after)
    parsed = message_from_string(document)
    assert parsed.get_content_type() == "multipart/mixed" and parsed["MIME-Version"] == "1.0"
    found = [
        (part.get_filename(), str(part.get_payload()).strip("\n"))
        for part in parsed.walk()
        if not part.is_multipart()
    ]
    wanted = [("config", before), ("license", f"LICENSE-TOKEN:{token}"), ("config-after", after)]
    assert found == [
        (name, text.strip("\n")) for name, text in wanted if text is not None and text.strip()
    ]


@pytest.mark.parametrize(
    "token", ["", None, 17, "0A1B 2C3D", "0A1B2C3D\nset admin", "../../secret-0A1B2C3D"]
)
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
        (
            "2026-11-28T01:00:00+00:00",
            "2026-11-30T07:00:00+00:00",
            1,
        ),  # Friday evening until Sunday night, on the Pacific coast
        ("2026-12-31T23:30:00", "2027-01-04", 3),
    ],
)
def test_only_whole_pacific_days_are_saved(stop: str, start: str, days: int) -> None:
    assert flex_saved_days(start, stop) == days


def test_a_start_that_is_no_date_is_refused() -> None:
    with pytest.raises(AnsibleFilterError, match="'tomorrow' is no date"):
        flex_saved_days("tomorrow")
    assert flex_saved_days("2020-01-01") == 0


def held(
    serial_number: str,
    status: str,
    description: str = "",
    token_status: str | None = "USED",
    **tags: str,
) -> dict[str, Any]:
    """An entitlement as flex_entitlement_info returns it."""
    name = description.split(" [")[0] if description and not description.startswith("[") else None
    return {
        "serial_number": serial_number,
        "status": status,
        "description": description,
        "name": name,
        "tags": tags,
        "token_status": token_status,
        "configuration_id": 4711,
    }


def test_what_is_charged_is_suspended_and_what_cannot_bear_a_tag_is_listed() -> None:
    plan = flex_suspend(
        [
            held("A1", "ACTIVE", "oslo [a=b]", a="b"),
            held("G1", "GRACE_PERIOD", "lima [suspended=2020-01-01]", suspended="2020-01-01"),
            held("C1", "ACTIVE", "cut [a=", a=""),
            held("D1", "ACTIVE", "", None),
            held("I1", "ACTIVE", "[claim rome 0a1b]"),
            held("S1", "STOPPED", "cold"),
            held("P1", "PENDING", "new"),
            held("P2", "PENDING", "[spare]"),
            held("X1", "ACTIVE", "[spare]"),
            held("E1", "EXPIRED", "old"),
        ],
        "2026-05-01",
    )
    tagged = {"state": "present", "describe": True, "ignore_suspension": True}
    assert plan == {
        "tag": [
            {"serial_number": "A1", **tagged, "tags": {"a": "b", "suspended": "2026-05-01"}},
            {"serial_number": "G1", **tagged, "tags": {"suspended": "2026-05-01"}},
        ],
        "stop": [
            {"serial_number": number, "state": "absent" if number == "I1" else "stopped"}
            for number in ("A1", "G1", "C1", "D1", "I1")
        ],
        "untagged": ["C1", "D1"],
        "unmarked": ["C1", "D1"],
        "marks": plan["marks"],
        "cut": [],
        "pending": ["new"],
        "left": ["X1"],
        "told": {"cut": [], "pending": ["new (P1)"]},
    }
    for cut in (
        "oslo [a=b; suspended=20",
        "oslo [a=b; su",
        "oslo [suspended=2026-05-01",
        "oslo [a=b; ",
    ):
        assert flex_suspend([held("C1", "ACTIVE", cut)])["cut"] == ["C1"], cut
    with pytest.raises(AnsibleFilterError, match="'soon' is no date"):
        flex_suspend([], "soon")


def test_what_bears_no_mark_is_named_and_where_it_is_kept() -> None:
    marked, bare = held("A1", "ACTIVE", "oslo"), held("D1", "ACTIVE", "", None)
    many = [held(f"D{number:02}", "ACTIVE", "", None) for number in range(70)]

    def said(items: list[dict[str, Any]], **more: Any) -> str:
        return str(flex_suspend(items, "2026-05-01", **more)["marks"])

    assert "no file is needed." in said([marked])
    assert "no file is needed, so kept.yml is not written." in said([marked], file="kept.yml")
    assert "1 of what is stopped cannot bear the tag suspended: D1. " in said([marked, bare])
    assert "give them to resume_tenant as tenant_resume_also" in said([bare])
    assert "resume_tenant finds them in kept.yml." in said([bare], file="kept.yml")
    assert ": D1, D2. " in said([bare], kept=["D2"], file="kept.yml")
    assert "D00, D01, D02, D03, D04 and 65 more. " in said(many, file="kept.yml")
    assert "D69. " in said(many)  # nothing else keeps it
    assert said([held("S1", "STOPPED", "cold")]) == ""


def test_what_was_suspended_is_resumed_once() -> None:
    day = {"suspended": "2026-05-01"}
    plan = flex_resume(
        [
            held("A1", "STOPPED", "oslo [a=b; suspended=2026-05-01]", a="b", **day),
            held("R1", "ACTIVE", "lima [suspended=2026-05-01]", **day),
            held("E1", "EXPIRED", "old [suspended=2026-05-01]", **day),
            held("S1", "STOPPED", "cold"),
            held("D1", "STOPPED", "", None),
            held("E2", "EXPIRED"),
            held("F1", "STOPPED", "[spare]"),
            {**held("B1", "STOPPED", "shut [suspended=2026-05-01]", **day), "configuration_id": 9},
        ],
        ["D1", "A1", "D1", "E2", "F1", "NONE"],
        [{"id": 9}],
    )
    tagged = {"state": "present", "describe": True, "ignore_suspension": True}
    assert plan == {
        "start": [
            {"serial_number": "A1", "state": "active", "ignore_suspension": True},
            {"serial_number": "D1", "state": "active", "ignore_suspension": True},
        ],
        "untag": [
            {"serial_number": "A1", **tagged, "tags": {"a": "b"}},
            {"serial_number": "R1", **tagged, "tags": {}},
        ],
        "expired": ["old", "E2"],
        "blocked": ["shut"],
        "strange": ["F1", "NONE"],
        "open": ["B1", "F1", "NONE"],
        "told": {
            "expired": ["old (E1)", "E2"],
            "blocked": ["shut (B1)"],
            "strange": ["F1", "NONE"],
        },
    }


def test_a_configuration_that_is_only_predicted_blocks_nothing() -> None:
    predicted = {
        **held("", "STOPPED", "oslo [suspended=2026-05-01]", suspended="2026-05-01"),
        "serial_number": None,
        "configuration_id": None,
    }
    plan = flex_resume([predicted], (), [{"id": None}])
    assert plan["blocked"] == [] and [item["name"] for item in plan["start"]] == ["oslo"]


def test_a_large_account_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_self: Entitlement, _other: object) -> bool:
        raise AssertionError("each entitlement is compared with all others")

    monkeypatch.setattr(Entitlement, "__eq__", refuse)
    items = [held("A1", "ACTIVE", "oslo"), held("D1", "ACTIVE", "", None)]
    assert flex_suspend(items, "2026-05-01")["untagged"] == ["D1"]


def test_everything_is_offboarded_in_the_way_it_can_be() -> None:
    plan = flex_offboard(
        [
            held("A1", "ACTIVE", "oslo"),
            held("S1", "STOPPED", "cold"),
            held("P1", "PENDING", "new", "NOTUSED"),
            held("D1", "ACTIVE", "", None),
            held("D2", "STOPPED", "", ""),
            held("E1", "EXPIRED", "old"),
            held("F1", "STOPPED", "[spare]"),
            held("X1", "ACTIVE", "[spare]"),
            held("D3", "STOPPED", "rack [suspended=2026-05-01]", None, suspended="2026-05-01"),
        ]
    )
    assert plan == {
        "release": [
            *({"serial_number": number, "state": "absent"} for number in ("A1", "S1", "P1")),
            {"serial_number": "D1", "state": "stopped"},
            {"serial_number": "D2", "state": "stopped"},
            {
                "serial_number": "D3",
                "state": "stopped",
                "describe": True,
                "tags": {},
                "ignore_suspension": True,
            },
        ],
        "left": ["X1"],
    }


def test_no_program_is_said_to_be_seen() -> None:
    listing = {"endpoint": "programs/list", "access": "denied", "message": "Authorization denied."}
    said = ["demo-api-user sees no program."]
    assert flex_access_table({"verdict": said, "endpoints": [listing], "access": []}) == [
        *said,
        "programs/list             denied      Authorization denied.",
    ]


def test_nothing_required_may_be_null() -> None:
    assert flex_access_table({"required": None, "endpoints": [], "access": []}) == []


@pytest.mark.parametrize(
    ("given_", "found"),
    [
        ("+90d", "2020-03-31"),
        (" +1D", "2020-01-02"),
        ("2020-05-10", "2020-05-10"),
        ("program_end", "program_end"),
    ],
)
def test_an_end_date_is_counted_from_a_pacific_day(given_: str, found: str) -> None:
    assert flex_end_date(given_, "2020-01-02T07:59:59Z") == found


@pytest.mark.parametrize("given_", ["", "soon", "90d", "+0d", 90])
def test_what_is_no_end_date_is_left_to_the_module(given_: Any) -> None:
    assert flex_end_date(given_) == str(given_)
