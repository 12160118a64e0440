# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server: routes, and the way of one request through log, faults, request limits, permission and call to its answer."""

from __future__ import annotations

import asyncio
import copy
import json
import random
from collections.abc import Callable
from typing import Any

from aiohttp import web

from .access import Access, LoginRefused
from .calls import CALLS
from .clock import Clock
from .devices import Devices
from .refusal import Refusal
from .reply import Broken, Reply, login_refusal, refusal, send, success
from .request import Request
from .settings import Settings
from .store import Store
from .traffic import SLOW_DOWN, Entry, Log, RequestLimits, Rule

_HTML = "<html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"


def _broken(_rule: Rule, _done: Reply) -> Broken:
    """The connection breaks at once."""
    return Broken()


def _silent(rule: Rule, _done: Reply) -> Broken:
    """Nothing is answered for the rule's seconds, and then the connection breaks."""
    return Broken(rule.seconds)


def _halved(_rule: Rule, done: Reply) -> Reply:
    """JSON that ends in its middle."""
    whole = done.body if done.data else json.dumps({"error": None, "message": "", "status": 0})
    return Reply(200, text=whole[: len(whole) // 2])


def _without_lists(_rule: Rule, done: Reply) -> Reply:
    """The answer with null for each list in it."""
    data = done.data if isinstance(done.data, dict) else {}
    return Reply(
        200, {key: None if isinstance(value, list) else value for key, value in data.items()}
    )


def _text(http: int, text: str) -> Callable[[Rule, Reply], Reply]:
    return lambda _rule, _done: Reply(http, text=text)


# What each fault of the wire makes of an answer; Reply(200, {}) is the one that there would be if nothing was carried out.
_FAULTY: dict[str, Callable[[Rule, Reply], Reply | Broken]] = {
    "refuse": _broken,
    "reset_before": _broken,
    "reset_after": _broken,
    "timeout_before": _silent,
    "timeout_after": _silent,
    "html_500": _text(500, _HTML.format("500 Internal Server Error")),
    "html_502": _text(502, _HTML.format("502 Bad Gateway")),
    "truncated_json": _halved,
    "empty": _text(200, ""),
    "flood": lambda _rule, _done: Reply(200, text=" " * 40_000_000),
    "unknown_shape": lambda _rule, _done: Reply(
        200, {"result": {"items": [None, 1, "text"]}, "status": {"code": 0}}
    ),
    "null": _without_lists,
}
# With what the other faults, all but "late", refuse.
_REASONS: dict[str, Callable[[Rule], Refusal]] = {
    "invalid_token": lambda _rule: Refusal("Invalid security token.", http=200),
    "http_401": lambda _rule: Refusal("Invalid security token.", http=401),
    "slow_down": lambda rule: Refusal(SLOW_DOWN[rule.code], rule.code),
    "refused": lambda rule: Refusal(rule.message),
    "denied": lambda _rule: Refusal("Authorization denied."),
}


class Service:
    """Everything that one simulator is made of."""

    def __init__(self, settings: Settings, seed_entitlements: int = 0) -> None:
        self.settings = settings
        self._first = copy.deepcopy(settings)
        self._seed_entitlements = seed_entitlements
        self.clock = Clock()
        self.store = Store(settings, self.clock)
        self.access = Access(settings, self.clock)
        self.devices = Devices(self.store)
        self.log = Log()
        self.request_limits = RequestLimits(settings, self.clock)
        self.reset()

    def reset(self) -> None:
        """Everything as it was at the start: settings, clock, state, logins, counters, faults."""
        vars(self.settings).update(copy.deepcopy(vars(self._first)))
        self.clock.freeze(False)
        self.clock.set(_real_time())
        self.clock.freeze(self.settings.frozen)
        self.store.reset()
        self.access.reset()
        self.devices.reset()
        self.log.reset()
        self.request_limits.reset()
        self.rules: list[Rule] = []
        self._chance = random.Random(self.settings.seed)
        if self._seed_entitlements:
            program = next(item for item in reversed(self.store.programs.values()))
            values = self.store.catalogue.check(
                1, [{"id": 1, "value": 2}, {"id": 2, "value": "UTP"}]
            )
            configuration = self.store.add_configuration(
                program.serial, program.account, "seeded", 1, values
            )
            for number in range(1, self._seed_entitlements + 1):
                self.store.seed_entitlement(
                    {
                        "configId": configuration.id,
                        "description": f"site-{number:05d}",
                        "status": "ACTIVE",
                        "tokenStatus": "USED",
                    }
                )

    # routes

    def routes(self) -> list[web.RouteDef]:
        """The routes of FortiFlex, its login, and the devices."""
        base = "/{version:(?:ES|es)/api}"
        return [
            web.post("/api/v1/oauth/token/", self.handle_login),
            web.get("/api/v1/oauth/verify_token/", self.handle_verify),
            web.post(base + "/fortiflex/v2/{path:.*}", self.handle_call),
            web.post(base + "/{path:flexvm/v1/.*}", self.handle_call),
            web.route("*", "/device/{name}/api/v2/{path:.*}", self.handle_device),
        ]

    async def handle_login(self, request: web.Request) -> web.StreamResponse:
        """Password and refresh_token grants, as JSON or as a form."""
        raw = await request.read()
        if request.content_type == "application/x-www-form-urlencoded":
            form: dict[str, Any] = dict(await request.post())
        else:
            form = _object(raw)
        entry = self.log.begin(self.clock.now(), "login", False)
        entry.user = str(form["username"]) if "username" in form else None
        entry.body = {
            name: "********" if name in ("password", "refresh_token") else value
            for name, value in form.items()
        }

        def process() -> Reply:
            try:
                if self.settings.quota_login and entry.user:
                    self.request_limits.check(entry.user, False)
                return Reply(200, self.access.login(form))
            except LoginRefused as reason:
                return login_refusal(self.settings, reason.http, reason.word, reason.text)
            except Refusal as reason:
                return refusal(self.settings, reason)

        return await self._answer(request, entry, self._fault(entry), process)

    async def handle_verify(self, request: web.Request) -> web.StreamResponse:
        """Whether a bearer token is good, and for how long."""
        entry = self.log.begin(self.clock.now(), "verify_token", False)

        def process() -> Reply:
            seconds = self.access.seconds_left(request.headers.get("Authorization", ""))
            if seconds is None or request.query.get("client_id") != "flexvm":
                return login_refusal(self.settings, 401, "invalid_token", "Invalid token")
            return Reply(
                200, {"expires_in": seconds, "message": "token is valid", "status": "success"}
            )

        return await self._answer(request, entry, self._fault(entry), process)

    async def handle_call(self, request: web.Request) -> web.StreamResponse:
        """A call of the API proper."""
        path = request.match_info["path"].strip("/")
        header = request.headers.get("Authorization", "")
        user = self.access.name_of(header)
        entry = self.log.begin(self.clock.now(), path, path in CALLS and CALLS[path].writes)
        entry.user = user
        rule = self._fault(entry)
        if rule and rule.kind == "refuse":
            return await self._answer(request, entry, rule, _nothing)
        try:
            raw = await request.read()
        except ConnectionResetError:  # whoever called is gone
            return web.Response()
        entry.body = _logged(raw)
        overlaps = self.log.enter(user or "")
        return await self._answer(
            request, entry, rule, lambda: self._process(path, header, raw, overlaps), user or ""
        )

    async def handle_device(self, request: web.Request) -> web.StreamResponse:
        """A call of a pretended FortiGate."""
        name, path = request.match_info["name"], request.match_info["path"].strip("/")
        token = request.query.get("token") or str(_object(await request.read()).get("token", ""))
        api_token = request.headers.get("Authorization", "").removeprefix(
            "Bearer "
        ) or request.query.get("access_token", "")
        entry = self.log.begin(self.clock.now(), f"device/{name}/{path}", False)
        return await self._answer(
            request,
            entry,
            self._fault(entry),
            lambda: self.devices.answer(name, request.method, path, api_token, token),
        )

    # one request

    def _fault(self, entry: Entry) -> Rule | None:
        """The first rule that hits the request; all rules count it."""
        hit = [rule for rule in self.rules if rule.hits(entry.path, entry.user, entry.writes)]
        if not hit:
            return None
        entry.fault = hit[0].kind
        return hit[0]

    async def _answer(
        self,
        request: web.Request,
        entry: Entry,
        rule: Rule | None,
        process: Callable[[], Reply | Broken],
        under_way: str | None = None,
    ) -> web.StreamResponse:
        """Carry the request out and answer it, unless a fault wants it otherwise."""
        try:
            if self.settings.latency_ms:
                await asyncio.sleep(self.settings.latency_ms / 1000)
            outcome = self._react(entry, rule, process)
        finally:
            if under_way is not None:
                self.log.leave(under_way)
        if isinstance(outcome, Reply):
            entry.http_status = outcome.http
        return await send(request, outcome)

    def _react(
        self, entry: Entry, rule: Rule | None, process: Callable[[], Reply | Broken]
    ) -> Reply | Broken:
        """The outcome of the request, with the fault if there is one."""

        def carry_out() -> Reply | Broken:
            outcome = process()
            if isinstance(outcome, Reply) and isinstance(outcome.data, dict):
                entry.status = outcome.data.get("status")
            return outcome

        if rule is None:
            return carry_out()
        if rule.kind == "late":
            asyncio.get_running_loop().call_later(rule.seconds, carry_out)
            return Broken(rule.hold)
        done = carry_out() if rule.effect else None
        if rule.kind in _REASONS:
            return self._refused(entry, rule)
        return _FAULTY[rule.kind](rule, done if isinstance(done, Reply) else Reply(200, {}))

    def _refused(self, entry: Entry, rule: Rule) -> Reply:
        """The refusal that a rule asks for."""
        reply = refusal(self.settings, _REASONS[rule.kind](rule))
        entry.status = reply.data["status"]
        return reply

    def _process(self, path: str, header: str, raw: bytes, overlaps: bool) -> Reply:
        """A call of the API from its token to its answer."""
        try:
            user = self.access.user_of(header)
            self.request_limits.check(user.name, overlaps)
        except Refusal as reason:
            return refusal(self.settings, reason)
        call = CALLS.get(path)
        try:
            if call is None:
                raise Refusal("Not found.", http=404)
            if user.permission == "none" or (call.writes and user.permission != "write"):
                raise Refusal("Authorization denied.")
            body = _object(raw, strict=True)
            self.store.tick()
            return Reply(
                200,
                success(
                    self.settings, path, call.run(Request(self.store, user, body)), self._chance
                ),
            )
        except Refusal as reason:
            if call is not None and call.creates:
                self.request_limits.error(user.name)
            return refusal(self.settings, reason)


def _real_time() -> float:
    return Clock().now()


def _nothing() -> Reply:
    return Reply(200)


def _object(raw: bytes, strict: bool = False) -> dict[str, Any]:
    """The JSON object in a body; an empty body is an empty one. Strict: raises Refusal for anything else."""
    try:
        data = json.loads(raw or b"{}")
    except ValueError:
        data = None
    if not isinstance(data, dict):
        if strict:
            raise Refusal("Invalid request body.", http=400)
        return {}
    return data


def _logged(raw: bytes) -> Any:
    try:
        return json.loads(raw or b"{}")
    except ValueError:
        return raw.decode("utf-8", "replace")
