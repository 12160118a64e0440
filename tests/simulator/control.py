# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control API under /simulator/: what tests and users steer the simulator with. No part of FortiFlex."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from .app import Service
from .clock import parse_moment, render_moment
from .refusal import Refusal
from .traffic import Rule


class Control:
    """Handlers of the control API."""

    def __init__(self, service: Service, about: Mapping[str, Any]) -> None:
        self.service = service
        self.about = about

    def routes(self) -> list[web.RouteDef]:
        """The routes."""
        return [
            web.get("/simulator/", self.show_about),
            web.get("/simulator/state", self.show_state),
            web.get("/simulator/requests", self.show_requests),
            web.post("/simulator/reset", self.reset),
            web.post("/simulator/requests/reset", self.reset_requests),
            web.post("/simulator/settings", self.settings),
            web.post("/simulator/faults", self.faults),
            web.post("/simulator/clock", self.clock),
            web.post("/simulator/configurations", self.seed_configurations),
            web.post("/simulator/entitlements", self.seed_entitlements),
            web.post("/simulator/entitlements/{serial}", self.patch_entitlement),
            web.post("/simulator/redeem", self.redeem),
            web.post("/simulator/products", self.products),
            web.get("/simulator/bill", self.bill),
        ]

    async def show_about(self, _request: web.Request) -> web.Response:
        """The addresses, as on the first line of output."""
        return web.json_response(self.about)

    async def show_state(self, _request: web.Request) -> web.Response:
        """Everything."""
        service, store = self.service, self.service.store
        store.tick()
        now = service.clock.now()
        return web.json_response(
            {
                "clock": {
                    "now": now,
                    "pacific": render_moment(now, 3, offset=True),
                    "frozen": service.settings.frozen,
                },
                "settings": asdict(service.settings),
                "programs": [
                    {
                        "serialNumber": item.serial,
                        "accountId": item.account,
                        "accounts": item.accounts,
                        "type": "prepaid" if item.prepaid else "postpaid",
                        "startDate": render_moment(item.start, 0),
                        "endDate": render_moment(item.end, 0),
                        "pointBalance": float(store.balance(item.serial)) if item.prepaid else None,
                    }
                    for item in store.programs.values()
                ],
                "configurations": [
                    store.shown_configuration(item) for item in store.configurations.values()
                ],
                "entitlements": [
                    {
                        **store.shown(item),
                        "kind": item.kind,
                        "folder": item.folder,
                        "programSerialNumber": item.program,
                    }
                    for item in store.entitlements.values()
                ],
                "devices": service.devices.shown(),
                "faults": [asdict(rule) for rule in service.rules],
            }
        )

    async def show_requests(self, _request: web.Request) -> web.Response:
        """Counters and log."""
        return web.json_response(self.service.log.shown())

    async def reset(self, _request: web.Request) -> web.Response:
        """Everything as at the start."""
        self.service.reset()
        return web.json_response({})

    async def reset_requests(self, _request: web.Request) -> web.Response:
        """Count from zero."""
        self.service.log.reset()
        return web.json_response({})

    async def settings(self, request: web.Request) -> web.Response:
        """Change switches; those that are not named stay."""
        changes = await request.json()
        self.service.settings.merge(changes)
        if "programs" in changes:
            self.service.store.load_programs()
        if "frozen" in changes:
            self.service.clock.freeze(changes["frozen"])
        self.service.store.touch()
        return web.json_response(asdict(self.service.settings))

    async def faults(self, request: web.Request) -> web.Response:
        """These rules instead of all there were; an empty list: no faults."""
        self.service.rules = [Rule.read(item) for item in await request.json()]
        return web.json_response([asdict(rule) for rule in self.service.rules])

    async def clock(self, request: web.Request) -> web.Response:
        """{"advance": seconds} or {"set": seconds since 1970, or a date-time}."""
        body = await request.json()
        clock = self.service.clock
        if "advance" in body:
            clock.set(clock.now() + float(body["advance"]))
        elif "set" in body:
            clock.set(
                parse_moment(body["set"]) if isinstance(body["set"], str) else float(body["set"])
            )
        else:
            raise ValueError("The clock takes 'advance' or 'set'.")
        self.service.store.touch()
        self.service.store.tick()
        return web.json_response(
            {"now": clock.now(), "pacific": render_moment(clock.now(), 3, offset=True)}
        )

    async def bill(self, request: web.Request) -> web.Response:
        """What each entitlement really used on the days from ?first= to ?last=, both included, however long ago; exact, as texts."""
        first, last = (date.fromisoformat(request.query[name]) for name in ("first", "last"))
        store = self.service.store
        store.tick()
        used = ((item, store.points(item, first, last)) for item in store.entitlements.values())
        return web.json_response(
            [
                {"serialNumber": item.serial, "accountId": item.account, "points": str(points)}
                for item, points in used
                if points
            ]
        )

    async def seed_configurations(self, request: web.Request) -> web.Response:
        """Configurations as told, whatever their name, parameters or status: an object or a list of them."""
        store = self.service.store
        body = await request.json()
        made = []
        for item in body if isinstance(body, list) else [body]:
            program = store.programs[
                item.get("programSerialNumber", next(reversed(store.programs)))
            ]
            product = int(item.get("productTypeId", 1))
            values: dict[int, list[str]] = {}
            for pair in item.get(
                "parameters",
                [{"id": 1, "value": "2"}, {"id": 2, "value": "UTP"}] if product == 1 else [],
            ):
                values.setdefault(int(pair["id"]), []).append(str(pair["value"]))
            for number, several in store.catalogue.defaults(product).items():
                values.setdefault(number, several)
            configuration = store.add_configuration(
                program.serial,
                int(item.get("accountId", program.account)),
                item["name"],
                product,
                values,
            )
            if item.get("status", "ACTIVE") != "ACTIVE":
                store.switch_configuration(configuration, item["status"])
            made.append(configuration)
        return web.json_response([store.shown_configuration(item) for item in made])

    async def seed_entitlements(self, request: web.Request) -> web.Response:
        """Entitlements as told, whatever their status: a list, or {"count": N, ...} for N alike; {n} in a description is their number."""
        store = self.service.store
        body = await request.json()
        if isinstance(body, dict):
            count = int(body.pop("count", 1))
            body = [
                {**body, "description": body["description"].replace("{n}", f"{number:04d}")}
                if isinstance(body.get("description"), str)
                else body
                for number in range(1, count + 1)
            ]
        made = [store.seed_entitlement(item) for item in body]
        store.tick()
        return web.json_response([store.shown(item) for item in made])

    async def patch_entitlement(self, request: web.Request) -> web.Response:
        """Change anything of one entitlement."""
        entitlement = self.service.store.entitlements[request.match_info["serial"]]
        self.service.store.patch_entitlement(entitlement, await request.json())
        self.service.store.tick()
        return web.json_response(self.service.store.shown(entitlement))

    async def redeem(self, request: web.Request) -> web.Response:
        """A VM uses the token."""
        entitlement = self.service.store.redeem(str((await request.json())["token"]))
        return web.json_response(self.service.store.shown(entitlement))

    async def products(self, request: web.Request) -> web.Response:
        """Products that FortiFlex adds, in the form of products.json: an object or a list of them."""
        body = await request.json()
        for item in body if isinstance(body, list) else [body]:
            self.service.store.catalogue.add(item)
        return web.json_response({})


@web.middleware
async def explain(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer HTTP 400 with the reason when the control API cannot do what it was asked for."""
    if not request.path.startswith("/simulator/"):
        return await handler(request)
    try:
        return await handler(request)
    except Refusal as reason:
        return web.json_response({"error": reason.message}, status=400)
    except KeyError as error:
        return web.json_response(
            {"error": f"{error} is missing, or there is no such thing."}, status=400
        )
    except (ValueError, TypeError) as error:
        return web.json_response({"error": str(error)}, status=400)
