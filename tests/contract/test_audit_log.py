# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit trail has a line before and a line after every writing request, holds no secret, and a request that it cannot hold is not sent."""

from __future__ import annotations

import base64
import json
import os
import resource
import signal
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.flexops.fortiflex.plugins.module_utils.client.audit_log import AuditLog
from ansible_collections.flexops.fortiflex.plugins.module_utils.client.origin import Origin
from ansible_collections.flexops.fortiflex.plugins.module_utils.clock import VirtualClock
from ansible_collections.flexops.fortiflex.plugins.module_utils.errors import FlexError
from ansible_collections.flexops.fortiflex.plugins.plugin_utils.origin import origin_of

from .harness import CONFIGURATION, Controller


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "audit.jsonl"


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_only_a_name_that_ansible_could_not_fill_in_is_left_out() -> None:
    odd = "License << error 1 - 'x' is undefined >>"
    known = {"ansible_play_name": odd, "awx_job_template_name": "Fix << error", "awx_job_id": 17}
    found = origin_of(SimpleNamespace(name=odd, check_mode=False), known)
    assert found == Origin({"awx_job_template_name": "Fix << error", "awx_job_id": "17"})


def test_every_write_is_recorded(controller: Controller, path: Path) -> None:
    trail = {"audit_log": str(path), "reason": "CHG-4711", "task_vars": {"awx_job_id": 17}}
    controller.run(
        "flex_fleet",
        configurations=[CONFIGURATION],
        entitlements=[{"name": "oslo", "configuration": "small"}],
        **trail,
    )
    controller.run("flex_entitlement", name="oslo", state="absent", **trail)
    controller.run(
        "flex_entitlement", name="lima", configuration="small", return_token=True, **trail
    )
    records = lines(path)
    requests, answers = (
        [record for record in records if record["event"] == event]
        for event in ("request", "answer")
    )
    assert len(requests) == len(answers) == controller.writes() > 0
    assert [record["id"] for record in requests] == [record["id"] for record in answers]
    assert {record["outcome"] for record in answers} == {"done"}
    for record in requests:
        assert (record["reason"], record["api_user"], record["program"], record["account_id"]) == (
            "CHG-4711",
            "demo-api-user",
            "ELAVMS0000000200",
            2000001,
        )
        assert record["time"].endswith("Z") and record["host"] and record["user"]
    created = next(
        n for n, record in enumerate(requests) if record["endpoint"] == "entitlements/vm/create"
    )
    assert requests[created]["origin"] == {"task": "License the fleet", "awx_job_id": "17"}
    assert requests[created]["names"] == ["oslo"] and requests[created]["before"] == []
    assert answers[created]["after"][0]["description"] == "oslo"
    released = next(
        record for record in requests if record["request"].get("description") == "[spare]"
    )
    assert released["before"][0]["description"] == "oslo"
    tokens = {entitlement["token"] for entitlement in controller.entitlements().values()}
    assert not any(secret in path.read_text() for secret in (*tokens, "demo-password"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_process_of_a_module_knows_where_it_comes_from(
    controller: Controller, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    origin = Origin({"task": "License {{ all }} of them", "awx_job_id": "17"}, "a run", False)
    ((variable, text),) = origin.as_environment().items()
    monkeypatch.setenv(variable, text)
    assert Origin.from_environment() == origin and "{" not in text
    controller.run_module("flex_configuration", **CONFIGURATION, audit_log=str(path))
    assert lines(path)[0]["origin"] == origin.told


def test_a_damaged_origin_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    ((variable, _text),) = Origin().as_environment().items()
    texts = ("", "[1]", "null", '{"told": {}, "later": 1}', "{", "\xff")
    for text in ("x", "\xff", *(base64.b64encode(text.encode()).decode() for text in texts)):
        monkeypatch.setenv(variable, text)
        assert Origin.from_environment() == Origin(), text


def test_nothing_is_recorded_without_a_write_or_without_being_asked(
    controller: Controller, path: Path
) -> None:
    controller.configuration()
    controller.run(
        "flex_entitlement", check=True, name="oslo", configuration="small", audit_log=str(path)
    )
    controller.run("flex_entitlement", name="oslo", configuration="small")
    controller.run("flex_entitlement", name="oslo", configuration="small", audit_log=str(path))
    controller.run("flex_entitlement_info", audit_log=str(path))
    assert not path.exists()


def test_an_outcome_that_is_not_known(controller: Controller, path: Path) -> None:
    controller.configuration()
    controller.flex.faults([{"kind": "html_500", "path": "entitlements/vm/create", "effect": True}])
    controller.run("flex_entitlement", name="oslo", configuration="small", audit_log=str(path))
    assert [record["outcome"] for record in lines(path) if record["event"] == "answer"][
        0
    ] == "unknown_outcome"


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("audit.jsonl", "absolute path"),
        ("{tmp}", "is a directory"),
        ("{tmp}/none/audit.jsonl", "does not exist"),
        ("{tmp}/link", "is a link, which is not followed"),
        ("{tmp}/fifo", "is no regular file"),
    ],
)
def test_a_path_that_cannot_be(
    controller: Controller, tmp_path: Path, name: str, sentence: str
) -> None:
    (tmp_path / "link").symlink_to("elsewhere")
    os.mkfifo(tmp_path / "fifo")
    result = controller.run(
        "flex_entitlement",
        name="oslo",
        configuration="small",
        audit_log=name.replace("{tmp}", str(tmp_path)),
    )
    assert (
        result["failed"] and sentence in result["msg"] and result["error_code"] == "invalid_input"
    )
    assert result["requests"]["made"] == 0


def test_a_request_that_cannot_be_recorded_is_not_sent(
    controller: Controller, path: Path, full: None
) -> None:
    controller.configuration()
    result = controller.run(
        "flex_entitlement", name="oslo", configuration="small", audit_log=str(path)
    )
    assert result["failed"] and "not sent since it could not be recorded" in result["msg"]
    assert controller.writes() == 0


@pytest.fixture
def full(path: Path) -> Iterator[None]:
    """A file that may not become any larger, as on a full disk."""
    path.write_text("\n" * 200_000)
    before, handler = (
        resource.getrlimit(resource.RLIMIT_FSIZE),
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN),
    )
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


def log(path: Path) -> AuditLog:
    made = AuditLog({"audit_log": str(path)}, VirtualClock(0.0), pytest.fail)
    assert made.problem is None
    return made


def test_a_text_that_is_no_text(path: Path) -> None:
    options = {"audit_log": str(path), "reason": "caf\udce9"}
    trail = AuditLog(options, VirtualClock(0.0), pytest.fail)
    with trail.writing("configs/create", {}, ["ü"], []):
        pass
    assert lines(path)[0]["reason"] == "caf\udce9" and "ü" in path.read_text()


def test_a_trail_on_a_terminal_is_text(path: Path) -> None:
    """The data are exact, and nothing in them does anything."""
    name = "a\x1b[2Jb\u009b31mc\u2028d\u202ee\u0085f\U000e0001g"
    with log(path).writing("configs/create", {"name": name}, [name], []):
        pass
    assert lines(path)[0]["names"] == [name] and lines(path)[0]["request"] == {"name": name}
    assert all(line.isprintable() for line in path.read_text().split("\n"))


def test_a_crash_leaves_the_request_and_spoils_no_later_line(path: Path) -> None:
    if not (child := os.fork()):
        with log(path).writing("configs/create", {"name": "small"}, ["small"], []):
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    path.write_text(path.read_text() + '{"time": "1970-01-01T00:0')
    with (
        pytest.raises(FlexError),
        log(path).writing("configs/create", {"name": "large"}, ["large"], []),
    ):
        raise FlexError("FortiFlex said no.")
    first, torn, second, third = path.read_text().splitlines()
    assert json.loads(first)["event"] == json.loads(second)["event"] == "request"
    assert torn == '{"time": "1970-01-01T00:0'
    assert json.loads(third)["message"] == "FortiFlex said no."


def test_many_at_once(path: Path) -> None:
    def write(number: int) -> None:
        with log(path).writing("configs/create", {"name": "x" * 20_000}, [str(number)], []):
            pass

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(80)))
    assert sorted(
        int(record["names"][0]) for record in lines(path) if record["event"] == "request"
    ) == list(range(80))
    assert len(lines(path)) == 160
