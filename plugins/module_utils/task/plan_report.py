# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of all accounts of a task as a text: JSON for programs, Markdown for a pull request, a
job summary or a ticket, and a page of HTML.

Names, tags, aliases and errors are texts of others. In Markdown they are in code, where nothing in
them is markup; in HTML they are escaped.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from ..core.approved import as_variables, unbraced
from ..core.changes import ACTIONS
from ..core.run_report import WITHOUT_LICENSE
from ..escapes import visible
from ..pages import filled_in
from ..wording import rounded
from ._plan_page import TEMPLATE
from .plan_text import for_good, outcome, sign_and_verb, tally

AccountPlan = Mapping[str, Any]

LONGEST = 1_000  # characters of one text of others
_WIDEST = 64  # columns of a name
_COSTS = tuple(f"points_per_day_{part}" for part in ("before", "after", "pending"))
_KINDS = ("configurations", "spares")  # what is counted beside entitlements
_LOOKS = {"+": "new", "-": "end"}
_PLAIN = re.compile("[A-Za-z0-9/]{1,64}")


@dataclass(frozen=True)
class Plan:
    """What would be done, or was ``done``, in each account, as the file of the plan has it;
    ``aliases`` of accounts by their numbers.
    """

    accounts: Mapping[str, AccountPlan]
    aliases: Mapping[str, str] = field(default_factory=dict)
    done: bool = False

    @property
    def title(self) -> str:
        """The answer in a few words."""
        if not self.accounts:
            return "there is no site to license"
        if any("error" in account for account in self.accounts.values()):
            return "the run failed" if self.done else "the plan failed"
        if not any(account["changed"] for account in self.accounts.values()):
            return "nothing changes"
        return "what was done" if self.done else "the plan"

    @property
    def whole(self) -> AccountPlan:
        """The counts of all accounts together."""
        sums: Counter[str] = Counter()
        for account in self.accounts.values():
            sums.update({word: account.get(word, 0) for word in (*ACTIONS, WITHOUT_LICENSE)})
        beside: dict[str, Counter[str]] = {kind: Counter() for kind in _KINDS}
        for kind, account in product(_KINDS, self.accounts.values()):
            beside[kind].update(account.get(kind, {}))
        return {**sums, **beside}

    def counts(self, account: AccountPlan) -> str:
        """How many entitlements, configurations and spares are treated in which way."""
        plans = {f"{kind}_plan": account.get(kind, {}) for kind in _KINDS}
        text = tally({"plan": account, **plans}, 0, self.done).replace("\N{NO-BREAK SPACE}", " ")
        return text or ("no plan" if "error" in account else "nothing to do")

    def for_good(self) -> str:
        """What the plan makes that can never be deleted; nothing if it makes nothing."""
        whole = self.whole
        licenses = whole.get("create", 0) + whole["spares"]["create"]
        configurations = whole["configurations"]["create"]
        if not licenses + configurations:
            return ""
        return for_good(licenses, configurations, self.done).removeprefix("! ")


def as_json(plan: Plan) -> str:
    """For programs, and for the option ``plan``. Ansible fills in nothing where it reads it by ``-e
    @plan.json``.
    """
    accounts = {}
    for place, account in plan.accounts.items():
        accounts[place] = {**account, "changes": as_variables(account["changes"])}
        if "error" in account:
            accounts[place]["error"] = unbraced(account["error"])
    return json.dumps({"fortiflex_plan": accounts}, indent=4, sort_keys=True) + "\n"


def as_markdown(plan: Plan) -> str:
    """For a comment in a pull request, the summary of a job, or a ticket."""
    lines = [f"### FortiFlex: {plan.title}", ""]
    if plan.accounts:
        lines += [f"**{_cost([*plan.accounts.values()])}**", ""]
    if made := plan.for_good():
        lines += [f"**{made}**", ""]
    for place, account in plan.accounts.items():
        failed = [f"! {_line(account['error'])}"] if "error" in account else []
        rows = [*failed, *_rows(account)]
        block = ["```diff", *rows, "```", ""] if rows else []
        lines += [_account(plan, place), "", *block]
    return "\n".join(lines)


def _account(plan: Plan, place: str) -> str:
    account = plan.accounts[place]
    cost = f". {_cost([account])}" if len(plan.accounts) > 1 else ""
    return f"Account {_named(plan, place, _code)}: {plan.counts(account)}{cost}"


def _rows(account: AccountPlan) -> Iterator[str]:
    """A line for each thing that changes, in columns."""
    rows = [*map(_shown, account["changes"])]
    wide, long = (
        min(max((len(row[key]) for row in rows), default=0), _WIDEST)
        for key in ("name", "serial_number")
    )
    for row in rows:
        name, serial = f"{row['name']:<{wide}}", f"{row['serial_number']:<{long}}  "
        begin = f"{row['sign']} {row['verb']:<7}  {row['kind']:<13}  {name}  "
        yield f"{begin}{serial if long else ''}{row['text']}".rstrip()


def as_page(plan: Plan) -> str:
    """For people: one page of HTML that loads nothing."""
    sections = [*_sections(plan)]
    failed = [f"Account {each['name']}: {each['error']}" for each in sections if each["error"]]
    alerts = [*filter(None, [plan.for_good()]), *failed]
    return filled_in(
        TEMPLATE,
        title=plan.title,
        counts=plan.counts(plan.whole) if plan.accounts else "",
        alerts=alerts,
        cards=[*_cards(plan)],
        accounts=sections,
    )


def _cards(plan: Plan) -> Iterator[Mapping[str, str]]:
    """The figures that are read first."""
    accounts = [*plan.accounts.values()]
    if not accounts:
        return
    if (sums := _points(accounts)) is None:
        yield {"label": "Points a day", "value": "not known", "note": _cost(accounts)}
    else:
        before, after, pending = sums
        change = f"{rounded(after - before, 2, '+')} points a day"
        now = f", {rounded(after - pending)} of them now" if pending else ""
        value = f"{rounded(before)} \N{RIGHTWARDS ARROW} {rounded(after)}"
        yield {"label": "Points a day", "value": value, "note": f"{change}{now}"}
    whole = plan.whole
    for kind, counts in (("entitlements", whole), *((kind, whole[kind]) for kind in _KINDS)):
        for word in (*ACTIONS, WITHOUT_LICENSE):
            if count := counts.get(word, 0):
                note = outcome(word, plan.done)
                yield {"label": kind.capitalize(), "value": str(count), "note": note}


def _sections(plan: Plan) -> Iterator[Mapping[str, Any]]:
    """What the page has of each account."""
    for place, account in plan.accounts.items():
        yield {
            "name": _named(plan, place, _line),
            "counts": plan.counts(account),
            "cost": _cost([account]),
            "error": _line(account.get("error", "")),
            "changes": [*map(_shown, account["changes"])],
        }


def _shown(change: Mapping[str, Any]) -> Mapping[str, str]:
    """A change as a person reads it."""
    sign, verb = sign_and_verb(change["action"])
    keys = ("kind", "name", "serial_number", "text")
    texts = {key: _line(change.get(key) or "") for key in keys}
    return {"sign": sign, "verb": verb, "look": _LOOKS.get(sign, "other"), **texts}


def _named(plan: Plan, place: str, shown: Callable[[str], str]) -> str:
    """An account by its alias, if it has one, and by what the plan calls it."""
    alias = plan.aliases.get(place.rpartition("/")[2])
    return f"{shown(alias)} ({shown(place)})" if alias else shown(place)


def _line(text: str) -> str:
    """A text in one line of bounded length, so that it can neither end the code block that it is in
    nor control a terminal.
    """
    seen = " ".join(visible(text[:LONGEST]).split())
    return seen + ("..." if len(text) > LONGEST else "")


def _code(text: str) -> str:
    """A text between other words of Markdown, as code if anything in it could be markup."""
    if _PLAIN.fullmatch(text):
        return text
    return f"`{_line(text.replace('`', ' ')) or ' '}`"


def _points(accounts: Sequence[AccountPlan]) -> tuple[float, float, float] | None:
    """Points a day before and after, and the pending part of them; None if one of the accounts does
    not have them.
    """
    try:
        before, after, pending = (sum(account[key] for account in accounts) for key in _COSTS)
    except KeyError:
        return None
    return before, after, pending


def _cost(accounts: Sequence[AccountPlan]) -> str:
    if (sums := _points(accounts)) is None:
        return "What it costs is not known"
    before, after, pending = sums
    change = rounded(after - before, 2, "+")
    text = f"Cost: {rounded(before)} -> {rounded(after)} points/day ({change})"
    now = f"{rounded(after - pending)} now, {rounded(after)} when all pending licenses are in use"
    return f"{text}, {now}" if pending else text


REPORTS: Mapping[str, Callable[[Plan], str]] = {
    ".json": as_json,
    ".md": as_markdown,
    ".html": as_page,
}
"""The formats of a plan by the ending of their files."""
