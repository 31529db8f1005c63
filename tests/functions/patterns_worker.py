"""Calls one surface of a package with every argument of a file: which of them it refused. Run by test_patterns in a
process whose processor time is limited, so that what never ends is ended."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import importlib
import io
import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

Arguments = Mapping[str, Any]
FUNCTION = "zoo_search"


def main() -> None:
    surface, folder = sys.argv[1], Path(sys.argv[2])
    sys.path.insert(0, str(folder / "python"))
    calls: list[Arguments] = json.loads((folder / "calls.json").read_text())
    with importlib.import_module("zoo.mock").serve() as mock:
        os.environ |= {**mock.environment(), "ZOO_CONFIG": str(folder / "none"), "PYTHONPATH": str(folder / "python")}
        print(json.dumps(SURFACES[surface](calls)))


def validate(calls: list[Arguments]) -> list[str]:
    """The check that explains."""
    functions = importlib.import_module("zoo.functions")
    schema = functions.find(FUNCTION).input_schema
    problems = [functions.check(arguments, schema) for arguments in calls]
    return [problem.parameter if problem else "" for problem in problems]


def call(calls: list[Arguments]) -> list[str]:
    """The entry of all surfaces, with the compiled check."""
    functions = importlib.import_module("zoo.functions")
    return [_refused(functions.call(None, FUNCTION, arguments, dry_run=True)["error"]) for arguments in calls]


def cli(calls: list[Arguments]) -> list[str]:
    """The command line."""
    from zoo.cli import main as command  # type: ignore[import-not-found]

    found = []
    for arguments in calls:
        out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), contextlib.suppress(SystemExit):
            sys.argv = ["zoo", "call", FUNCTION, json.dumps(arguments), "--json"]
            command()
        told = err.buffer.getvalue()  # type: ignore[attr-defined]
        found.append(_refused(json.loads(told)["error"]) if told else "")
        assert told or out.buffer.getvalue()  # type: ignore[attr-defined]
    return found


def mcp(calls: list[Arguments]) -> list[str]:
    """A client of the SDK, and the server as a process of its own."""
    from mcp.client.client import Client
    from mcp.client.stdio import StdioServerParameters

    async def run() -> list[str]:
        serve = ["-m", "zoo", "mcp", "serve"]
        server = StdioServerParameters(command=sys.executable, args=serve, env=dict(os.environ))
        async with Client(server) as client:
            results = [await client.call_tool(FUNCTION, dict(arguments)) for arguments in calls]
        return [_refused(json.loads(each.content[0].text)["error"]) if each.is_error else "" for each in results]

    return asyncio.run(run())


def lua(calls: list[Arguments]) -> list[str]:
    """One script that makes all the calls."""
    from zoo.cli import main as command

    code = "local found = {} for _, each in ipairs(calls) do local ok, e = pcall(zoo.search, each) " + (
        "found[#found + 1] = ok and '' or (e.parameter or tostring(e)) end return found"
    )
    quoted = [", ".join(f"{key} = {_quoted(value)}" for key, value in arguments.items()) for arguments in calls]
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.suppress(SystemExit):
        sys.stdin = io.TextIOWrapper(
            io.BytesIO(f"local calls = {{{', '.join(f'{{{q}}}' for q in quoted)}}} {code}".encode())
        )
        sys.argv = ["zoo", "lua", "run", "-", "--json", "--limit", "code=16M"]
        command()
    found: list[str] = json.loads(out.getvalue())["result"]
    return found


def mock(calls: list[Arguments]) -> list[str]:
    """The mock as a server, which is asked by nothing of ours."""
    url = urlsplit(os.environ["ZOO_BASE_URL"])
    found = []
    for arguments in calls:
        connection = http.client.HTTPConnection(url.hostname or "", url.port)
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {os.environ.get('ZOO_TOKEN', '')}"}
        connection.request("POST", f"{url.path}/search", json.dumps(arguments), headers)
        answer = connection.getresponse()
        body = json.loads(answer.read() or b"{}")
        assert answer.status in (200, 422), (answer.status, body)
        found.append("" if answer.status == 200 else body["invalid_fields"][0]["field"])
        connection.close()
    return found


def _refused(error: Any) -> str:
    if error is None:
        return ""
    assert error["type"] == "invalid_arguments", error
    return str(error["parameter"])


def _quoted(text: str) -> str:
    return '"' + "".join(c if c.isascii() and c.isalnum() else f"\\u{{{ord(c):x}}}" for c in text) + '"'


SURFACES: Mapping[str, Callable[[list[Arguments]], list[str]]] = {
    each.__name__: each for each in (validate, call, cli, mcp, lua, mock)
}

if __name__ == "__main__":
    main()
