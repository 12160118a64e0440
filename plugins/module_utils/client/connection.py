# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connection options: what they are, what is wrong with them, and where the files of an API
user lie.

Private to the collection: may change at any time.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import hmac
import ipaddress
import os
import pathlib
import pwd
import re
import ssl
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, urlsplit

from ansible.module_utils.basic import AnsibleFallbackNotFound, env_fallback

from ..core.accounts import Accounts
from ..core.spelling import serial_number_spelled
from ..errors import FlexError, InvalidInput, Problems
from ..given import CHECKS, KINDS, is_blank
from .state_files import opened_own, own_directory, state_dir_error

_OPTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "username": ("FORTIFLEX_ACCESS_USERNAME", {"type": "str"}),
    "password": ("FORTIFLEX_ACCESS_PASSWORD", {"type": "str", "no_log": True}),
    "program": ("FORTIFLEX_PROGRAM", {"type": "str"}),
    "account_id": ("FORTIFLEX_ACCOUNT_ID", {"type": "str"}),
    "account_aliases": ("FORTIFLEX_ACCOUNT_ALIASES", {"type": "dict"}),
    "allowed_accounts": ("FORTIFLEX_ALLOWED_ACCOUNTS", {"type": "list", "elements": "str"}),
    "api_url": (
        "FORTIFLEX_API_URL",
        {"type": "str", "default": "https://support.fortinet.com/ES/api/fortiflex/v2"},
    ),
    "auth_url": (
        "FORTIFLEX_AUTH_URL",
        {"type": "str", "default": "https://customerapiauth.fortinet.com/api/v1/oauth/token/"},
    ),
    "validate_certs": ("FORTIFLEX_VALIDATE_CERTS", {"type": "bool", "default": True}),
    "ca_path": ("FORTIFLEX_CA_PATH", {"type": "path"}),
    "timeout": ("FORTIFLEX_TIMEOUT", {"type": "float", "default": 60.0}),
    # An hour: a full limit of the hour has free slots again after at most that long.
    "quota_wait": ("FORTIFLEX_QUOTA_WAIT", {"type": "float", "default": 3600.0}),
    "requests_per_minute": ("FORTIFLEX_REQUESTS_PER_MINUTE", {"type": "int", "default": 100}),
    "requests_per_hour": ("FORTIFLEX_REQUESTS_PER_HOUR", {"type": "int", "default": 1000}),
    "state_dir": ("FORTIFLEX_STATE_DIR", {"type": "path"}),
    "token_cache": ("FORTIFLEX_TOKEN_CACHE", {"type": "bool", "default": True, "no_log": False}),
    "catalogue": (
        "FORTIFLEX_CATALOGUE",
        {"type": "str", "choices": ["auto", "live", "snapshot"], "default": "auto"},
    ),
}
# What the audit trail takes; lookups and the inventory write nothing, so they have no use for it.
_AUDIT_OPTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "audit_log": ("FORTIFLEX_AUDIT_LOG", {"type": "path"}),
    "reason": ("FORTIFLEX_REASON", {"type": "str"}),
}
_LEAST = {"timeout": 1, "quota_wait": 0, "requests_per_minute": 1, "requests_per_hour": 1}
_KEPT_BLANKS = ("password", "ca_path", "state_dir", "audit_log")
_CREDENTIALS = ("username", "password")
_REQUIRED = (*_CREDENTIALS, "program")
_URLS = ("api_url", "auth_url")


def argument_spec() -> dict[str, dict[str, Any]]:
    """The connection options and those of the audit trail for ``AnsibleModule``, each falling back
    to its environment variable.
    """
    return {
        name: {**spec, "fallback": (_set_in_environment, [variable])}
        for name, (variable, spec) in (_OPTIONS | _AUDIT_OPTIONS).items()
    }


def _set_in_environment(variable: str) -> str:
    """What an environment variable says; one that is empty says nothing."""
    value = str(env_fallback(variable)).rstrip("\r\n")
    if is_blank(value):
        raise AnsibleFallbackNotFound
    return value


def option_names() -> list[str]:
    """The names of the connection options."""
    return list(_OPTIONS)


@contextmanager
def without_empty_variables() -> Iterator[None]:
    """Hide the empty environment variables of the options, so that Ansible goes on to ansible.cfg.
    AWX sets all of a credential, filled in or not.
    """
    empty = {
        variable: os.environ.pop(variable)
        for variable, _spec in _OPTIONS.values()
        if variable in os.environ and is_blank(os.environ[variable])
    }
    try:
        yield
    finally:
        os.environ.update(empty)


@dataclass(frozen=True)
class Connection:
    """The connection options, complete and checked. ``timeout`` and ``quota_wait`` are seconds; the
    URLs have no slash that matters.
    """

    username: str
    password: str = field(repr=False)
    program: str
    account_id: int | None
    accounts: Accounts
    api_url: str
    auth_url: str
    validate_certs: bool
    ca_path: str | None
    timeout: float
    quota_wait: float
    requests_per_minute: int
    requests_per_hour: int
    state_dir: str
    token_cache: bool
    catalogue: str

    @classmethod
    def from_options(cls, options: Mapping[str, Any], needs_program: bool = True) -> Connection:
        """Take the connection options out of those of a task; what is missing, None or empty gets
        its default, other options are ignored.

        ``needs_program`` False: for calls that belong to no program, which is then empty if it is
        not given. Raises InvalidInput with all problems at once.
        """
        with Problems() as problems:
            values = {name: _default(name) for name in _OPTIONS}
            for name in _OPTIONS:
                with problems.catch():
                    values[name] = _value(name, options.get(name))
            for name in _REQUIRED if needs_program else _CREDENTIALS:
                if is_blank(values[name]):
                    variable = _OPTIONS[name][0]
                    problems.add(
                        f"{name} is missing: set it, or the environment variable {variable}."
                    )
            problems.add(*_server_problems(values))
            accounts = {name: values.pop(name) for name in ("account_aliases", "allowed_accounts")}
            values["accounts"] = Accounts.from_options(accounts, problems)
            if values["account_id"] is not None:
                values["account_id"] = values["accounts"].number(
                    "account_id", values["account_id"], problems
                )
        values["api_url"] = values["api_url"].rstrip("/")
        if "fortiflex/v2" not in values["api_url"].lower():
            values["api_url"] += "/fortiflex/v2"
        values["program"] = serial_number_spelled(values["program"] or "")
        values["state_dir"] = values["state_dir"] or _default_state_dir()
        return cls(**values)

    @property
    def user(self) -> str:
        """What messages call the API user; its whole name is half of what a login needs."""
        return f"API user {self.username[:4]}…"

    def state_file(self, kind: str, of_all: bool = False) -> pathlib.Path:
        """Path of the file that this API user, or all of them, has for a purpose; the directory is
        made. The name reveals neither user nor URL.

        Raises FlexError where the directory cannot be used.
        """
        directory = pathlib.Path(self.state_dir)
        try:
            own_directory(directory)
            key = _directory_key(directory / "salt")
        except OSError as error:
            raise state_dir_error(self.state_dir, error) from None
        identity = self.auth_url if of_all else f"{self.auth_url}\n{self.username}"
        digest = hmac.new(key, identity.encode(), hashlib.sha256).hexdigest()
        return directory / f"{kind}-{digest[:32]}"


def _directory_key(path: pathlib.Path) -> bytes:
    """The random key of a state directory, made by whoever comes first."""
    with opened_own(path) as descriptor:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        key = os.pread(descriptor, 32, 0)
        if len(key) < 32:
            key = os.urandom(32)
            os.pwrite(descriptor, key, 0)
        return key


def _default_state_dir() -> str:
    """``fortiflex`` in the cache directory of the user, or below the temporary directory for a user
    who has no home.

    :raises FlexError: if what is there belongs to somebody else.
    """
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", ""))
    if cache.is_absolute():
        return str(cache / "fortiflex")
    home = _home()
    return _private_directory() if home is None else str(home / ".cache" / "fortiflex")


def _home() -> pathlib.Path | None:
    """The home directory of this user; None without one, as for a random user id in a container,
    which often gets /.
    """
    home = pathlib.Path(os.environ.get("HOME", ""))
    if not home.is_absolute():
        try:
            home = pathlib.Path(pwd.getpwuid(os.getuid()).pw_dir)
        except KeyError:
            return None
        if not home.is_dir():
            return None
    return home if home != home.parent or os.access(home, os.W_OK) else None


def _private_directory() -> str:
    """A directory for this user id below the temporary one, which nobody else may read or could
    have made.
    """
    try:
        path = os.path.join(tempfile.gettempdir(), f"fortiflex-{os.getuid()}")
        with contextlib.suppress(FileExistsError):
            os.mkdir(path, 0o700)
        found = os.lstat(path)
    except OSError as error:
        raise FlexError(
            "This user has no home directory, and no temporary one can be used "
            f"({error.strerror}): set state_dir to a directory that you may write to."
        ) from None
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise FlexError(
            f"{path} is not a directory that only this user can use: "
            "set state_dir to a directory of your own."
        )
    return path


def authorities_problem(name: str, path: str | None, secure: bool) -> str | None:
    """Why certificates cannot be checked by the file or directory that an option of this name says,
    or else the environment.

    ``secure``: whether anything goes over HTTPS; requests heeds its variables only then.
    """
    start = f"{name}: {path}"
    if secure and not path:
        variables = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
        variable = next(filter(os.environ.get, variables), "")
        path = os.environ.get(variable)
        start = f"{variable} is set to {path}, which"
    reason = _no_authorities(path) if path else None
    end = "name a file or directory with certificates of authorities"
    return reason and f"{start} {reason}; {end}"


def _no_authorities(path: str) -> str | None:
    """Why a file or directory has no certificates of authorities that OpenSSL finds; None if it has
    some.
    """
    try:
        if not os.path.isdir(path):
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
        elif not any(re.fullmatch(r"[0-9a-f]{8}\.\d+", name) for name in os.listdir(path)):
            return "has no certificate that openssl rehash has named"
    except ssl.SSLError:
        return "holds no certificate in PEM format"
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    return None


def _default(name: str) -> Any:
    return _OPTIONS[name][1].get("default")


def _value(name: str, value: Any) -> Any:
    """The option with its type, or its default.

    :raises InvalidInput: if it is none.
    """
    spec = _OPTIONS[name][1]
    value = trimmed(name, value)
    if is_blank(value):
        return _default(name)
    kind = KINDS[spec["type"]]
    try:
        checked = CHECKS[spec["type"]](value)
    except (TypeError, ValueError):
        raise InvalidInput([f"{name} must be {kind}."]) from None
    if checked not in spec.get("choices", [checked]):
        choices = ", ".join(spec["choices"])
        raise InvalidInput([f"{name} must be one of {choices}, not {checked}."])
    least = _LEAST.get(name)
    if least is not None and not least <= checked < float("inf"):
        raise InvalidInput([f"{name} must be {kind} of at least {least}, not {checked}."])
    if spec["type"] == "path" and checked.startswith("~"):
        raise InvalidInput([homeless(name, checked)])
    return checked


def _server_problems(values: Mapping[str, Any]) -> Iterator[str | None]:
    """What is wrong with the addresses of the servers, and with what proves that it is these."""
    for name in _URLS:
        yield url_problem(name, values[name], _default(name), "password")
    if values["validate_certs"]:
        secure = any(values[name].startswith("https:") for name in _URLS)
        yield authorities_problem("ca_path", values["ca_path"], secure)


def trimmed(name: str, value: Any) -> Any:
    """A value without the line break that a file or a variable ends with; without any blanks at its
    ends, if they cannot be meant.
    """
    if not isinstance(value, str):
        return value
    return value.rstrip("\r\n") if name in _KEPT_BLANKS else value.strip()


def homeless(name: str, path: str) -> str:
    """What is wrong with a path that still begins with ``~``: nobody knows where that is."""
    return (
        f"{name}: {path} begins with the home directory of a user who has none; "
        "write the path from / on"
    )


def url_problem(name: str, text: str, example: str, secret: str) -> str | None:
    """What is wrong with the URL that an option of this name has, and to which a ``secret`` would
    be sent; never with what may be a secret in it.
    """
    try:
        url = urlsplit(text.strip())
        host, _port = url.hostname, url.port  # a port that is not a number raises ValueError
    except ValueError:
        url, host = SplitResult("", "", "", "", ""), None
    if url.scheme not in ("http", "https") or not host:
        return f"{name} must be a full URL such as {example}."
    if url.username is not None or set("?#").intersection(text):  # also empty ones
        return (
            f"{name} must have no user name, query or fragment in it: "
            "credentials belong in the options that are for them."
        )
    if url.scheme == "http" and not is_loopback(host):
        return (
            f"{name} must begin with https:// because the {secret} would go to {host} unencrypted "
            "(plain HTTP is for this machine only)."
        )
    return None


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, to which plain HTTP is allowed."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
