# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is done once in a run of Ansible, whichever host comes first: a task with ``run_once``, and
a warning.

Ansible itself runs such a task once for each batch of ``serial``, and for every host with the
strategies free and host_pinned. The processes of a run find each other by files in its own
temporary directory, which Ansible removes at its end.

Private to the collection: may change at any time.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import pathlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ansible import constants as C
from ansible.errors import AnsibleError
from ansible.playbook.task_include import TaskInclude

from ..module_utils.client.request_limit import TURN
from ..module_utils.files import write_file
from ..module_utils.task.progress import EVERY

_Result = dict[str, Any]
# What a callback shows to people or adds up: for the host that did the work, and for no other.
_SHOWN = ("ansible_stats", "diff", "warnings", "deprecations")
_TOPIC = 60.0  # seconds in which all tasks of a run say the same thing once
_LINEAR = ("linear", "ansible.builtin.linear", "ansible.legacy.linear")


def once(task: Any, task_vars: Mapping[str, Any], work: Callable[[], _Result]) -> _Result:
    """The result of ``work``.

    Where several hosts of a play run a task with ``run_once`` and the same arguments, all get the
    result of the first one.

    Done again where a host runs the task again, and where something else in the play has changed
    FortiFlex since. ``run_by`` in a result is the first host.
    """
    unit, host = _unit(task), task_vars.get("inventory_hostname")
    if not (getattr(task, "run_once", False) and host):
        return _noted(unit, work())
    if _is_for_one(task, task_vars):
        return {**_noted(unit, work()), "run_by": host}
    path = _directory() / f"once-{_digest(unit, _place(task), *_asked(task))}.json"
    with alone(path.stem):
        kept = _read(path)
        changes = _changes_beside(unit)
        if kept and host not in kept["hosts"] and kept["changes"] == changes:
            _write(path, {**kept, "hosts": [*kept["hosts"], host]})
            result: _Result = kept["result"]
            return {key: value for key, value in result.items() if key not in _SHOWN}
        result = {**_noted(unit, work()), "run_by": host}
        _write(path, {"result": result, "hosts": [host], "changes": changes})
        return result


def is_first(*what: str) -> bool:
    """Whether nobody in this run has asked so before."""
    path = _directory() / f"first-{_digest(*what)}"
    with _in_words():
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            return False
    return True


def in_turn(now: float, topic: str) -> bool:
    """Whether a line of progress may be shown at a moment (seconds since 1970), so that many tasks
    at once, one for each host, do not flood a terminal.

    All processes of the run together get one in nine seconds, and one a minute with the same
    ``topic``, if that is not empty. That it is another one's turn is no news where they wait for
    something else.
    """
    try:
        path = _directory() / "progress.json"
        with alone(path.stem):
            shown: dict[str, float] = _read(path) or {}
            topics = [key for key in shown if key and topic in (key, TURN)]
            same = max((shown[key] for key in topics), default=-_TOPIC)
            latest = max(shown.values(), default=-_TOPIC)
            # Another process may have read the clock later and been here before.
            if abs(now - latest) < EVERY or (topic and abs(now - same) < _TOPIC):
                return False
            _write(path, {**shown, topic: now})
    except (AnsibleError, ValueError):  # a task does not fail for want of a line
        pass
    return True


@contextlib.contextmanager
def alone(purpose: str) -> Iterator[None]:
    """As the only process of this run. One that dies lets the next go on."""
    path = _directory() / f"{purpose}.lock"
    with _in_words():
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        with contextlib.suppress(OSError):  # without locks, all go on
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _directory() -> pathlib.Path:
    """The temporary directory of this run: all its processes are children of the one that made it."""
    directory = pathlib.Path(C.DEFAULT_LOCAL_TMP)
    with _in_words():  # something may have cleaned up behind Ansible
        directory.mkdir(0o700, parents=True, exist_ok=True)
    return directory


@contextlib.contextmanager
def _in_words() -> Iterator[None]:
    """What goes wrong with files of the temporary directory, as a sentence."""
    try:
        yield
    except OSError as error:
        raise AnsibleError(
            f"Ansible's temporary directory {C.DEFAULT_LOCAL_TMP} cannot be used "
            f"({error.strerror}): make room there, or set ANSIBLE_LOCAL_TEMP to another one."
        ) from None


def _write(path: pathlib.Path, kept: Mapping[str, Any]) -> None:
    """Keep a result; on a full disk nothing is kept, so that the next host does the work itself."""
    try:
        write_file(path, json.dumps(kept))
    except OSError:
        path.unlink(missing_ok=True)


def _digest(*parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:32]


def _is_for_one(task: Any, task_vars: Mapping[str, Any]) -> bool:
    """Whether Ansible itself keeps run_once: in a play of one batch with the strategy linear."""
    hosts, batch = task_vars["ansible_play_hosts_all"], task_vars["ansible_play_batch"]
    return len(hosts) == len(batch) and task.get_play().strategy in _LINEAR


def _asked(task: Any) -> tuple[Any, ...]:
    """What the task must do."""
    return dict(task.args), bool(task.check_mode), bool(task.diff)


def _includes(task: Any) -> Iterator[Any]:
    """The dynamic includes that a task came by, the innermost first."""
    while (task := getattr(task, "_parent", None)) is not None:
        if isinstance(task, TaskInclude) and not task.statically_loaded:
            yield task


def _unit(task: Any) -> str:
    """What a play lists, and all its hosts have in common: a role, a task, or the include that a
    task came by, which is loaded again for each host.
    """
    *_inner, listed = [task, *_includes(task)]
    return str(getattr(getattr(listed, "_role", None) or listed, "_uuid", ""))


def _place(task: Any) -> list[str]:
    """Where the task stands in the files of its unit."""
    return [step.get_path() for step in (task, *_includes(task))]


def _noted(unit: str, result: _Result) -> _Result:
    """Keep for the others that a unit has changed something, or that it may have."""
    if result.get("changed") or result.get("failed"):
        try:
            with (_directory() / "changes").open("a", encoding="utf-8") as file:
                file.write(f"{unit}\n")
        except OSError:  # a full disk, on which kept results can still be removed
            for path in _directory().glob("once-*.json"):
                path.unlink(missing_ok=True)
    return result


def _changes_beside(unit: str) -> int:
    """How often other units have changed something in this run."""
    try:
        units = (_directory() / "changes").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return 0
    return sum(other != unit for other in units)


def _read(path: pathlib.Path) -> dict[str, Any] | None:
    try:
        kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return kept
