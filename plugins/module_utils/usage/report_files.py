# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The work of flex_usage_report: the files of a report, for the program and for each account.

Private to the collection: may change at any time.
"""

from __future__ import annotations

import contextlib
import json
import pathlib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from ..client.connection import homeless
from ..core.accounts import ALL, Accounts
from ..core.dates import pacific_day
from ..core.file_name import file_name
from ..core.spelling import serial_number_spelled, spelled
from ..errors import FlexError, InvalidInput
from ..files import write_file
from ..pages import filled_in
from ..task.results import Result
from ..task.task import Task
from ..wording import count_of, first_few, rounded
from . import charts, points
from .exports import focus_csv, prometheus
from .ledger import Ledger
from .options import ENDINGS
from .points import Period
from .report import Report, Wish

with contextlib.suppress(ImportError):  # whoever makes a page tells
    import jinja2
    from markupsafe import Markup

_WAYS = {
    "recent_days": "if all days are like the last seven",
    "active_now": "if what is active now stays",
}


def make_report(task: Task) -> Result:
    """What flex_usage_report returns."""
    options = task.options
    wish, mode, accounts, numbers = _wish(task)
    if options["directory"].startswith("~"):
        raise InvalidInput([homeless("directory", options["directory"])])
    directory = pathlib.Path(options["directory"])
    files, changed = [], False
    coverage: dict[str, Any] = {}
    with Ledger(options["ledger"], create=False, forget=task.check_mode) as ledger:
        known = list(filter(accounts.permits, ledger.accounts(wish["program"])))
        asked = known if ALL in options["accounts"] else numbers
        if task.check_mode and not known:  # the ledger is about to be filled for the first time
            return _result(
                True,
                [],
                options,
                Report(Wish(**wish, account_ids=(), moment=0.0, title=""), ledger).coverage,
            )
        absent = [number for number in asked if number not in known]
        if absent or not asked:
            told = ", ".join(map(str, absent)) or "any account"
            raise InvalidInput(
                [
                    f"the ledger {options['ledger']} has nothing of {told} in program {wish['program']}; run flex_usage_ledger first"
                ]
            )
        moment = ledger.newest(wish["program"])
        wholes = [(None, asked)] + [
            (number, [number]) for number in (asked if options["statements"] else [])
        ]
        for account_id, account_ids in task.progress.over(wholes, "reports made"):
            title = (
                options["title"]
                if account_id is None
                else wish["customers"].get(str(account_id), f"account {account_id}")
            )
            outlook = options["outlook"] if account_id is None else {}
            report = Report(
                Wish(
                    **{**wish, "title": title, "outlook": outlook or {}},
                    account_ids=account_ids,
                    moment=moment,
                    statement=account_id is not None,
                ),
                ledger,
            )
            coverage = coverage or report.coverage  # that of all accounts together
            if account_id is None and not options["whole"]:
                continue
            stem = _stem(wish["program"], account_id)
            for kind, text in _texts(report, options, account_id is None):
                path = directory / f"{stem}.{ENDINGS[kind]}"
                changed = _put(path, text, mode, task.check_mode) or changed
                files.append({"account_id": account_id, "format": kind, "path": str(path)})
    return _result(changed, files, options, coverage)


def _result(
    changed: bool, files: list[dict[str, Any]], options: Any, coverage: dict[str, Any]
) -> Result:
    return {
        "changed": changed,
        "files": files,
        "alerts": len((options["outlook"] or {}).get("alerts") or ()),
        **coverage,
    }


def _stem(program: str, account_id: int | None) -> str:
    """What the files of a report are called. A serial number, always in capitals, is as good as an ordinary name."""
    is_serial_number = program.isascii() and program.isalnum()
    whole = program if is_serial_number else file_name(program)
    return whole if account_id is None else f"{whole}-{account_id}"


def _wish(task: Task) -> tuple[dict[str, Any], int, Accounts, list[int]]:
    """What all reports of the task share, the mode of their files, the allowed accounts, and the accounts that are listed.

    :raises InvalidInput: with everything that is wrong with the options.
    :raises AccountNotAllowed: if a listed account is none of the allowed ones.
    """
    options, problems = task.options, []
    today = pacific_day(task.clock.now())
    yesterday = today - timedelta(days=1)
    period = Period(today - timedelta(days=365), yesterday)
    if not options["program"]:
        problems.append(
            f"program is missing: set it, or the environment variable FORTIFLEX_PROGRAM{_recorded(options)}"
        )
    if any(options[name] is not None for name in ("start_date", "end_date", "last_days", "period")):
        try:
            asked = points.period_of(options, today)
            period = Period(asked.first, min(asked.last, yesterday))
            if not period.days and options["period"] is None:  # this month has a day tomorrow
                problems.append(
                    f"the period begins on {asked.first}, and no day of it is over yet; begin with an earlier one"
                )
        except InvalidInput as error:
            problems += error.problems
    accounts = Accounts.from_options(options, problems)
    numbers = accounts.listed(
        "accounts", [account for account in options["accounts"] if account != ALL], problems
    )
    price = None if options["point_price"] is None else Decimal(str(options["point_price"]))
    if price is not None and not (price.is_finite() and price > 0):
        problems.append(f"point_price: {price} is no number above 0")
    if not _is_outlook(options["outlook"]):
        problems.append(
            "outlook is not what flex_points_info returned; register its result, and give that"
        )
    try:
        mode = int(options["mode"], 8)
    except ValueError:
        mode = -1
    if not 0 <= mode <= 0o777:
        problems.append(f"mode: '{options['mode']}' is no mode such as 0640")
    if not (options["whole"] or options["statements"]):
        problems.append(
            "whole and statements are both false, which leaves no report; set one of them"
        )
    if "html" in options["formats"] and not options["template"]:
        problems.append("template is needed for html; the role usage_report has one")
    if problems:
        raise InvalidInput(problems)
    for number in numbers:
        accounts.check(number)
    customers = {str(number): alias for alias, number in accounts.aliases.items()}
    customers |= {str(number): str(name) for number, name in options["customers"].items()}
    return (
        {
            "settled": points.last_complete(task.clock.now()),
            "program": serial_number_spelled(options["program"]),
            "period": period,
            "today": today,
            "customers": customers,
            "point_price": price,
            "currency": options["currency"],
            "sites": None
            if options["sites"] is None
            else frozenset(map(spelled, options["sites"])),
            "nameless": frozenset(
                product.key
                for product in task.catalogue.products()
                if product.kind in ("hardware", "cloud")
            ),
        },
        mode,
        accounts,
        numbers,
    )


def _recorded(options: Mapping[str, Any]) -> str:
    """The programs of the ledger, as the end of a sentence; nothing if it cannot be read."""
    found: list[str] = []
    with contextlib.suppress(FlexError), Ledger(options["ledger"], create=False) as ledger:
        found = ledger.programs()
    return f"; the ledger has {first_few(found)}" if found else ""


def _is_outlook(outlook: Any) -> bool:
    """Whether it has what a report takes of a result of flex_points_info, where it has it."""
    try:
        ways = (outlook or {}).get("projection") or {}
        numbers = [
            found[key]
            for found in ways.values()
            for key in (
                "points_per_day",
                "points_per_30_days",
                "points_per_year",
                "points_this_month",
            )
        ]
        texts = [found["method"] for found in ways.values()] + [
            alert[key] for alert in (outlook or {}).get("alerts") or () for key in ("text", "kind")
        ]
        balance, commitment = ((outlook or {}).get(key) for key in ("balance", "commitment"))
        numbers += [balance["points"]] if balance else []
        texts += (
            [str(balance[key]) for key in ("empty_on", "days_to_empty", "grace_ends_on")]
            if balance
            else []
        )
        numbers += [commitment["projected"], commitment["points"]] if commitment else []
        return (
            set(ways) <= set(_WAYS)
            and all(isinstance(text, str) for text in texts)
            and all(isinstance(number, (int, float)) for number in numbers)
        )
    except (AttributeError, KeyError, TypeError):
        return False


def _texts(report: Report, options: Any, whole: bool) -> Iterator[tuple[str, str]]:
    """Each file of a report; what Prometheus reads is for all accounts together."""
    for kind in options["formats"]:
        if kind == "html":
            yield kind, page(report.data, options["template"], options["charts"])
        elif kind == "json":
            yield kind, json.dumps(report.data, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
        elif kind == "csv":
            yield kind, focus_csv(report)
        elif whole:
            yield kind, prometheus(report)


def page(data: dict[str, Any], template: str, with_charts: bool) -> str:
    """The report as one HTML page that loads nothing. Every value is escaped.

    :raises FlexError: if the template cannot be used.
    """
    if with_charts and charts.PYGAL_IMPORT_ERROR is not None:
        raise FlexError(
            "The Python library pygal draws the charts and is missing: install it for the Python that runs this task, or set charts to false."
        )
    drawn: dict[str, Any] = {}
    if with_charts and any(day["points"] for day in data["days"]):
        drawn = {
            "trend": Markup(
                charts.trend(
                    data["days"], data["forecast"], {way: _WAYS[way] for way in data["projection"]}
                )
            ),
            "months": Markup(charts.months(data["months"])),
            **{
                name: Markup(charts.groups(name, data[name]))
                for name in ("by_account", "by_product", "by_configuration")
            },
            **{
                f"tag {key}": Markup(charts.groups(f"tag {key}", shapes))
                for key, shapes in data["by_tag"].items()
            },
        }
    try:
        text = pathlib.Path(template).read_text(encoding="utf-8")
        return filled_in(
            text, report=data, charts=drawn, ways=_WAYS, rounded=rounded, count_of=count_of
        )
    except (OSError, ValueError) as error:
        raise FlexError(
            f"The template {template} cannot be read ({error}): set template to that of the role usage_report."
        ) from None
    except jinja2.TemplateError as error:
        raise FlexError(
            f"The template {template} is wrong ({error}): correct it, or use that of the role usage_report."
        ) from None
    except NameError:
        raise FlexError(
            "The Python library Jinja2 is missing on this machine: install it, or run the task on the controller."
        ) from None


def _put(path: pathlib.Path, text: str, mode: int, check_mode: bool) -> bool:
    """Write a file if it is not so already; gives whether it was not.

    :raises FlexError: if it cannot be written.
    """
    try:
        if (
            path.exists()
            and path.stat().st_mode & 0o777 == mode
            and path.read_text(encoding="utf-8") == text
        ):
            return False
        if not check_mode:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_file(path, text, mode)
    except (OSError, ValueError) as error:
        raise FlexError(
            f"{path} cannot be written ({getattr(error, 'strerror', None) or error}): set directory to one that you may write to."
        ) from None
    return True
