#!/usr/bin/python
# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ensure many FortiFlex entitlements from one plan."""

from __future__ import annotations

DOCUMENTATION = r"""
module: flex_fleet
short_description: Ensure many FortiFlex entitlements from one plan
version_added: 0.1.0
description:
  - Brings any number of configurations and entitlements to the state that the lists describe, from one plan. With nothing to do this takes
    two requests, whatever the size of the fleet, one more where O(account_id) is not given, and at most a login.
  - Everything that is known to be wrong is refused before anything is written, all of it at once. What fails later is named in RV(failures) while the
    rest goes on; the task fails at the end, and running it again completes it.
  - Several controllers may run it at the same time. Each name gets exactly one entitlement; what a lost race made in excess becomes a marked spare.
  - Use it once for a whole play, not once per host.
  - With C(run_once) it runs once for all hosts of a play, and each of them gets the result, whatever C(order), C(serial) and C(strategy) are.
extends_documentation_fragment:
  - flexops.fortiflex.connection
  - flexops.fortiflex.audit
  - flexops.fortiflex.attributes
  - flexops.fortiflex.attributes.changing
options:
  configurations:
    description: The configurations that the fleet needs. They come first; those that must be disabled come last.
    type: list
    elements: dict
    default: []
    suboptions:
      # made by make docs: shape configuration_options in configurations[].
      name:
        description:
          - Name of the configuration, by which it is found in the program and account. One of O(configurations[].name)
            and O(configurations[].id) is required.
          - Together with O(configurations[].id), the name that the configuration must have.
          - If several ACTIVE configurations have this name, the one with the lowest id stands. The
            others are disabled if no entitlement stands on them; if entitlements stand on several, the
            task fails and names their ids.
        type: str
      id:
        description: Number that FortiFlex gave to the configuration. It must exist.
        type: int
      product:
        description:
          - What is licensed, such as V(fortigate_vm_bundle). The official label, the names that the
            official Ansible collection and the Terraform provider use, and FortiFlex's number of the
            product are accepted too.
          - Required for a configuration that does not exist yet. The product of a configuration can
            never change.
        type: str
      parameters:
        description:
          - The parameters of the product by name, such as C(cpus) or C(service_package), or by
            FortiFlex's number. Codes and labels are accepted in any case.
          - Only what is given here is managed; every other parameter keeps its value, or gets its
            default in a new configuration.
          - A parameter that the vendor allows to grow only cannot be lowered; the task fails with both
            values before anything is sent.
        type: dict
      state:
        description:
          - What the configuration must be.
          - V(active), the configuration exists and can be used.
          - V(present), it exists; whether it is disabled does not matter.
          - V(disabled), it cannot be used. FortiFlex says that this affects all entitlements of it, so
            stop or move them first. Nothing is created for this state.
        type: str
        choices: [present, active, disabled]
        default: active
      max_affected:
        description: Refuse a change that would touch more entitlements than this. EXPIRED ones do not
          count. Without it, there is no limit.
        type: int
      # end of shape configuration_options in configurations[].
  entitlements:
    description: The entitlements of the fleet. What is not in the list is left alone.
    type: list
    elements: dict
    default: []
    suboptions:
      # made by make docs: shape entitlement_options in entitlements[].
      name:
        description:
          - Our name of the entitlement inside the program and account, kept in its description. Each
            name has exactly one entitlement.
          - 1 to 64 printable characters without brackets and without a blank at either end. A name or a
            serial number is required.
          - Together with O(entitlements[].serial_number), the name that this entitlement must have; nobody else may
            hold it.
        type: str
      serial_number:
        description:
          - Serial number of an entitlement that exists. What stands in its description does not matter
            then.
          - Or serial number of a device to be licensed, with a O(entitlements[].configuration) of a hardware product.
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
          - Former name of the entitlement. If nothing has O(entitlements[].name) and something has this one, that
            gets the new name, in one write. It keeps its serial number, token and cost.
          - Leave it in the inventory as long as you like. Once nothing has the former name, it does
            nothing.
        version_added: 1.1.0
        type: str
      distinct_from:
        description:
          - Other names that look like O(entitlements[].name), such as V(z-hq) for O(entitlements[].name=Z-HQ). List them if both
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
          - With O(entitlements[].state=absent), take a device out of the program. It is stopped before.
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
          - O(entitlements[].state=stopped) ends the charging of one that bears the tag all the same, and
            O(entitlements[].state=absent) releases it.
        version_added: 1.0.0
        type: bool
        default: false
      replace_expired:
        description: If the only entitlement of the name is EXPIRED, license it with another one.
          Without it, the task fails, so that a lapsed program does not buy a fleet again.
        type: bool
        default: false
      # end of shape entitlement_options in entitlements[].
      profile:
        description: Instead of O(entitlements[].configuration), the profile in O(profiles) that says which configuration it stands on.
        type: str
      device:
        description: Which device of O(entitlements[].profile) it is. Needed if the profile has several.
        type: str
      pair:
        description:
          - Name of a high availability pair. All entitlements with the same one must have the same configuration, and there must be at least two of
            them, else the task is refused, so that both firewalls of a pair are always of the same size.
        type: str
  profiles:
    description:
      - "Configurations by profile and device, such as C({small: {fortigate: branch-small, switch: branch-switch}}), so that a O(entitlements[].profile)
        can stand for a configuration."
      - With profiles, O(configurations) is what they choose from. One that nothing in O(entitlements) or O(spares) uses is not created, since it can never
        be deleted. One with an O(configurations[].id), or with the state V(disabled), always counts.
    type: dict
    default: {}
  spares:
    description:
      - How many spares to keep ready, by name or number of the configuration, so that a new site is licensed although creating is slow or impossible at
        that moment. They are PENDING, cost nothing, and are made ten at a time after everything else. Those that are there beyond the number stay.
      - Of configurations for virtual machines only.
    type: dict
    default: {}
  prune:
    description:
      - Release what is not in O(entitlements), but in this scope; all that is given of the scope must fit. Devices and cloud services are stopped, since
        they cannot become spares.
      - It releases nothing if the list may not be whole. So the task fails if what it would release has the name that the list would have for any host of
        the inventory, whether or not the play is for this host. That is the host's own name, or the variable PREFIX + C(name), where PREFIX is the one
        that the list was made with by P(flexops.fortiflex.flex_sites#lookup) or P(flexops.fortiflex.flex_accounts#lookup). If the list was made in
        another way, each prefix counts for which the host has such a variable. Serial numbers in variables of these prefixes count, too.
      - Hosts that the inventory sets to C(absent), by the variable PREFIX + C(state), do not count, and neither do hosts whose C(fortiflex_account_id) or
        C(fortiflex_program) is another one.
      - It is refused in a play that is limited (C(--limit), or a slice of AWX), or that hosts have left because they failed or cannot be reached. With more
        than one source of the inventory, or a directory of them, C(any_unparsed_is_failed) must be set in the section C(inventory) of C(ansible.cfg), so
        that a source that cannot be read ends the run.
      - Nothing that is EXPIRED or a spare, and nothing without a name in its description, is ever in a scope. What has the tag C(suspended) stays.
    type: dict
    suboptions:
      tags:
        description: Only entitlements with all these tags.
        type: dict
      names:
        description: Only names that fit one of these patterns, in which C(*) stands for any characters, such as V(branch-*).
        type: list
        elements: str
      configurations:
        description: Only entitlements on these configurations, by name or number.
        type: list
        elements: str
  max_prune:
    description:
      - Refuse the whole task if O(prune) would release more than this, a number or a percentage of what the scope holds.
      - A percentage is rounded down, so V(10%) of 5 allows none.
    type: str
    default: 10%
  allow_outside_limit:
    description:
      - Change a configuration although entitlements stand on it that are not in O(entitlements), such as those of sites that C(--limit) leaves out. Without
        it, the task fails before anything is written, and says how many and which.
      - It is about parameters and state; a new name touches no entitlement. Spares, claims and EXPIRED entitlements do not count, and neither do
        entitlements that O(prune) releases.
      - In a play that is limited (C(--limit), or a slice of AWX) only the extra variable C(fortiflex_allow_outside_limit=true) on the command line allows
        it, whatever this option says.
    version_added: 1.0.0
    type: bool
    default: false
  max_new:
    description: Refuse a plan that would create more entitlements than this, before anything is written. New spares count, those that are reused do not.
    type: int
  estimate:
    description:
      - Whether to show what the plan costs, and return it. Without this option a plan is priced if it changes something. V(true) prices it also if nothing
        changes, V(false) never.
      - Takes at most one request for each size of the entitlements that the plan is about. Prices are kept in O(state_dir) until the Pacific day ends.
      - If FortiFlex returns no price, a warning says so, and the run goes on.
    type: bool
  max_points_per_day:
    description:
      - Refuse a plan after which the entitlements that it is about cost more points a day than this, before anything is written. PENDING ones count as
        if they were in use. What is counted is said at RV(cost).
    type: float
  return_tokens:
    description: Return the license tokens. Register the result with C(no_log) then.
    type: bool
    default: false
  refuse_renames:
    description:
      - Refuse a plan that creates a license for a new name while charged licenses of the same configuration have names that no host of the inventory has, since
        the site may have been renamed. Without it, the plan shows which names these are, and goes on.
      - Say that a site was renamed with O(entitlements[].was).
    type: bool
    default: false
  report_unlisted:
    description:
      - List what else is charged in the account, at no request. Left out are entitlements in the lists, and those that any host of the inventory uses.
      - A run that is limited to a part of its hosts does not list it.
    type: bool
    default: true
  fleets:
    description:
      - The fleets of several accounts, as P(flexops.fortiflex.flex_accounts#lookup) makes them. Each is a dictionary of options of this module, which take
        the place of those of the task. An account that fails does not stop the others.
      - The task returns RV(accounts), and sums of all accounts in RV(plan) and RV(requests).
    type: list
    elements: dict
  plan:
    description:
      - What the file of O(plan_file) has in C(fortiflex_plan), the plan of each account. Its changes are carried out, or less if some are done already. If
        anything else would be done, the account is refused before the first write, with what differs. So is one that would cost more than the plan says.
      - A change is known by its name, its serial number or that it is new, and the fields that change, before and after. In an account that is not in the plan
        nothing may change.
    type: dict
  plan_file:
    description:
      - Files to write the plan to, also in check mode, and also if an account fails. Each has what changes in each account, what that costs, and what can
        never be deleted. Only its owner can read it.
      - The ending of a file chooses its format. V(.json) is for programs and for O(plan), V(.md) is Markdown for a pull request, the summary of a job or a
        ticket, and V(.html) is a page for people, which loads nothing.
    type: list
    elements: path
  publish_plan:
    description: Publish plan and cost as custom statistics, which AWX shows as artifacts of the job and passes on to the next jobs of a workflow.
    type: bool
    default: false
seealso:
  - module: flexops.fortiflex.flex_configuration
  - module: flexops.fortiflex.flex_entitlement
  - module: flexops.fortiflex.flex_entitlement_info
author:
  - FlexOps maintainers (@flexops)
"""

EXAMPLES = r"""
- name: License all branch offices
  flexops.fortiflex.flex_fleet:
    configurations:
      - name: branch-small
        product: fortigate_vm_bundle
        parameters: {cpus: 1, service_package: UTP}
      - name: branch-large
        product: fortigate_vm_bundle
        parameters: {cpus: 4, service_package: ENT}
    entitlements:
      - name: branch-0001
        configuration: branch-small
      - name: branch-0002
        configuration: branch-large
        tags: {region: west}
      - name: branch-0003
        state: absent
    spares:
      branch-small: 5

- name: License the branch offices of a list, and release those that have left it
  flexops.fortiflex.flex_fleet:
    entitlements: "{{ branch_offices }}"
    prune:
      names: ["branch-*"]
      configurations: [branch-small, branch-large]
    max_prune: 1

- name: License what a file of sites lists, once for the whole play, with at most ten new entitlements
  flexops.fortiflex.flex_fleet:
    entitlements: "{{ lookup('ansible.builtin.file', 'sites.yml') | from_yaml }}"
    max_new: 10
  run_once: true

- name: License the hosts of the play, each in its account, and write what that would change to files
  flexops.fortiflex.flex_fleet:
    fleets: "{{ query('flexops.fortiflex.flex_accounts', 'site_', options=['configuration', 'tags'], shared=['configurations']) }}"
    plan_file: [plan.json, plan.md, plan.html]
  check_mode: true
  run_once: true
"""

RETURN = r"""
# made by make docs: shape run_by
run_by:
  description:
    - Host of the play for which this was done. With C(run_once) all hosts of a play share one
      result, whatever C(strategy) and C(serial) are, unless the task is run for a host again, or
      something else in the play has changed FortiFlex since.
  returned: when the task has C(run_once)
  type: str
  sample: branch-0001
# end of shape run_by
accounts:
  description: What this module returns for each account, by its number, as in V(2000001) or V(ELAVMS0000000200/2000001). Of a task that fails without what
    became of each item.
  returned: when O(fleets) is given
  type: dict
  sample: {"2000001": {changed: true, plan: {create: 12}}}
unlisted:
  description: What is charged in the account and belongs to nothing in the lists and to no host of the inventory, the dearest first.
  returned: success, and failure with RV(error_code=items_failed)
  type: list
  elements: dict
  contains:
    name:
      description: Its name; null if it has none.
      type: str
      sample: hamburg-depot
    serial_number:
      description: Its serial number.
      type: str
      sample: FGVMMLTM26000013
    configuration:
      description: The configuration that it stands on.
      type: str
      sample: branch-small
    points_per_day:
      description: What it costs a day; null if the price was not asked for today.
      type: float
      sample: 12.91
plan:
  description: How many of the listed and pruned entitlements were, or in check mode would be, treated in which way. The numbers add up to all of them.
    RV(configurations_plan) and RV(spares_plan) are about the rest.
  returned: success, and failure with RV(error_code=items_failed)
  type: dict
  contains:
    create:
      description: Created.
      type: int
      sample: 12
    reuse:
      description: Given a spare.
      type: int
      sample: 3
    change:
      description: Changed in end date, tags, name or token.
      type: int
      sample: 0
    move:
      description: Moved to another configuration.
      type: int
      sample: 1
    reactivate:
      description: Started again.
      type: int
      sample: 0
    stop:
      description: Stopped.
      type: int
      sample: 0
    release:
      description: Released to be a spare.
      type: int
      sample: 1
    suspended:
      description: Left alone since they bear the tag C(suspended); see RV(suspended).
      type: int
      sample: 0
    unchanged:
      description: Left as it was, also because it failed; see RV(failures).
      type: int
      sample: 183
    without_license:
      description: Names that have no entitlement and get none, because their O(entitlements[].state) is V(stopped) or V(absent).
      type: int
      sample: 2
configurations_plan:
  description: How many of the configurations were, or in check mode would be, treated in which way.
  returned: success, and failure with RV(error_code=items_failed)
  type: dict
  contains:
    create:
      description: Created.
      type: int
      sample: 0
    change:
      description: Changed in parameters, state or name.
      type: int
      sample: 1
    unchanged:
      description: Left as it was, also because it failed; see RV(failures).
      type: int
      sample: 3
spares_plan:
  description: What was, or in check mode would be, done about O(spares).
  returned: success, and failure with RV(error_code=items_failed)
  type: dict
  contains:
    create:
      description: How many new spares were created.
      type: int
      sample: 2
changes:
  description: One item for each configuration, entitlement and pool of spares that is not as it was.
  returned: success, and failure with RV(error_code=items_failed)
  type: list
  elements: dict
  contains:
    kind:
      description: V(configuration), V(entitlement) or V(spare).
      type: str
      sample: entitlement
    name:
      description: Its name; of spares that of their configuration.
      type: str
      sample: branch-0001
    serial_number:
      description: Serial number of an entitlement; null of one that check mode only predicts, and of configurations and spares.
      type: str
      sample: FGVMMLTM26000001
    action:
      description: What was done, as in RV(plan).
      type: str
      sample: move
    text:
      description: What differs, on one line.
      type: str
      sample: configuration branch-small -> branch-large
    before:
      description: The fields that differ, before. Empty if it is new.
      type: dict
      sample: {configuration: branch-small}
    after:
      description: The fields that differ, after. Empty if it leaves the program.
      type: dict
      sample: {configuration: branch-large}
program:
  description: Serial number of the program that RV(changes) are in.
  returned: success, and failure with RV(error_code=items_failed)
  type: str
  sample: ELAVMS0000000001
account_id:
  description: Number of the account that RV(changes) are in.
  returned: success, and failure with RV(error_code=items_failed)
  type: int
  sample: 2000001
digest:
  description: SHA-256 of program, account and changes. O(plan) is refused if its changes have another one.
  returned: success, and failure with RV(error_code=items_failed)
  type: str
  sample: 2def994deb68fb3d43ed5442a75a97a6d5fc5cb67b33fce91ff300c83ad2c936
configurations:
  description: The listed configurations as they are now, or would be in check mode. Those that do not exist are left out.
  returned: success, and failure with RV(error_code=items_failed)
  type: list
  elements: dict
  contains:
    # made by make docs: shape configuration
    id:
      description: Number that FortiFlex gave to it; null while it is only predicted by check mode.
      type: int
      sample: 4711
    name:
      description: Its name.
      type: str
      sample: branch-small
    product:
      description: Name of its product.
      type: str
      sample: fortigate_vm_bundle
    product_id:
      description: FortiFlex's number of the product.
      type: int
      sample: 1
    parameters:
      description: All parameters by name, with whole numbers as numbers, codes as text and several
        codes as list.
      type: dict
      sample: {cpus: 2, service_package: UTP, vdoms: 0, fortiguard_services: [], cloud_services: [], support_service: NONE}
    status:
      description: V(ACTIVE) or V(DISABLED).
      type: str
      sample: ACTIVE
    account_id:
      description: FortiCloud account that it belongs to.
      type: int
      sample: 1200001
    program:
      description: Serial number of the program.
      type: str
      sample: ELAVMS0000000900
    # end of shape configuration
entitlements:
  description: For each listed name (or serial number, where no name was given) the entitlement that holds it now, or would in check mode; null
    where none does.
  returned: success, and failure with RV(error_code=items_failed)
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
spares:
  description: How many spares are ready, or in check mode would be, by the names in O(spares).
  returned: success, and failure with RV(error_code=items_failed)
  type: dict
  sample: {branch-small: 5}
pruned:
  description: Names that O(prune) has found beyond the list. They count in RV(plan), and are in RV(changes) and RV(entitlements) by serial number.
  returned: success, and failure with RV(error_code=items_failed)
  type: list
  elements: str
  sample: [branch-0099]
suspended:
  description: Names of the listed entitlements, and of those in the scope of O(prune), that were left alone since they bear the tag C(suspended). Of one
    without a name, its serial number. C(resume_tenant) starts them.
  returned: success, and failure with RV(error_code=items_failed)
  type: list
  elements: str
  sample: [branch-0042]
cost:
  description:
    - What the entitlements that the task lists or prunes, and those that stand on a configuration that it lists, cost in points per day, at today's prices.
      A projection, not a measurement.
    - PENDING ones that a name holds count as if they were in use. Spares, STOPPED and EXPIRED ones, and those on a DISABLED configuration, cost nothing.
  returned: when the plan was priced, see O(estimate)
  type: dict
  contains:
    points_per_day_before:
      description: Before the plan.
      type: float
      sample: 1278.0
    points_per_day_after:
      description: After the plan.
      type: float
      sample: 1341.9
    points_per_day_pending:
      description: The part of RV(cost.points_per_day_after) that begins only when tokens are used.
      type: float
      sample: 63.9
    points_per_day_pending_before:
      description: The same part of RV(cost.points_per_day_before).
      type: float
      sample: 0.0
    points_per_day_charged_before:
      description: The part of RV(cost.points_per_day_before) that is charged already.
      type: float
      sample: 1278.0
    points_per_day_charged_after:
      description: The part of RV(cost.points_per_day_after) that is charged then.
      type: float
      sample: 1278.0
failures:
  description: What could not be reached, item by item. The task fails if there is any.
  returned: success, and failure with RV(error_code=items_failed)
  type: list
  elements: dict
  contains:
    kind:
      description: V(configuration), V(entitlement), or V(spare) for the spares of a configuration.
      type: str
      sample: entitlement
    name:
      description: Its name.
      type: str
      sample: branch-0007
    message:
      description: What is wrong, and what to do.
      type: str
      sample: the only entitlement of 'branch-0007', FGVMMLTM26000007, is EXPIRED since 2026-05-10; set replace_expired=true
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

from ..module_utils.task.fleet import ensure_fleet
from ..module_utils.task.module import Work, run_module
from ..module_utils.task.options import FLEET

WORK = Work(ensure_fleet, FLEET, reports_problems=True)


def main() -> None:
    """Entry point of the module."""
    run_module(WORK)


if __name__ == "__main__":
    main()
