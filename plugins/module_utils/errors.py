# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that can go wrong, each as one sentence that says what is wrong, where, and what to
do.

Private to the collection: may change at any time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any

from .escapes import visible
from .grouping import grouped
from .optional import without_nulls
from .wording import first_few

_DETAILS = re.compile(
    r"\b(?=[A-Z]*\d)[A-Z0-9]{12,}\b"  # serial numbers
    r"|\b\d{4}-\d\d-\d\d\S*"  # dates
    r"|(?<=arrived as )[^;]*"  # what YAML made of a text
)
_FEW = 6  # sentences that differ only in such details are said one by one


class FlexError(Exception):
    """A failure that a person can act on. ``str(error)`` is the sentence, in one line that a
    terminal shows as it is; it never holds a secret.

    ``code`` is stable and meant for playbooks. ``details`` holds, where known, ``endpoint`` (as in
    ``configs/list``), ``http_status``, ``api_status`` and ``api_message``.
    """

    code = "failed"

    def __init__(self, sentence: str, **details: Any) -> None:
        super().__init__(visible(sentence))
        self.details = without_nulls(details)


class Problem(str):
    """One sentence about one of many things. ``who`` is its name, in quotes in the sentence. The
    same sentence about several is printed once.
    """

    who: str

    def __new__(cls, sentence: str, who: str) -> Problem:
        """The sentence with the name of what it is about."""
        problem = super().__new__(cls, sentence)
        problem.who = who
        return problem

    @property
    def kind(self) -> str:
        """The sentence without the name."""
        return self.replace(f"'{self.who}'", "…")


class InvalidInput(FlexError):
    """What was asked is known to be wrong before anything is written. Holds every problem of a
    task, not just the first.
    """

    code = "invalid_input"

    def __init__(self, problems: Iterable[str] | str) -> None:
        """``problems``: several sentences, or one."""
        self.problems = [problems] if isinstance(problems, str) else list(problems)
        super().__init__(" ".join(map(_ended, together(self.problems))))


class Problems:
    """Collects what is wrong with what somebody gave, so that a person reads all of it at once.

    As a context manager it raises at its end. It is the only way in which checks hand on what they
    find.
    """

    def __init__(self, problems: Iterable[str] = ()) -> None:
        self.found = list(problems)
        self._where = ""
        self._who: str | None = None

    def __bool__(self) -> bool:
        return bool(self.found)

    def about(self, where: str, who: str | None = None) -> Problems:
        """The same collector for one item: its sentences begin with ``where``, and ``who`` is the
        item's name in them.

        Nested calls add to ``where``; ``who`` stays that of the item.
        """
        part = Problems()
        part.found = self.found
        part._where = self._where + (f"{where}: " if where else "")
        part._who = self._who if who is None else who
        return part

    def add(self, *sentences: str | None) -> None:
        """Collect sentences. None is what a check says that found nothing.

        A :class:`Problem` loses its ``who`` in a collector that has a ``where`` and no ``who``.
        """
        for sentence in filter(None, sentences):
            text = self._where + sentence if self._where else sentence
            self.found.append(text if self._who is None else Problem(text, self._who))

    @contextmanager
    def catch(self) -> Iterator[None]:
        """Collect what is found wrong within a block. What follows in the block is left out then."""
        try:
            yield
        except InvalidInput as error:
            self.add(*error.problems)

    def refuse(self) -> None:
        """Go on only if nothing is wrong.

        :raises InvalidInput: with all that was collected.
        """
        if self.found:
            raise InvalidInput(self.found)

    def __enter__(self) -> Problems:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is None:
            self.refuse()
        elif isinstance(error, InvalidInput):
            self.add(*error.problems)
            raise InvalidInput(self.found) from None


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith((".", "?")) else f"{sentence}."


def together(problems: Iterable[str]) -> list[str]:
    """The problems, with those that several things share said once: of the first one, and how many
    and which others.

    Where only serial numbers, dates or values differ, a few are said one by one.
    """
    shared = grouped(problems, _kind)
    alike = grouped((group[0] for group in shared.values()), _form)
    told: list[str] = []
    for kinds in alike.values():
        groups = [shared[_kind(kind)] for kind in kinds]
        if len(groups) > _FEW:
            groups = [[problem for group in groups for problem in group]]
        told += map(_of_all, groups)
    return told


def _kind(problem: str) -> str:
    """What several things can share."""
    return problem.kind if isinstance(problem, Problem) else problem


def _form(problem: str) -> str:
    """The same where only details differ."""
    return _DETAILS.sub("…", problem.kind) if isinstance(problem, Problem) else problem


def _of_all(problems: list[str]) -> str:
    others = list(dict.fromkeys(other.who for other in problems[1:] if isinstance(other, Problem)))
    if not others:
        return problems[0]
    return f"{problems[0].rstrip('.')} (the same for {len(others)} more: {shortened(others)})"


def shortened(names: Iterable[str]) -> str:
    """The first few names, in quotes, and how many more there are."""
    return first_few(f"'{name}'" for name in names)


class LoginRefused(FlexError):
    """FortiCloud gave no bearer token: wrong user, wrong password, or no permission for FortiFlex."""

    code = "login_refused"


class AccessDenied(FlexError):
    """The API user may not do this on this program or account. Every further request would be
    refused too.
    """

    code = "access_denied"


class AccountNotAllowed(FlexError):
    """The account is not one of ``allowed_accounts``. Nothing about it was sent."""

    code = "account_not_allowed"


class Refused(FlexError):
    """FortiFlex understood the request and said no: it had no effect, and the same request would be
    refused again.
    """

    code = "refused"


class TooManyErrors(FlexError):
    """Status -30: FortiFlex locks creations for up to an hour after ten refused ones. The request
    had no effect.
    """

    code = "too_many_errors"


class QuotaExhausted(FlexError):
    """The request limit stays used up for longer than ``quota_wait`` allows. The request was not
    sent.
    """

    code = "quota_exhausted"


class Unavailable(FlexError):
    """A reading call got no usable answer, although it was repeated: closed port, reset, timeout,
    gateway page, no JSON.
    """

    code = "unavailable"


class UnknownOutcome(FlexError):
    """A writing call got no usable answer: it may have taken effect, may still take effect, or may
    never.

    ``sent`` is when it was sent, in seconds since 1970 (UTC).
    """

    code = "unknown_outcome"

    def __init__(self, sentence: str, sent: float, **details: Any) -> None:
        super().__init__(sentence, **details)
        self.sent = sent


class NotSent(FlexError):
    """A writing call was not sent, or was sent and certainly had no effect, and may be sent again
    after a new observation.
    """

    code = "not_sent"
