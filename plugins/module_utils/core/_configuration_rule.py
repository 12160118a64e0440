# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule for configurations: of several ACTIVE ones with one name the lowest id stands, and
whoever made another disables it.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..catalogue.catalogue import Catalogue, Product, Values
from ..errors import Problems
from ..wording import count_of, first_few
from .calls import (
    CreateConfiguration,
    DisableConfiguration,
    EnableConfiguration,
    UpdateConfiguration,
)
from .description import REMOVED
from .goal import Goal, WantedConfiguration
from .model import ACTIVE, DISABLED, Configuration, Entitlement, Observation, in_words
from .spelling import form_of
from .steps import CREATE, RELEASE, SET, CannotReach, Step, Verdict, W, observe_again


class ConfigurationRule:
    """Says for one wanted configuration at a time what an observation asks for; remembers what this
    run made.
    """

    def __init__(
        self, catalogue: Catalogue, program: str, account_id: int | None, goal: Goal
    ) -> None:
        self._catalogue = catalogue
        self._goal = goal
        self._program = program
        self._account_id = account_id
        self._made: dict[int, str] = {}  # id -> name of what this run created
        self._doubled_since: dict[tuple[int, ...], float] = {}

    def did(self, step: Step, answer: Mapping[str, Any]) -> None:
        """FortiFlex carried out a step; ``answer`` is the item that it answered."""
        if step.call.created_as:
            self._made[int(answer[step.call.created_as])] = step.item[1]

    def is_own(self, target: str) -> bool:
        """Whether this run has created the configuration of that id."""
        return target in map(str, self._made)

    def is_foreign(self, name: str, seen: Observation) -> bool:
        """Whether another run has made one of a name."""
        return any(c.id not in self._made for c in seen.named(name))

    def verdict(self, wanted: WantedConfiguration, seen: Observation) -> Verdict:
        """Steps towards ``wanted``.

        :raises CannotReach: if it cannot be reached.
        """
        if wanted.id is not None:
            return Verdict(self._steps(wanted, self._by_id(wanted, wanted.id, seen), seen))
        named = seen.named(wanted.key)
        active = [c for c in named if c.status != DISABLED]
        if len(active) > 1:
            return self._settle(active, seen)
        if named:
            found = _of_product(active or named, wanted.product)
            return Verdict(self._steps(wanted, found, seen))
        if wanted.state == "disabled":
            return Verdict()  # nothing that could be used
        if wanted.name in self._made.values():
            raise CannotReach(
                f"configuration '{wanted.name}' was created, but FortiFlex does not list it; "
                "look at it in the portal before another run"
            )
        return Verdict([self._create(wanted)])

    def _by_id(self, wanted: WantedConfiguration, number: int, seen: Observation) -> Configuration:
        found = seen.by_id.get(number)
        if found is None:
            raise CannotReach(
                f"configuration id {number} is not in program {self._program}; "
                "check the id, program and account_id",
                True,
            )
        if wanted.name not in (None, found.name):
            for other in seen.named(wanted.key):
                if other.id != found.id and other.status == ACTIVE:
                    raise CannotReach(
                        f"configuration id {found.id} cannot be named '{wanted.name}': "
                        f"configuration id {other.id} has that name; choose another",
                        True,
                    )
        return found

    def _settle(self, active: list[Configuration], seen: Observation) -> Verdict:
        """How to get from several ACTIVE configurations of one name to one that stands."""
        excess = [c for c in active[1:] if c.id in self._made and not seen.entitlements_of(c.id)]
        return _disabled(excess) if excess else self._left_over(active, seen)

    def _left_over(self, active: list[Configuration], seen: Observation) -> Verdict:
        """What to do about others that this run has not made: their maker disables them, or is
        dead.
        """
        _refuse_spellings(active)
        time = seen.configurations_time
        since = self._doubled_since.setdefault(tuple(c.id for c in active), time)
        if time - since < 2 * W:
            return Verdict(wake=observe_again(since, time))
        holding = [c for c in active if seen.entitlements_of(c.id)]
        if len(holding) > 1:
            ids = " and ".join(str(c.id) for c in holding)
            raise CannotReach(
                f"configurations {ids} of program {self._program} are both ACTIVE, named "
                f"'{active[0].name}' and hold entitlements; "
                "rename or empty one of them, by its id"
            )
        standing = (holding or active)[0]
        return _disabled([c for c in active if c is not standing])

    def _create(self, wanted: WantedConfiguration) -> Step:
        where = f"configuration '{wanted.name}'"
        if wanted.product is None:
            raise CannotReach(
                f"{where} does not exist and cannot be created without a product; set product", True
            )
        problems = Problems()
        values = wanted.product.check(wanted.parameters, problems.about(where), complete=True)
        _refuse(problems)
        call = CreateConfiguration(
            self._program,
            self._account_id,
            wanted.key,
            wanted.product.id or 0,
            wanted.product.wire(values),
        )
        return Step(("configuration", wanted.key), CREATE, call, acquires=True)

    def _steps(
        self, wanted: WantedConfiguration, found: Configuration, seen: Observation
    ) -> list[Step]:
        item = ("configuration", wanted.key)
        product, changed = self.changes(wanted, found)
        name = wanted.name or found.name
        enables = wanted.state == "active" and found.status == DISABLED
        disables = wanted.state == "disabled" and found.status != DISABLED
        updates = []
        if changed or name != found.name:
            call = UpdateConfiguration(found.id, name, product.wire(found.values | changed))
            updates.append(Step(item, SET, call, found))
        if changed or enables or disables:
            self._check_reach(wanted, found, seen)
        return [
            *[Step(item, SET, EnableConfiguration(found.id), found)] * enables,
            *updates,
            *[Step(item, SET, DisableConfiguration(found.id), found)] * disables,
        ]

    def _check_reach(
        self, wanted: WantedConfiguration, found: Configuration, seen: Observation
    ) -> None:
        """Refuse a change of parameters or state that touches more than was agreed.

        :raises CannotReach: with everything that speaks against it.
        """
        where = f"configuration '{found.name}' (id {found.id})"
        problems = Problems()
        wrong = problems.about(where)
        touched = seen.touched(found.id)
        if wanted.max_affected is not None and sum(touched.values()) > wanted.max_affected:
            wrong.add(
                f"the change would touch {in_words(touched)}, "
                f"more than max_affected={wanted.max_affected}; raise it, or use a new "
                "configuration"
            )
        outside = [] if self._goal.allows_outside else self._outside(found, seen)
        if outside:
            wrong.add(
                f"the change would touch {count_of(len(outside), 'entitlement')} "
                f"outside the list of this run ({first_few(outside)}); nothing was written; run "
                "it for all of them, "
                "use a new configuration, or allow it on the command line by -e "
                "fortiflex_allow_outside_limit=true"
            )
        _refuse(problems)

    def _outside(self, found: Configuration, seen: Observation) -> list[str]:
        """What stands on a configuration and is not in the list of the task."""
        is_vm = self._catalogue.product(found.product_id).is_vm
        return sorted(
            item.quoted
            for item in seen.entitlements_of(found.id)
            if _is_somebodys(item, is_vm) and not self._goal.lists(item)
        )

    def changes(self, wanted: WantedConfiguration, found: Configuration) -> tuple[Product, Values]:
        """The product of a configuration, and the given parameters that differ from what it has.

        :raises CannotReach: for another product, values that are not allowed, and one-way
            parameters that would go back.
        """
        where = f"configuration '{found.name}' (id {found.id})"
        product = self._catalogue.product(found.product_id)
        if wanted.product is not None and wanted.product.id != found.product_id:
            raise CannotReach(
                f"{where} is of product {product.key} and cannot become {wanted.product.key}: the "
                "product of a configuration is fixed; "
                "create a configuration of another name and move the entitlements to it",
                True,
            )
        problems = Problems()
        wrong = problems.about(where)
        values = product.check(wanted.parameters, wrong, complete=False, kept=found.values)
        product.check_change(found.values, values, wrong)
        _refuse(problems)
        return product, {
            number: value
            for number, value in values.items()
            if product.changes(found.values, {number: value})
        }


def _refuse(problems: Problems) -> None:
    """Go on only if a configuration can become as a task asks for it.

    :raises CannotReach: with everything that speaks against it, each sentence once.
    """
    if problems:
        raise CannotReach("; ".join(dict.fromkeys(problems.found)), True)


def _disabled(excess: list[Configuration]) -> Verdict:
    """Those are disabled that are not needed."""
    return Verdict(
        [Step(("configuration", c.name), RELEASE, DisableConfiguration(c.id), c) for c in excess]
    )


def _of_product(named: list[Configuration], product: Product | None) -> Configuration:
    """Of several, the first that is of the product, if one is given."""
    fitting = [c for c in named if product is not None and c.product_id == product.id]
    return (fitting or named)[0]


def _refuse_spellings(active: list[Configuration]) -> None:
    """What people wrote in two ways, they may mean as two things: nothing of it is disabled."""
    texts = {c.id: c.stored_name or c.name for c in active}
    if len(set(texts.values())) > 1:
        told = " and ".join(
            f"{number} ('{text}', {form_of(text)})" for number, text in texts.items()
        )
        raise CannotReach(
            f"the names of configurations {told} differ only in how Unicode spells them; "
            "rename or disable one of them, by its id"
        )


def _is_somebodys(item: Entitlement, is_vm: bool) -> bool:
    """Whether somebody uses an entitlement, or will. A VM without a description that is not charged
    is free to take, as spares and claims are.
    """
    if item.is_marked_spare or item.is_claimed or item.description == REMOVED:
        return False
    return not is_vm or bool(item.description) or item.is_charged
