# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory plugin by real ansible-inventory and ansible-playbook processes."""

from __future__ import annotations

import importlib
import json
from typing import Any

from integration.playbook import BIN, Controller, Run, play

from simulator.launch import Simulator


def seeded(flex: Simulator) -> list[dict[str, Any]]:
    """Entitlements of two accounts, ordinary and odd ones."""
    small, large = (
        flex.seed_configuration("small")["id"],
        flex.seed_configuration("Large one", accountId=2000002)["id"],
    )
    return flex.seed(
        [
            {
                "configId": small,
                "description": "oslo [region=north; cost center=12/a]",
                "status": "ACTIVE",
            },
            {"configId": small, "description": "lima"},
            {"configId": small, "description": "lima", "status": "STOPPED"},
            {"configId": small, "description": None, "status": "ACTIVE"},
            {"configId": small, "description": "[spare]"},
            {"configId": small, "description": "[claim x 1]"},
            {
                "configId": small,
                "description": "{{ lookup('ansible.builtin.pipe', 'touch pwned') }}",
            },
            {"configId": large, "description": "oslo", "status": "ACTIVE"},
            {"configId": large, "description": "rome: {{ 7 * 6 }} [x", "status": "ACTIVE"},
        ]
    )


def write(controller: Controller, name: str = "fleet.flex.yml", **options: Any) -> str:
    path = controller.directory / name
    path.write_text(json.dumps({"plugin": "flexops.fortiflex.flex", **options}))
    return str(path)


def ask(
    controller: Controller, path: str, *arguments: str, env: dict[str, str] | None = None
) -> Run:
    return controller.run(
        [str(BIN / "ansible-inventory"), "-i", path, *(arguments or ("--list",))], env
    )


def listed(controller: Controller, path: str, **env: str) -> dict[str, Any]:
    run = ask(controller, path, env={"ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true", **env})
    assert run.rc == 0, run.output
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def plain(value: Any) -> Any:
    """A variable without the marks that ansible-inventory gives to what Ansible must not evaluate."""
    if isinstance(value, dict):
        return (
            value["__ansible_unsafe"]
            if set(value) == {"__ansible_unsafe"}
            else {key: plain(item) for key, item in value.items()}
        )
    return value


def test_the_example(controller: Controller, flex: Simulator) -> None:
    seeded(flex)
    path = controller.directory / "licensed.flex.yml"
    path.write_text(
        importlib.import_module(
            "ansible_collections.flexops.fortiflex.plugins.inventory.flex"
        ).EXAMPLES
    )
    found = listed(controller, str(path), FLEX_USER="demo-api-user", FLEX_PASSWORD="demo-password")
    (oslo,) = found["region_north"]["hosts"]
    assert (
        plain(found["_meta"]["hostvars"][oslo]["ansible_host"]) == "oslo.example.com"
        and found["region_none"]["hosts"]
        and "unused" in found
    )


def test_one_account(controller: Controller, flex: Simulator) -> None:
    made = seeded(flex)
    found = listed(controller, write(controller))
    hosts = {host: plain(variables) for host, variables in found["_meta"]["hostvars"].items()}
    numbers = [item["serialNumber"] for item in made]
    assert set(hosts) == {"oslo", "lima", numbers[2], numbers[3], numbers[6]}
    assert hosts["oslo"] == {
        "flex_account_id": 2000001,
        "flex_configuration": "small",
        "flex_configuration_id": made[0]["configId"],
        "flex_description": "oslo [region=north; cost center=12/a]",
        "flex_end_date": made[0]["endDate"][:10],
        "flex_name": "oslo",
        "flex_product": "fortigate_vm_bundle",
        "flex_serial_number": numbers[0],
        "flex_start_date": made[0]["startDate"][:10],
        "flex_status": "ACTIVE",
        "flex_tags": {"region": "north", "cost center": "12/a"},
        "flex_token_status": "NOTUSED",
    }
    groups = {name: set(group["hosts"]) for name, group in found.items() if "hosts" in group}
    assert (
        groups["account_2000001"]
        == set(hosts)
        == groups["configuration_small"]
        == groups["product_fortigate_vm_bundle"]
    )
    assert groups["status_STOPPED"] == {numbers[2]} and groups["tag_region_north"] == groups[
        "tag_cost_center_12_a"
    ] == {"oslo"}
    text = json.dumps(found)
    assert not any(item["token"] in text for item in made)
    assert flex.requests()["by_path"] == {"login": 1, "configs/list": 1, "entitlements/list": 1}


def test_all_accounts_filters_and_constructed_groups(
    controller: Controller, flex: Simulator
) -> None:
    made = seeded(flex)
    options = {
        "accounts": ["all"],
        "status": "active",
        "prefix": "license_",
        "strict": True,
        "groups": {"northern": "license_tags.region | default('') == 'north'"},
        "compose": {"ansible_host": "license_serial_number | lower"},
        "keyed_groups": [{"prefix": "in", "key": "license_account_id | string"}],
    }
    found = listed(controller, write(controller, **options))
    numbers = {item["serialNumber"] for item in made if item["status"] == "ACTIVE"}
    assert (
        set(found["_meta"]["hostvars"]) == numbers
    )  # oslo is a name in both accounts, the others have none, or one that could be a template
    assert (
        found["northern"]["hosts"] == [made[0]["serialNumber"]]
        and len(found["in_2000002"]["hosts"]) == 2
    )
    assert (
        plain(found["_meta"]["hostvars"][made[0]["serialNumber"]])["ansible_host"]
        == made[0]["serialNumber"].lower()
    )
    assert flex.requests()["by_path"] == {"login": 1, "configs/list": 1, "entitlements/list": 2}
    assert set(
        listed(controller, write(controller, tags={"region": "north"}))["_meta"]["hostvars"]
    ) == {"oslo"}
    assert (
        made[4]["serialNumber"]
        in listed(controller, write(controller, spares=True))["_meta"]["hostvars"]
    )


def test_nobody_is_no_error(controller: Controller, flex: Simulator) -> None:
    assert not listed(controller, write(controller))["_meta"]["hostvars"] and flex.writes() == 0


def test_what_looks_like_a_template_is_none(controller: Controller, flex: Simulator) -> None:
    made = seeded(flex)
    playbook = [
        {
            "hosts": "all",
            "gather_facts": False,
            "connection": "local",
            "tasks": [
                {
                    "ansible.builtin.debug": {
                        "msg": "{{ flex_description }} {{ flex_name }} {{ flex_tags }}"
                    }
                }
            ],
        }
    ]
    run = controller.play(playbook, "-i", write(controller, accounts=["all"]))
    assert (
        run.changed == 0
        and "{{ 7 * 6 }}" in run.stdout
        and "lookup('ansible.builtin.pipe'" in run.stdout
        and len(run.shown) == len(made) - 2
    )
    assert not (controller.directory / "pwned").exists()


def test_credentials_may_be_templates_or_encrypted(controller: Controller, flex: Simulator) -> None:
    seeded(flex)
    path = write(
        controller,
        username="{{ lookup('ansible.builtin.env', 'WHO') }}",
        account_id="{{ 2000000 + 2 }}",
    )
    env = {"WHO": "tenant-2-only", "FORTIFLEX_ACCESS_USERNAME": "", "FORTIFLEX_ACCOUNT_ID": ""}
    assert len(listed(controller, path, **env)["_meta"]["hostvars"]) == 2
    (controller.directory / "vault").write_text("secret")
    vault = ["--vault-password-file", "vault"]
    assert controller.run([str(BIN / "ansible-vault"), "encrypt", *vault, path]).rc == 0
    run = controller.run([str(BIN / "ansible-inventory"), "-i", path, *vault, "--list"], env)
    assert len(json.loads(run.stdout)["_meta"]["hostvars"]) == 2


def test_the_cache(controller: Controller, flex: Simulator) -> None:
    made = seeded(flex)
    path = write(
        controller,
        cache=True,
        cache_plugin="ansible.builtin.jsonfile",
        cache_connection=str(controller.directory / "cache"),
        cache_timeout=0,  # else Ansible compares the time of a file with a clock that may be shifted
    )
    first, second = (listed(controller, path) for _again in range(2))
    assert (
        plain(first["_meta"]) == plain(second["_meta"])
        and first["status_PENDING"] == second["status_PENDING"]
    )
    assert flex.requests()["by_path"]["entitlements/list"] == 1
    kept = "".join(file.read_text() for file in (controller.directory / "cache").iterdir())
    assert made[0]["serialNumber"] in kept and not any(item["token"] in kept for item in made)
    flex.patch(made[0]["serialNumber"], description="bergen")
    run = controller.play(
        play({"ansible.builtin.debug": {"var": "groups.all"}}), "-i", path, "--flush-cache"
    )
    assert "bergen" in run.stdout and flex.requests()["by_path"]["entitlements/list"] == 2
    assert (
        "bergen" in listed(controller, path)["_meta"]["hostvars"]
        and flex.requests()["by_path"]["entitlements/list"] == 2
    )


def test_what_is_kept_is_for_the_same_question_only(
    controller: Controller, flex: Simulator
) -> None:
    seeded(flex)
    kept = {
        "cache": True,
        "cache_plugin": "ansible.builtin.jsonfile",
        "cache_connection": str(controller.directory / "cache"),
    }
    assert "account_2000002" in listed(controller, write(controller, accounts=["all"], **kept))
    assert "account_2000002" not in listed(
        controller, write(controller, accounts=["all"], allowed_accounts=[2000001], **kept)
    )
    assert "account_2000001" not in listed(
        controller, write(controller, account_id=2000002, **kept)
    )
    assert (
        ask(
            controller,
            write(controller, account_id="nonsense", **kept),
            env={"ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true"},
        ).rc
        != 0
    )


def test_names_that_are_something_else(controller: Controller, flex: Simulator) -> None:
    small = flex.seed_configuration("small")["id"]
    other = flex.seed([{"configId": small, "description": None}])[0]["serialNumber"]
    texts = ("all", "ungrouped", "localhost", "status_PENDING", other, "account: 1", "site 1 = ä")
    flex.seed([{"configId": small, "description": text} for text in texts])
    found = listed(controller, write(controller), FORTIFLEX_ACCOUNT_ALIASES="acme=2000001")
    hosts = found["_meta"]["hostvars"]
    assert len(hosts) == 8 and {
        plain(values["flex_serial_number"]) for values in hosts.values()
    } >= {other}
    assert (
        set(hosts) & set(texts) == {other, "account: 1", "site 1 = ä"}
        and plain(hosts[other]["flex_name"]) is None
    )


def test_errors_are_one_sentence(controller: Controller, flex: Simulator) -> None:
    wrong: dict[str, dict[str, Any]] = {
        "FortiCloud refused the login of API user demo…": {"password": "wrong"},
        "account_id: 'acme' is no account number": {"account_id": "acme"},
        "Account 2000002 is not one of allowed_accounts (2000001)": {
            "accounts": ["2000002"],
            "allowed_accounts": ["2000001"],
        },
        "product: sauerkraut is not a product that this release knows": {"product": "sauerkraut"},
    }
    first, *others = (
        write(controller, f"{number}.flex.yml", **options)
        for number, options in enumerate(wrong.values())
    )
    run = ask(
        controller,
        first,
        *(f"--inventory={path}" for path in others),
        "--list",
        env={"ANSIBLE_INVENTORY_UNPARSED_FAILED": "true"},
    )
    told = " ".join(run.stderr.split())
    assert (
        run.rc != 0
        and [sentence for sentence in wrong if sentence not in told] == []
        and "Traceback" not in run.output
    ), run.output
    assert "wrong" not in run.output and flex.writes() == 0


def test_only_its_own_files(controller: Controller, flex: Simulator) -> None:
    run = ask(
        controller,
        write(controller, "fleet.yml"),
        env={"ANSIBLE_INVENTORY_ENABLED": "flexops.fortiflex.flex"},
    )
    assert not json.loads(run.stdout)["_meta"]["hostvars"] and flex.requests()["total"] == 0


# What anybody can write in the portal. Ansible shows all of it, and evaluates nothing.
PLAIN = [
    "bremen",
    "Büro Nord",
    "O'Brien",
    "office (north side)",
    "a|b c",
    "50 %",
    "[region",
    "this is a test",
    "x: y",
]
EVIL = [
    "{{ lookup('ansible.builtin.pipe', 'touch PWNED') }}",
    "#jinja2: variable_start_string:'[%'",
    "lookup('ansible.builtin.pipe', 'touch PWNED')",
    "query('ansible.builtin.pipe', 'touch PWNED') | first",
]


def test_plain_texts_are_shown_as_they_are(controller: Controller, flex: Simulator) -> None:
    small = flex.seed_configuration("small")["id"]
    flex.seed([{"configId": small, "description": text} for text in [*PLAIN, *EVIL]])
    compose = {"shown": "flex_description ~ '!'"}
    for more in ([], ["--export"]):
        path = write(controller, compose=compose)
        found = json.loads(ask(controller, path, "--list", *more).stdout)
        texts = [host["flex_description"] for host in found["_meta"]["hostvars"].values()]
        composed = [plain(host["shown"]) for host in found["_meta"]["hostvars"].values()]
        assert {text for text in texts if isinstance(text, str)} == set(PLAIN)
        assert {plain(text) for text in texts} == {*PLAIN, *EVIL}
        assert sorted(composed) == sorted(f"{text}!" for text in [*PLAIN, *EVIL])


def test_nothing_of_the_portal_is_evaluated(controller: Controller, flex: Simulator) -> None:
    small = flex.seed_configuration("small")["id"]
    mark = controller.directory / "pwned"
    evil = [text.replace("PWNED", str(mark)) for text in EVIL]
    flex.seed([{"configId": small, "description": text} for text in evil])
    conditions = ("{{ flex_description }}", "{{ composed }}")
    tasks: list[dict[str, Any]] = [
        {"ansible.builtin.debug": {"msg": "{{ flex_description }} {{ composed }}"}},
        *(
            {"ansible.builtin.assert": {"that": condition}, "ignore_errors": True}
            for condition in conditions
        ),
    ]
    path = write(controller, compose={"composed": "flex_description"})
    for source in (path, None):
        inventory = path
        if source is None:  # as AWX reads it
            listed_ = ask(controller, path, "--list", "--export").stdout
            inventory = str(controller.directory / "hosts.json")
            groups = json.loads(listed_)
            hosts = groups["_meta"]["hostvars"]
            (controller.directory / "hosts.json").write_text(json.dumps({"all": {"hosts": hosts}}))
        controller.play(play(*tasks, hosts="all", connection="local"), "-i", inventory)
        assert not mark.exists(), inventory


def test_what_is_missing_is_listed(controller: Controller, flex: Simulator) -> None:
    flex.seed_configuration("small", accountId=2000002)
    sees = "this API user sees"
    wrong: dict[str, dict[str, str]] = {
        f"program is missing: set it, or the environment variable FORTIFLEX_PROGRAM; {sees} programs": {
            "FORTIFLEX_PROGRAM": ""
        },
        f"the owner's, 2000001; in ELAVMS0000000200 {sees} account 2000002": {
            "FORTIFLEX_ACCESS_USERNAME": "tenant-2-only",
            "FORTIFLEX_ACCOUNT_ID": "",
        },
    }
    lookup = "{{ lookup('flexops.fortiflex.flex_entitlement', 'oslo') }}"
    for sentence, env in wrong.items():
        listed_ = ask(controller, write(controller), env=env)
        shown = controller.play(play({"ansible.builtin.debug": {"msg": lookup}}), env=env)
        for run in (listed_, shown):
            assert sentence in " ".join(run.output.split()), run.output
