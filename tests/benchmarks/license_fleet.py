# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What it takes to license a fleet on a local FortiFlex: a first run, one with nothing to do, one that changes a tenth of the end dates.

Measures whole ``ansible-playbook`` runs, Ansible's own start included: requests with logins, writes, wall and CPU seconds, memory of the largest process.
``fleet`` is the playbook license_fleet, ``per host`` one task with flex_entitlement for each host, as most playbooks are written. ``--latency`` is how long
each answer takes, ``--quota`` makes FortiFlex refuse more than 100 requests a minute. ``--pacing`` prints how much of that a first run uses, and how far the
end moves that its plan and its progress lines forecast. Needs the simulator, and nothing of the collection's code.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from moments import day

from simulator.launch import Simulator, start

ROOT = Path(__file__).parents[2]
SIZES = (10, 200, 1000, 5000)
PARAMETERS = {"small": (1, "UTP"), "medium": (2, "UTP"), "large": (4, "ENT")}
HEAD = ("way", "sites", "latency ms", "run", "requests", "writes", "wall s", "CPU s", "peak MB")
PACING = (
    "sites",
    "latency ms",
    "requests",
    "seconds",
    "possible s",
    "share %",
    "a minute",
    "forecasts",
    "moved %",
)
PER_MINUTE = 100
_FORECAST = re.compile(
    r"(?:about (?:(\d+) h ?)?(?:(\d+) min ?)?(?:(\d+) s ?)?)(?:left|at the request limit)"
)
FLEET = "flexops.fortiflex.license_fleet"
DAY = day(180)


def main() -> None:
    """Print the table that is asked for, as Markdown."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    arguments.add_argument("--sites", type=int, nargs="+", default=SIZES)
    arguments.add_argument(
        "--latency", type=int, default=0, help="milliseconds that each answer takes longer"
    )
    arguments.add_argument(
        "--pacing",
        type=int,
        nargs="+",
        metavar="LATENCY",
        help="the share of the request limit that a first run uses, at each of these latencies",
    )
    arguments.add_argument("--quota", action="store_true", help="at most 100 requests a minute")
    arguments.add_argument(
        "--per-host", action="store_true", help="one task for each host, beside one for all"
    )
    arguments.add_argument(
        "--change", action="store_true", help="also change the end date of a tenth of the sites"
    )
    asked = arguments.parse_args()
    if asked.pacing is not None:
        show(PACING)
        show(["---"] * len(PACING))
        for sites in asked.sites:
            for latency in asked.pacing:
                show([sites, latency, *pace(sites, latency)])
        return
    show(HEAD)
    show(["---"] * len(HEAD))
    for sites in asked.sites:
        for way in ("fleet", "per host")[: 2 if asked.per_host else 1]:
            with tempfile.TemporaryDirectory() as directory, start() as flex:
                flex.settings(
                    latency_ms=asked.latency, quota_minute=asked.quota, quota_overlap=asked.quota
                )
                bench = Bench(flex, Path(directory), sites, way, asked.quota)
                runs: list[tuple[str, dict[str, Any]]] = [("first", {}), ("nothing", {})]
                if asked.change:
                    runs.append(("a tenth", {"fortiflex_end_date": DAY}))
                for run, variables in runs:
                    show([way, sites, asked.latency, run, *bench.measure(variables)])


def pace(sites: int, latency: int) -> list[float]:
    """How a first run uses the request limit: its requests, their seconds beside the fewest possible, and how its forecasts of the end differ."""
    with tempfile.TemporaryDirectory() as directory, start() as flex:
        flex.settings(latency_ms=latency, quota_minute=True, quota_overlap=True)
        bench = Bench(flex, Path(directory), sites, "fleet", True)
        ends: list[float] = []

        def heard(line: str) -> None:
            found = _FORECAST.search(line)
            if found and any(found.groups()):
                hours, minutes, seconds = (int(part or 0) for part in found.groups())
                ends.append(time.time() + 3600 * hours + 60 * minutes + seconds)

        bench.measure({}, heard)
        sent = [entry["time"] for entry in flex.requests()["log"]]
    seconds = sent[-1] - sent[0] + latency / 1000
    possible = fastest(len(sent), latency / 1000)
    rate = 60 * len(sent) / seconds
    moved = max(ends) - min(ends) if ends else 0.0
    return [
        len(sent),
        seconds,
        possible,
        100 * possible / seconds,
        rate,
        len(ends),
        100 * moved / seconds,
    ]


def fastest(requests: int, latency: float) -> float:
    """The fewest seconds for so many requests of which none overlap, at most PER_MINUTE of them in any minute."""
    ends: list[float] = []
    for number in range(requests):
        earliest = ends[number - PER_MINUTE] + 60 if number >= PER_MINUTE else 0.0
        ends.append(max([earliest, *ends[-1:]]) + latency)
    return ends[-1]


def show(cells: Any) -> None:
    """One row."""
    print(
        "| "
        + " | ".join(f"{cell:.1f}" if isinstance(cell, float) else str(cell) for cell in cells)
        + " |",
        flush=True,
    )


class Bench:
    """An inventory, and a FortiFlex that knows nothing of it yet."""

    def __init__(self, flex: Simulator, directory: Path, sites: int, way: str, quota: bool) -> None:
        self._flex = flex
        self._directory = directory
        self._sites = sites
        self._way = way
        limits = (
            {}
            if quota
            else {
                "FORTIFLEX_REQUESTS_PER_MINUTE": "100000",
                "FORTIFLEX_REQUESTS_PER_HOUR": "100000",
            }
        )
        self._environment = {
            **os.environ,
            **flex.environment(),
            **limits,
            "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
            "FORTIFLEX_STATE_DIR": str(directory / "state"),
        }

    def measure(
        self, variables: dict[str, Any], heard: Callable[[str], None] = lambda line: None
    ) -> list[float]:
        """Run the playbook once, with these variables for every tenth site; ``heard`` gets each line of its output at once."""
        arguments = [
            "ansible-playbook",
            "-i",
            str(self._inventory(variables)),
            FLEET if self._way == "fleet" else str(self._per_host()),
        ]
        self._flex.reset_requests()
        begun = time.monotonic()
        process = subprocess.Popen(
            arguments,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        lines: list[str] = []
        for line in process.stdout or ():
            lines.append(line)
            heard(line)
        _pid, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - begun
        if status:
            raise SystemExit("".join(lines)[-5000:])
        seen = self._flex.requests()
        return [
            seen["total"] + seen["logins"],
            seen["writes"],
            wall,
            usage.ru_utime + usage.ru_stime,
            round(usage.ru_maxrss / 1024),
        ]

    def _inventory(self, every_tenth: dict[str, Any]) -> Path:
        """Three sizes, variables on groups that hosts and other variables fill in, as in the sample inventory."""
        path = self._directory / "hosts.json"
        hosts = {
            f"site-{number:04}": {
                "size": list(PARAMETERS)[number % 3],
                "region": f"region_{number % 6}",
                **(every_tenth if number % 10 == 0 else {}),
            }
            for number in range(self._sites)
        }
        variables = {
            "ansible_connection": "local",
            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
            "fortiflex_configuration": "branch-{{ size }}",
            "fortiflex_tags": {"region": "{{ region }}"},
            "fortiflex_configurations": configurations(),
        }
        path.write_text(json.dumps({"fortiflex_sites": {"hosts": hosts, "vars": variables}}))
        return path

    def _per_host(self) -> Path:
        """A playbook with a task for each configuration, and one that each host runs for itself."""
        path = self._directory / "per_host.yml"
        made = [
            {"flexops.fortiflex.flex_configuration": item, "run_once": True}
            for item in configurations()
        ]
        options = {
            "name": "{{ inventory_hostname }}",
            "configuration": "{{ fortiflex_configuration }}",
            "tags": "{{ fortiflex_tags }}",
            "end_date": "{{ fortiflex_end_date | default(omit) }}",
        }
        path.write_text(
            json.dumps(
                [
                    {
                        "hosts": "all",
                        "gather_facts": False,
                        "tasks": [*made, {"flexops.fortiflex.flex_entitlement": options}],
                    }
                ]
            )
        )
        return path


def configurations() -> list[dict[str, Any]]:
    """One for each size."""
    return [
        {
            "name": f"branch-{size}",
            "product": "fortigate_vm_bundle",
            "parameters": {"cpus": cpus, "service_package": package},
        }
        for size, (cpus, package) in PARAMETERS.items()
    ]


if __name__ == "__main__":
    main()
