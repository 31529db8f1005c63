"""The protocol's conformance suite from npm asks servers over HTTP, and what its failures come of.

`make conformance`: replikit's own server and a gateway in both eras, and our tasks in a server made for their scenarios.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

SUPPORT = Path(__file__).parent
sys.path[:0] = [
    str(SUPPORT),
    str(SUPPORT.parent),
    str(SUPPORT.parents[1] / "generated/python"),
    str(SUPPORT.parents[1]),
]

from mcp_harness import EVERYTHING, ROOT, SECONDS, environment, listening, mocked

NPM = ROOT / "tests/npm/node_modules/.bin"
PROGRAM = NPM / "conformance"
ALWAYS = {
    "2025-11-25": {"server-initialize", "ping", "tools-list"},
    "2026-07-28": {
        "tools-list", "caching", "http-header-validation", "server-sse-multiple-streams",
        "input-required-result-unsupported-methods", "input-required-result-validate-input",
    },
}  # fmt: skip
"""Scenarios without a failure that do not ask for things that only a server made for the suite has."""
DOCS = {
    "2025-11-25": {"completion-complete", "resources-list", "prompts-list"},
    "2026-07-28": {"completion-complete", "resources-list", "prompts-list", "sep-2164-resource-not-found"},
}
"""The same of a server that has resources and prompts."""
FIXTURES = (
    "test_",
    "test://",
    "json_schema_2020_12_tool",
    "Not testable",
    "Prerequisite failed",
    "InputRequiredResult",
)
"""Reasons of the rest: the tools, prompts and resources that the suite wants a server made for it to have."""
NOT_OFFERED = {
    "localhost-host-valid-accepted",
    "logging-set-level",
    "tools-call-with-logging",
    "resources-subscribe",
    "resources-unsubscribe",
}
"""A page of this machine is answered only where its origin was allowed. Over HTTP nothing keeps the level of a log; lists and
docs do not change, so there is nothing to subscribe to."""


def node(env: Mapping[str, str]) -> dict[str, str]:
    """These variables, with the Node from npm first: a system's may be too old."""
    return {**env, "PATH": f"{NPM}{os.pathsep}{os.environ['PATH']}"}


def checks(url: str, folder: Path, env: Mapping[str, str], *arguments: str) -> dict[str, list[dict[str, Any]]]:
    """What the suite says of each scenario. arguments: which of them, as the suite's program takes them."""
    command = [str(PROGRAM), "server", "--url", url, *arguments, "-o", str(folder), "--timeout", "20000"]
    subprocess.run(command, env=node(env), capture_output=True, timeout=3 * SECONDS, check=False)
    return {
        path.parent.name.removeprefix("server-").partition("-20")[0]: json.loads(path.read_text("utf-8"))
        for path in folder.glob("*/checks.json")
    }


def clean(scenarios: Mapping[str, list[dict[str, Any]]]) -> set[str]:
    """The scenarios without a failure."""
    return {name for name, outcomes in scenarios.items() if all(check["status"] != "FAILURE" for check in outcomes)}


def unexplained(scenarios: Mapping[str, list[dict[str, Any]]], *reasons: str) -> list[tuple[str, str, str]]:
    """The failures that come of nothing that only a server made for the suite has, nor of one of these other reasons.

    Tasks have a server of their own.
    """
    return [
        (name, check["id"], check.get("errorMessage") or "")
        for name, outcomes in scenarios.items()
        if not name.startswith("tasks-")
        for check in outcomes
        if check["status"] == "FAILURE" and check["id"] not in NOT_OFFERED
        if not any(reason in (check.get("errorMessage") or "") for reason in (*FIXTURES, *reasons))
    ]


def main() -> int:
    import conformance_tasks

    failed = 0
    with TemporaryDirectory() as text, mocked() as env:
        config = Path(text) / "gateway.json"
        config.write_text(json.dumps({"policy": {"replicate": {"write": "allow", "billed": "allow"}}}))
        # A gateway has no resources and no prompts, and says so: the suite asks for them all the same.
        servers = {"replikit": ((*EVERYTHING,), ()), "gateway": (("--config", str(config)), ("Method not found",))}
        for name, (flags, reasons) in servers.items():
            with listening(env, *flags) as url:
                for revision, always in ALWAYS.items():
                    folder = Path(text) / f"{name}-{revision}"
                    scenarios = checks(url, folder, environment(env), "--requirements", revision)
                    left = unexplained(scenarios, *reasons)
                    wanted = always if reasons else always | DOCS[revision]
                    missing = sorted(wanted - clean(scenarios) - ({"caching"} if reasons else set()))
                    print(f"{name} {revision}: {len(scenarios)} scenarios, {len(clean(scenarios))} without a failure")
                    for row in left:
                        print("  FAILURE", *row)
                    for scenario in missing:
                        print("  FAILURE", scenario, "is wanted without one")
                    failed += len(left) + len(missing)
    return failed + conformance_tasks.main()


if __name__ == "__main__":
    sys.exit(main() > 0)
