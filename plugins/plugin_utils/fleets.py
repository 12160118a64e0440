# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fleets of several accounts in one task: one that fails does not stop the others. Their plan for files, and as artifacts of AWX.

Private to the collection: may change at any time.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from ansible.errors import AnsibleError

from ..module_utils.core.approved import as_variables
from ..module_utils.errors import InvalidInput
from ..module_utils.given import GUARDS, is_blank
from ..module_utils.task.plan_report import Plan
from ..module_utils.task.plan_text import Screen
from ..module_utils.task.results import failure
from .plan_files import check_files, write_files
from .sites import accounts_of

Result = dict[str, Any]
OPTIONS = ("fleets", "plan_file", "publish_plan")
"""The options of flex_fleet that are about all fleets of a task."""

_DEFAULT = "default"  # what a plan calls the account that nobody names
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
    """The result of all fleets. ``asked`` has the options of :data:`OPTIONS`, ``common`` the others, ``run`` does one fleet.

    ``done``: it is not check mode.
    """
    files = asked["plan_file"] or []
    check_files(files)
    fleets = [{}] if asked["fleets"] is None else asked["fleets"]
    aliases = _aliases(common.get("account_aliases"))
    names = partial(_named, aliases)
    results: dict[str, Result] = {}
    for fleet in fleets:
        options = {**common, **_said(fleet)}
        if files and is_blank(options.get("estimate")):
            options["estimate"] = True  # also of an account in which nothing changes
        place = _place(options if asked["fleets"] is None else fleet)
        if len(fleets) > 1:
            screen.tell(f"{names(place)}:")
        try:
            results[place] = run(options)
        except InvalidInput as error:
            results[place] = {"changed": False, **failure(error)}
    result = _together(results, names) if asked["fleets"] is not None else results[_place(common)]
    if asked["publish_plan"] and not all(found.get("failed") for found in results.values()):
        result["ansible_stats"] = {
            "data": _artifacts(results),
            "per_host": False,
            "aggregate": True,
        }
    if files:
        kept = {place: _kept(found) for place, found in results.items()}
        write_files(files, Plan(kept, aliases, done))
    return result


def _said(fleet: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a fleet that say something, and empty guards, which are refused with all else that is wrong with it."""
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


def _together(results: Mapping[str, Result], names: Callable[[str], str]) -> Result:
    """One result of all accounts."""
    failed = {place: result for place, result in results.items() if result.get("failed")}
    diffs = [
        {**result["diff"], "before_header": place, "after_header": place}
        for place, result in results.items()
        if "diff" in result
    ]
    together: Result = {
        "changed": any(result["changed"] for result in results.values()),
        "requests": _sum(results, "requests"),
        **{name: counts for name in _PLANS if (counts := _sum(results, name))},
        "accounts": results,
    }
    if warnings := [text for result in results.values() for text in result.get("warnings", [])]:
        together["warnings"] = warnings
    if failed:
        return together | _failed(results, failed, names)
    return {**together, "diff": diffs} if diffs else together


def _sum(results: Mapping[str, Result], name: str) -> dict[str, float]:
    """The sums of all accounts, of numbers that a result has by this name."""
    sums: Counter[str] = Counter()
    for result in results.values():
        sums.update(result.get(name, {}))
    return dict(sums)


def _failed(
    results: Mapping[str, Result], failed: Mapping[str, Result], names: Callable[[str], str]
) -> Result:
    """The rest of a result with accounts that failed, which a person has to read: without what became of each item."""
    (first, *_others) = failed.values()
    left_out = _LONG if len(results) > 1 else (*_LONG, "msg", "failed", "error_code", "details")
    return {
        "failed": True,
        "msg": " ".join(
            result["msg"] if place == _DEFAULT else f"{names(place)}: {result['msg']}"
            for place, result in failed.items()
        ),
        "error_code": first["error_code"],
        "details": first["details"],
        "accounts": {
            place: {key: value for key, value in result.items() if key not in left_out}
            for place, result in results.items()
        },
    }


def _counts(result: Mapping[str, Any]) -> Result:
    """How many of what a plan is about change in which way, and what that costs."""
    counts = {
        name: {word: count for word, count in result.get(plan, {}).items() if count}
        for name, plan in (("configurations", "configurations_plan"), ("spares", "spares_plan"))
    }
    counts["configurations"].pop("unchanged", None)
    return {**{name: count for name, count in counts.items() if count}, **result.get("cost", {})}


def _artifacts(results: Mapping[str, Result]) -> Result:
    """The plan as variables of the next jobs of a workflow of AWX."""
    plan: Result = {}
    sums: Counter[str] = Counter()
    for place, result in results.items():
        if not result.get("failed"):
            words = {word: count for word, count in result["plan"].items() if count}
            costs = {
                key: result["cost"][key]
                for key in ("points_per_day_before", "points_per_day_after")
                if "cost" in result
            }
            counts = {
                key: value
                for key, value in _counts(result).items()
                if key not in result.get("cost", {})
            }
            changes = as_variables(result["changes"])
            plan[place] = {**words, **counts, **costs, **_identity(result), "changes": changes}
            sums.update({f"fortiflex_{key}": value for key, value in costs.items()})
    return {"fortiflex_plan": plan, **sums}


def _identity(result: Mapping[str, Any]) -> Result:
    """By what another run knows the plan of an account; nothing of one that has failed before it had a plan."""
    return {key: result[key] for key in ("program", "account_id", "digest") if key in result}


def _kept(result: Mapping[str, Any]) -> Result:
    """The part of the plan's files that is about an account."""
    error = {"error": result["msg"]} if result.get("failed") else {}
    changes = {key: result.get(key, none) for key, none in (("changed", False), ("changes", []))}
    return {**changes, **result.get("plan", {}), **_counts(result), **_identity(result), **error}
