# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every module does around its work: argument spec, check mode, diff mode, and the one place where a module ends.

Private to the collection: may change at any time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..client.connection import argument_spec
from ..clock import SystemClock
from ..errors import InvalidInput
from ..escapes import visible
from ..given import TEXTS, Given
from .options import Spec
from .results import Result
from .run_report import failure
from .task import Task, execute


class _Module(AnsibleModule):
    """A module that reads what was given before Ansible converts it."""

    params: dict[str, Any]
    argument_spec: Spec

    def __init__(self, given: Given, **options: Any) -> None:
        self._given = given
        super().__init__(supports_check_mode=True, **options)

    def _load_params(self) -> None:
        super()._load_params()
        self.params = self._given.options(self.params, self.argument_spec)
        if self._given.problems:  # nothing else is checked, and nothing is shown of it
            self.argument_spec = {}
            self.params = {key: value for key, value in self.params.items() if key[:1] == "_"}
            self.required_one_of = self.mutually_exclusive = None


def run_module(
    work: Callable[[Task], Result],
    options: Spec,
    selectors: Collection[str] = (),
    texts: Collection[str] = TEXTS,
    **constraints: Any,
) -> None:
    """Run ``work`` as an Ansible module.

    ``options`` are those beside the connection options. ``selectors`` and ``texts`` are as :class:`Given` takes them, ``constraints`` as AnsibleModule
    takes them.
    """
    given = Given(selectors, texts)
    module = _Module(given, argument_spec={**argument_spec(), **options}, **constraints)
    if given.problems:
        module.fail_json(changed=False, **failure(InvalidInput(given.problems)))
    for warning in given.warnings():
        module.warn(visible(warning))
    result = execute(work, module.params, module.check_mode, SystemClock(), module.warn)
    if not module._diff:  # pylint: disable=protected-access
        result.pop("diff", None)
    if result.pop("failed", False):
        module.fail_json(**result)
    module.exit_json(**result)
