# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""However FortiFlex stores descriptions: no name costs a second serial number, nothing is charged in excess, and each run says what to do."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from contract.harness import CONFIGURATION, Controller
from contract.test_devices import EMS, HARDWARE, serial

from simulator.texts import WAYS

NAMES = ["München & Söhne", "東京", "oslo", "a  b", "HQ", "x" * 30]
HARMLESS = {"as_written", "nfc", "nfd", "trimmed"}
CHANGING = [way for way in WAYS if way not in HARMLESS | {"dropped"}]
SPOILING = {"upper", "quoted"}  # even [spare]
CUTS = [None, 5, 10, 20, 34]
OPTIONS: list[dict[str, Any]] = [
    {},
    {"reuse": "never"},
    {"folder": "My Assets"},
    {"state": "present", "skip_pending": True},
    {"skip_pending": True},
]


def combinations() -> Iterator[Any]:
    """Every way, cut at every length, with every wish. What differs in two respects takes long and is thorough."""
    for way in WAYS:
        for cut, answer, options in product(CUTS, ("stored", "written"), OPTIONS):
            differences = (way != "as_written", cut is not None, answer != "stored", bool(options))
            if way != "dropped":
                name = "-".join([way, str(cut), answer, *options])
                marks = [pytest.mark.thorough] if sum(differences) > 2 else []
                yield pytest.param(way, cut, answer, options, id=name, marks=marks)


@pytest.fixture
def account(controller: Controller) -> Controller:
    """An account with a configuration and nothing else."""
    controller.run("flex_configuration", **CONFIGURATION)
    controller.writes()
    return controller


def license_all(account: Controller, names: list[str], **options: Any) -> dict[str, Any]:
    """A run on a machine of its own, as in a container that keeps nothing."""
    shutil.rmtree(account.state_dir, ignore_errors=True)
    sites = [{"name": name, "configuration": "small", **options} for name in names]
    return account.run("flex_fleet", entitlements=sites)


def held(account: Controller) -> dict[str, tuple[str, str]]:
    """Description and status by serial number."""
    return {
        number: (item["description"] or "", item["status"])
        for number, item in account.entitlements().items()
    }


def is_affected(name: str, way: str, cut: int | None) -> bool:
    """Whether a name is not stored as written."""
    stored = WAYS[way](name)[:cut]
    return way not in HARMLESS and stored != name or (cut is not None and len(name) > cut)


@pytest.mark.parametrize(("way", "cut", "answer", "options"), list(combinations()))
def test_three_runs(
    account: Controller, way: str, cut: int | None, answer: str, options: dict[str, Any]
) -> None:
    account.flex.settings(description_stored=way, description_cut=cut, description_answer=answer)
    wrong = [name for name in NAMES if is_affected(name, way, cut)]
    for number in range(3):
        result = license_all(account, NAMES, **options)
        after = held(account)
        assert len(after) <= len(NAMES), (number, after)
        named = Counter(text for text, _status in after.values())
        for name in wrong:
            assert named[name] == 0
        if wrong:
            assert result["failed"], result
            assert "FortiFlex" in result["msg"] or "differs only by case" in result["msg"]
            assert "run the task again" not in result["msg"]
        else:
            assert not result.get("failed"), result["msg"]
    charged = [text for text, status in after.values() if status == "ACTIVE"]
    assert set(charged) <= {WAYS[way](name) for name in NAMES}, after
    assert not set(charged) & set(wrong)


FAULTS = [
    {"path": "entitlements/update", "kind": "refused", "always": True},
    {"path": "entitlements/update", "kind": "reset_before", "always": True},
    {"path": "entitlements/vm/create", "kind": "reset_after", "nth": 1},
    {"path": "entitlements/vm/create", "kind": "truncated_json", "nth": 2},
    {"path": "entitlements/update", "kind": "reset_after", "nth": 1},
    {"path": "entitlements/update", "kind": "html_502", "nth": 2},
]


@pytest.mark.parametrize("way", CHANGING)
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault['kind']} {fault['path']}")
@pytest.mark.parametrize("spares", [0, pytest.param(2, marks=pytest.mark.thorough)])
def test_a_run_that_fails_halfway(
    account: Controller, way: str, fault: dict[str, Any], spares: int
) -> None:
    """What it could not clear is recognised by the next one."""
    small = account.flex.state()["configurations"][0]["id"]
    account.flex.seed([{"configId": small, "description": "[spare]"}] * spares)
    account.flex.settings(description_stored=way)
    names = NAMES[:4]
    for faults in ([fault], [], []):
        account.flex.faults(faults)
        result = license_all(account, names)
        assert result["failed"] and len(held(account)) <= len(names) + spares, held(account)
    assert {status for _text, status in held(account).values()} == {"PENDING"}


@pytest.mark.parametrize("way", CHANGING)
@pytest.mark.parametrize("reuse", ["marked", "never"])
def test_names_that_are_corrected_need_nothing_more(
    account: Controller, way: str, reuse: str
) -> None:
    """What was made under the old name is taken by the new one, or is it already."""
    account.flex.settings(description_stored=way)
    wrong = [
        name for name in ("München & Söhne", "oslo", "a  b", "HQ") if is_affected(name, way, None)
    ]
    for _run in range(2):
        license_all(account, wrong[:1], reuse=reuse)
    before = held(account)
    assert len(before) == 1
    if way == "quoted":
        return  # nothing is stored as it is written
    right = {"upper": str.upper}.get(way, lambda text: "right-1")(wrong[0])
    if reuse == "never" and way not in SPOILING:
        (number,) = before
        released = account.run("flex_entitlement", serial_number=number, state="absent")
        assert not released.get("failed"), released
    done = license_all(account, [right])
    assert not done.get("failed"), done["msg"]
    assert {text for text, _status in held(account).values()} == {right}
    assert not license_all(account, [right])["changed"] and len(held(account)) == 1


@pytest.mark.parametrize("way", [*CHANGING, "dropped"])
@pytest.mark.parametrize("answer", ["stored", "written"])
def test_spares_that_are_kept_ready(account: Controller, way: str, answer: str) -> None:
    account.flex.settings(description_stored=way, description_answer=answer)
    for _run in range(3):
        shutil.rmtree(account.state_dir, ignore_errors=True)
        result = account.run("flex_fleet", spares={"small": 3})
        if way in SPOILING:
            assert result["failed"] and "portal" in result["msg"] or "[spare]" in result["msg"]
        if way != "dropped":
            assert len(held(account)) == 3
    if way in SPOILING:
        assert "which FortiFlex may have made of a mark such as '[spare]'" in result["msg"]
    if way == "dropped" and answer == "stored":
        assert result["failed"] and "'[spare]' was written" in result["msg"]


@pytest.mark.parametrize("way", sorted(SPOILING))
@pytest.mark.parametrize("answer", ["stored", "written"])
def test_where_even_a_spare_is_not_stored_nothing_more_is_created(
    account: Controller, way: str, answer: str
) -> None:
    small = account.flex.state()["configurations"][0]["id"]
    account.flex.seed(
        [{"configId": small, "description": text} for text in ("[spare]", "[spare]", "HELD", "OLD")]
    )
    account.flex.settings(description_stored=way, description_answer=answer)
    released = account.run("flex_entitlement", name="OLD", state="absent")
    assert released["failed"], released
    for text in (
        "'[spare]'",
        WAYS[way]("[spare]"),
        "nothing more is created in program",
        "2000001",
    ):
        assert text in released["msg"]
    before = held(account)
    for wish in ({}, {"reuse": "never"}, {"state": "present"}, {"reuse": "any"}):
        for check in (True, False):
            result = account.run(
                "flex_entitlement", check=check, name="NEW", configuration="small", **wish
            )
            assert result["failed"] and "nothing more is created" in result["msg"], result
            assert held(account) == before
    assert not account.run("flex_entitlement", name="HELD", state="present").get("failed")
    number = next(
        serial for serial, (text, _status) in before.items() if text == WAYS[way]("[spare]")
    )
    account.flex.settings(description_stored="as_written")
    account.run("flex_entitlement", serial_number=number, state="absent")
    assert not account.run("flex_entitlement", name="NEW", configuration="small").get("failed")


def test_a_mark_that_a_person_wrote_says_how_to_go_on(account: Controller) -> None:
    small = account.flex.state()["configurations"][0]["id"]
    (made,) = account.flex.seed([{"configId": small, "description": "[Spare]"}])
    account.writes()
    result = account.run("flex_entitlement", name="oslo", configuration="small")
    assert result["failed"] and account.writes() == 0
    assert f"{made['serialNumber']} reads '[Spare]'" in result["msg"]
    account.run("flex_entitlement", serial_number=made["serialNumber"], name="bergen")
    assert account.run("flex_entitlement", name="oslo", configuration="small")["changed"]


@pytest.mark.parametrize("way", [way for way in CHANGING if way not in ("upper", "quoted")])
@pytest.mark.parametrize("answer", ["stored", "written"])
def test_tags_that_are_stored_otherwise_leave_the_name_its_license(
    account: Controller, way: str, answer: str
) -> None:
    account.flex.settings(description_stored=way, description_answer=answer)
    for _run in range(3):
        result = license_all(account, ["oslo"], tags={"Größe": "a  & b"})
        assert result["failed"] and "where 'oslo [Größe=a  & b]' was written" in result["msg"]
        assert len(held(account)) == 1
    done = license_all(account, ["oslo"], tags={"size": "a-b"})
    assert not done.get("failed"), done["msg"]
    assert [text for text, _status in held(account).values()] == ["oslo [size=a-b]"]


@pytest.mark.parametrize("way", CHANGING)
def test_the_sentence_says_what_to_do(account: Controller, way: str) -> None:
    advice = {
        "escaped": "without & < > and quotes",
        "escaped_all": "without & < > and quotes",
        "ascii": "write the name and the tags in ASCII",
        "mojibake": "write the name and the tags in ASCII",
        "upper": "write the name and the tags in capitals",
        "lower": "write the name and the tags in small letters",
        "casefold": "write the name and the tags in small letters",
        "folded_blanks": "it keeps single blanks only",
        "quoted": "try a short name",
    }[way]
    account.flex.settings(description_stored=way)
    name = "Mün  & Co"
    result = account.run("flex_entitlement", name=name, configuration="small")
    assert result["failed"] and advice in result["msg"], result["msg"]
    assert f"FortiFlex stored the description '{WAYS[way](name)}'" in result["msg"] or (
        way == "quoted" and "'[spare]' was written" in result["msg"]
    )


def test_after_a_difference_only_what_it_touches_is_not_created(account: Controller) -> None:
    """Of 40 names with an umlaut one is tried; the others, in one run, are licensed."""
    account.flex.settings(description_stored="ascii")
    wrong = [f"zürich-{number}" for number in range(40)]
    right = [f"oslo-{number}" for number in range(10)]
    for _run in range(3):
        result = license_all(account, [*wrong, *right])
        assert result["failed"] and "40 of 50 items failed" in result["msg"], result["msg"]
    named = Counter(text for text, _status in held(account).values())
    assert all(named[name] == 1 for name in right)
    assert len(held(account)) <= len(right) + 2


def test_a_service_that_stores_nothing_is_asked_once_a_run(account: Controller) -> None:
    account.flex.settings(description_stored="dropped")
    for number in range(1, 3):
        result = license_all(account, NAMES)
        assert result["failed"] and "'[spare]' was written" in result["msg"], result["msg"]
        assert len(held(account)) == number


@pytest.mark.parametrize("way", CHANGING)
def test_devices_and_cloud_services(account: Controller, way: str) -> None:
    """They are there once, whatever their descriptions."""
    account.flex.settings(description_stored=way)
    for _run in range(3):
        result = account.run(
            "flex_fleet",
            configurations=[HARDWARE, EMS],
            entitlements=[
                {
                    "serial_number": serial(1),
                    "configuration": "hw",
                    "name": "Mün  & Co",
                    "describe": True,
                },
                {"name": "Köln  & Co", "configuration": "ems"},
            ],
        )
        assert result["failed"], result
        assert len(held(account)) == 2
