# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every module does around its work: argument spec, check mode, diff mode, and the one place where a module ends.

Private to the collection: may change at any time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..client.connection import argument_spec
from ..clock import SystemClock
from .options import Spec
from .results import Result
from .task import Task, execute


def run_module(work: Callable[[Task], Result], options: Spec, **constraints: Any) -> None:
    """Run ``work`` as an Ansible module with ``options`` beside the connection options; ``constraints`` as AnsibleModule takes them."""
    module = AnsibleModule(
        argument_spec={**argument_spec(), **options}, supports_check_mode=True, **constraints
    )
    result = execute(work, module.params, module.check_mode, SystemClock(), module.warn)
    if not module._diff:  # pylint: disable=protected-access
        result.pop("diff", None)
    if result.pop("failed", False):
        module.fail_json(**result)
    module.exit_json(**result)
