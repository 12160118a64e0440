# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Warns of variables that are close to one of the collection, and so have no effect: once for each name, with the hosts that set it.

Private to the collection: may change at any time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import PurePath
from typing import Any

from ansible.module_utils.common.validation import check_type_list
from ansible.utils.display import Display

from .once import alone, is_first
from .variables import Speller, prefixes_of

OWN = "fortiflex_own_variables"
_FEW = 3  # hosts that a warning names


def warn_of_task(task: Any, variables: Mapping[str, Any], templar: Any) -> None:
    """Warn of what the hosts of the play set, by what the playbook or role of a task reads. ``variables`` are those of the task."""
    if "hostvars" in variables:
        hosts = variables["ansible_play_hosts_all"]
        raw = ((host, variables["hostvars"].raw_get(host)) for host in hosts)
        seen = ((host, list(names), names.get(OWN)) for host, names in raw)
        warn_of_misspelled(variables, templar, prefixes_of(_entry_point(task)), seen)


def _entry_point(task: Any) -> str:
    """The name of the role or playbook whose file has the task."""
    path = PurePath(task.get_path().rpartition(":")[0])
    return path.parts[path.parts.index("roles") + 1] if "roles" in path.parts[:-1] else path.stem


def warn_of_misspelled(
    variables: Mapping[str, Any],
    templar: Any,
    prefixes: Collection[str],
    hosts: Iterable[tuple[str, Collection[str], Any]],
    more: Collection[str] = (),
) -> None:
    """Warn of variables that are close to one with these prefixes, or to one of ``more``, which have a prefix of the user's own.

    ``variables`` are those of the task, ``hosts`` the names that each host of the play sets in the inventory, and its list of own ones. They are looked
    at once in a run.
    """
    speller = Speller(sorted(prefixes), more)
    with alone("misspelled"):
        found: dict[str, list[str]] = {name: [] for name in variables if speller.closest(name)}
        lists = [variables.get(OWN)]
        if is_first("hosts", *sorted({*prefixes, *more}), *variables["ansible_play_hosts_all"]):
            for host, names, own in hosts:
                for name in filter(speller.closest, names):
                    found.setdefault(name, []).append(host)
                if own not in lists:
                    lists.append(own)
        if found:
            _warn(found, {name for own in lists for name in _names(templar.template(own))}, speller)


def _warn(found: Mapping[str, list[str]], own: Collection[str], speller: Speller) -> None:
    for name in sorted(found):
        if name not in own and is_first("misspelled", name):
            Display().warning(
                f"flexops.fortiflex does not read the variable {name} ({_where(found[name])}), which is close to "
                f"{' or '.join(speller.closest(name))}; correct it, or list it in {OWN} if it is yours."
            )


def _names(own: Any) -> list[str]:
    return [] if own is None else [str(name).strip() for name in check_type_list(own)]


def _where(hosts: list[str]) -> str:
    """A few words on who sets it."""
    if not hosts:
        return "set by the play, a role or the command line"
    few = ", ".join(hosts[:_FEW])
    return f"of {few}" if len(hosts) <= _FEW else f"of {len(hosts)} hosts: {few}, …"
