# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls of the API: what each needs, when it is refused, and what it answers. `CALLS` has them by path."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from .billing import HISTORY_DAYS
from .clock import day_of, render_moment
from .refusal import Refusal
from .request import Request
from .store import CHARGED, Configuration, Entitlement

Answer = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """One call: how it is carried out, whether it changes anything, whether its refusals count as creation errors."""

    run: Callable[[Request], Answer]
    writes: bool
    creates: bool


CALLS: dict[str, Call] = {}
Run = Callable[[Request], Answer]


def _call(path: str, writes: bool = False, creates: bool = False) -> Callable[[Run], Run]:
    def register(run: Run) -> Run:
        CALLS[path] = Call(run, writes, creates)
        return run

    return register


def _entitlements(
    request: Request, items: Iterable[Entitlement], key: str = "entitlements"
) -> Answer:
    return {key: [request.store.shown(item) for item in items]}


def _written(request: Request, items: Iterable[Entitlement]) -> Answer:
    """What was created or updated, with the description as it is stored, or as the caller wrote it."""
    answer, description = _entitlements(request, items), request.description()
    if description is not None and request.settings.description_answer == "written":
        for item in answer["entitlements"]:
            item["description"] = description
    return answer


def _plain(points: Decimal) -> float:
    """Points as a JSON number; whole ones without a fraction."""
    return int(points) if points == int(points) else float(points)


def _configs(request: Request, configuration: Configuration) -> Answer:
    shown = request.store.shown_configuration(configuration)
    return {"configs": [shown] if request.settings.configs_shape == "list" else shown}


@_call("programs/list")
def programs_list(request: Request) -> Answer:
    """The programs in which the user has an account."""
    blank = request.settings.program_dates == "blank"
    programs = []
    for program in request.store.programs.values():
        if any(request.user.may_use(account) for account in program.accounts):
            start, end = (
                render_moment(moment, 0).replace("T", " " if blank else "T")
                for moment in (program.start, program.end)
            )
            programs.append(
                {
                    "accountId": program.account,
                    "endDate": end,
                    "hasSupportCoverage": True,
                    "serialNumber": program.serial,
                    "startDate": start,
                }
            )
    return {"programs": programs}


@_call("programs/points")
def programs_points(request: Request) -> Answer:
    """The balance of a prepaid program."""
    program = request.program()
    if not program.prepaid:
        if request.settings.postpaid_points == "empty":
            return {"programs": []}
        raise Refusal("The program is not prepaid.")
    return {
        "programs": [
            {
                "accountId": program.account,
                "pointBalance": _plain(request.store.balance(program.serial)),
                "serialNumber": program.serial,
            }
        ]
    }


@_call("configs/list")
def configs_list(request: Request) -> Answer:
    """The configurations of an account, or of all accounts in the user's scope."""
    program = request.program()
    account = request.account(program) if request.has("accountId") else None
    return {
        "configs": [
            request.store.shown_configuration(item)
            for item in request.store.configurations.values()
            if item.program == program.serial
            and (item.account == account if account else request.user.may_use(item.account))
        ]
    }


@_call("configs/create", writes=True, creates=True)
def configs_create(request: Request) -> Answer:
    """A new configuration; the same call again makes another one."""
    program = request.program()
    account = request.account(program)
    name = request.text("name")
    product = request.number("productTypeId")
    values = request.store.catalogue.check(product, request.body.get("parameters"))
    if request.settings.unique_names and any(
        (item.program, item.account, item.name) == (program.serial, account, name)
        for item in request.store.configurations.values()
    ):
        raise Refusal("The configuration name already exists.")
    return _configs(
        request, request.store.add_configuration(program.serial, account, name, product, values)
    )


@_call("configs/update", writes=True)
def configs_update(request: Request) -> Answer:
    """A new name, new parameters, or both."""
    configuration = request.configuration("id")
    name = request.text("name") if request.has("name") else None
    values = None
    if request.body.get("parameters") is not None:
        values = request.store.catalogue.check(
            configuration.product,
            request.body["parameters"],
            before=configuration.values,
            missing=request.settings.left_out_parameters,
        )
    request.store.change_configuration(configuration, name, values)
    return _configs(request, configuration)


@_call("configs/enable", writes=True)
def configs_enable(request: Request) -> Answer:
    """ACTIVE again."""
    configuration = request.configuration("id")
    request.store.switch_configuration(configuration, "ACTIVE")
    return _configs(request, configuration)


@_call("configs/disable", writes=True)
def configs_disable(request: Request) -> Answer:
    """DISABLED: no new entitlements, and what the settings say for those that are there."""
    configuration = request.configuration("id")
    request.store.switch_configuration(configuration, "DISABLED")
    return _configs(request, configuration)


def _in_scope(request: Request) -> list[Entitlement]:
    """The entitlements of `configId`, or of `accountId` and `programSerialNumber`; a configId goes with any of the others."""
    store = request.store
    if request.has("configId"):
        configuration = request.configuration()
        found = [item for item in store.entitlements.values() if item.config == configuration.id]
    elif request.has("programSerialNumber") and request.has("accountId"):
        program = request.program()
        account = request.account(program)
        return [
            item
            for item in store.entitlements.values()
            if item.account == account and item.program == program.serial
        ]
    else:
        raise Refusal("Either configId, or accountId and programSerialNumber, is required.")
    if request.settings.list_filters == "combined":
        if request.has("accountId"):
            account = request.number("accountId")
            found = [item for item in found if item.account == account]
        if request.has("programSerialNumber"):
            found = [item for item in found if item.program == request.body["programSerialNumber"]]
    return found


@_call("entitlements/list")
def entitlements_list(request: Request) -> Answer:
    """All entitlements in scope, whatever their status, that pass the filters."""
    store, found = request.store, _in_scope(request)
    filters: dict[str, Callable[[Entitlement], str | None]] = {
        "serialNumber": lambda item: item.serial,
        "description": lambda item: item.description,
        "status": store.status_of,
        "tokenStatus": lambda item: item.token_status,
    }
    wanted = [name for name in filters if request.has(name)]
    if request.settings.list_filters == "first":
        wanted = [] if request.has("configId") else wanted[:1]
    for name in wanted:
        found = [item for item in found if filters[name](item) == request.body[name]]
    return _entitlements(request, found)


@_call("entitlements/vm/create", writes=True, creates=True)
def vm_create(request: Request) -> Answer:
    """New PENDING entitlements with tokens; with skipPending, ACTIVE ones."""
    configuration, program = request.configuration_for_new("vm")
    count = request.number("count")
    if count < 1 or (request.settings.count_limit and count > request.settings.count_limit):
        raise Refusal("Invalid count.")
    skip = request.body.get("skipPending") or False
    if not isinstance(skip, bool):
        raise Refusal("Invalid skipPending.")
    end, description, folder = request.end_date(program), request.description(), request.folder()
    return _written(
        request,
        [
            request.store.add_entitlement(
                configuration, "vm", end, active=skip, description=description, folder=folder
            )
            for _number in range(count)
        ],
    )


@_call("entitlements/hardware/create", writes=True, creates=True)
def hardware_create(request: Request) -> Answer:
    """Devices by their serial numbers, ACTIVE at once; all of them or none."""
    configuration, program = request.configuration_for_new("hardware")
    serials = request.texts("serialNumbers")
    model = next(iter(configuration.values.values()))[0]
    if len(serials) > 100:
        raise Refusal("Too many serial numbers.")
    for serial in serials:
        if not serial.startswith(model) or len(serial) <= len(model):
            raise Refusal(f"Serial number {serial} is not of the model of the configuration.")
        if serial in request.store.entitlements:
            raise Refusal(f"Serial number {serial} already exists.")
    end = request.end_date(program)
    return _entitlements(
        request,
        [
            request.store.add_entitlement(configuration, "hardware", end, serial=serial)
            for serial in serials
        ],
    )


@_call("entitlements/hardware/remove", writes=True)
def hardware_remove(request: Request) -> Answer:
    """Devices out of the program; all of them or none."""
    found = [request.entitlement(serial) for serial in request.texts("serialNumbers")]
    if any(item.kind != "hardware" for item in found):
        raise Refusal("Invalid serial number.")
    if request.settings.remove_active == "refused" and any(
        item.status in CHARGED for item in found
    ):
        raise Refusal("The entitlement is active.")
    for item in found:
        request.store.remove(item)
    return {}


@_call("entitlements/cloud/create", writes=True, creates=True)
def cloud_create(request: Request) -> Answer:
    """A cloud service, ACTIVE at once; one per product and account."""
    configuration, program = request.configuration_for_new("cloud")
    store = request.store
    for item in store.entitlements.values():
        same = (
            item.account == configuration.account
            and store.configurations[item.config].product == configuration.product
        )
        if same and item.status != "EXPIRED":
            raise Refusal("The entitlement of this cloud service already exists.")
    return _entitlements(
        request,
        [
            store.add_entitlement(
                configuration,
                "cloud",
                request.end_date(program),
                description=request.description(),
                folder=request.folder(),
            )
        ],
    )


@_call("entitlements/update", writes=True)
def entitlements_update(request: Request) -> Answer:
    """A new configuration of the same product, description, end date; configId has to be there."""
    item = request.entitlement()
    configuration = request.configuration()
    store = request.store
    if item.status == "EXPIRED" and request.settings.expired_changes == "refused":
        raise Refusal("The entitlement has expired.")
    moves = configuration.id != item.config
    if moves:
        if (configuration.program, configuration.account) != (item.program, item.account):
            raise Refusal("The configuration is of another account.")
        if configuration.product != store.configurations[item.config].product:
            raise Refusal("The configuration is of another product type.")
        if configuration.status != "ACTIVE":
            raise Refusal("The configuration is disabled.")
    description, end = request.description(), None
    if request.body.get("endDate") is not None:
        end = request.end_date(store.programs[item.program])
        if item.status == "STOPPED" and request.settings.stopped_end_date == "refused":
            raise Refusal("The end date of a stopped entitlement can not be changed.")
    if moves:
        store.move(item, configuration)
    if description is not None:
        item.description = store.stored(description)
    if end is not None and not (
        item.status == "STOPPED" and request.settings.stopped_end_date == "ignored"
    ):
        store.set_end(item, end)
        if item.status == "EXPIRED":
            store.patch_entitlement(item, {"status": "ACTIVE"})
    store.tick()
    return _written(request, [item])


@_call("entitlements/stop", writes=True)
def entitlements_stop(request: Request) -> Answer:
    """STOPPED, with the moment as end date."""
    item = request.entitlement()
    if item.status == "STOPPED" and request.settings.stop_stopped == "refused":
        raise Refusal("The entitlement is already stopped.")
    if item.status == "EXPIRED":
        raise Refusal("The entitlement has expired.")
    if item.status != "STOPPED":
        request.store.stop(item)
    return _entitlements(request, [item], request.settings.stop_key)


@_call("entitlements/reactivate", writes=True)
def entitlements_reactivate(request: Request) -> Answer:
    """ACTIVE again; the end date jumps to the program's."""
    item = request.entitlement()
    if item.status == "PENDING":
        raise Refusal("The entitlement is pending.")
    if item.status in CHARGED:
        raise Refusal("The entitlement is already active.")
    if item.status == "EXPIRED" and request.settings.expired_changes == "refused":
        raise Refusal("The entitlement has expired.")
    if request.store.configurations[item.config].status != "ACTIVE":
        raise Refusal("The configuration is disabled.")
    request.check_program_runs(request.store.programs[item.program])
    request.store.reactivate(item)
    return _entitlements(request, [item], request.settings.stop_key)


@_call("entitlements/vm/token", writes=True)
def vm_token(request: Request) -> Answer:
    """A new token; the old one is invalid."""
    item = request.entitlement()
    if item.kind != "vm":
        raise Refusal("The entitlement has no token.")
    if item.status == "EXPIRED":
        raise Refusal("The entitlement has expired.")
    if item.status == "PENDING" and request.settings.token_pending == "refused":
        raise Refusal("The entitlement is pending.")
    request.store.renew_token(item)
    return _entitlements(request, [item], request.settings.token_key)


@_call("entitlements/points")
def entitlements_points(request: Request) -> Answer:
    """Points of each entitlement over the period, for those that used any; the last 90 days at most."""
    try:
        first, last = (
            date.fromisoformat(request.text(name)[:10]) for name in ("startDate", "endDate")
        )
    except ValueError:
        raise Refusal("Invalid date.") from None
    if first > last:
        raise Refusal("Start date is after end date.")
    if (
        request.has("serialNumber")
        and request.has("accountId")
        and not request.has("configId")
        and not request.has("programSerialNumber")
    ):
        account = request.number("accountId")
        request.check_scope(account)
        found = [item for item in request.store.entitlements.values() if item.account == account]
    else:
        found = _in_scope(request)
    if request.has("serialNumber"):
        found = [item for item in found if item.serial == request.body["serialNumber"]]
    today = day_of(request.store.clock.now())
    first = max(first, today - timedelta(days=HISTORY_DAYS))
    used = ((item, request.store.points(item, first, min(last, today))) for item in found)
    return {
        "entitlements": [
            {"accountId": item.account, "points": _plain(points), "serialNumber": item.serial}
            for item, points in used
            if points
        ]
    }


@_call("entitlements/transfer", writes=True)
def entitlements_transfer(request: Request) -> Answer:
    """Entitlements of one configuration to another account; all of them or none."""
    store = request.store
    source, target_account = (
        request.configuration("sourceConfigId"),
        request.number("targetAccountId"),
    )
    request.check_scope(target_account)
    if source.account != request.number("sourceAccountId"):
        raise Refusal("The configuration is of another account.")
    if request.body.get("targetConfigId") is not None:
        target = request.configuration("targetConfigId")
    else:
        fitting = [
            item
            for item in store.configurations.values()
            if (item.program, item.account, item.product, item.status)
            == (source.program, target_account, source.product, "ACTIVE")
        ]
        if not fitting:
            raise Refusal("The target account has no configuration of the product type.")
        target = fitting[0]
    if (target.program, target.account, target.status) != (
        source.program,
        target_account,
        "ACTIVE",
    ):
        raise Refusal("Invalid target configuration.")
    if target.product != source.product:
        raise Refusal("The configuration is of another product type.")
    found = [request.entitlement(serial) for serial in request.texts("serialNumbers")]
    if any(item.config != source.id or item.status == "EXPIRED" for item in found):
        raise Refusal("Invalid serial number.")
    for item in found:
        store.move(item, target)
    return _entitlements(request, found)


def _groups(request: Request, accounts: Iterable[int]) -> list[dict[str, Any]]:
    """Folders of the accounts with their numbers of tokens."""
    folders = {
        (account, folder): [0, 0] for account in accounts for folder in request.settings.folders
    }
    known = {account for account, _folder in folders}
    for item in request.store.entitlements.values():
        if item.account in known and item.token and item.status != "EXPIRED":
            folders.setdefault((item.account, item.folder), [0, 0])[
                item.token_status == "USED"
            ] += 1
    return [
        {"accountId": account, "availableTokens": free, "folderPath": folder, "usedTokens": used}
        for (account, folder), (free, used) in folders.items()
    ]


@_call("groups/list")
def groups_list(request: Request) -> Answer:
    """The asset folders of an account."""
    account = request.number("accountId")
    request.check_scope(account)
    return {request.settings.groups_key: _groups(request, [account])}


@_call("flexvm/v1/groups/list")
def old_groups_list(request: Request) -> Answer:
    """The same in the older version: of all accounts in the user's scope, not told apart."""
    accounts = sorted(
        {
            account
            for program in request.store.programs.values()
            for account in program.accounts
            if request.user.may_use(account)
        }
    )
    sums: dict[str, dict[str, Any]] = {}
    for group in _groups(request, accounts):
        total = sums.setdefault(
            group["folderPath"],
            {"folderPath": group["folderPath"], "availableTokens": 0, "usedTokens": 0},
        )
        total["availableTokens"] += group["availableTokens"]
        total["usedTokens"] += group["usedTokens"]
    return {request.settings.groups_key: list(sums.values())}


@_call("groups/nexttoken")
def groups_nexttoken(request: Request) -> Answer:
    """One entitlement with an unused token; it is not reserved."""
    store = request.store
    found = [
        item
        for item in store.entitlements.values()
        if item.token_status == "NOTUSED" and request.user.may_use(item.account)
    ]
    if not request.has("configId") and not request.has("accountId"):
        raise Refusal("Either accountId or configId is required.")
    if request.has("configId"):
        configuration = request.configuration()
        found = [item for item in found if item.config == configuration.id]
    if request.has("accountId"):
        account = request.number("accountId")
        request.check_scope(account)
        found = [item for item in found if item.account == account]
    if request.has("folderPath"):
        found = [item for item in found if item.folder == request.body["folderPath"]]
    statuses = request.body.get("status") or ["ACTIVE", "PENDING", "GRACE_PERIOD"]
    found = [item for item in found if store.status_of(item) in statuses]
    if not found:
        raise Refusal("No token is available.")
    return _entitlements(request, found[:1], request.settings.next_token_key)


@_call("tools/calc")
def tools_calc(request: Request) -> Answer:
    """Points per day of `count` units together."""
    request.program()
    product, count = request.number("productTypeId"), request.number("count")
    kind = request.store.catalogue.product(product)["kind"]
    if count < 1 or (kind == "cloud" and count > 1):
        raise Refusal("Invalid count.")
    values = request.store.catalogue.check(product, request.body.get("parameters"), calculator=True)
    price = request.store.catalogue.price(product, values) * count
    percent = request.settings.price_change_percent
    latest = _plain((price * (100 + percent) / 100).quantize(Decimal("0.01"))) if percent else None
    points = {
        "current": _plain(price),
        "latest": latest,
        "latestEffectiveDate": f"{request.settings.price_change_date}T00:00:00"
        if percent
        else None,
    }
    if request.settings.calc_shape == "number":
        return {"points": _plain(price)}
    return {"configs": points} if request.settings.calc_shape == "configs" else {"points": points}


@_call("tools/metadata")
def tools_metadata(request: Request) -> Answer:
    """The catalogue."""
    if request.settings.metadata_shape == "missing":
        raise Refusal("Not found.", http=404)
    return {
        "productTypes": request.store.catalogue.metadata(
            odd=request.settings.metadata_shape == "odd"
        )
    }
