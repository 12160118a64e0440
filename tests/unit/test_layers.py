# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who imports whom, as docs/architecture.md says."""

from __future__ import annotations

import ast
import graphlib
import re
import sys
from pathlib import Path

import pytest

PLUGINS = Path(__file__).parents[2] / "plugins"
UTILS = PLUGINS / "module_utils"
FILES = sorted((*UTILS.rglob("*.py"), *(PLUGINS / "plugin_utils").glob("*.py")))
# Each may import what stands before it. The first are the files of module_utils itself.
LAYERS = ("module_utils", "catalogue", "core", "client", "task", "usage", "plugin_utils")
PURE = {
    path
    for path in FILES
    if path.parent.name in ("catalogue", "core")
    or "Pure: no network, no clock, no Ansible" in path.read_text(encoding="utf-8")
}
TIMED = {"converge", "forecast", "run"}  # they are handed a clock
# What one feature needs; PyYAML and Jinja come with ansible-core.
OPTIONAL = {
    "pricing": {"yaml"},
    "charts": {"pygal"},
    "report_files": {"jinja2", "markupsafe"},
    "pages": {"jinja2", "markupsafe"},
    "trust": {"jinja2"},
}
BESIDE = {"ansible", "requests", "urllib3"}
OUTSIDE = (
    {
        "socket",
        "time",
        "subprocess",
        "os",
        "pathlib",
        "threading",
        "ssl",
        "http",
        "urllib",
        "secrets",
        "sqlite3",
    }
    | BESIDE
    | {"yaml"}
)
USERS = [*PLUGINS.rglob("*.py"), *(PLUGINS.parent / "extensions").rglob("*.py")]


def imports(path: Path) -> tuple[set[Path], set[str]]:
    """Files of the collection and top packages that a file imports."""
    inner, outer = set(), set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = path.parents[node.level - 1].joinpath(*(node.module or "").split("."))
            inner |= (
                {base.with_suffix(".py")}
                if node.module and not base.is_dir()
                else {base / f"{alias.name}.py" for alias in node.names}
            )
        elif isinstance(node, ast.ImportFrom):
            outer.add(str(node.module).split(".", maxsplit=1)[0])
        elif isinstance(node, ast.Import):
            outer |= {alias.name.split(".", maxsplit=1)[0] for alias in node.names}
    return inner, outer


def named(path: Path) -> set[Path]:
    """Files of the collection that a file imports, or names in a text for somebody who imports it then."""
    inner, _outer = imports(path)
    texts = re.findall(r"plugins\.((?:module_utils|plugin_utils)\.[\w.]+)", path.read_text("utf-8"))
    return inner | {PLUGINS.joinpath(*text.split(".")).with_suffix(".py") for text in texts}


def plain(path: Path) -> str:
    """The name of a file without what makes it private."""
    return path.stem.removeprefix("_")


def name(path: Path) -> str:
    """A file as the page calls it."""
    return path.relative_to(PLUGINS).with_suffix("").as_posix()


@pytest.mark.parametrize("path", FILES, ids=name)
def test_imports(path: Path) -> None:
    inner, outer = imports(path)
    assert inner <= set(FILES)
    below = LAYERS[: LAYERS.index(path.parent.name) + 1]
    assert {other.parent.name for other in inner} <= set(below)
    assert outer <= sys.stdlib_module_names | BESIDE | OPTIONAL.get(plain(path), set())
    if path in PURE:
        assert not outer & OUTSIDE
        assert inner <= PURE | {UTILS / "errors.py"} | (
            {UTILS / "clock.py"} if plain(path) in TIMED else set()
        )


def test_nothing_imports_itself_by_way_of_others() -> None:
    order = list(
        graphlib.TopologicalSorter({path: imports(path)[0] for path in FILES}).static_order()
    )
    assert set(order) == set(FILES)


def test_what_only_its_own_folder_imports_begins_with_an_underscore() -> None:
    used = {user: named(user) for user in USERS}
    foreign = {path for user, found in used.items() for path in found if path.parent != user.parent}
    private = {path for path in FILES if path.parent != UTILS and path not in foreign}
    open_ = set(FILES) - private
    assert sorted(name(path) for path in private if not path.stem.startswith("_")) == []
    assert sorted(name(path) for path in open_ if path.stem.startswith("_")) == []


def test_every_file_is_on_the_page() -> None:
    page = (PLUGINS.parent / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert [name(path) for path in FILES if f"`{path.name}`" not in page] == []


def test_the_core_is_pure() -> None:
    assert {
        "goal",
        "model",
        "holder_rule",
        "configuration_rule",
        "planner",
        "steps",
        "catalogue",
        "points",
        "events",
    } <= {plain(path) for path in PURE}


STATUSES = {"PENDING", "ACTIVE", "STOPPED", "EXPIRED", "GRACE_PERIOD"}
SETS_OF_STATUSES = {"CHARGED", "STATUSES"}
# Core makes and predicts entitlements. The code of a module names its work, and its documentation the statuses.
ASKING = sorted(
    path
    for path in PLUGINS.rglob("*.py")
    if path.parent.name not in ("core", "doc_fragments", "modules")
)


def statuses_in(tree: ast.AST) -> set[str]:
    """The names of statuses, and of sets of them, that the code of a file uses, and texts that are one."""
    imported = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    texts = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return (imported & (STATUSES | SETS_OF_STATUSES)) | (texts & STATUSES)


@pytest.mark.parametrize("path", ASKING, ids=lambda path: str(path.relative_to(PLUGINS)))
def test_an_entitlement_is_asked_and_not_its_status(path: Path) -> None:
    """Whether one is charged, a spare, or has lapsed is for ``core.model.Entitlement`` to say."""
    assert statuses_in(ast.parse(path.read_text(encoding="utf-8"))) == set()
