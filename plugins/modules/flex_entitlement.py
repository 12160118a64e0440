#!/usr/bin/python
# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ensure one FortiFlex entitlement."""

from __future__ import annotations

DOCUMENTATION = r"""
module: flex_entitlement
short_description: Ensure a FortiFlex entitlement
version_added: 0.1.0
description:
  - Makes sure that a name has exactly one entitlement, that is one licensed virtual machine, and that it is as described. Run it as often as you
    like and from as many places as you like.
  - A device is licensed by its own O(serial_number) on a configuration of a hardware product, and is charged from then on. A cloud service, of which an
    account has one each, is licensed by any O(name) on a configuration of its product; an undescribed one that is there already gets the name.
  - For many sites use M(flexops.fortiflex.flex_fleet), which needs the same few requests for all of them together.
  - Nothing in FortiFlex can be deleted. O(state=absent) keeps the entitlement as a marked spare that costs nothing and is used up by the next new
    name.
extends_documentation_fragment:
  - flexops.fortiflex.connection
  - flexops.fortiflex.audit
  - flexops.fortiflex.attributes
  - flexops.fortiflex.attributes.changing
options:
  serial_numbers:
    description:
      - Serial numbers of devices that must all be so, instead of O(serial_number). They are licensed with one request for each 100.
    version_added: 1.0.0
    type: list
    elements: str
  # made by make docs: shape entitlement_options
  name:
    description:
      - Our name of the entitlement inside the program and account, kept in its description. Each
        name has exactly one entitlement.
      - 1 to 64 printable characters without brackets and without a blank at either end. A name or a
        serial number is required.
      - Together with O(serial_number), the name that this entitlement must have; nobody else may
        hold it.
    type: str
  serial_number:
    description:
      - Serial number of an entitlement that exists. What stands in its description does not matter
        then.
      - Or serial number of a device to be licensed, with a O(configuration) of a hardware product.
        Devices are licensed up to 100 in a request.
    type: str
  configuration:
    description:
      - Name or number of the configuration that the entitlement must stand on. If it stands on
        another one of the same product, it is moved.
      - Required when an entitlement has to be made; otherwise, without it the configuration is not
        managed.
    type: str
  state:
    description:
      - What the entitlement must be.
      - V(active), a PENDING entitlement (it starts when its token is used), an ACTIVE one or one in
        its GRACE_PERIOD is left as it is; a STOPPED one is reactivated; without any, a spare is
        taken, PENDING ones first (a STOPPED one is charged from today), else a new one is created.
      - V(present), any entitlement will do; without any, a PENDING spare is taken, else a new one
        is created.
      - V(stopped), nothing is charged. What is ACTIVE is stopped; today is still charged, tomorrow
        is not. Without any entitlement nothing is done.
      - V(absent), nothing holds the name. What is charged is stopped, the license token is made
        invalid, and the entitlement, which FortiFlex cannot delete, becomes a marked spare that the
        next new name takes.
      - Devices and cloud services cannot become spares, so V(absent) is refused for them, unless a
        device is removed; use V(stopped).
    type: str
    choices: [present, active, stopped, absent]
    default: active
  end_date:
    description:
      - Day on which the entitlement ends. Without it, a new one ends with the program, and that of
        others is not managed.
      - A day as V(YYYY-MM-DD), compared as a Pacific day.
      - V(+90d), that many days from today, the Pacific day on which the task runs. It is counted
        when the entitlement gets the name or is started again, and when it ends later than that.
        One that ends earlier is left alone, so that a later run does not move the end, and each
        license ends. To extend one, give a day, or run the playbook C(extend_sites).
      - V(program_end), the end of the program, also when that moves. The task asks FortiFlex when
        that is, in one request for all entitlements.
      - That of a stopped one is left alone, since FortiFlex does not let it be edited; it is set
        when the entitlement is reactivated.
    type: str
  tags:
    description:
      - Key and value pairs that are kept in the description behind the name, such as a cost center.
        Given tags are the whole set; V({}) removes all. Without it, tags are not managed.
      - Keys and values have none of the characters C([), C(]), C(;) and C(=).
    type: dict
  folder:
    description:
      - Asset folder for a new entitlement, such as C(My Assets/branches). It must exist.
      - FortiFlex does not say in which folder an entitlement is, so it counts only at creation, and
        no spare is taken for it.
    type: str
  skip_pending:
    description: Start a new entitlement at once, so that it is charged from today, whether or not
      its token is used. Counts only at creation.
    type: bool
    default: false
  reuse:
    description:
      - Which spares may be taken for a new name.
      - V(marked), take a spare whose description is C([spare]) before a new entitlement is created.
      - V(any), take also one that is STOPPED or PENDING and has no description at all.
      - V(never), always create.
    type: str
    choices: [marked, any, never]
    default: marked
  create:
    description: Whether a new entitlement may be created. If V(false), a spare is taken, or the
      task fails without a change.
    version_added: 1.0.0
    type: bool
    default: true
  was:
    description:
      - Former name of the entitlement. If nothing has O(name) and something has this one, that
        gets the new name, in one write. It keeps its serial number, token and cost.
      - Leave it in the inventory as long as you like. Once nothing has the former name, it does
        nothing.
    version_added: 1.1.0
    type: str
  distinct_from:
    description:
      - Other names that look like O(name), such as V(z-hq) for O(name=Z-HQ). List them if both
        are wanted.
      - Without it, nothing is created or taken for a name that may be another spelling of one that
        has an entitlement, or of a new one in the same list. Two such names that both have an
        entitlement are left alone.
      - In a list of entitlements, one of the two needs it.
    version_added: 1.1.0
    type: list
    elements: str
  fresh_token:
    description:
      - Whether to make a new license token.
      - V(used), make a new license token if the present one was used, so that a device can be
        licensed again. The old one becomes invalid.
      - V(always), make a new one at every run, which always reports a change.
      - V(never), leave the token alone.
    type: str
    choices: [never, used, always]
    default: never
  describe:
    description: Keep name and tags of a device in its description, too. That costs one more request
      for each device, so it is not done without being asked for.
    type: bool
    default: false
  remove_hardware:
    description:
      - With O(state=absent), take a device out of the program. It is stopped before.
      - The published API document has this call and says nothing about its effect beyond that; no
        known client uses it. The task warns when it is about to do it.
      - A device that FortiFlex lists all the same gets the description C([removed]) and is left
        alone from then on.
    version_added: 1.0.0
    type: bool
    default: false
  ignore_suspension:
    description:
      - Whether to change what bears the tag C(suspended), with which the playbook C(suspend_tenant)
        marks what it stops. Without it, such an entitlement is neither started nor moved nor
        described otherwise, its token and end date stay, and the task warns. C(resume_tenant)
        starts it and takes the tag away.
      - O(state=stopped) ends the charging of one that bears the tag all the same, and
        O(state=absent) releases it.
    version_added: 1.0.0
    type: bool
    default: false
  replace_expired:
    description: If the only entitlement of the name is EXPIRED, license it with another one.
      Without it, the task fails, so that a lapsed program does not buy a fleet again.
    type: bool
    default: false
  # end of shape entitlement_options
  return_token:
    description: Return the license token. Register the result with C(no_log) then.
    type: bool
    default: false
seealso:
  - module: flexops.fortiflex.flex_entitlement_info
  - module: flexops.fortiflex.flex_configuration
  - module: flexops.fortiflex.flex_fleet
author:
  - FlexOps maintainers (@flexops)
"""

EXAMPLES = r"""
- name: License one branch office
  flexops.fortiflex.flex_entitlement:
    name: branch-0001
    configuration: branch-small
    tags:
      region: west
      cost_center: "4711"

- name: Fetch its license token for the first boot
  flexops.fortiflex.flex_entitlement:
    name: branch-0001
    configuration: branch-small
    return_token: true
  register: license
  no_log: true

- name: Stop what a lab costs from tomorrow on
  flexops.fortiflex.flex_entitlement:
    name: lab-firewall
    state: stopped

- name: Move a site to a larger configuration until its lease ends
  flexops.fortiflex.flex_entitlement:
    name: branch-0001
    configuration: branch-large
    end_date: "{{ lease_end }}"  # YYYY-MM-DD

- name: License a test firewall for 90 days
  flexops.fortiflex.flex_entitlement:
    name: test-firewall
    configuration: branch-small
    end_date: +90d

- name: Release the license of a closed site, which becomes a spare
  flexops.fortiflex.flex_entitlement:
    name: branch-0099
    state: absent

- name: License two devices
  flexops.fortiflex.flex_entitlement:
    serial_numbers: [FGT60FTK26000001, FGT60FTK26000002]
    configuration: branch-hardware

- name: Take a device out of the program
  flexops.fortiflex.flex_entitlement:
    serial_number: FGT60FTK26000001
    state: absent
    remove_hardware: true

- name: Adopt an entitlement that was made in the portal
  flexops.fortiflex.flex_entitlement:
    serial_number: FGVMMLTM26000001
    name: branch-0100
"""

RETURN = r"""
entitlement:
  description: The entitlement that holds the name now, or would in check mode; null if none does.
  returned: when O(serial_numbers) is not given
  type: dict
  contains:
    # made by make docs: shape entitlement
    serial_number:
      description: Serial number; null while it is only predicted by check mode.
      type: str
      sample: FGVMMLTM26000001
    name:
      description: The name that holds it, read from its description; null if the description is no
        name.
      type: str
      sample: branch-0001
    tags:
      description: The tags in its description.
      type: dict
      sample: {region: west}
    description:
      description: The description as FortiFlex stores it.
      type: str
      sample: branch-0001 [region=west]
    configuration:
      description: Name of its configuration.
      type: str
      sample: branch-small
    configuration_id:
      description: Number of its configuration; null while that is only predicted by check mode.
      type: int
      sample: 4711
    product:
      description: Name of the product.
      type: str
      sample: fortigate_vm_bundle
    account_id:
      description: FortiCloud account that it belongs to.
      type: int
      sample: 1200001
    status:
      description: V(PENDING), V(ACTIVE), V(STOPPED), V(EXPIRED) or V(GRACE_PERIOD). ACTIVE and
        GRACE_PERIOD are charged.
      type: str
      sample: PENDING
    start_date:
      description: Pacific day on which it was created or started, YYYY-MM-DD; null while it is only
        predicted by check mode.
      type: str
      sample: "2026-06-02"
    end_date:
      description: Pacific day on which it ends, YYYY-MM-DD; of a stopped one the day of the stop.
      type: str
      sample: "2027-05-10"
    token_status:
      description: V(NOTUSED) or V(USED); null for hardware and cloud services.
      type: str
      sample: NOTUSED
    # end of shape entitlement
    # made by make docs: shape token
    token:
      description: The license token. There only when it is asked for.
      type: str
      sample: 0A1B2C3D4E5F60718293
    # end of shape token
entitlements:
  description: The same for each of O(serial_numbers).
  returned: when O(serial_numbers) is given
  type: dict
  sample: {FGT60FTK26000001: {serial_number: FGT60FTK26000001, status: ACTIVE}}
actions:
  description: What was done to each of O(serial_numbers), in the words of RV(action).
  returned: when O(serial_numbers) is given
  type: dict
  sample: {FGT60FTK26000001: create}
action:
  description: What was done, or would be in check mode, V(create), V(reuse), V(change), V(move), V(reactivate), V(stop), V(release), V(suspended)
    (left alone, see O(ignore_suspension)) or V(unchanged).
  returned: when O(serial_numbers) is not given
  type: str
  sample: create
# made by make docs: shape task
requests:
  description: What the task cost.
  returned: always
  type: dict
  contains:
    made:
      description: Requests sent to FortiFlex, the login among them.
      type: int
      sample: 3
    waited_seconds:
      description: Seconds spent waiting for the request limit.
      type: float
      sample: 0.0
error_code:
  description: Stable name of what went wrong, for playbooks.
  returned: failure
  type: str
  sample: invalid_input
details:
  description: Where known, the C(endpoint), C(http_status), C(api_status) and C(api_message) of
    what went wrong.
  returned: failure
  type: dict
  sample: {http_status: 401, api_message: The user has no permission}
# end of shape task
"""

from ..module_utils.task.module import Work, run_module
from ..module_utils.task.options import ENTITLEMENT, RETURN_TOKEN, SERIAL_NUMBERS
from ..module_utils.task.results import Result, diff_of, failure_of, single_diff_of
from ..module_utils.task.task import Task


def ensure_entitlement(task: Task) -> Result:
    """One entitlement, or several devices, as the options say."""
    options = task.options
    listed = options["serial_numbers"]
    report = task.ensure(
        {
            "entitlements": [options]
            if listed is None
            else [{**options, "serial_number": number} for number in listed]
        }
    )
    shapes = {
        wanted.result_key: task.shapes.entitlement(
            report.entitlement(wanted, report.last), report.last, token=options["return_token"]
        )
        for wanted in report.goal.entitlements
    }
    actions = {wanted.result_key: report.action(wanted) for wanted in report.goal.entitlements}
    if listed is not None:
        return {
            "changed": report.changed,
            "entitlements": shapes,
            "actions": actions,
            "diff": diff_of(report),
            **failure_of(report),
        }
    (entitlement,), (action,) = shapes.values(), actions.values()
    return {
        "changed": report.changed,
        "entitlement": entitlement,
        "action": action,
        "diff": single_diff_of(report),
        **failure_of(report),
    }


WORK = Work(
    ensure_entitlement,
    {**ENTITLEMENT, **SERIAL_NUMBERS, **RETURN_TOKEN},
    required_one_of=[["name", "serial_number", "serial_numbers"]],
    mutually_exclusive=[["name", "serial_numbers"], ["serial_number", "serial_numbers"]],
)


def main() -> None:
    """Entry point of the module."""
    run_module(WORK)


if __name__ == "__main__":
    main()
