# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the catalogue costs: loading it as a module does (a fresh process, from a zip, no bytecode), and checking 1,000 configurations.

Run it as ``python tests/benchmarks/catalogue.py``. Imports nothing of the collection into this process before it measures.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
PACKAGE = "ansible_collections/flexops/fortiflex/plugins/module_utils"
LOAD = """
import sys, time
sys.path.insert(0, sys.argv[1])
{first}
from ansible_collections.flexops.fortiflex.plugins.module_utils import errors
start = time.perf_counter()
from ansible_collections.flexops.fortiflex.plugins.module_utils.catalogue.catalogue import snapshot
catalogue = snapshot()
catalogue.product("fortigate_vm_bundle")
print((time.perf_counter() - start) * 1000)
"""
CHECK = """
import sys, time
sys.path.insert(0, sys.argv[1])
from ansible_collections.flexops.fortiflex.plugins.module_utils.catalogue.catalogue import snapshot
from ansible_collections.flexops.fortiflex.plugins.module_utils.errors import Problems
start = time.perf_counter()
product = snapshot().product("fortigate_vm_bundle")
machine = snapshot().product("fortigate_hardware")
for number in range(500):
    for wanted, given in (
        (product, {"cpu": number % 96 + 1, "service": "Enterprise", "vdoms": "2", "cloud_services": ["SOCaaS", "FGTFAZC"]}),
        (machine, {"model": "FortiGate-901G-DC", "service_package": "FGHWENT", "addons": ["FortiConverter Service"]}),
    ):
        problems = Problems()
        values = wanted.check(given, problems, complete=True)
        assert not problems, problems.found
        wanted.changes(wanted.read(wanted.wire(values)), values)
print((time.perf_counter() - start) * 1000)
"""


def archive(folder: Path) -> Path:
    """The module_utils in a zip, as Ansible ships them."""
    path = folder / "payload.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
        parts = PACKAGE.split("/")
        for depth in range(len(parts)):
            bundle.writestr("/".join([*parts[: depth + 1], "__init__.py"]), "")
        bundle.writestr(f"{PACKAGE}/catalogue/__init__.py", "")
        for name in (
            "errors",
            "escapes",
            "wording",
            "catalogue/products",
            "catalogue/product",
            "catalogue/values",
            "catalogue/table",
            "catalogue/parameter",
            "catalogue/catalogue",
            "catalogue/objections",
        ):
            bundle.write(
                REPOSITORY / "plugins" / "module_utils" / f"{name}.py", f"{PACKAGE}/{name}.py"
            )
    return path


def milliseconds(program: str, path: Path, runs: int) -> str:
    """Median and range of what the program prints, each time in a fresh process."""
    taken = [
        float(
            subprocess.run(
                [sys.executable, "-B", "-c", program, str(path)], check=True, capture_output=True
            ).stdout
        )
        for _number in range(runs)
    ]
    return f"{statistics.median(taken):7.1f} ms ({min(taken):.1f} to {max(taken):.1f}, {runs} processes)"


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        path = archive(Path(folder))
        print("load, in a bare process             ", milliseconds(LOAD.format(first=""), path, 15))
        print(
            "load, beside ansible's module basics",
            milliseconds(LOAD.format(first="import ansible.module_utils.basic"), path, 15),
        )
        print("1,000 x check, wire, read, changes  ", milliseconds(CHECK, path, 3))


if __name__ == "__main__":
    main()
