# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Warns of variables that nothing reads and that are close to one of the collection: once in a run
for each name, with the hosts that set it.

Private to the collection: may change at any time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from ansible.module_utils.common.validation import check_type_list
from ansible.utils.display import Display

from ..module_utils.escapes import visible
from .once import alone, is_first
from .variables import Speller, prefixes_of

OWN = "fortiflex_own_variables"
_FEW = 3  # hosts that a warning names
# What a host sets in the inventory: its name, the names of its variables, and its list of own ones.
HostNames = tuple[str, Collection[str], Any]


@dataclass(frozen=True)
class Misspelled:
    """A variable that nothing reads, those that it is close to, and the hosts that set it; none if
    something else does.
    """

    name: str
    closest: list[str]
    hosts: list[str]

    def warn(self) -> None:
        """Warn of it, the first time in this run."""
        if is_first("misspelled", self.name):
            Display().warning(
                visible(
                    f"flexops.fortiflex does not read the variable {self.name} ({self._where()}), "
                    f"which is close to {' or '.join(self.closest)}; "
                    f"correct it, or list it in {OWN} if it is yours."
                )
            )

    def _where(self) -> str:
        if not self.hosts:
            return "set by the play, a role or the command line"
        few = ", ".join(self.hosts[:_FEW])
        return f"of {few}" if len(self.hosts) <= _FEW else f"of {len(self.hosts)} hosts: {few}, …"


def misspelled(
    variables: Mapping[str, Any], templar: Any, speller: Speller, hosts: Iterable[HostNames]
) -> list[Misspelled]:
    """The misspelled variables of these hosts, and of those that a task sees: ``variables``."""
    found: dict[str, list[str]] = {name: [] for name in filter(speller.closest, variables)}
    lists = [variables.get(OWN)]
    for host, names, own in hosts:
        for name in filter(speller.closest, names):
            found.setdefault(name, []).append(host)
        if own not in lists:
            lists.append(own)
    if not found:
        return []
    known = {name for own in lists for name in own_names(templar.template(own))}
    for name in found.keys() & known:
        is_first("misspelled", name)  # so that nobody warns of it who does not see the list
    return [
        Misspelled(name, speller.closest(name), found[name])
        for name in sorted(found.keys() - known)
    ]


def warn_of_misspelled(
    variables: Mapping[str, Any],
    templar: Any,
    prefixes: Collection[str],
    hosts: Iterable[HostNames],
    more: Collection[str] = (),
) -> None:
    """Warn of variables that are close to one with these prefixes, or to one of ``more``.

    The hosts are read once in a run.
    """
    with alone("misspelled"):
        first = is_first("hosts", *sorted(prefixes), *variables.get("ansible_play_hosts_all", ()))
        speller = Speller(sorted(prefixes), more)
        for item in misspelled(variables, templar, speller, hosts if first else ()):
            item.warn()


def warn_of_task(task: Any, variables: Mapping[str, Any], templar: Any) -> None:
    """Warn of what is close to a variable that the playbook or role of a task reads.

    ``variables`` are those of the task.
    """
    if "hostvars" in variables:
        prefixes = prefixes_of(_entry_point(task))
        warn_of_misspelled(variables, templar, prefixes, of_all_hosts(variables))


def of_all_hosts(variables: Mapping[str, Any]) -> Iterator[HostNames]:
    """What each host of the play sets, as soon as hosts have variables."""
    for host in variables["ansible_play_hosts_all"] if "hostvars" in variables else ():
        names = variables["hostvars"].raw_get(host)
        yield host, list(names), names.get(OWN)


def _entry_point(task: Any) -> str:
    """The name of the role or playbook whose file has the task."""
    path = PurePath(task.get_path().rpartition(":")[0])
    *_before, roles, name = ("", "", *path.parts[:-2])  # ROLES/NAME/tasks/main.yml
    return name if roles == "roles" else path.stem


def own_names(own: Any) -> list[str]:
    """The names in a list of own ones, which may be text with commas."""
    return [] if own is None else [str(name).strip() for name in check_type_list(own)]
