# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make demo``: license the sample company on a local FortiFlex, run again, and see what a change would do.

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
import time
import urllib.request
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from simulator.launch import Simulator, start

ROOT = Path(__file__).parents[2]
CHANGE = "tests/demo/change.yml"
PLAYBOOK = ["ansible-playbook", "-i", "playbooks/sample_inventory", "flexops.fortiflex.license_fleet"]
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
        **{name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "FORTIFLEX_"))},
        **flex.environment(),
        "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
        "ANSIBLE_FORCE_COLOR": str(sys.stdout.isatty()),
        "FORTIFLEX_STATE_DIR": state,
        "FORTIFLEX_REQUESTS_PER_MINUTE": "100000",
        "FORTIFLEX_REQUESTS_PER_HOUR": "100000",
    }


def show(flex: Simulator, env: dict[str, str]) -> None:
    """The three runs, each with what it took, and the summary."""
    say(f"A local FortiFlex listens on {flex.url}; nothing leaves this machine.")
    took = []

    heading("1. A company with 120 branch offices and two data centers, and not one license yet")
    took.append(("first run", run(flex, env)))
    machines = flex.state()["entitlements"]
    for machine in machines:
        flex.redeem(machine["token"])
    say(f"\n{len(machines)} virtual machines boot, each with its own license token. From now on they cost points.")

    heading("2. The same again: everything is as it should be, so nothing is written")
    took.append(("second run", run(flex, env)))

    heading("3. One office opens, one grows, one closes: what would that change?")
    say("".join(f"    {line}\n" for line in (ROOT / CHANGE).read_text().split("\n\n", 1)[1].splitlines()))
    took.append(("third run, --check", run(flex, env, "-i", CHANGE, "--check", "--diff")))

    heading("Summary")
    say(f"{'':22}{'requests':>10}{'of these writing':>20}{'seconds':>10}")
    for name, (calls, writes, seconds) in took:
        say(f"{name:22}{calls:>10}{writes:>20}{seconds:>10.1f}")
    say("")
    summarize(flex)
    say("\nThe prices are made up. The real FortiFlex takes 100 requests a minute; here nothing has to wait.")


def run(flex: Simulator, env: dict[str, str], *more: str) -> tuple[int, int, float]:
    """Run the playbook and let its output through. Gives the requests that FortiFlex saw, the writing ones among them, and the seconds."""
    flex.reset_requests()
    say(f"$ {' '.join(PLAYBOOK)}" + (f" \\\n      {' '.join(more)}" if more else ""))
    begun = time.monotonic()
    with subprocess.Popen([*PLAYBOOK, *more], env=env, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            for line in process.stdout or ():
                say(re.sub(" {2,}", " ", line).rstrip() if "unreachable=" in line else line.rstrip())  # the recap is wider than a terminal
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
        say(f"{row:22}" + "".join(f"{sites[row, size] or '':>10}" for size in columns) + f"{points[row]:>14,.2f}")
    say(f"{'all':22}" + "".join(f"{sum(sites[row, size] for row in points):>10}" for size in columns) + f"{sum(points.values()):>14,.2f}")


def points_per_day(flex: Simulator, configurations: list[dict[str, Any]]) -> dict[int, float]:
    """What one entitlement of each configuration costs a day, asked of the calculator."""
    env = flex.environment()
    user = {"username": env["FORTIFLEX_ACCESS_USERNAME"], "password": env["FORTIFLEX_ACCESS_PASSWORD"]}
    login = post(flex.auth_url, {**user, "client_id": "flexvm", "grant_type": "password"})
    return {
        item["id"]: post(
            f"{flex.api_url}/tools/calc",
            {
                "programSerialNumber": item["programSerialNumber"], "productTypeId": item["productType"]["id"], "count": 1,
                "parameters": [{"id": pair["id"], "value": pair["value"]} for pair in item["parameters"]],
            },
            login["access_token"],
        )["points"]["current"]
        for item in configurations
    }


def post(url: str, body: dict[str, Any], bearer: str = "") -> Any:
    """One call of the FortiFlex API."""
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {bearer}"}
    with urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), headers), timeout=10) as answer:
        return json.load(answer)


def heading(text: str) -> None:
    """A line that parts the demo."""
    say(f"\n{'-' * WIDTH}\n{text}\n")


def say(text: str) -> None:
    """Print before the next command does."""
    print(text, flush=True)


if __name__ == "__main__":
    main()
