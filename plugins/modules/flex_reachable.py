#!/usr/bin/python
# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check which devices answer on a TCP port."""

from __future__ import annotations

DOCUMENTATION = r"""
module: flex_reachable
short_description: Check which devices answer on a TCP port
version_added: 1.0.0
description:
  - Tries all devices at the same time. The role C(flexops.fortiflex.retire) asks it before it releases licenses, so that a site that is still in use keeps
    its license.
  - It connects from the host that the task runs on, so delegate it to C(localhost). FortiFlex is not asked.
  - With C(run_once) all hosts of a play get one and the same answer, whatever C(strategy) and C(serial) are.
extends_documentation_fragment:
  - flexops.fortiflex.connection
  - flexops.fortiflex.audit
  - flexops.fortiflex.attributes.reading
options:
  devices:
    description: The devices to try.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: What the device is called in the result.
        type: str
        required: true
      address:
        description: Address or host name of the device.
        type: str
        required: true
      port:
        description: TCP port to try.
        type: int
        default: 443
  connect_timeout:
    description: Seconds to wait for an answer. Until then, a device that refuses the connection is tried again.
    type: float
    default: 3.0
author:
  - FlexOps maintainers (@flexops)
"""

EXAMPLES = r"""
- name: See which sites are still in use
  flexops.fortiflex.flex_reachable:
    devices:
      - {name: branch-oslo, address: 192.0.2.10}
      - {name: branch-lima, address: 192.0.2.20, port: 8443}
  register: in_use
  delegate_to: localhost
  run_once: true

- name: Stop here if there are any
  ansible.builtin.fail:
    msg: "These sites still answer: {{ in_use.reachable | join(', ') }}"
  when: in_use.reachable | length > 0
"""

RETURN = r"""
reachable:
  description: Names of the devices that answer, in the order of O(devices).
  returned: success
  type: list
  elements: str
  sample: [branch-oslo]
requests:
  description: What the task cost.
  returned: always
  type: dict
  contains:
    made:
      description: Requests sent to FortiFlex; none.
      type: int
      sample: 0
    waited_seconds:
      description: Seconds spent waiting for the request budget; none.
      type: float
      sample: 0.0
error_code:
  description: Stable name of what went wrong, for playbooks.
  returned: failure
  type: str
  sample: invalid_input
details:
  description: Nothing, as no endpoint is asked.
  returned: failure
  type: dict
  sample: {}
"""

from ..module_utils.task.module import run_module
from ..module_utils.task.options import REACHABLE
from ..module_utils.task.reachable import find_reachable


def main() -> None:
    """Entry point of the module."""
    run_module(find_reachable, REACHABLE)


if __name__ == "__main__":
    main()
