# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run without hosts fails and says why, for each playbook that there is."""

from __future__ import annotations

import json
import re

import pytest
import yaml
from documents import reference
from integration.playbook import LICENSE_FLEET, ROOT, Controller, play

from simulator.launch import Simulator

PLAYBOOKS = sorted(path.stem for path in (ROOT / "playbooks").glob("*.yml"))
ALLOW = ("-e", "fortiflex_allow_empty=true")


def hosts_of(name: str) -> str:
    """What a playbook says of its hosts."""
    (only,) = reference.plays(ROOT / "playbooks" / f"{name}.yml")
    return str(only["hosts"])


FOR_ONE = [name for name in PLAYBOOKS if "'localhost'" in hosts_of(name)]


@pytest.fixture
def where(controller: Controller) -> tuple[str, str]:
    """The arguments that name an inventory with a group that no playbook is for."""
    path = controller.directory / "hosts.json"
    groups = {"others": {"hosts": {"oslo": {}, "lima": {}}}, "nobody": {"hosts": {}}}
    path.write_text(json.dumps(groups))
    return "-i", str(path)


def sentence(run_output: str) -> str:
    """What the run said of its hosts, on one line."""
    return re.sub(r"\s+", " ", run_output)


@pytest.mark.parametrize("name", PLAYBOOKS)
def test_a_playbook_without_hosts_fails_and_says_why(
    controller: Controller, flex: Simulator, where: tuple[str, str], name: str
) -> None:
    pattern = re.findall(r"'(\w+)'", hosts_of(name))[0]
    full = f"flexops.fortiflex.{name}"
    cases = [
        (
            (*where, "--limit", "oslo"),
            "leaves none" if name in FOR_ONE else "has none that matches",
        ),
        (("--limit", "oslo"), "leaves none" if name in FOR_ONE else "the inventory has no hosts"),
    ]
    if name not in FOR_ONE:
        cases += [(where, "has none that matches"), ((), "the inventory has no hosts")]
    if "'target'" in hosts_of(name):
        cases.append(((*where, "-e", "target="), "target is empty"))
    for arguments, why in cases:
        run = controller.play(full, *arguments)
        told = sentence(run.output)
        assert run.rc not in (0, 2) and why in told, run.output
        assert f"no host for '{pattern}'" in told or "is empty" in why
        assert "Traceback" not in told and "PLAY [" not in told
        assert "oslo" in told or "leaves" not in why
    assert flex.requests()["total"] == 0


@pytest.mark.parametrize("target", ["nobody", "others:&nobody", "wrong", "others:!oslo:!lima", " "])
def test_a_wrong_target(
    controller: Controller, flex: Simulator, where: tuple[str, str], target: str
) -> None:
    run = controller.play(LICENSE_FLEET, *where, "-e", json.dumps({"target": target}))
    assert run.rc and (f"no host for '{target}'" in run.output or not target.strip())
    run = controller.play(LICENSE_FLEET, *where, *ALLOW, "-e", json.dumps({"target": target}))
    assert (run.rc == 0) == bool(target.strip()) and flex.requests()["total"] == 0


def test_a_misspelled_target(controller: Controller, where: tuple[str, str]) -> None:
    for own, count in (([], 1), (["traget"], 0)):
        given = {"traget": "oslo", "fortiflex_own_variables": own, "fortiflex_allow_empty": True}
        run = controller.play(LICENSE_FLEET, *where, "-e", json.dumps(given))
        told = sentence(run.output)
        assert run.rc == 0 and told.count("traget (set by the play, a role or the command") == count
        assert told.count("close to target;") == count


@pytest.mark.parametrize(
    ("value", "passes"),
    [("true", True), ("yes", True), ("false", False), ("", False), (" ", False), ("maybe", False)],
)
def test_only_a_value_that_says_so_lets_it_pass(
    controller: Controller, where: tuple[str, str], value: str, passes: bool
) -> None:
    run = controller.play(LICENSE_FLEET, *where, "-e", json.dumps({"fortiflex_allow_empty": value}))
    assert (run.rc == 0) == passes
    assert ("neither true nor false" in run.output) == (value == "maybe")


def test_what_is_well_is_quiet(controller: Controller, where: tuple[str, str]) -> None:
    limit = controller.directory / "limit"
    limit.write_text("oslo\nlocalhost\n")
    tell = ("flexops.fortiflex.tell", "-e", "tell_text=hello")
    for arguments in ((), (*where, "--limit", "oslo,localhost"), (*where, "--limit", f"@{limit}")):
        run = controller.play(*tell, *arguments)
        assert run.rc == 0 and run.stderr == "" and run.recap["localhost"]["changed"] == 0
    (controller.directory / "own.json").write_text(
        json.dumps({"all": {"hosts": {"localhost": {}}}})
    )
    own = controller.play(
        *tell, "-i", str(controller.directory / "own.json"), "--limit", "localhost"
    )
    assert own.rc == 0


@pytest.mark.parametrize(
    "listing", ["--syntax-check", "--list-hosts", "--list-tasks", "--list-tags"]
)
def test_listings_do_not_fail(controller: Controller, where: tuple[str, str], listing: str) -> None:
    for name in ("license_fleet", "usage_report"):
        run = controller.play(f"flexops.fortiflex.{name}", *where, "--limit", "oslo", listing)
        assert run.rc == 0, run.output


def test_hosts_that_a_play_before_has_added(controller: Controller, where: tuple[str, str]) -> None:
    add = {"ansible.builtin.add_host": {"name": "rome", "groups": ["fortiflex_sites"]}}
    imports = [
        *play(add),
        {"ansible.builtin.import_playbook": LICENSE_FLEET, "vars": {"fortiflex_state": "stopped"}},
    ]
    run = controller.play(imports, *where)
    assert run.rc == 0 and run.recap["rome"]["ok"] > 0, run.output


def test_a_playbook_that_is_imported_may_be_empty(
    controller: Controller, where: tuple[str, str]
) -> None:
    imports = [{"ansible.builtin.import_playbook": LICENSE_FLEET}]
    assert controller.play(imports, *where).rc != 0
    imports[0]["vars"] = {"fortiflex_allow_empty": True}  # type: ignore[assignment]
    assert controller.play(imports, *where).rc == 0


def test_a_play_of_ones_own(controller: Controller, where: tuple[str, str]) -> None:
    lookup = "{{ lookup('flexops.fortiflex.flex_hosts', %s) }}"
    show = {"ansible.builtin.debug": {"msg": "{{ inventory_hostname }}"}}
    good = controller.play(play(show, hosts=lookup % "['oslo', 'lima']"), *where)
    assert good.rc == 0 and set(good.recap) == {"oslo", "lima"}
    bad = controller.play(play(show, hosts=lookup % "'branch_offices'"), *where)
    assert bad.rc and "no host for 'branch_offices'" in sentence(bad.output)


def test_the_play_of_the_documentation(controller: Controller, where: tuple[str, str]) -> None:
    """It is the example of the lookup; others are run in test_examples."""
    example = yaml.safe_load(
        (ROOT / "plugins/lookup/flex_hosts.py")
        .read_text()
        .split('EXAMPLES = r"""')[1]
        .split('"""')[0]
    )
    groups = {"branch_offices": {"hosts": {"branch-oslo": {}}}}
    inventory = controller.directory / "branch_offices.json"
    inventory.write_text(json.dumps(groups))
    good = controller.play(example, "-i", str(inventory), "--check")
    assert good.rc == 0 and good.changed == 1, good.output
    assert controller.play(example, *where, "--check").rc not in (0, 2)


@pytest.mark.parametrize("name", PLAYBOOKS)
def test_every_playbook_asks_for_its_hosts_in_the_same_way(name: str) -> None:
    assert "lookup('flexops.fortiflex.flex_hosts', " in hosts_of(name)
