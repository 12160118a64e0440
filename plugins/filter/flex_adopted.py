# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What FortiFlex holds, or playbooks of the official collection say, as files that this collection
takes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import yaml
from ansible.errors import AnsibleFilterError

from ..module_utils.catalogue.catalogue import snapshot
from ..module_utils.escapes import visible
from ..module_utils.optional import if_given
from ..module_utils.strict_json import loads
from ..plugin_utils.adoption import Adoption, group_variables, inventory
from ..plugin_utils.conversion import Conversion
from ..plugin_utils.sites import accounts_of, refusing_as
from ..plugin_utils.terraform_state import Managed, managed_by

Result = Mapping[str, Any]
"""A configuration, an entitlement or a program as the info modules return it."""


def flex_adopted(
    entitlements: Iterable[Result],
    configurations: Iterable[Result],
    programs: Iterable[Result] = (),
    terraform: str | None = None,
    account_aliases: Any = None,
) -> dict[str, Any]:
    """The files of an inventory and of a fleet for each account; how much each account has; and
    what is left out, with the reason.
    """
    ends = {program["serial_number"]: program["end_date"] for program in programs}
    known = accounts_of(account_aliases)
    adoption = Adoption(snapshot(), ends, if_given(terraform, _managed))
    accounts = adoption.accounts(configurations, entitlements)
    files = {"hosts.yml": inventory(accounts)}
    for account in accounts:
        files |= {
            f"group_vars/account_{account.number}.yml": group_variables(account),
            f"fleet_{account.number}.yml": account.fleet,
        }
    return {
        "files": [{"path": path, "content": content} for path, content in files.items()],
        "summary": [
            f"Account {known.called(account.number)}: entitlements {len(account.entitlements)} "
            f"(by name {account.by_name}), configurations {len(account.configurations)}."
            for account in accounts
        ],
        "left_out": [*map(known.spelled_out, adoption.left_out.sentences), *adoption.unmanaged],
        "left_out_summary": [
            *map(known.spelled_out, adoption.left_out.summary),
            *adoption.unmanaged,
        ],
    }


def _managed(terraform: str) -> Managed:
    try:
        with refusing_as(AnsibleFilterError, "flex_adopted: "):
            return managed_by(loads(terraform))
    except ValueError:
        raise AnsibleFilterError(
            "flex_adopted: the Terraform state is no JSON; "
            "give the file that `terraform state pull` writes"
        ) from None


_MOST = 1_000_000  # values of a file, those counted that an alias repeats


def _is_bounded(content: Any) -> bool:
    """Whether all values of a file can be gone through.

    With aliases a short file can have any number of them.
    """
    left, seen = [content], 0
    while left and seen <= _MOST:
        value = left.pop()
        seen += 1
        inner = value.values() if isinstance(value, dict) else value
        left.extend(inner if isinstance(value, (dict, list)) else ())
    return not left


class _Loader(yaml.SafeLoader):
    """Reads playbooks: what has a tag of its own, such as a vaulted value, is known only to a run
    and becomes a template.
    """


def _tagged(_loader: yaml.SafeLoader, tag: str, _node: yaml.Node) -> str:
    return f"{{{{ {tag} }}}}"


_Loader.add_multi_constructor("!", _tagged)


def flex_converted(playbooks: Mapping[str, str]) -> dict[str, Any]:
    """The fleet that playbooks with modules of fortinet.fortiflexvm create, from their texts by
    path; and what cannot be converted, with the reason.
    """
    conversion = Conversion(snapshot())
    for path, text in playbooks.items():
        try:
            content = yaml.load(text, _Loader)
        except (yaml.YAMLError, ValueError, RecursionError):
            raise AnsibleFilterError(
                visible(f"flex_converted: {path} is no YAML; give a file of plays or tasks")
            ) from None
        if not _is_bounded(content):
            raise AnsibleFilterError(
                visible(
                    f"flex_converted: {path} contains itself, or more than {_MOST:,} values; "
                    "give a file of plays or tasks"
                )
            )
        conversion.read(path, content)
    return {
        "fleet": conversion.fleet,
        "left_out": conversion.left_out.sentences,
        "left_out_summary": conversion.left_out.summary,
    }


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """By name."""
        return {"flex_adopted": flex_adopted, "flex_converted": flex_converted}
