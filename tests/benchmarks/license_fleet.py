# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``license_fleet`` takes for 10, 200 and 1,000 sites on a local FortiFlex that answers at once: a first run, and one with nothing to do.

Measures whole ``ansible-playbook`` runs, Ansible's own start included. Needs the simulator, and nothing of the collection's code.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from pathlib import Path

from simulator.launch import Simulator, start

ROOT = Path(__file__).parents[2]
SIZES = (10, 200, 1000)
PARAMETERS = {"small": (1, "UTP"), "medium": (2, "UTP"), "large": (4, "ENT")}
COLUMNS = f"{'sites':>6}  {'run':8}{'requests':>9}{'writes':>8}{'wall s':>8}{'CPU s':>8}{'peak MB':>9}"


def main() -> None:
    """Print the table."""
    print(COLUMNS)
    for sites in SIZES:
        with tempfile.TemporaryDirectory() as directory, start() as flex:
            inventory = write_inventory(Path(directory), sites)
            for name in ("first", "nothing"):
                print(f"{sites:>6}  {name:8}{measure(flex, Path(directory), inventory)}", flush=True)


def write_inventory(directory: Path, sites: int) -> Path:
    """An inventory like the sample's: three sizes, variables on groups that hosts and other variables fill in."""
    path = directory / "hosts.json"
    hosts = {f"site-{number:04}": {"size": list(PARAMETERS)[number % 3], "region": f"region_{number % 6}"} for number in range(sites)}
    variables = {
        "fortiflex_configuration": "branch-{{ size }}",
        "fortiflex_tags": {"region": "{{ region }}"},
        "fortiflex_configurations": [
            {"name": f"branch-{size}", "product": "fortigate_vm_bundle", "parameters": {"cpus": cpus, "service_package": package}}
            for size, (cpus, package) in PARAMETERS.items()
        ],
    }
    path.write_text(json.dumps({"fortiflex_sites": {"hosts": hosts, "vars": variables}}))
    return path


def measure(flex: Simulator, directory: Path, inventory: Path) -> str:
    """Run the playbook once: requests (logins included), writing ones among them, wall and CPU seconds, memory of the largest process."""
    environment = {
        **os.environ, **flex.environment(), "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "FORTIFLEX_STATE_DIR": str(directory / "state"),
        "FORTIFLEX_REQUESTS_PER_MINUTE": "100000", "FORTIFLEX_REQUESTS_PER_HOUR": "100000",
    }
    flex.reset_requests()
    log = directory / "ansible.log"
    begun = time.monotonic()
    with log.open("w") as output:
        process = subprocess.Popen(
            ["ansible-playbook", "-i", str(inventory), "flexops.fortiflex.license_fleet"], env=environment, stdout=output, stderr=subprocess.STDOUT
        )
        _pid, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - begun
    if status:
        raise SystemExit(log.read_text())
    seen = flex.requests()
    cpu, memory = usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
    return f"{seen['total'] + seen['logins']:>9}{seen['writes']:>8}{wall:>8.1f}{cpu:>8.1f}{memory:>9.0f}"


if __name__ == "__main__":
    main()
