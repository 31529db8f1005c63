"""What models write first, because other hosts have it: each is answered with the sentence that mends it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from mcp_harness import held, mocked, stdio
from replikit.client import Replicate
from replikit.functions import Policy
from replikit.lua import Limits, Sandbox


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as found:
        yield found


def executed(sandbox: Sandbox, code: str, base_url: str = "http://127.0.0.1:9") -> dict[str, Any]:
    with Replicate(token="t", base_url=base_url, max_retries=0) as client:
        session = sandbox.session(client=client, policy=Policy.gateway(True, ["all"]), limits=Limits())
        try:
            envelope: dict[str, Any] = session.execute(code)
        finally:
            session.close()
    return envelope


GUESSES = {
    'io.write("x")': "print",
    'local file = io.open("a.txt")': "no file access",
    'local json = require("json")': "json",
    'local x = os.getenv("REPLICATE_API_TOKEN")': "no environment",
    'os.execute("ls")': "cannot start programs",
    "os.exit(1)": "return",
    'local j = wait("abc")': "app.integrations.replicate.wait(job)",
    'for m in pages("list_models") do end': "app.integrations.replicate.pages('NAME', {…})",
    "local a = replicate:get_account()": "with a dot",
    'local job = replicate.wait("abc")': "get the job by its id first",
}


@pytest.mark.parametrize("code", GUESSES)
def test_it_is_answered_with_what_is_there_instead(sandbox: Sandbox, code: str) -> None:
    error = executed(sandbox, f"\n-- a comment\n{code}")["error"]
    assert GUESSES[code] in f"{error['message']} {error.get('hint', '')}", error
    assert error["line"] == 3


def test_ipairs_over_an_object_names_its_list(sandbox: Sandbox) -> None:
    code = """local page = json.decode('{"next": null, "results": [1, 2]}')\nfor _, each in ipairs(page) do print(each) end"""
    error = executed(sandbox, code)["error"]
    assert ".results" in error["message"] and error["line"] == 2
    fine = executed(sandbox, "local n = 0 for _, x in ipairs(json.decode('[1,2]')) do n = n + x end return n")
    assert fine["result"] == 3
    own = executed(sandbox, "local n = 0 for _ in ipairs({a = 1}) do n = n + 1 end return n")
    assert own["result"] == 0  # a table of the script's own is Lua's matter


class _Meeting(ThreadingHTTPServer):
    """An API that answers once three requests are there at the same time."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.all_there = threading.Barrier(3, timeout=20)


class _Handler(BaseHTTPRequestHandler):
    server: _Meeting

    def do_GET(self) -> None:
        try:
            self.server.all_there.wait()
            status = 200
        except threading.BrokenBarrierError:
            status = 500
        body = json.dumps({"username": "acme", "type": "user"}).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


def test_parallel_within_parallel_is_parallel(sandbox: Sandbox) -> None:
    """Each of the three calls is answered only when all are on their way."""
    code = """
        local function ask() return replicate.get_account{}.username end
        return parallel{
            both = function() return parallel{ask, ask} end,
            alone = function() return parallel{only = function() return parallel{ask} end} end,
        }
    """
    with _Meeting() as api:
        thread = threading.Thread(target=api.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            envelope = executed(sandbox, code, f"http://127.0.0.1:{api.server_address[1]}/v1")
        finally:
            api.shutdown()
            thread.join()
    assert envelope["result"] == {"both": ["acme", "acme"], "alone": {"only": ["acme"]}}, envelope["error"]


def signed(body: str, key: bytes, at: int) -> dict[str, str]:
    """Standard Webhooks, "Signature scheme": HMAC-SHA256 of `id.timestamp.body`, in base64."""
    seal = base64.b64encode(hmac.new(key, f"msg_1.{at}.{body}".encode(), hashlib.sha256).digest()).decode()
    return {"webhook-id": "msg_1", "webhook-timestamp": str(at), "webhook-signature": f"v1,{seal}"}


@pytest.mark.parametrize(
    ("key", "age", "fine"), [(b"k" * 24, 0, True), (b"x" * 24, 0, False), (b"k" * 24, 9_000, False)]
)
def test_a_webhook_is_verified(sandbox: Sandbox, key: bytes, age: int, fine: bool) -> None:
    body = '{"id": "p1", "status": "succeeded"}'
    headers = signed(body, key, int(time.time()) - age)
    secret = "whsec_" + base64.b64encode(b"k" * 24).decode()
    given = json.dumps({"body": body, "headers": headers, "secret": secret})
    envelope = executed(sandbox, f"return webhooks.verify(json.decode([==[{given}]==])).status")
    assert (envelope["result"] == "succeeded") is fine and envelope["success"] is fine
    assert fine or envelope["error"]["type"] == "webhook"


def test_many_calls_are_told_as_counts(sandbox: Sandbox) -> None:
    code = """
        for _ = 1, 150 do replicate.get_account{} end
        pcall(replicate.get_prediction, {prediction_id = "nothing"})
        return {}
    """
    with mocked() as env, held(stdio(env, "--mode=code")) as host:
        answer = host.call_tool("execute_lua", {"code": code}).structured_content
    calls = answer["integration_calls"]
    assert (calls["count"], calls["failed"]) == (151, 1)
    assert calls["functions"] == {"replicate_get_account": 150, "replicate_get_prediction": 1}
    assert calls["failures"] == [{"function": "replicate_get_prediction", "status": 404}]
    assert len(json.dumps(answer)) < 1_500
