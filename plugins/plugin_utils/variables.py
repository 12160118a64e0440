# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables that playbooks and roles read, and what is a misspelled one. Pure: no network, no
clock, no Ansible.

Private to the collection: may change at any time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cache

EVERYWHERE = "fortiflex_"  # the prefix of what every entry point reads
# What users set, by prefix. A test compares this with the specifications of the roles and with what the playbooks read.
_READ = {
    EVERYWHERE: """
        username password program account_id account_aliases allowed_accounts api_url auth_url
        validate_certs ca_path timeout quota_wait requests_per_minute
        requests_per_hour state_dir token_cache catalogue max_age audit_log reason
        name serial_number configuration state end_date tags folder skip_pending reuse create
        fresh_token replace_expired describe
        configurations spares prune max_prune allow_outside_limit max_new max_points_per_day
        estimate
        distinct_from was refuse_renames report_unlisted plan plan_file hold_reason ee_image
        allow_empty own_variables""",
    "branch_office_": """
        profile name state tags end_date describe distinct_from was fortigate_serial_number
        switch_serial_numbers access_point_serial_numbers
        configurations profiles extra_configurations extra_profiles spares estimate prune max_prune
        max_new max_points_per_day""",
    "datacenter_": """
        device profile pair name state tags end_date serial_number describe distinct_from was
        configurations profiles extra_configurations extra_profiles spares estimate prune max_prune
        max_new max_points_per_day""",
    "development_": "running until only_if_it_saves name",
    "license_delivery_": """
        method name url api_token validate_certs ca_path proxy_url enter reboot_timeout
        active_timeout renew directory config config_after""",
    "retire_": """
        name keep_running address port firewall_serial_number device_serial_numbers skip_running
        timeout""",
    "usage_report_": """
        ledger accounts max_days directory formats last_days period statements whole title
        customers sites point_price currency template charts mode
        budget thresholds commitment least_days notify fail_on_alert""",
    "access_": "required probe_writing",
    "adopt_": "directory accounts terraform playbooks left_out",
    "audit_": """
        prefix accounts unused_days ending_days spares json fix patience fail device_url
        device_token device_validate_certs""",
    "autoscale_": """
        metric_file prometheus_url query per_site group configuration minimum maximum step
        spares""",
    "awx_": """
        update_secrets apply modules organization project_url project_branch sites_url sites_branch
        sites_path state_dir requests_per_minute
        requests_per_hour mail credential_types credential projects inventories notifications
        job_templates workflow schedules""",
    "extend_": "names program to",
    "hold_": "file reason release",
    "rotate_": "file username password accounts write vault_password_file vault_id backup",
    "spares_": "configuration ready max_new",
    "tell_": "text title",
    "tenant_": """
        account confirm disable_configurations statement_directory configurations entitlements
        spares max_new max_points_per_day
        suspended_file resume_also until""",
    "vm_": "name state time configuration deleted_tag retries delay",
}
ALL_PREFIXES = frozenset(_READ)
# What playbooks, roles and the surveys of AWX set themselves.
_SET = {
    EVERYWHERE: "fleet points_per_day_before points_per_day_after",
    "awx_": "job_template_name workflow_job_name",
    "branch_office_": "fleet",
    "datacenter_": "fleet",
    "development_": "fleet",
    "license_delivery_": "checked content ending entitlement fresh_token tries written",
    "retire_": "fleet vm_found",
    "tenant_": "branches fleet",
    "usage_report_": "outlook recorded written",
}
# The prefixes of a playbook; those of a role are its name.
_OF_PLAYBOOKS = {
    "adopt_fleet": ("adopt_",),
    "audit_fleet": ("audit_",),
    "autoscale": ("autoscale_",),
    "awx_setup": ("awx_",),
    "check_access": ("access_",),
    "extend_sites": ("extend_",),
    "follow_vm": ("vm_",),
    "hold_fleet": ("hold_",),
    "offboard_tenant": ("tenant_", "usage_report_"),
    "onboard_tenant": ("tenant_",),
    "provision_branch_offices": ("branch_office_",),
    "provision_datacenter": ("datacenter_",),
    "refill_spares": ("spares_",),
    "resume_tenant": ("tenant_",),
    "retire_sites": ("retire_",),
    "retire_vm": ("vm_", "retire_"),
    "rotate_credentials": ("rotate_",),
    "start_environment": ("development_",),
    "stop_environment": ("development_",),
    "suspend_tenant": ("tenant_",),
    "tell": ("tell_", "usage_report_"),
}
# A last word that says what a value is, and not of what: who writes fortiflex_account means fortiflex_account_id.
_KINDS = {"date", "id", "number", "numbers"}
_LEAST = 4  # letters of a word that is still known when it is cut short, or has a wrong letter
_TOO_MANY = 1_000  # slips that nobody makes
_LONG = 8  # letters of a word in which two slips are likely


def read(prefix: str) -> frozenset[str]:
    """The variables with a prefix that users set."""
    return frozenset(f"{prefix}{ending}" for ending in _READ.get(prefix, "").split())


def prefixes_of(name: str) -> frozenset[str]:
    """The prefixes of the variables that a playbook or role of that name reads."""
    of_role = {f"{name}_"} & _READ.keys()
    return frozenset({EVERYWHERE, *of_role, *_OF_PLAYBOOKS.get(name, ())})


KNOWN = frozenset(
    f"{prefix}{ending}"
    for names in (_READ, _SET)
    for prefix, endings in names.items()
    for ending in endings.split()
)


class Speller:
    """Finds misspelled variables among those of many hosts. Each name is checked once."""

    def __init__(self, prefixes: Iterable[str], more: Collection[str] = ()) -> None:
        """Of the variables with these prefixes; ``more`` are those with a prefix of the user's own."""
        self._known = KNOWN.union(more)
        self._forms: list[tuple[list[str], list[tuple[list[str], str]]]] = []
        self._joined: dict[str, str] = {}
        for prefix in prefixes:
            known = sorted(read(prefix).union(name for name in more if name.startswith(prefix)))
            forms = [(form, name) for name in known for form in _forms(name[len(prefix) :])]
            self._forms.append((prefix.rstrip("_").split("_"), forms))
            self._joined |= {name.replace("_", ""): name for name in known}
        self.closest = cache(self._closest)

    def _closest(self, given: str) -> list[str]:
        """The variables that are closest to a name; none if it is one of them, or close to none, or
        a private name such as roles have for themselves.
        """
        if given in self._known or given.startswith("_"):
            return []
        name = given.lower()
        joined = name.replace("_", "")
        if joined in self._joined:
            return [self._joined[joined]]
        words = name.split("_")
        slips: dict[str, int] = {}
        for before, forms in self._forms:
            of_prefix = _slips(words[: len(before)], before)
            if of_prefix == _TOO_MANY:
                continue
            for form, known in forms:
                total = of_prefix + _slips(words[len(before) :], form, cut=True)
                slips[known] = min(total, slips.get(known, _TOO_MANY))
        least = min(slips.values(), default=_TOO_MANY)
        return [known for known, number in slips.items() if number == least < _TOO_MANY]


def is_close(name: str, known: str) -> bool:
    """Whether a slip of the keyboard makes the one of the other."""
    return name != known and _slips(name.lower().split("_"), known.split("_")) < _TOO_MANY


def _forms(ending: str) -> list[list[str]]:
    """The words of a variable behind its prefix, also without a last one that only says what kind
    of value it is.
    """
    words = ending.split("_")
    return [words, words[:-1]] if len(words) > 1 and words[-1] in _KINDS else [words]


def _slips(typed: list[str], meant: list[str], cut: bool = False) -> int:
    """How many slips of the keyboard make the one of the other; ``_TOO_MANY`` if more than are
    likely.

    ``cut``: a word may be cut short.
    """
    if len(typed) != len(meant):
        return _TOO_MANY
    words = zip(typed, meant, strict=True)
    return min(_TOO_MANY, sum(_slips_of_word(word, known, cut) for word, known in words))


def _slips_of_word(word: str, known: str, cut: bool) -> int:
    """The same of one word."""
    if word == known:
        return 0
    if cut and len(word) >= _LEAST and known.startswith(word):
        return 1
    likely = 1 + (len(known) >= _LONG)
    if abs(len(word) - len(known)) > likely or _is_other_word(word, known):
        return _TOO_MANY
    slips = _distance(word, known)
    return slips if slips <= likely else _TOO_MANY


def _is_other_word(word: str, known: str) -> bool:
    """Whether a wrong letter is between two short words, such as ``env`` and ``end``: that is
    another word, and no slip.
    """
    is_short = len(word) == len(known) < _LEAST
    return is_short and sorted(word) != sorted(known)


def _distance(typed: str, meant: str) -> int:
    """Letters that are missing, added or wrong, and neighbors that are swapped (Damerau and
    Levenshtein).
    """
    rows = [list(range(len(meant) + 1))]
    for i, letter in enumerate(typed, 1):
        row = [i]
        for j, other in enumerate(meant, 1):
            least = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == meant[j - 2] and typed[i - 2] == other:
                least = min(least, rows[-2][j - 2] + 1)
            row.append(least)
        rows.append(row)
    return rows[-1][-1]
