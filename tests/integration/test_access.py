# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an API user may do, as check_access shows it, and credentials that rotate_credentials switches only when they are good enough."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from integration.playbook import BIN, Controller, Run, play

from simulator.launch import Simulator

CHECK, ROTATE = "flexops.fortiflex.check_access", "flexops.fortiflex.rotate_credentials"
PROGRAM = "ELAVMS0000000200"
NEW = {"FORTIFLEX_NEW_USERNAME": "new-api-user", "FORTIFLEX_NEW_PASSWORD": 'n3w"p4ss{{ 1 }}#: w0rd'}
OLD_TEXT = """\
# Who talks to FortiFlex.
fortiflex_username: demo-api-user
fortiflex_password: demo-password  # of May
"""


def check(controller: Controller, user: str, *arguments: str, **required: Any) -> Run:
    """Run check_access as an API user."""
    return controller.play(
        CHECK,
        "-e",
        json.dumps({"access_required": required} if required else {}),
        *arguments,
        env={"FORTIFLEX_ACCESS_USERNAME": user},
    )


def test_a_table_shows_what_the_user_may_do(controller: Controller, flex: Simulator) -> None:
    run = check(
        controller,
        "demo-api-user",
        "-vvv",
        accounts=["2000001", "2000003"],
        program=PROGRAM,
        write=True,
    )
    assert run.changed == 0 and "demo-password" not in run.output
    plain = check(controller, "demo-api-user")
    assert plain.changed == 0
    table = plain.shown[0]["msg"]
    assert table[0] == f"demo-api-user may read and write program {PROGRAM}, account 2000001."
    assert f"{PROGRAM}, which account 2000001 owns" in table
    assert "  account 2000001           granted" in table and "refused" not in plain.output
    assert "  programs/points           no balance  The program is not prepaid." in table
    assert all(len(line) <= 68 for line in table[1:])
    assert "found none and did not deny the call" in " ".join(table)
    assert flex.state()["entitlements"] == []


def test_the_verdict_comes_first_and_what_is_required_is_granted(
    controller: Controller, flex: Simulator
) -> None:
    needed: dict[str, Any] = {"program": PROGRAM, "accounts": ["2000001", "2000003"], "write": True}
    table = check(controller, "demo-api-user", **needed).shown[0]["msg"]
    assert table[:6] == [
        f"demo-api-user may read and write program {PROGRAM}, accounts 2000001, 2000003.",
        "Required:",
        f"  program {PROGRAM}  granted",
        "  account 2000001           granted",
        "  account 2000003           granted",
        "  writing                   granted",
    ]
    table = check(controller, "read-only", **needed).shown[0]["msg"]
    assert table[0].endswith("accounts 2000001, 2000003, and may not write.")
    assert "  writing                   missing" in table
    unseen = check(controller, "demo-api-user", program="ELAVMS0000000999").shown[0]["msg"]
    assert unseen[0] == (
        f"demo-api-user does not see program ELAVMS0000000999, but ELAVMR0000000100, {PROGRAM}."
    )
    tenant = check(controller, "tenant-2-only", program=PROGRAM, accounts=["2000001"])
    assert tenant.shown[0]["msg"][0] == (
        f"tenant-2-only sees program {PROGRAM}, and can read none of its accounts."
    )


def test_what_the_allowed_accounts_leave_out_is_one_line(
    controller: Controller, flex: Simulator
) -> None:
    flex.seed_configuration("branch", accountId=2000002)
    allowed = json.dumps(
        {"fortiflex_allowed_accounts": ["2000002"], "fortiflex_account_id": 2000002}
    )
    table = controller.play(CHECK, "-e", allowed).shown[0]["msg"]
    assert table[0] == f"demo-api-user may read and write program {PROGRAM}, account 2000002."
    about = [line for line in table if "allowed_accounts" in line]
    assert about == [
        "Not checked, because allowed_accounts leaves them out: accounts 1000001, 2000001."
    ]
    assert not [line for line in table if line.startswith("ELAVMR") or "unknown" in line]


def test_what_is_missing_is_one_sentence(controller: Controller) -> None:
    read_only = check(controller, "read-only", write=True, accounts=["2000002"])
    assert read_only.failure["msg"] == (
        "This API user may not write (entitlements/stop: Authorization denied.). Check the permissions and the scope of the API user in FortiCloud IAM."
    )
    tenant = check(controller, "tenant-2-only", accounts=["2000002", "2000003"])
    assert tenant.failure["msg"].startswith(
        "Account 2000003 cannot be read (Authorization denied.)."
    )
    nobody = check(controller, "no-permission", write=True)
    assert (
        "FortiCloud refused the login of API user no-p… (The user has no permission)"
        in nobody.failure["msg"]
    )


@pytest.mark.thorough
def test_in_check_mode_nothing_is_written(controller: Controller, flex: Simulator) -> None:
    assert check(controller, "read-only", "--check", write=True).changed == 0
    assert flex.writes() == 0
    assert controller.play(CHECK, "-e", "access_probe_writing=false").changed == 0
    assert flex.writes() == 0


@pytest.fixture
def rotated(controller: Controller, flex: Simulator) -> Iterator[Path]:
    """The file of credentials, and a FortiFlex that knows the new user, too; no output of a test may show a password."""
    users = flex.state()["settings"]["users"]
    flex.settings(
        users=[
            *users,
            {
                "username": NEW["FORTIFLEX_NEW_USERNAME"],
                "password": NEW["FORTIFLEX_NEW_PASSWORD"],
                "permission": "write",
            },
        ]
    )
    file = controller.directory / "credentials.yml"
    file.write_text(OLD_TEXT)
    file.chmod(0o640)
    (controller.directory / "vault-password").write_text("v4ult-s3cret\n")
    yield file


def rotate(
    controller: Controller, *arguments: str, env: dict[str, str] | None = None, **variables: Any
) -> Run:
    """Run rotate_credentials, and see that no output shows a secret."""
    every = {"rotate_file": "credentials.yml", **variables}
    run = controller.play(
        ROTATE, "-e", json.dumps(every), "-vvv", "--diff", *arguments, env={**NEW, **(env or {})}
    )
    for secret in ("n3w", "p4ss", "w0rd", "demo-password", "v4ult"):
        assert secret not in run.output
    return run


def read(controller: Controller, file: Path) -> dict[str, Any]:
    """What Ansible reads in a file of variables."""
    text = (
        subprocess.run(
            [
                str(BIN / "ansible-vault"),
                "view",
                "--vault-password-file",
                "vault-password",
                str(file),
            ],
            cwd=controller.directory,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        if file.read_text().startswith("$ANSIBLE_VAULT")
        else file.read_text()
    )
    found: dict[str, Any] = yaml.safe_load(text.replace("!vault ", "").replace("!unsafe ", ""))
    return found


def test_credentials_are_switched_once(
    controller: Controller, flex: Simulator, rotated: Path
) -> None:
    assert rotate(controller, "--check").changed == 1
    assert rotated.read_text() == OLD_TEXT and flex.writes() == 0
    assert rotate(controller).changed == 1
    assert tuple(read(controller, rotated).values()) == tuple(NEW.values())
    assert rotated.stat().st_mode & 0o777 == 0o600
    requests = flex.requests()["total"]
    assert rotate(controller).changed == 0 and flex.requests()["total"] == requests
    assert [path.name for path in controller.directory.glob("credentials*")] == ["credentials.yml"]
    nobody = {"FORTIFLEX_ACCESS_USERNAME": "", "FORTIFLEX_ACCESS_PASSWORD": ""}
    assert controller.play(CHECK, "-e", "@credentials.yml", env=nobody).changed == 0


@pytest.mark.parametrize(
    ("user", "reason"),
    [
        ({"FORTIFLEX_NEW_PASSWORD": "wr0ng"}, "FortiCloud refused the login of API user new-…"),
        (
            {"FORTIFLEX_NEW_USERNAME": "read-only", "FORTIFLEX_NEW_PASSWORD": "demo-password"},
            "This API user may not write",
        ),
        (
            {"FORTIFLEX_NEW_USERNAME": "tenant-2-only", "FORTIFLEX_NEW_PASSWORD": "demo-password"},
            "Account 2000001 cannot be read",
        ),
        (
            {"FORTIFLEX_PROGRAM": "ELAVMS0000000999"},
            "Program ELAVMS0000000999 is not among those that this API user sees",
        ),
        (
            {"FORTIFLEX_PROGRAM": ""},
            "Set rotate_file, rotate_username, rotate_password and fortiflex_program",
        ),
    ],
)
def test_nothing_is_switched_if_they_are_not_good_enough(
    controller: Controller, rotated: Path, user: dict[str, str], reason: str
) -> None:
    run = rotate(controller, env=user, rotate_accounts=["2000001"])
    assert run.rc == 2 and reason in run.output and rotated.read_text() == OLD_TEXT
    assert "wr0ng" not in run.output


@pytest.mark.thorough
def test_a_user_that_only_reads_is_good_enough_if_that_is_said(
    controller: Controller, rotated: Path
) -> None:
    user = {"FORTIFLEX_NEW_USERNAME": "read-only", "FORTIFLEX_NEW_PASSWORD": "demo-password"}
    assert rotate(controller, env=user, rotate_write=False, rotate_backup=True).changed == 1
    (backup,) = (path for path in rotated.parent.glob("credentials.yml.*"))
    assert backup.read_text() == OLD_TEXT and backup.stat().st_mode & 0o007 == 0


@pytest.mark.thorough
def test_a_new_file_is_for_the_user_alone(controller: Controller, rotated: Path) -> None:
    rotated.unlink()
    assert rotate(controller, "--check").changed == 1 and not rotated.exists()
    assert rotate(controller).changed == 1 and rotated.stat().st_mode & 0o777 == 0o600
    assert rotate(controller).changed == 0 and list(read(controller, rotated)) == [
        "fortiflex_username",
        "fortiflex_password",
    ]


@pytest.mark.parametrize(
    "more",
    [
        "fortiflex_program: ELAVMS0000000200\n",
        "other:\n  token: !vault |\n    $ANSIBLE_VAULT;1.1;AES256\n    6162\n",
    ],
)
def test_a_file_with_other_variables_is_left_alone(
    controller: Controller, flex: Simulator, rotated: Path, more: str
) -> None:
    rotated.write_text(OLD_TEXT + more)
    run = rotate(controller)
    assert run.rc == 2 and "give them a file of their own" in run.output
    assert rotated.read_text() == OLD_TEXT + more and flex.requests()["total"] == 0


VAULT = {"rotate_vault_password_file": "vault-password"}
OLD_USER = {"FORTIFLEX_NEW_USERNAME": "demo-api-user", "FORTIFLEX_NEW_PASSWORD": "demo-password"}


def test_a_file_is_vaulted_and_stays_so(controller: Controller, rotated: Path) -> None:
    assert rotate(controller, **VAULT).changed == 1
    vaulted = rotated.read_text()
    assert vaulted.startswith("$ANSIBLE_VAULT;1.1;AES256\n")
    assert tuple(read(controller, rotated).values()) == tuple(NEW.values())
    assert rotate(controller, **VAULT).changed == 0 and rotated.read_text() == vaulted
    without = rotate(controller, env=OLD_USER)
    assert without.rc == 2 and "is vaulted; set rotate_vault_password_file" in without.output
    assert rotated.read_text() == vaulted
    nobody = {"FORTIFLEX_ACCESS_USERNAME": "", "FORTIFLEX_ACCESS_PASSWORD": ""}
    arguments = ("-e", "@credentials.yml", "--vault-password-file", "vault-password")
    assert controller.play(CHECK, *arguments, env=nobody).changed == 0
    assert rotate(controller, env=OLD_USER, **VAULT).changed == 1
    assert read(controller, rotated)["fortiflex_username"] == "demo-api-user"
    assert rotated.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", ["", " \n", "#!/bin/sh\necho v4ult-s3cret\n"])
def test_a_file_without_a_vault_password_vaults_nothing(
    controller: Controller, flex: Simulator, rotated: Path, content: str
) -> None:
    (controller.directory / "vault-password").write_text(content)
    run = rotate(controller, **VAULT)
    assert run.rc == 2 and "vault-password holds no vault password" in run.output
    assert rotated.read_text() == OLD_TEXT and flex.requests()["total"] == 0


def test_a_vault_password_is_read_as_ansible_reads_it(
    controller: Controller, rotated: Path
) -> None:
    (controller.directory / "vault-password").write_text("\n  v4ult-s3cret \n\n")
    assert rotate(controller, **VAULT).changed == 1
    assert tuple(read(controller, rotated).values()) == tuple(NEW.values())


@pytest.mark.thorough
def test_a_wrong_vault_password_changes_nothing(controller: Controller, rotated: Path) -> None:
    assert rotate(controller, **VAULT).changed == 1
    vaulted = rotated.read_text()
    (controller.directory / "other").write_text("another-one")
    run = rotate(controller, env=OLD_USER, rotate_vault_password_file="other")
    assert run.rc == 2 and rotated.read_text() == vaulted
    assert "credentials.yml cannot be decrypted with other; name the file" in run.output


@pytest.mark.thorough
def test_a_vault_id_stays(controller: Controller, rotated: Path) -> None:
    assert rotate(controller, **VAULT, rotate_vault_id="prod").changed == 1
    assert rotated.read_text().startswith("$ANSIBLE_VAULT;1.2;AES256;prod\n")
    strict = {**OLD_USER, "ANSIBLE_VAULT_ID_MATCH": "true"}
    assert rotate(controller, env=strict, **VAULT).changed == 1
    assert rotated.read_text().startswith("$ANSIBLE_VAULT;1.2;AES256;prod\n")
    assert read(controller, rotated)["fortiflex_username"] == "demo-api-user"


@pytest.mark.parametrize("character", ["\x7f", "\x85", "\u2028"])
def test_a_password_that_no_yaml_file_keeps_is_refused(
    controller: Controller, flex: Simulator, rotated: Path, character: str
) -> None:
    run = rotate(controller, env={"FORTIFLEX_NEW_PASSWORD": f"n3w {character} w0rd"})
    assert run.rc == 2 and "a character that a YAML file cannot keep" in run.output
    assert rotated.read_text() == OLD_TEXT and flex.requests()["total"] == 0


@pytest.mark.parametrize("password", ["plain", "'\"\\ #: é 😀", "{% raw %}"])
def test_a_password_is_read_back_as_it_is(
    controller: Controller, flex: Simulator, rotated: Path, password: str
) -> None:
    users = [{**user, "password": password} for user in flex.state()["settings"]["users"]]
    flex.settings(users=users)
    assert rotate(controller, env={"FORTIFLEX_NEW_PASSWORD": password}).changed == 1
    show = {"ansible.builtin.debug": {"msg": "{{ fortiflex_password }}"}}
    run = controller.play(play(show), "-e", "@credentials.yml")
    assert run.shown == [{"msg": password}]
