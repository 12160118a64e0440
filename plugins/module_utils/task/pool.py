# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asset folders and the next free license token; in check mode with what earlier tasks would have
created.

Private to the collection: may change at any time.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from ..client.service import FlexService
from ..core.model import Entitlement, Folder
from .task import Task


def folders(task: Task, service: FlexService) -> list[Folder]:
    """The asset folders of an account."""
    found = {folder.path: folder for folder in service.folders()}
    for made in _predicted(task, service):
        path = made.folder or ""
        folder = found.get(path) or Folder(service.scope()["accountId"], path, 0, 0)
        used = folder.used_tokens + made.has_used_token
        free = folder.available_tokens + (not made.has_used_token)
        found[path] = replace(folder, used_tokens=used, available_tokens=free)
    return list(found.values())


def next_token(
    task: Task,
    service: FlexService,
    folder: str | None,
    configuration_id: int | None,
    statuses: Collection[str] | None,
) -> Entitlement | None:
    """The entitlement with an unused license token that comes next; None if there is none."""
    is_predicted = configuration_id is not None and configuration_id < 0
    found = None if is_predicted else service.next_token(folder, configuration_id, statuses)
    if found is not None:
        return found
    for made in _predicted(task, service):
        usable = made.status in statuses if statuses else made.is_charged or made.is_pending
        is_asked_for = configuration_id in (None, made.configuration_id)
        if usable and is_asked_for and folder in (None, made.folder) and not made.has_used_token:
            return made
    return None


def _predicted(task: Task, service: FlexService) -> list[Entitlement]:
    """Virtual machines that earlier tasks in check mode would have licensed."""
    predictions = task.session.predictions
    if predictions is None or service.account_id not in predictions.accounts():
        return []
    seen = task.session.observe(service=service)
    return [made for made in seen.entitlements if made.predicted and made.token_status]
