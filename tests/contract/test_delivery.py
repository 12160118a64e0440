# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Licenses brought to pretended FortiGates: once, through a reboot and a connection that breaks, with a fresh token if need be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from contract.harness import CONFIGURATION, Controller

MODULE_UTILS = "ansible_collections.flexops.fortiflex.plugins.module_utils"


@pytest.fixture
def site(controller: Controller) -> Controller:
    """A controller with a licensed name whose firewall runs without a license."""
    controller.run(
        "flex_fleet",
        configurations=[CONFIGURATION],
        entitlements=[{"name": "site", "configuration": "small"}],
    )
    controller.writes()
    return controller


def deliver(controller: Controller, check: bool = False, **options: Any) -> dict[str, Any]:
    device = {
        "device_url": f"{controller.flex.url}/device/fw1",
        "device_token": "demo-device-token",
    }
    return controller.run(
        "flex_device_license", check=check, **{"name": "site", **device, **options}
    )


def downloads(controller: Controller) -> int:
    return int(
        controller.flex.requests()["by_path"].get("device/fw1/monitor/system/vmlicense/download", 0)
    )


@pytest.mark.parametrize("answer", ["answered", "aborted"])
@pytest.mark.parametrize("reboot", ["http_503", "reset"])
def test_a_device_gets_its_license_once_through_a_reboot(
    site: Controller, answer: str, reboot: str
) -> None:
    site.flex.settings(device_answer=answer, device_reboot=reboot, device_reboot_seconds=120)
    token = next(iter(site.entitlements().values()))["token"]
    predicted = deliver(site, check=True)
    assert predicted["changed"] and downloads(site) == 0 and not predicted["device"]["licensed"]
    done = deliver(site)
    serial_number = next(iter(site.entitlements()))
    assert done["changed"] and done["device"] == {"serial_number": serial_number, "licensed": True}
    assert done["entitlement"]["status"] == "ACTIVE" and token not in str(done)
    again = deliver(site)
    assert not again["changed"] and downloads(site) == 1 and again["requests"]["made"] == 2
    assert site.writes() == 0


@pytest.mark.parametrize(
    ("fault", "outcomes"),
    [
        ({"kind": "html_500", "times": 1}, ["refused", "done"]),
        ({"kind": "reset_after", "times": 1}, ["unknown_outcome"]),
    ],
)
def test_the_audit_trail_says_what_became_of_it(
    site: Controller, tmp_path: Path, fault: dict[str, Any], outcomes: list[str]
) -> None:
    site.flex.faults([{"path": "device/fw1/monitor/system/vmlicense/download", **fault}])
    path = tmp_path / "audit.jsonl"
    assert deliver(site, audit_log=str(path))["changed"]
    records = [json.loads(line) for line in path.read_text().splitlines()]
    sent = {record["id"] for record in records if record.get("endpoint") == "vmlicense/download"}
    assert [
        record["outcome"]
        for record in records
        if record["event"] == "answer" and record["id"] in sent
    ] == outcomes


def test_a_used_token_is_renewed_before_it_is_sent(site: Controller) -> None:
    serial_number, before = next(iter(site.entitlements().items()))
    site.flex.redeem(before["token"])
    assert deliver(site)["changed"] and downloads(site) == 1
    assert site.entitlements()[serial_number]["token"] != before["token"]


def test_a_token_that_the_device_could_not_use_is_renewed_once(site: Controller) -> None:
    path = "device/fw1/monitor/system/vmlicense/download"
    site.flex.faults([{"path": path, "kind": "html_502", "times": 1}])
    assert deliver(site)["changed"] and downloads(site) == 2
    site.flex.post("reset", {})
    site.run(
        "flex_fleet",
        configurations=[CONFIGURATION],
        entitlements=[{"name": "site", "configuration": "small"}],
    )
    site.flex.faults([{"path": path, "kind": "html_502", "always": True}])
    failed = deliver(site)
    assert "could not fetch its license" in failed["msg"] and downloads(site) == 2
    assert failed["changed"] and "What was done before is reported" in failed["msg"]


def test_the_token_is_renewed_at_once_after_a_refusal(site: Controller) -> None:
    """Nothing is asked of the device between a refusal and the second attempt."""
    status = "device/fw1/monitor/system/status"
    download = "device/fw1/monitor/system/vmlicense/download"
    site.flex.faults([{"path": download, "kind": "html_502", "always": True}])
    site.flex.reset_requests()
    assert deliver(site)["failed"] and downloads(site) == 2
    assert site.flex.requests()["by_path"][status] == 1


def test_a_token_for_the_device_is_never_taken_from_netrc(
    site: Controller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("default login somebody password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setattr(
        f"{MODULE_UTILS}.task._device.is_loopback", lambda host: False
    )  # so that proxies and netrc count
    assert deliver(site)["changed"]


def test_waiting_is_bounded(site: Controller) -> None:
    site.flex.settings(device_reboot_seconds=10_000)
    begun, slept = site.clock.now(), site.clock.slept
    assert "does not run as" in deliver(site, reboot_timeout=60)["msg"]
    assert site.clock.now() - begun >= 60 and site.clock.slept - slept < 90


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"name": "nobody"}, "'nobody' has no entitlement; license it first"),
        ({"name": "old"}, "is STOPPED; start it first"),
        ({"name": "unpaid"}, "is suspended; run the playbook resume_tenant for its account first"),
        ({"device_url": "http://192.0.2.10"}, "device_url must begin with https://"),
        ({"device_url": "firewall"}, "device_url must be a full URL"),
        ({"device_url": "https://[bad"}, "device_url must be a full URL"),
        ({"device_url": "https://me:secret@192.0.2.10"}, "device_url must have no user name"),
        ({"device_token": "wrong"}, "does not accept device_token"),
        ({"device_url": "http://127.0.0.1:9"}, "The device at 127.0.0.1 does not answer"),
        ({"username": ""}, "username is missing"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    site: Controller, options: dict[str, Any], sentence: str
) -> None:
    made = site.configuration("other")
    site.flex.seed(
        [
            {"configId": made, "description": text, "status": "STOPPED"}
            for text in ("old", "unpaid [suspended=2020-11-01]")
        ]
    )
    result = deliver(site, **options)
    assert result["failed"] and sentence in result["msg"] and "Traceback" not in str(result)
    assert downloads(site) == 0 and site.writes() == 0
