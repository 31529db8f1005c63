"""The wire itself: other people's clients and their conformance suite, frames that are none, floods, hosts that go."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import conformance
import jsonschema
import pytest
from cli_harness import SERVING, popen, until
from conformance import NPM, node
from mcp_harness import API, EVERYTHING, SECONDS, environment, listening, mocked
from test_mcp_calls import python_answers, same, without_port

pytestmark = pytest.mark.long


def program(name: str) -> str:
    """A program from npm; it needs the Node of there, which is newer than a system's."""
    if not (NPM / name).exists() or not (NPM / "node").exists():
        pytest.skip(f"{name} is not installed: npm ci --prefix tests/npm")
    return str(NPM / name)


def test_inspector_lists_and_calls_over_stdio_and_http(tmp_path: Path) -> None:
    """A process of the inspector for each, as a person would try them; every function is called in `test_mcp_calls`."""
    inspector = program("mcp-inspector")
    with mocked(seconds=0.05) as env:
        expected = python_answers(env)
    with mocked(seconds=0.05) as env, listening(env, *EVERYTHING, "--output-schemas") as url:
        given = environment(env)
        passed = [part for name, value in given.items() if name != "PATH" for part in ("-e", f"{name}={value}")]
        stdio = [*passed, "--transport", "stdio", *SERVING.shim(), "mcp", "serve", *EVERYTHING, "--output-schemas"]
        http = ["--transport", "http", "--server-url", url]

        def inspect(over: list[str], method: str, *more: str) -> Any:
            done = subprocess.run(
                [inspector, "--cli", *over, "--method", method, *more],
                env={**node(given), "HOME": str(tmp_path)},
                capture_output=True,
                text=True,
                timeout=SECONDS,
                check=False,
            )
            answer = json.loads(done.stdout or done.stderr)
            return answer.get("result", answer)

        def call(over: list[str], name: str) -> Any:
            arguments = API.function(name).examples[0].arguments
            pairs = [f"{k}={v if isinstance(v, str) else json.dumps(v)}" for k, v in arguments.items()]
            return inspect(over, "tools/call", "--tool-name", name, *(["--tool-arg", *pairs] if pairs else []))

        tools = {each["name"]: each for each in inspect(http, "tools/list")["tools"]}
        answers = {  # a list, and a job with an object among its arguments
            "replicate_list_hardware": call(http, "replicate_list_hardware"),
            "replicate_create_prediction": call(stdio, "replicate_create_prediction"),
        }
    assert len(tools) == 37
    for name, answer in answers.items():
        structured, right = answer["structuredContent"], expected[name]["data"]
        assert not answer.get("isError") and json.loads(answer["content"][0]["text"]) == structured
        jsonschema.validate(structured, tools[name]["outputSchema"])
        data = structured if isinstance(right, dict) else structured["result"]
        moving = bool(API.function(name).job)
        assert without_port(same(data, moving)) == without_port(same(right, moving)), name


@pytest.mark.parametrize("revision", conformance.ALWAYS)
def test_conformance_suite(revision: str, tmp_path: Path) -> None:
    program("conformance")
    with mocked() as env, listening(env, *EVERYTHING) as url:
        scenarios = conformance.checks(url, tmp_path, environment(env), "--requirements", revision)
    assert conformance.unexplained(scenarios) == []
    assert len(scenarios) >= 30
    clean = conformance.clean(scenarios)
    missing = (conformance.ALWAYS[revision] | conformance.DOCS[revision]) - clean
    assert missing == set(), (sorted(missing), sorted(clean))


class Pipe:
    """A server over stdio, spoken to by hand."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None and process.stdout is not None
        self.pid = process.pid
        self._in, self._out = process.stdin, process.stdout
        self._lines: queue.Queue[bytes] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        self._number = 0

    def _read(self) -> None:
        for line in self._out:
            self._lines.put(line)

    def write(self, raw: bytes) -> None:
        self._in.write(raw)
        self._in.flush()

    def send(self, method: str, params: Any) -> int:
        self._number += 1
        message = {"jsonrpc": "2.0", "id": self._number, "method": method, "params": params}
        self.write(json.dumps(message).encode() + b"\n")
        return self._number

    def take_back(self, number: int) -> None:
        message = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": number}}
        self.write(json.dumps(message).encode() + b"\n")

    def next(self) -> Any:
        return json.loads(self._lines.get(timeout=SECONDS))

    def answer(self, number: int) -> Any:
        while True:
            message = self.next()
            if message.get("id") == number:
                return message

    def call(self, name: str, arguments: Any) -> Any:
        return self.answer(self.send("tools/call", {"name": name, "arguments": arguments}))


@contextmanager
def piped(env: dict[str, str], *flags: str, revision: str = "2025-06-18") -> Iterator[Pipe]:
    pipes = {name: subprocess.PIPE for name in ("stdin", "stdout", "stderr")}
    with popen(["mcp", "serve", *flags], env=environment(env), **pipes) as process:
        pipe = Pipe(process)
        client = {"protocolVersion": revision, "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
        assert pipe.answer(pipe.send("initialize", client))["result"]["protocolVersion"] == revision
        pipe.write(b'{"jsonrpc":"2.0","method":"notifications/initialized"}\n')
        try:
            yield pipe
        except BaseException:
            process.kill()  # its output is read by another thread: only its end lets go of it
            raise
        process.stdin.close()  # type: ignore[union-attr]
        assert process.wait(SECONDS) == 0


@pytest.fixture(scope="module")
def env() -> Iterator[dict[str, str]]:
    with mocked(seconds=0.05) as found:
        yield found


@pytest.mark.parametrize(
    ("revision", "kinds"),
    [
        ("2024-11-05", ["text", "text", "resource", "text"]),
        ("2025-03-26", ["text", "text", "resource", "text"]),
        ("2025-06-18", ["text", "resource_link", "resource", "text"]),
        ("2025-11-25", ["text", "resource_link", "resource", "text"]),
    ],
)
def test_every_revision_of_the_handshake_era_gets_what_it_knows(
    env: dict[str, str], revision: str, kinds: list[str]
) -> None:
    arguments = dict(API.function("replicate_download_file").examples[0].arguments)
    with piped(env, revision=revision) as pipe:
        content = pipe.call("replicate_download_file", arguments)["result"]["content"]
        assert [each["type"] for each in content] == kinds
        assert "replicate://api/files/" in json.dumps(content[1])
        assert len(pipe.answer(pipe.send("tools/list", {}))["result"]["tools"]) == 22


BROKEN = [
    b"\n", b"{\n", b"[]\n", b"null\n", b"\xff\xfe\x00\n", b'{"jsonrpc":"2.0"}\n', b'{"jsonrpc":"2.0","id":9}\n',
    b'{"jsonrpc":"2.0","id":{},"method":"tools/list"}\n', b"[" * 50_000 + b"\n", b'{"jsonrpc":"2.0","id":1e400,"method":"x"}\n',
    b'{"jsonrpc":"2.0","id":77,"result":{}}\n', b'{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":99}}\n',
]  # fmt: skip


def test_frames_that_are_none_leave_it_serving(env: dict[str, str]) -> None:
    with piped(env) as pipe:
        for frame in BROKEN:
            pipe.write(frame)
            assert "result" in pipe.answer(pipe.send("tools/list", {})), frame
        for params in ({}, {"name": 7}, {"name": "replicate_get_account", "arguments": []}):
            assert "error" in pipe.answer(pipe.send("tools/call", params))


def test_oversized_argument_is_answered(env: dict[str, str]) -> None:
    with piped(env, *EVERYTHING) as pipe:
        content = pipe.call("replicate_get_prediction", {"prediction_id": "x" * 3_000_000})["result"]
        assert content["structuredContent"]["error"]["parameter"] == "prediction_id"
        assert len(content["content"][0]["text"]) <= 20_000
        deep: Any = "x"
        for _ in range(100):  # the SDK reads frames of 200 levels at most
            deep = {"in": deep}
        made = pipe.call("replicate_create_prediction", {"version": "replicate/hello-world", "input": deep})
        assert "result" in made
        assert not pipe.call("replicate_list_models", {})["result"].get("isError")


def test_flood_is_answered_call_by_call(env: dict[str, str]) -> None:
    with piped(env, "--max-waiting=100") as pipe:
        numbers = {pipe.send("tools/call", {"name": "replicate_list_hardware", "arguments": {}}) for _ in range(300)}
        answers = {}
        while len(answers) < len(numbers):
            message = pipe.next()
            answers[message["id"]] = message["result"]
        assert set(answers) == numbers
        failed = [each["structuredContent"]["error"] for each in answers.values() if each.get("isError")]
        # More than wait in line are told to come back; nothing is dropped in silence.
        assert all(error["type"] == "busy" and error["retryable"] for error in failed), failed[:1]
        assert len(answers) - len(failed) >= 100
        assert not pipe.call("replicate_list_hardware", {})["result"].get("isError")


@contextmanager
def silent() -> Iterator[tuple[dict[str, str], threading.Event]]:
    """An API that takes every request and answers none until the event is set."""
    speak = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            speak.wait(SECONDS)
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"[]")

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{server.server_address[1]}/v1"
        yield {API.base_url_env: base, API.token_env: "mine"}, speak
        speak.set()
        server.shutdown()


def test_slow_api_holds_up_nothing_but_its_own_calls() -> None:
    with silent() as (env, speak), piped(env) as pipe:
        hardware = {"name": "replicate_list_hardware", "arguments": {}}
        slow = {pipe.send("tools/call", hardware) for _ in range(100)}
        gone = slow.pop()
        pipe.take_back(gone)
        # The API is silent until it is told to speak: whatever is answered here did not wait for it.
        assert len(pipe.answer(pipe.send("tools/list", {}))["result"]["tools"]) == 22
        assert pipe.answer(pipe.send("resources/read", {"uri": "replicate://docs/index"}))["result"]["contents"]
        assert pipe.call("replicate_list_models", {"limit": "x"})["result"]["isError"]
        speak.set()
        answers = {}
        while slow - answers.keys():
            message = pipe.next()
            answers[message["id"]] = message
        assert all(answers[number]["result"]["structuredContent"] == {"result": []} for number in slow)
        assert "result" not in answers.get(gone, {})


def computing(pid: int) -> int:
    """How many threads of the children of a process run, or could: one that waits for nothing is always among them."""
    found = 0
    for child in [each for path in Path(f"/proc/{pid}/task").glob("*/children") for each in path.read_text().split()]:
        for thread in Path(f"/proc/{child}/task").glob("*/stat"):
            with suppress(OSError):
                found += thread.read_text().rpartition(") ")[2].startswith("R")
    return found


def test_script_that_is_taken_back_ends_at_once(env: dict[str, str]) -> None:
    # They outlast a machine that takes long to begin the last of them.
    with piped(env, "--mode=code", "--scripts=4", "--limit=cpu=300", "--limit=wall=1000") as pipe:
        loop = {"name": "execute_lua", "arguments": {"code": "while true do end"}}
        scripts = [pipe.send("tools/call", loop) for _ in range(4)]
        until(lambda: computing(pipe.pid) >= 2)  # one caller has two of four places; its other scripts wait
        for number in scripts:
            pipe.take_back(number)
        assert pipe.call("execute_lua", {"code": "return 7"})["result"]["structuredContent"]["result"] == 7
        until(lambda: computing(pipe.pid) == 0)


def test_host_that_goes_away_ends_it(env: dict[str, str]) -> None:
    with piped(env, *EVERYTHING) as pipe:
        arguments = {"version": "replicate/hello-world", "input": {"text": "A"}, "wait": 1}
        pipe.send("tools/call", {"name": "replicate_create_prediction", "arguments": arguments})
