# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the HTML pages of the collection share: their style, and that every value is escaped. Each
page is one file that loads nothing.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

import contextlib
from typing import Any

from .escapes import visible

with contextlib.suppress(ImportError):  # who makes a page says so
    import jinja2
    from markupsafe import Markup

_STYLE = """\
:root {
  color-scheme: light; --page: #fff; --ink: #1f2328; --soft: #57606a; --line: #d0d7de;
  --ground: #f6f8fa; --accent: #0b5fa5; --alert: #a63d00; --alert-ground: #fff4ec;
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 72rem; padding: 1.5rem 1rem 4rem; color: var(--ink);
  background: var(--page); font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", sans-serif;
}
h1, h2, p, li { overflow-wrap: anywhere; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 {
  font-size: 1.2rem; margin: 2.5rem 0 .75rem; padding-top: .75rem;
  border-top: 1px solid var(--line);
}
p { margin: .25rem 0 .75rem; }
.soft { color: var(--soft); }
.cards {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); gap: .75rem;
  margin: 1.25rem 0; padding: 0; list-style: none;
}
.cards li {
  border: 1px solid var(--line); border-radius: .5rem; padding: .75rem 1rem;
  background: var(--ground);
}
.cards b {
  display: block; font-size: 1.4rem; line-height: 1.3; font-variant-numeric: tabular-nums;
  overflow-wrap: anywhere;
}
.cards span { display: block; }
.cards small { color: var(--soft); font-size: .85rem; }
.alerts {
  margin: 1.25rem 0; padding: .75rem 1rem .75rem 2rem; border: 2px solid var(--alert);
  border-radius: .5rem; background: var(--alert-ground);
}
.wide { overflow-x: auto; max-width: 100%; }
.wide:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
table {
  border-collapse: collapse; width: 100%; font-size: .9rem;
  font-variant-numeric: tabular-nums;
}
th, td {
  padding: .35rem .6rem; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--line);
}
thead th { background: var(--ground); white-space: nowrap; }
tbody th { font-weight: 500; min-width: 9rem; overflow-wrap: anywhere; }
.n { text-align: right; white-space: nowrap; }
@media print {
  @page { size: A4; margin: 14mm; }
  body { max-width: none; padding: 0; font-size: 9.5pt; }
  h2 { break-after: avoid; }
  tr, .cards li { break-inside: avoid; }
  .wide { overflow: visible; }
  table { font-size: 8pt; }
  th, td { padding: .2rem .35rem; }
  thead th { white-space: normal; }
}"""


def filled_in(template: str, **values: Any) -> str:
    """A page of these values, each of which is shown as text. ``style`` is a value of all pages.

    Raises jinja2.TemplateError if the template is wrong, and NameError where there is no Jinja.
    """
    environment = jinja2.Environment(
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        finalize=_seen,
    )
    return environment.from_string(template).render(style=Markup(_STYLE), **values)


def _seen(value: Any) -> Any:
    """A value as a page shows it, before it is escaped; a drawing stays as it is."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value
