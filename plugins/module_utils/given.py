# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person gave to a task, read before Ansible converts it.

That is about empty values, and about texts of which YAML or INI made numbers.

An empty or null scalar was not given, so that the next source counts (environment, ansible.cfg,
default). Ansible hides the inventory behind an extra variable, also an empty one. So an empty guard
is refused, since it would lift the limit of the inventory, and so is an empty selector, since it
would mean all.

Private to the collection: may change at any time. Pure: no network and no clock.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from ansible.module_utils.common.validation import (
    check_type_bool,
    check_type_dict,
    check_type_float,
    check_type_int,
    check_type_list,
    check_type_path,
    check_type_raw,
    check_type_str,
)

from .errors import Problems, shortened
from .optional import without_nulls

Spec = Mapping[str, Mapping[str, Any]]
Label = Callable[[str], str]  # how to name an option in a sentence

# Options that keep a run from doing something. Only a value that says so lifts one.
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
# Lists and scopes that choose what a task is about, in every module. A module that lists things adds
# its filters.
SELECTORS = frozenset(("accounts", "names", "prune", "serial_numbers"))
# Options whose values FortiFlex keeps permanently, so that they must arrive as they were written.
TEXTS = frozenset(("folder", "name", "names", "serial_number", "serial_numbers", "was"))
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
    "raw": check_type_raw,
}
_SHOWN = 60  # characters of a wrong value


def is_blank(value: Any) -> bool:
    """Whether a value is there but says nothing: null, or a text without a visible character."""
    return value is None or (isinstance(value, str) and not value.strip())


class _GivenOption(NamedTuple):
    """Where an option is given.

    Its spec, what sentences call it, and the item or host that it belongs to.
    """

    option: str
    entry: Mapping[str, Any]
    label: str
    who: str

    @property
    def is_guard(self) -> bool:
        """Whether it keeps a run from doing something."""
        return self.option in GUARDS

    def is_text(self, value: Any) -> bool:
        """Whether a value is what it takes as a text. A configuration also goes by its id."""
        if self.option in _REFERENCES and isinstance(value, int):
            return not isinstance(value, bool)
        return isinstance(value, str)

    def elements(self, value: Any) -> Iterable[Any]:
        """The texts of a value."""
        is_list = self.entry["type"] == "list" and isinstance(value, (list, tuple))
        return value if is_list else (value,)


class Given:
    """Reads what was given, and collects what is wrong with it.

    ``problems`` are for :class:`InvalidInput`. :meth:`warnings` are sentences for the user.
    """

    def __init__(self, selectors: Collection[str] = (), texts: Collection[str] = TEXTS) -> None:
        """Nothing is read yet.

        :param selectors: options that must not be empty, beside those of every module.
        :param texts: options that must arrive as text.
        """
        self._found = Problems()
        self._selectors = frozenset(selectors)
        self._texts = _REFERENCES.union(texts)
        self._numbers: dict[str, list[str]] = {}  # tags that arrived as numbers -> where

    @property
    def problems(self) -> list[str]:
        """What is wrong so far."""
        return self._found.found

    def options(self, options: Mapping[str, Any], spec: Spec, label: Label = str) -> dict[str, Any]:
        """The options of a task without those that are empty.

        What the spec does not know is left for Ansible to refuse.
        """
        who = str(options.get("name") or options.get("serial_number") or "")
        return self._each(options, spec, label, who)

    def unknown(
        self, options: Mapping[str, Any], spec: Spec, label: Label = str, who: str = ""
    ) -> None:
        """Refuse the options that there are not."""
        for option in sorted(map(str, options.keys() - spec.keys())):
            self._wrong(f"{label(option)} is unknown; {_hint(option, spec)}", who)

    def texts(self, options: Mapping[str, Any]) -> None:
        """Only see that every text arrived as one.

        For an action that hands its options on as JSON, which makes a text of a date.
        """
        for option, value in options.items():
            entry = {"type": "list" if option.endswith("s") else "str"}
            self._arrived(_GivenOption(option, entry, option, str(value)), value)

    def items(self, kind: str, items: Iterable[Any], spec: Spec) -> list[Any]:
        """The items of a list option, such as ``entitlements``.

        ``kind`` is what one of them is called.
        """
        return [
            self._item(kind, item, spec) if isinstance(item, Mapping) else item for item in items
        ]

    def value(
        self, option: str, value: Any, entry: Mapping[str, Any], label: Label, who: str
    ) -> Any:
        """A value that is not blank, with the type that the spec says; None if it is wrong.

        ``who``: the item or host that it belongs to.
        """
        place = _GivenOption(option, entry, label(option), who)
        return self._read(place, value)

    def blank(self, option: str, entry: Mapping[str, Any], label: Label, who: str) -> None:
        """Refuse the empty value of a guard or a selector.

        Of any other option it was not given.
        """
        self._blank(_GivenOption(option, entry, label(option), who))

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
        self._found.refuse()

    def _each(
        self, options: Mapping[str, Any], spec: Spec, label: Label, who: str
    ) -> dict[str, Any]:
        """Every option that says something, with what is inside it. Ansible converts it."""
        read = {option: value for option, value in options.items() if option not in spec}
        for place, value in self._speaking(options, spec, label, who):
            read[place.option] = self._option(place, value)
        return read

    def _speaking(
        self, options: Mapping[str, Any], spec: Spec, label: Label, who: str
    ) -> Iterator[tuple[_GivenOption, Any]]:
        """The options of a spec that are not empty."""
        for option, value in options.items():
            if option not in spec:
                continue
            place = _GivenOption(option, spec[option], label(option), who)
            if self._says_nothing(place, value):
                self._blank(place)
            else:
                yield place, value

    def _selects(self, place: _GivenOption) -> bool:
        """Whether an option chooses what the task is about."""
        everywhere = place.option in SELECTORS and place.entry["type"] in ("list", "dict")
        return everywhere or place.option in self._selectors

    def _says_nothing(self, place: _GivenOption, value: Any) -> bool:
        """Whether a value is blank, or chooses nothing.

        ``allowed_accounts: []`` says that no account is allowed.
        """
        if not isinstance(value, (list, tuple, Mapping)):
            return is_blank(value)
        selects = self._selects(place)
        has_blank = not isinstance(value, Mapping) and any(map(is_blank, value))
        return (selects and not value) or ((selects or place.is_guard) and has_blank)

    def _blank(self, place: _GivenOption) -> None:
        """Refuse the empty value of a guard or a selector."""
        if place.is_guard:
            end = "since an empty value lifts no limit"
        elif self._selects(place):
            end = "since an empty one does not mean all"
        else:
            return
        self._wrong(f"{place.label} is empty; give it a value or leave it out, {end}", place.who)

    def _option(self, place: _GivenOption, value: Any) -> Any:
        """One option, with what is inside it."""
        inner = place.entry.get("options")
        if inner and isinstance(value, (list, tuple)):
            return self.items(place.option.removesuffix("s"), value, inner)
        if inner and isinstance(value, Mapping):
            inner_reader = Given(inner, self._texts) if self._selects(place) else self
            inner_reader._found = self._found
            return inner_reader._each(value, inner, lambda name: f"{place.label}.{name}", place.who)
        self._arrived(place, value)
        return _said(place.option, value)

    def _item(self, kind: str, item: Mapping[str, Any], spec: Spec) -> dict[str, Any]:
        """One item of a list.

        Each of its values is checked, so that a problem names the item and not only the option.
        """
        who = str(item.get("name") or item.get("serial_number") or item.get("id") or "")

        def label(option: str) -> str:
            return f"{kind} '{who}': {option}"

        self.unknown(item, spec, label, who)
        speaking = self._speaking(item, spec, label, who)
        return without_nulls({place.option: self._read(place, value) for place, value in speaking})

    def _read(self, place: _GivenOption, value: Any) -> Any:
        """A value with the type that the spec says; None if it is wrong."""
        return self._typed(place, value) if self._arrived(place, value) else None

    def _typed(self, place: _GivenOption, value: Any) -> Any:
        """A value with the type that the spec says; None if it is wrong."""
        kind = place.entry["type"]
        try:
            typed = CHECKS[kind](value)
        except (TypeError, ValueError):
            hint = '; write {"key": "value"}' if kind == "dict" else ""
            sentence = f"{place.label} is {_shown(value)}, which is not {KINDS[kind]}{hint}"
            self._wrong(sentence, place.who)
            return None
        if typed not in place.entry.get("choices", [typed]):
            choices = ", ".join(map(str, place.entry["choices"]))
            self._wrong(
                f"{place.label} is {_shown(value)}, which is not one of {choices}", place.who
            )
            return None
        return _said(place.option, typed)

    def _arrived(self, place: _GivenOption, value: Any) -> bool:
        """Whether a value arrived as it was written.

        Nobody can know what YAML made a number of.
        """
        wrong: list[str] = []
        if place.option == "tags" and isinstance(value, Mapping):
            for tag in value.items():
                wrong += self._wrong_parts(tag, place)
        elif place.option in self._texts:
            wrong = [
                f"{place.label} {_written(text)}"
                for text in place.elements(value)
                if not place.is_text(text)
            ]
        for sentence in wrong:
            self._wrong(sentence, place.who)
        return not wrong

    def _wrong_parts(self, tag: tuple[Any, Any], place: _GivenOption) -> Iterator[str]:
        """What is wrong with key and value of a tag.

        It takes the digits of a whole number, since it can be corrected later.
        """
        for text in tag:
            if isinstance(text, int) and not isinstance(text, bool):
                self._numbers.setdefault(f"{tag[0]}={tag[1]}", []).append(place.who)
            elif text is not None and not isinstance(text, str):
                yield f"{place.label}: the tag {tag[0]} {_written(text)}"

    def _wrong(self, sentence: str, who: str) -> None:
        """Collect what is wrong with an item or host; one sentence about several is said once."""
        self._found.about("", who).add(sentence)


def _said(option: str, value: Any) -> Any:
    """A value without what is empty inside it: a parameter that is empty was not given."""
    if option == "parameters" and isinstance(value, Mapping):
        return {key: inner for key, inner in value.items() if not is_blank(inner)}
    return value


def _hint(option: str, spec: Spec) -> str:
    """What may have been meant by an option that there is not."""
    from difflib import get_close_matches  # only where something is wrong, since it takes long

    close = get_close_matches(option, spec, n=1)
    return f"did you mean {close[0]}?" if close else f"it can have {', '.join(sorted(spec))}"


def _written(value: Any) -> str:
    """What arrived, and how it may have been written, as the rest of a sentence."""
    for kind, told in _ARRIVED:
        if isinstance(value, kind):
            what = told(value)
            return f"arrived as {what}; put it in quotes, or end the template with `| string`"
    return f"is {'a dictionary' if isinstance(value, Mapping) else 'a list'}; give one text"


def _of_bool(value: bool) -> str:
    """A boolean, which YAML also makes of yes and no."""
    return f"{str(value).lower()}, which may have been written {'yes' if value else 'no'}"


def _of_int(number: int) -> str:
    """A whole number, and what a person may have written.

    That is one of the ways in which YAML writes this number, and it may have been meant as a text.
    """
    minutes, seconds = divmod(abs(number), 60)
    written = f"{minutes}:{seconds:02}" if 1 <= minutes <= 59 else f"00{abs(number):o}"
    return f"the number {number}, which may have been written {written}"


def _of_float(number: float) -> str:
    """A fraction, or a number with an exponent."""
    written = f"{number:.0e}".replace("e+0", "e") if number.is_integer() else f"{number}0"
    return f"the number {number}, which may have been written {written}"


# The first that a value is an instance of. A boolean is a number, too.
_ARRIVED: tuple[tuple[type, Callable[[Any], str]], ...] = (
    (bool, _of_bool),
    (int, _of_int),
    (float, _of_float),
    (date, lambda day: f"the date {day}"),
)


def _shown(value: Any) -> str:
    """A wrong value in quotes, cut where it is long."""
    text = str(value)
    return f"'{text if len(text) <= _SHOWN else text[: _SHOWN - 1] + '…'}'"
