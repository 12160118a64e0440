# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make demo``: license the sample company on a local FortiFlex, bring licenses to devices, run again, and see what a change would do.

Uses the standard library and ``simulator.launch``, nothing of the collection's code.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
import urllib.request
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from simulator.launch import Simulator, start

ROOT = Path(__file__).parents[2]
CHANGE = "tests/demo/change.yml"
DELIVERY = "tests/demo/delivery.yml"
ANSIBLE = ["ansible-playbook", "-i", "playbooks/sample_inventory"]
LICENSE_FLEET = "flexops.fortiflex.license_fleet"
WIDTH = 100


class PlaybookFailed(Exception):
    """The playbook failed; its output has said why."""


def main() -> None:
    """Run the demo; the local FortiFlex ends with it, however it ends."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with tempfile.TemporaryDirectory() as state, start() as flex:
            show(flex, environment(flex, state))
    except KeyboardInterrupt:
        sys.exit("\nStopped.")
    except PlaybookFailed:
        sys.exit("\nThe demo ends here, because this run of the playbook failed.")


def environment(flex: Simulator, state: str) -> dict[str, str]:
    """Where Ansible finds the collection and the local FortiFlex; nothing of what the user has set for the real one."""
    return {
        **{
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("ANSIBLE_", "FORTIFLEX_"))
        },
        **flex.environment(),
        "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
        "ANSIBLE_FORCE_COLOR": str(sys.stdout.isatty()),
        "FORTIFLEX_STATE_DIR": state,
        "FORTIFLEX_REQUESTS_PER_MINUTE": "100000",
        "FORTIFLEX_REQUESTS_PER_HOUR": "100000",
        "DEMO_DEVICES_URL": flex.devices_url,
        "DEMO_FILES": str(Path(state) / "license_delivery"),
    }


def show(flex: Simulator, env: dict[str, str]) -> None:
    """The runs, each with what it took, and the summary."""
    say(f"A local FortiFlex listens on {flex.url}; nothing leaves this machine.")
    took = []

    heading("1. A company with 120 branch offices and two data centers, and not one license yet")
    took.append(("first run", run(flex, env, LICENSE_FLEET)))

    heading(
        "2. Licenses go to devices: three offices that are about to be created, firewalls and managers that run"
    )
    show_file(DELIVERY)
    brief = {"ANSIBLE_DISPLAY_OK_HOSTS": "false", "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "false"}
    took.append(("delivery", run(flex, {**env, **brief}, "-i", DELIVERY, "tests/demo/deliver.yml")))
    boot(flex, Path(env["DEMO_FILES"]))

    heading("3. The first run again: everything is as it should be, so nothing is written")
    took.append(("second run", run(flex, env, LICENSE_FLEET)))

    heading("4. One office opens, one grows, one closes: what would that change?")
    show_file(CHANGE)
    took.append(
        ("third run, --check", run(flex, env, "-i", CHANGE, LICENSE_FLEET, "--check", "--diff"))
    )

    heading("Summary")
    say(f"{'':22}{'requests':>10}{'of these writing':>20}{'seconds':>10}")
    for name, (calls, writes, seconds) in took:
        say(f"{name:22}{calls:>10}{writes:>20}{seconds:>10.1f}")
    say("")
    summarize(flex)
    say(
        "\nThe prices are made up. The real FortiFlex takes 100 requests a minute; here nothing has to wait."
    )


def show_file(path: str) -> None:
    """What a file says, without its first comment."""
    say(
        "".join(
            f"    {line}\n" for line in (ROOT / path).read_text().split("\n\n", 1)[1].splitlines()
        )
    )


def boot(flex: Simulator, files: Path) -> None:
    """What has no license yet boots: with the user data or the command that the delivery wrote, or else with its token."""
    firewalls = [device for device in flex.state()["devices"] if device["license"] == "Valid"]
    say(
        f"\n{len(firewalls)} firewalls rebooted and run with valid licenses: "
        + ", ".join(device["serial"] for device in firewalls)
    )
    written = sorted(files.iterdir())
    for path in written:
        say(f"{path.name}, mode {path.stat().st_mode & 0o777:o}")
    say("\nbranch-oslo.userdata, its token blotted out:\n")
    tokens = [
        re.findall(r"(?:LICENSE-TOKEN:|vm-license )(\w+)", path.read_text())[0] for path in written
    ]
    text = (files / "branch-oslo.userdata").read_text()
    say(
        "".join(
            f"    {re.sub('TOKEN:.*', 'TOKEN:' + '*' * 20, line)}\n" for line in text.splitlines()
        )
    )
    for token in tokens:
        flex.redeem(token)
    rest = [machine for machine in flex.state()["entitlements"] if machine["status"] == "PENDING"]
    for machine in rest:
        flex.redeem(machine["token"])
    say(
        f"The {len(tokens)} machines of these files boot with what is in them, the other {len(rest)} with their tokens. From now on all cost points."
    )


def run(flex: Simulator, env: dict[str, str], *arguments: str) -> tuple[int, int, float]:
    """Run a playbook on the sample inventory and let its output through. Gives the requests that came, the writing ones among them, and the seconds."""
    flex.reset_requests()
    command = [*ANSIBLE, *arguments]
    say(
        "$ "
        + textwrap.fill(
            " ".join(command),
            WIDTH - 2,
            subsequent_indent=" " * 6,
            break_long_words=False,
            break_on_hyphens=False,
        ).replace("\n", " \\\n")
    )
    begun = time.monotonic()
    with subprocess.Popen(command, env=env, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            for line in process.stdout or ():
                say(
                    re.sub(" {2,}", " ", line).rstrip() if "unreachable=" in line else line.rstrip()
                )  # the recap is wider than a terminal
        except BaseException:
            process.terminate()
            raise
    if process.returncode:
        raise PlaybookFailed
    seconds = time.monotonic() - begun
    seen = flex.requests()
    return seen["total"] + seen["logins"], seen["writes"], seconds


def summarize(flex: Simulator) -> None:
    """Who is licensed for what, by region, and what that costs a day."""
    state = flex.state()
    names = {item["id"]: item["name"] for item in state["configurations"]}
    prices = points_per_day(flex, state["configurations"])
    sites: Counter[tuple[str, str]] = Counter()
    points: dict[str, float] = defaultdict(float)
    for item in state["entitlements"]:
        place, size = names[item["configId"]].split("-", 1)
        found = re.search(r"region=(\w+)", item["description"])
        row = found[1].replace("_", " ") if found and place == "branch" else "data centers"
        sites[row, size] += 1
        sites[row, "all"] += 1
        points[row] += prices[item["configId"]]
    columns = ("small", "medium", "large", "all")
    say(f"{'licensed':22}" + "".join(f"{size:>10}" for size in columns) + f"{'points/day':>14}")
    for row in sorted(points):
        say(
            f"{row:22}"
            + "".join(f"{sites[row, size] or '':>10}" for size in columns)
            + f"{points[row]:>14,.2f}"
        )
    say(
        f"{'all':22}"
        + "".join(f"{sum(sites[row, size] for row in points):>10}" for size in columns)
        + f"{sum(points.values()):>14,.2f}"
    )


def points_per_day(flex: Simulator, configurations: list[dict[str, Any]]) -> dict[int, float]:
    """What one entitlement of each configuration costs a day, asked of the calculator."""
    env = flex.environment()
    user = {
        "username": env["FORTIFLEX_ACCESS_USERNAME"],
        "password": env["FORTIFLEX_ACCESS_PASSWORD"],
    }
    login = post(flex.auth_url, {**user, "client_id": "flexvm", "grant_type": "password"})
    return {
        item["id"]: post(
            f"{flex.api_url}/tools/calc",
            {
                "programSerialNumber": item["programSerialNumber"],
                "productTypeId": item["productType"]["id"],
                "count": 1,
                "parameters": [
                    {"id": pair["id"], "value": pair["value"]} for pair in item["parameters"]
                ],
            },
            login["access_token"],
        )["points"]["current"]
        for item in configurations
    }


def post(url: str, body: dict[str, Any], bearer: str = "") -> Any:
    """One call of the FortiFlex API."""
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {bearer}"}
    with urllib.request.urlopen(
        urllib.request.Request(url, json.dumps(body).encode(), headers), timeout=10
    ) as answer:
        return json.load(answer)


def heading(text: str) -> None:
    """A line that parts the demo."""
    say(f"\n{'-' * WIDTH}\n{text}\n")


def say(text: str) -> None:
    """Print before the next command does."""
    print(text, flush=True)


if __name__ == "__main__":
    main()
