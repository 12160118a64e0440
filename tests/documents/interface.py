# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The public interface, one line for each name that a release may not take away: tests/unit/interface.txt, which a test compares.

Run it with the path of the file to write; it prints how many names there are, and fails if one of them has no description.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.flexops.fortiflex.plugins.module_utils import errors
from documents import reference

ROOT = Path(__file__).parents[2]
COLLECTION = "flexops.fortiflex"
KINDS = ("module", "lookup", "inventory", "filter")


class Name:
    """A public name: what it belongs to, what kind of name it is, its type, and whether it is described."""

    def __init__(self, owner: str, kind: str, name: str, shape: str, description: object) -> None:
        """``shape`` is its type, and what else a caller relies on."""
        self.owner, self.kind, self.name, self.shape, self.described = (
            owner,
            kind,
            name,
            shape,
            bool(description),
        )

    def __str__(self) -> str:
        """Its line in the file."""
        return f"{self.owner} {self.kind} {self.name}: {self.shape}"


def _shape(told: Mapping[str, Any]) -> str:
    kind = str(told.get("type", "str"))
    parts = [f"{kind} of {told['elements']}" if "elements" in told else kind]
    if told.get("required"):
        parts.append("required")
    if "default" in told:
        parts.append(f"default {json.dumps(told['default'])}")
    choices = told.get("choices")
    if choices:
        parts.append(f"one of {', '.join(map(str, choices))}")
    if told.get("aliases"):
        parts.append(f"also called {', '.join(told['aliases'])}")
    return "; ".join(parts)


def _options(
    owner: str, options: Mapping[str, Any], kind: str = "option", before: str = ""
) -> Iterator[Name]:
    for name, told in sorted(options.items()):
        yield Name(owner, kind, f"{before}{name}", _shape(told), told.get("description"))
        within = "[]." if told.get("type") == "list" else "."
        yield from _options(
            owner,
            told.get("suboptions") or told.get("options") or {},
            kind,
            f"{before}{name}{within}",
        )


def _returns(owner: str, values: Mapping[str, Any], before: str = "") -> Iterator[Name]:
    for name, told in sorted(values.items()):
        shape = (
            f"{told['type']} of {told['elements']}" if "elements" in told else str(told.get("type"))
        )
        yield Name(owner, "returns", f"{before}{name}", shape, told.get("description"))
        yield from _returns(
            owner,
            told.get("contains") or {},
            f"{before}{name}{'[].' if told.get('type') == 'list' else '.'}",
        )


def _documented() -> dict[str, dict[str, Any]]:
    """What Ansible knows of all plugins of the collection, by kind and name."""
    command = [str(Path(sys.executable).parent / "ansible-doc"), "--metadata-dump", COLLECTION]
    return dict(
        json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)[
            "all"
        ]
    )


def names() -> Iterator[Name]:
    """All public names."""
    documented = _documented()
    for kind in KINDS:
        for full, told in sorted(documented[kind].items()):
            owner = f"{kind} {full.removeprefix(f'{COLLECTION}.')}"
            yield from _options(owner, told["doc"].get("options") or {})
            yield from _returns(owner, told.get("return") or {})
    for path in sorted(ROOT.glob("roles/*/meta/argument_specs.yml")):
        role = path.parts[-3]
        spec = yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"]["main"]
        yield from _options(f"role {role}", spec["options"], "variable")
    for name, meaning in reference.COMMON.items():
        yield Name("playbooks", "variable", name, "any", meaning)
    for path in (*reference.PLAYBOOKS, *reference.RULEBOOKS):
        owner = f"{'playbook' if path in reference.PLAYBOOKS else 'rulebook'} {path.stem}"
        for variables, meaning in reference.header(path)[1].items():
            for variable in variables.split(", "):
                yield Name(owner, "variable", variable, "any", meaning)
    yield from _error_codes()
    for path in reference.EVENT_PLUGINS:
        yield from _options(
            f"{path.parent.name.replace('_', ' ')} {path.stem}",
            reference.options(reference.documentation(path)),
        )


def _error_codes() -> Iterator[Name]:
    """What playbooks can test when a task has failed: the codes of the errors, and of results that fail without one."""
    codes = {
        error.code
        for error in vars(errors).values()
        if isinstance(error, type) and issubclass(error, errors.FlexError)
    }
    for path in (ROOT / "plugins").rglob("*.py"):
        codes |= set(re.findall(r'"error_code": "(\w+)"', path.read_text(encoding="utf-8")))
    page = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
    section = page.partition("## How to read an error\n")[2].partition("\n## ")[0]
    told = {
        code
        for row in re.findall(r"^\| (`.+?`) \| ", section, re.MULTILINE)
        for code in row.strip("`").split("`, `")
    }
    for code in sorted(codes):
        yield Name("modules", "error_code", code, "str", code in told)


def undescribed(found: list[Name]) -> list[str]:
    """What a user would miss: names without a description, and variables of roles that only some of defaults, specs and README have."""
    missing = [str(name) for name in found if not name.described]
    for defaults in sorted(ROOT.glob("roles/*/defaults/main.yml")):
        role = defaults.parts[-3]
        known = {
            name.name for name in found if name.owner == f"role {role}" and "." not in name.name
        }
        read = set(yaml.safe_load(defaults.read_text(encoding="utf-8")) or {})
        told = set(
            re.findall(
                r"`(\w+)`", (ROOT / "roles" / role / "README.md").read_text(encoding="utf-8")
            )
        )
        missing += [
            f"role {role}: {name} is not in meta/argument_specs.yml"
            for name in sorted(read - known)
        ]
        missing += [f"role {role}: {name} is not in README.md" for name in sorted(known - told)]
    return missing


def main(path: Path) -> int:
    """Write the file; returns the exit status."""
    found = list(names())
    path.write_text("".join(f"{name}\n" for name in found), encoding="utf-8")
    counts = Counter((name.owner.split()[0], name.kind) for name in found)
    print("; ".join(f"{owner}: {count} {kind}" for (owner, kind), count in counts.items()))
    missing = undescribed(found)
    print("\n".join(missing) if missing else f"All {len(found)} names are described.")
    return min(len(missing), 1)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
