# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation site: the pages of this tree, and what is made from the code about each plugin, role, playbook and rulebook. `make docs` builds it.

Sphinx gets a copy of the pages at the paths that they have here, so that links between them lead to the same page here, on GitHub and on the site.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from documents import reference

ROOT = Path(__file__).parents[2]
PAGES = (
    "*.md",
    "docs/*.md",
    "docs/*.png",
    "docs/pictures/*.svg",
    "roles/*/README.md",
    "tests/contract/README.md",
    "tests/simulator/README.md",
    "docs/site/*",
)


def stage(source: Path) -> None:
    """Copy the pages, and write those that are made from the code."""
    for pattern in PAGES:
        for page in ROOT.glob(pattern):
            target = source / (page.relative_to(ROOT) if page.parent.name != "site" else page.name)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(page, target)
    plugins = source / "reference"
    plugins.mkdir(mode=0o755)
    for name, text in reference.pages().items():
        (plugins / name).write_text(text, encoding="utf-8")
    command = [
        "antsibull-docs",
        "--config-file",
        str(source / "antsibull-docs.cfg"),
        "collection",
        "--use-current",
        "--squash-hierarchy",
        "--no-indexes",
    ]
    subprocess.run(
        [*command, "--fail-on-error", "--dest-dir", str(plugins), "flexops.fortiflex"], check=True
    )


def main(directory: Path) -> None:
    """Build the site again in ``directory``/html; a warning of Sphinx, such as a link to nowhere, is an error."""
    shutil.rmtree(directory, ignore_errors=True)
    source = directory / "source"
    source.mkdir(parents=True)
    stage(source)
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "-b",
        "html",
        "-j",
        "auto",
        "-q",
        "-W",
        "--keep-going",
        str(source),
        str(directory / "html"),
    ]
    subprocess.run(command, check=True)
    print(f"The site begins at {directory / 'html' / 'index.html'}")


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
