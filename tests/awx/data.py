# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The data of awx_setup as it is in the files: templates that AWX or the jobs fill in are plain texts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
PLAYBOOKS = ROOT / "playbooks"


class Unsafe(str):
    """A text that Ansible must not fill in."""


class _Loader(yaml.SafeLoader):  # type: ignore[misc]  # PyYAML comes without types
    """Reads ``!unsafe``."""


class Dumper(yaml.SafeDumper):  # type: ignore[misc]  # PyYAML comes without types
    """Writes data as it was."""


_Loader.add_constructor("!unsafe", lambda loader, node: Unsafe(loader.construct_scalar(node)))
Dumper.add_representer(
    Unsafe, lambda dumper, text: dumper.represent_scalar("!unsafe", text, style='"')
)


def _load() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in ("awx", "awx_jobs"):
        found |= yaml.load((PLAYBOOKS / "vars" / f"{name}.yml").read_text(), _Loader)
    return found


DATA = _load()
TEMPLATES: dict[str, dict[str, Any]] = {item["name"]: item for item in DATA["awx_job_templates"]}
TYPES: dict[str, dict[str, Any]] = {item["name"]: item for item in DATA["awx_credential_types"]}


def survey(item: dict[str, Any]) -> dict[str, Any]:
    """The survey of a job template or workflow, as awx_setup makes it."""
    return {
        "name": "",
        "description": "",
        "spec": [{**question, "required": True} for question in item["survey"]],
    }
