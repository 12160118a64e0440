# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that can go wrong, each as one sentence that says what is wrong, where, and what to do.

Private to the collection: may change at any time.
"""

from __future__ import annotations

from typing import Any


class FlexError(Exception):
    """A failure that a person can act on. ``str(error)`` is the sentence; it never holds a secret.

    ``code`` is stable and meant for playbooks. ``details`` holds, where known, ``endpoint`` (as in ``configs/list``),
    ``http_status``, ``api_status`` and ``api_message``.
    """

    code = "failed"

    def __init__(self, sentence: str, **details: Any) -> None:
        super().__init__(sentence)
        self.details = {key: value for key, value in details.items() if value is not None}


class InvalidInput(FlexError):
    """What was asked is known to be wrong before anything is written. Holds every problem of a task, not just the first."""

    code = "invalid_input"

    def __init__(self, problems: list[str]) -> None:
        super().__init__(
            " ".join(problem if problem.endswith(".") else problem + "." for problem in problems)
        )
        self.problems = problems


class LoginRefused(FlexError):
    """FortiCloud gave no bearer token: wrong user, wrong password, or no permission for FortiFlex."""

    code = "login_refused"


class AccessDenied(FlexError):
    """The API user may not do this on this program or account. Every further request would be refused too."""

    code = "access_denied"


class AccountNotAllowed(FlexError):
    """The account is not one of ``allowed_accounts``. Nothing about it was sent."""

    code = "account_not_allowed"


class Refused(FlexError):
    """FortiFlex understood the request and said no: it had no effect, and the same request would be refused again."""

    code = "refused"


class TooManyErrors(FlexError):
    """Status -30: FortiFlex locks creations for up to an hour after ten refused ones. The request had no effect."""

    code = "too_many_errors"


class QuotaExhausted(FlexError):
    """The request budget stays used up for longer than ``quota_wait`` allows. The request was not sent."""

    code = "quota_exhausted"


class Unavailable(FlexError):
    """A reading call got no usable answer, although it was repeated: closed port, reset, timeout, gateway page, no JSON."""

    code = "unavailable"


class UnknownOutcome(FlexError):
    """A writing call got no usable answer: it may have taken effect, may still take effect, or may never.

    ``sent`` is when it was sent, in seconds since 1970 (UTC).
    """

    code = "unknown_outcome"

    def __init__(self, sentence: str, sent: float, **details: Any) -> None:
        super().__init__(sentence, **details)
        self.sent = sent


class NotSent(FlexError):
    """A writing call was not sent, or was sent and certainly had no effect, and may be sent again after a new observation."""

    code = "not_sent"
