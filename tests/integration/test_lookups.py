# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lookups in real plays: one query for all of them, options from everywhere, and claims that hold."""

from __future__ import annotations

import json
from typing import Any

import pytest
from integration.playbook import Controller, module, play

from simulator.launch import Simulator

TOKEN, ENTITLEMENT = (f"flexops.fortiflex.flex_{name}" for name in ("token", "entitlement"))
TO_COME = "(license token, known after the run)"
HOSTS = [f"site-{number:02}" for number in range(12)]


def show(expression: str) -> dict[str, Any]:
    """A task that shows what an expression is."""
    return {"ansible.builtin.debug": {"msg": f"{{{{ {expression} }}}}"}}


def seeded(flex: Simulator, **more: Any) -> dict[str, str]:
    """An entitlement for each host; tokens by name."""
    small = flex.seed_configuration("small", **more)["id"]
    made = flex.seed(
        [{"configId": small, "description": f"{name} [region=west]"} for name in HOSTS]
    )
    return dict(zip(HOSTS, (item["token"] for item in made), strict=True))


def inventory(controller: Controller) -> str:
    path = controller.directory / "hosts.yml"
    path.write_text(
        json.dumps(
            {"all": {"hosts": dict.fromkeys(HOSTS), "vars": {"ansible_connection": "local"}}}
        )
    )
    return str(path)


def test_one_query_for_all_hosts_and_terms(controller: Controller, flex: Simulator) -> None:
    tokens = seeded(flex)
    tasks = [
        show(f"lookup('{TOKEN}', inventory_hostname)"),
        show(f"query('{TOKEN}', *ansible_play_hosts)"),
        show(f"lookup('{ENTITLEMENT}', inventory_hostname)"),
        show(f"query('{ENTITLEMENT}') | length"),
    ]
    run = controller.play(play(*tasks, hosts="all"), "-i", inventory(controller), "--forks", "6")
    assert run.changed == 0
    shown = [item["msg"] for item in run.shown]
    assert (
        sorted(shown[:12]) == sorted(tokens.values())
        and shown[12:24] == [list(tokens.values())] * 12
    )
    assert sorted(item["name"] for item in shown[24:36]) == HOSTS and all(
        "token" not in item for item in shown[24:36]
    )
    assert {item["status"] for item in shown[24:36]} == {"PENDING"} and [
        str(count) for count in shown[36:]
    ] == ["12"] * 12
    assert flex.requests()["by_path"] == {"login": 1, "configs/list": 1, "entitlements/list": 1}
    for path in controller.directory.glob("state/query-*"):
        assert path.stat().st_mode & 0o077 == 0


def test_what_was_written_is_seen_at_once(controller: Controller, flex: Simulator) -> None:
    first = seeded(flex)["site-00"]
    fresh = module(
        "flex_entitlement", name="site-00", fresh_token="always", username="tenant-1"
    )  # by whichever API user of this machine
    flex.settings(
        users=[
            {"username": name, "password": "demo-password", "permission": "write"}
            for name in ("demo-api-user", "tenant-1")
        ]
    )
    run = controller.play(
        play(show(f"lookup('{TOKEN}', 'site-00')"), fresh, show(f"lookup('{TOKEN}', 'site-00')"))
    )
    shown = [item["msg"] for item in run.shown]
    assert (
        run.changed == 1
        and shown[0] == first != shown[1] == flex.state()["entitlements"][0]["token"]
    )


def test_what_is_asked_for_in_vain_is_queried_again(
    controller: Controller, flex: Simulator
) -> None:
    """Another machine may have licensed it after this one has queried."""
    seeded(flex)
    controller.play(play(show(f"lookup('{TOKEN}', 'site-00')")))
    flex.seed([{"configId": flex.state()["configurations"][0]["id"], "description": "late"}])
    for path in controller.directory.glob("state/query-*[0-9a-f]"):
        (now, up, boot), mark, rows = json.loads(path.read_text())
        aged = [[now - 10, up - 10, boot], mark, rows]  # ten seconds later
        path.write_text(json.dumps(aged))
    assert controller.play(play(show(f"lookup('{TOKEN}', 'late')"))).changed == 0


@pytest.mark.parametrize("lookup", ["flex_sites", "flex_accounts"])
def test_no_entitlement_has_an_account_of_its_own(controller: Controller, lookup: str) -> None:
    site = {"fortiflex_account_id": 2000001, "fortiflex_program": "ELAVMS0000000200"}
    path = controller.directory / "hosts.yml"
    path.write_text(json.dumps({"all": {"hosts": {"oslo": site}}}))
    options = "options=['account_id', 'program', 'configuration']"
    found = show(f"query('flexops.fortiflex.{lookup}', 'fortiflex_', {options})")
    (shown,) = controller.play(play(found, hosts="all"), "-i", str(path)).shown
    (item,) = shown["msg"]
    assert item.get("entitlements", [item]) == [{"name": "oslo"}]


@pytest.mark.parametrize("text", ["tenant=2000003,other=2000001", '{"tenant": 2000003}'])
def test_aliases_may_be_text(controller: Controller, flex: Simulator, text: str) -> None:
    tokens = seeded(flex, accountId=2000003)
    ask = show(f"lookup('{TOKEN}', 'site-00')")
    variables = {
        "fortiflex_account_id": "shop",
        "fortiflex_account_aliases": text.replace("tenant", "shop"),
    }
    for where in ("environment", "ini"):
        (controller.directory / "ansible.cfg").write_text(
            f"[fortiflex]\naccount_aliases = {text if where == 'ini' else ''}\n"
        )
        env = {
            "FORTIFLEX_ACCOUNT_ID": "tenant",
            "FORTIFLEX_ACCOUNT_ALIASES": text if where == "environment" else "",
        }
        run = controller.play(play(ask, {**ask, "vars": variables}), env=env)
        assert run.changed == 0 and run.shown == [{"msg": tokens["site-00"]}] * 2


@pytest.mark.parametrize("where", ["task", "environment", "ini"])
def test_options_come_from_everywhere(controller: Controller, flex: Simulator, where: str) -> None:
    tokens = seeded(flex, accountId=2000003)
    ask, keywords = (
        show(f"lookup('{TOKEN}', 'site-00')"),
        "account_id='tenant', account_aliases={'tenant': 2000003}",
    )
    set_by_task = [
        show(f"lookup('{TOKEN}', 'site-00', {keywords})"),
        {**ask, "vars": {"fortiflex_account_id": 2000003}},
        {**ask, "vars": {"fortiflex_account_id": "{{ 2000000 + 3 }}"}},
    ]
    (controller.directory / "ansible.cfg").write_text(
        f"[fortiflex]\naccount_id = {2000003 if where == 'ini' else 1}\n"
    )
    env = {"FORTIFLEX_ACCOUNT_ID": {"environment": "2000003", "ini": ""}.get(where, "2000001")}
    run = controller.play(play(*(set_by_task if where == "task" else [ask])), env=env)
    assert run.changed == 0 and {item["msg"] for item in run.shown} == {tokens["site-00"]}


def test_errors_are_the_sentences_of_the_modules(controller: Controller, flex: Simulator) -> None:
    sentences = {
        f"lookup('{TOKEN}', 'site-00', password='wrong')": "FortiCloud refused the login of API user demo",
        f"lookup('{TOKEN}', 'nobody')": "'nobody' is neither a name that holds an entitlement nor the serial number of one in program ELAVMS0000000200",
        f"lookup('{TOKEN}')": "flex_token: no name and no serial number is given",
        f"lookup('{TOKEN}', 'FGT60FTK26000001')": "(FGT60FTK26000001) is no virtual machine and has no license token; leave it out",
        f"lookup('{TOKEN}', 'site-00', allowed_accounts=[2000002])": "Account 2000001 is not one of allowed_accounts (2000002)",
    }
    seeded(flex)
    device = flex.seed_configuration(
        "hw",
        productTypeId=101,
        parameters=[{"id": 27, "value": "FGT60F"}, {"id": 28, "value": "FGHWUTP"}],
    )
    flex.seed([{"configId": device["id"], "serialNumber": "FGT60FTK26000001", "status": "ACTIVE"}])
    run = controller.play(
        play(*({**show(expression), "ignore_errors": True} for expression in sentences))
    )
    assert "Traceback" not in run.output and len(run.failures) == len(sentences), run.output
    for result, sentence in zip(run.failures, sentences.values(), strict=True):
        assert sentence in result["msg"]
    assert flex.writes() == 0


@pytest.mark.long
def test_claims_hold_for_whoever_asks(controller: Controller, flex: Simulator) -> None:
    small = flex.seed_configuration("small")["id"]
    flex.seed([{"configId": small, "description": text} for text in ("[spare]", None, "[spare]")])
    wanted = {"name": "{{ inventory_hostname }}", "configuration": "small", "reuse": "any"}
    take = module("flex_entitlement", **wanted, create=False)
    playbook = play(take, show(f"lookup('{TOKEN}', inventory_hostname)"), hosts="site-00,site-01")
    arguments = ("-i", inventory(controller), "--forks", "4")
    check = controller.play(playbook, *arguments, "--check")
    assert check.rc == 0 and flex.writes() == 0
    assert len({item["msg"] for item in check.shown}) == 2, "two hosts at once take two spares"
    first, second = (controller.play(playbook, *arguments) for _again in range(2))
    held = {item["description"]: item["token"] for item in flex.state()["entitlements"]}
    for run in (first, second):
        assert run.rc == 0, run.output
        assert sorted(item["msg"] for item in run.shown) == sorted(
            [held["site-00"], held["site-01"]]
        )
    assert len(flex.state()["entitlements"]) == 3


def test_check_mode_goes_on_with_what_a_task_before_would_have_licensed(
    controller: Controller, flex: Simulator
) -> None:
    flex.seed_configuration("small")
    tasks = [
        module("flex_entitlement", name="new", configuration="small"),
        show(f"lookup('{TOKEN}', 'new')"),
        show(f"lookup('{ENTITLEMENT}', 'new')"),
    ]
    check = controller.play(play(*tasks), "--check")
    assert check.changed == 1 and [
        check.shown[0]["msg"],
        check.shown[1]["msg"]["name"],
        check.shown[1]["msg"]["serial_number"],
    ] == [TO_COME, "new", None]
    run = controller.play(play(*tasks))
    assert run.changed == 1 and run.shown[0]["msg"] == flex.state()["entitlements"][0]["token"]


@pytest.mark.parametrize("lookup", [TOKEN, ENTITLEMENT])
def test_check_mode_refuses_a_name_that_no_task_before_would_license(
    controller: Controller, flex: Simulator, lookup: str
) -> None:
    flex.seed_configuration("small")
    before = module("flex_entitlement", name="new", configuration="small")
    gone = module("flex_entitlement", name="new", state="absent")
    for tasks in ([], [before, gone], [{**before, "check_mode": True}]):
        check = controller.play(play(*tasks, show(f"lookup('{lookup}', 'new')")), "--check")
        assert "'new' is neither a name that holds an entitlement" in check.failure["msg"]
    wrong = controller.play(play(before, show(f"lookup('{lookup}', 'nwe')")), "--check")
    assert "'nwe' is neither a name that holds an entitlement" in wrong.failure["msg"]
    assert flex.writes() == 0


def test_what_stands_for_a_token_is_refused_in_a_run(
    controller: Controller, flex: Simulator
) -> None:
    boot = show(f"'{TO_COME}' | flexops.fortiflex.flex_bootstrap")
    assert f"LICENSE-TOKEN:{TO_COME}" in controller.play(play(boot), "--check").shown[0]["msg"]
    refused = controller.play(play(boot, {**boot, "check_mode": True}))
    assert "flex_bootstrap: the input is what check mode shows" in refused.failure["msg"]


def test_an_inventory_that_is_read_again_in_check_mode(
    controller: Controller, flex: Simulator
) -> None:
    """It has what would be licensed by then, and its cache does not."""
    flex.seed_configuration("small")
    path = controller.directory / "licensed.flex.yml"
    cache = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_timeout": 600}
    where = {"cache_connection": str(controller.directory / "cache")}
    path.write_text(json.dumps({"plugin": "flexops.fortiflex.flex", **cache, **where}))
    pool = module("flex_fleet", spares={"small": 1})
    tasks = (pool, module("flex_entitlement", name="new", configuration="small"))
    plays = [
        *play(*tasks, {"ansible.builtin.meta": "refresh_inventory"}),
        *play(show("groups.status_PENDING | default([])")),
    ]
    check = controller.play(plays, "-i", str(path), "--check")
    assert check.changed == 2 and check.shown == [{"msg": ["new"]}]
    after = controller.play(play(show("groups.status_PENDING | default([])")), "-i", str(path))
    assert after.shown == [{"msg": []}]
