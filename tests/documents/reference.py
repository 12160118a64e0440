# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages of the site for what antsibull-docs does not know: playbooks, rulebooks, and the event sources and filter."""

from __future__ import annotations

import re
import runpy
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml
from antsibull_docs_parser.md import to_md
from antsibull_docs_parser.parser import Context, parse

ROOT = Path(__file__).parents[2]
PLAYBOOKS = sorted((ROOT / "playbooks").glob("*.yml"))
RULEBOOKS = sorted((ROOT / "extensions/eda/rulebooks").glob("*.yml"))
EVENT_PLUGINS = sorted((ROOT / "extensions/eda/plugins").glob("*/flex_*.py"))
# The variables of all playbooks that are for no one in particular.
COMMON = {
    "fortiflex_allow_empty": "true lets a run pass that has no hosts; without it, such a run fails",
    "fortiflex_own_variables": "list of names that are yours and close to one of the collection, so that no run warns of them",
}
_HEADER = 4  # lines: the document's start, copyright, license, SPDX


def header(path: Path) -> tuple[str, dict[str, str]]:
    """What the comment at the head of a playbook or rulebook says: the text, and the meaning of each of its variables."""
    lines = path.read_text(encoding="utf-8").splitlines()[_HEADER + 1 :]
    text: list[str] = []
    variables: dict[str, str] = {}
    for line in lines:
        if not line.startswith("#"):
            break
        if found := re.fullmatch(r"#   (\w+(?:, \w+)*) {2,}(.+)", line):
            variables[found[1]] = found[2]
        elif line.startswith("#   ") and variables:  # goes on
            variables[list(variables)[-1]] += " " + line[1:].strip()
        else:
            text.append(line[1:].strip())
    return " ".join(text), variables


def plays(path: Path) -> list[dict[str, Any]]:
    """The plays of a playbook; in place of an import those of the other file, with the variables that the import sets."""
    found = []
    for play in yaml.safe_load(path.read_text(encoding="utf-8")):
        other = play.get("ansible.builtin.import_playbook")
        variables = play.get("vars", {})
        inner = plays(path.parent / other) if other else []
        found += [{**each, "vars": {**each.get("vars", {}), **variables}} for each in inner]
        found += [] if other else [play]
    return found


def _file(path: Path, kind: str) -> str:
    text, variables = header(path)
    play = yaml.safe_load(path.read_text(encoding="utf-8"))[0]
    return f"\n## {path.stem}\n\n**{play['name']}.** {text}\n{_table(variables)}\nThe file: [{kind}](../{path.relative_to(ROOT)})\n"


def _table(variables: Mapping[str, str]) -> str:
    rows = "".join(
        f"| `{'`, `'.join(names.split(', '))}` | {_cell(meaning)} |\n"
        for names, meaning in variables.items()
    )
    return f"\n| variable | meaning; what it is without it |\n| --- | --- |\n{rows}" if rows else ""


def _cell(text: str) -> str:
    return text.replace("|", r"\|")


def _words(text: str | list[str]) -> str:
    """Text with Ansible's markup as Markdown."""
    return " ".join(to_md(parse(text, Context())).split())


def options(documentation: Mapping[str, Any]) -> dict[str, Any]:
    """The options of an event plugin, those of its fragments among them."""
    found: dict[str, Any] = {}
    for fragment in documentation.get("extends_documentation_fragment", []):
        module = import_module(
            f"ansible_collections.flexops.fortiflex.plugins.doc_fragments.{fragment.rpartition('.')[2]}"
        )
        found |= yaml.safe_load(module.ModuleDocFragment.DOCUMENTATION)["options"]
    return {**documentation["options"], **found}


def documentation(path: Path) -> dict[str, Any]:
    """What an event plugin says of itself."""
    return dict(yaml.safe_load(runpy.run_path(str(path))["DOCUMENTATION"]))


def _event_plugin(path: Path) -> str:
    told = documentation(path)
    rows = []
    for name, option in options(told).items():
        kind = (
            f"{option['type']} of {option['elements']}"
            if "elements" in option
            else option.get("type", "str")
        )
        default = f"`{option['default']}`" if "default" in option else ""
        rows.append(f"| `{name}` | {kind} | {default} | {_cell(_words(option['description']))} |\n")
    table = (
        "| option | type | default | meaning |\n| --- | --- | --- | --- |\n" + "".join(rows)
        if rows
        else ""
    )
    items = "".join(f"- {_words(item)}\n" for item in told["description"])
    kind = path.parent.name.replace("_", " ")
    examples = runpy.run_path(str(path))["EXAMPLES"].strip()
    return f"\n## flexops.fortiflex.{path.stem}, {kind}\n\n{told['short_description']}.\n\n{items}\n{table}\n```yaml\n{examples}\n```\n"


def pages() -> dict[str, str]:
    """The pages by the names of their files, in Markdown."""
    playbooks = "# Playbooks\n\nEach is run by its name: `ansible-playbook flexops.fortiflex.NAME`. All take the connection options from the environment.\n"
    playbooks += _table(COMMON)
    events = "# Event sources, filter and rulebooks\n\n[Event-driven Ansible](../docs/eda.md) leads through them.\n"
    return {
        "playbooks.md": playbooks + "".join(_file(path, "playbook") for path in PLAYBOOKS),
        "events.md": events
        + "".join(map(_event_plugin, EVENT_PLUGINS))
        + "".join(_file(path, "rulebook") for path in RULEBOOKS),
    }
