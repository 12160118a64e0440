# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check mode along chains: each task comes to what it comes to in a run, although nothing is there that it begins with."""

from __future__ import annotations

import argparse
import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from integration.playbook import ROOT, Controller, Run, module, play
from integration.reader import Example, Reader, examples
from integration.test_examples import SMALL, documented, variables, write_files
from integration.test_pages import PAGES, prepare

from simulator.launch import Simulator

TOKEN, ENTITLEMENT = (f"flexops.fortiflex.flex_{name}" for name in ("token", "entitlement"))

# Tasks about files of this machine, which a run finds where check mode only would have written.
FILES = re.compile(
    "Keep the ledger|Make the directories|Have a place|Write (?!each)|Remove the file"
)
# Pages of which a chain has to fail, in check mode as in a run: they show brakes and findings.
FAIL = ("docs/cost.md", "docs/fleets.md")


def outcomes(run: Run) -> list[tuple[str, str]]:
    """What came of each task, by play or task, on whatever host."""
    found, where = [], ""
    for line in run.stdout.splitlines():
        if title := re.match(r"(?:PLAY|TASK) \[(.*)\] \*+$", line):
            where = title[1]
        elif word := re.match(r"(ok|changed|skipping|fatal|failed|included): ", line):
            same = FILES.search(where) and word[1] == "changed"
            found.append((where, "ok" if same else word[1]))
    return found


def alike(controller: Controller, flex: Simulator, *command: Any, **keywords: Any) -> Run:
    """A run that comes to what check mode says before it, task by task."""
    flex.reset_requests()
    check = controller.play(*command, "--check", **keywords)
    assert flex.writes() == 0
    run = controller.play(*command, **keywords)
    assert outcomes(check) == outcomes(run), f"{check.output}\n{run.output}"
    assert outcomes(run) and check.rc == run.rc, check.output
    assert statuses(check) == statuses(run), f"{check.output}\n{run.output}"
    return run


def statuses(run: Run) -> list[str]:
    """The statuses of entitlements that it showed, one by one."""
    known = ("PENDING", "ACTIVE", "STOPPED", "EXPIRED", "GRACE_PERIOD")
    return [item["msg"] for item in run.shown if item.get("msg") in known]


@dataclass
class Chain:
    """What a page says, as one playbook: its plays and its commands, in their order."""

    inventory: str | None = None
    plays: list[dict[str, Any]] = field(default_factory=list)


def chains(page: Path, reader: Reader) -> Iterator[Chain]:
    """The chains of a page, each with its files as they are then.

    A file that is replaced, and another inventory, begin a new one.
    """
    chain = Chain()
    for example in examples(page):
        if example.not_run:
            continue
        if example.file_name:
            if (reader.controller.directory / example.file_name).exists() and chain.plays:
                yield chain
                chain = Chain()
            reader.do(example)
        elif example.language == "yaml":
            items = yaml.safe_load(example.text)
            chain.plays += items if "hosts" in items[0] else play(*items)
        elif rest := others(example):
            if chain.plays:
                yield chain
                chain = Chain(chain.inventory)
            reader.do(rest)  # it may look at what a command before it has made
        for inventory, plays in commands(example, reader):
            if chain.inventory is not None and inventory not in (None, chain.inventory):
                yield chain
                chain = Chain()
            chain.inventory = inventory or chain.inventory
            chain.plays += plays
    if chain.plays:
        yield chain


def others(example: Example) -> Example | None:
    """What a script does beside commands of Ansible, such as to write a file; None if nothing."""
    if example.language != "console" or example.text.startswith("$ "):
        return None
    lines = example.text.replace("\\\n", " ").splitlines()
    text = "\n".join(line for line in lines if "ansible" not in line)
    return replace(example, text=text) if text.strip() else None


def commands(example: Example, reader: Reader) -> Iterator[tuple[str | None, list[dict[str, Any]]]]:
    """Each ansible-playbook of a script: its inventory, and its playbooks as plays.

    Left out is what is about a part of the hosts, only looks ahead, or needs a file that only a
    command before it makes.
    """
    if example.language != "console":
        return
    for line in example.text.replace("\\\n", " ").splitlines():
        if found := re.search(r"ansible-playbook (.*?)(?: \||$| \d?> | +# )", line):
            options = parsed(found[1], reader)
            files = [*options.inventory, *(text[1:] for text in options.extra if text[0] == "@")]
            there = all((reader.controller.directory / name).exists() for name in files)
            if there and not options.check and options.limit is None:
                variables = {k: v for text in options.extra for k, v in extra(text, reader).items()}
                names = ("ansible.builtin.import_playbook", "vars")
                plays = [
                    dict(zip(names, (name, variables), strict=True)) for name in options.playbooks
                ]
                yield next(iter(options.inventory), None), plays


def parsed(arguments: str, reader: Reader) -> argparse.Namespace:
    """The arguments of a command, as a shell makes them."""
    show = "import json, sys; print(json.dumps(sys.argv[1:]))"
    script = f"python -c {shlex.quote(show)} {arguments}"
    parser = argparse.ArgumentParser()
    parser.add_argument("playbooks", nargs="+")
    parser.add_argument("-i", dest="inventory", action="append", default=[])
    parser.add_argument("-e", dest="extra", action="append", default=[])
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--limit")
    words = json.loads(reader.controller.run(["bash", "-c", script], reader.exported).stdout)
    return parser.parse_known_args(words)[0]


def extra(text: str, reader: Reader) -> dict[str, Any]:
    """What an option -e sets."""
    if text.startswith("@"):
        text = (reader.controller.directory / text[1:]).read_text()
    elif not text.startswith("{"):
        return dict(pair.split("=", 1) for pair in shlex.split(text))
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


@pytest.mark.long
@pytest.mark.parametrize(
    "page",
    [
        page if page == "README.md" else pytest.param(page, marks=pytest.mark.thorough)
        for page in PAGES
    ],
)
def test_what_a_page_says_in_one_run(
    controller: Controller, flex: Simulator, webhook: tuple[str, list[dict[str, Any]]], page: str
) -> None:
    reader = Reader(controller)
    prepare(page, reader, flex, webhook[0])
    for chain in chains(ROOT / page, reader):
        if len(chain.plays) == 1:
            continue  # no chain; other tests run it
        where = ("-i", chain.inventory) if chain.inventory else ()
        run = alike(controller, flex, chain.plays, *where, env=reader.exported)
        assert run.rc == 0 or page in FAIL, run.output


@pytest.mark.thorough
@pytest.mark.long
def test_examples_one_after_the_other(controller: Controller, flex: Simulator) -> None:
    """Those of all modules, lookups and filters, in an account that has nothing: what fails in a run fails in check mode."""
    directory = controller.directory
    write_files(directory)
    words = {"/var/lib": str(directory), "/srv": str(directory)}
    words["https://192.0.2.10"] = f"{flex.url}/device/oslo"
    words["FGVMMLTM26000001"] = "FGVMMLTM99000001"  # a run would make the other one
    inventory = directory / "hosts.json"
    hosts = {"branch-oslo": {"ansible_connection": "local"}}
    inventory.write_text(json.dumps({"all": {"hosts": hosts, "vars": variables()}}))
    keywords = {"hosts": "all", "gather_facts": False, "ignore_errors": True}
    plays = []
    for name, text in sorted(documented().items(), key=lambda item: "flex_fleet" not in item[0]):
        for word, other in words.items():
            text = text.replace(word, other)
        tasks = [{k: v for k, v in t.items() if k != "no_log"} for t in yaml.safe_load(text)]
        plays.append({"name": name, **keywords, "tasks": tasks})
    vault = ("--vault-password-file", str(directory / "vault"))
    everywhere = ("-e", "fortiflex_allow_outside_limit=true")
    run = alike(controller, flex, plays, "-i", str(inventory), *vault, *everywhere)
    assert [name for name in documented() if f"PLAY [{name}]" not in run.stdout] == []
    assert "changed" in {word for _task, word in outcomes(run)}, run.output


def show(text: str, **keywords: Any) -> dict[str, Any]:
    """A task that shows a text."""
    return {"ansible.builtin.debug": {"msg": text}, **keywords}


def licensing(way: str) -> list[dict[str, Any]]:
    """Plays that license the host site and, where it is there, the configuration small."""
    name = "{{ inventory_hostname }}"
    pool = {"configurations": [SMALL], "spares": {"branch-small": 2}}
    tenant = {
        "tenant_account": "2000001",
        "tenant_configurations": [SMALL],
        "tenant_entitlements": [{"name": "site", "configuration": "branch-small"}],
    }
    wanted = {"name": name, "configuration": "branch-small"}
    one = {"hosts": "site"}
    ways = {
        "flex_fleet": play(
            module("flex_fleet", configurations=[SMALL], entitlements=[wanted]), **one
        ),
        "flex_configuration and flex_entitlement": play(
            module("flex_configuration", **SMALL), module("flex_entitlement", **wanted), **one
        ),
        "spares and flex_fleet": [
            *play(module("flex_fleet", **pool)),
            *play(module("flex_fleet", entitlements=[wanted]), **one),
        ],
        "spares and flex_entitlement": [
            *play(module("flex_fleet", **pool)),
            *play(module("flex_entitlement", **wanted, create=False), **one),
        ],
        "license_fleet": [{"import_playbook": "flexops.fortiflex.license_fleet"}],
        "provision_branch_offices": [
            {"import_playbook": "flexops.fortiflex.provision_branch_offices"}
        ],
        "provision_datacenter": [{"import_playbook": "flexops.fortiflex.provision_datacenter"}],
        "onboard_tenant": [{"import_playbook": "flexops.fortiflex.onboard_tenant", "vars": tenant}],
    }
    return ways[way]


def using(device: str) -> list[dict[str, Any]]:
    """Tasks that use the license of a host in each documented way, and at last give it up."""
    name = "{{ inventory_hostname }}"
    configuration = f"{{{{ lookup('{ENTITLEMENT}', inventory_hostname).configuration }}}}"
    token = f"lookup('{TOKEN}', inventory_hostname) | flexops.fortiflex.flex_bootstrap"
    wanted = {"name": name, "configuration": "{{ size }}"}
    delivery = {"ansible.builtin.include_role": {"name": "flexops.fortiflex.license_delivery"}}
    retire = {"ansible.builtin.include_role": {"name": "flexops.fortiflex.retire"}}
    status = f"{{{{ lookup('{ENTITLEMENT}', inventory_hostname).status }}}}"
    there = {"account_id": 2000002}
    moved = f"{{{{ lookup('{TOKEN}', inventory_hostname, account_id=2000002) }}}}"
    return [
        {"ansible.builtin.set_fact": {"size": configuration}},
        show(f"{{{{ {token} }}}}"),
        {**module("flex_entitlement", **wanted, return_token=True), "register": "held"},
        show("{{ held.entitlement.token | flexops.fortiflex.flex_bootstrap }}"),
        {**module("flex_fleet", entitlements=[wanted], return_tokens=True), "register": "fleet"},
        show("{{ fleet.entitlements.values() | map(attribute='token') | first | length > 0 }}"),
        {**module("flex_entitlement_info", name=name, holders=True), "register": "listed"},
        show("{{ listed.entitlements | map(attribute='status') }}"),
        module("flex_cost_info", configuration="{{ size }}"),
        {**module("flex_group_info", next_token=True, configuration="{{ size }}"), "register": "g"},
        show(
            "{{ g.groups | selectattr('next_entitlement') | map(attribute='next_entitlement.status') }}"
        ),
        {**delivery, "vars": {"license_delivery_method": "bootstrap"}},
        {**delivery, "vars": {"license_delivery_method": "cli"}},
        module("flex_entitlement", name=name, tags={"region": "west"}, state="present"),
        module(
            "flex_device_license", name=name, device_url=device, device_token="demo-device-token"
        ),
        show(status),
        module("flex_entitlement", name=name, state="stopped"),
        show(status),
        module("flex_fleet", entitlements=[wanted]),
        show(status),
        module("flex_configuration", **{**SMALL, "name": "{{ size }}"}, **there),
        module("flex_entitlement_transfer", names=[name], target_account_id=2000002),
        show(moved),
        module("flex_entitlement_transfer", names=[name], target_account_id=2000001, **there),
        retire,
        show(f"{{{{ {token} }}}}", ignore_errors=True),
        module("flex_entitlement", name="again", configuration="{{ size }}"),
        show(f"{{{{ lookup('{TOKEN}', 'again') | flexops.fortiflex.flex_bootstrap }}}}"),
    ]


WAYS = (
    "license_fleet",
    *(
        pytest.param(way, marks=pytest.mark.thorough)
        for way in (
            "flex_configuration and flex_entitlement",
            "flex_fleet",
            "spares and flex_fleet",
            "spares and flex_entitlement",
            "provision_branch_offices",
            "provision_datacenter",
            "onboard_tenant",
        )
    ),
)


@pytest.mark.long
@pytest.mark.parametrize("way", WAYS)
def test_whatever_licenses_and_whatever_uses_it(
    controller: Controller, flex: Simulator, way: str
) -> None:
    groups = ("fortiflex_sites", "branch_offices", "datacenters")
    hosts = {"site": {"ansible_connection": "local"}}
    variables = {
        "fortiflex_configurations": [SMALL],
        "fortiflex_configuration": "branch-small",
        "license_delivery_enter": False,
    }
    inventory = controller.directory / "hosts.json"
    children = {group: {"hosts": {"site": {}}} for group in groups}
    inventory.write_text(
        json.dumps({"all": {"hosts": hosts, "vars": variables, "children": children}})
    )
    tasks = using(f"{flex.url}/device/site")
    plays = [*licensing(way), *play(*tasks, hosts="site", name="Use it")]
    run = alike(controller, flex, plays, "-i", str(inventory))
    assert run.rc == 0, run.output
    assert statuses(run) == ["ACTIVE", "STOPPED", "ACTIVE"]
