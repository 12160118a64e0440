# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every example on every page works, and prints what the page shows."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from integration.playbook import ROOT, Controller, module, play
from integration.reader import RUN, Reader, examples, missing
from moments import day

from simulator.launch import Simulator

PAGES = sorted(
    page.relative_to(ROOT).as_posix()
    for pattern in ("*.md", "docs/*.md", "roles/*/README.md", "tests/simulator/README.md")
    for page in ROOT.glob(pattern)
    if page.name
    not in (
        "CHANGELOG.md",
        "products.md",
        "tutorial.md",
    )  # of no examples; of parameters, which a test of products runs; of the demo's output
    and any(example.language in RUN for example in examples(page))
)
LONG = ("README.md", "docs/fleets.md", "docs/migration.md", "docs/mssp.md")


def seed(flex: Simulator, *names: str, **others: Any) -> None:
    """Entitlements that are there already, and charged."""
    made = flex.seed_configuration("branch")["id"]
    flex.seed(
        [
            {
                "configId": made,
                "description": name,
                "status": "ACTIVE",
                "tokenStatus": "USED",
                **others,
            }
            for name in names
        ]
    )


def prepare(page: str, reader: Reader, flex: Simulator, webhook: str) -> None:
    """What the reader of a page has before he begins."""
    directory = reader.controller.directory
    reader.exported = {"SLACK_WEBHOOK": webhook}
    if page == "README.md":
        reader.do(
            next(
                example
                for example in examples(ROOT / "docs/mssp.md")
                if example.file_name == "bakery.yml"
            )
        )
        reader.exported["FORTIFLEX_ACCOUNT_ALIASES"] = "bakery=2000002"
    elif page == "docs/ledger.md":
        seed(flex, "branch-oslo [cost_center=1300]", startDate=day(-300))
        assert reader.controller.play(
            play(module("flex_usage_ledger", ledger=str(directory / "usage.sqlite3")))
        ).changed
    elif page == "docs/migration.md":
        seed(flex, "branch-oslo", "", "twice", "twice")
        _official(directory)
    elif page == "docs/mssp.md":
        reader.typed = "demo-api-user\ndemo-password\n"
        reader.exported = {"FORTIFLEX_ACCOUNT_ID": ""}
    elif page == "roles/development/README.md":
        seed(flex, "lab-1", "lab-2")
    elif page == "roles/retire/README.md":
        seed(flex, "cork", "turku")
    elif page == "roles/usage_report/README.md":
        seed(flex, "branch-oslo", startDate=day(-300))
        flex.seed_configuration("bakery", accountId=2000002)


def _official(directory: Path) -> None:
    """Playbooks of the official collection."""
    (directory / "tasks").mkdir()
    (directory / "site.yml").write_text(
        "- hosts: localhost\n  tasks:\n    - ansible.builtin.import_tasks: tasks/branches.yml\n",
        encoding="utf-8",
    )
    (directory / "tasks" / "branches.yml").write_text(
        """\
- name: Create an entitlement
  fortinet.fortiflexvm.fortiflexvm_entitlements_vm_create:
    configId: 4001
    count: 1
    description: branch-oslo
""",
        encoding="utf-8",
    )


@pytest.mark.parametrize(
    "page", [pytest.param(page, marks=pytest.mark.long) if page in LONG else page for page in PAGES]
)
def test_page(
    controller: Controller, flex: Simulator, webhook: tuple[str, list[dict[str, Any]]], page: str
) -> None:
    if page == "docs/audit.md" and shutil.which("jq") is None:
        assert "CI" not in os.environ, "docs/audit.md needs jq"
        pytest.skip("docs/audit.md needs jq")
    reader = Reader(controller)
    prepare(page, reader, flex, webhook[0])
    assert reader.read(ROOT / page) == len(
        [
            example
            for example in examples(ROOT / page)
            if example.language in RUN and not example.not_run
        ]
    )


def test_what_a_page_shows_has_to_come_in_its_order() -> None:
    output = "PLAY [one] *****\nok: FGVMMLTM26000001 at 2020-11-25T10:00:00Z\nchanged:  2\n"
    assert (
        missing(
            "PLAY [one] **\n...\nok: FGVMMLTM26000777 at 2021-01-01T00:00:00.5\nchanged: 2\n",
            output,
        )
        == []
    )
    assert missing("changed: 2\nPLAY [one] ***\n", output) == ["PLAY [one] ***"]
    assert missing("changed: 3\n", output) == ["changed: 3"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("```console\nfalse\n```", "page.md:1"),
        ("```yaml\nkey: value\n```", "neither a file nor tasks nor plays"),
        ("```\nls\n```", "nobody knows"),
        ("```console\necho one\n```\n```text\ntwo\n```", "not printed: ['two']"),
        ("```console\n$ echo one\ntwo\n```", "not printed: ['two']"),
        ("<!-- fails -->\n```console\ntrue\n```", "page.md:2"),
        ("```python\nassert False\n```", "AssertionError"),
    ],
)
def test_an_example_that_does_not_work_is_reported(
    controller: Controller, text: str, complaint: str
) -> None:
    page = controller.directory / "page.md"
    page.write_text(text, encoding="utf-8")
    with pytest.raises(AssertionError, match=complaint.replace("[", r"\[")):
        Reader(controller).read(page)


def test_what_a_script_exports_holds_for_the_rest_of_the_page(controller: Controller) -> None:
    page = controller.directory / "page.md"
    page.write_text(
        """\
```console
export ONE=1 FORTIFLEX_PROGRAM=...
```
```console
$ echo "$ONE $FORTIFLEX_PROGRAM"
1 ELAVMS0000000200
```
""",
        encoding="utf-8",
    )
    assert Reader(controller).read(page) == 2
