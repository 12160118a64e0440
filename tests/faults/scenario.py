# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run in which everything happens: what is there before, what is wanted, and what must be there after it."""

from __future__ import annotations

from typing import Any

from moments import day

from simulator.launch import Simulator

from .harness import BUNDLE

SPARE = "[spare]"
LATER = day(90)
ACQUIRED = tuple(f"new-{number}" for number in range(1, 9))

WANTED: dict[str, Any] = {
    "configurations": [
        {"name": "branch", "product": BUNDLE, "parameters": {"cpus": 4, "service_package": "UTP"}},
        {"name": "large", "product": BUNDLE, "parameters": {"cpus": 8, "service_package": "ENT"}},
        {"name": "lab", "product": BUNDLE},
        {"name": "old", "state": "disabled"},
    ],
    "entitlements": [
        *(
            {
                "name": name,
                "configuration": "large" if number % 2 else "branch",
                "tags": {"n": str(number)},
            }
            for number, name in enumerate(ACQUIRED)
        ),
        *({"name": f"move-{n}", "configuration": "branch"} for n in (1, 2)),
        *({"name": f"stop-{n}", "state": "stopped"} for n in (1, 2)),
        *({"name": f"start-{n}", "configuration": "branch"} for n in (1, 2)),
        *({"name": f"end-{n}", "end_date": LATER} for n in (1, 2)),
        *({"name": f"tag-{n}", "tags": {"region": "north", "tier": "gold"}} for n in (1, 2)),
        *({"name": f"gone-{n}", "state": "absent"} for n in (1, 2)),
        *(
            {"name": f"same-{n}", "configuration": "branch", "tags": {"region": "south"}}
            for n in (1, 2)
        ),
    ],
    "allow_outside_limit": True,  # there is somebody else's entitlement, too
}


def prepare(flex: Simulator) -> dict[str, dict[str, Any]]:
    """A FortiFlex as it was at its start, with what the scenario finds there; gives the entitlements by serial number."""
    flex.reset()
    branch, old, other = (
        flex.seed_configuration(name, **more)["id"]
        for name, more in (("branch", {}), ("old", {}), ("other", {"productTypeId": 3}))
    )
    flex.seed_configuration("lab", status="DISABLED")
    used = {"tokenStatus": "USED"}
    made = flex.seed(
        [
            *(
                {"configId": old, "description": f"move-{n}", "status": status}
                for n, status in ((1, "ACTIVE"), (2, "PENDING"))
            ),
            *(
                {"configId": branch, "description": f"stop-{n}", "status": "ACTIVE", **used}
                for n in (1, 2)
            ),
            *(
                {"configId": branch, "description": f"start-{n}", "status": "STOPPED", **used}
                for n in (1, 2)
            ),
            *(
                {"configId": branch, "description": f"end-{n}", "status": status}
                for n, status in ((1, "ACTIVE"), (2, "PENDING"))
            ),
            *(
                {"configId": branch, "description": description, "status": "ACTIVE"}
                for description in ("tag-1", "tag-2 [region=south]")
            ),
            # Of another product, so that what is released here cannot be taken there, and the number of creations is the same in every order.
            *(
                {"configId": other, "description": f"gone-{n}", "status": status, **used}
                for n, status in ((1, "ACTIVE"), (2, "STOPPED"))
            ),
            *(
                {"configId": branch, "description": f"same-{n} [region=south]", "status": "ACTIVE"}
                for n in (1, 2)
            ),
            *(
                {"configId": branch, "description": SPARE, "status": status}
                for status in ("PENDING", "PENDING", "STOPPED")
            ),
            {"configId": branch, "description": SPARE, "status": "STOPPED", **used},
            {"configId": branch, "description": "somebody else's [x]", "status": "ACTIVE"},
        ]
    )
    return {item["serialNumber"]: item for item in made}


def is_claim(description: str | None) -> bool:
    """Whether a description marks a spare that a run wanted to take."""
    return (description or "").startswith("[claim ")


def differences(
    flex: Simulator, before: dict[str, dict[str, Any]], claims_allowed: bool = False
) -> tuple[list[str], int]:
    """What is not as it must be after the scenario, and how many entitlements there are more than it needs.

    All of these are spares or, where that is allowed, spares with the claim of a run that is dead.
    """
    state = flex.state()
    end = next(
        item["endDate"][:10]
        for item in state["programs"]
        if item["serialNumber"] == flex.environment()["FORTIFLEX_PROGRAM"]
    )
    wrong = _wrong_configurations(state["configurations"])
    ids = {item["id"]: item["name"] for item in state["configurations"]}
    stopped_before = {serial for serial, item in before.items() if item["status"] == "STOPPED"}
    expected = _expected(end)
    spares, spare_serials = (
        0,
        {serial for serial, item in before.items() if item["description"].startswith("gone-")},
    )
    for item in state["entitlements"]:
        description, serial = item["description"], item["serialNumber"]
        if description == SPARE or (claims_allowed and is_claim(description)):
            spares += 1
            if item["status"] not in ("PENDING", "STOPPED"):
                wrong.append(f"spare {serial} is {item['status']}")
            if serial in spare_serials and item["token"] == before[serial]["token"]:
                wrong.append(f"released {serial} has its old token")
            spare_serials.discard(serial)
            continue
        if description not in expected:
            wrong.append(
                f"'{description}' ({serial}, {item['status']}) should not be there, or be there once"
            )
            continue
        configuration, statuses, end_date = expected.pop(description)
        if description.startswith("new-"):
            statuses = "ACTIVE" if serial in stopped_before else "PENDING"
        found = (ids[item["configId"]], item["status"], item["endDate"][:10] if end_date else None)
        if found[0] != configuration or found[1] not in statuses.split() or found[2] != end_date:
            wrong.append(f"'{description}' is {found}, not {(configuration, statuses, end_date)}")
        if (
            before.get(serial, {}).get("tokenStatus") == "USED"
            and description.startswith("new-")
            and item["tokenStatus"] == "USED"
        ):
            wrong.append(f"'{description}' got a token that was used before")
    wrong += [f"'{description}' is missing" for description in expected]
    wrong += [f"{serial} was not released" for serial in spare_serials]
    return wrong, spares - 2


def _wrong_configurations(configurations: list[dict[str, Any]]) -> list[str]:
    shown = sorted(
        (
            item["name"],
            item["status"],
            *(str(pair["value"]) for pair in item["parameters"] if pair["id"] in (1, 2)),
        )
        for item in configurations
        if (item["name"], item["status"]) != ("large", "DISABLED")  # one that was made in excess
    )
    right = sorted(
        [
            ("branch", "ACTIVE", "4", "UTP"),
            ("large", "ACTIVE", "8", "ENT"),
            ("lab", "ACTIVE", "2", "UTP"),
            ("old", "DISABLED", "2", "UTP"),
            ("other", "ACTIVE"),
        ]
    )
    return [] if shown == right else [f"configurations are {shown}"]


def _expected(end: str) -> dict[str, tuple[str, str, str | None]]:
    """Description -> configuration, statuses that are right, end date (None: that of a stopped one, the day of its stop)."""
    expected: dict[str, tuple[str, str, str | None]] = {
        f"{name} [n={number}]": ("large" if number % 2 else "branch", "", end)
        for number, name in enumerate(ACQUIRED)
    }
    for n in (1, 2):
        expected |= {
            f"move-{n}": ("branch", "ACTIVE" if n == 1 else "PENDING", end),
            f"stop-{n}": ("branch", "STOPPED", None),
            f"start-{n}": ("branch", "ACTIVE", end),
            f"end-{n}": ("branch", "ACTIVE" if n == 1 else "PENDING", LATER),
            f"tag-{n} [region=north; tier=gold]": ("branch", "ACTIVE", end),
            f"same-{n} [region=south]": ("branch", "ACTIVE", end),
        }
    return expected | {"somebody else's [x]": ("branch", "ACTIVE", end)}
