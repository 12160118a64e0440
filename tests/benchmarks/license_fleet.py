# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What it takes to license a fleet on a local FortiFlex: a first run, one with nothing to do, one that changes a tenth of the end dates.

Measures whole ``ansible-playbook`` runs, Ansible's own start included: requests with logins, writes, wall and CPU seconds, memory of the largest process.
``fleet`` is the playbook license_fleet, ``per host`` one task with flex_entitlement for each host, as most playbooks are written. ``--latency`` is how long
each answer takes, ``--quota`` makes FortiFlex refuse more than 100 requests a minute. Needs the simulator, and nothing of the collection's code.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from moments import day

from simulator.launch import Simulator, start

ROOT = Path(__file__).parents[2]
SIZES = (10, 200, 1000, 5000)
PARAMETERS = {"small": (1, "UTP"), "medium": (2, "UTP"), "large": (4, "ENT")}
HEAD = ("way", "sites", "latency ms", "run", "requests", "writes", "wall s", "CPU s", "peak MB")
FLEET = "flexops.fortiflex.license_fleet"
DAY = day(180)


def main() -> None:
    """Print the table that is asked for, as Markdown."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    arguments.add_argument("--sites", type=int, nargs="+", default=SIZES)
    arguments.add_argument(
        "--latency", type=int, default=0, help="milliseconds that each answer takes longer"
    )
    arguments.add_argument("--quota", action="store_true", help="at most 100 requests a minute")
    arguments.add_argument(
        "--per-host", action="store_true", help="one task for each host, beside one for all"
    )
    arguments.add_argument(
        "--change", action="store_true", help="also change the end date of a tenth of the sites"
    )
    asked = arguments.parse_args()
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

    def measure(self, variables: dict[str, Any]) -> list[float]:
        """Run the playbook once, with these variables for every tenth site."""
        arguments = [
            "ansible-playbook",
            "-i",
            str(self._inventory(variables)),
            FLEET if self._way == "fleet" else str(self._per_host()),
        ]
        self._flex.reset_requests()
        log = self._directory / "ansible.log"
        begun = time.monotonic()
        with log.open("w") as output:
            process = subprocess.Popen(
                arguments, env=self._environment, stdout=output, stderr=subprocess.STDOUT
            )
            _pid, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - begun
        if status:
            raise SystemExit(log.read_text()[-5000:])
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
