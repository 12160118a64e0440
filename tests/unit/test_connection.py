# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connection options: defaults, types, environment, and what is refused."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.flexops.fortiflex.plugins.doc_fragments import audit
from ansible_collections.flexops.fortiflex.plugins.doc_fragments.connection import ModuleDocFragment
from ansible_collections.flexops.fortiflex.plugins.module_utils.client.connection import (
    Connection,
    argument_spec,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.errors import (
    FlexError,
    InvalidInput,
)

GIVEN = {"username": "1A2B3C4D-0000", "password": "canary", "program": "ELAVMS0000000900"}


def make(**options: Any) -> Connection:
    return Connection.from_options({**GIVEN, **options})


def problems(**options: Any) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        make(**options)
    return caught.value.problems


def test_defaults(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    connection = make()
    assert connection.api_url == "https://support.fortinet.com/ES/api/fortiflex/v2"
    assert connection.auth_url == "https://customerapiauth.fortinet.com/api/v1/oauth/token/"
    assert (connection.timeout, connection.quota_wait) == (60, 3600)
    assert (connection.requests_per_minute, connection.requests_per_hour) == (100, 1000)
    assert (connection.validate_certs, connection.token_cache, connection.account_id) == (
        True,
        True,
        None,
    )
    assert connection.state_dir == str(tmp_path / "fortiflex")


@pytest.mark.parametrize("cache", ["", "relative"])
def test_state_dir_without_a_usable_cache_variable(
    monkeypatch: pytest.MonkeyPatch, cache: str
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", cache)
    monkeypatch.setenv("HOME", "/home/somebody")
    assert make().state_dir == "/home/somebody/.cache/fortiflex"


def test_texts_become_values() -> None:
    connection = make(
        account_id="1200001",
        validate_certs="no",
        timeout="2.5",
        requests_per_minute="30",
        ca_path="",
    )
    assert (
        connection.account_id,
        connection.validate_certs,
        connection.timeout,
        connection.requests_per_minute,
    ) == (1200001, False, 2.5, 30)
    assert connection.ca_path is None


@pytest.mark.parametrize(
    ("given", "url"),
    [
        (
            "https://support.fortinet.com/ES/api/",
            "https://support.fortinet.com/ES/api/fortiflex/v2",
        ),
        ("https://x.example/es/api/FortiFlex/v2//", "https://x.example/es/api/FortiFlex/v2"),
        ("http://127.0.0.1:8085", "http://127.0.0.1:8085/fortiflex/v2"),
        ("http://[::1]:8085/fortiflex/v2", "http://[::1]:8085/fortiflex/v2"),
        ("http://localhost/", "http://localhost/fortiflex/v2"),
    ],
)
def test_api_url(given: str, url: str) -> None:
    assert make(api_url=given).api_url == url


@pytest.mark.parametrize(
    "options",
    [
        {"api_url": "support.fortinet.com/ES/api"},
        {"api_url": "ftp://support.fortinet.com"},
        {"api_url": "http://support.fortinet.com/ES/api"},
        {"api_url": "http://localhost.example.com"},
        {"api_url": "https://host:port"},
        {"api_url": "https://"},
        {"api_url": "https://[::1"},
        {"auth_url": "http://10.0.0.1/token/"},
        {"auth_url": "https://user:canary@host/token/"},
        {"auth_url": "https://host/token?password=canary"},
        {"account_id": "twelve"},
        {"account_id": 0},
        {"timeout": 0},
        {"timeout": "nan"},
        {"timeout": "inf"},
        {"quota_wait": -1},
        {"requests_per_minute": 0},
        {"requests_per_hour": 1.5},
        {"validate_certs": "perhaps"},
        {"password": ""},
        {"username": None},
        {"program": ""},
    ],
)
def test_one_problem(options: dict[str, Any]) -> None:
    (problem,) = problems(**options)
    assert problem.startswith(next(iter(options)))
    assert "canary" not in problem


def test_all_problems_at_once() -> None:
    found = problems(
        username="",
        password=None,
        program="",
        api_url="http://example.com",
        timeout="soon",
        account_id="x",
    )
    assert [problem.split()[0].rstrip(":") for problem in found] == [
        "timeout",
        "username",
        "password",
        "program",
        "api_url",
        "account_id",
    ]
    assert "FORTIFLEX_ACCESS_PASSWORD" in found[2]


@pytest.mark.parametrize("account", ["acme", "2000001", 2000001])
def test_an_account_by_number_or_alias(account: str | int) -> None:
    connection = make(
        account_id=account, account_aliases={"acme": "2000001"}, allowed_accounts="acme,2000003"
    )
    assert connection.account_id == 2000001
    assert [
        number for number in (2000001, 2000002, 2000003) if connection.accounts.permits(number)
    ] == [2000001, 2000003]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            {"account_id": "acme"},
            "account_id: 'acme' is no account number; account_aliases can give names to accounts",
        ),
        (
            {"account_id": "acne", "account_aliases": {"acme": 1}},
            "account_id: 'acne' is no account number and no alias (acme)",
        ),
        ({"account_aliases": {"12": 2000001}}, "account_aliases: 12=2000001 is no alias"),
        ({"account_aliases": {"all": 2000001}}, "account_aliases: all=2000001 is no alias"),
        ({"account_aliases": {"acme": True}}, "account_aliases: acme=True is no alias"),
        ({"allowed_accounts": ["acme"]}, "allowed_accounts: 'acme' is no account number"),
        ({"allowed_accounts": [""]}, "allowed_accounts: '' is no account number"),
    ],
)
def test_accounts_that_are_none(options: dict[str, Any], said: str) -> None:
    (problem,) = problems(**options)
    assert problem.startswith(said)


def test_an_empty_fence_lets_nobody_pass() -> None:
    assert not make(allowed_accounts=[]).accounts.permits(2000001)


def test_password_is_not_shown() -> None:
    assert "canary" not in repr(make())
    assert "canary" not in str([make()])


def test_environment_reaches_options_and_masking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORTIFLEX_ACCESS_USERNAME", "user")
    monkeypatch.setenv("FORTIFLEX_ACCESS_PASSWORD", "canary")
    monkeypatch.setenv("FORTIFLEX_PROGRAM", "ELAVMS1")
    monkeypatch.setenv("FORTIFLEX_REQUESTS_PER_MINUTE", "7")
    result = ArgumentSpecValidator(argument_spec()).validate({"program": "ELAVMS2"})
    assert not result.error_messages
    assert "canary" in result._no_log_values
    connection = Connection.from_options(result.validated_parameters)
    assert (
        connection.username,
        connection.password,
        connection.program,
        connection.requests_per_minute,
    ) == ("user", "canary", "ELAVMS2", 7)


def test_documented_as_it_is() -> None:
    documented = {
        **yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"],
        **yaml.safe_load(audit.ModuleDocFragment.DOCUMENTATION)["options"],
    }
    spec = argument_spec()
    assert set(documented) == set(spec)
    for name, option in spec.items():
        for variable in option["fallback"][1] if "fallback" in option else ():
            assert f"E({variable})" in documented[name]["description"][-1]
        assert (documented[name]["type"], documented[name].get("default")) == (
            option["type"],
            option.get("default"),
        )


def test_state_files(tmp_path: Path) -> None:
    directory = tmp_path / "a" / "state"
    connection = make(state_dir=str(directory))
    path = connection.state_file("token")
    assert path == connection.state_file("token")
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert stat.S_IMODE((directory / "salt").stat().st_mode) == 0o600
    others = {
        make(state_dir=str(directory), username="else").state_file("token"),
        make(state_dir=str(tmp_path / "b")).state_file("token"),
    }
    assert path.name not in {other.name for other in others} and len(others) == 2


def test_damaged_salt_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "salt").write_bytes(b"abc")
    assert make(state_dir=str(tmp_path)).state_file("x") == make(
        state_dir=str(tmp_path)
    ).state_file("x")
    assert len((tmp_path / "salt").read_bytes()) == 32


def test_unusable_state_dir(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FlexError, match="set state_dir to a directory"):
        make(state_dir=str(tmp_path / "file")).state_file("token")
