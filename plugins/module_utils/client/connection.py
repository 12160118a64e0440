# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connection options: what they are, what is wrong with them, and where the files of an API user lie.

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
from ..errors import FlexError, Problems
from ..given import CHECKS, KINDS, is_blank
from .state_files import open_own, own_directory, state_dir_error

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
    # An hour: a full budget of the hour has free slots again after at most that long.
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
_REQUIRED = ("username", "password", "program")


def argument_spec() -> dict[str, dict[str, Any]]:
    """The connection options and those of the audit trail for ``AnsibleModule``, each falling back to its environment variable."""
    specs = {
        name: {**spec, "fallback": (_set_in_environment, [variable])}
        for name, (variable, spec) in (_OPTIONS | _AUDIT_OPTIONS).items()
    }
    return specs | {"origin": {"type": "dict"}}  # which the action plugins fill


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
    """Hide the empty environment variables of the options, so that Ansible goes on to ansible.cfg. AWX sets all of a credential, filled in or not."""
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
    """The connection options, complete and checked. ``timeout`` and ``quota_wait`` are seconds; the URLs have no slash that matters."""

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
        """Take the connection options out of those of a task; what is missing, None or empty gets its default, other options are ignored.

        ``needs_program`` False: for calls that belong to no program, which is then empty if it is not given.
        Raises InvalidInput with all problems at once.
        """
        problems = Problems()
        values = {name: _value(name, options.get(name), problems) for name in _OPTIONS}
        for name in _REQUIRED:
            if is_blank(values[name]) and (needs_program or name != "program"):
                problems.add(
                    f"{name} is missing: set it, or the environment variable {_OPTIONS[name][0]}."
                )
        for name in ("api_url", "auth_url"):
            values[name] = _url(name, values[name], problems)
        if values["validate_certs"]:
            secure = any(values[name].startswith("https:") for name in ("api_url", "auth_url"))
            problem = authorities_problem("ca_path", values["ca_path"], secure)
            problems.add(*filter(None, [problem]))
        values["accounts"] = Accounts.from_options(
            {name: values.pop(name) for name in ("account_aliases", "allowed_accounts")}, problems
        )
        if values["account_id"] is not None:
            values["account_id"] = values["accounts"].number(
                "account_id", values["account_id"], problems
            )
        problems.refuse()
        if "fortiflex/v2" not in values["api_url"].lower():
            values["api_url"] += "/fortiflex/v2"
        values["program"] = serial_number_spelled(values["program"] or "")
        values["state_dir"] = values["state_dir"] or _default_state_dir()
        return cls(**values)

    def state_file(self, kind: str, of_all: bool = False) -> pathlib.Path:
        """Path of the file that this API user, or all of them, has for a purpose; the directory is made. The name reveals neither user nor URL.

        Raises FlexError where the directory cannot be used.
        """
        directory = pathlib.Path(self.state_dir)
        try:
            own_directory(directory)
            key = _directory_key(directory / "salt")
        except OSError as error:
            raise state_dir_error(self.state_dir, error) from None
        identity = (
            self.auth_url.encode() if of_all else f"{self.auth_url}\n{self.username}".encode()
        )
        return directory / f"{kind}-{hmac.new(key, identity, hashlib.sha256).hexdigest()[:32]}"


def _directory_key(path: pathlib.Path) -> bytes:
    """The random key of a state directory, made by whoever comes first."""
    descriptor = open_own(path, os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        key = os.pread(descriptor, 32, 0)
        if len(key) < 32:
            key = os.urandom(32)
            os.pwrite(descriptor, key, 0)
        return key
    finally:
        os.close(descriptor)


def _default_state_dir() -> str:
    """``fortiflex`` in the cache directory of the user, or below the temporary directory for a user who has no home.

    :raises FlexError: if what is there belongs to somebody else.
    """
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", ""))
    if cache.is_absolute():
        return str(cache / "fortiflex")
    home = _home()
    return _private_directory() if home is None else str(home / ".cache" / "fortiflex")


def _home() -> pathlib.Path | None:
    """The home directory of this user; None without one, as for a random user id in a container, which often gets /."""
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
    """A directory for this user id below the temporary one, which nobody else may read or could have made."""
    try:
        path = os.path.join(tempfile.gettempdir(), f"fortiflex-{os.getuid()}")
        with contextlib.suppress(FileExistsError):
            os.mkdir(path, 0o700)
        found = os.lstat(path)
    except OSError as error:
        raise FlexError(
            f"This user has no home directory, and no temporary one can be used ({error.strerror}): set state_dir to a directory that you may write to."
        ) from None
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise FlexError(
            f"{path} is not a directory that only this user can use: set state_dir to a directory of your own."
        )
    return path


def authorities_problem(name: str, path: str | None, secure: bool) -> str | None:
    """Why certificates cannot be checked by the file or directory that an option of this name says, or else the environment.

    ``secure``: whether anything goes over HTTPS; requests heeds its variables only then.
    """
    variables = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE") if secure and not path else ()
    variable = next((variable for variable in variables if os.environ.get(variable)), None)
    path = path or (os.environ[variable] if variable else None)
    reason = _no_authorities(path) if path else None
    if reason is None:
        return None
    start = f"{name}: {path}" if variable is None else f"{variable} is set to {path}, which"
    return f"{start} {reason}; name a file or directory with certificates of authorities"


def _no_authorities(path: str) -> str | None:
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


def _value(name: str, value: Any, problems: Problems) -> Any:
    """The option with its type, or its default; collects what is wrong."""
    spec = _OPTIONS[name][1]
    value = trimmed(name, value)
    if is_blank(value):
        return spec.get("default")
    try:
        checked = CHECKS[spec["type"]](value)
    except (TypeError, ValueError):
        problems.add(f"{name} must be {KINDS[spec['type']]}.")
        return spec.get("default")
    if checked not in spec.get("choices", [checked]):
        problems.add(f"{name} must be one of {', '.join(spec['choices'])}, not {checked}.")
    if name in _LEAST and not _LEAST[name] <= checked < float("inf"):
        problems.add(
            f"{name} must be {KINDS[spec['type']]} of at least {_LEAST[name]}, not {checked}."
        )
        return spec.get("default")
    if spec["type"] == "path" and checked.startswith("~"):
        problems.add(homeless(name, checked))
        return None
    return checked


def trimmed(name: str, value: Any) -> Any:
    """A value without the line break that a file or a variable ends with; without any blanks at its ends, if they cannot be meant."""
    if not isinstance(value, str):
        return value
    return value.rstrip("\r\n") if name in _KEPT_BLANKS else value.strip()


def homeless(name: str, path: str) -> str:
    """What is wrong with a path that still begins with ``~``: nobody knows where that is."""
    return f"{name}: {path} begins with the home directory of a user who has none; write the path from / on"


def _url(name: str, text: str, problems: Problems) -> str:
    """The URL without blanks and, for ``api_url``, without slashes at its end; collects what is wrong."""
    problem = url_problem(name, text, _OPTIONS[name][1]["default"], "password")
    if problem:
        problems.add(problem)
    return text.strip().rstrip("/") if name == "api_url" else text.strip()


def url_problem(name: str, text: str, example: str, secret: str) -> str | None:
    """What is wrong with the URL that an option of this name has, and to which a ``secret`` would be sent; never with what may be a secret in it."""
    try:
        url = urlsplit(text.strip())
        host, _port = url.hostname, url.port  # a port that is not a number raises ValueError
    except ValueError:
        url, host = SplitResult("", "", "", "", ""), None
    if url.scheme not in ("http", "https") or not host:
        return f"{name} must be a full URL such as {example}."
    if url.username is not None or url.query or url.fragment:
        return f"{name} must have no user name, query or fragment in it: credentials belong in the options that are for them."
    if url.scheme == "http" and not is_loopback(host):
        return f"{name} must begin with https:// because the {secret} would go to {host} unencrypted (plain HTTP is for this machine only)."
    return None


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, to which plain HTTP is allowed."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
