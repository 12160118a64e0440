# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person gave to a task, read before Ansible converts it: empty values, and texts of which YAML or INI made numbers.

An empty or null scalar was not given, so that the next source counts (environment, ansible.cfg, default). Ansible hides the inventory behind an extra
variable, also an empty one. So an empty guard is refused, since it would lift the limit of the inventory, and so is an empty selector, since it would
mean all.

Private to the collection: may change at any time. Pure: no network and no clock.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date
from difflib import get_close_matches
from typing import Any

from ansible.module_utils.common.validation import (
    check_type_bool,
    check_type_dict,
    check_type_float,
    check_type_int,
    check_type_list,
    check_type_path,
    check_type_str,
)

from .errors import InvalidInput, Problem, shortened

Spec = Mapping[str, Mapping[str, Any]]
Label = Callable[[str], str]
"""How to name an option in a sentence."""

GUARDS = frozenset(
    (
        "allowed_accounts",
        "create",
        "keep_running",
        "max_affected",
        "max_new",
        "max_points_per_day",
        "max_prune",
        "plan",
        "required",
    )
)
"""Options that keep a run from doing something. Only a value that says so lifts one."""

SELECTORS = frozenset(("accounts", "names", "prune", "serial_numbers"))
"""Lists and scopes that choose what a task is about, in every module. A module that lists things adds its filters."""

TEXTS = frozenset(("folder", "name", "names", "serial_number", "serial_numbers", "was"))
"""Options whose values FortiFlex keeps permanently, so that they must arrive as they were written."""

_REFERENCES = frozenset(("configuration", "configurations", "target_configuration"))  # name or id
KINDS = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "str": "a text",
    "path": "a path",
    "dict": "a dictionary",
    "list": "a list",
}
CHECKS: dict[str, Callable[[Any], Any]] = {
    "str": check_type_str,
    "path": check_type_path,
    "int": check_type_int,
    "float": check_type_float,
    "bool": check_type_bool,
    "dict": check_type_dict,
    "list": check_type_list,
}
_SHOWN = 60  # characters of a wrong value


def is_blank(value: Any) -> bool:
    """Whether a value is there but says nothing: null, or a text without a visible character."""
    return value is None or (isinstance(value, str) and not value.strip())


class Given:
    """Reads what was given, and collects what is wrong with it.

    ``problems`` are for :class:`InvalidInput`. :meth:`warnings` are sentences for the user.
    """

    def __init__(self, selectors: Collection[str] = (), texts: Collection[str] = TEXTS) -> None:
        """``selectors``: options that must not be empty, beside those of every module. ``texts``: options that must arrive as text."""
        self.problems: list[str] = []
        self._selectors = frozenset(selectors)
        self._texts = texts
        self._numbers: dict[str, list[str]] = {}  # tags that arrived as numbers -> where

    def options(self, options: Mapping[str, Any], spec: Spec, label: Label = str) -> dict[str, Any]:
        """The options of a task without those that are empty. What the spec does not know is left for Ansible to refuse."""
        who = str(options.get("name") or options.get("serial_number") or "")
        return self._each(options, spec, label, who)

    def unknown(self, options: Mapping[str, Any], spec: Spec) -> None:
        """Refuse the options that there are not."""
        for option in sorted(map(str, options.keys() - spec.keys())):
            self._wrong(f"{option} is unknown; {_hint(option, spec)}", "")

    def texts(self, options: Mapping[str, Any]) -> None:
        """Only see that every text arrived as one. For an action that hands its options on as JSON, which makes a text of a date."""
        for option, value in options.items():
            entry = {"type": "list" if option.endswith("s") else "str"}
            self._arrived(option, value, entry, option, str(value))

    def items(self, kind: str, items: Iterable[Any], spec: Spec) -> list[Any]:
        """The items of a list option, such as ``entitlements``. ``kind`` is what one of them is called."""
        return [
            self._item(kind, item, spec) if isinstance(item, Mapping) else item for item in items
        ]

    def value(
        self, option: str, value: Any, entry: Mapping[str, Any], label: Label, who: str
    ) -> Any:
        """A value that is not blank, with the type that the spec says; None if it is wrong. ``who``: the item or host that it belongs to."""
        if not self._arrived(option, value, entry, label(option), who):
            return None
        try:
            typed = CHECKS[entry["type"]](value) if entry["type"] in CHECKS else value
        except (TypeError, ValueError):
            kind = KINDS[entry["type"]]
            kind += '; write {"key": "value"}' if entry["type"] == "dict" else ""
            self._wrong(f"{label(option)} is {_shown(value)}, which is not {kind}", who)
            return None
        if typed not in entry.get("choices", [typed]):
            choices = ", ".join(map(str, entry["choices"]))
            self._wrong(f"{label(option)} is {_shown(value)}, which is not one of {choices}", who)
            return None
        return _said(option, typed)

    def blank(self, option: str, entry: Mapping[str, Any], label: Label, who: str) -> None:
        """Refuse the empty value of a guard or a selector. Of any other option it was not given."""
        if option in GUARDS:
            end = "since an empty value lifts no limit"
        elif self._selects(option, entry):
            end = "since an empty one does not mean all"
        else:
            return
        self._wrong(f"{label(option)} is empty; give it a value or leave it out, {end}", who)

    def warnings(self) -> list[str]:
        """What the user should know although it is accepted."""
        return [
            f"The tag {tag} arrived as a number, which loses leading zeros; put it in quotes "
            f"({shortened(places)})."
            for tag, places in sorted(self._numbers.items())
        ]

    def check(self) -> None:
        """Raise what was collected.

        :raises InvalidInput: if anything is wrong.
        """
        if self.problems:
            raise InvalidInput(self.problems)

    def _each(
        self, options: Mapping[str, Any], spec: Spec, label: Label, who: str
    ) -> dict[str, Any]:
        """Every option that says something, as :meth:`_option` reads it."""
        read = {option: value for option, value in options.items() if option not in spec}
        for option, value in self._speaking(options, spec, label, who):
            read[option] = self._option(option, value, spec[option], label, who)
        return read

    def _speaking(
        self, options: Mapping[str, Any], spec: Spec, label: Label, who: str
    ) -> Iterator[tuple[str, Any]]:
        """The options that are not empty."""
        for option, value in options.items():
            if option in spec and self._says_nothing(option, value, spec[option]):
                self.blank(option, spec[option], label, who)
            elif option in spec:
                yield option, value

    def _selects(self, option: str, entry: Mapping[str, Any]) -> bool:
        """Whether an option chooses what the task is about."""
        everywhere = option in SELECTORS and entry["type"] in ("list", "dict")
        return everywhere or option in self._selectors

    def _says_nothing(self, option: str, value: Any, entry: Mapping[str, Any]) -> bool:
        """Whether a value is blank, or chooses nothing. ``allowed_accounts: []`` says that no account is allowed."""
        selects = self._selects(option, entry)
        if isinstance(value, (list, tuple, Mapping)):
            elements = [] if isinstance(value, Mapping) else value
            return (selects and not value) or (
                (selects or option in GUARDS) and any(map(is_blank, elements))
            )
        return is_blank(value)

    def _option(
        self, option: str, value: Any, entry: Mapping[str, Any], label: Label, who: str
    ) -> Any:
        """One option, with what is inside it. Ansible converts it."""
        inner = entry.get("options")
        if inner and isinstance(value, (list, tuple)):
            return self.items(option.removesuffix("s"), value, inner)
        if inner and isinstance(value, Mapping):
            whole = Given(inner, self._texts) if self._selects(option, entry) else self
            read = whole._each(value, inner, lambda name: f"{label(option)}.{name}", who)
            self.problems += whole.problems if whole is not self else []
            return read
        self._arrived(option, value, entry, label(option), who)
        return _said(option, value)

    def _item(self, kind: str, item: Mapping[str, Any], spec: Spec) -> dict[str, Any]:
        """One item of a list, each of its values checked, so that a problem names the item and not only the option."""
        who = str(item.get("name") or item.get("serial_number") or item.get("id") or "")

        def label(option: str) -> str:
            return f"{kind} '{who}': {option}"

        for option in item.keys() - spec.keys():
            self._wrong(f"{label(str(option))} is unknown; {_hint(str(option), spec)}", who)
        read = {
            option: self.value(option, value, spec[option], label, who)
            for option, value in self._speaking(item, spec, label, who)
        }
        return {option: value for option, value in read.items() if value is not None}

    def _arrived(
        self, option: str, value: Any, entry: Mapping[str, Any], where: str, who: str
    ) -> bool:
        """Whether a value arrived as it was written. Nobody can know what YAML made a number of."""
        before = len(self.problems)
        if option == "tags" and isinstance(value, Mapping):
            for key, text in value.items():
                self._tag(key, text, where, who)
        elif option in self._texts or option in _REFERENCES:
            is_list = entry["type"] == "list" and isinstance(value, (list, tuple))
            for text in value if is_list else [value]:
                is_id = option in _REFERENCES and isinstance(text, int)
                if not isinstance(text, str) and (not is_id or isinstance(text, bool)):
                    self._wrong(f"{where} {_written(text)}", who)
        return len(self.problems) == before

    def _tag(self, key: Any, value: Any, where: str, who: str) -> None:
        """A tag takes the digits of a whole number, since a tag can be corrected later."""
        for text in (key, value):
            if isinstance(text, int) and not isinstance(text, bool):
                self._numbers.setdefault(f"{key}={value}", []).append(who)
            elif text is not None and not isinstance(text, str):
                self._wrong(f"{where}: the tag {key} {_written(text)}", who)

    def _wrong(self, sentence: str, who: str) -> None:
        self.problems.append(Problem(sentence, who))


def _said(option: str, value: Any) -> Any:
    """A value without what is empty inside it: a parameter that is empty was not given."""
    if option == "parameters" and isinstance(value, Mapping):
        return {key: inner for key, inner in value.items() if not is_blank(inner)}
    return value


def _hint(option: str, spec: Spec) -> str:
    close = get_close_matches(option, spec, n=1)
    return f"did you mean {close[0]}?" if close else f"it can have {', '.join(sorted(spec))}"


def _written(value: Any) -> str:
    """What arrived, and how it may have been written, as the rest of a sentence."""
    quotes = "put it in quotes, or end the template with `| string`"
    if isinstance(value, bool):
        return f"arrived as {str(value).lower()}, which may have been written {'yes' if value else 'no'}; {quotes}"
    if isinstance(value, int):
        return f"arrived as the number {value}, which may have been written {_otherwise(value)}; {quotes}"
    if isinstance(value, float):
        written = f"{value:.0e}".replace("e+0", "e") if value.is_integer() else f"{value}0"
        return f"arrived as the number {value}, which may have been written {written}; {quotes}"
    if isinstance(value, date):
        return f"arrived as the date {value}; {quotes}"
    kind = "a dictionary" if isinstance(value, Mapping) else "a list"
    return f"is {kind}; give one text"


def _otherwise(number: int) -> str:
    """Of the ways in which YAML writes a whole number, one that a person may have meant as a text."""
    minutes, seconds = divmod(abs(number), 60)
    return f"00{abs(number):o}" if minutes < 1 or minutes > 59 else f"{minutes}:{seconds:02}"


def _shown(value: Any) -> str:
    text = str(value)
    return f"'{text if len(text) <= _SHOWN else text[: _SHOWN - 1] + '…'}'"
