# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which variables are misspelled ones, and that the list of known ones has all that playbooks and roles read and set."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from documents import reference
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.flexops.fortiflex.plugins.module_utils.client import connection
from ansible_collections.flexops.fortiflex.plugins.plugin_utils import variables
from ansible_collections.flexops.fortiflex.plugins.plugin_utils.fleets import AccountResults
from ansible_collections.flexops.fortiflex.plugins.plugin_utils.variables import (
    EVERYWHERE,
    KNOWN,
    Speller,
    prefixes_of,
    read,
)

ROOT = Path(__file__).parents[2]
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir())
PLAYBOOKS = [path.stem for path in reference.PLAYBOOKS]
PREFIXES = sorted({prefix for name in (*ROLES, *PLAYBOOKS) for prefix in prefixes_of(name)})
# Words that look like variables and are none: names of playbooks, files, groups, devices and tags, and options.
NO_VARIABLES = {
    *PLAYBOOKS,
    "access_point",
    "access_point_serial_numbers",
    "audit_log",
    "awx_jobs",
    "fortiflex_OPTION",
    "fortiflex_sites",
    "vm_deleted",
    "vm_valid",
}


def words(path: Path) -> Iterator[str]:
    """What a file has that begins like a variable of the collection."""
    for word in re.findall(r"(?<![\w./-])[A-Za-z]\w+(?!\()", path.read_text(encoding="utf-8")):
        if any(word.startswith(prefix) and word != prefix for prefix in PREFIXES):
            yield word


def assembled() -> Iterator[str]:
    """Variables whose names playbooks put together of a prefix and options."""
    fleet = yaml.safe_load((ROOT / "playbooks/license_fleet.yml").read_text(encoding="utf-8"))
    listed = fleet[0]["tasks"][0]["vars"]
    for name in ("site_options", "account_options"):
        yield from (f"{EVERYWHERE}{option}" for option in listed[name])
    yield from AccountResults(
        {}, {}
    ).artifacts()  # which the next jobs of a workflow of AWX get as variables
    cost = dict.fromkeys(("points_per_day_before", "points_per_day_after"), 1.0)
    yield from AccountResults(
        {"2000001": {"plan": {}, "changes": [], "cost": cost}}, {}
    ).artifacts()
    audit = yaml.safe_load((ROOT / "playbooks/audit_fleet.yml").read_text(encoding="utf-8"))
    yield from (f"audit_{option}" for option in audit[0]["vars"]["device_options"])
    yield from (f"{EVERYWHERE}{name}" for name in (*connection.option_names(), "max_age"))


def test_all_that_playbooks_and_roles_read_and_set_is_known() -> None:
    files = [
        *reference.PLAYBOOKS,
        *(ROOT / "playbooks").glob("tasks/*.yml"),
        *(ROOT / "playbooks").glob("vars/*.yml"),
        *ROOT.glob("roles/*/*/*.yml"),
    ]
    found = {word: path.relative_to(ROOT) for path in files for word in words(path)}
    found |= dict.fromkeys(assembled(), Path("options"))
    found |= dict.fromkeys(reference.COMMON, Path("all playbooks"))
    lacking = {name: str(path) for name, path in found.items() if name not in KNOWN | NO_VARIABLES}
    assert lacking == {}, "plugins/plugin_utils/variables.py lacks these"
    assert sorted(KNOWN - found.keys()) == [], "nothing reads or sets these"


@pytest.mark.parametrize("name", [*ROLES, *PLAYBOOKS])
def test_what_a_role_or_playbook_reads_is_among_its_prefixes(name: str) -> None:
    """All that its documentation names, whatever other roles and playbooks there are."""
    documented: set[str] = set()
    if name in ROLES:
        specs = ROOT / "roles" / name / "meta/argument_specs.yml"
        spec = yaml.safe_load(specs.read_text(encoding="utf-8"))["argument_specs"]["main"]
        documented |= set(spec["options"])
    if name in PLAYBOOKS:
        for names in reference.header(ROOT / "playbooks" / f"{name}.yml")[1]:
            documented |= {each for each in names.split(", ") if not each.isupper()}
    seen = {each for prefix in prefixes_of(name) for each in read(prefix)}
    assert documented <= seen


MISSPELLED = {
    "license_fleet": {
        "fortiflex_sate": "state",
        "fortiflex_tgas": "tags",
        "fortiflex_tag": "tags",
        "fortiflex_nmae": "name",
        "fortiflex_confguraton": "configuration",
        "fortiflex_acount_id": "account_id",
        "fortiflex_account": "account_id",
        "fortiflex_serial": "serial_number",
        "fortiflex_serialnumber": "serial_number",
        "fortiflex_enddate": "end_date",
        "fortiflex_endDate": "end_date",
        "fortiflex_max_nwe": "max_new",
        "fortiflex_max_points_pre_day": "max_points_per_day",
        "fortiflex_allowed_account": "allowed_accounts",
        "fortiflex_user": "username",
        "fortflex_state": "state",
        "forti_flex_state": "state",
        "FORTIFLEX_STATE": "state",
        "fortiflex_skip_pnding": "skip_pending",
        "fortiflex_replace_expird": "replace_expired",
    },
    "branch_office": {
        "branch_office_stte": "state",
        "branch_ofice_state": "state",
        "branchoffice_state": "state",
        "branch_office_discribe": "describe",
        "branch_office_switch_serials": "switch_serial_numbers",
        "branch_office_switch_serial": "switch_serial_numbers",
    },
    "datacenter": {"datacentre_state": "state", "data_center_name": "name"},
    "development": {"developement_running": "running", "development_untill": "until"},
    "retire": {"retire_adress": "address", "retire_skip_runing": "skip_running"},
    "license_delivery": {"license_delivery_metod": "method", "licence_delivery_url": "url"},
    "usage_report": {"usage_report_tittle": "title", "usage_reports_ledger": "ledger"},
    "audit_fleet": {"audit_fial": "fail", "audit_fx": "fix", "audit_device_tokn": "device_token"},
    "onboard_tenant": {"tenant_acount": "account", "tenant_config": "configurations"},
    "follow_vm": {"vm_nmae": "name", "vm_delted_tag": "deleted_tag"},
    "extend_sites": {"extend_too": "to", "extend_name": "names"},
}
OWN = {
    "license_fleet": """fortiflex_site fortiflex_sites fortiflex_region fortiflex_size fortiflex_team fortiflex_owner fortiflex_zone fortiflex_env
        fortiflex_group fortiflex_role fortiflex_type fortiflex_default_tags fortiflex_base_configuration fortiflex_state_code fortiflex
        fortiflex_token fortiflex_url fortiflex_max fortigate_state vm_names vm_sate branch_office_sate tenant_acount state tags name
        ansible_user inventory_dir fortinet_name fortimanager_state""",
    "branch_office": """branch_office_city branch_office branch_office_address branch_office_state_code branch_office_site branch_office_size
        branch_office_switch branch_office_manager branch_state branch_name office_state branch_offices""",
    "datacenter": "data_name datacenter_location datacenter_rack datacenters center_name",
    "license_delivery": "__license_delivery_name __license_delivery_methd _license_delivery_url",
    "retire": "retire_date retire_reason retired_at",
    "development": "development_team deployment_name development",
    "audit_fleet": "audit_owner audit_date audit_reason audit_file audit",
    "onboard_tenant": "tenant_name tenant_id tenant_account_id tenant_contact tenant",
    "follow_vm": "vm_size vm_tag vm_template vm_id vm_host vm_status vm_memory vm_type",
    "awx_setup": """awx_job_id awx_job_template_id awx_job_template_name awx_job_launch_type awx_inventory_id awx_inventory_name awx_project_revision
        awx_project_scm_branch awx_user_id awx_user_name awx_user_email awx_user_first_name awx_schedule_id awx_schedule_name awx_workflow_job_id
        awx_workflow_job_name awx_workflow_job_template_id awx_webhook_event_guid awx_parent_job_schedule_id""",
}


@pytest.mark.parametrize(
    ("entry", "name", "meant"),
    [(entry, name, meant) for entry, names in MISSPELLED.items() for name, meant in names.items()],
)
def test_a_slip_of_the_keyboard_is_found(entry: str, name: str, meant: str) -> None:
    closest = Speller(sorted(prefixes_of(entry))).closest(name)
    assert closest and closest[0].endswith(f"_{meant}")


@pytest.mark.parametrize("entry", OWN)
def test_a_name_of_ones_own_is_none(entry: str) -> None:
    speller = Speller(sorted(prefixes_of(entry)))
    assert {name: close for name in OWN[entry].split() if (close := speller.closest(name))} == {}


def test_what_is_known_to_any_of_them_is_never_misspelled() -> None:
    speller = Speller(PREFIXES)
    assert [name for name in KNOWN if speller.closest(name)] == []


@given(st.data())
def test_each_single_slip_in_a_word_of_some_letters_is_found(data: st.DataObject) -> None:
    """A letter is missing, or in the place of its neighbor."""
    known = data.draw(st.sampled_from(sorted(KNOWN)))
    prefix = next(prefix for prefix in PREFIXES if known.startswith(prefix))
    if known not in read(prefix):
        return
    at = data.draw(st.integers(len(prefix), len(known) - 2))
    missing, swapped = (
        known[:at] + known[at + 1 :],
        known[:at] + known[at + 1] + known[at] + known[at + 2 :],
    )
    word = re.search(rf"[^_]*(?<=^.{{{at}}})[^_]*", known)
    for typed in (missing, swapped):
        length = len(word[0]) if word else 0
        if typed not in KNOWN and "_" not in known[at : at + 2] and length >= 4:
            assert Speller([prefix]).closest(typed), typed


def test_a_prefix_of_ones_own_has_the_options_that_are_read() -> None:
    speller = Speller(["site_"], ["site_configuration", "site_tags"])
    assert speller.closest("site_confguration") == ["site_configuration"]
    assert speller.closest("site_city") == speller.closest("site_tags") == []


def test_several_are_as_close() -> None:
    assert Speller([EVERYWHERE]).closest("fortiflex_configuratio") == [
        "fortiflex_configuration",
        "fortiflex_configurations",
    ]
    assert variables.read("nobody_") == frozenset()
