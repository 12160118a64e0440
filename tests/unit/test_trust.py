# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which texts of FortiFlex Ansible may take for its own: none that does something where it is a template or an expression."""

from __future__ import annotations

import pytest

from ansible_collections.flexops.fortiflex.plugins.plugin_utils.trust import trusted_if_plain

PLAIN = ["branch-oslo", "branch-oslo [region=north]", "", "[spare]", "2027-01-01", "a (b", "x | "]
ACTIVE = [
    "{{ x }}", "{% if x %}", "{# x", "#jinja2: variable_start_string: '<'", "lookup('pipe', 'id')",
    "x | int", "x()", "9**9**9**9", "'a' * 10000000000", "[x] * 10000000000", "(1, (2, f(3)))",
]  # fmt: skip


@pytest.mark.parametrize("text", PLAIN)
def test_a_plain_text_is_shown_as_it_is(text: str) -> None:
    never: list[str] = []
    assert trusted_if_plain([text], never.append) == [text] and never == []


@pytest.mark.parametrize("text", ACTIVE)
def test_what_ansible_could_evaluate_stays_untrusted(text: str) -> None:
    never: list[str] = []
    trusted_if_plain({"description": [text]}, never.append)
    assert never == [text]
