# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers before they go out: the envelope, the shapes that switches give it, and connections that break instead."""

from __future__ import annotations

import asyncio
import json
import random
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from .refusal import Refusal
from .settings import Settings


@dataclass
class Reply:
    """An answer: HTTP status and JSON data, or a text that is no JSON."""

    http: int
    data: Any = None
    text: str | None = None

    @property
    def body(self) -> str:
        """What is sent."""
        return json.dumps(self.data) if self.text is None else self.text


@dataclass
class Broken:
    """No answer: the connection is held open that many seconds, then aborted."""

    seconds: float = 0.0


async def send(request: web.Request, outcome: Reply | Broken) -> web.StreamResponse:
    """Answer, or break the connection."""
    if isinstance(outcome, Reply):
        kind = (
            "text/html"
            if outcome.text is not None and outcome.text.startswith("<")
            else "application/json"
        )
        return web.Response(status=outcome.http, text=outcome.body, content_type=kind)
    await asyncio.sleep(outcome.seconds)
    if request.transport is not None:
        plug = request.transport.get_extra_info("socket")
        if plug is not None:
            plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        request.transport.abort()
    return web.Response()


def success(settings: Settings, path: str, data: Mapping[str, Any], chance: random.Random) -> Any:
    """The envelope around the data of a call, in the shape that the switches say."""
    shaped: Any = dict(data)
    if settings.order == "shuffled":
        _shuffle(shaped, chance)
    if settings.numbers != "documented":
        shaped = _numbers(shaped, settings.numbers)
    if path == "entitlements/list" and settings.list_shape == "bare":
        return shaped["entitlements"]
    return {
        **shaped,
        "error": None,
        "message": _text(settings, "Request processed successfully."),
        "status": 0,
    }


def refusal(settings: Settings, reason: Refusal) -> Reply:
    """The answer to a refused call, in the shape that the switches say."""
    message = _text(settings, reason.message)
    error = {
        "object": {"errorCode": reason.code, "message": message},
        "string": message,
        "null": None,
    }[settings.error_shape]
    status = reason.code if settings.error_code_in == "status" else -1
    return Reply(
        reason.http or settings.refusal_http, {"error": error, "message": message, "status": status}
    )


def login_refusal(settings: Settings, http: int, word: str, text: str) -> Reply:
    """The answer to a refused login."""
    if settings.login_error == "oauth":
        return Reply(http, {"error": word, "error_description": text})
    return Reply(http, {"status": "error", "message": text})


def _text(settings: Settings, message: str) -> str:
    return message if settings.message_full_stop else message.removesuffix(".")


def _shuffle(data: dict[str, Any], chance: random.Random) -> None:
    """Every list of the data in another order, parameters included."""
    for value in data.values():
        if isinstance(value, list):
            chance.shuffle(value)
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, dict):
                _shuffle(item, chance)


def _numbers(data: Any, shape: str) -> Any:
    """The data with all numbers as text, or with the values of parameters as numbers."""
    if isinstance(data, dict):
        if shape == "number" and str(data.get("value", "")).isdecimal():
            return {**data, "value": int(data["value"])}
        return {name: _numbers(value, shape) for name, value in data.items()}
    if isinstance(data, list):
        return [_numbers(item, shape) for item in data]
    if shape == "text" and isinstance(data, (int, float)) and not isinstance(data, bool):
        return str(data)
    return data
