# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task with run_once is done once for all hosts of a play, by processes that know of each other only by the files of their run."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible import constants as C
from ansible.errors import AnsibleError

from ansible_collections.flexops.fortiflex.plugins.plugin_utils import once as once_module
from ansible_collections.flexops.fortiflex.plugins.plugin_utils.once import is_first, once

FORK = get_context("fork")
HOSTS = ["oslo", "lima", "rome", "bonn"]


@pytest.fixture(autouse=True)
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The temporary directory of a run."""
    monkeypatch.setattr(C, "DEFAULT_LOCAL_TMP", str(tmp_path))
    return tmp_path


def task(uuid: str = "task", strategy: str = "free", **arguments: Any) -> SimpleNamespace:
    """A task with run_once, as an action plugin sees it."""
    return SimpleNamespace(
        args={"entitlements": ["oslo"], **arguments},
        run_once=True,
        check_mode=False,
        diff=False,
        _uuid=uuid,
        _role=None,
        _parent=None,
        get_path=lambda: "play.yml:1",
        get_play=lambda: SimpleNamespace(strategy=strategy),
    )


def seen_by(host: str, batch: list[str] | None = None) -> dict[str, Any]:
    """The variables of a host."""
    return {
        "inventory_hostname": host,
        "ansible_play_hosts_all": HOSTS,
        "ansible_play_batch": HOSTS if batch is None else batch,
    }


class Work:
    """Something to do, that counts how often it is done."""

    def __init__(self, **result: Any) -> None:
        """Give this result each time."""
        self.result, self.times = result, 0

    def __call__(self) -> dict[str, Any]:
        """Do it."""
        self.times += 1
        return {"time": self.times, **self.result}


def test_all_hosts_get_the_result_of_the_first_one() -> None:
    work = Work(changed=True, diff=[{"after": "x"}], warnings=["look"])
    first, *others = [once(task(), seen_by(host), work) for host in HOSTS]
    assert (work.times, first["run_by"], first["diff"]) == (1, "oslo", [{"after": "x"}])
    assert others == [{"time": 1, "changed": True, "run_by": "oslo"}] * 3


def test_batches_of_serial_share_it() -> None:
    work = Work(changed=False)
    for host in HOSTS:
        assert once(task(strategy="linear"), seen_by(host, [host]), work)["run_by"] == "oslo"
    assert work.times == 1


def test_a_failure_is_not_tried_again_by_the_others() -> None:
    work = Work(failed=True, msg="FortiFlex refused it")
    assert [once(task(), seen_by(host), work)["msg"] for host in HOSTS] == [work.result["msg"]] * 4
    assert work.times == 1


def test_a_host_that_runs_it_again_does_it_again_and_the_others_get_that() -> None:
    work = Work(changed=False)
    order = ["oslo", "oslo", "lima", "oslo", "lima", "rome"]
    assert [once(task(), seen_by(host), work)["time"] for host in order] == [1, 2, 2, 3, 3, 3]


@pytest.mark.parametrize(
    "other",
    [
        task(entitlements=["lima"]),
        task("another task"),
        SimpleNamespace(**{**vars(task()), "check_mode": True}),
        SimpleNamespace(**{**vars(task()), "get_path": lambda: "play.yml:9"}),
    ],
    ids=["arguments", "task", "check mode", "place"],
)
def test_another_task_is_another_one(other: SimpleNamespace) -> None:
    work = Work(changed=False)
    assert once(task(), seen_by("oslo"), work)["time"] == 1
    assert once(other, seen_by("lima"), work)["time"] == 2


@pytest.mark.parametrize(
    ("result", "times"), [({"changed": True}, 3), ({"failed": True}, 3), ({}, 2)]
)
def test_what_another_task_has_changed_since_is_seen(result: dict[str, Any], times: int) -> None:
    """As in a play with serial that stops an environment, does something, and starts it again."""
    stop, start = Work(changed=True), Work(**result)
    assert once(task("stop"), seen_by("oslo"), stop)["time"] == 1
    once(task("start"), seen_by("oslo"), start)
    assert once(task("stop"), seen_by("lima"), stop)["time"] == times - 1
    assert stop.times + start.times == times


def test_origins_do_not_differ() -> None:
    work = Work(changed=False)
    named = SimpleNamespace(**{**vars(task()), "name": "License oslo"})
    assert once(task(), seen_by("lima"), work) == once(named, seen_by("oslo"), work)


def test_without_run_once_each_host_does_it() -> None:
    work = Work(changed=False)
    plain = SimpleNamespace(**{**vars(task()), "run_once": False})
    assert [once(plain, seen_by(host), work) for host in HOSTS[:2]] == [
        {"time": 1, "changed": False},
        {"time": 2, "changed": False},
    ]


def test_where_ansible_keeps_run_once_nothing_is_kept(directory: Path) -> None:
    result = once(task(strategy="linear"), seen_by("oslo"), Work(token="secret"))
    assert result["run_by"] == "oslo" and list(directory.iterdir()) == []


def in_processes(works: dict[str, Callable[[], dict[str, Any]]]) -> dict[str, Any]:
    """Run a task for several hosts at the same time, each in a process of its own; the results by host."""
    answers = FORK.SimpleQueue()

    def run(host: str, work: Callable[[], dict[str, Any]]) -> None:
        answers.put((host, once(task(), seen_by(host), work)))

    processes = [FORK.Process(target=run, args=item) for item in works.items()]
    for process in processes:
        process.start()
        time.sleep(0.05)
    for process in processes:
        process.join(20)
    assert not any(process.is_alive() for process in processes)
    return dict(answers.get() for process in processes if process.exitcode == 0)


def test_processes_wait_for_the_one_that_works(directory: Path) -> None:
    def work() -> dict[str, Any]:
        with (directory / "work").open("a") as file:
            file.write("x")
        time.sleep(0.4)
        return {"changed": True, "pid": os.getpid()}

    found = in_processes(dict.fromkeys(HOSTS, work))
    assert len({result["pid"] for result in found.values()}) == 1 and len(found) == 4
    assert (directory / "work").read_text() == "x"
    for path in directory.glob("once-*"):
        assert path.stat().st_mode & 0o077 == 0


def test_a_process_that_is_killed_blocks_nobody() -> None:
    def killed() -> dict[str, Any]:
        time.sleep(0.2)
        os.kill(os.getpid(), signal.SIGKILL)
        return {}

    found = in_processes({"oslo": killed, "lima": Work(changed=True), "rome": Work(changed=True)})
    assert {host: result["run_by"] for host, result in found.items()} == {
        "lima": "lima",
        "rome": "lima",
    }


def test_a_warning_comes_once_in_a_run() -> None:
    assert [is_first("warning", name) for name in ("a", "a", "b")] == [True, False, True]


def test_on_a_full_disk_each_host_does_it_and_nothing_old_is_handed_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    work, other = Work(changed=True), Work(changed=True)
    assert once(task(), seen_by("oslo"), work)["run_by"] == "oslo"

    opened = Path.open

    def full(*_arguments: Any, **_options: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(once_module, "write_file", full)
        disk.setattr(
            Path,
            "open",
            lambda path, mode="r", **more: full() if mode == "a" else opened(path, mode, **more),
        )
        once(task("another"), seen_by("oslo"), other)
    assert once(task(), seen_by("lima"), work)["run_by"] == "lima"
    monkeypatch.setattr(os, "open", full)
    with pytest.raises(AnsibleError, match="No space left on device"):
        once(task(), seen_by("rome"), work)
