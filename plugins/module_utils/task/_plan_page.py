# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the HTML page of a plan is built. ``pages.filled_in`` escapes every value.

Private to the collection: may change at any time. Pure: no network, no clock, no Ansible.
"""

from __future__ import annotations

TEMPLATE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; style-src 'unsafe-inline'">
<title>FortiFlex: {{ title }}</title>
<style>
{{ style }}
td { overflow-wrap: anywhere; }
.did { white-space: nowrap; font-weight: 600; }
.kind { white-space: nowrap; }
.serial { min-width: 22ch; }
.what { min-width: 12rem; }
.new { color: #1a6b32; }
.other { color: #7a4d00; }
.end { color: #a3182c; }
@media screen and (prefers-color-scheme: dark) {
  :root {
    color-scheme: dark; --page: #0d1117; --ink: #e6edf3; --soft: #9ba6b1; --line: #3d444d;
    --ground: #161b22; --accent: #6cb6ff; --alert: #ff9e64; --alert-ground: #2b1a10;
  }
  .new { color: #6fdd8b; }
  .other { color: #e3b341; }
  .end { color: #ff938a; }
}
</style>
</head>
<body>
<header>
<h1>FortiFlex: {{ title }}</h1>
<p class="soft">{{ counts }}</p>
</header>
<main>
{% if alerts %}
<ul class="alerts" aria-label="Read this first">
{% for alert in alerts %}
<li>{{ alert }}</li>
{% endfor %}
</ul>
{% endif %}
<ul class="cards" aria-label="At a glance">
{% for card in cards %}
<li><span>{{ card.label }}</span><b>{{ card.value }}</b><small>{{ card.note }}</small></li>
{% endfor %}
</ul>
{% for account in accounts %}
<section aria-labelledby="account-{{ loop.index }}">
<h2 id="account-{{ loop.index }}">Account {{ account.name }}</h2>
<p>{{ account.counts }}</p>
<p class="soft">{{ account.cost }}</p>
{% if account.error %}
<p class="end"><b>{{ account.error }}</b></p>
{% endif %}
{% if account.changes %}
<div class="wide" role="region" tabindex="0" aria-labelledby="account-{{ loop.index }}"><table>
<thead><tr><th scope="col">Action</th><th scope="col">Kind</th><th scope="col">Name</th>
<th scope="col">Serial number</th><th scope="col">What changes</th></tr></thead>
<tbody>
{% for change in account.changes %}
<tr><td class="did {{ change.look }}">{{ change.sign }} {{ change.verb }}</td>
<td class="kind">{{ change.kind }}</td><th scope="row">{{ change.name }}</th>
<td class="serial">{{ change.serial_number }}</td><td class="what">{{ change.text }}</td></tr>
{% endfor %}
</tbody></table></div>
{% endif %}
</section>
{% endfor %}
</main>
</body>
</html>
"""
