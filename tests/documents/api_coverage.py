# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/api-coverage.md: each call of FortiFlex, what reaches it, and what is tested of it.

tests/contract/test_api_coverage.py makes each call in each position of its switches, which are those of the local FortiFlex.
"""

from __future__ import annotations

from typing import NamedTuple

ALL = "all of them"


class Row(NamedTuple):
    """A call: the modules and plugins that make it, when, and the switches that change what it does or how it is answered."""

    endpoint: str
    reached_by: tuple[str, ...]
    when: str
    switches: tuple[str, ...] = ()


_SHAPES = ("numbers", "date_shape")
ROWS = (
    Row(
        "login",
        (ALL,),
        "no valid bearer token is cached; it is refreshed before it ends",
        ("login_revokes", "expired_token", "login_error", "no_permission"),
    ),
    Row(
        "programs/list",
        ("flex_program_info", ALL),
        "`account_id` is not given, or an end date has to be known",
        ("program_dates", "numbers"),
    ),
    Row(
        "programs/points",
        ("flex_program_info", "flex_points_info", "flex_usage_ledger"),
        "the balance is asked for",
        ("postpaid_points", "numbers"),
    ),
    Row(
        "configs/list",
        ("flex_configuration_info", ALL),
        "anything about an account has to be known",
        ("numbers", "order"),
    ),
    Row(
        "configs/create",
        ("flex_configuration", "flex_fleet"),
        "no configuration has the name",
        ("configs_shape", "numbers", "unique_names", "left_out_parameters"),
    ),
    Row(
        "configs/update",
        ("flex_configuration", "flex_fleet"),
        "a parameter or the name is another one",
        ("configs_shape", "numbers", "left_out_parameters"),
    ),
    Row(
        "configs/enable",
        ("flex_configuration", "flex_fleet"),
        "`state: active`, and it is DISABLED",
        ("configs_shape",),
    ),
    Row(
        "configs/disable",
        ("flex_configuration", "flex_fleet"),
        "`state: disabled`, and it is ACTIVE",
        ("configs_shape", "disable_effect"),
    ),
    Row(
        "entitlements/list",
        ("flex_entitlement_info", ALL),
        "anything about entitlements has to be known",
        ("list_shape", "list_filters", "no_token", "order", *_SHAPES),
    ),
    Row(
        "entitlements/vm/create",
        ("flex_entitlement", "flex_fleet"),
        "a name has no entitlement, and no spare fits",
        ("count_limit", "unknown_folder", *_SHAPES),
    ),
    Row(
        "entitlements/hardware/create",
        ("flex_entitlement", "flex_fleet"),
        "a device is not licensed",
        ("no_token", *_SHAPES),
    ),
    Row(
        "entitlements/hardware/remove",
        ("flex_entitlement", "flex_fleet"),
        "`state: absent` with `remove_hardware: true`; its effect is undocumented",
        ("removed_hardware", "remove_active"),
    ),
    Row(
        "entitlements/cloud/create",
        ("flex_entitlement", "flex_fleet"),
        "the account has no entitlement of the cloud service",
        ("no_token", *_SHAPES),
    ),
    Row(
        "entitlements/update",
        ("flex_entitlement", "flex_fleet", "flex_entitlement_transfer"),
        "description, configuration or end date is another one",
        ("stopped_end_date", "expired_changes", *_SHAPES),
    ),
    Row(
        "entitlements/stop",
        ("flex_entitlement", "flex_fleet", "flex_access_info"),
        "it is charged and must not be; or with a serial number that does not exist, to see whether the user may write",
        ("stop_key", "stop_stopped", *_SHAPES),
    ),
    Row(
        "entitlements/reactivate",
        ("flex_entitlement", "flex_fleet"),
        "it is STOPPED and must be active",
        ("stop_key", "expired_changes", *_SHAPES),
    ),
    Row(
        "entitlements/vm/token",
        ("flex_entitlement", "flex_fleet"),
        "`fresh_token`, and whenever somebody else may have the old one",
        ("token_key", "token_pending", *_SHAPES),
    ),
    Row(
        "entitlements/points",
        ("flex_points_info", "flex_usage_ledger"),
        "days are not in the ledger",
        ("numbers",),
    ),
    Row(
        "entitlements/transfer",
        ("flex_entitlement_transfer",),
        "it is in the source account",
        _SHAPES,
    ),
    Row("groups/list", ("flex_group_info",), "always", ("groups_key", "numbers")),
    Row(
        "groups/nexttoken", ("flex_group_info",), "`next_token: true`", ("next_token_key", *_SHAPES)
    ),
    Row(
        "tools/calc",
        ("flex_cost_info", "flex_fleet", "flex_points_info"),
        "a price is asked for",
        ("calc_shape", "numbers"),
    ),
    Row(
        "tools/metadata",
        ("flex_product_info", ALL),
        "the shipped catalogue lacks something, or `catalogue: live`",
        ("metadata_shape",),
    ),
)
_HEAD = """<!--
Copyright (c) 2026, the FlexOps maintainers
GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
-->
<!-- Made by `make docs` from tests/documents/api_coverage.py. Change that, not this. -->
# Coverage of the API

Every call of the FortiFlex API, and what makes it. Writing calls are only made where something is not as it should be, so that a second run makes none;
the only other one is a stop that cannot have an effect, with which `flex_access_info` sees whether the API user may write.

What nobody knows of the real service is a switch of the [local one](../tests/simulator/README.md). `tests/contract/test_api_coverage.py` makes each call
through a module, twice, in each position of the switches in the last column, and checks what FortiFlex has then.

| call | made by | when | test | its switches |
| --- | --- | --- | --- | --- |
"""


def page() -> str:
    """The page."""
    lines = []
    for row in ROWS:
        made_by = ", ".join(name if name == ALL else f"`{name}`" for name in row.reached_by)
        switches = ", ".join(f"`{switch}`" for switch in row.switches)
        lines.append(
            f"| `{row.endpoint}` | {made_by} | {row.when} | `test_call[{row.endpoint}]` | {switches} |\n"
        )
    return _HEAD + "".join(lines)
