# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same name in another spelling is the same name, whoever spells it: a user, FortiFlex, or somebody in the portal."""

from __future__ import annotations

import copy
import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from contract.harness import CONFIGURATION, Controller
from contract.test_devices import EMS
from contract.test_documentation import SPECS

from ansible_collections.flexops.fortiflex.plugins.module_utils.client.connection import (
    argument_spec,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.task.options import Spec
from ansible_collections.flexops.fortiflex.plugins.module_utils.task.task import Task
from ansible_collections.flexops.fortiflex.plugins.plugin_utils.lookups import entitlements

PROGRAM, VM, DEVICE = "ELAVMS0000000200", "FGVMMLTM20000901", "FGT60FTK20000901"
HELD = {"name": "zürich", "configuration": "größe", "tags": {"straße": "köln"}}


def nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def nfd(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def everywhere(spell: Callable[[str], str], value: Any) -> Any:
    """A value with all its texts and keys spelled so."""
    if isinstance(value, str):
        return spell(value)
    if isinstance(value, dict):
        return {everywhere(spell, key): everywhere(spell, item) for key, item in value.items()}
    return [everywhere(spell, item) for item in value] if isinstance(value, list) else value


def otherwise(text: str) -> str:
    """Serial numbers in small letters, everything else decomposed."""
    return text.lower() if re.fullmatch(r"[A-Z0-9]{16}", text) else nfd(text)


@pytest.fixture(params=[nfc, nfd], ids=["stored as NFC", "stored as NFD"])
def account(request: pytest.FixtureRequest, controller: Controller) -> Controller:
    """An account that holds everything the cases below are about."""
    spell = request.param
    controller.flex.settings(description_stored="nfd" if spell is nfd else "as_written")
    for owner in (2000001, 2000002):
        size = controller.configuration(spell("größe"), accountId=owner)
        if owner == 2000001:
            controller.flex.seed(
                [
                    {
                        "configId": size,
                        "serialNumber": VM,
                        "description": spell("zürich [straße=köln]"),
                    },
                    {"configId": size, "description": spell("genève")},
                    {"configId": size, "description": "[spare]"},
                ]
            )
            hardware = controller.configuration(
                spell("gerät"),
                productTypeId=101,
                parameters=[{"id": 27, "value": "FGT60F"}, {"id": 28, "value": "FGHWFCEL"}],
            )
            controller.flex.seed(
                [
                    {
                        "configId": hardware,
                        "serialNumber": DEVICE,
                        "description": None,
                        "status": "ACTIVE",
                    }
                ]
            )
    controller.flex.settings(folders=["My Assets", spell("My Assets/süd")])
    controller.writes()
    return controller


CASES: list[tuple[str, dict[str, Any]]] = [
    ("flex_configuration", {"name": "größe"}),
    ("flex_configuration_info", {"name": "größe"}),
    (
        "flex_cost_info",
        {
            "configuration": "größe",
            "compare_to": {"configuration": "größe", "parameters": {"cpus": 4}},
        },
    ),
    ("flex_entitlement", {**HELD, "distinct_from": ["ZÜRICH"]}),
    ("flex_entitlement", {"serial_number": VM, **HELD}),
    ("flex_entitlement", {"serial_numbers": [DEVICE], "configuration": "gerät"}),
    ("flex_entitlement_info", {"name": "zürich"}),
    ("flex_entitlement_info", {"serial_number": VM}),
    ("flex_entitlement_info", {"configuration": "größe", "tags": {"straße": "köln"}}),
    (
        "flex_fleet",
        {
            "configurations": [{"name": "größe"}, {"name": "gerät"}],
            "profiles": {"süß": {"wäre": "größe"}},
            "entitlements": [
                HELD | {"pair": "später", "distinct_from": ["ZÜRICH"]},
                {"name": "genève", "profile": "süß", "device": "wäre", "pair": "später"},
                {"serial_number": DEVICE, "configuration": "gerät"},
            ],
            "spares": {"größe": 1},
            "prune": {"tags": {"straße": "köln"}, "names": ["zü*"], "configurations": ["größe"]},
        },
    ),
    (
        "flex_fleet",
        {
            "entitlements": [{"serial_number": VM}],
            "prune": {"tags": {"straße": "köln"}, "names": ["zür?ch"], "configurations": ["größe"]},
            "max_prune": "0",
        },
    ),
    ("flex_group_info", {"folder": "My Assets/süd", "configuration": "größe"}),
    (
        "flex_points_info",
        {
            "group_by": ["tag:straße"],
            "budget": [{"points": 1, "tag": "straße=köln"}, {"points": 1, "account_id": "süd"}],
            "account_aliases": {"süd": 2000001},
            "accounts": ["süd"],
            "last_days": 2,
        },
    ),
    (
        "flex_access_info",
        {
            "serial_number": PROGRAM,
            "required": {"program": PROGRAM, "accounts": ["süd"]},
            "account_aliases": {"süd": 2000001},
            "accounts": ["süd"],
            "probe_writing": False,
        },
    ),
    ("flex_program_info", {"serial_number": PROGRAM}),
    (
        "flex_entitlement_info",
        {
            "program": PROGRAM,
            "account_id": "süd",
            "account_aliases": {"süd": 2000001},
            "allowed_accounts": ["süd"],
        },
    ),
]
CHECKED: list[tuple[str, dict[str, Any]]] = [  # what would write
    (
        "flex_entitlement_transfer",
        {
            "names": ["zürich"],
            "target_account_id": "süd",
            "target_configuration": "größe",
            "account_aliases": {"süd": 2000002},
        },
    ),
    ("flex_entitlement_transfer", {"serial_numbers": [VM], "target_account_id": "2000002"}),
    ("flex_entitlement", {"name": "münchen", "was": "zürich"}),
    ("flex_fleet", {"entitlements": [{"name": "münchen", "was": "zürich"}]}),
    (
        "flex_device_license",
        {"name": "zürich", "device_url": "DEVICE", "device_token": "demo-device-token"},
    ),
    (
        "flex_device_license",
        {"serial_number": VM, "device_url": "DEVICE", "device_token": "demo-device-token"},
    ),
]


def comparable(result: dict[str, Any]) -> Any:
    """A result without what differs by chance or, as the keys of a result do, by how the user writes."""
    shown = {key: value for key, value in result.items() if key not in ("requests", "invocation")}
    for key in ("entitlements", "spares", "actions"):
        if isinstance(shown.get(key), dict):
            shown[key] = list(shown[key].values())
    return everywhere(nfc, shown)


@pytest.mark.parametrize(("module", "options"), CASES + CHECKED)
def test_however_a_user_spells_it(
    account: Controller, module: str, options: dict[str, Any]
) -> None:
    check = (module, options) in CHECKED
    asked = copy.deepcopy(options)
    if "device_url" in asked:
        asked["device_url"] = f"{account.flex.url}/device/fw1"
    result = account.run(module, check=check, **asked)
    assert not result.get("failed"), result["msg"]
    assert check or not result["changed"], result
    spelled = account.run(module, check=check, **everywhere(otherwise, asked))
    assert comparable(spelled) == comparable(result) and account.writes() == 0
    assert any(result.get(key) for key in result.keys() - {"requests", "diff"})


# Options that name nothing which a user could spell in another way. A new option belongs here or into a case above.
PLAIN = """
    account_id accounts active_timeout aliases amount api_url audit_log auth_url balance budget
    ca_path catalogue charts claim commitment count create currency customers days describe
    device_ca_path device_token device_url device_validate_certs directory end_date estimate
    fail_on_alert fleet folder formats fresh_token group_by holders id kind last_days least_days
    ledger limit max_affected max_days max_new max_points_per_day max_prune mode next_token
    plan plan_file publish_plan refuse_renames report_unlisted outlook parameters password period point_price probe_writing
    product projection proxy_url quota_wait reason reboot_timeout recheck_days remove_hardware
    replace_expired requests_per_hour requests_per_minute return_token return_tokens reuse
    skip_pending allow_outside_limit ignore_suspension partial spare start_date state state_dir statements status statuses target_account_id
    template thresholds timeout title token_cache token_status username validate_certs whole write
"""
ELSEWHERE = {
    "flex_usage_report.sites",
    "flex_product_info.name",
    "flex_fleet.fleets",
}  # below; the catalogue has no other spelling; each fleet is the options of a task


def paths(spec: Spec, where: str) -> Iterator[str]:
    """Every option of a spec, those inside of others too."""
    for name, option in spec.items():
        yield f"{where}.{name}"
        yield from paths(option.get("options", {}), f"{where}.{name}")


def given(options: dict[str, Any], where: str) -> Iterator[str]:
    """Every option that a case gives."""
    for name, value in options.items():
        yield f"{where}.{name}"
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, dict):
                yield from given(item, f"{where}.{name}")


def test_every_option_that_names_something_is_tried() -> None:
    known = {path for module, spec in SPECS.items() for path in paths(spec, module)}
    known |= set(paths(argument_spec(), "connection"))
    tried = {path for module, options in CASES + CHECKED for path in given(options, module)}
    tried |= {f"connection.{path.split('.')[1]}" for path in tried if path.count(".") == 1}
    # What two modules take alike is read by the same code.
    tried |= {path.replace("flex_cost_info.compare_to", "flex_cost_info") for path in tried}
    missing = {
        path for path in known - tried - ELSEWHERE if path.split(".")[-1] not in PLAIN.split()
    }
    assert missing == set()


# -- normalization


def site(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "configuration": "small", **more}


def fleet(controller: Controller, *sites: dict[str, Any], **more: Any) -> dict[str, Any]:
    return controller.run(
        "flex_fleet", configurations=[CONFIGURATION], entitlements=list(sites), **more
    )


def small(controller: Controller) -> int:
    """The configuration of the sites, which is there; its id."""
    made = controller.run("flex_configuration", **CONFIGURATION)["configuration"]["id"]
    controller.writes()
    return int(made)


def descriptions(controller: Controller) -> list[str]:
    return sorted(item["description"] or "" for item in controller.entitlements().values())


@pytest.mark.parametrize("service", ["as_written", "nfc", "nfd"])
@pytest.mark.parametrize(("first", "second"), [(nfc, nfd), (nfd, nfc)])
def test_two_spellings_are_licensed_once(
    controller: Controller, first: Callable[[str], str], second: Callable[[str], str], service: str
) -> None:
    controller.flex.settings(description_stored=service)
    tags = {"ort": "köln"}
    done = fleet(controller, site(first("zürich"), tags=everywhere(first, tags)))
    assert done["plan"]["create"] == 1 and list(done["entitlements"]) == [first("zürich")], done
    written = nfc("zürich [ort=köln]")
    assert descriptions(controller) == [nfd(written) if service == "nfd" else written]
    controller.writes()
    for spell in (second, first):
        again = fleet(controller, site(spell("zürich"), tags=everywhere(spell, tags)))
        assert not again.get("failed") and not again["changed"], again
        assert again["plan"]["unchanged"] == 1 and controller.writes() == 0


def test_a_service_that_decomposes_is_managed_as_any_other(controller: Controller) -> None:
    flex = controller.flex
    flex.settings(description_stored="nfd")
    number = small(controller)
    flex.seed([{"configId": number, "description": "[spare]"}])
    for state in (
        {"tags": {"größe": "süß"}},
        {"tags": {"größe": "groß"}},
        {"state": "absent"},
        {"tags": {}},
    ):
        done = controller.run("flex_entitlement", **site("zürich", **state))
        assert not done.get("failed") and done["changed"], done
        assert not controller.run("flex_entitlement", **site("zürich", **state))["changed"]
    renamed = {"serial_number": done["entitlement"]["serial_number"], "name": "münchen"}
    assert controller.run("flex_entitlement", **renamed)["entitlement"]["name"] == "münchen"
    assert not controller.run("flex_entitlement", **renamed)["changed"]
    assert descriptions(controller) == [nfd("münchen")]


@pytest.mark.parametrize("path", ["entitlements/vm/create", "entitlements/update"])
@pytest.mark.parametrize("kind", ["reset_after", "reset_before"])
@pytest.mark.parametrize("nth", [1, 2])
def test_a_lost_answer_of_a_service_that_decomposes(
    controller: Controller, path: str, kind: str, nth: int
) -> None:
    controller.flex.settings(description_stored="nfd")
    number = small(controller)
    if path == "entitlements/update":
        controller.flex.seed([{"configId": number, "description": "[spare]"}] * 2)
    controller.flex.faults([{"path": path, "kind": kind, "nth": nth}])
    done = fleet(controller, site("zürich"), site("münchen"))
    assert not done.get("failed"), done
    assert descriptions(controller) == [nfd("münchen"), nfd("zürich")]


STATES = ["active", "present", "stopped", "absent"]


@pytest.mark.parametrize("state", STATES)
def test_two_old_spellings_are_left_to_a_person(controller: Controller, state: str) -> None:
    number = small(controller)
    made = controller.flex.seed(
        [
            {"configId": number, "description": spell("zürich [a=b]"), "status": "STOPPED"}
            for spell in (nfd, nfc)
        ]
    )
    numbers = [item["serialNumber"] for item in made]
    for check in (True, False):
        result = controller.run("flex_entitlement", check=check, **site("zürich", state=state))
        assert result["failed"] and controller.writes() == 0
        for text in (*numbers, f"'{nfc('zürich')}', NFC", f"'{nfd('zürich')}', NFD"):
            assert text in result["msg"]
    assert controller.clock.slept == 0
    solved = controller.run("flex_entitlement", serial_number=numbers[0], state="absent")
    assert solved["changed"], solved
    assert not controller.run("flex_entitlement", **site("zürich", state="present")).get("failed")


@pytest.mark.parametrize(
    "scope", [{"names": ["z*"]}, {"tags": {"mine": "yes"}}, {"configurations": ["small"]}]
)
def test_prune_leaves_two_old_spellings_to_a_person(
    controller: Controller, scope: dict[str, Any]
) -> None:
    """Also where only one of them is in the scope."""
    number, other = small(controller), controller.configuration("other")
    made = controller.flex.seed(
        [
            {"configId": number, "description": nfd("zürich [mine=yes]")},
            {"configId": other, "description": nfc("zürich")},
            {"configId": number, "description": "zoo [mine=yes]"},
        ]
    )
    result = controller.run(
        "flex_fleet", entitlements=[site("oslo")], prune=scope, max_prune="100%"
    )
    assert result["failed"] and controller.writes() == 0
    assert all(item["serialNumber"] in result["msg"] for item in made[:2]), result["msg"]
    assert nfc("zürich") in result["msg"] and nfd("zürich") in result["msg"]


def test_two_old_spellings_of_a_configuration_are_left_to_a_person(controller: Controller) -> None:
    numbers = [controller.configuration(spell("größe")) for spell in (nfc, nfd)]
    result = controller.run("flex_configuration", name="größe", state="active")
    assert result["failed"] and controller.writes() == 0
    for text in (*map(str, numbers), nfc("größe"), nfd("größe")):
        assert text in result["msg"]
    states = {item["status"] for item in controller.flex.state()["configurations"]}
    assert states == {"ACTIVE"}


def test_a_configuration_is_not_renamed_for_its_spelling(controller: Controller) -> None:
    number = controller.configuration(nfd("größe"))
    for wish in ({"name": "größe"}, {"id": number, "name": "größe"}):
        assert not controller.run("flex_configuration", **wish)["changed"]
    changed = controller.run("flex_configuration", name="größe", parameters={"cpus": 4})
    assert changed["changed"] and changed["configuration"]["name"] == nfc("größe")
    assert len(controller.flex.state()["configurations"]) == 1


def test_a_report_knows_its_sites_in_any_spelling(controller: Controller) -> None:
    number = small(controller)
    controller.flex.seed(
        [
            {"configId": number, "description": nfd("zürich"), "status": "ACTIVE"},
            {"configId": number, "serialNumber": VM, "status": "ACTIVE"},
            {"configId": number, "description": "nobody", "status": "ACTIVE"},
        ]
    )
    files = {
        "ledger": str(controller.state_dir / "usage.sqlite3"),
        "directory": str(controller.state_dir / "reports"),
    }
    controller.run("flex_usage_ledger", ledger=files["ledger"])
    for program in (PROGRAM, PROGRAM.lower()):
        told = controller.run(
            "flex_usage_report",
            **files,
            program=program,
            sites=[nfd("zürich"), VM.lower()],
            formats=["json"],
        )
        assert not told.get("failed"), told
        (path,) = (item["path"] for item in told["files"])
        orphans = json.loads(Path(path).read_text(encoding="utf-8"))["orphans"]
        assert [item["name"] for item in orphans] == ["nobody"] and PROGRAM in path


@pytest.mark.parametrize("spell", [nfc, nfd])
def test_lookups_take_any_spelling(account: Controller, spell: Callable[[str], str]) -> None:
    options = {**account.connection(), "max_age": 0.0}
    for check in (True, False):
        task = Task(options, check, account.clock, lambda _warning: None)
        found = entitlements(task, [spell("zürich"), VM.lower()])
        assert [item["serial_number"] for item in found] == [VM, VM]


# -- case

CASED = [
    ("z-hq", "Z-HQ"),
    ("straße", "STRASSE"),
    ("ΣΊΣΥΦΟΣ", "σίσυφος"),
    ("Éire", "éire"),
    ("a b", "a  b"),
]


@pytest.mark.parametrize(("held", "new"), CASED)
@pytest.mark.parametrize("spare", [False, True])
@pytest.mark.parametrize("status", ["ACTIVE", "STOPPED", "PENDING", "EXPIRED"])
def test_no_new_license_for_a_name_in_other_case(
    controller: Controller, held: str, new: str, spare: bool, status: str
) -> None:
    number = small(controller)
    seeds = [{"configId": number, "description": f"{held} [a=b]", "status": status}]
    seeds += [{"configId": number, "description": "[spare]"}] * spare
    serial_number = controller.flex.seed(seeds)[0]["serialNumber"]
    for state in ("active", "present"):
        for wish in ({}, {"create": False}, {"reuse": "never"}, {"reuse": "any"}):
            for check in (True, False):
                result = controller.run(
                    "flex_entitlement", check=check, **site(new, state=state, **wish)
                )
                assert result["failed"] and controller.writes() == 0
                assert nfc(held) in result["msg"] and serial_number in result["msg"], result["msg"]
    for state in ("stopped", "absent"):
        assert not controller.run("flex_entitlement", **site(new, state=state))["changed"]
    wanted = site(new, distinct_from=[nfd(held)])
    done = controller.run("flex_entitlement", **wanted)
    assert done.get("action") == ("reuse" if spare else "create"), done["msg"]
    assert not controller.run("flex_entitlement", **wanted)["changed"]
    if status != "EXPIRED":
        both = [site(held, state="present"), site(new, state="present")]
        assert not fleet(controller, *both)["changed"], "what is held already is left alone"


def test_a_name_in_other_case_of_an_expired_one_needs_replace_expired(
    controller: Controller,
) -> None:
    number = small(controller)
    controller.flex.seed([{"configId": number, "description": "hq", "status": "EXPIRED"}])
    assert controller.run("flex_entitlement", **site("HQ"))["failed"]
    assert controller.run("flex_entitlement", **site("HQ", replace_expired=True))["changed"]


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("others", [0, 5])
def test_two_new_names_of_one_list_that_differ_by_case(
    controller: Controller, check: bool, others: int
) -> None:
    small(controller)
    more = [site(f"site-{number}") for number in range(others)]
    result = fleet(controller, site("z-hq"), *more, site("Z-HQ"), check=check)
    assert result["failed"] and controller.writes() == 0
    assert "'z-hq'" in result["msg"] and "'Z-HQ'" in result["msg"]
    for one, two in (({"distinct_from": ["Z-HQ"]}, {}), ({}, {"distinct_from": ["z-hq"]})):
        predicted = fleet(controller, site("z-hq", **one), *more, site("Z-HQ", **two), check=True)
        assert predicted["plan"]["create"] == 2 + others, predicted
    wanted = [site("z-hq"), *more, site("Z-HQ", distinct_from=["z-hq"])]
    assert fleet(controller, *wanted)["plan"]["create"] == 2 + others
    assert not fleet(controller, *wanted)["changed"]
    assert not fleet(controller, site("z-hq"), site("Z-HQ"))["changed"]


@pytest.mark.parametrize("state", ["stopped", "absent"])
def test_a_list_with_a_name_in_other_case_that_gets_nothing(
    controller: Controller, state: str
) -> None:
    done = fleet(controller, site("z-hq"), site("Z-HQ", state=state))
    assert not done.get("failed") and done["plan"]["create"] == 1


@pytest.mark.parametrize(
    "other", ["z-hq", "z-hq2", "branch", "z-h"], ids=["itself", "longer", "another", "shorter"]
)
def test_distinct_from_names_what_could_be_mistaken(controller: Controller, other: str) -> None:
    result = fleet(controller, site("z-hq", distinct_from=[other]))
    assert result["failed"] and controller.writes() == 0
    assert f"'{other}' could not be taken for this name" in result["msg"]


def test_the_other_ways_to_a_new_license_refuse_it_too(controller: Controller) -> None:
    number = small(controller)
    ems = controller.run("flex_configuration", **EMS)["configuration"]["id"]
    controller.writes()
    controller.flex.seed(
        [{"configId": number, "description": text} for text in ("z-hq", "[spare]", "")]
    )
    claim = {"name": "Z-HQ", "configuration": "small", "create": False, "reuse": "any"}
    refused = controller.run("flex_entitlement", check=True, **claim)
    assert refused["failed"] and "'z-hq'" in refused["msg"]
    told_apart = controller.run("flex_entitlement", check=True, **claim, distinct_from=["z-hq"])
    assert told_apart["changed"] and controller.writes() == 0
    result = controller.run("flex_entitlement", name="Z-HQ", configuration=str(ems))
    assert result["failed"] and "'z-hq'" in result["msg"] and controller.writes() == 0


# -- serial numbers


def test_serial_numbers_are_sent_in_capitals(controller: Controller) -> None:
    number = small(controller)
    controller.flex.seed([{"configId": number, "serialNumber": VM, "status": "ACTIVE"}])
    hardware = {
        "name": "hw",
        "product": "fortigate_hardware",
        "parameters": {"model": "FGT60F", "service_package": "UTP"},
    }
    controller.run("flex_configuration", **hardware)
    result = controller.run(
        "flex_fleet",
        entitlements=[
            {"serial_number": VM.lower(), "state": "stopped"},
            {"serial_number": DEVICE.lower(), "configuration": "hw"},
        ],
    )
    assert result["changed"] and list(result["entitlements"]) == [VM.lower(), DEVICE.lower()], (
        result
    )
    assert sorted(controller.entitlements()) == sorted([VM, DEVICE])
    twice = controller.run(
        "flex_entitlement", serial_numbers=[DEVICE, DEVICE.lower()], configuration="hw"
    )
    assert twice["failed"] and "listed 2 times" in twice["msg"]
    moved = controller.run(
        "flex_entitlement_transfer", serial_numbers=[VM, VM.lower()], target_account_id="2000002"
    )
    assert moved["failed"] and "listed 2 times" in moved["msg"]
