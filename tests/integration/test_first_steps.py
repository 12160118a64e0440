# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user meets first: the installed collection, its documentation, the README's and the modules' examples, and the demo."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tarfile
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from integration.playbook import BIN, LICENSE_FLEET, ROOT, SAMPLE, Controller

from simulator.launch import Simulator

MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("flex_*.py"))


@pytest.fixture(scope="module")
def tarball(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The collection as it is published."""
    directory = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [BIN / "ansible-galaxy", "collection", "build", "--output-path", directory, ROOT],
        check=True,
        capture_output=True,
    )
    return next(directory.glob("flexops-fortiflex-*.tar.gz"))


@pytest.fixture(scope="module")
def collections(tarball: Path) -> Path:
    """Where the published collection is installed, and nothing else."""
    directory = tarball.parent / "collections"
    environment = {
        **os.environ,
        "HOME": str(tarball.parent),
        "ANSIBLE_COLLECTIONS_PATH": str(directory),
    }
    command = [
        BIN / "ansible-galaxy",
        "collection",
        "install",
        "--offline",
        "-p",
        directory,
        tarball,
    ]
    subprocess.run(command, env=environment, cwd=tarball.parent, check=True, capture_output=True)
    return directory


@pytest.fixture
def installed(controller: Controller, collections: Path) -> Controller:
    """A machine on which nothing is but the installed collection."""
    controller.collections = str(collections)
    (controller.directory / "empty").mkdir()
    controller.directory = controller.directory / "empty"
    return controller


def readme_blocks() -> list[Any]:
    """The YAML code blocks of the README, parsed."""
    return [
        yaml.safe_load(block)
        for block in re.findall(
            r"^```yaml\n(.*?)^```", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL
        )
    ]


def test_the_installed_collection_licenses_a_fleet(installed: Controller, flex: Simulator) -> None:
    assert not list(installed.directory.iterdir())

    assert installed.play(LICENSE_FLEET, "-i", SAMPLE, "--limit", "frankfurt").changed == 1
    assert len(installed.licensed()) == 4
    writes = flex.writes()
    assert installed.play(LICENSE_FLEET, "-i", SAMPLE, "--limit", "frankfurt").changed == 0
    assert flex.writes() == writes


def test_the_tarball_holds_what_users_need_and_nothing_else(tarball: Path) -> None:
    with tarfile.open(tarball) as archive:
        names = archive.getnames()
    top = {name.split("/")[0] for name in names}
    needed = {
        "README.md",
        "COPYING",
        "CHANGELOG.md",
        "MANIFEST.json",
        "meta",
        "playbooks",
        "plugins",
    }
    assert needed <= top
    unwanted = r"(^|/)(\.(?!gitkeep)|__pycache__|ansible\.cfg$|pytest\.ini$|Makefile$)|^tests/(?!simulator|config)"
    assert not [name for name in names if re.search(unwanted, name)]


def test_every_module_is_documented(installed: Controller) -> None:
    names = [f"flexops.fortiflex.{name}" for name in MODULES]

    text = installed.run([str(BIN / "ansible-doc"), *names])
    data = installed.run([str(BIN / "ansible-doc"), "--json", *names])

    assert text.rc == data.rc == 0, text.output + data.output
    assert "WARNING" not in text.stderr and "ERROR" not in text.stderr
    assert text.stdout.count("EXAMPLES:") == text.stdout.count("RETURN VALUES:") == len(MODULES)
    documented = json.loads(data.stdout)
    for name in names:
        assert {"username", "password", "program", "state_dir"} <= set(
            documented[name]["doc"]["options"]
        )

    plays = [
        {
            "hosts": "localhost",
            "gather_facts": False,
            "tasks": yaml.safe_load(documented[name]["examples"]),
        }
        for name in names
    ]
    checked = installed.play(plays, "--syntax-check")
    assert checked.rc == 0, checked.output


def test_the_playbook_of_the_readme(controller: Controller, flex: Simulator) -> None:
    playbook = next(
        block for block in readme_blocks() if isinstance(block, list) and "hosts" in block[0]
    )

    assert controller.play(playbook, "--check", "--diff").changed == 1
    assert flex.writes() == 0
    assert controller.play(playbook).changed == 1
    assert controller.licensed() == {
        "branch-oslo [region=nordics]": ("branch", "PENDING"),
        "branch-lima [region=andes]": ("branch", "PENDING"),
    }
    assert controller.play(playbook).changed == 0


def test_the_tasks_of_the_readme(controller: Controller) -> None:
    tasks = [
        task
        for block in readme_blocks()
        if isinstance(block, list) and "hosts" not in block[0]
        for task in block
    ]

    assert tasks
    controller.play(
        next(block for block in readme_blocks() if isinstance(block, list) and "hosts" in block[0])
    )
    playbook = [{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]
    assert controller.play(playbook).changed == 1  # the user data
    assert controller.play(playbook).changed == 0


def demo(tmp_path: Path) -> subprocess.Popen[str]:
    """The demo, under way, in a session of its own; what the user has set for the real FortiFlex is wrong and must not be used."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "tests"),
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "TMPDIR": str(tmp_path),
        "HOME": str(tmp_path),
        "FORTIFLEX_API_URL": "http://flex.invalid",
        "FORTIFLEX_ACCESS_PASSWORD": "not-for-the-demo",
        "ANSIBLE_STDOUT_CALLBACK": "no_such_callback",
    }
    command = [sys.executable, str(ROOT / "tests" / "demo" / "demo.py")]
    return subprocess.Popen(
        command,
        env=environment,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def told_by_the_tutorial() -> list[str]:
    """The lines that the tutorial quotes from the output of the demo."""
    blocks = re.findall(
        r"^```text\n(.*?)^```",
        (ROOT / "docs" / "tutorial.md").read_text(),
        re.MULTILINE | re.DOTALL,
    )
    return [line for block in blocks for line in block.splitlines() if line != "..."]


def comparable(line: str) -> str:
    """A line without what differs from run to run: seconds, and which machine has which serial number."""
    return re.sub(
        r"FGVMMLTM\d+",
        "SERIAL",
        re.sub(
            r"^((?:first run|delivery|second run|third run, --check) +\d+ +\d+) +[\d.]+$",
            r"\1",
            line,
        ),
    )


def members(session: int) -> list[str]:
    """The processes of a session."""
    listed = subprocess.run(
        ["ps", "-o", "pid=,args=", "-s", str(session)], capture_output=True, text=True, check=False
    )
    return [line for line in listed.stdout.splitlines() if "<defunct>" not in line]


def test_the_demo(tmp_path: Path) -> None:
    with demo(tmp_path) as process:
        output = process.communicate()[0]

    assert process.returncode == 0, output
    assert re.search(r"^first run +146 +134 ", output, re.MULTILINE), output
    assert re.search(r"^second run +2 +0 ", output, re.MULTILINE), output
    assert re.search(r"^third run, --check +3 +0 ", output, re.MULTILINE), output
    assert re.search(r"^all +76 +30 +14 +128 +\d", output, re.MULTILINE), output
    assert re.search(r"^delivery +22 +0 ", output, re.MULTILINE), output
    assert "  + create   branch-reykjavik " in output and '"branch-reykjavik": {' not in output
    assert "LICENSE-TOKEN:***" in output and not re.search(
        r"(LICENSE-TOKEN:|vm-license )\w", output
    )
    told, shown = told_by_the_tutorial(), [comparable(line) for line in output.splitlines()]
    assert told and [line for line in told if comparable(line) not in shown] == []
    assert "Traceback" not in output and "not-for-the-demo" not in output
    assert not members(process.pid)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_demo_ends_with_everything_that_it_started(tmp_path: Path, number: int) -> None:
    with demo(tmp_path) as process:
        assert process.stdout
        for line in process.stdout:
            if line.startswith("Plan: "):  # the run is under way
                break
        if number == signal.SIGINT:
            os.killpg(process.pid, number)  # as the terminal does it
        else:
            process.terminate()
        output = process.stdout.read()

    assert process.returncode == (1 if number == signal.SIGINT else 143), output
    # Of a signal that meets a fork of Ansible's, Python itself prints a traceback. None has a file of ours.
    assert not re.search(
        r'^  File ".*(ansible_collections/flexops|tests/demo)', output, re.MULTILINE
    ), output
    for _number in range(500):
        if not members(process.pid):
            break
        time.sleep(0.01)
    assert not members(process.pid)
    assert not [path for path in tmp_path.iterdir() if path.name.startswith("tmp")]


@pytest.mark.long
def test_every_playbook_runs_from_the_installed_collection(
    installed: Controller, flex: Simulator, tmp_path: Path
) -> None:
    """All of them by one command, since starting Ansible takes longer than most of them."""
    inventory = tmp_path / "hosts.json"
    oslo = {"fortiflex_configuration": "branch", "fortiflex_state": "absent"}
    inventory.write_text(json.dumps({"sites": {"hosts": {"oslo": oslo}}}))
    made = flex.seed_configuration("branch")["id"]
    flex.seed(
        [{"configId": made, "description": "oslo", "status": "STOPPED", "tokenStatus": "USED"}]
    )
    (installed.directory / "metric").write_text("100")
    small = [
        {
            "name": "branch-small",
            "product": "fortigate_vm_bundle",
            "parameters": {"cpus": 2, "service_package": "UTP"},
        }
    ]
    variables = {
        "autoscale_configuration": "branch-small",
        "autoscale_metric_file": str(installed.directory / "metric"),
        "fortiflex_configurations": small,
        "tenant_configurations": small,
        "tenant_account": "2000001",
        "tenant_confirm": "2000001",
        "vm_name": "oslo",
        "vm_state": "deleted",
        "extend_names": ["oslo"],
        "hold_file": str(tmp_path / "hold.yml"),
        "hold_reason": "Nothing is left.",
        "spares_configuration": "branch",
        "spares_ready": 1,
        "tell_text": "Nothing is left.",
        "rotate_file": "credentials.yml",
        "rotate_username": "demo-api-user",
        "rotate_password": "demo-password",
    }
    names = sorted(
        (path.stem for path in (ROOT / "playbooks").glob("*.yml")),
        key=lambda name: (not name.endswith("_environment"), name),  # before others release oslo
    )
    playbooks = [f"flexops.fortiflex.{name}" for name in names]
    run = installed.play(
        playbooks[0],
        *playbooks[1:],
        "-i",
        str(inventory),
        "-e",
        "target=sites",
        "-e",
        json.dumps(variables),
        "--check",
    )
    assert run.rc == 0, run.output
    assert run.stdout.count("PLAY [") >= len(names)
    assert flex.writes() == 0 and not (installed.directory / "adopted").exists()
