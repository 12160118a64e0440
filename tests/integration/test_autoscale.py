# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook autoscale: up, down, its bounds and its budget, from a file and from Prometheus."""

from __future__ import annotations

import http.server
import json
import threading
from collections import Counter

import pytest
from integration.playbook import Controller, Run

from simulator.launch import Simulator

AUTOSCALE = "flexops.fortiflex.autoscale"


def scale(controller: Controller, *more: str, metric: str = "", **variables: object) -> Run:
    """Run it with a metric in a file."""
    path = controller.directory / "metric"
    path.write_text(metric)
    common = {
        "autoscale_configuration": "branch",
        "autoscale_maximum": 6,
        "fortiflex_configurations": [
            {
                "name": "branch",
                "product": "fortigate_vm_bundle",
                "parameters": {"cpus": 2, "service_package": "ENT"},
            }
        ],
        **({"autoscale_metric_file": str(path)} if metric else {}),
    }
    return controller.play(AUTOSCALE, "-e", json.dumps({**common, **variables}), *more)


def running(controller: Controller) -> Counter[str]:
    """How many entitlements there are of each kind."""
    return Counter(
        "spare" if name == "[spare]" else status
        for name, (_configuration, status) in controller.licensed().items()
    )


@pytest.mark.long
def test_sites_follow_the_metric_within_bounds_and_steps(
    controller: Controller, flex: Simulator
) -> None:
    assert scale(controller, "--check", metric="250").changed == 1 and flex.writes() == 0
    assert scale(controller, metric="250").changed == 1
    assert running(controller) == {"PENDING": 2, "spare": 1}, "two at a time"
    assert scale(controller, metric="250").changed == 1
    assert running(controller) == {"PENDING": 3, "spare": 1}
    assert scale(controller, metric="250").changed == 0
    assert scale(controller, metric="9000", autoscale_step=9).changed == 1
    assert sum(running(controller).values()) == 7 and running(controller)["spare"] == 1, (
        "six at most, and a spare"
    )
    for item in flex.state()["entitlements"]:
        if item["description"] != "[spare]":
            flex.redeem(item["token"])
    assert scale(controller, metric="9000", autoscale_maximum=3).changed == 1
    assert running(controller)["ACTIVE"] == 3 and running(controller)["STOPPED"] == 3, (
        "also what is above a lower maximum"
    )
    assert scale(controller, metric="0", autoscale_step=9).changed == 1
    assert running(controller)["STOPPED"] == 5 and running(controller)["ACTIVE"] == 1, (
        "one at least"
    )


def test_a_metric_that_is_no_number_and_a_budget_change_nothing(
    controller: Controller, flex: Simulator
) -> None:
    for metric in ("NaN", "1.2.3", "-1"):
        assert "which is no number" in scale(controller, metric=metric).failure["msg"]
    assert "Set autoscale_configuration" in scale(controller).failure["msg"]
    assert (
        "more than max_new=0" in scale(controller, metric="500", fortiflex_max_new=0).failure["msg"]
    ), "as in a freeze of hold_fleet"
    assert (
        "more than max_points_per_day"
        in scale(controller, metric="500", fortiflex_max_points_per_day=5).failure["msg"]
    )
    assert flex.writes() == 0


def test_the_metric_can_come_from_prometheus(controller: Controller, flex: Simulator) -> None:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = (
                [{"metric": {}, "value": [1, "180"]}]
                if self.path == "/api/v1/query?query=sum%28load%29"
                else []
            )
            body = json.dumps(
                {"status": "success", "data": {"resultType": "vector", "result": found}}
            ).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}"
        run = scale(controller, autoscale_prometheus_url=url, autoscale_query="sum(load)")
        nothing = scale(controller, autoscale_prometheus_url=url, autoscale_query="sum(lode)")
        server.shutdown()
    assert "The metric is 'not there'" in nothing.failure["msg"]
    assert run.changed == 1 and running(controller)["PENDING"] == 2 and flex.writes() > 0
