"""The protocol's conformance suite asks our tasks, behind the tools that its scenarios of tasks want a server to have.

Part of `make conformance`. What a task is asked in it stays out: whatever a call asks its user comes before the task.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import anyio
import mcp_types as types

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "generated/python"), str(ROOT / "tests")]

import uvicorn
from conformance import checks
from mcp import MCPError
from mcp.server.lowlevel import Server
from replikit.mcp.capable import CapableServer
from replikit.mcp.task import Task, telling
from replikit.mcp.tasks import Tasks

SCENARIOS = (
    "tasks-lifecycle",
    "tasks-capability-negotiation",
    "tasks-wire-fields",
    "tasks-request-state-removal",
    "tasks-request-headers",
    "tasks-dispatch-and-envelope",
    "tasks-mrtr-composition",
)
TOOLS = ("greet", "slow_compute", "failing_job", "protocol_error_job", "test_tool_with_task")
_NAME = types.ElicitRequestFormParams(
    message="Who?", requested_schema={"type": "object", "properties": {"name": {"type": "string"}}}
)


def text(words: str, *, is_error: bool = False) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(type="text", text=words)], is_error=is_error)


async def call(context: Any, params: types.CallToolRequestParams) -> types.CallToolResult | types.InputRequiredResult:
    arguments = params.arguments or {}
    name = ""
    if params.name == "test_tool_with_task":
        answers = params.input_responses or {}
        if not isinstance(answer := answers.get("user_name"), types.ElicitResult):
            return types.InputRequiredResult(input_requests={"user_name": types.ElicitRequest(params=_NAME)})
        name = str((answer.content or {}).get("name"))
    if params.name == "greet":
        return text(f"Hello, {arguments.get('name')}!")
    if isinstance(task := telling(context), Task):
        task.begin()
    await anyio.sleep(float(arguments.get("seconds", 1)))
    if params.name == "failing_job":
        return text("it failed", is_error=True)
    if params.name == "protocol_error_job":
        raise MCPError(types.INTERNAL_ERROR, "no way")
    return text(f"done {name}")


async def tools(_context: Any, _params: Any) -> types.ListToolsResult:
    return types.ListToolsResult(tools=[types.Tool(name=name, input_schema={"type": "object"}) for name in TOOLS])


def application() -> Any:
    tasks = Tasks(lambda _: "", TOOLS, 200, patience=0.05, lists=False)

    @asynccontextmanager
    async def lifespan(_server: Server[Any]) -> AsyncIterator[None]:
        async with tasks.serving():
            yield None

    server = CapableServer("tasks", version="1", lifespan=lifespan, on_list_tools=tools, on_call_tool=call)
    server.serve_tasks(tasks)
    return server.streamable_http_app(stateless_http=True)


def main() -> int:
    with socket.socket() as listener, TemporaryDirectory() as folder:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(application(), log_level="error"))
        threading.Thread(target=server.run, args=([listener],), daemon=True).start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/mcp"
        rows = []
        for each in SCENARIOS:
            (outcomes,) = checks(url, Path(folder) / each, dict(os.environ), "--scenario", each).values()
            rows += [(each, check) for check in outcomes]
        server.should_exit = True
    for scenario, check in rows:
        print(f"{check['status']:8} {scenario}: {check['id']}  {check.get('errorMessage') or ''}")
    return sum(check["status"] == "FAILURE" for _, check in rows)
