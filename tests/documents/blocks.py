# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts of files that are made from the code: each stands between two comments, which say what it is made of.

In the documentation of a module these are ``# made by make docs: WHAT`` and ``# end of WHAT``, in a page the same as comments of HTML. WHAT is a key of
SOURCES, and what belongs to it: ``shape entitlement``, ``variables retire``.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.flexops.fortiflex.plugins.doc_fragments.connection import ModuleDocFragment
from documents import prose
from simulator import settings

ROOT = Path(__file__).parents[2]
SHAPES = Path(__file__).with_name("shapes.yml")
_PLACES = ("plugins/modules/*.py", "README.md", "roles/*/README.md", "tests/*/README.md")
_BEGIN = "made by make docs: "
_BLOCK = re.compile(
    rf"^(?P<begin>(?P<indent> *)(?P<open># |<!-- ){_BEGIN}(?P<what>.+?)(?P<close>| -->)\n)"
    r"(?P<made>.*?)"
    r"(?P<end>^(?P=indent)(?P=open)end of (?P=what)(?P=close)$)",
    re.MULTILINE | re.DOTALL,
)
_HOST = re.compile(r"Of an? [^,.]+, ")
Options = Mapping[str, Mapping[str, Any]]


class BlockError(ValueError):
    """A file asks for a block that nothing makes, or a block of it has no end."""


def filled(text: str) -> str:
    """A file with its blocks made again; raises BlockError."""

    def fill(found: re.Match[str]) -> str:
        kind, _blank, rest = found["what"].partition(" ")
        if kind not in SOURCES:
            raise BlockError(f"'{found['what']}' is none of {', '.join(SOURCES)}.")
        made = SOURCES[kind](rest)
        if found["close"]:  # in Markdown a table ends at a blank line, and a comment of HTML, too
            made = f"\n{prose.wrapped(made).rstrip()}\n\n"
        lines = made.splitlines()
        indented = "".join(f"{found['indent']}{line}".rstrip() + "\n" for line in lines)
        return found["begin"] + indented + found["end"]

    made, count = _BLOCK.subn(fill, text)
    if count != made.count(_BEGIN):
        raise BlockError("A block has no end, or another one than its beginning.")
    return made


def files() -> Iterator[Path]:
    """The files that have blocks."""
    for pattern in _PLACES:
        for path in sorted(ROOT.glob(pattern)):
            if _BEGIN in path.read_text(encoding="utf-8"):
                yield path


# -- what stands in the documentation of several modules


def _shape(words: str) -> str:
    """A shape of shapes.yml: ``entitlement``, or ``entitlement_options in entitlements[].``, which is where O(~...) leads."""
    name, _in, place = words.partition(" in ")
    parts = re.split(r"^(\w+):\n", SHAPES.read_text(encoding="utf-8"), flags=re.MULTILINE)
    shapes = dict(zip(parts[1::2], parts[2::2], strict=True))
    lines = [line[2:] for line in shapes[name].splitlines() if line.startswith("  ")]
    return "\n".join(lines).replace("O(~", f"O({place}")


# -- tables of options


def _module_options(name: str) -> dict[str, Any]:
    """The options in the documentation of a module, as its file has them now."""
    text = (ROOT / f"plugins/modules/{name}.py").read_text(encoding="utf-8")
    block = text.partition('DOCUMENTATION = r"""\n')[2].partition('\n"""\n')[0]
    options: dict[str, Any] = yaml.safe_load(block)["options"]
    return options


def _in_markdown(text: str) -> str:
    """A text with Ansible's markup in a cell of a table."""
    text = re.sub(r"\b[OVCEM]\(([^)]*)\)", r"`\1`", text)
    text = re.sub(r"\bP\(([^)#]*)#\w+\)", r"`\1`", text)
    return " ".join(text.replace("flexops.fortiflex.", "").replace("|", r"\|").split())


def _paragraphs(option: Mapping[str, Any]) -> list[str]:
    told = option["description"]
    return [_in_markdown(text) for text in ([told] if isinstance(told, str) else told)]


def _summary(option: Mapping[str, Any]) -> str:
    """The first sentence, without its full stop."""
    return re.split(r"\.(?: |$)", _paragraphs(option)[0], maxsplit=1)[0]


def _default(option: Mapping[str, Any]) -> str:
    if option.get("required"):
        return "required"
    default = option.get("default")
    if default in (None, [], {}):
        return ""
    return f"`{default if isinstance(default, str) else json.dumps(default)}`"


def _with_choices(text: str, option: Mapping[str, Any]) -> str:
    """A text, and the choices that it does not name."""
    choices = [f"`{choice}`" for choice in option.get("choices", ())]
    if all(choice in text for choice in choices):
        return text
    return f"{text.removesuffix('.')}: {', '.join(choices)}"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table of Markdown."""
    head = list(head)
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n".replace("|  |", "| |") for cells in lines)


def _sentences(option: Mapping[str, Any], alone: bool) -> str:
    """All of a description; ``alone``: its table is about each host only, so that it need not say so."""
    text = " ".join(_paragraphs(option))
    if alone and _of_host(text):
        text = _HOST.sub("", text)
        text = text[0].upper() + text[1:]
    return text


def _of_host(text: str) -> bool:
    """Whether a variable of a role is one of each host: its description begins with what the host is, as in "Of a site, "."""
    return _HOST.match(text) is not None


def _members(options: Options, before: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Options by their names, each with its own options behind it."""
    for name, option in options.items():
        yield f"{before}{name}", option
        within = "[]." if option.get("type") == "list" else "."
        yield from _members(option.get("options", {}), f"{before}{name}{within}")


def _role_variables(words: str) -> str:
    """Those of a role, by its argument spec: ``retire``, or of two tables ``datacenter of each host`` and ``datacenter of the play``."""
    role, _of, whose = words.partition(" of ")
    path = ROOT / "roles" / role / "meta/argument_specs.yml"
    options = yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"]["main"]["options"]
    rows = [
        (f"`{name}`", _default(option), _with_choices(_sentences(option, bool(whose)), option))
        for name, option in _members(options)
        if not whose or _of_host(_paragraphs(option)[0]) is (whose == "each host")
    ]
    return _table(("variable", "default", "meaning"), rows)


def _connection_options(_words: str) -> str:
    told = yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"]
    found = yaml.safe_load(ModuleDocFragment.PLUGINS)["options"]
    rows = (
        (
            f"`{name}`",
            f"`{found[name]['env'][0]['name']}`",
            _default(option),
            _with_choices(_summary(option), option),
        )
        for name, option in told.items()
    )
    return _table(("Option", "Environment variable", "Default", "Meaning"), rows)


def _site_variables(words: str) -> str:
    """What license_fleet reads: ``of each site`` or ``of an account``; the playbook lists the options of flex_fleet that they stand for."""
    play = yaml.safe_load((ROOT / "playbooks/license_fleet.yml").read_text(encoding="utf-8"))[0]
    listed = play["tasks"][0]["vars"]
    of_fleet = _module_options("flex_fleet")
    if words == "of an account":
        options = {name: of_fleet[name] for name in listed["account_options"]}
    else:
        of_site = of_fleet["entitlements"]["suboptions"]
        everywhere = yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"]
        options = {name: of_site[name] for name in listed["site_options"]}
        options |= {name: everywhere[name] for name in ("account_id", "program")}

    def variables(text: str) -> str:
        """A text about options, about the variables that stand for them."""
        return re.sub(
            r"`(?:entitlements\[\]\.)?(\w+)(?=[=`])",
            lambda found: f"`fortiflex_{found[1]}" if found[1] in options else found[0],
            text,
        )

    rows = (
        (
            f"`fortiflex_{name}`",
            _default(option),
            _with_choices(variables(_summary(option)), option),
        )
        for name, option in options.items()
    )
    return _table(("Variable", "Default", "Meaning"), rows)


# -- tests as a specification


def _promises(words: str) -> str:
    """The first lines of tests/contract/test_NAME.py: ``of states, refusals``."""
    lines = []
    for name in words.removeprefix("of ").split(", "):
        file = f"test_{name}.py"
        tree = ast.parse((ROOT / "tests/contract" / file).read_text(encoding="utf-8"))
        promise = (ast.get_docstring(tree) or "").partition("\n")[0]
        lines.append(f"- [{file}]({file}): {promise}\n")
    return "".join(lines)


SOURCES: dict[str, Callable[[str], str]] = {
    "shape": _shape,
    "variables": _role_variables,
    "connection": _connection_options,
    "license_fleet": _site_variables,
    "promises": _promises,
    "switches": lambda _words: settings.table(),
}
