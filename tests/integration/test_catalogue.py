# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Day zero as a user meets it: a playbook for a product that no release knows; and the catalogue without an account."""

from __future__ import annotations

from integration.playbook import Controller, module, play

from simulator.launch import Simulator

HYDRA = {
    "id": 999,
    "name": "FortiHydra Virtual Machine",
    "short": "FortiHydra-VM",
    "parameters": [
        {
            "id": 900,
            "name": "HEADS",
            "label": "Number of heads",
            "type": "NUMERIC",
            "required": True,
            "min": 1,
            "max": 9,
        },
        {
            "id": 901,
            "name": "SERVICEPACK",
            "label": "Service package",
            "type": "SINGLEVALUE",
            "required": True,
            "values": {"HYSTD": "Standard"},
        },
    ],
}
DEN = {
    "name": "den",
    "product": "fortihydra_vm",
    "parameters": {"heads": 3, "service_package": "standard"},
}


def test_a_product_of_tomorrow_in_a_playbook_of_today(
    controller: Controller, flex: Simulator
) -> None:
    flex.post("products", [HYDRA])
    playbook = play(
        module(
            "flex_fleet",
            configurations=[DEN],
            entitlements=[{"name": "cave", "configuration": "den"}],
        ),
        {**module("flex_cost_info", configuration="den"), "register": "found"},
        {"ansible.builtin.debug": {"var": "found"}},
        {**module("flex_product_info", name="FortiHydra Virtual Machine"), "register": "found"},
        {"ansible.builtin.debug": {"var": "found"}},
    )

    first = controller.play(playbook)
    assert first.changed == 1
    cost, products = (shown["found"] for shown in first.shown)
    assert cost["product"] == "fortihydra_vm" and cost["parameters"] == {
        "heads": 3,
        "service_package": "HYSTD",
    }
    assert products["products"][0]["parameters"][0]["maximum"] == 9
    assert flex.requests()["by_path"]["tools/metadata"] == 1

    assert controller.play(playbook).changed == 0
    assert flex.requests()["by_path"]["tools/metadata"] == 1

    wider = play(module("flex_configuration", name="den", parameters={"heads": 5}))
    check = controller.play(wider, "--check", "--diff")
    assert (
        check.changed == 1
        and "+++ after: den, which touches 1 entitlement (1 PENDING)" in check.stdout
    )
    assert '-        "heads": 3,' in check.stdout and '+        "heads": 5,' in check.stdout


def test_products_can_be_listed_without_an_account(controller: Controller, flex: Simulator) -> None:
    playbook = play(
        {**module("flex_product_info", kind="hardware"), "register": "found"},
        {"ansible.builtin.debug": {"var": "found"}},
    )

    run = controller.play(playbook, env=dict.fromkeys(flex.environment(), ""))

    assert "fortigate_hardware" in [
        product["product"] for product in run.shown[0]["found"]["products"]
    ]
    assert flex.requests()["total"] == flex.requests()["logins"] == 0


def test_without_an_answer_the_shipped_catalogue_serves_with_a_warning(
    controller: Controller, flex: Simulator
) -> None:
    flex.settings(metadata_shape="missing")
    branch = {
        "name": "branch",
        "product": "fortigate_vm_bundle",
        "parameters": {"cpus": 2, "service_package": "UTP"},
    }

    run = controller.play(
        play(module("flex_fleet", configurations=[branch])), env={"FORTIFLEX_CATALOGUE": "live"}
    )

    assert run.changed == 1
    assert "using the bundled" in " ".join(run.output.split())
