"""Jobs behind the gateway: followed, told of, waited for in a script and taken back, against the mock of the API."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from gateway_packages import surroundings
from hanging import HANGS
from mcp_harness import mocked, runs
from replikit.gateway import found
from replikit.gateway.budgets import Budget
from replikit.gateway.host import Host
from replikit.gateway.members import Package
from replikit.gateway.rules import Rules
from replikit.gateway.scripting import Reaching
from replikit.lua import Sandbox

pytestmark = pytest.mark.usefixtures("patient_gateway")

HELLO = {"model_owner": "replicate", "model_name": "hello-world"}
RUN = "replicate.create_model_prediction"


@pytest.fixture(scope="module")
def mock() -> Iterator[Mapping[str, str]]:
    with mocked(seconds=0.05) as env:
        yield env


@pytest.fixture(scope="module")
def host(mock: Mapping[str, str]) -> Iterator[Host]:
    with surroundings(**mock), Host([Package("replicate", found.own())], Rules.flags("allow", ["billed"])) as made:
        yield made.settle(HANGS)


def test_a_call_that_waits_is_told_of(host: Host) -> None:
    told: list[str] = []
    arguments = {**HELLO, "input": {"text": "told"}, "wait": 20}
    pending = host.begin(host.find(RUN), arguments, tell=lambda text, _: told.append(text))
    made = pending.result().envelope
    assert made["data"]["status"] == "succeeded"
    assert told[-1:] == ["succeeded"]


def test_a_job_that_was_started_is_waited_for(host: Host) -> None:
    told: list[str] = []
    job = host.call(RUN, {**HELLO, "input": {"text": "later"}}).envelope["data"]
    got = ("replicate.get_prediction", {"prediction_id": job["id"]})
    made = host.call(*got, wait=HANGS, tell=lambda text, _: told.append(text)).envelope
    assert (made["data"]["status"], told[-1:]) == ("succeeded", ["succeeded"])
    error = host.call("replicate.get_account", {}, wait=1).envelope["error"]
    assert (error["type"], "not return a job" in error["message"]) == ("invalid_arguments", True)


def test_a_job_is_waited_for_in_a_script(host: Host) -> None:
    code = f"""
    local job = app.integrations.{RUN}{{model_owner = 'replicate', model_name = 'hello-world', input = {{text = 'Lua'}}}}
    local done = replicate.wait(job)
    return {{done.id == job.id, done.status, replicate.run('replicate/hello-world', {{text = 'again'}})}}
    """
    with Sandbox(ready=0) as sandbox:
        made = sandbox.run(code, reach=Reaching(host))
    assert made["success"], made["error"]
    assert made["result"][:2] == [True, "succeeded"]
    assert [call["function"] for call in made["integration_calls"]] == [RUN, "replicate.wait", "replicate.run"]


def test_all_pages_of_a_list_are_gone_through(host: Host) -> None:
    code = "local n = 0 for model in replicate.pages('list_models', {}) do n = n + 1 end return n"
    with Sandbox(ready=0) as sandbox:
        assert sandbox.run(code, reach=Reaching(host))["result"] == 4


def test_a_call_that_is_taken_back_cancels_its_job() -> None:
    with (
        mocked(seconds=HANGS) as env,
        surroundings(**env),
        Host([Package("replicate", found.own())], Rules.flags("allow", ["billed"])) as host,
    ):
        host.settle(HANGS)
        started = threading.Event()
        arguments = {**HELLO, "input": {"text": "canceled"}, "wait": 60}
        pending = host.begin(host.find(RUN), arguments, tell=lambda *_: started.set())
        assert started.wait(HANGS)
        pending.cancel()
        assert pending.result().envelope["error"]["type"] == "canceled"
        # The member answers once the API has taken it back; one that had not begun to run is aborted.
        assert set(runs(env, "canceled")) <= {"canceled", "aborted"}
        assert runs(env, "canceled").total() == 1


def test_what_is_known_to_cost_counts_once(mock: Mapping[str, str], host: Host, tmp_path: Any) -> None:
    (tmp_path / "config.json").write_text("{}")
    prices = tmp_path / "prices.json"
    prices.write_text(json.dumps({"prices": {"replicate/hello-world": "100"}}))
    for path in (tmp_path / "config.json", prices):
        path.chmod(0o600)
    money = {**mock, "REPLIKIT_CONFIG": str(tmp_path / "config.json")}
    budget = Budget(money=1)  # type: ignore[arg-type]
    with (
        surroundings(**money),
        Host([Package("replicate", found.own())], Rules.flags("allow", ["billed"]), budget) as made,
    ):
        made.settle(HANGS)
        job = made.call(RUN, {**HELLO, "input": {"text": "dear"}, "wait": 20}).envelope["data"]
        assert job["metrics"]["predict_time"] * 100 > 1
        refused = made.call(RUN, {**HELLO, "input": {"text": "dear"}}).envelope["error"]
        assert (refused["type"], refused["budget"]) == ("budget", "money")
        assert made.call("replicate.get_prediction", {"prediction_id": job["id"]}).envelope["success"]
