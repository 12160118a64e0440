# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The work of flex_access_info: what an API user may read and write, found out without changing anything.

What is denied is a result here. Only what concerns no endpoint, such as a refused login, is an error.
Private to the collection: may change at any time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, TypeVar

from ..client.answers import ENDPOINTS
from ..client.service import FlexService
from ..core.dates import pacific_day
from ..core.model import Observation, Program
from ..core.spelling import serial_number_spelled
from ..core.steps import W
from ..errors import (
    AccessDenied,
    LoginRefused,
    NotSent,
    Problems,
    Refused,
    Unavailable,
    UnknownOutcome,
)
from .results import Result
from .task import Task
from .verdict import left_out, of_probe, verdict

READ, DENIED, REFUSED, UNAVAILABLE, UNKNOWN = "read", "denied", "refused", "unavailable", "unknown"

_Answer = TypeVar("_Answer")
_ACCESS = {
    AccessDenied: DENIED,
    LoginRefused: DENIED,
    Refused: REFUSED,
    Unavailable: UNAVAILABLE,
    UnknownOutcome: UNKNOWN,
    NotSent: UNKNOWN,
}
# A refusal for any other reason than permission says that the permission is there.
_WRITE = {DENIED: "no", REFUSED: "yes", READ: "yes"}
GRANTED, MISSING = "granted", "missing"
_GRANTED = {"yes": GRANTED, "no": MISSING, UNKNOWN: UNKNOWN}
_PRICED = (
    "fortigate_vm_bundle",
    {"cpus": 1, "service_package": "UTP"},
)  # something that every program can ask the price of


class Finding(NamedTuple):
    """What came of one endpoint; ``message`` is what FortiFlex said where it said no."""

    endpoint: str
    access: str
    message: str = ""


def look_around(task: Task) -> Result:
    """What flex_access_info returns."""
    options, user = task.options, task.connect(needs_program=False)
    required = options["required"] or {}
    home = serial_number_spelled(required.get("program") or task.connection.program)
    asked = options["serial_number"]
    needed = _numbers(task, "required.accounts", required.get("accounts"))
    named = {
        *needed,
        *_numbers(task, "accounts", options["accounts"]),
        *(task.accounts.allowed or ()),
        *filter(None, [task.connection.account_id]),
    }
    listing, listed = _ask("programs/list", user.programs)
    if listed is None and task.connection.program and task.connection.account_id is not None:
        listed = [Program(task.connection.program, task.connection.account_id, None)]
    programs = [
        program
        for program in listed or ()
        if asked is None or serial_number_spelled(asked) == program.serial_number
    ]
    metadata, _answer = _ask("tools/metadata", user.metadata)
    writing = _writing(task, user)
    write = _WRITE.get(writing.access, UNKNOWN)
    access = []
    for program in sorted(programs, key=lambda program: program.serial_number):
        mine = named if home in ("", program.serial_number) else set()
        access.append({**_look_at(task, user.of_program(program), mine), "write": write})
    names = task.accounts.names
    return {
        "changed": False,
        "verdict": verdict(task.connection.username, access, home, listing.access == READ, names),
        "writing": of_probe(writing.access, writing.message),
        "left_out": left_out(access, names),
        "required": _required(required, access, home, needed, writing, task.accounts.called),
        "access": access,
        "endpoints": [finding._asdict() for finding in (listing, metadata, writing)],
        "missing": [
            task.in_words(sentence)
            for sentence in _missing(
                listing,
                access,
                home,
                needed,
                writing if required.get("write") and not task.check_mode else None,
            )
        ],
    }


def _numbers(task: Task, where: str, accounts: Iterable[Any] | None) -> list[int]:
    """Accounts that an option names.

    :raises InvalidInput: if one of them is none.
    :raises AccountNotAllowed: if one of them is outside the fence.
    """
    with Problems() as problems:
        numbers = task.accounts.listed(where, accounts or (), problems)
    for number in numbers:
        task.accounts.check(number)
    return numbers


def _ask(endpoint: str, call: Callable[[], _Answer]) -> tuple[Finding, _Answer | None]:
    """What came of a call of an endpoint, and its answer."""
    try:
        return Finding(endpoint, READ), call()
    except (AccessDenied, LoginRefused, NotSent, Refused, Unavailable, UnknownOutcome) as error:
        failed = error.details.get("endpoint")
        if failed not in ENDPOINTS:
            raise  # the login, without which nothing can be said
        if (
            failed != endpoint
        ):  # entitlements that stand on configurations which the user cannot read
            return Finding(endpoint, READ), None
        return Finding(
            endpoint, _ACCESS[type(error)], str(error.details.get("api_message") or error)
        ), None


def _writing(task: Task, user: FlexService) -> Finding:
    """What came of a write that cannot have an effect."""
    if task.check_mode or not task.options["probe_writing"]:
        return Finding(
            "entitlements/stop",
            UNKNOWN,
            "not asked in check mode"
            if task.check_mode
            else "not asked, because probe_writing is false",
        )
    task.client.budget.ready(1)  # else a write that rests on nothing would be late
    return _ask("entitlements/stop", lambda: user.try_to_write(task.clock.now() + W))[0]


def _look_at(task: Task, service: FlexService, named: set[int]) -> dict[str, Any]:
    """What the user may read of one program. ``named`` are accounts to look at beside those that show by themselves."""
    balance, _points = _ask("programs/points", service.balance)
    sweep, swept = _ask("configs/list", lambda: service.sweep(None))
    owner = filter(
        task.accounts.permits, [service.account_id] if service.account_id is not None else []
    )
    known: dict[int, Observation | None] = dict.fromkeys([*owner, *named])
    known |= {
        account.account_id: seen for account, seen in swept or () if account.account_id is not None
    }
    accounts = {
        number: _ask("entitlements/list", _listing(service.of(number), seen))[0]
        for number, seen in sorted(known.items())
    }
    readable = [number for number, finding in accounts.items() if finding.access == READ]
    outside = {*service.left_out, *filter(None, [service.account_id])} - known.keys()
    return {
        "serial_number": service.serial_number,
        "account_id": service.account_id,
        "alias": task.accounts.names.get(str(service.account_id)),
        "accounts": [
            {
                "account_id": number,
                "alias": task.accounts.names.get(str(number)),
                "read": number in readable,
                "message": finding.message,
            }
            for number, finding in accounts.items()
        ],
        "left_out": sorted(outside),
        "endpoints": [
            finding._asdict()
            for finding in (
                balance,
                sweep,
                *_of_account(task, service, accounts, (readable or [*accounts])[:1]),
                _price(task, service),
            )
        ],
    }


def _listing(account: FlexService, before: Observation | None) -> Callable[[], Observation]:
    return lambda: account.observe(before, configurations=False)


def _of_account(
    task: Task, service: FlexService, accounts: Mapping[int, Finding], chosen: list[int]
) -> list[Finding]:
    """The endpoints that want an account: asked for one that can be read, if there is any."""
    if not chosen:
        return [
            Finding(endpoint, UNKNOWN, "no account inside allowed_accounts")
            for endpoint in ("entitlements/list", "entitlements/points", "groups/list")
        ]
    account, today = service.of(chosen[0]), pacific_day(task.clock.now())
    points, _used = _ask("entitlements/points", lambda: account.points(today, today))
    groups, _folders = _ask("groups/list", account.folders)
    return [accounts[chosen[0]], points, groups]


def _price(task: Task, service: FlexService) -> Finding:
    product, values = task.priced(_PRICED[0], None, _PRICED[1])
    return _ask("tools/calc", lambda: service.price(product, values))[0]


def _required(
    required: Mapping[str, Any],
    access: list[dict[str, Any]],
    home: str,
    needed: Iterable[int],
    writing: Finding,
    called: Callable[[int], str],
) -> list[dict[str, str]]:
    """Each thing that is required, and whether it is granted."""
    found = [program for program in access if home in ("", program["serial_number"])]
    accounts = [account for program in found for account in program["accounts"]]
    readable = {account["account_id"] for account in accounts if account["read"]}
    rows = [(f"program {home}", GRANTED if found else MISSING)] if required and home else []
    rows += [
        (f"account {called(number)}", GRANTED if number in readable else MISSING)
        for number in needed
    ]
    if required.get("write"):
        rows.append(("writing", _GRANTED[_WRITE.get(writing.access, UNKNOWN)]))
    return [{"name": name, "access": word} for name, word in rows]


def _missing(
    listing: Finding,
    access: list[dict[str, Any]],
    home: str,
    needed: Iterable[int],
    writing: Finding | None,
) -> list[str]:
    """What is required and not there, one sentence each. ``home`` is the program that it is required in, "": any; ``writing`` None: not required."""
    found = [program for program in access if home in ("", program["serial_number"])]
    if not found and listing.access != READ:
        return [
            f"Which programs this API user sees is not known ({listing.endpoint}: {listing.message})."
        ]
    if not found:
        seen = ", ".join(program["serial_number"] for program in access) or "none"
        return [
            f"Program {home or 'of any serial number'} is not among those that this API user sees ({seen})."
        ]
    sentences = []
    for number in needed:
        answers = [
            account
            for program in found
            for account in program["accounts"]
            if account["account_id"] == number
        ]
        if not any(account["read"] for account in answers):
            sentences.append(f"Account {number} cannot be read ({answers[0]['message']}).")
    if writing is not None and writing.access == DENIED:
        sentences.append(f"This API user may not write ({writing.endpoint}: {writing.message}).")
    elif writing is not None and writing.access in (UNAVAILABLE, UNKNOWN):
        sentences.append(
            f"Whether this API user may write is not known ({writing.endpoint}: {writing.message})."
        )
    return sentences
