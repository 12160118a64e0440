# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an execution environment is built from. No container engine is needed: what the build would run of Ansible is run here."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import yaml
from integration.playbook import BIN, ROOT


def run(*command: str | Path, cwd: Path = ROOT) -> str:
    """What a command prints; fails if it does."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")
    } | {"PATH": f"{BIN}:{os.environ['PATH']}"}
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_image_gets_ansible_the_collection_and_what_that_asks_for(tmp_path: Path) -> None:
    run("make", "-o", "setup", "ee")
    context = ROOT / ".build" / "ee" / "context"
    containerfile = (context / "Containerfile").read_text()
    assert re.search(
        r'^ARG ANSIBLE_INSTALL_REFS="ansible-core>=2[.\d]+,<2[.\d]+ ansible-runner>=2[.\d]+,<3"$',
        containerfile,
        re.MULTILINE,
    )
    assert [line for line in containerfile.splitlines() if line.startswith("FROM")] == [
        "FROM $EE_BASE_IMAGE AS base",
        "FROM base AS galaxy",
        "FROM base AS builder",
        "FROM base AS final",
    ]
    assert re.match(r"pygal>=[\d.]+,<\d+$", (context / "_build" / "requirements.txt").read_text())

    assert (
        "ansible-galaxy collection install $ANSIBLE_GALAXY_CLI_COLLECTION_OPTS -r requirements.yml"
        in containerfile
    )
    run(
        "ansible-galaxy",
        "collection",
        "install",
        "--offline",
        "-r",
        "requirements.yml",
        "--collections-path",
        tmp_path,
        cwd=context / "_build",
    )
    asked = yaml.safe_load(run("ansible-builder", "introspect", tmp_path))
    assert asked == {
        "python": ["requests>=2.28,<3  # from collection flexops.fortiflex"],
        "system": [],
    }
