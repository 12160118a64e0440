# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The work of flex_access_info: what an API user may read and write, found out without changing
anything.

What is denied is a result here. Only what concerns no endpoint, such as a refused login, is an
error. Private to the collection: may change at any time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, TypeVar

from ..client.answers import ENDPOINTS
from ..client.service import FlexService
from ..core.calls import Stop
from ..core.dates import pacific_day
from ..core.model import Observation, Program
from ..core.spelling import serial_number_spelled
from ..core.steps import W
from ..errors import FlexError, Problems
from ._permissions import (
    DENIED,
    GRANTED,
    READ,
    REFUSED,
    UNAVAILABLE,
    UNKNOWN,
    Permission,
    Permissions,
)
from .results import Result
from .task import Task

_Answer = TypeVar("_Answer")
# What an error says of an endpoint, by its code; any other one says nothing of it.
_ACCESS = {
    "access_denied": DENIED,
    "login_refused": DENIED,
    "not_sent": UNKNOWN,
    "refused": REFUSED,
    "unavailable": UNAVAILABLE,
    "unknown_outcome": UNKNOWN,
}
# Something that every program can ask the price of.
_PRICED = ("fortigate_vm_bundle", {"cpus": 1, "service_package": "UTP"})


def look_around(task: Task) -> Result:
    """What flex_access_info returns."""
    options, user = task.options, task.connect(needs_program=False)
    required = options["required"] or {}
    home = serial_number_spelled(required.get("program") or task.session.connection.program)
    needed = _numbers(task, "required.accounts", required.get("accounts"))
    named = {
        *needed,
        *_numbers(task, "accounts", options["accounts"]),
        *(task.session.accounts.allowed or ()),
        *filter(None, [task.session.connection.account_id]),
    }
    listing, programs = _programs(task, user)
    metadata, _answer = _ask("tools/metadata", user.metadata)
    writing = _writing(task, user)
    access = []
    for program in programs:
        mine = named if home in ("", program.serial_number) else set()
        found = _look_at(task, user, program, mine)
        access.append({**found, "write": writing.write})
    permissions = Permissions(
        task.session.connection.username, home, listing, writing, access, task.session.accounts
    )
    return {
        "changed": False,
        "verdict": permissions.verdict(),
        "writing": permissions.probe(),
        "left_out": permissions.left_out(),
        **_requirements(task, permissions, required, needed),
        "access": access,
        "endpoints": [permission._asdict() for permission in (listing, metadata, writing)],
    }


def _requirements(
    task: Task, permissions: Permissions, required: Mapping[str, Any], needed: Iterable[int]
) -> Result:
    """Each thing that is required, and what of it is not there; without the program, the rest is
    unknown.
    """
    program = permissions.program_required()
    rows = [permissions.account_required(number) for number in needed]
    if required.get("write"):
        rows.append(permissions.writing_required(task.check_mode))
    shown = [program, *rows] if required and permissions.home else rows
    told = rows if program.access == GRANTED else [program]
    return {
        "required": [{"name": row.name, "access": row.access} for row in shown],
        "missing": [task.in_words(row.sentence) for row in told if row.sentence],
    }


def _numbers(task: Task, where: str, accounts: Iterable[Any] | None) -> list[int]:
    """Accounts that an option names.

    :raises InvalidInput: if one of them is none.
    :raises AccountNotAllowed: if one of them is not in allowed_accounts.
    """
    with Problems() as problems:
        numbers = task.session.accounts.listed(where, accounts or (), problems)
    for number in numbers:
        task.session.accounts.check(number)
    return numbers


def _ask(endpoint: str, call: Callable[[], _Answer]) -> tuple[Permission, _Answer | None]:
    """What came of a call of an endpoint, and its answer."""
    try:
        return Permission(endpoint, READ), call()
    except FlexError as error:
        failed, access = error.details.get("endpoint"), _ACCESS.get(error.code)
        if failed not in ENDPOINTS or access is None:
            raise  # such as the login, without which nothing can be said
        if failed != endpoint:
            # Entitlements that stand on configurations which the user cannot read.
            return Permission(endpoint, READ), None
        message = str(error.details.get("api_message") or error)
        return Permission(endpoint, access, message), None


def _programs(task: Task, user: FlexService) -> tuple[Permission, list[Program]]:
    """What came of the list of programs, and those that the task is about, in the order of their
    serial numbers.
    """
    connection, asked = task.session.connection, task.options["serial_number"]
    listing, listed = _ask("programs/list", user.programs)
    if listed is None and connection.program and connection.account_id is not None:
        listed = [Program(connection.program, connection.account_id, None)]
    programs = sorted(listed or (), key=lambda program: program.serial_number)
    if asked is not None:
        number = serial_number_spelled(asked)
        programs = [program for program in programs if program.serial_number == number]
    return listing, programs


def _writing(task: Task, user: FlexService) -> Permission:
    """What came of a write that cannot have an effect."""
    if task.check_mode:
        return Permission(Stop.endpoint, UNKNOWN, "not asked in check mode")
    if not task.options["probe_writing"]:
        return Permission(Stop.endpoint, UNKNOWN, "not asked, because probe_writing is false")
    task.session.client.limit.ready(1)  # else a write that rests on nothing would be late
    return _ask(Stop.endpoint, lambda: user.try_to_write(task.clock.now() + W))[0]


def _look_at(task: Task, user: FlexService, program: Program, named: set[int]) -> dict[str, Any]:
    """What the user may read of one program. ``named`` are accounts to query beside those that
    show by themselves.
    """
    service, owner = user.of_program(program), {program.account_id}
    balance, _points = _ask("programs/points", service.balance)
    sweep, swept = _ask("configs/list", lambda: service.sweep(None))
    known: dict[int, Observation | None] = dict.fromkeys(
        [*filter(task.session.accounts.permits, owner), *named]
    )
    for account, seen in swept or ():
        if account.account_id is not None:
            known[account.account_id] = seen
    accounts = {
        number: _ask(
            "entitlements/list", partial(service.of(number).observe, seen, configurations=False)
        )[0]
        for number, seen in sorted(known.items())
    }
    return {
        "serial_number": service.serial_number,
        "account_id": service.account_id,
        "alias": task.session.accounts.names.get(str(service.account_id)),
        "accounts": [
            {
                "account_id": number,
                "alias": task.session.accounts.names.get(str(number)),
                "read": permission.access == READ,
                "message": permission.message,
            }
            for number, permission in accounts.items()
        ],
        "left_out": sorted({*service.left_out, *owner} - known.keys()),
        "endpoints": [
            permission._asdict()
            for permission in (
                balance,
                sweep,
                *_of_account(task, service, accounts),
                _price(task, service),
            )
        ],
    }


def _of_account(
    task: Task, service: FlexService, accounts: Mapping[int, Permission]
) -> list[Permission]:
    """The endpoints that want an account: asked for one that can be read, if there is any."""
    readable = (number for number, listed in accounts.items() if listed.access == READ)
    for number in (*readable, *accounts):
        account, today = service.of(number), pacific_day(task.clock.now())
        points, _used = _ask("entitlements/points", partial(account.points, today, today))
        groups, _folders = _ask("groups/list", account.folders)
        return [accounts[number], points, groups]
    return [
        Permission(endpoint, UNKNOWN, "no account inside allowed_accounts")
        for endpoint in ("entitlements/list", "entitlements/points", "groups/list")
    ]


def _price(task: Task, service: FlexService) -> Permission:
    """Whether the user may ask what a product costs."""
    product, values = task.session.priced(_PRICED[0], None, _PRICED[1])
    return _ask("tools/calc", lambda: service.price(product, values))[0]
