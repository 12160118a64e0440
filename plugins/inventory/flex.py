# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts from FortiFlex entitlements."""

from __future__ import annotations

DOCUMENTATION = r"""
name: flex
short_description: Hosts from FortiFlex entitlements
version_added: 1.0.0
description:
  - Makes a host of each entitlement of an account, or of several accounts, with one request for each account and one for all configurations.
  - A host is called like the name that holds its entitlement. Where there is none, or several accounts have the same one, or it could be taken for
    something else, such as a template or a group, it is called by its serial number.
  - It is in the groups C(account_NUMBER), C(configuration_NAME), C(product_NAME), C(status_STATUS), and C(tag_KEY_VALUE) for each of its tags, each with
    what is no letter, digit or underscore replaced by an underscore.
  - Its variables are what M(flexops.fortiflex.flex_entitlement) returns, each with O(prefix) before its name. The license token is never among them.
  - The name of the file must end with C(.flex.yml) or C(.flex.yaml). It may be encrypted by ansible-vault, and connection options in it may be templates.
extends_documentation_fragment:
  - flexops.fortiflex.connection.plugins
  - flexops.fortiflex.connection
  - flexops.fortiflex.accounts
  - constructed
  - inventory_cache
options:
  plugin:
    description: The name of this plugin.
    type: str
    required: true
    choices: [flexops.fortiflex.flex]
  configuration:
    description: Only entitlements of this configuration, by name or number.
    type: str
  product:
    description: Only entitlements of this product, by any of its names or by FortiFlex's number of it.
    type: str
  status:
    description: Only entitlements of this status, such as V(ACTIVE), in any case.
    type: str
  tags:
    description: Only entitlements that have all of these tags with these values.
    type: dict
  spares:
    description: Whether entitlements that nobody holds, and that are marked as spares or are on their way to a name, are hosts, too.
    type: bool
    default: false
  prefix:
    description: What the names of the variables begin with.
    type: str
    default: flex_
seealso:
  - module: flexops.fortiflex.flex_entitlement_info
  - module: flexops.fortiflex.flex_entitlement
author:
  - FlexOps maintainers (@flexops)
"""

EXAMPLES = r"""
# licensed.flex.yml: all tenants, what is charged only, grouped by the tag "region", and reached by the name of the site.
# The line with plugin is enough where the environment has credentials, program and account.
plugin: flexops.fortiflex.flex
username: "{{ lookup('ansible.builtin.env', 'FLEX_USER') }}"
password: "{{ lookup('ansible.builtin.env', 'FLEX_PASSWORD') }}"
program: ELAVMS0000000200
accounts: [all]
status: ACTIVE
keyed_groups:
  - prefix: region
    key: flex_tags.region | default('')
    default_value: none
compose:
  ansible_host: flex_name ~ '.example.com'
groups:
  unused: flex_token_status == 'NOTUSED'
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: ~/.cache/fortiflex-inventory
cache_timeout: 600
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from ansible import context
from ansible.errors import AnsibleParserError
from ansible.inventory.group import to_safe_group_name
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable
from ansible.utils.display import Display

from ..module_utils.client.connection import option_names, without_empty_variables
from ..module_utils.client.origin import Origin
from ..module_utils.clock import SystemClock
from ..module_utils.core.description import is_template
from ..module_utils.core.model import Entitlement
from ..module_utils.core.selection import Listed, passes
from ..module_utils.errors import FlexError
from ..module_utils.escapes import visible
from ..module_utils.given import Given, Spec
from ..module_utils.optional import if_given
from ..module_utils.task.options import ACCOUNTS
from ..module_utils.task.task import Task
from ..plugin_utils.lookups import read_options
from ..plugin_utils.origin import run_name
from ..plugin_utils.trust import trusted_if_plain

_FILTERS: Spec = {
    **ACCOUNTS,
    "configuration": {"type": "str"},
    "product": {"type": "str"},
    "status": {"type": "str"},
    "tags": {"type": "dict"},
}


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    """The inventory plugin."""

    NAME = "flexops.fortiflex.flex"

    def verify_file(self, path: str) -> bool:
        """Whether the file is meant for this plugin."""
        return bool(super().verify_file(path)) and path.endswith((".flex.yml", ".flex.yaml"))

    def parse(  # pylint: disable=redefined-outer-name
        self, inventory: Any, loader: Any, path: str, cache: bool = True
    ) -> None:
        """Add the hosts.

        :raises AnsibleParserError: with one sentence, if FortiFlex cannot be read.
        """
        super().parse(inventory, loader, path)
        in_words: Callable[[str], str] = str
        try:
            with without_empty_variables():
                self._read_config_data(path)
            check_mode = bool(context.CLIARGS.get("check"))
            origin = Origin(check_run=run_name())
            task = Task(
                self.get_options(), check_mode, SystemClock(), Display().warning, origin=origin
            )
            in_words = task.in_words
            task.connect()
            key = f"{self.get_cache_key(path)}_{_place(task)}"
            rows = self._cache.get(key) if cache and self.get_option("cache") else None
            if rows is None:
                rows = task.rows()
                predicted = task.session.predictions is not None and bool(
                    task.session.predictions.mark
                )
                if self.get_option("cache") and not predicted:
                    self._cache[key] = rows
            self._add(_chosen(task, rows))
        except FlexError as error:
            raise AnsibleParserError(visible(f"{path}: {in_words(str(error))}")) from None

    def set_options(
        self,
        task_keys: Any = None,
        var_options: Mapping[str, Any] | None = None,
        direct: Mapping[str, Any] | None = None,
    ) -> None:
        """Take the options of the file and of variables, connection options with templates filled
        in, without those that are empty.

        :raises InvalidInput: if an option is empty that must not be.
        """
        said = dict(direct or {})
        for name in said.keys() & option_names():
            if self.templar.is_template(said[name]):
                said[name] = self.templar.template(said[name])
        given = Given(_FILTERS)
        said, variables = read_options(given, said, var_options or {}, _FILTERS)
        given.check()
        super().set_options(task_keys=task_keys, var_options=variables, direct=said)

    def _add(self, rows: list[Listed]) -> None:
        names = _HostNames(rows)
        for row in rows:
            host = names.of(row)
            if host is not None:  # as of a spare that check mode only predicts
                self._add_entitlement(host, row["entitlement"])

    def _add_entitlement(self, host: str, shape: dict[str, Any]) -> None:
        """Add a host with its variables and groups."""
        prefix, strict = self.get_option("prefix"), self.get_option("strict")
        self.inventory.add_host(host)
        variables = {f"{prefix}{key}": trusted_if_plain(value) for key, value in shape.items()}
        for variable, value in variables.items():
            self.inventory.set_variable(host, variable, value)
        for group in _groups(shape):
            self.inventory.add_group(group)
            self.inventory.add_child(group, host)
        self._set_composite_vars(self.get_option("compose"), variables, host, strict)
        self._trust_composed(host)
        self._add_host_to_composed_groups(self.get_option("groups"), variables, host, strict)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), variables, host, strict)

    def _trust_composed(self, host: str) -> None:
        """What compose made of plain texts is plain, too. What is not stays as Ansible made it."""
        found = self.inventory.get_host(host).vars
        for variable in found.keys() & (self.get_option("compose") or {}).keys():
            value = trusted_if_plain(found[variable], lambda text: text)
            self.inventory.set_variable(host, variable, value)


class _HostNames:
    """What hosts are called: by the name of their entitlement, where that stands for one host and
    nothing else.
    """

    def __init__(self, rows: list[Listed]) -> None:
        self._held: Counter[str | None] = Counter()
        self._taken: set[str | None] = {"all", "ungrouped", "localhost"}
        for row in rows:
            shape = row["entitlement"]
            self._held[shape["name"]] += row["stands"]
            self._taken |= {shape["serial_number"], *_groups(shape)}

    def of(self, row: Listed) -> str | None:
        """The name of a host; None of a spare that does not exist yet."""
        number: str | None = row["entitlement"]["serial_number"]
        name: str | None = row["entitlement"]["name"]
        is_clear = row["stands"] and self._held[name] == 1 and name not in self._taken
        return name if name and is_clear and not is_template(name) else number


def _place(task: Task) -> str:
    """What was read, by whom, and for which allowed accounts.

    Another cache for each, so that what is kept was allowed, too.
    """
    connection = task.session.connection
    allowed = connection.accounts.allowed
    place = [
        connection.api_url,
        connection.username,
        connection.program,
        connection.account_id,
        if_given(allowed, sorted),
        task.options["accounts"],
    ]
    return hashlib.sha256(json.dumps(place, default=str).encode()).hexdigest()[:32]


def _chosen(task: Task, rows: list[Listed]) -> list[Listed]:
    """Those that are asked for."""
    options = task.options
    product = if_given(options["product"], task.catalogues.product)
    return [
        row
        for row in rows
        if passes(options, product, row) and (options["spares"] or not _is_free(row))
    ]


def _is_free(row: Listed) -> bool:
    """Whether it is nobody's: a spare, whatever its status is, or one that a run has reserved."""
    entitlement = Entitlement.from_result(row["entitlement"])
    return entitlement.is_marked_spare or entitlement.is_claimed


def _groups(shape: dict[str, Any]) -> list[str]:
    words = [f"account_{shape['account_id']}"]
    words += [f"{key}_{shape[key]}" for key in ("configuration", "product", "status")]
    tags = [f"tag_{key}_{value}" for key, value in shape["tags"].items()]
    return [_safe(name) for name in (*words, *tags)]


@cache
def _safe(name: str) -> str:
    return str(to_safe_group_name(name, force=True, silent=True))
