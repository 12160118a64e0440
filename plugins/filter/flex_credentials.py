# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file of variables with other credentials in it, and everything else as it was."""

from __future__ import annotations

from collections.abc import Callable
from math import inf

import yaml
from ansible.errors import AnsibleFilterError

from ..module_utils.core.model import is_template
from ..module_utils.escapes import visible

_WHERE = "flex_credentials: the file of variables"


def flex_credentials(text: str, username: str, password: str, vaulted: bool = False) -> str:
    """The text of a file of variables, with fortiflex_username and fortiflex_password set to these; comments and all other lines stay.

    No error tells what is in the file.
    """
    wanted = {"fortiflex_username": str(username), "fortiflex_password": str(password)}
    text = str(text)
    places = _places(text)
    for key in wanted:
        if key in places and places[key].tag == "!vault" and not vaulted:
            raise AnsibleFilterError(
                visible(
                    f"{_WHERE} has a {key} that is vaulted by itself; set rotate_vault=true, so that the new one is not written in the clear"
                )
            )
    if all(
        key in places and places[key].value == value and places[key].tag != "!vault"
        for key, value in wanted.items()
    ):
        return text
    for key in sorted(
        wanted.keys() & places.keys(), key=lambda key: places[key].start_mark.index, reverse=True
    ):
        first, last = places[key].start_mark.index, places[key].end_mark.index
        blank, end = (
            " " if text[:first].endswith(":") else "",
            "\n" if text[first:last].endswith("\n") else "",
        )
        text = text[:first] + blank + _quoted(wanted[key]) + end + text[last:]
    missing = "".join(
        f"{key}: {_quoted(value)}\n" for key, value in wanted.items() if key not in places
    )
    text = (text if not text or text.endswith("\n") else text + "\n") + missing
    if not _says(text, wanted):
        raise AnsibleFilterError(
            f"{_WHERE} has a form in which nothing can be changed safely; give each variable a line of its own"
        )
    return text


def _says(text: str, wanted: dict[str, str]) -> bool:
    """Whether a file of variables has these values."""
    try:
        return {key: node.value for key, node in _places(text).items() if key in wanted} == wanted
    except AnsibleFilterError:  # what was changed does not fit into it
        return False


def _quoted(value: str) -> str:
    """A value as YAML, which Ansible does not take for a template. Not dumped, since an older ansible-core gives texts of types that PyYAML does not know."""
    tag = "!unsafe" if is_template(value) else "tag:yaml.org,2002:str"
    text: str = yaml.serialize(
        yaml.ScalarNode(tag, value, style='"'),
        Dumper=yaml.SafeDumper,
        allow_unicode=False,
        width=inf,
    )
    return text.rstrip("\n")


def _places(text: str) -> dict[str, yaml.Node]:
    """The values of a file of variables, by name, each with its place; nothing is decrypted."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        raise AnsibleFilterError(f"{_WHERE} is no YAML; mend it, or name another one") from None
    if root is None or root.tag == "tag:yaml.org,2002:null":
        return {}
    if not isinstance(root, yaml.MappingNode):
        raise AnsibleFilterError(f"{_WHERE} has no variables; it must be a dictionary")
    return {str(key.value): value for key, value in root.value}


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., str]]:
        """By name."""
        return {"flex_credentials": flex_credentials}
