# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A long run under FortiFlex's request limit sends as much as the limit and the latency allow, and knows when it ends."""

from __future__ import annotations

import itertools
import re
from typing import Any

import pytest
import requests
from ansible.utils.display import Display
from contract.harness import CONFIGURATION, Controller, SimulatorClock

PER_MINUTE, PER_HOUR = 100, 1000
W = 10.0  # seconds that writes may follow on a query of the account
SITES = 300
LATENCIES = {
    "none": (0.0,),
    "0.2 s": (0.2,),
    "0.4 s": (0.4,),
    "0.6 s": (0.6,),
    "1 s": (1.0,),
    "2 s": (2.0,),
    "uneven": (0.1, 0.3, 0.1, 1.1),
}
_FORECAST = re.compile(
    r"about (?:(\d+) h ?)?(?:(\d+) min ?)?(?:(\d+) s ?)?(?:left|at the request limit)"
)


class StandingClock(SimulatorClock):
    """The clock of a simulator that stands still but for sleeps: how fast this machine is makes no difference."""

    def now(self) -> float:
        return self.offset

    @classmethod
    def of(cls, flex: Any) -> StandingClock:
        flex.settings(frozen=True)
        return cls(flex, flex.post("clock", {"advance": 0})["now"])


class Run:
    """Runs of flex_fleet on a FortiFlex that keeps its request limits, and takes so many seconds for its answers in turn."""

    def __init__(self, controller: Controller, monkeypatch: pytest.MonkeyPatch) -> None:
        self.controller = controller
        self.clock = StandingClock.of(controller.flex)
        self.said: list[tuple[float, str]] = []
        self.take(0.0)
        for name in ("now", "up", "sleep"):
            monkeypatch.setattr(controller.clock, name, getattr(self.clock, name))
        send = requests.adapters.HTTPAdapter.send

        def slowly(*given: Any, **more: Any) -> requests.Response:
            answer = send(*given, **more)
            self.clock.sleep(next(self._latencies))
            return answer

        def say(_display: Display, line: str, *_given: Any, **_more: Any) -> None:
            self.said.append((self.clock.now(), line))

        monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", slowly)
        monkeypatch.setattr(Display, "display", say)
        controller.flex.settings(quota_minute=True, quota_hour=True, quota_login=True)

    def take(self, *latencies: float) -> None:
        """Answers take so long from now on."""
        self._latencies = itertools.cycle(latencies)

    def license(self, sites: int, **more: Any) -> tuple[list[float], float]:
        """License so many; the times of all requests, and the seconds from the first one to the last answer."""
        self.controller.flex.reset_requests()
        result = self.controller.run(
            "flex_fleet",
            configurations=[CONFIGURATION],
            entitlements=[
                {"name": f"site-{number:03}", "configuration": "small"} for number in range(sites)
            ],
            requests_per_minute=PER_MINUTE,
            requests_per_hour=PER_HOUR,
            **more,
        )
        assert not result.get("failed"), result
        log = self.controller.flex.requests()["log"]
        assert {entry["status"] for entry in log} <= {0, "success"}, "nothing was refused"
        times = [entry["time"] for entry in log]
        return times, self.clock.now() - times[0]

    def forecasts(self) -> list[float]:
        """When the run would end, by what it said."""
        found = [(moment, _FORECAST.search(line)) for moment, line in self.said]
        return [
            moment
            + sum(
                unit * int(part or 0)
                for unit, part in zip((3600, 60, 1), match.groups(), strict=True)
            )
            for moment, match in found
            if match
        ]


@pytest.fixture
def run(controller: Controller, monkeypatch: pytest.MonkeyPatch) -> Run:
    return Run(controller, monkeypatch)


def fastest(count: int, latencies: tuple[float, ...]) -> float:
    """The fewest seconds for so many requests that do not overlap, at most PER_MINUTE of them in any minute."""
    ends: list[float] = []
    for number, latency in enumerate(itertools.islice(itertools.cycle(latencies), count)):
        free = ends[number - PER_MINUTE] + 60.0 if number >= PER_MINUTE else 0.0
        ends.append(max([free, *ends[-1:]]) + latency)
    return ends[-1]


@pytest.mark.parametrize("latencies", LATENCIES.values(), ids=LATENCIES.keys())
def test_a_run_uses_its_request_limit_and_knows_its_end(
    run: Run, latencies: tuple[float, ...]
) -> None:
    run.take(*latencies)
    times, seconds = run.license(SITES)
    in_a_minute = [sum(begun <= time < begun + 60.0 for time in times) for begun in times]
    assert max(in_a_minute) <= PER_MINUTE
    latency = sum(latencies) / len(latencies)
    possible = min(PER_MINUTE, 60.0 / latency) if latency else PER_MINUTE
    assert len(times) / seconds * 60.0 >= 0.95 * possible
    assert fastest(len(times), latencies) >= 0.95 * seconds
    bursts = seconds / 60.0  # those of the request limit: each has a query of its own
    assert len(times) <= SITES + 1 + 7 + SITES * latency / (W - 2 * latency) + bursts
    ends = run.forecasts()
    # A wait for the request limit, which lasts up to a minute, is one line.
    assert len(ends) >= seconds / 60.0 and max(ends) - min(ends) < seconds / 10.0


def test_a_run_at_400_ms_uses_all_100_requests_of_its_first_minute(run: Run) -> None:
    run.take(0.4)
    times, seconds = run.license(120)
    assert seconds < 76.0 and len(times) <= 135
    assert sum(time < times[0] + 60.0 for time in times) == PER_MINUTE


def test_a_run_that_becomes_faster_goes_on_as_its_slow_requests_leave_the_window(run: Run) -> None:
    run.take(*[1.0] * 60, *[0.2] * 1000)
    times, seconds = run.license(SITES)
    ideal = fastest(len(times), (*[1.0] * 60, *[0.2] * 1000))
    assert ideal >= 0.95 * seconds


def test_a_few_writes_are_not_cut_into_more_waves_than_they_need(run: Run) -> None:
    run.take(0.1)
    run.license(75)
    run.clock.sleep(20.0)
    times, seconds = run.license(75 + 40)
    lists = run.controller.flex.requests()["by_path"]["entitlements/list"]
    assert lists == 3 and len(times) <= 40 + 6 and seconds < 65.0


@pytest.mark.parametrize(
    ("spare", "writes"),
    [({}, 2), ({"status": "STOPPED", "tokenStatus": "USED"}, 4)],
    ids=("PENDING", "STOPPED"),
)
@pytest.mark.parametrize("latency", [0.0, 0.4, 1.0])
def test_all_spares_are_taken_although_the_request_limit_is_used_up_meanwhile(
    run: Run, latency: float, spare: dict[str, str], writes: int
) -> None:
    spares, sites = 100, 120
    configuration = run.controller.configuration("small")
    seeded = {"count": spares, "configId": configuration, "description": "[spare]"}
    run.controller.flex.seed(**seeded, **spare)
    run.take(latency)
    times, seconds = run.license(sites)
    assert len(run.controller.entitlements()) == sites
    assert len(times) <= 1.25 * (sites - spares + writes * spares) + 6
    assert seconds <= 1.3 * fastest(len(times), (latency,)) + 20.0
