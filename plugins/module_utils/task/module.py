# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the work of a module is, and how it is done in the process of a module.

Private to the collection: may change at any time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..client.connection import argument_spec
from ..client.origin import Origin
from ..clock import SystemClock
from ..errors import InvalidInput
from ..escapes import visible
from ..given import TEXTS, Given
from .options import Spec
from .results import Result, failure
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


@dataclass(frozen=True)
class Work:
    """The work of a module, and what it takes beside the connection options.

    ``selectors`` and ``texts`` are as :class:`Given` takes them, the constraints as Ansible does.
    ``reports_problems``: it reports what is wrong with its options together with what it finds
    itself.
    """

    do: Callable[[Task], Result]
    options: Spec
    selectors: Collection[str] = ()
    texts: Collection[str] = TEXTS
    required_one_of: Sequence[Sequence[str]] = ()
    mutually_exclusive: Sequence[Sequence[str]] = ()
    reports_problems: bool = False

    @property
    def spec(self) -> Spec:
        """All options, those of the connection included."""
        return {**argument_spec(), **self.options}

    @property
    def constraints(self) -> dict[str, Sequence[Sequence[str]]]:
        """Which options need or exclude each other."""
        return {
            "required_one_of": self.required_one_of,
            "mutually_exclusive": self.mutually_exclusive,
        }

    def given(self) -> Given:
        """What reads the options before Ansible converts them."""
        return Given(self.selectors, self.texts)


def run_module(work: Work) -> None:
    """Do the work in the process of a module. The action plugin of the collection does it without
    one, unless the task is delegated or asynchronous.
    """
    given = work.given()
    module = _Module(given, argument_spec=work.spec, **work.constraints)
    if given.problems:
        module.fail_json(changed=False, **failure(InvalidInput(given.problems)))
    for warning in given.warnings():
        module.warn(visible(warning))
    result = execute(
        work.do,
        module.params,
        module.check_mode,
        SystemClock(),
        module.warn,
        origin=Origin.from_environment(),
    )
    if not module._diff:  # pylint: disable=protected-access
        result.pop("diff", None)
    if result.pop("failed", False):
        module.fail_json(**result)
    module.exit_json(**result)
