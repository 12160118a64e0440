# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How Sphinx makes the site of the pages that tests/documents/site.py gathers."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(os.environ["PWD"])
GALAXY = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))

project = "flexops.fortiflex"
copyright = "2026, the FlexOps maintainers"
version = release = GALAXY["version"]
html_title = f"flexops.fortiflex {version}"

extensions = ["myst_parser", "sphinx_antsibull_ext"]
myst_heading_anchors = 4  # as on GitHub
highlight_language = "yaml+jinja"
pygments_style = "ansible"
html_theme = "sphinx_ansible_theme"
html_theme_options = {"vcs_pageview_mode": "blob", "topbar_links": {}, "display_version": True}
html_show_sphinx = False
html_copy_source = False
# References into Ansible's own manual are links to it only where its index can be fetched, so they stay text.
suppress_warnings = ["ref.ref"]


def _to_repository(app: Any, page: str, source: list[str]) -> None:
    """Let links to files that are no pages, such as playbooks, lead to the repository."""
    if Path(app.env.doc2path(page)).suffix != ".md":
        return
    here = (ROOT / page).parent

    def target(link: re.Match[str]) -> str:
        path, _hash, _anchor = link[1].partition("#")
        file = Path(os.path.normpath(here / path))
        if (
            "://" in path
            or not path
            or not file.exists()
            or (Path(app.srcdir) / file.relative_to(ROOT)).is_file()
        ):
            return link[0]
        return f"]({GALAXY['repository']}/blob/main/{file.relative_to(ROOT)})"

    source[0] = re.sub(r"\]\(([^)\s]+)\)", target, source[0])


def setup(app: Any) -> None:
    """Sphinx calls this."""
    app.connect("source-read", _to_repository)
