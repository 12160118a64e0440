# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client over real sockets: answers in every shape, faults, tokens, what is repeated and what never is."""

from __future__ import annotations

import datetime
import ipaddress
import multiprocessing
import socket
import ssl
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from unit.fake_server import FakeServer, Reply

from ansible_collections.flexops.fortiflex.plugins.module_utils.client import (
    client as client_module,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.client._wire import VERSION
from ansible_collections.flexops.fortiflex.plugins.module_utils.client.answers import ENDPOINTS
from ansible_collections.flexops.fortiflex.plugins.module_utils.client.client import Client
from ansible_collections.flexops.fortiflex.plugins.module_utils.client.connection import Connection
from ansible_collections.flexops.fortiflex.plugins.module_utils.clock import (
    SystemClock,
    VirtualClock,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.errors import (
    AccessDenied,
    FlexError,
    LoginRefused,
    NotSent,
    QuotaExhausted,
    Refused,
    TooManyErrors,
    Unavailable,
    UnknownOutcome,
)

NOW = 1_790_000_000.0
# OpenSSL asks the clock of the machine, which make moments does not shift.
LONG_AGO, FAR_AHEAD = (
    datetime.datetime(year, 1, 1, tzinfo=datetime.timezone.utc) for year in (2000, 2999)
)
LIST, UPDATE, CREATE, STOP = (
    "entitlements/list",
    "entitlements/update",
    "entitlements/vm/create",
    "entitlements/stop",
)
SECRETS = ("canary-password", "canary-access", "canary-refresh", "canary-user")


def envelope(
    key: str = "",
    data: Any = None,
    status: Any = 0,
    message: str = "Request processed successfully.",
    error: Any = None,
) -> dict[str, Any]:
    return {"status": status, "message": message, "error": error, **({key: data} if key else {})}


def refusal(message: str, status: Any = -1, error: Any = None, http: int = 400) -> Reply:
    return Reply(envelope(status=status, message=message, error=error), http)


class Bench:
    """A fake server, and clients of it on one virtual clock."""

    def __init__(self, directory: Path, server: FakeServer) -> None:
        self.directory = directory
        self.server = server
        self.clock = VirtualClock(NOW)
        self.warnings: list[str] = []

    def client(self, clock: Any = None, **options: Any) -> Client:
        given = {
            "username": "canary-user",
            "password": "canary-password",
            "program": "ELAVMS0000000900",
            "api_url": self.server.url,
            "auth_url": self.server.url + "/login/",
            "state_dir": str(self.directory),
            **options,
        }
        return Client(Connection.from_options(given), clock or self.clock, self.warnings.append)

    def read(self, endpoint: str = LIST, **options: Any) -> list[dict[str, Any]]:
        return self.client(**options).read(endpoint, {"a": 1}).items

    def write(self, endpoint: str = UPDATE, **options: Any) -> list[dict[str, Any]]:
        return self.client(**options).write(endpoint, {"a": 1}, self.clock.now() + 10).items

    def fails(self, kind: type[FlexError], call: Callable[[], Any]) -> Any:
        """The error of a call, which tells no secret in any way."""
        with pytest.raises(FlexError) as caught:
            call()
        assert caught.type is kind
        shown = (
            "".join(traceback.format_exception(caught.value))
            + repr(caught.value)
            + repr(vars(caught.value))
            + "".join(self.warnings)
        )
        cause: BaseException | None = caught.value
        while cause is not None:
            shown += repr(cause) + repr(vars(cause))
            cause = cause.__cause__ or cause.__context__
        for secret in SECRETS:
            assert secret not in shown
        assert "\n" not in str(caught.value)
        return caught.value


@pytest.fixture
def server() -> Iterator[FakeServer]:
    server = FakeServer()
    yield server
    server.close()


@pytest.fixture
def bench(tmp_path: Path, server: FakeServer) -> Bench:
    return Bench(tmp_path, server)


# -- requests and answers


def test_what_is_sent(bench: Bench) -> None:
    client = bench.client()
    answer = client.read(LIST, {"accountId": 7})
    login, call = bench.server.seen
    assert login.path == "login"
    assert login.body == {
        "username": "canary-user",
        "password": "canary-password",
        "client_id": "flexvm",
        "grant_type": "password",
    }
    assert "Authorization" not in login.headers
    assert (call.path, call.body) == (LIST, {"accountId": 7})
    assert call.headers["Authorization"] == "Bearer canary-access-1"
    assert call.headers["User-Agent"] == f"flexops.fortiflex/{VERSION}"
    assert call.headers["Content-Type"] == "application/json"
    assert (answer.items, answer.sent_at, answer.answered_at) == ([{"serialNumber": "A"}], NOW, NOW)
    assert (client.made, client.waited_seconds) == (2, 0)


ITEM = {"serialNumber": "A"}


@pytest.mark.parametrize(
    ("endpoint", "body", "items"),
    [
        (LIST, envelope("entitlements", [ITEM]), [ITEM]),
        (LIST, envelope("entitlements", []), []),
        (LIST, envelope("vms", [ITEM]), [ITEM]),
        (LIST, [ITEM], [ITEM]),
        (LIST, [], []),
        (LIST, envelope("entitlements", [ITEM], status="0"), [ITEM]),
        (LIST, envelope("entitlements", [ITEM], status="success"), [ITEM]),
        (LIST, {"entitlements": [ITEM]}, [ITEM]),
        (LIST, envelope("entitlements", [ITEM], error=""), [ITEM]),
        (LIST, envelope("entitlements", [ITEM], error={"errorCode": 0, "message": ""}), [ITEM]),
        (LIST, envelope("entitlements", [], error={"errorCode": 0, "message": ""}), []),
        ("configs/list", envelope("configs", [{"id": 1}]), [{"id": 1}]),
        ("groups/list", envelope("groups", []), []),
        (
            "groups/list",
            envelope("fortiCareAssetGroups", [{"folderPath": "My Assets"}]),
            [{"folderPath": "My Assets"}],
        ),
        ("groups/nexttoken", envelope("vms", ITEM), [ITEM]),
        (
            "programs/points",
            envelope("programs", [{"pointBalance": -4.5}]),
            [{"pointBalance": -4.5}],
        ),
        ("tools/calc", envelope("points", {"current": 6.39}), [{"current": 6.39}]),
        ("tools/calc", envelope("points", 6.39), [{"current": 6.39}]),
        ("tools/calc", envelope("configs", {"current": 6.39}), [{"current": 6.39}]),
        (
            "tools/metadata",
            envelope("productTypes", [{"productTypeId": 1}]),
            [{"productTypeId": 1}],
        ),
    ],
)
def test_read_in_every_shape(
    bench: Bench, endpoint: str, body: Any, items: list[dict[str, Any]]
) -> None:
    bench.server.answer(endpoint, Reply(body))
    assert bench.read(endpoint) == items
    assert len(bench.server.seen) == 2


LISTS = [name for name, endpoint in ENDPOINTS.items() if endpoint.keys and not endpoint.writes]
WRITES = [name for name, endpoint in ENDPOINTS.items() if endpoint.keys and endpoint.writes]
ODD: dict[str, Any] = {
    "{0} is null": {"{0}": None},
    "{0} has something else than objects": {"{0}": [None, 1, "text"]},
    "it has no {0}": {},
}


@pytest.mark.parametrize("said", ODD)
@pytest.mark.parametrize("endpoint", LISTS)
def test_a_success_without_its_data_is_no_empty_list(
    bench: Bench, endpoint: str, said: str
) -> None:
    key = ENDPOINTS[endpoint].keys[0]
    data = dict.fromkeys([key] if ODD[said] else [], ODD[said].get("{0}"))
    bench.server.always(endpoint, Reply(envelope() | data))
    error = str(bench.fails(Unavailable, lambda: bench.read(endpoint)))
    assert f"answered {endpoint} without its data ({said.format(key)})" in error
    assert error.startswith("FortiFlex at 127.0.0.1:") and "network" not in error


@pytest.mark.parametrize("endpoint", WRITES)
def test_a_write_that_is_answered_with_null_may_have_had_an_effect(
    bench: Bench, endpoint: str
) -> None:
    bench.server.answer(endpoint, Reply(envelope(ENDPOINTS[endpoint].keys[0])))
    error = bench.fails(UnknownOutcome, lambda: bench.write(endpoint))
    assert "success without its data" in str(error)


@pytest.mark.parametrize(
    ("endpoint", "body"),
    [
        ("configs/create", envelope("configs", ITEM)),
        ("configs/create", envelope("configs", [ITEM])),
        (STOP, envelope("vms", [ITEM])),
        (STOP, envelope("entitlements", [ITEM])),
        (STOP, envelope("entitlements", ITEM)),
    ],
)
def test_write_in_every_shape(bench: Bench, endpoint: str, body: Any) -> None:
    bench.server.answer(endpoint, Reply(body))
    assert bench.write(endpoint) == [ITEM]


@pytest.mark.parametrize(
    ("reply", "words", "code"),
    [
        (refusal("Invalid parameter value."), "Invalid parameter value.", -1),
        (refusal("Invalid parameter value.", http=200), "Invalid parameter value.", -1),
        (refusal("Bad", status="-1"), "Bad", -1),
        (refusal("Bad", status="error"), "Bad", None),
        (refusal("", error="No such thing"), "No such thing", -1),
        (refusal("", status=0, error={"errorCode": -5, "message": "Inner"}), "Inner", -5),
        (refusal("Bad", status=0, error={"errorCode": "-5"}, http=200), "Bad", -5),
        (refusal("Bad", status=0, error="Bad", http=200), "Bad", None),
        (Reply({"message": "Bad"}, 400), "Bad", None),
        (Reply({}, 404), "HTTP status 404", None),
        (
            Reply({"error": "invalid_request", "error_description": "Described"}, 400),
            "Described",
            None,
        ),
        (refusal("<p>Line&nbsp;<b>one</b>\r\n\x1btwo</p>"), "Line&nbsp; one two", -1),
    ],
)
def test_refusals_in_every_shape_are_final(
    bench: Bench, reply: Reply, words: str, code: int | None
) -> None:
    for call, endpoint in ((bench.read, LIST), (bench.write, UPDATE)):
        bench.server.answer(endpoint, reply)
        error = bench.fails(Refused, partial(call, endpoint))
        assert endpoint in str(error) and words in str(error)
        assert error.details["endpoint"] == endpoint
        assert error.details["http_status"] == reply.status
        assert error.details.get("api_status") == code
    assert bench.server.paths() == ["login", LIST, UPDATE]


def test_long_and_telling_messages_are_cut(bench: Bench) -> None:
    bench.server.answer(
        LIST, refusal("canary-password canary-access-1 0A1B2C3D4E5F60718293 " + "x" * 5000)
    )
    error = bench.fails(Refused, bench.read)
    assert len(error.details["api_message"]) == 200
    assert "0A1B2C3D4E5F60718293" not in str(error)


def test_too_few_points(bench: Bench) -> None:
    bench.server.answer(CREATE, refusal("Insufficient points."))
    assert "add points to the program" in str(bench.fails(Refused, lambda: bench.write(CREATE)))


@pytest.mark.parametrize("http", [400, 401, 403, 500])
def test_access_denied(bench: Bench, http: int) -> None:
    bench.server.answer(LIST, refusal("authorization denied", http=http))
    assert "program and account_id" in str(bench.fails(AccessDenied, bench.read))
    assert bench.server.paths() == ["login", LIST]


@pytest.mark.parametrize(
    "reply",
    [
        refusal("Exceed max errors", status=-30),
        refusal("Exceed max errors"),
        refusal("No", error={"errorCode": -30}, http=500),
    ],
)
def test_too_many_errors(bench: Bench, reply: Reply) -> None:
    bench.server.answer(CREATE, reply)
    bench.fails(TooManyErrors, lambda: bench.write(CREATE))


def test_the_tenth_error_is_never_made(bench: Bench) -> None:
    bench.server.always(CREATE, refusal("Invalid parameter value."))
    for _time in range(9):
        bench.fails(Refused, lambda: bench.write(CREATE))
    bench.fails(TooManyErrors, lambda: bench.write(CREATE))
    assert bench.server.paths().count(CREATE) == 9
    assert bench.write(UPDATE) == [ITEM]


# -- no usable answer

UNUSABLE = [
    Reply(fault="reset"),
    Reply(envelope("entitlements", [ITEM]), fault="cut"),
    Reply(b'{"entitlements": [{'),
    Reply(b"<html><body>502 Bad Gateway</body></html>", 502),
    Reply(b"<html><body>Sign in</body></html>"),
    Reply(b""),
    Reply(b"\xff\xfe"),
    Reply(b"[" * 100_000),
    Reply({"error": None}, 503),
    refusal("Internal error", http=500),
    Reply(envelope()),
    Reply(envelope("entitlements", None)),
    Reply(envelope("entitlements", "none")),
    Reply(envelope("entitlements", [1])),
    Reply(b"7"),
    Reply(b"null"),
    Reply([["A"]]),
    Reply([ITEM], 400),
    Reply({"result": [ITEM], "status": {"code": 0}}),
    Reply(envelope("entitlements", [], status="pending")),
    Reply(envelope("entitlements", [], status=False)),
]


@pytest.mark.parametrize(
    "reply", UNUSABLE, ids=lambda reply: f"{reply.status} {reply.fault} {str(reply.body)[:30]}"
)
def test_reads_are_repeated_writes_never(bench: Bench, reply: Reply) -> None:
    bench.server.answer(LIST, *[reply] * 4)
    client = bench.client()
    assert client.read(LIST, {}).items == [ITEM]
    assert bench.server.paths() == ["login"] + [LIST] * 5
    assert client.made == 6
    assert 11 < bench.clock.now() - NOW < 19
    bench.server.answer(LIST, *[reply] * 5)
    assert "127.0.0.1" in str(bench.fails(Unavailable, bench.read))
    assert bench.server.paths().count(LIST) == 10
    bench.server.answer(UPDATE, reply)
    error = bench.fails(UnknownOutcome, bench.write)
    assert error.sent == pytest.approx(NOW, abs=40)
    assert error.details["endpoint"] == UPDATE
    assert bench.server.paths().count(UPDATE) == 1


def test_a_write_without_an_item_has_an_unknown_outcome(bench: Bench) -> None:
    bench.server.answer(CREATE, Reply(envelope("entitlements", [])))
    bench.fails(UnknownOutcome, lambda: bench.write(CREATE))


@pytest.mark.parametrize("fault", [{"delay": 4}, {"fault": "drip"}])
def test_timeout_is_for_the_whole_request(bench: Bench, fault: dict[str, Any]) -> None:
    client = bench.client(timeout=1)
    client.read(LIST, {})
    bench.server.answer(UPDATE, Reply(envelope("entitlements", [ITEM]), **fault))
    assert "1 s" in str(bench.fails(UnknownOutcome, lambda: client.write(UPDATE, {}, NOW + 10)))
    bench.server.answer(LIST, Reply(envelope("entitlements", [ITEM]), **fault))
    assert client.read(LIST, {}).items == [ITEM]


def test_redirections_are_not_followed(bench: Bench) -> None:
    other = FakeServer()
    bench.server.always(LIST, Reply({}, 302, {"Location": f"{other.url}/fortiflex/v2/{LIST}"}))
    assert "redirection" in str(bench.fails(Unavailable, bench.read))
    assert bench.server.paths() == ["login", LIST]
    bench.server.answer(UPDATE, Reply({}, 307, {"Location": f"{other.url}/fortiflex/v2/{UPDATE}"}))
    bench.fails(UnknownOutcome, bench.write)
    other.close()
    assert other.seen == []


def test_wrong_url_is_reported_at_once(bench: Bench) -> None:
    bench.server.answer(LIST, Reply(b"<html>Not found</html>", 404))
    bench.fails(Unavailable, bench.read)
    assert bench.server.paths() == ["login", LIST]


def closed_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def test_closed_port(bench: Bench) -> None:
    port = closed_port()
    client = bench.client(api_url=f"http://127.0.0.1:{port}")
    error = bench.fails(Unavailable, lambda: client.read(LIST, {}))
    assert f"127.0.0.1:{port} (connection refused)" in str(error)
    assert client.made == 1


def test_writes_without_connection_are_not_sent_then_unavailable(bench: Bench) -> None:
    client = bench.client(api_url=f"http://127.0.0.1:{closed_port()}")
    for _time in range(4):
        bench.fails(NotSent, lambda: client.write(UPDATE, {}, bench.clock.now() + 10))
        bench.clock.sleep(8)
    bench.fails(Unavailable, lambda: client.write(UPDATE, {}, bench.clock.now() + 10))


def test_half_a_minute_without_connection_begins_again_after_an_answer(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = bench.client()
    for _time in range(2):
        client.read(LIST, {})
        client._wire._transports.clear()
        with monkeypatch.context() as broken:
            broken.setattr(socket, "getaddrinfo", lambda *args, **kwargs: [])
            bench.fails(NotSent, lambda: client.write(UPDATE, {}, bench.clock.now() + 10))
        bench.clock.sleep(40)


def test_what_never_left_costs_no_slot(bench: Bench) -> None:
    client = bench.client(api_url=f"http://127.0.0.1:{closed_port()}", requests_per_minute=2)
    for _time in range(3):
        assert "connection refused" in str(
            bench.fails(NotSent, lambda: client.write(UPDATE, {}, NOW + 10))
        )
    assert client.made == 1


def test_unknown_host(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    client = bench.client()
    client.read(LIST, {})
    client._wire._transports.clear()
    monkeypatch.setattr(socket, "getaddrinfo", fail)
    assert "host name" in str(bench.fails(NotSent, lambda: client.write(UPDATE, {}, NOW + 10)))


# -- what a write rests on


def test_a_write_that_is_too_late_is_not_sent(bench: Bench) -> None:
    client = bench.client()
    client.read(LIST, {})
    bench.fails(NotSent, lambda: client.write(UPDATE, {}, NOW - 0.001))
    assert client.write(UPDATE, {}, NOW).items == [ITEM]


def test_a_write_that_grows_old_while_connecting_is_not_sent(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = bench.client()
    client.read(LIST, {})
    client._wire._transports.clear()
    resolve = socket.getaddrinfo

    def slowly(*args: Any, **kwargs: Any) -> Any:
        bench.clock.sleep(15)
        return resolve(*args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", slowly)
    bench.fails(NotSent, lambda: client.write(UPDATE, {}, NOW + 10))
    assert UPDATE not in bench.server.paths()
    assert client.made == 2


def test_a_write_given_up_while_connecting_never_leaves(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = bench.client(timeout=1)
    client.read(LIST, {})
    client._wire._transports.clear()
    resolve = socket.getaddrinfo

    def slowly(*args: Any, **kwargs: Any) -> Any:
        time.sleep(1.2)
        return resolve(*args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", slowly)
    bench.fails(NotSent, lambda: client.write(UPDATE, {}, NOW + 10))
    time.sleep(0.5)
    assert UPDATE not in bench.server.paths()


def test_ready_waits_so_that_writes_find_slots(bench: Bench) -> None:
    client = bench.client(requests_per_minute=5)
    for _time in range(3):
        client.read(LIST, {})
    client.pace.ready(1, 2)
    assert bench.clock.now() > NOW + 59
    for _time in range(3):
        client.write(UPDATE, {}, bench.clock.now())


def test_a_read_is_no_write(bench: Bench) -> None:
    with pytest.raises(ValueError, match="is a read"):
        bench.write(LIST)
    with pytest.raises(ValueError, match="is a write"):
        bench.read(UPDATE)
    assert {name for name, endpoint in ENDPOINTS.items() if endpoint.creates} == {
        name for name in ENDPOINTS if name.endswith("/create")
    }
    assert [name for name, endpoint in ENDPOINTS.items() if endpoint.ends_charging] == [STOP]


def test_what_ends_charging_goes_first(bench: Bench) -> None:
    clock = SystemClock()
    clients = [bench.client(clock), bench.client(clock)]
    clients[0].read(LIST, {})
    calls = (
        partial(clients[0].read, LIST, {}),
        partial(clients[1].write, STOP, {}, clock.now() + 60),
    )
    threads = [threading.Thread(target=call, daemon=True) for call in calls]
    with bench.client(clock).limit.slot():
        for waiting, thread in enumerate(threads, 1):
            thread.start()
            for _look in range(2000):
                if len(list(bench.directory.glob("queue-*/[01]-*"))) == waiting:
                    break
                time.sleep(0.005)
    for thread in threads:
        thread.join(10)
    assert bench.server.paths() == ["login", LIST, STOP, LIST]


# -- slow down


SLOW = [
    (refusal("Exceed max requests in a minute", status=-10), 60),
    (refusal("No", error={"errorCode": "-10"}), 60),
    (refusal("exceed max requests in a minute.", http=200), 60),
    (Reply(b"<html>Too many requests</html>", 429), 60),
    (refusal("No", status="-11", http=429), 300),
    (refusal("", error="Exceed max requests in an hour", http=503), 300),
    (refusal("Failed token process", status=-12), 0.5),
    (refusal("Failed token process"), 0.5),
]


@pytest.mark.parametrize(("reply", "least"), SLOW)
def test_slow_down(bench: Bench, reply: Reply, least: float) -> None:
    bench.server.answer(LIST, reply)
    client = bench.client()
    assert client.read(LIST, {}).items == [ITEM]
    assert bench.clock.now() - NOW >= least - 0.01
    assert client.waited_seconds == pytest.approx(bench.clock.now() - NOW, abs=0.01)
    began = bench.clock.now()
    bench.server.answer(UPDATE, reply)
    bench.fails(NotSent, lambda: client.write(UPDATE, {}, began + 10))
    assert bench.server.paths().count(UPDATE) == 1
    bench.read()  # another process of this machine waits as well
    assert bench.clock.now() - began >= least - 0.01


def test_slow_down_for_longer_than_allowed(bench: Bench) -> None:
    bench.server.always(LIST, refusal("Exceed max requests in an hour", status=-11))
    assert "quota_wait" in str(bench.fails(QuotaExhausted, lambda: bench.read(quota_wait=1000)))
    assert bench.clock.now() - NOW <= 1000
    assert bench.server.paths().count(LIST) == 4
    assert len(bench.warnings) == 1


def test_slow_down_of_the_login(bench: Bench) -> None:
    bench.server.answer("login", refusal("Exceed max requests in a minute", status=-10))
    assert bench.read() == [ITEM]
    assert bench.clock.now() - NOW > 59


# -- tokens


def test_one_login_for_many_runs(bench: Bench) -> None:
    for _run in range(3):
        bench.read()
    assert bench.server.paths() == ["login", LIST, LIST, LIST]


def test_no_cache(bench: Bench) -> None:
    for _run in range(2):
        client = bench.client(token_cache=False)
        client.read(LIST, {})
        client.read(LIST, {})
    assert bench.server.paths() == ["login", LIST, LIST] * 2
    assert not list(bench.directory.glob("token*"))


def test_renewed_two_minutes_early_by_refresh(bench: Bench) -> None:
    client = bench.client()
    client.read(LIST, {})
    bench.clock.sleep(3539)
    client.read(LIST, {})
    bench.server.answer("login", Reply({"access_token": "canary-access-2", "expires_in": 3660}))
    bench.clock.sleep(2)
    client.read(LIST, {})
    assert bench.server.paths() == ["login", LIST, LIST, "login", LIST]
    assert bench.server.seen[3].body == {
        "client_id": "flexvm",
        "grant_type": "refresh_token",
        "refresh_token": "canary-refresh-1",
    }
    assert bench.server.seen[4].headers["Authorization"] == "Bearer canary-access-2"


@pytest.mark.parametrize(
    "reply",
    [Reply({"status": "success"}), Reply({"error": "invalid_grant"}, 400), Reply(b"<html>", 502)],
)
def test_refresh_that_does_not_work(bench: Bench, reply: Reply) -> None:
    bench.read()
    bench.clock.sleep(3600)
    bench.server.answer("login", reply)
    bench.read()
    assert [seen.body["grant_type"] for seen in bench.server.seen if seen.path == "login"] == [
        "password",
        "refresh_token",
        "password",
    ]


def test_after_its_end_a_token_is_not_refreshed(bench: Bench) -> None:
    bench.read()
    bench.clock.sleep(7200)
    bench.read()
    assert [seen.body["grant_type"] for seen in bench.server.seen if seen.path == "login"] == [
        "password",
        "password",
    ]


REJECTED = [
    refusal("Invalid security token."),
    refusal("invalid security token", http=200),
    refusal("Unauthorized", http=401),
    Reply(b"<html>", 401),
]


@pytest.mark.parametrize("reply", REJECTED)
def test_rejected_token_one_login_one_repeat(bench: Bench, reply: Reply) -> None:
    bench.read()
    bench.server.always("login", Reply({"access_token": "canary-access-2", "expires_in": 3660}))
    for call, endpoint in ((bench.read, LIST), (bench.write, UPDATE)):
        bench.server.answer(endpoint, reply)
        before = len(bench.server.seen)
        assert call(endpoint) == [ITEM]
        assert bench.server.paths()[before:] == [endpoint, "login", endpoint]
        bench.server.always("login", Reply({"access_token": "canary-access-3", "expires_in": 3660}))


def test_rejected_token_of_another_process_is_renewed_once(bench: Bench) -> None:
    one, other = bench.client(), bench.client()
    one.read(LIST, {})
    other.read(LIST, {})
    bench.server.always("login", Reply({"access_token": "canary-access-2", "expires_in": 3660}))
    bench.server.answer(LIST, REJECTED[0])
    one.read(LIST, {})
    bench.server.answer(LIST, REJECTED[0])
    other.read(LIST, {})
    assert bench.server.paths().count("login") == 2


def test_always_rejected(bench: Bench) -> None:
    bench.server.always(LIST, REJECTED[0])
    assert "may use FortiFlex" in str(bench.fails(LoginRefused, bench.read))
    assert bench.server.paths() == ["login", LIST, "login", LIST]


def test_a_write_is_repeated_after_a_rejected_token_only_in_time(bench: Bench) -> None:
    client = bench.client()
    client.read(LIST, {})
    bench.server.answer(UPDATE, REJECTED[0])
    bench.server.answer("login", *[Reply(b"", 502)] * 4)
    bench.fails(NotSent, lambda: client.write(UPDATE, {}, NOW + 10))
    assert bench.server.paths().count(UPDATE) == 1


@pytest.mark.parametrize(
    "reply",
    [
        Reply(
            {"status": "error", "message": "Invalid username or password for canary-password"}, 400
        ),
        Reply({"error": "invalid_grant", "error_description": "Bad credentials"}, 400),
        Reply({"status": "success"}),
        Reply({"access_token": 7}),
        Reply({}, 401),
    ],
)
def test_login_refused(bench: Bench, reply: Reply) -> None:
    bench.server.always("login", reply)
    assert "API user cana…" in str(bench.fails(LoginRefused, bench.read))
    assert bench.server.paths() == ["login"]


def test_login_without_a_usable_answer_is_repeated(bench: Bench) -> None:
    bench.server.answer("login", Reply(fault="reset"), Reply(b"<html>", 502))
    assert bench.read() == [ITEM]
    bench.server.always("login", Reply(b"<html>", 502))
    assert "the login" in str(bench.fails(Unavailable, lambda: bench.read(token_cache=False)))


def test_damaged_cache_means_log_in(bench: Bench) -> None:
    bench.read()
    for path in bench.directory.glob("token-*"):
        path.write_bytes(b"\x00")
    assert bench.read() == [ITEM]
    assert bench.server.paths().count("login") == 2


def _read_once(bench: Bench) -> None:
    bench.client(clock=SystemClock(), requests_per_minute=200).read(LIST, {})


def test_fifty_processes_log_in_once_and_never_overlap(bench: Bench) -> None:
    processes = [
        multiprocessing.get_context("fork").Process(target=_read_once, args=(bench,))
        for _process in range(50)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(30)
        assert process.exitcode == 0
    assert bench.server.paths().count("login") == 1
    assert bench.server.paths().count(LIST) == 50
    assert bench.server.most_at_once == 1


# -- secrets, proxies, TLS


def test_secrets_are_in_no_file_but_the_private_cache(bench: Bench) -> None:
    bench.server.answer(UPDATE, refusal("canary-password"))
    bench.fails(Refused, bench.write)
    for path in bench.directory.rglob("*"):
        assert "canary" not in path.name
        if path.is_file():
            assert path.stat().st_mode & 0o077 == 0
            assert b"canary-password" not in path.read_bytes()
            assert path.name.startswith("token-") or b"canary" not in path.read_bytes()


def test_neither_netrc_nor_a_proxy_gets_in_the_way_of_loopback(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login else password else\n")
    (tmp_path / "netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for variable in ("http_proxy", "all_proxy"):
        monkeypatch.setenv(variable, f"http://127.0.0.1:{closed_port()}")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    bench.read()
    assert "Authorization" not in bench.server.seen[0].headers
    assert bench.server.seen[1].headers["Authorization"] == "Bearer canary-access-1"


@pytest.fixture
def tls(tmp_path: Path) -> Iterator[FakeServer]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(LONG_AGO)
        .not_valid_after(FAR_AHEAD)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "server.pem").write_bytes(
        pem + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem")
    server = FakeServer(context)
    yield server
    server.close()


def test_tls(tls: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login else password else\n")
    (tmp_path / "netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    bench = Bench(tmp_path / "state", tls)
    error = bench.fails(Unavailable, bench.read)
    assert "certificate is not trusted" in str(error) and "ca_path" in str(error)
    assert bench.clock.now() == NOW
    assert bench.read(ca_path=str(tmp_path / "server.pem")) == [ITEM]
    assert "Authorization" not in tls.seen[0].headers
    assert tls.seen[1].headers["Authorization"] == "Bearer canary-access-1"
    assert not bench.warnings


def test_unchecked_certificates_are_warned_of_once(
    tls: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "server.pem"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    bench = Bench(tmp_path / "state", tls)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        client = bench.client(validate_certs=False)
        client.read(LIST, {})
        client.read(LIST, {})
        assert len(bench.warnings) == 1 and "validate_certs" in bench.warnings[0]


def test_requests_is_missing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "REQUESTS_IMPORT_ERROR", ImportError("requests"))
    with pytest.raises(FlexError, match="library requests is missing"):
        bench.client()


def test_one_connection_for_many_requests(bench: Bench) -> None:
    client = bench.client()
    for _time in range(5):
        client.write(UPDATE, {}, bench.clock.now())
    assert bench.server.connections == 1
