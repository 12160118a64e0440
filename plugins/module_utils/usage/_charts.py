# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The charts of a usage report as SVG, drawn by pygal (LGPL 3 or later), which only this needs.

They work without JavaScript and load nothing.

Private to the collection: may change at any time.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Any

from ..escapes import visible
from ..wording import count_of

try:
    import pygal
    from pygal.style import Style
except ImportError as error:
    PYGAL_IMPORT_ERROR: ImportError | None = error
else:
    PYGAL_IMPORT_ERROR = None

# Each has a contrast of at least 4.5 to 1 against white.
COLORS = ("#0b5fa5", "#a63d00", "#2b6e3f", "#6f3c97", "#7a5b00", "#00696b", "#9c1f4f", "#555555")
_GROUPS = 10
_WIDTH = 820


def trend(
    days: Sequence[dict[str, Any]], forecast: Sequence[dict[str, Any]], ways: dict[str, str]
) -> str:
    """Points by day: measured ones, then each way of projecting. ``ways`` has a title for each."""
    every = [day["day"] for day in days] + [day["day"] for day in forecast]
    chart = pygal.Line(
        **_options(320, stroke="3"),
        show_dots=False,
        show_minor_x_labels=False,
        legend_at_bottom=True,
        legend_at_bottom_columns=1,
    )
    chart.x_labels = every
    chart.x_labels_major = _marks(every)
    chart.add("measured", [day["points"] for day in days], stroke_style={"width": 3})
    for way, title in ways.items():
        chart.add(
            title,
            [None] * len(days) + [day[way] for day in forecast],
            stroke_style={"width": 3, "dasharray": "6,4"},
        )
    return _plain(chart, "trend")


def months(shapes: Sequence[dict[str, Any]]) -> str:
    """Points by month."""
    chart = pygal.Bar(**_options(280), show_legend=False, show_minor_x_labels=False)
    chart.x_labels = [shape["month"] for shape in shapes]
    chart.x_labels_major = chart.x_labels[:: 1 + len(shapes) // 9]
    chart.add("points", [shape["points"] for shape in shapes])
    return _plain(chart, "months")


def groups(name: str, shapes: Sequence[dict[str, Any]]) -> str:
    """Points of the largest groups, and of all others together.

    ``name`` distinguishes the charts of a page.
    """
    shown = [(visible(shape["name"]), shape["points"]) for shape in shapes[:_GROUPS]]
    rest = sum(shape["points"] for shape in shapes[_GROUPS:])
    shown += [(count_of(len(shapes) - _GROUPS, "other"), rest)] if rest else []
    chart = pygal.HorizontalBar(
        **{**_options(60 + 30 * len(shown)), "truncate_label": 24}, show_legend=False
    )
    chart.x_labels = [label for label, _points in reversed(shown)]
    chart.add("points", [points for _label, points in reversed(shown)])
    return _plain(chart, name)


def _options(height: int, stroke: str = "0") -> dict[str, Any]:
    places = ("font", "label_font", "major_label_font", "legend_font", "value_font")
    fonts = {f"{place}_family": "system-ui, sans-serif" for place in places}
    style = Style(
        background="transparent",
        plot_background="transparent",
        foreground="#222",
        foreground_strong="#222",
        foreground_subtle="#666",
        opacity=".85",
        colors=COLORS,
        **fonts,
        label_font_size=13,
        major_label_font_size=13,
        legend_font_size=13,
        guide_stroke_color="#ccc",
        major_guide_stroke_color="#bbb",
        transition="0s",
        stroke_opacity="1",
        stroke_width=stroke,
    )
    return {
        "style": style,
        "js": [],
        "width": _WIDTH,
        "height": height,
        "margin": 8,
        "disable_xml_declaration": True,
        "no_data_text": "",
        "value_formatter": lambda value: (
            f"{value:,.2f}".rstrip("0").rstrip(".") if value is not None else ""
        ),
        "min_scale": 3,
        "max_scale": 6,
        "include_x_axis": True,
        "truncate_label": -1,
        "truncate_legend": -1,
    }


def _marks(days: Sequence[str]) -> list[str]:
    """The days that get a label: the first ones of months if there are many, else each seventh."""
    firsts = [day for day in days if day.endswith("-01")]
    if len(days) <= 62:
        return list(days[::7])
    return firsts[:: 1 + len(firsts) // 13]


def _plain(chart: Any, name: str) -> str:
    """The drawing without its script, and with its values where a browser shows them.

    The same figures give the same text.
    """
    chart.uuid = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    svg = re.sub(
        r"<script.*?</script>|<!--.*?-->", "", chart.render(is_unicode=True), flags=re.DOTALL
    )
    svg = re.sub(r'<desc class="value">(.*?)</desc>', r"<title>\1</title>", svg)
    return re.sub(r"<desc[^>]*>.*?</desc>", "", svg, flags=re.DOTALL)
