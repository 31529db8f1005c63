"""Runs inside a rendered package: makes the calls it is told of, and shows what the package sent and gave.

python oracle_worker.py PACKAGE < calls.json > seen.json
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import http.client
import importlib
import inspect
import io
import json
import os
import sys
import threading
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import urlsplit

from anyio.from_thread import start_blocking_portal
from hanging import HANGS
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters

BASE = "/base"
MOST = 4_000_000


class Recorder(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    seen: ClassVar[list[dict[str, Any]]] = []
    answer: ClassVar[dict[str, Any]] = {}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self.respond
        raise AttributeError(name)

    def respond(self) -> None:
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            body = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.seen.append(
            {
                "method": self.command,
                "target": self.path,
                "headers": list(self.headers.items()),
                "body": base64.b64encode(body).decode(),
            }
        )
        content = base64.b64decode(self.answer["content"])
        self.send_response(self.answer["status"])
        if self.answer["media"]:
            self.send_header("Content-Type", self.answer["media"])
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *args: Any) -> None:
        pass


def plain(value: Any) -> Any:
    """What a call gave, as JSON; None where it is none."""
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if isinstance(value, (list, tuple)) or type(value).__name__ == "Items" or is_stream(value):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    return value if isinstance(value, (str, int, float, bool)) else None


def is_stream(value: Any) -> bool:
    """Whether a call gave what comes item by item. A schema of the document may be called Stream as well."""
    return any(
        each.__name__ in ("Stream", "AsyncStream") and ".runtime." in each.__module__ for each in type(value).__mro__
    )


def revived(value: Any) -> Any:
    """The value with bytes where they were written as JSON."""
    if isinstance(value, dict):
        if [*value] == ["$bytes"]:
            return base64.b64decode(value["$bytes"])
        return {key: revived(item) for key, item in value.items()}
    return [revived(each) for each in value] if isinstance(value, list) else value


class Calls:
    """The surfaces of a package, each as a function of a function's name and arguments."""

    def __init__(self, package: str, base_url: str) -> None:
        self.package = importlib.import_module(package)
        self.about = importlib.import_module(f"{package}.about")
        self.functions = importlib.import_module(f"{package}.functions")
        self.cli = importlib.import_module(f"{package}.cli")
        clients = importlib.import_module(f"{package}.client")
        kinds = {
            name: each
            for name, each in inspect.getmembers(clients, inspect.isclass)
            if each.__module__ == clients.__name__
        }
        # An API's own name may begin with Async.
        self.sync_kind, self.async_kind = next(
            (each, kinds[f"Async{name}"]) for name, each in kinds.items() if f"Async{name}" in kinds
        )
        self.client = self.sync_kind("token", base_url=base_url, max_retries=0)
        self.base_url = base_url
        self.loop = asyncio.new_event_loop()
        self.async_client = self.async_kind("token", base_url=base_url, max_retries=0)
        self._closing = contextlib.ExitStack()
        self._call_tool: Any = None

    def close(self) -> None:
        """Ends the server of MCP, where one was started."""
        self._closing.close()

    def _method(self, client: Any, job: dict[str, Any]) -> Any:
        for step in job["python"].split(".")[1:]:
            client = getattr(client, step)
        return client

    def _arguments(self, method: Any, job: dict[str, Any]) -> dict[str, Any]:
        known = inspect.signature(method).parameters
        return {
            next((spelled for spelled in (name, f"{name}_") if spelled in known), name): value
            for name, value in revived(job["arguments"]).items()
        }

    def sync(self, job: dict[str, Any]) -> Any:
        method = self._method(self.client, job)
        return plain(method(**self._arguments(method, job)))

    def aio(self, job: dict[str, Any]) -> Any:
        method = self._method(self.async_client, job)

        async def run() -> Any:
            value = await method(**self._arguments(method, job))
            return [item async for item in value] if is_stream(value) else value

        return plain(self.loop.run_until_complete(asyncio.wait_for(run(), HANGS)))

    def layer(self, job: dict[str, Any]) -> Any:
        everything = self.functions.Policy(frozenset({"read", "write", "billed", "destructive", "secret"}))
        envelope = self.functions.call(self.client, job["function"], job["arguments"], policy=everything)
        if not envelope["success"]:
            raise RuntimeError(json.dumps(envelope["error"])[:400])
        return envelope["data"]

    def command(self, job: dict[str, Any]) -> Any:
        out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                self.cli.main(["call", job["function"], json.dumps(job["arguments"]), "--yes"])
            except SystemExit as end:
                if end.code:
                    output = [each.buffer.getvalue().decode()[-300:] for each in (err, out)]
                    raise RuntimeError(f"exit {end.code}: {output}") from None
        return None

    def mcp(self, job: dict[str, Any]) -> Any:
        """By the client of the SDK, over stdio. None for a result that is shortened, which is not the whole answer."""
        if self._call_tool is None:
            portal = self._closing.enter_context(start_blocking_portal())
            allowed = ["--mode=tools", "--write=allow", "--allow=all"]
            start = StdioServerParameters(
                command=sys.executable, args=["-m", self.package.__name__, "mcp", "serve", *allowed], env={**os.environ}
            )
            client = self._closing.enter_context(portal.wrap_async_context_manager(Client(start)))
            self._call_tool = lambda *arguments: portal.call(client.call_tool, *arguments)
        result = self._call_tool(job["function"], job["arguments"])
        shown = result.structured_content
        if result.is_error:
            raise RuntimeError(json.dumps(shown)[:400])
        if shown is None or "truncated" in shown:
            return None
        return shown["result"] if {*shown} == {"result"} and not isinstance(job["answer"]["value"], dict) else shown


def run(package: str, jobs: list[dict[str, Any]], examples: list[dict[str, Any]]) -> dict[str, Any]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base_url = f"http://127.0.0.1:{server.server_address[1]}{BASE}"
    calls = Calls(package, base_url)
    os.environ[calls.about.BASE_URL_ENV if hasattr(calls.about, "BASE_URL_ENV") else "NONE"] = base_url
    results: list[dict[str, Any]] = []
    for job in jobs:
        shown: dict[str, Any] = {}
        for surface in job["ways"]:
            Recorder.seen, Recorder.answer = [], job["answer"]
            try:
                shown[surface] = {"result": getattr(calls, surface)(job)}
            except Exception as error:  # noqa: BLE001 - whatever it is, it is told
                message = traceback.format_exception_only(error)[-1].strip()[:500]
                shown[surface] = {"error": f"{type(error).__name__}: {message}"}
            shown[surface]["seen"] = Recorder.seen[:1]
        results.append(shown)
    calls.close()
    refused = [_refused(calls, each) for each in examples]
    answers, died = _mocked(package, [shown["sync"]["seen"] for shown in results], {"base": base_url})
    return {"calls": results, "mock": answers, "mock_died": died, "examples": refused}


def _refused(calls: Calls, example: dict[str, Any]) -> str:
    """Why a call with an example's arguments would not be sent; empty where it would."""
    everything = calls.functions.Policy(frozenset({"read", "write", "billed", "destructive", "secret"}))
    envelope = calls.functions.call(None, example["function"], example["arguments"], policy=everything, dry_run=True)
    return "" if envelope["success"] else json.dumps(envelope["error"])[:300]


def _mocked(package: str, requests: list[list[dict[str, Any]]], _: dict[str, Any]) -> tuple[list[Any], str]:
    """What the package's mock answers each of these requests."""
    answers: list[Any] = []
    try:
        server = importlib.import_module(f"{package}.mock.server")
        with server.serve(token="") as mock:
            at = urlsplit(mock.base_url)
            for seen in requests:
                answers.append(_replayed(at, seen[0]) if seen else None)
    except Exception:  # noqa: BLE001
        return answers, traceback.format_exc()[-600:]
    return answers, ""


def _replayed(at: Any, request: dict[str, Any]) -> dict[str, Any]:
    connection = http.client.HTTPConnection(at.hostname, at.port, timeout=HANGS)
    headers = {
        name: value
        for name, value in request["headers"]
        if name.lower() not in ("host", "connection", "transfer-encoding")
    }
    try:
        connection.request(
            request["method"],
            at.path + request["target"].removeprefix(BASE),
            base64.b64decode(request["body"]) or None,
            headers,
        )
        answer = connection.getresponse()
        content = answer.read(MOST)
        return {
            "status": answer.status,
            "media": answer.headers.get("Content-Type", ""),
            "content": base64.b64encode(content).decode(),
        }
    except (OSError, http.client.HTTPException) as error:
        return {"status": 0, "media": "", "content": base64.b64encode(repr(error).encode()).decode()}
    finally:
        connection.close()


if __name__ == "__main__":
    sys.path[0] = os.getcwd()
    given = json.load(sys.stdin)
    for name, value in given["environment"].items():
        os.environ[name] = value
    with contextlib.redirect_stdout(sys.stderr):
        result = run(sys.argv[1], given["jobs"], given["examples"])
    json.dump(result, sys.stdout)
