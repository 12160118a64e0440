# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The token cache: whom it serves, and that whatever is wrong with it only means a login."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.flexops.fortiflex.plugins.module_utils.client._tokens import (
    Token,
    TokenCache,
)
from ansible_collections.flexops.fortiflex.plugins.module_utils.client.connection import Connection
from ansible_collections.flexops.fortiflex.plugins.module_utils.clock import VirtualClock

NOW = 1_790_000_000.0
TOKEN = Token("canary-access", "canary-refresh", NOW + 3660, NOW + 3540)


def cache(directory: Path, now: float = NOW, **options: Any) -> TokenCache:
    given = {
        "username": "canary-user",
        "password": "canary-password",
        "program": "P",
        "state_dir": str(directory),
        **options,
    }
    return TokenCache(Connection.from_options(given), VirtualClock(now))


def token_file(directory: Path) -> Path:
    (path,) = directory.glob("token-*")
    return path


def test_another_process_finds_it(tmp_path: Path) -> None:
    assert cache(tmp_path).load() is None
    cache(tmp_path).save(TOKEN)
    assert cache(tmp_path).load() == TOKEN


def test_file_is_private_and_reveals_neither_password_nor_user(tmp_path: Path) -> None:
    cache(tmp_path).save(TOKEN)
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
    for path in tmp_path.iterdir():
        assert b"canary-password" not in path.read_bytes()
        assert b"canary-user" not in path.read_bytes()
        assert "canary" not in path.name
    assert "canary" not in repr(TOKEN)


def test_changed_password_and_other_user_log_in(tmp_path: Path) -> None:
    cache(tmp_path).save(TOKEN)
    assert cache(tmp_path, password="new").load() is None
    assert cache(tmp_path, username="else").load() is None
    assert cache(tmp_path, auth_url="https://else.example/").load() is None


def test_expired(tmp_path: Path) -> None:
    cache(tmp_path).save(TOKEN)
    assert cache(tmp_path, now=NOW + 3659).load() == TOKEN
    assert cache(tmp_path, now=NOW + 3661).load() is None


def test_off_writes_nothing(tmp_path: Path) -> None:
    off = cache(tmp_path, token_cache=False)
    off.save(TOKEN)
    assert off.load() is None
    assert not list(tmp_path.iterdir())


DAMAGES: dict[str, Callable[[Path], Any]] = {
    "empty": lambda path: path.write_bytes(b""),
    "no text": lambda path: path.write_bytes(b"\xff\xfe\x00"),
    "no JSON": lambda path: path.write_text("{"),
    "a list": lambda path: path.write_text("[]"),
    "a number": lambda path: path.write_text("7"),
    "deep": lambda path: path.write_text("[" * 50_000),
    "wrong types": lambda path: path.write_text('{"salt": 1, "check": 2}'),
    "no expiry": lambda path: path.write_text(
        json.dumps(
            {key: value for key, value in json.loads(path.read_text()).items() if key != "expires"}
        )
    ),
    "readable by all": lambda path: path.chmod(0o644),
    "a directory": lambda path: (
        path.rename(path.with_name("elsewhere")).with_name(path.name).mkdir()
    ),
    "a link": lambda path: path.symlink_to(path.rename(path.with_name("elsewhere"))),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_means_log_in(tmp_path: Path, damage: str) -> None:
    cache(tmp_path).save(TOKEN)
    DAMAGES[damage](token_file(tmp_path))
    assert cache(tmp_path).load() is None
    cache(tmp_path).save(TOKEN)  # never a failure


def test_a_left_over_of_a_killed_process_does_not_hinder(tmp_path: Path) -> None:
    cache(tmp_path).save(TOKEN)
    token_file(tmp_path).with_suffix(".new").write_text("half")
    cache(tmp_path).save(TOKEN)
    assert cache(tmp_path).load() == TOKEN


@pytest.mark.parametrize(
    ("answer", "lifetime", "renewed_after"),
    [
        ({"expires_in": 3660}, 3660, 3540),
        ({"expires_in": "3660"}, 3660, 3540),
        ({"expires_in": 60}, 60, 30),
        ({"expires_in": None}, 600, 480),
        ({"expires_in": "soon"}, 600, 480),
        ({"expires_in": "nan"}, 600, 480),
        ({"expires_in": "9" * 400}, 600, 480),
        ({"expires_in": int("9" * 400)}, 600, 480),
        ({"expires_in": -(10**30)}, 2, 1),
        ({"expires_in": []}, 600, 480),
        ({}, 600, 480),
    ],
)
def test_lifetime(answer: dict[str, Any], lifetime: float, renewed_after: float) -> None:
    token = Token.from_answer({"access_token": "a", "refresh_token": None, **answer}, NOW)
    assert token == Token("a", None, NOW + lifetime, NOW + renewed_after)


@pytest.mark.parametrize("access", [None, "", 7, "two\nlines", "ä"])
def test_no_usable_token(access: Any) -> None:
    assert Token.from_answer({"access_token": access, "expires_in": 3660}, NOW) is None
