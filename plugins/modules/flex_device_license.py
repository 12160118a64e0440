#!/usr/bin/python
# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""License a running FortiGate with its entitlement."""

from __future__ import annotations

DOCUMENTATION = r"""
module: flex_device_license
short_description: License a running FortiGate VM with its entitlement
version_added: 1.0.0
description:
  - Makes sure that a virtual FortiGate runs with the license of its entitlement, through the REST API of FortiOS. Nothing is sent to one that runs with
    that serial number and a valid license already.
  - B(The FortiGate reboots) when it gets its license. The task waits until it is back, runs with the serial number of the entitlement and has a valid
    license, and until FortiFlex shows the entitlement as ACTIVE, from when on it is charged.
  - A token that was used before, or that a failed attempt may have used up, is renewed once. The token never leaves the task, and is in no result.
  - Run it on the controller, or wherever both FortiFlex and the device can be reached.
extends_documentation_fragment:
  - flexops.fortiflex.connection
  - flexops.fortiflex.audit
  - flexops.fortiflex.attributes
  - flexops.fortiflex.attributes.changing
options:
  name:
    description: Name of the entitlement. One of O(name) and O(serial_number) is required.
    type: str
  serial_number:
    description: Serial number of the entitlement.
    type: str
  device_url:
    description: Base URL of the FortiGate, such as V(https://192.0.2.10). Plain HTTP is refused, except to this machine.
    type: str
    required: true
  device_token:
    description: API token of the FortiGate, of an administrator that may read and write its system settings.
    type: str
    required: true
  device_validate_certs:
    description: Whether to check the certificate of the FortiGate. A new one has a certificate of its own making.
    type: bool
    default: true
  device_ca_path:
    description: File or directory with the certificate authorities to trust for the FortiGate.
    type: path
  proxy_url:
    description: Proxy through which the FortiGate must reach FortiCare.
    type: str
  reboot_timeout:
    description: How many seconds it may take until the FortiGate runs with its license.
    type: float
    default: 600.0
  active_timeout:
    description: How many seconds more it may take until FortiFlex shows the entitlement as ACTIVE.
    type: float
    default: 300.0
seealso:
  - module: flexops.fortiflex.flex_entitlement
  - plugin: flexops.fortiflex.flex_bootstrap
    plugin_type: filter
author:
  - FlexOps maintainers (@flexops)
"""

EXAMPLES = r"""
- name: Have an entitlement for the firewall
  flexops.fortiflex.flex_entitlement:
    name: branch-oslo
    configuration: branch-small

- name: License the firewall with it
  flexops.fortiflex.flex_device_license:
    name: branch-oslo
    device_url: https://192.0.2.10
    device_token: "{{ vault_branch_oslo_api_token }}"
    device_validate_certs: false
"""

RETURN = r"""
device:
  description: What the FortiGate runs with now; in check mode, before. Null where check mode only predicts the entitlement, since no device is asked then.
  returned: success
  type: dict
  contains:
    serial_number:
      description: Its serial number.
      type: str
      sample: FGVMMLTM26000001
    licensed:
      description: Whether it says that its license is valid.
      type: bool
      sample: true
entitlement:
  description: The entitlement, as M(flexops.fortiflex.flex_entitlement) returns it, without its token.
  returned: success
  type: dict
  sample: {serial_number: FGVMMLTM26000001, name: branch-oslo, status: ACTIVE}
msg:
  description: In check mode, what the FortiGate would do.
  returned: in check mode, if something would change
  type: str
  sample: The device at 192.0.2.10 would fetch the license of 'branch-oslo' and reboot.
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

from ..module_utils.task.delivery import deliver
from ..module_utils.task.module import Work, run_module
from ..module_utils.task.options import DELIVERY

WORK = Work(deliver, DELIVERY, required_one_of=[["name", "serial_number"]])


def main() -> None:
    """Entry point of the module."""
    run_module(WORK)


if __name__ == "__main__":
    main()
