# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWX would run: ansible-runner, with which AWX runs its jobs, runs every job template against one local FortiFlex. And awx_setup, against a stand-in."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import ansible_runner
import pytest
import yaml
from awx import controller as stand_in
from awx import rules
from awx.data import DATA, TEMPLATES, TYPES, Dumper, Unsafe
from integration.playbook import BIN, ROOT, Controller

from simulator.launch import Simulator, start

PASSWORD = "c4nary-p4ssw0rd"
BRANCH = {
    "name": "branch",
    "product": "fortigate_vm_bundle",
    "parameters": {"cpus": 2, "service_package": "ENT"},
}
# Who runs a template answers what has no default.
ANSWERS: dict[str, dict[str, Any]] = {
    "FortiFlex retire sites": {"target": "site-3"},
    **{
        f"FortiFlex {word} tenant": {"tenant_account": "2000002"}
        for word in ("onboard", "suspend", "resume")
    },
    **{f"FortiFlex {word} VM": {"vm_name": "scale-02"} for word in ("follow", "retire")},
    "FortiFlex extend sites": {"extend_names": "office-1"},
    "FortiFlex refill spares": {"spares_configuration": "branch"},
    "FortiFlex offboard tenant": {"tenant_account": "2000003", "tenant_confirm": "2000003"},
}


@dataclass(frozen=True)
class Job:
    """A job that has run, by what AWX reads: its events."""

    rc: int
    events: list[dict[str, Any]]

    @property
    def output(self) -> str:
        """As AWX shows it."""
        return "".join(event["stdout"] + "\n" for event in self.events)

    @property
    def stats(self) -> dict[str, Any]:
        """The last event."""
        return next(
            event["event_data"]
            for event in reversed(self.events)
            if event["event"] == "playbook_on_stats"
        )

    @property
    def artifacts(self) -> dict[str, Any]:
        """What the next jobs of a workflow get as variables."""
        found: dict[str, Any] = self.stats["artifact_data"]
        return found

    @property
    def changed(self) -> int:
        """How many tasks changed something; fails if the job did."""
        assert self.rc == 0, self.output
        return sum(self.stats["changed"].values())


class Awx:
    """Runs jobs as AWX would: in a directory of their own, with the environment of a credential, extra variables in a file."""

    def __init__(self, directory: Path, flex: Simulator) -> None:
        self.flex = flex
        self.directory = directory
        self.state = directory / "state"
        self._controller = Controller(directory, flex)
        self._numbers = iter(range(1, 1000))

    def inputs(self) -> dict[str, str]:
        """What somebody has typed into the credential."""
        given = self.flex.environment()
        names = {
            "username": "ACCESS_USERNAME",
            "program": "PROGRAM",
            "account_id": "ACCOUNT_ID",
            "api_url": "API_URL",
            "auth_url": "AUTH_URL",
        }
        unpaced = {"requests_per_minute": "100000", "requests_per_hour": "100000"}
        return {
            "password": PASSWORD,
            "state_dir": str(self.state),
            **unpaced,
            **{name: given[f"FORTIFLEX_{word}"] for name, word in names.items()},
        }

    def environment(self, *credentials: tuple[str, Mapping[str, str]]) -> dict[str, str]:
        """That of a job with these credentials, and nothing of FortiFlex but what they give."""
        empty = {
            name: "" for name in self._controller.environment() if name.startswith("FORTIFLEX_")
        }
        given = {
            key: value
            for kind, inputs in credentials
            for key, value in rules.environment(TYPES[kind]["injectors"], inputs).items()
        }
        return {**self._controller.environment(empty), **given}

    def run(
        self,
        name: str,
        inventory: Path,
        answers: Mapping[str, Any] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> Job:
        """A job of a template: with the defaults of its survey, these answers, and ``more`` variables such as a workflow or AWX itself gives."""
        item = TEMPLATES[name]
        survey = (
            {question["variable"]: question.get("default") for question in item["survey"]}
            | ANSWERS.get(name, {})
            | dict(answers or {})
        )
        for question in item["survey"]:
            assert list(rules.answer(question, survey[question["variable"]])) == []
        # AWX lets only the template itself have templates in its variables.
        literal = {
            key: Unsafe(value) if isinstance(value, str) else value
            for key, value in {**survey, **(more or {})}.items()
        }
        place = self.directory / f"job_{next(self._numbers)}"
        (place / "env").mkdir(parents=True)
        plain = json.loads(json.dumps(item.get("extra_vars", {})))
        (place / "env" / "extravars").write_text(yaml.dump({**plain, **literal}, Dumper=Dumper))
        rotating = (
            [
                (
                    "FortiFlex new API user",
                    {"new_username": "demo-api-user", "new_password": PASSWORD},
                )
            ]
            if "rotate" in name
            else []
        )
        done = ansible_runner.run(
            private_data_dir=str(place),
            project_dir=str(ROOT),
            playbook=item["playbook"],
            inventory=str(inventory),
            ident="1",
            quiet=True,
            envvars=self.environment(("FortiFlex", self.inputs()), *rotating),
            suppress_env_files=True,
            cmdline="--diff" + (" --check" if item.get("job_type") == "check" else ""),
        )
        return Job(done.rc, list(done.events))

    def written(self) -> str:
        """All that the jobs have left, but the environment that ansible-runner writes down for the user alone; AWX keeps one without secrets."""
        texts = []
        for path in self.directory.glob("job_*/artifacts/**/*"):
            if path.is_file():
                text = path.read_bytes().decode(errors="replace")
                texts.append(
                    json.dumps({**json.loads(text), "env": {}}) if path.name == "command" else text
                )
        return "".join(texts)

    def secrets(self) -> set[str]:
        """Password, bearer tokens, and the license tokens of all entitlements."""
        saved = [json.loads(path.read_text()) for path in self.state.glob("token-*")]
        tokens = {item["token"] for item in self.flex.state()["entitlements"] if item["token"]}
        return (
            {PASSWORD} | tokens | {item[kind] for item in saved for kind in ("access", "refresh")}
        )


@pytest.fixture(scope="module")
def awx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Awx]:
    """AWX on which nothing has run yet, and a FortiFlex."""
    with start() as flex:
        flex.settings(
            users=[{"username": "demo-api-user", "password": PASSWORD, "permission": "write"}]
        )
        yield Awx(tmp_path_factory.mktemp("awx"), flex)


@pytest.fixture(scope="module")
def prometheus() -> Iterator[str]:
    """Answers every query with 150."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            data = json.dumps({"data": {"result": [{"value": [0, "150"]}]}}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *arguments: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def write_inventory(path: Path, groups: Mapping[str, Any]) -> Path:
    """An inventory of these groups, all of whose hosts are in this process's reach only."""
    shared = {
        "ansible_connection": "local",
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        "fortiflex_configurations": [BRANCH],
    }
    path.write_text(json.dumps({"all": {"vars": shared, "children": groups}}))
    return path


@pytest.mark.thorough
def test_every_job_template_runs_as_awx_runs_it(awx: Awx, prometheus: str) -> None:
    sites = {f"site-{number}": {"fortiflex_configuration": "branch"} for number in range(1, 4)}
    environment = {f"dev-{number}": {"fortiflex_configuration": "branch"} for number in (1, 2)}
    inventory = write_inventory(
        awx.directory / "hosts.json",
        {
            "fortiflex_sites": {
                "hosts": sites,
                "children": {"development": {"hosts": environment}},
            },
            "branch_offices": {"hosts": {"office-1": {}}},
            "datacenters": {"hosts": {"dc-1": {}}},
        },
    )
    ran: dict[str, list[Job]] = {}

    def run(name: str, times: int = 2, **answers: Any) -> list[Job]:
        """Run a template so often; only the first time may change anything."""
        jobs = [awx.run(f"FortiFlex {name}", inventory, answers) for _number in range(times)]
        assert [job.changed for job in jobs[1:]] == [0] * (times - 1), jobs[-1].output
        ran[f"FortiFlex {name}"] = jobs
        return jobs

    (plan,) = run("plan", 1)
    assert plan.changed == 1 and awx.flex.writes() == 0
    told = {"points_per_day_before": 0.0, "points_per_day_after": 5 * 6.39}
    exact = ("program", "account_id", "digest", "changes")
    made = {key: plan.artifacts["fortiflex_plan"]["2000001"].pop(key) for key in exact}
    assert len(made["changes"]) == 6 and made["account_id"] == 2000001
    assert plan.artifacts == {
        "fortiflex_plan": {"2000001": {"create": 5, "configurations": {"create": 1}, **told}},
        **{f"fortiflex_{key}": value for key, value in told.items()},
    }

    first, second = run("license fleet")
    assert first.changed == 1 and second.artifacts["fortiflex_plan"]["2000001"]["unchanged"] == 5
    for machine in awx.flex.state()["entitlements"]:
        awx.flex.redeem(machine["token"])
    assert run("audit fleet", 1)[0].changed == 0

    def tenants() -> None:
        assert run("onboard tenant", 1)[0].changed == 1
        made = awx.flex.seed_configuration("shop", accountId=2000002)["id"]
        awx.flex.seed(
            [{"configId": made, "description": "shop-1", "status": "ACTIVE", "tokenStatus": "USED"}]
        )
        for word in ("suspend tenant", "resume tenant"):
            assert run(word, 1)[0].changed >= 1

    def environments() -> None:
        for word in ("stop environment", "start environment"):
            assert run(word, 1)[0].changed == 1

    def scaled() -> None:
        assert run("autoscale", 1, autoscale_prometheus_url=prometheus)[0].changed == 1
        assert run("check access", 1)[0].changed == 0

    def others() -> None:
        for word in (
            "provision branch offices",
            "provision datacenter",
            "offboard tenant",
            "rotate credentials",
        ):
            assert run(word, 1)[0].changed >= 1

    awx.flex.seed(
        [
            {
                "configId": awx.flex.seed_configuration("old", accountId=2000003)["id"],
                "description": "shop",
                "status": "ACTIVE",
            }
        ]
    )
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(chain) for chain in (tenants, scaled, environments, others)]:
            done.result()
    assert run("retire sites", 1)[0].changed == 1
    for word in ("follow VM", "retire VM", "refill spares"):
        assert run(word, 1)[0].changed == 1
    assert run("extend sites", 1)[0].changed == 0  # it ends with the program already
    assert run("adopt fleet", 1)[0].changed >= 1
    assert run("usage report", 1)[0].changed >= 1

    assert ran.keys() == TEMPLATES.keys()
    held = {
        item["description"]: item["status"]
        for item in awx.flex.state()["entitlements"]
        if item["accountId"] == 2000001
    }
    assert (
        held["site-1"] == held["dev-1"] == "ACTIVE"
        and "site-3" not in held
        and {"office-1", "dc-1", "scale-01"} <= held.keys()
        and "scale-02" not in held
    )
    written, secrets = awx.written(), awx.secrets()
    assert len(secrets) > 10 and "site-1" in written
    assert [secret for secret in secrets if secret in written] == []
    listed = subprocess.run(
        [
            BIN / "ansible-inventory",
            "-i",
            ROOT / DATA["awx_inventories"][1]["source"]["path"],
            "--list",
        ],
        env=awx.environment(("FortiFlex", awx.inputs())),
        capture_output=True,
        text=True,
        check=True,
    )
    assert {"site-1", "dev-1", "office-1", "shop-1"} <= json.loads(listed.stdout)["_meta"][
        "hostvars"
    ].keys()


def test_a_workflow_licenses_what_was_approved(awx: Awx) -> None:
    """In two accounts: the plan's artifacts are variables of the next job, and AWX tells each of them apart."""

    def sites(east: int) -> Path:
        groups = {
            account: {
                "hosts": {f"flow-{account}-{number}": {} for number in range(count)},
                "vars": {
                    "fortiflex_account_id": account,
                    "fortiflex_configuration": "branch",
                    "fortiflex_reuse": "never",
                },
            }
            for account, count in (("2000002", 2), ("2000003", east))
        }
        return write_inventory(
            awx.directory / f"flow_{east}.json", {"fortiflex_sites": {"children": groups}}
        )

    plan = awx.run("FortiFlex plan", sites(1))
    assert plan.changed == 1
    assert plan.artifacts["fortiflex_points_per_day_after"] == pytest.approx(3 * 6.39)
    assert {
        place: part["points_per_day_after"]
        for place, part in plan.artifacts["fortiflex_plan"].items()
    } == {"2000002": 12.78, "2000003": 6.39}

    dearer = awx.run("FortiFlex license fleet", sites(2), more=plan.artifacts)
    assert dearer.rc == 2
    assert (
        "Account 2000003: 1 change would be made that is not in the plan: create entitlement 'flow-2000003-1'"
        in dearer.output
    )
    assert awx.run("FortiFlex license fleet", sites(1), more=plan.artifacts).changed == 1
    names = {item["description"] for item in awx.flex.state()["entitlements"]}
    assert {
        "flow-2000002-0",
        "flow-2000002-1",
        "flow-2000003-0",
    } <= names and "flow-2000003-1" not in names
    other = {"fortiflex_plan": {"2000002": plan.artifacts["fortiflex_plan"]["2000002"]}}
    assert (
        "in the plan, which has nothing of account 2000003"
        in awx.run("FortiFlex license fleet", sites(2), more=other).output
    )


def test_a_slice_does_not_prune(awx: Awx) -> None:
    """AWX hides the sites of the other slices from a slice; all that tells is that its workflow job has the name of the job template."""
    inventory = write_inventory(
        awx.directory / "slice.json",
        {
            "fortiflex_sites": {
                "hosts": {"site-1": {"fortiflex_configuration": "branch"}},
                "vars": {
                    "fortiflex_prune": {"names": ["site-*", "dev-*"]},
                    "fortiflex_max_prune": "100%",
                },
            }
        },
    )
    name = "FortiFlex license fleet"
    sliced = awx.run(
        name, inventory, more={"awx_job_template_name": name, "awx_workflow_job_name": name}
    )
    assert (
        sliced.rc == 2
        and "prune is refused because AWX has sliced the inventory for this job" in sliced.output
    )
    whole = {"awx_job_template_name": name, "awx_workflow_job_name": DATA["awx_workflow"]["name"]}
    assert awx.run(name, inventory, more=whole).changed == 1


@pytest.mark.thorough
def test_setting_up_twice(awx: Awx, tmp_path: Path) -> None:
    machine = Controller(tmp_path, awx.flex)
    with stand_in.start() as (url, store):
        machine.settings = {
            "CONTROLLER_HOST": url,
            "CONTROLLER_OAUTH_TOKEN": "c4nary-t0ken",
            "FORTIFLEX_ACCESS_PASSWORD": PASSWORD,
            "ANSIBLE_PIPELINING": "true",
        }
        runs = [
            machine.play(
                "flexops.fortiflex.awx_setup",
                "-e",
                "fortiflex_ee_image=registry.example.com/fortiflex-ee:1.0",
            )
        ]
        writes = store.writes
        runs.append(
            machine.play(
                "flexops.fortiflex.awx_setup",
                "-e",
                "fortiflex_ee_image=registry.example.com/fortiflex-ee:1.0",
            )
        )
    assert runs[0].changed >= 10
    assert runs[1].changed == 0
    assert writes > 20
    assert store.writes == writes
    for secret in (PASSWORD, "c4nary-t0ken"):
        assert secret not in runs[0].output + runs[1].output
    made = next(iter(store.objects["credential_types"].values()))
    assert made["injectors"] == TYPES["FortiFlex"]["injectors"]
    (credential,) = store.objects["credentials"].values()
    assert (
        credential["inputs"]["password"] == PASSWORD
        and credential["inputs"]["state_dir"] == "/var/lib/fortiflex"
    )
    made_templates = {item["name"]: item for item in store.objects["job_templates"].values()}
    plan, extra = made_templates["FortiFlex plan"], TEMPLATES["FortiFlex plan"]["extra_vars"]
    assert (
        json.loads(plan["extra_vars"]) == extra
        and plan["job_type"] == "check"
        and not plan["ask_job_type_on_launch"]
    )
    assert [item["variable"] for item in store.surveys["FortiFlex plan"]["spec"]] == [
        "fortiflex_max_new",
        "fortiflex_max_points_per_day",
    ]
    nodes = {
        item["identifier"]: item for item in store.objects["workflow_job_template_nodes"].values()
    }
    follow = {
        name: store.members.get(f"{item['url']}success_nodes/", []) for name, item in nodes.items()
    }
    assert (follow["plan"], follow["approve"]) == (
        [nodes["approve"]["id"]],
        [nodes["license"]["id"]],
    )


def test_without_a_controller_it_lists_what_it_would_set_up(awx: Awx, tmp_path: Path) -> None:
    run = Controller(tmp_path, awx.flex).play("flexops.fortiflex.awx_setup")
    assert run.changed == 0
    listed = "\n".join(run.shown[0]["msg"])
    assert all(
        name in listed
        for name in [
            *TEMPLATES,
            *TYPES,
            DATA["awx_workflow"]["name"],
            *(item["name"] for item in DATA["awx_schedules"]),
        ]
    )


def test_what_a_credential_leaves_empty_says_nothing(awx: Awx) -> None:
    """To modules, the inventory and lookups alike; but a fence that a file or a task leaves empty stays an error."""
    environment = awx.environment(("FortiFlex", awx.inputs()))
    assert (
        environment["FORTIFLEX_ALLOWED_ACCOUNTS"] == environment["FORTIFLEX_ACCOUNT_ALIASES"] == ""
    )
    lookup = "{{ query('flexops.fortiflex.flex_entitlement', 'nobody'%s) }}"
    texts = [
        json.dumps(
            {
                "hosts": "localhost",
                "gather_facts": False,
                "tasks": [{"ansible.builtin.debug": {"msg": lookup % fence}}],
            }
        )
        for fence in ("", ", allowed_accounts=['']")
    ]
    runs = []
    for number, text in enumerate(texts):
        playbook = awx.directory / f"fence_{number}.yml"
        playbook.write_text(f"[{text}]")
        runs.append(
            subprocess.run(
                [BIN / "ansible-playbook", playbook],
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
        )
    open_to_all, fenced = (run.stdout + run.stderr for run in runs)
    assert "'nobody' is neither a name that holds an entitlement" in open_to_all
    assert "allowed_accounts is empty; give it a value or leave it out" in fenced
