# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a description says: whose an entitlement is, its tags, and the marks of spares, claims and
devices that were removed.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping

from .spelling import likeness, spelled

SPARE = "[spare]"
REMOVED = "[removed]"  # of a device that was taken out of the program and is listed all the same
SUSPENDED = "suspended"  # tag of what suspend_tenant has stopped, and only resume_tenant starts
NAME_LENGTH = 64
_CLAIM = re.compile(r"\[claim (?P<name>.+) (?P<run>\S+)\]")
CLAIM_MARK = "[claim "
_KEPT = "[for "
# What a service that cuts descriptions short can leave of the mark of a spare.
_CUT_SPARES = {SPARE[:length] for length in range(1, len(SPARE))}
_QUOTES = " \"'`"
_TAGS = re.compile(r"[^\[\];=]+=[^\[\];=]*(?:; [^\[\];=]+=[^\[\];=]*)*\]")
_TEMPLATE = re.compile(r"\A#jinja2:|\{[{%#]")
_BRACKETS = set("[]")
_NOT_IN_TAGS = set("[];=")


def name_problem(name: str) -> str | None:
    """Why ``name`` cannot be the name of an entitlement, as the rest of a sentence; None if it can."""
    if not 1 <= len(name) <= NAME_LENGTH:
        return f"has {len(name)} characters; 1 to {NAME_LENGTH} are allowed"
    if not name.isprintable():
        return "has a character that cannot be printed"
    if _BRACKETS & set(name):
        return "has a bracket; [ and ] mark tags and spares in a description"
    if name != name.strip():
        return "has a blank at one end"
    return None


def tags_problem(tags: Mapping[str, str]) -> str | None:
    """Why ``tags`` cannot be kept in a description, as the rest of a sentence; None if they can."""
    for key, value in tags.items():
        text, stripped = key + value, (key.strip(), value.strip())
        if _NOT_IN_TAGS & set(text) or not text.isprintable() or (key, value) != stripped:
            return (
                f"{key}={value} has one of [ ] ; = or a blank at one end "
                "or a character that cannot be printed"
            )
        if not key:
            return "a tag has no key"
    return None


def describe(name: str, tags: Mapping[str, str] | None) -> str:
    """The description that says that NAME holds an entitlement: ``NAME`` or ``NAME [key=value;
    key=value]``, keys sorted.
    """
    if not tags:
        return name
    told = "; ".join(f"{key}={value}" for key, value in sorted(tags.items()))
    return f"{name} [{told}]"


def name_of(description: str) -> str | None:
    """The name that holds an entitlement of this description, even if the service cut its tags
    short; None if nobody's.
    """
    name = spelled(stored_name(description))
    return name if name_problem(name) is None else None


def stored_name(description: str) -> str:
    """The part of a description that is a name, as it is stored: it may be spelled otherwise than
    the name that is compared.
    """
    return description.split(" [", 1)[0].rstrip()


def tags_of(description: str) -> dict[str, str] | None:
    """The tags in a description; None where they cannot be read (cut short, or not written by this
    collection).
    """
    _name, bracket, rest = spelled(description).partition(" [")
    if not bracket:
        return {} if name_of(description) else None
    if not _TAGS.fullmatch(rest):
        return None
    return dict(pair.split("=", 1) for pair in rest[:-1].split("; "))


def claim_text(name: str, run: str) -> str:
    """The description of a spare that RUN has claimed for NAME."""
    return f"[claim {name} {run}]"


def claim_of(description: str) -> tuple[str, str] | None:
    """(name, run) of a claim; None if the description is none."""
    match = _CLAIM.fullmatch(spelled(description))
    return (match["name"], match["run"]) if match else None


def is_suspended(description: str) -> bool:
    """Whether a description bears the mark of a suspension, which is a tag."""
    return SUSPENDED in (tags_of(description) or ())


def kept_for(name: str) -> str:
    """The description of what was made for NAME, could not be stored under it, and is no spare that
    a next run would take for it.

    Its number stands for the name, whatever FortiFlex makes of the name itself.
    """
    return f"{_KEPT}{zlib.crc32(name.encode()):08x} {name}]"


def is_kept_for(description: str, name: str) -> bool:
    """Whether a description is such a mark, as far as it is stored."""
    mark, text = kept_for(name)[: len(_KEPT) + 8], likeness(description)
    return mark in text or (text.startswith(_KEPT.strip()) and mark.startswith(text))


def is_changed_mark(description: str) -> bool:
    """Whether a mark such as ``[spare]`` is written otherwise, by a service that changes what it
    stores or by a person. ``description`` is another one than :data:`SPARE`.
    """
    if description.startswith(CLAIM_MARK):
        return False
    text = likeness(description)
    is_spare_mark = text.strip(_QUOTES) == SPARE or text in _CUT_SPARES
    return is_spare_mark or text.startswith(CLAIM_MARK)


def is_template(text: str) -> bool:
    """Whether Ansible would fill something in where it reads this text from a file."""
    return _TEMPLATE.search(text) is not None
