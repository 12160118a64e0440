# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks run on the controller: no host is connected to, and what a process of a module would have from Ansible holds all the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from integration.playbook import Controller, module, play
from integration.test_environment import GROUP, NEEDED

from simulator.launch import Simulator

FIREWALL = {
    "ansible_host": "192.0.2.1",  # of RFC 5737: no machine has it
    "ansible_become": True,
    "ansible_python_interpreter": "/nonexistent/python",
}
CONNECTIONS = {
    "ssh": {},
    "docker": {"ansible_connection": "machine"},
    "network": {
        "ansible_connection": "ansible.netcommon.httpapi",
        "ansible_network_os": "ansible.netcommon.restconf",
    },
}
# A connection to a machine that can run modules: this one, but Ansible does not know that.
MACHINE = """
DOCUMENTATION = "name: machine\\nshort_description: this machine\\ndescription: [It]\\nauthor: [the tests]\\noptions: {}"
import os
from ansible.plugins.connection.local import Connection as Local

class Connection(Local):
    transport = "machine"

    def _connect(self):
        open(os.environ["CONNECTED"], "a").write(f"{self._play_context.remote_addr}\\n")
        return super()._connect()
"""
SSH = '#!/bin/sh\necho "$@" >> "$CONNECTED"\nexit 255\n'
# A callback that writes one document, as several collections have them.
DOCUMENT = """
DOCUMENTATION = "name: document\\ntype: stdout\\nshort_description: one document\\ndescription: [It]\\nauthor: [the tests]"
import json
from ansible.plugins.callback import CallbackBase

class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "document"

    def __init__(self):
        super().__init__()
        self.tasks = []

    def v2_runner_on_ok(self, result):
        self.tasks.append(str(result._task.get_name()))

    def v2_playbook_on_stats(self, stats):
        print(json.dumps(self.tasks))
"""
TASK = module("flex_entitlement", name="oslo", configuration="branch")
OTHER = "2000002"


class Site(Controller):
    """A controller that notices each connection to a host."""

    @property
    def connections(self) -> list[str]:
        """The hosts that were connected to."""
        path = self.directory / "connected"
        return path.read_text().split() if path.exists() else []

    def inventory(self, **hosts: dict[str, Any]) -> str:
        """An inventory of these hosts."""
        path = self.directory / "inventory.json"
        path.write_text(json.dumps({"all": {"hosts": hosts}}))
        return f"-i{path}"


@pytest.fixture
def site(flex: Simulator, tmp_path: Path) -> Site:
    """A controller with a configuration to use."""
    (tmp_path / "connections").mkdir()
    (tmp_path / "connections" / "machine.py").write_text(MACHINE)
    ssh = tmp_path / "ssh"
    ssh.write_text(SSH)
    ssh.chmod(0o755)
    for account in (2000001, int(OTHER)):
        flex.seed_configuration("branch", accountId=account)
    settings = {
        "CONNECTED": str(tmp_path / "connected"),
        "ANSIBLE_CONNECTION_PLUGINS": str(tmp_path / "connections"),
        "ANSIBLE_SSH_EXECUTABLE": str(ssh),
        "ANSIBLE_ASYNC_DIR": str(tmp_path / "async"),  # else below the home of passwd
    }
    return Site(tmp_path, flex, settings=settings)


def accounts(flex: Simulator) -> list[str]:
    """The account of each entitlement."""
    return sorted(str(item["accountId"]) for item in flex.state()["entitlements"])


@pytest.mark.parametrize("connection", CONNECTIONS)
def test_no_host_is_connected_to(site: Site, connection: str) -> None:
    needed = {**NEEDED, "flex_entitlement": TASK["flexops.fortiflex.flex_entitlement"]}
    device = {"device_url": "http://127.0.0.1:9", "name": "oslo", "device_token": "secret-1"}
    needed["flex_device_license"] = device
    needed["flex_product_info"] = {"name": "fortigate_vm_bundle"}
    tasks = [module(name, **needed.get(name, {})) for name in GROUP]
    reachable = {**FIREWALL, **CONNECTIONS[connection]}
    run = site.play(
        play(*tasks, hosts="fw1", ignore_errors=True), site.inventory(fw1=reachable), "-vvvv"
    )
    assert site.connections == [] and run.recap["fw1"]["unreachable"] == 0
    assert run.recap["fw1"]["ok"] == len(GROUP), run.output
    assert "Traceback" not in run.output
    assert "secret-1" not in run.output and "demo-password" not in run.output


def test_a_task_for_each_host_licenses_it(site: Site, flex: Simulator) -> None:
    hosts = {f"fw{number}": {**FIREWALL} for number in (1, 2, 3)}
    tasks = play(
        module("flex_entitlement", name="{{ inventory_hostname }}", configuration="branch"),
        hosts="all",
    )
    assert site.play(tasks, site.inventory(**hosts)).changed == 3
    assert {item["description"] for item in flex.state()["entitlements"]} == {*hosts}
    assert site.play(tasks, site.inventory(**hosts)).changed == 0 and site.connections == []


@pytest.mark.parametrize("name", ["flex_entitlement", "flex_fleet", "flex_configuration_info"])
@pytest.mark.parametrize("place", ["play", "task", "loop"])
def test_the_environment_of_a_task_holds_for_it_alone(
    site: Site, flex: Simulator, name: str, place: str
) -> None:
    options: dict[str, dict[str, Any]] = {
        "flex_entitlement": TASK["flexops.fortiflex.flex_entitlement"],
        "flex_fleet": {"entitlements": [{"name": "oslo", "configuration": "branch"}]},
        "flex_configuration_info": {},
    }
    account = {"FORTIFLEX_ACCOUNT_ID": OTHER, "FORTIFLEX_TIMEOUT": 20, "FORTIFLEX_REASON": None}
    task = {**module(name, **options[name]), "register": "done"}
    after = {**module("flex_configuration_info"), "register": "after"}
    keywords: dict[str, Any] = {}
    if place == "play":
        keywords, after = {"environment": account}, {**after, "environment": {}}
    elif place == "task":
        task["environment"] = account
    else:
        task |= {"environment": "{{ item }}", "loop": [account, {}]}
    shown = {"ansible.builtin.debug": {"msg": "{{ [done, after] }}"}}
    run = site.play(play(task, after, shown, **keywords))
    (done, later), _more = run.shown[0]["msg"], run.changed
    first = done["results"][0] if place == "loop" else done
    seen = later["configurations"] if place != "play" else []
    assert {each["account_id"] for each in seen} <= {2000001}
    if name == "flex_configuration_info":
        assert {each["account_id"] for each in first["configurations"]} == {int(OTHER)}
    else:
        assert accounts(flex) == (["2000001", OTHER] if place == "loop" else [OTHER])


def test_proxy_and_authorities_of_one_task_are_not_used_by_the_next(site: Site) -> None:
    def task(host: str) -> dict[str, Any]:
        urls = dict.fromkeys(("api_url", "auth_url"), f"https://{host}/api/fortiflex/v2")
        return module("flex_configuration_info", **urls)

    closed = "127.0.0.1:9"
    tasks = [
        {**task("192.0.2.1"), "environment": {"https_proxy": f"http://{closed}"}},
        {**task(closed), "environment": {"REQUESTS_CA_BUNDLE": "/nowhere"}},
        task(closed),
    ]
    proxied, unreadable, plain = [
        failed["msg"] for failed in site.play(play(*tasks, ignore_errors=True)).failures
    ]
    assert "192.0.2.1:443 (connection refused)" in proxied  # by the proxy
    assert "REQUESTS_CA_BUNDLE is set to /nowhere" in unreadable
    assert "127.0.0.1:9 (connection refused)" in plain


def test_another_home_opens_no_second_state_directory(site: Site) -> None:
    other = site.directory / "other"
    for name in ("HOME", "XDG_CACHE_HOME"):
        task = {**module("flex_configuration_info"), "environment": {name: str(other)}}
        assert site.play(play(task), env={"FORTIFLEX_STATE_DIR": ""}).changed == 0
    assert not other.exists()
    assert (site.directory / "home" / ".cache" / "fortiflex").is_dir()


def test_a_machine_that_a_task_is_delegated_to_runs_the_module(site: Site, flex: Simulator) -> None:

    machine = {"ansible_connection": "machine", "ansible_host": "192.0.2.9"}
    inventory = site.inventory(fw1=FIREWALL, box=machine, me={"ansible_connection": "local"})
    for host, connected in (
        ("box", True), ("localhost", False), ("127.0.0.1", False), ("fw1", False), ("me", False),
    ):  # fmt: skip
        (site.directory / "connected").unlink(missing_ok=True)
        run = site.play(play({**TASK, "delegate_to": host}, hosts="fw1"), inventory)
        assert run.rc == 0, run.output
        assert bool(site.connections) == connected, host
    fleet: dict[str, Any] = {"entitlements": [{"name": "oslo", "configuration": "branch"}]}
    task = {**module("flex_fleet", **fleet), "delegate_to": "box"}
    assert site.play(play(task, hosts="fw1"), inventory).changed == 0
    assert len(flex.state()["entitlements"]) == 1
    fleet |= {"prune": {"names": ["*"]}, "max_prune": "100%"}
    task = {**module("flex_fleet", **fleet), "delegate_to": "box"}
    message = site.play(play(task, hosts="fw1"), inventory).failure["msg"]
    assert "only the controller knows" in message


def test_async_needs_a_process(site: Site, flex: Simulator) -> None:
    inventory = site.inventory(
        fw1={"ansible_host": "192.0.2.1"}, me={"ansible_connection": "local"}
    )
    slow = {**TASK, "async": 60, "poll": 1}
    message = site.play(play(slow, hosts="fw1"), inventory).failure["msg"]
    assert message == (
        "async is not possible, since the task runs in Ansible's own process; leave out async, or add delegate_to: localhost."
    )
    assert flex.requests()["total"] == 0
    trail = site.directory / "audit.jsonl"
    recorded = {**slow, "name": "License oslo", "environment": {"FORTIFLEX_AUDIT_LOG": str(trail)}}
    assert site.play(play(recorded, hosts="me"), inventory).changed == 1
    assert json.loads(trail.read_text().splitlines()[0])["origin"]["task"] == "License oslo"
    again = play({**slow, "delegate_to": "localhost"}, hosts="fw1")
    run = site.play(again, inventory)
    assert (run.rc, run.recap["fw1"]["changed"]) == (0, 0), run.output


def test_until_and_facts(site: Site, flex: Simulator) -> None:
    listed = {
        **module("flex_entitlement_info"),
        "register": "found",
        "until": "found.entitlements | length == 1",
        "retries": 2,
        "delay": 0,
    }
    kept = {
        "ansible.builtin.set_fact": {"licensed": "{{ found.entitlements[0] }}", "cacheable": True}
    }
    shown = {"ansible.builtin.debug": {"msg": "{{ [found.attempts, licensed.name] }}"}}
    cache = {
        "ANSIBLE_CACHE_PLUGIN": "jsonfile",
        "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(site.directory / "facts"),
    }
    run = site.play(
        play(TASK, listed, kept, shown, hosts="fw1"), site.inventory(fw1=FIREWALL), env=cache
    )
    assert run.shown == [{"msg": [1, "oslo"]}], run.output
    (cached,) = (site.directory / "facts").iterdir()
    assert "oslo" in cached.read_text()


def test_an_option_that_there_is_not(site: Site, flex: Simulator) -> None:
    message = site.play(play(module("flex_entitlement", nname="oslo"))).failure["msg"]
    assert "nname is unknown; did you mean name?" in message
    assert "one of the following is required: name, serial_number, serial_numbers" in message
    assert flex.requests()["total"] == 0


def test_a_callback_that_writes_a_document_gets_the_plan_on_the_other_stream(site: Site) -> None:
    (site.directory / "callbacks").mkdir()
    (site.directory / "callbacks" / "document.py").write_text(DOCUMENT)
    fleet = module("flex_fleet", entitlements=[{"name": "oslo", "configuration": "branch"}])
    env = {
        "ANSIBLE_CALLBACK_PLUGINS": str(site.directory / "callbacks"),
        "ANSIBLE_STDOUT_CALLBACK": "document",
    }
    run = site.play(play({**fleet, "name": "License"}), env=env)
    assert run.rc == 0 and json.loads(run.stdout) == ["License"], run.output
    assert "Plan: 1 to create" in run.stderr and "Done: 1 created" in run.stderr
