# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m documents`` writes all that is made from the code into its files; with ``--check`` it only names those that are stale, and fails."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from documents import api_coverage, blocks, messages, products, prose

ROOT = blocks.ROOT
PAGES: dict[str, Callable[[], str]] = {
    "docs/products.md": products.page,
    "docs/api-coverage.md": api_coverage.page,
    "docs/messages.md": messages.page,
}


def stale(write: bool) -> Iterator[str]:
    """The files that are not as the code says; ``write`` brings each of them up to date before the next one is made."""
    for (
        path
    ) in blocks.files():  # the modules come first, since pages are made of their documentation
        yield from _unlike(path, blocks.filled(path.read_text(encoding="utf-8")), write)
    for name, page in PAGES.items():
        yield from _unlike(ROOT / name, prose.wrapped(page()), write)


def _unlike(path: Path, text: str, write: bool) -> Iterator[str]:
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        yield path.relative_to(ROOT).as_posix()
        if write:
            path.write_text(text, encoding="utf-8")


def main(write: bool) -> int:
    """Write or check; returns the exit status."""
    found = list(stale(write))
    for name in found:
        print(f"{name} {'was written' if write else 'is stale: run make docs'}")
    return 0 if write else min(len(found), 1)


if __name__ == "__main__":
    sys.exit(main(write="--check" not in sys.argv[1:]))
