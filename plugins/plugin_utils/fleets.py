# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fleets of several accounts in one task: one that fails does not stop the others. Their plan
for files, and as artifacts of AWX.

Private to the collection: may change at any time.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible.errors import AnsibleError

from ..module_utils.core.approved import as_variables
from ..module_utils.errors import InvalidInput
from ..module_utils.given import GUARDS, is_blank
from ..module_utils.grouping import part_of
from ..module_utils.task.plan_report import Plan
from ..module_utils.task.plan_text import Screen
from ..module_utils.task.results import failure
from ._plan_files import check_files, write_files
from .sites import accounts_of

Result = dict[str, Any]
OPTIONS = ("fleets", "plan_file", "publish_plan")
"""The options of flex_fleet that are about all fleets of a task."""

_DEFAULT = "default"  # what a plan calls the account that nobody names
_COSTS = ("points_per_day_before", "points_per_day_after")
# By what another run knows the plan of an account; one that has failed before has none.
_IDENTITY = ("program", "account_id", "digest")
_PLANS = ("plan", "configurations_plan", "spares_plan")
# What becomes of each item, which would drown the error of a task that fails.
_LONG = ("entitlements", "configurations", "changes", "diff", "invocation")


def run_fleets(
    asked: Mapping[str, Any],
    common: Mapping[str, Any],
    run: Callable[[dict[str, Any]], Result],
    screen: Screen,
    done: bool,
) -> Result:
    """The result of all fleets.

    ``asked`` has the options of :data:`OPTIONS`, ``common`` the others, ``run`` does one fleet.

    ``done``: it is not check mode.

    :raises InvalidInput: if the plan cannot be written to its files.
    """
    files = asked["plan_file"] or []
    check_files(files)
    if files and is_blank(common.get("estimate")):
        common = {**common, "estimate": True}  # also of an account in which nothing changes
    aliases = _aliases(common.get("account_aliases"))
    fleets = _fleets(asked["fleets"], common)
    results: dict[str, Result] = {}
    for place, options in fleets:
        if len(fleets) > 1:
            screen.tell(f"{_named(aliases, place)}:")
        try:
            results[place] = run(options)
        except InvalidInput as error:
            results[place] = {"changed": False, **failure(error)}
    accounts = AccountResults(results, aliases)
    result = results[_place(common)] if asked["fleets"] is None else accounts.together()
    if asked["publish_plan"] and accounts.have_a_plan:
        artifacts = accounts.artifacts()
        result["ansible_stats"] = {"data": artifacts, "per_host": False, "aggregate": True}
    if files:
        write_files(files, Plan(accounts.kept(), aliases, done))
    return result


def _fleets(
    fleets: Sequence[Mapping[str, Any]] | None, common: Mapping[str, Any]
) -> list[tuple[str, dict[str, Any]]]:
    """What a plan calls the account of each fleet, and its options.

    Without ``fleets`` the task is about one.
    """
    if fleets is None:
        return [(_place(common), dict(common))]
    return [(_place(fleet), {**common, **_said(fleet)}) for fleet in fleets]


def _said(fleet: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a fleet that say something, and empty guards, which are refused with all else
    that is wrong with it.
    """
    return {
        option: value
        for option, value in fleet.items()
        if (option in GUARDS or not is_blank(value)) and option != "hosts"  # of flex_accounts
    }


def _place(options: Mapping[str, Any]) -> str:
    """What a plan calls an account."""
    program, account = options.get("program"), options.get("account_id")
    name = _DEFAULT if is_blank(account) else str(account)
    return name if is_blank(program) else f"{program}/{name}"


def _aliases(given: Any) -> dict[str, str]:
    """The names of accounts, by their numbers. What is wrong with them, each fleet says itself."""
    try:
        said = given or os.environ.get("FORTIFLEX_ACCOUNT_ALIASES")
        return {str(number): alias for alias, number in accounts_of(said).aliases.items()}
    except AnsibleError:
        return {}


def _named(aliases: Mapping[str, str], place: str) -> str:
    """What a person calls an account: by its alias, if it has one."""
    *_program, number = place.split("/")
    return f"Account {aliases[number]} ({place})" if number in aliases else f"Account {place}"


def _filled(values: Mapping[str, Any]) -> Result:
    """Those that are neither empty nor zero."""
    return {key: value for key, value in values.items() if value}


@dataclass(frozen=True)
class AccountResults:
    """The results of all fleets, by what a plan calls their accounts; ``aliases``: what people call
    them, by number.
    """

    results: Mapping[str, Result]
    aliases: Mapping[str, str]

    @property
    def failed(self) -> dict[str, Result]:
        """Those that have failed."""
        return {place: result for place, result in self.results.items() if result.get("failed")}

    @property
    def have_a_plan(self) -> bool:
        """Whether not all have failed."""
        return len(self.failed) < len(self.results)

    def together(self) -> Result:
        """One result of all accounts."""
        together: Result = {
            "changed": any(result["changed"] for result in self.results.values()),
            "requests": self._sum("requests"),
            **_filled({name: self._sum(name) for name in _PLANS}),
            "accounts": self.results,
            **_filled({"warnings": self._warnings}),
        }
        return together | (self._failure() if self.failed else _filled({"diff": self._diffs}))

    @property
    def _warnings(self) -> list[str]:
        return [text for result in self.results.values() for text in result.get("warnings", [])]

    @property
    def _diffs(self) -> list[dict[str, Any]]:
        """Of each account, with its name above."""
        return [
            {**result["diff"], "before_header": place, "after_header": place}
            for place, result in self.results.items()
            if "diff" in result
        ]

    def _sum(self, name: str) -> dict[str, float]:
        """The sums of all accounts, of numbers that a result has by this name."""
        sums: Counter[str] = Counter()
        for result in self.results.values():
            sums.update(result.get(name, {}))
        return dict(sums)

    def _failure(self) -> Result:
        """The rest of a result with accounts that failed, which a person has to read: without what
        became of each item.
        """
        first = next(iter(self.failed.values()))
        several = len(self.results) > 1
        left_out = _LONG if several else (*_LONG, "msg", "failed", "error_code", "details")
        return {
            "failed": True,
            "msg": " ".join(self._message(place, result) for place, result in self.failed.items()),
            "error_code": first["error_code"],
            "details": first["details"],
            "accounts": {
                place: {key: value for key, value in result.items() if key not in left_out}
                for place, result in self.results.items()
            },
        }

    def _message(self, place: str, result: Result) -> str:
        """The message of a failure, with its account."""
        message = str(result["msg"])
        return message if place == _DEFAULT else f"{_named(self.aliases, place)}: {message}"

    def artifacts(self) -> Result:
        """The plan as variables of the next jobs of a workflow of AWX."""
        plan: Result = {}
        sums: Counter[str] = Counter()
        for place, result in self.results.items():
            if result.get("failed"):
                continue
            costs = part_of(result.get("cost", {}), _COSTS)
            sums.update({f"fortiflex_{key}": value for key, value in costs.items()})
            plan[place] = {
                **_filled(result["plan"]),
                **_counts(result),
                **costs,
                **part_of(result, _IDENTITY),
                "changes": as_variables(result["changes"]),
            }
        return {"fortiflex_plan": plan, **sums}

    def kept(self) -> Result:
        """The plan's files by account."""
        return {place: _kept(result) for place, result in self.results.items()}


def _counts(result: Mapping[str, Any]) -> Result:
    """How many configurations and spares of a plan change in which way."""
    configurations = _filled(result.get("configurations_plan", {}))
    configurations.pop("unchanged", None)
    spares = _filled(result.get("spares_plan", {}))
    return _filled({"configurations": configurations, "spares": spares})


def _kept(result: Mapping[str, Any]) -> Result:
    """The part of the plan's files that is about an account."""
    return {
        "changed": result.get("changed", False),
        "changes": result.get("changes", []),
        **result.get("plan", {}),
        **_counts(result),
        **result.get("cost", {}),
        **part_of(result, _IDENTITY),
        **({"error": result["msg"]} if result.get("failed") else {}),
    }
