# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON of strangers is read as by Python, or refused with one kind of error, quickly."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.flexops.fortiflex.plugins.module_utils.strict_json import loads

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(VALUES)
def test_what_is_meant_well_is_read(value: object) -> None:
    assert loads(json.dumps(value)) == value
    assert loads(json.dumps(value).encode()) == value


@given(st.text() | st.binary())
def test_anything_else_is_one_kind_of_error(text: str | bytes) -> None:
    try:
        found = loads(text)
    except ValueError:
        return
    assert not isinstance(found, float) or math.isfinite(found)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 1_000_000,
        '{"a":' * 1_000_000,
        "9" * 1_000_000,
        f"0.{'9' * 1_000_000}",
        "1e999",
        "-1e999",
        "NaN",
        "[Infinity]",
        '{"a": -Infinity}',
        "",
        b"\xff\xfe\xfd",
    ],
    ids=lambda text: str(text)[:12],
)
def test_what_is_odd_is_refused(text: str | bytes) -> None:
    with pytest.raises(ValueError):
        loads(text)
