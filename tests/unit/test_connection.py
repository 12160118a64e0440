# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connection options: defaults, types, environment, and what is refused."""

from __future__ import annotations

import os
import pwd
import stat
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.flexops.fortiflex.plugins.doc_fragments import audit
from ansible_collections.flexops.fortiflex.plugins.doc_fragments.connection import ModuleDocFragment
from ansible_collections.flexops.fortiflex.plugins.module_utils.client.audit_log import AuditLog
from ansible_collections.flexops.fortiflex.plugins.module_utils.client.connection import (
    Connection,
    argument_spec,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.clock import VirtualClock
from ansible_collections.flexops.fortiflex.plugins.module_utils.errors import (
    FlexError,
    InvalidInput,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.task._device import Device

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


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A user without a home directory and without an entry in the password database; its temporary directory."""

    def unknown(_uid: int) -> None:
        raise KeyError

    for variable in ("XDG_CACHE_HOME", "HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", unknown)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("home", [None, "", "relative", "/"])
def test_the_state_dir_of_a_user_without_a_home(
    monkeypatch: pytest.MonkeyPatch, nobody: Path, home: str | None
) -> None:
    if home is not None:
        monkeypatch.setenv("HOME", home)
    monkeypatch.setattr(os, "access", lambda path, _mode: str(path) != "/")
    path = nobody / f"fortiflex-{os.getuid()}"
    for _again in range(2):
        connection = make()
        assert connection.state_dir == str(path) and connection.state_file("token").parent == path
    assert stat.S_IMODE(path.stat().st_mode) == 0o700


@pytest.mark.parametrize("trap", ["file", "open", "link", "foreign"])
def test_a_directory_of_somebody_else_is_refused(
    monkeypatch: pytest.MonkeyPatch, nobody: Path, trap: str
) -> None:
    path = nobody / f"fortiflex-{os.getuid()}"
    if trap == "file":
        path.write_text("")
    elif trap == "link":
        path.symlink_to(nobody, target_is_directory=True)
    else:
        path.mkdir(mode=0o700)
    if trap == "open":
        path.chmod(0o750)
    elif trap == "foreign":
        monkeypatch.setattr(os, "getuid", lambda: os.geteuid() + 1)
        path.rename(nobody / f"fortiflex-{os.getuid()}")
    with pytest.raises(FlexError, match="is not a directory that only this user can use: set sta"):
        make()


def test_the_home_of_the_password_database(
    monkeypatch: pytest.MonkeyPatch, nobody: Path, tmp_path: Path
) -> None:
    for directory, chosen in ((tmp_path / "home", True), (tmp_path / "none", False)):
        if chosen:
            directory.mkdir()
        entry = SimpleNamespace(pw_dir=str(directory))
        monkeypatch.setattr(pwd, "getpwuid", lambda _uid, entry=entry: entry)
        state_dir = str(directory / ".cache" / "fortiflex")
        assert (make().state_dir == state_dir) is chosen


def test_no_temporary_directory(monkeypatch: pytest.MonkeyPatch, nobody: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(nobody / "none"))
    with pytest.raises(FlexError, match="no temporary one can be used"):
        make()


@pytest.mark.parametrize("name", [n for n, o in argument_spec().items() if o["type"] == "path"])
def test_a_path_in_a_home_that_is_not_there(nobody: Path, name: str) -> None:
    trail = AuditLog({name: "~/x"}, VirtualClock(0.0), pytest.fail)
    found = [trail.problem or ""] if name == "audit_log" else problems(**{name: "~/x"})
    assert len(found) == 1 and found[0].startswith(f"{name}: ~/x ")


TEXTS = {
    "username": "user",
    "password": "canary",
    "program": "ELAVMS1",
    "account_id": "acme",
    "account_aliases": "acme=7",
    "allowed_accounts": "7,8",
    "api_url": "https://x.example/fortiflex/v2",
    "auth_url": "https://x.example/token/",
    "validate_certs": "no",
    "ca_path": "/x/ca.pem",
    "timeout": "7",
    "quota_wait": "7",
    "requests_per_minute": "7",
    "requests_per_hour": "7",
    "state_dir": "/x/state",
    "token_cache": "no",
    "catalogue": "live",
}


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\n\n"])
@pytest.mark.parametrize("name", sorted(set(argument_spec()) - {"audit_log", "reason"}))
def test_a_line_break_at_the_end_is_nobodys_value(
    monkeypatch: pytest.MonkeyPatch, name: str, ending: str
) -> None:

    def whole(connection: Connection) -> dict[str, Any]:
        return {**vars(connection), "accounts": vars(connection.accounts)}

    wanted = whole(make(**TEXTS))
    assert whole(make(**{**TEXTS, name: TEXTS[name] + ending})) == wanted
    given = {key: value for key, value in TEXTS.items() if key != name}
    monkeypatch.setenv(argument_spec()[name]["fallback"][1][0], TEXTS[name] + ending)
    read = ArgumentSpecValidator(argument_spec()).validate(given)
    assert not read.error_messages
    assert whole(Connection.from_options({**GIVEN, **read.validated_parameters})) == wanted


def test_blanks_may_be_meant_in_a_password_only() -> None:
    given = {"username": " user ", "password": " canary ", "program": "\tELAVMS1 "}
    connection = make(**given)
    found = (connection.username, connection.password, connection.program)
    assert found == ("user", " canary ", "ELAVMS1")
    for name in given:
        assert problems(**{name: " \n"}) == problems(**{name: ""})


@pytest.fixture
def authorities(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Files and directories that are none, by what is said of them."""
    for variable in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(variable, raising=False)
    text, empty, folder = (tmp_path / name for name in ("text.pem", "empty.pem", "folder"))
    text.write_text("no certificate\n")
    empty.write_text("")
    folder.mkdir()
    return {
        "cannot be read (No such file or directory)": str(tmp_path / "none.pem"),
        "holds no certificate in PEM format": str(text),
        "holds no certificate in PEM format;": str(empty),
        "has no certificate that openssl rehash has named": str(folder),
    }


def test_authorities_that_are_none(
    monkeypatch: pytest.MonkeyPatch, authorities: dict[str, str]
) -> None:
    for said, path in authorities.items():
        (problem,) = problems(ca_path=path)
        assert problem.startswith(f"ca_path: {path} ") and said in problem
        assert make(ca_path=path, validate_certs=False).ca_path == path
        for variable in ("CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE"):  # the second one goes first
            monkeypatch.setenv(variable, path)
            (problem,) = problems()
            assert problem.startswith(f"{variable} is set to {path}, which ") and said in problem
        local = "http://127.0.0.1/fortiflex/v2"  # which requests' variables are not heeded for
        assert make(api_url=local, auth_url=local)
        for variable in ("CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE"):
            monkeypatch.delenv(variable)


def test_authorities_of_a_device(authorities: dict[str, str]) -> None:
    for said, path in authorities.items():
        for url in ("https://192.0.2.1", "http://127.0.0.1"):
            with pytest.raises(InvalidInput, match="^device_ca_path: ") as caught:
                Device(url, "token", True, path)
            assert said in str(caught.value)
        Device("https://192.0.2.1", "token", False, path)


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
        ({"account_aliases": {"12": 2000001}}, "account_aliases: '12=2000001' is invalid"),
        ({"account_aliases": {"all": 2000001}}, "account_aliases: 'all=2000001' is invalid"),
        ({"account_aliases": {"acme": True}}, "account_aliases: 'acme=True' is invalid"),
        ({"allowed_accounts": ["acme"]}, "allowed_accounts: 'acme' is no account number"),
        ({"allowed_accounts": [""]}, "allowed_accounts: '' is no account number"),
    ],
)
def test_accounts_that_are_none(options: dict[str, Any], said: str) -> None:
    (problem,) = problems(**options)
    assert problem.startswith(said)


def test_an_empty_list_of_allowed_accounts_allows_none() -> None:
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
