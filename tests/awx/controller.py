# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in for the REST API of AWX, as far as the modules of awx.awx use it to set things up: objects of any kind, their associations, and AWX's refusals.

``python -m awx.controller`` starts one for people and prints its address.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from awx import rules

PLURALS = {"inventories": "inventory"}
TEMPLATES = ("job_templates", "workflow_job_templates", "projects", "inventory_sources")
Answer = tuple[int, Any]


class Store:
    """Everything that the controller has: objects by kind and number, members of associations by their URL."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[int, dict[str, Any]]] = {}
        self.members: dict[str, list[int]] = {}
        self.surveys: dict[str, Any] = {}
        self.writes = 0
        self._lock = threading.Lock()

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        """Status and body for a request below /api/v2/."""
        parts = path.strip("/").split("/")[2:]
        with self._lock:
            if parts[0] == "tokens":
                return (201, {"id": 1, "token": "t0ken"}) if method == "POST" else (204, None)
            if method != "GET":
                self.writes += 1
            if len(parts) == 1:
                return (
                    self._create(parts[0], body)
                    if method == "POST"
                    else (200, _page(self._find(parts[0], query)))
                )
            item = self.objects.get(parts[0], {}).get(int(parts[1]))
            if item is None:
                return 404, {"detail": "Not found."}
            if len(parts) == 2:
                return (
                    self._change(parts[0], item, body)
                    if method == "PATCH"
                    else (200, self._shown(parts[0], item))
                )
            return self._below(method, path, item, parts[2], body)

    def names(self, kind: str) -> list[str]:
        """The names of all objects of a kind."""
        return [item["name"] for item in self.objects.get(kind, {}).values()]

    def _find(self, kind: str, query: dict[str, str]) -> list[dict[str, Any]]:
        kinds = TEMPLATES if kind == "unified_job_templates" else (kind,)
        wanted = {
            key: value
            for key, value in query.items()
            if key not in ("page_size", "page", "order_by")
        }
        found = [
            self._shown(name, item)
            for name in kinds
            for item in self.objects.get(name, {}).values()
        ]
        return [
            item
            for item in found
            if all(str(item.get(key)) == value for key, value in wanted.items())
        ]

    def _create(self, kind: str, body: dict[str, Any]) -> Answer:
        problems = self._refusals(kind, body)
        if problems:
            return 400, {"__all__": problems}
        number = 1 + sum(len(items) for items in self.objects.values())
        url = f"/api/v2/{kind}/{number}/"
        related = {"survey_spec": f"{url}survey_spec/"} if kind in TEMPLATES else {}
        if kind == "projects":
            body = {"scm_revision": "", "summary_fields": {}, "status": "successful", **body}
        item = {
            "id": number,
            "url": url,
            "type": PLURALS.get(kind, kind.removesuffix("s")),
            "related": related,
            **body,
        }
        self.objects.setdefault(kind, {})[number] = item
        return 201, self._shown(kind, item)

    def _change(self, kind: str, item: dict[str, Any], body: dict[str, Any]) -> Answer:
        problems = self._refusals(kind, body)
        if problems:
            return 400, {"__all__": problems}
        item.update(
            {
                key: value
                for key, value in body.items()
                if key in item or kind != "workflow_approval_templates"
            }
        )
        return 200, self._shown(kind, item)

    def _below(self, method: str, path: str, item: dict[str, Any], below: str, body: Any) -> Answer:
        if below == "survey_spec":
            if method == "POST" and (problems := rules.survey(body)):
                return 400, {"error": problems}
            if method == "POST":
                self.surveys[item["name"]] = body
            return 200, self.surveys.get(item["name"], {})
        if below == "create_approval_template":
            _status, made = self._create(
                "workflow_approval_templates",
                {key: body[key] for key in ("name", "timeout") if key in body},
            )
            item["unified_job_template"], item["related"] = (
                made["id"],
                {**item["related"], "unified_job_template": made["url"]},
            )
            return 201, made
        there = self.members.setdefault(path, [])
        if method == "GET":
            return 200, _page([{"id": number} for number in there])
        if body.get("disassociate"):
            there.remove(body["id"])
        elif body["id"] not in there:
            there.append(body["id"])
        return 204, None

    def _refusals(self, kind: str, body: dict[str, Any]) -> list[str]:
        if kind == "credential_types":
            return rules.credential_type(body["inputs"], body["injectors"])
        if kind == "schedules":
            return rules.rrule(body["rrule"])
        if kind == "notification_templates":
            return rules.messages(body["messages"])
        return []

    def _shown(self, kind: str, item: dict[str, Any]) -> dict[str, Any]:
        """As a controller shows it: without what is secret."""
        if kind != "credentials":
            return item
        fields = self.objects["credential_types"][item["credential_type"]]["inputs"]["fields"]
        secret = {field["id"] for field in fields if field.get("secret")}
        return {
            **item,
            "inputs": {
                key: "$encrypted$" if key in secret else value
                for key, value in item["inputs"].items()
            },
        }


def _page(items: list[dict[str, Any]]) -> dict[str, Any]:
    return {"count": len(items), "next": None, "previous": None, "results": items}


@contextmanager
def start(port: int = 0) -> Iterator[tuple[str, Store]]:
    """A controller on loopback: its URL, and what it has."""
    store = Store()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one packet

        def _answer(self) -> None:
            url = urlsplit(self.path)
            text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path = re.sub(r"^/api/controller/", "/api/", url.path)
            status, body = store.answer(
                self.command, path, dict(parse_qsl(url.query)), json.loads(text) if text else None
            )
            data = b"" if body is None else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("X-API-Product-Name", "AWX")
            self.send_header("X-API-Product-Version", "24.6.1")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PATCH = do_DELETE = _answer

        def log_message(self, format: str, *arguments: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", store
    finally:
        server.shutdown()
        server.server_close()


if __name__ == "__main__":
    with start(8086) as (address, _store):
        print(address, flush=True)
        threading.Event().wait()
