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
from ..module_utils.clock import SystemClock
from ..module_utils.core.model import SPARE, claim_of, is_template
from ..module_utils.core.selection import Row, passes
from ..module_utils.errors import FlexError
from ..module_utils.escapes import visible
from ..module_utils.given import Given, Spec
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

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:  # pylint: disable=redefined-outer-name
        """Add the hosts.

        :raises AnsibleParserError: with one sentence, if FortiFlex cannot be read.
        """
        super().parse(inventory, loader, path)
        in_words: Callable[[str], str] = str
        try:
            with without_empty_variables():
                self._read_config_data(path)
            options = {**self.get_options(), "origin": {"check_run": run_name()}}
            check_mode = bool(context.CLIARGS.get("check"))
            task = Task(options, check_mode, SystemClock(), Display().warning)
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
        """Take the options of the file and of variables, connection options with templates filled in, without those that are empty.

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

    def _add(self, rows: list[Row]) -> None:
        prefix, strict = self.get_option("prefix"), self.get_option("strict")
        held = Counter(row["entitlement"]["name"] for row in rows if row["stands"])
        taken = {
            "all",
            "ungrouped",
            "localhost",
            *(
                name
                for row in rows
                for name in (row["entitlement"]["serial_number"], *_groups(row["entitlement"]))
            ),
        }
        for row in rows:
            shape = row["entitlement"]
            is_name = (
                row["stands"]
                and held[shape["name"]] == 1
                and shape["name"] not in taken
                and not is_template(shape["name"])
            )
            host = shape["name"] if is_name else shape["serial_number"]
            if host is None:
                continue  # a spare that check mode only predicts
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


def _place(task: Task) -> str:
    """What was looked at, by whom, and with which allowed accounts: another cache for each, so that what is kept was allowed, too."""
    connection = task.session.connection
    allowed = None if connection.accounts.allowed is None else sorted(connection.accounts.allowed)
    place = [
        connection.api_url,
        connection.username,
        connection.program,
        connection.account_id,
        allowed,
        task.options["accounts"],
    ]
    return hashlib.sha256(json.dumps(place, default=str).encode()).hexdigest()[:32]


def _chosen(task: Task, rows: list[Row]) -> list[Row]:
    """Those that are asked for."""
    options = task.options
    product = (
        task.catalogues.product(options["product"]).key if options["product"] is not None else None
    )
    return [
        row
        for row in rows
        if passes(options, product, row)
        and (options["spares"] or not _is_free(row["entitlement"]["description"]))
    ]


def _is_free(description: str) -> bool:
    return description == SPARE or claim_of(description) is not None


def _groups(shape: dict[str, Any]) -> list[str]:
    tags = [f"tag_{key}_{value}" for key, value in shape["tags"].items()]
    words = [
        f"{word}_{shape[key]}"
        for word, key in (
            ("account", "account_id"),
            *((key, key) for key in ("configuration", "product", "status")),
        )
    ]
    return [_safe(name) for name in (*words, *tags)]


@cache
def _safe(name: str) -> str:
    return str(to_safe_group_name(name, force=True, silent=True))
