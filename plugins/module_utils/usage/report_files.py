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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..client.connection import homeless
from ..core.accounts import ALL
from ..core.file_name import file_name
from ..errors import FlexError, InvalidInput
from ..files import write_file
from ..pages import filled_in
from ..task.results import Result
from ..task.task import Task
from ..wording import count_of, rounded
from . import _charts as charts
from ._coverage import Coverage, Wish
from ._exports import focus_csv, prometheus
from ._ledger import Ledger, LedgerReader
from ._report import UsageReport
from ._request import WAYS, ReportRequest
from .options import ENDINGS

with contextlib.suppress(ImportError):  # whoever makes a page reports it
    import jinja2
    from markupsafe import Markup


def make_report(task: Task) -> Result:
    """What flex_usage_report returns."""
    options = task.options
    request = ReportRequest.of(task)
    files = _Files(options, request, task.check_mode)
    covered: list[Coverage] = []
    with Ledger(options["ledger"], create=False, forget=task.check_mode) as ledger:
        known = list(filter(request.accounts.permits, ledger.accounts(request.wish.program)))
        if task.check_mode and not known:  # the ledger is about to be filled for the first time
            return files.result(UsageReport(request.wish, ledger).coverage) | {"changed": True}
        asked = known if ALL in options["accounts"] else request.listed
        _check_known(asked, known, options["ledger"], request.wish.program)
        wishes = _wishes(request, asked, options, ledger)
        for wish in task.progress.over(wishes, "reports made"):
            report = UsageReport(wish, ledger)
            covered.append(report.coverage)
            if wish.statement or options["whole"]:
                files.write(report)
    return files.result(covered[0])


def _check_known(asked: Sequence[int], known: Sequence[int], ledger: str, program: str) -> None:
    """Whether the ledger has something of each account that is asked about, and of any.

    :raises InvalidInput: if it has not.
    """
    absent = [number for number in asked if number not in known]
    if absent or not asked:
        told = ", ".join(map(str, absent)) or "any account"
        raise InvalidInput(
            f"the ledger {ledger} has nothing of {told} in program {program}; "
            "run flex_usage_ledger first"
        )


def _wishes(
    request: ReportRequest, asked: Sequence[int], options: Mapping[str, Any], ledger: LedgerReader
) -> list[Wish]:
    """What each report is about: all accounts together, then each by itself if that is asked."""
    shared = replace(request.wish, moment=ledger.newest(request.wish.program))
    whole = replace(shared, account_ids=asked, title=options["title"], outlook=request.outlook)
    statements = [
        replace(
            shared,
            account_ids=[number],
            title=shared.customers.get(str(number), f"account {number}"),
            statement=True,
        )
        for number in asked
        if options["statements"]
    ]
    return [whole, *statements]


def _as_json(report: UsageReport) -> str:
    return json.dumps(report.data, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


_EXPORTS: dict[str, Callable[[UsageReport], str]] = {
    "json": _as_json,
    "csv": focus_csv,
    "prometheus": prometheus,
}


class _Files:
    """The files of reports in their directory, and what became of them."""

    def __init__(
        self, options: Mapping[str, Any], request: ReportRequest, check_mode: bool
    ) -> None:
        """Nothing is written in check mode."""
        if options["directory"].startswith("~"):
            raise InvalidInput(homeless("directory", options["directory"]))
        self._directory = pathlib.Path(options["directory"])
        self._options = options
        self._mode, self._outlook = request.mode, request.outlook
        self._check_mode = check_mode
        self._files: list[dict[str, Any]] = []
        self._changed = False

    def write(self, report: UsageReport) -> None:
        """Write each file of a report; what Prometheus reads is for all accounts together."""
        account_id = report.wish.account_ids[0] if report.wish.statement else None
        stem = _stem(report.wish.program, account_id)
        for kind in self._options["formats"]:
            if kind == "prometheus" and report.wish.statement:
                continue
            path = self._directory / f"{stem}.{ENDINGS[kind]}"
            self._put(path, self._text(kind, report))
            self._files.append({"account_id": account_id, "format": kind, "path": str(path)})

    def _text(self, kind: str, report: UsageReport) -> str:
        if kind == "html":
            return page(report.data, self._options["template"], self._options["charts"])
        return _EXPORTS[kind](report)

    def _put(self, path: pathlib.Path, text: str) -> None:
        """Write a file if it is not so already.

        :raises FlexError: if it cannot be written.
        """
        try:
            if _is_so(path, text, self._mode):
                return
            if not self._check_mode:
                path.parent.mkdir(parents=True, exist_ok=True)
                write_file(path, text, self._mode)
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or error
            raise FlexError(
                f"{path} cannot be written ({why}): set directory to one that you may write to."
            ) from None
        self._changed = True

    def result(self, coverage: Coverage) -> Result:
        """What the task returns; ``coverage``: of the first report, of all accounts together."""
        return {
            "changed": self._changed,
            "files": self._files,
            "alerts": len(self._outlook.get("alerts") or ()),
            **coverage.as_data(),
        }


def _is_so(path: pathlib.Path, text: str, mode: int) -> bool:
    """Whether a file has this text and mode. Raises OSError and ValueError."""
    return (
        path.exists()
        and path.stat().st_mode & 0o777 == mode
        and path.read_text(encoding="utf-8") == text
    )


def _stem(program: str, account_id: int | None) -> str:
    """What the files of a report are called.

    A serial number, always in capitals, is as good as an ordinary name.
    """
    is_serial_number = program.isascii() and program.isalnum()
    whole = program if is_serial_number else file_name(program)
    return whole if account_id is None else f"{whole}-{account_id}"


def page(data: dict[str, Any], template: str, with_charts: bool) -> str:
    """The report as one HTML page that loads nothing. Every value is escaped.

    :raises FlexError: if the template cannot be used, or a library is missing.
    """
    if with_charts and charts.PYGAL_IMPORT_ERROR is not None:
        raise FlexError(
            "The Python library pygal draws the charts and is missing: "
            "install it for the Python that runs this task, or set charts to false."
        )
    text, drawn = _template(template), _drawn(data) if with_charts else {}
    try:
        return filled_in(
            text, report=data, charts=drawn, ways=WAYS, rounded=rounded, count_of=count_of
        )
    except NameError:
        raise FlexError(
            "The Python library Jinja2 is missing on this machine: "
            "install it, or run the task on the controller."
        ) from None
    # A user's template can compute, and Jinja2 passes on what fails in that.
    except (jinja2.TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise FlexError(
            f"The template {template} is wrong ({error}): "
            "correct it, or use that of the role usage_report."
        ) from None


def _template(path: str) -> str:
    """The text of a template.

    :raises FlexError: if it cannot be read.
    """
    try:
        return pathlib.Path(path).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise FlexError(
            f"The template {path} cannot be read ({error}): "
            "set template to that of the role usage_report."
        ) from None


def _drawn(data: Mapping[str, Any]) -> dict[str, Any]:
    """The charts of a report by name; none where nothing was used."""
    if not any(day["points"] for day in data["days"]):
        return {}
    ways = {way: WAYS[way] for way in data["projection"]}
    grouped = {name: data[name] for name in ("by_account", "by_product", "by_configuration")}
    grouped |= {f"tag {key}": shapes for key, shapes in data["by_tag"].items()}
    drawn = {
        "trend": charts.trend(data["days"], data["forecast"], ways),
        "months": charts.months(data["months"]),
        **{name: charts.groups(name, shapes) for name, shapes in grouped.items()},
    }
    return {name: Markup(svg) for name, svg in drawn.items()}
