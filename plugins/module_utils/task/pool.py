# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asset folders and the next free license token; in check mode with what earlier tasks would have created.

Private to the collection: may change at any time.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from ..client.service import FlexService
from ..core.model import CHARGED, PENDING, Entitlement, Folder
from .task import Task

_USABLE = (*CHARGED, PENDING)  # the statuses of a next token, if nobody names others


def folders(task: Task, service: FlexService) -> list[Folder]:
    """The asset folders of an account."""
    found = {folder.path: folder for folder in service.folders()}
    for made in _predicted(task, service):
        account_id, path = made.account_id or 0, made.folder or ""
        folder = found.get(path) or Folder(account_id, path, 0, 0)
        if made.token_status == "USED":
            found[path] = replace(folder, used_tokens=folder.used_tokens + 1)
        else:
            found[path] = replace(folder, available_tokens=folder.available_tokens + 1)
    return list(found.values())


def next_token(
    task: Task,
    service: FlexService,
    folder: str | None,
    configuration_id: int | None,
    statuses: Collection[str] | None,
) -> Entitlement | None:
    """The entitlement with an unused license token that comes next; None if there is none."""
    found = None
    if configuration_id is None or configuration_id > 0:
        found = service.next_token(folder, configuration_id, statuses)
    if found is not None:
        return found
    for made in _predicted(task, service):
        if (
            made.token_status != "USED"
            and made.status in (statuses or _USABLE)
            and configuration_id in (None, made.configuration_id)
            and folder in (None, made.folder)
        ):
            return made
    return None


def _predicted(task: Task, service: FlexService) -> list[Entitlement]:
    """Virtual machines that earlier tasks in check mode would have licensed."""
    if (
        task.session.predictions is None
        or service.account_id not in task.session.predictions.accounts()
    ):
        return []
    seen = task.session.observe(service=service)
    return [made for made in seen.entitlements if made.predicted and made.token_status]
