# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors as users see them: one sentence that says what is wrong and what to do, from modules and from the action plugin alike."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor

import pytest
from integration.playbook import Controller, Run, module, play

from simulator.launch import Simulator

TASKS = {
    "module": module("flex_entitlement_info"),
    "action": module("flex_fleet", entitlements=[{"name": "oslo", "configuration": "branch"}]),
}
BOTH = play({**TASKS["module"], "ignore_errors": True}, TASKS["action"])


def sentence(run: Run) -> str:
    """The message of the failed task, which is fit for people to read."""
    (message,) = sentences(run, 1)
    return message


def sentences(run: Run, count: int = 2) -> list[str]:
    """The messages of so many failed tasks, each fit for people to read."""
    assert run.rc == 2 and len(run.failures) == count, run.output
    messages = [str(result["msg"]) for result in run.failures]
    assert all(message.endswith(".") and "\n" not in message for message in messages), messages
    assert not [
        word
        for word in ("Traceback", "<html", "Error(", "NoneType", "urllib3")
        if word in run.output
    ], run.output
    assert [result["changed"] for result in run.failures] == [False] * count
    return messages


def test_a_wrong_password(controller: Controller, flex: Simulator) -> None:
    for message in sentences(
        controller.play(BOTH, env={"FORTIFLEX_ACCESS_PASSWORD": "wrong-password"})
    ):
        assert "refused the login" in message and "check username and password" in message
        assert "wrong-password" not in message
    assert flex.requests()["logins"] == 2


def test_a_user_without_permission(controller: Controller) -> None:
    message = sentence(
        controller.play(play(TASKS["module"]), env={"FORTIFLEX_ACCESS_USERNAME": "no-permission"})
    )

    assert "refused the login" in message and "may use FortiFlex" in message


def test_no_credentials(controller: Controller, flex: Simulator) -> None:
    run = controller.play(
        BOTH,
        env={
            "FORTIFLEX_ACCESS_USERNAME": "",
            "FORTIFLEX_ACCESS_PASSWORD": "",
            "FORTIFLEX_PROGRAM": "",
        },
    )

    for message in sentences(run):
        assert not [
            name
            for name in (
                "FORTIFLEX_ACCESS_USERNAME",
                "FORTIFLEX_ACCESS_PASSWORD",
                "FORTIFLEX_PROGRAM",
            )
            if name not in message
        ]
    assert [result["error_code"] for result in run.failures] == ["invalid_input"] * 2
    assert flex.requests()["logins"] == 0


def test_plain_http_to_another_machine(controller: Controller) -> None:
    message = sentence(
        controller.play(
            play(TASKS["action"]),
            env={"FORTIFLEX_API_URL": "http://flex.example.com/ES/api/fortiflex/v2"},
        )
    )

    assert "api_url" in message and "https://" in message and "flex.example.com" in message


def test_a_program_of_somebody_else(controller: Controller) -> None:
    message = sentence(
        controller.play(
            play(TASKS["action"]),
            env={"FORTIFLEX_PROGRAM": "ELAVMS0000000999", "FORTIFLEX_ACCOUNT_ID": ""},
        )
    )

    assert "ELAVMS0000000999" in message and "ELAVMS0000000200" in message


def test_a_refusal(controller: Controller, flex: Simulator) -> None:
    flex.faults(
        [
            {
                "kind": "refused",
                "path": "entitlements/list",
                "always": True,
                "message": "The service is closed today.",
            }
        ]
    )

    for message in sentences(controller.play(BOTH)):
        assert "entitlements/list" in message and "The service is closed today" in message


@pytest.mark.thorough
@pytest.mark.long
def test_no_usable_answer(controller: Controller, flex: Simulator) -> None:
    flex.faults([{"kind": "html_502", "path": "entitlements/list", "always": True}])
    command = controller.command(play(TASKS["action"]))
    with (
        ThreadPoolExecutor() as both,
        socket.socket() as taken,
    ):  # at the same time, because each tries for a while
        taken.bind(("127.0.0.1", 0))  # without listen: nobody can connect
        place = f"127.0.0.1:{taken.getsockname()[1]}"
        closed = both.submit(
            controller.run, command, {"FORTIFLEX_AUTH_URL": f"http://{place}/api/v1/oauth/token/"}
        )
        page = both.submit(controller.run, command)
        refused, unusable = sentence(closed.result()), sentence(page.result())

    assert "connection refused" in refused and place in refused
    assert "No usable answer to entitlements/list" in unusable and "check the URL" in unusable


def test_options_of_a_wrong_type(controller: Controller, flex: Simulator) -> None:
    task = module("flex_fleet", entitlements=[{"configuration": "branch"}], max_new="many")

    message = controller.play(play(task)).failure["msg"]

    assert "name, serial_number" in message and "max_new" in message
    assert flex.requests()["total"] == 0


def test_an_unknown_option(controller: Controller) -> None:
    message = controller.play(play(module("flex_fleet", entitlement=[{"name": "oslo"}]))).failure[
        "msg"
    ]

    assert "entitlement" in message and "entitlements" in message
