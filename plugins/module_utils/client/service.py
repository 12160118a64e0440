# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One program and account of FortiFlex, read and changed. Each change is recorded in the audit trail.

Private to the collection: may change at any time. Knows the client and the model; decides nothing.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

from ..catalogue.catalogue import Catalogue
from ..core.accounts import Accounts
from ..core.calls import Held, Stop
from ..core.converge import Written
from ..core.steps import Step
from ..errors import Unavailable, UnknownOutcome
from .answers import Reply
from .audit_log import AuditLog
from .client import Client
from .items import entitlement_of, typed
from .reader import AccountReader

_NO_SERIAL_NUMBER = "NOSUCHSERIALNUMBER"  # those of FortiFlex end with digits


class FlexService(AccountReader):
    """One account of FortiFlex with all that can be asked of it, and all that can be changed in it."""

    def __init__(
        self,
        client: Client,
        audit: AuditLog,
        catalogue: Catalogue,
        program: str,
        account_id: int | None,
        accounts: Accounts,
    ) -> None:
        super().__init__(client, catalogue, program, account_id, accounts)
        self._audit = audit

    def try_to_write(self, not_after: float) -> None:
        """See whether the API user may write, by a write that cannot have an effect: the stop of an entitlement that does not exist.

        :raises AccessDenied: if the user may not.
        :raises Refused: if the user may; that there is nothing to stop is what FortiFlex is expected to say.
        """
        call = Stop(_NO_SERIAL_NUMBER)
        where = {"program": self.serial_number or None, "account_id": self.account_id}
        with self._audit.writing(call.endpoint, call.body, [], [], **where):
            self._client.write(call.endpoint, call.body, not_after, harmless=True)

    def write(self, step: Step, not_after: float) -> Written:
        """Carry out one step.

        :raises UnknownOutcome: also when a creation was answered without what it created.
        """
        self.scope()
        names = [part.item[1] for part in step.each]
        before = [part.before for part in step.each if part.before is not None]
        where = {"program": self.serial_number, "account_id": self.account_id}
        with self._audit.writing(step.endpoint, step.body, names, before, **where) as shows:
            reply = self._client.write(step.endpoint, step.body, not_after)
            item: Mapping[str, Any] = reply.items[0] if reply.items else {}
            created_as = step.call.created_as
            if created_as and not str(item.get(created_as) or "").isalnum():
                raise UnknownOutcome(
                    f"FortiFlex answered {step.endpoint} without saying what it created",
                    reply.sent_at,
                    endpoint=step.endpoint,
                )
            # The next observation says what there is; this is for the record.
            with contextlib.suppress(Unavailable):
                shows(self._shown(step, reply))
        return Written(dict(item), reply.sent_at, reply.answered_at)

    def _shown(self, step: Step, reply: Reply) -> list[Held]:
        """What the answer to a step shows of what it changed."""
        if step.call.is_about_configurations:
            return [*typed(step.endpoint, self._configuration, reply.items)]
        return [*typed(step.endpoint, entitlement_of, reply.items)]
