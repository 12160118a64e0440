# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""User data with which a virtual FortiGate licenses itself at its first boot."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from typing import Any

from ansible import context
from ansible.errors import AnsibleFilterError

from ..module_utils.core.model import TOKEN_TO_COME
from ..module_utils.escapes import visible


def flex_bootstrap(token: Any, config: str | None = None, config_after: str | None = None) -> str:
    """A MIME document for cloud-init.

    FortiOS 6.4.10, 7.0.6, 7.2.0 and newer take the parts in their order, says the vendor's
    knowledge base.

    The same input gives the same document, so that a file of it does not change from run to run.
    In check mode the input may be what stands for a token that only a run can make.
    """
    if token == TOKEN_TO_COME and not context.CLIARGS.get("check"):
        raise AnsibleFilterError(
            "flex_bootstrap: the input is what check mode shows in place of a license token; "
            "take the token from a task or lookup of this run"
        )
    if token != TOKEN_TO_COME and not _is_token(token):
        raise AnsibleFilterError(
            "flex_bootstrap: the input is no license token; "
            "use `entitlement.token | flexops.fortiflex.flex_bootstrap(...)`"
        )
    texts = [
        (name, _lines(name, text))
        for name, text in (
            ("config", config),
            ("license", f"LICENSE-TOKEN:{token}"),
            ("config-after", config_after),
        )
        if text and text.strip()
    ]
    boundary = f"==={hashlib.sha256(repr(texts).encode()).hexdigest()[:32]}==="
    document = MIMEMultipart("mixed", boundary)
    for name, text in texts:
        part = MIMEText(text, "plain", "us-ascii")
        part.add_header("Content-Disposition", "attachment", filename=name)
        document.attach(part)
    return document.as_string()


def _lines(name: str, text: str) -> str:
    """The lines of a part, without empty ones around them.

    :raises AnsibleFilterError: if a FortiGate may not read them.
    """
    lines = text.strip("\n") + "\n"
    if not lines.isascii() or "\r" in lines:
        raise AnsibleFilterError(
            visible(
                f"flex_bootstrap: the {name} has characters that a FortiGate may not read "
                "at its first boot; use plain ASCII lines"
            )
        )
    return lines


def _is_token(value: Any) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(r"[0-9A-Za-z]{8,64}", value))


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """By name."""
        return {"flex_bootstrap": flex_bootstrap}
