# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook usage_report: twice in a row, its alerts at webhooks, and a plan whose cost comes true."""

from __future__ import annotations

import email
import email.policy
import json
import socket
from datetime import datetime, timedelta
from typing import Any

import pytest
from aiosmtpd import controller as smtp
from integration.playbook import Controller, module, play
from moments import day
from unit.hostile_texts import CONTROLS, HOSTILE

from ansible_collections.flexops.fortiflex.plugins.filter.flex_escape import flex_escape
from simulator.launch import Simulator

REPORT = "flexops.fortiflex.usage_report"


@pytest.mark.long
def test_the_playbook_keeps_the_ledger_writes_and_notifies(
    controller: Controller, flex: Simulator, webhook: tuple[str, list[dict[str, Any]]]
) -> None:
    url, bodies = webhook
    made = flex.seed_configuration("branch")["id"]
    flex.seed(
        [
            {
                "configId": made,
                "status": "ACTIVE",
                "description": f"site-{number} [region=west]",
                "startDate": day(-20),
            }
            for number in range(5)
        ]
    )
    variables = {
        "usage_report_ledger": str(controller.directory / "usage.sqlite3"),
        "usage_report_directory": str(controller.directory / "reports"),
        "usage_report_accounts": ["2000001"],
        "usage_report_commitment": 10_000_000,
        "usage_report_notify": [
            {"kind": kind, "url": f"{url}/{kind}-secret"} for kind in ("slack", "teams", "json")
        ],
    }
    arguments = ("-e", json.dumps(variables))

    check = controller.play(REPORT, *arguments, "--check")
    assert check.rc == 0, check.output
    assert bodies == [] and not (controller.directory / "reports").exists()
    run = controller.play(REPORT, *arguments, "-vvv")
    assert run.rc == 0, run.output
    assert {path.suffix for path in (controller.directory / "reports").iterdir()} == {
        ".html",
        ".json",
        ".csv",
        ".prom",
    }
    assert {body["path"] for body in bodies} == {
        "/slack-secret",
        "/teams-secret",
        "/json-secret",
    } and "-secret" not in run.output
    for body in bodies:
        assert "less than committed" in json.dumps(body)
    again = controller.play(REPORT, *arguments, "-e", "usage_report_fail_on_alert=true")
    assert (
        again.rc == 2
        and "less than committed" in again.failure["msg"]
        and again.recap["localhost"]["changed"] == 0
    )
    variables["usage_report_notify"] = [{"kind": "slack", "url": "http://127.0.0.1:9/slack-secret"}]
    unheard = controller.play(REPORT, "-e", json.dumps(variables))
    assert (
        "could not be posted to the slack webhook (HTTP status -1" in unheard.failure["msg"]
        and "-secret" not in unheard.output
    )
    assert flex.writes() == 0


def test_what_others_name_is_text_in_each_message(
    controller: Controller, webhook: tuple[str, list[dict[str, Any]]]
) -> None:
    url, bodies = webhook
    kinds = ("slack", "teams", "json")
    tell = {
        "hosts": "localhost",
        "gather_facts": False,
        "tasks": [
            {
                "ansible.builtin.include_role": {
                    "name": "flexops.fortiflex.usage_report",
                    "tasks_from": "notify",
                },
                "loop": [{"kind": kind, "url": f"{url}/{kind}"} for kind in kinds],
                "loop_control": {"loop_var": "__usage_report_target"},
            }
        ],
    }
    alerts = [{"text": text} for text in HOSTILE]
    variables = {"usage_report_title": "<!here> [a](b)", "usage_report_outlook": {"alerts": alerts}}
    file = controller.directory / "variables.json"
    file.write_text(json.dumps(variables))
    run = controller.play([tell], "-e", f"@{file}")
    assert run.rc == 0, run.output
    sent = {body["path"][1:]: body for body in bodies}

    title, *lines = sent["slack"]["text"].split("\n")
    assert title == f"*&lt;!here&gt; [a]\u200b(b): {len(HOSTILE)} alerts*"
    assert lines == [f"• {flex_escape(text, 'slack')}" for text in HOSTILE]
    subject, block = sent["teams"]["attachments"][0]["content"]["body"]
    assert subject["text"].startswith("\\<!here\\> \\[a\\]\u200b(b): ")
    assert block["text"].split("\n") == [f"- {flex_escape(text, 'teams')}" for text in HOSTILE]
    assert sent["json"]["alerts"] == alerts  # it is data


@pytest.mark.parametrize("text", [CONTROLS[0], CONTROLS[2], CONTROLS[6], CONTROLS[9]])
def test_what_is_told_is_shown_in_one_line(controller: Controller, text: str) -> None:
    run = controller.play("flexops.fortiflex.tell", "-e", json.dumps({"tell_text": text}))
    assert run.rc == 0 and f'"msg": "{flex_escape(text)}"' in run.stdout, run.output


@pytest.mark.thorough
def test_alerts_go_by_mail(controller: Controller, flex: Simulator) -> None:
    mails: list[str] = []

    class Handler:
        async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:
            message = email.message_from_bytes(envelope.content, policy=email.policy.default)
            body = message.get_body()
            mails.append(
                f"{envelope.rcpt_tos} {message['Subject']}: {body.get_content() if body else ''}"
            )
            return "250 OK"

    made = flex.seed_configuration("branch")["id"]
    flex.seed([{"configId": made, "status": "ACTIVE", "description": "site"}])
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = smtp.Controller(Handler(), hostname="127.0.0.1", port=port)
    server.start()
    try:
        run = controller.play(
            REPORT,
            "-e",
            json.dumps(
                {
                    "usage_report_ledger": str(controller.directory / "usage.sqlite3"),
                    "usage_report_directory": str(controller.directory / "reports"),
                    "usage_report_formats": ["json"],
                    "usage_report_commitment": 10_000_000,
                    "usage_report_accounts": ["2000001"],
                    "usage_report_title": "Usage\nBcc: everybody@example.com",
                    "usage_report_notify": [
                        {
                            "kind": "mail",
                            "to": "noc@example.com",
                            "sender": "flex@example.com",
                            "host": "127.0.0.1",
                            "port": port,
                        }
                    ],
                }
            ),
        )
    finally:
        server.stop()
    assert run.rc == 0, run.output
    assert (
        len(mails) == 1
        and "noc@example.com" in mails[0]
        and "] Usage Bcc: everybody@example.com: 1 alert:" in mails[0]
        and "less than committed" in mails[0]
    )


def test_a_plan_costs_what_it_said(controller: Controller, flex: Simulator) -> None:
    options = {
        "configurations": [
            {
                "name": size,
                "product": "fortigate_vm_bundle",
                "parameters": {"cpus": cpus, "service_package": "ENT"},
            }
            for size, cpus in (("two", 2), ("four", 4))
        ],
        "entitlements": [
            {
                "name": f"s{number}",
                "configuration": "two" if number % 2 else "four",
                "skip_pending": True,
            }
            for number in range(7)
        ],
        "estimate": True,
    }
    show = {"ansible.builtin.debug": {"msg": "{{ fleet.cost }}"}}
    run = controller.play(
        play({**module("flex_fleet", **options), "register": "fleet"}, show), "--check"
    )
    predicted = run.shown[-1]["msg"]["points_per_day_after"]
    assert controller.play(play(module("flex_fleet", **options))).changed == 1
    begun = datetime.fromisoformat(flex.state()["clock"]["pacific"]).date() + timedelta(days=1)
    flex.advance(32 * 86400)
    bill = flex.bill(str(begun), str(begun + timedelta(days=29)))
    assert float(sum(bill.values())) == pytest.approx(30 * predicted, abs=0.01)
