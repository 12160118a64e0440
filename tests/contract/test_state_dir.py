# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A state directory that is full, damaged or somebody else's: nothing that is invalid is handed out, nothing hangs, and there is one sentence at the most."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from contract.harness import Controller

from ansible_collections.flexops.fortiflex.plugins.module_utils.client import state_files
from ansible_collections.flexops.fortiflex.plugins.module_utils.client.origin import Origin
from ansible_collections.flexops.fortiflex.plugins.module_utils.errors import FlexError
from ansible_collections.flexops.fortiflex.plugins.module_utils.task.task import Task
from ansible_collections.flexops.fortiflex.plugins.plugin_utils.lookups import entitlements

SITE = {"name": "oslo", "configuration": "small"}


@pytest.fixture
def account(controller: Controller) -> Controller:
    """An account with a site that is licensed."""
    made = controller.configuration()
    controller.flex.seed([{"configId": made, "description": "oslo", "status": "PENDING"}])
    return controller


def looked_up(account: Controller, check: bool = False, **options: Any) -> str:
    """The license token of the site, as a lookup of the play would get it."""
    given = {**account.connection(), "max_age": 60.0, **options}
    origin = Origin(check_run="a run")
    task = Task(given, check, account.clock, account.warnings.append, origin=origin)
    (found,) = entitlements(task, ["oslo"])
    return str(found["token"])


def in_force(account: Controller) -> str:
    """The token that FortiFlex has."""
    (held,) = account.entitlements().values()
    return str(held["token"])


def full(*_arguments: Any, **_options: Any) -> None:
    """What writing to a full disk does."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_token_that_was_revoked_is_never_handed_out(account: Controller) -> None:
    before = looked_up(account)
    account.run("flex_entitlement", name="oslo", state="present", fresh_token="always")
    assert looked_up(account) == in_force(account) != before


def test_nor_on_a_full_disk_nor_when_it_has_room_again(
    account: Controller, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = looked_up(account)
    with monkeypatch.context() as disk:
        disk.setattr(state_files, "write_file", full)
        made = account.run("flex_entitlement", name="oslo", state="present", fresh_token="always")
        assert made["changed"] and not made.get("failed"), made
        assert looked_up(account) == in_force(account) != before
    assert looked_up(account) == in_force(account)


def test_a_task_fails_where_it_cannot_make_invalid_what_others_rest_on(
    account: Controller, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up(account)
    monkeypatch.setattr(state_files, "write_file", full)
    monkeypatch.setattr(Path, "unlink", full)
    made = account.run("flex_entitlement", name="oslo", state="present", fresh_token="always")
    assert made["failed"] and "The state directory" in made["msg"]
    assert "No space left on device" in made["msg"] and account.writes() == 0


def test_a_query_that_began_before_a_write_is_invalid(account: Controller) -> None:
    """Also where the write ends while the answer to the query is under way."""
    account.flex.faults([{"path": "entitlements/list", "kind": "timeout_before", "seconds": 0}])
    looked_up(account, max_age=0.0)
    for path in account.state_dir.glob("written-*"):
        mark = path.read_text()
        account.run("flex_entitlement", name="oslo", state="present", fresh_token="always")
        assert path.read_text() != mark
    before = account.flex.requests()["by_path"]["entitlements/list"]
    looked_up(account)
    assert account.flex.requests()["by_path"]["entitlements/list"] == before + 1


@pytest.mark.parametrize("seconds", [-3600.0, 3600.0])
def test_a_query_is_not_used_after_the_clock_was_set(
    account: Controller, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    looked_up(account)
    looked_up(account)
    assert account.flex.requests()["by_path"]["entitlements/list"] == 1
    up = account.clock.up
    account.clock.offset += seconds
    monkeypatch.setattr(account.clock, "up", lambda: up() - seconds, raising=False)
    looked_up(account)
    assert account.flex.requests()["by_path"]["entitlements/list"] == 2


def test_a_prediction_that_cannot_be_kept_fails(
    account: Controller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state_files, "write_file", full)
    made = account.run("flex_entitlement", check="a run", **{**SITE, "name": "lima"})
    assert made["failed"] and "No space left on device" in made["msg"]


Damage = Callable[[Path], object]


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1_000_000_000_000)


def _linked(path: Path) -> None:
    shutil.move(path, path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


def _replaced(make: Damage) -> Damage:
    def replace(path: Path) -> None:
        path.unlink()
        make(path)

    return replace


DAMAGE: dict[str, Damage] = {
    "a FIFO": _replaced(lambda path: os.mkfifo(path, 0o600)),
    "a directory": _replaced(lambda path: path.mkdir(0o700)),
    "a link": _linked,
    "a link to nowhere": _replaced(lambda path: path.symlink_to("nowhere")),
    "for everybody": lambda path: path.chmod(0o666),
    "sparse": _sparse,
    "empty": lambda path: path.write_bytes(b""),
    "no text": lambda path: path.write_bytes(b"\xff\x00" * 4000),
    "deep": lambda path: path.write_text("[" * 1_000_000),
    "huge numbers": lambda path: path.write_text(f"[{'9' * 1_000_000}, 1e999, NaN, 1]"),
    "another shape": lambda path: path.write_text('[["a"], {"b": null}, 3]'),
    "another shape with keys": lambda path: path.write_text(
        '{"time": [], "check": 1, "salt": {}, "api_url": 0}'
    ),
}


KINDS = {"salt", "requests", "token", "query", "written", "catalogue", "predicted"}
KINDS |= {"query.lock", "predicted.lock"}


def kind(path: Path) -> str:
    """What a file is for."""
    return path.name.split("-")[0] + path.suffix


def use(account: Controller) -> list[str]:
    """All that reads or writes files there; answers what failed."""
    account.run("flex_product_info", catalogue="live")
    failed = [
        str(result["msg"])
        for result in (
            account.run("flex_entitlement", **SITE, fresh_token="always"),
            account.run("flex_entitlement", check="a run", **{**SITE, "name": "lima"}),
            account.run("flex_entitlement_info", check="a run"),
        )
        if result.get("failed")
    ]
    for check in (False, True):
        try:
            looked_up(account, check=check)
        except FlexError as error:
            failed.append(str(error))
    return failed


@pytest.mark.parametrize("damage", DAMAGE)
def test_what_is_in_the_place_of_a_file_hangs_nothing_and_is_believed_by_nobody(
    account: Controller, damage: str
) -> None:
    assert use(account) == []
    kinds = {kind(path) for path in account.state_dir.iterdir() if path.is_file()}
    assert kinds == KINDS
    for wanted in sorted(KINDS):
        path = next(path for path in account.state_dir.iterdir() if kind(path) == wanted)
        DAMAGE[damage](path)
        for message in use(account):
            assert message.startswith("The state directory") and path.name in message, message
        shutil.rmtree(account.state_dir)
        assert use(account) == []


def test_a_planted_query_is_not_believed(account: Controller) -> None:
    assert use(account) == []
    for path in account.state_dir.glob("query-*"):
        if not path.suffix:
            path.write_text(path.read_text().replace(in_force(account), "PLANTED"))
            path.chmod(0o666)
    assert looked_up(account) == in_force(account)


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o1777])
def test_a_directory_that_others_can_change_is_refused(account: Controller, mode: int) -> None:
    account.state_dir.mkdir()
    account.state_dir.chmod(mode)
    message = account.run("flex_entitlement_info")["msg"]
    assert "others may write to it; chmod go-w keeps them out" in message
    assert account.flex.requests()["total"] == 0
    with pytest.raises(FlexError, match="others may write to it"):
        looked_up(account)


def test_a_directory_of_another_user_is_refused(
    account: Controller, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.state_dir.mkdir(0o700)
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert "it belongs to another user" in account.run("flex_entitlement_info")["msg"]
