# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/products.md, from the catalogue that is shipped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import yaml

from ansible_collections.flexops.fortiflex.plugins.module_utils.catalogue._parameter import (
    Parameter,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.catalogue.catalogue import (
    Product,
    snapshot,
)

_INLINE = 12  # more choices than this get a list of their own
_KINDS = {"vm": "virtual machines", "hardware": "devices", "cloud": "cloud services"}
_HEAD = """<!--
Copyright (c) 2026, the FlexOps maintainers
GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
-->
<!-- Made by `make docs` from plugins/module_utils/catalogue/_products.py. Change that, not this. -->
# Products and parameters

What `flex_configuration` takes as `product` and `parameters`. The module `flex_product_info` gives the same as data, without an account.

- **Spelling.** Products and parameters go by the names below, their official labels, the names that the official Ansible collection and the
  Terraform provider use, or FortiFlex's numbers. Codes and labels of values mean the same. Letter case never matters. Numbers may be text.
- **What you leave out** keeps its value, or gets the default in a new configuration. Lists have no order.
- **One way.** Some parameters can only be raised, says FortiFlex. Lowering them is refused before anything is sent.
- **The product** of a configuration can never change. Create another configuration and move the entitlements to it.

## Newer than this page

FortiFlex adds products and codes several times a year. With `catalogue: auto`, the default, a task about something that is not below makes the
collection ask FortiFlex what it sells (`tools/metadata`), with one request whose answer is kept for a day. What is new there gets its name from FortiFlex's
label, by this rule:

1. What is in parentheses and `Number of` at the beginning are left out. `Virtual Machine` becomes `vm`, `&` becomes `and`.
2. Accents are dropped, letters become lower case, every run of other characters than letters and digits becomes one `_`.
3. If the name is taken, the number is added: `cpus_905`. Lower numbers come first. The name with the number is always understood, and is the one to write
   where a later product might get the same label.

So `Number of web applications (total)` becomes `web_applications`. `flex_product_info` with `catalogue: live` lists all names. FortiFlex does not report
which parameters of a new product are required, or can only be raised: there it refuses by itself.

`catalogue: live` asks at every task, `catalogue: snapshot` never. What nobody knows can be given by number, unchecked:

```yaml
product: 999
parameters:
  "901": 4
  "902": [CODE1, CODE2]
```
"""


def page() -> str:
    """The whole page."""
    products = snapshot().products()
    lines = [
        _HEAD,
        "## All products",
        "",
        "| product | number | kind | official name |",
        "| --- | --- | --- | --- |",
    ]
    lines += [
        f"| [`{p.key}`](#{p.key}) | {_number(p.id)} | {p.kind} | {p.name} |" for p in products
    ]
    for kind, title in _KINDS.items():
        lines += ["", f"## Parameters of {title}"]
        for product in products:
            if product.kind == kind:
                lines += ["", *_section(product)]
    return "\n".join(lines) + "\n"


def _section(product: Product) -> Iterator[str]:
    yield f"### {product.key}"
    yield ""
    number = (
        "its number is not published, so FortiFlex is asked for it"
        if product.id is None
        else f"number {product.id}"
    )
    aliases = (
        f"; also {', '.join(f'`{alias}`' for alias in product.aliases)}" if product.aliases else ""
    )
    yield f"{product.name}, {number}{aliases}."
    if not product.parameters:
        yield ""
        yield "Its parameters are not published."
        return
    if product.id is not None:
        least = {"product": product.key} | (
            {"parameters": product.minimum_parameters} if product.minimum_parameters else {}
        )
        yield from ("", "```yaml", yaml.safe_dump(least, sort_keys=False).rstrip(), "```")
    yield from (
        "",
        "| parameter | number | values | new configuration | remarks |",
        "| --- | --- | --- | --- | --- |",
    )
    for parameter in product.parameters:
        yield f"| `{parameter.name}` | {_number(parameter.id)} | {_values(parameter)} | {_need(parameter)} | {_remarks(parameter)} |"
    if product.constraints:
        yield from ("", f"Sold only together: {'; '.join(product.constraints)}.")
    for parameter in product.parameters:
        if len(parameter.choices) > _INLINE:
            yield from ("", f"Values of `{parameter.name}`: {_codes(parameter.choices)}.")


def _number(number: int | None) -> str:
    return "not published" if number is None else str(number)


def _codes(choices: Mapping[str, str]) -> str:
    shown = (
        f"`{code}`" if label.casefold() == code.casefold() else f"`{code}` {label}"
        for code, label in choices.items()
    )
    return ", ".join(shown).replace("|", "\\|")


def _values(parameter: Parameter) -> str:
    many = "any of " if parameter.type == "list" else ""
    if len(parameter.choices) > _INLINE:
        return f"{many or 'one of '}{len(parameter.choices)}, listed below" + (
            " or newer" if parameter.other_codes else ""
        )
    if parameter.choices:
        return many + _codes(parameter.choices)
    if parameter.minimum is None or parameter.maximum is None:
        return "whole number"
    zero = "0, or " if parameter.zero_allowed else ""
    step = f" in steps of {parameter.multiple_of:,}" if parameter.multiple_of > 1 else ""
    unit = f" {parameter.unit}" if parameter.unit else ""
    return f"{zero}{parameter.minimum:,} to {parameter.maximum:,}{step}{unit}"


def _need(parameter: Parameter) -> str:
    if parameter.read_only:
        return "never"
    if parameter.required:
        return "**required**"
    return "optional" if parameter.default is None else f"`{parameter.default}`"


def _remarks(parameter: Parameter) -> str:
    remarks = (
        [parameter.label] if parameter.label.casefold().replace(" ", "_") != parameter.name else []
    )
    remarks += ["reported by FortiFlex only"] if parameter.read_only else []
    remarks += ["old configurations only"] if parameter.deprecated else []
    remarks += ["can only be raised"] if parameter.only_up else []
    remarks += (
        [f"no longer sold: {_codes(parameter.deprecated_choices)}"]
        if parameter.deprecated_choices
        else []
    )
    remarks += [parameter.note] if parameter.note else []
    remarks += (
        [f"also {', '.join(f'`{alias}`' for alias in parameter.aliases)}"]
        if parameter.aliases
        else []
    )
    return "; ".join(remarks)
