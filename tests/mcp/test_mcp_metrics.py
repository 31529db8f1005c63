"""What a server counts: the sums of several processes, in the form that Prometheus reads, and nothing of anybody's."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import httpx2
import pytest
from mcp import MCPError
from mcp_harness import API, SECONDS, held, listening, over_http, served
from recorder import recorder

TOKEN = "r8_secret_of_the_caller"
# Prometheus, "Exposition formats", text-based format: a metric's name, its labels in braces, a number.
LINE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-z]+="[^"\\\n]*",?)+)\})? (\d+(?:\.\d+)?)')


def read(url: str) -> tuple[dict[str, float], dict[str, str]]:
    """The numbers by name and labels, and the types by name."""
    answer = httpx2.get(url.replace("/mcp", "/metrics"), timeout=SECONDS)
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert answer.text.endswith("\n") and TOKEN not in answer.text
    numbers, types = {}, {}
    for line in answer.text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            types[name] = kind
        elif not line.startswith("# HELP "):
            found = LINE.fullmatch(line)
            assert found, line
            numbers[f"{found[1]}{{{found[2] or ''}}}"] = float(found[3])
    return numbers, types


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with recorder() as api:
        api.content = b'{"type": "user", "username": "ann"}'
        with listening({API.base_url_env: api.base_url}, "--auth=caller", "--workers=2", "--metrics") as found:
            yield found


def test_calls_of_all_processes_are_counted_by_tool_and_outcome(url: str) -> None:
    for _ in range(12):  # a connection each: they come to both processes
        with held(over_http(url, token=TOKEN, era="2026-07-28")) as host:
            host.call_tool("replicate_get_account", {})
    with held(over_http(url, token=TOKEN, era="2026-07-28")) as host:
        host.call_tool("replicate_get_model", {})
        with pytest.raises(MCPError):
            host.call_tool('zebra"} 1', {})
    assert httpx2.post(url, json={}, timeout=SECONDS).status_code == 401
    for _ in range(6):  # whichever process answers
        numbers, types = read(url)
        assert numbers['replikit_mcp_calls_total{tool="replicate_get_account",outcome="ok"}'] == 12
        assert numbers['replikit_mcp_calls_total{tool="replicate_get_model",outcome="error"}'] == 1
        assert numbers['replikit_mcp_calls_total{tool="other",outcome="failed"}'] == 1
        assert numbers['replikit_mcp_refused_total{status="401"}'] == 1
        buckets = [number for name, number in numbers.items() if "_bucket{" in name]
        assert buckets == sorted(buckets) and buckets[-1] == numbers["replikit_mcp_call_seconds_count{}"] == 14
        assert types["replikit_mcp_call_seconds"] == "histogram"


def test_nothing_is_told_unasked() -> None:
    with listening({API.base_url_env: "http://127.0.0.1:9"}, "--auth=caller") as url:
        assert httpx2.get(url.replace("/mcp", "/metrics"), timeout=SECONDS).status_code == 405
        assert httpx2.get(url.replace("/mcp", "/healthz"), timeout=SECONDS).status_code == 200


def test_the_log_is_an_object_a_line_and_holds_no_secret() -> None:
    log: list[str] = []
    with recorder() as api:
        api.status, api.content = 401, f'{{"detail": "{TOKEN} is wrong"}}'.encode()
        env = {API.base_url_env: api.base_url}
        serving = served(env, "--auth=caller", "--log-format=json", log_to=log)
        with serving as (url, _), held(over_http(url, token=TOKEN, era="2026-07-28")) as host:
            host.call_tool("replicate_get_account", {})
            with pytest.raises(MCPError):
                host.call_tool("zebra\n{}", {})
    assert TOKEN not in "".join(log)
    told = [json.loads(line) for line in log[1:]]
    calls = [each for each in told if each["message"] == "call"]
    assert [(each["tool"], each["outcome"]) for each in calls][:1] == [("replicate_get_account", "error")]
    assert calls[1]["outcome"] == "failed" and calls[1]["tool"].startswith("zebra")
    assert all({"time", "level", "logger", "message"} <= each.keys() for each in told)
