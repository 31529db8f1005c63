"""An MCP server of somebody else's for tests of the gateway: JSON-RPC by hand, as the revision of 2025-06-18 has it.

    python upstream_server.py MODE

good      four tools: one that only reads, one that writes, one that says nothing of what it does, one that fails; once a
          text to recall is remembered, there is one more, `recall`, and it says that its list has changed
bad       as many tools as are asked for, page after page, of which `floods`, `dies` and `huge` do as they are called
http      the good ones in two pages, one that gives a picture, one whose result has a schema, and two that fail as they
          are called
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

TEXT = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}


def tool(name: str, described: str, **hints: bool) -> dict[str, Any]:
    described_tool = {"name": name, "description": described, "inputSchema": TEXT}
    return {**described_tool, "annotations": hints} if hints else described_tool


GOOD = [
    tool("count-words", "Count the words of a text. In any language.", readOnlyHint=True),
    tool("remember", "Keep a text.", readOnlyHint=False, destructiveHint=False),
    tool("shred", "Do something with a text."),
    tool("translate", "Translate a text.", readOnlyHint=True),
]
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
COUNTED = {"type": "object", "properties": {"words": {"type": "integer"}}, "required": ["words"]}
LISTED = {"type": "object", "properties": {"tags": {"type": "array", "items": {"type": "string"}}}}
MORE = [
    {**tool("draw", "Draw a picture.", readOnlyHint=True), "icons": [{"src": "https://words.example/draw.png"}]},
    {**tool("measure", "Measure a text.", readOnlyHint=True), "outputSchema": COUNTED},
    {**tool("tag", "Tag a text.", readOnlyHint=True), "inputSchema": LISTED},
    *(tool(name, "Do it badly.", readOnlyHint=True) for name in ("dies", "long")),
]
BAD = [tool(name, "Do it badly.", readOnlyHint=True) for name in ("floods", "dies", "huge")]


RECALL = tool("recall", "Recall the text that was kept.", readOnlyHint=True)
kept: list[str] = []


def listed(mode: str, cursor: Any) -> dict[str, Any]:
    if mode == "good":
        return {"tools": [*GOOD, *([RECALL] if kept else [])]}
    if mode == "http":
        return {"tools": MORE} if cursor else {"tools": GOOD, "nextCursor": "more"}
    number = int(cursor or 0)
    more = [tool(f"tool_{number}_{each}", "One of many.", readOnlyHint=True) for each in range(100)]
    return {"tools": [*(BAD if number == 0 else ()), *more], "nextCursor": str(number + 1)}


def called(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    text = str(arguments.get("text", ""))
    if name == "draw":
        drawn = {"type": "image", "data": PIXEL, "mimeType": "image/png"}
        return {"content": [{"type": "text", "text": f"a drawing of {text}"}, drawn]}
    if name == "tag":
        return {"content": [{"type": "text", "text": json.dumps(arguments)}]}
    if name == "remember" and "recall" in text:
        kept.append(text)
    if name == "floods":
        while True:
            os.write(1, b"x" * (1 << 16))
    if name == "dies":
        os._exit(7)
    if name == "huge":
        return {"content": [{"type": "text", "text": "word " * 2_000_000}]}
    if name == "translate":
        return {"content": [{"type": "text", "text": f"no dictionary for {text}"}], "isError": True}
    known = {"words": len(text.split()), "secret": os.environ.get("UPSTREAM_SECRET"), "other": os.environ.get("OTHER")}
    return {"content": [{"type": "text", "text": json.dumps(known)}], "structuredContent": known}


def answer(request: dict[str, Any], mode: str) -> dict[str, Any] | None:
    """The answer to a message; None to a notification."""
    params = request.get("params") or {}
    match request.get("method"):
        case "initialize":
            server = {"name": "wordsmith", "version": "2.1", "title": "Wordsmith"}
            result: dict[str, Any] = {
                "protocolVersion": "2025-06-18",
                "capabilities": {"tools": {}},
                "serverInfo": server,
            }
        case "tools/list":
            result = listed(mode, params.get("cursor"))
        case "tools/call":
            result = called(params["name"], params.get("arguments") or {})
        case _ if "id" in request:
            error = {"code": -32601, "message": "Method not found"}
            return {"jsonrpc": "2.0", "id": request["id"], "error": error}
        case _:
            return None
    return {"jsonrpc": "2.0", "id": request["id"], "result": result}


def main(mode: str) -> None:
    printed: list[bool] = []
    for line in sys.stdin:
        if (reply := answer(json.loads(line), mode)) is not None:
            print(json.dumps(reply), flush=True)
        if kept and not printed:
            printed.append(True)
            print(json.dumps({"jsonrpc": "2.0", "method": "notifications/tools/list_changed"}), flush=True)


class OverHttp(BaseHTTPRequestHandler):
    """The same over HTTP, with a session; to who does not bring its token it says nothing."""

    protocol_version = "HTTP/1.1"
    token = "Bearer token-of-words"
    session = "1"
    elsewhere = ""
    """Where it sends its callers on to; empty for nowhere."""
    seen: ClassVar[list[str | None]]

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        type(self).seen.append(self.headers["authorization"])
        name = (request.get("params") or {}).get("name")
        if self.elsewhere:
            return self._send(307, b"", Location=self.elsewhere)
        if self.headers["authorization"] != self.token:
            return self._send(401, b"", **{"WWW-Authenticate": "Bearer"})
        if request.get("method") != "initialize" and self.headers["mcp-session-id"] not in (None, self.session):
            return self._send(404, b"")
        if name == "dies":
            self.close_connection = True
            return None
        if name == "long":
            return self._send(200, b" " * (20 << 20), **{"Content-Type": "application/json"})
        reply = answer(request, "http")
        more = {"Mcp-Session-Id": self.session} if request.get("method") == "initialize" else {}
        if reply is None:
            return self._send(202, b"")
        return self._send(200, json.dumps(reply).encode(), **{"Content-Type": "application/json"}, **more)

    def do_GET(self) -> None:
        self._send(405, b"")

    do_DELETE = do_GET

    def _send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for key, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(key, value)
        self.end_headers()
        with suppress(OSError):
            self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def over_http(**more: Any) -> Iterator[tuple[str, type[OverHttp]]]:
    """The URL of a server over HTTP in this process, and what it is; more: its attributes."""
    kind = type("Words", (OverHttp,), {"seen": [], **more})
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/mcp", kind
    finally:
        server.shutdown()
        server.server_close()


if __name__ == "__main__":
    main(sys.argv[1])
