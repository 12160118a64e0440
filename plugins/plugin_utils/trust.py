# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which texts of FortiFlex are plain, so that Ansible may show them as they are, and which ones it
must never evaluate.

Anybody in the portal can write a description. Ansible evaluates a text that it trusts: as a
template, or where a condition consists of it as an expression. Private to the collection: may
change at any time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import ansible.template
from ansible.utils.unsafe_proxy import wrap_var
from jinja2 import Environment, TemplateSyntaxError, nodes
from jinja2.parser import Parser

from ..module_utils.core.description import is_template

_ENVIRONMENT = Environment(autoescape=True)
_ACTIVE = (nodes.Call, nodes.Filter, nodes.Mul, nodes.Pow)  # the last two can take for ever
_MARKS = re.compile(r"[(|*]")  # without one of these an expression only reads variables


def trusted_if_plain(value: Any, otherwise: Callable[[str], Any] = wrap_var) -> Any:
    """The same, each text in it trusted if it is plain.

    ``otherwise`` is what becomes of others: Ansible never evaluates them.
    """
    if isinstance(value, Mapping):
        return {key: trusted_if_plain(inner, otherwise) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [trusted_if_plain(inner, otherwise) for inner in value]
    if not isinstance(value, str):
        return value
    return _trusted(str(value)) if _is_plain(str(value)) else otherwise(value)


def _trusted(text: str) -> Any:
    """A text as ansible-core wants it: before 2.19 every text is trusted that has no other mark."""
    trust = getattr(ansible.template, "trust_as_template", None)
    return text if trust is None else trust(text)


@lru_cache(maxsize=4096)
def _is_plain(text: str) -> bool:
    """Whether nothing is filled in or called, also where Ansible takes the text for an expression."""
    if is_template(text):
        return False
    if not _MARKS.search(text):
        return True
    try:
        parser = Parser(_ENVIRONMENT, text, state="variable")
        whole = nodes.Output([parser.parse_expression()])
    except TemplateSyntaxError:
        return True
    except RecursionError:
        return False
    if not parser.stream.eos:
        return True  # which is a syntax error, too
    return not any(whole.find_all(_ACTIVE))
