# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every switch of the simulator, with its default and what it stands for. Imports nothing of the package.

A switch whose real position nobody has published stands on the best documented behavior.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from typing import Any

DEFAULT_PROGRAMS: list[dict[str, Any]] = [
    {
        "serialNumber": "ELAVMR0000000100",
        "accountId": 1000001,
        "accounts": [1000001],
        "type": "prepaid",
        "points": 100000,
    },
    {
        "serialNumber": "ELAVMS0000000200",
        "accountId": 2000001,
        "accounts": [2000001, 2000002, 2000003],
        "type": "postpaid",
    },
]
DEFAULT_USERS: list[dict[str, Any]] = [
    {"username": "demo-api-user", "password": "demo-password", "permission": "write"},
    {"username": "read-only", "password": "demo-password", "permission": "read"},
    {"username": "no-permission", "password": "demo-password", "permission": "none"},
    {
        "username": "tenant-2-only",
        "password": "demo-password",
        "permission": "write",
        "accounts": [2000002],
    },
]

_TYPES: dict[str, tuple[type, ...]] = {
    "bool": (bool,),
    "int": (int,),
    "str": (str,),
    "list": (list,),
    "int | None": (int, type(None)),
    "str | None": (str, type(None)),
}
_NEEDED = {"programs": {"serialNumber", "accountId"}, "users": {"username", "password"}}


class SettingsError(ValueError):
    """A setting that does not exist, or a value it cannot take."""


def _switch(default: Any, text: str, *choices: Any) -> Any:
    """A field with its explanation, and its positions if these can be listed."""
    details = {"text": text, "choices": choices}
    if isinstance(default, list):
        return field(default_factory=lambda: [dict(item) for item in default], metadata=details)  # pylint: disable=invalid-field-call
    return field(default=default, metadata=details)  # pylint: disable=invalid-field-call


@dataclass
class Settings:
    """All switches. `python -m simulator --show-settings` prints them as the table of the README."""

    programs: list[dict[str, Any]] = _switch(
        DEFAULT_PROGRAMS,
        "programs: serialNumber, accountId (owner), accounts, type prepaid or postpaid, points bought, startDate, endDate (in a year)",
    )
    users: list[dict[str, Any]] = _switch(
        DEFAULT_USERS,
        "API users: username, password, permission write, read or none, accounts (all if left out)",
    )
    seed: int = _switch(
        1,
        "start value of serial numbers and tokens: the same seed gives the same ones; takes effect with a reset",
    )
    latency_ms: int = _switch(0, "every answer takes this many milliseconds longer")
    frozen: bool = _switch(False, "the clock stands still and moves only by `/simulator/clock`")
    token_lifetime: int = _switch(3660, "seconds that a bearer token is good for")
    login_revokes: bool = _switch(False, "a login makes the user's earlier bearer tokens invalid")
    no_permission: str = _switch(
        "login",
        "a user without FortiFlex permission is refused at the login (401) or at the calls",
        "login",
        "calls",
    )
    login_error: str = _switch(
        "status",
        "shape of a refused login: status and message, or OAuth's error and error_description",
        "status",
        "oauth",
    )
    expired_token: str = _switch(
        "message",
        "answer to a token that is invalid: the text `Invalid security token.`, or a bare HTTP 401",
        "message",
        "http_401",
    )

    quota_minute: bool = _switch(
        False,
        "refuse with -10 more than quota_minute_limit calls of a user in quota_minute_seconds",
    )
    quota_minute_limit: int = _switch(100, "calls")
    quota_minute_seconds: int = _switch(60, "length of the sliding window")
    quota_hour: bool = _switch(
        False, "refuse with -11 more than quota_hour_limit calls of a user in quota_hour_seconds"
    )
    quota_hour_limit: int = _switch(1000, "calls")
    quota_hour_seconds: int = _switch(3600, "length of the sliding window")
    quota_errors: bool = _switch(
        False,
        "refuse every call of a user with -30 after quota_errors_limit refused creations in quota_errors_seconds",
    )
    quota_errors_limit: int = _switch(10, "refused creations of configurations and entitlements")
    quota_errors_seconds: int = _switch(3600, "length of the sliding window")
    quota_overlap: bool = _switch(
        False, "refuse with -12 a call that overlaps another one of the same user"
    )
    quota_login: bool = _switch(False, "logins count as calls, too")

    stop_key: str = _switch(
        "entitlements", "answer key of stop and reactivate", "entitlements", "vms"
    )
    token_key: str = _switch("entitlements", "answer key of vm/token", "entitlements", "vms")
    next_token_key: str = _switch(
        "entitlements", "answer key of groups/nexttoken", "entitlements", "vms"
    )
    groups_key: str = _switch(
        "groups", "answer key of groups/list", "groups", "fortiCareAssetGroups"
    )
    configs_shape: str = _switch(
        "object",
        "one configuration after create, update, enable, disable: an object or a list of one",
        "object",
        "list",
    )
    list_shape: str = _switch(
        "envelope", "entitlements/list: in the envelope, or as a bare list", "envelope", "bare"
    )
    calc_shape: str = _switch(
        "object",
        "tools/calc: points as object, points as number, or configs.current",
        "object",
        "number",
        "configs",
    )
    metadata_shape: str = _switch(
        "full",
        "tools/metadata: full, missing (HTTP 404), or odd (parts that are null, or of another type)",
        "full",
        "missing",
        "odd",
    )
    error_code_in: str = _switch(
        "status",
        "codes such as -10: in status, too, or only in error.errorCode while status is -1",
        "status",
        "error",
    )
    error_shape: str = _switch("object", "member error of a refusal", "object", "string", "null")
    refusal_http: int = _switch(400, "HTTP status of a refusal", 400, 200)
    message_full_stop: bool = _switch(True, "messages end with a full stop")
    numbers: str = _switch(
        "documented",
        "JSON types: as documented, all numbers as text, or parameter values as numbers",
        "documented",
        "text",
        "number",
    )
    date_shape: str = _switch(
        "documented",
        "start and end dates: as seen live, or all of one shape: no fraction, 3 digits, 7 digits, 7 digits and offset",
        "documented",
        "seconds",
        "milliseconds",
        "ticks",
        "offset",
    )
    program_dates: str = _switch(
        "T", "between date and time of a program's dates: T or a blank", "T", "blank"
    )
    no_token: str = _switch(
        "null", "token and tokenStatus of hardware and cloud: null or empty text", "null", "empty"
    )
    order: str = _switch(
        "stable",
        "order of list parameters, configurations and entitlements in answers",
        "stable",
        "shuffled",
    )

    description_cut: int | None = _switch(
        None, "descriptions are stored cut at this many characters"
    )
    description_stored: str = _switch(
        "as_written",
        "descriptions are stored as written; HTML escaped (all: and what is not ASCII); with ? for what is not ASCII; as UTF-8 read as Latin-1; "
        "normalized; in other case; trimmed; with single blanks; in quotes; or not at all",
        "as_written",
        "escaped",
        "escaped_all",
        "ascii",
        "mojibake",
        "nfd",
        "nfc",
        "upper",
        "lower",
        "casefold",
        "trimmed",
        "folded_blanks",
        "quoted",
        "dropped",
    )
    description_answer: str = _switch(
        "stored",
        "answers of vm/create and update have the description as it is stored, or as it was written",
        "stored",
        "written",
    )
    list_filters: str = _switch(
        "combined",
        "entitlements/list: all filters count, or only the first of configId, serialNumber, description, status, tokenStatus",
        "combined",
        "first",
    )
    left_out_parameters: str = _switch(
        "reset",
        "parameters left out of configs/update: become their default, are kept, or the call is refused",
        "reset",
        "kept",
        "refused",
    )
    unique_names: bool = _switch(
        False, "a second configuration of the same name in an account is refused"
    )
    disable_effect: str = _switch(
        "uncharged",
        "entitlements of a disabled configuration: not charged, still charged, or stopped",
        "uncharged",
        "charged",
        "stopped",
    )
    count_limit: int | None = _switch(None, "most entitlements in one vm/create")
    unknown_folder: str = _switch(
        "accepted", "creation in a folder that is not in `folders`", "accepted", "refused"
    )
    folders: list[str] = field(
        default_factory=lambda: ["My Assets", "My Assets/branches"],
        metadata={
            "text": "asset folders that groups/list names even if they are empty",
            "choices": (),
        },
    )
    redeem_after_minutes: int = _switch(
        0, "a PENDING entitlement becomes ACTIVE by itself after this many minutes; 0: never"
    )
    redeem_stopped: str = _switch(
        "refused",
        "a VM uses the token of a STOPPED entitlement: refused, refused and the token is spent, or the entitlement becomes ACTIVE",
        "refused",
        "spent",
        "activates",
    )
    stopped_end_date: str = _switch(
        "refused",
        "update of the end date of a STOPPED entitlement",
        "refused",
        "ignored",
        "accepted",
    )
    stop_stopped: str = _switch("refused", "stop of a STOPPED entitlement", "refused", "accepted")
    token_pending: str = _switch(
        "accepted", "vm/token of a PENDING entitlement", "accepted", "refused"
    )
    expired_changes: str = _switch(
        "refused", "update and reactivate of an EXPIRED entitlement", "refused", "accepted"
    )
    removed_hardware: str = _switch(
        "gone",
        "devices after hardware/remove: not listed any more, or listed as STOPPED",
        "gone",
        "listed",
    )
    remove_active: str = _switch(
        "accepted", "hardware/remove of a device that is not STOPPED", "accepted", "refused"
    )
    postpaid_points: str = _switch(
        "refused", "programs/points of a postpaid program", "refused", "empty"
    )
    price_change_percent: int = _switch(
        0, "tools/calc announces prices changed by this many percent; 0: none"
    )
    price_change_date: str | None = _switch(
        None, "day on which the announced prices begin, YYYY-MM-DD"
    )

    device_api_token: str = _switch(
        "demo-device-token",
        "API token of every pretended FortiGate, and password of every command line",
    )
    device_answer: str = _switch(
        "answered",
        "a device that got its license: answers before it reboots, or the connection breaks",
        "answered",
        "aborted",
    )
    device_refuses: bool = _switch(
        False, "no device can fetch a license, as without a way to the Internet"
    )
    device_reboot_seconds: int = _switch(0, "how long a device reboots, on the simulated clock")
    device_reboot: str = _switch(
        "http_503", "what a rebooting FortiGate does with requests", "http_503", "reset"
    )

    def merge(self, changes: Mapping[str, Any]) -> None:
        """Take over changes; raises SettingsError, and changes nothing, if one of them is not possible."""
        known = {item.name: item for item in fields(self)}
        for name, value in changes.items():
            if name not in known:
                raise SettingsError(
                    f"There is no setting '{name}'; --show-settings lists them all."
                )
            _check(known[name], value)
        for name, value in changes.items():
            setattr(self, name, value)


def _check(switch: Field[Any], value: Any) -> None:
    """Refuse a value that the switch cannot take."""
    choices, kind = switch.metadata["choices"], str(switch.type).split("[", maxsplit=1)[0]
    if choices and value not in choices:
        raise SettingsError(
            f"Setting '{switch.name}' cannot be {value!r}; it is one of {', '.join(map(str, choices))}."
        )
    if type(value) not in _TYPES[kind]:
        raise SettingsError(
            f"Setting '{switch.name}' cannot be {value!r}; it is of type {switch.type}."
        )
    needed = _NEEDED.get(switch.name)
    if needed and not all(isinstance(item, dict) and needed <= set(item) for item in value):
        raise SettingsError(
            f"Every item of setting '{switch.name}' needs {' and '.join(sorted(needed))}."
        )


def table() -> str:
    """The switches as a Markdown table: name, default, other positions, meaning."""
    rows = ["| setting | default | positions | meaning |", "| --- | --- | --- | --- |"]
    for item in fields(Settings):
        default = getattr(Settings(), item.name)
        shown = (
            "none"
            if default is None
            else "see above"
            if item.name in _NEEDED
            else f"`{json.dumps(default).strip(chr(34))}`"
        )
        positions = ", ".join(f"`{choice}`" for choice in item.metadata["choices"])
        rows.append(f"| `{item.name}` | {shown} | {positions} | {item.metadata['text']} |")
    return "\n".join(rows)
