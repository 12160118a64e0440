# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples of all modules, lookups and filters run as they stand, by one command, since starting Ansible takes longer than most of them."""

from __future__ import annotations

import contextlib
import http.server
import importlib
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from integration.playbook import ROOT, Controller
from moments import day

from simulator.launch import Simulator

PLUGINS = ROOT / "plugins"
SMALL = {
    "name": "branch-small",
    "product": "fortigate_vm_bundle",
    "parameters": {"cpus": 2, "service_package": "UTP"},
}

# What the examples take from an inventory.
_VARIABLES = {
    "new_username": "demo-api-user",
    "new_password": "demo-password",
    "vault_branch_oslo_api_token": "demo-device-token",
    "findings": [],
    "site_configuration": "branch-small",
    "branch_offices": [
        {"name": f"branch-{name}", "configuration": "branch-small"}
        for name in ("oslo", "lima", "0099", "0001")
    ],
}


def variables() -> dict[str, Any]:
    """The same, with a day on which a lease ends."""
    return {**_VARIABLES, "lease_end": day(120)}


def documented() -> dict[str, str]:
    """The examples by the kind and name of what they are for. That of flex_hosts is a play, and has a test of its own."""
    python = {
        f"{kind} {path.stem}": importlib.import_module(
            f"ansible_collections.flexops.fortiflex.plugins.{kind}.{path.stem}"
        ).EXAMPLES
        for kind in ("lookup", "modules")
        for path in (PLUGINS / kind).glob("flex_*.py")
        if path.stem != "flex_hosts"
    }
    sidecars = {
        f"filter {path.stem}": yaml.safe_load(path.read_text(encoding="utf-8"))["EXAMPLES"]
        for path in (PLUGINS / "filter").glob("*.yml")
    }
    return dict(sorted({**python, **sidecars}.items()))


def fill(flex: Simulator) -> int:
    """Have a new FortiFlex with what the examples speak of, beside what they make themselves; answers the id of a configuration without entitlements."""
    flex.reset()
    small, large, empty = (
        flex.seed_configuration(name)["id"]
        for name in ("branch-small", "branch-large", "branch-old")
    )
    flex.seed_configuration("branch-small", accountId=2000002)
    flex.seed_configuration(
        "branch-hardware",
        productTypeId=101,
        parameters=[{"id": 27, "value": "FGT60F"}, {"id": 28, "value": "FGHWFC247"}],
    )
    flex.seed_configuration(
        "branch-switch",
        productTypeId=103,
        parameters=[{"id": 53, "value": "S108EN"}, {"id": 54, "value": "FSWHWFC247"}],
    )
    flex.seed(
        [
            {"configId": small, "description": "branch-oslo", "folder": "My Assets/branches"},
            *(
                {"configId": small, "description": text}
                for text in (
                    "branch-lima",
                    "made in the portal",
                    "branch-0099",
                    "branch-0001",
                    "lab-1",
                    "lab-2",
                )
            ),
            {
                "configId": large,
                "description": "lab-firewall",
                "status": "ACTIVE",
                "tokenStatus": "USED",
            },
            *(
                {"configId": small, "description": "[spare]", "status": "PENDING"}
                for _number in range(2)
            ),
        ]
    )
    return int(empty)


@contextlib.contextmanager
def refilled(flex: Simulator) -> Iterator[str]:
    """A URL that does it, which a play can ask for."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            fill(flex)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_arguments: Any) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def write_files(directory: Path) -> None:
    """What examples read beside the playbook."""
    held = [{"name": "branch-oslo", "configuration": "branch-small"}]
    for name, content in {
        "fleet": {"configurations": [SMALL], "entitlements": held},
        "sites": held,
        "site": [],
    }.items():
        (directory / f"{name}.yml").write_text(yaml.safe_dump(content))
    (directory / "images").mkdir()
    (directory / "vault").write_text("a password of the vault")


@pytest.mark.long
def test_examples_of_modules_lookups_and_filters(controller: Controller, flex: Simulator) -> None:
    directory = controller.directory
    write_files(directory)
    folder = f"id: {fill(flex)}"
    (portal,) = [
        item["serialNumber"]
        for item in flex.state()["entitlements"]
        if item["description"] == "made in the portal"
    ]
    instead = {
        "/var/lib": str(directory),
        "/srv": str(directory),
        "https://192.0.2.10": f"{flex.url}/device/oslo",
        "id: 4711": folder,
        "FGVMMLTM26000001": portal,
        "FGVMMLTM26": portal[:10],  # a serial number has the year in which it was made
    }
    inventory = directory / "hosts.json"
    inventory.write_text(
        json.dumps(
            {
                "all": {
                    "hosts": {"branch-oslo": {"ansible_connection": "local"}},
                    "vars": variables(),
                }
            }
        )
    )
    with refilled(flex) as refill:
        plays = []
        for name, text in documented().items():
            for word, other in instead.items():
                text = text.replace(word, other)
            tasks = [
                {key: value for key, value in task.items() if key != "no_log"}
                for task in yaml.safe_load(text)
            ]
            first = {
                "ansible.builtin.assert": {
                    "that": f"lookup('ansible.builtin.url', '{refill}') is defined"
                }
            }
            plays.append(
                {
                    "name": name,
                    "hosts": "all",
                    "gather_facts": False,
                    "ignore_errors": True,
                    "tasks": [first, *tasks],
                }
            )
        run = controller.play(
            plays,
            "-i",
            str(inventory),
            "--vault-password-file",
            str(directory / "vault"),
            "-e",
            "fortiflex_allow_outside_limit=true",
        )

    assert run.rc == 0 and not run.failures, "\n".join(
        line
        for line in run.output.splitlines()
        if line.startswith(("PLAY", "TASK", "fatal", "[ERROR]"))
    )
    assert run.recap["branch-oslo"]["ignored"] == 0 and run.recap["branch-oslo"]["ok"] > 80, (
        run.output
    )
