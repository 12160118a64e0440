# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWX would run: ansible-runner, with which AWX runs its jobs, runs every job template against one local FortiFlex. And awx_setup, against a stand-in."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import ansible_runner
import pytest
import yaml
from awx import controller as stand_in
from awx import rules
from awx.data import DATA, TEMPLATES, TYPES, Dumper, Unsafe
from integration.playbook import BIN, ROOT, Controller, Run

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

    def statuses(self) -> dict[str, str]:
        """The status of each entitlement, by its description without tags."""
        held = self.flex.state()["entitlements"]
        return {item["description"].partition(" [")[0]: item["status"] for item in held}

    def leaks(self) -> list[str]:
        """The secrets that the jobs have left."""
        written = self.written()
        return [secret for secret in self.secrets() if secret in written]

    def secrets(self) -> set[str]:
        """Password, bearer tokens, and the license tokens of all entitlements."""
        saved = [json.loads(path.read_text()) for path in self.state.glob("token-*")]
        tokens = {item["token"] for item in self.flex.state()["entitlements"] if item["token"]}
        return (
            {PASSWORD} | tokens | {item[kind] for item in saved for kind in ("access", "refresh")}
        )


@pytest.fixture
def awx(tmp_path: Path) -> Iterator[Awx]:
    """AWX on which nothing has run yet, and a FortiFlex."""
    with start() as flex:
        flex.settings(
            users=[{"username": "demo-api-user", "password": PASSWORD, "permission": "write"}]
        )
        yield Awx(tmp_path, flex)


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


SITES = {f"site-{number}": {"fortiflex_configuration": "branch"} for number in range(1, 4)}
MACHINES = {f"dev-{number}": {"fortiflex_configuration": "branch"} for number in (1, 2)}


@pytest.fixture
def inventory(awx: Awx) -> Path:
    """The inventory of a company: three sites, an environment of two machines, a branch office and a datacenter."""
    development = {"development": {"hosts": MACHINES}}
    return write_inventory(
        awx.directory / "hosts.json",
        {
            "fortiflex_sites": {"hosts": SITES, "children": development},
            "branch_offices": {"hosts": {"office-1": {}}},
            "datacenters": {"hosts": {"dc-1": {}}},
        },
    )


@pytest.fixture
def company(awx: Awx, inventory: Path) -> Path:
    """The same, whose sites and environment are licensed and run, and two tenants with a license each."""

    def license(account: int, configuration: str, *names: str) -> None:
        size = [{"id": 1, "value": "2"}, {"id": 2, "value": "ENT"}]  # as BRANCH
        made = awx.flex.seed_configuration(configuration, accountId=account, parameters=size)
        running = {"configId": made["id"], "status": "ACTIVE", "tokenStatus": "USED"}
        awx.flex.seed([{**running, "description": name} for name in names])

    license(2000001, "branch", *SITES, *MACHINES)
    license(2000002, "shop", "shop-1")
    license(2000003, "old", "shop")
    return inventory


@dataclass(frozen=True)
class Case:
    """A job in the licensed company: which jobs come before it, whether it changes something, and who holds what then."""

    before: tuple[str, ...] = ()
    changes: bool = True
    held: Mapping[str, str | None] = field(default_factory=dict)  # None: nothing holds the name


CASES = {
    "plan": Case(changes=False),
    "license fleet": Case(changes=False),
    "audit fleet": Case(changes=False),
    "check access": Case(changes=False),
    "adopt fleet": Case(),
    "usage report": Case(),
    "rotate credentials": Case(),
    "provision branch offices": Case(held={"office-1": "PENDING"}),
    "provision datacenter": Case(held={"dc-1": "PENDING"}),
    "retire sites": Case(held={"site-3": None}),
    "extend sites": Case(("provision branch offices",), changes=False),  # it ends with the program
    "stop environment": Case(held={"dev-1": "STOPPED"}),
    "start environment": Case(("stop environment",), held={"dev-1": "ACTIVE"}),
    "autoscale": Case(held={"scale-01": "PENDING"}),
    "follow VM": Case(("autoscale",), held={"scale-02": "PENDING"}),
    "retire VM": Case(("autoscale", "follow VM"), held={"scale-02": None}),
    "refill spares": Case(),
    "onboard tenant": Case(),
    "suspend tenant": Case(held={"shop-1": "STOPPED"}),
    "resume tenant": Case(("suspend tenant",), held={"shop-1": "ACTIVE"}),
    "offboard tenant": Case(held={"shop": None}),
}


def test_every_job_template_has_a_case() -> None:
    assert {f"FortiFlex {name}" for name in CASES} == TEMPLATES.keys()


@pytest.mark.thorough
@pytest.mark.parametrize("name", CASES)
def test_a_job_of_each_template(awx: Awx, company: Path, prometheus: str, name: str) -> None:
    case, metric = CASES[name], {"autoscale_prometheus_url": prometheus}

    for word in (*case.before, name):
        template = f"FortiFlex {word}"
        asked = {question["variable"] for question in TEMPLATES[template]["survey"]}
        answers = {variable: url for variable, url in metric.items() if variable in asked}
        job = awx.run(template, company, answers)

    assert bool(job.changed) is case.changes, job.output
    statuses = awx.statuses()
    assert {site: statuses.get(site) for site in case.held} == case.held
    assert awx.leaks() == []


@pytest.mark.thorough
def test_the_first_license_of_the_fleet_is_as_its_plan_says(awx: Awx, inventory: Path) -> None:
    plan = awx.run("FortiFlex plan", inventory)

    assert plan.changed == 1 and awx.flex.writes() == 0
    account = plan.artifacts["fortiflex_plan"]["2000001"]
    costs = {"points_per_day_before": 0.0, "points_per_day_after": 5 * 6.39}
    assert account.items() >= {"create": 5, "configurations": {"create": 1}, **costs}.items()
    assert {key: plan.artifacts[f"fortiflex_{key}"] for key in costs} == costs
    assert {change["name"] for change in account["changes"]} == {"branch", *SITES, *MACHINES}

    first, second = (awx.run("FortiFlex license fleet", inventory) for _time in range(2))
    assert first.changed == 1 and second.changed == 0
    assert second.artifacts["fortiflex_plan"]["2000001"]["unchanged"] == 5
    assert awx.statuses() == dict.fromkeys([*SITES, *MACHINES], "PENDING")
    assert awx.leaks() == []


def test_the_inventory_of_awx_has_what_is_licensed_in_each_account(awx: Awx, company: Path) -> None:
    source = ROOT / DATA["awx_inventories"][1]["source"]["path"]
    listed = subprocess.run(
        [BIN / "ansible-inventory", "-i", source, "--list"],
        env=awx.environment(("FortiFlex", awx.inputs())),
        capture_output=True,
        text=True,
        check=True,
    )
    hosts = json.loads(listed.stdout)["_meta"]["hostvars"]
    assert {*SITES, *MACHINES, "shop-1", "shop"} <= hosts.keys()


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


@dataclass(frozen=True)
class SetUp:
    """AWX as awx_setup has left it: two runs, and what the controller had after the first and has now."""

    runs: list[Run]
    writes: list[int]
    store: stand_in.Store

    def named(self, kind: str) -> dict[str, dict[str, Any]]:
        """The objects of a kind, by name."""
        return {item["name"]: item for item in self.store.objects[kind].values()}


@pytest.fixture(scope="module")
def set_up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SetUp]:
    """Two runs of awx_setup with the same variables."""
    with start() as flex, stand_in.start() as (url, store):
        machine = Controller(tmp_path_factory.mktemp("set_up"), flex)
        machine.settings = {
            "CONTROLLER_HOST": url,
            "CONTROLLER_OAUTH_TOKEN": "c4nary-t0ken",
            "FORTIFLEX_ACCESS_PASSWORD": PASSWORD,
            "ANSIBLE_PIPELINING": "true",
        }
        image = ("-e", "fortiflex_ee_image=registry.example.com/fortiflex-ee:1.0")
        runs, writes = [], []
        for _time in range(2):
            runs.append(machine.play("flexops.fortiflex.awx_setup", *image))
            writes.append(store.writes)
        yield SetUp(runs, writes, store)


@pytest.mark.thorough
def test_setting_up_twice_changes_nothing_the_second_time(set_up: SetUp) -> None:
    first, second = set_up.runs
    assert first.changed and not second.changed
    assert set_up.writes[0] == set_up.writes[1]
    assert set_up.named("job_templates").keys() == TEMPLATES.keys()


@pytest.mark.thorough
def test_setting_up_shows_no_secret(set_up: SetUp) -> None:
    shown = "".join(run.output for run in set_up.runs)
    assert PASSWORD not in shown and "c4nary-t0ken" not in shown


@pytest.mark.thorough
def test_the_credential_that_is_set_up_has_the_inputs_of_the_environment(set_up: SetUp) -> None:
    assert (
        set_up.named("credential_types")["FortiFlex"]["injectors"]
        == (TYPES["FortiFlex"]["injectors"])
    )
    (credential,) = set_up.named("credentials").values()
    inputs = credential["inputs"]
    assert (inputs["password"], inputs["state_dir"]) == (PASSWORD, "/var/lib/fortiflex")


@pytest.mark.thorough
def test_the_plan_that_is_set_up_is_a_check_with_a_survey(set_up: SetUp) -> None:
    plan = set_up.named("job_templates")["FortiFlex plan"]
    assert json.loads(plan["extra_vars"]) == TEMPLATES["FortiFlex plan"]["extra_vars"]
    assert plan["job_type"] == "check" and not plan["ask_job_type_on_launch"]
    assert [item["variable"] for item in set_up.store.surveys["FortiFlex plan"]["spec"]] == [
        "fortiflex_max_new",
        "fortiflex_max_points_per_day",
    ]


@pytest.mark.thorough
def test_the_workflow_that_is_set_up_asks_for_approval_before_it_licenses(set_up: SetUp) -> None:
    made = set_up.store.objects["workflow_job_template_nodes"].values()
    nodes = {item["identifier"]: item for item in made}
    follow = {
        name: set_up.store.members.get(f"{item['url']}success_nodes/", [])
        for name, item in nodes.items()
    }
    assert follow["plan"] == [nodes["approve"]["id"]]
    assert follow["approve"] == [nodes["license"]["id"]]


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
    """To modules, the inventory and lookups alike; but a list of allowed accounts that a file or a task leaves empty stays an error."""
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
                "tasks": [{"ansible.builtin.debug": {"msg": lookup % allowed}}],
            }
        )
        for allowed in ("", ", allowed_accounts=['']")
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
    open_to_all, limited = (run.stdout + run.stderr for run in runs)
    assert "'nobody' is neither a name that holds an entitlement" in open_to_all
    assert "allowed_accounts is empty; give it a value or leave it out" in limited
